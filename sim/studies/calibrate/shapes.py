"""What a log tells of how long things take: how far each distribution is off, quantiles, and who would still wait."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.results.codec import column
from sim.text import N_


@dataclass(frozen=True)
class ServiceTime:
    """Service times at a step; the distance is Kolmogorov's, between observed and fitted distribution function."""

    step: str = column(N_("step"))
    n: int = column(N_("observations"))
    mean: float = column(N_("mean"), N_("min"))
    cv: float = column(N_("coefficient of variation"))
    # The family with the least AIC; empty if none could be fitted.
    best: str = column(N_("nearest distribution"))
    empirical: bool = column(N_("none fits well"))
    aic_lognormal: float = column(N_("AIC, lognormal"))
    aic_gamma: float = column(N_("AIC, gamma"))
    aic_weibull: float = column(N_("AIC, Weibull"))
    distance_lognormal: float = column(N_("distance, lognormal"))
    distance_gamma: float = column(N_("distance, gamma"))
    distance_weibull: float = column(N_("distance, Weibull"))

    def distance(self, family: str) -> float:
        """Return the distance of a family."""
        return float(getattr(self, f"distance_{family}", math.nan))


@dataclass(frozen=True)
class Quantile:
    """A quantile of the service times at a step, observed and by each fitted family."""

    step: str = column(N_("step"))
    probability: float = column(N_("probability"))
    observed: float = column(N_("observed"), N_("min"))
    lognormal: float = column(N_("lognormal"), N_("min"))
    gamma: float = column(N_("gamma"), N_("min"))
    weibull: float = column(N_("Weibull"), N_("min"))

    def of(self, family: str) -> float:
        """Return the quantile of a family."""
        return float(getattr(self, family))


@dataclass(frozen=True)
class Remaining:
    """Share of those who wait that would still wait after some minutes: Kaplan-Meier with its interval of 95 %."""

    # "phone" or "hall"; "exponential" or "weibull".
    group: str = column(N_("group"))
    model: str = column(N_("distribution"))
    minutes: float = column(N_("waited"), N_("min"))
    remaining: float = column(N_("still waiting"), N_("share"))
    low: float = column(N_("low"), N_("share"))
    high: float = column(N_("high"), N_("share"))
    fitted: float = column(N_("by the distribution"), N_("share"))


@dataclass(frozen=True)
class Goodness:
    """How well a distribution fits service times at a step, or the patience of those who wait there."""

    # One of `STEPS`, or "hall" for patience there; "service" or "patience".
    step: str = column(N_("step"))
    about: str = column(N_("service or patience"))
    # "exponential", "lognormal", "gamma" or "weibull"; or "sample", the log's own times.
    family: str = column(N_("distribution"))
    n: int = column(N_("observations"))
    # Kolmogorov's, between what the log shows and the distribution; of patience where its interval leaves it out.
    distance: float = column(N_("distance"))
    # Whether that is no more than chance explains, or than matters.
    does: bool = column(N_("fits"))
    # Whether the scenario has it.
    used: bool = column(N_("in the scenario"))
    # Of patience: probability of a larger misfit if it were right, NaN = not tested; where it is farthest off, and who
    # would still wait then. Of a sample: where the log ends, and who would still wait then.
    chance: float = column(N_("probability of a larger misfit"), default=math.nan)
    minutes: float = column(N_("waited"), N_("min"), default=math.nan)
    seen: float = column(N_("still waiting"), N_("share"), default=math.nan)
    fitted: float = column(N_("by the distribution"), N_("share"), default=math.nan)
    # Of a sample of services: times of more than a day, which are not in it.
    too_long: int = column(N_("longer than a day, left out"), default=0)
