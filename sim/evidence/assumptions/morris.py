"""Morris screening: which of many parameters move an outcome at all, and which of them not in a straight line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

LEVELS = 4
STEP = LEVELS / (2 * (LEVELS - 1))
"""Of a coordinate, two thirds: of four levels, from one of the lower two to one of the upper two, or back."""
RESAMPLES = 1000
CONFIDENCE = 0.95


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
class Screened:
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


def screened(effects: F64, rng: np.random.Generator) -> Screened:
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
    ends = 100 * (1 - CONFIDENCE) / 2, 100 * (1 + CONFIDENCE) / 2
    star = np.percentile(np.abs(drawn).mean(axis=1), ends, axis=0)
    spread = np.percentile(drawn.std(axis=1, ddof=1), ends, axis=0)
    return Screened(
        effects.mean(axis=0), np.abs(effects).mean(axis=0), star[0], star[1], effects.std(axis=0, ddof=1), *spread
    )
