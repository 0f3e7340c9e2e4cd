"""How long each step of a log took, and the applicants' own times between them, as the parameters have them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.office.parameters.fields import MINUTES_A_DAY, MOST_SAMPLED
from sim.studies.calibrate.dependence import Dependent, dependents
from sim.studies.calibrate.intervals import exponential_mean, median
from sim.studies.calibrate.log.steps import F64, GAVE_UP, RETURNED, SERVED, UNTOLD, StepLog
from sim.studies.calibrate.patience.patience import PATIENCE_OF
from sim.studies.calibrate.presence.openings import OfficeOpenings, Openings
from sim.studies.calibrate.records import STARTS, Estimate
from sim.studies.calibrate.times.clocks import clock_of
from sim.studies.calibrate.times.durations import MEAN_AND_CV, SAMPLE, family_of, lognormal_estimates
from sim.studies.calibrate.ways.cases import cases_of, contact_span

OF_TALK = ("_seconds", "_cv")
FAMILIES_OF = {OF_TALK: ("lognormal",), MEAN_AND_CV: ("lognormal", "gamma")}
"""Families that a scenario can have, from the simplest on, by the ends of the names."""
AT_MOST = f"{STARTS}: at most so long"
SERVICES = {
    "phone": ("phone.profiles[0].talk", OF_TALK, "s"),
    "online": ("filing.own_minutes", MEAN_AND_CV, "min"),
    "filing": ("filing.assisted_minutes", MEAN_AND_CV, "min"),
    "studio": ("filing.studio_minutes", MEAN_AND_CV, "min"),
    "key": ("filing.key_minutes", MEAN_AND_CV, "min"),
    "review": ("review.minutes", MEAN_AND_CV, "min"),
    "issue": ("issue.minutes", MEAN_AND_CV, "min"),
}
"""Where the scenario has the time of each step: path, ends of the names, unit of the first."""
TOLD = 0.95
"""Share of the rows at the counter that tell from when the case waits."""


def service_minutes(log: StepLog, step: str) -> F64:
    """Return how long each service at a step took [min]; of the online form and of machines, from queued to ended."""
    begin, end = _services(log, step)
    minutes = end - begin
    return np.asarray(minutes[np.isfinite(minutes) & (minutes >= 0)])


def service_clock(log: StepLog, step: str) -> float:
    """Return the minutes to which the services at a step are told, as `clock_of` has them."""
    return clock_of(*_services(log, step))


def _services(log: StepLog, step: str) -> tuple[F64, F64]:
    """Return when the services at a step began and ended."""
    done = log.at(step) & np.isin(log.outcome, (SERVED, RETURNED, UNTOLD))
    begin = log.queued if step in ("online", "automatic") else log.started
    return begin[done], log.ended[done]


@dataclass(frozen=True, eq=False)
class ServiceFit:
    """Service times of a step as a scenario has them.

    Attributes
    ----------
    step : str
    family : str
        `lognormal`, `gamma` or `sample`: the first that does; empty = none was judged.
    estimates : tuple of Estimate
        Mean and coefficient of variation; empty if there are too few.
    minutes : (n,) float64
        What they rest on, in order.
    too_long : int
        Times that are left out of a sample.
    """

    step: str
    family: str
    estimates: tuple[Estimate, ...]
    minutes: F64
    too_long: int = 0

    @property
    def none(self) -> float:
        """Share of those that took no time."""
        return float((self.minutes == 0).mean())

    @property
    def tried(self) -> tuple[str, ...]:
        """The families that were tried, up to the one that does."""
        families = FAMILIES_OF[SERVICES[self.step][1]]
        return families if self.family == SAMPLE else families[: families.index(self.family) + 1]

    @property
    def changes(self) -> dict[str, object]:
        """What a scenario has besides the estimates."""
        path, ends, _ = SERVICES[self.step]
        if not self.family:
            return {}
        own = as_sample(self.minutes) if self.family == SAMPLE else None
        family = {f"{path}.family": "gamma" if self.family == "gamma" else "lognormal"} if ends == MEAN_AND_CV else {}
        return {place_of_sample(self.step): own, **family}

    @property
    def dependence(self) -> list[Dependent]:
        """How much alike mean and variation of a sample err: both by its longest times."""
        if self.family != SAMPLE or len(self.estimates) < 2:
            return []
        off = self.minutes / self.minutes.mean() - 1
        return dependents([each.name for each in self.estimates], np.cov(off, (off**2 / off.var() - 1) / 2 - off))


def place_of_sample(step: str, about: str = "service") -> str:
    """Return where the scenario has the sample of a step's service times, or of the patience of those who wait."""
    if about == "patience":
        return f"{PATIENCE_OF[step]}sample"
    path, ends, _ = SERVICES[step]
    return f"{path}.sample" if ends == MEAN_AND_CV else f"{path}_sample"


def as_sample(minutes: F64) -> dict[str, object]:
    """Return times in order as a scenario has a sample: of many the means of equal parts, so that the mean stays."""
    n = len(minutes)
    if n > MOST_SAMPLED:
        summed = np.append(0.0, np.cumsum(minutes))
        upto = np.interp(np.linspace(0, n, MOST_SAMPLED + 1), np.arange(n + 1), summed)
        minutes = np.maximum.accumulate(np.diff(upto) * MOST_SAMPLED / n)
    return {"file": None, "minutes": np.round(minutes, 4).tolist(), "as_it_is": False}


def _of_sample(cv: Estimate, minutes: F64) -> Estimate:
    """Return the variation of times in order as their sample has it, which is a little less where they are many."""
    times = np.array(as_sample(minutes)["minutes"])
    factor = float(times.std() / times.mean() / (minutes.std() / minutes.mean())) if len(times) < len(minutes) else 1.0
    method = cv.method if factor == 1 else f"{cv.method}; of the {len(times):,} that are taken"
    return replace(cv, value=factor * cv.value, low=factor * cv.low, high=factor * cv.high, method=method)


def service_fits(log: StepLog) -> list[ServiceFit]:
    """Return what is fitted to the service times of each step.

    No service lasts a day: where nothing but the times themselves does, those that do are left out. Of estimated starts
    no family is judged.
    """
    found = []
    for step, (path, ends, unit) in SERVICES.items():
        minutes = np.sort(service_minutes(log, step))
        if step in log.guessed:
            found.append(ServiceFit(step, "", tuple(_of_guessed(log, step)), minutes))
            continue
        clock = service_clock(log, step)
        family = family_of(minutes, FAMILIES_OF[ends], clock)
        kept = minutes[minutes <= MINUTES_A_DAY] if family == SAMPLE else minutes
        estimates = lognormal_estimates(path, kept, ends, unit, family=family, clock=clock)
        if family == SAMPLE and estimates:
            estimates[1] = _of_sample(estimates[1], kept)
        found.append(ServiceFit(step, family, tuple(estimates), kept, len(minutes) - len(kept)))
    return found


def _of_guessed(log: StepLog, step: str) -> Iterator[Estimate]:
    """Yield mean and variation of services of which starts are estimated, with intervals as wide as that leaves them.

    Services that began as the case came, and those that began when the one before had ended, last alike, unless people
    pause between cases or do not begin at once. So the interval reaches over those of both kinds. If there is one kind
    only, that cannot be seen, and there is none.
    """
    path, ends, unit = SERVICES[step]
    here = log.rows(log.at(step) & np.isfinite(log.started) & (log.outcome != GAVE_UP))
    at_once, came = here.started == here.queued, np.isfinite(here.queued)
    kinds = [
        lognormal_estimates(path, service_minutes(here.rows(which), step), ends, unit)
        for which in (np.ones(len(here), np.bool_), at_once, came & ~at_once)
    ]
    for place, whole in enumerate(kinds[0]):
        apart = [kind[place] for kind in kinds[1:] if kind]
        low, high = math.nan, math.nan
        if len(apart) == 2:
            low, high = min(each.low for each in (whole, *apart)), max(each.high for each in (whole, *apart))
        yield replace(whole, low=low, high=high, method=f"{whole.method}; {STARTS if came.any() else AT_MOST}")


def service_estimates(log: StepLog, services: Sequence[ServiceFit]) -> list[Estimate]:
    """Return mean and coefficient of variation of each step's service times, and how long automatic approvals take."""
    found = [each for fit in services for each in fit.estimates]
    automatic = service_minutes(log, "automatic")
    if len(automatic):
        found.append(Estimate("review.auto_minutes", *median(automatic), len(automatic), "median", "min"))
    return found


@dataclass(frozen=True, eq=False)
class OwnTimes:
    """Own times of applicants that a log shows.

    Attributes
    ----------
    minutes : (n,) float64
        Above 0.
    limits : (n,) float64
        From their beginning to the last first contact, by the same clock. A log of all rows up to a moment does not
        show what ended later, one of all cases that began by then does; so neither is looked at beyond it.
    """

    minutes: F64
    limits: F64


def own_times(log: StepLog, openings: OfficeOpenings | None) -> dict[str, OwnTimes]:
    """Return the applicants' own times that a log shows between its rows, by the name of the parameter.

    Parameters
    ----------
    log : StepLog
    openings : OfficeOpenings or None
        What passes only while the hall is open is measured in its opening minutes; None = it is left out.

    Notes
    -----
    A correction lasts from the end of a review that sent the application back to the moment at which the case waits
    for the next one, on the wall clock; a redial from hanging up to the next call of the case. The way to the hall
    lasts from the end of a call to the ticket in the hall. The licence is fetched from the last review or automatic
    approval on, but by who was helped in the hall: he waits there for the review, and is given the licence on the spot
    unless it was sent back; with the Set-Sail Studio always.
    """
    cases, last = cases_of(log, None), contact_span(log)[1]
    first, second = log.neighbours(log.at("review"))
    back = log.outcome[first] == RETURNED
    studio = (cases.studio & ~cases.outside)[log.case[first]]
    found = {}
    for name, which in (("review.correction", ~studio), ("filing.studio_correction_minutes", studio)):
        found[name] = _passed(log.ended[first[back & which]], log.queued[second[back & which]], last)
    first, second = log.neighbours(log.at("phone"))
    hung_up = log.outcome[first] == GAVE_UP
    if log.guessed:
        # Of who gave up again nothing may be known but when.
        hung_up &= log.queued[second] != log.ended[second]
    found["phone.redial_after_minutes"] = _passed(log.ended[first[hung_up]], log.queued[second[hung_up]], last)
    if openings is None:
        return found
    clock = openings.hall
    hall = log.at("filing", "studio")
    first, second = log.neighbours(log.at("filing", "studio", "phone"))
    goes = log.at("phone")[first] & hall[second]
    found["filing.travel_minutes"] = _passed(log.ended[first[goes]], log.queued[second[goes]], last, clock)
    fetches = ~cases.on_the_spot
    found["issue.fetch_after_hours"] = _passed(cases.decided[fetches], cases.came[fetches], last, clock)
    return found


def _passed(begin: F64, end: F64, last: float, clock: Openings | None = None) -> OwnTimes:
    """Return the own times from `begin` to `end`, those above 0 that were over by `last`."""
    seen = (begin < end) & (end <= last)
    begin, end = begin[seen], end[seen]
    minutes = end - begin if clock is None else clock.between(begin, end)
    limits = last - begin if clock is None else clock.left(begin, last)
    kept = (minutes > 0) & np.isfinite(limits)
    return OwnTimes(minutes[kept], limits[kept])


def own_time_estimates(log: StepLog, openings: OfficeOpenings | None) -> list[Estimate]:
    """Return the estimates of the applicants' own times; for the parameters see `own_times`.

    Where the counter does not tell from when a case waits, what is known is own time with the wait at its end.
    """
    ends = {"review.correction": (".median_hours", ".cv"), "issue.fetch_after_hours": (".mean_hours", ".cv")}
    found: list[Estimate] = []
    fetched = np.isfinite(log.queued[log.at("issue")])
    from_queue = fetched.sum() > TOLD * len(fetched)
    for path, own in own_times(log, openings).items():
        if path == "issue.fetch_after_hours" and not from_queue:
            continue
        if path in ends:
            found += lognormal_estimates(path, own.minutes, ends[path], "h", own.limits)
        elif path != "phone.redial_after_minutes":
            found += lognormal_estimates(path, own.minutes, MEAN_AND_CV)
        elif n := len(own.minutes):
            found.append(Estimate(path, *exponential_mean(own.minutes), n, "exponential, ML", "min"))
    return found
