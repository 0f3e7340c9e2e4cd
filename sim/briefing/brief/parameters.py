"""A scenario in full as the rows of a table: each value with its unit, its source and its plausible range."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sim.briefing.saved_evidence import Fitted
from sim.briefing.words import Language

FITTED = {"en": "fitted, n = {n}", "zh": "据业务记录估计，n = {n}"}


@dataclass(frozen=True)
class ParameterFact:
    """What is known of a parameter besides its value.

    Attributes
    ----------
    path : str
        Dotted; ``[]`` stands for each member of a list.
    unit, source, en, zh : str
    plausible : (low, high) or None
    """

    path: str
    unit: str
    source: str
    plausible: tuple[float, float] | None
    en: str
    zh: str


class ParameterRow(NamedTuple):
    """A value of a scenario."""

    path: str
    value: Any
    unit: str
    source: str
    low: float | None
    high: float | None
    meaning: str


def rows_of(
    scenario: Mapping[str, Any], facts: Sequence[ParameterFact], fitted: Sequence[Fitted], language: Language
) -> list[ParameterRow]:
    """Return every value of a scenario.

    Parameters
    ----------
    scenario : mapping
        In full, as manifests have it.
    facts : sequence of ParameterFact
    fitted : sequence of Fitted
        Estimates that are in place of assumptions.
    language : str
    """
    known = {fact.path: fact for fact in facts}
    estimated = {estimate.name: estimate for estimate in fitted if estimate.used}
    rows = []
    for path, value in _leaves(scenario, ""):
        fact = _fact(path, known)
        low, high = (None, None) if fact is None or fact.plausible is None else fact.plausible
        source = "" if fact is None else fact.source
        if path in estimated and estimated[path].value == value:
            source = FITTED[language].format(n=estimated[path].n)
        meaning = "" if fact is None else fact.en if language == "en" else fact.zh
        rows.append(ParameterRow(path, value, "" if fact is None else fact.unit, source, low, high, meaning))
    return rows


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield paths and values; what is empty is a value, too."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    else:
        yield path, value


def _fact(path: str, known: Mapping[str, ParameterFact]) -> ParameterFact | None:
    """Return what is known of a path, or of the parameter that it is a part of."""
    general = re.sub(r"\[\d+\]", "[]", path)
    while general:
        for name in (general, general.removesuffix("[]")):
            if name in known:
                return known[name]
        general, dot, _ = general.rpartition(".")
        if not dot:
            return None
    return None
