"""Times of which the end of a log shows the shorter ones only."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import log_ndtr

from sim.studies.calibrate.intervals import F64, Interval, exp_of, student


def truncated_lognormal(minutes: F64, limits: F64, of_median: bool = False) -> tuple[Interval, Interval] | None:
    """Return mean or median [min] and coefficient of variation of a lognormal of which only the shorter times are seen.

    Parameters
    ----------
    minutes : (n,) float64
    limits : (n,) float64
        Each was seen because it is no longer than this [min].

    Returns
    -------
    tuple or None
        None if the times seen do not tell.

    Notes
    -----
    Maximum likelihood given that each is below its limit (right truncation; Cohen 1959), Newton in the mean and the
    logarithm of the standard deviation of the log; intervals by the observed information and the delta method. Who
    never comes back takes no part, so he is not mistaken for somebody who is long in coming.
    """
    logs, ends, n = np.log(minutes), np.log(limits), len(minutes)
    mu, log_sigma = float(logs.mean()), math.log(float(logs.std()))
    for _ in range(100):
        sigma = math.exp(log_sigma)
        z, b = (logs - mu) / sigma, (ends - mu) / sigma
        hazard = np.exp(-0.5 * b**2 - 0.5 * math.log(2 * math.pi) - log_ndtr(b))
        bend = hazard * (b + hazard)
        slope = np.array([(z + hazard).sum() / sigma, (z**2 - 1 + hazard * b).sum()])
        mixed = float((2 * z - bend * b + hazard).sum()) / sigma
        of_sigma = float((2 * z**2 - bend * b**2 + hazard * b).sum())
        information = np.array([[(n - bend.sum()) / sigma**2, mixed], [mixed, of_sigma]])
        if not np.isfinite(information).all() or np.linalg.eigvalsh(information)[0] <= 0 or log_sigma > math.log(10):
            return None
        step = np.clip(np.linalg.solve(information, slope), -0.5, 0.5)
        mu, log_sigma = mu + float(step[0]), log_sigma + float(step[1])
        if np.abs(step).max() < 1e-10:
            break
    covariance, variance = np.linalg.inv(information), math.exp(2 * log_sigma)
    weight = np.array([1.0, 0.0 if of_median else variance])
    reach = student(n) * math.sqrt(float(weight @ covariance @ weight))
    of_cv = variance / -math.expm1(-variance) * student(n) * math.sqrt(covariance[1, 1])
    return exp_of(mu + weight[1] / 2, reach), exp_of(0.5 * math.log(math.expm1(variance)), of_cv)


def criterion(centre: float, cv: float, minutes: F64, limits: F64, of_median: bool) -> float:
    """Return Akaike's criterion of a truncated lognormal with this mean or median and coefficient of variation."""
    variance = math.log1p(cv**2)
    sigma, mu = math.sqrt(variance), math.log(centre) - (0.0 if of_median else variance / 2)
    logs = np.log(minutes)
    each = -logs - 0.5 * ((logs - mu) / sigma) ** 2 - log_ndtr((np.log(limits) - mu) / sigma)
    likelihood = float(each.sum()) - len(logs) * (math.log(sigma) + 0.5 * math.log(2 * math.pi))
    return 4 - 2 * likelihood
