"""What a log does not tell: steps and columns that it lacks, parameters that it shows too little of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.evidence.fits.estimates import Estimate
from sim.evidence.fits.fitted import has, path_of
from sim.evidence.fits.service_times import SERVICES
from sim.evidence.logs.log import STEPS, StepLog
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict

TELLS: Mapping[str, Sequence[str]] = {
    "phone": ("phone.profiles[0].patience_seconds", "phone.redial_share", "phone.calls_per_application"),
    "filing": ("filing.assisted_share", "filing.hall_patience.mean_minutes"),
    "review": ("review.return_rate", "review.correction.median_hours", "demand.out_of_hours_share"),
    "issue": ("issue.electronic_share", "issue.fetch_after_hours.mean_hours"),
}
"""Besides its service time, what each step tells if there is enough of it."""


def not_told(
    log: StepLog, parent: Scenario, estimates: Sequence[Estimate], used: frozenset[str]
) -> list[tuple[str, str]]:
    """Return what could not be estimated or used, each with the reason.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
    estimates : sequence of Estimate
    used : frozenset of str
        Names of those that are in the scenario.
    """
    return [*_steps_and_columns(log), *_too_little(log, estimates), *_unusable(parent, estimates, used)]


def _steps_and_columns(log: StepLog) -> Iterator[tuple[str, str]]:
    for step in STEPS:
        if not log.has(step) and step != "automatic":
            yield step, "no rows of this step"
    for column, values in (("queued", log.queued), ("started", log.started), ("ended", log.ended)):
        if len(log) and not np.isfinite(values).any():
            yield column, "no times in this column"
    if (log.kind < 0).all():
        yield "class", "no classes: enterprises, individuals and other business are not told apart"
    if (log.server < 0).all():
        yield "server", "no servers: only how many were busy at once is known"


def _too_little(log: StepLog, estimates: Sequence[Estimate]) -> Iterator[tuple[str, str]]:
    known = tuple(each.name.partition("[")[0] if "return_rate" in each.name else each.name for each in estimates)
    for step in log.steps:
        times = [SERVICES[step][0] + SERVICES[step][1][0]] if step in SERVICES else []
        for name in (*times, *TELLS.get(step, ())):
            if name not in known:
                yield name, "too little in the log tells of it"


def _unusable(
    parent: Scenario, estimates: Sequence[Estimate], used: frozenset[str]
) -> Iterator[tuple[str, str]]:
    whole = scenario_as_dict(parent)
    for each in estimates:
        if each.value == each.value and each.name not in used and has(whole, path_of(each.name)):
            yield each.name, "no scenario can have the value that was found"
