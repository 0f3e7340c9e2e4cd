"""The ways of the cases through a log: the clock of opening hours, what became of each case, and times between rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.evidence.logs.log import GAVE_UP, KINDS, RETURNED, UNKNOWN, Flags, StepLog
from sim.office.demand import FIRST_SLOT, profiles
from sim.office.hours import DAY, SLOT, merge
from sim.office.parameters import LocalCalendar, Period, Scenario
from sim.office.workdays import WEEKEND, calendar_days, is_working_day, known_years

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Hours = Sequence[tuple[float, float]]

MOST_DAYS = 20 * 366
"""Days of a log whose calendar is looked up; a moment beyond is a wrong date."""

HOWS = ("alone", "unadvised", "assisted", "studio")
"""How an application was prepared, as its return rate depends on it."""


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
        days = np.flatnonzero([works(day, parent) for day in dates]).astype(np.int64)
    hours = parent.hours
    first = FIRST_SLOT * SLOT
    profile = ((first, first + len(parent.demand.half_hour_index) * SLOT),)
    return OfficeOpenings(
        days,
        *(Openings.of(spans, days) for spans in (hours.office, hours.phone, hours.review, profile)),
    )


def works(day: date, parent: Scenario) -> bool:
    """Say whether the office works on a day, by the nation's calendar and the days that the scenario changes."""
    if day in parent.calendar.add_working_days:
        return True
    if day in parent.calendar.remove_working_days:
        return False
    return is_working_day(day) if day.year >= known_years()[0] else day.weekday() < WEEKEND


def out_of_hours_weight(parent: Scenario, first: date, last: date) -> float:
    """Return what a case that began out of hours counts, one in office hours counting 1.

    Both spread over the year in their own way, so a part of the year that holds more of the one has to be weighed to
    tell the shares of the year. 1 in years whose calendar is not known.
    """
    if first.year < known_years()[0] or last.year > known_years()[1]:
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


@dataclass(frozen=True, eq=False)
class Cases:
    """What became of each case; all flags have shape (cases,).

    Attributes
    ----------
    seen : (cases,) bool
        It has a row.
    kind : (cases,) int8
        Place in `KINDS`, `UNKNOWN` = not told.
    submitted : (cases,) bool
        It came to a review or an automatic approval, or to an online form.
    called, abandoned : (cases,) bool
        Called before anything else; gave up calling for good.
    in_hall, to_studio : (cases,) bool
        Came to filing or the studio; to the studio.
    helped, studio, left_hall : (cases,) bool
        Served in the hall, specialists included; by the studio; gave up waiting there.
    key : (cases,) bool
        Came to a specialist, or is of the class.
    out_of_hours : (cases,) bool
        Began alone online outside the hours of the daily profile.
    automatic, issued, returned : (cases,) bool
        Approved by machines; came for the licence; sent back at least once.
    decided, came : (cases,) float64
        End of the last review or automatic approval; when the case came for the licence [min]. NaN = none, not told.
    """

    seen: Flags
    kind: NDArray[np.int8]
    submitted: Flags
    called: Flags
    abandoned: Flags
    in_hall: Flags
    to_studio: Flags
    helped: Flags
    studio: Flags
    left_hall: Flags
    key: Flags
    out_of_hours: Flags
    automatic: Flags
    issued: Flags
    returned: Flags
    decided: F64
    came: F64

    def of(self, *kinds: str) -> Flags:
        """Return which cases are of some kinds."""
        return np.isin(self.kind, [KINDS.index(kind) for kind in kinds])

    @property
    def kinds_known(self) -> bool:
        """Whether the log tells the kinds of its cases."""
        return bool((self.kind != UNKNOWN).any())

    @property
    def linked(self) -> bool:
        """Whether calls have the same case numbers as what follows them."""
        return bool((self.called & (self.submitted | self.in_hall)).any())

    @property
    def application(self) -> Flags:
        """Which cases are applications: by their kind, else by what became of them."""
        return np.asarray(np.where(self.kind == UNKNOWN, self.submitted, ~self.of("inquiry")) & self.seen)

    @property
    def on_the_spot(self) -> Flags:
        """Which cases are given the licence in the hall, where they waited for the review."""
        return np.asarray(self.studio | (self.helped & ~self.returned))

    @property
    def how(self) -> I64:
        """Place in `HOWS`, shape (cases,)."""
        unadvised = self.abandoned | self.left_hall
        return np.select([self.studio, self.helped, unadvised], [3, 2, 1], 0).astype(np.int64)


def cases_of(log: StepLog, openings: OfficeOpenings | None) -> Cases:
    """Return what became of each case of a log; without hours nobody came out of them."""
    def any_row(which: Flags) -> Flags:
        flags = np.zeros(log.cases, np.bool_)
        flags[log.case[which]] = True
        return flags

    gave_up = log.outcome == GAVE_UP
    counter = log.at("filing") | log.at("studio") | log.at("key")
    decision = log.at("review") | log.at("automatic")
    kind = np.full(log.cases, UNKNOWN, np.int8)
    told = np.flatnonzero(log.kind != UNKNOWN)[::-1]
    kind[log.case[told]] = log.kind[told]
    calls = first_calls(log)
    abandoned = np.zeros(log.cases, np.bool_)
    abandoned[log.case[calls]] = gave_up[calls]  # the last call of a case counts
    decided = np.full(log.cases, np.nan)
    rows = np.flatnonzero(decision)
    decided[log.case[rows]] = log.ended[rows]
    came = np.full(log.cases, np.nan)
    rows = np.flatnonzero(log.at("issue"))[::-1]
    came[log.case[rows]] = log.queued[rows]
    first = log.first_of_case()
    moment = np.fmin(log.queued, log.started)
    late = first & (decision | log.at("online")) & np.isfinite(moment)
    late &= ~openings.arrivals.open_at(moment) if openings else False
    key = any_row(log.at("key")) | (kind == KINDS.index("key"))
    return Cases(
        seen=any_row(np.ones(len(log), np.bool_)), kind=kind, submitted=any_row(decision | log.at("online")),
        called=any_row(calls), abandoned=abandoned, in_hall=any_row(log.at("filing") | log.at("studio")),
        to_studio=any_row(log.at("studio")), helped=any_row(counter & ~gave_up),
        studio=any_row(log.at("studio") & ~gave_up), left_hall=any_row(counter & gave_up),
        key=key, out_of_hours=any_row(late) & ~key,
        automatic=any_row(log.at("automatic")), issued=any_row(log.at("issue")),
        returned=any_row(log.outcome == RETURNED), decided=decided, came=came,
    )  # fmt: skip


def first_contacts(log: StepLog) -> tuple[float, float]:
    """Return the earliest and the latest first contact [min].

    Who comes to the hall first may have been told to by online Q&A, days before if these were holidays; so the other
    steps tell, if the log has them.
    """
    moment = np.fmin(log.queued, log.started)
    first = log.first_of_case() & np.isfinite(moment)
    at_once = first & (log.at("phone") | log.at("online"))
    first = at_once if at_once.any() else first
    return (float(moment[first].min()), float(moment[first].max())) if first.any() else (0.0, 0.0)


def first_calls(log: StepLog) -> Flags:
    """Return the calls that a case makes before anything else: those that advise on filing."""
    phone = log.at("phone")
    others = np.cumsum(~phone)
    before = np.zeros(log.cases, np.int64)
    first = log.first_of_case()
    before[log.case[first]] = (others - ~phone)[first]
    return np.asarray(phone & (others == before[log.case]))


@dataclass(frozen=True, eq=False)
class OwnTimes:
    """Own times of applicants that a log shows.

    Attributes
    ----------
    minutes : (n,) float64
        Above 0.
    limits : (n,) float64
        From their beginning to the last first contact, by the same clock. A log of all rows up to a moment does not
        show what ended later, one of all cases that began by then does; so neither is looked at beyond it.
    """

    minutes: F64
    limits: F64


def own_times(log: StepLog, openings: OfficeOpenings | None) -> dict[str, OwnTimes]:
    """Return the applicants' own times that a log shows between its rows, by the name of the parameter.

    Parameters
    ----------
    log : StepLog
    openings : OfficeOpenings or None
        What passes only while the hall is open is measured in its opening minutes; None = it is left out.

    Notes
    -----
    A correction lasts from the end of a review that sent the application back to the moment at which the case waits
    for the next one, on the wall clock; a redial from hanging up to the next call of the case. The way to the hall
    lasts from the end of a call to the ticket in the hall. The licence is fetched from the last review or automatic
    approval on, but by who was helped in the hall: he waits there for the review, and is given the licence on the spot
    unless it was sent back; with the Set-Sail Studio always.
    """
    cases, last = cases_of(log, None), first_contacts(log)[1]
    first, second = _neighbours(log, log.at("review"))
    back = log.outcome[first] == RETURNED
    studio = cases.studio[log.case[first]]
    found = {}
    for name, which in (("review.correction", ~studio), ("filing.studio_correction_minutes", studio)):
        found[name] = _passed(log.ended[first[back & which]], log.queued[second[back & which]], last)
    first, second = _neighbours(log, log.at("phone"))
    hung_up = log.outcome[first] == GAVE_UP
    found["phone.redial_after_minutes"] = _passed(log.ended[first[hung_up]], log.queued[second[hung_up]], last)
    if openings is None:
        return found
    clock = openings.hall
    hall = log.at("filing") | log.at("studio")
    first, second = _neighbours(log, hall | log.at("phone"))
    goes = log.at("phone")[first] & hall[second]
    found["filing.travel_minutes"] = _passed(log.ended[first[goes]], log.queued[second[goes]], last, clock)
    fetches = ~cases.on_the_spot
    found["issue.fetch_after_hours"] = _passed(cases.decided[fetches], cases.came[fetches], last, clock)
    return found


def _passed(begin: F64, end: F64, last: float, clock: Openings | None = None) -> OwnTimes:
    """Return the own times from `begin` to `end`, those above 0 that were over by `last`."""
    seen = (begin < end) & (end <= last)
    begin, end = begin[seen], end[seen]
    minutes = end - begin if clock is None else clock.between(begin, end)
    limits = last - begin if clock is None else clock.left(begin, last)
    kept = (minutes > 0) & np.isfinite(limits)
    return OwnTimes(minutes[kept], limits[kept])


def _neighbours(log: StepLog, which: Flags) -> tuple[I64, I64]:
    """Return the numbers of rows that follow each other in a case, of those chosen."""
    rows = np.flatnonzero(which)
    same = log.case[rows[:-1]] == log.case[rows[1:]]
    return rows[:-1][same], rows[1:][same]
