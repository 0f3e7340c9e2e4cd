"""The decisions that both engines share, as functions of plain numbers.

Who goes before whom, who may be taken, who may take, when someone gives up: each rule is written once.
The process engine calls these functions as they are; the compiled engine compiles them into its loop.
Nothing here knows how an engine keeps its queues.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

SERVE = 0
CARRY_OVER = 1
SEND_HOME = 2


def goes_before(
    priority_a: int, queued_a: float, case_a: int, priority_b: int, queued_b: float, case_b: int, newest_first: bool
) -> bool:
    """Say whether case a stands before case b in a queue: priority, then first arrival, then number.

    Where the newest goes first, those of one priority stand the other way round.
    """
    if priority_a != priority_b:
        return priority_a < priority_b
    if queued_a != queued_b:
        return queued_a > queued_b if newest_first else queued_a < queued_b
    return case_a > case_b if newest_first else case_a < case_b


def may_be_taken(is_open: bool, broken: bool, closing: int, queued_at: float, closed_at: float) -> bool:
    """Say whether a waiting case may be taken at a stage that closed last at `closed_at`.

    While the stage is closed only the rule `SERVE` goes on, and only for those who came before the
    closing: an arrival at the closing instant is too late.
    """
    if broken:
        return False
    return is_open or (closing == SERVE and queued_at < closed_at)


def may_take(on_duty: bool, off_at: float, is_open: bool, closing: int, closed_at: float) -> bool:
    """Say whether a free server may take a case at a stage.

    Off duty he may only clear a stage that closed at the very moment his duty ended.
    """
    return on_duty or (not is_open and closing == SERVE and off_at == closed_at)


def enough_waiting(waiting: int, threshold: int) -> bool:
    """Say whether a server's help is wanted: everyone who waits at the stage counts."""
    return waiting >= threshold


def pace(waiting: int, from_waiting: int, factor: float) -> float:
    """Return how many times its minutes a service takes that begins while so many others wait at the stage."""
    return factor if waiting >= from_waiting else 1.0


def gives_up_at(joined_at: float, patience: float) -> float:
    """Return the moment at which patience ends, counted from the last time the case joined the queue."""
    return joined_at + patience


def finds_no_place(standing: int, places: int) -> bool:
    """Say whether a case with `standing` others before it is beyond the waiting places (-1 = any number)."""
    return places >= 0 and standing >= places


def stays_with_case(on_duty: bool, visit: int, stays_until: int) -> bool:
    """Say whether a server stays with the case after the service: only on duty, never in overtime."""
    return on_duty and stays_until > visit


def lets_go(next_visit: int, stays_until: int) -> bool:
    """Say whether a server who stayed is free, now that the case moves on to `next_visit` (-1 = it left)."""
    return next_visit < 0 or next_visit > stays_until


def delay_in_opening_hours(now: float, minutes: float, row: int, stop: int, begin: F64, end: F64, before: F64) -> float:
    """Return how long it takes from `now` until `minutes` of opening time have passed.

    Parameters
    ----------
    now : float
        Minutes since the first midnight.
    minutes : float
        Opening minutes that have to pass.
    row, stop : int
        First of the stage's opening intervals that ends after `now`, and the row after its last.
    begin, end, before : (rows,) float64
        Opening intervals of all stages, and the stage's opening minutes before each.

    Returns
    -------
    float
        A delay that ends inside an opening interval, never at its closing instant; inf if the calendar
        is over before. Engines add it to `now`, so both make the same rounding.
    """
    if row == stop:
        return np.inf
    goal = before[row] + max(now - begin[row], 0.0) + minutes
    while before[row] + (end[row] - begin[row]) <= goal:
        row += 1
        if row == stop:
            return np.inf
    return float(max(begin[row] + (goal - before[row]) - now, 0.0))
