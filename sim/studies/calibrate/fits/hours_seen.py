"""Which hours of the day an office has by its log, where they are not those of the parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.office.demand import FIRST_SLOT, day_line
from sim.office.hours import SLOT, SLOTS, merge
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.fits.scenarios import path_of, put
from sim.studies.calibrate.fits.seasons import mean_one
from sim.studies.calibrate.fits.working_days import first_contacts
from sim.studies.calibrate.logs.log import I64, STEPS, StepLog

STRAGGLERS = 0.005
"""Share of the contacts below which a half-hour has stragglers only."""
MANY_OUTSIDE = 0.02
"""Share of contacts outside the profile's hours from which on they are no stragglers."""
EMPTY, AWAITED = 0.05, 20
"""Part of the contacts that the parent has in a half-hour below which the office may be closed then; of fewer contacts
chance may leave none."""
ATTENDED = {"phone": ("phone",), "office": ("filing", "studio", "key")}
"""Steps at which somebody has to be there for the applicant, by the opening hours that they have: who files online may
do so at any time."""


def half_hour_names(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the indices of the half-hours in which applicants come, as a scenario has them."""
    slots = np.flatnonzero(day_line(scenario)).tolist()
    if scenario.demand.hourly:
        return tuple(f"demand.hourly[{span_of(slot)}]" for slot in slots)
    return tuple(f"demand.half_hour_index[{slot - FIRST_SLOT}]" for slot in slots)


def span_of(slot: int) -> str:
    """Return the hours of a half-hour from midnight."""
    return show_span((slot * SLOT, (slot + 1) * SLOT))


@dataclass(frozen=True)
class HoursSeen:
    """The hours of the day that a log shows, beside those of the parent.

    Attributes
    ----------
    scenario : Scenario
        The parent, but that each half-hour of its profile has a value that can be fitted. Where many call or come to
        the hall outside the profile, it reaches as far as they do, and so do the opening hours.
    outside : float
        Share of those who call or come to the hall that do so outside the parent's profile; 0 if they are stragglers.
    empty : tuple of (from, to)
        Hours of the parent's profile in which hardly anybody calls or comes.
    """

    scenario: Scenario
    outside: float
    empty: tuple[tuple[float, float], ...]


def hours_seen(log: StepLog, parent: Scenario) -> HoursSeen:
    """Return the hours of the day that a log shows.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
    """
    line = day_line(parent)
    usual = np.flatnonzero(line)
    contacts = first_contacts(log, usual)
    place = contacts.step.astype(np.int64) * SLOTS + contacts.slot
    by_step = np.bincount(place, minlength=len(STEPS) * SLOTS).reshape(len(STEPS), SLOTS)
    attended = by_step[[STEPS.index(step) for steps in ATTENDED.values() for step in steps]].sum(axis=0)
    by_step[:, attended < STRAGGLERS * attended.sum()] = 0
    late = attended.copy()
    late[usual] = 0
    late[by_step.sum(axis=0) == 0] = 0
    # A log of dates has all that happens at midnight: no hour of an office.
    told = np.count_nonzero(attended) > 1
    outside = float(late.sum() / attended.sum()) if told else 0.0
    outside = outside if outside > MANY_OUTSIDE else 0.0
    awaited = line / line.sum() * attended.sum()
    few = (attended < EMPTY * awaited) & (awaited >= AWAITED)
    empty = [(slot * SLOT, (slot + 1) * SLOT) for slot in np.flatnonzero(few)]
    changes: dict[str, object] = {}
    if outside:
        line = np.where((line > 0) | (late > 0), by_step.sum(axis=0), 0.0)
        for hours, steps in ATTENDED.items():
            seen = np.flatnonzero(by_step[[STEPS.index(step) for step in steps]].any(axis=0))
            if len(seen):
                changes[f"hours.{hours}"] = reaching(getattr(parent.hours, hours), seen)
    demand = parent.demand
    if outside or demand.by_hours or demand.hourly or demand.hourly_on:
        slots = np.flatnonzero((line > 0) | (day_line(parent) > 0)).tolist()
        profile = {span_of(slot): round(value, 4) for slot, value in zip(slots, mean_one(line[slots]), strict=True)}
        changes |= {"demand.hourly": profile, "demand.hourly_on": {}, "demand.by_hours": False}
    if changes:
        data = scenario_as_dict(parent)
        for path, value in changes.items():
            put(data, path_of(path), value)
        parent = scenario_from_dict(data, parent.name)
    begin, end = merge(*np.array(empty if told else [], np.float64).reshape(-1, 2).T)
    return HoursSeen(parent, outside, tuple(zip(begin.tolist(), end.tolist(), strict=True)))


def reaching(hours: Sequence[tuple[float, float]], slots: I64) -> list[str]:
    """Return opening hours, longer by the half-hours at either end of the day in which there was something."""
    spans = [list(span) for span in hours]
    spans[0][0], spans[-1][1] = min(spans[0][0], slots[0] * SLOT), max(spans[-1][1], (slots[-1] + 1) * SLOT)
    return [show_span((float(begin), float(end))) for begin, end in spans]
