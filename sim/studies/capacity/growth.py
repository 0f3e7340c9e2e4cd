"""When growing demand passes what a plan carries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

DAYS_A_YEAR = 365.2425
MOST_YEARS = 100
"""A date beyond is none: nothing grows steadily for so long."""


@dataclass(frozen=True)
class Growth:
    """Demand that grows steadily from a year in which it is known.

    Attributes
    ----------
    registrations : float
        In the base year, above 0.
    year : int
        The base year.
    rate : float
        Growth a year, as a share: 0.144 is 14.4 %; above -1.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    The number in the twelve months centred on a moment t years after the middle of the base year is
    ``registrations * (1 + rate)**t``: in the base year itself it is `registrations`, in the next calendar year
    ``registrations * (1 + rate)``.
    """

    registrations: float
    year: int
    rate: float

    def __post_init__(self) -> None:
        if not (self.registrations > 0 and self.rate > -1 and math.isfinite(self.rate)):
            raise ValueError(f"demand must be above 0 and growth above -1, not {self.registrations} and {self.rate}")

    def in_year(self, year: int) -> float:
        """Return the registrations of a calendar year."""
        return float(self.registrations * (1 + self.rate) ** (year - self.year))

    def passes(self, demand: float) -> date | None:
        """Return the middle of the twelve months whose registrations rise to `demand`.

        Parameters
        ----------
        demand : float
            Registrations a year, above 0.

        Returns
        -------
        date or None
            None if demand does not grow, not within a century, or if it was above `demand` when the base year
            began: what it grew by before that year is not known.
        """
        if self.rate <= 0:
            return None
        years = math.log(demand / self.registrations) / math.log1p(self.rate)
        # Days after the middle of the base year; a date outside the calendar cannot even be computed.
        begin, end = date(self.year, 1, 1), date(self.year + 1, 1, 1)
        days = (end - begin).days / 2 + years * DAYS_A_YEAR
        if not 0 <= days <= MOST_YEARS * DAYS_A_YEAR:
            return None
        return begin + timedelta(days=math.floor(days))
