"""Draw: an office and a seed become journeys. All randomness of the project is in this folder."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws.arrivals import draw_applicants
from sim.draws.kernels import NO_ROOM, follow
from sim.draws.lowering import lower_routes
from sim.draws.luck import draw_absences, draw_outages
from sim.office.blocks import Office
from sim.office.routes import MAX_NODES
from sim.records import Journeys

FEW_VISITS = 8
"""Room for so many visits a case is tried first."""


def draw(office: Office, seed: int, replication: int = 0) -> Journeys:
    """Return the journeys of one replication.

    Parameters
    ----------
    office : Office
    seed : int
        0 to 2**64 - 1; the same for all offices that are to be compared.
    replication : int
        Number of the replication, from 0.

    Raises
    ------
    ValueError
        If the seed or the replication is out of range.
    """
    if not 0 <= seed < 2**64 or not 0 <= replication < 2**64:
        raise ValueError(f"seed and replication must be 0 to 2**64 - 1, not {seed} and {replication}")
    key, counter = np.uint64(seed), np.uint64(replication)
    applicants = draw_applicants(office, key, counter)
    routes = lower_routes(office)
    cases = len(applicants.arrival)
    profile, first_visit = np.empty(cases, np.int16), np.empty(cases + 1, np.int32)
    for visits_a_case in (FEW_VISITS, routes.longest):
        columns = _columns(cases * visits_a_case + MAX_NODES)
        visits = follow(
            key, counter, applicants.population, applicants.number, applicants.part,
            routes.population_stream, routes.population_route, routes.population_share, routes.route_first,
            routes.node_stream, routes.node, routes.node_scale, routes.option_share, routes.option_node,
            profile, first_visit, *columns,
        )  # fmt: skip
        if visits != NO_ROOM:
            break
    stage, minutes, patience, priority, if_served, if_gave_up, stays_until = (c[:visits] for c in columns)
    outage_stage, outage_from, outage_to = draw_outages(office, key, counter)
    return Journeys(
        arrival=applicants.arrival,
        population=applicants.population,
        profile=profile,
        first_visit=first_visit,
        stage=stage,
        minutes=minutes,
        patience=patience,
        priority=priority,
        if_served=if_served,
        if_gave_up=if_gave_up,
        stays_until=stays_until,
        outage_stage=outage_stage,
        outage_from=outage_from,
        outage_to=outage_to,
        absence_mark=draw_absences(office, key, counter),
    )


def _columns(room: int) -> list[NDArray[Any]]:
    """Return empty columns `stage` to `stays_until` of the journeys."""
    types = (np.int16, np.float64, np.float64, np.int16, np.int32, np.int32, np.int32)
    return [np.empty(room, dtype) for dtype in types]
