"""A roster that is sure enough given the log: searched for with a tighter promise, judged with the promise itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.possible_offices import figure_at, open_scale
from sim.studies.staff.records import PLAN, TARGET, CheapestRoster, SureRoster

SURE = "-sure"
"""Between the name of an answer and what follows, in that of a scenario with the surer roster."""


def tightened(record: CheapestRoster, scenario: Scenario) -> Scenario | None:
    """Return the scenario with a promise that is tighter by what the log leaves open.

    None if that has no end or leaves nothing that can be promised, and if the roster is sure enough already.

    Parameters
    ----------
    record : CheapestRoster
        With what comes of its roster given the log.
    scenario : Scenario
        That its roster is for.

    Notes
    -----
    By how far the worse end of the interval is from the estimate, on the open scale. With more staff offices are less
    far apart as a rule, so that it is too much rather than too little; the roster that is found is judged anyway.
    """
    facts, target = record.given_log, record.target
    (test,) = [test for test in record.of(PLAN) if test.requirement == TARGET]
    if facts is None or facts.verdict == "HOLDS":
        return None
    worst = facts.high if target.about_mean else facts.low
    if not (math.isfinite(worst) and math.isfinite(test.estimate)):
        return None
    promised, own, end = open_scale(np.array([target.promised, test.estimate, worst]), target)
    value = float(f"{figure_at(float(promised - max(end - own, 0.0)), target):.4g}")
    try:
        return _promising(scenario, "minutes" if target.about_mean else "level", value)
    except ScenarioError:
        return None


def _promising(scenario: Scenario, what: str, value: float) -> Scenario:
    full = scenario_as_dict(scenario)
    full["target"][what] = value
    return scenario_from_dict(full, scenario.name)


def _with_promise(surer: CheapestRoster, record: CheapestRoster) -> CheapestRoster:
    """Return the answer with a tighter promise as one that is held against the promise of `record`."""
    if surer.staffed is None:
        return surer
    return replace(surer, target=record.target, staffed=surer.staffed | {"target": record.scenario["target"]})


def sure_of(
    record: CheapestRoster, surer: CheapestRoster, judge: Callable[[CheapestRoster], CheapestRoster]
) -> CheapestRoster:
    """Return a record with what is sure enough.

    Parameters
    ----------
    record : CheapestRoster
    surer : CheapestRoster
        What was found with a tighter promise.
    judge : callable
        Returns a roster with what comes of it given the log.
    """
    promised = surer.target.promised
    judged = judge(_with_promise(surer, record))
    if judged.plan is None or judged.given_log is None:
        return replace(record, sure=SureRoster(promised))
    facts = judged.given_log
    sure = SureRoster(
        promised, judged.plan.people, judged.plan.cost, facts.verdict, facts.low, facts.high, facts.kept,
        facts.kept_error,
    )  # fmt: skip
    return replace(record, sure=sure, surely_staffed=judged.staffed)
