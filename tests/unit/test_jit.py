"""Compiled code that is kept: damaged or from elsewhere, it is made again."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numba
import pytest
from helpers import EVERY

from sim import UNUSED, _tidy
from sim.jit import CheckedFile, kept_njit

ROOT = Path(__file__).parents[2]
KEY, CODE = ("signature", "target"), {"code": "x" * 50}


@pytest.fixture
def kept(tmp_path):
    file = CheckedFile(str(tmp_path), "loop", ("stamp", 1))
    file.save(KEY, CODE)
    return file


def test_what_was_kept_is_found(kept, tmp_path):
    assert kept.load(KEY) == CODE
    assert kept.load("another") is None
    assert CheckedFile(str(tmp_path), "loop", ("stamp", 2)).load(KEY) is None


def test_a_damaged_file_is_as_good_as_none_and_is_made_again(kept, tmp_path):
    chance = random.Random(1)
    for file in sorted(tmp_path.iterdir()):
        whole = file.read_bytes()
        flipped = []
        for _ in range(100):
            at, data = chance.randrange(len(whole)), bytearray(whole)
            data[at] ^= 1 << chance.randrange(8)
            flipped.append(bytes(data))
        for data in (b"", whole[:10], whole[:-1], whole + b"x", *flipped):
            file.write_bytes(data)
            assert kept.load(KEY) is None
        kept.save(KEY, CODE)
        assert kept.load(KEY) == CODE


A_DAY = """
from sim import draw, measure, play
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
office = registration_office(scenario_from_dict({
    "name": "day", "title": {"en": "Day", "zh": "日"}, "period": {"first": "2023-03-01", "last": "2023-03-01"},
    "demand": {"registrations_per_year": 4000},
}))
journeys = draw(office, seed=1)
logs = [play(office, journeys, engine) for engine in ("compiled", "process")]
told = journeys.cases, logs[0].differing_values(logs[1]), measure(office, journeys, logs[0])["licence mean"]
"""


def test_all_works_without_the_compiler():
    line = [sys.executable, "-W", "error", "-c", f"{A_DAY}\nprint(*told)"]
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    answer = subprocess.run(line, env=env, capture_output=True, text=True, check=True, timeout=300)
    compiled = {}
    exec(A_DAY, compiled)
    # Sampled times may differ in the last bit: compiled code multiplies and adds in one step.
    assert [float(value) for value in answer.stdout.split()] == pytest.approx(compiled["told"], rel=1e-12)
    assert compiled["told"][1] == 0


FIRST_DRAW = """
from sim import draw
from sim.draws import kernels
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
office = registration_office(scenario_from_dict({
    "name": "day", "title": {"en": "Day", "zh": "日"}, "period": {"first": "2023-03-01", "last": "2023-03-01"},
}))
draw(office, seed=1)
stats = [loop.stats for loop in (kernels.times_of, kernels.order_of, kernels.follow)]
print(*(sum(sum(getattr(each, which).values()) for each in stats) for which in ("cache_hits", "cache_misses")))
"""


def python(code, folder=ROOT, **variables):
    env = {**os.environ, **variables}
    line = [sys.executable, "-c", code]
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, check=True, timeout=300).stdout


def test_the_same_sources_elsewhere_compile_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    kept = str(tmp_path / "kept")
    told = [python(FIRST_DRAW, folder, NUMBA_CACHE_DIR=kept).split() for folder in (ROOT, tmp_path)]
    assert told == [["0", "3"], ["3", "0"]]


def test_compiled_code_is_kept_by_the_sources_that_went_into_it(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    cache_folder = "import os, sim; print(os.environ['NUMBA_CACHE_DIR'])"
    first, again = (Path(python(cache_folder, tmp_path).strip()) for _ in range(2))
    assert first == again
    with (tmp_path / "sim" / "engines" / "rules.py").open("a", encoding="utf-8") as rules:
        rules.write("\n# another rule\n")
    edited = Path(python(cache_folder, tmp_path).strip())
    assert edited != first
    assert edited.parent == first.parent


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no such rights")
def test_a_folder_that_others_can_write_to_is_not_used(kept, tmp_path):
    tmp_path.chmod(0o777)
    assert kept.load(KEY) is None
    tmp_path.chmod(0o700)
    for file in tmp_path.iterdir():
        file.unlink()
    tmp_path.chmod(0o777)
    kept.save(KEY, CODE)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def doubling(tmp_path, monkeypatch):
    """Return what compiles a function of a module of its own, and how often it was found."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "doubling_module.py").write_text("def double(x):\n    return 2 * x\n", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "doubling_module", raising=False)
    from doubling_module import double

    def call():
        compiled = kept_njit()(double)
        return compiled(21), sum(compiled.stats.cache_hits.values())

    return call


def test_damaged_code_of_a_function_is_compiled_again(doubling, tmp_path):
    assert [doubling(), doubling()] == [(42, 0), (42, 1)]
    files = sorted((tmp_path / "kept").rglob("*.nb?"))
    assert len(files) == 2
    for file in files:
        file.write_bytes(b"")
        assert [doubling(), doubling()] == [(42, 0), (42, 1)]


def test_a_disk_that_refuses_to_keep_code_ends_nothing(doubling, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(CheckedFile, "_write", full)
    assert doubling() == (42, 0)


def test_without_a_folder_of_its_own_code_is_not_kept_elsewhere(doubling, monkeypatch, tmp_path):
    (tmp_path / "kept").write_text("no folder")
    assert doubling() == (42, 0)
    assert not (tmp_path / "__pycache__").exists() or not list((tmp_path / "__pycache__").glob("*.nb?"))


def test_folders_that_nobody_has_used_for_long_are_removed(tmp_path):
    old, other, young = (tmp_path / name for name in ("0" * 16, "notes", "1" * 16))
    for folder in (old, other, young):
        folder.mkdir()
    for folder in (old, other):
        os.utime(folder, (0, time.time() - 2 * UNUSED))
    _tidy(tmp_path / ("2" * 16))
    assert {folder.name for folder in tmp_path.iterdir()} == {"notes", "1" * 16, "2" * 16}


AHEAD = """
import json
from numba.core import event
from sim.replicate import ahead

class Compiled(event.Listener):
    names = []
    def on_start(self, of):
        self.names.append(of.data["dispatcher"].py_func.__name__)
    def on_end(self, of):
        pass

event.register("numba:compile", Compiled())
said = []
ahead.compile_ahead(lambda: said.append(True))
here = list(Compiled.names)
Compiled.names.clear()
from sim import draw, load_scenario, measure, play
office = load_scenario("scenarios/no-absence.yaml")
journeys = draw(office, 1)
measure(office, journeys, play(office, journeys))
ahead.compile_ahead(lambda: said.append(True))
print(json.dumps({"said": len(said), "here": here, "later": Compiled.names}))
"""


@pytest.mark.skipif(not EVERY, reason="compiles all, some 20 seconds")
def test_the_first_run_compiles_all_ahead_by_two_processes(tmp_path):
    tmp_path.chmod(0o700)
    first, second = (json.loads(python(AHEAD, NUMBA_CACHE_DIR=str(tmp_path))) for _ in range(2))
    assert first["said"] == 1
    assert {"follow", "fold", "group_statistics"} <= set(first["here"])
    # The event loop is compiled elsewhere, and there when it is needed.
    assert "run_events" not in first["here"] + first["later"]
    assert not {"follow", "fold", "group_statistics"} & set(first["later"])
    assert second == {"said": 0, "here": [], "later": []}
