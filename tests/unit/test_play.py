"""What no calendar and no room is known for beforehand: enough is found at little cost, and nothing depends on how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import draw, load_scenario, measure, play
from sim.draws import draw as drawing
from sim.engines import compiled
from sim.engines.event_loop import TOO_LATE
from sim.engines.play import FIRST_SPARE_DAYS
from sim.office.blocks import Arrivals, ArrivalTimes, Closing, Days, Duty, Office, Pool, Population, Stage
from sim.office.distributions import Exponential
from sim.office.hours import ALWAYS, DAY, WeeklyHours
from sim.office.routes import Route, Visit

HORIZON, SPARE = 60, 2000


def one_desk(arrivals: Arrivals | ArrivalTimes, mean_minutes: float) -> Office:
    route = Route((Visit("served", "desk", Exponential(mean_minutes)),))
    clerk = Pool("clerk", (Duty("desk"),), (ALWAYS,))
    people = Population("all", arrivals, ((1.0, route),))
    return Office("desk", Days.every_day(HORIZON, SPARE), (Stage("desk"),), (clerk,), (people,))


def overloaded(times: float) -> Office:
    """Return an office to which so many times as many come as it can serve, ten a day."""
    return one_desk(Arrivals.poisson(10 * times / DAY, DAY, HORIZON), DAY / 10)


@pytest.mark.parametrize("room", [0, 1, 3])
def test_journeys_do_not_depend_on_the_room_made_first(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    office = load_scenario("scenarios/lunch-uncovered.yaml")
    whole = draw(office, 1)
    monkeypatch.setattr(drawing, "FEW_VISITS", room)
    grown = draw(office, 1)
    assert grown.visits == whole.visits > 5 * whole.cases
    assert np.array_equal(grown.visit, whole.visit)
    assert np.array_equal(grown.first_visit, whole.first_visit)
    assert np.array_equal(grown.profile, whole.profile)


@pytest.mark.parametrize("times", [1.2, 3.0, 6.0, 20.0])
def test_an_overloaded_office_is_the_same_however_its_days_were_found(
    times: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = []

    def counted(*args: object, run: object = compiled.run_events) -> object:
        played.append(args[1])
        return run(*args)  # type: ignore[operator]

    monkeypatch.setattr(compiled, "run_events", counted)
    office = overloaded(times)
    for replication in range(2):
        journeys = draw(office, 1, replication)
        log = play(office, journeys)
        reference = play(overloaded(times), journeys, "process")
        assert log.differing_values(reference) == 0
        late = np.nanmax(log.ended_at) > (HORIZON + FIRST_SPARE_DAYS) * DAY
        assert late == (times > 5)
        assert log.days == reference.days == HORIZON + (SPARE if late else FIRST_SPARE_DAYS)
    # The second time all days are there at once.
    first = (HORIZON + FIRST_SPARE_DAYS) * DAY
    assert played == ([first, np.inf, np.inf] if late else [first, first])


def test_a_quiet_replication_after_a_late_one_has_the_days_that_it_has_alone() -> None:
    late, quiet = ArrivalTimes((0.0,)), ArrivalTimes((0.0, 1.0))
    office, other = one_desk(late, 5.0), one_desk(quiet, 5.0)
    journeys = draw(office, 1)
    far = (HORIZON + FIRST_SPARE_DAYS + 1) * DAY
    assert play(office, journeys.with_visits(minutes=np.array([far]))).days == HORIZON + SPARE
    assert play(office, journeys).days == HORIZON + FIRST_SPARE_DAYS
    # What ends after the first days has ended late in either engine, though nobody waited.
    slow = draw(other, 1).with_visits(minutes=np.array([1.0, far]))
    logs = [play(one_desk(quiet, 5.0), slow, engine) for engine in ("compiled", "process")]
    assert [log.days for log in logs] == [HORIZON + SPARE] * 2
    assert logs[0].differing_values(logs[1]) == 0


def test_figures_do_not_depend_on_the_days_of_the_calendar() -> None:
    from dataclasses import replace

    office = load_scenario("scenarios/lunch-uncovered.yaml")
    journeys = draw(office, 1)
    log = play(office, journeys)
    short, long = (measure(office, journeys, replace(log, days=days)) for days in (log.days, len(office.days.kinds)))
    assert log.days < len(office.days.kinds)
    assert repr(short.values) == repr(long.values)
    assert np.array_equal(short.day_mean, long.day_mean, equal_nan=True)
    assert np.array_equal(short.parts, long.parts)


def closing_each_day(arrivals: Arrivals) -> Office:
    """Return an office that serves 120 a day."""
    route = Route((Visit("served", "desk", Exponential(4.0)),))
    clerk = Pool("clerk", (Duty("desk"),), (ALWAYS,))
    stage = Stage("desk", WeeklyHours(((480.0, 960.0),)), Closing.CARRY_OVER)
    people = Population("all", arrivals, ((1.0, route),))
    return Office("desk", Days.every_day(365, SPARE), (stage,), (clerk,), (people,))


@pytest.mark.parametrize(("came", "burst"), [(130_000, False), (47_000, True)])
def test_playing_ends_early_where_what_waits_will_hardly_be_done_in_time(
    came: int, burst: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a burst all is done in time: then playing ended early for nothing, and nothing else comes of it."""
    calls = []

    def counted(*args: Any, run: Any = compiled.run_events) -> Any:
        args[4]["queued_at"] = -1.0
        calls.append((run(*args), float((args[4]["queued_at"] > 0).mean())))
        return calls[-1][0]

    shape = np.ones(365)
    if burst:
        shape[181:] = 0.005
    office = closing_each_day(Arrivals(came, shape, DAY))
    journeys = draw(office, 1)
    monkeypatch.setattr(compiled, "run_events", counted)
    log = play(office, journeys)
    reference = play(closing_each_day(Arrivals(came, shape, DAY)), journeys, "process")
    assert log.differing_values(reference) == 0
    assert log.days == reference.days == 365 + (FIRST_SPARE_DAYS if burst else SPARE)
    (first, begun), (second, _) = calls
    assert (first, second) == (TOO_LATE, 0)
    # Nobody who comes later has come.
    assert begun < 0.7 or burst
