"""The two tables that are passed around: what will happen to each case, and what happened.

`Journeys` is all the luck of one replication, drawn before anything is played. `VisitLog` is what an
engine made of it. A row of one is a row of the other: visit *i* of the log is visit *i* of the journeys.
Times are minutes since the first midnight of the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I16 = NDArray[np.int16]
I8 = NDArray[np.int8]

NOWHERE = -1
"""In a column of visits, servers or stages: there is none."""

# A visit's stage is the number of a served stage (0, 1, ...) or one of the codes below.
OWN_TIME = -1
"""The applicant's own time on the wall clock: thinking, correcting, travelling."""
MACHINE_TIME = -2
"""Time that the office's machines take round the clock (auto-approval); no server is needed."""


def own_time_in_opening_hours(stage: int) -> int:
    """Return the code of own time that passes only while `stage` is open (coming by in opening hours)."""
    return -3 - stage


# How a visit ended, in `VisitLog.outcome`.
NOT_MADE = 0
"""An alternative that did not happen."""
SERVED = 1
"""Served to the end; for a visit that is not to a stage: the time has passed."""
GAVE_UP = 2
"""Left while waiting: patience ran out, or no waiting place was left."""


class _Table:
    """Columns with fixed types: a compiled engine is compiled once, whoever built the table."""

    _TYPES: ClassVar[dict[str, type]] = {}

    def __post_init__(self) -> None:
        for name, dtype in self._TYPES.items():
            column: NDArray[Any] = np.ascontiguousarray(getattr(self, name), dtype=dtype)
            object.__setattr__(self, name, column)


@dataclass(frozen=True)
class Journeys(_Table):
    """All that can happen to each case, drawn beforehand.

    Attributes
    ----------
    arrival : (cases,) float64
        First contact, not decreasing.
    population, profile : (cases,) int16
        Whom the case belongs to: number of the population in the office and of the route within it.
    first_visit : (cases + 1,) int32
        Case *i* has visits ``first_visit[i]`` to ``first_visit[i + 1] - 1``; it starts with the first.
    stage : (visits,) int16
        Served stage, or `OWN_TIME`, `MACHINE_TIME`, `own_time_in_opening_hours`.
    minutes : (visits,) float64
        Service minutes, or the length of the time away.
    patience : (visits,) float64
        Minutes until the case gives up waiting; inf = never.
    priority : (visits,) int16
        Smaller goes first.
    if_served, if_gave_up : (visits,) int32
        The next visit, always a later one of the same case, or `NOWHERE`.
    stays_until : (visits,) int32
        The server stays with the case until it moves on to a visit after this one; the visit itself if
        the server is free at once.
    outage_stage, outage_from, outage_to : (outages,)
        Drawn outages of a stage.
    absence_mark : (pools, 64, days) float32
        Server *s* of a pool is absent on a day if the mark is below the pool's absence share. Size 0 if
        nobody is ever absent.
    """

    arrival: F64
    population: I16
    profile: I16
    first_visit: I32
    stage: I16
    minutes: F64
    patience: F64
    priority: I16
    if_served: I32
    if_gave_up: I32
    stays_until: I32
    outage_stage: I16
    outage_from: F64
    outage_to: F64
    absence_mark: NDArray[np.float32]

    _TYPES: ClassVar[dict[str, type]] = {
        "arrival": np.float64, "population": np.int16, "profile": np.int16, "first_visit": np.int32,
        "stage": np.int16, "minutes": np.float64, "patience": np.float64, "priority": np.int16,
        "if_served": np.int32, "if_gave_up": np.int32, "stays_until": np.int32,
        "outage_stage": np.int16, "outage_from": np.float64, "outage_to": np.float64,
        "absence_mark": np.float32,
    }  # fmt: skip

    @property
    def cases(self) -> int:
        """Number of cases."""
        return len(self.arrival)

    @property
    def visits(self) -> int:
        """Number of visits, those that will not be made included."""
        return len(self.stage)

    def case_of_visit(self) -> I32:
        """Return the case of each visit, shape (visits,)."""
        return np.repeat(np.arange(self.cases, dtype=np.int32), np.diff(self.first_visit))


@dataclass(frozen=True)
class VisitLog(_Table):
    """What happened at each visit.

    Attributes
    ----------
    queued_at : (visits,) float64
        First arrival at the stage; NaN = the visit was not made. Going home and coming back keeps it.
    started_at : (visits,) float64
        Start of service; NaN = never served.
    ended_at : (visits,) float64
        End of service, or the moment of giving up; NaN = not made, or still open when the calendar ended.
    freed_at : (visits,) float64
        When the server left the case: `ended_at`, or later if he stayed with it; NaN = never served.
    server : (visits,) int16
        Number of the server in the office, `NOWHERE` if none.
    outcome : (visits,) int8
        `NOT_MADE`, `SERVED` or `GAVE_UP`.
    trips : (visits,) int16
        Times the case was sent home from this visit.
    left : int
        Cases that were not finished when the calendar ended.
    days : int
        Days that the calendar covered.
    """

    queued_at: F64
    started_at: F64
    ended_at: F64
    freed_at: F64
    server: I16
    outcome: I8
    trips: I16
    left: int = 0
    days: int = 0

    _TYPES: ClassVar[dict[str, type]] = {
        "queued_at": np.float64, "started_at": np.float64, "ended_at": np.float64, "freed_at": np.float64,
        "server": np.int16, "outcome": np.int8, "trips": np.int16,
    }  # fmt: skip

    def differing_values(self, other: VisitLog) -> int:
        """Count the values in which two logs differ, to the last bit (two NaN are equal)."""
        count = int(self.left != other.left)
        for field in fields(self):
            if field.name not in ("left", "days"):
                a, b = getattr(self, field.name), getattr(other, field.name)
                if a.shape != b.shape:
                    return int(max(a.size, b.size))
                if a.dtype == np.float64:
                    same = (a.view(np.uint64) == b.view(np.uint64)) | (np.isnan(a) & np.isnan(b))
                else:
                    same = a == b
                count += int(np.count_nonzero(~same))
        return count
