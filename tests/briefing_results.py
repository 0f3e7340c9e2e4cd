"""Folders of results for briefings, written from records; and a look-up of the sources that a briefing names."""

import copy
import json
import math
import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
from made_records import about
from made_up import DEMAND, REVIEWERS, made_comparison, made_sweep
from rosters import cheapest_roster

from sim.measures.judge import Rule
from sim.office.scenario import scenario_from_dict
from sim.present.table import Sentence, Traced
from sim.program import DISTRIBUTION
from sim.replicate.design_points import model_version
from sim.results.about import about_of
from sim.results.codec import write_record
from sim.results.sources import Sources
from sim.results.timing import write_timing
from sim.studies.capacity.records import Capacity, JudgedLevel, Mark, PlanBracket
from sim.studies.nation.records import Nation, OfficeRow
from sim.studies.run.replicate import run_record, run_scenario

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
def runs():
    """Return two runs by name, the same for all tests; they are played once."""
    found = {}
    for name, demand in ((BASELINE, 30_000), ("busy", 60_000)):
        scenario = {"name": name, "title": TITLES[name], "demand": {"registrations_per_year": demand}} | DAYS
        done = run_scenario(scenario_from_dict(scenario), seed=SEED, rule=Rule(tests=2, largest=20))
        command = f"python run_sim.py run {name}.yaml"
        found[name] = run_record(done, about_of("run", name, command, [done.point], done.rule))
    return found


def capacity(scenario):
    """Return what two plans carry, the first that of a scenario."""
    ends = (("holds", "HOLDS"), ("fails", "FAILS"))
    plans = tuple(
        PlanBracket(name, en, zh, holds, fails, 4_020, 402_000, 40_200, True, 7, 350, cost, cost / 52, None, None)
        for name, en, zh, holds, fails, cost in (
            (BASELINE, "Three days", "三天", 40_600, 41_700, 1_818_000.0),
            ("more", "One more", "增1人", 46_900, 48_200, 1_935_000.0),
        )
    )
    steps = tuple(
        JudgedLevel(plan.plan, step, getattr(plan, end), verdict, 5.0, 4.9, 5.1, 50, "")
        for plan in plans
        for step, (end, verdict) in enumerate(ends, start=1)
    )
    return Capacity(
        about=about("limit", BASELINE), target=runs()[BASELINE].target, growth=0.144,
        marks=(Mark(40_200, 2023), Mark(46_000, 2024)), levels=(), working_days=(3, 3), replications=50,
        scenarios=(scenario,), plans=plans, steps=steps,
    )  # fmt: skip


def nation():
    """Return a nation of three offices."""
    found = ((2, "a", "FAILS", 5.4), (3, "b", "UNDECIDED", 5.0), (4, "c", "HOLDS", 4.6))
    rows = tuple(
        OfficeRow(
            line, name, "east", BASELINE, 4_000.0 * line, 3 * line, verdict, estimate, estimate - 0.1,
            estimate + 0.1, 5 - estimate, 0.01, 20,
        ) for line, name, verdict, estimate in found
    )  # fmt: skip
    return Nation(
        about=about("nation", "offices"), target=runs()[BASELINE].target, working_days=3,
        registrations=36_000.0, offices=rows,
    )  # fmt: skip


def written(record, folder, **changed):
    """Write a record of the seed and the model of all into a folder; return that."""
    versions = {DISTRIBUTION: "0.1.0"}
    rests_on = replace(record.about, name=folder.name, seed=SEED, model=model_version(), versions=versions)
    folder.mkdir(parents=True)
    write_record(replace(record, about=rests_on, **changed), folder)
    write_timing(folder, 1.0)
    return folder


def write_runs(root):
    """Write a folder of results with two scenarios; return it."""
    for name, run in runs().items():
        written(run, root / "scenarios" / name)
    return root


def write_results(root):
    """Write a folder of results with two scenarios and, of the first, a roster, what it carries and a sweep."""
    write_runs(root)
    scenario = runs()[BASELINE].scenario
    written(cheapest_roster(scenario=scenario), root / "staff" / BASELINE)
    written(capacity(scenario), root / "limits" / BASELINE)
    written(made_sweep([DEMAND, REVIEWERS]), root / "sweeps" / "demand", base=scenario, sources=Sources((), (), 3, 4))
    plans = ((BASELINE, "Three days", "三天", 4.99, 3_640_000), ("more", "One more", "增1人", 4.58, 3_850_000))
    written(made_comparison(plans), root / "comparisons" / "plans", scenarios=(scenario,))
    return root


def manifest_of(folder):
    """Return the manifest of results."""
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def write_manifest(folder, facts):
    """Write another manifest into a folder of results, as if it had been written so."""
    (folder / "manifest.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    write_timing(folder, 1.0)


def change_manifest(folder, **facts):
    """Change facts of a manifest, as if they had been written so.

    A dotted name, its dots written as two underscores, changes what is inside.
    """
    manifest = manifest_of(folder)
    for name, value in facts.items():
        *way, last = name.split("__")
        inner = manifest
        for step in way:
            inner = inner[int(step) if step.isdigit() else step]
        inner[last] = copy.deepcopy(value)
    write_manifest(folder, manifest)


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
        found = _read(path, path.stat().st_mtime_ns)
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
        row for row in _read(path, path.stat().st_mtime_ns)
        if all(str(row[name]) == value for name, value in where.items())
    ]  # fmt: skip
    if column == "count":
        return len(rows)
    assert rows, source
    return rows[0][column] if len(rows) == 1 else sum(row[column] for row in rows)


@cache
def _read(path, changed):
    """Return what is in a file of results that was last changed then."""
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    return pq.read_table(path).to_pylist()


def traced_in(value):
    """Yield every traced piece of a briefing."""
    if isinstance(value, Traced):
        yield value
    elif isinstance(value, Sentence):
        yield from traced_in(value.pieces)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from traced_in(each)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from traced_in(getattr(value, name))


def written_as_it_is(piece):
    """Check that a number is written as its value is, to its last digit; say whether it is one."""
    if not piece.is_number or piece.unit not in ("min", "number", "yuan", "share"):
        return False
    digits = piece.text.replace(",", "").replace("−", "-").removesuffix("%").strip()
    if not digits.replace(".", "").replace("-", "").isdigit():
        return False
    value = float(piece.value) * (100 if piece.unit == "share" or "%" in piece.text else 1)
    last = 10.0 ** -len(digits.partition(".")[2])
    assert abs(float(digits) - value) <= last / 2 + 1e-9, piece
    return True


def same(saved, value):
    if isinstance(saved, list):
        return value == len(saved)
    if saved is None or not math.isfinite(float(saved)):
        return not math.isfinite(value)
    return float(saved) == value


def _beginnings(field):
    parts = field.split(".")
    return [".".join(parts[:number]) for number in range(len(parts), 0, -1)]


def _has(found, name):
    return name.isdigit() and int(name) < len(found) if isinstance(found, list) else name in found
