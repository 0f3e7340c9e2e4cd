"""Key figures of one replication: the only place where figures are made from a log."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sim.measures.clocks import CLOCKS, Clocks, clocks_of, overtime_of_people
from sim.measures.controls import Controls, controls_of
from sim.measures.fold import (
    BUSY_ON_DUTY,
    CASES,
    CASES_AGAIN,
    GAVE_UPS,
    OVERTIME,
    SERVICE,
    SERVICE_ON_TARGET,
    TAKEN,
    TRIPS,
    VISITS,
    WAIT,
    WAIT_ON_TARGET,
    WAITED,
)
from sim.measures.groups import group_statistics
from sim.office.blocks import Office
from sim.office.hours import DAY, SLOT, SLOTS, Days, Hours
from sim.office.tables import OfficeTables, Spans, planned_hours
from sim.records import Journeys, VisitLog

F64 = NDArray[np.float64]

QUANTILES = (0.5, 0.9, 0.95)
PART_DAYS = 28
"""Days of a part: so long that hardly anybody who waits at its end is still there at the end of the next."""
AUTOMATIC = "automatic"
"""In place of a stage: the time of machines."""


class Kpi(NamedTuple):
    """Name of a figure: what of (`subject`), of which part (`by` and `group`), which `statistic`, in `unit`."""

    subject: str
    by: str
    group: str
    statistic: str
    unit: str


@dataclass(frozen=True)
class Kpis:
    """The figures of one replication.

    Attributes
    ----------
    values : dict of Kpi to float
        NaN where there is nothing to measure, inf where a case never got its licence.
    score_sum, scores : float, int
        Sum over the cases on target of what the target is about (minutes, or 1 if within), and their number.
    histogram : (61,) int64
        Cases on target by licence time, in half minutes up to 30; the last is all beyond.
    day_mean, day_cases : (days,) float64, int64
        Mean licence time of the cases on target submitted on each day (NaN = none), and their number.
    arrivals : (48,) float64, or None
        First contacts by half-hour on an average working day.
    queue : (stages, 48) float64, or None
        Mean number waiting, likewise.
    on_duty : (pools, 48) float64, or None
        Mean number of people on duty, likewise.
    parts : (parts, 2) float64
        Score sum and scores by part of the replication, see `parts_of`.
    controls : Controls or None
        Of the outages and absences; None if the office knows neither.
    """

    values: dict[Kpi, float]
    score_sum: float
    scores: int
    histogram: NDArray[np.int64]
    day_mean: F64
    day_cases: NDArray[np.int64]
    arrivals: F64 | None
    queue: F64 | None
    on_duty: F64 | None
    parts: F64
    controls: Controls | None = None

    def __getitem__(self, name: str) -> float:
        """Return a figure by its short name, as in ``kpis["licence mean"]`` or ``kpis["wait mean stage review"]``."""
        for kpi, value in self.values.items():
            if name == short_name(kpi):
                return value
        raise KeyError(f"no figure {name!r}; there are {', '.join(sorted(map(short_name, self.values))[:5])}, ...")


def short_name(kpi: Kpi) -> str:
    """Return the name by which a figure is asked for: subject, statistic, and which part if not all."""
    return f"{kpi.subject} {kpi.statistic}" + (f" {kpi.by} {kpi.group}" if kpi.by else "")


def measure(office: Office, journeys: Journeys, log: VisitLog, profiles: bool = True) -> Kpis:
    """Return the key figures of a replication.

    Parameters
    ----------
    office, journeys, log
        The office, what was drawn for it, and what an engine made of it.
    profiles : bool
        Whether anybody looks at the half-hours of a day: `arrivals`, `queue` and `on_duty`.

    Raises
    ------
    ValueError
        If cases in and cases out do not add up.
    """
    clocks = clocks_of(office, journeys, log)
    values: dict[Kpi, float] = {}
    score_sum, scores = _clock_figures(values, office, clocks)
    _stage_figures(values, office, clocks)
    _pool_figures(values, office, log, clocks)
    _case_figures(values, journeys, log, clocks)
    day_mean = _day_figures(values, office, clocks)

    working = office.days.counted
    slots = office.days.horizon * SLOTS
    standing = clocks.queue[:, :slots].reshape(clocks.tables.stages, -1, SLOTS) / SLOT
    _queue_figures(values, office, standing)
    came = waiting = on_duty = None
    if profiles:
        slot = (journeys.arrival / SLOT).astype(np.int64)
        came = np.bincount(slot, minlength=slots)[:slots].reshape(-1, SLOTS)[working].mean(axis=0)
        waiting = standing[:, working].mean(axis=1)
        servers = _on_duty(clocks.tables, office.days.horizon)[:, working].mean(axis=1)
        on_duty = servers / np.array([pool.at_once for pool in office.pools])[:, None]
    warm_up = office.days.warm_up
    return Kpis(
        values, score_sum, scores, clocks.histogram, day_mean, clocks.day_cases, came, waiting, on_duty,
        parts_of(clocks.day_score[warm_up:], clocks.day_cases[warm_up:], score_sum, scores),
        controls_of(office, journeys, clocks.day_score, clocks.day_cases),
    )  # fmt: skip


def parts_of(day_score: F64, day_cases: NDArray[np.int64], score_sum: float, scores: int) -> F64:
    """Return the sums of a replication's days by part, the last one up to twice as long, shape (parts, 2).

    Parameters
    ----------
    day_score, day_cases : (days,) float64, int64
        By day of submission, of the cases on target: sum of what the target is about, and their number.
    score_sum, scores : float, int
        Of all of them: who is submitted after the last day belongs to the last part.
    """
    parts = max(len(day_score) // PART_DAYS, 1)
    begins = np.arange(parts) * PART_DAYS
    found = np.stack([np.add.reduceat(day_score, begins), np.add.reduceat(day_cases, begins)], axis=1)
    if np.isfinite(found).all():
        found[-1] += np.array([score_sum, scores]) - found.sum(axis=0)
    return found


def score(office: Office, journeys: Journeys, log: VisitLog) -> tuple[float, int]:
    """Return the score of a replication and of how many cases, as `measure` has them, without all other figures."""
    clocks, target = clocks_of(office, journeys, log), office.target
    sums, within, counts = np.zeros(1), np.zeros(1, np.int64), np.zeros(1, np.int64)
    group_statistics(
        clocks[target.clock], clocks.cell, np.array([[on_target for _, on_target, _ in clocks.cells]]), within.copy(),
        np.empty(0), target.minutes, sums, counts, within, np.empty((1, 0)),
    )  # fmt: skip
    return float(sums[0]) if target.statistic == "mean" else float(within[0]), int(counts[0])


def _clock_figures(values: dict[Kpi, float], office: Office, clocks: Clocks) -> tuple[float, int]:
    """Add mean, quantiles and share within the target of the four clocks: all, by class, by channel.

    All and the channels are the cases on target. Returns the sum over the cases on target of what the
    target is about, and their number.
    """
    cells = clocks.cells
    kinds, channels = (list(dict.fromkeys(names)) for names in ([c[0] for c in cells], [c[2] for c in cells]))
    names = [("", "")] + [("class", kind) for kind in kinds] + [("channel", channel) for channel in channels]
    member = np.array(
        [[on_target for _, on_target, _ in cells]]
        + [[of == kind for of, _, _ in cells] for kind in kinds]
        + [[on_target and by == channel for _, on_target, by in cells] for channel in channels]
    )
    no_more = np.zeros(len(names), np.int64)
    target = office.target
    score = 0.0
    for clock, times in zip(CLOCKS, clocks.times, strict=True):
        sums, within, counts = np.zeros(len(names)), np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
        quantiles = np.empty((len(names), len(QUANTILES)))
        group_statistics(
            times, clocks.cell, member, no_more, np.array(QUANTILES), target.minutes, sums, counts, within, quantiles
        )
        for g, (by, group) in enumerate(names):
            if counts[g] == 0:
                continue
            values[Kpi(clock, by, group, "mean", "min")] = float(sums[g] / counts[g])
            for level, quantile in zip(QUANTILES, quantiles[g], strict=True):
                values[Kpi(clock, by, group, f"P{level * 100:.0f}", "min")] = float(quantile)
            values[Kpi(clock, by, group, "within", "share")] = float(within[g] / counts[g])
            if clock == "licence":
                values[Kpi("cases", by, group, "submitted", "cases")] = float(counts[g])
        if clock == target.clock:
            score = float(sums[0]) if target.statistic == "mean" else float(within[0])
    return score, int(counts[0])


def _stage_figures(values: dict[Kpi, float], office: Office, clocks: Clocks) -> None:
    """Add waits, gave-up shares and service by stage, and where the minutes of the cases on target go."""
    sums, submitted = clocks.stage_sums, int(clocks.histogram.sum())
    names = [stage.name for stage in office.stages]
    count = len(names)
    everybody = max(int(np.count_nonzero(~np.isnan(clocks["licence"]))), 1)
    quantiles = np.empty((count, 2))
    total, taken, within = np.zeros(count), np.zeros(count, np.int64), np.zeros(count, np.int64)
    at_once = sums[:count, TAKEN].astype(np.int64) - np.bincount(clocks.wait_stage, minlength=count)
    group_statistics(
        clocks.waits, clocks.wait_stage, np.eye(count, dtype=bool), at_once, np.array([0.9, 0.95]), 0.0,
        total, taken, within, quantiles,
    )  # fmt: skip
    for s, name in enumerate(names):
        of = sums[s]
        visits = max(of[VISITS], 1.0)
        figures = [
            ("visits", "number", "visits", of[VISITS]),
            ("wait", "mean", "min", of[WAIT] / visits),
            ("wait", "P90", "min", quantiles[s, 0]),
            ("wait", "P95", "min", quantiles[s, 1]),
            ("wait", "any", "share", of[WAITED] / visits),
            ("gave up", "share", "share", of[GAVE_UPS] / visits),
            ("sent home", "per visit", "1", of[TRIPS] / visits),
            ("service", "mean", "min", of[SERVICE] / max(of[TAKEN], 1.0)),
            ("again", "share", "share", of[CASES_AGAIN] / max(of[CASES], 1.0)),
            ("again", "of all submitted", "share", of[CASES_AGAIN] / everybody),
        ]
        for subject, statistic, unit, value in figures:
            values[Kpi(subject, "stage", name, statistic, unit)] = float(value)
    for s, name in enumerate([*names, AUTOMATIC]):
        values[Kpi("wait", "stage", name, "per licence", "min")] = float(sums[s, WAIT_ON_TARGET] / max(submitted, 1))
        values[Kpi("service", "stage", name, "per licence", "min")] = float(
            sums[s, SERVICE_ON_TARGET] / max(submitted, 1)
        )


def _pool_figures(values: dict[Kpi, float], office: Office, log: VisitLog, clocks: Clocks) -> None:
    """Add utilisation, overtime, hours and cost by pool: utilisation of servers, all else of people."""
    tables, server_sums = clocks.tables, clocks.server_sums
    horizon = office.days.horizon * DAY
    ends = office.days.warm_up * DAY, horizon
    begin, end = np.clip(tables.duty.begin, *ends), np.clip(tables.duty.end, *ends)
    of_server = np.repeat(np.arange(tables.servers), np.diff(tables.duty.first))
    hours_of_server = np.bincount(of_server, end - begin, minlength=tables.servers) / 60
    all_hours = all_cost = 0.0
    for p, pool in enumerate(office.pools):
        mine = slice(tables.pool_first_server[p], tables.pool_first_server[p + 1])
        hours = float(hours_of_server[mine][: pool.people].sum())
        overtime = float(server_sums[mine, OVERTIME].sum()) / 60
        if pool.at_once > 1 and overtime > 0:
            overtime = overtime_of_people(tables, p, pool.people, log, ends) / 60
        busy = float(server_sums[mine, BUSY_ON_DUTY].sum()) / 60
        # Who is away is paid all the same.
        paid = _planned_hours(office)[p] if pool.away else hours
        cost = (paid + overtime * pool.overtime_factor) * pool.cost_per_hour
        all_hours += hours
        all_cost += cost
        for statistic, unit, value in (
            ("utilisation", "share", busy / (hours * pool.at_once) if hours > 0 else np.nan),
            ("staff hours", "h", hours),
            ("overtime", "h", overtime),
            ("cost", "yuan", cost),
        ):
            values[Kpi("staff", "pool", pool.name, statistic, unit)] = value
    values[Kpi("staff", "", "", "staff hours", "h")] = all_hours
    if office.measures_cost:
        values[Kpi("staff", "", "", "measures", "yuan")] = office.measures_cost
    values[Kpi("staff", "", "", "cost", "yuan")] = all_cost + office.measures_cost


_duty: WeakKeyDictionary[OfficeTables, F64] = WeakKeyDictionary()
_planned: WeakKeyDictionary[Office, list[float]] = WeakKeyDictionary()


def _on_duty(tables: OfficeTables, days: int) -> F64:
    """Return servers on duty by pool, (pools, days, 48).

    An office without anything random of its own has the same tables in all replications: then it is made once.
    """
    if tables not in _duty:
        pool_of = np.repeat(tables.pool_of_server(), np.diff(tables.duty.first))
        _duty[tables] = _by_half_hour(tables.duty, pool_of, len(tables.pool_first_server) - 1, days)
    return _duty[tables]


@lru_cache(16)
def _open(stages: tuple[Hours, ...], days: Days) -> F64:
    """Return the share that each stage is open, (stages, days, 48), outages not taken out; many have the same."""
    opening = Spans.of([hours.intervals(days, days.horizon) for hours in stages])
    stage_of = np.repeat(np.arange(len(stages), dtype=np.int32), np.diff(opening.first))
    return _by_half_hour(opening, stage_of, len(stages), days.horizon)


def _planned_hours(office: Office) -> list[float]:
    """Return the hours that each pool is planned for; made once for an office."""
    if office not in _planned:
        _planned[office] = [planned_hours(pool, office.days) for pool in office.pools]
    return _planned[office]


def _by_half_hour(spans: Spans, group: NDArray[np.int32], groups: int, days: int) -> F64:
    """Return how many intervals of each group cover each half-hour (a part counts as a part).

    Shape (groups, days, 48).
    """
    slots = days * SLOTS
    length = slots + 2
    change = np.zeros(groups * length)
    for moment, sign in ((spans.begin, 1.0), (spans.end, -1.0)):
        at = np.minimum(moment / SLOT, slots)
        slot = at.astype(np.int64)
        part = at - slot
        place = group * length + slot
        change += sign * np.bincount(place, 1 - part, minlength=len(change))
        if part.any():
            change += sign * np.bincount(place + 1, part, minlength=len(change))
    return np.cumsum(change.reshape(groups, length), axis=1)[:, :slots].reshape(groups, days, SLOTS)


def _queue_figures(values: dict[Kpi, float], office: Office, standing: F64) -> None:
    """Add how many wait while a stage is open: on average, and in the worst half-hour of the average working day.

    `standing` : (stages, days, 48), mean number waiting.
    """
    working, warm = office.days.counted, office.days.warm_up
    open_share = _open(tuple(stage.open for stage in office.stages), office.days)
    for s, stage in enumerate(office.stages):
        hours = float(open_share[s, warm:].sum())
        mean = float((standing[s, warm:] * open_share[s, warm:]).sum() / hours) if hours > 0 else np.nan
        by_slot = standing[s][working].mean(axis=0)[open_share[s][working].any(axis=0)]
        values[Kpi("queue", "stage", stage.name, "mean", "cases")] = mean
        values[Kpi("queue", "stage", stage.name, "peak half-hour", "cases")] = float(by_slot.max(initial=0.0))


def _case_figures(values: dict[Kpi, float], journeys: Journeys, log: VisitLog, clocks: Clocks) -> None:
    """Add the counts; all cases that came in must have left."""
    if log.left:
        raise ValueError(f"the log is not of a finished play: {log.left} cases are left")
    licence, on_target = clocks["licence"][clocks.uncounted :], clocks.on_target[clocks.uncounted :]
    licensed = np.isfinite(licence)
    lost = np.isinf(licence)
    figures = {
        "in": len(licence),
        "licensed": int(np.count_nonzero(licensed)),
        "lost after submission": int(np.count_nonzero(lost)),
        "never submitted": int(np.count_nonzero(np.isnan(licence))),
        "on target in": int(np.count_nonzero(on_target)),
        "on target licensed": int(np.count_nonzero(on_target & licensed)),
    }
    for name, value in figures.items():
        values[Kpi("cases", "", "", name, "cases")] = float(value)


def _day_figures(values: dict[Kpi, float], office: Office, clocks: Clocks) -> F64:
    """Add how many working days keep the target; return the mean licence time by day, NaN where there is none.

    A day's cases are those submitted on it; what is submitted on a closed day is nobody's achievement.
    """
    total, cases, score = clocks.day_sum, clocks.day_cases, clocks.day_score
    mean = np.full(len(cases), np.nan)
    mean[cases > 0] = total[cases > 0] / cases[cases > 0]
    some = (cases > 0) & office.days.counted
    if some.any():
        reached = score[some] / cases[some]
        target = office.target
        kept = reached <= target.minutes if target.statistic == "mean" else reached >= target.level
        values[Kpi("days", "", "", "keeping the target", "share")] = float(kept.mean())
        values[Kpi("days", "", "", "worst mean", "min")] = float(mean[some].max())
    return mean
