"""What an attribution found: what each stage adds, one more of staff, late cases, and the week in which they wait."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import Unfinished
from sim.results.about import AS_TARGET, Interval, Record, TargetFacts, VerdictWord
from sim.results.codec import column, table
from sim.text import N_, language

LATE, IN_TIME, WHOLE = "late", "in time", "clock"
WAITS = ("wait ", "closed ")
"""How the names of parts that are waiting begin: of who came to a stage while it was open, and while it was closed."""
BETTER = "better"
HALF_HOURS, WEEKDAYS = 48, 7
SHOWN = 0.005
"""Minutes that are shown as more than none."""


@dataclass(frozen=True)
class Stage:
    """What a stage adds to the target's figure: minutes, or the share in time that it takes away.

    NaN if the plan has no finite figure; NaN ends without an interval, NaN minutes of waiting without late cases.
    """

    stage: str = column(N_("stage"))
    contribution: float = column(N_("adds"), AS_TARGET)
    low: float = column(N_("low"), AS_TARGET)
    high: float = column(N_("high"), AS_TARGET)
    share: float = column(N_("of the sum"), N_("share"))
    alone: float = column(N_("with unlimited staff there alone"), AS_TARGET)
    # Whoever is the cause; in minutes of the target's clock.
    waiting: float = column(N_("waiting there, a licence"), N_("min"))

    @property
    def interval(self) -> Interval:
        """What it adds, with its interval."""
        return Interval(self.contribution, self.low, self.high)


@dataclass(frozen=True)
class OneMore:
    """One more of a pool, all day or at midday; the difference is to the plan, minutes or a share.

    Yuan are for each licence-minute saved, or each licence more in time; NaN if no saving was found.
    """

    pool: str = column(N_("staff"))
    where: str = column(N_("where"))
    difference: float = column(N_("difference"), AS_TARGET)
    low: float = column(N_("low"), AS_TARGET)
    high: float = column(N_("high"), AS_TARGET)
    finding: str = column(N_("finding"))
    # Over the days simulated.
    cost_difference: float = column(N_("cost difference"), N_("yuan"))
    cost_per_minute: float = column(N_("yuan a minute saved"))
    cost_per_minute_low: float = column(N_("low, yuan a minute"))
    cost_per_minute_high: float = column(N_("high, yuan a minute"))
    replications: int = column(N_("replications"))


@dataclass(frozen=True)
class LatePart:
    """Mean minutes of late cases, or of those in time, in a part of the clock; `cases` is the group's share of all."""

    group: str = column(N_("group"))
    part: str = column(N_("part"))
    minutes: float = column(N_("minutes"), N_("min"))
    low: float = column(N_("low"), N_("min"))
    high: float = column(N_("high"), N_("min"))
    share: float = column(N_("of its minutes"), N_("share"))
    cases: float = column(N_("of all licences"), N_("share"))


@dataclass(frozen=True)
class HalfHour:
    """Minutes that late cases wait at a stage in a half-hour of a week of five working days; weekday 1 is Monday."""

    weekday: int = column(N_("weekday"))
    begins: str = column(N_("from"))
    stage: str = column(N_("stage"))
    minutes: float = column(N_("minutes"), N_("min"))


@dataclass(frozen=True)
class LateShare:
    """Share of the late cases, its interval (NaN if there is none), those that never get a licence, and years seen.

    `closed` is the share of the late that came to a stage while it was closed (NaN if nobody is late), `closed_at` the
    stage at which these waited most; `unopened` the mean minutes until a stage opened, of all.
    """

    share: float
    low: float
    high: float
    never: int
    closed: float
    closed_at: str
    unopened: float
    replications: int


@dataclass(frozen=True, kw_only=True)
class Attribution(Record):
    """What makes the licences late.

    Attributes
    ----------
    target : TargetFacts
    verdict : str
        On the plan by itself; FAILS if it cannot finish its cases.
    unfinished : Unfinished or None
        What it cannot finish.
    to_blame : tuple of str
        Stages that add most, the first of them first; empty if none is found to add anything.
    unlimited, whole : Interval
        The target's figure with unlimited staff everywhere, and that of the plan; NaN if it is not finite.
    replications, stage_replications : int
        The most that any answer rests on, and those of the contributions.
    residual : float
        Largest difference, in any replication, between the contributions' sum and what it should be.
    late : LateShare
        NaN if the plan cannot finish its cases.
    licences : float
        Cases on target of the plan.
    working_days : int
    whole_year : bool
    office_stages : tuple of str
        All, in the office's order.
    scenario : dict
        In full.
    stages : tuple of Stage
        Those that somebody visits.
    one_more : tuple of OneMore
    late_cases : tuple of LatePart
    week : tuple of HalfHour
    """

    target: TargetFacts
    verdict: VerdictWord
    unfinished: Unfinished | None
    to_blame: tuple[str, ...]
    unlimited: Interval
    whole: Interval
    replications: int
    stage_replications: int
    residual: float
    late: LateShare
    licences: float
    working_days: int
    whole_year: bool
    office_stages: tuple[str, ...]
    scenario: dict[str, Any]
    stages: tuple[Stage, ...] = table("stages")
    one_more: tuple[OneMore, ...] = table("one_more")
    late_cases: tuple[LatePart, ...] = table("late_cases")
    week: tuple[HalfHour, ...] = table("week", in_json=False)

    @property
    def title(self) -> str:
        """Title of the scenario."""
        return str(self.scenario["title"][language()])

    @property
    def about_mean(self) -> bool:
        """Whether what the stages add is minutes; a share if not."""
        return self.target.about_mean

    @property
    def defined(self) -> bool:
        """Whether the stages have contributions: all figures that they are made of are finite."""
        return bool(self.stages) and not any(math.isnan(stage.contribution) for stage in self.stages)

    def saved(self, lever: OneMore) -> Interval:
        """Return what one more saves: minutes, or share in time gained."""
        if self.about_mean:
            return Interval(-lever.difference, -lever.high, -lever.low)
        return Interval(lever.difference, lever.low, lever.high)

    def matters(self, lever: OneMore) -> bool:
        """Whether one more is found to save what matters."""
        return lever.finding == BETTER and self.saved(lever).estimate >= self.target.margin

    def by_part(self, group: str) -> dict[str, LatePart]:
        """Return the parts of the late cases, or of those in time, by name; empty if there are none."""
        return {row.part: row for row in self.late_cases if row.group == group and not math.isnan(row.minutes)}

    @property
    def parts(self) -> list[str]:
        """The parts of the clock that are worth a row: of who came to a closed stage, where that shows."""
        largest: dict[str, float] = {}
        for row in self.late_cases:
            largest[row.part] = max(largest.get(row.part, 0.0), row.minutes)
        return [part for part, most in largest.items() if most >= SHOWN or not part.startswith(WAITS[1])]

    def waits(self, group: str) -> float:
        """Return the mean minutes that the late cases, or those in time, wait."""
        return sum(row.minutes for part, row in self.by_part(group).items() if part.startswith(WAITS))

    def rest(self, group: str) -> float:
        """Return the mean minutes of the late cases, or of those in time, that are not waiting."""
        return self.by_part(group)[WHOLE].minutes - self.waits(group)

    @property
    def whole_week(self) -> NDArray[np.float64]:
        """Minutes that late cases wait at all stages, by weekday from Monday and half-hour, shape (7, 48)."""
        found = np.zeros((WEEKDAYS, HALF_HOURS))
        for row in self.week:
            hour, minute = row.begins.split(":")
            found[row.weekday - 1, int(hour) * 2 + int(minute) // 30] += row.minutes
        return found


ANSWER = Attribution
