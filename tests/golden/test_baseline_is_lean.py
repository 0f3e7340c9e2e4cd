"""The baseline's staff is as lean as scenarios/baseline-2023.yaml says it is, and no leaner."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from helpers import said_in

from sim.measures.judge import Rule, Verdict
from sim.office.scenario import BLANK, load_scenario_file
from sim.present.names import verdict_word
from sim.replicate.store import MemoryStore
from sim.replicate.workers import workers_for
from sim.studies.run.replicate import run_scenario
from sim.studies.staff.rules import load_rules
from sim.studies.staff.staffing import Staffing

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BASELINE = load_scenario_file(SCENARIOS / "baseline-2023.yaml")
MAIN_JOB = len([file for file in SCENARIOS.glob("*.yaml") if file.stem != BLANK])
"""With so many the baseline is judged in the main job."""
SEED = 20240201


@cache
def judgement_of(seed):
    return run_scenario(BASELINE, seed, Rule(MAIN_JOB)).judgement


@pytest.mark.parametrize("seed", [SEED, pytest.param(1, marks=pytest.mark.thorough)])
def test_the_baseline_holds_just_under_five_minutes(seed):
    judgement = judgement_of(seed)
    assert judgement.verdict is Verdict.HOLDS, f"{judgement.estimate:.3f} [{judgement.low:.3f}, {judgement.high:.3f}]"
    assert judgement.low > 4.9


@pytest.mark.parametrize(("language", "readme"), [("en", "README.md"), ("zh", "README.zh.md")])
def test_the_readme_shows_its_figures(language, readme):
    judgement, title = judgement_of(SEED), getattr(BASELINE.title, language)
    lines = (SCENARIOS.parent / readme).read_text(encoding="utf-8").splitlines()
    row = next(line for line in lines if line.startswith(f" {title} ")).split()
    assert f"{judgement.estimate:.2f}" in row
    assert f"{judgement.low:.2f}–{judgement.high:.2f}" in row
    assert said_in(language, verdict_word, judgement.verdict.value) in row


@pytest.mark.thorough
def test_its_roster_is_certified_and_none_of_its_neighbours_holds():
    rules = load_rules(SCENARIOS / "staffing" / "standard.yaml")
    with workers_for("compiled", 2) as workers:
        found = Staffing(BASELINE, rules, SEED, "compiled", Rule(64, early=True), workers, MemoryStore())
        roster = found.choices.plan_in(BASELINE)
        assert roster is not None
        certificate = found.judges.judge(roster)
    of_roster = {judged.claim.requirement.name: judged.verdict for judged in certificate.of_plan}
    assert "target" in of_roster
    assert set(of_roster.values()) == {Verdict.HOLDS}, of_roster
    neighbours = [judged for judged in certificate.judged if judged.claim.plan]
    assert len(neighbours) > 8
    assert {judged.verdict for judged in neighbours} == {Verdict.FAILS}
