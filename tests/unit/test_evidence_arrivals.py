"""Arrivals seen in a log: which days were worked, level, months, weekdays, half-hours, odd days."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from arrival_logs import contacts_log, drawn_log, made_log, played_log, poisson_office, scenario_of, true_demand

from sim.office.demand import year_days
from sim.office.hours import CLOSED_DAY, DAY, MAKE_UP_DAY
from sim.studies.calibrate.demand.arrivals import fit_arrivals, notes_of
from sim.studies.calibrate.demand.daily_counts import fit_counts
from sim.studies.calibrate.demand.estimates import demand_estimates
from sim.studies.calibrate.demand.smoothing import half_hours_of, index_of_curve, index_of_shares, smooth_counts
from sim.studies.calibrate.demand.working_days import begun_before, first_contacts, open_days
from sim.studies.calibrate.held_out.backtest import in_days
from sim.studies.calibrate.log.steps import STEPS, UNKNOWN, StepLog, sorted_log

SCENARIO = scenario_of({"registrations_per_year": 3_000})
SLOTS_OF_DAY = np.arange(17, 34)
NIGHT_OWLS = scenario_of({"registrations_per_year": 30_000, "out_of_hours_share": 0.3})


@pytest.fixture(scope="module")
def year() -> StepLog:
    return drawn_log(poisson_office(SCENARIO), 0)


def with_contacts(log: StepLog, day: int, times: int) -> StepLog:
    """Return a log with the contacts of a day so many times."""
    first = log.rows(log.first_of_case())
    again = first.rows(np.floor(first.queued / DAY) == day)
    moments = np.concatenate([first.queued, *(again.queued,) * (times - 1)])
    kinds = np.concatenate([first.kind, *(again.kind,) * (times - 1)])
    return contacts_log(log.first_day, moments, kinds)


def without_days(log: StepLog, *days: int) -> StepLog:
    kept = log.rows(log.first_of_case() & ~np.isin(np.floor(log.queued / DAY), days))
    return contacts_log(log.first_day, kept.queued, kept.kind)


def number_of(day: date) -> int:
    return (day - date(2023, 1, 1)).days


def by_name(log, scenario):
    return {each.name: each for each in demand_estimates(log, scenario, fit_arrivals(log, scenario))}


def opened(log):
    return open_days(log, first_contacts(log, SLOTS_OF_DAY))


def notes(log, scenario):
    return [(note.what, note.values) for note in notes_of(fit_arrivals(log, scenario))]


def test_the_first_contact_is_the_first_moment_of_queueing_or_else_of_service():
    never = math.nan
    log = sorted_log(made_log(
        ["review", "phone", "filing", "review", "issue"], [600.0, 540.0, never, never, 700.0],
        [610.0, 541.0, 560.0, never, 701.0], [620.0, 545.0, 570.0, 580.0, 705.0], case=[0, 0, 1, 2, 3],
    ))  # fmt: skip
    found = first_contacts(log, SLOTS_OF_DAY)
    assert found.moment.tolist() == [540.0, 560.0]
    assert [STEPS[step] for step in found.step] == ["phone", "filing"]
    # The third tells no start; the fourth is seen at the counter only, so its review was before the log.
    assert (found.untimed, found.begun_before) == (1, 1)


def test_the_days_worked_are_those_of_the_nation_with_make_up_days(year):
    found, true = opened(year), year_days(SCENARIO)
    assert (found.add, found.remove, found.outside, found.unknown_years) == ((), (), 0, ())
    assert found.kinds.tolist() == true.kinds[found.offset : found.offset + len(found)].tolist()
    assert (found.kinds == MAKE_UP_DAY).sum() == 7
    assert found.dates[0] == date(2023, 1, 3)


def test_people_who_file_out_of_hours_do_not_open_the_office():
    found = opened(drawn_log(poisson_office(NIGHT_OWLS), 1))
    assert (found.add, found.remove) == ((), ())
    assert len(found) == 365


def test_days_that_differ_from_the_nations_are_found(year):
    holiday, sunday = date(2023, 6, 7), date(2023, 6, 11)
    twin = year.queued[np.floor(year.queued / DAY) == number_of(date(2023, 6, 8))] + 3 * DAY
    log = without_days(year, number_of(holiday))
    found = opened(contacts_log(log.first_day, np.append(log.queued, twin)))
    assert (found.add, found.remove) == ((sunday,), (holiday,))
    assert found.kinds[number_of(sunday) - found.offset] == MAKE_UP_DAY
    assert found.kinds[number_of(holiday) - found.offset] == CLOSED_DAY


def test_a_few_rows_astray_open_nothing_and_make_the_log_no_longer(year):
    sundays = [number_of(date(2023, 6, 11)) * DAY + minute for minute in (600.0, 700.0)]
    ages_ago, in_ten_years = -20_000 * DAY + 600, 3_650 * DAY + 600
    found = opened(contacts_log(year.first_day, [*year.queued, *sundays, ages_ago, in_ten_years]))
    assert (found.add, found.remove, found.outside) == ((), (), 2)
    assert (found.first.year, found.all[-1].year) == (2023, 2023)


def test_a_thin_log_takes_no_day_off_for_want_of_visitors():
    found = opened(drawn_log(poisson_office(scenario_of({"registrations_per_year": 150})), 0))
    assert (found.contacts[found.works] == 0).sum() > 5
    assert found.remove == ()


def test_a_week_off_in_a_thin_log_is_noticed():
    log = drawn_log(poisson_office(scenario_of({"registrations_per_year": 500})), 0)
    week = [date(2023, 9, 11) + timedelta(days=day) for day in range(5)]
    assert opened(without_days(log, *map(number_of, week))).remove == tuple(week)


def test_the_starts_of_service_say_when_somebody_worked(year):
    # Contacts go on while nobody serves: the form is open, the office is not.
    served = np.floor(year.queued / DAY) != number_of(date(2023, 6, 7))
    start = np.where(served, year.queued + 1, math.nan)
    log = replace(year, step=np.full(len(year), STEPS.index("review"), np.int8), started=start)
    assert opened(log).remove == (date(2023, 6, 7),)


def test_years_without_a_known_calendar_are_monday_to_friday():
    days = [day for day in range(60) if (date(2035, 1, 1) + timedelta(days=day)).weekday() < 5 and day not in (7, 8)]
    log = contacts_log(date(2035, 1, 1), np.concatenate([day * DAY + np.linspace(520, 1010, 30) for day in days]))
    found = opened(log)
    off = (date(2035, 1, 8), date(2035, 1, 9))
    assert (found.add, found.remove, found.unknown_years) == ((), off, (2035,))
    assert np.flatnonzero(found.works).tolist() == days
    assert ("unknown years", {"years": ["2035"]}) in notes(log, SCENARIO)


def test_a_log_without_contacts_in_hours_is_refused():
    with pytest.raises(ValueError, match="no first contact between 08:30 and 17:00; have the times hours"):
        fit_arrivals(contacts_log(date(2023, 3, 1), [60.0, 1_300.0]), SCENARIO)


def test_a_played_office_gives_back_its_demand():
    scenario = scenario_of({"registrations_per_year": 6_000, "day_to_day_cv": 0.15})
    log = played_log(scenario, 3)
    found, truth = by_name(log, scenario), true_demand(scenario.demand)
    assert set(found) == set(truth)
    assert np.mean([found[name].covers(truth[name]) for name in truth]) >= 0.9
    assert found["demand.registrations_per_year"].value == pytest.approx(6_000, rel=0.05)
    assert found["demand.day_to_day_cv"].value == pytest.approx(0.15, abs=0.03)
    # Months and weekdays are in the raw variation, too.
    assert found["demand.day_to_day_cv"].naive > 0.18
    # Without kinds, applications stand for registrations and other business.
    blind = by_name(replace(log, kind=np.full_like(log.kind, UNKNOWN)), scenario)["demand.registrations_per_year"]
    assert blind.covers(6_000)
    assert "1 other business" in blind.method
    # A log that knows nothing of the form begins with the review.
    late = sorted_log(log.rows(~log.at("online")))
    fit = fit_arrivals(late, scenario)
    assert fit.submissions
    assert "submissions" in dict(notes(late, scenario))
    assert by_name(late, scenario)["demand.registrations_per_year"].covers(6_000)
    assert fit.half_hour_method == "calls and key enterprises"
    # Without the calls too there are only submissions, which are few in the first half-hour.
    mute = fit_arrivals(sorted_log(late.rows(~late.at("phone"))), scenario)
    assert mute.half_hour_method == "submissions and first visits"
    assert mute.half_hours.index.high[0] < truth["demand.half_hour_index[0]"]


def test_of_one_month_the_month_index_is_the_parents_and_the_rest_is_estimated():
    scenario = scenario_of({"registrations_per_year": 20_000})
    log = drawn_log(poisson_office(scenario), 0, date(2023, 3, 1), date(2023, 3, 31))
    found, truth = by_name(log, scenario), true_demand(scenario.demand)
    for month in range(12):
        estimate = found[f"demand.month_index[{month}]"]
        assert estimate.value == pytest.approx(truth[estimate.name])
        assert not estimate.known
        assert estimate.method == "not from the log: the parent's"
    assert all(found[f"demand.weekday_index[{day}]"].known for day in range(5))
    assert found["demand.registrations_per_year"].covers(20_000)
    # March is a busy month: a twelfth is not what it has.
    assert found["demand.registrations_per_year"].naive > 1.08 * found["demand.registrations_per_year"].value


def test_months_that_are_seen_keep_their_place_among_those_that_are_not():
    scenario = scenario_of({"registrations_per_year": 20_000})
    log = drawn_log(poisson_office(scenario), 0, date(2023, 10, 1), date(2023, 12, 31))
    found, truth = by_name(log, scenario), true_demand(scenario.demand)
    index = [found[f"demand.month_index[{month}]"].value for month in range(12)]
    assert np.mean(index) == pytest.approx(1)
    assert index[0] == pytest.approx(truth["demand.month_index[0]"])
    assert index[11] < index[9] < 1
    missing = dict(notes(log, scenario))["months missing"]["months"]
    assert missing == list(range(1, 10))


def test_of_a_week_months_and_weekdays_are_the_parents(year):
    log = drawn_log(poisson_office(SCENARIO), 0, date(2023, 3, 6), date(2023, 3, 10))
    fit = fit_arrivals(log, SCENARIO)
    assert not fit.seasons.estimated
    found = by_name(log, SCENARIO)
    assert found["demand.weekday_index[0]"].value == pytest.approx(1.15 / np.mean([1.15, 0.97, 1.02, 0.92, 0.95]))
    assert not found["demand.weekday_index[0]"].known
    assert found["demand.registrations_per_year"].covers(3_000)
    assert found["demand.half_hour_index[3]"].method.startswith("smoothed")


def test_a_single_day_still_has_a_number():
    found = by_name(drawn_log(poisson_office(SCENARIO), 0, date(2023, 3, 6), date(2023, 3, 6)), SCENARIO)
    assert math.isnan(found["demand.day_to_day_cv"].value)
    assert found["demand.registrations_per_year"].covers(3_000)


def test_a_log_without_weekends_has_the_same_profile(year):
    weekday = (np.floor(year.queued / DAY).astype(int) + year.first_day.weekday()) % 7
    keep = weekday < 5
    log = contacts_log(year.first_day, year.queued[keep], year.kind[keep])
    fit = fit_arrivals(log, SCENARIO)
    assert len(fit.opened.remove) == 7
    assert all(day.weekday() >= 5 for day in fit.opened.remove)
    assert math.isnan(fit.seasons.make_up[0])
    true = np.array(SCENARIO.demand.weekday_index) / np.mean(SCENARIO.demand.weekday_index)
    assert ((fit.seasons.weekday.low <= true) & (true <= fit.seasons.weekday.high)).all()


@pytest.mark.parametrize("days", [365, 100])
def test_an_absurd_day_is_listed_and_moves_neither_level_nor_variation(year, days):
    absurd = date(2023, 3, 7)
    year = year.rows(year.queued < days * DAY)
    log = with_contacts(year, number_of(absurd), 12)
    plain, fit = (fit_arrivals(each, SCENARIO) for each in (year, log))
    assert plain.seasons.odd_days == ()
    (odd,) = fit.seasons.odd_days
    assert odd.day == absurd
    assert odd.seen == 12 * plain.opened.contacts[number_of(absurd) - plain.opened.offset]
    assert odd.residual > 4
    assert number_of(absurd) - fit.opened.offset not in fit.seasons.days
    assert fit.seasons.cv_of_all > 1.5 * fit.seasons.day_cv[0]
    assert fit.seasons.day_cv[0] == pytest.approx(plain.seasons.day_cv[0], abs=0.01)
    assert fit.seasons.per_day == pytest.approx(plain.seasons.per_day, rel=0.02)
    found, usual = (by_name(each, SCENARIO)["demand.registrations_per_year"] for each in (log, year))
    # It is what came, about half of them registrations, and does not stand for days that the log does not have.
    assert 0.3 < (found.value - usual.value) / odd.seen < 0.9
    assert "2023-03-07" in [note.values["day"] for note in notes_of(fit) if note.what == "odd day"]


def test_several_odd_days_do_not_hide_each_other(year):
    log = year
    surge = [date(2023, 5, 8) + timedelta(days=day) for day in range(5)]
    for day in surge:
        log = with_contacts(log, number_of(day), 6)
    assert [odd.day for odd in fit_arrivals(log, SCENARIO).seasons.odd_days] == surge


def test_make_up_days_are_days_of_their_own(year):
    log = year
    days = opened(year)
    for day in np.flatnonzero(days.kinds == MAKE_UP_DAY) + days.offset:
        log = with_contacts(log, int(day), 2)
    plain, fit = fit_arrivals(year, SCENARIO), fit_arrivals(log, SCENARIO)
    assert fit.seasons.make_up[0] == pytest.approx(2 * plain.seasons.make_up[0], rel=0.02)
    assert fit.seasons.weekday.value == pytest.approx(plain.seasons.weekday.value, rel=1e-3)


def test_of_two_years_the_later_counts_and_both_tell_the_profile(year):
    next_scenario = scenario_of({"registrations_per_year": 3_600}, year=2024)
    later = drawn_log(poisson_office(next_scenario), 5)
    both = contacts_log(
        year.first_day, np.append(year.queued[::2], later.queued[::2] + 365 * DAY),
        np.append(year.kind[::2], later.kind[::2]),
    )  # fmt: skip
    fit = fit_arrivals(both, next_scenario)
    assert fit.seasons.year == 2024
    assert (fit.opened.add, fit.opened.remove) == ((), ())
    assert fit.seasons.growth[1] < 1.2 < fit.seasons.growth[2]
    found = by_name(both, next_scenario)
    of_2024 = np.isin(later.kind[::2], (0, 1, 2)).sum()
    assert found["demand.registrations_per_year"].value == pytest.approx(of_2024, rel=1e-3)
    alone = fit_arrivals(year, SCENARIO)
    wide, narrow = (np.mean(each.seasons.month.high - each.seasons.month.low) for each in (alone, fit))
    assert narrow < 0.8 * wide


def test_the_number_of_a_whole_year_is_its_count_and_the_parents_growth_is_taken_off(year):
    count = np.isin(year.kind[::2], (0, 1, 2)).sum()
    # But for 1 and 2 January: the office is closed, and nobody filed.
    assert by_name(year, SCENARIO)["demand.registrations_per_year"].value == pytest.approx(count, rel=1e-3)
    grown = scenario_of({"registrations_per_year": 2_500, "growth": 0.2})
    assert by_name(year, grown)["demand.registrations_per_year"].value == pytest.approx(count / 1.2, rel=1e-3)


def test_the_table_has_the_numbers_of_a_working_day(year):
    fit = fit_arrivals(year, SCENARIO)
    value, low, high = fit.expected()
    assert value.shape == (12, 5, 17)
    daily = fit.seasons.per_day[0] * fit.seasons.month.value[:, None] * fit.seasons.weekday.value
    assert value.sum(axis=2) == pytest.approx(daily)
    assert (low < value).all()
    assert (value < high).all()
    part = drawn_log(poisson_office(SCENARIO), 0, date(2023, 4, 3), date(2023, 6, 30))
    seen = np.isfinite(fit_arrivals(part, SCENARIO).expected()[1]).all(axis=(1, 2))
    assert np.flatnonzero(seen).tolist() == [3, 4, 5]


def test_the_parts_of_the_level_fit_together(year):
    fit = fit_arrivals(year, SCENARIO)
    month = np.array([fit.opened.first + timedelta(days=int(day)) for day in fit.seasons.days])
    month = np.array([day.month - 1 for day in month])
    kind = fit.opened.kinds[fit.seasons.days]
    usual = kind < 5
    expected = fit.seasons.per_day[0] * fit.seasons.month.value[month[usual]] * fit.seasons.weekday.value[kind[usual]]
    assert expected == pytest.approx(fit.seasons.fit.mean[usual])


def test_opening_hours_are_those_with_more_than_a_trickle():
    counts = np.zeros(48, np.int64)
    counts[16:36] = 100
    counts[14:16] = 5
    found = half_hours_of(counts, SLOTS_OF_DAY)
    assert (found.opens, found.closes) == (8 * 60, 18 * 60)
    assert not found.thin
    assert found.index is found.raw


def test_a_thin_index_is_smooth_and_keeps_the_interval_of_the_shares():
    counts = np.zeros(48, np.int64)
    counts[SLOTS_OF_DAY] = np.random.default_rng(1).poisson(6, 17)
    found = half_hours_of(counts, SLOTS_OF_DAY)
    assert found.thin
    assert found.index.value == pytest.approx(found.smooth.value)
    assert (found.index.low <= found.index.value).all()
    assert (found.index.value <= found.index.high).all()
    assert np.abs(np.diff(found.smooth.value, 2)).sum() < np.abs(np.diff(found.raw.value, 2)).sum()
    assert found.smooth.value.mean() == pytest.approx(1)


def test_counts_on_a_line_are_not_bent_by_smoothing():
    counts = np.round(1000 * np.exp(0.1 * np.arange(17))).astype(np.int64)
    curve = smooth_counts(counts)
    assert curve.mean == pytest.approx(counts, rel=2e-3)
    assert index_of_curve(curve).value.mean() == pytest.approx(1)


@pytest.mark.parametrize("counts", [[3, 4], [0, 0, 0, 0]])
def test_a_curve_needs_bins_and_counts(counts):
    with pytest.raises(ValueError, match="at least 3 bins and a count above 0"):
        smooth_counts(np.array(counts))


def test_the_index_of_shares_has_mean_one_and_wilson_intervals():
    index = index_of_shares(np.array([30, 70]))
    assert index.value.tolist() == [0.6, 1.4]
    # Wilson's interval of 30 in 100 is 0.2189 to 0.3958.
    assert index.low[0] / 2 == pytest.approx(0.2189, abs=1e-4)
    assert index.high[0] / 2 == pytest.approx(0.3958, abs=1e-4)


def test_counts_that_vary_by_chance_alone_have_the_variance_of_poisson_numbers():
    counts = np.array([10, 12, 8, 11, 20, 21, 19, 20])
    design = np.column_stack([np.ones(8), np.repeat([0.0, 1.0], 4)])
    fit = fit_counts(counts, design, np.zeros(8))
    assert fit.cv == 0
    assert np.exp(fit.beta) == pytest.approx([41 / 4, 80 / 41])
    assert fit.covariance[1, 1] == pytest.approx(1 / 41 + 1 / 80)
    assert fit.log_error(np.array([0.0, 1.0])) == pytest.approx(math.sqrt(1 / 41 + 1 / 80))


def test_counts_that_vary_more_have_as_many_squares_as_days_beyond_parameters():
    counts = np.random.default_rng(2).poisson(50 * np.random.default_rng(3).gamma(10, 0.1, 40))
    fit = fit_counts(counts, np.ones((40, 1)), np.zeros(40))
    assert (fit.residual**2).sum() == pytest.approx(39)
    assert fit.covariance[0, 0] == pytest.approx((1 / fit.mean[0] + fit.cv**2) / 40)
    assert fit.mean[0] == pytest.approx(counts.mean())


def test_more_parameters_than_days_are_refused():
    with pytest.raises(ValueError, match="too few for 3 parameters"):
        fit_counts(np.array([1, 2]), np.ones((2, 3)), np.zeros(2))


def test_a_level_that_hardly_anybody_comes_to_has_the_parents_indices():
    log = contacts_log(date(2023, 1, 2), [day * DAY + 600.0 for day in range(1, 280, 20) for _ in range(1 + day % 2)])
    fit = fit_arrivals(log, SCENARIO)
    assert not fit.seasons.estimated
    assert "no seasons" in [note.what for note in notes_of(fit)]


def test_whatever_the_log_the_intervals_hold_their_values():
    rng = np.random.default_rng(0)
    refused = 0
    for trial in range(90):
        contacts = int(rng.integers(1, (3, 20, 300)[trial % 3]))
        span = int(rng.integers(1, (5, 60, 900)[trial // 3 % 3]))
        moments = rng.integers(0, span, contacts) * DAY + rng.uniform(400, 1200, contacts)
        log = contacts_log(date(2023, 1, 2), np.append(moments, [600.0] * (200 * (trial % 5 == 0))))
        try:
            fit = fit_arrivals(log, SCENARIO)
        except ValueError:
            # Nobody in hours.
            refused += 1
            continue
        for estimate in demand_estimates(log, SCENARIO, fit):
            if estimate.known:
                assert 0 <= estimate.low <= estimate.value * (1 + 1e-9) <= estimate.high * (1 + 2e-9)
        assert np.isfinite(fit.expected()[0]).all()
    assert refused < 30


@pytest.fixture(scope="module")
def slow_year() -> StepLog:
    """Return the year of an office in which files lie for days and many are sent back."""
    review = {"return_rate": 0.3, "minutes": {"mean_minutes": 14.0, "cv": 1.0}}
    staff = {"reviewers": {"plan": {"08:30-17:00": 2}, "midday_crew": 2}}
    return played_log(scenario_of({"registrations_per_year": 6_000}, review=review, staff=staff), 3)


@pytest.mark.parametrize("gone", [(), ("automatic",)])
def test_a_log_cut_out_of_a_year_does_not_take_those_inside_for_new(slow_year: StepLog, gone: tuple[str, ...]) -> None:
    kept = np.isin(slow_year.step, [STEPS.index(step) for step in STEPS if step not in gone])
    year = slow_year.rows(kept)
    cut = in_days(year, 90, 180)
    came = np.full(year.cases, np.inf)
    first = year.rows(year.first_of_case())
    came[first.case] = np.fmin(first.begin, first.ended)
    inside = cut.cases_with(np.ones(len(cut), np.bool_))
    true = inside & (came < 90 * DAY)
    found = begun_before(cut)
    contacts = first_contacts(cut, SLOTS_OF_DAY)
    print(f"\n{true.sum()} of {inside.sum()} had come before, {found.sum()} found")
    assert not (found & ~true).any()
    # Not seen is who asked before, and comes to the hall or sends the form now.
    assert true.sum() > 0.01 * inside.sum()
    assert (true & ~found).sum() < 0.2 * true.sum()
    assert contacts.begun_before == found.sum()
    assert not found[contacts.case].any()


def test_where_a_review_is_a_way_to_begin_nobody_has_begun_before(slow_year: StepLog) -> None:
    no_forms = slow_year.rows(~slow_year.at("online"))
    cut = in_days(no_forms, 90, 180)
    first = cut.rows(cut.first_of_case())
    assert first.at("review").sum() > 500
    assert not begun_before(cut)[first.case[first.at("review")]].any()
    # In all of the year nobody has.
    assert begun_before(slow_year).sum() == 0


def test_a_stray_row_years_later_makes_no_case_begin_before(slow_year: StepLog) -> None:
    no_forms = slow_year.rows(~slow_year.at("online"))
    last = int(np.flatnonzero(no_forms.at("phone"))[-1])
    moved = {name: getattr(no_forms, name).copy() for name in ("queued", "started", "ended")}
    for column in moved.values():
        column[no_forms.case == no_forms.case[last]] += 730 * DAY
    assert begun_before(sorted_log(replace(no_forms, **moved))).sum() == 0


@pytest.mark.parametrize("day", [120, 200])
def test_forms_that_are_written_down_from_some_day_on_make_nobody_begin_before(slow_year: StepLog, day: int) -> None:
    late_forms = slow_year.rows(~slow_year.at("online") | (slow_year.begin >= day * DAY))
    first = late_forms.rows(late_forms.first_of_case())
    assert first.at("review").sum() > 500
    assert begun_before(late_forms).sum() == 0
