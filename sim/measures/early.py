"""What few years tell of a target: of their parts, four weeks are a value; and what is beyond all doubt."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.measures.sequential import (
    LOOKS_PER_SQUARED_SKEWNESS,
    ROUNDING,
    Boundary,
    Side,
    bounds,
    finite_values,
    prefix_moments,
    root_between,
)

F64 = NDArray[np.float64]

FEWEST_PARTS = 4
"""With fewer in a year it is only seen that they miss by far."""
YEARS, YEARS_ALONE = 5, 8
"""Replications from which on one looks; with fewer parts."""
EARLY_PART, FAR_PART = 0.25, 0.05
"""Of the error of a side: what looks before the usual ones may spend, besides; how much of that on what is beyond
doubt."""
FEWEST_YEARS = 2
"""Replications before which even that is not said."""
STAKE = 0.9
"""Of what is betted with, see `beyond_doubt`."""
UNEVEN = 1.1
"""Ratio of the numbers of cases of replications up to which these pass for equal."""
MOST_DEPENDENT = 0.3
"""Correlation of neighbouring parts from which on they tell too little by themselves."""


def boundary_of(late: Boundary, parts: int) -> Boundary | None:
    """Return the boundary of the early looks at replications with so many parts; None if they would not be earlier."""
    first = first_look(parts)
    return Boundary(first * parts, (EARLY_PART - FAR_PART) * late.error) if first < late.smallest else None


def first_look(parts: int) -> int:
    """Return the number of replications at which one looks first."""
    return YEARS if parts >= FEWEST_PARTS else YEARS_ALONE


def widenings(x: F64, first: int) -> F64:
    """Return by how much wider intervals are since parts go together, after `first` and more replications.

    Parameters
    ----------
    x : (n, parts) float64
    first : int

    Returns
    -------
    (n - first + 1,) float64
        At least 1; infinite if they go together so much that they tell too little by themselves.

    Notes
    -----
    The parts of a year differ by season, which widens intervals too, as it is taken for chance. So what is looked at
    here is each part's difference from the same part of the other years. Of an autoregressive series of the first
    order with the correlation r of neighbours, the mean has (1 + r) / (1 − r) times the variance that it has with none.
    What whole years have in common shows in how far their sums are apart: if that is more, it counts.
    """
    parts = x.shape[1]
    n = np.arange(first, len(x) + 1)

    def so_far(values: F64) -> F64:
        return np.cumsum(values, axis=0)[first - 1 :]

    # Nearly about zero, so that squares lose nothing; of the first years alone, which more years do not change.
    x = x - x[:first].mean()
    total, sums, by_part, years = so_far((x * x).sum(axis=1)), so_far(x.sum(axis=1)), so_far(x), x.sum(axis=1)
    squares = total - (by_part * by_part).sum(axis=1) / n
    together = so_far((x[:, 1:] * x[:, :-1]).sum(axis=1)) - (by_part[:, 1:] * by_part[:, :-1]).sum(axis=1) / n
    variance = (total - sums * sums / (n * parts)) / n
    between = (so_far(years * years) - sums * sums / n) / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(squares > ROUNDING * total, np.maximum(together * parts / max(parts - 1, 1) / squares, 0.0), 0.0)
        apart = np.where((variance > ROUNDING * total) & (parts > 1), between / variance, 0.0)
        return np.where(r < MOST_DEPENDENT, np.sqrt(np.maximum((1 + r) / (1 - r), apart)), np.inf)


def finding(x: F64, near: F64, boundary: Boundary, fails_only: bool, slack: float = 0.0) -> tuple[Side, int, float]:
    """Return where the mean of `x` lies, when that is found, and by how much wider intervals are then.

    One looks after each replication, as `sequential.first_finding` does; after all it is OPEN if it is not found.

    Parameters
    ----------
    x : (n, parts) float64
        By how much the cases of each part miss the target together; infinite if somebody never got a licence.
    near : (n,) float64
        What is nearer to zero is too close, at each look.
    boundary : Boundary
        That of `boundary_of`.
    fails_only : bool
        Whether it is only seen that the target is missed.
    slack : float
        By how much the mean may be farther off on either side.
    """
    years, parts = x.shape
    first = boundary.smallest // parts
    finite = finite_values(x)
    if finite >= first:
        n = np.arange(first, finite + 1) * parts
        mean, spread, skewness = (moment[n - 1] for moment in prefix_moments(x[:finite].ravel()))
        wider = widenings(x[:finite], first)
        told = np.isfinite(wider)
        low, high = bounds(n, mean, spread * np.where(told, wider, 1.0), skewness, boundary)
        low, high, near = low - slack, high + slack, near[first - 1 : finite]
        above, below = low > 0, (high <= 0) & (not fails_only)
        close = (low > -near) & (high < near) & (not fails_only)
        # Values that are all alike show nothing yet.
        enough = (n >= LOOKS_PER_SQUARED_SKEWNESS * skewness**2) & (spread > 0) & told
        found = (above | below | close) & enough
        if found.any():
            at = int(found.argmax())
            return Side.BELOW if below[at] else Side.ABOVE if above[at] else Side.CLOSE, first + at, float(wider[at])
        if finite == years:
            return Side.OPEN, years, float(wider[-1])
    used = max(first, finite + 1)
    infinite = used <= years and set(x[:used][~np.isfinite(x[:used])].tolist()) == {np.inf}
    return (Side.ABOVE, used, 1.0) if infinite else (Side.OPEN, years, 1.0)


def beyond_doubt(bad: F64, counts: F64, promised: float, error: float) -> tuple[int, float, float] | None:
    """Return after how many replications it is beyond doubt that a target is missed, whatever years may be like.

    Parameters
    ----------
    bad : (n,) float64
        Of each replication: what must not be much, and cannot be negative; minutes, or cases that are late. What comes
        after one that is negative is not looked at.
    counts : (n,) float64
        Its cases.
    promised : float
        The most that may be bad of a case on average.
    error : float
        Probability of ever being wrong.

    Returns
    -------
    int, float, float, or None
        Replications, the lower end of what is bad of a case, and the p-value; None if it is not beyond doubt.

    Notes
    -----
    Who stakes a part of what he has on each year, and gets it back times the year's figure over what is promised, does
    not gain on average while the target is kept. So the probability that he ever has 1 / `error` times what he began
    with is at most `error`. No distribution is asked for: years are independent, and nothing is negative. The numbers
    of cases must hardly differ from year to year.
    Source: Ville (1939); Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting.
    """
    finite = min(finite_values(np.where(bad < 0, np.nan, bad)), finite_values(counts))
    bad, counts = bad[:finite], counts[:finite]
    even = np.maximum.accumulate(counts) <= UNEVEN * np.minimum.accumulate(counts)
    if finite < FEWEST_YEARS or not (even & (counts > 0))[FEWEST_YEARS - 1] or promised <= 0:
        return None
    each, goal = bad / np.where(counts > 0, counts, 1.0), -math.log(error)

    def won(of: float) -> F64:
        return np.cumsum(np.log1p(STAKE * (each / of - 1)))

    sure = np.flatnonzero((won(promised) >= goal) & even & (np.arange(finite) >= FEWEST_YEARS - 1))
    if not len(sure):
        return None
    n = int(sure[0]) + 1
    low = root_between(lambda of: goal - float(won(of)[n - 1]), promised, max(float(each[:n].max()), promised))
    return n, max(low, promised), math.exp(-float(won(promised)[n - 1]))
