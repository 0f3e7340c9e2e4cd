"""What happened in a played office: how often each situation came up that a rule is about."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import Closing
from sim.office.tables import OfficeTables, Spans
from sim.records import GAVE_UP, OWN_TIME, SERVED, Journeys, VisitLog

Flags = NDArray[np.bool_]

ROUNDING = 1e-6
"""Minutes by which a difference of two times may be off."""


def situations(journeys: Journeys, tables: OfficeTables, log: VisitLog) -> Counter[str]:
    """Count the situations that came up, by name."""
    return Counter(
        {
            "case without any visit": int((np.diff(journeys.first_visit) == 0).sum()),
            "case that never finishes": log.left,
            **_ends(journeys, tables, log),
            **_servers(journeys, tables, log),
            **_closing_and_outages(journeys, tables, log),
            **_ties(journeys, log),
        }
    )


def _ends(journeys: Journeys, tables: OfficeTables, log: VisitLog) -> dict[str, int]:
    at_stage = journeys.stage >= 0
    made = np.isfinite(log.queued_at)
    served, gave_up = log.outcome == SERVED, log.outcome == GAVE_UP
    never_home = log.trips == 0
    impatient = gave_up & never_home & (log.queued_at + journeys.patience == log.ended_at)
    limited = np.where(at_stage, tables.places[np.maximum(journeys.stage, 0)] >= 0, False)
    in_hours = journeys.stage < OWN_TIME - 1
    away_for = log.ended_at - log.queued_at
    waited_on = log.started_at > log.queued_at + journeys.patience
    return {
        "visit to a stage": _count(at_stage & made),
        "served at a stage": _count(at_stage & served),
        "gave up": _count(gave_up),
        "gave up when patience ended": _count(impatient),
        "gave up for want of a waiting place": _count(gave_up & never_home & ~impatient & limited),
        "went on after giving up": _count(gave_up & (journeys.if_gave_up >= 0)),
        "sent home": int(log.trips.sum()),
        "sent home twice": _count(log.trips >= 2),
        "served after patience had begun afresh": _count((log.trips > 0) & waited_on),
        "service of no minutes": _count(at_stage & served & (journeys.minutes == 0)),
        "away for more than an hour": _count(~at_stage & served & (away_for > 60)),
        "away for no minutes": _count(~at_stage & served & (log.ended_at == log.queued_at)),
        "own time in opening hours": _count(in_hours & served),
        "own time that waited for an opening": _count(in_hours & served & (away_for > journeys.minutes + ROUNDING)),
    }


def _servers(journeys: Journeys, tables: OfficeTables, log: VisitLog) -> dict[str, int]:
    taken = np.flatnonzero(log.server >= 0)
    stage, server = journeys.stage[taken], log.server[taken]
    pool = tables.pool_of_server()[server][:, None]
    choice = ((tables.choice_pool == pool) & (tables.choice_stage == stage[:, None])).argmax(axis=1)
    rank_of_choice = np.tril(tables.choice_pool[:, None] == tables.choice_pool, -1).sum(axis=1)
    rank, threshold = rank_of_choice[choice], tables.choice_threshold[choice]
    ended, freed = log.ended_at[taken], log.freed_at[taken]
    on_duty_at_end = _within(tables.duty, server, ended)
    would_stay = journeys.stays_until[taken] > taken
    owner = np.repeat(np.arange(tables.servers), np.diff(tables.duty.first))
    duty_ended = ((owner == server[:, None]) & (tables.duty.end == freed[:, None])).any(axis=1)
    case = journeys.case_of_visit()
    event_of_case = (log.queued_at == freed[:, None]) | (log.ended_at == freed[:, None])
    case_moved_on = ((case == case[taken][:, None]) & event_of_case).any(axis=1)
    return {
        "taken by a server of second choice": _count(rank == 1),
        "taken by a server of third choice": _count(rank >= 2),
        "taken when enough were waiting": _count(threshold >= 2),
        "served at another pace, since many waited": _count(ended != log.started_at[taken] + journeys.minutes[taken]),
        "finished at the end of duty or later": _count(np.isfinite(ended) & ~on_duty_at_end),
        "server stayed with the case": _count(freed > ended),
        "stay ended by the end of duty": _count((freed > ended) & duty_ended & ~case_moved_on),
        "no stay because of overtime": _count(would_stay & (freed == ended) & ~on_duty_at_end),
    }


def _closing_and_outages(journeys: Journeys, tables: OfficeTables, log: VisitLog) -> dict[str, int]:
    taken = np.flatnonzero(log.server >= 0)
    stage, server = journeys.stage[taken], log.server[taken]
    queued, started = log.queued_at[taken], log.started_at[taken]
    rule = tables.closing[stage]
    after_closing = ~_within(tables.opening, stage, started)
    on_duty = _within(tables.duty, server, started)
    closing_of = np.repeat(np.arange(tables.stages), np.diff(tables.opening.first))
    closings = tables.opening.end
    closed_while_waiting = (queued[:, None] < closings) & (closings <= started[:, None])
    carried_over = (closed_while_waiting & (closing_of == stage[:, None])).any(axis=1) & (rule == Closing.CARRY_OVER)
    broken = journeys.outage_stage == stage[:, None]
    ended = log.ended_at[taken][:, None]
    begin, end = journeys.outage_from, journeys.outage_to
    return {
        "taken after closing by a server on duty": _count(after_closing & on_duty),
        "taken after closing in overtime": _count(after_closing & ~on_duty),
        "carried over to the next opening": _count(carried_over),
        "came while closed and waited for the opening": _count(
            (rule != Closing.SEND_HOME) & ~_within(tables.opening, stage, queued) & ~after_closing
        ),
        "waited through an outage": _count((broken & (queued[:, None] < end) & (end <= started[:, None])).any(axis=1)),
        "served on when an outage began": _count((broken & (started[:, None] < begin) & (begin < ended)).any(axis=1)),
    }


def _ties(journeys: Journeys, log: VisitLog) -> dict[str, int]:
    made = np.flatnonzero((journeys.stage >= 0) & np.isfinite(log.queued_at))
    stage, queued, priority = journeys.stage[made], log.queued_at[made], journeys.priority[made]
    started, ended = log.started_at[made], log.ended_at[made]
    waited_until = np.nan_to_num(np.where(np.isnan(started), ended, started), nan=np.inf, posinf=np.inf)
    beside = stage[:, None] == stage
    same_instant = beside & (queued[:, None] == queued)
    newer_before = beside & (queued[:, None] > queued) & (started[:, None] < waited_until)
    overtaken, newest = (newer_before & rank for rank in (priority[:, None] < priority, priority[:, None] == priority))
    last_moment = (started > queued) & (started == queued + journeys.patience[made])
    gave_up = (log.outcome[made] == GAVE_UP) & (queued < ended)
    together = gave_up & gave_up[:, None] & (ended[:, None] == ended)
    return {
        "two join a queue at the same instant": _count(np.triu(same_instant, 1)),
        "two give up at the same instant": _count(np.triu(together, 1)),
        "served at the very end of patience": _count(last_moment),
        "overtaken by a case of higher priority": _count(overtaken),
        "overtaken by a newer case of the same priority": _count(newest),
    }


def _within(spans: Spans, subject: NDArray[np.integer], time: NDArray[np.float64]) -> Flags:
    """Say whether each time falls into an interval of its subject."""
    owner = np.repeat(np.arange(len(spans.first) - 1), np.diff(spans.first))
    inside = (spans.begin <= time[:, None]) & (time[:, None] < spans.end)
    return np.asarray(((owner == subject[:, None]) & inside).any(axis=1))


def _count(flags: Flags) -> int:
    return int(np.count_nonzero(flags))
