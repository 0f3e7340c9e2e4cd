"""What may be chosen: the shifts of each pool, what they cover and cost, and bounds on who is on duty.

Half-hours that the same shifts cover, with the same bounds, are one block: a plan is told by the number of people
on duty in each block, and that is all that its licence times depend on, but for who hands over to whom.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import MAX_SERVERS
from sim.office.demand import scenario_days
from sim.office.hours import CLOSED_DAY, DAY_KINDS, SLOT, SLOTS, slots_of
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span, show_time
from sim.office.parameters.staff import KIND_OF_DAY
from sim.office.problems import nearest
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.replicate.verdicts import NOTHING
from sim.studies.base import StudyError
from sim.studies.staff.rules import ShiftForm, StaffingRules
from sim.text import N_, Message

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Plan = tuple[tuple[int, ...], ...]
"""People on each shift of each pool, in the order of `Choices.pools`."""

UNCOVERED = {
    False: N_("no shift of the {pool} covers {time} on {day}, when somebody must be on duty; add one that does"),
    True: N_(
        "no shift of the {pool} covers {time} on {day}, when somebody must be on duty; add one that does; a shift "
        "through midday cannot be worked where midday is not manned"
    ),
}
"""What is wrong with the shifts, by whether there are hours in which nobody may be on duty."""


@dataclass(frozen=True, eq=False)
class PoolChoices:
    """What may be chosen for one pool.

    Attributes
    ----------
    pool : str
    shifts : tuple of str
        Names.
    forms : tuple of ShiftForm
    cover : (shifts, blocks) int64
        1 where a shift covers a block.
    slots : (blocks, 8, 48) bool
        Kinds of day and half-hours of each block.
    least, most : (blocks,) int64
        Bounds on the number on duty.
    cost : (shifts,) float64
        Of one person on a shift in the horizon, overtime left out [yuan].
    at_once, most_people : int
        Cases that each may have in hand at once, and how many people a pool can have who do.
    """

    pool: str
    shifts: tuple[str, ...]
    forms: tuple[ShiftForm, ...]
    cover: I64
    slots: NDArray[np.bool_]
    least: I64
    most: I64
    cost: F64
    at_once: int = 1
    most_people: int = MAX_SERVERS


@dataclass(frozen=True, eq=False)
class Choices:
    """What may be chosen for all pools of a scenario.

    Attributes
    ----------
    scenario : Scenario
        With the pools that are kept as they are.
    pools : tuple of PoolChoices
    """

    scenario: Scenario
    pools: tuple[PoolChoices, ...]

    @cached_property
    def _scenario(self) -> dict[str, Any]:
        return scenario_as_dict(self.scenario)

    @cached_property
    def first_block(self) -> tuple[int, ...]:
        """Where the blocks of each pool begin in a row of all blocks, and the end of the last."""
        return tuple(np.cumsum([0, *(len(pool.least) for pool in self.pools)]).tolist())

    @cached_property
    def least(self) -> I64:
        """Least number on duty in each block of all pools."""
        return np.concatenate([pool.least for pool in self.pools])

    @cached_property
    def most(self) -> I64:
        """Most on duty in each block of all pools."""
        return np.concatenate([pool.most for pool in self.pools])

    @cached_property
    def pool_of_block(self) -> tuple[str, ...]:
        """Name of the pool of each block."""
        return tuple(pool.pool for pool in self.pools for _ in pool.least)

    def counts(self, plan: Plan) -> I64:
        """Return the number on duty in each block of all pools."""
        return np.concatenate(
            [np.asarray(people, np.int64) @ pool.cover for people, pool in zip(plan, self.pools, strict=True)]
        )

    def cost(self, plan: Plan) -> float:
        """Return the planned staff cost of the pools that are chosen for, in the horizon [yuan]."""
        return float(sum(np.dot(people, pool.cost) for people, pool in zip(plan, self.pools, strict=True)))

    @staticmethod
    def people(plan: Plan) -> int:
        """Return how many people a plan has."""
        return int(sum(map(sum, plan)))

    def allows(self, counts: I64) -> bool:
        """Say whether the numbers on duty are within the bounds."""
        return bool((counts >= self.least).all() and (counts <= self.most).all())

    def possible(self, plan: Plan) -> bool:
        """Say whether a plan has nobody missing, and as many people and on duty as there may be."""
        few = all(sum(people) <= pool.most_people for people, pool in zip(plan, self.pools, strict=True))
        return few and min(map(min, plan)) >= 0 and self.allows(self.counts(plan))

    @property
    def plans(self) -> float:
        """How many plans there are within the bounds, counted by the numbers on duty in each block.

        An upper bound of what a grid would have to try; shifts that cover several blocks rule some of them out.
        """
        return float(np.prod((self.most - self.least + 1).astype(np.float64)))

    def pools_for(self, stages: Collection[str]) -> set[str]:
        """Return the pools that the waiting at some stages depends on.

        Those that serve them, as their own or as helpers, and whoever serves what these serve besides: a helper with
        much to do at home is no help.
        """
        served = {
            pool: {*own, *(help_.stage for help_ in self.scenario.pools[pool].helps)}
            for pool, own in self.scenario.stages_of_pool.items()
        }
        reached = set(stages)
        while True:
            pools = {pool for pool, its in served.items() if its & reached}
            more = set().union(*(served[pool] for pool in pools))
            if more <= reached:
                return pools
            reached |= more

    def neighbours(self, plan: Plan, up: bool = False) -> list[Plan]:
        """Return the plans with one person less, and with one person on a cheaper part of the shift.

        Parameters
        ----------
        plan : Plan
        up : bool
            The other way: one person more, and one person on a dearer shift that has the old one in it.
        """
        change = 1 if up else -1
        found = []
        for p, (people, pool) in enumerate(zip(plan, self.pools, strict=True)):
            on = np.asarray(people)
            for s in range(len(people)) if up else np.flatnonzero(on):
                within = (pool.cover <= pool.cover[s]).all(axis=1) & (pool.cost < pool.cost[s])
                # Going up, somebody has to be on the part of the shift.
                for other in (None, *np.flatnonzero(within & (on > 0) if up else within)):
                    changed = list(people)
                    changed[s] += change
                    if other is not None:
                        changed[other] -= change
                    new = (*plan[:p], tuple(changed), *plan[p + 1 :])
                    if self.possible(new):
                        found.append(new)
        return found

    def plan_in(self, scenario: Scenario) -> Plan | None:
        """Return the roster of a scenario as a plan; None if it is none of these shifts, or not within the bounds."""
        plan = []
        for pool in self.pools:
            shifts = [(tuple(sorted(form.hours)), set(form.days or KIND_OF_DAY)) for form in pool.forms]
            people = [0] * len(shifts)
            for line in scenario.pools[pool.pool].roster:
                if (shift := (line.hours, set(line.days or KIND_OF_DAY))) not in shifts:
                    return None
                people[shifts.index(shift)] += line.people
            plan.append(tuple(people))
        return tuple(plan) if self.allows(self.counts(tuple(plan))) else None

    def rostered(self, plan: Plan, name: str | None = None, title: Mapping[str, str] | None = None) -> Scenario:
        """Return the scenario in which people work the shifts of a plan; under a name and a title of its own if given.

        Parameters
        ----------
        plan : Plan
        name : str, optional
        title : mapping of language to str, optional
            With a name.
        """
        rosters = {
            pool.pool: [
                {"hours": list(map(show_span, form.hours)), "people": int(number), "days": list(form.days)}
                for form, number in zip(pool.forms, people, strict=True)
                if number
            ]
            for people, pool in zip(plan, self.pools, strict=True)
        }
        return self._with(rosters, {} if name is None else {"name": name, "title": title, "staffing": "chosen"})

    def staffed(self, counts: I64) -> Scenario:
        """Return the scenario with so many on duty in each block, whoever they are: no shifts, no handing over."""
        # The midday crew would take the place of a plan, so the counts come as the hours of single servers.
        return self._with({
            pool.pool: _as_people(np.tensordot(counts[begin:end], pool.slots, 1))
            for pool, (begin, end) in zip(self.pools, pairwise(self.first_block), strict=True)
        })  # fmt: skip

    def _with(self, rosters: Mapping[str, list[dict[str, Any]]], changed: Mapping[str, Any] = {}) -> Scenario:
        full, staff = self._scenario, dict(self._scenario["staff"])
        for pool, roster in rosters.items():
            staff[pool] = {**staff[pool], "plan": {}, "on": {}, "roster": roster}
        return scenario_from_dict({**full, "staff": staff, **changed})


def _as_people(line: I64) -> list[dict[str, Any]]:
    """Return counts, shape (8, 48), as people: person s is on duty whenever more than s are, as in a plan."""
    people = []
    for server in range(int(line.max(initial=0))):
        alike: dict[tuple[str, ...], list[str]] = {}
        for day, kind in KIND_OF_DAY.items():
            edges = np.flatnonzero(np.diff(line[kind] > server, prepend=False, append=False))
            hours = tuple(show_span((begin * SLOT, end * SLOT)) for begin, end in edges.reshape(-1, 2).tolist())
            if hours:
                alike.setdefault(hours, []).append(day)
        for hours, days in alike.items():
            every = len(days) == len(KIND_OF_DAY)
            people.append({"hours": list(hours), "people": 1, "days": [] if every else days})
    return people


def choices_of(scenario: Scenario, rules: StaffingRules, visited: Sequence[str], useful: Mapping[str, int]) -> Choices:
    """Return what may be chosen for a scenario.

    Parameters
    ----------
    scenario : Scenario
    rules : StaffingRules
    visited : sequence of str
        Stages that somebody comes to; the pools of others stay as they are, as do those that the rules keep.
    useful : mapping of pool to int
        Servers beyond which more make no difference; the bound where the rules give none.

    Raises
    ------
    StudyError
        If nobody comes, there is no pool to choose for, or the shifts of one leave hours uncovered in which somebody
        must be on duty.
    """
    if not visited:
        raise StudyError(Message(NOTHING))
    for where, names in rules.pools_named.items():
        for pool in names:
            if pool not in scenario.pools:
                raise StudyError(Message("the staffing rules name {pool} ({where}), which are no pool here; {nearest}",
                                         pool=pool, where=where, nearest=nearest(pool, scenario.pools)))  # fmt: skip
    pools = [
        _pool_choices(scenario, rules, pool, [stage for stage in stages if stage in visited], useful[pool])
        for pool, stages in scenario.stages_of_pool.items() if pool not in rules.keep and {*stages} & {*visited}
    ]  # fmt: skip
    if not pools:
        raise StudyError(Message("there is no pool to choose a plan for; take one out of 'keep'"))
    return Choices(scenario, tuple(pools))


def _pool_choices(
    scenario: Scenario, rules: StaffingRules, pool: str, stages: Sequence[str], useful: int
) -> PoolChoices:
    bound = {str(name): form for name, form in rules.bounds.items()}.get(pool)
    days = scenario_days(scenario)
    kinds_of_days = days.kinds[days.warm_up : days.horizon]
    worked = np.bincount(kinds_of_days[kinds_of_days != CLOSED_DAY], minlength=DAY_KINDS)
    must = _must_be_there(scenario, stages, bound.least if bound else 1) * (worked > 0)[:, None]
    at_once, possible = scenario.pools[pool].at_once, scenario.pools[pool].most_people
    if bound and bound.least > possible:
        raise StudyError(Message(
            "the staffing rules: bounds.{pool}.least: {people} people with {at_once} cases each have more in hand at "
            "once than is possible; at most {most} people", pool=pool, people=bound.least, at_once=at_once,
            most=possible,
        ))  # fmt: skip
    most = min(bound.most if bound and bound.most else max(useful, int(must.max())), possible)
    noon = scenario.staff.midday.nobody_slots
    masks, names = [], []
    for name, form in rules.shifts.items():
        mask = _mask(form)
        # Where nobody is on duty at midday, a shift through it cannot be worked.
        if (not form.pools or pool in form.pools) and not (mask & noon).any():
            if at_once > 1 and (mask[worked > 0] != mask[worked > 0][:1]).any():
                raise StudyError(Message(
                    "the staffing rules: shifts.{shift}: people of pool {pool} have several cases in hand at once; for "
                    "them only shifts of all days are searched, so name other pools in shifts.{shift}.pools",
                    shift=name, pool=pool,
                ))  # fmt: skip
            names.append(name)
            masks.append(mask)
    cover = np.array(masks, bool).reshape(len(names), DAY_KINDS, SLOTS)
    uncovered = (must > 0) & ~cover.any(axis=0)
    if uncovered.any():
        kind, slot = (int(place[0]) for place in np.nonzero(uncovered))
        day = next(name for name, number in KIND_OF_DAY.items() if number == kind)
        raise StudyError(Message(UNCOVERED[bool(noon.any())], pool=pool, time=show_time(slot * SLOT), day=day))
    # Half-hours that the same shifts cover, with the same bounds.
    columns = np.vstack([cover.reshape(len(names), -1).astype(np.int64), must.reshape(1, -1)])
    kinds, block_of = np.unique(columns, axis=1, return_inverse=True)
    used = [block for block in range(kinds.shape[1]) if kinds[:-1, block].any()]
    # In the order of the day.
    used.sort(key=lambda block: int(np.flatnonzero(block_of.ravel() == block)[0]))
    slots = np.array([(block_of.ravel() == block).reshape(DAY_KINDS, SLOTS) for block in used])
    staff = scenario.pools[pool]
    hours = cover.sum(axis=2) @ worked * SLOT / 60
    return PoolChoices(
        pool=pool,
        shifts=tuple(names),
        forms=tuple(rules.shifts[name] for name in names),
        cover=kinds[:-1, used],
        slots=slots,
        least=kinds[-1, used],
        most=np.full(len(used), most),
        cost=hours * staff.cost_per_hour,
        at_once=at_once,
        most_people=possible,
    )


def _mask(form: ShiftForm) -> NDArray[np.bool_]:
    """Return when a shift is worked, shape (8, 48)."""
    mask = np.zeros((DAY_KINDS, SLOTS), bool)
    mask[[kind for day, kind in KIND_OF_DAY.items() if not form.days or day in form.days]] = slots_of(form.hours)
    return mask


def _must_be_there(scenario: Scenario, stages: Sequence[str], least: int) -> I64:
    """Return the least number on duty, shape (8, 48): while one of the stages is open and the hours count."""
    opening = [span for stage in stages for span in scenario.hours_of(stage)]
    slots = slots_of(opening) & slots_of(scenario.hours.counted) & ~scenario.staff.midday.nobody_slots
    must = np.zeros((DAY_KINDS, SLOTS), np.int64)
    must[list(KIND_OF_DAY.values())] = np.where(slots, least, 0)
    return must
