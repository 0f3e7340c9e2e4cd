"""What of a scenario was fitted to a log: read from the folder of the calibration that wrote its file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.office.parameters import Scenario
from sim.office.scenario import MOST_GENERATIONS, parent_of, scenario_as_dict
from sim.results.codec import FORMAT, MANIFEST, read_json
from sim.results.timing import digests_in
from sim.text import Message

KIND = "calibration"
WRITTEN = "Found by `calibrate`"
"""Begins the first comment of a scenario file that a calibration has written."""
DUTY = ("plan", "on", "roster")
"""Parameters of a pool that say together who is on duty."""


class CalibrationError(ValueError):
    """A scenario lies in the folder of a calibration that is damaged or of another version, or was fitted elsewhere."""


@dataclass(frozen=True)
class Fitted:
    """The parameters of a scenario that were fitted to a log.

    Attributes
    ----------
    log : str
        Name of the calibration; empty if several scenarios do not have one in common.
    parameters : tuple of str
        Paths, as `all_parameters` has them; of several scenarios those that are fitted in all.
    """

    log: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DrawnOffices:
    """The offices that were drawn from what a log leaves possible.

    Attributes
    ----------
    log : str
        Name of the calibration.
    days : int
        Working days of the log.
    estimates, unseen : int
        Values that were drawn from what the log leaves open; assumptions that it does not show.
    changed : tuple of str
        Paths of what was set to something else since the fit: taken as exact.
    offices, replications : int
        Offices that were drawn, and years that were played of them.
    sampled : tuple of str
        Paths of samples in place of families: drawn with other means and variations, else taken as exact.
    """

    log: str
    days: int
    estimates: int
    unseen: int
    changed: tuple[str, ...]
    offices: int
    replications: int
    sampled: tuple[str, ...] = ()


def fitted_to_log(file: str | Path, scenarios: Iterable[Scenario]) -> Fitted | None:
    """Return what was fitted to a log and has its fitted value in all of some scenarios.

    A list counts if all its members were fitted, the plan of a pool if nothing else says who is on duty.

    Parameters
    ----------
    file : str or Path
        A scenario file that can be loaded.
    scenarios : iterable of Scenario
        That of the file, or what was made of it.

    Returns
    -------
    Fitted or None
        None if there is nothing, as where neither the file nor one that it extends was written by the calibration in
        whose folder it lies.

    Raises
    ------
    CalibrationError
    """
    file = Path(file)
    folder = file.parent
    if not (folder / MANIFEST).is_file():
        _check_unfitted(file)
        return None
    try:
        calibration = read_json(folder / MANIFEST, digests_in(folder))
        about = calibration.get("about", calibration)
        kind, version = about.get("kind"), about.get("format")
    except (ValueError, AttributeError):
        raise CalibrationError(Message("{folder}: {file} is damaged", folder=folder, file=MANIFEST)) from None
    if kind == KIND and version != FORMAT:
        raise CalibrationError(
            Message("{folder}: holds a calibration of another version of this program", folder=folder)
        )
    if kind != KIND or about.get("name") not in [each.stem for each in _family(file)]:
        _check_unfitted(file)
        return None
    try:
        fitted = {path: values_at(calibration["scenario"], path) for path in about["fitted"]["parameters"]}
        for scenario in scenarios:
            full = scenario_as_dict(scenario)
            fitted = {path: values for path, values in fitted.items() if values_at(full, path) == values}
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise CalibrationError(Message("{folder}: holds a damaged calibration", folder=folder)) from error
    return Fitted(about["name"], tuple(fitted)) if fitted else None


def _family(file: Path) -> list[Path]:
    """Return a scenario file and those that it extends."""
    files: list[Path] = []
    parent: Path | None = file
    while parent is not None and len(files) <= MOST_GENERATIONS:
        files.append(parent)
        parent = parent_of(parent)
    return files


def _check_unfitted(file: Path) -> None:
    """Raise a `CalibrationError` if a scenario that no calibration is found of was written by one, or extends such."""
    for each in _family(file):
        with open(each, encoding="utf-8-sig", errors="replace") as text:
            if text.readline(len(WRITTEN) + 2) == f"# {WRITTEN}":
                raise CalibrationError(Message(
                    "{file}: written by a calibration and not in its folder under its own name, so no verdict carries "
                    "what the log leaves open; put it back, or extend it in a file beside it", file=each,
                ))  # fmt: skip


def parameter_of(name: str) -> str:
    """Return the path of the parameter that an estimate is of, or of the list that it is a member of."""
    return re.sub(r"\[[\d:-]+\]", "[]", name).removesuffix("[]")


def samples_in(scenario: dict[str, Any], parameters: Iterable[str]) -> tuple[str, ...]:
    """Return the paths, among some parameters, at which a scenario in full has a sample in place of a family."""
    return tuple(path for path in parameters if path.endswith("sample") and any(values_at(scenario, path)))


def values_at(scenario: dict[str, Any], path: str) -> list[Any]:
    """Return the values at the path of a parameter; of a plan, all that says who is on duty."""
    if path.endswith(".plan"):
        group, pool, _ = path.split(".")
        return [scenario[group][pool][name] for name in DUTY]
    values: list[Any] = [scenario]
    for step in path.split("."):
        values = [value[step.removesuffix("[]")] for value in values]
        if step.endswith("[]"):
            values = [member for value in values for member in value]
    return values
