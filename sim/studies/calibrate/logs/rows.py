"""Rows of a log on their way from the files to the log: of one file, its sessions joined, and of all files together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.studies.calibrate.logs.log import I8, I32, I64, NOBODY, STEPS, UNKNOWN, UNTOLD, Flags
from sim.studies.calibrate.logs.moments import DAY, MISSING
from sim.studies.calibrate.logs.report import (
    JOINED,
    LEFT_OUT,
    MISSING_NOW,
    MOST_EXAMPLES,
    Example,
    FileRead,
    Finding,
    Word,
    noted,
)
from sim.studies.calibrate.logs.timing import TIMES, Times

Whole = NDArray[np.signedinteger[Any]]

NEVER = int(np.iinfo(np.int64).max)
"""In place of a moment that is missing, where the earliest is looked for."""
ORDER = {"phone": 0, "online": 1, "filing": 1, "studio": 1, "key": 1, "review": 2, "automatic": 2, "issue": 3}
"""Which steps come before which."""
RANK = np.array([ORDER[step] for step in STEPS])
FEWEST = 20
"""Cases that go on in another file, and rows of a log, below which nothing can be said of what they share."""
MOST_BACKWARD = 1 / 4
"""Share of them that may go backward: from the review to a call, from the counter to the review."""
LONGEST = 20 * DAY
"""Time from one file to the next [ms] that half of them may take: more than any correction does."""


@dataclass
class RawRows:
    """Rows of a file, each with a known step.

    Attributes
    ----------
    read : FileRead
    row : (rows,) int64
        Numbers in the file.
    case : (rows,) int64
        Places in `cases`; a number of its own for each row if that is None.
    cases : list of str or None
    own_cases : bool
        Whether the same name in another file is another case.
    step, outcome, kind : (rows,) int8
        As in `StepLog`.
    times : Times
    server : (rows,) int32
        Place in `servers` or `NOBODY`.
    servers : list of str
    words : list of Word
    findings : list of Finding
    """

    read: FileRead
    row: I64
    case: I64
    cases: list[str] | None
    own_cases: bool
    step: I8
    times: Times
    outcome: I8
    kind: I8
    server: I32
    servers: list[str]
    words: list[Word] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Rows:
    """Rows of all files, while they are cleaned.

    Attributes
    ----------
    names : tuple of str
        Of the files.
    file : (rows,) int16
        Place in `names`.
    row, case, step, outcome, kind, server
        As in `RawRows` and `StepLog`.
    queued, started, ended : (rows,) int64
        Ms since 1970-01-01 00:00 of the office's clock, `MISSING` = none.
    blank_start, blank_end : (rows,) bool
        Whether there is a column for it, and nothing in the cell.
    own : (rows,) bool
        Whether the row has no number of a case, and so is a case of its own.
    findings : list of Finding
    """

    names: tuple[str, ...]
    file: Whole
    row: I64
    case: I64
    step: I8
    queued: I64
    started: I64
    ended: I64
    outcome: I8
    kind: I8
    server: I32
    blank_start: Flags
    blank_end: Flags
    own: Flags
    findings: list[Finding] = field(default_factory=list)

    _COLUMNS = (
        "file", "row", "case", "step", "queued", "started", "ended", "outcome", "kind", "server", "blank_start",
        "blank_end", "own",
    )  # fmt: skip

    def take(self, which: Flags | I64) -> None:
        """Keep some rows, or put them in another order."""
        for name in self._COLUMNS:
            setattr(self, name, getattr(self, name)[which])

    def find(self, kind: str, where: Flags, done: str, about: str = "") -> None:
        """Note something that was found in some rows."""
        at = np.flatnonzero(where)
        if len(at):
            self.findings.append(Finding(kind, len(at), done, about, tuple(map(self._example, at[:MOST_EXAMPLES]))))

    def _example(self, at: int) -> Example:
        times = (getattr(self, name)[at] for name in TIMES)
        value = " | ".join("" if millis == MISSING else _moment(millis) for millis in times)
        return Example(self.names[self.file[at]], int(self.row[at]), f"{STEPS[self.step[at]]}: {value}")

    def leave_out(self, where: Flags, kind: str, about: str = "") -> None:
        """Leave out some rows and note it."""
        if where.any():
            self.find(kind, where, LEFT_OUT, about)
            self.take(~where)


def _moment(millis: int) -> str:
    text = str(np.datetime64(int(millis), "ms")).replace("T", " ")
    return text.removesuffix(".000")


def of_all_files(parts: Sequence[RawRows]) -> Rows:
    """Put the rows of all files one after another; cases of the same name are one, unless a file has its own."""
    known: dict[str, int] = {}
    cases, used = [], 0
    shared = [part for part in parts if part.cases is not None and not part.own_cases]
    for part in parts:
        if part.cases is None or part.own_cases:
            cases.append(part.case + used)
            used += int(part.case.max(initial=-1)) + 1
        elif len(shared) == 1:
            cases.append(part.case + used)
            used += len(part.cases)
        else:
            numbers = np.empty(len(part.cases), np.int64)
            for at, name in enumerate(part.cases):
                numbers[at] = known.setdefault(name, -1 - len(known))
            cases.append(numbers[part.case] if len(numbers) else part.case)

    def every(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    def blank(name: str) -> Flags:
        told = (part.times.told.get(name, np.ones(len(part.row), np.bool_)) for part in parts)
        return ~np.concatenate(list(told))

    def moments(name: str) -> I64:
        return np.concatenate([part.times.millis[name] for part in parts])

    lengths = [len(part.row) for part in parts]
    return Rows(
        names=tuple(part.read.name for part in parts),
        file=np.repeat(np.arange(len(parts), dtype=np.int16), lengths),
        # Numbers of cases that files share are below zero until here, so that they meet no others.
        case=_by_first_row(np.concatenate(cases)),
        row=every("row"), step=every("step"), outcome=every("outcome"), kind=every("kind"), server=every("server"),
        queued=moments("queued"), started=moments("started"), ended=moments("ended"),
        blank_start=blank("started"),
        blank_end=blank("ended"),
        own=np.repeat([part.cases is None for part in parts], lengths),
    )  # fmt: skip


def _by_first_row(case: I64) -> I64:
    """Return the numbers of cases in the order of the rows that they are first met in."""
    _, first, inverse = np.unique(case, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse] if len(case) else case


def joined(rows: RawRows) -> RawRows:
    """Join the sessions of each step of a case.

    Parameters
    ----------
    rows : RawRows
        Of one file. Without case numbers or without a column ``queued`` nothing is joined.

    Returns
    -------
    RawRows
        A row that tells from when the case waits begins a step; those of the same case and step that follow and do
        not tell go on with it. The row that comes out starts with the first session and ends after as many minutes
        as all of them took. So its length is the work; pauses are left out, and its end is no moment of the log.
        It was served by who began, and ended as the last session did.

    Notes
    -----
    A session over midnight is taken for one that nobody closed on going home: its length is not counted, and a step
    without any other session has no end.
    """
    if rows.cases is None or "queued" not in rows.times.told or not len(rows.row):
        return rows
    place = rows.case * len(STEPS) + rows.step
    moments = np.array([rows.times.millis[name] for name in TIMES])
    order = np.lexsort((np.where(moments == MISSING, NEVER, moments).min(axis=0), place))
    place, (queued, started, ended) = place[order], moments[:, order]
    first = _first_sessions(place, queued)
    at = np.flatnonzero(first)

    both = (started != MISSING) & (ended != MISSING)
    whole = both & (ended >= started)
    left_open = whole & (started // DAY != ended // DAY)
    length = np.where(whole & ~left_open, np.where(whole, ended, 0) - np.where(whole, started, 0), 0)
    begin = np.minimum.reduceat(np.where(started == MISSING, NEVER, started), at)
    worked = np.add.reduceat(whole & ~left_open, at, dtype=np.int64) > 0
    never = begin == NEVER
    begin = np.where(never, MISSING, begin)
    end = np.where(worked, begin + np.add.reduceat(length, at), np.where(never, ended[at], MISSING))

    served, known = (_first_told(values[order], at) for values in (rows.server != NOBODY, rows.kind != UNKNOWN))
    last = np.maximum.reduceat(np.where(rows.outcome[order] == UNTOLD, -1, np.arange(len(order))), at)
    kept = order[at]
    cells = {name: flags[kept] for name, flags in rows.times.told.items()}
    if "started" in cells:
        cells["started"] |= ~never
    return replace(
        rows, row=rows.row[kept], case=rows.case[kept], step=rows.step[kept],
        kind=rows.kind[order[known]], server=rows.server[order[served]],
        times=Times(dict(zip(TIMES, (queued[at], begin, end), strict=True)), cells),
        outcome=rows.outcome[order[np.where(last < 0, at, last)]],
        findings=[
            *rows.findings,
            *_found(rows, "joined_session", order[~first], JOINED),
            *_found(rows, "left_open", order[left_open], MISSING_NOW),
            *_found(rows, "negative_service", order[both & ~whole], MISSING_NOW, "ended"),
        ],
    )  # fmt: skip


def _first_sessions(place: I64, queued: I64) -> Flags:
    """Return which rows, sorted by case, step and time, go on with none before."""
    fresh = np.append(True, place[1:] != place[:-1])
    waits = queued != MISSING
    seen = np.cumsum(waits)
    # How many rows of its case and step up to this one tell of waiting; before the first there is nothing to join.
    begins = np.flatnonzero(fresh)
    within = seen - np.repeat(seen[begins] - waits[begins], np.diff(begins, append=len(place)))
    return np.asarray(waits | (within == 0))


def _first_told(told: Flags, at: I64) -> I64:
    """Return of each step the first row that tells something, its first row of all if none does."""
    found = np.minimum.reduceat(np.where(told, np.arange(len(told)), NEVER), at)
    return np.where(found == NEVER, at, found)


def _found(rows: RawRows, kind: str, where: I64, done: str, about: str = "") -> list[Finding]:
    """Return the finding in some rows of the file, if there are any."""
    found = ((int(rows.row[each]), STEPS[rows.step[each]]) for each in np.sort(where))
    return noted(kind, done, rows.read.name, found, len(where), about)


def unrelated(case: I64, file: Whole, step: Whole, moment: I64) -> bool:
    """Say whether the files of a log share their case numbers by coincidence only.

    Parameters
    ----------
    case, file, step : (rows,) integers
        Sorted by case and time; `step` is the place in `STEPS`.
    moment : (rows,) int64
        When a row begins [ms]; `NEVER` if it does not tell.
    """
    timed = moment < NEVER
    goes_on: Flags = (case[1:] == case[:-1]) & (file[1:] != file[:-1]) & timed[1:] & timed[:-1]
    if goes_on.sum() < FEWEST:
        return False
    backward = (RANK[step[1:]] < RANK[step[:-1]])[goes_on]
    taken = (moment[1:] - moment[:-1])[goes_on]
    return bool(backward.mean() > MOST_BACKWARD or np.median(taken) > LONGEST)


def links_nothing(case: I64, step: Whole) -> bool:
    """Say whether no case, sorted by case, is at more than one of several steps."""
    if len(case) < FEWEST or len(np.unique(step)) == 1:
        return False
    return not ((case[1:] == case[:-1]) & (step[1:] != step[:-1])).any()
