"""What a briefing says, with the file and the field that each number comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from string import Formatter

from sim.briefing.words import WORDS, Language

VERDICT_SIGNS = {"HOLDS": "●", "FAILS": "✕", "TOO CLOSE": "■", "UNDECIDED": "◆"}
"""Before the word of a verdict, so that it is not told by its colour alone."""


@dataclass(frozen=True)
class Traced:
    """Something that was read from results, as it is written.

    Attributes
    ----------
    text : str
    value : float, str or None
        As it is saved; None where nothing is.
    source : str
        ``scenarios/baseline-2023/manifest.json#verdict.estimate``, or of a table
        ``scenarios/baseline-2023/summary.parquet#mean[subject=licence,statistic=within]``. The column of several rows
        is their sum, ``#count[...]`` their number.
    unit : str
        What a workbook shows the number as: "min", "share", "yuan", "number" or "text".
    """

    text: str
    value: float | str | None
    source: str
    unit: str = "text"

    @property
    def is_number(self) -> bool:
        """Whether the value is a number that a workbook can hold."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool) and math.isfinite(self.value)


Piece = str | Traced


@dataclass(frozen=True)
class Verdict(Traced):
    """A verdict, and the word for it."""

    @property
    def sign(self) -> str:
        """The sign that goes before the word; none for what is no verdict."""
        return VERDICT_SIGNS.get(str(self.value), "")

    @property
    def signed(self) -> str:
        """The word with its sign."""
        return f"{self.sign} {self.text}".strip()


@dataclass(frozen=True)
class Sentence:
    """A text whose numbers know where they come from.

    Attributes
    ----------
    pieces : tuple of str or Traced
    rests_on : tuple of str
        Sources of the sentence as a whole, for numbers that are part of its text.
    """

    pieces: tuple[Piece, ...]
    rests_on: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(text_of(piece) for piece in self.pieces)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where it comes from, each source once."""
        return once([*(piece.source for piece in self.pieces if isinstance(piece, Traced)), *self.rests_on])


EMPTY = Sentence(())


@dataclass(frozen=True)
class Origin:
    """A folder of results, as sources name it.

    Attributes
    ----------
    path : str
        Below the folder of all results, with slashes: ``scenarios/baseline-2023``.
    """

    path: str

    def fact(self, field: str, file: str = "manifest.json") -> str:
        """Return the source of a field of a JSON file, its names joined by dots."""
        return f"{self.path}/{file}#{field}"

    def cell(self, table: str, column: str, **where: object) -> str:
        """Return the source of a column of a table, in the rows with some values."""
        rows = ",".join(f"{name}={value}" for name, value in where.items())
        return f"{self.path}/{table}.parquet#{column}" + (f"[{rows}]" if rows else "")


def text_of(piece: Piece) -> str:
    """Return a piece as it is written."""
    return piece.text if isinstance(piece, Traced) else piece


def once(names: Iterable[str]) -> tuple[str, ...]:
    """Return each name once, in the order of their first."""
    return tuple(dict.fromkeys(names))


def said(key: str, language: Language, **values: Piece | Sentence) -> Sentence:
    """Return a label with values filled in that stay traced.

    Parameters
    ----------
    key : str
        Of the label.
    language : str
    **values
        Texts, numbers with their sources, or sentences.
    """
    pieces: list[Piece] = []
    rests_on: list[str] = []
    for literal, name, _, _ in Formatter().parse(WORDS[key][0 if language == "en" else 1]):
        pieces.append(literal)
        if name is None:
            continue
        value = values[name]
        pieces += value.pieces if isinstance(value, Sentence) else [value]
        rests_on += value.rests_on if isinstance(value, Sentence) else []
    return Sentence(_joined(pieces), once(rests_on))


def joined(parts: Iterable[Piece | Sentence], between: str = "") -> Sentence:
    """Return parts one after the other, with something between every two."""
    pieces: list[Piece] = []
    rests_on: list[str] = []
    for part in parts:
        if pieces and between:
            pieces.append(between)
        pieces += part.pieces if isinstance(part, Sentence) else [part]
        rests_on += part.rests_on if isinstance(part, Sentence) else []
    return Sentence(_joined(pieces), once(rests_on))


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return pieces with texts that touch made one, and without empty ones."""
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece != "":
            found.append(piece)
    return tuple(found)
