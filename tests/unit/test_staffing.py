"""What staffing answers are made of: rules, choices, the integer program, requirements, the certificate."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from rosters import cheapest_roster, nothing_holds
from scipy.stats import binom

from sim.engines.play import Unfinished
from sim.measures.judge import Rule, Verdict
from sim.office.blocks import Target
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.office.tables import planned_hours
from sim.replicate.stopping import Scores
from sim.studies.base import StudyError
from sim.studies.staff.answer import staffed_scenario
from sim.studies.staff.asked import files
from sim.studies.staff.certificate import Certificate, Claim, round_error, round_seed
from sim.studies.staff.choices import choices_of
from sim.studies.staff.master import Master
from sim.studies.staff.needs import with_absence
from sim.studies.staff.rules import StaffingRules, load_rules
from sim.studies.staff.trials import Standing, figures_of, requirements_of

RULES = "scenarios/staffing/part-time.yaml"
ALL = ["phone", "filing", "studio", "key", "review", "issue"]
USEFUL = {"consultants": 4, "assistants": 5, "studio": 3, "specialists": 3, "reviewers": 6, "clerks": 4}


@pytest.fixture(scope="module")
def baseline():
    return load_scenario_file("scenarios/baseline-2023.yaml")


@pytest.fixture(scope="module")
def choices(baseline):
    return choices_of(baseline, load_rules(RULES), ALL, USEFUL)


def changed(scenario, **staff):
    full = scenario_as_dict(scenario)
    return scenario_from_dict({**full, "staff": {**full["staff"], **staff}})


WRONG = {
    'hours: ["08:30-12:00", "13:00-18:00"]': "8.5 hours a day; at most 8 may be worked",
    'hours: ["08:30-14:00"]': "5.5 hours without a break; at most 5 are allowed",
    'hours: ["08:00-10:00", "10:15-13:00"]': "must begin and end at a full or half hour",
    'hours: ["08:30-12:00", "11:00-13:00"]': "11:00-13:00 overlaps other hours of the shift",
    "hours: []": "must have at least 1 value",
    'hours: ["08:30-12:00"]\n    lunch: 12': "there is no such parameter",
}


def rules_file(tmp_path, shift, more=""):
    file = tmp_path / "mine.yaml"
    title = "title: {en: a, zh: 甲}\n"
    file.write_text(f"name: mine\n{title}shifts:\n  all-day:\n    {title}    {shift}\n{more}", encoding="utf-8")
    return file


@pytest.mark.parametrize("line", WRONG)
def test_rules_that_nobody_may_work_are_named_with_their_line(line, tmp_path):
    file = rules_file(tmp_path, line)
    with pytest.raises(ScenarioError) as caught:
        load_rules(file)
    message = str(caught.value)
    assert WRONG[line] in message
    assert message.splitlines()[0].startswith(f"{file}:")


def test_half_a_break_is_no_break(tmp_path):
    hours = 'hours: ["08:00-12:00", "12:30-15:30"]'
    assert load_rules(rules_file(tmp_path, hours)).shifts
    with pytest.raises(ScenarioError, match=r"7\.5 hours without a break"):
        load_rules(rules_file(tmp_path, hours, "week: {shortest_break_hours: 1}\n"))


def made_rules(hours, keep, **more):
    """Return rules with shifts of these hours, by name."""
    title = {"en": "s", "zh": "班"}
    shifts = {name: {"title": title, "hours": spans} for name, spans in hours.items()}
    return StaffingRules.model_validate({"name": "made", "title": title, "shifts": shifts, "keep": keep, **more})


def test_blocks_cover_what_the_shifts_cover(choices):
    for pool in choices.pools:
        for name, form, cover in zip(pool.shifts, pool.forms, pool.cover, strict=True):
            slots = np.tensordot(cover, pool.slots.astype(int), 1)[0]
            wanted = np.zeros(48, int)
            for begin, end in form.hours:
                wanted[int(begin // 30) : int(end // 30)] = 1
            assert slots.tolist() == wanted.tolist(), (pool.pool, name)
        assert (pool.slots.sum(axis=0) <= 1).all()


def test_the_cost_of_a_plan_is_that_of_its_hours(choices, baseline):
    plan = tuple(tuple(range(len(pool.cost))) for pool in choices.pools)
    office = registration_office(choices.rostered(plan))
    hours = sum(planned_hours(pool, office.days) * pool.cost_per_hour for pool in office.pools)
    assert choices.cost(plan) == pytest.approx(hours, rel=1e-12)


def test_people_and_counts_put_the_same_number_on_duty(choices):
    generator = np.random.default_rng(8)
    plan = tuple(tuple(generator.integers(0, 3, len(pool.cost)).tolist()) for pool in choices.pools)
    plan = tuple(people if sum(people) else (1, *people[1:]) for people in plan)
    by_people = registration_office(choices.rostered(plan))
    by_counts = registration_office(choices.staffed(choices.counts(plan)))
    days = by_people.days
    for one, other in zip(by_people.pools, by_counts.pools, strict=True):
        on = []
        for pool in (one, other):
            line = np.zeros(7 * 48, int)
            for person in pool.duty:
                for begin, end in zip(*person.intervals(days, 7), strict=True):
                    line[int(begin // 30) : int(end // 30)] += 1
            on.append(line.tolist())
        assert on[0] == on[1], one.name


def test_where_midday_is_not_manned_no_shift_goes_through_it(baseline):
    without = changed(baseline, midday={"crew_on_duty": False, "from": "12:00", "to": "13:30"})
    for pool in choices_of(without, load_rules(RULES), ALL, USEFUL).pools:
        assert not pool.slots[:, :, 24:27].any()
        assert "midday" not in pool.shifts


def test_hours_that_no_shift_covers_are_named(baseline):
    with pytest.raises(StudyError, match="no shift of the consultants covers 12:00 on mon"):
        choices_of(baseline, made_rules({"morning": ["08:30-12:00"]}, []), ALL, USEFUL)


def test_neighbours_are_cheaper_by_one_person_or_a_part_of_a_shift(choices):
    plan = tuple(tuple(2 for _ in pool.cost) for pool in choices.pools)
    wide = choices.counts(plan)
    roomy = choices_of(choices.scenario, load_rules(RULES), ALL, dict.fromkeys(USEFUL, int(wide.max())))
    near = roomy.neighbours(plan)
    assert len(near) > 50
    for other in near:
        assert choices.cost(other) < choices.cost(plan)
        assert (choices.counts(other) <= wide).all()
        moved = np.concatenate(plan) - np.concatenate(other)
        assert sorted(moved[moved != 0].tolist()) in ([1], [-1, 1])


@pytest.fixture(scope="module")
def two_pools(baseline):
    hours = {"all": ["08:30-17:00"], "morning": ["08:30-12:00"], "rest": ["12:00-17:00"]}
    bounds = {"reviewers": {"least": 1, "most": 3}, "clerks": {"least": 1, "most": 2}}
    rules = made_rules(hours, ["consultants", "assistants", "studio", "specialists"], bounds=bounds)
    return choices_of(baseline, rules, ALL, USEFUL)


@pytest.mark.parametrize("number", range(12))
def test_the_integer_program_finds_the_cheapest_that_is_not_ruled_out(two_pools, number):
    generator = np.random.default_rng(number)
    plans = [
        plan
        for plan in itertools.product(*(itertools.product(range(4), repeat=len(pool.cost)) for pool in two_pools.pools))
        if two_pools.allows(two_pools.counts(plan))
    ]
    master = Master(two_pools, [{"reviewers", "clerks"}])
    (part,) = master.parts
    left = plans
    for _ in range(4):
        failed = generator.integers(two_pools.least, two_pools.most + 1)
        master.rule_out(failed, {"reviewers", "clerks"})
        slope = -generator.uniform(0, 1, len(failed))
        limit = float(slope @ generator.uniform(two_pools.least, two_pools.most))
        part.require(slope, limit)
        left = [
            plan for plan in left
            if (two_pools.counts(plan) > failed).any() and slope @ two_pools.counts(plan) <= limit + 1e-9
        ]  # fmt: skip
        found = part.cheapest()
        if not left:
            assert found is None
            return
        least = min(map(two_pools.cost, left))
        assert found is not None
        people, bound = found
        assert people is not None
        assert two_pools.cost(tuple(tuple(on.tolist()) for on in people)) == pytest.approx(least, abs=3)
        assert bound <= least + 1e-6
        assert bound >= least - 3


def test_more_than_overlapping_shifts_can_give_is_answered_by_what_comes_nearest(baseline):
    hours = {"early": ["08:30-13:00"], "late": ["12:00-17:00"]}
    kept = ["consultants", "assistants", "studio", "specialists", "reviewers"]
    rules = made_rules(hours, kept, bounds={"clerks": {"least": 1, "most": 5}})
    choices = choices_of(baseline, rules, ALL, USEFUL)
    (part,) = Master(choices, [{"clerks"}]).parts
    assert part.cheapest(choices.most) is None
    # Five where both work, and neither has more than one less than the other.
    (people,) = part.fullest(choices.most)
    assert sorted(people.tolist()) == [2, 3]
    # What they can give they give in full, and nobody is there for nothing.
    (people,) = part.fullest(np.array([2, 3, 1]))
    assert people.tolist() == [2, 1]


def test_so_many_are_planned_that_the_absent_are_seldom_missed():
    need = np.array([0, 1, 4])
    assert with_absence(need, 0.0).tolist() == [0, 1, 4]
    # 0.92 < 0.95 <= 1 - 0.08 ** 2; of five, four are there unless two are away.
    planned = with_absence(need, 0.08)
    assert planned.tolist() == [0, 2, 6]
    for number, wanted in zip(planned[1:], need[1:], strict=True):
        assert binom.sf(wanted - 1, number, 0.92) >= 0.95 > binom.sf(wanted - 1, number - 1, 0.92)


def test_pools_that_share_no_requirement_are_programs_of_their_own(choices):
    stages = ["phone"], ["filing"], ["studio"], ["key"], ["review", "issue"]
    together = [choices.pools_for(each) for each in stages]
    names = sorted(sorted(part.names) for part in Master(choices, together).parts)
    assert names == [["assistants", "specialists"], ["clerks", "reviewers"], ["consultants"], ["studio"]]


def test_what_more_in_another_part_may_make_up_for_is_not_ruled_out(choices):
    master = Master(choices, [choices.pools_for(["phone"]), choices.pools_for(["review"])])
    master.rule_out(choices.most, {"consultants", "reviewers"})
    assert not any(part.failures for part in master.parts)
    master.rule_out(choices.least, {"reviewers"})
    (part,) = [part for part in master.parts if part.failures]
    assert part.names == {"clerks", "reviewers"}


def test_floors_read_the_share_that_gives_up():
    target, floor = requirements_of(Target(), ["review", "issue"], {"phone": 0.05})
    assert figures_of([target, floor]) == ("visits number stage phone", "gave up share stage phone")
    figures = np.array([[1000.0, 0.04], [500.0, 0.10]])
    scores = Scores(np.array([4900.0, 2600.0]), np.array([1000.0, 500.0]), None, figures)
    sums, counts = floor.sums_and_counts(scores)
    assert sums == pytest.approx([960, 450])
    assert counts.tolist() == [1000, 500]
    assert target.over(scores).tolist() == pytest.approx([-100 / 750, 100 / 750])
    assert floor.over(scores).tolist() == pytest.approx([(950 - 960) / 750, (475 - 450) / 750])


def test_few_replications_are_clear_only_far_from_the_edge():
    assert not Standing(0.1, 0.02, 3, 0.05).missed
    assert Standing(1.0, 0.02, 3, 0.05).missed
    assert Standing(0.1, 0.02, 10, 0.05).missed
    assert not Standing(-0.01, 0.02, 10, 0.05).kept
    assert Standing(-0.01, 0.02, 40, 0.05).missed, "on the edge after all replications"
    assert Standing(-0.01, 0.001, 40, 0.05).kept
    assert Standing(-0.03, 0.02, 40, 0.05).kept, "more than half a margin off"
    assert Standing(np.inf, 0.0, 3, 0.05).missed


def scores_around(mean, n, generator):
    return Scores((5 + mean + 0.02 * generator.standard_normal(n)) * 1000, np.full(n, 1000.0), None, np.empty((n, 0)))


def test_a_certificate_judges_each_plan_against_what_it_is_held_to():
    generator = np.random.default_rng(1)
    (target,) = requirements_of(Target(), ["review"], {})
    tests = [Claim(0, target), Claim(1, target), Claim(2, target), Claim(3, target)]
    question = Certificate(tests, Rule(4, 0.025, 200), [target])
    unfinished = Scores(np.empty(0), np.empty(0), Unfinished(3, 40, {"review": 3}), np.empty((0, 0)))
    scores = [
        scores_around(-0.1, 60, generator),
        scores_around(0.2, 60, generator),
        scores_around(0.0, 60, generator),
        unfinished,
    ]
    done = question.look(scores, range(4))
    assert sorted(done) == [0, 1, 2]
    verdicts = [judged.verdict for judged in question.judged(scores)]
    assert verdicts == [Verdict.HOLDS, Verdict.FAILS, Verdict.TOO_CLOSE, Verdict.FAILS]


def test_rounds_have_seeds_of_their_own_and_spend_no_more_than_the_error():
    assert sum(round_error(0.05, number) for number in range(1, 40)) <= 0.05
    seeds = {round_seed(seed, number, about) for seed in (1, 2) for number in range(1, 7) for about in "ab"}
    assert len(seeds) == 24
    assert not seeds & {1, 2}


def test_a_scenario_with_a_roster_survives_being_written(choices, tmp_path):
    plan = tuple((1, *[0] * (len(pool.cost) - 2), 2) for pool in choices.pools)
    scenario = scenario_as_dict(staffed_scenario(choices, plan, "baseline-2023+mine"))
    ((name, text),) = files(cheapest_roster(staffed=scenario)).items()
    assert name == "baseline-2023-mine-staffed.yaml"
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert scenario_as_dict(load_scenario_file(tmp_path / name)) == scenario
    assert files(nothing_holds()) == {}
