"""Queueing theory: exact answers for small systems, to check the engines and to estimate before simulating.

Rates are per minute and times are minutes. Systems in steady state are here; a day that changes by the
half-hour is in `transient`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

F64 = NDArray[np.float64]


def _check(name: str, value: float, least: float = 0.0, strictly: bool = False) -> None:
    if not (math.isfinite(value) and value >= least and not (strictly and value == least)):
        raise ValueError(f"{name} must be finite and {'above' if strictly else 'at least'} {least:g}, not {value}")


def _check_row(name: str, what: str, row: F64) -> None:
    if row.ndim != 1 or not np.isfinite(row).all() or (row < 0).any():
        raise ValueError(f"{name} must be one row of {what}, each finite and at least 0")


def _check_servers(servers: int) -> None:
    if servers < 1 or int(servers) != servers:
        raise ValueError(f"servers must be a whole number, at least 1, not {servers}")


def _check_stable(load: float, servers: int = 1) -> None:
    if load >= servers:
        raise ValueError(f"the queue is unstable: an offered load of {load:g} erlang needs more than {servers} servers")


def blocking_probability(offered_load: float, servers: int) -> float:
    """Return the probability that an arriving case is turned away in an M/M/c/c system.

    Parameters
    ----------
    offered_load : float
        Arrival rate times mean service time [erlang], at least 0; it may exceed `servers`.
    servers : int
        Number of servers, at least 1; there is no room to wait.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Erlang B by its recursion on the number of servers, which neither overflows nor cancels. It holds for
    any distribution of the service time.
    Source: Erlang (1917).
    """
    _check("offered_load", offered_load)
    _check_servers(servers)
    blocked = 1.0
    for n in range(1, int(servers) + 1):
        blocked = offered_load * blocked / (n + offered_load * blocked)
    return blocked


def waiting_probability(offered_load: float, servers: int) -> float:
    """Return the probability that an arriving case waits in an M/M/c queue.

    Parameters
    ----------
    offered_load : float
        Arrival rate times mean service time [erlang]; less than `servers`.
    servers : int
        Number of servers, at least 1.

    Raises
    ------
    ValueError
        If the queue is unstable, or an argument is out of range.

    Notes
    -----
    Erlang C, computed by the recursion on Erlang B so that 10,000 servers do not overflow.
    Source: Erlang (1917).
    """
    blocked = blocking_probability(offered_load, servers)
    _check_stable(offered_load, servers)
    return blocked / (1 - offered_load / servers * (1 - blocked))


def mean_wait_mmc(per_minute: float, mean_service_minutes: float, servers: int) -> float:
    """Return the mean wait in an M/M/c queue [min], those who do not wait included.

    Parameters
    ----------
    per_minute : float
        Arrival rate.
    mean_service_minutes : float
        Mean of the exponential service time.
    servers : int
        Number of servers, at least 1.

    Raises
    ------
    ValueError
        If the queue is unstable, or an argument is out of range.

    Notes
    -----
    C m / (c - a), with C the probability of waiting, m the mean service time and a the offered load.
    Source: Erlang (1917).
    """
    _check("mean_service_minutes", mean_service_minutes, strictly=True)
    load = per_minute * mean_service_minutes
    return waiting_probability(load, servers) * mean_service_minutes / (servers - load)


def wait_tail_mmc(minutes: float, per_minute: float, mean_service_minutes: float, servers: int) -> float:
    """Return the share of cases that wait more than `minutes` in an M/M/c queue, first come first served.

    Parameters
    ----------
    minutes : float
        At least 0.
    per_minute, mean_service_minutes, servers
        As in `mean_wait_mmc`.

    Raises
    ------
    ValueError
        If the queue is unstable, or an argument is out of range.

    Notes
    -----
    C exp(-(c - a) t / m): those who wait do so for an exponential time.
    Source: Erlang (1917).
    """
    _check("minutes", minutes)
    _check("mean_service_minutes", mean_service_minutes, strictly=True)
    load = per_minute * mean_service_minutes
    return waiting_probability(load, servers) * math.exp(-(servers - load) * minutes / mean_service_minutes)


@dataclass(frozen=True)
class ErlangA:
    """An M/M/c queue with impatient customers in steady state.

    Attributes
    ----------
    waiting_probability : float
        Share of all cases that are not served at once.
    abandonment : float
        Share of all cases that give up.
    mean_wait : float
        Mean time in the queue over all cases, served or not [min].
    utilisation : float
        Share of the servers' time spent on service.
    """

    waiting_probability: float
    abandonment: float
    mean_wait: float
    utilisation: float


def erlang_a(per_minute: float, mean_service_minutes: float, mean_patience_minutes: float, servers: int) -> ErlangA:
    """Return waiting and abandonment in an M/M/c+M queue (Erlang A).

    Parameters
    ----------
    per_minute : float
        Arrival rate, above 0; it may exceed what the servers can do.
    mean_service_minutes, mean_patience_minutes : float
        Means of the exponential service time and of the exponential patience.
    servers : int
        Number of servers, at least 1.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Birth-death chain: the states without a queue together weigh (1 - B) / B relative to the state in which
    all servers are busy and nobody waits, with B from Erlang B; the states with a queue are added up, in
    logarithms, until their weight is below 1e-20.
    Source: Palm (1957); Garnett, Mandelbaum and Reiman (2002).
    """
    _check("per_minute", per_minute, strictly=True)
    _check("mean_service_minutes", mean_service_minutes, strictly=True)
    _check("mean_patience_minutes", mean_patience_minutes, strictly=True)
    blocked = blocking_probability(per_minute * mean_service_minutes, servers)
    service, leaving = servers / mean_service_minutes, 1 / mean_patience_minutes
    # The weights fall at least as fast as those of a normal law around the fluid queue.
    fluid = max((per_minute - service) / leaving, 0.0)
    queue = np.arange(1, math.ceil(fluid + 10 * math.sqrt(2 * (per_minute + service) / leaving) + 50) + 1)
    log_weight = np.concatenate([[0.0], np.cumsum(np.log(per_minute) - np.log(service + queue * leaving))])
    weight = np.exp(log_weight - log_weight.max())
    nobody_waits = math.exp(-log_weight.max()) * (1 - blocked)
    total = nobody_waits + blocked * float(weight.sum())
    queue_length = blocked * float((queue * weight[1:]).sum()) / total
    abandonment = leaving * queue_length / per_minute
    return ErlangA(
        waiting_probability=blocked * float(weight.sum()) / total,
        abandonment=abandonment,
        mean_wait=queue_length / per_minute,
        utilisation=per_minute * (1 - abandonment) / service,
    )


def mean_wait_mg1(per_minute: float, mean_service_minutes: float, service_cv: float) -> float:
    """Return the mean wait in an M/G/1 queue [min].

    Parameters
    ----------
    per_minute : float
        Arrival rate.
    mean_service_minutes, service_cv : float
        Mean and coefficient of variation of the service time.

    Raises
    ------
    ValueError
        If the queue is unstable, or an argument is out of range.

    Notes
    -----
    r m (1 + cv²) / (2 (1 - r)), with m the mean service time and r the load.
    Source: Pollaczek (1930); Khinchine (1932).
    """
    return mean_waits_with_priority([per_minute], [mean_service_minutes], [service_cv])[0]


def mean_waits_with_priority(
    per_minute: Sequence[float], mean_service_minutes: Sequence[float], service_cv: Sequence[float]
) -> list[float]:
    """Return the mean wait of each class at one server with non-preemptive priorities [min].

    Parameters
    ----------
    per_minute, mean_service_minutes, service_cv : (classes,) sequence of float
        Arrival rate, mean and coefficient of variation of the service time, the most urgent class first.

    Raises
    ------
    ValueError
        If the queue is unstable, an argument is out of range, or the lengths differ.

    Notes
    -----
    W0 / ((1 - s[k-1]) (1 - s[k])), with W0 the mean remaining service that an arriving case finds and s[k]
    the load of classes 1 to k.
    Source: Cobham (1954).
    """
    loads, residual = [0.0], 0.0
    for rate, mean, cv in zip(per_minute, mean_service_minutes, service_cv, strict=True):
        _check("per_minute", rate)
        _check("mean_service_minutes", mean, strictly=True)
        _check("service_cv", cv)
        loads.append(loads[-1] + rate * mean)
        residual += rate * mean**2 * (1 + cv**2) / 2
    _check_stable(loads[-1])
    return [residual / ((1 - before) * (1 - load)) for before, load in pairwise(loads)]


def offered_load(per_minute: ArrayLike, bin_minutes: float, mean_service_minutes: float) -> F64:
    """Return the mean number in service if there were servers for all, starting empty [erlang].

    Parameters
    ----------
    per_minute : (bins,) array_like
        Arrival rate in each bin.
    bin_minutes, mean_service_minutes : float
        Length of a bin, and mean of the exponential service time.

    Returns
    -------
    (bins + 1,) float64
        m(t) at the beginning of each bin and at the end of the last.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    The number in service is Poisson with mean m(t), and m' = rate - m / mean.
    Source: Eick, Massey and Whitt (1993).
    """
    rate = np.asarray(per_minute, np.float64)
    _check("bin_minutes", bin_minutes, strictly=True)
    _check("mean_service_minutes", mean_service_minutes, strictly=True)
    _check_row("per_minute", "rates", rate)
    kept = math.exp(-bin_minutes / mean_service_minutes)
    load = np.zeros(len(rate) + 1)
    for k, arriving in enumerate(rate):
        load[k + 1] = load[k] * kept + arriving * mean_service_minutes * (1 - kept)
    return load


def offered_load_of_services(per_minute: ArrayLike, bin_minutes: float, service_minutes: ArrayLike) -> F64:
    """Return the mean number in service if there were servers for all, starting empty [erlang].

    Parameters
    ----------
    per_minute : (bins,) array_like
        Arrival rate in each bin.
    bin_minutes : float
        Length of a bin.
    service_minutes : (n,) array_like
        Service times as observed; any distribution.

    Returns
    -------
    (bins + 1,) float64
        m(t) at the beginning of each bin and at the end of the last.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    m(t) is the integral over the past of rate(t - u) P(S > u) du, and the integral of P(S > u) from a to b is the mean
    of min(S, b) - min(S, a).
    Source: Eick, Massey and Whitt (1993).
    """
    rate, service = np.asarray(per_minute, np.float64), np.asarray(service_minutes, np.float64)
    _check("bin_minutes", bin_minutes, strictly=True)
    _check_row("per_minute", "rates", rate)
    _check_row("service_minutes", "times", service)
    if not len(service):
        raise ValueError("service_minutes must be one row of times, at least 1")
    # Mean of min(S, edge) for all edges at once, from the sorted times.
    edges = np.arange(len(rate) + 1) * bin_minutes
    times = np.sort(service)
    before = np.concatenate([[0.0], np.cumsum(times)])
    shorter = np.searchsorted(times, edges, side="right")
    up_to = (before[shorter] + (len(times) - shorter) * edges) / len(times)
    return np.concatenate([[0.0], np.convolve(rate, np.diff(up_to))[: len(rate)]])
