"""How well a family of patience fits waits of which many were cut short: tested, and how far off it is.

A family does not do if both speak against it: a test that knows of the censoring refutes it, so that it is not chance,
and the curve that waits show by themselves is clearly and by more than a stated amount away from it, so that it
matters; a test alone would refuse every family for a large enough log.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import chdtrc

from sim.studies.calibrate.intervals import F64, LARGEST, NORMAL, TAIL
from sim.studies.calibrate.log.steps import Flags
from sim.studies.calibrate.times.durations import MATTERS

REFUTED = 0.01
"""A family is refuted if chance alone is further off with no more than this probability."""
FEWEST_AT_RISK = 30
"""Who still waits, where the curve is held against a family; the curve of fewer is mostly chance."""
MOST_PIECES, PER_PIECE = 10, 20
"""Pieces of time in the test, and who gave up in each at least."""
FEWEST_JUDGED = 2 * PER_PIECE
"""Fewer who gave up say nothing of the form of patience."""
GRID, ROUNDS, CLOSE = 200, 5000, 1e-7
"""Of the curve where some are known only to have gone: its points, rounds to find it, and when it moves no more."""


@dataclass(frozen=True, eq=False)
class Curve:
    """The share that would still wait, as waits show it by themselves.

    Attributes
    ----------
    minutes, remaining : (points,) float64
        From each of these moments on, so large a share.
    low, high : (points,) float64
        Its interval of 95 %, each point for itself; NaN = none is known.
    at_risk, gone : (points,) float64
        Who waited until then, and who gave up then; NaN where some are known only to have gone.
    """

    minutes: F64
    remaining: F64
    low: F64
    high: F64
    at_risk: F64
    gone: F64

    @property
    def firm(self) -> Flags:
        """Where enough still wait to tell."""
        return np.asarray(~(self.at_risk < FEWEST_AT_RISK))


def curve_of(minutes: F64, gave_up: Flags, over: Flags, clock: float = 0.0) -> Curve:
    """Return the curve of waits.

    Parameters
    ----------
    minutes : (n,) float64
    gave_up, over : (n,) bool
        Patience ended then; was over by then. Of all others it was longer.
    clock : float
        Minutes to which the log tells its times, cut off; 0 = more sharply.

    Notes
    -----
    Kaplan and Meier (1958), Greenwood's variance (1926) on the scale of log(-log) (Kalbfleisch and Prentice 1980). By a
    clock of whole minutes who was served in a minute was at risk for half of it (Berkson and Gage 1950), and who was
    served in that in which he came not at all. Where of some it is known only that patience was over: Turnbull's
    self-consistent curve (1974), on a grid, without interval.
    """
    if over.any():
        return _turnbull(minutes, gave_up, over)
    times, gone = np.unique(minutes[gave_up], return_counts=True)
    at_risk = (len(minutes) - np.searchsorted(np.sort(minutes), times, side="left")).astype(np.float64)
    if clock:
        served = np.sort(minutes[~gave_up])
        same = np.searchsorted(served, times, side="right") - np.searchsorted(served, times, side="left")
        at_risk -= np.where(times < clock, same, same / 2)
    remaining: F64 = np.asarray(np.cumprod(1 - gone / at_risk), np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.cumsum(gone / (at_risk * (at_risk - gone)))) / -np.log(remaining)
        low, high = (remaining ** np.exp(sign * NORMAL * error) for sign in (1, -1))
    none = remaining <= 0
    low[none] = high[none] = np.nan
    # All of many gave up at one moment: as many as would do so with so little probability are still possible.
    if none.any() and at_risk[-1] >= FEWEST_AT_RISK:
        low[-1], high[-1] = 0.0, (remaining[-2] if len(remaining) > 1 else 1.0) * (1 - TAIL ** (1 / at_risk[-1]))
    return Curve(times, remaining, low, high, at_risk, gone.astype(np.float64))


def _turnbull(minutes: F64, gave_up: Flags, over: Flags) -> Curve:
    """Return the curve where some are known to have gone by a moment, others at it, and all others to have stayed."""
    ends = np.unique(np.quantile(minutes[gave_up | over], np.linspace(0, 1, GRID + 1), method="higher"))
    cell = np.searchsorted(ends, minutes, side="left")
    # The last cell is all that is longer than any who gave up.
    number = len(ends) + 1
    exact, left = (np.bincount(cell[which], minlength=number).astype(np.float64) for which in (gave_up, over))
    # Who still waited at a moment within a cell may have gone in the rest of it; that is left out.
    right = np.bincount(np.searchsorted(ends, minutes[~(gave_up | over)], side="right"), minlength=number)
    share = np.full(number, 1 / number)
    for _ in range(ROUNDS):
        below, above = np.cumsum(share), np.cumsum(share[::-1])[::-1]
        to_left = np.cumsum((left / np.maximum(below, 1e-300))[::-1])[::-1]
        to_right = np.cumsum(right / np.maximum(above, 1e-300))
        new = (exact + share * (to_left + to_right)) / len(minutes)
        moved, share = np.abs(new - share).max(), new
        if moved < CLOSE:
            break
    unknown = np.full(len(ends), np.nan)
    remaining: F64 = np.asarray(1 - np.cumsum(share)[:-1], np.float64)
    return Curve(ends, remaining, unknown, unknown, unknown, unknown)


@dataclass(frozen=True)
class Judged:
    """How well a family fits waits.

    Attributes
    ----------
    family : str
    chance : float
        Probability of a larger misfit if the family were right; NaN = it cannot be tested, as by a clock of whole
        minutes or where all gave up at one moment.
    distance : float
        Largest between the curve of the waits and the family's, where its interval leaves the family out; 0 = nowhere.
        If it cannot be tested, only what lies beyond the interval counts.
    minutes, seen, fitted : float
        Where that is, and both shares that still wait then; NaN if nowhere.
    """

    family: str
    chance: float
    distance: float = 0.0
    minutes: float = math.nan
    seen: float = math.nan
    fitted: float = math.nan

    @property
    def does(self) -> bool:
        """Whether it is not refuted, or not off by an amount that matters."""
        return self.chance > REFUTED or not self.distance > MATTERS


def judged(
    family: str, minutes: F64, gave_up: Flags, over: Flags, shape: float, scale: float, curve: Curve, clock: float = 0.0
) -> Judged:
    """Judge exponential or Weibull patience that was fitted by maximum likelihood.

    Parameters
    ----------
    family : str
        `exponential`, whose shape was not fitted, or `weibull`.
    minutes, gave_up, over
        As for `curve_of`.
    shape, scale : float
        Scale [min].
    curve : Curve
        Of the same waits.
    clock : float
        Minutes to which the log tells its times, cut off.

    Notes
    -----
    The hazard of the family is multiplied by a factor of its own in each of up to ten pieces of time, in which about
    equally many gave up; the score test of Rao (1948) of all factors being 1, with the observed information, is
    chi-square with one degree of freedom less than there are pieces. It uses who was served as what it is: somebody who
    had at least so much patience. (Of exponential patience this is the test of Hjort 1990 for censored data.)
    """
    chance = math.nan if clock else _chance(minutes, gave_up, over, shape, scale, family == "weibull")
    if not len(curve.minutes):
        return Judged(family, chance)
    # Of moments cut off, a difference of a whole number stands for those half a unit about it.
    fitted = np.exp(-(((curve.minutes + clock / 2) / scale) ** shape))
    off = np.abs(curve.remaining - fitted)
    with np.errstate(invalid="ignore"):
        clearly = curve.firm & ~((curve.low <= fitted) & (fitted <= curve.high))
    if math.isnan(chance):
        off = np.maximum(curve.low - fitted, fitted - curve.high)
    if not clearly.any():
        return Judged(family, chance)
    place = int(np.argmax(np.where(clearly, off, -1.0)))
    return Judged(
        family, chance, float(off[place]), float(curve.minutes[place]), float(curve.remaining[place]),
        float(fitted[place]),
    )  # fmt: skip


def _chance(minutes: F64, gave_up: Flags, over: Flags, shape: float, scale: float, shape_fitted: bool) -> float:
    """Return the probability of a larger misfit under the family; NaN if too few gave up, or too much at once."""
    ends = minutes[gave_up | over]
    pieces = min(len(ends) // PER_PIECE, MOST_PIECES)
    if pieces < 2:
        return math.nan
    cuts = np.unique(np.quantile(ends, np.arange(1, pieces) / pieces, method="lower"))
    cuts = cuts[cuts < minutes.max()]
    edges = np.concatenate([[0.0], cuts, [math.inf]])
    number = len(cuts) + 1
    if number < 2:
        return math.nan

    def grown(at: F64) -> tuple[F64, F64, F64]:
        """Return the cumulated hazard and its first two derivatives by the logarithm of the shape."""
        log = np.log(np.maximum(at, 1e-300) / scale)
        hazard = np.where(at > 0, np.exp(np.minimum(shape * log, LARGEST)), 0.0)
        first = hazard * shape * log
        return hazard, first, first * (1 + shape * log)

    hazards, firsts = np.empty((number, len(minutes))), np.empty((number, len(minutes)))
    for piece, (begin, end) in enumerate(pairwise(edges)):
        (from_, from_first, _), (to, to_first, _) = grown(np.minimum(minutes, begin)), grown(np.minimum(minutes, end))
        hazards[piece], firsts[piece] = to - from_, to_first - from_first
    whole, first, second = grown(minutes)
    odds = 1 / np.expm1(np.clip(whole[over], 1e-300, LARGEST))
    counted = np.where(over, 0.0, 1.0)
    counted[over] = -odds
    bent, straight = np.zeros(len(minutes)), counted
    bent[over] = odds * (1 + odds)
    if not gave_up.any():
        # All that is known is who had gone: then the information that is expected, which is nearer for few.
        bent, straight = 1 / np.expm1(np.clip(whole, 1e-9, LARGEST)), np.zeros(len(minutes))
    # Whose patience ended at a cut belongs to the piece before it, as its hazard does.
    events = np.diff(np.searchsorted(np.sort(minutes[gave_up]), edges[1:], side="right"), prepend=0)
    score = events - hazards @ counted
    information = np.diag(hazards @ straight) + (hazards * bent) @ hazards.T
    if shape_fitted:
        mixed = firsts @ straight + (hazards * bent) @ first
        log = np.log(np.maximum(minutes[gave_up], 1e-300) / scale)
        own = float(second @ straight + bent @ first**2 - shape * log.sum())
        information = np.block([[information, mixed[:, None]], [mixed[None, :], np.array([[own]])]])
        score = np.append(score, 0.0)
    try:
        misfit = float(score @ np.linalg.solve(information, score))
    except np.linalg.LinAlgError:
        return math.nan
    return float(chdtrc(number - 1, max(misfit, 0.0))) if math.isfinite(misfit) else math.nan
