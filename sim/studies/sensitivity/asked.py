"""What the verb `sensitivity` is asked: a scenario, which pieces, which assumptions, and ranges of one's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sim.measures.judge import Rule
from sim.office.parameters import Scenario
from sim.office.problems import nearest, shown
from sim.replicate.gather import Progress
from sim.results.about import about_of
from sim.studies.base import LONGEST_NAME, InputError, Job, Options, Ready, StudyError, refused
from sim.studies.driver import engine_of, fitted_of, loaded, rule_of, seed_of
from sim.studies.outcomes import Work
from sim.studies.sensitivity.ranges import load_ranges
from sim.studies.sensitivity.records import IN_A_HURRY, Sensitivity
from sim.studies.sensitivity.sensitivity import (
    FULL,
    OWN_TESTS,
    PIECES,
    QUICK,
    Asked,
    find_sensitivity,
    identity,
    sensitivity_asked,
)
from sim.text import N_, Message, _

OF_AN_OFFICE = 200
"""Replications of a plausible office, or of a value of an assumption: beyond them its verdict stays open, which many
more would seldom change. Where outages or a year's demand are drawn a verdict may have to wait for longer."""
SMALLEST = 30
"""Replications before a verdict on an end of a range or a value between. The house's 50 for so large a family guard
against skewed figures; a year's mean is skewed by 0.1 where it is near the target, and far from
it there is no doubt."""
STEPS = {
    "choice": N_("which to judge"),
    "own": N_("the scenario itself"),
    "ends": N_("ends of the ranges"),
    "guesses": N_("looking for break-even values"),
    "break-even": N_("break-even values"),
    "screening": N_("screening"),
    "indices": N_("indices"),
    "plausible": N_("plausible offices"),
}
STEPS_OF = {"break-even": ("own", "ends", "guesses", "break-even")}


def job(
    options: Options, scenario: str, only: Sequence[str], parameters: str | None, ranges: str | None
) -> Job[Sensitivity]:
    """Return the search for what the verdict on a scenario hangs on.

    Parameters
    ----------
    options : Options
    scenario : str
        Its file.
    only : sequence of str
        Pieces; if there are none all, or with `--quick` those of `IN_A_HURRY`.
    parameters : str or None
        Paths of assumptions, with commas between them; None: all.
    ranges : str or None
        File of ranges in place of the plausible ones.
    """
    (plan,) = loaded([scenario], options)
    name = plan.name if ranges is None else f"{plan.name}-{Path(ranges).stem}"[:LONGEST_NAME]
    try:
        asked = _asked(plan, only, parameters, ranges, options)
    except StudyError as error:
        raise InputError(*(Message("{subject}: {why}", subject=scenario, why=why) for why in error.args)) from None
    about = about_of("sensitivity", name, options.again, [asked.point], asked.rule, identity(asked),
                     fitted_of(scenario, [plan]))  # fmt: skip

    steps_of = STEPS_OF if asked.settings.searched else {"break-even": ("choice", "own", "ends")}
    steps = dict.fromkeys(step for piece in asked.pieces for step in steps_of.get(piece, (piece,)))

    def work(ready: Ready) -> Sensitivity:
        def watch(progress: Progress, step: str) -> None:
            place = _("step {number} of {all}", number=list(steps).index(step) + 1, all=len(steps))
            ready.tell_step(progress, f"{_(STEPS[step])} ({place})")

        return find_sensitivity(
            asked, about, Work(asked.point.seed, asked.point.engine, ready.workers, ready.store), watch
        )

    return Job(about, [asked.point], work, plan.warnings, scenario)


def _asked(
    scenario: Scenario, only: Sequence[str], parameters: str | None, ranges: str | None, options: Options
) -> Asked:
    for piece in only:
        if piece not in PIECES:
            raise refused("--only: there is no piece {piece}; {nearest}", piece=shown(piece),
                          nearest=nearest(piece, PIECES))  # fmt: skip
    names = [part.strip() for part in (parameters or "").split(",") if part.strip()]
    if parameters is not None and not names:
        raise refused("--parameters: must be paths with commas between them, such as {example}",
                      example="review.return_rate")  # fmt: skip
    if ranges is not None and not os.path.isfile(ranges):
        raise refused("--ranges: there is no file {file}; it has lines such as {example}", file=shown(ranges),
                      example="'review.return_rate: [0.1, 0.2]'")  # fmt: skip
    given = None if ranges is None else load_ranges(ranges, scenario)

    def rule(tests: int) -> Rule:
        waits = scenario.outages.drawn or scenario.demand.uncertainty > 0
        cap = None if waits or tests == OWN_TESTS else OF_AN_OFFICE
        found = rule_of(options, tests, cap, early=True)
        if tests == 1:
            return found
        largest = min(found.largest, SMALLEST) if options.quick else found.largest
        return replace(found, smallest=SMALLEST, largest=largest)

    settings, pieces = (QUICK, IN_A_HURRY) if options.quick else (FULL, PIECES)
    return sensitivity_asked(scenario, seed_of(options), engine_of(options), rule, only or pieces, names, given,
                             settings)  # fmt: skip
