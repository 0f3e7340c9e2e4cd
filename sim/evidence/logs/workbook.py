"""A sheet of a workbook of Excel as a table of texts."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from sim.evidence.logs.log import I64
from sim.evidence.logs.mapping import FileMapping
from sim.evidence.logs.report import Finding
from sim.evidence.logs.tables import MOST_ROWS_ABOVE, heading_place, known_headings, rows_above, stop
from sim.office.problems import nearest, shown

Cell = int | float | str | bool | time | date | datetime | timedelta
BLOCK = 20_000
"""Rows that are turned into texts at a time."""


@dataclass
class SheetTable:
    """See `sim.evidence.logs.tables.Table`."""

    file: Path
    sheet: CalamineSheet
    headings: tuple[str, ...]
    heading_row: int
    findings: list[Finding] = field(default_factory=list)
    form: str = "excel"
    encoding: str = ""

    def take(self, places: Sequence[int]) -> tuple[list[pa.ChunkedArray], I64]:
        """See `sim.evidence.logs.tables.Table`."""
        chunks: list[list[pa.Array]] = [[] for _ in places]
        rows = islice(self.sheet.iter_rows(), self.heading_row, None)
        count = 0
        while block := list(islice(rows, BLOCK)):
            count += len(block)
            for chunk, place in zip(chunks, places, strict=True):
                chunk.append(pa.array([_text(row[place]) for row in block], pa.large_string()))
        if not count:
            message = "there are no rows below the headings; export a period with cases"
            raise stop(self.file, message, self.heading_row)
        numbers = np.arange(self.heading_row + 1, self.heading_row + 1 + count, dtype=np.int64)
        return [pa.chunked_array(chunk, pa.large_string()) for chunk in chunks], numbers


def sheet_table(file: Path, raw: bytes, mapping: FileMapping) -> SheetTable:
    """Open a sheet: the one that is mapped, else the first with known headings, else the first.

    Raises
    ------
    ScenarioError
        If there is no such workbook or sheet.
    """
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        names = workbook.sheet_names
        if mapping.sheet is not None and mapping.sheet not in names:
            raise stop(file, f"sheet: there is no sheet {shown(mapping.sheet)}; {nearest(mapping.sheet, names)}")
        sheets = [workbook.get_sheet_by_name(name) for name in ([mapping.sheet] if mapping.sheet else names)]
        starts = [_first_rows(sheet) for sheet in sheets]
    except PasswordError:
        raise stop(file, "is protected by a password; save it without one") from None
    except CalamineError as error:
        raise stop(file, f"is no workbook that can be read ({error}); save it as .xlsx or CSV again") from None
    except BaseException as error:
        # The reader is compiled, and some damaged files are beyond what it is prepared for.
        if type(error).__name__ != "PanicException":
            raise
        raise stop(file, "is a damaged workbook; save it as .xlsx or CSV again") from None
    known = [known_headings(rows[heading_place(rows, mapping)], mapping) if rows else -1 for rows in starts]
    if max(known, default=-1) < 0:
        raise stop(file, "the workbook is empty; it needs a row of headings, and a row for each step of a case")
    best = known.index(max(known))
    rows = starts[best]
    place = heading_place(rows, mapping)
    headings = tuple(cell.strip() for cell in rows[place])
    return SheetTable(file, sheets[best], headings, place + 1, rows_above(file.name, rows, place))


def _first_rows(sheet: CalamineSheet) -> list[list[str]]:
    rows = [[_text(cell) for cell in row] for row in islice(sheet.iter_rows(), MOST_ROWS_ABOVE + 2)]
    return rows if any(any(row) for row in rows) else []


def _text(cell: Cell) -> str:
    """Return a cell as a text."""
    if type(cell) is str:
        return cell
    return _TEXTS[type(cell)](cell)


def _of_number(cell: float) -> str:
    return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)


def _of_duration(cell: timedelta) -> str:
    """Return a time that was entered as a duration, as Excel does with hours beyond 24."""
    seconds = round(cell.total_seconds(), 3)
    return f"{int(seconds // 3600):02d}:{int(seconds // 60 % 60):02d}:{seconds % 60:06.3f}"


_TEXTS: dict[type, Callable[..., str]] = {
    bool: lambda cell: "true" if cell else "false",
    int: str,
    float: _of_number,
    datetime: lambda cell: cell.isoformat(" "),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _of_duration,
}
