"""Check files of scenarios, sweeps and staffing rules without running them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.office.problems import Problem, ScenarioError, problem_dicts
from sim.office.scenario import BLANK, load_scenario_file
from sim.present.assumptions import range_of, value_of
from sim.present.numbers import minutes
from sim.present.table import Table
from sim.present.terminal import Part, print_json, print_parts, print_text, say
from sim.studies.base import Options, refused
from sim.studies.inherited import taken_over
from sim.studies.inputs import kind_of
from sim.studies.staff.rules import load_rules
from sim.studies.sweep.file import load_sweep_file
from sim.text import SOURCE, _, _c, speaking

MOST_UNSAID = 12
"""Assumptions that are told."""


def check_files(files: Sequence[str], installation: bool, licences: bool, options: Options) -> int:
    """Say of each file, or of the installation, that it is ok, or all that is wrong; return the exit status."""
    if bool(files) + installation + licences != 1:
        raise refused("check: write either which files, or --installation, or --licences")
    if installation:
        from sim.cli.installation import check_installation

        return check_installation(options)
    if licences:
        from sim.cli.licences import show_licences

        return show_licences(options.json)
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
            print_parts([file + _(": ok"), *_unsaid(file)])
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


def _unsaid(file: str) -> list[Part]:
    """Return what an office of one's own assumes without having said it, what most hangs on first."""
    if kind_of(file) != "scenario" or load_scenario_file(file).whose != "own" or Path(file).stem == BLANK:
        return []
    found = taken_over(file)
    if not found:
        return ["", _("Nothing that matters is assumed without being said in the file.")]
    rows = tuple(
        (each.assumption.parameter, value_of(each.assumption, each.assumption.value), range_of(each.assumption),
         minutes(each.minutes))
        for each in found[:MOST_UNSAID]
    )  # fmt: skip
    heads = (_("parameter"), _c("brief value column", "here"), _("range"), _("minutes that\nhang on it"))
    note = _("Minutes: by how much the mean licence time of a neutral office differs at an end of the range.")
    if (more := len(found) - MOST_UNSAID) > 0:
        note = _("{note} Of less weight, and not said either: {number} more; docs/parameters.md has all.", note=note,
                 number=more)  # fmt: skip
    table = Table(_("Assumed without being said in the file, what most hangs on first"), heads, rows, note)
    return ["", table]


def print_schema(options: Options) -> int:
    """Print the JSON Schema of scenario files; return the exit status."""
    import json

    from sim.office.schema import json_schema

    print_text(json.dumps(json_schema(), ensure_ascii=False, indent=None if options.json else 2))
    return 0
