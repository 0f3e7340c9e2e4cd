"""Days that are played and not counted, and years whose demand nobody knows exactly."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from small_runs import SMALL, record_of

from sim.app.office import same_days
from sim.cli.replaying import _check_periods
from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.clocks import clocks_of
from sim.measures.judge import Rule, Verdict, judge_scores
from sim.measures.kpis import measure
from sim.office.blocks import Target, Unfinished
from sim.office.hours import DAY, Days
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.records import SERVED
from sim.replay.played import middle_day, number_of, play_period
from sim.studies.base import Found, InputError
from sim.studies.run import show
from sim.studies.run.replicate import run_scenario
from sim.text import speaking

# 27 February to 8 March; from 3 March on they count. Outages and absences, so that everything random is in it.
LONG = SMALL | {
    "period": {"first": "2023-02-27", "last": "2023-03-08"},
    "staff": {"reviewers": {"plan": {"08:30-17:00": 3}, "absence": 0.1}},
    "outages": {"drawn": [{"stage": "review", "per_year": 100, "mean_minutes": 30}]},
}
WARM = LONG | {"period": {"first": "2023-03-03", "last": "2023-03-08", "warm_up_days": 4}}


def played(scenario, seed=3, engine="compiled"):
    office = registration_office(scenario_from_dict(scenario))
    journeys = draw(office, seed)
    log = play(office, journeys, engine)
    return office, journeys, log, measure(office, journeys, log)


@pytest.fixture(scope="module")
def both():
    return played(LONG), played(WARM)


def test_what_happens_is_the_same_and_only_the_later_cases_are_counted(both):
    (long, journeys, log, _), (_, its, its_log, kpis) = both
    assert np.array_equal(journeys.arrival, its.arrival)
    assert log.visit.tobytes() == its_log.visit.tobytes()
    licence = clocks_of(long, journeys, log)["licence"]
    later = (journeys.arrival >= 4 * DAY) & clocks_of(long, journeys, log).on_target
    mine = licence[later & ~np.isnan(licence)]
    assert kpis.scores == len(mine)
    assert kpis["licence mean"] == pytest.approx(mine.mean(), rel=1e-12)
    assert kpis["licence P90"] == np.sort(mine)[int(np.ceil(0.9 * len(mine))) - 1]
    assert kpis.histogram.sum() == len(mine)
    assert kpis["cases in"] == np.count_nonzero(journeys.arrival >= 4 * DAY)
    assert kpis["cases in"] == sum(kpis[f"cases {name}"] for name in ("licensed", "lost after submission",
                                                                      "never submitted"))  # fmt: skip


def test_visits_are_counted_by_case(both):
    _, (warm, journeys, log, kpis) = both
    review = warm.stage_number("review")
    mine = (journeys.stage == review) & (journeys.arrival[journeys.case_of_visit()] >= 4 * DAY)
    served = mine & (log.outcome == SERVED)
    assert kpis["visits number stage review"] == np.count_nonzero(mine & ~np.isnan(log.queued_at))
    minutes = (log.ended_at - log.started_at)[served]
    assert kpis["service mean stage review"] == pytest.approx(minutes.mean(), rel=1e-12)


def test_staff_is_paid_and_busy_on_the_days_that_count(both):
    (long, _, _, before), (warm, journeys, _, kpis) = both
    assert (long.days.working_days, warm.days.working_days, warm.days.played_days) == (8, 4, 8)
    assert kpis["staff staff hours pool clerks"] == pytest.approx(before["staff staff hours pool clerks"] / 2)
    rate = next(pool.cost_per_hour for pool in warm.pools if pool.name == "reviewers")
    # Who is absent is paid all the same.
    planned = [of["staff cost pool reviewers"] - rate * of["staff overtime pool reviewers"] for of in (before, kpis)]
    assert planned[1] == pytest.approx(planned[0] / 2)
    assert kpis["staff utilisation pool reviewers"] <= 1
    assert kpis.day_cases[:4].sum() == 0
    assert np.isnan(kpis.day_mean[:4]).all()
    # Arrivals of an average day that counts, whether they are on target or not.
    assert kpis.arrivals.sum() * 4 <= np.count_nonzero(journeys.arrival >= 4 * DAY)


def test_both_engines_agree_on_it(both):
    _, (_, _, log, _) = both
    assert played(WARM, engine="process")[2].visit.tobytes() == log.visit.tobytes()


def test_a_verdict_rests_on_the_days_that_count():
    quiet = {name: value for name, value in WARM.items() if name not in ("outages", "staff")}
    run = record_of(run_scenario(scenario_from_dict(quiet), 3, Rule(largest=20), jobs=1))
    assert run.working_days == 4
    assert [day.date.isoformat() for day in run.days if day.working] == [
        "2023-03-03", "2023-03-06", "2023-03-07", "2023-03-08"
    ]  # fmt: skip
    assert run.figure("cases", "in").mean == pytest.approx(np.mean([
        np.count_nonzero(draw(registration_office(scenario_from_dict(quiet)), 3, replication).arrival >= 4 * DAY)
        for replication in range(20)
    ]))  # fmt: skip


def test_days_to_warm_up_have_to_be_there():
    with pytest.raises(ScenarioError, match="must be at most 2"):
        scenario_from_dict(SMALL | {"period": {"first": "2023-01-03", "last": "2023-01-31", "warm_up_days": 3}})
    with pytest.raises(ScenarioError, match="must be at most 0"):
        scenario_from_dict(SMALL | {"period": {"warm_up_days": 1}})
    with pytest.raises(ValueError, match="days to warm up"):
        Days(np.zeros(4, np.int8), 2, warm_up=2)


# Years whose demand is not known.


def cases(cv, replications=200, **more):
    scenario = SMALL | {"demand": {"registrations_per_year": 2820, "uncertainty": cv} | more}
    office = registration_office(scenario_from_dict(scenario))
    return np.array([len(draw(office, 5, replication).arrival) for replication in range(replications)])


def test_the_demand_of_a_year_has_the_mean_and_the_variation_that_are_given():
    usual, numbers = cases(0.0, 1), cases(0.2, 2000)
    assert numbers.mean() == pytest.approx(usual[0], rel=0.02)
    assert numbers.std() / numbers.mean() == pytest.approx(0.2, rel=0.1)


def test_in_a_year_with_less_demand_its_applicants_are_among_those_of_one_with_more():
    first, second = (
        draw(registration_office(scenario_from_dict(SMALL | {"demand": {"uncertainty": cv}})), 5) for cv in (0.0, 0.3)
    )
    less, more = sorted((first, second), key=lambda journeys: journeys.cases)
    assert less.cases < more.cases
    assert np.isin(less.arrival, more.arrival).all()


def test_with_uncertain_demand_a_verdict_waits_for_rare_years():
    target = Target(5.0, uncertain=True)
    assert target == Target(5.0)
    sums, counts = np.full(400, 100.0) + np.arange(400) % 7, np.full(400, 50.0)
    found = judge_scores(target, sums, counts, Rule())
    assert (found.verdict, found.replications) == (Verdict.HOLDS, 183)
    assert judge_scores(Target(5.0), sums, counts, Rule()).replications == 20
    assert registration_office(scenario_from_dict(SMALL | {"demand": {"uncertainty": 0.1}})).target.uncertain


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_year_that_is_never_finished_is_not_counted_among_those_that_keep_the_promise(language):
    scenario = scenario_from_dict(SMALL | {"demand": {"uncertainty": 0.2}})
    run = record_of(run_scenario(scenario, 3, Rule(largest=20), jobs=1))
    never = replace(run, unfinished=Unfinished(9, 30, {"review": 9}), kept=2, replications=2)
    with speaking(language):
        (told,) = [sentence.text for sentence in show.premises(Found(never, ""))]
    assert ("cannot finish" if language == "en" else "无法办结") in told


def test_two_offices_that_warm_up_differently_are_not_shown_side_by_side():
    cold = WARM | {"period": WARM["period"] | {"warm_up_days": 0}}
    one, other = (scenario_from_dict(scenario) for scenario in (WARM, cold))
    assert not same_days(one, other)
    with pytest.raises(InputError):
        _check_periods([one, other])


def test_on_a_day_that_is_watched_everybody_counts():
    shown = [play_period(scenario_from_dict(scenario), 3) for scenario in (LONG, WARM)]
    assert np.array_equal(shown[0].licence, shown[1].licence, equal_nan=True)
    assert np.array_equal(shown[0].kpis.day_cases, shown[1].kpis.day_cases)
    assert middle_day(shown[1]).isoformat() >= "2023-03-03"
    assert number_of(shown, date(2023, 3, 3)) == 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_how_many_years_keep_the_promise_stands_beside_the_mean(language):
    scenario = scenario_from_dict(SMALL | {"demand": {"registrations_per_year": 28200, "uncertainty": 0.2},
                                           "target": {"minutes": 6}})  # fmt: skip
    run = record_of(run_scenario(scenario, 3, Rule(largest=20), jobs=1))
    values = [row for row in run.kpis[0].to_pylist()
              if (row["subject"], row["by"], row["statistic"]) == ("licence", "", "mean")]  # fmt: skip
    assert run.kept == sum(row["value"] <= 6 for row in values)
    assert 0 < run.kept < 20
    with speaking(language):
        told = " ".join(sentence.text for sentence in show.premises(Found(run, "")))
    assert str(run.kept) in told
    assert "20" in told
