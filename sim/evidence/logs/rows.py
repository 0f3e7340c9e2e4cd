"""Rows of a log on their way from the files to the log."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.evidence.logs.log import I8, I32, I64, STEPS, Flags
from sim.evidence.logs.moments import MISSING
from sim.evidence.logs.report import LEFT_OUT, MOST_EXAMPLES, Example, FileRead, Finding, Word
from sim.evidence.logs.timing import TIMES, Times

I16 = NDArray[np.int16]


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
    file: I16
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
