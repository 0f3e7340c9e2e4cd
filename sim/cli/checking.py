"""Check scenario and sweep files without running them."""

from __future__ import annotations

from collections.abc import Sequence

from sim.cli.options import Options
from sim.cli.output import print_json, print_text, problem_dicts, say
from sim.experiment.sweeps.file import Sweep, is_sweep_file, load_sweep_file
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file


def check_files(files: Sequence[str], options: Options) -> int:
    """Say of each file that it is ok, or all that is wrong with it; return the exit status."""
    answers = []
    for file in files:
        errors, warnings = [], []
        try:
            warnings = list(_loaded(file).warnings)
        except ScenarioError as error:
            errors = list(error.problems)
        answers.append({
            "file": file, "ok": not errors, "errors": problem_dicts(errors), "warnings": problem_dicts(warnings),
        })  # fmt: skip
        for problem in errors:
            say(str(problem))
        for problem in warnings:
            say(f"{problem} (warning)")
        if not errors and not options.json:
            print_text(f"{file}: ok")
    status = 0 if all(answer["ok"] for answer in answers) else 2
    if options.json:
        print_json({"status": status, "files": answers})
    return status


def _loaded(file: str) -> Scenario | Sweep:
    return load_sweep_file(file) if is_sweep_file(file) else load_scenario_file(file)
