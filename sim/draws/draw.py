"""Draw: an office and a seed become journeys. All randomness of the project is in this folder."""

from __future__ import annotations

import numpy as np

from sim.draws.arrivals import draw_applicants
from sim.draws.kernels import follow
from sim.draws.lowering import lower_routes
from sim.draws.luck import draw_absences, draw_outages
from sim.office.blocks import Office
from sim.records import Journeys


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
    room = len(applicants.arrival) * routes.longest
    profile, first_visit, stage, minutes, patience, priority, if_served, if_gave_up, stays_until = follow(
        room, key, counter, applicants.population, applicants.number, applicants.part,
        routes.population_stream, routes.population_route, routes.population_share, routes.route_first,
        routes.node_stream, routes.node_stage, routes.node_priority, routes.node_then, routes.node_gave_up,
        routes.node_stays, routes.node_minutes, routes.node_patience, routes.option_share, routes.option_node,
    )  # fmt: skip
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
