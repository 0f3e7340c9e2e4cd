"""The reference engine, in SimPy: to be read as a description of the office.

Every case is a SimPy process, `_Play._life`: it is away or visits a stage, joins the queue there, has its
turn or gives up, and moves on. The calendar (duty, opening hours, outages) is posted beforehand.

At one instant things happen in rounds, so that ties need no chance. Phase A is everything that happens by
itself: the calendar's entries, then ends of service, ends of time away and arrivals. When nothing more
happens at this instant, free servers take cases (phase B), and then those whose patience has ended give
up (phase C). What B and C bring about is phase A of the next round of the same instant.

Which case, which server, when: the decisions are in `rules.py`. Here is who waits for what. Queues and servers
are the office's own, because a SimPy `Resource` knows neither duty plans nor rounds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from math import inf, nan
from typing import Any

import numpy as np
import simpy

from sim.engines import rules
from sim.office.tables import OUTAGE_BEGINS, OUTAGE_ENDS, SERVER_OFF, SERVER_ON, STAGE_OPENS, OfficeTables
from sim.records import (
    GAVE_UP,
    NOT_MADE,
    NOWHERE,
    SERVED,
    VISIT_LOG,
    Journeys,
    VisitLog,
    own_time_in_opening_hours,
    rows_of,
)

Life = Generator[simpy.Event, Any, None]
Visiting = Generator[simpy.Event, Any, bool]


def play_process(journeys: Journeys, tables: OfficeTables, ends: float = inf) -> VisitLog:
    """Play the journeys through the office with SimPy.

    Parameters
    ----------
    journeys : Journeys
        What can happen to each case; times in minutes since the first midnight.
    tables : OfficeTables
        Who may serve what, and the calendar.
    ends : float
        By when all have to finish; if they do not, all cases are `left`.

    Returns
    -------
    VisitLog
        Row *i* is visit *i* of the journeys; `left` counts the cases that were not finished when nothing
        could happen any more.
    """
    log = _Play(journeys, tables).run()
    return log if np.fmax.reduce(log.ended_at, initial=-inf) <= ends else VisitLog(log.visit, journeys.cases)


@dataclass(slots=True, eq=False)
class _Case:
    """Someone with a concern, and where he stands at present."""

    number: int
    visit: int = NOWHERE
    priority: int = 0
    queued_at: float = nan
    newest_first: bool = False
    """Whether the stage takes the newest of those of one priority."""
    gives_up_at: float = inf
    """When his patience ends; inf unless he is waiting, so that the timer of an earlier wait means nothing."""
    turn: simpy.Event = field(init=False)
    """Happens when his waiting is over; the value is the server who takes him, or None if he gives up."""
    companion: _Server | None = None
    """The server who stays with him between visits."""

    def __lt__(self, other: _Case) -> bool:
        """Stand before `other` in a queue."""
        mine = self.priority, self.queued_at, self.number
        return rules.goes_before(*mine, other.priority, other.queued_at, other.number, self.newest_first)


@dataclass(slots=True, eq=False)
class _Server:
    """Someone who serves cases, one at a time."""

    number: int
    on_duty: bool = False
    off_at: float = -inf
    idle: bool = True
    """Neither serving nor staying with a case, on duty or not."""
    visit: int = NOWHERE
    """The visit that he serves, or after which he stays with the case."""
    pace: float = 1.0
    """How many times its minutes the service takes."""
    stays_with: _Case | None = None


@dataclass(slots=True, eq=False)
class _Stage:
    """A place where cases wait and are served."""

    closing: int
    places: int
    newest_first: bool
    pace_from: int
    pace_factor: float
    is_open: bool = False
    closed_at: float = -inf
    broken: bool = False
    queue: list[_Case] = field(default_factory=list)
    """Who waits, the first first."""
    at_home: list[_Case] = field(default_factory=list)
    """Who was sent home until the next opening."""
    all_must_wait: bool = False
    """Searched in vain; true until the calendar changes the stage, as newcomers may not be taken either.
    Saves searching long queues overnight."""

    def take_first(self) -> _Case | None:
        """Take the first case that may be taken out of the queue."""
        for standing, case in enumerate(self.queue):
            if rules.may_be_taken(self.is_open, self.broken, self.closing, case.queued_at, self.closed_at):
                return self.queue.pop(standing)
        self.all_must_wait = True
        return None


class _Play:
    """One run of an office; for every column of the journeys and of the log there is a list."""

    def __init__(self, journeys: Journeys, tables: OfficeTables) -> None:
        self.env = simpy.Environment()
        self.hours = tables.opening
        self.closes_at = [  # of each opening interval, by stage
            tables.opening.end[first:stop].tolist() for first, stop in pairwise(tables.opening.first.tolist())
        ]
        rules_of_stages = tables.closing, tables.places, tables.newest_first, tables.pace_from, tables.pace_factor
        self.stages = [_Stage(*own) for own in zip(*(column.tolist() for column in rules_of_stages), strict=True)]
        self.stages_with_limited_places = [stage for stage in self.stages if stage.places >= 0]
        self.servers = [_Server(number) for number in range(tables.servers)]
        self.choices = self._choices(tables)
        self.patience_ended: list[_Case] = []
        self.round_called = False
        self.left = journeys.cases

        self.stage = journeys.stage.tolist()
        self.minutes = journeys.minutes.tolist()
        self.patience = journeys.patience.tolist()
        self.priority = journeys.priority.tolist()
        self.if_served = journeys.if_served.tolist()
        self.if_gave_up = journeys.if_gave_up.tolist()
        self.stays_until = journeys.stays_until.tolist()

        visits = journeys.visits
        self.queued_at, self.started_at, self.ended_at, self.freed_at = ([nan] * visits for _ in range(4))
        self.server, self.outcome, self.trips = [NOWHERE] * visits, [NOT_MADE] * visits, [0] * visits

        # Everything planned is posted now, at time 0: a delay counted from later on would lose bits. The
        # calendar goes first, because SimPy plays the events of one instant in the order of posting.
        times, kinds, subjects = (a.tolist() for a in (tables.entry_time, tables.entry_kind, tables.entry_subject))
        for time, entries in groupby(zip(times, kinds, subjects, strict=True), key=lambda entry: entry[0]):
            self._post(time, self._calendar_entries, [entry[1:] for entry in entries])
        first_visit = journeys.first_visit.tolist()
        for number, arrival in enumerate(journeys.arrival.tolist()):
            visit = first_visit[number] if first_visit[number] < first_visit[number + 1] else NOWHERE
            self._post(arrival, self._arrival, _Case(number, visit))

    def _post(self, delay: float, action: Callable[..., None], *subject: object) -> None:
        """Have `action` on `subject` happen `delay` minutes from now."""
        self.env.timeout(delay).callbacks.append(lambda _: action(*subject))

    def _choices(self, tables: OfficeTables) -> list[tuple[_Stage, int, list[_Server]]]:
        """Return (stage, threshold, servers of a pool): all pools' first choices, all second choices, ..."""
        first = tables.pool_first_server.tolist()
        columns = tables.choice_pool.tolist(), tables.choice_stage.tolist(), tables.choice_threshold.tolist()
        return [
            (self.stages[stage], threshold, self.servers[first[pool] : first[pool + 1]])
            for pool, stage, threshold in zip(*columns, strict=True)
        ]

    def run(self) -> VisitLog:
        """Play until nothing can happen any more, and return what happened."""
        self.env.run()
        rows = rows_of(
            VISIT_LOG,
            queued_at=self.queued_at,
            started_at=self.started_at,
            ended_at=self.ended_at,
            freed_at=self.freed_at,
            server=self.server,
            outcome=self.outcome,
            trips=self.trips,
        )
        return VisitLog(rows, self.left)

    # The life of a case.

    def _arrival(self, case: _Case) -> None:
        self.env.process(self._life(case))

    def _life(self, case: _Case) -> Life:
        """Lead a case from visit to visit until it has left."""
        while case.visit != NOWHERE:
            visit = case.visit
            if self.stage[visit] < 0:
                served = yield from self._be_away(visit)
            else:
                served = yield from self._visit_stage(case, self.stages[self.stage[visit]])
            case.visit = self.if_served[visit] if served else self.if_gave_up[visit]
            if case.companion and rules.lets_go(case.visit, self.stays_until[case.companion.visit]):
                self._let_go(case.companion, case)
        self.left -= 1

    def _be_away(self, visit: int) -> Visiting:
        """Let the time of a visit pass that needs no server."""
        now = self.env.now
        delay = self.minutes[visit]
        if self.stage[visit] <= own_time_in_opening_hours(0):
            hours = self.hours
            stage = own_time_in_opening_hours(self.stage[visit])  # the code is its own inverse
            row = int(hours.first[stage]) + bisect_right(self.closes_at[stage], now)
            stop = int(hours.first[stage + 1])
            delay = rules.delay_in_opening_hours(now, delay, row, stop, hours.begin, hours.end, hours.before)
        self.queued_at[visit] = self.started_at[visit] = now
        yield self._lasting(delay)
        self.ended_at[visit] = self.env.now
        self.outcome[visit] = SERVED
        return True

    def _visit_stage(self, case: _Case, stage: _Stage) -> Visiting:
        """Wait for a turn and be served (True), or give up (False)."""
        visit = case.visit
        case.priority, case.newest_first = self.priority[visit], stage.newest_first
        case.queued_at = self.queued_at[visit] = self.env.now
        case.turn = self.env.event()
        if stage.closing == rules.SEND_HOME and not stage.is_open:
            self._go_home(case, stage)
        else:
            self._join_queue(case, stage)
        server = yield case.turn
        if server is None:
            self.ended_at[visit] = self.env.now
            self.outcome[visit] = GAVE_UP
            return False
        self.started_at[visit] = self.env.now
        self.server[visit] = server.number
        yield self._lasting(self.minutes[visit] * server.pace)
        self.ended_at[visit] = self.env.now
        self.outcome[visit] = SERVED
        if rules.stays_with_case(server.on_duty, visit, self.stays_until[visit]):
            server.stays_with, case.companion = case, server
        else:
            self._free(server)
        return True

    def _lasting(self, minutes: float) -> simpy.Event:
        """Return the event that `minutes` have passed; infinitely many never do."""
        return self.env.timeout(minutes) if minutes < inf else self.env.event()

    def _join_queue(self, case: _Case, stage: _Stage) -> None:
        """Begin to wait, or begin again after having been sent home; patience starts afresh."""
        patience = self.patience[case.visit]
        case.gives_up_at = rules.gives_up_at(self.env.now, patience)
        insort(stage.queue, case)
        if patience < inf:
            self._post(patience, self._patience_ends, case)
        self._call_round()

    def _go_home(self, case: _Case, stage: _Stage) -> None:
        case.gives_up_at = inf
        self.trips[case.visit] += 1
        stage.at_home.append(case)

    def _patience_ends(self, case: _Case) -> None:
        """Note whose patience ends now; phase C sees whether he still waits."""
        self.patience_ended.append(case)
        self._call_round()

    # The servers.

    def _free(self, server: _Server) -> None:
        self.freed_at[server.visit] = self.env.now
        server.idle = True
        self._call_round()

    def _let_go(self, server: _Server, case: _Case) -> None:
        """End a server's staying with a case."""
        server.stays_with = case.companion = None
        self._free(server)

    # The rounds of an instant.

    def _call_round(self) -> None:
        """See to it that phases B and C follow when nothing more happens by itself at this instant."""
        if not self.round_called:
            self.round_called = True
            self._post(0, self._round)

    def _round(self) -> None:
        self.round_called = False
        if self.env.peek() <= self.env.now:
            self._call_round()
        else:
            self._free_servers_take_cases()
            self._impatient_give_up()

    def _free_servers_take_cases(self) -> None:
        """Phase B."""
        for stage, threshold, servers in self.choices:
            if not stage.queue or stage.all_must_wait:
                continue
            state = stage.is_open, stage.closing, stage.closed_at
            for server in servers:
                if not (server.idle and rules.may_take(server.on_duty, server.off_at, *state)):
                    continue
                case = stage.take_first() if rules.enough_waiting(len(stage.queue), threshold) else None
                if case is None:
                    break
                server.idle = False
                server.visit = case.visit
                server.pace = rules.pace(len(stage.queue), stage.pace_from, stage.pace_factor)
                case.gives_up_at = inf
                case.turn.succeed(server)

    def _impatient_give_up(self) -> None:
        """Phase C: whose patience has ended, and then, of those who remain, who finds no waiting place."""
        ended, self.patience_ended = self.patience_ended, []
        for case in ended:
            if case.gives_up_at == self.env.now:
                queue = self.stages[self.stage[case.visit]].queue
                self._give_up(queue, bisect_left(queue, case))
        for stage in self.stages_with_limited_places:
            while stage.queue and rules.finds_no_place(len(stage.queue) - 1, stage.places):
                self._give_up(stage.queue, -1)

    def _give_up(self, queue: list[_Case], standing: int) -> None:
        case = queue.pop(standing)
        case.gives_up_at = inf
        case.turn.succeed(None)

    # The calendar.

    def _calendar_entries(self, entries: list[tuple[int, int]]) -> None:
        """Do all that is planned for this instant."""
        for kind, subject in entries:
            if kind in (SERVER_ON, SERVER_OFF):
                self._change_duty(self.servers[subject], kind == SERVER_ON)
            else:
                self._change_stage(self.stages[subject], kind)
        self._call_round()

    def _change_duty(self, server: _Server, on_duty: bool) -> None:
        server.on_duty = on_duty
        if not on_duty:
            server.off_at = self.env.now
            if server.stays_with:
                self._let_go(server, server.stays_with)

    def _change_stage(self, stage: _Stage, kind: int) -> None:
        stage.all_must_wait = False
        if kind in (OUTAGE_BEGINS, OUTAGE_ENDS):
            stage.broken = kind == OUTAGE_BEGINS
        elif kind == STAGE_OPENS:
            stage.is_open = True
            coming_back, stage.at_home = stage.at_home, []
            for case in coming_back:
                self._join_queue(case, stage)
        else:
            stage.is_open, stage.closed_at = False, self.env.now
            if stage.closing == rules.SEND_HOME:
                going_home, stage.queue = stage.queue, []
                for case in going_home:
                    self._go_home(case, stage)
