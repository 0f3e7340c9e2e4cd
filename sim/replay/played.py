"""A whole period played once, with the licence time of every case: what days are cut out of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.fold import LICENCE, STAGE_SUMS, fold
from sim.analysis.kpis import CLOCKS, HISTOGRAM_BINS, HISTOGRAM_STEP, Kpis, measure
from sim.draws.draw import draw
from sim.engines.play import Engine, play
from sim.office.blocks import Office
from sim.office.hours import DAY, SLOTS
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.tables import OfficeTables, Spans, tables_of
from sim.records import NOT_MADE, Journeys, VisitLog

F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Played:
    """One replication of a scenario.

    Attributes
    ----------
    scenario : Scenario
    office : Office
    journeys : Journeys
    log : VisitLog
    tables : OfficeTables
        Calendar and duty that were played.
    kpis : Kpis
        What `measure` makes of the replication.
    licence : (cases,) float64
        Licence time [min]; NaN = never submitted, inf = left without a licence.
    visited : (cases,) bool
        Made a visit at all; the others have their answer from online Q&A at once, and want nothing more.
    left_at : (cases,) float64
        End of the case's last visit [min since the first midnight].
    on_target : (cases,) bool
        Registrations, which the target is about; the others are other business and inquiries.
    """

    scenario: Scenario
    office: Office
    journeys: Journeys
    log: VisitLog
    tables: OfficeTables
    kpis: Kpis
    licence: F64
    visited: Flags
    left_at: F64
    on_target: Flags

    @property
    def licensed(self) -> Flags:
        """Registrations that got their licence, shape (cases,)."""
        return np.asarray(self.on_target & np.isfinite(self.licence))


def play_period(scenario: Scenario, seed: int, engine: Engine = "compiled") -> Played:
    """Draw and play the whole period of a scenario, so that a day begins with what earlier days have left.

    Parameters
    ----------
    scenario : Scenario
    seed : int
        The same for scenarios that are to have the same applicants with the same luck.
    engine : str
        `compiled` or `process`; both give the same.

    Returns
    -------
    Played
        Of replication 0.

    Raises
    ------
    NeverFinishesError
        If the office cannot finish its cases.
    """
    office = registration_office(scenario)
    journeys = draw(office, seed)
    log = play(office, journeys, engine)
    made = log.outcome != NOT_MADE
    of_visit = journeys.case_of_visit()[made]
    left_at = journeys.arrival.copy()
    np.maximum.at(left_at, of_visit, log.ended_at[made])
    return Played(
        scenario=scenario,
        office=office,
        journeys=journeys,
        log=log,
        tables=tables_of(office, journeys, log.days),
        kpis=measure(office, journeys, log),
        licence=licence_times(office, journeys, log),
        visited=np.bincount(of_visit, minlength=journeys.cases) > 0,
        left_at=left_at,
        on_target=np.array([population.on_target for population in office.populations])[journeys.population],
    )


def licence_times(office: Office, journeys: Journeys, log: VisitLog) -> F64:
    """Return the licence time of each case, shape (cases,) [min].

    Parameters
    ----------
    office, journeys, log
        The office, what was drawn for it, and what an engine made of it.

    Returns
    -------
    (cases,) float64
        NaN = never submitted, inf = left without a licence.

    Notes
    -----
    From `fold`, the pass over the log that `measure` makes its figures of; the other sums are not looked at.
    """
    tables = tables_of(office, journeys, log.days)
    stages, days, populations = tables.stages, office.days.horizon, len(office.populations)
    counted = Spans.of([office.counted_hours.intervals(office.days, log.days)])
    clocks = np.empty((len(CLOCKS), journeys.cases))
    nothing = np.zeros(populations, np.int16)
    fold(
        journeys.arrival, journeys.population,
        np.array([population.on_target for population in office.populations], np.int16), nothing, nothing,
        journeys.first_visit, journeys.visit, log.visit,
        np.array([stage.counted for stage in office.stages]), np.full(stages, -1, np.int16),
        counted.begin, counted.end, counted.before,
        np.searchsorted(counted.end, np.arange(log.days + 1) * DAY, side="right"),
        tables.duty.first, tables.duty.begin, tables.duty.end, days * DAY, days * SLOTS,
        clocks, np.empty(journeys.cases, np.int16), np.empty(journeys.visits), np.empty(journeys.visits, np.int16),
        np.zeros((stages + 1, STAGE_SUMS)), np.zeros((tables.servers, 2)), np.zeros((stages, days * SLOTS + 1)),
        np.zeros(days), np.zeros(days, np.int64), np.zeros(HISTOGRAM_BINS + 1, np.int64),
        HISTOGRAM_STEP, LICENCE, np.inf, np.zeros(days),
    )  # fmt: skip
    return np.asarray(clocks[LICENCE])
