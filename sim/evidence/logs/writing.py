"""A log to a file that any spreadsheet shows, and that is read back as the same log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from sim.evidence.logs.log import F64, GAVE_UP, KINDS, NOBODY, RETURNED, SERVED, STEPS, UNKNOWN, UNTOLD, StepLog
from sim.files import replaced_file

OUTCOMES = {UNTOLD: "", SERVED: "served", GAVE_UP: "gave_up", RETURNED: "returned"}
BOM = b"\xef\xbb\xbf"
"""By it a spreadsheet knows UTF-8."""
_SPECIAL = set(',"\r\n')


def write_log(log: StepLog, file: str | Path) -> None:
    """Write a log as CSV: in UTF-8, with local times to the millisecond.

    Parameters
    ----------
    log : StepLog
    file : path
        Is there in full or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    first = np.datetime64(log.first_day, "ms")
    columns = {
        "case": pa.array(log.case),
        "step": _words(log.step, STEPS),
        "class": _words(np.where(log.kind == UNKNOWN, len(KINDS), log.kind), (*KINDS, "")),
        "queued": _times(log.queued, first),
        "started": _times(log.started, first),
        "ended": _times(log.ended, first),
        "outcome": _words(log.outcome, [OUTCOMES[number] for number in sorted(OUTCOMES)]),
        "server": _words(np.where(log.server == NOBODY, len(log.servers), log.server), (*log.servers, "")),
    }
    quoting = "needed" if any(_SPECIAL & set(name) for name in log.servers) else "none"
    with replaced_file(Path(file)) as new, new.open("wb") as target:
        target.write(BOM + ",".join(columns).encode() + b"\n")
        csv.write_csv(pa.table(columns), target, csv.WriteOptions(include_header=False, quoting_style=quoting))


def _words(numbers: NDArray[np.signedinteger], words: Sequence[str]) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(numbers.astype(np.int32)))


def _times(minutes: F64, first: np.datetime64) -> pa.Array:
    there = np.isfinite(minutes)
    millis = np.rint(np.where(there, minutes, 0) * 60_000).astype("timedelta64[ms]")
    return pc.fill_null(pa.array(first + millis, mask=~there).cast(pa.string()), "")
