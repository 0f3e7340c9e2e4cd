"""What of a scenario was fitted to a log: read from the folder of the calibration that wrote its file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.experiment.manifest import FORMAT, MANIFEST, read_manifest
from sim.experiment.parents import parent_of
from sim.office.parameters import Scenario
from sim.office.scenario import MOST_GENERATIONS, scenario_as_dict

KIND = "calibration"
DUTY = ("plan", "on", "roster")
"""Parameters of a pool that say together who is on duty."""


class CalibrationError(ValueError):
    """A scenario lies in the folder of a calibration that is damaged, or of another version."""


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


def fitted_facts(fitted: Fitted | None) -> dict[str, Any]:
    """Return what a manifest says of parameters that were fitted; nothing if there are none."""
    return {} if fitted is None else {"fitted": {"log": fitted.log, "parameters": list(fitted.parameters)}}


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
    calibration = read_manifest(folder)
    if calibration is None and (folder / MANIFEST).is_file():
        raise CalibrationError(f"{folder}: {MANIFEST} is damaged")
    if calibration is None or calibration.get("kind") != KIND:
        return None
    if calibration["format"] != FORMAT:
        raise CalibrationError(f"{folder}: holds a calibration of another version of this program")
    try:
        if calibration["name"] not in _family(file):
            return None
        estimates = pq.read_table(folder / "estimates.parquet", columns=["name", "low", "high", "used"]).to_pylist()
        pools = set(pq.read_table(folder / "duty.parquet", columns=["pool"]).column("pool").to_pylist())
        fitted = _fitted(calibration["scenario"], estimates, pools)
    except (OSError, pa.ArrowException, KeyError, TypeError, AttributeError) as error:
        raise CalibrationError(f"{folder}: holds a damaged calibration") from error
    for scenario in scenarios:
        full = scenario_as_dict(scenario)
        fitted = {path: values for path, values in fitted.items() if _values(full, path) == values}
    return Fitted(calibration["name"], tuple(fitted)) if fitted else None


def _family(file: Path) -> list[str]:
    """Return the names of a scenario file and of those that it extends."""
    names: list[str] = []
    parent: Path | None = file
    while parent is not None and len(names) <= MOST_GENERATIONS:
        names.append(parent.stem)
        parent = parent_of(parent)
    return names


def _fitted(scenario: dict[str, Any], estimates: Iterable[dict[str, Any]], pools: Iterable[str]) -> dict[str, Any]:
    """Return the values at the paths of all parameters that were fitted as a whole."""
    members = Counter(
        re.sub(r"\[\d+\]", "[]", row["name"]).removesuffix("[]")
        for row in estimates if row["used"] and None not in (row["low"], row["high"])
    )  # fmt: skip
    values = {path: _values(scenario, path) for path in members}
    # A log of a few months tells the index of these only.
    whole = {path: found for path, found in values.items() if members[path] == sum(map(_size, found))}
    plans = [f"staff.{pool}.plan" for pool in sorted(pools)]
    return whole | {path: _values(scenario, path) for path in plans}


def _values(scenario: dict[str, Any], path: str) -> list[Any]:
    """Return the values at a path; of a plan, all that says who is on duty."""
    if path.endswith(".plan"):
        group, pool, _ = path.split(".")
        return [scenario[group][pool][name] for name in DUTY]
    values: list[Any] = [scenario]
    for step in path.split("."):
        values = [value[step.removesuffix("[]")] for value in values]
        if step.endswith("[]"):
            values = [member for value in values for member in value]
    return values


def _size(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1
