"""Late cases taken apart: the parts are the clocks of `measure`, and the week holds every minute waited."""

from datetime import date

import numpy as np
import pytest
from helpers import V, hand_made_journeys, hours, pool
from small_runs import SMALL

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.clocks import CLOCKS
from sim.measures.kpis import measure
from sim.measures.lateness import Part, lateness
from sim.office.blocks import ArrivalTimes, Days, Office, Population, Stage, Target
from sim.office.distributions import Fixed
from sim.office.hours import ALWAYS
from sim.office.registration import registration_office
from sim.office.routes import Route, Visit
from sim.office.scenario import scenario_from_dict

# The last Sunday of April 2023 is worked for the first of May.
MAKE_UP = {"period": {"first": "2023-04-23", "last": "2023-04-25"}}
MORE = {"staff": {"reviewers": {"plan": {"08:30-17:00": 3}}}, "review": {"auto_approved_share": 0.3}}


def played(seed=3, **more):
    office = registration_office(scenario_from_dict(SMALL | MORE | more))
    journeys = draw(office, seed)
    return office, journeys, play(office, journeys)


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_parts_are_those_of_the_figures(clock, seed):
    office, journeys, log = played(seed, target={"clock": clock})
    found, kpis = lateness(office, journeys, log), measure(office, journeys, log)
    assert len(found.clock) == kpis.scores
    assert found.clock.mean() == pytest.approx(kpis[f"{clock} mean"], abs=1e-9)
    assert 1 - found.late_share == pytest.approx(kpis[f"{clock} within"], abs=1e-12)
    np.testing.assert_allclose(found.minutes.sum(axis=0), found.clock, atol=1e-7)
    means = dict(zip(found.parts, found.minutes.mean(axis=1), strict=True))
    for stage in ("review", "issue", "automatic"):
        part = Part("service", stage)
        assert means[part] == pytest.approx(kpis[f"service per licence stage {stage}"], abs=1e-9)
        if clock == "licence" and stage != "automatic":
            waited = means[Part("wait", stage)] + means.get(Part("closed", stage), 0.0)
            assert waited == pytest.approx(kpis[f"wait per licence stage {stage}"], abs=1e-9)
    assert "other" not in {part.kind for part in found.parts}


@pytest.mark.parametrize("clock", CLOCKS)
def test_the_week_holds_all_that_late_cases_wait(clock):
    office, journeys, log = played(target={"clock": clock})
    found = lateness(office, journeys, log)
    for s, stage in enumerate(office.stages):
        here = [row for row, (kind, of) in enumerate(found.parts) if (kind in ("wait", "closed")) and of == stage.name]
        waited = found.minutes[here][:, found.late].sum()
        assert found.week[s].sum() == pytest.approx(waited, rel=1e-9)
    assert (found.week >= -1e-9).all()


def test_waits_are_in_counted_hours_on_the_days_that_they_are():
    office, journeys, log = played(**MAKE_UP)
    week = lateness(office, journeys, log).week.sum(axis=0)
    assert office.days.first == date(2023, 4, 23)
    # Sunday, Monday, Tuesday, and whoever is left over.
    assert (week[[6, 0, 1]].sum(axis=1) > 0).all()
    assert not week[[4, 5]].any()
    assert not week[:, :17].any()
    assert not week[:, 34:].any()


def by_hand(*cases, counted=((0.0, 100.0),), minutes=5.0, clock="licence", desk=ALWAYS):
    """Return what is found of cases at one desk with one server, who come at given moments with given visits."""
    who = Population("all", ArrivalTimes((0.0,)), ((1.0, Route((Visit("v", "desk", Fixed(1.0)),))),))
    office = Office(
        "by hand", Days.every_day(1), (Stage("desk", desk),), (pool("desk"),), (who,), hours(*counted),
        Target(minutes=minutes, clock=clock),
    )  # fmt: skip
    journeys = hand_made_journeys(*cases)
    return lateness(office, journeys, play(office, journeys))


def test_who_comes_to_a_closed_desk_is_told_apart():
    # Open 20 to 200, nothing counts before 10: the first two come while it is closed, the third while it is open.
    found = by_hand((0.0, [V(minutes=4.0)]), (15.0, [V(minutes=4.0)]), (21.0, [V(minutes=1.0)]),
                    counted=((10.0, 200.0),), desk=hours((20.0, 200.0)))  # fmt: skip
    assert dict(zip(found.parts, found.minutes.tolist(), strict=True)) == {
        ("wait", "desk"): [0.0, 0.0, 7.0], ("closed", "desk"): [10.0, 9.0, 0.0], ("service", "desk"): [4.0, 4.0, 1.0],
    }  # fmt: skip
    assert found.closed.tolist() == [True, True, False]
    # Whose wait belongs to no clock's minutes did not wait: open from 20, and nothing counts before 20.
    at_once = by_hand((0.0, [V(minutes=9.0)]), counted=((20.0, 200.0),), desk=hours((20.0, 200.0)))
    assert (at_once.closed.tolist(), at_once.late.tolist()) == ([False], [True])
    assert found.unopened.tolist() == [10.0, 5.0, 0.0]
    assert found.late.all()


def test_a_wait_is_spread_over_the_half_hours_in_which_it_passes():
    # The second waits from 10 to 80; between 40 and 50 nothing counts.
    found = by_hand((0.0, [V(minutes=80.0)]), (10.0, [V(minutes=2.0)]), counted=((0.0, 40.0), (50.0, 100.0)))
    assert found.clock.tolist() == [80.0, 62.0]
    assert dict(zip(found.parts, found.minutes.tolist(), strict=True)) == {
        ("wait", "desk"): [0.0, 60.0], ("service", "desk"): [80.0, 2.0],
    }  # fmt: skip
    assert found.week[0, 0, :3].tolist() == [20.0, 20.0, 20.0]
    assert found.week.sum() == 60.0
    assert found.late.all()


def test_in_time_is_nobodys_lateness():
    found = by_hand((0.0, [V(minutes=4.0)]), (1.0, [V(minutes=2.0)]))
    assert found.clock.tolist() == [4.0, 5.0]
    assert found.late_share == 0.0
    assert not found.week.any()
    assert np.isnan(found.mean_minutes(late=True)).all()
    assert found.mean_minutes(late=False).tolist() == [1.5, 3.0]


@pytest.mark.parametrize("clock", CLOCKS)
def test_who_never_gets_the_licence_is_late_and_has_no_minutes(clock):
    gives_up = V(minutes=2.0, patience=3.0)
    found = by_hand((0.0, [V(minutes=50.0)]), (1.0, [gives_up]), (2.0, [V(minutes=1.0)]), clock=clock)
    assert np.isinf(found.clock).tolist() == [False, True, False]
    assert found.never == 1
    assert found.late[1]
    assert np.isfinite(found.mean_minutes(late=True)).all()


def test_without_submissions_there_is_nothing():
    found = by_hand((0.0, [V(stage=-1, minutes=5.0)]))
    assert len(found.clock) == 0
    assert np.isnan(found.late_share)
    assert not found.week.any()
