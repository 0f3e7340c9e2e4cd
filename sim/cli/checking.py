"""Check files of scenarios, sweeps and staffing rules without running them."""

from __future__ import annotations

from collections.abc import Sequence

from sim.briefing.mistakes import in_language
from sim.briefing.words import word
from sim.cli.inputs import kind_of
from sim.cli.options import Options
from sim.cli.output import print_json, print_text, problem_dicts, say
from sim.experiment.sweeps.file import load_sweep_file
from sim.office.problems import Problem, ScenarioError
from sim.office.scenario import load_scenario_file
from sim.staffing.rules import load_rules


def check_files(files: Sequence[str], options: Options) -> int:
    """Say of each file that it is ok, or all that is wrong with it; return the exit status."""
    answers = []
    for file in files:
        errors: list[Problem] = []
        warnings: list[Problem] = []
        try:
            warnings = list(_warnings(file))
        except ScenarioError as error:
            errors = list(error.problems)
        answers.append({
            "file": file, "ok": not errors, "errors": problem_dicts(errors), "warnings": problem_dicts(warnings),
        })  # fmt: skip
        for problem in errors:
            say(in_language(str(problem), options.language))
        for problem in warnings:
            say(in_language(str(problem), options.language) + word("check warning", options.language))
        if not errors and not options.json:
            print_text(file + word("check ok", options.language))
    status = 0 if all(answer["ok"] for answer in answers) else 2
    if options.json:
        print_json({"status": status, "files": answers})
    return status


def _warnings(file: str) -> Sequence[Problem]:
    """Return the warnings about a file, which may be of any kind.

    Raises
    ------
    ScenarioError
        With all that is wrong.
    """
    kind = kind_of(file)
    if kind == "rules":
        load_rules(file)
        return ()
    return load_sweep_file(file).warnings if kind == "sweep" else load_scenario_file(file).warnings
