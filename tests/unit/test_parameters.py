import copy
import math
import pickle
import re

import numpy as np
import pytest
from pydantic import ValidationError

from sim.office.hours import Days
from sim.office.parameters import Midday, ReturnFactors, Scenario, StaffPool, duty_of, shift_counts
from sim.office.parameters.listing import NOT_GIVEN, all_parameters

DEFAULTS = Scenario.model_validate({"name": "x", "title": {"en": "x", "zh": "x"}})


def with_(**sections):
    return Scenario.model_validate({"name": "x", "title": {"en": "x", "zh": "x"}, **sections})


def test_every_parameter_is_explained_in_both_languages_and_has_a_source():
    parameters = all_parameters()
    assert len(parameters) > 100
    assert len({parameter.path for parameter in parameters}) == len(parameters)
    for parameter in parameters:
        assert parameter.en, parameter.path
        assert re.search("[一-鿿]", parameter.zh), parameter.path
        if parameter.default is not NOT_GIVEN:
            assert parameter.source, parameter.path


def test_every_default_lies_in_its_plausible_range():
    for parameter in all_parameters():
        values = parameter.default if isinstance(parameter.default, list | tuple) else [parameter.default]
        for value in values:
            if parameter.plausible and isinstance(value, int | float):
                assert parameter.plausible[0] <= value <= parameter.plausible[1], parameter.path


def test_numbers_of_the_article_and_the_evidence():
    demand = DEFAULTS.demand
    assert demand.registrations_per_year == 40_200
    assert round(demand.registrations_per_year * 1.144) == 45_989
    assert demand.weekday_index == (1.15, 0.97, 1.02, 0.92, 0.95)
    assert len(demand.half_hour_index) == 17
    assert demand.half_hour_index[3] == max(demand.half_hour_index) == 1.20
    assert math.fsum(demand.month_index) / 12 == pytest.approx(1, abs=1e-12)
    assert min(demand.month_index) >= 0.75
    assert max(demand.month_index) <= 1.15
    assert (DEFAULTS.target.statistic, DEFAULTS.target.minutes, DEFAULTS.target.clock) == ("mean", 5, "licence")


def test_caller_profiles_mix_to_the_talk_times_and_patience_of_the_bank():
    profiles = DEFAULTS.phone.profiles
    assert math.fsum(p.share for p in profiles) == pytest.approx(1)
    mean = math.fsum(p.share * p.talk_seconds for p in profiles)
    square = math.fsum(p.share * p.talk_seconds**2 * (1 + p.talk_cv**2) for p in profiles)
    assert mean == pytest.approx(188)
    assert math.sqrt(square - mean**2) == pytest.approx(235, abs=0.05)
    assert math.fsum(p.share * p.patience_seconds for p in profiles) == pytest.approx(420)


def test_what_is_not_given_keeps_its_default_member_by_member():
    scenario = with_(
        review={"minutes": {"mean_minutes": 4}, "return_factors": {"key": 2}},
        staff={"specialists": {"absence": 0.1}, "midday": {"crew_on_duty": False}},
    )
    assert (scenario.review.minutes.mean_minutes, scenario.review.minutes.cv) == (4, 0.8)
    assert scenario.review.return_factors.enterprise == ReturnFactors().enterprise
    specialists = scenario.staff.specialists
    assert specialists.absence == 0.1
    assert specialists.cost_per_hour == 60
    assert [(h.stage, h.when_waiting) for h in specialists.helps] == [("filing", 3)]
    assert scenario.staff.midday.from_ == 720


def test_hours_are_minutes_since_midnight():
    hours = with_(hours={"review": ["00:00-09:00", "17:00-24:00"]}).hours
    assert hours.office == ((510.0, 1020.0),)
    assert hours.review == ((0.0, 540.0), (1020.0, 1440.0))


def test_parameters_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        DEFAULTS.demand.growth = 0.5


def test_a_scenario_survives_copying_and_pickling():
    assert copy.deepcopy(DEFAULTS) == DEFAULTS
    assert pickle.loads(pickle.dumps(DEFAULTS)) == DEFAULTS


def test_period_is_the_whole_year_unless_given():
    assert (str(DEFAULTS.first_day), str(DEFAULTS.last_day)) == ("2023-01-01", "2023-12-31")
    short = with_(period={"first": "2023-02-01"})
    assert (str(short.first_day), str(short.last_day)) == ("2023-02-01", "2023-12-31")


POOL = StaffPool.model_validate({"plan": {"08:30-09:30": 6, "09:30-17:00": 5}, "midday_crew": 2})


def test_the_midday_crew_takes_the_place_of_the_plan():
    counts = shift_counts(POOL, Midday())
    assert counts.dtype == np.int16
    assert counts.shape == (8, 48)
    expected = [0] * 17 + [6] * 2 + [5] * 5 + [2] * 3 + [5] * 7 + [0] * 14
    assert (counts == np.array(expected)).all()


def test_without_the_midday_post_nobody_is_on_duty_then():
    counts = shift_counts(POOL, Midday.model_validate({"crew_on_duty": False, "from": "11:30", "to": "12:30"}))
    assert counts[0, 22:28].tolist() == [5, 0, 0, 5, 5, 5]


def test_a_day_may_have_a_plan_of_its_own():
    pool = StaffPool.model_validate({
        "plan": {"08:30-17:00": 3},
        "on": {"fri": {"09:00-10:00": 1}, "makeup": {}},
    })  # fmt: skip
    counts = shift_counts(pool, Midday())
    assert counts[3].sum() == 14 * 3 + 3
    assert counts[4].sum() == 2 + 3, "two half-hours of the plan, three of midday"
    assert counts[7].sum() == 0, "who has no plan on a day has no midday crew either"


ROSTER = StaffPool.model_validate({
    "plan": {"08:30-17:00": 9},
    "midday_crew": 5,
    "roster": [
        {"hours": ["13:30-17:00", "08:30-12:00"], "people": 2},
        {"hours": ["11:30-14:00"], "people": 1, "days": ["mon", "makeup"]},
    ],
})  # fmt: skip


def test_a_roster_takes_the_place_of_plan_and_midday_crew():
    counts = shift_counts(ROSTER, Midday())
    plain = [0] * 17 + [2] * 7 + [0] * 3 + [2] * 7 + [0] * 14
    with_midday = [0] * 17 + [2] * 6 + [3] + [1] * 3 + [3] + [2] * 6 + [0] * 14
    for kind in range(8):
        assert counts[kind].tolist() == (with_midday if kind in (0, 7) else plain), kind


def test_each_person_of_a_roster_has_hours_of_their_own():
    duty = duty_of(ROSTER, Midday())
    days = Days(np.array([0, 1, -1, 7], np.int8), 4)
    on = np.zeros((4, 48), int)
    for person in duty:
        for begin, end in zip(*person.intervals(days, 4), strict=True):
            assert begin // 1440 == (end - 1) // 1440
            on[int(begin // 1440), int(begin % 1440 // 30) : int(end % 1440 // 30)] += 1
    assert len(duty) == 3
    assert (on == np.where(days.kinds[:, None] >= 0, shift_counts(ROSTER, Midday())[days.kinds], 0)).all()


def test_a_roster_has_64_people_at_most_and_lines_without_overlaps():
    with pytest.raises(ValidationError, match="has 65 people; at most 64"):
        StaffPool.model_validate({"roster": [{"hours": ["08:00-12:00"], "people": n} for n in (60, 5)]})
    with pytest.raises(ValidationError, match="11:00-13:00 overlaps other hours of the line"):
        StaffPool.model_validate({"roster": [{"hours": ["08:00-12:00", "11:00-13:00"], "people": 1}]})
