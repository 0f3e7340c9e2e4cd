"""Plans and rosters with more people, or with other beginnings and ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.office.parameters.fields import Span, show_span

Plan = dict[str, int]
"""Servers on duty by hours such as ``08:30-17:00``."""


def span_of(hours: str) -> Span:
    """Return hours such as ``08:30-17:00`` as minutes since midnight."""
    begin, end = (int(moment[:2]) * 60.0 + int(moment[3:]) for moment in hours.split("-"))
    return begin, end


def whole_span(hours: Sequence[str]) -> Span | None:
    """Return the beginning of the first and the end of the last of some hours, None if there are none."""
    spans = [span_of(each) for each in hours]
    return (min(begin for begin, _ in spans), max(end for _, end in spans)) if spans else None


def plan_changed(plan: Mapping[str, int], more: int, shift: Span | None) -> Plan:
    """Return a plan with more people throughout, never fewer than none, that begins and ends with a shift.

    Hours outside the shift are cut off; its first and last hours are made longer where it is longer.

    Parameters
    ----------
    plan : mapping of hours to int
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


def people_changed(roster: Sequence[Mapping[str, Any]], more: int) -> list[dict[str, Any]]:
    """Return a roster with more people on its largest line, or fewer on the largest lines, never fewer than none."""
    lines = [dict(line) for line in roster]
    for _ in range(abs(more)):
        largest = max(lines, key=lambda line: line["people"])
        largest["people"] = max(largest["people"] + (1 if more > 0 else -1), 0)
    return lines


def stretched(hours: Sequence[str], shift: Span) -> list[str]:
    """Return hours that begin no later and end no earlier than a shift."""
    spans = sorted(map(span_of, hours))
    spans[0] = min(spans[0][0], shift[0]), spans[0][1]
    spans[-1] = spans[-1][0], max(spans[-1][1], shift[1])
    return [show_span(span) for span in spans]
