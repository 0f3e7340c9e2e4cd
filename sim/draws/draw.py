"""Draw: an office and a seed become journeys. All randomness of the project is in this folder."""

from __future__ import annotations

import numpy as np

from sim.draws.arrivals import draw_applicants
from sim.draws.disruptions import draw_absences, draw_leave, draw_outages
from sim.draws.kernels import follow
from sim.draws.lowering import lower_routes
from sim.office.blocks import Office
from sim.office.routes import MAX_NODES
from sim.records import VISIT, Journeys

FEW_VISITS = 8
"""Room for so many visits a case is made first."""
MORE = 1.1
"""So much more room than the cases done so far would need is made for all."""


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
    profile, first_visit = np.empty(cases, np.int16), np.zeros(cases + 1, np.int32)
    visit = np.empty(cases * FEW_VISITS + MAX_NODES, VISIT)
    done = 0
    while True:
        done = follow(
            key, counter, applicants.population, applicants.number, applicants.part,
            routes.population_stream, routes.population_route, routes.population_share, routes.route_first,
            routes.node, routes.option_share, routes.option_node, routes.sampled,
            done, profile, first_visit, visit,
        )  # fmt: skip
        visits = int(first_visit[done])
        if done == cases:
            break
        longer = np.empty(int(MORE * max(visits * cases / done, len(visit))) + MAX_NODES, VISIT)
        longer[:visits] = visit[:visits]
        visit = longer
    outage_stage, outage_from, outage_to = draw_outages(office, key, counter)
    return Journeys(
        arrival=applicants.arrival,
        population=applicants.population,
        profile=profile,
        first_visit=first_visit,
        visit=visit[:visits],
        outage_stage=outage_stage,
        outage_from=outage_from,
        outage_to=outage_to,
        absence_mark=draw_absences(office, key, counter),
        leave_mark=draw_leave(office, key, counter),
    )
