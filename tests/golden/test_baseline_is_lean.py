"""The baseline's staff is as lean as scenarios/baseline-2023.yaml says it is, and no leaner.

Two standards, as there: reviewers and counter clerks are needed for the five minutes; the others for the share
of visitors who give up, at most 5 % at each stage.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.analysis.judge import Judgement, Verdict, judge, mean_interval
from sim.analysis.kpis import Kpis
from sim.experiment.run import REPLICATIONS, Run, run_scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict

BASELINE = Path(__file__).parents[2] / "scenarios" / "baseline-2023.yaml"

FEW = 10
"""Replications, fixed beforehand, that suffice where the answer is clear: all are four half-widths or more away."""
MANY = 100
"""For what is close: the few key enterprises of whom some 5 % give up, and the reviewers' first half-hour."""

MOST_GIVE_UP = 0.05
STAGE = {"consultants": "phone", "assistants": "filing", "studio": "studio", "specialists": "key"}

MIDDAY = "midday"
# Pool and part of the day: half-hours beside midday, or the midday crew.
NEEDED_FOR_THE_TIME = [
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
def baseline() -> Run:
    return run_scenario(load_scenario_file(BASELINE), replications=MANY)


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


def run_with_one_less(pool: str, part: str, replications: int = FEW) -> Run:
    return run_scenario(scenario_from_dict(with_one_less(pool, part)), replications=replications)


def interval(judgement: Judgement) -> str:
    return f"{judgement.estimate:.3f} [{judgement.low:.3f}, {judgement.high:.3f}]"


def share_giving_up(stage: str, replications: Sequence[Kpis]) -> tuple[float, float, float]:
    """Return the share with its interval."""
    return mean_interval(np.array([kpis[f"gave up share stage {stage}"] for kpis in replications]))


def test_the_baseline_holds_just_under_five_minutes():
    run = baseline()
    as_shipped = judge(run.office.target, run.kpis[:REPLICATIONS])
    for judgement in (as_shipped, run.judgement):
        assert judgement.verdict is Verdict.HOLDS, interval(judgement)
        assert judgement.low > 4.9


@pytest.mark.parametrize("stage", STAGE.values())
def test_at_most_one_visitor_in_twenty_gives_up(stage):
    share, _, high = share_giving_up(stage, baseline().kpis)
    # Key enterprises are few: 100 years do not tell 4.9 % from 5 %.
    assert (share if stage == "key" else high) <= MOST_GIVE_UP, f"{share:.2%}, up to {high:.2%}"


@pytest.mark.parametrize(("pool", "part"), NEEDED_FOR_THE_TIME)
def test_with_one_less_the_five_minutes_are_missed(pool, part):
    judgement = run_with_one_less(pool, part).judgement
    assert judgement.verdict is Verdict.FAILS, interval(judgement)
    assert judgement.low > 5.0


def test_with_one_less_in_the_first_half_hour_it_is_a_toss_up():
    run = run_with_one_less("reviewers", "08:00-08:30", MANY)
    as_shipped = judge(run.office.target, run.kpis[:REPLICATIONS])
    for judgement in (as_shipped, run.judgement):
        assert judgement.verdict is Verdict.UNDECIDED, interval(judgement)


@pytest.mark.parametrize(("pool", "part"), NEEDED_FOR_THE_VISITORS)
def test_with_one_less_too_many_visitors_give_up(pool, part):
    share, low, _ = share_giving_up(STAGE[pool], run_with_one_less(pool, part).kpis)
    assert low > MOST_GIVE_UP, f"{share:.2%}, down to {low:.2%}"


@pytest.mark.parametrize("part", ["08:30-12:00", "13:30-17:00"])
def test_the_studio_could_spare_one_for_half_a_day(part):
    share, _, high = share_giving_up("studio", run_with_one_less("studio", part, 2 * FEW).kpis)
    assert high <= MOST_GIVE_UP, f"{share:.2%}, up to {high:.2%}"


def test_without_any_specialist_nobody_would_serve_key_enterprises():
    with pytest.raises(ScenarioError, match="nobody ever serves stage 'key'"):
        scenario_from_dict(with_one_less("specialists", "08:30-17:00"))
