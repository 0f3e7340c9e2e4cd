"""Plans under common random numbers: which is better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.studies.base import NO_PREMISES, Study
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.compare.records import PlanComparison

STUDY: Study[PlanComparison] = Study(
    package=__name__,
    verb="compare",
    kind="comparison",
    folder="comparisons",
    about=N_("Compare plans under common random numbers."),
    label=N_("comparison"),
    parameters=(
        click.Argument(["files"], nargs=-1, required=True, metavar="A.yaml B.yaml..."),
        click.Option(["--best"], is_flag=True, help=N_("Look for the best plan only: drop the others early.")),
        NO_PREMISES,
        click.Option(["--name"], metavar="NAME", help=N_("Name of the comparison and its folder.")),
    ),
    tables={"plans": N_("Plans"), "pairs": N_("Pairs")},
)
