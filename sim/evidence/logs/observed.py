"""What a log shows of each step, by one function for the office's own log and for simulated ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.evidence.logs.log import GAVE_UP, I64, RETURNED, SERVED, STAFFED, StepLog
from sim.office.hours import DAY

MEASURES = ("a day", "gave up", "wait mean", "wait P90", "service mean")
"""Cases a working day; share of them that gave up; mean and 90th percentile of the wait of those who were served, and
mean service [min]."""


@dataclass(frozen=True)
class Seen:
    """Something that a log shows.

    Attributes
    ----------
    step : str
    measure : str
        One of `MEASURES`.
    value : float
        NaN if the log does not tell.
    n : int
        Rows that it rests on.
    """

    step: str
    measure: str
    value: float
    n: int


def seen_in(log: StepLog, days: int, steps: Collection[str] = ()) -> list[Seen]:
    """Return what a log shows of the steps at which somebody serves.

    Parameters
    ----------
    log : StepLog
    days : int
        Working days that it covers.
    steps : collection of str
        Those to which nobody came if there are no rows of them.
    """
    found: list[Seen] = []
    for step in STAFFED:
        mine = log.rows(log.at(step))
        if not len(mine):
            found += [Seen(step, "a day", 0.0, 0)] if step in steps else []
            continue
        gave_up = mine.outcome == GAVE_UP
        # A log without starts that has nobody who gave up does not tell who did.
        told = bool(gave_up.any() or np.isfinite(mine.started).any())
        wait = (mine.started - mine.queued)[~gave_up]
        wait = np.maximum(wait[np.isfinite(wait)], 0.0)
        service = (mine.ended - mine.started)[~gave_up]
        service = service[np.isfinite(service) & (service >= 0)]
        found += [
            Seen(step, "a day", len(mine) / days, len(mine)),
            Seen(step, "gave up", float(gave_up.mean()) if told else np.nan, len(mine)),
            Seen(step, "wait mean", float(wait.mean()) if len(wait) else np.nan, len(wait)),
            Seen(step, "wait P90", float(np.quantile(wait, 0.9)) if len(wait) else np.nan, len(wait)),
            Seen(step, "service mean", float(service.mean()) if len(service) else np.nan, len(service)),
        ]
    return found


def in_days(log: StepLog, first: int, last: int) -> StepLog:
    """Return the rows that began on the days `first` to `last`, counted from the first of the log, both included."""
    moment = np.fmin(np.fmin(log.queued, log.started), log.ended)
    return log.rows((moment >= first * DAY) & (moment < (last + 1) * DAY))


def known_by(log: StepLog, last: int) -> StepLog:
    """Return the rows up to a day, as the log was then, counted from its first day.

    Where it tells returns only by the review that follows, that review has to have begun by then.
    """
    before = in_days(log, 0, last)
    if not (log.outcome[_last_reviews(log)] == RETURNED).any():
        latest = _last_reviews(before)
        back = latest[before.outcome[latest] == RETURNED]
        before.outcome[back] = SERVED
    return before


def _last_reviews(log: StepLog) -> I64:
    """Return the last review of each case."""
    reviews = np.flatnonzero(log.at("review"))
    return np.asarray(reviews[np.append(log.case[reviews[1:]] != log.case[reviews[:-1]], True)[: len(reviews)]])


def with_steps(found: Sequence[Seen]) -> Mapping[tuple[str, str], Seen]:
    """Return them by step and measure."""
    return {(seen.step, seen.measure): seen for seen in found}
