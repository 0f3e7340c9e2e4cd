"""What a calibration has noted of days and arrivals, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.briefing.numbers import number
from sim.briefing.words import Language, word

SIGNED, SHORT, EXACT = "{:+.1f}", "{:.2f}", "{:.3f}"
WRITTEN = {"growth": SIGNED, "odd day": SIGNED, "odd days matter": EXACT}
"""How the fractions of a note are written, where two decimals are not right."""
NAMED = {"months": "month", "weekdays": "weekday"}


def arrival_notes(notes: list[Mapping[str, Any]], language: Language) -> list[str]:
    """Return a sentence for each note of a calibration's manifest."""
    return [_sentence(str(note["what"]), note["values"], language) for note in notes]


def _sentence(what: str, values: Mapping[str, Any], language: Language) -> str:
    if what == "growth":
        values = dict(values) | {end: 100 * (values[end] - 1) for end in ("value", "low", "high")}
    said = {name: _written(what, name, value, language) for name, value in values.items()}
    if values.get("more") and "days" in said:
        said["days"] = word("arrivals and more", language, days=said["days"], more=said["more"])
    return word(f"arrivals {what}", language, **said)


def _written(what: str, name: str, value: Any, language: Language) -> str:
    if isinstance(value, list):
        names = [word(f"{NAMED[name]} {each}", language) if name in NAMED else str(each) for each in value]
        return word("list mark", language).join(names)
    if isinstance(value, float):
        return WRITTEN.get(what, SHORT).format(value)
    return number(value) if isinstance(value, int) else str(value)
