"""The baseline's staff is as lean as scenarios/baseline-2023.yaml says it is, and no leaner.

Two standards, as there: reviewers and counter clerks are needed for the five minutes; the others for the share
of visitors who give up, at most 5 % at each stage.
"""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.measures.judge import Judgement, Rule, Verdict
from sim.measures.sequential import Boundary, mean_intervals
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.studies.run.replicate import Replications, run_scenario

BASELINE = Path(__file__).parents[2] / "scenarios" / "baseline-2023.yaml"

FEW = 12
"""Replications after which the shares of those who give up are looked at."""
MANY = 100
"""For what is close: the few key enterprises of whom some 5 % give up."""
SEEDS = (20240201, 1)
SCENARIOS = 11
"""With so many the baseline is judged in the main job."""

MOST_GIVE_UP = 0.05
STAGE = {"consultants": "phone", "assistants": "filing", "studio": "studio", "specialists": "key"}

MIDDAY = "midday"
# Pool and part of the day: half-hours beside midday, or the midday crew.
NEEDED_FOR_THE_TIME = [
    ("reviewers", "08:00-08:30"),
    ("reviewers", "08:30-12:00"),
    ("reviewers", MIDDAY),
    ("reviewers", "13:30-17:00"),
    ("clerks", "08:30-12:00"),
    ("clerks", MIDDAY),
    ("clerks", "13:30-17:00"),
]
NEEDED_FOR_THE_VISITORS = [
    ("consultants", "08:30-12:00"),
    ("consultants", MIDDAY),
    ("consultants", "13:30-17:00"),
    ("assistants", "08:30-12:00"),
    ("assistants", MIDDAY),
    ("assistants", "13:30-17:00"),
    ("studio", "08:30-17:00"),
    ("studio", MIDDAY),
    ("specialists", "08:30-12:00"),
    ("specialists", MIDDAY),
    ("specialists", "13:30-17:00"),
]


@cache
def shipped() -> dict[str, Any]:
    return scenario_as_dict(load_scenario_file(BASELINE))


@cache
def baseline() -> Replications:
    return replicated(load_scenario_file(BASELINE), MANY)


def replicated(scenario: Scenario, replications: int) -> Replications:
    """Return a run of so many replications, whatever the verdict."""
    return run_scenario(scenario, rule=Rule(smallest=replications, largest=replications))


def with_one_less(pool: str, part: str) -> dict[str, Any]:
    """Return the baseline with one server less of a pool in a part of the day."""
    scenario = copy.deepcopy(shipped())
    staff = scenario["staff"][pool]
    if part == MIDDAY:
        staff["midday_crew"] -= 1
        return scenario
    first, last = part.split("-")
    fewer: dict[str, int] = {}
    for hours, servers in staff["plan"].items():
        begin, end = hours.split("-")
        low, high = max(begin, first), min(end, last)
        if low >= high:
            fewer[hours] = servers
            continue
        pieces = ((begin, low, servers), (low, high, servers - 1), (high, end, servers))
        fewer |= {f"{a}-{b}": number for a, b, number in pieces if a < b}
    assert fewer != staff["plan"], f"no {pool} on duty {part}"
    staff["plan"] = fewer
    return scenario


def run_with_one_less(pool: str, part: str, replications: int = FEW) -> Replications:
    return replicated(scenario_from_dict(with_one_less(pool, part)), replications)


def interval(judgement: Judgement) -> str:
    return f"{judgement.estimate:.3f} [{judgement.low:.3f}, {judgement.high:.3f}]"


def share_giving_up(stage: str, run: Replications) -> tuple[float, float, float]:
    """Return the share with its interval."""
    values = run.figures[f"gave up share stage {stage}"][:, np.newaxis]
    mean, low, high = mean_intervals(values, Boundary(len(values), 0.025))
    return float(mean[0]), float(low[0]), float(high[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_baseline_holds_just_under_five_minutes(seed):
    judgement = run_scenario(load_scenario_file(BASELINE), seed, Rule(SCENARIOS)).judgement
    assert judgement.verdict is Verdict.HOLDS, interval(judgement)
    assert judgement.low > 4.9


@pytest.mark.parametrize("first_half_hour", [9, 10, 11])
def test_cheaper_plans_are_too_close_to_call(first_half_hour):
    scenario = copy.deepcopy(shipped())
    scenario["staff"]["reviewers"]["plan"] = {"08:00-08:30": first_half_hour, "08:30-17:00": 3}
    verdicts = {run_scenario(scenario_from_dict(scenario), seed).judgement.verdict for seed in SEEDS}
    assert Verdict.TOO_CLOSE in verdicts
    assert verdicts <= {Verdict.TOO_CLOSE, Verdict.HOLDS}


@pytest.mark.parametrize("stage", STAGE.values())
def test_at_most_one_visitor_in_twenty_gives_up(stage):
    share, _, high = share_giving_up(stage, baseline())
    # Key enterprises are few: 100 years do not tell 4.9 % from 5 %.
    assert (share if stage == "key" else high) <= MOST_GIVE_UP, f"{share:.2%}, up to {high:.2%}"


@pytest.mark.parametrize(("pool", "part"), NEEDED_FOR_THE_TIME)
def test_with_one_less_the_five_minutes_are_missed(pool, part):
    judgement = run_scenario(scenario_from_dict(with_one_less(pool, part))).judgement
    assert judgement.verdict is Verdict.FAILS, interval(judgement)


@pytest.mark.parametrize(("pool", "part"), NEEDED_FOR_THE_VISITORS)
def test_with_one_less_too_many_visitors_give_up(pool, part):
    share, low, _ = share_giving_up(STAGE[pool], run_with_one_less(pool, part))
    assert low > MOST_GIVE_UP, f"{share:.2%}, down to {low:.2%}"


@pytest.mark.parametrize("part", ["08:30-12:00", "13:30-17:00"])
def test_the_studio_could_spare_one_for_half_a_day(part):
    share, _, high = share_giving_up("studio", run_with_one_less("studio", part, 2 * FEW))
    assert high <= MOST_GIVE_UP, f"{share:.2%}, up to {high:.2%}"


def test_without_any_specialist_nobody_would_serve_key_enterprises():
    with pytest.raises(ScenarioError, match="nobody ever serves stage 'key'"):
        scenario_from_dict(with_one_less("specialists", "08:30-17:00"))
