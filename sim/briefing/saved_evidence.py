"""Read of a sensitivity and of a calibration what a briefing says: where the verdict flips, and what was fitted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from sim.briefing.saved import SavedError, SavedExperiment, read_kind

Row = TypeVar("Row", "Flip", "Fitted")


@dataclass(frozen=True)
class Flip:
    """What an assumption alone does to the verdict.

    Attributes
    ----------
    parameter : str
        Its path in the scenario.
    meaning_en, meaning_zh, unit : str
    value, low, high : float
        In the scenario, and at the ends of its range; an infinite value is as many as anybody wants.
    low_estimate, high_estimate : float
        The target's figure at the ends.
    low_verdict, high_verdict : str
    flip_low_last, flip_low_first, flip_high_last, flip_high_first : float
        On the way to each end, the last value with the scenario's verdict and the first with another; NaN if there is
        none with another.
    """

    parameter: str
    meaning_en: str
    meaning_zh: str
    unit: str
    value: float
    low: float
    high: float
    low_estimate: float
    high_estimate: float
    low_verdict: str
    high_verdict: str
    flip_low_last: float
    flip_low_first: float
    flip_high_last: float
    flip_high_first: float

    @property
    def ends(self) -> list[str]:
        """The ends on the way to which the verdict becomes another: "low", "high", both or neither."""
        return [end for end in ("low", "high") if not math.isnan(getattr(self, f"flip_{end}_first"))]

    @property
    def not_known(self) -> bool:
        """Whether an end was not decided, so that nobody knows whether the verdict becomes another there."""
        return "UNDECIDED" in (self.low_verdict, self.high_verdict)

    @property
    def flips(self) -> bool:
        """Whether the verdict becomes another within the range."""
        return bool(self.ends)

    @property
    def swing(self) -> float:
        """How far the figure moves between the ends; inf if it has no end."""
        ends = (self.low_estimate, self.high_estimate)
        return abs(ends[1] - ends[0]) if all(map(math.isfinite, ends)) else math.inf


@dataclass(frozen=True)
class SavedFlips(SavedExperiment):
    """The flip table of a sensitivity, and how many plausible offices keep the target.

    Attributes
    ----------
    flips : tuple of Flip
        Empty if none was asked for.
    """

    flips: tuple[Flip, ...]

    @property
    def by_influence(self) -> list[Flip]:
        """Those that flip the verdict first, the widest swing before the others."""
        return sorted(self.flips, key=lambda flip: (not flip.flips, -flip.swing, flip.parameter))

    @property
    def undecided(self) -> bool:
        """Whether the scenario itself is undecided, so that no verdict can become another."""
        own: Mapping[str, Any] | None = self.manifest.get("scenario_verdict")
        return own is not None and own["verdict"] == "UNDECIDED"

    @property
    def plausible(self) -> Mapping[str, Any] | None:
        """Number of plausible offices, and the share that holds with its interval; None if not asked for."""
        found: Mapping[str, Any] | None = self.manifest.get("plausible")
        return found


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
    manifest, (assumptions, flips) = read_kind(folder, "sensitivity", ["assumptions", "flips"])
    known = {row.get("parameter"): row for row in assumptions}
    return SavedFlips(
        folder, manifest, _rows(Flip, [{**known.get(row.get("parameter"), {}), **row} for row in flips], folder)
    )


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
