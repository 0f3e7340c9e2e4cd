"""How far a verdict reaches, and what would turn it: levels of demand that are judged, and a screen of the assumptions.

A run knows its own demand and its own assumptions alone. What is found here is cheap, so that it can stand beside every
verdict: the demand only between levels some per cent apart, and of each assumption one replication at the ends of its
range. `limit` finds the demand to a per cent, `sensitivity` judges where the verdict flips.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.early import YEARS
from sim.measures.judge import Rule, Verdict, margin_of, promised_by
from sim.measures.lateness import closed_to, lateness
from sim.office.demand import busiest_from
from sim.office.parameters import Scenario
from sim.office.parameters.demand import MOST_REGISTRATIONS
from sim.office.registration import registration_office
from sim.office.scenario import at_demand, in_period, own_demand
from sim.office.size import cases_in, cases_unasked
from sim.replicate.design_points import design_point_of
from sim.replicate.gather import Progress, gather
from sim.replicate.verdicts import Outcome, Verdicts
from sim.results.assumptions import Assumption
from sim.studies.assumptions import assumptions_of, scenario_with
from sim.studies.base import StudyError
from sim.studies.growth import demand_with
from sim.studies.outcomes import MOST_MINUTES, Work, outcomes_of
from sim.studies.run.records import Premises, Run, TurningPoint

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 0.9)
MORE = (1.0, 2.0, 4.0)
"""Levels of demand, as parts of the own one that are less or more; the second only more."""
FARTHER = (0.1, 0.75, 0.9, 1.0, 2.0, math.inf)
"""How far from the own demand is looked, one after the other."""
SHARE, FEWEST, FAR = 2, 120, 30
"""The levels may take so many times the replications of the verdict, or so many: one knows how long it takes. And
one that is to fail by far, so many."""
NEAREST = 3
LOOKED_AT = 4
"""Assumptions that are told, and those of which it is looked where they turn the verdict."""
ROUNDS = 2
"""Of looking where."""
GUESSES, CLEAR = 2, 0.5
"""Replications of a guess (at the ends of ranges there is one), and how many margins are clear of the target."""
THIRDS = (1 / 3, 2 / 3)
"""How far between two levels those two are that are looked at next."""
STEP = 0.1
"""Margins that an assumption moves the estimate by if it does."""
LITTLE = 0.1
"""Of what it takes to turn the verdict: if the farther end of a range moves the estimate by less, the nearer one is not
looked at."""
BUSIEST, FAR_OFF, LIKELY = 91, 8.0, 0.5
"""If the verdict is so many margins from turning, assumptions are looked at in so many of the busiest days first, and
in the whole period only if they do such a part there of what it takes: more than chance does in these days."""
MANY = 10_000
"""Cases in a period of which a part takes much less time."""
AWAY = (".absence", ".leave")
"""Ends of the paths of what falls on whole days, of which a part of the period may have none."""
TINY = 1e-3
"""Minutes, below which there is nothing to tell apart."""
DEMAND = "demand.registrations_per_year"

Watch = Callable[[Progress], None]


def with_premises(
    record: Run, scenario: Scenario, own: Outcome, rule: Rule, work: Work, watch: Watch = lambda progress: None
) -> Run:
    """Return a run with how far its verdict reaches, and which assumptions are nearest to turning it.

    Of so few replications that nothing could be judged, without.

    Parameters
    ----------
    record : Run
    scenario : Scenario
    own : Outcome
        Of the scenario itself, with a verdict.
    rule : Rule
        That of the verdict.
    work : Work
    watch : callable
        Told the progress.
    """
    assert own.verdict is not None
    if rule.largest < YEARS:
        return record
    screen = _Screen(scenario, own, work, watch)
    # Nobody has said that more cases are meant.
    levels = levels_of(own_demand(scenario), own.verdict, demand_with(cases_unasked(scenario, work.engine), scenario))
    holds = fails = None
    used = looked = turning = 0
    nearest: tuple[TurningPoint, ...] = ()
    # So few may come that with a little less, or a little else, nobody does whom the target is about.
    with suppress(StudyError):
        holds, fails, used = _judged(screen, levels, _guessed(screen, levels), rule)
    with suppress(StudyError):
        looked, turning, nearest = _nearest(screen)
    closed = (math.nan, "") if own.unfinished is not None else _came_closed(scenario, work)
    premises = Premises(
        own_demand(scenario), holds, fails, levels[0], levels[-1], looked, turning, *closed, used, screen.used
    )  # fmt: skip
    return replace(record, premises=premises, nearest=nearest)


def _came_closed(scenario: Scenario, work: Work) -> tuple[float, str]:
    """Return which share of the late came to a closed stage, and to which, in one replication."""
    office = registration_office(scenario)
    journeys = draw(office, work.seed)
    return closed_to(office, [lateness(office, journeys, play(office, journeys, work.engine))])


def levels_of(own: int, verdict: Verdict, most: int = MOST_REGISTRATIONS) -> tuple[int, ...]:
    """Return the levels of demand that may be judged, increasing: the own one; more if it holds, less if it fails."""
    less = () if verdict is Verdict.HOLDS else tuple(-step for step in STEPS)
    more = () if verdict is Verdict.FAILS else (*STEPS, *MORE)
    levels = {max(round(own * (1 + part)), 1) for part in (*less, *more)}
    return tuple(sorted({own, *(level for level in levels if level <= max(most, own))}))


class _Screen:
    """Looks at scenarios in few replications; `used` counts them.

    With the same random numbers the difference to the scenario needs few; from where it counts is known from the
    verdict.
    """

    def __init__(self, scenario: Scenario, own: Outcome, work: Work, watch: Watch) -> None:
        assert own.verdict is not None
        self.scenario, self.verdict, self.work, self.watch = scenario, own.verdict, work, watch
        self.target = design_point_of(scenario, work.seed, work.engine).target
        # Where a backlog grows from day to day, a part of them says little.
        self.unfinished = own.unfinished is not None
        self.about_mean, self.budget, self.used = self.target.statistic == "mean", own.replications, 0
        worst = MOST_MINUTES if self.about_mean else 0.0
        figure = worst if own.judgement is None else own.judgement.estimate
        self.own = self._missed(min(figure, MOST_MINUTES) if self.about_mean else figure)

    def _missed(self, figure: float) -> float:
        """Return by how many margins a figure misses the target; below 0, by how many it keeps it."""
        promised, margin = promised_by(self.target), margin_of(self.target)
        # Waiting grows in proportion rather than by steps; on this scale its way is the straighter one.
        missed = math.log(max(figure, TINY) / promised) * promised if self.about_mean else promised - figure
        return missed / margin

    def missed(self, others: Sequence[Scenario], replications: int, base: Scenario | None = None) -> list[float]:
        """Return by how many margins each of some scenarios misses the target, by its difference to the scenario's.

        If there is a `base`, by its difference to that one.

        Raises
        ------
        StudyError
            If in one of them nobody comes whom the target is about.
        """
        scenarios = [base or self.scenario, *others]
        self.used += len(scenarios) * replications
        found = outcomes_of(scenarios, replications, self.work, self.watch)
        start, *figures = map(self._missed, map(float, found.figure))
        return [figure + self.own - start for figure in figures]


def _guessed(screen: _Screen, levels: Sequence[int]) -> tuple[int, int]:
    """Return the places of the largest level that clearly keeps the target, about, and of the smallest that misses it.

    -1 if none keeps it, the number of levels if none misses it; the own one is neither. More demand is worse, so few
    need a look. One far beyond what an office can do takes long to play: it gets one if nothing nearer is clear.
    """
    own, verdict = own_demand(screen.scenario), screen.verdict
    beyond = {levels.index(own): 0.0}

    def look(places: Sequence[int]) -> None:
        scenarios = [at_demand(screen.scenario, levels[place]) for place in places]
        beyond.update(zip(places, screen.missed(scenarios, GUESSES), strict=True))

    for far in FARTHER:
        near = [place for place, level in enumerate(levels) if abs(level / own - 1) <= far]
        less = [place for place in near if place < min(beyond)]
        more = [place for place in near if place > max(beyond)]
        # Of each side the farthest, and, so that both cores have one, another.
        if ends := [*less[:1], *less[2:3], *more[-3:-2], *more[-1:]]:
            look(ends)
        kept, missing = (any(sign * missed >= CLEAR for missed in beyond.values()) for sign in (-1, 1))
        if (kept or verdict is Verdict.HOLDS) and (missing or verdict is Verdict.FAILS):
            break
    while True:
        low = max((place for place, missed in beyond.items() if missed <= -CLEAR), default=-1)
        high = min((place for place, missed in beyond.items() if missed >= CLEAR), default=len(levels))
        # What lies between two that are neither is neither.
        unclear = [place for place in beyond if low < place < high] or [high]
        between = [place for place in range(low + 1, high) if not min(unclear) <= place <= max(unclear)]
        if not between:
            return low, high
        look(sorted({between[round((len(between) - 1) * part)] for part in THIRDS}))


def _judged(
    screen: _Screen, levels: Sequence[int], guessed: tuple[int, int], rule: Rule
) -> tuple[int | None, int | None, int]:
    """Return the largest demand found to hold, the smallest above it found to fail, and the replications it took.

    Judged are the levels next to where the verdict is guessed to turn, on either side, and those beyond as long as
    these are not clear and the budget lasts.
    """
    at, nobody = levels.index(own_demand(screen.scenario)), len(levels)
    enough = rule.largest >= rule.boundary.smallest
    # Every level that might be judged, whatever the verdict, has its share of the error. At each only one verdict is
    # wrong: HOLDS beyond what the office bears, FAILS below it. So the levels of less demand, and those of more, are a
    # family each, with half of the error on a side.
    less, more = (replace(rule, tests=number, early=True) for number in (len(STEPS), len(STEPS) + len(MORE)))
    smallest = max(of.boundary.smallest for of in (less, more))
    # Of a larger family the first look, which --quick stops at, is a later one.
    largest = max(rule.largest, smallest) if enough else rule.largest
    sides = 1 if screen.verdict in (Verdict.HOLDS, Verdict.FAILS) else 2
    budget, used = sides * max(SHARE * screen.budget, FEWEST), 0
    holds = at if screen.verdict is Verdict.HOLDS else -1
    fails = at if screen.verdict is Verdict.FAILS else nobody
    low, high = guessed
    while low > holds or high < fails:
        # To fail by far takes few replications: rather than many, a demand farther out is judged.
        for place, most in ((low, largest), (high, min(largest, FAR))):
            most = min(most, budget - used)
            of = less if place < at else more
            if not holds < place < fails or most < YEARS:
                continue
            scenario = at_demand(screen.scenario, levels[place])
            points = [design_point_of(scenario, screen.work.seed, screen.work.engine)]
            verdicts = Verdicts(points, replace(of, largest=most))
            scores = gather(points, verdicts, screen.work.workers, screen.work.store, screen.watch)
            found = verdicts.outcome(0, scores[0])
            # Others may have been finished by the time it was known: how many, hangs on the machine.
            used += found.replications or len(scores[0])
            if found.verdict is Verdict.HOLDS:
                holds = place
            elif found.verdict is Verdict.FAILS:
                fails = place
        # The verdict on the scenario itself is that of the run.
        low -= 2 if low - 1 == at else 1
        high += 2 if high + 1 == at else 1
    return levels[holds] if holds >= 0 else None, levels[fails] if fails < nobody else None, used


@dataclass
class _Way:
    """From the scenario's own value of an assumption to an end of its range that turns the verdict.

    `near` and `far` are how far along, from 0 to 1, the verdict is known not to be turned, and to be; `missed` and
    `passed` by how much.
    """

    assumption: Assumption
    end: float
    passed: float
    missed: float
    near: float = 0.0
    far: float = 1.0

    @property
    def part(self) -> float:
        """How far along it turns, on a straight line between the two."""
        return self.near + (self.far - self.near) * self.missed / (self.missed + self.passed)

    def value(self, part: float) -> float:
        """Return the value so far along; at an end exactly that, and of whole numbers the first that is as far."""
        start = self.assumption.start
        value = self.end if part == 1 else start + (self.end - start) * part
        if not self.assumption.whole:
            return value
        return float(max(math.ceil(value), start + 1) if self.end > start else min(math.floor(value), start - 1))

    @property
    def distance(self) -> float:
        """How far away it turns, as a part of the whole range."""
        of = self.assumption
        return abs(self.value(self.part) - of.start) / (of.high - of.low)


def _busiest(screen: _Screen) -> Scenario | None:
    """Return the scenario in its busiest days alone, in which what matters matters most; None if that saves little."""
    days = (screen.scenario.last_day - screen.scenario.first_day).days + 1
    if days < 2 * BUSIEST or screen.unfinished or cases_in(screen.scenario) < MANY:
        return None
    return in_period(screen.scenario, busiest_from(screen.scenario, BUSIEST), BUSIEST)


def _nearest(screen: _Screen) -> tuple[int, int, tuple[TurningPoint, ...]]:
    """Return how many assumptions there are, how many turn the verdict at an end, and where the nearest do so."""
    if screen.verdict not in (Verdict.HOLDS, Verdict.FAILS):
        return 0, 0, ()
    possible, __ = assumptions_of(screen.scenario)
    # More demand is told by its levels.
    assumptions = [of for of in possible if of.parameter != DEMAND]
    sign = 1.0 if screen.verdict is Verdict.HOLDS else -1.0
    missed = max(-sign * screen.own, 0.0)
    busiest = _busiest(screen) if missed >= FAR_OFF else None

    def passed_by(
        values: Sequence[tuple[Assumption, float]], replications: int, scenario: Scenario | None = None
    ) -> list[float]:
        """Return by how much each value turns the verdict; below 0, by how much it does not."""
        scenarios = [scenario_with(scenario or screen.scenario, {of: value}) for of, value in values]
        return [sign * missed for missed in screen.missed(scenarios, replications, scenario)] if values else []

    # The farther end first; where it is a step towards the other verdict, the other end is one away from it.
    away = [of for of in assumptions if busiest is not None and of.parameter.endswith(AWAY)]
    screened = [of for of in assumptions if of not in away]
    ends = [of.ends if abs(of.low - of.start) > abs(of.high - of.start) else of.ends[::-1] for of in screened]
    first = [(of, of_it[0]) for of, of_it in zip(screened, ends, strict=True)]
    moved = passed_by(first, 1, busiest)
    second = [
        (of, of_it[1]) for of, of_it, passed in zip(screened, ends, moved, strict=True)
        if len(of_it) > 1 and passed < STEP - missed and abs(passed + missed) >= LITTLE * missed
    ]  # fmt: skip
    both = [*zip([*first, *second], [*moved, *passed_by(second, 1, busiest)], strict=True)]
    if busiest is not None:
        likely = [value for value, passed in both if passed + missed >= LIKELY * missed]
        likely += [(of, end) for of in away for end in of.ends]
        both = [*zip(likely, passed_by(likely, 1), strict=True)]
    ways = [_Way(of, end, passed, missed) for (of, end), passed in both if passed > 0]
    turning = len({way.assumption.parameter for way in ways})
    ways = sorted(ways, key=lambda way: way.distance)[:LOOKED_AT]
    for _round in range(ROUNDS):
        parts = [way.part for way in ways]
        values = [(way.assumption, way.value(part)) for way, part in zip(ways, parts, strict=True)]
        for way, part, passed in zip(ways, parts, passed_by(values, GUESSES), strict=True):
            if passed > 0:
                way.far, way.passed = part, passed
            else:
                way.near, way.missed = part, -passed
    nearest: dict[str, TurningPoint] = {}
    for way in sorted(ways, key=lambda way: way.distance):
        of = way.assumption
        nearest.setdefault(of.parameter, TurningPoint(**vars(of), turns_at=way.value(way.part)))
    return len(assumptions), turning, tuple(nearest.values())[:NEAREST]
