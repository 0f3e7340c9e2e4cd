"""The verb `sensitivity`: which assumption the verdict hangs on, where it flips, how many plausible offices hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from sim.analysis.judge import Rule
from sim.briefing.charts.tornado import draw_sensitivity_charts
from sim.briefing.saved_sensitivity import SavedSensitivity, read_sensitivity
from sim.briefing.sensitivity_sentences import finding, spoken
from sim.briefing.words import word
from sim.cli.errors import InputError
from sim.cli.inputs import check_file
from sim.cli.options import LONGEST_NAME, Options
from sim.cli.output import print_json, print_text, problem_dicts, say
from sim.cli.running import ENGINE_OF, at_work, check_replaceable, placed, rule_of, seed_of
from sim.cli.sensitivity_report import sensitivity_report
from sim.evidence.assumptions.dimensions import SensitivityError
from sim.evidence.assumptions.outcomes import Work
from sim.evidence.assumptions.ranges import load_ranges
from sim.evidence.assumptions.saving_sensitivity import KIND, sensitivity_facts, write_sensitivity
from sim.evidence.assumptions.sensitivity import PIECES, QUICK, Asked, Settings, find_sensitivity, sensitivity_asked
from sim.experiment.begun import Begun
from sim.office.parameters import Scenario
from sim.office.problems import Problem, nearest
from sim.office.scenario import load_scenario_file

SENSITIVITY = "sensitivity"
"""Folder, in that of the results."""
SMALLEST = 30
"""Replications before a verdict on an end of a range or a flip. The house's 50 for so large a family guard against
skewed figures; a year's mean is skewed by 0.1 where it is near the target, and far from it there is no doubt."""


def sense_file(file: str, only: Sequence[str], parameters: str | None, ranges: str | None, options: Options) -> int:
    """Find out what the verdict on a scenario file hangs on, write the results and print them; return the status.

    Parameters
    ----------
    file : str
    only : sequence of str
        Pieces; all if there are none.
    parameters : str or None
        Paths of assumptions, with commas between them; None: all.
    ranges : str or None
        File of ranges in place of the plausible ones.
    options : Options
    """
    check_file(file, options.home / "scenarios")
    scenario = load_scenario_file(file)
    for warning in scenario.warnings:
        say(f"{warning} (warning)")
    name = scenario.name if ranges is None else f"{scenario.name}-{Path(ranges).stem}"[:LONGEST_NAME]
    try:
        asked = _asked(scenario, only, parameters, ranges, options)
        folder = options.out / SENSITIVITY / name
        facts = sensitivity_facts(asked, name)
        check_replaceable(folder, facts, options)
        with at_work(Begun(KIND, name, options.command, [asked.cell]), options) as ready:
            found = find_sensitivity(
                asked, Work(asked.cell.seed, asked.cell.engine, ready.workers, ready.store),
                lambda progress, step: ready.watching.step(progress, word(f"step {step}", options.language)),
            )  # fmt: skip
            write = partial(write_sensitivity, found, name, folder)
            saved = placed(write, read_sensitivity, draw_sensitivity_charts, folder, facts, options)
            ready.watching.end(finding(saved, options.language))
    except SensitivityError as error:
        raise InputError(*(f"{file}: {line}" for line in error.args)) from None
    if options.json:
        print_json({"status": 0, **_answer(saved, scenario.warnings)})
    else:
        print_text(sensitivity_report(saved, options.language))
    return 0


def _asked(
    scenario: Scenario, only: Sequence[str], parameters: str | None, ranges: str | None, options: Options
) -> Asked:
    for piece in only:
        if piece not in PIECES:
            raise InputError(f"--only: there is no piece {piece!r}; {nearest(piece, PIECES)}")
    names = [] if parameters is None else [part.strip() for part in parameters.split(",") if part.strip()]
    if parameters is not None and not names:
        raise InputError("--parameters: must be paths with commas between them, such as review.return_rate")
    given = None
    if ranges is not None:
        check_ranges_file(ranges)
        given = load_ranges(ranges, scenario)

    def rule(tests: int) -> Rule:
        found = rule_of(options, tests)
        if tests == 1:
            return found
        largest = min(found.largest, SMALLEST) if options.quick else found.largest
        return replace(found, smallest=SMALLEST, largest=largest)

    return sensitivity_asked(
        scenario, seed_of(options), ENGINE_OF[options.engine], rule, only or PIECES, names, given,
        QUICK if options.quick else Settings(),
    )  # fmt: skip


def check_ranges_file(file: str) -> None:
    """Raise an `InputError` if there is no file of ranges."""
    if not Path(file).is_file():
        raise InputError(f"--ranges: there is no file {file!r}; it has lines such as 'review.return_rate: [0.1, 0.2]'")


def _answer(saved: SavedSensitivity, warnings: tuple[Problem, ...]) -> dict[str, Any]:
    facts = saved.manifest
    names = ("target", "rule", "seed", "engine", "working_days", "pieces", "settings", "left_out", "scenario_verdict",
             "screening", "indices", "plausible", "found")  # fmt: skip
    return {
        "sensitivity": saved.name,
        "title": facts["scenario"]["title"],
        **{name: facts[name] for name in names},
        "assumptions": [asdict(of) for of in saved.assumptions.values()],
        "flips": [
            {"parameter": of.assumption.parameter, "low": of.low._asdict(), "high": of.high._asdict(),
             "middle": of.middle, "middle_verdict": of.middle_verdict,
             "flips": [flip._asdict() for flip in of.flips], "replications": of.replications}
            for of in saved.swings
        ],
        "others": [{"kind": of.kind, "name": of.name, **of.judged._asdict()} for of in saved.others],
        "screened": [asdict(of) for of in saved.screened],
        "sobol": [asdict(of) for of in saved.indices],
        "separation": [asdict(of) for of in saved.separations],
        "sentences": {"en": spoken(saved, "en"), "zh": spoken(saved, "zh")},
        "warnings": problem_dicts(warnings),
        "folder": str(saved.folder),
        "files": sorted(file.name for file in saved.folder.iterdir()),
    }  # fmt: skip
