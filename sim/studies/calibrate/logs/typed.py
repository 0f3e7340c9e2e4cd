"""A file whose cells have types as a table of texts: Parquet, and JSON with an object a line."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.office.problems import ScenarioError
from sim.results.codec import length_of_texts
from sim.studies.calibrate.logs.mapping import FileMapping
from sim.studies.calibrate.logs.report import noted
from sim.studies.calibrate.logs.separated import decoded
from sim.studies.calibrate.logs.tables import Table, Taken, no_rows, text_of_cell
from sim.studies.calibrate.logs.unpacked import MOST_BYTES, stop

FREE_ROWS, BYTES_A_ROW = 1_000_000, 4
"""Rows of a file in Parquet of any size; and of more, how many bytes one takes at least."""
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
    """Say whether bytes are meant as JSON with an object a line."""
    return re.match(rb'[\xef\xbb\xbf\xff\xfe\s]*\[?\s*\{\s*"', raw[:1024].replace(b"\0", b"")) is not None


def objects_table(file: Path, raw: bytes, mapping: FileMapping) -> Table:
    """Open a file with an object of JSON a line; names that only some objects have are columns too.

    Raises
    ------
    ScenarioError
        If no line holds an object, or they have more names than a table has columns.
    """
    text = decoded(file, raw, mapping.encoding)
    columns: dict[str, dict[int, str]] = {}
    rows: list[int] = []
    wrong: list[tuple[int, str]] = []
    for number, line in enumerate(text.content.decode("utf-8", "replace").split("\n"), 1):
        if not line.strip():
            continue
        try:
            told = json.loads(line, object_pairs_hook=_row)
            if not isinstance(told, dict):
                raise ValueError
            for name, value in told.items():
                columns.setdefault(name, {})[len(rows)] = value
            rows.append(number)
        except (ValueError, RecursionError):
            wrong.append((number, line))
        if len(columns) > MOST_FIELDS:
            raise stop("has more than {most} names in its objects; export a row for each step of a case, as CSV or "
                       "Excel (.xlsx)", file, number, most=MOST_FIELDS)  # fmt: skip
    if len(wrong) > len(rows):
        raise stop("is no JSON with an object a line; export CSV, Excel (.xlsx), Parquet or XES", file)
    found = [*text.findings, *noted("no_object", "left_out", file.name, wrong, len(wrong))]

    def take(places: Sequence[int]) -> Taken:
        asked = [list(columns.values())[place] for place in places]
        taken = [
            pa.chunked_array([pa.array([column.get(row, "") for row in range(len(rows))], pa.large_string())])
            for column in asked
        ]
        return taken, np.array(rows, np.int64)

    return Table("json", text.encoding, tuple(columns), 1, found, take)


def _row(pairs: Sequence[tuple[str, Any]]) -> dict[str, str]:
    """Return an object with its values as texts.

    Raises
    ------
    ValueError
        If a name is there twice.
    """
    row = {name.strip(): _as_text(value) for name, value in pairs}
    if len(row) < len(pairs):
        raise ValueError
    return row


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, int | float):
        return text_of_cell(value)
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
