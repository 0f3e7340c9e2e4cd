"""A parameter that may be otherwise: its value, and the range that it may be in."""

from __future__ import annotations

from dataclasses import dataclass

from sim.results.codec import column
from sim.text import N_, language

GIVEN = "given"
"""Kind of a range that is from a file."""


@dataclass(frozen=True)
class Assumption:
    """A parameter that may be otherwise.

    Attributes
    ----------
    parameter : str
        Dotted path in the scenario; ``[]`` stands for all caller profiles, multiplied alike.
    source, kind : str
        As in the table of parameters; kind is where the range is from: article, assumption, computed, elsewhere, or
        given by a file, whose name is the source.
    value : float
        In the scenario. Of caller profiles the mean over all callers; of a profile of time 0. Infinite if the scenario
        has no number, which is as many as anybody wants.
    low, high : float
        What it may be; made wider by the scenario's own value if that is outside.
    whole : bool
        Whether it is a whole number.
    """

    parameter: str = column(N_("parameter"))
    unit: str = column(N_("unit"))
    meaning_en: str = column(N_("meaning"))
    meaning_zh: str = column(N_("meaning"))
    source: str = column(N_("source"))
    kind: str = column(N_("kind of source"))
    value: float = column(N_("value"))
    low: float = column(N_("low"))
    high: float = column(N_("high"))
    plausible_low: float = column(N_("plausible from"))
    plausible_high: float = column(N_("plausible to"))
    extended: bool = column(N_("range made wider by the scenario's own value"))
    whole: bool = column(N_("whole number"))

    @property
    def meaning(self) -> str:
        """What it is."""
        return self.meaning_en if language() == "en" else self.meaning_zh

    @property
    def ends(self) -> tuple[float, ...]:
        """The ends of the range that are not the scenario's own value."""
        return tuple(end for end in (self.low, self.high) if end != self.value)

    @property
    def start(self) -> float:
        """Where the way to an end begins: at the value, or at the high end if it is as many as anybody wants."""
        return min(self.value, self.high)

    def at(self, part: float) -> float:
        """Return the value that far up the range: 0 = low, 1 = high."""
        value = self.low + (self.high - self.low) * part
        return float(round(value)) if self.whole else value

    def part(self, value: float) -> float:
        """Return how far up the range a value is: 0 = low, 1 = high, and not beyond."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
