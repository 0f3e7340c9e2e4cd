"""What kind of file an argument names, and what to say if it is another kind than the verb takes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sim.cli.errors import InputError
from sim.experiment.sweeps.file import is_sweep_file
from sim.office.problems import shown
from sim.staffing.rules import is_rules_file

Kind = Literal["scenario", "sweep", "rules"]

MEANT: dict[Kind, str] = {
    "scenario": "a scenario: run, limit, explain and staff take it",
    "sweep": "a sweep: the verb 'sweep' takes it",
    "rules": "staffing rules: 'staff SCENARIO.yaml --rules' takes them",
}


def kind_of(file: str) -> Kind:
    """Return what a file, right or wrong, is meant as: a scenario if it is nothing else."""
    if is_sweep_file(file):
        return "sweep"
    return "rules" if is_rules_file(file) else "scenario"


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
    found = kind_of(file)
    # A wrong sweep or rules file may lack what tells it from a scenario; its own reader says that better.
    if found not in (kind, "scenario"):
        raise InputError(f"{shown(file)} is {MEANT[found]}")
