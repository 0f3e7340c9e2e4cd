"""What an office's own log tells: figures with intervals, how the fitted office does on other days, what was wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from statistics import NormalDist
from typing import Any

from sim.results.about import Record, TargetFacts
from sim.results.codec import column, table
from sim.studies.calibrate.changes import CHANGED, CauseOfChange, Change, Moved, index_of
from sim.studies.calibrate.dependence import Dependent
from sim.studies.calibrate.log.notes import Note
from sim.studies.calibrate.log.report import FileRead, LogFinding, Word
from sim.studies.calibrate.lying.rules import Gain
from sim.studies.calibrate.shapes import Goodness, Quantile, Remaining, ServiceTime
from sim.text import N_

FAMILIES = ("lognormal", "gamma", "weibull")
DEMAND = "demand"
"""What an estimate is about that belongs to no step."""
DAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = (*DAYS, "sat", "sun")
MONTH, WEEKDAY, HALF_HOUR = "month", "weekday", "half_hour"
SHARE = "share"
STARTS = "starts estimated"
"""Part of the method of an estimate that rests on starts of service that the log does not tell."""
OF_WEEKS = "range over the weeks of the log"
"""End of the method of an estimate whose ends are no interval: so far it goes in logs made of weeks of the log."""
PATIENCE = {"phone": "phone.profiles[0].patience_seconds", "hall": "filing.hall_patience.mean_minutes"}
"""Names of the estimates of patience, by group of those who wait."""


@dataclass(frozen=True)
class Estimate:
    """A figure that was estimated from a log; what it is held against is there once it is part of a record."""

    # The dotted path of a parameter, such as "review.minutes.mean_minutes", or a name of the same kind.
    name: str = column(N_("name"))
    value: float = column(N_("value"))
    # Ends of the interval of 95 %, each estimate for itself; NaN = none can be given.
    low: float = column(N_("low"))
    high: float = column(N_("high"))
    n: int = column(N_("observations"))
    # In a short word or two: "lognormal, ML".
    method: str = column(N_("method"))
    # As in the parameter table: min, s, h, share; empty for a pure number.
    unit: str = column(N_("unit"), default="")
    # What leaving out the censored, the unseen or the congested would give; NaN if there is no difference to show.
    naive: float = column(N_("naive"), default=math.nan)
    # One of `STEPS`, or `DEMAND`.
    step: str = column(N_("step"), default="")
    # What the parent has, and the plausible range of the parameter; NaN = nothing.
    assumed: float = column(N_("assumed before"), default=math.nan)
    plausible_low: float = column(N_("plausible from"), default=math.nan)
    plausible_high: float = column(N_("plausible to"), default=math.nan)
    # Whether the fitted scenario has it.
    used: bool = column(N_("used"), default=False)

    @property
    def known(self) -> bool:
        """Whether there is a value with an interval."""
        return all(map(math.isfinite, (self.value, self.low, self.high)))

    def covers(self, truth: float) -> bool:
        """Say whether a value is in the interval."""
        return self.low <= truth <= self.high

    @property
    def index(self) -> str:
        """Name of the profile that it is a member of; empty if of none."""
        return index_of(self.name)

    @property
    def replaces(self) -> bool:
        """Whether it can be held against an assumption: it has an interval and the parent has a value."""
        return not math.isnan(self.assumed) and self.low <= self.high

    @property
    def differs(self) -> bool:
        """Whether its interval leaves out what was assumed."""
        return self.replaces and not self.covers(self.assumed)

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
    def in_minutes(self) -> tuple[float, float, float, float]:
        """Value, ends and naive value of a time in minutes, whatever its unit."""
        scale = {"s": 1 / 60, "h": 60.0}.get(self.unit, 1.0)
        return self.value * scale, self.low * scale, self.high * scale, self.naive * scale

    @property
    def factor(self) -> float:
        """How far it is from what was assumed, as the larger of the two over the smaller; NaN without either."""
        if not (self.value > 0 and self.assumed > 0):
            return math.nan
        return max(self.value / self.assumed, self.assumed / self.value)


@dataclass(frozen=True)
class Place:
    """A month, a weekday or a half-hour in the profile of arrivals, relative to the others: their mean is 1."""

    kind: str = column(N_("month, weekday or half-hour"))
    place: int = column(N_("place"))
    # "1" to "12", "mon" to "fri", "08:30".
    label: str = column(N_("name"))
    value: float = column(N_("value"))
    low: float = column(N_("low"))
    high: float = column(N_("high"))
    # NaN if nothing was smoothed.
    smooth: float = column(N_("smoothed"))
    assumed: float = column(N_("assumed before"))
    # 0 = the log has none of it.
    cases: int = column(N_("cases"))

    @property
    def seen(self) -> bool:
        """Whether the log has anything of it."""
        return self.cases > 0 and not math.isnan(self.value)


@dataclass(frozen=True)
class Expected:
    """Expected first contacts in a half-hour of a working day, with an interval of 95 %."""

    month: int = column(N_("month"))
    weekday: str = column(N_("weekday"))
    begin: str = column(N_("from"))
    value: float = column(N_("first contacts"))
    low: float = column(N_("low"))
    high: float = column(N_("high"))


@dataclass(frozen=True)
class OnDuty:
    """People seen at work in a half-hour: so many, or more, on half of the days on which so many were wanted."""

    pool: str = column(N_("staff"))
    step: str = column(N_("step"))
    weekday: str = column(N_("weekday"))
    begin: str = column(N_("from"))
    seen: int = column(N_("seen on this weekday"))
    plan: int = column(N_("seen on all days"))
    # "names", or "busy at once" where the log does not say who served.
    method: str = column(N_("counted by"))
    days: int = column(N_("days with a service"))


@dataclass(frozen=True)
class Compared:
    """A figure of the held-out days, as observed and as simulated."""

    step: str = column(N_("step"))
    # "a day", "gave up", "wait mean", "wait P90", "service mean" or "to the queue".
    measure: str = column(N_("measure"))
    observed: float = column(N_("observed"))
    n: int = column(N_("observations"))
    # Median of the replications; inf if most of them never finish.
    simulated: float = column(N_("simulated"))
    # Interval in which one more replication lies with 95 %.
    low: float = column(N_("low"))
    high: float = column(N_("high"))
    inside: bool = column(N_("inside"))

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

    @property
    def off(self) -> float:
        """How far it lies outside its interval, in widths of it."""
        far = max(self.low - self.observed, self.observed - self.high)
        return far / (self.high - self.low) if self.high > self.low else math.inf


@dataclass(frozen=True)
class Foretold(Compared):
    """A figure of a period of the rolling back-test, as observed and as a fit to earlier days foretells it."""

    first: date = column(N_("first day"))
    last: date = column(N_("last day"))
    days: int = column(N_("working days"))
    # The youngest fit that could foretell the period is one to all days before it.
    older: int = column(N_("periods by which the fit is older"))
    # NaN = all days count alike.
    half_life: float = column(N_("half-life"), N_("weeks"))


@dataclass(frozen=True)
class LogFacts:
    """What was read.

    Attributes
    ----------
    files, steps : tuple of str
    rows, kept, cases, working_days : int
    first, last : date
        Days that it covers.
    words : tuple of Word
    assumed : tuple of str
        What is assumed where it does not tell: keys of `ASSUMED`.
    missing, read : tuple of str, tuple of FileRead
        Fields that no file tells; what each column of the files was taken for.
    half_life : float or None
        Weeks after which half of the days count; None = all count alike.
    counted : int or None
        Working days that count; None = all.
    """

    files: tuple[str, ...]
    rows: int
    kept: int
    cases: int
    first: date
    last: date
    working_days: int
    steps: tuple[str, ...]
    words: tuple[Word, ...] = ()
    assumed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    read: tuple[FileRead, ...] = ()
    half_life: float | None = None
    counted: int | None = None

    @property
    def days_told(self) -> int:
        """Working days that the fit rests on."""
        return self.working_days if self.counted is None else self.counted


@dataclass(frozen=True)
class HeldOut:
    """The last days of a log, which the fit has not seen, and how many of them are working days."""

    first: date
    last: date
    days: int


@dataclass(frozen=True)
class NotTold:
    """What could not be estimated or used, a step, a field or a parameter, and why, in English, with its values."""

    what: str
    because: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Calibration(Record):
    """What an office's own log tells of it.

    Attributes
    ----------
    title : dict of language to text, of the fitted scenario
    parent : str, scenario that what the log does not tell is taken from
    log : LogFacts
    held_out : HeldOut or None
    replications : int, of the back-test; None and 0 = there is none
    missing : tuple of NotTold
    notes : tuple of Note
    ranges : dict of path to (low, high), as `sensitivity --ranges` reads them
    scenario : dict
        The parent with what was fitted, in full.
    estimates, dependence, services, quantiles, survival, goodness, profile, arrivals, duty : rows
    back_test, rolling, gains, findings : rows
    change, moved, causes : Change or None, tuples of rows, if it is held against an older log
    """

    title: dict[str, str]
    parent: str
    log: LogFacts
    held_out: HeldOut | None
    replications: int
    missing: tuple[NotTold, ...]
    notes: tuple[Note, ...]
    ranges: dict[str, tuple[float, float]]
    scenario: dict[str, Any]
    estimates: tuple[Estimate, ...] = table("estimates")
    dependence: tuple[Dependent, ...] = table("dependence", in_json=False)
    services: tuple[ServiceTime, ...] = table("services", in_json=False)
    quantiles: tuple[Quantile, ...] = table("quantiles", in_json=False)
    survival: tuple[Remaining, ...] = table("survival", in_json=False)
    goodness: tuple[Goodness, ...] = table("goodness")
    profile: tuple[Place, ...] = table("profile", in_json=False)
    arrivals: tuple[Expected, ...] = table("arrivals", in_json=False)
    duty: tuple[OnDuty, ...] = table("duty", in_json=False)
    back_test: tuple[Compared, ...] = table("back_test")
    rolling: tuple[Foretold, ...] = table("rolling")
    gains: tuple[Gain, ...] = table("gains")
    findings: tuple[LogFinding, ...] = table("findings")
    change: Change | None = None
    moved: tuple[Moved, ...] = table("moved", in_json=False)
    causes: tuple[CauseOfChange, ...] = table("causes")

    @property
    def target(self) -> TargetFacts | None:
        """What is promised, if it is asked what a change does to it."""
        return self.change.target if self.change else None

    @property
    def status(self) -> int:
        """Exit status: whether anything has changed since the log that it is held against."""
        return CHANGED if any(each.moved for each in self.moved) else 0

    @property
    def compared(self) -> list[Compared]:
        """The figures of the back-test of which both sides are known, but for those that could not be missed."""
        return [row for row in self.back_test if row.comparable and row.telling]

    @property
    def missed(self) -> list[Compared]:
        """Those of them that lie outside their intervals, the farthest first."""
        return sorted((row for row in self.compared if not row.inside), key=lambda row: -row.off)

    def foretold(self, half_life: float | None) -> list[Foretold]:
        """Return the rolling back-test by fits with a half-life; None: by those to which all days count alike."""
        wanted = (lambda weeks: math.isnan(weeks)) if half_life is None else (lambda weeks: weeks == half_life)
        return [row for row in self.rolling if wanted(row.half_life)]

    @property
    def used(self) -> list[Estimate]:
        """The estimates that the scenario has."""
        return [estimate for estimate in self.estimates if estimate.used]

    @property
    def replacing(self) -> list[Estimate]:
        """Those of them that stand in place of assumptions, and have an interval."""
        return [estimate for estimate in self.used if estimate.replaces]

    @property
    def differing(self) -> list[Estimate]:
        """Those of these that differ from what was assumed by more than chance explains in so many."""
        known = self.replacing
        return [estimate for estimate in known if estimate.clearly_differs(len(known))]

    def estimate(self, name: str) -> Estimate | None:
        """Return the estimate of a name; None if there is none."""
        return next((estimate for estimate in self.estimates if estimate.name == name), None)

    def places(self, kind: str) -> list[Place]:
        """Return the profile of months, weekdays or half-hours, in their order."""
        return [place for place in self.profile if place.kind == kind]

    def curve(self, group: str) -> list[Remaining]:
        """Return how many would still wait, by minutes."""
        return [row for row in self.survival if row.group == group]

    def patience(self, group: str) -> Estimate | None:
        """Return the estimate of the mean patience of a group; None if there is none."""
        return self.estimate(PATIENCE[group])


ANSWER = Calibration
