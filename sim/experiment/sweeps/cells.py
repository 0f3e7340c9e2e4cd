"""The scenario of each cell of a sweep, and what is wrong with them: each error once, where the file says it."""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from sim.experiment.sweeps.factors import ADD_TO, CHOICES, MULTIPLY, PARAMETER, Level, Variation
from sim.experiment.sweeps.points import Combination, said
from sim.experiment.sweeps.settings import Path, value_at, with_amount, with_setting
from sim.office.messages import problems_of
from sim.office.parameters import Scenario
from sim.office.parameters.fields import Group
from sim.office.parameters.listing import keys_of
from sim.office.problems import Problem
from sim.office.scenario import dotted, implausible, merged, scenario_as_dict
from sim.office.yaml_tree import Node

Own = dict[str, Any]
"""Name and title of a scenario."""
_Exact = tuple[type, Any]
"""A value that is the same as no other: 1 is not true."""


@dataclass(frozen=True)
class Base:
    """The base of a sweep, with what the file sets for all cells.

    Attributes
    ----------
    scenario : Scenario
    tree : Node
        In full; nodes that the sweep file says are of that file.
    file : pathlib.Path
    warnings : mapping of message to Problem
        Of the base's own files.
    """

    scenario: Scenario
    tree: Node
    file: pathlib.Path
    warnings: dict[str, Problem] = field(default_factory=dict)


@dataclass
class _Finding:
    """One error or warning, with the cells that have it."""

    path: str
    node: Node | None
    at_key: bool
    texts: dict[str, None] = field(default_factory=dict)
    cells: list[int] = field(default_factory=list)


class _Findings(dict[tuple[Any, ...], _Finding]):
    """By place in the file, if they are in the file, and path of the setting."""

    def error(self, cell: int, path: str, text: str, node: Node | None, at_key: bool = False) -> None:
        place = (node.place, node.key_place) if node is not None else None
        self._add(cell, text, (place, path), _Finding(path, node, at_key))

    def warning(self, cell: int, text: str, node: Node) -> None:
        # One for a value in the file, however many parameters it goes into.
        self._add(cell, text, (node.place,), _Finding("", node, False))

    def _add(self, cell: int, text: str, key: tuple[Any, ...], new: _Finding) -> None:
        finding = self.setdefault(key, new)
        finding.texts.setdefault(text)
        finding.cells.append(cell)


def validated(tree: Node, base: Base | None = None, own: Own | None = None) -> Scenario:
    """Return the scenario that a tree says.

    Parameters
    ----------
    tree : Node
    base : Base or None
        What the tree shares with its tree is not checked again, and shared by the scenarios, too.
    own : dict or None
        Name and title, instead of those in the tree.

    Raises
    ------
    ValidationError
    """
    data = tree.plain() if base is None else _data(tree, base.tree, base.scenario)
    return Scenario.model_validate({**data, **(own or {})})


def _data(node: Node, known: Node, group: Any) -> Any:
    """Return what a node holds; where it is what is known already, the group of parameters made of it."""
    if not isinstance(group, Group):
        return node.plain()
    if node is known:
        return group
    if not isinstance(node.value, dict):
        return node.plain()
    names = dict(zip(keys_of(type(group)), type(group).model_fields, strict=True))
    return {
        key: _data(inner, known.value[key], getattr(group, names[key])) if key in names else inner.plain()
        for key, inner in node.value.items()
    }


def errors_in(error: ValidationError, tree: Node, file: str) -> Iterator[tuple[str, str, Node | None, bool]]:
    """Yield path, message, place and whether it is about the key, of all that is wrong with a tree.

    The place is None unless it is in this file.
    """
    for path, text, about_key in problems_of(error, Scenario):
        node, _ = tree.find(path)
        if node.value is None and not about_key:
            text, about_key = "has no value; write one, or remove the line", True
        yield dotted(path), text, node if node.file == file else None, about_key


def cell_scenarios(
    combinations: Sequence[Combination],
    variations: Sequence[Variation],
    base: Base,
    whole: Node,
    own: Callable[[int, Combination], Own],
) -> tuple[list[Scenario], list[Problem], list[Problem]]:
    """Return the scenarios of the cells that are right, with all errors and warnings.

    Parameters
    ----------
    combinations, variations
    base : Base
    whole : Node
        Where to say what has no place of its own: what is varied.
    own : callable
        Name and title of a cell by its place and combination.
    """
    scenarios = []
    errors, warnings, inherited = _Findings(), _Findings(), {}
    full = scenario_as_dict(base.scenario)
    for cell, combination in enumerate(combinations):
        tree, absent = _cell_tree(combination, variations, base.tree, full)
        for path, node in absent:
            errors.error(cell, dotted(path), "is not there in this cell; another factor has replaced it", node)
        try:
            scenario = validated(tree, base, own(cell, combination))
        except ValidationError as error:
            for text_path, text, place, about_key in errors_in(error, tree, whole.file):
                errors.error(cell, text_path, text, place, about_key)
            continue
        scenarios.append(scenario)
        for at, text in implausible(scenario):
            node = tree.find(at)[0]
            if node.file == whole.file:
                warnings.warning(cell, text, node)
            elif text in base.warnings:
                inherited[text] = base.warnings[text]
    having = [Counter(map(_exact, levels)) for levels in zip(*combinations, strict=True)]
    found = [_error(finding, combinations, variations, whole, having) for finding in errors.values()]
    return scenarios, found, [*map(_warning, warnings.values()), *inherited.values()]


def _cell_tree(
    combination: Combination, variations: Sequence[Variation], base: Node, full: dict[str, Any]
) -> tuple[Node, list[tuple[Path, Node]]]:
    """Return the tree of a cell, and what should be added to and is not there: path and place.

    Values first, amounts after them, whatever the order of the factors.
    """
    tree = base
    amounts: dict[Path, tuple[float, float, Node]] = {}
    for variation, level in zip(variations, combination, strict=True):
        if variation.operation == CHOICES and level.settings is not None:
            tree = merged(tree, level.settings)
        for path in variation.paths:
            if variation.operation == PARAMETER:
                tree = with_setting(tree, path, level.node)
            elif isinstance(level.value, int | float):
                factor, addend, _ = amounts.get(path, (1, 0, level.node))
                factor *= level.value if variation.operation == MULTIPLY else 1
                addend += level.value if variation.operation == ADD_TO else 0
                amounts[path] = factor, addend, level.node
    absent = []
    for path, (factor, addend, node) in amounts.items():
        now, there = tree.find(path)
        if there:
            # A parameter whose value in full is written as a whole number has whole numbers only.
            changed = with_amount(now, node, factor, addend, whole=isinstance(value_at(full, path), int))
            tree = with_setting(tree, path, changed)
        else:
            absent.append((path, node))
    return tree, absent


def _error(
    finding: _Finding,
    combinations: Sequence[Combination],
    variations: Sequence[Variation],
    whole: Node,
    having: Sequence[Counter[_Exact]],
) -> Problem:
    """Return an error with what its cells have in common: everything, a level, or no more than the first.

    `having` tells for each factor how many cells have which level.
    """
    text = next(iter(finding.texts))
    prefix, more, node = "", "", finding.node
    if len(finding.texts) > 1 or len(finding.cells) < len(combinations):
        level = _common_level(finding.cells, combinations, having) if len(finding.texts) == 1 else None
        first = combinations[finding.cells[0]]
        if level is not None:
            prefix = f"{variations[level].name} = {said(first[level].value)}: "
            node = node or first[level].node
        else:
            pairs = zip(variations, first, strict=True)
            prefix = f"cell {', '.join(f'{variation.name} = {said(level.value)}' for variation, level in pairs)}: "
            others = len(finding.cells) - 1
            more = f" (and {others} more {'cell' if others == 1 else 'cells'})" if others else ""
    return (node or whole).problem(f"{prefix}{finding.path}: {text}{more}", at_key=finding.at_key)


def _common_level(
    cells: Sequence[int], combinations: Sequence[Combination], having: Sequence[Counter[_Exact]]
) -> int | None:
    """Return the factor of which these cells have one level, and no other cell has it; None if there is none."""
    for place, numbers in enumerate(having):
        values = {_exact(combinations[cell][place]) for cell in cells}
        if len(values) == 1 and numbers[values.pop()] == len(cells):
            return place
    return None


def _exact(level: Level) -> _Exact:
    return type(level.value), level.value


def _warning(finding: _Finding) -> Problem:
    assert finding.node is not None
    others = len(finding.texts) - 1
    more = f" (and {others} more {'value' if others == 1 else 'values'})" if others else ""
    return finding.node.problem(f"{next(iter(finding.texts))}{more}")
