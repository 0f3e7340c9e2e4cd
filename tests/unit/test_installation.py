"""`check --installation`: one page that says whether what is installed works."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from sim.cli import installation, main
from sim.records import VisitLog

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Have nearly nobody come where SimPy plays."""
    for name, value in {"PARTS": (8000, 4000), "ROUNDS": 1, "SLOW": -1e9}.items():
        monkeypatch.setattr(installation, name, value)


def test_what_is_installed_works(capsys):
    assert main(ROOT, ["check", "--installation", "--json"]) == 0
    output = capsys.readouterr()
    found = {each["what"]: each for each in json.loads(output.out)["checks"]}
    assert ([each for each in found.values() if not each["ok"]], output.err) == ([], "")
    assert found["numpy"]["found"] == np.__version__
    assert re.fullmatch(r"[\d,]{3,} visits in \d+ offices, 0 values differ", found["both engines"]["found"])


def test_what_does_not_work_is_said_with_what_would_be_right(capsys, monkeypatch, tmp_path):
    (tmp_path / "results").write_text("a file")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(installation, "version", lambda name: "0.1")
    monkeypatch.setattr(installation, "ours_alone", lambda folder: False)
    monkeypatch.setattr(installation, "SLOW", 1e9)
    monkeypatch.setattr(VisitLog, "differing_values", lambda log, other: 3)
    assert main(ROOT, ["check", "--installation"]) == 2
    shown = " ".join(capsys.readouterr().out.split())
    for told in ("checks went wrong", ">=1.26", "is a file", "nobody else", "not one value may", "times or more"):
        assert told in shown


def test_check_wants_files_or_the_installation(capsys):
    for line in (["check"], ["check", "--installation", "scenarios/blank.yaml"]):
        assert main(ROOT, line) == 2
        assert "check: write either which files, or --installation, or --licences" in capsys.readouterr().err


def test_licences_of_all_that_is_needed_are_listed(capsys):
    assert main(ROOT, ["check", "--licences", "--json"]) == 0
    found = {each["package"].lower(): each for each in json.loads(capsys.readouterr().out)["packages"]}
    # What the program needs, and what these need in turn.
    assert {"licence-office-sim", "numpy", "numba", "llvmlite", "pydantic_core"} <= found.keys()
    assert all(each["version"] and each["licence"] for each in found.values())
    assert "BSD" in found["scipy"]["licence"]
    assert not {"pytest", "mypy"} & found.keys()
    assert main(ROOT, ["check", "--licences", "--lang", "zh"]) == 0
    assert "许可" in capsys.readouterr().out


def test_whatever_goes_wrong_there_is_a_page(capsys, monkeypatch, tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mine.yaml").write_text("name: mine\nfoo: 1\n", encoding="utf-8")
    monkeypatch.setattr(installation, "families", lambda: 1 / 0)
    assert main(tmp_path, ["check", "--installation", "--json"]) == 2
    wrong = {each["what"]: each["found"] for each in json.loads(capsys.readouterr().out)["checks"] if not each["ok"]}
    assert set(wrong) == {"font", "mine.yaml", "both engines"}
    assert "ZeroDivisionError" in wrong["font"]
    assert "mine.yaml:" in wrong["mine.yaml"]
