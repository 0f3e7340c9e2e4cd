"""The program as it is installed: how it is called here, and the folder that holds what it is shipped with."""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution
from pathlib import Path

DISTRIBUTION = "licence-office-sim"
CHECKOUT = "python run_sim.py"
SCENARIOS = "scenarios"

called = CHECKOUT
"""What begins a command line that calls it as it has been called; said in messages and kept with results."""


@cache
def shipped() -> Path:
    """Return the folder whose `scenarios/` and `docs/` are the program's: a checkout, or what a wheel has brought."""
    checkout = Path(__file__).parents[1]
    if (checkout / SCENARIOS).is_dir():
        return checkout
    files = distribution(DISTRIBUTION).files or ()
    (first, *_) = (file for file in files if file.parts[-2:] == (SCENARIOS, "blank.yaml"))
    return Path(str(first.locate())).resolve().parents[1]
