"""Counts of days that vary more than by chance: log-linear regression with extra-Poisson variation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import stdtrit

from sim.evidence.fits.estimates import CONFIDENCE

F64 = NDArray[np.float64]

MOST_CV = 5.0
"""Largest variation from day to day that is looked for."""
ROUNDS = 100
SETTLED = 1e-9
LONGEST_STEP = 2.0
"""By which the logarithm of a mean may change in one iteration."""


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


def fit_counts(counts: NDArray[np.int64], design: F64, offset: F64) -> CountFit:
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
