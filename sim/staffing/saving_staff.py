"""Write what `staff` found: the roster, the search, the certificate, and the scenario with the roster in it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from ruamel.yaml import YAML

from sim.analysis.judge import Rule, promised_by
from sim.analysis.sequential import mean_intervals
from sim.experiment.fitted import Fitted, fitted_facts
from sim.experiment.manifest import MANIFEST, STAFFED, common_facts, finite, target_facts, write_json, write_timing
from sim.experiment.results import write_table
from sim.files import replaced_folder
from sim.office.demand import scenario_days
from sim.office.hours import SLOT, SLOTS
from sim.office.parameters import Scenario, StaffPool, shift_counts
from sim.office.parameters.fields import show_span, show_time
from sim.office.parameters.staff import STAGE_OF_POOL
from sim.office.scenario import scenario_as_dict
from sim.replicate.cells import Cell
from sim.replicate.figures import Figures
from sim.staffing.certificate import Judged
from sim.staffing.choices import Plan
from sim.staffing.requirements import TARGET
from sim.staffing.rules import STANDARD, WORKING_WEEK, ShiftForm, StaffingRules
from sim.staffing.staff import StaffRun

MONDAY = 0
BETA = 0.5
"""Of the square-root staffing that is shown beside the roster."""
OWN, EVERYBODY = -1, -2
"""Numbers of the scenario's own plan, and of the one with everybody on duty there may be, in the certificate."""


def answer_name(scenario: Scenario, rules: StaffingRules) -> str:
    """Return what the answer is called: the name of the scenario, and that of rules that are not the standard ones."""
    return scenario.name if rules.name == STANDARD else f"{scenario.name}+{rules.name}"


def staff_facts(scenario: Scenario, cell: Cell, rules: StaffingRules, rule: Rule) -> dict[str, Any]:
    """Return the manifest as far as it is known before the search."""
    return common_facts("staff", answer_name(scenario, rules), [cell], rule, asked=rules.model_dump(mode="json"))


def write_staff(
    run: StaffRun, cell: Cell, folder: Path, rule: Rule, also: Callable[[Path], None], fitted: Fitted | None = None
) -> None:
    """Write the answer to `folder`, which is replaced as a whole.

    Files: `staffing`, `needs`, `search` and `certificate`, each as Parquet and CSV, the scenario with the roster as
    YAML, `manifest.json` and `timing.json`.

    Parameters
    ----------
    run : StaffRun
    cell : Cell
        Of the scenario.
    folder : Path
    rule : Rule
        As in `staff_facts`.
    also : callable
        Adds files (charts) to the folder that it is given, before that takes its place.
    fitted : Fitted, optional
        What of the scenario was fitted to a log.
    """
    staffed = staffed_scenario(run)
    with replaced_folder(folder) as new:
        write_table(_staffing(run), new, "staffing")
        write_table(_needs(run), new, "needs")
        write_table(_search(run), new, "search")
        write_table(_certificate(run), new, "certificate")
        if staffed is not None:
            (new / f"{staffed.name}.yaml").write_text(as_yaml(staffed), encoding="utf-8", newline="\n")
        facts = staff_facts(run.scenario, cell, run.rules, rule) | _found(run, staffed, rule) | fitted_facts(fitted)
        write_json(new / MANIFEST, facts)
        write_timing(new, run.seconds)
        also(new)


def staffed_scenario(run: StaffRun) -> Scenario | None:
    """Return the scenario with the roster that was found, None if none was."""
    if run.plan is None:
        return None
    title, name = run.scenario.title, answer_name(run.scenario, run.rules).replace("+", "-")
    both = {"en": f"{title.en}, cheapest roster", "zh": f"{title.zh}（最低成本排班）"}
    return run.choices.rostered(run.plan, name[: 64 - len(STAFFED)].rstrip("-") + STAFFED, both)


def as_yaml(scenario: Scenario) -> str:
    """Return a scenario in full as a file that can be run."""
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    # Through JSON, so that nothing is anything but a plain value.
    yaml.dump(json.loads(json.dumps(scenario_as_dict(scenario))), text)
    return "# Found by `staff`; complete, and ready for run, limit, explain and compare.\n" + text.getvalue()


def _found(run: StaffRun, staffed: Scenario | None, rule: Rule) -> dict[str, Any]:
    days = scenario_days(run.scenario)
    target = run.requirements[0].target
    smallest = Rule().boundary.smallest
    certificate = sum(each.replications for each in run.rounds)
    plan: dict[str, Any] | None = None
    if run.plan is not None and run.figures is not None:
        judged = run.rounds[-1].judged[0].judgement
        assert judged is not None
        plan = {
            "cost": run.choices.cost(run.plan),
            "cost_with_overtime": _cost_with_overtime(run.figures, run.rounds[-1].rule),
            "people": int(sum(map(sum, run.plan))),
            "estimate": finite(judged.estimate), "low": finite(judged.low), "high": finite(judged.high),
        }  # fmt: skip
    return {
        "title": run.scenario.title.model_dump(mode="json"),
        "target": target_facts(target),
        "working_days": days.working_days,
        "replications": run.replications,
        "found": "–" if plan is None else f"{plan['cost']:,.0f}",
        "plan": plan,
        "own": {
            "cost": run.own_cost, "people": sum(_own_people(run, pool.pool) for pool in run.choices.pools),
            "cost_with_overtime": _cost_with_overtime(run.own_figures, run.own_rule),
        },
        "certified": run.certified,
        "proven": run.search.proven and not run.search.refused,
        "bound": run.search.bound,
        "replications_by_part": {
            "start": run.started, "search": run.search.trials.replications, "certificate": certificate,
        },
        "plans_simulated": run.search.trials.plans,
        "grid": {"plans": run.choices.plans, "replications": run.choices.plans * smallest},
        "rounds": len(run.rounds),
        "floors": {r.name: 1 - r.target.level for r in run.requirements if r.name != TARGET},
        "error": rule.error,
        "error_shown": run.rounds[-1].error if run.rounds else rule.error / 2,
        "rules": {
            "name": run.rules.name,
            "title": run.rules.title.model_dump(mode="json"),
            "shifts": {name: form.title.model_dump(mode="json") for name, form in run.rules.shifts.items()},
        },
        "pools": [pool.pool for pool in run.choices.pools],
        "kept": [pool for pool in STAGE_OF_POOL if pool not in {each.pool for each in run.choices.pools}],
        "scenario": scenario_as_dict(run.scenario),
        "staffed": None if staffed is None else scenario_as_dict(staffed),
    }  # fmt: skip


def _cost_with_overtime(figures: Figures | None, rule: Rule) -> dict[str, float | None]:
    """Return the mean cost of all pools and its interval [yuan]; nothing if the office cannot finish its cases."""
    if figures is None or not len(figures):
        return {"mean": None, "low": None, "high": None}
    cost = figures["staff cost"]
    mean, low, high = mean_intervals(cost[:, None], rule.boundary)
    return {"mean": finite(mean[0]), "low": finite(low[0]), "high": finite(high[0])}


def _own_people(run: StaffRun, pool: str) -> int:
    """Return how many people a pool of the scenario's own plan needs at least: the most at any time."""
    staff: StaffPool = getattr(run.scenario.staff, pool)
    if staff.roster:
        return sum(line.people for line in staff.roster)
    return int(shift_counts(staff, run.scenario.staff.midday).max(initial=0))


def _hours(form: ShiftForm) -> str:
    return ", ".join(map(show_span, sorted(form.hours)))


def _hours_a_week(form: ShiftForm) -> float:
    day = sum(end - begin for begin, end in form.hours) / 60
    return day * (len([name for name in form.days if name != "makeup"]) if form.days else WORKING_WEEK)


def _staffing(run: StaffRun) -> pa.Table:
    rows: list[tuple[Any, ...]] = []
    for people, pool in zip(run.plan or (), run.choices.pools, strict=run.plan is not None):
        for number, name, form, cost in zip(people, pool.shifts, pool.forms, pool.cost, strict=True):
            if number:
                rows.append((pool.pool, name, form.title.en, form.title.zh, _hours(form), ", ".join(form.days),
                             number, _hours_a_week(form), float(cost) * number))  # fmt: skip
    names = ("pool", "shift", "title_en", "title_zh", "hours", "days", "people", "hours_a_week", "cost")
    kinds = (*[pa.string()] * 6, pa.int64(), pa.float64(), pa.float64())
    return _table(names, kinds, rows)


def _needs(run: StaffRun) -> pa.Table:
    rows: list[tuple[Any, ...]] = []
    for number, pool in enumerate(run.choices.pools):
        load = run.loads[STAGE_OF_POOL[pool.pool]]
        need, offered = load.square_root(BETA), np.maximum(load.offered[:-1], load.offered[1:])
        own = shift_counts(getattr(run.scenario.staff, pool.pool), run.scenario.staff.midday)[MONDAY]
        on = np.zeros(SLOTS, np.int64)
        if run.plan is not None:
            counts = np.asarray(run.plan[number]) @ pool.cover
            on = np.tensordot(counts, pool.slots[:, MONDAY].astype(np.int64), 1)
        for slot in np.flatnonzero((own > 0) | (on > 0) | (offered > 0.05)):
            on_duty = None if run.plan is None else int(on[slot])
            rows.append((pool.pool, show_time(slot * SLOT), float(offered[slot]), int(need[slot]), on_duty,
                         int(own[slot])))  # fmt: skip
    names = ("pool", "from", "load", "need", "roster", "own")
    return _table(names, (pa.string(), pa.string(), pa.float64(), pa.int64(), pa.int64(), pa.int64()), rows)


def _search(run: StaffRun) -> pa.Table:
    steps = run.search.steps
    less_is_better = run.requirements[0].target.statistic == "mean"
    worth = [step.score if less_is_better else -step.score for step in steps]
    efficient = [
        step.floors_kept
        and not any(
            other.floors_kept and (other.cost, its) != (step.cost, own) and other.cost <= step.cost and its <= own
            for other, its in zip(steps, worth, strict=True)
        )
        for step, own in zip(steps, worth, strict=True)
    ]
    return pa.table({
        "step": list(range(1, len(steps) + 1)),
        "kind": [step.kind for step in steps],
        "cost": [step.cost for step in steps],
        "score": pa.array([step.score for step in steps], pa.float64()),
        "keeps": [step.keeps for step in steps],
        "floors_kept": [step.floors_kept for step in steps],
        "best": pa.array([finite(step.best) for step in steps], pa.float64()),
        "bound": [step.bound for step in steps],
        "plans": [step.plans for step in steps],
        "replications": [step.replications for step in steps],
        "efficient": efficient,
    })  # fmt: skip


def _certificate(run: StaffRun) -> pa.Table:
    rows: list[tuple[Any, ...]] = []
    for number, each in enumerate(run.rounds, 1):
        for judged in each.judged:
            plan = each.plans[judged.claim.plan]
            rows.append((number, judged.claim.plan, *_change(run, each.plans[0], plan), *_judged(judged),
                         run.choices.cost(plan)))  # fmt: skip
    last = max(len(run.rounds), 1)
    for judged in run.own:
        own = judged.claim.plan == 0
        rows.append((last, OWN if own else EVERYBODY, "", "", "", *_judged(judged), run.own_cost if own else np.nan))
    names = ("round", "plan", "pool", "shift", "to_shift", "requirement", "estimate", "low", "high", "promised",
             "about_mean", "verdict", "replications", "cost")  # fmt: skip
    kinds = (pa.int64(), pa.int64(), *[pa.string()] * 4, *[pa.float64()] * 4, pa.bool_(), pa.string(), pa.int64(),
             pa.float64())  # fmt: skip
    return _table(names, kinds, rows)


def _judged(judged: Judged) -> tuple[Any, ...]:
    found, target = judged.judgement, judged.claim.requirement.target
    ends = (np.nan, np.nan, np.nan) if found is None else (found.estimate, found.low, found.high)
    return (judged.claim.requirement.name, *ends, promised_by(target), target.statistic == "mean",
            judged.verdict.value, judged.replications)  # fmt: skip


def _change(run: StaffRun, plan: Plan, neighbour: Plan) -> tuple[str, str, str]:
    """Return in what a neighbour differs: its pool, the shift with one person less, and the shift that has one more."""
    for pool, before, after in zip(run.choices.pools, plan, neighbour, strict=True):
        if before != after:
            less = next(name for name, a, b in zip(pool.shifts, before, after, strict=True) if b < a)
            more = next((name for name, a, b in zip(pool.shifts, before, after, strict=True) if b > a), "")
            return pool.pool, less, more
    return "", "", ""


def _table(names: Iterable[str], kinds: Iterable[pa.DataType], rows: list[tuple[Any, ...]]) -> pa.Table:
    names = list(names)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pa.table({
        name: pa.array(list(column), kind) for name, kind, column in zip(names, kinds, columns, strict=True)
    })  # fmt: skip
