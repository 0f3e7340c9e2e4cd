"""All scenarios side by side: the rows of the main job's table and chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sim.files import replaced_file
from sim.measures.judge import Verdict
from sim.office.scenario import BASELINE
from sim.results.codec import DamagedError, as_texts, column, columns_of, read_table
from sim.studies.run.records import MINUTES, Run
from sim.text import N_, language

NAME = "overview"
FROM_BEST = tuple(each.value for each in (Verdict.HOLDS, Verdict.TOO_CLOSE, Verdict.UNDECIDED, Verdict.FAILS))


@dataclass(frozen=True)
class OverviewRow:
    """A scenario.

    The mean is inf if somebody never gets the licence or the office cannot finish its cases. Its interval is that of
    the verdict if that is about this mean, and NaN where there is none.
    """

    scenario: str = column(N_("scenario"))
    title_en: str = column(N_("title"))
    title_zh: str = column(N_("title"))
    verdict: str = column(N_("verdict"))
    cannot_finish: bool = column(N_("cannot finish"))
    registrations_per_day: float = column(N_("registrations a working day"))
    working_days: int = column(N_("working days"))
    replications: int = column(N_("replications"))
    seed: str = column(N_("seed"))
    version: str = column(N_("version"))
    licence_mean: float = column(N_("mean licence time"), MINUTES)
    licence_low: float = column(N_("low"), MINUTES)
    licence_high: float = column(N_("high"), MINUTES)
    within: float = column(N_("within the target's minutes"), N_("share"))
    target_clock: str = column(N_("time"))
    target_statistic: str = column(N_("statistic"))
    target_minutes: float = column(N_("target"), MINUTES)
    target_level: float = column(N_("target"), N_("share"))
    staff_hours_per_day: float = column(N_("staff-hours a working day"), N_("h"))
    # Changes and cancellations included.
    cost_per_case: float = column(N_("staff cost a case"), N_("yuan"))
    # Of the stages that the licence time counts, that with the most minutes of waiting per licence.
    tightest_stage: str = column(N_("stage with most waiting"))
    tightest_wait: float = column(N_("waiting there, a licence"), MINUTES)

    @property
    def title(self) -> str:
        """The scenario's title."""
        return self.title_en if language() == "en" else self.title_zh

    @property
    def about_mean_licence(self) -> bool:
        """Whether the verdict is about the mean licence time."""
        return (self.target_clock, self.target_statistic) == ("licence", "mean")


def by_result(run: Run) -> tuple[bool, int, float]:
    """Return what runs are shown in the order of: the baseline, then those that hold, the longest licence time last."""
    mean = run.figure("licence", "mean").mean if run.has_figures else math.inf
    return run.name != BASELINE, FROM_BEST.index(run.verdict), mean


def overview_row(run: Run) -> OverviewRow:
    """Return the row of a scenario."""
    target, days = run.target, max(run.working_days, 1)
    # The verdict's own interval, so that the two cannot say different things.
    own = run.has_figures and (target.clock, target.statistic) == ("licence", "mean")
    mean, low, high = (run.estimate, run.low, run.high) if own else run.figure("licence", "mean")
    waits = {stage: run.figure("wait", "per licence", "stage", stage).mean for stage in run.counted_stages}
    # NaN is never the longest.
    tightest = max(waits, key=lambda stage: waits[stage] if waits[stage] >= 0 else -1.0) if run.has_figures else ""
    licensed = run.figure("cases", "licensed").mean
    return OverviewRow(
        scenario=run.name,
        title_en=run.scenario["title"]["en"],
        title_zh=run.scenario["title"]["zh"],
        verdict=run.verdict,
        cannot_finish=not run.has_figures,
        registrations_per_day=run.figure("cases", "submitted").mean / days,
        working_days=days,
        replications=run.replications,
        seed=str(run.about.seed),
        version=run.about.version,
        licence_mean=mean if run.has_figures else math.inf,
        licence_low=low,
        licence_high=high,
        within=run.figure("licence", "within").mean,
        target_clock=target.clock,
        target_statistic=target.statistic,
        target_minutes=target.minutes,
        target_level=target.level,
        staff_hours_per_day=run.figure("staff", "staff hours").mean / days,
        cost_per_case=run.figure("staff", "cost").mean / licensed if licensed > 0 else math.nan,
        tightest_stage=tightest,
        tightest_wait=waits.get(tightest, math.nan),
    )


def write_overview(rows: Sequence[OverviewRow], folder: Path) -> list[Path]:
    """Write the table into a folder that may hold others; return the files."""
    columns, written = columns_of(OverviewRow, rows), []
    for suffix, write, table in ((".parquet", pq.write_table, columns), (".csv", pacsv.write_csv, as_texts(columns))):
        file = folder / f"{NAME}{suffix}"
        with replaced_file(file) as new:
            write(table, new)
        written.append(file)
    return written


def read_overview(folder: Path) -> dict[str, OverviewRow]:
    """Return the rows of the table in a folder by scenario; none if it is not there, or is damaged."""
    try:
        rows = [OverviewRow(**row) for row in read_table(folder / f"{NAME}.parquet").to_pylist()]
    except (DamagedError, TypeError):
        return {}
    return {row.scenario: row for row in rows}
