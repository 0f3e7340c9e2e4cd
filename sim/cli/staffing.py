"""The verb `staff`: the cheapest plan that keeps the target, with its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from sim.briefing import staff_sentences as sentences
from sim.briefing.charts.certificate import draw_certificate_chart
from sim.briefing.charts.roster import draw_roster_chart
from sim.briefing.charts.tradeoff import draw_tradeoff_chart
from sim.briefing.numbers import number
from sim.briefing.saved_staff import SavedStaff, read_staff
from sim.briefing.words import Language, word
from sim.cli.errors import InputError
from sim.cli.fitted import fitted_of
from sim.cli.inputs import check_file
from sim.cli.options import Options
from sim.cli.output import print_json, print_text, problem_dicts, say
from sim.cli.running import ENGINE_OF, at_work, check_replaceable, placed, rule_of, seed_of
from sim.cli.staff_report import staff_report
from sim.experiment.begun import Begun
from sim.office.problems import Problem, ScenarioError
from sim.office.scenario import load_scenario_file
from sim.replicate.cells import cell_of
from sim.replicate.gather import Progress
from sim.staffing.allowed import NoChoiceError
from sim.staffing.rules import STANDARD, load_rules
from sim.staffing.saving_staff import answer_name, staff_facts, staffed_scenario, write_staff
from sim.staffing.search import Search
from sim.staffing.staff import Staffing

STAFF = "staff"
"""Folder, in that of the results."""
PLANS_IN_A_HURRY = 150
"""Plans that the search may simulate with `--quick`."""
TESTS = 64
"""About as many as a certificate has: with `--quick`, it ends where such a family is first looked at."""


def staff_file(file: str, rules: str | None, options: Options) -> int:
    """Find the cheapest plan of a scenario file, write the results and print them; return the exit status.

    Parameters
    ----------
    file : str
    rules : str or None
        File of staffing rules; None: the standard ones.
    options : Options
    """
    shipped = options.home / "scenarios" / "staffing"
    chosen = str(shipped / f"{STANDARD}.yaml") if rules is None else rules
    check_file(file, options.home / "scenarios")
    check_file(chosen, shipped, "rules")
    try:
        scenario = load_scenario_file(file)
    except ScenarioError as error:
        raise ScenarioError([*error.problems, *_wrong_rules(chosen)]) from None
    allowed = load_rules(chosen)
    for warning in scenario.warnings:
        say(f"{warning} (warning)")
    folder = options.out / STAFF / answer_name(scenario, allowed)
    rule, seed, engine = rule_of(options, TESTS), seed_of(options), ENGINE_OF[options.engine]
    cell = cell_of(scenario, seed, engine)
    facts = staff_facts(scenario, cell, allowed, rule)
    check_replaceable(folder, facts, options)
    if options.quick:
        budget = min(allowed.search.most_plans, PLANS_IN_A_HURRY)
        searched = allowed.model_copy(update={"search": allowed.search.model_copy(update={"most_plans": budget})})
    else:
        searched = allowed
    try:
        with at_work(Begun("staff", answer_name(scenario, allowed), options.command, [cell]), options) as ready:

            def told(doing: str, progress: Progress, search: Search | None) -> None:
                ready.watching.step(progress, so_far(doing, search, options.language))

            run = Staffing(scenario, searched, seed, engine, rule, ready.workers, ready.store, told).run()
            run = replace(run, rules=allowed)
            staffed = staffed_scenario(run)
            fitted = fitted_of(file, [scenario] if staffed is None else [scenario, staffed])
            write = partial(write_staff, run, cell, folder, rule, fitted=fitted)
            saved = placed(write, read_staff, draw_staff_charts, folder, facts, options)
            ready.watching.end(sentences.finding(saved, options.language))
    except NoChoiceError as error:
        raise InputError(f"{chosen}: {error}") from None
    if options.json:
        print_json({"status": 0, **_answer(saved, scenario.warnings)})
    else:
        print_text(staff_report(saved, options.language))
    return 0


def draw_staff_charts(saved: SavedStaff, folder: Path, language: Language) -> list[Path]:
    """Draw all charts of the results into a folder; return the files."""
    draws = (draw_roster_chart, draw_tradeoff_chart, draw_certificate_chart)
    return [file for draw in draws for file in draw(saved, folder, language)]


def so_far(doing: str, search: Search | None, language: Language) -> str:
    """Return what is being done, and what the search knows by now."""
    said = word(f"staffing doing {doing}", language)
    if search is None:
        return said
    plans = number(search.trials.plans)
    if search.best is None:
        return word("staffing so far none", language, doing=said, plans=plans)
    return word("staffing so far", language, doing=said, best=number(search.best_cost), plans=plans)


def _wrong_rules(file: str) -> Sequence[Problem]:
    """Return what is wrong with a file of rules."""
    try:
        load_rules(file)
    except ScenarioError as error:
        return error.problems
    return []


def _answer(saved: SavedStaff, warnings: tuple[Problem, ...]) -> dict[str, Any]:
    facts = saved.manifest
    names = ("title", "target", "rule", "seed", "engine", "working_days", "replications", "plan", "own", "certified",
             "proven", "bound", "replications_by_part", "plans_simulated", "grid", "rounds", "floors", "error", "rules",
             "pools", "kept")  # fmt: skip
    return {
        "staff": saved.name,
        **{name: facts[name] for name in names},
        "roster": [asdict(line) for line in saved.roster],
        "needs": [asdict(need) for need in saved.needs],
        "search": [asdict(tried) for tried in saved.tried],
        "certificate": [asdict(test) for test in saved.tests],
        "sentences": {"en": sentences.spoken(saved, "en"), "zh": sentences.spoken(saved, "zh")},
        "warnings": problem_dicts(warnings),
        "folder": str(saved.folder),
        "files": sorted(file.name for file in saved.folder.iterdir()),
    }
