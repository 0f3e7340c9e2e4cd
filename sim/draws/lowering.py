"""An office lowered to plain numbers for drawing: arrivals, and the nodes of all routes in one table."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sim.draws.kernels import CHOICE
from sim.draws.philox import stream
from sim.office.blocks import Office, Population
from sim.office.distributions import NEVER, Lowered
from sim.office.routes import Choice, MachineTime, Node, OwnTime, Route, Visit
from sim.records import MACHINE_TIME, NOWHERE, OWN_TIME, own_time_in_opening_hours

I32 = NDArray[np.int32]
F64 = NDArray[np.float64]


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
    node_stream : (nodes,) uint64
        Stream of the node's marks.
    node : (nodes, 7) int32
        Columns `STAGE` ... `PATIENCE_KIND` of `kernels`: the visit, its next nodes (`NOWHERE` at the end), the
        kinds of its distributions. Of a choice `STAGE` is `CHOICE`, `THEN` its first option and `GAVE_UP`
        the option after its last.
    node_scale : (nodes, 8) float64
        Three parameters of the distribution of minutes, three of that of patience, two unused.
    option_share, option_node : (options,) float64, int32
        Cumulated shares and targets of all choices.
    """

    route_first: I32
    population_route: I32
    population_share: F64
    population_stream: NDArray[np.uint64]
    node_stream: NDArray[np.uint64]
    node: I32
    node_scale: F64
    option_share: F64
    option_node: I32

    @property
    def longest(self) -> int:
        """Nodes of the longest route."""
        return int(np.diff(self.route_first).max())


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
    _refuse_collisions(office)
    routes = [(population, route) for population in office.populations for _, route in population.routes]
    nodes = [(population, route, node) for population, route in routes for node in route.nodes]
    shares: list[float] = []
    targets: list[int] = []
    rows = [_row(office, route, node, shares, targets) for _, route, node in nodes]
    return RouteTables(
        route_first=np.cumsum([0] + [len(route.nodes) for _, route in routes]).astype(np.int32),
        population_route=np.cumsum([0] + [len(p.routes) for p in office.populations]).astype(np.int32),
        population_share=np.concatenate([np.cumsum([share for share, _ in p.routes]) for p in office.populations]),
        population_stream=np.array([stream(f"{p.name}/profile") for p in office.populations], np.uint64),
        node_stream=np.array([stream(_stream_name(population, node)) for population, _, node in nodes], np.uint64),
        node=np.array([(*row[:5], row[5][0], row[6][0]) for row in rows], np.int32),
        node_scale=np.array([(*row[5][1:], *row[6][1:], 0.0, 0.0) for row in rows], np.float64),
        option_share=np.array(shares, np.float64),
        option_node=np.array(targets, np.int32),
    )


Row = tuple[int, int, int, int, int, Lowered, Lowered]


def _row(office: Office, route: Route, node: Node, shares: list[float], targets: list[int]) -> Row:
    """Return a node as numbers; the options of a choice go to the end of the common lists."""
    nothing = NEVER.lowered()
    if isinstance(node, Choice):
        first = len(shares)
        shares.extend(np.cumsum([share for share, _ in node.options]))
        targets.extend(route.number(target) for _, target in node.options)
        return CHOICE, 0, first, len(shares), NOWHERE, nothing, nothing
    # Nobody gives up who has all the patience in the world and a place to wait: do not draw what follows.
    patient = node.patience == NEVER and not (isinstance(node.at, str) and _has_places(office, node.at))
    gave_up = NOWHERE if patient else route.number(node.gave_up)
    stays = route.number(node.stays_until) if node.stays_until else route.number(node.name)
    return (
        _stage_code(office, node), node.priority, route.number(node.then), gave_up, stays,
        node.minutes.lowered(), node.patience.lowered(),
    )  # fmt: skip


def _has_places(office: Office, stage: str) -> bool:
    return office.stages[office.stage_number(stage)].waiting_places is not None


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


def _refuse_collisions(office: Office) -> None:
    """Refuse two purposes with one stream."""
    own = [{f"{p.name}/arrival", f"{p.name}/count", f"{p.name}/profile"} for p in office.populations]
    nodes = [
        {_stream_name(population, node) for _, route in population.routes for node in route.nodes}
        for population in office.populations
    ]
    rest = {"office/day", *(f"absence/{p.name}" for p in office.pools), *(f"outage/{s.name}" for s in office.stages)}
    purpose: dict[int, str] = {}
    for name in (name for names in (*own, *nodes, rest) for name in sorted(names)):
        if stream(name) in purpose:
            raise ValueError(f"the streams {name!r} and {purpose[stream(name)]!r} collide; rename one of them")
        purpose[stream(name)] = name
