"""What a verdict hangs on: assumptions, where it flips, screening, indices, and how many plausible offices hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sim.results.about import AS_TARGET, Interval, Record, RuleFacts, TargetFacts, VerdictWord
from sim.results.assumptions import GIVEN, Assumption
from sim.results.codec import column, spread, table
from sim.text import N_, language

LOG_MINUTES, MINUTES, OVER, KEEPS = "log minutes", "minutes", "over", "keeps"
"""Outcomes: logarithm of the mean minutes, the minutes, share over the target, 1 if the target is kept."""
VERDICTS = ("HOLDS", "TOO CLOSE", "UNDECIDED", "FAILS")
OPEN = ("TOO CLOSE", "UNDECIDED")
IN_A_HURRY = ("break-even", "plausible")
"""Pieces of which few years tell something; the others are made with `--quick` if they are asked for."""


class Judged(NamedTuple):
    """A verdict with its estimate (infinite if the office cannot finish), interval (NaN = none) and replications."""

    verdict: str
    estimate: float
    low: float
    high: float
    replications: int


def _judged(row: Any, begin: str = "") -> Judged:
    names = ("verdict", "estimate", "interval_low", "interval_high", "replications")
    return Judged(*(getattr(row, begin + name) for name in names))


class BreakEven(NamedTuple):
    """Where the verdict flips on the way to an end.

    Attributes
    ----------
    last, first : float
        Last value with the scenario's verdict, first with another.
    verdict : str
        The other one.
    between : str
        Verdicts found between the two, if any.
    monotone : bool
        No value was found to be the other way round.
    """

    last: float
    first: float
    verdict: str
    between: str
    monotone: bool


NO_BREAK_EVEN = BreakEven(math.nan, math.nan, "", "", True)


@dataclass(frozen=True)
class Swing:
    """What one assumption does to the verdict: at both ends, at a value between if neither flips, and where it flips.

    NaN and empty texts where there is nothing; the scenario itself stands where it is an end. `replications` are those
    of all that was judged of the assumption, the scenario itself left out.
    """

    parameter: str = column(N_("parameter"))
    low_verdict: str = column(N_("verdict at the low end"))
    low_estimate: float = column(N_("estimate at the low end"), AS_TARGET)
    low_interval_low: float = column(N_("low end: interval from"), AS_TARGET)
    low_interval_high: float = column(N_("low end: interval to"), AS_TARGET)
    low_replications: int = column(N_("replications at the low end"))
    high_verdict: str = column(N_("verdict at the high end"))
    high_estimate: float = column(N_("estimate at the high end"), AS_TARGET)
    high_interval_low: float = column(N_("high end: interval from"), AS_TARGET)
    high_interval_high: float = column(N_("high end: interval to"), AS_TARGET)
    high_replications: int = column(N_("replications at the high end"))
    middle: float = column(N_("value between"))
    middle_verdict: str = column(N_("verdict at the value between"))
    middle_estimate: float = column(N_("estimate at the value between"), AS_TARGET)
    break_even_low_last: float = column(N_("downwards: last with the scenario's verdict"))
    break_even_low_first: float = column(N_("downwards: first with another"))
    break_even_low_verdict: str = column(N_("downwards: the other verdict"))
    break_even_low_between: str = column(N_("downwards: verdict between"))
    break_even_low_monotone: bool = column(N_("downwards: goes one way"))
    break_even_high_last: float = column(N_("upwards: last with the scenario's verdict"))
    break_even_high_first: float = column(N_("upwards: first with another"))
    break_even_high_verdict: str = column(N_("upwards: the other verdict"))
    break_even_high_between: str = column(N_("upwards: verdict between"))
    break_even_high_monotone: bool = column(N_("upwards: goes one way"))
    replications: int = column(N_("replications"))

    @property
    def low(self) -> Judged:
        """The verdict at the low end."""
        return _judged(self, "low_")

    @property
    def high(self) -> Judged:
        """The verdict at the high end."""
        return _judged(self, "high_")

    @property
    def break_evens(self) -> dict[str, BreakEven]:
        """Where the verdict flips, by the end on the way to which it does: "low", "high"."""
        found = {}
        for end in ("low", "high"):
            value = BreakEven(*(getattr(self, f"break_even_{end}_{name}") for name in BreakEven._fields))
            if value.verdict:
                found[end] = value
        return found

    @property
    def not_known(self) -> bool:
        """Whether an end was not decided, so that nobody knows whether the verdict flips there."""
        return "UNDECIDED" in (self.low_verdict, self.high_verdict)


@dataclass(frozen=True)
class JudgedValue:
    """A value of an assumption that was judged; the estimate is infinite if the office cannot finish its cases."""

    parameter: str = column(N_("parameter"))
    value: float = column(N_("value"))
    verdict: str = column(N_("verdict"))
    estimate: float = column(N_("estimate"), AS_TARGET)
    interval_low: float = column(N_("low"), AS_TARGET)
    interval_high: float = column(N_("high"), AS_TARGET)
    replications: int = column(N_("replications"))
    why: str = column(N_("why"))


@dataclass(frozen=True)
class Other:
    """What may be otherwise and is no number: staffing, or a reading of what is promised; how it is, and how here."""

    kind: str = column(N_("kind"))
    name: str = column(N_("name"))
    own: str = column(N_("in the scenario"))
    here: str = column(N_("otherwise"))
    verdict: str = column(N_("verdict"))
    estimate: float = column(N_("estimate"), AS_TARGET)
    interval_low: float = column(N_("low"), AS_TARGET)
    interval_high: float = column(N_("high"), AS_TARGET)
    replications: int = column(N_("replications"))
    why: str = column(N_("why"))

    @property
    def judged(self) -> Judged:
        """The verdict."""
        return _judged(self)


@dataclass(frozen=True)
class Screened:
    """Elementary effects of a parameter on an outcome, for a change over its whole range, with 95 % intervals."""

    parameter: str = column(N_("parameter"))
    outcome: str = column(N_("outcome"))
    mu: float = column(N_("mean effect, μ"))
    mu_star: float = column(N_("mean size of the effect, μ*"))
    mu_star_low: float = column(N_("low, μ*"))
    mu_star_high: float = column(N_("high, μ*"))
    sigma: float = column(N_("spread of the effect, σ"))
    sigma_low: float = column(N_("low, σ"))
    sigma_high: float = column(N_("high, σ"))


@dataclass(frozen=True)
class Index:
    """Sobol indices of a parameter for an outcome, with 95 % intervals; NaN if the outcome never varies."""

    parameter: str = column(N_("parameter"))
    outcome: str = column(N_("outcome"))
    first: float = column(N_("alone"))
    first_low: float = column(N_("low, alone"))
    first_high: float = column(N_("high, alone"))
    total: float = column(N_("with others"))
    total_low: float = column(N_("low, with others"))
    total_high: float = column(N_("high, with others"))


@dataclass(frozen=True)
class Office:
    """A plausible office: its verdict by itself, and the value that each assumption has in it."""

    office: int = column(N_("office"))
    verdict: str = column(N_("verdict"))
    estimate: float = column(N_("estimate"), AS_TARGET)
    interval_low: float = column(N_("low"), AS_TARGET)
    interval_high: float = column(N_("high"), AS_TARGET)
    replications: int = column(N_("replications"))
    why: str = column(N_("why"))
    values: dict[str, float] = spread()


@dataclass(frozen=True)
class Separation:
    """Mean of a parameter in the plausible offices that hold and in those that fail.

    The difference of the first from the second is in standard deviations of the whole range, with its standard error.
    """

    parameter: str = column(N_("parameter"))
    holds: float = column(N_("mean where it holds"))
    fails: float = column(N_("mean where it fails"))
    difference: float = column(N_("difference in standard deviations"))
    error: float = column(N_("standard error"))


@dataclass(frozen=True)
class Settings:
    """How much is looked at.

    Attributes
    ----------
    trajectories : int
        Of the screening.
    replications : int
        Of each of its points.
    sample : int
        Base sample of the indices, a power of 2.
    sample_replications : int
        Of each of their points: a year of some ten thousand cases with the random numbers of all others.
    most : int
        Parameters with indices: those that the screening finds to matter most.
    offices : int
        Plausible offices.
    judged : int
        Assumptions that are judged at the ends of their ranges: those that move the figure most there.
    quick : bool
        Whether it is less than usual.
    searched : bool
        Whether values between the ends of ranges are judged, to find where the verdict flips.
    """

    trajectories: int = 12
    replications: int = 1
    sample: int = 128
    sample_replications: int = 1
    most: int = 6
    offices: int = 200
    judged: int = 1000
    quick: bool = False
    searched: bool = True


@dataclass(frozen=True)
class ScenarioVerdict:
    """The verdict on the scenario itself, and how many there were in its family."""

    verdict: VerdictWord
    estimate: float
    interval_low: float
    interval_high: float
    replications: int
    why: str
    tests: int


@dataclass(frozen=True)
class Points:
    """How many points were looked at, and how many of them were counted with the most minutes."""

    points: int
    capped: int


@dataclass(frozen=True)
class Plausible:
    """Plausible offices by verdict, and the share that holds with its interval; the rule is that of each by itself."""

    offices: int
    counts: dict[str, int]
    holds: Interval
    rule: RuleFacts


@dataclass(frozen=True, kw_only=True)
class Sensitivity(Record):
    """What a verdict hangs on; what was not asked for is None or empty.

    Attributes
    ----------
    target : TargetFacts
    pieces : tuple of str
        Asked for: flips, screening, indices, plausible.
    settings : Settings
    most_minutes : float
        What counts as the mean where cases are not finished.
    left_out : tuple of str
        Parameters whose range is not possible in the scenario.
    scenario_verdict : ScenarioVerdict or None
    screening, indices : Points or None
    plausible : Plausible or None
    replications : int
        The most that a verdict rests on; of the screening if there are none.
    working_days : int
    scenario : dict
        In full.
    assumptions : tuple of Assumption
        In the order of the table of parameters.
    swings : tuple of Swing
        Of those that were judged, in the same order.
    judged : tuple of JudgedValue
    others : tuple of Other
    screened : tuple of Screened
        The most influential first, for each outcome.
    sobol : tuple of Index
    offices : tuple of Office
    separations : tuple of Separation
        The largest difference first.
    """

    target: TargetFacts
    pieces: tuple[str, ...]
    settings: Settings
    most_minutes: float
    left_out: tuple[str, ...]
    scenario_verdict: ScenarioVerdict | None
    screening: Points | None
    indices: Points | None
    plausible: Plausible | None
    replications: int
    working_days: int
    scenario: dict[str, Any]
    assumptions: tuple[Assumption, ...] = table("assumptions")
    swings: tuple[Swing, ...] = table("break_even")
    judged: tuple[JudgedValue, ...] = table("judged", in_json=False)
    others: tuple[Other, ...] = table("others")
    screened: tuple[Screened, ...] = table("screening")
    sobol: tuple[Index, ...] = table("indices")
    offices: tuple[Office, ...] = table("offices", in_json=False)
    separations: tuple[Separation, ...] = table("separation")

    @property
    def title(self) -> str:
        """The scenario's title."""
        return str(self.scenario["title"][language()])

    @property
    def about_mean(self) -> bool:
        """Whether estimates are minutes; shares if not."""
        return self.target.about_mean

    @cached_property
    def by_parameter(self) -> dict[str, Assumption]:
        """The assumptions by their paths."""
        return {of.parameter: of for of in self.assumptions}

    @property
    def own(self) -> Judged | None:
        """The verdict on the scenario itself; None if the flips were not asked for."""
        return None if self.scenario_verdict is None else _judged(self.scenario_verdict)

    @property
    def undecided(self) -> bool:
        """Whether the scenario itself was judged and is undecided, so that nothing can flip."""
        return self.own is not None and self.own.verdict == "UNDECIDED"

    def reach(self, swing: Swing) -> float:
        """Return how wide the estimates of an assumption reach: of the ends and the scenario."""
        values = [swing.low_estimate, swing.high_estimate, *([self.own.estimate] if self.own else [])]
        return 0.0 if math.isinf(min(values)) else max(values) - min(values)

    def distance(self, swing: Swing, break_even: BreakEven) -> float:
        """Return how far the first other value is from the scenario's, as a part of the range."""
        of = self.by_parameter[swing.parameter]
        return abs(of.part(break_even.first) - of.part(of.value))

    def nearest(self, swing: Swing) -> BreakEven:
        """Return the flip nearest to the scenario's own value, of an assumption that flips the verdict."""
        return min(swing.break_evens.values(), key=lambda break_even: self.distance(swing, break_even))

    @property
    def by_reach(self) -> list[Swing]:
        """The assumptions with the widest reach first."""
        return sorted(self.swings, key=self.reach, reverse=True)

    @property
    def by_influence(self) -> list[Swing]:
        """Those that flip the verdict first, the widest reach before the others."""
        return sorted(self.by_reach, key=lambda swing: not swing.break_evens)

    @property
    def flipping(self) -> list[Swing]:
        """The assumptions that flip the verdict by themselves, the nearest break-even value first.

        If that was not searched for, the widest reach first.
        """
        found = [swing for swing in self.by_reach if swing.break_evens]
        if not self.settings.searched:
            return found
        return sorted(found, key=lambda swing: self.distance(swing, self.nearest(swing)))

    @property
    def steady(self) -> list[Swing]:
        """The assumptions that do not flip the verdict within their range; none if there is no verdict to flip."""
        return [] if self.undecided else [swing for swing in self.swings if not swing.break_evens]

    def break_evens_inside(self, swing: Swing) -> bool:
        """Say whether a value between the ends has another verdict than the scenario, though neither end has."""
        return swing.middle_verdict not in ("", "UNDECIDED", self.own.verdict if self.own else "")

    def of_outcome(self, outcome: str) -> list[Screened]:
        """Return the screening of one outcome."""
        return [row for row in self.screened if row.outcome == outcome]

    def indices_of(self, outcome: str) -> list[Index]:
        """Return the indices for one outcome."""
        return [row for row in self.sobol if row.outcome == outcome]

    @property
    def given(self) -> list[Assumption]:
        """Those whose range is from a file of ranges."""
        return [of for of in self.assumptions if of.kind == GIVEN]


ANSWER = Sensitivity
