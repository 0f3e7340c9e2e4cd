"""Queueing theory: exact answers for small systems, to check the engines by.

Rates are per minute and times are minutes. First systems in steady state; then a day at one stage with changing demand
and staff, by the Kolmogorov equations of an M(t)/M/c(t) queue. Its shift rule is the office's own: a server whose duty
ends finishes the case in hand and takes no other, while those still on duty go on taking cases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import hypergeom, poisson

F64 = NDArray[np.float64]

_CUT = 1e-15
"""Probability of more uniformised events in a bin than are followed."""


def blocking_probability(offered_load: float, servers: int) -> float:
    """Return the probability that an arriving case is turned away in an M/M/c/c system.

    Parameters
    ----------
    offered_load : float
        Arrival rate times mean service time [erlang], at least 0; it may exceed `servers`.
    servers : int
        Number of servers, at least 1; there is no room to wait.

    Notes
    -----
    Erlang B by its recursion on the number of servers, which neither overflows nor cancels. It holds for
    any distribution of the service time.
    Source: Erlang (1917).
    """
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

    Notes
    -----
    Erlang C, computed by the recursion on Erlang B so that 10,000 servers do not overflow.
    Source: Erlang (1917).
    """
    blocked = blocking_probability(offered_load, servers)
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

    Notes
    -----
    C m / (c - a), with C the probability of waiting, m the mean service time and a the offered load.
    Source: Erlang (1917).
    """
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

    Notes
    -----
    C exp(-(c - a) t / m): those who wait do so for an exponential time.
    Source: Erlang (1917).
    """
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

    Notes
    -----
    Birth-death chain: the states without a queue together weigh (1 - B) / B relative to the state in which
    all servers are busy and nobody waits, with B from Erlang B; the states with a queue are added up, in
    logarithms, until their weight is below 1e-20.
    Source: Palm (1957); Garnett, Mandelbaum and Reiman (2002).
    """
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

    Notes
    -----
    W0 / ((1 - s[k-1]) (1 - s[k])), with W0 the mean remaining service that an arriving case finds and s[k]
    the load of classes 1 to k.
    Source: Cobham (1954).
    """
    loads, residual = [0.0], 0.0
    for rate, mean, cv in zip(per_minute, mean_service_minutes, service_cv, strict=True):
        loads.append(loads[-1] + rate * mean)
        residual += rate * mean**2 * (1 + cv**2) / 2
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

    Notes
    -----
    The number in service is Poisson with mean m(t), and m' = rate - m / mean.
    Source: Eick, Massey and Whitt (1993).
    """
    rate = np.asarray(per_minute, np.float64)
    kept = math.exp(-bin_minutes / mean_service_minutes)
    load = np.zeros(len(rate) + 1)
    for k, arriving in enumerate(rate):
        load[k + 1] = load[k] * kept + arriving * mean_service_minutes * (1 - kept)
    return load


@dataclass(frozen=True)
class TransientQueue:
    """What is expected of a day that starts empty; values at a change of staff are those after it.

    Attributes
    ----------
    time : (bins + 1,) float64
        Beginning of each bin, and the end of the last [min].
    mean_in_system, mean_queue, empty : (bins + 1,) float64
        Mean number present, mean number waiting, and probability that nobody is present, at these times.
    arrivals : float
        Expected arrivals.
    delayed : float
        Expected number of arrivals that are not served at once.
    waiting_minutes, busy_minutes : float
        Expected minutes of waiting and of service within the bins.
    overflow : float
        Probability mass that met the end of the state space; what the truncation can have changed.
    """

    time: F64
    mean_in_system: F64
    mean_queue: F64
    empty: F64
    arrivals: float
    delayed: float
    waiting_minutes: float
    busy_minutes: float
    overflow: float

    @property
    def mean_wait(self) -> float:
        """Mean wait of those who arrive [min], if the day ends empty (Little's law)."""
        return self.waiting_minutes / self.arrivals


def transient_queue(
    per_minute: ArrayLike,
    servers: ArrayLike,
    bin_minutes: float,
    mean_service_minutes: float,
    capacity: int = 200,
) -> TransientQueue:
    """Return the expectations of an M(t)/M/c(t) day, first come first served, nobody leaves.

    Parameters
    ----------
    per_minute : (bins,) array_like
        Arrival rate in each bin.
    servers : (bins,) array_like
        Servers on duty in each bin. For what comes after closing, add bins with rate 0.
    bin_minutes, mean_service_minutes : float
        Length of a bin, and mean of the exponential service time.
    capacity : int
        States are followed up to this number of cases; arrivals beyond it are lost and their probability
        is reported as `overflow`.

    Notes
    -----
    State (x, y): x cases waiting or with a server on duty, y with a server whose duty is over. When staff
    falls by d from c, the d who leave are a random choice among the c. When it rises, those who still
    finish a case are the first to be back. Within a bin the equations have constant coefficients and are
    solved by uniformisation; each sum is cut where less than 1e-15 of it is left.
    Source: Jensen (1953); Ingolfsson, Akhmetshina, Budge, Li and Wu (2007).
    """
    rate = np.asarray(per_minute, np.float64)
    staff = np.asarray(servers, np.int64)
    falls = int(np.maximum(-np.diff(staff), 0).sum())
    state = np.zeros((capacity + 1, falls + 1))
    state[0, 0] = 1.0
    x = np.arange(capacity + 1)
    present = x[:, None] + np.arange(falls + 1)
    at_time: list[tuple[float, float, float]] = []
    waiting = busy = delayed = overflow = 0.0

    def look(duty: int) -> None:
        by_x = state.sum(axis=1)
        at_time.append((float((present * state).sum()), float(np.maximum(x - duty, 0) @ by_x), float(state[0, 0])))

    for k, arriving in enumerate(rate):
        duty = int(staff[k])
        if k > 0:
            state = _staff_change(state, int(staff[k - 1]), duty)
        look(duty)
        state, spent = _uniformise(state, float(arriving), duty, bin_minutes, mean_service_minutes)
        by_x = spent.sum(axis=1)
        queue = float(np.maximum(x - duty, 0) @ by_x)
        waiting += queue
        busy += float((present * spent).sum()) - queue
        delayed += arriving * float(by_x[x >= duty].sum())
        overflow += arriving * float(by_x[-1])
    look(int(staff[-1]))
    assert overflow <= 1e-9, f"a capacity of {capacity} cases cuts off {overflow:.2g} arrivals; follow more states"
    in_system, queue_length, empty = np.array(at_time).T
    return TransientQueue(
        time=np.arange(len(rate) + 1, dtype=np.float64) * bin_minutes,
        mean_in_system=in_system,
        mean_queue=queue_length,
        empty=empty,
        arrivals=float(rate.sum()) * bin_minutes,
        delayed=delayed,
        waiting_minutes=waiting,
        busy_minutes=busy,
        overflow=overflow,
    )


def _staff_change(state: F64, before: int, after: int) -> F64:
    """Return the distribution after the change of staff from `before` to `after`."""
    changed = np.zeros_like(state)
    size, off = state.shape
    if after < before:
        for in_hand in range(before + 1):
            # With x cases at c servers, min(x, c) of the servers are busy; j of the busy ones leave.
            rows = slice(in_hand, in_hand + 1) if in_hand < before else slice(before, size)
            for j in range(min(in_hand, before - after) + 1):
                chance = float(hypergeom.pmf(j, before, in_hand, before - after))
                if chance > 0:
                    block = state[rows, : off - j]
                    changed[rows.start - j : rows.start - j + len(block), j:] += chance * block
        return changed
    for y in range(off):
        back = min(y, after - before)
        changed[back:, y - back] += state[: size - back, y]
    return changed


def _uniformise(state: F64, arriving: float, duty: int, minutes: float, mean_minutes: float) -> tuple[F64, F64]:
    """Return the distribution after `minutes`, and the expected minutes spent in each state."""
    size, off = state.shape
    done = np.minimum(np.arange(size), duty)[:, None] / mean_minutes
    done_off = np.arange(off) / mean_minutes
    arrive = np.full((size, 1), arriving)
    arrive[-1] = 0.0
    most = arriving + (duty + off - 1) / mean_minutes
    if most == 0:
        return state, state * minutes
    upto = int(poisson.isf(_CUT, most * minutes)) + 2
    k = np.arange(upto)
    weight = poisson.pmf(k, most * minutes)
    spent_weight = poisson.sf(k, most * minutes) / most
    later, spent = np.zeros_like(state), np.zeros_like(state)
    stay = 1 - (arrive + done + done_off) / most
    for w, s in zip(weight, spent_weight, strict=True):
        later += w * state
        spent += s * state
        moved = stay * state
        moved[1:] += arrive[:-1] / most * state[:-1]
        moved[:-1] += done[1:] / most * state[1:]
        moved[:, :-1] += done_off[1:] / most * state[:, 1:]
        state = moved
    return later, spent
