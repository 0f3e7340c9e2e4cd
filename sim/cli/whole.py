"""No verb, the main job: every scenario as shipped, one table of verdicts, one overview chart."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.analysis.judge import Verdict
from sim.briefing.charts.overview import draw_overview
from sim.briefing.overview import Row, overview_row, write_overview
from sim.briefing.saved import Saved
from sim.cli.errors import InputError
from sim.cli.options import Options
from sim.cli.output import one_line, print_json, print_text, problem_dicts, say
from sim.cli.report import overview_report
from sim.cli.running import ENGINE_OF, at_work, check_replaceable, rule_of, seed_of, verdicts_so_far, writing
from sim.cli.single import answer, stored
from sim.experiment.begun import Begun
from sim.experiment.manifest import common_facts
from sim.experiment.run import run_cells, run_scenarios
from sim.office.parameters import Scenario
from sim.office.problems import Problem, ScenarioError
from sim.office.scenario import load_scenario_file

ROOT = "baseline-2023"
"""Shown first: the others are compared with it."""
SCENARIOS = "scenarios"
"""Folder with the scenario files, and that of their results in the folder of the results."""
Found = tuple[Saved, tuple[Problem, ...]]


class _Failures:
    """What went wrong with single scenarios; the others go on."""

    def __init__(self, debug: bool) -> None:
        self.debug = debug
        self.lines: list[str] = []
        self.json: list[dict[str, Any]] = []
        self.status = 0

    def add(self, file: Path, error: Exception) -> None:
        """Note an error."""
        if isinstance(error, ScenarioError):
            self.lines += [str(problem) for problem in error.problems]
            self.json += problem_dicts(error.problems)
            self._worst(2)
            return
        text = str(error)
        if not isinstance(error, InputError):
            text = one_line(f"internal error in {file.stem}, please report it: {type(error).__name__}: {error}")
            if self.debug:
                traceback.print_exception(error)
        self.lines.append(text)
        self.json.append({"file": str(file), "message": text})
        self._worst(2 if isinstance(error, InputError) else 1)

    def _worst(self, status: int) -> None:
        self.status = max(self.status, status, key=(0, 2, 1).index)


def run_all(options: Options) -> int:
    """Run the shipped scenarios, and print one table; return the exit status.

    A scenario file that is wrong, or whose results cannot be written, is reported, and does not keep the others
    from their results.
    """
    files = sorted((options.home / SCENARIOS).glob("*.yaml"), key=lambda file: (file.stem != ROOT, file.stem))
    if not files:
        raise InputError(f"there is no scenario in {options.home / SCENARIOS}")
    failures = _Failures(options.debug)
    scenarios = _loaded(files, failures)
    found: list[Found] = []
    if scenarios:
        _run(scenarios, options, found, failures)
    written = _overview(found, options)
    for line in failures.lines:
        say(line)
    if options.json:
        print_json({
            "status": failures.status, "scenarios": [answer(saved, warnings) for saved, warnings in found],
            "errors": failures.json, "files": [str(file) for file in written],
        })  # fmt: skip
    elif found:
        rows = [overview_row(saved) for saved, _ in found]
        done = {saved.name for saved, _ in found}
        missing = [file.stem for file in files if file.stem not in done]
        print_text(overview_report(rows, written, missing, options.language))
    return failures.status


def _loaded(files: Sequence[Path], failures: _Failures) -> list[tuple[Path, Scenario]]:
    scenarios = []
    for file in files:
        try:
            scenarios.append((file, load_scenario_file(file)))
        except Exception as error:
            failures.add(file, error)
    return scenarios


def _run(
    scenarios: Sequence[tuple[Path, Scenario]], options: Options, found: list[Found], failures: _Failures
) -> None:
    """Run and store the scenarios as one family: all verdicts of the table shall be right together."""
    rule = rule_of(options, len(scenarios))
    cells = run_cells([scenario for _, scenario in scenarios], seed_of(options), ENGINE_OF[options.engine])
    folders = [options.out / SCENARIOS / scenario.name for _, scenario in scenarios]
    facts = [
        common_facts("run", scenario.name, [cell], rule) for (_, scenario), cell in zip(scenarios, cells, strict=True)
    ]
    for folder, fact in zip(folders, facts, strict=True):
        check_replaceable(folder, fact, options)
    with at_work(Begun("scenarios", SCENARIOS, options.command, cells), options) as ready:
        runs = run_scenarios(
            [scenario for _, scenario in scenarios], cells, rule, ready.workers, ready.store, ready.watch
        )
        verdicts = [run.outcome.verdict for run in runs]
        for (file, scenario), run, folder, fact in zip(scenarios, runs, folders, facts, strict=True):
            try:
                found.append((stored(run, str(file), folder, fact, options), scenario.warnings))
                say(f"{scenario.name}: {found[-1][0].verdict['verdict']}")
            except Exception as error:
                failures.add(file, error)
        counts = {verdict: verdicts.count(verdict) for verdict in Verdict if verdict in verdicts}
        ready.watching.end(verdicts_so_far(counts, options.language))


def _overview(found: list[Found], options: Options) -> list[Path]:
    """Write the overview of what has been run; return the files."""
    if not found:
        return []
    rows: list[Row] = [overview_row(saved) for saved, _ in found]
    with writing(options.out):
        return [*write_overview(rows, options.out), *draw_overview(rows, options.out, options.language)]
