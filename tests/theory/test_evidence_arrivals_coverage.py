"""How often the intervals of what a log tells of arrivals hold the truth."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from arrival_logs import drawn_log, poisson_office, scenario_of, true_demand

from sim.studies.calibrate.demand.arrivals import fit_arrivals
from sim.studies.calibrate.demand.daily_counts import _moments, day_factor_cv
from sim.studies.calibrate.demand.estimates import demand_estimates
from sim.studies.calibrate.demand.recency import cases_that_count
from sim.studies.calibrate.demand.smoothing import index_of_curve, index_of_shares, smooth_counts

LOGS = 200
LEAST, MOST = 0.90, 0.99


def coverage_of(demand, first=None, last=None, half_life=None):
    """Return of each estimate how often its interval held the truth."""
    scenario = scenario_of(demand)
    office, truth = poisson_office(scenario), true_demand(scenario.demand)
    held: dict[str, list[bool]] = {}
    for replication in range(LOGS):
        log = drawn_log(office, replication, first, last)
        fit = fit_arrivals(log, scenario, half_life=half_life)
        for estimate in demand_estimates(cases_that_count(log, fit.opened), scenario, fit):
            if estimate.known:
                held.setdefault(estimate.name, []).append(estimate.covers(truth[estimate.name]))
        _, low, high = fit.seasons.make_up
        held.setdefault("make-up day", []).append(low <= 1 <= high)
    return {name: float(np.mean(each)) for name, each in held.items()}


@pytest.mark.parametrize(
    ("demand", "first", "last", "known"),
    [
        ({"registrations_per_year": 3_000}, None, None, 37),
        # A quarter of a year is scaled to the whole; the month indices are against each other only.
        pytest.param(
            {"registrations_per_year": 20_000, "day_to_day_cv": 0.2},
            date(2023, 4, 1),
            date(2023, 6, 30),
            28,
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(demand, first, last, known):
    coverage = coverage_of(demand, first, last)
    assert len(coverage) == known
    assert {name: share for name, share in coverage.items() if not LEAST <= share <= MOST} == {}
    assert np.mean(list(coverage.values())) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(("half_life", "known"), [(26, 37), (8, 34)])
def test_so_they_do_where_old_days_count_less(half_life, known):
    # With eight weeks no day counts of three months of the spring.
    coverage = coverage_of({"registrations_per_year": 6_000, "day_to_day_cv": 0.2}, half_life=half_life)
    assert len(coverage) == known
    assert {name: share for name, share in coverage.items() if not LEAST <= share <= MOST} == {}
    assert np.mean(list(coverage.values())) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(("cv", "days", "mean"), [(0.05, 60, 400), (0.2, 20, 50), (0.5, 60, 10)])
def test_the_interval_of_the_day_factor_holds_the_truth_as_often_as_it_says(cv, days, mean):
    rng = np.random.default_rng(days)
    sigma = np.sqrt(np.log1p(cv**2))
    design = np.eye(5)[np.arange(days) % 5]
    held = []
    for _ in range(200):
        counts = rng.poisson(mean * np.exp(sigma * rng.standard_normal(days) - sigma**2 / 2))
        fitted = design @ (design.T @ counts / design.sum(axis=0))
        _, low, high = day_factor_cv(counts, fitted, design)
        held.append(low <= cv <= high)
    assert LEAST <= np.mean(held) <= MOST


@pytest.mark.parametrize(("mean", "cv"), [(0.8, 0.3), (12.0, 0.0), (12.0, 0.5), (300.0, 0.1)])
def test_the_moments_of_the_logarithm_of_a_count_are_those_of_drawn_counts(mean, cv):
    rng = np.random.default_rng(3)
    sigma = np.sqrt(np.log1p(cv**2))
    drawn = np.log(rng.poisson(mean * np.exp(sigma * rng.standard_normal(1_000_000) - sigma**2 / 2)) + 0.5)
    middle, variance, kurtosis = (float(moment[0]) for moment in _moments(np.array([mean]), cv))
    assert middle == pytest.approx(drawn.mean(), abs=5 * drawn.std() / 1000)
    assert variance == pytest.approx(drawn.var(), rel=0.01)
    assert kurtosis == pytest.approx(((drawn - drawn.mean()) ** 4).mean() / drawn.var() ** 2, rel=0.04)


def test_smoothing_a_thin_profile_brings_it_nearer_to_the_truth():
    truth = np.array(scenario_of().demand.half_hour_index)
    truth /= truth.mean()
    rng = np.random.default_rng(4)
    raw, smooth, held = [], [], []
    for _ in range(200):
        counts = rng.multinomial(340, truth / len(truth))
        curve = index_of_curve(smooth_counts(counts))
        raw.append((index_of_shares(counts).value - truth) ** 2)
        smooth.append((curve.value - truth) ** 2)
        held.append((curve.low <= truth) & (truth <= curve.high))
    assert np.mean(smooth) < 0.3 * np.mean(raw)
    # The bias of smoothing is made up for on average only, not at each corner of the profile.
    assert 0.88 <= np.mean(held) <= MOST
