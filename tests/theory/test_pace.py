"""A pace that is set as a service begins makes the queue of a Markov chain that has the paces of those in service."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from studies_steady import queue

from sim.draws.draw import draw
from sim.engines.play import play
from sim.office.distributions import Exponential

PER_MINUTE, SERVICE, SERVERS = 0.17, 10.0, 2
MINUTES, WARM_UP, REPLICATIONS = 40_000.0, 4_000.0, 40
MOST = 300


def chain(from_waiting: int, factor: float) -> tuple[float, float]:
    """Return mean number waiting and mean service time, solved exactly but for queues of more than some hundred.

    A state is how many are there and how many of those in service go at the other pace.
    """
    states = [(n, j) for n in range(MOST + 1) for j in range(min(n, SERVERS) + 1)]
    place = {state: number for number, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for n, j in states:
        here, busy = place[n, j], min(n, SERVERS)
        if n < MOST:
            rates[here, place[n + 1, j]] += PER_MINUTE
        for slow, rate in ((0, (busy - j) / SERVICE), (1, j / (factor * SERVICE))):
            if rate:
                # Who goes leaves his server to the first of those who wait; the others still do.
                begins = n > SERVERS and n - 1 - SERVERS >= from_waiting
                rates[here, place[n - 1, j - slow + begins]] += rate
    generator = rates - np.diag(rates.sum(axis=1))
    generator[:, -1] = 1.0
    share = np.linalg.solve(generator.T, np.eye(len(states))[-1])
    waiting = sum(share[place[n, j]] * max(n - SERVERS, 0) for n, j in states)
    busy = sum(share[place[n, j]] * min(n, SERVERS) for n, j in states)
    return float(waiting), float(busy / PER_MINUTE)


@pytest.mark.parametrize(("from_waiting", "factor"), [(1, 0.6), (4, 0.7), (2, 1.1)])
def test_a_pace_makes_the_queue_of_its_markov_chain(from_waiting: int, factor: float) -> None:
    plain = queue(PER_MINUTE, Exponential(SERVICE), SERVERS, MINUTES)
    paced = replace(plain, stages=tuple(replace(stage, pace=(from_waiting, factor)) for stage in plain.stages))
    found = []
    for replication in range(REPLICATIONS):
        log = play(paced, draw(paced, 1, replication))
        mine = (log.queued_at >= WARM_UP) & (log.queued_at < MINUTES)
        wait, service = (log.started_at - log.queued_at)[mine], (log.ended_at - log.started_at)[mine]
        found.append([len(wait) * wait.mean() / (MINUTES - WARM_UP), service.mean()])
    # Little: who waits, on average, is how many come a minute times how long they wait.
    expected = chain(from_waiting, factor)
    off = (np.mean(found, axis=0) - expected) / (np.std(found, axis=0, ddof=1) / np.sqrt(REPLICATIONS))
    print(np.mean(found, axis=0), expected, off)
    assert np.abs(off).max() < 3.5
    assert np.mean(found, axis=0) == pytest.approx(expected, rel=0.06)


def test_without_a_pace_it_is_the_queue_of_erlang() -> None:
    load = PER_MINUTE * SERVICE / SERVERS
    waits = 2 * load**2 / (1 + load)
    assert chain(MOST, 1.0) == pytest.approx((waits * load / (1 - load), SERVICE), rel=1e-6)
