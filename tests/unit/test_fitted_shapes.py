"""Families and samples that a log gives a scenario: what went in comes out, plays, and is drawn with its fit."""

from __future__ import annotations

import numpy as np
import pytest
from arrival_logs import scenario_of

from sim.draws.draw import draw
from sim.engines.play import play
from sim.office.parameters import Scenario
from sim.office.parameters.listing import all_parameters
from sim.office.registration import registration_office
from sim.office.scenario import beside_the_point, scenario_as_dict, scenario_from_dict
from sim.results.fitted import samples_in
from sim.studies.calibrate.fit import Fit, fit_log
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.scenarios import JointFit, path_of
from sim.studies.calibrate.times.service_times import as_sample

TITLE = {"en": "Fitted", "zh": "拟合"}
ODD = {"file": None, "minutes": [0, 0, 0.5, 1, 1, 1.2, 1.5, 2, 8, 9], "as_it_is": False}


def fitted(parent: Scenario) -> Fit:
    return fit_log(simulated_log(parent, 3), scenario_of(), "fitted", TITLE)


@pytest.fixture(scope="module")
def odd() -> Scenario:
    """Return an office with two kinds of callers of whom many give up, gamma reviews, and odd times at the counter."""
    data = scenario_as_dict(scenario_of())
    data["demand"]["registrations_per_year"] = 80_000
    data["period"] = {"first": "2023-05-01", "last": "2023-06-30"}
    (first, *_) = data["phone"]["profiles"]
    data["phone"]["profiles"] = [
        first | {"name": "a", "share": 0.4, "patience_seconds": 30.0},
        first | {"name": "b", "share": 0.6, "patience_seconds": 900.0},
    ]
    data["review"]["minutes"] |= {"family": "gamma"}
    data["issue"]["minutes"] |= {"mean_minutes": 2.4, "sample": ODD}
    return scenario_from_dict(data, "odd")


@pytest.fixture(scope="module")
def fit(odd) -> Fit:
    return fitted(odd)


def test_what_no_family_has_is_in_the_scenario_as_it_was_seen(fit):
    assert fit.scenario.review.minutes.family == "gamma"
    assert fit.scenario.review.minutes.sample is None
    counter = fit.scenario.issue.minutes
    assert len(counter.sample.minutes) == 1001
    assert counter.mean_minutes == pytest.approx(2.42, rel=0.05)
    (profile,) = fit.scenario.phone.profiles
    assert fit.patience["phone"].model == "sample"
    assert len(profile.patience_sample.minutes) == 1001
    assert profile.talk_sample is None
    assert fit.scenario.filing.assisted_minutes.family == "lognormal"


def test_the_sample_of_a_long_log_has_its_mean_and_the_variation_that_stands_beside_it(fit):
    rng = np.random.default_rng(3)
    minutes = np.where(rng.random(50_000) < 0.01, rng.lognormal(5, 0.8, 50_000), rng.lognormal(1.2, 0.5, 50_000))
    minutes = np.sort(minutes[minutes < 1440])
    times = np.array(as_sample(minutes)["minutes"])
    assert times.mean() == pytest.approx(minutes.mean(), rel=1e-5)
    assert times.std() / times.mean() == pytest.approx(minutes.std() / minutes.mean(), rel=0.04)
    for few in (minutes[:2], minutes[::50]):
        assert as_sample(few)["minutes"] == np.round(few, 4).tolist()
    counter, cv = fit.scenario.issue.minutes, next(each for each in fit.estimates if each.name == "issue.minutes.cv")
    own = np.array(counter.sample.minutes)
    assert counter.cv == pytest.approx(own.std() / own.mean(), rel=1e-3)
    assert cv.value == pytest.approx(counter.cv, rel=1e-5)
    assert cv.low < cv.value < cv.high


def test_it_plays_alike_on_both_engines_with_the_times_of_the_log(odd, fit):
    week = scenario_as_dict(fit.scenario) | {"period": {"first": "2023-05-08", "last": "2023-05-12"}}
    office = registration_office(scenario_from_dict(week))
    journeys = draw(office, 5)
    one, other = (play(office, journeys, engine=engine) for engine in ("compiled", "process"))
    for name in ("queued_at", "started_at", "ended_at"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
    spring = scenario_as_dict(fit.scenario) | {"period": {"first": "2023-05-01", "last": "2023-05-31"}}
    again = fit_log(simulated_log(scenario_from_dict(spring), 8), fit.scenario, "again", TITLE)
    # Given up, and patience, as in the log that it was fitted to; a sample stays one.
    assert again.patience["phone"].model == "sample"
    for name in ("phone.profiles[0].patience_seconds", "issue.minutes.mean_minutes", "review.minutes.cv"):
        first, second = (next(each for each in of.estimates if each.name == name) for of in (fit, again))
        assert second.low <= first.high
        assert first.low <= second.high


def test_a_sample_is_drawn_with_its_mean_and_variation(fit):
    kept = [each for each in fit.estimates if each.name in fit.used]
    joint = JointFit.of(fit.scenario, kept, fit.dependence)
    names = [each.name for each in joint.known]
    pair = {each for each in fit.dependence if {each.first, each.second} == {"issue.minutes.mean_minutes",
                                                                            "issue.minutes.cv"}}  # fmt: skip
    assert len(pair) == 1
    normals = np.zeros(len(names))
    normals[names.index("issue.minutes.cv")] = 3.0
    office = joint.office(normals)
    times = [np.array(each.issue.minutes.sample.minutes) for each in (fit.scenario, office)]
    variation = [each.std() / each.mean() for each in times]
    assert variation[1] > variation[0] * 1.001
    assert office.issue.minutes.mean_minutes == pytest.approx(fit.scenario.issue.minutes.mean_minutes, rel=1e-5)


def test_only_samples_that_are_there_are_said_to_be_partly_exact(fit):
    paths = ["issue.minutes.sample", "review.minutes.sample", "review.minutes.family", "phone.profiles[].talk_sample",
             "phone.profiles[].patience_sample"]  # fmt: skip
    found = samples_in(scenario_as_dict(fit.scenario), paths)
    assert found == ("issue.minutes.sample", "phone.profiles[].patience_sample")


def test_the_variation_of_a_sample_is_no_assumption(fit):
    full, known = scenario_as_dict(fit.scenario), {each.path: each for each in all_parameters()}
    beside = {
        path: beside_the_point(full, path_of(name), known[path])
        for path, name in (
            ("issue.minutes.cv", "issue.minutes.cv"), ("review.minutes.cv", "review.minutes.cv"),
            ("phone.profiles[].talk_cv", "phone.profiles[0].talk_cv"),
            ("filing.hall_patience.shape", "filing.hall_patience.shape"),
        )
    }  # fmt: skip
    assert [path for path, is_so in beside.items() if is_so] == ["issue.minutes.cv"]


def test_a_parent_with_a_sample_gets_a_family_back_where_that_does():
    whole = scenario_as_dict(scenario_of())
    whole["issue"]["minutes"] |= {"sample": ODD}
    (first, *_) = whole["phone"]["profiles"]
    whole["phone"]["profiles"] = [first | {"share": 1.0, "patience_shape": 0.7, "patience_sample": ODD}]
    parent = scenario_from_dict(whole, "parent")
    fit = fit_log(simulated_log(scenario_of(), 3), parent, "fitted", TITLE)
    assert fit.scenario.issue.minutes.sample is None
    assert fit.scenario.issue.minutes.family == "lognormal"
    (profile,) = fit.scenario.phone.profiles
    if "phone.profiles[0].patience_seconds" in fit.used:
        assert (profile.patience_sample, profile.patience_shape) == (None, 1.0)
