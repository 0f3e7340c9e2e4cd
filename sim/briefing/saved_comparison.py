"""Read the folder of a comparison: plans, and the differences between every two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sim.briefing.saved import SavedError, SavedExperiment, read_kind
from sim.briefing.words import Language

KIND = "comparison"
BETTER, WORSE, NO_MATERIAL, NONE_FOUND = "better", "worse", "no material difference", "no difference found"
SAME = "the same in every replication"
FINDINGS = (BETTER, WORSE, NO_MATERIAL, SAME, NONE_FOUND)
TURNED = {BETTER: WORSE, WORSE: BETTER}
"""The finding when the two plans change places."""
FIRST, ALL = "first", "all"
"""Families: all plans against the first, and every two."""


@dataclass(frozen=True)
class Plan:
    """A plan.

    Attributes
    ----------
    plan : str
        Its name.
    title_en, title_zh, verdict : str
    estimate, low, high : float
        Minutes or a share; inf if somebody never gets a licence, NaN if the office cannot finish its cases.
    replications : int
    cost : float
        Yuan of staff a year.
    staff_hours : float
        A year.
    eliminated_at : int
        Replications after which the screening left it out; 0 if it did not.
    eliminated_by : str
        Name of the plan that was better; empty.
    """

    plan: str
    title_en: str
    title_zh: str
    verdict: str
    estimate: float
    low: float
    high: float
    replications: int
    cost: float
    staff_hours: float
    eliminated_at: int
    eliminated_by: str

    def title(self, language: Language) -> str:
        """Return the plan's title."""
        return self.title_en if language == "en" else self.title_zh


@dataclass(frozen=True)
class Pair:
    """A plan against another.

    Attributes
    ----------
    family : str
        "first" or "all"; the intervals of a family hold all at once.
    plan, other : str
    difference, low, high : float
        Of the plan minus the other: minutes or a share.
    finding : str
        "better", "worse", "no material difference" or "no difference found".
    cost_difference : float
        Yuan a year.
    variance_reduction : float
        How many times more replications it would have taken without the same random numbers.
    replications : int
    p_value : float
    """

    family: str
    plan: str
    other: str
    difference: float
    low: float
    high: float
    finding: str
    cost_difference: float
    variance_reduction: float
    replications: int
    p_value: float

    @property
    def turned(self) -> Pair:
        """The same with the plans in each other's place."""
        return replace(
            self, plan=self.other, other=self.plan, difference=-self.difference, low=-self.high, high=-self.low,
            finding=TURNED.get(self.finding, self.finding), cost_difference=-self.cost_difference,
        )  # fmt: skip


@dataclass(frozen=True)
class SavedComparison(SavedExperiment):
    """The results of a comparison.

    Attributes
    ----------
    plans : tuple of Plan
        The first is the one that the others are held against.
    pairs : tuple of Pair
    """

    plans: tuple[Plan, ...]
    pairs: tuple[Pair, ...]

    @property
    def margin(self) -> float:
        """Differences below this do not matter: minutes or a share."""
        return float(self.rule["margin"])

    @property
    def screening(self) -> Mapping[str, Any] | None:
        """Which plan is the best, and which may be, if that was asked for."""
        found: Mapping[str, Any] | None = self.manifest["screening"]
        return found

    @property
    def against_first(self) -> list[Pair]:
        """All plans but the first, against it."""
        return [pair for pair in self.pairs if pair.family == FIRST]

    @property
    def every_two(self) -> dict[tuple[str, str], Pair]:
        """Every two plans, in both orders, by their names."""
        found = [pair for pair in self.pairs if pair.family == ALL]
        return {(pair.plan, pair.other): pair for both in found for pair in (both, both.turned)}

    def number(self, plan: str) -> int:
        """Return the place of a plan, from 1."""
        return [each.plan for each in self.plans].index(plan) + 1


def read_comparison(folder: Path) -> SavedComparison:
    """Read the results of a comparison.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    manifest, (plans, pairs) = read_kind(folder, KIND, ["plans", "pairs"])
    try:
        read = SavedComparison(
            folder,
            manifest,
            tuple(Plan(**{field.name: row[field.name] for field in fields(Plan)}) for row in plans),
            tuple(Pair(**{field.name: row[field.name] for field in fields(Pair)}) for row in pairs),
        )
        for needed in ("name", "target", "rule", "screening"):
            manifest[needed]
    except KeyError as error:
        raise SavedError(f"{folder}: {error} is missing in the results; run the comparison again") from error
    if len(read.plans) < 2:
        raise SavedError(f"{folder}: a comparison of fewer than two plans; run the comparison again")
    return read
