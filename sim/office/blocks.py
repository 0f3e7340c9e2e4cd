"""What an office is made of: stages, pools of servers, populations of applicants, a target.

These blocks know nothing of registrations. `registration.py` builds the district's office from them, and
the theory tests build M/M/c queues, tandems and days with shifts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property, reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.office.hours import ALWAYS, Days, Hours, Intervals, ShiftPlan
from sim.office.routes import Route
from sim.text import Message

F64 = NDArray[np.float64]

MAX_SERVERS = 64
"""A pool's idle servers are kept in the bits of one word, and so are the choices of all pools."""


class Closing(IntEnum):
    """What a stage does at closing with those who wait."""

    SERVE = 0
    """Whoever queued before the closing is still served, in overtime."""
    CARRY_OVER = 1
    """Nobody is taken until the stage opens again; the queue stays."""
    SEND_HOME = 2
    """Whoever waits goes home and is back, in the old place, at the next opening."""


@dataclass(frozen=True)
class Outages:
    """Breakdowns of a stage: nothing is taken, services in hand finish, patience runs.

    Attributes
    ----------
    given : tuple of (from, to)
        Minutes since the first midnight.
    per_day : float
        Expected number of drawn outages per working day, beginning at a random time of the opening hours.
    mean_minutes : float
        Mean length of a drawn outage, exponential.

    Raises
    ------
    ValueError
        If an outage ends before it begins or begins before the first midnight, a number is negative or not finite, or
        the mean is 0.
    """

    given: tuple[tuple[float, float], ...] = ()
    per_day: float = 0.0
    mean_minutes: float = 60.0

    def __post_init__(self) -> None:
        for begin, end in self.given:
            if not 0 <= begin < end:
                raise ValueError(f"an outage must begin at 0 or later and end after that, not be from {begin} to {end}")
        if not (0 <= self.per_day < np.inf and 0 < self.mean_minutes < np.inf):
            raise ValueError(f"there cannot be {self.per_day} outages a day of {self.mean_minutes} minutes")


@dataclass(frozen=True)
class Stage:
    """A place where cases are served.

    Attributes
    ----------
    name, closing, outages : str, Closing, Outages
    open : Hours
        [from, to); an arrival at the closing instant is too late.
    waiting_places : int or None
        Who finds no place gives up at once; None = room for all.
    newest_first : bool
        Of those of one priority the newest is taken; of too many for the waiting places the oldest gives up.
    pace : tuple of (int, float)
        A service that begins while so many others wait here takes so many times its minutes, whoever serves.
    counted : bool
        Its minutes belong to the licence time.
    channel : str or None
        A case served here counts for this channel.
    """

    name: str
    open: Hours = ALWAYS
    closing: Closing = Closing.SERVE
    waiting_places: int | None = None
    counted: bool = True
    channel: str | None = None
    outages: Outages = field(default_factory=Outages)
    newest_first: bool = False
    pace: tuple[int, float] = 0, 1.0

    def __post_init__(self) -> None:
        if not (self.pace[0] >= 0 and 0 < self.pace[1] < np.inf):
            raise ValueError(f"{self.name!r}: a pace is a number from 0 on and a factor above 0, not {self.pace}")


@dataclass(frozen=True)
class Duty:
    """A pool's choice: it serves `stage`, when at least `when_waiting` cases wait there; a ValueError below 1."""

    stage: str
    when_waiting: int = 1

    def __post_init__(self) -> None:
        if self.when_waiting < 1:
            raise ValueError(f"a pool serves {self.stage!r} when 1 or more wait there, not {self.when_waiting}")


@dataclass(frozen=True, eq=False)
class Pool:
    """People with the same skills, who are numbered servers.

    Attributes
    ----------
    name : str
    serves : tuple of Duty
        In order of preference.
    duty : ShiftPlan, or tuple of Hours
        A plan by half-hours, or the hours of each person.
    absence : float
        Share of days on which a person is absent, each by himself.
    cost_per_hour : float
        Cost of a planned staff-hour.
    leave : float
        Share of days on which a server is on leave, planned for the pool: of n people n · leave are away on a day,
        rounded down or up.
    overtime_factor : float
        An hour of overtime costs so many times another.
    at_once : int
        So many cases each of them may have in hand: he is as many servers, the first of everybody before anybody's
        second, on and off duty together. A ValueError below 1.
    """

    name: str
    serves: tuple[Duty, ...]
    duty: ShiftPlan | tuple[Hours, ...]
    absence: float = 0.0
    cost_per_hour: float = 0.0
    leave: float = 0.0
    overtime_factor: float = 1.0
    at_once: int = 1

    def __post_init__(self) -> None:
        if self.at_once < 1:
            raise ValueError(f"who is in pool {self.name!r} has 1 case or more in hand at once, not {self.at_once}")

    @property
    def away(self) -> bool:
        """Whether anybody is ever absent or on leave."""
        return self.absence > 0 or self.leave > 0

    @property
    def people(self) -> int:
        """Number of people."""
        return self.duty.servers if isinstance(self.duty, ShiftPlan) else len(self.duty)

    @property
    def servers(self) -> int:
        """Number of servers: cases that its people can have in hand at once."""
        return self.people * self.at_once


@dataclass(frozen=True, eq=False)
class Arrivals:
    """When the cases of a population first get in touch: `total` of them, spread over the bins of `shape`.

    Attributes
    ----------
    total : float
        Expected arrivals over the horizon, before `factor`.
    shape : (bins,) float64
        Relative rate in each bin from the first midnight on; its scale makes no difference.
    bin_minutes : float
    exact : bool
        True: `total`, times the year's factor and rounded, arrive at random moments. False: a Poisson process.
    day_to_day_cv : float
        Coefficient of variation of a lognormal factor on each day, the total unchanged.
    total_cv : float
        That of a lognormal factor on the total, the same for all populations of an office in a replication.
    factor : (bins,) float64 or None
        Surges (> 1) bring more of the same, slumps (< 1) keep some away; who comes anyway comes at the
        same moment.

    Raises
    ------
    ValueError
        If a number is negative or not finite, or somebody comes but the shape says at no time.
    """

    total: float
    shape: F64
    bin_minutes: float = 30.0
    exact: bool = False
    day_to_day_cv: float = 0.0
    factor: F64 | None = None
    total_cv: float = 0.0

    def __post_init__(self) -> None:
        numbers = self.total, self.day_to_day_cv, self.total_cv
        if not (all(0 <= number < np.inf for number in numbers) and 0 < self.bin_minutes < np.inf):
            raise ValueError(
                f"total and variation must be numbers from 0 on, and the minutes of a bin above it, not {self.total}, "
                f"{self.day_to_day_cv}, {self.total_cv} and {self.bin_minutes}"
            )
        for what, bins in (("shape", self.shape), ("factor", self.factor)):
            # NaN is in no order with any number.
            if bins is not None and (
                len(bins) != len(self.shape) or not len(bins) or not (bins.min() >= 0 and bins.max() < np.inf)
            ):
                raise ValueError(f"the {what} of arrivals must have a number from 0 on for each bin")
        if self.total > 0 and not self.shape.any():
            raise ValueError(f"{self.total} arrivals are expected, but the shape is 0 in all bins")

    @classmethod
    def poisson(cls, per_minute: float | F64, bin_minutes: float, bins: int | None = None) -> Arrivals:
        """Return a Poisson process with the given rates, one for each bin (or one rate and a number of bins)."""
        rate = np.broadcast_to(np.asarray(per_minute, np.float64), bins or np.shape(per_minute)).copy()
        return cls(float(rate.sum() * bin_minutes), rate, bin_minutes)


@dataclass(frozen=True)
class ArrivalTimes:
    """Arrivals at given times [minutes since the first midnight]; a ValueError if one is before that."""

    times: tuple[float, ...]

    def __post_init__(self) -> None:
        for time in self.times:
            if not 0 <= time < np.inf:
                raise ValueError(f"an arrival must be at 0 or later, not at {time}")


@dataclass(frozen=True, eq=False)
class Population:
    """Cases of one kind.

    Attributes
    ----------
    name : str
        Unique; also names the streams of random numbers.
    arrivals : Arrivals or ArrivalTimes
    routes : tuple of (share, Route)
        Profiles: a case follows one of them.
    kind : str
        Class in the results (several populations may share one).
    channel : str
        How these cases file if no stage with a channel of its own serves them.
    on_target : bool
        The target is about these.
    """

    name: str
    arrivals: Arrivals | ArrivalTimes
    routes: tuple[tuple[float, Route], ...]
    kind: str = "all"
    channel: str = "all"
    on_target: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised: a mean, a share, or a percentile of one of the clocks.

    Attributes
    ----------
    clock : str
        `licence`, `touch`, `door_to_door` or `journey`.
    statistic : str
        `mean` or `percentile`: at most `minutes`; `share`: at least `level` of the cases within `minutes`.
    minutes : float
    level : float
        The share, or the percentile as a fraction (0.9 = P90).
    uncertain : bool
        Whether the demand of a year is drawn: then few years may decide, and a verdict waits for those. No part of what
        is promised.
    """

    minutes: float = 5.0
    statistic: Literal["mean", "share", "percentile"] = "mean"
    level: float = 0.9
    clock: Literal["licence", "touch", "door_to_door", "journey"] = "licence"
    uncertain: bool = field(default=False, compare=False)


@dataclass(frozen=True, eq=False)
class Office:
    """A whole office, ready to be drawn and played.

    Attributes
    ----------
    name : str
    days : Days
    stages, pools, populations : tuple
    counted_hours : Hours
        Hours within which waiting counts; they belong to the target, not to the staffing.
    target : Target
    measures_cost : float
        What is paid in the horizon besides the staff [yuan].

    Raises
    ------
    ValueError
        If a name is used twice or unknown, or a pool has more than 64 servers.
    """

    name: str
    days: Days
    stages: tuple[Stage, ...]
    pools: tuple[Pool, ...]
    populations: tuple[Population, ...]
    counted_hours: Hours = ALWAYS
    target: Target = Target()
    measures_cost: float = 0.0

    def __post_init__(self) -> None:
        for what, blocks in (("stage", self.stages), ("pool", self.pools), ("population", self.populations)):
            names = [block.name for block in blocks]
            if len(set(names)) < len(names):
                raise ValueError(f"two {what}s of office {self.name!r} have the same name")
        stages = {stage.name for stage in self.stages}
        if sum(len(pool.serves) for pool in self.pools) > MAX_SERVERS:
            raise ValueError(f"the pools of office {self.name!r} have more than {MAX_SERVERS} choices in all")
        for pool in self.pools:
            if pool.servers > MAX_SERVERS:
                raise ValueError(f"pool {pool.name!r} has {pool.servers} servers; at most {MAX_SERVERS} are possible")
            for duty in pool.serves:
                if duty.stage not in stages:
                    raise ValueError(f"pool {pool.name!r} serves {duty.stage!r}, which is no stage")
        for population in self.populations:
            for _, route in population.routes:
                for stage in sorted(route.named - stages):
                    raise ValueError(f"route {route.name!r} has a visit at {stage!r}, which is no stage")

    def stage_number(self, name: str) -> int:
        """Return the number of a stage."""
        return self._numbers[name]

    @cached_property
    def visited(self) -> tuple[str, ...]:
        """The stages that somebody may come to, in the office's order."""
        return visited_by(self.stages, self.populations)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {stage.name: number for number, stage in enumerate(self.stages)}


def visited_by(stages: Sequence[Stage], populations: Sequence[Population]) -> tuple[str, ...]:
    """Return the stages that somebody of some populations may come to."""
    routes = [route for who in populations for share, route in who.routes if share > 0]
    visited = {stage for route in routes for stage in route.stages}
    return tuple(stage.name for stage in stages if stage.name in visited)


__all__ = [
    "ArrivalTimes", "Arrivals", "Closing", "Days", "Duty", "Intervals", "Office", "Outages", "Pool",
    "Population", "Stage", "Target",
]  # fmt: skip


@dataclass(frozen=True)
class Unfinished:
    """Cases that an office cannot finish, however long it goes on.

    Attributes
    ----------
    cases, days : int
        Those that are left when the days of the office are used up; days from the last arrival until then.
    at : dict of str to int
        Of the cases, those that are at a stage, by its name.
    """

    cases: int
    days: int
    at: dict[str, int] = field(default_factory=dict)

    def said(self, named: Callable[[str], str] = str) -> Message:
        """Return what is the matter; `named` says what stages are called."""
        parts = [Message("{cases:,} at {stage}", cases=cases, stage=named(stage)) for stage, cases in self.at.items()]
        if not parts:
            return Message("{cases:,} cases are still away {days:,} days after the last arrival: their own times, or "
                           "those outside the office, are longer", cases=self.cases, days=self.days)  # fmt: skip
        where = reduce(lambda some, more: Message("{some}, {more}", some=some, more=more), parts)
        return Message(
            "{cases:,} cases are not finished {days:,} days after the last arrival ({where}); it needs more staff, "
            "longer hours or fewer outages there", cases=self.cases, days=self.days, where=where,
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.said())
