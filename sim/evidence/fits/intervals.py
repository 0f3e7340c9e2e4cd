"""Intervals of shares and of positive numbers."""

from __future__ import annotations

import math

from scipy.special import ndtri

from sim.evidence.fits.estimates import CONFIDENCE

Interval = tuple[float, float, float]
"""Value, low, high."""
TAIL = (1 - CONFIDENCE) / 2
NORMAL = -float(ndtri(TAIL))
LARGEST = 700.0
"""Logarithm of the largest number that is computed with."""


def wilson(successes: float, n: float) -> Interval:
    """Return a share with its interval of 95 % (Wilson 1927); NaN of nothing."""
    if n <= 0:
        return math.nan, math.nan, math.nan
    share, square = successes / n, NORMAL**2
    centre = (share + square / (2 * n)) / (1 + square / n)
    reach = NORMAL * math.sqrt(share * (1 - share) / n + square / (4 * n**2)) / (1 + square / n)
    return share, max(centre - reach, 0.0), min(centre + reach, 1.0)


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
