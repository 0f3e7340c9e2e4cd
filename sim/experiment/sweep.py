"""Sweep: the verdict in each cell of a design, with the error of all verdicts together held."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sim.analysis.judge import Rule
from sim.engines.play import Engine
from sim.experiment.fitted import Fitted
from sim.experiment.manifest import MANIFEST, common_facts, target_facts, write_json, write_timing
from sim.experiment.results import summary, write_table
from sim.experiment.run import Watch
from sim.experiment.sources import sources
from sim.experiment.sweeps.file import Sweep
from sim.experiment.verdicts import Outcome, Verdicts
from sim.files import replaced_folder
from sim.office.demand import scenario_days
from sim.office.scenario import scenario_as_dict
from sim.replicate.cells import Cell, cell_of
from sim.replicate.gather import gather, replications_of
from sim.replicate.store import Store
from sim.replicate.workers import Workers


@dataclass(frozen=True)
class SweepRun:
    """A sweep with its verdicts. The figures of the cells stay in the store until they are written.

    Attributes
    ----------
    sweep : Sweep
    cells : tuple of Cell
        In the order of those of the sweep.
    outcomes : tuple of Outcome
    question : Verdicts
    store : Store
    seconds : float
    """

    sweep: Sweep
    cells: tuple[Cell, ...]
    outcomes: tuple[Outcome, ...]
    question: Verdicts
    store: Store
    seconds: float


def sweep_cells(sweep: Sweep, seed: int, engine: Engine) -> tuple[Cell, ...]:
    """Return the cells of a sweep as the store knows them."""
    return tuple(cell_of(cell.scenario, seed, engine) for cell in sweep.cells)


def run_sweep(
    sweep: Sweep,
    cells: tuple[Cell, ...],
    rule: Rule,
    workers: Workers,
    store: Store,
    watch: Watch = lambda progress, verdicts: None,
) -> SweepRun:
    """Replicate each cell as far as its verdict needs.

    Parameters
    ----------
    sweep : Sweep
    cells : tuple of Cell
        Of it, from `sweep_cells`.
    rule : Rule
        With as many tests as there are cells.
    workers : Workers
    store : Store
    watch : callable
        Told the progress and the verdicts so far.
    """
    began = time.perf_counter()
    question = Verdicts(cells, rule)
    scores = gather(cells, question, workers, store, lambda progress: watch(progress, question))
    outcomes = tuple(question.outcome(number, found) for number, found in enumerate(scores))
    return SweepRun(sweep, cells, outcomes, question, store, time.perf_counter() - began)


def sweep_facts(sweep: Sweep, cells: tuple[Cell, ...], rule: Rule) -> dict[str, Any]:
    """Return the manifest of a sweep as far as it is known before it has run."""
    factors = [
        {"name": factor.name, "title": factor.title, "unit": factor.unit, "labels": list(factor.labels)}
        for factor in sweep.factors
    ]
    at = [cell.at for cell in sweep.cells]
    return common_facts("sweep", sweep.name, cells, rule, asked=[[factor["name"] for factor in factors], at]) | {
        "title": sweep.title,
        "factors": factors,
        "design": sweep.design,
        "chart": sweep.chart,
    }


def write_sweep(
    run: SweepRun, folder: Path, also: Callable[[Path], None] = lambda _: None, fitted: Fitted | None = None
) -> None:
    """Write the sweep to `folder`, which is replaced as a whole.

    Files: `verdicts` (a row a cell) and `figures` (a row a cell and figure, with always-valid intervals), as Parquet
    and CSV, `manifest.json` and `timing.json`. The figures are read and written cell by cell, so that memory does not
    grow with their number.

    Parameters
    ----------
    run : SweepRun
    folder : Path
    also : callable
        Adds files (charts) to the folder that it is given, before that takes its place.
    fitted : Fitted, optional
        What of the base was fitted to a log, and is the same in all cells.
    """
    base = scenario_as_dict(run.sweep.base)
    facts = sweep_facts(run.sweep, run.cells, run.question.rule)
    target = target_facts(run.cells[0].target)
    with replaced_folder(folder) as new:
        write_table(_verdicts(run), new, "verdicts")
        _write_figures(run, new)
        write_json(new / MANIFEST, facts | {
            "rule": facts["rule"] | {"margin": target["margin"]},
            "target": target,
            "working_days": scenario_days(run.sweep.base).working_days,
            "base": base,
            "sources": sources(base, fitted),
            "replications": max(outcome.replications for outcome in run.outcomes),
        })  # fmt: skip
        write_timing(new, run.seconds)
        also(new)


def _factor_columns(run: SweepRun, numbers: list[int], repeats: int = 1) -> dict[str, Any]:
    cells = [run.sweep.cells[number] for number in numbers for _ in range(repeats)]
    columns: dict[str, Any] = {"cell": pa.array([cell.number for cell in cells], pa.int64())}
    for factor in run.sweep.factors:
        everywhere = [cell.at[factor.name] for cell in run.sweep.cells]
        number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in everywhere)
        values = [cell.at[factor.name] for cell in cells]
        columns[factor.name] = pa.array(
            [float(value) if number else str(value) for value in values], pa.float64() if number else pa.string()
        )
    return columns


def _verdicts(run: SweepRun) -> pa.Table:
    columns = _factor_columns(run, list(range(len(run.cells))))
    judgements = [outcome.judgement for outcome in run.outcomes]
    columns |= {
        "verdict": pa.array([outcome.verdict.value if outcome.verdict else "" for outcome in run.outcomes]),
        **{
            name: pa.array([getattr(found, name) if found else np.nan for found in judgements], pa.float64())
            for name in ("estimate", "low", "high", "p_value")
        },
        "replications": pa.array([outcome.replications for outcome in run.outcomes], pa.int64()),
        "why": pa.array([outcome.why for outcome in run.outcomes]),
        "key": pa.array([cell.key for cell in run.cells]),
    }
    return pa.table(columns)


def _write_figures(run: SweepRun, folder: Path) -> None:
    tables = _figures(run)
    first = next(tables, None)
    if first is None:
        return
    with (
        pq.ParquetWriter(folder / "figures.parquet", first.schema) as parquet,
        pacsv.CSVWriter(folder / "figures.csv", first.schema) as csv,
    ):
        for table in chain([first], tables):
            parquet.write_table(table)
            csv.write_table(table)


def _figures(run: SweepRun) -> Iterator[pa.Table]:
    """Yield the figures of each cell that has some."""
    for number, outcome in enumerate(run.outcomes):
        if outcome.judgement is None:
            continue
        figures = replications_of(run.cells[number], run.store, outcome.replications, run.question)
        told = summary(figures, run.question.rule)
        columns = dict(zip(told.column_names, told.columns, strict=True))
        yield pa.table(_factor_columns(run, [number], told.num_rows) | columns)
