"""Shapley values: the axioms, and the definition by all orders of the players."""

import itertools

import numpy as np
import pytest

from sim.studies.attribution.shapley import MOST_PLAYERS, shapley


def by_orders(values):
    """Return the mean, over all orders, of what each player adds to those before it."""
    players = len(values).bit_length() - 1
    found = np.zeros((players, values.shape[1]))
    orders = list(itertools.permutations(range(players)))
    for order in orders:
        before = 0
        for player in order:
            found[player] += values[before | 1 << player] - values[before]
            before |= 1 << player
    return found / len(orders)


def game(players, replications=3, seed=1):
    return np.random.default_rng(seed).normal(5.0, 2.0, (2**players, replications))


@pytest.mark.parametrize("players", range(1, 7))
def test_it_is_the_mean_over_all_orders(players):
    values = game(players)
    np.testing.assert_allclose(shapley(values), by_orders(values), atol=1e-12)


@pytest.mark.parametrize("players", range(1, MOST_PLAYERS + 1))
def test_the_contributions_sum_to_the_whole(players):
    values = game(players)
    assert np.abs(shapley(values).sum(axis=0) - (values[-1] - values[0])).max() < 1e-9


def test_players_who_do_the_same_get_the_same():
    values = np.array([[float(coalition.bit_count() ** 2)] for coalition in range(2**5)])
    np.testing.assert_allclose(shapley(values), 5.0, rtol=1e-12)


def test_who_adds_nothing_gets_nothing():
    values = game(4)
    without = np.arange(16) & ~0b0100
    contributions = shapley(values[without])
    assert not contributions[2].any()
    others = [coalition for coalition in range(16) if not coalition & 0b0100]
    np.testing.assert_allclose(contributions[[0, 1, 3]], shapley(values[others]), atol=1e-12)


def test_games_add_up():
    first, second = game(4, seed=1), game(4, seed=2)
    np.testing.assert_allclose(shapley(first + second), shapley(first) + shapley(second), atol=1e-12)


def test_replications_do_not_touch_each_other():
    values = game(3, 5)
    np.testing.assert_array_equal(shapley(values)[:, [2]], shapley(values[:, [2]]))


@pytest.mark.parametrize("rows", [0, 1, 3, 6, 2 ** (MOST_PLAYERS + 1)])
def test_the_coalitions_must_be_complete(rows):
    with pytest.raises(ValueError, match="a power of 2"):
        shapley(np.zeros((rows, 1)))


def test_infinite_values_have_no_contributions():
    values = game(2)
    values[0, 1] = np.inf
    with pytest.raises(ValueError, match="finite"):
        shapley(values)
