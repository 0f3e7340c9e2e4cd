"""What is wrong with a scenario file, and where: one line each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_SHOWN = 60
"""Characters of a value that a message repeats."""


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One error or warning.

    Attributes
    ----------
    file : str
    line, column : int
        Counted from 1.
    message : str
        What is wrong; what would be right.
    """

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return " ".join(f"{self.file}:{self.line}:{self.column}: {self.message}".splitlines())


class ScenarioError(ValueError):
    """All that is wrong with a scenario.

    Attributes
    ----------
    problems : tuple of Problem
        Sorted by file and line, at least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(map(str, self.problems)))


def shown(value: object) -> str:
    """Return a value as a message shows it: short, and in one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    text = repr(int(value) if isinstance(value, float) and whole else value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown word: the nearest known one, or all of them."""
    known = list(known)
    close = difflib.get_close_matches(word[:LONGEST_SHOWN], known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"possible: {', '.join(known)}"
