"""What was found, as a record: the roster with its certificate, and the scenario with the roster in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.measures.judge import Rule, promised_by
from sim.office.demand import scenario_days
from sim.office.hours import SLOT, SLOTS
from sim.office.parameters import Scenario, shift_counts
from sim.office.parameters.fields import show_span, show_time
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict
from sim.office.tables import planned_hours
from sim.results.about import About, target_facts
from sim.studies.staff.certificate import Judged
from sim.studies.staff.choices import Choices, Plan
from sim.studies.staff.records import (
    EVERYBODY,
    OWN,
    TARGET,
    CertificateTest,
    CheapestRoster,
    Interval,
    Need,
    RosterLine,
    SearchStep,
    Spent,
    StaffPlan,
)
from sim.studies.staff.rules import WORKING_WEEK, ShiftForm, StaffingRules
from sim.studies.staff.staffing import Staffing

MONDAY = 0
BETA = 0.5
"""Of the square-root staffing that is shown beside the roster."""
NEGLIGIBLE = 0.05
"""Erlang: a half-hour with less, in which nobody is on duty, is not listed."""
STAFFED = "-staffed"
"""End of the name of a scenario with the roster that was found for it."""
LONGEST = 64
"""Characters of such a name."""


def answer_of(found: Staffing, rules: StaffingRules, about: About) -> CheapestRoster:
    """Return what was found, and what comes of the scenario's own plan beside it.

    Parameters
    ----------
    found : Staffing
        That was run.
    rules : StaffingRules
    about : About
    """
    search, choices, rounds = found.search, found.choices, found.judges.rounds
    judged_own, own_cost = found.judges.judge_own(found.scenario)
    chosen = [pool.pool for pool in choices.pools]
    own = StaffPlan(sum(_own_people(found.scenario, pool) for pool in chosen), _own_cost(choices), own_cost)
    plan, staffed = None, None
    if found.plan is not None:
        with_overtime = found.judges.cost_with_overtime(found.plan)
        plan = StaffPlan(choices.people(found.plan), choices.cost(found.plan), with_overtime)
        staffed = scenario_as_dict(staffed_scenario(choices, found.plan, about.name, found.hurried))
    certificate = sum(each.replications for each in rounds)
    spent = Spent(
        found.started, search.trials.replications, certificate, search.trials.plans, choices.plans,
        choices.plans * Rule().boundary.smallest,
    )  # fmt: skip
    return CheapestRoster(
        about=about,
        target=target_facts(search.requirements[0].target),
        working_days=scenario_days(found.scenario).working_days,
        replications=spent.start + spent.search + spent.certificate,
        plan=plan,
        own=own,
        proven=search.proven and not search.refused and not found.hurried,
        bound=search.bound,
        spent=spent,
        floors={each.name: 1 - each.target.level for each in search.requirements if each.name != TARGET},
        error_shown=rounds[-1].error if rounds else about.rule.error / 2,
        pools=tuple(chosen),
        kept=tuple(
            pool
            for pool, staff in found.scenario.pools.items()
            if pool not in chosen and shift_counts(staff, found.scenario.staff.midday).any()
        ),
        rules=rules.model_dump(mode="json"),
        scenario=scenario_as_dict(found.scenario),
        staffed=staffed,
        roster=_roster(choices, found.plan),
        needs=_needs(found),
        steps=_steps(found),
        tests=_tests(found, judged_own, own.cost),
        years=(),
        remedies=found.remedies,
        quick=found.hurried,
    )


def staffed_scenario(choices: Choices, plan: Plan, name: str, quick: bool = False) -> Scenario:
    """Return the scenario with a roster, under the name of the answer; that of a quick search is not the cheapest."""
    title = choices.scenario.title
    en, zh = ("roster found", "求得的排班") if quick else ("cheapest roster", "最低成本排班")
    both = {"en": f"{title.en}, {en}", "zh": f"{title.zh}（{zh}）"}
    begin = name.replace("+", "-")[: LONGEST - len(STAFFED)].rstrip("-")
    return choices.rostered(plan, begin + STAFFED, both)


def _own_people(scenario: Scenario, pool: str) -> int:
    """Return how many people a pool of the scenario's own plan needs at least: the most at any time."""
    staff = scenario.pools[pool]
    if staff.roster:
        return sum(line.people for line in staff.roster)
    return int(shift_counts(staff, scenario.staff.midday).max(initial=0))


def _own_cost(choices: Choices) -> float:
    """Return what the pools that are chosen for cost in the scenario's own plan, without overtime [yuan]."""
    office = registration_office(choices.scenario)
    chosen = {pool.pool for pool in choices.pools}
    return sum(planned_hours(pool, office.days) * pool.cost_per_hour for pool in office.pools if pool.name in chosen)


def _hours_a_week(form: ShiftForm) -> float:
    day = sum(end - begin for begin, end in form.hours) / 60
    return day * (len([name for name in form.days if name != "makeup"]) if form.days else WORKING_WEEK)


def _roster(choices: Choices, plan: Plan | None) -> tuple[RosterLine, ...]:
    lines = []
    for people, pool in zip(plan or (), choices.pools, strict=plan is not None):
        for number, name, form, cost in zip(people, pool.shifts, pool.forms, pool.cost, strict=True):
            if number:
                hours = ", ".join(map(show_span, sorted(form.hours)))
                lines.append(RosterLine(
                    pool.pool, name, form.title.en, form.title.zh, hours, ", ".join(form.days), number,
                    _hours_a_week(form), float(cost) * number,
                ))  # fmt: skip
    return tuple(lines)


def _needs(found: Staffing) -> tuple[Need, ...]:
    rows = []
    for number, pool in enumerate(found.choices.pools):
        load = found.load(pool.pool)
        need, offered = -(-load.square_root(BETA) // pool.at_once), np.maximum(load.offered[:-1], load.offered[1:])
        own = shift_counts(found.scenario.pools[pool.pool], found.scenario.staff.midday)[MONDAY]
        on = np.zeros(SLOTS, np.int64)
        if found.plan is not None:
            counts = np.asarray(found.plan[number]) @ pool.cover
            on = np.tensordot(counts, pool.slots[:, MONDAY].astype(np.int64), 1)
        for slot in np.flatnonzero((own > 0) | (on > 0) | (offered > NEGLIGIBLE)):
            on_duty = None if found.plan is None else int(on[slot])
            rows.append(Need(pool.pool, show_time(slot * SLOT), float(offered[slot]), int(need[slot]), on_duty,
                             int(own[slot])))  # fmt: skip
    return tuple(rows)


def _steps(found: Staffing) -> tuple[SearchStep, ...]:
    """Return the steps of the search, with which of their rosters are efficient."""
    sign = 1 if found.search.requirements[0].target.statistic == "mean" else -1
    steps = found.search.steps
    able = {(step.cost, sign * step.score) for step in steps if step.floors_kept}

    def beaten(step: SearchStep) -> bool:
        mine = step.cost, sign * step.score
        return any(other != mine and other[0] <= mine[0] and other[1] <= mine[1] for other in able)

    return tuple(replace(step, efficient=step.floors_kept and not beaten(step)) for step in steps)


def _tests(found: Staffing, judged_own: list[Judged], own_cost: float) -> tuple[CertificateTest, ...]:
    """Return the tests of all rounds, and with the last those of the scenario's own plan or of everybody on duty."""
    choices, rounds = found.choices, found.judges.rounds
    tests = []
    for number, each in enumerate(rounds, 1):
        for judged in each.judged:
            plan = each.plans[judged.claim.plan]
            change = _change(choices, each.plans[0], plan)
            tests.append(_test(number, judged.claim.plan, change, judged, choices.cost(plan)))
    for judged in judged_own:
        own = judged.claim.plan == 0
        cost = own_cost if own else np.nan
        tests.append(_test(max(len(rounds), 1), OWN if own else EVERYBODY, ("", "", ""), judged, cost))
    return tuple(tests)


def _test(number: int, plan: int, change: tuple[str, str, str], judged: Judged, cost: float) -> CertificateTest:
    found, requirement = judged.judgement, judged.claim.requirement
    ends = Interval() if found is None else Interval(found.estimate, found.low, found.high)
    return CertificateTest(
        number, plan, *change, requirement.name, ends.mean, ends.low, ends.high, promised_by(requirement.target),
        requirement.target.statistic == "mean", judged.verdict.value, judged.replications, cost,
    )  # fmt: skip


def _change(choices: Choices, plan: Plan, neighbour: Plan) -> tuple[str, str, str]:
    """Return in what a neighbour differs: its pool, the shift with one person less, and the shift that has one more."""
    for pool, before, after in zip(choices.pools, plan, neighbour, strict=True):
        if before != after:
            less = next(name for name, a, b in zip(pool.shifts, before, after, strict=True) if b < a)
            more = next((name for name, a, b in zip(pool.shifts, before, after, strict=True) if b > a), "")
            return pool.pool, less, more
    return "", "", ""
