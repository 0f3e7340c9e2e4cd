"""No verb, the main job: every scenario as shipped, one table of verdicts, one overview chart."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from sim.briefing.charts.overview import draw_overview
from sim.briefing.overview import Row, overview_row, write_overview
from sim.briefing.saved import Saved
from sim.cli.errors import InputError, StoppedError
from sim.cli.options import Options
from sim.cli.output import one_line, print_json, print_text, problem_dicts, say
from sim.cli.progress import Steps, progress_of
from sim.cli.report import overview_report
from sim.cli.running import check_out, replications_of, run_and_store, writing
from sim.cli.single import answer
from sim.office.problems import Problem, ScenarioError
from sim.office.scenario import load_scenario_file

ROOT = "baseline-2023"
"""Shown first: the others are compared with it."""
Found = tuple[Saved, tuple[Problem, ...]]


def run_all(options: Options) -> int:
    """Run the shipped scenarios, and print one table; return the exit status.

    A scenario that cannot be run is reported, and does not keep the others from their results.
    """
    check_out(options.out)
    files = sorted((options.home / "scenarios").glob("*.yaml"), key=lambda file: (file.stem != ROOT, file.stem))
    if not files:
        raise InputError(f"there is no scenario in {options.home / 'scenarios'}")
    found: list[Found] = []
    failures: list[dict[str, Any]] = []
    status = 0
    try:
        with progress_of(len(files) * replications_of(options)) as steps:
            for file in files:
                status = max(status, _run(file, options, steps, found, failures), key=(0, 2, 1).index)
    except KeyboardInterrupt:
        names = f"{len(found)} of {len(files)} scenarios are done and saved in {options.out}"
        raise StoppedError(f"{names}; no file is half-written") from None
    written = _overview(found, options)
    for failure in failures:
        say(failure["line"])
    if options.json:
        scenarios = [answer(saved, warnings) for saved, warnings in found]
        print_json({
            "status": status, "scenarios": scenarios, "errors": [failure["json"] for failure in failures],
            "files": [str(file) for file in written],
        })  # fmt: skip
    elif found:
        rows = [overview_row(saved) for saved, _ in found]
        done = {saved.name for saved, _ in found}
        missing = [file.stem for file in files if file.stem not in done]
        print_text(overview_report(rows, written, missing, options.language))
    return status


def _run(file: Path, options: Options, steps: Steps, found: list[Found], failures: list[dict[str, Any]]) -> int:
    """Run one scenario and note its results, or what is wrong with it; return its exit status."""
    total, done = replications_of(options), 0
    steps.begin(file.stem)

    def advance() -> None:
        nonlocal done
        done += 1
        steps.advance()

    try:
        scenario = load_scenario_file(file)
        saved = run_and_store(scenario, str(file), options, advance)
    except ScenarioError as error:
        failures += [
            {"line": str(problem), "json": asjson} for problem, asjson in
            zip(error.problems, problem_dicts(error.problems), strict=True)
        ]  # fmt: skip
        said, status = "not run, the file is wrong", 2
    except InputError as error:
        failures.append({"line": str(error), "json": {"file": str(file), "message": str(error)}})
        said, status = "not run", 2
    except Exception as error:
        text = one_line(f"internal error in {file.stem}, please report it: {type(error).__name__}: {error}")
        failures.append({"line": text, "json": {"file": str(file), "message": text}})
        if options.debug:
            traceback.print_exc()
        said, status = "internal error", 1
    else:
        found.append((saved, scenario.warnings))
        said, status = str(saved.verdict["verdict"]), 0
    steps.advance(total - done)
    steps.end(said)
    return status


def _overview(found: list[Found], options: Options) -> list[Path]:
    """Write the overview of what has been run; return the files."""
    if not found:
        return []
    rows: list[Row] = [overview_row(saved) for saved, _ in found]
    with writing(options.out):
        return [*write_overview(rows, options.out), *draw_overview(rows, options.out, options.language)]
