"""Whether a scenario keeps its target, and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.studies.base import Study
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.run.records import Run

STUDY: Study[Run] = Study(
    package=__name__,
    verb="run",
    kind="run",
    folder="runs",
    also_in=("scenarios",),
    about=N_("Run one scenario: verdict, figures, charts."),
    label=N_("run"),
    parameters=(
        click.Argument(["scenario"], metavar="SCENARIO.yaml"),
        click.Option(
            ["--no-premises"],
            is_flag=True,
            help=N_(
                "The verdict alone, without looking how much more demand it bears and which assumptions would turn it."
            ),
        ),
        click.Option(
            ["--assumptions"],
            is_flag=True,
            help=N_("What the log of a fitted scenario does not show counts with its plausible range."),
        ),
    ),
    tables={
        "summary": N_("Figures"), "licence_times": N_("Licence times"), "nearest": N_("Premises"),
        "causes": N_("Given the log"),
    },
    part="why",
)
