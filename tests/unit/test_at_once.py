"""People who have several cases in hand at once: as many servers as that, on and off duty together."""

import numpy as np
import pytest
from helpers import said_in
from small_runs import SMALL, record_of

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.judge import Rule
from sim.measures.kpis import measure
from sim.office.blocks import Duty, Office, Pool, Stage
from sim.office.hours import Days, Intervals, ShiftPlan
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.office.tables import tables_of
from sim.present.table import Table
from sim.records import SERVED
from sim.studies.calibrate.log.simulated import log_of
from sim.studies.run import show
from sim.studies.run.replicate import run_scenario
from sim.studies.staff.staffing import with_everybody

NAMED = {"name": "several", "title": {"en": "Several", "zh": "多件"}}
MONTHS = {"first": "2023-03-01", "last": "2023-04-28"}
BUSY = {"minutes": {"mean_minutes": 30, "cv": 0.8}}
FOUR = {"plan": {"08:30-12:00": 4, "12:00-17:00": 3}, "midday_crew": 2, "absence": 0.2, "leave": 0.1}


def office_of(**reviewers):
    """Return an office of two months in which files take half an hour."""
    demand = {"registrations_per_year": 6000, "key_share": 0}
    return registration_office(scenario_from_dict({
        **NAMED, "period": MONTHS, "demand": demand, "review": BUSY, "staff": {"reviewers": {**FOUR, **reviewers}},
    }))  # fmt: skip


def spans(tables, server):
    rows = slice(tables.duty.first[server], tables.duty.first[server + 1])
    return tables.duty.begin[rows].tolist(), tables.duty.end[rows].tolist()


def of_pool(office, tables, name="reviewers"):
    number = [pool.name for pool in office.pools].index(name)
    return range(tables.pool_first_server[number], tables.pool_first_server[number + 1])


LINES = [{"hours": ["08:30-12:00"], "people": 2}, {"hours": ["10:00-17:00"], "people": 1, "days": ["mon", "fri"]}]


@pytest.mark.parametrize("duty", [{}, {"plan": {}, "midday_crew": 1, "roster": LINES}])
def test_all_that_a_person_is_comes_and_goes_together_and_is_away_on_the_same_days(duty):
    one, three = office_of(**duty), office_of(**duty, at_once=3)
    journeys = draw(three, 1)
    alone, several = (tables_of(each, journeys, 59) for each in (one, three))
    people, servers = of_pool(one, alone), of_pool(three, several)
    assert len(servers) == 3 * len(people)
    for number, server in enumerate(servers):
        # As somebody with one at a time has them: shift, midday, absence and leave.
        assert spans(several, server) == spans(alone, people[number % len(people)])
    away = [len(spans(several, server)[0]) for server in servers]
    assert min(away) > 0


def test_hours_absence_and_cost_are_those_of_people():
    one, three = office_of(), office_of(at_once=3)
    journeys = draw(one, 2)
    assert journeys.visit.tobytes() == draw(three, 2).visit.tobytes()
    figures = [measure(each, journeys, play(each, journeys)) for each in (one, three)]
    hours, cost, over, used = (
        [each[f"staff {what} pool reviewers"] for each in figures]
        for what in ("staff hours", "cost", "overtime", "utilisation")
    )
    rate = next(pool.cost_per_hour for pool in one.pools if pool.name == "reviewers")
    assert hours[0] == hours[1]
    assert cost[0] - over[0] * rate == pytest.approx(cost[1] - over[1] * rate)
    assert used[1] < used[0] <= 1
    number = [pool.name for pool in one.pools].index("reviewers")
    assert figures[0].on_duty[number] == pytest.approx(figures[1].on_duty[number])


def test_overtime_is_that_of_the_person_however_many_cases_are_left():
    # Two files of an hour come at five to five, and both are finished by the one who is there.
    office = office_of(plan={"08:30-17:00": 1}, midday_crew=1, absence=0, leave=0, at_once=3)
    journeys = draw(office, 3)
    log = play(office, journeys)
    tables = tables_of(office, journeys, log.days)
    mine = [*of_pool(office, tables)]
    rows = np.flatnonzero((log.outcome == SERVED) & np.isin(log.server, mine))
    begin, end = spans(tables, mine[0])
    # Minute by minute, but for the parts of a minute.
    worked = np.zeros(log.days * 1440, bool)
    for start, free in zip(log.started_at[rows], log.freed_at[rows], strict=True):
        worked[int(start) : int(np.ceil(free))] = True
    for on, off in zip(begin, end, strict=True):
        worked[int(on) : int(off)] = False
    evenings = worked[: office.days.horizon * 1440].sum() / 60
    assert evenings > 5
    assert measure(office, journeys, log)["staff overtime pool reviewers"] == pytest.approx(evenings, rel=0.05)


def test_a_free_person_takes_a_case_before_somebody_takes_a_second():
    office = office_of(absence=0, leave=0, at_once=2)
    journeys = draw(office, 4)
    log = play(office, journeys)
    tables = tables_of(office, journeys, log.days)
    servers = of_pool(office, tables)
    people = len(servers) // 2
    rows = np.flatnonzero(np.isin(log.server, servers) & (log.outcome == SERVED))
    second = rows[log.server[rows] >= servers.start + people]
    assert len(second) > 100
    for row in second[:200]:
        now = log.started_at[row]
        in_hand = log.server[rows][(log.started_at[rows] <= now) & (log.freed_at[rows] > now)]
        for server in range(servers.start, servers.start + people):
            begin, end = (np.array(each) for each in spans(tables, server))
            assert server in in_hand or not ((begin <= now) & (now < end)).any()


def test_a_log_names_people():
    office = office_of(at_once=2)
    journeys = draw(office, 1)
    log = log_of(office, journeys, play(office, journeys))
    mine = sorted({log.servers[each] for each in log.server[log.at("review")] if each >= 0})
    assert mine == [f"reviewers-{number}" for number in range(1, 5)]


def test_one_at_a_time_is_what_goes_without_saying():
    full = scenario_as_dict(scenario_from_dict(NAMED))
    assert {pool["at_once"] for name, pool in full["staff"].items() if name != "midday"} == {1}


@pytest.mark.parametrize(("duty", "people"), [
    ({"people": 20}, 20), ({"plan": {"08:30-17:00": 33}}, 33),
    ({"roster": [{"hours": ["09:00-12:00"], "people": 40}]}, 40),
])  # fmt: skip
def test_more_in_hand_than_possible_is_told_in_people_and_cases(duty, people):
    with pytest.raises(ScenarioError) as error:
        scenario_from_dict({**NAMED, "staff": {"clerks": {**duty, "at_once": 4}}})
    (problem,) = error.value.problems
    assert str(problem).endswith(
        f"staff.clerks.at_once: {people} people with 4 cases each have {4 * people} in hand at once; at most 64 are "
        "possible"
    )


def test_a_pool_has_at_least_one_case_in_hand_and_64_at_most():
    plan = ShiftPlan.steady(33)
    with pytest.raises(ValueError, match="1 case or more"):
        Pool("desk", (Duty("desk"),), plan, at_once=0)
    with pytest.raises(ValueError, match="66 servers"):
        Office("o", Days.every_day(1), (Stage("desk"),), (Pool("desk", (Duty("desk"),), plan, at_once=2),), ())
    assert Pool("desk", (Duty("desk"),), (Intervals(((0, 9),)),) * 5, at_once=3).servers == 15


def test_a_report_counts_people_and_says_that_utilisation_is_of_cases():
    several = {**SMALL, "staff": {"reviewers": {"plan": {"08:30-17:00": 2}, "midday_crew": 2, "at_once": 3}}}
    run = record_of(run_scenario(scenario_from_dict(several), 3, Rule(largest=20), jobs=1))
    table = next(part for part in show.report(run) if isinstance(part, Table) and part.title.startswith("Staff"))
    (row,) = (row for row in table.rows if row[0] == "reviewers")
    assert row[1] == "2"
    assert row[2].endswith("% of 3 at once")
    assert any("每人同时3件" in str(row[2]) for part in said_in("zh", show.report, run) if isinstance(part, Table)
               for row in part.rows if len(row) > 2)  # fmt: skip


def test_as_many_people_as_possible_are_fewer_where_each_has_several():
    several = scenario_from_dict({**NAMED, "staff": {"reviewers": {"at_once": 3}}})
    assert sum(line.people for line in with_everybody(several).pools["reviewers"].roster) == 21
