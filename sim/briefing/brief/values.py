"""The values of saved tables in words: stages, shifts, groups and units as a reader knows them, instead of codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.briefing import calibration_numbers, explanation_sentences, sensitivity_sentences
from sim.briefing.saved_staff import EVERYBODY, OWN, PLAN, TARGET, SavedStaff
from sim.briefing.words import WORDS, Language, named, word

PLANS = {PLAN: "staffing plan itself", OWN: "staffing marked own", EVERYBODY: "staffing everybody"}
PREFIXES = {
    "stage": "stage", "pool": "pool", "requirement": "stage", "where": "where", "step": "stage", "unit": "value unit",
    "kind": "value kind", "subject": "value subject", "statistic": "value statistic", "source": "value source",
    "by": "value by",
}  # fmt: skip
"""By column: how the keys of its values' labels begin."""


def in_words(column: str, row: Mapping[str, Any], saved: Any, language: Language) -> Any:
    """Return what stands in a column of a row of saved results, in words if it is a code.

    Parameters
    ----------
    column : str
    row : mapping of column to value
    saved : SavedExperiment
        The results, which know the titles of their shifts.
    language : str
    """
    value = row[column]
    if isinstance(value, bool):
        return word("value yes" if value else "value no", language)
    if isinstance(saved, SavedStaff) and (said := _of_staff(column, value, saved, language)) is not None:
        return said
    if not isinstance(value, str) or not value:
        return value
    if column == "group":
        # The column before says what it is a group of.
        return named(row["by"], value, language) if row.get("by") else _labelled("group", value, language)
    if column == "part":
        return explanation_sentences.part_name(value, language)
    if column == "subject" and f"clock {value}" in WORDS:
        return named("clock", value, language)
    if column == "finding" or column.endswith("_between"):
        return word(value, language) if value in WORDS else value
    return _labelled(PREFIXES[column], value, language) if column in PREFIXES else value


def _of_staff(column: str, value: Any, saved: SavedStaff, language: Language) -> str | None:
    if column == "plan":
        return word(PLANS[value], language) if value in PLANS else None
    if column in ("shift", "to_shift") and value:
        return saved.shift(value, language)
    return word("brief target line", language) if column == "requirement" and value == TARGET else None


def worded(column: str, value: str, language: Language) -> str:
    """Return a unit or a source in words, if it is one that parameters have."""
    return _labelled(PREFIXES[column], value, language)


def _labelled(prefix: str, value: str, language: Language) -> str:
    key = f"{prefix} {value}"
    return word(key, language) if key in WORDS else value


def name_of_parameter(kind: str, path: str, language: Language) -> str:
    """Return the name of a parameter, as tables and charts of those results have it."""
    name_of = calibration_numbers.parameter_name if kind == "calibration" else sensitivity_sentences.name_of
    name, (whole, bracket, number) = name_of(path, language), path.rpartition("[")
    if name == path and bracket and number[:-1].isdigit():
        # One of a list, as of the months: the list has a name.
        return f"{name_of(whole, language)} {int(number[:-1]) + 1}"
    return name
