"""Does the target hold? The verdict from replications, looked at after each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from sim.measures.controls import controlled, joined_controls
from sim.measures.kpis import Kpis
from sim.measures.sequential import (
    EARLY_PART,
    Boundary,
    Side,
    equal_values,
    first_finding,
    p_value,
    prefix_moments,
    ratio_interval,
)
from sim.office.blocks import Target

F64 = NDArray[np.float64]

MARGIN_OF_MEAN = 0.01
"""A mean that is nearer to the promised minutes than this part of them is too close to call."""
MARGIN_OF_SHARE = 0.005
"""Likewise for a share, as a difference."""
MOST_IN_TIME = 0.5
"""Level of a share from which on years, if they differ, have their long tail on the bad side."""
EARLY = 8
"""Replications from which on it is seen, where it is asked for, that a target is missed by far."""


class Verdict(Enum):
    """What can be said of a target."""

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    TOO_CLOSE = "TOO CLOSE"
    UNDECIDED = "UNDECIDED"


_VERDICTS = {
    Side.BELOW: Verdict.HOLDS,
    Side.ABOVE: Verdict.FAILS,
    Side.CLOSE: Verdict.TOO_CLOSE,
    Side.OPEN: Verdict.UNDECIDED,
}


@dataclass(frozen=True)
class Rule:
    """How sure a verdict must be, and how many replications it may take.

    Attributes
    ----------
    tests : int
        Verdicts in the family: scenarios times targets.
    error : float
        Probability that any interval of the family ever misses what it estimates, between 0 and 1.
    largest : int
        Replications at which it ends without a verdict.
    smallest : int or None
        Replications before the first look, at least 2; None: as many as the size of the family asks for.
    early : bool
        Whether FAILS may be said before that, of what misses the target by far: where it is the verdict that is
        wanted, and not how much it is missed by. Not of shares promised below `MOST_IN_TIME`.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    tests: int = 1
    error: float = 0.05
    largest: int = 2000
    smallest: int | None = None
    early: bool = False

    def __post_init__(self) -> None:
        if self.tests < 1 or self.largest < 1:
            raise ValueError(f"at least 1 test and 1 replication are needed, not {self.tests} and {self.largest}")
        if not 0 < self.error < 1:
            raise ValueError(f"the error must be between 0 and 1, not {self.error}")
        if self.smallest is not None and self.smallest < 2:
            raise ValueError(f"the smallest number of replications must be at least 2, not {self.smallest}")

    @property
    def boundary(self) -> Boundary:
        """That of each test: Bonferroni over tests, sides and early looks, so they may share random numbers.

        The smaller the error of each, the further into the tails it reaches, of which few replications show nothing.
        """
        smallest = self.smallest
        if smallest is None:
            smallest = 20 if self.tests <= 2 else 30 if self.tests <= 12 else 50
        early = EARLY if self.early and smallest > EARLY else None
        return Boundary(smallest, self.error / ((2 if early is None else 2 + EARLY_PART) * self.tests), early)


@dataclass(frozen=True)
class Judgement:
    """A verdict and what it rests on.

    Attributes
    ----------
    verdict : Verdict
        UNDECIDED also while more replications may still decide.
    final : bool
        No further replication is asked for.
    estimate : float
        Mean of the target's clock [min], or share of the cases within the target's minutes.
    low, high : float
        Its interval, true under looking after every replication; NaN before the first look, and without an end on the
        bad side at early ones.
    confidence : float
        Of all intervals of the family together.
    replications : int
        On which verdict, estimate and interval rest: those of the first look at which the verdict was
        given, else all.
    target : Target
    p_value : float
        Always-valid, of the side that it speaks against, at most 0.5; of this test alone. With early looks, at each of
        the two boundaries by itself.
    margin : float
        Within so much of what is promised it is too close: minutes or share.
    """

    verdict: Verdict
    final: bool
    estimate: float
    low: float
    high: float
    confidence: float
    replications: int
    target: Target
    p_value: float
    margin: float

    @property
    def promised(self) -> float:
        """What the estimate is held against: minutes, or a share."""
        return promised_by(self.target)


def promised_by(target: Target) -> float:
    """Return what the estimate is held against: minutes, or a share."""
    return target.minutes if target.statistic == "mean" else target.level


def margin_of(target: Target) -> float:
    """Return within how much of what is promised it is too close to call: minutes, or a share."""
    return MARGIN_OF_MEAN * target.minutes if target.statistic == "mean" else MARGIN_OF_SHARE


def missed_by(target: Target, sums: F64, counts: F64) -> F64:
    """Return by how much the cases of each replication miss the target together, negative where they keep it.

    Parameters
    ----------
    target : Target
    sums, counts : (n,) float64
        As for `judge_scores`.
    """
    return sums - target.minutes * counts if target.statistic == "mean" else target.level * counts - sums


def possible(target: Target) -> float:
    """Return the most that an estimate can be: minutes without end, or all."""
    return np.inf if target.statistic == "mean" else 1.0


def judge(target: Target, replications: Sequence[Kpis], rule: Rule = Rule()) -> Judgement:
    """Return the verdict on `target`, from the figures of independent replications in their order.

    For what it says and when see `judge_scores`.
    """
    sums = np.array([kpis.score_sum for kpis in replications], np.float64)
    counts = np.array([kpis.scores for kpis in replications], np.float64)
    controls = joined_controls([kpis.controls for kpis in replications])
    return judge_scores(target, controlled(target, sums, controls), counts, rule, controls.seen if controls else 1)


def judge_scores(target: Target, sums: F64, counts: F64, rule: Rule, earliest: int = 1) -> Judgement:
    """Return the verdict on `target`, looking after each replication; the first verdict is final.

    HOLDS once the whole interval keeps the target, FAILS once the whole interval misses it, TOO CLOSE once it is
    within the margin of it, else UNDECIDED. A percentile of at most m minutes is the same statement as a
    share within m minutes of at least its level. If the replications show no spread at all, the verdict is by their
    mean, and waits until rare years would have shown (`sequential.RARE`).

    Parameters
    ----------
    target : Target
    sums, counts : (n,) float64
        Of each replication: sum over the cases on target of their minutes (mean), or of 1 for each within the minutes
        (share, percentile), and the number of those cases. An infinite sum, somebody who never got a licence, FAILS.
        Replications beyond the largest number of the rule are left out.
    rule : Rule
    earliest : int
        No verdict before so many replications.

    Raises
    ------
    ValueError
        If none of the cases is on target, or a sum is NaN.
    """
    sums, counts = sums[: rule.largest], counts[: rule.largest]
    cases = np.cumsum(counts)
    if not len(cases) or cases[-1] == 0:
        raise ValueError("there is nothing to judge: no case on target was submitted")
    sums = np.where(counts > 0, sums, 0.0)
    if np.isnan(sums).any():
        raise ValueError("there is nothing to judge: a replication's sum is NaN")
    boundary, margin = rule.boundary, margin_of(target)
    if target.statistic != "mean" and target.level < MOST_IN_TIME:
        # Of an office in which few are in time it is the good years that are rare.
        earliest = max(earliest, boundary.smallest)
    x = missed_by(target, sums, counts)
    near = margin * cases / np.arange(1, len(x) + 1)
    if target.uncertain:
        # A year in which too many come may be one of fifty, and outweigh the others.
        earliest = max(earliest, math.ceil(equal_values(boundary.error)))
    # Replications without a case have nothing to show, and must not pass for ones that all agree.
    side, look = first_finding(x, near, boundary, earliest=max(int(np.argmax(cases > 0)) + 1, earliest))
    estimate, low, high = _interval(target, sums[:look], counts[:look], boundary)
    most = possible(target)
    return Judgement(
        _VERDICTS[side],
        side is not Side.OPEN or len(x) == rule.largest,
        float(np.clip(estimate, 0.0, most)),
        float(np.clip(low, 0.0, most)),
        float(np.clip(high, 0.0, most)),
        1 - rule.error,
        look,
        target,
        _p_value(x[:look], boundary),
        margin,
    )


def _interval(target: Target, sums: F64, counts: F64, boundary: Boundary) -> tuple[float, float, float]:
    """Return the estimate and its ends; of a share it is the upper one that early looks know."""
    if target.statistic == "mean" or len(sums) >= boundary.smallest:
        return ratio_interval(sums, counts, boundary)
    estimate, low, high = ratio_interval(-sums, counts, boundary)
    return -estimate, -high, -low


def _p_value(x: F64, boundary: Boundary) -> float:
    """Return the smaller of both sides' p-values after all of `x`; at early looks that of FAILS."""
    if not np.isfinite(x).all():
        return 0.0 if len(x) >= boundary.first else 0.5
    mean, spread, skewness = (moment[-1] for moment in prefix_moments(x))
    if len(x) >= boundary.smallest or boundary.early is None or spread <= 0:
        return float(np.min(p_value(len(x), mean, spread, skewness, boundary.smallest)))
    above, _ = p_value(len(x), mean, spread, skewness, boundary.early)
    return min(float(above) / EARLY_PART, 0.5)
