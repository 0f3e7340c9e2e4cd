"""How long people wait before they give up: those who were served had at least the patience that their wait took."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtri, digamma, gammaln

from sim.office.parameters.fields import MINUTES_A_DAY, MOST_SAMPLED
from sim.studies.calibrate.dependence import Dependent, dependents
from sim.studies.calibrate.intervals import LARGEST, NORMAL, TAIL, UNKNOWN_INTERVAL, Interval, exp_of
from sim.studies.calibrate.log.steps import F64, StepLog
from sim.studies.calibrate.patience.goodness import FEWEST_AT_RISK, FEWEST_JUDGED, Curve, Judged, curve_of, judged
from sim.studies.calibrate.patience.waits import Waits, waits_at
from sim.studies.calibrate.presence.openings import OfficeOpenings
from sim.studies.calibrate.records import PATIENCE, STARTS, Estimate
from sim.studies.calibrate.times.durations import MATTERS

HALL = ("filing", "studio", "key")
"""Steps at which people wait in the hall, with the same patience."""
FEWEST = 5
"""Fewer who gave up say too little of how patience wears on."""
LEAST_SHAPE, MOST_SHAPE = 0.05, 50.0
"""Shapes beyond which nobody's patience wears on in such a way: the waits do not tell it."""
SINGULAR = 1e12
"""Condition of an information that tells nothing of one of its parameters."""
ROUNDING = 1e-13
PATIENCE_OF = {"phone": "phone.profiles[0].patience_", "hall": "filing.hall_patience."}
"""Where the scenario has patience: what the names begin with."""
LADDERS = {"phone": ("exponential", "weibull", "sample"), "hall": ("weibull", "sample")}
"""What is tried, the simplest first."""
OF_SCENARIO = (0.2, 10.0)
"""Shapes that a scenario can have."""
HOW = {
    "exponential": "exponential, ML with censoring", "weibull": "Weibull, ML with censoring",
    "sample": "as in the log (Kaplan-Meier)",
}  # fmt: skip
WITHIN = 1 / 3
"""Mean of a wait that begins and ends in the same minute of the clock, or whatever that tells, as a part of it."""
MOST_HIDDEN = 0.4
"""Share of those who gave up that may have done so within what a clock of more than a minute tells."""
MOST_POINTS = 200
GUESSED = f"{STARTS}: rather longer"
"""Of who was served, whose wait was longer than it looks."""
FEWEST_SAMPLED = 100
"""Fewer who gave up are no sample of patience."""
LATE = 0.9
"""Share of those who gave up who did so before the tail of a sample is looked at."""


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
class Sampled:
    """Patience as the waits show it, in place of a family.

    Attributes
    ----------
    times : (times,) float64
        Equally likely, increasing [min].
    mean : Interval
        [min]
    until : float
        Up to here it is the curve of the waits, beyond it exponential [min].
    beyond : float
        Share that is more patient than that.
    """

    times: F64
    mean: Interval
    until: float
    beyond: float


@dataclass(frozen=True, eq=False)
class PatienceFit:
    """What waits tell of patience.

    Attributes
    ----------
    model : str
        `exponential`, `weibull` or `sample`: the simplest that does.
    waits : Waits
    estimates : tuple of Estimate
        Empty if too few gave up.
    mean, shape : float
        Of the fitted patience [min, 1]; NaN if nothing was fitted.
    minutes, remaining, low, high : (points,) float64
        Kaplan-Meier curve [min, share that would still wait] with its intervals of 95 %, thinned for a chart.
    judged : tuple of Judged
        The families that were tried, from the simplest on.
    sample : Sampled or None
        What is taken in place of a family.
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
    judged: tuple[Judged, ...] = ()
    sample: Sampled | None = None

    @property
    def dependence(self) -> list[Dependent]:
        """How much alike mean and shape of a Weibull err."""
        fit = fit_weibull(self.waits) if self.model == "weibull" and self.estimates else None
        if fit is None:
            return []
        turn = np.array([[-float(digamma(1 + 1 / fit.shape)) / fit.shape, 1.0], [1.0, 0.0]])
        return dependents([each.name for each in self.estimates], np.asarray(turn @ fit.covariance @ turn.T))

    @property
    def changes(self) -> dict[str, object]:
        """What a scenario has besides the estimates, by the end of its name."""
        own = None if self.sample is None else {"file": None, "minutes": self.sample.times.tolist(), "as_it_is": False}
        return {"sample": own} | ({"shape": 1.0} if self.model == "exponential" else {})

    def fitted(self, minutes: F64) -> F64:
        """Return the share that would still wait after so many minutes, by the model."""
        if self.sample is not None:
            return 1 - np.interp(minutes, self.sample.times, np.linspace(0, 1, len(self.sample.times)))
        scale = self.mean / math.gamma(1 + 1 / self.shape)
        return np.asarray(np.exp(-((minutes / scale) ** self.shape)))


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
    minutes = np.where(ends & (waits.minutes == 0), WITHIN * (waits.clock or 1.0), waits.minutes)
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


def kaplan_meier(curve: Curve) -> tuple[F64, F64, F64, F64]:
    """Return minutes, share still waiting, and the ends of its interval of 95 %, at most 200 points."""
    steps = np.flatnonzero(np.diff(curve.remaining, prepend=1.0) < 0)
    if len(steps) > MOST_POINTS:
        steps = steps[np.unique(np.linspace(0, len(steps) - 1, MOST_POINTS).astype(np.int64))]
    return curve.minutes[steps], curve.remaining[steps], curve.low[steps], curve.high[steps]


def sampled_patience(waits: Waits, curve: Curve) -> Sampled | None:
    """Return patience as the waits show it; None if they do not tell enough.

    Notes
    -----
    Quantiles of Kaplan and Meier's curve as long as thirty still wait. Beyond, patience is exponential, by the hazard
    of those who were left when nine in ten of those who gave up had done so, if anybody is. The variance of the mean is
    Greenwood's, of the area under a curve (Kaplan and Meier 1958), with that of the tail's mean on top.
    """
    firm = np.flatnonzero(curve.at_risk >= FEWEST_AT_RISK)
    ends = waits.minutes[waits.gave_up]
    if waits.over.any() or len(ends) < FEWEST_SAMPLED or not len(firm) or not ends.any():
        return None
    late = float(np.quantile(ends, LATE))
    # Where many gave up at that moment, as all do whose line is cut, they are among the late ones.
    after = late if (ends > late).sum() >= FEWEST else float(np.nextafter(late, -1.0))
    of_tail = int((ends > after).sum())
    mean_left = float(np.maximum(waits.minutes - late, 0).sum()) / of_tail
    times, remaining = curve.minutes[firm], curve.remaining[firm]
    until, beyond = float(times[-1]), float(remaining[-1])
    # Between two moments at which somebody gave up, on a straight line, as it is drawn from a sample.
    levels = 1 - (np.arange(MOST_SAMPLED) + 0.5) / MOST_SAMPLED
    # Through the middle of each step, so that the area below stays that of the curve; down those at which many go.
    before = np.append(1.0, remaining[:-1])
    cut, middle = (waits.clock == 0) & (before - remaining > MATTERS), (before + remaining) / 2
    steps = np.column_stack([np.where(cut, before, middle), np.where(cut, remaining, middle)]).ravel()
    knots = np.concatenate([[1.0], steps, [beyond]])
    falling = np.interp(-levels, -knots, np.concatenate([[0.0], np.repeat(times, 2), [until]]))
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = until + mean_left * np.log(beyond / levels)
    made: F64 = np.minimum(np.where(levels >= beyond, falling, tail), MINUTES_A_DAY)
    mean = float(made.mean())
    area = np.append(np.cumsum((remaining[:-1] * np.diff(times))[::-1])[::-1], 0.0) + beyond * mean_left
    at_risk, gone = curve.at_risk[firm], curve.gone[firm]
    # Who gives up late makes the curve lower and the tail shorter, both at once.
    of_one, tells = beyond * mean_left / of_tail, times > after
    pull = area / np.sqrt(at_risk * np.maximum(at_risk - gone, 1)) + np.where(tells, of_one, 0.0)
    variance = float((pull**2 * gone).sum()) + of_one**2 * (of_tail - float(gone[tells].sum()))
    return Sampled(np.round(made, 4), exp_of(math.log(mean), NORMAL * math.sqrt(variance) / mean), until, beyond)


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
        found["phone"] = fit_of("phone", phone, "phone" in log.guessed)
    hall = waits_at(log, HALL, None if openings is None else openings.hall)
    if len(hall.minutes):
        found["hall"] = fit_of("hall", hall, not set(HALL).isdisjoint(log.guessed))
    return found


def fit_of(group: str, waits: Waits, guessed: bool = False) -> PatienceFit:
    """Return what waits on the phone, or in the hall, tell: the simplest that does.

    If starts of service are `guessed`, who was served has waited for longer, nobody knows how much: the simplest,
    without interval.

    Notes
    -----
    On the phone exponential, in the hall Weibull, unless that does not do; then Weibull on the phone, too; then a
    sample. If nothing does, as of waits of which many ended nobody knows when, the last that could be fitted. By a
    clock of more than a minute the first, not judged, to waits as they may have been; nothing if that clock hides of
    too many how long they had waited.
    """
    curve = curve_of(waits.minutes, waits.gave_up, waits.over, waits.clock)
    poorly = waits.clock > 1
    ladder = LADDERS[group][:1] if guessed or poorly else LADDERS[group]
    at_once = np.count_nonzero(waits.minutes[waits.gave_up] == 0)
    hidden = poorly and at_once > MOST_HIDDEN * np.count_nonzero(waits.gave_up)
    waits = waits.sharpened() if poorly else waits
    tried: list[Judged] = []
    model, of_mean, of_shape, sample = ladder[0], UNKNOWN_INTERVAL, UNKNOWN_INTERVAL, None
    few = int(waits.gave_up.sum() + waits.over.sum()) < FEWEST_JUDGED
    for family in ladder:
        if tried and (few or tried[-1].does):
            break
        if family == "sample":
            sample = sampled_patience(waits, curve)
            # Without a family there is no sample either, unless all are known to be gone in the end.
            sample = sample if sample is not None and (tried or not sample.beyond) else None
            if sample is not None:
                model, of_mean, of_shape = family, sample.mean, (1.0, math.nan, math.nan)
            break
        mean, shape = _family(family, waits)
        # Of a shape that no scenario has, or that waits do not tell, what is simpler stays.
        if math.isnan(mean[0]) or not OF_SCENARIO[0] <= shape[0] <= OF_SCENARIO[1]:
            continue
        model, of_mean, of_shape = family, mean, shape
        scale = mean[0] / math.gamma(1 + 1 / shape[0])
        ends = (waits.gave_up | waits.over) & (waits.minutes == 0)
        minutes = np.where(ends, WITHIN * (waits.clock or 1.0), waits.minutes)
        tried.append(judged(family, minutes, waits.gave_up, waits.over, shape[0], scale, curve, waits.clock))
    known = not math.isnan(of_mean[0]) and all(map(math.isfinite, of_mean)) and waits.tells and not hidden
    estimates = _estimates(group, model, waits, of_mean, of_shape, sample) if known else ()
    if poorly or few:
        tried = []
    if guessed:
        estimates = tuple(
            replace(each, low=math.nan, high=math.nan, method=f"{each.method}; {GUESSED}") for each in estimates
        )
        tried = []
    return PatienceFit(
        model, waits, estimates, of_mean[0], of_shape[0], *kaplan_meier(curve), tuple(tried) if known else (), sample
    )


def _family(family: str, waits: Waits) -> tuple[Interval, Interval]:
    """Return mean [min] and shape of a family; NaN if the waits do not tell."""
    if family == "exponential":
        return exponential_patience(waits), (1.0, 1.0, 1.0)
    if int(waits.gave_up.sum() + waits.over.sum()) < FEWEST:
        return UNKNOWN_INTERVAL, UNKNOWN_INTERVAL
    return weibull_patience(waits)


def _estimates(
    group: str, model: str, waits: Waits, of_mean: Interval, of_shape: Interval, sample: Sampled | None
) -> tuple[Estimate, ...]:
    """Return the estimates of patience as the scenario names them."""
    unit, factor = ("s", 60.0) if group == "phone" else ("min", 1.0)
    n, method = len(waits.minutes), _method(model, waits)
    if sample is not None and sample.beyond:
        method += f"; beyond {sample.until:.3g} min, which {sample.beyond:.0%} would wait, exponential"
    value, low, high = (factor * end for end in of_mean)
    mean = Estimate(PATIENCE[group], value, low, high, n, method, unit, factor * _naive(waits))
    shape = Estimate(f"{PATIENCE_OF[group]}shape", *of_shape, n, method)
    return (mean, shape) if model == "weibull" else (mean,)


def _method(model: str, waits: Waits) -> str:
    gone = f", {over:,} had gone when called" if (over := int(waits.over.sum())) else ""
    return f"{HOW[model]}, {int(waits.gave_up.sum()):,} gave up{gone}"


def _naive(waits: Waits) -> float:
    return float(waits.minutes[waits.gave_up].mean()) if waits.gave_up.any() else math.nan
