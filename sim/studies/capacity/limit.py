"""How much demand plans carry: levels of demand are judged, plan by plan, until the breaking demand is bracketed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sim.engines.play import Engine
from sim.measures.judge import Rule, Verdict
from sim.office.demand import scenario_days
from sim.office.parameters import Scenario
from sim.office.parameters.demand import MOST_CASES
from sim.office.problems import ScenarioError
from sim.office.scenario import at_demand, own_demand, scenario_as_dict, scenario_from_dict
from sim.office.size import cases_unasked
from sim.replicate.design_points import DesignPoint, design_point_of
from sim.replicate.gather import Progress, gather, replications_of
from sim.replicate.store import Store
from sim.replicate.verdicts import Outcome, Verdicts
from sim.replicate.workers import Workers
from sim.results.about import About, target_facts
from sim.studies.base import StudyError
from sim.studies.capacity.bisection import Bisection, Bracket, demand_levels
from sim.studies.capacity.records import Capacity, JudgedLevel, Levels, Mark, PlanBracket
from sim.studies.growth import Growth, demand_with
from sim.studies.rosters import with_people
from sim.text import Message

COST, STAFF_HOURS = "staff cost", "staff staff hours"
"""Figures of a replication."""


def with_more(scenario: Scenario, more: Mapping[str, int], name: str, title: Mapping[str, str]) -> Scenario:
    """Return a scenario with more servers, or fewer, on duty.

    Parameters
    ----------
    scenario : Scenario
    more : mapping of pool to int
        So many more wherever the pool's plan has somebody, whatever the day; never below 0. The midday crew stays as
        it is. Of a roster, so many more people work the hours of its largest line, or fewer those of the largest ones.
    name : str
    title : mapping of language to str

    Raises
    ------
    StudyError
        If a pool has nobody on duty, or the office cannot be staffed so.
    """
    full = scenario_as_dict(scenario)
    for pool, number in more.items():
        staff = full["staff"][pool]
        plans = [staff["plan"], *staff["on"].values()]
        lines = [line for line in staff["roster"] if line["people"]]
        if not lines and not any(servers for plan in plans for servers in plan.values()):
            raise StudyError(
                Message("{pool} has nobody on duty in {scenario}, so there is no plan to add to", pool=pool,
                        scenario=scenario.name)
            )  # fmt: skip
        if lines:
            staff["roster"] = with_people(staff["roster"], number)
            continue
        for plan in plans:
            for span, servers in plan.items():
                plan[span] = max(servers + number, 0) if servers else 0
    full |= {"name": name, "title": dict(title)}
    try:
        return scenario_from_dict(full, name)
    except ScenarioError as error:
        raise StudyError(*(problem.message for problem in error.problems)) from error


@dataclass(frozen=True)
class Step:
    """A level of demand that was judged.

    Attributes
    ----------
    number : int
        Levels of the plan judged before, and this one.
    registrations : int
        A year.
    point : DesignPoint
    outcome : Outcome
        With a verdict; UNDECIDED if nobody comes whom the target is about.
    """

    number: int
    registrations: int
    point: DesignPoint
    outcome: Outcome


@dataclass
class PlanLimit:
    """A plan, and the demand that it carries.

    Attributes
    ----------
    scenario : Scenario
        At its own demand.
    levels : tuple of int
        Registrations a year that may be judged, increasing.
    steps : list of Step
        In the order in which they were judged.
    cost, staff_hours : float
        Yuan of staff with overtime, and hours on duty as planned, over the scenario's period: means over the
        replications of the largest demand that HOLDS. If none does, of the judged one nearest to the plan's own
        demand that has replications; NaN if none has.
    """

    scenario: Scenario
    levels: tuple[int, ...]
    steps: list[Step] = field(default_factory=list)
    cost: float = np.nan
    staff_hours: float = np.nan

    def __post_init__(self) -> None:
        self.search = Bisection(len(self.levels), self.levels.index(own_demand(self.scenario)))

    @property
    def bracket(self) -> Bracket:
        """What was found, by places of levels."""
        return self.search.result()

    @property
    def holds(self) -> int | None:
        """Largest demand that HOLDS; None if not even the lowest does."""
        place = self.bracket.holds
        return None if place is None else self.levels[place]

    @property
    def fails(self) -> int | None:
        """Smallest demand that FAILS; None if not even the highest does."""
        place = self.bracket.fails
        return None if place is None else self.levels[place]


def plan_limits(
    scenarios: Sequence[Scenario], engine: Engine = "compiled", meant: bool = False
) -> tuple[PlanLimit, ...]:
    """Return plans whose demand is still to be found, at levels that take much memory only if that is meant."""
    plans = []
    for scenario in scenarios:
        cases = MOST_CASES if meant else min(cases_unasked(scenario, engine), MOST_CASES)
        levels = demand_levels(own_demand(scenario), largest=demand_with(cases, scenario))
        plans.append(PlanLimit(scenario, levels))
    return tuple(plans)


def verdicts_possible(plans: Sequence[PlanLimit]) -> int:
    """Return how many verdicts may be asked for: as many as the error is shared among.

    Few levels are judged, but which depends on the verdicts before, on the same random numbers; so every level that
    might be has its share.
    """
    return sum(len(plan.levels) for plan in plans)


def limit_points(scenarios: Sequence[Scenario], seed: int, engine: Engine) -> tuple[DesignPoint, ...]:
    """Return the design points of plans at their own demand.

    Raises
    ------
    StudyError
        If their targets are not the same, or two plans are the same scenario.
    """
    points = tuple(design_point_of(scenario, seed, engine) for scenario in scenarios)
    first, keys = scenarios[0], [point.key for point in points]
    for scenario, point in zip(scenarios, points, strict=True):
        if point.target != points[0].target:
            raise StudyError(
                Message("{plan} has another target than {first}; all plans need the same", plan=scenario.name,
                        first=first.name)
            )  # fmt: skip
        twin = scenarios[keys.index(point.key)]
        if twin is not scenario:
            raise StudyError(
                Message("{plan} and {twin} are the same in everything but their names", plan=scenario.name,
                        twin=twin.name)
            )  # fmt: skip
    return points


def find_limits(
    plans: Sequence[PlanLimit],
    seed: int,
    engine: Engine,
    rule: Rule,
    workers: Workers,
    store: Store,
    watch: Callable[[Progress, Sequence[PlanLimit]], None] = lambda progress, plans: None,
) -> None:
    """Judge levels of demand until that of every plan is bracketed.

    The plans go in step: all levels wanted next, of all plans, are replicated at once. Levels of plans with the same
    demand share their applicants, and the applicants of a lower level are among those of a higher one.

    Parameters
    ----------
    plans : sequence of PlanLimit
        From `plan_limits`; what is found is entered.
    seed : int
    engine : str
    rule : Rule
        For `verdicts_possible` tests.
    workers : Workers
    store : Store
    watch : callable
        Told the progress of a step, and the plans.

    Raises
    ------
    StudyError
        If nobody comes, at a plan's own demand, whom the target is about.
    """
    verdicts: Verdicts | None = None
    while asked := [(plan, level) for plan in plans for level in plan.search.wanted()]:
        points = [design_point_of(at_demand(plan.scenario, plan.levels[level]), seed, engine) for plan, level in asked]
        verdicts = Verdicts(points, rule)
        scores = gather(points, verdicts, workers, store, lambda progress: watch(progress, plans))
        for number, (plan, level) in enumerate(asked):
            found = verdicts.outcome(number, scores[number])
            if found.verdict is None and not plan.steps:
                raise StudyError(Message("{plan}: {why}", plan=plan.scenario.name, why=found.said))
            verdict = found.verdict or Verdict.UNDECIDED
            plan.search.tell(level, verdict)
            outcome = Outcome(verdict, found.judgement, found.unfinished, found.replications)
            plan.steps.append(Step(len(plan.steps) + 1, plan.levels[level], points[number], outcome))
    if verdicts is not None:
        for plan in plans:
            _price(plan, store, verdicts)


def _price(plan: PlanLimit, store: Store, verdicts: Verdicts) -> None:
    """Enter what the plan costs."""
    # Overtime grows with demand: plans are compared where each does what it can do.
    wanted = plan.holds or own_demand(plan.scenario)
    for step in sorted(plan.steps, key=lambda step: abs(step.registrations - wanted)):
        if step.outcome.replications:
            figures = replications_of(step.point, store, step.outcome.replications, verdicts)
            plan.cost, plan.staff_hours = (float(np.nanmean(figures[name])) for name in (COST, STAFF_HOURS))
            return


def capacity_of(
    plans: Sequence[PlanLimit], growth: Growth, years: int, about: About, points: Sequence[DesignPoint]
) -> Capacity:
    """Return what was found, as a record.

    Parameters
    ----------
    plans : sequence of PlanLimit
        From `find_limits`.
    growth : Growth
        Demand from the first plan's own on.
    years : int
        After the first one whose demand is told.
    about : About
    points : sequence of DesignPoint
        Of the plans at their own demand.
    """
    days = [scenario_days(plan.scenario).working_days for plan in plans]
    marks = tuple(Mark(growth.in_year(year), year) for year in range(growth.year, growth.year + years + 1))
    return Capacity(
        about=about,
        target=target_facts(points[0].target),
        growth=growth.rate,
        marks=marks,
        levels=tuple(
            Levels(plan.scenario.name, plan.levels[0], plan.levels[-1], len(plan.levels), plan.search.most_tests)
            for plan in plans
        ),
        working_days=(min(days), max(days)),
        replications=max((step.outcome.replications for plan in plans for step in plan.steps), default=0),
        scenarios=tuple(scenario_as_dict(plan.scenario) for plan in plans),
        plans=tuple(_bracket(plan, growth) for plan in plans),
        steps=tuple(_level(plan, step) for plan in plans for step in plan.steps),
    )


def _bracket(plan: PlanLimit, growth: Growth) -> PlanBracket:
    def passed(demand: int | None) -> date | None:
        return None if demand is None else growth.passes(demand)

    title = plan.scenario.title
    return PlanBracket(
        plan.scenario.name, title.en, title.zh, plan.holds, plan.fails, plan.levels[0], plan.levels[-1],
        own_demand(plan.scenario), plan.bracket.monotone, len(plan.steps),
        sum(step.outcome.replications for step in plan.steps), plan.cost, plan.staff_hours, passed(plan.holds),
        passed(plan.fails),
    )  # fmt: skip


def _level(plan: PlanLimit, step: Step) -> JudgedLevel:
    outcome, judged = step.outcome, step.outcome.judgement
    estimate, low, high = (judged.estimate, judged.low, judged.high) if judged else (np.nan,) * 3
    verdict = (outcome.verdict or Verdict.UNDECIDED).value
    return JudgedLevel(
        plan.scenario.name, step.number, step.registrations, verdict, estimate, low, high, outcome.replications,
        outcome.why,
    )  # fmt: skip
