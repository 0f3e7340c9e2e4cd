"""The two models on which simulators are compared, and their random numbers, drawn beforehand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.office.distributions import Exponential, Lognormal

F64 = NDArray[np.float64]
BIN = 30.0
"""Arrival rates are given for so many minutes; here they are all the same."""

Case = tuple[float, list[tuple[int, float]]]
"""When a customer comes [min], and stage and minutes of each visit."""
Run = Callable[[], Callable[[], float]]
"""What is timed; it returns what looks up the mean time in the system [min], which is not."""


class Desk(NamedTuple):
    """A stage, its servers and how long they take."""

    name: str
    servers: int
    minutes: Exponential | Lognormal


class Part(NamedTuple):
    """Stages that a share of the customers goes through, one after the other."""

    desks: tuple[int, ...]
    share: float = 1.0


@dataclass(frozen=True)
class Model:
    """A network of first-come-first-served stages; a customer goes through some of its parts, in order."""

    name: str
    desks: tuple[Desk, ...]
    parts: tuple[Part, ...]
    customers: int
    bins: int

    @property
    def rate(self) -> float:
        """Arrivals per minute."""
        return self.customers / (self.bins * BIN)

    def part(self, parts: int) -> Model:
        """Return the same with one of so many parts of the customers, in as much of the time."""
        return replace(self, customers=self.customers // parts, bins=self.bins // parts)


BY_PHONE, RETURNED = 0.6, 0.2
"""Shares of the office's customers who are consulted by phone, and whose filing and review are done a second time."""

OFFICE = Model(
    "four-stage office",
    (
        Desk("phone", 2, Lognormal(6.0, 0.8)),
        Desk("filing", 4, Lognormal(8.0, 0.6)),
        Desk("review", 3, Exponential(5.0)),
        Desk("counter", 2, Lognormal(5.0, 0.5)),
    ),
    (Part((0,), BY_PHONE), Part((1, 2)), Part((1, 2), RETURNED), Part((3,))),
    customers=40_200,
    bins=250 * 17,  # the opening hours of a year, 250 days of 8.5 hours, one after the other
)
QUEUE = Model("M/M/3, load 0.9", (Desk("desk", 3, Exponential(4.05)),), (Part((0,)),), customers=200_000, bins=10_000)


@dataclass(frozen=True)
class Numbers:
    """All that is random, drawn beforehand.

    Attributes
    ----------
    arrival : (customers,) float64
        Minutes, increasing.
    mark : (customers, parts) float64
        A part is gone through if the mark is below its share.
    first : (customers + 1,) int64
        Customer *i* makes visits ``first[i]`` to ``first[i + 1] - 1``.
    desk, minutes : (visits,) int64, float64
    """

    arrival: F64
    mark: F64
    first: NDArray[np.int64]
    desk: NDArray[np.int64]
    minutes: F64

    def cases(self) -> list[Case]:
        """Return the customers one by one, in plain numbers."""
        visits = list(zip(self.desk.tolist(), self.minutes.tolist(), strict=True))
        first = self.first.tolist()
        return [(at, visits[first[i] : first[i + 1]]) for i, at in enumerate(self.arrival.tolist())]


def numbers_of(model: Model, seed: int) -> Numbers:
    """Draw what all simulators will play: as many customers as are expected, at random moments."""
    rng = np.random.default_rng(seed)
    arrival = np.sort(rng.uniform(0.0, model.bins * BIN, model.customers))
    mark = rng.uniform(size=(model.customers, len(model.parts)))
    going = mark < [part.share for part in model.parts]
    made = np.repeat(going, [len(part.desks) for part in model.parts], axis=1)
    desk = np.tile([desk for part in model.parts for desk in part.desks], (model.customers, 1))[made]
    minutes = np.empty(len(desk))
    for number, (_, _, time_of) in enumerate(model.desks):
        here = desk == number
        if isinstance(time_of, Exponential):
            minutes[here] = rng.exponential(time_of.mean_minutes, here.sum())
        else:
            minutes[here] = rng.lognormal(time_of.mu_log, time_of.sigma_log, here.sum())
    return Numbers(arrival, mark, np.concatenate([[0], made.sum(axis=1).cumsum()]), desk, minutes)


def drawn_cases(model: Model, seed: int) -> Iterator[Case]:
    """Draw one customer after the other, as a simulation that is not compiled does it."""
    rng = random.Random(seed)
    draws: list[Callable[[], float]] = []
    for _, _, time_of in model.desks:
        if isinstance(time_of, Exponential):
            draws.append(lambda rate=1 / time_of.mean_minutes: rng.expovariate(rate))
        else:
            draws.append(lambda mu=time_of.mu_log, sigma=time_of.sigma_log: rng.lognormvariate(mu, sigma))
    rate, at = model.rate, 0.0
    for _ in range(model.customers):
        at += rng.expovariate(rate)
        yield at, [(d, draws[d]()) for desks, share in model.parts if share == 1 or rng.random() < share for d in desks]
