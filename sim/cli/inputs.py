"""What kind of file an argument names, and what to say if it is another kind than the verb takes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sim.cli.errors import InputError
from sim.experiment.sweeps.file import is_sweep_file
from sim.office.problems import ScenarioError, shown
from sim.office.yaml_tree import read_tree
from sim.staffing.rules import is_rules_file

Kind = Literal["scenario", "sweep", "rules"]

MEANT: dict[Kind, str] = {
    "scenario": "a scenario: run, staff, limit, explain and compare take it",
    "sweep": "a sweep: the verb 'sweep' takes it",
    "rules": "staffing rules: 'staff SCENARIO.yaml --rules' takes them",
}


ONLY_SCENARIOS = ("extends", "year", "demand", "phone", "filing", "review", "issue", "staff", "target", "outages")
"""Keys of which a scenario has one at least."""


def kind_of(file: str) -> Kind | None:
    """Return what a file, right or wrong, is meant as; None if that cannot be told."""
    if is_sweep_file(file):
        return "sweep"
    if is_rules_file(file):
        return "rules"
    try:
        root, _ = read_tree(Path(file))
    except ScenarioError:
        return None
    keys = root.value.keys() if root is not None and isinstance(root.value, dict) else set()
    return None if keys.isdisjoint(ONLY_SCENARIOS) else "scenario"


def check_file(file: str, folder: Path, kind: Kind = "scenario") -> None:
    """Raise an `InputError` if a file is of another kind, or is not there but one of its name is shipped in `folder`.

    Parameters
    ----------
    file : str
    folder : Path
        Where files of the kind are shipped.
    kind : str
        That the verb takes.
    """
    shipped = folder / f"{Path(file).name.removesuffix('.yaml')}.yaml"
    if not Path(file).exists():
        if shipped.is_file():
            raise InputError(f"there is no file {shown(file)}; did you mean {shipped}?")
        return
    # What cannot be told is left to the reader of the kind, who says what is missing.
    if (found := kind_of(file)) not in (kind, None):
        raise InputError(f"{shown(file)} is {MEANT[found or kind]}")
