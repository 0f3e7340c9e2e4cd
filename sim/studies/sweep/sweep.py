"""Sweep: the verdict in each design point of a design, with the error of all verdicts together held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa

from sim.engines.play import Engine
from sim.measures.judge import Rule
from sim.office.demand import scenario_days
from sim.office.scenario import scenario_as_dict
from sim.replicate.design_points import DesignPoint, design_point_of
from sim.replicate.gather import Progress, gather, replications_of
from sim.replicate.store import Store
from sim.replicate.verdicts import Outcome, Verdicts
from sim.replicate.workers import Workers
from sim.results.about import About, target_facts
from sim.results.sources import sources_of
from sim.results.summary import summary
from sim.studies.base import StudyError
from sim.studies.sweep.file import Sweep
from sim.studies.sweep.records import Factor, JudgedPoint, SweepVerdicts
from sim.studies.sweep.scenarios import SweptPoint
from sim.text import Message


def sweep_points(sweep: Sweep, seed: int, engine: Engine) -> tuple[DesignPoint, ...]:
    """Return the design points of a sweep as the store knows them."""
    return tuple(design_point_of(point.scenario, seed, engine) for point in sweep.points)


def run_sweep(
    sweep: Sweep,
    points: Sequence[DesignPoint],
    rule: Rule,
    about: About,
    workers: Workers,
    store: Store,
    watch: Callable[[Progress, Verdicts], None] = lambda progress, verdicts: None,
) -> SweepVerdicts:
    """Replicate each design point as far as its verdict needs.

    Parameters
    ----------
    sweep : Sweep
    points : sequence of DesignPoint
        Of it, from `sweep_points`.
    rule : Rule
        With as many tests as there are design points.
    about : About
    workers : Workers
    store : Store
        The figures of the design points stay in it until they are written.
    watch : callable
        Told the progress and the verdicts so far.

    Raises
    ------
    StudyError
        If nobody comes in a design point whom the target is about.
    """
    verdicts = Verdicts(points, rule)
    scores = gather(points, verdicts, workers, store, lambda progress: watch(progress, verdicts))
    outcomes = [verdicts.outcome(number, found) for number, found in enumerate(scores)]
    judged = tuple(
        _judged(swept, point.key, outcome, sweep.factors)
        for swept, point, outcome in zip(sweep.points, points, outcomes, strict=True)
    )

    def figures() -> Iterator[pa.Table]:
        for point, outcome, own in zip(points, outcomes, judged, strict=True):
            if outcome.judgement is not None:
                told = summary(replications_of(point, store, outcome.replications, verdicts), rule)
                where = {"point": own.point, **own.at}
                columns = {name: pa.array([value] * told.num_rows) for name, value in where.items()}
                yield pa.table(columns | dict(zip(told.column_names, told.columns, strict=True)))

    base = scenario_as_dict(sweep.base)
    return SweepVerdicts(
        about=about,
        title=sweep.title,
        target=target_facts(points[0].target),
        design=sweep.design,
        chart=sweep.chart,
        factors=sweep.factors,
        working_days=scenario_days(sweep.base).working_days,
        replications=max(outcome.replications for outcome in outcomes),
        sources=sources_of(base, about.fitted),
        base=base,
        points=judged,
        figures=figures(),
        quick=rule.early,
    )


def _judged(swept: SweptPoint, key: str, outcome: Outcome, factors: Sequence[Factor]) -> JudgedPoint:
    at = {factor.name: factor.value(swept.at[factor.name]) for factor in factors}
    if outcome.verdict is None:
        where = ", ".join(f"{name} = {value}" for name, value in swept.at.items())
        raise StudyError(Message("design point {number} ({at}): {why}", number=swept.number, at=where,
                                 why=outcome.said))  # fmt: skip
    found = outcome.judgement
    estimate, low, high, p_value = (found.estimate, found.low, found.high, found.p_value) if found else (np.nan,) * 4
    return JudgedPoint(
        swept.number, at, outcome.verdict.value, estimate, low, high, p_value, outcome.replications, outcome.why,
        key,
    )  # fmt: skip
