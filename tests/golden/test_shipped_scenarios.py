"""Every scenario as shipped gives the verdict that the documents say."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.office.scenario import BLANK, load_scenario_file
from sim.studies.run.replicate import run_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"

VERDICTS = {
    "baseline-2023": "HOLDS",
    "no-absence": "HOLDS",
    "auto-approval": "HOLDS",
    "key-enterprise-drive": "HOLDS",
    "double-demand": "FAILS",
    "growth-2024": "FAILS",
    "high-returns": "FAILS",
    "lunch-uncovered": "FAILS",
    "no-phone-consulting": "FAILS",
    "spring-rush": "FAILS",
    "review-outage": "FAILS",
    "staff-absence": "FAILS",
}


def test_no_scenario_is_forgotten():
    assert {file.stem for file in SCENARIOS.glob("*.yaml")} == {*VERDICTS, BLANK}


SOME = ("growth-2024", "no-absence", "lunch-uncovered", "spring-rush")
"""Without EVERY=1. The baseline is judged by `test_baseline_is_lean.py`."""


@pytest.mark.parametrize(
    "name", [name if name in SOME else pytest.param(name, marks=pytest.mark.thorough) for name in VERDICTS]
)
def test_the_verdict_is_as_documented(name):
    judgement = run_scenario(load_scenario_file(SCENARIOS / f"{name}.yaml")).judgement
    said = f"{judgement.estimate:.3f} [{judgement.low:.3f}, {judgement.high:.3f}]"
    assert judgement.verdict.value == VERDICTS[name], said
