"""What is shown, before anybody says where: pieces that know where they come from, sentences of them, and tables.

A terminal, a page, a deck, a workbook and the app render the same `Table`; none of them makes a number of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Literal

from sim.present.names import VERDICTS, after_sentence
from sim.present.numbers import NOTHING, minutes, number, percent, plain, share
from sim.text import N_, _, translated

MINUTES, SHARE, YUAN, NUMBER, TEXT = "min", "share", "yuan", "number", "text"
"""What a workbook shows a number as."""
Tone = Literal["", "good", "bad", "close", "open"]
"""What a piece means for the promise; never told by colour alone."""
SIGNS: dict[Tone, str] = {"good": "●", "bad": "✕", "close": "■", "open": "◆", "": ""}
TONES: dict[str, Tone] = {"HOLDS": "good", "FAILS": "bad", "TOO CLOSE": "close", "UNDECIDED": "open"}


@dataclass(frozen=True)
class Traced:
    """Something as it is written, with what it was made from.

    Attributes
    ----------
    text : str
    value : float, str or None
        As it is saved; None where nothing is.
    source : str
        ``scenarios/baseline-2023/manifest.json#verdict.estimate``, or of a table
        ``scenarios/baseline-2023/summary.parquet#mean[subject=licence,statistic=within]``. The column of several rows
        is their sum, ``#count[...]`` their number. Empty if it is shown beside the results themselves.
    unit : str
        What a workbook shows the number as.
    tone : str
    """

    text: str
    value: float | str | None = None
    source: str = ""
    unit: str = TEXT
    tone: Tone = ""

    @property
    def is_number(self) -> bool:
        """Whether the value is a number that a workbook can hold."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool) and math.isfinite(self.value)

    @property
    def sign(self) -> str:
        """A sign that says what the tone says."""
        return SIGNS[self.tone]

    @property
    def signed(self) -> str:
        """The text with its sign."""
        return f"{self.sign} {self.text}".strip()


Piece = str | Traced


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

    @property
    def as_piece(self) -> Piece:
        """The sentence as one cell of a table, with its first source."""
        if len(self.pieces) == 1:
            return self.pieces[0]
        return Traced(self.text, self.text, self.sources[0]) if self.sources else self.text


EMPTY = Sentence(())


@dataclass(frozen=True)
class Table:
    """A table that is shown.

    Attributes
    ----------
    title : str
    heads : tuple of str
    rows : tuple of tuple of str or Traced
        The first of each row is what it is about.
    note : str
    total : int
        So many of the last rows are sums.
    wide : frozenset of int
        Columns that hold texts rather than numbers, besides the first.
    parts : frozenset of int
        Rows after which a part ends.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Piece, ...], ...]
    note: str = ""
    total: int = 0
    wide: frozenset[int] = frozenset()
    parts: frozenset[int] = frozenset()

    @property
    def sources(self) -> tuple[str, ...]:
        """Where its numbers come from."""
        return once(piece.source for row in self.rows for piece in row if isinstance(piece, Traced))


def as_minutes(value: float, source: str = "") -> Traced:
    """Return minutes."""
    return Traced(minutes(value), value, source, MINUTES)


def as_share(value: float, source: str = "") -> Traced:
    """Return a share in per cent."""
    return Traced(share(value), value, source, SHARE)


def as_estimate(value: float, about_mean: bool, source: str = "") -> Traced:
    """Return what a target is about: minutes, or a share."""
    return as_minutes(value, source) if about_mean else as_share(value, source)


def as_number(value: float | None, source: str = "", digits: int = 0) -> Traced:
    """Return a number with thousands marked."""
    return Traced(NOTHING if value is None else number(value, digits), value, source, NUMBER)


def as_yuan(value: float, source: str = "", digits: int = 0) -> Traced:
    """Return money."""
    return Traced(number(value, digits), value, source, YUAN)


def as_plain(value: float, source: str = "", unit: str = NUMBER) -> Traced:
    """Return a promised number as it was given."""
    return Traced(plain(value) if math.isfinite(value) else number(value), value, source, unit)


def as_percent(value: float, source: str = "") -> Traced:
    """Return a share that was given, in per cent without the sign."""
    return Traced(percent(value), value, source, SHARE)


def as_text(value: object, source: str = "") -> Traced:
    """Return something that is shown as it is saved."""
    return Traced(str(value), str(value), source)


def as_verdict(verdict: str, source: str = "") -> Traced:
    """Return a verdict in words, in its tone."""
    return Traced(
        _(VERDICTS[verdict]) if verdict in VERDICTS else NOTHING, verdict, source, tone=TONES.get(verdict, "")
    )


def ends(low: Traced, high: Traced) -> Sentence:
    """Return an interval as a cell of a table shows it: 4.93–4.97, or ≥ 5.01 without an end; – where there is none."""
    begin, end = (float(each.value) if isinstance(each.value, int | float) else math.nan for each in (low, high))
    if not begin < end:
        return Sentence((NOTHING,))
    if math.isinf(end):
        return Sentence(("≥ ", low))
    if begin <= 0 and low.unit == SHARE:
        return Sentence(("≤ ", high))
    return Sentence((low, "–", high))


OPEN_ENDS = N_("≥ and ≤: shown to fail early, with no end on the other side.")
"""Said where an interval of `ends` has one end."""


def text_of(piece: Piece) -> str:
    """Return a piece as it is written."""
    return piece.text if isinstance(piece, Traced) else piece


def once(names: Iterable[str]) -> tuple[str, ...]:
    """Return each name once, in the order of their first; none that is empty."""
    return tuple(dict.fromkeys(name for name in names if name))


def said(template: str, /, **values: Piece | Sentence) -> Sentence:
    """Return a message in the language spoken here, with values filled in that stay traced.

    Parameters
    ----------
    template : str
        In English.
    **values
        Texts, numbers with their sources, or sentences.
    """
    pieces: list[Piece] = []
    rests_on: list[str] = []
    for literal, name, __, __ in Formatter().parse(translated(template)):
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


def paragraph(sentences: Iterable[Sentence]) -> Sentence:
    """Return sentences one after the other; in Chinese nothing is between them."""
    return joined(sentences, after_sentence())


def resting_on(sources: Sequence[str], *texts: str) -> tuple[Sentence, ...]:
    """Return texts as sentences that rest on the same sources as a whole; none for what is empty."""
    return tuple(Sentence((text,), tuple(sources)) for text in texts if text)


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return pieces with texts that touch made one, and without empty ones."""
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece != "":
            found.append(piece)
    return tuple(found)
