"""Demand that grows: what a year has of it, and when it passes what a plan carries."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta

from sim.office.parameters import Scenario
from sim.office.parameters.demand import MOST_REGISTRATIONS
from sim.office.problems import shown
from sim.office.scenario import own_demand
from sim.office.size import cases_in
from sim.studies.base import refused
from sim.text import HALF_WIDTH

GROWTH = 0.144
"""Share a year: of the article, 2023 over 2022."""

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
    The number in the twelve months up to a moment t years after the end of the base year is
    ``registrations * (1 + rate)**t``: in the base year itself it is `registrations`, in the next calendar year
    ``registrations * (1 + rate)``. So what carries the demand of a year is not passed before its end.
    """

    registrations: float
    year: int
    rate: float

    def __post_init__(self) -> None:
        if not (self.registrations > 0 and self.rate > -1 and math.isfinite(self.rate)):
            raise ValueError(f"demand must be above 0 and growth above -1, not {self.registrations} and {self.rate}")

    def in_year(self, year: int) -> int:
        """Return the registrations of a calendar year, at least 1."""
        return max(int(self.registrations * (1 + self.rate) ** (year - self.year) + 0.5), 1)

    def passes(self, demand: float) -> date | None:
        """Return the end of the first twelve months whose registrations rise to `demand`.

        Parameters
        ----------
        demand : float
            Registrations a year, above 0.

        Returns
        -------
        date or None
            None if demand does not grow, not within a century, or if it was above `demand` in the base year: what it
            grew by before that year is not known.
        """
        if self.rate <= 0:
            return None
        years = math.log(demand / self.registrations) / math.log1p(self.rate)
        # A date outside the calendar cannot even be computed.
        if not 0 <= years <= MOST_YEARS:
            return None
        return date(self.year, 12, 31) + timedelta(days=math.floor(years * DAYS_A_YEAR))


def demand_with(cases: float, scenario: Scenario) -> int:
    """Return with how many registrations a year a replication has about so many cases; its own, if it has more."""
    more = max(cases / max(cases_in(scenario), 1.0), 1.0)
    return min(int(own_demand(scenario) * more), MOST_REGISTRATIONS)


def growth_rate(text: str | None, whose: str = "article", years: int = 0) -> float:
    """Return the growth of an option, a share a year: ``0.144`` or ``14.4%``.

    Of the article's office it is the article's where none is given. Of another there is none, and so nothing to say of
    so many `years`.
    """
    if text is None and whose == "own" and years:
        raise refused("--years: of this office no growth is known; say by how much demand grows: --growth {share}",
                      share="5%")  # fmt: skip
    if text is None:
        return GROWTH if whose == "article" else 0.0
    match = re.fullmatch(r"([+-]?[0-9]{1,4}(?:\.[0-9]{1,9})?)\s*(%?)", text.translate(HALF_WIDTH).strip())
    rate = float(match[1]) / (100 if match[2] else 1) if match else 99.0
    if match and not match[2] and 1 < rate <= 9:
        raise refused("--growth: {value} without % would be {percent:g} % a year; write {value}% or {percent:g}%",
                      value=text.strip(), percent=100 * rate)  # fmt: skip
    if not -0.95 <= rate <= 9:
        raise refused("--growth: must be a share a year from {low} to {high}, such as 0.144 or 14.4%, not {value}",
                      low=-0.95, high=9, value=shown(text))  # fmt: skip
    return round(rate, 12)
