"""What the verb `staff` is asked: a scenario and staffing rules, what the answer is called, and the file it adds."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace

from ruamel.yaml import YAML

from sim.office.parameters import Scenario
from sim.office.problems import Problem, ScenarioError
from sim.office.scenario import scenario_from_dict
from sim.present.numbers import number
from sim.replicate.design_points import design_point_of
from sim.replicate.gather import Progress
from sim.replicate.work import kept_draws
from sim.results.about import about_of
from sim.studies.base import Job, Options, Ready
from sim.studies.driver import engine_of, fitted_of, loaded, rule_of, seed_of
from sim.studies.inputs import check_file
from sim.studies.staff.answer import answer_of
from sim.studies.staff.records import CheapestRoster
from sim.studies.staff.rules import STANDARD, StaffingRules, load_rules
from sim.studies.staff.search import Search
from sim.studies.staff.staffing import Staffing
from sim.text import N_, _

PLANS_IN_A_HURRY = 150
"""Plans that the search may simulate with `--quick`."""
TESTS = 64
"""About as many as a certificate has: with `--quick`, it ends where such a family is first looked at."""
DOING = {
    "start": N_("search, start"),
    "down": N_("search, going down"),
    "up": N_("search, going up from what was refused"),
    "cut": N_("search, other mixes of shifts"),
    "certificate": N_("certificate"),
}


def job(options: Options, scenario: str, rules: str | None) -> Job[CheapestRoster]:
    """Return the search for the cheapest roster of a scenario.

    Parameters
    ----------
    options : Options
    scenario : str
        File.
    rules : str or None
        File of staffing rules; None: the standard ones.
    """
    chosen = rules or str(options.home / "scenarios" / "staffing" / f"{STANDARD}.yaml")
    office, allowed = _read(options, scenario, chosen)
    rule, seed, engine = rule_of(options, TESTS, early=True), seed_of(options), engine_of(options)
    point = design_point_of(office, seed, engine)
    # Of rules that are not the standard ones, the name is a part of the answer's.
    name = office.name if allowed.name == STANDARD else f"{office.name}+{allowed.name}"
    about = about_of("staff", name, options.again, [point], rule, allowed.model_dump(mode="json"))
    searched = allowed
    if options.quick:
        budget = min(allowed.search.most_plans, PLANS_IN_A_HURRY)
        searched = allowed.model_copy(update={"search": allowed.search.model_copy(update={"most_plans": budget})})

    def work(ready: Ready) -> CheapestRoster:
        def told(doing: str, progress: Progress, search: Search) -> None:
            ready.tell_step(progress, so_far(doing, search))

        found = Staffing(office, searched, seed, engine, rule, ready.workers, ready.store, told)
        try:
            found.run()
        finally:
            kept_draws.forget()
        record = answer_of(found, allowed, about)
        # What a log has told of who is on duty is no longer so with another roster.
        both = [office] if record.staffed is None else [office, scenario_from_dict(record.staffed)]
        return replace(record, about=replace(about, fitted=fitted_of(scenario, both)))

    return Job(about, [point], work, office.warnings, chosen)


def files(record: CheapestRoster) -> Mapping[str, str]:
    """Return the scenario with the roster, as a file that can be run; nothing if no roster was found."""
    if record.staffed is None:
        return {}
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    # Through JSON, so that nothing is anything but a plain value.
    yaml.dump(json.loads(json.dumps(record.staffed)), text)
    head = "# Found by `staff`; complete, and ready for run, limit, explain and compare.\n"
    return {record.staffed_file: head + text.getvalue()}


def so_far(doing: str, search: Search) -> str:
    """Return what is being done, and what the search knows by now."""
    said = _(DOING[doing])
    plans = _("{plans} of at most {most} plans", plans=number(search.trials.plans), most=number(search.most_plans))
    if search.best is None:
        return _("{doing}: none holds yet, {plans}", doing=said, plans=plans)
    return _("{doing}: best {best} yuan, {plans}", doing=said, best=number(search.best_cost), plans=plans)


def _read(options: Options, scenario: str, rules: str) -> tuple[Scenario, StaffingRules]:
    """Return the scenario and the rules, or raise all that is wrong with either."""
    check_file(rules, options.home / "scenarios" / "staffing", "rules")
    problems: list[Problem] = []
    try:
        (office,) = loaded([scenario], options)
    except ScenarioError as error:
        problems += error.problems
    try:
        allowed = load_rules(rules)
    except ScenarioError as error:
        problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return office, allowed
