"""From a scenario file straight to an office, for use from Python."""

from __future__ import annotations

from pathlib import Path

from sim.office.blocks import Office
from sim.office.registration import registration_office
from sim.office.scenario import load_scenario_file


def load_scenario(path: str | Path) -> Office:
    """Return the office that a scenario file describes.

    Raises
    ------
    ScenarioError
        If something is wrong with the file; it lists everything that is, with line and column.
    """
    return registration_office(load_scenario_file(path))
