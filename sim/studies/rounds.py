"""Offices that were played for a few years beside the fitted one: how far apart they are without the years' chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtrit

from sim.studies.calibrate.intervals import CONFIDENCE, NORMAL, TAIL

F64 = NDArray[np.float64]

QUARTILES = 1.349
"""Standard deviations between the quartiles of a normal distribution."""


@dataclass(frozen=True)
class Round:
    """Offices that were played with the same random numbers.

    Attributes
    ----------
    places : (offices, drawn) float64
        Where they are.
    apart : (years, offices) float64
        Figure of each in each year, worse = larger: on the log scale of minutes, on that of the log odds of shares; inf
        if never. Of a difference between two plans -inf if never under the other one, NaN if under neither. Once it is
        `beside`, how much worse than the scenario's own.
    own : (years,) float64
        Those of the scenario itself.
    ends : (offices,) bool
        Whether a share is none or all in a year: how far its years are apart says nothing of chance.
    """

    places: F64
    apart: F64
    own: F64 = field(default_factory=lambda: np.zeros(1))
    ends: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, np.bool_))

    @property
    def means(self) -> F64:
        """Mean of each office over its years; not finite if never in one of them, shape (offices,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.apart.mean(axis=0))

    @property
    def middle(self) -> float:
        """Mean of the pairs of which both are finite, of the offices that are if there are none; NaN without any."""
        pairs = (self.means[::2] + self.means[1::2]) / 2
        for of in (pairs, self.means):
            if np.isfinite(of).any():
                return float(of[np.isfinite(of)].mean())
        return math.nan

    def beside(self) -> Round:
        """Return the round with the differences to the scenario, whose own figures are finite."""
        return replace(self, apart=self.apart - self.own[:, None])


def years_apart(rounds: Sequence[Round]) -> float:
    """Return the variance of an office's years around what all offices of their round have in common.

    Parameters
    ----------
    rounds : sequence of Round
        In at least one of them the offices were played for several years; in others nothing is to be seen.
    """
    squares, freedom = 0.0, 0
    for each in rounds:
        apart = each.apart[:, np.isfinite(each.apart).all(axis=0) & ~each.ends]
        years, offices = apart.shape
        if years > 1 and offices > 1:
            rest = apart - apart.mean(axis=0) - apart.mean(axis=1, keepdims=True) + apart.mean()
            squares += float((rest**2).sum())
            freedom += (years - 1) * (offices - 1)
    return squares / freedom if freedom else 0.0


def offices_apart(rounds: Sequence[Round]) -> float:
    """Return the variance between offices, without what is chance of their years or common to those of a round.

    Notes
    -----
    Of a round's offices the squares around its middle have the variance between offices once for each, as what is
    proportional cancels out of the middle, and that of the years once for all but one.
    """
    noise, squares, number = years_apart(rounds), 0.0, 0
    for each in rounds:
        means = each.means[np.isfinite(each.means)]
        if len(means) > 1:
            squares += float(((means - each.middle) ** 2).sum()) - (len(means) - 1) * noise / len(each.apart)
            number += len(means)
    return max(squares / number, 0.0) if number else 0.0


def without_years(rounds: Sequence[Round]) -> list[F64]:
    """Return the offices' means, round by round, without what is chance of their years.

    Notes
    -----
    What the offices of a round have in common is chance of the scenario's own year, so that each round is put to the
    same centre: the mean over all years. The variance around it is that of the offices and that of the years over
    their number, so the means are moved towards it until the first alone is left. In a round with more years they are
    moved by less.
    """
    noise, offices = years_apart(rounds), offices_apart(rounds)
    known = [each for each in rounds if np.isfinite(each.middle)]
    if not known:
        return [each.means for each in rounds]
    centre = float(np.average([each.middle for each in known], weights=[len(each.apart) for each in known]))
    found = []
    for each in rounds:
        whole = offices + noise / len(each.apart)
        part = math.sqrt(offices / whole) if whole > 0 else 0.0
        moved = each.means.copy()
        finite = np.isfinite(moved)
        moved[finite] = centre + part * (moved[finite] - each.middle)
        found.append(moved)
    return found


@dataclass(frozen=True)
class Mixture:
    """Normal distributions of one width around several centres; those at inf are never, NaN is half to either side.

    Attributes
    ----------
    centres : (offices,) float64
    error : float
        Width of each: its standard deviation.
    own : float
        Where the office is that all were drawn about; NaN = nowhere, and all count alike.
    smooth : bool
        Whether each stands for offices near it, too.

    Notes
    -----
    Values that are off to either side alike lengthen waits by more than they shorten them, and of several values this
    adds up: so most of the offices that are drawn about a fitted one are worse than it, and for the same reason it is
    itself, in the median, worse than the office that made the log. To count all alike would count that twice. By their
    weights the offices count as in the bias-corrected percentile interval: with z the normal quantile of the share of
    them that is better than the fitted one, p of them becomes ndtr(ndtri(p) - 2 z). If half of them are better, as
    where a single value decides, all count alike. Source: Efron (1981), Nonparametric standard errors and confidence
    intervals.

    Of 192 offices five are beyond an end, and which these are is chance, as it is how many are better than the fitted
    one. Where the scale is one on which offices are about normal, each stands for a normal distribution about its place
    besides, the wider the fewer they are, and all are moved together by as much as that takes the variance apart.
    Sources: Silverman and Young (1987), The bootstrap: to smooth or not to smooth?; the width is that of Azzalini
    (1981), A note on the estimation of a distribution function and quantiles by a kernel method.
    """

    centres: F64
    error: float
    own: float = math.nan
    smooth: bool = False

    @cached_property
    def _kernels(self) -> tuple[F64, float]:
        """The offices moved together, and the width of what each stands for beside the error."""
        finite = np.isfinite(self.centres)
        inside = self.centres[finite]
        spread = float(inside.std()) if len(inside) > 1 else 0.0
        if not self.smooth or spread <= 0:
            return self.centres, 0.0
        low, high = np.quantile(inside, (0.25, 0.75))
        width = 1.3 * len(inside) ** (-1 / 3) * min(spread, float(high - low) / QUARTILES)
        moved = self.centres.copy()
        moved[finite] = inside.mean() + (inside - inside.mean()) * math.sqrt(max(1 - (width / spread) ** 2, 0.0))
        return moved, width

    def _shares(self, value: float, error: float) -> F64:
        """Return how much of what each office stands for is no more than a value."""
        centres, width = self._kernels
        width = math.hypot(width, error)
        shares = ndtr((value - centres) / width) if width > 0 else np.float64(centres <= value)
        return np.where(np.isnan(centres), 0.5, shares)

    @cached_property
    def weights(self) -> F64:
        """What each of the offices counts for, (offices,), 1 in all."""
        number = len(self.centres)
        if math.isnan(self.own):
            return np.full(number, 1 / number)
        # Of those at its own place half are.
        better = float(self._shares(self.own, 0.0).mean()) - float((self._kernels[0] == self.own).mean()) / 2
        bias = float(ndtri(min(max(better, 0.5 / number), 1 - 0.5 / number)))
        parts = np.diff(ndtr(ndtri(np.arange(number + 1) / number) - 2 * bias))
        return np.asarray(parts[self.centres.argsort().argsort()])

    @property
    def number(self) -> float:
        """How many offices that count alike would tell as much (Kish)."""
        return 1 / float(self.weights @ self.weights)

    def below(self, value: float) -> float:
        """Return the probability of no more than a value."""
        return float(self.weights @ self._shares(value, self.error))

    def quantile(self, probability: float) -> float:
        """Return the value below which this share is; not finite if more than the rest is never."""
        from scipy.optimize import brentq  # a tenth of a second, for fitted scenarios alone

        places, width = self._kernels
        centres, reach = np.sort(places[np.isfinite(places)]), 10 * math.hypot(width, self.error) + 1
        low, high = (float(centres[0]), float(centres[-1])) if len(centres) else (0.0, 0.0)
        low, high = low - reach, high + reach
        if self.below(low) >= probability:
            return -math.inf
        if self.below(high) < probability:
            return math.inf
        return float(brentq(lambda value: self.below(value) - probability, low, high, xtol=1e-10))


@dataclass(frozen=True)
class Carried:
    """A figure of the fitted office that carries what its log leaves open besides the years' chance; worse = larger.

    Attributes
    ----------
    rounds : list of Round
        Beside the fitted office, if it is a place from which others can be told.
    told : bool
        Whether it is: an office that never does is none.
    whole : Mixture
        What the figure may be; of one that is not told, the offices as they were played.
    below, error : float
        Probability that it is no more than a value, and the standard error that it has from being simulated.
    spread : float
        Variance that the log leaves open; NaN if it is not told.
    alike : float
        What `below` would be if all offices counted alike.
    """

    rounds: list[Round]
    told: bool
    whole: Mixture
    below: float
    error: float
    spread: float
    alike: float

    @classmethod
    def of(
        cls, rounds: Sequence[Round], own: float, low: float, high: float, value: float, about: bool = True,
        smooth: bool = False,
    ) -> Carried:  # fmt: skip
        """Return that of a figure.

        Parameters
        ----------
        rounds : sequence of Round
            Of offices that were played, and the fitted one.
        own, low, high : float
            Of the fitted one, and the interval of its chance; inf if never.
        value : float
            That the probability is of.
        about : bool
            Whether all were drawn about the fitted one; what is drawn evenly from a range is not.
        smooth : bool
            Whether offices are about normal on the scale of the figures.
        """
        told = math.isfinite(own) and all(np.isfinite(each.own).all() for each in rounds)
        start = own if told else 0.0
        rounds = [each.beside() if told else each for each in rounds]
        years = sum(len(each.apart) for each in rounds)
        # The fitted office's own years were played as often as a round's offices were: once for all of these.
        error = math.hypot((high - low) / (2 * NORMAL), math.sqrt(years_apart(rounds) / years)) if told else 0.0
        means = [start + of for of in (without_years(rounds) if told else [each.means for each in rounds])]
        whole = Mixture(np.concatenate(means), error, own if told and about else math.nan, told and smooth)
        # Of rounds on one centre the pairs are what is independent; else a round has its years in common.
        apart = np.split(np.arange(len(whole.centres)), len(whole.centres) // 2 if told else len(means))
        without = [replace(whole, centres=np.delete(whole.centres, of)).below(value) for of in apart]
        finite = whole.centres[np.isfinite(whole.centres)]
        spread = (float(finite.var(ddof=1)) if len(finite) > 1 else 0.0) if told else math.nan
        jackknifed = float(np.std(without)) * math.sqrt(len(apart) - 1)
        # Where all are on one side they say nothing of how far beyond them others would be: a normal distribution does.
        scale = math.hypot(float(finite.std()), error) if len(finite) else 0.0
        rest = float(ndtr(-abs(value - float(finite.mean())) / scale)) if scale > 0 else 0.0
        jackknifed = max(jackknifed, math.sqrt(rest * (1 - rest) / whole.number))
        alike = replace(whole, own=math.nan).below(value)
        return cls(rounds, told, whole, whole.below(value), jackknifed, spread, alike)

    @property
    def tail(self) -> float:
        """What is left out at either end.

        How far the offices are apart is known from their pairs alone, so the normal quantile becomes that of Student's
        t, with the freedom of the pairs and, after Satterthwaite, more where the years' chance is a large part.
        """
        if not self.spread > 0:
            return TAIL
        freedom = max(len(self.whole.centres) / 2 - 1, 1) / self.from_log**2
        return float(ndtr(stdtrit(freedom, TAIL)))

    @property
    def ends(self) -> tuple[float, float]:
        """The interval."""
        return self.whole.quantile(self.tail), self.whole.quantile(1 - self.tail)

    @property
    def sure(self) -> bool:
        """Whether the probability, or the rest to 1, is known well enough to be beyond that of an end.

        It is not if a few of the offices decide, as where hardly one is on the other side of the fitted one, unless all
        of them together say the same.
        """
        enough = CONFIDENCE + TAIL
        many = self.whole.number >= len(self.whole.centres) / 4
        many |= self.alike >= enough if self.below > 0.5 else self.alike <= 1 - enough
        return bool(many) and max(self.below, 1 - self.below) - NORMAL * self.error >= enough

    @property
    def from_log(self) -> float:
        """Share of the log in the variance that the interval stands for; the rest is the years' chance."""
        whole = self.spread + self.whole.error**2
        return self.spread / whole if whole > 0 else math.nan

    @property
    def longer(self) -> float:
        """How many times as long a log would leave an interval half as wide; inf if none."""
        chance = self.whole.error**2
        left = (self.spread + chance) / 4 - chance
        return self.spread / left if left > 0 else math.nan if math.isnan(left) else math.inf
