"""Which days of a period can be replayed, and which one is shown if nobody says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from sim.replay.played import Played


class NoSuchDayError(ValueError):
    """A day cannot be replayed; the text says which could.

    Attributes
    ----------
    nearest : date or None
        The nearest working day, of a day within the period.
    """

    def __init__(self, message: str, nearest: date | None = None) -> None:
        self.nearest = nearest
        super().__init__(message)


def number_of(played: Sequence[Played], day: date) -> int:
    """Return the number of a date in the period of all offices.

    Parameters
    ----------
    played : sequence of Played
        Of the same period.
    day : date

    Raises
    ------
    NoSuchDayError
        If the date is outside the period, or one of the offices does not work on it.
    """
    scenario = played[0].scenario
    first, last = scenario.first_day, scenario.last_day
    if not first <= day <= last:
        raise NoSuchDayError(f"must be a day from {first} to {last}, the days simulated, not {day}")
    number = (day - first).days
    for one in played:
        works = one.office.days.works
        if not works[number]:
            nearest = min(np.flatnonzero(works), key=lambda other: (abs(other - number), -other))
            near = one.office.days.date_of(int(nearest))
            message = f"{day} ({day:%A}) is no working day of {one.scenario.name}; {near} is the nearest"
            raise NoSuchDayError(message, near)
    return number


def middle_day(played: Played) -> date:
    """Return the working day in the middle: as many days have a longer mean licence time as have a shorter one."""
    days = played.office.days
    mean = np.where(days.works, played.kpis.day_mean, np.nan)
    known = np.flatnonzero(np.isfinite(mean))
    if not len(known):
        return days.date_of(int(np.flatnonzero(days.works)[0]))
    order = known[np.argsort(mean[known], kind="stable")]
    return days.date_of(int(order[(len(order) - 1) // 2]))


def week_of(played: Sequence[Played], day: date) -> list[date]:
    """Return the working days of all offices in the week of a day, Monday to Sunday, within the period."""
    monday = day - timedelta(days=day.weekday())
    week = []
    for later in range(7):
        try:
            number_of(played, monday + timedelta(days=later))
        except NoSuchDayError:
            continue
        week.append(monday + timedelta(days=later))
    return week
