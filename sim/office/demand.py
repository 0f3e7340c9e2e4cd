"""When the registration office's applicants come: the year's profile, day by day and half-hour by half-hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.office.hours import MAKE_UP_DAY, SLOT, SLOTS, Days
from sim.office.parameters import Demand, Scenario
from sim.office.parameters.fields import Span
from sim.office.workdays import WEEKEND, calendar_days

F64 = NDArray[np.float64]

FIRST_SLOT = 17
"""Half-hour from midnight in which the daily profile begins: 08:30."""
WAKING_SLOTS = (14, 46)
"""Out of hours people file between 07:00 and 23:00."""
KIND_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "makeup")
"""Of the kinds of day, as scenarios have them."""
SPARE_YEARS = 4
"""Years after the horizon in which a backlog can be worked off; an office that needs more is hopeless."""


@dataclass(frozen=True)
class Profile:
    """How a year's applicants spread over the half-hours of the horizon.

    Attributes
    ----------
    shape : (days * 48,) float64
        Relative rates in the horizon.
    share : float
        Part of the year's applicants that falls into the horizon; 1 if it is the whole year.
    """

    shape: F64
    share: float


def scenario_days(scenario: Scenario) -> Days:
    """Return the days of the scenario's period, those that warm up before it, and the spare ones after it."""
    local = scenario.calendar
    return calendar_days(
        scenario.played_from, scenario.last_day, local.add_working_days, local.remove_working_days, SPARE_YEARS * 365,
        scenario.period.warm_up_days,
    )  # fmt: skip


def year_days(scenario: Scenario) -> Days:
    """Return the days of the scenario's whole year."""
    local = scenario.calendar
    return calendar_days(
        date(scenario.year, 1, 1), date(scenario.year, 12, 31), local.add_working_days, local.remove_working_days, 0
    )


def profiles(scenario: Scenario, days: Days) -> tuple[Profile, Profile]:
    """Return the profiles of those who come in office hours, and of those who file out of hours."""
    begin = (scenario.played_from - date(scenario.year, 1, 1)).days
    # Offices that differ only in how many come have the same.
    demand = scenario.demand.model_copy(update={"registrations_per_year": 1, "growth": 0.0})
    return _profiles(demand, scenario.hours.office, year_days(scenario), begin, days.horizon)


@lru_cache(16)
def _profiles(
    demand: Demand, office: tuple[Span, ...], year: Days, begin: int, horizon: int
) -> tuple[Profile, Profile]:
    window = slice(begin * SLOTS, (begin + horizon) * SLOTS)

    def within(rates: F64) -> Profile:
        line = rates.ravel()
        return Profile(line[window].copy(), float(line[window].sum() / line.sum()))

    daily = _daily(demand, office)
    return within(_in_hours(demand, daily, year)), within(_out_of_hours(demand, daily, year))


def day_line(scenario: Scenario) -> F64:
    """Return the relative rates in office hours by half-hour from midnight, of a weekday on average; shape (48,)."""
    return np.asarray(_daily(scenario.demand, scenario.hours.office)[:WEEKEND].mean(axis=0))


def profile_slots(scenario: Scenario) -> NDArray[np.int64]:
    """Return the half-hours from midnight of the profile of a day."""
    demand = scenario.demand
    if demand.hourly or demand.hourly_on or demand.by_hours:
        return np.flatnonzero(day_line(scenario))
    return np.arange(FIRST_SLOT, FIRST_SLOT + len(demand.half_hour_index))


def surge_factor(scenario: Scenario, days: Days) -> F64 | None:
    """Return what the rates are multiplied by, shape (days * 48,), or None without surges and slumps."""
    if not scenario.demand.surges:
        return None
    factor = np.ones((days.horizon, SLOTS))
    for surge in scenario.demand.surges:
        first = max((surge.first - scenario.played_from).days, 0)
        last = (surge.last - scenario.played_from).days
        if last >= 0:
            factor[first : last + 1] *= surge.factor
    return factor.ravel()


def busiest_from(scenario: Scenario, days: int) -> date:
    """Return the first of the so many days in a row, of those that count, in which most are expected in office hours.

    Raises
    ------
    ValueError
        If the scenario has fewer.
    """
    all_days = scenario_days(scenario)
    factor = surge_factor(scenario, all_days)
    rates = profiles(scenario, all_days)[0].shape * (1.0 if factor is None else factor)
    by_day = rates.reshape(-1, SLOTS).sum(axis=1)[scenario.period.warm_up_days :]
    if len(by_day) < days:
        raise ValueError(f"there are {len(by_day)} days, and {days} were asked for")
    so_far = np.concatenate([[0.0], np.cumsum(by_day)])
    return scenario.first_day + timedelta(int(np.argmax(so_far[days:] - so_far[:-days])))


def _month_index(demand: Demand, year: Days) -> F64:
    assert year.first is not None
    months = (np.datetime64(year.first, "D") + np.arange(year.horizon)).astype("datetime64[M]").astype(int)
    return np.asarray(np.array(demand.month_index)[months % 12])


def _daily(demand: Demand, office: tuple[Span, ...]) -> F64:
    """Return the relative rates in office hours by kind of day, shape (8, 48)."""
    line = np.zeros(SLOTS)
    if demand.hourly or demand.hourly_on:
        # Of a week in which days differ, each has the same sum: how many come on a day, the weekdays' index says.
        usual = demand.hourly or dict.fromkeys(office, 1.0)
        on = {str(day): profile for day, profile in demand.hourly_on.items()}
        daily: F64 = np.array([_line(on.get(day, usual)) for day in KIND_NAMES])
        return np.asarray(daily / daily.sum(axis=1, keepdims=True))
    if demand.by_hours:
        line = _line(dict.fromkeys(office, 1.0))
    else:
        line[FIRST_SLOT : FIRST_SLOT + len(demand.half_hour_index)] = demand.half_hour_index
    return np.tile(line, (MAKE_UP_DAY + 1, 1))


def _line(profile: Mapping[tuple[float, float], float]) -> F64:
    """Return relative rates by half-hour, of a part of one that part. Shape (48,)."""
    slots, line = np.arange(SLOTS) * SLOT, np.zeros(SLOTS)
    for (begin, end), rate in profile.items():
        line += rate * np.clip(np.minimum(slots + SLOT, end) - np.maximum(slots, begin), 0, SLOT) / SLOT
    return line


def _in_hours(demand: Demand, daily: F64, year: Days) -> F64:
    """Return the rates on working days; a make-up day is an average day."""
    weekday = np.full(MAKE_UP_DAY + 1, np.mean(demand.weekday_index))
    weekday[: len(demand.weekday_index)] = demand.weekday_index
    works = year.works
    rates = daily[year.kinds[: year.horizon]]
    return np.asarray(rates * (np.where(works, weekday[year.kinds], 0.0) * _month_index(demand, year))[:, None])


def _out_of_hours(demand: Demand, daily: F64, year: Days) -> F64:
    """Return the rates between 07:00 and 23:00 on every day, without the profile's hours of working days."""
    rates = np.zeros((year.horizon, SLOTS))
    rates[:, slice(*WAKING_SLOTS)] = 1.0
    rates[(daily[year.kinds[: year.horizon]] > 0) & year.works[:, None]] = 0.0
    return np.asarray(rates * _month_index(demand, year)[:, None])


def whole_numbers(expected: dict[str, float]) -> dict[str, int]:
    """Return whole numbers near the expected ones, whose sum is the rounded sum.

    Notes
    -----
    Webster's method: rounded, and where the sum is off by one or two, mended where it is nearest to being
    rounded the other way. So with a larger total and the same shares none of the numbers is smaller, and the
    applicants of a lower demand are among those of a higher one.
    Source: Balinski and Young (1982), Fair Representation.
    """
    names = [name for name, value in expected.items() if value > 0]
    values = np.array([expected[name] for name in names])
    counts = np.floor(values + 0.5)
    total = np.floor(sum(expected.values()) + 0.5)
    while counts.sum() < total:
        counts[np.argmax(values / (counts + 0.5))] += 1
    while counts.sum() > total:
        counts[np.argmin(np.where(counts > 0, values / np.maximum(counts - 0.5, 0.5), np.inf))] -= 1
    return dict.fromkeys(expected, 0) | {name: int(count) for name, count in zip(names, counts, strict=True)}
