"""Read the folder of an explanation: stages, one more of staff, late cases, and the week in which they wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.briefing.saved import NO_FIGURE, Figure, SavedError, SavedExperiment, read_kind
from sim.briefing.words import Language

KIND = "explanation"
LATE, IN_TIME, WHOLE = "late", "in time", "clock"
BETTER = "better"
HALF_HOURS, WEEKDAYS = 48, 7
Row = TypeVar("Row", "Stage", "OneMore", "LatePart")


@dataclass(frozen=True)
class Stage:
    """What a stage adds.

    Attributes
    ----------
    stage : str
    contribution, low, high : float
        Minutes, or share in time that it takes away; NaN ends without an interval, NaN if not defined.
    share : float
        Of what all stages add.
    alone : float
        The target's figure with unlimited staff at this stage alone.
    waiting : float
        Minutes that a case waits there, whoever is the cause; NaN without logs.
    """

    stage: str
    contribution: float
    low: float
    high: float
    share: float
    alone: float
    waiting: float


@dataclass(frozen=True)
class OneMore:
    """One more of a pool.

    Attributes
    ----------
    pool, where : str
        `where` is "all day" or "midday".
    difference, low, high : float
        To the plan: minutes or a share.
    finding : str
        As in a comparison.
    cost_difference : float
        Yuan over the days simulated.
    cost_per_minute, cost_per_minute_low, cost_per_minute_high : float
        Yuan for each licence-minute saved, or each licence more in time; NaN if no saving was found.
    replications : int
    """

    pool: str
    where: str
    difference: float
    low: float
    high: float
    finding: str
    cost_difference: float
    cost_per_minute: float
    cost_per_minute_low: float
    cost_per_minute_high: float
    replications: int


@dataclass(frozen=True)
class LatePart:
    """A part of the clock of late cases, or of those in time.

    Attributes
    ----------
    group : str
        "late" or "in time".
    part : str
        "clock" for the whole, else such as "wait review".
    minutes, low, high : float
        Mean over the group's cases.
    share : float
        Of the group's clock.
    cases : float
        Share of the group in all cases.
    """

    group: str
    part: str
    minutes: float
    low: float
    high: float
    share: float
    cases: float


@dataclass(frozen=True)
class SavedExplanation(SavedExperiment):
    """The results of an explanation.

    Attributes
    ----------
    stages : tuple of Stage
    one_more : tuple of OneMore
    late_cases : tuple of LatePart
    week : dict of stage to (7, 48) float64
        Minutes that late cases wait in a week of five working days, by weekday from Monday and half-hour.
    """

    stages: tuple[Stage, ...]
    one_more: tuple[OneMore, ...]
    late_cases: tuple[LatePart, ...]
    week: Mapping[str, NDArray[np.float64]]

    def title(self, language: Language) -> str:
        """Return the scenario's title."""
        return str(self.manifest["scenario"]["title"][language])

    @property
    def to_blame(self) -> list[str]:
        """The stages to blame, the one that adds most first; empty if none is."""
        return list(self.manifest["to_blame"])

    @property
    def verdict(self) -> str:
        """Verdict on the plan; FAILS if it cannot finish its cases."""
        return str(self.manifest["verdict"] or "FAILS")

    @property
    def defined(self) -> bool:
        """Whether the stages have contributions: the figures of all coalitions are finite."""
        return bool(self.stages) and not any(math.isnan(stage.contribution) for stage in self.stages)

    @property
    def unlimited(self) -> Figure:
        """The figure with unlimited staff everywhere."""
        return _figure(self.manifest["unlimited"])

    @property
    def whole(self) -> Figure:
        """The figure of the plan."""
        return _figure(self.manifest["whole"])

    @property
    def promised(self) -> float:
        """What the figure is held against: minutes or a share."""
        return float(self.target["minutes"] if self.about_mean else self.target["level"])

    @property
    def margin(self) -> float:
        """What does not matter: minutes or a share."""
        return float(self.rule["margin"])

    def saved(self, lever: OneMore) -> Figure:
        """Return what one more saves: minutes, or share in time gained."""
        if self.about_mean:
            return Figure(-lever.difference, -lever.high, -lever.low)
        return Figure(lever.difference, lever.low, lever.high)

    def by_part(self, group: str) -> dict[str, LatePart]:
        """Return the parts of the late cases, or of those in time, by name; empty if there are none."""
        return {row.part: row for row in self.late_cases if row.group == group and not math.isnan(row.minutes)}

    def waits(self, group: str) -> float:
        """Return the mean minutes that the late cases, or those in time, wait."""
        return sum(row.minutes for part, row in self.by_part(group).items() if part.startswith("wait "))

    def rest(self, group: str) -> float:
        """Return the mean minutes of the late cases, or of those in time, that are not waiting."""
        return self.by_part(group)[WHOLE].minutes - self.waits(group)

    @property
    def whole_week(self) -> NDArray[np.float64]:
        """Minutes that late cases wait at all stages, shape (7, 48)."""
        return sum(self.week.values(), np.zeros((WEEKDAYS, HALF_HOURS)))


def _figure(facts: Mapping[str, Any]) -> Figure:
    if facts["estimate"] is None:
        return NO_FIGURE
    return Figure(*(math.nan if facts[end] is None else float(facts[end]) for end in ("estimate", "low", "high")))


def read_explanation(folder: Path) -> SavedExplanation:
    """Read the results of an explanation.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    manifest, (stages, more, late, week) = read_kind(folder, KIND, ["stages", "one_more", "late_cases", "week"])
    try:
        for needed in ("name", "target", "rule", "to_blame", "verdict", "unlimited", "whole", "late", "scenario"):
            manifest[needed]
        by_stage: dict[str, NDArray[np.float64]] = {}
        for row in week:
            slot = int(row["from"][:2]) * 2 + int(row["from"][3:]) // 30
            by_stage.setdefault(row["stage"], np.zeros((WEEKDAYS, HALF_HOURS)))[row["weekday"] - 1, slot] = row[
                "minutes"
            ]
        return SavedExplanation(
            folder, manifest, _rows(Stage, stages), _rows(OneMore, more), _rows(LatePart, late), by_stage
        )
    except KeyError as error:
        raise SavedError(f"{folder}: {error} is missing in the results; run the explanation again") from error


def _rows(kind: type[Row], rows: list[dict[str, Any]]) -> tuple[Row, ...]:
    return tuple(kind(**{field.name: row[field.name] for field in fields(kind)}) for row in rows)
