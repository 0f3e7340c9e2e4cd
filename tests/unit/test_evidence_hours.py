"""The hours of an office, from its log: its own profile of the day, and that of the parent where it is another one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from arrival_logs import contacts_log, scenario_of

from sim.office.demand import day_line
from sim.office.hours import DAY
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.results.fitted import parameter_of
from sim.studies.base import StudyError
from sim.studies.calibrate.fit import fit_log
from sim.studies.calibrate.fits.arrivals import fit_arrivals
from sim.studies.calibrate.fits.hours_seen import hours_seen
from sim.studies.calibrate.fits.scenarios import has, path_of
from sim.studies.calibrate.logs.simulated import simulated_log
from sim.studies.calibrate.wording import figure_name

TITLE = {"en": "county", "zh": "县"}
HALL = ["09:00-12:00", "13:30-17:30"]
HALF = {pool: {"plan": {"09:00-12:00": number, "13:30-17:30": number}, "midday_crew": 0}
        for pool, number in (("consultants", 3), ("assistants", 4), ("studio", 2), ("reviewers", 4), ("clerks", 3))}
PROFILE = {"09:00-10:30": 1.5, "10:30-12:00": 1.0, "13:30-16:00": 0.9, "16:00-17:30": 0.6}
COUNTY = scenario_of(
    {"registrations_per_year": 12_000, "hourly": PROFILE}, staff=HALF,
    hours={"office": HALL, "phone": HALL, "review": HALL, "counted": HALL},
)  # fmt: skip
USUAL = scenario_of({"registrations_per_year": 12_000})


@pytest.fixture(scope="module")
def log():
    return simulated_log(COUNTY, 1)


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


def test_where_people_come_outside_the_parents_hours_the_fitted_office_is_open_and_where_nobody_comes_it_is_said(log):
    fit = fit_log(log, USUAL, "fitted", TITLE)
    assert fit.hours.outside == pytest.approx(relative(COUNTY)[34], abs=0.02)
    assert fit.hours.empty == ((510, 540), (720, 810))
    assert relative(fit.scenario) == pytest.approx(relative(COUNTY), abs=0.004)
    assert fit.scenario.hours.office == fit.scenario.hours.phone == ((510, 1050),)
    assert fit.scenario.hours.counted == USUAL.hours.counted


def test_an_office_with_the_usual_hours_keeps_its_index():
    usual = simulated_log(USUAL, 1)
    hours = hours_seen(usual, USUAL)
    assert (hours.scenario, hours.outside, hours.empty) == (USUAL, 0.0, ())
    assert fit_arrivals(usual, USUAL).half_hour_names[-1] == "demand.half_hour_index[16]"


def test_an_office_of_one_hour_has_a_profile():
    short = change(COUNTY, hourly={"09:00-10:00": 1.0})
    moments = np.concatenate([day * DAY + np.linspace(540, 599, 40) for day in range(30)])
    contacts = contacts_log(date(2023, 3, 1), moments)
    fit = fit_arrivals(contacts, hours_seen(contacts, short).scenario)
    assert fit.half_hours.index.value == pytest.approx(1, abs=0.1)


def test_a_log_of_dates_tells_no_hours():
    midnights = contacts_log(date(2023, 3, 1), np.repeat(np.arange(60.0), 20) * DAY, step="phone")
    assert hours_seen(midnights, COUNTY).outside == 0.0
    with pytest.raises(StudyError, match="between 09:00 and 17:30; have the times hours and minutes"):
        fit_log(midnights, COUNTY, "fitted", TITLE)


def test_half_hours_by_their_hours_have_a_place_and_a_name():
    name = "demand.hourly[09:00-09:30]"
    assert path_of(name) == ("demand", "hourly", "09:00-09:30")
    assert not has(scenario_as_dict(COUNTY), path_of(name))
    assert parameter_of(name) == "demand.hourly"
    assert figure_name(name) == "by half-hour: 09:00"
    assert path_of("review.return_rate[alone]") == ("review", "return_rate", "alone")
