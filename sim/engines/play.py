"""Play: an office and journeys become a log, by either engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from weakref import WeakSet

import numpy as np

from sim.office.blocks import Office, Unfinished
from sim.office.hours import DAY
from sim.office.tables import tables_of
from sim.records import Journeys, VisitLog

Engine = Literal["compiled", "process"]

FIRST_SPARE_DAYS = 180
"""Days after the horizon that the calendar covers at first; all there are if cases are left then."""
_slow: WeakSet[Office] = WeakSet()
"""Offices that have needed all their days: they get them at once the next time."""


class NeverFinishesError(RuntimeError):
    """An office cannot finish its cases; `unfinished` says how many, and where they are."""

    def __init__(self, unfinished: Unfinished) -> None:
        super().__init__(unfinished)
        self.unfinished = unfinished


def play(office: Office, journeys: Journeys, engine: Engine = "compiled") -> VisitLog:
    """Play the journeys through the office until the last case is finished.

    Parameters
    ----------
    office : Office
    journeys : Journeys
        As drawn for this office, or for one that differs in its staff only.
    engine : str
        `compiled`, or `process`: the reference in SimPy. Both give the same log to the last bit.

    Raises
    ------
    NeverFinishesError
        If cases are left when the days of the office are used up.
    """
    if engine == "compiled":
        from sim.engines.compiled import play_compiled as run
    else:
        from sim.engines.process import play_process as run
    longest = len(office.days.kinds)
    first = min(office.days.horizon + FIRST_SPARE_DAYS, longest)
    if first < longest and office not in _slow:
        log = run(journeys, tables_of(office, journeys, first), first * DAY)
        if log.left == 0:
            return replace(log, days=first)
        _slow.add(office)
    log = run(journeys, tables_of(office, journeys, longest))
    if log.left:
        raise NeverFinishesError(_unfinished(office, journeys, log, longest))
    # As many days as if the first few had been tried: what an office gives does not depend on what was played before.
    in_time = np.fmax.reduce(log.ended_at, initial=0.0) <= first * DAY
    return replace(log, days=first if in_time else longest)


def _unfinished(office: Office, journeys: Journeys, log: VisitLog, upto: int) -> Unfinished:
    open_visit = (log.queued_at == log.queued_at) & (log.outcome == 0) & (journeys.stage >= 0)
    waiting = {
        stage.name: int((open_visit & (journeys.stage == number)).sum()) for number, stage in enumerate(office.stages)
    }
    at = {stage: cases for stage, cases in waiting.items() if cases}
    return Unfinished(int(log.left), upto - office.days.horizon, at)
