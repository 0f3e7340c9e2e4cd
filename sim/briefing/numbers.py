"""How numbers are written, wherever they are shown."""

from __future__ import annotations

import math

NOTHING = "–"


def minutes(value: float) -> str:
    """Return minutes with as many digits as make sense: 4.98, 40.1, 142."""
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞"
    size = abs(value)
    return f"{value:,.2f}" if size < 20 else f"{value:,.1f}" if size < 100 else f"{value:,.0f}"


def share(value: float) -> str:
    """Return a share in per cent; never 100 % or 0 % for what is only nearly so."""
    if math.isnan(value):
        return NOTHING
    text = f"{value:.1%}"
    if text == "100.0%" and value < 1:
        text = ">99.9%"
    if text == "0.0%" and value > 0:
        text = "<0.1%"
    return {"100.0%": "100%", "0.0%": "0%"}.get(text, text).replace("%", " %")


def number(value: float, digits: int = 0) -> str:
    """Return a number with thousands marked."""
    return NOTHING if math.isnan(value) else "∞" if math.isinf(value) else f"{value:,.{digits}f}"


def waiting(value: float) -> str:
    """Return a mean number of waiting cases: 3.5, 590."""
    return number(value, 1 if value < 100 else 0)


def plain(value: float) -> str:
    """Return a promised number as it was given: 5, 7.5."""
    return f"{value:,g}"
