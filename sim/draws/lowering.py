"""An office lowered to plain numbers for drawing: arrivals, and the nodes of all routes in one table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sim.draws.kernels import ALL_LOTS, CHOICE, NODE
from sim.draws.philox import stream
from sim.office.blocks import Office
from sim.office.distributions import GAMMA, NEVER, Distribution, Sampled
from sim.office.routes import END, Choice, Lot, MachineTime, Node, OutsideTime, OwnTime, Route, Visit
from sim.records import MACHINE_TIME, NOWHERE, OF_OTHERS, OWN_TIME, Rows, own_time_in_opening_hours

I32 = NDArray[np.int32]
F64 = NDArray[np.float64]
NOTHING = (0.0, 0.0, 0.0)
KEPT = 16
"""Offices with other ways whose tables are kept: 0.1 MB each."""


@dataclass(frozen=True)
class RouteTables:
    """All routes of an office; a node's number counts from the first node of its route.

    Attributes
    ----------
    route_first : (routes + 1,) int32
        Nodes of each route.
    population_route, population_share : (populations + 1,) int32, (routes,) float64
        Routes of each population, and the cumulated share up to each of them.
    population_stream : (populations,) uint64
        Stream of the marks that choose the route.
    node : (nodes,) NODE
        See `kernels`.
    option_share, option_node : (options,) float64, int32
        Cumulated shares and targets of all choices.
    sampled : (times,) float64 or None
        The times of all samples, one after the other; `None` if no time is of a kind that is seldom drawn.
    """

    route_first: I32
    population_route: I32
    population_share: F64
    population_stream: NDArray[np.uint64]
    node: Rows
    option_share: F64
    option_node: I32
    sampled: F64 | None


_lowered: WeakKeyDictionary[Office, RouteTables] = WeakKeyDictionary()


def lower_routes(office: Office) -> RouteTables:
    """Return the tables of the office's routes; they are made once for an office.

    Raises
    ------
    ValueError
        If two streams of random numbers would be the same.
    """
    if office not in _lowered:
        _lowered[office] = _lower(office)
    return _lowered[office]


def _lower(office: Office) -> RouteTables:
    ways = _Ways(
        tuple((p.name, tuple(route.like or route for _, route in p.routes)) for p in office.populations),
        tuple((stage.name, stage.waiting_places is not None) for stage in office.stages),
        tuple(pool.name for pool in office.pools),
    )
    options = [
        node.options for p in office.populations for _, route in p.routes for node in route.nodes
        if isinstance(node, Choice)
    ]  # fmt: skip
    return replace(
        _lowered_ways(ways),
        population_share=np.concatenate(
            [np.empty(0), *(np.cumsum([share for share, _ in p.routes]) for p in office.populations)]
        ),
        option_share=np.array([total for each in options for total in accumulate(share for share, _ in each)], float),
    )


class _Ways(NamedTuple):
    """What the tables depend on but for shares.

    Attributes
    ----------
    populations : tuple of (name, tuple of Route)
    stages : tuple of (name, whether it has no room for all)
    pools : tuple of str
    """

    populations: tuple[tuple[str, tuple[Route, ...]], ...]
    stages: tuple[tuple[str, bool], ...]
    pools: tuple[str, ...]


@lru_cache(KEPT)
def _lowered_ways(ways: _Ways) -> RouteTables:
    """Return the tables of routes, the shares left out; many offices differ in these alone, or in nothing of it."""
    routes = [(name, route) for name, its in ways.populations for route in its]
    names = [_stream_name(name, node) for name, route in routes for node in route.nodes]
    _refuse_collisions(ways, names)
    targets: list[int] = []
    codes = _Codes(ways)
    rows = [row for _, route in routes for row in _rows(codes, route, targets)]
    table = np.zeros(len(names), NODE)
    table["stream"] = [stream(name) for name in names]
    for name, column in zip(COLUMNS, zip(*rows, strict=True), strict=bool(rows)):
        table[name] = column
    return RouteTables(
        route_first=np.cumsum([0] + [len(route.nodes) for _, route in routes]).astype(np.int32),
        population_route=np.cumsum([0] + [len(its) for _, its in ways.populations]).astype(np.int32),
        population_share=np.empty(0),
        population_stream=np.array([stream(f"{name}/profile") for name, _ in ways.populations], np.uint64),
        node=table,
        option_share=np.empty(0),
        option_node=np.array(targets, np.int32),
        sampled=np.array(codes.sampled, np.float64)
        if max(table["minutes_kind"].max(initial=0), table["patience_kind"].max(initial=0)) >= GAMMA
        else None,
    )


COLUMNS = (
    "stage", "priority", "by_lot", "lots", "then", "gave_up", "stays", "minutes_kind", "minutes", "patience_kind",
    "patience",
)  # fmt: skip
Row = tuple[int, int, int, int, int, int, int, int, Sequence[float], int, Sequence[float]]


class _Codes:
    """What the many nodes of an office have in common: the codes of where they are, and of their distributions."""

    def __init__(self, ways: _Ways) -> None:
        self.at: dict[str | MachineTime | OutsideTime | OwnTime, int] = {}
        self.limited = {name for name, limited in ways.stages if limited}
        self._stages = {name: number for number, (name, _) in enumerate(ways.stages)}
        self._lowered: dict[int, tuple[int, Sequence[float]]] = {}
        self.sampled: list[float] = []

    def code(self, visit: Visit) -> int:
        if visit.at not in self.at:
            self.at[visit.at] = _stage_code(self._stages, visit)
        return self.at[visit.at]

    def lowered(self, distribution: Distribution) -> tuple[int, Sequence[float]]:
        # They are kept alive by the routes, so their addresses stay theirs.
        if id(distribution) not in self._lowered:
            kind, *numbers = distribution.lowered()
            if isinstance(distribution, Sampled):
                numbers[1] = float(len(self.sampled))
                self.sampled += distribution.table
            self._lowered[id(distribution)] = kind, numbers
        return self._lowered[id(distribution)]


def _rows(codes: _Codes, route: Route, targets: list[int]) -> Iterator[Row]:
    """Yield the nodes of a route as numbers; the options of choices go to the end of the common lists."""
    place = {node.name: number for number, node in enumerate(route.nodes)} | {END: NOWHERE}
    for node in route.nodes:
        if isinstance(node, Choice):
            first = len(targets)
            targets += [place[target] for _, target in node.options]
            yield CHOICE, 0, 0, 0, first, len(targets), NOWHERE, 0, NOTHING, 0, NOTHING
            continue
        # Nobody gives up who has all the patience in the world and a place to wait: do not draw what follows.
        patient = node.patience == NEVER and node.at not in codes.limited
        minutes_kind, minutes = codes.lowered(node.minutes)
        patience_kind, patience = codes.lowered(node.patience)
        lot = node.priority if isinstance(node.priority, Lot) else Lot(0.0, 0, node.priority)
        if isinstance(node.at, OutsideTime):
            lot = Lot(0.0, 0, OF_OTHERS)
        yield (
            codes.code(node), lot.otherwise, lot.priority, round(lot.share * ALL_LOTS), place[node.then],
            NOWHERE if patient else place[node.gave_up],
            place[node.stays_until or node.name], minutes_kind, minutes, patience_kind, patience,
        )  # fmt: skip


def _stage_code(stages: Mapping[str, int], visit: Visit) -> int:
    if isinstance(visit.at, MachineTime):
        return MACHINE_TIME
    if isinstance(visit.at, OwnTime | OutsideTime):
        stage = visit.at.in_hours_of
        return OWN_TIME if stage is None else own_time_in_opening_hours(stages[stage])
    return stages[visit.at]


def _stream_name(population: str, node: Node) -> str:
    """Return what the random numbers of a node are for.

    The same node in two routes of a population has the same stream: a case follows one route only.
    """
    return f"{population}/{'mark' if isinstance(node, Choice) else 'time'}/{node.stream or node.name}"


def _refuse_collisions(ways: _Ways, nodes: Collection[str]) -> None:
    """Refuse two purposes with one stream; the names of those of nodes are told."""
    own = [{f"{name}/arrival", f"{name}/count", f"{name}/profile"} for name, _ in ways.populations]
    rest = {"office/day", "office/year"}
    rest |= {f"{what}/{name}" for name in ways.pools for what in ("absence", "leave")}
    rest |= {*(f"outage/{name}" for name, _ in ways.stages)}
    purpose: dict[int, str] = {}
    for name in (name for names in (*own, {*nodes}, rest) for name in sorted(names)):
        if stream(name) in purpose:
            raise ValueError(f"the streams {name!r} and {purpose[stream(name)]!r} collide; rename one of them")
        purpose[stream(name)] = name
