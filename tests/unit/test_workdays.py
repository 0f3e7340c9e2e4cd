import re
from datetime import date, timedelta

import numpy as np
import pytest

from sim.office.hours import CLOSED_DAY, MAKE_UP_DAY
from sim.office.workdays import MOST_YEARS_BEYOND, calendar_days, known_years


def year(number, **local):
    return calendar_days(date(number, 1, 1), date(number, 12, 31), **local)


@pytest.mark.parametrize(
    ("number", "working", "make_up"), [(2023, 249, 7), (2024, 251, 8), (2025, 248, 5), (2026, 248, 6)]
)
def test_working_days_of_the_year(number, working, make_up):
    days = year(number)
    assert days.working_days == working
    assert np.count_nonzero(days.kinds[: days.horizon] == MAKE_UP_DAY) == make_up
    assert days.horizon == (date(number, 12, 31) - date(number, 1, 1)).days + 1


def test_kinds_are_those_of_the_dates():
    days = year(2023)
    for number in range(days.horizon):
        day = date(2023, 1, 1) + timedelta(days=number)
        kind = days.kinds[number]
        assert days.date_of(number) == day
        if kind == MAKE_UP_DAY:
            assert day.weekday() >= 5
        elif kind != CLOSED_DAY:
            assert kind == day.weekday() < 5
    # 28 and 29 January 2023 were worked for Spring Festival; 23 to 27 January, Monday to Friday, were not.
    assert list(days.kinds[22:30]) == [CLOSED_DAY] * 5 + [MAKE_UP_DAY] * 2 + [0]


def test_local_days_are_added_and_removed():
    sunday, saturday, monday = date(2023, 3, 5), date(2023, 4, 22), date(2023, 9, 4)
    days = year(2023, add=[sunday, date(2023, 4, 5)], remove=[monday, date(2023, 4, 23)])
    kind = {day: int(days.kinds[(day - date(2023, 1, 1)).days]) for day in (sunday, saturday, monday)}
    assert kind == {sunday: MAKE_UP_DAY, saturday: CLOSED_DAY, monday: CLOSED_DAY}
    assert days.kinds[(date(2023, 4, 5) - date(2023, 1, 1)).days] == 2, "a holiday worked is an ordinary Wednesday"
    assert days.kinds[(date(2023, 4, 23) - date(2023, 1, 1)).days] == CLOSED_DAY, "a make-up day can be removed"
    assert days.working_days == 249


def test_local_days_outside_the_days_asked_for_make_no_difference():
    some = calendar_days(date(2023, 2, 1), date(2023, 2, 28), remove=[date(2023, 9, 4)], spare_days=0)
    assert some.working_days == 20


def test_a_local_day_among_the_spare_days_counts():
    some = calendar_days(date(2023, 2, 1), date(2023, 2, 28), remove=[date(2023, 3, 1)], spare_days=2)
    assert list(some.kinds[-2:]) == [CLOSED_DAY, 3]


@pytest.mark.parametrize(
    ("local", "message"),
    [
        ({"add": [date(2023, 3, 6)]}, "2023-03-06 (Monday) is a working day already"),
        ({"add": [date(2023, 1, 28)]}, "2023-01-28 (Saturday) is a working day already"),
        ({"remove": [date(2023, 3, 5)]}, "2023-03-05 (Sunday) is no working day anyway"),
        ({"remove": [date(2023, 1, 23)]}, "2023-01-23 (Monday) is no working day anyway"),
        ({"add": [date(2023, 3, 5)] * 2}, "2023-03-05 is listed twice"),
        ({"add": [date(2023, 3, 5)], "remove": [date(2023, 3, 5)]}, "2023-03-05 is listed twice"),
        ({"add": [date(1999, 3, 6)]}, "the public holidays of 1999 are not known"),
    ],
)
def test_local_days_that_change_nothing_are_errors(local, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        year(2023, **local)


def test_a_year_that_is_not_known_is_an_error():
    first, last = known_years()
    assert last >= 2026
    for unknown in (first - 1, last + MOST_YEARS_BEYOND + 1):
        with pytest.raises(ValueError, match=f"public holidays of {unknown} are not known; {first} to {last} are"):
            year(unknown)


def test_a_year_that_is_not_known_yet_has_its_weekdays_but_for_local_days():
    beyond = known_years()[1] + 5
    monday = next(day for day in (date(beyond, 5, number) for number in range(1, 8)) if day.weekday() == 0)
    plain, local = year(beyond), year(beyond, remove=[monday], add=[monday - timedelta(days=1)])
    weekdays = sum((date(beyond, 1, 1) + timedelta(days=day)).weekday() < 5 for day in range(plain.horizon))
    assert (plain.working_days, local.working_days) == (weekdays, weekdays)
    at = (monday - date(beyond, 1, 1)).days
    assert local.kinds[at - 1 : at + 1].tolist() == [MAKE_UP_DAY, CLOSED_DAY]


def test_an_empty_horizon_is_an_error():
    with pytest.raises(ValueError, match="2023-01-01, is before the first, 2023-01-02"):
        calendar_days(date(2023, 1, 2), date(2023, 1, 1))


def test_spare_days_follow_the_calendar_while_it_is_known():
    days = year(2023, spare_days=60)
    assert len(days.kinds) == 365 + 60
    # 12 February 2024 is a Monday in Spring Festival, 4 February a Sunday that is worked.
    assert days.kinds[365 + 31 + 11] == CLOSED_DAY
    assert days.kinds[365 + 31 + 3] == MAKE_UP_DAY


def test_spare_days_beyond_the_known_years_are_monday_to_friday():
    last = known_years()[1]
    days = year(last, spare_days=28)
    beyond = days.kinds[days.horizon :]
    assert np.count_nonzero(beyond != CLOSED_DAY) == 20
    assert set(beyond.tolist()) == {CLOSED_DAY, 0, 1, 2, 3, 4}
