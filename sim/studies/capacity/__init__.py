"""How much demand a plan carries, and when growth breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.studies.base import NO_PREMISES, Study
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.capacity.records import Capacity

STUDY: Study[Capacity] = Study(
    package=__name__,
    verb="limit",
    kind="limit",
    folder="limits",
    about=N_("How much demand a plan carries, and when growth breaks it."),
    label=N_("limit"),
    parameters=(
        click.Argument(["files"], nargs=-1, required=True, metavar="SCENARIO.yaml..."),
        click.Option(
            ["--add"], multiple=True, metavar="POOL=NUMBER",
            help=N_("One more plan: the first scenario's with so many more on duty; may be repeated."),
        ),
        click.Option(
            ["--growth"], metavar="SHARE", help=N_("Yearly growth for the date on which a plan breaks (0.144).")
        ),
        click.Option(
            ["--years"], metavar="NUMBER", type=click.IntRange(1, 20),
            help=N_("So many years of that growth, each with what the plans carry of it (1)."),
        ),
        NO_PREMISES,
    ),
    tables={"brackets": N_("Demand carried"), "steps": N_("Demands judged")},
    part="how far",
)  # fmt: skip
