"""When an office was open in the time of a log: the clock that waiting and own time run on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sim.office.demand import profile_slots, profiles
from sim.office.hours import DAY, SLOT, merge
from sim.office.parameters import LocalCalendar, Period, Scenario
from sim.office.workdays import WEEKEND, calendar_days, is_working_day, known_years
from sim.studies.calibrate.log.steps import F64, I64, Flags, StepLog

Hours = Sequence[tuple[float, float]]

MOST_DAYS = 20 * 366
"""Days of a log whose calendar is looked up; a moment beyond is a wrong date."""


@dataclass(frozen=True, eq=False)
class Openings:
    """When something was open, as intervals [begin, end), sorted and disjoint.

    Attributes
    ----------
    begin, end : (intervals,) float64
        Minutes since the first midnight.
    before : (intervals,) float64
        Open minutes before each.
    """

    begin: F64
    end: F64
    before: F64

    @classmethod
    def of(cls, hours: Hours, days: I64) -> Openings:
        """Return the same hours on each of some days.

        Parameters
        ----------
        hours : sequence of (from, to)
            Minutes since midnight.
        days : (days,) int64
            Numbers of the days since the first midnight.
        """
        midnights = np.asarray(days, np.float64)[:, None] * DAY
        spans = np.asarray(hours, np.float64).reshape(-1, 2)
        begin, end = merge((midnights + spans[:, 0]).ravel(), (midnights + spans[:, 1]).ravel())
        return cls(begin, end, np.append(0.0, np.cumsum(end - begin))[: len(begin)])

    def minutes_until(self, moments: F64) -> F64:
        """Return the open minutes up to each moment; NaN from the last closing on: what comes after is not known."""
        if len(self.begin) == 0:
            return np.full(np.shape(moments), np.nan)
        corners = np.column_stack([self.begin, self.end]).ravel()
        clock = np.column_stack([self.before, self.before + self.end - self.begin]).ravel()
        return np.where(moments >= corners[-1], np.nan, np.interp(moments, corners, clock))

    def between(self, start: F64, end: F64) -> F64:
        """Return the open minutes from `start` to `end`: what own time in opening hours has lasted.

        An own time that begins while closed has passed nothing until the next opening, as in the engines
        (`rules.delay_in_opening_hours`).
        """
        return self.minutes_until(end) - self.minutes_until(start)

    def left(self, start: F64, last: float) -> F64:
        """Return the open minutes from `start` to the moment `last`, or to the last closing if that is earlier."""
        if len(self.begin) == 0:
            return np.full(np.shape(start), np.nan)
        total = self.before[-1] + self.end[-1] - self.begin[-1]
        upto = total if last >= self.end[-1] else float(self.minutes_until(np.array([last]))[0])
        return np.maximum(upto - self.minutes_until(start), 0.0)

    def open_at(self, moments: F64) -> Flags:
        """Say of each moment whether it is in the hours; NaN is not."""
        return np.isfinite(self.closing_after(moments))

    def closing_after(self, moments: F64) -> F64:
        """Return when the interval that a moment is in ends; NaN for a moment that is in none."""
        if len(self.begin) == 0:
            return np.full(np.shape(moments), np.nan)
        known = np.where(np.isfinite(moments), moments, -np.inf)
        at = np.searchsorted(self.begin, known, side="right") - 1
        end = self.end[np.maximum(at, 0)]
        return np.where((at >= 0) & (known < end), end, np.nan)


@dataclass(frozen=True, eq=False)
class OfficeOpenings:
    """When an office was open in the time of a log.

    Attributes
    ----------
    days : (days,) int64
        Numbers of the working days since the first midnight.
    hall, phone, review : Openings
    arrivals : Openings
        Those hours of the working days in which applicants come by the daily profile; who gets in touch outside
        them files out of hours.
    """

    days: I64
    hall: Openings
    phone: Openings
    review: Openings
    arrivals: Openings


def office_openings(log: StepLog, parent: Scenario, days: I64 | None = None) -> OfficeOpenings:
    """Return when the office of a log was open.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
        Has the hours.
    days : (days,) int64 or None
        Numbers of the working days since the first midnight; None = those of the nation's calendar, changed as in
        `parent`, Monday to Friday in years that the calendar does not know.
    """
    if days is None:
        moments = np.concatenate([log.queued, log.started, log.ended])
        moments = moments[np.isfinite(moments)]
        upto = min(int(moments.max() // DAY) + 1, MOST_DAYS) if len(moments) else 0
        dates = [log.first_day + timedelta(days=number) for number in range(upto)]
        days = np.flatnonzero([_works(day, parent.calendar) for day in dates]).astype(np.int64)
    hours = parent.hours
    profile = [(slot * SLOT, (slot + 1) * SLOT) for slot in profile_slots(parent)]
    return OfficeOpenings(
        days,
        *(Openings.of(spans, days) for spans in (hours.office, hours.phone, hours.review, profile)),
    )


def nation_works(day: date) -> bool:
    """Say whether the nation works on a day; Monday to Friday in years that the calendar does not know."""
    return is_working_day(day) if day.year >= known_years()[0] else day.weekday() < WEEKEND


def _works(day: date, changed: LocalCalendar) -> bool:
    """Say whether the office works on a day, by the nation's calendar and the days that the scenario changes."""
    return day in changed.add_working_days or (day not in changed.remove_working_days and nation_works(day))


def out_of_hours_weight(parent: Scenario, first: date, last: date) -> float:
    """Return what a case that began out of hours counts, one in office hours counting 1.

    Both spread over the year in their own way, so a part of the year that holds more of the one has to be weighed to
    tell the shares of the year. 1 in years whose calendar is not known.
    """
    if first.year < known_years()[0]:
        return 1.0
    inside = outside = 0.0
    for year in range(first.year, last.year + 1):
        begin, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
        local = parent.calendar if year == parent.year else LocalCalendar()
        changes = {"year": year, "period": Period(first=str(begin), last=str(end)), "calendar": local}
        days = calendar_days(begin, end, local.add_working_days, local.remove_working_days, 0)
        in_hours, out_of_hours = profiles(parent.model_copy(update=changes), days)
        inside, outside = inside + in_hours.share, outside + out_of_hours.share
    return inside / outside if inside > 0 and outside > 0 else 1.0
