"""A log held against an older one: what has moved, and what each cause does to what is promised."""

import copy
import math
from dataclasses import replace
from datetime import timedelta
from statistics import NormalDist

import numpy as np
import pytest
from calibrations import calibration
from readable import assert_readable

from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.present.charts.style import style
from sim.studies.calibrate import show
from sim.studies.calibrate.against import CAUSES, ERROR, cause_of, changed_paths, held_against, moved_since
from sim.studies.calibrate.charts.change import change_chart
from sim.studies.calibrate.records import DAYS, SHARE, Estimate, OnDuty
from sim.studies.calibrate.scenarios import path_of, put
from sim.studies.calibrate.sentences import finding
from sim.text import speaking

REACH = NormalDist().inv_cdf(0.975)
SMALL = {
    "name": "small", "title": {"en": "Small", "zh": "小"}, "period": {"first": "2023-03-01", "last": "2023-03-10"},
    "demand": {"registrations_per_year": 15000},
    "staff": {"reviewers": {"plan": {"08:30-17:00": 4}}, "clerks": {"plan": {"08:30-17:00": 3}}},
}  # fmt: skip
REVIEW, RETURN_RATE = "review.minutes.mean_minutes", "review.return_rate"


def estimate(name, value, error, unit=""):
    """Return one whose interval is of normal theory, on the scale of logarithms, or of log odds of a share."""
    scale, back = (math.log, math.exp)
    if unit == SHARE:
        scale, back = (lambda x: math.log(x / (1 - x))), (lambda x: 1 / (1 + math.exp(-x)))
    low, high = (back(scale(value) + sign * REACH * error) for sign in (-1, 1))
    return Estimate(name, value, low, high, 100, "ML", unit, used=True)


def record(name="new", estimates=(), **changed):
    """Return a calibration of the small office with other values."""
    data = scenario_as_dict(scenario_from_dict(SMALL))
    for path, value in changed.items():
        put(data, path_of(path.replace("__", ".")), value)
    return replace(calibration(name), scenario=data, estimates=tuple(estimates), duty=())


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("demand.registrations_per_year", "demand"), ("demand.month_index[3]", "demand"), ("year", "demand"),
        ("phone.calls_per_application", "demand"), ("demand.key_share", "mix"), ("filing.assisted_share", "mix"),
        ("phone.profiles[0].share", "mix"), ("phone.profiles[0].talk_seconds", "times"), (REVIEW, "times"),
        ("issue.fetch_after_hours.mean_hours", "own"), ("filing.travel_minutes.cv", "own"),
        ("steps[0].minutes.mean_minutes", "times"), (RETURN_RATE, "returns"), ("phone.redial_share", "returns"),
        ("review.return_factors.key", "returns"), ("filing.hall_patience.mean_minutes", "patience"),
        ("phone.profiles[0].patience_seconds", "patience"), ("staff.reviewers.plan", "staff"),
        ("hours.review", "staff"), ("outages.drawn", "other"), ("priorities", "other"),
        ("newest_first", "other"), ("pace", "times"),
    ],
)  # fmt: skip
def test_each_parameter_is_of_one_kind(name, cause):
    assert cause_of(path_of(name)) == cause


def test_every_path_of_a_scenario_has_a_cause_and_none_is_lost():
    before = scenario_as_dict(scenario_from_dict(SMALL))
    now = copy.deepcopy(before)
    put(now, path_of(REVIEW), 4.0)
    put(now, path_of("demand.month_index[2]"), 3.0)
    put(now, path_of("staff.clerks.plan"), {"08:30-17:00": 2})
    put(now, ("name",), "other")
    put(now, path_of("target.minutes"), 9.0)
    found = {".".join(map(str, path)) for path in changed_paths(before, now)}
    assert found >= {REVIEW, "demand.month_index.2"}
    assert all(path.startswith((REVIEW, "demand.month_index.2", "staff.clerks.plan")) for path in found)


@pytest.mark.parametrize("unit", ["", SHARE])
def test_if_nothing_has_moved_nothing_is_said_to_have_more_often_than_allowed(unit):
    rng, error, figures, logs = np.random.default_rng(5), 0.1, 40, 300
    value = 0.3
    false = 0
    for _ in range(logs):
        both = [
            record(side, [estimate(f"x{number}", *_off(value, error * z, unit), unit) for number, z in enumerate(draw)])
            for side, draw in zip(("old", "new"), rng.standard_normal((2, figures)), strict=True)
        ]
        false += any(each.moved for each in moved_since(*both))
    # The chance is at most 5 %; three standard errors of a proportion of so many.
    assert false / logs <= ERROR + 3 * math.sqrt(ERROR * (1 - ERROR) / logs)
    assert false > 0


def _off(value, by, unit):
    if unit == SHARE:
        return 1 / (1 + math.exp(-(math.log(value / (1 - value)) + by))), 0.1
    return value * math.exp(by), 0.1


def test_what_has_moved_far_is_found_and_what_only_one_log_tells_is_passed_over():
    older = [estimate("a", 3.0, 0.01), estimate("b", 3.0, 0.01), estimate("c", 3.0, 0.01), estimate("gone", 3.0, 0.01)]
    newer = [estimate("a", 3.4, 0.01), estimate("b", 3.01, 0.01), estimate("new", 9.0, 0.01),
             replace(estimate("c", 9.0, 0.01), low=math.nan)]  # fmt: skip
    found = moved_since(record("old", older), record("new", newer))
    assert [(each.name, each.moved) for each in found] == [("a", True), ("b", False)]


@pytest.mark.parametrize(
    ("lower", "upper", "moved"),
    [((1.5, 3.0, 3.1), (3.3, 3.4, 7.0), True), ((2.9, 3.0, 6.0), (1.7, 3.4, 3.5), False)],
)
def test_of_lopsided_intervals_the_ends_that_face_each_other_count(lower, upper, moved):
    both = [[replace(estimate("a", value, 0.01), low=low, high=high)] for low, value, high in (lower, upper)]
    for older, newer in (both, both[::-1]):
        (found,) = moved_since(record("old", older), record("new", newer))
        assert found.moved == moved


def on_duty(*seen):
    """Return who was seen at work on the five weekdays, in one half-hour of each."""
    return tuple(OnDuty("reviewers", "review", day, "09:00", each, 3, "names", 60)
                 for day, each in zip(DAYS, seen, strict=True))  # fmt: skip


@pytest.mark.parametrize(
    ("before", "now", "moved"),
    [
        ((3, 3, 3, 3, 3), (3, 3, 3, 3, 3), False), ((3, 3, 3, 3, 3), (2, 2, 2, 2, 2), True),
        ((3, 2, 3, 3, 3), (3, 3, 2, 3, 3), False), ((6, 5, 6, 6, 5), (3, 3, 2, 3, 3), True),
    ],
)  # fmt: skip
def test_staff_has_moved_if_more_or_fewer_were_seen_at_work_than_weekdays_differ(before, now, moved):
    older, newer = (replace(record(name), duty=on_duty(*seen)) for name, seen in (("old", before), ("new", now)))
    (found,) = moved_since(older, newer)
    assert (found.name, found.cause, found.moved) == ("staff.reviewers.plan", "staff", moved)


@pytest.fixture(scope="module")
def held():
    older = record("old", [estimate(REVIEW, 3.0, 0.01), estimate(RETURN_RATE, 0.15, 0.02, SHARE)])
    newer = record("new", [estimate(REVIEW, 4.2, 0.01), estimate(RETURN_RATE, 0.151, 0.02, SHARE)],
                   review__minutes__mean_minutes=4.2, review__return_rate=0.151,
                   staff__reviewers__plan={"08:30-17:00": 5})  # fmt: skip
    older, newer = (replace(each, duty=on_duty(*[seen] * 5)) for each, seen in ((older, 4), (newer, 5)))
    return held_against(newer, older, 7, "compiled", False, 1, lambda progress: None)


def test_the_causes_sum_to_the_difference_and_the_true_one_is_named(held):
    change, causes = held.change, {each.cause: each for each in held.causes}
    # What has not moved is of the rest.
    assert list(causes) == ["times", "staff", "rest"]
    assert set(causes) <= set(CAUSES)
    assert change.residual < 1e-9
    together = sum(each.contribution for each in held.causes)
    assert together == pytest.approx(change.now.estimate - change.before.estimate, abs=1e-9)
    assert causes["times"].low > 0.5
    assert [each.moved for each in held.causes] == [1, 1, 0]
    assert held.status == 3
    for language, words in (("en", ("2 of 3 figures moved", "how long services take")), ("zh", ("2项", "办理时长"))):
        with speaking(language):
            told = "\n".join(str(part) for part in show.report(held)) + show.spoken(held)[-1]
            assert all(word in told for word in words), told
            assert words[0] in finding(held)
            assert ("the rest" if language == "en" else "其余") not in show.spoken(held)[-1]


def test_what_is_said_of_a_change_adds_up(held):
    causes = [replace(each, contribution=-0.65) if each.cause == "rest" else each for each in held.causes]
    now = replace(held.change.now, estimate=held.change.before.estimate + sum(each.contribution for each in causes))
    said = show.spoken(replace(held, causes=tuple(causes), change=replace(held.change, now=now)))[-1]
    assert "all else together −0.65" in said
    assert "all else" not in show.spoken(held)[-1]


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_chart_is_readable(held, language):
    with speaking(language), style():
        assert_readable(change_chart(held))


def test_of_the_same_office_nothing_changes_what_is_promised():
    one = record("one", [estimate(REVIEW, 3.0, 0.01)])
    found = held_against(one, one, 7, "compiled", True, 1, lambda progress: None)
    assert (found.causes, found.status, found.change.residual) == ((), 0, 0.0)
    assert found.change.now == found.change.before
    told = "\n".join(str(part) for part in show.report(found))
    assert "nothing changes what is promised" in told
    assert f"Both logs have {one.log.first} to {one.log.last}:" in told
    after = replace(found, log=replace(one.log, first=one.log.last + timedelta(1), last=one.log.last + timedelta(9)))
    assert "Both logs have" not in "\n".join(str(part) for part in show.report(after))


def test_what_has_moved_is_told_where_no_office_lies_between_the_two():
    older = record("old", [estimate(REVIEW, 3.0, 0.01)])
    newer = record("new", [estimate(REVIEW, 4.2, 0.01)],
                   staff__clerks__roster=[{"hours": "09:00-08:00", "people": 1, "days": ["mon"]}])  # fmt: skip
    found = held_against(newer, older, 7, "compiled", True, 1, lambda progress: None)
    assert ([each.moved for each in found.moved], found.causes) == ([True], ())
    assert "No office lies between the two" in "\n".join(str(part) for part in show.report(found))


def test_few_days_are_no_change_of_an_office():
    older = record("old", [estimate(REVIEW, 3.0, 0.01)])
    newer = record("new", review__minutes__mean_minutes=4.2)
    newer = replace(newer, log=replace(newer.log, working_days=3))
    found = held_against(newer, older, 7, "compiled", True, 1, lambda progress: None)
    assert (found.causes, found.change.defined) == ((), False)
    assert "fewer than 10 working days" in "\n".join(str(part) for part in show.report(found))
