"""Write a run to disk: figures, summary, profiles and a manifest. Nothing is ever half-written."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sim.analysis.judge import CONFIDENCE, mean_interval
from sim.analysis.kpis import HISTOGRAM_STEP, Kpi
from sim.experiment.run import Run
from sim.office.hours import SLOTS
from sim.office.scenario import scenario_as_dict

PACKAGE = "licence-office-sim"
LIBRARIES = ("numba", "numpy", "pyarrow", "scipy", "simpy")
FORMAT = 1
"""Version of the files' layout."""


def write_run(run: Run, folder: Path) -> None:
    """Write the run to `folder`, which is replaced as a whole.

    Files: `kpis` (a row for each replication and figure), `summary` (a row for each figure: mean, interval,
    extremes), `half_hours`, `licence_times` and `days` (profiles, mean over the replications), each as
    Parquet and CSV, and `manifest.json`.
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
        text = json.dumps(manifest(run), ensure_ascii=False, indent=2, allow_nan=False)
        (new / "manifest.json").write_text(text + "\n", encoding="utf-8")


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` when, and only when, the block ends well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield new
        for file in new.rglob("*"):
            if file.is_file():
                with file.open("rb+") as handle:
                    os.fsync(handle.fileno())
        new.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            folder.rename(old / folder.name)
            new.rename(folder)
            shutil.rmtree(old)
        else:
            new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def manifest(run: Run) -> dict[str, Any]:
    """Return what the run rests on, ready for JSON."""
    judgement = run.judgement
    scenario = scenario_as_dict(run.scenario)
    return {
        "format": FORMAT,
        "scenario": scenario,
        "scenario_sha256": scenario_hash(scenario),
        "seed": run.seed,
        "replications": len(run.kpis),
        "engine": run.engine,
        "seconds": round(run.seconds, 3),
        "verdict": {
            "verdict": judgement.verdict.value,
            "clock": judgement.target.clock,
            "statistic": judgement.target.statistic,
            "minutes": judgement.target.minutes,
            "level": judgement.target.level,
            "estimate": _finite(judgement.estimate),
            "low": _finite(judgement.low),
            "high": _finite(judgement.high),
            "confidence": judgement.confidence,
            "method": "t interval over a number of replications fixed beforehand; one look",
        },
        "working_days": run.office.days.working_days,
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


def summary(run: Run) -> dict[Kpi, tuple[float, float, float]]:
    """Return mean and interval over the replications of each figure."""
    return {
        kpi: mean_interval(np.array([kpis.values.get(kpi, np.nan) for kpis in run.kpis])) for kpi in _names(run)
    }


def _summary(run: Run) -> pa.Table:
    rows = summary(run)
    values = {kpi: np.array([kpis.values.get(kpi, np.nan) for kpis in run.kpis]) for kpi in rows}
    columns: dict[str, list[Any]] = {field: [getattr(kpi, field) for kpi in rows] for field in Kpi._fields}
    columns["mean"] = [mean for mean, _, _ in rows.values()]
    columns["low"] = [low for _, low, _ in rows.values()]
    columns["high"] = [high for _, _, high in rows.values()]
    columns["confidence"] = [CONFIDENCE] * len(rows)
    columns["smallest"] = [float(values[kpi].min()) for kpi in rows]
    columns["largest"] = [float(values[kpi].max()) for kpi in rows]
    columns["replications"] = [len(run.kpis)] * len(rows)
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
