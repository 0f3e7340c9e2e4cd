"""How estimates of one log depend on each other: what was estimated together errs together.

Parts of a log that have no rows in common tell their values independently of each other. What is left is told by pairs,
on the scales of the intervals (log, or log odds of shares), so that an office that the log leaves possible can be drawn
as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.results.codec import column
from sim.studies.calibrate.intervals import F64, NORMAL
from sim.text import N_

if TYPE_CHECKING:
    from sim.studies.calibrate.demand.arrivals import ArrivalFit
    from sim.studies.calibrate.records import Estimate

LEVEL = "demand.registrations_per_year"
OTHERS, ASKS = "demand.other_business_per_registration", "demand.inquiry_only_share"
LEAST = 1e-3
"""Correlations below this are none."""


@dataclass(frozen=True)
class Dependent:
    """Two estimates that depend on each other: how much alike they err, on the scales of their intervals."""

    first: str = column(N_("name"))
    second: str = column(N_("name of the other"))
    correlation: float = column(N_("correlation"))


def dependents(names: Sequence[str], covariance: F64) -> list[Dependent]:
    """Return the pairs among some estimates that a covariance matrix, in their order, makes dependent."""
    error = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.clip(np.nan_to_num(covariance / np.outer(error, error)), -1.0, 1.0)
    return [
        Dependent(names[one], names[other], float(correlation[one, other]))
        for other in range(len(names)) for one in range(other) if abs(correlation[one, other]) >= LEAST
    ]  # fmt: skip


def dependence(estimates: Sequence[Estimate], arrivals: ArrivalFit, level: F64 | None) -> Iterator[Dependent]:
    """Yield the pairs of estimates that depend on each other, but for those of returns, patience and samples.

    Parameters
    ----------
    estimates : sequence of Estimate
    arrivals : ArrivalFit
    level : (parameters,) float64 or None
        Gradient of the logarithm of the year's number, as far as it is scaled by the months and weekdays.
    """
    told = {each.name: each for each in estimates if each.known}
    yield from _of_seasons(told, arrivals, level)
    yield from _of_half_hours(arrivals)
    yield from _of_counts(told)
    for each in told.values():
        cv = told.get(each.name.removesuffix(".mean_minutes").removesuffix(".mean_hours").removesuffix("_seconds")
                      + ("_cv" if each.name.endswith("_seconds") else ".cv"))  # fmt: skip
        if cv is not None and cv is not each and each.method.startswith("lognormal, ML"):
            # Of mu + s2/2 and s2, by their variances s2/n + s2^2/2n and 2 s2^2/n and their covariance s2^2/n.
            variance = math.log1p(cv.value**2)
            yield Dependent(each.name, cv.name, math.sqrt(variance / (2 + variance)))


def _of_seasons(told: Mapping[str, Estimate], arrivals: ArrivalFit, level: F64 | None) -> list[Dependent]:
    """Return the pairs of months, weekdays and the year's number: all are of one regression."""
    fit, gradients = arrivals.seasons.fit, arrivals.seasons.gradients[1:]
    months = [f"demand.month_index[{month}]" for month in range(12)]
    names = [*months, *(f"demand.weekday_index[{day}]" for day in range(len(gradients) - len(months)))]
    found = dependents(names, np.asarray(gradients @ fit.covariance @ gradients.T))
    if level is None or LEVEL not in told:
        return found
    whole = _error(told[LEVEL]) * NORMAL / fit.quantile
    for name, gradient in zip(names, gradients, strict=True):
        own = fit.log_error(gradient)
        correlation = float(level @ fit.covariance @ gradient) / (whole * own) if whole * own > 0 else 0.0
        if abs(correlation) >= LEAST:
            found.append(Dependent(LEVEL, name, correlation))
    return found


def _of_half_hours(arrivals: ArrivalFit) -> list[Dependent]:
    """Return the pairs of half-hours, whose shares are multinomial."""
    share = arrivals.half_hours.counts / max(arrivals.half_hours.counts.sum(), 1)
    return dependents(arrivals.half_hour_names, np.diag(share) - np.outer(share, share))


def _of_counts(told: Mapping[str, Estimate]) -> Iterator[Dependent]:
    """Yield the pairs of the registrations' number and what is told in proportion to it: chance has them in common.

    More registrations by chance alone make the year's number larger, and other business and inquiries a smaller part.
    """
    if LEVEL not in told or not told[LEVEL].method.startswith("count"):
        return
    common, sides = 1 / max(told[LEVEL].n, 1), {LEVEL: 1.0, OTHERS: -1.0, ASKS: -1.0}
    names = [name for name in sides if name in told and _error(told[name]) > 0]
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            correlation = sides[first] * sides[second] * common / (_error(told[first]) * _error(told[second]))
            yield Dependent(first, second, min(max(correlation, -1.0), 1.0))


def _error(estimate: Estimate) -> float:
    """Return the standard error that the upper end of an interval stands for, on the scale of the interval."""
    ends = (estimate.value, estimate.high)
    if not 0 < estimate.value < estimate.high or (estimate.unit == "share" and estimate.high >= 1):
        return 0.0
    value, high = (math.log(end / (1 - end)) if estimate.unit == "share" else math.log(end) for end in ends)
    return (high - value) / NORMAL
