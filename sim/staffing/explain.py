"""Explain: which stage makes the licences late, what one more of staff is worth, and when the lateness is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.comparing import Comparison
from sim.analysis.judge import Judgement, Rule, judge_scores, margin_of
from sim.analysis.kpis import measure
from sim.analysis.lateness import Lateness, lateness
from sim.draws.draw import draw
from sim.engines.play import Engine, NeverFinishesError, play
from sim.experiment.verdicts import NOTHING
from sim.office.blocks import Office, Target
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.records import Journeys
from sim.replicate.cells import Cell, cell_of
from sim.replicate.gather import Progress, Scores, gather
from sim.replicate.store import Store
from sim.replicate.workers import Workers, available_cores
from sim.staffing.levers import Lever, NothingToExplainError, OneMore, one_more, unlimited, visited_stages
from sim.staffing.shapley import Blame, blame_of

F64 = NDArray[np.float64]

LARGEST = 60
"""Replications at which intervals are left as wide as they are, where nothing else is asked for."""
CLOSE = 0.01
"""Of the plan's figure: contributions need not be known better than that."""
BLOCK = 5
"""Replications of all coalitions that are played before one looks at the intervals; so many draws are in memory."""
WHOLES = 2
"""Figures that have an interval beside the contributions: that of the plan, and that with unlimited staff."""
LOGS = 20
"""Replications whose cases are looked at one by one."""

Watch = Callable[[Progress], None]


@dataclass(frozen=True)
class Asked:
    """What is to be explained.

    Attributes
    ----------
    scenario : Scenario
    office : Office
    stages : tuple of str
        The players: stages that somebody visits.
    levers : tuple of Lever
        One more in each pool.
    cells : tuple of Cell
        Of the scenario, and of the levers.
    rule : Rule
        Of whichever family is the larger: the comparisons with one more, or the contributions.
    """

    scenario: Scenario
    office: Office
    stages: tuple[str, ...]
    levers: tuple[Lever, ...]
    cells: tuple[Cell, ...]
    rule: Rule

    @property
    def stage_rule(self) -> Rule:
        """Of the contributions, of the rest that unlimited staff leaves, and of the whole."""
        return Rule(len(self.stages) + WHOLES, self.rule.error, self.rule.largest)


def asked_of(scenario: Scenario, seed: int, engine: Engine, rule_of: Callable[[int], Rule]) -> Asked:
    """Return what there is to explain of a scenario; `rule_of` gives the rule for a number of answers."""
    office = registration_office(scenario)
    stages = visited_stages(office)
    levers = tuple(one_more(scenario, stages))
    cells = tuple(cell_of(each, seed, engine) for each in [scenario, *(lever.scenario for lever in levers)])
    return Asked(scenario, office, stages, levers, cells, rule_of(max(len(levers), len(stages) + WHOLES)))


@dataclass(frozen=True)
class Explanation:
    """What was found.

    Attributes
    ----------
    asked : Asked
    judgement : Judgement or None
        Whether the plan keeps the target, by itself; None if it cannot finish its cases.
    blame : Blame
    comparisons : tuple of Comparison
        Of each lever with the plan.
    costs, licences : (1 + levers,) float64
        Mean cost of staff [yuan] and number of cases on target, of the plan and the levers.
    late : tuple of Lateness
        Of the first replications of the plan; empty if it cannot finish its cases.
    unfinished : str
        Why it cannot; empty if it can.
    seconds : float
    """

    asked: Asked
    judgement: Judgement | None
    blame: Blame
    comparisons: tuple[Comparison, ...]
    costs: F64
    licences: F64
    late: tuple[Lateness, ...]
    unfinished: str
    seconds: float

    @property
    def replications(self) -> int:
        """The most that any of the answers rests on."""
        used = [found.replications for found in self.comparisons]
        return max([int(self.blame.figures.shape[1]), len(self.late), *used])


def explain(
    asked: Asked, workers: Workers, store: Store, jobs: int | None = None, watch: Watch = lambda progress: None
) -> Explanation:
    """Replicate the plan with one more of each pool, with unlimited staff, and look at its late cases.

    One more of a pool is a plan like any other, and is kept in the store. Unlimited staff is no plan that a scenario
    could have, and the logs are too large to keep: both are played here, in threads.

    Parameters
    ----------
    asked : Asked
    workers, store
        For the plan and the levers.
    jobs : int, optional
        Threads; as many as there are cores if not given.
    watch : callable
        Told the progress.

    Raises
    ------
    NothingToExplainError
        If nobody submits an application that the target is about.
    """
    began = time.perf_counter()
    office, plan = asked.office, asked.cells[0]
    if not any(population.on_target for population in office.populations):
        raise NothingToExplainError(NOTHING)
    question = OneMore(plan.target, asked.rule)
    scores = gather(asked.cells, question, workers, store, watch)
    comparisons = question.compare(scores)
    used = max([question.smallest, *(found.replications for found in comparisons)])
    judged = None if scores[0].unfinished else _judged(plan.target, scores[0], used, asked.rule)
    with ThreadPoolExecutor(jobs or available_cores()) as threads:
        try:
            blame = _blame(asked, threads, watch)
            late = () if scores[0].unfinished else _late(asked, threads)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    return Explanation(
        asked, judged, blame, tuple(comparisons),
        np.array([of.figures[:used, 0].mean() if len(of) else np.nan for of in scores]),
        np.array([of.counts[:used].mean() if len(of) else np.nan for of in scores]),
        tuple(late), scores[0].unfinished, time.perf_counter() - began,
    )  # fmt: skip


def _judged(target: Target, of: Scores, used: int, rule: Rule) -> Judgement:
    return judge_scores(target, of.sums[:used], of.counts[:used], Rule(1, rule.error, rule.largest))


def _blame(asked: Asked, threads: ThreadPoolExecutor, watch: Watch) -> Blame:
    """Play all coalitions until the contributions are known closely enough, or the budget is spent."""
    rule, target = asked.stage_rule, asked.cells[0].target
    smallest = min(rule.boundary.smallest, rule.largest)
    figures = np.empty((2 ** len(asked.stages), 0))
    timer = _Timer(len(figures), smallest, watch)
    while True:
        n = figures.shape[1]
        block = min(BLOCK, (smallest if n < smallest else rule.largest) - n)
        figures = np.hstack([figures, _block(asked, range(n, n + block), threads, timer)])
        blame = blame_of(target, figures)
        if blame.contributions is None or figures.shape[1] >= rule.largest:
            return blame
        if figures.shape[1] >= smallest:
            mean, low, high = blame.intervals(rule)
            near_enough = max(margin_of(target), CLOSE * float(mean[-1]))
            if not (high - low > 2 * near_enough)[:-2].any():
                return blame


def _block(asked: Asked, replications: range, threads: ThreadPoolExecutor, timer: _Timer) -> F64:
    """Return the figures of all coalitions in some replications, each drawn once."""
    cell = asked.cells[0]
    journeys = list(threads.map(partial(_drawn, asked.office, cell.seed), replications))
    found = []
    todo = (_members(asked.stages, number) for number in range(2 ** len(asked.stages)))
    for row in threads.map(partial(_figures, asked.office, journeys, cell.engine), todo):
        found.append(row)
        timer.done(len(replications))
    return np.array(found)


def _drawn(office: Office, seed: int, replication: int) -> Journeys:
    journeys = draw(office, seed, replication)
    # Without the room that the draw had for more visits.
    return replace(journeys, visit=journeys.visit.copy())


def _members(stages: Sequence[str], coalition: int) -> tuple[str, ...]:
    return tuple(stage for bit, stage in enumerate(stages) if coalition >> bit & 1)


def _figures(office: Office, journeys: Sequence[Journeys], engine: Engine, stages: tuple[str, ...]) -> F64:
    """Return the target's figure with unlimited staff at some stages, in each replication."""
    other = unlimited(office, stages)
    found = np.empty(len(journeys))
    for number, luck in enumerate(journeys):
        try:
            kpis = measure(other, luck, play(other, luck, engine))
        except NeverFinishesError:
            # In one year or in all: there is no mean.
            found[number:] = np.inf if office.target.statistic == "mean" else -np.inf
            break
        if not kpis.scores:
            raise NothingToExplainError(NOTHING)
        found[number] = kpis.score_sum / kpis.scores
    return found


def _late(asked: Asked, threads: ThreadPoolExecutor) -> list[Lateness]:
    cell = asked.cells[0]

    def one(replication: int) -> Lateness:
        journeys = draw(asked.office, cell.seed, replication)
        return lateness(asked.office, journeys, play(asked.office, journeys, cell.engine))

    return list(threads.map(one, range(min(LOGS, asked.rule.largest))))


class _Timer:
    """Tells how far the coalitions are, and about how long the rest takes."""

    def __init__(self, coalitions: int, smallest: int, watch: Watch) -> None:
        self._all, self._watch = coalitions * smallest, watch
        self._coalitions, self._done, self._began = coalitions, 0, time.perf_counter()

    def done(self, replications: int) -> None:
        self._done += replications
        left = max(self._all - self._done, 0)
        seconds = (time.perf_counter() - self._began) * left / self._done
        whole = 0 if left else self._coalitions
        self._watch(Progress(self._coalitions, whole, self._done, 0, left, seconds))


def explanation_identity(asked: Asked) -> dict[str, Any]:
    """Return what the answer depends on besides its cells, for JSON."""
    levers = [[lever.pool, lever.where] for lever in asked.levers]
    return {"stages": list(asked.stages), "levers": levers, "logs": LOGS}
