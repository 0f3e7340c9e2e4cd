"""The two tables that are passed around: what will happen to each case, and what happened.

`Journeys` is all that is random in one replication, drawn before anything is played. `VisitLog` is what an
engine made of it. A row of one is a row of the other: visit *i* of the log is visit *i* of the journeys.
Times are minutes since the first midnight of the horizon.

Visits are kept as rows, not as columns: whoever looks at a visit looks at most of it, and so finds it in one
or two lines of the processor's cache. The columns are there as views.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I16 = NDArray[np.int16]
Rows = NDArray[np.void]

NOWHERE = -1
"""In a column of visits, servers or stages: there is none."""

# A visit's stage is the number of a served stage (0, 1, ...) or one of the codes below.
OWN_TIME = -1
"""The applicant's own time on the wall clock: thinking, correcting, travelling."""
MACHINE_TIME = -2
"""Time that the office's machines take round the clock (auto-approval); no server is needed."""


OF_OTHERS = -1
"""Priority of time that is not the applicant's but somebody's outside the office who has the submitted file; whoever
waits at a stage has one of 0 or more."""


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


# Of the type `np.record`, so that a row has its columns as attributes without the compiler, too.
VISIT = np.dtype((np.record, [
    ("minutes", np.float64),
    ("patience", np.float64),
    ("if_served", np.int32),
    ("if_gave_up", np.int32),
    ("stays_until", np.int32),
    ("stage", np.int16),
    ("priority", np.int16),
]))  # fmt: skip
"""A visit as it was drawn; see `Journeys`."""

VISIT_LOG = np.dtype((np.record, [
    ("queued_at", np.float64),
    ("started_at", np.float64),
    ("ended_at", np.float64),
    ("freed_at", np.float64),
    ("server", np.int16),
    ("trips", np.int16),
    ("outcome", np.int32),
]))  # fmt: skip
"""What happened at a visit; see `VisitLog`."""


def rows_of(dtype: np.dtype[np.void], **columns: Any) -> Rows:
    """Return columns of equal length as rows of a type; columns that are not given are 0."""
    rows = np.zeros(len(next(iter(columns.values()))), dtype)
    for name, column in columns.items():
        rows[name] = column
    return rows


@dataclass(frozen=True)
class Journeys:
    """All that can happen to each case, drawn beforehand.

    Attributes
    ----------
    arrival : (cases,) float64
        First contact, not decreasing.
    population, profile : (cases,) int16
        Whom the case belongs to: number of the population in the office and of the route within it.
    first_visit : (cases + 1,) int32
        Case *i* has visits ``first_visit[i]`` to ``first_visit[i + 1] - 1``; it starts with the first.
    visit : (visits,) VISIT
        The visits; their columns are attributes too:

        stage : int16
            Served stage, or `OWN_TIME`, `MACHINE_TIME`, `own_time_in_opening_hours`.
        minutes : float64
            Service minutes, or the length of the time away.
        patience : float64
            Minutes until the case gives up waiting; inf = never.
        priority : int16
            Smaller goes first; `OF_OTHERS` of time that is not spent at a stage and not the applicant's own.
        if_served, if_gave_up : int32
            The next visit, always a later one of the same case, or `NOWHERE`.
        stays_until : int32
            The server stays with the case until it moves on to a visit after this one; the visit itself if
            the server is free at once.
    outage_stage, outage_from, outage_to : (outages,) int16, float64, float64
        Drawn outages of a stage.
    absence_mark : (pools, 64, days) float32
        Server *s* of a pool is absent on a day if the mark is below the pool's absence share. Size 0 if
        nobody is ever absent.
    leave_mark : (pools, days) float32
        Says whose turn it is to be on leave (`sim.office.tables.on_leave`). Size 0 if nobody ever is.
    """

    arrival: F64
    population: I16
    profile: I16
    first_visit: I32
    visit: Rows
    outage_stage: I16
    outage_from: F64
    outage_to: F64
    absence_mark: NDArray[np.float32]
    leave_mark: NDArray[np.float32]

    def __post_init__(self) -> None:
        # A compiled engine is compiled once, whoever built the table.
        for name, dtype in (
            ("arrival", np.float64), ("population", np.int16), ("profile", np.int16), ("first_visit", np.int32),
            ("visit", VISIT), ("outage_stage", np.int16), ("outage_from", np.float64), ("outage_to", np.float64),
            ("absence_mark", np.float32), ("leave_mark", np.float32),
        ):  # fmt: skip
            column: NDArray[Any] = np.ascontiguousarray(getattr(self, name), dtype=dtype)
            object.__setattr__(self, name, column)

    @property
    def cases(self) -> int:
        """Number of cases."""
        return len(self.arrival)

    @property
    def visits(self) -> int:
        """Number of visits, those that will not be made included."""
        return len(self.visit)

    @property
    def stage(self) -> I16:
        """Stage of each visit, or whose time it is."""
        return self.visit["stage"]

    @property
    def minutes(self) -> F64:
        """Minutes of each visit."""
        return self.visit["minutes"]

    @property
    def patience(self) -> F64:
        """Patience at each visit [min]."""
        return self.visit["patience"]

    @property
    def priority(self) -> I16:
        """Priority of each visit."""
        return self.visit["priority"]

    @property
    def if_served(self) -> I32:
        """Next visit after being served."""
        return self.visit["if_served"]

    @property
    def if_gave_up(self) -> I32:
        """Next visit after giving up."""
        return self.visit["if_gave_up"]

    @property
    def stays_until(self) -> I32:
        """Last visit through which the server stays."""
        return self.visit["stays_until"]

    def with_visits(self, **columns: Any) -> Journeys:
        """Return the journeys with some columns of the visits replaced."""
        visit = self.visit.copy()
        for name, column in columns.items():
            visit[name] = column
        return replace(self, visit=visit)

    def case_of_visit(self) -> I32:
        """Return the case of each visit, shape (visits,)."""
        return np.repeat(np.arange(self.cases, dtype=np.int32), np.diff(self.first_visit))


@dataclass(frozen=True)
class VisitLog:
    """What happened at each visit.

    Attributes
    ----------
    visit : (visits,) VISIT_LOG
        A row for each visit of the journeys; its columns are attributes too:

        queued_at : float64
            First arrival at the stage; NaN = the visit was not made. Going home and coming back keeps it.
        started_at : float64
            Start of service; NaN = never served.
        ended_at : float64
            End of service, or the moment of giving up; NaN = not made, or still open when the calendar ended.
        freed_at : float64
            When the server left the case: `ended_at`, or later if he stayed with it; NaN = never served.
        server : int16
            Number of the server in the office, `NOWHERE` if none.
        trips : int16
            Times the case was sent home from this visit.
        outcome : int32
            `NOT_MADE`, `SERVED` or `GAVE_UP`.
    left : int
        Cases that were not finished when the calendar ended.
    days : int
        Days that the calendar covered.
    """

    visit: Rows
    left: int = 0
    days: int = 0

    @property
    def queued_at(self) -> F64:
        """First arrival at the stage."""
        return self.visit["queued_at"]

    @property
    def started_at(self) -> F64:
        """Start of service."""
        return self.visit["started_at"]

    @property
    def ended_at(self) -> F64:
        """End of service, or the moment of giving up."""
        return self.visit["ended_at"]

    @property
    def freed_at(self) -> F64:
        """When the server left the case."""
        return self.visit["freed_at"]

    @property
    def server(self) -> I16:
        """Number of the server."""
        return self.visit["server"]

    @property
    def trips(self) -> I16:
        """Times sent home."""
        return self.visit["trips"]

    @property
    def outcome(self) -> I32:
        """How the visit ended."""
        return self.visit["outcome"]

    def differing_values(self, other: VisitLog) -> int:
        """Count the values in which two logs differ, to the last bit (two NaN are equal)."""
        count = int(self.left != other.left)
        if len(self.visit) != len(other.visit):
            return max(len(self.visit), len(other.visit))
        for name in VISIT_LOG.names or ():
            a, b = self.visit[name], other.visit[name]
            if a.dtype == np.float64:
                a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
                same = (a.view(np.uint64) == b.view(np.uint64)) | (np.isnan(a) & np.isnan(b))
            else:
                same = a == b
            count += int(np.count_nonzero(~same))
        return count
