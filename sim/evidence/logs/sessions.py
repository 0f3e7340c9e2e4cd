"""Sessions: a step that was taken up and laid aside several times, as one row with the time worked on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.evidence.logs.log import I64, NOBODY, STEPS, UNKNOWN, UNTOLD, Flags
from sim.evidence.logs.moments import DAY, MISSING
from sim.evidence.logs.report import JOINED, MISSING_NOW, MOST_EXAMPLES, Example, Finding
from sim.evidence.logs.rows import RawRows
from sim.evidence.logs.timing import TIMES, Times

_NEVER = np.iinfo(np.int64).max


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
    order = np.lexsort((np.where(moments == MISSING, _NEVER, moments).min(axis=0), place))
    place, (queued, started, ended) = place[order], moments[:, order]
    first = _first_sessions(place, queued)
    at = np.flatnonzero(first)

    both = (started != MISSING) & (ended != MISSING)
    whole = both & (ended >= started)
    left_open = whole & (started // DAY != ended // DAY)
    length = np.where(whole & ~left_open, np.where(whole, ended, 0) - np.where(whole, started, 0), 0)
    begin = np.minimum.reduceat(np.where(started == MISSING, _NEVER, started), at)
    worked = np.add.reduceat(whole & ~left_open, at, dtype=np.int64) > 0
    never = begin == _NEVER
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
    found = np.minimum.reduceat(np.where(told, np.arange(len(told)), _NEVER), at)
    return np.where(found == _NEVER, at, found)


def _found(rows: RawRows, kind: str, where: I64, done: str, about: str = "") -> list[Finding]:
    """Return the finding in some rows of the file, if there are any."""
    where = np.sort(where)
    examples = tuple(
        Example(rows.read.name, int(rows.row[each]), STEPS[rows.step[each]]) for each in where[:MOST_EXAMPLES]
    )
    return [Finding(kind, len(where), done, about, examples)] if len(where) else []
