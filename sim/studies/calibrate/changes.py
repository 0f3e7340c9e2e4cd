"""What has changed between two logs: figures that have moved, and what each cause does to what is promised."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from sim.results.about import AS_TARGET, Interval, TargetFacts
from sim.results.codec import column
from sim.text import N_

CHANGED, FEW = 3, "few days"
"""Exit status, if a figure has moved."""


def index_of(name: str) -> str:
    """Return the profile that an estimate is a member of, such as ``demand.month_index``; empty if of none."""
    whole, bracket, _ = name.partition("[")
    return whole if bracket and name.endswith("]") and whole.endswith(("_index", ".hourly")) else ""


@dataclass(frozen=True)
class Moved:
    """A figure that both logs tell, with its interval in each."""

    name: str = column(N_("name"))
    cause: str = column(N_("cause"))
    unit: str = column(N_("unit"))
    before: float = column(N_("before"))
    before_low: float = column(N_("before, low"))
    before_high: float = column(N_("before, high"))
    value: float = column(N_("now"))
    low: float = column(N_("now, low"))
    high: float = column(N_("now, high"))
    # Chance of so large a difference, of this figure alone, if nothing had changed.
    p: float = column(N_("chance of it"))
    # Whether it has moved by more than chance explains in so many figures.
    moved: bool = column(N_("moved"))


@dataclass(frozen=True)
class CauseOfChange:
    """What the changes of one kind do to what is promised: minutes, or a share; all together they are the difference.

    The rest is what differs between the two fits and is not told from chance. NaN if a figure is not finite; NaN ends
    without an interval.
    """

    cause: str = column(N_("cause"))
    contribution: float = column(N_("changes it by"), AS_TARGET)
    low: float = column(N_("low"), AS_TARGET)
    high: float = column(N_("high"), AS_TARGET)
    # 0 of the rest.
    moved: int = column(N_("figures that have moved"))

    @property
    def interval(self) -> Interval:
        """What it changes, with its interval."""
        return Interval(self.contribution, self.low, self.high)


@dataclass(frozen=True)
class Change:
    """How an office has changed since an older log.

    Attributes
    ----------
    since : str
        Name of the older calibration.
    first, last : date
        Days that the older log covers.
    error : float
        Chance that any figure is said to have moved if none has.
    target : TargetFacts
    before, now : Interval
        The target's figure [min, or share] of the offices fitted to the older log and to this one; NaN if not finite.
    replications : int
    residual : float
        Largest difference, in any replication, between the sum of the causes and what it should be; NaN if not finite.
    why : str
        Why the difference has no parts: `FEW` days, or in English why no office lies between the two; empty if it has.
    """

    since: str
    first: date
    last: date
    error: float
    target: TargetFacts
    before: Interval
    now: Interval
    replications: int
    residual: float
    why: str

    @property
    def defined(self) -> bool:
        """Whether both offices have a figure."""
        return math.isfinite(self.before.estimate) and math.isfinite(self.now.estimate)
