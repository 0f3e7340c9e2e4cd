"""How a fit does on the last days of its log, which it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sim.engines.play import Engine
from sim.office.parameters import Scenario
from sim.studies.calibrate.fit import Fit, fit_log, vague, with_waits
from sim.studies.calibrate.held_out.backtest import TO_QUEUE, back_test, in_days, known_by
from sim.studies.calibrate.log.steps import StepLog
from sim.studies.calibrate.lying.other_work import REPLICATIONS
from sim.studies.calibrate.lying.rules import OUTSIDE, Gain, without
from sim.studies.calibrate.records import Compared, HeldOut
from sim.studies.calibrate.scenarios import varied_scenarios

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

    first, last = held[0], held[-1]
    before = fitted_before(log, parent, whole, first, whole.half_life)
    office, seen, compared = foretold(log, whole, before, first, last, seed, engine, told)
    on_days = _gains(before.fit, office, seen, first, last, seed, engine)
    shown = {(gain.step, gain.what): gain for gain in on_days}
    # What the scenario has, also where it was not found in the days before.
    gains = tuple(shown.get((gain.step, gain.what), gain) for gain in whole.gains)
    return HeldOut(first, last, len(held)), compared, gains


class Before(NamedTuple):
    """A fit to what a log showed up to some day, and the steps that it had by then."""

    fit: Fit
    steps: tuple[str, ...]


def fitted_before(log: StepLog, parent: Scenario, whole: Fit, day: date, half_life: float | None) -> Before:
    """Return the fit to the days of a log before one, with a half-life; `whole` is a fit to all of them.

    Raises
    ------
    StudyError
        If nobody gets in touch in office hours.
    """
    known = known_by(log, (day - log.first_day).days - 1)
    title = whole.scenario.title.model_dump()
    fit = fit_log(known, parent, whole.scenario.name, title, half_life=half_life)
    return Before(with_waits(fit, known), known.steps)


def foretold(
    log: StepLog, whole: Fit, before: Before, first: date, last: date, seed: int, engine: Engine,
    told: Callable[[int, int], None],
) -> tuple[Scenario, StepLog, tuple[Compared, ...]]:  # fmt: skip
    """Return the office that a fit to earlier days has on some days of a year, what the log shows of them, and both."""
    opened, fit = whole.arrivals.opened, before.fit
    # Which days were worked is no forecast.
    calendar = fit.scenario.calendar.model_copy(update={
        "add_working_days": tuple(day for day in opened.add if day.year == first.year),
        "remove_working_days": tuple(day for day in opened.remove if day.year == first.year),
    })  # fmt: skip
    office = fit.scenario.model_copy(update={"year": first.year, "calendar": calendar})
    seen = in_days(log.as_told, (first - log.first_day).days, (last - log.first_day).days)
    varied = varied_scenarios(office, [each for each in fit.estimates if not vague(each)], seed)
    return office, seen, back_test(office, seen, first, last, seed, before.steps, engine, varied, told)


def _gains(
    fit: Fit, office: Scenario, seen: StepLog, first: date, last: date, seed: int, engine: Engine
) -> Iterator[Gain]:
    """Yield what makes files lie with the mean waits of the held-out days, in the log and with and without it."""

    def waits(scenario: Scenario) -> dict[tuple[str, str], Compared]:
        rows = back_test(scenario, seen, first, last, seed, engine=engine, replications=REPLICATIONS)
        return {(row.step, row.measure): row for row in rows}

    paces = {pace.gain: pace for pace in fit.paces}
    with_all = waits(office) if fit.gains else {}
    for gain in fit.gains:
        if (row := with_all.get((gain.step, TO_QUEUE if gain.what == OUTSIDE else "wait mean"))) is None:
            continue
        # Without it every file is in the queue at once.
        other = 0.0
        if gain.what != OUTSIDE:
            less = paces[gain].at_one_pace(office) if gain in paces else without(office, gain)
            other = waits(less)[gain.step, "wait mean"].simulated
        yield replace(gain, observed=row.observed, without=other, simulated=row.simulated)
