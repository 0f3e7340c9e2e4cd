"""Blocks that cannot be: one clear error each; and what looks odd but can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim import draw, measure, play
from sim.engines.play import NeverFinishesError
from sim.office.blocks import Arrivals, ArrivalTimes, Days, Duty, Office, Outages, Pool, Population, Stage
from sim.office.distributions import Exponential
from sim.office.hours import ALWAYS, Intervals, WeeklyHours
from sim.office.routes import Choice, Route, Visit

EVEN = Arrivals.poisson(0.1, 60.0, 48)
DESK = Stage("desk")


FORK = Route((
    Choice("fork", ((0.5, "served"), (0.5, "other"))), Visit("served", "desk", Exponential(5.0)),
    Visit("other", "office", Exponential(5.0)),
))  # fmt: skip


def desk(stage: Stage = DESK, arrivals: Arrivals | ArrivalTimes = EVEN) -> Office:
    route = Route((Visit("served", "desk", Exponential(5.0)),))
    clerk = Pool("clerk", (Duty("desk"),), (ALWAYS,))
    return Office("desk", Days.every_day(2, 5), (stage,), (clerk,), (Population("all", arrivals, ((1.0, route),)),))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Outages(((-500.0, -100.0),)), "an outage must begin at 0 or later"),
        (lambda: Outages(((500.0, 100.0),)), "an outage must begin at 0 or later"),
        (lambda: Outages(per_day=-1.0), "there cannot be -1.0 outages a day"),
        (lambda: Outages(mean_minutes=0.0), "there cannot be 0.0 outages a day of 0.0 minutes"),
        (lambda: Arrivals(10, np.zeros(48)), "10 arrivals are expected, but the shape is 0 in all bins"),
        (lambda: Arrivals(10, np.empty(0)), "the shape of arrivals must have"),
        (lambda: Arrivals(10, -np.ones(48)), "the shape of arrivals must have"),
        (lambda: Arrivals(10, np.ones(48), factor=np.ones(47)), "the factor of arrivals must have"),
        (lambda: Arrivals(np.nan, np.ones(48)), "must be numbers from 0 on"),
        (lambda: Arrivals(10, np.ones(48), bin_minutes=0.0), "must be numbers from 0 on"),
        (lambda: Duty("desk", 0), "when 1 or more wait there, not 0"),
        (lambda: Arrivals(10, np.full(48, np.nan)), "the shape of arrivals must have"),
        (lambda: Arrivals(10, np.ones(48), factor=np.full(48, np.inf)), "the factor of arrivals must have"),
        (lambda: Choice("fork", ((0.5, "a"), (0.4, "b"))), "the shares of 'fork' sum to"),
        (lambda: FORK.with_shares([Choice("fork", ((1.0, "other"),))]), "'fork' leads elsewhere than before"),
        (lambda: ArrivalTimes((10.0, -10.0)), "an arrival must be at 0 or later, not at -10.0"),
    ],
)
def test_what_cannot_be_is_said(made: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        made()


@pytest.mark.parametrize("hours", [Intervals(()), WeeklyHours(())])
def test_a_stage_that_never_opens_cannot_break_down_and_finishes_nobody(hours: Intervals | WeeklyHours) -> None:
    office = desk(Stage("desk", hours, outages=Outages(per_day=3.0)))
    journeys = draw(office, 1)
    assert not len(journeys.outage_from)
    for engine in ("compiled", "process"):
        with pytest.raises(NeverFinishesError):
            play(office, journeys, engine)


BEYOND = Stage("desk", Intervals(((0.0, 600.0), (99_000.0, 99_100.0))), outages=Outages(per_day=3.0))
"""Open after the horizon, too."""
ODD = {
    "nobody at all": desk(arrivals=Arrivals(0, np.zeros(48))),
    "no times": desk(arrivals=ArrivalTimes(())),
    "after the horizon": desk(arrivals=ArrivalTimes((10.0, 99_999.0))),
    "broken after it": desk(Stage("desk", outages=Outages(((50_000.0, 60_000.0),)))),
    "open after it": desk(BEYOND),
}


@pytest.mark.parametrize("office", ODD.values(), ids=ODD)
def test_what_looks_odd_is_played_by_both_engines(office: Office) -> None:
    journeys = draw(office, 1)
    log = play(office, journeys)
    assert log.differing_values(play(office, journeys, "process")) == 0
    assert measure(office, journeys, log).scores == journeys.cases


@pytest.mark.parametrize(("share", "stages"), [(0.5, {"desk", "office"}), (0.2, {"desk", "office"}), (1.0, {"desk"})])
def test_a_route_with_other_shares_leads_to_the_stages_that_these_lead_to(share: float, stages: set[str]) -> None:
    other = FORK.with_shares([Choice("fork", ((share, "served"), (1 - share, "other")))])
    assert other.stages == stages
    assert other.named == {"desk", "office"}
    assert other.with_shares([Choice("fork", ((0.5, "served"), (0.5, "other")))]).stages == {"desk", "office"}
    assert FORK.stages == {"desk", "office"}
