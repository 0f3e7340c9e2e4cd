"""What kind of file an argument names, what to say if it is another, and names of several plans."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from sim.office.checked import members_of
from sim.office.parameters import Scenario
from sim.office.problems import like, nearest, shown
from sim.replicate.design_points import digest
from sim.studies.base import LONGEST_NAME, refused
from sim.text import N_, Message

Kind = Literal["scenario", "sweep", "rules"]

MEANT: dict[Kind, str] = {
    "scenario": N_("{file} is a scenario: run, staff, limit, explain and compare take it"),
    "sweep": N_("{file} is a sweep: the verb 'sweep' takes it"),
    "rules": N_("{file} is staffing rules: 'staff SCENARIO.yaml --rules' takes them"),
}

KINDS: dict[Kind, str] = {"scenario": N_("scenario"), "sweep": N_("sweep"), "rules": N_("staffing rules")}
ONLY_SCENARIOS = ("extends", "year", "demand", "phone", "filing", "review", "issue", "staff", "target", "outages")
"""Keys of which a scenario has one at least."""


def kind_of(file: str) -> Kind | None:
    """Return what a file, right or wrong, is meant as; None if that cannot be told."""
    keys = members_of(file).keys()
    if not keys.isdisjoint(("vary", "base")):
        return "sweep"
    # A scenario with a stray key is a scenario all the same.
    if not keys.isdisjoint(ONLY_SCENARIOS):
        return "scenario"
    return "rules" if "shifts" in keys else None


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
    if not os.path.exists(file):
        if os.path.isfile(shipped):
            raise refused("there is no file {file}; did you mean {shipped}?", file=shown(file), shipped=shipped)
        here = sorted(each.name for each in Path().glob("*.yaml"))
        if (similar := like(file, here)) is not None:
            raise refused("there is no file {file}; did you mean {shipped}?", file=shown(file), shipped=similar)
        known = sorted(each.stem for each in folder.glob("*.yaml"))
        if known and file and os.path.basename(file) == file.removesuffix(".yaml"):
            raise refused("there is no file {file}, and no {kind} that is shipped is called so; {nearest}",
                          file=shown(file), kind=Message(KINDS[kind]), nearest=nearest(file, known))  # fmt: skip
        return
    # What cannot be told is left to the reader of the kind, who says what is missing.
    if (found := kind_of(file)) not in (kind, None):
        raise refused(MEANT[found or kind], file=shown(file))


def check_names(verb: str, scenarios: Sequence[Scenario]) -> None:
    """Raise an `InputError` if two plans have the same name."""
    names = [scenario.name for scenario in scenarios]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise refused("{verb}: two of the plans are called {name}; each needs a name of its own", verb=verb,
                          name=shown(name))  # fmt: skip


def name_of_several(scenarios: Sequence[Scenario], between: str) -> str:
    """Return what results about several scenarios are called: their names, or of many the first and a hash of all."""
    names = [scenario.name for scenario in scenarios]
    joined = between.join(names)
    if len(joined) <= LONGEST_NAME // 2:
        return joined
    return f"{names[0][: LONGEST_NAME // 2]}{between}{len(names) - 1}-others-{digest(names)[:8]}"
