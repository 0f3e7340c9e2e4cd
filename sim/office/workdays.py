"""Working days of mainland China: make-up days (调休), days added or removed by the office itself.

"Weekday and not a holiday" is wrong by a week a year: bridge days are worked off on weekends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, lru_cache

import numpy as np

from sim.office.hours import CLOSED_DAY, MAKE_UP_DAY, Days
from sim.text import Message

WEEKEND = 5
"""First weekday number that is not a normal working day."""
MOST_YEARS_BEYOND = 50
"""Years after the last one that the calendar library knows."""


@cache
def known_years() -> tuple[int, int]:
    """Return the first and the last year whose public holidays the calendar library knows."""
    from chinese_calendar.constants import holidays

    return min(holidays).year, max(holidays).year


@cache
def is_working_day(day: date) -> bool:
    """Say whether the nation works on this day; Monday to Friday beyond the last known year."""
    if day.year > known_years()[1]:
        return day.weekday() < WEEKEND
    from chinese_calendar import is_workday

    return bool(is_workday(day))


def unknown_year(year: int) -> Message | None:
    """Return what to say of a year for which there is no calendar, None if there is one."""
    first, last = known_years()
    if first <= year <= last + MOST_YEARS_BEYOND:
        return None
    return Message("the public holidays of {year} are not known; {first} to {last} are",
                   year=year, first=first, last=last)  # fmt: skip


def holidays_unknown(year: int) -> bool:
    """Say whether a year is beyond the calendar library: then Monday to Friday are worked, but for local days."""
    return year > known_years()[1]


def wrong_local_days(add: Sequence[date], remove: Sequence[date]) -> list[tuple[str, int, Message]]:
    """Return what is wrong with the days that the office adds to and removes from the national calendar.

    Returns
    -------
    list of (list, place, Message)
        ``"add"`` or ``"remove"``, the place in that list, and what is wrong.
    """
    wrong: list[tuple[str, int, Message]] = []
    seen: set[date] = set()
    for where, days in (("add", add), ("remove", remove)):
        for place, day in enumerate(days):
            unknown = unknown_year(day.year)
            if unknown:
                wrong.append((where, place, unknown))
            elif day in seen:
                wrong.append((where, place, Message("{day} is listed twice; leave one out", day=day)))
            elif where == "add" and is_working_day(day):
                what = Message("{day} ({day:%A}) is a working day already; leave it out", day=day)
                wrong.append((where, place, what))
            elif where == "remove" and not is_working_day(day):
                what = Message("{day} ({day:%A}) is no working day anyway; leave it out", day=day)
                wrong.append((where, place, what))
            seen.add(day)
    return wrong


def calendar_days(
    first: date, last: date, add: Sequence[date] = (), remove: Sequence[date] = (), spare_days: int = 400,
    warm_up: int = 0,
) -> Days:  # fmt: skip
    """Return the days from `first` to `last`, and after them the days on which the last cases are finished.

    Parameters
    ----------
    first, last : date
        The horizon, both included.
    add, remove : sequence of date
        Days that this office works, or does not work, unlike the nation. Those outside the days
        asked for make no difference.
    spare_days : int
        Days after the horizon; beyond the last known year they are Monday to Friday.
    warm_up : int
        Of the first days, so many do not count.

    Returns
    -------
    Days
        A weekend day that is worked is a `MAKE_UP_DAY`, any other working day has its weekday.

    Raises
    ------
    ValueError
        If the horizon is empty or in a year that is not known, or a local day changes nothing.
    """
    return _calendar_days(first, last, tuple(add), tuple(remove), spare_days, warm_up)


@lru_cache(64)
def _calendar_days(
    first: date, last: date, add: Sequence[date], remove: Sequence[date], spare_days: int, warm_up: int
) -> Days:
    if last < first:
        raise ValueError(f"the last day, {last}, is before the first, {first}")
    wrong = [what for what in map(unknown_year, range(first.year, last.year + 1)) if what]
    wrong += [what for _, _, what in wrong_local_days(add, remove)]
    if wrong:
        raise ValueError("; ".join(map(str, wrong)))
    horizon = (last - first).days + 1
    added, removed = set(add), set(remove)
    kinds = np.full(horizon + spare_days, CLOSED_DAY, np.int8)
    for number in range(len(kinds)):
        day = first + timedelta(days=number)
        if day in added or (day not in removed and is_working_day(day)):
            kinds[number] = MAKE_UP_DAY if day.weekday() >= WEEKEND else day.weekday()
    return Days(kinds, horizon, first, warm_up)
