"""YAML text to a tree of values that know their file, line and column.

The tree is built from the parser's events, not by a loader: scalars are read by the YAML 1.2 core rules
(`no`, `09:00` and 2023-01-28 stay text), nothing is ever constructed from a tag, and duplicate keys,
endless aliases and deep nesting are errors with a place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from sim.office.problems import Problem, ScenarioError, shown

MOST_BYTES = 256 * 1024
MOST_VALUES = 20_000
DEEPEST = 20
MOST_DIGITS = 30

Key = str | int
Place = tuple[int, int]
"""Line and column, counted from 1."""


@dataclass(slots=True)
class Node:
    """A value with its place: a scalar, a list of nodes or a mapping of names to nodes.

    Attributes
    ----------
    file : str
    place : Place
    value : None, bool, int, float, str, list of Node or dict of str to Node
    key_place : Place or None
        Where its key is, for a member of a mapping.
    size : int
        Values in it, those repeated by aliases counted each time.
    """

    file: str
    place: Place
    value: Any
    key_place: Place | None = None
    size: int = 1

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, path: tuple[Key, ...]) -> tuple[Node, bool]:
        """Return the node nearest to `path`, and whether it is the very one."""
        node = self
        for step in path:
            inner = node.value
            there = step in inner if isinstance(inner, dict) else isinstance(inner, list) and step in range(len(inner))
            if not there:
                return node, False
            node = inner[step]
        return node, True

    def problem(self, message: str, *, at_key: bool = False) -> Problem:
        """Return a problem here; that of a whole mapping or list is shown at its key."""
        inside = isinstance(self.value, dict | list)
        line, column = self.key_place if self.key_place and (at_key or inside) else self.place
        return Problem(self.file, line, column, message)


_CORE = (
    (re.compile(r"(?:~|null|Null|NULL|)\Z"), lambda text: None),
    (re.compile(r"(?:true|True|TRUE)\Z"), lambda text: True),
    (re.compile(r"(?:false|False|FALSE)\Z"), lambda text: False),
    (re.compile(r"0o[0-7]+\Z"), lambda text: _integer(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+\Z"), lambda text: _integer(text[2:], 16)),
    (re.compile(r"[-+]?[0-9]+\Z"), lambda text: _integer(text, 10)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"), float),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z"), lambda text: -math.inf if text[0] == "-" else math.inf),
    (re.compile(r"\.(?:nan|NaN|NAN)\Z"), lambda text: math.nan),
)


def _integer(text: str, base: int) -> float:
    # Endless digits are no number that anybody means; Python refuses more than 4300 of them.
    return int(text, base) if len(text) <= MOST_DIGITS else math.inf


def scalar(text: str, plain: bool) -> Any:
    """Return what a scalar stands for under the core rules of YAML 1.2; quoted ones are text."""
    if plain:
        for pattern, read in _CORE:
            if pattern.match(text):
                return read(text)
    return text


@dataclass
class _Builder:
    """Builds the tree from events; remembers what is wrong and goes on."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    stack: list[Node] = field(default_factory=list)
    keys: list[Node | None] = field(default_factory=list)
    anchors: dict[str, Node | None] = field(default_factory=dict)
    names: list[str | None] = field(default_factory=list)
    root: Node | None = None
    documents: int = 0

    def take(self, event: Event) -> None:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._stop(place, "a second document begins here; a file holds one, remove '---'")
        elif isinstance(event, ScalarEvent):
            self._tag(event, place)
            node = Node(self.file, place, scalar(event.value, bool(event.implicit[0])))
            if event.anchor:
                self.anchors[event.anchor] = node
            self._add(node, place)
        elif isinstance(event, AliasEvent):
            known = self.anchors.get(event.anchor)
            if known is None:
                self._stop(place, f"alias *{event.anchor} stands for nothing that is complete before it; write it out")
            self._add(Node(known.file, known.place, known.value, size=known.size), place)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._tag(event, place)
            if len(self.stack) >= DEEPEST:
                self._stop(place, f"nested more than {DEEPEST} deep; 6 levels are enough")
            self.stack.append(Node(self.file, place, {} if isinstance(event, MappingStartEvent) else []))
            self.keys.append(None)
            self.names.append(event.anchor)
            if event.anchor:
                self.anchors[event.anchor] = None
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            node = self.stack.pop()
            self.keys.pop()
            if name := self.names.pop():
                self.anchors[name] = node
            self._add(node, node.place)

    def _tag(self, event: Any, place: Place) -> None:
        if event.tag is not None:
            message = f"tag {shown(str(event.tag))} means nothing here; remove it"
            self.problems.append(Problem(self.file, *place, message))

    def _stop(self, place: Place, message: str) -> NoReturn:
        raise ScenarioError([*self.problems, Problem(self.file, *place, message)])

    def _add(self, node: Node, place: Place) -> None:
        """Put a finished node, met at `place`, into the innermost list or mapping, as key or value."""
        if not self.stack:
            self.root = node
            return
        outer = self.stack[-1]
        outer.size += node.size
        if outer.size > MOST_VALUES:
            self._stop(place, f"more than {MOST_VALUES} values; a scenario says only what differs from its parent")
        if isinstance(outer.value, list):
            outer.value.append(node)
        elif self.keys[-1] is None:
            self.keys[-1] = node
        else:
            key, self.keys[-1] = self.keys[-1], None
            self._add_member(outer.value, key, node)

    def _add_member(self, members: dict[str, Node], key: Node, node: Node) -> None:
        if not isinstance(key.value, str):
            self.problems.append(key.problem(f"a key must be a text, not {shown(key.value)}"))
        elif key.value in members:
            first = members[key.value].key_place or (0, 0)
            message = f"key {shown(key.value)} is here a second time, first in line {first[0]}; remove one"
            self.problems.append(key.problem(message))
        else:
            node.key_place = key.place
            members[key.value] = node


def read_tree(path: Path) -> tuple[Node | None, list[Problem]]:
    """Return the tree of a file, None if it is empty, and what is wrong besides.

    Raises
    ------
    ScenarioError
        If there is no tree at all: no such file, no text, no YAML.
    """
    text = _read_text(path)
    builder = _Builder(str(path))
    try:
        for event in _events(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place: Place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ScenarioError([*builder.problems, Problem(str(path), *place, _plain_words(error))]) from None
    except ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = "a control character is here, which YAML does not allow; remove it"
        raise ScenarioError([Problem(str(path), *place, message)]) from None
    return builder.root, builder.problems


def _events(text: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except (MarkedYAMLError, ReaderError, ScenarioError):
        raise
    except Exception as error:  # the parser is not ours, and no text may end in a traceback
        raise MarkedYAMLError(problem=f"the YAML parser fails on it ({type(error).__name__})") from None


def _plain_words(error: MarkedYAMLError) -> str:
    problem = " ".join(str(error.problem or error.context or "").split()) or "the text cannot be read"
    if "'\\t'" in problem:
        return "a tab is used for indentation; use spaces"
    return f"this is not YAML: {problem}; check indentation, colons, brackets and quotes here and just before"


def _read_text(path: Path) -> str:
    def stop(message: str, line: int = 1, column: int = 1) -> ScenarioError:
        return ScenarioError([Problem(str(path), line, column, message)])

    if path.is_dir():
        raise stop("is a directory; name a file in it")
    try:
        if path.exists() and not path.is_file():
            raise OSError(0, "not a regular file")
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise stop("there is no such file; check the name") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a possible file name"
        raise stop(f"cannot be read: {reason}") from None
    if len(raw) > MOST_BYTES:
        raise stop(f"is larger than {MOST_BYTES // 1024} KB; this is no scenario and no sweep")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_start = raw.rfind(b"\n", 0, error.start) + 1
        column = len(raw[line_start : error.start].decode("utf-8", "replace")) + 1
        raise stop("is not UTF-8 text; save it as UTF-8", raw.count(b"\n", 0, error.start) + 1, column) from None
