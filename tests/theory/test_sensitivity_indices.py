"""Screening, indices, shares and the search for a flip on functions whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import beta, sobol_indices

from sim.measures.judge import Rule, Verdict
from sim.measures.sequential import bounds
from sim.studies.sensitivity.asked import SMALLEST
from sim.studies.sensitivity.break_even_search import MOST_TESTS, BreakEvenSearch
from sim.studies.sensitivity.influence import (
    elementary_effects,
    indices_of,
    saltelli_sample,
    screened,
    trajectories,
)
from sim.studies.sensitivity.sensitivity import share_of

G = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def g_function(points: np.ndarray) -> np.ndarray:
    """Return Sobol's g: the product of (|4x − 2| + a) / (1 + a)."""
    return np.prod((np.abs(4 * points - 2) + G) / (1 + G), axis=-1)


def test_a_trajectory_moves_every_coordinate_once_by_two_thirds() -> None:
    walks = trajectories(200, 7, np.random.default_rng(1))
    assert walks.shape == (200, 8, 7)
    assert set(np.round(3 * walks.ravel(), 12)) == {0.0, 1.0, 2.0, 3.0}
    steps = np.diff(walks, axis=1)
    assert np.allclose(np.sort(np.abs(steps), axis=2)[:, :, -1], 2 / 3)
    assert (np.count_nonzero(np.abs(steps) > 1e-9, axis=2) == 1).all()
    assert (np.count_nonzero(np.abs(steps) > 1e-9, axis=1) == 1).all()
    # Up as often as down, and every coordinate about as often first as last.
    assert abs((steps > 1e-9).sum() / (200 * 7) - 0.5) < 4 * 0.5 / math.sqrt(200 * 7)
    firsts = np.bincount(np.abs(steps[:, 0]).argmax(axis=1), minlength=7)
    assert firsts.min() > 10


def test_effects_of_a_line_are_its_slopes_without_spread() -> None:
    slopes = np.array([3.0, -2.0, 0.0, 0.5])
    walks = trajectories(12, 4, np.random.default_rng(2))
    found = screened(elementary_effects(walks, 7 + walks @ slopes), np.random.default_rng(3))
    assert found.mu == pytest.approx(slopes)
    assert found.mu_star == pytest.approx(np.abs(slopes))
    assert found.sigma == pytest.approx(0.0, abs=1e-12)
    assert found.mu_star_low == pytest.approx(np.abs(slopes))


def test_a_product_has_effects_that_spread_and_a_mean_size_that_is_exact() -> None:
    # The effect of either factor is the other one: 0, 1/3, 2/3 or 1, each as likely.
    walks = trajectories(4000, 2, np.random.default_rng(4))
    found = screened(elementary_effects(walks, walks.prod(axis=2)), np.random.default_rng(5))
    spread = math.sqrt(5 / 36)
    assert found.mu_star == pytest.approx(0.5, abs=5 * spread / math.sqrt(4000))
    assert found.sigma == pytest.approx(spread, rel=0.05)
    assert (found.mu_star_low < 0.5).all()
    assert (found.mu_star_high > 0.5).all()


def test_opposite_effects_do_not_cancel_in_the_mean_size() -> None:
    walks = trajectories(50, 2, np.random.default_rng(6))
    values = np.where(walks[:, :, 0] > 0.5, walks[:, :, 1], -walks[:, :, 1])
    found = screened(elementary_effects(walks, values), np.random.default_rng(7))
    assert found.mu_star[1] == pytest.approx(1.0)
    assert abs(found.mu[1]) < 0.5


def test_indices_of_the_g_function() -> None:
    alone = 1 / (3 * (1 + G) ** 2)
    variance = np.prod(1 + alone) - 1
    first = alone / variance
    total = alone * np.prod(1 + alone) / (1 + alone) / variance
    sample = saltelli_sample(4096, len(G), 8)
    found = indices_of(g_function(sample.points), len(G), np.random.default_rng(9))
    assert found.first == pytest.approx(first, abs=0.02)
    assert found.total == pytest.approx(total, abs=0.02)
    inside = (found.first_low <= first) & (first <= found.first_high)
    assert inside.sum() >= 4
    assert ((found.total_low <= total) & (total <= found.total_high)).sum() >= 4


def test_the_estimates_under_the_bootstrap_are_those_of_scipy() -> None:
    sample = saltelli_sample(64, 5, 10)
    values = g_function(sample.points)
    n = 64
    func = {"f_A": values[np.newaxis, :n], "f_B": values[np.newaxis, n : 2 * n],
            "f_AB": values[2 * n :].reshape(5, 1, n)}  # fmt: skip
    exact = sobol_indices(func=func, n=n)
    found = indices_of(values, 5, np.random.default_rng(11))
    assert found.first == pytest.approx(exact.first_order)
    assert found.total == pytest.approx(exact.total_order)
    assert (found.first_low < exact.first_order).all()
    assert (found.first_high > exact.first_order).all()


def test_an_outcome_that_never_varies_has_no_indices() -> None:
    sample = saltelli_sample(16, 3, 12)
    found = indices_of(np.ones(len(sample.points)), 3, np.random.default_rng(13))
    assert np.isnan(found.first).all()
    assert np.isnan(found.total_high).all()


@pytest.mark.parametrize(("holds", "all_of_them"), [(0, 50), (3, 50), (50, 50), (17, 200)])
def test_the_share_of_offices_has_the_interval_of_clopper_and_pearson(holds: int, all_of_them: int) -> None:
    found = share_of(holds, all_of_them)
    assert found.estimate == holds / all_of_them
    low = 0.0 if holds == 0 else beta.ppf(0.025, holds, all_of_them - holds + 1)
    high = 1.0 if holds == all_of_them else beta.ppf(0.975, holds + 1, all_of_them - holds)
    assert (found.low, found.high) == pytest.approx((low, high))


def searched(levels: int, holds_to: int, fails_from: int, guess: tuple[int, int]) -> BreakEvenSearch:
    """Search an office that holds up to a level, fails from another, and is too close to call between."""
    search = BreakEvenSearch(levels, Verdict.HOLDS, Verdict.FAILS, guess)
    while wanted := search.wanted():
        for level in wanted:
            verdict = Verdict.HOLDS if level <= holds_to else Verdict.FAILS
            search.tell(level, verdict if level <= holds_to or level >= fails_from else Verdict.TOO_CLOSE)
    return search


@pytest.mark.parametrize("levels", [1, 2, 7, 31, 50])
def test_the_flip_is_bracketed_whatever_the_guess(levels: int) -> None:
    for holds_to in range(levels):
        for fails_from in {holds_to + 1, min(holds_to + 3, levels), levels}:
            for guess in ((0, levels), (holds_to, fails_from), (levels // 3, levels // 2), (levels - 1, levels)):
                search = searched(levels, holds_to, fails_from, guess)
                last, first = search.bracket
                assert last <= holds_to < fails_from <= first
                assert search.tests <= MOST_TESTS
                assert search.monotone


def test_a_right_guess_needs_two_tests_and_without_a_gap_it_is_exact() -> None:
    for holds_to in range(1, 48):
        search = searched(50, holds_to, holds_to + 1, (holds_to, holds_to + 1))
        assert search.bracket == (holds_to, holds_to + 1)
        assert search.tests == 2
        halved = searched(50, holds_to, holds_to + 1, (0, 50))
        assert halved.bracket == (holds_to, holds_to + 1)


def test_noise_in_the_verdicts_misses_no_more_often_than_the_tests_err() -> None:
    # Levels stand for means of -1 to 1; a verdict errs at each with a probability that the caller has chosen.
    rng = np.random.default_rng(14)
    error, trials, missed = 0.02, 2000, 0
    for _ in range(trials):
        break_even = int(rng.integers(0, 49))
        guess = int(np.clip(break_even + rng.integers(-3, 4), 0, 48))
        search = BreakEvenSearch(50, Verdict.HOLDS, Verdict.FAILS, (guess, guess + 1))
        while wanted := search.wanted():
            for level in wanted:
                right = (level <= break_even) != (rng.random() < error)
                search.tell(level, Verdict.HOLDS if right else Verdict.FAILS)
        last, first = search.bracket
        missed += not last <= break_even < first
    assert missed / trials <= MOST_TESTS * error


@pytest.mark.parametrize("shape", [4.0, 16.0])
def test_the_first_look_after_30_replications_keeps_the_error_of_so_large_a_family(shape: float) -> None:
    # Gamma figures with a skewness of 1 and of 0.5, of which that of a year's mean near the target is a tenth.
    boundary = Rule(5000, smallest=SMALLEST, early=True).boundary
    rng = np.random.default_rng(15)
    false, trials, block = 0, 2_000_000, 100_000
    for _ in range(trials // block):
        x = (rng.standard_gamma(shape, (block, SMALLEST), dtype=np.float32) - shape) / math.sqrt(shape)
        mean = x.mean(axis=1, dtype=np.float64)
        centred = x - mean[:, np.newaxis]
        spread = np.sqrt((centred**2).mean(axis=1, dtype=np.float64))
        skewness = (centred**3).mean(axis=1, dtype=np.float64) / spread**3
        _, high = bounds(SMALLEST, mean, spread, skewness, boundary)
        false += int(((high < 0) & (10 * skewness**2 <= SMALLEST)).sum())
    assert false <= trials * boundary.error
