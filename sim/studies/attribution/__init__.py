"""Which stage makes the licences late, and what one more of staff is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.studies.base import Study
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.attribution.records import Attribution

STUDY: Study[Attribution] = Study(
    package=__name__,
    verb="explain",
    kind="explanation",
    folder="explanations",
    about=N_("Which stage makes the licences late, and what one more of staff is worth."),
    label=N_("explanation"),
    parameters=(click.Argument(["scenario"], metavar="SCENARIO.yaml"),),
    tables={"stages": N_("Stages"), "one_more": N_("One more"), "late_cases": N_("Late cases")},
    part="why",
)
