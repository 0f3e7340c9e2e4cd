"""What no roster mends: cases that come to a closed stage and are seen together at its opening; what may help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.lateness import closed_to, lateness
from sim.office.hours import slots_of, spans_of
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.registration import registration_office, target_of
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.outcomes import Work, outcomes_of
from sim.studies.staff.records import AS_IT_IS, AUTOMATIC, REVIEW_OPEN, Remedy

REPLICATIONS = 8
EARLIER = 30.0
"""Minutes before the counted hours from which the review is tried open."""
MACHINES = 0.3
"""Share of the applications that is tried approved automatically, or half of what is left if more is so already."""


def remedies_of(scenario: Scenario, most: Mapping[str, int], work: Work) -> tuple[Remedy, ...]:
    """Return what becomes of the target with as many on duty as there is steady work for, and with a remedy besides.

    Parameters
    ----------
    scenario : Scenario
    most : mapping of pool to int
        On duty whenever a stage of the pool is open.
    work : Work

    Returns
    -------
    tuple of Remedy
        The first without a remedy; none where the target is kept without, or is missed for other reasons than that
        cases come to a closed stage.
    """
    visited, target = registration_office(scenario).visited, target_of(scenario)
    full = with_people(scenario, most)
    offices: dict[tuple[str, str], dict[str, Any]] = {(AS_IT_IS, ""): full}
    counted, now = scenario.hours.counted, scenario.hours.review
    wide = slots_of([(max(min(counted[0][0] - EARLIER, now[0][0]), 0.0), max(counted[-1][1], now[-1][1]))])
    wide &= ~scenario.staff.midday.nobody_slots
    if "review" in visited and (wide & ~slots_of(now)).any():
        hours = list(map(show_span, spans_of(wide)))
        opened = {**full, "hours": {**full["hours"], "review": hours}}
        offices[REVIEW_OPEN, ", ".join(hours)] = with_people(scenario_from_dict(opened), most)
    automatic = scenario.review.auto_approved_share
    if "review" in visited and automatic < 1:
        more = max(MACHINES, automatic + (1 - automatic) / 2) if automatic else MACHINES
        changed = {**full, "review": {**full["review"], "auto_approved_share": more}}
        offices[AUTOMATIC, f"{more:g}"] = changed
    scenarios = [scenario_from_dict(office) for office in offices.values()]
    figures = outcomes_of(scenarios, REPLICATIONS, work).figure
    closed = [_came_closed(each, work.seed) for each in scenarios]
    kept = figures[0] <= target.minutes if target.statistic == "mean" else figures[0] >= target.level
    if kept or not closed[0][1]:
        return ()
    return tuple(
        Remedy(what, value, float(figure), share)
        for (what, value), figure, (share, __) in zip(offices, figures, closed, strict=True)
    )


def with_people(scenario: Scenario, most: Mapping[str, int]) -> dict[str, Any]:
    """Return a scenario in full with so many on duty whenever a stage of their pool is open."""
    full = scenario_as_dict(scenario)
    staff = {pool: {**full["staff"][pool], "people": people} for pool, people in most.items()}
    return scenario_as_dict(scenario_from_dict({**full, "staff": {**full["staff"], **staff}}))


def _came_closed(scenario: Scenario, seed: int) -> tuple[float, str]:
    office = registration_office(scenario)
    journeys = draw(office, seed)
    return closed_to(office, [lateness(office, journeys, play(office, journeys))])
