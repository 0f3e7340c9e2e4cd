"""Shapley values: the axioms, and the definition by all orders of the players."""

import itertools
import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sim.measures.judge import Rule
from sim.office.blocks import Target
from sim.studies.shapley import Played, coalitions_of, contribute, contributions_of, gained, order_of


def game(players, seed=1):
    """Return a random value for each coalition."""
    return dict(enumerate(np.random.default_rng(seed).normal(5.0, 2.0, 2**players)))


def over_all_orders(players, values):
    return np.mean([gained(order, values) for order in itertools.permutations(range(players))], axis=0)


def by_definition(players, values):
    """Return the Shapley values by the weight s!(k − s − 1)!/k! of each coalition of s others."""
    found = np.zeros(players)
    for player, coalition in itertools.product(range(players), range(2**players)):
        if not coalition >> player & 1:
            others = coalition.bit_count()
            weight = math.factorial(others) * math.factorial(players - others - 1) / math.factorial(players)
            found[player] += weight * (values[coalition | 1 << player] - values[coalition])
    return found


@pytest.mark.parametrize("players", range(1, 7))
def test_over_all_orders_it_is_the_shapley_value(players):
    values = game(players)
    np.testing.assert_allclose(over_all_orders(players, values), by_definition(players, values), atol=1e-12)


def test_every_order_is_as_likely_as_any_other():
    found = Counter(order_of(3, 5, replication) for replication in range(6000))
    assert set(found) == set(itertools.permutations(range(3)))
    # Chi-square with 5 degrees of freedom; one in a thousand is beyond 20.5.
    assert sum((seen - 1000) ** 2 / 1000 for seen in found.values()) < 20.5
    assert order_of(3, 5, 7) == order_of(3, 5, 7)


@pytest.mark.parametrize("players", range(1, 17))
def test_the_contributions_of_an_order_sum_to_the_whole(players):
    order = order_of(players, 1, 0)
    rng = np.random.default_rng(players)
    values = {coalition: float(rng.normal()) for coalition in coalitions_of(order)}
    assert len(values) <= max(3 * players - 2, 2)
    assert {0, 2**players - 1, *(1 << player for player in range(players))} <= {*values}
    assert gained(order, values).sum() == pytest.approx(values[2**players - 1] - values[0], abs=1e-12)


def test_what_grows_with_the_square_of_their_number_is_the_same_for_all_in_an_order_and_its_reverse():
    values = {coalition: float(coalition.bit_count() ** 2) for coalition in range(2**5)}
    np.testing.assert_allclose(gained(order_of(5, 3, 4), values), 5.0, rtol=1e-12)


def test_who_adds_nothing_gets_nothing():
    values = {coalition: value for coalition, value in game(4).items() if not coalition & 0b0100}
    values |= {coalition | 0b0100: value for coalition, value in values.items()}
    for replication in range(5):
        assert gained(order_of(4, 1, replication), values)[2] == 0


@pytest.mark.parametrize(("less", "sign"), [(True, -1), (False, 1)])
def test_what_players_add_is_positive_or_what_they_take(less, sign):
    orders, values = [order_of(3, 1, replication) for replication in range(4)], game(3)
    found = contributions_of([Played(order, values) for order in orders], less)
    np.testing.assert_allclose(found.players, np.array([sign * gained(order, values) for order in orders]).T)
    assert (found.nobody == values[0]).all()
    assert (found.everybody == values[7]).all()
    np.testing.assert_array_equal(found.alone[:, 0], [values[1], values[2], values[4]])
    assert found.residual < 1e-12


class Waits(ThreadPoolExecutor):
    """Notes how many replications are given at a time."""

    def map(self, what, numbers):
        self.given = [*getattr(self, "given", []), list(numbers)]
        return super().map(what, self.given[-1])


@pytest.mark.parametrize(
    ("smallest", "spread", "given"),
    [(20, 0.0, [20]), (10, 9.0, [10, 4, 4, 4, 3]), (30, 9.0, [25]), (20, math.inf, [20])],
)
def test_all_before_the_first_look_are_given_at_once(smallest, spread, given):
    def figures(replication, coalitions):
        return {one: (spread * ((replication + 1) % 5) if one else 0.0) + one.bit_count() for one in coalitions}

    rule = Rule(4, largest=25, smallest=smallest)
    with Waits(1) as threads:
        found = contribute(2, 5, figures, Target(), rule, threads, lambda _: None)
    assert list(map(len, threads.given)) == given
    # Of what never finishes few are enough.
    assert len(found.nobody) == (4 if found.players is None else sum(given))


def test_infinite_figures_have_no_contributions():
    played = [Played(order_of(2, 1, n), game(2) | ({0: np.inf} if n else {})) for n in range(2)]
    found = contributions_of(played)
    assert found.players is None
    assert math.isnan(found.residual)
    assert np.isnan(found.intervals(Rule(3))).all()
