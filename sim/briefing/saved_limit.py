"""Read the folder of a limit: the demand that each plan carries, and the levels that were judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sim.briefing.saved import SavedError, SavedExperiment, read_kind
from sim.briefing.words import Language

KIND = "limit"


class Mark(NamedTuple):
    """The demand of a calendar year, in registrations."""

    registrations: int
    year: int


@dataclass(frozen=True)
class PlanBracket:
    """A plan and the demand that it carries.

    Attributes
    ----------
    plan : str
        Its name.
    title_en, title_zh : str
    holds, fails : int or None
        Largest demand that HOLDS, smallest that FAILS [registrations a year]; None if no level does.
    lowest, highest : int
        Levels at the ends of those that could be judged.
    own : int
        Registrations a year of the scenario itself.
    monotone : bool
        No level was found to hold above one that was found to fail.
    tests, replications : int
        Levels judged, and replications of all of them together.
    cost, staff_hours : float
        Yuan of staff with overtime, and hours on duty as planned, over the scenario's period, at the largest demand
        that holds; at one near the scenario's own if none does. NaN if not known.
    breaks_from, breaks_to : date or None
        Middle of the twelve months whose demand rises to `holds` and to `fails`; None if it never does.
    """

    plan: str
    title_en: str
    title_zh: str
    holds: int | None
    fails: int | None
    lowest: int
    highest: int
    own: int
    monotone: bool
    tests: int
    replications: int
    cost: float
    staff_hours: float
    breaks_from: date | None
    breaks_to: date | None

    def title(self, language: Language) -> str:
        """Return the plan's title."""
        return self.title_en if language == "en" else self.title_zh


@dataclass(frozen=True)
class JudgedLevel:
    """A level of demand that was judged.

    Attributes
    ----------
    plan : str
    step : int
        From 1, in the order in which the plan's levels were judged.
    registrations : int
        A year.
    verdict : str
    estimate, low, high : float
        Minutes or a share; inf if somebody never gets a licence, NaN if the office cannot finish its cases.
    replications : int
    why : str
        What is the matter if there is no estimate.
    """

    plan: str
    step: int
    registrations: int
    verdict: str
    estimate: float
    low: float
    high: float
    replications: int
    why: str


@dataclass(frozen=True)
class SavedLimit(SavedExperiment):
    """The results of a limit.

    Attributes
    ----------
    plans : tuple of PlanBracket
        The first is the one whose demand grows.
    steps : tuple of JudgedLevel
    """

    plans: tuple[PlanBracket, ...]
    steps: tuple[JudgedLevel, ...]

    @property
    def growth(self) -> float:
        """Growth a year, as a share."""
        return float(self.manifest["growth"])

    @property
    def marks(self) -> list[Mark]:
        """Demand of the base year and of the next."""
        return [Mark(mark["registrations"], mark["year"]) for mark in self.manifest["marks"]]

    @property
    def days(self) -> tuple[int, int]:
        """Working days that the costs are over: least and most of the plans."""
        least, most = self.manifest["working_days"]
        return least, most

    def levels_of(self, plan: PlanBracket) -> list[JudgedLevel]:
        """Return the judged levels of a plan, from the lowest."""
        found = [step for step in self.steps if step.plan == plan.plan]
        return sorted(found, key=lambda step: step.registrations)

    @property
    def efficient(self) -> list[PlanBracket]:
        """The plans of the frontier, from the cheapest: none that costs no more is known to carry as much or more.

        Of plans that cost the same and carry the same, all are on it; one that no demand holds with is not.
        """
        able = [plan for plan in self.plans if plan.holds is not None and not math.isnan(plan.cost)]
        priced = sorted(able, key=lambda plan: plan.cost)
        return [plan for plan in priced if not any(_beats(other, plan) for other in priced)]


def _beats(plan: PlanBracket, other: PlanBracket) -> bool:
    """Say whether a plan carries at least as much for no more money, and is better in one of the two."""
    both = (plan.holds or 0) - (other.holds or 0), other.cost - plan.cost
    return min(both) >= 0 and max(both) > 0


def read_limit(folder: Path) -> SavedLimit:
    """Read the results of a limit.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    manifest, (plans, steps) = read_kind(folder, KIND, ["brackets", "steps"])
    try:
        read = SavedLimit(
            folder,
            manifest,
            tuple(PlanBracket(**_named(row, PlanBracket)) for row in plans),
            tuple(JudgedLevel(**_named(row, JudgedLevel)) for row in steps),
        )
        for needed in ("name", "target", "rule", "growth", "base", "marks", "working_days", "seed"):
            manifest[needed]
    except KeyError as error:
        raise SavedError(f"{folder}: {error} is missing in the results; run the limit again") from error
    if not read.plans:
        raise SavedError(f"{folder}: a limit without plans; run the limit again")
    return read


def _named(row: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    return {field.name: row[field.name] for field in fields(kind)}
