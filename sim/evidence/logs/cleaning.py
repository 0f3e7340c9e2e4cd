"""Rows as they were read to a log: what cannot be is set to missing or left out, and all of it is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from sim.evidence.logs.linking import NEVER, links_nothing, unrelated
from sim.evidence.logs.log import (
    F64,
    GAVE_UP,
    I64,
    NOBODY,
    RETURNED,
    SERVED,
    STAFFED,
    STEPS,
    UNKNOWN,
    UNTOLD,
    Flags,
    StepLog,
)  # fmt: skip
from sim.evidence.logs.moments import DAY, MINUTE, MISSING
from sim.evidence.logs.oddities import note_oddities
from sim.evidence.logs.report import (
    CASE_PER_ROW,
    KEPT,
    LINKS_NOTHING,
    MISSING_NOW,
    NEEDS,
    NUMBERS_APART,
    OUTCOME_FROM_END,
    OUTCOME_FROM_START,
    RETURNED_FROM_REPEAT,
    LogReport,
    not_possible,
    together,
)  # fmt: skip
from sim.evidence.logs.rows import RawRows, Rows
from sim.evidence.logs.timing import TIMES
from sim.evidence.logs.xes import OUTCOME, XES
from sim.office.problems import Problem, ScenarioError

NEAR = 3 * 365 * DAY
MOST_SPREADS = 3
"""A time is far from all others if it is further from their middle half than `NEAR` and than so many times the length
of that half."""
CLOCK_CHANGE = (-60 * MINUTE, -30 * MINUTE)
"""What ends by so much before it begins looks as if the clock was set back by an hour in between."""
_EARLY, _LATE = (int(np.datetime64(day, "ms").astype(np.int64)) for day in ("1901-01-01", "2199-01-01"))
_EPOCH = datetime(1970, 1, 1)


def cleaned(parts: Sequence[RawRows]) -> tuple[StepLog, LogReport]:
    """Make a log of the rows of its files.

    Parameters
    ----------
    parts : sequence of RawRows
        At least one.

    Raises
    ------
    ScenarioError
        If no row is left.

    Notes
    -----
    Of moments in the wrong order the start of service is kept and the other is set to missing: where service ends
    before it begins, the wait is kept; where it begins before the case waits, the service is. A class that only some
    rows of a case tell is that of the others too.
    """
    rows = _together(parts)
    _remove_far(rows)
    _remove_starts_of_who_gave_up(rows)
    _remove_negative(rows)
    nothing = np.logical_and.reduce([getattr(rows, name) == MISSING for name in TIMES])
    rows.leave_out(nothing, "no_time")
    rows.leave_out(_repeated(rows), "duplicate")
    if not len(rows.row):
        raise _nothing_left(rows, parts)
    assumed = [CASE_PER_ROW] if rows.own.any() else []
    assumed += _fill_in_outcomes(rows, parts)
    rows.take(np.lexsort((_earliest(rows), rows.case)))
    if unrelated(rows.case, rows.file, rows.step, _earliest(rows)):
        rows.case = rows.case * len(parts) + rows.file
        rows.take(np.lexsort((_earliest(rows), rows.case)))
        assumed.append(NUMBERS_APART)
    elif not rows.own.any() and links_nothing(rows.case, rows.step):
        assumed.append(LINKS_NOTHING)
    rows.case = np.unique(rows.case, return_inverse=True)[1].astype(np.int64)
    assumed += _returned_from_repeats(rows)
    _spread_kinds(rows)
    note_oddities(rows, [set(part.read.columns) for part in parts])
    log = _log(rows, _servers(rows, parts))
    return log, _report(log, rows, parts, tuple(assumed))


def _together(parts: Sequence[RawRows]) -> Rows:
    """Put the rows of all files one after another; cases of the same name are one, unless a file has its own."""
    known: dict[str, int] = {}
    cases, used = [], 0
    shared = [part for part in parts if part.cases is not None and not part.own_cases]
    for part in parts:
        if part.cases is None or part.own_cases:
            cases.append(part.case + used)
            used += int(part.case.max(initial=-1)) + 1
        elif len(shared) == 1:
            cases.append(part.case + used)
            used += len(part.cases)
        else:
            numbers = np.empty(len(part.cases), np.int64)
            for at, name in enumerate(part.cases):
                numbers[at] = known.setdefault(name, -1 - len(known))
            cases.append(numbers[part.case] if len(numbers) else part.case)
    # Numbers of cases that files share are below zero until here, so that they meet no others.
    case = np.concatenate(cases)

    def column(name: str) -> I64:
        return np.concatenate([part.times.millis[name] for part in parts])

    def blank(name: str) -> Flags:
        none = [np.zeros(len(part.row), np.bool_) for part in parts]
        return np.concatenate([~part.times.told[name] if name in part.times.told else no
                               for part, no in zip(parts, none, strict=True)])  # fmt: skip

    lengths = [len(part.row) for part in parts]
    return Rows(
        names=tuple(part.read.name for part in parts),
        file=np.repeat(np.arange(len(parts), dtype=np.int16), lengths),
        row=np.concatenate([part.row for part in parts]),
        case=_by_first_row(case),
        step=np.concatenate([part.step for part in parts]),
        queued=column("queued"), started=column("started"), ended=column("ended"),
        outcome=np.concatenate([part.outcome for part in parts]),
        kind=np.concatenate([part.kind for part in parts]),
        server=np.concatenate([part.server for part in parts]),
        blank_start=blank("started"), blank_end=blank("ended"),
        own=np.repeat([part.cases is None for part in parts], lengths),
    )  # fmt: skip


def _by_first_row(case: I64) -> I64:
    """Return the numbers of cases in the order of the rows that they are first met in."""
    _, first, inverse = np.unique(case, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse] if len(case) else case


def _remove_far(rows: Rows) -> None:
    """Set moments to missing that are years away from all others, as 1900-01-01 and 9999-12-31 are."""
    moments = np.concatenate([getattr(rows, name) for name in TIMES])
    moments = moments[moments != MISSING]
    # The usual marks for nothing are not looked at, however many they are.
    usual = moments[(moments > _EARLY) & (moments < _LATE) & ((moments < 0) | (moments >= DAY))]
    usual = usual if len(usual) else moments
    if not len(usual):
        return
    low, high = np.quantile(usual, (0.25, 0.75))
    reach = max(MOST_SPREADS * (high - low), NEAR)
    for name in TIMES:
        column = getattr(rows, name)
        far = (column != MISSING) & ((column < low - reach) | (column > high + reach))
        rows.find("far_time", far, MISSING_NOW, name)
        column[far] = MISSING


def _remove_starts_of_who_gave_up(rows: Rows) -> None:
    """Take the call of somebody who had left for what it is: patience was over by then, who knows since when.

    Such a row keeps its start, the moment of the call, and has no end. An end before the call tells when he left, and
    then it is the call that tells nothing.
    """
    called = (rows.outcome == GAVE_UP) & (rows.started != MISSING)
    left_before = called & (rows.ended != MISSING) & (rows.ended < rows.started)
    rows.find("gave_up_but_started", called & ~left_before, KEPT)
    rows.find("gave_up_but_started", left_before, MISSING_NOW, "started")
    rows.started[left_before] = MISSING
    rows.ended[called & ~left_before] = MISSING


def _remove_negative(rows: Rows) -> None:
    """Set moments in the wrong order to missing."""
    for first, second, wrong, kind in (
        ("started", "ended", "ended", "negative_service"),
        ("queued", "started", "queued", "negative_wait"),
        ("queued", "ended", "ended", "negative_wait"),
    ):
        begin, end = getattr(rows, first), getattr(rows, second)
        both = (begin != MISSING) & (end != MISSING)
        length = np.where(both, end, 0) - np.where(both, begin, 0)
        negative = length < 0
        change = negative & (length >= CLOCK_CHANGE[0]) & (length < CLOCK_CHANGE[1])
        rows.find("clock_change", change, MISSING_NOW, wrong)
        rows.find(kind, negative & ~change, MISSING_NOW, wrong)
        getattr(rows, wrong)[negative] = MISSING


def _repeated(rows: Rows) -> Flags:
    """Return which rows are the same as an earlier one; without a case number nobody can say."""
    columns = [rows.case, rows.queued, rows.started, rows.ended, *(
        getattr(rows, name).astype(np.int64) for name in ("step", "outcome", "kind", "server")
    )]  # fmt: skip
    weights = np.random.Generator(np.random.PCG64(11)).integers(1, 2**63, len(columns), np.uint64) | np.uint64(1)
    mixed = np.zeros(len(rows.row), np.uint64)
    for column, weight in zip(columns, weights, strict=True):
        mixed = (mixed ^ column.view(np.uint64)) * weight
        mixed ^= mixed >> np.uint64(29)
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    earlier = first[inverse]
    again: Flags = (earlier != np.arange(len(earlier))) & ~rows.own
    for column in columns:
        again &= column == column[earlier]
    return again


def _nothing_left(rows: Rows, parts: Sequence[RawRows]) -> ScenarioError:
    read = sum(part.read.rows for part in parts)
    found = together([*(one for part in parts for one in part.findings), *rows.findings])
    why = ", ".join(f"{one.kind} {one.about}".strip().replace("_", " ") + f" {one.count}" for one in found
                    if one.done != KEPT)  # fmt: skip
    message = f"none of the {read} rows can be used: {why or 'there are none'}"
    return ScenarioError([Problem(parts[0].read.name, 1, 1, message)])


def _fill_in_outcomes(rows: Rows, parts: Sequence[RawRows]) -> list[str]:
    """Fill in how rows ended in files that never tell in words known, and return what is assumed for it."""
    assumed = []
    staffed = np.isin(rows.step, [STEPS.index(step) for step in STAFFED])
    for number, part in enumerate(parts):
        # Events tell who withdrew; of the others they tell no more than a table without the column.
        by_events = part.read.form == XES and part.read.columns.get("outcome", OUTCOME) == OUTCOME
        if (part.outcome != UNTOLD).any() and not by_events:
            continue
        here = (rows.file == number) & (rows.outcome == UNTOLD)
        for step in np.unique(rows.step[here]):
            at = here & (rows.step == step)
            # Where nobody is ever started, starts are not written down.
            if "started" in part.times.told and staffed[at][0] and not rows.blank_start[at].all():
                served, gave_up, why = at & (rows.started != MISSING), at & rows.blank_start, OUTCOME_FROM_START
            else:
                served, gave_up, why = at & (rows.ended != MISSING), np.zeros_like(at), OUTCOME_FROM_END
            rows.outcome[served], rows.outcome[gave_up] = SERVED, GAVE_UP
            assumed += [] if why in assumed else [why]
    return assumed


def _earliest(rows: Rows) -> I64:
    """Return the earliest moment of each row."""
    moments = [np.where(getattr(rows, name) == MISSING, NEVER, getattr(rows, name)) for name in TIMES]
    return np.asarray(np.minimum.reduce(moments))


def _returned_from_repeats(rows: Rows) -> list[str]:
    """Take reviews that another one of the case follows for sent back, in a log that never says so."""
    if (rows.outcome == RETURNED).any():
        return []
    review = np.flatnonzero(rows.step == STEPS.index("review"))
    again = review[:-1][rows.case[review[:-1]] == rows.case[review[1:]]]
    again = again[rows.outcome[again] != GAVE_UP]
    rows.outcome[again] = RETURNED
    return [RETURNED_FROM_REPEAT] if len(again) else []


def _spread_kinds(rows: Rows) -> None:
    """Give rows without a class that of the first row of their case that has one."""
    known = np.flatnonzero(rows.kind != UNKNOWN)
    cases, first = np.unique(rows.case[known], return_index=True)
    of_case = np.full(int(rows.case.max()) + 1, UNKNOWN, np.int8)
    of_case[cases] = rows.kind[known[first]]
    rows.kind = np.where(rows.kind == UNKNOWN, of_case[rows.case], rows.kind)


def _servers(rows: Rows, parts: Sequence[RawRows]) -> tuple[str, ...]:
    """Give servers of one name one number over all files, and return the names of those that have a row."""
    known: dict[str, int] = {}
    for number, part in enumerate(parts):
        here = np.flatnonzero((rows.file == number) & (rows.server != NOBODY))
        seen = np.unique(rows.server[here])
        numbers = np.full(len(part.servers), NOBODY, np.int32)
        for at in seen:
            numbers[at] = known.setdefault(part.servers[at], len(known))
        rows.server[here] = numbers[rows.server[here]]
    return tuple(known)


def _log(rows: Rows, servers: tuple[str, ...]) -> StepLog:
    first = int(_earliest(rows).min()) // DAY

    def minutes(name: str) -> F64:
        millis = getattr(rows, name)
        there = millis != MISSING
        return np.where(there, (np.where(there, millis, 0) - first * DAY) / MINUTE, np.nan)

    return StepLog(
        first_day=date(1970, 1, 1) + timedelta(days=first), case=rows.case, step=rows.step,
        queued=minutes("queued"), started=minutes("started"), ended=minutes("ended"), outcome=rows.outcome,
        kind=rows.kind, server=rows.server, cases=int(rows.case[-1]) + 1, servers=servers,
    )  # fmt: skip


def _report(log: StepLog, rows: Rows, parts: Sequence[RawRows], assumed: tuple[str, ...]) -> LogReport:
    first = int(_earliest(rows).min())
    last = max(int(getattr(rows, name).max()) for name in TIMES)
    missing = tuple(field for field in NEEDS if not any(field in part.read.columns for part in parts))
    counts = np.bincount(log.step, minlength=len(STEPS))
    return LogReport(
        files=tuple(part.read for part in parts),
        rows_read=sum(part.read.rows for part in parts),
        rows_kept=len(log),
        cases=log.cases,
        first=_EPOCH + timedelta(milliseconds=first),
        last=_EPOCH + timedelta(milliseconds=last),
        steps={step: int(count) for step, count in zip(STEPS, counts, strict=True) if count},
        missing=missing,
        cannot=not_possible(missing),
        assumed=assumed,
        words=tuple(word for part in parts for word in part.words),
        findings=together([*(one for part in parts for one in part.findings), *rows.findings]),
    )
