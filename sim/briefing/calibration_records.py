"""The records of a calibration: estimates, service times, waits, arrivals, people at work, back-test, findings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

FAMILIES = ("lognormal", "gamma", "weibull")
STEPS = ("phone", "online", "filing", "studio", "key", "review", "automatic", "issue")
"""In the order in which a case passes them."""
OTHER = "demand"
"""What an estimate is about that belongs to no step."""
MONTHS, WEEKDAYS, HALF_HOURS = "month", "weekday", "half_hour"
SHARE, SECONDS, HOURS = "share", "s", "h"


NEAR = 0.9
"""Of a value: a naive one that comes so near misleads nobody."""


@dataclass(frozen=True)
class Estimate:
    """A figure that was estimated from the log.

    Attributes
    ----------
    name : str
        Dotted path of a parameter, such as ``review.minutes.mean_minutes``, or a name of the same kind.
    step : str
        One of `STEPS`, or "demand".
    value, low, high : float
        With its interval of 95 %; NaN ends = none can be given.
    n : int
        Observations that it rests on.
    method : str
    unit : str
        "min", "s", "h", "share", or nothing.
    naive : float
        What a look that forgets the unseen would give; NaN = no different.
    assumed : float
        What the parent scenario has; NaN = nothing.
    plausible_low, plausible_high : float
        Plausible range of the parameter; NaN = none.
    used : bool
        Whether the scenario has it.
    """

    name: str
    step: str
    value: float
    low: float
    high: float
    n: int
    method: str
    unit: str
    naive: float
    assumed: float
    plausible_low: float
    plausible_high: float
    used: bool

    @property
    def index(self) -> str:
        """Name of the profile that it is a member of, such as ``demand.month_index``; empty if of none."""
        name, bracket, _ = self.name.partition("[")
        return name if bracket and self.name.endswith("]") and name.endswith("_index") else ""

    @property
    def replaces(self) -> bool:
        """Whether it can be held against an assumption: it has an interval and the parent has a value."""
        return not math.isnan(self.assumed) and self.low <= self.high

    @property
    def differs(self) -> bool:
        """Whether its interval leaves out what was assumed."""
        return self.replaces and not self.low <= self.assumed <= self.high

    def clearly_differs(self, among: int) -> bool:
        """Say whether it differs by more than chance explains in the largest of so many (Bonferroni, at 5 %)."""
        if not self.differs:
            return False
        # On the scale on which both sides of the interval are about alike.
        scale = math.log if min(self.low, self.value, self.assumed) > 0 else float
        value, assumed = scale(self.value), scale(self.assumed)
        end = scale(self.low if assumed < value else self.high)
        own, all_ = (NormalDist().inv_cdf(1 - 0.025 / number) for number in (1, among))
        return abs(assumed - value) > abs(end - value) * all_ / own

    @property
    def implausible(self) -> bool:
        """Whether it lies outside the plausible range."""
        return self.value < self.plausible_low or self.value > self.plausible_high

    @property
    def too_short(self) -> bool:
        """Whether the naive value, of a patience, is so much shorter that it is worth a mark."""
        return self.naive < NEAR * self.value

    @property
    def in_minutes(self) -> tuple[float, float, float, float]:
        """Value, ends and naive value of a time in minutes, whatever its unit."""
        scale = {SECONDS: 1 / 60, HOURS: 60.0}.get(self.unit, 1.0)
        return self.value * scale, self.low * scale, self.high * scale, self.naive * scale

    @property
    def factor(self) -> float:
        """How far it is from what was assumed, as the larger of the two over the smaller; NaN without either."""
        if not (self.value > 0 and self.assumed > 0):
            return math.nan
        return max(self.value / self.assumed, self.assumed / self.value)


@dataclass(frozen=True)
class ServiceTime:
    """Service times at a step.

    Attributes
    ----------
    step : str
    n : int
    mean, cv : float
        Minutes, and their coefficient of variation.
    best : str
        The family with the least AIC; empty if none could be fitted.
    empirical : bool
        No family fits well.
    aic_lognormal, aic_gamma, aic_weibull : float
    distance_lognormal, distance_gamma, distance_weibull : float
        Largest distance between the observed and the fitted distribution function.
    """

    step: str
    n: int
    mean: float
    cv: float
    best: str
    empirical: bool
    aic_lognormal: float
    aic_gamma: float
    aic_weibull: float
    distance_lognormal: float
    distance_gamma: float
    distance_weibull: float

    def distance(self, family: str) -> float:
        """Return the distance of a family."""
        return float(getattr(self, f"distance_{family}", math.nan))


@dataclass(frozen=True)
class Quantile:
    """A quantile of the service times at a step, observed and by each fitted family [min]."""

    step: str
    probability: float
    observed: float
    lognormal: float
    gamma: float
    weibull: float

    def of(self, family: str) -> float:
        """Return the quantile of a family."""
        return float(getattr(self, family))


@dataclass(frozen=True)
class Remaining:
    """Share that would still wait after some minutes.

    Attributes
    ----------
    group : str
        "phone" or "hall".
    model : str
        "exponential" or "weibull".
    minutes, remaining, low, high : float
        Kaplan-Meier with its interval of 95 %.
    fitted : float
        By the model.
    """

    group: str
    model: str
    minutes: float
    remaining: float
    low: float
    high: float
    fitted: float


@dataclass(frozen=True)
class Place:
    """A month, a weekday or a half-hour in the profile of arrivals.

    Attributes
    ----------
    kind : str
        "month", "weekday" or "half_hour".
    place : int
        From 0.
    label : str
        "1" to "12", "mon" to "fri", "08:30".
    value, low, high : float
        Arrivals relative to the others, mean 1, with the interval of 95 %.
    smooth : float
        NaN if nothing was smoothed.
    assumed : float
        What the parent scenario has, with mean 1.
    cases : float
        How many it rests on; 0 = the log has none of it.
    """

    kind: str
    place: int
    label: str
    value: float
    low: float
    high: float
    smooth: float
    assumed: float
    cases: float

    @property
    def seen(self) -> bool:
        """Whether the log has anything of it."""
        return self.cases > 0 and not math.isnan(self.value)


@dataclass(frozen=True)
class OnDuty:
    """People seen at work in a half-hour.

    Attributes
    ----------
    pool, step : str
    weekday : str
        "mon" to "fri".
    from_ : str
        Beginning of the half-hour, such as "08:30".
    seen : int
        So many, or more, were seen on a quarter of the weekday's days.
    plan : int
        Likewise over the days of all weekdays: what the scenario has.
    method : str
        "names", or "busy at once" where the log does not say who served.
    """

    pool: str
    step: str
    weekday: str
    from_: str
    seen: int
    plan: int = 0
    method: str = ""


@dataclass(frozen=True)
class Compared:
    """A figure of the held-out days, observed and simulated.

    Attributes
    ----------
    step, measure : str
        The measure is "a day", "gave up", "wait mean", "wait P90" or "service mean".
    observed : float
    n : int
    simulated : float
        Median of the replications; inf if most of them never finish.
    low, high : float
        Interval in which one more replication lies with 95 %.
    inside : bool
    """

    step: str
    measure: str
    observed: float
    n: int
    simulated: float
    low: float
    high: float
    inside: bool

    @property
    def comparable(self) -> bool:
        """Whether both sides are known."""
        return math.isfinite(self.observed) and self.low <= self.high

    @property
    def telling(self) -> bool:
        """Whether it could have been missed: not where nobody gives up, observed or simulated, as in the review."""
        return not self.low == self.high == self.observed

    @property
    def above(self) -> bool:
        """Whether the log is above the interval; below it if not, where it is outside."""
        return self.observed > self.high

    @property
    def about_share(self) -> bool:
        """Whether it is a share."""
        return self.measure == "gave up"


@dataclass(frozen=True)
class Finding:
    """Something that was wrong with the log: how often, what was done, examples, and the field or word it is about."""

    kind: str
    count: int
    done: str
    examples: str
    about: str = ""
