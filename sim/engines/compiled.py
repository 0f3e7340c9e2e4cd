"""The fast engine: the journeys' columns handed to a compiled event loop.

It takes the same decisions as the process engine, through the same functions of `rules`, and shares none
of its mechanics.
"""

from __future__ import annotations

import numpy as np

from sim.engines.event_loop import NO_ROOM, run_events
from sim.office.tables import OfficeTables
from sim.records import NOWHERE, Journeys, VisitLog


def play_compiled(journeys: Journeys, tables: OfficeTables) -> VisitLog:
    """Play the journeys through the office and return the log; see `VisitLog.left` for what is unfinished.

    Parameters
    ----------
    journeys : Journeys
    tables : OfficeTables
        The office, lowered with these journeys.
    """
    n = journeys.visits
    queued_at, started_at, ended_at, freed_at = np.full((4, n), np.nan)
    server = np.full(n, NOWHERE, np.int16)
    outcome = np.zeros(n, np.int8)
    trips = np.zeros(n, np.int16)
    room = n + 16
    while True:
        left = run_events(
            room,
            journeys.arrival, journeys.first_visit, journeys.stage, journeys.minutes, journeys.patience,
            journeys.priority, journeys.if_served, journeys.if_gave_up, journeys.stays_until,
            tables.pool_first_server, tables.choice_pool, tables.choice_stage, tables.choice_threshold,
            tables.closing, tables.places,
            tables.entry_time, tables.entry_kind, tables.entry_subject,
            tables.opening.first, tables.opening.begin, tables.opening.end, tables.opening.before,
            queued_at, started_at, ended_at, freed_at, server, outcome, trips,
        )  # fmt: skip
        if left != NO_ROOM:
            return VisitLog(queued_at, started_at, ended_at, freed_at, server, outcome, trips, int(left))
        # Whoever is sent home joins again, so a visit can have more than one end of patience.
        room *= 2
        for column in (queued_at, started_at, ended_at, freed_at):
            column.fill(np.nan)
        server.fill(NOWHERE)
        outcome.fill(0)
        trips.fill(0)
