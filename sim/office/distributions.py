"""How long things take: the distributions that a service, a patience or a delay may have.

Every one is sampled by inversion, a single uniform number to a single duration, so that the same random numbers
gives a longer time wherever the mean is longer (common random numbers).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.office.parameters import MeanAndCv
    from sim.office.parameters.fields import Sample

FIXED, EXPONENTIAL, LOGNORMAL, WEIBULL, UNIFORM, TRIANGULAR, GAMMA, SAMPLED, SAMPLED_AS_IS = range(9)
"""Codes under which the compiled sampler knows the distributions."""

Lowered = tuple[int, float, float, float]


def _positive(name: str, value: float) -> None:
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{name} must be a finite number above 0, not {value}")


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same `minutes`; `Fixed(inf)` as a patience means: never gives up."""

    minutes: float

    def __post_init__(self) -> None:
        if not self.minutes >= 0:
            raise ValueError(f"minutes must be at least 0, not {self.minutes}")

    def mean(self) -> float:
        """Return the mean [min]."""
        return self.minutes

    def lowered(self) -> Lowered:
        """Return code and parameters for the sampler."""
        return FIXED, self.minutes, 0.0, 0.0


NEVER = Fixed(math.inf)
"""The patience of those who never give up."""
AT_ONCE = Fixed(0.0)
"""No time at all."""


@dataclass(frozen=True, slots=True)
class Exponential:
    """Exponential with the given mean."""

    mean_minutes: float

    def __post_init__(self) -> None:
        _positive("mean_minutes", self.mean_minutes)

    def mean(self) -> float:
        """Return the mean [min]."""
        return self.mean_minutes

    def lowered(self) -> Lowered:
        """Return code and parameters for the sampler."""
        return EXPONENTIAL, self.mean_minutes, 0.0, 0.0


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Lognormal with mean and coefficient of variation of the minutes themselves, not of their log."""

    mean_minutes: float
    cv: float

    def __post_init__(self) -> None:
        _positive("mean_minutes", self.mean_minutes)
        _positive("cv", self.cv)

    @classmethod
    def from_median(cls, median_minutes: float, cv: float) -> Lognormal:
        """Return the lognormal with this median [min] and coefficient of variation."""
        return cls(median_minutes * math.sqrt(1 + cv**2), cv)

    @property
    def sigma_log(self) -> float:
        """Standard deviation of the logarithm."""
        return math.sqrt(math.log1p(self.cv**2))

    @property
    def mu_log(self) -> float:
        """Mean of the logarithm of the minutes."""
        return math.log(self.mean_minutes) - self.sigma_log**2 / 2

    def mean(self) -> float:
        """Return the mean [min]."""
        return self.mean_minutes

    def lowered(self) -> Lowered:
        """Return code and parameters for the sampler."""
        return LOGNORMAL, self.mu_log, self.sigma_log, 0.0


@dataclass(frozen=True, slots=True)
class Weibull:
    """Weibull with mean and shape; a shape above 1 means that patience wears thin with time."""

    mean_minutes: float
    shape: float

    def __post_init__(self) -> None:
        _positive("mean_minutes", self.mean_minutes)
        _positive("shape", self.shape)

    @property
    def scale(self) -> float:
        """Scale of the Weibull distribution [min]."""
        return self.mean_minutes / math.gamma(1 + 1 / self.shape)

    def mean(self) -> float:
        """Return the mean [min]."""
        return self.mean_minutes

    def lowered(self) -> Lowered:
        """Return code and parameters for the sampler."""
        return WEIBULL, self.scale, 1 / self.shape, 0.0


@dataclass(frozen=True, slots=True)
class Uniform:
    """Uniform between `low` and `high` minutes."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high < math.inf:
            raise ValueError(f"0 <= low <= high is needed, not {self.low}, {self.high}")

    def mean(self) -> float:
        """Return the mean [min]."""
        return (self.low + self.high) / 2

    def lowered(self) -> Lowered:
        """Return code and parameters for the sampler."""
        return UNIFORM, self.low, self.high - self.low, 0.0


@dataclass(frozen=True, slots=True)
class Triangular:
    """Triangular between `low` and `high` minutes with its peak at `mode`."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not (0 <= self.low <= self.mode <= self.high < math.inf and self.low < self.high):
            raise ValueError(f"0 <= low <= mode <= high, low < high is needed, not {self.low, self.mode, self.high}")

    def mean(self) -> float:
        """Return the mean [min]."""
        return (self.low + self.mode + self.high) / 3

    def lowered(self) -> Lowered:
        """Return code and parameters for the sampler."""
        return TRIANGULAR, self.low, self.mode, self.high


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma with mean and coefficient of variation of the minutes."""

    mean_minutes: float
    cv: float

    def __post_init__(self) -> None:
        _positive("mean_minutes", self.mean_minutes)
        _positive("cv", self.cv)

    def mean(self) -> float:
        """Return the mean [min]."""
        return self.mean_minutes

    def lowered(self) -> Lowered:
        """Return code and parameters for the sampler: shape and scale."""
        return GAMMA, 1 / self.cv**2, self.mean_minutes * self.cv**2, 0.0


@dataclass(frozen=True, slots=True)
class Sampled:
    """Times as they were seen, stretched to a mean.

    Attributes
    ----------
    times : tuple of float
        Two or more, increasing or equal [min].
    mean_minutes : float
    as_it_is : bool
        Only these times, each as likely as the others; False: also those between two of them, on straight lines.
    """

    times: tuple[float, ...]
    mean_minutes: float
    as_it_is: bool = False

    def __post_init__(self) -> None:
        _positive("mean_minutes", self.mean_minutes)
        increasing = all(a <= b for a, b in pairwise(self.times))
        if len(self.times) < 2 or not increasing or not 0 <= self.times[0] <= self.times[-1] < math.inf:
            raise ValueError("times must be two or more, finite, from 0 on, and increasing or equal")
        _positive("the largest time", self.times[-1])

    @property
    def table(self) -> tuple[float, ...]:
        """The times that are drawn from: with the mean that is wanted."""
        own = math.fsum(self.times) / len(self.times)
        return tuple(time * (self.mean_minutes / own) for time in self.times)

    def mean(self) -> float:
        """Return the mean [min]."""
        return self.mean_minutes

    def lowered(self) -> Lowered:
        """Return code and parameters for the sampler: how many times there are; where they are, lowering adds."""
        return SAMPLED_AS_IS if self.as_it_is else SAMPLED, float(len(self.times)), 0.0, 0.0


Distribution = Fixed | Exponential | Lognormal | Weibull | Uniform | Triangular | Gamma | Sampled


def distributed(time: MeanAndCv) -> Distribution:
    """Return the distribution of a duration; the same one for the same numbers.

    An office has a hundred, of which few differ.
    """
    family = _lognormal if time.family == "lognormal" else _gamma
    return as_seen(time.sample, time.mean_minutes) or family(time.mean_minutes, time.cv)


def as_seen(sample: Sample | None, mean: float) -> Sampled | None:
    """Return times as in a sample, stretched to a mean [min]; None without one."""
    return None if sample is None else _sampled(sample.minutes, mean, sample.as_it_is)


_lognormal, _gamma, _sampled = lru_cache(1024)(Lognormal), lru_cache(1024)(Gamma), lru_cache(64)(Sampled)
