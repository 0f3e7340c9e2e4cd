"""The verdict on a target: what is compared with what, when it is final, and what cannot be judged."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import V, hand_made_journeys, pool
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engines.play import play
from sim.measures import early
from sim.measures.judge import Beside, Judgement, Rule, Verdict, judge, judge_scores, margin_of
from sim.measures.kpis import measure, parts_of
from sim.measures.sequential import RARE, bounds, equal_values, prefix_moments
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
SMALLEST = EARLY_RULE.boundary.smallest


def by_parts(mean: float, spread: float, number: int = 13, n: int = 200, seed: int = 1):
    """Return sums, counts and parts of replications with so many minutes on average, in each part by itself."""
    rng = np.random.default_rng(seed)
    counts = np.full((n, number), 3000.0)
    sums = counts * rng.normal(mean, spread * math.sqrt(number), (n, number))
    return sums.sum(axis=1), counts.sum(axis=1), np.stack([sums, counts], axis=2)


@pytest.mark.parametrize(("mean", "verdict"), [(4.0, Verdict.HOLDS), (6.0, Verdict.FAILS), (5.0, Verdict.TOO_CLOSE)])
def test_what_is_clear_is_seen_early_by_the_parts_of_years(mean, verdict):
    sums, counts, parts = by_parts(mean, 0.005 if mean == 5.0 else 0.1)
    found = judge_scores(MEAN, sums, counts, EARLY_RULE, parts=parts)
    assert (found.verdict, found.final) == (verdict, True)
    assert early.YEARS <= found.replications < SMALLEST
    assert found.low < mean < found.high < np.inf
    assert found.estimate == pytest.approx(sums[: found.replications].sum() / counts[: found.replications].sum())
    if mean != 5.0:
        assert 0 < found.p_value <= EARLY_RULE.boundary.error
        assert not found.low <= 5.0 <= found.high
    assert judge_scores(MEAN, sums, counts, Rule(12), parts=parts).replications == SMALLEST
    assert same(found, judge_scores(MEAN, sums[:25], counts[:25], EARLY_RULE, parts=parts[:25]))
    too_few = early.YEARS - 1
    some = judge_scores(MEAN, sums[:too_few], counts[:too_few], EARLY_RULE, parts=parts[:too_few])
    assert (some.verdict, some.final, math.isnan(some.low)) == (Verdict.UNDECIDED, False, True)


def test_a_share_is_seen_early_too():
    for mean, verdict in ((0.8, Verdict.FAILS), (0.95, Verdict.HOLDS)):
        found = judge_scores(SHARE, *by_parts(mean, 0.01)[:2], EARLY_RULE, parts=by_parts(mean, 0.01)[2])
        assert (found.verdict, found.replications < SMALLEST) == (verdict, True)
        assert 0 < found.low < mean < found.high < 1


def test_what_is_not_clear_waits_for_years_and_has_an_interval_meanwhile():
    sums, counts, parts = by_parts(4.97, 0.1)
    found = judge_scores(MEAN, sums, counts, EARLY_RULE, parts=parts)
    assert found.replications >= SMALLEST
    # Of years alone, then: what parts were is no longer asked.
    late = judge_scores(MEAN, sums, counts, Rule(12, EARLY_RULE.error / (1 + early.EARLY_PART)))
    assert (found.verdict, found.low, found.high) == (late.verdict, late.low, late.high)
    some = judge_scores(MEAN, sums[:10], counts[:10], EARLY_RULE, parts=parts[:10])
    assert (some.verdict, some.final) == (Verdict.UNDECIDED, False)
    assert some.low < 5 < some.high
    assert EARLY_RULE.boundary.error < some.p_value <= 0.5


@pytest.mark.parametrize("why", ["rare days", "few parts", "years alone"])
@pytest.mark.parametrize("target", [MEAN, SHARE], ids=["mean", "share"])
def test_where_few_years_may_look_too_good_only_failing_is_seen_early(why, target):
    number = {"rare days": 13, "few parts": early.FEWEST_PARTS - 1, "years alone": 1}[why]
    for bad in (True, False):
        mean, spread = ((6.0 if bad else 4.0), 0.1) if target is MEAN else ((0.8 if bad else 0.95), 0.005)
        sums, counts, parts = by_parts(mean, spread, number)
        given_parts = None if why == "years alone" else parts
        found = judge_scores(target, sums, counts, EARLY_RULE, parts=given_parts, rare=why == "rare days")
        if not bad:
            assert (found.verdict, found.replications) == (Verdict.HOLDS, SMALLEST)
            continue
        assert found.verdict is Verdict.FAILS
        assert early.first_look(number) <= found.replications < SMALLEST
        assert (found.high == np.inf and found.low > 5) if target is MEAN else (found.low == 0 and found.high < 0.9)


def test_parts_that_go_together_tell_less():
    rng = np.random.default_rng(3)
    apart = rng.normal(0, 1, (8, 13))
    assert early.widenings(apart, 5).max() < 1.4
    assert early.widenings(apart + 10 * np.sin(np.arange(13)), 5) == pytest.approx(early.widenings(apart, 5))
    # What whole years have in common, parts do not show.
    years_apart = apart + rng.normal(0, 3, (8, 1))
    assert early.widenings(years_apart - years_apart.mean(), 5).min() > 2
    together = np.cumsum(rng.normal(0, 1, (8, 13)), axis=1)
    assert np.isinf(early.widenings(together, 5)).all()
    counts = np.full((8, 13), 100.0)
    sums = counts * (4 + 0.01 * together)
    found = judge_scores(MEAN, sums.sum(1), counts.sum(1), EARLY_RULE, parts=np.stack([sums, counts], axis=2))
    assert (found.verdict, math.isnan(found.low), found.p_value) == (Verdict.UNDECIDED, True, 0.5)


def test_a_few_equal_replications_are_not_looked_at_early_and_what_never_ends_fails():
    sums, counts, parts = by_parts(6.0, 0.0, n=40)
    assert judge_scores(MEAN, sums, counts, EARLY_RULE, parts=parts).verdict is Verdict.UNDECIDED
    uncertain = Target(uncertain=True)
    assert judge_scores(uncertain, *by_parts(6.0, 0.1)[:2], EARLY_RULE, parts=by_parts(6.0, 0.1)[2]).replications > 100
    few = Target(statistic="share", level=0.4)
    assert judge_scores(few, *year_means(0.3, 0.01), EARLY_RULE).replications == SMALLEST
    parts[3:, 0, 0] = np.inf
    assert judge_scores(MEAN, parts[..., 0].sum(1), counts, EARLY_RULE, parts=parts).replications == early.YEARS


def test_early_looks_have_a_part_of_the_error():
    boundary = EARLY_RULE.boundary
    assert boundary.error * EARLY_RULE.tests * 2 * (1 + early.EARLY_PART) == pytest.approx(EARLY_RULE.error)
    by_parts_of = early.boundary_of(boundary, 13)
    of_parts = early.EARLY_PART - early.FAR_PART
    assert (by_parts_of.smallest, by_parts_of.error) == (13 * early.YEARS, of_parts * boundary.error)
    assert (EARLY_RULE.first, boundary.smallest) == (early.FEWEST_YEARS, Rule(12).boundary.smallest)
    assert Rule(12, smallest=2, early=True).first == 2
    assert early.boundary_of(Rule(12, smallest=early.YEARS, early=True).boundary, 13) is None


def test_what_is_beyond_doubt_fails_after_few_years_whatever_their_parts_do():
    # A backlog that grows all year: parts go together, and years are far apart.
    rng = np.random.default_rng(5)
    counts = np.full((40, 13), 3000.0)
    minutes = 900.0 * np.arange(1, 14) * rng.exponential(1.0, (40, 1))
    parts = np.stack([counts * minutes, counts], axis=2)
    sums = parts[..., 0].sum(axis=1), parts[..., 1].sum(axis=1)
    for rare in (False, True):
        found = judge_scores(MEAN, *sums, EARLY_RULE, parts=parts, rare=rare)
        assert (found.verdict, found.final, found.replications <= 4) == (Verdict.FAILS, True, True)
        assert 5.0 < found.low < found.estimate < found.high == np.inf
        assert 0 < found.p_value <= EARLY_RULE.boundary.error
    assert same(found, judge_scores(MEAN, *(of[:9] for of in sums), EARLY_RULE, parts=parts[:9], rare=True))
    # Without early looks, and where a year's demand is drawn, it takes as many as ever.
    assert judge_scores(MEAN, *sums, Rule(12), parts=parts).replications >= 30
    assert judge_scores(Target(uncertain=True), *sums, EARLY_RULE, parts=parts).verdict is Verdict.UNDECIDED
    # What the disruptions of a year were expected to cost is not taken out: that could be negative.
    assert same(found, judge_scores(MEAN, sums[0] - 1e9, sums[1], EARLY_RULE, parts=parts, rare=True))
    # Of a share what is late cannot be more than all: it takes some years more.
    parts[..., 0] = counts * 0.2
    found = judge_scores(SHARE, parts[..., 0].sum(axis=1), sums[1], EARLY_RULE, parts=parts, rare=True)
    assert (found.verdict, 4 < found.replications < 8, found.low) == (Verdict.FAILS, True, 0.0)
    assert 0.2 < found.high < 0.9


def test_what_is_beyond_doubt_is_where_a_smaller_promise_would_be_too():
    bad, counts = np.array([9.0, 4.0, 7.0, 8.0, 5.0, 6.0]) * 1e4, np.full(6, 1000.0)
    n, low, p = early.beyond_doubt(bad, counts, 5.0, 1e-3)
    assert 2 <= n < 6
    assert p == pytest.approx(1 / np.prod(0.1 + 0.9 * bad[:n] / counts[:n] / 5.0))
    assert early.beyond_doubt(bad[:n], counts[:n], 0.999 * low, 1e-3)[0] == n
    assert early.beyond_doubt(bad[:n], counts[:n], 1.001 * low, 1e-3) is None
    # Not where the numbers of cases differ much, nor from one year, nor of a promise that nothing can be below.
    assert early.beyond_doubt(bad, np.array([1000.0, 2000.0, 1000.0, 1000.0, 1000.0, 1000.0]), 5.0, 1e-3) is None
    assert early.beyond_doubt(bad, np.array([0.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0]), 5.0, 1e-3) is None
    assert early.beyond_doubt(1e9 * bad[:1], counts[:1], 5.0, 1e-3) is None
    assert early.beyond_doubt(bad, counts, 0.0, 1e-3) is None


def test_days_are_put_into_parts_of_four_weeks():
    score, cases = np.arange(365.0), np.ones(365, np.int64)
    parts = parts_of(score, cases, score.sum() + 7, 367)
    assert parts.shape == (13, 2)
    # Who is submitted after the last day belongs to the last part.
    assert parts.sum(axis=0).tolist() == [score.sum() + 7, 367]
    assert parts[:2].tolist() == [[sum(range(28)), 28], [sum(range(28, 56)), 28]]
    assert parts[-1].tolist() == [sum(range(336, 365)) + 7, 31]
    assert parts_of(score[:20], cases[:20], score[:20].sum(), 20).shape == (1, 2)
    score[3] = np.inf
    assert parts_of(score, cases, np.inf, 365)[:, 0].tolist()[0] == np.inf


# Beside an office that is known well.


def beside_each_other(own: float, apart: float, luck: float, noise: float, n: int = 200):
    """Return what an office is known by, and sums, counts and parts of one that shares nearly all of its luck."""
    rng = np.random.default_rng(4)
    counts = np.full((n, 13), 3000.0)
    minutes = own + rng.normal(0, luck * math.sqrt(13), (n, 13))
    other = minutes + apart + rng.normal(0, noise * math.sqrt(13), (n, 13))
    x = counts * (minutes - 5.0)
    mean, spread, skewness = (moment[-1] for moment in prefix_moments(x.sum(axis=1)))
    low, high = bounds(n, mean, spread, skewness, Rule(2).boundary)
    known = Beside(x.sum(axis=1), x, float(mean), float(low), float(high), 1, False)
    return known, ((counts * other).sum(axis=1), counts.sum(axis=1)), np.stack([counts * other, counts], axis=2)


RULE_BESIDE = Rule(1000, smallest=30, early=True)


@pytest.mark.parametrize(
    ("apart", "verdict"), [(0.0, Verdict.HOLDS), (0.1, Verdict.TOO_CLOSE), (0.3, Verdict.FAILS), (-1, Verdict.HOLDS)]
)
def test_what_differs_little_is_told_by_the_difference_in_few_replications(apart, verdict):
    known, scores, parts = beside_each_other(4.9, apart, 0.1, 0.002)
    found = judge_scores(MEAN, *scores, RULE_BESIDE, parts=parts, beside=known)
    assert found.verdict is verdict
    assert early.YEARS <= found.replications <= 10
    assert found.low < 4.9 + apart < found.high
    alone = judge_scores(MEAN, *scores, RULE_BESIDE, parts=parts)
    assert alone.replications > 2 * found.replications or apart in (-1, 0.3)


def test_of_a_share_the_difference_counts_the_other_way_round():
    rng = np.random.default_rng(6)
    counts = np.full((60, 13), 3000.0)
    share = 0.93 + rng.normal(0, 0.02, (60, 13))
    x = counts * (0.9 - share)
    total = x.sum(axis=1)
    known = Beside(total, x, total.mean(), total.mean() - 100, total.mean() + 100, 1, False)
    for apart, verdict in ((0.0, Verdict.HOLDS), (-0.08, Verdict.FAILS)):
        sums = counts * (share + apart)
        found = judge_scores(SHARE, sums.sum(1), counts.sum(1), RULE_BESIDE, parts=np.stack([sums, counts], 2),
                             beside=known)  # fmt: skip
        assert found.verdict is verdict
        assert found.low < 0.93 + apart < found.high
        assert found.estimate == pytest.approx(share.mean() + apart, abs=0.002)


def test_how_well_the_other_is_known_is_in_every_interval():
    known, scores, parts = beside_each_other(4.9, 0.0, 0.05, 0.002)
    less = replace(known, low=known.low - 39_000 * 0.02, high=known.high + 39_000 * 0.02)
    one, other = (judge_scores(MEAN, *scores, RULE_BESIDE, parts=parts, beside=of) for of in (known, less))
    assert other.high - other.low == pytest.approx(one.high - one.low + 2 * 0.9 * 0.02)
    hardly = replace(known, low=-1e9, high=1e9)
    assert judge_scores(MEAN, *scores, RULE_BESIDE, parts=parts, beside=hardly).verdict is Verdict.UNDECIDED


def test_the_estimate_is_by_the_mean_of_the_other_wherever_its_interval_lies():
    """A long tail makes the interval lopsided: who does not differ is estimated as the other is."""
    known, scores, parts = beside_each_other(4.9, 0.0, 0.05, 0.002)
    skewed = replace(known, high=known.high + 39_000 * 2.0)
    for rule in (RULE_BESIDE, Rule(1000, smallest=30)):
        found = judge_scores(MEAN, *scores, rule, parts=parts, beside=skewed)
        assert found.estimate == pytest.approx(4.9, abs=0.01)
        assert found.low < found.estimate < found.high
        assert found.high - 4.9 > 1.5


def test_beside_another_with_rare_days_nothing_is_seen_early():
    for apart, verdict in ((0.0, Verdict.HOLDS), (0.5, Verdict.FAILS)):
        known, scores, parts = beside_each_other(4.9, apart, 0.05, 0.002)
        found = judge_scores(MEAN, *scores, RULE_BESIDE, parts=parts, beside=replace(known, rare=True))
        assert (found.verdict, found.replications) == (verdict, 30)
    known, scores, parts = beside_each_other(4.9, 0.0, 0.05, 0.002)
    assert judge_scores(MEAN, *scores, RULE_BESIDE, 45, parts, beside=known).replications < 30
