"""Logs made by hand; and logs of first contacts, drawn as the simulation draws them, and what is true of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from sim.draws.arrivals import draw_applicants
from sim.draws.draw import draw
from sim.engines.play import play
from sim.office.blocks import Office
from sim.office.hours import DAY
from sim.office.parameters import Demand, Scenario
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.studies.calibrate.log.simulated import log_of
from sim.studies.calibrate.log.steps import KINDS, NOBODY, SERVED, STEPS, StepLog

SEED = 20_230_101
MONDAY = date(2023, 5, 8)
PLACES = {step: place for place, step in enumerate(STEPS)}
LATER = 0.001
"""Minutes from the first contact to the submission."""


def scenario_of(demand=None, **other) -> Scenario:
    """Return the default scenario with other demand."""
    return scenario_from_dict({"name": "s", "title": {"en": "s", "zh": "s"}, "demand": demand or {}, **other})


def poisson_office(scenario: Scenario) -> Office:
    """Return a scenario's office with Poisson numbers of applicants in place of exact ones."""
    office = registration_office(scenario)
    populations = (replace(each, arrivals=replace(each.arrivals, exact=False)) for each in office.populations)
    return replace(office, populations=tuple(populations))


def made_log(step, queued, started=np.nan, ended=np.nan, outcome=SERVED, case=None, kind=0, server=NOBODY,
             first=MONDAY) -> StepLog:  # fmt: skip
    """Return the log of some columns, each with a value for every row or one for all; each row is a case by itself."""
    rows = len(queued)
    case = np.arange(rows) if case is None else np.array(case)
    steps = PLACES[step] if isinstance(step, str) else [PLACES[each] for each in step]
    columns = zip(
        (steps, queued, started, ended, outcome, kind, server), ("i1", "f8", "f8", "f8", "i1", "i1", "i4"), strict=True
    )
    told = (np.array(np.broadcast_to(values, rows), of) for values, of in columns)
    return StepLog(first, case, *told, cases=int(case.max(initial=-1)) + 1)


def contacts_log(first: date, moments, kinds=0, step: str = "online") -> StepLog:
    """Return the log of cases that are queued at these moments [min], and then for review; nothing else is told."""
    n = len(moments)
    at = np.repeat(np.asarray(moments, np.float64), 2) + np.tile([0.0, LATER], n)
    kinds = np.repeat(np.broadcast_to(kinds, n), 2)
    return made_log([step, "review"] * n, at, case=np.repeat(np.arange(n), 2), kind=kinds, first=first)


def played_log(scenario: Scenario, seed: int) -> StepLog:
    """Return the log of a period of a scenario, with Poisson numbers of applicants."""
    office = poisson_office(scenario)
    journeys = draw(office, seed)
    return log_of(office, journeys, play(office, journeys))


def drawn_log(office: Office, replication: int, first: date | None = None, last: date | None = None) -> StepLog:
    """Return the first contacts of one replication, from the first to the last day if these are given."""
    applicants = draw_applicants(office, np.uint64(SEED), np.uint64(replication))
    kinds = np.array([KINDS.index(population.kind) for population in office.populations])
    midnight = office.days.first
    begin = 0 if first is None else (first - midnight).days * DAY
    end = np.inf if last is None else ((last - midnight).days + 1) * DAY
    within = (applicants.arrival >= begin) & (applicants.arrival < end)
    return contacts_log(midnight, applicants.arrival[within], kinds[applicants.population[within]])


def true_demand(demand: Demand) -> dict[str, float]:
    """Return the value of each parameter that arrivals can tell, indices with mean 1."""
    truth = {
        f"demand.{name}[{place}]": value / np.mean(getattr(demand, name))
        for name in ("month_index", "weekday_index", "half_hour_index")
        for place, value in enumerate(getattr(demand, name))
    }
    truth["demand.registrations_per_year"] = demand.registrations_per_year
    return truth | {"demand.day_to_day_cv": demand.day_to_day_cv}
