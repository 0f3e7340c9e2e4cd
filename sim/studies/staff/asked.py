"""What the verb `staff` is asked: a scenario and staffing rules, what the answer is called, and the file it adds."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ruamel.yaml import YAML

from sim.office.parameters import Scenario
from sim.office.problems import Problem, ScenarioError, shown
from sim.office.scenario import own_demand, scenario_from_dict
from sim.present.numbers import number
from sim.replicate.design_points import design_point_of
from sim.replicate.gather import Progress
from sim.replicate.work import kept_draws
from sim.results.about import about_of
from sim.studies.base import Job, Options, Ready, refused
from sim.studies.driver import engine_of, fitted_of, loaded, rule_of, seed_of
from sim.studies.growth import growth_rate
from sim.studies.inputs import check_file
from sim.studies.outcomes import Work
from sim.studies.possible_offices import calibration_beside, owned_of
from sim.studies.staff.answer import answer_of
from sim.studies.staff.given_log import given_log
from sim.studies.staff.records import CheapestRoster, SureRoster
from sim.studies.staff.rules import STANDARD, StaffingRules, load_rules
from sim.studies.staff.search import Search
from sim.studies.staff.shifts import fits, from_hours
from sim.studies.staff.staffing import Staffing
from sim.studies.staff.surer import SURE, sure_of, tightened
from sim.studies.staff.years import busiest, scenarios_of, years_of
from sim.text import N_, _

REGISTRATIONS_IN_A_HURRY = 16_000_000
"""Those that the search of a roster may simulate with `--quick`: half a minute on two cores."""
LEAST_IN_A_HURRY, MOST_IN_A_HURRY = 200, 10_000
"""Replications that these are at least, however large the office, and at most."""
TESTED_IN_A_HURRY = 100
"""Replications of a plan in the certificate with `--quick`, where nothing else is asked for."""
TESTS = 64
"""About as many as a certificate has."""
DOING = {
    "start": N_("search, start"),
    "down": N_("search, going down"),
    "up": N_("search, going up from what was refused"),
    "cut": N_("search, other mixes of shifts"),
    "certificate": N_("certificate"),
}


def job(
    options: Options,
    scenario: str,
    rules: str | None,
    years: int | None = None,
    growth: str | None = None,
    part_time: bool = False,
    no_premises: bool = False,
    sure: bool = False,
) -> Job[CheapestRoster]:
    """Return the search for the cheapest roster of a scenario, or of each of several years.

    Parameters
    ----------
    options : Options
    scenario : str
        File.
    rules : str or None
        File of staffing rules; None: the standard ones, with shifts made from the office's hours where theirs do not
        fit.
    years : int or None
        So many years after the scenario's own are looked at, too.
    growth : str or None
        Share a year, ``0.144`` or ``14.4%``; None: the article's.
    part_time : bool
        With half days, of shifts that are made from the office's hours.
    no_premises : bool
        Whether values that were fitted to a log are taken as exact.
    sure : bool
        Whether a roster is looked for, too, that is sure enough given the log.
    """
    if sure and no_premises:
        raise refused("--sure: is about what a log leaves open, which --no-premises leaves out; leave out one")
    if part_time and rules is not None:
        raise refused("--part-time: the shifts are those of {file}; leave one of the two out", file=shown(rules))
    if growth is not None and years is None:
        raise refused("--growth: says how demand grows over some years; add how many: --years {number}", number=4)
    chosen = rules or str(options.shipped / "staffing" / f"{STANDARD}.yaml")
    office, allowed = _read(options, scenario, chosen)
    rate = growth_rate(growth, office.whose, years) if years else 0.0
    if rules is None and (part_time or not fits(allowed, office)):
        allowed = from_hours(allowed, office, part_time)
    offices = scenarios_of(office, rate, years or 0)
    rule, seed, engine = rule_of(options, TESTS, early=True), seed_of(options), engine_of(options)
    if options.quick:
        rule = replace(rule, largest=options.budget or TESTED_IN_A_HURRY)
    # The error is that of all years together.
    rule = replace(rule, error=rule.error / len(offices))
    points = [design_point_of(each, seed, engine) for each in offices]
    # Of rules that are not the standard ones, the name is a part of the answer's.
    name = office.name if allowed.name == STANDARD else f"{office.name}+{allowed.name}"
    asked = allowed.model_dump(mode="json")
    if years:
        name, asked = f"{name}-to-{office.year + years}", {**asked, "years": years, "growth": rate}
    fitted = fitted_of(scenario, [office])
    calibration = None if no_premises else calibration_beside(scenario, fitted)
    if sure and calibration is None:
        raise refused("--sure: nothing in {scenario} was fitted to a log that can be read, so all of it is taken as "
                      "exact; leave it out", scenario=scenario)  # fmt: skip
    asked |= {"sure": True} if sure else {}
    asked |= owned_of(fitted, calibration, options.quick) or {}
    about = about_of("staff", name, options.again, points, rule, asked)
    year_of = {each.name: year for year, each in enumerate(offices, office.year)}

    def work(ready: Ready) -> CheapestRoster:
        def found_for(each: Scenario, near: Sequence[Scenario]) -> Staffing:
            def told(doing: str, progress: Progress, search: Search) -> None:
                said = so_far(doing, search)
                ready.tell_step(progress, f"{year_of[each.name]}{_(': ')}{said}" if years else said)

            hurry = in_a_hurry(each) if options.quick else math.inf
            found = Staffing(each, allowed, seed, engine, rule, ready.workers, ready.store, near, told, hurry)
            try:
                found.run()
            finally:
                kept_draws.forget()
            return found

        # What holds in a busier year holds in this one, so each begins where the one above it has ended.
        found: dict[str, Staffing] = {}
        rosters: list[Scenario] = []
        for each in sorted(offices, key=own_demand, reverse=True):
            found[each.name] = last = found_for(each, rosters)
            rosters += [] if last.plan is None else [last.choices.rostered(last.plan)]
        founds = [found[each.name] for each in offices]
        record = answer_of(busiest(founds), allowed, about)
        if years:
            record = replace(record, years=years_of(founds), growth=rate)
        # What a log has told of who is on duty is no longer so with another roster.
        both = [office] if record.staffed is None else [office, scenario_from_dict(record.staffed)]
        record = replace(record, about=replace(about, fitted=fitted_of(scenario, both)))
        if calibration is None:
            return record

        def carrying(roster: CheapestRoster) -> CheapestRoster:
            means = Work(seed, "compiled", ready.workers, ready.store)
            leaves = _("looking what the log leaves open")
            return given_log(roster, calibration, means, options.quick,
                             lambda progress: ready.tell_step(progress, leaves))  # fmt: skip

        record = carrying(record)
        if not sure or record.plan is None:
            return record
        if (tighter := tightened(record, busiest(founds).scenario)) is None:
            return replace(record, sure=SureRoster())
        surer = answer_of(found_for(tighter, rosters), allowed, replace(about, name=f"{about.name}{SURE}"))
        return sure_of(record, surer, carrying)

    return Job(about, points, work, office.warnings, chosen)


def files(record: CheapestRoster) -> Mapping[str, str]:
    """Return the scenario with each roster, as a file that can be run; nothing if no roster was found."""
    return {f"{full['name']}.yaml": _file(full) for full in (record.staffed, record.surely_staffed) if full is not None}


def _file(scenario: Mapping[str, Any]) -> str:
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    # Through JSON, so that nothing is anything but a plain value.
    full = json.loads(json.dumps(scenario))
    for pool in full["staff"].values():
        if pool.get("roster"):
            # The roster says who is there; what the plan before it had at midday has no effect beside it.
            pool.pop("midday_crew", None)
    yaml.dump(full, text)
    head = "# Found by `staff`; complete, and ready for run, limit, explain and compare.\n"
    return head + text.getvalue()


def in_a_hurry(office: Scenario) -> float:
    """Return how many replications of an office the search may simulate with `--quick`."""
    played = own_demand(office) * ((office.last_day - office.played_from).days + 1) / 365
    return min(max(REGISTRATIONS_IN_A_HURRY / played, LEAST_IN_A_HURRY), MOST_IN_A_HURRY)


def so_far(doing: str, search: Search) -> str:
    """Return what is being done, and what the search knows by now."""
    said = _(DOING[doing])
    trials = search.trials
    plans = (
        _("{plans} of at most {most} plans", plans=number(trials.plans), most=number(search.most_plans))
        if search.most_replications == math.inf
        else _("{replications} of at most {most} replications", replications=number(trials.replications),
               most=number(search.most_replications))
    )  # fmt: skip
    if search.best is None:
        return _("{doing}: none holds yet, {plans}", doing=said, plans=plans)
    return _("{doing}: best {best} yuan, {plans}", doing=said, best=number(search.best_cost), plans=plans)


def _read(options: Options, scenario: str, rules: str) -> tuple[Scenario, StaffingRules]:
    """Return the scenario and the rules, or raise all that is wrong with either."""
    check_file(rules, options.shipped / "staffing", "rules")
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
