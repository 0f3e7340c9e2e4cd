"""The cheapest plan that holds, with its certificate: theory's start, the search, the judges on fresh seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.analysis.judge import Rule
from sim.engines.play import Engine
from sim.office.blocks import MAX_SERVERS, Office
from sim.office.hours import SLOT, SLOTS
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.parameters.staff import POOL_OF_STAGE, STAGE_OF_POOL
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.office.tables import planned_hours
from sim.replicate.cells import cell_of
from sim.replicate.figures import Figures
from sim.replicate.gather import Progress, gather, replications_of
from sim.replicate.store import Store
from sim.replicate.workers import Workers
from sim.staffing.allowed import choices_of
from sim.staffing.certificate import Certificate, Claim, Judged, round_error, round_seed
from sim.staffing.choices import HOURS_OF_STAGE, Choices, Plan
from sim.staffing.judges import Judges, Round
from sim.staffing.needs import Load, iterative_staffing, loads_of, useful_servers, with_absence
from sim.staffing.requirements import Requirement, requirements_of
from sim.staffing.rules import StaffingRules
from sim.staffing.search import Search
from sim.staffing.trials import Fixed, Trials

I64 = NDArray[np.int64]

BETAS = (-0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""Square-root staffing, m + beta sqrt(m): from overloaded hours to servers for nearly everybody."""
DELAYED = (0.5, 0.25, 0.1, 0.03)
"""Shares of the cases that wait, for iterative staffing."""
ALMOST_ALL = (0.7, 0.8, 0.9, 1.0)
"""Parts of the most that may be on duty, for an office that holds with nothing less."""
MORE_PLANS = 200
"""That may be simulated after a plan was refused, besides those of the rules."""
MOST_OF_OWN = 200
"""Replications of the scenario's own plan, which is there to be compared with, not to be decided on."""
MOST_ROUNDS = 6
FLOORED = ("phone", "filing", "studio", "key")
"""Stages whose service has a floor."""


@dataclass(frozen=True)
class StaffRun:
    """What was found.

    Attributes
    ----------
    scenario : Scenario
    rules : StaffingRules
    choices : Choices
    requirements : tuple of Requirement
    loads : dict of stage to Load
    plan : Plan or None
        The cheapest that holds; None if none was found.
    certified : bool
    rounds : tuple of Round
        Of the certificate, the last one that of the plan. Without a plan: the plan with everybody there may be.
    search : Search
    figures : Figures or None
        Of the plan, on the seed of the last round.
    own : tuple of Judged
        The scenario's own plan against the requirements, on the same seed.
    own_figures : Figures or None
        Of the scenario's own plan; None if it cannot finish its cases.
    own_rule : Rule
        Of its verdicts, and of the interval of its cost.
    own_cost : float
        Of the pools that are chosen for, in the scenario's own plan, overtime left out [yuan].
    started : int
        Replications played for the start.
    seconds : float
    """

    scenario: Scenario
    rules: StaffingRules
    choices: Choices
    requirements: tuple[Requirement, ...]
    loads: Mapping[str, Load]
    plan: Plan | None
    certified: bool
    rounds: tuple[Round, ...]
    search: Search
    figures: Figures | None
    own: tuple[Judged, ...]
    own_figures: Figures | None
    own_rule: Rule
    own_cost: float
    started: int
    seconds: float

    @property
    def replications(self) -> int:
        """Year-replications in all: start, search and certificate."""
        return self.started + self.search.trials.replications + sum(r.replications for r in self.rounds)


@dataclass
class Staffing:
    """Finds the cheapest plan of a scenario.

    Parameters
    ----------
    scenario : Scenario
    rules : StaffingRules
    seed : int
    engine : str
    rule : Rule
        Error and budget of the certificate; its tests are counted here.
    workers : Workers
    store : Store
    told : callable
        Gets what is being done, as one of the words ``start``, ``down``, ``cut`` and ``certificate``, and progress.
    """

    scenario: Scenario
    rules: StaffingRules
    seed: int
    engine: Engine
    rule: Rule
    workers: Workers
    store: Store
    told: Callable[[str, Progress, Search | None], None] = lambda what, progress, search: None
    _search: Search | None = field(default=None, init=False)
    _doing: str = field(default="start", init=False)

    def run(self) -> StaffRun:
        """Search, certify, and go on until a plan is certified or there is none.

        Raises
        ------
        NoChoiceError
            If the rules leave no plan to choose.
        """
        began = time.perf_counter()
        loads = loads_of(registration_office(with_everybody(self.scenario)), self.seed)
        visited = [stage for stage in POOL_OF_STAGE if stage in loads]
        pool_of = {stage: POOL_OF_STAGE[stage] for stage in visited}
        absent = {stage: getattr(self.scenario.staff, pool).absence for stage, pool in pool_of.items()}
        useful = {pool: useful_servers(loads[stage], absent[stage]) for stage, pool in pool_of.items()}
        choices = choices_of(self.scenario, self.rules, visited, useful)
        office = registration_office(self.scenario)
        requirements = requirements_of(office.target, self._clocked(office, visited), self._floors(choices, visited))
        trials = Trials(requirements, self.seed, self.engine, self.workers, self.store, self._watch)
        search = self._search = Search(choices, trials, self.rules.search.most_plans)
        needs, started = self._needs(choices, loads)
        search.start(needs)
        if search.best is None:
            # Theory has asked for too few: nearly as many as may be, or as the shifts can give within that.
            search.start([np.ceil(share * choices.most).astype(np.int64) for share in ALMOST_ALL])
        judges = Judges(search, self.seed, self.engine, self.rule, self.workers, self.store, self._watch)
        certified = self._until_certified(search, judges)
        rounds = judges.rounds
        plan = search.best if certified else None
        own, own_figures, own_rule = self._look_at_own(search, judges)
        figures = None if plan is None else self._figures_of(search, plan, judges)
        return StaffRun(
            self.scenario, self.rules, choices, requirements, loads, plan, certified, tuple(rounds), search, figures,
            own, own_figures, own_rule, self._own_cost(choices), started + 2, time.perf_counter() - began,
        )  # fmt: skip

    def _until_certified(self, search: Search, judges: Judges) -> bool:
        """Search and certify in turn; say whether the best plan of the search has its certificate."""
        moved = False
        while len(judges.rounds) < MOST_ROUNDS:
            if not moved:
                self._doing = "down"
                search.descend()
                if search.best is None:
                    return False
                self._doing = "cut"
                search.cut()
            assert search.best is not None
            self._doing = "certificate"
            found = judges.judge(search.best)
            moved = found.better is not None
            if not found.holds:
                self._doing = "up"
                search.refuse(found.plans[0], found.not_held)
                search.most_plans += MORE_PLANS
                search.climb(found.plans[0])
            elif found.better is None:
                return True
            else:
                # The search thought that it fails; fresh seeds say that it holds. Its neighbours are to be judged.
                search.best = found.better
        return False

    def _watch(self, progress: Progress) -> None:
        self.told(self._doing, progress, self._search)

    def _clocked(self, office: Office, visited: Sequence[str]) -> list[str]:
        """Return the stages whose waiting the target's clock counts."""
        if office.target.clock == "journey":
            return list(visited)
        return [stage.name for stage in office.stages if stage.counted and stage.name in visited]

    def _floors(self, choices: Choices, visited: Sequence[str]) -> dict[str, float]:
        floors = self.rules.floors
        return {
            stage: floors.stages.get(stage, floors.gave_up)  # type: ignore[call-overload]
            for stage in FLOORED
            if stage in visited and POOL_OF_STAGE[stage] in {pool.pool for pool in choices.pools}
        }

    def _needs(self, choices: Choices, loads: Mapping[str, Load]) -> tuple[list[I64], int]:
        """Return numbers on duty that theory gives, and how many replications were played for them."""
        stages = [STAGE_OF_POOL[pool.pool] for pool in choices.pools]
        absence = {stage: getattr(self.scenario.staff, POOL_OF_STAGE[stage]).absence for stage in stages}

        def planned(staffing: Mapping[str, I64]) -> I64:
            return _by_block(choices, {s: with_absence(staffing[s], absence[s]) for s in stages})

        needs = [planned({s: loads[s].square_root(beta) for s in stages}) for beta in BETAS]
        start = {stage: np.full(SLOTS, useful_servers(loads[stage])) for stage in stages}
        played = 0

        def office_with(staffing: Mapping[str, I64]) -> Office:
            counts = np.clip(_by_block(choices, staffing), choices.least, choices.most)
            return registration_office(choices.staffed(counts))

        for delayed in DELAYED:
            found, more = iterative_staffing(office_with, start, stages, delayed, self.seed)
            needs.append(planned(found))
            played += more
        return needs, played

    def _look_at_own(self, search: Search, judges: Judges) -> tuple[tuple[Judged, ...], Figures | None, Rule]:
        """Judge the scenario's own plan on the seed of the last round; return that, its figures, and the rule."""
        rounds = judges.rounds
        seed = rounds[-1].seed if rounds else round_seed(self.seed, 1)
        tests = [Claim(0, requirement) for requirement in search.requirements]
        if not rounds:
            # Nothing holds: the plan with everybody there may be is judged beside.
            tests += [Claim(1, requirement) for requirement in search.requirements]
        largest = min(self.rule.largest, MOST_OF_OWN)
        rule = Rule(len(tests) + 1, round_error(self.rule.error, judges.families + 1), largest)
        question = Certificate(tests, rule, search.requirements)
        scenarios = [self.scenario, *([] if rounds else [search.choices.staffed(search.choices.most)])]
        cells = [cell_of(scenario, seed, self.engine) for scenario in scenarios]
        scores = gather(cells, question, self.workers, self.store, self._watch)
        judged = tuple(question.judged(scores))
        if scores[0].unfinished:
            # The mean of those replications that it can finish would say less than it costs.
            return judged, None, rule
        looked_at = max(each.replications for each in judged if each.claim.plan == 0)
        return judged, replications_of(cells[0], self.store, looked_at, question), rule

    def _figures_of(self, search: Search, plan: Plan, judges: Judges) -> Figures:
        """Return the figures of the plan, on the seed of the round that it was certified in."""
        last = judges.rounds[-1]
        cell = cell_of(search.choices.rostered(plan), last.seed, self.engine)
        asked = Fixed(last.rule.largest, search.trials.figures)
        return replications_of(cell, self.store, max(judged.replications for judged in last.of_plan), asked)

    def _own_cost(self, choices: Choices) -> float:
        office = registration_office(self.scenario)
        chosen = {pool.pool for pool in choices.pools}
        return sum(planned_hours(p, office.days) * p.cost_per_hour for p in office.pools if p.name in chosen)


def with_everybody(scenario: Scenario) -> Scenario:
    """Return the scenario with 64 people on duty in each pool whenever its stage is open."""
    full = scenario_as_dict(scenario)
    staff = dict(full["staff"])
    for pool, stage in STAGE_OF_POOL.items():
        hours = [
            (np.floor(begin / SLOT) * SLOT, np.ceil(end / SLOT) * SLOT)
            for begin, end in getattr(scenario.hours, HOURS_OF_STAGE.get(stage, "office"))
        ]
        line = {"hours": [show_span(span) for span in hours], "people": MAX_SERVERS}
        staff[pool] = {**staff[pool], "plan": {}, "on": {}, "roster": [line]}
    return scenario_from_dict({**full, "staff": staff})


def _by_block(choices: Choices, staffing: Mapping[str, I64]) -> I64:
    """Return servers by half-hour as numbers on duty in each block: the most that any of its half-hours needs."""
    found = []
    for pool in choices.pools:
        need = staffing[STAGE_OF_POOL[pool.pool]]
        found += [int(need[where.any(axis=0)].max(initial=0)) for where in pool.slots]
    return np.array(found, np.int64)

