"""What a run found: the verdict on a scenario, its figures, and the profiles of its half-hours and days."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.office.blocks import Unfinished
from sim.results.about import Record, TargetFacts, VerdictWord
from sim.results.assumptions import Assumption
from sim.results.codec import column, streamed, table
from sim.results.fitted import DrawnOffices
from sim.results.sources import Sources
from sim.text import N_, language

F64 = NDArray[np.float64]
MINUTES = N_("min")


class Figure(NamedTuple):
    """Mean of a figure over the replications, and its interval (NaN if there is none)."""

    mean: float
    low: float
    high: float


NO_FIGURE = Figure(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class StageFacts:
    """A stage, and whether its minutes belong to the licence time."""

    name: str
    counted: bool


@dataclass(frozen=True)
class SummaryRow:
    """A figure over the replications that have it; NaN where there is no such number."""

    subject: str = column(N_("subject"))
    by: str = column(N_("by"))
    group: str = column(N_("group"))
    statistic: str = column(N_("statistic"))
    unit: str = column(N_("unit"))
    mean: float = column(N_("mean"))
    low: float = column(N_("low"))
    high: float = column(N_("high"))
    confidence: float = column(N_("confidence of the interval"))
    smallest: float = column(N_("smallest"))
    largest: float = column(N_("largest"))
    replications: int = column(N_("replications"))


@dataclass(frozen=True)
class HalfHour:
    """What a half-hour of the average working day sees: arrivals, the number waiting at a stage, servers on duty."""

    what: str = column(N_("series"))
    name: str = column(N_("stage or pool"))
    begin: str = column(N_("half-hour from"))
    value: float = column(N_("mean number"))


@dataclass(frozen=True)
class TimeBin:
    """How many cases on target take so long, mean over the replications."""

    from_minutes: float = column(N_("times from"), MINUTES)
    to_minutes: float = column(N_("times below"), MINUTES)
    cases: float = column(N_("cases"))


@dataclass(frozen=True)
class Day:
    """The licence time of a day of submission: inf if somebody never gets a licence."""

    date: dt.date = column(N_("date"))
    working: bool = column(N_("working day"))
    cases: float = column(N_("registrations submitted"))
    mean_minutes: float = column(N_("mean licence time"), MINUTES)
    smallest: float = column(N_("smallest of the replications"), MINUTES)
    largest: float = column(N_("largest of the replications"), MINUTES)


@dataclass(frozen=True)
class Premises:
    """How far a verdict reaches, and how many assumptions would turn it.

    Attributes
    ----------
    own : int
        Registrations a year of the scenario.
    holds, fails : int or None
        Largest that was found to keep the target, smallest above that was found to miss it; None: not found.
    lowest, highest : int
        Between which levels were looked at.
    assumptions, turning : int
        Whose range was looked at, and how many of them turn the verdict by themselves; 0 of no verdict that can turn,
        or where somewhere so few come that nothing can be said.
    closed : float
        Share of the late cases that came to a stage while it was closed, in one replication; NaN if nobody is late.
    closed_at : str
        The stage at which these waited most; empty if they are too few for a word.
    replications, screened : int
        That levels of demand were judged by, and that demands and assumptions were looked at with.
    """

    own: int
    holds: int | None
    fails: int | None
    lowest: int
    highest: int
    assumptions: int
    turning: int
    closed: float
    closed_at: str
    replications: int
    screened: int


@dataclass(frozen=True)
class TurningPoint(Assumption):
    """An assumption, and the value at which it turns the verdict, all others as they are."""

    turns_at: float = column(N_("turns the verdict at"))


@dataclass(frozen=True, kw_only=True)
class GivenLog(DrawnOffices):
    """What a verdict is once it carries how well the log tells the office, and what it would be without.

    Attributes
    ----------
    exact : str
        The verdict if the fitted values were exact.
    low, high : float
        Its interval: of the simulated years' chance alone.
    kept, kept_error : float
        Probability that the promise is kept, given the log, and the standard error that it has from being simulated.
    from_log : float
        Share of the log, or of what was drawn besides, in the variance that the interval of the run stands for; the
        rest is the years' chance. NaN where there is no such interval.
    days_to_halve : float
        Working days of a log that would leave an interval half as wide; inf if the years' chance is too large for that,
        NaN if it is not the log alone that was drawn.
    assumed : bool
        Whether what the log does not show was drawn, too, evenly from their plausible ranges.
    never : int
        Offices among them that do not finish, or in which somebody never gets the licence.
    figures : tuple of float
        What the target is about in each of the offices, without the chance of its few years; infinite if never.
    """

    exact: VerdictWord
    low: float
    high: float
    kept: float
    kept_error: float
    from_log: float
    days_to_halve: float
    assumed: bool
    never: int
    figures: tuple[float, ...]


@dataclass(frozen=True)
class Cause:
    """Something that the log leaves open, or does not show: its share in how widely the figure is open."""

    parameter: str = column(N_("parameter"))
    # NaN if it was not drawn.
    share: float = column(N_("share of what is open"), N_("share"))
    # Rows of the log that tell it; 0 = none.
    observations: int = column(N_("observations"))


@dataclass(frozen=True, kw_only=True)
class Run(Record):
    """The verdict on a scenario, and its figures; there are none if the office cannot finish its cases.

    Attributes
    ----------
    target : TargetFacts
    verdict : str
    unfinished : Unfinished or None
        What the office cannot finish; then there are no figures.
    estimate, low, high : float
        What the verdict rests on, minutes or a share, and its interval: inf if somebody never gets the licence, NaN
        where there is none.
    confidence : float
        Of the interval.
    p_value : float or None
    controlled : bool
        Whether the chance of rare days was taken out of what the verdict rests on; the figures have it.
    replications, working_days : int
    kept : int
        Replications that, each by itself, keep the target.
    stages : tuple of StageFacts
    pools : tuple of str
    sources : Sources
    premises : Premises or None
        None if they were not asked for. They take fitted values as exact.
    given_log : GivenLog or None
        None if the scenario has no values that were fitted to a log, or if they are taken as exact. If it is there,
        verdict and interval carry what the log leaves open.
    scenario : dict
        In full.
    scenario_sha256 : str
    nearest : tuple of TurningPoint
        The assumptions that are nearest to turning the verdict.
    causes : tuple of Cause
        What the log leaves open, the largest share first, and what it does not show.
    kpis : iterable of pyarrow.Table
        A row for each replication and figure.
    summary : tuple of SummaryRow
        A row for each figure.
    half_hours, licence_times, days : tuple of HalfHour, TimeBin, Day
        Profiles, mean over the replications.
    """

    target: TargetFacts
    verdict: VerdictWord
    unfinished: Unfinished | None
    estimate: float
    low: float
    high: float
    confidence: float
    p_value: float | None
    controlled: bool
    replications: int
    kept: int
    working_days: int
    stages: tuple[StageFacts, ...]
    pools: tuple[str, ...]
    sources: Sources
    premises: Premises | None
    given_log: GivenLog | None
    scenario: dict[str, Any]
    scenario_sha256: str
    nearest: tuple[TurningPoint, ...] = table("nearest")
    causes: tuple[Cause, ...] = table("causes")
    kpis: Iterable[pa.Table] = streamed("kpis")
    summary: tuple[SummaryRow, ...] = table("summary")
    half_hours: tuple[HalfHour, ...] = table("half_hours", in_json=False)
    licence_times: tuple[TimeBin, ...] = table("licence_times", in_json=False)
    days: tuple[Day, ...] = table("days", in_json=False)

    @property
    def title(self) -> str:
        """The scenario's title."""
        return str(self.scenario["title"][language()])

    @property
    def has_figures(self) -> bool:
        """Whether there are figures: the office could finish its cases."""
        return self.unfinished is None

    @property
    def has_interval(self) -> bool:
        """Whether what the verdict rests on has an interval."""
        return self.low < self.high

    @property
    def held_back(self) -> bool:
        """Whether a verdict is not given although the interval leaves out what is promised."""
        promised = self.target.promised
        return self.verdict == "UNDECIDED" and (self.high < promised or self.low > promised)

    @property
    def counted_stages(self) -> list[str]:
        """Names of the stages whose minutes belong to the licence time."""
        return [stage.name for stage in self.stages if stage.counted]

    @cached_property
    def figures(self) -> dict[tuple[str, str, str, str], Figure]:
        """Figures by subject, by, group and statistic."""
        return {
            (row.subject, row.by, row.group, row.statistic): Figure(row.mean, row.low, row.high) for row in self.summary
        }

    def figure(self, subject: str, statistic: str, by: str = "", group: str = "") -> Figure:
        """Return a figure; NaN if the run has none of this name."""
        return self.figures.get((subject, by, group, statistic), NO_FIGURE)

    def groups(self, subject: str, by: str) -> list[str]:
        """Return the classes, channels, stages or pools of which there are figures on a subject."""
        return list(dict.fromkeys(row.group for row in self.summary if (row.subject, row.by) == (subject, by)))

    def profile(self, what: str, name: str) -> F64:
        """Return the average working day of arrivals, of a stage's queue or of a pool on duty, shape (48,)."""
        return self._profiles[what, name]

    @cached_property
    def _profiles(self) -> dict[tuple[str, str], F64]:
        values: dict[tuple[str, str], list[float]] = {}
        for row in self.half_hours:
            values.setdefault((row.what, row.name), []).append(row.value)
        return {key: np.array(of_day, np.float64) for key, of_day in values.items()}

    @property
    def counted_half_hours(self) -> NDArray[np.bool_]:
        """Which half-hours of the day count towards the licence time, shape (48,)."""
        return counted_half_hours(self.scenario["hours"]["counted"])

    def peak(self, stage: str) -> tuple[str, float]:
        """Return when in the counted hours of an average day most wait at a stage, and how many."""
        queue = np.where(self.counted_half_hours, self.profile("queue", stage), -1.0)
        slot = int(queue.argmax())
        return clock_time(slot), float(queue[slot])


def clock_time(slot: int) -> str:
    """Return when a half-hour of the day begins: ``08:30``."""
    return f"{slot // 2:02d}:{slot % 2 * 30:02d}"


def counted_half_hours(spans: Sequence[str]) -> NDArray[np.bool_]:
    """Return the half-hours touched by spans such as ``08:30-17:00``, shape (48,)."""
    counted = np.zeros(48, bool)
    for span in spans:
        begin, end = (int(moment[:2]) * 60 + int(moment[3:5]) for moment in span.split("-"))
        counted[begin // 30 : -(-end // 30)] = True
    return counted


ANSWER = Run
