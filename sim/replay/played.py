"""A whole period played once, with the licence time of every case: what days are cut out of, and which of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.draws.draw import draw
from sim.engines.play import Engine, play
from sim.measures.clocks import clocks_of
from sim.measures.kpis import Kpis, measure
from sim.office.blocks import Office
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.tables import OfficeTables
from sim.records import NOT_MADE, Journeys, VisitLog
from sim.text import Message

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
        The same for scenarios that are to have the same applicants with the same random numbers.
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
    # On a day that is watched everybody counts, whenever he came.
    watched = replace(office, days=replace(office.days, warm_up=0))
    journeys = draw(office, seed)
    log = play(office, journeys, engine)
    clocks = clocks_of(watched, journeys, log)
    made = log.outcome != NOT_MADE
    of_visit = journeys.case_of_visit()[made]
    left_at = journeys.arrival.copy()
    np.maximum.at(left_at, of_visit, log.ended_at[made])
    return Played(
        scenario=scenario,
        office=office,
        journeys=journeys,
        log=log,
        tables=clocks.tables,
        kpis=measure(watched, journeys, log),
        licence=clocks["licence"],
        visited=np.bincount(of_visit, minlength=journeys.cases) > 0,
        left_at=left_at,
        on_target=clocks.on_target,
    )


class NoSuchDayError(ValueError):
    """A day cannot be replayed; its one argument says which could."""


def number_of(played: Sequence[Played], day: date) -> int:
    """Return the number of a date in the period of all offices.

    Parameters
    ----------
    played : sequence of Played
        Of the same period.
    day : date

    Raises
    ------
    NoSuchDayError
        If the date is outside the period, or one of the offices does not work on it.
    """
    scenario = played[0].scenario
    first, last = scenario.first_day, scenario.last_day
    if not first <= day <= last:
        raise NoSuchDayError(Message(
            "must be a day from {first} to {last}, the days simulated, not {day}", first=first, last=last, day=day
        ))  # fmt: skip
    number = (day - scenario.played_from).days
    for one in played:
        works = one.office.days.works
        if not works[number]:
            nearest = min(np.flatnonzero(one.office.days.counted), key=lambda other: (abs(other - number), -other))
            raise NoSuchDayError(Message(
                "{day} is no working day of {scenario}; {nearest} is the nearest", day=day,
                scenario=one.scenario.name, nearest=one.office.days.date_of(int(nearest)),
            ))  # fmt: skip
    return number


def middle_day(played: Played) -> date:
    """Return the working day in the middle: as many days have a longer mean licence time as have a shorter one."""
    days = played.office.days
    mean = np.where(days.counted, played.kpis.day_mean, np.nan)
    known = np.flatnonzero(np.isfinite(mean))
    if not len(known):
        return days.date_of(int(np.flatnonzero(days.counted)[0]))
    order = known[np.argsort(mean[known], kind="stable")]
    return days.date_of(int(order[(len(order) - 1) // 2]))


def week_of(played: Sequence[Played], day: date) -> list[date]:
    """Return the working days of all offices in the week of a day, Monday to Sunday, within the period."""
    monday = day - timedelta(days=day.weekday())
    week = []
    for later in range(7):
        try:
            number_of(played, monday + timedelta(days=later))
        except NoSuchDayError:
            continue
        week.append(monday + timedelta(days=later))
    return week
