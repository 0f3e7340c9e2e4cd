"""How a fit does on the last days of its log, which it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sim.engines.play import Engine
from sim.office.parameters import Scenario
from sim.studies.calibrate.backtest import back_test, in_days, known_by
from sim.studies.calibrate.fit import Fit, fit_log, vague, with_waits
from sim.studies.calibrate.fits.lying import Gain, without
from sim.studies.calibrate.fits.other_work import REPLICATIONS
from sim.studies.calibrate.fits.scenarios import varied_scenarios
from sim.studies.calibrate.logs.log import StepLog
from sim.studies.calibrate.records import Compared, HeldOut

FEWEST_DAYS = 8
"""Working days held out, and left to fit to: with fewer there is no back-test."""


def held_out_test(
    log: StepLog,
    parent: Scenario,
    whole: Fit,
    hold_out: float,
    seed: int,
    engine: Engine = "compiled",
    told: Callable[[int, int], None] = lambda done, all_: None,
) -> tuple[HeldOut | None, tuple[Compared, ...], tuple[Gain, ...]]:
    """Hold a fit to the first days of a log against its last days; return these, the figures, and the gains on them.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
    whole : Fit
        To all of the log.
    hold_out : float
        Share of the working days, from the last one back, that a second fit does not see and that are then simulated;
        0 = no back-test.
    seed : int
    engine : str
    told : callable
        Gets the replications of the back-test done, and all.

    Raises
    ------
    StudyError
        If nobody gets in touch in office hours.
    """
    worked = whole.arrivals.opened.dates
    days = [day for day in worked if day.year == whole.scenario.year]
    held = days[max(len(days) - round(len(worked) * hold_out), 0) :]
    if len(held) < FEWEST_DAYS or len(worked) - len(held) < FEWEST_DAYS:
        return None, (), whole.gains

    def number(day: date) -> int:
        return (day - log.first_day) // timedelta(days=1)

    first, last = held[0], held[-1]
    known = known_by(log, number(first) - 1)
    before = with_waits(fit_log(known, parent, whole.scenario.name, whole.scenario.title.model_dump()), known)
    # Which days were worked is no forecast.
    office = before.scenario.model_copy(update={"year": whole.scenario.year, "calendar": whole.scenario.calendar})
    seen = in_days(log.as_told, number(first), number(last))
    compared = back_test(
        office, seen, first, last, seed, known.steps, engine,
        varied_scenarios(office, [each for each in before.estimates if not vague(each)], seed), told,
    )  # fmt: skip
    shown = {(gain.step, gain.what): gain for gain in _gains(before.gains, office, seen, first, last, seed, engine)}
    # What the scenario has, also where it was not found in the days before.
    gains = tuple(shown.get((gain.step, gain.what), gain) for gain in whole.gains)
    return HeldOut(first, last, len(held)), compared, gains


def _gains(
    gains: Sequence[Gain], office: Scenario, seen: StepLog, first: date, last: date, seed: int, engine: Engine
) -> Iterator[Gain]:
    """Yield what makes files lie with the mean waits of the held-out days, in the log and with and without it."""

    def waits(scenario: Scenario) -> dict[str, Compared]:
        rows = back_test(scenario, seen, first, last, seed, engine=engine, replications=REPLICATIONS)
        return {row.step: row for row in rows if row.measure == "wait mean"}

    with_all = waits(office) if gains else {}
    for gain in gains:
        if gain.step in with_all:
            row, other = with_all[gain.step], waits(without(office, gain))[gain.step]
            yield replace(gain, observed=row.observed, without=other.simulated, simulated=row.simulated)
