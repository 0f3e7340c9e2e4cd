"""What the answer is."""

from dataclasses import dataclass
from typing import Any

from sim.results.about import Record
from sim.results.codec import column, table


@dataclass(frozen=True)
class HalfHour:
    """A half-hour of the day."""

    begin: str = column("half-hour from")
    arrivals: float = column("first contacts a year", "cases")


@dataclass(frozen=True, kw_only=True)
class Busiest(Record):
    """How many people come first in each half-hour, mean over some years."""

    years: int
    scenario: dict[str, Any]
    half_hours: tuple[HalfHour, ...] = table("half_hours")

    @property
    def most(self) -> HalfHour:
        """The half-hour in which most come."""
        return max(self.half_hours, key=lambda each: each.arrivals)


ANSWER = Busiest
