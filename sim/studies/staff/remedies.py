"""What no roster mends: cases that come to a closed stage and are seen together at its opening; what may help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.clocks import clocks_of
from sim.office.hours import slots_of, spans_of
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.registration import registration_office, target_of
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.records import NOT_MADE
from sim.studies.outcomes import Work, outcomes_of
from sim.studies.staff.records import AS_IT_IS, AUTOMATIC, REVIEW_OPEN, Remedy

REPLICATIONS = 8
EARLIER = 30.0
"""Minutes before the counted hours from which the review is tried open."""
MATERIAL = 0.2
"""Share of the late cases that came to a closed stage, from which on that is what to mend."""
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
    closed = [came_while_closed(each, work.seed) for each in scenarios]
    kept = figures[0] <= target.minutes if target.statistic == "mean" else figures[0] >= target.level
    if kept or not closed[0] >= MATERIAL:
        return ()
    return tuple(
        Remedy(what, value, float(figure), share)
        for (what, value), figure, share in zip(offices, figures, closed, strict=True)
    )


def with_people(scenario: Scenario, most: Mapping[str, int]) -> dict[str, Any]:
    """Return a scenario in full with so many on duty whenever a stage of their pool is open."""
    full = scenario_as_dict(scenario)
    staff = {pool: {**full["staff"][pool], "people": people} for pool, people in most.items()}
    return scenario_as_dict(scenario_from_dict({**full, "staff": {**full["staff"], **staff}}))


def came_while_closed(scenario: Scenario, seed: int) -> float:
    """Return the share of the late cases that came to a stage that counts while it was closed; NaN if none is late."""
    office = registration_office(scenario)
    journeys = draw(office, seed)
    log = play(office, journeys)
    clocks = clocks_of(office, journeys, log)
    late = clocks.on_target & (clocks[office.target.clock] > office.target.minutes)
    waited = np.zeros(journeys.cases, bool)
    for number, stage in enumerate(office.stages):
        mine = (journeys.stage == number) & (log.outcome != NOT_MADE) if stage.counted else np.zeros(0, bool)
        if mine.any():
            opens, closes = stage.open.intervals(office.days, log.days)
            at = log.queued_at[mine]
            row = np.minimum(np.searchsorted(closes, at, side="right"), len(opens) - 1)
            waited[journeys.case_of_visit()[mine][at < opens[row]]] = True
    return float(waited[late].mean()) if late.any() else float("nan")
