"""The values of saved tables in words: stages, shifts, groups and units as a reader knows them, instead of codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.briefing import calibration_numbers, explanation_sentences, sensitivity_sentences, staff_sentences
from sim.briefing.saved_staff import TARGET, SavedStaff
from sim.briefing.words import WORDS, Language, named, word

PREFIXES = {
    "stage": "stage", "pool": "pool", "requirement": "stage", "where": "where", "step": "stage", "unit": "value unit",
    "kind": "value kind", "subject": "value subject", "statistic": "value statistic", "source": "value source",
    "by": "value by",
}  # fmt: skip
"""By column: how the keys of its values' labels begin."""
PARTS: dict[str, Callable[[int, Language], str]] = {
    "demand.month_index": lambda number, language: calibration_numbers.month_name(str(number + 1), language),
    "demand.weekday_index": lambda number, language: word(f"weekday {number + 1}", language),
    # From 08:30.
    "demand.half_hour_index": lambda number, _: explanation_sentences.clock_time(17 + number),
}
"""By parameter that is a list: what a place in it stands for."""


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
    if isinstance(saved, SavedStaff) and (said := _of_staff(column, row, saved, language)) is not None:
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


def _of_staff(column: str, row: Mapping[str, Any], saved: SavedStaff, language: Language) -> str | None:
    value = row[column]
    if column == "plan":
        return staff_sentences.name_of_plan(saved, value, row["round"], language)
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
    if kind != "calibration":
        return sensitivity_sentences.name_of(path, language)
    whole, _, number = path.removesuffix("]").rpartition("[")
    if whole in PARTS and number.isdigit():
        return word("value of", language, whole=calibration_numbers.parameter_name(whole, language),
                    part=PARTS[whole](int(number), language))  # fmt: skip
    return calibration_numbers.parameter_name(path, language)
