"""Days, hours and shifts: when a stage is open and when a server is on duty.

Everything ends up as intervals [from, to) in minutes since the first midnight of the horizon.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

DAY = 1440.0
"""Minutes in a day."""
SLOT = 30.0
"""Minutes in a slot of a shift plan."""
SLOTS = 48
"""Slots in a day."""

CLOSED_DAY = -1
MAKE_UP_DAY = 7
"""A weekend day worked in exchange for a bridge day (调休)."""
DAY_KINDS = 8
"""Monday = 0 ... Sunday = 6, and `MAKE_UP_DAY`."""

F64 = NDArray[np.float64]


def merge(starts: F64, ends: F64) -> tuple[F64, F64]:
    """Return the union of the intervals [start, end), sorted, overlapping and adjoining ones merged."""
    keep = ends > starts
    order = np.argsort(starts[keep], kind="stable")
    starts, ends = starts[keep][order], ends[keep][order]
    if len(starts) == 0:
        return starts, ends
    reach = np.maximum.accumulate(ends)
    first = np.ones(len(starts), bool)
    first[1:] = starts[1:] > reach[:-1]
    last = np.append(first[1:], True)
    return starts[first], reach[last]


def slots_of(spans: Iterable[tuple[float, float]]) -> NDArray[np.bool_]:
    """Return the half-hours of a day that some hours have a part of, shape (48,)."""
    slots = np.zeros(SLOTS, bool)
    for begin, end in spans:
        slots[int(begin // SLOT) : int(-(-end // SLOT))] = True
    return slots


def spans_of(slots: NDArray[np.bool_]) -> tuple[tuple[float, float], ...]:
    """Return half-hours of a day as hours from - to [minutes since midnight]."""
    edges = np.flatnonzero(np.diff(slots, prepend=False, append=False)) * SLOT
    return tuple((float(begin), float(end)) for begin, end in edges.reshape(-1, 2))


@dataclass(frozen=True, eq=False)
class Days:
    """The days of the horizon, and the days after it on which the last cases are finished.

    Attributes
    ----------
    kinds : (all days,) int8
        `CLOSED_DAY`, the weekday of a working day (Monday = 0), or `MAKE_UP_DAY`.
    horizon : int
        Number of days on which cases arrive; the rest of `kinds` is there for the backlog.
    first : date or None
        Date of the first day, if the days are those of a calendar.
    warm_up : int
        So many days at the beginning are played and not counted, so that the office is not empty on the first that is.
    """

    kinds: NDArray[np.int8]
    horizon: int
    first: date | None = None
    warm_up: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.horizon <= len(self.kinds):
            raise ValueError(f"the horizon must be 1 to {len(self.kinds)} days, not {self.horizon}")
        if not 0 <= self.warm_up < self.horizon:
            raise ValueError(f"the days to warm up must be 0 to {self.horizon - 1}, not {self.warm_up}")

    @classmethod
    def every_day(cls, horizon: int, spare: int = 400) -> Days:
        """Return `horizon` days, all of them working days (Mondays), with `spare` days after them."""
        return cls(np.zeros(horizon + spare, np.int8), horizon)

    @property
    def first_number(self) -> int:
        """Number of the first day in the calendar of all dates, 0 if the days have no dates."""
        return 0 if self.first is None else self.first.toordinal()

    @property
    def works(self) -> NDArray[np.bool_]:
        """Which days of the horizon are working days, shape (horizon,)."""
        return np.asarray(self.kinds[: self.horizon] != CLOSED_DAY)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which days of the horizon are working days that count, shape (horizon,)."""
        return self.works & (np.arange(self.horizon) >= self.warm_up)

    @property
    def played_days(self) -> int:
        """Number of working days in the horizon."""
        return int(np.count_nonzero(self.works))

    @property
    def working_days(self) -> int:
        """Number of those that count."""
        return int(np.count_nonzero(self.counted))

    def date_of(self, day: int) -> date:
        """Return the date of a day of the horizon."""
        if self.first is None:
            raise ValueError("these days have no dates")
        return self.first + timedelta(days=day)


@dataclass(frozen=True)
class Intervals:
    """Hours given one by one: (from, to) in minutes since the first midnight."""

    spans: tuple[tuple[float, float], ...]

    def intervals(self, days: Days, upto: int) -> tuple[F64, F64]:
        """Return starts and ends, merged; `days` and `upto` make no difference."""
        spans = np.asarray(self.spans, np.float64).reshape(-1, 2)
        return merge(spans[:, 0], spans[:, 1])


ALWAYS = Intervals(((0.0, math.inf),))
"""Round the clock."""


@dataclass(frozen=True)
class WeeklyHours:
    """The same hours every working day, or others on some weekdays.

    Attributes
    ----------
    every_day : tuple of (from, to)
        Minutes since midnight.
    on : tuple of (day kind, tuple of (from, to))
        Days that differ.
    """

    every_day: tuple[tuple[float, float], ...]
    on: tuple[tuple[int, tuple[tuple[float, float], ...]], ...] = ()

    def intervals(self, days: Days, upto: int) -> tuple[F64, F64]:
        """Return starts and ends on the first `upto` days, merged; not to be written to."""
        return _weekly(self, days, upto)


@lru_cache(512)
def _weekly(hours: WeeklyHours, days: Days, upto: int) -> tuple[F64, F64]:
    """Return the intervals of hours: many servers, and many offices, have the same."""
    other = dict(hours.on)
    starts, ends = [], []
    for kind in range(DAY_KINDS):
        midnights = np.flatnonzero(days.kinds[:upto] == kind) * DAY
        for begin, end in other.get(kind, hours.every_day):
            starts.append(midnights + begin)
            ends.append(midnights + end)
    both = merge(np.concatenate(starts or [np.empty(0)]), np.concatenate(ends or [np.empty(0)]))
    for moments in both:
        moments.flags.writeable = False
    return both


Hours = Intervals | WeeklyHours


@dataclass(frozen=True, eq=False)
class ShiftPlan:
    """How many servers of a pool are on duty, by half-hour and kind of day.

    Server number s is on duty whenever more than s servers are planned, so the lowest numbers work the
    longest hours.

    Attributes
    ----------
    counts : (8, 48) int16
        Servers planned, by day kind (Monday ... Sunday, make-up day) and half-hour from midnight.
    """

    counts: NDArray[np.int16]

    def __post_init__(self) -> None:
        if self.counts.shape != (DAY_KINDS, SLOTS):
            raise ValueError(f"a shift plan has shape (8, 48), not {self.counts.shape}")

    @classmethod
    def steady(cls, servers: int, begin: float = 0.0, end: float = DAY) -> ShiftPlan:
        """Return the plan with `servers` on duty from `begin` to `end` [minutes of the day] every day."""
        counts = np.zeros((DAY_KINDS, SLOTS), np.int16)
        counts[:, int(begin // SLOT) : int(end // SLOT)] = servers
        return cls(counts)

    @property
    def servers(self) -> int:
        """Number of servers that the plan needs."""
        return int(self.counts.max(initial=0))

    def on_duty(self, days: Days, upto: int) -> NDArray[np.bool_]:
        """Return who is planned when, shape (servers, upto, 48)."""
        kinds = days.kinds[:upto]
        planned = np.where((kinds >= 0)[:, None], self.counts[kinds], 0)
        return planned[None] > np.arange(self.servers)[:, None, None]
