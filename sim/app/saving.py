"""Scenario files from the app: safe names, and files in the folder of scenarios only."""

from __future__ import annotations

import io
import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from sim.app.changes import LONGEST_NAME
from sim.experiment.parents import parent_of
from sim.files import replaced_file
from sim.office.scenario import SUFFIX, load_scenario_file

SHIPPED = frozenset({
    "auto-approval", "baseline-2023", "double-demand", "growth-2024", "high-returns", "key-enterprise-drive",
    "lunch-uncovered", "no-phone-consulting", "review-outage", "spring-rush", "staff-absence",
})  # fmt: skip
"""Scenarios that come with the program; the app never replaces them."""
# Names that Windows keeps for devices, whatever the suffix.
DEVICES = re.compile(r"con|prn|aux|nul|com[1-9]|lpt[1-9]")

Refusal = Literal["no name", "taken", "shipped", "own parent", "link"]


class RefusedError(ValueError):
    """A file is not written; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        self.reason: Refusal = reason
        super().__init__(reason)


def safe_name(typed: str) -> str:
    """Return the name of a scenario made of what somebody typed; empty if nothing of it can be used.

    Only small letters, digits and hyphens are left, so it is one file's name on every system, and leads nowhere.
    """
    plain = unicodedata.normalize("NFKD", typed).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain.removesuffix(SUFFIX)).strip("-")[:LONGEST_NAME].rstrip("-")
    return f"{name}-1" if DEVICES.fullmatch(name) else name


def safe_title(typed: str) -> str:
    """Return a title in one line, without what cannot be printed."""
    return "".join(character for character in " ".join(typed.split()) if character.isprintable())


def scenario_text(name: str, parent: str, title: Mapping[str, str], differs: Mapping[str, Any]) -> str:
    """Return a scenario file that says only what differs from its parent.

    Parameters
    ----------
    name, parent : str
        From `safe_name`, and of a scenario in the same folder.
    title : mapping of language to str
    differs : mapping
        Nested as in the file.
    """
    text = io.StringIO()
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 4096
    # Through JSON, so that nothing is anything but a plain value.
    yaml.dump(json.loads(json.dumps({"name": name, "extends": parent, "title": dict(title), **differs})), text)
    return f"# yaml-language-server: $schema=../docs/scenario.schema.json\n{text.getvalue()}"


def save_scenario(folder: Path, name: str, parent: str, text: str, replace: bool) -> Path:
    """Write a scenario file, which is read by way of trial before; return the file.

    Parameters
    ----------
    folder : Path
        Of the scenarios.
    name, parent : str
    text : str
        From `scenario_text`.
    replace : bool
        Whether a file of this name may be replaced.

    Raises
    ------
    RefusedError
        If the name cannot be used, or is taken.
    ScenarioError
        If the scenario is wrong; nothing is written.
    OSError
        If the disk refuses.
    """
    file = checked_place(folder, name, parent, replace)
    _read_beside(folder, name, text)
    if not replace:
        _claim(file)
    try:
        with replaced_file(file) as new:
            new.write_text(text, encoding="utf-8", newline="\n")
    except BaseException:
        if not replace:
            file.unlink(missing_ok=True)
        raise
    return file


def _claim(file: Path) -> None:
    """Make an empty file, unless there is one of this name: of several who save a new one, one is the first."""
    try:
        file.touch(exist_ok=False)
    except FileExistsError:
        raise RefusedError("taken") from None


def checked_place(folder: Path, name: str, parent: str, replace: bool) -> Path:
    """Return where a scenario file may be written.

    Raises
    ------
    RefusedError
        If it may not.
    """
    if not name or name != safe_name(name):
        raise RefusedError("no name")
    file = folder / f"{name}{SUFFIX}"
    if name in SHIPPED:
        raise RefusedError("shipped")
    if name == parent:
        raise RefusedError("own parent")
    if file.is_symlink() or file.is_dir():
        raise RefusedError("link")
    if file.exists() and (not replace or _is_extended(file)):
        raise RefusedError("taken" if not replace else "shipped")
    return file


def _is_extended(file: Path) -> bool:
    """Say whether another scenario in the folder of this one extends it."""
    others = (other for other in file.parent.glob(f"*{SUFFIX}") if other.is_file() and not other.is_symlink())
    return any(parent_of(other) == file for other in others)


def _read_beside(folder: Path, name: str, text: str) -> None:
    """Read a scenario file among copies of the others, as it will be read when it is there."""
    with tempfile.TemporaryDirectory() as copies:
        for file in folder.glob(f"*{SUFFIX}"):
            if file.is_file() and not file.is_symlink():
                shutil.copyfile(file, Path(copies, file.name))
        trial = Path(copies, f"{name}{SUFFIX}")
        trial.write_text(text, encoding="utf-8", newline="\n")
        load_scenario_file(trial)
