"""How long each step of a log took, and the applicants' own times between them, as the parameters have them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.evidence.fits.cases import own_times
from sim.evidence.fits.durations import MEAN_AND_CV, exponential_mean, lognormal_estimates, median
from sim.evidence.fits.estimates import Estimate
from sim.evidence.fits.openings import OfficeOpenings
from sim.evidence.logs.log import RETURNED, SERVED, UNTOLD, StepLog

F64 = NDArray[np.float64]

SERVICES = {
    "phone": ("phone.profiles[0].talk", ("_seconds", "_cv"), "s"),
    "online": ("filing.own_minutes", MEAN_AND_CV, "min"),
    "filing": ("filing.assisted_minutes", MEAN_AND_CV, "min"),
    "studio": ("filing.studio_minutes", MEAN_AND_CV, "min"),
    "key": ("filing.key_minutes", MEAN_AND_CV, "min"),
    "review": ("review.minutes", MEAN_AND_CV, "min"),
    "issue": ("issue.minutes", MEAN_AND_CV, "min"),
}
"""Where the scenario has the time of each step: path, ends of the names, unit of the first."""


def service_minutes(log: StepLog, step: str) -> F64:
    """Return how long each service at a step took [min]; of the online form and of machines, from queued to ended."""
    done = log.at(step) & np.isin(log.outcome, (SERVED, RETURNED, UNTOLD))
    begin = log.queued if step in ("online", "automatic") else log.started
    minutes = (log.ended - begin)[done]
    return np.asarray(minutes[np.isfinite(minutes) & (minutes >= 0)])


def service_estimates(log: StepLog) -> list[Estimate]:
    """Return mean and coefficient of variation of each step's service times, and how long automatic approvals take."""
    found: list[Estimate] = []
    for step, (path, ends, unit) in SERVICES.items():
        found += lognormal_estimates(path, service_minutes(log, step), ends, unit)
    automatic = service_minutes(log, "automatic")
    if len(automatic):
        found.append(Estimate("review.auto_minutes", *median(automatic), len(automatic), "median", "min"))
    return found


def own_time_estimates(log: StepLog, openings: OfficeOpenings | None) -> list[Estimate]:
    """Return the estimates of the applicants' own times; for the parameters see `own_times`."""
    ends = {"review.correction": (".median_hours", ".cv"), "issue.fetch_after_hours": (".mean_hours", ".cv")}
    found: list[Estimate] = []
    for path, own in own_times(log, openings).items():
        if path in ends:
            found += lognormal_estimates(path, own.minutes, ends[path], "h", own.limits)
        elif path != "phone.redial_after_minutes":
            found += lognormal_estimates(path, own.minutes, MEAN_AND_CV)
        elif n := len(own.minutes):
            found.append(Estimate(path, *exponential_mean(own.minutes), n, "exponential, ML", "min"))
    return found
