"""Run scenarios: replicate each as far as its verdict needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sim.analysis.judge import Judgement, Rule
from sim.engines.play import Engine, NeverFinishesError
from sim.experiment.verdicts import Outcome, Verdicts
from sim.office.blocks import Office
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.replicate.cells import Cell, cell_of
from sim.replicate.figures import Figures
from sim.replicate.gather import Progress, gather, replications_of
from sim.replicate.store import MemoryStore, Store
from sim.replicate.workers import Workers, workers_for

SEED = 20240201

Watch = Callable[[Progress, Verdicts], None]


class NothingToJudgeError(ValueError):
    """No case on target was submitted in any replication."""


@dataclass(frozen=True)
class Run:
    """A scenario with its replications and the verdict.

    Attributes
    ----------
    scenario : Scenario
    cell : Cell
        Of it, as it was replicated: with the seed and the engine.
    rule : Rule
    outcome : Outcome
    figures : Figures
        Of the replications that the verdict rests on.
    seconds : float
        Time that the replications took, of all scenarios that were run together.
    """

    scenario: Scenario
    cell: Cell
    rule: Rule
    outcome: Outcome
    figures: Figures
    seconds: float

    @cached_property
    def office(self) -> Office:
        """The office that the scenario describes."""
        return registration_office(self.scenario)

    @property
    def judgement(self) -> Judgement:
        """The verdict and what it rests on.

        Raises
        ------
        ValueError
            If there is none: the office cannot finish its cases.
        """
        if self.outcome.judgement is None:
            raise ValueError(self.outcome.why)
        return self.outcome.judgement


def run_cells(scenarios: Iterable[Scenario], seed: int, engine: Engine) -> list[Cell]:
    """Return the cells of scenarios that are to be run."""
    return [cell_of(scenario, seed, engine, profiles=True) for scenario in scenarios]


def run_scenarios(
    scenarios: Sequence[Scenario],
    cells: Sequence[Cell],
    rule: Rule,
    workers: Workers,
    store: Store,
    watch: Watch = lambda progress, verdicts: None,
) -> list[Run]:
    """Run scenarios whose verdicts belong together.

    Parameters
    ----------
    scenarios : sequence of Scenario
    cells : sequence of Cell
        Of these, from `run_cells`.
    rule : Rule
        With as many tests as there are verdicts that shall be right together.
    workers : Workers
    store : Store
    watch : callable
        Told the progress and the verdicts so far.

    Returns
    -------
    list of Run
        One for each scenario; see `Outcome` for those without a judgement.
    """
    began = time.perf_counter()
    question = Verdicts(cells, rule)
    scores = gather(cells, question, workers, store, lambda progress: watch(progress, question))
    seconds = time.perf_counter() - began
    runs = []
    for number, (scenario, cell) in enumerate(zip(scenarios, cells, strict=True)):
        outcome = question.outcome(number, scores[number])
        figures = replications_of(cell, store, outcome.replications, question)
        runs.append(Run(scenario, cell, rule, outcome, figures, seconds))
    return runs


def run_scenario(
    scenario: Scenario,
    seed: int = SEED,
    rule: Rule = Rule(),  # noqa: B008
    engine: Engine = "compiled",
    jobs: int | None = None,
) -> Run:
    """Run one scenario in memory, on all cores.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    rule : Rule
    engine : str
    jobs : int, optional
        Cores.

    Raises
    ------
    NeverFinishesError
        If the office cannot finish its cases.
    NothingToJudgeError
        If no case on target was submitted.
    """
    cells = run_cells([scenario], seed, engine)
    with workers_for(engine, jobs) as workers:
        (run,) = run_scenarios([scenario], cells, rule, workers, MemoryStore())
    if run.outcome.verdict is None:
        raise NothingToJudgeError(run.outcome.why)
    if run.outcome.judgement is None:
        raise NeverFinishesError(run.outcome.why)
    return run
