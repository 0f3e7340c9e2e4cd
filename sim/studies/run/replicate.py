"""Run scenarios: replicate each as far as its verdict needs, and make the record of what was found."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from sim.engines.play import Engine, NeverFinishesError
from sim.measures.clocks import HISTOGRAM_STEP
from sim.measures.judge import Judgement, Rule, missed_by
from sim.office.blocks import Office, Target
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict
from sim.replicate.design_points import DesignPoint, design_point_of
from sim.replicate.figures import Figures
from sim.replicate.gather import Progress, gather, replications_of
from sim.replicate.store import MemoryStore, Store
from sim.replicate.verdicts import Outcome, Verdicts
from sim.replicate.workers import Workers, workers_for
from sim.results.about import About, target_facts
from sim.results.sources import sources_of
from sim.results.summary import named_columns, summary
from sim.studies.base import SEED, StudyError
from sim.studies.run.records import Day, HalfHour, Run, StageFacts, SummaryRow, TimeBin, clock_time

Watch = Callable[[Progress, Verdicts], None]


class NothingToJudgeError(ValueError):
    """No case on target was submitted in any replication."""


@dataclass(frozen=True)
class Replications:
    """A scenario's replications, with the verdict that rests on them.

    Attributes
    ----------
    scenario : Scenario
    point : DesignPoint
        Of it, as it was replicated: with the seed and the engine.
    rule : Rule
    outcome : Outcome
    figures : Figures
        Of the replications that the verdict rests on.
    seconds : float
        Time that the replications took, of all scenarios that were run together.
    """

    scenario: Scenario
    point: DesignPoint
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
            raise ValueError(self.outcome.said)
        return self.outcome.judgement


def run_points(scenarios: Iterable[Scenario], seed: int, engine: Engine) -> list[DesignPoint]:
    """Return the design points of scenarios that are to be run."""
    return [design_point_of(scenario, seed, engine, profiles=True) for scenario in scenarios]


def run_scenarios(
    scenarios: Sequence[Scenario],
    points: Sequence[DesignPoint],
    rule: Rule,
    workers: Workers,
    store: Store,
    watch: Watch = lambda progress, verdicts: None,
) -> list[Replications]:
    """Run scenarios whose verdicts belong together.

    Parameters
    ----------
    scenarios : sequence of Scenario
    points : sequence of DesignPoint
        Of these, from `run_points`.
    rule : Rule
        With as many tests as there are verdicts that shall be right together.
    workers : Workers
    store : Store
    watch : callable
        Told the progress and the verdicts so far.

    Returns
    -------
    list of Replications
        One for each scenario; see `Outcome` for those without a judgement.
    """
    began = time.perf_counter()
    verdicts = Verdicts(points, rule)
    scores = gather(points, verdicts, workers, store, lambda progress: watch(progress, verdicts))
    seconds = time.perf_counter() - began
    runs = []
    for number, (scenario, point) in enumerate(zip(scenarios, points, strict=True)):
        outcome = verdicts.outcome(number, scores[number])
        figures = replications_of(point, store, outcome.replications, verdicts)
        runs.append(Replications(scenario, point, rule, outcome, figures, seconds))
    return runs


def run_scenario(
    scenario: Scenario,
    seed: int = SEED,
    rule: Rule = Rule(),  # noqa: B008
    engine: Engine = "compiled",
    jobs: int | None = None,
) -> Replications:
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
    points = run_points([scenario], seed, engine)
    with workers_for(engine, jobs) as workers:
        (run,) = run_scenarios([scenario], points, rule, workers, MemoryStore())
    if run.outcome.verdict is None:
        raise NothingToJudgeError(run.outcome.said)
    if run.outcome.unfinished is not None:
        raise NeverFinishesError(run.outcome.unfinished)
    return run


def run_record(done: Replications, about: About) -> Run:
    """Return what a run has found.

    Parameters
    ----------
    done : Replications
    about : About
        From `about_of("run", name, command, [done.point], done.rule, fitted=...)`.

    Raises
    ------
    StudyError
        If there is nothing to judge.
    """
    office, outcome, judgement = done.office, done.outcome, done.outcome.judgement
    if outcome.verdict is None:
        raise StudyError(outcome.said)
    full, finished = scenario_as_dict(done.scenario), judgement is not None
    told = summary(done.figures, done.rule) if finished else None
    return Run(
        about=about,
        target=target_facts(office.target),
        verdict=outcome.verdict.value,
        unfinished=outcome.unfinished,
        estimate=judgement.estimate if judgement else math.nan,
        low=_end(judgement.low) if judgement else math.nan,
        high=_end(judgement.high) if judgement else math.nan,
        confidence=about.rule.confidence,
        p_value=judgement.p_value if judgement else None,
        controlled=done.figures.controls is not None,
        replications=outcome.replications,
        kept=_kept(done.figures, office.target),
        working_days=office.days.working_days,
        stages=tuple(StageFacts(stage.name, stage.counted) for stage in office.stages),
        pools=tuple(pool.name for pool in office.pools),
        sources=sources_of(full, about.fitted),
        premises=None,
        given_log=None,
        scenario=full,
        scenario_sha256=scenario_hash(full),
        nearest=(),
        causes=(),
        kpis=(_kpis(done.figures, finished),),
        summary=tuple(SummaryRow(**row) for row in told.to_pylist()) if told else (),
        half_hours=_half_hours(office, done.figures) if finished else (),
        licence_times=_licence_times(done.figures) if finished else (),
        days=_days(office, done.figures) if finished else (),
    )


def _end(value: float) -> float:
    """Return an end of an interval: NaN if it has none there."""
    return value if math.isfinite(value) else math.nan


def _kept(figures: Figures, target: Target) -> int:
    """Return in how many replications the target is kept."""
    kept = (figures.scores > 0) & (missed_by(target, figures.score_sum, figures.scores) <= 0)
    return int(np.count_nonzero(kept))


def scenario_hash(scenario: dict[str, Any]) -> str:
    """Return the SHA-256 of a scenario in full, whatever the order of its keys."""
    text = json.dumps(scenario, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _kpis(figures: Figures, finished: bool) -> pa.Table:
    """Return a row for each replication and figure; no rows of an office that cannot finish its cases."""
    values = figures.values if finished else figures.values[:0]
    n, k = values.shape
    return pa.table({
        "replication": np.repeat(np.arange(n), k),
        **{name: pa.array(column, pa.string()) for name, column in named_columns(figures.names, n).items()},
        "value": values.ravel(),
    })  # fmt: skip


def _half_hours(office: Office, figures: Figures) -> tuple[HalfHour, ...]:
    """Return the average working day: arrivals, number waiting, servers on duty."""
    assert figures.arrivals is not None
    assert figures.queue is not None
    assert figures.on_duty is not None
    series = {("arrivals", "all"): figures.arrivals.mean(axis=0)}
    for number, stage in enumerate(office.stages):
        series["queue", stage.name] = figures.queue[:, number].mean(axis=0)
    for number, pool in enumerate(office.pools):
        series["on duty", pool.name] = figures.on_duty[:, number].mean(axis=0)
    return tuple(
        HalfHour(what, name, clock_time(slot), float(value))
        for (what, name), values in series.items()
        for slot, value in enumerate(values)
    )


def _licence_times(figures: Figures) -> tuple[TimeBin, ...]:
    """Return the cases on target by licence time, mean number over the replications."""
    assert figures.histogram is not None
    counts = figures.histogram.mean(axis=0)
    begin = np.arange(len(counts)) * HISTOGRAM_STEP
    end = np.append(begin[1:], np.inf)
    return tuple(TimeBin(*map(float, row)) for row in zip(begin, end, counts, strict=True))


def _days(office: Office, figures: Figures) -> tuple[Day, ...]:
    """Return the mean licence time by day of submission, mean and extremes over the replications."""
    means, cases, calendar = figures.day_mean, figures.day_cases, office.days
    assert means is not None
    assert cases is not None
    days = np.flatnonzero(~np.isnan(means).all(axis=0))
    return tuple(
        Day(calendar.date_of(int(day)), bool(calendar.kinds[day] >= 0), *map(float, row))
        for day, *row in zip(
            days,
            cases[:, days].mean(axis=0),
            np.nanmean(means[:, days], axis=0),
            np.nanmin(means[:, days], axis=0),
            np.nanmax(means[:, days], axis=0),
            strict=True,
        )
    )
