"""The one way from a record to files and back.

A record is a dataclass. Fields declared with `table` become tables, as Parquet and as CSV: a row class says by its own
fields which columns there are. All others are the manifest, as JSON. NaN, infinity and None stay apart in
fields of a declared type; what is `Any`, such as a scenario in full, must not hold numbers that are none.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from itertools import chain
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from pydantic import ConfigDict, TypeAdapter, ValidationError

from sim.files import content
from sim.text import N_, Message

MANIFEST = "manifest.json"
FORMAT = 7
"""Version of the files' layout."""
MOST_BYTES = 1 << 26
"""Of a file, as it is and unpacked."""
MOST_CELLS = 4_000_000
"""Of all tables of a record: a gigabyte as rows."""
R = TypeVar("R")
Row = TypeVar("Row")

AS_SAVED = ConfigDict(ser_json_inf_nan="strings", arbitrary_types_allowed=True)
"""How a record is written: JSON knows no infinity, so it is the text "Infinity"."""
_TABLE, _IN_JSON, _STREAMED, _SPREAD = "table", "in_json", "streamed", "spread"
_SAYS, _UNIT, _UNSAVED = "says", "unit", "unsaved"
_TOO_LARGE = N_("{file} is larger than results are")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
_COLUMNS: dict[type, pa.DataType] = {
    str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64(), date: pa.date32(),
}  # fmt: skip


class DamagedError(ValueError):
    """Files do not hold what they should; one line says what is wrong."""


def table(name: str, in_json: bool = True) -> Any:
    """Declare a field of a record as a table in files of this name; its rows are of a class.

    Of long tables, which programs read from the files, `in_json` is false: `--json` leaves them out.
    """
    return dataclasses.field(metadata={_TABLE: name, _IN_JSON: in_json})


def streamed(name: str) -> Any:
    """Declare a field of a record as a table that is written part by part, and not read again.

    The parts (`pyarrow.Table`) may be made when they are written, so that memory does not grow with their number.
    """
    return dataclasses.field(default=(), compare=False, repr=False, metadata={_STREAMED: name, _UNSAVED: True})


def column(says: str, unit: str = "", default: Any = dataclasses.MISSING) -> Any:
    """Declare what a field means, in English, and its unit: as workbooks head it and documents list it."""
    return dataclasses.field(default=default, metadata={_SAYS: says, _UNIT: unit})


def spread() -> Any:
    """Declare a field of a row whose entries are columns themselves, of names that only the data know."""
    return dataclasses.field(metadata={_SPREAD: True})


def unsaved(default: Any = None) -> Any:
    """Declare a field that is about the record, not part of it, such as where it lies."""
    return dataclasses.field(default=default, compare=False, repr=False, metadata={_UNSAVED: True})


def meaning(row: type[Any], name: str) -> tuple[str, str]:
    """Return what a column means, in English, and its unit; empty if it is not declared."""
    found: Mapping[str, Any] = next((each.metadata for each in dataclasses.fields(row) if each.name == name), {})
    return str(found.get(_SAYS, "")), str(found.get(_UNIT, ""))


def tables_of(kind: type[Any]) -> dict[str, tuple[str, type[Any]]]:
    """Return the tables of a record by file name: the field that holds each, and the class of its rows."""
    hints = get_type_hints(kind)
    return {
        name: (each.name, get_args(hints[each.name])[0])
        for each in dataclasses.fields(kind)
        if (name := each.metadata.get(_TABLE))
    }


def rows_in_json(kind: type[Any]) -> dict[str, type[Any]]:
    """Return the fields of a record whose rows `--json` lists, with the classes of these."""
    listed = {each.name for each in dataclasses.fields(kind) if each.metadata.get(_IN_JSON)}
    return {field: row for field, row in tables_of(kind).values() if field in listed}


def write_record(record: Any, folder: Path) -> None:
    """Write a record into a folder: its tables, and its manifest."""
    for name, (field, row) in tables_of(type(record)).items():
        write_table(columns_of(row, getattr(record, field)), folder, name)
    for each in dataclasses.fields(record):
        if streamed_as := each.metadata.get(_STREAMED):
            write_parts(getattr(record, each.name), folder, streamed_as)
    (folder / MANIFEST).write_text(_json(record) + "\n", encoding="utf-8")


def write_table(columns: pa.Table, folder: Path, name: str) -> None:
    """Write a table as Parquet and as CSV."""
    pq.write_table(columns, folder / f"{name}.parquet")
    pacsv.write_csv(as_texts(columns), folder / f"{name}.csv")


def as_texts(columns: pa.Table) -> pa.Table:
    """Return a table for CSV, in which spreadsheets take no text for a formula: those begin with an apostrophe."""
    for place, field in enumerate(columns.schema):
        if field.type == pa.string():
            texts = columns.column(place)
            formula = pc.and_not(
                pc.match_substring_regex(texts, r"^[=+\-@\t\r]"), pc.match_substring_regex(texts, r"^[+\-][\d.,]+$")
            )
            marked = pc.binary_join_element_wise("'", texts, "")
            columns = columns.set_column(place, field, pc.if_else(formula, marked, texts))
    return columns


def write_parts(parts: Iterable[pa.Table], folder: Path, name: str) -> None:
    """Write a table that comes in parts as Parquet and as CSV; nothing if there is none."""
    parts = iter(parts)
    first = next(parts, None)
    if first is None:
        return
    with (
        pq.ParquetWriter(folder / f"{name}.parquet", first.schema) as parquet,
        pacsv.CSVWriter(folder / f"{name}.csv", first.schema) as csv,
    ):
        for part in chain([first], parts):
            parquet.write_table(part)
            csv.write_table(as_texts(part))


def facts_of(record: Any) -> dict[str, Any]:
    """Return what the manifest says of a record, as plain values; numbers that are none or infinite stay numbers."""
    facts: dict[str, Any] = _adapter(type(record)).dump_python(record, mode="json", exclude=_beside(record))
    return facts


def read_record(kind: type[R], folder: Path, digests: Mapping[str, str] | None = None) -> R:
    """Read a record from the folder that it was written into.

    Parameters
    ----------
    kind : type
    folder : Path
    digests : mapping of str, optional
        Of its files, as they were written (`digests_of`); those that are read must have them.

    Raises
    ------
    DamagedError
        If a file is missing, unreadable, or larger than results are, or does not hold what it did or what the record
        needs.
    """
    try:
        facts, cells = read_json(folder / MANIFEST, digests), 0
        for name, (field, row) in tables_of(kind).items():
            found = read_table(folder / f"{name}.parquet", digests)
            cells += found.num_rows * found.num_columns
            if cells > MOST_CELLS:
                raise DamagedError(Message(_TOO_LARGE, file=f"{name}.parquet"))
            facts[field] = _gathered(row, found.to_pylist())
        record: R = _adapter(kind).validate_python(facts)
        return record
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise DamagedError(Message("{field} is missing or wrong", field=field)) from error
    except (ValueError, RecursionError) as error:
        raise DamagedError(str(error)) from error


def digests_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a folder, by name."""
    return {file.name: digest_of(file) for file in sorted(folder.iterdir()) if file.is_file()}


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_json(file: Path, digests: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the object in a JSON file; `digests` as `read_record` has them.

    Raises
    ------
    DamagedError
    """
    try:
        facts = json.loads(_content(file, digests))
    except DamagedError:
        raise
    except (ValueError, RecursionError) as error:
        raise DamagedError(Message("{file} is no JSON", file=file.name)) from error
    if not isinstance(facts, dict):
        raise DamagedError(Message("{file} is no record", file=file.name))
    return facts


def read_table(file: Path, digests: Mapping[str, str] | None = None) -> pa.Table:
    """Return a table of plain columns from a Parquet file; `digests` as `read_record` has them.

    Raises
    ------
    DamagedError
        If it is none, or would take more memory than results do: a few bytes may stand for millions of rows.
    """
    data = pa.BufferReader(_content(file, digests))
    try:
        facts = pq.read_metadata(data)
        columns = facts.schema.to_arrow_schema()
        bytes_unpacked = sum(facts.row_group(group).total_byte_size for group in range(facts.num_row_groups))
        if facts.num_rows * len(columns) > MOST_CELLS or bytes_unpacked > MOST_BYTES:
            raise DamagedError(Message(_TOO_LARGE, file=file.name))
        if any(each.type not in _COLUMNS.values() for each in columns):
            raise DamagedError(Message("{file} has columns of other types", file=file.name))
        # A text that is in many rows is kept once, until it is known how long they are together.
        texts = [each.name for each in columns if each.type == pa.string()]
        data.seek(0)
        found = pq.read_table(data, read_dictionary=texts)
        if sum(length_of_texts(found.column(name)) for name in texts) > MOST_BYTES:
            raise DamagedError(Message(_TOO_LARGE, file=file.name))
        # Texts are not looked at before, and may be none.
        found = found.cast(columns)
        found.validate(full=True)
        return found
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise DamagedError(Message("{file} is no table", file=file.name)) from error


def length_of_texts(column: pa.ChunkedArray) -> int:
    """Return how many bytes the texts of a column take together, each of which it keeps once."""
    return sum(pc.sum(pc.binary_length(part.dictionary).take(part.indices)).as_py() or 0 for part in column.chunks)


def _content(file: Path, digests: Mapping[str, str] | None) -> bytes:
    try:
        data = content(file, MOST_BYTES)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise DamagedError(Message(_TOO_LARGE, file=file.name)) from error
        raise DamagedError(Message("{file} cannot be read: {why}", file=file.name, why=error.strerror)) from error
    if digests is not None and digests.get(file.name) != hashlib.sha256(data).hexdigest():
        raise DamagedError(Message("{file} is not as it was written", file=file.name))
    return data


def columns_of(row: type[Any], rows: Iterable[Any]) -> pa.Table:
    """Return rows as the columns that their class declares."""
    rows, hints = list(rows), get_type_hints(row)
    columns: dict[str, pa.Array] = {}
    for each in dataclasses.fields(row):
        values = [getattr(one, each.name) for one in rows]
        if each.metadata.get(_SPREAD):
            names = {tuple(one) for one in values}
            if len(names) > 1:
                raise ValueError(f"rows of {row.__name__} have different columns: {sorted(names)}")
            columns |= {name: pa.array([one[name] for one in values]) for name in (values[0] if values else ())}
            continue
        plain = [one.value if isinstance(one, Enum) else one for one in values]
        # Without from_pandas, so that NaN stays a number that is none.
        columns[each.name] = pa.array(plain, _column_type(hints[each.name]), from_pandas=False)
    return pa.table(columns)


def _gathered(row: type[Any], rows: Sequence[dict[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return rows with the columns of unknown names where they are spread from."""
    field = next((each.name for each in dataclasses.fields(row) if each.metadata.get(_SPREAD)), None)
    if field is None:
        return rows
    known = {each.name for each in dataclasses.fields(row)}
    return [{**one, field: {name: value for name, value in one.items() if name not in known}} for one in rows]


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Return what checks and writes records of a kind; to make it takes longer than to use it."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _json(record: Any) -> str:
    return _adapter(type(record)).dump_json(record, indent=2, exclude=_beside(record)).decode()


def _beside(record: Any) -> set[str]:
    """Return the fields that are not in the manifest."""
    return {
        each.name for each in dataclasses.fields(record) if each.metadata.get(_TABLE) or each.metadata.get(_UNSAVED)
    }


def _column_type(hint: Any) -> pa.DataType:
    """Return the type of a column; what may be None is null there."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (each for each in get_args(hint) if each is not NoneType)
    if get_origin(hint) is Literal or (isinstance(hint, type) and issubclass(hint, Enum)):
        return pa.string()
    return _COLUMNS[hint]
