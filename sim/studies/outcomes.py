"""What becomes of many scenarios with the same random numbers: verdicts, or what a few replications of each give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.engines.play import Engine
from sim.measures.judge import Rule
from sim.office.parameters import Scenario
from sim.replicate.design_points import design_point_of
from sim.replicate.gather import Progress, gather
from sim.replicate.stopping import EqualNumber
from sim.replicate.store import Store
from sim.replicate.verdicts import NOTHING, KnownWell, Outcome, Verdicts, VerdictsBeside
from sim.replicate.workers import Workers
from sim.studies.base import StudyError
from sim.text import Message

F64 = NDArray[np.float64]
Watch = Callable[[Progress], None]

MOST_MINUTES = 1_000_000.0
"""What an office counts with that cannot finish its cases, or in which somebody never gets the licence: some eight
years of counted hours, more than the mean of any that can."""


@dataclass(frozen=True)
class Work:
    """What replications are made with.

    Attributes
    ----------
    seed : int
    engine : str
    workers : Workers
    store : Store
    """

    seed: int
    engine: Engine
    workers: Workers
    store: Store


def judged(
    scenarios: Sequence[Scenario], rule: Rule, work: Work, watch: Watch = lambda progress: None
) -> list[Outcome]:
    """Return what becomes of each scenario; all have a verdict.

    Raises
    ------
    StudyError
        If nobody comes whom the target is about.
    """
    points = [design_point_of(scenario, work.seed, work.engine) for scenario in scenarios]
    stopping = Verdicts(points, rule)
    scores = gather(points, stopping, work.workers, work.store, watch)
    return _all_judged(scenarios, [stopping.outcome(number, of) for number, of in enumerate(scores)])


def _all_judged(scenarios: Sequence[Scenario], found: list[Outcome]) -> list[Outcome]:
    for scenario, outcome in zip(scenarios, found, strict=True):
        if outcome.verdict is None:
            raise StudyError(Message("{scenario}: {why}", scenario=scenario.name, why=outcome.said))
    return found


class JudgedBeside:
    """Verdicts on scenarios that differ little from one, by how they differ from it: for that few years are enough.

    Parameters
    ----------
    scenario : Scenario
        The one that is played until it is known well, with half of the error of the family.
    rule : Rule
        Of the family.
    own_rule : Rule
        Of the scenario itself, for two tests.
    work : Work
    watch : callable

    Attributes
    ----------
    own : Outcome
        Its own.

    Raises
    ------
    StudyError
        If nobody comes whom the target is about.
    """

    def __init__(
        self, scenario: Scenario, rule: Rule, own_rule: Rule, work: Work, watch: Watch = lambda progress: None
    ) -> None:
        self._point, self._work = design_point_of(scenario, work.seed, work.engine), work
        # A test at half of the error is one of a family of two; the other half is for all others, each of which is
        # judged beside the scenario and alone.
        self._rule = replace(rule, tests=4 * rule.tests)
        known = KnownWell(self._point, own_rule)
        (scores,) = gather([self._point], known, work.workers, work.store, watch)
        (self.own,) = _all_judged([scenario], [known.outcome(0, scores)])
        self._interval = known.interval

    def judged(self, scenarios: Sequence[Scenario], watch: Watch = lambda progress: None) -> list[Outcome]:
        """Return what becomes of each; all have a verdict."""
        work = self._work
        points = [design_point_of(scenario, work.seed, work.engine) for scenario in scenarios]
        stopping = VerdictsBeside(self._point, self._interval, points, self._rule)
        scores = gather([self._point, *points], stopping, work.workers, work.store, watch)
        return _all_judged(scenarios, [stopping.outcome(number, of) for number, of in enumerate(scores) if number])


def verdict_columns(of: Outcome) -> tuple[str, float, float, float, int]:
    """Return verdict, estimate (infinite if the office cannot finish its cases), interval and replications."""
    verdict = of.verdict.value if of.verdict else ""
    if of.judgement is None:
        return verdict, np.inf, np.nan, np.nan, of.replications
    return verdict, of.judgement.estimate, of.judgement.low, of.judgement.high, of.replications


@dataclass(frozen=True)
class Outcomes:
    """Means over the replications of each scenario.

    Attributes
    ----------
    minutes : (n,) float64
        Mean of the target's clock, at most `MOST_MINUTES`.
    over : (n,) float64
        Share of the cases on target that take longer than the target's minutes.
    figure : (n,) float64
        What the target is held against: the mean, capped likewise, or the share in time.
    keeps : (n,) float64
        1 where the mean of the replications keeps the target, 0 where it does not.
    unfinished : (n,) bool
        Whether there is a replication in which the office cannot finish its cases.
    capped : int
        Scenarios in which a replication was counted with `MOST_MINUTES`.
    """

    minutes: F64
    over: F64
    figure: F64
    keeps: F64
    unfinished: NDArray[np.bool_]
    capped: int

    @property
    def log_minutes(self) -> F64:
        """Natural logarithm of the minutes."""
        return np.asarray(np.log(self.minutes))


def outcomes_of(
    scenarios: Sequence[Scenario], replications: int, work: Work, watch: Watch = lambda progress: None
) -> Outcomes:
    """Replicate scenarios so many times each.

    Parameters
    ----------
    scenarios : sequence of Scenario
    replications : int
        Of each.
    work : Work
    watch : callable
        Told the progress.

    Raises
    ------
    StudyError
        If in some scenario nobody comes whom the target is about.
    """
    points = [design_point_of(scenario, work.seed, work.engine) for scenario in scenarios]
    target = points[0].target
    names = (f"{target.clock} mean", f"{target.clock} within")
    found = gather(points, EqualNumber(replications, names), work.workers, work.store, watch)
    minutes, over, figure = (np.empty(len(points)) for _ in range(3))
    capped = 0
    for number, scores in enumerate(found):
        if len(scores) and not scores.counts.all():
            raise StudyError(Message("{scenario}: {why}", scenario=scenarios[number].name, why=Message(NOTHING)))
        missing = np.full(replications - len(scores), MOST_MINUTES)
        of_target = scores.controlled(target) / scores.counts
        means = np.append(of_target if target.statistic == "mean" else scores.figures[:, 0], missing)
        capped += bool((means >= MOST_MINUTES).any())
        minutes[number] = np.minimum(means, MOST_MINUTES).mean()
        over[number] = np.append(1 - scores.figures[:, 1], np.ones(len(missing))).mean()
        if target.statistic == "mean":
            figure[number] = minutes[number]
        else:
            figure[number] = np.append(of_target, np.zeros(len(missing))).mean()
    good = figure <= target.minutes if target.statistic == "mean" else figure >= target.level
    unfinished = np.array([len(scores) < replications for scores in found])
    return Outcomes(minutes, over, figure, good.astype(np.float64), unfinished, capped)
