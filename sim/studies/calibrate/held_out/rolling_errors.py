"""How far forecasts are off: of a figure over the periods, and of one kind of fit against another."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np
from scipy.special import bdtr

from sim.studies.calibrate.log.steps import F64
from sim.studies.calibrate.records import Foretold

OLDER = 2
"""Periods by which the oldest fit is older than the youngest that could foretell a period."""
FEWEST_PERIODS = 6
"""Periods below which two fits are not held against each other: no test could tell them apart at 5 %."""
ERROR, INSIDE, RARELY = 0.05, 0.95, 0.001
Key = tuple[date, str, str]


@dataclass(frozen=True)
class Course:
    """A figure through the periods.

    Attributes
    ----------
    step, measure : str
    rows : tuple of Foretold
        Both sides known, and not such as could not be missed, by the youngest fits; in the order of time.
    ratio : float
        Median of log over model; NaN if there is none.
    out : Foretold or None
        The first that lies outside its interval.
    off, off_older : float
        Mean error of the youngest fits, and of those that are `OLDER` periods older, on the same periods; NaN if there
        are none.
    """

    step: str
    measure: str
    rows: tuple[Foretold, ...]
    ratio: float
    out: Foretold | None
    off: float
    off_older: float

    @property
    def inside(self) -> int:
        """In how many periods the log lies inside."""
        return sum(row.inside for row in self.rows)

    @property
    def too_few(self) -> bool:
        """Whether a model that is right has so few inside in less than 1 of 1,000 courses."""
        return float(bdtr(self.inside, len(self.rows), INSIDE)) < RARELY if self.rows else False


@dataclass(frozen=True)
class Against:
    """Errors of one kind of fit against those of another, on the same figures of the same periods.

    Attributes
    ----------
    periods : int
    one, other : float
        Mean errors; NaN without periods.
    p : float
        Chance of so large a difference, in either direction, if there is none; NaN with too few periods.
    """

    periods: int
    one: float
    other: float
    p: float

    @property
    def clear(self) -> bool:
        """Whether they differ by more than chance explains."""
        return self.clear_among(1)

    def clear_among(self, comparisons: int) -> bool:
        """Say whether they do in the farthest apart of so many comparisons (Bonferroni)."""
        return self.p * comparisons <= ERROR


def courses(rows: Sequence[Foretold]) -> list[Course]:
    """Return the figures that the youngest fits foretell, in the order of the steps."""
    young: dict[tuple[str, str], list[Foretold]] = defaultdict(list)
    for row in rows:
        if row.older == 0:
            young[row.step, row.measure].append(row)
    found = []
    for (step, measure), mine in young.items():
        known = tuple(row for row in mine if row.comparable and row.telling)
        ratios = [row.observed / row.simulated for row in known if row.simulated > 0 and row.observed > 0]
        here = [row for row in rows if (row.step, row.measure) == (step, measure)]
        both = against(of_age(here, 0), of_age(here, OLDER))
        found.append(Course(
            step, measure, known, float(np.median(ratios)) if ratios else math.nan,
            next((row for row in known if not row.inside), None), both.one, both.other,
        ))  # fmt: skip
    return found


def of_age(rows: Iterable[Foretold], older: int) -> list[Foretold]:
    """Return what fits foretell that are so many periods older than the youngest."""
    return [row for row in rows if row.older == older]


def against(one: Iterable[Foretold], other: Iterable[Foretold]) -> Against:
    """Return the errors of one kind of fit against those of another.

    Notes
    -----
    The error of a figure is the distance of log and model in halves of the interval of the one: so it has the same
    scale for both, and each figure counts alike. Of a period there is the mean over the figures that both tell; the
    chance is that of the mean difference if the sign of each period's difference is drawn (Fisher's randomisation).
    """
    one, other = list(one), list(other)
    width = {_key(row): row.high - row.low for row in one if row.comparable and 0 < row.high - row.low < math.inf}
    mine, theirs = (_errors(side, width) for side in (one, other))
    by_period: dict[date, list[tuple[float, float]]] = defaultdict(list)
    for key in sorted(mine.keys() & theirs.keys()):
        by_period[key[0]].append((mine[key], theirs[key]))
    if not by_period:
        return Against(0, math.nan, math.nan, math.nan)
    means = np.array([np.mean(pairs, axis=0) for pairs in by_period.values()])
    apart = means[:, 1] - means[:, 0]
    one_mean, other_mean = map(float, means.mean(axis=0))
    return Against(len(means), one_mean, other_mean, _chance(apart))


def _key(row: Foretold) -> Key:
    return row.first, row.step, row.measure


def _errors(rows: Iterable[Foretold], width: Mapping[Key, float]) -> dict[Key, float]:
    """Return the errors of the figures that can be told, in halves of some intervals."""
    found = {_key(row): abs(row.observed - row.simulated) for row in rows if row.comparable and _key(row) in width}
    return {key: 2 * far / width[key] for key, far in found.items() if math.isfinite(far)}


def _chance(apart: F64) -> float:
    if len(apart) < FEWEST_PERIODS:
        return math.nan
    signs = np.array(list(product((-1.0, 1.0), repeat=len(apart))))
    # Sums of the same numbers may differ in their last bit.
    return float((np.abs(signs @ apart) >= abs(apart.sum()) * (1 - 1e-9)).mean())
