"""The verb `run`: one scenario, its verdict and its figures."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from sim.briefing.charts import draw_charts
from sim.briefing.saved import Saved, read_saved
from sim.cli.errors import InputError
from sim.cli.fitted import fitted_of
from sim.cli.inputs import check_file
from sim.cli.options import Options
from sim.cli.output import print_json, print_text, problem_dicts, say
from sim.cli.report import report
from sim.cli.running import (
    ENGINE_OF,
    at_work,
    check_replaceable,
    placed,
    rule_of,
    seed_of,
)
from sim.experiment.begun import Begun
from sim.experiment.manifest import common_facts
from sim.experiment.results import write_run
from sim.experiment.run import Run, run_cells, run_scenarios
from sim.office.problems import Problem
from sim.office.scenario import load_scenario_file

RUNS = "runs"
"""Folder, in that of the results, for single runs."""


def run_one(file: str, options: Options) -> int:
    """Run a scenario file, write its results and print them; return the exit status."""
    check_file(file, options.home / "scenarios")
    scenario = load_scenario_file(file)
    for warning in scenario.warnings:
        say(f"{warning} (warning)")
    folder = options.out / RUNS / scenario.name
    rule = rule_of(options, tests=1)
    cells = run_cells([scenario], seed_of(options), ENGINE_OF[options.engine])
    facts = common_facts("run", scenario.name, cells, rule)
    check_replaceable(folder, facts, options)
    with at_work(Begun("run", scenario.name, options.command, cells), options) as ready:
        (run,) = run_scenarios([scenario], cells, rule, ready.workers, ready.store, ready.watch)
        saved = stored(run, file, folder, facts, options)
        ready.watching.end(str(saved.verdict["verdict"]))
    if options.json:
        print_json({"status": 0, **answer(saved, scenario.warnings)})
    else:
        print_text(report(saved, options.language))
    return 0


def stored(run: Run, file: str, folder: Path, facts: dict[str, Any], options: Options) -> Saved:
    """Write a run with its charts, and return what was written.

    Raises
    ------
    InputError
        If there was nothing to judge, the results cannot be written, or others have meanwhile taken their place.
    """
    if run.outcome.verdict is None:
        raise InputError(f"{file}: {run.outcome.why}")
    write = partial(write_run, run, folder, fitted=fitted_of(file, [run.scenario]))
    return placed(write, read_saved, draw_charts, folder, facts, options)


def answer(saved: Saved, warnings: tuple[Problem, ...]) -> dict[str, Any]:
    """Return what `--json` gives for a scenario."""
    facts = saved.manifest
    return {
        "scenario": saved.name,
        "title": facts["scenario"]["title"],
        **{name: facts[name] for name in ("verdict", "seed", "replications", "engine", "working_days", "sources")},
        "figures": [
            {"subject": subject, "by": by, "group": group, "statistic": statistic, **figure._asdict()}
            for (subject, by, group, statistic), figure in saved.figures.items()
        ],
        "warnings": problem_dicts(warnings),
        "folder": str(saved.folder),
        "files": sorted(file.name for file in saved.folder.iterdir()),
    }
