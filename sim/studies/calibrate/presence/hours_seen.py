"""Which hours of the day an office has by its log, where they are not those of the parent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from sim.office.demand import day_line, profile_slots
from sim.office.hours import DAY, SLOT, SLOTS, merge, slots_of
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_span
from sim.office.problems import ScenarioError
from sim.studies.base import StudyError
from sim.studies.calibrate.demand.seasons import FEWEST_CONTACTS
from sim.studies.calibrate.demand.working_days import OpenDays, first_contacts, open_days
from sim.studies.calibrate.log.steps import F64, I64, STEPS, Flags, StepLog
from sim.studies.calibrate.scenarios import fitted_scenario

ATTENDED = {"phone": ("phone",), "office": ("filing", "studio", "key")}
"""Steps at which somebody has to be there for the applicant, by the opening hours that they have: who files online may
do so at any time."""
MANY_OUTSIDE, ENOUGH = 0.02, 20
"""Share of those who call or come outside the parent's profile, and their number, from which on it reaches as far as
they do; of those who come and are served outside the opening hours likewise."""
STRAGGLERS = 0.005
"""Share that may be left outside at either end of the day, and in a half-hour between two parts of the profile."""
HARDLY, MUCH, HALF = 0.02, 50, 0.5
"""Part of what is served in the fullest half-hours before and after it, of at least so much, below which one between
them is closed; unless people come and are served in it half as often as there, as where all wait for long."""
BUSY = 95
"""Percentile of the contacts of a day and half-hour within the profile that counts at most elsewhere: many more at once
are no hours of an office, but rows that were written together."""
EMPTY, AWAITED = 0.05, 20
"""Part of the contacts that the parent has in a half-hour below which the office may be closed then; of fewer contacts
chance may leave none."""
LEAST = 0.5
"""Contacts that a half-hour within the profile is taken to have at least, until its index is fitted."""

Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class HoursSeen:
    """The hours of the day that a log shows, beside those of the parent.

    Attributes
    ----------
    scenario : Scenario
        The parent, but that each half-hour of its profile has a value that can be fitted. Where many call or come to
        the hall outside the profile, it reaches as far as they do; opening hours, as far as many come and are served,
        without the hours in which nobody is.
    outside : float
        Share of those who call or come to the hall that do so outside the parent's profile; 0 if it does not reach
        farther for them.
    added : (half-hours,) int64
        By which the profile is longer, from midnight.
    empty : tuple of (from, to)
        Hours of the parent's profile in which it is open, and hardly anybody calls or comes.
    closed : mapping of ``phone``, ``office`` and ``review`` to hours
        Between two busy parts of the day, in which nobody who comes is served, or no review begun; and where the
        parent is open before all that is served, or after it.
    """

    scenario: Scenario
    outside: float
    added: I64
    empty: Spans
    closed: Mapping[str, Spans]


def half_hour_names(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the indices of the profile's half-hours, as a scenario has them."""
    slots = profile_slots(scenario)
    if scenario.demand.hourly:
        return tuple(f"demand.hourly[{span_of(slot)}]" for slot in slots)
    return tuple(f"demand.half_hour_index[{place}]" for place in range(len(slots)))


def span_of(slot: int) -> str:
    """Return the hours of a half-hour from midnight."""
    return show_span((slot * SLOT, (slot + 1) * SLOT))


def hours_seen(log: StepLog, parent: Scenario) -> HoursSeen:
    """Return the hours of the day that a log shows.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
    """
    line, usual = day_line(parent), np.zeros(SLOTS, np.bool_)
    usual[profile_slots(parent)] = True
    contacts = first_contacts(log, np.flatnonzero(usual))
    opened = None
    # If nobody comes in the parent's hours, each day counts.
    with suppress(StudyError):
        opened = open_days(log, contacts)
    steps = [STEPS.index(step) for each in ATTENDED.values() for step in each]
    moments = contacts.moment[np.isin(contacts.step, steps)]
    # At midnight is what has a date only.
    counts = _counts(moments[moments % DAY > 0], opened, usual)
    total = counts.sum()
    added = _added(counts, usual)
    if total < FEWEST_CONTACTS * (usual | added).sum():
        # Of so few contacts no half-hour is fitted.
        added[:] = False
    closed = {name: _closed(log, name, opened, slots_of(getattr(parent.hours, name))) for name in (*ATTENDED, "review")}

    def opening(closed: Mapping[str, Flags]) -> Scenario:
        hours = {
            f"hours.{name}": _opening(log, each, getattr(parent.hours, name), opened, closed[name])
            for name, each in ATTENDED.items()
        } | {"hours.review": _reviewing(log, parent.hours.review, opened, closed["review"])}
        return _with(parent, counts, added, {path: spans for path, spans in hours.items() if spans})

    try:
        scenario = opening(closed)
    except ScenarioError:
        # The parent has nobody at work in what would be left of its day; who is, is not known yet.
        closed = dict.fromkeys(closed, np.zeros(SLOTS, np.bool_))
        scenario = opening(closed)
    open_ = slots_of(scenario.hours.office) | slots_of(scenario.hours.phone)
    awaited = line / line.sum() * total
    few = usual & open_ & (counts < EMPTY * awaited) & (awaited >= AWAITED)
    outside = float(counts[added].sum() / max(total, 1.0))
    spans = {name: _spans(each) for name, each in closed.items() if each.any()}
    return HoursSeen(scenario, outside, np.flatnonzero(added), _spans(few), spans)


def _closed(log: StepLog, name: str, opened: OpenDays | None, open_: Flags) -> Flags:
    """Return the half-hours in which a stage is closed, (48,): between busy parts of the day, or at the parent's ends.

    Nobody who comes then is served then; who came before closing is. A review waits for nobody: none is begun.
    """
    steps = (*ATTENDED["office"], "issue") if name == "office" else ATTENDED.get(name, (name,))
    rows = log.rows(log.at(*steps) & np.isfinite(log.started))
    every = np.ones(SLOTS, np.bool_)
    begun = _counts(rows.started, opened, every)
    if name not in ATTENDED:
        return _empty(begun, HARDLY, ends=False)
    at_once = np.floor(rows.begin / SLOT) == np.floor(rows.started / SLOT)
    served, came = (_counts(moments, opened, every) for moments in (rows.started[at_once], rows.begin))
    between, at_ends = (
        _empty(served, HARDLY, ends) & _empty(np.minimum(came, begun), HALF, ends) for ends in (False, True)
    )
    # Few in the evening are no reason to end the day before they come, but to end that of the parent.
    return np.asarray(between | (at_ends & open_))


def _empty(counts: F64, part: float, ends: bool) -> Flags:
    """Return the half-hours with less than a part of the fullest before them, and of the fullest after them, (48,).

    With the ends of the day, those too that all before them, or all after them, are as empty as.
    """
    before = np.maximum.accumulate(np.append(0.0, counts))[:-1]
    after = np.maximum.accumulate(np.append(0.0, counts[::-1]))[:-1][::-1]
    least = np.minimum(before, after)
    found = (least >= MUCH) & (counts < part * least)
    if ends and counts.max() >= MUCH:
        busy = np.flatnonzero(counts >= part * counts.max())
        found[: busy[0]] = found[busy[-1] + 1 :] = True
    return np.asarray(found)


def _reviewing(log: StepLog, hours: Spans, opened: OpenDays | None, closed: Flags) -> list[str]:
    """Return the hours of the review with what is reviewed between those of the parent; nothing if that is nothing."""
    open_, within = slots_of(hours), np.zeros(SLOTS, np.bool_)
    within[int(hours[0][0] // SLOT) : int(hours[-1][1] // SLOT)] = True
    started = log.started[log.at("review") & np.isfinite(log.started)]
    new = _added(_counts(started, opened, open_), open_) & within & ~closed
    return _hours(_spans(slots_of(hours) | new)) if new.any() else []


def _opening(
    log: StepLog, steps: Iterable[str], hours: Spans, opened: OpenDays | None, closed: Flags
) -> list[str]:  # fmt: skip
    """Return opening hours that reach as far as people come and are served; nothing if they are those of the parent.

    Who draws a number before the opening, or is served after closing, does not make the office open.
    """
    rows = log.at(*steps) & np.isfinite(log.started)
    open_ = slots_of(hours)
    came, begun = (((of[rows] % DAY) // SLOT).astype(np.int64) for of in (log.begin, log.started))
    chosen = open_[begun] | (~open_[came] & (log.begin[rows] // DAY == log.started[rows] // DAY))
    new = _added(_counts(log.started[rows][chosen], opened, open_), open_)
    come = _counts(log.begin[rows][chosen], opened, open_)
    new &= ~closed & (come > STRAGGLERS * come.sum())
    if not (new.any() or (open_ & closed).any()):
        return []
    begin, end = merge(*np.array([*hours, *_spans(new)], np.float64).T)
    longer = tuple(zip(begin.tolist(), end.tolist(), strict=True))
    # Hours that are all closed are no hours.
    return _hours(_without(longer, closed) or hours)


def _without(hours: Spans, closed: Flags) -> Spans:
    """Return hours without some half-hours."""
    for from_, to in _spans(closed):
        hours = tuple(
            (begin, end)
            for span in hours for begin, end in ((span[0], min(span[1], from_)), (max(span[0], to), span[1]))
            if begin < end
        )  # fmt: skip
    return hours


def _hours(spans: Spans) -> list[str]:
    return [show_span(span) for span in spans]


def _counts(moments: F64, opened: OpenDays | None, usual: Flags) -> F64:
    """Return how much there is in each half-hour of the day, (48,), on days that were worked."""
    if opened is not None:
        moments = moments[opened.worked_on(np.floor(moments / DAY).astype(np.int64))]
    days, day = np.unique(moments // DAY, return_inverse=True)
    slot = ((moments % DAY) // SLOT).astype(np.int64)
    cells = np.bincount(day * SLOTS + slot, minlength=len(days) * SLOTS).reshape(len(days), SLOTS)
    some = cells[:, usual]
    most = max(float(np.percentile(some[some > 0], BUSY)), 1.0) if some.any() else np.inf
    counts: F64 = np.where(usual, cells, np.minimum(cells, most)).sum(axis=0, dtype=np.float64)
    return counts


def _added(counts: F64, usual: Flags) -> Flags:
    """Return the half-hours by which a profile has to be longer, (48,): on from its ends, and where it has gaps."""
    added = np.zeros(SLOTS, np.bool_)
    total, late = counts.sum(), counts[~usual].sum()
    if late <= MANY_OUTSIDE * total or late < ENOUGH:
        return added
    within = np.flatnonzero(usual)
    first, last = within[0], within[-1]
    before, after = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    added[:first] = before[:first] > STRAGGLERS * total
    added[last + 1 :] = after[last + 1 :] > STRAGGLERS * total
    for run in _runs(~usual[first:last]):
        gap = first + run
        added[gap] = counts[gap].sum() > STRAGGLERS * total * len(gap)
    return added


def _with(parent: Scenario, counts: F64, added: Flags, hours: Mapping[str, object]) -> Scenario:
    """Return the parent with a profile by hours, if it has one or needs one, and with other opening hours."""
    demand, line, changes = parent.demand, day_line(parent), dict(hours)
    if added.any():
        share = counts[added].sum() / counts.sum()
        more = np.maximum(counts[added], LEAST)
        line = line / line.sum() * (1 - share)
        line[added] = more / more.sum() * share
    if added.any() or demand.by_hours or demand.hourly or demand.hourly_on:
        slots = np.flatnonzero(line).tolist()
        mean = line[slots].mean()
        profile = {span_of(slot): round(float(line[slot] / mean), 4) for slot in slots}
        changes |= {"demand.hourly": profile, "demand.hourly_on": {}, "demand.by_hours": False}
    if not changes:
        return parent
    return fitted_scenario(parent, (), changes, parent.name, parent.title.model_dump())


def _runs(flags: Flags) -> Iterator[I64]:
    """Yield the places of flags that are next to each other."""
    places = np.flatnonzero(flags)
    if len(places):
        yield from np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)


def _spans(slots: Flags) -> Spans:
    """Return half-hours as hours."""
    begin = np.flatnonzero(slots).astype(np.float64) * SLOT
    return tuple(zip(*(ends.tolist() for ends in merge(begin, begin + SLOT)), strict=True))
