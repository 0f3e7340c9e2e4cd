"""How often the verdict is wrong on numbers of known distributions: the part of `calibration.py` without an office."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from sim.measures.sequential import (
    LOOKS_PER_SQUARED_SKEWNESS,
    Boundary,
    Side,
    bounds,
    first_finding,
    prefix_moments,
)

F64 = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, int]], F64]

LOOKS = 2000
CHUNK = 250
MARGIN = 0.1
"""In standard deviations."""
CHECKED = 10
"""So many trials of each family are put to the verdict's own code as well."""
SHIFTS = (-1.0, -0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5, 1.0)
SIDES = (Side.BELOW, Side.ABOVE, Side.CLOSE, Side.OPEN)
BOUNDARIES = tuple(
    Boundary(smallest, 0.025 / tests)
    for tests, several in ((1, (10, 20, 30, 50)), (10, (20, 30, 50)), (40, (30, 50, 100)))
    for smallest in several
)


def _centred(draw: Draw, mean: float, spread: float) -> Draw:
    return lambda rng, shape: (draw(rng, shape) - mean) / spread


def _lognormal(sigma: float) -> Draw:
    mean = np.exp(sigma**2 / 2)
    return _centred(lambda rng, shape: rng.lognormal(0, sigma, shape), mean, mean * np.sqrt(np.expm1(sigma**2)))


def _disasters(one_in: int, size: float) -> Draw:
    share = 1 / one_in
    spread = np.sqrt(1 + size**2 * share * (1 - share))
    return _centred(
        lambda rng, shape: rng.standard_normal(shape) + size * (rng.random(shape) < share), size * share, spread
    )


def _weibull(shape: float) -> Draw:
    from scipy.stats import weibull_min

    mean, variance = weibull_min.stats(shape)
    return _centred(lambda rng, size: rng.weibull(shape, size), float(mean), float(np.sqrt(variance)))


FAMILIES: dict[str, tuple[bool, Draw]] = {
    # True: the constants of the procedure were chosen with these in view.
    "normal": (True, lambda rng, shape: rng.standard_normal(shape)),
    "Student t, 5 degrees of freedom": (True, _centred(lambda rng, shape: rng.standard_t(5, shape), 0, (5 / 3) ** 0.5)),
    "gamma, skewness 1": (True, _centred(lambda rng, shape: rng.standard_gamma(4, shape), 4, 2)),
    "exponential, skewness 2": (True, _centred(lambda rng, shape: rng.standard_exponential(shape), 1, 1)),
    # (e^s + 2)·sqrt(e^s − 1) = 4 at s = sigma².
    "lognormal, skewness 4": (True, _lognormal(0.8325546111576977)),
    "normal, one in 50 moved by +10": (True, _disasters(50, 10)),
    "uniform": (False, lambda rng, shape: rng.uniform(-(3**0.5), 3**0.5, shape)),
    "Gumbel, skewness 1.1": (
        False, _centred(lambda rng, shape: rng.gumbel(0, 1, shape), float(np.euler_gamma), np.pi / 6**0.5),
    ),
    "normal, one in 10 moved by +5": (False, _disasters(10, 5)),
    "chi-square, 1 degree of freedom, skewness 2.8": (
        False, _centred(lambda rng, shape: rng.chisquare(1, shape), 1, 2**0.5),
    ),
    "Weibull, shape 0.7, skewness 3.5": (False, _weibull(0.7)),
    "Pareto, index 5, skewness 4.6": (
        False, _centred(lambda rng, shape: rng.pareto(5, shape), 1 / 4, (5 / 48) ** 0.5),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Outcomes:
    """What one boundary made of the trials of a family whose true mean is zero.

    Attributes
    ----------
    family : str
    boundary : Boundary
    trials : int
    false_holds, false_fails : int
        Trials that were ever found below, or above, zero.
    misses : int
        Trials in which zero was ever outside the bounds, verdicts being allowed or not.
    sides : (shifts, 4) int64
        Trials by first finding (BELOW, ABOVE, CLOSE, OPEN), with the values moved by each of `SHIFTS`.
    looks, looks2 : (shifts,) float64
        Sum over the trials of the look at which that was found, and of its square.
    """

    family: str
    boundary: Boundary
    trials: int
    false_holds: int
    false_fails: int
    misses: int
    sides: NDArray[np.int64]
    looks: F64
    looks2: F64


def measure_all(trials: int, seed: int, processes: int) -> dict[str, list[Outcomes]]:
    """Return the outcomes of each family, by boundary."""
    jobs = [(name, trials, seed) for name in FAMILIES]
    if processes == 1:
        return {job[0]: measure_family(*job) for job in jobs}
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        found = list(pool.map(measure_family, *zip(*jobs, strict=True)))
    return dict(zip(FAMILIES, found, strict=True))


def measure_family(family: str, trials: int, seed: int) -> list[Outcomes]:
    """Return the outcomes of one family, by boundary; the trials are the same for all of them."""
    rng = np.random.default_rng([seed, list(FAMILIES).index(family)])
    draw = FAMILIES[family][1]
    tallies = [_Tally(boundary) for boundary in BOUNDARIES]
    n = np.arange(1, LOOKS + 1)
    for begin in range(0, trials, CHUNK):
        x = draw(rng, (min(CHUNK, trials - begin), LOOKS))
        moments = prefix_moments(x)
        ready = n >= LOOKS_PER_SQUARED_SKEWNESS * moments[2] ** 2
        for tally in tallies:
            looks = slice(tally.boundary.smallest - 1, None)
            low, high = bounds(n[looks], *(moment[:, looks] for moment in moments), tally.boundary)
            tally.add(low, high, ready[:, looks])
            if begin == 0:
                tally.check(x[:CHECKED])
    return [tally.outcomes(family, trials) for tally in tallies]


class _Tally:
    """Counts, added up chunk by chunk."""

    def __init__(self, boundary: Boundary) -> None:
        self.boundary = boundary
        self.ever = np.zeros(3, np.int64)
        self.sides = np.zeros((len(SHIFTS), len(SIDES)), np.int64)
        self.looks, self.looks2 = np.zeros(len(SHIFTS)), np.zeros(len(SHIFTS))
        self.first: list[tuple[Side, int]] = []

    def add(self, low: F64, high: F64, ready: NDArray[np.bool_]) -> None:
        """Add trials; the arrays have a row for each, and a column for each look."""
        below, above = high <= 0, low > 0
        self.ever += [int(which.any(axis=1).sum()) for which in (below & ready, above & ready, below | above)]
        rows = np.arange(len(low))
        for s, shift in enumerate(SHIFTS):
            below, above = high + shift <= 0, low + shift > 0
            close = (low + shift > -MARGIN) & (high + shift < MARGIN)
            found = (below | above | close) & ready
            at = found.argmax(axis=1)
            side = np.where(below[rows, at], 0, np.where(above[rows, at], 1, 2))
            is_found = found.any(axis=1)
            side = np.where(is_found, side, 3)
            look = np.where(is_found, at + self.boundary.smallest, LOOKS)
            self.sides[s] += np.bincount(side, minlength=len(SIDES))
            self.looks[s] += look.sum()
            self.looks2[s] += (look.astype(np.float64) ** 2).sum()
            if shift == 0 and not self.first:
                self.first = [(SIDES[i], int(look)) for i, look in zip(side[:CHECKED], look[:CHECKED], strict=True)]

    def check(self, x: F64) -> None:
        """Compare with what the verdict's own code says of single trials."""
        assert self.first == [first_finding(trial, MARGIN, self.boundary) for trial in x]

    def outcomes(self, family: str, trials: int) -> Outcomes:
        holds, fails, misses = self.ever.tolist()
        return Outcomes(family, self.boundary, trials, holds, fails, misses, self.sides, self.looks, self.looks2)


def of_shift(outcomes: Outcomes, shift: float) -> tuple[Sequence[int], float, float]:
    """Return the trials by first finding, the mean number of looks and its standard error."""
    s = SHIFTS.index(shift)
    mean = outcomes.looks[s] / outcomes.trials
    variance = outcomes.looks2[s] / outcomes.trials - mean**2
    return outcomes.sides[s].tolist(), float(mean), float(np.sqrt(max(variance, 0.0) / outcomes.trials))
