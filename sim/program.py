"""The program as it is installed: how it is called here, and the folder that holds what it is shipped with."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

DISTRIBUTION = "licence-office-sim"
CHECKOUT = "python run_sim.py"
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


def from_here(path: Path) -> Path:
    """Return a path as it is told: relative if it is below the current folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
