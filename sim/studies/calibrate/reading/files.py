"""An office's own exports to a log: files opened, columns found, words and times understood, rows put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.memory import give_back_freed_memory
from sim.office.problems import Problem, ScenarioError, shown
from sim.studies.calibrate.log.cleaning import cleaned
from sim.studies.calibrate.log.report import MOST_WORDS, Done, FileRead, Finding, LogReport, Word, noted, short
from sim.studies.calibrate.log.rows import FileRows, Rows, join_sessions
from sim.studies.calibrate.log.starts import with_starts
from sim.studies.calibrate.log.states import STATES, fold_states
from sim.studies.calibrate.log.steps import (
    GAVE_UP,
    I8,
    I32,
    I64,
    KINDS,
    NOBODY,
    OUTCOMES,
    STEPS,
    UNKNOWN,
    UNTOLD,
    Flags,
    StepLog,
)
from sim.studies.calibrate.reading.known_words import meaning_of, normal
from sim.studies.calibrate.reading.mapping import FileMapping, LogMapping, columns_of, none_of_the_files
from sim.studies.calibrate.reading.moments import blank_in
from sim.studies.calibrate.reading.separated import separated_table
from sim.studies.calibrate.reading.tables import Table, content_of, sheet_table
from sim.studies.calibrate.reading.timing import DURATION, TIMES, add_lengths, moments_in
from sim.studies.calibrate.reading.typed import is_objects, objects_table, parquet_table
from sim.studies.calibrate.reading.unpacked import stop
from sim.studies.calibrate.reading.xes import event_table, is_xes
from sim.text import N_, Message

IGNORED, NOTHING = -2, -3
"""Besides `UNKNOWN`, words for a step that is left out or an outcome that tells nothing, and for nothing at all."""
NAMES: Mapping[str, Mapping[int, str]] = {
    "step": {IGNORED: "ignore", **dict(enumerate(STEPS))},
    "outcome": {IGNORED: "ignore", **dict(enumerate(OUTCOMES))},
    "kind": dict(enumerate(KINDS)),
    "state": {IGNORED: "ignore", **dict(enumerate(STATES))},
}
"""What words may mean, as a mapping names it."""
NOT_ROWS = ("wrong_number_of_fields", "no_object")
"""Findings about lines that are no rows of the table."""
MOST_UNKNOWN = 0.01
"""Share of steps and outcomes that may be words not known: one way of an office, or who gave up, may be missing."""
MOST_HEADINGS = 30
"""Headings, and words to be mapped, that a message names."""
_ROUNDED = r"^\d(\.\d+)?[eE]\+?\d+$"


def read_log(files: Sequence[str | Path], mapping: LogMapping | None = None) -> tuple[StepLog, LogReport]:
    """Read the files of a log as one.

    Parameters
    ----------
    files : sequence of path
        CSV, Excel, Parquet, JSON with an object a line, or XES, also packed by gzip or zip; what a file is, is told
        from what it holds.
    mapping : LogMapping, optional
        What is not recognised.

    Returns
    -------
    log : StepLog
    report : LogReport
        All that was found and what was done about it; whatever was read and is not in the log is counted there.

    Raises
    ------
    ScenarioError
        With a line for each file that cannot be read.

    Notes
    -----
    Times are those of the office's clocks, as they are written. Files share their case numbers, unless the mapping
    says that those of one are its own.
    """
    paths = [Path(file) for file in files]
    mapping = mapping or LogMapping()
    names = [path.name for path in paths]
    problems = [Problem("mapping", 1, 1, none_of_the_files(unused, names)) for unused in mapping.unused(names)]
    parts = []
    # What Arrow's own allocator has freed it keeps, and a million rows have many texts.
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        for path in paths:
            try:
                parts.append(_read_file(path, mapping.for_file(path.name)))
            except ScenarioError as error:
                problems += error.problems
            give_back_freed_memory()
    finally:
        pa.set_memory_pool(before)
    if not paths:
        problems.append(Problem("log", 1, 1, Message("no file is named; name one or more")))
    if problems:
        raise ScenarioError(problems)
    log, report = cleaned(parts)
    give_back_freed_memory()
    return with_starts(log, report) if mapping.estimate_starts else (log, report)


def open_table(file: Path, mapping: FileMapping) -> Table:
    """Open a file as what it is.

    Raises
    ------
    ScenarioError
        If it cannot be read.
    """
    raw = content_of(file)
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        return sheet_table(file, raw, mapping)
    if raw.startswith(b"PAR1"):
        return parquet_table(file, raw)
    if is_xes(raw):
        return event_table(file, raw, mapping)
    if is_objects(raw):
        return objects_table(file, raw, mapping)
    start = raw[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")):
        raise stop("is a web page, whatever its name says; open it in Excel and save it as .xlsx or CSV", file)
    if start.startswith(b"<?xml"):
        raise stop("is XML but not XES, which begins with <log>; export CSV, Excel (.xlsx), Parquet or XES",
                   file)  # fmt: skip
    return separated_table(file, raw, mapping)


@dataclass
class _Reader:
    """Reads the rows of one file."""

    file: Path
    mapping: FileMapping
    table: Table
    places: dict[str, int]
    columns: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    rows: I64 = field(default_factory=lambda: np.empty(0, np.int64))
    findings: list[Finding] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    def heading(self, field: str) -> str:
        """Return the heading of a field's column, as messages show it."""
        return shown(self.table.headings[self.places[field]])

    def keep(self, which: Flags, finding: str, about: str = "", values: pa.ChunkedArray | None = None) -> None:
        """Leave out all other rows, and say so."""
        if which.all():
            return
        self.find(finding, ~which, "left_out", about, values)
        self.take(which)

    def take(self, which: Flags) -> None:
        """Keep some rows."""
        mask = pa.array(which)
        for name, column in self.columns.items():
            self.columns[name] = pc.filter(column, mask)
        self.rows = self.rows[which]

    def find(self, kind: str, where: Flags, done: Done, about: str = "", values: pa.ChunkedArray | None = None) -> None:
        """Note something that was found in some rows."""
        at = np.flatnonzero(where)
        found = ((int(self.rows[row]), "" if values is None else values[int(row)].as_py()) for row in at)
        self.findings += noted(kind, done, self.file.name, found, len(at), about)


def _read_file(file: Path, mapping: FileMapping) -> FileRows:
    table = open_table(file, mapping)
    places = columns_of(table.headings, mapping, str(file), table.heading_row)
    if mapping.step is not None:
        places.pop("step", None)
    if DURATION in places and len({"started", "ended"} & set(places)) != 1:
        raise stop("columns.duration stands for one end of service, and needs the other: map started or ended, and not "
                   "both", file, table.heading_row)  # fmt: skip
    if "state" in places and not {"queued", "started", DURATION}.isdisjoint(places):
        raise stop("columns.state stands for queued, started and duration; besides it map ended alone, the moment from "
                   "which on a case is in a state", file, table.heading_row)  # fmt: skip
    _check_columns(file, table, mapping, places)
    wanted = sorted(set(places.values()))
    taken, numbers = table.take(wanted)
    # Each is let go as soon as it is trimmed; a million rows have many texts.
    texts = {place: pc.utf8_trim_whitespace(taken.pop(0)) for place in wanted}
    reader = _Reader(file, mapping, table, places, {field: texts[at] for field, at in places.items()}, numbers)
    read = len(numbers) + sum(one.count for one in table.findings if one.kind in NOT_ROWS)
    nothing = np.ones(len(numbers), np.bool_)
    for column in texts.values():
        nothing &= pc.equal(pc.binary_length(column), 0).to_numpy()
    del texts, column
    reader.keep(~nothing, "blank_row")
    if "case" in places:
        reader.keep(~blank_in(reader.columns["case"], mapping.nothing), "no_case")
    step = _steps(reader)
    case, cases = _cases(reader)
    kind, outcome = _told(reader, "kind", UNKNOWN), _told(reader, "outcome", UNTOLD)
    server, servers = _servers(reader)
    state = _states(reader) if "state" in places else None
    headings = {field: reader.heading(field) for field in places}
    # What is told by now is let go before the times are read.
    reader.columns = {field: text for field, text in reader.columns.items() if field in (*TIMES, "date", DURATION)}
    millis, blank = moments_in(reader.columns, mapping, file, reader.find, headings)
    if DURATION in places:
        gave_up = outcome == GAVE_UP
        add_lengths(millis, reader.columns[DURATION], gave_up, mapping, file, reader.find, reader.heading(DURATION))
    number = len(reader.rows)
    rows = Rows(
        names=(file.name,), file=np.zeros(number, np.int16), row=reader.rows, case=case, step=step, **millis,
        outcome=outcome, kind=kind, server=server, blank_start=blank["started"], blank_end=blank["ended"],
        own=np.full(number, cases is None), findings=[*table.findings, *reader.findings],
    )  # fmt: skip
    told = {field: table.headings[place] for field, place in places.items()}
    if state is not None and number:
        fold_states(rows, state)
        told |= {"queued": told["state"], "started": told["state"]}
        places |= {"queued": places["state"]}
        number = len(rows.row)
    if mapping.join_sessions and cases is not None and "queued" in places and number:
        join_sessions(rows)
    mapped = tuple(field for field in places if getattr(mapping.columns, field) is not None)
    return FileRows(
        FileRead(file.name, table.form, table.encoding, read, told, mapped, mapping.step or ""),
        rows, cases, mapping.own_cases, servers, reader.words, mapping.own_servers, mapping.clock_skew,
        mapping.numbers_again,
    )  # fmt: skip


def _check_columns(file: Path, table: Table, mapping: FileMapping, places: Mapping[str, int]) -> None:
    """Raise what keeps a table from being a log at all."""
    headings = ", ".join(shown(heading) for heading in table.headings[:MOST_HEADINGS])
    headings += ", ..." if len(table.headings) > MOST_HEADINGS else ""
    there = headings or Message("none")
    problems = []
    if not set(TIMES) & set(places):
        problems.append(Message(
            "no column with times is recognised; write in the mapping {how}, or started, or ended; the headings are "
            "{headings}", how="'columns: {queued: HEADING}'", headings=there,
        ))  # fmt: skip
    if "step" not in places and mapping.step is None:
        problems.append(Message(
            "no column with steps is recognised; write in the mapping {how}, or if all rows are of one step {one}, or "
            "another; the headings are {headings}", how="'columns: {step: HEADING}'", one="'step: phone'",
            headings=there,
        ))  # fmt: skip
    if problems:
        raise ScenarioError(Problem(str(file), table.heading_row, 1, what) for what in problems)


def _codes(column: pa.ChunkedArray) -> tuple[I64, list[str]]:
    """Return the different texts of a column, and which of them each row has."""
    if not len(column):
        return np.empty(0, np.int64), []
    encoded = pc.dictionary_encode(column).combine_chunks()
    encoded = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _cases(reader: _Reader) -> tuple[I64, list[str] | None]:
    """Return the number of each row's case and the cases' names; None if each row is a case of its own."""
    if "case" not in reader.columns:
        return np.arange(len(reader.rows)), None
    column = reader.columns["case"]
    rounded = pc.match_substring_regex(column, _ROUNDED).to_numpy()
    if rounded.sum() > MOST_UNKNOWN * len(rounded):
        raise stop(
            "{number} case numbers in column {column} were rounded by a spreadsheet, as {value}, so that different "
            "cases have become one; export them as text, or write {how} in the mapping", reader.file,
            reader.table.heading_row, number=int(rounded.sum()), column=reader.heading("case"),
            value=shown(column[int(np.argmax(rounded))].as_py()), how="'columns: {case: null}'",
        )  # fmt: skip
    reader.find("rounded_case", rounded, "kept", "case", column)
    return _codes(column)


def _meanings(reader: _Reader, field: str) -> tuple[I64, I64, list[str]]:
    """Return what each row's word means, a key of `NAMES`, `UNKNOWN` or `NOTHING`; and which of the words it is."""
    codes, words = _codes(reader.columns[field])
    counts = np.bincount(codes, minlength=len(words))
    numbers = {name: number for number, name in NAMES[field].items()}
    given = {word: numbers[name] for word, name in getattr(reader.mapping, f"{field}s").items()}
    alike = {normal(word): meaning for word, meaning in given.items()}
    meanings = np.full(len(words), UNKNOWN, np.int64)
    for at, word in enumerate(words):
        meaning = given.get(word, alike.get(normal(word)))
        if meaning is None and word.lower() in reader.mapping.nothing:
            meaning = NOTHING
        elif meaning is None:
            meaning = meaning_of(field, word)
        meanings[at] = UNKNOWN if meaning is None else meaning
    for at in np.argsort(-counts, kind="stable")[:MOST_WORDS]:
        reader.words.append(Word(field, short(words[at]), NAMES[field].get(int(meanings[at]), ""), int(counts[at])))
    return meanings[codes] if len(words) else np.empty(0, np.int64), codes, words


def _unknown(reader: _Reader, field: str, where: Flags, done: Done, codes: I64, words: Sequence[str]) -> None:
    """Note the words that mean nothing known: each of the most frequent, and all others as one."""
    counts = np.bincount(codes[where], minlength=len(words))
    often = [int(at) for at in np.argsort(-counts, kind="stable")[:MOST_WORDS] if counts[at]]
    column = reader.columns[field]
    for at in often:
        reader.find(f"unknown_{field}", where & (codes == at), done, short(words[at]), column)
    reader.find(f"unknown_{field}", where & ~np.isin(codes, often), done, "", column)


def _steps(reader: _Reader) -> I8:
    """Return the steps, and leave out the few rows without a known one."""
    if "step" not in reader.columns:
        return np.full(len(reader.rows), STEPS.index(reader.mapping.step or STEPS[0]), np.int8)
    step, codes, words = _meanings(reader, "step")
    unknown = (step == UNKNOWN) | (step == NOTHING)
    if len(step) and unknown.all():
        raise _ask(
            reader, "step", words, codes,
            N_("none of the words in column {column} is a known step: {words}; write in the mapping what they mean, "
               "{how}, each one of {right}"),
        )  # fmt: skip
    new = step == UNKNOWN
    if new.sum() > MOST_UNKNOWN * (step != NOTHING).sum():
        raise _ask(
            reader, "step", words, codes[new],
            N_("{number} rows have words in column {column} that are no known step: {words}; write in the mapping "
               "what they mean, {how}, each one of {right}"),
        )  # fmt: skip
    _unknown(reader, "step", unknown, "left_out", codes, words)
    reader.find("ignored_step", step == IGNORED, "left_out", "", reader.columns["step"])
    kept = step >= 0
    reader.take(kept)
    return step[kept].astype(np.int8)


def _ask(reader: _Reader, field: str, words: Sequence[str], codes: I64, template: str) -> ScenarioError:
    """Return the error that words have to be mapped: the most frequent ones, and what they may mean."""
    counts = np.bincount(codes, minlength=len(words))
    often = [f"{shown(short(words[at]))} ({counts[at]})" for at in np.argsort(-counts, kind="stable") if counts[at]]
    more = [f"... ({len(often) - MOST_HEADINGS})"] if len(often) > MOST_HEADINGS else []
    return stop(
        template, reader.file, reader.table.heading_row, column=reader.heading(field),
        words=", ".join(often[:MOST_HEADINGS] + more),
        number=int(counts.sum()), how=f"'{field}s: {{WORD: {field.upper()}}}'",
        right=", ".join(sorted(filter(None, NAMES[field].values()), key="ignore".__eq__)),
    )  # fmt: skip


def _told(reader: _Reader, field: str, untold: int) -> I8:
    """Return the outcomes or the classes of rows; `untold` where a row has none that is known."""
    if field not in reader.columns:
        return np.full(len(reader.rows), untold, np.int8)
    meaning, codes, words = _meanings(reader, field)
    unknown = meaning == UNKNOWN
    if field == "outcome" and unknown.sum() > MOST_UNKNOWN * (meaning != NOTHING).sum():
        raise _ask(
            reader, field, words, codes[unknown],
            N_("{number} rows have words in column {column} that are no known outcome: {words}; write in the mapping "
               "what they mean, {how}, each one of {right}"),
        )  # fmt: skip
    _unknown(reader, field, unknown, "kept", codes, words)
    return np.where(meaning < 0, untold, meaning).astype(np.int8)


def _states(reader: _Reader) -> I64:
    """Return the state that each row tells, a place in `STATES`; below 0 = one that tells nothing."""
    meaning, codes, words = _meanings(reader, "state")
    unknown = meaning == UNKNOWN
    if unknown.any():
        raise _ask(
            reader, "state", words, codes[unknown],
            N_("{number} rows have words in column {column} that are no known state: {words}; write in the mapping "
               "what they mean, {how}, each one of {right}"),
        )  # fmt: skip
    return meaning


def _servers(reader: _Reader) -> tuple[I32, list[str]]:
    if "server" not in reader.columns:
        return np.full(len(reader.rows), NOBODY, np.int32), []
    column = reader.columns["server"]
    codes, names = _codes(column)
    nobody = blank_in(column, reader.mapping.nothing)
    return np.where(nobody, NOBODY, codes).astype(np.int32), names
