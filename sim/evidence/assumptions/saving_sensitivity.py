"""Write to disk what a verdict hangs on: ranges, flips, screening, indices, plausible offices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sim.analysis.judge import Rule, Verdict
from sim.evidence.assumptions.dimensions import Assumption
from sim.evidence.assumptions.flips import Crossing, FlipTable, Judged, Swing
from sim.evidence.assumptions.outcomes import MOST_MINUTES
from sim.evidence.assumptions.plausible_offices import PlausibleOffices, separations
from sim.evidence.assumptions.sensitivity import Asked, Sensitivity, sensitivity_identity
from sim.experiment.manifest import MANIFEST, common_facts, finite, target_facts, write_json, write_timing
from sim.experiment.results import write_table
from sim.experiment.verdicts import Outcome
from sim.files import replaced_folder
from sim.office.demand import scenario_days
from sim.office.scenario import scenario_as_dict

KIND = "sensitivity"
TEXT, REAL, WHOLE, FLAG = pa.string(), pa.float64(), pa.int64(), pa.bool_()
JUDGED = {"verdict": TEXT, "estimate": REAL, "interval_low": REAL, "interval_high": REAL, "replications": WHOLE}
ASSUMPTIONS = {
    "parameter": TEXT, "unit": TEXT, "meaning_en": TEXT, "meaning_zh": TEXT, "source": TEXT, "kind": TEXT,
    "value": REAL, "low": REAL, "high": REAL, "plausible_low": REAL, "plausible_high": REAL, "extended": FLAG,
}  # fmt: skip
ENDS = {f"{end}_{name}": kind for end in ("low", "high") for name, kind in JUDGED.items()}
MIDDLE = {"middle": REAL, "middle_verdict": TEXT, "middle_estimate": REAL}
FLIPS = {
    f"flip_{end}_{name}": kind for end in ("low", "high")
    for name, kind in {"last": REAL, "first": REAL, "verdict": TEXT, "between": TEXT, "monotone": FLAG}.items()
}  # fmt: skip
FLIP_TABLE = {"parameter": TEXT} | ENDS | MIDDLE | FLIPS | {"replications": WHOLE}
JUDGED_VALUES = {"parameter": TEXT, "value": REAL} | JUDGED | {"why": TEXT}
OTHERS = {"kind": TEXT, "name": TEXT, "own": TEXT, "here": TEXT} | JUDGED | {"why": TEXT}
SCREENING = {"parameter": TEXT, "outcome": TEXT} | dict.fromkeys(
    ("mu", "mu_star", "mu_star_low", "mu_star_high", "sigma", "sigma_low", "sigma_high"), REAL
)
INDICES = {"parameter": TEXT, "outcome": TEXT} | dict.fromkeys(
    ("first", "first_low", "first_high", "total", "total_low", "total_high"), REAL
)
SEPARATION = {"parameter": TEXT} | dict.fromkeys(("holds", "fails", "difference", "error"), REAL)


def sensitivity_facts(asked: Asked, name: str) -> dict[str, Any]:
    """Return the manifest as far as it is known before anything has run."""
    return common_facts(KIND, name, [asked.cell], asked.rule, asked=sensitivity_identity(asked))


def write_sensitivity(
    found: Sensitivity, name: str, folder: Path, also: Callable[[Path], None] = lambda _: None
) -> None:
    """Write what was found to `folder`, which is replaced as a whole.

    Files: `assumptions` and `flips` (a row a parameter), `judged` (a row a value that was judged), `others` (what is
    no number), `screening` and `indices` (a row a parameter and outcome), `offices` (a row a plausible office) and
    `separation` (a row a parameter), each as Parquet and CSV, `manifest.json` and `timing.json`. A table of what was
    not asked for has no rows.

    Parameters
    ----------
    found : Sensitivity
    name : str
    folder : Path
    also : callable
        Adds files (charts) to the folder that it is given, before that takes its place.
    """
    asked = found.asked
    facts, target = sensitivity_facts(asked, name), target_facts(asked.cell.target)
    period = asked.scenario.period
    with replaced_folder(folder) as new:
        for file, kinds, rows in _tables(found):
            write_table(pa.Table.from_pylist(rows, pa.schema(list(kinds.items()))), new, file)
        write_json(new / MANIFEST, facts | {
            "rule": facts["rule"] | {"margin": target["margin"]},
            "target": target,
            "pieces": list(asked.pieces),
            "settings": asdict(asked.settings),
            "most_minutes": MOST_MINUTES,
            "left_out": list(asked.left_out),
            "scenario_verdict": None if found.flips is None else _facts_of(found.flips),
            "screening": None if found.screening is None
            else {"points": found.screening.points, "capped": found.screening.capped},
            "indices": None if found.indices is None
            else {"points": found.indices.points, "capped": found.indices.capped, "keeps": found.indices.keeps},
            "plausible": None if found.plausible is None else _plausible(found.plausible),
            "replications": found.replications,
            "found": _found(found),
            "working_days": scenario_days(asked.scenario).working_days,
            "whole_year": period.first is None and period.last is None,
            "scenario": scenario_as_dict(asked.scenario),
        })  # fmt: skip
        write_timing(new, found.seconds)
        also(new)


def _tables(found: Sensitivity) -> list[tuple[str, Mapping[str, pa.DataType], list[dict[str, Any]]]]:
    flips, asked = found.flips, found.asked
    swings = () if flips is None else flips.swings
    values = {of.path: REAL for of in asked.assumptions}
    office = {"office": WHOLE} | JUDGED | {"why": TEXT} | values
    return [
        ("assumptions", ASSUMPTIONS, [_assumption(of) for of in asked.assumptions]),
        ("flips", FLIP_TABLE, [_flip(swing) for swing in swings]),
        ("judged", JUDGED_VALUES, [row for swing in swings for row in _points(swing)]),
        ("others", OTHERS, [] if flips is None else _others(flips)),
        ("screening", SCREENING, _screening(found)),
        ("indices", INDICES, _indices(found)),
        ("offices", office, _offices(found.plausible, asked.assumptions)),
        ("separation", SEPARATION, _separation(found.plausible, asked.assumptions)),
    ]


def judged_facts(outcome: Outcome) -> dict[str, Any]:
    """Return a verdict with its estimate and interval; infinite if the office cannot finish its cases."""
    judgement = outcome.judgement
    ends = (np.nan, np.nan) if judgement is None else (judgement.low, judgement.high)
    return {
        "verdict": outcome.verdict.value if outcome.verdict else "",
        "estimate": np.inf if judgement is None else judgement.estimate,
        "interval_low": ends[0], "interval_high": ends[1], "replications": outcome.replications,
    }  # fmt: skip


def _facts_of(flips: FlipTable) -> dict[str, Any]:
    facts = judged_facts(flips.scenario)
    return facts | {name: finite(facts[name]) for name in ("estimate", "interval_low", "interval_high")} | {
        "why": flips.scenario.why or None, "tests": flips.tests,
    }  # fmt: skip


def _plausible(found: PlausibleOffices) -> dict[str, Any]:
    share, low, high = found.share(Verdict.HOLDS)
    return {
        "offices": len(found.outcomes),
        "counts": {verdict.value: found.number(verdict) for verdict in Verdict},
        "holds": {"share": share, "low": low, "high": high},
        "rule": _rule(found.rule),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {"tests": rule.tests, "error": rule.error, "smallest": rule.boundary.smallest, "largest": rule.largest}


def _found(found: Sensitivity) -> str:
    """Return what was found as figures that need no language."""
    parts = []
    if found.flips is not None and found.flips.scenario.verdict is Verdict.UNDECIDED:
        parts.append(Verdict.UNDECIDED.value)
    elif found.flips is not None:
        flipping = sum(bool(swing.crossings) for swing in found.flips.swings)
        parts.append(f"{flipping}/{len(found.flips.swings)} flip")
    if found.plausible is not None:
        parts.append(f"{found.plausible.number(Verdict.HOLDS)}/{len(found.plausible.outcomes)} HOLDS")
    if not parts and found.screening is not None:
        parts.append(found.asked.assumptions[found.screening.order[0]].path)
    return "; ".join(parts)


def _assumption(of: Assumption) -> dict[str, Any]:
    return {
        "parameter": of.path, "unit": of.unit, "meaning_en": of.en, "meaning_zh": of.zh, "source": of.source,
        "kind": of.kind, "value": of.value, "low": of.low, "high": of.high, "plausible_low": of.plausible[0],
        "plausible_high": of.plausible[1], "extended": of.extended,
    }  # fmt: skip


def _flip(swing: Swing) -> dict[str, Any]:
    row: dict[str, Any] = {"parameter": swing.assumption.path, "replications": swing.replications}
    for end, point in (("low", swing.low), ("high", swing.high)):
        row |= {f"{end}_{name}": value for name, value in judged_facts(point.outcome).items()}
        row |= {f"flip_{end}_{name}": value for name, value in _crossing(swing, point).items()}
    middle = None if swing.middle is None else judged_facts(swing.middle.outcome)
    if swing.middle is not None and middle is not None:
        row |= {"middle": swing.middle.value, "middle_verdict": middle["verdict"],
                "middle_estimate": middle["estimate"]}  # fmt: skip
    return row


def _crossing(swing: Swing, end: Judged) -> dict[str, Any]:
    of: Crossing | None = next((each for each in swing.crossings if each.end is end), None)
    if of is None:
        return {"last": np.nan, "first": np.nan, "verdict": "", "between": "", "monotone": True}
    between = dict.fromkeys(point.verdict.value for point in of.between)
    return {
        "last": of.last.value, "first": of.first.value, "verdict": of.first.verdict.value,
        "between": ", ".join(between), "monotone": of.search.monotone,
    }  # fmt: skip


def _points(swing: Swing) -> list[dict[str, Any]]:
    points = {point.value: point for point in (swing.low, swing.high, *([swing.middle] if swing.middle else []))}
    points |= {point.value: point for of in swing.crossings for point in of.points.values()}
    return [
        {"parameter": swing.assumption.path, "value": value, **judged_facts(points[value].outcome),
         "why": points[value].outcome.why}
        for value in sorted(points)
    ]  # fmt: skip


def _others(flips: FlipTable) -> list[dict[str, Any]]:
    return [
        {"kind": other.kind, "name": other.name, "own": other.own, "here": other.here, **judged_facts(outcome),
         "why": outcome.why}
        for other, outcome in flips.others
    ]  # fmt: skip


def _screening(found: Sensitivity) -> list[dict[str, Any]]:
    if found.screening is None:
        return []
    names = [name for name in SCREENING if name not in ("parameter", "outcome")]
    return [
        {"parameter": found.asked.assumptions[place].path, "outcome": outcome}
        | {name: float(getattr(of, name)[place]) for name in names}
        for outcome, of in found.screening.found.items() for place in found.screening.order
    ]  # fmt: skip


def _indices(found: Sensitivity) -> list[dict[str, Any]]:
    if found.indices is None:
        return []
    names = [name for name in INDICES if name not in ("parameter", "outcome")]
    return [
        {"parameter": found.asked.assumptions[place].path, "outcome": outcome}
        | {name: float(getattr(of, name)[number]) for name in names}
        for outcome, of in found.indices.found.items() for number, place in enumerate(found.indices.places)
    ]  # fmt: skip


def _offices(found: PlausibleOffices | None, assumptions: Sequence[Assumption]) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [
        {"office": number, **judged_facts(outcome), "why": outcome.why}
        | {of.path: of.at(float(part)) for of, part in zip(assumptions, parts, strict=True)}
        for number, (parts, outcome) in enumerate(zip(found.parts, found.outcomes, strict=True))
    ]  # fmt: skip


def _separation(found: PlausibleOffices | None, assumptions: Sequence[Assumption]) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [
        {"parameter": of.assumption.path, "holds": of.holds, "fails": of.fails, "difference": of.difference,
         "error": of.error}
        for of in separations(found, assumptions)
    ]  # fmt: skip
