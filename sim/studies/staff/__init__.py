"""The cheapest plan that keeps the target, with its certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.studies.base import NO_PREMISES, Study
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.staff.records import CheapestRoster

STUDY: Study[CheapestRoster] = Study(
    package=__name__,
    verb="staff",
    kind="staff",
    folder="staff",
    about=N_("The cheapest plan that keeps the target, with its certificate."),
    label=N_("staffing"),
    parameters=(
        click.Argument(["scenario"], metavar="SCENARIO.yaml"),
        click.Option(
            ["--rules"], metavar="RULES.yaml",
            help=N_("Shifts, bounds and service floors (scenarios/staffing/standard.yaml)."),
        ),
        click.Option(
            ["--years"], metavar="NUMBER", type=click.IntRange(1, 10),
            help=N_("So many years more: the cheapest roster of each, and whether that of the busiest holds in all."),
        ),
        click.Option(["--part-time"], is_flag=True,
                     help=N_("With half days; without rules, of shifts made from the office's hours.")),
        click.Option(["--growth"], metavar="SHARE", help=N_("Yearly growth of demand over these years (0.144).")),
        NO_PREMISES,
        click.Option(["--sure"], is_flag=True,
                     help=N_("Look also for a roster that is sure enough, given the log of a fitted scenario.")),
    ),
    tables={"staffing": N_("Roster"), "years": N_("Years"), "certificate": N_("Certificate")},
)  # fmt: skip
