"""Bounds for a mean that hold however often one looks: Lai's confidence sequence, widened for skewness.

A verdict is about a ratio of sums, minutes over cases: `ratio_interval`. All other figures are means over replications:
`mean_intervals`. Both end in `bounds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, stdtr

F64 = NDArray[np.float64]

SKEWNESS_FACTOR = 1.5
"""The sample skewness is taken so much larger than it is: a small sample shows too little of a long tail."""
LOOKS_PER_SQUARED_SKEWNESS = 10.0
"""No verdict before so many replications times the squared sample skewness."""
RARE = 1 / 50
"""Of equal values the mean is not taken to be known before others, one in so many, would have been among them."""
ROUNDING = 1e-12
"""A variance is zero if it is so small a part of the mean square that it was computed from."""
MOST_DOUBLINGS = 60


class Side(Enum):
    """Where a mean is found to lie."""

    BELOW = "not above zero"
    ABOVE = "above zero"
    CLOSE = "within the margin of zero"
    OPEN = "not known"


@dataclass(frozen=True)
class Boundary:
    """How far from zero a mean must be before it is taken to differ from zero.

    Attributes
    ----------
    smallest : int
        Smallest number of values at which one looks, at least 2; fixed beforehand.
    error : float
        Probability, on each side, of ever being wrong at `smallest` values or more; between 0 and 0.5.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    For independent normal values of unknown variance, with no last look. Source: Lai (1976), On confidence
    sequences; see also Wang and Ramdas (2023), Anytime-valid t-tests.
    """

    smallest: int
    error: float

    def __post_init__(self) -> None:
        if self.smallest < 2:
            raise ValueError(f"the smallest number of values must be at least 2, not {self.smallest}")
        if not 0 < self.error < 0.5:
            raise ValueError(f"the error on each side must be between 0 and 0.5, not {self.error}")

    def factor(self, n: ArrayLike) -> F64:
        """Return the half width in standard deviations (of divisor n) after `n` values; NaN if n < smallest.

        Parameters
        ----------
        n : int or array of int
        """
        numbers = np.asarray(n, np.float64)
        looked = np.where(numbers >= self.smallest, numbers, np.nan)
        start = self.smallest * np.log1p(_start(self.smallest, self.error) ** 2 / (self.smallest - 1))
        return np.asarray(np.sqrt(np.expm1((np.log(looked / self.smallest) + start) / looked)))


def _exceedance(a: ArrayLike, smallest: int) -> F64:
    """Return the probability that the boundary which starts at `a` is ever crossed: 1 − F(a) + a·f(a)."""
    a = np.asarray(a, np.float64)
    freedom = smallest - 1
    log_scale = gammaln(smallest / 2) - gammaln(freedom / 2) - 0.5 * np.log(np.pi * freedom)
    density = np.exp(log_scale - smallest / 2 * np.log1p(a * a / freedom))
    return np.asarray(stdtr(freedom, -a) + a * density)


@lru_cache(maxsize=256)
def _start(smallest: int, error: float) -> float:
    """Return the boundary at `smallest` values, in Student's t."""
    high = 1.0
    while _exceedance(high, smallest) > error:
        high *= 2
    return root_between(lambda a: float(_exceedance(a, smallest)) - error, 0.0, high)


def bounds(
    n: ArrayLike, mean: ArrayLike, spread: ArrayLike, skewness: ArrayLike, boundary: Boundary
) -> tuple[F64, F64]:
    """Return the lower and the upper bound of a mean; the arguments broadcast.

    Parameters
    ----------
    n : int or array of int
        Number of values; NaN bounds below `boundary.smallest`.
    mean, spread, skewness : float or array of float
        Of the sample; `spread` is the standard deviation of divisor n, `skewness` the mean cube over its cube.
    boundary : Boundary

    Notes
    -----
    Hall's (1992) cubic transform of the studentised mean, used only where it widens.
    """
    factor = boundary.factor(n)
    g = SKEWNESS_FACTOR * np.asarray(skewness, np.float64)
    mean, spread = np.asarray(mean, np.float64), np.asarray(spread, np.float64)
    low = mean - spread * np.maximum(factor, _hall(factor, g, n))
    high = mean + spread * np.maximum(factor, -_hall(-factor, g, n))
    return np.asarray(low), np.asarray(high)


def _hall(y: F64, g: F64, n: ArrayLike) -> F64:
    """Return (3/g)·(cbrt(1 + g·(y − g/(6n))) − 1), written without the difference that small g would spoil."""
    shifted = y - g / (6 * np.asarray(n, np.float64))
    root = np.cbrt(1 + g * shifted)
    return np.asarray(3 * shifted / (root * root + root + 1))


def _hall_inverse(z: F64, g: F64, n: ArrayLike) -> F64:
    return np.asarray(z * (1 + g * z / 3 + (g * z) ** 2 / 27) + g / (6 * np.asarray(n, np.float64)))


def p_value(n: ArrayLike, mean: ArrayLike, spread: ArrayLike, skewness: ArrayLike, smallest: int) -> tuple[F64, F64]:
    """Return the always-valid p-values of "the mean is not above zero" and of "the mean is above zero".

    Each is the smallest error at which the bound of its side leaves zero outside. They are at most 0.5, at which
    nothing speaks against the statement, as below `smallest` values. Without any spread it is the probability that
    none of `RARE` others was seen, for what the mean contradicts. For the parameters see `bounds`; the arguments
    broadcast.
    """
    n, mean, spread = (np.asarray(given, np.float64) for given in (n, mean, spread))
    g = SKEWNESS_FACTOR * np.asarray(skewness, np.float64)
    known = spread <= 0
    y = mean / np.where(known, 1.0, spread)
    inverse = _hall_inverse(y, g, n)
    # The bound takes the wider of two intervals, so of the two the one that shows less counts.
    t2 = np.where(y * inverse > 0, np.minimum(y * y, inverse * inverse), 0.0)
    with np.errstate(over="ignore"):
        exponent = (n * np.log1p(t2) - np.log(n / smallest)) / smallest
        start = np.sqrt((smallest - 1) * np.expm1(np.maximum(exponent, 0.0)))
    # Beyond all numbers a is infinite, and a·f(a) would be NaN.
    p = np.where(np.isfinite(start), _exceedance(np.where(np.isfinite(start), start, 0.0), smallest), 0.0)
    p = np.where(known, np.minimum((1 - RARE) ** n, 0.5), p)
    shown = n >= smallest
    return (
        np.where(shown & (mean > 0), p, 0.5),
        np.where(shown & ((mean < 0) | (known & (mean <= 0))), p, 0.5),
    )


def prefix_moments(x: F64) -> tuple[F64, F64, F64]:
    """Return mean, spread (divisor n) and skewness of the first 1, 2, ... values; the last axis is that of values.

    Each is a function of its own prefix alone, to the last bit. The skewness is 0 where there is no spread.
    """
    n = np.arange(1, x.shape[-1] + 1)
    # Centred on the first value, not on the mean of all, which those to come would change.
    centred = x - x[..., :1]
    squares = centred * centred
    first, second = np.cumsum(centred, axis=-1) / n, np.cumsum(squares, axis=-1) / n
    third = np.cumsum(squares * centred, axis=-1) / n
    variance = second - first * first
    variance = np.where(variance > ROUNDING * second, variance, 0.0)
    cubes = third - first * (3 * second - 2 * first * first)
    return x[..., :1] + first, np.sqrt(variance), _skewness(variance, cubes)


def _skewness(variance: F64, cubes: F64) -> F64:
    spreads = variance > 0
    safe = np.where(spreads, variance, 1.0)
    return np.where(spreads, cubes / safe / np.sqrt(safe), 0.0)


def finite_values(x: F64) -> int:
    """Return how many values there are before the first that is not finite; of a table, rows."""
    wrong = np.flatnonzero(~np.isfinite(x).all(axis=tuple(range(1, x.ndim))))
    return int(wrong[0]) if len(wrong) else len(x)


def first_finding(
    x: F64, margin: float | F64, boundary: Boundary, earliest: int = 0, rare: bool = True, slack: float = 0.0
) -> tuple[Side, int]:
    """Return where the mean of `x` lies, and the first look at which that is found.

    One looks after each value from the boundary's smallest number on. The finding is BELOW once the upper bound is not
    above zero, ABOVE once the lower one is above zero, CLOSE once both are within the margin, in this order at each
    look, and not before 10 times the squared skewness. More values never change a finding. Values without any spread
    are taken to be their mean.

    Parameters
    ----------
    x : (n,) float64
        Independent values. An infinite one decides at once, unless the finding was made before it.
    margin : float or (n,) float64
        In the unit of `x`; if it differs from look to look, at each.
    boundary : Boundary
    earliest : int
        No finding before so many values.
    rare : bool
        Whether values without any spread are not taken to be their mean before there are so many that others, one in
        `RARE`, would have been among them.
    slack : float
        By how much the mean may be farther off on either side.

    Returns
    -------
    Side, int
        OPEN and n if nothing is found yet.
    """
    finite = finite_values(x)
    first = max(boundary.smallest, earliest)
    if finite >= first:
        looks = slice(first - 1, finite)
        n = np.arange(first, finite + 1)
        mean, spread, skewness = (moment[looks] for moment in prefix_moments(x[:finite]))
        low, high = bounds(n, mean, spread, skewness, boundary)
        low, high = low - slack, high + slack
        near = np.broadcast_to(margin, x.shape)[looks]
        below, above, close = high <= 0, low > 0, (low > -near) & (high < near)
        equal = equal_values(boundary.error) if rare else 0.0
        enough = np.where(spread > 0, LOOKS_PER_SQUARED_SKEWNESS * skewness**2, equal)
        found = (below | above | close) & (n >= enough)
        if found.any():
            at = int(found.argmax())
            return Side.BELOW if below[at] else Side.ABOVE if above[at] else Side.CLOSE, first + at
    # What is infinite stays so, whatever else a verdict waits for.
    look = max(boundary.smallest, finite + 1)
    if finite < len(x) and look <= len(x):
        # Of both kinds, or not a number at all: there is no mean, and never will be.
        kinds = set(x[:look][~np.isfinite(x[:look])].tolist())
        if kinds == {np.inf}:
            return Side.ABOVE, look
        if kinds == {-np.inf}:
            return Side.BELOW, look
    return Side.OPEN, len(x)


def equal_values(error: float) -> float:
    """Return how many equal values it takes until `RARE` others are missed with no more than some error."""
    return float(np.log(error) / np.log1p(-RARE))


def mean_intervals(values: F64, boundary: Boundary) -> tuple[F64, F64, F64]:
    """Return the mean of each column with its always-valid interval.

    Parameters
    ----------
    values : (n, k) float64, n at least 1
        A row for each independent replication; NaN = it has no such figure, and is left out of that column.
    boundary : Boundary

    Returns
    -------
    mean, low, high : (k,) float64
        Infinite if a value is. NaN ends if fewer than `smallest` have the figure, NaN throughout if none has.
    """
    values = np.asarray(values, np.float64)
    there = ~np.isnan(values)
    n = there.sum(axis=0)
    divisor = np.maximum(n, 1)
    anchor = values[there.argmax(axis=0), np.arange(values.shape[1])]
    with np.errstate(invalid="ignore"):
        # Centred on a value of its own, so that a column of equal values has no spread to the last bit.
        centred = values - anchor
        centred[~there] = 0.0
        shift = centred.sum(axis=0) / divisor
        usable = np.isfinite(shift) & (n > 0)
        centred -= shift
        centred[~there] = 0.0
        squares = centred * centred
        variance = np.where(usable, squares.sum(axis=0) / divisor, 0.0)
        cubes = np.einsum("ij,ij->j", squares, centred) / divisor
        infinite = values.sum(axis=0, where=there)
    mean = np.where(usable, anchor + shift, np.where(n > 0, infinite, np.nan))
    low, high = bounds(divisor, np.where(usable, mean, 0.0), np.sqrt(variance), _skewness(variance, cubes), boundary)
    return mean, np.where(usable, low, mean), np.where(usable, high, mean)


def ratio_interval(sums: F64, counts: F64, boundary: Boundary, widened: float = 1.0) -> tuple[float, float, float]:
    """Return sum of `sums` over sum of `counts` with its always-valid interval.

    The interval holds the θ for which the mean of sums − θ·counts is not found to differ from zero. An end is
    infinite if the counts differ so much that no θ is far enough.

    Parameters
    ----------
    sums, counts : (n,) float64
        One pair for each independent replication; counts not negative. An infinite sum makes all three infinite.
    boundary : Boundary
    widened : float
        By how much wider the bounds are, as pairs that follow each other go together.

    Returns
    -------
    estimate, low, high : float
        NaN ends if n < `smallest`.

    Raises
    ------
    ValueError
        If the counts are all zero.
    """
    total = float(counts.sum())
    if total <= 0:
        raise ValueError("there is no ratio: the counts are all zero")
    estimate = float(sums.sum()) / total
    n = len(sums)
    if np.isinf(estimate):
        return estimate, estimate, estimate
    if n < boundary.smallest or np.isnan(estimate):
        return estimate, np.nan, np.nan
    mean_count = total / n
    # In θ − estimate the moments are polynomials: of the residual e and the centred count k, x = e − (θ − estimate)·k.
    e = sums - estimate * counts
    e -= e.mean()
    k = counts - mean_count
    if np.abs(e).max() <= ROUNDING * abs(estimate) * mean_count:
        e[:] = 0.0
    squares = (float(e @ e) / n, float(e @ k) / n, float(k @ k) / n)
    cubes = (float(e**3 @ np.ones(n)) / n, float(e**2 @ k) / n, float(e @ k**2) / n, float(k**3 @ np.ones(n)) / n)

    def ends(d: float) -> tuple[float, float]:
        """Return both bounds of the mean of sums − (estimate + d)·counts."""
        variance = max(squares[0] - d * (2 * squares[1] - d * squares[2]), 0.0)
        cube = cubes[0] - d * (3 * cubes[1] - d * (3 * cubes[2] - d * cubes[3]))
        skewness = cube / variance**1.5 if variance > 0 else 0.0
        low, high = bounds(n, -d * mean_count, widened * np.sqrt(variance), skewness, boundary)
        return float(low), float(high)

    low_at_zero, high_at_zero = ends(0.0)
    low = estimate - _root(lambda d: ends(-d)[0], -low_at_zero / mean_count)
    high = estimate + _root(lambda d: -ends(d)[1], high_at_zero / mean_count)
    return estimate, low, high


def _root(rising: Callable[[float], float], guess: float) -> float:
    """Return the first root beyond 0 of a function that is negative there; infinity if it never rises above zero.

    A guess of 0 says that the function is proportional to its argument.
    """
    if np.isinf(guess):
        return guess
    if guess == 0:
        return 0.0 if rising(1.0) > 0 else float("inf")
    begin, end = 0.0, guess
    for _ in range(MOST_DOUBLINGS):
        if rising(end) > 0:
            return root_between(rising, begin, end)
        begin, end = end, 2 * end
    return float("inf")


def root_between(function: Callable[[float], float], begin: float, end: float) -> float:
    """Return the root of a function that is not above zero at `begin`, and not below it at `end`."""
    # Not earlier: it takes a third of a second, in which the first years are played.
    from scipy.optimize import brentq

    return float(brentq(function, begin, end, xtol=1e-14 * end, rtol=1e-14))
