"""Read the folder of a calibration: what a log says of the model's parameters, and how the fitted model does on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from sim.briefing.basis import version_in
from sim.briefing.calibration_records import (
    Compared,
    Estimate,
    Finding,
    OnDuty,
    Place,
    Quantile,
    Remaining,
    ServiceTime,
)
from sim.briefing.saved import SavedError, SavedExperiment, read_kind
from sim.briefing.words import Language

KIND = "calibration"
TABLES = ("estimates", "services", "quantiles", "survival", "profile", "duty", "back_test", "findings")
PATIENCE = {"phone": "phone.profiles[0].patience_seconds", "hall": "filing.hall_patience.mean_minutes"}
"""Names of the estimates of patience, by group of those who wait."""
Row = TypeVar("Row", "Estimate", "ServiceTime", "Quantile", "Remaining", "Place", "OnDuty", "Compared", "Finding")


@dataclass(frozen=True)
class SavedCalibration(SavedExperiment):
    """The results of a calibration.

    Attributes
    ----------
    estimates : tuple of Estimate
    services : tuple of ServiceTime
    quantiles : tuple of Quantile
    survival : tuple of Remaining
    profile : tuple of Place
    duty : tuple of OnDuty
    back_test : tuple of Compared
        Empty if no days were held out.
    findings : tuple of Finding
    """

    estimates: tuple[Estimate, ...]
    services: tuple[ServiceTime, ...]
    quantiles: tuple[Quantile, ...]
    survival: tuple[Remaining, ...]
    profile: tuple[Place, ...]
    duty: tuple[OnDuty, ...]
    back_test: tuple[Compared, ...]
    findings: tuple[Finding, ...]

    def title(self, language: Language) -> str:
        """Return the title of the fitted scenario."""
        return str(self.manifest["title"][language])

    @property
    def log(self) -> Mapping[str, Any]:
        """What was read: files, rows, kept, cases, first, last, working_days, steps."""
        found: Mapping[str, Any] = self.manifest["log"]
        return found

    @property
    def held_out(self) -> Mapping[str, Any] | None:
        """The days held out: first, last, days; None if there are none."""
        found: Mapping[str, Any] | None = self.manifest["held_out"]
        return found

    @property
    def missing(self) -> list[tuple[str, str]]:
        """What could not be estimated, and why."""
        return [(str(each["what"]), str(each["because"])) for each in self.manifest["missing"]]

    @property
    def version(self) -> str:
        """Version of the package that made them; empty if it is not said."""
        return version_in(self.manifest)

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of the log."""
        return date.fromisoformat(self.log["first"]), date.fromisoformat(self.log["last"])

    @property
    def compared(self) -> list[Compared]:
        """The figures of the back-test of which both sides are known, but for those that could not be missed."""
        return [row for row in self.back_test if row.comparable and row.telling]

    @property
    def missed(self) -> list[Compared]:
        """Those of them that lie outside their intervals, the farthest first."""
        return sorted((row for row in self.compared if not row.inside), key=lambda row: -_off(row))

    @property
    def replacing(self) -> list[Estimate]:
        """The estimates that the scenario has in place of assumptions, and with an interval."""
        return [estimate for estimate in self.estimates if estimate.used and estimate.replaces]

    def estimate(self, name: str) -> Estimate | None:
        """Return the estimate of a name; None if there is none."""
        return next((estimate for estimate in self.estimates if estimate.name == name), None)

    def places(self, kind: str) -> list[Place]:
        """Return the profile of months, weekdays or half-hours, in their order."""
        return sorted((place for place in self.profile if place.kind == kind), key=lambda place: place.place)

    def curve(self, group: str) -> list[Remaining]:
        """Return how many would still wait, by minutes."""
        return sorted((row for row in self.survival if row.group == group), key=lambda row: row.minutes)

    def patience(self, group: str) -> Estimate | None:
        """Return the estimate of the mean patience of a group; None if there is none."""
        return self.estimate(PATIENCE[group])


def _off(row: Compared) -> float:
    """Return how far a figure lies outside its interval, in widths of it."""
    far = max(row.low - row.observed, row.observed - row.high)
    return far / (row.high - row.low) if row.high > row.low else math.inf


def read_calibration(folder: Path) -> SavedCalibration:
    """Read the results of a calibration.

    Raises
    ------
    SavedError
        If the folder does not hold them, or in another layout.
    """
    manifest, tables = read_kind(folder, KIND, TABLES)
    try:
        for needed in ("name", "title", "seed", "parent", "missing", "replications"):
            manifest[needed]
        estimates, services, quantiles, survival, profile, duty, back_test, findings = tables
        read = SavedCalibration(
            folder, manifest, _rows(Estimate, estimates), _rows(ServiceTime, services), _rows(Quantile, quantiles),
            _rows(Remaining, survival), _rows(Place, profile), _rows(OnDuty, duty), _compared(back_test),
            _rows(Finding, findings),
        )  # fmt: skip
        for needed in ("files", "rows", "kept", "cases", "working_days", "steps"):
            read.log[needed]
        if read.held_out is not None:
            for needed in ("first", "last", "days"):
                read.held_out[needed]
        _ = read.days, read.missing, read.title("en"), read.title("zh")
    except KeyError as error:
        raise SavedError(f"{folder}: {error} is missing in the results; run the calibration again") from error
    except (TypeError, ValueError) as error:
        raise SavedError(f"{folder}: a damaged calibration ({error}); run it again") from error
    return read


def _rows(kind: type[Row], rows: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Return rows as records; a number that is not there is NaN."""
    floats = {field.name for field in fields(kind) if field.type == "float"}

    def value(row: Mapping[str, Any], name: str) -> Any:
        found = row[name.rstrip("_")]
        return math.nan if found is None and name in floats else found

    def known(row: Mapping[str, Any]) -> dict[str, Any]:
        # What has a default may be missing.
        names = [field.name for field in fields(kind) if field.default is MISSING or field.name in row]
        return {name: value(row, name) for name in names}

    return tuple(kind(**known(row)) for row in rows)


def _compared(rows: Sequence[Mapping[str, Any]]) -> tuple[Compared, ...]:
    """Return the figures of the back-test; an end that is missing where the other is there is beyond any number."""
    return tuple(
        replace(row, high=math.inf, simulated=math.inf if math.isnan(row.simulated) else row.simulated)
        if math.isfinite(row.low) and math.isnan(row.high) else row
        for row in _rows(Compared, rows)
    )  # fmt: skip
