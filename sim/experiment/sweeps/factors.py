"""The factors of a sweep file: what each varies, and its values, checked one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sim.experiment.sweeps.designs import evenly_spaced
from sim.experiment.sweeps.form import GRID, LIST, SPACE_FILLING, FactorForm, Value
from sim.experiment.sweeps.settings import (
    OWN,
    Path,
    is_number,
    no_amount,
    not_one_value,
    overlap,
    path_of,
    settings_in,
    unknown,
    value_at,
)
from sim.office.problems import Problem, shown
from sim.office.scenario import dotted
from sim.office.yaml_tree import Node

PARAMETER, ADD_TO, MULTIPLY, CHOICES = OPERATIONS = ("parameter", "add_to", "multiply", "choices")
BETWEEN = ("from", "to", "steps", "whole")


@dataclass(frozen=True)
class Level:
    """One value of a factor.

    Attributes
    ----------
    value : Value
        Of a choice, its label in English.
    label : Value or dict
        The same, but a dict of both languages if they differ.
    node : Node
        Where the file says it.
    settings : Node or None
        What a choice sets.
    """

    value: Value
    label: Value | dict[str, str]
    node: Node
    settings: Node | None = None


@dataclass(frozen=True)
class Variation:
    """A factor as the file says it.

    Attributes
    ----------
    name : str
    form : FactorForm
    node : Node
    operation : str
        One of `OPERATIONS`.
    paths : tuple of Path
        Settings that get the value, or are added to or multiplied; none for choices.
    levels : tuple of Level
        Empty if it has any value between two ends, or whatever the cells of a list say.
    """

    name: str
    form: FactorForm
    node: Node
    operation: str
    paths: tuple[Path, ...]
    levels: tuple[Level, ...]


def variation(
    name: str, node: Node, form: FactorForm, design: str, scenario: dict[str, Any]
) -> tuple[Variation | None, list[Problem]]:
    """Return a factor, None if it is not clear what it is, and all that is wrong with it.

    Parameters
    ----------
    name : str
    node : Node
        Its mapping.
    form : FactorForm
    design : str
    scenario : dict
        The base in full.
    """
    if problems := list(_keys_that_do_not_fit(name, node, design)):
        return None, problems
    operation = next(key for key in OPERATIONS if key in node.value)
    at = f"vary.{name}"
    paths: list[Path] = []
    if operation != CHOICES:
        for text, place in _members(node.value[operation]):
            wrong = unknown(text, scenario)
            path = path_of(text)
            if wrong is None and path is not None:
                wrong = _unfit(path, value_at(scenario, path), operation)
                wrong = wrong and f"{text} {wrong}"
                paths.append(path)
            if wrong is not None:
                problems.append(place.problem(f"{at}.{operation}: {wrong}"))
    levels, more = _choices(at, node) if operation == CHOICES else _values(at, node, form, operation)
    return Variation(name, form, node, operation, tuple(paths), tuple(levels)), problems + more


def _unfit(path: Path, value: Any, operation: str) -> str | None:
    return not_one_value(path, value) if operation == PARAMETER else no_amount(path, value, operation)


def _members(node: Node) -> list[tuple[str, Node]]:
    """Return the texts of a list of texts, or the one text that stands for such a list, with their places."""
    inner = node.value if isinstance(node.value, list) else [node]
    return [(member.value, member) for member in inner]


def clashes(variations: Sequence[Variation]) -> Iterator[Problem]:
    """Yield a problem for each setting that two factors give a value."""
    said = {variation.name: list(_set_by(variation)) for variation in variations}
    for one, other in combinations(variations, 2):
        # A choice that sets nothing clashes with nothing.
        paths = [path for path, _ in said[one.name] if path]
        for path, node in said[other.name]:
            if path and any(overlap(path, known) for known in paths):
                message = f"{dotted(path)} is set by factor {one.name!r} already; leave it to one of them"
                yield node.problem(f"vary.{other.name}: {message}")


def _set_by(variation: Variation) -> Iterator[tuple[Path, Node]]:
    if variation.operation == PARAMETER:
        members = _members(variation.node.value[PARAMETER])
        yield from ((path, node) for path, (_, node) in zip(variation.paths, members, strict=False))
    for level in variation.levels:
        if level.settings is not None:
            yield from settings_in(level.settings)


def _keys_that_do_not_fit(name: str, node: Node, design: str) -> Iterator[Problem]:
    """Yield what keys are missing, or are there and mean nothing, given the others."""
    at, keys = f"vary.{name}", node.value
    kinds = [key for key in OPERATIONS if key in keys]
    if not kinds:
        yield node.problem(f"{at}: does not say what is varied; add one of {', '.join(map(repr, OPERATIONS))}")
        return
    for kind in kinds[1:]:
        message = f"is here besides {kinds[0]!r}; a factor has one of the two, remove the other"
        yield keys[kind].problem(f"{at}.{kind}: {message}", at_key=True)
    instead = CHOICES if kinds[0] == CHOICES else "values" if "values" in keys else None
    for key in ("values", *BETWEEN):
        if key in keys and instead not in (None, key):
            yield keys[key].problem(f"{at}.{key}: means nothing besides {instead!r}; leave it out", at_key=True)
    if instead is not None:
        return
    ends = [end for end in ("from", "to") if end in keys]
    if not ends:
        spare = next((key for key in BETWEEN if key in keys), None)
        if design in (GRID, SPACE_FILLING) or spare:
            yield (keys[spare] if spare else node).problem(
                f"{at}: has no values; add 'values', or 'from' and 'to'", at_key=True
            )
        return
    if len(ends) == 1:
        yield node.problem(f"{at}.{'to' if ends == ['from'] else 'from'}: is missing; add it")
    if design == SPACE_FILLING and "steps" in keys:
        message = "means nothing in a space-filling design, where 'points' says how many; leave it out"
        yield keys["steps"].problem(f"{at}.steps: {message}", at_key=True)
    elif design in (GRID, LIST) and "steps" not in keys:
        yield node.problem(f"{at}.steps: is missing; say how many values there are from 'from' to 'to'")


def _choices(at: str, node: Node) -> tuple[list[Level], list[Problem]]:
    levels: list[Level] = []
    problems = []
    seen: dict[str, int] = {}
    for place, choice in enumerate(node.value[CHOICES].value):
        label, settings = choice.value["label"], choice.value["set"]
        both = label.plain() if isinstance(label.value, dict) else {"en": label.value, "zh": label.value}
        english = both["en"]
        here = f"{at}.{CHOICES}[{place}]"
        if english in seen:
            first = f"{CHOICES}[{seen[english]}]"
            problems.append(label.problem(f"{here}.label: {shown(english)} is the label of {first} already"))
        seen.setdefault(english, place)
        for key in (*OWN, "extends"):
            if key in settings.value:
                message = f"{here}.set.{key}: each cell has its own; leave it out"
                problems.append(settings.value[key].problem(message, at_key=True))
        levels.append(Level(english, english if both["zh"] == english else both, label, settings))
    if not levels:
        problems.append(node.value[CHOICES].problem(f"{at}.{CHOICES}: must have at least 1 choice"))
    return levels, problems


def _values(at: str, node: Node, form: FactorForm, operation: str) -> tuple[list[Level], list[Problem]]:
    if "values" in node.value:
        nodes: list[Node] = node.value["values"].value
        levels = [Level(inner.value, inner.value, inner) for inner in nodes]
        problems = list(unlike(((f"{at}.values[{place}]", level) for place, level in enumerate(levels)), operation))
        if not levels:
            problems.append(node.value["values"].problem(f"{at}.values: must have at least 1 value"))
        return levels, problems + list(_repeated(f"{at}.values", levels))
    if form.from_ is None or form.to is None:
        return [], []
    low, high = node.value["from"], node.value["to"]
    if form.from_ >= form.to:
        return [], [high.problem(f"{at}.to: must be above {shown(low.value)}, the value of 'from'")]
    if form.whole and math.ceil(form.from_) > math.floor(form.to):
        return [], [high.problem(f"{at}.to: there is no whole number from {low.value} to {high.value}")]
    if form.steps is None:
        return [], []
    values = evenly_spaced(form.from_, form.to, form.steps, form.whole)
    return [Level(value, value, Node(low.file, low.place, value)) for value in values], []


def unlike(levels: Iterable[tuple[str, Level]], operation: str) -> Iterator[Problem]:
    """Yield a problem for each value that is not of the kind of the first, or should be a number and is none.

    Parameters
    ----------
    levels : iterable of (path, Level)
    operation : str
    """
    wanted = "a number" if operation in (ADD_TO, MULTIPLY) else ""
    like = ""
    for at, level in levels:
        wanted = wanted or _kind(level.value)
        if _kind(level.value) != wanted:
            yield level.node.problem(f"{at}: must be {wanted}{like}, not {shown(level.value)}")
        like = "" if operation in (ADD_TO, MULTIPLY) else " like the first"


def _kind(value: Value) -> str:
    return "a number" if is_number(value) else "true or false" if isinstance(value, bool) else "a text"


def _repeated(at: str, levels: Sequence[Level]) -> Iterator[Problem]:
    seen: dict[tuple[str, Value], int] = {}
    for place, level in enumerate(levels):
        first = seen.setdefault((_kind(level.value), level.value), place)
        if first != place:
            yield level.node.problem(f"{at}[{place}]: {shown(level.value)} is in the list already; remove one")
