"""The program as it is installed: how it is called here, and the folder that holds what it is shipped with."""

from __future__ import annotations

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
SCHEDULER = "--scheduler"
_HARMLESS = re.compile(r"(?![\\/]{2})(?:[\w ./\\:=,+@-]|(?<=\d)%)+")
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


def own_line(command: object) -> str:
    """Return a command line that results or notes tell, as it is called here; nothing if it is not surely one of ours.

    They may come from elsewhere, and whoever is shown a command pastes it: no shell must see more in it than words
    for this program, and none of them may lead to another machine; a scheduler is left out.
    """
    try:
        words = shlex.split(str(command))
    except ValueError:
        return ""
    begins = (line.split() for line in (called, CHECKOUT, COMMAND))
    begin = next((begin for begin in begins if words[: len(begin)] == begin), [])
    if not begin or shlex.join(words) != command or not all(map(_HARMLESS.fullmatch, words)):
        return ""
    told, kept = iter(words[len(begin) :]), called.split()
    for word in told:
        if word == SCHEDULER:
            next(told, None)
        elif not word.startswith(f"{SCHEDULER}="):
            kept.append(word)
    return shlex.join(kept)


def from_here(path: Path) -> Path:
    """Return a path as it is told: relative if it is below the current folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
