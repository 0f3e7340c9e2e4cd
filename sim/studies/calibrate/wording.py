"""How the figures of a calibration are named and written: parameters in words, values with their units and ends."""

from __future__ import annotations

import math
import re
from datetime import date
from pathlib import PurePath

from sim.office.demand import FIRST_SLOT
from sim.office.hours import SLOT
from sim.office.parameters.fields import show_time
from sim.present.names import MONTHS, STAGES, WEEKDAYS, named
from sim.present.numbers import NOTHING, PERCENT, number, share, without_sign
from sim.present.parameters import parameter_name
from sim.studies.calibrate.records import DAYS, SHARE, WEEK, Compared, Estimate
from sim.text import N_, _, language

LONGEST_FILE, LONGEST_EXAMPLE = 48, 80
"""Characters that are shown of what comes from outside."""
PARTS = {
    "online": N_("filling in the form online"),
    "demand": N_("demand"),
    "hall": N_("the hall"),
}
"""Parts of an office that are no stages."""
HALL = N_("Hall: assisted filing, Set-Sail Studio, key-enterprise desk")
AT = {
    "online": N_("in the online form"),
    "automatic": N_("in automatic approval"),
    "phone": N_("at the phone"),
    "filing": N_("at assisted filing"),
    "studio": N_("in the Set-Sail Studio"),
    "key": N_("at the key-enterprise desk"),
    "review": N_("in the review"),
    "issue": N_("at the counter"),
}
OWN = {
    "demand.month_index": N_("by month"),
    "demand.weekday_index": N_("by weekday"),
    "demand.half_hour_index": N_("by half-hour"),
    "demand.hourly": N_("by half-hour"),
    "issue.fetch_after_hours.mean_hours": N_("time until the licence is fetched"),
    "dropped_out": N_("contacts that never submitted"),
}
"""Of what is fitted, where it is not as for all parameters."""
RETURNS, GAVE_UP = N_("sent back at the first review: {whose}"), N_("gave up: {whose}")
WHOSE = {
    "unadvised": N_("filed unadvised"),
    "assisted": N_("filed with an assistant"),
    "studio": N_("Set-Sail Studio"),
    "alone": N_("filed alone"),
}
OF_STAFF = {
    "plan": N_("{pool} at work"),
    "at_once": N_("{pool}: cases in hand at once"),
    "other_work.share": N_("{pool}: share of other work"),
    "other_work.until_waiting": N_("{pool}: other work is left when so many wait"),
}
OF_PACE = {
    "from_waiting": N_("another pace from so many that wait"),
    "factor": N_("service time then, as a multiple"),
}
UNITS = {"min": N_("{value} min"), "s": N_("{value} s"), "h": N_("{value} h")}
DAY_NAMES = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"))
FAMILY_NAMES = {
    "lognormal": N_("lognormal"), "gamma": N_("gamma"), "weibull": N_("Weibull"), "exponential": N_("exponential"),
    "sample": N_("as in the log"),
}  # fmt: skip


def clean(text: str, longest: int = LONGEST_EXAMPLE) -> str:
    """Return a text from outside in one line of characters that can be printed, cut if it is long."""
    line = " ".join(text.split())
    line = "".join(letter if letter.isprintable() else "�" for letter in line)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def files_of(files: tuple[str, ...]) -> str:
    """Return the names of a log's files: the first and how many more."""
    first = clean(PurePath(files[0].replace("\\", "/")).name or files[0], LONGEST_FILE) if files else NOTHING
    return first if len(files) < 2 else _("{file} and {more} more", file=first, more=len(files) - 1)


def day_spoken(day: date) -> str:
    """Return a date as it is read aloud."""
    month = _(MONTHS[day.month - 1]) if language() == "en" else day.month
    return _("{day} {month} {year}", year=day.year, month=month, day=day.day)


def day_name(day: str, short: bool = False) -> str:
    """Return the name of one of `DAYS`, short of one of `WEEK`."""
    return _((WEEKDAYS if short else DAY_NAMES)[WEEK.index(day)])


def step_name(step: str) -> str:
    """Return what a step, or demand or the hall as a whole, is called."""
    return named("stage", step) if step in STAGES else _(PARTS[step]) if step in PARTS else step


def figure_name(name: str) -> str:
    """Return what an estimate, or a profile of them, is of in a few words; its dotted name if there are none."""
    if name in OWN:
        return _(OWN[name])
    if found := re.fullmatch(r"(review\.return_rate|abandonment)[.\[](\w+)\]?", name):
        about, which = found.groups()
        if about == "abandonment":
            return _(GAVE_UP, whose=step_name(which))
        return _(RETURNS, whose=_(WHOSE[which]) if which in WHOSE else named("class", which))
    if found := re.fullmatch(r"staff\.(\w+)\.(plan|at_once|other_work\.share|other_work\.until_waiting)", name):
        return _(OF_STAFF[found[2]], pool=named("pool", found[1]))
    if re.fullmatch(r"priorities\[\d+\]\.share", name):
        return _("those who go first by lot")
    if found := re.fullmatch(r"pace\[\d+\]\.(from_waiting|factor)", name):
        return _(OF_PACE[found[1]])
    whole, bracket, place = name.removesuffix("]").partition("[")
    if bracket and whole in OWN:
        return _("{whole}: {part}", whole=figure_name(whole), part=_part(whole, place))
    path = name.replace("profiles[0]", "profiles[]")
    known = parameter_name(path)
    return clean(name) if known == path else known


def _part(profile: str, place: str) -> str:
    """Return which month, weekday or half-hour is at a place of a profile."""
    if not place.isdigit():
        return place.partition("-")[0]
    if "month" in profile:
        return _(MONTHS[int(place)])
    return day_name(DAYS[int(place)]) if "weekday" in profile else show_time((FIRST_SLOT + int(place)) * SLOT)


def written(unit: str, *values: float) -> list[str]:
    """Return a value and the ends of its interval, alike in their decimals and with as many as the interval is sharp.

    Parameters
    ----------
    unit : str
        Of an estimate: shares are in per cent.
    values : float
        The value alone, or with both ends.
    """
    scale, sign = (100.0, PERCENT[language()]) if unit == SHARE else (1.0, "")
    finite = [value * scale for value in values if math.isfinite(value)]
    half = (max(finite) - min(finite)) / 2 if len(finite) > 1 else 0.0
    largest = max(map(abs, finite), default=0.0)
    size = math.floor(math.log10(largest)) if largest > 0 else 0
    digits = -math.floor(math.log10(half)) if half > 0 else 2 - size
    # Neither more than four figures of a value, nor three decimals, say anything to a reader.
    digits = max(min(digits, 3 - size, 3), 0)
    return [number(value * scale, digits) + (sign if math.isfinite(value) else "") for value in values]


def like(text: str, value: float) -> str:
    """Return a number with as many decimals as one that is written."""
    return number(value, len(text.partition(".")[2]))


def naive_in_words(estimate: Estimate) -> str:
    """Return the naive value of an estimate, with as many decimals as the estimate; a dash if there is none."""
    if math.isnan(estimate.naive):
        return NOTHING
    value, *__ = written(estimate.unit, estimate.value, estimate.low, estimate.high)
    if estimate.unit == SHARE:
        return like(without_sign(value), 100 * estimate.naive) + PERCENT[language()]
    return like(value, estimate.naive)


def given(unit: str, value: float) -> str:
    """Return a value that was given: as it was, a share in per cent."""
    if math.isnan(value):
        return NOTHING
    shown = round(value * 100, 6) if unit == SHARE else value
    return f"{shown:,.10g}" + (PERCENT[language()] if unit == SHARE else "")


def with_unit(unit: str, text: str) -> str:
    """Return a number with its unit; of a share or a pure number the number as it is."""
    return _(UNITS[unit], value=text) if unit in UNITS else text


def estimate_in_words(estimate: Estimate) -> tuple[str, str]:
    """Return the value of an estimate with its unit, and its interval without."""
    value, low, high = written(estimate.unit, estimate.value, estimate.low, estimate.high)
    interval = f"{without_sign(low)}–{high}" if estimate.low <= estimate.high else NOTHING
    return with_unit(estimate.unit, value), interval


def compared_in_words(row: Compared) -> tuple[str, str, str, str]:
    """Return the observed value, the simulated one, and the ends of its interval."""
    values = (row.observed, row.simulated, row.low, row.high)
    if row.about_share:
        observed, simulated, low, high = ("∞" if math.isinf(value) else share(value) for value in values)
    else:
        # All four with as many decimals as the largest needs.
        largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
        digits = 0 if largest >= 100 else 1 if largest >= 20 or row.measure == "a day" else 2
        observed, simulated, low, high = (number(value, digits) for value in values)
    return observed, simulated, low, high


def range_in_words(row: Compared) -> str:
    """Return the simulated interval; a dash if there is none, or if the model does not finish."""
    __, __, low, high = compared_in_words(row)
    if not row.low <= row.high or math.isinf(row.low):
        return NOTHING
    return f"{without_sign(low)}–{high}" if row.about_share else f"{low}–{high}"
