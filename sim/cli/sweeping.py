"""The verb `sweep`: verdicts over a design, as a table, a map and lines."""

from __future__ import annotations

from functools import partial

from sim.briefing.charts.sweep import draw_sweep_charts
from sim.briefing.saved_sweep import SavedSweep, read_sweep
from sim.cli.errors import InputError
from sim.cli.fitted import fitted_of
from sim.cli.inputs import check_file
from sim.cli.options import Options
from sim.cli.output import print_json, print_text, problem_dicts, say
from sim.cli.running import (
    ENGINE_OF,
    at_work,
    check_replaceable,
    placed,
    rule_of,
    seed_of,
    verdicts_so_far,
)
from sim.cli.sweep_report import sweep_report
from sim.experiment.begun import Begun
from sim.experiment.sweep import SweepRun, run_sweep, sweep_cells, sweep_facts, write_sweep
from sim.experiment.sweeps.file import load_sweep_file
from sim.office.problems import Problem

SWEEPS = "sweeps"
"""Folder with the sweep files in that of the scenarios, and that of their results in the folder of the results."""


def run_sweep_file(file: str, options: Options) -> int:
    """Run a sweep file, write its results and print them; return the exit status."""
    check_file(file, options.home / "scenarios" / SWEEPS, "sweep")
    sweep = load_sweep_file(file)
    for warning in sweep.warnings:
        say(f"{warning} (warning)")
    folder = options.out / SWEEPS / sweep.name
    rule = rule_of(options, len(sweep.cells), sweep.max_replications)
    cells = sweep_cells(sweep, seed_of(options), ENGINE_OF[options.engine])
    facts = sweep_facts(sweep, cells, rule)
    check_replaceable(folder, facts, options)
    with at_work(Begun("sweep", sweep.name, options.command, cells), options) as ready:
        run = run_sweep(sweep, cells, rule, ready.workers, ready.store, ready.watch)
        _check_judged(run, file)
        fitted = fitted_of(sweep.base_file, [sweep.base, *(cell.scenario for cell in sweep.cells)])
        write = partial(write_sweep, run, folder, fitted=fitted)
        saved = placed(write, read_sweep, draw_sweep_charts, folder, facts, options)
        ready.watching.end(verdicts_so_far(run.question.counts(), options.language))
    if options.json:
        print_json({"status": 0, **_answer(saved, sweep.warnings)})
    else:
        print_text(sweep_report(saved, options.language))
    return 0


def _check_judged(run: SweepRun, file: str) -> None:
    for cell, outcome in zip(run.sweep.cells, run.outcomes, strict=True):
        if outcome.verdict is None:
            at = ", ".join(f"{name} = {value}" for name, value in cell.at.items())
            raise InputError(f"{file}: cell {cell.number} ({at}): {outcome.why}")


def _answer(saved: SavedSweep, warnings: tuple[Problem, ...]) -> dict[str, object]:
    facts = saved.manifest
    return {
        "sweep": saved.name,
        **{name: facts[name] for name in ("title", "target", "rule", "seed", "engine", "working_days", "factors")},
        "cells": [
            {
                "cell": cell.number, **cell.at, "verdict": cell.verdict, "estimate": cell.estimate, "low": cell.low,
                "high": cell.high, "replications": cell.replications, "p_value": cell.p_value, "why": cell.why or None,
            }
            for cell in saved.cells
        ],
        "warnings": problem_dicts(warnings),
        "folder": str(saved.folder),
        "files": sorted(file.name for file in saved.folder.iterdir()),
    }  # fmt: skip
