"""Several years of growing demand: the scenario of each, and what the roster of the busiest comes to in all."""

from __future__ import annotations

from collections.abc import Sequence

from sim.measures.judge import Verdict
from sim.office.parameters import Scenario
from sim.office.parameters.demand import MOST_REGISTRATIONS
from sim.office.scenario import at_demand, own_demand, scenario_as_dict, scenario_from_dict
from sim.studies.base import refused
from sim.studies.growth import Growth
from sim.studies.staff.certificate import WORSE, Judged
from sim.studies.staff.records import TARGET, YearOfStaff
from sim.studies.staff.staffing import Staffing

LONGEST = 50
"""Characters of the name of a scenario that is kept in that of a year."""


def scenarios_of(first: Scenario, rate: float, years: int) -> list[Scenario]:
    """Return a scenario with the demand of its year and of so many after it; all else, its calendar too, stays.

    Raises
    ------
    InputError
        If demand outgrows what a scenario may have.
    """
    growth = Growth(own_demand(first), first.year, rate)
    return [first, *(_in_year(first, growth, year) for year in range(first.year + 1, first.year + years + 1))]


def _in_year(first: Scenario, growth: Growth, year: int) -> Scenario:
    if (demand := growth.in_year(year)) > MOST_REGISTRATIONS:
        raise refused(
            "--growth: {year} would have {number} registrations; at most {most} are possible, so take less "
            "growth or fewer years", year=year, number=f"{demand:,}", most=f"{MOST_REGISTRATIONS:,}",
        )  # fmt: skip
    full = scenario_as_dict(at_demand(first, demand))
    title = {"en": f"{first.title.en}, demand of {year}", "zh": f"{first.title.zh}（{year}年需求）"}
    return scenario_from_dict({**full, "name": f"{first.name[:LONGEST]}-in-{year}", "title": title})


def busiest(founds: Sequence[Staffing]) -> Staffing:
    """Return the year with the most demand."""
    return max(founds, key=lambda found: own_demand(found.scenario))


def years_of(founds: Sequence[Staffing]) -> tuple[YearOfStaff, ...]:
    """Return the cheapest roster of each year, and how that of the busiest does in it.

    In its own year the last round of its certificate tells; in the others it is judged on the seed of theirs.
    """
    chosen, rows = busiest(founds), []
    for number, found in enumerate(founds):
        judged: list[Judged] = []
        if chosen.plan is not None and found is chosen:
            judged = chosen.judges.rounds[-1].of_plan
        elif chosen.plan is not None:
            # Pools that nobody comes to in a quiet year are not among its choices.
            there = at_demand(chosen.choices.rostered(chosen.plan), own_demand(found.scenario))
            judged = [
                each for each in found.judges.judge_own(there, found.judges.rule.largest)[0] if not each.claim.plan
            ]
        worst = min((each.verdict for each in judged), key=WORSE.index, default=None)
        target = next((e.judgement for e in judged if e.claim.requirement.name == TARGET), None)
        known = [] if found.plan is None else [_size(found)]
        if worst is Verdict.HOLDS:
            # A roster that holds here as well, should the search of this year have found a dearer one, or none.
            known.append(_size(chosen))
        people, cost = min(known, key=lambda size: size[1], default=(None, None))
        rows.append(YearOfStaff(
            year=founds[0].scenario.year + number,
            registrations=own_demand(found.scenario),
            people=people,
            cost=cost,
            estimate=None if target is None else target.estimate,
            low=None if target is None else target.low,
            high=None if target is None else target.high,
            verdict="" if worst is None else worst.value,
        ))  # fmt: skip
    return tuple(rows)


def _size(found: Staffing) -> tuple[int, float]:
    """Return the people and the planned cost of the roster that was found."""
    assert found.plan is not None
    return found.choices.people(found.plan), found.choices.cost(found.plan)
