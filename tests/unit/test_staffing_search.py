"""The search for the cheapest plan on an office that a formula plays: so many are needed in each block."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sim.measures.judge import Rule, Verdict
from sim.office.blocks import Target
from sim.office.scenario import load_scenario_file
from sim.studies.staff.certificate import WORSE, Judged, Judges
from sim.studies.staff.choices import choices_of
from sim.studies.staff.cuts import _learn, cut
from sim.studies.staff.rules import StaffingRules
from sim.studies.staff.search import Search
from sim.studies.staff.trials import Standing, Trial, requirements_of

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
        """Leave what nobody asked about open, where something asked about is missed: as few replications do."""
        self.plans += len(asked)
        self.replications += 3 * len(asked)
        about = range(len(self.requirements)) if about is None else about
        return [self.looked_at(self.tried(each.counts), about) for each in asked]

    def looked_at(self, tried, about):
        if not any(tried.standings[number].missed for number in about):
            return tried
        few = [each if number in about else replace(each, replications=3, error=1e9)
               for number, each in enumerate(tried.standings)]  # fmt: skip
        return replace(tried, standings=tuple(few), replications=3)

    def tried(self, counts):
        missing = np.maximum(self.need - counts, 0)
        over = [
            float(missing[[pool in pools for pool in self.choices.pool_of_block]].sum()) or -1.0 for pools in self.pools
        ]
        standings = tuple(Standing(each, 0.01, 40, requirement.margin) for each, requirement in
                          zip(over, self.requirements, strict=True))  # fmt: skip
        return Trial(standings, 5.0 + over[0] / 10, 40, tuple(over))


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


def need_of(choices, generator):
    return generator.integers(choices.least, choices.most + 1)


@pytest.mark.parametrize("number", range(8))
def test_the_cheapest_cover_of_what_is_needed_is_found(played, number):
    need = need_of(played, np.random.default_rng(number))
    search = searched(played, need)
    least = played.cost(search.master.cheapest(need))
    search.start([played.most])
    search.descend()
    cut(search)
    assert search.best is not None
    assert (played.counts(search.best) >= need).all()
    assert search.best_cost == pytest.approx(least, abs=1)


def test_each_part_begins_with_its_own_cheapest_start(played):
    generator = np.random.default_rng(3)
    need = need_of(played, generator)
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
    _learn(search, [(part, untried) for part in search.master.parts])
    assert untried in search.tried


def test_taking_several_steps_down_at_once_is_taking_them_sooner(played, monkeypatch):
    def found():
        search = searched(played, played.least)
        search.start([played.most])
        search.descend()
        assert all(played.allows(played.counts(plan)) and min(map(min, plan)) >= 0 for plan in search.tried)
        return search

    at_once = found()
    monkeypatch.setattr("sim.studies.staff.search.STRIDES", ())
    one_by_one = found()
    assert at_once.best_cost == one_by_one.best_cost
    assert at_once.trials.plans < one_by_one.trials.plans


def test_from_a_plan_that_misses_something_it_goes_up_to_one_that_keeps_all(played):
    generator = np.random.default_rng(4)
    here = search_from = played.plan_in(played.scenario) or searched(played, played.least).master.cheapest(played.least)
    need = np.minimum(played.counts(here) + generator.integers(0, 2, len(played.least)), played.most)
    search = searched(played, need)
    search.start([played.most])
    above = search.best_cost
    search.rise(search_from)
    assert search.best_cost < above
    assert (played.counts(search.best) >= need).all()
    # Rosters that were tried closely, on the way: each is dearer than the one before.
    risen = [step.cost for step in search.steps if step.kind == "up"]
    assert len(risen) > 1
    assert risen == sorted(risen)


def test_a_part_that_nobody_more_helps_does_not_keep_the_others_from_rising(played, monkeypatch):
    here = searched(played, played.least).master.cheapest(played.least)
    more = np.array([pool == "consultants" for pool in played.pool_of_block])
    need = np.minimum(played.counts(here) + np.where(more, 1, 5), played.most)
    search = searched(played, need)
    search.start([played.most])
    help_ = search._help
    monkeypatch.setattr(
        search, "_help", lambda part, *others: help_(part, *others) if "consultants" in part.names else 0.0
    )
    search.rise(here)
    (phone,) = [part for part in search.master.parts if "consultants" in part.names]
    risen = [plan for plan in search.tried if search.keeps(phone, search.tried[plan], later=True)]
    assert min(phone.cost_in(plan) for plan in risen) < phone.cost_in(search.best)


def test_strides_stay_within_the_people_that_a_pool_can_have(played):
    search = searched(played, played.least)
    most = tuple(tuple(14 for _ in pool.shifts) for pool in played.pools)
    assert not played.possible(most)
    assert not played.possible(tuple(tuple(-1 for _ in pool.shifts) for pool in played.pools))
    assert played.possible(search.master.cheapest(played.least))


def test_in_a_hurry_what_looks_as_good_as_a_refused_plan_is_not_taken(played):
    search = searched(played, need_of(played, np.random.default_rng(5)))
    search.start([played.most])
    refused = search.best
    search.tried[refused] = replace(search.tried[refused], standings=tuple(
        replace(each, over=-0.06, error=0.02) for each in search.tried[refused].standings
    ))  # fmt: skip
    search.refuse(refused, search.requirements[:1], as_good=True)
    as_good = replace(search.tried[refused].standings[0], over=-0.07)
    better = replace(as_good, over=-0.09)
    for standing, holds in ((as_good, False), (better, True)):
        others = search.tried[refused].standings[1:]
        assert search._holds(replace(search.tried[refused], standings=(standing, *others))) is holds


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


def test_after_a_refusal_a_plan_has_to_keep_it_by_a_standard_error_more(played):
    need = need_of(played, np.random.default_rng(5))
    search = searched(played, need)
    search.start([played.most])
    search.descend()
    refused = search.best
    near = tuple(replace(each, over=-0.03, error=0.02) for each in search.tried[refused].standings)
    tried = replace(search.tried[refused], standings=near)
    assert search._holds(tried)
    search.refuse(refused, search.requirements[:1])
    assert search._holds(tried)
    search.refuse(refused, search.requirements[:1])
    assert not search._holds(tried)
    assert search._holds(tried, [1])


def test_a_cheaper_plan_is_one_that_keeps_everything_and_others_are_shown_at_their_worst(played, monkeypatch):
    generator, families = np.random.default_rng(2), []
    search = searched(played, need_of(played, generator))
    search.start([played.most])
    search.descend()

    def family(judges, plans, claims, tests):
        """At first all hold in what they are held against; of what they are then, some does."""
        found = [Judged(claim, Verdict.HOLDS, None, 40) for claim in claims]
        if families:
            found = [replace(each, verdict=WORSE[generator.integers(1, 4)]) for each in found]
        families.append((plans, found))
        return found, judges.rule, 1

    monkeypatch.setattr(Judges, "_family", family)
    found = Judges(search, Rule(), "office").judge(search.best)
    (_, (plans, judged)) = families
    worst = {
        plan: min((each.verdict for each in judged if each.claim.plan == number), key=WORSE.index)
        for number, plan in enumerate(plans)
    }
    assert {found.plans[each.claim.plan]: each.verdict for each in found.judged if each.claim.plan} == worst
    holding = [plan for plan, verdict in worst.items() if verdict is Verdict.HOLDS]
    assert 0 < len(holding) < len(plans)
    assert found.better == min(holding, key=played.cost)
    assert search.refused.isdisjoint(holding)


def plan_of(choices, **people):
    """Return a plan with so many on the shifts of each pool."""
    return tuple(tuple(people[pool.pool].get(shift, 0) for shift in pool.shifts) for pool in choices.pools)


@pytest.fixture
def here(played):
    """A roster in which the review's morning and noon cost more than a long morning would."""
    lean = {"morning": 1, "rest": 1}
    return plan_of(played, consultants={"all": 1}, reviewers={"all": 1, "morning": 1, "noon": 1}, clerks=lean)


def test_a_roster_is_reshaped_where_one_less_on_duty_lets_cheaper_shifts_cover_the_rest(played, here):
    search = searched(played, played.least)
    part = next(part for part in search.master.parts if "reviewers" in part.names)
    found = search._reshaped(here)
    assert found
    near = set(played.neighbours(here))
    assert any(plan not in near for plan in found)
    for plan in found:
        # One block of one part has one less, no other has less, and it is cheaper.
        fewer = played.counts(here) - played.counts(plan)
        assert sorted(fewer[fewer > 0].tolist()) == [1]
        assert played.cost(plan) < played.cost(here)
    assert min(map(part.cost_in, found)) < part.cost_in(here)


def test_where_the_cheapest_start_of_a_part_falls_short_beside_the_others_the_next_one_is_taken(played):
    """The phone's cheapest start keeps its floor alone, but not beside the lean start of the others."""
    need = need_of(played, np.random.default_rng(3))
    search = searched(played, need)
    phone = np.array([pool == "consultants" for pool in played.pool_of_block])
    lean = played.counts(search.master.cheapest(need))
    alone = search.trials.tried

    def tried(counts):
        found = alone(counts)
        if (counts[phone] <= lean[phone]).all() and (counts[~phone] <= lean[~phone]).all():
            number = next(n for n, each in enumerate(search.requirements) if each.name == "phone")
            missed = replace(found.standings[number], over=1.0)
            found = replace(found, standings=(*found.standings[:number], missed, *found.standings[number + 1 :]))
        return found

    search.trials.tried = tried
    needs = [np.where(phone, need, played.most), np.where(phone, played.most, need)]
    needs.insert(1, np.where(phone, np.minimum(need + 1, played.most), played.most))
    search.start(needs)
    starts = [search.master.cheapest(each) for each in needs]
    part = next(part for part in search.master.parts if "consultants" in part.names)
    assert search.best is not None
    assert (played.counts(search.best)[~phone] == lean[~phone]).all()
    assert part.cost_in(search.best) == part.cost_in(starts[1]) > part.cost_in(starts[0])
