"""Who serves, over all files of a log: the same person under one name, or others who share it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from sim.studies.calibrate.log.rows import FEWEST, FileRows, Rows, Whole
from sim.studies.calibrate.log.steps import GAVE_UP, I32, I64, NOBODY, Flags
from sim.studies.calibrate.reading.moments import DAY, MISSING

AT_ONCE = 0.05
"""Share of its services that a name may have while it serves in another file, as clocks differ; and of all the shortest
ones, by which it is told what is too short to be one."""
TOO_SHORT = 3 * AT_ONCE
"""Share of those that end after an end in another file which may be as short as these."""
ENOUGH = 100
"""Services in a file from which it is known how short they are."""


def number_servers(rows: Rows, parts: Sequence[FileRows]) -> tuple[tuple[str, ...], list[str]]:
    """Give servers of one name one number, over all files unless one has its own.

    Returns
    -------
    names : tuple of str
        Of those that have a row.
    assumed : list of str
    """
    number = _numbered(rows, parts, frozenset())[0]
    served = np.where(rows.outcome == GAVE_UP, NOBODY, number)
    at_once = serving_at_once(served, rows.file, rows.queued, rows.started, rows.ended)
    seen = {file for pair in at_once if not any(parts[each].own_servers for each in pair) for file in pair}
    seen = {file for file in seen if parts[file].own_servers is None}
    told = {file for file, part in enumerate(parts) if part.own_servers}
    rows.server, names = _numbered(rows, parts, seen | told)
    return names, ["servers_apart"] if seen else []


def _numbered(rows: Rows, parts: Sequence[FileRows], apart: Collection[int]) -> tuple[I32, tuple[str, ...]]:
    """Return the number of each row's server, and their names; some files have their own."""
    known: dict[str, int] = {}
    number = rows.server.copy()
    for file, part in enumerate(parts):
        here = np.flatnonzero((rows.file == file) & (rows.server != NOBODY))
        of_file = np.full(len(part.servers), NOBODY, np.int32)
        for at in np.unique(rows.server[here]):
            name = f"{file + 1}: {part.servers[at]}" if file in apart else part.servers[at]
            of_file[at] = known.setdefault(name, len(known))
        number[here] = of_file[rows.server[here]]
    return number, tuple(known)


def serving_at_once(server: I32, file: Whole, queued: I64, started: I64, ended: I64) -> set[tuple[int, int]]:
    """Return the pairs of files in which servers of the same names serve at once, so that they are others.

    Parameters
    ----------
    server, file : (rows,) integers
        Those of a name have one number.
    queued, started, ended : (rows,) int64
        Of those who were served [ms]; `MISSING` = not told.

    Notes
    -----
    A service counts if it is half over while one in another file goes on: clocks of two systems differ a little. Who
    has several cases in hand within a file as well may have one in each. Where no starts are told either, one person's
    ends in two files are as far apart as those in one, as long as people wait; those of two may be any time apart.
    """
    files = int(file.max(initial=0)) + 1
    known = (server != NOBODY) & (ended != MISSING)
    names, times = np.unique(
        np.unique(server[known].astype(np.int64) * files + file[known]) // files, return_counts=True
    )
    at = np.flatnonzero(known & np.isin(server, names[times > 1]))
    if not len(at):
        return set()
    begin = np.where(started == MISSING, ended, started)
    at = at[np.lexsort((begin[at], server[at]))]
    who, where, begin, end = (column[at] for column in (server, file, begin, ended))
    # Each name has a stretch of its own on the line on which the latest end so far is taken.
    line = who.astype(np.int64) * int(end.max() - end.min() + 1) + end
    latest = np.maximum.accumulate(np.where(np.maximum.accumulate(line) == line, np.arange(len(at)), 0))[:-1]
    goes_on = (who[1:] == who[:-1]) & (end[latest] > begin[1:] + (end[1:] - begin[1:]) // 2)
    # What is in two exports is one service.
    goes_on &= (begin[latest] != begin[1:]) | (end[latest] != end[1:])
    number = np.bincount(where)
    alone = np.bincount(where[1:][goes_on & (where[latest] == where[1:])], minlength=len(number)) <= AT_ONCE * number
    found = {
        (one, other)
        for (one, other), times in _pairs(where[latest], where[1:], goes_on).items()
        if times > max(AT_ONCE * min(number[one], number[other]), FEWEST) and alone[one] and alone[other]
    }
    at = at[started[at] == MISSING]
    at = at[np.lexsort((ended[at], server[at]))]
    who, where, end, came = (column[at] for column in (server, file, ended, queued))
    waited = (who[1:] == who[:-1]) & (end[1:] // DAY == end[:-1] // DAY)
    waited &= (came[1:] == MISSING) | (came[1:] < end[:-1])
    length, own = end[1:] - end[:-1], where[1:] == where[:-1]
    short = np.zeros(len(length), np.bool_)
    for part in np.unique(where):
        here = waited & (where[1:] == part)
        if (here & own).sum() >= ENOUGH:
            short |= here & (length < np.quantile(length[here & own], AT_ONCE))
    all_ = _pairs(where[:-1], where[1:], waited)
    return found | {
        pair for pair, times in _pairs(where[:-1], where[1:], waited & short).items()
        if times > max(TOO_SHORT * all_[pair], FEWEST)
    }  # fmt: skip


def _pairs(one: Whole, other: Whole, which: Flags) -> dict[tuple[int, int], int]:
    """Return how often some rows are of each two files."""
    both = np.sort(np.stack([one, other])[:, which & (one != other)], axis=0)
    pairs, times = np.unique(both, axis=1, return_counts=True)
    return {(int(first), int(second)): int(number) for (first, second), number in zip(pairs.T, times, strict=True)}
