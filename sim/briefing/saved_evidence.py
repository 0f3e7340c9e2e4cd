"""Read of a sensitivity and of a calibration what a briefing says: where the verdict flips, and what was fitted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from sim.briefing.saved import SavedError, SavedExperiment, read_kind
from sim.briefing.words import Language

Row = TypeVar("Row", "Flip", "Fitted")


@dataclass(frozen=True)
class Flip:
    """What an assumption alone does to the verdict.

    Attributes
    ----------
    parameter : str
        Its path in the scenario.
    en, zh, unit : str
    value, low, high : float
        In the scenario, and at the ends of its range.
    low_estimate, high_estimate : float
        The target's figure at the ends.
    low_verdict, high_verdict : str
    flips_from, flips_to : float
        The last value with the scenario's verdict and the first with another; NaN if it does not flip in its range.
    """

    parameter: str
    en: str
    zh: str
    unit: str
    value: float
    low: float
    high: float
    low_estimate: float
    high_estimate: float
    low_verdict: str
    high_verdict: str
    flips_from: float
    flips_to: float

    def meaning(self, language: Language) -> str:
        """Return what the parameter means; its path if nothing is said of it."""
        return (self.en if language == "en" else self.zh) or self.parameter

    @property
    def flips(self) -> bool:
        """Whether the verdict becomes another within the range."""
        return not math.isnan(self.flips_from)

    @property
    def swing(self) -> float:
        """How far the figure moves between the ends; inf if it has no end."""
        ends = (self.low_estimate, self.high_estimate)
        return abs(ends[1] - ends[0]) if all(map(math.isfinite, ends)) else math.inf


@dataclass(frozen=True)
class SavedFlips(SavedExperiment):
    """The flip table of a sensitivity."""

    flips: tuple[Flip, ...]

    @property
    def by_influence(self) -> list[Flip]:
        """Those that flip the verdict first, the widest swing before the others."""
        return sorted(self.flips, key=lambda flip: (not flip.flips, -flip.swing, flip.parameter))


@dataclass(frozen=True)
class Fitted:
    """A parameter estimated from an office's own log.

    Attributes
    ----------
    name : str
        Its path in the scenario.
    value, low, high : float
        With its interval; NaN ends if there is none.
    n : int
        Observations.
    used : bool
        Whether the scenario has it.
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    used: bool


@dataclass(frozen=True)
class SavedFit(SavedExperiment):
    """The estimates of a calibration."""

    estimates: tuple[Fitted, ...]

    @property
    def used(self) -> list[Fitted]:
        """Those that the scenario has in place of assumptions."""
        return [estimate for estimate in self.estimates if estimate.used]


def read_flips(folder: Path) -> SavedFlips:
    """Read the flip table of a sensitivity.

    Raises
    ------
    SavedError
        If the folder does not hold it, or in another layout.
    """
    manifest, (rows,) = read_kind(folder, "sensitivity", ["flips"])
    return SavedFlips(folder, manifest, _rows(Flip, rows, folder))


def read_fit(folder: Path) -> SavedFit:
    """Read the estimates of a calibration.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    manifest, (rows,) = read_kind(folder, "calibration", ["estimates"])
    return SavedFit(folder, manifest, _rows(Fitted, rows, folder))


def _rows(kind: type[Row], rows: list[dict[str, Any]], folder: Path) -> tuple[Row, ...]:
    floats = {field.name for field in fields(kind) if field.type == "float"}
    try:
        return tuple(kind(**{field.name: _value(row, field.name, floats) for field in fields(kind)}) for row in rows)
    except KeyError as error:
        raise SavedError(f"{folder}: column {error} is missing; a briefing does not know this layout") from error


def _value(row: Mapping[str, Any], name: str, floats: set[str]) -> Any:
    found = row[name]
    return math.nan if found is None and name in floats else found
