"""A day at one stage with changing demand and staff: the Kolmogorov equations of an M(t)/M/c(t) queue.

The shift rule is the office's own: a server whose duty ends finishes the case in hand and takes no other,
while those still on duty go on taking cases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import hypergeom, poisson

F64 = NDArray[np.float64]

_CUT = 1e-15
"""Probability of more uniformised events in a bin than are followed."""


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

    Raises
    ------
    ValueError
        If an argument is out of range, or `overflow` exceeds 1e-9.

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
    _check(rate, staff, bin_minutes, mean_service_minutes, capacity)
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
    if overflow > 1e-9:
        raise ValueError(f"a capacity of {capacity} cases cuts off {overflow:.2g} arrivals; follow more states")
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


def _check(rate: F64, staff: NDArray[np.int64], bin_minutes: float, mean_minutes: float, capacity: int) -> None:
    if rate.ndim != 1 or rate.shape != staff.shape or len(rate) == 0:
        raise ValueError(f"per_minute and servers must be rows of one length, not {rate.shape} and {staff.shape}")
    if not np.isfinite(rate).all() or (rate < 0).any() or (staff < 0).any():
        raise ValueError("rates must be finite and at least 0, and servers at least 0")
    if not (0 < bin_minutes < math.inf and 0 < mean_minutes < math.inf):
        raise ValueError(f"bin and service must take more than 0 minutes, not {bin_minutes} and {mean_minutes}")
    if capacity <= staff.max():
        raise ValueError(f"a capacity of {capacity} cases is not enough for {staff.max()} servers")


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
