"""The verb `staff`: roster, certificate, files, sentences, and how it fails."""

import json
import shutil
from dataclasses import asdict
from math import inf, isnan
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers import said_in
from pydantic import BaseModel
from small_runs import files_in

from sim.engines.play import NeverFinishesError
from sim.office.blocks import Unfinished
from sim.office.scenario import at_demand, load_scenario_file
from sim.replicate import work
from sim.studies.finished import read_results
from sim.studies.staff import STUDY
from sim.studies.staff.asked import in_a_hurry, so_far
from sim.studies.staff.records import EVERYBODY, OWN, PLAN
from sim.studies.staff.rules import BoundForm, FloorForm, SearchForm, ShiftForm, StaffingRules, WeekForm, load_rules

DOCS = Path(__file__).parents[2] / "docs"

OFFICE = """
name: small
title: {en: Three days, zh: 三天}
period: {first: 2023-03-01, last: 2023-03-03}
demand: {registrations_per_year: 16400, key_share: 0}
target: {minutes: MINUTES}
"""
RULES = """
name: few
title: {en: Few shifts, zh: 少数班次}
shifts:
  whole-day: {title: {en: whole day, zh: 全天}, hours: ["08:30-13:00", "13:30-17:00"]}
  early: {title: {en: early, zh: 早班}, hours: ["08:30-13:00"]}
  late: {title: {en: late, zh: 晚班}, hours: ["12:30-17:00"]}
keep: [consultants, studio, specialists, assistants]
bounds: {reviewers: {most: 6}, clerks: {most: 5}}
search: {most_plans: 60}
"""
REVIEWERS = RULES.replace("assistants]", "assistants, clerks]").replace(", clerks: {most: 5}", "")
"""The same for the reviewers alone: fewer plans to try."""


@pytest.fixture
def given(tmp_path):
    """Return a function that writes an office and rules; it returns the arguments of the verb."""

    def given(minutes="6", rules=RULES):
        (tmp_path / "small.yaml").write_text(OFFICE.replace("MINUTES", minutes), encoding="utf-8")
        (tmp_path / "few.yaml").write_text(rules, encoding="utf-8")
        return "staff", "small.yaml", "--rules", "few.yaml", "--quick"

    return given


def errors(err):
    return [line for line in err.splitlines() if not line.endswith("(warning)")]


def test_what_is_written_for_an_office_of_ones_own_can_be_run(call, tmp_path):
    (tmp_path / "mine.yaml").write_text("""
name: mine
title: {en: Mine, zh: 本单位}
extends: blank
year: 2023
period: {first: 2023-03-01, last: 2023-03-03}
hours: {office: ["09:00-12:00", "13:30-17:30"]}
target: {minutes: 15}
demand: {registrations_per_year: 6000}
steps:
  - {name: seal, title: {en: seal, zh: 用印}, after: review, minutes: {mean_minutes: 2, cv: 0.5}, pool: sealers}
staff: {reviewers: {people: 2}, clerks: {people: 1}, sealers: {title: {en: sealers, zh: 用印人员}, people: 1}}
""", encoding="utf-8")  # fmt: skip
    shutil.copytree(DOCS.parent / "scenarios" / "staffing", tmp_path / "scenarios" / "staffing")
    assert call("staff", "mine.yaml", "--quick")[0] == 0
    (file,) = (tmp_path / "results" / "staff").glob("*/*-staffed.yaml")
    assert call("check", str(file))[0] == 0
    rostered = {pool for pool, of in load_scenario_file(file).pools.items() if of.roster}
    assert rostered == {"reviewers", "clerks", "sealers"}


def test_a_roster_is_found_certified_and_written(call, given, tmp_path):
    (*arguments, _) = given()
    status, out, err = call(*arguments)
    assert status == 0, err
    folder = tmp_path / "results" / "staff" / "small+few"
    saved = read_results(STUDY, folder)
    assert {test.verdict for test in saved.of(PLAN)} == {"HOLDS"}
    assert saved.neighbours
    assert "HOLDS" not in {test.verdict for test in saved.neighbours}
    assert all(test.cost < saved.cost for test in saved.neighbours)
    assert sum(line.cost for line in saved.roster) == pytest.approx(saved.cost)
    assert sum(line.people for line in saved.roster) == saved.plan.people
    assert {line.pool for line in saved.roster} == {"reviewers", "clerks"}
    assert [test.requirement for test in saved.of(OWN)] == ["target"]
    assert {"staffing.parquet", "search.csv", "certificate.png", "tried.svg"} <= {
        file.name for file in folder.iterdir()
    }
    assert load_scenario_file(folder / "small-few-staffed.yaml").staff.reviewers.roster
    assert "Left as they are, and not in the planned cost: phone consultants" in out
    mine, own = saved.plan.with_overtime, saved.own.with_overtime
    assert mine.low < mine.mean < mine.high
    assert own.low < own.mean < own.high
    assert f"scenario's plan {own.mean:,.0f} yuan ({own.low:,.0f}–{own.high:,.0f})." in " ".join(out.split())
    assert "small+few: Cheapest roster" in err

    # The same again, as JSON: from the store, and to the last bit.
    before = files_in(folder)
    status, out, _ = call(*arguments, "--json")
    answer, after = json.loads(out), files_in(folder)
    assert status == 0
    assert after == before
    assert answer["plan"] == asdict(saved.plan)
    assert len(answer["roster"]) == len(saved.roster)
    assert len(answer["tests"]) == len(saved.tests)
    assert answer["pools"] == ["reviewers", "clerks"]
    assert len(answer["sentences"]["en"]) == len(answer["sentences"]["zh"]) == 4
    assert STUDY.short(saved) == f"{saved.cost:,.0f}"

    # Other rules are another question, and nothing is lost without being asked.
    given(rules=RULES.replace("most: 6", "most: 7"))
    status, _, err = call(*arguments)
    assert status == 2
    assert "what is asked of the same scenarios; add --replace" in errors(err)[-1]
    assert call(*arguments, "--replace")[0] == 0


def test_in_a_hurry_the_certificate_is_of_the_roster_alone_and_that_is_said(call, given, tmp_path):
    status, out, err = call(*given())
    assert status == 0, err
    saved = read_results(STUDY, tmp_path / "results" / "staff" / "small+few")
    assert {test.verdict for test in saved.of(PLAN)} == {"HOLDS"}
    assert saved.neighbours == []
    assert "beside it would do for less was not tested, which is done without --quick." in " ".join(out.split())
    assert not saved.proven
    assert saved.staffed["title"] == {"en": "Three days, roster found", "zh": "三天（求得的排班）"}
    # Without it more is told, so it takes the place of this; not the other way round.
    assert call(*given()[:-1], "--max-replications", "100")[0] == 0
    status, _, err = call(*given())
    assert status == 2
    assert "differ in what is left out with --quick; add --replace" in errors(err)[-1]


def test_in_a_hurry_no_hope_is_raised_where_everybody_on_duty_fails(call, given, tmp_path):
    status, out, _ = call(*given("1.5"))
    assert status == 0
    assert read_results(STUDY, tmp_path / "results" / "staff" / "small+few").plan is None
    # Everybody on duty fails, so it is no matter of trying more.
    assert "without --quick" not in out


def test_a_quick_search_ends_after_so_many_registrations():
    baseline = load_scenario_file(DOCS.parent / "scenarios" / "baseline-2023.yaml")
    assert in_a_hurry(baseline) == pytest.approx(16e6 / 40_200)
    assert in_a_hurry(at_demand(baseline, 1_000_000)) == 200
    assert in_a_hurry(at_demand(baseline, 100)) == 10_000


def test_each_of_several_years_has_a_roster_and_one_is_asked_about_in_all(call, given, tmp_path):
    status, out, err = call(*given(rules=REVIEWERS), "--years", "1", "--growth", "10%")
    assert status == 0, err
    saved = read_results(STUDY, tmp_path / "results" / "staff" / "small+few-to-2024")
    assert [(year.year, year.registrations) for year in saved.years] == [(2023, 16_400), (2024, 18_040)]
    assert call("brief", "results/staff/small+few-to-2024")[0] == 0
    costs = [year.cost for year in saved.years]
    # What holds in a busier year holds in this one.
    assert costs == sorted(costs)
    assert saved.cost == costs[-1]
    assert saved.scenario["demand"]["registrations_per_year"] == 18_040
    assert {year.verdict for year in saved.years} == {"HOLDS"}
    estimates = [year.estimate for year in saved.years]
    assert estimates == sorted(estimates)
    assert saved.about.rule.error == pytest.approx(0.05 / 2)
    assert "The roster for 2024 holds in all 2 years." in out
    for year in saved.years:
        row = next(line for line in out.splitlines() if line.lstrip().startswith(f"{year.year}  "))
        assert row.split()[1:4] == [f"{year.registrations:,}", f"{year.people:,}", f"{year.cost:,.0f}"]
    assert said_in("zh", STUDY.spoken, saved)[-1] == "按2024年配置的排班，2个年份均达标。"
    for wrong in (
        ("--growth", "30%"),
        ("--years", "0"),
        ("--years", "2", "--growth", "much"),
        ("--years", "9", "--growth", "9"),
    ):
        status, _, err = call(*given(rules=REVIEWERS), *wrong)
        assert status == 2, wrong
        assert "--" in errors(err)[-1]


def test_a_target_that_no_plan_keeps_is_an_answer(call, given, tmp_path):
    status, out, err = call(*given("1"))
    assert status == 0, err
    saved = read_results(STUDY, tmp_path / "results" / "staff" / "small+few")
    assert saved.plan is None
    assert {test.verdict for test in saved.of(EVERYBODY)} == {"FAILS"}
    assert "No plan within the bounds keeps a mean licence time of at most 1 minutes: even with everybody" in out
    assert not (saved.folder / "small-few-staffed.yaml").exists()
    assert (saved.folder / "tried.png").exists()


def test_a_kept_pool_stays_as_it_is_and_its_stage_is_still_looked_at(call, given, tmp_path):
    status, out, err = call(*given(rules=REVIEWERS))
    assert status == 0, err
    saved = read_results(STUDY, tmp_path / "results" / "staff" / "small+few")
    assert saved.plan is not None
    assert {line.pool for line in saved.roster} == {"reviewers"}
    own = load_scenario_file(tmp_path / "small.yaml")
    staffed = load_scenario_file(saved.folder / "small-few-staffed.yaml")
    assert staffed.staff.clerks == own.staff.clerks
    assert "counter clerks" in next(line for line in out.splitlines() if line.startswith("Left as they are"))


def test_a_present_plan_that_never_finishes_fails_and_has_no_cost(call, given, tmp_path, monkeypatch):
    arguments = given(rules=REVIEWERS)
    office = tmp_path / "small.yaml"
    office.write_text(office.read_text(encoding="utf-8") + "staff: {reviewers: {plan: {'10:00-10:30': 9}}}\n", "utf-8")
    play = work.play

    def never_with_nine(office, journeys, engine):
        if any(pool.name == "reviewers" and pool.servers == 9 for pool in office.pools):
            raise NeverFinishesError(Unfinished(9, 430))
        return play(office, journeys, engine)

    monkeypatch.setattr(work, "play", never_with_nine)
    status, out, err = call(*arguments)
    assert status == 0, err
    saved = read_results(STUDY, tmp_path / "results" / "staff" / "small+few")
    assert saved.plan is not None
    assert [test.verdict for test in saved.of(OWN)] == ["FAILS"]
    assert isnan(saved.own.with_overtime.mean)
    assert "nan" not in out
    assert "scenario's plan cannot finish." in " ".join(out.split())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('["08:30-13:00"]}\n  late', '["08:30-18:00"]}\n  late'), "few.yaml:6:"),
        (("name: few", "name: many"), "name: must be 'few'"),
        (('"12:30-17:00"', '"12:30-16:00"'), "few.yaml: no shift of the reviewers covers 16:00"),
        (("keep: [consultants", "keep: [reviewers, clerks, consultants"), "there is no pool to choose a plan for"),
    ],
)
def test_wrong_rules_are_one_line_each(call, given, change, expected):
    rules = RULES.replace(*change)
    if "16:00" in expected:
        rules = rules.replace('"08:30-13:00", "13:30-17:00"', '"08:30-13:00", "13:30-16:00"')
    status, out, err = call(*given(rules=rules))
    assert (status, out) == (2, "")
    assert any(expected in line for line in errors(err)), err


@pytest.mark.parametrize("doing", ["start", "down", "cut", "up", "certificate"])
def test_progress_says_the_best_so_far(doing):
    search = SimpleNamespace(
        best=None, best_cost=inf, trials=SimpleNamespace(plans=12), most_plans=200, most_replications=inf,
    )  # fmt: skip
    assert so_far(doing, search).endswith("none holds yet, 12 of at most 200 plans")
    search = SimpleNamespace(
        best=((1,),), best_cost=1_781_000.0, trials=SimpleNamespace(plans=108, replications=880), most_plans=200,
        most_replications=inf,
    )  # fmt: skip
    assert "1,781,000元" in said_in("zh", so_far, doing, search)
    search.most_replications = 1_500.0
    assert so_far(doing, search).endswith("880 of at most 1,500 replications")


def test_all_that_is_wrong_is_said_at_once(call, given):
    arguments = given("lots", RULES.replace("most: 6", "most: none"))
    status, _, err = call(*arguments)
    assert status == 2
    assert any("small.yaml:6:" in line for line in errors(err))
    assert any("few.yaml:9:" in line for line in errors(err))


def test_without_rules_the_shipped_ones_are_taken(call, given):
    given()
    status, _, err = call("staff", "small.yaml")
    assert status == 2
    assert "standard.yaml" in errors(err)[-1]


@pytest.mark.parametrize("page", ["staffing.md", "staffing.zh.md"])
def test_the_rules_of_the_page_are_valid_and_every_key_is_explained(page, tmp_path):
    text = (DOCS / page).read_text(encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert load_rules(file).shifts["monday-morning"].days == ("mon",)
    forms: tuple[type[BaseModel], ...] = (StaffingRules, ShiftForm, WeekForm, FloorForm, BoundForm, SearchForm)
    table = "\n".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    missing = [key for form in forms for key in form.model_fields if key not in table]
    assert missing == []
