"""Rolling-origin back-test: through a log's last year, each period foretold by fits to the days before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, timedelta
from typing import NamedTuple

from sim.engines.play import Engine
from sim.office.parameters import Scenario
from sim.studies.calibrate.fit import Fit
from sim.studies.calibrate.heldout import FEWEST_DAYS, Before, fitted_before, foretold
from sim.studies.calibrate.logs.log import StepLog
from sim.studies.calibrate.records import Foretold
from sim.studies.calibrate.rolling_errors import OLDER

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
    log: StepLog, parent: Scenario, whole: Fit, seed: int, engine: Engine = "compiled",
    told: Callable[[int, int], None] = lambda done, all_: None,
) -> Iterator[Foretold]:  # fmt: skip
    """Yield the figures of each period of a log's last year, as the log has them and as earlier fits foretell them.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
    whole : Fit
        To all of the log.
    seed : int
        The same for all periods: what differs between fits of one period is not the chance of the simulation.
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
    pairs = [(number, number + older) for number in range(len(periods)) for older in (0, OLDER)]
    pairs = [(origin, number) for origin, number in pairs if number < len(periods)]
    fits: dict[int, Before] = {}
    for place, (origin, number) in enumerate(pairs):
        if origin not in fits:
            fits = {origin: fitted_before(log, parent, whole, periods[origin].first)}
        first, last, days = periods[number]

        def watch(done: int, all_: int, place: int = place) -> None:
            told(place * all_ + done, len(pairs) * all_)

        compared = foretold(log, whole, fits[origin], first, last, seed, engine, watch)[-1]
        yield from (
            Foretold(**asdict(row), first=first, last=last, days=days, older=number - origin) for row in compared
        )
