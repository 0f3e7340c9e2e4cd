"""The verdict on an office, in view while it is being reached."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.analysis.judge import Judgement, Rule
from sim.app.interruptible import interruptible_workers
from sim.briefing.saved import Saved, read_saved
from sim.experiment.results import write_run
from sim.experiment.run import SEED, Run, run_cells, run_scenarios
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_from_dict
from sim.replicate.cells import Cell
from sim.replicate.store import MemoryStore, Store

RULE = Rule(tests=1)
"""That of `run`, so that both say the same."""
FIRST_LOOK = RULE.boundary.smallest
"""Replications before which there is no verdict."""
THREE_DAYS = {
    "name": "ready", "title": {"en": "Ready", "zh": "就绪"}, "period": {"first": "2023-03-01", "last": "2023-03-03"},
}  # fmt: skip


@dataclass
class Watch:
    """Who waits for an answer, and looks on.

    Attributes
    ----------
    still_wanted : callable
        Asked ten times a second; what it raises ends the work, and what is finished stays in the store.
    told : callable
        Told how many replications there are, and what can be said so far (None: nothing yet).
    """

    still_wanted: Callable[[], None] = lambda: None
    told: Callable[[int, Judgement | None], None] = lambda done, judgement: None



@dataclass(frozen=True)
class Judged:
    """An office with its verdict.

    Attributes
    ----------
    run : Run
    saved : Saved or None
        Its results as a folder of results has them; None if there was nothing to judge.
    """

    run: Run
    saved: Saved | None


def cell_of_office(scenario: Scenario, seed: int) -> Cell:
    """Return what the figures of an office are found by."""
    return run_cells([scenario], seed, "compiled")[0]


def judged(scenario: Scenario, seed: int, store: Store, watch: Watch) -> Judged:
    """Replicate an office until its verdict is final; what the store holds is not done again.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    store : Store
    watch : Watch
    """
    cells = [cell_of_office(scenario, seed)]
    with interruptible_workers(watch.still_wanted) as workers:
        (run,) = run_scenarios(
            [scenario], cells, RULE, workers, store,
            lambda progress, verdicts: watch.told(progress.replications, verdicts.judgements.get(0)),
        )  # fmt: skip
    return Judged(run, None if run.outcome.verdict is None else as_saved(run))


def as_saved(run: Run) -> Saved:
    """Return a run as what is read from a folder of results, from which all that is shown is made."""
    with tempfile.TemporaryDirectory() as folder:
        write_run(run, Path(folder) / run.scenario.name)
        return read_saved(Path(folder) / run.scenario.name)


def get_ready() -> None:
    """Compile, or load what is compiled already, so that the first verdict need not wait for it."""
    judged(scenario_from_dict(THREE_DAYS), SEED, MemoryStore(), Watch())
