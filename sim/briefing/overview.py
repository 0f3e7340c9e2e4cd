"""All scenarios side by side: a table from saved results, as Parquet and CSV."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sim.briefing.basis import version_in
from sim.briefing.saved import Saved
from sim.files import replaced_file

NAME = "overview"


@dataclass(frozen=True)
class Row:
    """A scenario.

    Attributes
    ----------
    scenario, title_en, title_zh, verdict : str
    cannot_finish : bool
        There are no figures: the office cannot finish its cases.
    registrations_per_day : float
        Submitted registrations a working day.
    working_days, replications : int
    seed, version : str
        Of the random numbers, and of the program.
    licence_mean, licence_low, licence_high : float
        Mean licence time and its 95 % interval [min], those of the verdict if it is about that mean; inf if somebody
        never gets the licence or the office cannot finish, NaN where there is no interval.
    within : float
        Share within the target's minutes.
    target_clock, target_statistic : str
    target_minutes, target_level : float
    staff_hours_per_day : float
        Planned staff-hours a working day.
    cost_per_case : float
        Yuan of staff for each finished application, changes and cancellations included.
    tightest_stage : str
        The stage, of those that the licence time counts, with the most minutes of waiting per licence.
    tightest_wait : float
        Those minutes.
    """

    scenario: str
    title_en: str
    title_zh: str
    verdict: str
    cannot_finish: bool
    registrations_per_day: float
    working_days: int
    replications: int
    seed: str
    version: str
    licence_mean: float
    licence_low: float
    licence_high: float
    within: float
    target_clock: str
    target_statistic: str
    target_minutes: float
    target_level: float
    staff_hours_per_day: float
    cost_per_case: float
    tightest_stage: str
    tightest_wait: float


def overview_row(saved: Saved) -> Row:
    """Return the row of a scenario."""
    # The verdict's own interval, so that the two cannot say different things.
    about_mean = saved.finished and (saved.verdict["clock"], saved.verdict["statistic"]) == ("licence", "mean")
    mean, low, high = saved.estimate() if about_mean else saved.figure("licence", "mean")
    days = max(int(saved.manifest["working_days"]), 1)
    # Where the licence time waits: the stages that it counts, minutes of waiting per licence.
    waits = {stage: saved.figure("wait", "per licence", "stage", stage).mean for stage in saved.counted_stages}
    # NaN is never the longest.
    tightest = max(waits, key=lambda stage: waits[stage] if waits[stage] >= 0 else -1.0) if saved.finished else ""
    finished = saved.figure("cases", "licensed").mean
    return Row(
        scenario=saved.name,
        title_en=saved.title("en"),
        title_zh=saved.title("zh"),
        verdict=saved.verdict["verdict"],
        cannot_finish=not saved.finished,
        registrations_per_day=saved.figure("cases", "submitted").mean / days,
        working_days=days,
        replications=saved.replications,
        seed=str(saved.manifest["seed"]),
        version=version_in(saved.manifest),
        licence_mean=mean if saved.finished else math.inf,
        licence_low=low,
        licence_high=high,
        within=saved.figure("licence", "within").mean,
        target_clock=saved.verdict["clock"],
        target_statistic=saved.verdict["statistic"],
        target_minutes=saved.verdict["minutes"],
        target_level=saved.verdict["level"],
        staff_hours_per_day=saved.figure("staff", "staff hours").mean / days,
        cost_per_case=saved.figure("staff", "cost").mean / finished if finished > 0 else math.nan,
        tightest_stage=tightest,
        tightest_wait=waits.get(tightest, math.nan),
    )


def write_overview(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write the table to `folder`; return the files."""
    columns = {field.name: [asdict(row)[field.name] for row in rows] for field in fields(Row)}
    table = pa.table(columns)
    written = []
    for suffix, write in ((".parquet", pq.write_table), (".csv", pacsv.write_csv)):
        file = folder / f"{NAME}{suffix}"
        with replaced_file(file) as new:
            write(table, new)
        written.append(file)
    return written
