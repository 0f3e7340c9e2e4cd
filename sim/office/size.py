"""How much a replication of a scenario takes, told before anything is played."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.office.blocks import Arrivals, Office
from sim.office.distributions import NEVER
from sim.office.parameters import Scenario
from sim.office.parameters.demand import cases_expected
from sim.office.registration import registration_office
from sim.office.routes import Choice, Route
from sim.text import Message

LARGE = 1e9
"""Bytes of memory on each core beyond which one has to say that they are meant."""
BYTES: Mapping[str, tuple[float, float]] = {"compiled": (0.0, 140.0), "process": (950.0, 560.0)}
"""Memory that a replication takes for a case and for a visit that is drawn, by engine: measured, the figures included,
rather more than less (`tests/bench/speed.py --sizes`). SimPy has a process for each case, and requests in queues."""
FEW_VISITS = 50
"""A case of the longest way has fewer, if the office has no steps of its own."""


def cases_of(full: Mapping[str, Any]) -> float:
    """Return about how many cases a replication of a scenario in full has."""
    return cases_expected(full["demand"], full["year"], full["period"])


def visits_a_case(office: Office) -> float:
    """Return how many visits are drawn for a case on average, a little more rather than less.

    Alternatives are drawn too: of who may hang up, what follows then and what follows an answer. Where both ways meet
    again they are counted twice, though never as more than certain.
    """
    limited = {stage.name for stage in office.stages if stage.waiting_places is not None}
    cases = visits = 0.0
    for each in office.populations:
        number = float(each.arrivals.total) if isinstance(each.arrivals, Arrivals) else float(len(each.arrivals.times))
        cases += number
        visits += number * sum(share * _visits(route, limited) for share, route in each.routes)
    return visits / cases if cases else 0.0


def _visits(route: Route, limited: set[str]) -> float:
    reached = {route.nodes[0].name: 1.0}
    visits = 0.0
    for node in route.nodes:
        here = min(reached.get(node.name, 0.0), 1.0)
        if isinstance(node, Choice):
            leads_to = list(node.options)
        else:
            visits += here
            # As in drawing: who never gives up has no second way.
            patient = node.patience == NEVER and node.at not in limited
            leads_to = [(1.0, node.then), *([] if patient else [(1.0, node.gave_up)])]
        for share, target in leads_to:
            reached[target] = reached.get(target, 0.0) + here * share
    return visits


def _bytes_a_case(visits: float, engine: str) -> float:
    a_case, a_visit = BYTES[engine]
    return a_case + visits * a_visit


def bytes_of(scenario: Scenario, engine: str = "compiled") -> float:
    """Return about how much memory a replication takes [bytes], beside what the program takes in any case."""
    return cases_in(scenario) * _bytes_a_case(visits_a_case(registration_office(scenario)), engine)


def cases_in(scenario: Scenario) -> float:
    """Return about how many cases a replication of a scenario has."""
    return cases_of(scenario.model_dump(mode="json", by_alias=True, include={"demand", "year", "period"}))


def cases_unasked(scenario: Scenario, engine: str = "compiled") -> float:
    """Return how many cases like those of a scenario a replication may have without anybody saying that it is meant."""
    return LARGE / _bytes_a_case(max(visits_a_case(registration_office(scenario)), 1.0), engine)


def surely_small(full: Mapping[str, Any], engine: str = "compiled") -> bool:
    """Say whether a scenario in full is so small that it need not be looked at more closely."""
    return cases_of(full) * _bytes_a_case(FEW_VISITS * (1 + len(full["steps"])), engine) <= LARGE


def large(scenario: Scenario, engine: str = "compiled") -> Message | None:
    """Return what is to be said of a scenario that takes much memory, None of one that does not."""
    if (needed := bytes_of(scenario, engine)) <= LARGE:
        return None
    cases = cases_in(scenario)
    visits = cases * visits_a_case(registration_office(scenario))
    return Message("about {cases:,.0f} cases with {visits:,.0f} visits a replication take some {gigabytes:.1f} GB of "
                   "memory on each core; --yes says that they are meant", cases=cases,
                   visits=round(visits, -5), gigabytes=needed / 1e9)  # fmt: skip
