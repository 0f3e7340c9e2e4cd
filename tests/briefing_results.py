"""A folder of results for briefings, with runs of a few days; and a look-up of the sources that a briefing names."""

import copy
import io
import json
import re
import shutil
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from experiment_folders import DEMAND, REVIEWERS, write_sweep
from PIL import Image

from sim.analysis.judge import Rule
from sim.briefing.brief.pictures import Picture
from sim.experiment.results import write_run
from sim.experiment.run import run_scenario
from sim.office.scenario import scenario_from_dict

BASELINE = "baseline-2023"
SEED = 5
DAYS = {"period": {"first": "2023-03-01", "last": "2023-03-03"}}
TITLES = {BASELINE: {"en": "Three days in March", "zh": "三月的三天"}, "busy": {"en": "Busy days", "zh": "繁忙的几天"}}
HOSTILE = {
    "script": "<script>alert('x')</script><img src=http://example.com/a.png onerror=alert(1)>",
    "quotes": "\"double\" 'single' & ]]> --> </style></title>",
    "formula": "=cmd|'/C calc'!A0",
    "plus": "+1+1",
    "at": "@SUM(A1)",
    "place": "Summary!A1",
    "long": "营业执照办理" * 33 + "完成",
    "emoji": "🏢 执照 👩‍💼 5️⃣ 🙂 $x_1$ and $\\frac{1$",
    "lines": "first\nsecond\tthird\u2028fourth\x07\x00",
}


@cache
def _made():
    """Return runs that are the same for all tests; they are played once."""
    runs = {}
    for name, demand in ((BASELINE, 30_000), ("busy", 60_000)):
        scenario = {"name": name, "title": TITLES[name], "demand": {"registrations_per_year": demand}} | DAYS
        runs[name] = run_scenario(scenario_from_dict(scenario), seed=SEED, rule=Rule(tests=2, largest=20))
    return runs


def write_results(root, sweep=False):
    """Write a folder of results: two scenarios, and a sweep about the first if asked for; return it."""
    for name, run in _made().items():
        write_run(run, root / "scenarios" / name)
    if sweep:
        write_sweep(root / "sweeps" / "demand", [DEMAND, REVIEWERS])
        scenario = manifest_of(root / "scenarios" / BASELINE)["scenario"]
        change_manifest(root / "sweeps" / "demand", base=scenario, seed=SEED)
    return root


def manifest_of(folder):
    """Return the manifest of results."""
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def change_manifest(folder, **facts):
    """Change facts of a manifest; a dotted name, its dots written as two underscores, changes what is inside."""
    manifest = manifest_of(folder)
    for name, value in facts.items():
        *way, last = name.split("__")
        inner = manifest
        for step in way:
            inner = inner[step]
        inner[last] = copy.deepcopy(value)
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def entitle(root, text):
    """Give every scenario and sweep of a folder of results a title."""
    for folder in (root / "scenarios").iterdir():
        change_manifest(folder, scenario__title={"en": text, "zh": text})
    for folder in (root / "sweeps").glob("*/"):
        change_manifest(folder, title={"en": text, "zh": text})


def copied(root, to):
    """Return a copy of a folder of results, for a test to change."""
    shutil.copytree(root, to)
    return to


def flat_picture(name, chart, sources):
    """Return a picture without drawing it."""
    file = io.BytesIO()
    Image.new("RGB", (600, 300), "white").save(file, "PNG")
    png, svg = file.getvalue(), b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    whole = {"png": png, "svg": svg}
    return Picture(name, f"{name}: 4.95", "subtitle", "Simulation", sources, png, svg, whole, 6.0, 3.0, 9.0)


def look_up(root, source):
    """Return what is saved where a source says: a fact of a JSON file, a cell, a sum of cells or a number of rows.

    A file without a field is only there.
    """
    file, _, field = source.partition("#")
    path = Path(root, file)
    assert path.is_file(), source
    if not field:
        return None
    if path.suffix == ".json":
        found = json.loads(path.read_text(encoding="utf-8"))
        while field:
            # Names may have dots, as those of packages may.
            name = next(name for name in _beginnings(field) if _has(found, name))
            found = found[int(name)] if isinstance(found, list) else found[name]
            field = field[len(name) + 1 :]
        return found
    match = re.fullmatch(r"([^\[]+)(?:\[(.*)\])?", field)
    assert match is not None, source
    column, where = match[1], dict(pair.split("=", 1) for pair in match[2].split(",")) if match[2] else {}
    rows = [
        row for row in pq.read_table(path).to_pylist()
        if all(str(row[name]) == value for name, value in where.items())
    ]  # fmt: skip
    if column == "count":
        return len(rows)
    assert rows, source
    return rows[0][column] if len(rows) == 1 else sum(row[column] for row in rows)


def _beginnings(field):
    parts = field.split(".")
    return [".".join(parts[:number]) for number in range(len(parts), 0, -1)]


def _has(found, name):
    return name.isdigit() and int(name) < len(found) if isinstance(found, list) else name in found


def write_sensitivity(folder, scenario):
    """Write the folder of a sensitivity: three assumptions, one of which flips the verdict at both ends."""
    folder.mkdir(parents=True)
    names = ("review.minutes.mean_minutes", "phone.waiting_places", "demand.key_share")
    assumptions = [
        {"parameter": name, "unit": "min", "meaning_en": f"meaning of {name}", "meaning_zh": f"{name}的含义",
         "source": "assumption", "kind": "assumption", "value": value, "low": 1.0, "high": 6.5, "plausible_low": 1.0,
         "plausible_high": 6.5, "extended": False}
        for name, value in zip(names, (3.0, float("inf"), 0.02), strict=True)
    ]  # fmt: skip
    flips = []
    for place, name in enumerate(names):
        row = {"parameter": name, "replications": 900}
        for end, estimate, first in (("low", 4.1, 1.5), ("high", 9.5 - place, 3.2)):
            flipping = place == 0 or (place == 1 and end == "high")
            row |= {f"{end}_verdict": "FAILS" if flipping else "HOLDS", f"{end}_estimate": estimate,
                    f"{end}_interval_low": estimate - 0.1, f"{end}_interval_high": estimate + 0.1,
                    f"{end}_replications": 50, f"flip_{end}_last": first - 0.1 if flipping else float("nan"),
                    f"flip_{end}_first": first if flipping else float("nan"),
                    f"flip_{end}_verdict": "FAILS" if flipping else "", f"flip_{end}_between": "",
                    f"flip_{end}_monotone": True}  # fmt: skip
        flips.append(row)
    facts = {
        "format": 2, "kind": "sensitivity", "name": folder.name, "seed": 20240201, "replications": 900,
        "scenario": scenario, "rule": {"tests": 9, "error": 0.05, "smallest": 50, "largest": 2000},
        "plausible": {"offices": 200, "holds": {"share": 0.31, "low": 0.25, "high": 0.38}},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(assumptions), folder / "assumptions.parquet")
    pq.write_table(pa.Table.from_pylist(flips), folder / "flips.parquet")
    return folder


def write_calibration(folder):
    """Write the folder of a calibration: two estimates, one of which is used."""
    folder.mkdir(parents=True)
    estimates = [
        {"name": "review.minutes.mean_minutes", "value": 3.0, "low": 2.9, "high": 3.1, "n": 812, "used": True},
        {"name": "review.return_rate", "value": 0.2, "low": None, "high": None, "n": 12, "used": False},
    ]
    facts = {"format": 2, "kind": "calibration", "name": folder.name, "seed": 7, "parent": BASELINE}
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(estimates), folder / "estimates.parquet")
    return folder
