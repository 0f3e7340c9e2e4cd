"""Comparing plans: findings from paired differences, and the screening for the best."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.measures.comparing import Comparison, Finding, against_first, all_pairs, compare_pair
from sim.measures.judge import Rule
from sim.measures.screening import Screening, screen
from sim.office.blocks import Target

F64 = NDArray[np.float64]

MEAN, SHARE = Target(), Target(statistic="share")
RULE = Rule()

# Twenty numbers with a known interval: [-0.387496, 4.921961] at smallest = 20 and error 0.025 on each side.
X = np.array([3.1, -2, 0.4, 5.5, 1.2, -0.7, 2.2, 9.3, 0.1, -1.4, 2.8, 0.9, -3.3, 4, 1.1, 0.2, 6.1, -0.8, 1.9, 2.5])
ZERO = np.zeros(20)
ENDS = (-0.387496, 4.921961)


def pair(of_plan: F64, of_other: F64, target: Target = MEAN, rule: Rule = RULE) -> Comparison:
    return compare_pair(target, 1, 0, of_plan, of_other, rule)


def assert_same(one: Comparison, other: Comparison) -> None:
    """Compare to the last bit, where NaN is NaN."""
    np.testing.assert_equal(asdict(one), asdict(other))


def some_plans(seed: int, plans: int = 3, n: int = 120, apart: float = 0.3) -> list[F64]:
    """Return figures with common random numbers: of the later plans all are worse by `apart` standard deviations."""
    rng = np.random.default_rng(seed)
    generator = rng.normal(5, 1, n)
    return [generator + 0.5 * rng.normal(apart * (plan > 0), 1, n) for plan in range(plans)]


def test_the_interval_of_a_known_example() -> None:
    found = pair(X, ZERO)
    assert (found.finding, found.final, found.replications) == (Finding.NONE, False, 20)
    assert found.difference == pytest.approx(X.mean(), abs=1e-12)
    assert (found.low, found.high) == pytest.approx(ENDS, abs=1e-6)
    assert 0.05 < found.p_value < 0.2


def test_more_minutes_are_worse_and_a_larger_share_is_better() -> None:
    for target, more, less in ((MEAN, Finding.WORSE, Finding.BETTER), (SHARE, Finding.BETTER, Finding.WORSE)):
        found = pair(X + 1, ZERO, target)
        assert (found.finding, found.final, found.replications) == (more, True, 20)
        assert (found.low, found.high) == pytest.approx((ENDS[0] + 1, ENDS[1] + 1), abs=1e-6)
        assert found.p_value < 0.05
        assert pair(ZERO, X + 1, target).finding is less


def test_within_the_margin_there_is_no_material_difference() -> None:
    # A hundredth of 5 minutes; half a point of a share.
    for target, unit in ((MEAN, 0.05), (SHARE, 0.005)):
        near = (X - X.mean()) * (0.9 * unit / (ENDS[1] - X.mean()))
        assert pair(near, ZERO, target).finding is Finding.TOO_CLOSE
        assert pair(near * 1.3, ZERO, target).finding is Finding.NONE


@pytest.mark.parametrize("target", [MEAN, SHARE])
def test_identical_plans_are_the_same_and_nothing_is_said_of_rare_differences(target: Target) -> None:
    found = pair(X, X, target)
    assert (found.finding, found.final, found.replications) == (Finding.SAME, True, 20)
    assert (found.difference, found.p_value) == (0, 1)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.variance_reduction == math.inf
    assert math.isnan(pair(ZERO, ZERO, target).variance_reduction)


def test_a_difference_that_never_varies_is_found() -> None:
    some = pair(np.full(30, 4.5), np.full(30, 4.75))
    assert (some.finding, some.final, some.p_value) == (Finding.NONE, False, 1.0)
    found = pair(np.full(200, 4.5), np.full(200, 4.75))
    assert (found.finding, found.replications) == (Finding.BETTER, 183)
    assert (found.difference, found.low, found.high) == (-0.25, -0.25, -0.25)
    assert found.p_value == pytest.approx(2 * 0.98**183)


def test_too_few_replications() -> None:
    found = pair(X[:19], ZERO)
    assert (found.finding, found.final, found.replications) == (Finding.NONE, False, 19)
    assert found.difference == pytest.approx(X[:19].mean())
    np.testing.assert_equal((found.low, found.high, found.p_value), (math.nan, math.nan, 1))
    nothing = pair(X[:0], ZERO)
    assert (nothing.finding, nothing.final, nothing.replications) == (Finding.NONE, False, 0)
    assert math.isnan(nothing.difference)


def test_the_budget_ends_it() -> None:
    for largest in (10, 20):
        found = pair(X, ZERO, rule=Rule(largest=largest))
        assert (found.finding, found.final, found.replications) == (Finding.NONE, True, largest)
        assert_same(found, pair(np.append(X, 1000.0), np.append(ZERO, 0.0), rule=Rule(largest=largest)))


def test_only_what_both_have_is_looked_at() -> None:
    assert pair(X, np.append(ZERO, 1e6)) == pair(X, ZERO)


def test_variance_reduction() -> None:
    rng = np.random.default_rng(4)
    generator, own, others = rng.normal(0, [[3], [1], [1]], (3, 2000))
    found = pair(generator + own, generator + others, rule=Rule(smallest=2000))
    # 10 + 10 without common random numbers, 1 + 1 with it.
    assert found.variance_reduction == pytest.approx(10, rel=0.1)


def test_a_plan_in_which_somebody_never_gets_the_licence_is_worse() -> None:
    endless = np.append(X, X)
    endless[24] = math.inf
    finite = np.append(ZERO, ZERO)
    found = pair(endless, finite)
    assert (found.finding, found.final, found.replications) == (Finding.WORSE, True, 25)
    assert (found.difference, found.low, found.high, found.p_value) == (math.inf, math.inf, math.inf, 0)
    assert math.isnan(found.variance_reduction)
    found = pair(finite, endless)
    assert (found.finding, found.difference) == (Finding.BETTER, -math.inf)
    endless[3] = math.inf
    assert pair(endless, finite).replications == 20
    early = pair(endless[:19], finite)
    assert (early.finding, early.final, early.difference, early.p_value) == (Finding.NONE, False, math.inf, 1)
    # What was found before stands.
    late = X + 1
    assert pair(np.append(late, math.inf), np.append(ZERO, 0)) == pair(late, ZERO)


@pytest.mark.parametrize(("of_plan", "of_other", "look"), [(3, 7, 20), (3, 3, 20), (22, 22, 23), (19, 5, 20)])
def test_of_two_endless_plans_nothing_is_found(of_plan: int, of_other: int, look: int) -> None:
    one, two = np.append(X, X), np.zeros(40)
    one[of_plan] = two[of_other] = math.inf
    found = pair(one, two)
    assert (found.finding, found.final, found.replications, found.p_value) == (Finding.NONE, True, look, 1)
    np.testing.assert_equal((found.difference, found.low, found.high), (math.nan, math.nan, math.nan))


def test_a_replication_without_a_figure_is_an_error() -> None:
    with pytest.raises(ValueError, match="plan 1 has no figure in replication 3"):
        pair(X, np.array([1.0, 2.0, 3.0, math.nan]))
    with pytest.raises(ValueError, match="plan 0 has no figure in replication 0"):
        screen(MEAN, [np.array([math.nan]), X])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3, 1.0, 3.0]), st.sampled_from([MEAN, SHARE]))
def test_turning_a_pair_round_swaps_signs_and_ends(seed: int, apart: float, target: Target) -> None:
    one, two = some_plans(seed, 2, apart=apart)
    there, back = pair(one, two, target), pair(two, one, target)
    turned = {Finding.BETTER: Finding.WORSE, Finding.WORSE: Finding.BETTER}
    assert_same(
        back,
        replace(
            there,
            finding=turned.get(there.finding, there.finding),
            difference=-there.difference,
            low=-there.high,
            high=-there.low,
        ),
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.6, 1.0]))
def test_more_replications_never_change_a_final_finding(seed: int, apart: float) -> None:
    plans = some_plans(seed, 2, 150, apart)
    looks = [pair(plans[1][:n], plans[0][:n]) for n in range(1, 151)]
    for before, after in pairwise(looks):
        if before.final:
            assert_same(after, before)
        else:
            assert after.replications == before.replications + 1
    # The first that sees it has seen no more than it rests on; and the interval and the finding say the same.
    last = looks[-1]
    if last.final:
        assert looks[last.replications - 1] == last
    assert (last.finding is Finding.WORSE) == (last.low > 0)
    assert (last.p_value <= 0.05) == (last.low > 0 or last.high < 0)


def test_the_family_is_all_comparisons_made() -> None:
    plans = some_plans(1, 4)
    first = against_first(MEAN, plans, error=0.05, largest=100)
    assert [(c.plan, c.other) for c in first] == [(1, 0), (2, 0), (3, 0)]
    assert first == [compare_pair(MEAN, i, 0, plans[i], plans[0], Rule(3, 0.05, 100)) for i in (1, 2, 3)]
    both = all_pairs(MEAN, plans, error=0.05, largest=100)
    assert [(c.plan, c.other) for c in both] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert both[3] == compare_pair(MEAN, 1, 2, plans[1], plans[2], Rule(6, 0.05, 100))
    assert against_first(MEAN, plans[:1]) == all_pairs(MEAN, plans[:1]) == []


# -- screening ---------------------------------------------------------------------------------------------------------
# With two plans, a first stage of 3 and an error of 0.05, eta = (1 / 0.1 - 1) / 2 = 4.5 and h2 = 18. Differences
# 0, 1, 2 have the variance 1. With a margin of 1, a plan drops out once its total is more than (18 - r) / 2 behind.
BEHIND = np.array([0.0, 1, 2, 1, 1, 1, 1, 1, 1])
LUCK = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5])


def of_three(*statistics: F64, target: Target = MEAN) -> Screening:
    return screen(target, statistics, first_stage=3, margin=1.0)


def test_screening_by_hand() -> None:
    # The total is 6 behind after 6 replications, where 6 is not enough, and 7 after 7, where 5.5 is.
    assert of_three(LUCK[:6], (LUCK + BEHIND)[:6]) == Screening((0, 1), 0, False, {}, {}, 6)
    assert of_three(LUCK, LUCK + BEHIND) == Screening((0,), 0, True, {1: 7}, {1: 0}, 7)
    assert of_three(LUCK + BEHIND, LUCK) == Screening((1,), 1, True, {0: 7}, {0: 1}, 7)
    assert of_three(LUCK, LUCK + BEHIND, target=SHARE) == Screening((1,), 1, True, {0: 7}, {0: 1}, 7)


def test_screening_before_the_first_stage_is_complete() -> None:
    assert of_three(LUCK[:2] + 1, LUCK) == Screening((0, 1), 1, False, {}, {}, 2)
    assert of_three(LUCK[:0], LUCK) == Screening((0, 1), 0, False, {}, {}, 0)


def test_a_single_plan_is_the_best() -> None:
    assert of_three(LUCK) == Screening((0,), 0, True, {}, {}, 0)


def test_screening_ends_when_nothing_can_tell_the_rest_apart() -> None:
    # W is zero above 18 replications.
    even = np.concatenate([[-1.0, 0, 1], np.zeros(20)])
    assert of_three(even[:18], even[:18] * 0) == Screening((0, 1), 0, False, {}, {}, 18)
    assert of_three(even, even * 0) == Screening((0, 1), 0, True, {}, {}, 19)
    assert of_three(LUCK, LUCK) == Screening((0, 1), 0, True, {}, {}, 3)


def test_identical_plans_wait_for_the_third() -> None:
    # Three plans: h2 = 2 * 2 * (1 / 0.05 - 1) / 2 = 38, so 8 behind after 23: (38 - r) / 2 = 7.5.
    slow = np.concatenate([[0.0, 1, 2], np.full(40, 0.25)])
    zero = np.zeros(43)
    assert of_three(zero, slow, zero) == Screening((0, 2), 0, True, {1: 23}, {1: 0}, 23)


def test_endless_plans_drop_out() -> None:
    endless = LUCK.copy()
    endless[1] = math.inf
    assert of_three(endless, LUCK) == Screening((1,), 1, True, {0: 3}, {0: 1}, 3)
    late = LUCK.copy()
    late[4] = math.inf
    assert of_three(late, LUCK + BEHIND) == Screening((1,), 1, True, {0: 5}, {0: 1}, 5)
    assert of_three(endless, late) == Screening((1,), 1, True, {0: 3}, {0: 1}, 3)
    assert of_three(endless, endless) == Screening((0, 1), 0, True, {}, {}, 3)
    # Both still in, and both endless from the fifth replication on.
    assert of_three(late, late + BEHIND) == Screening((0, 1), 0, True, {}, {}, 5)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [("error", {"error": 0.5}), ("first_stage", {"first_stage": 1}), ("margin", {"margin": 0.0})],
)
def test_screening_refuses_numbers_out_of_range(words: str, numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=words):
        screen(MEAN, [X, X], **numbers)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no plan"):
        screen(MEAN, [])


def by_the_book(plans: list[F64], error: float, n0: int, d: float) -> Screening:
    """KN as it is written down: one replication after the other, all pairs at each; less is better."""
    k, n = len(plans), len(plans[0])
    h2 = ((2 * error / (k - 1)) ** (-2 / (n0 - 1)) - 1) * (n0 - 1)
    s2 = [[np.var(plans[i][:n0] - plans[j][:n0], ddof=1) for j in range(k)] for i in range(k)]
    inside, at, by = list(range(k)), {}, {}
    r = n0
    while True:
        before, mean = inside, [sum(plan[:r]) / r for plan in plans]
        over = {
            i: [j for j in before if j != i and mean[i] > mean[j] + max(0, d / (2 * r) * (h2 * s2[i][j] / d**2 - r))]
            for i in before
        }
        for i in before:
            if over[i]:
                at[i], by[i] = r, min(over[i], key=lambda j: mean[j])
        inside = [i for i in before if not over[i]]
        best = min(inside, key=lambda i: mean[i])
        end = max(math.floor(h2 * s2[i][j] / d**2) for i in inside for j in inside) + 1
        if len(inside) == 1 or r >= end:
            return Screening(tuple(inside), best, True, at, by, r)
        if r == n:
            return Screening(tuple(inside), best, False, at, by, r)
        r += 1


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.sampled_from([4, 10]), st.booleans())
def test_screening_is_that_of_the_book(seed: int, k: int, first_stage: int, whole: bool) -> None:
    rng = np.random.default_rng(seed)
    figures = rng.normal(5, 1, (1, 60)) + rng.normal(rng.choice([0.0, 0.5], (k, 1)), 1, (k, 60))
    # Whole numbers tie often, and their sums are exact.
    plans = list(np.round(figures) if whole else figures)
    found = screen(MEAN, plans, first_stage=first_stage, margin=1.0)
    assert found == by_the_book(plans, 0.05, first_stage, 1.0)
    assert screen(SHARE, [-plan for plan in plans], first_stage=first_stage, margin=1.0) == found
    # Nothing beyond what a plan was needed for is looked at, whether it is there or not.
    short = [plan[: found.eliminated_at.get(i, found.replications)] for i, plan in enumerate(plans)]
    assert screen(MEAN, short, first_stage=first_stage, margin=1.0) == found
    spoilt = [np.append(plan, rng.normal(-100, 1, 30)) for plan in plans]
    if found.final:
        assert screen(MEAN, spoilt, first_stage=first_stage, margin=1.0) == found
