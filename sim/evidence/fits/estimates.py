"""An estimate from a log: a value with its interval, what it rests on, and what a naive look would have given."""

from __future__ import annotations

import math
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A parameter that was estimated from a log.

    Attributes
    ----------
    name : str
        Dotted path of the parameter in a scenario, such as ``review.minutes.mean_minutes``; where the scenario has no
        such parameter, a name of the same kind.
    value : float
    low, high : float
        Ends of the interval of 95 %, each estimate for itself; NaN = none can be given.
    n : int
        Observations that it rests on.
    method : str
        How it was estimated, as a short word or two: ``lognormal, ML``.
    unit : str
        As in the parameter table: ``min``, ``s``, ``h``, ``share``; empty for a pure number.
    naive : float
        What leaving out the censored, the unseen or the congested would give; NaN if there is no difference to show.
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    method: str
    unit: str = ""
    naive: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there is a value with an interval."""
        return all(map(math.isfinite, (self.value, self.low, self.high)))

    def covers(self, truth: float) -> bool:
        """Say whether a value is in the interval."""
        return self.low <= truth <= self.high
