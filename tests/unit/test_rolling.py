"""The rolling back-test: which periods there are, what is foretold by what, how fits are held against each other."""

import math
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from arrival_logs import scenario_of
from calibrations import calibration, rolling
from helpers import in_turn, said_in
from readable import assert_readable

from sim.present.charts.style import style
from sim.present.terminal import rendered
from sim.results.codec import read_record, write_record
from sim.studies.calibrate.charts import charts
from sim.studies.calibrate.fit import fit_log, vague, with_waits
from sim.studies.calibrate.held_out.backtest import back_test, in_days, known_by
from sim.studies.calibrate.held_out.rolling import periods_of, rolling_test
from sim.studies.calibrate.held_out.rolling_errors import OLDER, against, courses, of_age
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.records import Calibration
from sim.studies.calibrate.rolling_shown import age_in_words
from sim.studies.calibrate.scenarios import varied_scenarios
from sim.studies.calibrate.show import report, spoken

TITLE = {"en": "a", "zh": "甲"}
FIVE_MONTHS = {
    "year": 2023, "period": {"first": "2023-02-01", "last": "2023-06-30"},
    "hours": {"review": ["08:00-17:00"]},
    "staff": {
        "consultants": {"plan": {"08:30-17:00": 2}}, "assistants": {"plan": {"08:30-17:00": 3}, "midday_crew": 2},
        "reviewers": {"plan": {"08:00-17:00": 2}, "midday_crew": 2},
        "clerks": {"plan": {"08:30-17:00": 2}, "midday_crew": 2},
    },
}  # fmt: skip


def weekdays(first, last):
    return tuple(day for n in range((last - first).days + 1) if (day := first + timedelta(days=n)).weekday() < 5)


def test_periods_are_of_four_weeks_back_from_the_last_day_for_a_year():
    found = periods_of(weekdays(date(2022, 1, 3), date(2023, 12, 29)))
    assert found[-1][1] == date(2023, 12, 29)
    assert len(found) == 13
    assert all(earlier.last + timedelta(days=1) == later.first for earlier, later in pairwise(found))
    assert {(each.last - each.first).days + 1 for each in found[1:]} == {28}
    # The first would begin on the last day of the year before.
    assert found[0].first == date(2023, 1, 1)


def test_no_period_goes_over_a_new_year():
    found = periods_of(weekdays(date(2021, 6, 1), date(2023, 3, 15)))
    assert all(each.first.year == each.last.year for each in found)
    # Of the year's beginning a shorter one is left, since it has eight working days.
    assert [(each.first, each.last) for each in found[-3:]] == [
        (date(2023, 1, 1), date(2023, 1, 18)), (date(2023, 1, 19), date(2023, 2, 15)),
        (date(2023, 2, 16), date(2023, 3, 15)),
    ]  # fmt: skip
    assert found[0].first >= date(2022, 3, 17)
    assert found[-4].last == date(2022, 12, 31)


@pytest.mark.parametrize(("days", "periods"), [(20, 0), (54, 0), (56, 1), (84, 2), (357, 11), (364, 12)])
def test_what_comes_first_is_only_fitted_to(days, periods):
    monday = date(2023, 1, 2)
    last = monday + timedelta(days=days - 1)
    assert len(periods_of((*weekdays(monday, last - timedelta(days=1)), last))) == periods


def test_each_period_is_foretold_as_the_back_test_foretells_it_by_what_was_known_before():
    parent = scenario_of({"registrations_per_year": 4_000}, **FIVE_MONTHS)
    log = simulated_log(parent, 5)
    whole = with_waits(fit_log(log, parent, "a", TITLE), log)
    rows = list(rolling_test(log, parent, whole, 1))
    periods = periods_of(whole.arrivals.opened.dates)
    assert len(periods) == 4
    assert {(row.first, row.older) for row in rows} == {
        (period.first, older) for place, period in enumerate(periods) for older in (0, OLDER) if older <= place
    }  # fmt: skip
    # The last period by the fit that is two periods older, by hand.
    known = known_by(log, (periods[1].first - log.first_day).days - 1)
    before = with_waits(fit_log(known, parent, "a", TITLE), known)
    first, last, days = periods[3]
    seen = in_days(log.as_told, (first - log.first_day).days, (last - log.first_day).days)
    scenario = before.scenario
    varied = varied_scenarios(scenario, [each for each in before.estimates if not vague(each)], 1)
    by_hand = back_test(scenario, seen, first, last, 1, known.steps, varied=varied)
    mine = [row for row in rows if row.first == first and row.older == OLDER]
    assert [(row.step, row.measure, row.observed, row.n, row.simulated, row.low, row.high) for row in mine] == [
        (row.step, row.measure, row.observed, row.n, row.simulated, row.low, row.high) for row in by_hand
    ]  # fmt: skip
    assert {row.days for row in mine} == {days}
    assert {row.last for row in mine} == {last}
    # What comes after a period is not known to the fit that foretells it.
    cut = known_by(log, (last - log.first_day).days)
    again = list(rolling_test(cut, parent, with_waits(fit_log(cut, parent, "a", TITLE), cut), 1))
    assert [row for row in again if row.first == first and row.older == OLDER] == mine


def test_a_rate_that_changes_is_found_out_and_a_steady_one_is_not():
    steady, grown = rolling(periods=10), rolling(periods=10, drift=0.35)
    assert not any(course.too_few for course in courses(steady))
    late = {course.measure: course for course in courses(grown)}["a day"]
    assert late.too_few
    assert late.out is not None
    assert late.ratio > 1
    assert all(row.inside for row in late.rows if row.first < late.out.first)
    assert not against(of_age(steady, 0), of_age(steady, OLDER)).clear
    found = against(of_age(grown, 0), of_age(grown, OLDER))
    assert found.clear
    assert found.other > found.one


def test_errors_are_in_halves_of_one_interval_and_only_of_what_both_tell():
    rows = rolling(periods=7)
    first = rows[0].first
    moved = [replace(row, observed=row.observed + (row.high - row.low) / 2) for row in rows if row.first != first]
    both, later = against(of_age(rows, 0), of_age(moved, 0)), [row for row in of_age(rows, 0) if row.first != first]
    assert both.periods == 6
    own = [2 * abs(row.observed - row.simulated) / (row.high - row.low) for row in later]
    assert both.one == pytest.approx(np.mean(own))
    # Each sign as likely as the other: of 64 ways two are as far apart.
    always = [replace(row, observed=row.simulated + (row.high - row.low)) for row in later]
    assert against(of_age(rows, 0), always).p == pytest.approx(2 / 64)
    assert math.isnan(against(of_age(rows, 0), [row for row in always if row.first < always[-1].first]).p)
    assert against([], rows).periods == 0


@pytest.mark.parametrize("age", ["no worse", "worse", "better", "few"])
def test_age_is_said_to_matter_only_beyond_chance(age):
    rows = {
        "no worse": rolling(periods=8), "worse": rolling(periods=8, drift=0.4), "few": rolling(periods=5, drift=0.4),
        "better": [replace(row, older=OLDER - row.older) for row in rolling(periods=8, drift=0.4)],
    }[age]  # fmt: skip
    said = age_in_words(calibration(rolling=tuple(rows)))
    expected = {"no worse": "no more than chance", "worse": "Errors grow", "better": "Errors shrink",
                "few": "cannot be told"}  # fmt: skip
    assert expected[age] in said


NEVER = {"simulated": math.inf, "low": math.inf, "high": math.inf, "inside": False}
CASES = {
    "all": {}, "grown": {"drift": 0.5}, "one period": {"periods": 1}, "one step": {"steps": ("review",), "periods": 3},
    "never finishes": {"changed": lambda row: replace(row, **NEVER)
                       if row.step == "review" else row},
    "not told": {"changed": lambda row: replace(row, observed=math.nan, inside=False) if row.step == "issue" else row},
}  # fmt: skip


@pytest.mark.parametrize(("case", "language"), in_turn(CASES))
def test_table_sentence_and_chart_are_readable(case, language):
    record = calibration(rolling=tuple(rolling(**CASES[case])))
    text = " ".join(said_in(language, spoken, record)) + rendered(said_in(language, report, record))
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)|[{}\x1b]", text)
    assert ("Rolling back-test" if language == "en" else "滚动回测") in text

    def drawn(record):
        with style():
            return next(chart.make() for chart in charts(record) if chart.name == "rolling")

    with style():
        assert_readable(said_in(language, drawn, record))


def test_it_is_kept_and_read_as_it_was(tmp_path):
    record = calibration(rolling=tuple(rolling(periods=3)))
    write_record(record, tmp_path)
    # As texts, since a half-life that is none is no number.
    assert repr(read_record(Calibration, tmp_path).rolling) == repr(record.rolling)
    assert (tmp_path / "rolling.csv").read_text(encoding="utf-8").count("\n") == len(record.rolling) + 1


def test_times_alone_foretell_nothing(call, tmp_path):
    status, out, err = call("calibrate", "log.csv", "--times-only", "--rolling")
    assert (status, out) == (2, "")
    assert "--rolling: what takes times alone from a log" in err
    assert err.count("\n") == 1


def test_nothing_is_said_without_it():
    assert "olling" not in rendered(report(calibration())) + " ".join(spoken(calibration()))
    assert "rolling" not in [chart.name for chart in charts(calibration())]
