"""Draw: an office and a seed become journeys. All randomness of the project is in this folder."""

from __future__ import annotations

import numpy as np

from sim.draws.arrivals import draw_applicants
from sim.draws.follow import follow_routes
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
    return Journeys(
        applicants.arrival,
        *follow_routes(applicants, lower_routes(office), key, counter),
        *draw_outages(office, key, counter),
        draw_absences(office, key, counter),
    )
