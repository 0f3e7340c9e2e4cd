"""What was found about a nation: a verdict for each of its offices."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from sim.results.about import AS_TARGET, Record, TargetFacts, VerdictWord
from sim.results.codec import column, table
from sim.text import N_


@dataclass(frozen=True)
class OfficeRow:
    """An office.

    The estimate is minutes or a share; inf if somebody never gets a licence, NaN if the office cannot finish its cases
    or nobody comes whom the target is about. Its interval is right at every look for this office by itself.
    """

    line: int = column(N_("line of the file"))
    name: str = column(N_("licence office"))
    region: str = column(N_("region"))
    parent: str = column(N_("scenario that it differs from"))
    registrations: float = column(N_("registrations a year"))
    people: int = column(N_("most on duty at once"))
    verdict: VerdictWord = column(N_("verdict"))
    estimate: float = column(N_("estimate"), AS_TARGET)
    low: float = column(N_("low"), AS_TARGET)
    high: float = column(N_("high"), AS_TARGET)
    headroom: float = column(N_("headroom"), AS_TARGET)
    p_value: float = column(N_("p-value"))
    replications: int = column(N_("replications"))


@dataclass(frozen=True, kw_only=True)
class Nation(Record):
    """The verdicts on all offices of a file.

    Attributes
    ----------
    target : TargetFacts
        The same for all.
    working_days : int
        Of the longest period.
    registrations : float
        A year, of all offices.
    offices : tuple of OfficeRow
        By headroom, the least first.
    """

    target: TargetFacts
    working_days: int
    registrations: float
    offices: tuple[OfficeRow, ...] = table("offices")

    @cached_property
    def judged(self) -> bool:
        """Whether there were replications enough for verdicts; asked of each of thousands of offices."""
        return max((office.replications for office in self.offices), default=0) >= self.about.rule.smallest

    @property
    def held_back(self) -> int:
        """How many offices are undecided although their interval is clear of what is promised."""
        promised = self.target.promised
        return sum(
            office.verdict == "UNDECIDED" and (office.high < promised or office.low > promised)
            for office in self.offices
        )

    @property
    def counts(self) -> Counter[str]:
        """How many offices have which verdict."""
        return Counter(office.verdict for office in self.offices)

    def registered(self, verdict: str) -> float:
        """Return the registrations a year at the offices with a verdict."""
        return sum(office.registrations for office in self.offices if office.verdict == verdict)


ANSWER = Nation
