"""A log held against an older one: which figures have moved, and what that does to what is promised."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from statistics import NormalDist
from typing import Any

from sim.draws.draw import draw
from sim.engines.play import Engine
from sim.measures.judge import Rule
from sim.office.blocks import Office
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.replicate.gather import Progress
from sim.replicate.workers import available_cores
from sim.results.about import Interval, target_facts
from sim.studies.base import StudyError
from sim.studies.calibrate.changes import CauseOfChange, Change, Moved
from sim.studies.calibrate.fits.intervals import NORMAL
from sim.studies.calibrate.fits.scenarios import Path, at, path_of, put
from sim.studies.calibrate.records import SHARE, Calibration, Estimate
from sim.studies.shapley import FIRST, FIRST_IN_A_HURRY, LARGEST, WHOLES, contribute, figure_of

ERROR = 0.05
"""Chance that any figure is said to have moved if none has."""
DEMAND, MIX, TIMES, RETURNS, PATIENCE, STAFF, OTHER = CAUSES = (
    "demand", "mix", "times", "returns", "patience", "staff", "other",
)  # fmt: skip
"""Kinds of changes: how many come and when; who, and by which way; how long things take; what is sent back or called
again; how long people wait before they give up; hours and who is on duty; all else."""
RETURNING = ("review.return_rate", "review.return_factors", "review.incomplete", "phone.redial_share",
             "phone.redial_after_minutes")  # fmt: skip
MIXED = ("filing.assisted_share", "filing.studio_share", "phone.online_qa_share", "steps",
         "issue.electronic_share", "review.auto_approved_share", "demand.enterprise_share", "demand.key_share",
         "demand.inquiry_only_share", "demand.out_of_hours_share")  # fmt: skip
COMING = ("demand", "year", "calendar", "period", "phone.calls_per_application")
TAKING = ("minutes", "seconds", "hours", "talk_cv", "correction")
UNTOUCHED = ("name", "title", "target")
"""What the offices are called; and what is promised is the same for all of them."""


def cause_of(path: Path) -> str:
    """Return which kind of change a parameter is of, by its path in a scenario."""
    name = ".".join(str(step) for step in path)
    if path[0] in ("staff", "hours"):
        return STAFF
    if "patience" in name:
        return PATIENCE
    for cause, beginnings in ((RETURNS, RETURNING), (MIX, MIXED), (DEMAND, COMING)):
        if any(name == start or name.startswith((f"{start}.", f"{start}[")) for start in beginnings):
            return cause
    if path[0] in ("phone", "filing", "review", "issue", "steps") and any(word in name for word in TAKING):
        return TIMES
    # Kinds of callers, and who walks in.
    return MIX if name.startswith("phone.profiles") else OTHER


def moved_since(older: Sequence[Estimate], newer: Sequence[Estimate]) -> tuple[Moved, ...]:
    """Return the figures that both logs tell, and which have moved by more than chance explains in so many.

    Parameters
    ----------
    older, newer : sequence of Estimate
        Of two fits; those without an interval are passed over.

    Notes
    -----
    Each difference is held against both intervals, on the scale on which they were made: of log odds for shares, of
    logarithms for what is above 0. Over all of them by Holm's procedure (1979), A simple sequentially rejective
    multiple test procedure: whatever depends on what, the chance that anything is said to have moved that has not is
    `ERROR` at most, as far as the intervals hold.
    """
    known = {each.name: each for each in older if each.known and each.used}
    pairs = [(known[each.name], each) for each in newer if each.known and each.used and each.name in known]
    rows = [
        Moved(
            now.name, cause_of(path_of(now.name)), now.unit, before.value, before.low, before.high, now.value, now.low,
            now.high, _chance(before, now), False,
        )
        for before, now in pairs
    ]  # fmt: skip
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
        If no office lies between the two, or nobody comes whom the target is about.
    """
    moved = moved_since(older.estimates, record.estimates)
    changes: dict[str, list[Path]] = {}
    for path in changed_paths(older.scenario, record.scenario):
        changes.setdefault(cause_of(path), []).append(path)
    causes = [cause for cause in CAUSES if cause in changes]
    offices: dict[int, Office] = {}
    for coalition in range(2 ** len(causes)):
        taken = [path for bit, cause in enumerate(causes) if coalition >> bit & 1 for path in changes[cause]]
        offices[coalition] = _office_between(older.scenario, record.scenario, taken)

    def figures(replication: int, coalitions: Sequence[int]) -> Mapping[int, float]:
        return {
            coalition: figure_of(offices[coalition], draw(offices[coalition], seed, replication), engine)
            for coalition in coalitions
        }

    target = offices[0].target
    first, largest = (FIRST_IN_A_HURRY,) * 2 if hurry else (FIRST, LARGEST)
    rule = Rule(len(causes) + WHOLES, largest=largest, smallest=first)
    with ThreadPoolExecutor(jobs or available_cores()) as threads:
        try:
            found = contribute(len(causes), seed, figures, target, rule, threads, watch)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    mean, low, high = found.intervals(rule)
    ends = [Interval(*(float(end[place]) for end in (mean, low, high))) for place in range(len(mean))]
    rows = tuple(
        CauseOfChange(
            cause, end.estimate, end.low, end.high, sum(each.moved for each in moved if each.cause == cause),
            sum(each.cause == cause for each in moved),
        )
        for cause, end in zip(causes, ends[:-WHOLES], strict=True)
    )  # fmt: skip
    change = Change(
        since=older.name, first=older.log.first, last=older.log.last, error=ERROR, target=target_facts(target),
        before=ends[-1], now=ends[-2], replications=len(found.nobody), residual=found.residual,
    )  # fmt: skip
    return replace(record, change=change, moved=moved, causes=rows)


def _office_between(before: dict[str, Any], now: dict[str, Any], taken: Sequence[Path]) -> Office:
    """Return the older office with some of what has changed."""
    data = copy.deepcopy(before)
    for path in taken:
        put(data, path, at(now, path))
    try:
        return registration_office(scenario_from_dict(data))
    except ScenarioError as error:
        raise StudyError(*(problem.message for problem in error.problems)) from error
