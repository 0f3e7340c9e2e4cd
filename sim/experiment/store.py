"""Write a run to disk: figures, summary, profiles and a manifest. Nothing is ever half-written."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sim.analysis.judge import CONFIDENCE, Verdict, mean_interval
from sim.analysis.kpis import HISTOGRAM_STEP, Kpi
from sim.experiment.run import Run
from sim.experiment.sources import sources
from sim.files import replaced_folder
from sim.office.blocks import Office
from sim.office.hours import SLOTS
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict

PACKAGE = "licence-office-sim"
LIBRARIES = ("chinesecalendar", "numba", "numpy", "pyarrow", "pydantic", "ruamel.yaml", "scipy", "simpy")
MANIFEST = "manifest.json"
FORMAT = 1
"""Version of the files' layout."""


def write_run(run: Run, folder: Path, also: Callable[[Path], None] = lambda _: None) -> None:
    """Write the run to `folder`, which is replaced as a whole.

    Files: `kpis` (a row for each replication and figure), `summary` (a row for each figure: mean, interval,
    extremes), `half_hours`, `licence_times` and `days` (profiles, mean over the replications), each as
    Parquet and CSV, and `manifest.json`.

    Parameters
    ----------
    run : Run
    folder : Path
    also : callable
        Adds files (charts) to the folder that it is given, before that takes its place.
    """
    with replaced_folder(folder) as new:
        for name, table in {
            "kpis": _kpis(run),
            "summary": _summary(run),
            "half_hours": _half_hours(run),
            "licence_times": _licence_times(run),
            "days": _days(run),
        }.items():
            pq.write_table(table, new / f"{name}.parquet")
            pacsv.write_csv(table, new / f"{name}.csv")
        _write_manifest(new, manifest(run))
        also(new)


def write_unfinished(scenario: Scenario, seed: int, replications: int, engine: str, why: str, folder: Path) -> None:
    """Write the manifest of an office that cannot finish its cases; there are no figures of it."""
    facts = _facts(scenario, registration_office(scenario), seed, replications, engine)
    facts["verdict"] |= {"verdict": Verdict.FAILS.value, "why": why}
    with replaced_folder(folder) as new:
        _write_manifest(new, facts)


def _write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    text = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def manifest(run: Run) -> dict[str, Any]:
    """Return what the run rests on, ready for JSON."""
    judgement = run.judgement
    facts = _facts(run.scenario, run.office, run.seed, len(run.kpis), run.engine)
    facts["seconds"] = round(run.seconds, 3)
    facts["verdict"] |= {
        "verdict": judgement.verdict.value,
        "estimate": _finite(judgement.estimate),
        "low": _finite(judgement.low),
        "high": _finite(judgement.high),
        "confidence": judgement.confidence,
        "method": "t interval over a number of replications fixed beforehand; one look",
    }
    return facts


def _facts(scenario: Scenario, office: Office, seed: int, replications: int, engine: str) -> dict[str, Any]:
    """Return what is known before anything is played."""
    full = scenario_as_dict(scenario)
    target = office.target
    return {
        "format": FORMAT,
        "scenario": full,
        "scenario_sha256": scenario_hash(full),
        "sources": sources(full),
        "seed": seed,
        "replications": replications,
        "engine": engine,
        "seconds": None,
        "verdict": {
            "verdict": None,
            "why": None,
            "clock": target.clock,
            "statistic": target.statistic,
            "minutes": target.minutes,
            "level": target.level,
            "estimate": None,
            "low": None,
            "high": None,
            "confidence": None,
            "method": None,
        },
        "working_days": office.days.working_days,
        "stages": [{"name": stage.name, "counted": stage.counted} for stage in office.stages],
        "pools": [pool.name for pool in office.pools],
        "versions": {PACKAGE: version(PACKAGE), "python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
    }


def scenario_hash(scenario: dict[str, Any]) -> str:
    """Return the SHA-256 of a scenario in full, whatever the order of its keys."""
    text = json.dumps(scenario, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _finite(value: float) -> float | None:
    """Return a number for JSON, which knows no infinity: None."""
    return float(value) if np.isfinite(value) else None


def _names(run: Run) -> list[Kpi]:
    """Return the figures of all replications, in their order."""
    return list(dict.fromkeys(kpi for kpis in run.kpis for kpi in kpis.values))


def _kpis(run: Run) -> pa.Table:
    names = _names(run)
    columns: dict[str, list[Any]] = {"replication": [], **{field: [] for field in Kpi._fields}, "value": []}
    for replication, kpis in enumerate(run.kpis):
        columns["replication"] += [replication] * len(names)
        for field in Kpi._fields:
            columns[field] += [getattr(kpi, field) for kpi in names]
        columns["value"] += [kpis.values.get(kpi, float("nan")) for kpi in names]
    return pa.table(columns)


def _summary(run: Run) -> pa.Table:
    """Return mean and interval of each figure over the replications that have it.

    A figure that a replication has not (the utilisation of a pool without staff) is NaN, not infinite.
    """
    names = _names(run)
    columns: dict[str, list[Any]] = {field: [getattr(kpi, field) for kpi in names] for field in Kpi._fields}
    columns |= {name: [] for name in ("mean", "low", "high", "confidence", "smallest", "largest", "replications")}
    for kpi in names:
        values = np.array([kpis.values.get(kpi, np.nan) for kpis in run.kpis])
        values = values[~np.isnan(values)]
        mean, low, high = mean_interval(values) if len(values) else (np.nan, np.nan, np.nan)
        row = (mean, low, high, CONFIDENCE, values.min(initial=np.inf), values.max(initial=-np.inf), len(values))
        if not len(values):
            row = (mean, low, high, CONFIDENCE, np.nan, np.nan, 0)
        for name, value in zip(list(columns)[len(Kpi._fields) :], row, strict=True):
            columns[name].append(value)
    return pa.table(columns)


def _half_hours(run: Run) -> pa.Table:
    """Return the average working day: arrivals, number waiting, servers on duty."""
    series = {("arrivals", "all"): np.mean([kpis.arrivals for kpis in run.kpis], axis=0)}
    for number, stage in enumerate(run.office.stages):
        series["queue", stage.name] = np.mean([kpis.queue[number] for kpis in run.kpis], axis=0)
    for number, pool in enumerate(run.office.pools):
        series["on duty", pool.name] = np.mean([kpis.on_duty[number] for kpis in run.kpis], axis=0)
    clock = [f"{slot // 2:02d}:{slot % 2 * 30:02d}" for slot in range(SLOTS)]
    return pa.table({
        "what": [what for what, _ in series for _ in range(SLOTS)],
        "name": [name for _, name in series for _ in range(SLOTS)],
        "from": clock * len(series),
        "value": np.concatenate(list(series.values())),
    })  # fmt: skip


def _licence_times(run: Run) -> pa.Table:
    """Return the cases on target by licence time, mean number over the replications."""
    counts = np.mean([kpis.histogram for kpis in run.kpis], axis=0)
    begin = np.arange(len(counts)) * HISTOGRAM_STEP
    end = np.append(begin[1:], np.inf)
    return pa.table({"from_minutes": begin, "to_minutes": end, "cases": counts})


def _days(run: Run) -> pa.Table:
    """Return the mean licence time by day of submission, mean and extremes over the replications."""
    means = np.array([kpis.day_mean for kpis in run.kpis])
    cases = np.array([kpis.day_cases for kpis in run.kpis])
    some = ~np.isnan(means).all(axis=0)
    days = np.flatnonzero(some)
    return pa.table({
        "date": [run.office.days.date_of(int(day)) for day in days],
        "working": run.office.days.kinds[days] >= 0,
        "cases": cases[:, some].mean(axis=0),
        "mean_minutes": np.nanmean(means[:, some], axis=0),
        "smallest": np.nanmin(means[:, some], axis=0),
        "largest": np.nanmax(means[:, some], axis=0),
    })  # fmt: skip
