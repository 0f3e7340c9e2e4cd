"""Logs of part of an office, or whose systems have numbers of their own: what is fitted is right, or not fitted."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from arrival_logs import made_log

from sim.office.hours import DAY
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_from_dict
from sim.studies.calibrate.demand.arrivals import fit_arrivals
from sim.studies.calibrate.fit import Fit, fit_log
from sim.studies.calibrate.fit_notes import not_told
from sim.studies.calibrate.held_out.backtest import back_test, known_by, seen_in
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import GAVE_UP, RETURNED, SERVED, STEPS, UNKNOWN, UNTOLD, StepLog, sorted_log
from sim.studies.calibrate.recording import _duty
from sim.studies.calibrate.records import DAYS, Compared, Estimate
from sim.studies.calibrate.scenarios import TOO_HIGH, fitted_scenario, usable, varied_scenarios
from sim.studies.calibrate.wording import day_name

TITLE = {"en": "office", "zh": "办事处"}
NUMBER = "demand.registrations_per_year"
STAFF = {
    "consultants": {"plan": {"08:30-17:00": 3}}, "assistants": {"plan": {"08:30-17:00": 4}, "midday_crew": 3},
    "studio": {"plan": {"08:30-17:00": 2}}, "reviewers": {"plan": {"08:00-17:00": 4}, "midday_crew": 3},
    "clerks": {"plan": {"08:30-17:00": 3}, "midday_crew": 3},
}  # fmt: skip


@pytest.fixture(scope="module")
def office() -> Scenario:
    return scenario_from_dict({
        "name": "office", "title": TITLE, "demand": {"registrations_per_year": 12_000}, "staff": STAFF,
    })  # fmt: skip


@pytest.fixture(scope="module")
def year(office) -> StepLog:
    return simulated_log(office, 1)


def part(log: StepLog, *steps: str) -> StepLog:
    return log.rows(np.isin(log.step, [STEPS.index(step) for step in steps]))


def with_own_numbers(log: StepLog, *steps: str) -> StepLog:
    own = np.isin(log.step, [STEPS.index(step) for step in steps])
    case = np.where(own, log.cases + np.arange(len(log)), log.case)
    return sorted_log(replace(log, case=case, cases=log.cases + len(log)))


def fitted(log: StepLog, office: Scenario) -> tuple[Fit, dict[str, Estimate]]:
    fit = fit_log(log, office, "fitted", TITLE)
    return fit, {each.name: each for each in fit.estimates}


def missing(log: StepLog, office: Scenario) -> dict[str, str]:
    fit, _ = fitted(log, office)
    return {each.what: each.because for each in not_told(log, office, fit.estimates, fit.used)}


@pytest.mark.parametrize("steps", [(), ("phone",), ("phone", "filing", "studio", "key")])
def test_applicants_with_a_number_at_each_system_are_counted_once(year, office, steps):
    _, found = fitted(with_own_numbers(year, *steps), office)
    assert found[NUMBER].value == pytest.approx(12_000, rel=0.003)
    assert found["demand.other_business_per_registration"].value == pytest.approx(1.0, abs=0.02)


def test_shares_of_ways_are_right_or_not_given_where_numbers_are_not_shared(year, office):
    _, found = fitted(with_own_numbers(year, "phone"), office)
    assert found["filing.assisted_share"].value == pytest.approx(0.3, abs=0.01)
    # Who called first and who began in the evening look alike.
    assert "demand.out_of_hours_share" not in found
    _, found = fitted(with_own_numbers(year, "phone", "filing", "studio", "key"), office)
    assert "filing.assisted_share" not in found


@pytest.mark.parametrize("steps", [("phone",), ("filing", "studio"), ("phone", "filing", "studio")])
@pytest.mark.parametrize("own_numbers", [False, True])
def test_a_log_without_submissions_gets_the_demand_that_brings_as_many(year, office, steps, own_numbers):
    log = part(year, *steps)
    _, found = fitted(with_own_numbers(log, *steps) if own_numbers else log, office)
    assert "demand that brings as many" in found[NUMBER].method
    assert found[NUMBER].value == pytest.approx(12_000, rel=0.03)


def test_calls_outside_the_usual_hours_are_part_of_the_day(year, office):
    log = part(year, "phone")
    late = np.where((log.queued % DAY > 13 * 60) & (log.case % 2 == 0), 4 * 60, 0)
    log = replace(log, queued=log.queued + late, started=log.started + late, ended=log.ended + late)
    fit, _ = fitted(sorted_log(log), office)
    assert fit.hours.outside == pytest.approx((late > 0).mean(), abs=0.02)
    assert fit.scenario.hours.phone == ((510, 1260),)
    found = part(simulated_log(fit.scenario, 1), "phone")
    for since in (0, 17 * 60):
        assert (found.queued % DAY >= since).sum() == pytest.approx((log.queued % DAY >= since).sum(), rel=0.04)


def test_demand_is_matched_with_the_staff_and_the_patience_of_the_log(office):
    # By night, when the parent has nobody at work and all who call hang up and call again.
    random, rows = np.random.default_rng(1), []
    for day in (day for day in range(60) if day % 7 < 5):
        free = [0.0] * 3
        for came in np.sort(random.uniform(0, 480, 80)):
            at, patience = max(came, min(free)), random.exponential(5.0)
            gone = at - came > patience
            end = came + patience if gone else at + random.lognormal(1.5, 0.5)
            free[int(np.argmin(free))] = min(free) if gone else end
            rows.append((came, np.nan if gone else at, end, GAVE_UP if gone else SERVED, day * DAY + 21 * 60))
    queued, started, ended, outcome, night = np.array(rows).T
    log = made_log("phone", queued + night, started + night, ended + night, outcome)
    fit, _ = fitted(log, office)
    opened = fit.arrivals.seasons.per_day[0]
    found = simulated_log(fit.scenario, 3)
    assert fit_arrivals(part(found, "phone"), fit.scenario).seasons.per_day[0] == pytest.approx(opened, rel=0.04)


def rates(scenario: Scenario) -> dict[str, float]:
    """Return how often an application that was filed with an assistant is sent back, by class."""
    rate, factors = scenario.review.return_rate, scenario.review.return_factors
    return {kind: rate * getattr(factors, kind) * factors.assisted for kind in ("enterprise", "individual", "other")}


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("steps", [("review",), ("filing", "studio", "key", "review")])
def test_returns_of_a_part_come_out_as_those_of_the_whole(year, office, steps, classes):
    log = part(year, *steps)
    log = log if classes else replace(log, kind=np.full(len(log), UNKNOWN, np.int8))
    fit, _ = fitted(log, office)
    true, found = rates(office), rates(fit.scenario)
    for which in true:
        # Of a review system alone the ways are those of the parent; who got no advice is not among them.
        assert found[which] == pytest.approx(true[which], rel=0.15), which


@pytest.mark.parametrize("numbered", [True, False])
def test_as_many_reviews_come_as_in_a_log_that_sends_nobody_back(year, office, numbered):
    # With numbers nobody comes again; without them nobody knows who does, and the rate stays the parent's.
    log = part(year, "review")
    log = log.rows(log.first_of_case()) if numbered else with_own_numbers(log, "review")
    log = replace(log, outcome=np.full(len(log), SERVED, np.int8), numbered=numbered)
    fit, found = fitted(log, office)
    assert ("review.return_rate" in found) == numbered
    assert fit.scenario.review.return_rate == (0 if numbered else office.review.return_rate)
    assert len(part(simulated_log(fit.scenario, 2), "review")) == pytest.approx(len(log), rel=0.02)
    assert ("brings as many" in found[NUMBER].method) == (not numbered)
    reasons = {each.what: each.because for each in not_told(log, office, fit.estimates, fit.used)}
    assert ("no case numbers" in reasons.get("review.return_rate", "")) == (not numbered)


def test_returns_of_a_hall_hold_the_commonest_way_at_the_parents(year, office):
    log = part(year, "filing", "studio", "review")
    in_hall = np.zeros(log.cases, np.bool_)
    in_hall[log.case[log.at("filing") | log.at("studio")]] = True
    fit, found = fitted(log.rows(in_hall[log.case]), office)
    assert "held at the parent's" in found["review.return_factors.enterprise"].method
    assert "review.return_rate[alone]" not in found
    for which, rate in rates(fit.scenario).items():
        assert rate == pytest.approx(rates(office)[which], rel=0.15), which


def test_what_a_log_does_not_tell_is_said(year, office):
    said = missing(part(year, "filing", "studio"), office)
    assert said["review"] == "no rows of this step"
    assert said["filing.assisted_share"] == "too little in the log tells of it"
    assert missing(year, office) == {}


def test_a_value_that_no_scenario_can_have_stays_out_and_the_others_go_in(office):
    estimates = [
        Estimate("review.minutes.mean_minutes", 1e7, 9e6, 2e7, 100, "lognormal, ML", "min"),
        Estimate("review.minutes.cv", 1.9, 1.8, 2.0, 100, "lognormal, ML"),
        Estimate("issue.minutes.mean_minutes", 2.0, 1.9, 2.1, 100, "lognormal, ML", "min"),
    ]
    assert [each.name for each in usable(office, estimates)] == ["issue.minutes.mean_minutes"]
    scenario = fitted_scenario(office, estimates, {}, "fitted", TITLE)
    assert scenario.review.minutes == office.review.minutes
    assert scenario.issue.minutes.mean_minutes == 2.0
    log = made_log("phone", [])
    used = frozenset({"issue.minutes.mean_minutes"})
    reasons = {each.what: each.because for each in not_told(log, office, estimates, used)}
    for name in ("review.minutes.mean_minutes", "review.minutes.cv"):
        assert reasons[name] == TOO_HIGH
    (values,) = (each.values for each in not_told(log, office, estimates, used) if each.what == "review.minutes.cv")
    assert values == {"which": "review.minutes.mean_minutes", "value": 1e7, "unit": "min", "limit": 1440}


def test_what_a_day_cannot_tell_is_not_put_into_the_scenario(year, office):
    begin = 60 * DAY
    day = year.rows((year.begin >= begin) & (year.begin < begin + DAY))
    fit, found = fitted(day, office)
    assert found[NUMBER].high > 4 * found[NUMBER].low
    assert NUMBER not in fit.used
    assert fit.scenario.demand.registrations_per_year == office.demand.registrations_per_year
    assert not any(name.startswith("demand.month_index") for name in fit.used)
    reasons = missing(day, office)
    assert reasons[NUMBER] == "too little in the log tells of it"
    assert reasons["demand.month_index"] == "months that the log does not have are those of the parent"
    few = day.rows(day.at("phone"))
    few = few.rows(np.arange(len(few)) < 12)
    assert missing(few, office)["demand.half_hour_index"] == "too little in the log tells of it"
    assert not fitted(few, office)[0].used & {NUMBER, "demand.half_hour_index[3]"}


def test_more_people_than_a_pool_can_have_do_not_end_the_fit(office):
    began = np.array([day * DAY + 510 + slot * 60 for day in range(12) if day % 7 < 5 for slot in range(8)])
    calls = np.repeat(began, 80) + np.tile(np.arange(80) / 100, len(began))
    log = made_log("phone", calls, calls, calls + 58, server=np.tile(np.arange(80), len(began)))
    fit, _ = fitted(log, office)
    assert (fit.oversized, "phone" in fit.staffing) == (("phone",), False)
    assert fit.scenario.staff.consultants == office.staff.consultants


def test_who_is_at_work_is_shown_on_the_days_on_which_the_office_works(year, office):
    def days_of(*weekdays: int) -> list[str]:
        worked = [day for day in range(60) if day % 7 in weekdays]
        began = np.repeat(worked, 12) * DAY + 510 + np.tile(np.arange(12) * 30, len(worked))
        log = made_log("phone", began, began, began + 9, server=1)
        return list(dict.fromkeys(row.weekday for row in _duty(fitted(log, office)[0])))

    assert days_of(5, 6) == ["sat", "sun"]
    assert days_of(0, 1, 2, 5) == [*DAYS, "sat"]
    # A make-up day now and then is no weekday.
    assert list(dict.fromkeys(row.weekday for row in _duty(fitted(year, office)[0]))) == list(DAYS)
    assert [day_name(day, short=True) for day in ("mon", "sat", "sun")] == ["Mon", "Sat", "Sun"]


def test_months_without_a_log_vary_as_much_as_months_do(office):
    unseen = [
        Estimate(f"demand.month_index[{month}]", office.demand.month_index[month], math.nan, math.nan, 0, "parent's")
        for month in range(6)
    ]
    draw = varied_scenarios(office, unseen, 1)
    drawn = np.log([[draw(number).demand.month_index[month] for month in range(12)] for number in range(60)])
    spread = np.log(office.demand.month_index).std(ddof=1)
    assert drawn[:, :6].std(axis=0) == pytest.approx(spread, rel=0.35)
    assert drawn[:, 6:].std(axis=0) == pytest.approx(0, abs=1e-12)


def test_a_step_to_which_nobody_comes_any_more_is_compared(office):
    scenario = scenario_from_dict({
        "name": "quiet", "title": TITLE, "demand": {"registrations_per_year": 3000}, "staff": STAFF,
    })  # fmt: skip
    first, last = date(2023, 3, 6), date(2023, 3, 17)
    days = (np.arange(10) + 2 * (np.arange(10) >= 5)).astype(float) * DAY + 600
    reviews = made_log("review", days, days + 1, days + 4, first=first)
    found = back_test(scenario, reviews, first, last, 1, ("studio", "review"))
    of_studio = [each for each in found if each.step == "studio"]
    assert [(each.measure, each.observed, each.n) for each in of_studio] == [("a day", 0.0, 0)]
    assert isinstance(of_studio[0], Compared)
    # So few come that there are replications without anybody: these count as none a day.
    assert of_studio[0].low >= 0
    assert math.isfinite(of_studio[0].high)


def test_returns_read_off_a_later_review_are_not_known_before_it():
    at = np.array([600.0, 600.0 + DAY, 610.0, 620.0 + DAY])
    log = made_log("review", at, at + 1, at + 4, [RETURNED, SERVED, SERVED, SERVED], [0, 0, 1, 2])
    assert known_by(log, 0).outcome.tolist() == [SERVED, SERVED]
    assert known_by(log, 1).outcome.tolist() == log.outcome.tolist()
    told = replace(log, outcome=np.array([RETURNED, SERVED, SERVED, RETURNED], np.int8))
    assert known_by(told, 0).outcome.tolist() == [RETURNED, SERVED]
    assert log.outcome[0] == RETURNED


def test_a_log_known_by_a_day_tells_nothing_of_what_came_later(year):
    known = known_by(year, 100)
    end = 101 * DAY
    for name in ("queued", "started", "ended"):
        assert np.nanmax(getattr(known, name)) < end
    there = year.rows(np.fmin(year.begin, year.ended) < end)
    assert len(known) == len(there)
    lies = there.ended >= end
    assert (lies & there.at("review")).any()
    assert (known.outcome[lies] == UNTOLD).all()
    assert np.array_equal(known.ended[~lies], there.ended[~lies], equal_nan=True)


def test_an_empty_step_is_seen_only_if_it_is_asked_for():
    log = made_log("phone", [])
    assert seen_in(log, 5) == {}
    assert [each.value for each in seen_in(log, 5, ("phone",)).values()] == [0.0]
    assert GAVE_UP not in log.outcome
