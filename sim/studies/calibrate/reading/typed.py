"""A file whose cells have types as a table of texts: Parquet, and JSON with an object a line or an array of them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.office.problems import ScenarioError
from sim.results.codec import length_of_texts
from sim.studies.calibrate.log.report import LONGEST_VALUE, MOST_EXAMPLES, noted
from sim.studies.calibrate.reading.mapping import FileMapping
from sim.studies.calibrate.reading.separated import decoded
from sim.studies.calibrate.reading.tables import Table, Taken, no_rows, text_of_cell
from sim.studies.calibrate.reading.unpacked import MOST_BYTES, Kept, stop

FREE_ROWS, BYTES_A_ROW = 1_000_000, 4
"""Rows of a file in Parquet of any size; and of more, how many bytes one takes at least."""
A_ROW, LONGEST = 50, 1 << 20
"""Bytes that a row of JSON takes beside its values; bytes that a line, and characters that a member, may have."""
_BETWEEN = re.compile(r"\s*([\[,\]])\s*")
MOST_FIELDS = 500
"""Names in the objects of a file; what has more is no table."""


def parquet_table(file: Path, raw: bytes) -> Table:
    """Open a table in Parquet.

    Raises
    ------
    ScenarioError
        If it is damaged, has far more rows than a log, or columns that are no texts, numbers or times.
    """
    try:
        facts = pq.read_metadata(io.BytesIO(raw))
        schema = facts.schema.to_arrow_schema()
        unpacked = sum(facts.row_group(group).total_byte_size for group in range(facts.num_row_groups))
    except (OSError, UnicodeDecodeError, pa.ArrowException):
        raise _damaged(file) from None
    if facts.num_rows > max(FREE_ROWS, len(raw) // BYTES_A_ROW) or unpacked > MOST_BYTES >> 1:
        raise stop("has {rows} rows and unpacks to {megabytes} MB; export shorter periods, and give several files",
                   file, rows=facts.num_rows, megabytes=unpacked >> 20)  # fmt: skip

    # Of the old form of times, which tells no zone: they are of UTC.
    instants = {
        facts.schema.column(place).path
        for place in range(len(facts.schema))
        if facts.schema.column(place).physical_type == "INT96"
    }

    def take(places: Sequence[int]) -> Taken:
        if not facts.num_rows:
            raise no_rows(file, 1)
        columns = [_texts(file, raw, schema.field(place), schema.field(place).name in instants) for place in places]
        if any(len(column) != facts.num_rows for column in columns):
            raise _damaged(file)
        return columns, np.arange(2, facts.num_rows + 2, dtype=np.int64)

    return Table("parquet", "", tuple(name.strip() for name in schema.names), 1, [], take)


def _damaged(file: Path) -> ScenarioError:
    return stop("is a damaged Parquet file; export it again", file)


def _texts(file: Path, raw: bytes, of: pa.Field, of_utc: bool) -> pa.ChunkedArray:
    """Return a column as texts; times that are `of_utc` say so."""
    try:
        # A text that is in many rows is kept once, until it is known how long they are together.
        found = pq.read_table(io.BytesIO(raw), columns=[of.name], read_dictionary=[of.name]).column(0)
        found.validate(full=True)
        if pa.types.is_dictionary(found.type):
            if length_of_texts(found) > MOST_BYTES:
                raise stop("has texts of more than {most} GB in column {column}; export shorter periods, and give "
                           "several files", file, most=MOST_BYTES >> 30, column=of.name)  # fmt: skip
        elif of_utc:
            found = pc.assume_timezone(found, "UTC")
        elif pa.types.is_duration(found.type):
            lengths = pc.cast(found, pa.duration("us"), safe=False).to_pylist()
            found = pa.chunked_array([pa.array(map(text_of_cell, lengths), pa.large_string())])
        elif pa.types.is_floating(found.type):
            # As a workbook's: a number that is whole is written as one.
            found = pa.chunked_array([pa.array(map(text_of_cell, found.to_pylist()), pa.large_string())])
        return pc.fill_null(pc.cast(found, pa.large_string()), "")
    except (OSError, IndexError, UnicodeDecodeError, pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise stop("column {column} has values that are no texts, numbers or times, or is damaged; export it as text",
                   file, column=of.name) from None  # fmt: skip


def is_objects(raw: bytes) -> bool:
    """Say whether bytes are meant as JSON with an object a line, or an array of them."""
    return re.match(rb'[\xef\xbb\xbf\xff\xfe\s]*\[?\s*\{\s*"', raw[:1024].replace(b"\0", b"")) is not None


def objects_table(file: Path, raw: bytes, mapping: FileMapping) -> Table:
    """Open a file with an object of JSON a line, or an array of them; names that only some have are columns too.

    Raises
    ------
    ScenarioError
        If hardly a line or member is an object, or they have more names than a table has columns, are longer than a row
        is, or hold more than can be kept.
    """
    text = decoded(file, raw, mapping.encoding)
    array = text.content[:1024].lstrip().startswith(b"[")
    columns: dict[str, list[str]] = {}
    rows: list[int] = []
    wrong, examples, kept = 0, list[tuple[int, str]](), Kept(file)
    for number, told, line in (_members if array else _lines)(file, text.content):
        if not isinstance(told, dict):
            wrong += 1
            examples += [(number, line)] if wrong <= MOST_EXAMPLES else []
            if wrong > len(rows) + FREE_ROWS:
                break
            continue
        for name, value in told.items():
            column = columns.setdefault(name, [])
            missing = len(rows) - len(column)
            column += [""] * missing
            column.append(kept.text(value))
            kept.add(8 * (missing + 1))
        rows.append(number)
        kept.add(A_ROW)
        if len(columns) > MOST_FIELDS:
            raise stop("has more than {most} names in its objects; export a row for each step of a case, as CSV or "
                       "Excel (.xlsx)", file, number, most=MOST_FIELDS)  # fmt: skip
    if wrong > len(rows):
        raise _no_objects(file)
    found = [*text.findings, *noted("no_object", "left_out", file.name, examples, wrong)]

    def take(places: Sequence[int]) -> Taken:
        asked = [list(columns.values())[place] for place in places]
        filled = [column + [""] * (len(rows) - len(column)) for column in asked]
        return [pa.chunked_array([pa.array(column, pa.large_string())]) for column in filled], np.array(rows, np.int64)

    return Table("json", text.encoding, tuple(columns), 1, found, take)


def _no_objects(file: Path, row: int = 1) -> ScenarioError:
    return stop("is no JSON with an object a line, nor an array of objects; export CSV, Excel (.xlsx), Parquet or XES",
                file, row)  # fmt: skip


def _lines(file: Path, content: bytes) -> Iterator[tuple[int, Any, str]]:
    """Yield the lines that hold something, each with its number and what it says; None for what is no JSON.

    Raises
    ------
    ScenarioError
        If one is longer than `LONGEST`: what is decoded may take over twenty times its text.
    """
    for number, line in enumerate(io.BytesIO(content), 1):
        if len(line) > LONGEST:
            raise stop("has a line of more than {most} MB; export a row for each step of a case, as CSV or Excel "
                       "(.xlsx)", file, number, most=LONGEST >> 20)  # fmt: skip
        text = line.decode("utf-8", "replace")
        if text.strip():
            try:
                told = _JSON.decode(text)
            except (ValueError, RecursionError):
                told = None
            yield number, told, text.rstrip("\n")


def _members(file: Path, content: bytes) -> Iterator[tuple[int, Any, str]]:
    """Yield the members of an array, counted from 1, without ever holding all of its text.

    Raises
    ------
    ScenarioError
        From what is no JSON on; a single value of more than `LONGEST` characters is none.
    """
    blocks = io.TextIOWrapper(io.BytesIO(content), "utf-8", "replace", newline="")
    text, at, number, line = blocks.read(LONGEST), 0, 0, 1
    between = "["
    while True:
        if len(text) - at < LONGEST and (more := blocks.read(LONGEST)):
            line += text.count("\n", 0, at)
            text, at = text[at:] + more, 0
        mark = _BETWEEN.match(text, at)
        if mark is None or mark[1] not in (between, "]" if number else "["):
            raise _no_objects(file, line + text.count("\n", 0, at))
        if mark[1] == "]":
            if text[mark.end():].strip():
                raise _no_objects(file, line + text.count("\n", 0, at))
            return
        begin, between = mark.end(), ","
        try:
            told, at = _JSON.raw_decode(text, begin)
        except (ValueError, RecursionError):
            raise _no_objects(file, line + text.count("\n", 0, begin)) from None
        number += 1
        yield number, told, text[begin : min(at, begin + LONGEST_VALUE + 1)]


def _row(pairs: Sequence[tuple[str, Any]]) -> dict[str, str] | None:
    """Return an object with its values as texts; None if a name is there twice."""
    row = {name.strip(): _as_text(value) for name, value in pairs}
    return row if len(row) == len(pairs) else None


_JSON = json.JSONDecoder(object_pairs_hook=_row)


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, int | float):
        return text_of_cell(value)
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
