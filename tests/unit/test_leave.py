"""Planned leave: everybody has the share, no more are away at once than have to be, and who is away does no work."""

from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.kpis import measure
from sim.office.parameters import Midday, StaffPool, duty_of, shift_counts
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.office.tables import lower, on_leave, tables_of

MARKS = np.random.default_rng(1).random(20_000).astype(np.float32)
NAMED = {"name": "weeks", "title": {"en": "Some weeks", "zh": "几个星期"}}
WEEKS = {"first": "2023-03-01", "last": "2023-04-11"}
ROSTER = [{"hours": ["08:30-13:00"], "people": 4}, {"hours": ["12:00-17:00"], "people": 3}]


def office_of(**pool):
    return registration_office(
        scenario_from_dict({**NAMED, "period": WEEKS, "staff": {"reviewers": {"midday_crew": 2, **pool}}})
    )


@pytest.mark.parametrize(("servers", "share"), [(1, 0.04), (2, 0.5), (7, 0.1), (30, 0.04), (64, 0.9)])
def test_everybody_has_the_share_and_as_few_as_possible_are_away_at_once(servers, share):
    away = on_leave(servers, share, MARKS)
    error = np.sqrt(share * (1 - share) / len(MARKS))
    assert np.abs(away.mean(axis=1) - share).max() < 5 * error
    assert set(away.sum(axis=0)) <= {int(np.floor(servers * share)), int(np.ceil(servers * share - 1e-9))}


def test_leave_and_absence_are_drawn_apart_and_whoever_has_either_is_away():
    both, leave, absence = (office_of(roster=ROSTER, **away) for away in (
        {"leave": 0.2, "absence": 0.3}, {"leave": 0.2}, {"absence": 0.3}))  # fmt: skip
    pool = [pool.name for pool in both.pools].index("reviewers")
    on = [duty_days(office, pool) for office in (both, leave, absence)]
    assert all(on[0][server] == on[1][server] & on[2][server] for server in range(7))
    assert all(on[0][server] < on[1][server] for server in range(7))


def duty_days(office, pool):
    """Return the days on which each server of a pool is on duty."""
    tables = lower(office, draw(office, 1), office.days.horizon)
    first = tables.pool_first_server[pool]
    spans = [slice(*tables.duty.first[first + server : first + server + 2]) for server in range(7)]
    return [set((tables.duty.begin[span] // 1440).astype(int)) for span in spans]


@pytest.mark.parametrize("duty", [{"plan": {"08:30-17:00": 7}}, {"roster": ROSTER}], ids=["plan", "roster"])
def test_who_is_on_leave_is_missing_for_the_day_and_is_paid(duty):
    office, without = office_of(**duty, leave=0.1), office_of(**duty)
    pool = [pool.name for pool in office.pools].index("reviewers")
    journeys = draw(office, 1)
    away = on_leave(7, 0.1, journeys.leave_mark[pool])
    assert away.any()
    duties = [duty_days(each, pool) for each in (office, without)]
    for server in range(7):
        assert duties[1][server] - duties[0][server] == set(np.flatnonzero(away[server])) & duties[1][server]
    figures = [measure(each, journeys, play(each, journeys)) for each in (office, without)]
    hours, worked = (
        [each[name] for each in figures] for name in ("staff cost pool reviewers", "staff staff hours pool reviewers")
    )
    overtime = [each["staff overtime pool reviewers"] for each in figures]
    assert worked[0] < worked[1]
    rate = office.pools[pool].cost_per_hour
    assert hours[0] - overtime[0] * rate == pytest.approx(hours[1] - overtime[1] * rate)


def test_the_numbers_of_applicants_have_nothing_to_do_with_leave():
    with_leave, without = draw(office_of(leave=0.1), 1), draw(office_of(), 1)
    assert not without.leave_mark.size
    assert np.array_equal(with_leave.visit, without.visit)
    assert np.array_equal(with_leave.arrival, without.arrival)


def test_a_day_has_the_same_people_on_leave_whenever_the_period_begins():
    long = office_of(leave=0.1)
    later = {**NAMED, "period": {**WEEKS, "first": "2023-03-15"}, "staff": {"reviewers": {"leave": 0.1}}}
    short = registration_office(scenario_from_dict(later))
    assert np.array_equal(draw(long, 1).leave_mark[:, 14:], draw(short, 1).leave_mark)


def test_without_the_duty_post_nobody_of_a_roster_works_through_midday():
    pool = StaffPool.model_validate({"roster": ROSTER})
    midday = Midday(crew_on_duty=False)
    counts = shift_counts(pool, midday)[0]
    assert counts[17:34].tolist() == [4] * 7 + [0] * 3 + [3] * 7
    hours = {line.every_day for line in duty_of(pool, midday)}
    assert hours == {((510.0, 720.0),), ((810.0, 1020.0),)}


def test_the_calendar_that_is_kept_is_that_of_this_office_these_journeys_and_these_days():
    offices = [office_of(roster=ROSTER, absence=share) for share in (0.3, 0.1)]
    drawn = [draw(offices[0], seed=5, replication=number) for number in (0, 1)]
    asked = [(office, journeys, upto) for office in offices for journeys in drawn for upto in (42, 60)]
    for turn in (asked, [asked[0], asked[0]], asked[::-1]):
        for office, journeys, upto in turn:
            kept, made = tables_of(office, journeys, upto), lower(office, journeys, upto)
            for field in fields(made):
                ours, theirs = getattr(kept, field.name), getattr(made, field.name)
                if is_dataclass(theirs):
                    ours, theirs = (np.concatenate([each.begin, each.end]) for each in (ours, theirs))
                np.testing.assert_array_equal(ours, theirs, field.name)
