"""Read the folder of a sweep: its factors, and for each cell a verdict and an estimate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.briefing.numbers import plain_levels
from sim.briefing.saved import SavedError, SavedExperiment, read_kind
from sim.briefing.words import Language, word

KIND = "sweep"
SPACE_FILLING = "space-filling"
GRID_FROM = 0.5
"""Share of a table that has to be filled with cells; a sparser one is shown as points instead."""


@dataclass(frozen=True)
class Factor:
    """What a sweep varies.

    Attributes
    ----------
    name : str
        Its column in the tables.
    title : dict of language to str
    unit : dict of language to str, or None
    labels : tuple
        Its levels: numbers, rising; or texts, or texts in both languages, as they were given.
    """

    name: str
    title: Mapping[str, str]
    unit: Mapping[str, str] | None
    labels: tuple[Any, ...]

    @property
    def numeric(self) -> bool:
        """Whether the levels are numbers."""
        return all(isinstance(label, int | float) and not isinstance(label, bool) for label in self.labels)

    @cached_property
    def _places(self) -> dict[Any, int]:
        return {self._key(label): place for place, label in enumerate(self.labels)}

    def _key(self, label: Any) -> float | str:
        """Return what a level is found by, in the manifest as in the tables: its number, or its English text."""
        if self.numeric:
            return float(label)
        return str(label["en"]) if isinstance(label, Mapping) else str(label)

    @cached_property
    def _numbers(self) -> list[str]:
        return plain_levels(self.labels)

    def place(self, value: Any) -> int:
        """Return which level a value of the tables is.

        Raises
        ------
        KeyError
            If it is none.
        """
        return self._places[self._key(value)]

    def position(self, value: Any) -> float:
        """Return where a value is on an axis: a number at itself, a text at its place."""
        return float(value) if self.numeric else float(self.place(value))

    def heading(self, language: Language) -> str:
        """Return the title, with the unit if there is one."""
        if self.unit is None:
            return self.title[language]
        return word("with unit", language, title=self.title[language], unit=self.unit[language])

    def label(self, place: int, language: Language) -> str:
        """Return a level in words: 40,200, +1, nobody."""
        label = self.labels[place]
        if isinstance(label, bool):
            return word("yes" if label else "no", language)
        if isinstance(label, Mapping):
            return str(label[language])
        return self._numbers[place] if self.numeric else str(label)


@dataclass(frozen=True)
class Cell:
    """One combination of levels.

    Attributes
    ----------
    number : int
    at : dict of factor's name to number or text
    verdict : str
    estimate, low, high : float
        Minutes or a share; inf if somebody never gets a licence, NaN if the office cannot finish its cases, or if
        there is no interval.
    replications : int
    p_value : float
    why : str
        Why there is no estimate; empty if there is one.
    """

    number: int
    at: Mapping[str, Any]
    verdict: str
    estimate: float
    low: float
    high: float
    replications: int
    p_value: float
    why: str


@dataclass(frozen=True)
class SavedSweep(SavedExperiment):
    """The results of a sweep.

    Attributes
    ----------
    factors : tuple of Factor
    cells : tuple of Cell
    """

    factors: tuple[Factor, ...]
    cells: tuple[Cell, ...]

    def title(self, language: Language) -> str:
        """Return the sweep's title."""
        return str(self.manifest["title"][language])

    @property
    def x(self) -> Factor:
        """The factor across: the first, if the sweep does not say."""
        return self._asked("x") or self.factors[0]

    def factor(self, role: str) -> Factor | None:
        """Return the factor of a chart's ``rows`` or ``lines``: if the sweep does not say, the first not across.

        None if there is a single factor.
        """
        asked = self._asked(role)
        if asked is not None and asked is not self.x:
            return asked
        return next((factor for factor in self.factors if factor is not self.x), None)

    def _asked(self, role: str) -> Factor | None:
        name = (self.manifest.get("chart") or {}).get(role)
        return next((factor for factor in self.factors if factor.name == name), None)

    def others(self, *shown: Factor | None) -> tuple[Factor, ...]:
        """Return the factors that are not shown."""
        names = {factor.name for factor in shown if factor is not None}
        return tuple(factor for factor in self.factors if factor.name not in names)

    def panels(self, *shown: Factor | None) -> dict[tuple[int, ...], list[Cell]]:
        """Return the cells by the levels of the factors that are not shown, in the order of those levels."""
        others = self.others(*shown)
        found: dict[tuple[int, ...], list[Cell]] = {}
        for cell in self.cells:
            found.setdefault(tuple(factor.place(cell.at[factor.name]) for factor in others), []).append(cell)
        return dict(sorted(found.items()))

    @property
    def scattered(self) -> bool:
        """Whether the cells are points in a space rather than a table with levels across and up."""
        rows = self.factor("rows")
        if self.manifest["design"] == SPACE_FILLING or rows is None:
            return bool(self.manifest["design"] == SPACE_FILLING)
        taken = {(cell.at[self.x.name], cell.at[rows.name]) for cell in self.cells}
        return len(taken) < GRID_FROM * len(self.x.labels) * len(rows.labels)

    def count(self, verdict: str) -> int:
        """Return the number of cells with a verdict."""
        return sum(cell.verdict == verdict for cell in self.cells)


def read_sweep(folder: Path) -> SavedSweep:
    """Read the results of a sweep.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    manifest, (rows,) = read_kind(folder, KIND, ["verdicts"])
    try:
        names = [factor["name"] for factor in manifest["factors"]]
        cells = tuple(_cell(row, names) for row in rows)
        factors = tuple(_factor(facts, cells, manifest["design"]) for facts in manifest["factors"])
        for factor in factors:
            for cell in cells:
                factor.place(cell.at[factor.name])
    except (KeyError, TypeError) as error:
        raise SavedError(f"{folder}: {error} is missing in the results; run the sweep again") from error
    if not factors or not cells:
        raise SavedError(f"{folder}: a sweep of nothing; run the sweep again")
    return SavedSweep(folder, manifest, factors, cells)


def _cell(row: Mapping[str, Any], names: Iterable[str]) -> Cell:
    estimate, low, high, p_value = (
        math.nan if row[name] is None else float(row[name]) for name in ("estimate", "low", "high", "p_value")
    )
    at = {name: row[name] for name in names}
    verdict, why = str(row["verdict"]), str(row["why"] or "")
    return Cell(int(row["cell"]), at, verdict, estimate, low, high, int(row["replications"]), p_value, why)


def _factor(facts: Mapping[str, Any], cells: Iterable[Cell], design: str) -> Factor:
    """Return a factor; of one that fills a range, the levels are the numbers that the cells have."""
    name = str(facts["name"])
    factor = Factor(name, facts["title"], facts.get("unit"), tuple(facts["labels"] or ()))
    if not factor.labels or (factor.numeric and design == SPACE_FILLING):
        return replace(factor, labels=tuple(sorted({cell.at[name] for cell in cells})))
    return replace(factor, labels=tuple(sorted(factor.labels))) if factor.numeric else factor
