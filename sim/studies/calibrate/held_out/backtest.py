"""Back-test: simulate a time that the fit has not seen, and hold it against what the log shows of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from sim.engines.play import Engine, NeverFinishesError
from sim.office.demand import scenario_days
from sim.office.hours import DAY
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import F64, GAVE_UP, I64, RETURNED, SERVED, STAFFED, StepLog
from sim.studies.calibrate.lying.rules import lying, warmed_up
from sim.studies.calibrate.records import Compared
from sim.studies.calibrate.ways.outside import Submitted

REPLICATIONS = 119
"""With 119, the 3rd smallest and the 3rd largest are the ends of an interval of 95 %."""
TO_QUEUE = "to the queue"
OUTSIDE = 40
"""One of so many simulated values, and one more, lies beyond either end of the interval, the end included."""


class Seen(NamedTuple):
    """Something that a log shows, NaN if it does not tell, and the rows that it rests on."""

    value: float
    n: int


Shown = Mapping[tuple[str, str], Seen]
"""What a log shows, by step and measure."""


def back_test(
    scenario: Scenario,
    held_out: StepLog,
    first: date,
    last: date,
    seed: int,
    steps: Collection[str] = (),
    engine: Engine = "compiled",
    varied: Callable[[int], Scenario] | None = None,
    told: Callable[[int, int], None] = lambda done, all_: None,
    replications: int = REPLICATIONS,
) -> tuple[Compared, ...]:
    """Return what the log shows of the held-out days beside what the fitted office does on them.

    Parameters
    ----------
    scenario : Scenario
        Fitted to the days before.
    held_out : StepLog
        The rows of the days from `first` to `last`.
    first, last : date
        In the year of the scenario.
    seed : int
    steps : collection of str
        Those that the log has before these days.
    engine : str
    varied : callable, optional
        Returns the office for a replication: with parameters drawn from their intervals, so that the comparison carries
        what the fit does not know as well as chance. The scenario itself if left out.
    told : callable
        Gets the replications done, and all.
    replications : int
        One less than a multiple of 40.

    Notes
    -----
    The log is one more replication if the model is right, so its value has as good a chance to be the k-th smallest as
    any: with 119 replications it lies between the 3rd smallest and the 3rd largest with probability 95 %. Both end with
    the last of the days: what lies then has no wait yet.
    """
    office = varied or (lambda replication: scenario)
    days = scenario_days(_in(scenario, first, last)).working_days
    found: list[Shown | None] = []
    for replication in range(replications):
        try:
            log = _simulated(office(replication), first, last, seed, engine, replication)
            found.append(seen_in(up_to(log, last), days))
        except NeverFinishesError:
            found.append(None)
        told(replication + 1, replications)
    observed = seen_in(up_to(held_out, last), days, steps)
    if not scenario.review.outside.share:
        observed.pop(("review", TO_QUEUE), None)
    return tuple(_compared(step, measure, seen, found) for (step, measure), seen in observed.items())


def up_to(log: StepLog, last: date) -> StepLog:
    """Return a log as it was at the end of a day."""
    return log.until(((last - log.first_day).days + 1) * DAY)


def _in(scenario: Scenario, first: date, last: date) -> Scenario:
    """Return the scenario in another period of its year."""
    return scenario_from_dict({**scenario_as_dict(scenario), "period": {"first": str(first), "last": str(last)}})


def _simulated(scenario: Scenario, first: date, last: date, seed: int, engine: Engine, replication: int) -> StepLog:
    """Return the log of the days from `first` to `last`; where files lie, of those that begin on them only."""
    if not lying(scenario):
        return simulated_log(_in(scenario, first, last), seed, engine, replication)
    log = simulated_log(warmed_up(scenario, first, last), seed, engine, replication)
    before = (first - log.first_day).days
    return in_days(log, before, before + (last - first).days)


def _compared(step: str, measure: str, seen: Seen, replications: Sequence[Shown | None]) -> Compared:
    """Return an observed value beside the simulated ones; an office that never finishes is worse than any."""
    # Where nobody came to a step in a replication, nobody came a day, and nobody waited or was served.
    nobody = Seen(0.0 if measure == "a day" else math.nan, 0)
    values = np.sort([math.inf if each is None else each.get((step, measure), nobody).value for each in replications])
    values = values[~np.isnan(values)]
    low = high = middle = math.nan
    if len(values) == len(replications):
        beyond = (len(values) + 1) // OUTSIDE
        low, high, middle = float(values[beyond - 1]), float(values[-beyond]), float(np.median(values))
    return Compared(step, measure, seen.value, seen.n, middle, low, high, low <= seen.value <= high)


def seen_in(log: StepLog, days: int, steps: Collection[str] = ()) -> dict[tuple[str, str], Seen]:
    """Return what a log shows of the steps at which somebody serves, whether an office's own or a simulated one.

    Cases a working day; share of them that gave up; mean and 90th percentile of the wait of those who were served, and
    mean service [min]; of the review how long it takes from submission until a file joins the queue [min].

    Parameters
    ----------
    log : StepLog
    days : int
        Working days that it covers.
    steps : collection of str
        Those to which nobody came if there are no rows of them.
    """
    found: dict[tuple[str, str], Seen] = {}
    for step in STAFFED:
        mine = log.rows(log.at(step))
        if not len(mine):
            if step in steps:
                found[step, "a day"] = Seen(0.0, 0)
            continue
        gave_up = mine.outcome == GAVE_UP
        # A log without starts that has nobody who gave up does not tell who did.
        told = bool(gave_up.any() or np.isfinite(mine.started).any())
        wait = (mine.started - mine.queued)[~gave_up]
        wait = np.maximum(wait[np.isfinite(wait)], 0.0)
        service = (mine.ended - mine.started)[~gave_up]
        service = service[np.isfinite(service) & (service >= 0)]
        found[step, "a day"] = Seen(len(mine) / days, len(mine))
        found[step, "gave up"] = Seen(float(gave_up.mean()) if told else math.nan, len(mine))
        found[step, "wait mean"] = _of(wait, np.mean)
        found[step, "wait P90"] = _of(wait, lambda values: np.quantile(values, 0.9))
        found[step, "service mean"] = _of(service, np.mean)
        if step == "review" and len(until := Submitted.of(log, None).minutes):
            found[step, TO_QUEUE] = _of(np.maximum(until, 0.0), np.mean)
    return found


def _of(minutes: F64, statistic: Callable[[F64], np.floating]) -> Seen:
    return Seen(float(statistic(minutes)) if len(minutes) else math.nan, len(minutes))


def in_days(log: StepLog, first: int, last: int) -> StepLog:
    """Return the rows that began on the days `first` to `last`, counted from the first of the log, both included."""
    moment = np.fmin(log.begin, log.ended)
    return log.rows((moment >= first * DAY) & (moment < (last + 1) * DAY))


def known_by(log: StepLog, last: int) -> StepLog:
    """Return the rows up to a day, as the log was at its end, counted from its first day.

    Where it tells returns only by the review that follows, that review has to have begun by then.
    """
    before = in_days(log, 0, last).until((last + 1) * DAY)
    if not (log.outcome[_last_reviews(log)] == RETURNED).any():
        latest = _last_reviews(before)
        before.outcome[latest[before.outcome[latest] == RETURNED]] = SERVED
    return before


def _last_reviews(log: StepLog) -> I64:
    """Return the last review of each case."""
    reviews = np.flatnonzero(log.at("review"))
    return np.asarray(reviews[np.append(log.case[reviews[1:]] != log.case[reviews[:-1]], True)[: len(reviews)]])
