"""Late cases of one replication: where their minutes went, and in which half-hours of the week they waited.

The clocks are those of `clocks_of`, taken apart case by case; whoever wants the means of all cases asks `measure`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures.clocks import clocks_of
from sim.measures.kpis import AUTOMATIC
from sim.office.blocks import Office
from sim.office.hours import SLOT, SLOTS
from sim.office.tables import Spans
from sim.records import GAVE_UP, MACHINE_TIME, NOT_MADE, OF_OTHERS, Journeys, VisitLog

F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]

WAIT, CLOSED, SERVICE, OWN_TIME, OUTSIDE, OTHER = "wait", "closed", "service", "own time", "outside", "other"
_AWAY = -10_000
"""In place of the stage of a visit that is somebody's outside the office."""
WEEKDAYS = 7
CLOSED_MATTERS = 0.3
"""Share of the late cases that came to a closed stage, from which on that is worth a word, and what may mend it."""
NEGLIGIBLE = 1e-6
"""Minutes: what is left of a clock by rounding."""


class Part(NamedTuple):
    """A part of a clock: waiting or service at a stage (or by machines), the applicant's own time, or that outside.

    Waiting is of two kinds: of who came to the stage while it was open, and of who came while it was closed.
    """

    kind: str
    stage: str


@dataclass(frozen=True)
class Lateness:
    """The cases on target that were submitted, and those of them that were late.

    Attributes
    ----------
    clock : (cases,) float64
        Of the target [min]; inf = never got the licence.
    late : (cases,) bool
        Took longer than the target's minutes.
    parts : tuple of Part
    minutes : (parts, cases) float64
        Of each case; they sum to its clock, if that is finite.
    closed : (cases,) bool
        Waited at a stage, in minutes of the clock, to which it had come while that was closed.
    unopened : (cases,) float64
        Minutes of the clock until a stage opened to which the case had come while it was closed.
    week : (stages, 7, 48) float64
        Minutes that late cases waited, by stage of the office, weekday (Monday = 0) and half-hour in which they did; a
        worked weekend day is a Saturday or a Sunday. Without those that never got the licence.
    """

    clock: F64
    late: Flags
    parts: tuple[Part, ...]
    minutes: F64
    closed: Flags
    unopened: F64
    week: F64

    @property
    def never(self) -> int:
        """Number of late cases that never got the licence: they have no minutes."""
        return int(np.isinf(self.clock).sum())

    @property
    def late_share(self) -> float:
        """Late cases, those that never got the licence included, of all; NaN if there are none."""
        return float(self.late.mean()) if len(self.late) else np.nan

    def minutes_of(self, part: Part) -> F64:
        """Return the minutes of each case in a part, shape (cases,)."""
        return self.minutes[self.parts.index(part)] if part in self.parts else np.zeros(len(self.clock))

    def mean_minutes(self, late: bool) -> F64:
        """Return the mean minutes of the parts over the late cases, or over those in time, shape (parts,).

        NaN if there are none that got the licence.
        """
        which = (self.late == late) & np.isfinite(self.clock)
        return self.minutes[:, which].mean(axis=1) if which.any() else np.full(len(self.parts), np.nan)


@dataclass(frozen=True)
class _Visits:
    """The visits that were made, in the order of time within a case."""

    case: NDArray[np.int32]
    stage: NDArray[np.int64]
    queued: F64
    opened: F64
    left_queue: F64
    ended: F64
    gave_up: Flags

    def only(self, which: Flags) -> _Visits:
        return _Visits(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def lateness(office: Office, journeys: Journeys, log: VisitLog) -> Lateness:
    """Return where the minutes of late cases, and of those in time, went.

    Parameters
    ----------
    office, journeys, log
        The office, what was drawn for it, and what an engine made of it.

    Notes
    -----
    The licence time is waiting at counted stages within counted hours, and service there and by machines; `touch` is
    the service alone. The other two clocks go by the wall clock: from the first counted visit, or from the first
    contact, all waiting, service and own time, whatever the hour.
    """
    clock, clocks = office.target.clock, clocks_of(office, journeys, log)
    cases = np.flatnonzero(clocks.on_target & ~np.isnan(clocks[clock]))
    total = clocks[clock][cases]
    number = np.full(journeys.cases, -1)
    number[cases] = np.arange(len(cases))
    visits = _made(office, journeys, log)
    counted_stage = np.append([stage.counted for stage in office.stages], False)
    at_stage, machine = visits.stage >= 0, visits.stage == MACHINE_TIME
    outside = visits.stage == _AWAY
    within = (at_stage & counted_stage[np.where(at_stage, visits.stage, -1)]) | machine
    if clock == "door_to_door":
        # From the first of them on.
        first = np.full(journeys.cases, len(visits.case))
        begins = within | outside
        of_case, place = np.unique(visits.case[begins], return_index=True)
        first[of_case] = np.flatnonzero(begins)[place]
        within = np.arange(len(visits.case)) >= first[visits.case]
    elif clock == "journey":
        within = np.ones(len(visits.case), bool)
    shown = visits.only(within & (number[visits.case] >= 0))
    of = number[shown.case]
    count = _Hours(clocks.counted) if clock == "licence" else _every_minute
    waits = np.maximum(count(shown.left_queue) - count(shown.queued), 0.0)
    service = np.where(shown.gave_up, 0.0, shown.ended - shown.left_queue)

    found: dict[Part, F64] = {}
    came_closed = (shown.opened > shown.queued) & (clock != "touch")
    closed = np.zeros(len(cases), bool)
    closed[of[came_closed & (waits > NEGLIGIBLE)]] = True
    for s, stage in enumerate(office.stages):
        here = shown.stage == s
        for kind, minutes, which in ((WAIT, waits, here & ~came_closed), (CLOSED, waits, here & came_closed),
                                     (SERVICE, service, here)):  # fmt: skip
            if which.any() and not (kind == WAIT and clock == "touch") and (kind != CLOSED or minutes[which].any()):
                found[Part(kind, stage.name)] = _sums(of[which], minutes[which], len(cases))
    until = np.minimum(shown.opened, shown.left_queue)[came_closed]
    unopened = _sums(of[came_closed], np.maximum(count(until) - count(shown.queued[came_closed]), 0.0), len(cases))
    for part, here in ((Part(SERVICE, AUTOMATIC), shown.stage == MACHINE_TIME),
                       (Part(OUTSIDE, ""), shown.stage == _AWAY),
                       (Part(OWN_TIME, ""), (shown.stage < 0) & (shown.stage != MACHINE_TIME) & (shown.stage != _AWAY)),
                       ):  # fmt: skip
        if here.any():
            found[part] = _sums(of[here], (shown.ended - shown.queued)[here], len(cases))
    minutes = np.array(list(found.values())).reshape(len(found), len(cases))
    rest = np.where(np.isfinite(total), total - minutes.sum(axis=0), 0.0)
    if (np.abs(rest) > NEGLIGIBLE).any():
        found[Part(OTHER, "")] = rest
        minutes = np.vstack([minutes, rest])
    late = total > office.target.minutes
    waited = shown.only((late & np.isfinite(total))[of] & (waits > 0) & (shown.stage >= 0))
    week = np.zeros((len(office.stages), WEEKDAYS, SLOTS))
    if clock != "touch":
        week = _week(office, waited, count, log.days)
    return Lateness(total, late, tuple(found), minutes, closed, unopened, week)


def closed_to(office: Office, of: Sequence[Lateness]) -> tuple[float, str]:
    """Return the share of the late cases that came to a closed stage, and the stage at which these waited most.

    NaN if none is late; no stage (an empty text) where the share is not worth a word.
    """
    late = [each for each in of if each.late.any()]
    if not late:
        return np.nan, ""
    share = float(np.mean([each.closed[each.late].mean() for each in late]))
    waited = {stage.name: sum(each.minutes_of(Part(CLOSED, stage.name))[each.late].sum() for each in late)
              for stage in office.stages}  # fmt: skip
    most = max(waited, key=lambda name: waited[name])
    return share, most if share >= CLOSED_MATTERS and waited[most] > 0 else ""


def _made(office: Office, journeys: Journeys, log: VisitLog) -> _Visits:
    made = log.outcome != NOT_MADE
    gave_up = log.outcome[made] == GAVE_UP
    ended = log.ended_at[made]
    stage = journeys.stage[made].astype(np.int64)
    stage[(stage < 0) & (journeys.priority[made] == OF_OTHERS)] = _AWAY
    queued = log.queued_at[made]
    opened = queued.copy()
    for number, there in enumerate(office.stages):
        opens, closes = there.open.intervals(office.days, log.days)
        here = stage == number
        row = np.searchsorted(closes, queued[here], side="right")
        opened[here] = np.maximum(queued[here], np.append(opens, np.inf)[row])
    # Who is away waits for nobody.
    left = np.where(gave_up, ended, np.where(stage >= 0, log.started_at[made], queued))
    return _Visits(journeys.case_of_visit()[made], stage, queued, opened, left, ended, gave_up)


def _sums(group: NDArray[np.int64], minutes: F64, groups: int) -> F64:
    """Return the sum of minutes in each group; without any, bincount would count in whole numbers."""
    return np.asarray(np.bincount(group, minutes, groups), np.float64)


def _every_minute(moment: F64) -> F64:
    """Count by the wall clock."""
    return moment


class _Hours:
    """Counts the minutes within the counted hours before a moment."""

    def __init__(self, spans: Spans) -> None:
        self.spans = spans
        begin, end, before = spans.begin, spans.end, spans.before
        self.total = float(before[-1] + end[-1] - begin[-1]) if len(begin) else 0.0

    def __call__(self, moment: F64) -> F64:
        row = np.searchsorted(self.spans.end, moment, side="right")
        beyond = row >= len(self.spans.end)
        row = np.where(beyond, 0, row)
        if not len(self.spans.end):
            return np.zeros(len(moment))
        inside = self.spans.before[row] + np.maximum(moment - self.spans.begin[row], 0.0)
        return np.where(beyond, self.total, inside)


def _week(office: Office, waited: _Visits, count: Callable[[F64], F64], days: int) -> F64:
    """Return the minutes waited by stage, weekday and half-hour, shape (stages, 7, 48).

    A wait has a part of the half-hours in which it begins and ends, and all that counts of those between.
    """
    slots = days * SLOTS
    edge = count(np.arange(slots + 2, dtype=np.float64) * SLOT)
    first = np.minimum((waited.queued / SLOT).astype(np.int64), slots)
    last = np.minimum((waited.left_queue / SLOT).astype(np.int64), slots)
    same = first == last
    begin, end = count(waited.queued), count(waited.left_queue)
    found = np.zeros((len(office.stages), slots + 1))
    for s in range(len(office.stages)):
        here = waited.stage == s
        alone, many = here & same, here & ~same
        line = _sums(first[alone], (end - begin)[alone], slots + 1)
        line += _sums(first[many], (edge[first + 1] - begin)[many], slots + 1)
        line += _sums(last[many], (end - edge[last])[many], slots + 1)
        whole = np.bincount(first[many] + 1, minlength=slots + 2) - np.bincount(last[many], minlength=slots + 2)
        found[s] = line + np.cumsum(whole)[: slots + 1] * np.diff(edge)
    by_day = found[:, :slots].reshape(len(office.stages), days, SLOTS)
    monday = 0 if office.days.first is None else office.days.first.weekday()
    weekday = (monday + np.arange(days)) % WEEKDAYS
    return np.stack([by_day[:, weekday == day].sum(axis=1) for day in range(WEEKDAYS)], axis=1)


__all__ = ["CLOSED", "OTHER", "OUTSIDE", "OWN_TIME", "SERVICE", "WAIT", "Lateness", "Part", "closed_to", "lateness"]
