"""Who was at work when, as far as a log shows it: whoever serves nobody is not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sim.office.hours import DAY, SLOT, SLOTS, slots_of
from sim.office.parameters.fields import show_span
from sim.studies.calibrate.log.steps import F64, I32, I64, NOBODY, STAFFED, STEPS, Flags, StepLog
from sim.studies.calibrate.presence.several import AtOnce, at_once

WEEK = 7
ROUNDING = 1e-6
STRAGGLERS = 0.005
"""Share of a step's arrivals below which a half-hour has stragglers only."""
BREAK = 60.0
"""Minutes without a service that take a presence apart, if they touch midday."""
MIDDAY = (11.0 * 60, 14.5 * 60)
"""When a break is had [minutes since midnight]."""
MOSTLY = 0.5
"""Share of the days on which so many were wanted that so many have to be seen."""
DOORS = ("filing", "studio", "key", "issue")
"""Steps that serve whoever has come before closing."""
OVERTIME = 0.1
"""Part of the services that would take up the work of the rest of a day, below which those that begin are stragglers:
what was begun before is finished."""
FEWEST_DAYS = 3
"""Days on which so many were wanted, below which a half-hour says nothing by itself."""


@dataclass(frozen=True, eq=False)
class StaffingSeen:
    """The staffing of a step as a log shows it: at least so many were at work.

    Attributes
    ----------
    step : str
    days : int
        Days on which somebody served at this step.
    by_weekday : (7, 48) int64
        Servers by weekday (Monday = 0) and half-hour from midnight: so many were seen on at least half of the days on
        which so many were wanted.
    counts : (48,) int64
        Likewise over all days.
    method : str
        ``names``, or ``busy at once`` where there are none: then the counts are lower still.
    at_once : AtOnce
        Cases that each has in hand at the same time.
    """

    step: str
    days: int
    by_weekday: I64
    counts: I64
    method: str
    at_once: AtOnce

    @property
    def plan(self) -> dict[str, int]:
        """The plan of a scenario: servers by hours of the day, as in ``{"08:30-12:00": 3, "12:00-17:00": 2}``."""
        return plan_of(self.counts)

    def within(self, hours: Sequence[tuple[float, float]]) -> StaffingSeen:
        """Return it without half-hours in which the step is closed: who finishes a case there is not on duty for it."""
        open_ = slots_of(hours)
        return replace(self, by_weekday=self.by_weekday * open_, counts=self.counts * open_)

    def in_hand_at_most(self, most: int) -> StaffingSeen:
        """Return the same people with no more in hand at once, all together, than so many."""
        cases = min(self.at_once.cases, most // max(int(self.counts.max()), 1))
        return replace(self, at_once=replace(self.at_once, cases=cases))

    def outside(self, hours: Sequence[tuple[float, float]]) -> StaffingSeen:
        """Return it without half-hours in which nothing is begun: what runs over closing is no duty."""
        open_ = ~slots_of(hours)
        return replace(self, by_weekday=self.by_weekday * open_, counts=self.counts * open_)

    def crew(self, begin: float, end: float) -> int:
        """Return the largest number within some hours of the day [min], such as the midday crew."""
        return int(self.counts[int(begin // SLOT) : int(-(-end // SLOT))].max(initial=0))


def plan_of(counts: I64) -> dict[str, int]:
    """Return servers by half-hour, (48,), as hours with the same number; those without servers are left out."""
    edges = np.flatnonzero(np.diff(counts, prepend=counts[0] + 1, append=counts[-1] + 1))
    return {
        show_span((begin * SLOT, end * SLOT)): int(counts[begin]) for begin, end in pairwise(edges) if counts[begin] > 0
    }


def staffing_seen(log: StepLog, step: str) -> StaffingSeen | None:
    """Return who was at work at a step.

    Parameters
    ----------
    log : StepLog
    step : str
        One of `STAFFED`.

    Returns
    -------
    StaffingSeen or None
        None if no service at this step has a start and an end.

    Raises
    ------
    ValueError
        If nobody serves at this step.

    Notes
    -----
    A server belongs to the step at which he serves most, and is counted there only, with all his services: a clerk who
    helps with the review is at the counter. A step that nobody would belong to has the one who serves most there.

    On a day a server is there from his first start to his last end, except for gaps of an hour or more that touch
    midday, which are breaks. He counts in a half-hour if he is there for all of it or begins a service in it: so who
    only finishes a service after closing is not on duty then.

    An idle server is not seen. So the k-th server of a half-hour is looked for only on days on which at least k cases
    were at the step at once: if he was on duty he had something to do then. Of people who have n in hand at a time it
    is those with more than n · (k - 1), too, and the larger number holds. He is in the plan if k or more were seen on
    at least half of these days. Where these are less than three, as of somebody who is rarely asked for in most
    half-hours, those of the half-hours before it that make them three count with it, and likewise of those after it:
    both have to say so. By itself such a half-hour would say nothing, and who has little to do would be taken for
    absent most of the day. Before the first half-hour and after the last in which k were wanted they are in no plan.

    Where cases wait over night, what is served after the last half-hour in which any are taken up is overtime and no
    plan, however long it takes to finish. So is what is served in hall and at the counter in half-hours after the last
    arrivals of the day; elsewhere only half-hours in which less than half as many are left.

    Without names there are as many servers as are busy at once; where some services tell a name and others do not,
    the larger of both numbers is taken.
    """
    if step not in STAFFED:
        raise ValueError(f"nobody serves at {step!r}; must be one of {', '.join(STAFFED)}")
    complete = np.isfinite(log.started) & np.isfinite(log.ended) & (log.ended >= log.started)
    staffed = log.at(*STAFFED)
    here = complete & log.at(step)
    if not here.any():
        return None
    home = _home_steps(log, complete & staffed)
    named = complete & staffed & (log.server != NOBODY)
    named[named] = home[log.server[named]] == STEPS.index(step)
    own = named | (here & (log.server == NOBODY))
    first = int(np.floor(log.started[own | here].min() / DAY))
    length = int(np.floor(log.started[own | here].max() / DAY)) - first + 1
    share = float((log.server[here] != NOBODY).mean())
    present = _present(log.started[named] - first * DAY, log.ended[named] - first * DAY, log.server[named], length)
    busy = _busy_at_once(log.started[own] - first * DAY, log.ended[own] - first * DAY, length)
    # Who is named may have two cases at hand: then he is one all the same.
    several = at_once(log.as_told, step)
    seen = present if share == 1 else np.maximum(present, -(-busy // several.cases))
    days = np.unique(np.floor(log.started[here] / DAY).astype(np.int64) - first)
    weekday = (log.first_day.weekday() + first + days) % WEEK
    last, taken = _last_arrivals(log.queued[log.at(step)]), _last_taken(log.rows(here))
    wanted = _wanted(log.rows(log.at(step)), first, length)

    def reached(some: I64) -> I64:
        """Return the servers of each half-hour by some of the days, overtime left out."""
        # Somebody may take a second case while others have none, or only once all have one: these are there either way.
        both = [_reached(seen[some], -(-wanted[some] // cases)) for cases in {1, several.cases}]
        return _without_overtime(np.maximum.reduce(both), last, taken, step in DOORS)

    return StaffingSeen(
        step=step,
        days=len(days),
        by_weekday=np.array([reached(days[weekday == kind]) for kind in range(WEEK)]),
        counts=reached(days),
        method="names" if share > 0 else "busy at once",
        at_once=several,
    )


def _wanted(log: StepLog, first: int, length: int) -> I64:
    """Return the most cases that are at a step at once, waiting or served, (days, 48)."""
    begin = np.where(np.isfinite(log.queued), log.queued, log.started) - first * DAY
    end = log.ended - first * DAY
    known = np.isfinite(begin) & np.isfinite(end) & (end >= np.maximum(begin, 0.0)) & (end < length * DAY)
    # What waits over night waits for the opening.
    begin = np.maximum(begin, np.floor(end / DAY) * DAY)
    return _busy_at_once(begin[known], end[known], length)


def _reached(seen: I64, wanted: I64) -> I64:
    """Return the servers of each half-hour, (48,), from those seen and those wanted, (days, 48) each."""
    found = np.zeros(SLOTS, np.int64)
    for number in range(1, int(seen.max(initial=0)) + 1):
        asked = wanted >= number
        if asked.any(axis=1).sum() < FEWEST_DAYS:
            break
        there = (seen >= number) & asked
        both = _mostly(asked, there) & _mostly(asked[:, ::-1], there[:, ::-1])[::-1]
        found[both & (found == number - 1)] = number
    return found


def _mostly(asked: Flags, there: Flags) -> Flags:
    """Say of each half-hour, (48,), whether so many were there mostly when a day asked in it, or shortly before.

    As many half-hours before it count as have enough days with it, all of them if there are too few, and of each day
    every one that asked; none, no.
    """
    slots = np.arange(SLOTS)
    latest = np.maximum.accumulate(np.where(asked, slots, -1), axis=1)
    begin = np.maximum(np.sort(latest, axis=0)[-FEWEST_DAYS], 0)
    so_far = np.pad(np.cumsum([asked.sum(axis=0), there.sum(axis=0)], axis=1), ((0, 0), (1, 0)))
    times, mostly = so_far[:, slots + 1] - so_far[:, begin]
    return np.asarray((times > 0) & (mostly >= MOSTLY * times))


def _present(started: F64, ended: F64, server: I32, length: int) -> I64:
    """Return how many servers are at work, (days, 48)."""
    if len(started) == 0:
        return np.zeros((length, SLOTS), np.int64)
    day = np.floor(started / DAY).astype(np.int64)
    order = np.lexsort((started, server, day))
    started, ended, server, day = started[order], ended[order], server[order], day[order]
    same = (server[1:] == server[:-1]) & (day[1:] == day[:-1])
    # Services may overlap: a gap begins when all before it are over. Each server and day has a stretch of its own on
    # the line on which the largest end so far is taken.
    base = np.concatenate([[0.0], np.cumsum(~same) * 2 * DAY]) - day * DAY
    reach = np.maximum.accumulate(np.minimum(ended, (day + 1) * DAY) + base) - base
    begin, end = reach[:-1] - day[:-1] * DAY, started[1:] - day[1:] * DAY
    is_break = (end - begin >= BREAK) & (begin < MIDDAY[1]) & (end > MIDDAY[0])
    opens = np.concatenate([[True], ~same | is_break])
    spell = np.cumsum(opens) - 1
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(started)) - 1
    pairs = (
        _half_hours(started[first], reach[last]),
        (spell, np.floor(started / SLOT).astype(np.int64)),
    )
    who = np.concatenate([spells for spells, _ in pairs])
    slot = np.concatenate([slots for _, slots in pairs])
    slot, who = slot[inside := slot < (day[first][who] + 1) * SLOTS], who[inside]
    # One number for half-hour and server, so that each pair counts once.
    pair = np.unique(slot * (int(server.max()) + 1) + server[first][who])
    return np.bincount(pair // (int(server.max()) + 1), minlength=length * SLOTS).reshape(length, SLOTS)


def _half_hours(begin: F64, end: F64) -> tuple[I64, I64]:
    """Return the numbers of spells and, one by one, the half-hours that each of them covers from beginning to end."""
    first = np.ceil(begin / SLOT - ROUNDING).astype(np.int64)
    lengths = np.maximum(np.floor(end / SLOT + ROUNDING).astype(np.int64) - first, 0)
    spell = np.repeat(np.arange(len(first)), lengths)
    within = np.arange(len(spell)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return spell, first[spell] + within


def _busy_at_once(started: F64, ended: F64, length: int) -> I64:
    """Return the most services that are in hand at once, (days, 48).

    Those in hand at a start count, and those that take all of a half-hour. An end makes room for a start at that
    moment.
    """
    starts, ends = np.sort(started), np.sort(ended)
    at_once = np.arange(1, len(starts) + 1) - np.searchsorted(ends, starts, "right")
    most = np.zeros(length * SLOTS, np.int64)
    np.maximum.at(most, np.floor(starts / SLOT).astype(np.int64), at_once)
    _, whole = _half_hours(started, ended)
    return np.maximum(most, np.bincount(whole, minlength=len(most))[: len(most)]).reshape(length, SLOTS)


def _home_steps(log: StepLog, served: Flags) -> I64:
    """Return the step that each server belongs to, (servers,); -1 = never serves.

    The one at which he serves most, of several alike the first. A step to which nobody would belong has the one who
    serves most there, if he leaves somebody behind.
    """
    rows = np.flatnonzero(served & (log.server != NOBODY))
    servers = int(log.server[rows].max(initial=-1)) + 1
    if servers == 0:
        return np.zeros(0, np.int64)
    table = np.bincount(log.server[rows].astype(np.int64) * len(STEPS) + log.step[rows], minlength=servers * len(STEPS))
    services = table.reshape(servers, len(STEPS))
    home = np.where(services.any(axis=1), services.argmax(axis=1), -1)
    for step in np.flatnonzero(services.any(axis=0)):
        most = int(services[:, step].argmax())
        if not (home == step).any() and (home == home[most]).sum() > 1:
            home[most] = step
    return home


def _without_overtime(counts: I64, last: int, taken: int, doors: bool) -> I64:
    """Return the numbers, (48,), without those who only clear the queue after `last`, the last half-hour of arrivals.

    Where doors close, that is all who serve later; elsewhere from when on less than half as many are left, since a late
    shift is larger. After `taken` nobody takes up anything.
    """
    few = np.flatnonzero(counts[last + 1 :] < (np.inf if doors else counts[last] / 2))
    counts = counts.copy()
    counts[taken + 1 :] = 0
    if len(few):
        counts[last + 1 + few[0] :] = 0
    return counts


def _last_taken(log: StepLog) -> int:
    """Return the last half-hour of the day from which on more is taken up than by stragglers; the last if none waits.

    Who goes on working while cases wait begins a service whenever one is over: as many as the minutes worked from then
    on have room for.
    """
    if (np.floor(log.started / DAY) > np.floor(log.queued / DAY)).sum() < FEWEST_DAYS:
        return SLOTS - 1
    minutes, begin = log.ended - log.started, log.started % DAY
    slots = np.arange(SLOTS) * SLOT
    work = np.array([np.clip(begin + minutes - np.maximum(begin, slot), 0.0, None).sum() for slot in slots])
    begun = np.array([(begin >= slot).sum() for slot in slots])
    return int(np.flatnonzero(begun * max(float(minutes.mean()), ROUNDING) >= OVERTIME * work + ROUNDING)[-1])


def _last_arrivals(queued: F64) -> int:
    """Return the last half-hour of the day in which more than stragglers come; the last of all if it is not told."""
    come = np.floor(queued[np.isfinite(queued)] % DAY / SLOT).astype(np.int64)
    by_slot = np.bincount(come, minlength=SLOTS)
    return int(np.flatnonzero(by_slot >= max(STRAGGLERS * len(come), 1))[-1]) if len(come) else SLOTS - 1
