"""How long things take, from a log: distributions fitted and compared, means and coefficients of variation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtri, digamma, gammainc, gammaincinv, gammaln, ndtr, ndtri, polygamma

from sim.studies.calibrate.intervals import F64, LARGEST, TAIL, UNKNOWN_INTERVAL, Interval, exp_of, median, student
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.times.clocks import clock_of
from sim.studies.calibrate.times.truncated import criterion, truncated_lognormal

FEWEST = 5
"""Durations below this number say too little for an interval."""
NO_SUPPORT = 10.0
"""A model this much of AIC behind the best has essentially no support (Burnham and Anderson 2002)."""
HIDDEN = 0.001
"""A share of longer times that the end of a log may hide."""
MATTERS = 0.02
"""Distance between two distribution functions from which on it matters."""
SAMPLE = "sample"
"""In place of a family: the times as they were seen."""
MOST_POINTS = 200
OF_SCENARIO = (0.01, 5.0)
"""Coefficients of variation that a scenario can have."""
NEAREST = "the nearest variation that a scenario can have"
"""End of the method of one that is none of these."""
OF_NONE = ("some take no time", "the clock of the log is coarse")
"""Why some times are 0: by a clock that tells them, and by one that does not."""
MEAN_AND_CV = (".mean_minutes", ".cv")
"""Ends of the names of two parameters."""


@dataclass(frozen=True)
class Family:
    """A distribution fitted by maximum likelihood.

    Attributes
    ----------
    name : str
        `lognormal`, `gamma` or `weibull`.
    first, second : float
        Mean and standard deviation of the logarithm; or shape and scale [min].
    log_likelihood : float
    distance : float
        Kolmogorov's distance to the empirical distribution.
    """

    name: str
    first: float
    second: float
    log_likelihood: float
    distance: float

    @property
    def aic(self) -> float:
        """Akaike's information criterion; less is better."""
        return 4 - 2 * self.log_likelihood

    def quantiles(self, probabilities: F64) -> F64:
        """Return the minutes below which these shares of the durations are."""
        if self.name == "lognormal":
            return np.asarray(np.exp(self.first + self.second * ndtri(probabilities)))
        if self.name == "gamma":
            return np.asarray(self.second * gammaincinv(self.first, probabilities))
        return np.asarray(self.second * (-np.log1p(-probabilities)) ** (1 / self.first))


@dataclass(frozen=True, eq=False)
class DurationFit:
    """What was fitted to durations, and what shows how well.

    Attributes
    ----------
    n : int
    mean, cv : float
        Of the durations themselves [min, 1].
    families : tuple of Family
        The best by AIC first; empty if the durations are too few, or vary by less than a scenario can have, as those of
        a machine do.
    empirical : bool
        Even the best is further from the durations than chance explains.
    probabilities, observed : (points,) float64
        At most 200 quantiles of the durations [min], for a Q-Q chart against `Family.quantiles(probabilities)`.
    """

    n: int
    mean: float
    cv: float
    families: tuple[Family, ...]
    empirical: bool
    probabilities: F64
    observed: F64

    def behind(self, name: str) -> float:
        """Return how far a family's AIC is behind the best one's."""
        return {family.name: family.aic for family in self.families}[name] - self.families[0].aic


def fit_durations(minutes: F64, clock: float | None = None) -> DurationFit:
    """Fit lognormal, gamma and Weibull by maximum likelihood and compare them by AIC.

    Parameters
    ----------
    minutes : (n,) float64
        Only those that are finite and above 0 are looked at.
    clock : float or None
        Minutes to which beginning and end are told, cut off; 0 = more sharply; None = as the durations themselves show.

    Notes
    -----
    AIC of Akaike (1974); all three have two parameters. The empirical distribution is preferred to the best one if
    their Kolmogorov distance is beyond both 1.5/sqrt(n) and 0.02: the first is well above the 5 % point of Lilliefors'
    test (1967; 0.9/sqrt(n) for a fitted normal), the second keeps a million rows from refusing a good model.
    """
    minutes = minutes[np.isfinite(minutes) & (minutes > 0)]
    n = len(minutes)
    ordered, told = np.sort(minutes), clock_of(minutes) if clock is None else clock
    mean = float(ordered.mean()) if n else math.nan
    cv = float(ordered.std(ddof=1)) / mean if n > 1 else math.nan
    points = min(n, MOST_POINTS)
    probabilities = (np.arange(points) + 0.5) / max(points, 1)
    observed = np.quantile(ordered, probabilities, method="hazen") if n else np.empty(0)
    families: list[Family] = []
    if n >= FEWEST and cv >= OF_SCENARIO[0]:
        families = [fit(ordered, np.log(ordered), told) for fit in (_lognormal, _gamma, _weibull)]
        families.sort(key=lambda family: family.aic)
    far = bool(families) and families[0].distance > far_from(n)
    return DurationFit(n, mean, cv, tuple(families), far, probabilities, observed)


def far_from(n: int) -> float:
    """Return the Kolmogorov distance from which on a family does not do for so many durations."""
    return max(1.5 / math.sqrt(n), MATTERS)


def _distance(minutes: F64, clock: float, cdf: Callable[[F64], F64]) -> float:
    """Return Kolmogorov's distance of a fitted distribution to durations in order.

    Of moments cut off to minutes, a length of k minutes stands for those half a minute about it.
    """
    if clock:
        values, counts = np.unique(minutes, return_counts=True)
        return float(np.abs(np.cumsum(counts) / len(minutes) - cdf(values + clock / 2)).max())
    steps, at_each = np.arange(len(minutes) + 1) / len(minutes), cdf(minutes)
    return float(max((steps[1:] - at_each).max(), (at_each - steps[:-1]).max()))


def _lognormal(minutes: F64, logs: F64, clock: float) -> Family:
    mu, sigma = float(logs.mean()), float(logs.std())
    likelihood = -len(logs) * (math.log(sigma) + 0.5 * math.log(2 * math.pi) + 0.5 + mu)
    return Family(
        "lognormal", mu, sigma, likelihood, _distance(minutes, clock, lambda at: ndtr((np.log(at) - mu) / sigma))
    )


def _gamma(minutes: F64, logs: F64, clock: float) -> Family:
    """Fit a gamma: Newton on the logarithm of the shape, from Minka's approximation (2002)."""
    mean, mean_log = float(minutes.mean()), float(logs.mean())
    gap = max(math.log(mean) - mean_log, 1e-12)
    shape = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(50):
        excess = math.log(shape) - float(digamma(shape)) - gap
        step = excess / (1 - shape * float(polygamma(1, shape)))
        shape *= math.exp(-min(max(step, -1.0), 1.0))
        if abs(step) < 1e-12:
            break
    scale = mean / shape
    likelihood = (shape - 1) * mean_log - shape - float(gammaln(shape)) - shape * math.log(scale)
    return Family(
        "gamma", shape, scale, len(logs) * likelihood, _distance(minutes, clock, lambda at: gammainc(shape, at / scale))
    )


def _weibull(minutes: F64, logs: F64, clock: float) -> Family:
    """Fit a Weibull: Newton on the logarithm of the shape, the scale profiled out."""
    largest = float(logs.max())
    below, mean_below = logs - largest, float(logs.mean()) - largest
    shape = 1.2825 / float(logs.std())  # the standard deviation of a Gumbel distribution
    for _ in range(50):
        power = np.exp(shape * below)
        total, first = float(power.sum()), float(power @ below)
        centre = first / total
        spread = float(power @ below**2) / total - centre**2
        score = 1 / shape + mean_below - centre
        step = score / (1 / shape + shape * spread)
        shape *= math.exp(min(max(step, -1.0), 1.0))
        if abs(step) < 1e-12:
            break
    power = np.exp(shape * below)
    log_scale = largest + math.log(float(power.mean())) / shape
    likelihood = math.log(shape) - shape * log_scale + (shape - 1) * float(logs.mean()) - 1
    distance = _distance(minutes, clock, lambda at: -np.expm1(-np.exp(shape * (np.log(at) - log_scale))))
    return Family("weibull", shape, math.exp(log_scale), len(logs) * likelihood, distance)


def lognormal_centre_and_cv(minutes: F64, of_median: bool = False) -> tuple[Interval, Interval]:
    """Return mean or median [min] and coefficient of variation of a lognormal, with intervals of 95 %.

    Notes
    -----
    Of the mean Cox's method on the log, variance s2/n + s2**2/(2 (n - 1)), of those that Zhou and Gao (1997) compare
    the one they advise, with Student's quantile for few durations (Olsson 2005). Of the median Student's interval on
    the log. Of the coefficient of variation the chi-square interval of the variance of the log.
    """
    logs = np.log(minutes)
    n, mu, variance = len(logs), float(logs.mean()), float(logs.var(ddof=1))
    centre, spread = (mu, 0.0) if of_median else (mu + variance / 2, variance**2 / (2 * (n - 1)))
    ends = (variance, *((n - 1) * variance / float(chdtri(n - 1, tail)) for tail in (TAIL, 1 - TAIL)))
    value, low, high = (math.sqrt(math.expm1(min(end, LARGEST))) for end in ends)
    return exp_of(centre, student(n) * math.sqrt(variance / n + spread)), (value, low, high)


def family_of(minutes: F64, families: tuple[str, ...], clock: float | None = None) -> str:
    """Return the first of some families that does for durations, `sample` if none; the first if they do not tell.

    The clock is that of `fit_durations`.

    Notes
    -----
    One that is off by no more than `far_from` does. Times of 0 count against all, unless the clock tells minutes only:
    of that many short times are 0, and then nothing is told of the family.
    """
    n, positive = len(minutes), minutes[minutes > 0]
    none = 1 - len(positive) / max(n, 1)
    clock = clock_of(minutes) if clock is None else clock
    if len(positive) < FEWEST or (clock and none > MATTERS):
        return families[0]
    if none > far_from(n):
        return SAMPLE
    fit = fit_durations(positive, clock)
    if not fit.families:
        return families[0]
    off = {family.name: family.distance for family in fit.families}
    return next((name for name in families if off[name] <= far_from(n)), SAMPLE)


def gamma_mean_and_cv(minutes: F64) -> tuple[Interval, Interval]:
    """Return mean [min] and coefficient of variation of a gamma by maximum likelihood, with intervals of 95 %.

    Notes
    -----
    Mean and shape are independent for large samples; the information of the logarithm of the shape k is
    n k (k trigamma(k) - 1), the coefficient of variation k**-0.5.
    """
    n, shape = len(minutes), _gamma(np.sort(minutes), np.log(minutes), 0.0).first
    error = 1 / math.sqrt(n * shape * (shape * float(polygamma(1, shape)) - 1))
    centre, reach = math.log(float(minutes.mean())), student(n) / math.sqrt(n * shape)
    return exp_of(centre, reach), exp_of(-0.5 * math.log(shape), student(n) * error / 2)


def sample_mean_and_cv(minutes: F64, clock: float = 0.0) -> tuple[Interval, Interval]:
    """Return mean [min] and coefficient of variation of any distribution, with intervals of 95 %.

    Parameters
    ----------
    minutes : (n,) float64
    clock : float
        Beginning and end are known to so many minutes only, cut off. What that adds to the variance, a sixth of its
        square (Sheppard 1898, of both ends), is taken off. Where the rest is less than half a unit of the clock that
        is not so, and nothing can be said of it.

    Notes
    -----
    Student's interval of the mean; where it would reach down to 0, that of the logarithm of the mean by the delta
    method. Of the coefficient of variation the delta method on its logarithm with the sample's own third and fourth
    moments (Cramér 1946), as of any function of moments.
    """
    n, mean = len(minutes), float(minutes.mean())
    deviations = minutes / mean - 1
    variance = float(deviations.var(ddof=1))
    reach = student(n) * mean * math.sqrt(variance / n)
    if variance == 0:
        return (mean, mean, mean), (0.0, 0.0, 0.0)
    own = variance - clock**2 / (6 * mean**2)
    ends = (mean - reach, mean + reach) if reach < mean else exp_of(math.log(mean), reach / mean)[1:]
    if own * mean**2 < (clock / 2) ** 2:
        return (mean, *ends), UNKNOWN_INTERVAL
    influence = (deviations**2 - variance) / (2 * own) - deviations
    cv, factor = math.sqrt(own), math.exp(student(n) * math.sqrt(float(influence.var(ddof=1)) / n))
    return (mean, *ends), (cv, cv / factor, cv * factor)


def lognormal_estimates(
    path: str, minutes: F64, ends: tuple[str, str], unit: str = "min", limits: F64 | None = None,
    family: str = "lognormal", clock: float | None = None,
) -> list[Estimate]:  # fmt: skip
    """Return centre and coefficient of variation of what the model takes as lognormal, or as another family.

    Parameters
    ----------
    path : str
        What the names begin with.
    minutes : (n,) float64
    ends : (str, str)
        Ends of the two names; that of a median says so.
    unit : str
        `min`, `s` or `h`, of the centre.
    limits : (n,) float64 or None
        Beyond this the log would not have shown them [min].
    family : str
        `lognormal`, `gamma` or `sample`.
    clock : float or None
        As for `fit_durations`.

    Notes
    -----
    As a lognormal unless the durations speak clearly against it (AIC 10 behind the best family's, or none of the
    families near enough) or many are 0, whatever the family: then by moments, of which rounding of start and end leaves
    the mean right where the log's clock is coarse. Where the log's end hides more than one in a thousand, as a
    truncated lognormal. A variation that no scenario can have gives way to the nearest that one can, so that the mean
    is not lost with it.
    """
    kept = np.isfinite(minutes) & (minutes >= 0)
    minutes, limits = minutes[kept], None if limits is None else limits[kept]
    n, positive = len(minutes), minutes[minutes > 0]
    if len(positive) < FEWEST:
        return []
    clock = clock_of(minutes) if clock is None else clock
    of_median, fit, method = "median" in ends[0], fit_durations(positive, clock), "lognormal, ML"
    cut = None
    if limits is not None and fit.families and len(positive) == n:
        logs = np.log(minutes)
        if float(ndtr((logs.mean() - np.log(limits)) / logs.std()).mean()) > HIDDEN:
            cut = truncated_lognormal(minutes, limits, of_median)
            # Times that are not lognormal at all, and have many very short ones, are not its short end.
            worst = fit.families[0].aic + NO_SUPPORT
            if cut and not criterion(cut[0][0], cut[1][0], minutes, limits, of_median) <= worst:
                cut = None
            method = method if cut else "lognormal, ML; the log is too short for the longest"
    if family == SAMPLE:
        (centre, cv), method = sample_mean_and_cv(minutes, clock), "as in the log: no family does"
    elif cut:
        (centre, cv), method = cut, "lognormal, ML with truncation"
    elif len(positive) < 0.99 * n or clock > 1:
        # Whatever the family: of those above 0 alone the mean would be too large.
        clock = clock or float((minutes == np.rint(minutes)).all())
        (centre, cv), method = sample_mean_and_cv(minutes, clock), f"moments: {OF_NONE[clock > 0]}"
    elif family == "gamma":
        (centre, cv), n, method = gamma_mean_and_cv(positive), len(positive), "gamma, ML: lognormal does not do"
    elif not fit.families or (fit.behind("lognormal") <= NO_SUPPORT and not fit.empirical):
        (centre, cv), n = lognormal_centre_and_cv(positive, of_median), len(positive)
    else:
        why = "nor any other" if fit.empirical else f"{fit.families[0].name} is nearer"
        (centre, cv), method = sample_mean_and_cv(minutes), f"moments: not lognormal, {why}"
    if of_median and method.startswith("moments"):
        centre = median(minutes)
    factor = {"min": 1.0, "s": 60.0, "h": 1 / 60}[unit]
    value, low, high = (factor * end for end in centre)
    of_centre, of_cv = (
        Estimate(path + ends[0], value, low, high, n, method, unit),
        Estimate(path + ends[1], *cv, n, method),
    )
    return [of_centre, _of_a_scenario(of_cv)]


def _of_a_scenario(cv: Estimate) -> Estimate:
    """Return a coefficient of variation as near as a scenario can have it."""
    if math.isnan(cv.value) or OF_SCENARIO[0] <= cv.value <= OF_SCENARIO[1]:
        return cv
    value, low, high = (float(np.clip(end, *OF_SCENARIO)) for end in (cv.value, cv.low, cv.high))
    return replace(cv, value=value, low=low, high=high, method=f"{cv.method}; {NEAREST}")
