"""Play: an office and journeys become a log, by either engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from sim.office.blocks import Office, Unfinished
from sim.office.tables import tables_of
from sim.records import Journeys, VisitLog

Engine = Literal["compiled", "process"]

FIRST_SPARE_DAYS = 30
"""Days after the horizon that the calendar covers at first; all there are if cases are left."""


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
    for upto in dict.fromkeys((min(office.days.horizon + FIRST_SPARE_DAYS, longest), longest)):
        log = run(journeys, tables_of(office, journeys, upto))
        if log.left == 0:
            return replace(log, days=upto)
    raise NeverFinishesError(_unfinished(office, journeys, log, upto))


def _unfinished(office: Office, journeys: Journeys, log: VisitLog, upto: int) -> Unfinished:
    open_visit = (log.queued_at == log.queued_at) & (log.outcome == 0) & (journeys.stage >= 0)
    waiting = {
        stage.name: int((open_visit & (journeys.stage == number)).sum()) for number, stage in enumerate(office.stages)
    }
    at = {stage: cases for stage, cases in waiting.items() if cases}
    return Unfinished(int(log.left), upto - office.days.horizon, at)
