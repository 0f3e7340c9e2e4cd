"""What is wrong with a file, and where: one line each, put into words in the language in which it is shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from sim.text import Message, _, in_source

LONGEST_SHOWN = 60
"""Characters of a value that a message repeats."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One error or warning.

    Attributes
    ----------
    file : str
    line, column : int
        Counted from 1.
    what : Message
        What is wrong; what would be right.
    path : str
        Dotted path of the parameter that it is about, if it is about one.
    """

    file: str
    line: int
    column: int
    what: Message
    path: str = ""

    @property
    def message(self) -> Message:
        """What is wrong, and with which parameter."""
        return about(self.path, self.what)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        return " ".join(_("{place}: {what}", place=place, what=self.message).splitlines())

    def __lt__(self, other: Problem) -> bool:
        return self._place < other._place

    @property
    def _place(self) -> tuple[str, int, int, str]:
        """In what order problems are shown, in any language."""
        return self.file, self.line, self.column, in_source(self.message)


class ScenarioError(ValueError):
    """All that is wrong with a file.

    Attributes
    ----------
    problems : tuple of Problem
        Sorted by file and line, at least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def about(path: Message | str, what: Message) -> Message:
    """Return what is to be said, and what it is about; the latter may be empty."""
    return Message("{path}: {what}", path=path, what=what) if path else what


@overload
def shown(value: str | float) -> str: ...
@overload
def shown(value: object) -> Message | str: ...
def shown(value: object) -> Message | str:
    """Return a value as a message shows it: short, and in one line."""
    if value is None:
        return Message("nothing")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return Message("a mapping")
    if isinstance(value, list | tuple):
        return Message("a list")
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    text = repr(int(value) if isinstance(value, float) and whole else value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def nearest(word: str, known: Iterable[str]) -> Message:
    """Return the end of a message about an unknown word: the nearest known one, or all of them."""
    known = list(known)
    close = like(word, known)
    return meant(close) if close else Message("possible: {names}", names=", ".join(known))


def like(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that is nearest to one, None if none is near."""
    return next(iter(difflib.get_close_matches(word[:LONGEST_SHOWN], known, n=1, cutoff=0.6)), None)


def meant(word: str) -> Message:
    """Return the end of a message about an unknown word that stands for a known one."""
    return Message("did you mean {name!r}?", name=word)


def problem_dicts(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return errors or warnings of files for JSON, in English whatever language is spoken."""
    return [
        {"file": each.file, "line": each.line, "column": each.column,
         "message": " ".join(in_source(each.message).split())}
        for each in problems
    ]  # fmt: skip
