"""When an office's applicants come, from its log: level, months, weekdays, half-hours, and what varies besides.

The model is the one that is simulated: the expected number on a working day is level x month index x weekday index,
spread over the half-hours of the office's day by their index, and multiplied by a random factor of the day. A make-up
day is a day of its own kind here; the simulation gives it the mean of the weekdays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.office.demand import profile_slots
from sim.office.hours import SLOTS
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_time
from sim.studies.base import StudyError
from sim.studies.calibrate.demand.recency import counted_by_age
from sim.studies.calibrate.demand.seasons import (
    MONTHS,
    WIDEST,
    Seasons,
    fit_seasons,
)
from sim.studies.calibrate.demand.smoothing import HalfHours, half_hours_of
from sim.studies.calibrate.demand.working_days import FirstContacts, OpenDays, first_contacts, open_days
from sim.studies.calibrate.log.notes import Note
from sim.studies.calibrate.log.steps import F64, I64, STEPS, Flags, StepLog
from sim.studies.calibrate.presence.hours_seen import half_hour_names
from sim.studies.calibrate.records import DAYS
from sim.text import Message

MOMENT_KNOWN = ("phone", "online", "key")
"""Steps that begin when the applicant gets in touch. Who comes to the hall first may have asked online and travelled;
who is first seen in the review, without a row for the online form, has filled it in before."""
IN_THE_HALL, HARDLY = ("filing", "studio"), 0.5
"""Those besides where the hall alone has longer hours, so that those steps have less than this part of their share in
them: to be seen somewhat later is better than not at all."""
MOSTLY, PARTLY = 2 / 3, 1 / 4
"""Share of first contacts at those steps from which on the half-hours are taken from them alone: as a rule, and if the
others are late by the time that a form takes."""


MOST_LISTED = 5
"""Days named one by one."""


@dataclass(frozen=True, eq=False)
class ArrivalFit:
    """What a log tells of the arrivals.

    Attributes
    ----------
    contacts : FirstContacts
    opened : OpenDays
    seasons : Seasons
    half_hours : HalfHours
    half_hour_names : tuple of str
        Of their indices, as a scenario has them.
    half_hour_method : str
        From which contacts the half-hours are taken.
    submissions : bool
        Whether who files online alone is first seen when the form is submitted, not when it is opened.
    """

    contacts: FirstContacts
    opened: OpenDays
    seasons: Seasons
    half_hours: HalfHours
    half_hour_names: tuple[str, ...]
    half_hour_method: str
    submissions: bool

    def in_hours(self) -> Flags:
        """Return which first contacts are in the half-hours of the profile on a day that was worked."""
        return np.asarray(self.contacts.in_hours & self.opened.worked_on(self.contacts.day))

    def odd_on(self, days: I64) -> Flags:
        """Say of days, counted from the log's first midnight, whether they are left out for being far off."""
        odd = [(each.day - self.opened.first).days + self.opened.offset for each in self.seasons.odd_days]
        return np.isin(days, odd if self.seasons.left_out else [])

    def expected(self) -> tuple[F64, F64, F64]:
        """Return the expected first contacts by month, weekday and half-hour, and the ends of their intervals of 95 %.

        Each has shape (12, 5, half-hours of the profile); ends are NaN in a month or on a weekday that the log does not
        have.
        """
        seasons, index = self.seasons, self.half_hours.index
        daily = (seasons.per_day[0] * seasons.month.value[:, None] * seasons.weekday.value)[:, :, None]
        daily = daily / len(self.contacts.slots)
        level, months, weekdays = np.split(seasons.gradients, [1, 1 + MONTHS])
        gradient = level + months[:, None] + weekdays[None]
        variance = np.einsum("mwp,pq,mwq->mw", gradient, seasons.fit.covariance, gradient)
        error = np.minimum(seasons.fit.quantile * np.sqrt(np.maximum(variance, 0.0)), WIDEST)[:, :, None]
        error[~seasons.months_seen] = np.nan
        error[:, ~seasons.weekdays_seen] = np.nan
        with np.errstate(divide="ignore"):
            # A half-hour in which nobody came has no relative interval: its upper end is that of the index.
            some = np.where(index.value > 0, index.value, index.high)
            below, above = np.log(some / index.low), np.log(index.high / some)
        low, high = (np.exp(sign * np.hypot(error, part)) for sign, part in ((-1, below), (1, above)))
        return daily * index.value, daily * some * low, daily * some * high


def fit_arrivals(
    log: StepLog,
    parent: Scenario,
    added: Sequence[int] | I64 = (),
    outside: float = 0.0,
    half_life: float | None = None,
) -> ArrivalFit:
    """Fit level, months, weekdays, half-hours and the variation from day to day.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
        What the log does not have is taken from it; the half-hours of its profile are those of the day.
    added : (half-hours,) int64
        Those of them that are there for this log only.
    outside : float
        Share of those who call or come to the hall that do so in these.
    half_life : float or None
        Weeks after which half of the days count; None: all count alike.

    Raises
    ------
    StudyError
        If nobody gets in touch in them on a day that was worked.
    """
    contacts = first_contacts(log, profile_slots(parent))
    opened = open_days(log, contacts)
    if half_life is not None:
        opened = counted_by_age(opened, half_life)
        contacts = contacts.on(opened)
    if not opened.contacts[opened.told].any():
        raise StudyError(Message("the log has no first contact in office hours on a day that was worked"))
    submissions = not log.has("online") and log.has("review", "automatic")
    half_hours, method = _half_hours(contacts, opened, submissions, np.asarray(added, np.int64), outside)
    seasons, names = fit_seasons(opened, parent.demand), half_hour_names(parent)
    return ArrivalFit(contacts, opened, seasons, half_hours, names, method, submissions)


def _half_hours(
    contacts: FirstContacts, opened: OpenDays, submissions: bool, added: I64, outside: float
) -> tuple[HalfHours, str]:  # fmt: skip
    """Return the profile of the day, and from which contacts it is taken.

    Notes
    -----
    Given the number of a day the half-hours are multinomial, whatever the day's factor, and so is their sum.
    """
    inside = opened.worked_on(contacts.day)
    in_hours = contacts.in_hours
    known = inside & np.isin(contacts.step, [STEPS.index(step) for step in MOMENT_KNOWN])
    new = (known & np.isin(contacts.slot, added)).sum()
    if hall := bool(new < HARDLY * outside * (known & in_hours).sum()):
        known |= inside & np.isin(contacts.step, [STEPS.index(step) for step in IN_THE_HALL])
    method = "submissions and first visits" if submissions else "first rows"
    chosen = inside
    enough = (PARTLY if submissions else MOSTLY) * (inside & in_hours).sum()
    if (known & in_hours).sum() >= enough:
        chosen, method = known, "calls and key enterprises" if submissions else "calls and forms opened"
        method += ", visits" if hall else ""
    return half_hours_of(np.bincount(contacts.slot[chosen], minlength=SLOTS), contacts.slots), method


def notes_of(fit: ArrivalFit) -> Iterator[Note]:
    """Yield what there is to say of days and arrivals, in the order in which it is said."""
    opened, seasons, hours = fit.opened, fit.seasons, fit.half_hours
    covered = {"days": len(opened.dates), "contacts": len(fit.contacts) + fit.contacts.left_out}
    yield Note("covers", {"first": str(opened.first), "last": str(opened.all[-1]), **covered})
    if opened.counted is not None:
        told = {"told": int(opened.told.sum()), "days": len(opened.dates)}
        yield Note("recency", {"weeks": f"{opened.half_life:g}", **told})
    for what, cases in (
        ("untimed", fit.contacts.untimed), ("begun before", fit.contacts.begun_before), ("outside", opened.outside),
    ):  # fmt: skip
        if cases:
            yield Note(what, {"cases": int(cases)})
    for what, days in (("worked here only", opened.add), ("not worked here", opened.remove)):
        if days:
            yield Note(what, {"days": list(map(str, days[:MOST_LISTED])), "more": len(days[MOST_LISTED:])})
    if opened.unknown_years:
        yield Note("unknown years", {"years": list(map(str, opened.unknown_years))})
    if not seasons.estimated:
        yield Note("no seasons", {})
    elif seasons.months_seen.sum() == 1:
        yield Note("one month", {})
    elif not seasons.months_seen.all():
        yield Note("months missing", {"months": (np.flatnonzero(~seasons.months_seen) + 1).tolist()})
    if not seasons.weekdays_seen.all():
        yield Note("weekdays missing", {"weekdays": [DAYS[day] for day in np.flatnonzero(~seasons.weekdays_seen)]})
    for what, found in (("make-up days", seasons.make_up), ("growth", seasons.growth)):
        if not math.isnan(found[0]):
            value, low, high = map(float, found)
            years = {"year": str(seasons.year), "before": str(seasons.year - 1)}
            yield Note(what, {"value": value, "low": low, "high": high, **years})
    yield Note("hours", {"begin": show_time(hours.opens), "end": show_time(hours.closes)})
    if fit.submissions:
        yield Note("submissions", {})
    for odd in seasons.odd_days[:MOST_LISTED]:
        seen = {"seen": int(odd.seen), "expected": round(float(odd.expected)), "residual": float(odd.residual)}
        yield Note("odd day", {"day": str(odd.day), **seen})
    if more := len(seasons.odd_days[MOST_LISTED:]):
        yield Note("odd days more", {"days": more})
    if seasons.left_out:
        yield Note("odd days matter", {"without": float(seasons.day_cv[0]), "counted": float(seasons.cv_of_all)})
