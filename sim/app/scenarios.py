"""The folder of scenarios: what of it can be read, and saving what was made in the app, under safe names only."""

from __future__ import annotations

import io
import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sim.app.changes import LONGEST_NAME
from sim.app.looks import capital
from sim.files import replaced_file
from sim.office.parameters import Scenario
from sim.office.parameters.listing import all_parameters
from sim.office.parameters.stages import NOBODY_SERVES
from sim.office.problems import Problem, ScenarioError
from sim.office.scenario import (
    BASELINE,
    SUFFIX,
    implausible,
    link_above,
    load_scenario_file,
    parent_of,
    scenario_as_dict,
)
from sim.office.yaml_tree import dotted
from sim.present.names import named
from sim.present.numbers import plain
from sim.text import Message, _, language

Stamps = tuple[tuple[str, int, int], ...]
"""Names of files, when they were last changed, and their sizes."""
"""What others are compared with, if it is there."""
SCHEMA = "# yaml-language-server: $schema=../docs/scenario.schema.json"
OURS = "# Saved by the web app, which may replace this file."
"""In the second line of what the app saves: nothing else is replaced by it, least of all what came with the program."""
# Names that Windows keeps for devices, whatever the suffix.
DEVICES = re.compile(r"con|prn|aux|nul|com[1-9]|lpt[1-9]")
NO_NAME = Message("Give the file a name with at least one small letter or digit of the Latin alphabet.")
TAKEN = Message("There is a scenario of this name already; choose another, or tick that it is to be replaced.")
NOT_OURS = Message("There is a scenario of this name that was not saved by this app; choose another name.")
EXTENDED = Message("Other scenarios extend this one; choose another name.")
OWN_PARENT = Message("A scenario cannot extend itself; choose another name.")
LINK = Message("A link or a folder is where the file is to go; choose another name.")


class RefusedError(ValueError):
    """A file is not written; its one argument says why."""


@dataclass(frozen=True)
class Offices:
    """The scenarios of a folder.

    Attributes
    ----------
    by_name : dict of name to Scenario
        `BASELINE` first, the others in the order of their names.
    problems : tuple of Problem
        All that is wrong with the files that are not among them.
    """

    by_name: dict[str, Scenario]
    problems: tuple[Problem, ...]

    def first(self, wanted: str) -> str:
        """Return the name of the scenario that is shown first: the one that is wanted, if there is such a one."""
        return wanted if wanted in self.by_name else next(iter(self.by_name))

    def label(self, name: str) -> str:
        """Return the title of a scenario, with its name where another has the same title."""
        titles = [str(each.title) for each in self.by_name.values()]
        title = str(self.by_name[name].title)
        return title if titles.count(title) == 1 else f"{title} ({name})"


def stamps_in(*folders: Path) -> Stamps:
    """Return what tells whether one of the scenarios of some folders has changed, or has come or gone."""
    stamps = []
    for file in (file for folder in folders for file in sorted(folder.glob(f"*{SUFFIX}"))):
        with suppress(FileNotFoundError):
            facts = file.lstat()
            stamps.append((file.name, facts.st_mtime_ns, facts.st_size))
    return tuple(stamps)


def offices_in(*folders: Path) -> Offices:
    """Read the scenarios of some folders, not those of the folders in them; of two of a name, that in the first.

    Nothing is read through a link, which may lead out of the folder: a scenario that extends one is a problem.
    """
    found: dict[str, Scenario] = {}
    problems: list[Problem] = []
    files = {file.name: file for folder in reversed(folders) for file in folder.glob(f"*{SUFFIX}")}
    for file in sorted(files.values(), key=lambda file: (file.stem != BASELINE, file.name)):
        if file.is_symlink() or not file.is_file():
            continue
        if (link := link_above(file)) is not None:
            problems.append(link)
            continue
        try:
            found[file.stem] = load_scenario_file(file)
        except ScenarioError as error:
            problems += error.problems
    return Offices(found, tuple(dict.fromkeys(problems)))


def wrong(problem: Problem) -> str:
    """Return an error in a line, without file and line: sliders have none."""
    what = problem.what
    if isinstance(what, Message) and what.template == NOBODY_SERVES:
        return _(
            "{pool}: nobody is ever on duty while the stage is open, yet applicants come; put somebody on duty",
            pool=capital(named("pool", str(what.values["pool"]))),
        )
    return str(problem.message)


def unusual(scenario: Scenario) -> list[str]:
    """Return a line for each value outside its plausible range."""
    known = {parameter.path: parameter for parameter in all_parameters()}
    full = scenario_as_dict(scenario)
    lines = []
    for path, text in implausible(scenario):
        parameter = known.get(dotted(path))
        if parameter is None or parameter.plausible is None:
            # Of a member of a list or a plan, whose range stands further up.
            lines.append(str(text))
            continue
        value: Any = full
        for step in path:
            value = value[step]
        low, high = (plain(end) for end in parameter.plausible)
        lines.append(_(
            "{meaning}: {value}, plausible is {low} to {high}", meaning=getattr(parameter, language()),
            value=plain(value), low=low, high=high,
        ))  # fmt: skip
    return lines


# Saving.


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
    return f"{SCHEMA}\n{OURS}\n{text.getvalue()}"


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
        raise RefusedError(TAKEN) from None


def checked_place(folder: Path, name: str, parent: str, replace: bool) -> Path:
    """Return where a scenario file may be written.

    Raises
    ------
    RefusedError
        If it may not.
    """
    if not name or name != safe_name(name):
        raise RefusedError(NO_NAME)
    file = folder / f"{name}{SUFFIX}"
    if name == parent:
        raise RefusedError(OWN_PARENT)
    if file.is_symlink() or file.is_dir():
        raise RefusedError(LINK)
    if file.exists():
        if not _is_ours(file):
            raise RefusedError(NOT_OURS)
        if not replace:
            raise RefusedError(TAKEN)
        if _is_extended(file):
            raise RefusedError(EXTENDED)
    return file


def _is_ours(file: Path) -> bool:
    """Say whether the app has saved a file."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        return [lines.readline().rstrip("\n") for __ in range(2)] == [SCHEMA, OURS]


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
