"""Shapley values: what each player adds, on average over all orders in which they could come; stages as players."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from sim.measures.judge import Rule
from sim.measures.sequential import mean_intervals
from sim.office.blocks import Target

F64 = NDArray[np.float64]

MOST_PLAYERS = 12


def shapley(values: F64) -> F64:
    """Return the contribution of each player to the value of all together.

    Parameters
    ----------
    values : (2**k, n) float64
        Value of each coalition in each of n replications: player i belongs to coalition c if bit i of c is set, so
        the first row is nobody and the last is everybody.

    Returns
    -------
    (k, n) float64
        In each replication they sum to everybody's value less nobody's.

    Raises
    ------
    ValueError
        If there are not 2**k rows with k from 1 to 12, or a value is not finite.

    Notes
    -----
    Player i joins a coalition of s others with weight s!(k − s − 1)!/k! = 1/(k·C(k − 1, s)), the share of the k! orders
    in which just these come before i. Source: Shapley (1953), A value for n-person games.
    """
    players = len(values).bit_length() - 1
    if values.ndim != 2 or len(values) != 2**players or not 1 <= players <= MOST_PLAYERS:
        raise ValueError(f"the values of 2 to {2**MOST_PLAYERS} coalitions are needed, a power of 2, not {len(values)}")
    if not np.isfinite(values).all():
        raise ValueError("a coalition without a finite value leaves no contribution defined")
    coalitions = np.arange(2**players)
    size = np.array([coalition.bit_count() for coalition in range(2**players)])
    weight = np.array([1 / (players * comb(players - 1, others)) for others in range(players)])
    found = np.empty((players, values.shape[1]))
    for player in range(players):
        without = coalitions[(coalitions >> player) & 1 == 0]
        gained = weight[size[without], None] * (values[without | 1 << player] - values[without])
        # One after the other: a matrix product rounds in an order that depends on the replications beside.
        found[player] = np.cumsum(gained, axis=0)[-1]
    return found


@dataclass(frozen=True)
class Contributions:
    """What each stage adds to the target's figure.

    Attributes
    ----------
    figures : (2**k, n) float64
        The target's figure [min, or share] of each coalition of stages with unlimited staff, bit i = stage i, in each
        replication; inf or -inf if cases cannot be finished.
    stages : (k, n) float64 or None
        Minutes that a stage adds, or share in time that it takes; None if the plan has no finite figure.
    """

    figures: F64
    stages: F64 | None

    @property
    def residual(self) -> float:
        """Largest difference, in any replication, between the contributions' sum and what it should be."""
        if self.stages is None:
            return np.nan
        gained = np.abs(self.figures[0] - self.figures[-1])
        return float(np.abs(np.abs(self.stages.sum(axis=0)) - gained).max())

    def intervals(self, rule: Rule) -> tuple[F64, F64, F64]:
        """Return mean, low and high of the contributions, the rest with unlimited staff, and the whole.

        What never varies has no interval (NaN): it may be constant, or rare. NaN throughout if not defined.
        """
        if self.stages is None:
            nothing = np.full(len(self.figures).bit_length() + 1, np.nan)
            return nothing, nothing, nothing
        rows = np.vstack([self.stages, self.figures[-1], self.figures[0]])
        mean, low, high = mean_intervals(rows.T, rule.boundary)
        constant = low == high
        return mean, np.where(constant, np.nan, low), np.where(constant, np.nan, high)


def contributions_of(target: Target, figures: F64) -> Contributions:
    """Return the contributions of the stages, from the figures of all their coalitions."""
    if not np.isfinite(figures).all():
        return Contributions(figures, None)
    saved = figures[0] - figures if target.statistic == "mean" else figures - figures[0]
    return Contributions(figures, shapley(saved))
