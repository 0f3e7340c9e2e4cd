"""A half-life: which days count, what of a log that leaves, and that what has changed is found sooner."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from arrival_logs import MONDAY, made_log, played_log, scenario_of
from calibrations import calibration, rolling

from sim.office.hours import DAY
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.demand.recency import cases_that_count, counted_by_age, work_that_counts
from sim.studies.calibrate.demand.working_days import OpenDays
from sim.studies.calibrate.fit import fit_log
from sim.studies.calibrate.log.steps import sorted_log
from sim.studies.calibrate.records import LogFacts
from sim.studies.calibrate.rolling_shown import half_lives_in_words
from sim.studies.calibrate.show import finding

TITLE = {"en": "a", "zh": "甲"}
PERIOD = {"first": "2023-02-01", "last": "2023-06-30"}


def days_of(length, first=date(2021, 1, 4)):
    """Return days that are all worked."""
    kinds = np.zeros(length, np.int8)
    return OpenDays(first, 0, kinds, np.ones(length, np.int64), (), (), (), 0)


@pytest.mark.parametrize("half_life", [4, 13, 26.5])
def test_so_many_days_of_an_age_count_as_the_half_life_says(half_life):
    age = np.arange(1000)[::-1] / 7
    share = 2.0 ** (-age / half_life)
    chance = share * (1 - share)
    stretches = [slice(900 - begin, 1000 - begin) for begin in range(0, 900, 100)]
    for parts in (stretches, [slice(weekday, None, 7) for weekday in range(7)]):
        apart, squares = [], []
        for number in range(60):
            opened = counted_by_age(days_of(1000, date(2021, 1, 4) + timedelta(days=11 * number)), half_life)
            assert opened.counted[-1]
            for days in parts:
                apart.append(opened.counted[days].sum() - share[days].sum())
                squares.append(apart[-1] ** 2 / chance[days].sum())
        assert abs(np.mean(apart)) < 0.1
        # Of days that are drawn one by one it would be 1.
        assert np.mean(squares) < 2 / 3


def test_a_day_that_no_longer_counts_never_does_again():
    earlier, later = (counted_by_age(days_of(length), 10).counted for length in (400, 401))
    assert not (later[:400] & ~earlier).any()
    assert (earlier & ~later[:400]).sum() < 3
    # It hangs on its date alone.
    assert (counted_by_age(days_of(300, date(2021, 4, 14)), 10).counted == earlier[100:]).all()


def test_cases_count_by_the_day_on_which_they_came_and_work_by_the_day_on_which_it_was_done():
    day = DAY + 600.0
    steps = ["phone", "review", "issue", "review", "issue"]
    queued, started = [600, day, day + 9, day, np.nan], [600, day, np.nan, day, np.nan]
    log = made_log(steps, queued, started, case=[0, 0, 1, 2, 3])
    opened = replace(days_of(2, MONDAY), counted=np.array([False, True]), half_life=1.0)
    # The first came on a day that does not count; the last is without any time.
    assert cases_that_count(log, opened).case.tolist() == [1, 2, 3]
    assert work_that_counts(log, opened).case.tolist() == [0, 1, 2, 3]
    for of in (cases_that_count, work_that_counts):
        assert of(log, days_of(2, MONDAY)) is log


@pytest.fixture(scope="module")
def changed():
    """Return the log of an office whose reviews take a half longer from May on, and the office as it was."""
    before = scenario_of({"registrations_per_year": 5_000}, period=PERIOD)
    data = scenario_as_dict(before)
    data["review"]["minutes"]["mean_minutes"] *= 1.5
    old, new = played_log(before, 1), played_log(scenario_from_dict(data), 2)
    may = (date(2023, 5, 1) - old.first_day) / timedelta(minutes=1)
    parts = []
    for log, late in ((old, False), (new, True)):
        first = log.rows(log.first_of_case())
        which = np.zeros(log.cases, np.bool_)
        which[first.case] = (first.begin >= may) == late
        parts.append(log.rows(which[log.case]))
    names = ("step", "queued", "started", "ended", "outcome", "kind", "server")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    case = np.concatenate([parts[0].case, parts[1].case + old.cases])
    return sorted_log(replace(parts[0], case=case, cases=old.cases + new.cases, **columns)), before


def test_what_has_changed_is_found_sooner_by_fewer_days(changed):
    log, parent = changed
    fits = {half_life: fit_log(log, parent, "a", TITLE, half_life=half_life) for half_life in (None, 4)}
    truth = 1.5 * parent.review.minutes.mean_minutes
    alike, recent = (
        next(each for each in fit.estimates if each.name == "review.minutes.mean_minutes") for fit in fits.values()
    )
    assert not alike.covers(truth)
    assert abs(recent.value - truth) < abs(alike.value - truth) / 3
    assert recent.n < alike.n / 2
    assert recent.high - recent.low > alike.high - alike.low
    opened = fits[4].arrivals.opened
    assert opened.told.sum() < opened.works.sum() / 2
    # Which days were worked is told by all of them, and so is the log.
    assert opened.dates == fits[None].arrivals.opened.dates
    assert fits[4].scenario.calendar == fits[None].scenario.calendar
    # At the key-enterprise desk too few come on so few days to say who is there.
    assert fits[None].staffing.keys() - fits[4].staffing.keys() == {"key"}


def test_old_days_say_less_of_the_level_too(changed):
    """The level against the season is that of the months that count, as they count."""
    log, parent = changed
    # Twice as many in the last two months as the season has it.
    first = log.rows(log.first_of_case())
    june = (date(2023, 5, 1) - log.first_day) / timedelta(minutes=1)
    late = np.zeros(log.cases, np.bool_)
    late[first.case] = first.begin >= june
    again = log.rows(late[log.case])
    columns = {
        name: np.concatenate([getattr(log, name), getattr(again, name)])
        for name in ("step", "queued", "started", "ended", "outcome", "kind", "server")
    }
    case = np.concatenate([log.case, again.case + log.cases])
    doubled = sorted_log(replace(log, case=case, cases=2 * log.cases, **columns))
    index = np.array(parent.demand.month_index)
    alike, recent = (
        fit_log(doubled, parent, "a", TITLE, half_life=half_life).arrivals.seasons for half_life in (None, 3)
    )
    # July, which the log does not have, is the parent's index: what it means is told by the level.
    july = [each.per_day[0] * each.month.value[6] / index[6] for each in (alike, recent)]
    assert july[1] > 1.15 * july[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--half-life", "0"), "--half-life: must be weeks, from 1 to 520, such as 26, not '0'"),
        (("--half-life", "soon"), "not 'soon'"),
        (("--half-life", "26,"), "not '26,'"),
        (("--half-life", "600"), "not '600'"),
        (("--half-life", "26,13"), "several are held against each other by --rolling only"),
    ],
)
def test_a_half_life_that_is_none_is_refused_in_a_line(call, arguments, said):
    status, out, err = call("calibrate", "log.csv", *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def with_half_lives(changed, periods=8):
    """Return a record whose fits have a half-life of 26 weeks; without one, and with 13, they foretell as is said."""
    rows = [replace(row, half_life=26.0) for row in rolling(periods)]
    young = [row for row in rows if row.older == 0]
    rows += [replace(changed(row), half_life=half_life) for row in young for half_life in (13.0, float("nan"))]
    record = calibration(rolling=tuple(rows))
    return replace(record, log=replace(record.log, half_life=26.0, counted=134))


def test_half_lives_are_said_to_differ_beyond_chance_only():
    off = with_half_lives(lambda row: replace(row, simulated=row.simulated * 1.3))
    assert half_lives_in_words(off)[0].startswith("A half-life of 26 weeks foretells better than a half-life of 13")
    near = with_half_lives(lambda row: replace(row, simulated=row.observed))
    assert "foretells worse than all days alike" in half_lives_in_words(near)[1]
    sign = {first: (-1) ** number for number, first in enumerate(sorted({row.first for row in off.rolling}))}
    chance = with_half_lives(lambda row: replace(
        row, simulated=row.simulated + 0.2 * sign[row.first] * (row.simulated - row.observed)
    ))  # fmt: skip
    assert all("no more apart than chance" in said for said in half_lives_in_words(chance))
    few = with_half_lives(lambda row: replace(row, simulated=row.observed), periods=4)
    assert all("too few" in said for said in half_lives_in_words(few))
    assert half_lives_in_words(calibration(rolling=tuple(rolling(3)))) == []


def test_too_few_days_that_count_are_said_to_be_too_few():
    record = calibration()
    assert isinstance(record.log, LogFacts)
    assert "too few days" not in finding(record)
    assert "too few days" in finding(replace(record, log=replace(record.log, half_life=1.0, counted=7)))
