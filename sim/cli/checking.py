"""Check files of scenarios, sweeps and staffing rules without running them."""

from __future__ import annotations

from collections.abc import Sequence

from sim.office.problems import Problem, ScenarioError, problem_dicts
from sim.office.scenario import load_scenario_file
from sim.present.terminal import print_json, print_text, say
from sim.studies.base import Options
from sim.studies.inputs import kind_of
from sim.studies.staff.rules import load_rules
from sim.studies.sweep.file import load_sweep_file
from sim.text import SOURCE, _, speaking


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
        # Programs read English.
        with speaking(SOURCE):
            answers.append({
                "file": file, "ok": not errors, "errors": problem_dicts(errors), "warnings": problem_dicts(warnings),
            })  # fmt: skip
        for problem in errors:
            say(problem)
        for problem in warnings:
            say(f"{problem}" + _(" (warning)"))
        if not errors and not options.json:
            print_text(file + _(": ok"))
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


def print_schema(options: Options) -> int:
    """Print the JSON Schema of scenario files; return the exit status."""
    import json

    from sim.office.schema import json_schema

    print_text(json.dumps(json_schema(), ensure_ascii=False, indent=None if options.json else 2))
    return 0
