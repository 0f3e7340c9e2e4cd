"""The profile of a day by half-hours: raw shares, and a smooth curve where a log is too thin for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from sim.office.hours import SLOT
from sim.studies.calibrate.intervals import F64, NORMAL
from sim.studies.calibrate.log.steps import I64

PENALTIES = 10.0 ** np.linspace(-2, 7, 37)
"""From a curve that follows each count to one that is a straight line on the log scale."""
ROUNDS = 100
THIN = 100
"""Contacts a half-hour below which smoothing helps: with 20 it halves the error of the index, with 60 it takes a third
off, or a tenth if the profile has corners; with 180 and corners it is of no use."""
BUSIEST, TRICKLE = 8, 0.2
"""More than a trickle: at least a fifth of the mean of the eight busiest half-hours."""
SETTLED = 1e-10
FEWEST_BINS = 3


@dataclass(frozen=True, eq=False)
class Smooth:
    """A smooth curve through counts.

    Attributes
    ----------
    mean : (bins,) float64
        Expected counts.
    covariance : (bins, bins) float64
        Of their logarithms.
    """

    mean: F64
    covariance: F64


def smooth_counts(counts: I64) -> Smooth:
    """Return a smooth curve through Poisson counts in equal bins.

    Parameters
    ----------
    counts : (bins,) int64
        At least 3 bins, with something in at least one of them.

    Raises
    ------
    ValueError
        If there are too few bins or nothing is in them.

    Notes
    -----
    Penalised likelihood with one parameter for each bin and a penalty on the squares of second differences of the
    log means. The curves of all penalties are averaged with Akaike weights, exp(-AIC / 2); against the one curve with
    the least AIC this halves how far the intervals fall short, since they then know that the penalty is a choice.
    The covariance of each curve is (W + penalty D'D)^-1. Where the true profile has corners that a thin log does
    not show, the curve is too smooth and its intervals too narrow: see `HalfHours` for what is then given.
    Source: Whittaker (1923); Eilers and Marx (1996), Flexible smoothing with B-splines and penalties; for the
    average Buckland, Burnham and Augustin (1997), Model selection: an integral part of inference.
    """
    y = np.asarray(counts, np.float64)
    bins = len(y)
    if bins < FEWEST_BINS or y.sum() <= 0:
        enough = f"at least {FEWEST_BINS} bins and a count above 0"
        raise ValueError(f"a smooth curve needs {enough}, not {bins} bins of {y.sum():g}")
    second = np.diff(np.eye(bins), 2, axis=0)
    rough = second.T @ second
    eta = np.full(bins, np.log(y.sum() / bins))
    curves, covariances, criteria = [], [], []
    # From stiff to soft, so that each curve begins at its neighbour.
    for penalty in PENALTIES[::-1]:
        eta = _curve(y, eta, penalty * rough)
        mean = np.exp(eta)
        covariance = np.linalg.inv(np.diag(mean) + penalty * rough)
        deviance = 2 * float((xlogy(y, y / mean) - (y - mean)).sum())
        curves.append(eta)
        covariances.append(covariance)
        # The trace is the effective number of parameters: 2 is a straight line, one a bin the counts themselves.
        criteria.append(deviance + 2 * float((covariance * mean).trace()))
    weight = np.exp(-(np.array(criteria) - min(criteria)) / 2)
    weight /= weight.sum()
    middle = weight @ np.array(curves)
    apart = np.array(curves) - middle
    between = np.einsum("k,ki,kj->ij", weight, apart, apart)
    mean = np.exp(middle)
    return Smooth(
        mean * y.sum() / mean.sum(),
        np.asarray(np.einsum("k,kij->ij", weight, np.array(covariances)) + between),
    )


def _curve(y: F64, eta: F64, penalty: F64) -> F64:
    """Return the log means for a given penalty matrix."""
    for _ in range(ROUNDS):
        mean = np.exp(eta)
        new = np.linalg.solve(np.diag(mean) + penalty, mean * eta + (y - mean))
        # A step of more than 2 overshoots where a count is zero.
        step = np.clip(new - eta, -2, 2)
        eta = eta + step
        if float(np.abs(step).max()) < SETTLED:
            break
    return np.asarray(eta)


@dataclass(frozen=True, eq=False)
class Index:
    """An index with mean 1, and its intervals of 95 %, each for itself; shapes (bins,)."""

    value: F64
    low: F64
    high: F64


def index_of_shares(counts: I64) -> Index:
    """Return the index of multinomial counts: each bin's share, times the number of bins.

    Notes
    -----
    Intervals of shares by Wilson (1927).
    """
    y = np.asarray(counts, np.float64)
    n, bins = y.sum(), len(y)
    share = y / n
    centre = (share + NORMAL**2 / (2 * n)) / (1 + NORMAL**2 / n)
    half = NORMAL / (1 + NORMAL**2 / n) * np.sqrt(share * (1 - share) / n + NORMAL**2 / (4 * n**2))
    return Index(bins * share, bins * np.maximum(centre - half, 0.0), bins * (centre + half))


def index_of_curve(smooth: Smooth) -> Index:
    """Return the index of a smooth curve, with intervals on the log scale by the delta method."""
    share = smooth.mean / smooth.mean.sum()
    gradient = np.eye(len(share)) - share
    error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", gradient, smooth.covariance, gradient), 0.0))
    value = len(share) * share
    return Index(value, value * np.exp(-NORMAL * error), value * np.exp(NORMAL * error))


@dataclass(frozen=True, eq=False)
class HalfHours:
    """The profile of a day in the half-hours in which the office is there for applicants.

    Attributes
    ----------
    counts : (half-hours,) int64
        First contacts on days that were worked.
    raw, smooth : Index
        From the shares themselves, and from the smooth curve.
    thin : bool
        Whether there are so few that the smooth index is the better estimate.
    opens, closes : float
        Beginning of the first and end of the last half-hour of the day with more than a trickle [min since midnight].
    """

    counts: I64
    raw: Index
    smooth: Index
    thin: bool
    opens: float
    closes: float

    @property
    def index(self) -> Index:
        """The index to take.

        Notes
        -----
        Of a thin log it is the smooth one, with the interval of the raw one: that of the curve would hold only if
        the profile were as smooth as the curve.
        """
        if not self.thin:
            return self.raw
        value = self.smooth.value
        return Index(value, np.minimum(self.raw.low, value), np.maximum(self.raw.high, value))


def half_hours_of(all_day: I64, slots: I64) -> HalfHours:
    """Return the profile of a day.

    Parameters
    ----------
    all_day : (48,) int64
        First contacts by half-hour from midnight, on days that were worked.
    slots : (half-hours,) int64
        Those of the profile; next to each other where the office is closed between them.
    """
    counts = np.asarray(all_day[slots], np.int64)
    raw = index_of_shares(counts)
    busy = np.flatnonzero(all_day >= TRICKLE * np.sort(all_day)[-BUSIEST:].mean())
    return HalfHours(
        counts, raw, index_of_curve(smooth_counts(counts)) if len(counts) >= FEWEST_BINS else raw,
        bool(counts.mean() < THIN), float(busy[0] * SLOT), float((busy[-1] + 1) * SLOT),
    )  # fmt: skip
