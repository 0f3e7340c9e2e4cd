"""How much the days vary beyond chance: the coefficient of variation of a lognormal factor on daily counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaln, gdtr, xlogy

from sim.evidence.fits.daily_counts import MOST_CV
from sim.evidence.fits.estimates import CONFIDENCE

F64 = NDArray[np.float64]

NODES = 41
"""Of the Gauss-Hermite quadrature over the factor."""
LARGE = 1e3
"""Poisson mean from which the logarithm is taken as normal."""


def day_factor_cv(counts: NDArray[np.int64], mean: F64, design: F64) -> tuple[float, float, float]:
    """Return the coefficient of variation of the days' lognormal factor, with its interval of 95 %.

    Parameters
    ----------
    counts : (days,) int64
    mean : (days,) float64
        Fitted means.
    design : (days, parameters) float64
        Of the log-linear regression that they are from.

    Returns
    -------
    value, low, high : float
        NaN if there are no more days than parameters.

    Notes
    -----
    With g = log(count + 1/2), and m and v its mean and variance for a Poisson count whose mean has a lognormal factor
    with this cv, the weighted least squares sum of (g - m)^2 / v beyond the design has expectation days - parameters.
    The value is the cv at which the sum is just that; the interval has the cvs at which it is within its 2.5 % and
    97.5 % quantiles, those of a gamma distribution with the sum's mean and variance (chi-square but for the fourth
    moment of g). Where counts are large g is normal, and the interval that of the variance of normal logarithms. The
    sum of squares of the counts themselves has so heavy a tail that it gives no upper end worth the name.
    """
    g = np.log(counts + 0.5)
    freedom = design.shape[0] - design.shape[1]
    if freedom <= 0:
        return math.nan, math.nan, math.nan

    # Days of the same month and weekday have the same mean.
    means, day = np.unique(mean, return_inverse=True)

    @cache
    def sum_and_shape(cv: float) -> tuple[float, float]:
        middle, variance, kurtosis = (moment[day] for moment in _moments(means, cv))
        root = 1 / np.sqrt(variance)
        apart = (g - middle) * root
        beta = np.linalg.lstsq(root[:, None] * design, apart, rcond=None)[0]
        total = float(((apart - root * (design @ beta)) ** 2).sum())
        return total, freedom / max(float(kurtosis.mean()) - 1, 0.1)

    def excess(cv: float) -> float:
        return float(sum_and_shape(cv)[0] - freedom)

    def below(cv: float) -> float:
        """Return the chance of a sum no larger than the one seen, if this were the cv."""
        total, shape = sum_and_shape(cv)
        return float(gdtr(shape / freedom, shape, total))

    few, many = (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2
    value = _falls_to_zero(excess)
    low, high = _falls_to_zero(lambda cv: below(cv) - many), _falls_to_zero(lambda cv: below(cv) - few)
    # Of next to no counts the quantiles are not in order.
    return value, min(low, value), max(high, value)


def _falls_to_zero(function: Callable[[float], float]) -> float:
    """Return where a falling function is zero, or the end of the range that is nearer to it."""
    if function(0.0) <= 0:
        return 0.0
    return MOST_CV if function(MOST_CV) >= 0 else float(brentq(function, 0.0, MOST_CV, xtol=1e-7))


def _moments(mean: F64, cv: float) -> tuple[F64, F64, F64]:
    """Return mean, variance and kurtosis (3 if normal) of the logarithm of a count plus 1/2, each (days,)."""
    sigma = math.sqrt(math.log1p(cv**2))
    node, weight = _nodes() if sigma > 0 else (np.zeros(1), np.ones(1))
    log_rate = np.log(mean)[:, None] + sigma * node - sigma**2 / 2
    shift, second, third, fourth = _poisson_moments(log_rate)
    given = log_rate + shift
    middle = given @ weight
    apart = given - middle[:, None]
    variance = (second + apart**2) @ weight
    kurtosis = (fourth + 4 * apart * third + 6 * apart**2 * second + apart**4) @ weight / variance**2
    return middle, variance, kurtosis


def _poisson_moments(log_rate: F64) -> tuple[F64, F64, F64, F64]:
    """Return of g = log(count + 1/2), the count Poisson: mean less log rate, and central moments 2 to 4."""
    grid, table = _table()
    rate = np.exp(log_rate)
    large = log_rate > grid[-1]
    place = np.clip((log_rate - grid[0]) / (grid[1] - grid[0]), 0, len(grid) - 1 - 1e-9)
    left = place.astype(np.int64)
    share = place - left
    inside = [column[left] * (1 - share) + column[left + 1] * share for column in table]
    # Below the table nobody comes: g is log(1/2).
    inside[0] = np.where(log_rate < grid[0], math.log(0.5) - log_rate, inside[0])
    outside = (np.zeros_like(rate), 1 / rate, -1 / rate**2, 3 / rate**2)
    shift, second, third, fourth = (np.where(large, b, a) for a, b in zip(inside, outside, strict=True))
    return shift, second, third, fourth


@cache
def _nodes() -> tuple[F64, F64]:
    """Return nodes and weights of the expectation over a standard normal number."""
    node, weight = np.polynomial.hermite_e.hermegauss(NODES)
    return node, np.asarray(weight / weight.sum())


@cache
def _table() -> tuple[F64, F64]:
    """Return a grid of log rates, and the four moments of `_poisson_moments` there, (4, points)."""
    grid = np.linspace(math.log(1e-4), math.log(LARGE), 801)
    count = np.arange(int(LARGE + 12 * math.sqrt(LARGE)))
    rate = np.exp(grid)[:, None]
    chance = np.exp(xlogy(count, rate) - rate - gammaln(count + 1.0))
    g = np.log(count + 0.5)
    middle = chance @ g
    apart = g - middle[:, None]
    return grid, np.array([middle - grid, *((chance * apart**power).sum(axis=1) for power in (2, 3, 4))])
