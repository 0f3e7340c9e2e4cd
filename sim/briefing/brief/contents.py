"""What a briefing says, as data: whoever writes the page, the deck or the workbook adds nothing to it but looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sim.briefing.brief.pictures import Picture
from sim.briefing.brief.traced import Piece, Sentence, Traced, Verdict, once
from sim.briefing.words import Language


class KeyFigure(NamedTuple):
    """A number to remember.

    Attributes
    ----------
    label : str
    value : Traced
    unit : str
    note : Sentence
        A smaller line below.
    """

    label: str
    value: Traced
    unit: str
    note: Sentence


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
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Piece, ...], ...]
    note: str = ""
    total: int = 0
    wide: frozenset[int] = frozenset()

    @property
    def sources(self) -> tuple[str, ...]:
        """Where its numbers come from."""
        return once(piece.source for row in self.rows for piece in row if isinstance(piece, Traced))


class Staffing(NamedTuple):
    """A staffing answer: what was found, who works when, and its picture."""

    heading: str
    said: tuple[Sentence, ...]
    table: Table | None
    picture: Picture | None


class RestsOn(NamedTuple):
    """What the numbers rest on: sentences, how many parameters come from where, and what matters most of them."""

    said: tuple[Sentence, ...]
    counts: Table | None
    influential: Table | None


class Advice(NamedTuple):
    """Something to do: what about, and what."""

    about: str
    said: Sentence


class SmallPrint(NamedTuple):
    """A line of the small print."""

    label: str
    said: Sentence


@dataclass(frozen=True)
class Briefing:
    """A briefing.

    Attributes
    ----------
    name : str
    language : str
    subject : str
        Title of what it is about.
    question : Sentence
    about : Sentence
        Period and demand, below the question.
    verdict : Verdict or None
    answer : tuple of Sentence
        Two.
    figures : tuple of KeyFigure
        At most four.
    pictures : tuple of Picture
        At most three.
    situations : Table or None
        All scenarios.
    staffing : tuple of Staffing
    rests_on : RestsOn
    advice : tuple of Advice
    small_print : tuple of SmallPrint
    inputs : Table
        The folders that it was made from.
    appendix : tuple of Picture
        Further charts, if they were asked for.
    finished : str
        When the latest of the results was finished, as ``2026-11-25 09:30:00``.
    """

    name: str
    language: Language
    subject: str
    question: Sentence
    about: Sentence
    verdict: Verdict | None
    answer: tuple[Sentence, ...]
    figures: tuple[KeyFigure, ...]
    pictures: tuple[Picture, ...]
    situations: Table | None
    staffing: tuple[Staffing, ...]
    rests_on: RestsOn
    advice: tuple[Advice, ...]
    small_print: tuple[SmallPrint, ...]
    inputs: Table
    appendix: tuple[Picture, ...]
    finished: str

    @property
    def all_pictures(self) -> tuple[Picture, ...]:
        """Every picture, each once."""
        staffing = [each.picture for each in self.staffing if each.picture is not None]
        found = {picture.name: picture for picture in (*self.pictures, *staffing, *self.appendix)}
        return tuple(found.values())
