"""The verdict at both ends of each assumption's range, and the value at which it flips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from sim.measures.judge import Rule, Verdict, margin_of, promised_by
from sim.office.parameters import Scenario
from sim.replicate.design_points import design_point_of
from sim.replicate.gather import Progress
from sim.replicate.verdicts import Outcome
from sim.results.assumptions import Assumption
from sim.studies.assumptions import scenario_with
from sim.studies.outcomes import JudgedBeside, Work, outcomes_of, verdict_columns
from sim.studies.sensitivity.alternatives import Alternative
from sim.studies.sensitivity.break_even_search import STEPS, BreakEvenSearch, differs
from sim.studies.sensitivity.records import NO_BREAK_EVEN, BreakEven, JudgedValue, Other, ScenarioVerdict, Swing

CHOICE, OWN, ENDS, GUESSES, BREAK_EVEN = "choice", "own", "ends", "guesses", "break-even"
"""Steps of the work, of which one is told the progress."""
GUESS_REPLICATIONS = 2
NEAR = 0.6
"""Of the margin: so far from the target a mean should be to be on the safe side of it in few replications."""
SEEDS = 2**64

Watch = Callable[[Progress, str], None]


@dataclass(frozen=True)
class Point:
    """A value of an assumption that was judged."""

    value: float
    outcome: Outcome

    @property
    def verdict(self) -> Verdict:
        """The verdict, which there always is."""
        assert self.outcome.verdict is not None
        return self.outcome.verdict


@dataclass
class Crossing:
    """The stretch from the scenario's own value to an end of the range with another verdict.

    Attributes
    ----------
    assumption : Assumption
    begin, end : Point
    search : BreakEvenSearch
    points : dict of int to Point
        By level, `begin` and `end` included.
    """

    assumption: Assumption
    begin: Point
    end: Point
    search: BreakEvenSearch
    points: dict[int, Point] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.points |= {0: self.begin, self.search.levels: self.end}

    @property
    def break_even(self) -> BreakEven:
        """Where the verdict flips: between the last value with the scenario's verdict and the first with another."""
        last, first = (self.points[level] for level in self.search.bracket)
        between = dict.fromkeys(self.points[level].verdict.value for level in self.search.between)
        return BreakEven(last.value, first.value, first.verdict.value, ", ".join(between), self.search.monotone)


class BreakEvens(NamedTuple):
    """The verdicts of one family: on the scenario itself, assumption by assumption, and on what is no number."""

    own: ScenarioVerdict
    swings: tuple[Swing, ...]
    judged: tuple[JudgedValue, ...]
    others: tuple[Other, ...]


def most_tests(assumptions: Sequence[Assumption], others: int, judged: int, searched: bool = True) -> int:
    """Return how many verdicts may be asked for: as many as the error is shared among.

    Few levels are judged, but which depends on the verdicts before, on the same random numbers; so every level that
    might be has its share, and so has the value between the ends of what does not flip.

    Parameters
    ----------
    assumptions : sequence of Assumption
    others : int
        What is no number and is judged.
    judged : int
        Assumptions that are judged at most, whichever they are.
    searched : bool
        Whether values between the ends are judged.
    """
    each = sorted(
        1 + sum(levels_of(assumption, end) for end in assumption.ends) if searched else len(assumption.ends)
        for assumption in assumptions
    )
    return 1 + others + sum(each[-judged:])


def moving_most(
    scenario: Scenario, assumptions: Sequence[Assumption], number: int, work: Work,
    watch: Watch = lambda progress, step: None,
) -> Sequence[Assumption]:  # fmt: skip
    """Return so many of the assumptions, in their order: of which an end moves furthest towards the other verdict.

    One replication each is looked at, of another seed, so that what is judged then is not what was chosen by. Minutes
    are told apart by their proportion, so that what never ends is not all that counts.
    """
    if len(assumptions) <= number:
        return assumptions
    ends = [(of, end) for of in assumptions for end in of.ends]
    scenarios = [scenario, *(scenario_with(scenario, {of: end}) for of, end in ends)]
    target = design_point_of(scenario, work.seed, work.engine).target
    about_mean = target.statistic == "mean"
    figures = outcomes_of(scenarios, 1, _elsewhere(work), lambda progress: watch(progress, CHOICE)).figure
    worse = np.log(figures) if about_mean else -figures
    kept = figures[0] <= promised_by(target) if about_mean else figures[0] >= promised_by(target)
    towards = (worse[1:] - worse[0]) * (1.0 if kept else -1.0)
    moved = dict.fromkeys((of.parameter for of in assumptions), -np.inf)
    for (of, _), by in zip(ends, towards, strict=True):
        moved[of.parameter] = max(moved[of.parameter], float(by))
    chosen = sorted(moved, key=lambda path: -moved[path])[:number]
    return [of for of in assumptions if of.parameter in chosen]


def _elsewhere(work: Work) -> Work:
    return replace(work, seed=(work.seed + 1) % SEEDS)


def levels_of(assumption: Assumption, end: float) -> int:
    """Return the place of an end among the levels from the scenario's own value, each 2 % of the range at most."""
    way = abs(end - assumption.start)
    whole = int(way) if assumption.whole else STEPS
    return max(min(-int(-STEPS * way // (assumption.high - assumption.low)), whole), 1)


def value_at(assumption: Assumption, end: float, level: int) -> float:
    """Return the value of a level on the way to an end."""
    if level == 0:
        return assumption.value
    start, levels = assumption.start, levels_of(assumption, end)
    value = end if level == levels else start + (end - start) * level / levels
    return float(round(value)) if assumption.whole else value


def break_evens(
    scenario: Scenario,
    assumptions: Sequence[Assumption],
    others: Sequence[Alternative],
    rule: Rule,
    own_rule: Rule,
    work: Work,
    watch: Watch = lambda progress, step: None,
    searched: bool = True,
) -> BreakEvens:
    """Judge the ends of all ranges, and search for the flip wherever an end has another verdict than the scenario.

    Of a scenario that is itself undecided nothing flips, and nothing between the ends is judged.

    Parameters
    ----------
    scenario : Scenario
    assumptions : sequence of Assumption
    others : sequence of Alternative
        Judged along with the ends, in the same family.
    rule, own_rule : Rule
        For `most_tests` tests; for two, of the scenario itself.
    work : Work
    watch : callable
        Told the progress, and which step it is of.
    searched : bool
        Whether values between the ends are judged; if not, a verdict flips anywhere on the way to an end.

    Raises
    ------
    StudyError
        If in some scenario nobody comes whom the target is about.
    """
    ends = [(assumption, end) for assumption in assumptions for end in assumption.ends]
    asked = [other.scenario for other in others]
    asked += [scenario_with(scenario, {assumption: end}) for assumption, end in ends]
    beside = JudgedBeside(scenario, rule, own_rule, work, lambda progress: watch(progress, OWN))
    own, found = beside.own, beside.judged(asked, lambda progress: watch(progress, ENDS))
    at_others, at_ends = found[: len(others)], found[len(others) :]
    at = {(of.parameter, of.value): Point(of.value, own) for of in assumptions}
    at |= {(of.parameter, end): Point(end, outcome) for (of, end), outcome in zip(ends, at_ends, strict=True)}
    crossings = _crossings(scenario, assumptions, at, work, watch, searched)
    flipping = {crossing.assumption.parameter for crossing in crossings}
    decided = own.verdict is not Verdict.UNDECIDED
    steady = [of for of in assumptions if searched and decided and of.parameter not in flipping]
    middles = dict(zip([of.parameter for of in steady], _middles(scenario, steady, beside, watch), strict=True))
    _searched(scenario, crossings, beside, watch)
    swings, points = [], []
    for of in assumptions:
        path = of.parameter
        swing, of_it = _swing(of, at[path, of.low], at[path, of.high], middles.get(path),
                              [crossing for crossing in crossings if crossing.assumption is of])  # fmt: skip
        swings.append(swing)
        points += [
            JudgedValue(path, point.value, *verdict_columns(point.outcome), point.outcome.why) for point in of_it
        ]
    tests = 1 + len(found) + len(steady) + sum(crossing.search.tests for crossing in crossings)
    different = [
        Other(of.kind, of.name, of.own, of.here, *verdict_columns(outcome), outcome.why)
        for of, outcome in zip(others, at_others, strict=True)
    ]
    return BreakEvens(
        ScenarioVerdict(*verdict_columns(own), own.why, tests), tuple(swings), tuple(points), tuple(different)
    )


def _swing(
    of: Assumption, low: Point, high: Point, middle: Point | None, crossings: Sequence[Crossing]
) -> tuple[Swing, list[Point]]:
    """Return the row of an assumption, and all of its values that were judged, increasing."""
    between = [middle] if middle else []
    searched = [point for crossing in crossings for point in crossing.points.values()]
    break_evens = {crossing.end.value: crossing.break_even for crossing in crossings}
    verdict, estimate, *__ = ("", np.nan) if middle is None else verdict_columns(middle.outcome)
    ends = [point for point in (low, high) if point.value in of.ends]
    inner = [point for point in searched if point.value not in (of.value, of.low, of.high)]
    used = sum(point.outcome.replications for point in (*ends, *between, *inner))
    values = {point.value: point for point in (low, high, *between, *searched)}
    swing = Swing(
        of.parameter, *verdict_columns(low.outcome), *verdict_columns(high.outcome),
        np.nan if middle is None else middle.value, verdict, estimate, *break_evens.get(of.low, NO_BREAK_EVEN),
        *break_evens.get(of.high, NO_BREAK_EVEN), used,
    )  # fmt: skip
    return swing, [values[value] for value in sorted(values)]


def _middles(scenario: Scenario, steady: Sequence[Assumption], beside: JudgedBeside, watch: Watch) -> list[Point]:
    """Judge one value between the scenario's and the farther end of each range."""
    values = []
    for assumption in steady:
        start = assumption.start
        far = max((assumption.low, assumption.high), key=lambda end: abs(end - start))
        middle = (start + far) / 2
        values.append(float(round(middle)) if assumption.whole else middle)
    asked = [scenario_with(scenario, {of: value}) for of, value in zip(steady, values, strict=True)]
    found = beside.judged(asked, lambda progress: watch(progress, ENDS))
    return [Point(value, outcome) for value, outcome in zip(values, found, strict=True)]


def _crossings(
    scenario: Scenario, assumptions: Sequence[Assumption], at: dict[tuple[str, float], Point], work: Work, watch: Watch,
    searched: bool,
) -> list[Crossing]:  # fmt: skip
    """Return the stretches in which the verdict flips, each with a guess where; as one level if not to be searched."""
    wanted: list[tuple[Assumption, Point, Point, _Guess]] = []
    for assumption in assumptions:
        begin = at[assumption.parameter, assumption.value]
        for end in assumption.ends:
            other = at[assumption.parameter, end]
            if differs(begin.verdict, other.verdict):
                levels = levels_of(assumption, end) if searched else 1
                wanted.append((assumption, begin, other, _Guess(levels, begin.verdict, other.verdict)))
    if wanted and searched:
        _guess(scenario, wanted, work, watch)
    return [
        Crossing(assumption, begin, end, BreakEvenSearch(guess.levels, begin.verdict, end.verdict, guess.found))
        for assumption, begin, end, guess in wanted
    ]


class _Guess:
    """Halves the way to an end, for both ends of the bracket at once, by figures that are not judged.

    Parameters
    ----------
    levels : int
    own, end : Verdict
    """

    def __init__(self, levels: int, own: Verdict, end: Verdict) -> None:
        self.levels = levels
        self.worse = own is Verdict.HOLDS or end is Verdict.FAILS
        sides = {Verdict.HOLDS: -NEAR, Verdict.FAILS: NEAR}
        self.thresholds = sides.get(own, sides.get(end, 0.0)), sides.get(end, sides.get(own, 0.0))
        self._low, self._high = [0, 0], [levels, levels]

    @property
    def found(self) -> tuple[int, int]:
        """Places of the last level with the own verdict, and of the first with that of the end."""
        return self._low[0], self._high[1]

    def wanted(self) -> list[int]:
        """Return the levels to look at next."""
        both = zip(self._low, self._high, strict=True)
        return sorted({(low + high) // 2 for low, high in both if high - low > 1})

    def tell(self, level: int, beyond: float) -> None:
        """Take by how many margins a level misses the target; below 0, by how many it keeps it."""
        for side, threshold in enumerate(self.thresholds):
            if not self._low[side] < level < self._high[side]:
                continue
            if (beyond > threshold) == self.worse:
                self._high[side] = level
            else:
                self._low[side] = level


def _guess(
    scenario: Scenario, wanted: Sequence[tuple[Assumption, Point, Point, _Guess]], work: Work, watch: Watch
) -> None:
    """Look at levels in few replications of another seed, so that what is judged then is not what was chosen by.

    With the same random numbers the difference between two levels needs few replications; from where it counts is
    known from the verdict on the scenario.
    """
    elsewhere = _elsewhere(work)
    target = design_point_of(scenario, work.seed, work.engine).target
    promised, margin = promised_by(target), margin_of(target)
    sign = 1.0 if target.statistic == "mean" else -1.0
    judgement = wanted[0][1].outcome.judgement
    base: float | None = None
    while asked := [(place, level) for place, (*_, guess) in enumerate(wanted) for level in guess.wanted()]:
        points = [
            scenario_with(scenario, {wanted[place][0]: value_at(wanted[place][0], wanted[place][2].value, level)})
            for place, level in asked
        ]
        figure = outcomes_of([scenario, *points], GUESS_REPLICATIONS, elsewhere,
                             lambda progress: watch(progress, GUESSES)).figure  # fmt: skip
        base = float(figure[0])
        known = base if judgement is None else judgement.estimate
        for (place, level), value in zip(asked, figure[1:], strict=True):
            wanted[place][3].tell(level, sign * (known + float(value) - base - promised) / margin)


def _searched(scenario: Scenario, crossings: Sequence[Crossing], beside: JudgedBeside, watch: Watch) -> None:
    """Judge levels until no search wants any more; all that are wanted at once."""
    while asked := [(crossing, level) for crossing in crossings for level in crossing.search.wanted()]:
        values = [value_at(crossing.assumption, crossing.end.value, level) for crossing, level in asked]
        points = [
            scenario_with(scenario, {crossing.assumption: value})
            for (crossing, _), value in zip(asked, values, strict=True)
        ]
        found = beside.judged(points, lambda progress: watch(progress, BREAK_EVEN))
        for (crossing, level), value, outcome in zip(asked, values, found, strict=True):
            crossing.points[level] = Point(value, outcome)
            crossing.search.tell(level, crossing.points[level].verdict)
