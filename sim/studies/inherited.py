"""What an office of one's own takes from the neutral one without having said it, and how much hangs on each.

How much is told by a stored screen of the neutral office (``docs/what_neutral_hangs_on.py`` makes it again): each
assumption at the ends of its plausible range, one at a time.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.scenario import inherited, load_scenario_file
from sim.results.assumptions import Assumption
from sim.studies.assumptions import all_assumptions

SCREEN = "neutral_screen.csv"
"""Beside this file: parameter, and by how many minutes the mean licence time differs at most."""
OF_STAGE = {
    "phone.": "phone", "filing.assisted": "filing", "filing.hall": "filing", "filing.travel": "filing",
    "filing.studio": "studio", "filing.key": "key", "issue.": "issue", "review.return_factors.unadvised": "phone",
    "review.return_factors.assisted": "filing", "review.return_factors.studio": "studio",
    "review.return_factors.key": "key", "demand.key_share": "key", "review.minutes": "review",
}  # fmt: skip
"""By the beginnings of their paths: parameters that make no difference where nobody comes to a stage."""


class Inherited(NamedTuple):
    """An assumption that a scenario has not made itself.

    Attributes
    ----------
    assumption : Assumption
    minutes : float
        By how much the mean licence time of the neutral office differs at an end of its range, at most.
    """

    assumption: Assumption
    minutes: float


def taken_over(file: str | Path) -> list[Inherited]:
    """Return what a scenario file assumes without having said it, what most hangs on first.

    Raises
    ------
    ScenarioError
        With all that is wrong with the file.
    """
    scenario = load_scenario_file(file)
    visited = registration_office(scenario).visited
    unsaid = {parameter.path for parameter in inherited(file)}
    found = [
        Inherited(of, screen().get(of.parameter, 0.0))
        for of in all_assumptions(scenario, {}) if of.parameter in unsaid and matters(scenario, visited, of.parameter)
    ]  # fmt: skip
    return sorted(found, key=lambda each: -each.minutes)


def matters(scenario: Scenario, visited: Collection[str], path: str) -> bool:
    """Say whether anybody comes to where a parameter would make a difference, of the stages that are visited."""
    if path.startswith("staff."):
        name = path.split(".")[1]
        return any(stage in visited for stage in scenario.stages_of_pool[name])
    if path == "review.auto_minutes":
        return scenario.review.auto_approved_share > 0 or bool(scenario.review.skipped_by)
    if path == "demand.half_hour_index":
        return not (scenario.demand.by_hours or scenario.demand.hourly or scenario.demand.hourly_on)
    return all(stage in visited for begins, stage in OF_STAGE.items() if path.startswith(begins))


@cache
def screen() -> dict[str, float]:
    """Return by parameter how much hangs on it in the neutral office [min]."""
    text = files("sim.studies").joinpath(SCREEN).read_text(encoding="utf-8")
    return {row["parameter"]: float(row["minutes"]) for row in csv.DictReader(text.splitlines())}
