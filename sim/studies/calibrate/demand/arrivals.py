"""When an office's applicants come, from its log: level, months, weekdays, half-hours, and what varies besides.

The model is the one that is simulated: the expected number on a working day is level x month index x weekday index,
spread over the half-hours of the office's day by their index, and multiplied by a random factor of the day. A make-up
day is a day of its own kind here; the simulation gives it the mean of the weekdays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sim.office.demand import WAKING_SLOTS, day_line, profile_slots
from sim.office.hours import CLOSED_DAY, MAKE_UP_DAY, SLOTS
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_time
from sim.office.workdays import WEEKEND
from sim.studies.base import StudyError
from sim.studies.calibrate.demand.recency import counted_by_age
from sim.studies.calibrate.demand.seasons import (
    FEWEST_CONTACTS,
    MONTHS,
    WEEKDAYS,
    WIDEST,
    Seasons,
    fit_seasons,
    mean_one,
)
from sim.studies.calibrate.demand.smoothing import HalfHours, Index, half_hours_of
from sim.studies.calibrate.demand.working_days import FirstContacts, OpenDays, first_contacts, open_days
from sim.studies.calibrate.log.report import Note
from sim.studies.calibrate.log.rows import links_nothing
from sim.studies.calibrate.log.steps import F64, I64, KINDS, STEPS, UNKNOWN, Flags, StepLog
from sim.studies.calibrate.presence.hours_seen import half_hour_names
from sim.studies.calibrate.presence.openings import nation_works
from sim.studies.calibrate.records import DAYS, Estimate
from sim.studies.calibrate.ways.cases import LINKED, NEW
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
REVIEWS, FORMS = ("review", "automatic"), ("online",)
"""Steps at which a submission shows; the forms only in a log without reviews."""


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


def demand_estimates(log: StepLog, parent: Scenario, fit: ArrivalFit) -> list[Estimate]:
    """Return the estimates of the demand's number, indices and variation.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
        Its growth is taken off the number, so that the number with the growth is what the log has; of a log without
        kinds, so is its other business.
    fit : ArrivalFit
        Of the log.

    Notes
    -----
    The indices have mean 1, as `Seasons` says. What the log does not have is there with the parent's value and no
    interval.
    """
    seasons, opened = fit.seasons, fit.opened
    day = fit.contacts.day[fit.in_hours()] - opened.offset
    of_months = np.bincount(opened.months[day] - 1, minlength=MONTHS)
    of_weekdays = np.bincount(opened.kinds[day], minlength=MAKE_UP_DAY + 1)
    regression = "quasi-Poisson regression of the days"
    half_hours = fit.half_hours.index
    slots = fit.contacts.slots
    if fit.half_hours.counts.sum() < FEWEST_CONTACTS * len(slots):
        unknown = np.full(len(slots), math.nan)
        half_hours = Index(mean_one(day_line(parent)[slots]), unknown, unknown)
    shares = f"{'smoothed ' if fit.half_hours.thin else ''}shares of {fit.half_hour_method}"
    number = _registrations(log, parent, fit)
    found = [] if number is None else [number]
    for names, index, counts, method in (
        ([f"demand.month_index[{month}]" for month in range(MONTHS)], seasons.month, of_months, regression),
        ([f"demand.weekday_index[{day}]" for day in range(WEEKDAYS)], seasons.weekday, of_weekdays, regression),
        (fit.half_hour_names, half_hours, fit.half_hours.counts, shares),
    ):
        for place, (value, low, high) in enumerate(zip(index.value, index.low, index.high, strict=True)):
            how = method if math.isfinite(low) else "not from the log: the parent's"
            found.append(Estimate(names[place], float(value), float(low), float(high), int(counts[place]), how))
    daily = opened.contacts[opened.told]
    naive = float(daily.std(ddof=1) / daily.mean()) if len(daily) > 1 else math.nan
    method = "lognormal day factor on Poisson counts"
    found.append(Estimate("demand.day_to_day_cv", *seasons.day_cv, len(seasons.days), method, naive=naive))
    return found


def _registrations(log: StepLog, parent: Scenario, fit: ArrivalFit) -> Estimate | None:
    """Return the year's registrations, None if the log has none.

    Notes
    -----
    What the log has of the year, in and out of hours, each scaled by its profile from the days seen to the whole year.
    The factors of single days do not change a year's number, so they count only as far as the year is not in the log:
    with p the part that is, the logarithm of p has about the variance
    (1 - p)^2 cv^2 (sum w^2 / (sum w)^2 over the days seen + the same over the others), w a day's expected number.
    Besides there are the Poisson variance of what was counted, and the uncertainty of the indices, as far as they
    decide how much of the year was seen. Months that the log does not have are taken as known.
    """
    reviewed = log.has("review", "automatic")
    again = links_nothing(log.case, log.step) or (log.has("review") and not log.numbered)
    if not (reviewed or (log.has("online") and log.has("filing"))) or again:
        # It shows nothing of those who file alone, or of those who come to the hall; or each of them at every step, or
        # once more after each correction.
        return None
    counted, scale, how = _counted(log, parent, fit.contacts)
    profile = _YearProfile.of(fit)
    day = fit.contacts.day - fit.opened.offset + (fit.opened.first - date(fit.seasons.year, 1, 1)).days
    of_year = counted & (day >= 0) & (day < len(profile.seen))
    of_year &= profile.seen[np.clip(day, 0, len(profile.seen) - 1)]
    inside, odd = fit.in_hours(), fit.odd_on(fit.contacts.day)
    in_hours, usual = (int((of_year & inside & which).sum()) for which in (True, ~odd))
    others, usual_others = (int((of_year & ~inside & which).sum()) for which in (True, ~odd))
    if in_hours == 0 or math.isnan(scale):
        return None
    # What came on odd days has come, and says nothing of the days that the log does not have.
    more = (profile.in_hours - profile.in_hours_seen) / profile.in_hours_usual
    more_others = (profile.others - profile.others_seen) / max(profile.others_usual, 1e-9)
    total = in_hours + usual * more + others + usual_others * more_others
    cv = fit.seasons.day_cv[0]
    variance = (in_hours * (1 + more) ** 2 + others * (1 + more_others) ** 2) / total**2
    variance += profile.day_factors * (parent.demand.day_to_day_cv if math.isnan(cv) else cv) ** 2
    variance += fit.seasons.fit.log_error(profile.gradient) ** 2
    half = min(fit.seasons.fit.quantile * math.sqrt(variance), WIDEST)
    whole = profile.in_hours_seen > 0.999 * profile.in_hours
    value = total * scale / (1 + parent.demand.growth)
    naive = int(counted.sum()) * scale * 365 / len(fit.opened) / (1 + parent.demand.growth)
    return Estimate(
        "demand.registrations_per_year", value, value * math.exp(-half), value * math.exp(half), in_hours + others,
        f"{how}{'' if whole else ', scaled to the year by the profile'}", "per year", naive,
    )  # fmt: skip


def level_gradient(fit: ArrivalFit) -> F64:
    """Return the gradient of the logarithm of the year's number by the coefficients of the days' regression."""
    return _YearProfile.of(fit).gradient


def _counted(log: StepLog, parent: Scenario, contacts: FirstContacts) -> tuple[Flags, float, str]:
    """Return which first contacts become registrations, how many each stands for, and in words how this is known.

    Notes
    -----
    Every registration is submitted in the end. So where the calls or the tickets of the hall have numbers of their own,
    only the submissions count: to count both would count one applicant twice.
    """
    steps = REVIEWS if log.has(*REVIEWS) else FORMS
    submits = log.cases_with(log.at(*steps))[contacts.case]
    if (log.kind == UNKNOWN).all():
        other = parent.demand.other_business_per_registration
        return submits, 1 / (1 + other), f"count of applications by 1 + {other:g} other business each"
    new = np.isin(contacts.kind, [KINDS.index(kind) for kind in NEW])
    counts = np.ones(len(contacts), np.bool_)
    for step in np.unique(contacts.step):
        here = contacts.step == step
        if (new & here).any() and submits[new & here].mean() < LINKED:
            counts &= submits | ~here
    told = counts & (contacts.kind >= 0)
    return np.asarray(new & counts), float(counts.sum()) / told.sum() if told.any() else math.nan, "count"


@dataclass(frozen=True, eq=False)
class _YearProfile:
    """What part of the year's arrivals is on the days that the log has.

    Attributes
    ----------
    seen : (days of the year,) bool
    in_hours, in_hours_seen, in_hours_usual, others, others_seen, others_usual : float
        Weights of the year, of the days seen and of those of them that are not odd, in hours and out of hours.
    day_factors : float
        Variance of the logarithm of the part seen, by the square of the day factors' cv.
    gradient : (parameters,) float64
        Of the logarithm of ``in_hours / in_hours_seen``.
    """

    seen: Flags
    in_hours: float
    in_hours_seen: float
    in_hours_usual: float
    others: float
    others_seen: float
    others_usual: float
    day_factors: float
    gradient: F64

    @classmethod
    def of(cls, fit: ArrivalFit) -> _YearProfile:
        seasons, opened = fit.seasons, fit.opened
        begin = date(seasons.year, 1, 1)
        dates = [begin + timedelta(days=day) for day in range((date(seasons.year + 1, 1, 1) - begin).days)]
        place = np.arange(len(dates)) - (opened.first - begin).days
        covered = (place >= 0) & (place < len(opened))
        seen = covered & opened.counts_on(place + opened.offset)
        national = [_kind_of(day) if nation_works(day) else CLOSED_DAY for day in dates]
        kinds = np.where(covered, opened.kinds[np.clip(place, 0, len(opened) - 1)], national)
        works = kinds != CLOSED_DAY
        month = np.array([day.month for day in dates]) - 1
        _, months, weekdays = np.split(seasons.gradients, [1, 1 + MONTHS])
        weekday = seasons.weekday.value
        by_kind = np.append(weekday, np.full(MAKE_UP_DAY + 1 - WEEKDAYS, weekday.mean()))
        average = np.broadcast_to(weekday @ weekdays / weekday.sum(), (MAKE_UP_DAY + 1 - WEEKDAYS, weekdays.shape[1]))
        weight = np.where(works, seasons.month.value[month] * by_kind[kinds], 0.0)
        slope = weight[:, None] * (months[month] + np.vstack([weekdays, average])[kinds])
        waking = np.arange(*WAKING_SLOTS)
        others = len(np.setdiff1d(waking, fit.contacts.slots))
        out = seasons.month.value[month] * np.where(works, others, len(waking))
        usual = seen & ~fit.odd_on(place + opened.offset)
        whole, part = float(weight.sum()), float(weight[seen].sum())
        rest = weight[~seen]
        of_rest = float((rest**2).sum() / rest.sum() ** 2) if rest.sum() > 0 else 0.0
        return cls(
            seen, whole, part, float(weight[usual].sum()),
            float(out.sum()), float(out[seen].sum()), float(out[usual].sum()),
            (1 - part / whole) ** 2 * (float((weight[seen] ** 2).sum()) / part**2 + of_rest),
            slope.sum(axis=0) / whole - slope[seen].sum(axis=0) / part,
        )  # fmt: skip


def _kind_of(day: date) -> int:
    return MAKE_UP_DAY if day.weekday() >= WEEKEND else day.weekday()


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
