"""What an experiment rests on, ready for JSON; and whether a folder holds one already."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from sim.analysis.judge import Rule, margin_of
from sim.office.blocks import Target
from sim.replicate.cells import Cell, digest, model_version

PACKAGE = "licence-office-sim"
LIBRARIES = ("chinesecalendar", "numba", "numpy", "pyarrow", "pydantic", "ruamel.yaml", "scipy", "simpy")
MANIFEST, TIMING = "manifest.json", "timing.json"
STAFFED = "-staffed"
"""End of the name of a scenario with the plan that was found for it; it is written as YAML beside the manifest."""
FORMAT = 2
"""Version of the files' layout."""
METHOD = (
    "Lai's confidence sequence with a skewness correction after Hall that only widens it, looked at after each "
    "replication; Bonferroni over the verdicts of the experiment and both sides; see docs/method.md"
)


def common_facts(kind: str, name: str, cells: Iterable[Cell], rule: Rule, asked: Any = None) -> dict[str, Any]:
    """Return what the manifests of all experiments say.

    Parameters
    ----------
    kind : str
        ``run``, ``sweep`` or ``comparison``.
    name : str
    cells : iterable of Cell
    rule : Rule
    asked : object
        Whatever else the answer depends on, as JSON.
    """
    cells = list(cells)
    return {
        "format": FORMAT,
        "kind": kind,
        "name": name,
        "identity": identity(kind, cells, rule, asked),
        "cells": digest([cell.key for cell in cells]),
        "seed": cells[0].seed,
        "engine": cells[0].engine,
        "rule": {
            "tests": rule.tests,
            "error": rule.error,
            "smallest": rule.boundary.smallest,
            "largest": rule.largest,
            "method": METHOD,
        },
        "model": model_version(),
        "versions": {PACKAGE: version(PACKAGE), "python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
    }


def identity(kind: str, cells: Iterable[Cell], rule: Rule, asked: Any = None) -> str:
    """Return a hash of what an experiment's answer depends on, but for its budget.

    With a larger budget an experiment goes on; that is not another experiment.
    """
    facts = [kind, [cell.key for cell in cells], rule.tests, rule.error, rule.boundary.smallest, asked]
    return digest(facts)


def target_facts(target: Target) -> dict[str, Any]:
    """Return a target for JSON."""
    return {
        "clock": target.clock,
        "statistic": target.statistic,
        "minutes": target.minutes,
        "level": target.level,
        "margin": margin_of(target),
    }


def finite(value: float) -> float | None:
    """Return a number for JSON, which knows no infinity: None."""
    return float(value) if np.isfinite(value) else None


def write_json(file: Path, facts: dict[str, Any]) -> None:
    """Write a JSON file, for people too."""
    text = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")


def write_timing(folder: Path, seconds: float) -> None:
    """Write when the experiment was finished and how long it took: all that differs when it is done again."""
    finished = time.strftime("%Y-%m-%d %H:%M:%S")
    write_json(folder / TIMING, {"finished": finished, "seconds": round(seconds, 3)})


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a finished experiment, None if there is none in the folder."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or "format" not in found:
        return None
    rule = found.get("rule", {})
    whole = isinstance(rule, dict) and all(isinstance(rule.get(part, 0), int) for part in ("tests", "largest"))
    return found if whole and isinstance(found.get("replications", 0), int) else None


def differences(finished: dict[str, Any], new: Mapping[str, Any]) -> str:
    """Return in what a finished experiment differs from a new one, in words; empty if it is the same.

    An experiment with a larger budget goes on where the finished one has ended; with a smaller one it could only
    say less.
    """
    budget = finished.get("rule", {}).get("largest", 0), new["rule"]["largest"]
    if finished.get("identity") == new["identity"]:
        used = finished.get("replications", budget[0])
        if budget[1] >= min(budget[0], used):
            return ""
        return f"the number of replications ({used}; now at most {budget[1]})"
    said = []
    for part, words in (("kind", "kind"), ("seed", "seed"), ("engine", "engine"), ("model", "version of the model")):
        if finished.get(part) != new[part]:
            both = "" if part == "model" else f" ({finished.get(part)}; now {new[part]})"
            said.append(f"{words}{both}")
    for part, words in (("tests", "number of verdicts"), ("error", "error")):
        values = finished.get("rule", {}).get(part), new["rule"][part]
        if values[0] != values[1]:
            said.append(f"{words} ({values[0]}; now {values[1]})")
    if not said and finished.get("cells") == new["cells"]:
        return "what is asked of the same scenarios"
    return ", ".join(said) or "its scenarios"
