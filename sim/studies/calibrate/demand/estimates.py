"""The estimates of the demand: the number of a year, the indices, and what varies besides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sim.office.demand import WAKING_SLOTS, day_line
from sim.office.hours import CLOSED_DAY, MAKE_UP_DAY
from sim.office.parameters import Scenario
from sim.office.workdays import WEEKEND
from sim.studies.calibrate.demand.arrivals import ArrivalFit
from sim.studies.calibrate.demand.seasons import (
    FEWEST_CONTACTS,
    MONTHS,
    WEEKDAYS,
    WIDEST,
    mean_one,
)
from sim.studies.calibrate.demand.smoothing import Index
from sim.studies.calibrate.demand.working_days import FirstContacts
from sim.studies.calibrate.log.rows import links_nothing
from sim.studies.calibrate.log.steps import F64, KINDS, UNKNOWN, Flags, StepLog
from sim.studies.calibrate.presence.openings import nation_works
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.ways.cases import LINKED, NEW

REVIEWS, FORMS = ("review", "automatic"), ("online",)
"""Steps at which a submission shows; the forms only in a log without reviews."""


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
