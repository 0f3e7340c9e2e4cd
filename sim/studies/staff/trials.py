"""What a plan must keep, and how it stands: simulated as long as it takes to tell, on random numbers that all share.

A plan must keep the target, and a floor under the service that the target does not look at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.engines.play import Engine
from sim.measures.judge import Judgement, Rule, judge_scores, margin_of, missed_by
from sim.office.blocks import Target
from sim.office.parameters import Scenario
from sim.replicate.design_points import design_point_of
from sim.replicate.gather import Progress, gather
from sim.replicate.stopping import EqualNumber, Scores
from sim.replicate.store import Store
from sim.replicate.workers import Workers
from sim.studies.staff.records import TARGET

F64 = NDArray[np.float64]

LEVELS = {"phone": 0, "filing": 1, "studio": 1, "key": 1}
"""Who gives up on the phone walks in or files unadvised; who gives up in the hall files alone."""
SLOPES = 1
"""Replications by which it is told what one more on duty brings: a difference under the same random numbers."""


@dataclass(frozen=True)
class Closeness:
    """How closely a plan is looked at.

    Attributes
    ----------
    looks : tuple of int
        Replications of a plan: more only of one that is near the edge. If it still is after the last of them, it counts
        as missing what is required.
    sure : float
        Of a standing that is clear; Student's t, since the spread of few replications is little known.
    enough : float
        Standard errors after the last of them that are enough: about half the width of a certificate's interval at its
        first look. What is nearer to the edge comes out as too close to call.
    """

    looks: tuple[int, ...]
    sure: float
    enough: float

    @property
    def most(self) -> int:
        """Replications of a plan that is near the edge."""
        return self.looks[-1]


CLOSELY = Closeness((5, 10, 40), sure=0.999, enough=5.0)
IN_A_HURRY = Closeness((5, 10), sure=0.99, enough=2.5)


@dataclass(frozen=True)
class Requirement:
    """The target, or a floor at a stage: at most so many of its visits may give up.

    Attributes
    ----------
    name : str
        ``target``, or the stage.
    target : Target
        Of a floor: the share of visits that are served, at least its level.
    stages : tuple of str
        Whose waiting it is about.
    level : int
        How far along the way of a case: what is missed at one level changes what comes to the next.
    column : int
        Where the figures of a floor are in those that are asked for; -1 for the target.
    """

    name: str
    target: Target
    stages: tuple[str, ...]
    level: int
    column: int = -1

    @property
    def margin(self) -> float:
        """Within so much of what is promised it is too close to call: minutes or share."""
        return margin_of(self.target)

    def sums_and_counts(self, scores: Scores) -> tuple[F64, F64]:
        """Return of each replication the sum that it is about, and the number."""
        if self.column < 0:
            return scores.controlled(self.target), scores.counts
        visits, gave_up = scores.figures[:, self.column], scores.figures[:, self.column + 1]
        visits = np.nan_to_num(visits)
        return visits * (1 - np.nan_to_num(gave_up)), visits

    def judged(self, scores: Scores, rule: Rule) -> Judgement | None:
        """Return the verdict on it; None if there is nothing to judge."""
        sums, counts = self.sums_and_counts(scores)
        if not counts.any():
            return None
        if self.column < 0:
            return scores.judged(self.target, rule)
        return judge_scores(self.target, sums, counts, rule, scores.seen, rare=scores.controls is not None)

    def over(self, scores: Scores) -> F64:
        """Return by how much each replication misses what is required, negative if it keeps it: minutes or share."""
        sums, counts = self.sums_and_counts(scores)
        per_case = max(float(counts.mean()), 1.0) if len(counts) else 1.0
        return missed_by(self.target, sums, counts) / per_case


def requirements_of(target: Target, stages: Sequence[str], floors: dict[str, float]) -> tuple[Requirement, ...]:
    """Return the target and the floors.

    Parameters
    ----------
    target : Target
    stages : sequence of str
        Those whose waiting the target's clock counts.
    floors : dict of stage to float
        Share of its visits that may give up.
    """
    found = [Requirement(TARGET, target, tuple(stages), max(LEVELS.values()) + 1)]
    for number, (stage, gave_up) in enumerate(floors.items()):
        found.append(Requirement(stage, Target(1.0, "share", 1 - gave_up), (stage,), LEVELS[stage], 2 * number))
    return tuple(found)


def figures_of(requirements: Sequence[Requirement]) -> tuple[str, ...]:
    """Return the short names of the figures that the requirements need, in the order of their columns."""
    stages = [requirement.name for requirement in requirements if requirement.column >= 0]
    return tuple(name for stage in stages for name in (f"visits number stage {stage}", f"gave up share stage {stage}"))


@dataclass(frozen=True)
class Standing:
    """How a plan stands against one requirement in the search, on random numbers that all plans share.

    Attributes
    ----------
    over : float
        Mean by which it misses what is required, negative if it keeps it: minutes or share; inf if the office
        cannot finish its cases.
    error : float
        Standard error.
    replications : int
    margin : float
        Of the requirement.
    closeness : Closeness
    """

    over: float
    error: float
    replications: int
    margin: float
    closeness: Closeness = CLOSELY

    @classmethod
    def of(cls, requirement: Requirement, scores: Scores, closeness: Closeness) -> Standing:
        """Return the standing after all replications there are."""
        n = len(scores)
        over = np.array([np.inf]) if scores.unfinished or not n else requirement.over(scores)
        if not np.isfinite(over).all():
            return cls(np.inf, 0.0, n, requirement.margin, closeness)
        error = float(over.std(ddof=1) / np.sqrt(n)) if n > 1 else np.inf
        return cls(float(over.mean()), error, n, requirement.margin, closeness)

    @property
    def looked_at(self) -> bool:
        """Whether it has had all its replications."""
        return self.replications >= self.closeness.most

    @property
    def missed(self) -> bool:
        """Whether it is clear that it misses the requirement, or it has had its replications and does not keep it."""
        return not self.kept if self.looked_at else self.over > self._wide

    @property
    def kept(self) -> bool:
        """Whether it is clear that it keeps the requirement, by so much in the end that a certificate can be given.

        An interval that narrows around half a margin from the edge is off the edge before it is within the margin.
        """
        if not self.looked_at:
            return self.over <= -self._wide
        return self.over <= -min(self.closeness.enough * self.error, self.margin / 2)

    @property
    def _wide(self) -> float:
        return self.error * _quantile(self.replications - 1, self.closeness.sure) if self.error else 0.0


@cache
def _quantile(freedom: int, sure: float) -> float:
    return float(stdtrit(max(freedom, 1), sure))


@dataclass(frozen=True)
class Trial:
    """How a plan stands.

    Attributes
    ----------
    standings : tuple of Standing
        One for each requirement.
    score : float
        Mean of what the target is about over the replications: minutes, or share.
    replications : int
    first : tuple of float
        Of each requirement the mean by which it is missed in the first `SLOPES` replications, which all plans have.
    """

    standings: tuple[Standing, ...]
    score: float
    replications: int
    first: tuple[float, ...]

    @property
    def keeps(self) -> bool:
        """Whether it keeps all requirements."""
        return all(standing.kept for standing in self.standings)

    def open(self, about: Sequence[int]) -> bool:
        """Say whether more replications may change what is made of some requirements."""
        standings = [self.standings[number] for number in about]
        return not all(s.kept for s in standings) and not any(s.missed for s in standings)

    def worst(self, requirements: Sequence[Requirement]) -> int:
        """Return the number of the requirement that it misses most, or keeps least, in margins."""
        return int(np.argmax([s.over / r.margin for s, r in zip(self.standings, requirements, strict=True)]))


class Trials:
    """Simulates scenarios that differ in staffing only.

    Parameters
    ----------
    requirements : sequence of Requirement
    seed : int
    engine : str
    workers : Workers
    store : Store
    watch : callable
        Told the progress of each batch.
    closeness : Closeness

    Attributes
    ----------
    replications : int
        Year-replications that were needed, whether made now or found in the store.
    plans : int
        Scenarios simulated.
    """

    def __init__(
        self,
        requirements: Sequence[Requirement],
        seed: int,
        engine: Engine,
        workers: Workers,
        store: Store,
        watch: Callable[[Progress], None],
        closeness: Closeness = CLOSELY,
    ) -> None:
        self.requirements, self.closeness = tuple(requirements), closeness
        self.seed, self.engine, self.workers, self.store, self.watch = seed, engine, workers, store, watch
        self.figures = figures_of(self.requirements)
        self.replications = 0
        self.plans = 0
        self._known: dict[str, Trial] = {}

    def try_all(
        self, scenarios: Sequence[Scenario], closely: bool = True, about: Sequence[int] | None = None
    ) -> list[Trial]:
        """Return how each scenario stands.

        Parameters
        ----------
        scenarios : sequence of Scenario
        closely : bool
            Whether those near the edge are replicated until they are on one side of it, or as often as is worth it;
            False = `SLOPES` replications only.
        about : sequence of int, optional
            Numbers of the requirements that they shall be clear of; all if left out.
        """
        about = tuple(range(len(self.requirements)) if about is None else about)
        points = [design_point_of(scenario, self.seed, self.engine) for scenario in scenarios]
        found: dict[str, Trial] = {}
        waiting = []
        for point in {point.key: point for point in points}.values():
            known = self._known.get(point.key)
            enough = known is not None and known.replications >= self.closeness.most
            if known is not None and (not closely or enough or not known.open(about)):
                found[point.key] = known
            else:
                waiting.append(point)
        self.plans += len(waiting)
        before = 0
        for look in self.closeness.looks if closely else (SLOPES,):
            if not waiting:
                break
            asked = EqualNumber(look, self.figures, searching=True)
            gathered = gather(waiting, asked, self.workers, self.store, self.watch)
            for point, scores in zip(waiting, gathered, strict=True):
                found[point.key] = self._trial(scores)
            self.replications += len(waiting) * (look - before)
            before = look
            waiting = [point for point in waiting if found[point.key].open(about)]
        self._known.update(found)
        return [found[point.key] for point in points]

    def _trial(self, scores: Scores) -> Trial:
        standings = tuple(Standing.of(requirement, scores, self.closeness) for requirement in self.requirements)
        counts = scores.counts.sum() if len(scores) else 0.0
        sums, _ = self.requirements[0].sums_and_counts(scores)
        score = np.inf if scores.unfinished or not counts else float(sums.sum() / counts)
        start = scores.first(SLOPES)
        whole = len(start) == SLOPES
        first = [float(r.over(start).mean()) if whole else np.inf for r in self.requirements]
        return Trial(standings, score, len(scores), tuple(first))
