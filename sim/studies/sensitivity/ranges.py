"""Read a file of ranges in place of the plausible ones, one line for each parameter."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from sim.office.checked import CheckedFile
from sim.office.parameters import Scenario
from sim.office.parameters.fields import Range
from sim.office.problems import Problem, ScenarioError, nearest, shown
from sim.office.yaml_tree import Node
from sim.results.assumptions import Assumption
from sim.studies.assumptions import GivenRange, all_assumptions, scenario_with
from sim.text import N_, Message


def load_ranges(path: str | Path, scenario: Scenario) -> dict[str, GivenRange]:
    """Read a file of lines ``parameter: [low, high]``.

    Parameters
    ----------
    path : str or Path
        A YAML file.
    scenario : Scenario
        In which both ends of each range must be possible.

    Raises
    ------
    ScenarioError
        With all that is wrong, each with its place.
    """
    file = CheckedFile.read(path, NO_RANGES)
    if not file.root.value:
        file.problems.append(file.root.problem(NO_RANGES))
    known = {assumption.parameter: assumption for assumption in all_assumptions(scenario, {})}
    found: dict[str, GivenRange] = {}
    for key, node in file.root.value.items():
        if key not in known:
            file.problems.append(node.problem(
                "{path} is no assumption of the scenario; {nearest}", at_key=True, path=shown(key),
                nearest=nearest(key, sorted(known)),
            ))  # fmt: skip
        elif (ends := _ends(node)) is None:
            file.problems.append(node.problem("must be two numbers [low, high], the lower first, not {value}", key,
                                              value=_said(node)))  # fmt: skip
        else:
            found[key] = GivenRange(*ends, file.path.name)
            file.problems += _impossible(scenario, known[key], node)
    return file.checked(found)


NO_RANGES = N_("a file of ranges must have lines such as 'review.return_rate: [0.1, 0.2]'")


def _impossible(scenario: Scenario, assumption: Assumption, ends: Node) -> Iterator[Problem]:
    """Yield a problem for each end at which the scenario is not possible."""
    for end in ends.value:
        try:
            scenario_with(scenario, {assumption: float(end.value)})
        except ScenarioError as error:
            first = error.problems[0]
            if first.path == assumption.parameter:
                yield end.problem(first.what, first.path)
            else:
                yield end.problem("{value} is not possible in {scenario}: {why}", assumption.parameter,
                                  value=shown(end.value), scenario=scenario.name, why=first.message)  # fmt: skip


def _ends(node: Node) -> Range | None:
    values = node.plain()
    if not isinstance(values, list) or len(values) != 2:
        return None
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return None
    low, high = map(float, values)
    return (low, high) if math.isfinite(low) and math.isfinite(high) and low < high else None


def _said(node: Node) -> Message | str:
    values: object = node.plain()
    if not isinstance(values, list):
        return shown(values)
    members = [shown(value) if isinstance(value, str | float | int) else "..." for value in values[:4]]
    return f"[{', '.join(members)}{', ...' if len(values) > 4 else ''}]"
