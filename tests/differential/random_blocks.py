"""Random offices of building blocks, for the real way: blocks, draw, play.

They run for two to four days with weekends in between, two populations follow routes with choices, and
whatever is lowered or drawn has its part: shift plans, weekly hours, absences, leave, outages, surges. The first
pool can finish whatever is left, so that every case finishes.
"""

from __future__ import annotations

from random import Random

import numpy as np

from sim.office.blocks import Arrivals, ArrivalTimes, Closing, Duty, Office, Outages, Pool, Population, Stage
from sim.office.distributions import (
    NEVER,
    Distribution,
    Exponential,
    Fixed,
    Lognormal,
    Triangular,
    Uniform,
    Weibull,
)
from sim.office.hours import (
    CLOSED_DAY,
    DAY,
    DAY_KINDS,
    MAKE_UP_DAY,
    SLOT,
    SLOTS,
    Days,
    Hours,
    ShiftPlan,
    WeeklyHours,
)
from sim.office.routes import END, Choice, MachineTime, Node, OwnTime, Route, Visit

SPARE_DAYS = 200
FIRST_SLOT, LAST_SLOT = 16, 36
"""All hours lie between 08:00 and 18:00."""


def random_block_office(number: int) -> Office:
    """Return the office with this number; every third is in whole minutes."""
    return _Blocks(number).office()


class _Blocks:
    """Makes the parts of one office."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.random = Random(f"blocks {number}")
        self.orders = Random(f"orders of blocks {number}")
        self.paces = Random(f"paces of blocks {number}")
        self.whole = number % 3 == 0
        self.horizon = self.random.randint(2, 4)
        self.stages = [f"stage{s}" for s in range(self.random.randint(1, 4))]
        self.shared_hours = [self.new_hours() for _ in range(2)]

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def office(self) -> Office:
        kinds = [self.random.randint(0, 4)]
        while len(kinds) < self.horizon + SPARE_DAYS:
            kinds.append((kinds[-1] + 1) % 7)
        weekend = [CLOSED_DAY, CLOSED_DAY, CLOSED_DAY, MAKE_UP_DAY]
        days = Days(np.array([self.random.choice(weekend) if k > 4 else k for k in kinds], np.int8), self.horizon)
        return Office(
            f"random {self.number}",
            days,
            tuple(self.stage(name) for name in self.stages),
            self.pools(),
            tuple(self.population(name) for name in ("walk-ins", "callers")),
        )

    # Hours, stages, pools.

    def new_hours(self) -> WeeklyHours:
        return WeeklyHours(self.new_day(), ((self.random.randint(0, 4), self.new_day()),))

    def new_day(self) -> tuple[tuple[float, float], ...]:
        """Return one to three spans of a day, by half-hours like the shift plans."""
        slots = sorted(self.random.sample(range(FIRST_SLOT, LAST_SLOT + 1), 2 * self.random.randint(1, 3)))
        return tuple((begin * SLOT, end * SLOT) for begin, end in zip(slots[::2], slots[1::2], strict=True))

    def some_hours(self) -> Hours:
        return self.random.choice(self.shared_hours) if self.chance(0.7) else self.new_hours()

    def stage(self, name: str) -> Stage:
        begin = self.random.randint(8 * 60, 16 * 60)
        given = ((float(begin), float(begin + self.random.randint(1, 60))),) if self.chance(0.3) else ()
        return Stage(
            name,
            open=self.some_hours(),
            closing=self.random.choice(list(Closing)),
            waiting_places=self.random.choice([None] * 6 + [0, 2]),
            outages=Outages(given, 0.0 if self.whole else self.random.choice([0.0, 0.5]), mean_minutes=30.0),
            newest_first=self.orders.random() < 0.3,
            pace=self.paces.choice([(0, 1.0), (1, 2.0), (2, 0.5), (3, 3.0)]),
        )

    def pools(self) -> tuple[Pool, ...]:
        steady = ShiftPlan.steady(self.random.randint(1, 2), FIRST_SLOT * SLOT, LAST_SLOT * SLOT)
        pools = [Pool("all-rounders", tuple(Duty(stage) for stage in self.stages), steady)]
        for number in range(self.random.randint(1, 3)):
            skills = self.random.sample(self.stages, self.random.randint(1, len(self.stages)))
            duties = tuple(Duty(stage, self.random.choice([1, 1, 2, 3])) for stage in skills)
            absence, leave = self.random.choice([(0.0, 0.0), (0.0, 0.0), (0.3, 0.0), (0.0, 0.25), (0.2, 0.2)])
            pools.append(Pool(f"pool{number}", duties, self.crew(), absence, leave=leave))
        self.random.shuffle(pools)
        return tuple(pools)

    def crew(self) -> ShiftPlan | tuple[Hours, ...]:
        servers = self.random.randint(1, 3)
        if self.chance(0.5):
            return tuple(self.some_hours() for _ in range(servers))
        counts = np.zeros((DAY_KINDS, SLOTS), np.int16)
        for slot in range(FIRST_SLOT, LAST_SLOT, 4):
            counts[:, slot : slot + 4] = self.random.randint(0, servers)
        return ShiftPlan(counts)

    # Populations.

    def population(self, name: str) -> Population:
        share = self.random.choice([1.0, 0.7])
        routes = [(share, self.route("main"))] + ([(1.0 - share, self.route("other"))] if share < 1 else [])
        return Population(name, self.arrivals(), tuple(routes))

    def arrivals(self) -> Arrivals | ArrivalTimes:
        count = self.random.randint(5, 40)
        if self.whole:
            return ArrivalTimes(tuple(float(self.random.randrange(int(self.horizon * DAY))) for _ in range(count)))
        shape = np.zeros((self.horizon, SLOTS))
        shape[:, FIRST_SLOT - 2 : LAST_SLOT + 2] = self.random.uniform(0.5, 2.0)
        factor = np.full(shape.size, self.random.choice([0.5, 1.5])) if self.chance(0.3) else None
        return Arrivals(
            float(count), shape.ravel(), SLOT, exact=self.chance(0.5),
            day_to_day_cv=self.random.choice([0.0, 0.3]), factor=factor,
        )  # fmt: skip

    def route(self, name: str) -> Route:
        count = self.random.randint(2, 7)
        nodes: list[Node] = []
        held_until = -1
        names = [f"{name} {i}" for i in range(count)]
        for i in range(count):
            later = names[i + 1 :]
            if later and self.chance(0.25):
                options = self.random.choice(later), self.random.choice([END, *later])
                nodes.append(Choice(names[i], ((0.6, options[0]), (0.4, options[1]))))
                continue
            stays_until = None
            if later and i > held_until and self.chance(0.3):
                stays_until = self.random.choice(later)
                held_until = names.index(stays_until)
            nodes.append(
                Visit(
                    names[i],
                    self.place(served=stays_until is not None),
                    self.time(6.0),
                    then=self.random.choice([*later[:1], *later]) if later else END,
                    patience=self.time(40.0) if self.chance(0.3) else NEVER,
                    gave_up=self.random.choice([END, *later]),
                    priority=self.random.randint(0, 2),
                    stays_until=stays_until,
                )
            )
        return Route(tuple(nodes), name)

    def place(self, served: bool) -> str | OwnTime | MachineTime:
        stage = self.random.choice(self.stages)
        if served or self.chance(0.75):
            return stage
        return self.random.choice([OwnTime(), OwnTime(in_hours_of=stage), MachineTime()])

    def time(self, mean: float) -> Distribution:
        if self.whole:
            return Fixed(float(self.random.randint(0, int(2 * mean))))
        return self.random.choice(
            [
                Fixed(mean),
                Exponential(mean),
                Lognormal(mean, 0.8),
                Weibull(mean, 1.5),
                Uniform(0.0, 2 * mean),
                Triangular(0.0, mean, 2 * mean),
            ]
        )
