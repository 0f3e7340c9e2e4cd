"""Read a file of ranges in place of the plausible ones, one line for each parameter."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from sim.evidence.assumptions.dimensions import Assumption, GivenRange, all_assumptions, scenario_with
from sim.office.parameters import Scenario
from sim.office.parameters.fields import Range
from sim.office.problems import Problem, ScenarioError, nearest, shown
from sim.office.yaml_tree import Node, read_tree


def load_ranges(file: str | Path, scenario: Scenario) -> dict[str, GivenRange]:
    """Read a file of lines ``parameter: [low, high]``.

    Parameters
    ----------
    file : str or Path
        A YAML file.
    scenario : Scenario
        In which both ends of each range must be possible.

    Raises
    ------
    ScenarioError
        With all that is wrong, each with its place.
    """
    root, problems = read_tree(Path(file))
    if root is None or not isinstance(root.value, dict) or not root.value:
        message = "a file of ranges must have lines such as 'review.return_rate: [0.1, 0.2]'"
        raise ScenarioError([*problems, root.problem(message) if root else Problem(str(file), 1, 1, message)])
    known = {assumption.path: assumption for assumption in all_assumptions(scenario, {})}
    found: dict[str, GivenRange] = {}
    for path, node in root.value.items():
        if path not in known:
            text = f"{shown(path)} is no assumption of the scenario; {nearest(path, sorted(known))}"
            problems.append(node.problem(text, at_key=True))
            continue
        ends = _ends(node)
        if ends is None:
            text = f"{path}: must be two numbers [low, high], the lower first, not {_said(node)}"
            problems.append(node.problem(text))
        else:
            found[path] = GivenRange(*ends, Path(file).name)
            problems += _impossible(scenario, known[path], node)
    if problems:
        raise ScenarioError(problems)
    return found


def _impossible(scenario: Scenario, assumption: Assumption, ends: Node) -> Iterator[Problem]:
    """Yield a problem for each end at which the scenario is not possible."""
    for end in ends.value:
        try:
            scenario_with(scenario, {assumption: float(end.value)})
        except ScenarioError as error:
            text = error.problems[0].message
            if not text.startswith(f"{assumption.path}:"):
                text = f"{assumption.path}: {shown(end.value)} is not possible in {scenario.name}: {text}"
            yield end.problem(text)


def _ends(node: Node) -> Range | None:
    values = node.plain()
    if not isinstance(values, list) or len(values) != 2:
        return None
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return None
    low, high = map(float, values)
    return (low, high) if math.isfinite(low) and math.isfinite(high) and low < high else None


def _said(node: Node) -> str:
    values = node.plain()
    if not isinstance(values, list):
        return shown(values)
    return f"[{', '.join(shown(value) for value in values[:4])}{', ...' if len(values) > 4 else ''}]"
