"""Sweep: the verdict in each cell of a design, with the error of all verdicts together held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from sim.engines.play import Engine
from sim.measures.judge import Rule
from sim.office.demand import scenario_days
from sim.office.scenario import scenario_as_dict
from sim.replicate.cells import Cell, cell_of
from sim.replicate.gather import Progress, gather, replications_of
from sim.replicate.store import Store
from sim.replicate.verdicts import Outcome, Verdicts
from sim.replicate.workers import Workers
from sim.results.about import About, target_facts
from sim.results.sources import sources_of
from sim.results.summary import summary
from sim.studies.base import StudyError
from sim.studies.sweep.cells import SweepCell
from sim.studies.sweep.file import Sweep
from sim.studies.sweep.records import Factor, JudgedCell, SweepVerdicts
from sim.text import Message


def sweep_cells(sweep: Sweep, seed: int, engine: Engine) -> tuple[Cell, ...]:
    """Return the cells of a sweep as the store knows them."""
    return tuple(cell_of(cell.scenario, seed, engine) for cell in sweep.cells)


def run_sweep(
    sweep: Sweep,
    cells: Sequence[Cell],
    rule: Rule,
    about: About,
    workers: Workers,
    store: Store,
    watch: Callable[[Progress, Verdicts], None] = lambda progress, question: None,
) -> SweepVerdicts:
    """Replicate each cell as far as its verdict needs.

    Parameters
    ----------
    sweep : Sweep
    cells : sequence of Cell
        Of it, from `sweep_cells`.
    rule : Rule
        With as many tests as there are cells.
    about : About
    workers : Workers
    store : Store
        The figures of the cells stay in it until they are written.
    watch : callable
        Told the progress and the verdicts so far.

    Raises
    ------
    StudyError
        If nobody comes in a cell whom the target is about.
    """
    question = Verdicts(cells, rule)
    scores = gather(cells, question, workers, store, lambda progress: watch(progress, question))
    outcomes = [question.outcome(number, found) for number, found in enumerate(scores)]
    judged = tuple(
        _judged(swept, cell.key, outcome, sweep.factors)
        for swept, cell, outcome in zip(sweep.cells, cells, outcomes, strict=True)
    )

    def figures() -> Iterator[pa.Table]:
        for cell, outcome, own in zip(cells, outcomes, judged, strict=True):
            if outcome.judgement is not None:
                told = summary(replications_of(cell, store, outcome.replications, question), rule)
                where = {"cell": own.cell, **own.at}
                columns = {name: pa.array([value] * told.num_rows) for name, value in where.items()}
                yield pa.table(columns | dict(zip(told.column_names, told.columns, strict=True)))

    base = scenario_as_dict(sweep.base)
    return SweepVerdicts(
        about=about,
        title=sweep.title,
        target=target_facts(cells[0].target),
        design=sweep.design,
        chart=sweep.chart,
        factors=sweep.factors,
        working_days=scenario_days(sweep.base).working_days,
        replications=max(outcome.replications for outcome in outcomes),
        sources=sources_of(base, about.fitted),
        base=base,
        cells=judged,
        figures=figures(),
    )


def _judged(swept: SweepCell, key: str, outcome: Outcome, factors: Sequence[Factor]) -> JudgedCell:
    at = {factor.name: factor.value(swept.at[factor.name]) for factor in factors}
    if outcome.verdict is None:
        where = ", ".join(f"{name} = {value}" for name, value in swept.at.items())
        raise StudyError(Message("cell {number} ({at}): {why}", number=swept.number, at=where, why=outcome.said))
    found = outcome.judgement
    estimate, low, high, p_value = (found.estimate, found.low, found.high, found.p_value) if found else (np.nan,) * 4
    return JudgedCell(
        swept.number, at, outcome.verdict.value, estimate, low, high, p_value, outcome.replications, outcome.why,
        key,
    )  # fmt: skip
