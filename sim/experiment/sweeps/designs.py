"""Designs of experiments: which combinations of the factors' values are run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

F64 = NDArray[np.float64]

DIGITS = 6
"""Significant digits of a value between two ends: enough to tell points apart, few enough to be read."""


def grid(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every combination of places in lists of these sizes, the last one changing fastest."""
    return product(*map(range, sizes))


def evenly_spaced(low: float, high: float, steps: int, whole: bool = False) -> list[float]:
    """Return `steps` values from `low` to `high`, both included.

    Whole numbers (int) if all of them are, or if `whole`: then the ends are the first and the last whole number
    between them, the others are rounded, and doubles are left out.
    """
    if whole:
        low, high = math.ceil(low), math.floor(high)
    values = [float(f"{value:.12g}") for value in np.linspace(low, high, steps)]
    if whole:
        return list(dict.fromkeys(math.floor(value + 0.5) for value in values))
    return [int(value) for value in values] if all(value.is_integer() for value in values) else values


def unit_points(method: str, points: int, dimensions: int, seed: int) -> F64:
    """Return points spread over the unit cube, the same for the same arguments.

    Parameters
    ----------
    method : str
        ``sobol`` (scrambled), ``latin-hypercube`` or ``halton`` (scrambled).
    points, dimensions : int
    seed : int

    Returns
    -------
    (points, dimensions) float64
        In [0, 1).
    """
    sampler = {"sobol": qmc.Sobol, "latin-hypercube": qmc.LatinHypercube, "halton": qmc.Halton}[method]
    # A generator, since a plain number means different generators from one version of the library to the next.
    engine = sampler(dimensions, seed=np.random.default_rng(seed))
    # Sobol's sequence is made by powers of two; the first points of it are the same whatever the power.
    made = engine.random_base2(math.ceil(math.log2(points))) if method == "sobol" else engine.random(points)
    return np.asarray(np.minimum(made[:points], np.nextafter(1.0, 0.0)))


def between(low: float, high: float, share: float, whole: bool) -> float:
    """Return the value at a share, in [0, 1), of the way from `low` to `high`.

    If `whole`, a whole number (int): each from `low` to `high` has an equal part of the way.
    """
    if whole:
        first, last = math.ceil(low), math.floor(high)
        return first + part(share, last - first + 1)
    return float(f"{low + share * (high - low):.{DIGITS}g}")


def part(share: float, parts: int) -> int:
    """Return in which of `parts` equal parts of the unit interval a share, in [0, 1), is."""
    return min(int(share * parts), parts - 1)
