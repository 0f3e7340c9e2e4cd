"""The cheapest roster that nothing known speaks against: integer programs for HiGHS.

Pools that no requirement has in common are programs of their own. In each, the number on duty in a block is counted in
steps, u[block, v] = 1 if at least v more than the least are on duty. That somebody has been seen to fail says: any plan
that holds has more on duty than this in at least one block, a row of ones over these steps. It is the set-covering
form of a monotone cut, and far tighter than one with big numbers in it. A straight line below a requirement is a row of
slopes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from sim.office.blocks import MAX_SERVERS
from sim.studies.staff.choices import Choices, Plan, PoolChoices

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

PER_PERSON = 1e-2
"""Yuan by which one more person is dearer than a dearer shift: among rosters of one cost, that of fewer people."""
LITTLE = 1e-4
"""What the dearest shift costs beside one more on duty, where as many as can be are wanted."""
GAP = 1e-6
MOST_NODES = 50_000
"""Of the branching of one program; not seconds, so that the answer is the same on any machine."""
INFEASIBLE = 2
"""Status of a program without a solution."""


class Found(NamedTuple):
    """The cheapest rosters of some pools: people on the shifts of each, None if the program was given up; a bound."""

    people: list[I64] | None
    bound: float


@dataclass
class _Row:
    """Columns and values of a row, and its ends."""

    columns: list[int]
    values: list[float]
    low: float
    high: float


@dataclass
class Part:
    """The program of pools that requirements tie together.

    Attributes
    ----------
    pools : list of PoolChoices
    numbers : list of int
        Places of the pools among all.
    blocks : (blocks,) int64
        Places of their blocks among all.
    lines : list of (slope, limit)
    failures : list of (blocks,) int64
    """

    pools: list[PoolChoices]
    numbers: list[int]
    blocks: I64
    lines: list[tuple[F64, float]] = field(default_factory=list)
    failures: list[I64] = field(default_factory=list)
    known: Found | None = None

    def __post_init__(self) -> None:
        self.least = np.concatenate([pool.least for pool in self.pools])
        self.most = np.concatenate([pool.most for pool in self.pools])
        self.cost = np.concatenate([pool.cost for pool in self.pools])
        self.people = len(self.cost)
        self.cover = np.zeros((self.people, len(self.least)))
        shift = block = 0
        for pool in self.pools:
            shifts, blocks = pool.cover.shape
            self.cover[shift : shift + shifts, block : block + blocks] = pool.cover
            shift, block = shift + shifts, block + blocks
        self.first_step = self.people + np.concatenate([[0], np.cumsum(self.most - self.least)])

    @property
    def names(self) -> set[str]:
        """Names of the pools."""
        return {pool.pool for pool in self.pools}

    def cost_in(self, plan: Plan) -> float:
        """Return what the part costs in a plan [yuan]."""
        return float(sum(np.dot(plan[n], pool.cost) for n, pool in zip(self.numbers, self.pools, strict=True)))

    def put_into(self, plan: Plan, people: Sequence[I64]) -> Plan:
        """Return a plan with other people on the shifts of this part."""
        new = list(plan)
        for number, on in zip(self.numbers, people, strict=True):
            new[number] = tuple(map(int, on))
        return tuple(new)

    def from_plan(self, plan: Plan, other: Plan) -> Plan:
        """Return a plan with the people of this part from another one."""
        return self.put_into(plan, [np.array(other[number]) for number in self.numbers])

    def require(self, slope: F64, limit: float) -> None:
        """Demand that slope times the numbers on duty is no more than a limit."""
        self.lines.append((slope, limit))
        self.known = None

    def rule_out(self, counts: I64) -> None:
        """Note that so many on duty fail, and so do any that are nowhere more."""
        if any((counts <= other).all() for other in self.failures):
            return
        self.failures = [other for other in self.failures if not (other <= counts).all()] + [counts]
        self.known = None

    def cheapest(self, need: I64 | None = None) -> Found | None:
        """Return people on the shifts of each pool, and a lower bound on their cost; None if nothing is left."""
        if need is None and self.known is not None:
            return self.known
        rows = self._rows()
        if rows is None:
            return None
        lower, upper = self._ends(need)
        cost = np.concatenate([self.cost + PER_PERSON, np.zeros(len(lower) - self.people)])
        found = _solved(cost, rows, lower, upper)
        if found is None:
            return None
        values, bound = found
        most = MAX_SERVERS * len(self.pools)
        if values is None:
            return Found(None, bound - PER_PERSON * most)
        people = np.rint(values[: self.people]).astype(np.int64)
        bound = min(bound - PER_PERSON * float(people.sum()), float(people @ self.cost))
        answer = Found(self._by_pool(people), bound)
        if need is None:
            self.known = answer
        return answer

    def fullest(self, need: I64) -> list[I64] | None:
        """Return people on the shifts of each pool who come nearest to a need that may be more than they can give.

        As few as can be are missing in all blocks together, the first missing one less bad than the second; of such
        rosters, one that costs little. None if nothing is left.
        """
        rows = self._rows()
        if rows is None:
            return None
        lower, upper = self._ends(None)
        cost = np.zeros(len(lower))
        cost[: self.people] = LITTLE * self.cost / max(float(self.cost.max()), 1.0)
        for block, above in enumerate(np.maximum(np.minimum(need, self.most) - self.least, 0)):
            cost[self.first_step[block] : self.first_step[block] + above] = np.arange(above) / max(above, 1) - 2
        found = _solved(cost, rows, lower, upper)
        if found is None or found[0] is None:
            return None
        return self._by_pool(np.rint(found[0][: self.people]).astype(np.int64))

    def _by_pool(self, people: I64) -> list[I64]:
        return np.split(people, np.cumsum([len(pool.cost) for pool in self.pools])[:-1])

    def _ends(self, need: I64 | None) -> tuple[F64, F64]:
        """Return the least and the most that each variable may be, with at least as many on duty as needed."""
        lower = np.zeros(int(self.first_step[-1]))
        upper = np.ones(len(lower))
        upper[: self.people] = float(self.most.max(initial=0))
        if need is not None:
            for block, above in enumerate(np.minimum(need, self.most) - self.least):
                lower[self.first_step[block] : self.first_step[block] + max(int(above), 0)] = 1.0
        return lower, upper

    def _rows(self) -> list[_Row] | None:
        """Return all that is known of rosters that hold; None if none is left."""
        rows = [*self._counting(), *self._ordered(), *self._not_too_many()]
        for failure in self.failures:
            steps = self._step_above(failure)
            if not steps:
                return None
            rows.append(_Row(steps, [1.0] * len(steps), 1.0, float(len(steps))))
        for slope, limit in self.lines:
            weight = self.cover @ slope
            rows.append(_Row(list(range(self.people)), weight.tolist(), -np.inf, limit))
        return rows

    def _counting(self) -> list[_Row]:
        """People on the shifts of a block = its least number and the steps above."""
        rows = []
        for block, least in enumerate(self.least):
            shifts = np.flatnonzero(self.cover[:, block]).tolist()
            steps = list(range(int(self.first_step[block]), int(self.first_step[block + 1])))
            values = [1.0] * len(shifts) + [-1.0] * len(steps)
            rows.append(_Row(shifts + steps, values, float(least), float(least)))
        return rows

    def _ordered(self) -> list[_Row]:
        """Nobody is the third on duty before somebody is the second."""
        return [
            _Row([step, step + 1], [1.0, -1.0], 0.0, 1.0)
            for block in range(len(self.least))
            for step in range(int(self.first_step[block]), int(self.first_step[block + 1]) - 1)
        ]

    def _not_too_many(self) -> list[_Row]:
        """Keep the people of a pool to the servers that it can have."""
        ends = np.cumsum([0, *(len(pool.cost) for pool in self.pools)]).tolist()
        return [
            _Row(list(range(a, b)), [1.0] * (b - a), 0.0, float(pool.most_people))
            for (a, b), pool in zip(pairwise(ends), self.pools, strict=True)
        ]

    def _step_above(self, failure: I64) -> list[int]:
        """Return the step above a failure in each block that has one."""
        return [
            int(self.first_step[block] + max(failure[block] - self.least[block], 0))
            for block in range(len(self.least))
            if failure[block] < self.most[block]
        ]


class Master:
    """Finds rosters within the bounds that nothing known speaks against.

    Parameters
    ----------
    choices : Choices
    together : sequence of collections of str
        Pools that one requirement depends on, for each.

    Attributes
    ----------
    parts : list of Part
        Each the pools that requirements tie together.
    """

    def __init__(self, choices: Choices, together: Sequence[Collection[str]]) -> None:
        self.choices = choices
        self.parts: list[Part] = []
        for group in _joined(choices, together):
            numbers = [number for number, pool in enumerate(choices.pools) if pool.pool in group]
            blocks = np.concatenate(
                [np.arange(choices.first_block[number], choices.first_block[number + 1]) for number in numbers]
            )
            self.parts.append(Part([choices.pools[number] for number in numbers], numbers, blocks))

    def rule_out(self, counts: I64, pools: Collection[str]) -> None:
        """Note that a plan with so many on duty in some pools fails, however many there are in the others.

        So do all plans that have nowhere more in these pools. Of pools in several parts nothing is noted: more in one
        of them may make up for the others, and no part can say that.
        """
        raised = np.where([pool in pools for pool in self.choices.pool_of_block], counts, self.choices.most)
        touched = [part for part in self.parts if part.names & set(pools)]
        if len(touched) == 1:
            touched[0].rule_out(raised[touched[0].blocks])

    def ruled_out(self, counts: I64) -> bool:
        """Say whether a plan with so many on duty is known to fail."""
        return any((counts[part.blocks] <= other).all() for part in self.parts for other in part.failures)

    def cheapest(self, need: I64) -> Plan | None:
        """Return the cheapest plan that has at least so many on duty in each block, as far as bounds and shifts allow.

        Returns
        -------
        Plan or None
            None if there is none that nothing speaks against.
        """
        people: dict[int, tuple[int, ...]] = {}
        for part in self.parts:
            found = part.cheapest(need[part.blocks])
            # Shifts overlap, so that some numbers within the bounds cannot be had in all blocks at once.
            chosen = part.fullest(need[part.blocks]) if found is None else found.people
            if chosen is None:
                return None
            people |= {number: tuple(map(int, on)) for number, on in zip(part.numbers, chosen, strict=True)}
        return tuple(people[number] for number in range(len(people)))


def _joined(choices: Choices, together: Sequence[Collection[str]]) -> list[set[str]]:
    """Return the pools in groups that no requirement crosses."""
    groups = [{pool.pool} for pool in choices.pools]
    for tied in together:
        crossed = [group for group in groups if group & set(tied)]
        if crossed:
            groups = [group for group in groups if group not in crossed] + [set().union(*crossed)]
    return groups


def _solved(cost: F64, rows: list[_Row], lower: F64, upper: F64) -> tuple[F64 | None, float] | None:
    """Return the values of the variables, all whole, at the least cost, and a lower bound on it; None if none fit.

    The values are None, too, if the program was given up before it had any.
    """
    row = np.repeat(np.arange(len(rows)), [len(each.columns) for each in rows])
    columns = np.concatenate([each.columns for each in rows]).astype(np.int32)
    values = np.concatenate([each.values for each in rows])
    matrix = coo_array((values, (row.astype(np.int32), columns)), shape=(len(rows), len(cost))).tocsr()
    limits = LinearConstraint(matrix, [each.low for each in rows], [each.high for each in rows])
    found = milp(
        cost, constraints=limits, bounds=Bounds(lower, upper), integrality=np.ones(len(cost)),
        options={"node_limit": MOST_NODES, "mip_rel_gap": GAP},
    )  # fmt: skip
    if found.status == INFEASIBLE:
        return None
    bound = found.mip_dual_bound
    return found.x, 0.0 if bound is None or not np.isfinite(bound) else float(bound)
