"""With which probability a roster keeps the target once how well a log tells the office is carried."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from sim.office.scenario import scenario_from_dict
from sim.replicate.gather import Progress
from sim.studies.base import StudyError
from sim.studies.calibrate.records import Calibration
from sim.studies.outcomes import Work
from sim.studies.possible_offices import PossibleOffices, carried_figure, playing, verdict_given
from sim.studies.staff.records import PLAN, TARGET, CheapestRoster, RosterGivenLog


def given_log(
    record: CheapestRoster, calibration: Calibration, work: Work, quick: bool = False,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> CheapestRoster:  # fmt: skip
    """Return a roster with the probability that it keeps the target, given the log.

    As it is if there is no roster, or nobody comes in an office that the log leaves possible.

    Parameters
    ----------
    record : CheapestRoster
        That takes the fitted values as exact.
    calibration : Calibration
        That has fitted its scenario.
    work : Work
    quick : bool
        Whether few offices are drawn.
    watch : callable
        Told the progress.
    """
    if record.staffed is None or record.plan is None:
        return record
    offices = PossibleOffices.of([scenario_from_dict(record.staffed)], calibration)
    if not offices.joint.known:
        return record
    target = record.target
    (test,) = [test for test in record.of(PLAN) if test.requirement == TARGET]
    with suppress(StudyError):
        rounds = [each for (each,) in offices.rounds(work.seed, playing(target, work, watch), quick)]
        found = carried_figure(rounds, test.estimate, test.low, test.high, target)
        verdict, low, high = verdict_given(found, target)
        facts = RosterGivenLog(
            **vars(offices.facts(calibration, rounds)), verdict=verdict.value, low=low, high=high, kept=found.below,
            kept_error=found.error, from_log=found.from_log,
        )  # fmt: skip
        return replace(record, given_log=facts)
    return record
