"""Valid files that would take all of the machine, or in which nobody comes: told before anything is played."""

from datetime import date
from pathlib import Path

import pytest

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.kpis import measure
from sim.office.parameters.demand import cases_expected
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.office.size import cases_of, large, surely_small, visits_a_case
from sim.office.tables import tables_of

TITLED = {"name": "size", "title": {"en": "Size", "zh": "规模"}}
THREE_DAYS = {"first": "2023-03-01", "last": "2023-03-03"}
RULES = Path(__file__).parents[2] / "scenarios" / "staffing" / "standard.yaml"
NOBODY = {"month_index": [1, 1, 0, *[1] * 9]}
SURGE = {"first": "2023-03-01", "last": "2023-03-31", "factor": 10}
FILE = """
name: size
title: {en: Size, zh: 规模}
"""


def scenario(**differs):
    return scenario_from_dict({**TITLED, **differs})


@pytest.mark.parametrize(
    "demand",
    [{"registrations_per_year": 1_000_000, "growth": 9}, {"surges": [SURGE] * 3}, {"surges": [SURGE] * 100},
     {"registrations_per_year": 1_000_000, "other_business_per_registration": 20},
     {"registrations_per_year": 900_000, "uncertainty": 1}],
)  # fmt: skip
def test_more_cases_than_fit_into_memory_are_refused(demand):
    with pytest.raises(ScenarioError, match="at most 5,000,000 can be simulated"):
        scenario(demand=demand)


@pytest.mark.parametrize(
    "differs",
    [{}, {"demand": {"growth": 0.5, "other_business_per_registration": 0.3}}, {"demand": {"surges": [SURGE]}}],
)
def test_cases_are_estimated_well_enough(differs):
    office = scenario(**differs)
    assert cases_of(scenario_as_dict(office)) == pytest.approx(draw(registration_office(office), seed=1).cases, rel=0.3)


STEP = {"name": "seal", "title": {"en": "Seal", "zh": "刻章"}, "after": "filing", "pool": "reviewers",
        "minutes": {"mean_minutes": 1, "cv": 1}, "returned": 0.5}  # fmt: skip
CALLS = {"calls_per_application": 2.0, "online_qa_share": 0.0, "redial_share": 1.0}
BUSY = {"phone": CALLS, "review": {"return_rate": 0.9}, "steps": [STEP, {**STEP, "name": "stamp", "after": "review"}]}
IDLE = {"phone": {"calls_per_application": 0}, "filing": {"assisted_share": 0.0}}


@pytest.mark.parametrize(("differs", "most"), [({}, 8), (BUSY, 32), (IDLE, 4)], ids=["usual", "many visits", "few"])
def test_visits_are_estimated_well_enough(differs, most):
    """Many returns, own steps, calls and redials are more to remember, though no more people come."""
    office = registration_office(scenario(period=THREE_DAYS, **differs))
    journeys = draw(office, seed=1)
    assert most / 2 < visits_a_case(office) < most
    assert 0.95 < visits_a_case(office) / (journeys.visits / journeys.cases) < 1.15


def test_as_many_cases_may_take_much_memory_or_little_and_simpy_takes_more():
    demand = {"demand": {"registrations_per_year": 300_000}}
    assert large(scenario(**demand)) is None
    told = str(large(scenario(**BUSY, **demand)))
    visits = 675_000 * visits_a_case(registration_office(scenario(**BUSY, **demand)))
    assert told.startswith(f"about 675,000 cases with {round(visits, -5):,.0f} visits a replication take some")
    assert large(scenario(**demand), "process") is not None
    for differs in (demand, {**BUSY, **demand}):
        full = scenario_as_dict(scenario(**differs))
        assert not surely_small(full)
    assert surely_small(scenario_as_dict(scenario()))


def test_only_what_is_played_counts():
    demand = scenario_as_dict(scenario())["demand"]
    whole = {"first": None, "last": None, "warm_up_days": 0}
    year = cases_expected(demand, 2023, whole)
    week = whole | {"first": "2023-03-01", "last": "2023-03-07"}
    assert cases_expected(demand, 2023, week) == pytest.approx(year * 7 / 365)


@pytest.mark.parametrize("verb", ["run", "replay", "log"])
def test_what_takes_much_memory_has_to_be_meant(call, tmp_path, verb):
    (tmp_path / "size.yaml").write_text(FILE + "demand: {registrations_per_year: 800000}", encoding="utf-8")
    status, out, err = call(verb, "size.yaml")
    assert (status, out) == (2, "")
    assert "about 1,800,000 cases with 12,400,000 visits a replication take some 1.7 GB of memory on each core" in err
    assert "about 1,800,000 cases" in call("check", "size.yaml")[2]


def test_with_yes_it_is_done(call, tmp_path):
    # A day of it, of which the warning is not.
    text = FILE + f"demand: {{registrations_per_year: 800000}}\nperiod: {{first: {date(2023, 3, 1)}, last: 2023-03-01}}"
    (tmp_path / "size.yaml").write_text(text, encoding="utf-8")
    assert call("log", "size.yaml", "--yes")[0] == 0


def test_an_outage_for_ever_does_not_make_the_calendar_longer():
    given = [{"stage": "review", "first": "2023-03-02 10:00", "last": "9999-12-31 23:59"}]
    office = registration_office(scenario(period=THREE_DAYS, outages={"given": given}))
    journeys = draw(office, seed=1)
    longest = len(office.days.kinds)
    assert tables_of(office, journeys, longest).entry_time.max() <= longest * 24 * 60


@pytest.mark.parametrize("demand", [{"surges": [{**SURGE, "factor": 0}]}, NOBODY])
def test_nobody_who_comes_is_played_and_measured(demand):
    registrations = {"other_business_per_registration": 0, **demand}
    office = registration_office(scenario(period=THREE_DAYS, demand=registrations))
    journeys = draw(office, seed=1)
    assert journeys.cases == 0
    logs = [play(office, journeys, engine) for engine in ("compiled", "process")]
    assert logs[0].differing_values(logs[1]) == 0
    assert measure(office, journeys, logs[0])["visits number stage review"] == 0


@pytest.mark.parametrize("verb", ["replay", "log", "staff", "run", "limit", "explain"])
def test_a_period_in_which_nobody_comes_is_no_fault(call, tmp_path, verb):
    more = "period: {first: 2023-03-01, last: 2023-03-03}\ndemand: {month_index: [1,1,0,1,1,1,1,1,1,1,1,1]}"
    (tmp_path / "size.yaml").write_text(FILE + more, encoding="utf-8")
    status, _, err = call(verb, "size.yaml", *(["--rules", str(RULES)] if verb == "staff" else []))
    assert status == (0 if verb in ("replay", "log") else 2), err
    assert "nobody submits" in err or status == 0
