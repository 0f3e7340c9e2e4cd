"""A study: an office built for one record of exact answers, played, and its log turned into answers."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scoring import Answer, Score, score, together

from sim.draws.draw import draw
from sim.engines.play import play
from sim.office.blocks import Arrivals, Days, Duty, Office, Pool, Population, Stage
from sim.office.distributions import NEVER, Distribution, Fixed
from sim.office.hours import ALWAYS, DAY
from sim.office.routes import Route, Visit
from sim.records import NOT_MADE, SERVED, Journeys, VisitLog

F64 = NDArray[np.float64]

RECORDS: dict[str, dict[str, Any]] = {
    record["id"]: record for record in json.loads(Path(__file__).with_name("oracles.json").read_text())["records"]
}
PROBE = "probe"
"""Population of test callers with no service time: they wait as anybody would and hold nobody up."""


def exact_answers(record: str) -> dict[str, float]:
    return {name: answer["value"] for name, answer in RECORDS[record]["answers"].items()}


@dataclass(frozen=True)
class Visits:
    """Some visits of a log: who, and how long."""

    case: NDArray[np.int32]
    queued: F64
    left_queue: F64
    ended: F64
    is_served: NDArray[np.bool_]

    @property
    def wait(self) -> F64:
        return self.left_queue - self.queued

    @property
    def sojourn(self) -> F64:
        return self.ended - self.queued

    def only(self, which: NDArray[np.bool_]) -> Visits:
        return Visits(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Played:
    """One replication. Cases that arrive in [begin, end) count; the rest warms up, or follows after."""

    office: Office
    journeys: Journeys
    log: VisitLog
    begin: float
    end: float

    @property
    def minutes(self) -> float:
        return self.end - self.begin

    @property
    def servers(self) -> int:
        return sum(pool.servers for pool in self.office.pools)

    def of_population(self, *names: str) -> NDArray[np.bool_]:
        """Return which cases belong to the populations named; to all but the probes if none is named."""
        numbers = [i for i, p in enumerate(self.office.populations) if (p.name in names if names else p.name != PROBE)]
        return np.isin(self.journeys.population, numbers)

    def counted(self, *populations: str) -> NDArray[np.bool_]:
        arrival = self.journeys.arrival
        return self.of_population(*populations) & (arrival >= self.begin) & (arrival < self.end)

    def visits(self, cases: NDArray[np.bool_], stage: int = 0) -> Visits:
        case = self.journeys.case_of_visit()
        log = self.log
        made = (log.outcome != NOT_MADE) & (self.journeys.stage == stage) & cases[case]
        served = log.outcome[made] == SERVED
        left = np.where(served, log.started_at[made], log.ended_at[made])
        return Visits(case[made], log.queued_at[made], left, log.ended_at[made], served)

    def area(self, since: F64, until: F64) -> float:
        """Return the area under the number present in [begin, end), given who is present from when to when."""
        return float((np.clip(until, self.begin, self.end) - np.clip(since, self.begin, self.end)).sum())


Measure = Callable[[str, Played], dict[str, Answer]]
Rules = dict[str, Callable[..., Answer]]


def by_rules(rules: Rules, record: str, *subject: Any) -> dict[str, Answer]:
    """Return the answers whose names match a rule; it is called with the subject, the exact value and the groups."""
    found = {}
    for name, exact in exact_answers(record).items():
        for pattern, rule in rules.items():
            match = re.fullmatch(pattern, name)
            if match:
                found[name] = rule(*subject, exact, *match.groups())
                break
    return found


@dataclass(frozen=True, eq=False)
class Study:
    """What to build, how much of it, and how to measure it.

    A replication has arrivals for so many `minutes`, of which `warm_up` are left out at the beginning and
    `cool_down` at the end.
    """

    record: str
    build: Callable[[float], Office]
    measure: Measure
    minutes: float
    replications: int
    warm_up: float = 0.0
    cool_down: float = 0.0
    part: str = ""

    @property
    def name(self) -> str:
        return self.record + (f"/{self.part}" if self.part else "")

    @property
    def seed(self) -> int:
        """Studies share the names of their streams; a seed of its own makes each independent of the others."""
        return zlib.crc32(f"{self.name}/compiled".encode())

    def answers(self) -> dict[str, Answer]:
        office = self.build(self.minutes)
        rows: list[dict[str, Answer]] = []
        for replication in range(self.replications):
            journeys = draw(office, self.seed, replication)
            log = play(office, journeys)
            assert log.left == 0
            played = Played(office, journeys, log, self.warm_up, self.minutes - self.cool_down)
            rows.append(self.measure(self.record, played))
        return {name: together([row[name] for row in rows]) for name in rows[0]}


@cache
def answers(study: Study) -> dict[str, Answer]:
    return study.answers()


@cache
def scores(study: Study) -> dict[str, Score]:
    return {name: score(answer) for name, answer in answers(study).items()}


def check(study: Study) -> None:
    """See that the compiled engine meets the exact answers, and that the process engine plays the same."""
    assert scores(study)
    assert {name: score for name, score in scores(study).items() if not abs(score.z) < 4} == {}
    # A hundred times slower, so of this a part.
    office = study.build(study.minutes / 5)
    journeys = draw(office, study.seed)
    assert play(office, journeys, "process").differing_values(play(office, journeys)) == 0


def one_visit(minutes: Distribution, stage: str = "desk", patience: Distribution = NEVER, priority: int = 1) -> Route:
    return Route((Visit("visit", stage, minutes, patience=patience, priority=priority),))


def all_the_time(per_minute: float, minutes: float) -> Arrivals:
    """Return Poisson arrivals at a constant rate for so many minutes."""
    return Arrivals.poisson(per_minute, 30.0, math.ceil(minutes / 30.0))


def round_the_clock(
    minutes: float, populations: tuple[Population, ...], servers: dict[str, int], places: int | None = None
) -> Office:
    """Return an office that never closes: one stage and one pool for each entry of `servers`."""
    return Office(
        "steady",
        Days.every_day(math.ceil(minutes / DAY)),
        tuple(Stage(name, waiting_places=places) for name in servers),
        tuple(Pool(name, (Duty(name),), (ALWAYS,) * count) for name, count in servers.items()),
        populations,
    )


def probes(per_minute: float, minutes: float) -> Population:
    return Population(PROBE, all_the_time(per_minute, minutes), ((1.0, one_visit(Fixed(0.0))),))
