"""What the scenarios of a folder extend, read as the reader of scenarios does."""

from __future__ import annotations

import re
from pathlib import Path

from sim.office.problems import Problem, ScenarioError, shown
from sim.office.scenario import EXTENDS, SUFFIX
from sim.office.yaml_tree import Node, read_tree

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""Of a scenario; whatever else a file says that it extends is an error of its own."""


def parent_of(file: Path) -> Path | None:
    """Return the file of the scenario that one extends; None if it extends none, or cannot be read."""
    node = _extends(file)
    return None if node is None else _beside(file, node)


def link_above(file: Path) -> Problem | None:
    """Return what is wrong with a scenario if one of its parents is a link, None if none is."""
    family: set[Path] = set()
    while file not in family and (node := _extends(file)) is not None:
        family.add(file)
        file = _beside(file, node)
        if file.is_symlink():
            name = shown(file.stem)
            return node.problem(f"extends: {name} is a link, which is not followed; copy the file into the folder")
    return None


def _beside(file: Path, extends: Node) -> Path:
    return file.parent / f"{extends.value.removesuffix(SUFFIX)}{SUFFIX}"


def _extends(file: Path) -> Node | None:
    try:
        root, _ = read_tree(file)
    except ScenarioError:
        return None
    node = root.value.get(EXTENDS) if root is not None and isinstance(root.value, dict) else None
    return node if node is not None and isinstance(node.value, str) and NAME.fullmatch(node.value) else None
