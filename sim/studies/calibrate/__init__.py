"""What an office's own log tells: the model fitted to it, and held against days that the fit has not seen.

In the order in which a log becomes a scenario: `reading`, files become rows; `log`, rows become a log; then what it
tells, each with its interval: `demand`, `presence` (opening hours, staff), `times`, `patience`, `ways`, and `lying`,
what makes files lie; `fit` makes a scenario of it; `held_out` says whether it is right; `against` what has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.studies.base import Study
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.calibrate.records import Calibration

STUDY: Study[Calibration] = Study(
    package=__name__,
    verb="calibrate",
    kind="calibration",
    folder="calibrations",
    about=N_("Fit the model to an office's own log, and back-test it."),
    label=N_("calibration"),
    parameters=(
        click.Argument(["log"], nargs=-1, required=True, metavar="LOG..."),
        click.Option(
            ["--mapping"], metavar="MAPPING.yaml",
            help=N_("What columns and words mean; what it leaves out is recognised."),
        ),
        click.Option(
            ["--parent"], metavar="SCENARIO.yaml",
            help=N_("Scenario for what the log does not tell (baseline-2023)."),
        ),
        click.Option(["--name"], metavar="NAME", help=N_("Name of the new scenario.")),
        click.Option(
            ["--hold-out"], default="0.25", metavar="SHARE",
            help=N_("Last share of the days, to be foretold; 0 = none."),
        ),
        click.Option(
            ["--rolling"], is_flag=True,
            help=N_("Rolling back-test: foretell the last year, four weeks at a time, by fits to the days before."),
        ),
        click.Option(
            ["--half-life"], metavar="WEEKS",
            help=N_("Days count the less the older they are: half of those so many weeks old. Several, with commas: "
                    "--rolling holds them against each other."),
        ),
        click.Option(
            ["--times-only"], is_flag=True,
            help=N_("Take the service times alone from the log, as samples; all else is the parent's."),
        ),
        click.Option(
            ["--against"], metavar="RESULTS-FOLDER",
            help=N_("Older calibration: say what has changed since; the exit status is 3 if anything has."),
        ),
    ),
    tables={"estimates": N_("Fitted"), "causes": N_("Changes"), "moved": N_("Moved")},
)  # fmt: skip
