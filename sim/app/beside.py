"""An office beside another one: the difference between them, under common random numbers."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sim.app.interruptible import interruptible_workers
from sim.app.verdict import RULE, Watch
from sim.briefing.saved_comparison import SavedComparison, read_comparison
from sim.experiment.comparison import Plans, plan_cells, run_plans, write_plans
from sim.experiment.run import SEED, run_cells
from sim.office.parameters import Scenario
from sim.replicate.cells import cell_of
from sim.replicate.store import Store


def same_office(scenario: Scenario, other: Scenario) -> bool:
    """Say whether two scenarios are the same in everything but their names."""
    return cell_of(scenario, SEED).key == cell_of(other, SEED).key


def compared(scenario: Scenario, other: Scenario, seed: int, store: Store, watch: Watch) -> SavedComparison:
    """Replicate an office and another one until they are told apart.

    Parameters
    ----------
    scenario : Scenario
    other : Scenario
        What it is held against; not the same office.
    seed : int
    store : Store
        The replications of the verdicts on either are found here.
    watch : Watch

    Raises
    ------
    PlansDifferError
        If they have other targets or other working days.
    """
    plans = [other, scenario]
    target = plan_cells(plans, seed, "compiled")[0].target
    question = Plans(target, [plan.name for plan in plans], RULE.largest, RULE.error, screening=False)
    with interruptible_workers(watch.still_wanted) as workers:
        # The cells are those of the verdicts, whose replications are there already.
        run = run_plans(
            plans, tuple(run_cells(plans, seed, "compiled")), question, workers, store,
            lambda progress: watch.told(progress.replications, None),
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        write_plans(run, "compared", Path(folder) / "compared")
        return read_comparison(Path(folder) / "compared")
