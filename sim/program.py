"""The program as it is installed: how it is called here, and the folder that holds what it is shipped with."""

from __future__ import annotations

import os
import re
import shlex
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

DISTRIBUTION = "licence-office-sim"
CHECKOUT = "python run_sim.py"
COMMAND = "licence-office"
"""What an installation is called by; begins a command line as `CHECKOUT` does."""
SCHEDULER, OUT, REPLACE = "--scheduler", "--out", "--replace"
_VALUED = frozenset(["--seed", "--max-replications", "--engine", "--jobs", "--lang", SCHEDULER, OUT])
"""Options with a value that may stand before the verb."""
_HARMLESS = re.compile(r"(?!(?:.*=)?[\\/]{2})(?:[\w ./\\:=,+@-]|(?<=\d)%)+")
SCENARIOS, NEUTRAL = "scenarios", "blank.yaml"

called = CHECKOUT
"""What begins a command line that calls it as it has been called; said in messages and kept with results."""


@cache
def shipped() -> Path:
    """Return the folder whose `scenarios/` and `docs/` are the program's: a checkout, or what a wheel has brought.

    Raises
    ------
    FileNotFoundError
        If there is none, as where the library was copied by itself.
    """
    beside = Path(__file__).parents[1]
    # The last one is that of an installation into a folder of one's choice.
    folders = [beside, beside / "share" / DISTRIBUTION]
    with suppress(PackageNotFoundError):
        files = distribution(DISTRIBUTION).files or ()
        brought = [file for file in files if file.parts[-2:] == (SCENARIOS, NEUTRAL)]
        folders[1:1] = [Path(str(file.locate())).resolve().parents[1] for file in brought]
    for folder in folders:
        if (folder / SCENARIOS / NEUTRAL).is_file():
            return folder
    raise FileNotFoundError(f"the scenarios that {DISTRIBUTION} is shipped with are not there; install it again")


def own_line(command: object, verb: str, out: Path) -> str:
    """Return a command line that results or notes tell, as it is called here; nothing if it is not surely one of ours.

    They may come from elsewhere, and whoever is shown a command pastes it: no shell must see more in it than words
    for this program, none of them may lead to another machine, the first that is no option is the verb that makes such
    results, and `--out` is where these lie. A scheduler is left out, and so is that others may be replaced.

    Parameters
    ----------
    command : object
    verb : str
        What makes such results; empty for the main job, which has options alone.
    out : Path
        The folder of all results that these lie in.
    """
    try:
        words = shlex.split(str(command))
    except ValueError:
        return ""
    begins = (line.split() for line in (called, CHECKOUT, COMMAND))
    begin = next((begin for begin in begins if words[: len(begin)] == begin), [])
    if not begin or shlex.join(words) != command or not all(map(_HARMLESS.fullmatch, words)):
        return ""
    told, kept, verbs = iter(words[len(begin) :]), called.split(), list[str]()
    for word in told:
        option, equals, value = word.partition("=")
        given = [word]
        if option in _VALUED and not equals:
            value = next(told, "")
            # A value that looks like an option could hide one.
            if value.startswith("-"):
                return ""
            given.append(value)
        if option == OUT and os.path.realpath(value) != os.path.realpath(out):
            return ""
        if not word.startswith("--"):
            verbs.append(word)
        if option not in (SCHEDULER, REPLACE):
            kept += given
    return shlex.join(kept) if verbs[:1] == ([verb] if verb else []) else ""


def from_here(path: Path) -> Path:
    """Return a path as it is told: relative if it is below the current folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
