"""A log held against an older one: which figures have moved, and what that does to what is promised."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy.stats import t as student

from sim.draws.draw import draw
from sim.engines.play import Engine
from sim.measures.judge import Rule
from sim.office.blocks import Office
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.replicate.gather import Progress
from sim.results.about import Interval, target_facts
from sim.studies.calibrate.changes import FEW, CauseOfChange, Change, Moved, index_of
from sim.studies.calibrate.intervals import NORMAL
from sim.studies.calibrate.log.steps import FEW_DAYS
from sim.studies.calibrate.records import SHARE, Calibration, Estimate
from sim.studies.calibrate.scenarios import Path, at, path_of, put
from sim.studies.shapley import FIRST, FIRST_IN_A_HURRY, LARGEST, WHOLES, contribute, figure_of, threads_for
from sim.text import in_source

NOTHING = Interval(math.nan, math.nan, math.nan)
ERROR = 0.05
"""Chance that any figure is said to have moved if none has."""
DEMAND, MIX, TIMES, OWN, RETURNS, PATIENCE, STAFF, OTHER, REST = CAUSES = (
    "demand", "mix", "times", "own", "returns", "patience", "staff", "other", "rest",
)  # fmt: skip
"""Kinds of changes: how many come and when; who, and by which way; how long services take; applicants' own time; what
is sent back or called again; how long people wait before they give up; hours and who is on duty; all else that has
moved; and together whatever else differs between the two fits."""
BEGINNINGS = {
    STAFF: ("staff", "hours"),
    OWN: ("filing.own_minutes", "filing.travel_minutes", "filing.studio_correction_minutes", "review.correction",
          "review.incomplete.handover_minutes", "issue.fetch_after_hours"),
    RETURNS: ("review.return_rate", "review.return_factors", "review.incomplete", "phone.redial_share",
              "phone.redial_after_minutes"),
    MIX: ("filing.assisted_share", "filing.studio_share", "phone.online_qa_share", "issue.electronic_share",
          "review.auto_approved_share", "demand.enterprise_share", "demand.key_share", "demand.inquiry_only_share",
          "demand.out_of_hours_share"),
    DEMAND: ("demand", "year", "calendar", "period", "phone.calls_per_application"),
    # With a pace the mean is that of the other services: only both together are how long they take.
    TIMES: ("pace",),
}  # fmt: skip
"""Of the parameters of a kind; the first kind that fits."""
TAKING = ("minutes", "seconds", "talk_cv")
DUTY = ("plan", "on", "roster", "midday_crew", "people", "at_once")
"""What says of a pool who is on duty."""
FEW_WEEKDAYS = 3
"""Weekdays below which nothing is said of who was seen at work."""
UNTOUCHED = ("name", "title", "target")
"""What the offices are called; and what is promised is the same for all of them."""


def cause_of(path: Path) -> str:
    """Return which kind of change a parameter is of, by its path in a scenario."""
    name = ".".join(str(step) for step in path)
    if "patience" in name:
        return PATIENCE
    for cause, beginnings in BEGINNINGS.items():
        if any(name == start or name.startswith((f"{start}.", f"{start}[")) for start in beginnings):
            return cause
    if path[0] in ("phone", "filing", "review", "issue", "steps") and any(word in name for word in TAKING):
        return TIMES
    # Kinds of callers, and who walks in.
    return MIX if name.startswith("phone.profiles") else OTHER


def moved_since(older: Calibration, newer: Calibration) -> tuple[Moved, ...]:
    """Return the figures that both logs tell, and which have moved by more than chance explains in so many.

    Those are the estimates that both scenarios have and that have an interval, and how many of each pool were seen at
    work.

    Notes
    -----
    Each difference is held against both intervals, on the scale on which they were made: of log odds for shares, of
    logarithms for what is above 0. Over all of them by Holm's procedure (1979), A simple sequentially rejective
    multiple test procedure: whatever depends on what, the chance that anything is said to have moved that has not is
    `ERROR` at most, as far as the intervals hold.
    """
    known = {each.name: each for each in older.estimates if each.known and each.used}
    pairs = [(known[each.name], each) for each in newer.estimates if each.known and each.used and each.name in known]
    rows = [
        Moved(
            now.name, cause_of(path_of(now.name)), now.unit, before.value, before.low, before.high, now.value, now.low,
            now.high, _chance(before, now), False,
        )
        for before, now in pairs
    ]  # fmt: skip
    rows += _on_duty(older, newer)
    found = list(rows)
    for rank, place in enumerate(sorted(range(len(rows)), key=lambda place: rows[place].p)):
        if rows[place].p * (len(rows) - rank) > ERROR:
            break
        found[place] = replace(rows[place], moved=True)
    return tuple(found)


def _chance(before: Estimate, now: Estimate) -> float:
    """Return the chance of so large a difference if there is none."""
    ends = [before.value, before.low, before.high, now.value, now.low, now.high]
    scale: Callable[[float], float] = float
    if now.unit == SHARE and min(ends) > 0 and max(ends) < 1:
        scale = _log_odds
    elif min(ends) > 0:
        scale = math.log
    apart = scale(now.value) - scale(before.value)
    # Of each the half of the interval that looks at the other.
    towards = (before.high, now.low) if apart > 0 else (before.low, now.high)
    errors = [
        (scale(end) - scale(each.value)) / NORMAL for each, end in zip((before, now), towards, strict=True)
    ]  # fmt: skip
    error = math.hypot(*errors)
    if error == 0:
        return float(apart == 0)
    return 2 * NormalDist().cdf(-abs(apart) / error)


def _on_duty(older: Calibration, newer: Calibration) -> Iterator[Moved]:
    """Yield how many of each pool were seen at work, on average over the hours: weekdays are the sample of each log."""
    for pool in dict.fromkeys(row.pool for row in newer.duty):
        sides = []
        for record in (older, newer):
            seen: dict[str, list[int]] = {}
            for row in record.duty:
                if row.pool == pool and row.seen:
                    seen.setdefault(row.weekday, []).append(row.seen)
            sides.append(np.array([np.mean(counts) for counts in seen.values()]))
        if min(map(len, sides)) < FEW_WEEKDAYS:
            continue
        errors = [float(side.std(ddof=1)) / math.sqrt(len(side)) for side in sides]
        means = [float(side.mean()) for side in sides]
        reaches = [error * float(student.ppf(0.975, len(side) - 1)) for error, side in zip(errors, sides, strict=True)]
        # Of who is there on every weekday alike there is no doubt.
        p, error = float(means[0] == means[1]), math.hypot(*errors)
        if error > 0:
            # Welch's test, with his degrees of freedom.
            parts = sum(each**4 / (len(side) - 1) for each, side in zip(errors, sides, strict=True))
            p = 2 * float(student.sf(abs(means[1] - means[0]) / error, error**4 / parts))
        yield Moved(
            f"staff.{pool}.plan", STAFF, "", means[0], means[0] - reaches[0], means[0] + reaches[0], means[1],
            means[1] - reaches[1], means[1] + reaches[1], p, False,
        )  # fmt: skip


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def changed_paths(before: Any, now: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths at which two scenarios in full differ, but for `UNTOUCHED`."""
    if isinstance(before, dict) and isinstance(now, dict) and before.keys() == now.keys():
        for key in before:
            if path or key not in UNTOUCHED:
                yield from changed_paths(before[key], now[key], (*path, key))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for place, values in enumerate(zip(before, now, strict=True)):
            yield from changed_paths(*values, (*path, place))
    elif before != now:
        yield path


def held_against(
    record: Calibration, older: Calibration, seed: int, engine: Engine, hurry: bool, jobs: int | None,
    watch: Callable[[Progress], None],
) -> Calibration:  # fmt: skip
    """Return a calibration with what has changed since an older one.

    Parameters
    ----------
    record, older : Calibration
    seed : int
    engine : str
    hurry : bool
        Whether contributions are looked at once only, early.
    jobs : int or None
        Threads; as many as there are cores if None.
    watch : callable
        Told the progress.

    Raises
    ------
    StudyError
        If nobody comes whom the target is about.
    """
    moved = moved_since(older, record)
    target = registration_office(scenario_from_dict(older.scenario)).target
    change = Change(
        since=older.name, first=older.log.first, last=older.log.last, error=ERROR, target=target_facts(target),
        before=NOTHING, now=NOTHING, replications=0, residual=math.nan, why="",
    )  # fmt: skip
    if min(older.log.days_told, record.log.days_told) < FEW_DAYS:
        # Who was seen at work on few days is not who works there.
        return replace(record, change=replace(change, why=FEW), moved=moved)
    changes = _by_cause(moved, list(changed_paths(older.scenario, record.scenario)))
    causes = [cause for cause in CAUSES if cause in changes]

    @cache
    def office(coalition: int) -> Office:
        taken = [path for bit, cause in enumerate(causes) if coalition >> bit & 1 for path in changes[cause]]
        return _office_between(older.scenario, record.scenario, taken)

    def figures(replication: int, coalitions: Sequence[int]) -> Mapping[int, float]:
        return {
            coalition: figure_of(office(coalition), draw(office(coalition), seed, replication), engine)
            for coalition in coalitions
        }

    first, largest = (FIRST_IN_A_HURRY,) * 2 if hurry else (FIRST, LARGEST)
    rule = Rule(len(causes) + WHOLES, largest=largest, smallest=first)
    try:
        with threads_for(jobs) as threads:
            found = contribute(len(causes), seed, figures, target, rule, threads, watch)
    except ScenarioError as error:
        # What has moved is told all the same.
        why = "; ".join(in_source(problem.message) for problem in error.problems)
        return replace(record, change=replace(change, why=why), moved=moved)
    mean, low, high = found.intervals(rule)
    ends = [Interval(*(float(end[place]) for end in (mean, low, high))) for place in range(len(mean))]
    rows = tuple(
        CauseOfChange(cause, end.estimate, end.low, end.high, sum(each.moved for each in moved if each.cause == cause))
        for cause, end in zip(causes, ends[:-WHOLES], strict=True)
    )
    change = replace(change, before=ends[-1], now=ends[-2], replications=len(found.nobody), residual=found.residual)
    return replace(record, change=change, moved=moved, causes=rows)


def _by_cause(moved: Sequence[Moved], paths: Sequence[Path]) -> dict[str, list[Path]]:
    """Return where two scenarios differ, by what has moved there; all that has not is the rest."""
    of_moved: dict[Path, str] = {}
    for each in moved:
        if each.moved and each.cause == STAFF and each.name.endswith(".plan"):
            pool = path_of(each.name)[:-1]
            of_moved |= {(*pool, name): STAFF for name in DUTY}
        elif each.moved:
            # Of a profile all members: they are relative to each other.
            of_moved[path_of(index_of(each.name) or each.name)] = each.cause
    found: dict[str, list[Path]] = {}
    for path in paths:
        cause = next((of_moved[path[:end]] for end in range(len(path), 0, -1) if path[:end] in of_moved), REST)
        found.setdefault(cause, []).append(path)
    return found


def _office_between(before: dict[str, Any], now: dict[str, Any], taken: Sequence[Path]) -> Office:
    """Return the older office with some of what has changed."""
    data = copy.deepcopy(before)
    for path in taken:
        put(data, path, at(now, path))
    return registration_office(scenario_from_dict(data))
