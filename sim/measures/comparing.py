"""Is one plan better than another? Findings from paired differences, looked at after each replication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.measures.judge import Rule, margin_of
from sim.measures.sequential import Side, bounds, first_finding, p_value, prefix_moments
from sim.office.blocks import Target

F64 = NDArray[np.float64]


class Finding(Enum):
    """What can be said of a plan beside another one."""

    BETTER = "better"
    WORSE = "worse"
    TOO_CLOSE = "no material difference"
    SAME = "the same in every replication"
    NONE = "no difference found"


def ratio_of_means(top: F64, bottom: F64, error: float = 0.05) -> tuple[float, float, float]:
    """Return the ratio of the means of two paired rows, and an interval for it.

    Parameters
    ----------
    top, bottom : (n,) float64
        Of the same replications.
    error : float
        Chance that the interval misses the ratio, at this number of replications.

    Returns
    -------
    ratio, low, high : float
        The ends are NaN where the mean of the bottom may be 0, so that no ratio is told apart from any other.

    Notes
    -----
    Source: Fieller (1954), Some problems in interval estimation.
    """
    number = len(top)
    a, b = (float(row.mean()) for row in (top, bottom)) if number else (np.nan, np.nan)
    if number < 2 or not (np.isfinite(a) and np.isfinite(b)) or b == 0:
        return np.nan, np.nan, np.nan
    ratio = a / b
    (aa, ab), (_, bb) = np.cov(top, bottom) / number
    t = float(stdtrit(number - 1, 1 - error / 2))
    g = t * t * bb / (b * b)
    if g >= 1:
        return ratio, np.nan, np.nan
    middle = (ratio - g * ab / bb) / (1 - g) if bb > 0 else ratio
    spread = aa - 2 * ratio * ab + ratio * ratio * bb - g * (aa - ab * ab / bb) if bb > 0 else aa
    half = t / abs(b) * float(np.sqrt(max(spread, 0.0))) / (1 - g)
    return ratio, middle - half, middle + half


@dataclass(frozen=True)
class Comparison:
    """A finding and what it rests on.

    Attributes
    ----------
    plan, other : int
        `plan` is compared with `other`.
    finding : Finding
        Of `plan`. NONE also while more replications may still find something.
    final : bool
        Whether no further replication is asked for.
    difference, low, high : float
        Mean of plan less other [min, or share], and an interval for it that is true at every look and in
        all comparisons of the family at once. NaN ends with too few replications; inf or -inf if somebody
        never got the licence in one of the plans, NaN if in both.
    replications : int
        Number of replications that the finding rests on: the first look at which it was made, else all that
        both plans have.
    variance_reduction : float
        How many times as many replications would be needed without common random numbers: the sum of the
        two plans' variances over the variance of their difference. inf if the difference never varies, NaN
        if nothing does or a figure is infinite.
    p_value : float
        Of there being no difference, true at every look: the smallest error of this one comparison (both
        sides) at which the interval would leave out zero.
    """

    plan: int
    other: int
    finding: Finding
    final: bool
    difference: float
    low: float
    high: float
    replications: int
    variance_reduction: float
    p_value: float


def compare_pair(target: Target, plan: int, other: int, of_plan: F64, of_other: F64, rule: Rule) -> Comparison:
    """Return whether a plan is better than another one.

    Parameters
    ----------
    target : Target
        Of a mean, less is better; of a share or a percentile, more is.
    plan, other : int
        The numbers of the two, for the answer.
    of_plan, of_other : (n,) and (m,) float64
        The figure of each replication: the year's mean [min] or share. Replication r of both has the same
        generator (common random numbers); only those that both have are looked at. inf = somebody never got the
        licence.
    rule : Rule
        Its `tests` are the comparisons of the family.

    Raises
    ------
    ValueError
        If a replication has no figure (NaN).

    Notes
    -----
    The differences are judged as the target is (see `sequential.first_finding`): BETTER or WORSE once the whole
    interval is on that side of zero, TOO_CLOSE once it is within the margin of the target on either side, in
    this order. Plans that do not differ at all are the SAME, without an interval; so are plans that differ so
    rarely that the smallest number of replications shows nothing of it. A plan in which somebody never got the
    licence is worse than one in which that was not seen to happen; of two such plans nothing can be said, and no
    further replication would change that.
    """
    check_figures((of_plan, of_other))
    common = min(len(of_plan), len(of_other), rule.largest)
    of_plan, of_other = of_plan[:common], of_other[:common]
    with np.errstate(invalid="ignore"):  # inf less inf
        differences = of_plan - of_other
    infinite = np.flatnonzero(~np.isfinite(differences))
    # The first look at which something infinite is seen: nothing is found from there on if both plans have it.
    look = max(rule.boundary.smallest, int(infinite[0]) + 1) if len(infinite) else common + 1
    hopeless = look <= common and bool(np.isinf(of_plan[:look]).any() and np.isinf(of_other[:look]).any())
    judged = differences[: infinite[0]] if hopeless else differences
    # Of plans that never differ it is said that they were the same, not that they are.
    side, at = first_finding(judged, margin_of(target), rule.boundary, rare=bool(judged.any()))
    if hopeless and side is Side.OPEN:
        at = look
    difference, low, high, p = _interval(differences[:at], rule)
    return Comparison(
        plan=plan,
        other=other,
        finding=_finding(target, side, differences[:at], difference),
        final=hopeless or side is not Side.OPEN or common == rule.largest,
        difference=difference,
        low=low,
        high=high,
        replications=at,
        variance_reduction=_variance_reduction(of_plan[:at], of_other[:at], differences[:at]),
        p_value=p,
    )


def against_first(
    target: Target, statistics: Sequence[F64], error: float = 0.05, largest: int = 2000
) -> list[Comparison]:
    """Compare each plan with the first one; `error` is the probability of any false finding among them.

    For `statistics`, a plan's figures each, and what is raised see `compare_pair`; `largest` is the budget of
    replications.
    """
    rule = Rule(max(len(statistics) - 1, 1), error, largest)
    return [compare_pair(target, i, 0, statistics[i], statistics[0], rule) for i in range(1, len(statistics))]


def all_pairs(target: Target, statistics: Sequence[F64], error: float = 0.05, largest: int = 2000) -> list[Comparison]:
    """Compare each plan with each later one; `error` is the probability of any false finding among them.

    For the parameters see `against_first`.
    """
    pairs = list(combinations(range(len(statistics)), 2))
    rule = Rule(max(len(pairs), 1), error, largest)
    return [compare_pair(target, i, j, statistics[i], statistics[j], rule) for i, j in pairs]


def check_figures(statistics: Sequence[F64]) -> None:
    """Raise ValueError if a replication of a plan has no figure."""
    for plan, figures in enumerate(statistics):
        missing = np.flatnonzero(np.isnan(figures))
        if len(missing):
            raise ValueError(f"plan {plan} has no figure in replication {missing[0]}: no case on target in it")


def _finding(target: Target, side: Side, differences: F64, difference: float) -> Finding:
    if side is Side.OPEN:
        return Finding.NONE
    if not differences.any():
        return Finding.SAME
    if side is Side.CLOSE or difference == 0:
        return Finding.TOO_CLOSE
    less_is_better = target.statistic == "mean"
    return Finding.BETTER if (side is Side.BELOW) == less_is_better else Finding.WORSE


def _interval(differences: F64, rule: Rule) -> tuple[float, float, float, float]:
    """Return the mean of the differences, its interval, and the p-value of its being zero."""
    n = len(differences)
    if n == 0:
        return np.nan, np.nan, np.nan, 1.0
    if not np.isfinite(differences).all():
        # Infinite in both plans, in the same replication or in different ones.
        opposed = np.isnan(differences).any() or len(np.unique(differences[np.isinf(differences)])) > 1
        mean = np.nan if opposed else float(differences.sum())
        return mean, mean, mean, 1.0 if opposed or n < rule.boundary.smallest else 0.0
    if not differences.any():
        # A difference that shows in rare years only may not have shown yet: how large it can be is not known.
        return 0.0, np.nan, np.nan, 1.0
    mean, spread, skewness = (float(moment[-1]) for moment in prefix_moments(differences))
    low, high = bounds(n, mean, spread, skewness, rule.boundary)
    p = 2 * float(min(p_value(n, mean, spread, skewness, rule.boundary.smallest)))
    return mean, float(low), float(high), min(p, 1.0)


def _variance_reduction(of_plan: F64, of_other: F64, differences: F64) -> float:
    if len(differences) < 2 or not (np.isfinite(of_plan).all() and np.isfinite(of_other).all()):
        return np.nan
    apart = float(np.var(of_plan) + np.var(of_other))
    together = float(prefix_moments(differences)[1][-1]) ** 2
    if together == 0:
        return np.inf if apart > 0 else np.nan
    return apart / together
