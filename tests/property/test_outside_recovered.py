"""Files that are outside the office before the review, planted in offices: found in their logs, none where none is."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.fit import Fit, fit_log
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import StepLog
from sim.studies.calibrate.lying.rules import OUTSIDE
from sim.studies.calibrate.scenarios import JointFit
from sim.studies.calibrate.ways.outside import NAMES, OutsideFit

TITLE = {"en": "Files", "zh": "办件"}
PERIOD = {"first": "2023-03-01", "last": "2023-06-30"}
LOGS = 10
THIRD = {"share": 0.33, "mean_hours": 8, "cv": 1.0}
PLANTED = [
    THIRD,
    {"share": 0.08, "mean_hours": 2, "cv": 0.6},
    {"share": 0.33, "mean_hours": 30, "cv": 1.0, "in_hours": False},
    # So long that the end of the log hides a part.
    {"share": 0.2, "mean_hours": 60, "cv": 1.5},
]


def office(**parts: object) -> Scenario:
    """Return an office of four months with some of its files outside before the review or the counter."""
    return scenario_from_dict({
        "name": "files", "title": TITLE, "period": PERIOD,
        "demand": {"registrations_per_year": 5500, "key_share": 0.05}, **parts,
    })  # fmt: skip


def fitted(log: StepLog, parent: Scenario | None = None) -> Fit:
    return fit_log(log, parent or office(), "fitted", TITLE)


def found_in(fit: Fit) -> OutsideFit:
    assert fit.outside is not None
    return fit.outside


def without_forms(log: StepLog) -> StepLog:
    return log.rows(~log.at("online"))


def by_minutes(log: StepLog) -> StepLog:
    return replace(log, **{name: np.floor(getattr(log, name)) for name in ("queued", "started", "ended")})


def test_it_is_found_with_the_truth_in_its_intervals() -> None:
    covered = Counter[str]()
    for planted in PLANTED:
        for seed in range(LOGS):
            fit = fitted(simulated_log(office(review={"outside": planted}), seed))
            found = found_in(fit)
            assert found.in_hours == planted.get("in_hours", True) == fit.scenario.review.outside.in_hours
            for each, key in zip(found.estimates, ("share", "mean_hours", "cv"), strict=True):
                assert each.name in fit.used
                assert getattr(fit.scenario.review.outside, key) == pytest.approx(each.value, rel=1e-5)
                covered[each.name] += each.covers(planted[key])
    print(f"\n{dict(covered)} of {len(PLANTED) * LOGS}")
    # Of 40 intervals of 95 % fewer than 34 hold the truth in 1 case of 500.
    assert all(covered[name] >= 34 for name in NAMES), covered


def test_offices_that_the_log_leaves_possible_differ_in_it() -> None:
    fit = fitted(simulated_log(office(review={"outside": THIRD}), 1))
    joint = JointFit.of(fit.scenario, fit.estimates, fit.dependence)
    assert {*NAMES} <= {each.name for each in joint.known}
    generator = np.random.default_rng(1)
    drawn = [joint.office(joint.normals(generator)).review.outside for _ in range(60)]
    for name, each in zip(NAMES, found_in(fit).estimates, strict=True):
        values = [getattr(outside, name.rpartition(".")[2]) for outside in drawn]
        assert np.mean([each.low <= value <= each.high for value in values]) > 0.8
        assert len({*values}) == len(values)
    # A longer mean comes with a larger variation.
    assert np.corrcoef([outside.mean_hours for outside in drawn], [outside.cv for outside in drawn])[0, 1] > 0.2


@pytest.mark.parametrize("seed", range(LOGS))
def test_nothing_is_found_where_nothing_is_planted(seed: int) -> None:
    log = simulated_log(office(), seed)
    for seen in (log, without_forms(log), by_minutes(log)):
        fit = fitted(seen)
        assert fit.outside is None
        assert fit.at_counter_later is None
        assert not any(gain.what == OUTSIDE for gain in fit.gains)
        assert scenario_as_dict(fit.scenario)["review"]["outside"] == scenario_as_dict(office())["review"]["outside"]


@pytest.mark.parametrize("change", [without_forms, by_minutes])
def test_a_log_that_tells_less_shows_it_too(change) -> None:
    found = found_in(fitted(change(simulated_log(office(review={"outside": THIRD}), 7))))
    assert [each.covers(truth) for each, truth in zip(found.estimates, THIRD.values(), strict=True)] == [True] * 3


def test_what_the_fit_of_other_things_rests_on_is_not_changed_by_it() -> None:
    """Whoever was helped and has a file outside fetches the licence as others do, also one of the studio."""
    parts = {"filing": {"assisted_share": 0.6, "studio_share": 0.5}}
    outside = {"share": 0.5, "mean_hours": 30, "cv": 1.0}
    fit = fitted(simulated_log(office(**parts, review={"outside": outside, "return_rate": 0.4}), 3), office(**parts))
    found = {each.name: each for each in fit.estimates}
    assert found["issue.fetch_after_hours.mean_hours"].covers(3)
    assert found["issue.electronic_share"].covers(0.2)
    assert found["filing.studio_correction_minutes.mean_minutes"].value == pytest.approx(10, rel=0.2)


def test_what_is_assumed_gives_way_to_a_log_that_shows_none() -> None:
    assert fitted(simulated_log(office(), 1), office(review={"outside": THIRD})).scenario.review.outside.share == 0


def test_before_the_counter_it_is_said_that_it_cannot_be_told() -> None:
    fit = fitted(simulated_log(office(issue={"outside": THIRD}), 1))
    assert fit.at_counter_later is not None
    cases, share = fit.at_counter_later
    assert share == pytest.approx(0.33, abs=3 * (0.33 * 0.67 / cases) ** 0.5)
    assert fit.outside is None
    assert fit.scenario.issue.outside.share == 0


def test_times_that_are_no_lognormal_are_taken_as_they_are() -> None:
    log = simulated_log(office(), 2)
    generator = np.random.default_rng(1)
    delay = np.where(generator.random(log.cases) < 0.3, generator.choice([1440.0, 4320.0], log.cases), 0.0)
    first = np.full(log.cases, np.inf)
    rows = log.at("review", "automatic")
    np.minimum.at(first, log.case[rows], log.begin[rows])
    later = np.where(log.begin >= first[log.case], delay[log.case], 0.0)
    moved = replace(log, queued=log.queued + later, started=log.started + later, ended=log.ended + later)
    found = found_in(fitted(moved))
    share, mean, _ = found.estimates
    assert mean.method.startswith("moments")
    assert share.covers(0.3)
    if not found.in_hours:
        assert mean.value == pytest.approx(48, rel=0.05)
