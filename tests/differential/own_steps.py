"""Random registration offices with steps of their own, and what must be true of their logs by what the scenario says.

The scenario is read here once more, and differently from `sim.office.ways`: nothing of how a way is built is used, but
the journeys' minutes and priorities, the log, and the names of stages.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import numpy as np

from sim.office import CALLED_IN
from sim.office.blocks import Office
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_from_dict
from sim.office.tables import tables_of
from sim.records import MACHINE_TIME, NOT_MADE, OF_OTHERS, OWN_TIME, Journeys, VisitLog

CLASSES = ("enterprise", "individual", "key", "other")
CHANNELS = ("online", "hall", "studio", "specialist")
POINTS = ("filing", "review", "approval", "issue")
FIRST, AGAIN, LACKING = 3.0, 1.25, 7.5
"""Minutes of a review, of one of what was corrected, and of a handover with something missing: told apart exactly."""


def always(minutes: float) -> dict[str, Any]:
    """Return a duration that is always the same."""
    return {"mean_minutes": minutes, "cv": 1, "sample": {"minutes": [minutes, minutes], "as_it_is": True}}


def some(random: Random, of: tuple[str, ...], share: float = 0.4) -> list[str]:
    """Return some of several, or none, which means all."""
    return random.sample(of, random.randint(1, 2)) if random.random() < share else []


def random_steps(number: int) -> Scenario:
    """Return the random office with this number: a few days, with one to three steps and rules of priority."""
    random = Random(number)
    steps: list[dict[str, Any]] = []
    for place in range(random.randint(1, 3)):
        after = random.choice([*POINTS, *(step["name"] for step in steps)])
        minutes = 4 + place + random.choice([0.0, 0.5])
        steps.append({
            "name": f"step-{place}", "title": {"en": f"step {place}", "zh": f"环节{place}"}, "after": after,
            "share": random.choice([1, 0.5, 0.2]), "classes": some(random, CLASSES), "channels": some(random, CHANNELS),
            "minutes": always(minutes), "pool": random.choice(["seconds", "inspectors", "reviewers", "clerks"]),
            "minutes_of": {"key": always(minutes + 10)} if random.random() < 0.3 else {},
            "urgent": random.random() < 0.3, "returned": random.choice([0, 0, 0.3]),
            "hours": random.choice([[], ["09:00-11:30"], ["08:30-12:00", "13:30-17:00"]]),
            "at_closing": random.choice(["serve", "carry over", "send home"]), "counted": random.random() < 0.7,
        })  # fmt: skip
    own = {step["pool"] for step in steps} - {"reviewers", "clerks"}
    staff: dict[str, Any] = {
        pool: {"plan": {"08:00-18:00": random.randint(1, 3)}, "midday_crew": 1} for pool in (*sorted(own), "reviewers")
    }  # fmt: skip
    if random.random() < 0.4:
        staff["reviewers"]["other_work"] = {
            "share": random.choice([0.3, 0.6]), "until_waiting": random.choice([None, 1, 3]),
        }  # fmt: skip
    if random.random() < 0.3 and own:
        staff["clerks"] = {"helps": [{"stage": steps[0]["name"], "when_waiting": random.choice([1, 2])}]}
    others = Random(f"outside {number}")
    outside = [
        {"share": others.choice([0, 0, 0.4]), "mean_hours": 3, "cv": 0.5, "in_hours": others.random() < 0.5}
        for _ in range(2)
    ]
    stages = ("review", "issue", *(step["name"] for step in steps))
    rules = [
        {"stage": random.choice(stages), "classes": some(random, CLASSES), "channels": some(random, CHANNELS),
         "in_hall": random.random() < 0.2, "corrected": random.random() < 0.3,
         "share": random.choice([1, 1, 0.3]), "priority": random.randint(0, 3)}
        for _ in range(random.randint(0, 6))
    ]  # fmt: skip
    return scenario_from_dict({
        "name": f"steps-{number}", "title": {"en": "Steps", "zh": "环节"},
        "period": {"first": "2023-03-01", "last": f"2023-03-0{2 + number % 2}"},
        "demand": {"registrations_per_year": random.choice([3_000, 8_000, 15_000]), "key_share": 0.3},
        "filing": {"skipped_by": some(random, CLASSES, 0.2), "studio_share": 0.4},
        "phone": {"skipped_by": some(random, CLASSES, 0.2)},
        "review": {
            "minutes": always(FIRST), "again_minutes": always(AGAIN) if random.random() < 0.5 else None,
            "incomplete": {"share": random.choice([0, 0.5]), "handover_minutes": always(LACKING)},
            "auto_approved_share": random.choice([0, 0.3]), "return_rate": 0.4,
            "skipped_by": some(random, CLASSES, 0.2),
            "correction": {"median_hours": 1, "cv": 0.3}, "outside": outside[0],
        },
        "issue": {
            "skipped_by": some(random, CLASSES, 0.2), "fetch_after_hours": {"mean_hours": 1, "cv": 0.3},
            "outside": outside[1],
        },
        "steps": steps, "priorities": rules, "staff": staff,
    })  # fmt: skip


class Seen:
    """What was seen at the steps of many offices, for the shares that hold on average only."""

    def __init__(self) -> None:
        self.expected = Counter[str]()
        self.variance = Counter[str]()
        self.found = Counter[str]()

    def add(self, what: str, share: float, of: int, found: int) -> None:
        """Note how many of so many were found, where a share is expected."""
        self.expected[what] += of * share
        self.variance[what] += of * share * (1 - share)
        self.found[what] += found

    def far(self, what: str) -> float:
        """Return how many standard deviations what was found is from what is expected."""
        return abs(self.found[what] - self.expected[what]) / max(self.variance[what], 1e-9) ** 0.5


def check_steps(scenario: Scenario, office: Office, journeys: Journeys, log: VisitLog, seen: Seen) -> None:
    """Check every case of a log against what the scenario says of steps, times, priorities and skips."""
    stage_names = [stage.name for stage in office.stages]
    pool_of_server = tables_of(office, journeys, log.days).pool_of_server()
    pools = [pool.name for pool in office.pools]
    for case in range(journeys.cases):
        population = office.populations[journeys.population[case]]
        kind, way = population.name.split("/")
        if kind == "inquiry":
            continue
        visits = [
            v for v in range(*journeys.first_visit[case : case + 2].tolist()) if log.outcome[v] != NOT_MADE
        ]  # fmt: skip
        at = [stage_names[s] if (s := int(journeys.stage[v])) >= 0 else "" for v in visits]
        machine = [int(journeys.stage[v]) == MACHINE_TIME for v in visits]
        _check_way(scenario, kind, "online" if way == "night" else way, at, machine, seen)
        lacking = any(stage == "issue" and journeys.minutes[v] == LACKING for v, stage in zip(visits, at, strict=True))
        if lacking or at.count("review") > 1:
            # Who never comes to the counter cannot hand in there what was missing.
            share = 0.0 if kind in scenario.issue.skipped_by else scenario.review.incomplete.share
            seen.add("accepted with something missing", share, 1, lacking)
        _check_outside(scenario, office, journeys, log, visits, seen)
        met = Counter[str]()
        for v, stage in zip(visits, at, strict=True):
            if not stage:
                continue
            _check_minutes(scenario, kind, stage, float(journeys.minutes[v]), at, seen)
            again, met[stage] = met[stage] > 0, met[stage] + 1
            channel, priority = "online" if way == "night" else way, int(journeys.priority[v])
            _check_priority(scenario, kind, channel, stage, priority, again, seen)
            if log.server[v] >= 0:
                pool = scenario.pools[name := pools[pool_of_server[log.server[v]]].removesuffix(CALLED_IN)]
                assert scenario.pool_of_stage[stage] == name or stage in [each.stage for each in pool.helps]


def _check_outside(
    scenario: Scenario, office: Office, journeys: Journeys, log: VisitLog, visits: list[int], seen: Seen
) -> None:  # fmt: skip
    """Check that files are outside before the first decision, and before the counter, and nobody waits for them."""
    stages = [int(journeys.stage[v]) for v in visits]
    review, issue = office.stage_number("review"), office.stage_number("issue")
    away = [place for place, v in enumerate(visits) if stages[place] < 0 and journeys.priority[v] == OF_OTHERS]
    decided = min(place for place, stage in enumerate(stages) if stage in (review, MACHINE_TIME))
    before, later = [place for place in away if place < decided], [place for place in away if place > decided]
    assert len(before) <= 1
    assert len(later) <= 1
    seen.add("outside before the review", scenario.review.outside.share, 1, len(before))
    assert before in ([], [decided - 1])
    if issue in stages:
        seen.add("outside before the counter", scenario.issue.outside.share, 1, len(later))
    for place in away:
        of = scenario.review.outside if place in before else scenario.issue.outside
        assert (stages[place] == OWN_TIME) != of.in_hours
        # Nobody of the office stays with the case, and what is at the counter is fetched.
        free = [log.freed_at[v] for v in visits[:place] if log.server[v] >= 0]
        assert max(free, default=0.0) <= log.queued_at[visits[place]]
        assert issue not in stages or (stages[stages.index(issue) - 1] < 0 and stages.index(issue) - 1 not in away)


def _check_way(
    scenario: Scenario, kind: str, channel: str, at: list[str], machine: list[bool], seen: Seen
) -> None:  # fmt: skip
    review = scenario.review
    if kind in scenario.phone.skipped_by:
        assert "phone" not in at
    if kind in scenario.filing.skipped_by:
        assert not {"filing", "studio", "key"} & {*at}
    if kind in review.skipped_by:
        assert "review" not in at
        assert sum(machine) == 1
    if kind in scenario.issue.skipped_by:
        assert "issue" not in at
    # Everybody who files gets through to the end, so what leads to a step is known from the visits alone.
    passed = {
        "filing": True, "review": "review" in at, "approval": True, "issue": "issue" in at,
        **{step.name: step.name in at for step in scenario.steps},
    }  # fmt: skip
    for place, step in enumerate(scenario.steps):
        for later in scenario.steps[place + 1 :]:
            if later.after == step.after and step.name in at and later.name in at:
                assert at.index(step.name) < at.index(later.name)
        meant = (not step.classes or kind in step.classes) and (not step.channels or channel in step.channels)
        times = at.count(step.name)
        assert times <= (1 if not meant or not step.returned else 2) * meant
        if not (meant and passed[step.after]):
            assert times == 0
            continue
        if step.share == 1:
            assert times >= 1
        seen.add("takes the step", step.share, 1, times > 0)
        if times:
            seen.add("sent back by the step", step.returned, 1, times == 2)
            places = [place for place, name in enumerate(at) if name == step.name]
            # After whatever it is after, and before whatever that comes before.
            before = {"filing": "review", "review": "issue", "approval": "issue"}.get(step.after)
            if before and before in at:
                assert places[-1] < at.index(before)
            if step.after in at:
                ends = max(place for place, name in enumerate(at) if name == step.after)
                assert ends < places[0]
            if step.after == "approval" and True in machine:
                assert machine.index(True) < places[0]
            if times == 2:
                assert places[1] - places[0] == 2
                assert at[places[0] + 1] == ""


def _check_minutes(
    scenario: Scenario, kind: str, stage: str, minutes: float, at: list[str], seen: Seen
) -> None:  # fmt: skip
    own = {step.name: step for step in scenario.steps}
    if stage in own:
        usual = own[stage].minutes.mean_minutes
        assert minutes == dict(own[stage].minutes_of).get(kind, own[stage].minutes).mean_minutes or minutes == usual
        if kind in own[stage].minutes_of:
            assert minutes != usual
    elif stage == "review":
        again = scenario.review.again_minutes is not None
        assert minutes in ((FIRST, AGAIN) if again and at.count("review") > 1 else (FIRST,))
        if again and at.count("review") > 1:
            seen.add("review again", (at.count("review") - 1) / at.count("review"), 1, minutes == AGAIN)
    elif stage == "issue" and minutes == LACKING:
        # Nothing was sent back: it was accepted as it was.
        assert scenario.review.incomplete.share > 0
        assert at.count("review") == 1


def _check_priority(
    scenario: Scenario, kind: str, channel: str, stage: str, priority: int, again: bool, seen: Seen
) -> None:  # fmt: skip
    rules = [
        rule for rule in scenario.priorities
        if rule.stage == stage and (not rule.classes or kind in rule.classes)
        and (not rule.channels or channel in rule.channels) and (again or not rule.corrected)
    ]  # fmt: skip
    certain = stage == "issue" or {step.name: step.after for step in scenario.steps}.get(stage) == "issue"
    usual, possible = 0 if kind == "key" else 1, set()
    # Those in the hall meet the first rule, the others the first that is not about the hall.
    for met in [rules] if certain else [rules, [rule for rule in rules if not rule.in_hall]]:
        place = next((place for place, rule in enumerate(met) if rule.share == 1), len(met))
        rest = met[place].priority if place < len(met) else usual
        possible |= {rest, *(rule.priority for rule in met[: min(place, 1)])}
    assert priority in possible
    if len(possible) == 2 and not any(rule.in_hall for rule in rules) and rules[0].share < 1:
        seen.add("first by lot", rules[0].share, 1, priority == rules[0].priority)


def lengths(scenario: Scenario, journeys: Journeys, log: VisitLog, office: Office) -> np.ndarray[Any, Any]:
    """Return the licence time of each case without a wait, by adding up: stages that count, and machines [min]."""
    counted = np.array([stage.counted for stage in office.stages] + [False])
    stage = journeys.stage.astype(int)
    mine = (log.outcome != NOT_MADE) & ((stage == MACHINE_TIME) | counted[np.where(stage >= 0, stage, -1)])
    took = np.where(mine, log.ended_at - log.started_at, 0.0)
    return np.bincount(journeys.case_of_visit(), took, minlength=journeys.cases)
