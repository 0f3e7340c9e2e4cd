"""The verdict over a grid, a list or a space of scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.studies.base import Study
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.sweep.records import SweepVerdicts

STUDY: Study[SweepVerdicts] = Study(
    package=__name__,
    verb="sweep",
    kind="sweep",
    folder="sweeps",
    about=N_("Run a sweep: the verdict over a grid, a list or a space of scenarios."),
    label=N_("sweep"),
    parameters=(click.Argument(["file"], metavar="SWEEP.yaml"),),
    tables={"verdicts": N_("Design points")},
)
