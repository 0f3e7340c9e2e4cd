"""The scenario of each design point of a sweep, and what is wrong: each error once, where the file says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.office.checked import faults
from sim.office.parameters import Scenario
from sim.office.parameters.fields import Group
from sim.office.parameters.listing import keys_of
from sim.office.problems import Problem, about
from sim.office.scenario import BESIDE_A_PLAN, NO_EFFECT, implausible, merged, scenario_as_dict
from sim.office.yaml_tree import KeyPath, Node, dotted
from sim.studies.sweep.designs import Combination
from sim.studies.sweep.factors import ADD_TO, CHOICES, MULTIPLY, PARAMETER, Level, Variation
from sim.studies.sweep.form import SweepForm, Value
from sim.studies.sweep.settings import is_number, value_at, with_amount, with_setting
from sim.text import Message

Exact = tuple[type, Any]
"""A value that is the same as no other: 1 is not true."""

BY_PLAN = tuple((key,) for key in ("plan", *BESIDE_A_PLAN))
"""What says how many are on duty in a pool without a roster."""


@dataclass(frozen=True)
class Base:
    """The base of a sweep, with what the file sets for all design points.

    Attributes
    ----------
    scenario : Scenario
    tree : Node
        In full; nodes that the sweep file says are of that file.
    file : Path
    warnings : mapping of message to Problem
        Of the base's own files.
    """

    scenario: Scenario
    tree: Node
    file: Path
    warnings: dict[Message, Problem] = field(default_factory=dict)


@dataclass(frozen=True)
class SweptPoint:
    """One combination.

    Attributes
    ----------
    number : int
        From 1.
    at : dict
        Value of each factor by its name; of a choice, its label in English.
    scenario : Scenario
        Named by sweep and number, with a title that names the values.
    """

    number: int
    at: dict[str, Value]
    scenario: Scenario


@dataclass
class Finding:
    """One error or warning, with the design points that have it."""

    path: str
    node: Node | None
    at_key: bool
    texts: dict[Message, None] = field(default_factory=dict)
    points: list[int] = field(default_factory=list)


class Findings(dict[tuple[Any, ...], Finding]):
    """By place in the file, if they are in the file, and path of the setting."""

    def error(self, point: int, path: KeyPath, text: Message, node: Node | None, at_key: bool = False) -> None:
        """Note an error of a design point."""
        place = (node.place, node.key_place) if node is not None else None
        self._add(point, text, (place, path), Finding(dotted(path), node, at_key))

    def warning(self, point: int, text: Message, node: Node) -> None:
        """Note a warning: one for a value in the file, however many parameters it goes into."""
        self._add(point, text, (node.place,), Finding("", node, False))

    def _add(self, point: int, text: Message, key: tuple[Any, ...], new: Finding) -> None:
        finding = self.setdefault(key, new)
        finding.texts.setdefault(text)
        finding.points.append(point)


def validated(tree: Node, own: dict[str, Any], base: Base | None = None) -> Scenario:
    """Return the scenario that a tree says.

    Parameters
    ----------
    tree : Node
    own : dict
        Name and title, instead of those in the tree.
    base : Base or None
        What the tree shares with its tree is not checked again, and shared by the scenarios, too.

    Raises
    ------
    ValidationError
    """
    data = tree.plain() if base is None else _data(tree, base.tree, base.scenario)
    return Scenario.model_validate({**data, **own})


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


def points_of(
    combinations: Sequence[Combination], variations: Sequence[Variation], form: SweepForm, base: Base, whole: Node,
    problems: list[Problem], warnings: list[Problem],
) -> list[SweptPoint]:  # fmt: skip
    """Return the design points that are right; all errors and warnings are noted.

    Parameters
    ----------
    combinations, variations
    form : SweepForm
    base : Base
    whole : Node
        Where to say what has no place of its own: what is varied.
    problems, warnings : list of Problem
    """
    points = []
    errors, found, inherited = Findings(), Findings(), {}
    full = scenario_as_dict(base.scenario)
    width = len(str(len(combinations)))
    for place, combination in enumerate(combinations):
        tree, absent = _tree_of(combination, variations, base.tree, full)
        for path, node in absent:
            gone = Message("is not there in this design point; another factor has replaced it")
            errors.error(place, path, gone, node)
        own = {"name": f"{form.name}-{place + 1:0{width}d}", "title": _title(form, combination, variations)}
        try:
            scenario = validated(tree, own, base)
        except ValidationError as error:
            for fault in faults(error, Scenario, tree):
                here = fault.node if fault.node.file == whole.file else None
                errors.error(place, fault.path, fault.what, here, fault.at_key)
            continue
        for variation in variations:
            for path in variation.paths:
                if path[0] == "staff" and path[2:3] in BY_PLAN and scenario.pools[str(path[1])].roster:
                    errors.error(place, path, Message(NO_EFFECT, pool=path[1]), None)
        values = {variation.name: level.value for variation, level in zip(variations, combination, strict=True)}
        points.append(SweptPoint(place + 1, values, scenario))
        for at, text in implausible(scenario):
            node = tree.find(at)[0]
            if node.file == whole.file:
                found.warning(place, text, node)
            elif text in base.warnings:
                inherited[text] = base.warnings[text]
    having = [Counter(map(_exact, levels)) for levels in zip(*combinations, strict=True)]
    problems += [_error(finding, combinations, variations, whole, having) for finding in errors.values()]
    warnings += [*map(_warning, found.values()), *inherited.values()]
    return points


def _title(form: SweepForm, combination: Combination, variations: Sequence[Variation]) -> dict[str, str]:
    """Return the title of a design point in each language: that of the sweep, and the values."""
    parts: dict[str, list[str]] = {"en": [], "zh": []}
    for factor, level in zip(variations, combination, strict=True):
        for language, words in parts.items():
            title, unit = getattr(factor.form.title, language), factor.form.unit
            label = level.label[language] if isinstance(level.label, dict) else level.said
            if is_number(level.value):
                value = int(level.value) if float(level.value).is_integer() else level.value
                label = f"{value:{'+' if factor.operation == ADD_TO else ''},}"
            words.append(f"{title} {label}{f' {getattr(unit, language)}' if unit else ''}")
    return {"en": f"{form.title.en}: {', '.join(parts['en'])}", "zh": f"{form.title.zh}：{'，'.join(parts['zh'])}"}


def _tree_of(
    combination: Combination, variations: Sequence[Variation], base: Node, full: dict[str, Any]
) -> tuple[Node, list[tuple[KeyPath, Node]]]:
    """Return the tree of a design point, and what should be added to and is not there: path and place.

    Values first, amounts after them, whatever the order of the factors.
    """
    tree = base
    amounts: dict[KeyPath, tuple[float, float, Node]] = {}
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
    finding: Finding, combinations: Sequence[Combination], variations: Sequence[Variation], whole: Node,
    having: Sequence[Counter[Exact]],
) -> Problem:  # fmt: skip
    """Return an error with what its design points have in common: everything, a level, or no more than the first.

    `having` tells for each factor how many design points have which level.
    """
    what, node = about(finding.path, next(iter(finding.texts))), finding.node
    if len(finding.texts) > 1 or len(finding.points) < len(combinations):
        shared = _common_level(finding.points, combinations, having) if len(finding.texts) == 1 else None
        first = combinations[finding.points[0]]
        levels = [f"{variation.name} = {level.said}" for variation, level in zip(variations, first, strict=True)]
        if shared is not None:
            what = about(levels[shared], what)
            node = node or first[shared].node
        else:
            what = about(Message("design point {levels}", levels=", ".join(levels)), what)
            others = len(finding.points) - 1
            if others == 1:
                what = Message("{what} (and 1 more design point)", what=what)
            elif others:
                what = Message("{what} (and {number} more design points)", what=what, number=others)
    return (node or whole).problem(what, at_key=finding.at_key)


def _common_level(
    points: Sequence[int], combinations: Sequence[Combination], having: Sequence[Counter[Exact]]
) -> int | None:
    """Return the factor of which these design points, and no others, have one level; None if there is none."""
    for place, numbers in enumerate(having):
        values = {_exact(combinations[point][place]) for point in points}
        if len(values) == 1 and numbers[values.pop()] == len(points):
            return place
    return None


def _exact(level: Level) -> Exact:
    return type(level.value), level.value


def _warning(finding: Finding) -> Problem:
    assert finding.node is not None
    what = next(iter(finding.texts))
    others = len(finding.texts) - 1
    if others == 1:
        what = Message("{what} (and 1 more value)", what=what)
    elif others:
        what = Message("{what} (and {number} more values)", what=what, number=others)
    return finding.node.problem(what)
