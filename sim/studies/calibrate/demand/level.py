"""The demand of logs without registrations: that under which as many come to their steps as they show."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sim.engines.play import NeverFinishesError
from sim.office.parameters import Scenario
from sim.office.parameters.demand import MOST_REGISTRATIONS
from sim.studies.base import StudyError
from sim.studies.calibrate.demand.arrivals import ArrivalFit, fit_arrivals
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import StepLog, sorted_log
from sim.studies.calibrate.records import Estimate

LEVEL = "demand.registrations_per_year"
"""A year, that a scenario may have."""
LEVEL_SEED = 0
MOST_MATCHES, ALIKE, FAR_LESS = 8, 0.005, 0.25
"""Years simulated to match a demand; how near to 1 the ratio comes; what is left of a demand that cannot be carried."""


def matched_level(log: StepLog, scenario: Scenario, arrivals: ArrivalFit) -> list[Estimate]:
    """Return the registrations a year under which as many come to the steps of a log as it shows; none if none do.

    For logs without registrations: calls only, or the hall only.

    Parameters
    ----------
    log : StepLog
    scenario : Scenario
        With all else that was fitted, staff and patience too, at any demand.
    arrivals : ArrivalFit
        Of the log.

    Notes
    -----
    One year is simulated, of its log only the steps that the other one has are kept, numbered as they are there, and
    the demand is scaled by the ratio of the first contacts a day, until that is 1: who gives up and calls again makes
    more calls the more there are. An office that cannot finish gets less. What of the year the log does not cover is as
    the scenario has it. The interval is that of the log's own first contacts a day.
    """
    level, ratio = float(scenario.demand.registrations_per_year), math.nan
    for _ in range(MOST_MATCHES):
        if not 1 <= level <= MOST_REGISTRATIONS:
            return []
        demand = scenario.demand.model_copy(update={"registrations_per_year": round(level)})
        try:
            simulated = simulated_log(scenario.model_copy(update={"demand": demand}), LEVEL_SEED)
            kept = _numbered_as(log, simulated.rows(simulated.at(*log.steps)))
            ratio = arrivals.seasons.per_day[0] / fit_arrivals(kept, scenario).seasons.per_day[0]
        except NeverFinishesError:
            level, ratio = level * FAR_LESS, math.nan
            continue
        except StudyError:
            return []
        level *= ratio
        if abs(ratio - 1) < ALIKE:
            break
    if math.isnan(ratio) or not 1 <= level <= MOST_REGISTRATIONS:
        return []
    low, high = (level * each / arrivals.seasons.per_day[0] for each in arrivals.seasons.per_day[1:])
    n = int(arrivals.in_hours().sum())
    method = "demand that brings as many to the steps of the log, one year simulated"
    return [Estimate(LEVEL, level, low, high, n, method, "per year")]


def _numbered_as(log: StepLog, simulated: StepLog) -> StepLog:
    """Return a simulated log in which the rows of a step have their own numbers if they do so in the other one."""
    rows = np.bincount(log.case, minlength=log.cases)
    own = simulated.at(*(step for step in log.steps if (rows[log.case[log.at(step)]] == 1).all()))
    case = np.where(own, simulated.cases + np.arange(len(simulated)), simulated.case)
    return sorted_log(replace(simulated, case=case, cases=simulated.cases + len(simulated)))
