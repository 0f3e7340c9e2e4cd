"""What makes files lie, as a scenario has it, and what each of these things is good for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from sim.office.parameters import Scenario
from sim.office.parameters.staff import POOL_OF_STAGE
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.results.codec import column
from sim.text import N_

OTHER_WORK, UNTIL, CORRECTED, BY_LOT = "other work", "until waiting", "corrected first", "some first"
NEWEST_FIRST, OUTSIDE, PACE = "newest first", "outside", "pace"
LYING = {
    OTHER_WORK: N_("other work on the shift"),
    UNTIL: N_("and leaving it when many wait"),
    CORRECTED: N_("what was corrected goes first"),
    BY_LOT: N_("some go first by lot"),
    NEWEST_FIRST: N_("the newest goes first"),
    OUTSIDE: N_("files are outside the office first"),
    PACE: N_("another pace while many wait"),
}
"""What they are called."""
WARM_UP = 28
"""Days before those that are held against a log, so that they begin with what lies already."""


@dataclass(frozen=True)
class Gain:
    """What something that makes files lie is good for: how the office does with it and without it."""

    step: str = column(N_("step"))
    # One of `OTHER_WORK`, `UNTIL`, `CORRECTED`, `BY_LOT`, `NEWEST_FIRST`, `OUTSIDE`, `PACE`.
    what: str = column(N_("what makes files wait"))
    # How far the waits are missed on the inner held-out days: by what factor on average; of `CORRECTED` by what factor
    # their ratio, new ones to those that come back; of `BY_LOT` by how much the share that is begun before most others;
    # of `NEWEST_FIRST` by how much that of the newest; of `OUTSIDE` by what factor the time from submission to queue;
    # of `PACE` by what factor services begun while many wait.
    inner_without: float = column(N_("missed on inner days, without it"))
    inner_with: float = column(N_("missed on inner days, with it"))
    # Mean wait, of `OUTSIDE` mean time to the queue, on the held-out days; NaN if there is no back-test.
    observed: float = column(N_("mean wait, log"), N_("min"), default=math.nan)
    without: float = column(N_("mean wait, model without it"), N_("min"), default=math.nan)
    simulated: float = column(N_("mean wait, model with all"), N_("min"), default=math.nan)


def without(scenario: Scenario, gain: Gain) -> Scenario:
    """Return a scenario without something that makes files lie there."""
    data = scenario_as_dict(scenario)
    if gain.what == NEWEST_FIRST:
        data["newest_first"] = [stage for stage in data["newest_first"] if stage != gain.step]
    elif gain.what in (CORRECTED, BY_LOT):
        sort = "corrected" if gain.what == CORRECTED else "by lot"
        kinds = ["corrected" if rule.corrected else "by lot" if rule.share < 1 else "" for rule in scenario.priorities]
        data["priorities"] = [
            rule
            for rule, kind in zip(data["priorities"], kinds, strict=True)
            if (rule["stage"], kind) != (gain.step, sort)
        ]
    else:
        work = data["staff"][POOL_OF_STAGE[gain.step]]["other_work"]
        work["until_waiting"] = None
        if gain.what == OTHER_WORK:
            work["share"] = 0.0
    return scenario_from_dict(data, scenario.name)


def warmed_up(scenario: Scenario, first: date, last: date) -> Scenario:
    """Return a scenario from one day of its year to another, with days before them on which files come to lie."""
    before = min(WARM_UP, (first - date(first.year, 1, 1)).days) if lying(scenario) else 0
    period = {"first": str(first), "last": str(last), "warm_up_days": before}
    return scenario_from_dict({**scenario_as_dict(scenario), "period": period}, scenario.name)


def lying(scenario: Scenario) -> bool:
    """Say whether anybody in an office has other work, or files are outside it, so that they lie over days."""
    outside = scenario.review.outside.share + scenario.issue.outside.share
    return outside > 0 or any(pool.other_work.share > 0 for pool in scenario.pools.values())
