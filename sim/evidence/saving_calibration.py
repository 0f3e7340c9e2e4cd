"""Write what `calibrate` found: estimates, fits, back-test, what was wrong with the log, and the scenario."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim.analysis.judge import Rule
from sim.evidence.backtest import REPLICATIONS
from sim.evidence.calibration import Calibration, Fit
from sim.evidence.fits.arrival_notes import DAYS
from sim.evidence.fits.estimates import Estimate
from sim.evidence.fits.fitted import as_yaml, has, path_of, source_of, usable
from sim.evidence.fits.not_told import not_told
from sim.evidence.fits.seasons import mean_one
from sim.evidence.logs.report import LogReport
from sim.experiment.manifest import MANIFEST, common_facts, finite, write_json, write_timing
from sim.experiment.results import write_table
from sim.files import replaced_folder
from sim.office.demand import FIRST_SLOT
from sim.office.hours import SLOT
from sim.office.parameters import Scenario
from sim.office.parameters.fields import show_time
from sim.office.parameters.listing import Parameter, all_parameters
from sim.office.parameters.staff import POOL_OF_STAGE
from sim.office.scenario import scenario_as_dict
from sim.replicate.cells import Cell

KIND = "calibration"
RANGES = "ranges.yaml"
STEP_OF = {
    "phone": "phone", "filing.assisted": "filing", "filing.hall": "filing", "filing.studio": "studio",
    "filing.key": "key", "filing.own": "online", "filing.travel": "filing", "review.auto": "automatic",
    "review": "review", "issue": "issue",
}  # fmt: skip
"""Beginning of a parameter's name: the step that it is about; all others are about demand."""


def calibration_facts(
    name: str, parent: Scenario, report: LogReport, log_digest: str, hold_out: float, cell: Cell
) -> dict[str, Any]:
    """Return the manifest as far as it is known before the fit."""
    asked = {"log": log_digest, "hold_out": hold_out, "parent": scenario_as_dict(parent)}
    return common_facts(KIND, name, [cell], Rule(), asked=asked) | {
        "parent": parent.name,
        "files": [file.name for file in report.files],
    }


def write_calibration(
    found: Calibration,
    report: LogReport,
    facts: Mapping[str, Any],
    seconds: float,
    folder: Path,
    also: Callable[[Path], None],
) -> None:
    """Write the answer to `folder`, which is replaced as a whole.

    Files: `estimates`, `services`, `quantiles`, `survival`, `profile`, `arrivals`, `duty`, `back_test` and `findings`,
    each as Parquet and CSV, the scenario and the ranges of the fitted values as YAML, `manifest.json`, `timing.json`.

    Parameters
    ----------
    found : Calibration
    report : LogReport
    facts : mapping
        From `calibration_facts`.
    seconds : float
    folder : Path
    also : callable
        Adds files (charts) to the folder that it is given, before that takes its place.
    """
    with replaced_folder(folder) as new:
        write_table(_estimates(found), new, "estimates")
        write_table(_services(found.whole), new, "services")
        write_table(_quantiles(found.whole), new, "quantiles")
        write_table(_survival(found.whole), new, "survival")
        write_table(_profile(found), new, "profile")
        write_table(_arrivals(found.whole), new, "arrivals")
        write_table(_duty(found.whole), new, "duty")
        write_table(_back_test(found), new, "back_test")
        write_table(_findings(report, found), new, "findings")
        (new / f"{found.scenario.name}.yaml").write_text(_scenario(found, report), encoding="utf-8", newline="\n")
        (new / RANGES).write_text(_ranges(found), encoding="utf-8", newline="\n")
        write_json(new / MANIFEST, {**facts, **_found(found, report)})
        write_timing(new, seconds)
        also(new)


def _found(found: Calibration, report: LogReport) -> dict[str, Any]:
    arrivals = found.whole.arrivals
    held = found.held_out
    telling = [each for each in found.compared if not each.low == each.high == each.observed]
    inside = sum(each.inside for each in telling)
    return {
        "title": found.scenario.title.model_dump(mode="json"),
        "log": {
            "files": [file.name for file in report.files], "rows": report.rows_read, "kept": report.rows_kept,
            "cases": report.cases, "first": str(arrivals.opened.first), "last": str(arrivals.opened.last),
            "working_days": len(arrivals.opened.dates), "steps": list(found.log.steps),
            "words": [{"field": w.field, "word": w.word, "meaning": w.meaning, "count": w.count} for w in report.words],
            "assumed": list(report.assumed), "missing": list(report.missing),
        },
        "held_out": None if held is None else {"first": str(held[0]), "last": str(held[1]), "days": found.days},
        "missing": [
            {"what": what, "because": why}
            for what, why in not_told(found.log, found.parent, found.whole.estimates, found.whole.used)
        ],
        "notes": [note._asdict() for note in arrivals.notes],
        "replications": REPLICATIONS if found.compared else 0,
        "scenario": scenario_as_dict(found.scenario),
        "found": f"{inside}/{len(telling)}" if telling else "–",
    }  # fmt: skip


def step_of(name: str) -> str:
    """Return the step that a parameter is about; ``demand`` if it is about none."""
    return next((step for start, step in STEP_OF.items() if name.startswith(start)), "demand")


def _estimates(found: Calibration) -> pa.Table:
    assumed = scenario_as_dict(found.parent)
    known = {parameter.path: parameter for parameter in all_parameters()}
    rows = []
    for each in found.whole.estimates:
        own = known.get(_listed(each.name))
        low, high = (own.plausible or (None, None)) if own else (None, None)
        rows.append((each.name, step_of(each.name), finite(each.value), finite(each.low), finite(each.high), each.n,
                     each.method, each.unit, finite(each.naive), _assumed(assumed, each, own), low, high,
                     found.used(each)))  # fmt: skip
    names = ("name", "step", "value", "low", "high", "n", "method", "unit", "naive", "assumed", "plausible_low",
             "plausible_high", "used")  # fmt: skip
    kinds = (*[pa.string()] * 2, *[pa.float64()] * 3, pa.int64(), *[pa.string()] * 2, *[pa.float64()] * 4, pa.bool_())
    return _table(names, kinds, rows)


def _listed(name: str) -> str:
    """Return the name under which the parameter table has a member of a list."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path_of(name)).lstrip(".")
    return path.replace("phone.profiles[0]", "phone.profiles[]").partition("_index[")[0] + (
        "_index" if "_index[" in path else ""
    )


def _assumed(data: dict[str, Any], estimate: Estimate, parameter: Parameter | None) -> float | None:
    """Return what the parent has: of the callers' profiles their mean, of an index scaled to mean 1."""
    path = path_of(estimate.name)
    if parameter is None or not has(data, path):
        return None
    if path[:2] == ("phone", "profiles"):
        profiles = data["phone"]["profiles"]
        return float(sum(each["share"] * each[path[-1]] for each in profiles))
    value: Any = data
    for step in path[:-1]:
        value = value[step]
    if isinstance(value, list):
        return float(mean_one(value)[int(path[-1])])
    number = value[path[-1]]
    return float(number) if isinstance(number, int | float) else None


def _services(fit: Fit) -> pa.Table:
    rows = []
    for step, found in fit.durations.items():
        families = {family.name: family for family in found.families}
        pairs = [families.get(name) for name in FAMILIES]
        rows.append((step, found.n, finite(found.mean), finite(found.cv), found.families[0].name if pairs[0] else "",
                     found.empirical, *(None if f is None else finite(f.aic) for f in pairs),
                     *(None if f is None else finite(f.distance) for f in pairs)))  # fmt: skip
    names = ("step", "n", "mean", "cv", "best", "empirical", *(f"aic_{n}" for n in FAMILIES),
             *(f"distance_{n}" for n in FAMILIES))  # fmt: skip
    kinds = (pa.string(), pa.int64(), pa.float64(), pa.float64(), pa.string(), pa.bool_(), *[pa.float64()] * 6)
    return _table(names, kinds, rows)


FAMILIES = ("lognormal", "gamma", "weibull")


def _quantiles(fit: Fit) -> pa.Table:
    rows = []
    for step, found in fit.durations.items():
        families = {family.name: family for family in found.families}
        lines = [
            families[name].quantiles(found.probabilities) if name in families else np.full(len(found.observed), np.nan)
            for name in FAMILIES
        ]
        for place, (probability, observed) in enumerate(zip(found.probabilities, found.observed, strict=True)):
            rows.append((step, float(probability), float(observed), *(finite(line[place]) for line in lines)))
    return _table(("step", "probability", "observed", *FAMILIES), (pa.string(), *[pa.float64()] * 5), rows)


def _survival(fit: Fit) -> pa.Table:
    rows = []
    for group, found in fit.patience.items():
        fitted = np.full(len(found.minutes), np.nan) if math.isnan(found.mean) else found.fitted(found.minutes)
        for values in zip(found.minutes, found.remaining, found.low, found.high, fitted, strict=True):
            rows.append((group, found.model, *(finite(value) for value in values)))
    names = ("group", "model", "minutes", "remaining", "low", "high", "fitted")
    return _table(names, (*[pa.string()] * 2, *[pa.float64()] * 5), rows)


def _profile(found: Calibration) -> pa.Table:
    arrivals, demand = found.whole.arrivals, found.parent.demand
    counts = {each.name: each.n for each in found.whole.estimates}
    half_hours = arrivals.half_hours
    first = FIRST_SLOT * SLOT
    parts = (
        ("month", arrivals.seasons.month, demand.month_index, [str(number) for number in range(1, 13)], None),
        ("weekday", arrivals.seasons.weekday, demand.weekday_index, list(DAYS), None),
        ("half_hour", half_hours.raw, demand.half_hour_index,
         [show_time(first + place * SLOT) for place in range(len(demand.half_hour_index))], half_hours.smooth.value),
    )  # fmt: skip
    rows = []
    for kind, index, assumed, labels, smooth in parts:
        for place, (label, own) in enumerate(zip(labels, mean_one(assumed), strict=True)):
            rows.append((kind, place, label, finite(index.value[place]), finite(index.low[place]),
                         finite(index.high[place]), None if smooth is None else finite(smooth[place]), float(own),
                         counts.get(f"demand.{kind}_index[{place}]", 0)))  # fmt: skip
    names = ("kind", "place", "label", "value", "low", "high", "smooth", "assumed", "cases")
    return _table(names, (pa.string(), pa.int64(), pa.string(), *[pa.float64()] * 5, pa.int64()), rows)


def _arrivals(fit: Fit) -> pa.Table:
    """Return the expected first contacts of a working day by month, weekday and half-hour."""
    expected = fit.arrivals.table()
    rows = [
        (month + 1, DAYS[weekday], show_time((FIRST_SLOT + slot) * SLOT),
         *(finite(float(of[month, weekday, slot])) for of in (expected.value, expected.low, expected.high)))
        for month, weekday, slot in np.ndindex(*expected.value.shape)
    ]  # fmt: skip
    names = ("month", "weekday", "from", "value", "low", "high")
    return _table(names, (pa.int64(), *[pa.string()] * 2, *[pa.float64()] * 3), rows)


def _duty(fit: Fit) -> pa.Table:
    rows = []
    for step, seen in fit.staffing.items():
        for day, label in enumerate(DAYS):
            for slot in np.flatnonzero((seen.counts > 0) | (seen.by_weekday[day] > 0)):
                rows.append((POOL_OF_STAGE[step], step, label, show_time(slot * SLOT), int(seen.by_weekday[day, slot]),
                             int(seen.counts[slot]), seen.method))  # fmt: skip
    names = ("pool", "step", "weekday", "from", "seen", "plan", "method")
    return _table(names, (*[pa.string()] * 4, *[pa.int64()] * 2, pa.string()), rows)


def _back_test(found: Calibration) -> pa.Table:
    rows = [
        (each.step, each.measure, finite(each.observed), each.n, each.simulated, each.low, each.high, each.inside)
        for each in found.compared
    ]
    names = ("step", "measure", "observed", "n", "simulated", "low", "high", "inside")
    kinds = (*[pa.string()] * 2, pa.float64(), pa.int64(), *[pa.float64()] * 3, pa.bool_())
    return _table(names, kinds, rows)


def _findings(report: LogReport, found: Calibration) -> pa.Table:
    rows = [
        (each.kind, _as_text(each.about), each.count, each.done,
         "; ".join(f"{example.file}:{example.row}: {example.value}" for example in each.examples))
        for each in report.findings
    ]  # fmt: skip
    rows += [
        ("odd_day", str(odd.day), odd.seen, "kept", f"{odd.expected:.0f} expected")
        for odd in found.whole.arrivals.seasons.odd_days
    ]
    rows += [
        (f"wait_{why}", group, number, "kept" if why == "sent_home" else "no_patience", "")
        for group, fit in found.whole.patience.items()
        for why in ("untold", "closed", "turned_away", "sent_home") if (number := getattr(fit.waits, why))
    ]  # fmt: skip
    return _table(("kind", "about", "count", "done", "examples"), (pa.string(), pa.string(), pa.int64(), pa.string(),
                  pa.string()), rows)  # fmt: skip


def _as_text(word: str) -> str:
    """Return a word of the log so that a spreadsheet that opens the CSV takes it for text, not for a formula."""
    return f"'{word}" if word[:1] in ("=", "+", "-", "@") else word


def _scenario(found: Calibration, report: LogReport) -> str:
    opened = found.whole.arrivals.opened
    head = [
        f"Found by `calibrate` in {report.rows_kept:,} rows of a log from {opened.first} to {opened.last}.",
        f"Values marked 'fitted' come from it; all others are those of {found.parent.name}, whatever they rest on.",
        "Complete, and ready for run, staff, limit, explain, sensitivity and compare.",
    ]
    sources = {each.name: source_of(each) for each in found.whole.estimates if found.used(each) and each.known}
    for step, seen in found.whole.staffing.items():
        sources[f"staff.{POOL_OF_STAGE[step]}.plan"] = (
            f"fitted: seen at work ({seen.method}) on {seen.days} days; idle servers are not seen"
        )
    return as_yaml(found.scenario, sources, head)


def _ranges(found: Calibration) -> str:
    """Return the intervals of the fitted values, as `sensitivity --ranges` reads them.

    An end that no scenario can have gives way to that of the plausible range, if that is no narrower than the value.
    """
    known = {parameter.path: parameter for parameter in all_parameters()}
    lines = ["# 95 % intervals of what was fitted, for `sensitivity --ranges`."]
    for each in found.whole.estimates:
        own = known.get(_listed(each.name))
        if own is None or own.plausible is None or "_index" in own.path or not (found.used(each) and each.known):
            continue
        ends = [
            end if usable(found.parent, [replace(each, value=end)]) else plausible
            for end, plausible in zip((each.low, each.high), own.plausible, strict=True)
        ]
        if ends[0] <= each.value <= ends[1] and ends[0] < ends[1]:
            lines.append(f"{own.path}: {json.dumps([float(f'{end:.6g}') for end in ends])}")
    return "\n".join(lines) + "\n"


def _table(names: Iterable[str], kinds: Iterable[pa.DataType], rows: list[tuple[Any, ...]]) -> pa.Table:
    names = list(names)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pa.table({
        name: pa.array(list(column), kind) for name, kind, column in zip(names, kinds, columns, strict=True)
    })  # fmt: skip
