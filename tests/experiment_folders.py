"""Folders of sweeps and comparisons as the experiments write them, with figures made up from formulas."""

import itertools
import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MEAN = {"clock": "licence", "statistic": "mean", "minutes": 5.0, "level": 0.9}
SHARE = {"clock": "licence", "statistic": "share", "minutes": 5.0, "level": 0.9}

DEMAND = {
    "name": "demand",
    "title": {"en": "registrations a year", "zh": "年新设登记数"},
    "unit": None,
    "labels": [36_000, 39_000, 40_200, 42_000, 45_000, 48_000, 51_000, 55_000, 60_000],
}
REVIEWERS = {
    "name": "reviewers",
    "title": {"en": "reviewers more or fewer", "zh": "增减审核员"},
    "unit": {"en": "persons", "zh": "人"},
    "labels": [-1, 0, 1, 2, 3],
}
CREW = {
    "name": "crew",
    "title": {"en": "midday duty post", "zh": "午间值班岗"},
    "unit": None,
    "labels": [
        {"en": "nobody", "zh": "无人"},
        {"en": "reviewers only", "zh": "仅审核员"},
        {"en": "reviewers and clerks", "zh": "审核员和窗口人员"},
    ],
}
RATE = {
    "name": "rate",
    "title": {"en": "return rate", "zh": "退回补正率"},
    "unit": None,
    "labels": [round(0.02 * step, 2) for step in range(1, 21)],
}


def english(label):
    """Return a level as the tables have it: numbers as they are, everything else as an English text."""
    return label["en"] if isinstance(label, dict) else str(label) if isinstance(label, bool) else label


def minutes_at(at):
    """Return mean licence minutes that grow without end as the reviewers' work comes near what they can do."""
    staff = 4.4 + at.get("reviewers", 0) * 0.9 + {"nobody": -0.5, "reviewers only": 0.0}.get(at.get("crew"), 0.3)
    load = at.get("demand", 40_200) / 10_800 * (1 + at.get("rate", 0.15) - 0.15) / staff
    if load > 1.95:
        return math.inf
    if load > 0.99:
        return 18.0 + 1_400 * (load - 0.99) ** 1.2
    return 4.2 + 0.14 * load / (1 - load)


def judged(estimate, half, target, margin, largest):
    """Return the verdict on an estimate with an interval of a half width, and how many replications it took."""
    mean = target["statistic"] == "mean"
    promised = target["minutes"] if mean else target["level"]
    worse = estimate - promised if mean else promised - estimate
    if math.isinf(estimate):
        return "FAILS", 50
    if abs(worse) > half:
        return "HOLDS" if worse < 0 else "FAILS", int(min(largest, 50 + (half / abs(worse)) ** 2 * 400))
    return ("TOO CLOSE", 940) if abs(worse) + half < margin else ("UNDECIDED", largest)


def sweep_rows(factors, places, target, minutes=minutes_at):
    """Return the rows of verdicts.parquet, one for each combination of places of the factors' levels."""
    rows = []
    mean = target["statistic"] == "mean"
    for cell, at_places in enumerate(places):
        at = {
            factor["name"]: place if isinstance(place, float) else english(factor["labels"][place])
            for factor, place in zip(factors, at_places, strict=True)
        }
        value = minutes(at)
        half = 0.004 + 0.03 * max(value - 4.2, 0) ** 0.9 if math.isfinite(value) else math.inf
        if not mean:
            value, half = (0.0, 0.0) if math.isinf(value) else (0.98 * math.exp(-max(value - 4.3, 0) / 8), 0.004)
        verdict, replications = judged(value, half, target, 0.05 if mean else 0.005, 2000)
        low, high = (value, value) if math.isinf(value) else (value - half, value + half)
        rows.append({
            "cell": cell, **at, "verdict": verdict, "estimate": value, "low": low, "high": high,
            "replications": replications, "p_value": 0.01, "why": "",
        })  # fmt: skip
    return rows


def write_sweep(folder, factors, rows=None, target=MEAN, design="grid", chart=None, title=None):
    """Write the folder of a sweep; by default over all combinations of the factors' levels."""
    folder.mkdir(parents=True, exist_ok=True)
    if rows is None:
        rows = sweep_rows(factors, itertools.product(*(range(len(f["labels"])) for f in factors)), target)
    facts = {
        "format": 2,
        "kind": "sweep",
        "name": folder.name,
        "title": title or {"en": "Demand by reviewers", "zh": "需求与审核员人数"},
        "factors": factors,
        "design": design,
        "chart": chart,
        "target": target,
        "rule": {
            "tests": len(rows), "error": 0.05, "smallest": 50, "largest": 2000,
            "margin": 0.05 if target["statistic"] == "mean" else 0.005,
        },
        "seed": 20240201,
        "engine": "compiled",
        "working_days": 249,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(rows), folder / "verdicts.parquet")
    return folder


def space_filling(factors, points, target=MEAN):
    """Return the rows of points spread over the factors' ranges, texts cut into equal parts."""
    spread = np.random.default_rng(3)
    places = []
    for unit in spread.random((points, len(factors))):
        places.append([
            float(np.interp(u, (0, 1), (f["labels"][0], f["labels"][-1])))
            if not isinstance(f["labels"][0], dict) else int(u * len(f["labels"]))
            for u, f in zip(unit, factors, strict=True)
        ])  # fmt: skip
    return sweep_rows(factors, places, target)


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


def compared(first, second, margin):
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


def write_comparison(folder, plans=PLANS, target=MEAN, screening=False):
    """Write the folder of a comparison of plans: names, titles, yearly means and costs."""
    folder.mkdir(parents=True, exist_ok=True)
    mean = target["statistic"] == "mean"
    margin = 0.05 if mean else 0.005
    names = [name for name, *_ in plans]
    best = min(range(len(plans)), key=lambda number: plans[number][3])
    rows = []
    for number, (name, en, zh, value, cost) in enumerate(plans):
        out = screening and number != best
        shown = value if mean else 0.98 * math.exp(-max(value - 4.3, 0) / 8)
        verdict, _ = judged(shown, 0.008 if mean else 0.004, target, margin, 2000)
        if math.isnan(value):
            verdict = "FAILS"
        rows.append({
            "plan": name, "title_en": en, "title_zh": zh, "verdict": verdict, "estimate": shown,
            "low": shown - 0.008, "high": shown + 0.008, "replications": 50 + 37 * number, "cost": float(cost),
            "staff_hours": cost / 105, "eliminated_at": 20 + 3 * number if out else 0,
            "eliminated_by": names[best] if out else "",
        })  # fmt: skip

    def pair(family, i, j):
        first, second = (math.inf if math.isnan(plans[number][3]) else plans[number][3] for number in (i, j))
        difference, low, high, finding = compared(first, second, margin)
        if not mean:
            difference, low, high = (-value / 20 for value in (difference, high, low))
        return {
            "family": family, "plan": names[i], "other": names[j], "difference": difference, "low": low,
            "high": high, "finding": finding, "cost_difference": float(plans[i][4] - plans[j][4]),
            "variance_reduction": 9.3, "replications": 120, "p_value": 0.001,
        }  # fmt: skip

    pairs = [pair("first", number, 0) for number in range(1, len(plans))]
    pairs += [pair("all", i, j) for i, j in itertools.combinations(range(len(plans)), 2)]
    facts = {
        "format": 2, "kind": "comparison", "name": folder.name, "target": target,
        "plans": [{"name": name, "title": {"en": en, "zh": zh}} for name, en, zh, *_ in plans],
        "rule": {"tests": len(plans) * (len(plans) - 1) // 2, "error": 0.05, "smallest": 30, "largest": 2000,
                 "margin": margin},
        "seed": 20240201, "working_days": 249,
        "screening": {"best": names[best], "surviving": [names[best]], "final": True} if screening else None,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(rows), folder / "plans.parquet")
    pq.write_table(pa.Table.from_pylist(pairs), folder / "pairs.parquet")
    return folder
