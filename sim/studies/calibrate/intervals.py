"""Intervals of 95 % of shares, of positive numbers, of a mean and of a median."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtri, stdtrit

F64 = NDArray[np.float64]
Interval = tuple[float, float, float]
"""Value, low, high."""
CONFIDENCE = 0.95
TAIL = (1 - CONFIDENCE) / 2
NORMAL = -float(ndtri(TAIL))
LARGEST = 700.0
"""Logarithm of the largest number that is computed with."""
UNKNOWN_INTERVAL: Interval = (math.nan, math.nan, math.nan)


def student(n: int) -> float:
    """Return the quantile of Student's t for the mean of so many."""
    return float(stdtrit(n - 1, 1 - TAIL))


def wilson(successes: float, n: float) -> Interval:
    """Return a share with its interval of 95 % (Wilson 1927); NaN of nothing."""
    if n <= 0:
        return UNKNOWN_INTERVAL
    share, square = successes / n, NORMAL**2
    centre = (share + square / (2 * n)) / (1 + square / n)
    reach = NORMAL * math.sqrt(share * (1 - share) / n + square / (4 * n**2)) / (1 + square / n)
    # Of none and of all the end is exactly there, but for the last bit of the sum.
    low = 0.0 if successes <= 0 else max(centre - reach, 0.0)
    return share, low, 1.0 if successes >= n else min(centre + reach, 1.0)


def on_logit(value: float, error: float) -> Interval:
    """Return a share with the interval that its standard error gives on the scale of log odds."""
    if not 0 < value < 1:
        return value, math.nan, math.nan
    odds = value / (1 - value)
    ends = (odds * math.exp(side * NORMAL * error / (value * (1 - value))) for side in (-1, 1))
    low, high = (end / (1 + end) for end in ends)
    return value, low, high


def on_log(value: float, relative_error: float) -> Interval:
    """Return a number above 0 with the interval that its relative standard error gives on the log scale."""
    factor = math.exp(min(NORMAL * relative_error, LARGEST))
    return value, value / factor, value * factor


def exp_of(centre: float, reach: float) -> Interval:
    """Return the number whose logarithm is `centre`, known to within `reach`."""
    value, low, high = (math.exp(min(end, LARGEST)) for end in (centre, centre - reach, centre + reach))
    return value, low, high


def exponential_mean(minutes: F64) -> Interval:
    """Return the mean [min] of an exponential with its exact interval of 95 %: 2 sum/mean is chi-square."""
    n, total = len(minutes), float(minutes.sum())
    return total / n, 2 * total / float(chdtri(2 * n, TAIL)), 2 * total / float(chdtri(2 * n, 1 - TAIL))


def median(minutes: F64) -> Interval:
    """Return the median with its interval of 95 % from the order statistics (Thompson 1936).

    The interval is no narrower than logs are fine: a millisecond to either side.
    """
    ordered = np.sort(minutes)
    n = len(ordered)
    reach = 1 + round(-float(ndtri(TAIL)) * math.sqrt(n) / 2)
    low, high = ordered[max(n // 2 - reach, 0)], ordered[min((n - 1) // 2 + reach, n - 1)]
    return float(np.median(ordered)), float(low) - 1 / 60_000, float(high) + 1 / 60_000
