"""Several scenario files on one line: each is a plan, with a name of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sim.cli.errors import InputError
from sim.cli.output import say
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError, shown
from sim.office.scenario import load_scenario_file


def loaded_plans(files: Sequence[str]) -> list[Scenario]:
    """Return the scenarios of all files, or raise all that is wrong with any of them."""
    scenarios, problems = [], []
    for file in files:
        try:
            scenarios.append(load_scenario_file(file))
        except ScenarioError as error:
            problems += list(error.problems)
        else:
            for warning in scenarios[-1].warnings:
                say(f"{warning} (warning)")
    if problems:
        raise ScenarioError(problems)
    return scenarios


def check_names(verb: str, scenarios: Sequence[Scenario]) -> None:
    """Raise an `InputError` if two plans have the same name."""
    names = [scenario.name for scenario in scenarios]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InputError(f"{verb}: two of the plans are called {shown(name)}; each needs a name of its own")
