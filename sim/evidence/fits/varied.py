"""Offices that the fit leaves possible: parameters drawn from their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import ndtri

from sim.evidence.fits.estimates import CONFIDENCE, Estimate
from sim.evidence.fits.fitted import has, path_of, put
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
    Each is drawn by itself, normal on the log scale where the interval is above 0 (shares on that of the log odds), so
    that the interval of 95 % is met. Estimates of one log depend on each other a little; that is not in it.
    """
    whole = scenario_as_dict(scenario)
    known = [each for each in estimates if each.known and each.low < each.high and has(whole, path_of(each.name))]

    def varied(replication: int) -> Scenario:
        luck = np.random.default_rng([seed, replication])
        data = scenario_as_dict(scenario)
        for estimate in known:
            value = _drawn(estimate, float(luck.standard_normal()))
            put(data, path_of(estimate.name), max(round(value), 1) if estimate.name.endswith("per_year") else value)
        try:
            return scenario_from_dict(data, scenario.name)
        except ScenarioError:
            # A value beyond what an office can have; the fit itself is one that is possible.
            return scenario

    return varied


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
