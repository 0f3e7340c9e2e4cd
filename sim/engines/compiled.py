"""The fast engine: journeys and tables handed to a compiled event loop.

It takes the same decisions as the process engine, through the same functions of `rules`, and shares none
of its mechanics.
"""

from __future__ import annotations

import numpy as np

from sim.engines.event_loop import NO_ROOM, TOO_LATE, run_events
from sim.engines.state import before_all
from sim.office.tables import OfficeTables
from sim.records import VISIT_LOG, Journeys, VisitLog


def play_compiled(journeys: Journeys, tables: OfficeTables, ends: float = np.inf) -> VisitLog:
    """Play the journeys through the office and return the log; see `VisitLog.left` for what is unfinished.

    Parameters
    ----------
    journeys : Journeys
    tables : OfficeTables
        The office, lowered with these journeys.
    ends : float
        By when all have to finish. If they do not, or if more wait at some time than are likely to, all cases are
        `left` and the log says nothing.
    """
    room, most = journeys.cases + 16, 4
    while True:
        rows = np.empty(journeys.visits, VISIT_LOG)
        left = run_events(
            before_all(journeys, tables, room, most), ends, journeys.first_visit, journeys.visit, rows,
            tables.entry_kind, tables.entry_subject,
            tables.opening.first, tables.opening.begin, tables.opening.end, tables.opening.before,
        )  # fmt: skip
        if left >= 0 or left == TOO_LATE:
            return VisitLog(rows, int(left) if left >= 0 else journeys.cases)
        if left == NO_ROOM:
            # A case that joins many queues leaves ends of patience behind that mean nothing any more.
            room *= 2
        else:
            most *= 4
