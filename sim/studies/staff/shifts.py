"""Shifts that fit the hours of an office, where the standard ones do not: made from when its stages are open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from sim.office.hours import SLOT, SLOTS, slots_of, spans_of
from sim.office.parameters import Scenario
from sim.office.parameters.fields import Span, Titles, show_span, show_time
from sim.office.registration import registration_office
from sim.studies.staff.rules import WORKING_WEEK, ShiftForm, StaffingRules, WeekForm

FROM_HOURS = "from-hours"
"""Name of rules whose shifts are made from an office's hours."""
LUNCH = 60.0
"""Minutes of a break that the hours of the office do not give."""
LUNCHES = (660.0, 810.0)
"""When it begins where it can: 11:00 to 13:30."""
MOST_LUNCHES = 3
"""Begins of a lunch that are offered: the earliest, the latest and one between."""


def fits(rules: StaffingRules, scenario: Scenario) -> bool:
    """Say whether the shifts of some rules cover the hours of a scenario's pools, and nothing beyond them.

    Those through a midday in which nobody may be on duty are left out, as they are where rosters are chosen.
    """
    noon = scenario.staff.midday.nobody_slots
    for pool, spans in _hours(scenario).items():
        opened = slots_of(spans)
        worked = np.zeros(SLOTS, bool)
        for shift in rules.shifts.values():
            if (not shift.pools or pool in shift.pools) and not (slots_of(shift.hours) & noon).any():
                worked |= slots_of(shift.hours)
        if (worked & ~opened).any() or (opened & ~worked).any():
            return False
    return True


def from_hours(rules: StaffingRules, scenario: Scenario, part_time: bool = False) -> StaffingRules:
    """Return rules with shifts made from a scenario's hours: whole days with lunch in turns, early and late ones.

    Parameters
    ----------
    rules : StaffingRules
        Whose other parts are kept.
    scenario : Scenario
    part_time : bool
        With half days, too.
    """
    found: dict[str, ShiftForm] = {}
    pools_of: dict[tuple[Span, ...], list[str]] = {}
    for pool, spans in _hours(scenario).items():
        pools_of.setdefault(spans, []).append(pool)
    for spans, pools in pools_of.items():
        shifts = dict.fromkeys(_whole_days(spans, rules.week))
        if part_time:
            shifts |= dict.fromkeys(_half_days(spans, rules.week))
        for hours in shifts:
            both, worked = ", ".join(map(show_span, hours)), f"{_minutes(hours) / 60:g}"
            begin, rest = show_time(hours[0][0]), show_time(hours[0][1]) if len(hours) > 1 else ""
            name = "-".join(re.findall(r"\d\d(?=:)|(?<=:)\d\d", both))
            same = found.get(name)
            named = tuple(pools) if same is None else (*same.pools, *pools)
            title = Titles(
                en=f"{worked} h from {begin}" + (f", break at {rest}" if rest else ""),
                zh=f"{worked}小时，{begin}起" + (f"，{rest}休息" if rest else ""),
            )  # fmt: skip
            found[name] = ShiftForm.model_validate({
                "title": title, "hours": list(map(show_span, hours)), "pools": list(named),
            })  # fmt: skip
    title = Titles(en="Shifts made from the office's hours", zh="按开放时间生成的班次")
    name = f"{FROM_HOURS}-part-time" if part_time else FROM_HOURS
    return rules.model_copy(update={"name": name, "title": title, "shifts": found})


def _hours(scenario: Scenario) -> dict[str, tuple[Span, ...]]:
    """Return when each pool whom somebody comes to has anything to do, in whole half-hours."""
    found, visited = {}, registration_office(scenario).visited
    for pool, stages in scenario.stages_of_pool.items():
        slots = slots_of(span for stage in stages if stage in visited for span in scenario.hours_of(stage))
        slots &= ~scenario.staff.midday.nobody_slots
        if slots.any():
            found[pool] = spans_of(slots)
    return found


def _whole_days(spans: tuple[Span, ...], week: WeekForm) -> list[tuple[Span, ...]]:
    """Return whole days of work that cover the hours, as long as anybody may work."""
    most = 60 * min(week.most_hours_a_day, week.most_hours / WORKING_WEEK)
    if _allowed(spans, week) and _minutes(spans) <= most:
        return [spans]
    begins = np.arange(spans[0][0], spans[-1][1], SLOT).tolist()
    found: dict[tuple[Span, ...], float] = {}
    for begin in begins:
        for rest in (-LUNCH, *begins):
            gone = [(0.0, begin), *([(rest, rest + LUNCH)] if rest >= 0 else [])]
            shift = _first(spans_of(slots_of(spans) & ~slots_of(gone)), most)
            if shift and _allowed(shift, week):
                found.setdefault(shift, rest)
    # From the opening on, and until the closing, the longest, with lunch in turns around noon where that can be.
    chosen: list[tuple[Span, ...]] = []
    for place, edge in ((0, spans[0][0]), (-1, spans[-1][1])):
        able = [shift for shift in found if shift[place][place] == edge]
        longest = max(map(_minutes, able), default=0.0)
        able = [shift for shift in able if _minutes(shift) == longest]
        able = [shift for shift in able if LUNCHES[0] <= found[shift] <= LUNCHES[1]] or able
        places = {0, len(able) // 2, len(able) - 1} if len(able) > MOST_LUNCHES else range(len(able))
        chosen += [able[place] for place in sorted(places)]
    # What is left open: by the shift that covers most of it, the longest of such.
    while (left := slots_of(spans) & ~np.any([slots_of(shift) for shift in chosen], axis=0)).any():
        best = max(found, key=lambda shift: ((slots_of(shift) & left).sum(), _minutes(shift)), default=())
        if not (slots_of(best) & left).any():
            break
        chosen.append(best)
    return chosen


def _half_days(spans: tuple[Span, ...], week: WeekForm) -> Iterator[tuple[Span, ...]]:
    """Yield each stretch of the day by itself, one that is too long in two halves."""
    for begin, end in spans:
        if end - begin <= 60 * week.longest_spell_hours:
            yield ((begin, end),)
        else:
            middle = round((begin + end) / 2 / SLOT) * SLOT
            yield ((begin, middle),)
            yield ((middle, end),)


def _first(spans: Sequence[Span], most: float) -> tuple[Span, ...]:
    """Return the first of the hours, so many minutes at most."""
    found = []
    for begin, end in spans:
        if most > 0:
            found.append((begin, min(end, begin + most)))
            most -= end - begin
    return tuple(found)


def _allowed(spans: Sequence[Span], week: WeekForm) -> bool:
    """Say whether nobody works longer without a break than is allowed."""
    spell, last = 0.0, -np.inf
    for begin, end in spans:
        spell = spell + (end - begin) if begin - last < 60 * week.shortest_break_hours else end - begin
        if spell > 60 * week.longest_spell_hours:
            return False
        last = end
    return True


def _minutes(spans: Sequence[Span]) -> float:
    return sum(end - begin for begin, end in spans)
