"""Write a run to disk: figures, summary, profiles and a manifest. Nothing is ever half-written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sim.analysis.judge import Rule
from sim.analysis.kpis import HISTOGRAM_STEP, Kpi
from sim.analysis.sequential import mean_intervals
from sim.experiment.fitted import Fitted
from sim.experiment.manifest import MANIFEST, common_facts, finite, target_facts, write_json, write_timing
from sim.experiment.run import Run
from sim.experiment.sources import sources
from sim.files import replaced_folder
from sim.office.hours import SLOTS
from sim.office.scenario import scenario_as_dict
from sim.replicate.figures import Figures


def write_run(
    run: Run, folder: Path, also: Callable[[Path], None] = lambda _: None, fitted: Fitted | None = None
) -> None:
    """Write the run to `folder`, which is replaced as a whole.

    Files: `kpis` (a row for each replication and figure), `summary` (a row for each figure: mean, interval,
    extremes), `half_hours`, `licence_times` and `days` (profiles, mean over the replications), each as
    Parquet and CSV, `manifest.json`, and `timing.json`. Of an office that cannot finish its cases there are no
    figures, and the manifest says why.

    Parameters
    ----------
    run : Run
        With a verdict.
    folder : Path
    also : callable
        Adds files (charts) to the folder that it is given, before that takes its place.
    fitted : Fitted, optional
        What of the scenario was fitted to a log.
    """
    with replaced_folder(folder) as new:
        if run.outcome.judgement is not None:
            for name, table in {
                "kpis": _kpis(run.figures),
                "summary": summary(run.figures, run.rule),
                "half_hours": _half_hours(run),
                "licence_times": _licence_times(run.figures),
                "days": _days(run),
            }.items():
                write_table(table, new, name)
        write_json(new / MANIFEST, manifest(run, fitted))
        write_timing(new, run.seconds)
        also(new)


def write_table(table: pa.Table, folder: Path, name: str) -> None:
    """Write a table as Parquet and as CSV."""
    pq.write_table(table, folder / f"{name}.parquet")
    pacsv.write_csv(table, folder / f"{name}.csv")


def manifest(run: Run, fitted: Fitted | None = None) -> dict[str, Any]:
    """Return what the run rests on, ready for JSON."""
    full = scenario_as_dict(run.scenario)
    office, outcome, judgement = run.office, run.outcome, run.outcome.judgement
    facts = common_facts("run", run.scenario.name, [run.cell], run.rule)
    return facts | {
        "scenario": full,
        "scenario_sha256": scenario_hash(full),
        "sources": sources(full, fitted),
        "replications": outcome.replications,
        "verdict": {
            "verdict": None if outcome.verdict is None else outcome.verdict.value,
            "why": outcome.why or None,
            **target_facts(office.target),
            "estimate": judgement and finite(judgement.estimate),
            "low": judgement and finite(judgement.low),
            "high": judgement and finite(judgement.high),
            "confidence": 1 - run.rule.error,
            "p_value": judgement and judgement.p_value,
            "tests": run.rule.tests,
            "method": facts["rule"]["method"],
        },
        "working_days": office.days.working_days,
        "stages": [{"name": stage.name, "counted": stage.counted} for stage in office.stages],
        "pools": [pool.name for pool in office.pools],
    }


def scenario_hash(scenario: dict[str, Any]) -> str:
    """Return the SHA-256 of a scenario in full, whatever the order of its keys."""
    text = json.dumps(scenario, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _kpis(figures: Figures) -> pa.Table:
    n, k = figures.values.shape
    columns: dict[str, Any] = {"replication": np.repeat(np.arange(n), k)}
    for place, field in enumerate(Kpi._fields):
        columns[field] = [name[place] for name in figures.names] * n
    columns["value"] = figures.values.ravel()
    return pa.table(columns)


def summary(figures: Figures, rule: Rule) -> pa.Table:
    """Return mean, always-valid interval and extremes of each figure over the replications that have it.

    A figure that a replication has not (the utilisation of a pool without staff) is NaN, not infinite; so are the
    ends of the interval of a figure that is the same in all replications. Each
    interval holds for itself, at the confidence that the rule gives to each of its tests.
    """
    values = figures.values
    mean, low, high = mean_intervals(values, rule.boundary)
    # What never varies may be a constant, or rare: an interval of no width would claim to know which.
    constant = low == high
    low, high = np.where(constant, np.nan, low), np.where(constant, np.nan, high)
    there = ~np.isnan(values)
    some = there.any(axis=0)
    columns: dict[str, Any] = {field: [name[i] for name in figures.names] for i, field in enumerate(Kpi._fields)}
    return pa.table(columns | {
        "mean": mean,
        "low": low,
        "high": high,
        "confidence": np.full(len(mean), 1 - 2 * rule.boundary.error),
        "smallest": np.where(some, np.where(there, values, np.inf).min(axis=0, initial=np.inf), np.nan),
        "largest": np.where(some, np.where(there, values, -np.inf).max(axis=0, initial=-np.inf), np.nan),
        "replications": there.sum(axis=0),
    })  # fmt: skip


def _half_hours(run: Run) -> pa.Table:
    """Return the average working day: arrivals, number waiting, servers on duty."""
    office, figures = run.office, run.figures
    assert figures.arrivals is not None
    assert figures.queue is not None
    assert figures.on_duty is not None
    series = {("arrivals", "all"): figures.arrivals.mean(axis=0)}
    for number, stage in enumerate(office.stages):
        series["queue", stage.name] = figures.queue[:, number].mean(axis=0)
    for number, pool in enumerate(office.pools):
        series["on duty", pool.name] = figures.on_duty[:, number].mean(axis=0)
    clock = [f"{slot // 2:02d}:{slot % 2 * 30:02d}" for slot in range(SLOTS)]
    return pa.table({
        "what": [what for what, _ in series for _ in range(SLOTS)],
        "name": [name for _, name in series for _ in range(SLOTS)],
        "from": clock * len(series),
        "value": np.concatenate(list(series.values())),
    })  # fmt: skip


def _licence_times(figures: Figures) -> pa.Table:
    """Return the cases on target by licence time, mean number over the replications."""
    assert figures.histogram is not None
    counts = figures.histogram.mean(axis=0)
    begin = np.arange(len(counts)) * HISTOGRAM_STEP
    end = np.append(begin[1:], np.inf)
    return pa.table({"from_minutes": begin, "to_minutes": end, "cases": counts})


def _days(run: Run) -> pa.Table:
    """Return the mean licence time by day of submission, mean and extremes over the replications."""
    means, cases, calendar = run.figures.day_mean, run.figures.day_cases, run.office.days
    assert means is not None
    assert cases is not None
    some = ~np.isnan(means).all(axis=0)
    days = np.flatnonzero(some)
    return pa.table({
        "date": [calendar.date_of(int(day)) for day in days],
        "working": calendar.kinds[days] >= 0,
        "cases": cases[:, some].mean(axis=0),
        "mean_minutes": np.nanmean(means[:, some], axis=0),
        "smallest": np.nanmin(means[:, some], axis=0),
        "largest": np.nanmax(means[:, some], axis=0),
    })  # fmt: skip
