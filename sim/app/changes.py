"""What the sliders change of a scenario: only what differs, as a scenario file would say it; plans and rosters, too."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.office.parameters import Scenario
from sim.office.parameters.fields import Span, show_span
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.present.names import named
from sim.present.numbers import signed_number
from sim.studies.rosters import with_people
from sim.text import N_, _, _c

WHOLE_YEAR = 100
"""Per cent of the scenario's registrations."""
LONGEST_NAME = 64
"""Characters of the name of a scenario."""
ADJUSTED = "-adjusted"
MOST_TOLD = 3
"""Changes that a title names."""

Tree = dict[str, Any]
Leaf = tuple[tuple[str, ...], Any]
"""Where a value stands in a scenario, and the value."""


@dataclass(frozen=True)
class Changes:
    """What is to differ from a scenario; what is left out stays.

    Attributes
    ----------
    demand : int
        Registrations, per cent of the scenario's.
    people : mapping of pool to int
        So many more on duty, or fewer.
    shifts : mapping of pool to (from, to)
        When its plan begins and ends, minutes since midnight.
    lines : mapping of pool to sequence of int
        People on each line of its roster, before there are more or fewer.
    midday_crews : mapping of pool to int
        On duty at midday.
    midday_post : bool or None
        Whether anybody is on duty at midday.
    automatic, returned : int or None
        Share of applications approved without a reviewer, and of first reviews that send back, per cent.
    """

    demand: int = WHOLE_YEAR
    people: Mapping[str, int] = field(default_factory=dict)
    shifts: Mapping[str, Span] = field(default_factory=dict)
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    midday_crews: Mapping[str, int] = field(default_factory=dict)
    midday_post: bool | None = None
    automatic: int | None = None
    returned: int | None = None


def adjusted_name(name: str) -> str:
    """Return the name of a scenario that is made of another one, no longer than any."""
    return name[: LONGEST_NAME - len(ADJUSTED)].rstrip("-") + ADJUSTED


def adjusted_title(of: Scenario, changes: Changes) -> str:
    """Return the title of a scenario that is made of another one: what is different, or the first of it."""
    told = in_words(of, changes)
    if not told:
        return str(of.title)
    some = _c("comma", ", ").join(told[:MOST_TOLD])
    if len(told) > MOST_TOLD:
        some = _("{some} and {number} more", some=some, number=len(told) - MOST_TOLD)
    return _("{title}: {changes}", title=of.title, changes=some)


def in_words(of: Scenario, changes: Changes) -> list[str]:
    """Return what is different from a scenario, each in a few words."""
    full = scenario_as_dict(of)

    def differs(one: Changes) -> bool:
        return bool(_different(full, one))

    told = []
    if differs(Changes(demand=changes.demand)):
        told.append(_("demand {change} %", change=signed_number(changes.demand - WHOLE_YEAR)))
    for pool, more in changes.people.items():
        if differs(Changes(people={pool: more})):
            told.append(_("{pool} {number}", pool=named("pool", pool), number=signed_number(more)))
    for pool, shift in changes.shifts.items():
        if differs(Changes(shifts={pool: shift})):
            told.append(_("{pool} {hours}", pool=named("pool", pool), hours=show_span(shift).replace("-", "–")))
    for pool, lines in changes.lines.items():
        if differs(Changes(lines={pool: lines})):
            said = [
                f"{shift_in_words(line)}: {people}"
                for line, people in zip(full["staff"][pool]["roster"], lines, strict=True)
                if people != line["people"]
            ]
            told.append(_("{pool} {hours}", pool=named("pool", pool), hours=_c("comma", ", ").join(said)))
    if differs(Changes(midday_post=changes.midday_post)):
        told.append(_(N_("midday duty post") if changes.midday_post else N_("no midday duty post")))
    for pool, crew in changes.midday_crews.items():
        if differs(Changes(midday_crews={pool: crew})):
            told.append(_("{pool} at midday {number}", pool=named("pool", pool), number=crew))
    if differs(Changes(automatic=changes.automatic)):
        told.append(_("automatic approval {share} %", share=changes.automatic))
    if differs(Changes(returned=changes.returned)):
        told.append(_("sent back {share} %", share=changes.returned))
    return told


def overlay(scenario: Scenario, changes: Changes) -> Tree:
    """Return what changes make different from a scenario, nested as in a file; empty if nothing is."""
    tree: Tree = {}
    for path, value in _different(scenario_as_dict(scenario), changes):
        _put(tree, path, value)
    return tree


def changed(scenario: Scenario, changes: Changes) -> Scenario:
    """Return the scenario with the changes, checked like a file, under a name and titles that say so.

    Raises
    ------
    ScenarioError
        With all that is wrong with it.
    """
    differs = overlay(scenario, changes)
    if not differs:
        return scenario
    return with_changes(scenario, changes, adjusted_name(scenario.name), scenario.title.model_dump())


def with_changes(scenario: Scenario, changes: Changes, name: str, title: Mapping[str, str]) -> Scenario:
    """Return the scenario with the changes under a name and titles.

    Raises
    ------
    ScenarioError
        With all that is wrong with it.
    """
    full = copy.deepcopy(scenario_as_dict(scenario))
    for path, value in _different(full, changes):
        _put(full, path, value)
    return scenario_from_dict(full | {"name": name, "title": dict(title)}, name)


def _different(full: Tree, changes: Changes) -> list[Leaf]:
    """Return the values that differ from a scenario in full."""
    return [(path, value) for path, value in _wanted(full, changes) if _at(full, path) != value]


def _wanted(full: Tree, changes: Changes) -> Iterator[Leaf]:
    demand = full["demand"]["registrations_per_year"]
    if changes.demand != WHOLE_YEAR:
        yield ("demand", "registrations_per_year"), max(round(demand * changes.demand / 100), 1)
    for name, per_cent in (("auto_approved_share", changes.automatic), ("return_rate", changes.returned)):
        # A share such as 0.125 is no whole per cent: it stays as it is until its slider is moved.
        if per_cent is not None and per_cent != round(full["review"][name] * 100):
            yield ("review", name), per_cent / 100
    if changes.midday_post is not None:
        yield ("staff", "midday", "crew_on_duty"), changes.midday_post
    for name, pool in full["staff"].items():
        if name != "midday":
            yield from _pool(name, pool, changes)
    # Reviewers need nobody in the hall: where they begin earlier or end later, the review is open as long.
    if "reviewers" in changes.shifts and not full["staff"]["reviewers"]["roster"]:
        yield ("hours", "review"), stretched(full["hours"]["review"], changes.shifts["reviewers"])


def _pool(name: str, pool: Tree, changes: Changes) -> Iterator[Leaf]:
    more, shift = changes.people.get(name, 0), changes.shifts.get(name)
    if pool["roster"]:
        lines = changes.lines.get(name) or [line["people"] for line in pool["roster"]]
        yield ("staff", name, "roster"), with_lines(pool["roster"], lines, more)
        return
    yield ("staff", name, "plan"), plan_changed(pool["plan"], more, shift)
    for day, plan in pool["on"].items():
        yield ("staff", name, "on", day), plan_changed(plan, more, shift)
    if name in changes.midday_crews:
        yield ("staff", name, "midday_crew"), changes.midday_crews[name]


def _at(full: Tree, path: tuple[str, ...]) -> Any:
    value: Any = full
    for step in path:
        value = value[step]
    return value


def _put(tree: Tree, path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
    tree[path[-1]] = value


# Plans and rosters, with more people, or with other beginnings and ends.


def span_of(hours: str) -> Span:
    """Return hours such as ``08:30-17:00`` as minutes since midnight."""
    begin, end = (int(moment[:2]) * 60.0 + int(moment[3:]) for moment in hours.split("-"))
    return begin, end


def whole_span(hours: Sequence[str]) -> Span | None:
    """Return the beginning of the first and the end of the last of some hours, None if there are none."""
    spans = [span_of(each) for each in hours]
    return (min(begin for begin, __ in spans), max(end for __, end in spans)) if spans else None


def plan_changed(plan: Mapping[str, int], more: int, shift: Span | None) -> dict[str, int]:
    """Return a plan with more people throughout, never fewer than none, that begins and ends with a shift.

    Hours outside the shift are cut off; its first and last hours are made longer where it is longer.

    Parameters
    ----------
    plan : mapping of str to int
        Servers on duty by hours such as ``08:30-17:00``.
    more : int
    shift : (from, to) or None
        Minutes since midnight; None: as the plan has it.
    """
    servers = [(span_of(hours), max(number + more, 0)) for hours, number in plan.items()]
    if shift is None or not servers or shift == whole_span(list(plan)):
        return {show_span(span): number for span, number in servers}
    servers.sort()
    begin, end = shift
    kept = [((max(b, begin), min(e, end)), number) for (b, e), number in servers if b < end and e > begin]
    if not kept:
        # Before or after the whole plan: those who begin the day, or end it, work then.
        kept = [(shift, servers[0][1] if end <= servers[0][0][0] else servers[-1][1])]
    (_, first_end), first = kept[0]
    kept[0] = (begin, first_end), first
    (last_begin, _), last = kept[-1]
    kept[-1] = (last_begin, end), last
    return {show_span(span): number for span, number in kept}


def with_lines(roster: Sequence[Mapping[str, Any]], people: Sequence[int], more: int) -> list[dict[str, Any]]:
    """Return a roster with so many people on each line, and then so many more on its largest."""
    return with_people([{**line, "people": number} for line, number in zip(roster, people, strict=True)], more)


def shift_in_words(line: Mapping[str, Any]) -> str:
    """Return the hours of a line of a roster, and its days if they are not all."""
    days = f" ({', '.join(line['days'])})" if line["days"] else ""
    return ", ".join(line["hours"]).replace("-", "–") + days


def stretched(hours: Sequence[str], shift: Span) -> list[str]:
    """Return hours that begin no later and end no earlier than a shift."""
    spans = sorted(map(span_of, hours))
    spans[0] = min(spans[0][0], shift[0]), spans[0][1]
    spans[-1] = spans[-1][0], max(spans[-1][1], shift[1])
    return [show_span(span) for span in spans]
