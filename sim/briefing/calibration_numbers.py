"""How the figures of a calibration are named and written: parameters in words, values with their units and ends."""

from __future__ import annotations

import math
import re
from datetime import date
from pathlib import PurePath

from sim.briefing.calibration_records import SHARE, Compared, Estimate
from sim.briefing.numbers import NOTHING, PERCENT, number, share, without_sign
from sim.briefing.words import WORDS, Language, named, word

LONGEST_FILE, LONGEST_EXAMPLE = 48, 80
"""Characters that are shown of what comes from outside."""
MONTH_NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
               "November", "December")  # fmt: skip
KINDS = ("enterprise", "individual", "key", "other", "all")


def clean(text: str, longest: int = LONGEST_EXAMPLE) -> str:
    """Return a text from outside in one line of characters that can be printed, cut if it is long."""
    line = " ".join(text.split())
    line = "".join(letter if letter.isprintable() else "�" for letter in line)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def files_of(files: list[str], language: Language) -> str:
    """Return the names of a log's files: the first and how many more."""
    first = clean(PurePath(files[0].replace("\\", "/")).name or files[0], LONGEST_FILE) if files else NOTHING
    if len(files) < 2:
        return first
    return word("calibration file and more", language, file=first, more=len(files) - 1, all=len(files))


def day(of: date, language: Language) -> str:
    """Return a date as it is read aloud."""
    month = MONTH_NAMES[of.month - 1] if language == "en" else of.month
    return word("date spoken", language, year=of.year, month=month, day=of.day)


def month_name(label: str, language: Language) -> str:
    """Return the name of a month, "1" to "12"."""
    return MONTH_NAMES[int(label) - 1] if language == "en" else word("month label", language, number=label)


def parameter_name(name: str, language: Language) -> str:
    """Return what a parameter is in a few words; its dotted name if there are none."""
    for key in (f"parameter {name}", f"assumption {name.replace('profiles[0]', 'profiles[]')}"):
        if key in WORDS:
            return word(key, language)
    found = re.fullmatch(r"(review\.return_rate|abandonment)[.\[](\w+)\]?", name)
    if found:
        return word(f"parameter {found[1]} of", language, whose=_whose(found[1], found[2], language))
    return clean(name)


def _whose(about: str, name: str, language: Language) -> str:
    if about == "abandonment":
        return named("stage", name, language)
    return named("class" if name in KINDS else "whose", name, language)


def written(unit: str, language: Language, *values: float) -> list[str]:
    """Return a value and the ends of its interval, alike in their decimals and with as many as the interval is sharp.

    Parameters
    ----------
    unit : str
        Of an estimate: shares are in per cent.
    language : str
    values : float
        The value alone, or with both ends.
    """
    scale, sign = (100.0, PERCENT[language]) if unit == SHARE else (1.0, "")
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


def naive_words(estimate: Estimate, language: Language) -> str:
    """Return the naive value of an estimate, with as many decimals as the estimate; a dash if there is none."""
    if math.isnan(estimate.naive):
        return NOTHING
    value, *_ = written(estimate.unit, language, estimate.value, estimate.low, estimate.high)
    if estimate.unit == SHARE:
        return like(without_sign(value), 100 * estimate.naive) + PERCENT[language]
    return like(value, estimate.naive)


def given(unit: str, value: float, language: Language) -> str:
    """Return a value that was given: as it was, a share in per cent."""
    if math.isnan(value):
        return NOTHING
    shown = round(value * 100, 6) if unit == SHARE else value
    return f"{shown:,.10g}" + (PERCENT[language] if unit == SHARE else "")


def with_unit(unit: str, text: str, language: Language) -> str:
    """Return a number with its unit; of a share or a pure number the number as it is."""
    key = f"unit {unit}"
    return word(key, language, value=text) if key in WORDS else text


def estimate_words(estimate: Estimate, language: Language) -> tuple[str, str]:
    """Return the value of an estimate with its unit, and its interval without."""
    value, low, high = written(estimate.unit, language, estimate.value, estimate.low, estimate.high)
    interval = f"{without_sign(low)}–{high}" if estimate.low <= estimate.high else NOTHING
    return with_unit(estimate.unit, value, language), interval


def compared_words(row: Compared, language: Language) -> tuple[str, str, str, str]:
    """Return the observed value, the simulated one, and the ends of its interval."""
    values = (row.observed, row.simulated, row.low, row.high)
    if row.about_share:
        observed, simulated, low, high = ("∞" if math.isinf(value) else share(value, language) for value in values)
    else:
        # All four with as many decimals as the largest needs.
        largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
        digits = 0 if largest >= 100 else 1 if largest >= 20 or row.measure == "a day" else 2
        observed, simulated, low, high = (number(value, digits) for value in values)
    return observed, simulated, low, high


def range_words(row: Compared, language: Language) -> str:
    """Return the simulated interval; a dash if there is none, or if the model does not finish."""
    _, _, low, high = compared_words(row, language)
    if not row.low <= row.high or math.isinf(row.low):
        return NOTHING
    return f"{without_sign(low)}–{high}" if row.about_share else f"{low}–{high}"
