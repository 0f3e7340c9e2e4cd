"""First contacts in a log, and on which days the office worked, beside the national calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from scipy.special import pdtr, pdtrc

from sim.office.hours import CLOSED_DAY, DAY, MAKE_UP_DAY, SLOT
from sim.office.parameters.fields import show_time
from sim.office.workdays import WEEKEND, holidays_unknown, unknown_year
from sim.studies.base import StudyError
from sim.studies.calibrate.log.steps import F64, I8, I64, STAFFED, Flags, StepLog
from sim.studies.calibrate.presence.openings import nation_works
from sim.text import Message

QUIET = 0.1
"""A working day with less than this part of a typical day's count may have been a day off."""
STRAY_SERVICES, STRAY_CONTACTS = 0.02, 0.12
"""Part of a typical day's count that a day off may have: rows gone astray; people who file out of hours."""
BUSY_SERVICES, BUSY_CONTACTS = 0.1, 0.25
"""Part of a typical day's count from which a day off was worked, if its count is beyond chance besides."""
CHANCE = 1e-3
LONGEST_GAP = 45
"""Days without anything after which what follows is another stretch of the log."""
FEWEST = 20
"""Cases seen at the counter only, below which they are taken for such as had begun before."""
HARDLY_ANY, ENOUGH = 0.005, 200
"""Share of the cases that begin with a decision, up to which that is no way to begin; cases that tell it."""
AT_FIRST = 1 / 8
"""Part of the cases among which half of those have to be that had begun before."""
LEAST_PART = 0.02
"""A stretch with less than this part of all contacts is astray: a wrong year, a test."""


@dataclass(frozen=True, eq=False)
class FirstContacts:
    """When the cases first got in touch.

    Attributes
    ----------
    moment : (contacts,) float64
        Minutes since the log's first midnight: of the first row the moment of queueing, or the start of service.
    case : (contacts,) int64
    step : (contacts,) int8
        Place in `STEPS`.
    kind : (contacts,) int8
        Place in `KINDS`, -1 = not told.
    untimed, begun_before : int
        Cases left out: those whose first row tells neither moment, and those of `begun_before`.
    slots : (half-hours,) int64
        Those of the office's profile of a day, from midnight; all else is out of hours.
    left_out : int
        Contacts on days that do not count.
    """

    moment: F64
    case: I64
    step: I8
    kind: I8
    untimed: int
    begun_before: int
    slots: I64
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.moment)

    def on(self, opened: OpenDays) -> FirstContacts:
        """Return those on days that count."""
        if opened.counted is None:
            return self
        which = opened.counts_on(self.day)
        columns = {name: getattr(self, name)[which] for name in ("moment", "case", "step", "kind")}
        return replace(self, **columns, left_out=int((~which).sum()))

    @property
    def day(self) -> I64:
        """Day of each contact, from 0."""
        return np.asarray(np.floor(self.moment / DAY), np.int64)

    @property
    def slot(self) -> I64:
        """Half-hour of the day of each contact, 0 to 47."""
        return np.asarray((self.moment % DAY) // SLOT, np.int64)

    @property
    def in_hours(self) -> Flags:
        """Which contacts are in the half-hours of the profile, on any day."""
        return np.isin(self.slot, self.slots)


def first_contacts(log: StepLog, slots: I64) -> FirstContacts:
    """Return the first contact of each case; `slots` are the half-hours of the office's profile of a day."""
    first = log.rows(log.first_of_case())
    moment = np.where(np.isfinite(first.queued), first.queued, first.started)
    timed, late, before = np.isfinite(moment), _seen_at_the_end(first, log), begun_before(log)[first.case]
    keep = timed & ~late & ~before
    return FirstContacts(
        moment[keep], first.case[keep], first.step[keep], first.kind[keep],
        int((~timed).sum()), int((timed & before).sum()), slots,
    )  # fmt: skip


def begun_before(log: StepLog) -> Flags:
    """Return which cases had got in touch before the log began, shape (cases,).

    The log has them at the counter only, though it has reviews, or from a decision on, though hardly anybody of its
    later half begins with one. In such a log of a quarter one case in a hundred would seem to have filed alone without
    a question, one in 25 if files lie for days.
    """
    first = log.rows(log.first_of_case())
    late = _seen_at_the_end(first, log)
    # Where the counter has numbers of its own, nearly all of its cases are seen there only.
    which = late if late.sum() < max(log.at("issue").sum() / 2, FEWEST) else np.zeros(len(first), np.bool_)
    decided, moment = first.at("review", "automatic"), np.fmin(first.begin, first.ended)
    # The others as they came.
    rows = np.flatnonzero(np.isfinite(moment) & ~late)
    rows = rows[np.argsort(moment[rows], kind="stable")]
    begins, forms = decided[rows], first.at("online")[rows]
    later = begins[len(begins) // 2 :]
    if begins.any() and len(later) >= ENOUGH and later.sum() <= HARDLY_ANY * len(later):
        # Where forms are only written down from some month on, who filed alone before is no case from before the log:
        # then there are hardly any forms among the first, and the others are not the very first.
        half = int(np.median(np.flatnonzero(begins)))
        written = forms[: half + 1].mean() >= forms[len(forms) // 2 :].mean() / 2 > 0
        if written or half <= AT_FIRST * len(begins):
            which = which | decided
    found = np.zeros(log.cases, np.bool_)
    found[first.case[which]] = True
    return found


def _seen_at_the_end(first: StepLog, log: StepLog) -> Flags:
    """Return which first rows of cases are at the counter, if the log has what comes before."""
    return first.at("issue") if log.has("review", "automatic") else np.zeros(len(first), np.bool_)


@dataclass(frozen=True, eq=False)
class OpenDays:
    """The days that a log covers, and which of them the office worked.

    Attributes
    ----------
    first : date
    offset : int
        Number of the first day, counted from the log's first midnight.
    kinds : (days,) int8
        `CLOSED_DAY`, the weekday of a day that was worked (Monday = 0), or `MAKE_UP_DAY`: a weekend day that was.
    contacts : (days,) int64
        First contacts in the half-hours of the profile.
    add, remove : tuple of date
        Days worked that the nation has off, and the other way round; of the years that a scenario can have.
    unknown_years : tuple of int
        Years that the calendar does not know: their working days are Monday to Friday but for those on which nobody
        worked.
    outside : int
        First contacts before the first day and after the last.
    counted : (days,) bool or None
        Which days what is fitted rests on; None = all.
    half_life : float or None
        Weeks after which half of them do.
    """

    first: date
    offset: int
    kinds: I8
    contacts: I64
    add: tuple[date, ...]
    remove: tuple[date, ...]
    unknown_years: tuple[int, ...]
    outside: int
    counted: Flags | None = None
    half_life: float | None = None

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def works(self) -> Flags:
        """Which days were worked, shape (days,)."""
        return np.asarray(self.kinds != CLOSED_DAY)

    @property
    def told(self) -> Flags:
        """Which days were worked and count, shape (days,)."""
        return self.works if self.counted is None else np.asarray(self.works & self.counted)

    def counts_on(self, days: I64) -> Flags:
        """Say of days, counted from the log's first midnight, whether they count; beside the log, as the next one."""
        day = np.clip(days - self.offset, 0, len(self) - 1)
        return np.ones(len(days), np.bool_) if self.counted is None else np.asarray(self.counted[day])

    def worked_on(self, days: I64) -> Flags:
        """Say of days, counted from the log's first midnight, whether the log covers them and they were worked."""
        day = days - self.offset
        covered = (day >= 0) & (day < len(self))
        return np.asarray(covered & self.works[np.clip(day, 0, len(self) - 1)])

    @cached_property
    def all(self) -> tuple[date, ...]:
        """The dates of all days."""
        return tuple(self.first + timedelta(days=day) for day in range(len(self)))

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates on which the office worked."""
        return tuple(day for day, works in zip(self.all, self.works, strict=True) if works)

    @property
    def years(self) -> I64:
        """Calendar year of each day, shape (days,)."""
        return np.array([day.year for day in self.all])

    @property
    def months(self) -> I64:
        """Month of each day, 1 to 12, shape (days,)."""
        return np.array([day.month for day in self.all])


def open_days(log: StepLog, contacts: FirstContacts) -> OpenDays:
    """Return the days that a log covers, and on which of them the office worked.

    Parameters
    ----------
    log : StepLog
    contacts : FirstContacts

    Raises
    ------
    StudyError
        If nobody gets in touch in the half-hours of the profile.

    Notes
    -----
    The rule starts from the national calendar and departs from it only where the day's count leaves little doubt. It
    counts the starts of service, or the first contacts in the half-hours of the profile if few starts are told; a
    typical day has the upper quartile of the days that have any.

    - A national working day is taken off if its count is below a tenth of a typical one and, together with such
      days next to it, too low for half a typical one (Poisson, 1 in 1,000). So a thin log takes no day off for want of
      visitors.
    - A national day off was worked if its count is at least a tenth of a typical one (a quarter, if contacts are
      counted), and too high for rows astray and for people who file out of hours (2 % and 12 % of a typical day).
    - The log covers the days from the first to the last with a tenth of a typical day's contacts, and days off next to
      them up to one on which somebody files out of hours; a stretch beyond a gap of 45 days with less than 2 % of
      the contacts is astray.
    """
    days = contacts.day[contacts.in_hours]
    if len(days) == 0:
        opens, closes = (show_time(slot * SLOT) for slot in (contacts.slots[0], contacts.slots[-1] + 1))
        raise StudyError(Message(
            "the log has no first contact between {begin} and {end}; have the times hours and minutes?", begin=opens,
            end=closes,
        ))  # fmt: skip
    every = contacts.day
    present = set(np.unique(every).tolist())
    begin, end = _covered(days)
    offset, last = (_over_days_off(log.first_day, day, step, present) for day, step in ((begin, -1), (end, 1)))
    length = last - offset + 1
    seen = np.bincount(days[(days >= offset) & (days <= last)] - offset, minlength=length)
    first = log.first_day + timedelta(days=offset)
    dates = [first + timedelta(days=number) for number in range(length)]
    national = np.array([nation_works(day) for day in dates])
    works = _worked(log, seen, national, offset)
    weekday = np.array([day.weekday() for day in dates], np.int8)
    kinds = np.where(works, np.where(weekday >= WEEKEND, MAKE_UP_DAY, weekday), CLOSED_DAY).astype(np.int8)
    years = range(dates[0].year, dates[-1].year + 1)
    unknown = tuple(year for year in years if unknown_year(year) or holidays_unknown(year))
    # What the nation works in years to come nobody knows yet; what the office did can be said all the same.
    known = np.array([unknown_year(day.year) is None for day in dates])
    return OpenDays(
        first, offset, kinds, seen,
        add=tuple(dates[number] for number in np.flatnonzero(works & ~national & known)),
        remove=tuple(dates[number] for number in np.flatnonzero(~works & national & known)),
        unknown_years=unknown,
        outside=int(((every < offset) | (every > last)).sum()),
    )  # fmt: skip


def _covered(days: I64) -> tuple[int, int]:
    """Return the first and the last day of the log, strays left out."""
    present, counts = np.unique(days, return_counts=True)
    evident = counts >= QUIET * _typical(counts)
    present, counts = present[evident], counts[evident]
    breaks = np.flatnonzero(np.diff(present) > LONGEST_GAP) + 1
    stretches = [
        each for each, of in zip(np.split(present, breaks), np.split(counts, breaks), strict=True)
        if of.sum() >= LEAST_PART * counts.sum()
    ]  # fmt: skip
    return int(stretches[0][0]), int(stretches[-1][-1])


def _over_days_off(midnight: date, day: int, step: int, present: set[int]) -> int:
    """Return the last of the days off next to a day, forwards or backwards, that has a contact; else the day itself."""
    reached = day
    while not nation_works(midnight + timedelta(days=day + step)):
        day += step
        reached = day if day in present else reached
    return reached


def _typical(counts: I64) -> float:
    """Return the count of a typical day: the upper quartile of the days that have any."""
    return float(np.percentile(counts[counts > 0], 75)) if counts.any() else 0.0


def _worked(log: StepLog, contacts: I64, national: Flags, offset: int) -> Flags:
    """Return which days were worked; the rule is that of `open_days`."""
    counts, busy, stray = contacts, BUSY_CONTACTS, STRAY_CONTACTS
    served = log.at(*STAFFED) & np.isfinite(log.started)
    starts = np.floor(log.started[served] / DAY).astype(np.int64) - offset
    starts = starts[(starts >= 0) & (starts < len(contacts))]
    if len(starts) >= contacts.sum() / 2:
        counts = np.bincount(starts, minlength=len(contacts))
        busy, stray = BUSY_SERVICES, STRAY_SERVICES
    typical = _typical(counts)
    extra = ~national & (counts >= busy * typical) & (pdtrc(counts - 1.0, stray * typical) < CHANCE)
    off = np.zeros(len(counts), np.bool_)
    working = np.flatnonzero(national)
    low = counts[working] < QUIET * typical
    edges = np.flatnonzero(np.diff(np.concatenate([[0], low.view(np.int8), [0]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        run = working[begin:end]
        off[run] = pdtr(counts[run].sum(), typical / 2 * len(run)) < CHANCE
    return np.asarray((national & ~off) | extra)
