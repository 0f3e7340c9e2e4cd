"""Files that join the review's queue only a while after they were submitted: which, how many, and how long it takes.

With everybody who was helped, and with an online form that is logged, a log shows the submission. In the model a file
is in the queue at that moment, unless it is outside the office first (`review.outside`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit, ndtr

from sim.office.parameters import Scenario
from sim.studies.calibrate.dependence import Dependent, dependents
from sim.studies.calibrate.intervals import NORMAL, Interval, exp_of, wilson
from sim.studies.calibrate.log.steps import F64, GAVE_UP, I64, Flags, StepLog
from sim.studies.calibrate.lying.rules import OUTSIDE, Gain
from sim.studies.calibrate.presence.openings import Openings
from sim.studies.calibrate.records import SHARE, Estimate
from sim.studies.calibrate.times.durations import OF_SCENARIO, far_from, sample_mean_and_cv

PATH = "review.outside"
NAMES = f"{PATH}.share", f"{PATH}.mean_hours", f"{PATH}.cv"
AT_ONCE = 15.0
"""Minutes: longer than clocks differ and an entry takes."""
LEAST = 0.03
"""Share of the files that have to be later than that, by the lower end of the interval, to be looked at."""
FEWEST = 20
"""Files that have to be."""
CLOSED = 0.05
"""Share of them that may come to the queue while the review is closed if the time passes in its hours only."""
INNER, HALF = 0.75, 0.5
"""Share of the files by which it is chosen; of the others' time it has to take off so much of what is missed."""
STEP = 1e-4
"""Of the differences that the information is made of."""
METHOD = "lognormal beside those that come at once, ML with truncation"
MOMENTS = "moments: not lognormal"
HOURS = (1 / 60, 1000.0)
"""Means that a scenario can have, about."""


@dataclass(frozen=True, eq=False)
class OutsideFit:
    """What a log tells of files that are outside the office before the review.

    Attributes
    ----------
    files : int
        Of which it tells submission and queue.
    share : float
        Of them those that are later in the queue than `AT_ONCE`.
    in_hours : bool
        Whether the time passes in opening hours only.
    estimates : tuple of Estimate
        Of share, mean and variation.
    dependence : tuple of Dependent
    gain : Gain
    """

    files: int
    share: float
    in_hours: bool
    estimates: tuple[Estimate, ...]
    dependence: tuple[Dependent, ...]
    gain: Gain


@dataclass(frozen=True, eq=False)
class Submitted:
    """The first submission of each case that a log tells with the moment at which it joins the queue that follows.

    Attributes
    ----------
    case : (files,) int64
    at, queued : (files,) float64
        Both moments [min].
    minutes, limits : (files,) float64
        Between them, and from the first to the end of the clock, by the clock of `in_hours`.
    in_hours : bool
        Hardly any that is late joins while the review is closed, so the time passes while it is open only.
    """

    case: I64
    at: F64
    queued: F64
    minutes: F64
    limits: F64
    in_hours: bool

    @classmethod
    def of(cls, log: StepLog, clock: Openings | None, last: float = math.inf) -> Submitted:
        """Return those of a log; without the opening hours of the review by the wall clock."""
        files, decides = log.at("filing", "studio", "key", "online"), log.at("review", "automatic")
        first, second = log.neighbours(files | decides)
        told = files[first] & decides[second] & (log.outcome[first] != GAVE_UP)
        told &= np.isfinite(log.ended[first]) & np.isfinite(log.queued[second]) & (log.queued[second] <= last)
        case, place = np.unique(log.case[first[told]], return_index=True)
        at, queued = log.ended[first[told]][place], log.queued[second[told]][place]
        minutes, limits = queued - at, last - at
        late = minutes > AT_ONCE
        in_hours = clock is not None and bool(late.any()) and not (~clock.open_at(queued[late])).mean() > CLOSED
        if clock is not None and in_hours:
            # Of what is as good as at once no clock is asked.
            minutes = np.where(late, clock.between(at, queued), minutes)
            limits = clock.left(at, last)
        known = np.isfinite(minutes) & ~np.isnan(limits)
        return cls(case[known], at[known], queued[known], minutes[known], limits[known], in_hours)

    @property
    def late(self) -> Flags:
        """Which are later in the queue than those that come at once."""
        return np.asarray(self.minutes > AT_ONCE)

    @property
    def clear(self) -> bool:
        """Whether so many are late that it is no matter of single files."""
        late, n = int(self.late.sum()), len(self.late)
        return late >= FEWEST and wilson(late, n)[1] > LEAST


def taken_outside(log: StepLog, clock: Openings | None) -> Flags:
    """Return which cases were outside the office before the review, shape (cases,); none where these are not told."""
    outside = np.zeros(log.cases, np.bool_)
    if log.outside_told:
        found = Submitted.of(log, clock)
        outside[found.case[found.late]] = True
    return outside


def steps_before_review(parent: Scenario) -> bool:
    """Say whether an office has steps of its own between filing and review, which its log does not tell."""
    way = {"filing"}
    for step in parent.steps:
        way |= {step.name} if step.after in way else set()
    return len(way) > 1


def hardly_any(log: StepLog, parent: Scenario) -> bool:
    """Say whether a log tells that hardly a file is later in the queue than at once."""
    told = Submitted.of(log, None)
    return len(told.case) >= FEWEST and not told.clear and not steps_before_review(parent)


def outside_fit(log: StepLog, clock: Openings, last: float) -> OutsideFit | None:
    """Return what is outside the office before the review; None if the log does not show clearly that anything is.

    Parameters
    ----------
    log : StepLog
    clock : Openings
        Hours of the review.
    last : float
        Later queueing is not looked at [min], as of all own times.

    Notes
    -----
    Maximum likelihood of a mixture: a file is outside with probability p, for a lognormal time, or in the queue at
    once. Of times up to `AT_ONCE` only their number counts, so that clocks and entries do not matter, and each file was
    seen since it was in the queue by the end of the log. Half the logarithm of p (1 - p) (Jeffreys) keeps p from 0 and
    1; intervals are by the observed information. If the times are no lognormal (as `far_from` has it), moments.

    Nothing is taken unless the mean minutes of the first three quarters of the files, by submission, take off half or
    more, on the log scale, of what those of the last quarter are missed by without it.
    """
    told = Submitted.of(log, clock, last)
    told = _rows(told, told.limits > AT_ONCE)
    if not told.clear:
        return None
    inner = told.at <= np.quantile(told.at, INNER)
    before, after = (math.log1p(max(float(told.minutes[part].mean()), 0.0)) for part in (inner, ~inner))
    if abs(after - before) > HALF * after:
        return None
    gain = Gain("review", OUTSIDE, math.exp(after), math.exp(abs(after - before)))
    late, n = told.late, len(told.late)
    found = _mixture(told.minutes[late], told.limits, n - int(late.sum()), told.limits[late])
    if found is None:
        (mean, cv), share, pairs = sample_mean_and_cv(told.minutes[late]), wilson(float(late.sum()), n), []
        method = MOMENTS
    else:
        (share, mean, cv), pairs, method = *found, METHOD
    if not HOURS[0] <= mean[0] / 60 <= HOURS[1] or not OF_SCENARIO[0] <= cv[0] <= OF_SCENARIO[1]:
        return None
    value, low, high = (end / 60 for end in mean)
    estimates = (
        Estimate(NAMES[0], *share, n, method, SHARE),
        Estimate(NAMES[1], value, low, high, int(late.sum()), method, "h"),
        Estimate(NAMES[2], *cv, int(late.sum()), method),
    )
    return OutsideFit(n, float(late.mean()), told.in_hours, estimates, tuple(pairs), gain)


def _rows(told: Submitted, which: Flags) -> Submitted:
    return replace(told, **{name: getattr(told, name)[which] for name in ("case", "at", "queued", "minutes", "limits")})


def _mixture(
    late: F64, limits: F64, at_once: int, late_limits: F64
) -> tuple[tuple[Interval, Interval, Interval], list[Dependent]] | None:
    """Return share, mean and variation of the mixture, and how they depend on each other; None if it does not do."""
    logs, ends, edge = np.log(late), np.log(limits), math.log(AT_ONCE)

    def below(x: F64 | float, mu: float, sigma: float) -> F64:
        return np.asarray(ndtr((x - mu) / sigma))

    def criterion(at: F64) -> float:
        share, mu, sigma = float(expit(at[0])), at[1], math.exp(at[2])
        z = (logs - mu) / sigma
        of_late = len(late) * (math.log(share) - at[2]) - 0.5 * float(z @ z)
        of_others = at_once * math.log(1 - share + share * float(below(edge, mu, sigma)))
        seen = float(np.log(1 - share + share * below(ends, mu, sigma)).sum())
        return float(seen - of_late - of_others) - 0.5 * (math.log(share) + math.log1p(-share))

    odds = logit((len(late) + 0.5) / (len(late) + at_once + 1))
    start = np.array([odds, logs.mean(), math.log(max(logs.std(), 0.05))])
    best = minimize(criterion, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-7, "maxiter": 2000}).x
    share, mu, variance = float(expit(best[0])), float(best[1]), math.exp(2 * best[2])
    information = _curvature(criterion, best)
    if not np.isfinite(information).all() or np.linalg.eigvalsh(information)[0] <= 0:
        return None
    sigma, first = math.sqrt(variance), float(below(edge, mu, math.sqrt(variance)))
    ranks = np.sort((below(logs, mu, sigma) - first) / (below(np.log(late_limits), mu, sigma) - first))
    steps = np.arange(len(ranks) + 1) / len(ranks)
    if max((steps[1:] - ranks).max(), (ranks - steps[:-1]).max()) > far_from(len(ranks)):
        return None
    # Of the logarithms of the odds, of the mean and of the variation, by the delta method.
    slopes = np.array([[1, 0, 0], [0, 1, variance], [0, 0, variance / -math.expm1(-variance)]])
    covariance = slopes @ np.linalg.inv(information) @ slopes.T
    error = NORMAL * np.sqrt(np.diag(covariance))
    low, high = (float(expit(best[0] + side * error[0])) for side in (-1, 1))
    mean, cv = exp_of(mu + variance / 2, error[1]), exp_of(0.5 * math.log(math.expm1(variance)), error[2])
    return ((share, low, high), mean, cv), dependents(NAMES, covariance)


def _curvature(of: Callable[[F64], float], at: F64) -> F64:
    """Return the second derivatives of a function of a few numbers, by differences."""
    size, found = len(at), np.empty((len(at), len(at)))
    step = STEP * np.maximum(np.abs(at), 1.0)
    for one in range(size):
        for other in range(size):
            moved = [
                of(at + side * step * np.eye(size)[one] + way * step * np.eye(size)[other])
                for side in (1, -1) for way in (1, -1)
            ]  # fmt: skip
            found[one, other] = (moved[0] - moved[1] - moved[2] + moved[3]) / (4 * step[one] * step[other])
    return found
