"""Write what demand plans carry to disk. Nothing is ever half-written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim.analysis.judge import Rule
from sim.experiment.fitted import Fitted, fitted_facts
from sim.experiment.manifest import MANIFEST, common_facts, target_facts, write_json, write_timing
from sim.experiment.results import write_table
from sim.files import replaced_folder
from sim.office.demand import scenario_days
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict
from sim.replicate.cells import Cell
from sim.staffing.growth import Growth
from sim.staffing.limit import PlanLimit, own_demand

NONE = "–"


def demand_of(scenario: Scenario, rate: float) -> Growth:
    """Return demand that is a scenario's own in its year, and grows from there."""
    return Growth(own_demand(scenario), scenario.year, rate)


def limit_facts(
    plans: Sequence[PlanLimit], cells: Sequence[Cell], growth: Growth, rule: Rule, name: str
) -> dict[str, Any]:
    """Return the manifest as far as it is known before the first level is judged."""
    names = [plan.scenario.name for plan in plans]
    levels = [[plan.levels[0], plan.levels[-1], len(plan.levels)] for plan in plans]
    return common_facts("limit", name, cells, rule, asked=[names, levels, growth.rate])


def write_limits(
    plans: Sequence[PlanLimit],
    cells: Sequence[Cell],
    growth: Growth,
    rule: Rule,
    seconds: float,
    name: str,
    folder: Path,
    also: Callable[[Path], None] = lambda _: None,
    fitted: Fitted | None = None,
) -> None:
    """Write what plans carry to `folder`, which is replaced as a whole.

    Files: `brackets` (a row a plan) and `steps` (a row a judged level), each as Parquet and CSV, `manifest.json` and
    `timing.json`.

    Parameters
    ----------
    plans : sequence of PlanLimit
        From `find_limits`.
    cells : sequence of Cell
        Of the plans at their own demand.
    growth : Growth
        Demand from the first plan's own on.
    rule : Rule
    seconds : float
    name : str
    folder : Path
    also : callable
        Adds files (charts) to the folder that it is given, before that takes its place.
    fitted : Fitted, optional
        What of the plans was fitted to a log.
    """
    target = target_facts(cells[0].target)
    facts = limit_facts(plans, cells, growth, rule, name)
    days = [scenario_days(plan.scenario).working_days for plan in plans]
    with replaced_folder(folder) as new:
        write_table(_brackets(plans, growth), new, "brackets")
        write_table(_steps(plans), new, "steps")
        write_json(new / MANIFEST, facts | {
            "rule": facts["rule"] | {"margin": target["margin"]},
            "target": target,
            "growth": growth.rate,
            "base": {"registrations": int(growth.registrations), "year": growth.year},
            "marks": [
                {"registrations": int(growth.in_year(year) + 0.5), "year": year}
                for year in (growth.year, growth.year + 1)
            ],
            "levels": [
                {"plan": plan.scenario.name, "lowest": plan.levels[0], "highest": plan.levels[-1],
                 "number": len(plan.levels), "most_tests": plan.search.most_tests}
                for plan in plans
            ],
            "plans": [
                {"name": plan.scenario.name, "title": plan.scenario.title.model_dump(mode="json")} for plan in plans
            ],
            "working_days": [min(days), max(days)],
            "replications": max((step.outcome.replications for plan in plans for step in plan.steps), default=0),
            "found": "; ".join(_found(plan) for plan in plans),
            "scenarios": [scenario_as_dict(plan.scenario) for plan in plans],
            **fitted_facts(fitted),
        })  # fmt: skip
        write_timing(new, seconds)
        also(new)


def _found(plan: PlanLimit) -> str:
    """Return the bracket as figures that need no language: ``40,200–41,600``."""
    return NONE.join("" if end is None else f"{end:,}" for end in (plan.holds, plan.fails))


def _brackets(plans: Sequence[PlanLimit], growth: Growth) -> pa.Table:
    def passed(demand: int | None) -> date | None:
        return None if demand is None else growth.passes(demand)

    return pa.table({
        "plan": [plan.scenario.name for plan in plans],
        "title_en": [plan.scenario.title.en for plan in plans],
        "title_zh": [plan.scenario.title.zh for plan in plans],
        "holds": pa.array([plan.holds for plan in plans], pa.int64()),
        "fails": pa.array([plan.fails for plan in plans], pa.int64()),
        "lowest": pa.array([plan.levels[0] for plan in plans], pa.int64()),
        "highest": pa.array([plan.levels[-1] for plan in plans], pa.int64()),
        "own": pa.array([own_demand(plan.scenario) for plan in plans], pa.int64()),
        "monotone": [plan.bracket.monotone for plan in plans],
        "tests": pa.array([len(plan.steps) for plan in plans], pa.int64()),
        "replications": pa.array([sum(step.outcome.replications for step in plan.steps) for plan in plans], pa.int64()),
        "cost": pa.array([plan.cost for plan in plans], pa.float64()),
        "staff_hours": pa.array([plan.staff_hours for plan in plans], pa.float64()),
        "breaks_from": pa.array([passed(plan.holds) for plan in plans], pa.date32()),
        "breaks_to": pa.array([passed(plan.fails) for plan in plans], pa.date32()),
    })  # fmt: skip


def _steps(plans: Sequence[PlanLimit]) -> pa.Table:
    rows = [(plan, step) for plan in plans for step in plan.steps]
    judged = [step.outcome.judgement for _, step in rows]
    return pa.table({
        "plan": [plan.scenario.name for plan, _ in rows],
        "step": pa.array([step.number for _, step in rows], pa.int64()),
        "registrations": pa.array([step.registrations for _, step in rows], pa.int64()),
        "verdict": [step.outcome.verdict.value for _, step in rows if step.outcome.verdict is not None],
        **{part: pa.array([getattr(found, part) if found else np.nan for found in judged], pa.float64())
           for part in ("estimate", "low", "high")},
        "replications": pa.array([step.outcome.replications for _, step in rows], pa.int64()),
        "why": [step.outcome.why for _, step in rows],
    })  # fmt: skip
