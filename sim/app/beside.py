"""An office beside another one: the difference between them, under common random numbers."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.app.interruptible import interruptible_workers
from sim.app.verdict import RULE, Watch
from sim.briefing.saved_comparison import SavedComparison, read_comparison
from sim.experiment.comparison import Plans, plan_cells, run_plans, write_plans
from sim.experiment.run import SEED, run_cells
from sim.office.parameters import Scenario
from sim.replicate.cells import cell_of
from sim.replicate.figures import Figures
from sim.replicate.store import Store


@dataclass(frozen=True)
class Years:
    """What an office came to in some of its simulated years.

    Attributes
    ----------
    number : int
    estimate : float
        What the target is about: minutes or a share.
    within : float
        Share within the target's minutes.
    cost, hours : float
        Yuan of staff, and staff-hours.
    """

    number: int
    estimate: float
    within: float
    cost: float
    hours: float


@dataclass(frozen=True)
class Compared:
    """Two offices over the same years.

    Attributes
    ----------
    saved : SavedComparison
    other, office : Years
        Of the replications that the finding rests on, so that they differ by the difference that was found.
    """

    saved: SavedComparison
    other: Years
    office: Years


def years_of(figures: Figures, clock: str, estimate: float) -> Years:
    """Return what an office came to in the years that there are figures of, one at least.

    Parameters
    ----------
    figures : Figures
    clock : str
        Of the target.
    estimate : float
        See `Years`.
    """
    means = figures.columns([f"{clock} within", "staff cost", "staff staff hours"]).mean(axis=0)
    return Years(len(figures), estimate, *map(float, means))


def cost_change(office: Figures, other: Figures) -> float:
    """Return the yuan of staff of an office less those of another, over the first years, which both have."""
    years = min(len(office), len(other))
    return float(office["staff cost"][:years].mean() - other["staff cost"][:years].mean())


def same_office(scenario: Scenario, other: Scenario) -> bool:
    """Say whether two scenarios are the same in everything but their names."""
    return cell_of(scenario, SEED).key == cell_of(other, SEED).key


def compared(scenario: Scenario, other: Scenario, seed: int, store: Store, watch: Watch) -> Compared:
    """Replicate an office and another one until they are told apart.

    Parameters
    ----------
    scenario : Scenario
    other : Scenario
        What it is held against; not the same office. Both can finish their cases.
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
        saved = read_comparison(Path(folder) / "compared")
    common = [figures.first(question.against_first[0].replications) for figures in run.figures]
    # The difference is that of the years' means, so these are the means of the years, too.
    means = [float(np.mean(figures.score_sum / figures.scores)) for figures in common]
    of_other, of_office = (
        years_of(figures, target.clock, mean) for figures, mean in zip(common, means, strict=True)
    )  # fmt: skip
    return Compared(saved, of_other, of_office)
