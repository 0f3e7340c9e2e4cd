"""The verb `explain`: which stage makes the licences late, and what one more of staff is worth."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from sim.briefing.charts.week_map import draw_explanation_charts
from sim.briefing.explanation_sentences import finding, spoken
from sim.briefing.saved_explanation import SavedExplanation, read_explanation
from sim.briefing.words import word
from sim.cli.errors import InputError
from sim.cli.explanation_report import explanation_report
from sim.cli.fitted import fitted_of
from sim.cli.inputs import check_file
from sim.cli.options import Options
from sim.cli.output import print_json, print_text, problem_dicts, say
from sim.cli.running import ENGINE_OF, at_work, check_replaceable, placed, rule_of, seed_of
from sim.experiment.begun import Begun
from sim.office.problems import Problem
from sim.office.scenario import load_scenario_file
from sim.staffing.explain import LARGEST, asked_of, explain
from sim.staffing.levers import NothingToExplainError
from sim.staffing.saving_explanation import KIND, explanation_facts, write_explanation

EXPLANATIONS = "explanations"
"""Folder, in that of the results."""


def explain_file(file: str, options: Options) -> int:
    """Explain a scenario file, write the results and print them; return the exit status."""
    check_file(file, options.home / "scenarios")
    scenario = load_scenario_file(file)
    for warning in scenario.warnings:
        say(f"{warning} (warning)")
    folder = options.out / EXPLANATIONS / scenario.name
    asked = asked_of(
        scenario, seed_of(options), ENGINE_OF[options.engine], lambda tests: rule_of(options, tests, LARGEST)
    )
    facts = explanation_facts(asked)
    check_replaceable(folder, facts, options)
    try:
        with at_work(Begun(KIND, scenario.name, options.command, asked.cells), options) as ready:
            found = explain(
                asked, ready.workers, ready.store, options.jobs, lambda progress: ready.watching.step(progress, "")
            )
            write = partial(write_explanation, found, folder, fitted=fitted_of(file, [scenario]))
            saved = placed(write, read_explanation, draw_explanation_charts, folder, facts, options)
            ready.watching.end(word("explained", options.language, found=finding(saved, options.language)))
    except NothingToExplainError as error:
        raise InputError(f"{file}: {error}") from None
    if options.json:
        print_json({"status": 0, **_answer(saved, scenario.warnings)})
    else:
        print_text(explanation_report(saved, options.language))
    return 0


def _answer(saved: SavedExplanation, warnings: tuple[Problem, ...]) -> dict[str, object]:
    facts = saved.manifest
    names = ("target", "rule", "seed", "engine", "working_days", "verdict", "unfinished", "found", "to_blame",
             "unlimited", "whole", "late", "residual", "blame_replications")  # fmt: skip
    return {
        "explanation": saved.name,
        "title": facts["scenario"]["title"],
        **{name: facts[name] for name in names},
        "stages": [asdict(stage) for stage in saved.stages],
        "one_more": [asdict(lever) for lever in saved.one_more],
        "late_cases": [asdict(part) for part in saved.late_cases],
        "sentences": {"en": spoken(saved, "en"), "zh": spoken(saved, "zh")},
        "warnings": problem_dicts(warnings),
        "folder": str(saved.folder),
        "files": sorted(file.name for file in saved.folder.iterdir()),
    }
