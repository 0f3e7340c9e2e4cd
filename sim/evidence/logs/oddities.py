"""What is odd in a log but may well be true: counted and kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.evidence.logs.log import GAVE_UP, I64, RETURNED, SERVED, STAFFED, STEPS, Flags
from sim.evidence.logs.moments import DAY, MISSING
from sim.evidence.logs.report import KEPT
from sim.evidence.logs.rows import Rows

HALF_HOUR = DAY // 48
FEWEST_STARTS = 200
"""Starts of service at a step from which its opening hours can be seen."""
HARDLY_OPEN = 0.02
"""A half-hour of the day in which fewer services start than this share of the busiest one's is taken for closed."""
FEWEST_DAYS = 10
HARDLY_ANYBODY = 0.05
"""A day is quiet if fewer rows are queued than this share of the median day's."""


def note_oddities(rows: Rows, columns: Sequence[set[str]]) -> None:
    """Note what is odd, and leave it as it is.

    Parameters
    ----------
    rows : Rows
        Sorted by case and time.
    columns : sequence of set of str
        Fields that each file has a column for.
    """
    staffed = np.isin(rows.step, [STEPS.index(step) for step in STAFFED])
    served = np.isin(rows.outcome, (SERVED, RETURNED))
    tells_outcome = np.array(["outcome" in fields for fields in columns])[rows.file]
    rows.find("missing_start", staffed & served & tells_outcome & rows.blank_start, KEPT)
    gone = (rows.outcome == GAVE_UP) & (rows.started != MISSING)
    rows.find("missing_end", rows.blank_end & (rows.ended == MISSING) & ~gone, KEPT)
    left = (rows.outcome == GAVE_UP) & (rows.started == MISSING)
    wait = np.where(left, _length(rows.queued, rows.ended), _length(rows.queued, rows.started))
    service = _length(rows.started, rows.ended)
    rows.find("long_wait", staffed & (wait > DAY), KEPT)
    rows.find("long_service", staffed & (service > DAY), KEPT)
    rows.find("no_service_time", staffed & served & (service == 0), KEPT)
    rows.find("overlap", _overlapping(rows), KEPT)
    moment = np.where(rows.queued == MISSING, rows.started, rows.queued)
    for number, step in enumerate(STEPS):
        if step in STAFFED:
            rows.find("out_of_hours", _out_of_hours(rows, moment, rows.step == number), KEPT, step)
    rows.find("quiet_day", _on_quiet_days(moment), KEPT)


def _length(begin: I64, end: I64) -> I64:
    """Return the ms from one moment to another, -1 where one is missing."""
    both = (begin != MISSING) & (end != MISSING)
    return np.where(both, np.where(both, end, 0) - np.where(both, begin, 0), -1)


def _overlapping(rows: Rows) -> Flags:
    """Return which rows begin before an earlier one of the same case and step has ended."""
    begin = np.where(rows.queued == MISSING, rows.started, rows.queued)
    order = np.lexsort((begin, rows.step, rows.case))
    case, step, begin, end = (column[order] for column in (rows.case, rows.step, begin, rows.ended))
    found = np.zeros(len(order), np.bool_)
    same = (case[1:] == case[:-1]) & (step[1:] == step[:-1])
    found[order[1:]] = same & (begin[:-1] != MISSING) & (begin[1:] < end[:-1])
    return found


def _out_of_hours(rows: Rows, moment: I64, here: Flags) -> Flags:
    """Return which rows of a step are queued at a time of the day at which hardly any service starts."""
    nowhere = np.zeros(len(moment), np.bool_)
    started = rows.started[here & (rows.started != MISSING)]
    if len(started) < FEWEST_STARTS:
        return nowhere
    starts = np.bincount(started % DAY // HALF_HOUR, minlength=48)
    closed = starts < HARDLY_OPEN * starts.max()
    there = here & (moment != MISSING)
    nowhere[there] = closed[moment[there] % DAY // HALF_HOUR]
    return nowhere


def _on_quiet_days(moment: I64) -> Flags:
    """Return which rows are queued on a day on which hardly anybody else is."""
    there = moment != MISSING
    found = np.zeros(len(moment), np.bool_)
    _, day, counts = np.unique(moment[there] // DAY, return_inverse=True, return_counts=True)
    if len(counts) >= FEWEST_DAYS:
        found[there] = counts[day] < HARDLY_ANYBODY * np.median(counts)
    return found
