"""The house rules that tools can check: lint, types, imports, length of files, nothing of anybody's machine."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import sim.briefing.labels
from sim.briefing.words import WORDS

ROOT = Path(__file__).parents[2]

MOST_LINES = 400
ONE_LONG_FUNCTION = {"sim/engines/event_loop.py": "compiled: what is bound outside the loop is what makes it fast"}

OF_A_MACHINE = re.compile(r"(?<![\w.~-])/(?:root|work|home|Users)/|\b[A-Z]:\\+Users\\", re.IGNORECASE)


def run(*line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300)


def passes(*line: str) -> None:
    answer = run(*line)
    assert answer.returncode == 0, f"{' '.join(line[1:])}\n{answer.stdout}{answer.stderr}"


def test_ruff():
    passes(sys.executable, "-m", "ruff", "check", "--quiet", ".")


def test_mypy_strict():
    passes(sys.executable, "-m", "mypy")


def test_imports_go_the_way_they_should():
    linter = shutil.which("lint-imports", path=sysconfig.get_path("scripts"))
    assert linter is not None, "import-linter is not installed beside this Python"
    passes(linter, "--no-cache")


def test_files_stay_short():
    lengths = {
        file.relative_to(ROOT).as_posix(): len(file.read_text(encoding="utf-8").splitlines())
        for file in (ROOT / "sim").rglob("*.py")
    }
    too_long = {name for name, lines in lengths.items() if lines > MOST_LINES}
    assert too_long <= set(ONE_LONG_FUNCTION), {name: lengths[name] for name in too_long}
    assert set(ONE_LONG_FUNCTION) <= set(lengths)


def test_nothing_names_a_machine():
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.split("\0") if name]
    assert "pyproject.toml" in names
    found = []
    for name in names:
        try:
            lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture, or removed and not yet committed
        found += [f"{name}:{at}: {line.strip()[:120]}" for at, line in enumerate(lines, 1) if OF_A_MACHINE.search(line)]
    assert found == []


def test_no_two_tables_of_labels_give_a_key_other_words():
    tables = [importlib.import_module(f"sim.briefing.labels.{each.name}").WORDS
              for each in pkgutil.iter_modules(sim.briefing.labels.__path__)]  # fmt: skip
    for table in tables:
        assert {key: words for key, words in table.items() if WORDS[key] != words} == {}
