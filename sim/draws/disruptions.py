"""What is random about the office itself: who of the staff is absent or on leave, and what breaks down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.draws.kernels import day_marks, marks_of
from sim.draws.philox import stream
from sim.draws.sampling import poisson
from sim.office.blocks import MAX_SERVERS, Office
from sim.office.hours import DAY

F64 = NDArray[np.float64]


def draw_absences(office: Office, key: np.uint64, replication: np.uint64) -> NDArray[np.float32]:
    """Return a mark for each pool, server and day of the horizon, shape (pools, 64, days).

    There are marks for as many servers as a pool can have, so that every plan finds its own. If no pool
    knows absence, nothing is drawn. After the horizon nobody is absent.
    """
    if not any(pool.absence > 0 for pool in office.pools):
        return np.empty((0, 0, 0), np.float32)
    return _by_day("absence", office, MAX_SERVERS, key, replication)


def draw_leave(office: Office, key: np.uint64, replication: np.uint64) -> NDArray[np.float32]:
    """Return a mark for each pool and day of the horizon, shape (pools, days); nothing if no pool knows leave."""
    if not any(pool.leave > 0 for pool in office.pools):
        return np.empty((0, 0), np.float32)
    return _by_day("leave", office, 1, key, replication)[:, 0]


def _by_day(what: str, office: Office, rows: int, key: np.uint64, replication: np.uint64) -> NDArray[np.float32]:
    streams = np.array([stream(f"{what}/{pool.name}") for pool in office.pools], np.uint64)
    first, days = np.uint64(office.days.first_number), office.days.horizon
    marks: NDArray[np.float32] = day_marks(streams, rows, first, days, key, replication)
    return marks


def draw_outages(office: Office, key: np.uint64, replication: np.uint64) -> tuple[NDArray[np.int16], F64, F64]:
    """Return stage, beginning and end of the drawn outages.

    They begin at random moments of the stage's opening hours and last an exponential time.
    """
    rows: list[tuple[int, float, float]] = []
    for number, stage in enumerate(office.stages):
        expected = stage.outages.per_day * office.days.played_days
        if expected <= 0:
            continue
        begin, end = stage.open.intervals(office.days, office.days.horizon)
        length = np.maximum(np.minimum(end, office.days.horizon * DAY) - begin, 0.0)
        # What is never open cannot break down.
        if not length.any():
            continue
        own = np.uint64(stream(f"outage/{stage.name}"))
        marks = marks_of(own, key, replication, 1)
        count = poisson(marks[0, 0], expected)
        marks = marks_of(own, key, replication, count + 1)[1:]
        before = np.concatenate([[0.0], np.cumsum(length)])
        for where, how_long in marks[:, :2]:
            row = min(int(np.searchsorted(before, where * before[-1], side="right")) - 1, len(begin) - 1)
            start = float(begin[row] + where * before[-1] - before[row])
            rows.append((number, start, start - stage.outages.mean_minutes * float(np.log1p(-how_long))))
    table = np.array(rows, np.float64).reshape(-1, 3)
    return table[:, 0].astype(np.int16), table[:, 1], table[:, 2]
