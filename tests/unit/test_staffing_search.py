"""The search for the cheapest plan on an office that a formula plays: so many are needed in each block."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.office.blocks import Target
from sim.office.scenario import load_scenario_file
from sim.staffing.allowed import choices_of
from sim.staffing.requirements import Standing, requirements_of
from sim.staffing.rules import StaffingRules
from sim.staffing.search import Search
from sim.staffing.trials import Tried

STAGES = ["phone", "filing", "studio", "key", "review", "issue"]
KEPT = ["assistants", "studio", "specialists"]
TITLE = {"en": "s", "zh": "班"}
HOURS = {
    "all": ["08:30-17:00"], "morning": ["08:30-12:00"], "noon": ["11:00-14:00"], "rest": ["12:00-17:00"],
    "long-morning": ["08:30-14:00"],
}  # fmt: skip


@pytest.fixture(scope="module")
def choices():
    rules = StaffingRules.model_validate({
        "name": "few", "title": TITLE, "shifts": {n: {"title": TITLE, "hours": h} for n, h in HOURS.items()},
        "week": {"most_hours_a_day": 24, "most_hours": 168, "longest_spell_hours": 24}, "keep": KEPT,
        "bounds": {pool: {"least": 1, "most": 5} for pool in ("consultants", "reviewers", "clerks")},
    })  # fmt: skip
    scenario = load_scenario_file("scenarios/baseline-2023.yaml")
    return choices_of(scenario, rules, STAGES, dict.fromkeys(["consultants", *KEPT, "reviewers", "clerks"], 5))


class Formula:
    """In place of the trials: a requirement is kept if everywhere as many as needed are on duty in its pools."""

    def __init__(self, choices, need, requirements):
        self.choices, self.need, self.requirements = choices, need, requirements
        self.plans = self.replications = 0
        self.pools = [choices.pools_for(requirement.stages) for requirement in requirements]

    def try_all(self, asked, closely=True, about=None):
        self.plans += len(asked)
        self.replications += 3 * len(asked)
        return [self.tried(each.counts) for each in asked]

    def tried(self, counts):
        missing = np.maximum(self.need - counts, 0)
        over = [
            float(missing[[pool in pools for pool in self.choices.pool_of_block]].sum()) or -1.0 for pools in self.pools
        ]
        standings = tuple(Standing(each, 0.01, 40, requirement.margin) for each, requirement in
                          zip(over, self.requirements, strict=True))  # fmt: skip
        return Tried(standings, 5.0 + over[0] / 10, 40, tuple(over))


def searched(choices, need):
    requirements = requirements_of(Target(), ["review", "issue"], {"phone": 0.05})
    return Search(choices, Formula(choices, need, requirements), 5_000)


@pytest.fixture
def played(choices, monkeypatch):
    """Scenarios are their numbers on duty; nobody plays them."""
    kind = type(choices)
    monkeypatch.setattr(kind, "rostered", lambda self, plan: SimpleNamespace(counts=self.counts(plan)))
    monkeypatch.setattr(kind, "staffed", lambda self, counts: SimpleNamespace(counts=counts))
    return choices


def need_of(choices, luck):
    return luck.integers(choices.least, choices.most + 1)


@pytest.mark.parametrize("number", range(8))
def test_the_cheapest_cover_of_what_is_needed_is_found(played, number):
    need = need_of(played, np.random.default_rng(number))
    search = searched(played, need)
    least = played.cost(search.master.cheapest(need))
    search.start([played.most])
    search.descend()
    search.cut()
    assert search.best is not None
    assert (played.counts(search.best) >= need).all()
    assert search.best_cost == pytest.approx(least, abs=1)


def test_each_part_begins_with_its_own_cheapest_start(played):
    luck = np.random.default_rng(3)
    need = need_of(played, luck)
    phone = np.array([pool == "consultants" for pool in played.pool_of_block])
    few_callers, few_reviews = np.where(phone, need, played.most), np.where(phone, played.most, need)
    search = searched(played, need)
    search.start([few_callers, few_reviews])
    assert search.best_cost == pytest.approx(played.cost(search.master.cheapest(need)), abs=1)


def test_rosters_of_two_parts_that_change_at_once_are_simulated_before_more_is_learnt(played):
    need = need_of(played, np.random.default_rng(8))
    search = searched(played, need)
    search.start([played.most])
    untried = search.master.cheapest(played.least)
    assert untried not in search.tried
    search._learn([(part, untried) for part in search.master.parts])
    assert untried in search.tried


def test_a_refused_plan_is_never_the_best_again(played):
    need = need_of(played, np.random.default_rng(5))
    search = searched(played, need)
    search.start([played.most])
    search.descend()
    refused = search.best
    search.refuse(refused, search.requirements[:1])
    search.climb(refused)
    search.descend()
    assert search.best is not None
    assert search.best != refused
    assert not (played.counts(search.best) <= played.counts(refused)).all()
