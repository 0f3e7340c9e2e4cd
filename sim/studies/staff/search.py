"""The search for the cheapest plan: up from what is known, and down from where queueing theory begins.

Up, each part that misses something gets whoever helps most for what it costs. Down, one person, or a part of a shift,
is taken away at a time, and the same again several times at once, as long as the plan keeps what is required; a plan
that fails rules out every plan that has nowhere more people on duty. That ends where no single change saves anything,
and another mix of shifts may still be cheaper: cutting planes look for it (`cuts`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.studies.staff.choices import Choices, Plan
from sim.studies.staff.master import Master, Part
from sim.studies.staff.records import SearchStep
from sim.studies.staff.trials import Requirement, Trial, Trials

I64 = NDArray[np.int64]

ONE_YUAN = 1.0
HIGHEST = 3
"""Persons, or parts of shifts, added to a plan that was refused before another one is looked for."""
CAUTION = 1.0
"""Standard errors by which a plan has to keep what another was refused for, more with each refusal: of many plans near
the edge the search takes the one that its random numbers flatter most."""
RISES = 8
"""Steps up from a plan that is known, and misses something."""
STRIDES = (1, 2, 4)
"""Times that a step down is repeated at once."""
AT_ONCE = 8
"""Neighbours tried together on the way down: they share their draws, and the first that holds ends the step."""


class Search:
    """Looks for the cheapest plan that keeps the requirements on the random numbers of the search.

    Parameters
    ----------
    choices : Choices
    trials : Trials
    most_plans : int
        Plans simulated at most.
    most_replications : float
        Likewise their replications.

    Attributes
    ----------
    best : Plan or None
    bound : float
        No plan can hold that costs less, as far as each further one on duty helps less.
    proven : bool
        Whether no cheaper plan than the best is left.
    tried : dict of Plan to Trial
        All rosters that were simulated.
    refused : set of Plan
        Those that the certificate has refused.
    steps : list of SearchStep
        Which of them are efficient can be told at the end only.
    """

    def __init__(self, choices: Choices, trials: Trials, most_plans: int, most_replications: float = np.inf) -> None:
        self.choices, self.trials = choices, trials
        self.most_plans, self.most_replications = most_plans, most_replications
        self.requirements: tuple[Requirement, ...] = trials.requirements
        chosen = {pool.pool for pool in choices.pools}
        self._pools = [choices.pools_for(requirement.stages) & chosen for requirement in self.requirements]
        self.master = Master(choices, self._pools)
        self.best: Plan | None = None
        self.bound = 0.0
        self.proven = False
        self.tried: dict[Plan, Trial] = {}
        self.refused: set[Plan] = set()
        self._caution = [0.0] * len(self.requirements)
        self.steps: list[SearchStep] = []

    @property
    def best_cost(self) -> float:
        """Cost of the best plan, inf if there is none."""
        return np.inf if self.best is None else self.choices.cost(self.best)

    @property
    def spent(self) -> bool:
        """Whether as much was simulated as may be."""
        return self.trials.plans >= self.most_plans or self.trials.replications >= self.most_replications

    def start(self, needs: Sequence[I64], known: Collection[Plan] = ()) -> None:
        """Try rosters that are known, and the cheapest for numbers on duty that theory gives, or as many as can be."""
        found = [*known, *map(self.master.cheapest, needs)]
        plans = list(dict.fromkeys(plan for plan in found if plan is not None))
        for plan, tried in zip(plans, self.simulate("start", plans), strict=True):
            both = list(zip(self.requirements, tried.standings, strict=True))
            # What is missed at one level changes what comes to the next, and says nothing of that.
            first = min((r.level for r, standing in both if standing.missed or standing.over > 0), default=-1)
            for (requirement, standing), pools in zip(both, self._pools, strict=True):
                if standing.missed and requirement.level == first:
                    self.master.rule_out(self.choices.counts(plan), pools)
        self.compose("start")

    def compose(self, kind: str) -> None:
        """Try of each part the cheapest roster that kept what is its own, all together; dearer ones of what does not.

        One share of waiting for all stages pays for the busiest of them everywhere.
        """
        plans = list(self.tried)
        kept = [[p for p in plans if self.keeps(part, self.tried[p], later=True)] for part in self.master.parts]
        ladders = [sorted(those, key=part.cost_in) for part, those in zip(self.master.parts, kept, strict=True)]
        while all(ladders) and not self.spent:
            plan = plans[0]
            for part, ladder in zip(self.master.parts, ladders, strict=True):
                plan = part.from_plan(plan, ladder[0])
            tried = self.tried[plan] if self.settled(plan) else self.simulate(kind, [plan])[0]
            if self._holds(tried):
                return
            short = [not self.keeps(part, tried, later=True) for part in self.master.parts]
            # What is missed at one level changes what comes to the next, and says nothing of that.
            levels = [self.level(part) for part, of_it in zip(self.master.parts, short, strict=True) if of_it]
            first = min(levels, default=-1)
            ladders = [
                ladder[1:] if of_it and self.level(part) == first else ladder
                for part, ladder, of_it in zip(self.master.parts, ladders, short, strict=True)
            ]
            if not any(short):
                return

    def settled(self, plan: Plan) -> bool:
        """Say whether a plan was simulated as closely as it takes for all requirements."""
        return plan in self.tried and not self.tried[plan].open(range(len(self.requirements)))

    def simulate(self, kind: str, plans: Sequence[Plan], about: Sequence[int] | None = None) -> list[Trial]:
        """Simulate rosters, and note which is the best."""
        found = self.trials.try_all([self.choices.rostered(plan) for plan in plans], about=about)
        for plan, tried in zip(plans, found, strict=True):
            self.tried[plan] = tried
            if self._holds(tried) and plan not in self.refused and self.choices.cost(plan) < self.best_cost:
                self.best = plan
        for plan, tried in zip(plans, found, strict=True):
            self.steps.append(SearchStep(
                step=len(self.steps) + 1,
                kind=kind,
                cost=self.choices.cost(plan),
                score=tried.score,
                keeps=tried.keeps,
                floors_kept=not any(standing.over > 0 for standing in tried.standings[1:]),
                best=None if self.best is None else self.best_cost,
                bound=self.bound,
                plans=self.trials.plans,
                replications=self.trials.replications,
                efficient=False,
            ))  # fmt: skip
        return found

    def refuse(self, plan: Plan, requirements: Collection[Requirement], as_good: bool = False) -> None:
        """Note that a plan does not keep some requirements after all, and go back to the best of the others.

        With `as_good` not to one that looks as good in these, or hardly better.
        """
        self.refused.add(plan)
        for number, requirement in enumerate(self.requirements):
            if requirement in requirements:
                self.master.rule_out(self.choices.counts(plan), self._pools[number])
                standing = self.tried[plan].standings[number]
                seen = -standing.over / standing.error if as_good and standing.error else 0.0
                self._caution[number] = max(self._caution[number], seen) + CAUTION
        holding = [p for p, tried in self.tried.items() if self._holds(tried) and p not in self.refused]
        holding = [p for p in holding if not self.master.ruled_out(self.choices.counts(p))]
        self.best = min(holding, key=self.choices.cost, default=None)
        self.proven = False

    def descend(self) -> None:
        """Go down from the best plan as long as a cheaper one near it keeps what is required.

        Near are its neighbours, and where none of them keeps it, the cheapest rosters with one less on duty in a block.
        """
        while self.best is not None and not self.spent:
            here = self.best
            if not self._step_down(here, self.choices.neighbours(here)) and not self.spent:
                self._step_down(here, self._reshaped(here))
            if self.best is here:
                return
            self._stride_down(here)

    def _stride_down(self, here: Plan) -> None:
        """Make the change from a plan to the best one again, several times at once, as long as what comes holds."""
        while self.best is not None and not self.spent:
            before, strides = self.best, []
            for times in STRIDES:
                plan = tuple(
                    tuple(int(n + times * (n - old)) for n, old in zip(now, then, strict=True))
                    for now, then in zip(before, here, strict=True)
                )
                if self.choices.possible(plan) and not self.settled(plan):
                    strides.append(plan)
            strides = [plan for plan in strides if not self.master.ruled_out(self.choices.counts(plan))]
            for plan, tried in zip(strides, self.simulate("down", strides) if strides else (), strict=True):
                self._blame(before, plan, tried)
            if self.best is before:
                return
            here = before

    def _step_down(self, here: Plan, cheaper: Sequence[Plan]) -> bool:
        """Try cheaper plans, the greatest saving first, until one keeps what is required; say whether one did."""
        cheaper = [plan for plan in cheaper if not self.settled(plan)]
        while self.best is here and not self.spent:
            # Those tried before may have ruled out more.
            cheaper = [plan for plan in cheaper if not self.master.ruled_out(self.choices.counts(plan))]
            if not cheaper:
                break
            # Of each part in turn; what fails rules out much of what is left.
            batch = sorted(cheaper, key=self._rank(here, cheaper))[:AT_ONCE]
            cheaper = [plan for plan in cheaper if plan not in batch]
            kept = []
            for plan, tried in zip(batch, self.simulate("down", batch), strict=True):
                self._blame(here, plan, tried)
                kept += [plan] if self._holds(tried) else []
            together = self._cheapest_of_each(here, kept)
            if kept and not self.settled(together):
                self.simulate("down", [together])
        return self.best is not here

    def _blame(self, here: Plan, plan: Plan, tried: Trial) -> None:
        """Rule out what is like a plan that misses something, by what was taken away from one that holds.

        It may have been made up for by any pool that the requirement depends on, but by none besides.
        """
        pools = self._changed(here, plan)
        for standing, tied in zip(tried.standings, self._pools, strict=True):
            if standing.missed:
                self.master.rule_out(self.choices.counts(plan), pools | tied)

    def _reshaped(self, here: Plan) -> list[Plan]:
        """Return the cheapest rosters with one less on duty in a block and no less in the others, if they save."""
        counts, found = self.choices.counts(here), []
        for part in self.master.parts:
            for block in np.flatnonzero(counts[part.blocks] > part.least):
                need = counts[part.blocks] - (np.arange(len(part.blocks)) == block)
                other = part.cheapest(need)
                if other is not None and other.people is not None:
                    plan = part.put_into(here, other.people)
                    if part.cost_in(plan) < part.cost_in(here) - ONE_YUAN:
                        found.append(plan)
        return list(dict.fromkeys(found))

    def _rank(self, here: Plan, plans: Sequence[Plan]) -> Callable[[Plan], int]:
        """Return which place a plan has among those that change the same part."""
        ranks: dict[Plan, int] = {}
        for part in self.master.parts:
            mine = [plan for plan in plans if part.names & self._changed(here, plan)]
            ranks |= {plan: rank for rank, plan in enumerate(sorted(mine, key=self.choices.cost))}
        return ranks.__getitem__

    def _cheapest_of_each(self, here: Plan, plans: Sequence[Plan]) -> Plan:
        """Return a plan with the cheapest roster of each part, out of several."""
        for part in self.master.parts:
            cheapest = min([here, *plans], key=part.cost_in)
            here = part.from_plan(here, cheapest)
        return here

    def rise(self, plan: Plan) -> None:
        """Go up from a plan that misses something, in each part by who helps most for the cost, until it holds."""
        for step in range(RISES + 1):
            tried = self.tried[plan] if self.settled(plan) else self.simulate("up", [plan])[0]
            for part in self.master.parts:
                if tried.open(self.own(part)):
                    # It was looked at no closer because another part's requirement is missed.
                    tried = self.simulate("up", [plan], self.own(part))[0]
            short = [part for part in self.master.parts if not self.keeps(part, tried, later=True)]
            if not short or self.spent or step == RISES or self.choices.cost(plan) >= self.best_cost:
                return
            above = [(part, new) for new in self.choices.neighbours(plan, up=True) for part in short
                     if self._changed(plan, new) <= part.names]  # fmt: skip
            scenarios = [self.choices.rostered(each) for each in (plan, *(new for _, new in above))]
            base, *found = self.trials.try_all(scenarios, closely=False)
            here = plan
            for part in short:
                helps = {
                    new: self._help(part, tried, base, more) / max(part.cost_in(new) - part.cost_in(here), ONE_YUAN)
                    for (of, new), more in zip(above, found, strict=True) if of is part
                }  # fmt: skip
                if helps and max(helps.values()) > 0:
                    plan = part.from_plan(plan, max(helps, key=helps.__getitem__))
            if plan is here:
                return

    def _help(self, part: Part, tried: Trial, base: Trial, more: Trial) -> float:
        """Return by how many margins a plan is nearer to what a part has to keep, as far as that is missed."""
        found = 0.0
        for number in self.own(part):
            standing = tried.standings[number]
            if not standing.kept and base.first[number] > more.first[number]:
                nearer = base.first[number] - more.first[number]
                found += min(nearer, max(standing.over, 0.0) + standing.margin) / standing.margin
        return found

    def climb(self, plan: Plan) -> None:
        """Go up from a refused plan, one person or part of a shift at a time, until one keeps what is required."""
        for _ in range(HIGHEST):
            above = self.choices.neighbours(plan, up=True)
            dearer = sorted(above, key=self.choices.cost)
            dearer = [each for each in dearer if not self.master.ruled_out(self.choices.counts(each))]
            dearer = [each for each in dearer if self.choices.cost(each) < self.best_cost - ONE_YUAN]
            while dearer and not self.spent:
                batch, dearer = dearer[:AT_ONCE], dearer[AT_ONCE:]
                if any(map(self._holds, self.simulate("up", batch))):
                    return
            nearest = [each for each in above if each in self.tried]
            if not nearest:
                return
            plan = min(nearest, key=lambda each: max(s.over / s.margin for s in self.tried[each].standings))

    def _changed(self, here: Plan, plan: Plan) -> set[str]:
        pairs = zip(self.choices.pools, here, plan, strict=True)
        return {pool.pool for pool, before, after in pairs if before != after}

    def own(self, part: Part) -> list[int]:
        """Return the numbers of the requirements that depend on the pools of a part alone."""
        return [number for number, pools in enumerate(self._pools) if pools and pools <= part.names]

    def level(self, part: Part) -> int:
        """Return how far along the way of a case the requirements of a part are."""
        return max((self.requirements[number].level for number in self.own(part)), default=0)

    def keeps(self, part: Part, tried: Trial, later: bool) -> bool:
        """Say whether a part keeps its own requirements; the last one has to keep all of them."""
        return self._holds(tried, self.own(part) if later else None)

    def _holds(self, tried: Trial, which: Sequence[int] | None = None) -> bool:
        """Say whether a plan keeps requirements, all if none are named, with the caution that refusals have taught."""
        both = [(tried.standings[n], self._caution[n]) for n in (range(len(self._caution)) if which is None else which)]
        return all(standing.kept and standing.over <= -caution * standing.error for standing, caution in both)
