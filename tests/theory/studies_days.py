"""Studies of days that start empty and are cleared after closing: shifts, banks, a single clerk.

A horizon holds thousands of days, each an independent unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scoring import Answer
from studies import PROBE, RECORDS, Played, Rules, Study, by_rules, exact_answers, one_visit

from sim.office.blocks import Arrivals, ArrivalTimes, Days, Duty, Office, Pool, Population, Stage
from sim.office.distributions import Exponential, Fixed
from sim.office.hours import DAY, Hours, Intervals, WeeklyHours
from sim.office.routes import Route, Visit

OPENS = 510.0
"""All these days begin at 08:30."""
F64 = NDArray[np.float64]
Staff = Callable[[int], tuple[Hours, ...]]
"""From a number of days to the duty hours of each server."""


def minutes_of(clock: str) -> float:
    hours, minutes = clock.split(":")
    return 60.0 * int(hours) + int(minutes)


def office_of_days(days: int, rates: F64, mean_minutes: float, staff: Staff, probe_clocks: list[float]) -> Office:
    """Return an office that opens at 08:30 for as long as `rates` says [per minute, by half-hour] and then clears.

    Probes arrive at the given minutes of each day.
    """
    closes = OPENS + 30.0 * len(rates)
    by_day = np.zeros(48)
    by_day[int(OPENS // 30) : int(closes // 30)] = rates
    who = Population(
        "all", Arrivals.poisson(np.tile(by_day, days), 30.0), ((1.0, one_visit(Exponential(mean_minutes))),)
    )
    times = (np.arange(days)[:, None] * DAY + np.array(probe_clocks, np.float64)).ravel()
    testers = Population(
        PROBE, ArrivalTimes(tuple(times.tolist())), ((1.0, Route((Visit("probe", "desk", Fixed(0.0)),))),)
    )
    return Office(
        "days",
        Days.every_day(days),
        (Stage("desk", WeeklyHours(((OPENS, closes),))),),
        (Pool("clerks", (Duty("desk"),), staff(days)),),
        (who, testers),
    )


def nested(plan: list[list[int]], last: int, closes: float) -> Staff:
    """Return duty hours for a plan that only grows, and keeps its `last` number until closing."""
    starts = [min(at for at, count in plan if count > server) for server in range(last)]
    return lambda days: tuple(WeeklyHours(((OPENS + start, closes),)) for start in starts)


def lunch_and_leavers(days: int) -> tuple[Hours, ...]:
    """Return the duty of day-I-01: 4 from 08:30, 2 from 12:00, 5 from 13:00, 4 from 15:00.

    Servers are numbered and the lowest free number takes a case, so who leaves is drawn anew for each day.
    """
    rng = np.random.default_rng(20240229)
    spans: list[list[tuple[float, float]]] = [[] for _ in range(5)]
    for day in range(days):
        begin = day * DAY
        leaver = rng.integers(5)
        for role, server in enumerate(rng.permutation(5)):
            until = begin + (900.0 if server == leaver else 1020.0)
            if role < 2:
                spans[server].append((begin + 510.0, until))
            elif role < 4:
                spans[server] += [(begin + 510.0, begin + 720.0), (begin + 780.0, until)]
            else:
                spans[server].append((begin + 780.0, until))
    return tuple(Intervals(tuple(span)) for span in spans)


class Daily:
    """What happened on each day, arrays of shape (days,)."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.days = played.office.days.horizon
        self.visits = played.visits(played.of_population())
        self.day = (self.visits.queued // DAY).astype(np.int64)
        self.probes = played.visits(played.of_population(PROBE))
        opening, closing = played.office.stages[0].open.intervals(played.office.days, 1)
        self.opens, self.closes = float(opening[0]), float(closing[0])
        last = np.zeros(self.days)
        np.maximum.at(last, self.day, self.visits.ended - self.day * DAY)
        self.overtime = np.maximum(last - self.closes, 0.0)

    def sums(self, values: F64) -> F64:
        return np.bincount(self.day, values.astype(np.float64), self.days)

    def per_arrival(self, values: F64, exact: float, is_share: bool = False) -> Answer:
        counts = np.bincount(self.day, minlength=self.days).astype(np.float64)
        return Answer(exact, np.column_stack([self.sums(values), counts]), is_share=is_share)

    def per_day(self, values: F64, exact: float, is_share: bool = False) -> Answer:
        return Answer(exact, np.column_stack([values.astype(np.float64), np.ones(self.days)]), is_share=is_share)

    def present(self, since: F64, until: F64, clock: float) -> F64:
        """Return how many are present at a minute of each day; whoever comes or goes then has come or gone."""
        at = self.day * DAY + clock
        return self.sums((since <= at) & (at < until))

    def queue_area(self) -> F64:
        """Return the area under the queue's curve, added up event by event."""
        q = self.visits
        time = np.concatenate([q.queued, q.left_queue])
        step = np.repeat([1.0, -1.0], len(q.queued))
        order = np.argsort(time, kind="stable")
        time, length = time[order], np.cumsum(step[order])
        return np.bincount((time[:-1] // DAY).astype(np.int64), length[:-1] * np.diff(time), self.days)

    def probe_waits(self, clock: float) -> F64:
        """Return the waits of the probes of one clock time; the one at closing comes just before it."""
        minute = self.probes.queued % DAY
        return self.probes.wait[np.abs(minute - clock) < 0.01]


CLOCK = r"(\d\d:\d\d)"
RULES: Rules = {
    r"mean_arrivals": lambda d, x: d.per_day(d.sums(np.ones(len(d.day))), x),
    r"mean_wait": lambda d, x: d.per_arrival(d.visits.wait, x),
    r"mean_wait_little": lambda d, x: Answer(
        x, np.column_stack([d.queue_area(), np.bincount(d.day, minlength=d.days)])
    ),
    r"staff_minutes_worked": lambda d, x: d.per_day(d.sums(d.visits.ended - d.visits.left_queue), x),
    r"mean_present_at_close": lambda d, x: d.per_day(d.present(d.visits.queued, d.visits.ended, d.closes), x),
    r"p_empty_at_close": lambda d, x: d.per_day(d.overtime == 0, x, is_share=True),
    r"mean_minutes_to_clear": lambda d, x: d.per_day(d.overtime, x),
    r"mean_finish_hours": lambda d, x: d.per_day((d.closes + d.overtime - d.opens) / 60, x),
    r"p_clear_later_than_(\d+)": lambda d, x, limit: d.per_day(d.overtime > float(limit), x, is_share=True),
    r"mean_in_system_" + CLOCK: lambda d, x, clock: d.per_day(
        d.present(d.visits.queued, d.visits.ended, minutes_of(clock)), x
    ),
    r"mean_queue_" + CLOCK: lambda d, x, clock: d.per_day(
        d.present(d.visits.queued, d.visits.left_queue, minutes_of(clock)), x
    ),
    r"mean_virtual_wait_" + CLOCK: lambda d, x, clock: d.per_day(d.probe_waits(minutes_of(clock)), x),
    r"frac_wait_gt_(\d+)": lambda d, x, limit: d.per_arrival(d.visits.wait > float(limit), x, is_share=True),
    r"wait_q([\d.]+)_pooled": lambda d, x, level: d.per_arrival(d.visits.wait > x, 1 - float(level), is_share=True),
}


def _study(record: str, days: int, replications: int, staff: Staff | None = None) -> Study:
    """Return the study of a record, so many days in a replication."""
    given = RECORDS[record]["parameters"]
    if "open_min" in given:
        per_minute = given["arrivals_per_min"] if "arrivals_per_min" in given else given["arrivals_per_hour"] / 60
        rates = np.full(given["open_min"] // 30, per_minute)
        staff = nested([[0, given["servers"]]], given["servers"], OPENS + given["open_min"])
    else:
        rates = np.array(given["rates_per_hour"]) / 60
        staff = staff or nested(given["staff"], given["after_close_staff"], OPENS + 30.0 * len(rates))
    closes = OPENS + 30.0 * len(rates)
    clocks = [name.rsplit("_", 1)[1] for name in exact_answers(record) if name.startswith("mean_virtual_wait_")]
    # An arrival at the closing instant is too late, so that probe comes just before it.
    probes = [min(minutes_of(clock), closes - 1e-6) for clock in clocks]

    def build(minutes: float) -> Office:
        return office_of_days(math.ceil(minutes / DAY), rates, given["service_mean_min"], staff, probes)

    def measure(record: str, played: Played) -> dict[str, Answer]:
        return by_rules(RULES, record, Daily(played))

    return Study(record, build, measure, days * DAY, replications)


STUDIES = [
    _study("day-I-01", 200, 25, lunch_and_leavers),
    _study("day-up-01", 200, 25),
    _study("bank-law-01", 60, 40),
    _study("close-01", 400, 25),
]
