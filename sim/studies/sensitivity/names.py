"""What assumptions are called and how their values are written, as charts and tables have room for."""

from __future__ import annotations

import math

from sim.present.names import named
from sim.present.numbers import PERCENT, without_sign
from sim.present.sources import unit_in_words
from sim.studies.sensitivity.records import Assumption, Other
from sim.text import N_, _, _c, language

NAMES = {
    "demand.registrations_per_year": N_("yearly registrations"),
    "demand.other_business_per_registration": N_("other business per registration"),
    "demand.enterprise_share": N_("enterprises among registrations"),
    "demand.key_share": N_("key enterprises among enterprises"),
    "demand.inquiry_only_share": N_("those who only inquire"),
    "demand.out_of_hours_share": N_("online filings out of hours"),
    "demand.month_index": N_("months levelled"),
    "demand.weekday_index": N_("weekdays levelled"),
    "demand.half_hour_index": N_("half-hours levelled"),
    "demand.day_to_day_cv": N_("day-to-day variation"),
    "phone.calls_per_application": N_("questions per application"),
    "phone.online_qa_share": N_("answered by online Q&A"),
    "phone.profiles[].talk_seconds": N_("talk time"),
    "phone.profiles[].talk_cv": N_("talk time, variation"),
    "phone.profiles[].patience_seconds": N_("patience on the phone"),
    "phone.profiles[].walk_in_share": N_("walk in after giving up"),
    "phone.redial_share": N_("call again after hanging up"),
    "phone.redial_after_minutes": N_("time until the next call"),
    "phone.waiting_places": N_("lines to wait on"),
    "filing.assisted_share": N_("assisted filings"),
    "filing.studio_share": N_("Set-Sail Studio among assisted"),
    "filing.assisted_minutes.mean_minutes": N_("assisted filing time"),
    "filing.assisted_minutes.cv": N_("assisted filing time, variation"),
    "filing.studio_minutes.mean_minutes": N_("studio filing time"),
    "filing.studio_minutes.cv": N_("studio filing time, variation"),
    "filing.key_minutes.mean_minutes": N_("specialist's filing time"),
    "filing.key_minutes.cv": N_("specialist's filing time, variation"),
    "filing.own_minutes.mean_minutes": N_("own filing time online"),
    "filing.own_minutes.cv": N_("own filing time, variation"),
    "filing.hall_patience.mean_minutes": N_("patience in the hall"),
    "filing.hall_patience.shape": N_("patience in the hall, shape"),
    "filing.travel_minutes.mean_minutes": N_("way to the hall"),
    "filing.travel_minutes.cv": N_("way to the hall, variation"),
    "filing.studio_correction_minutes.mean_minutes": N_("correction in the studio"),
    "filing.studio_correction_minutes.cv": N_("correction in the studio, variation"),
    "review.minutes.mean_minutes": N_("review time"),
    "review.minutes.cv": N_("review time, variation"),
    "review.auto_approved_share": N_("approved automatically"),
    "review.auto_minutes": N_("automatic approval time"),
    "review.return_rate": N_("return rate"),
    "review.return_factors.enterprise": N_("returns, factor: enterprises"),
    "review.return_factors.individual": N_("returns, factor: individuals"),
    "review.return_factors.key": N_("returns, factor: key enterprises"),
    "review.return_factors.other": N_("returns, factor: other business"),
    "review.return_factors.unadvised": N_("returns, factor: unadvised"),
    "review.return_factors.assisted": N_("returns, factor: assisted"),
    "review.return_factors.studio": N_("returns, factor: studio"),
    "review.correction.median_hours": N_("time to correct, median"),
    "review.correction.cv": N_("time to correct, variation"),
    "issue.minutes.mean_minutes": N_("time at the counter"),
    "issue.minutes.cv": N_("time at the counter, variation"),
    "issue.electronic_share": N_("electronic licences"),
    "issue.fetch_after_hours.mean_hours": N_("time until it is fetched"),
    "issue.fetch_after_hours.cv": N_("time until it is fetched, variation"),
}
OTHERWISE = {
    "reviewers begin with the hall": N_("reviewers begin with the hall, not before it"),
    "clerks do not help": N_("counter clerks do not help with the review"),
    "no midday post": N_("no midday duty post"),
    "from 08:00": N_("waiting counts from 08:00"),
    "without midday": N_("waiting in the midday break does not count"),
    "round the clock": N_("waiting counts round the clock on working days"),
    "clock licence": N_("licence time: service, and waiting in the hours that count"),
    "clock touch": N_("only the work counts, no waiting"),
    "clock door_to_door": N_("everything counts from first submission to licence in hand"),
}
"""What is otherwise and no number."""
OWN = {"clerks do not help": N_("they do when {own} wait"), "no midday post": N_("manned")}
HERE = {"clerks do not help": N_("never"), "no midday post": N_("nobody")}
"""How it is in the scenario, and how it is then, where that is not said by times or a clock."""
UNITS = ("min", "h", "s")
"""Those that are written behind a value."""
STEPS, DIGITS, MOST_DIGITS = 50, 3, 6
"""Steps of a range that are told apart, and the digits that a value has for it."""


def name_of(parameter: str) -> str:
    """Return the short name of an assumption; its path if it has none."""
    section, pool, *rest = (*parameter.split("."), "")
    if section == "staff" and rest[:1] == ["absence"]:
        return _("absence: {pool}", pool=named("pool", pool))
    return _(NAMES[parameter]) if parameter in NAMES else parameter


def meaning_of(of: Assumption) -> str:
    """Return what a parameter means in full; of the staff's, whose it is."""
    section, pool = (*of.parameter.split("."), "")[:2]
    return of.meaning if section != "staff" else f"{named('pool', pool)}{_(': ')}{of.meaning}"


def value_of(of: Assumption, value: float, unit: bool = True) -> str:
    """Return a value of an assumption as it is read: 15 %, 3.4 min, 40,200."""
    if math.isinf(value):
        return _("any number")
    step = (of.high - of.low) / STEPS
    # So many digits as tell it from one that is a step further up its range.
    digits = min(max(DIGITS, math.ceil(math.log10(abs(value) / step)) + 1 if value else 0), MOST_DIGITS)
    if of.unit == "share":
        text = f"{100 * value:.{digits}g}{PERCENT[language()]}"
        return text if unit else without_sign(text)
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}g}"
    if not unit or of.unit not in UNITS:
        return text
    return _c("value with unit", "{value} {unit}", value=text, unit=unit_in_words(of.unit))


def range_of(of: Assumption) -> str:
    """Return the range of an assumption: 2 – 6 min."""
    return _("{low} – {high}", low=value_of(of, of.low, unit=False), high=value_of(of, of.high))


def other_of(other: Other) -> tuple[str, str, str]:
    """Return what is no number and otherwise, how it is in the scenario, and how it is here."""
    own, here = (
        _(words[other.name], own=other.own) if other.name in words else named("clock", text)
        for words, text in ((OWN, other.own), (HERE, other.here))
    )
    return _(OTHERWISE[other.name]), own, here
