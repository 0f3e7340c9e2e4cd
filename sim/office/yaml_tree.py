"""YAML text to a tree of values that know their file, line and column.

The tree is built from the parser's events, not by a loader: scalars are read by the YAML 1.2 core rules
(`no`, `09:00` and 2023-01-28 stay text), nothing is ever constructed from a tag, and duplicate keys,
endless aliases and deep nesting are errors with a place.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator
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
from sim.text import N_, Message

MOST_BYTES = 256 * 1024
MOST_VALUES = 20_000
DEEPEST = 20
MOST_DIGITS = 30

Key = str | int
KeyPath = tuple[Key, ...]
"""Of a value: names of members, and places in lists."""
Place = tuple[int, int]
"""Line and column, counted from 1."""
START: Place = (1, 1)
"""Where problems of a file as a whole are shown."""


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

    def find(self, path: KeyPath) -> tuple[Node, bool]:
        """Return the node nearest to `path`, and whether it is the very one."""
        node = self
        for step in path:
            inner = node.value
            there = step in inner if isinstance(inner, dict) else isinstance(inner, list) and step in range(len(inner))
            if not there:
                return node, False
            node = inner[step]
        return node, True

    def problem(self, what: Message | str, path: str = "", /, *, at_key: bool = False, **values: object) -> Problem:
        """Return a problem here; that of a whole mapping or list is shown at its key.

        Parameters
        ----------
        what : Message or str
            What is wrong, or the template of it.
        path : str
            Of the parameter that it is about.
        at_key : bool
            Whether it is the key that is wrong.
        **values
            For the template.
        """
        inside = isinstance(self.value, dict | list)
        line, column = self.key_place if self.key_place and (at_key or inside) else self.place
        return Problem(self.file, line, column, Message(what, **values) if isinstance(what, str) else what, path)


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
                self.stop("a second document begins here; a file holds one, remove '---'", place)
        elif isinstance(event, ScalarEvent):
            self._tag(event, place)
            node = Node(self.file, place, scalar(event.value, bool(event.implicit[0])))
            if event.anchor:
                self.anchors[event.anchor] = node
            self._add(node, place)
        elif isinstance(event, AliasEvent):
            known = self.anchors.get(event.anchor)
            if known is None:
                self.stop("alias *{name} stands for nothing that is complete before it; write it out", place,
                          name=event.anchor)  # fmt: skip
            self._add(Node(known.file, known.place, known.value, size=known.size), place)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._tag(event, place)
            if len(self.stack) >= DEEPEST:
                self.stop("nested more than {number} deep; 6 levels are enough", place, number=DEEPEST)
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
            here = Node(self.file, place, None)
            self.problems.append(here.problem("tag {name} means nothing here; remove it", name=shown(str(event.tag))))

    def stop(self, template: str, place: Place, **values: object) -> NoReturn:
        """Raise what makes the rest of the file meaningless, with all that was found before."""
        raise ScenarioError([*self.problems, Problem(self.file, *place, Message(template, **values))])

    def _add(self, node: Node, place: Place) -> None:
        """Put a finished node, met at `place`, into the innermost list or mapping, as key or value."""
        if not self.stack:
            self.root = node
            return
        outer = self.stack[-1]
        outer.size += node.size
        if outer.size > MOST_VALUES:
            self.stop("more than {number} values; a scenario says only what differs from its parent", place,
                      number=MOST_VALUES)  # fmt: skip
        if isinstance(outer.value, list):
            outer.value.append(node)
        elif self.keys[-1] is None:
            self.keys[-1] = node
        else:
            key, self.keys[-1] = self.keys[-1], None
            self._add_member(outer.value, key, node)

    def _add_member(self, members: dict[str, Node], key: Node, node: Node) -> None:
        if node.value is None and type(key.value) is int and 0 <= key.value < 1000:
            # What is left of {registrations_per_year: 40,200}.
            self.problems.append(key.problem(
                "a key must be a text, not {value}; if that is the rest of a number, write 40200 for 40,200 and 0.05 "
                "for 0,05", value=shown(key.value),
            ))  # fmt: skip
        elif not isinstance(key.value, str):
            self.problems.append(key.problem("a key must be a text, not {value}", value=shown(key.value)))
        elif key.value in members:
            first = members[key.value].key_place or (0, 0)
            self.problems.append(key.problem("key {name} is here a second time, first in line {line}; remove one",
                                             name=shown(key.value), line=first[0]))  # fmt: skip
        else:
            node.key_place = key.place
            members[key.value] = node


PLAIN = {"：": ":", "，": ",", "［": "[", "］": "]", "｛": "{", "｝": "}", "“": '"', "”": '"'}
FULL_WIDTH = re.compile(rf"(?<![^\x00-\x7f])([{''.join(PLAIN)}])")
SLIP = N_("'{sign}' is a full-width sign; write '{right}'")


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
        problem = " ".join(str(error.problem or error.context or "").split())
        if "'\\t'" in problem:
            builder.stop("a tab is used for indentation; use spaces", place)
        # The commonest slip of a Chinese keyboard; in words, where they belong, a letter of Chinese stands before them.
        first = max(place[0] - 1, 1)
        for number, line in enumerate(text.splitlines()[first - 1 : place[0]], first):
            if (slip := FULL_WIDTH.search(line)) is not None:
                builder.stop(SLIP, (number, slip.end()), sign=slip[1], right=PLAIN[slip[1]])
        builder.stop(
            "this is not YAML: {what}; check indentation, colons, brackets and quotes here and just before", place,
            what=problem or Message("the text cannot be read"),
        )  # fmt: skip
    except ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        builder.stop("a control character is here, which YAML does not allow; remove it", place)
    return builder.root, builder.problems


def _events(text: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except (MarkedYAMLError, ReaderError, ScenarioError):
        raise
    except Exception as error:  # the parser is not ours, and no text may end in a traceback
        raise MarkedYAMLError(problem=f"the YAML parser fails on it ({type(error).__name__})") from None


def _read_text(path: Path) -> str:
    stop = _Builder(str(path)).stop
    # Unlike those of Path, these raise nothing where a name is too long or a folder must not be read.
    if os.path.isdir(path):
        stop("is a directory; name a file in it", START)
    try:
        special = os.path.exists(path) and not os.path.isfile(path)
        raw = b"" if special else _first_bytes(path)
    except FileNotFoundError:
        stop("there is no such file; check the name", START)
    except OSError as error:
        stop("cannot be read: {why}", START, why=error.strerror or error)
    except ValueError:
        stop("cannot be read: this is no possible name of a file", START)
    if special:
        stop("cannot be read: this is no regular file", START)
    if len(raw) > MOST_BYTES:
        stop("is larger than {size} KB; this is no scenario and no sweep", START, size=MOST_BYTES // 1024)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_start = raw.rfind(b"\n", 0, error.start) + 1
        column = len(raw[line_start : error.start].decode("utf-8", "replace")) + 1
        stop("is not UTF-8 text; save it as UTF-8", (raw.count(b"\n", 0, error.start) + 1, column))


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)
