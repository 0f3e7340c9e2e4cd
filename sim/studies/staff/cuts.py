"""Cutting planes: the cheapest roster that nothing known speaks against, until none is left or costs less.

What one more on duty in each block does to a roster that fails is a straight line that no roster can be better than, as
far as more staff never makes a licence later and each further one helps less. Lines are drawn half a margin wide for a
plan whose few replications leave open how far off it is. Source: Atlason, Epelman and Henderson (2008).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.studies.staff.choices import Plan
from sim.studies.staff.master import Part
from sim.studies.staff.search import ONE_YUAN, Search
from sim.studies.staff.trials import CLOSELY

I64 = NDArray[np.int64]

STALLED = 5
"""Plans of one cost, one after the other, after which more of them are only told apart by chance."""


def cut(search: Search) -> None:
    """Find the cheapest roster of each part, along the way of a case: the phone, the hall, what the clock counts.

    Each part is looked for beside the rosters found for those before it, and beside the best plan's of those that
    come later.
    """
    assert search.best is not None
    plan, bound, proven = search.best, 0.0, True
    for level in sorted({search.level(part) for part in search.master.parts}):
        parts = [part for part in search.master.parts if search.level(part) == level]
        plan, cost, sure = _cheapest_parts(search, parts, plan, bound)
        bound, proven = bound + cost, proven and sure
    search.bound = min(bound, search.best_cost)
    if search.best is not plan and search.choices.cost(plan) < search.best_cost and not search.settled(plan):
        search.simulate("cut", [plan])
    search.proven = proven and search.best is not None and search.choices.cost(plan) >= search.best_cost - ONE_YUAN


def _cheapest_parts(search: Search, parts: Sequence[Part], plan: Plan, before: float) -> tuple[Plan, float, bool]:
    """Return the plan with cheaper rosters in some parts, a bound on what these cost, and whether it is reached."""
    level = search.level(parts[0])
    later = any(search.level(part) > level for part in search.master.parts)
    about = [n for n, requirement in enumerate(search.requirements) if requirement.level <= level or not later]
    stalled, bounds, done = [0] * len(parts), [0.0] * len(parts), [False] * len(parts)
    # With other rosters at the levels before, those of this level may be too lean.
    here = search.simulate("cut", [plan], about)[0] if not search.settled(plan) else search.tried[plan]
    holds = [search.keeps(part, here, later=True) for part in parts]
    _learn(search, [(part, plan) for part in parts])
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
        search.bound = before + sum(bounds)
        if not proposed or search.spent:
            return plan, sum(bounds), all(done) and all(holds)
        tried = search.simulate("cut", [each for *_, each in proposed], about)
        failed: list[tuple[Part, Plan]] = []
        for (number, part, each), found_of in zip(proposed, tried, strict=True):
            own = search.own(part)
            if found_of.open(own):
                # It was looked at no closer because another part's requirement is missed.
                found_of = search.simulate("cut", [each], own)[0]
            if search.keeps(part, found_of, later) and each not in search.refused:
                plan = part.from_plan(plan, each)
                holds[number] = True
                # If it is the cheapest that nothing speaks against, there is no cheaper one.
                done[number] = part.cost_in(plan) <= bounds[number] + ONE_YUAN
            elif any(found_of.standings[requirement].missed for requirement in own):
                part.rule_out(search.choices.counts(each)[part.blocks])
                failed.append((part, each))
            else:
                # What is missed is another part's, or what the certificate refused: it says nothing of this one.
                stalled[number] = STALLED
        _learn(search, failed)


def _learn(search: Search, plans: Sequence[tuple[Part, Plan]]) -> None:
    """Simulate one more on duty in each block of a part, and give the part what that says of all its rosters."""
    if search.spent:
        return
    # Two parts whose rosters have changed at once make a plan that nobody has simulated.
    new = [plan for _, plan in plans if plan not in search.tried]
    if new:
        search.simulate("cut", list(dict.fromkeys(new)))
    asked: list[I64] = []
    for part, plan in plans:
        here = search.choices.counts(plan)
        blocks = part.blocks[here[part.blocks] < search.choices.most[part.blocks]]
        asked += [here, *(here + (np.arange(len(here)) == block) for block in blocks)]
    found = iter(search.trials.try_all([search.choices.staffed(counts) for counts in asked], closely=False))
    for part, plan in plans:
        here = search.choices.counts(plan)
        base = next(found)
        slopes = np.zeros((len(search.requirements), len(here)))
        for block in part.blocks[here[part.blocks] < search.choices.most[part.blocks]]:
            more = next(found)
            slopes[:, block] = [a - b for a, b in zip(more.first, base.first, strict=True)]
        for number in search.own(part):
            requirement, standing = search.requirements[number], search.tried[plan].standings[number]
            slope = np.minimum(slopes[number], 0.0)
            # Where nothing helps, or an end is not finite, a straight line would say more than is known.
            told = np.isfinite(slopes[number]).all() and np.isfinite(standing.over) and bool(slope.any())
            if told:
                # On the edge a plan has had enough replications; of one that is far off little is known.
                wide = 0.0 if standing.replications >= CLOSELY.most else requirement.margin / 2
                part.require(slope[part.blocks], float(slope @ here) - standing.over + wide)
