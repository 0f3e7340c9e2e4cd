"""The verdict on a target: what is compared with what, when it is final, and what cannot be judged."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import V, hand_made_journeys, pool
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.play import play
from sim.measures.judge import EARLY, Judgement, Rule, Verdict, judge, judge_scores, margin_of
from sim.measures.kpis import measure
from sim.measures.sequential import EARLY_PART, RARE, bounds, equal_values, prefix_moments
from sim.office.blocks import ArrivalTimes, Days, Office, Population, Stage, Target
from sim.office.distributions import Fixed
from sim.office.hours import ALWAYS, DAY
from sim.office.routes import Route, Visit

MEAN = Target()
SHARE = Target(statistic="share", level=0.9)
RULE = Rule()


def year_means(mean: float, spread: float, n: int = 2000, seed: int = 1):
    """Return sums and counts of replications with so many minutes on average."""
    rng = np.random.default_rng(seed)
    counts = np.round(rng.normal(40_000, 200, n))
    return counts * rng.normal(mean, spread, n), counts


@pytest.mark.parametrize(
    ("target", "kept"), [(Target(minutes=4.0), 2), (Target(statistic="share", minutes=4.0, level=0.5), 3)]
)
def test_a_day_on_which_the_target_is_just_reached_keeps_it(target, kept):
    """As a year does of which every day is such."""
    days = [(1.0, 2.0), (2.0, 6.0), (4.0, 9.0), (5.0, 8.0)]
    who = Population("all", ArrivalTimes((0.0,)), ((1.0, Route((Visit("v", "desk", Fixed(1.0)),))),))
    office = Office("by hand", Days.every_day(len(days)), (Stage("desk", ALWAYS),), (pool("desk"),), (who,), ALWAYS,
                    target)  # fmt: skip
    cases = [(day * DAY + 60.0 * place, [V(minutes=minutes)])
             for day, both in enumerate(days) for place, minutes in enumerate(both)]  # fmt: skip
    journeys = hand_made_journeys(*cases)
    kpis = measure(office, journeys, play(office, journeys))
    assert kpis["days keeping the target"] == kept / len(days)


def same(one: Judgement, other: Judgement) -> bool:
    return repr(one) == repr(other)


@pytest.mark.parametrize(
    ("mean", "spread", "verdict"),
    [
        (4.9, 0.1, Verdict.HOLDS),
        (5.1, 0.1, Verdict.FAILS),
        (5.0, 0.1, Verdict.TOO_CLOSE),
        (5.0, 10.0, Verdict.UNDECIDED),
    ],
)
def test_verdicts_on_a_mean(mean, spread, verdict):
    judgement = judge_scores(MEAN, *year_means(mean, spread), RULE)
    assert judgement.verdict is verdict
    assert judgement.final
    assert judgement.low < judgement.estimate < judgement.high
    assert (judgement.high <= 5, judgement.low > 5) == (verdict is Verdict.HOLDS, verdict is Verdict.FAILS)
    assert (judgement.promised, judgement.margin, judgement.confidence) == (5.0, 0.05, 0.95)
    assert judgement.replications == 2000 if verdict is Verdict.UNDECIDED else 20 <= judgement.replications < 500
    assert (judgement.p_value <= 0.025) == (verdict in (Verdict.HOLDS, Verdict.FAILS))


@pytest.mark.parametrize(("share", "verdict"), [(0.93, Verdict.HOLDS), (0.87, Verdict.FAILS), (0.9, Verdict.TOO_CLOSE)])
@pytest.mark.parametrize("statistic", ["share", "percentile"])
def test_verdicts_on_a_share(share, verdict, statistic):
    target = Target(statistic=statistic, level=0.9)
    judgement = judge_scores(target, *year_means(share, 0.01), RULE)
    assert judgement.verdict is verdict
    assert (judgement.low >= 0.9, judgement.high < 0.9) == (verdict is Verdict.HOLDS, verdict is Verdict.FAILS)
    assert (judgement.promised, judgement.margin) == (0.9, 0.005)


def test_margins():
    assert margin_of(Target(minutes=5.0)) == 0.05
    assert margin_of(Target(minutes=660.0)) == pytest.approx(6.6)
    assert margin_of(SHARE) == margin_of(Target(statistic="percentile", level=0.5)) == 0.005


@given(st.integers(0, 2**32 - 1), st.integers(1, 400))
@settings(deadline=None, max_examples=60)
def test_more_replications_never_change_a_verdict(seed, cut):
    sums, counts = year_means(np.random.default_rng(seed).uniform(4.9, 5.1), 0.15, 400, seed)
    all_of_them = judge_scores(MEAN, sums, counts, RULE)
    some = judge_scores(MEAN, sums[:cut], counts[:cut], RULE)
    if all_of_them.final and all_of_them.replications <= cut:
        assert same(some, all_of_them)
    else:
        assert some.verdict is Verdict.UNDECIDED
        assert not some.final
        assert some.replications == cut


@given(st.integers(0, 2**32 - 1), st.sampled_from([MEAN, SHARE]))
@settings(deadline=None, max_examples=60)
def test_the_interval_leaves_out_the_target_when_the_test_rejects_it(seed, target):
    rng = np.random.default_rng(seed)
    sums, counts = year_means(rng.normal(5, 0.05), 0.15, 60, seed)
    if target is SHARE:
        sums = sums * 0.9 / 5
    judgement = judge_scores(target, sums, counts, RULE)
    n = judgement.replications
    x = (sums - 5 * counts if target is MEAN else 0.9 * counts - sums)[:n]
    low, high = bounds(n, *(moment[-1] for moment in prefix_moments(x)), RULE.boundary)
    keeps, misses = high <= 0, low > 0
    if target is MEAN:
        assert (judgement.high <= 5, judgement.low > 5) == (keeps, misses)
    else:
        assert (judgement.low >= 0.9, judgement.high < 0.9) == (keeps, misses)


def test_no_verdict_before_the_smallest_number():
    sums, counts = year_means(4.0, 0.1, 19)
    judgement = judge_scores(MEAN, sums, counts, RULE)
    assert (judgement.verdict, judgement.final, judgement.replications) == (Verdict.UNDECIDED, False, 19)
    assert judgement.estimate == pytest.approx(4.0, abs=0.1)
    assert math.isnan(judgement.low)
    assert math.isnan(judgement.high)
    assert judgement.p_value == 0.5
    fewest = judge_scores(MEAN, sums, counts, Rule(largest=10))
    assert (fewest.verdict, fewest.final, fewest.replications) == (Verdict.UNDECIDED, True, 10)
    assert math.isnan(fewest.low)


def test_replications_beyond_the_largest_number_are_left_out():
    sums, counts = year_means(5.0, 10.0, 200)
    rule = Rule(largest=100)
    assert same(judge_scores(MEAN, sums, counts, rule), judge_scores(MEAN, sums[:100], counts[:100], rule))
    assert judge_scores(MEAN, sums, counts, rule).final


def test_somebody_without_a_licence():
    sums, counts = year_means(5.0, 10.0, 100)
    sums[2] = np.inf
    judgement = judge_scores(MEAN, sums, counts, RULE)
    assert (judgement.verdict, judgement.final, judgement.replications) == (Verdict.FAILS, True, 20)
    assert (judgement.estimate, judgement.low, judgement.high, judgement.p_value) == (np.inf, np.inf, np.inf, 0.0)
    early = judge_scores(MEAN, sums[:10], counts[:10], RULE)
    assert (early.verdict, early.final, early.estimate) == (Verdict.UNDECIDED, False, np.inf)
    sums = np.roll(sums, 60)
    assert judge_scores(MEAN, sums, counts, RULE).replications == 63
    # A verdict that was given before stands.
    sums, counts = year_means(4.0, 0.1, 100)
    sums[50] = np.inf
    judgement = judge_scores(MEAN, sums, counts, RULE)
    assert (judgement.verdict, judgement.replications) == (Verdict.HOLDS, 20)
    assert np.isfinite(judgement.high)


def test_replications_without_a_case():
    sums, counts = year_means(4.0, 0.1, 60)
    counts[:30:3] = sums[:30:3] = 0
    sums[0] = np.nan
    assert judge_scores(MEAN, sums, counts, RULE).verdict is Verdict.HOLDS
    # The first with a case is the 31st; the empty ones before it do not agree on anything.
    counts[:30] = sums[:30] = 0
    judgement = judge_scores(MEAN, sums, counts, RULE)
    assert judgement.replications > 30
    with pytest.raises(ValueError, match="nothing to judge"):
        judge_scores(MEAN, sums[:30], counts[:30], RULE)
    with pytest.raises(ValueError, match="nothing to judge"):
        judge(MEAN, [])
    with pytest.raises(ValueError, match="NaN"):
        judge_scores(MEAN, np.full(30, np.nan), np.ones(30), RULE)


@pytest.mark.parametrize(("mean", "verdict"), [(5.0, Verdict.HOLDS), (5.01, Verdict.FAILS)])
def test_replications_without_spread_are_judged_once_rare_ones_would_have_shown(mean, verdict):
    enough = int(np.ceil(equal_values(RULE.boundary.error)))
    assert (1 - RARE) ** enough <= RULE.boundary.error < (1 - RARE) ** (enough - 1)
    sums, counts = np.full(400, 100 * mean), np.full(400, 100.0)
    some = judge_scores(MEAN, sums[: enough - 1], counts[: enough - 1], RULE)
    assert (some.verdict, some.final) == (Verdict.UNDECIDED, False)
    judgement = judge_scores(MEAN, sums, counts, RULE)
    assert (judgement.verdict, judgement.replications) == (verdict, enough)
    assert judgement.p_value == pytest.approx((1 - RARE) ** enough)
    assert (judgement.low, judgement.high) == (judgement.estimate, judgement.estimate)


@pytest.mark.parametrize("one_in", [10, 50])
def test_years_of_two_kinds_are_seldom_called_good(one_in):
    # All years are alike but one in so many, which is so bad that the target is missed.
    rng = np.random.default_rng(one_in)
    trials, holds = 400, 0
    counts = np.ones(600)
    for _ in range(trials):
        sums = np.where(rng.random(600) < 1 / one_in, 4.9 + 0.2 * one_in, 4.9)
        verdict = judge_scores(MEAN, sums, counts, Rule(largest=600)).verdict
        holds += verdict is Verdict.HOLDS
    assert holds <= trials * 0.05


def test_a_share_stays_a_share():
    within = np.where(np.arange(20) % 4 == 0, 9.0, 10.0)
    judgement = judge_scores(SHARE, within, np.full(20, 10.0), RULE)
    assert judgement.high == 1.0
    assert 0.8 < judgement.low < judgement.estimate < 1


def test_the_rule_by_size_of_the_family():
    sizes = {tests: Rule(tests).boundary for tests in (1, 2, 3, 12, 13, 500)}
    assert [boundary.smallest for boundary in sizes.values()] == [20, 20, 30, 30, 50, 50]
    assert all(boundary.error == pytest.approx(0.025 / tests) for tests, boundary in sizes.items())
    assert Rule(500, smallest=7).boundary.smallest == 7
    sums, counts = year_means(4.93, 0.1)
    alone, among_many = (judge_scores(MEAN, sums, counts, Rule(tests)) for tests in (1, 100))
    assert alone.replications < among_many.replications


@pytest.mark.parametrize("wrong", [{"tests": 0}, {"error": 0.0}, {"error": 1.0}, {"largest": 0}, {"smallest": 1}])
def test_rules_that_cannot_be(wrong):
    with pytest.raises(ValueError, match=r"must be|needed"):
        Rule(**wrong)


def test_figures_are_judged_by_their_scores():
    sums, counts = year_means(4.9, 0.1, 50)
    kpis = [SimpleNamespace(score_sum=s, scores=int(c), controls=None) for s, c in zip(sums, counts, strict=True)]
    assert same(judge(MEAN, kpis), judge_scores(MEAN, sums, counts, RULE))


EARLY_RULE = Rule(12, early=True)


@pytest.mark.parametrize(("target", "mean", "spread"), [(MEAN, 6.0, 0.1), (SHARE, 0.8, 0.01)])
def test_what_misses_by_far_fails_early_with_an_end_on_one_side(target, mean, spread):
    found = judge_scores(target, *year_means(mean, spread), EARLY_RULE)
    assert (found.verdict, found.final) == (Verdict.FAILS, True)
    assert EARLY <= found.replications < Rule(12).boundary.smallest
    ends = (found.low > 5, found.high == np.inf) if target is MEAN else (found.high < 0.9, found.low == 0)
    assert ends == (True, True)
    assert 0 < found.p_value <= EARLY_RULE.boundary.error
    assert judge_scores(target, *year_means(mean, spread), Rule(12)).replications == Rule(12).boundary.smallest


@pytest.mark.parametrize(("mean", "spread"), [(4.0, 0.1), (5.01, 0.1)])
def test_nothing_else_is_said_early(mean, spread):
    sums, counts = year_means(mean, spread)
    found = judge_scores(MEAN, sums, counts, EARLY_RULE)
    assert found.replications >= EARLY_RULE.boundary.smallest
    assert found.low < found.high < np.inf
    some = judge_scores(MEAN, sums[:EARLY], counts[:EARLY], EARLY_RULE)
    assert (some.verdict, some.final) == (Verdict.UNDECIDED, False)
    assert EARLY_RULE.boundary.error < some.p_value <= 0.5


def test_a_few_equal_replications_or_rare_days_are_not_looked_at_early():
    same_years = np.full(40, 600.0), np.full(40, 100.0)
    assert not judge_scores(MEAN, *same_years, EARLY_RULE).final
    sums, counts = year_means(6.0, 0.1)
    assert judge_scores(MEAN, sums, counts, EARLY_RULE, 20).replications == EARLY_RULE.boundary.smallest
    few = Target(statistic="share", level=0.4)
    assert judge_scores(few, *year_means(0.1, 0.01), EARLY_RULE).replications == EARLY_RULE.boundary.smallest
    never = np.append(sums[:3], np.full(10, np.inf)), counts[:13]
    assert judge_scores(MEAN, *never, EARLY_RULE).replications == EARLY


def test_early_looks_have_a_part_of_the_error():
    boundary = EARLY_RULE.boundary
    assert boundary.error * EARLY_RULE.tests * (2 + EARLY_PART) == pytest.approx(EARLY_RULE.error)
    assert (boundary.first, boundary.smallest) == (EARLY, Rule(12).boundary.smallest)
    assert Rule(12, smallest=EARLY, early=True).boundary.first == EARLY
