"""The hours of an office, from its log: its own profile of the day, and that of the parent where it is another one."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from arrival_logs import contacts_log, scenario_of
from rosters import ABOUT

from sim.office.demand import day_line
from sim.office.hours import DAY
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.results.fitted import parameter_of
from sim.studies.base import StudyError
from sim.studies.calibrate.asked import as_yaml
from sim.studies.calibrate.demand.arrivals import fit_arrivals
from sim.studies.calibrate.fit import fit_log
from sim.studies.calibrate.fit_notes import NOBODY_THERE, not_told
from sim.studies.calibrate.log.report import LogReport
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import sorted_log
from sim.studies.calibrate.presence.hours_seen import hours_seen
from sim.studies.calibrate.recording import recorded
from sim.studies.calibrate.scenarios import has, path_of
from sim.studies.calibrate.show import note_in_words
from sim.studies.calibrate.wording import figure_name

TITLE = {"en": "county", "zh": "县"}
HALL = ["09:00-12:00", "13:30-17:30"]
HALF = {
    pool: {"plan": {"09:00-12:00": number, "13:30-17:30": number}, "midday_crew": 0}
    for pool, number in (("consultants", 3), ("assistants", 4), ("studio", 2), ("reviewers", 4), ("clerks", 3))
}
PROFILE = {"09:00-10:30": 1.5, "10:30-12:00": 1.0, "13:30-16:00": 0.9, "16:00-17:30": 0.6}
COUNTY = scenario_of(
    {"registrations_per_year": 12_000, "hourly": PROFILE}, staff=HALF,
    hours={"office": HALL, "phone": HALL, "review": HALL, "counted": HALL},
)  # fmt: skip
USUAL = scenario_of({"registrations_per_year": 12_000})


@pytest.fixture(scope="module")
def log():
    return simulated_log(COUNTY, 1)


@pytest.fixture(scope="module")
def usual():
    return simulated_log(USUAL, 1)


def change(scenario, **demand):
    data = scenario_as_dict(scenario)
    return scenario_from_dict({**data, "demand": {**data["demand"], **demand}})


def relative(scenario):
    line = day_line(scenario)
    return line / line.sum()


@pytest.mark.parametrize("profile", [{"hourly": PROFILE}, {"hourly": {}, "by_hours": True}])
def test_an_office_with_hours_of_its_own_gives_back_its_profile(log, profile):
    fit = fit_log(log, change(COUNTY, **profile), "fitted", TITLE)
    assert relative(fit.scenario) == pytest.approx(relative(COUNTY), abs=0.004)
    found = {each.name: each for each in fit.estimates}
    truth = relative(COUNTY)[fit.arrivals.contacts.slots]
    half_hours = [found[name] for name in fit.arrivals.half_hour_names]
    assert np.mean([each.covers(len(truth) * true) for each, true in zip(half_hours, truth, strict=True)]) >= 0.85
    assert found["demand.registrations_per_year"].value == pytest.approx(12_000, rel=0.01)
    assert found["demand.out_of_hours_share"].covers(COUNTY.demand.out_of_hours_share)
    assert {each.name for each in half_hours} <= fit.used
    assert (fit.hours.outside, fit.hours.empty) == (0.0, ())
    assert fit.scenario.hours == COUNTY.hours
    # Who finishes a case at noon is not on duty then.
    for pool in ("consultants", "assistants", "clerks"):
        plan = getattr(fit.scenario.staff, pool).plan
        assert plan, pool
        assert not any(begin < 13.5 * 60 and end > 12 * 60 for begin, end in plan), pool


def test_where_people_come_outside_the_parents_hours_the_fitted_office_is_open_and_where_nobody_comes_it_is_said(log):
    fit = fit_log(log, USUAL, "fitted", TITLE)
    assert fit.hours.outside == pytest.approx(relative(COUNTY)[34], abs=0.02)
    assert fit.hours.empty == ()
    assert relative(fit.scenario) == pytest.approx(relative(COUNTY), abs=0.004)
    assert fit.scenario.hours.office == fit.scenario.hours.phone == ((540, 720), (810, 1050))
    assert fit.scenario.hours.counted == USUAL.hours.counted


def test_what_the_log_has_and_the_parent_leaves_off_is_on_and_fitted(log, tmp_path):
    blank = load_scenario_file(Path(__file__).parents[2] / "scenarios" / "blank.yaml")
    fit = fit_log(log, blank, "fitted", TITLE)
    assert fit.scenario.phone.offered
    assert fit.scenario.filing.offered
    assert fit.scenario.phone.calls_per_application == pytest.approx(COUNTY.phone.calls_per_application, abs=0.02)
    record = recorded(ABOUT, log, LogReport((), len(log), len(log), log.cases, (), (), (), ()), blank, fit, None, ())
    assert {"phone.offered", "filing.offered"} < set(record.about.fitted.parameters)
    assert "offered: true # fitted: the log has rows of it; false in blank" in re.sub(" +", " ", as_yaml(record))
    (note,) = (note for note in record.notes if note.what == "switched on")
    assert note_in_words(note).endswith("so that the scenario has it: phone consulting, assisted filing.")
    # Calls alone, of which it is not told who takes them.
    calls = log.rows(log.at("phone"))
    calls = replace(calls, ended=np.full(len(calls), np.nan))
    unseen = fit_log(calls, blank, "fitted", TITLE)
    assert not unseen.scenario.phone.offered
    assert NOBODY_THERE in {each.because for each in not_told(calls, blank, unseen.estimates, unseen.used)}


@pytest.fixture(scope="module")
def busy():
    """Return the log of an office with a lunch of an hour and not enough consultants."""
    morning, afternoon = "09:00-12:00", "13:00-17:30"
    staff = {pool: {"plan": {morning: number, afternoon: number}} for pool, number in (
        ("consultants", 1), ("assistants", 2), ("studio", 1), ("reviewers", 2), ("clerks", 2))}  # fmt: skip
    caller = {"name": "all", "title": {"en": "a", "zh": "a"}, "share": 1.0, "patience_seconds": 300,
              "talk_seconds": 200, "talk_cv": 0.8, "walk_in_share": 0.2}  # fmt: skip
    return simulated_log(scenario_of(
        {"registrations_per_year": 9_000, "by_hours": True}, staff={"midday": {"by_plan": True}, **staff},
        hours={name: [morning, afternoon] for name in ("office", "phone", "review", "counted")},
        phone={"profiles": [caller]}, review={"minutes": {"mean_minutes": 9}},
    ), 3)  # fmt: skip


def test_a_lunch_that_the_parent_has_at_another_hour_is_seen(busy):
    parent = scenario_of(hours={name: ["08:30-12:00", "13:30-17:00"] for name in ("office", "phone", "review")})
    fit = fit_log(busy, parent, "fitted", TITLE)
    assert fit.scenario.hours.office == fit.scenario.hours.phone == ((540, 720), (780, 1050))
    assert fit.scenario.hours.review == ((510, 720), (780, 1050))
    for pool in ("consultants", "assistants", "reviewers", "clerks"):
        plan = getattr(fit.scenario.staff, pool).plan
        assert not any(begin < 780 and end > 720 for begin, end in plan), pool
        assert any(begin <= 780 < end for begin, end in plan), pool
    found = {each.name: each for each in fit.estimates}
    assert found["phone.profiles[0].patience_seconds"].covers(300)
    # A few days of it say nothing of the lunch.
    first = busy.rows(np.fmin(busy.begin, busy.ended) < 4 * DAY)
    assert not hours_seen(first, USUAL).closed


def test_a_hall_in_which_all_wait_for_long_is_not_closed_at_midday():
    log = calls((WEEKDAYS, 8.5, 17, 51), step="filing")
    # Each is served an hour later, at midday as ever; before and after it some at once.
    wait = np.where(np.arange(len(log)) % 3, 60, np.where(np.abs(log.queued % DAY - 750) < 45, 60, 1))
    assert not hours_seen(replace(log, started=log.queued + wait, ended=log.queued + wait + 5), USUAL).closed


def test_an_office_with_the_usual_hours_keeps_its_index(usual):
    hours = hours_seen(usual, USUAL)
    assert (hours.scenario, hours.outside, hours.empty) == (USUAL, 0.0, ())
    assert fit_arrivals(usual, USUAL).half_hour_names[-1] == "demand.half_hour_index[16]"


def test_a_gap_in_the_parents_hours_is_filled_where_people_are_served_in_it(usual):
    fit = fit_log(usual, COUNTY, "fitted", TITLE)
    assert fit.hours.outside == pytest.approx(relative(USUAL)[[17, 24, 25, 26]].sum(), abs=0.02)
    assert relative(fit.scenario) == pytest.approx(relative(USUAL), abs=0.004)
    # The parent is open until 17:30, and nobody comes.
    assert fit.scenario.hours.office == fit.scenario.hours.phone == ((510, 1020),)
    assert fit.hours.empty == ()
    # Where it is not told who is served, it is said, and the parent's hours stay.
    untold = hours_seen(replace(usual, started=np.full(len(usual), np.nan)), COUNTY)
    assert untold.empty == ((1020, 1050),)
    assert untold.scenario.hours.office == COUNTY.hours.office


def test_the_profile_that_is_longer_counts_as_fitted_and_the_report_tells_of_it(log):
    fit = fit_log(log, USUAL, "f", TITLE)
    record = recorded(ABOUT, log, LogReport((), 0, 0, 0, (), (), (), ()), USUAL, fit, None, ())
    assert "demand.hourly" in record.about.fitted.parameters
    told = [note_in_words(note) for note in record.notes if note.what in ("come outside", "other hours", "hardly come")]
    assert re.search(r"5 % do so at hours at which nobody does in s: the profile", told[0])
    assert "served: the hall 09:00-12:00, 13:30-17:30, the phone 09:00-12:00, 13:30-17:30; the licence time" in told[1]
    assert len(told) == 2
    closed = [note_in_words(note) for note in record.notes if note.what in ("closed", "no review")]
    assert "Closed in 08:30-09:00, 12:00-13:30 by the log: the hall, phone consulting." in closed[0]
    assert "for the review in 12:00-13:30" in closed[1]
    assert all(each.assumed == 0 for each in record.estimates if each.name == "demand.hourly[17:00-17:30]")


def test_beside_the_roster_of_a_parent_the_file_that_is_written_can_be_run(log, tmp_path):
    parent = load_scenario_file(Path(__file__).parents[2] / "scenarios" / "baseline-2023.yaml")
    calls = sorted_log(log.rows(log.at("phone", "online", "review")))
    fit = fit_log(calls, parent, "fitted", TITLE)
    assert fit.scenario.hours.phone != parent.hours.phone
    record = recorded(ABOUT, calls, LogReport((), 0, 0, 0, (), (), (), ()), parent, fit, None, ())
    (tmp_path / "fitted.yaml").write_text(as_yaml(record), encoding="utf-8")
    assert load_scenario_file(tmp_path / "fitted.yaml").staff == fit.scenario.staff


def test_of_a_closed_hour_it_is_not_said_that_the_parent_is_open(log):
    closed = scenario_of({"registrations_per_year": 12_000}, hours={"office": HALL, "phone": HALL})
    assert hours_seen(log, closed).empty == ()


def test_service_times_alone_leave_profile_and_hours_as_they_are(log):
    fit = fit_log(log, USUAL, "fitted", TITLE, times_only=True)
    assert (fit.scenario.demand, fit.scenario.hours) == (USUAL.demand, USUAL.hours)
    assert (fit.hours.outside, fit.hours.empty) == (0.0, ())


def calls(*parts, step="phone"):
    """Return a log of first contacts: in each part so many a day, evenly between two hours, on some days."""
    return contacts_log(date(2023, 3, 1), np.concatenate([
        day * DAY + np.linspace(begin * 60, end * 60, number, endpoint=False) + 0.5
        for days, begin, end, number in parts for day in days
    ]), step=step)  # fmt: skip


WEEKDAYS = [day for day in range(60) if (date(2023, 3, 1).weekday() + day) % 7 < 5 and day not in (35,)]


@pytest.mark.parametrize(("more", "why"), [
    (([3], 3, 4, 1), "one call at night"),
    (([14], 2, 2.4, 200), "rows of one night"),
    ([[4, 11, 18, 25, 32, 39], 18, 21, 25], "evenings of Sundays"),
])  # fmt: skip
def test_what_no_office_is_open_for_is_no_hour_of_it(more, why):
    assert hours_seen(calls((WEEKDAYS, 8.5, 17, 51), more), USUAL).scenario == USUAL, why


def test_an_evening_of_few_calls_each_half_hour_is_part_of_the_day():
    hours = hours_seen(calls((WEEKDAYS, 8.5, 17, 51), (WEEKDAYS, 17, 24, 3)), USUAL)
    assert hours.outside == pytest.approx(3 / 54, abs=0.005)
    assert hours.added.tolist() == list(range(34, 34 + len(hours.added)))
    assert len(hours.added) > 9


def test_whoever_waits_for_the_opening_does_not_open_the_office():
    log = calls((WEEKDAYS, 8, 8.5, 4), (WEEKDAYS, 8.5, 17, 51), step="filing")
    begun = np.maximum(log.queued % DAY, 510) + log.queued // DAY * DAY
    hours = hours_seen(replace(log, started=begun, ended=begun + 5), USUAL)
    assert hours.added.tolist() == [16]
    assert hours.scenario.hours == USUAL.hours


def test_a_hall_that_is_open_later_than_the_phone_has_its_evening(usual):
    late = np.where(usual.at("filing", "studio") & (usual.queued % DAY > 14 * 60), 3 * 60, 0)
    times = {name: getattr(usual, name) + late for name in ("queued", "started", "ended")}
    moved = sorted_log(replace(usual, **times))
    fit = fit_log(moved, USUAL, "fitted", TITLE)
    assert fit.scenario.hours.office[-1][1] >= 19 * 60
    assert fit.scenario.hours.phone == USUAL.hours.phone
    seen = fit.arrivals.contacts.slot[fit.arrivals.in_hours()]
    assert relative(fit.scenario)[34:].sum() == pytest.approx((seen >= 34).mean(), rel=0.3)


def test_few_contacts_and_none_in_the_usual_hours_end_nothing():
    assert hours_seen(calls((WEEKDAYS[:4], 8.5, 17, 3), (WEEKDAYS[:4], 18, 19, 9)), USUAL).scenario == USUAL
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evening = fit_log(calls((WEEKDAYS, 18, 22, 40)), USUAL, "fitted", TITLE)
    assert relative(evening.scenario)[36:44].sum() == pytest.approx(1, abs=0.01)
    steep = change(USUAL, hourly={"00:00-00:30": 20, "00:30-24:00": 0.1})
    assert max(hours_seen(calls((WEEKDAYS, 8.5, 17, 51)), steep).scenario.demand.hourly.values()) > 20


def test_an_office_of_one_hour_has_a_profile():
    short = change(COUNTY, hourly={"09:00-10:00": 1.0})
    log = calls((range(30), 9, 10, 40), step="online")
    assert fit_arrivals(log, hours_seen(log, short).scenario).half_hours.index.value == pytest.approx(1, abs=0.1)


def test_a_log_of_dates_tells_no_hours():
    midnights = np.append(np.repeat(np.arange(60.0), 20) * DAY, 10 * 60)
    dates = contacts_log(date(2023, 3, 1), midnights, step="phone")
    assert hours_seen(dates, COUNTY).outside == 0.0
    with pytest.raises(StudyError, match="between 09:00 and 17:30; have the times hours and minutes"):
        fit_log(contacts_log(date(2023, 3, 1), midnights[:-1], step="phone"), COUNTY, "fitted", TITLE)


def test_half_hours_by_their_hours_have_a_place_and_a_name():
    name = "demand.hourly[09:00-09:30]"
    assert path_of(name) == ("demand", "hourly", "09:00-09:30")
    assert not has(scenario_as_dict(COUNTY), path_of(name))
    assert parameter_of(name) == "demand.hourly"
    assert figure_name(name) == "by half-hour: 09:00"
    assert path_of("review.return_rate[alone]") == ("review", "return_rate", "alone")
