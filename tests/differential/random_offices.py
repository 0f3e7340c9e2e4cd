"""Small random offices, made so that every rule of the office has its say and ties are common.

An office is a number: `random_office(7)` is the same on every machine. Every third office runs in whole
minutes, so that arrivals, ends of service, ends of patience and the calendar meet at the same instant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from helpers import LEAVE, V, hand_made_journeys, hand_made_tables, hours, pool

from sim.office.blocks import Closing, Duty, Pool, Stage
from sim.office.hours import Intervals
from sim.office.tables import OfficeTables
from sim.records import MACHINE_TIME, OWN_TIME, Journeys, own_time_in_opening_hours

EVERY_THIRD = 3
"""Offices whose number is a multiple of this one run in whole minutes."""


@dataclass(frozen=True)
class RandomOffice:
    """An office and its journeys, ready to be played."""

    number: int
    whole_minutes: bool
    journeys: Journeys
    tables: OfficeTables


def random_office(number: int) -> RandomOffice:
    """Return the random office with this number."""
    maker = _Maker(number)
    stages = [maker.stage(s) for s in range(maker.stages)]
    pools = maker.pools()
    cases = [(arrival, maker.visits()) for arrival in maker.arrivals()]
    journeys = hand_made_journeys(*cases, outages=maker.outages())
    return RandomOffice(number, maker.whole, journeys, hand_made_tables(stages, pools, journeys))


class _Maker:
    """Makes the parts of one office."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)
        self.orders = Random(f"orders {number}")
        self.paces = Random(f"paces {number}")
        self.whole = number % EVERY_THIRD == 0
        self.step = self.random.choice([1, 5])
        """All times of an office in whole minutes are multiples of it; five make the most ties."""
        self.length = self.random.choice([40.0, 120.0, 300.0])
        """Minutes over which cases arrive."""
        self.stages = self.random.randint(1, 4)
        # Shared by stages and servers, so that stages close at the very moment at which duties end.
        self.shared_hours = [self.new_hours() for _ in range(2)]

    def minutes(self, high: float, low: float = 0.0) -> float:
        if self.whole:
            return float(self.step * self.random.randint(math.ceil(low / self.step), math.ceil(high / self.step)))
        return self.random.uniform(low, high)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    # Hours: breaks and shifts; mostly there is a next day on which the backlog can be finished.

    def new_hours(self) -> Intervals:
        if self.chance(0.2):
            return hours((0.0, math.inf))
        instants = sorted({self.minutes(self.length * 1.3) for _ in range(2 * self.random.randint(1, 4))})
        spans = list(zip(instants[::2], instants[1::2], strict=False))
        if self.chance(0.5):
            spans.append((0.0, instants[0]))
        if self.chance(0.85):
            spans.append((self.length * 1.5, math.inf))
        return hours(*spans)

    def some_hours(self) -> Intervals:
        return self.random.choice(self.shared_hours) if self.chance(0.75) else self.new_hours()

    # Stages, pools, outages.

    def stage(self, number: int) -> Stage:
        places = self.random.choice([None] * 6 + [0, 1, 1, 2])
        closing = self.random.choice(list(Closing))
        hours = self.some_hours()
        return Stage(
            f"stage{number}",
            open=hours,
            closing=closing,
            waiting_places=places,
            newest_first=self.orders.random() < 0.3,
            pace=self.paces.choice([(0, 1.0), (1, 2.0), (2, 2.0 if self.whole else 0.7), (3, 3.0)]),
        )

    def pools(self) -> list[Pool]:
        """Return one to four pools with several skills; most stages have somebody who helps at once."""
        pools = []
        unserved = list(range(self.stages))
        for number in range(self.random.randint(1, 4)):
            skills = self.random.sample(range(self.stages), self.random.randint(1, self.stages))
            duties = [Duty(f"stage{s}", self.random.choice([1, 1, 1, 2, 2, 3])) for s in skills]
            pools.append(self.pool(number, duties))
            unserved = [s for s in unserved if Duty(f"stage{s}") not in duties]
        if unserved and self.chance(0.9):
            pools.append(self.pool(len(pools), [Duty(f"stage{s}") for s in unserved]))
        return pools

    def pool(self, number: int, duties: list[Duty]) -> Pool:
        servers = self.random.randint(1, 4)
        same = self.duty_hours() if self.chance(0.5) else None  # the whole crew comes and goes together
        return pool(*duties, duty=[same or self.duty_hours() for _ in range(servers)], name=f"pool{number}")

    def duty_hours(self) -> Intervals:
        """Return hours of duty; some end a little after a closing, while the service in hand goes on."""
        chosen = self.some_hours()
        if self.chance(0.75):
            return chosen
        return hours(*((begin, end + self.minutes(5, 1)) for begin, end in chosen.spans))

    def outages(self) -> list[tuple[int, float, float]]:
        begins = [(s, self.minutes(self.length)) for s in range(self.stages) if self.chance(0.3)]
        return [(s, begin, begin + self.minutes(20, 1)) for s, begin in begins]

    # Cases.

    def arrivals(self) -> list[float]:
        """Return when cases arrive; in whole minutes some come in groups, and some when a door opens or closes."""
        if self.chance(0.01):
            return []
        times = [self.minutes(self.length) for _ in range(self.random.randint(1, 50))]
        if self.whole:
            doors = [t for shared in self.shared_hours for span in shared.spans for t in span if t < math.inf]
            meeting = self.random.sample(times, min(4, len(times))) + doors
            times = [self.random.choice(meeting) if self.chance(0.3) else time for time in times]
        return sorted(times)

    def visits(self) -> list[V]:
        """Return the visits of a case; 3 % of the cases have none."""
        if self.chance(0.03):
            return []
        count = self.random.randint(1, 6)
        visits: list[V] = []
        held_until = -1
        for i in range(count):
            stage = self.stage_code()
            later = list(range(i + 1, count))
            stays_until = None
            if stage >= 0 and later and i > held_until and self.chance(0.3):
                stays_until = held_until = self.random.choice(later)
            visits.append(
                V(
                    stage,
                    minutes=self.service_minutes() if stage >= 0 else self.away_minutes(),
                    patience=self.patience(),
                    priority=self.random.randint(0, 2),
                    then=self.random.choice([None, None, None, *later, LEAVE]),
                    gave_up=self.random.choice([LEAVE, *later]),
                    stays_until=stays_until,
                )
            )
        return visits

    def stage_code(self) -> int:
        """Return a stage, three times out of four, or a kind of time away."""
        away = [OWN_TIME, MACHINE_TIME, *(own_time_in_opening_hours(s) for s in range(self.stages))]
        return self.random.randrange(self.stages) if self.chance(0.75) else self.random.choice(away)

    def service_minutes(self) -> float:
        return self.minutes(self.random.choice([0, 2, 4, 10]))

    def away_minutes(self) -> float:
        """Return a time away: mostly short, at times beyond the end of the calendar or without end."""
        return math.inf if self.chance(0.005) else self.minutes(self.random.choice([0, 2, 4, 10, 10, 600]))

    def patience(self) -> float:
        return self.minutes(self.random.choice([5, 15, 40])) if self.chance(0.4) else math.inf
