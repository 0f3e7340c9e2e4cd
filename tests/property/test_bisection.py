"""The search for the breaking demand, with verdicts made up: exact on whatever is monotone, never too many tests."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measures.judge import Verdict
from sim.studies.capacity.bisection import Bisection, demand_levels

HOLDS, FAILS, CLOSE, OPEN = Verdict.HOLDS, Verdict.FAILS, Verdict.TOO_CLOSE, Verdict.UNDECIDED


def searched(verdicts, first, stride=2):
    """Return the finished search over levels whose verdicts are known."""
    search = Bisection(len(verdicts), first, stride)
    while levels := search.wanted():
        assert len(levels) <= 2
        for level in levels:
            assert level not in search.judged
            search.tell(level, verdicts[level])
    return search


@st.composite
def monotone(draw):
    holding, between, failing = (draw(st.integers(0, 400)) for _ in range(3))
    middle = draw(st.lists(st.sampled_from([CLOSE, OPEN]), min_size=between, max_size=between))
    verdicts = [HOLDS] * holding + middle + [FAILS] * failing or [CLOSE]
    return verdicts, draw(st.integers(0, len(verdicts) - 1)), draw(st.integers(1, 40))


@given(monotone())
def test_both_ends_are_exact_where_more_demand_is_worse(case):
    verdicts, first, stride = case
    search = searched(verdicts, first, stride)
    found = search.result()
    held = [place for place, verdict in enumerate(verdicts) if verdict is HOLDS]
    failed = [place for place, verdict in enumerate(verdicts) if verdict is FAILS]
    assert found.holds == (held[-1] if held else None)
    assert found.fails == (failed[0] if failed else None)
    assert found.monotone
    assert found.tests == len(search.judged) <= search.most_tests


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=60), st.data())
def test_whatever_the_verdicts_it_ends_in_time_and_says_what_it_has_seen(verdicts, data):
    first, stride = data.draw(st.integers(0, len(verdicts) - 1)), data.draw(st.integers(1, 20))
    search = searched(verdicts, first, stride)
    found = search.result()
    assert found.tests <= search.most_tests
    assert found.holds is None or search.judged[found.holds] is HOLDS
    assert found.fails is None or search.judged[found.fails] is FAILS
    assert found.holds is None or found.fails is None or found.holds < found.fails
    held = [level for level, verdict in search.judged.items() if verdict is HOLDS]
    failed = [level for level, verdict in search.judged.items() if verdict is FAILS]
    assert found.monotone == (not held or not failed or max(held) < min(failed))


@pytest.mark.parametrize(("levels", "first", "stride"), [(1, 0, 1), (5, 2, 1), (7, 3, 2), (8, 0, 1), (8, 7, 3)])
def test_the_worst_case_is_reached_by_some_verdicts_and_exceeded_by_none(levels, first, stride):
    cases = itertools.product([HOLDS, CLOSE, FAILS], repeat=levels)
    most = max(searched(verdicts, first, stride).result().tests for verdicts in cases)
    assert most == Bisection(levels, first, stride).most_tests


def test_the_worst_case_over_the_grid_is_reached_by_levels_that_are_all_too_close_or_nearly():
    levels = len(demand_levels(40_200))
    assert levels == 511
    search = Bisection(levels, levels // 2)
    assert search.most_tests == 26
    most = 0
    for holding in range(0, levels, 3):
        for failing in range(0, levels - holding, 3):
            between = levels - holding - failing
            verdicts = [HOLDS] * holding + [CLOSE] * between + [FAILS] * failing
            most = max(most, searched(verdicts, levels // 2, 16).result().tests)
    # The bound is that of every pattern; monotone ones come within a test of it.
    assert search.most_tests - 1 <= most <= search.most_tests


def test_a_limit_near_the_first_level_takes_few_tests():
    levels = 511
    for limit in range(levels // 2 - 15, levels // 2 + 15):
        verdicts = [HOLDS] * limit + [FAILS] * (levels - limit)
        assert searched(verdicts, levels // 2, 16).result().tests <= 6


def test_what_holds_next_to_a_first_level_that_is_too_close_is_looked_for_nearby():
    for near in range(1, 5):
        verdicts = [HOLDS] * (255 - near) + [CLOSE] * (2 * near) + [FAILS] * (256 - near)
        judged = searched(verdicts, 255, 16).judged
        assert min(judged) >= 255 - 2 * near


def test_a_higher_demand_that_holds_above_one_that_fails_is_reported():
    verdicts = [HOLDS, FAILS, FAILS, CLOSE, HOLDS, HOLDS, FAILS]
    assert not searched(verdicts, 3).result().monotone


def test_only_what_is_wanted_is_taken():
    search = Bisection(9, 4)
    with pytest.raises(ValueError, match=r"level 3 is not wanted; wanted are \[4\]"):
        search.tell(3, HOLDS)
    with pytest.raises(ValueError, match="the first of 3 levels"):
        Bisection(3, 3)


@given(st.integers(1, 10_000_000))
def test_levels_go_up_by_a_per_cent_or_so_around_ones_own(own):
    levels = demand_levels(own)
    assert own in levels
    assert list(levels) == sorted(set(levels))
    assert len(levels) <= 511
    assert all(1 <= level <= 1_000_000 for level in levels if level != own)
    for below, above in itertools.pairwise(levels):
        if above < 1_000_000:
            # From 1,000 on three digits are finer than 1 %; below 100 the steps are of one.
            assert above - below <= max(0.021 * below, 1.0 if below < 100 else 0)


def test_levels_can_be_read_aloud():
    levels = demand_levels(40_200)
    place = levels.index(40_200)
    assert levels[place - 2 : place + 3] == (39_500, 39_800, 40_200, 40_600, 40_900)
    assert (levels[0], levels[-1]) == (4_020, 402_000)
    assert 45_989 in demand_levels(45_989)
