"""What could be staffed otherwise: stages with unlimited staff, and one more of each pool, held against the plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures.comparing import Comparison, against_first
from sim.measures.judge import Rule
from sim.office.blocks import MAX_SERVERS, Duty, Office, Pool, Target
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.parameters.staff import StaffPool, shift_counts
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.replicate.stopping import Scores, Sequential
from sim.replicate.verdicts import NOTHING
from sim.studies.base import StudyError
from sim.studies.rosters import with_people
from sim.text import Message

F64 = NDArray[np.float64]

ALL_DAY, SHIFT, MIDDAY = "all day", "shift", "midday"
"""Where one more is: in all hours of a plan but the midday duty post, on a roster's largest shift, or at midday."""
COST = "staff cost"


class Lever(NamedTuple):
    """One more of a pool, and the scenario with it."""

    pool: str
    where: str
    scenario: Scenario


def unlimited(office: Office, stages: Collection[str]) -> Office:
    """Return the office with 64 more servers at each of some stages, in all its opening hours.

    They serve this stage alone and take what nobody of the office's own is free for. The own staff are as they were,
    and go on helping at other stages: were the pool itself made larger, its helpers would be unlimited as well, and
    the counter would pass for the cause of what waits at the review.
    """
    more = (
        Pool(f"unlimited {stage.name}", (Duty(stage.name),), (stage.open,) * MAX_SERVERS)
        for stage in office.stages
        if stage.name in stages
    )
    return replace(office, pools=(*office.pools, *more))


def one_more(scenario: Scenario, visited: Collection[str]) -> list[Lever]:
    """Return the scenario with one more of each pool whose stage somebody visits.

    All day: wherever the pool's plan has somebody on duty. The midday crew stays as it is, since whoever works all day
    has a break. Of a roster, one more person works the shift with the most people. At midday: one more in the midday
    crew, or for midday alone, for pools of stages that are open then and count towards the licence time. A pool that
    has 64 already, or nobody, is left out.

    Parameters
    ----------
    scenario : Scenario
    visited : collection of str
        Stages.
    """
    counted = ["review", "issue", *(step.name for step in scenario.steps if step.counted)]
    midday = scenario.staff.midday
    # Without a post midday is taken out of every roster; with one, all of them would be there, and not one more.
    any_roster = any(pool.roster for pool in scenario.pools.values())
    found = []
    for pool, stages in scenario.stages_of_pool.items():
        if not {*stages} & {*visited}:
            continue
        by_roster = bool(scenario.pools[pool].roster)
        found += _lever(scenario, pool, SHIFT if by_roster else ALL_DAY)
        spans = [span for stage in stages if stage in counted for span in scenario.hours_of(stage)]
        open_then = any(begin < midday.to and end > midday.from_ for begin, end in spans)
        if open_then and (midday.crew_on_duty or not any_roster):
            found += _lever(scenario, pool, MIDDAY)
    return found


def _lever(scenario: Scenario, pool: str, where: str) -> list[Lever]:
    staff: StaffPool = scenario.pools[pool]
    if not shift_counts(staff, scenario.staff.midday).any():
        return []
    changed = scenario_as_dict(scenario)
    people = changed["staff"][pool]
    if where == SHIFT:
        people["roster"] = with_people(people["roster"], 1)
    elif where == MIDDAY and staff.roster:
        hours = show_span((scenario.staff.midday.from_, scenario.staff.midday.to))
        people["roster"].append({"hours": [hours], "people": 1, "days": []})
    elif where == MIDDAY:
        if not changed["staff"]["midday"]["crew_on_duty"]:
            # The post is manned for all pools or for none: here by this one alone.
            changed["staff"]["midday"]["crew_on_duty"] = True
            for other in scenario.pools:
                changed["staff"][other]["midday_crew"] = 0
        people["midday_crew"] += 1
    else:
        people["plan"] = _plus_one(people["plan"])
        people["on"] = {day: _plus_one(plan) for day, plan in people["on"].items()}
    try:
        with_one = scenario_from_dict(changed)
    except ScenarioError:
        # Only so many fit into a pool.
        return []
    new = shift_counts(with_one.pools[pool], with_one.staff.midday)
    # A shift that is all at midday has no hours where no post is manned.
    return [Lever(pool, where, with_one)] if (new != shift_counts(staff, scenario.staff.midday)).any() else []


def _plus_one(plan: dict[str, int]) -> dict[str, int]:
    return {span: servers + (servers > 0) for span, servers in plan.items()}


class LeverComparisons(Sequential):
    """Replications of the plan and of the levers until each difference is found, or the budget is spent."""

    def __init__(self, target: Target, rule: Rule) -> None:
        super().__init__(rule, (COST,))
        self.target = target

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Return all design points once every comparison is final: the plan is in each."""
        if any(len(of) < self.smallest and not of.unfinished for of in scores):
            return []
        final = all(found.final for found in self.compare(scores))
        return range(len(scores)) if final else []

    def compare(self, scores: Sequence[Scores]) -> list[Comparison]:
        """Compare each lever with the plan."""
        if any((of.counts == 0).any() for of in scores):
            raise StudyError(Message(NOTHING))
        most = max(self.smallest, *(len(of) + bool(of.unfinished) for of in scores))
        return against_first(
            self.target, [of.values(self.target, most) for of in scores], self.rule.error, self.rule.largest
        )
