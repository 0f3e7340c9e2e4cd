"""Offices that are played in milliseconds, and calibrations that have fitted one value of them."""

from dataclasses import replace

from calibrations import calibration
from small_runs import SMALL

from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.results.fitted import Fitted
from sim.studies.calibrate.records import Estimate

# Only review and issue are left, and two weeks are played in milliseconds.
LIGHT = SMALL | {
    "period": {"first": "2023-03-01", "last": "2023-03-14"},
    "demand": {"registrations_per_year": 20000, "key_share": 0, "inquiry_only_share": 0, "day_to_day_cv": 0},
    "phone": {"calls_per_application": 0, "offered": False}, "filing": {"assisted_share": 0},
    "staff": {"reviewers": {"plan": {"08:30-17:00": 9}}},
}  # fmt: skip
REVIEW = "review.minutes.mean_minutes"


def light(minutes, **more):
    return scenario_from_dict(LIGHT | {"target": {"minutes": minutes}} | more)


def fitted(scenario, low, high, path=REVIEW):
    """Return a calibration that has fitted one value of a scenario, known to within an interval."""
    full = scenario_as_dict(scenario)
    value = full["review"]["minutes"]["mean_minutes"]
    estimate = Estimate(path, value, low * value, high * value, 412, "lognormal, ML", "min", used=True)
    record = calibration("own", estimates=(estimate,), dependence=(), scenario=full)
    return replace(record, about=replace(record.about, fitted=Fitted("own", (path,))))
