"""A file of an export as a table of texts: what it holds, and where its headings are."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from sim.evidence.logs.known_words import recognised
from sim.evidence.logs.log import I64
from sim.evidence.logs.mapping import FileMapping
from sim.evidence.logs.report import LEFT_OUT, MOST_EXAMPLES, Example, Finding, short
from sim.office.problems import Problem, ScenarioError

MOST_BYTES = 2 * 1024**3
MOST_ROWS_ABOVE = 10
"""Rows of a title that may be above the headings."""


class Table(Protocol):
    """Rows of a file, as texts.

    Attributes
    ----------
    form : str
        ``csv``, ``excel`` or ``xes``.
    encoding : str
        Of the text; empty for a workbook.
    headings : tuple of str
    heading_row : int
        Counted from 1.
    findings : list of Finding
        What was wrong with the file and, once columns have been taken, with its rows.
    """

    form: str
    encoding: str
    headings: tuple[str, ...]
    heading_row: int
    findings: list[Finding]

    def take(self, places: Sequence[int]) -> tuple[list[pa.ChunkedArray], I64]:
        """Return the columns at some places, as large_string, of the rows that are no fault; and where they are.

        Returns
        -------
        columns : list of pyarrow.ChunkedArray
        rows : (rows,) int64
            Numbers of the rows in the file, that of the headings counted as well.

        Raises
        ------
        ScenarioError
            If there are no rows.
        """
        ...


def stop(file: Path, message: str, row: int = 1) -> ScenarioError:
    """Return the error that a file cannot be read."""
    return ScenarioError([Problem(str(file), row, 1, message)])


def content_of(file: Path) -> bytes:
    """Return what a file holds, unpacked.

    Raises
    ------
    ScenarioError
        If it cannot be had.
    """
    try:
        if file.is_dir():
            raise stop(file, "is a directory; name a file in it")
        if file.exists() and not file.is_file():
            raise stop(file, "cannot be read: not a regular file")
        if file.stat().st_size > MOST_BYTES:
            raise stop(file, f"is larger than {MOST_BYTES >> 30} GB; export shorter periods, and give several files")
        raw = file.read_bytes()
    except FileNotFoundError:
        raise stop(file, "there is no such file; check the name") from None
    except OSError as error:
        raise stop(file, f"cannot be read: {error.strerror or 'not a possible file name'}") from None
    if raw[:2] == b"\x1f\x8b":
        raw = _unpacked(file, raw)
    if re.search(rb"\S", raw) is None:
        raise stop(file, "the file is empty; it needs a row of headings, and a row for each step of a case")
    return raw


def _unpacked(file: Path, raw: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            raw = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise stop(file, "is a damaged gzip file; export it again") from None
    if len(raw) > MOST_BYTES:
        raise stop(file, f"unpacks to more than {MOST_BYTES >> 30} GB; export shorter periods, and give several files")
    return raw


def known_headings(row: Sequence[str], mapping: FileMapping) -> int:
    """Return how many of a row's cells are mapped or recognised as headings; those that are mapped count twice."""
    mapped = {heading.strip() for heading in mapping.columns.model_dump(exclude_none=True).values()}
    return len(recognised(row)) + 2 * len(mapped & {cell.strip() for cell in row})


def heading_place(rows: Sequence[Sequence[str]], mapping: FileMapping) -> int:
    """Return which of the first rows holds the headings: that with most known ones, else the first not empty."""
    scores = [known_headings(row, mapping) for row in rows[: MOST_ROWS_ABOVE + 1]]
    best = max(scores, default=0)
    # One word alone may be a heading by chance.
    return scores.index(best) if best >= 2 else next((at for at, row in enumerate(rows) if any(row)), 0)


def rows_above(name: str, rows: Sequence[Sequence[str]], place: int) -> list[Finding]:
    """Return the finding that there are rows above the headings, if there are."""
    titles = [(at, " ".join(filter(None, row))) for at, row in enumerate(rows[:place], 1) if any(row)]
    examples = tuple(Example(name, at, short(text)) for at, text in titles[:MOST_EXAMPLES])
    return [Finding("rows_above_headings", len(titles), LEFT_OUT, "", examples)] if titles else []
