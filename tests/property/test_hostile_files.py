"""Files of every kind, damaged at random: read as something, or refused with problems, soon; never another exception.

FILES=20000 pytest tests/property/test_hostile_files.py    so many of each kind, in place of a few
"""

import os
import random
import re
import time
from pathlib import Path

import pytest
from briefing_results import BASELINE, write_results

from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file
from sim.results.timing import write_timing
from sim.studies import study_of
from sim.studies.driver import SavedError, read_results
from sim.studies.staff.rules import load_rules
from sim.studies.sweep.file import load_sweep_file

FILES = int(os.environ.get("FILES", "25"))
"""Of each kind."""
SLOWEST = 5.0
"""[s]"""
SEED = 20240201
SCENARIOS = Path(__file__).parents[2] / "scenarios"
PIECES = (
    b"{", b"}", b"[", b"]", b": ", b"- ", b"\n", b"\n  ", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\x1b[2J", b"-1",
    b"1e999",
    b"null", b".nan", b"NaN", b"Infinity", b"9" * 400, b"9999-12-31", b"24:00", b"&a ", b"*a", b"<<: ", b"!!str ",
    b"\t",
    b"[" * 200, b'"', b"'", b"extends: x\n", b"\xe2\x80\xae", b"PAR1",
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


def attack(file, read, refusals, texts, stamp=lambda: None):
    """Damage a file again and again, read it, and return how often it was read, how often refused, and the longest."""
    chance, counts, longest = random.Random(SEED), [0, 0], 0.0
    for _ in range(FILES):
        file.write_bytes(damaged(chance.choice(texts), chance))
        stamp()
        began = time.perf_counter()
        try:
            read()
            counts[0] += 1
        except refusals as error:
            counts[1] += str(error) != ""
        longest = max(longest, time.perf_counter() - began)
    print(f"{FILES:,} files: {counts[0]:,} read, {counts[1]:,} refused, 0 faults; the longest took {longest:.2f} s")
    assert sum(counts) == FILES
    assert longest < SLOWEST


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
    return write_results(tmp_path_factory.mktemp("all") / "results")


@pytest.mark.parametrize("name", ["manifest.json", "summary.parquet", "half_hours.parquet", "timing.json"])
def test_files_of_results(results, name):
    """Damaged by somebody who wrote their digests anew."""
    folder = results / "scenarios" / BASELINE
    whole = (folder / name).read_bytes()
    stamp = (lambda: None) if name == "timing.json" else (lambda: write_timing(folder, 1.0))
    attack(folder / name, lambda: read_results(study_of("run"), folder), SavedError, [whole], stamp)
    (folder / name).write_bytes(whole)
    write_timing(folder, 1.0)
