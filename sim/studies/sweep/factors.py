"""The factors of a sweep file: what each varies, and its values, checked one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from sim.office.problems import Problem, shown
from sim.office.yaml_tree import KeyPath, Node, dotted
from sim.studies.sweep.form import GRID, LIST, OWN, SPACE_FILLING, FactorForm, Value
from sim.studies.sweep.settings import (
    is_number,
    no_amount,
    not_one_value,
    overlap,
    path_of,
    settings_in,
    unknown,
    value_at,
)
from sim.text import N_

PARAMETER, ADD_TO, MULTIPLY, CHOICES = OPERATIONS = ("parameter", "add_to", "multiply", "choices")
AMOUNTS = (ADD_TO, MULTIPLY)
BETWEEN = ("from", "to", "steps", "whole")
NUMBER, TEXT, TRUTH = "number", "text", "truth"
WANTED = {
    NUMBER: N_("must be a number, not {value}"),
    TEXT: N_("must be a text, not {value}"),
    TRUTH: N_("must be true or false, not {value}"),
}
WANTED_LIKE_THE_FIRST = {
    NUMBER: N_("must be a number like the first, not {value}"),
    TEXT: N_("must be a text like the first, not {value}"),
    TRUTH: N_("must be true or false like the first, not {value}"),
}


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

    @property
    def said(self) -> str:
        """The value as messages name it."""
        return self.value if isinstance(self.value, str) else shown(self.value)


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
    paths : tuple of KeyPath
        Settings that get the value, or are added to or multiplied; none for choices.
    levels : tuple of Level
        Empty if it has any value between two ends, or whatever the design points of a list say.
    """

    name: str
    form: FactorForm
    node: Node
    operation: str
    paths: tuple[KeyPath, ...]
    levels: tuple[Level, ...]


def variation(
    name: str, node: Node, form: FactorForm, design: str, scenario: dict[str, Any], problems: list[Problem]
) -> Variation | None:
    """Return a factor; None if anything is wrong with it, which is noted.

    Parameters
    ----------
    name : str
    node : Node
        Its mapping.
    form : FactorForm
    design : str
    scenario : dict
        The base in full.
    problems : list of Problem
    """
    at = f"vary.{name}"
    if found := list(_keys_that_do_not_fit(at, node, design)):
        problems += found
        return None
    operation = next(key for key in OPERATIONS if key in node.value)
    paths: list[KeyPath] = []
    for text, place in _members(node.value[operation]) if operation != CHOICES else ():
        wrong, path = unknown(text, scenario), path_of(text)
        if wrong is None and path is not None:
            paths.append(path)
            value = value_at(scenario, path)
            wrong = not_one_value(path, value) if operation == PARAMETER else no_amount(path, value, operation)
        if wrong is not None:
            found.append(place.problem(wrong, f"{at}.{operation}"))
    levels = _choices(at, node, found) if operation == CHOICES else _values(at, node, form, operation, found)
    problems += found
    return None if found else Variation(name, form, node, operation, tuple(paths), tuple(levels))


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
                yield node.problem("{path} is set by factor {name!r} already; leave it to one of them",
                                   f"vary.{other.name}", path=dotted(path), name=one.name)  # fmt: skip


def _set_by(variation: Variation) -> Iterator[tuple[KeyPath, Node]]:
    if variation.operation == PARAMETER:
        members = _members(variation.node.value[PARAMETER])
        yield from ((path, node) for path, (_, node) in zip(variation.paths, members, strict=False))
    for level in variation.levels:
        if level.settings is not None:
            yield from settings_in(level.settings)


def _keys_that_do_not_fit(at: str, node: Node, design: str) -> Iterator[Problem]:
    """Yield what keys are missing, or are there and mean nothing, given the others."""
    keys = node.value
    kinds = [key for key in OPERATIONS if key in keys]
    if not kinds:
        names = ", ".join(map(repr, OPERATIONS))
        yield node.problem("does not say what is varied; add one of {names}", at, names=names)
        return
    for kind in kinds[1:]:
        yield keys[kind].problem("is here besides {name!r}; a factor has one of the two, remove the other",
                                 f"{at}.{kind}", at_key=True, name=kinds[0])  # fmt: skip
    instead = CHOICES if kinds[0] == CHOICES else "values" if "values" in keys else None
    if instead is not None:
        for key in ("values", *BETWEEN):
            if key in keys and key != instead:
                yield keys[key].problem("means nothing besides {name!r}; leave it out", f"{at}.{key}", at_key=True,
                                        name=instead)  # fmt: skip
        return
    ends = [end for end in ("from", "to") if end in keys]
    if not ends:
        spare = next((key for key in BETWEEN if key in keys), None)
        if design in (GRID, SPACE_FILLING) or spare:
            place = keys[spare] if spare else node
            yield place.problem("has no values; add 'values', or 'from' and 'to'", at, at_key=True)
        return
    if len(ends) == 1:
        yield node.problem("is missing; add it", f"{at}.{'to' if ends == ['from'] else 'from'}")
    if design == SPACE_FILLING and "steps" in keys:
        yield keys["steps"].problem(
            "means nothing in a space-filling design, where 'points' says how many; leave it out", f"{at}.steps",
            at_key=True,
        )  # fmt: skip
    elif design in (GRID, LIST) and "steps" not in keys:
        yield node.problem("is missing; say how many values there are from 'from' to 'to'", f"{at}.steps")


def said_for_all(settings: Node, at: str) -> Iterator[Problem]:
    """Yield a problem for each key of settings that every design point has for itself."""
    for key in (*OWN, "extends"):
        if key in settings.value:
            yield settings.value[key].problem("each design point has its own; leave it out", f"{at}.{key}", at_key=True)


def _choices(at: str, node: Node, problems: list[Problem]) -> list[Level]:
    levels: list[Level] = []
    seen: dict[str, int] = {}
    for place, choice in enumerate(node.value[CHOICES].value):
        label, settings = choice.value["label"], choice.value["set"]
        both = label.plain() if isinstance(label.value, dict) else {"en": label.value, "zh": label.value}
        english, here = both["en"], f"{at}.{CHOICES}[{place}]"
        first = seen.setdefault(english, place)
        if first != place:
            problems.append(label.problem("{label} is the label of {choice} already", f"{here}.label",
                                          label=shown(english), choice=f"{CHOICES}[{first}]"))  # fmt: skip
        problems += said_for_all(settings, f"{here}.set")
        levels.append(Level(english, english if both["zh"] == english else both, label, settings))
    if not levels:
        problems.append(node.value[CHOICES].problem("must have at least 1 choice", f"{at}.{CHOICES}"))
    return levels


def _values(at: str, node: Node, form: FactorForm, operation: str, problems: list[Problem]) -> list[Level]:
    if "values" in node.value:
        nodes: list[Node] = node.value["values"].value
        levels = [Level(inner.value, inner.value, inner) for inner in nodes]
        places = [(f"{at}.values[{place}]", level) for place, level in enumerate(levels)]
        problems += [*unlike(places, operation), *_repeated(places)]
        if not levels:
            problems.append(node.value["values"].problem("must have at least 1 value", f"{at}.values"))
        return levels
    if form.from_ is None or form.to is None:
        return []
    low, high = node.value["from"], node.value["to"]
    if form.from_ >= form.to:
        problems.append(high.problem("must be above {low}, the value of 'from'", f"{at}.to", low=shown(low.value)))
    elif form.whole and math.ceil(form.from_) > math.floor(form.to):
        problems.append(high.problem("there is no whole number from {low} to {high}", f"{at}.to", low=low.value,
                                     high=high.value))  # fmt: skip
    elif form.steps is not None:
        values = evenly_spaced(form.from_, form.to, form.steps, form.whole)
        return [Level(value, value, Node(low.file, low.place, value)) for value in values]
    return []


def evenly_spaced(low: float, high: float, steps: int, whole: bool = False) -> list[float]:
    """Return `steps` values from `low` to `high`, both included.

    Whole numbers (int) if all of them are, or if `whole`: then the ends are the first and the last whole number
    between them, the others are rounded, and doubles are left out.
    """
    if whole:
        low, high = math.ceil(low), math.floor(high)
    values = [float(f"{value:.12g}") for value in np.linspace(low, high, steps)]
    if whole:
        return list(dict.fromkeys(math.floor(value + 0.5) for value in values))
    return [int(value) for value in values] if all(value.is_integer() for value in values) else values


def unlike(levels: Iterable[tuple[str, Level]], operation: str) -> Iterator[Problem]:
    """Yield a problem for each value that is not of the kind of the first, or should be a number and is none.

    Parameters
    ----------
    levels : iterable of (path, Level)
    operation : str
    """
    amounts = operation in AMOUNTS
    wanted = NUMBER if amounts else ""
    for number, (at, level) in enumerate(levels):
        wanted = wanted or _kind(level.value)
        if _kind(level.value) != wanted:
            what = WANTED[wanted] if amounts or number == 0 else WANTED_LIKE_THE_FIRST[wanted]
            yield level.node.problem(what, at, value=shown(level.value))


def _kind(value: Value) -> str:
    return NUMBER if is_number(value) else TRUTH if isinstance(value, bool) else TEXT


def _repeated(levels: Iterable[tuple[str, Level]]) -> Iterator[Problem]:
    seen: set[tuple[str, Value]] = set()
    for at, level in levels:
        key = _kind(level.value), level.value
        if key in seen:
            yield level.node.problem("{value} is in the list already; remove one", at, value=shown(level.value))
        seen.add(key)
