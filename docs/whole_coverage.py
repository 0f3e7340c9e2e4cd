"""Does `calibrate`, from file to scenario, get back what logs were made with? ``python docs/whole_coverage.py``.

Makes offices of eight kinds, writes logs of a quarter of each to files, reads and fits them as `calibrate` does, and
counts how often the interval of 95 % holds the truth, by parameter and by kind. Writes docs/whole-coverage.md; what is
done is kept in results/whole-coverage, so that it goes on where it was stopped. About ten seconds a log on one core.
After a change of the model or of the fit, remove that folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
from fit_coverage import calibration_of
from interval_coverage import (
    Study,
    Tally,
    parent_of,
    percent,
    random_office,
    summary,
    table,
    truth,
    value_at,
)

from sim.files import replaced_file
from sim.memory import keep_freed_memory
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.intervals import wilson

ROOT = Path(__file__).resolve().parents[1]
PAGE, KEPT = ROOT / "docs" / "whole-coverage.md", ROOT / "results" / "whole-coverage"
SEED = 20240202
PROFILE = "phone.profiles[0]."
USUAL = (5000, 9000)
"""Registrations a year, but of small and of large offices."""

KINDS: dict[str, str] = {
    "usual": "all drawn from the plausible ranges",
    "small": "1,500 to 3,000 registrations a year",
    "large": "20,000 to 30,000 registrations a year",
    "congested": "reviewers busy for 90 to 97 % of their hours",
    "long reviews": "reviews of 15 to 30 minutes, coefficient of variation 1.5 to 2.5",
    "two kinds of callers": "the baseline's two, of which one hangs up soon",
    "absence": "each member of staff missing on 5 to 12 % of days, and on leave on 5 to 10 %",
    "surges": "two surges of half as many again, and a slump; without level and variation from day to day, which are "
              "fitted with them",
    "odd hours": "open from 7 or 8 until 19 or 20 without a break",
}


def office_of(kind: str, number: int) -> Scenario:
    """Return an office of a kind."""
    rng = np.random.default_rng([SEED, list(KINDS).index(kind), number])
    data = scenario_as_dict(random_office(rng, "2023-01-01", "2023-12-31"))
    drawn = data["demand"]["registrations_per_year"]
    low, high = {"small": (1500, 3000), "large": (20_000, 30_000)}.get(kind, USUAL)
    data["demand"]["registrations_per_year"] = round(rng.uniform(low, high))
    scaled = data["demand"]["registrations_per_year"] / drawn
    review, staff = data["review"], data["staff"]
    if kind == "long reviews":
        review["minutes"] |= {"mean_minutes": float(rng.uniform(15, 30)), "cv": float(rng.uniform(1.5, 2.5))}
    if kind == "two kinds of callers":
        data["phone"]["profiles"] = scenario_as_dict(scenario_from_dict({"name": "x", "title": data["title"]}))[
            "phone"]["profiles"]  # fmt: skip
    demand = data["demand"]
    a_day = demand["registrations_per_year"] / 249 * (1 + demand["other_business_per_registration"])
    for pool, each in staff.items():
        if not isinstance(each, dict) or "plan" not in each:
            continue
        servers = min(max(round(int(next(iter(each["plan"].values()))) * scaled), 2), 64)
        if pool == "reviewers" and kind in ("congested", "long reviews"):
            load = a_day * (1 - review["auto_approved_share"]) * (1 + review["return_rate"]) / 480
            busy = rng.uniform(0.9, 0.97) if kind == "congested" else rng.uniform(0.5, 0.8)
            servers = min(max(round(load * review["minutes"]["mean_minutes"] / busy), 2), 64)
            review["minutes"]["mean_minutes"] = float(busy * servers / load)
        each |= {"plan": {"08:30-17:00": servers}, "midday_crew": servers}
        if kind == "absence":
            each |= {"absence": float(rng.uniform(0.05, 0.12)), "leave": float(rng.uniform(0.05, 0.10))}
    if kind == "surges":
        data["demand"]["surges"] = [
            {"first": f"2023-{first}", "last": f"2023-{last}", "factor": factor}
            for first, last, factor in (("02-06", "02-17", 1.5), ("04-10", "05-05", 1.5), ("08-07", "08-18", 0.6))
        ]
    if kind == "odd hours":
        opens, closes = f"{rng.integers(7, 9):02d}:00", f"{rng.integers(19, 21):02d}:00"
        for name in data["hours"]:
            if isinstance(data["hours"][name], list):
                data["hours"][name] = [f"{opens}-{closes}"]
        for each in (pool for pool in staff.values() if isinstance(pool, dict) and "plan" in pool):
            each["plan"] = {f"{opens}-{closes}": next(iter(each["plan"].values()))}
    data["name"] = f"{kind.replace(' ', '-')}-{number}"
    return scenario_from_dict(data)


def truth_of(office: Scenario, kind: str) -> dict[str, float]:
    """Return what there is to get back of an office.

    Of two kinds of callers nothing that differs between them; of an office with surges neither level nor variation,
    since a fitted office has none, and both are those with them.
    """
    level, varies = "demand.registrations_per_year", "demand.day_to_day_cv"
    known = truth(office) | {varies: float(value_at(scenario_as_dict(office), varies))}
    if kind == "surges":
        del known[level], known[varies]
    return {name: value for name, value in known.items() if kind != "two kinds of callers" or PROFILE not in name}


def found_in(kind: str, number: int, log: int) -> dict[str, Any]:
    """Return what was estimated from one log: name to low, value, high and truth."""
    office = office_of(kind, number)
    calibration, _ = calibration_of(office, parent_of(office), log, SEED + 7_001 * number + list(KINDS).index(kind))
    by_name = {estimate.name: estimate for estimate in calibration.estimates}
    rows = {}
    for name, value in truth_of(office, kind).items():
        of = by_name.get(name)
        rows[name] = None if of is None or not of.known else [of.low, of.value, of.high, value]
    return {"kind": kind, "office": number, "log": log, "rows": rows}


def done() -> Iterator[dict[str, Any]]:
    """Yield what is done."""
    for file in sorted(KEPT.glob("*.json")):
        yield json.loads(file.read_text())


def tallied(found: list[dict[str, Any]]) -> Study:
    """Return what became of the estimates, by parameter."""
    study = Study()
    for each in found:
        for name, row in each["rows"].items():
            of = study.tallies.setdefault(name, Tally())
            of.logs += 1
            if row is None:
                continue
            low, value, high, true = row
            of.known += 1
            of.covered += low <= true <= high
            of.below += high < true
            of.above += low > true
            if true:
                of.errors.append(value / true - 1)
    return study


def page(found: list[dict[str, Any]]) -> list[str]:
    """Return the page."""
    offices = len({(each["kind"], each["office"]) for each in found})
    lines = []
    for kind, what in KINDS.items():
        rows = [row for each in found if each["kind"] == kind for row in each["rows"].values() if row is not None]
        if rows:
            share, low, high = map(percent, wilson(sum(r[0] <= r[3] <= r[2] for r in rows), len(rows)))
            logs = sum(each["kind"] == kind for each in found)
            lines.append(f"| {kind} | {what} | {logs} | {len(rows):,} | {share} | {low} to {high} |")
    whole = tallied(found)
    return [
        "# Does the whole of `calibrate` get back what logs were made with?", "",
        "<!-- Written by `python docs/whole_coverage.py`; do not edit. -->", "",
        f"{len(found)} logs of a quarter of {offices} offices of {len(lines)} kinds. The parameters are drawn as for "
        "[the intervals](coverage.md), but not the registrations. Of each office a year is played, and the log of a "
        "quarter, as it is known at its end, is written to a file, read and fitted as `calibrate` does, with a parent "
        "that has the defaults in place of all that is fitted, but for the year's profile and the share of online Q&A.",
        "", summary(whole), "",
        "| kind | what | logs | intervals | cover, % | 95 % |", "|---|---|---:|---:|---:|---|", *lines, "",
        *table(whole),
    ]  # fmt: skip


@click.command(help=__doc__)
@click.option("--offices", default=4, show_default=True, help="Of each kind.")
@click.option("--logs", default=10, show_default=True, help="Of each office.")
@click.option("--part", default=0, help="Only every second log, from this one on, if 0 or 1 of two processes.")
@click.option("--parts", default=1, help="Processes that share the work.")
def main(offices: int, logs: int, part: int, parts: int) -> None:
    """Make the logs, fit, count, and write the page."""
    keep_freed_memory()
    KEPT.mkdir(parents=True, exist_ok=True)
    # All kinds early: what is said so far is of all.
    wanted = [(kind, number, log) for log in range(logs) for number in range(offices) for kind in KINDS]
    for place, (kind, number, log) in enumerate(wanted):
        file = KEPT / f"{kind.replace(' ', '-')}-{number}-{log}.json"
        if place % parts == part and not file.exists():
            with replaced_file(file) as new:
                new.write_text(json.dumps(found_in(kind, number, log)))
            print(f"{place + 1} of {len(wanted)}: {kind}", flush=True)
    found = list(done())
    print(summary(tallied(found)))
    if len(found) >= len(wanted):
        with replaced_file(PAGE) as new:
            new.write_text("\n".join(page(found)) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
