"""A file of separated values as a table: separators found, stray quotes survived, rows of a wrong width left out."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from sim.evidence.logs.decoding import decoded
from sim.evidence.logs.log import I64
from sim.evidence.logs.mapping import FileMapping
from sim.evidence.logs.report import LEFT_OUT, MOST_EXAMPLES, Example, Finding, short
from sim.evidence.logs.tables import MOST_ROWS_ABOVE, heading_place, known_headings, rows_above, stop

_SEPARATORS = (",", ";", "\t")
_ANYTHING = re.compile(rb"[^\r\n]")
_START = 1 << 18
"""Bytes among which the headings are looked for."""


@dataclass
class SeparatedTable:
    """See `sim.evidence.logs.tables.Table`; the rows are in `content` from byte `begin` on, until they are taken."""

    file: Path
    encoding: str
    headings: tuple[str, ...]
    heading_row: int
    content: bytes
    begin: int
    mark: str
    findings: list[Finding]
    form: str = "csv"

    def take(self, places: Sequence[int]) -> tuple[list[pa.ChunkedArray], I64]:
        """See `sim.evidence.logs.tables.Table`."""
        found = self._rows(places, len(self.headings))
        self.content = b""
        self.findings += found.findings(self.file.name)
        return found.columns, found.rows

    def _rows(self, places: Sequence[int], width: int) -> _Rows:
        content, begin = self.content, self.begin
        if _ANYTHING.search(content, begin) is None:
            raise self._nothing(_Rows([], np.empty(0, np.int64)))
        has_quotes = content.find(b'"', begin) >= 0
        read = _at_once(content, begin, has_quotes, self.mark, width, places, self.heading_row)
        lines = content.count(b"\n", begin) + (not content.endswith(b"\n"))
        if read is None or (has_quotes and lines > len(read.rows) + len(read.wrong)):
            # A quote that is never closed, or closed by another such one, has swallowed lines; or values hold some.
            by_lines = _line_by_line(content[begin:], self.mark, width, places, self.heading_row)
            read = by_lines if read is None or len(by_lines.rows) > len(read.rows) else read
        if not len(read.rows):
            raise self._nothing(read)
        return read

    def _nothing(self, read: _Rows) -> Exception:
        """Return the error that there are no rows that can be read."""
        if not read.wrong:
            return stop(self.file, "there are no rows below the headings; export a period with cases", self.heading_row)
        width, there = read.widths.most_common(1)[0][0], len(self.headings)
        message = f"there are {there} headings, but rows of {width} fields; "
        return stop(self.file, message + "quote values that hold the separator, or set 'separator'", read.wrong[0])


@dataclass
class _Rows:
    """Rows that have been read.

    Attributes
    ----------
    columns : list of pyarrow.ChunkedArray
    rows : (rows,) int64
    wrong : list of int
        Rows with a wrong number of fields.
    widths : Counter
        Their numbers of fields.
    texts : list of str
        The first of them.
    """

    columns: list[pa.ChunkedArray]
    rows: I64
    wrong: list[int] = field(default_factory=list)
    widths: Counter[int] = field(default_factory=Counter)
    texts: list[str] = field(default_factory=list)

    def add_wrong(self, row: int, width: int, text: str) -> None:
        """Note a row with a wrong number of fields."""
        self.wrong.append(row)
        self.widths[width] += 1
        if len(self.texts) < MOST_EXAMPLES:
            self.texts.append(text)

    def findings(self, name: str) -> list[Finding]:
        """Return what was wrong with rows."""
        examples = tuple(Example(name, at, short(text)) for at, text in zip(self.wrong, self.texts, strict=False))
        return [Finding("wrong_number_of_fields", len(self.wrong), LEFT_OUT, "", examples)] if self.wrong else []


def separated_table(file: Path, raw: bytes, mapping: FileMapping) -> SeparatedTable:
    """Open a file of separated values.

    Raises
    ------
    ScenarioError
        If it is no text.
    """
    text = decoded(file, raw, mapping.encoding)
    start = text.content[:_START].decode("utf-8", "ignore")
    mark = {"auto": "", "tab": "\t"}.get(mapping.separator, mapping.separator)
    mark = mark or max(_SEPARATORS, key=lambda mark: _promise(start, mark, mapping))
    rows = _first_rows(start, mark)
    place = heading_place(rows, mapping)
    headings = [cell.strip() for cell in rows[place]] if rows else []
    following = rows[place + 1 :]
    if following and all(len(row) == len(headings) + 1 and not row[-1] for row in following):
        headings.append("")  # every row but that of the headings ends with a separator
    begin = _end_of(start, place + 1, mark)
    findings = [*text.findings, *rows_above(file.name, rows, place)]
    return SeparatedTable(file, text.encoding, tuple(headings), place + 1, text.content, begin, mark, findings)


def _promise(start: str, mark: str, mapping: FileMapping) -> tuple[int, int]:
    """Return how many headings are known, and how many there are, if this is the separator."""
    rows = _first_rows(start, mark)
    headings = rows[heading_place(rows, mapping)] if rows else []
    return known_headings(headings, mapping), len(headings)


def _first_rows(start: str, mark: str) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(start, newline=""), delimiter=mark):
            rows.append(row)
            if len(rows) > MOST_ROWS_ABOVE + 1:
                break
    except csv.Error:
        pass  # a value too long to be a heading
    return rows


def _end_of(start: str, rows: int, mark: str) -> int:
    """Return where some rows end, in bytes of UTF-8; they may hold line ends in quotes."""
    lines = io.StringIO(start, newline="")
    reader = csv.reader(iter(lines.readline, ""), delimiter=mark)
    for _ in range(rows):
        next(reader, None)
    return len(start[: lines.tell()].encode())


def _at_once(
    content: bytes, begin: int, has_quotes: bool, mark: str, width: int, places: Sequence[int], above: int
) -> _Rows | None:
    """Read all rows; None if quotes are so unbalanced that this cannot be done."""
    found = _Rows([], np.empty(0, np.int64))

    def wrong(row: arrow_csv.InvalidRow) -> str:
        found.add_wrong(above + row.number, row.actual_columns, row.text)
        return "skip"

    names = [f"column {place}" for place in range(width)]
    wanted = [names[place] for place in places]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(content)[begin:]),
            # Rows are numbered only if one thread reads them.
            arrow_csv.ReadOptions(use_threads=False, column_names=names),
            arrow_csv.ParseOptions(
                delimiter=mark, quote_char='"' if has_quotes else False, newlines_in_values=has_quotes,
                ignore_empty_lines=False, invalid_row_handler=wrong,
            ),
            arrow_csv.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    found.columns = [table[name] for name in wanted]
    numbers = np.arange(above + 1, above + 1 + table.num_rows + len(found.wrong))
    found.rows = np.delete(numbers, np.array(found.wrong, np.int64) - above - 1)
    return found


def _line_by_line(body: bytes, mark: str, width: int, places: Sequence[int], above: int) -> _Rows:
    """Read each line as a row, whatever its quotes."""
    found = _Rows([], np.empty(0, np.int64))
    rows: list[int] = []
    columns: list[list[str]] = [[] for _ in places]
    for number, fields, line in _fields(body, mark):
        if len(fields) != width and fields:
            found.add_wrong(above + number, len(fields), line)
            continue
        rows.append(above + number)
        for column, place in zip(columns, places, strict=True):
            column.append(fields[place] if fields else "")
    found.columns = [pa.chunked_array([pa.array(column, pa.large_string())]) for column in columns]
    found.rows = np.array(rows, np.int64)
    return found


def _fields(body: bytes, mark: str) -> Iterator[tuple[int, list[str], str]]:
    for number, line in enumerate(io.StringIO(body.decode(), newline=None), 1):
        text = line.rstrip("\n")
        try:
            yield number, next(csv.reader([text], delimiter=mark), []), text
        except csv.Error:
            yield number, [text], text
