"""How numbers are written, wherever they are shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from sim.text import Language, _, language

TWO_HOURS = 120
"""Minutes, above which a time is told in hours, too."""
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
NOTHING = "–"
MINUS = "−"
BETWEEN = " · "
"""Between the parts of a line."""
MOST_IN_CELL = 9_999
PERCENT: dict[Language, str] = {"en": " %", "zh": "%"}
"""What is written behind a share: Chinese sets no space before the sign."""


def minutes(value: float) -> str:
    """Return minutes with as many digits as make sense: 4.98, 40.1, 142."""
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞"
    size = abs(value)
    # No minus before what is written as nothing.
    value = value if size >= 0.005 else 0.0
    # What is rounded up to the next size is written as that is.
    return f"{value:,.2f}" if size < 19.995 else f"{value:,.1f}" if size < 99.95 else f"{value:,.0f}"


def in_hours(value: float) -> str:
    """Return minutes that are more than two hours in hours: 11.0, 42; others as nothing."""
    if not TWO_HOURS < value < math.inf:
        return ""
    return f"{value / 60:,.1f}" if value < 100 * 60 else f"{value / 60:,.0f}"


def share(value: float) -> str:
    """Return a share in per cent; never 100 % or 0 % for what is only nearly so."""
    if math.isnan(value):
        return NOTHING
    text = f"{value:.1%}"
    if text == "100.0%" and value < 1:
        text = ">99.9%"
    if text == "0.0%" and value > 0:
        text = "<0.1%"
    return {"100.0%": "100%", "0.0%": "0%"}.get(text, text).replace("%", PERCENT[language()])


def without_sign(text: str) -> str:
    """Return a share as it is written, without its per-cent sign."""
    return text.removesuffix("%").rstrip()


def writer(about_mean: bool) -> Callable[[float], str]:
    """Return what writes values of a target's figure: a mean in minutes, or a share."""
    return minutes if about_mean else share


def number(value: float, digits: int = 0) -> str:
    """Return a number with thousands marked."""
    return NOTHING if math.isnan(value) else "∞" if math.isinf(value) else f"{value:,.{digits}f}"


def waiting(value: float) -> str:
    """Return a mean number of waiting cases: 3.5, 590."""
    return number(value, 1 if value < 100 else 0)


def plain(value: float) -> str:
    """Return a promised number as it was given: 5, 7.5."""
    return f"{value:,g}"


def percent(value: float) -> str:
    """Return a share that was given, in per cent without the sign: 95, 97.5."""
    return plain(round(value * 100, 6))


def given_share(value: float) -> str:
    """Return a share that was given, in per cent: 95 %, 97.5 %."""
    return percent(value) + PERCENT[language()]


def plain_levels(values: Sequence[float]) -> list[str]:
    """Return levels of what is varied, alike in their decimals: 40,200; 2023; 0.10, 0.15.

    Levels around zero are additions to something, and have their sign: −1, 0, +1.
    """
    decimals = max(len(f"{value:.6g}".partition(".")[2]) if "e" not in f"{value:.6g}" else 0 for value in values)
    signed = min(values) < 0
    # Four digits may be a year, so they are not marked.
    return [
        (MINUS if value < 0 else "+" if signed and value > 0 else "")
        + f"{abs(value):{',' if abs(value) >= 10_000 else ''}.{decimals}f}"
        for value in values
    ]


def in_cell(value: float, about_mean: bool) -> str:
    """Return minutes, or a share in per cent, as short as a cell of a chart needs it: 4.99, >9,999, ∞."""
    if not about_mean:
        return without_sign(share(value))
    if MOST_IN_CELL < value < math.inf:
        return ">9,999"
    return number(value, 1) if 10 <= value < 100 else minutes(value)


def signed(value: float, about_mean: bool) -> str:
    """Return a difference of minutes, or of shares in percentage points: +0.42, −12.30, +∞."""
    return signed_alike([value], about_mean)[0]


def signed_alike(values: Sequence[float], about_mean: bool) -> list[str]:
    """Return differences with as many decimals as the largest of them needs: +19.6, +18.4, +20.8."""
    sizes = [abs(value) * (1 if about_mean else 100) for value in values]
    largest = max((size for size in sizes if math.isfinite(size)), default=0.0)
    digits = 2 if largest < 20 else 1 if largest < 100 else 0
    return [_with_sign(value, number(size, digits)) for value, size in zip(values, sizes, strict=True)]


def signed_percent(value: float) -> str:
    """Return a change in whole per cent: +5 %, −10 %."""
    return _with_sign(value, f"{abs(100 * value):.0f}{PERCENT[language()]}")


def signed_number(value: float) -> str:
    """Return a difference of money, hours or people: +210,000, −35,000, 0."""
    return _with_sign(value, number(abs(value)))


def _with_sign(value: float, size: str) -> str:
    """Return the sign of a value before its size as it is written; what is written as zero has none."""
    if math.isnan(value) or not size.strip("0.,"):
        return size
    return (MINUS if value < 0 else "+") + size


def span(values: Iterable[int]) -> str:
    """Return the smallest and the largest of some whole numbers, or the one that all are: 20–120, 20."""
    seen = sorted(set(values))
    return number(seen[0]) if len(seen) == 1 else f"{number(seen[0])}–{number(seen[-1])}"


def with_ends(estimate: str, low: str, high: str) -> str:
    """Return a figure with the ends of its interval: 4.32 (4.31 to 4.33)."""
    return _("{estimate} ({low} to {high})", estimate=estimate, low=low, high=high)


def month_name(day: date) -> str:
    """Return a month as it is read: March 2024, 2024年3月."""
    return f"{MONTHS[day.month - 1]} {day.year}" if language() == "en" else f"{day.year}年{day.month}月"
