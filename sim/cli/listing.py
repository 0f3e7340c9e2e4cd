"""The verb `results`: what experiments there are, finished and unfinished."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sim.briefing.words import Language, word
from sim.cli.calibrating import CALIBRATIONS
from sim.cli.comparing import COMPARISONS
from sim.cli.explaining import EXPLANATIONS
from sim.cli.limiting import LIMITS
from sim.cli.options import Options
from sim.cli.output import print_json, print_text
from sim.cli.report import rendered, table
from sim.cli.running import counted
from sim.cli.sensing import SENSITIVITY
from sim.cli.single import RUNS
from sim.cli.staffing import STAFF
from sim.cli.sweeping import SWEEPS
from sim.cli.whole import SCENARIOS
from sim.experiment.begun import all_begun
from sim.experiment.manifest import TIMING, read_manifest

FOLDERS = (SCENARIOS, RUNS, SWEEPS, COMPARISONS, STAFF, LIMITS, EXPLANATIONS, SENSITIVITY, CALIBRATIONS)
SEARCHES = ("staff", "limit", "explanation", "sensitivity")
DAMAGED = "damaged"


def list_results(options: Options) -> int:
    """Print every experiment in the folder of the results; return the exit status."""
    finished = [
        _finished(folder)
        for name in FOLDERS
        for folder in sorted((options.out / name).glob("*/"))
        if not folder.name.startswith(".")
    ]
    unfinished = all_begun(options.out)
    if options.json:
        print_json({"status": 0, "finished": finished, "unfinished": unfinished})
        return 0
    print_text(_report(finished, unfinished, options.out, options.language))
    return 0


def _finished(folder: Path) -> dict[str, Any]:
    """Return what is known of a folder: kind, name, what was found, replications, seed, when."""
    facts = read_manifest(folder)
    found: dict[str, Any] = {"kind": DAMAGED, "name": folder.name, "found": ""}
    found |= {"replications": None, "seed": None, "finished": None}
    if facts is None:
        return {**found, "folder": str(folder)}
    try:
        timing = json.loads((folder / TIMING).read_text(encoding="utf-8"))
        found |= {
            "kind": facts["kind"],
            "name": facts["name"],
            "found": _answer(folder, facts),
            "replications": facts["replications"],
            "seed": facts["seed"],
            "finished": timing["finished"],
        }
    except Exception:
        # Whatever is wrong with it: the list shall be complete, and says that this one cannot be read.
        found["kind"] = DAMAGED
    return {**found, "folder": str(folder)}


def _answer(folder: Path, facts: dict[str, Any]) -> dict[str, int] | str:
    if facts["kind"] == "run":
        return str(facts["verdict"]["verdict"])
    if "found" in facts:
        return str(facts["found"])
    name, column = ("verdicts", "verdict") if facts["kind"] == "sweep" else ("pairs", "finding")
    table = pq.read_table(folder / f"{name}.parquet")
    rows = table.column(column).to_pylist()
    if name == "pairs":
        # Those against the first plan; every two are the same again and more.
        families = table.column("family").to_pylist()
        rows = [row for row, family in zip(rows, families, strict=True) if family == "first"]
    return dict(Counter(rows))


def _report(
    finished: list[dict[str, Any]], unfinished: list[dict[str, Any]], out: Path, language: Language
) -> str:
    if not finished and not unfinished:
        return word("no results", language, folder=out)
    parts: list[Any] = []
    if finished:
        keys = ("name", "found", "replications", "seed", "finished", "folder")
        made = table("", word("list kind", language), *(word(f"list {key}", language) for key in keys))
        for one in finished:
            found = one["found"]
            said = found if isinstance(found, str) else counted(found, language)
            kind = word(f"list {one['kind']}", language)
            cells = [one["name"], said, *(_shown(one[key]) for key in keys[2:])]
            made.add_row(kind, *cells)
        parts.append(made)
    for one in unfinished:
        kind = word(f"list {one['kind']}", language)
        # What a search will ask for is not known when it begins, so its units cannot be counted.
        label = "list unfinished search" if one["kind"] in SEARCHES else "list unfinished"
        parts.append(
            word(
                label, language, kind=kind, name=one["name"], begun=one["begun"], cells=one["cells"],
                units=one["units"], command=one["command"],
            )
        )  # fmt: skip
    return rendered(*parts)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
