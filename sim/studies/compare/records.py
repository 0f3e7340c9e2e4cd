"""What a comparison of plans has found: the plans, and the differences between every two of them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from sim.measures.comparing import Finding
from sim.results.about import AS_TARGET, Record, TargetFacts, VerdictWord
from sim.results.codec import column, table
from sim.results.fitted import DrawnOffices
from sim.text import N_, language

FINDINGS = tuple(finding.value for finding in Finding)
BETTER, WORSE, NO_MATERIAL, SAME, NONE_FOUND = FINDINGS
TURNED = {BETTER: WORSE, WORSE: BETTER}
"""The finding when the two plans change places."""
FIRST, ALL = "first", "all"
"""Families: all plans against the first, and every two; the findings of a family are right together."""


@dataclass(frozen=True)
class Plan:
    """A plan.

    The estimate is minutes or a share; inf if somebody never gets a licence, NaN if the office cannot finish its cases.
    """

    plan: str = column(N_("plan"))
    title_en: str = column(N_("title"))
    title_zh: str = column(N_("title"))
    verdict: VerdictWord = column(N_("verdict"))
    estimate: float = column(N_("estimate"), AS_TARGET)
    low: float = column(N_("low"), AS_TARGET)
    high: float = column(N_("high"), AS_TARGET)
    replications: int = column(N_("replications"))
    cost: float = column(N_("staff cost"), N_("yuan"))
    staff_hours: float = column(N_("staff-hours"))
    # 0 and empty if the screening did not leave it out.
    eliminated_at: int = column(N_("screened out after"), N_("replications"))
    eliminated_by: str = column(N_("screened out by"))
    # Where verdict and interval carry what the log of a fitted scenario leaves open; else NaN, empty.
    kept: float = column(N_("probability of keeping the target, given the log"), N_("share"), math.nan)
    kept_error: float = column(N_("its standard error"), N_("share"), math.nan)
    exact: str = column(N_("verdict if the fit is exact"), default="")
    exact_low: float = column(N_("low if the fit is exact"), AS_TARGET, math.nan)
    exact_high: float = column(N_("high if the fit is exact"), AS_TARGET, math.nan)

    @property
    def title(self) -> str:
        """The plan's title."""
        return self.title_en if language() == "en" else self.title_zh


@dataclass(frozen=True)
class Pair:
    """A plan against another: the difference is that of the plan minus the other, in minutes or as a share."""

    family: str = column(N_("family"))
    plan: str = column(N_("plan"))
    other: str = column(N_("against"))
    difference: float = column(N_("difference"), AS_TARGET)
    low: float = column(N_("low"), AS_TARGET)
    high: float = column(N_("high"), AS_TARGET)
    finding: str = column(N_("finding"))
    cost_difference: float = column(N_("cost difference"), N_("yuan"))
    # Licence minutes of all cases of a year together, other business included, that the plan saves.
    saved: float = column(N_("minutes saved"), N_("min"))
    # What one of them costs: NaN where the plan is not both dearer and faster, or cheaper and slower.
    price: float = column(N_("price of a minute"), N_("yuan"))
    price_low: float = column(N_("low"), N_("yuan"))
    price_high: float = column(N_("high"), N_("yuan"))
    # The difference in cost by case.
    cost_of_case: float = column(N_("cost difference of a case"), N_("yuan"))
    # How many times as many replications it would have taken without the same random numbers.
    variance_reduction: float = column(N_("replications saved by pairing"))
    replications: int = column(N_("replications"))
    p_value: float = column(N_("p-value"))
    # Where finding and interval carry what the log of fitted scenarios leaves open; else NaN, empty.
    better: float = column(N_("probability of being better, given the log"), N_("share"), math.nan)
    better_error: float = column(N_("its standard error"), N_("share"), math.nan)
    # Of the log, in the variance that the interval stands for; the rest is the chance of the years.
    from_log: float = column(N_("share of the log"), N_("share"), math.nan)
    exact: str = column(N_("finding if the fit is exact"), default="")
    exact_low: float = column(N_("low if the fit is exact"), AS_TARGET, math.nan)
    exact_high: float = column(N_("high if the fit is exact"), AS_TARGET, math.nan)

    @property
    def turned(self) -> Pair:
        """The same with the plans in each other's place."""
        # What is not there stays what it is.
        given: dict[str, Any] = {} if math.isnan(self.better) else {
            "better": 1 - self.better, "exact": TURNED.get(self.exact, self.exact), "exact_low": -self.exact_high,
            "exact_high": -self.exact_low,
        }  # fmt: skip
        return replace(
            self, plan=self.other, other=self.plan, difference=-self.difference, low=-self.high, high=-self.low,
            finding=TURNED.get(self.finding, self.finding), cost_difference=-self.cost_difference,
            saved=-self.saved, cost_of_case=-self.cost_of_case, **given,
        )  # fmt: skip


@dataclass(frozen=True)
class Screened:
    """The search for the best plan.

    Attributes
    ----------
    best : str
        The plan that is ahead.
    surviving : tuple of str
        Those that may be the best.
    final : bool
        Whether the best is found, or the others are within the margin of it.
    """

    best: str
    surviving: tuple[str, ...]
    final: bool


@dataclass(frozen=True, kw_only=True)
class PlanComparison(Record):
    """Plans under common random numbers.

    Attributes
    ----------
    target : TargetFacts
        The same for all; differences below its margin do not matter.
    working_days : int
    replications : int
        Most of a plan.
    screening : Screened or None
        If the best was looked for.
    scenarios : tuple of dict
        Of the plans, in full.
    given_log : DrawnOffices or None
        None if the plans have no values that were fitted to one log, or if they are taken as exact. If it is there,
        verdicts, differences and findings carry what the log leaves open.
    plans : tuple of Plan
        Two at least; the first is the one that the others are held against.
    pairs : tuple of Pair
    """

    target: TargetFacts
    working_days: int
    replications: int
    screening: Screened | None
    scenarios: tuple[dict[str, Any], ...]
    given_log: DrawnOffices | None = None
    plans: tuple[Plan, ...] = table("plans")
    pairs: tuple[Pair, ...] = table("pairs")

    @property
    def against_first(self) -> list[Pair]:
        """All plans but the first, against it."""
        return [pair for pair in self.pairs if pair.family == FIRST]

    @property
    def every_two(self) -> dict[tuple[str, str], Pair]:
        """Every two plans, in both orders, by their names."""
        found = [pair for pair in self.pairs if pair.family == ALL]
        return {(pair.plan, pair.other): pair for both in found for pair in (both, both.turned)}

    @property
    def findings(self) -> dict[str, int]:
        """How many plans are better than the first by what matters, worse, and so on."""
        found = Counter(map(self.what_matters, self.against_first))
        return {finding: found[finding] for finding in FINDINGS if found[finding]}

    def what_matters(self, pair: Pair) -> str:
        """Return a finding; of a difference whose whole interval does not matter, that it is not material."""
        small = max(abs(pair.low), abs(pair.high)) < self.target.margin
        return NO_MATERIAL if pair.finding in TURNED and small else pair.finding

    def number(self, plan: str) -> int:
        """Return the place of a plan, from 1."""
        return [each.plan for each in self.plans].index(plan) + 1


ANSWER = PlanComparison
