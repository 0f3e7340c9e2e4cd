"""Shapley values: what each player adds, on average over all orders in which they could come; stages as players."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.draws.kernels import marks_of
from sim.draws.philox import stream
from sim.measures.judge import Rule
from sim.measures.sequential import mean_intervals
from sim.office.blocks import Target

F64 = NDArray[np.float64]


def order_of(players: int, seed: int, replication: int) -> tuple[int, ...]:
    """Return the order in which the players come in a replication; any is as likely as any other."""
    marks = marks_of(np.uint64(stream("attribution/order")), np.uint64(seed), np.uint64(replication), players)
    return tuple(np.argsort(marks[:, 0], kind="stable").tolist())


def _joining(order: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each player with the coalition of those before it: player i belongs to it if its bit i is set."""
    before = 0
    for player in order:
        yield player, before
        before |= 1 << player


def coalitions_of(order: Sequence[int]) -> tuple[int, ...]:
    """Return the coalitions that come about in an order of the players and in its reverse, and each player alone.

    Of k > 1 players these are 3k − 2, of 2**k that there are.
    """
    both = [before for way in (order, order[::-1]) for _, before in _joining(way)]
    alone = [1 << player for player in order]
    return tuple(dict.fromkeys([*both, *alone, 2 ** len(order) - 1]))


def gained(order: Sequence[int], values: Mapping[int, float]) -> F64:
    """Return what each player adds to those before it, the mean of an order and its reverse.

    Parameters
    ----------
    order : sequence of int
        Of the players 0 to k - 1.
    values : mapping of int to float
        Value of each of the order's coalitions.

    Returns
    -------
    (k,) float64
        They sum to everybody's value less nobody's. Over all orders their mean is the Shapley value; who adds less
        the later he comes, or more, does so the other way round in the reverse, so the two together vary less.

    Notes
    -----
    Sources: Shapley (1953), A value for n-person games; Castro, Gómez, Tejada (2009), Polynomial calculation of the
    Shapley value based on sampling.
    """
    found = np.zeros(len(order))
    for way in (order, order[::-1]):
        for player, before in _joining(way):
            found[player] += 0.5 * (values[before | 1 << player] - values[before])
    return found


@dataclass(frozen=True)
class Played:
    """A replication of the coalitions of an order of the stages.

    Attributes
    ----------
    order : sequence of int
    figures : mapping of int to float
        The target's figure [min, or share] with unlimited staff at the stages of each coalition; inf or -inf if cases
        cannot be finished.
    """

    order: Sequence[int]
    figures: Mapping[int, float]


@dataclass(frozen=True)
class Contributions:
    """What each stage adds to the target's figure.

    Attributes
    ----------
    plan, unlimited : (n,) float64
        The figure as planned, and with unlimited staff everywhere, in each replication.
    alone : (k, n) float64
        That with unlimited staff at one stage alone.
    stages : (k, n) float64 or None
        Minutes that a stage adds, or share in time that it takes, in the replication's order and its reverse; None if
        a figure is not finite.
    """

    plan: F64
    unlimited: F64
    alone: F64
    stages: F64 | None

    @property
    def residual(self) -> float:
        """Largest difference, in any replication, between the contributions' sum and what it should be."""
        if self.stages is None:
            return np.nan
        return float(np.abs(np.abs(self.stages.sum(axis=0)) - np.abs(self.plan - self.unlimited)).max())

    def intervals(self, rule: Rule) -> tuple[F64, F64, F64]:
        """Return mean, low and high of the contributions, the rest with unlimited staff, and the whole.

        What never varies has no interval (NaN): it may be constant, or rare. NaN throughout if not defined.
        """
        if self.stages is None:
            nothing = np.full(len(self.alone) + 2, np.nan)
            return nothing, nothing, nothing
        rows = np.vstack([self.stages, self.unlimited, self.plan])
        mean, low, high = mean_intervals(rows.T, rule.boundary)
        constant = low == high
        return mean, np.where(constant, np.nan, low), np.where(constant, np.nan, high)


def contributions_of(target: Target, played: Sequence[Played]) -> Contributions:
    """Return the contributions of the stages, from at least one replication."""
    players = len(played[0].order)
    plan, unlimited, *alone = (
        np.array([one.figures[coalition] for one in played])
        for coalition in (0, 2**players - 1, *(1 << player for player in range(players)))
    )
    stages = None
    if all(np.isfinite(figure) for one in played for figure in one.figures.values()):
        added = np.array([gained(one.order, one.figures) for one in played]).T
        stages = -added if target.statistic == "mean" else added
    return Contributions(plan, unlimited, np.array(alone), stages)
