"""Logs without starts of service: estimated if a mapping asks, said so, and no surer than that leaves them."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from arrival_logs import scenario_of

from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.fit import fit_log
from sim.studies.calibrate.fit_notes import not_told
from sim.studies.calibrate.log.report import ASSUMED, LogReport
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.starts import with_starts
from sim.studies.calibrate.log.steps import STAFFED, StepLog
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.mapping import LogMapping
from sim.studies.calibrate.records import STARTS

TITLE = {"en": "Fitted", "zh": "拟合"}
ASKED = LogMapping(estimate_starts=True)
NOTHING = LogReport((), 0, 0, 0, (), (), (), ())
TRUE = {
    "review.minutes.mean_minutes": 3.0, "filing.assisted_minutes.mean_minutes": 20.0,
    "issue.minutes.mean_minutes": 1.0,
}  # fmt: skip
TALK = "phone.profiles[0].talk_seconds"


def written(folder: Path, heads: list[str], *rows: tuple[str, ...]) -> Path:
    file = folder / "log.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([heads, *rows])
    return file


@pytest.fixture(scope="module")
def month() -> StepLog:
    data = scenario_as_dict(scenario_of()) | {"period": {"first": "2023-05-01", "last": "2023-05-31"}}
    return simulated_log(scenario_from_dict(data), 1)


def without(log: StepLog, *columns: str) -> StepLog:
    return replace(log, **{column: np.full(len(log), math.nan) for column in columns})


def test_a_start_is_the_last_end_of_who_served_or_when_the_case_came(tmp_path):
    file = written(
        tmp_path, ["case", "step", "queued", "ended", "server"],
        ("1", "review", "2023-05-08 09:00", "2023-05-08 09:10", "a"),
        ("2", "review", "2023-05-08 09:01", "2023-05-08 09:15", "a"),
        ("3", "review", "2023-05-08 09:30", "2023-05-08 09:32", "a"),
        ("4", "review", "2023-05-08 09:30", "2023-05-08 09:40", "b"),
        ("5", "review", "2023-05-08 09:31", "2023-05-08 09:50", ""),
        ("6", "review", "2023-05-08 09:35", "2023-05-09 09:00", "a"),
    )  # fmt: skip
    log, report = read_log([file], ASKED)
    minutes = (log.started - log.queued).tolist()
    # The first of a day, whoever served, has none; nor has who names nobody.
    assert [None if math.isnan(each) else each for each in minutes] == [None, 9.0, 0.0, None, None, None]
    assert log.guessed == ("review",)
    assert "starts_estimated" in report.assumed
    assert "starts_at_most" not in report.assumed
    assert (report.count("start_estimated"), report.count("start_unknown")) == (2, 4)
    # Without being asked for nothing is estimated.
    assert not np.isfinite(read_log([file])[0].started).any()


@pytest.mark.parametrize(
    ("heads", "row", "said"),
    [
        (["case", "step", "queued", "ended"], ("1", "review", "2023-05-08 09:00", "2023-05-08 09:10"), "map server"),
        (["case", "step", "queued", "started", "ended", "server"],
         ("1", "review", "2023-05-08 09:00", "2023-05-08 09:02", "2023-05-08 09:10", "a"), "means nothing here"),
    ],
)  # fmt: skip
def test_where_it_cannot_or_need_not_be_estimated_is_said(tmp_path, heads, row, said):
    with pytest.raises(ScenarioError) as error:
        read_log([written(tmp_path, heads, row)], ASKED)
    (problem,) = error.value.problems
    assert said in str(problem.message)


def test_intervals_hold_the_truth_although_starts_are_estimated():
    covered = tried = 0
    for seed in range(8):
        data = scenario_as_dict(scenario_of()) | {"period": {"first": "2023-05-01", "last": "2023-05-19"}}
        log, _ = with_starts(without(simulated_log(scenario_from_dict(data), seed), "started"), NOTHING)
        fit = fit_log(log, scenario_of(), "fitted", TITLE)
        found = {each.name: each for each in fit.estimates}
        for name, truth in TRUE.items():
            covered, tried = covered + found[name].covers(truth), tried + 1
            assert STARTS in found[name].method
            assert name in fit.used
    assert covered / tried >= 0.9


def test_other_work_between_cases_looks_like_service_and_the_report_says_so():
    office = scenario_of(
        {"registrations_per_year": 6_000}, period={"first": "2023-03-01", "last": "2023-06-30"},
        staff={"reviewers": {"plan": {"08:30-17:00": 2}, "other_work": {"share": 0.4, "until_waiting": 15}}},
        review={"minutes": {"mean_minutes": 10, "cv": 1.1}},
    )  # fmt: skip
    log, report = with_starts(without(simulated_log(office, 2), "started"), NOTHING)
    found = {each.name: each for each in fit_log(log, scenario_of(), "fitted", TITLE).estimates}
    assert found["review.minutes.mean_minutes"].value > 10
    assert not found["review.minutes.mean_minutes"].covers(10)
    assert "had other work between" in ASSUMED["starts_estimated"]
    assert "starts_estimated" in report.assumed


def test_patience_has_no_interval_and_comes_out_too_short(month):
    log, _ = with_starts(without(month, "started"), NOTHING)
    told, guessed = (
        {each.name: each for each in fit_log(one, scenario_of(), "fitted", TITLE).estimates} for one in (month, log)
    )
    name = "phone.profiles[0].patience_seconds"
    assert math.isnan(guessed[name].low)
    assert guessed[name].value < told[name].value
    assert STARTS in guessed[name].method


def test_of_ends_alone_there_is_the_most_that_a_service_can_last_and_the_parents_stays(month):
    log, report = with_starts(without(month, "started", "queued"), NOTHING)
    assert {"starts_estimated", "starts_at_most"} <= set(report.assumed)
    parent = scenario_of()
    fit = fit_log(log, parent, "fitted", TITLE)
    found = {each.name: each for each in fit.estimates}
    for name, truth in {**TRUE, TALK: 188.0}.items():
        assert found[name].value > truth
        assert math.isnan(found[name].high)
        assert name not in fit.used
    assert fit.scenario.review.minutes == parent.review.minutes
    # How many come is told all the same; at which hour is not.
    assert found["demand.registrations_per_year"].covers(40_200)
    assert not [each for each in fit.used if "half_hour" in each]
    why = {each.what: each.because for each in not_told(log, parent, fit.estimates, fit.used)}
    assert "at most" in why["review.minutes.mean_minutes"]


def test_the_back_test_is_not_held_against_estimates(month):
    log, _ = with_starts(without(month, "started"), NOTHING)
    told = log.as_told
    assert not np.isfinite(told.started[told.at(*STAFFED)]).any()
    assert np.array_equal(told.begin, np.fmin(log.queued, log.started), equal_nan=True)
    assert month.as_told is month
