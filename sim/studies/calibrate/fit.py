"""Fit: all that a log tells, a scenario from it, what it does not tell, and how the fit does on the last days."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.office.blocks import MAX_SERVERS
from sim.office.hours import SLOT
from sim.office.parameters import Scenario
from sim.office.parameters.fields import MINUTES_A_DAY, show_span
from sim.office.parameters.staff import POOL_OF_STAGE
from sim.studies.calibrate.demand.arrivals import ArrivalFit, fit_arrivals
from sim.studies.calibrate.demand.estimates import demand_estimates, level_gradient
from sim.studies.calibrate.demand.level import LEVEL, matched_level
from sim.studies.calibrate.demand.recency import cases_that_count, rows_that_count, work_that_counts
from sim.studies.calibrate.demand.working_days import begun_before
from sim.studies.calibrate.dependence import Dependent, dependence
from sim.studies.calibrate.log.steps import STAFFED, StepLog
from sim.studies.calibrate.lying.other_work import fit_waits
from sim.studies.calibrate.lying.pace import PaceFit, fit_paces, mean_of, paces_with
from sim.studies.calibrate.lying.rules import Gain
from sim.studies.calibrate.patience.endless import LONGEST, endless, endless_estimates
from sim.studies.calibrate.patience.patience import PATIENCE_OF, PatienceFit, patience_fits
from sim.studies.calibrate.presence.hours_seen import HoursSeen, hours_seen
from sim.studies.calibrate.presence.openings import OfficeOpenings, Openings, office_openings
from sim.studies.calibrate.presence.staffing_seen import StaffingSeen, staffing_seen
from sim.studies.calibrate.records import PATIENCE, Estimate
from sim.studies.calibrate.scenarios import (
    fitted_scenario,
    switched_on,
    usable,
)
from sim.studies.calibrate.times.durations import MEAN_AND_CV, DurationFit, fit_durations
from sim.studies.calibrate.times.service_times import (
    AT_MOST,
    SERVICES,
    ServiceFit,
    as_sample,
    own_time_estimates,
    service_clock,
    service_estimates,
    service_fits,
    service_minutes,
)
from sim.studies.calibrate.ways.cases import contact_span, later_at_counter
from sim.studies.calibrate.ways.outside import PATH, OutsideFit, hardly_any, outside_fit, steps_before_review
from sim.studies.calibrate.ways.routing import abandonment, dropped_out, routing_dependence, routing_estimates

HALF_HOURS = "demand.half_hour_index", "demand.hourly"
VAGUE = 4.0
"""Upper end of the interval of a year's number over its lower end, from which on it says nothing of the year."""
TIMED = (*STAFFED, "online", "automatic")
SHORTEST = 0.01
"""Minutes that a mean has at least."""


@dataclass(frozen=True, eq=False)
class Fit:
    """What a log, or a part of it, tells.

    Attributes
    ----------
    estimates : tuple of Estimate
    hours : HoursSeen
    durations : mapping of step to DurationFit
    services : tuple of ServiceFit
    patience : mapping of ``phone`` and ``hall`` to PatienceFit
    arrivals : ArrivalFit
    staffing : mapping of step to StaffingSeen
    scenario : Scenario
        The parent with what was fitted.
    used : frozenset of str
        Names of the estimates that are in it, and of what the log shows and the parent does not offer.
    dependence : tuple of Dependent
        Of the estimates on each other.
    oversized : tuple of str
        Steps at which more were seen at work than a pool can have; the parent's staffing stays.
    gains : tuple of Gain
        What makes files lie: time outside, paces, and what `with_waits` finds.
    half_life : float or None
        Weeks after which half of the days count; None: all count alike.
    other_orders : tuple of str
        Steps at which they go by an order that is not looked for.
    newest : tuple of (str, float)
        Steps at which the newest goes first, with the share that shows it.
    outside : OutsideFit or None
        Files that are outside the office before the review.
    at_counter_later : (int, float) or None
        How many cases the model gives their licences on the spot, and the share of them that comes later.
    paces : tuple of PaceFit
        Steps at which services take another time while many wait.
    """

    estimates: tuple[Estimate, ...]
    hours: HoursSeen
    durations: Mapping[str, DurationFit]
    services: tuple[ServiceFit, ...]
    patience: Mapping[str, PatienceFit]
    arrivals: ArrivalFit
    staffing: Mapping[str, StaffingSeen]
    scenario: Scenario
    used: frozenset[str]
    dependence: tuple[Dependent, ...] = ()
    oversized: tuple[str, ...] = ()
    gains: tuple[Gain, ...] = ()
    half_life: float | None = None
    other_orders: tuple[str, ...] = ()
    newest: tuple[tuple[str, float], ...] = ()
    outside: OutsideFit | None = None
    at_counter_later: tuple[int, float] | None = None
    paces: tuple[PaceFit, ...] = ()


def fit_log(
    log: StepLog, parent: Scenario, name: str, title: Mapping[str, str], times_only: bool = False,
    half_life: float | None = None,
) -> Fit:  # fmt: skip
    """Fit all that a log tells.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
        What the log does not tell is taken from it.
    name : str
        Of the new scenario.
    title : mapping of language to text
    times_only : bool
        Whether the scenario takes the service times alone from it, as samples; all else is fitted and told.
    half_life : float or None
        As `Fit` has it. Opening hours are those of all days.

    Raises
    ------
    StudyError
        If nobody gets in touch in office hours.
    """
    own, hours = parent, hours_seen(log, parent)
    parent = hours.scenario
    arrivals = fit_arrivals(log, parent, hours.added, hours.outside, half_life)
    at_work = work_that_counts(log, arrivals.opened)
    seen = {step: staffing_seen(at_work, step) for step in STAFFED if at_work.has(step)}
    # The review needs nobody in the hall: it is open as long as somebody was seen at it, and takes up files.
    within = {
        step: found.outside(hours.closed.get(step, ())) if step == "review" else found.within(parent.hours_of(step))
        for step, found in seen.items() if found is not None
    }  # fmt: skip
    staffing = {step: found for step, found in within.items() if found.plan}
    oversized = tuple(step for step, found in staffing.items() if found.counts.max() > MAX_SERVERS)
    staffing = {step: found.in_hand_at_most(MAX_SERVERS) for step, found in staffing.items() if step not in oversized}
    parent, on = switched_on(parent, log.steps, _duty(staffing, parent))
    if on:
        arrivals = fit_arrivals(log, parent, hours.added, hours.outside, half_life)
    opened = arrivals.opened
    openings = office_openings(log, parent, np.flatnonzero(opened.works).astype(np.int64) + opened.offset)
    if "review" in staffing:
        openings = replace(openings, review=Openings.of(_review_hours(staffing, parent), openings.days))
    paces = () if times_only else fit_paces(log, opened)
    of_few = counted = cases_that_count(log, opened)
    if paces:
        # Those that began while few waited.
        usual = rows_that_count(log, opened)
        usual[np.concatenate([pace.rows for pace in paces])] = False
        of_few = log.rows(usual)
    log = counted
    outside = None if steps_before_review(parent) else outside_fit(log, openings.review, contact_span(log)[1])
    log = replace(log, outside_told=outside is not None)
    begun_here = log.rows(~begun_before(log)[log.case])
    patience = patience_fits(log, openings)
    services = service_fits(of_few)
    estimates = [
        *demand_estimates(log, parent, arrivals),
        *(of_services := service_estimates(log, services)),
        *own_time_estimates(log, openings),
        *(each for found in patience.values() for each in found.estimates),
        *endless_estimates(patience, parent),
        *routing_estimates(begun_here, parent, openings),
        *abandonment(log),
        *dropped_out(begun_here),
        *(outside.estimates if outside else ()),
    ]
    if log.moments_guessed:
        estimates = [_at_most(each) if each.index in HALF_HOURS else each for each in estimates]
    durations = {
        step: fit_durations(service_minutes(of_few, step), service_clock(of_few, step))
        for step in TIMED
        if log.has(step)
    }
    calendar = _calendar(arrivals, parent)
    if outside:
        calendar[f"{PATH}.in_hours"] = outside.in_hours
    elif hardly_any(log, parent):
        calendar[f"{PATH}.share"] = 0.0

    def office(found: Sequence[Estimate]) -> tuple[Scenario, list[Estimate]]:
        kept = usable(parent, [each for each in found if not vague(each)])
        changes = calendar | _shapes(services, patience, kept) | _duty(staffing, parent)
        names = {each.name for each in kept}
        changes |= paces_with(parent, paces, [step for step in SERVICES if mean_of(step) in names])
        if any(each.startswith("issue.fetch_after_hours") for each in names):
            # What was fitted has the time outside in it.
            changes["issue.outside.share"] = 0.0
        return _patient(fitted_scenario(parent, kept, changes, name, title), found, kept), kept

    if not any(each.name == LEVEL and each.known for each in estimates):
        estimates = [each for each in estimates if each.name != LEVEL]
        estimates += matched_level(log, office(estimates)[0], arrivals)
    if times_only:
        # A family and its samples: the mean is that of the sample.
        kept = usable(own, of_services)
        samples = _samples(services)
        sampled = [step for step, (path, _ends, _about) in SERVICES.items() if f"{path}.sample" in samples]
        scenario = fitted_scenario(own, kept, {**samples, **paces_with(own, (), sampled)}, name, title)
        hours = replace(hours, scenario=own, outside=0.0, empty=(), closed={})
        staffing, on = {}, ()
    else:
        scenario, kept = office(estimates)
    # What of an index is the parent's was not fitted.
    used = frozenset(each.name for each in kept if not each.index or each.known).union(on)
    of_paces = [each for pace in paces for each in pace.estimates]
    used |= {each.name for each in of_paces}
    return Fit(
        (*estimates, *of_paces), hours, durations, tuple(services), patience, arrivals, staffing, scenario, used,
        (*_dependence(begun_here, parent, openings, estimates, arrivals, (*patience.values(), *services, *paces)),
            *(outside.dependence if outside else ())),
        oversized, ((outside.gain,) if outside and outside.estimates[0].name in used else ())
        + tuple(pace.gain for pace in paces), half_life,
        outside=outside, at_counter_later=later_at_counter(log, openings), paces=paces,
    )  # fmt: skip


def with_waits(fit: Fit, log: StepLog) -> Fit:
    """Return a fit with what makes files lie, as far as the log shows it."""
    found = fit_waits(log.as_told, fit.scenario, tuple(fit.staffing), fit.arrivals.opened.dates)
    return replace(
        fit, scenario=found.scenario, estimates=(*fit.estimates, *found.estimates), gains=(*fit.gains, *found.gains),
        other_orders=found.other_orders, newest=found.newest, dependence=(*fit.dependence, *found.dependence),
        used=fit.used | {each.name for each in found.estimates},
    )  # fmt: skip


def _patient(scenario: Scenario, estimates: Sequence[Estimate], kept: Sequence[Estimate]) -> Scenario:
    """Return a scenario in which nobody hangs up if patience is beyond all bounds; and somebody if it ends."""
    found = next((each for each in estimates if each.name == PATIENCE["phone"]), None)
    if found is None or (found not in kept and not found.low > LONGEST["phone"]):
        return scenario
    hangs_up = found in kept and not endless(found)
    profiles = tuple(each.model_copy(update={"hangs_up": hangs_up}) for each in scenario.phone.profiles)
    return scenario.model_copy(update={"phone": scenario.phone.model_copy(update={"profiles": profiles})})


def _dependence(
    log: StepLog, parent: Scenario, openings: OfficeOpenings | None, estimates: Sequence[Estimate],
    arrivals: ArrivalFit, others: Sequence[PatienceFit | ServiceFit | PaceFit],
) -> Iterator[Dependent]:  # fmt: skip
    level = next((each for each in estimates if each.name == LEVEL), None)
    # What is scaled to the year by its profile errs with that.
    gradient = level_gradient(arrivals) if level is not None and level.method.startswith("count") else None
    yield from dependence(estimates, arrivals, gradient)
    yield from (pair for other in others for pair in other.dependence)
    yield from routing_dependence(log, parent, openings)


def vague(estimate: Estimate) -> bool:
    """Say whether the number of a year, the variation of its days, or a service time is as good as unknown."""
    unseen = estimate.name == "demand.day_to_day_cv" and estimate.high == 0
    far = estimate.name == LEVEL and estimate.high > VAGUE * estimate.low
    return unseen or far or estimate.method.endswith(AT_MOST)


def _at_most(estimate: Estimate) -> Estimate:
    """Return an estimate that rests on when services began at the earliest: shown only."""
    return replace(estimate, low=math.nan, high=math.nan, method=f"{estimate.method}; {AT_MOST}")


def _shapes(
    services: Sequence[ServiceFit], patience: Mapping[str, PatienceFit], kept: Sequence[Estimate]
) -> dict[str, object]:
    """Return families and samples of the times whose mean the scenario has from the log."""
    names = {each.name for each in kept}
    changes: dict[str, object] = {}
    for service in services:
        if service.estimates and service.estimates[0].name in names:
            changes |= service.changes
    for group, waits in patience.items():
        if PATIENCE[group] in names:
            changes |= {f"{PATIENCE_OF[group]}{end}": value for end, value in waits.changes.items()}
    return changes


def _samples(services: Sequence[ServiceFit]) -> dict[str, object]:
    """Return the service times of each step as a sample, with their mean."""
    changes: dict[str, object] = {}
    for service in services:
        path, ends, _ = SERVICES[service.step]
        minutes = service.minutes[service.minutes <= MINUTES_A_DAY] if ends == MEAN_AND_CV else np.empty(0)
        if len(minutes) > 1 and minutes.mean() >= SHORTEST:
            changes[f"{path}.mean_minutes"] = float(minutes.mean())
            changes[f"{path}.sample"] = as_sample(minutes)
    return changes


def _calendar(arrivals: ArrivalFit, parent: Scenario) -> dict[str, object]:
    """Return year and working days of the log; of its parent no surges, outages, uncertainty or period."""
    year = arrivals.seasons.year
    local = {
        "calendar.add_working_days": arrivals.opened.add,
        "calendar.remove_working_days": arrivals.opened.remove,
    }
    return {
        "year": year,
        **{path: [str(day) for day in days if day.year == year] for path, days in local.items()},
        "period": {"first": None, "last": None},
        "demand.surges": [],
        "demand.uncertainty": 0.0,
        "outages": {"given": [], "drawn": []},
    }


def _duty(staffing: Mapping[str, StaffingSeen], parent: Scenario) -> dict[str, object]:
    """Return the plans of the pools that were seen at work; whoever was absent was not seen."""
    midday = parent.staff.midday
    changes: dict[str, object] = {}
    for step, seen in staffing.items():
        pool = f"staff.{POOL_OF_STAGE[step]}"
        changes |= {f"{pool}.plan": seen.plan, f"{pool}.on": {}, f"{pool}.roster": [], f"{pool}.absence": 0.0}
        changes[f"{pool}.at_once"] = seen.at_once.cases
        # Nor was who had other work; `with_waits` looks for that.
        changes[f"{pool}.other_work"] = {"share": 0.0, "until_waiting": None}
        changes[f"{pool}.midday_crew"] = seen.crew(midday.from_, midday.to)
    if "review" in staffing:
        changes["hours.review"] = [show_span(span) for span in _review_hours(staffing, parent)]
    return changes


def _review_hours(staffing: Mapping[str, StaffingSeen], parent: Scenario) -> list[tuple[float, float]]:
    """Return the parent's hours, longer by the half-hours at either end of the day in which somebody was seen."""
    spans, slots = [list(span) for span in parent.hours.review], np.flatnonzero(staffing["review"].counts)
    spans[0][0], spans[-1][1] = min(spans[0][0], slots[0] * SLOT), max(spans[-1][1], (slots[-1] + 1) * SLOT)
    return [(float(begin), float(end)) for begin, end in spans]
