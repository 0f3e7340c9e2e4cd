"""Records of an attribution and of a sensitivity with figures made up from formulas."""

import itertools
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import made_records
import numpy as np

from sim.office.blocks import Unfinished
from sim.office.scenario import load_scenario_file, scenario_as_dict
from sim.results.about import Interval, RuleFacts
from sim.studies.assumptions import assumptions_of
from sim.studies.attribution.records import Attribution, HalfHour, LatePart, LateShare, OneMore, Stage
from sim.studies.sensitivity.alternatives import alternatives_of
from sim.studies.sensitivity.records import (
    NO_BREAK_EVEN,
    BreakEven,
    Index,
    Office,
    Other,
    Plausible,
    Points,
    ScenarioVerdict,
    Screened,
    Sensitivity,
    Separation,
    Settings,
    Swing,
)

BASELINE = Path(__file__).parents[1] / "scenarios" / "baseline-2023.yaml"
STAGES = {"phone": 0.001, "filing": -0.014, "studio": 0.0, "key": 0.0003, "review": 0.763, "issue": 0.277}
POOLS = {"consultants": 0.003, "assistants": 0.02, "studio": 0.0, "specialists": 0.001, "reviewers": 0.44,
         "clerks": 0.35}  # fmt: skip
COUNTED = ("review", "issue")
NOTHING = Interval(math.nan, math.nan, math.nan)


@cache
def baseline():
    return load_scenario_file(BASELINE)


@cache
def assumptions():
    """Return the assumptions of the baseline, each of which is tried at both ends of its range to tell them."""
    return assumptions_of(baseline())[0]


def made_attribution(size=1.0, share=False, late=0.397, clock="licence", **more):
    """Return an attribution whose stages add `size` times what they do in the growth scenario."""
    scale = size / (10 if share else 1)
    added = {stage: value * scale for stage, value in STAGES.items()}
    base, sign = (0.78, -1) if share else (4.32, 1)
    whole = base + sign * sum(added.values())
    facts = {
        "about": made_records.about("explanation", "growth"), "target": made_records.target(clock, share),
        "verdict": "FAILS", "unfinished": None,
        "to_blame": ("review",), "unlimited": Interval(base, base - 0.008, base + 0.008),
        "whole": Interval(whole, whole * 0.99, whole * 1.02), "replications": 50, "stage_replications": 50,
        "residual": 2e-16, "late": LateShare(late, late * 0.9, late * 1.1, 0, 0.1, "", 0.0, 20), "licences": 40_000.0,
        "working_days": 251, "whole_year": True, "office_stages": tuple(STAGES),
        "scenario": scenario_as_dict(baseline()) | {
            "title": {"en": "Growth 2024 (+14.4 %)", "zh": "2024年增长（+14.4%）"}
        },
        "stages": tuple(
            Stage(stage, value, value - 0.004 * size, value + 0.02 * size, STAGES[stage] / sum(STAGES.values()),
                  4.0 + size, STAGES[stage] * size if stage in COUNTED else 0.0)
            for stage, value in added.items()
        ),
        "one_more": tuple(levers(scale, share)), "late_cases": tuple(late_cases(size, late, clock)),
        "week": tuple(week(size, late)),
    }  # fmt: skip
    return Attribution(**{**facts, **more})


def levers(scale, share):
    for pool, saved in POOLS.items():
        for where in ("all day", "midday") if pool in ("reviewers", "clerks") else ("all day",):
            by = saved * scale * (1 if where == "all day" else 0.5)
            better, cost = by > 0.004 * scale, 105_431.6 if where == "all day" else 22_216.0
            unit = cost / (by * 40_000) if better else math.nan
            ends = (by, by - 0.03 * scale, by + 0.12 * scale)
            ends = ends if share else (-ends[0], -ends[2], -ends[1])
            found = "better" if better else "no difference found"
            yield OneMore(pool, where, *ends, found, cost, unit, unit * 0.8, unit * 2.2, 30)


def late_cases(size, late, clock):
    parts = {"wait review": 1.62 * size, "service review": 5.85, "wait issue": 0.46 * size, "service issue": 0.89}
    if clock != "licence":
        before = ("phone", "filing", "studio", "key")
        parts |= {f"{kind} {stage}": 1.5 for stage in before for kind in ("wait", "service")}
        parts |= {"own time": 80.0, "service automatic": 0.4}
    for group, part_of in (("late", 1.0), ("in time", 0.3)):
        cases = late if group == "late" else 1 - late
        whole = sum(parts.values()) * part_of if cases else math.nan
        for part, value in ({"clock": sum(parts.values())} | parts).items():
            minutes = value * part_of if cases else math.nan
            yield LatePart(group, part, minutes, minutes * 0.95, minutes * 1.05, minutes / whole, cases)


def week(size, late):
    rng = np.random.default_rng(3)
    for day, slot, stage in itertools.product(range(7), range(48), COUNTED):
        waits = late and 17 <= slot < 34 and day != 5
        minutes = float(rng.gamma(1.0, 30.0 * size / (1 + day))) if waits else 0.0
        yield HalfHour(day + 1, f"{slot // 2:02d}:{slot % 2 * 30:02d}", stage, minutes)


def undefined_attribution():
    """Return an attribution of a plan that cannot finish its cases."""
    record, nan = made_attribution(), math.nan
    nothing = dict.fromkeys(("contribution", "low", "high", "share"), nan)
    stages = [replace(of, **nothing, alone=4.5 if of.stage == "review" else math.inf) for of in record.stages]
    nothing = dict.fromkeys(("difference", "low", "high", "cost_difference", "cost_per_minute"), nan)
    more = [replace(lever, finding="no difference found", **nothing) for lever in record.one_more]
    return replace(
        record, to_blame=(), unlimited=NOTHING, whole=NOTHING, unfinished=Unfinished(900, 30, {"review": 900}),
        late=LateShare(nan, nan, nan, 0, nan, "", nan, 0), stages=tuple(stages), one_more=tuple(more),
        late_cases=(), week=(),
    )  # fmt: skip


def verdict_of(value, share):
    if math.isinf(value):
        return "FAILS"
    if share:
        return "HOLDS" if value > 0.905 else "FAILS" if value < 0.895 else "TOO CLOSE"
    return "HOLDS" if value < 4.975 else "FAILS" if value > 5.025 else "TOO CLOSE"


def judged(value, share):
    half = 0.01 if share else 0.004 * value
    ends = (math.nan, math.nan) if math.isinf(value) else (value - half, value + half)
    return verdict_of(value, share), value, *ends, 30


def made_sensitivity(
    size=1.0, share=False, never=False, offices=60, twisted=False, given="", undecided=False, both=False
):
    """Return a sensitivity in which the first assumptions matter most, and the last not at all."""
    own = 0.92 if share else 4.951
    found = list(assumptions())
    found[7] = replace(found[7], extended=True)
    if given:
        found[5] = replace(found[5], source=given, kind="given")
    verdict = judged(own, share)
    facts = {
        "about": made_records.about("sensitivity", "baseline-2023", 769, 2000),
        "target": made_records.target(share=share),
        "pieces": ("break-even", "screening", "indices", "plausible"), "settings": Settings(offices=offices),
        "most_minutes": 1e6, "left_out": ("demand.key_share",),
        "scenario_verdict": ScenarioVerdict("UNDECIDED" if undecided else verdict[0], *verdict[1:], "", 190),
        "screening": Points(732, 3 if never else 0), "indices": Points(1024, 0), "replications": 120,
        "working_days": 249, "scenario": scenario_as_dict(baseline()),
        "assumptions": tuple(found),
        "swings": tuple(
            swing(of, number, size, share, own, never=never, undecided=undecided, twisted=twisted, both=both)
            for number, of in enumerate(found)
        ),
        "judged": (),
        "others": tuple(
            Other(of.kind, of.name, of.own, of.here,
                  *judged(0.5 if share else 7.28 if number else math.inf, share), "")
            for number, of in enumerate(alternatives_of(baseline()))
        ),
        "screened": tuple(
            Screened(of.parameter, outcome, 1 - n / 60, 1 - n / 60, 0.7 - n / 90, 1.4 - n / 60, 0.6, 0.4, 0.8)
            for outcome in ("log minutes", "minutes", "over") for n, of in enumerate(found)
        ),
        "sobol": tuple(
            Index(of.parameter, outcome, 0.4 - n / 15, 0.2 - n / 15, 0.6, 0.5 - n / 20, 0.3 - n / 20, 0.8)
            for outcome in ("log minutes", "keeps") for n, of in enumerate(found[:6])
        ),
    }  # fmt: skip
    return Sensitivity(**{**facts, **drawn(found, offices, share, never)})


def swing(of, number, size, share, own, never, undecided, twisted, both):
    wide = size * 3.0 * math.exp(-number / 6) * (1 if number % 3 else -1)
    low, high = (own - 0.3 * wide, own + 0.5 * wide) if not share else (own + wide / 40, own - wide / 25)
    low, high = (min(max(end, 0.05 if share else 2.0), 0.99 if share else math.inf) for end in (low, high))
    if number == 1:
        high = math.inf if never else 0.05 if share else 85.3
    at = {of.low: own if of.low == of.value else low, of.high: own if of.high == of.value else high}
    if both and number == 2:
        at = dict.fromkeys(at, 0.5 if share else 9.0)
    break_evens, start = [], min(of.value, of.high)
    for place in (of.low, of.high):
        verdict, monotone = verdict_of(at[place], share), not (twisted and number == 1)
        last, first = start + 0.1 * (place - start), start + 0.25 * (place - start)
        steady = verdict == "HOLDS" or undecided
        break_evens.append(NO_BREAK_EVEN if steady else BreakEven(last, first, verdict, "TOO CLOSE", monotone))
    middle = (math.nan, "", math.nan)
    if break_evens == [NO_BREAK_EVEN] * 2 and not undecided:
        middle = ((of.low + of.high) / 2, "HOLDS", own)
    return Swing(of.parameter, *judged(at[of.low], share), *judged(at[of.high], share), *middle, *break_evens[0],
                 *break_evens[1], 120)  # fmt: skip


def drawn(found, number, share, never):
    """Return plausible offices, and in what they differ."""
    rng = np.random.default_rng(2)
    values = (0.3 + 0.69 * rng.random(number) if share else np.exp(rng.normal(4, 2.2, number))).tolist()
    rows = [Office(n, *judged(value, share), "", {}) for n, value in enumerate(values)]
    if never:
        nan = math.nan
        rows[0] = replace(rows[0], estimate=math.inf, interval_low=nan, interval_high=nan, verdict="FAILS")
    names = ("HOLDS", "FAILS", "TOO CLOSE", "UNDECIDED")
    counts = {name: sum(row.verdict == name for row in rows) for name in names}
    holds = counts["HOLDS"] / number
    apart = [Separation(of.parameter, of.low, of.high, (-1) ** n * (1.2 - n / 50), 0.15) for n, of in enumerate(found)]
    share_of = Interval(holds, holds * 0.5, min(1.0, holds * 1.6 + 0.02))
    return {
        "plausible": Plausible(number, counts, share_of, RuleFacts(1, 0.05, 20, 2000)), "offices": tuple(rows),
        "separations": tuple(apart if counts["HOLDS"] >= 2 else ()),
    }  # fmt: skip
