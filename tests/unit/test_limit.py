"""The verb `limit`: brackets, files, sentences, and how it fails."""

import json
import math

import pytest
from small_runs import SMALL, files_in

from sim.engines.play import NeverFinishesError
from sim.measures.early import YEARS
from sim.office.blocks import Unfinished
from sim.office.parameters.staff import shift_counts
from sim.office.scenario import at_demand, own_demand, scenario_from_dict
from sim.office.size import LARGE, bytes_of
from sim.replicate import work
from sim.studies.base import StudyError
from sim.studies.capacity import STUDY
from sim.studies.capacity.limit import plan_limits, with_more
from sim.studies.finished import read_results
from sim.studies.growth import growth_rate

PLAN = """
name: {name}
title: {{en: Plan {name}, zh: 方案{name}}}
period: {{first: 2023-03-01, last: 2023-03-03}}
demand: {{registrations_per_year: 16400}}
target: {{minutes: 6{more}}}
staff: {{reviewers: {{plan: {{"08:30-17:00": {reviewers}}}}}, clerks: {{plan: {{"08:30-17:00": 5}}, midday_crew: 2}}}}
"""
TITLE = {"en": "More", "zh": "增员"}


@pytest.fixture
def plan(tmp_path):
    def plan(name, reviewers=4, more=""):
        (tmp_path / f"{name}.yaml").write_text(PLAN.format(name=name, reviewers=reviewers, more=more), encoding="utf-8")
        return f"{name}.yaml"

    return plan


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    return tmp_path_factory.mktemp("batches")


@pytest.fixture
def played_once(tmp_path, played):
    """Have the replications of a test kept where the others look that ask for the same plan."""
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "batches").symlink_to(played)


def limit_of(tmp_path, name="a"):
    return read_results(STUDY, tmp_path / "results" / "limits" / name)


@pytest.mark.usefixtures("played_once")
def test_more_reviewers_carry_more_and_cost_more(call, plan, tmp_path):
    status, out, err = call("limit", plan("a"), "--add", "reviewers=2", "--quick")
    assert status == 0, err
    saved = limit_of(tmp_path, "a-and-a-2-more-reviewers")
    a, more = saved.plans
    assert a.holds < a.fails
    assert a.holds < more.holds < more.fails > a.fails
    assert a.cost < more.cost
    assert saved.efficient == [a, more]
    assert a.breaks_to is None or a.breaks_to < more.breaks_to
    assert more.title_en == "Plan a: reviewers +2"
    assert more.title_zh == "方案a：审核员+2"
    for bracket in saved.plans:
        judged = {level.registrations: level.verdict for level in saved.levels_of(bracket)}
        assert judged[bracket.holds] == "HOLDS"
        assert judged[bracket.fails] == "FAILS"
        assert 16_400 in judged
        assert len(judged) == bracket.tests <= 23
        assert bracket.monotone
    # Every level that might have been judged has its share of the error.
    assert saved.about.rule.tests == sum(levels.number for levels in saved.levels)
    files = {file.name for file in saved.folder.iterdir()}
    tables = {f"{name}.{kind}" for name in ("brackets", "steps") for kind in ("csv", "parquet")}
    assert files == tables | {"frontier.png", "frontier.svg", "manifest.json", "timing.json"}
    assert f"up to {a.holds:,} registrations a year; at {a.fails:,} it no longer does." in out
    assert "Written to" in out

    # The same again as JSON, from the store and to the last bit.
    before = files_in(saved.folder)
    arguments = ("limit", "a.yaml", "--add", "reviewers=2", "--quick")
    status, out, _ = call(*arguments, "--json")
    answer = json.loads(out)
    assert (status, files_in(saved.folder)) == (0, before)
    assert [bracket["holds"] for bracket in answer["plans"]] == [a.holds, more.holds]
    assert answer["plans"][1]["breaks_to"] == more.breaks_to.isoformat()
    assert answer["marks"] == [{"registrations": 16_400, "year": 2023}, {"registrations": 18_762, "year": 2024}]
    status, out, _ = call("results")
    assert f"{a.holds:,}–{a.fails:,}; {more.holds:,}–{more.fails:,}" in out
    status, _, err = call(*arguments, "--growth", "10%")
    assert status == 2
    assert "differ in what is asked of the same scenarios; add --replace" in err


@pytest.mark.usefixtures("played_once")
def test_quick_stops_each_demand_at_the_first_look(call, plan, tmp_path):
    assert call("limit", plan("a"), "--quick")[0] == 0
    saved = limit_of(tmp_path)
    assert all(YEARS <= level.replications <= 50 for level in saved.steps)


def test_a_plan_that_holds_at_no_demand_says_so(call, plan, tmp_path):
    # From first contact to licence in hand it takes hours, however few they are.
    more = ", clock: journey"
    status, out, _ = call("limit", plan("a", 4, more), "--quick")
    assert status == 0
    (bracket,) = limit_of(tmp_path).plans
    assert (bracket.holds, bracket.fails) == (None, bracket.lowest)
    assert bracket.breaks_from is None
    assert "Plan a is shown to hold at no demand down to 1,640 registrations a year" in out
    assert "no demand down to 1,640 registrations a year was shown to hold" in out
    assert "Demand is over that already" not in out


def test_a_target_that_every_demand_keeps_has_no_end(call, plan, tmp_path):
    file = tmp_path / plan("a", 60, ", clock: touch")
    file.write_text(file.read_text(encoding="utf-8").replace("16400", "1640"), encoding="utf-8")
    status, out, _ = call("limit", "a.yaml", "--quick")
    assert status == 0
    (bracket,) = limit_of(tmp_path).plans
    assert (bracket.holds, bracket.fails, bracket.breaks_to) == (bracket.highest, None, None)
    assert "no demand up to 16,400, the highest tried, was shown to break it" in out
    assert "demand passes that in" in out
    assert "or later" in out


def test_an_office_that_cannot_finish_fails(call, plan, tmp_path, monkeypatch):
    true_play = work.play

    def play(office, journeys, *others):
        # Above its own demand.
        if len(journeys.arrival) > 500:
            raise NeverFinishesError(Unfinished(9, 430))
        return true_play(office, journeys, *others)

    monkeypatch.setattr(work, "play", play)
    status, out, _ = call("limit", plan("a", 6), "--quick")
    assert status == 0
    saved = limit_of(tmp_path)
    never = [level for level in saved.steps if level.why and level.verdict == "FAILS"]
    assert never
    assert all(math.isnan(level.estimate) for level in never)
    assert "cannot finish" in out


def test_a_share_is_bracketed_as_well(call, plan, tmp_path):
    status, out, _ = call("limit", plan("a", 4, ", statistic: share, level: 0.5"), "--quick")
    assert status == 0
    saved = limit_of(tmp_path)
    assert saved.plans[0].holds is not None
    assert "50 % within 6 minutes (licence time)" in out


@pytest.mark.usefixtures("played_once")
def test_demand_may_fall_and_growth_is_in_per_cent_or_a_share(call, plan):
    assert growth_rate("14.4%") == growth_rate("0.144") == 0.144
    status, out, _ = call("limit", plan("a"), "--quick", "--growth", "-5%")
    assert status == 0
    assert "Demand falls (5 % a year)" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("a.yaml", "--add", "reviewers=0"), "reviewers must be a whole number from -64 to 64 other than 0, not '0'"),
        (("a.yaml", "--add", "reviewers=1.5"), "other than 0, not '1.5'"),
        (("a.yaml", "--add", "clerks=1,clerks=2"), "--add: clerks is there twice"),
        (("a.yaml", "--add", "reviewers=-9"), "--add reviewers=-9: "),
        (("a.yaml", "--add", "reviewers=64"), "--add reviewers=64: "),
        (("a.yaml", "--growth", "1000%"), "--growth: must be"),
        (("a.yaml", "a.yaml"), "two of the plans are called 'a'"),
        (("a.yaml", "twin.yaml"), "twin and a are the same in everything but their names"),
        (("a.yaml", "other.yaml"), "other has another target than a"),
        (("a.yaml", "--add", "clerks=1", "--add", "clerks=1"), "two of the plans are called 'a-1-more-clerks'"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_line(call, plan, arguments, expected):
    plan("a")
    plan("twin")
    plan("other", 4, ", clock: touch")
    status, out, err = call("limit", *arguments)
    assert (status, out) == (2, "")
    (line,) = [line for line in err.splitlines() if not line.endswith("(warning)")]
    assert expected in line


def test_without_anybody_to_judge_there_is_no_limit(call, plan):
    nobody = plan("a").replace(".yaml", "")
    text = PLAN.format(name=nobody, reviewers=4, more="").replace("16400", "1")
    with open(f"{nobody}.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    status, _, err = call("limit", f"{nobody}.yaml")
    assert status == 2
    assert "limit: a: nobody submits an application that the target is about" in err


def small(**staff):
    return scenario_from_dict(SMALL | {"demand": SMALL["demand"] | {"key_share": 0}, "staff": staff})


def servers(scenario, pool, day=0):
    return shift_counts(getattr(scenario.staff, pool), scenario.staff.midday)[day]


def test_more_on_duty_wherever_the_plan_has_somebody_and_nobody_more_at_midday():
    plan = {"08:30-12:00": 2, "13:30-17:00": 3, "17:00-18:00": 0}
    first = small(reviewers={"plan": plan, "on": {"mon": {"09:00-12:00": 5}}, "midday_crew": 1})
    more = with_more(first, {"reviewers": 2}, "more", TITLE)
    before, after = servers(first, "reviewers", 1), servers(more, "reviewers", 1)
    assert list(after[17:24] - before[17:24]) == [2] * 7
    assert (after[24:27] == before[24:27]).all()
    assert not after[34:36].any()
    assert servers(more, "reviewers", 0)[18] == 7
    fewer = with_more(first, {"reviewers": -2}, "fewer", TITLE)
    assert (servers(fewer, "reviewers", 1)[17], servers(fewer, "reviewers", 1)[28]) == (0, 1)
    assert (more.name, more.title.zh) == ("more", "增员")


def test_of_a_roster_the_hours_of_most_are_worked_by_more():
    roster = [{"hours": ["08:30-12:00"], "people": 1}, {"hours": ["08:30-12:00", "13:00-17:00"], "people": 3}]
    more = with_more(small(reviewers={"roster": roster}), {"reviewers": 2}, "more", TITLE)
    assert [line.people for line in more.staff.reviewers.roster] == [1, 5]


def test_nothing_can_be_added_to_nobody():
    first = small(specialists={"plan": {}})
    with pytest.raises(StudyError, match="specialists has nobody on duty in small"):
        with_more(first, {"specialists": 1}, "more", TITLE)


def test_only_the_demand_differs_between_levels():
    first = scenario_from_dict(SMALL | {"demand": {"registrations_per_year": 40200, "growth": 0.144}})
    assert own_demand(first) == 45_989
    assert at_demand(first, 45_989) is first
    other = at_demand(first, 50_000)
    assert (other.demand.registrations_per_year, other.demand.growth) == (50_000, 0.0)
    assert other.staff == first.staff


@pytest.mark.usefixtures("played_once")
def test_of_several_years_each_has_its_demand_and_what_is_known_of_it(call, plan, tmp_path):
    status, out, err = call("limit", plan("a"), "--growth", "10%", "--years", "4", "--quick")
    assert status == 0, err
    saved = limit_of(tmp_path)
    (bracket,) = saved.plans
    assert [(mark.year, mark.registrations) for mark in saved.marks] == [
        (2023, 16_400), (2024, 18_040), (2025, 19_844), (2026, 21_828), (2027, 24_011)
    ]  # fmt: skip
    for mark in saved.marks:
        verdict = saved.verdict_in(bracket, mark)
        assert (verdict == "HOLDS") == (mark.registrations <= bracket.holds)
        assert (verdict == "FAILS") == (mark.registrations >= bracket.fails)
        assert any(line.split()[:2] == [str(mark.year), f"{mark.registrations:,}"] for line in out.splitlines())
    assert call("limit", plan("a"), "--years", "0")[0] == 2


def test_what_takes_much_memory_is_looked_at_only_if_it_is_meant():
    large = scenario_from_dict({"name": "large", "title": TITLE, "demand": {"registrations_per_year": 200_000}})
    (usual,), (meant,) = (plan_limits([large], meant=each) for each in (False, True))
    assert bytes_of(at_demand(large, usual.levels[-1])) <= LARGE < bytes_of(at_demand(large, meant.levels[-1]))
    assert usual.levels == meant.levels[: len(usual.levels)]
    assert own_demand(large) in usual.levels
