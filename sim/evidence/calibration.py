"""Calibrate: everything that a log tells, a scenario from it, and a back-test on days that the fit has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sim.engines.play import Engine
from sim.evidence.backtest import Compared, back_test
from sim.evidence.fits.abandonment import abandonment, dropped_out
from sim.evidence.fits.arrivals import ArrivalFit, demand_estimates, fit_arrivals
from sim.evidence.fits.durations import DurationFit, fit_durations
from sim.evidence.fits.estimates import Estimate
from sim.evidence.fits.fitted import fitted_scenario, usable
from sim.evidence.fits.level import matched_level
from sim.evidence.fits.openings import office_openings
from sim.evidence.fits.patience import PatienceFit, patience_fits
from sim.evidence.fits.routing import routing_estimates
from sim.evidence.fits.service_times import own_time_estimates, service_estimates, service_minutes
from sim.evidence.fits.staffing_seen import StaffingSeen, staffing_seen
from sim.evidence.fits.varied import varied_scenarios
from sim.evidence.logs.log import STAFFED, StepLog
from sim.evidence.logs.observed import in_days, known_by
from sim.office.hours import SLOT
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.parameters.staff import POOL_OF_STAGE

FEWEST_DAYS = 8
"""Working days held out, and left to fit to: with fewer there is no back-test."""
LEVEL = "demand.registrations_per_year"
TIMED = (*STAFFED, "online", "automatic")


@dataclass(frozen=True, eq=False)
class Fit:
    """What a log, or a part of it, tells.

    Attributes
    ----------
    estimates : tuple of Estimate
    durations : mapping of step to DurationFit
    patience : mapping of ``phone`` and ``hall`` to PatienceFit
    arrivals : ArrivalFit
    staffing : mapping of step to StaffingSeen
    scenario : Scenario
        The parent with what was fitted.
    used : frozenset of str
        Names of the estimates that are in it.
    """

    estimates: tuple[Estimate, ...]
    durations: Mapping[str, DurationFit]
    patience: Mapping[str, PatienceFit]
    arrivals: ArrivalFit
    staffing: Mapping[str, StaffingSeen]
    scenario: Scenario
    used: frozenset[str]


@dataclass(frozen=True, eq=False)
class Calibration:
    """What `calibrate` has found.

    Attributes
    ----------
    parent : Scenario
    log : StepLog
    whole : Fit
        To all of the log.
    before : Fit or None
        To the days before those that were held out; None if nothing was.
    held_out : (first, last) or None
        Dates of the days that were held out.
    days : int
        Working days among them.
    compared : tuple of Compared
    """

    parent: Scenario
    log: StepLog
    whole: Fit
    before: Fit | None
    held_out: tuple[date, date] | None
    days: int
    compared: tuple[Compared, ...]

    @property
    def scenario(self) -> Scenario:
        """The parent with what was fitted to all of the log."""
        return self.whole.scenario

    def used(self, estimate: Estimate) -> bool:
        """Say whether an estimate is in the scenario."""
        return estimate.name in self.whole.used


def fit_log(log: StepLog, parent: Scenario, name: str, title: Mapping[str, str]) -> Fit:
    """Fit all that a log tells.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
        What the log does not tell is taken from it.
    name : str
        Of the new scenario.
    title : mapping of language to text

    Raises
    ------
    ValueError
        If nobody gets in touch in office hours.
    """
    arrivals = fit_arrivals(log, parent)
    opened = arrivals.opened
    days = np.flatnonzero(opened.works).astype(np.int64) + opened.offset
    openings = office_openings(log, parent, days)
    kinds_known = bool((log.kind >= 0).any())
    patience = patience_fits(log, openings)
    estimates = [
        *demand_estimates(log, kinds_known, parent, arrivals),
        *service_estimates(log),
        *own_time_estimates(log, openings),
        *(each for found in patience.values() for each in found.estimates),
        *routing_estimates(log, parent, openings),
        *abandonment(log),
        *dropped_out(log),
    ]
    if not any(each.name == LEVEL and each.known for each in estimates):
        estimates = [each for each in estimates if each.name != LEVEL]
        fitted = fitted_scenario(parent, estimates, _calendar(arrivals, parent), name, title)
        estimates += matched_level(log, fitted, arrivals)
    durations = {step: fit_durations(service_minutes(log, step)) for step in TIMED if log.has(step)}
    seen = {step: staffing_seen(log, step) for step in STAFFED if log.has(step)}
    staffing = {step: found for step, found in seen.items() if found is not None and found.plan}
    changes = _calendar(arrivals, parent) | _duty(staffing, parent)
    kept = usable(parent, estimates)
    scenario = fitted_scenario(parent, kept, changes, name, title)
    used = frozenset(each.name for each in kept)
    return Fit(tuple(estimates), durations, patience, arrivals, staffing, scenario, used)


def _calendar(arrivals: ArrivalFit, parent: Scenario) -> dict[str, object]:
    """Return year and local working days of the log; no surges, outages or shorter period of the parent's."""
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
        "outages": {"given": [], "drawn": []},
    }


def _duty(staffing: Mapping[str, StaffingSeen], parent: Scenario) -> dict[str, object]:
    """Return the plans of the pools that were seen at work; whoever was absent was not seen."""
    midday = parent.staff.midday
    changes: dict[str, object] = {}
    for step, seen in staffing.items():
        pool = f"staff.{POOL_OF_STAGE[step]}"
        changes |= {f"{pool}.plan": seen.plan, f"{pool}.on": {}, f"{pool}.roster": [], f"{pool}.absence": 0.0}
        changes[f"{pool}.midday_crew"] = seen.crew(midday.from_, midday.to)
    if "review" in staffing:
        # The review needs nobody in the hall: it is open as long as somebody was seen at it.
        seen_at = np.flatnonzero(staffing["review"].counts) * SLOT
        spans = [list(span) for span in parent.hours.review]
        spans[0][0], spans[-1][1] = min(spans[0][0], seen_at[0]), max(spans[-1][1], seen_at[-1] + SLOT)
        changes["hours.review"] = [show_span((float(begin), float(end))) for begin, end in spans]
    return changes


def calibrate(
    log: StepLog,
    parent: Scenario,
    name: str,
    title: Mapping[str, str],
    hold_out: float,
    seed: int,
    engine: Engine = "compiled",
    told: Callable[[int, int], None] = lambda done, all_: None,
) -> Calibration:
    """Fit a log, and hold the fit against its last days.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
    name, title
        Of the new scenario.
    hold_out : float
        Share of the working days, from the last one back, that a second fit does not see and that are then simulated;
        0 = no back-test.
    seed : int
    engine : str
    told : callable
        Gets the replications of the back-test done, and all.

    Raises
    ------
    ValueError
        If nobody gets in touch in office hours.
    """
    whole = fit_log(log, parent, name, title)
    days = [day for day in whole.arrivals.opened.dates if day.year == whole.scenario.year]
    number = round(len(whole.arrivals.opened.dates) * hold_out)
    held = days[max(len(days) - number, 0) :]
    if len(held) < FEWEST_DAYS or len(whole.arrivals.opened.dates) - len(held) < FEWEST_DAYS:
        return Calibration(parent, log, whole, None, None, 0, ())
    first, last = held[0], held[-1]
    known = known_by(log, _number(log, first) - 1)
    before = fit_log(known, parent, name, title)
    rows = in_days(log, _number(log, first), _number(log, last))
    compared = back_test(
        _at_days_of(before.scenario, whole.scenario), rows, first, last, seed, known.steps, engine,
        varied_scenarios(_at_days_of(before.scenario, whole.scenario), before.estimates, seed), told,
    )  # fmt: skip
    return Calibration(parent, log, whole, before, (first, last), len(held), tuple(compared))


def _number(log: StepLog, day: date) -> int:
    return (day - log.first_day) // timedelta(days=1)


def _at_days_of(scenario: Scenario, other: Scenario) -> Scenario:
    """Return a scenario with year and working days of another: which days were worked is no forecast."""
    return scenario.model_copy(update={"year": other.year, "calendar": other.calendar})

