"""When each applicant first gets in touch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.draws.kernels import day_factors, guide_of, order_of, times_of, unit_at
from sim.draws.philox import stream
from sim.draws.sampling import poisson
from sim.office.blocks import Arrivals, ArrivalTimes, Office
from sim.office.hours import DAY

F64 = NDArray[np.float64]

BASE, SURGE = 0, 1
"""Part of a population: who would come anyway, and whom a surge brings. A word of the counter."""


@dataclass(frozen=True)
class Applicants:
    """All applicants of a replication, sorted by arrival.

    Attributes
    ----------
    arrival : (cases,) float64
        Minutes since the first midnight.
    population : (cases,) int16
    number : (cases,) int64
        Number within the population and part; with both, the address of all the applicant's random numbers.
    part : (cases,) int8
        `BASE` or `SURGE`.
    """

    arrival: F64
    population: NDArray[np.int16]
    number: NDArray[np.int64]
    part: NDArray[np.int8]


def draw_applicants(office: Office, key: np.uint64, replication: np.uint64) -> Applicants:
    """Return who comes when.

    A population of n applicants are the first n of an endless list, each with a time of his own: so those
    of a lower demand are among those of a higher one. A slump keeps away whose mark says so.
    """
    times: list[F64] = []
    numbers: list[NDArray[np.int64]] = []
    origins: list[tuple[int, int]] = []
    spread: dict[tuple[int, float], tuple[F64, tuple[F64, NDArray[np.int64]]]] = {}
    for p, population in enumerate(office.populations):
        arrivals = population.arrivals
        if isinstance(arrivals, ArrivalTimes):
            at = np.sort(np.asarray(arrivals.times, np.float64))
            times.append(at)
            numbers.append(np.arange(len(at), dtype=np.int64))
            origins.append((p, BASE))
            continue
        # Populations mostly share a shape: its day factors and cumulated weights are made once.
        same = (id(arrivals.shape), arrivals.day_to_day_cv)
        if same not in spread:
            weights = _with_day_factors(arrivals, office.days.first_number, key, replication)
            spread[same] = weights, _cumulated(weights)
        weights, cumulated = spread[same]
        keep = np.ones(0) if arrivals.factor is None else np.minimum(arrivals.factor, 1.0)
        whole = arrivals.total * _year_factor(arrivals.total_cv, key, replication)
        parts = [(BASE, whole, cumulated, keep)]
        if arrivals.factor is not None and (arrivals.factor > 1.0).any():
            more = weights * np.maximum(arrivals.factor - 1.0, 0.0)
            total = whole * float(more.sum() / weights.sum())
            parts.append((SURGE, total, _cumulated(more), np.ones(0)))
        for part, total, cumulated_part, keep_part in parts:
            number = np.uint64(stream(f"{population.name}/arrival"))
            count = _count(total, arrivals.exact, population.name, part, key, replication)
            time, who = times_of(
                count, *cumulated_part, arrivals.bin_minutes, keep_part, key, number, replication, np.uint64(part)
            )
            times.append(time)
            numbers.append(who)
            origins.append((p, part))
    if not times:
        return Applicants(np.empty(0), np.empty(0, np.int16), np.empty(0, np.int64), np.empty(0, np.int8))
    sizes = [len(time) for time in times]
    order, arrival = order_of(np.concatenate(times), office.days.horizon * DAY)
    return Applicants(
        arrival,
        np.repeat(np.array([p for p, _ in origins], np.int16), sizes)[order],
        np.concatenate(numbers)[order],
        np.repeat(np.array([part for _, part in origins], np.int8), sizes)[order],
    )


def _cumulated(weights: F64) -> tuple[F64, NDArray[np.int64]]:
    """Return the weights before each bin and in all, and where to begin looking for one."""
    cumulated = np.concatenate([[0.0], np.cumsum(weights)])
    return cumulated, guide_of(cumulated)


def _year_factor(cv: float, key: np.uint64, replication: np.uint64) -> float:
    """Return the lognormal factor on the demand of a replication, with mean 1."""
    return 1.0 if cv == 0 else float(_factors("office/year", 0, 1, cv, key, replication)[0])


def _factors(purpose: str, first: int, number: int, cv: float, key: np.uint64, replication: np.uint64) -> F64:
    """Return lognormal factors with mean 1, one for each address from the first on."""
    sigma = float(np.sqrt(np.log1p(cv**2)))
    factors: F64 = day_factors(np.uint64(first), number, sigma, key, np.uint64(stream(purpose)), replication)
    return factors


def _count(total: float, exact: bool, name: str, part: int, key: np.uint64, replication: np.uint64) -> int:
    """Return how many come; a Poisson number by inversion, so that more demand never means fewer."""
    if exact:
        return int(np.floor(total + 0.5))
    if total <= 0:
        return 0
    return poisson(float(unit_at(key, np.uint64(stream(f"{name}/count")), np.uint64(part), replication)), total)


def _with_day_factors(arrivals: Arrivals, first: int, key: np.uint64, replication: np.uint64) -> F64:
    """Return the bins' weights, each day multiplied by its lognormal factor; a date has the same in any period."""
    if arrivals.day_to_day_cv == 0:
        return arrivals.shape
    days = int(np.ceil(len(arrivals.shape) * arrivals.bin_minutes / DAY))
    factors = _factors("office/day", first, days, arrivals.day_to_day_cv, key, replication)
    return np.asarray(arrivals.shape * factors[_day_of_bins(len(arrivals.shape), arrivals.bin_minutes)])


@lru_cache(16)
def _day_of_bins(bins: int, bin_minutes: float) -> NDArray[np.int64]:
    return np.asarray(np.arange(bins) * bin_minutes // DAY, np.int64)
