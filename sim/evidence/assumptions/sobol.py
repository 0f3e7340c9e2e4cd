"""Sobol indices: which part of an outcome's variance each of a few parameters makes, alone and with the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc, sobol_indices

F64 = NDArray[np.float64]

RESAMPLES = 1000
CONFIDENCE = 0.95
BITS = 32
"""Of the seed of the sample, which is no more than that."""


@dataclass(frozen=True)
class Sample:
    """Points of the unit cube for the indices.

    Attributes
    ----------
    a, b : (n, parameters) float64
        Two samples that have nothing to do with each other.
    ab : (parameters, n, parameters) float64
        The first with one coordinate of the second in each.
    """

    a: F64
    b: F64
    ab: F64

    @property
    def points(self) -> F64:
        """All points, (n · (parameters + 2), parameters)."""
        return np.concatenate([self.a, self.b, self.ab.reshape(-1, self.a.shape[1])])


def saltelli_sample(n: int, parameters: int, seed: int) -> Sample:
    """Return a sample after Saltelli, from a scrambled Sobol sequence.

    Parameters
    ----------
    n : int
        A power of 2.
    parameters, seed : int
    """
    both = qmc.Sobol(2 * parameters, scramble=True, seed=np.random.default_rng(seed)).random_base2(n.bit_length() - 1)
    a, b = both[:, :parameters], both[:, parameters:]
    ab = np.tile(a, (parameters, 1, 1))
    for number in range(parameters):
        ab[number, :, number] = b[:, number]
    return Sample(a, b, ab)


@dataclass(frozen=True)
class Indices:
    """Sobol indices with percentile intervals; NaN throughout if the outcome never varies.

    Attributes
    ----------
    first, first_low, first_high : (parameters,) float64
        Share of the variance that is the parameter's alone.
    total, total_low, total_high : (parameters,) float64
        Share that would be left if all others were known.
    """

    first: F64
    first_low: F64
    first_high: F64
    total: F64
    total_low: F64
    total_high: F64


def indices_of(values: F64, parameters: int, rng: np.random.Generator) -> Indices:
    """Return the indices of an outcome.

    Parameters
    ----------
    values : (n · (parameters + 2),) float64
        At the points of a sample, in their order.
    parameters : int
    rng : Generator
        For the bootstrap over the rows of the sample.

    Notes
    -----
    Sources: Sobol (1993), Sensitivity estimates for nonlinear mathematical models; the estimators are those of
    Saltelli et al. (2010), Variance based sensitivity analysis of model output, as `scipy.stats.sobol_indices` has
    them. In a small sample an estimate may be below 0 or above 1.
    """
    n = len(values) // (parameters + 2)
    f_a, f_b, f_ab = values[:n], values[n : 2 * n], values[2 * n :].reshape(parameters, n)
    if not np.ptp(values[: 2 * n]) > 0:
        nothing = np.full(parameters, np.nan)
        return Indices(*[nothing] * 6)
    first, total = _estimates(f_a, f_b, f_ab)
    if parameters > 1:
        func = {"f_A": f_a[np.newaxis], "f_B": f_b[np.newaxis], "f_AB": f_ab[:, np.newaxis]}
        found = sobol_indices(func=func, n=n)
        first, total = np.asarray(found.first_order), np.asarray(found.total_order)
    rows = rng.integers(0, n, (RESAMPLES, n))
    again = np.array([_estimates(f_a[row], f_b[row], f_ab[:, row]) for row in rows])
    ends = 100 * (1 - CONFIDENCE) / 2, 100 * (1 + CONFIDENCE) / 2
    low, high = np.nanpercentile(again, ends, axis=0)
    return Indices(first, low[0], high[0], total, low[1], high[1])


def _estimates(f_a: F64, f_b: F64, f_ab: F64) -> F64:
    """Return first-order and total indices, shape (2, parameters); NaN if nothing varies."""
    both = np.concatenate([f_a, f_b])
    variance = both.var()
    if not variance > 0:
        return np.full((2, len(f_ab)), np.nan)
    mean = both.mean()
    first = ((f_b - mean) * (f_ab - f_a)).mean(axis=1) / variance
    total = 0.5 * ((f_a - f_ab) ** 2).mean(axis=1) / variance
    return np.array([first, total])
