"""The search for the cheapest plan: down from where queueing theory begins, then cutting planes until nothing is left.

On the way down one person, or a part of a shift, is taken away at a time, as long as the plan keeps what is required;
a plan that fails rules out every plan that has nowhere more people on duty. That ends where no single change saves
anything, and another mix of shifts may still be cheaper. So an integer program finds the cheapest roster that nothing
known speaks against, it is simulated, and what one more on duty in each block would do to it is a cut: the first more
on duty helps most, so no plan can do better than this straight line says. When the cheapest roster left costs as much
as the best one that holds, there is no cheaper one. Source: Atlason, Epelman and Henderson (2008).

The cuts take for granted that more staff never makes a licence later, and that each further one helps less. They are
drawn half a margin wide for what the few replications of a slope leave open. Whether it is so for the plan that was
found, the certificate asks again on fresh seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.staffing.choices import Choices, Plan
from sim.staffing.master import Master, Part
from sim.staffing.requirements import Requirement
from sim.staffing.trials import Trials, Tried

I64 = NDArray[np.int64]

ONE_YUAN = 1.0
STALLED = 6
"""Plans of one cost, one after the other, after which more of them are only told apart by the luck of the search."""
AT_ONCE = 8
"""Neighbours tried together on the way down: they share their draws, and the first that holds ends the step."""


@dataclass(frozen=True)
class Step:
    """A step of the search.

    Attributes
    ----------
    kind : str
        ``start``, ``down`` or ``cut``.
    cost : float
        Of the plan that was tried [yuan].
    score : float
        Of the target: minutes or share.
    keeps : bool
        Whether it keeps all that is required.
    floors_kept : bool
        Whether it keeps the service floors, whatever the target.
    best : float
        Cost of the cheapest plan known to keep it, inf if none is.
    bound : float
        No plan can hold that costs less.
    plans, replications : int
        Simulated so far.
    """

    kind: str
    cost: float
    score: float
    keeps: bool
    floors_kept: bool
    best: float
    bound: float
    plans: int
    replications: int


class Search:
    """Looks for the cheapest plan that keeps the requirements on the random numbers of the search.

    Parameters
    ----------
    choices : Choices
    trials : Trials
    most_plans : int
        Plans simulated at most.
    told : callable
        Gets each step.

    Attributes
    ----------
    best : Plan or None
    bound : float
        No plan can hold that costs less, as far as each further one on duty helps less.
    proven : bool
        Whether no cheaper plan than the best is left.
    tried : dict of Plan to Tried
        All rosters that were simulated.
    refused : set of Plan
        Those that the certificate has refused.
    """

    def __init__(
        self, choices: Choices, trials: Trials, most_plans: int, told: Callable[[Step], None] = lambda step: None
    ) -> None:
        self.choices, self.trials, self.most_plans, self.told = choices, trials, most_plans, told
        self.requirements: tuple[Requirement, ...] = trials.requirements
        self._pools = [choices.pools_for(requirement.stages) for requirement in self.requirements]
        self.master = Master(choices, self._pools)
        self.best: Plan | None = None
        self.bound = 0.0
        self.proven = False
        self.tried: dict[Plan, Tried] = {}
        self.refused: set[Plan] = set()
        self.steps: list[Step] = []

    @property
    def best_cost(self) -> float:
        """Cost of the best plan, inf if there is none."""
        return np.inf if self.best is None else self.choices.cost(self.best)

    @property
    def spent(self) -> bool:
        """Whether all plans that may be simulated have been."""
        return self.trials.plans >= self.most_plans

    def start(self, needs: Sequence[I64]) -> None:
        """Try the cheapest rosters for numbers on duty that theory gives."""
        found = [self.master.cheapest(need) for need in needs]
        plans = list(dict.fromkeys(plan for plan in found if plan is not None))
        for plan, tried in zip(plans, self._try("start", plans), strict=True):
            both = list(zip(self.requirements, tried.standings, strict=True))
            # What is missed at one level changes what comes to the next, and says nothing of that.
            first = min((r.level for r, standing in both if standing.missed or standing.over > 0), default=-1)
            for (requirement, standing), pools in zip(both, self._pools, strict=True):
                if standing.missed and requirement.level == first:
                    self.master.rule_out(self.choices.counts(plan), pools)

    def _try(self, kind: str, plans: Sequence[Plan]) -> list[Tried]:
        """Simulate rosters, and note which is the best."""
        found = self.trials.try_all([self.choices.rostered(plan) for plan in plans])
        for plan, tried in zip(plans, found, strict=True):
            self.tried[plan] = tried
            if tried.keeps and plan not in self.refused and self.choices.cost(plan) < self.best_cost:
                self.best = plan
        for plan, tried in zip(plans, found, strict=True):
            step = Step(
                kind=kind,
                cost=self.choices.cost(plan),
                score=tried.score,
                keeps=tried.keeps,
                floors_kept=not any(standing.over > 0 for standing in tried.standings[1:]),
                best=self.best_cost,
                bound=self.bound,
                plans=self.trials.plans,
                replications=self.trials.replications,
            )
            self.steps.append(step)
            self.told(step)
        return found

    def refuse(self, plan: Plan, requirements: Collection[Requirement]) -> None:
        """Note that a plan does not keep some requirements after all, and go back to the best of the others."""
        self.refused.add(plan)
        for number, requirement in enumerate(self.requirements):
            if requirement in requirements:
                self.master.rule_out(self.choices.counts(plan), self._pools[number])
        holding = [p for p, tried in self.tried.items() if tried.keeps and p not in self.refused]
        holding = [p for p in holding if not self.master.ruled_out(self.choices.counts(p))]
        self.best = min(holding, key=self.choices.cost, default=None)
        self.proven = False

    def descend(self) -> None:
        """Go down from the best plan to cheaper neighbours as long as one of them keeps what is required."""
        while self.best is not None and not self.spent:
            here = self.best
            cheaper = sorted(self.choices.neighbours(here), key=self.choices.cost)
            cheaper = [plan for plan in cheaper if plan not in self.tried]
            while self.best is here:
                # Those tried before may have ruled out more.
                cheaper = [plan for plan in cheaper if not self.master.ruled_out(self.choices.counts(plan))]
                if not cheaper or self.spent:
                    return
                # The greatest saving first; what fails rules out much of what is left.
                batch, cheaper = cheaper[:AT_ONCE], cheaper[AT_ONCE:]
                for plan, tried in zip(batch, self._try("down", batch), strict=True):
                    if not tried.keeps:
                        # The plan that it came from holds, so what was taken away is to blame.
                        self.master.rule_out(self.choices.counts(plan), self._changed(here, plan))

    def _changed(self, here: Plan, plan: Plan) -> set[str]:
        pairs = zip(self.choices.pools, here, plan, strict=True)
        return {pool.pool for pool, before, after in pairs if before != after}

    def cut(self) -> None:
        """In each part, try the cheapest roster that nothing speaks against, beside the best plan's of the others."""
        assert self.best is not None
        self._learn([(part, self.best) for part in self.master.parts])
        stalled = [0] * len(self.master.parts)
        bounds = [0.0] * len(self.master.parts)
        while True:
            best = self.best
            proposed = []
            for number, part in enumerate(self.master.parts):
                found = part.cheapest()
                own = part.cost_in(best)
                bound = own if found is None else min(found[1], own)
                stalled[number] = stalled[number] + 1 if bound <= bounds[number] + ONE_YUAN else 0
                bounds[number] = max(bound, bounds[number])
                if found is not None and bound < own - ONE_YUAN and stalled[number] < STALLED:
                    proposed.append((part, part.put_into(best, found[0])))
            self.bound = sum(bounds)
            self.proven = self.bound >= self.best_cost - ONE_YUAN * len(bounds)
            if not proposed or self.spent:
                return
            tried = self._try("cut", [plan for _, plan in proposed])
            kept = [(part, plan) for (part, plan), found in zip(proposed, tried, strict=True) if found.keeps]
            if len(kept) > 1:
                # What is saved in one part is saved beside the savings in another.
                both = best
                for part, plan in kept:
                    both = part.put_into(both, [np.array(plan[number]) for number in part.numbers])
                self._try("cut", [both])
            failed = [item for item, found in zip(proposed, tried, strict=True) if not found.keeps]
            for part, plan in failed:
                part.rule_out(self.choices.counts(plan)[part.blocks])
            self._learn(failed)

    def _learn(self, plans: Sequence[tuple[Part, Plan]]) -> None:
        """Simulate one more on duty in each block of a part, and give the part what that says of all its rosters."""
        asked: list[I64] = []
        for part, plan in plans:
            here = self.choices.counts(plan)
            blocks = part.blocks[here[part.blocks] < self.choices.most[part.blocks]]
            asked += [here, *(here + (np.arange(len(here)) == block) for block in blocks)]
        found = iter(self.trials.try_all([self.choices.staffed(counts) for counts in asked], closely=False))
        for part, plan in plans:
            here = self.choices.counts(plan)
            base = next(found)
            slopes = np.zeros((len(self.requirements), len(here)))
            for block in part.blocks[here[part.blocks] < self.choices.most[part.blocks]]:
                more = next(found)
                slopes[:, block] = [a.over - b.over for a, b in zip(more.standings, base.standings, strict=True)]
            for number, requirement in enumerate(self.requirements):
                over = base.standings[number].over
                if self._pools[number] <= part.names and np.isfinite(over):
                    slope = np.where(np.isfinite(slopes[number]), np.minimum(slopes[number], 0.0), 0.0)
                    part.require(slope[part.blocks], float(slope @ here) - over + requirement.margin / 2)
