"""Trials: simulate plans on random numbers that all of them share, each only as long as it takes to tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from sim.engines.play import Engine
from sim.office.parameters import Scenario
from sim.replicate.cells import Cell, cell_of
from sim.replicate.gather import Progress, Scores, gather
from sim.replicate.store import Store
from sim.replicate.workers import Workers
from sim.staffing.requirements import MOST, Requirement, Standing, figures_of

STAGES = (3, 10, MOST)
"""Replications of a plan: more only of one that is near the edge."""


class Fixed:
    """Asks for the same number of replications of each cell."""

    def __init__(self, replications: int, figures: tuple[str, ...]) -> None:
        self.smallest = self.largest = replications
        self.figures = figures

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Return the cells that have them."""
        return [number for number, found in enumerate(scores) if len(found) >= self.largest]


@dataclass(frozen=True)
class Tried:
    """How a plan stands.

    Attributes
    ----------
    standings : tuple of Standing
        One for each requirement.
    score : float
        Mean of what the target is about over the replications: minutes, or share.
    replications : int
    first : tuple of float
        Of each requirement the mean by which it is missed in the first replications, which all plans have.
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
    ) -> None:
        self.requirements = tuple(requirements)
        self.seed, self.engine, self.workers, self.store, self.watch = seed, engine, workers, store, watch
        self.figures = figures_of(self.requirements)
        self.replications = 0
        self.plans = 0
        self._known: dict[str, Tried] = {}

    def try_all(
        self, scenarios: Sequence[Scenario], closely: bool = True, about: Sequence[int] | None = None
    ) -> list[Tried]:
        """Return how each scenario stands.

        Parameters
        ----------
        scenarios : sequence of Scenario
        closely : bool
            Whether those near the edge are replicated until they are on one side of it, or as often as is worth it;
            False = the first few replications only.
        about : sequence of int, optional
            Numbers of the requirements that they shall be clear of; all if left out.
        """
        about = tuple(range(len(self.requirements)) if about is None else about)
        cells = [cell_of(scenario, self.seed, self.engine) for scenario in scenarios]
        found: dict[str, Tried] = {}
        waiting = []
        for cell in {cell.key: cell for cell in cells}.values():
            known = self._known.get(cell.key)
            if known is not None and not (closely and known.replications < MOST and known.open(about)):
                found[cell.key] = known
            else:
                waiting.append(cell)
        self.plans += len(waiting)
        before = 0
        for stage in STAGES:
            if not waiting:
                break
            for cell, scores in zip(waiting, self._scores(waiting, stage), strict=True):
                found[cell.key] = self._tried(scores)
            self.replications += len(waiting) * (stage - before)
            # The short first look is not a part of the longer one in the store, so it counts besides.
            before = stage if stage > STAGES[0] else 0
            waiting = [cell for cell in waiting if closely and found[cell.key].open(about)]
        self._known.update(found)
        return [found[cell.key] for cell in cells]

    def _scores(self, cells: Sequence[Cell], replications: int) -> list[Scores]:
        return gather(cells, Fixed(replications, self.figures), self.workers, self.store, self.watch)

    def _tried(self, scores: Scores) -> Tried:
        standings = tuple(Standing.of(requirement, scores) for requirement in self.requirements)
        counts = scores.counts.sum() if len(scores) else 0.0
        score = np.inf if scores.unfinished or not counts else float(scores.sums.sum() / counts)
        few = STAGES[0]
        start = Scores(scores.sums[:few], scores.counts[:few], "", scores.figures[:few])
        whole = len(start) == few
        first = [float(r.over(start).mean()) if whole else np.inf for r in self.requirements]
        return Tried(standings, score, len(scores), tuple(first))
