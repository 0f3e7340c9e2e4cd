"""The verb `run`: one scenario, its verdict and its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.briefing.saved import Saved
from sim.cli.errors import InputError, StoppedError
from sim.cli.options import Options
from sim.cli.output import print_json, print_text, problem_dicts, say
from sim.cli.progress import progress_of
from sim.cli.report import report
from sim.cli.running import check_out, replications_of, run_and_store
from sim.office.problems import Problem, shown
from sim.office.scenario import load_scenario_file


def run_one(file: str, options: Options) -> int:
    """Run a scenario file, write its results and print them; return the exit status."""
    check_out(options.out)
    shipped = options.home / "scenarios" / f"{Path(file).name.removesuffix('.yaml')}.yaml"
    if not Path(file).exists() and shipped.is_file():
        raise InputError(f"there is no file {shown(file)}; did you mean {shipped}?")
    scenario = load_scenario_file(file)
    for warning in scenario.warnings:
        say(f"{warning} (warning)")
    try:
        with progress_of(replications_of(options)) as steps:
            steps.begin(scenario.name)
            saved = run_and_store(scenario, file, options, steps.advance)
            steps.end(str(saved.verdict["verdict"]))
    except KeyboardInterrupt:
        raise StoppedError(f"{options.out / scenario.name} is as it was before") from None
    if options.json:
        print_json({"status": 0, **answer(saved, scenario.warnings)})
    else:
        print_text(report(saved, options.language))
    return 0


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
