"""What must be true of every log, whatever the office: laws that know nothing of how an engine works."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import Closing
from sim.office.tables import OUTAGE_BEGINS, OUTAGE_ENDS, OfficeTables
from sim.records import GAVE_UP, NOT_MADE, NOWHERE, SERVED, Journeys, VisitLog

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]


def check_conservation(journeys: Journeys, log: VisitLog) -> None:
    """Whoever came is finished or left over; the visits made are those of the ways taken, one after the other."""
    on_a_way = np.zeros(journeys.visits, bool)
    finished = 0
    for case in range(journeys.cases):
        first, stop = journeys.first_visit[case], journeys.first_visit[case + 1]
        v, comes = (first, journeys.arrival[case]) if first < stop else (NOWHERE, math.nan)
        while v != NOWHERE:
            on_a_way[v] = True
            assert log.queued_at[v] == comes
            if log.outcome[v] == NOT_MADE:
                break
            comes = log.ended_at[v]
            v = journeys.if_served[v] if log.outcome[v] == SERVED else journeys.if_gave_up[v]
        finished += v == NOWHERE
    assert finished + log.left == journeys.cases
    assert (np.isfinite(log.queued_at) == on_a_way).all()
    for stage in np.unique(journeys.stage):
        here = journeys.stage == stage
        came, served, gave_up = (
            np.count_nonzero(here & which)
            for which in (np.isfinite(log.queued_at), log.outcome == SERVED, log.outcome == GAVE_UP)
        )
        unfinished = np.count_nonzero(here & on_a_way & (log.outcome == NOT_MADE))
        assert came == served + gave_up + unfinished
        assert unfinished <= log.left
        assert stage >= 0 or gave_up == 0


def check_queues(journeys: Journeys, log: VisitLog, tables: OfficeTables) -> None:
    """At each stage the area under the queue's curve, added up event by event, is the sum of the waits (Little).

    And after each instant there are no more in the queue than it has places, unless some of them are at home.
    """
    left_queue = np.where(log.outcome == GAVE_UP, log.ended_at, log.started_at)
    for stage in range(int(journeys.stage.max(initial=-1)) + 1):
        which = (journeys.stage == stage) & np.isfinite(left_queue)
        time = np.concatenate([log.queued_at[which], left_queue[which]])
        step = np.repeat([1, -1], which.sum())
        order = np.lexsort((-step, time))
        length = np.cumsum(step[order])
        assert (length >= 0).all()
        if tables.places[stage] >= 0 and tables.closing[stage] != Closing.SEND_HOME:
            after = np.append(np.diff(time[order]) > 0, True)
            assert (length[after[: len(length)]] <= tables.places[stage]).all()
        area = math.fsum(length[:-1] * np.diff(time[order]))
        waits = math.fsum(left_queue[which] - log.queued_at[which])
        assert math.isclose(area, waits, rel_tol=1e-9, abs_tol=1e-9)


def check_work(journeys: Journeys, log: VisitLog, tables: OfficeTables) -> None:
    """Servers are busy for the minutes drawn and while they stay, with one case at a time, and none is lost.

    For the minutes drawn times the pace of the stage if so many others wait as the service begins.
    """
    started = np.isfinite(log.started_at) & (journeys.stage >= 0)
    assert (started == (log.server != NOWHERE)).all()
    served = started & (log.outcome == SERVED)
    took = np.ones(journeys.visits)
    for number in np.flatnonzero(served):
        stage, start = journeys.stage[number], log.started_at[number]
        beside = (journeys.stage == stage) & (np.arange(journeys.visits) != number)
        left_queue = np.fmin(log.started_at, log.ended_at)
        # Of those who come or go at this very moment it is not said whether they wait.
        fewest = np.count_nonzero(beside & (log.queued_at < start) & ~(left_queue <= start))
        most = np.count_nonzero(beside & (log.queued_at <= start) & ~(left_queue < start))
        pace = np.where(np.array([fewest, most]) < tables.pace_from[stage], 1.0, tables.pace_factor[stage])
        so_long = log.ended_at[number] == start + journeys.minutes[number] * pace
        assert so_long.any()
        took[number] = pace[so_long.argmax()]
    alone = served & (journeys.stays_until == np.arange(journeys.visits))
    assert (log.freed_at[alone] == log.ended_at[alone]).all()
    freed = served & np.isfinite(log.freed_at)
    assert (log.freed_at[freed] >= log.ended_at[freed]).all()
    for server in range(tables.servers):
        mine = np.flatnonzero(freed & (log.server == server))
        mine = mine[np.lexsort((log.freed_at[mine], log.started_at[mine]))]
        assert (log.started_at[mine][1:] >= log.freed_at[mine][:-1]).all()
        busy = math.fsum(log.freed_at[mine] - log.started_at[mine])
        given = math.fsum((journeys.minutes * took)[mine]) + math.fsum(log.freed_at[mine] - log.ended_at[mine])
        assert math.isclose(busy, given, rel_tol=1e-9, abs_tol=1e-9)


def check_duty(journeys: Journeys, log: VisitLog, tables: OfficeTables) -> None:
    """A case is taken by a server with the skill, on duty; or off duty since the closing, to clear the queue.

    And none is taken during an outage.
    """
    for stage in range(tables.stages):
        starts = log.started_at[(journeys.stage == stage) & (log.server != NOWHERE)]
        begin, end = (
            tables.entry_time[(tables.entry_kind == kind) & (tables.entry_subject == stage)]
            for kind in (OUTAGE_BEGINS, OUTAGE_ENDS)
        )
        for since, until in zip(begin, np.append(end, np.inf), strict=False):
            assert not ((starts >= since) & (starts < until)).any()
    pool_of, opening, duty = tables.pool_of_server(), _states(tables.opening), _states(tables.duty)
    for v in np.flatnonzero(log.server != NOWHERE):
        server, stage, start = int(log.server[v]), int(journeys.stage[v]), log.started_at[v]
        assert stage in tables.choice_stage[tables.choice_pool == pool_of[server]]
        opened, closed_at = opening(stage, start)
        on_duty, off_at = duty(server, start)
        serves_on = tables.closing[stage] == Closing.SERVE and not opened and log.queued_at[v] < closed_at
        assert opened or serves_on
        assert on_duty or (serves_on and off_at == closed_at)


def _states(spans: Any) -> Callable[[int, float], tuple[bool, float]]:
    """Return a function of subject and instant: is it in one of its intervals, and the last end not after it."""
    bounds = [(spans.begin[i:j].tolist(), spans.end[i:j].tolist()) for i, j in pairwise(spans.first)]
    assert all(times == sorted(times) for both in bounds for times in both)

    def state(subject: int, at: float) -> tuple[bool, float]:
        begin, end = bounds[subject]
        ended = bisect_right(end, at)
        return bisect_right(begin, at) > ended, end[ended - 1] if ended else -math.inf

    return state


def check_order(journeys: Journeys, log: VisitLog, tables: OfficeTables) -> None:
    """Nobody is taken before one who goes first and may be taken (those sent home may be away and do not count).

    First goes the more urgent, of these who came first, of these the lower case number; of the equally urgent the other
    way round where the newest goes first.
    """
    left_queue = np.where(log.outcome == GAVE_UP, log.ended_at, log.started_at)
    left_queue = np.where(np.isnan(left_queue), np.inf, left_queue)
    case, opening = journeys.case_of_visit(), _states(tables.opening)
    for a in np.flatnonzero(log.server != NOWHERE):
        stage, start = int(journeys.stage[a]), log.started_at[a]
        is_open, closed_at = opening(stage, start)
        may_be_taken = (
            (journeys.stage == stage)
            & (log.trips == 0)
            & (log.queued_at < (start if is_open else closed_at))
            & (left_queue > start)
        )
        for b in np.flatnonzero(may_be_taken):
            way = -1 if tables.newest_first[stage] else 1
            place_a, place_b = ((journeys.priority[v], way * log.queued_at[v], way * case[v]) for v in (a, b))
            assert place_a < place_b


def check_patience(journeys: Journeys, log: VisitLog, tables: OfficeTables) -> None:
    """Whoever gives up does so when patience ends, or before for want of a place; nobody is served later."""
    patience_ends = log.queued_at + journeys.patience
    never_home = (log.trips == 0) & (journeys.stage >= 0)
    gave_up = never_home & (log.outcome == GAVE_UP)
    assert (log.ended_at[gave_up] <= patience_ends[gave_up]).all()
    room = gave_up & (tables.places[np.maximum(journeys.stage, 0)] < 0)
    assert (log.ended_at[room] == patience_ends[room]).all()
    started = never_home & (log.server != NOWHERE)
    assert (log.started_at[started] <= patience_ends[started]).all()


def check_all(journeys: Journeys, log: VisitLog, tables: OfficeTables) -> None:
    check_conservation(journeys, log)
    check_queues(journeys, log, tables)
    check_work(journeys, log, tables)
    check_duty(journeys, log, tables)
    check_order(journeys, log, tables)
    check_patience(journeys, log, tables)
