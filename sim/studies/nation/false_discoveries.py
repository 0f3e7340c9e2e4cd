"""Verdicts on very many offices of which few are wrong: the false discovery rate, at every look.

Each office has an always-valid p-value: the smaller of those of its two sides, doubled, so that the side itself is part
of the finding. Offices are played with the same random numbers, so their p-values depend on each other in ways that
nobody knows; Benjamini and Yekutieli's procedure holds whatever these are, at the price of a factor
1 + 1/2 + ... + 1/N. A finding is never taken back: p-values only fall when more is known, and the fewer are left open,
the less is asked of the others.

Source: Benjamini, Yekutieli (2001), The control of the false discovery rate in multiple testing under dependency; of
sides, Benjamini, Yekutieli (2005), False discovery rate-adjusted multiple confidence intervals.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.measures.judge import Verdict, missed_by
from sim.measures.sequential import LOOKS_PER_SQUARED_SKEWNESS, p_value, prefix_moments
from sim.office.blocks import Target
from sim.replicate.stopping import Scores, StoppingRule

F64 = NDArray[np.float64]


def largest_p(rejected: ArrayLike, n: int, rate: float) -> F64:
    """Return the largest p-value that so many rejected of n hypotheses may have."""
    return np.asarray(rate * np.asarray(rejected) / (n * (1 / np.arange(1, n + 1)).sum()))


def found(p: F64, rate: float) -> NDArray[np.bool_]:
    """Return which of many hypotheses are rejected with a false discovery rate of at most `rate`, however they depend.

    Parameters
    ----------
    p : (n,) float64
    rate : float
    """
    n = len(p)
    order = np.argsort(p, kind="stable")
    kept = np.flatnonzero(p[order] <= largest_p(np.arange(1, n + 1), n, rate))
    rejected = np.zeros(n, bool)
    if len(kept):
        rejected[order[: kept[-1] + 1]] = True
    return rejected


FEWEST = 30
"""Replications before which there is no verdict, however few are asked for. Where most offices are decided, each is
at an error of about 0.3 % a side, as one of ten verdicts; then 30 are enough for smooth numbers (docs/calibration.md).
Where few are, smaller errors are asked for, and a long tail is seen less well."""


class Finding(NamedTuple):
    """What was found about an office: the verdict, the replications that it rests on, and its p-value after these."""

    verdict: Verdict
    replications: int
    p: float


class FalseDiscoveries(StoppingRule):
    """Replications of each office until its verdict is found, or the budget is spent.

    Which offices are found does not depend on the order in which replications arrive: the p-values of a prefix are a
    function of that prefix, they only fall, and so the offices that are rejected in the end are those which would be
    if all had been played to the end of the budget.

    Parameters
    ----------
    targets : sequence of Target
        Of the offices.
    rate : float
        The false discovery rate.
    smallest, largest : int
        Replications before the first look, which for a verdict is at `FEWEST` at least, and at which an office stays
        undecided.
    """

    def __init__(self, targets: Sequence[Target], rate: float, smallest: int, largest: int) -> None:
        super().__init__(smallest, largest)
        self.targets, self.rate = targets, rate
        self.p = np.ones(len(targets))
        self._rejected = np.zeros(len(targets), bool)

    @property
    def decided(self) -> int:
        """How many offices are found so far."""
        return int(self._rejected.sum())

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Look at the offices of `changed`; return those that from now on need no more."""
        for office in changed:
            if not self._rejected[office]:
                self.p[office] = self._seen(office, scores[office])[0][-1]
        before, self._rejected = self._rejected, found(self.p, self.rate)
        empty = [office for office in changed if self._empty(scores[office])]
        return [*np.flatnonzero(self._rejected & ~before).tolist(), *empty]

    def _empty(self, scores: Scores) -> bool:
        """Say whether nobody comes whom the target is about: after so many replications there will be none."""
        return len(scores) >= self.smallest and not scores.counts.any()

    def findings(self, scores: Sequence[Scores]) -> list[Finding]:
        """Return what was found about each office, now that everything is gathered.

        An office that is found rests on the first replications after which it would have been, given all the others.
        """
        most = largest_p(self.decided, len(self.targets), self.rate)
        told = []
        for office, each in enumerate(scores):
            p, fails = self._seen(office, each)
            if self._rejected[office]:
                at = int(np.argmax(p <= most))
                verdict = Verdict.FAILS if fails[at] else Verdict.HOLDS
                told.append(Finding(verdict, min(at + 1, len(each)), float(p[at])))
            else:
                told.append(Finding(Verdict.UNDECIDED, len(each), float(p[-1])))
        return told

    def _seen(self, office: int, scores: Scores) -> tuple[F64, NDArray[np.bool_]]:
        """Return after each replication, of one at least, the smallest p-value so far, and whether it says FAILS."""
        n = len(scores)
        if scores.unfinished:
            return np.append(np.ones(n), 0.0), np.ones(n + 1, bool)
        p, fails = np.ones(max(n, 1)), np.zeros(max(n, 1), bool)
        if n < FEWEST or not scores.counts.any():
            return p, fails
        target = self.targets[office]
        x = missed_by(target, scores.controlled(target), scores.counts)
        infinite = np.flatnonzero(~np.isfinite(x))
        finite = int(infinite[0]) if len(infinite) else n
        first = max(self.smallest, FEWEST, scores.seen)
        if finite >= first:
            looks, seen = np.arange(first, finite + 1), slice(first - 1, finite)
            mean, spread, skewness = (moment[seen] for moment in prefix_moments(x[:finite]))
            above, below = p_value(looks, mean, spread, skewness, max(self.smallest, FEWEST))
            shown = looks >= LOOKS_PER_SQUARED_SKEWNESS * skewness**2
            p[seen] = np.where(shown, np.minimum(1.0, 2 * np.minimum(above, below)), 1.0)
            fails[seen] = above < below
        if finite < n:
            # Somebody who never gets a licence makes it infinitely bad.
            p[max(finite, FEWEST - 1) :], fails[max(finite, FEWEST - 1) :] = 0.0, True
        smallest = np.minimum.accumulate(p)
        # The first of those with the smallest p-value so far.
        new = np.append(True, smallest[1:] < smallest[:-1])
        return smallest, fails[np.maximum.accumulate(np.where(new, np.arange(n), 0))]
