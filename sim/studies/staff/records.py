"""The cheapest roster: who works when, what it costs, what the search tried, and the certificate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.results.about import AS_TARGET, Record, TargetFacts, VerdictWord
from sim.results.codec import column, table
from sim.results.fitted import DrawnOffices
from sim.text import N_, language

TARGET = "target"
"""Name of the requirement that is the target; others are called by the stage whose service has a floor."""
PLAN, OWN, EVERYBODY = 0, -1, -2
"""Numbers of plans in the certificate: the roster, the scenario's plan, everybody on duty that there may be."""
YUAN = N_("yuan")
LOOSE = 0.25
"""Part of the cost of a roster by which a bound may lie below it and still be told."""


@dataclass(frozen=True)
class RosterLine:
    """People of a pool who work the same shift."""

    pool: str = column(N_("staff"))
    shift: str = column(N_("shift"))
    title_en: str = column(N_("title"))
    title_zh: str = column(N_("title"))
    # As in 08:30-12:00, 13:30-17:00, and mon, tue; no days: every working day.
    hours: str = column(N_("hours"))
    days: str = column(N_("days"))
    people: int = column(N_("people"))
    hours_a_week: float = column(N_("hours a week of one"))
    # Of all of them over the scenario's period.
    cost: float = column(N_("cost"), YUAN)

    @property
    def title(self) -> str:
        """The title of the shift."""
        return self.title_en if language() == "en" else self.title_zh


@dataclass(frozen=True)
class Need:
    """A half-hour of a Monday at a pool."""

    pool: str = column(N_("staff"))
    begin: str = column(N_("from"))
    load: float = column(N_("offered load of an average working day"), N_("erlang"))
    need: int = column(N_("servers by square-root staffing"))
    roster: int | None = column(N_("on duty by the roster"))
    own: int = column(N_("on duty by the scenario's plan"))


@dataclass(frozen=True)
class SearchStep:
    """A roster that the search simulated; the score is minutes or a share, inf if the office cannot finish."""

    step: int = column(N_("step of the search"))
    kind: str = column(N_("kind of step"))
    cost: float = column(N_("planned cost"), YUAN)
    score: float = column(N_("estimate"), AS_TARGET)
    keeps: bool = column(N_("clearly keeps everything"))
    floors_kept: bool = column(N_("misses no service floor"))
    # None while no plan holds.
    best: float | None = column(N_("cost of the best so far"), YUAN)
    # 0 while nothing is known.
    bound: float = column(N_("no plan holds that costs less"), YUAN)
    plans: int = column(N_("plans so far"))
    replications: int = column(N_("replications so far"))
    efficient: bool = column(N_("none that misses no floor is cheaper and better"))


@dataclass(frozen=True)
class CertificateTest:
    """A plan held against a requirement on fresh seeds.

    A neighbour, whose number is above 0, has one person less on a shift, or one on a shorter shift instead. Numbers
    are minutes, to be at most what is promised, or shares, to be at least that; NaN if the office cannot finish.
    """

    round: int = column(N_("round"))
    plan: int = column(N_("plan"))
    pool: str = column(N_("staff"))
    shift: str = column(N_("shift"))
    to_shift: str = column(N_("to shift"))
    requirement: str = column(N_("held against"))
    estimate: float = column(N_("estimate"))
    low: float = column(N_("low"))
    high: float = column(N_("high"))
    promised: float = column(N_("promised"))
    about_mean: bool = column(N_("is a mean"))
    verdict: VerdictWord = column(N_("verdict"))
    replications: int = column(N_("replications"))
    cost: float = column(N_("cost"), YUAN)

    @property
    def off(self) -> float:
        """How far the estimate is from what was promised, whatever the side, as a part of it; inf if there is none."""
        if not math.isfinite(self.estimate):
            return math.inf
        return abs(self.estimate - self.promised) / self.promised


@dataclass(frozen=True)
class YearOfStaff:
    """A year of growing demand: the cheapest roster of its own, and what the roster of the answer comes to in it.

    Numbers of its own roster are None if none was certified. The estimate is of the target, as in `CertificateTest`.
    """

    year: int = column(N_("year"))
    registrations: int = column(N_("registrations a year"))
    people: int | None = column(N_("people of its cheapest roster"))
    cost: float | None = column(N_("cost of its cheapest roster"), YUAN)
    estimate: float | None = column(N_("with the roster of the answer"), AS_TARGET)
    low: float | None = column(N_("low"), AS_TARGET)
    high: float | None = column(N_("high"), AS_TARGET)
    # Of all that is required, the one least shown to be kept; empty if there is no such roster.
    verdict: str = column(N_("verdict on the roster of the answer"))


@dataclass(frozen=True)
class Interval:
    """A mean and its interval; NaN if there is none."""

    mean: float = math.nan
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class StaffPlan:
    """What a plan takes.

    Attributes
    ----------
    people : int
        Of the scenario's plan at least: as many as are on duty at once.
    cost : float
        Of the pools that are chosen for, as planned, without overtime [yuan].
    with_overtime : Interval
        Cost of all pools with overtime [yuan].
    """

    people: int
    cost: float
    with_overtime: Interval


@dataclass(frozen=True)
class Spent:
    """What it took, in replications of the whole period.

    Attributes
    ----------
    start, search, certificate : int
    plans : int
        Simulated in the search.
    grid_plans, grid_replications : float
        What a grid over the same bounds would take at most.
    """

    start: int
    search: int
    certificate: int
    plans: int
    grid_plans: float
    grid_replications: float


AS_IT_IS, REVIEW_OPEN, AUTOMATIC = "as it is", "review open", "approved automatically"
"""Remedies; the first is none."""


@dataclass(frozen=True)
class Remedy:
    """What may help where as many on duty as there is steady work for are not enough, tried in few simulated years."""

    what: str = column(N_("remedy"))
    # Hours, or a share.
    value: str = column(N_("how"))
    # The mean, or the share in time.
    figure: float = column(N_("estimate"))
    # Of the late cases, those that came to a stage while it was closed.
    closed: float = column(N_("late ones that came while it was closed"), N_("share"))


@dataclass(frozen=True, kw_only=True)
class RosterGivenLog(DrawnOffices):
    """What comes of the roster once it carries how well the log of a fitted scenario tells the office.

    Attributes
    ----------
    verdict : str
        On the target.
    low, high : float
        Interval of what the target is about, with what the log leaves open and the years' chance; NaN where it has no
        end.
    kept, kept_error : float
        Probability that the target is kept, given the log, and the standard error that it has from being simulated.
    from_log : float
        Share of the log in the variance that the interval stands for; NaN where there is none.
    """

    verdict: VerdictWord
    low: float
    high: float
    kept: float
    kept_error: float
    from_log: float


@dataclass(frozen=True)
class SureRoster:
    """What is sure enough given the log: the cheapest roster found that holds with a tighter promise.

    Attributes
    ----------
    tightened : float
        What was promised instead in that search: minutes, or a share; NaN if there was none, as the roster is sure
        enough already, no promise is tight enough, or nothing is known of what the log leaves open.
    people, cost : int or None, float or None
        None if no roster was certified with it.
    verdict : str
        On the target itself, given the log; likewise empty.
    low, high : float
        Interval given the log of what the target is about; NaN where it has no end.
    kept, kept_error : float
        Probability that the target itself is kept, given the log, and its standard error; NaN if there is none.
    """

    tightened: float = math.nan
    people: int | None = None
    cost: float | None = None
    verdict: str = ""
    low: float = math.nan
    high: float = math.nan
    kept: float = math.nan
    kept_error: float = math.nan


@dataclass(frozen=True, kw_only=True)
class CheapestRoster(Record):
    """The cheapest roster that keeps what is required, with its certificate.

    Attributes
    ----------
    target : TargetFacts
    working_days : int
        That costs are over.
    replications : int
        In all.
    plan : StaffPlan or None
        The roster that was certified; None if none was.
    own : StaffPlan
        The scenario's own plan.
    proven : bool
        Whether the search has shown that there is no cheaper one.
    bound : float
        On the years of the search no plan clearly holds that costs less [yuan]; 0 if nothing is known.
    spent : Spent
    floors : dict of stage to float
        Share of the visits that may give up waiting there.
    error_shown : float
        Of all verdicts and intervals of the last round together.
    pools, kept : tuple of str
        Those that plans were chosen for, and those that stay as they are.
    rules, scenario : dict
        In full.
    staffed : dict or None
        The scenario with the roster.
    roster : tuple of RosterLine
        Empty if no plan was found.
    needs : tuple of Need
    steps : tuple of SearchStep
    tests : tuple of CertificateTest
        Of all rounds of the certificate.
    years : tuple of YearOfStaff
        If several years were asked about, all of them; then the rest is about the busiest of them.
    remedies : tuple of Remedy
        If as many on duty as there is steady work for are not enough.
    growth : float
        A year; 0 if one year was asked about.
    quick : bool
        Whether the certificate is of the roster alone.
    given_log : RosterGivenLog or None
        None if there is no roster, if nothing was fitted to a log, or if that is taken as exact.
    sure : SureRoster or None
        If it was asked for, and there is a roster; ``surely_staffed``, the scenario with it.
    """

    target: TargetFacts
    working_days: int
    replications: int
    plan: StaffPlan | None
    own: StaffPlan
    proven: bool
    bound: float
    spent: Spent
    floors: dict[str, float]
    error_shown: float
    pools: tuple[str, ...]
    kept: tuple[str, ...]
    rules: dict[str, Any]
    scenario: dict[str, Any]
    staffed: dict[str, Any] | None
    roster: tuple[RosterLine, ...] = table("staffing")
    needs: tuple[Need, ...] = table("needs")
    steps: tuple[SearchStep, ...] = table("search")
    tests: tuple[CertificateTest, ...] = table("certificate")
    years: tuple[YearOfStaff, ...] = table("years")
    remedies: tuple[Remedy, ...] = table("remedies")
    growth: float = 0.0
    quick: bool = False
    given_log: RosterGivenLog | None = None
    sure: SureRoster | None = None
    surely_staffed: dict[str, Any] | None = None

    @property
    def title(self) -> str:
        """The title of the scenario."""
        return str(self.scenario["title"][language()])

    @property
    def staffed_file(self) -> str:
        """Name of the file of the scenario with the roster; empty if there is none."""
        return "" if self.staffed is None else f"{self.staffed['name']}.yaml"

    @property
    def cost(self) -> float:
        """Planned cost of the roster [yuan]; NaN if there is none."""
        return math.nan if self.plan is None else self.plan.cost

    @property
    def told_bound(self) -> float:
        """Cost below which no plan holds; 0 if that says little: far below, or of a quick search after a refusal."""
        little = self.bound < (1 - LOOSE) * self.cost or (self.quick and (self.plan is None or self.rounds > 1))
        return 0.0 if little else self.bound

    @property
    def rounds(self) -> int:
        """Rounds of the certificate; 0 if no plan got that far."""
        return max((test.round for test in self.tests if test.plan == PLAN), default=0)

    @property
    def last_round(self) -> list[CertificateTest]:
        """The tests of the last round."""
        last = max((test.round for test in self.tests), default=0)
        return [test for test in self.tests if test.round == last]

    def of(self, plan: int) -> list[CertificateTest]:
        """Return the tests of a plan in the last round: `PLAN`, `OWN` or `EVERYBODY`."""
        return [test for test in self.last_round if test.plan == plan]

    @property
    def neighbours(self) -> list[CertificateTest]:
        """The tests of the cheaper neighbours in the last round, from the one that saves most."""
        return sorted((test for test in self.last_round if test.plan > 0), key=lambda test: (test.cost, test.plan))

    @property
    def nearest(self) -> list[CertificateTest]:
        """The same from the one that holds, or is nearest to the line; those that fail at the end."""
        return sorted(self.neighbours, key=lambda test: (test.verdict == "FAILS", test.off))

    @property
    def held(self) -> float | None:
        """Cost of the cheapest plan that held in everything in a round, whatever came of its neighbours."""
        costs = []
        for number in {test.round for test in self.tests}:
            tests = [test for test in self.tests if test.round == number and test.plan == PLAN]
            if tests and all(test.verdict == "HOLDS" for test in tests):
                costs.append(tests[0].cost)
        return min(costs, default=None)

    @property
    def confidence(self) -> float:
        """That of all intervals of the last round together, not rounded up."""
        return math.floor((1 - self.error_shown) * 1e4 + 1e-9) / 1e4

    def lines_of(self, pool: str) -> list[RosterLine]:
        """Return who works in a pool, the longest shifts first."""
        found = [line for line in self.roster if line.pool == pool]
        return sorted(found, key=lambda line: (-line.hours_a_week, line.hours, line.shift))

    def shift(self, name: str) -> str:
        """Return the title of a shift."""
        return str(self.rules["shifts"][name]["title"][language()])


def people_in(lines: Sequence[RosterLine]) -> int:
    """Return how many people there are on some lines."""
    return sum(line.people for line in lines)


ANSWER = CheapestRoster
