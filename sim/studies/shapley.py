"""Shapley values: what each player adds to the target's figure, on average over all orders in which they could come.

Players are stages with unlimited staff, or what has changed between two logs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.draws.kernels import marks_of
from sim.draws.philox import stream
from sim.engines.play import Engine, NeverFinishesError, play
from sim.measures.judge import Rule, margin_of
from sim.measures.kpis import score
from sim.measures.sequential import mean_intervals
from sim.office.blocks import Office, Target
from sim.records import Journeys
from sim.replicate.gather import Progress
from sim.replicate.verdicts import NOTHING
from sim.replicate.workers import available_cores
from sim.studies.base import StudyError
from sim.text import Message

F64 = NDArray[np.float64]

CLOSE = 0.01
"""Of nobody's figure: contributions need not be known better than that."""
BLOCK = 4
"""Replications from one look at the intervals to the next; after as many one sees whether cases are never finished."""
FIRST = 20
"""Replications before the first look. Fewer than verdicts of as many tests have: what a player adds is
an estimate with an interval, and in docs/calibration.md those of all smooth families but the most skewed missed no more
often than they may."""
FIRST_IN_A_HURRY = 10
"""The same with `--quick`: the intervals are wide."""
LARGEST = 60
"""Replications at which intervals are left as wide as they are, where nothing else is asked for."""
WHOLES = 2
"""Figures that have an interval beside the contributions: everybody's and nobody's."""


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
    """A replication of the coalitions of an order of the players.

    Attributes
    ----------
    order : sequence of int
    figures : mapping of int to float
        The target's figure [min, or share] of each coalition; inf or -inf if cases cannot be finished.
    """

    order: Sequence[int]
    figures: Mapping[int, float]


@dataclass(frozen=True)
class Contributions:
    """What each player adds to the target's figure.

    Attributes
    ----------
    nobody, everybody : (n,) float64
        The figure in each replication.
    alone : (k, n) float64
        That of one player alone.
    players : (k, n) float64 or None
        What each adds, in the replication's order and its reverse; None if a figure is not finite.
    """

    nobody: F64
    everybody: F64
    alone: F64
    players: F64 | None

    @property
    def residual(self) -> float:
        """Largest difference, in any replication, between the contributions' sum and what it should be."""
        if self.players is None:
            return np.nan
        gained_by_all = np.abs(self.everybody - self.nobody)
        return float(np.abs(np.abs(self.players.sum(axis=0)) - gained_by_all).max())

    def intervals(self, rule: Rule) -> tuple[F64, F64, F64]:
        """Return mean, low and high of the contributions, of everybody, and of nobody.

        What never varies has no interval (NaN): it may be constant, or rare. NaN throughout if not defined.
        """
        if self.players is None:
            nothing = np.full(len(self.alone) + WHOLES, np.nan)
            return nothing, nothing, nothing
        rows = np.vstack([self.players, self.everybody, self.nobody])
        mean, low, high = mean_intervals(rows.T, rule.boundary)
        constant = low == high
        return mean, np.where(constant, np.nan, low), np.where(constant, np.nan, high)


def contributions_of(played: Sequence[Played], less: bool = False) -> Contributions:
    """Return what the players add, or if it is to be less, what they take; of one replication at least."""
    players = len(played[0].order)
    nobody, everybody, *alone = (
        np.array([one.figures[coalition] for one in played])
        for coalition in (0, 2**players - 1, *(1 << player for player in range(players)))
    )
    added = None
    if all(np.isfinite(figure) for one in played for figure in one.figures.values()):
        added = (-1.0 if less else 1.0) * np.array([gained(one.order, one.figures) for one in played]).T
    return Contributions(nobody, everybody, np.array(alone), added)


def contribute(
    players: int, seed: int, figures: Callable[[int, Sequence[int]], Mapping[int, float]], target: Target, rule: Rule,
    threads: ThreadPoolExecutor, watch: Callable[[Progress], None], less: bool = False,
) -> Contributions:  # fmt: skip
    """Replicate until what each player adds is known closely enough, or the budget is spent.

    Parameters
    ----------
    players : int
    seed : int
    figures : callable
        Gives the target's figure of some coalitions in a replication, by its number.
    target : Target
    rule : Rule
        For as many answers as there are players, and the wholes.
    threads : ThreadPoolExecutor
    watch : callable
        Told the progress.
    less : bool
        Whether what they take from the figure is positive.
    """

    def one(replication: int) -> Played:
        order = order_of(players, seed, replication)
        return Played(order, figures(replication, coalitions_of(order)))

    smallest = min(rule.boundary.smallest, rule.largest)
    expected, began = smallest * len(coalitions_of(range(players))), time.perf_counter()
    played: list[Played] = []
    done = 0
    while True:
        n = len(played)
        # All before the first look are given at once, so that no core waits for another.
        until = smallest if n < smallest else min(n + BLOCK, rule.largest)
        for each in threads.map(one, range(n, until)):
            played.append(each)
            done += len(each.figures)
            left = max(expected - done, 0)
            watch(Progress(1, int(not left), done, 0, left, (time.perf_counter() - began) * left / done))
            if len(played) % BLOCK == 0 and (found := contributions_of(played, less)).players is None:
                return found
        found = contributions_of(played, less)
        if found.players is None or until >= rule.largest:
            return found
        _, low, high = found.intervals(rule)
        near_enough = max(margin_of(target), CLOSE * float(found.nobody.mean()))
        if not (high - low > 2 * near_enough)[:-WHOLES].any():
            return found


@contextmanager
def threads_for(jobs: int | None) -> Iterator[ThreadPoolExecutor]:
    """Give so many threads, or one a core; what ends the work early leaves none of it waiting."""
    with ThreadPoolExecutor(jobs or available_cores()) as threads:
        try:
            yield threads
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise


def figure_of(office: Office, journeys: Journeys, engine: Engine) -> float:
    """Return the target's figure in a replication; if cases are never finished, there is no mean.

    Raises
    ------
    StudyError
        If nobody submits an application that the target is about.
    """
    try:
        sums, cases = score(office, journeys, play(office, journeys, engine))
    except NeverFinishesError:
        return np.inf if office.target.statistic == "mean" else -np.inf
    if not cases:
        raise StudyError(Message(NOTHING))
    return sums / cases
