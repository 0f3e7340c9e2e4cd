"""Settings of a scenario by their paths: found, or the nearest named; set, added to and multiplied in a tree."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from sim.office.parameters.listing import all_parameters
from sim.office.problems import like, meant, nearest, shown
from sim.office.yaml_tree import Key, KeyPath, Node, dotted
from sim.studies.sweep.form import OWN
from sim.text import N_, Message

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_PATH = re.compile(rf"{_NAME}(?:\.{_NAME}|\[[^\[\]]*\])*", re.ASCII)
_STEP = re.compile(rf"\.?({_NAME})|\[([^\[\]]*)\]", re.ASCII)


def path_of(text: str) -> KeyPath | None:
    """Return the path that a text such as ``demand.surges[0].factor`` stands for, None if it is none.

    Brackets hold the place in a list, or the hours of a plan, with or without quotes.
    """
    if not _PATH.fullmatch(text):
        return None
    steps: list[Key] = []
    for name, inner in _STEP.findall(text):
        place = inner.strip("'\"")
        steps.append(name or (int(place) if re.fullmatch(r"\d{1,4}", place, re.ASCII) else place))
    return tuple(steps)


def unknown(text: str, scenario: dict[str, Any]) -> Message | None:
    """Return what is wrong with the path of a setting, None if a scenario has it.

    Parameters
    ----------
    text : str
    scenario : dict
        In full.
    """
    path = path_of(text)
    if path is None:
        return Message("{path} is no path of a parameter; write one such as demand.growth or demand.half_hour_index[7]",
                       path=shown(text))  # fmt: skip
    if path[0] in OWN:
        return Message("{name!r} is given to each design point by itself and cannot be varied", name=path[0])
    known: Any = scenario
    for depth, step in enumerate(path):
        places = known if isinstance(known, dict) else range(len(known)) if isinstance(known, list) else ()
        if step not in places:
            end = _meant(path, depth, known)
            return Message("there is no {path} in the scenario; {meant}", path=shown(text), meant=end)
        known = known[step]
    return None


def value_at(scenario: dict[str, Any], path: KeyPath) -> Any:
    """Return the value of a setting that the scenario has."""
    value: Any = scenario
    for step in path:
        value = value[step]
    return value


def is_number(value: Any) -> bool:
    """Say whether a value is a finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_plan(path: KeyPath) -> bool:
    """Say whether the setting is a whole plan of servers on duty."""
    return path[0] == "staff" and ((len(path) == 3 and path[2] == "plan") or (len(path) == 4 and path[2] == "on"))


def not_one_value(path: KeyPath, value: Any) -> Message | None:
    """Return why a setting cannot be given one value, None if it can."""
    if is_plan(path):
        what = N_("{path} is a plan of servers on duty; use 'add_to', or 'choices' that give a plan each")
        return Message(what, path=dotted(path))
    if isinstance(value, list):
        with_members = N_("{path} is a list; name a member such as {member}, or use 'choices'")
        without = N_("{path} is a list; it has no member in the base, or use 'choices'")
    elif isinstance(value, dict):
        with_members = N_("{path} is a group of parameters; name a member such as {member}, or use 'choices'")
        without = N_("{path} is a group of parameters; it has none in the base, or use 'choices'")
    else:
        return None
    first = next(iter(value), None) if isinstance(value, dict) else 0
    member = dotted((*path, first)) if value and first is not None else ""
    return Message(with_members if value else without, path=dotted(path), member=member)


def no_amount(path: KeyPath, value: Any, operation: str) -> Message | None:
    """Return why a setting cannot be added to, or multiplied, None if it can."""
    if is_number(value):
        return None
    adding = operation == "add_to"
    if is_plan(path):
        if adding and value:
            return None
        what = (
            N_("{path} has nobody on duty in the base, so there is nothing to add to")
            if adding
            else N_("{path} is a plan of servers on duty, which can only be added to; use 'add_to', or 'choices'")
        )
    else:
        what = N_("{path} is no number and no plan of servers on duty") if adding else N_("{path} is no number")
    return Message(what, path=dotted(path))


def settings_in(node: Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Node]]:
    """Yield the settings that a mapping gives: all but groups of parameters, and plans as a whole."""
    if isinstance(node.value, dict) and node.value and not (path and is_plan(path)):
        for key, inner in node.value.items():
            yield from settings_in(inner, (*path, key))
    else:
        yield path, node


def overlap(one: KeyPath, other: KeyPath) -> bool:
    """Say whether one of two settings is the other, or a part of it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def tree_of(value: Any, file: str) -> Node:
    """Return plain values as a tree; its nodes are of `file` and at no line in particular."""
    if isinstance(value, dict):
        return Node(file, (1, 1), {key: tree_of(inner, file) for key, inner in value.items()})
    if isinstance(value, list):
        return Node(file, (1, 1), [tree_of(inner, file) for inner in value])
    return Node(file, (1, 1), value)


def with_setting(tree: Node, path: KeyPath, node: Node) -> Node:
    """Return a tree with another node at a path that it has; whatever is not on the path is shared."""
    if not path:
        return node
    step, *rest = path
    inside = with_setting(tree.value[step], tuple(rest), node)
    if isinstance(tree.value, list):
        return replace(tree, value=[*tree.value[: int(step)], inside, *tree.value[int(step) + 1 :]])
    return replace(tree, value={**tree.value, step: inside})


def with_amount(now: Node, said: Node, factor: float, addend: float, whole: bool) -> Node:
    """Return a number, or a plan of servers on duty, multiplied and added to.

    Parameters
    ----------
    now : Node
        What is no number stays as it is, and is an error elsewhere.
    said : Node
        Where the change is asked for.
    factor, addend : float
        Only added to, not multiplied, if it is a plan; no part of it goes below 0.
    whole : bool
        Whether the product is rounded.
    """
    if isinstance(now.value, dict):
        spans = {key: _changed(said, node.value + addend, 0) for key, node in now.value.items()
                 if is_number(node.value)}  # fmt: skip
        return Node(said.file, said.place, {**now.value, **spans}, said.key_place)
    if not is_number(now.value):
        return now
    product = now.value * factor
    return _changed(said, (math.floor(product + 0.5) if whole else product) + addend, -math.inf)


def _changed(said: Node, value: float, least: float) -> Node:
    # 0.15 + 0.05 is meant to be 0.2.
    value = max(value if isinstance(value, int) else float(f"{value:.12g}"), least)
    return Node(said.file, said.place, value, said.key_place)


def _meant(path: KeyPath, depth: int, group: Any) -> Message:
    """Return what an unknown path may mean; it is known up to `depth`, where `group` is."""
    paths = _all_paths()
    text = re.sub(r"\[\d+\]", "[]", dotted(path))
    owner = dotted(path[:depth])
    if isinstance(group, list):
        return Message("{path} has {number} members, [0] is the first", path=owner, number=len(group))
    if not isinstance(group, dict):
        return Message("{path} is one value, without members", path=owner)
    if close := difflib.get_close_matches(text, paths, n=1, cutoff=0.8):
        return meant(close[0])
    here = [str(key) for key in group if key not in OWN]
    step = str(path[depth])
    if not here:
        return Message("{path} has none in the base", path=owner)
    elsewhere = [known for known in paths if known.endswith(f".{path[-1]}")]
    return meant(elsewhere[0]) if elsewhere and like(step, here) is None else nearest(step, here)


@cache
def _all_paths() -> tuple[str, ...]:
    return tuple(parameter.path for parameter in all_parameters())
