"""The verb `log`: write the log of a simulated office, in the form that `calibrate` reads."""

from __future__ import annotations

import filecmp
from pathlib import Path

import numpy as np

from sim.engines.play import NeverFinishesError
from sim.office.scenario import load_scenario_file, scenario_as_dict
from sim.present.terminal import print_json, print_text
from sim.studies.base import Options, refused
from sim.studies.calibrate.log.simulated import simulated_log, write_log
from sim.studies.driver import check_out, check_size, engine_of, seed_of, writing
from sim.studies.inputs import check_file
from sim.text import _

LOGS = "logs"
"""Folder, in that of the results."""


def export_log(file: str, options: Options) -> int:
    """Write the log of one simulated period of a scenario; return the exit status."""
    check_file(file, options.shipped)
    scenario = load_scenario_file(file)
    target = options.out / LOGS / f"{scenario.name}.csv"
    check_out(options.out)
    check_size([scenario_as_dict(scenario)], options)
    try:
        log = simulated_log(scenario, seed_of(options), engine_of(options), all_steps=True)
    except NeverFinishesError as error:
        raise refused("{file}: {why}", file=file, why=error) from None
    with writing(target):
        write_log(log, target, lambda new: _check_replaceable(new, target, options))
    cases = len(np.unique(log.case))
    if options.json:
        print_json({"status": 0, "log": str(target), "rows": len(log), "cases": cases, "steps": list(log.steps)})
    else:
        told = {"rows": f"{len(log):,}", "cases": f"{cases:,}", "file": target}
        print_text(_("Log of {cases} cases in {rows} rows: {file}", **told))
    return 0


def _check_replaceable(new: Path, target: Path, options: Options) -> None:
    """Raise an `InputError` if a file is another log: one of another scenario or seed is replaced only if asked for."""
    if target.exists() and not options.replace and not filecmp.cmp(new, target, shallow=False):
        raise refused("{file} is another log, of another seed or scenario; --replace puts this in its place",
                      file=target)  # fmt: skip
