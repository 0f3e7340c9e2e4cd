"""The waits of those who were taken up at a step, and who of them went before others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass

import numpy as np

from sim.studies.calibrate.log.steps import F64, GAVE_UP, I64, Flags, StepLog

FEWEST_WAITS = 30
"""Waits of which something can be said."""
MEAN, P90, NEW, BACK, AHEAD, NEWEST = range(6)
"""Places among the figures of waits: see `TakenWaits.figures`."""
FEWEST_WAITING = 3
"""Others who wait, from which on it says something that somebody is begun before them."""


@dataclass(frozen=True, eq=False)
class TakenWaits:
    """The waits of those who were served at a step.

    Attributes
    ----------
    came : (waits,) float64
        Minutes since some midnight.
    wait : (waits,) float64
    later : (waits,) bool
        Whether it is a review of what comes back.
    ahead : (waits,) float64
        Whether a new one was begun before more than half of the new ones that waited; NaN if few did, or it came back.
    newest : (waits,) float64
        Whether a new one was begun while none of the new ones that waited had come later; NaN as before.
    """

    came: F64
    wait: F64
    later: Flags
    ahead: F64
    newest: F64

    @classmethod
    def of(cls, log: StepLog, step: str, midnight: float) -> TakenWaits:
        """Return those of a log, from a midnight on [min]."""
        rows = np.flatnonzero(log.at(step))
        later = np.append(False, log.case[rows[1:]] == log.case[rows[:-1]])[: len(rows)] & (step == "review")
        known = np.isfinite(log.started[rows]) & np.isfinite(log.queued[rows]) & (log.outcome[rows] != GAVE_UP)
        rows, later = rows[known], later[known]
        ahead, newest = np.full((2, len(rows)), np.nan)
        new = log.queued[rows][~later], log.started[rows][~later]
        ahead[~later], newest[~later] = before_most(*new), before_all(*new)
        wait = np.maximum(log.started[rows] - log.queued[rows], 0.0)
        return cls(log.queued[rows] - midnight, wait, later, ahead, newest)

    def between(self, begin: float, end: float) -> Flags:
        """Say who came from one moment to another."""
        return np.asarray((self.came >= begin) & (self.came < end))

    def figures(self, which: Flags | I64) -> F64:
        """Return what there is to say of some: NaN of what they are too few for, shape (6,) [min].

        Mean and 90th percentile of the waits; mean of new ones, and of those that come back; share of the new ones that
        were begun before most others, and of those that were begun as the newest.
        """
        wait, later, ahead, newest = self.wait[which], self.later[which], self.ahead[which], self.newest[which]
        parts = wait, wait, wait[~later], wait[later], ahead[~np.isnan(ahead)], newest[~np.isnan(newest)]
        means = [float(part.mean()) if len(part) >= FEWEST_WAITS else np.nan for part in parts]
        means[P90] = float(np.quantile(wait, 0.9)) if len(wait) >= FEWEST_WAITS else np.nan
        return np.array(means)


def before_most(queued: F64, started: F64) -> F64:
    """Say of each whether it was begun while most of the others that waited had waited longer; NaN if few waited."""
    found = np.full(len(queued), np.nan)
    came, waiting, at = np.argsort(queued, kind="stable"), list[float](), 0
    for row in np.argsort(started, kind="stable"):
        while at < len(came) and queued[came[at]] <= started[row]:
            insort(waiting, queued[came[at]])
            at += 1
        place = bisect_left(waiting, queued[row])
        del waiting[place : place + 1]
        if len(waiting) >= FEWEST_WAITING:
            found[row] = place > len(waiting) / 2
    return found


def before_all(queued: F64, started: F64) -> F64:
    """Say of each whether it was begun while none of the others that waited had come later; NaN if few waited.

    Of those begun at the same moment the last to come counts as the first; who comes at that moment does not wait yet.
    """
    found = np.full(len(queued), np.nan)
    came, waiting, at = np.argsort(queued, kind="stable"), list[float](), 0
    begun = np.zeros(len(queued), np.bool_)
    for row in np.lexsort((-queued, started)):
        while at < len(came) and queued[came[at]] < started[row]:
            if not begun[came[at]]:
                insort(waiting, queued[came[at]])
            at += 1
        begun[row] = True
        if queued[row] < started[row]:
            del waiting[bisect_left(waiting, queued[row])]
        if len(waiting) >= FEWEST_WAITING:
            found[row] = bisect_right(waiting, queued[row]) == len(waiting)
    return found
