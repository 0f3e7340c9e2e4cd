"""The verb `compare`: plans under common random numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from sim.briefing.charts.comparison import draw_comparison_chart
from sim.briefing.saved_comparison import SavedComparison, read_comparison
from sim.briefing.words import word
from sim.cli.comparison_report import comparison_report
from sim.cli.errors import InputError
from sim.cli.fitted import fitted_in_all
from sim.cli.inputs import check_file
from sim.cli.options import LONGEST_NAME, Options
from sim.cli.output import print_json, print_text
from sim.cli.plans import check_names, loaded_plans
from sim.cli.running import ENGINE_OF, at_work, check_replaceable, placed, rule_of, seed_of
from sim.experiment.begun import Begun
from sim.experiment.comparison import Plans, PlansDifferError, plan_cells, plans_facts, run_plans, write_plans
from sim.office.parameters import Scenario
from sim.office.problems import shown
from sim.replicate.cells import digest

COMPARISONS = "comparisons"
MOST_PLANS = 100
BETWEEN = "-vs-"


def compare_files(files: Sequence[str], best: bool, name: str | None, options: Options) -> int:
    """Compare scenario files, write the results and print them; return the exit status."""
    if not 2 <= len(files) <= MOST_PLANS:
        needed = f"2 to {MOST_PLANS} scenario files, the first of which the others are held against"
        raise InputError(f"compare needs {needed}, not {len(files)}")
    for file in files:
        check_file(file, options.home / "scenarios")
    scenarios = loaded_plans(files)
    check_names("compare", scenarios)
    name = _name(name, scenarios)
    folder = options.out / COMPARISONS / name
    rule = rule_of(options, len(scenarios) * (len(scenarios) - 1) // 2)
    try:
        cells = plan_cells(scenarios, seed_of(options), ENGINE_OF[options.engine])
        question = Plans(cells[0].target, [scenario.name for scenario in scenarios], rule.largest, rule.error, best)
        if best and question.largest < question.rule.boundary.smallest:
            least = question.rule.boundary.smallest
            raise InputError(f"--best: needs {least} replications at least; --max-replications is {question.largest}")
        facts = plans_facts(scenarios, cells, question, name)
        check_replaceable(folder, facts, options)
        with at_work(Begun("comparison", name, options.command, cells), options) as ready:
            run = run_plans(
                scenarios, cells, question, ready.workers, ready.store,
                lambda progress: ready.watching.step(progress, ""),
            )  # fmt: skip
            write = partial(write_plans, run, name, folder, fitted=fitted_in_all(files, scenarios))
            saved = placed(write, read_comparison, draw_comparison_chart, folder, facts, options)
            ready.watching.end(word("compared", options.language, plans=len(scenarios)))
    except PlansDifferError as error:
        raise InputError(f"compare: {error}") from None
    if options.json:
        print_json({"status": 0, **_answer(saved)})
    else:
        print_text(comparison_report(saved, options.language))
    return 0


def _name(name: str | None, scenarios: Sequence[Scenario]) -> str:
    if name is not None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
            raise InputError(f"--name: must be letters, digits, '.', '_' and '-', 100 at most, not {shown(name)}")
        return name
    names = [scenario.name for scenario in scenarios]
    joined = BETWEEN.join(names)
    if len(joined) <= LONGEST_NAME // 2:
        return joined
    return f"{names[0]}{BETWEEN}{len(names) - 1}-others-{digest(names)[:8]}"


def _answer(saved: SavedComparison) -> dict[str, object]:
    facts = saved.manifest
    return {
        "comparison": saved.name,
        **{name: facts[name] for name in ("target", "rule", "seed", "engine", "working_days", "screening")},
        "plans": [asdict(plan) for plan in saved.plans],
        "pairs": [asdict(pair) for pair in saved.pairs],
        "folder": str(saved.folder),
        "files": sorted(file.name for file in saved.folder.iterdir()),
    }
