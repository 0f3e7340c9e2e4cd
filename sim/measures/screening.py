"""Which of several plans is the best: plans that are clearly behind drop out while the others are simulated on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measures.comparing import check_figures
from sim.measures.judge import margin_of
from sim.office.blocks import Target

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Screening:
    """How far the screening of plans has come.

    Attributes
    ----------
    surviving : tuple of int
        Plans that have not dropped out, rising.
    best : int
        Of these, the one with the best mean so far; of several alike, the first.
    final : bool
        Whether `best` is the selection: no further replication is asked for.
    eliminated_at : dict of int to int
        Replication after which each plan that has dropped out did so.
    eliminated_by : dict of int to int
        The best of the plans that it fell behind by too much at that time.
    replications : int
        Of each surviving plan, looked at so far; 0 if there is but one plan and nothing to choose.
    """

    surviving: tuple[int, ...]
    best: int
    final: bool
    eliminated_at: dict[int, int]
    eliminated_by: dict[int, int]
    replications: int


def screen(
    target: Target,
    statistics: Sequence[F64],
    error: float = 0.05,
    first_stage: int = 20,
    margin: float | None = None,
) -> Screening:
    """Return which plans are left, and whether the best has been found.

    Parameters
    ----------
    target : Target
        Of a mean, less is better; of a share or a percentile, more is.
    statistics : sequence of (n_i,) float64
        For each plan the figure of each replication: the year's mean [min] or share. Replication r of every
        plan has the same random numbers (common random numbers). inf = somebody never got the licence. A plan that
        has dropped out needs no further replications; what it has beyond that point is not looked at.
    error : float
        Probability of not selecting the best plan, if it is better than every other by `margin` or more.
    first_stage : int
        Replications from which the variances are estimated, and before which nothing drops out; fixed
        beforehand.
    margin : float, optional
        The smallest difference that matters [min, or share]; that of the target if not given.

    Raises
    ------
    ValueError
        If there is no plan, a replication has no figure (NaN), or a number is out of range.

    Notes
    -----
    Procedure KN of Kim and Nelson (2001), "A fully sequential procedure for indifference-zone selection in
    simulation", ACM Transactions on Modeling and Computer Simulation 11(3), 251-273, with c = 1. With k
    plans, first stage n0 and margin d,

        eta = ((2 error / (k - 1))^(-2 / (n0 - 1)) - 1) / 2,    h2 = 2 eta (n0 - 1),

    S2_il is the variance (divisor n0 - 1) of the first n0 differences of plans i and l, and from n0 on,
    looking after every replication r, plan i drops out if its mean is worse than that of some plan l still in
    by more than

        W_il(r) = max(0, d / (2r) (h2 S2_il / d^2 - r)).

    It stops when one plan is left, or at the first r above h2 S2_il / d^2 for all that are left: W is zero
    then, so only plans with exactly the same mean can be left. The guarantee is for normal figures, which may
    be correlated between plans; if several plans are within `margin` of the best, it is one of these that is
    selected, with about the same probability. Plans that differ in rare years only may show no variance in
    the first stage, and then any difference decides: take a longer first stage for such.

    An infinite mean is worse than any finite one. If all that are left have one, nothing can tell them apart.
    """
    margin = margin_of(target) if margin is None else margin
    _check(statistics, error, first_stage, margin)
    everybody = tuple(range(len(statistics)))
    if len(everybody) == 1:
        return Screening(everybody, 0, True, {}, {}, 0)
    lengths = np.array([len(figures) for figures in statistics])
    shortest = int(lengths.min())
    losses = _losses(target, statistics, int(lengths.max()))
    totals = np.cumsum(losses, axis=1)
    if shortest < first_stage:
        return Screening(everybody, _best(totals, everybody, shortest), False, {}, {}, shortest)

    behind_at, needed = _pairs(losses, totals, error, first_stage, margin)
    infinite_at = np.where(np.isinf(losses).any(axis=1), np.isinf(losses).argmax(axis=1) + 1, np.inf)
    alive = list(everybody)
    looks = first_stage
    eliminated_at: dict[int, int] = {}
    eliminated_by: dict[int, int] = {}
    while True:
        among = np.ix_(alive, alive)
        simulated = int(lengths[alive].min())
        # No use going on once W is zero for all that are left, or all of them are infinite.
        end = max(looks, min(needed[among].max(), infinite_at[alive].max()))
        at = behind_at[among].min()
        if at > min(simulated, end):
            break
        looks = int(at)
        # Whoever drops out at this look still counts against the others at this look.
        for i in (i for i in alive if behind_at[i, alive].min() == at):
            eliminated_at[i] = looks
            eliminated_by[i] = _best(totals, [j for j in alive if behind_at[i, j] == at], looks)
        alive = [i for i in alive if i not in eliminated_at]
    if len(alive) > 1:
        looks = int(min(simulated, end))
    final = bool(len(alive) == 1 or looks == end)
    return Screening(tuple(alive), _best(totals, alive, looks), final, eliminated_at, eliminated_by, looks)


def _check(statistics: Sequence[F64], error: float, first_stage: int, margin: float) -> None:
    if not statistics:
        raise ValueError("there is no plan to screen")
    check_figures(statistics)
    if not 0 < error < 0.5:
        raise ValueError(f"error must be above 0 and below 0.5, not {error}")
    if first_stage < 2:
        raise ValueError(f"first_stage must be at least 2, not {first_stage}")
    if not 0 < margin < np.inf:
        raise ValueError(f"margin must be finite and above 0, not {margin}")


def _losses(target: Target, statistics: Sequence[F64], longest: int) -> F64:
    """Return the figures, less being better, (plans, longest); NaN where nothing was simulated."""
    sign = 1.0 if target.statistic == "mean" else -1.0
    losses = np.full((len(statistics), longest), np.nan)
    for row, figures in zip(losses, statistics, strict=True):
        row[: len(figures)] = sign * figures
    return losses


def _best(totals: F64, plans: Sequence[int], replications: int) -> int:
    """Return the plan with the least total, of several alike the first."""
    if replications == 0:
        return plans[0]
    return plans[int(np.argmin(totals[list(plans), replications - 1]))]


def _pairs(losses: F64, totals: F64, error: float, first_stage: int, margin: float) -> tuple[F64, F64]:
    """Return when plan i would drop out because of plan l, and when W is used up, both (plans, plans).

    In replications, inf = never. Differences are taken of totals that each plan has once: of plans as good as
    equal, rounding cannot make each worse than another, so the best never drops out.
    """
    k, longest = totals.shape
    eta = ((2 * error / (k - 1)) ** (-2 / (first_stage - 1)) - 1) / 2
    h2 = 2 * eta * (first_stage - 1)
    first = losses[:, :first_stage]
    looks = np.arange(first_stage, longest + 1)
    behind_at, needed = np.full((k, k), np.inf), np.zeros((k, k))
    for i in range(k):
        with np.errstate(invalid="ignore"):  # inf less inf: not comparable, and so never behind
            variance = np.var(first[i] - first, axis=1, ddof=1)
            ahead = totals[i] - totals
        # A plan that is infinite in the first stage is out at its end, whatever the width.
        variance[~np.isfinite(variance)] = 0.0
        needed[i] = np.floor(h2 * variance / margin**2) + 1
        width = np.maximum(0.0, (h2 * variance[:, None] / margin - margin * looks) / 2)
        behind = ahead[:, first_stage - 1 :] > width
        behind_at[i] = np.where(behind.any(axis=1), first_stage + behind.argmax(axis=1), np.inf)
    return behind_at, needed
