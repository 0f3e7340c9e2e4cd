"""Files of every kind, damaged at random: read as something, or refused with problems, soon; never another exception.

FILES=5000 pytest -s tests/property/test_hostile_files.py    so many of each kind, in place of a few
"""

import gzip
import io
import json
import os
import random
import re
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from briefing_results import BASELINE, nation, write_results, written
from calibrations import calibration
from helpers import EVERY
from made_evidence import made_attribution, made_sensitivity
from old_workbooks import old_workbook

from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file, scenario_from_dict
from sim.replicate.design_points import design_point_of, model_version
from sim.replicate.figures import DamagedError, unpacked
from sim.replicate.work import Task, batch_facts, perform
from sim.results.begun import all_begun
from sim.results.codec import FORMAT
from sim.results.fitted import CalibrationError, fitted_to_log
from sim.results.timing import write_timing
from sim.studies import study_of
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.mapping import load_mapping
from sim.studies.finished import SavedError, read_results
from sim.studies.nation.offices import read_offices
from sim.studies.run.overview import NAME as OVERVIEW
from sim.studies.run.overview import overview_row, read_overview, write_overview
from sim.studies.sensitivity.ranges import load_ranges
from sim.studies.staff.rules import load_rules
from sim.studies.sweep.file import load_sweep_file

FILES = int(os.environ.get("FILES", "25" if EVERY else "10"))
"""Of each kind."""
SLOWEST, LARGEST = 5.0, 1 << 30
"""[s], [bytes] of memory"""
SEED = 20240201
SCENARIOS = Path(__file__).parents[2] / "scenarios"
PIECES = (
    b"{", b"}", b"[", b"]", b": ", b"- ", b"\n", b"\n  ", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\x1b[2J", b"-1",
    b"1e999",
    b"null", b".nan", b"NaN", b"Infinity", b"9" * 400, b"9999-12-31", b"24:00", b"&a ", b"*a", b"<<: ", b"!!str ",
    b"\t", b"a" * 140_000,
    b"[" * 200, b'"', b"'", b"extends: x\n", b"\xe2\x80\xae", b"PAR1", b",", b";", b"\r\n", b"0001-01-01 00:00",
    b"9999-12-31 23:59:59", b"1e308", b"&lol;", b"<!DOCTYPE x [", b"</event>", b"\x1f\x8b", b"PK\x03\x04",
    b"XFD1048576", b"=cmd|'/c calc'!A0", b"file: /dev/zero", b"\xb5\xda",
)  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return data with one to three damages."""
    for _ in range(chance.randint(1, 3)):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        to = min(to, at + chance.choice((1, 8, 200)))
        if (how := chance.randrange(5)) == 0:
            data = data[:at]
        elif how == 1:
            data = data[:at] + data[to:]
        elif how == 2:
            data = data[:to] + data[at:]
        elif how == 3 and at < len(data):
            data = data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        else:
            data = data[:at] + chance.choice(PIECES) + data[to if chance.random() < 0.5 else at :]
    return data


def attack(file, read, refusals, texts, stamp=lambda: None, pack=bytes):
    """Damage a file again and again, and read it: it is read, or refused; each as it is can be read.

    `stamp` is called when it is written, and what is damaged is written as `pack` makes it.
    """
    chance, counts, longest, before = random.Random(SEED), [0, 0], 0.0, memory()
    for number in range(-len(texts), FILES):
        file.write_bytes(pack(damaged(chance.choice(texts), chance) if number >= 0 else texts[number]))
        stamp()
        if number < 0:
            read()
            continue
        began = time.perf_counter()
        try:
            read()
            counts[0] += 1
        except refusals as error:
            counts[1] += str(error) != ""
        longest = max(longest, time.perf_counter() - began)
    more = memory() - before
    print(f"{FILES:,} files: {counts[0]:,} read, {counts[1]:,} refused, 0 faults; the longest took {longest:.2f} s; "
          f"{more / 2**20:,.0f} MB more")  # fmt: skip
    assert sum(counts) == FILES
    assert longest < SLOWEST
    assert more < LARGEST


def memory():
    """Return the most memory that this process has taken so far, in bytes; 0 where nobody tells."""
    if sys.platform != "linux":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize(
    ("folder", "load"),
    [("", load_scenario_file), ("sweeps", load_sweep_file), ("staffing", load_rules)],
    ids=["scenarios", "sweeps", "rules"],
)
def test_files_in_yaml(tmp_path, folder, load):
    for file in SCENARIOS.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / folder).mkdir(exist_ok=True)
    whole = [file.read_bytes() for file in sorted((SCENARIOS / folder).glob("*.yaml"))]
    texts = [re.sub(rb"(?m)^name: .*$", b"name: mine", text) for text in whole]
    mine = tmp_path / folder / "mine.yaml"
    attack(mine, lambda: load(mine), ScenarioError, texts)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    root = write_results(tmp_path_factory.mktemp("all") / "results")
    written(made_attribution(), root / "explanations" / BASELINE)
    written(made_sensitivity(), root / "sensitivity" / BASELINE)
    written(nation(), root / "nations" / "offices")
    written(calibration(), root / "calibrations" / "a")
    write_overview([overview_row(read_results(study_of("run"), root / "scenarios" / BASELINE))], root / "scenarios")
    return root


OF_RESULTS = [
    ("run", f"scenarios/{BASELINE}", ("manifest.json", "summary.parquet", "half_hours.parquet", "timing.json")),
    ("staff", f"staff/{BASELINE}", ("manifest.json", "certificate.parquet")),
    ("limit", f"limits/{BASELINE}", ("manifest.json", "steps.parquet")),
    ("sweep", "sweeps/demand", ("manifest.json", "verdicts.parquet")),
    ("comparison", "comparisons/plans", ("manifest.json", "pairs.parquet")),
    ("explanation", f"explanations/{BASELINE}", ("manifest.json", "stages.parquet")),
    ("sensitivity", f"sensitivity/{BASELINE}", ("manifest.json", "break_even.parquet")),
    ("nation", "nations/offices", ("manifest.json", "offices.parquet")),
    ("calibration", "calibrations/a", ("manifest.json", "estimates.parquet")),
]


@pytest.mark.parametrize(("kind", "of", "name"), [(kind, of, name) for kind, of, names in OF_RESULTS for name in names])
def test_files_of_results(results, kind, of, name):
    """Damaged by somebody who wrote their digests anew."""
    folder = results / of
    whole = (folder / name).read_bytes()
    stamp = (lambda: None) if name == "timing.json" else (lambda: write_timing(folder, 1.0))
    attack(folder / name, lambda: read_results(study_of(kind), folder), SavedError, [whole], stamp)
    (folder / name).write_bytes(whole)
    write_timing(folder, 1.0)


def test_the_table_of_all_scenarios(results, tmp_path):
    whole = (results / "scenarios" / f"{OVERVIEW}.parquet").read_bytes()
    attack(tmp_path / f"{OVERVIEW}.parquet", lambda: read_overview(tmp_path), (), [whole])


def test_what_says_what_was_fitted(tmp_path):
    """A scenario beside the manifest of a calibration that nobody may trust."""
    scenario = load_scenario_file(SCENARIOS / f"{BASELINE}.yaml")
    file = tmp_path / "mine.yaml"
    file.write_text(f"name: mine\nextends: {SCENARIOS / BASELINE}\n", encoding="utf-8")
    about = {"kind": "calibration", "format": FORMAT, "name": "mine", "fitted": {"parameters": ["review.return_rate"]}}
    text = json.dumps({"about": about, "scenario": {"review": {"return_rate": 0.15}}}).encode()
    attack(tmp_path / "manifest.json", lambda: fitted_to_log(file, [scenario]), CalibrationError, [text])


DAY = {"name": "day", "title": {"en": "Day", "zh": "日"}, "period": {"first": "2023-03-01", "last": "2023-03-01"},
       "demand": {"registrations_per_year": 4000}}  # fmt: skip


def test_batches_of_replications(tmp_path):
    point = design_point_of(scenario_from_dict(DAY), 1)
    (whole,) = perform(Task((point,), 0, 2, model_version()))
    file = tmp_path / "batch.npz"
    attack(file, lambda: unpacked(file.read_bytes(), batch_facts(point.key, 0, 2)), DamagedError, [whole])


def test_notes_of_what_has_begun(tmp_path):
    (tmp_path / "batches").mkdir()
    note = (
        b'{"kind": "run", "name": "x", "command": "python run_sim.py run x", "begun": "2026-01-01", "keys": ["a", "b"]}'
    )
    attack(tmp_path / "batches" / "begun-run-x.json", lambda: all_begun(tmp_path, {"run": "run"}), (), [note])


HEAD = "case,step,queued,started,ended,outcome,class,server"
ROWS = (
    "A1,phone,2023-03-01 08:30:00,2023-03-01 08:31:30,2023-03-01 08:36:00,served,enterprise,W1",
    "A1,review,2023-03-01 09:00:00,2023-03-01 09:10:00,2023-03-01 09:15:00,returned,enterprise,W2",
    "B2,phone,2023-03-01 08:32:00,,2023-03-01 08:33:15,gave_up,individual,",
)
LOG = "\n".join([HEAD, *ROWS * 3]) + "\n"
CHINESE = """业务编号,环节,取号时间,叫号时间,办结时间,状态
甲1,电话咨询,2023年3月1日 08:30:00,2023/3/1 8:31,2023-03-01T08:36,已接听
"""
EVENT = (
    '<event><string key="concept:name" value="review"/><date key="time:timestamp" value="2023-03-01T{}"/>'
    '<string key="lifecycle:transition" value="{}"/></event>'
)
XES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0"><trace><string key="concept:name" value="A1"/>'
    f"{EVENT.format('09:00:00', 'start')}{EVENT.format('09:05:00', 'complete')}</trace></log>"
)


def workbook():
    book, content = openpyxl.Workbook(), io.BytesIO()
    for line in LOG.splitlines():
        book.active.append(line.split(","))
    book.save(content)
    return content.getvalue()


PLACES = {
    (row, column): cell
    for row, line in enumerate(LOG.splitlines())
    for column, cell in enumerate(line.split(","))
    if cell
}
OBJECTS = "\n".join(json.dumps(dict(zip(HEAD.split(","), row.split(","), strict=True))) for row in ROWS)


def parquet():
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([json.loads(line) for line in OBJECTS.splitlines()]), content)
    return content.getvalue()


def zipped(content):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("log.csv", content)
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def sheet():
    with zipfile.ZipFile(io.BytesIO(workbook())) as packed:
        return packed.read(SHEET)


def with_sheet(content):
    """Return a workbook with this sheet."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == SHEET else old.read(name))
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "pack"),
    [
        ("log.csv", LOG.encode, bytes),
        ("log.csv", CHINESE.encode, bytes),
        ("log.csv", lambda: CHINESE.encode("gb18030"), bytes),
        ("log.csv", lambda: LOG.encode("utf-16"), bytes),
        ("log.txt", lambda: LOG.replace(",", "\t").encode(), bytes),
        ("log.csv.gz", lambda: gzip.compress(LOG.encode()), bytes),
        ("log.csv.gz", LOG.encode, gzip.compress),
        ("log.xes", XES.encode, bytes),
        ("log.jsonl", OBJECTS.encode, bytes),
        ("log.parquet", parquet, bytes),
        ("log.zip", LOG.encode, zipped),
        ("log.zip", lambda: zipped(LOG.encode()), bytes),
        ("log.xlsx", workbook, bytes),
        ("log.xlsx", sheet, with_sheet),
        ("log.xls", lambda: old_workbook(PLACES), bytes),
    ],
    ids=[
        "utf-8",
        "Chinese",
        "GB 18030",
        "UTF-16",
        "tabs",
        "gzip",
        "in gzip",
        "XES",
        "JSON",
        "Parquet",
        "in zip",
        "zip",
        "workbook",
        "sheet",
        "old workbook",
    ],
)
def test_logs(tmp_path, name, make, pack):
    file = tmp_path / name
    attack(file, lambda: read_log([file]), ScenarioError, [make()], pack=pack)


MAPPING = """
columns: {case: 业务编号, queued: 取号时间}
steps: {电话咨询: phone, 茶歇: ignore}
outcomes: {过号: gave_up}
time_format: "%Y-%m-%d %H:%M"
"""
OFFICES = "name,region,registrations,staff,review.return_rate\nupper,east,9000,0.5,\nlower,west,16400,,0.3\n"
SAMPLE = "minutes\n3\n4.5\n0.2\n12\n"


def test_mappings(tmp_path):
    attack(
        tmp_path / "mapping.yaml", lambda: load_mapping(tmp_path / "mapping.yaml"), ScenarioError, [MAPPING.encode()]
    )


def test_ranges(tmp_path):
    scenario, text = scenario_from_dict(DAY), b"review.return_rate: [0.1, 0.2]\nreview.minutes.mean_minutes: [2, 5]\n"
    attack(tmp_path / "ranges.yaml", lambda: load_ranges(tmp_path / "ranges.yaml", scenario), ScenarioError, [text])


def test_lists_of_offices(tmp_path):
    file = tmp_path / "offices.csv"
    files = [OFFICES.encode(), OFFICES.encode("utf-8-sig")]
    attack(file, lambda: list(read_offices(file, SCENARIOS)), ScenarioError, files)


def test_samples_of_times(tmp_path):
    scenario = tmp_path / "mine.yaml"
    scenario.write_text("name: mine\ntitle: {en: x, zh: x}\nreview: {minutes: {sample: times.csv}}\n", encoding="utf-8")
    attack(tmp_path / "times.csv", lambda: load_scenario_file(scenario), ScenarioError, [SAMPLE.encode()])
