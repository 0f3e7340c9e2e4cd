"""What assumptions are called and how their values are written, as charts and tables have room for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.present.names import named
from sim.present.numbers import PERCENT, without_sign
from sim.present.parameters import parameter_name
from sim.present.sources import unit_in_words
from sim.present.table import Sentence
from sim.results.assumptions import Assumption
from sim.text import N_, _, _c, language

NAMES = {
    "demand.registrations_per_year": N_("yearly registrations"),
    "filing.assisted_share": N_("assisted filings"),
}
"""Assumptions that are called otherwise here than as parameters alone."""
UNITS = ("min", "h", "s")
"""Those that are written behind a value."""
STEPS, DIGITS, MOST_DIGITS = 50, 3, 6
"""Steps of a range that are told apart, and the digits that a value has for it."""


def name_of(parameter: str) -> str:
    """Return the short name of an assumption; its path if it has none."""
    return _(NAMES[parameter]) if parameter in NAMES else parameter_name(parameter)


def measure_first(parameters: Sequence[str], sources: Sequence[str]) -> Sentence | None:
    """Return that some assumptions are what to measure first, with what says so; None if there are none."""
    if not parameters:
        return None
    text = _("Measure first what can turn the verdict: {names}.", names=_("; ").join(map(name_of, parameters)))
    return Sentence((text,), tuple(sources))


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
