"""An office lowered to plain numbers for drawing: arrivals, and the nodes of all routes in one table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sim.draws.kernels import ALL_LOTS, CHOICE, NODE
from sim.draws.philox import stream
from sim.office.blocks import Office, Population
from sim.office.distributions import GAMMA, NEVER, Distribution, Sampled
from sim.office.routes import END, Choice, Lot, MachineTime, Node, OwnTime, Route, Visit
from sim.records import MACHINE_TIME, NOWHERE, OWN_TIME, Rows, own_time_in_opening_hours

I32 = NDArray[np.int32]
F64 = NDArray[np.float64]
NOTHING = (0.0, 0.0, 0.0)


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

    @property
    def longest(self) -> int:
        """Nodes of the longest route."""
        return int(np.diff(self.route_first).max(initial=0))


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
    routes = [(population, route) for population in office.populations for _, route in population.routes]
    names = [_stream_name(population, node) for population, route in routes for node in route.nodes]
    _refuse_collisions(office, names)
    shares: list[float] = []
    targets: list[int] = []
    codes = _Codes(office)
    rows = [row for _, route in routes for row in _rows(codes, route, shares, targets)]
    table = np.zeros(len(names), NODE)
    table["stream"] = [stream(name) for name in names]
    for name, column in zip(COLUMNS, zip(*rows, strict=True), strict=bool(rows)):
        table[name] = column
    return RouteTables(
        route_first=np.cumsum([0] + [len(route.nodes) for _, route in routes]).astype(np.int32),
        population_route=np.cumsum([0] + [len(p.routes) for p in office.populations]).astype(np.int32),
        population_share=np.concatenate(
            [np.empty(0), *(np.cumsum([share for share, _ in p.routes]) for p in office.populations)]
        ),
        population_stream=np.array([stream(f"{p.name}/profile") for p in office.populations], np.uint64),
        node=table,
        option_share=np.array(shares, np.float64),
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

    def __init__(self, office: Office) -> None:
        self.at: dict[str | MachineTime | OwnTime, int] = {}
        self.limited = {stage.name for stage in office.stages if stage.waiting_places is not None}
        self._office = office
        self._lowered: dict[int, tuple[int, Sequence[float]]] = {}
        self.sampled: list[float] = []

    def code(self, visit: Visit) -> int:
        if visit.at not in self.at:
            self.at[visit.at] = _stage_code(self._office, visit)
        return self.at[visit.at]

    def lowered(self, distribution: Distribution) -> tuple[int, Sequence[float]]:
        # They are kept alive by the office, so their addresses stay theirs.
        if id(distribution) not in self._lowered:
            kind, *numbers = distribution.lowered()
            if isinstance(distribution, Sampled):
                numbers[1] = float(len(self.sampled))
                self.sampled += distribution.table
            self._lowered[id(distribution)] = kind, numbers
        return self._lowered[id(distribution)]


def _rows(codes: _Codes, route: Route, shares: list[float], targets: list[int]) -> Iterator[Row]:
    """Yield the nodes of a route as numbers; the options of choices go to the end of the common lists."""
    place = {node.name: number for number, node in enumerate(route.nodes)} | {END: NOWHERE}
    for node in route.nodes:
        if isinstance(node, Choice):
            first = len(shares)
            total = 0.0
            for share, target in node.options:
                total += share
                shares.append(total)
                targets.append(place[target])
            yield CHOICE, 0, 0, 0, first, len(shares), NOWHERE, 0, NOTHING, 0, NOTHING
            continue
        # Nobody gives up who has all the patience in the world and a place to wait: do not draw what follows.
        patient = node.patience == NEVER and node.at not in codes.limited
        minutes_kind, minutes = codes.lowered(node.minutes)
        patience_kind, patience = codes.lowered(node.patience)
        lot = node.priority if isinstance(node.priority, Lot) else Lot(0.0, 0, node.priority)
        yield (
            codes.code(node), lot.otherwise, lot.priority, round(lot.share * ALL_LOTS), place[node.then],
            NOWHERE if patient else place[node.gave_up],
            place[node.stays_until or node.name], minutes_kind, minutes, patience_kind, patience,
        )  # fmt: skip


def _stage_code(office: Office, visit: Visit) -> int:
    if isinstance(visit.at, MachineTime):
        return MACHINE_TIME
    if isinstance(visit.at, OwnTime):
        stage = visit.at.in_hours_of
        return OWN_TIME if stage is None else own_time_in_opening_hours(office.stage_number(stage))
    return office.stage_number(visit.at)


def _stream_name(population: Population, node: Node) -> str:
    """Return what the random numbers of a node are for.

    The same node in two routes of a population has the same stream: a case follows one route only.
    """
    return f"{population.name}/{'mark' if isinstance(node, Choice) else 'time'}/{node.stream or node.name}"


def _refuse_collisions(office: Office, nodes: Collection[str]) -> None:
    """Refuse two purposes with one stream; the names of those of nodes are told."""
    own = [{f"{p.name}/arrival", f"{p.name}/count", f"{p.name}/profile"} for p in office.populations]
    rest = {"office/day", "office/year"}
    rest |= {f"{what}/{p.name}" for p in office.pools for what in ("absence", "leave")}
    rest |= {*(f"outage/{s.name}" for s in office.stages)}
    purpose: dict[int, str] = {}
    for name in (name for names in (*own, {*nodes}, rest) for name in sorted(names)):
        if stream(name) in purpose:
            raise ValueError(f"the streams {name!r} and {purpose[stream(name)]!r} collide; rename one of them")
        purpose[stream(name)] = name
