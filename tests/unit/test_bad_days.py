"""Disks, folders and machines that do not do what they should: what the user sees then."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim import files
from sim.replicate.store import FileStore

try:
    import resource
except ImportError:  # not on Windows
    resource = None

ROOT = Path(__file__).parents[2]

DAY = """
name: day
title: {en: Day, zh: 日}
period: {first: 2023-03-01, last: 2023-03-01}
"""


@pytest.fixture
def given(tmp_path):
    (tmp_path / "day.yaml").write_text(DAY, encoding="utf-8")
    return "day.yaml"


@pytest.mark.parametrize(
    ("line", "place", "says"),
    [
        (("log", "day.yaml"), "results/logs/day.csv", "is another log, of another seed or scenario"),
        (("replay", "day.yaml"), "results/replays/day-2023-03-01.html", "is no replay of this program"),
        (("new", "mine"), "scenarios/mine.yaml", "is there already; choose another name"),
    ],
)
def test_what_somebody_else_wrote_meanwhile_is_not_replaced(call, given, tmp_path, monkeypatch, line, place, says):
    write = files._on_disk

    def others_are_quicker(file):
        write(file)
        (tmp_path / place).write_text("theirs", encoding="utf-8")

    monkeypatch.setattr(files, "_on_disk", others_are_quicker)
    status, _, err = call(*line)
    assert status == 2
    assert says in err
    assert (tmp_path / place).read_text(encoding="utf-8") == "theirs"
    assert [file.name for file in (tmp_path / place).parent.glob(".*")] == []


SMALL = ("run", "day.yaml", "--max-replications", "2", "--no-premises")


@pytest.mark.skipif(resource is None, reason="how large a file may be is limited in the way of Unix")
@pytest.mark.parametrize(
    ("line", "where", "most"),
    [
        (SMALL, "results/batches", 1_000), (SMALL, "results/runs/day", 20_000),
        (("log", "day.yaml"), "results/logs/day.csv", 1_000),
        (("replay", "day.yaml"), "results/replays/day-2023-03-01.html", 1_000), (("new", "mine"), "scenarios", 100),
    ],
    ids=["batch", "results", "log", "page", "scenario"],
)  # fmt: skip
def test_a_disk_that_takes_no_more_is_said(call, given, tmp_path, monkeypatch, line, where, most):
    """A file that may not become larger stands for a disk that is full: the system refuses at the same place."""
    # What is compiled on the way is kept whole: Python itself would keep half of it.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert call(*line)[0] == 0
    for made in ("results", "scenarios"):
        shutil.rmtree(tmp_path / made, ignore_errors=True)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        status, out, err = call(*line)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    # What was found has been said before it could not be saved.
    assert (status, out[:9]) == (2, "day: Day\n" if where.startswith("results/runs") else "")
    assert f"--out: cannot write '{where}': File too large" in err.splitlines()[-1].replace(str(tmp_path) + "/", "")
    left = {file.name for file in tmp_path.rglob("*") if file.is_file()}
    assert [name for name in left if name[0] == "." or name == "mine.yaml"] == []
    assert call(*line)[0] == 0


def test_a_folder_that_is_deleted_under_a_run_is_said(call, given, tmp_path, monkeypatch):
    keep = FileStore.keep

    def removed(store, *batch):
        keep(store, *batch)
        shutil.rmtree(tmp_path / "results")

    monkeypatch.setattr(FileStore, "keep", removed)
    status, out, err = call(*SMALL)
    assert (status, out) == (1, "")
    assert "have vanished from the store; what is finished is kept in results/batches; to go on" in err.splitlines()[-1]
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert call(*SMALL)[0] == 0


@pytest.mark.skipif(os.name != "posix", reason="homes and locales are those of Unix")
@pytest.mark.parametrize(
    ("home", "locale", "line", "makes"),
    [
        (None, "POSIX", ("log", "day.yaml"), "logs/day.csv"),
        # Charts are drawn, by a library that would have its settings there.
        ("/dev/null/home", "xx_XX.unknown", SMALL, "runs/day/summary.csv"),
    ],
    ids=["no home", "a home that is none"],
)
def test_neither_home_nor_locale_nor_names_of_folders_make_a_difference(given, tmp_path, home, locale, line, makes):
    here = tmp_path / "我的 文件"
    here.mkdir()
    (tmp_path / given).rename(here / given)
    set_anew = {"HOME": home, "LC_ALL": locale, "LANG": None, "MPLCONFIGDIR": None, "XDG_CONFIG_HOME": None,
                "XDG_CACHE_HOME": None, "PYTHONPATH": str(ROOT)}  # fmt: skip
    told = {name: value for name, value in {**os.environ, **set_anew}.items() if value is not None}
    whole = [sys.executable, ROOT / "run_sim.py", line[0], here / given, *line[2:], "--out", "结 果"]
    answer = subprocess.run(whole, cwd=here, env=told, capture_output=True, timeout=300)
    said = answer.stderr.decode().splitlines()
    assert answer.returncode == 0, said
    assert [each for each in said if not (each.startswith("day:") or each.endswith("(warning)"))] == []
    assert "结 果" in answer.stdout.decode()
    assert (here / "结 果" / makes).is_file()
