"""How long people wait before they give up: those who were served had at least the patience that their wait took."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, digamma, gammaln
from scipy.stats import CensoredData, ecdf

from sim.studies.calibrate.fits.intervals import CONFIDENCE, LARGEST, NORMAL, TAIL, UNKNOWN_INTERVAL, Interval
from sim.studies.calibrate.fits.openings import OfficeOpenings, Openings
from sim.studies.calibrate.logs.log import F64, GAVE_UP, Flags, StepLog
from sim.studies.calibrate.records import PATIENCE, Estimate

HALL = ("filing", "studio", "key")
"""Steps at which people wait in the hall, with the same patience."""
FEWEST = 5
"""Fewer who gave up say too little of how patience wears on."""
MOST_UNTOLD = 0.05
"""Share of those who gave up of whom it may be unknown when."""
LEAST_SHAPE, MOST_SHAPE = 0.05, 50.0
"""Shapes beyond which nobody's patience wears on in such a way: the waits do not tell it."""
SINGULAR = 1e12
"""Condition of an information that tells nothing of one of its parameters."""
ROUNDING = 1e-13
FEWEST_MOMENTS = 100
"""Moments that are all at full minutes by chance as little as not at all."""
WITHIN_A_MINUTE = 1 / 3
"""Mean of a wait [min] that begins and ends in the same minute of the clock."""
MOST_POINTS = 200


@dataclass(frozen=True, eq=False)
class Waits:
    """Waits that tell of patience, and those that had to be left out.

    Attributes
    ----------
    minutes : (n,) float64
        Until somebody was served, gave up, or was sent home at closing.
    gave_up : (n,) bool
        Patience is known; of the others it is known to be longer, unless it was `over`.
    over : (n,) bool
        Whoever was called and had gone: patience was over by then, nobody knows since when.
    sent_home : int
        Of the others, those who still waited at closing: what they waited afterwards does not count.
    closed : int
        Left out: they came while closed, or in hours that are not known.
    turned_away : int
        Left out: they gave up the moment they came, as where no waiting place is left.
    untold, untold_gave_up : int
        Left out: beginning or end of the wait is missing, or the end is the earlier one; those of them who gave up.
    """

    minutes: F64
    gave_up: Flags
    over: Flags
    sent_home: int = 0
    closed: int = 0
    turned_away: int = 0
    untold: int = 0
    untold_gave_up: int = 0

    @property
    def tells(self) -> bool:
        """Whether enough is known of when people gave up: to leave out many of them would make patience long."""
        known = int(self.gave_up.sum()) + int(self.over.sum())
        return self.untold_gave_up <= MOST_UNTOLD * (known + self.untold_gave_up)


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
    rows = log.at(*steps)
    queued, gave_up = log.queued[rows], log.outcome[rows] == GAVE_UP
    until = np.where(gave_up & np.isfinite(log.ended[rows]), log.ended[rows], log.started[rows])
    over = gave_up & ~np.isfinite(log.ended[rows])
    told = np.isfinite(queued) & np.isfinite(until) & (until >= queued)
    inside, home = told, np.zeros(len(queued), np.bool_)
    if hours is not None:
        closing = hours.closing_after(queued)
        inside = told & np.isfinite(closing)
        home = inside & (until > closing)
        until = np.where(home, closing, until)
    # Where the clock tells minutes only, who gave up in the minute in which he came was not turned away.
    coarse = whole_minutes(np.concatenate([queued, until]))
    turned_away = inside & gave_up & (until <= queued) & (not coarse)
    used = inside & ~turned_away
    return Waits(
        minutes=(until - queued)[used],
        gave_up=(gave_up & ~over & ~home)[used],
        over=(over & ~home)[used],
        sent_home=int(home.sum()),
        closed=int((told & ~inside).sum()),
        turned_away=int(turned_away.sum()),
        untold=int((~told).sum()),
        untold_gave_up=int((gave_up & ~told).sum()),
    )


@dataclass(frozen=True, eq=False)
class WeibullFit:
    """Weibull patience.

    Attributes
    ----------
    shape, log_scale : float
        The scale in minutes.
    covariance : (2, 2) float64
        Of the logarithms of shape and scale.
    """

    shape: float
    log_scale: float
    covariance: F64


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


def whole_minutes(moments: F64) -> bool:
    """Say whether moments [min] are told in whole minutes."""
    known = moments[np.isfinite(moments)]
    return bool(len(known) >= FEWEST_MOMENTS and (known == np.rint(known)).all())


def exponential_patience(waits: Waits) -> Interval:
    """Return the mean of exponential patience [min] with its interval of 95 %; NaN if nobody gave up.

    Notes
    -----
    Of calls it is known when they end: who is gone as he is answered has just hung up. Maximum likelihood with right
    censoring: all that was waited over the number who gave up (Bartholomew 1957). That number is nearly Poisson given
    the time waited, so twice the time over the mean is taken as chi-square with 2 d + 1 degrees of freedom (Cox 1953),
    the middle between 2 d and 2 d + 2 of the exact interval's two ends.
    """
    events, total = int((waits.gave_up | waits.over).sum()), float(waits.minutes.sum())
    if events == 0:
        return UNKNOWN_INTERVAL
    low, high = (2 * total / float(chdtri(2 * events + 1, tail)) for tail in (TAIL, 1 - TAIL))
    return total / events, low, high


def fit_weibull(waits: Waits) -> WeibullFit | None:
    """Return Weibull patience by maximum likelihood with censoring on both sides; None if the waits do not tell.

    Notes
    -----
    With u = shape log wait - level the likelihood of an observation is a function of u alone, but for the density of
    who gave up at a moment that is known: log shape + u - exp(u); patience that is longer than the wait (Cohen 1965)
    has -exp(u), patience that was over by the end of the wait log(1 - exp(-exp(u))) (current status; Turnbull 1976).
    All three are concave in u, so the whole is in shape and level: Newton, its steps halved until they lead upwards,
    comes to the only maximum. The scale is exp(level / shape). To be served at once tells nothing.
    """
    ends = waits.gave_up | waits.over
    minutes = np.where(ends & (waits.minutes == 0), WITHIN_A_MINUTE, waits.minutes)
    above = minutes > 0
    logs, known, over = np.log(minutes[above]), waits.gave_up[above], waits.over[above]
    events = int(known.sum())
    pair = np.vstack([logs, -np.ones(len(logs))])

    def likelihood(at: F64) -> float:
        if at[0] <= 0:
            return -math.inf
        u = at @ pair
        z = np.exp(np.minimum(u, LARGEST))
        of_over = np.log(-np.expm1(-z[over])).sum()
        return float(events * math.log(at[0]) + u[known].sum() - z[~over].sum() + of_over)

    at = np.array([1.0, math.log(float(np.exp(logs).sum()) / max(events + int(over.sum()), 1))])
    reached = likelihood(at)
    for _ in range(100):
        z = np.exp(np.minimum(at @ pair, LARGEST))
        first: F64 = known - z
        second: F64 = -z
        bent = z[over]
        odds = 1 / np.expm1(np.minimum(bent, LARGEST))
        first[over], second[over] = bent * odds, bent * odds * (1 - bent * (1 + odds))
        slope = pair @ first + np.array([events / at[0], 0.0])
        information = -(second * pair) @ pair.T + np.diag([events / at[0] ** 2, 0.0])
        if not np.isfinite(information).all() or np.linalg.cond(information) > SINGULAR:
            return None
        step = np.linalg.solve(information, slope)
        while (new := likelihood(at + step)) < reached - abs(reached) * ROUNDING:
            step = step / 2
        at, reached = at + step, new
        if not LEAST_SHAPE < at[0] < MOST_SHAPE:
            return None
        if np.abs(step).max() < 1e-9:
            shape, level = map(float, at)
            turn = np.array([[1 / shape, 0.0], [-level / shape**2, 1 / shape]])
            return WeibullFit(shape, level / shape, np.asarray(turn @ np.linalg.inv(information) @ turn.T))
    return None


def weibull_patience(waits: Waits) -> tuple[Interval, Interval]:
    """Return mean [min] and shape of Weibull patience, each with its interval of 95 %; NaN if the waits do not tell.

    Notes
    -----
    By the observed information of the logarithms of shape and scale; that of the logarithm of the mean by the delta
    method: log mean = log scale + log gamma(1 + 1/shape).
    """
    fit = fit_weibull(waits)
    if fit is None:
        return UNKNOWN_INTERVAL, UNKNOWN_INTERVAL
    slope = np.array([-float(digamma(1 + 1 / fit.shape)) / fit.shape, 1.0])
    mean = math.exp(fit.log_scale + float(gammaln(1 + 1 / fit.shape)))
    reach = math.exp(NORMAL * math.sqrt(float(slope @ fit.covariance @ slope)))
    of_shape = math.exp(NORMAL * math.sqrt(fit.covariance[0, 0]))
    return (mean, mean / reach, mean * reach), (fit.shape, fit.shape / of_shape, fit.shape * of_shape)


def kaplan_meier(waits: Waits) -> tuple[F64, F64, F64, F64]:
    """Return minutes, share still waiting, and the ends of its interval of 95 %, at most 200 points.

    Notes
    -----
    Kaplan and Meier (1958), Greenwood's variance (1926) on the scale of log(-log) (Kalbfleisch and Prentice 1980).
    There is none where of some it is known only that their patience was over.
    """
    if not waits.gave_up.any() or waits.over.any():
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
    if n := len(phone.minutes):
        mean, low, high = exponential_patience(phone)
        method, naive = _method("exponential", phone), 60 * _naive(phone)
        estimate = Estimate(PATIENCE["phone"], 60 * mean, 60 * low, 60 * high, n, method, "s", naive)
        known = (estimate,) if estimate.known and phone.tells else ()
        found["phone"] = PatienceFit("exponential", phone, known, mean, 1.0, *kaplan_meier(phone))
    hall = waits_at(log, HALL, None if openings is None else openings.hall)
    if n := len(hall.minutes):
        of_mean = of_shape = UNKNOWN_INTERVAL
        if int(hall.gave_up.sum() + hall.over.sum()) >= FEWEST and hall.tells:
            of_mean, of_shape = weibull_patience(hall)
        estimates: tuple[Estimate, ...] = ()
        if not math.isnan(of_mean[0]):
            method = _method("Weibull", hall)
            estimates = (
                Estimate(PATIENCE["hall"], *of_mean, n, method, "min", _naive(hall)),
                Estimate("filing.hall_patience.shape", *of_shape, n, method),
            )
        found["hall"] = PatienceFit("weibull", hall, estimates, of_mean[0], of_shape[0], *kaplan_meier(hall))
    return found


def _method(model: str, waits: Waits) -> str:
    gone = f", {over:,} had gone when called" if (over := int(waits.over.sum())) else ""
    return f"{model}, ML with censoring, {int(waits.gave_up.sum()):,} gave up{gone}"


def _naive(waits: Waits) -> float:
    return float(waits.minutes[waits.gave_up].mean()) if waits.gave_up.any() else math.nan
