"""What plans carry once that carries how well a log tells the office: each office that is possible has a limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from sim.office.parameters import Scenario
from sim.office.scenario import at_demand
from sim.replicate.gather import Progress
from sim.results.about import TargetFacts
from sim.studies.base import StudyError
from sim.studies.calibrate.intervals import NORMAL
from sim.studies.calibrate.records import Calibration
from sim.studies.capacity.records import Capacity, PlanBracket
from sim.studies.growth import Growth
from sim.studies.outcomes import Work, outcomes_of
from sim.studies.possible_offices import Played, PossibleOffices, open_scale, played_year
from sim.studies.rounds import F64, Carried, Round

DEMAND = "demand.registrations_per_year"
"""Is what is asked about: it is not drawn."""
STEP, MOST_STEPS = 1.08, 8
"""From a level to the next, and steps to either side of the fitted office's limit that are looked at."""


def given_log(
    record: Capacity, plans: Sequence[Scenario], calibration: Calibration, growth: Growth, work: Work,
    quick: bool = False, watch: Callable[[Progress], None] = lambda progress: None,
) -> Capacity:  # fmt: skip
    """Return limits whose ends carry what the log leaves open.

    As it is if nobody comes in an office that the log leaves possible, and a plan of which no level was shown to hold
    or to fail.

    Parameters
    ----------
    record : Capacity
        That takes the fitted values as exact.
    plans : sequence of Scenario
    calibration : Calibration
        That has fitted them.
    growth : Growth
    work : Work
    quick : bool
        Whether few offices are drawn.
    watch : callable
        Told the progress.

    Notes
    -----
    The limit of an office in a year is where its figure crosses what is promised, on the open scale of the figure and
    the logarithm of demand; all levels of a year have the same random numbers. An office beyond the levels that are
    looked at counts with the last of them.
    """
    offices = PossibleOffices.of(plans, calibration, but=(DEMAND,))
    if not offices.joint.known:
        return record
    target = record.target
    ladders = {
        number: levels
        for number, plan in enumerate(record.plans)
        if (levels := _ladder(plan, _own_limit(record, plan)))
    }

    def play(of_offices: Sequence[Sequence[Scenario]], seed: int) -> list[Played]:
        of_year = replace(work, seed=seed)
        climbs = [Climb(office[number], levels) for number, levels in ladders.items() for office in of_offices]
        find_crossings(
            climbs, target, lambda scenarios: played_year(outcomes_of(scenarios, 1, of_year, watch), target)[0]
        )
        worse = np.array([-climb.limit for climb in climbs]).reshape(len(ladders), -1)
        beyond = np.array([climb.beyond for climb in climbs]).reshape(worse.shape)
        return list(zip(worse, beyond, strict=True))

    with suppress(StudyError):
        rounds = list(zip(*offices.rounds(work.seed, play, quick), strict=True)) if ladders else []
        found = {
            number: _bracket(record, record.plans[number], ladders[number], of, growth)
            for number, of in zip(ladders, rounds, strict=True)
        }
        if rounds:
            told = tuple(found.get(number, plan) for number, plan in enumerate(record.plans))
            return replace(record, plans=told, given_log=offices.facts(calibration, rounds[0]))
    return record


def _own_limit(record: Capacity, plan: PlanBracket) -> float:
    """Return the demand at which the fitted office crosses what is promised, as the judged levels have it; NaN if none.

    Of more than one such place the highest.
    """
    levels = [level for level in record.levels_of(plan) if not math.isnan(level.estimate)]
    values = np.array([level.estimate for level in levels], np.float64)
    worse = open_scale(np.append(values, record.target.promised), record.target)
    over = worse[:-1] > worse[-1]
    crossings = np.flatnonzero(~over[:-1] & over[1:])
    if not len(crossings):
        return math.nan
    at = int(crossings[-1])
    low, high = (math.log(levels[place].registrations) for place in (at, at + 1))
    return math.exp(_between(low, high, worse[at], worse[at + 1], worse[-1]))


def _between(low: float, high: float, worse_low: float, worse_high: float, promised: float) -> float:
    """Return the place between two at which a straight line crosses; the middle if it goes to infinity."""
    part = (promised - worse_low) / (worse_high - worse_low) if math.isfinite(worse_high) else 0.5
    return low + part * (high - low)


def _ladder(plan: PlanBracket, own: float) -> tuple[int, ...]:
    """Return the levels that are looked at, those of the plan's own range; none if nothing was shown of it."""
    known = [end for end in (plan.holds, plan.fails) if end is not None]
    if not known:
        return ()
    middle = own if math.isfinite(own) else math.exp(float(np.mean(np.log(known))))
    levels = (round(middle * STEP**step) for step in range(-MOST_STEPS, MOST_STEPS + 1))
    return tuple(sorted({level for level in levels if plan.lowest <= level <= plan.highest}))


@dataclass
class Climb:
    """The search for where an office crosses what is promised.

    Attributes
    ----------
    office : Scenario
    levels : tuple of int
        Registrations a year that may be played, increasing.
    worse : dict of int to float
        Figures on the open scale by place of a level.
    """

    office: Scenario
    levels: tuple[int, ...]
    worse: dict[int, float] = field(default_factory=dict)
    limit: float = math.nan
    beyond: bool = False

    def wanted(self, promised: float) -> int | None:
        """Return the place of the level to be played next; None if the limit is found, and then entered."""
        middle = len(self.levels) // 2
        if not self.worse:
            return middle
        keeps = [place for place, worse in self.worse.items() if worse <= promised]
        misses = [place for place, worse in self.worse.items() if worse > promised]
        low = max((place for place in keeps if place < min(misses, default=len(self.levels))), default=-1)
        high = min((place for place in misses if place > low), default=len(self.levels))
        last = len(self.levels) - 1
        if high > last or low < 0:
            # Outward, each time twice as far; the last one is beyond if it does not do either.
            if (low == last) or (high == 0):
                self.limit, self.beyond = math.log(self.levels[last if low == last else 0]), True
                return None
            return (
                min(middle + max(2 * (low - middle), 1), last)
                if high > last
                else max(middle - max(2 * (middle - high), 1), 0)
            )
        if high - low > 1:
            return min(max(round(_between(low, high, self.worse[low], self.worse[high], promised)), low + 1), high - 1)
        begin, end = (math.log(self.levels[place]) for place in (low, high))
        self.limit = _between(begin, end, self.worse[low], self.worse[high], promised)
        return None


def find_crossings(climbs: Sequence[Climb], target: TargetFacts, play: Callable[[list[Scenario]], F64]) -> None:
    """Play offices at levels of demand until the limit of each is found.

    Parameters
    ----------
    climbs : sequence of Climb
        The limits are entered.
    target : TargetFacts
    play : callable
        Returns the figures of scenarios on the open scale.
    """
    promised = float(open_scale(np.array([target.promised]), target)[0])
    while asked := [(climb, at) for climb in climbs if (at := climb.wanted(promised)) is not None]:
        for (climb, at), worse in zip(
            asked, play([at_demand(climb.office, climb.levels[at]) for climb, at in asked]), strict=True
        ):
            climb.worse[at] = float(worse)


def _bracket(
    record: Capacity, plan: PlanBracket, levels: Sequence[int], rounds: Sequence[Round], growth: Growth
) -> PlanBracket:
    """Return what a plan carries, with the ends of an interval that carries the log."""
    own = -math.log(limit) if math.isfinite(limit := _own_limit(record, plan)) else math.nan
    if plan.holds is not None and plan.fails is not None and math.isfinite(own):
        low, high = -math.log(plan.fails), -math.log(plan.holds)
    else:
        years = np.concatenate([each.own for each in rounds])
        own = float(years.mean())
        reach = NORMAL * float(years.std(ddof=1)) / math.sqrt(len(years))
        low, high = own - reach, own + reach
    at = [plan.holds, record.marks[1].registrations]
    carried, of_next = (Carried.of(rounds, own, low, high, -math.log(demand or plan.lowest)) for demand in at)
    best, worst = (math.exp(-end) for end in carried.ends)
    fewest, most = levels[0], levels[-1]
    less, more = (_share_at(rounds, carried, -math.log(end)) > carried.tail for end in (fewest, most))
    holds = None if less else _digits(worst, math.floor)
    fails = None if more else _digits(best, math.ceil)
    kept, kept_next = (
        found.below if demand is not None and fewest <= demand <= most else math.nan
        for found, demand in zip((carried, of_next), at, strict=True)
    )
    return replace(
        plan, holds=holds, fails=fails, drawn_lowest=fewest, drawn_highest=most,
        breaks_from=None if holds is None else growth.passes(holds),
        breaks_to=None if fails is None else growth.passes(fails), exact_holds=plan.holds, exact_fails=plan.fails,
        kept=kept, kept_error=carried.error, kept_next=kept_next, kept_next_error=of_next.error,
        from_log=carried.from_log,
    )  # fmt: skip


def _share_at(rounds: Sequence[Round], carried: Carried, end: float) -> float:
    """Return what the offices count for that are at an end of the levels in each of their years."""
    there = np.concatenate([(np.abs(each.apart - end) < 1e-9).all(axis=0) for each in rounds])
    return float(carried.whole.weights[there].sum())


def _digits(value: float, to: Callable[[float], int]) -> int:
    """Return a demand with three digits, rounded to the safe side."""
    unit = 10.0 ** max(math.floor(math.log10(value)) - 2, 0)
    return max(int(to(value / unit) * unit), 1)
