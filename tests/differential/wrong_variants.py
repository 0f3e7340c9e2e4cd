"""The catalogue of wrong variants; each breaks one rule of the office."""

from __future__ import annotations

from math import inf
from textwrap import indent
from typing import Any

from wrong_engine import Variant

from sim.engines.rules import SEND_HOME, SERVE


def _in_opening_hours_or_at_closing(
    now: float, minutes: float, row: int, stop: int, begin: Any, end: Any, before: Any
) -> float:
    """Allow to be back at the closing instant; otherwise the rule's own arithmetic, to the last bit."""
    rows = [i for i in range(row, stop) if end[i] > now]
    if rows:
        goal = before[rows[0]] + max(now - begin[rows[0]], 0.0) + minutes
        for i in rows:
            if before[i] + (end[i] - begin[i]) >= goal:
                return float(max(begin[i] + (goal - before[i]) - now, 0.0))
    return inf


DECISIONS = (
    # Closing and outages.
    Variant("an arrival at the closing instant is in time", {
        "may_be_taken": lambda is_open, broken, closing, queued_at, closed_at:
            not broken and (is_open or (closing == SERVE and queued_at <= closed_at)),
    }),
    Variant("arrivals after the closing are served too", {
        "may_be_taken": lambda is_open, broken, closing, queued_at, closed_at:
            not broken and (is_open or closing == SERVE),
    }),
    Variant("whoever should be carried over is served", {
        "may_be_taken": lambda is_open, broken, closing, queued_at, closed_at:
            not broken and (is_open or (closing != SEND_HOME and queued_at < closed_at)),
    }),
    Variant("nobody is served after the closing", {
        "may_be_taken": lambda is_open, broken, closing, queued_at, closed_at: not broken and is_open,
    }),
    Variant("cases are taken during an outage", {
        "may_be_taken": lambda is_open, broken, closing, queued_at, closed_at:
            is_open or (closing == SERVE and queued_at < closed_at),
    }),
    # Who may serve.
    Variant("off duty nobody clears a stage that closed", {
        "may_take": lambda on_duty, off_at, is_open, closing, closed_at: on_duty,
    }),
    Variant("whoever was ever on duty clears a stage that closed", {
        "may_take": lambda on_duty, off_at, is_open, closing, closed_at:
            on_duty or (not is_open and closing == SERVE and off_at > -inf),
    }),
    Variant("whoever's duty ended after the closing clears the stage", {
        "may_take": lambda on_duty, off_at, is_open, closing, closed_at:
            on_duty or (not is_open and closing == SERVE and off_at >= closed_at),
    }),
    Variant("whoever clears a stage goes on after it has opened again", {
        "may_take": lambda on_duty, off_at, is_open, closing, closed_at:
            on_duty or (closing == SERVE and off_at == closed_at),
    }),
    Variant("overtime is worked whatever the closing rule", {
        "may_be_taken": lambda is_open, broken, closing, queued_at, closed_at:
            not broken and (is_open or queued_at < closed_at),
        "may_take": lambda on_duty, off_at, is_open, closing, closed_at:
            on_duty or (not is_open and off_at == closed_at),
    }),
    Variant("a threshold has to be exceeded", {"enough_waiting": lambda waiting, threshold: waiting > threshold}),
    Variant("thresholds are ignored", {"enough_waiting": lambda waiting, threshold: waiting > 0}),
    Variant("a number has to be exceeded for another pace", {
        "pace": lambda waiting, from_waiting, factor: factor if waiting > from_waiting else 1.0,
    }),
    Variant("who is served counts as waiting", {
        "pace": lambda waiting, from_waiting, factor: factor if waiting + 1 >= from_waiting else 1.0,
    }),
    Variant("the pace is always the same", {"pace": lambda waiting, from_waiting, factor: 1.0}),
    # The order of a queue, given as priority, first arrival and number of two cases.
    Variant("priority is ignored", {"goes_before": lambda *two: two[1:3] < two[4:6]}),
    Variant("the larger priority number goes first", {
        "goes_before": lambda *two: (-two[0], two[1], two[2]) < (-two[3], two[4], two[5]),
    }),
    Variant("of equals the higher case number goes first", {
        "goes_before": lambda *two: (two[0], two[1], -two[2]) < (two[3], two[4], -two[5]),
    }),
    Variant("the last to come goes first", {
        "goes_before": lambda *two: (two[0], -two[1], two[2]) < (two[3], -two[4], two[5]),
    }),
    Variant("the newest goes first nowhere", {"goes_before": lambda *two: two[:3] < two[3:6]}),
    Variant("of the newest the lower case number goes first", {
        "goes_before": lambda *two:
            two[:3] < two[3:6] if not two[6] else (two[0], -two[1], two[2]) < (two[3], -two[4], two[5]),
    }),
    Variant("the newest goes first whatever the priority", {
        "goes_before": lambda *two: two[:3] < two[3:6] if not two[6] else two[1:3] > two[4:6],
    }),
    Variant("there is one waiting place more", {
        "finds_no_place": lambda standing, places: places >= 0 and standing > places,
    }),
    # Servers who stay with a case; own time in opening hours.
    Variant("a server stays with a case in overtime", {
        "stays_with_case": lambda on_duty, visit, stays_until: stays_until > visit,
    }),
    Variant("a server never stays", {"stays_with_case": lambda on_duty, visit, stays_until: False}),
    Variant("a server leaves before the last visit that he stays for", {
        "lets_go": lambda next_visit, stays_until: next_visit < 0 or next_visit >= stays_until,
    }),
    Variant("a server stays until the case has left", {"lets_go": lambda next_visit, stays_until: next_visit < 0}),
    Variant("own time passes outside the opening hours too", {
        "delay_in_opening_hours": lambda now, minutes, *hours: minutes,
    }),
    Variant("own time may end at the closing instant", {"delay_in_opening_hours": _in_opening_hours_or_at_closing}),
)  # fmt: skip

_FREE_SERVERS_TAKE = "            self._free_servers_take_cases()\n"
_IMPATIENT_GIVE_UP = "            self._impatient_give_up()\n"
_NO_PLACE = """\
        for stage in self.stages_with_limited_places:
            while stage.queue and rules.finds_no_place(len(stage.queue) - 1, stage.places):
                self._give_up(stage.queue, -1)
"""
_PATIENCE_ENDED = "        ended, self.patience_ended = self.patience_ended, []\n"
_IF_IT_ENDS_NOW = "            if case.gives_up_at == self.env.now:\n"
_POST_CALENDAR = """\
        times, kinds, subjects = (a.tolist() for a in (tables.entry_time, tables.entry_kind, tables.entry_subject))
        for time, entries in groupby(zip(times, kinds, subjects, strict=True), key=lambda entry: entry[0]):
            self._post(time, self._calendar_entries, [entry[1:] for entry in entries])
"""
_POST_ARRIVALS = """\
        first_visit = journeys.first_visit.tolist()
        for number, arrival in enumerate(journeys.arrival.tolist()):
            visit = first_visit[number] if first_visit[number] < first_visit[number + 1] else NOWHERE
            self._post(arrival, self._arrival, _Case(number, visit))
"""
_CHOICES = "for pool, stage, threshold in zip(*columns, strict=True)"
_POOL_BY_POOL = "for pool, stage, threshold in sorted(zip(*columns, strict=True), key=lambda choice: choice[0])"
_ENOUGH_WAITING = "rules.enough_waiting(len(stage.queue), threshold)"
_TAKEABLE = """(lambda count: rules.enough_waiting(count, threshold))(sum(
                    rules.may_be_taken(stage.is_open, stage.broken, stage.closing, case.queued_at, stage.closed_at)
                    for case in stage.queue
                ))"""
_STATE = "            state = stage.is_open, stage.closing, stage.closed_at\n"
_TURN = "                case.turn.succeed(server)\n"
_MAY_TAKE = "rules.may_take(server.on_duty, server.off_at, *state)"
_BEGIN_TO_WAIT = "        case.gives_up_at = rules.gives_up_at(self.env.now, patience)\n"
_SERVICE = "        yield self._lasting(self.minutes[visit] * server.pace)\n"
_ARRIVES_WHILE_CLOSED = "            self._go_home(case, stage)\n        else:\n"

EDITS = (
    # Rounds of an instant.
    Variant("the calendar does not come first", edits=(
        (_POST_CALENDAR + _POST_ARRIVALS, _POST_ARRIVALS + _POST_CALENDAR),
    )),
    Variant("servers take cases before all has happened at the instant", edits=(
        ("if self.env.peek() <= self.env.now:", "if False:"),
    )),
    Variant("the impatient give up before servers take cases", edits=(
        (_FREE_SERVERS_TAKE + _IMPATIENT_GIVE_UP, _IMPATIENT_GIVE_UP + _FREE_SERVERS_TAKE),
    )),
    Variant("the impatient give up one by one, each in a round of his own", edits=((
        _PATIENCE_ENDED,
        "        ended, self.patience_ended = self.patience_ended[:1], self.patience_ended[1:]\n"
        "        if self.patience_ended:\n"
        "            self._call_round()\n",
    ),)),
    Variant("a timer of an earlier wait still counts", edits=(
        (_IF_IT_ENDS_NOW, "            if case.gives_up_at < inf:\n"),
    )),
    Variant("waiting places are given before the impatient have left", edits=(
        (_NO_PLACE, ""), (_PATIENCE_ENDED, _NO_PLACE + _PATIENCE_ENDED),
    )),
    Variant("whoever finds no place leaves before servers take cases", edits=(
        (_FREE_SERVERS_TAKE, indent(_NO_PLACE, "    ") + _FREE_SERVERS_TAKE),
    )),
    # Who takes whom.
    Variant("the highest number of the free servers takes the case", edits=(
        ("            for server in servers:\n", "            for server in reversed(servers):\n"),
    )),
    Variant("all choices of a pool come before those of the next pool", edits=((_CHOICES, _POOL_BY_POOL),)),
    Variant("one case is taken at a time, though two servers are free", edits=(
        (_TURN, _TURN + "                break\n"),
    )),
    Variant("a threshold counts only those who may be taken", edits=((_ENOUGH_WAITING, _TAKEABLE),)),
    Variant("a threshold counts those who waited when the pool's turn began", edits=(
        (_STATE, _STATE + "            waiting = len(stage.queue)\n"),
        (_ENOUGH_WAITING, "rules.enough_waiting(waiting, threshold)"),
    )),
    Variant("at the end of duty one more case is taken", edits=(
        (_MAY_TAKE, "rules.may_take(server.on_duty or server.off_at == self.env.now, server.off_at, *state)"),
    )),
    Variant("a server stays with a case beyond the end of duty", edits=(("if server.stays_with:", "if False:"),)),
    # Outages, patience, going home.
    Variant("an outage interrupts the services in hand", edits=(
        (_SERVICE, _SERVICE + "        while stage.broken:\n            yield self._lasting(1.0)\n"),
    )),
    Variant("an outage stops patience", edits=((
        _IF_IT_ENDS_NOW,
        "            if case.gives_up_at == self.env.now and not self.stages[self.stage[case.visit]].broken:\n",
    ),)),
    Variant("patience does not end while the stage is closed", edits=((
        _IF_IT_ENDS_NOW,
        "            if case.gives_up_at == self.env.now and self.stages[self.stage[case.visit]].is_open:\n",
    ),)),
    Variant("patience counts from the first arrival, not afresh", edits=(
        ("rules.gives_up_at(self.env.now, patience)", "rules.gives_up_at(case.queued_at, patience)"),
    )),
    Variant("whoever comes back has lost the old place", edits=(
        (_BEGIN_TO_WAIT, "        case.queued_at = self.env.now\n" + _BEGIN_TO_WAIT),
    )),
    Variant("coming while it is closed is not counted as a trip", edits=(
        (_ARRIVES_WHILE_CLOSED, "            self.trips[visit] -= 1\n" + _ARRIVES_WHILE_CLOSED),
    )),
)  # fmt: skip

VARIANTS = DECISIONS + EDITS
