"""The verbs `log` and `calibrate`: from a scenario to its log, and back again."""

import json
import math
import shutil
from contextlib import chdir
from dataclasses import replace
from datetime import date

import pytest
from calibrations import calibration
from ruamel.yaml import YAML

from sim.cli.main import main
from sim.office.parameters.staff import shift_counts
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.results.fitted import fitted_to_log
from sim.studies.calibrate import STUDY
from sim.studies.calibrate.held_out import backtest
from sim.studies.calibrate.held_out.backtest import REPLICATIONS, Seen, back_test, seen_in
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.scenarios import fitted_scenario, path_of, varied_scenarios
from sim.studies.calibrate.sentences import finding
from sim.studies.finished import read_results
from sim.studies.possible_offices import calibration_beside
from sim.studies.sensitivity.ranges import load_ranges

OFFICE = """
name: small
title: {en: Six weeks, zh: 六周}
period: {first: 2023-03-01, last: 2023-04-14}
demand: {registrations_per_year: 16400}
hours: {review: ["08:00-17:00"]}
staff:
  consultants: {plan: {"08:30-17:00": 2}}
  assistants: {plan: {"08:30-17:00": 3}, midday_crew: 2}
  reviewers: {plan: {"08:00-17:00": 3}, midday_crew: 2}
  clerks: {plan: {"08:30-17:00": 2}, midday_crew: 2}
"""
PARENT = "name: parent\ntitle: {en: Defaults, zh: 缺省}\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return a folder with a small office, its log, and a parent."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "small.yaml").write_text(OFFICE, encoding="utf-8")
    (folder / "parent.yaml").write_text(PARENT, encoding="utf-8")
    with chdir(folder):
        assert main(folder, ["log", "small.yaml"]) == 0
    return folder


@pytest.fixture
def logged(small, tmp_path):
    """Return the log of the office, in a folder of the test's own."""
    shutil.copytree(small, tmp_path, dirs_exist_ok=True)
    return tmp_path / "results" / "logs" / "small.csv"


def test_a_log_is_fitted_and_foretells_its_last_days(call, logged, tmp_path, capsys):
    arguments = ("calibrate", "results/logs/small.csv", "--parent", "parent.yaml", "--name", "fitted")
    status, out, err = call(*arguments)
    assert status == 0, err
    record = read_results(STUDY, tmp_path / "results" / "calibrations" / "fitted")
    found = {each.name: each for each in record.estimates}
    truth = load_scenario_file(tmp_path / "small.yaml")
    for name, value in {
        "review.minutes.mean_minutes": truth.review.minutes.mean_minutes, "review.minutes.cv": truth.review.minutes.cv,
        "issue.minutes.mean_minutes": truth.issue.minutes.mean_minutes, "phone.redial_share": truth.phone.redial_share,
        "filing.assisted_share": truth.filing.assisted_share, "demand.enterprise_share": 0.5,
        "issue.electronic_share": truth.issue.electronic_share,
    }.items():  # fmt: skip
        each = found[name]
        assert each.low - (each.high - each.low) <= value <= each.high + (each.high - each.low), name
    scenario = load_scenario_file(record.folder / "fitted.yaml")
    assert scenario.review.minutes.mean_minutes == pytest.approx(found["review.minutes.mean_minutes"].value, rel=1e-5)
    for pool in ("reviewers", "clerks", "assistants", "consultants"):
        seen, own = (shift_counts(getattr(each.staff, pool), each.staff.midday)[:5] for each in (scenario, truth))
        assert (seen == own).mean() > 0.97, pool
    fitted = fitted_to_log(record.folder / "fitted.yaml", [scenario])
    assert fitted == record.about.fitted
    assert {"review.minutes.mean_minutes", "demand.weekday_index", "staff.clerks.plan"} < set(fitted.parameters)
    # The log has two months only, and gives no cause to say who gave up.
    assert {"demand.month_index", "abandonment.phone"}.isdisjoint(fitted.parameters)
    text = (record.folder / "fitted.yaml").read_text(encoding="utf-8")
    assert "# fitted: lognormal, ML, n = " in text
    # The last quarter of the working days, up to the last that the log has.
    assert record.held_out.days == round(0.25 * record.log.working_days)
    assert record.held_out.last == truth.last_day
    assert len(record.compared) > 15
    assert sum(each.inside for each in record.compared) >= 0.75 * len(record.compared)
    assert "Back-test on" in out
    ranges = (record.folder / "ranges.yaml").read_text(encoding="utf-8")
    assert "review.minutes.mean_minutes: [" in ranges
    # What is told together errs together.
    alike = {(of.first, of.second): of.correlation for of in record.dependence}
    assert alike["demand.month_index[2]", "demand.month_index[3]"] < -0.9
    assert 0 < alike["review.minutes.mean_minutes", "review.minutes.cv"] < 1
    assert alike["demand.registrations_per_year", "demand.other_business_per_registration"] < -0.3
    assert alike["review.return_factors.other", "review.return_factors.assisted"] < 0
    assert all(-1 <= correlation <= 1 for correlation in alike.values())
    # What was found is a scenario like any other.
    assert call("run", str(record.folder / "fitted.yaml"), "--max-replications", "1", "--no-premises")[0] == 0
    # The same again is the same; something else is not put in its place without being asked.
    before = (record.folder / "estimates.csv").read_bytes()
    status, out, _ = call(*arguments, "--json", "--lang", "zh")
    answer = json.loads(out)
    assert status == 0
    assert (record.folder / "estimates.csv").read_bytes() == before
    assert len(answer["estimates"]) == len(record.estimates)
    assert call(*arguments, "--hold-out", "0")[0] == 2
    assert call(*arguments, "--hold-out", "0", "--replace")[0] == 0
    assert not read_results(STUDY, record.folder).back_test
    # Against itself nothing has changed; and what is no calibration is refused.
    again = ("calibrate", "results/logs/small.csv", "--name", "again", "--hold-out", "0", "--quick", "--against")
    status, out, err = call(*again, str(record.folder))
    assert status == 0, err
    assert "have moved by more than chance explains" not in out
    held = read_results(STUDY, tmp_path / "results" / "calibrations" / "again")
    assert (held.parent, held.change.since, sum(each.moved for each in held.causes)) == ("fitted", "fitted", 0)
    assert call("brief", "results/calibrations/again")[0] == 0
    for folder, why in (("results/logs", "--against: results/logs: "), ("nowhere", "there is no folder 'nowhere'")):
        status, _, err = call(*again, folder)
        assert (status, why in err) == (2, True)
    assert "fitted" in call("results")[1]
    # A run finds the calibration beside its scenario; of a damaged one it says so, and takes the fit as exact.
    fitted, file = record.about.fitted, str(record.folder / "fitted.yaml")
    assert calibration_beside(file, fitted).name == "fitted"
    # Of plans that are fitted to several logs, or to none, there is none.
    assert calibration_beside(file, replace(fitted, log="")) is calibration_beside(file, None) is None
    (record.folder / "dependence.parquet").write_bytes(b"")
    assert calibration_beside(file, fitted) is None
    assert "the fitted values are taken as exact (warning)" in capsys.readouterr().err


def test_a_half_life_is_said_and_so_is_that_a_log_is_too_short_to_walk_through(call, logged, tmp_path):
    arguments = ("calibrate", "results/logs/small.csv", "--parent", "parent.yaml", "--name", "recent")
    status, out, err = call(*arguments, "--hold-out", "0", "--half-life", "2", "--rolling")
    assert status == 0, err
    record = read_results(STUDY, tmp_path / "results" / "calibrations" / "recent")
    told, days = record.log.counted, record.log.working_days
    assert (record.log.half_life, days) == (2, 32)
    assert 8 < told < 20
    assert f"with a half-life of 2 weeks: {told} of {days} working days do" in out
    assert "There is no rolling back-test" in out
    text = (record.folder / "recent.yaml").read_text(encoding="utf-8")
    assert f"# The older a day, the less it counts: {told} of {days} do, by a half-life in weeks of 2." in text
    # It is something else than what is asked without.
    assert call(*arguments, "--hold-out", "0")[0] == 2
    status, out, err = call("run", str(record.folder / "recent.yaml"), "--quick")
    assert status == 0, err
    # Nothing is said of a longer log, whose old days would not count.
    assert "it would be half as wide" not in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("results/logs/small.csv", "--mapping", "none.yaml"), "none.yaml"),
        (("results/logs/small.csv", "--parent", "none.yaml"), "none.yaml"),
    ],
)
def test_wrong_input_is_one_line_and_status_2(call, logged, arguments, expected):
    parent = () if "--parent" in arguments else ("--parent", "parent.yaml")
    status, out, err = call("calibrate", *arguments, *parent)
    assert (status, out) == (2, "")
    assert expected in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("case,step,ended\n1,review,2023-03-01 09:00", "no column tells from when a case waits or when service starts"),
        ("case,step,started,ended\n1,review,,2023-03-01 09:00", "in none of 1 rows is a time from when the case waits"),
        (
            "case,step,queued\n1,review,2023-03-01 23:00",
            "no first contact between 08:30 and 17:00; have the times hours",
        ),
    ],
)
def test_a_log_without_beginnings_says_what_it_is_without(call, tmp_path, rows, expected):
    (tmp_path / "ends.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "parent.yaml").write_text(PARENT, encoding="utf-8")
    status, out, err = call("calibrate", "ends.csv", "--parent", "parent.yaml")
    assert (status, out) == (2, "")
    assert expected in err


def test_the_log_is_read_back_as_it_was_written(logged):
    log, report = read_log([logged])
    assert report.rows_read == report.rows_kept == len(log) > 0
    assert {step for step, _ in seen_in(log, 32)} == {"phone", "filing", "studio", "key", "review", "issue"}


def test_values_stand_in_their_place_with_their_source():
    parent = scenario_from_dict({"name": "parent", "title": {"en": "P", "zh": "父"}})
    estimates = [
        Estimate("review.minutes.mean_minutes", 3.2, 3.1, 3.3, 1000, "lognormal, ML", "min"),
        Estimate("demand.month_index[1]", 1.5, 1.4, 1.6, 20, "regression"),
        Estimate("demand.registrations_per_year", 40123.4, 39e3, 41e3, 99, "count"),
        Estimate("phone.profiles[0].talk_seconds", 200.0, 190.0, 210.0, 50, "lognormal, ML", "s"),
        Estimate("review.return_rate[enterprise]", 0.2, 0.1, 0.3, 10, "binomial"),
    ]
    found = fitted_scenario(parent, estimates, {"year": 2024}, "mine", {"en": "Mine", "zh": "我的"})
    assert found.review.minutes.mean_minutes == 3.2
    assert found.demand.month_index[1] == 1.5
    assert found.demand.registrations_per_year == 40123
    assert [profile.talk_seconds for profile in found.phone.profiles] == [200]
    assert found.phone.profiles[0].share == 1
    used = tuple(replace(each, used=True) for each in estimates[:-1])
    text = STUDY.files(calibration("mine", estimates=used, scenario=scenario_as_dict(found)))["mine.yaml"]
    assert text.startswith("# Found by `calibrate` in 401,900 rows of a log from 2023-01-03 to 2023-12-29.\n")
    assert scenario_from_dict(YAML(typ="safe", pure=True).load(text)) == found
    assert "mean_minutes: 3.2  # fitted: lognormal, ML, n = 1,000, 95 % 3.1 to 3.3\n" in text
    assert "intervals in estimates.csv\n" in text
    assert path_of("phone.profiles[0].talk_seconds") == ("phone", "profiles", 0, "talk_seconds")


def test_the_ranges_are_the_intervals_and_can_be_read(tmp_path):
    title, nobody = {"en": "M", "zh": "我"}, {"people": 0, "helps": []}
    office = {"name": "mine", "title": title, "demand": {"key_share": 0}, "staff": {"specialists": nobody}}
    ranges = {"demand.key_share": (0.0, 0.0016), "review.return_rate": (0.1, 0.2),
              "phone.profiles[].talk_seconds": (201.0, 205.0)}  # fmt: skip
    talk = Estimate("phone.profiles[0].talk_seconds", 203.0, 201.0, 205.0, 9, "")
    data = scenario_as_dict(fitted_scenario(scenario_from_dict(office), [talk], {}, "mine", title))
    text = STUDY.files(calibration("mine", scenario=data, ranges=ranges))["ranges.yaml"]
    assert "# demand.key_share: [0.0, 0.0016] left out: no such office can have 0.0016\n" in text
    (tmp_path / "ranges.yaml").write_text(text, encoding="utf-8")
    found = load_ranges(tmp_path / "ranges.yaml", scenario_from_dict(data))
    assert {path: (each.low, each.high) for path, each in found.items()} == dict(list(ranges.items())[1:])


def test_a_scenario_of_a_few_days_says_that_it_is_not_to_be_judged_by():
    parent = scenario_from_dict({"name": "parent", "title": {"en": "P", "zh": "父"}})
    march = [Estimate(f"demand.month_index[{at}]", 1.0, *ends, at, "regression", used=at == 2) for at, ends in
             enumerate([(math.nan, math.nan)] * 2 + [(0.9, 1.1)] + [(math.nan, math.nan)] * 9)]  # fmt: skip
    record = calibration("mine", estimates=tuple(march), scenario=scenario_as_dict(parent))
    text = STUDY.files(record)["mine.yaml"]
    assert "# Complete, and ready" in text
    assert "intervals in estimates.csv; 11 not in the log, as in baseline-2023\n" in text
    record = replace(record, log=replace(record.log, working_days=3))
    assert "# NOT TO BE JUDGED BY: 3 working days are too few" in STUDY.files(record)["mine.yaml"]
    assert "; too few days to judge the office by" in finding(record)


def test_offices_are_drawn_from_the_intervals():
    parent = scenario_from_dict({"name": "parent", "title": {"en": "P", "zh": "父"}})
    estimates = [
        Estimate("review.minutes.mean_minutes", 3.0, 2.8, 3.3, 1000, "ML", "min"),
        Estimate("filing.assisted_share", 0.3, 0.25, 0.36, 100, "share", "share"),
    ]
    varied = varied_scenarios(parent, estimates, 7)
    drawn = [varied(number) for number in range(400)]
    for low, high, values in (
        (2.8, 3.3, [each.review.minutes.mean_minutes for each in drawn]),
        (0.25, 0.36, [each.filing.assisted_share for each in drawn]),
    ):
        outside = sum(not low <= value <= high for value in values)
        assert 8 <= outside <= 36, "one in twenty"
    assert varied(3) == varied(3)


def test_one_more_replication_lies_in_an_interval_with_the_chance_that_is_said(monkeypatch):
    def seen(log, days, steps=()):
        # The log is a replication's number, or None: a figure in each place among those of the replications.
        return {("review", f"{place}"): Seen(place - 0.5 if log is None else log, 1) for place in range(120)}

    monkeypatch.setattr(backtest, "simulated_log", lambda scenario, seed, engine, replication: replication)
    monkeypatch.setattr(backtest, "up_to", lambda log, last: log)
    monkeypatch.setattr(backtest, "seen_in", seen)
    office = scenario_from_dict({"name": "office", "title": {"en": "O", "zh": "所"}})
    found = [each.inside for each in back_test(office, None, date(2023, 3, 1), date(2023, 3, 1), 1)]
    assert (len(found), sum(found)) == (REPLICATIONS + 1, 0.95 * 120)
    assert found == found[::-1]


def test_a_log_of_the_model_itself_lies_in_most_intervals(logged):
    log, _ = read_log([logged])
    scenario = load_scenario_file(logged.parents[2] / "small.yaml")
    found = back_test(scenario, log, scenario.first_day, scenario.last_day, 5)
    assert sum(each.inside for each in found) >= len(found) - 4
    assert REPLICATIONS == 119
