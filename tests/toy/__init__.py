"""A toy study, as docs/adding-a-study.md has it: in which half-hour of the day do most people come first?"""

import click

from sim.studies.base import Study

STUDY = Study(
    package=__name__,
    verb="busiest",
    kind="busiest",
    folder="busiest",
    about="When most people come first.",
    label="busiest half-hour",
    parameters=(click.Argument(["scenario"], metavar="SCENARIO.yaml"),),
    tables={"half_hours": "Half-hours"},
)
