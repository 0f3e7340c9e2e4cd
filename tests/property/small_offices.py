"""Small offices whose parts can be changed one at a time: their unit of time, their demand, their staff."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import numpy as np

from sim.office.blocks import Arrivals, Closing, Days, Duty, Office, Outages, Pool, Population, Stage
from sim.office.distributions import NEVER, Distribution, Exponential, Fixed, Lognormal, Triangular, Uniform, Weibull
from sim.office.hours import ALWAYS, Intervals
from sim.office.routes import END, Choice, MachineTime, OwnTime, Route, Visit


@dataclass(frozen=True)
class SmallOffice:
    """Makes an office of two or three stages, with all that can happen in it; the same number, the same office.

    Attributes
    ----------
    number : int
    unit : float
        All minutes are multiplied by it.
    demand : float
        All totals are multiplied by it.
    with_lognormal : bool
        The lognormal's logarithm spoils exact scaling.
    """

    number: int
    unit: float = 1.0
    demand: float = 1.0
    with_lognormal: bool = True

    def office(self) -> Office:
        random = Random(f"small {self.number}")
        stages = tuple(self._stage(f"stage{s}", random) for s in range(random.randint(2, 3)))
        names = [stage.name for stage in stages]
        pools = tuple(self._pool(f"pool{p}", names, random) for p in range(random.randint(1, 2)))
        anybody = Pool("anybody", tuple(Duty(name) for name in names), (ALWAYS,))
        return Office(
            "small",
            Days.every_day(math.ceil(self.unit)),
            stages,
            (*pools, anybody),
            tuple(self._population(name, names, random) for name in ("one", "two")),
        )

    def _hours(self, random: Random) -> Intervals:
        begin, pause, back = sorted(float(random.randint(0, 300)) for _ in range(3))
        spans = ((begin, pause), (back, 330.0), (500.0, math.inf))
        return Intervals(tuple((since * self.unit, until * self.unit) for since, until in spans))

    def _stage(self, name: str, random: Random) -> Stage:
        begin = random.uniform(0, 300)
        given = ((begin * self.unit, (begin + 10) * self.unit),) if random.random() < 0.3 else ()
        return Stage(
            name,
            self._hours(random) if random.random() < 0.6 else ALWAYS,
            random.choice(list(Closing)),
            random.choice([None, None, 2]),
            outages=Outages(given),
        )

    def _pool(self, name: str, stages: list[str], random: Random) -> Pool:
        duties = tuple(Duty(stage, random.choice([1, 1, 2])) for stage in random.sample(stages, 2))
        return Pool(name, duties, tuple(self._hours(random) for _ in range(random.randint(1, 3))))

    def _minutes(self, mean: float, random: Random) -> Distribution:
        m = mean * self.unit
        choices: list[Distribution] = [
            Exponential(m), Uniform(m / 4, 7 * m / 4), Weibull(m, 1.5), Triangular(m / 4, m / 2, 9 * m / 4),
        ]  # fmt: skip
        return random.choice([*choices, Lognormal(m, 0.75)] if self.with_lognormal else choices)

    def _population(self, name: str, stages: list[str], random: Random) -> Population:
        bins = np.array([random.choice([0.0, 1.0, 2.0, 4.0]) for _ in range(10)]) + 0.25
        total = random.uniform(20, 60)
        arrivals = Arrivals(total * self.demand, bins, 30.0 * self.unit, exact=random.random() < 0.3)
        return Population(name, arrivals, ((0.6, self._route("long", stages, random)), (0.4, self._short(random))))

    def _visit(self, name: str, at: str, random: Random, **ways: str) -> Visit:
        patience = self._minutes(30.0, random) if random.random() < 0.5 else NEVER
        priority = random.randint(0, 2)
        return Visit(name, at, self._minutes(5.0, random), patience=patience, priority=priority, **ways)

    def _route(self, name: str, stages: list[str], random: Random) -> Route:
        first, second = random.sample(stages, 2)
        return Route(
            (
                self._visit("ask", first, random, then="think", gave_up="file"),
                Visit("think", OwnTime(second), self._minutes(10.0, random), then="file"),
                self._visit("file", second, random, then="returned"),
                Choice("returned", ((0.7, "fetch"), (0.3, "correct"))),
                Visit("correct", OwnTime(), self._minutes(20.0, random), then="again"),
                self._visit("again", second, random, then="fetch"),
                self._visit("fetch", first, random),
            ),
            name,
        )

    def _short(self, random: Random) -> Route:
        return Route(
            (
                Visit("machine", MachineTime(), Fixed(2.5 * self.unit), then="fetch"),
                self._visit("fetch", "stage0", random, then=END),
            ),
            "short",
        )


def single_queue(number: int, servers: int) -> Office:
    """Return one stage, first come first served, that nobody leaves; its own law of service for each number."""
    random = Random(f"single {number}")
    minutes: Distribution = random.choice([Exponential(5.0), Lognormal(5.0, 1.5), Uniform(0.0, 10.0), Fixed(5.0)])
    arrivals = Arrivals.poisson(np.array([random.uniform(0.1, 0.9) for _ in range(20)]), 30.0)
    return Office(
        "single",
        Days.every_day(1),
        (Stage("desk"),),
        (Pool("desk", (Duty("desk"),), (ALWAYS,) * servers),),
        (Population("all", arrivals, ((1.0, Route((Visit("visit", "desk", minutes),))),)),),
    )
