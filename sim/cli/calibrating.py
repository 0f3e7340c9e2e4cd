"""The verbs `calibrate` and `log`: fit the model to an office's own log, and write the log of a simulated office."""

from __future__ import annotations

import filecmp
import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from sim.briefing import calibration_sentences as sentences
from sim.briefing.charts.back_test import draw_calibration_charts
from sim.briefing.saved_calibration import SavedCalibration, read_calibration
from sim.briefing.words import word
from sim.cli.calibration_report import calibration_report
from sim.cli.errors import InputError
from sim.cli.inputs import check_file
from sim.cli.options import Options
from sim.cli.output import print_json, print_text
from sim.cli.progress import watching
from sim.cli.running import ENGINE_OF, check_out, check_replaceable, placed, seed_of, writing
from sim.engines.play import NeverFinishesError
from sim.evidence.calibration import calibrate
from sim.evidence.logs.exported import simulated_log
from sim.evidence.logs.log import StepLog
from sim.evidence.logs.mapping import load_mapping
from sim.evidence.logs.reading import read_log
from sim.evidence.logs.writing import write_log
from sim.evidence.saving_calibration import calibration_facts, write_calibration
from sim.office.parameters import Scenario
from sim.office.problems import Problem, ScenarioError, shown
from sim.office.scenario import load_scenario_file
from sim.replicate.cells import cell_of
from sim.replicate.gather import Progress

CALIBRATIONS, LOGS = "calibrations", "logs"
"""Folders, in that of the results."""
PARENT = "baseline-2023"
HOLD_OUT = 0.25
HINT = ("this is what the log shows; a --parent with other hours, or shift_hours and shift_weeks in a --mapping, may "
        "be missing")  # fmt: skip
LONGEST = 64
"""Letters of a scenario's name."""


def calibrate_files(
    files: Sequence[str], mapping: str | None, parent: str | None, name: str | None, hold_out: float, options: Options
) -> int:
    """Fit the model to a log, write the results and print them; return the exit status.

    Parameters
    ----------
    files : sequence of str
        All parts of one log: CSV, Excel or XES.
    mapping : str or None
        File that says what the columns and words mean; what it does not say is recognised.
    parent : str or None
        Scenario that what the log does not tell is taken from; None: the baseline.
    name : str or None
        Of the calibration and its scenario; None: as the first file is called.
    hold_out : float
        Share of the days that the fit does not see.
    options : Options
    """
    began = time.perf_counter()
    shipped = options.home / "scenarios"
    base = str(shipped / f"{PARENT}.yaml") if parent is None else parent
    check_file(base, shipped)
    scenario = load_scenario_file(base)
    called = _name(name, files[0])
    log, report = read_log([Path(file) for file in files], None if mapping is None else load_mapping(mapping))
    folder = options.out / CALIBRATIONS / called
    seed, engine = seed_of(options), ENGINE_OF[options.engine]
    digest = hashlib.sha256()
    for file in [*files, *([] if mapping is None else [mapping])]:
        digest.update(Path(file).read_bytes())
    cell = cell_of(scenario, seed, engine)
    facts = calibration_facts(called, scenario, report, digest.hexdigest(), hold_out, cell)
    check_out(options.out)
    check_replaceable(folder, facts, options)
    title = {"en": f"{called}, from its log", "zh": f"{called}（由业务记录拟合）"}
    with watching(called, options.language) as progress:

        def told(done: int, all_: int) -> None:
            progress.step(Progress(1, 0, done, 0, all_ - done, None), "")

        try:
            found = calibrate(log, scenario, called, title, hold_out, seed, engine, told)
        except ScenarioError as error:
            raise ScenarioError(Problem(files[0], 1, 1, f"{one.message}; {HINT}") for one in error.problems) from None
        except ValueError as error:
            raise InputError(f"{files[0]}: {error}; have the times hours and minutes?") from None
        write = partial(write_calibration, found, report, facts, time.perf_counter() - began, folder)
        saved = placed(write, read_calibration, draw_calibration_charts, folder, facts, options)
        progress.end(sentences.finding(saved, options.language))
    if options.json:
        print_json({"status": 0, **_answer(saved)})
    else:
        print_text(calibration_report(saved, options.language))
    return 0


def export_log(file: str, options: Options) -> int:
    """Write the log of one simulated period of a scenario; return the exit status."""
    check_file(file, options.home / "scenarios")
    scenario: Scenario = load_scenario_file(file)
    target = options.out / LOGS / f"{scenario.name}.csv"
    check_out(options.out)
    try:
        log = simulated_log(scenario, seed_of(options), ENGINE_OF[options.engine])
    except NeverFinishesError as error:
        raise InputError(f"{file}: {error}") from None
    if target.exists() and not options.replace:
        _check_same(log, target)
    else:
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_log(log, target)
    cases = len(np.unique(log.case))
    if options.json:
        print_json({"status": 0, "log": str(target), "rows": len(log), "cases": cases, "steps": list(log.steps)})
    else:
        values = {"rows": f"{len(log):,}", "cases": f"{cases:,}", "file": target}
        print_text(word("log written", options.language, **values))
    return 0


def _check_same(log: StepLog, target: Path) -> None:
    """Raise an `InputError` if a file is another log: one of another scenario or seed is replaced only if asked for."""
    with TemporaryDirectory() as folder:
        new = Path(folder, target.name)
        write_log(log, new)
        if not filecmp.cmp(new, target, shallow=False):
            raise InputError(f"{target} is another log, of another seed or scenario; --replace puts this in its place")


def _name(name: str | None, file: str) -> str:
    """Return the name of a calibration: as it is given, or as the file is called."""
    if name is not None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or len(name) > LONGEST:
            raise InputError(f"--name: must be small letters, digits and hyphens, {LONGEST} at most, not {shown(name)}")
        return name
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in Path(file).name.split(".")[0].lower())
    stem = "-".join(part for part in stem.split("-") if part)[:LONGEST].strip("-")
    if not stem:
        raise InputError(f"--name: no name can be made of {shown(file)}; give one, such as --name our-office")
    return stem


def _answer(saved: SavedCalibration) -> dict[str, Any]:
    facts = saved.manifest
    names = ("title", "parent", "log", "held_out", "missing", "notes", "seed", "engine", "replications", "found")
    return {
        "calibration": saved.name,
        **{name: facts[name] for name in names},
        "estimates": [asdict(each) for each in saved.estimates],
        "back_test": [asdict(each) for each in saved.back_test],
        "findings": [asdict(each) for each in saved.findings],
        "sentences": {"en": sentences.spoken(saved, "en"), "zh": sentences.spoken(saved, "zh")},
        "folder": str(saved.folder),
        "files": sorted(file.name for file in saved.folder.iterdir()),
    }
