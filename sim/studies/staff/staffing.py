"""The cheapest plan that holds, with its certificate: theory's start, the search, the judges on fresh seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.draws.draw import draw
from sim.engines.play import Engine
from sim.measures.judge import Rule
from sim.office.blocks import MAX_SERVERS, Office
from sim.office.hours import SLOTS, slots_of, spans_of
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.parameters.staff import shift_counts
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.replicate.design_points import digest, without_names
from sim.replicate.gather import Progress
from sim.replicate.store import Store
from sim.replicate.workers import Workers
from sim.studies.outcomes import Work
from sim.studies.staff.certificate import Judges
from sim.studies.staff.choices import Choices, Plan, choices_of
from sim.studies.staff.cuts import cut
from sim.studies.staff.needs import (
    Load,
    iterative_staffing,
    loads_of,
    together,
    useful_servers,
    with_absence,
)
from sim.studies.staff.records import Remedy
from sim.studies.staff.remedies import remedies_of
from sim.studies.staff.rules import StaffingRules
from sim.studies.staff.search import Search
from sim.studies.staff.trials import CLOSELY, IN_A_HURRY, Trials, requirements_of

I64 = NDArray[np.int64]

BETAS = (-0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""Square-root staffing, m + beta sqrt(m): from overloaded hours to servers for nearly everybody."""
DELAYED = (0.5, 0.25, 0.1, 0.03)
"""Shares of the cases that wait, for iterative staffing."""
ALMOST_ALL = (0.7, 0.8, 0.9, 1.0)
"""Parts of the most that may be on duty, for an office that holds with nothing less."""
REPLICATIONS = 2
"""From which theory takes what comes to each stage."""
MORE_PLANS = 200
"""That may be simulated after a plan was refused, besides those of the rules."""
MORE = 0.1
"""Likewise replications in a hurry, as a part of those that the search may take."""
MOST_ROUNDS = 6
FLOORED = ("phone", "filing", "studio", "key")
"""Stages whose service has a floor."""


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
    near : sequence of Scenario
        Others like it, whose rosters the search begins with, too.
    told : callable
        Gets what is being done, as one of the words ``start``, ``down``, ``cut``, ``up`` and ``certificate``, progress,
        and the search.
    hurry : float
        Replications that the search may take. If there is an end to them it looks less closely, and the certificate is
        of the plan alone.

    Attributes
    ----------
    loads : dict of stage to Load
    choices : Choices
    search : Search
    judges : Judges
    plan : Plan or None
        The cheapest that holds and was certified; None if none was, or before `run`.
    started : int
        Replications played for the start.
    remedies : tuple of Remedy
        What may help, if as many on duty as there is steady work for are not enough.

    Raises
    ------
    StudyError
        If the rules leave no plan to choose.
    """

    def __init__(
        self,
        scenario: Scenario,
        rules: StaffingRules,
        seed: int,
        engine: Engine,
        rule: Rule,
        workers: Workers,
        store: Store,
        near: Sequence[Scenario] = (),
        told: Callable[[str, Progress, Search], None] = lambda what, progress, search: None,
        hurry: float = np.inf,
    ) -> None:
        self.scenario, self.near, self.told, self.hurry = scenario, near, told, hurry
        self.plan: Plan | None = None
        self._doing = "start"
        everybody = registration_office(with_everybody(scenario))
        self._drawn = [draw(everybody, seed, replication) for replication in range(REPLICATIONS)]
        self.loads = loads_of(everybody, self._drawn)
        self.started = REPLICATIONS
        visited = [stage for stage in scenario.pool_of_stage if stage in self.loads]
        busy = dict.fromkeys(scenario.pool_of_stage[stage] for stage in visited)
        useful = {pool: self._people(pool, useful_servers(self.load(pool), self._away(pool))) for pool in busy}
        # Rosters that are known shall be within the bounds, of use or not.
        for pool in useful:
            for each in (scenario, *near):
                if (staff := each.pools[pool]).roster:
                    useful[pool] = max(useful[pool], int(shift_counts(staff, each.staff.midday).max()))
        self.remedies: tuple[Remedy, ...] = ()
        self._useful, self._visited, self._rules, self._rule = useful, visited, rules, rule
        self._work = Work(seed, engine, workers, store)
        self._bound(useful)

    def _bound(self, useful: Mapping[str, int]) -> None:
        """Begin anew, with so many on duty at most where the rules do not say it."""
        work, scenario = self._work, self.scenario
        self.choices = choices_of(scenario, self._rules, self._visited, useful)
        office = registration_office(scenario)
        floors = _floors(self._rules, self.choices, self._visited)
        requirements = requirements_of(office.target, _clocked(office, self._visited), floors)
        closeness = IN_A_HURRY if self.hurried else CLOSELY
        trials = Trials(requirements, work.seed, work.engine, work.workers, work.store, self._watch, closeness)
        self.search = Search(self.choices, trials, self._rules.search.most_plans, self.hurry)
        about = digest(without_names(scenario_as_dict(scenario)))
        self.judges = Judges(self.search, self._rule, about, neighbours=not self.hurried)

    @property
    def hurried(self) -> bool:
        """Whether there is an end to the replications of the search."""
        return self.hurry < np.inf

    def run(self) -> None:
        """Search, certify, and go on until a plan is certified or there is none."""
        self._begin()
        bounded = any(bound.most is not None for bound in self._rules.bounds.values())
        if self.search.best is None and not bounded:
            # More are of use only where many wait at an opening: cases that came while the stage was closed.
            self.remedies = remedies_of(self.scenario, self._useful, self._work)
            batches = {
                pool: max(most, self._people(pool, min(self.load(pool).batch, MAX_SERVERS)))
                for pool, most in self._useful.items()
            }
            if batches != self._useful:
                self._bound(batches)
                self._begin()
        # From here on it is the workers who draw.
        self._drawn.clear()
        if self._until_certified():
            self.plan = self.search.best

    def _begin(self) -> None:
        """Find plans that hold, to go down from."""
        own = [self.choices.plan_in(each) for each in (self.scenario, *self.near)]
        known = [plan for plan in own if plan is not None]
        self.search.start(self._needs(), known)
        for plan in known:
            self.search.rise(plan)
        if self.search.best is None:
            # Theory has asked for too few: nearly as many as may be, or as the shifts can give within that.
            self.search.start([np.ceil(share * self.choices.most).astype(np.int64) for share in ALMOST_ALL])

    def _until_certified(self) -> bool:
        """Search and certify in turn; say whether the best plan of the search has its certificate."""
        search, judges = self.search, self.judges
        moved = False
        while len(judges.rounds) < MOST_ROUNDS:
            if not moved:
                self._doing = "down"
                search.descend()
                if search.best is None:
                    return False
                self._doing = "cut"
                cut(search)
            assert search.best is not None
            self._doing = "certificate"
            found = judges.judge(search.best)
            moved = found.better is not None
            if not found.holds:
                self._doing = "up"
                search.refuse(found.plans[0], found.not_held, as_good=self.hurried)
                search.most_plans += MORE_PLANS
                search.most_replications += self.hurry * MORE
                if self.hurried:
                    search.compose("up")
                if not self.hurried or search.best is None:
                    search.climb(found.plans[0])
            elif found.better is None:
                return True
            else:
                # The search thought that it fails; fresh seeds say that it holds. Its neighbours are to be judged.
                search.best = found.better
        return False

    def _watch(self, progress: Progress) -> None:
        self.told(self._doing, progress, self.search)

    def load(self, pool: str) -> Load:
        """Return what comes to the stages that a pool serves as its own."""
        stages = self.scenario.stages_of_pool[pool]
        return together([self.loads[stage] for stage in stages if stage in self.loads])

    def _people(self, pool: str, cases: int) -> int:
        """Return how many people of a pool have so many cases in hand."""
        of = self.scenario.pools[pool]
        return min(-(-cases // of.at_once), of.most_people)

    def _away(self, name: str) -> float:
        pool = self.scenario.pools[name]
        return float(1 - (1 - pool.absence) * (1 - pool.leave) * (1 - pool.other_work.share))

    def _needs(self) -> list[I64]:
        """Return numbers on duty that theory gives."""
        choices, loads = self.choices, {pool.pool: self.load(pool.pool) for pool in self.choices.pools}
        own = {pool: stages for pool, stages in self.scenario.stages_of_pool.items() if pool in loads}

        def planned(staffing: Mapping[str, I64]) -> I64:
            return _by_block(choices, {pool: with_absence(staffing[pool], self._away(pool)) for pool in loads})

        def office_with(staffing: Mapping[str, I64]) -> Office:
            counts = np.clip(_by_block(choices, staffing), choices.least, choices.most)
            return registration_office(choices.staffed(counts))

        needs = [planned({pool: loads[pool].square_root(beta) for pool in loads}) for beta in BETAS]
        start = {pool: np.full(SLOTS, useful_servers(loads[pool])) for pool in loads}
        for delayed in DELAYED:
            found, played = iterative_staffing(office_with, start, own, delayed, self._drawn)
            needs.append(planned(found))
            self.started += played
        return needs


def with_everybody(scenario: Scenario) -> Scenario:
    """Return the scenario with as many on duty in each pool as it can have whenever its stage is open."""
    full = scenario_as_dict(scenario)
    staff = dict(full["staff"])
    for pool, stages in scenario.stages_of_pool.items():
        slots = slots_of(span for stage in stages for span in scenario.hours_of(stage))
        most = scenario.pools[pool].most_people
        line = {"hours": list(map(show_span, spans_of(slots))), "people": most}
        staff[pool] = {**staff[pool], "plan": {}, "on": {}, "roster": [line]}
    return scenario_from_dict({**full, "staff": staff})


def _clocked(office: Office, visited: Sequence[str]) -> list[str]:
    """Return the stages whose waiting the target's clock counts."""
    if office.target.clock == "journey":
        return list(visited)
    return [stage.name for stage in office.stages if stage.counted and stage.name in visited]


def _floors(rules: StaffingRules, choices: Choices, visited: Sequence[str]) -> dict[str, float]:
    """Return what share of the visits may give up, at the stages of pools that are chosen for."""
    chosen = {pool.pool for pool in choices.pools}
    shares = dict.fromkeys(FLOORED, rules.floors.gave_up) | {str(s): share for s, share in rules.floors.stages.items()}
    pools = choices.scenario.pool_of_stage
    return {stage: shares[stage] for stage in FLOORED if stage in visited and pools[stage] in chosen}


def _by_block(choices: Choices, staffing: Mapping[str, I64]) -> I64:
    """Return servers by half-hour as people on duty in each block: the most that any of its half-hours needs."""
    found = []
    for pool in choices.pools:
        need = -(-staffing[pool.pool] // pool.at_once)
        found += [int(need[where.any(axis=0)].max(initial=0)) for where in pool.slots]
    return np.array(found, np.int64)
