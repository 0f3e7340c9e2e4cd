"""The search for the cheapest plan against trying every plan there is, on small offices."""

from __future__ import annotations

import itertools
from random import Random

import numpy as np
import pytest
from helpers import EVERY

from sim.office.registration import registration_office
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.replicate.store import MemoryStore
from sim.replicate.workers import workers_for
from sim.studies.staff.choices import choices_of
from sim.studies.staff.cuts import cut
from sim.studies.staff.rules import StaffingRules
from sim.studies.staff.search import Search
from sim.studies.staff.trials import Trials, requirements_of

OFFICES, OTHER_TARGETS = 16, 6
NUMBERS = range(OFFICES + OTHER_TARGETS) if EVERY else (0, 3, 9, 18, 21)
MOST_PLANS, FEWER_PLANS = 120, 30
"""One office has more plans than the others."""
ALL_DAY = ("08:30-17:00",)
HOURS = ("08:30-12:00", "13:30-17:00"), ("08:30-12:00",), ("13:30-17:00",), ("12:00-17:00",), ("08:30-13:30",)
POOLS = ["reviewers"], ["clerks"], ["reviewers", "clerks"], ["consultants"], ["reviewers", "consultants"]
POOLS_OF_ALL = ("consultants", "assistants", "studio", "specialists", "reviewers", "clerks")
STAGES = ["phone", "filing", "studio", "key", "review", "issue"]
CLOCKED = ["review", "issue"]


def target_of(generator, statistic):
    """Return a target that some plans keep and others do not."""
    if statistic == "mean":
        return {"minutes": generator.choice([4.6, 5, 5.5, 6, 7, 9])}
    return {
        "statistic": statistic,
        "minutes": generator.choice([8, 10, 12, 15]),
        "level": generator.choice([0.8, 0.9, 0.95]),
    }


def small_problem(number, baseline):
    """Return choices of few plans, and a target that lies among them."""
    generator = Random(f"small staffing {number}")
    statistic = "mean" if number < OFFICES else ("share", "percentile")[number % 2]
    while True:
        data = {
            **baseline,
            "period": {"first": "2023-03-06", "last": generator.choice(["2023-03-06", "2023-03-07"])},
            "demand": {**baseline["demand"], "registrations_per_year": generator.randint(8_000, 40_000)},
            "target": {**baseline["target"], **target_of(generator, statistic)},
            "staff": {
                name: {**pool, "cost_per_hour": generator.choice([30, 50, 60, 100])} if name != "midday" else pool
                for name, pool in baseline["staff"].items()
            },
        }
        pools = generator.choice(POOLS)
        chosen = [ALL_DAY, *generator.sample(HOURS, generator.randint(1, 2))]
        rules = StaffingRules.model_validate({
            "name": "small",
            "title": {"en": "small", "zh": "小"},
            "shifts": {f"s{i}": {"title": {"en": "s", "zh": "班"}, "hours": list(h)} for i, h in enumerate(chosen)},
            "week": {"most_hours_a_day": 24, "most_hours": 168, "longest_spell_hours": 24},
            "bounds": {pool: {"least": 1, "most": generator.randint(3, 6)} for pool in pools},
            "keep": [pool for pool in POOLS_OF_ALL if pool not in pools],
        })  # fmt: skip
        scenario = scenario_from_dict(data)
        choices = choices_of(scenario, rules, STAGES, dict.fromkeys(POOLS_OF_ALL, 6))
        plans = every_plan(choices)
        if 8 <= len(plans) <= (MOST_PLANS if number == 0 else FEWER_PLANS):
            return scenario, choices, plans


def every_plan(choices):
    of_pool = []
    for pool in choices.pools:
        people = itertools.product(range(int(pool.most.max()) + 1), repeat=len(pool.cost))
        counts = ((on, np.array(on) @ pool.cover) for on in people)
        of_pool.append([on for on, duty in counts if (pool.least <= duty).all() and (duty <= pool.most).all()])
    return list(itertools.product(*of_pool))


@pytest.fixture(scope="module")
def baseline():
    return scenario_as_dict(load_scenario_file("scenarios/baseline-2023.yaml"))


@pytest.fixture(scope="module")
def workers():
    with workers_for("compiled", None, None) as found:
        yield found


def test_every_pool_and_every_statistic_is_among_the_offices(baseline):
    problems = [small_problem(number, baseline) for number in NUMBERS]
    assert {scenario.target.statistic for scenario, *_ in problems} == {"mean", "share", "percentile"}
    chosen = {pool.pool for _, choices, _ in problems for pool in choices.pools}
    assert chosen == {pool for pools in POOLS for pool in pools}


@pytest.mark.parametrize("number", NUMBERS)
def test_nothing_cheaper_is_found_by_trying_everything(number, baseline, workers):
    scenario, choices, plans = small_problem(number, baseline)
    target = registration_office(scenario).target
    chosen = {pool.pool for pool in choices.pools}
    floors = {"phone": 0.05} if "consultants" in chosen else {}
    requirements = requirements_of(target, CLOCKED, floors)
    trials = Trials(requirements, 7, "compiled", workers, MemoryStore(), lambda progress: None)
    search = Search(choices, trials, 10_000)
    spread = [np.ceil(choices.least + share * (choices.most - choices.least)).astype(int) for share in (0.3, 0.6, 1.0)]
    search.start(spread)
    if search.best is not None:
        search.descend()
        cut(search)
    needed = trials.plans
    everything = dict(zip(plans, trials.try_all([choices.rostered(plan) for plan in plans]), strict=True))
    keeping = [plan for plan, tried in everything.items() if tried.keeps]
    least = min(map(choices.cost, keeping), default=np.inf)
    assert not search.proven or search.best_cost == least
    assert search.best is None or search.bound <= least + 1
    if search.best_cost != least:
        # What it has missed is so near the edge that it would have been too close to call.
        missed = min(keeping, key=choices.cost)
        over = [s.over / r.margin for s, r in zip(everything[missed].standings, requirements, strict=True)]
        said = f"{search.best_cost:,.0f} instead of {least:,.0f} yuan, which is {max(over):+.2f} margins from the edge"
        print(f"office {number}: {said}")
        assert search.best_cost < np.inf
        assert max(over) > -1, (needed, len(plans))
    assert needed <= max(len(plans), 200)
