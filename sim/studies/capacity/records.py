"""What plans carry: the demand that each holds with and breaks at, and the levels that were judged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.results.about import AS_TARGET, Record, TargetFacts, VerdictWord
from sim.results.codec import column, table
from sim.results.fitted import DrawnOffices
from sim.text import N_, language

REGISTRATIONS = N_("registrations a year")


@dataclass(frozen=True)
class Mark:
    """The demand of a calendar year, in registrations."""

    registrations: int
    year: int


@dataclass(frozen=True)
class PlanBracket:
    """A plan and the demand that it carries; None where no level was shown to hold, or to fail.

    Where it is `drawn`, its two ends are those of a 95 % interval of its limit, given the log; None where that has no
    end among the levels that the drawn offices were looked at with.
    """

    plan: str = column(N_("plan"))
    title_en: str = column(N_("title"))
    title_zh: str = column(N_("title"))
    holds: int | None = column(N_("largest demand that holds; given the log, low end of the limit"), REGISTRATIONS)
    fails: int | None = column(N_("smallest demand that fails; given the log, high end of the limit"), REGISTRATIONS)
    lowest: int = column(N_("lowest level"), REGISTRATIONS)
    highest: int = column(N_("highest level"), REGISTRATIONS)
    own: int = column(N_("the plan's own demand"), REGISTRATIONS)
    monotone: bool = column(N_("no demand holds above one that fails"))
    tests: int = column(N_("levels judged"))
    replications: int = column(N_("replications"))
    # With overtime, at the largest demand that holds; at one near the scenario's own if none does. NaN if not known.
    cost: float = column(N_("staff cost"), N_("yuan"))
    staff_hours: float = column(N_("staff-hours"), N_("h"))
    # End of the twelve months whose demand rises to `holds` and to `fails`; None if it never does, or did before.
    breaks_from: date | None = column(N_("growth reaches what holds"))
    breaks_to: date | None = column(N_("growth reaches what fails"))
    # Where the first two ends carry what the log of a fitted scenario leaves open; else None and NaN.
    exact_holds: int | None = column(N_("largest demand that holds if the fit is exact"), REGISTRATIONS, None)
    exact_fails: int | None = column(N_("smallest demand that fails if the fit is exact"), REGISTRATIONS, None)
    # Between these levels the drawn offices were looked at.
    drawn_lowest: int | None = column(N_("lowest level of drawn offices"), REGISTRATIONS, None)
    drawn_highest: int | None = column(N_("highest level of drawn offices"), REGISTRATIONS, None)
    # NaN where a demand is none of these levels.
    kept: float = column(N_("probability that this largest demand is carried, given the log"), N_("share"), math.nan)
    kept_error: float = column(N_("its standard error"), N_("share"), math.nan)
    kept_next: float = column(N_("probability that the next year's is, given the log"), N_("share"), math.nan)
    kept_next_error: float = column(N_("its standard error"), N_("share"), math.nan)
    # Of the log, in the variance that the ends stand for; the rest is the chance of the years.
    from_log: float = column(N_("share of the log"), N_("share"), math.nan)

    @property
    def title(self) -> str:
        """The plan's title."""
        return self.title_en if language() == "en" else self.title_zh

    @property
    def drawn(self) -> bool:
        """Whether its ends are those of an interval of its limit, given the log."""
        return self.drawn_lowest is not None


@dataclass(frozen=True)
class JudgedLevel:
    """A level of demand that was judged.

    The estimate is minutes or a share; inf if somebody never gets a licence, NaN if the office cannot finish its cases,
    and `why` says so.
    """

    plan: str = column(N_("plan"))
    step: int = column(N_("step of the search"))
    registrations: int = column(N_("demand"), REGISTRATIONS)
    verdict: VerdictWord = column(N_("verdict"))
    estimate: float = column(N_("estimate"), AS_TARGET)
    low: float = column(N_("low end"), AS_TARGET)
    high: float = column(N_("high end"), AS_TARGET)
    replications: int = column(N_("replications"))
    why: str = column(N_("why there is no estimate"))


@dataclass(frozen=True)
class Levels:
    """The levels of demand that might be judged of a plan, and how many verdicts that can take at most."""

    plan: str
    lowest: int
    highest: int
    number: int
    most_tests: int


@dataclass(frozen=True, kw_only=True)
class Capacity(Record):
    """The demand that plans carry, and when growth passes it.

    Attributes
    ----------
    target : TargetFacts
    growth : float
        A year, as a share.
    marks : tuple of Mark
        Demand of the first plan's year, and of each year after it that was asked for, one at least.
    levels : tuple of Levels
    working_days : (int, int)
        Least and most of the plans, which the costs are over.
    replications : int
        Most of a level.
    given_log : DrawnOffices or None
        None if the plans have no values that were fitted to one log, or if they are taken as exact. If it is there,
        the ends of what plans carry are those of an interval that carries what the log leaves open; the
        verdicts on levels take it as exact.
    plans : tuple of PlanBracket
        The first is the one whose demand grows.
    steps : tuple of JudgedLevel
    scenarios : tuple of dict
        Of the plans, in full.
    """

    target: TargetFacts
    growth: float
    marks: tuple[Mark, ...]
    levels: tuple[Levels, ...]
    working_days: tuple[int, int]
    replications: int
    scenarios: tuple[dict[str, Any], ...]
    given_log: DrawnOffices | None = None
    plans: tuple[PlanBracket, ...] = table("brackets")
    steps: tuple[JudgedLevel, ...] = table("steps")

    def levels_of(self, plan: PlanBracket) -> list[JudgedLevel]:
        """Return the judged levels of a plan, from the lowest."""
        found = [step for step in self.steps if step.plan == plan.plan]
        return sorted(found, key=lambda step: step.registrations)

    @property
    def outer_marks(self) -> tuple[Mark, ...]:
        """Demand of the first plan's year, and of the last that was asked for, if it is another: what charts show."""
        first, last = self.marks[0], self.marks[-1]
        return (first,) if first.registrations == last.registrations else (first, last)

    def verdict_in(self, plan: PlanBracket, mark: Mark) -> VerdictWord:
        """Return the verdict on a plan with the demand of a year, by its bracket; UNDECIDED between its ends.

        Of one that is drawn it says on which side of the interval the demand is: no verdict that `run` would give.
        """
        if mark.registrations <= (plan.holds or 0):
            return "HOLDS"
        return "UNDECIDED" if plan.fails is None or mark.registrations < plan.fails else "FAILS"

    @property
    def efficient(self) -> list[PlanBracket]:
        """The plans of the frontier, from the cheapest: none that costs no more is known to carry as much or more.

        Of plans that cost the same and carry the same, all are on it; one that no demand holds with is not.
        """
        able = [plan for plan in self.plans if plan.holds is not None and not math.isnan(plan.cost)]
        priced = sorted(able, key=lambda plan: plan.cost)
        return [plan for plan in priced if not any(_beats(other, plan) for other in priced)]

    @property
    def carrying(self) -> list[PlanBracket]:
        """The plans shown to carry the demand of the next year, or likely to, given the log; the cheapest first."""
        able = (plan for plan in self.plans if self.verdict_in(plan, self.marks[1]) == "HOLDS")
        return sorted(able, key=lambda plan: plan.cost)


def _beats(plan: PlanBracket, other: PlanBracket) -> bool:
    """Say whether a plan carries at least as much for no more money, and is better in one of the two."""
    both = (plan.holds or 0) - (other.holds or 0), other.cost - plan.cost
    return min(both) >= 0 and max(both) > 0


ANSWER = Capacity
