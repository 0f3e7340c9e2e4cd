"""Folders of calibrations as `calibrate` writes them: all tables, with what an office's log may or may not have."""

import json
import math
from statistics import NormalDist

import pyarrow as pa
import pyarrow.parquet as pq

from sim.briefing.calibration_records import STEPS
from sim.briefing.saved_calibration import read_calibration

SERVICES = {"phone": (3.2, 1.1, 21_450), "online": (31.0, 0.95, 44_200), "filing": (19.4, 0.82, 24_110),
            "studio": (25.3, 0.78, 2_380), "key": (29.1, 0.85, 402), "review": (3.03, 0.81, 95_066),
            "automatic": (0.5, 0.02, 9_800), "issue": (1.01, 0.31, 61_020)}  # fmt: skip
"""Mean, coefficient of variation and number of each step."""
MONTHS = [1.02, 0.71, 1.24, 1.09, 1.06, 1.03, 1.00, 1.02, 0.97, 0.98, 0.99, 0.89]
WEEK = {"mon": 1.16, "tue": 0.97, "wed": 1.01, "thu": 0.91, "fri": 0.95}
HALF_HOURS = [0.80, 0.98, 1.22, 1.31, 1.19, 1.05, 0.72, 0.55, 0.60, 0.94, 1.08, 1.17, 1.15, 1.12, 1.08, 1.05, 0.99]
POOLS = {"consultants": "phone", "assistants": "filing", "reviewers": "review", "clerks": "issue"}
BIASES = {("key", "service mean"): 1.9, ("issue", "wait mean"): 1.9, ("phone", "gave up"): -1.3}
"""Where the log lies, in halves of the interval from its middle; elsewhere it is near the middle."""
FORMS = {
    "estimates": {"name": "s", "step": "s", "value": "f", "low": "f", "high": "f", "n": "i", "method": "s",
                  "unit": "s", "naive": "f", "assumed": "f", "plausible_low": "f", "plausible_high": "f",
                  "used": "b"},
    "services": {"step": "s", "n": "i", "mean": "f", "cv": "f", "best": "s", "empirical": "b", "aic_lognormal": "f",
                 "aic_gamma": "f", "aic_weibull": "f", "distance_lognormal": "f", "distance_gamma": "f",
                 "distance_weibull": "f"},
    "quantiles": {"step": "s", "probability": "f", "observed": "f", "lognormal": "f", "gamma": "f", "weibull": "f"},
    "survival": {"group": "s", "model": "s", "minutes": "f", "remaining": "f", "low": "f", "high": "f",
                 "fitted": "f"},
    "profile": {"kind": "s", "place": "i", "label": "s", "value": "f", "low": "f", "high": "f", "smooth": "f",
                "assumed": "f", "cases": "f"},
    "duty": {"pool": "s", "step": "s", "weekday": "s", "from": "s", "seen": "i", "plan": "i", "method": "s"},
    "back_test": {"step": "s", "measure": "s", "observed": "f", "n": "i", "simulated": "f", "low": "f", "high": "f",
                  "inside": "b"},
    "findings": {"kind": "s", "about": "s", "count": "i", "done": "s", "examples": "s"},
}  # fmt: skip
KINDS = {"s": pa.string(), "f": pa.float64(), "i": pa.int64(), "b": pa.bool_()}
HOSTILE = "row 12: =cmd|' /C calc'!A0\n\x1b[31m<script>alert(1)</script> $x^2$ " + "y" * 300


def estimate(name, step, value, n, assumed=None, unit="", spread=0.01, plausible=(None, None), naive=None,
             method="lognormal, ML", used=True):  # fmt: skip
    ends = {"low": value * (1 - spread), "high": value * (1 + spread)} if spread else {"low": None, "high": None}
    return {"name": name, "step": step, "value": value, **ends, "n": n, "method": method, "unit": unit, "naive": naive,
            "assumed": assumed, "plausible_low": plausible[0], "plausible_high": plausible[1],
            "used": used}  # fmt: skip


def estimates(steps):
    """Return estimates of a year's log that has some steps."""
    found = [
        estimate("demand.registrations_per_year", "demand", 43_804.0, 43_804, 40_200.0, "", 0.02, (28_140, 52_260)),
        estimate("demand.enterprise_share", "demand", 0.462, 43_804, 0.5, "share", 0.01, (0.3, 0.6)),
        estimate("demand.day_to_day_cv", "demand", 0.124, 250, 0.11, "", 0.12, (0, 0.2), 0.31, "moments"),
        *(estimate(f"demand.month_index[{n}]", "demand", value, 3_600, 1.0, "", 0.03) for n, value in
          enumerate(MONTHS)),
        *(estimate(f"demand.weekday_index[{n}]", "demand", value, 8_700, 1.0, "", 0.02) for n, value in
          enumerate(WEEK.values())),
        *(estimate(f"demand.half_hour_index[{n}]", "demand", value, 2_500, 1.0, "", 0.02) for n, value in
          enumerate(HALF_HOURS)),
    ]  # fmt: skip
    of_step = {
        "phone": [
            estimate("phone.profiles[0].talk_seconds", "phone", 191.8, 21_450, 188.0, "s", 0.01, (60, 400)),
            estimate("phone.profiles[0].talk_cv", "phone", 1.104, 21_450, 1.171, "", 0.01, (0.5, 2)),
            estimate("phone.profiles[0].patience_seconds", "phone", 402.0, 25_330, 420.0, "s", 0.06, (200, 900), 96.1,
                     "exponential, ML with censoring, 3,880 gave up"),
            estimate("phone.redial_share", "phone", 0.517, 3_880, 0.5, "share", 0.03, (0, 0.8)),
            estimate("abandonment.phone", "phone", 0.153, 25_330, None, "share", 0.03, used=False),
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
            estimate("review.return_rate[enterprise]", "review", 0.221, 26_000, None, "share", 0.03, used=False),
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


def services_and_quantiles(steps, misfit):
    """Return service times that are lognormal, but at the steps of `misfit`."""
    services, quantiles = [], []
    for step in steps:
        mean, cv, n = SERVICES[step]
        sigma = math.sqrt(math.log1p(cv**2))
        mu = math.log(mean) - sigma**2 / 2
        bad = step in misfit
        distances = {"lognormal": 0.12 if bad else 0.003, "gamma": 0.15 if bad else 0.041, "weibull": 0.058}
        aic = {family: 2 * n * (1 + far) for family, far in distances.items()}
        best = min(aic, key=aic.get)
        services.append({"step": step, "n": n, "mean": mean, "cv": cv, "best": best, "empirical": bad}
                        | {f"aic_{family}": value for family, value in aic.items()}
                        | {f"distance_{family}": value for family, value in distances.items()})  # fmt: skip
        for number in range(200):
            probability = (number + 0.5) / 200
            z = NormalDist().inv_cdf(probability)
            lognormal = math.exp(mu + sigma * z)
            observed = lognormal * (1.7 if bad and probability > 0.8 else 1.0) * (1 + 0.01 * math.sin(number))
            weibull = mean * 1.05 * (-math.log1p(-probability)) ** (1 / max(1 / cv, 0.6))
            quantiles.append({"step": step, "probability": probability, "observed": observed, "lognormal": lognormal,
                              "gamma": lognormal ** 0.85 * mean**0.15, "weibull": weibull})  # fmt: skip
    return services, quantiles


def survival(groups):
    """Return curves that end where the longest wait does."""
    rows = []
    for group, model, mean, shape, end in (("phone", "exponential", 6.7, 1.0, 11.0), ("hall", "weibull", 42.6, 1.47,
                                                                                     38.0)):  # fmt: skip
        if group not in groups:
            continue
        scale = mean / math.gamma(1 + 1 / shape)
        for number in range(150):
            minutes = end * number / 149
            fitted = math.exp(-((minutes / scale) ** shape))
            remaining = min(fitted * (1 + 0.015 * math.sin(number / 7)), 1.0)
            wide = 0.004 + 0.09 * (number / 149) ** 3
            ends = {"low": max(remaining - wide, 0), "high": min(remaining + wide, 1)}
            row = {"group": group, "model": model, "minutes": minutes, "remaining": remaining, "fitted": fitted}
            rows.append(row | ends)
    return rows


def profile(months, half_hours):
    """Return the profile of some months; of a thin log the half-hours are smoothed."""
    rows = []
    for place, value in enumerate(MONTHS):
        seen = place + 1 in months
        value = value if seen else 1.0
        rows.append(("month", place, str(place + 1), value, 0.03 if seen else None, None, 3_600 if seen else 0))
    rows += [("weekday", place, name, value, 0.02, None, 8_700) for place, (name, value) in enumerate(WEEK.items())]
    for place, value in enumerate(half_hours):
        label = f"{(17 + place) // 2:02d}:{(17 + place) % 2 * 30:02d}"
        rows.append(("half_hour", place, label, value, 0.08, value * 0.97 + 0.03, 2_500))
    return [
        {"kind": kind, "place": place, "label": label, "value": value,
         "low": None if spread is None else value * (1 - spread),
         "high": None if spread is None else value * (1 + spread), "smooth": smooth,
         "assumed": 1.0 + 0.1 * math.sin(place), "cases": float(cases)}
        for kind, place, label, value, spread, smooth, cases in rows
    ]  # fmt: skip


def back_test(steps, biases):
    """Return observed figures near the middle of their intervals, but for those in `biases`."""
    middles = {"a day": 210.0, "gave up": 0.09, "wait mean": 2.9, "wait P90": 7.4, "service mean": 3.0}
    rows = []
    for step in steps:
        if step in ("online", "automatic"):
            continue
        for place, (measure, middle) in enumerate(middles.items()):
            half, off = 0.14 * middle, biases.get((step, measure), 0.6 * math.sin(7 * place + len(step)))
            observed = middle + off * half
            rows.append({"step": step, "measure": measure, "observed": observed, "n": 2_400, "simulated": middle,
                         "low": middle - half, "high": middle + half, "inside": abs(off) <= 1})  # fmt: skip
    return rows


def duty(steps):
    return [
        {"pool": pool, "step": step, "weekday": weekday, "from": f"{slot // 2:02d}:{slot % 2 * 30:02d}",
         "seen": 1 if 24 <= slot < 27 else 3, "plan": 1 if 24 <= slot < 27 else 3,
         "method": "busy at once" if step == "phone" else "names"}
        for pool, step in POOLS.items() if step in steps
        for weekday in WEEK
        for slot in range(17, 34)
    ]  # fmt: skip


FINDINGS = [
    {"kind": "negative_service", "about": "ended", "count": 214, "done": "missing", "examples": "calls.csv:18: 08:29"},
    {"kind": "duplicate", "about": "", "count": 35, "done": "left_out", "examples": HOSTILE},
    {"kind": "out_of_hours", "about": "phone", "count": 1_204, "done": "kept", "examples": ""},
    {"kind": "unknown_step", "about": "<b>foo\x1b[31m" + "z" * 90, "count": 3, "done": "left_out", "examples": "x"},
    {"kind": "odd_day", "about": "2023-05-08", "count": 901, "done": "kept", "examples": "300 expected"},
]


def write_calibration(
    folder, steps=STEPS, months=range(1, 13), misfit=("studio",), biases=None, held_out=True,
    patient=("phone", "hall"), findings=FINDINGS, half_hours=HALF_HOURS, changed=None, **facts,
):  # fmt: skip
    """Write the folder of a calibration; `changed` is a function of the tables by name."""
    folder.mkdir(parents=True, exist_ok=True)
    services, quantiles = services_and_quantiles(steps, misfit)
    tables = {
        "estimates": estimates(steps), "services": services, "quantiles": quantiles, "survival": survival(patient),
        "profile": profile(months, half_hours), "duty": duty(steps), "findings": findings,
        "back_test": back_test(steps, BIASES if biases is None else biases) if held_out else [],
    }  # fmt: skip
    if changed:
        changed(tables)
    for name, rows in tables.items():
        columns = {key: [row[key] for row in rows] for key in FORMS[name]}
        types = FORMS[name].items()
        pq.write_table(pa.table({key: pa.array(columns[key], KINDS[kind]) for key, kind in types}),
                       folder / f"{name}.parquet")  # fmt: skip
    manifest = {
        "format": 2, "kind": "calibration", "name": folder.name, "identity": "0" * 16, "seed": 20240201,
        "engine": "compiled", "rule": {"tests": 1, "error": 0.05, "smallest": 119, "largest": 119},
        "title": {"en": "Xiaoshan, fitted to a log", "zh": "萧山（据业务记录校准）"}, "parent": "baseline-2023",
        "log": {"files": ["exports/calls-2023.csv", "exports/hall-2023.xlsx", "exports/review-2023.csv"],
                "rows": 402_113, "kept": 401_900, "cases": 95_870, "first": "2023-01-03", "last": "2023-12-29",
                "working_days": 250, "steps": list(steps), "assumed": ["returned_from_repeat"]},
        "notes": [{"what": "one month", "values": {}}],
        "held_out": {"first": "2023-10-09", "last": "2023-12-29", "days": 60} if held_out else None,
        "missing": [{"what": "filing.travel_minutes.mean_minutes", "because": "no case is in both systems"},
                    {"what": "key", "because": "no rows of this step"},
                    {"what": "server", "because": "no servers: only how many were busy at once is known"}],
        "replications": 119 if held_out else 0, "shift_weeks": 0, "scenario": {"name": folder.name}, "found": "9/26",
        "versions": {"licence-office-sim": "0.1.0"},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest | facts, ensure_ascii=False), encoding="utf-8")
    return folder


def calibration(folder, **changes):
    return read_calibration(write_calibration(folder, **changes))
