"""Read a results folder: the manifest and the tables that a run has written."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.briefing.words import Language

F64 = NDArray[np.float64]

FORMAT = 2
"""Version of the files' layout that this code reads."""
SUMMARY_COLUMNS = ("subject", "by", "group", "statistic", "mean", "low", "high")


class SavedError(ValueError):
    """A folder does not hold the results of a run; one line says why."""


class Figure(NamedTuple):
    """Mean of a figure over the replications, and its interval (NaN if there is none)."""

    mean: float
    low: float
    high: float


NO_FIGURE = Figure(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Saved:
    """The results of one scenario.

    Attributes
    ----------
    folder : Path
    manifest : dict
    figures : dict of (subject, by, group, statistic) to Figure
        Empty if the office could not finish its cases.
    half_hours : dict of (what, name) to (48,) float64
        The average working day.
    licence_times : (bins, 3) float64
        From and to [min], and the mean number of cases.
    """

    folder: Path
    manifest: dict[str, Any]
    figures: dict[tuple[str, str, str, str], Figure]
    half_hours: dict[tuple[str, str], F64]
    licence_times: F64

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["scenario"]["name"])

    def title(self, language: Language) -> str:
        """Return the scenario's title."""
        return str(self.manifest["scenario"]["title"][language])

    @property
    def verdict(self) -> dict[str, Any]:
        """The verdict, and the target that it is about."""
        found: dict[str, Any] = self.manifest["verdict"]
        return found

    @property
    def replications(self) -> int:
        """Number of replications."""
        return int(self.manifest["replications"])

    @property
    def finished(self) -> bool:
        """Whether there are figures: the office could finish its cases."""
        return self.verdict["why"] is None

    @property
    def stages(self) -> list[str]:
        """Names of the stages."""
        return [stage["name"] for stage in self.manifest["stages"]]

    @property
    def counted_stages(self) -> list[str]:
        """Names of the stages whose minutes belong to the licence time."""
        return [stage["name"] for stage in self.manifest["stages"] if stage["counted"]]

    @property
    def pools(self) -> list[str]:
        """Names of the pools."""
        return list(self.manifest["pools"])

    def figure(self, subject: str, statistic: str, by: str = "", group: str = "") -> Figure:
        """Return a figure; NaN if the run has none of this name."""
        return self.figures.get((subject, by, group, statistic), NO_FIGURE)

    def groups(self, subject: str, by: str) -> list[str]:
        """Return the classes, channels, stages or pools of which there are figures on a subject."""
        return list(dict.fromkeys(group for s, b, group, _ in self.figures if (s, b) == (subject, by)))

    @property
    def counted_half_hours(self) -> NDArray[np.bool_]:
        """Which half-hours of the day count towards the licence time, shape (48,)."""
        return counted_half_hours(self.manifest["scenario"]["hours"]["counted"])

    def peak(self, stage: str) -> tuple[str, float]:
        """Return when in the counted hours of an average day most wait at a stage, and how many."""
        queue = np.where(self.counted_half_hours, self.half_hours["queue", stage], -1.0)
        slot = int(queue.argmax())
        return f"{slot // 2:02d}:{slot % 2 * 30:02d}", float(queue[slot])

    def estimate(self) -> Figure:
        """Return what the verdict rests on, with its interval; inf if somebody never got the licence."""
        values = [self.verdict[name] for name in ("estimate", "low", "high")]
        if values[0] is None:
            return Figure(math.inf, math.nan, math.nan)
        return Figure(*(math.nan if value is None else float(value) for value in values))


@dataclass(frozen=True)
class SavedExperiment:
    """What the results of a sweep and of a comparison have in common.

    Attributes
    ----------
    folder : Path
    manifest : dict
    """

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the experiment."""
        return str(self.manifest["name"])

    @property
    def target(self) -> Mapping[str, Any]:
        """The target, the same throughout: clock, statistic, minutes and level."""
        found: Mapping[str, Any] = self.manifest["target"]
        return found

    @property
    def about_mean(self) -> bool:
        """Whether estimates and differences are minutes; shares if not."""
        return bool(self.target["statistic"] == "mean")

    @property
    def rule(self) -> Mapping[str, Any]:
        """How the verdicts or findings were reached: tests, error, smallest, largest, margin."""
        found: Mapping[str, Any] = self.manifest["rule"]
        return found


def counted_half_hours(spans: list[str]) -> NDArray[np.bool_]:
    """Return the half-hours touched by spans such as ``08:30-17:00``, shape (48,)."""
    counted = np.zeros(48, bool)
    for span in spans:
        begin, end = (int(moment[:2]) * 60 + int(moment[3:5]) for moment in span.split("-"))
        counted[begin // 30 : -(-end // 30)] = True
    return counted


def read_kind(folder: Path, kind: str, tables: Sequence[str]) -> tuple[dict[str, Any], list[list[dict[str, Any]]]]:
    """Read the manifest of a sweep or a comparison, and the rows of its tables.

    Parameters
    ----------
    folder : Path
    kind : str
        What the manifest has to say that the folder holds.
    tables : sequence of str
        Names of the Parquet files, without the suffix.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or (manifest.get("format"), manifest.get("kind")) != (FORMAT, kind):
            raise SavedError(f"{folder}: not results of the kind {kind!r}, or in an unknown layout; run it again")
        return manifest, [pq.read_table(folder / f"{name}.parquet").to_pylist() for name in tables]
    except (OSError, ValueError, pa.ArrowException) as error:
        if isinstance(error, SavedError):
            raise
        raise SavedError(f"{folder}: holds no complete results of the kind {kind!r} ({error}); run it again") from error


def read_saved(folder: Path) -> Saved:
    """Read the results of a scenario.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise SavedError(f"{folder}: results in an unknown layout; run the scenario again")
        if manifest["verdict"]["why"] is not None:
            return Saved(folder, manifest, {}, {}, np.empty((0, 3)))
        summary, half_hours, times = (
            pq.read_table(folder / f"{name}.parquet") for name in ("summary", "half_hours", "licence_times")
        )
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        if isinstance(error, SavedError):
            raise
        raise SavedError(f"{folder}: holds no complete results of a run ({error}); run the scenario again") from error
    return _saved(folder, manifest, summary, half_hours, times)


def _saved(folder: Path, manifest: dict[str, Any], summary: pa.Table, half_hours: pa.Table, times: pa.Table) -> Saved:
    try:
        rows = zip(*(summary.column(name).to_pylist() for name in SUMMARY_COLUMNS), strict=True)
        figures = {(subject, by, group, statistic): Figure(*values) for subject, by, group, statistic, *values in rows}
        series: dict[tuple[str, str], list[float]] = {}
        profiles = (half_hours.column(name).to_pylist() for name in ("what", "name", "value"))
        for what, name, value in zip(*profiles, strict=True):
            series.setdefault((what, name), []).append(value)
        columns = [times.column(name).to_numpy() for name in ("from_minutes", "to_minutes", "cases")]
    except KeyError as error:
        raise SavedError(f"{folder}: column {error} is missing; run the scenario again") from error
    days = {key: np.array(values, np.float64) for key, values in series.items()}
    return Saved(folder, manifest, figures, days, np.stack(columns, axis=1).astype(np.float64))
