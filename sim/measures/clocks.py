"""The clocks of every case of a replication: the one place where licence times and the like are made.

`measure` makes its figures of them, `lateness` takes them apart, and a replay shows them case by case. What is summed
along with them, in the same pass over the log, comes along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measures.fold import STAGE_SUMS, fold
from sim.office.blocks import Office
from sim.office.hours import DAY, SLOTS, merge
from sim.office.tables import OfficeTables, Spans, tables_of
from sim.records import SERVED, Journeys, VisitLog

F64 = NDArray[np.float64]
I16 = NDArray[np.int16]
I64 = NDArray[np.int64]

CLOCKS = ("touch", "licence", "door_to_door", "journey")
"""In the order of the rows that `fold` fills."""
HISTOGRAM_STEP = 0.5
HISTOGRAM_BINS = 60
"""The licence time is counted in steps of half a minute up to 30 minutes, and beyond."""


@dataclass(frozen=True)
class Clocks:
    """What one pass over a log gives; of the sums, `fold` says what each is.

    Attributes
    ----------
    times : (4, cases) float64
        Minutes by each of `CLOCKS`; inf = submitted, but left without a licence; NaN = never submitted, or not counted.
    uncounted : int
        So many of the first cases came before the days that count.
    on_target : (cases,) bool
        What the target is about.
    cells : list of (class, whether on target, channel)
        By which cases are told apart.
    cell : (cases,) int16
        Number of each case's among them.
    tables : OfficeTables
        Calendar and duty that were played.
    counted : Spans
        Hours in which waiting counts.
    waits, wait_stage : (waits,) float64, int16
        All that are longer than nothing [min].
    stage_sums, server_sums, queue, histogram, day_sum, day_cases, day_score
        See `fold`.
    """

    times: F64
    uncounted: int
    on_target: NDArray[np.bool_]
    cells: list[tuple[str, bool, str]]
    cell: I16
    tables: OfficeTables
    counted: Spans
    waits: F64
    wait_stage: I16
    stage_sums: F64
    server_sums: F64
    queue: F64
    histogram: I64
    day_sum: F64
    day_cases: I64
    day_score: F64

    def __getitem__(self, clock: str) -> F64:
        """Return what one of `CLOCKS` says of each case, shape (cases,) [min]."""
        return np.asarray(self.times[CLOCKS.index(clock)])


def overtime_of_people(tables: OfficeTables, pool: int, people: int, log: VisitLog, ends: tuple[float, float]) -> float:
    """Return the minutes in which people of a pool have something in hand off duty, however many cases it is.

    Parameters
    ----------
    tables : OfficeTables
    pool, people : int
        Number of the pool, and how many its people are.
    log : VisitLog
    ends : (from, to)
        What is counted [min].
    """
    first, last = tables.pool_first_server[pool : pool + 2]
    rows = np.flatnonzero((log.outcome == SERVED) & (log.server >= first) & (log.server < last))
    person = (log.server[rows] - first) % people
    total = 0.0
    for number in range(people):
        mine = rows[person == number]
        begin, end = merge(np.clip(log.started_at[mine], *ends), np.clip(log.freed_at[mine], *ends))
        duty = slice(tables.duty.first[first + number], tables.duty.first[first + number + 1])
        on, off = tables.duty.begin[duty], tables.duty.end[duty]
        # Both are disjoint: what is worked or on duty, less what is on duty, is what is worked off duty.
        on, off = np.clip(on, *ends), np.clip(off, *ends)
        either = merge(np.concatenate([begin, on]), np.concatenate([end, off]))
        total += float((either[1] - either[0]).sum() - (off - on).sum())
    return total


def clocks_of(office: Office, journeys: Journeys, log: VisitLog) -> Clocks:
    """Return the clocks of all cases.

    Parameters
    ----------
    office, journeys, log
        The office, what was drawn for it, and what an engine made of it.
    """
    tables = tables_of(office, journeys, log.days)
    populations, target, days = office.populations, office.target, office.days.horizon
    channels = list(dict.fromkeys([p.channel for p in populations] + [s.channel for s in office.stages if s.channel]))
    # Cases are told apart by class, by whether they are on target, and by channel.
    kinds = list(dict.fromkeys((p.kind, p.on_target) for p in populations))
    on_target = np.array([p.on_target for p in populations], np.bool_)
    counted = Spans.of([office.counted_hours.intervals(office.days, log.days)])

    times = np.empty((len(CLOCKS), journeys.cases))
    cell = np.empty(journeys.cases, np.int16)
    waits, wait_stage = np.empty(journeys.visits), np.empty(journeys.visits, np.int16)
    stage_sums = np.zeros((tables.stages + 2, STAGE_SUMS))
    warm = office.days.warm_up * DAY
    uncounted = int(np.searchsorted(journeys.arrival, warm))
    server_sums = np.zeros((tables.servers, 2))
    queue = np.zeros((tables.stages, days * SLOTS + 1))
    day_sum, day_cases, day_score = np.zeros(days), np.zeros(days, np.int64), np.zeros(days)
    histogram = np.zeros(HISTOGRAM_BINS + 1, np.int64)
    positive = fold(
        journeys.arrival, journeys.population, on_target.astype(np.int16),
        np.array([kinds.index((p.kind, p.on_target)) * len(channels) for p in populations], np.int16),
        np.array([channels.index(p.channel) for p in populations], np.int16),
        journeys.first_visit, journeys.visit, log.visit,
        np.array([stage.counted for stage in office.stages]),
        np.array([channels.index(s.channel) if s.channel else -1 for s in office.stages], np.int16),
        counted.begin, counted.end, counted.before,
        np.searchsorted(counted.end, np.arange(log.days + 1) * DAY, side="right"),
        tables.duty.first, tables.duty.begin, tables.duty.end, uncounted, warm, days * DAY, days * SLOTS,
        times, cell, waits, wait_stage, stage_sums, server_sums, queue, day_sum, day_cases, histogram,
        HISTOGRAM_STEP, CLOCKS.index(target.clock),
        np.inf if target.statistic == "mean" else target.minutes, day_score,
    )  # fmt: skip
    return Clocks(
        times, uncounted, on_target[journeys.population],
        [(*kind, channel) for kind in kinds for channel in channels], cell, tables, counted,
        waits[:positive], wait_stage[:positive], stage_sums, server_sums, queue, histogram,
        day_sum, day_cases, day_score,
    )  # fmt: skip
