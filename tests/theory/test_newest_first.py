"""Who takes the newest first makes the same mean wait of a queue, and a larger variance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from studies_steady import queue

from sim.draws.draw import draw
from sim.engines.play import play
from sim.office.blocks import Office
from sim.office.distributions import Exponential

PER_MINUTE, SERVICE, LOAD = 0.08, 10.0, 0.8
MINUTES, WARM_UP, REPLICATIONS = 40_000.0, 4_000.0, 60


def moments(office: Office) -> np.ndarray:
    """Return mean wait and mean square of the waits in each replication."""
    found = []
    for replication in range(REPLICATIONS):
        log = play(office, draw(office, 1, replication))
        wait = (log.started_at - log.queued_at)[(log.queued_at >= WARM_UP) & (log.queued_at < MINUTES)]
        found.append([wait.mean(), (wait**2).mean()])
    return np.array(found)


def test_the_mean_wait_stays_and_the_mean_square_grows_by_one_over_the_idle_share():
    oldest = queue(PER_MINUTE, Exponential(SERVICE), 1, MINUTES)
    newest = replace(oldest, stages=tuple(replace(stage, newest_first=True) for stage in oldest.stages))
    # M/M/1: the wait, if there is any, is exponential with rate (1 - load) / service; Kingman (1962) for the other.
    mean = LOAD * SERVICE / (1 - LOAD)
    square = 2 * LOAD * (SERVICE / (1 - LOAD)) ** 2
    for office, expected in ((oldest, (mean, square)), (newest, (mean, square / (1 - LOAD)))):
        found = moments(office)
        off = (found.mean(axis=0) - expected) / (found.std(axis=0, ddof=1) / np.sqrt(REPLICATIONS))
        print(found.mean(axis=0), expected, off)
        assert np.abs(off).max() < 3.5
        assert found[:, 0].mean() == pytest.approx(mean, rel=0.05)
        assert found[:, 1].mean() == pytest.approx(expected[1], rel=0.25)
