"""How far a verdict reaches, and what would turn it: levels of demand that are judged, and a screen of the assumptions.

A run knows its own demand and its own assumptions alone. What is found here is cheap, so that it can stand beside every
verdict: the demand only between levels some per cent apart, and of each assumption one replication at the ends of its
range. `limit` finds the demand to a per cent, `sensitivity` judges where the verdict flips.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sim.measures.judge import Rule, Verdict, margin_of, promised_by
from sim.office.parameters import Scenario
from sim.office.scenario import at_demand, own_demand
from sim.replicate.design_points import design_point_of
from sim.replicate.gather import Progress, gather
from sim.replicate.verdicts import Outcome, Verdicts
from sim.results.assumptions import Assumption
from sim.studies.assumptions import assumptions_of, scenario_with
from sim.studies.base import StudyError
from sim.studies.outcomes import MOST_MINUTES, Work, outcomes_of
from sim.studies.run.records import Premises, Run, TurningPoint

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75)
MORE = (1.0, 2.0, 4.0)
"""Levels of demand, as parts of the own one that are less or more; the second only more."""
FARTHER = (0.1, 0.75, math.inf)
"""How far from the own demand is looked, one after the other."""
SHARE, FEWEST = 2, 120
"""The levels may take so many times the replications of the verdict, or so many: one knows how long it takes."""
NEAREST = 3
LOOKED_AT = 8
"""Assumptions that are told, and those of which it is looked where they turn the verdict."""
ROUNDS = 2
"""Of looking where."""
GUESSES, CLEAR = 2, 0.5
"""Replications of a guess (at the ends of ranges there is one), and how many margins are clear of the target."""
STEP = 0.1
"""Margins that an assumption moves the estimate by if it does."""
TINY = 1e-3
"""Minutes, below which there is nothing to tell apart."""
DEMAND = "demand.registrations_per_year"

Watch = Callable[[Progress], None]


def with_premises(
    record: Run, scenario: Scenario, own: Outcome, rule: Rule, work: Work, watch: Watch = lambda progress: None
) -> Run:
    """Return a run with how far its verdict reaches, and which assumptions are nearest to turning it.

    Without, if there are so few cases that this cannot be said.

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
    try:
        holds, fails, levels, used = _headroom(scenario, own, rule, work, watch)
        looked, turning, nearest, screened = _nearest(scenario, own, work, watch)
    except StudyError:
        # So few come that with a little less, or a little else, nobody does whom the target is about.
        return record
    premises = Premises(
        own_demand(scenario), holds, fails, levels[0], levels[-1], looked, turning, used, screened
    )  # fmt: skip
    return replace(record, premises=premises, nearest=nearest)


def levels_of(own: int, verdict: Verdict) -> tuple[int, ...]:
    """Return the levels of demand that may be judged, increasing: the own one; more if it holds, less if it fails."""
    less = () if verdict is Verdict.HOLDS else tuple(-step for step in STEPS)
    more = () if verdict is Verdict.FAILS else (*STEPS, *MORE)
    return tuple(sorted({max(round(own * (1 + part)), 1) for part in (*less, 0.0, *more)}))


def _headroom(
    scenario: Scenario, own: Outcome, rule: Rule, work: Work, watch: Watch
) -> tuple[int | None, int | None, tuple[int, ...], int]:
    """Return the largest demand found to hold, the smallest above it found to fail, all levels, and the replications.

    Two replications of each level say nearly where the verdict turns. What is judged are the levels next to that on
    either side, and those beyond as long as these are not clear and the budget lasts.
    """
    assert own.verdict is not None
    levels = levels_of(own_demand(scenario), own.verdict)
    if len(levels) == 1:
        return None, None, levels, 0
    at = levels.index(own_demand(scenario))
    scenarios = [at_demand(scenario, level) for level in levels]
    beyond, looked = [math.nan] * len(levels), 0
    for far in FARTHER:
        # A demand far beyond what an office can do takes long to play: only if nothing nearer is clear.
        near = [place for place in range(len(levels)) if abs(levels[place] / levels[at] - 1) <= far]
        near = [place for place in near if math.isnan(beyond[place])]
        looked += len(near)
        found = _beyond(scenario, own, [scenarios[place] for place in near], GUESSES, work, watch)
        for place, missed in zip(near, found, strict=True):
            beyond[place] = missed
        kept, missing = (any(sign * missed >= CLEAR for missed in beyond) for sign in (-1, 1))
        if (kept or own.verdict is Verdict.HOLDS) and (missing or own.verdict is Verdict.FAILS):
            break
    enough = rule.largest >= rule.boundary.smallest
    # Every level that might be judged has its share of the error.
    rule = replace(rule, tests=len(levels) - 1, early=True)
    # Of a larger family the first look, which --quick stops at, is a later one.
    largest = max(rule.largest, rule.boundary.smallest) if enough else rule.largest
    budget, used = max(SHARE * own.replications, FEWEST), GUESSES * looked
    holds = at if own.verdict is Verdict.HOLDS else -1
    fails = at if own.verdict is Verdict.FAILS else len(levels)
    low = max((place for place, missed in enumerate(beyond) if missed <= -CLEAR), default=-1)
    high = min((place for place, missed in enumerate(beyond) if missed >= CLEAR), default=len(levels))
    while asked := sorted({*([low] if low > holds else []), *([high] if high < fails else [])}):
        most = (budget - used) // len(asked)
        if most < rule.boundary.first:
            break
        points = [design_point_of(scenarios[place], work.seed, work.engine) for place in asked]
        verdicts = Verdicts(points, replace(rule, largest=min(most, largest)))
        scores = gather(points, verdicts, work.workers, work.store, watch)
        for number, place in enumerate(asked):
            used += len(scores[number])
            verdict = verdicts.outcome(number, scores[number]).verdict
            if verdict is Verdict.HOLDS:
                holds = max(holds, place)
            elif verdict is Verdict.FAILS:
                fails = min(fails, place)
        low -= low > holds
        high += high < fails
    return (
        levels[holds] if holds >= 0 else None, levels[fails] if fails < len(levels) else None, levels, used
    )  # fmt: skip


def _beyond(
    scenario: Scenario, own: Outcome, others: Sequence[Scenario], replications: int, work: Work, watch: Watch
) -> list[float]:
    """Return by how many margins each of some scenarios misses the target; below 0, by how many it keeps it.

    With the same random numbers the difference to the scenario needs few replications; from where it counts is known
    from the verdict.
    """
    target = design_point_of(scenario, work.seed, work.engine).target
    about_mean = target.statistic == "mean"
    promised, margin = promised_by(target), margin_of(target)
    judged = MOST_MINUTES if own.judgement is None else min(own.judgement.estimate, MOST_MINUTES)

    def scale(figure: float) -> float:
        # Waiting grows in proportion rather than by steps; on this scale its way is the straighter one.
        return math.log(max(figure, TINY) / promised) * promised if about_mean else promised - figure

    base, *figures = map(scale, map(float, outcomes_of([scenario, *others], replications, work, watch).figure))
    return [(figure + scale(judged) - base) / margin for figure in figures]


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
        """Return the value so far along; at an end exactly that."""
        start = self.assumption.start
        value = self.end if part == 1 else start + (self.end - start) * part
        return float(round(value)) if self.assumption.whole else value

    @property
    def distance(self) -> float:
        """How far away it turns, as a part of the whole range."""
        of = self.assumption
        return abs(self.value(self.part) - of.start) / (of.high - of.low)


def _nearest(
    scenario: Scenario, own: Outcome, work: Work, watch: Watch
) -> tuple[int, int, tuple[TurningPoint, ...], int]:
    """Look at the ends of all ranges, and where the nearest of those that turn the verdict do so."""
    if own.verdict not in (Verdict.HOLDS, Verdict.FAILS):
        return 0, 0, (), 0
    possible, __ = assumptions_of(scenario)
    # More demand is told by its levels.
    assumptions = [of for of in possible if of.parameter != DEMAND]
    sign = 1.0 if own.verdict is Verdict.HOLDS else -1.0
    used = 0

    def passed_by(values: Sequence[tuple[Assumption, float]], replications: int) -> list[float]:
        """Return by how much each value turns the verdict; below 0, by how much it does not."""
        nonlocal used
        scenarios = [scenario_with(scenario, {of: value}) for of, value in values]
        used += (1 + len(scenarios)) * replications
        return [sign * missed for missed in _beyond(scenario, own, scenarios, replications, work, watch)]

    (known,) = _beyond(scenario, own, [scenario], 1, work, watch)
    missed = max(-sign * known, 0.0)
    # The farther end first; where it is a step towards the other verdict, the other end is one away from it.
    ends = [of.ends if abs(of.low - of.start) > abs(of.high - of.start) else of.ends[::-1] for of in assumptions]
    first = [(of, of_it[0]) for of, of_it in zip(assumptions, ends, strict=True)]
    moved = passed_by(first, 1)
    second = [
        (of, of_it[1]) for of, of_it, passed in zip(assumptions, ends, moved, strict=True)
        if len(of_it) > 1 and passed < STEP - missed
    ]  # fmt: skip
    both = zip([*first, *second], [*moved, *passed_by(second, 1)], strict=True)
    ways = [_Way(of, end, passed, missed) for (of, end), passed in both if passed > 0]
    turning = len({way.assumption.parameter for way in ways})
    ways = sorted(ways, key=lambda way: way.distance)[:LOOKED_AT]
    for _round in range(ROUNDS if ways else 0):
        parts = [way.part for way in ways]
        values = [(way.assumption, way.value(part)) for way, part in zip(ways, parts, strict=True)]
        found = passed_by(values, GUESSES)
        for way, part, passed in zip(ways, parts, found, strict=True):
            if passed > 0:
                way.far, way.passed = part, passed
            else:
                way.near, way.missed = part, -passed
    nearest: dict[str, TurningPoint] = {}
    for way in sorted(ways, key=lambda way: way.distance):
        of = way.assumption
        nearest.setdefault(of.parameter, TurningPoint(**vars(of), turns_at=way.value(way.part)))
    return len(assumptions), turning, tuple(nearest.values())[:NEAREST], used
