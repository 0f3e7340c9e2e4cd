"""The log that an office's systems would have written of a simulated period."""

from __future__ import annotations

from datetime import date

import numpy as np

from sim.evidence.logs.log import GAVE_UP, KINDS, NOBODY, RETURNED, SERVED, STEPS, Flags, StepLog, sorted_log
from sim.office.blocks import Office
from sim.records import GAVE_UP as VISIT_GAVE_UP
from sim.records import MACHINE_TIME, NOT_MADE, OWN_TIME, Journeys, VisitLog


def log_of(office: Office, journeys: Journeys, played: VisitLog) -> StepLog:
    """Return the log of one replication.

    Parameters
    ----------
    office : Office
        From `registration_office`.
    journeys, played
        What was drawn and what became of it.

    Notes
    -----
    Nobody sees the applicants' own time, but for the online form, which knows when it was opened. A review that is
    followed by another one has sent the application back.
    """
    stages = {number: stage.name for number, stage in enumerate(office.stages)}
    case = journeys.case_of_visit()
    code = np.full(journeys.visits, -1, np.int8)
    for number, name in stages.items():
        code[journeys.stage == number] = STEPS.index(name)
    code[journeys.stage == MACHINE_TIME] = STEPS.index("automatic")
    code[_forms(office, journeys)] = STEPS.index("online")
    seen = (code >= 0) & (played.outcome != NOT_MADE)
    rows = np.flatnonzero(seen)
    kinds = np.array([KINDS.index(population.kind) for population in office.populations], np.int8)
    outcome = np.where(played.outcome[rows] == VISIT_GAVE_UP, GAVE_UP, SERVED).astype(np.int8)
    first = office.days.first
    log = sorted_log(StepLog(
        first_day=date(2000, 1, 3) if first is None else first,
        case=case[rows].astype(np.int64), step=code[rows], queued=played.queued_at[rows],
        started=played.started_at[rows], ended=played.ended_at[rows], outcome=outcome,
        kind=kinds[journeys.population[case[rows]]],
        server=np.where(played.server[rows] >= 0, played.server[rows], NOBODY).astype(np.int32),
        cases=journeys.cases, servers=tuple(
            f"{pool.name}-{number + 1}" for pool in office.pools for number in range(pool.servers)
        ),
    ))  # fmt: skip
    review = np.flatnonzero(log.at("review"))
    again = review[:-1][log.case[review[:-1]] == log.case[review[1:]]]
    log.outcome[again] = RETURNED
    return log


def _forms(office: Office, journeys: Journeys) -> Flags:
    """Return which visits fill in the online form: own time that ends with a submission, and is no correction."""
    review = journeys.stage == office.stage_number("review")
    then = journeys.if_served
    submits = (then >= 0) & (review | (journeys.stage == MACHINE_TIME))[then]
    corrects = np.zeros(journeys.visits, np.bool_)
    corrects[then[review & (then >= 0)]] = True
    return np.asarray((journeys.stage == OWN_TIME) & submits & ~corrects)
