"""What a sweep has found: its factors, and for each design point a verdict and an estimate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import pyarrow as pa

from sim.present.numbers import plain_levels
from sim.results.about import AS_TARGET, Record, TargetFacts, VerdictWord
from sim.results.codec import column, spread, streamed, table
from sim.results.sources import Sources
from sim.text import N_, _, language

Value = float | str
"""Of a factor in a design point: a number, or a text; of true and false, ``True`` and ``False``."""
GRID_FROM = 0.5
"""Share of a table that has to be filled with design points; a sparser one is shown as points instead."""


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
    title: dict[str, str]
    unit: dict[str, str] | None
    labels: tuple[Any, ...]

    @cached_property
    def numeric(self) -> bool:
        """Whether the levels are numbers."""
        return all(isinstance(label, int | float) and not isinstance(label, bool) for label in self.labels)

    @cached_property
    def _places(self) -> dict[Value, int]:
        return {self.value(label): place for place, label in enumerate(self.labels)}

    @cached_property
    def _numbers(self) -> list[str]:
        return plain_levels(self.labels)

    def value(self, label: Any) -> Value:
        """Return what the tables have for a level: its number, or its English text."""
        if self.numeric:
            return float(label)
        return str(label["en"]) if isinstance(label, Mapping) else str(label)

    def place(self, point: JudgedPoint) -> int:
        """Return which level a design point has."""
        return self._places[point.at[self.name]]

    @cached_property
    def positions(self) -> list[float]:
        """Where the levels are on an axis: numbers at themselves, texts at their places."""
        return [float(label) if self.numeric else float(place) for place, label in enumerate(self.labels)]

    def position(self, point: JudgedPoint) -> float:
        """Return where a design point is on an axis."""
        return self.positions[self.place(point)]

    @property
    def heading(self) -> str:
        """The title, with the unit if there is one."""
        title = self.title[language()]
        return title if self.unit is None else _("{title} [{unit}]", title=title, unit=self.unit[language()])

    def label(self, place: int) -> str:
        """Return a level in words: 40,200, +1, nobody."""
        label = self.labels[place]
        if isinstance(label, bool):
            return _("yes") if label else _("no")
        if isinstance(label, Mapping):
            return str(label[language()])
        return self._numbers[place] if self.numeric else str(label)

    @property
    def levels(self) -> list[str]:
        """All levels in words."""
        return [self.label(place) for place in range(len(self.labels))]


@dataclass(frozen=True)
class JudgedPoint:
    """One combination of levels.

    The estimate is minutes or a share; inf if somebody never gets a licence, NaN if the office cannot finish its cases,
    and `why` says so.
    """

    point: int = column(N_("#"))
    at: dict[str, Value] = spread()
    verdict: VerdictWord = column(N_("verdict"))
    estimate: float = column(N_("estimate"), AS_TARGET)
    low: float = column(N_("low"), AS_TARGET)
    high: float = column(N_("high"), AS_TARGET)
    p_value: float = column(N_("p-value"))
    replications: int = column(N_("replications"))
    why: str = column(N_("why there is no estimate"))
    # Name of its batches in the store.
    key: str = column(N_("batches"))


@dataclass(frozen=True)
class Roles:
    """Which factor is where in charts and tables.

    Attributes
    ----------
    x : str
        The factor across.
    rows, lines : str or None
        The factor up in a map, and that with a line for each level; None if there is a single one.
    """

    x: str
    rows: str | None
    lines: str | None


@dataclass(frozen=True, kw_only=True)
class SweepVerdicts(Record):
    """The verdicts over a design.

    Attributes
    ----------
    title : dict of language to str
    target : TargetFacts
        The same in all design points.
    design : str
    chart : Roles
    factors : tuple of Factor
    working_days : int
    replications : int
        Most of a design point.
    sources : Sources
        Of the parameters of the scenario that is varied.
    base : dict
        That scenario, in full.
    quick : bool
        Whether clear verdicts were told early: then estimates rest on few years, and some intervals have no end.
    points : tuple of JudgedPoint
    figures : iterable of pyarrow.Table
        Of a design point each: a row a figure, with its always-valid interval.
    """

    title: dict[str, str]
    target: TargetFacts
    design: Literal["grid", "list", "space-filling"]
    chart: Roles
    factors: tuple[Factor, ...]
    working_days: int
    replications: int
    sources: Sources
    base: dict[str, Any]
    points: tuple[JudgedPoint, ...] = table("verdicts")
    figures: Iterable[pa.Table] = streamed("figures")
    quick: bool = False

    @property
    def heading(self) -> str:
        """The sweep's title."""
        return self.title[language()]

    @property
    def x(self) -> Factor:
        """The factor across."""
        return next(factor for factor in self.factors if factor.name == self.chart.x)

    @property
    def rows(self) -> Factor | None:
        """The factor up in a map; None if there is a single one."""
        return next((factor for factor in self.factors if factor.name == self.chart.rows), None)

    @property
    def lines(self) -> Factor | None:
        """The factor with a line for each level; None if there is a single one."""
        return next((factor for factor in self.factors if factor.name == self.chart.lines), None)

    def others(self, *shown: Factor | None) -> tuple[Factor, ...]:
        """Return the factors that are not shown."""
        names = {factor.name for factor in shown if factor is not None}
        return tuple(factor for factor in self.factors if factor.name not in names)

    def panels(self, *shown: Factor | None) -> dict[tuple[int, ...], list[JudgedPoint]]:
        """Return the design points by the levels of the factors that are not shown, in the order of those levels."""
        others = self.others(*shown)
        found: dict[tuple[int, ...], list[JudgedPoint]] = {}
        for point in self.points:
            found.setdefault(tuple(factor.place(point) for factor in others), []).append(point)
        return dict(sorted(found.items()))

    @property
    def scattered(self) -> bool:
        """Whether the design points are points in a space rather than a table with levels across and up."""
        if self.design == "space-filling" or self.rows is None:
            return self.design == "space-filling"
        taken = {(point.at[self.x.name], point.at[self.rows.name]) for point in self.points}
        return len(taken) < GRID_FROM * len(self.x.labels) * len(self.rows.labels)

    @property
    def counts(self) -> Counter[str]:
        """How many design points have which verdict."""
        return Counter(point.verdict for point in self.points)


ANSWER = SweepVerdicts
