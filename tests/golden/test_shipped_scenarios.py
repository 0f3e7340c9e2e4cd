"""Every scenario as shipped gives the verdict that the documents say."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.experiment.run import QUICK_REPLICATIONS, REPLICATIONS, run_scenario
from sim.office.scenario import load_scenario_file

SCENARIOS = Path(__file__).parents[2] / "scenarios"

# A quick look cannot tell where the mean is close to the target, or where rare and long disturbances make years
# differ.
VERDICTS = {
    "baseline-2023": ("HOLDS", REPLICATIONS),
    "auto-approval": ("HOLDS", QUICK_REPLICATIONS),
    "key-enterprise-drive": ("HOLDS", REPLICATIONS),
    "double-demand": ("FAILS", QUICK_REPLICATIONS),
    "growth-2024": ("FAILS", QUICK_REPLICATIONS),
    "high-returns": ("FAILS", QUICK_REPLICATIONS),
    "lunch-uncovered": ("FAILS", QUICK_REPLICATIONS),
    "no-phone-consulting": ("FAILS", QUICK_REPLICATIONS),
    "spring-rush": ("FAILS", QUICK_REPLICATIONS),
    "review-outage": ("FAILS", REPLICATIONS),
    "staff-absence": ("FAILS", REPLICATIONS),
}


def test_no_scenario_is_forgotten():
    assert {file.stem for file in SCENARIOS.glob("*.yaml")} == set(VERDICTS)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_is_as_documented(name):
    verdict, replications = VERDICTS[name]
    judgement = run_scenario(load_scenario_file(SCENARIOS / f"{name}.yaml"), replications=replications).judgement
    assert judgement.verdict.value == verdict, f"{judgement.estimate:.3f} [{judgement.low:.3f}, {judgement.high:.3f}]"
