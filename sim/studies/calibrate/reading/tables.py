"""A file of an export as a table of texts: what it holds, where its headings are, and the sheets of a workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from sim.office.problems import ScenarioError, nearest, shown
from sim.studies.calibrate.log.report import Finding, noted
from sim.studies.calibrate.log.steps import I64
from sim.studies.calibrate.reading.known_words import recognised
from sim.studies.calibrate.reading.mapping import FileMapping
from sim.studies.calibrate.reading.unpacked import (
    check_old_workbook,
    check_workbook,
    gunzipped,
    most_of,
    stop,
    unzipped,
    without_backtrace,
)
from sim.text import Message

MOST_ROWS_ABOVE = 10
"""Rows of a title that may be above the headings."""
BLOCK = 20_000
"""Rows of a sheet that are turned into texts at a time."""
Taken = tuple[list[pa.ChunkedArray], I64]
"""Columns, as large_string, of the rows that are no fault; and the numbers of these rows in the file, that of the
headings counted as well."""


@dataclass(frozen=True)
class Table:
    """Rows of a file, as texts.

    Attributes
    ----------
    form : str
        ``csv``, ``excel``, ``parquet``, ``json`` or ``xes``.
    encoding : str
        Of the text; empty for a workbook.
    headings : tuple of str
    heading_row : int
        Counted from 1.
    findings : list of Finding
        What was wrong with the file and, once columns have been taken, with its rows.
    take : callable
        Returns the columns at some places; to be called once. Raises a `ScenarioError` if there are no rows.
    """

    form: str
    encoding: str
    headings: tuple[str, ...]
    heading_row: int
    findings: list[Finding]
    take: Callable[[Sequence[int]], Taken]


def no_rows(file: Path, heading_row: int) -> ScenarioError:
    """Return the error that there is nothing below the headings."""
    return stop("there are no rows below the headings; export a period with cases", file, heading_row)


def content_of(file: Path) -> bytes:
    """Return what a file holds, unpacked.

    Raises
    ------
    ScenarioError
        If it cannot be had.
    """
    try:
        if file.is_dir():
            raise stop("is a directory; name a file in it", file)
        if file.exists() and not file.is_file():
            raise stop("cannot be read: not a regular file", file)
        with file.open("rb") as opened:
            most = most_of(opened.read(4096))
            if file.stat().st_size > most:
                raise stop("is larger than {most} MB; export shorter periods, and give several files", file,
                           most=most >> 20)  # fmt: skip
        raw = file.read_bytes()
    except FileNotFoundError:
        raise stop("there is no such file; check the name", file) from None
    except OSError as error:
        why = error.strerror or Message("not a possible file name")
        raise stop("cannot be read: {why}", file, why=why) from None
    if raw[:2] == b"\x1f\x8b":
        raw = gunzipped(file, raw)
    elif raw[:4] == b"PK\x03\x04":
        raw = unzipped(file, raw)
    if re.search(rb"\S", raw) is None:
        raise stop("the file is empty; it needs a row of headings, and a row for each step of a case", file)
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
    return noted("rows_above_headings", "left_out", name, titles, len(titles))


def sheet_table(file: Path, raw: bytes, mapping: FileMapping) -> Table:
    """Open a sheet of a workbook: the one that is mapped, else the first with known headings, else the first.

    Raises
    ------
    ScenarioError
        If there is no such workbook or sheet.
    """
    (check_workbook if raw.startswith(b"PK") else check_old_workbook)(file, raw)
    try:
        with without_backtrace():
            workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw))
            names = workbook.sheet_names
        if mapping.sheet is not None and mapping.sheet not in names:
            raise stop("sheet: there is no sheet {sheet}; {nearest}", file, sheet=shown(mapping.sheet),
                       nearest=nearest(mapping.sheet, names))  # fmt: skip
        with without_backtrace():
            sheets = [workbook.get_sheet_by_name(name) for name in ([mapping.sheet] if mapping.sheet else names)]
        starts = [_first_rows(sheet) for sheet in sheets]
    except PasswordError:
        raise stop("is protected by a password; save it without one", file) from None
    except CalamineError as error:
        raise stop("is no workbook that can be read ({why}); save it as .xlsx or CSV again", file, why=error) from None
    except BaseException as error:
        # The reader is compiled, and some damaged files are beyond what it is prepared for.
        if type(error).__name__ != "PanicException":
            raise
        raise stop("is a damaged workbook; save it as .xlsx or CSV again", file) from None
    known = [known_headings(rows[heading_place(rows, mapping)], mapping) if rows else -1 for rows in starts]
    if max(known, default=-1) < 0:
        raise stop("the workbook is empty; it needs a row of headings, and a row for each step of a case", file)
    best = known.index(max(known))
    sheet, rows = sheets[best], starts[best]
    place = heading_place(rows, mapping)
    headings = tuple(cell.strip() for cell in rows[place])

    def take(places: Sequence[int]) -> Taken:
        chunks: list[list[pa.Array]] = [[] for _ in places]
        below = islice(sheet.iter_rows(), place + 1, None)
        count = 0
        while block := list(islice(below, BLOCK)):
            count += len(block)
            for chunk, at in zip(chunks, places, strict=True):
                chunk.append(pa.array([text_of_cell(row[at]) for row in block], pa.large_string()))
        if not count:
            raise no_rows(file, place + 1)
        columns = [pa.chunked_array(chunk, pa.large_string()) for chunk in chunks]
        return columns, np.arange(place + 2, place + 2 + count, dtype=np.int64)

    return Table("excel", "", headings, place + 1, rows_above(file.name, rows, place), take)


def _first_rows(sheet: CalamineSheet) -> list[list[str]]:
    rows = [[text_of_cell(cell) for cell in row] for row in islice(sheet.iter_rows(), MOST_ROWS_ABOVE + 2)]
    return rows if any(any(row) for row in rows) else []


def text_of_cell(cell: float | str | time | date | timedelta | None) -> str:
    """Return a cell as a text, a whole number as such; nothing for none."""
    return cell if type(cell) is str else _TEXTS[type(cell)](cell)


def _of_number(cell: float) -> str:
    if cell != cell:
        return ""
    return str(int(cell)) if cell.is_integer() and abs(cell) <= 2**53 else repr(cell)


def _of_duration(cell: timedelta) -> str:
    """Return a time that was entered as a duration, as Excel does with hours beyond 24."""
    seconds = round(cell.total_seconds(), 3)
    return f"{int(seconds // 3600):02d}:{int(seconds // 60 % 60):02d}:{seconds % 60:06.3f}"


_TEXTS: dict[type, Callable[..., str]] = {
    bool: lambda cell: "true" if cell else "false",
    int: str,
    float: _of_number,
    type(None): lambda cell: "",
    datetime: lambda cell: cell.isoformat(" "),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _of_duration,
}
