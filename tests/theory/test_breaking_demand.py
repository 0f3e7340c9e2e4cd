"""The breaking demand of queues whose breaking demand is known: it must lie in the bracket that the search finds."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
import pytest
from formulas import mean_wait_mmc, wait_tail_mmc
from scipy.optimize import brentq
from studies import Played
from studies_steady import queue

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.judge import Judgement, Rule, Verdict, judge_scores
from sim.measures.kpis import measure
from sim.office.blocks import Office, Target
from sim.office.distributions import Exponential
from sim.studies.capacity.bisection import Bisection, demand_levels

SERVICE, PROMISED = 2.0, 5.0
"""Minutes: mean service time, and of the target."""
SCALE = 10_000
"""Levels are whole numbers: arrivals in so many minutes."""
WARM_UP = 1_500.0
"""Minutes left out at the beginning: ten times the relaxation time at the breaking demand, 150 minutes at most."""
CHUNK, LARGEST = 25, 400
WIDEST = 0.05
"""Of the bracket, against the breaking demand."""


@dataclass(frozen=True)
class Breaking:
    """A queue M/M/c, the arrivals per minute at which it breaks its target, and how long to play it.

    A tenth more or less demand changes a share by two of its margins at most, the less the fewer servers there are. So
    the replications of shares are longer, not to be TOO CLOSE before they tell a few per cent apart.
    """

    servers: int
    target: Target
    per_minute: float
    minutes: float

    @property
    def name(self) -> str:
        return f"c={self.servers} {self.target.statistic}"

    def exact(self) -> float:
        """Return the breaking demand by the formulas of queueing theory."""
        full = self.servers / SERVICE
        missed = _mean_missed if self.target.statistic == "mean" else _share_missed
        return float(brentq(lambda rate: missed(rate, self.servers), 1e-6, full * (1 - 1e-9), xtol=1e-12))


def _mean_missed(rate: float, servers: int) -> float:
    return SERVICE + mean_wait_mmc(rate, SERVICE, servers) - PROMISED


def _share_missed(rate: float, servers: int) -> float:
    """Return how much more than a tenth takes longer: the service alone, or the wait and then the service."""
    # The wait is 0, or exponential with the rate at which a full office gets free: integrate over the service time.
    waits = wait_tail_mmc(0.0, rate, SERVICE, servers)
    free, served = servers / SERVICE - rate, 1 / SERVICE
    if math.isclose(free, served, rel_tol=1e-6):
        both = math.exp(-served * PROMISED) * (1 + served * PROMISED)
    else:
        both = (free * math.exp(-served * PROMISED) - served * math.exp(-free * PROMISED)) / (free - served)
    return (1 - waits) * math.exp(-served * PROMISED) + waits * both - 0.1


MEAN, P90 = Target(PROMISED), Target(PROMISED, "percentile", 0.9)
CASES = [
    Breaking(1, MEAN, 0.3000, 5_000.0),
    Breaking(3, MEAN, 1.2616, 5_000.0),
    Breaking(5, MEAN, 2.2468, 5_000.0),
    Breaking(3, P90, 0.6652, 240_000.0),
    Breaking(5, P90, 1.5019, 60_000.0),
]


@dataclass(frozen=True)
class Judge:
    """Judges levels of demand of a queue, by replications in steady state."""

    of: Breaking
    rule: Rule

    def __call__(self, level: int) -> Judgement:
        office = queue(level / SCALE, Exponential(SERVICE), self.of.servers, WARM_UP + self.of.minutes)
        sums, counts = np.empty(0), np.empty(0)
        while True:
            more = [self._score(office, replication) for replication in range(len(sums), len(sums) + CHUNK)]
            sums, counts = (np.append(old, new) for old, new in zip((sums, counts), np.transpose(more), strict=True))
            found = judge_scores(self.of.target, sums, counts, self.rule)
            if found.final:
                return found

    def _score(self, office: Office, replication: int) -> tuple[float, float]:
        # One seed for all levels, as the draws of an office have it.
        journeys = draw(office, zlib.crc32(self.of.name.encode()), replication)
        played = Played(office, journeys, play(office, journeys), WARM_UP, WARM_UP + self.of.minutes)
        sojourn = played.visits(played.counted()).sojourn
        scores = sojourn if self.of.target.statistic == "mean" else sojourn <= PROMISED
        return float(scores.sum()), float(len(sojourn))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_formulas_give_the_published_digits(case: Breaking) -> None:
    assert round(case.exact(), 4) == case.per_minute


# The percentile of three servers takes four times as long as that of five.
@pytest.mark.parametrize("case", [case for case in CASES if case.minutes < 100_000], ids=lambda case: case.name)
def test_the_breaking_demand_is_in_the_bracket(case: Breaking) -> None:
    # Where to begin is anybody's guess: two thirds of what the servers can do at all.
    levels = demand_levels(round(case.servers / SERVICE * SCALE * 2 / 3))
    search = Bisection(len(levels), len(levels) // 2)
    judge = Judge(case, Rule(len(levels), largest=LARGEST))
    while wanted := search.wanted():
        for level in wanted:
            search.tell(level, judge(levels[level]).verdict)
    found = search.result()
    assert found.monotone
    assert found.tests <= search.most_tests
    assert found.holds is not None
    assert found.fails is not None
    low, high = levels[found.holds] / SCALE, levels[found.fails] / SCALE
    assert low < case.exact() < high
    assert high - low <= WIDEST * case.exact()
    assert {search.judged[found.holds], search.judged[found.fails]} == {Verdict.HOLDS, Verdict.FAILS}


def test_the_sojourn_is_the_licence_time_of_an_office_that_counts_round_the_clock() -> None:
    office = queue(0.3, Exponential(SERVICE), 1, 600.0)
    journeys = draw(office, 1)
    log = play(office, journeys)
    kpis = measure(office, journeys, log)
    sojourn = Played(office, journeys, log, 0.0, math.inf).visits(np.ones(len(journeys.arrival), bool)).sojourn
    assert kpis["licence mean"] == pytest.approx(sojourn.mean())
