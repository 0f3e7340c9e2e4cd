"""Scenario files: read, joined with their parents, checked; all errors at once, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.office.messages import Key, problems_of
from sim.office.parameters import Scenario
from sim.office.parameters.listing import Parameter, all_parameters
from sim.office.problems import Problem, ScenarioError, nearest, shown
from sim.office.schema import json_schema
from sim.office.yaml_tree import Node, read_tree

EXTENDS = "extends"
SUFFIX = ".yaml"
MOST_GENERATIONS = 10
OWN = ("name", "title", EXTENDS)
"""What a file says for itself and does not take from its parent."""


def load_scenario_file(path: str | Path) -> Scenario:
    """Read a scenario file and its parents.

    Parameters
    ----------
    path : str or Path
        A YAML file; the parent that it `extends` is in the same folder.

    Returns
    -------
    Scenario
        With `warnings` for values outside their plausible range.

    Raises
    ------
    ScenarioError
        With all that is wrong, in this file and its parents.
    """
    path = Path(path)
    problems: list[Problem] = []
    tree = _family_tree(path, [], problems)
    scenario = _validated(tree.plain(), tree, problems)
    scenario._warnings = tuple(tree.find(at)[0].problem(text) for at, text in implausible(scenario) if tree.find(at)[1])
    return scenario


def scenario_from_dict(data: Mapping[str, Any], source: str = "scenario") -> Scenario:
    """Return the scenario that a mapping describes, such as one from `scenario_as_dict`, checked like a file.

    Raises
    ------
    ScenarioError
        With all that is wrong; there are no lines, so each names the parameter only.
    """
    return _validated(dict(data), Node(source, (1, 1), {}), [])


def scenario_as_dict(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario in full, defaults included, as what JSON can hold."""
    return scenario.model_dump(mode="json", by_alias=True)


def implausible(scenario: Scenario) -> list[tuple[tuple[Key, ...], str]]:
    """Return the path and a message for each value outside its plausible range."""
    known = {parameter.path: parameter for parameter in all_parameters()}
    found = []
    for path, number, parameter in _numbers(scenario_as_dict(scenario), (), None, known):
        low, high = parameter.plausible or (number, number)
        if not low <= number <= high:
            limits = f"the plausible range {low:,} to {high:,} ({parameter.source})"
            found.append((path, f"{dotted(path)}: {number:,} is outside {limits}"))
    return found


def _numbers(
    value: Any, path: tuple[Key, ...], parameter: Parameter | None, known: Mapping[str, Parameter]
) -> Iterator[tuple[tuple[Key, ...], float, Parameter]]:
    """Yield the numbers in a resolved scenario with the parameter that each belongs to."""
    parameter = known.get(re.sub(r"\[\d+\]", "[]", dotted(path)), parameter)
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(inner, (*path, step), parameter, known)
    elif isinstance(value, int | float) and not isinstance(value, bool) and parameter is not None:
        yield path, value, parameter


def dotted(path: Iterable[Key]) -> str:
    """Return a path as a message shows it: ``demand.surges[0].factor``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", step) and len(step) <= 60:
            text += f".{step}" if text else step
        else:
            text += f"[{shown(step)}]"
    return text


def _validated(data: dict[str, Any], tree: Node, problems: list[Problem]) -> Scenario:
    """Return the scenario, or raise all that is wrong with it and all that was found before."""
    scenario: Scenario | None = None
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        problems = [*problems, *_placed(error, tree)]
    if problems or scenario is None:
        # Problems of one file in the order of its lines; the file that was asked for comes first.
        raise ScenarioError(sorted(problems, key=lambda found: (found.file != tree.file, found)))
    return scenario


def _placed(error: ValidationError, tree: Node) -> Iterator[Problem]:
    for path, text, about_key in problems_of(error, Scenario):
        node, _ = tree.find(path)
        if node.value is None and not about_key:
            text, about_key = "has no value; write one, or remove the line", True
        yield node.problem(f"{dotted(path)}: {text}" if path else text, at_key=about_key)


def _family_tree(path: Path, children: list[Path], problems: list[Problem]) -> Node:
    """Return the tree of a file merged into that of its parent."""
    try:
        root, found = read_tree(path)
    except ScenarioError as error:
        raise ScenarioError([*problems, *error.problems]) from None
    problems += found
    if root is None or root.value is None:
        message = f"the file is empty; begin with 'name: {path.stem}' and a title"
        raise ScenarioError([*problems, Problem(str(path), 1, 1, message)])
    if not isinstance(root.value, dict):
        message = f"a scenario must be a mapping (lines of 'key: value'), not {shown(root.value)}"
        raise ScenarioError([*problems, root.problem(message)])
    problems += _name_and_title(root, path)
    parent = root.value.pop(EXTENDS, None)
    if parent is None:
        return root
    parent_path = _parent_path(parent, path, [*children, path], problems)
    if parent_path is None:
        return root
    base = _family_tree(parent_path, [*children, path], problems)
    for key in OWN:
        base.value.pop(key, None)
    return merged(base, root)


def _name_and_title(root: Node, path: Path) -> list[Problem]:
    name = root.value.get("name")
    if name is not None and isinstance(name.value, str) and name.value != path.stem:
        return [name.problem(f"name: must be {path.stem!r}, as the file is called, not {shown(name.value)}")]
    return []


def _parent_path(parent: Node, path: Path, family: list[Path], problems: list[Problem]) -> Path | None:
    """Return the parent's file, None (and a problem) if there is none."""
    wanted = parent.value
    siblings = sorted(file.stem for file in path.parent.glob(f"*{SUFFIX}") if file != path)
    if not isinstance(wanted, str) or not wanted:
        message = f"extends: must be the name of a scenario in this folder, not {shown(wanted)}"
    elif not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", wanted):
        message = f"extends: {shown(wanted)} is no name of a scenario; the parent must be in the same folder"
    else:
        stem = wanted.removesuffix(SUFFIX)
        file = path.parent / f"{stem}{SUFFIX}"
        if file in family:
            circle = " -> ".join(member.stem for member in [*family[family.index(file) :], file])
            message = f"extends: goes round in a circle ({circle}); one of them must not extend another"
        elif not file.is_file():
            message = f"extends: there is no scenario {shown(stem)} in this folder; " + (
                nearest(stem, siblings) if siblings else "leave 'extends' out"
            )
        elif len(family) > MOST_GENERATIONS:
            message = f"extends: more than {MOST_GENERATIONS} generations; extend a scenario nearer to the root"
        else:
            return file
    problems.append(parent.problem(message))
    return None


def merged(base: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """Return `base` with what `over` says instead: mappings member by member, all else as a whole.

    A plan of servers on duty is one thing: a scenario that gives a plan gives all of it.
    """
    plan = (len(path) == 3 and path[2] == "plan") or (len(path) == 4 and path[2] == "on")
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)) or (plan and path[0] == "staff"):
        return over
    members = dict(base.value)
    for key, node in over.value.items():
        members[key] = merged(members[key], node, (*path, key)) if key in members else node
    return Node(over.file, over.place, members, over.key_place)


__all__ = [
    "Problem", "ScenarioError", "implausible", "json_schema", "load_scenario_file", "scenario_as_dict",
    "scenario_from_dict",
]  # fmt: skip
