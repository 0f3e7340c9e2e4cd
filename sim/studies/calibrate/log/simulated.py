"""The log that an office's systems would have written of a simulated period: made, and written to a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from sim.draws.draw import draw
from sim.engines.play import Engine, play
from sim.files import replaced_file
from sim.office.blocks import Office
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.records import GAVE_UP as VISIT_GAVE_UP
from sim.records import MACHINE_TIME, NOT_MADE, OF_OTHERS, OWN_TIME, Journeys, VisitLog
from sim.studies.calibrate.log.steps import (
    F64,
    GAVE_UP,
    KINDS,
    NOBODY,
    OUTCOMES,
    RETURNED,
    SERVED,
    STEPS,
    UNKNOWN,
    Flags,
    StepLog,
    sorted_log,
)

BOM = b"\xef\xbb\xbf"
"""By it a spreadsheet knows UTF-8."""
_SPECIAL = set(',"\r\n')


def simulated_log(
    scenario: Scenario, seed: int, engine: Engine = "compiled", replication: int = 0, all_steps: bool = False
) -> StepLog:
    """Return the log of one replication of a scenario, `all_steps` with the office's own steps, too.

    Raises
    ------
    NeverFinishesError
        If the office cannot finish its cases.
    """
    own = tuple(step.name for step in scenario.steps) if all_steps else ()
    return played_log(registration_office(scenario), seed, engine, replication, own)


def played_log(
    office: Office, seed: int, engine: Engine = "compiled", replication: int = 0, own: Sequence[str] = ()
) -> StepLog:
    """Draw and play a replication of an office, and return its log; as `simulated_log`, and `log_of`."""
    journeys = draw(office, seed, replication)
    return log_of(office, journeys, play(office, journeys, engine), own)


def log_of(office: Office, journeys: Journeys, played: VisitLog, own: Sequence[str] = ()) -> StepLog:
    """Return the log of one replication.

    Parameters
    ----------
    office : Office
        From `registration_office`.
    journeys, played
        What was drawn and what became of it.
    own : sequence of str
        Steps of the office's own that are logged, too.

    Notes
    -----
    Nobody sees the applicants' own time, but for the online form, which knows when it was opened. A review that is
    followed by another one has sent the application back.
    """
    case = journeys.case_of_visit()
    # Of a pool of n people each n-th server is the same person.
    people = [pool.people for pool in office.pools]
    before = np.cumsum([0, *people])
    person = np.concatenate(
        [np.arange(pool.servers) % max(pool.people, 1) + before[p] for p, pool in enumerate(office.pools)]
    )
    code = np.full(journeys.visits, -1, np.int8)
    steps = (*STEPS, *own)
    for number, stage in enumerate(office.stages):
        if stage.name in steps:
            code[journeys.stage == number] = steps.index(stage.name)
    code[journeys.stage == MACHINE_TIME] = STEPS.index("automatic")
    code[_forms(office, journeys)] = STEPS.index("online")
    rows = np.flatnonzero((code >= 0) & (played.outcome != NOT_MADE))
    kinds = np.array([KINDS.index(population.kind) for population in office.populations], np.int8)
    first = office.days.first
    log = sorted_log(StepLog(
        first_day=date(2000, 1, 3) if first is None else first,
        case=case[rows].astype(np.int64), step=code[rows], queued=played.queued_at[rows],
        started=played.started_at[rows], ended=played.ended_at[rows],
        outcome=np.where(played.outcome[rows] == VISIT_GAVE_UP, GAVE_UP, SERVED).astype(np.int8),
        kind=kinds[journeys.population[case[rows]]],
        server=np.append(person, NOBODY)[np.maximum(played.server[rows], -1)].astype(np.int32),
        cases=journeys.cases, servers=tuple(
            f"{pool.name}-{number + 1}" for pool in office.pools for number in range(pool.people)
        ), words=steps,
    ))  # fmt: skip
    again, _ = log.neighbours(log.at("review"))
    log.outcome[again] = RETURNED
    return log


def _forms(office: Office, journeys: Journeys) -> Flags:
    """Return which visits fill in the online form: own time that ends with a submission, and is no correction."""
    usual = [office.stage_number(stage) for stage in STEPS if stage not in ("online", "automatic", "review")]
    # Whatever sends back is a review, or a step of the office's own.
    review = (journeys.stage >= 0) & ~np.isin(journeys.stage, usual)
    then = journeys.if_served
    outside = (journeys.stage < 0) & (journeys.priority == OF_OTHERS)
    submits = (then >= 0) & (review | outside | (journeys.stage == MACHINE_TIME))[then]
    corrects = np.zeros(journeys.visits, np.bool_)
    corrects[then[review & (then >= 0)]] = True
    return np.asarray((journeys.stage == OWN_TIME) & submits & ~corrects & ~outside)


def write_log(log: StepLog, file: str | Path, check: Callable[[Path], None] | None = None) -> None:
    """Write a log as CSV that any spreadsheet shows and that is read back as the same log: UTF-8, times to the ms.

    Parameters
    ----------
    log : StepLog
    file : path
        Is there in full or not at all.
    check : callable, optional
        Given where it was written, raises an error if what is there by then must not be replaced by it.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    columns = {
        "case": pa.array(log.case),
        "step": _words(log.step, log.words),
        "class": _words(np.where(log.kind == UNKNOWN, len(KINDS), log.kind), (*KINDS, "")),
        **{name: _times(getattr(log, name), log.first_day) for name in ("queued", "started", "ended")},
        "outcome": _words(log.outcome, OUTCOMES),
        "server": _words(np.where(log.server == NOBODY, len(log.servers), log.server), (*log.servers, "")),
    }
    quoting = "needed" if any(_SPECIAL & set(name) for name in log.servers) else "none"
    with replaced_file(Path(file), check=check) as new, new.open("wb") as target:
        target.write(BOM + ",".join(columns).encode() + b"\n")
        csv.write_csv(pa.table(columns), target, csv.WriteOptions(include_header=False, quoting_style=quoting))


def _words(numbers: NDArray[np.signedinteger], words: Sequence[str]) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(numbers.astype(np.int32)))


def _times(minutes: F64, first_day: date) -> pa.Array:
    there = np.isfinite(minutes)
    millis = np.rint(np.where(there, minutes, 0) * 60_000).astype("timedelta64[ms]")
    return pc.fill_null(pa.array(np.datetime64(first_day, "ms") + millis, mask=~there).cast(pa.string()), "")
