"""Always-valid bounds: numbers worked out beforehand, what they may not depend on, and the edges."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sim.measures.sequential import (
    LOOKS_PER_SQUARED_SKEWNESS,
    Boundary,
    Side,
    bounds,
    first_finding,
    mean_intervals,
    p_value,
    prefix_moments,
    ratio_interval,
)

BOUNDARY = Boundary(20, 0.025)
EXAMPLE = np.array(
    [3.1, -2, 0.4, 5.5, 1.2, -0.7, 2.2, 9.3, 0.1, -1.4, 2.8, 0.9, -3.3, 4, 1.1, 0.2, 6.1, -0.8, 1.9, 2.5]
)
SEEDS = st.integers(0, 2**32 - 1)


def bounds_by_prefix(x, boundary=BOUNDARY):
    return bounds(np.arange(1, len(x) + 1), *prefix_moments(x), boundary)


def finding_one_by_one(x, margin, boundary):
    """Look after each value with moments made anew, as the procedure is written down."""
    for n in range(boundary.smallest, len(x) + 1):
        mean, spread = x[:n].mean(), x[:n].std()
        skewness = ((x[:n] - mean) ** 3).mean() / spread**3
        c, g = boundary.factor(n), 1.5 * skewness

        def h(y, g=g, n=n):
            return 3 / g * (np.cbrt(1 + g * (y - g / (6 * n))) - 1)

        high, low = mean + spread * max(c, -h(-c)), mean - spread * max(c, h(c))
        if n >= LOOKS_PER_SQUARED_SKEWNESS * skewness**2:
            if high <= 0:
                return Side.BELOW, n
            if low > 0:
                return Side.ABOVE, n
            if -margin < low and high < margin:
                return Side.CLOSE, n
    return Side.OPEN, len(x)


@pytest.mark.parametrize(
    ("smallest", "error", "start"),
    [(10, 0.025, 3.4041), (20, 0.025, 3.0630), (30, 0.025, 2.9668), (20, 0.000625, 4.8771)],
)
def test_where_the_boundary_starts(smallest, error, start):
    assert Boundary(smallest, error).factor(smallest) * np.sqrt(smallest - 1) == pytest.approx(start, abs=5e-5)


def test_the_boundary_at_later_looks():
    n = np.array([50, 100, 500, 2000])
    assert_allclose(BOUNDARY.factor(n) * np.sqrt(n - 1), [3.0978, 3.1645, 3.3690, 3.5588], rtol=0, atol=5e-5)


@given(st.integers(2, 1000), st.floats(1e-8, 0.25), st.integers(0, 3000))
@settings(deadline=None)
def test_the_p_value_on_the_boundary_is_the_error(smallest, error, later):
    n = smallest + later
    above, below = p_value(n, Boundary(smallest, error).factor(n), 1.0, 0.0, smallest)
    assert above == pytest.approx(error, rel=1e-6)
    assert below == 0.5


def test_the_interval_of_the_example():
    mean, low, high = mean_intervals(EXAMPLE[:, None], BOUNDARY)
    _, spread, skewness = prefix_moments(EXAMPLE)
    assert skewness[-1] == pytest.approx(0.760118, abs=5e-7)
    assert (low[0], high[0]) == pytest.approx((-0.387496, 4.921961), abs=5e-7)
    assert mean[0] + spread[-1] * BOUNDARY.factor(20) == pytest.approx(3.697496, abs=5e-7)


@pytest.mark.parametrize(("smallest", "error"), [(1, 0.025), (20, 0.0), (20, 0.5), (20, float("nan"))])
def test_a_boundary_that_cannot_be(smallest, error):
    with pytest.raises(ValueError, match="must be"):
        Boundary(smallest, error)


def test_below_the_smallest_number_there_is_no_bound():
    low, high = bounds_by_prefix(EXAMPLE)
    assert np.isnan([low[:-1], high[:-1]]).all()
    assert np.isfinite([low[-1], high[-1]]).all()
    assert p_value(19, 5.0, 1.0, 0.0, 20) == (0.5, 0.5)


@given(SEEDS, st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.booleans())
@settings(deadline=None, max_examples=60)
def test_the_finding_is_that_of_looking_one_by_one(seed, shift, skewed):
    rng = np.random.default_rng(seed)
    x = (rng.exponential(size=400) - 1 if skewed else rng.normal(size=400)) + shift
    assert first_finding(x, 0.25, BOUNDARY) == finding_one_by_one(x, 0.25, BOUNDARY)


@given(SEEDS, st.floats(-1, 1), st.integers(1, 300))
@settings(deadline=None, max_examples=60)
def test_more_values_never_change_a_finding(seed, shift, cut):
    x = np.random.default_rng(seed).gamma(2.0, size=300) - 2 + shift
    side, look = first_finding(x, 0.3, BOUNDARY)
    assert first_finding(x[:cut], 0.3, BOUNDARY) == ((side, look) if look <= cut else (Side.OPEN, cut))


@given(SEEDS, st.integers(1, 200))
@settings(deadline=None, max_examples=60)
def test_moments_are_those_of_the_prefix(seed, cut):
    rng = np.random.default_rng(seed)
    x = rng.normal(1e6, 1.0, 200) * rng.choice([1.0, -3.0])
    for whole, part in zip(prefix_moments(x), prefix_moments(x[:cut]), strict=True):
        assert_array_equal(whole[:cut], part)
    mean, spread, skewness = prefix_moments(x)
    assert mean[-1] == pytest.approx(x.mean(), rel=1e-12)
    assert spread[-1] == pytest.approx(x.std(), rel=1e-9)
    assert skewness[-1] == pytest.approx(((x - x.mean()) ** 3).mean() / x.std() ** 3, rel=1e-6, abs=1e-7)


@given(SEEDS)
@settings(deadline=None, max_examples=30)
def test_negating_the_values_swaps_the_ends(seed):
    x = np.random.default_rng(seed).exponential(size=60)
    low, high = bounds_by_prefix(x)
    low_of_negative, high_of_negative = bounds_by_prefix(-x)
    assert_array_equal(low_of_negative, -high)
    assert_array_equal(high_of_negative, -low)


@given(SEEDS, st.floats(-0.5, 0.5), st.sampled_from([2.0**-20, 2.0**3, 2.0**40]))
@settings(deadline=None, max_examples=30)
def test_scaling_leaves_the_finding(seed, shift, scale):
    x = np.random.default_rng(seed).gamma(4.0, size=300) - 4 + shift
    assert first_finding(x * scale, 0.3 * scale, BOUNDARY) == first_finding(x, 0.3, BOUNDARY)


@given(SEEDS, st.integers(20, 200))
@settings(deadline=None, max_examples=100)
def test_the_p_value_says_what_the_bounds_say(seed, n):
    rng = np.random.default_rng(seed)
    x = (rng.exponential(size=n) - 1) * rng.choice([-1, 1]) + rng.normal(0, 3 / np.sqrt(n))
    moments = [moment[-1] for moment in prefix_moments(x)]
    low, high = bounds(n, *moments, BOUNDARY)
    above, below = p_value(n, *moments, 20)
    assert (above <= 0.025, below <= 0.025) == (low > 0, high <= 0)
    # Both of them: at its own p-value as error, the bound is zero.
    p = float(min(above, below))
    assume(1e-12 < p < 0.49)
    low, high = bounds(n, *moments, Boundary(20, p))
    assert (low if above < below else high) == pytest.approx(0, abs=1e-7 * moments[1])


@given(SEEDS, st.integers(20, 300), st.sampled_from([0.0, 0.002, 0.05]))
@settings(deadline=None, max_examples=200)
def test_the_interval_leaves_out_what_the_test_rejects(seed, n, spread_of_counts):
    rng = np.random.default_rng(seed)
    counts = np.round(40_000 * rng.normal(1, spread_of_counts, n))
    sums = counts * (5 + 0.3 * (rng.exponential(size=n) - 1) * rng.choice([-1, 1])) + rng.normal(0, 100, n)
    estimate, low, high = ratio_interval(sums, counts, BOUNDARY)
    assert low < estimate < high
    # Around the ends and further off, but not so near that rounding decides.
    for theta in (*(end * (1 + step) for end in (low, high) for step in (-1e-9, 1e-9)), *rng.normal(5, 0.3, 20)):
        x = sums - theta * counts
        lower, upper = bounds(n, *(moment[-1] for moment in prefix_moments(x)), BOUNDARY)
        assert (theta < low, theta > high) == (lower > 0, upper <= 0)


def test_the_interval_of_a_ratio_with_equal_counts_is_that_of_a_mean():
    found = ratio_interval(EXAMPLE * 7, np.full(20, 7.0), BOUNDARY)
    assert found == pytest.approx([float(end[0]) for end in mean_intervals(EXAMPLE[:, None], BOUNDARY)], rel=1e-12)


def test_a_ratio_with_ends_that_are_not_there():
    few = np.ones(19)
    assert_array_equal(ratio_interval(5 * few, few, BOUNDARY), [5.0, np.nan, np.nan])
    counts = np.ones(30)
    sums = np.where(np.arange(30) == 25, np.inf, 5.0)
    assert ratio_interval(sums, counts, BOUNDARY) == (np.inf, np.inf, np.inf)
    assert ratio_interval(5 * counts, counts, BOUNDARY) == (5.0, 5.0, 5.0)
    with pytest.raises(ValueError, match="all zero"):
        ratio_interval(0 * counts, 0 * counts, BOUNDARY)
    # Nearly all of the cases in a few replications: no ratio is far enough from what was found.
    counts[3:] = 0
    estimate, low, high = ratio_interval(5 * counts, counts, BOUNDARY)
    assert (estimate, low, high) == (5.0, -np.inf, np.inf)


def test_values_without_spread():
    for value, side in ((1e-3, Side.ABOVE), (-7.7, Side.BELOW), (0.0, Side.BELOW)):
        x = np.full(200, value)
        assert first_finding(x[:100], 0.1, BOUNDARY) == (Side.OPEN, 100)
        assert first_finding(x, 0.1, BOUNDARY) == (side, 183)
        assert first_finding(x, 0.1, BOUNDARY, rare=False) == (side, 20)
        assert_array_equal(np.ravel(mean_intervals(x[:, None], BOUNDARY)), [value] * 3)
    unseen = pytest.approx(0.98**100)
    assert p_value(100, 1.0, 0.0, 0.0, 20) == (unseen, 0.5)
    assert p_value(100, -1.0, 0.0, 0.0, 20) == (0.5, unseen)
    assert p_value(100, 0.0, 0.0, 0.0, 20) == (0.5, unseen)
    assert p_value(30, 1.0, 0.0, 0.0, 20) == (0.5, 0.5)
    # What is left of equal values once others have come is no rounding.
    x = np.r_[np.zeros(40), 1.0]
    assert prefix_moments(x)[1][-1] == pytest.approx(x.std(), rel=1e-12)
    assert prefix_moments(x[::-1])[1][-1] == pytest.approx(x.std(), rel=1e-12)


def test_one_value_unlike_all_others_is_waited_for():
    x = np.r_[np.full(190, -1.0), 8.0, np.full(400, -1.0)]
    # Found below zero when so many were alike that one in fifty would have shown.
    assert first_finding(x, 0.1, BOUNDARY) == (Side.BELOW, 183)
    # Had it come before that, no number of equal values would do.
    assert first_finding(x[10:], 0.1, BOUNDARY)[0] is Side.OPEN


def test_an_infinite_value_decides_once_there_are_enough():
    x = np.random.default_rng(5).normal(size=100)
    x[9] = np.inf
    assert first_finding(x, 0.01, BOUNDARY) == (Side.ABOVE, 20)
    assert first_finding(x[:19], 0.01, BOUNDARY) == (Side.OPEN, 19)
    assert first_finding(-x, 0.01, BOUNDARY) == (Side.BELOW, 20)
    x = np.roll(x, 40)
    assert first_finding(x, 0.01, BOUNDARY) == (Side.ABOVE, 50)
    assert first_finding(x[:49], 0.01, BOUNDARY) == (Side.OPEN, 49)
    # A finding made before it stands.
    assert first_finding(x - 5, 0.01, BOUNDARY) == (Side.BELOW, 20)
    # One of each kind says nothing.
    x[3] = -np.inf
    assert first_finding(x, 0.01, BOUNDARY) == (Side.BELOW, 20)
    x[4] = np.inf
    assert first_finding(x, 0.01, BOUNDARY) == (Side.OPEN, 100)
    x[4] = np.nan
    assert first_finding(x, 0.01, BOUNDARY) == (Side.OPEN, 100)


def test_a_margin_that_differs_from_look_to_look():
    x = np.random.default_rng(6).normal(size=400)
    margin = np.where(np.arange(1, 401) >= 222, 10.0, 0.0)
    assert first_finding(x, margin, BOUNDARY) == (Side.CLOSE, 222)
    assert first_finding(x, margin, BOUNDARY, earliest=300) == (Side.CLOSE, 300)


def test_intervals_of_columns_that_lack_figures():
    rng = np.random.default_rng(7)
    values = rng.exponential(size=(60, 6))
    values[:25, 0] = np.nan
    values[rng.permutation(60)[:45], 1] = np.nan
    values[:, 2] = np.nan
    values[7, 3] = np.inf
    values[:, 4] = 0.1
    mean, low, high = mean_intervals(values, BOUNDARY)
    expected = mean_intervals(values[25:, :1], BOUNDARY)
    assert_allclose([mean[0], low[0], high[0]], np.ravel(expected), rtol=1e-12)
    assert mean[1] == pytest.approx(np.nanmean(values[:, 1]))
    assert np.isnan([low[1], high[1], mean[2], low[2], high[2]]).all()
    assert_array_equal([mean[3], low[3], high[3]], np.inf)
    assert_array_equal([mean[4], low[4], high[4]], 0.1)
    low_at, high_at = bounds_by_prefix(values[:, 5])
    assert_allclose([low[5], high[5]], [low_at[-1], high_at[-1]], rtol=1e-12)


def test_intervals_of_many_columns_are_quick():
    values = np.random.default_rng(8).normal(size=(2000, 300))
    took = []
    for _ in range(5):
        began = time.perf_counter()
        mean_intervals(values, BOUNDARY)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.1
