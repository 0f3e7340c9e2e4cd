"""Durations: fits against scipy's, choice between families, own times by the clock of opening hours."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from arrival_logs import made_log, scenario_of
from scipy import stats

from sim.engines.rules import delay_in_opening_hours
from sim.studies.calibrate.intervals import exponential_mean, median
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import GAVE_UP, RETURNED, SERVED, StepLog
from sim.studies.calibrate.presence.openings import Openings, office_openings
from sim.studies.calibrate.times.durations import (
    fit_durations,
    lognormal_centre_and_cv,
    lognormal_estimates,
    sample_mean_and_cv,
)
from sim.studies.calibrate.times.service_times import own_time_estimates, own_times, service_estimates, service_fits
from sim.studies.calibrate.times.truncated import truncated_lognormal

NAN = math.nan
WEEK = np.arange(5)


def log_of_rows(*rows: tuple[int, str, float, float, float, int]) -> StepLog:
    """Return the log of rows (case, step, queued, started, ended, outcome), Monday 2023-05-08 being day 0."""
    case, step, queued, started, ended, outcome = zip(*rows, strict=True)
    return made_log(step, queued, started, ended, outcome, case)


FAMILIES = {
    "lognormal": (stats.lognorm, lambda rng, n: rng.lognormal(1.0, 0.8, n)),
    "gamma": (stats.gamma, lambda rng, n: rng.gamma(1.7, 3.0, n)),
    "weibull": (stats.weibull_min, lambda rng, n: 4.0 * rng.weibull(1.6, n)),
}


@pytest.mark.parametrize("drawn", FAMILIES)
def test_fits_are_those_of_scipy(drawn):
    minutes = FAMILIES[drawn][1](np.random.default_rng(5), 800)
    fit = fit_durations(minutes)
    assert len(fit.families) == 3
    for family in fit.families:
        of_scipy = FAMILIES[family.name][0]
        shape, _, scale = of_scipy.fit(minutes, floc=0)
        frozen = of_scipy(shape, scale=scale)
        assert family.log_likelihood == pytest.approx(of_scipy.logpdf(minutes, shape, 0, scale).sum(), abs=1e-4)
        assert family.distance == pytest.approx(stats.kstest(minutes, frozen.cdf).statistic, abs=1e-4)
        assert family.quantiles(np.array([0.1, 0.9])) == pytest.approx(frozen.ppf([0.1, 0.9]), rel=1e-3)


@pytest.mark.parametrize("drawn", FAMILIES)
def test_the_family_that_was_drawn_from_is_found(drawn):
    fit = fit_durations(FAMILIES[drawn][1](np.random.default_rng(8), 5000))
    assert fit.families[0].name == drawn
    assert fit.behind(drawn) == 0
    assert not fit.empirical


def test_what_is_none_of_the_families_is_called_empirical():
    rng = np.random.default_rng(2)
    fit = fit_durations(np.concatenate([rng.uniform(1, 2, 2000), rng.uniform(50, 60, 2000)]))
    assert fit.empirical


def test_quantiles_for_a_chart_are_few_and_in_order():
    fit = fit_durations(np.random.default_rng(2).lognormal(0, 1, 10_000))
    assert len(fit.observed) == len(fit.probabilities) == 200
    assert (np.diff(fit.observed) > 0).all()


@pytest.mark.parametrize("minutes", [[], [3.0], [2.0, 2.0, 2.0, 2.0, 2.0, 2.0], [NAN, -1.0, 0.0, math.inf]])
def test_too_few_or_equal_durations_have_no_fit_and_raise_nothing(minutes):
    fit = fit_durations(np.array(minutes))
    assert fit.families == ()
    assert lognormal_estimates("x", np.array(minutes[:3]), (".mean_minutes", ".cv")) == []


ALL_ALIKE = ".mean_minutes", ".cv"


def test_times_that_are_all_alike_keep_their_mean_and_have_the_least_variation_of_a_scenario():
    for minutes in (np.full(200, 16 / 3), np.round(np.random.default_rng(1).uniform(319, 321, 2585)) / 60):
        mean, cv = lognormal_estimates("review.minutes", minutes, ALL_ALIKE)
        assert mean.value == pytest.approx(16 / 3, rel=1e-3)
        assert mean.known
        assert (cv.value, cv.low, cv.high) == (0.01, 0.01, 0.01)
        assert cv.method.endswith("the nearest variation that a scenario can have")


def test_what_the_last_bit_of_a_moment_makes_is_no_variation():
    # 60 approvals of 10 h 1 min 10 s each, whose moments are in minutes.
    begin = (9 * 3600 + np.arange(60) * 97) / 60
    minutes = (begin + 36_070 / 60) - begin
    assert len(set(minutes)) > 1
    assert fit_durations(minutes).families == ()
    assert fit_durations(np.append(np.full(50, 5.0), np.nextafter(5, 6))).families == ()


def test_a_variation_beyond_that_of_any_scenario_is_taken_as_far_as_it_goes():
    minutes = np.append(np.random.default_rng(2).lognormal(0, 0.3, 5000), np.full(8, 1400.0))
    mean, cv = lognormal_estimates("review.minutes", minutes, ALL_ALIKE, family="sample")
    assert mean.value == pytest.approx(minutes.mean())
    assert minutes.std() / minutes.mean() > 5
    assert cv.value == 5
    assert cv.low <= 5 == cv.high


def test_very_many_durations_keep_a_good_model():
    fit = fit_durations(np.random.default_rng(4).lognormal(0, 1, 200_000))
    assert fit.families[0].name == "lognormal"
    assert not fit.empirical


def coverage(interval, truth: float) -> float:
    rng = np.random.default_rng(11)
    ends = [interval(rng) for _ in range(1000)]
    return sum(low <= truth <= high for _, low, high in ends) / 1000


@pytest.mark.parametrize("n", [8, 60])
def test_lognormal_intervals_cover(n):
    sigma = math.sqrt(math.log1p(0.8**2))
    mu = math.log(20) - sigma**2 / 2
    for place, truth in ((0, 20.0), (1, 0.8)):
        covered = coverage(lambda rng, of=place: lognormal_centre_and_cv(rng.lognormal(mu, sigma, n))[of], truth)
        assert 0.93 <= covered <= 0.97


def seen_by_the_end(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return own times with median 24 h and CV 1.5 that end within a log of 30 days, and what was left of it."""
    left = rng.uniform(0, 30 * 24 * 60, n)
    minutes = 1440 * rng.lognormal(0.0, math.sqrt(math.log1p(1.5**2)), n)
    return minutes[minutes < left], left[minutes < left]


def test_times_that_the_end_of_the_log_cuts_off_are_allowed_for():
    rng, trials, covered = np.random.default_rng(11), 2000, np.zeros(2)
    for _ in range(trials):
        found = truncated_lognormal(*seen_by_the_end(rng, 300), True)
        covered += [low <= truth <= high for (_, low, high), truth in zip(found, (1440.0, 1.5), strict=True)]
    assert (abs(covered / trials - 0.95) <= 3 * math.sqrt(0.95 * 0.05 / trials)).all()
    minutes, left = seen_by_the_end(np.random.default_rng(1), 20_000)
    cut = lognormal_estimates("x", minutes, (".median_hours", ".cv"), "h", left)
    plain = lognormal_estimates("x", minutes, (".median_hours", ".cv"), "h")
    assert cut[0].method == "lognormal, ML with truncation"
    # Within twice the reach of the interval; what ignores the end of the log is further off.
    assert abs(cut[0].value - 24.0) < cut[0].high - cut[0].low
    assert abs(cut[1].value - 1.5) < cut[1].high - cut[1].low
    assert plain[0].value < cut[0].low
    assert not plain[0].covers(24.0)
    endless = lognormal_estimates("x", minutes, (".median_hours", ".cv"), "h", np.full(len(minutes), 1e9))
    assert endless == plain


def test_times_that_are_not_lognormal_are_not_taken_for_its_short_end():
    minutes = 2000 * np.random.default_rng(4).weibull(0.67, 1500)
    limits = np.random.default_rng(5).uniform(0, 200_000, 1500)
    seen = minutes <= limits
    ends = (".median_hours", ".cv")
    centre, cv = lognormal_estimates("review.correction", minutes[seen], ends, "h", limits[seen])
    assert centre.method == cv.method == "moments: not lognormal, weibull is nearer"
    assert centre.covers(2000 * math.log(2) ** (1 / 0.67) / 60)
    assert cv.value == pytest.approx(1.54, abs=0.15)


def test_a_log_too_short_for_any_long_time_tells_none():
    rng = np.random.default_rng(3)
    limits = np.full(50, 10.0)
    assert truncated_lognormal(rng.uniform(0, 10, 50) ** 0.1 * 10**0.9, limits) is None


def test_intervals_of_moments_cover_where_the_model_is_wrong():
    assert coverage(lambda rng: sample_mean_and_cv(rng.gamma(2.0, 5.0, 400))[0], 10.0) >= 0.93
    assert coverage(lambda rng: sample_mean_and_cv(rng.gamma(2.0, 5.0, 400))[1], math.sqrt(0.5)) >= 0.92


def test_intervals_of_exponential_mean_and_median_cover():
    assert 0.93 <= coverage(lambda rng: exponential_mean(rng.exponential(7.0, 6)), 7.0) <= 0.97
    assert coverage(lambda rng: median(rng.exponential(7.0, 51)), 7 * math.log(2)) >= 0.94


def test_what_is_not_lognormal_is_estimated_by_moments():
    minutes = 4 * np.random.default_rng(3).weibull(1.6, 20_000)
    mean, cv = lognormal_estimates("x", minutes, (".mean_minutes", ".cv"))
    assert mean.method == cv.method == "moments: not lognormal, weibull is nearer"
    assert mean.value == pytest.approx(minutes.mean())


def test_a_coarse_clock_leaves_the_mean_right():
    rng = np.random.default_rng(6)
    start = rng.uniform(0, 480, 20_000)
    end = start + rng.lognormal(math.log(1.0) - 0.04, 0.29, 20_000)
    (mean, cv) = lognormal_estimates("issue.minutes", np.floor(end) - np.floor(start), (".mean_minutes", ".cv"))
    assert mean.covers(1.0)
    assert mean.method.startswith("moments")
    assert cv.method == mean.method


def test_seconds_and_hours_are_of_the_centre_only():
    minutes = np.random.default_rng(3).lognormal(1.0, 0.5, 100)
    seconds, cv = lognormal_estimates("phone.profiles[0].talk", minutes, ("_seconds", "_cv"), "s")
    assert (seconds.name, seconds.unit, cv.unit) == ("phone.profiles[0].talk_seconds", "s", "")
    hours, same = lognormal_estimates("review.correction", minutes, (".median_hours", ".cv"), "h")
    assert hours.value == pytest.approx(np.exp(np.log(minutes).mean()) / 60)
    assert cv.value == same.value


def test_open_minutes_are_those_of_the_engines():
    hours = Openings.of([(510.0, 720.0), (810.0, 1020.0)], WEEK)
    rng = np.random.default_rng(9)
    start, minutes = rng.uniform(0, 3 * 1440, 300), rng.uniform(0, 500, 300)
    end = start.copy()
    for i in range(300):
        row = int(np.searchsorted(hours.end, start[i], side="right"))
        end[i] += delay_in_opening_hours(start[i], minutes[i], row, len(hours.begin), hours.begin, hours.end,
                                         hours.before)  # fmt: skip
    assert hours.between(start, end) == pytest.approx(minutes, abs=1e-7)


def test_nothing_is_said_of_moments_after_the_known_hours():
    hours = Openings.of([(510.0, 1020.0)], np.array([1, 2]))
    moments = np.array([100.0, 1440 + 100.0, 1440 + 600.0, 2 * 1440 + 1019.0, 2 * 1440 + 1020.0, NAN])
    assert hours.minutes_until(moments) == pytest.approx([0, 0, 90, 510 + 509, NAN, NAN], nan_ok=True)
    assert hours.open_at(moments).tolist() == [False, False, True, True, False, False]
    assert hours.closing_after(moments)[2] == 1440 + 1020
    assert hours.left(moments, 2 * 1440 + 600.0) == pytest.approx([600, 600, 510, 0, NAN, NAN], nan_ok=True)
    assert hours.left(moments, 1e9) == pytest.approx([1020, 1020, 930, 1, NAN, NAN], nan_ok=True)
    assert np.isnan(Openings.of([], np.array([1])).minutes_until(moments)).all()


def test_working_days_are_those_of_the_calendar_and_the_parent():
    week = log_of_rows(*((day, "review", day * 1440 + 600.0, day * 1440 + 601.0, day * 1440 + 605.0, SERVED)
                         for day in range(7)))  # fmt: skip
    assert office_openings(week, scenario_of()).days.tolist() == [0, 1, 2, 3, 4]
    closed = scenario_of(calendar={"remove_working_days": ["2023-05-09"], "add_working_days": ["2023-05-13"]})
    assert office_openings(week, closed).days.tolist() == [0, 2, 3, 4, 5]
    absurd = replace(week, ended=np.where(week.case == 6, 4e9, week.ended))
    assert office_openings(absurd, scenario_of()).days.tolist()[:5] == [0, 1, 2, 3, 4]
    old = replace(week, first_day=date(1999, 5, 10))
    assert office_openings(old, scenario_of()).days.tolist() == [0, 1, 2, 3, 4]


def test_own_times_are_found_between_the_rows():
    log = log_of_rows(
        # Hung up at 9:10, called again at 9:20, got through; in the hall at 9:52; sent back, corrected in two hours.
        (0, "phone", 545, NAN, 550, GAVE_UP), (0, "phone", 560, 561, 565, SERVED),
        (0, "filing", 592, 595, 610, SERVED), (0, "review", 610, 611, 615, RETURNED),
        (0, "review", 735, 740, 745, SERVED), (0, "issue", 1440 + 515, 1440 + 516, 1440 + 517, SERVED),
        # The studio corrects on the spot and hands over at once.
        (1, "studio", 600, 600, 620, SERVED), (1, "review", 620, 620, 623, RETURNED),
        (1, "review", 630, 630, 633, SERVED), (1, "issue", 633, 633, 634, SERVED),
        # Helped, not sent back: waits for the licence there.
        (2, "filing", 600, 600, 620, SERVED), (2, "review", 620, 620, 623, SERVED), (2, "issue", 624, 624, 625, SERVED),
        # Automatic: fetched after 30 minutes.
        (3, "online", 600, 600, 630, SERVED), (3, "automatic", 630, 630, 630.5, SERVED),
        (3, "issue", 660.5, 661, 662, SERVED),
        # Nothing is looked at beyond the last first contact.
        (4, "online", 1440 + 515, 1440 + 515, 1440 + 540, SERVED),
        (4, "review", 1440 + 540, 1440 + 540, 1440 + 541, SERVED),
        (4, "issue", 1440 + 600, 1440 + 600, 1440 + 601, SERVED),
    )  # fmt: skip
    found = own_times(log, office_openings(log, scenario_of()))
    assert found["phone.redial_after_minutes"].minutes.tolist() == [10]
    assert found["filing.travel_minutes"].minutes.tolist() == [27]
    assert found["review.correction"].minutes.tolist() == [120]
    assert found["filing.studio_correction_minutes"].minutes.tolist() == [7]
    # From 12:25 to closing at 17:00, and five minutes of the next morning.
    assert found["issue.fetch_after_hours"].minutes.tolist() == [275 + 5, 30]
    assert found["issue.fetch_after_hours"].limits.tolist() == [275 + 5, 389.5 + 5]
    assert found["review.correction"].limits.tolist() == [1440 + 515 - 615]
    assert "filing.travel_minutes" not in own_times(log, None)
    assert [estimate.name for estimate in own_time_estimates(log, None)] == ["phone.redial_after_minutes"]


def test_a_simulated_month_gives_the_parameters_back():
    office = scenario_of(period={"first": "2023-05-01", "last": "2023-05-31"}, review={"auto_approved_share": 0.2})
    log = simulated_log(office, 3)
    of_services = service_estimates(log, service_fits(log))
    found = {e.name: e for e in (*of_services, *own_time_estimates(log, office_openings(log, office)))}
    for name, value in {
        "filing.assisted_minutes.mean_minutes": 20, "filing.studio_minutes.mean_minutes": 25,
        "review.minutes.cv": 0.8, "review.auto_minutes": 0.5, "issue.minutes.mean_minutes": 1,
        "filing.own_minutes.mean_minutes": 30, "filing.travel_minutes.mean_minutes": 30,
        "review.correction.median_hours": 2, "issue.fetch_after_hours.mean_hours": 3,
        "filing.studio_correction_minutes.cv": 0.5, "phone.redial_after_minutes": 10,
    }.items():  # fmt: skip
        # Twice the reach of the interval: all of many are to hold at once.
        reach = 2 * max(found[name].high - found[name].value, found[name].value - found[name].low)
        assert abs(found[name].value - value) <= reach, found[name]
        assert found[name].known


def test_missing_columns_give_fewer_estimates():
    log = simulated_log(scenario_of(period={"first": "2023-05-08", "last": "2023-05-09"}), 3)
    nothing = np.full(len(log), NAN)
    for column in ("queued", "started", "ended"):
        bare = replace(log, **{column: nothing})
        openings = office_openings(log, scenario_of())
        names = {e.name for e in (*service_estimates(bare, service_fits(bare)), *own_time_estimates(bare, openings))}
        assert ("review.minutes.cv" in names) == (column == "queued")
    empty = log.rows(np.zeros(len(log), np.bool_))
    assert service_estimates(empty, service_fits(empty)) == []
    assert own_time_estimates(empty, office_openings(empty, scenario_of())) == []
