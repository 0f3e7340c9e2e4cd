"""Does the target hold? The verdict from a number of replications that was fixed beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.analysis.kpis import Kpis
from sim.office.blocks import Target

F64 = NDArray[np.float64]

CONFIDENCE = 0.95


class Verdict(Enum):
    """What can be said of a target."""

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    UNDECIDED = "UNDECIDED"


@dataclass(frozen=True)
class Judgement:
    """A verdict and what it rests on.

    Attributes
    ----------
    verdict : Verdict
    estimate : float
        Mean of the target's clock [min], or share of the cases within the target's minutes.
    low, high : float
        Two-sided interval for it; NaN with a single replication.
    confidence : float
        Of the interval, for this one look after `replications` replications.
    replications : int
    target : Target
    """

    verdict: Verdict
    estimate: float
    low: float
    high: float
    confidence: float
    replications: int
    target: Target

    @property
    def promised(self) -> float:
        """What the estimate is held against: minutes, or a share."""
        return self.target.minutes if self.target.statistic == "mean" else self.target.level


def judge(target: Target, replications: Sequence[Kpis], confidence: float = CONFIDENCE) -> Judgement:
    """Return the verdict on `target`.

    HOLDS if the whole interval keeps the target, FAILS if the whole interval misses it, else UNDECIDED. A
    percentile of at most m minutes is the same statement as a share within m minutes of at least its level.

    Parameters
    ----------
    target : Target
    replications : sequence of Kpis
        One for each replication; their number must have been fixed beforehand, since looking again and
        again until the interval is clear of the target would make the error rate a multiple of what it says.
    confidence : float
        Of the interval.

    Raises
    ------
    ValueError
        If there is no replication, or none of the cases is on target.
    """
    sums = np.array([kpis.score_sum for kpis in replications])
    counts = np.array([kpis.scores for kpis in replications], np.float64)
    if counts.sum() == 0:
        raise ValueError("there is nothing to judge: no case on target was submitted")
    estimate, low, high = ratio_interval(sums, counts, confidence)
    promised = target.minutes if target.statistic == "mean" else target.level
    if target.statistic == "mean":
        holds, fails = high <= promised, low > promised
    else:
        holds, fails = low >= promised, high < promised
    verdict = Verdict.HOLDS if holds else Verdict.FAILS if fails else Verdict.UNDECIDED
    return Judgement(verdict, estimate, low, high, confidence, len(replications), target)


def ratio_interval(sums: F64, counts: F64, confidence: float = CONFIDENCE) -> tuple[float, float, float]:
    """Return sum of `sums` over sum of `counts` with its interval.

    Parameters
    ----------
    sums, counts : (n,) float64
        One pair for each independent replication.
    confidence : float

    Notes
    -----
    Student's t on the residuals of the ratio (the delta method); with equal counts it is the ordinary t
    interval of the mean. A replication in which somebody never got the licence has an infinite sum.
    """
    estimate = float(sums.sum() / counts.sum())
    if np.isnan(estimate) or len(sums) < 2:
        return estimate, np.nan, np.nan
    if not np.isfinite(estimate):
        return np.inf, np.inf, np.inf
    n = len(sums)
    error = np.std(sums - estimate * counts, ddof=1) / (counts.mean() * np.sqrt(n))
    half = float(stdtrit(n - 1, 0.5 + confidence / 2) * error)
    return estimate, estimate - half, estimate + half


def mean_interval(values: F64, confidence: float = CONFIDENCE) -> tuple[float, float, float]:
    """Return the mean of independent values with its t interval; see `ratio_interval`."""
    return ratio_interval(values, np.ones(len(values)), confidence)
