"""Does the target hold? The verdict from replications, looked at after each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from sim.measures import early
from sim.measures.controls import controlled, joined_controls
from sim.measures.kpis import Kpis
from sim.measures.sequential import (
    Boundary,
    Side,
    bounds,
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
TAKEN_OUT = 0.9
"""Of the luck that an office shares with the one beside which it is judged: not all of it, so that some spread is left
where nothing differs."""


class Verdict(Enum):
    """What can be said of a target."""

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    TOO_CLOSE = "TOO CLOSE"
    UNDECIDED = "UNDECIDED"


_Told = tuple[float, float, float, float]
"""Estimate, low, high and p-value, as in `Judgement`."""

_Known = tuple[float, float]
"""Of who is judged beside another, see `Beside.known`."""

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
        Whether a verdict may be given before that, by the parts of few years: where it is what is wanted, and not the
        figure. See `early`.

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
        return Boundary(smallest, self.error / (2 * (1 + early.EARLY_PART * self.early) * self.tests))

    @property
    def first(self) -> int:
        """Replications before which there is no look at all."""
        return min(early.FEWEST_YEARS, self.boundary.smallest) if self.early else self.boundary.smallest


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
        bad side where early looks see FAILS alone.
    confidence : float
        Of all intervals of the family together.
    replications : int
        On which verdict, estimate and interval rest: those of the first look at which the verdict was
        given, else all.
    target : Target
    p_value : float
        Always-valid, of the side that it speaks against, at most 0.5; of this test alone. With early looks, at each of
        the boundaries by itself.
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
    parts = np.array([kpis.parts for kpis in replications]) if rule.early else None
    seen, rare = (controls.seen, True) if controls else (1, False)
    return judge_scores(target, controlled(target, sums, controls), counts, rule, seen, parts, rare)


@dataclass(frozen=True)
class Beside:
    """An office that is known well: others, played with the same random numbers, are judged by how they differ from it.

    Attributes
    ----------
    x : (n,) float64
        By how much the cases of each replication miss the target together.
    parts : (n, parts) float64
        The same by part.
    mean, low, high : float
        Their mean, as well as it is known, with its interval, at an error of its own that those who are judged beside
        have not been given.
    seen : int
        Replications before which nobody is judged, but for early looks.
    rare : bool
        As for `judge_scores`.
    """

    x: F64
    parts: F64
    mean: float
    low: float
    high: float
    seen: int
    rare: bool

    @property
    def middle(self) -> float:
        """Of its interval, in the part that is taken out of others."""
        return TAKEN_OUT * (self.low + self.high) / 2

    def known(self, parts: int = 1) -> _Known:
        """Return how far its mean is from the middle of its interval, and how far it may be, likewise, of a part."""
        half = TAKEN_OUT * (self.high - self.low) / 2
        return (TAKEN_OUT * self.mean - self.middle) / parts, half / parts


def judge_scores(
    target: Target, sums: F64, counts: F64, rule: Rule, earliest: int = 1, parts: F64 | None = None,
    rare: bool = False, beside: Beside | None = None,
) -> Judgement:  # fmt: skip
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
        No verdict before so many replications, but for early looks.
    parts : (n, parts, 2) float64, optional
        The same by part of the replication (see `kpis.parts_of`); None: each replication is a part.
    rare : bool
        Whether there are days that few replications may not have: then it is only seen early that a target is missed.
    beside : Beside, optional
        Of at least as many replications.

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
    boundary, margin, years = rule.boundary, margin_of(target), len(sums)
    good_years_rare = target.statistic != "mean" and target.level < MOST_IN_TIME
    if good_years_rare:
        earliest = max(earliest, boundary.smallest)
    if target.uncertain:
        # A year in which too many come may be one of fifty, and outweigh the others.
        earliest = max(earliest, math.ceil(equal_values(boundary.error)))
    # Replications without a case have nothing to show, and must not pass for ones that all agree.
    earliest = max(int(np.argmax(cases > 0)) + 1, earliest, boundary.smallest)
    near = margin * cases / np.arange(1, years + 1)

    found = far = None
    if rule.early and not target.uncertain:
        parts = np.stack([sums, counts], axis=1)[:, None] if parts is None else parts[:years]
        if beside is None:
            far = _told_beyond_doubt(target, parts.sum(axis=1), boundary.error)
        # Of years alone a few values seldom show a long tail on the bad side, and without it they look far too good.
        fails_only = rare or parts.shape[1] < early.FEWEST_PARTS
        # Beside one with rare bad days, few years may look too bad as well as too good.
        if not (fails_only and good_years_rare) and not (beside is not None and beside.rare):
            found = _told_early(target, parts[: earliest - 1], near, boundary, fails_only, beside)
    if found is None:
        x = _missed_beside(target, sums, counts, beside)
        known = beside.known() if beside else None
        side, used = first_finding(x, near, boundary, earliest=earliest, slack=known[1] if known else 0.0)
        found = side, used, _told(target, sums[:used], counts[:used], x[:used], boundary, 1.0, known)
    if far is not None and (found[0] is Side.OPEN or far[1] < found[1]):
        found = far
    side, used, told = found
    return _judgement(target, side, rule, years, used, *told)


def _told_beyond_doubt(target: Target, years: F64, error: float) -> tuple[Side, int, _Told] | None:
    """Return how a target is missed beyond doubt, and after how many years; None if it is not.

    What is counted is as it was, with what disruptions cost: less what is expected of them it could be negative.
    """
    sums, counts = years[:, 0], years[:, 1]
    mean = target.statistic == "mean"
    bad, promised = (sums, target.minutes) if mean else (counts - sums, 1 - target.level)
    found = early.beyond_doubt(bad, counts, promised, early.FAR_PART * error)
    if found is None:
        return None
    n, low, p = found
    ends = (low, np.inf) if mean else (-np.inf, 1 - low)
    return Side.ABOVE, n, (float(sums[:n].sum() / counts[:n].sum()), *ends, min(p / early.FAR_PART, 0.5))


def _told_early(
    target: Target, parts: F64, near: F64, late: Boundary, fails_only: bool, beside: Beside | None
) -> tuple[Side, int, _Told] | None:
    """Return what parts of replications tell, after how many, and as `_told` does; None if the years tell more."""
    number = parts.shape[1]
    boundary = early.boundary_of(late, number)
    if boundary is None or len(parts) * number < boundary.smallest:
        return None
    x = _missed_beside(target, parts[..., 0], parts[..., 1], beside)
    known = beside.known(number) if beside else None
    side, used, wider = early.finding(x, near[: len(x)] / number, boundary, fails_only, known[1] if known else 0.0)
    if side is Side.OPEN and len(near) >= late.smallest:
        return None
    of = parts[:used, :, 0].ravel(), parts[:used, :, 1].ravel(), x[:used].ravel()
    estimate, low, high, p = _told(target, *of, boundary, wider, known)
    if fails_only:
        low, high = (low, np.inf) if target.statistic == "mean" else (-np.inf, high)
    return side, used, (estimate, low, high, min(p / (early.EARLY_PART - early.FAR_PART), 0.5))


def _missed_beside(target: Target, sums: F64, counts: F64, beside: Beside | None) -> F64:
    """Return by how much each replication, or part, misses the target, without the luck that it shares with others."""
    x = missed_by(target, sums, counts)
    if beside is None:
        return x
    if x.ndim == 1:
        return np.asarray(x - TAKEN_OUT * beside.x[: len(x)] + beside.middle)
    return np.asarray(x - TAKEN_OUT * beside.parts[: len(x)] + beside.middle / x.shape[1])


def _told(
    target: Target, sums: F64, counts: F64, x: F64, boundary: Boundary, wider: float, known: _Known | None
) -> _Told:
    """Return estimate, interval and p-value after all values."""
    if not np.isfinite(x).all():
        return *ratio_interval(sums, counts, boundary), 0.0 if len(x) >= boundary.smallest else 0.5
    mean, spread, skewness = (float(moment[-1]) for moment in prefix_moments(x))
    if not np.isfinite(wider):
        return float(sums.sum() / counts.sum()), np.nan, np.nan, 0.5
    shift, slack = known or (0.0, 0.0)
    off = math.copysign(max(abs(mean) - slack, 0.0), mean)
    p = float(np.min(p_value(len(x), off, spread * wider, skewness, boundary.smallest)))
    if known is None:
        return *ratio_interval(sums, counts, boundary, wider), p
    low, high = bounds(len(x), mean, spread * wider, skewness, boundary)
    ends = np.array([mean + shift, low - slack, high + slack]) / counts.mean()
    estimate, low, high = promised_by(target) + (ends if target.statistic == "mean" else -ends[[0, 2, 1]])
    return float(estimate), float(low), float(high), p


def _judgement(
    target: Target, side: Side, rule: Rule, years: int, used: int, estimate: float, low: float, high: float, p: float
) -> Judgement:
    most = possible(target)
    return Judgement(
        _VERDICTS[side],
        side is not Side.OPEN or years == rule.largest,
        float(np.clip(estimate, 0.0, most)),
        float(np.clip(low, 0.0, most)),
        float(np.clip(high, 0.0, most)),
        1 - rule.error,
        used,
        target,
        p,
        margin_of(target),
    )
