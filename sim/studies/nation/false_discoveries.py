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

import numpy as np
from numpy.typing import NDArray

from sim.measures.judge import Verdict
from sim.measures.sequential import LOOKS_PER_SQUARED_SKEWNESS, p_value, prefix_moments
from sim.office.blocks import Target
from sim.replicate.stopping import Scores, StoppingRule

F64 = NDArray[np.float64]


def found(p: F64, rate: float) -> NDArray[np.bool_]:
    """Return which of many hypotheses are rejected with a false discovery rate of at most `rate`, however they depend.

    Parameters
    ----------
    p : (n,) float64
    rate : float
    """
    n = len(p)
    order = np.argsort(p, kind="stable")
    allowed = rate * np.arange(1, n + 1) / (n * (1 / np.arange(1, n + 1)).sum())
    kept = np.flatnonzero(p[order] <= allowed)
    rejected = np.zeros(n, bool)
    if len(kept):
        rejected[order[: kept[-1] + 1]] = True
    return rejected


FEWEST = 20
"""Replications before which there is no verdict, however few are asked for: fewer show too little of a long tail."""


class FalseDiscoveries(StoppingRule):
    """Replications of each office until its verdict is found, or the budget is spent.

    Parameters
    ----------
    targets : sequence of Target
        Of the offices.
    rate : float
        The false discovery rate.
    smallest, largest : int
        Replications before the first look, which for a verdict is at `FEWEST` at least, and at which an office stays
        undecided.

    Attributes
    ----------
    p : (offices,) float64
        The smallest that each office has shown at any look.
    verdicts : list of Verdict
    """

    def __init__(self, targets: Sequence[Target], rate: float, smallest: int, largest: int) -> None:
        super().__init__(smallest, largest)
        self.targets, self.rate = targets, rate
        self.p = np.ones(len(targets))
        self.verdicts = [Verdict.UNDECIDED] * len(targets)
        self._sides = [Verdict.UNDECIDED] * len(targets)

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Look at the offices of `changed` after each of their replications; return those that need no more."""
        for office in changed:
            if self.verdicts[office] is Verdict.UNDECIDED:
                self._see(office, scores[office])
        rejected = found(self.p, self.rate)
        for office in np.flatnonzero(rejected).tolist():
            self.verdicts[office] = self._sides[office]
        return [
            office
            for office, each in enumerate(scores)
            if rejected[office] or (len(each) >= self.smallest and not each.counts.any())
        ]

    def _see(self, office: int, scores: Scores) -> None:
        n = len(scores)
        if scores.unfinished:
            self.p[office], self._sides[office] = 0.0, Verdict.FAILS
            return
        if n < max(self.smallest, FEWEST, scores.seen) or not scores.counts.any():
            return
        target = self.targets[office]
        sums = scores.controlled(target)
        x = sums - target.minutes * scores.counts if target.statistic == "mean" else target.level * scores.counts - sums
        if not np.isfinite(x).all():
            self.p[office], self._sides[office] = 0.0, Verdict.FAILS
            return
        mean, spread, skewness = (float(moment[-1]) for moment in prefix_moments(x))
        if n < LOOKS_PER_SQUARED_SKEWNESS * skewness**2:
            return
        above, below = (float(p) for p in p_value(n, mean, spread, skewness, max(self.smallest, FEWEST)))
        p = min(1.0, 2 * min(above, below))
        if p < self.p[office]:
            self.p[office] = p
            self._sides[office] = Verdict.FAILS if above < below else Verdict.HOLDS
