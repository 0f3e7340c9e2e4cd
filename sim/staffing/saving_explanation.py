"""Write an explanation to disk: stages, one more of staff, late cases and their week."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.analysis.comparing import Comparison, Finding
from sim.analysis.judge import Rule
from sim.analysis.lateness import WAIT, Lateness, Part
from sim.analysis.sequential import mean_intervals
from sim.experiment.fitted import Fitted, fitted_facts
from sim.experiment.manifest import MANIFEST, common_facts, finite, target_facts, write_json, write_timing
from sim.experiment.results import write_table
from sim.files import replaced_folder
from sim.office.hours import SLOTS
from sim.office.scenario import scenario_as_dict
from sim.staffing.explain import Asked, Explanation, explanation_identity

F64 = NDArray[np.float64]

KIND = "explanation"
LATE, IN_TIME = "late", "in time"
WHOLE = "clock"
"""In place of a part: the whole of the clock."""
NOBODY, UNDEFINED = "none", "not defined"
"""What is found if no stage adds anything, or if the figure of the plan is not finite."""
DAYS_A_WEEK = 5


def explanation_facts(asked: Asked) -> dict[str, Any]:
    """Return the manifest of an explanation as far as it is known before it has run."""
    return common_facts(KIND, asked.scenario.name, asked.cells, asked.rule, asked=explanation_identity(asked))


def write_explanation(
    found: Explanation, folder: Path, also: Callable[[Path], None] = lambda _: None, fitted: Fitted | None = None
) -> None:
    """Write the explanation to `folder`, which is replaced as a whole.

    Files: `stages` (a row a stage), `one_more` (a row a pool and place), `late_cases` (a row a part of the clock and
    group), `week` (a row a weekday, half-hour and stage), each as Parquet and CSV, `manifest.json` and `timing.json`.

    Parameters
    ----------
    found : Explanation
    folder : Path
    also : callable
        Adds files (charts) to the folder that it is given, before that takes its place.
    fitted : Fitted, optional
        What of the scenario was fitted to a log.
    """
    asked, judgement = found.asked, found.judgement
    target = target_facts(asked.cells[0].target)
    facts = explanation_facts(asked)
    mean, low, high = found.blame.intervals(asked.stage_rule)
    late = _interval([of.late_share for of in found.late])
    blamed = to_blame(asked.stages, mean[:-2], low[:-2], high[:-2])
    with replaced_folder(folder) as new:
        write_table(_stages(found), new, "stages")
        write_table(_one_more(found), new, "one_more")
        write_table(_late_cases(found.late), new, "late_cases")
        write_table(_week(found), new, "week")
        write_json(new / MANIFEST, facts | {
            "rule": facts["rule"] | {"margin": target["margin"]},
            "target": target,
            "replications": found.replications,
            "found": "+".join(blamed) if blamed else UNDEFINED if found.blame.contributions is None else NOBODY,
            "to_blame": blamed,
            "verdict": None if judgement is None else judgement.verdict.value,
            "unfinished": found.unfinished or None,
            "unlimited": {"estimate": finite(mean[-2]), "low": finite(low[-2]), "high": finite(high[-2])},
            "whole": {"estimate": finite(mean[-1]), "low": finite(low[-1]), "high": finite(high[-1])},
            "blame_replications": found.blame.figures.shape[1],
            "residual": finite(found.blame.residual),
            "late": {
                "share": finite(late[0]), "low": finite(late[1]), "high": finite(late[2]),
                "never": sum(of.never for of in found.late), "replications": len(found.late),
            },
            "licences": finite(found.licences[0]),
            "working_days": asked.office.days.working_days,
            "whole_year": asked.scenario.period.first is None and asked.scenario.period.last is None,
            "counted": asked.scenario.hours.model_dump(mode="json")["counted"],
            "stages": [{"name": stage.name, "counted": stage.counted} for stage in asked.office.stages],
            "scenario": scenario_as_dict(asked.scenario),
            **fitted_facts(fitted),
        })  # fmt: skip
        write_timing(new, found.seconds)
        also(new)


def to_blame(stages: Sequence[str], mean: F64, low: F64, high: F64) -> list[str]:
    """Return the stage that adds most, with all whose intervals reach up to its own; none if nothing is added.

    Without an interval, which takes more replications, nobody is blamed.
    """
    known = ~np.isnan(low) & (mean > 0)
    if not known.any():
        return []
    most = int(np.where(known, mean, -np.inf).argmax())
    if low[most] <= 0:
        return []
    alike = [number for number in range(len(stages)) if known[number] and high[number] >= low[most]]
    return [stages[number] for number in sorted(alike, key=lambda number: -mean[number])]


def _interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return a mean over replications with its interval; NaN ends if there are too few, or no spread."""
    if not len(values):
        return np.nan, np.nan, np.nan
    mean, low, high = (float(end[0]) for end in mean_intervals(np.array(values).reshape(-1, 1), Rule().boundary))
    return (mean, low, high) if low < high else (mean, np.nan, np.nan)


def _stages(found: Explanation) -> pa.Table:
    stages = found.asked.stages
    mean, low, high = (ends[: len(stages)] for ends in found.blame.intervals(found.asked.stage_rule))
    added = mean.sum()
    alone = [found.blame.figures[1 << bit] for bit in range(len(stages))]
    return pa.table({
        "stage": list(stages),
        "contribution": mean,
        "low": low,
        "high": high,
        # Of all that the stages add together.
        "share": mean / added if added > 0 else np.full(len(stages), np.nan),
        # What the figure is with unlimited staff at this stage alone.
        "alone": [float(figures.mean()) for figures in alone],
        # Where cases wait, whoever is the cause; in minutes of the target's clock.
        "waiting": [_waiting(found.late, stage) for stage in stages],
    })  # fmt: skip


def _waiting(late: Sequence[Lateness], stage: str) -> float:
    """Return the mean minutes that a case waits at a stage, of those that get the licence; NaN without logs."""
    found = []
    for of in late:
        there = np.isfinite(of.clock)
        row = of.parts.index(part) if (part := Part(WAIT, stage)) in of.parts else None
        found.append(0.0 if row is None or not there.any() else float(of.minutes[row, there].mean()))
    return float(np.mean(found)) if found else np.nan


def _one_more(found: Explanation) -> pa.Table:
    levers = found.asked.levers
    cost = found.costs[1:] - found.costs[0]
    prices = [
        price_of_saving(of, float(more), float(found.licences[0]), found.asked.cells[0].target.statistic == "mean")
        for of, more in zip(found.comparisons, cost, strict=True)
    ]
    return pa.table({
        "pool": [lever.pool for lever in levers],
        "where": [lever.where for lever in levers],
        "difference": pa.array([of.difference for of in found.comparisons], pa.float64()),
        "low": pa.array([of.low for of in found.comparisons], pa.float64()),
        "high": pa.array([of.high for of in found.comparisons], pa.float64()),
        "finding": [of.finding.value for of in found.comparisons],
        "cost_difference": cost,
        "cost_per_minute": pa.array([price[0] for price in prices], pa.float64()),
        "cost_per_minute_low": pa.array([price[1] for price in prices], pa.float64()),
        "cost_per_minute_high": pa.array([price[2] for price in prices], pa.float64()),
        "replications": pa.array([of.replications for of in found.comparisons], pa.int64()),
    })  # fmt: skip


def price_of_saving(of: Comparison, cost: float, licences: float, about_mean: bool) -> tuple[float, float, float]:
    """Return the cost of each licence-minute saved [yuan/min], or of each licence more in time, and its ends.

    NaN if no saving was found. The ends are those of the difference: the cost hardly varies.
    """
    if of.finding is not Finding.BETTER or not np.isfinite([of.difference, of.low, of.high, cost]).all():
        return np.nan, np.nan, np.nan
    saved = np.array([-of.difference, -of.high, -of.low] if about_mean else [of.difference, of.low, of.high])
    price, *ends = (cost / (saved * licences)).tolist()
    return price, min(ends), max(ends)


def _late_cases(late: Sequence[Lateness]) -> pa.Table:
    """Return the mean minutes of late cases and of those in time, by part of the clock."""
    rows = []
    parts = list(dict.fromkeys(part for of in late for part in of.parts))
    for group in (LATE, IN_TIME) if late else ():
        found = np.zeros((len(late), len(parts)))
        for row, of in enumerate(late):
            found[row] = np.nan if np.isnan(means := of.mean_minutes(group == LATE)).all() else 0.0
            found[row, [parts.index(part) for part in of.parts]] = means
        whole = found.sum(axis=1)
        share = np.array([of.late_share if group == LATE else 1 - of.late_share for of in late])
        for name, values in [(WHOLE, whole), *((" ".join(filter(None, part)), found[:, i])
                                               for i, part in enumerate(parts))]:  # fmt: skip
            mean, low, high = _interval(values)
            total = np.nanmean(whole) if not np.isnan(whole).all() else np.nan
            rows.append({
                "group": group, "part": name, "minutes": mean, "low": low, "high": high,
                "share": mean / total if total > 0 else np.nan, "cases": float(share.mean()),
            })  # fmt: skip
    names = ("minutes", "low", "high", "share", "cases")
    kinds = [("group", pa.string()), ("part", pa.string()), *((name, pa.float64()) for name in names)]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))


def _week(found: Explanation) -> pa.Table:
    """Return the minutes that late cases wait in a week of five working days, where there are any."""
    stages = [stage.name for stage in found.asked.office.stages]
    weeks = found.asked.office.days.working_days / DAYS_A_WEEK
    total = np.zeros((len(stages), 7, SLOTS))
    for of in found.late:
        total += of.week / (len(found.late) * weeks)
    shown = [s for s, name in enumerate(stages) if any((WAIT, name) in of.parts for of in found.late)]
    places = [(day, slot, s) for day in range(7) for slot in range(SLOTS) for s in shown]
    return pa.table({
        "weekday": pa.array([day + 1 for day, _, _ in places], pa.int64()),
        "from": pa.array([f"{slot // 2:02d}:{slot % 2 * 30:02d}" for _, slot, _ in places], pa.string()),
        "stage": pa.array([stages[s] for _, _, s in places], pa.string()),
        "minutes": pa.array([float(total[s, day, slot]) for day, slot, s in places], pa.float64()),
    })  # fmt: skip
