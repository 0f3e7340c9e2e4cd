"""Logs of first contacts alone, drawn as the simulation draws them, and what is true of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from sim.draws.arrivals import draw_applicants
from sim.office.blocks import Office
from sim.office.hours import DAY
from sim.office.parameters import Demand, Scenario
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.studies.calibrate.logs.log import KINDS, NOBODY, SERVED, STEPS, StepLog

SEED = 20_230_101
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


def contacts_log(first: date, moments, kinds=None, step: str = "online") -> StepLog:
    """Return the log of cases that are queued at these moments [min], and then for review; nothing else is told."""
    moments = np.asarray(moments, np.float64)
    n = len(moments)
    steps = np.array([STEPS.index(step), STEPS.index("review")], np.int8)
    kinds = np.zeros(n, np.int8) if kinds is None else np.asarray(kinds, np.int8)
    never = np.full(2 * n, np.nan)
    return StepLog(
        first, np.repeat(np.arange(n), 2), np.tile(steps, n), np.repeat(moments, 2) + np.tile([0.0, LATER], n), never,
        never, np.full(2 * n, SERVED, np.int8), np.repeat(kinds, 2), np.full(2 * n, NOBODY, np.int32), n,
    )  # fmt: skip


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
