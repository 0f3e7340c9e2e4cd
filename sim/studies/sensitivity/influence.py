"""How much each parameter matters with all uncertain at once: Morris screening of many, Sobol indices of a few.

The screening says which of many parameters move an outcome at all, and which of them not in a straight line; the
indices which part of its variance each of a few makes, alone and with the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc, sobol_indices

F64 = NDArray[np.float64]

LEVELS = 4
STEP = LEVELS / (2 * (LEVELS - 1))
"""Of a coordinate, two thirds: of four levels, from one of the lower two to one of the upper two, or back."""
RESAMPLES, CONFIDENCE = 1000, 0.95
"""Of the bootstrap."""
TAILS = 100 * (1 - CONFIDENCE) / 2, 100 * (1 + CONFIDENCE) / 2
"""Per cent."""


def trajectories(number: int, parameters: int, rng: np.random.Generator) -> F64:
    """Return random walks through the unit cube that move each coordinate once.

    Parameters
    ----------
    number, parameters : int
    rng : Generator

    Returns
    -------
    (number, parameters + 1, parameters) float64
        Coordinates on four levels 0, 1/3, 2/3, 1; neighbours differ in one, by two thirds up or down.

    Notes
    -----
    Source: Morris (1991), Factorial sampling plans for preliminary computational experiments.
    """
    low = rng.integers(0, LEVELS // 2, (number, parameters)) / (LEVELS - 1)
    up = rng.random((number, parameters)) < 0.5
    order = rng.permuted(np.tile(np.arange(parameters), (number, 1)), axis=1)
    points = np.empty((number, parameters + 1, parameters))
    points[:, 0] = np.where(up, low, low + STEP)
    walks = np.arange(number)
    for step in range(parameters):
        moved = order[:, step]
        points[:, step + 1] = points[:, step]
        points[walks, step + 1, moved] += np.where(up, STEP, -STEP)[walks, moved]
    return np.clip(points, 0.0, 1.0)


def elementary_effects(points: F64, values: F64) -> F64:
    """Return how much the outcome changes by each coordinate, for a change over the whole range.

    Parameters
    ----------
    points : (number, parameters + 1, parameters) float64
        From `trajectories`.
    values : (number, parameters + 1) float64
        The outcome at these points.

    Returns
    -------
    (number, parameters) float64
    """
    change = np.diff(points, axis=1)
    moved = np.abs(change).argmax(axis=2)
    size = np.take_along_axis(change, moved[:, :, np.newaxis], axis=2)[:, :, 0]
    effects = np.empty(moved.shape)
    np.put_along_axis(effects, moved, np.diff(values, axis=1) / size, axis=1)
    return effects


@dataclass(frozen=True)
class Effects:
    """What the elementary effects of each parameter show, with percentile intervals over the trajectories.

    Attributes
    ----------
    mu : (parameters,) float64
        Mean effect.
    mu_star, mu_star_low, mu_star_high : (parameters,) float64
        Mean size of the effect: the larger, the more it matters.
    sigma, sigma_low, sigma_high : (parameters,) float64
        Standard deviation of the effects: large where the effect depends on where one stands.
    """

    mu: F64
    mu_star: F64
    mu_star_low: F64
    mu_star_high: F64
    sigma: F64
    sigma_low: F64
    sigma_high: F64


def screened(effects: F64, rng: np.random.Generator) -> Effects:
    """Return mean, mean size and spread of elementary effects.

    Parameters
    ----------
    effects : (number, parameters) float64
        At least two trajectories.
    rng : Generator
        For the bootstrap.

    Notes
    -----
    mu* is that of Campolongo, Cariboni and Saltelli (2007), An effective screening design for sensitivity analysis of
    large models: effects of both signs do not cancel out.
    """
    number = len(effects)
    drawn = effects[rng.integers(0, number, (RESAMPLES, number))]
    star = np.percentile(np.abs(drawn).mean(axis=1), TAILS, axis=0)
    spread = np.percentile(drawn.std(axis=1, ddof=1), TAILS, axis=0)
    return Effects(
        effects.mean(axis=0), np.abs(effects).mean(axis=0), star[0], star[1], effects.std(axis=0, ddof=1), *spread
    )


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
    low, high = np.nanpercentile(again, TAILS, axis=0)
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
