"""The house rules that tools can check: lint, types, imports, length of files, nothing of anybody's machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from sim.kept import COMPILED
from sim.locale import catalogue

ROOT = Path(__file__).parents[2]

MOST_LINES = 400
LONGER = {
    "sim/engines/event_loop.py": "compiled: what is bound outside the loop is what makes it fast",
    "sim/studies/base.py": "the one page that whoever adds a study reads",
    "sim/studies/sensitivity/records.py": "one answer of eight tables",
}
"""Files that may be longer, and why."""

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
    assert too_long <= set(LONGER), {name: lengths[name] for name in too_long}
    assert set(LONGER) <= set(lengths)


def test_whatever_is_no_module_is_installed_as_well():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    patterns = {f"{package.replace('.', '/')}/{file}" for package, of in project["package-data"].items() for file in of}
    taken = {file for of in (patterns, *project["data-files"].values()) for each in of for file in ROOT.glob(each)}
    listed = run("git", "ls-files", "-z", "sim", "scenarios")
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    kept = {ROOT / name for name in listed.stdout.split("\0") if name and not name.endswith(".py")}
    assert kept == {file for file in taken if ROOT / "docs" not in file.parents}


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


def test_every_message_is_used_translated_and_has_the_same_gaps():
    assert list(catalogue.problems()) == [], "run: python -m sim.locale.catalogue"


def test_compiled_functions_are_where_the_cache_looks_for_their_sources():
    home = ROOT / "sim"
    compiled = {file.relative_to(home).parts[0] for file in home.rglob("*.py")
                if re.search(r"^\s*@.*n?jit\b|njit\(", file.read_text(encoding="utf-8"), re.MULTILINE)}  # fmt: skip
    assert compiled
    assert compiled <= set(COMPILED)
