"""How long people wait before they give up: those who were served had at least the patience that their wait took."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, digamma, gammaln, ndtri
from scipy.stats import CensoredData, ecdf

from sim.evidence.fits.estimates import CONFIDENCE, Estimate
from sim.evidence.fits.openings import OfficeOpenings, Openings
from sim.evidence.logs.log import GAVE_UP, STEPS, Flags, StepLog

F64 = NDArray[np.float64]

HALL = ("filing", "studio", "key")
"""Steps at which people wait in the hall, with the same patience."""
FEWEST = 5
"""Fewer who gave up say too little of how patience wears on."""
MOST_POINTS = 200
TAIL = (1 - CONFIDENCE) / 2
NORMAL = -float(ndtri(TAIL))


@dataclass(frozen=True, eq=False)
class Waits:
    """Waits that tell of patience, and those that had to be left out.

    Attributes
    ----------
    minutes : (n,) float64
        Until somebody was served, gave up, or was sent home at closing.
    gave_up : (n,) bool
        Patience is known; of the others it is known to be longer.
    sent_home : int
        Of the others, those who still waited at closing: what they waited afterwards does not count.
    closed : int
        Left out: they came while closed, or in hours that are not known.
    turned_away : int
        Left out: they gave up the moment they came, as where no waiting place is left.
    untold : int
        Left out: beginning or end of the wait is missing, or the end is the earlier one.
    """

    minutes: F64
    gave_up: Flags
    sent_home: int = 0
    closed: int = 0
    turned_away: int = 0
    untold: int = 0


def waits_at(log: StepLog, steps: tuple[str, ...], hours: Openings | None) -> Waits:
    """Return the waits at some steps.

    Parameters
    ----------
    log : StepLog
    steps : tuple of str
    hours : Openings or None
        When they are open; None = it is not known, and nothing is left out or cut off for it.

    Notes
    -----
    A wait that runs over a closing is cut off there, as one whose end was not seen: the closing is not chosen by who
    waits, so that takes no side, while to leave such waits out would lose the longest.
    """
    rows = np.isin(log.step, [STEPS.index(step) for step in steps])
    queued, gave_up = log.queued[rows], log.outcome[rows] == GAVE_UP
    until = np.where(gave_up, log.ended[rows], log.started[rows])
    told = np.isfinite(queued) & np.isfinite(until) & (until >= queued)
    inside, home = told, np.zeros(len(queued), np.bool_)
    if hours is not None:
        closing = hours.closing_after(queued)
        inside = told & np.isfinite(closing)
        home = inside & (until > closing)
        until = np.where(home, closing, until)
    turned_away = inside & gave_up & (until <= queued)
    used = inside & ~turned_away
    return Waits(
        minutes=(until - queued)[used],
        gave_up=(gave_up & ~home)[used],
        sent_home=int(home.sum()),
        closed=int((told & ~inside).sum()),
        turned_away=int(turned_away.sum()),
        untold=int((~told).sum()),
    )


@dataclass(frozen=True, eq=False)
class PatienceFit:
    """What waits tell of patience.

    Attributes
    ----------
    model : str
        `exponential` or `weibull`.
    waits : Waits
    estimates : tuple of Estimate
        Empty if too few gave up.
    mean, shape : float
        Of the fitted patience [min, 1]; NaN if nothing was fitted.
    minutes, remaining, low, high : (points,) float64
        Kaplan-Meier curve [min, share that would still wait] with its intervals of 95 %, thinned for a chart.
    """

    model: str
    waits: Waits
    estimates: tuple[Estimate, ...]
    mean: float
    shape: float
    minutes: F64
    remaining: F64
    low: F64
    high: F64

    def fitted(self, minutes: F64) -> F64:
        """Return the share that would still wait after so many minutes, by the model."""
        scale = self.mean / math.gamma(1 + 1 / self.shape)
        return np.asarray(np.exp(-((minutes / scale) ** self.shape)))


def exponential_patience(waits: Waits) -> tuple[float, float, float]:
    """Return the mean of exponential patience [min] with its interval of 95 %; NaN if nobody gave up.

    Notes
    -----
    Maximum likelihood with right censoring: all that was waited over the number who gave up (Bartholomew 1957). That
    number is nearly Poisson given the time waited, so twice the time over the mean is taken as chi-square with
    2 d + 1 degrees of freedom (Cox 1953), the middle between 2 d and 2 d + 2 of the exact interval's two ends.
    """
    events, total = int(waits.gave_up.sum()), float(waits.minutes.sum())
    if events == 0:
        return math.nan, math.nan, math.nan
    low, high = (2 * total / float(chdtri(2 * events + 1, tail)) for tail in (TAIL, 1 - TAIL))
    return total / events, low, high


def weibull_log_likelihood(waits: Waits, shape: float, log_scale: float | None = None) -> float:
    """Return the log-likelihood of Weibull patience with right censoring; the best scale if none is given."""
    logs, gave_up = _logs(waits)
    if log_scale is None:
        log_scale = _log_scale(logs, gave_up, shape)
    z = shape * (logs - log_scale)
    events = int(gave_up.sum())
    return events * math.log(shape) + float((z - logs)[gave_up].sum()) - float(np.exp(z).sum())


def fit_weibull(waits: Waits) -> tuple[float, float]:
    """Return shape and logarithm of the scale [min] of Weibull patience, by maximum likelihood with right censoring.

    Notes
    -----
    The scale is profiled out; the score in the shape falls as the shape grows, so Newton on its logarithm, held to
    steps of 1, comes to the only root. Waits of 0 tell nothing and are left out. Source: Cohen (1965).
    """
    logs, gave_up = _logs(waits)
    largest = float(logs.max())
    below, mean_below = logs - largest, float((logs - largest)[gave_up].mean())
    shape = 1.0
    for _ in range(100):
        power = np.exp(shape * below)
        total = float(power.sum())
        centre = float(power @ below) / total
        spread = float(power @ below**2) / total - centre**2
        step = (1 / shape + mean_below - centre) / (1 / shape + shape * spread)
        shape *= math.exp(min(max(step, -1.0), 1.0))
        if abs(step) < 1e-11:
            break
    return shape, _log_scale(logs, gave_up, shape)


def weibull_patience(waits: Waits) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return mean [min] and shape of Weibull patience, each with its interval of 95 %.

    Notes
    -----
    By the observed information of the logarithms of scale and shape; that of the logarithm of the mean by the delta
    method: log mean = log scale + log gamma(1 + 1/shape).
    """
    shape, log_scale = fit_weibull(waits)
    logs, gave_up = _logs(waits)
    z = shape * (logs - log_scale)
    weight = np.exp(z)
    events = int(gave_up.sum())
    # Second derivatives at the maximum, where the weights sum to the number who gave up.
    information = np.array([[shape**2 * events, 0.0], [0.0, 0.0]])
    information[0, 1] = information[1, 0] = -shape * float(weight @ z)
    information[1, 1] = events + float(weight @ z**2)
    covariance = np.linalg.inv(information)
    slope = np.array([1.0, -float(digamma(1 + 1 / shape)) / shape])
    mean = math.exp(log_scale + float(gammaln(1 + 1 / shape)))
    reach = math.exp(NORMAL * math.sqrt(float(slope @ covariance @ slope)))
    of_shape = math.exp(NORMAL * math.sqrt(covariance[1, 1]))
    return (mean, mean / reach, mean * reach), (shape, shape / of_shape, shape * of_shape)


def kaplan_meier(waits: Waits) -> tuple[F64, F64, F64, F64]:
    """Return minutes, share still waiting, and the ends of its interval of 95 %, at most 200 points.

    Notes
    -----
    Kaplan and Meier (1958), Greenwood's variance (1926) on the scale of log(-log) (Kalbfleisch and Prentice 1980).
    """
    if not waits.gave_up.any():
        return (np.empty(0),) * 4
    survival = ecdf(CensoredData(uncensored=waits.minutes[waits.gave_up], right=waits.minutes[~waits.gave_up])).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # At shares of 1 and 0 there is no interval, of which it warns.
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = survival.confidence_interval(CONFIDENCE, method="log-log")
    steps = np.flatnonzero(np.diff(survival.probabilities, prepend=1.0) < 0)
    steps = steps[np.unique(np.linspace(0, len(steps) - 1, MOST_POINTS).astype(np.int64))]
    return (
        survival.quantiles[steps], survival.probabilities[steps],
        interval.low.probabilities[steps], interval.high.probabilities[steps],
    )  # fmt: skip


def patience_fits(log: StepLog, openings: OfficeOpenings | None) -> dict[str, PatienceFit]:
    """Return what a log tells of patience on the phone and in the hall.

    Parameters
    ----------
    log : StepLog
    openings : OfficeOpenings or None

    Returns
    -------
    dict of str to PatienceFit
        `phone` and `hall`, those for which there are waits.
    """
    found = {}
    phone = waits_at(log, ("phone",), None if openings is None else openings.phone)
    if len(phone.minutes):
        mean, low, high = exponential_patience(phone)
        name, method = "phone.profiles[0].patience_seconds", _method("exponential", phone)
        naive = 60 * _naive(phone)
        estimate = Estimate(name, 60 * mean, 60 * low, 60 * high, len(phone.minutes), method, "s", naive)
        found["phone"] = PatienceFit(
            "exponential", phone, (estimate,) if estimate.known else (), mean, 1.0, *kaplan_meier(phone)
        )
    hall = waits_at(log, HALL, None if openings is None else openings.hall)
    if len(hall.minutes):
        estimates: tuple[Estimate, ...] = ()
        mean = shape = math.nan
        if int(hall.gave_up.sum()) >= FEWEST:
            of_mean, of_shape = weibull_patience(hall)
            (mean, *_), (shape, *_) = of_mean, of_shape
            path, n, method = "filing.hall_patience.", len(hall.minutes), _method("Weibull", hall)
            estimates = (
                Estimate(f"{path}mean_minutes", *of_mean, n, method, "min", _naive(hall)),
                Estimate(f"{path}shape", *of_shape, n, method),
            )
        found["hall"] = PatienceFit("weibull", hall, estimates, mean, shape, *kaplan_meier(hall))
    return found


def patience_estimates(log: StepLog, openings: OfficeOpenings | None) -> list[Estimate]:
    """Return the estimates of `patience_fits`; `naive` is the mean wait of those who gave up."""
    return [estimate for fit in patience_fits(log, openings).values() for estimate in fit.estimates]


def _method(model: str, waits: Waits) -> str:
    return f"{model}, ML with censoring, {int(waits.gave_up.sum()):,} gave up"


def _naive(waits: Waits) -> float:
    return float(waits.minutes[waits.gave_up].mean()) if waits.gave_up.any() else math.nan


def _logs(waits: Waits) -> tuple[F64, Flags]:
    """Return the logarithms of the waits above 0, and which of them ended by giving up."""
    above = waits.minutes > 0
    return np.log(waits.minutes[above]), waits.gave_up[above]


def _log_scale(logs: F64, gave_up: Flags, shape: float) -> float:
    """Return the logarithm of the best Weibull scale for a shape."""
    largest = float(logs.max())
    return largest + math.log(float(np.exp(shape * (logs - largest)).sum()) / int(gave_up.sum())) / shape
