"""Calibrations as `calibrate` finds them, with what an office's log may or may not have."""

import math
from dataclasses import replace
from datetime import date, timedelta
from statistics import NormalDist

from sim.program import DISTRIBUTION
from sim.results.about import About, RuleFacts
from sim.results.fitted import Fitted
from sim.studies.calibrate.log.notes import Note
from sim.studies.calibrate.log.report import FileRead, LogFinding
from sim.studies.calibrate.log.steps import STEPS
from sim.studies.calibrate.lying.rules import BY_LOT, CORRECTED, OTHER_WORK, UNTIL, Gain
from sim.studies.calibrate.records import (
    DAYS,
    FAMILIES,
    Calibration,
    Compared,
    Estimate,
    Foretold,
    HeldOut,
    LogFacts,
    NotTold,
    OnDuty,
    Place,
)
from sim.studies.calibrate.shapes import Goodness, Quantile, Remaining, ServiceTime

SERVICES = {"phone": (3.2, 1.1, 21_450), "online": (31.0, 0.95, 44_200), "filing": (19.4, 0.82, 24_110),
            "studio": (25.3, 0.78, 2_380), "key": (29.1, 0.85, 402), "review": (3.03, 0.81, 95_066),
            "automatic": (0.5, 0.02, 9_800), "issue": (1.01, 0.31, 61_020)}  # fmt: skip
"""Mean, coefficient of variation and number of each step."""
MONTHS = [1.02, 0.71, 1.24, 1.09, 1.06, 1.03, 1.00, 1.02, 0.97, 0.98, 0.99, 0.89]
WEEK = [1.16, 0.97, 1.01, 0.91, 0.95]
HALF_HOURS = [0.80, 0.98, 1.22, 1.31, 1.19, 1.05, 0.72, 0.55, 0.60, 0.94, 1.08, 1.17, 1.15, 1.12, 1.08, 1.05, 0.99]
POOLS = {"consultants": "phone", "assistants": "filing", "reviewers": "review", "clerks": "issue"}
BIASES = {("key", "service mean"): 1.9, ("issue", "wait mean"): 1.9, ("phone", "gave up"): -1.3}
"""Where the log lies, in halves of the interval from its middle; elsewhere it is near the middle."""
HOSTILE = "row 12: =cmd|' /C calc'!A0\n\x1b[31m<script>alert(1)</script> $x^2$ " + "y" * 300
FINDINGS = (
    LogFinding("negative_service", "ended", 214, "missing", "calls.csv:18: 08:29"),
    LogFinding("duplicate", "", 35, "left_out", HOSTILE),
    LogFinding("out_of_hours", "phone", 1_204, "kept", ""),
    LogFinding("unknown_step", "<b>foo\x1b[31m" + "z" * 90, 3, "left_out", "x"),
    LogFinding("odd_day", "2023-05-08", 901, "kept", "300 expected"),
)
NO_RANGE = (math.nan, math.nan)

GAINS = (
    Gain("review", OTHER_WORK, 9.87, 1.4, 2270.3, 143.2, 2566.1),
    Gain("review", UNTIL, math.inf, 1.4, 2270.3, math.inf, 2566.1),
    Gain("review", CORRECTED, 2.2, 1.3), Gain("phone", BY_LOT, 0.276, 0.062, 424.7, 300.1, 301.5),
)  # fmt: skip
"""What makes files wait, of each kind one; one never finishes without it, and one was not held out."""


def estimate(name, step, value, n, assumed=math.nan, unit="", spread=0.01, plausible=NO_RANGE, naive=math.nan,
             method="lognormal, ML", used=True):  # fmt: skip
    ends = (value * (1 - spread), value * (1 + spread)) if spread else NO_RANGE
    return Estimate(name, value, *ends, n, method, unit, naive, step, assumed, *map(float, plausible), used)


def estimates(steps):
    """Return estimates of a year's log that has some steps."""
    found = [
        estimate("demand.registrations_per_year", "demand", 43_804.0, 43_804, 40_200.0, "", 0.02, (28_140, 52_260)),
        estimate("demand.enterprise_share", "demand", 0.462, 43_804, 0.5, "share", 0.01, (0.3, 0.6)),
        estimate("demand.day_to_day_cv", "demand", 0.124, 250, 0.11, "", 0.12, (0, 0.2), 0.31, "moments"),
        *(
            estimate(f"demand.{index}[{place}]", "demand", value, n, 1.0, "", spread)
            for index, values, n, spread in (
                ("month_index", MONTHS, 3_600, 0.03), ("weekday_index", WEEK, 8_700, 0.02),
                ("half_hour_index", HALF_HOURS, 2_500, 0.02),
            )
            for place, value in enumerate(values)
        ),
    ]  # fmt: skip
    of_step = {
        "phone": [
            estimate("phone.profiles[0].talk_seconds", "phone", 191.8, 21_450, 188.0, "s", 0.01, (60, 400)),
            estimate("phone.profiles[0].talk_cv", "phone", 1.104, 21_450, 1.171, "", 0.01, (0.5, 2)),
            estimate("phone.profiles[0].patience_seconds", "phone", 402.0, 25_330, 420.0, "s", 0.06, (200, 900), 96.1,
                     "exponential, ML with censoring, 3,880 gave up"),
            estimate("phone.redial_share", "phone", 0.517, 3_880, 0.5, "share", 0.03, (0, 0.8)),
            estimate("abandonment.phone", "phone", 0.153, 25_330, unit="share", spread=0.03, used=False),
        ],
        "online": [estimate("filing.own_minutes.mean_minutes", "online", 31.0, 44_200, 30.0, "min", 0.01, (10, 90))],
        "filing": [
            estimate("filing.assisted_minutes.mean_minutes", "filing", 19.4, 24_110, 20.0, "min", 0.01, (10, 40)),
            estimate("filing.hall_patience.mean_minutes", "filing", 42.6, 26_000, 45.0, "min", 0.09, (20, 90), 11.8),
            estimate("filing.hall_patience.shape", "filing", 1.47, 26_000, 1.5, "", 0.05, (1, 3)),
            estimate("filing.assisted_share", "filing", 0.331, 70_000, 0.3, "share", 0.01, (0.1, 0.6), 0.36),
        ],
        "review": [
            estimate("review.minutes.mean_minutes", "review", 3.03, 95_066, 3.0, "min", 0.006, (2, 6)),
            estimate("review.minutes.cv", "review", 0.81, 95_066, 0.8, "", 0.02, (0.5, 1.3)),
            estimate("review.return_rate", "review", 0.18, 60_000, 0.15, "share", 0.03, (0.05, 0.4)),
            estimate("review.return_rate[enterprise]", "review", 0.221, 26_000, unit="share", spread=0.03, used=False),
            estimate("review.return_factors.assisted", "review", 0.42, 18_000, 0.4, "", 0.08, (0.1, 3)),
            estimate("review.correction.median_hours", "review", 2.2, 13_000, 2.0, "h", 0.02, (0.5, 24)),
        ],
        "automatic": [estimate("review.auto_minutes", "automatic", 0.5, 9_800, 0.5, "min", 0.001, (0.1, 3))],
        "issue": [
            estimate("issue.minutes.mean_minutes", "issue", 1.01, 61_020, 1.0, "min", 0.004, (0.5, 6)),
            estimate("issue.fetch_after_hours.mean_hours", "issue", 17.4, 31_000, 3.0, "h", 0.02, (0.5, 16)),
            estimate("issue.electronic_share", "issue", 0.197, 76_000, 0.2, "share", 0.02, (0, 0.8)),
        ],
    }  # fmt: skip
    return found + [each for step in steps for each in of_step.get(step, [])]


def service(step, bad):
    """Return service times that are lognormal, unless they fit badly."""
    mean, cv, n = SERVICES[step]
    distances = {"lognormal": 0.12 if bad else 0.003, "gamma": 0.15 if bad else 0.041, "weibull": 0.058}
    aic = {family: 2 * n * (1 + far) for family, far in distances.items()}
    return ServiceTime(step, n, mean, cv, min(aic, key=aic.get), bad, *aic.values(), *distances.values())


def quantiles(step, bad):
    mean, cv, _ = SERVICES[step]
    sigma = math.sqrt(math.log1p(cv**2))
    for number in range(200):
        probability = (number + 0.5) / 200
        lognormal = math.exp(math.log(mean) - sigma**2 / 2 + sigma * NormalDist().inv_cdf(probability))
        observed = lognormal * (1.7 if bad and probability > 0.8 else 1.0) * (1 + 0.01 * math.sin(number))
        weibull = mean * 1.05 * (-math.log1p(-probability)) ** (1 / max(1 / cv, 0.6))
        yield Quantile(step, probability, observed, lognormal, lognormal**0.85 * mean**0.15, weibull)


def survival(group):
    """Yield a curve that ends where the longest wait does."""
    model, mean, shape, end = {"phone": ("exponential", 6.7, 1.0, 11.0), "hall": ("weibull", 42.6, 1.47, 38.0)}[group]
    scale = mean / math.gamma(1 + 1 / shape)
    for number in range(150):
        minutes = end * number / 149
        fitted = math.exp(-((minutes / scale) ** shape))
        remaining = min(fitted * (1 + 0.015 * math.sin(number / 7)), 1.0)
        wide = 0.004 + 0.09 * (number / 149) ** 3
        ends = (max(remaining - wide, 0.0), min(remaining + wide, 1.0))
        yield Remaining(group, model, minutes, remaining, *ends, fitted)


def goodness(steps, misfit, patient):
    """Yield that lognormal fits, a step at which nothing does, a gamma; and of each patience another end."""
    for step in steps:
        n = SERVICES[step][2]
        if step in misfit:
            yield Goodness(step, "service", "lognormal", n, 0.12, False, False)
            yield Goodness(step, "service", "gamma", n, 0.15, False, False)
            yield Goodness(step, "service", "sample", n - 12, 0.0, True, True, too_long=12)
        elif step == "issue":
            yield Goodness(step, "service", "lognormal", n, 0.05, False, False)
            yield Goodness(step, "service", "gamma", n, 0.004, True, True)
        elif step != "automatic":
            yield Goodness(step, "service", "lognormal", n, 0.003, True, step != "key")
    if "phone" in patient:
        yield Goodness("phone", "patience", "exponential", 25_330, 0.14, False, False, 1e-9, 1.0, 0.81, 0.86)
        yield Goodness("phone", "patience", "weibull", 25_330, 0.031, False, False, 1e-4, 10.0, 0.37, 0.34)
        yield Goodness("phone", "patience", "sample", 25_330, 0.0, True, True, math.nan, 11.2, 0.33)
    if "hall" in patient:
        yield Goodness("hall", "patience", "weibull", 26_000, 0.012, True, True, 0.004, 12.0, 0.9, 0.888)


def profile(months, half_hours):
    """Yield the profile of some months; of a thin log the half-hours are smoothed."""
    for place, value in enumerate(MONTHS):
        told = (value, 0.03, 3_600) if place + 1 in months else (1.0, math.nan, 0)
        yield of_profile("month", place, str(place + 1), *told)
    for place, value in enumerate(WEEK):
        yield of_profile("weekday", place, DAYS[place], value, 0.02, 8_700)
    for place, value in enumerate(half_hours):
        label = f"{(17 + place) // 2:02d}:{(17 + place) % 2 * 30:02d}"
        yield of_profile("half_hour", place, label, value, 0.08, 2_500, value * 0.97 + 0.03)


def of_profile(kind, place, label, value, spread, cases, smooth=math.nan):
    ends = (value * (1 - spread), value * (1 + spread))
    return Place(kind, place, label, value, *ends, smooth, 1.0 + 0.1 * math.sin(place), cases)


def back_test(step, biases):
    """Yield observed figures near the middle of their intervals, but for those in `biases`."""
    middles = {"a day": 210.0, "gave up": 0.09, "wait mean": 2.9, "wait P90": 7.4, "service mean": 3.0}
    for place, (measure, middle) in enumerate(middles.items()):
        half, off = 0.14 * middle, biases.get((step, measure), 0.6 * math.sin(7 * place + len(step)))
        ends = (middle - half, middle + half)
        yield Compared(step, measure, middle + off * half, 2_400, middle, *ends, abs(off) <= 1)


def rolling(periods=12, steps=("phone", "filing", "review", "issue"), drift=0.0, changed=lambda row: row):
    """Return the figures of periods, each by a young fit and one two periods older; those of a day drift away."""
    rows = []
    for number in range(periods):
        first = date(2023, 1, 29) + timedelta(weeks=4 * number)
        for older in (0, 2)[: 1 + (number > 1)]:
            for step in steps:
                for row in back_test(step, {}):
                    wave = 1 + 0.05 * math.sin(3 * number + len(step) + len(row.measure))
                    grown = (1 + older * drift) if row.measure == "a day" and number else 1.0
                    grown *= 1 + drift * number / 4 if row.measure == "a day" else 1.0
                    observed = row.simulated * wave * grown
                    rows.append(Foretold(
                        row.step, row.measure, observed, row.n, row.simulated, row.low, row.high,
                        row.low <= observed <= row.high, first, first + timedelta(days=27), 20, older, math.nan,
                    ))  # fmt: skip
    return [changed(row) for row in rows]


def duty(steps):
    for pool, step in POOLS.items():
        for day in DAYS:
            for slot in range(17, 34) if step in steps else ():
                number, method = 1 if 24 <= slot < 27 else 3, "busy at once" if step == "phone" else "names"
                time = f"{slot // 2:02d}:{slot % 2 * 30:02d}"
                yield OnDuty(pool, step, day, time, number, number, method, 250)


def calibration(
    name="a", steps=STEPS, months=range(1, 13), misfit=("studio",), biases=None, held_out=True,
    patient=("phone", "hall"), findings=FINDINGS, half_hours=HALF_HOURS, changed=lambda record: record, **fields,
):  # fmt: skip
    """Return a calibration; `changed` is a function of it."""
    biases = BIASES if biases is None else biases
    compared = [step for step in steps if step not in ("online", "automatic")] if held_out else []
    about = About(
        kind="calibration", name=name, command="", identity="0" * 16, design_points="", seed=20240201,
        engine="compiled",
        rule=RuleFacts(1, 0.05, 119, 119), model="", versions={DISTRIBUTION: "0.1.0"}, fitted=Fitted(name, ()),
    )  # fmt: skip
    record = Calibration(
        about=about,
        title={"en": "Xiaoshan, fitted to a log", "zh": "萧山（据业务记录校准）"},
        parent="baseline-2023",
        log=LogFacts(
            ("exports/calls-2023.csv", "exports/hall-2023.xlsx", "exports/review-2023.csv"), 402_113, 401_900, 95_870,
            date(2023, 1, 3), date(2023, 12, 29), 250, tuple(steps), assumed=("returned_from_repeat",),
            read=(FileRead("calls.csv", "csv", "gb18030", 402_113, {"case": "call id", "kind": HOSTILE}, ("kind",)),),
        ),
        held_out=HeldOut(date(2023, 10, 9), date(2023, 12, 29), 60) if held_out else None,
        replications=119 if held_out else 0,
        missing=(
            NotTold("filing.travel_minutes.mean_minutes", "too little in the log tells of it"),
            NotTold("key", "no rows of this step"),
            NotTold("server", "no servers: only how many were busy at once is known"),
        ),
        notes=(Note("one month", {}),),
        ranges={},
        scenario={"name": name},
        estimates=tuple(estimates(steps)),
        dependence=(),
        services=tuple(service(step, step in misfit) for step in steps),
        quantiles=tuple(each for step in steps for each in quantiles(step, step in misfit)),
        survival=tuple(each for group in patient for each in survival(group)),
        goodness=tuple(goodness(steps, misfit, patient)),
        profile=tuple(profile(months, half_hours)),
        arrivals=(),
        duty=tuple(duty(steps)),
        back_test=tuple(each for step in compared for each in back_test(step, biases)), gains=GAINS if held_out else (),
        rolling=(),
        findings=findings,
        moved=(),
        causes=(),
    )  # fmt: skip
    assert {row.best for row in record.services} <= set(FAMILIES)
    return changed(replace(record, **fields))
