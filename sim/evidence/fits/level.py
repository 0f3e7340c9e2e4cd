"""The demand that brings what a log shows, where the log has no registrations: calls only, or the hall only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.draws.draw import draw
from sim.engines.play import NeverFinishesError, play
from sim.evidence.fits.arrivals import ArrivalFit, fit_arrivals
from sim.evidence.fits.estimates import Estimate
from sim.evidence.logs.log import STEPS, StepLog, sorted_log
from sim.evidence.logs.simulated import log_of
from sim.office.parameters import Scenario
from sim.office.registration import registration_office

LARGEST = 1_000_000
"""Registrations a year that a scenario may have."""
SEED = 0


def matched_level(log: StepLog, scenario: Scenario, arrivals: ArrivalFit) -> list[Estimate]:
    """Return the registrations a year under which as many come to the steps of a log as it shows; none if none do.

    Parameters
    ----------
    log : StepLog
    scenario : Scenario
        With all else that was fitted, at any demand.
    arrivals : ArrivalFit
        Of the log.

    Notes
    -----
    One year is simulated, of its log only the steps that the other one has are kept, numbered as they are there, and
    the demand is scaled by the ratio of the first contacts a day. What of the year the log does not cover is as the
    scenario has it. The interval is that of the log's own first contacts a day.
    """
    office = registration_office(scenario)
    journeys = draw(office, SEED)
    try:
        simulated = log_of(office, journeys, play(office, journeys))
    except NeverFinishesError:
        return []
    steps = [STEPS.index(step) for step in log.steps]
    kept = _numbered_as(log, simulated.rows(np.isin(simulated.step, steps)))
    try:
        brings = fit_arrivals(kept, scenario).seasons.per_day[0]
    except ValueError:
        return []
    own = scenario.demand.registrations_per_year
    value, low, high = (own * each / brings for each in arrivals.seasons.per_day)
    if not 1 <= value <= LARGEST:
        return []
    n = int(arrivals.in_hours().sum())
    method = "demand that brings as many to the steps of the log, one year simulated"
    return [Estimate("demand.registrations_per_year", value, low, high, n, method, "per year")]


def _numbered_as(log: StepLog, simulated: StepLog) -> StepLog:
    """Return a simulated log in which the rows of a step have their own numbers if they do so in the other one."""
    rows = np.bincount(log.case, minlength=log.cases)
    alone = [STEPS.index(step) for step in log.steps if (rows[log.case[log.at(step)]] == 1).all()]
    own = np.isin(simulated.step, alone)
    case = np.where(own, simulated.cases + np.arange(len(simulated)), simulated.case)
    return sorted_log(replace(simulated, case=case, cases=simulated.cases + len(simulated)))
