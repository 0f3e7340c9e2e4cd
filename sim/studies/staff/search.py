"""The search for the cheapest plan: down from where queueing theory begins, then cutting planes until nothing is left.

On the way down one person, or a part of a shift, is taken away at a time, as long as the plan keeps what is required;
a plan that fails rules out every plan that has nowhere more people on duty. That ends where no single change saves
anything, and another mix of shifts may still be cheaper. So an integer program finds the cheapest roster that nothing
known speaks against, it is simulated, and what one more on duty in each block would do to it is a cut: the first more
on duty helps most, so no plan can do better than this straight line says. When the cheapest roster left costs as much
as the best one that holds, there is no cheaper one. Source: Atlason, Epelman and Henderson (2008).

The cuts take for granted that more staff never makes a licence later, and that each further one helps less. They are
drawn half a margin wide for a plan whose few replications leave open how far off it is. Whether it is so for the plan
that was found, the certificate asks again on fresh seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.studies.staff.choices import Choices, Plan
from sim.studies.staff.master import Master, Part
from sim.studies.staff.records import SearchStep
from sim.studies.staff.trials import MOST, Requirement, Trial, Trials

I64 = NDArray[np.int64]

ONE_YUAN = 1.0
HIGHEST = 3
"""Persons, or parts of shifts, added to a plan that was refused before another one is looked for."""
STALLED = 5
"""Plans of one cost, one after the other, after which more of them are only told apart by chance."""
CAUTION = 1.0
"""Standard errors by which a plan has to keep what another was refused for, more with each refusal: of many plans near
the edge the search takes the one that its random numbers flatter most."""
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

    def __init__(self, choices: Choices, trials: Trials, most_plans: int) -> None:
        self.choices, self.trials, self.most_plans = choices, trials, most_plans
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
        """Whether all plans that may be simulated have been."""
        return self.trials.plans >= self.most_plans

    def start(self, needs: Sequence[I64], known: Collection[Plan] = ()) -> None:
        """Try rosters that are known, and the cheapest for numbers on duty that theory gives, or as many as can be."""
        found = [*known, *map(self.master.cheapest, needs)]
        plans = list(dict.fromkeys(plan for plan in found if plan is not None))
        for plan, tried in zip(plans, self._try("start", plans), strict=True):
            both = list(zip(self.requirements, tried.standings, strict=True))
            # What is missed at one level changes what comes to the next, and says nothing of that.
            first = min((r.level for r, standing in both if standing.missed or standing.over > 0), default=-1)
            for (requirement, standing), pools in zip(both, self._pools, strict=True):
                if standing.missed and requirement.level == first:
                    self.master.rule_out(self.choices.counts(plan), pools)
        self._compose(list(self.tried))

    def _compose(self, plans: Sequence[Plan]) -> None:
        """Try of each part the cheapest roster that kept what is its own, all together; dearer ones of what does not.

        One share of waiting for all stages pays for the busiest of them everywhere.
        """
        kept = [[p for p in plans if self._keeps(part, self.tried[p], later=True)] for part in self.master.parts]
        ladders = [sorted(those, key=part.cost_in) for part, those in zip(self.master.parts, kept, strict=True)]
        while all(ladders) and not self.spent:
            plan = plans[0]
            for part, ladder in zip(self.master.parts, ladders, strict=True):
                plan = part.from_plan(plan, ladder[0])
            tried = self.tried[plan] if self._settled(plan) else self._try("start", [plan])[0]
            if tried.keeps:
                return
            short = [not self._keeps(part, tried, later=True) for part in self.master.parts]
            # What is missed at one level changes what comes to the next, and says nothing of that.
            levels = [self._level(part) for part, of_it in zip(self.master.parts, short, strict=True) if of_it]
            first = min(levels, default=-1)
            ladders = [
                ladder[1:] if of_it and self._level(part) == first else ladder
                for part, ladder, of_it in zip(self.master.parts, ladders, short, strict=True)
            ]
            if not any(short):
                return

    def _settled(self, plan: Plan) -> bool:
        """Say whether a plan was simulated as closely as it takes for all requirements."""
        return plan in self.tried and not self.tried[plan].open(range(len(self.requirements)))

    def _try(self, kind: str, plans: Sequence[Plan], about: Sequence[int] | None = None) -> list[Trial]:
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

    def refuse(self, plan: Plan, requirements: Collection[Requirement]) -> None:
        """Note that a plan does not keep some requirements after all, and go back to the best of the others."""
        self.refused.add(plan)
        for number, requirement in enumerate(self.requirements):
            if requirement in requirements:
                self.master.rule_out(self.choices.counts(plan), self._pools[number])
                self._caution[number] += CAUTION
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

    def _step_down(self, here: Plan, cheaper: Sequence[Plan]) -> bool:
        """Try cheaper plans, the greatest saving first, until one keeps what is required; say whether one did."""
        cheaper = [plan for plan in cheaper if not self._settled(plan)]
        while self.best is here and not self.spent:
            # Those tried before may have ruled out more.
            cheaper = [plan for plan in cheaper if not self.master.ruled_out(self.choices.counts(plan))]
            if not cheaper:
                break
            # Of each part in turn; what fails rules out much of what is left.
            batch = sorted(cheaper, key=self._rank(here, cheaper))[:AT_ONCE]
            cheaper = [plan for plan in cheaper if plan not in batch]
            kept = []
            for plan, tried in zip(batch, self._try("down", batch), strict=True):
                # The plan that it came from holds, so what was taken away is to blame. It may have been made up for
                # by any pool that the requirement depends on, but by none besides.
                pools = self._changed(here, plan)
                for standing, tied in zip(tried.standings, self._pools, strict=True):
                    if standing.missed:
                        self.master.rule_out(self.choices.counts(plan), pools | tied)
                kept += [plan] if self._holds(tried) else []
            together = self._cheapest_of_each(here, kept)
            if kept and not self._settled(together):
                self._try("down", [together])
        return self.best is not here

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

    def climb(self, plan: Plan) -> None:
        """Go up from a refused plan, one person or part of a shift at a time, until one keeps what is required."""
        for _ in range(HIGHEST):
            above = self.choices.neighbours(plan, up=True)
            dearer = sorted(above, key=self.choices.cost)
            dearer = [each for each in dearer if not self.master.ruled_out(self.choices.counts(each))]
            dearer = [each for each in dearer if self.choices.cost(each) < self.best_cost - ONE_YUAN]
            while dearer:
                batch, dearer = dearer[:AT_ONCE], dearer[AT_ONCE:]
                if any(map(self._holds, self._try("up", batch))):
                    return
            nearest = [each for each in above if each in self.tried]
            if not nearest:
                return
            plan = min(nearest, key=lambda each: max(s.over / s.margin for s in self.tried[each].standings))

    def _changed(self, here: Plan, plan: Plan) -> set[str]:
        pairs = zip(self.choices.pools, here, plan, strict=True)
        return {pool.pool for pool, before, after in pairs if before != after}

    def cut(self) -> None:
        """Find the cheapest roster of each part, along the way of a case: the phone, the hall, what the clock counts.

        Each part is looked for beside the rosters found for those before it, and beside the best plan's of those that
        come later.
        """
        assert self.best is not None
        plan, bound, proven = self.best, 0.0, True
        for level in sorted({self._level(part) for part in self.master.parts}):
            parts = [part for part in self.master.parts if self._level(part) == level]
            plan, cost, sure = self._cheapest_parts(parts, plan, bound)
            bound, proven = bound + cost, proven and sure
        self.bound = min(bound, self.best_cost)
        if self.best is not plan and self.choices.cost(plan) < self.best_cost and not self._settled(plan):
            self._try("cut", [plan])
        self.proven = proven and self.best is not None and self.choices.cost(plan) >= self.best_cost - ONE_YUAN

    def _own(self, part: Part) -> list[int]:
        """Return the numbers of the requirements that depend on the pools of a part alone."""
        return [number for number, pools in enumerate(self._pools) if pools and pools <= part.names]

    def _level(self, part: Part) -> int:
        return max((self.requirements[number].level for number in self._own(part)), default=0)

    def _cheapest_parts(self, parts: Sequence[Part], plan: Plan, before: float) -> tuple[Plan, float, bool]:
        """Return the plan with cheaper rosters in some parts, a bound on what these cost, and whether it is reached."""
        level = self._level(parts[0])
        later = any(self._level(part) > level for part in self.master.parts)
        about = [n for n, requirement in enumerate(self.requirements) if requirement.level <= level or not later]
        stalled, bounds, done = [0] * len(parts), [0.0] * len(parts), [False] * len(parts)
        # With other rosters at the levels before, those of this level may be too lean.
        here = self._try("cut", [plan], about)[0] if not self._settled(plan) else self.tried[plan]
        holds = [self._keeps(part, here, later=True) for part in parts]
        self._learn([(part, plan) for part in parts])
        while True:
            proposed: list[tuple[int, Part, Plan]] = []
            for number, part in enumerate(parts):
                found = part.cheapest()
                if found is None and not holds[number]:
                    # Nothing is left beside these rosters of the levels before; beside others there may be.
                    stalled[number] = STALLED
                    continue
                cost = part.cost_in(plan) if holds[number] else np.inf
                bound = cost if found is None else min(found.bound, cost)
                stalled[number] = stalled[number] + 1 if bound <= bounds[number] + ONE_YUAN else 0
                bounds[number] = max(bound, bounds[number])
                done[number] = done[number] or bound >= cost - ONE_YUAN
                if found and found.people and not done[number] and stalled[number] < STALLED:
                    proposed.append((number, part, part.put_into(plan, found.people)))
            self.bound = before + sum(bounds)
            if not proposed or self.spent:
                return plan, sum(bounds), all(done) and all(holds)
            tried = self._try("cut", [each for *_, each in proposed], about)
            failed: list[tuple[Part, Plan]] = []
            for (number, part, each), found_of in zip(proposed, tried, strict=True):
                own = self._own(part)
                if found_of.open(own):
                    # It was looked at no closer because another part's requirement is missed.
                    found_of = self._try("cut", [each], own)[0]
                if self._keeps(part, found_of, later) and each not in self.refused:
                    plan = part.from_plan(plan, each)
                    holds[number] = True
                    # If it is the cheapest that nothing speaks against, there is no cheaper one.
                    done[number] = part.cost_in(plan) <= bounds[number] + ONE_YUAN
                elif any(found_of.standings[requirement].missed for requirement in own):
                    part.rule_out(self.choices.counts(each)[part.blocks])
                    failed.append((part, each))
                else:
                    # What is missed is another part's, or what the certificate refused: it says nothing of this one.
                    stalled[number] = STALLED
            self._learn(failed)

    def _keeps(self, part: Part, tried: Trial, later: bool) -> bool:
        """Say whether a part keeps its own requirements; the last one has to keep all of them."""
        return self._holds(tried, self._own(part) if later else None)

    def _holds(self, tried: Trial, which: Sequence[int] | None = None) -> bool:
        """Say whether a plan keeps requirements, all if none are named, with the caution that refusals have taught."""
        both = [(tried.standings[n], self._caution[n]) for n in (range(len(self._caution)) if which is None else which)]
        return all(standing.kept and standing.over <= -caution * standing.error for standing, caution in both)

    def _learn(self, plans: Sequence[tuple[Part, Plan]]) -> None:
        """Simulate one more on duty in each block of a part, and give the part what that says of all its rosters."""
        if self.spent:
            return
        # Two parts whose rosters have changed at once make a plan that nobody has simulated.
        new = [plan for _, plan in plans if plan not in self.tried]
        if new:
            self._try("cut", list(dict.fromkeys(new)))
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
                slopes[:, block] = [a - b for a, b in zip(more.first, base.first, strict=True)]
            for number in self._own(part):
                requirement, standing = self.requirements[number], self.tried[plan].standings[number]
                slope = np.minimum(slopes[number], 0.0)
                # Where nothing helps, or an end is not finite, a straight line would say more than is known.
                told = np.isfinite(slopes[number]).all() and np.isfinite(standing.over) and bool(slope.any())
                if told:
                    # On the edge a plan has had enough replications; of one that is far off little is known.
                    wide = 0.0 if standing.replications >= MOST else requirement.margin / 2
                    part.require(slope[part.blocks], float(slope @ here) - standing.over + wide)
