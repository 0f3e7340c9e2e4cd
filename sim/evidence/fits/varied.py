"""Offices that the fit leaves possible: parameters drawn from their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from sim.evidence.fits.estimates import CONFIDENCE, Estimate
from sim.evidence.fits.fitted import has, path_of, put, usable
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict, scenario_from_dict

HALF = float(ndtri((1 + CONFIDENCE) / 2))
"""Half an interval in standard errors."""


def varied_scenarios(
    scenario: Scenario, estimates: Sequence[Estimate], seed: int
) -> Callable[[int], Scenario]:
    """Return a function from the number of a replication to a scenario with parameters drawn anew.

    Parameters
    ----------
    scenario : Scenario
        With the estimates in it.
    estimates : sequence of Estimate
        Those without an interval, or that the scenario has no parameter for, stay as they are.
    seed : int

    Notes
    -----
    A month that the log does not have is taken for one of the twelve: with as much spread as there is among them. Each
    is drawn by itself, normal on the log scale where the interval is above 0 (shares on that of the log odds), so
    that the interval of 95 % is met. Estimates of one log depend on each other a little; that is not in it.
    """
    whole = scenario_as_dict(scenario)
    known = [
        each for each in _with_months(scenario, estimates)
        if each.known and each.low < each.high and has(whole, path_of(each.name))
    ]

    def varied(replication: int) -> Scenario:
        luck = np.random.default_rng([seed, replication])
        drawn = [replace(each, value=_drawn(each, float(luck.standard_normal()))) for each in known]
        try:
            return _with(scenario, drawn)
        except ScenarioError:
            # A value beyond what an office can have stays what was fitted; the others are drawn all the same.
            return _with(scenario, usable(scenario, drawn))

    return varied


def _with(scenario: Scenario, estimates: Sequence[Estimate]) -> Scenario:
    data = scenario_as_dict(scenario)
    for estimate in estimates:
        value = estimate.value
        put(data, path_of(estimate.name), max(round(value), 1) if estimate.name.endswith("per_year") else value)
    return scenario_from_dict(data, scenario.name)


def _with_months(scenario: Scenario, estimates: Sequence[Estimate]) -> list[Estimate]:
    """Return the estimates with an interval for each month that the log does not have."""
    months = np.array([index for index in scenario.demand.month_index if index > 0])
    factor = math.exp(HALF * float(np.log(months).std(ddof=1)))
    return [
        replace(each, low=each.value / factor, high=each.value * factor)
        if each.name.startswith("demand.month_index") and not each.known else each
        for each in estimates
    ]  # fmt: skip


def _drawn(estimate: Estimate, normal: float) -> float:
    """Return a value whose 95 % are the interval, each side by itself."""
    end = estimate.high if normal > 0 else estimate.low
    value, reach = estimate.value, abs(normal) / HALF
    if estimate.unit == "share" and 0 < value < 1:
        if 0 < end < 1:
            odds = math.log(value / (1 - value))
            return 1 / (1 + math.exp(-(odds + reach * (math.log(end / (1 - end)) - odds))))
        return min(max(value + reach * (end - value), 0.0), 1.0)
    if value > 0 and end > 0:
        return float(value * (end / value) ** reach)
    return max(value + reach * (end - value), 0.0)
