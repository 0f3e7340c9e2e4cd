"""An office lowered to plain numbers: who may serve what, and the calendar of everything that is planned.

This is the one place where names of the domain end; above it are stages and pools, below it numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import local
from weakref import ReferenceType, WeakKeyDictionary, ref

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import Office, Pool
from sim.office.hours import DAY, SLOT, Days, ShiftPlan, merge
from sim.records import Journeys

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I16 = NDArray[np.int16]

# Kinds of calendar entries.
SERVER_ON, SERVER_OFF, STAGE_OPENS, STAGE_CLOSES, OUTAGE_BEGINS, OUTAGE_ENDS = range(6)


@dataclass(frozen=True)
class Spans:
    """Intervals [from, to) of several subjects: subject *i* has rows ``first[i]`` to ``first[i+1] - 1``.

    Attributes
    ----------
    first : (subjects + 1,) int32
    begin, end : (rows,) float64
        Sorted within a subject, disjoint and not adjoining.
    before : (rows,) float64
        Minutes in the subject's earlier intervals.
    """

    first: I32
    begin: F64
    end: F64
    before: F64

    @classmethod
    def of(cls, parts: list[tuple[F64, F64]]) -> Spans:
        """Return the intervals of the subjects in one table."""
        first = np.zeros(len(parts) + 1, np.int32)
        first[1:] = np.cumsum([len(begin) for begin, _ in parts])
        empty = np.empty(0)
        return cls(
            first,
            np.concatenate([begin for begin, _ in parts] or [empty]),
            np.concatenate([end for _, end in parts] or [empty]),
            np.concatenate([_before(begin, end) for begin, end in parts] or [empty]),
        )


def _before(begin: F64, end: F64) -> F64:
    """Return the minutes in the intervals before each."""
    return np.concatenate([[0.0], np.cumsum((end - begin)[:-1])])[: len(begin)]


@dataclass(frozen=True, eq=False)
class OfficeTables:
    """What an engine needs to know of an office.

    Attributes
    ----------
    pool_first_server : (pools + 1,) int32
        Servers are numbered through; pool *p* has ``pool_first_server[p]`` to ``[p + 1] - 1``, of n people each n-th
        one the same person.
    choice_pool, choice_stage, choice_threshold : (choices,) int32
        Which pool serves which stage when how many wait there: all pools' first choices, in the order of
        the pools, then all second choices, and so on.
    closing : (stages,) int32
        Closing rule.
    places : (stages,) int32
        Waiting places, -1 = any number.
    newest_first : (stages,) bool
        Whether of those of one priority the newest is taken.
    pace_from, pace_factor : (stages,) int32, float64
        A service that begins while so many others wait there takes so many times its minutes.
    entry_time, entry_kind, entry_subject : (entries,) float64, int32, int32
        The calendar, sorted by time: servers on and off duty, stages opening and closing, outages.
    opening : Spans
        Opening intervals by stage.
    duty : Spans
        Duty intervals by server.
    """

    pool_first_server: I32
    choice_pool: I32
    choice_stage: I32
    choice_threshold: I32
    closing: I32
    places: I32
    newest_first: NDArray[np.bool_]
    pace_from: I32
    pace_factor: F64
    entry_time: F64
    entry_kind: I32
    entry_subject: I32
    opening: Spans
    duty: Spans

    @property
    def servers(self) -> int:
        """Number of servers in the office."""
        return int(self.pool_first_server[-1])

    @property
    def stages(self) -> int:
        """Number of stages."""
        return len(self.closing)

    def pool_of_server(self) -> I32:
        """Return the pool of each server, shape (servers,)."""
        sizes = np.diff(self.pool_first_server)
        return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)


Interval = tuple[F64, F64]
NO_INTERVAL: Interval = np.empty(0), np.empty(0)
Planned = NDArray[np.bool_] | list[Interval]
"""Of a pool with a plan by half-hours who is on duty, (people, days, 48); else the intervals of each person."""
_kept: WeakKeyDictionary[Office, dict[int, OfficeTables]] = WeakKeyDictionary()


class _Last(local):
    """What a thread has lowered last: it plays a replication, and then measures it."""

    made: tuple[ReferenceType[Office], ReferenceType[Journeys], int, OfficeTables] | None = None


_last = _Last()


def tables_of(office: Office, journeys: Journeys, upto: int) -> OfficeTables:
    """Return `lower(office, journeys, upto)`, made once for who plays and then measures a replication.

    An office without anything random of its own is lowered only once.
    """
    if len(journeys.absence_mark) or len(journeys.leave_mark) or len(journeys.outage_stage):
        made = _last.made
        if made is None or made[0]() is not office or made[1]() is not journeys or made[2] != upto:
            made = _last.made = ref(office), ref(journeys), upto, lower(office, journeys, upto)
        return made[3]
    kept = _kept.setdefault(office, {})
    if upto not in kept:
        kept[upto] = lower(office, journeys, upto)
    return kept[upto]


def lower(office: Office, journeys: Journeys, upto: int) -> OfficeTables:
    """Return the tables of `office` for its first `upto` days, with the absences and outages drawn.

    Parameters
    ----------
    office : Office
    journeys : Journeys
        Brings the drawn absences and outages.
    upto : int
        Days that the calendar covers, the horizon and those needed to finish the last cases.
    """
    planned, opening, spans = _known(office, upto)
    # The first server that each person is, then the second of each, and so on: all of one have his hours.
    duty = [
        span
        for number, of_pool in enumerate(planned)
        for span in _duty(office, number, of_pool, journeys, upto) * office.pools[number].at_once
    ]
    broken = [_outages(office, number, journeys) for number in range(len(office.stages))]
    moments: list[F64] = []
    what: list[tuple[int, int]] = []
    for intervals, begins, ends in (
        (duty, SERVER_ON, SERVER_OFF),
        (opening, STAGE_OPENS, STAGE_CLOSES),
        (broken, OUTAGE_BEGINS, OUTAGE_ENDS),
    ):
        for subject, (begin, end) in enumerate(intervals):
            moments += begin, end[np.isfinite(end)]
            what += (begins, subject), (ends, subject)
    time = np.concatenate(moments)
    order = np.argsort(time, kind="stable")
    kind, of_entry = np.array(what, np.int32).T
    row = np.repeat(np.arange(len(moments)), [len(when) for when in moments])[order]
    choices = sorted(
        (rank, number, office.stage_number(choice.stage), choice.when_waiting)
        for number, pool in enumerate(office.pools)
        for rank, choice in enumerate(pool.serves)
    )
    by_rank = np.array(choices, np.int32).reshape(-1, 4)
    return OfficeTables(
        pool_first_server=np.cumsum([0] + [pool.servers for pool in office.pools]).astype(np.int32),
        choice_pool=by_rank[:, 1].copy(),
        choice_stage=by_rank[:, 2].copy(),
        choice_threshold=by_rank[:, 3].copy(),
        closing=np.array([int(stage.closing) for stage in office.stages], np.int32),
        places=np.array([-1 if s.waiting_places is None else s.waiting_places for s in office.stages], np.int32),
        newest_first=np.array([stage.newest_first for stage in office.stages], np.bool_),
        pace_from=np.array([stage.pace[0] for stage in office.stages], np.int32),
        pace_factor=np.array([stage.pace[1] for stage in office.stages], np.float64),
        entry_time=time[order],
        entry_kind=kind[row],
        entry_subject=of_entry[row],
        opening=spans,
        duty=Spans.of(duty),
    )


_lowered: WeakKeyDictionary[Office, dict[int, tuple[list[Planned], list[Interval], Spans]]] = WeakKeyDictionary()


def _known(office: Office, upto: int) -> tuple[list[Planned], list[Interval], Spans]:
    """Return what nothing is drawn of: who is planned for when, pool by pool, and the hours of the stages, twice."""
    known = _lowered.setdefault(office, {})
    if upto not in known:
        days = office.days
        planned = [
            pool.duty.on_duty(days, upto)
            if isinstance(pool.duty, ShiftPlan)
            else [hours.intervals(days, upto) for hours in pool.duty]
            for pool in office.pools
        ]
        opening = [stage.open.intervals(days, upto) for stage in office.stages]
        known[upto] = planned, opening, Spans.of(opening)
    return known[upto]


def _duty(office: Office, number: int, planned: Planned, journeys: Journeys, upto: int) -> list[Interval]:
    """Return the duty intervals of each person of a pool, those days taken out on which he is away."""
    pool = office.pools[number]
    away = _away(pool, number, journeys, upto) if pool.away else None
    if isinstance(planned, list):
        if away is None:
            return planned
        return [_without_days(span, gone) for span, gone in zip(planned, away, strict=True)]
    on = planned if away is None else planned & ~away[:, :, None]
    # One row per person, a False at either end: where neighbours differ, duty begins or ends.
    line = np.zeros((len(on), upto * on.shape[2] + 2), np.int8)
    line[:, 1:-1] = on.reshape(line[:, 1:-1].shape)
    change = np.diff(line, axis=1)
    slot = np.float64(SLOT)
    return [(slot * np.flatnonzero(row == 1), slot * np.flatnonzero(row == -1)) for row in change]


def planned_hours(pool: Pool, days: Days) -> float:
    """Return the hours that a pool is planned for on the days that count, absences not taken out."""
    if isinstance(pool.duty, ShiftPlan):
        return float(pool.duty.on_duty(days, days.horizon)[:, days.warm_up :].sum() * SLOT / 60)
    ends = days.warm_up * DAY, days.horizon * DAY
    spans = [hours.intervals(days, days.horizon) for hours in pool.duty]
    return sum(float((np.clip(end, *ends) - np.clip(begin, *ends)).sum()) for begin, end in spans) / 60


def _away(pool: Pool, number: int, journeys: Journeys, upto: int) -> NDArray[np.bool_]:
    """Return who is absent or on leave, shape (people, upto); beyond the drawn days nobody is."""
    away = np.zeros((pool.people, upto), bool)
    if pool.absence > 0:
        marks = journeys.absence_mark[number, : pool.people, :upto]
        away[:, : marks.shape[1]] = marks < pool.absence
    if pool.leave > 0:
        turn = journeys.leave_mark[number, :upto]
        away[:, : len(turn)] |= on_leave(pool.people, pool.leave, turn)
    return away


def on_leave(servers: int, share: float, mark: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return who is on leave, shape (servers, days): each on a share of the days, as few at once as there can be.

    Systematic sampling: the servers stand side by side on a line, each as wide as the share. On a day, those are on
    leave over whom a whole number lies when the line begins at the day's mark, uniform between 0 and 1. So of n
    servers n · share are, rounded down or up.
    """
    edge = np.floor(np.arange(servers + 1)[:, None] * share + mark.astype(np.float64))
    return np.asarray(np.diff(edge, axis=0) > 0)


def _without_days(span: tuple[F64, F64], gone: NDArray[np.bool_]) -> tuple[F64, F64]:
    """Take whole days out of intervals."""
    begin, end = span
    day = np.floor(begin / DAY).astype(int)
    within = day < len(gone)
    keep = ~(within & gone[np.where(within, day, 0)])
    return begin[keep], end[keep]


def _outages(office: Office, number: int, journeys: Journeys) -> tuple[F64, F64]:
    """Return the outages of a stage, given and drawn, merged."""
    given = np.asarray(office.stages[number].outages.given, np.float64).reshape(-1, 2)
    mine = journeys.outage_stage == number
    if not len(given) and not mine.any():
        return NO_INTERVAL
    return merge(
        np.concatenate([given[:, 0], journeys.outage_from[mine]]),
        np.concatenate([given[:, 1], journeys.outage_to[mine]]),
    )
