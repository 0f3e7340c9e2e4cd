"""Which assumption a verdict hangs on, where it flips, and how many plausible offices hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.studies.base import Study
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.sensitivity.records import Sensitivity

STUDY: Study[Sensitivity] = Study(
    package=__name__,
    verb="sensitivity",
    kind="sensitivity",
    folder="sensitivity",
    about=N_("Which assumption the verdict hangs on, and where it flips."),
    label=N_("sensitivity"),
    parameters=(
        click.Argument(["scenario"], metavar="SCENARIO.yaml"),
        click.Option(
            ["--only"], multiple=True, metavar="break-even|screening|indices|plausible",
            help=N_("Only this piece; may be repeated."),
        ),
        click.Option(
            ["--parameters"], metavar="A,B,...",
            help=N_("Only these assumptions (review.return_rate,issue.minutes.mean_minutes)."),
        ),
        click.Option(
            ["--ranges"], metavar="RANGES.yaml",
            help=N_("Ranges in place of the plausible ones, such as those fitted to a log."),
        ),
    ),
    tables={"break_even": N_("Break-even values"), "assumptions": N_("Assumptions")},
)  # fmt: skip
