"""Explaining from the command line, what is asked of the office, and what is written."""

import json
import math

import numpy as np
import pyarrow.parquet as pq
import pytest
from small_runs import SMALL

from sim.engines.play import NeverFinishesError
from sim.measures.comparing import Comparison, Finding
from sim.measures.judge import Rule
from sim.office.blocks import Target, Unfinished
from sim.office.parameters.staff import shift_counts
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.replicate import work
from sim.replicate.stopping import Scores
from sim.studies import shapley
from sim.studies.attribution.explain import price_of_saving, to_blame
from sim.studies.attribution.levers import LeverComparisons, one_more, unlimited
from sim.studies.base import StudyError

# Nobody asks or is assisted: of the stages only review and issue are left.
SCENARIO = """
name: {name}
title: {{en: Three days, zh: 三天}}
period: {{first: 2023-03-01, last: 2023-03-03}}
demand: {{registrations_per_year: 28200, key_share: 0, inquiry_only_share: 0}}
phone: {{calls_per_application: 0}}
filing: {{assisted_share: 0}}
staff: {{reviewers: {{plan: {{"08:30-17:00": {reviewers}}}}}}}
{more}
"""


@pytest.fixture
def scenario(tmp_path):
    def scenario(name="small", reviewers=2, more=""):
        text = SCENARIO.format(name=name, reviewers=reviewers, more=more)
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return f"{name}.yaml"

    return scenario


def rows(tmp_path, table, name="small"):
    return pq.read_table(tmp_path / "results" / "explanations" / name / f"{table}.parquet").to_pylist()


def manifest(tmp_path, name="small"):
    return json.loads((tmp_path / "results" / "explanations" / name / "manifest.json").read_text(encoding="utf-8"))


def test_the_review_is_to_blame_where_reviewers_are_few(call, scenario, tmp_path):
    status, out, err = call("explain", scenario())
    assert status == 0, err
    facts = manifest(tmp_path)
    assert (facts["about"]["kind"], facts["to_blame"], facts["verdict"]) == ("explanation", ["review"], "FAILS")
    stages = {row["stage"]: row for row in rows(tmp_path, "stages")}
    assert list(stages) == ["review", "issue"]
    total = facts["unlimited"]["estimate"] + sum(row["contribution"] for row in stages.values())
    assert total == pytest.approx(facts["whole"]["estimate"], abs=1e-9)
    assert facts["residual"] < 1e-9
    assert sum(row["share"] for row in stages.values()) == pytest.approx(1.0)
    waiting = stages["review"]["waiting"] + stages["issue"]["waiting"]
    assert waiting == pytest.approx(facts["whole"]["estimate"] - facts["unlimited"]["estimate"], rel=0.25)
    assert stages["review"]["alone"] < facts["whole"]["estimate"]
    assert all(row["low"] < row["contribution"] < row["high"] for row in stages.values())
    levers = {(row["pool"], row["where"]): row for row in rows(tmp_path, "one_more")}
    assert set(levers) == {(pool, where) for pool in ("reviewers", "clerks") for where in ("all day", "midday")}
    reviewer = levers["reviewers", "all day"]
    assert (reviewer["finding"], reviewer["difference"] < 0, reviewer["cost_difference"] > 0) == ("better", True, True)
    saved = -reviewer["difference"] * facts["licences"]
    assert reviewer["cost_per_minute"] == pytest.approx(reviewer["cost_difference"] / saved)
    assert reviewer["cost_per_minute_low"] < reviewer["cost_per_minute"] < reviewer["cost_per_minute_high"]
    assert "Online review is to blame" in out
    assert "in 3 working days" in out
    files = {file.name for file in (tmp_path / "results" / "explanations" / "small").iterdir()}
    assert {"blame.png", "blame.svg", "one_more.png", "lateness.png", "week.csv", "timing.json"} <= files


def test_late_cases_and_their_week_add_up(call, scenario, tmp_path):
    assert call("explain", scenario(), "--quick")[0] == 0
    late, facts = rows(tmp_path, "late_cases"), manifest(tmp_path)
    by_group = {group: {row["part"]: row for row in late if row["group"] == group} for group in ("late", "in time")}
    for parts in by_group.values():
        rest = sum(row["minutes"] for part, row in parts.items() if part != "clock")
        assert rest == pytest.approx(parts["clock"]["minutes"])
    assert by_group["late"]["clock"]["cases"] == pytest.approx(facts["late"]["share"])
    assert facts["late"]["low"] < facts["late"]["share"] < facts["late"]["high"]
    week = rows(tmp_path, "week")
    assert len(week) == 7 * 48 * 2
    # 1 to 3 March 2023 are a Wednesday to a Friday; who is left is reviewed on Monday.
    assert {row["weekday"] for row in week if row["minutes"] > 0} <= {1, 3, 4, 5}
    assert sum(row["minutes"] for row in week) > 0


def test_a_target_that_holds_blames_nobody(call, scenario, tmp_path):
    status, out, _ = call("explain", scenario(reviewers=3, more="target: {minutes: 60}"))
    assert (status, manifest(tmp_path)["verdict"]) == (0, "HOLDS")
    assert "causes most of the waiting" in out
    assert "to blame" not in out


def test_nobody_is_late(call, scenario, tmp_path):
    status, out, _ = call("explain", scenario(reviewers=9, more="target: {minutes: 100000}"))
    assert status == 0
    assert "Nobody takes longer than 100,000 minutes." in out
    assert manifest(tmp_path)["late"]["share"] == 0
    assert not (tmp_path / "results" / "explanations" / "small" / "lateness.png").exists()


def test_a_share_is_explained_in_points(call, scenario, tmp_path):
    status, out, _ = call("explain", scenario(more="target: {statistic: percentile, level: 0.95}"))
    assert status == 0
    facts, stages = manifest(tmp_path), rows(tmp_path, "stages")
    taken = sum(row["contribution"] for row in stages)
    assert facts["unlimited"]["estimate"] - taken == pytest.approx(facts["whole"]["estimate"], abs=1e-9)
    reviewer = next(row for row in rows(tmp_path, "one_more") if row["pool"] == "reviewers")
    assert reviewer["finding"] == "better"
    assert reviewer["difference"] > 0
    assert reviewer["cost_per_minute"] > 0
    assert "points" in out


@pytest.mark.parametrize("clock", ["touch", "door_to_door", "journey"])
def test_the_other_clocks_are_explained_too(call, scenario, clock):
    status, _, err = call("explain", scenario(more=f"target: {{clock: {clock}}}"), "--quick")
    assert status == 0, err


def test_few_replications_give_no_interval(call, scenario, tmp_path):
    status, _, err = call("explain", scenario(), "--max-replications", "5")
    assert status == 0, err
    assert manifest(tmp_path)["to_blame"] == []
    assert all(math.isnan(row["low"]) for row in rows(tmp_path, "stages"))


def test_an_office_that_cannot_finish_is_explained_in_words(call, scenario, tmp_path, monkeypatch):
    true_play = work.play

    def play(office, *others):
        if not any(pool.name == "unlimited review" for pool in office.pools):
            raise NeverFinishesError(Unfinished(9, 430, {"review": 9}))
        return true_play(office, *others)

    monkeypatch.setattr(work, "play", play)
    monkeypatch.setattr(shapley, "play", play)
    status, out, err = call("explain", scenario())
    assert status == 0, err
    assert "9 cases are not finished" in out
    assert "Unlimited staff at online review alone would give a finite figure." in out
    assert (manifest(tmp_path)["to_blame"], manifest(tmp_path)["whole"]["estimate"]) == ([], "NaN")
    assert [math.isfinite(row["alone"]) for row in rows(tmp_path, "stages")] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("small.yaml", "--jobs", "2", "--scheduler", "tcp://127.0.0.1:9"), "--jobs: the workers of"),
        (("nobody.yaml",), "nobody.yaml: nobody submits an application"),
    ],
)
def test_wrong_input_is_one_line(call, scenario, arguments, expected, tmp_path):
    scenario()
    nobody = scenario("nobody")
    text = (tmp_path / nobody).read_text(encoding="utf-8").replace("28200", "1")
    (tmp_path / nobody).write_text(text, encoding="utf-8")
    status, out, err = call("explain", *arguments)
    assert (status, out) == (2, "")
    assert expected in err
    assert len([line for line in err.splitlines() if "(warning)" not in line]) == 1


def test_another_explanation_is_not_replaced(call, scenario):
    assert call("explain", scenario(), "--quick")[0] == 0
    status, _, err = call("explain", scenario(reviewers=3), "--quick")
    assert status == 2
    assert "add --replace" in err


def small(**more):
    return scenario_from_dict(SMALL | more)


def test_one_more_is_there_wherever_somebody_is():
    plan = {"plan": {"08:30-12:00": 2, "13:30-17:00": 0}, "on": {"mon": {"09:00-10:00": 1}}}
    before = small(staff={"reviewers": plan | {"midday_crew": 1}})
    levers = {(lever.pool, lever.where): lever.scenario for lever in one_more(before, ["review"])}
    assert set(levers) == {("reviewers", "all day"), ("reviewers", "midday")}
    counts = {
        key: shift_counts(found.staff.reviewers, found.staff.midday) - shift_counts(
            before.staff.reviewers, before.staff.midday)
        for key, found in levers.items()
    }  # fmt: skip
    all_day = counts["reviewers", "all day"]
    assert all_day[1, 17:24].tolist() == [1] * 7
    assert all_day[0, 18:20].tolist() == [1, 1]
    assert not all_day[:, 24:].any()
    midday = counts["reviewers", "midday"]
    assert midday[:, 24:27].all()
    assert midday.sum() == midday[:, 24:27].sum()


def test_one_more_at_midday_without_a_duty_post_is_alone_there():
    before = small(staff={"midday": {"crew_on_duty": False}})
    found = {(lever.pool, lever.where): lever.scenario.staff for lever in one_more(before, ["review", "issue"])}
    staff = found["clerks", "midday"]
    at_noon = {name: int(shift_counts(getattr(staff, name), staff.midday)[0, 25]) for name in ("clerks", "reviewers")}
    assert at_noon == {"clerks": 1, "reviewers": 0}


def test_one_more_in_a_roster_works_the_largest_shift_or_midday():
    lines = [
        {"hours": ["08:30-12:00", "13:00-16:00"], "people": 2},
        {"hours": ["12:00-13:00"], "people": 1, "days": ["mon"]},
    ]
    before = small(staff={"clerks": {"roster": lines}})
    levers = {lever.where: lever.scenario.staff for lever in one_more(before, ["issue"])}
    assert [line.people for line in levers["shift"].clerks.roster] == [3, 1]
    added = shift_counts(levers["midday"].clerks, levers["midday"].midday) - shift_counts(
        before.staff.clerks, before.staff.midday)  # fmt: skip
    assert np.flatnonzero(added.any(axis=0)).tolist() == [24, 25, 26]
    closed = small(staff={"clerks": {"roster": lines}, "midday": {"crew_on_duty": False}})
    assert [lever.where for lever in one_more(closed, ["issue"])] == ["shift"]
    # With a post, all of a roster would be there at midday, and not one more.
    mixed = small(staff={"reviewers": {"roster": lines}, "midday": {"crew_on_duty": False}})
    assert [lever.where for lever in one_more(mixed, ["issue"])] == ["all day"]
    noon = small(staff={"clerks": {"roster": [{"hours": ["12:00-13:30"], "people": 5}, *lines]},
                        "midday": {"crew_on_duty": False}})  # fmt: skip
    assert one_more(noon, ["issue"]) == []


def test_a_full_pool_gets_no_more():
    before = small(staff={"clerks": {"plan": {"08:30-17:00": 64}, "midday_crew": 1}})
    assert [lever.where for lever in one_more(before, ["issue"])] == ["midday"]


def test_unlimited_staff_serve_their_stage_alone():
    office = registration_office(small())
    more = unlimited(office, ["issue"])
    assert more.pools[:-1] == office.pools
    assert ([duty.stage for duty in more.pools[-1].serves], more.pools[-1].servers) == (["issue"], 64)


def test_stages_that_nobody_comes_to_are_no_players():
    assert registration_office(small()).visited == ("phone", "filing", "studio", "key", "review", "issue")
    electronic = small(issue={"electronic_share": 1}, demand={"registrations_per_year": 28200, "key_share": 0})
    assert registration_office(electronic).visited == ("phone", "filing", "studio", "review")


@pytest.mark.parametrize(
    ("mean", "low", "high", "blamed"),
    [
        ([0.1, 1.4], [0.05, 1.3], [0.15, 1.5], ["b"]),
        ([1.2, 1.4], [1.1, 1.25], [1.3, 1.5], ["b", "a"]),
        ([0.0, 0.1], [math.nan, -0.1], [math.nan, 0.3], []),
        ([0.5, 0.4], [math.nan] * 2, [math.nan] * 2, []),
        ([-0.5, 0.4], [-0.6, 0.3], [-0.4, 0.5], ["b"]),
        ([math.nan] * 2, [math.nan] * 2, [math.nan] * 2, []),
    ],
)
def test_stages_are_blamed_together_unless_one_is_clearly_ahead(mean, low, high, blamed):
    assert to_blame(["a", "b"], *(np.array(ends) for ends in (mean, low, high))) == tuple(blamed)


def found_of(finding, difference, low, high):
    return Comparison(1, 0, finding, True, difference, low, high, 30, 1.0, 0.01)


def test_the_price_of_a_saving_has_the_ends_of_the_saving():
    assert price_of_saving(found_of(Finding.BETTER, -0.5, -0.8, -0.4), 400.0, 100.0, True) == (8.0, 5.0, 10.0)
    assert price_of_saving(found_of(Finding.BETTER, 0.5, 0.4, 0.8), 400.0, 100.0, False) == (8.0, 5.0, 10.0)
    none = price_of_saving(found_of(Finding.NONE, -0.5, -0.8, 0.1), 400.0, 100.0, True)
    assert all(map(math.isnan, none))


def test_more_is_asked_for_until_every_difference_is_found():
    rng = np.random.default_rng(5)
    years = [rng.normal(5.0, 0.1, 60), rng.normal(4.0, 0.1, 60), rng.normal(5.0, 0.4, 60)]

    def look(numbers):
        question = LeverComparisons(Target(), Rule(2, largest=60))
        return list(question.look([Scores(years[i][:n] * 100, np.full(n, 100.0)) for i, n in numbers], [0]))

    assert look([(0, 10), (1, 10), (2, 10)]) == []
    assert look([(0, 30), (1, 30)]) == [0, 1]
    assert look([(0, 30), (1, 30), (2, 30)]) == []


def test_without_cases_there_is_nothing_to_explain():
    with pytest.raises(StudyError):
        LeverComparisons(Target(), Rule(1)).compare([Scores(np.zeros(2), np.zeros(2))])
