"""Thousands of offices at once, each with a verdict, and few of all verdicts wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.studies.base import Study
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.nation.records import Nation

STUDY: Study[Nation] = Study(
    package=__name__,
    verb="nation",
    kind="nation",
    folder="nations",
    about=N_("Which of thousands of offices keep the target."),
    label=N_("nation"),
    parameters=(click.Argument(["file"], metavar="OFFICES.csv"),),
    tables={"offices": N_("Offices")},
)  # fmt: skip
