"""Compare: plans under common random numbers, all against the first and all against each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.analysis.comparing import Comparison, against_first, all_pairs
from sim.analysis.judge import Judgement, Rule, judge_scores
from sim.analysis.screening import Screening, screen
from sim.engines.play import Engine
from sim.experiment.fitted import Fitted, fitted_facts
from sim.experiment.manifest import MANIFEST, common_facts, target_facts, write_json, write_timing
from sim.experiment.results import write_table
from sim.files import replaced_folder
from sim.office.blocks import Target
from sim.office.demand import scenario_days
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict
from sim.replicate.cells import Cell, cell_of
from sim.replicate.figures import Figures
from sim.replicate.gather import Progress, Scores, gather, replications_of
from sim.replicate.store import Store
from sim.replicate.workers import Workers

F64 = NDArray[np.float64]


class PlansDifferError(ValueError):
    """The plans cannot be compared: their targets are not the same, or one has nothing to judge."""


class Plans:
    """Asks for replications of the plans until every two are told apart, or all but the best are screened out.

    Parameters
    ----------
    target : Target
        The same for all plans.
    names : sequence of str
        Of the plans, two at least.
    largest : int
        Budget of replications of a plan.
    error : float
        Of each family of comparisons: all against the first, and all against each other.
    screening : bool
        Whether the best is looked for instead; plans that are out are replicated no further.
    """

    figures: tuple[str, ...] = ()

    def __init__(
        self, target: Target, names: Sequence[str], largest: int, error: float, screening: bool
    ) -> None:
        self.target, self.names, self.largest, self.error = target, tuple(names), largest, error
        self.plans = plans = len(names)
        self.screening = screening
        self.against_first: list[Comparison] = []
        self.all_pairs: list[Comparison] = []
        self.screened: Screening | None = None
        self.rule = Rule(plans * (plans - 1) // 2, error, largest)

    @property
    def smallest(self) -> int:
        """Replications before which nothing is said; from so many the screening takes its variances."""
        return min(self.rule.boundary.smallest, self.largest)

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Return the plans of which enough is known."""
        statistics = self.statistics(scores)
        if min(map(len, statistics)) < self.rule.boundary.smallest:
            return []
        if self.screening:
            self.screened = screen(self.target, statistics, self.error, self.smallest)
            out = set(self.screened.eliminated_at)
            return range(self.plans) if self.screened.final else out
        self.compare(statistics)
        undecided = [pair for pair in self.against_first + self.all_pairs if not pair.final]
        needed = {number for pair in undecided for number in (pair.plan, pair.other)}
        return [number for number in range(self.plans) if number not in needed]

    def compare(self, statistics: Sequence[F64]) -> None:
        """Compare the plans as far as they have been replicated."""
        self.against_first = against_first(self.target, statistics, self.error, self.largest)
        self.all_pairs = all_pairs(self.target, statistics, self.error, self.largest)

    def statistics(self, scores: Sequence[Scores]) -> list[F64]:
        """Return the year's mean, or share, of each replication of each plan.

        A plan that cannot finish its cases in a replication is infinitely bad in it, and in those after it, which
        nobody plays.
        """
        most = max(self.smallest, *map(len, scores)) + 1
        never = np.inf if self.target.statistic == "mean" else -np.inf
        found = []
        for name, of in zip(self.names, scores, strict=True):
            if (of.counts == 0).any():
                raise PlansDifferError(f"{name} has replications in which nobody submits an application")
            rest = most - len(of) if of.unfinished else 0
            found.append(np.append(of.sums / of.counts, np.full(rest, never)))
        return found


@dataclass(frozen=True)
class PlansRun:
    """Plans with what was found of them.

    Attributes
    ----------
    scenarios : tuple of Scenario
    cells : tuple of Cell
    question : Plans
    figures : tuple of Figures
        Of all replications that a plan's comparisons rest on.
    judgements : tuple of Judgement or None
        Whether each plan keeps the target, as one family; None if it cannot finish its cases.
    seconds : float
    """

    scenarios: tuple[Scenario, ...]
    cells: tuple[Cell, ...]
    question: Plans
    figures: tuple[Figures, ...]
    judgements: tuple[Judgement | None, ...]
    seconds: float


def plan_cells(scenarios: Sequence[Scenario], seed: int, engine: Engine) -> tuple[Cell, ...]:
    """Return the cells of plans.

    Raises
    ------
    PlansDifferError
        If their targets or periods are not the same, or two plans are the same scenario.
    """
    cells = tuple(cell_of(scenario, seed, engine) for scenario in scenarios)
    days = [scenario_days(scenario).working_days for scenario in scenarios]
    for scenario, cell, its_days in zip(scenarios, cells, days, strict=True):
        if cell.target != cells[0].target:
            raise PlansDifferError(
                f"{scenario.name} has another target than {scenarios[0].name}; plans are compared on one target"
            )
        if its_days != days[0]:
            raise PlansDifferError(
                f"{scenario.name} has {its_days} working days, {scenarios[0].name} has {days[0]}; plans are compared "
                "over the same period"
            )
        twin = scenarios[[other.key for other in cells].index(cell.key)]
        if twin is not scenario:
            raise PlansDifferError(f"{scenario.name} and {twin.name} are the same in everything but their names")
    return cells


def run_plans(
    scenarios: Sequence[Scenario],
    cells: tuple[Cell, ...],
    question: Plans,
    workers: Workers,
    store: Store,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> PlansRun:
    """Replicate the plans as far as their comparison needs.

    Parameters
    ----------
    scenarios : sequence of Scenario
        The first is the one that the others are held against.
    cells : tuple of Cell
        Of these, from `plan_cells`: with one seed, so that replication r of every plan has the same luck.
    question : Plans
    workers : Workers
    store : Store
    watch : callable
    """
    began = time.perf_counter()
    scores = gather(cells, question, workers, store, watch)
    seconds = time.perf_counter() - began
    # Which replications happened to be in hand at the end makes no difference: each plan ends where its last
    # finding was made.
    used = _used(question, scores)
    question.compare([of[:n] for of, n in zip(question.statistics(scores), used, strict=True)])
    rule = Rule(len(cells), question.error, question.largest)
    judgements = [
        None if of.unfinished and n > len(of) else judge_scores(question.target, of.sums[:n], of.counts[:n], rule)
        for of, n in zip(scores, used, strict=True)
    ]
    figures = [
        replications_of(cell, store, min(n, len(of)), question)
        for cell, of, n in zip(cells, scores, used, strict=True)
    ]  # fmt: skip
    return PlansRun(tuple(scenarios), cells, question, tuple(figures), tuple(judgements), seconds)


def _used(question: Plans, scores: Sequence[Scores]) -> list[int]:
    """Return how many replications of each plan the answer rests on."""
    used = [min(question.smallest, question.largest)] * question.plans
    if question.screened is not None:
        last = question.screened.replications
        return [max(question.screened.eliminated_at.get(number, last), n) for number, n in enumerate(used)]
    for pair in question.against_first + question.all_pairs:
        for number in (pair.plan, pair.other):
            used[number] = max(used[number], pair.replications)
    return used


def plans_facts(scenarios: Sequence[Scenario], cells: tuple[Cell, ...], question: Plans, name: str) -> dict[str, Any]:
    """Return the manifest of a comparison as far as it is known before it has run."""
    names = [scenario.name for scenario in scenarios]
    return common_facts("comparison", name, cells, question.rule, asked=[names, question.screening])


def write_plans(
    run: PlansRun, name: str, folder: Path, also: Callable[[Path], None] = lambda _: None,
    fitted: Fitted | None = None,
) -> None:  # fmt: skip
    """Write the comparison to `folder`, which is replaced as a whole.

    Files: `plans` (a row a plan) and `pairs` (a row a comparison), each as Parquet and CSV, `manifest.json` and
    `timing.json`.

    Parameters
    ----------
    run : PlansRun
    name : str
    folder : Path
    also : callable
        Adds files (charts) to the folder that it is given, before that takes its place.
    fitted : Fitted, optional
        What of the plans was fitted to a log.
    """
    screened = run.question.screened
    names = [scenario.name for scenario in run.scenarios]
    facts = plans_facts(run.scenarios, run.cells, run.question, name)
    target = target_facts(run.question.target)
    with replaced_folder(folder) as new:
        write_table(_plans(run), new, "plans")
        write_table(_pairs(run), new, "pairs")
        write_json(new / MANIFEST, facts | {
            "rule": facts["rule"] | {"margin": target["margin"]},
            "target": target,
            "plans": [{"name": s.name, "title": s.title.model_dump(mode="json")} for s in run.scenarios],
            "working_days": scenario_days(run.scenarios[0]).working_days,
            "replications": max(map(len, run.figures)),
            "screening": screened and {
                "best": names[screened.best], "surviving": [names[number] for number in screened.surviving],
                "final": screened.final,
            },
            "scenarios": [scenario_as_dict(scenario) for scenario in run.scenarios],
            **fitted_facts(fitted),
        })  # fmt: skip
        write_timing(new, run.seconds)
        also(new)


def _mean_of(figures: Figures, name: str) -> float:
    """Return the mean of a figure over the replications, NaN if there is none."""
    return float(np.mean(figures[name])) if len(figures) else np.nan


def _plans(run: PlansRun) -> pa.Table:
    screened = run.question.screened
    names = [scenario.name for scenario in run.scenarios]
    out = {} if screened is None else screened.eliminated_at
    by = {} if screened is None else screened.eliminated_by
    judged = run.judgements
    return pa.table({
        "plan": names,
        "title_en": [scenario.title.en for scenario in run.scenarios],
        "title_zh": [scenario.title.zh for scenario in run.scenarios],
        "verdict": [found.verdict.value if found else "FAILS" for found in judged],
        **{part: pa.array([getattr(found, part) if found else np.nan for found in judged], pa.float64())
           for part in ("estimate", "low", "high")},
        "replications": [len(figures) for figures in run.figures],
        "cost": pa.array([_mean_of(figures, "staff cost") for figures in run.figures], pa.float64()),
        "staff_hours": pa.array([_mean_of(figures, "staff staff hours") for figures in run.figures], pa.float64()),
        "eliminated_at": pa.array([out.get(number, 0) for number in range(len(names))], pa.int64()),
        "eliminated_by": [names[by[number]] if number in by else "" for number in range(len(names))],
    })  # fmt: skip


def _pairs(run: PlansRun) -> pa.Table:
    names = [scenario.name for scenario in run.scenarios]
    cost = [_mean_of(figures, "staff cost") for figures in run.figures]
    rows = [("first", pair) for pair in run.question.against_first] + [("all", pair) for pair in run.question.all_pairs]
    return pa.table({
        "family": [family for family, _ in rows],
        "plan": [names[pair.plan] for _, pair in rows],
        "other": [names[pair.other] for _, pair in rows],
        "difference": [pair.difference for _, pair in rows],
        "low": [pair.low for _, pair in rows],
        "high": [pair.high for _, pair in rows],
        "finding": [pair.finding.value for _, pair in rows],
        "cost_difference": [cost[pair.plan] - cost[pair.other] for _, pair in rows],
        "variance_reduction": [pair.variance_reduction for _, pair in rows],
        "replications": [pair.replications for _, pair in rows],
        "p_value": [pair.p_value for _, pair in rows],
    })  # fmt: skip
