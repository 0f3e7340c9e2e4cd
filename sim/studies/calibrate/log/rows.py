"""Rows of a log on their way from the files to the log: of one file, its sessions joined, and of all files together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.studies.calibrate.log.report import MOST_EXAMPLES, Done, Example, FileRead, Finding, Word
from sim.studies.calibrate.log.steps import F64, I8, I32, I64, NOBODY, STEPS, UNKNOWN, UNTOLD, Flags
from sim.studies.calibrate.reading.moments import DAY, MISSING
from sim.studies.calibrate.reading.timing import TIMES

Whole = NDArray[np.signedinteger[Any]]

NEVER = int(np.iinfo(np.int64).max)
"""In place of a moment that is missing, where the earliest is looked for."""
ORDER = {"phone": 0, "online": 1, "filing": 1, "studio": 1, "key": 1, "review": 2, "automatic": 2, "issue": 3}
"""Which steps come before which."""
RANK = np.array([ORDER[step] for step in STEPS])
FEWEST = 20
"""Cases that go on in another file, and rows of a log, below which nothing can be said of what they share."""
MOST_BACKWARD = 1 / 4
"""Share of them that may go backward: from the review to a call, from the counter to the review; of rows likewise."""
LONGEST = 20 * DAY
"""Time from one file to the next [ms] that half of them may take: more than any correction does."""


@dataclass
class Rows:
    """Rows on their way to a log, of one file or of all.

    Attributes
    ----------
    names : tuple of str
        Of the files.
    file : (rows,) int16
        Place in `names`.
    row : (rows,) int64
        Numbers in the file.
    case : (rows,) int64
    step, outcome, kind : (rows,) int8
    server : (rows,) int32
        As in `StepLog`; the servers have numbers of their own in each file.
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

    COLUMNS = (
        "file", "row", "case", "step", "queued", "started", "ended", "outcome", "kind", "server", "blank_start",
        "blank_end", "own",
    )  # fmt: skip

    def take(self, which: Flags | I64) -> None:
        """Keep some rows, or put them in another order."""
        for name in self.COLUMNS:
            setattr(self, name, getattr(self, name)[which])

    def find(self, kind: str, where: Flags | I64, done: Done, about: str = "") -> None:
        """Note something that was found in some rows."""
        at = np.flatnonzero(where) if where.dtype == np.bool_ else np.sort(where)
        if len(at):
            self.findings.append(Finding(kind, len(at), done, about, tuple(map(self._example, at[:MOST_EXAMPLES]))))

    def _example(self, at: int) -> Example:
        times = (getattr(self, name)[at] for name in TIMES)
        value = " | ".join("" if millis == MISSING else _moment(millis) for millis in times)
        return Example(self.names[self.file[at]], int(self.row[at]), f"{STEPS[self.step[at]]}: {value}")

    def leave_out(self, where: Flags, kind: str, about: str = "") -> None:
        """Leave out some rows and note it."""
        if where.any():
            self.find(kind, where, "left_out", about)
            self.take(~where)

    @property
    def earliest(self) -> I64:
        """The earliest moment of each row [ms]; `NEVER` if it tells none."""
        moments = (getattr(self, name) for name in TIMES)
        return np.asarray(np.minimum.reduce([np.where(each == MISSING, NEVER, each) for each in moments]))


def _moment(millis: int) -> str:
    text = str(np.datetime64(int(millis), "ms")).replace("T", " ")
    return text.removesuffix(".000")


@dataclass(frozen=True)
class FileRows:
    """What was read of a file.

    Attributes
    ----------
    read : FileRead
    rows : Rows
        Each with a known step; `case` and `server` are places in `cases` and `servers`.
    cases : list of str or None
        None = each row is a case of its own.
    own_cases : bool
        Whether the same name in another file is another case.
    servers : list of str
    words : list of Word
    own_servers : bool or None
        Whether the same name of a server in another file is another one; None = as the log shows.
    clock_skew : float or None
        By how much its clocks may differ [s]; None = as the log shows.
    numbers_again : bool or None
        Whether case numbers are used again for other cases; None = as the log shows.
    """

    read: FileRead
    rows: Rows
    cases: list[str] | None
    own_cases: bool
    servers: list[str]
    words: list[Word]
    own_servers: bool | None = None
    clock_skew: float | None = None
    numbers_again: bool | None = None


def of_all_files(parts: Sequence[FileRows]) -> Rows:
    """Put the rows of all files one after another; cases of the same name are one, unless a file has its own."""
    known: dict[str, int] = {}
    cases, used = [], 0
    shared = [part for part in parts if part.cases is not None and not part.own_cases]
    for part in parts:
        if part.cases is None or part.own_cases:
            cases.append(part.rows.case + used)
            used += int(part.rows.case.max(initial=-1)) + 1
        elif len(shared) == 1:
            cases.append(part.rows.case + used)
            used += len(part.cases)
        else:
            numbers = np.empty(len(part.cases), np.int64)
            for at, name in enumerate(part.cases):
                numbers[at] = known.setdefault(name, -1 - len(known))
            cases.append(numbers[part.rows.case] if len(numbers) else part.rows.case)
    columns = {name: np.concatenate([getattr(part.rows, name) for part in parts]) for name in Rows.COLUMNS}
    columns["file"] = np.repeat(np.arange(len(parts), dtype=np.int16), [len(part.rows.row) for part in parts])
    # Numbers of cases that files share are below zero until here, so that they meet no others.
    columns["case"] = _by_first_row(np.concatenate(cases))
    findings = [finding for part in parts for finding in part.rows.findings]
    return Rows(tuple(part.read.name for part in parts), **columns, findings=findings)


def _by_first_row(case: I64) -> I64:
    """Return the numbers of cases in the order of the rows that they are first met in."""
    _, first, inverse = np.unique(case, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse] if len(case) else case


def join_sessions(rows: Rows) -> None:
    """Join the sessions of each step of a case.

    A row that tells from when the case waits begins a step; those of the same case and step that follow and do not tell
    go on with it. The row that comes out starts with the first session and ends after as many minutes as all of them
    took. So its length is the work; pauses are left out, and its end is no moment of the log. It was served by who
    began, and ended as the last session did.

    Parameters
    ----------
    rows : Rows
        Of one file, with case numbers and with a column ``queued``.

    Notes
    -----
    A session over midnight is taken for one that nobody closed on going home: its length is not counted, and a step
    without any other session has no end.
    """
    place = rows.case * len(STEPS) + rows.step
    order = np.lexsort((rows.earliest, place))
    place, queued, started, ended = (column[order] for column in (place, rows.queued, rows.started, rows.ended))
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

    rows.find("joined_session", order[~first], "joined")
    rows.find("left_open", order[left_open], "missing")
    rows.find("negative_service", order[both & ~whole], "missing", "ended")
    served, known = (_first_told(told[order], at) for told in (rows.server != NOBODY, rows.kind != UNKNOWN))
    last = np.maximum.reduceat(np.where(rows.outcome[order] == UNTOLD, -1, np.arange(len(order))), at)
    kind, server = rows.kind[order[known]], rows.server[order[served]]
    outcome = rows.outcome[order[np.where(last < 0, at, last)]]
    rows.take(order[at])
    rows.started, rows.ended, rows.outcome, rows.kind, rows.server = begin, end, outcome, kind, server
    rows.blank_start &= never


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


def beginnings_anew(case: I64, step: Whole, moment: I64, told: F64 | None = None) -> Flags:
    """Return which rows, sorted by case and time, begin another case under a number that is used again; often none.

    No case is at their step after that of the row before: it goes back, or is at the same step again without being in
    review. `told` says of each row whether numbers are used again, 1 or 0; where it is NaN, they are on another day
    besides, and a few are of cases that somebody took up again.
    """
    told = np.full(len(case), np.nan) if told is None else told
    rank, goes_on = RANK[step], case[1:] == case[:-1]
    back = (rank[1:] < rank[:-1]) | ((rank[1:] == rank[:-1]) & (rank[1:] != ORDER["review"]))
    day = moment // DAY
    back = np.append(False, goes_on & back & (moment[1:] < NEVER))[: len(case)]
    seen = back & np.append(False, day[1:] > day[:-1])[: len(case)] & np.isnan(told)
    if seen.sum() <= max(MOST_BACKWARD * goes_on.sum(), FEWEST):
        seen[:] = False
    return np.asarray(seen | (back & (told == 1)))


def links_nothing(case: I64, step: Whole) -> bool:
    """Say whether no case, sorted by case, is at more than one of several steps."""
    if len(case) < FEWEST or len(np.unique(step)) == 1:
        return False
    return not ((case[1:] == case[:-1]) & (step[1:] != step[:-1])).any()
