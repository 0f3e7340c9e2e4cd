"""Rolling-origin back-test: through a log's last year, each period foretold by fits to the days before it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import NamedTuple

from sim.engines.play import Engine
from sim.office.parameters import Scenario
from sim.studies.calibrate.fit import Fit
from sim.studies.calibrate.held_out.last_days import FEWEST_DAYS, Before, fitted_before, foretold
from sim.studies.calibrate.held_out.rolling_errors import OLDER
from sim.studies.calibrate.log.steps import StepLog
from sim.studies.calibrate.records import Foretold

PERIOD, YEAR = timedelta(weeks=4), timedelta(weeks=52)


class Period(NamedTuple):
    """Days that are foretold, and how many of them are worked."""

    first: date
    last: date
    days: int


def periods_of(worked: tuple[date, ...]) -> list[Period]:
    """Return the periods of a log that are foretold, in their order.

    Parameters
    ----------
    worked : tuple of date
        Working days of the log.

    Notes
    -----
    They are of four weeks, counted back from the last working day, for a year at most. None goes over a New Year, since
    a scenario is of one year: what is left of a year is a shorter one. One with fewer than 8 working days is left out,
    and so is what has not four weeks, with 8 working days, before it.
    """
    found: list[Period] = []
    last, begin = worked[-1], max(worked[0] + PERIOD, worked[-1] - YEAR + timedelta(days=1))
    while last >= begin:
        first = max(last - PERIOD + timedelta(days=1), date(last.year, 1, 1))
        days = sum(first <= day <= last for day in worked)
        if first >= begin and days >= FEWEST_DAYS and sum(day < first for day in worked) >= FEWEST_DAYS:
            found.insert(0, Period(first, last, days))
        last = first - timedelta(days=1)
    return found


def rolling_test(
    log: StepLog, parent: Scenario, whole: Fit, seed: int, others: Sequence[float | None] = (),
    engine: Engine = "compiled", told: Callable[[int, int], None] = lambda done, all_: None,
) -> Iterator[Foretold]:  # fmt: skip
    """Yield the figures of each period of a log's last year, as the log has them and as earlier fits foretell them.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
    whole : Fit
        To all of the log; the others have its half-life.
    seed : int
        The same for all periods: what differs between fits of one period is not the chance of the simulation.
    others : sequence of float or None
        Other half-lives [weeks] that are tried, by fits to all days before a period alone; None = all days count alike.
    engine : str
    told : callable
        Gets the replications done, and all.

    Raises
    ------
    StudyError
        If in the days before a period nobody gets in touch in office hours.

    Notes
    -----
    Each fit foretells the period that follows it, and one that is `OLDER` periods later: so of one period it is seen
    how a fit does that is so much older.
    """
    periods = periods_of(whole.arrivals.opened.dates)
    last = len(periods) - 1
    asked = [
        (half_life, origin, number)
        for half_life in (whole.half_life, *others)
        for origin in range(len(periods))
        for number in ([origin, origin + OLDER] if half_life == whole.half_life else [origin])
        if number <= last
    ]
    fits: dict[tuple[float | None, int], Before] = {}
    for place, (half_life, origin, number) in enumerate(asked):
        if (half_life, origin) not in fits:
            before = fitted_before(log, parent, whole, periods[origin].first, half_life)
            fits = {(half_life, origin): before}
        begin, end, days = periods[number]

        def watch(done: int, all_: int, place: int = place) -> None:
            told(place * all_ + done, len(asked) * all_)

        compared = foretold(log, whole, fits[half_life, origin], begin, end, seed, engine, watch)[-1]
        weeks = math.nan if half_life is None else half_life
        for row in compared:
            yield Foretold(**asdict(row), first=begin, last=end, days=days, older=number - origin, half_life=weeks)
