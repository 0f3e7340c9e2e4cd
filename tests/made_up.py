"""Records of experiments with figures made up from formulas."""

import itertools
import math
from dataclasses import replace

import made_records
import numpy as np

from sim.results.sources import Sources
from sim.studies.compare.records import Pair, Plan, PlanComparison, Screened
from sim.studies.sweep.records import Factor, JudgedPoint, Roles, SweepVerdicts

MEAN, SHARE = made_records.target(), made_records.target(share=True)


def judged(estimate, half, target, largest=2000):
    """Return the verdict on an estimate with an interval of a half width, and how many replications it took."""
    worse = estimate - target.promised if target.about_mean else target.promised - estimate
    if math.isinf(estimate):
        return "FAILS", 50
    if abs(worse) > half:
        return "HOLDS" if worse < 0 else "FAILS", int(min(largest, 50 + (half / abs(worse)) ** 2 * 400))
    return ("TOO CLOSE", 940) if abs(worse) + half < target.margin else ("UNDECIDED", largest)


def share_of(minutes):
    """Return a share within the target that goes with mean minutes."""
    return 0.98 * math.exp(-max(minutes - 4.3, 0) / 8)


PLANS = (
    ("baseline-2023", "Baseline 2023", "2023年基线", 4.99, 3_640_000),
    ("one-more-reviewer", "One reviewer more all day", "全天增加1名审核员", 4.58, 3_850_000),
    ("no-midday-post", "No midday duty post", "取消午间值班岗", 24.6, 3_475_000),
    ("clerk-to-review", "A counter clerk moves to the review", "1名窗口人员调至审核", 4.97, 3_640_000),
    ("auto-approval", "Automatic approval of 35 %", "35%自动审批", 3.69, 3_640_000),
    ("fewer-consultants", "Two phone consultants fewer", "减少2名电话咨询员", 5.02, 3_220_000),
    ("late-start", "Reviewers begin with the hall, not before it", "审核员与大厅同时上班，不提前", 7.44, 3_600_000),
    ("two-more-reviewers", "Two reviewers more all day", "全天增加2名审核员", 4.49, 4_060_000),
)


def made_comparison(plans=PLANS, target=MEAN, screening=False, name="plans"):
    """Return a comparison of plans: names, titles, yearly means and costs."""
    best = min(range(len(plans)), key=lambda number: plans[number][3])
    rows = []
    for number, (plan, en, zh, minutes, cost) in enumerate(plans):
        estimate = minutes if target.about_mean else share_of(minutes)
        verdict, _ = judged(estimate, 0.008 if target.about_mean else 0.004, target)
        out = screening and number != best
        rows.append(Plan(
            plan, en, zh, "FAILS" if math.isnan(minutes) else verdict, estimate, estimate - 0.008, estimate + 0.008,
            50 + 37 * number, float(cost), cost / 105, 20 + 3 * number if out else 0, plans[best][0] if out else "",
        ))  # fmt: skip
    pairs = [_pair("first", plans[number], plans[0], target) for number in range(1, len(plans))]
    pairs += [_pair("all", one, other, target) for one, other in itertools.combinations(plans, 2)]
    return PlanComparison(
        about=made_records.about("comparison", name), target=target, working_days=249,
        replications=120, screening=Screened(plans[best][0], (plans[best][0],), True) if screening else None,
        scenarios=(), plans=tuple(rows), pairs=tuple(pairs),
    )  # fmt: skip


def _pair(family, one, other, target):
    first, second = (math.inf if math.isnan(plan[3]) else plan[3] for plan in (one, other))
    difference, low, high, finding = _compared(first, second, target.margin)
    if not target.about_mean:
        difference, low, high = (-value / 20 for value in (difference, high, low))
    return Pair(family, one[0], other[0], difference, low, high, finding, float(one[4] - other[4]), 4200.0, 1.4,
                1.2, 1.7, 2.5, 9.3, 120, 0.001)  # fmt: skip


def _compared(first, second, margin):
    """Return difference, interval and finding of two yearly means that are less the better."""
    if math.isinf(first) and math.isinf(second):
        return math.nan, math.nan, math.nan, "no difference found"
    difference = first - second
    if math.isinf(difference):
        return difference, difference, difference, "worse" if difference > 0 else "better"
    half = 0.02 + 0.08 * abs(difference) ** 0.9
    low, high = difference - half, difference + half
    if low > 0 or high < 0:
        return difference, low, high, "worse" if low > 0 else "better"
    return difference, low, high, "no material difference" if max(-low, high) < margin else "no difference found"


DEMAND = Factor(
    "demand", {"en": "registrations a year", "zh": "年新设登记数"}, None,
    (36_000, 39_000, 40_200, 42_000, 45_000, 48_000, 51_000, 55_000, 60_000),
)  # fmt: skip
REVIEWERS = Factor(
    "reviewers", {"en": "reviewers more or fewer", "zh": "增减审核员"}, {"en": "persons", "zh": "人"}, (-1, 0, 1, 2, 3)
)
CREW = Factor(
    "crew", {"en": "midday duty post", "zh": "午间值班岗"}, None,
    ({"en": "nobody", "zh": "无人"}, {"en": "reviewers only", "zh": "仅审核员"},
     {"en": "reviewers and clerks", "zh": "审核员和窗口人员"}),
)  # fmt: skip
RATE = Factor(
    "rate", {"en": "return rate", "zh": "退回补正率"}, None, tuple(round(0.02 * step, 2) for step in range(1, 21))
)


def minutes_at(at):
    """Return mean licence minutes that grow without end as the reviewers' work comes near what they can do."""
    staff = 4.4 + at.get("reviewers", 0) * 0.9 + {"nobody": -0.5, "reviewers only": 0.0}.get(at.get("crew"), 0.3)
    load = at.get("demand", 40_200) / 10_800 * (1 + at.get("rate", 0.15) - 0.15) / staff
    if load > 1.95:
        return math.inf
    if load > 0.99:
        return 18.0 + 1_400 * (load - 0.99) ** 1.2
    return 4.2 + 0.14 * load / (1 - load)


def judged_cells(factors, combinations, target=MEAN, minutes=minutes_at):
    """Return a design point for each combination of values of the factors."""
    points = []
    for number, values in enumerate(combinations):
        at = {factor.name: value for factor, value in zip(factors, values, strict=True)}
        estimate = minutes(at)
        half = 0.004 + 0.03 * max(estimate - 4.2, 0) ** 0.9 if math.isfinite(estimate) else math.inf
        if not target.about_mean:
            estimate, half = (0.0, 0.0) if math.isinf(estimate) else (share_of(estimate), 0.004)
        verdict, replications = judged(estimate, half, target)
        low, high = (estimate, estimate) if math.isinf(estimate) else (estimate - half, estimate + half)
        points.append(JudgedPoint(number, at, verdict, estimate, low, high, 0.01, replications, "", "key"))
    return points


def grid(factors, target=MEAN, minutes=minutes_at):
    """Return the design points of all combinations of the factors' levels."""
    levels = [[factor.value(label) for label in factor.labels] for factor in factors]
    return judged_cells(factors, itertools.product(*levels), target, minutes)


def spread_points(factors, points, target=MEAN):
    """Return the design points of points spread over the factors' ranges, texts cut into equal parts."""
    drawn = np.random.default_rng(3).random((points, len(factors)))
    combinations = [
        [float(np.interp(u, (0, 1), (factor.labels[0], factor.labels[-1]))) if factor.numeric
         else factor.value(factor.labels[int(u * len(factor.labels))]) for u, factor in zip(row, factors, strict=True)]
        for row in drawn
    ]  # fmt: skip
    return judged_cells(factors, combinations, target)


def made_sweep(factors, points=None, target=MEAN, design="grid", name="sweep", **roles):
    """Return a sweep; by default over all combinations of the factors' levels."""
    points = grid(factors, target) if points is None else points
    if design == "space-filling":
        factors = [
            replace(factor, labels=tuple(sorted({point.at[factor.name] for point in points})))
            if factor.numeric
            else factor
            for factor in factors
        ]
    x = roles.get("x", factors[0].name)
    other = next((factor.name for factor in factors if factor.name != x), None)
    return SweepVerdicts(
        about=made_records.about("sweep", name), title={"en": "Demand by reviewers", "zh": "需求与审核员人数"},
        target=target, design=design, chart=Roles(x, roles.get("rows", other), roles.get("lines", other)),
        factors=tuple(factors), working_days=249, replications=2000,
        sources=Sources((), (), 0, 0), base={}, points=tuple(points),
    )  # fmt: skip
