"""Counts of days that vary more than by chance: log-linear regression, and by how much the days vary beyond chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, gdtr, stdtrit, xlogy

from sim.studies.calibrate.intervals import CONFIDENCE, F64, UNKNOWN_INTERVAL, Interval
from sim.studies.calibrate.log.steps import I64

MOST_CV = 5.0
"""Largest variation from day to day that is looked for."""
ROUNDS = 100
SETTLED = 1e-9
LONGEST_STEP = 2.0
"""By which the logarithm of a mean may change in one iteration."""
NODES = 41
"""Of the Gauss-Hermite quadrature over the day's factor."""
LARGE = 1e3
"""Poisson mean from which the logarithm is taken as normal."""


@dataclass(frozen=True, eq=False)
class CountFit:
    """A fitted regression of daily counts.

    Attributes
    ----------
    beta : (parameters,) float64
        Coefficients on the log scale.
    covariance : (parameters, parameters) float64
    mean : (days,) float64
        Fitted means.
    freedom : int
        Days less parameters.
    cv : float
        Coefficient of variation of the factor of single days, by moments: what the standard errors rest on. NaN if
        there are no more days than parameters.
    residual : (days,) float64
        Standardised: count less mean, by the standard deviation that the fit gives it.
    """

    beta: F64
    covariance: F64
    mean: F64
    freedom: int
    cv: float
    residual: F64

    @property
    def quantile(self) -> float:
        """Quantile of Student's t for an interval of 95 %."""
        return float(stdtrit(max(self.freedom, 1), (1 + CONFIDENCE) / 2))

    def log_error(self, gradient: F64) -> float:
        """Return the standard error of a function of the coefficients, by its gradient (delta method)."""
        return math.sqrt(max(float(gradient @ self.covariance @ gradient), 0.0))


def fit_counts(counts: I64, design: F64, offset: F64) -> CountFit:
    """Fit counts with mean ``exp(offset + design @ beta)`` and variance ``mean + cv^2 mean^2``.

    Parameters
    ----------
    counts : (days,) int64
    design : (days, parameters) float64
        Of full rank; no parameter whose days have all no count.
    offset : (days,) float64

    Raises
    ------
    ValueError
        If there are fewer days than parameters.

    Notes
    -----
    Quasi-likelihood by iteratively reweighted least squares, weights 1 / (mean + cv^2 mean^2) in turn with the
    moment equation sum (count - mean)^2 / (mean + cv^2 mean^2) = days - parameters for the cv.
    Source: Breslow (1984), Extra-Poisson variation in log-linear models.
    """
    y = counts.astype(np.float64)
    days, parameters = design.shape
    freedom = days - parameters
    if freedom < 0:
        raise ValueError(f"{days} days are too few for {parameters} parameters")
    beta = np.asarray(np.linalg.lstsq(design, np.log(y + 0.5) - offset, rcond=None)[0], np.float64)
    cv = 0.0
    for _ in range(ROUNDS):
        before = cv
        beta = _weighted(y, design, offset, beta, cv)
        mean = np.exp(offset + design @ beta)
        cv = _moment_cv(y, mean, freedom) if freedom > 0 else 0.0
        if abs(cv - before) < SETTLED:
            break
    weight = mean / (1 + cv**2 * mean)
    covariance = np.asarray(np.linalg.inv(design.T @ (weight[:, None] * design)), np.float64)
    residual = (y - mean) / np.sqrt(mean + cv**2 * mean**2)
    return CountFit(beta, covariance, mean, freedom, cv if freedom > 0 else math.nan, residual)


def _weighted(y: F64, design: F64, offset: F64, beta: F64, cv: float) -> F64:
    """Return the coefficients for a given cv."""
    for _ in range(ROUNDS):
        mean = np.exp(offset + design @ beta)
        root = np.sqrt(mean / (1 + cv**2 * mean))
        step = np.linalg.lstsq(root[:, None] * design, root * ((y - mean) / mean), rcond=None)[0]
        # Where days of the same kind differ by orders of magnitude, a full step may overshoot.
        longest = float(np.abs(design @ step).max())
        beta = np.asarray(beta + step * min(1.0, LONGEST_STEP / max(longest, SETTLED)), np.float64)
        if longest < SETTLED:
            break
    return beta


def _pearson(y: F64, mean: F64, cv: float) -> float:
    return float(((y - mean) ** 2 / (mean + cv**2 * mean**2)).sum())


def _moment_cv(y: F64, mean: F64, freedom: int) -> float:
    def excess(cv: float) -> float:
        return _pearson(y, mean, cv) - freedom

    if excess(0.0) <= 0:
        return 0.0
    return MOST_CV if excess(MOST_CV) >= 0 else float(brentq(excess, 0.0, MOST_CV, xtol=1e-12))


def day_factor_cv(counts: I64, mean: F64, design: F64) -> Interval:
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
        return UNKNOWN_INTERVAL

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
