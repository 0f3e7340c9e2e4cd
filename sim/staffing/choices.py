"""What may be chosen: the shifts of each pool, what they cover and cost, and bounds on who is on duty.

Half-hours that the same shifts cover, with the same bounds, are one block: a plan is told by the number of people
on duty in each block, and that is all that its licence times depend on, but for who hands over to whom.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import MAX_SERVERS
from sim.office.hours import SLOT
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.parameters.staff import KIND_OF_DAY, STAGE_OF_POOL
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.staffing.rules import ShiftForm

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Plan = tuple[tuple[int, ...], ...]
"""People on each shift of each pool, in the order of `Choices.pools`."""

HOURS_OF_STAGE = {"phone": "phone", "review": "review"}
"""Opening hours of a stage, where they are not those of the office."""


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
    """

    pool: str
    shifts: tuple[str, ...]
    forms: tuple[ShiftForm, ...]
    cover: I64
    slots: NDArray[np.bool_]
    least: I64
    most: I64
    cost: F64

    def block_name(self, block: int) -> str:
        """Return the hours of a block, as in ``Mon 08:30-11:00``."""
        where = self.slots[block]
        kinds = [kind for kind in KIND_OF_DAY.values() if where[kind].any()]
        line = where[kinds[0]]
        begins = np.flatnonzero(line & ~np.roll(line, 1))
        ends = np.flatnonzero(line & ~np.roll(line, -1)) + 1
        hours = ", ".join(show_span((b * SLOT, e * SLOT)) for b, e in zip(begins, ends, strict=True))
        if len(kinds) == len(KIND_OF_DAY):
            return hours
        return "/".join(day for day, kind in KIND_OF_DAY.items() if kind in kinds) + " " + hours


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

    def allows(self, counts: I64) -> bool:
        """Say whether the numbers on duty are within the bounds."""
        return bool((counts >= self.least).all() and (counts <= self.most).all())

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
            pool: {stage, *(help_.stage for help_ in getattr(self.scenario.staff, pool).helps)}
            for pool, stage in STAGE_OF_POOL.items()
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
        if up:
            return self._dearer(plan)
        found = []
        for p, (people, pool) in enumerate(zip(plan, self.pools, strict=True)):
            for s in np.flatnonzero(people):
                within = (pool.cover <= pool.cover[s]).all(axis=1) & (pool.cost < pool.cost[s])
                for other in (None, *np.flatnonzero(within)):
                    changed = list(people)
                    changed[s] -= 1
                    if other is not None:
                        changed[other] += 1
                    new = (*plan[:p], tuple(changed), *plan[p + 1 :])
                    if self.allows(self.counts(new)):
                        found.append(new)
        return found

    def _dearer(self, plan: Plan) -> list[Plan]:
        found = []
        for p, (people, pool) in enumerate(zip(plan, self.pools, strict=True)):
            for s, cover in enumerate(pool.cover):
                within = (pool.cover <= cover).all(axis=1) & (pool.cost < pool.cost[s]) & (np.asarray(people) > 0)
                for other in (None, *np.flatnonzero(within)):
                    changed = list(people)
                    changed[s] += 1
                    if other is not None:
                        changed[other] -= 1
                    new = (*plan[:p], tuple(changed), *plan[p + 1 :])
                    if self.allows(self.counts(new)) and sum(changed) <= MAX_SERVERS:
                        found.append(new)
        return found

    def rostered(self, plan: Plan, name: str | None = None, title: dict[str, str] | None = None) -> Scenario:
        """Return the scenario in which people work the shifts of a plan."""
        rosters = {
            pool.pool: [
                {"hours": list(map(show_span, form.hours)), "people": int(number), "days": list(form.days)}
                for form, number in zip(pool.forms, people, strict=True)
                if number
            ]
            for people, pool in zip(plan, self.pools, strict=True)
        }
        return self._with({pool: {"plan": {}, "on": {}, "roster": roster} for pool, roster in rosters.items()},
                          name, title)  # fmt: skip

    def staffed(self, counts: I64) -> Scenario:
        """Return the scenario with so many on duty in each block, whoever they are: no shifts, no handing over."""
        staff = {}
        for number, pool in enumerate(self.pools):
            mine = counts[self.first_block[number] : self.first_block[number + 1]]
            line = np.tensordot(mine, pool.slots, 1)
            days = {day: _spans(line[kind]) for day, kind in KIND_OF_DAY.items()}
            # The midday crew would take the place of a plan, so the counts come as the hours of single servers.
            staff[pool.pool] = {"plan": {}, "on": {}, "roster": _as_people(line, days)}
        return self._with(staff, None, None)

    def _with(
        self, staff: Mapping[str, Mapping[str, Any]], name: str | None, title: dict[str, str] | None
    ) -> Scenario:
        full = self._scenario
        changed = {pool: {**full["staff"][pool], **what} for pool, what in staff.items()}
        data = {**full, "staff": {**full["staff"], **changed}}
        if name is not None:
            data["name"] = name
        if title is not None:
            data["title"] = title
        return scenario_from_dict(data)


def _spans(line: I64) -> list[tuple[int, int, int]]:
    """Return from, to and number of each run of half-hours with the same number on duty, zeros left out."""
    edges = np.flatnonzero(np.diff(line, prepend=0, append=0))
    return [(int(a), int(b), int(line[a])) for a, b in pairwise(edges) if line[a]]


def _as_people(line: I64, days: Mapping[str, list[tuple[int, int, int]]]) -> list[dict[str, Any]]:
    """Return counts as people: person s is on duty whenever more than s are, as in a plan."""
    people = []
    for server in range(int(line.max(initial=0))):
        alike: dict[tuple[str, ...], list[str]] = {}
        for day in days:
            on = (line[KIND_OF_DAY[day]] > server).astype(np.int64)
            hours = tuple(show_span((a * SLOT, b * SLOT)) for a, b, _ in _spans(on))
            if hours:
                alike.setdefault(hours, []).append(day)
        for hours, on_days in alike.items():
            every = len(on_days) == len(days)
            people.append({"hours": list(hours), "people": 1, "days": [] if every else on_days})
    return people
