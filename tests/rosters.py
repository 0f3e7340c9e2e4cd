"""Answers of `staff` with figures made up from formulas: a roster that was certified, refused, or none at all."""

import math
from dataclasses import replace

from sim.results.about import About, RuleFacts, TargetFacts
from sim.studies.staff.records import (
    EVERYBODY,
    OWN,
    PLAN,
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

MEAN = TargetFacts("licence", "mean", 5.0, 0.9, 0.05)
SHARE = replace(MEAN, statistic="share", margin=0.005)
STAGES = {
    "consultants": "phone", "assistants": "filing", "studio": "studio", "specialists": "key", "reviewers": "review",
    "clerks": "issue",
}  # fmt: skip
"""By pool."""
SHIFTS = {
    "full-day": ("full day", "全日班", "08:30-12:00, 13:30-17:00", 35.0),
    "late-lunch": ("full day, lunch after midday", "全日班（值午间、午后用餐）", "08:30-13:30, 14:30-17:00", 37.5),
    "morning": ("morning", "上午半日班", "08:30-12:00", 17.5),
    "midday-and-afternoon": ("midday and afternoon", "午间连下午", "12:00-17:00", 25.0),
}
FLOORS = {"phone": 0.05, "filing": 0.05, "studio": 0.05, "key": 0.05}
COST = 1_709_385.0
WITH_OVERTIME = Interval(1_742_000.0, 1_740_100.0, 1_743_900.0)
ABOUT = About("staff", "baseline-2023", "", "", "", 20240201, "compiled", RuleFacts(64, 0.05, 50, 2000), "", {})


def a_test(
    plan, requirement, estimate, verdict, cost=COST, about_mean=False, half=0.004, number=1, change=("", "", "")
):
    promised = 5.0 if about_mean else 0.9 if requirement == TARGET else 0.95
    low, high = estimate - half, estimate + half
    return CertificateTest(
        number, plan, *change, requirement, estimate, low, high, promised, about_mean, verdict, 50, cost
    )


def certificate(about_mean, held, neighbours, own):
    """Return the tests: the plan, neighbours in every pool and on every shift, and the scenario's plan."""
    tests = [a_test(PLAN, TARGET, 4.93 if about_mean else 0.93, "HOLDS", COST, about_mean)]
    tests += [a_test(PLAN, stage, 0.96, "HOLDS" if held else "FAILS") for stage in FLOORS]
    changes = [(pool, shift, to) for pool in STAGES for shift in SHIFTS for to in ("", *SHIFTS) if to != shift]
    for number, change in enumerate(changes[:neighbours], start=1):
        stage = STAGES[change[0]]
        requirement = stage if stage in FLOORS else TARGET
        mean = about_mean and requirement == TARGET
        worse = 5.0 + 0.02 * number if mean else (0.9 if requirement == TARGET else 0.95) - 0.003 * number
        verdict, cost = "TOO CLOSE" if number % 9 == 1 else "FAILS", COST - 4_000 * (number % 11 + 1)
        tests.append(a_test(number, requirement, worse, verdict, cost, mean, change=change))
    return [*tests, *own(about_mean)]


def own_plan(verdict, minutes, share, cost, about_mean):
    return [a_test(OWN, TARGET, minutes if about_mean else share, verdict, cost, about_mean)]


def own_fails(about_mean=True):
    floors = {"phone": 0.941, "filing": 0.96, "studio": 0.97, "key": 0.93}
    others = [a_test(OWN, s, its, "HOLDS" if its > 0.95 else "FAILS", 1_791_000.0) for s, its in floors.items()]
    return own_plan("FAILS", 5.12, 0.88, 1_791_000.0, about_mean) + others


def own_holds(about_mean=True):
    return own_plan("HOLDS", 4.9, 0.94, 1_600_000.0, about_mean)


def own_close(about_mean=True):
    return own_plan("TOO CLOSE", 4.99, 0.901, 1_791_000.0, about_mean)


def needs(found):
    return tuple(
        Need(pool, f"{slot // 2:02d}:{slot % 2 * 30:02d}", 1.2 + place, 2 + place, 3 + place if found else None,
             2 + place - (slot in (24, 25)))
        for place, pool in enumerate(STAGES)
        for slot in range(17, 34)
    )  # fmt: skip


def steps(about_mean, found):
    made = []
    for step in range(60):
        cost, score, floors = 1_500_000.0 + 9_000 * step, 8.0 - 0.07 * step, step % 7 != 0
        keeps = found and score < 4.9 and floors
        shown = score if about_mean else 1.1 - score / 25
        made.append(SearchStep(step + 1, "down", cost, shown, keeps, floors, COST if keeps else None, 0.0, step + 1,
                               10 * step, floors and step % 4 == 0))  # fmt: skip
    return tuple(made)


def cheapest_roster(target=MEAN, neighbours=38, own=own_fails, found=True, held=True, tests=None, **changed):
    """Return an answer: a plan on four shifts in six pools, or none, with a certificate."""
    about_mean = target.about_mean
    tests = certificate(about_mean, held, neighbours, own) if tests is None else tests
    roster = tuple(
        RosterLine(pool, shift, en, zh, hours, "mon, fri" if shift == "morning" else "", 1, week, 71_224.375)
        for pool in STAGES
        for shift, (en, zh, hours, week) in SHIFTS.items()
        if found
    )
    shifts = {name: {"title": {"en": en, "zh": zh}} for name, (en, zh, *_) in SHIFTS.items()}
    own_cost = own(about_mean)[0].cost
    record = CheapestRoster(
        about=ABOUT, target=target, working_days=250, replications=31_000,
        plan=StaffPlan(24, COST, WITH_OVERTIME) if found else None, own=StaffPlan(19, own_cost, WITH_OVERTIME),
        proven=False, bound=1_694_444.0, spent=Spent(26, 26_000, 4_974, 953, 2.8e36, 5.6e37), floors=FLOORS,
        error_shown=0.025, pools=tuple(STAGES), kept=(), rules={"name": "standard", "shifts": shifts},
        scenario={"name": "baseline-2023", "title": {"en": "Baseline 2023", "zh": "2023年基线"}},
        staffed={"name": "baseline-2023-staffed"} if found else None,
        roster=roster, needs=needs(found), steps=steps(about_mean, found), tests=tuple(tests),
        years=(), remedies=(),
    )  # fmt: skip
    return replace(record, **changed)


def nothing_holds(everybody="FAILS"):
    """Return an answer without a plan, with everybody on duty as the evidence."""
    tests = [*own_fails(), a_test(EVERYBODY, TARGET, 12.3, everybody, math.nan, True, half=0.2)]
    tests += [a_test(EVERYBODY, stage, 0.99, "HOLDS", math.nan) for stage in FLOORS]
    return cheapest_roster(found=False, tests=tests, bound=0.0)


def refused():
    """Return an answer whose last roster was not certified, in the sixth round."""
    tests = [replace(each, round=6) for each in certificate(True, False, 20, own_fails)]
    return cheapest_roster(found=False, tests=tests)
