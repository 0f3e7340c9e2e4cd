"""Rows as they were read to a log: what cannot be is set to missing or left out, and all of it is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from sim.office.problems import ScenarioError, shown
from sim.studies.calibrate.log.report import FIELDS, LogReport, together
from sim.studies.calibrate.log.rows import (
    NEVER,
    FileRows,
    Rows,
    beginnings_anew,
    links_nothing,
    of_all_files,
    unrelated,
)
from sim.studies.calibrate.log.servers import number_servers
from sim.studies.calibrate.log.steps import (
    F64,
    GAVE_UP,
    I64,
    RETURNED,
    SERVED,
    STAFFED,
    STEPS,
    UNKNOWN,
    UNTOLD,
    Flags,
    StepLog,
)  # fmt: skip
from sim.studies.calibrate.reading.moments import DAY, MINUTE, MISSING, SECOND
from sim.studies.calibrate.reading.timing import TIMES
from sim.studies.calibrate.reading.unpacked import stop
from sim.studies.calibrate.reading.xes import OUTCOME, XES
from sim.text import Message

NEAR = 3 * 365 * DAY
MOST_SPREADS = 3
"""A time is far from all others if it is further from their middle half than `NEAR` and than so many times the length
of that half."""
LONGEST_LOG = 20 * 366 * DAY
MOST_SKEW = 2 * MINUTE
"""Clocks of one log that differ by more are wrong."""
FEWEST_SKEWED = 20
CLOCK_CHANGE = (-60 * MINUTE, -30 * MINUTE)
"""What ends by so much before it begins looks as if the clock was set back by an hour in between."""
HALF_HOUR = DAY // 48
FEWEST_STARTS = 200
"""Starts of service at a step from which its opening hours can be seen."""
HARDLY_OPEN = 0.02
"""A half-hour of the day in which fewer services start than this share of the busiest one's is taken for closed."""
FEWEST_DAYS = 10
HARDLY_ANYBODY = 0.05
"""A day is quiet if fewer rows are queued than this share of the median day's."""
_EARLY, _LATE = (int(np.datetime64(day, "ms").astype(np.int64)) for day in ("1901-01-01", "2199-01-01"))


def cleaned(parts: Sequence[FileRows]) -> tuple[StepLog, LogReport]:
    """Make a log of the rows of its files.

    Parameters
    ----------
    parts : sequence of FileRows
        At least one.

    Raises
    ------
    ScenarioError
        If no row is left.

    Notes
    -----
    Of moments in the wrong order the start of service is kept and the other is set to missing: where service ends
    before it begins, the wait is kept; where it begins before the case waits, the service is. If they are in the wrong
    order by no more than clocks differ, nothing has passed between them: to set these to missing would be to leave out
    the shortest. A class that only some rows of a case tell is that of the others too.
    """
    rows = of_all_files(parts)
    _remove_far(rows)
    _remove_starts_of_who_gave_up(rows)
    for number, part in enumerate(parts):
        _remove_negative(rows, rows.file == number, part)
    rows.leave_out(rows.earliest == NEVER, "no_time")
    rows.leave_out(_repeated(rows), "duplicate")
    if not len(rows.row):
        raise _nothing_left(rows, parts)
    _check_extent(rows, parts)
    assumed = ["case_per_row"] if rows.own.any() else []
    assumed += _fill_in_outcomes(rows, parts)
    rows.take(np.lexsort((rows.earliest, rows.case)))
    if unrelated(rows.case, rows.file, rows.step, rows.earliest):
        rows.case = rows.case * len(parts) + rows.file
        rows.take(np.lexsort((rows.earliest, rows.case)))
        assumed.append("numbers_apart")
    elif not rows.own.any() and links_nothing(rows.case, rows.step):
        assumed.append("links_nothing")
    by_file = [np.nan if part.numbers_again is None else float(part.numbers_again) for part in parts]
    told = np.array(by_file)[rows.file]
    anew = beginnings_anew(rows.case, rows.step, rows.earliest, told)
    if anew.any():
        rows.find("number_again", anew, "apart")
        assumed += ["numbers_again"] if np.isnan(told[anew]).any() else []
    rows.case = np.cumsum(anew | np.append(True, rows.case[1:] != rows.case[:-1])) - 1
    assumed += _returned_from_repeats(rows)
    _spread_kinds(rows)
    _note_oddities(rows, [set(part.read.columns) for part in parts])
    servers, apart = number_servers(rows, parts)
    assumed += apart
    numbered = "links_nothing" not in assumed and not rows.own[rows.step == STEPS.index("review")].any()
    log = _log(rows, servers, numbered)
    return log, _report(log, rows, parts, tuple(assumed))


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
        rows.find("far_time", far, "missing", name)
        column[far] = MISSING


def _check_extent(rows: Rows, parts: Sequence[FileRows]) -> None:
    """Raise an error if moments are so far apart that they are not all of one log."""
    moments = np.concatenate([getattr(rows, name) for name in TIMES])
    moments = moments[moments != MISSING]
    first, last = int(moments.min()), int(moments.max())
    if last - first > LONGEST_LOG:
        raise stop(
            "times go from {first} to {last}, more than {years} years; write the time_format, or leave out what is "
            "wrong", Path(parts[0].read.name), first=np.datetime64(first, "ms").astype("datetime64[D]"),
            last=np.datetime64(last, "ms").astype("datetime64[D]"), years=LONGEST_LOG // (366 * DAY),
        )  # fmt: skip


def _remove_starts_of_who_gave_up(rows: Rows) -> None:
    """Take the call of somebody who had left for what it is: patience was over by then, who knows since when.

    Such a row keeps its start, the moment of the call, and has no end. An end before the call tells when he left, and
    then it is the call that tells nothing.
    """
    called = (rows.outcome == GAVE_UP) & (rows.started != MISSING)
    left_before = called & (rows.ended != MISSING) & (rows.ended < rows.started)
    rows.find("gave_up_but_started", called & ~left_before, "kept")
    rows.find("gave_up_but_started", left_before, "missing", "started")
    rows.started[left_before] = MISSING
    rows.ended[called & ~left_before] = MISSING


def _remove_negative(rows: Rows, here: Flags, part: FileRows) -> None:
    """Set moments of a file that are in the wrong order to missing, or to one moment if that is the clocks' doing.

    Parameters
    ----------
    rows : Rows
    here : (rows,) bool
        Those of the file.
    part : FileRows
        The file.

    Raises
    ------
    ScenarioError
        If most are in the wrong order, so that one of them is not what it is taken for.
    """
    for first, second, wrong, kind in (
        ("started", "ended", "ended", "negative_service"),
        ("queued", "started", "queued", "negative_wait"),
        ("queued", "ended", "ended", "negative_wait"),
    ):
        begin, end = getattr(rows, first), getattr(rows, second)
        both = here & (begin != MISSING) & (end != MISSING)
        length = np.where(both, end, 0) - np.where(both, begin, 0)
        negative = length < 0
        skew = _clock_skew(-length[negative]) if part.clock_skew is None else round(part.clock_skew * SECOND)
        same = negative & (length >= -skew)
        if (wrong_way := int((negative & ~same).sum())) > max(both.sum() / 2, FEWEST_SKEWED):
            raise stop(
                "{number} of {rows} rows have {first} (column {one}) after {second} (column {other}); write in the "
                "mapping which is which, {how}", Path(part.read.name), number=wrong_way, rows=int(both.sum()),
                first=first, second=second, one=shown(part.read.heading(first)), other=shown(part.read.heading(second)),
                how=f"'columns: {{{first}: HEADING, {second}: HEADING}}'",
            )  # fmt: skip
        change = negative & ~same & (length >= CLOCK_CHANGE[0]) & (length < CLOCK_CHANGE[1])
        rows.find("clock_skew", same, "zero", f"{skew / SECOND:g}")
        rows.find("clock_change", change, "missing", wrong)
        rows.find(kind, negative & ~same & ~change, "missing", wrong)
        column, other = getattr(rows, wrong), getattr(rows, first if wrong == second else second)
        column[negative] = np.where(same, other, MISSING)[negative]


def _clock_skew(negative: I64) -> int:
    """Return by how much clocks differ [ms], from how far moments are in the wrong order.

    A second at least, as one of them may be cut off to seconds. More if most of the lengths are within two minutes:
    what was entered wrongly is not that near.
    """
    near = negative[negative <= MOST_SKEW]
    if len(near) < max(FEWEST_SKEWED, len(negative) / 2):
        return SECOND
    return max(int(np.quantile(near, 0.99)), SECOND)


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


def _nothing_left(rows: Rows, parts: Sequence[FileRows]) -> ScenarioError:
    """Return the error that no row is left, with what was wrong with them."""
    told = [
        Message("{finding} {count}", finding=one.what, count=one.count)
        for one in together(rows.findings) if one.done != "kept"
    ]  # fmt: skip
    why = told[0] if told else Message("there are none")
    for more in told[1:]:
        why = Message("{one}, {more}", one=why, more=more)
    number = sum(part.read.rows for part in parts)
    return stop("none of the {rows} rows can be used: {why}", Path(parts[0].read.name), rows=number, why=why)


def _fill_in_outcomes(rows: Rows, parts: Sequence[FileRows]) -> list[str]:
    """Fill in how rows ended in files that never tell in words known, and return what is assumed for it."""
    assumed = []
    staffed = np.isin(rows.step, [STEPS.index(step) for step in STAFFED])
    for number, part in enumerate(parts):
        # Events tell who withdrew; of the others they tell no more than a table without the column.
        by_events = part.read.form == XES and part.read.columns.get("outcome", OUTCOME) == OUTCOME
        if (part.rows.outcome != UNTOLD).any() and not by_events:
            continue
        here = (rows.file == number) & (rows.outcome == UNTOLD)
        for step in np.unique(rows.step[here]):
            at = here & (rows.step == step)
            # Where nobody is ever started, starts are not written down.
            if "started" in part.read.columns and staffed[at][0] and not rows.blank_start[at].all():
                served, gave_up, why = at & (rows.started != MISSING), at & rows.blank_start, "outcome_from_start"
            else:
                served, gave_up, why = at & (rows.ended != MISSING), np.zeros_like(at), "outcome_from_end"
            lies = gave_up & _lying_yet(rows, at) if STEPS[step] == "review" else np.zeros_like(at)
            rows.outcome[served], rows.outcome[gave_up & ~lies] = SERVED, GAVE_UP
            assumed += [each for each in (why, "lies_yet") if each not in assumed and (each == why or lies.any())]
    return assumed


def _lying_yet(rows: Rows, at: Flags) -> Flags:
    """Say what has neither start nor end, and has waited no longer as the log ends than others did: nobody gave up."""
    waits = _length(rows.queued[at], rows.started[at])
    end = max(int(getattr(rows, name).max()) for name in TIMES)
    waiting = (rows.queued != MISSING) & (rows.ended == MISSING)
    return np.asarray(waiting & (end - np.where(waiting, rows.queued, 0) <= waits.max(initial=0)))


def _returned_from_repeats(rows: Rows) -> list[str]:
    """Take reviews that another one of the case follows for sent back, in a log that never says so."""
    if (rows.outcome == RETURNED).any():
        return []
    review = np.flatnonzero(rows.step == STEPS.index("review"))
    again = review[:-1][rows.case[review[:-1]] == rows.case[review[1:]]]
    again = again[rows.outcome[again] != GAVE_UP]
    rows.outcome[again] = RETURNED
    return ["returned_from_repeat"] if len(again) else []


def _spread_kinds(rows: Rows) -> None:
    """Give rows without a class that of the first row of their case that has one."""
    known = np.flatnonzero(rows.kind != UNKNOWN)
    cases, first = np.unique(rows.case[known], return_index=True)
    of_case = np.full(int(rows.case.max()) + 1, UNKNOWN, np.int8)
    of_case[cases] = rows.kind[known[first]]
    rows.kind = np.where(rows.kind == UNKNOWN, of_case[rows.case], rows.kind)


def _note_oddities(rows: Rows, columns: Sequence[set[str]]) -> None:
    """Note what is odd, and leave it as it is.

    Parameters
    ----------
    rows : Rows
        Sorted by case and time.
    columns : sequence of set of str
        Fields that each file has a column for.
    """
    staffed = np.isin(rows.step, [STEPS.index(step) for step in STAFFED])
    served = np.isin(rows.outcome, (SERVED, RETURNED))
    tells_outcome = np.array(["outcome" in fields for fields in columns])[rows.file]
    rows.find("missing_start", staffed & served & tells_outcome & rows.blank_start, "kept")
    gone = (rows.outcome == GAVE_UP) & (rows.started != MISSING)
    rows.find("missing_end", rows.blank_end & (rows.ended == MISSING) & ~gone, "kept")
    left = (rows.outcome == GAVE_UP) & (rows.started == MISSING)
    wait = np.where(left, _length(rows.queued, rows.ended), _length(rows.queued, rows.started))
    service = _length(rows.started, rows.ended)
    rows.find("long_wait", staffed & (wait > DAY), "kept")
    rows.find("long_service", staffed & (service > DAY), "kept")
    rows.find("no_service_time", staffed & served & (service == 0), "kept")
    rows.find("overlap", _overlapping(rows), "kept")
    moment = np.where(rows.queued == MISSING, rows.started, rows.queued)
    for number, step in enumerate(STEPS):
        if step in STAFFED:
            rows.find("out_of_hours", _out_of_hours(rows, moment, rows.step == number), "kept", step)
    rows.find("quiet_day", _on_quiet_days(moment), "kept")


def _length(begin: I64, end: I64) -> I64:
    """Return the ms from one moment to another, -1 where one is missing."""
    both = (begin != MISSING) & (end != MISSING)
    return np.where(both, np.where(both, end, 0) - np.where(both, begin, 0), -1)


def _overlapping(rows: Rows) -> Flags:
    """Return which rows begin before an earlier one of the same case and step has ended."""
    begin = np.where(rows.queued == MISSING, rows.started, rows.queued)
    order = np.lexsort((begin, rows.step, rows.case))
    case, step, begin, end = (column[order] for column in (rows.case, rows.step, begin, rows.ended))
    found = np.zeros(len(order), np.bool_)
    same = (case[1:] == case[:-1]) & (step[1:] == step[:-1])
    found[order[1:]] = same & (begin[:-1] != MISSING) & (begin[1:] < end[:-1])
    return found


def _out_of_hours(rows: Rows, moment: I64, here: Flags) -> Flags:
    """Return which rows of a step are queued at a time of the day at which hardly any service starts."""
    nowhere = np.zeros(len(moment), np.bool_)
    started = rows.started[here & (rows.started != MISSING)]
    if len(started) < FEWEST_STARTS:
        return nowhere
    starts = np.bincount(started % DAY // HALF_HOUR, minlength=48)
    closed = starts < HARDLY_OPEN * starts.max()
    there = here & (moment != MISSING)
    nowhere[there] = closed[moment[there] % DAY // HALF_HOUR]
    return nowhere


def _on_quiet_days(moment: I64) -> Flags:
    """Return which rows are queued on a day on which hardly anybody else is."""
    there = moment != MISSING
    found = np.zeros(len(moment), np.bool_)
    _, day, counts = np.unique(moment[there] // DAY, return_inverse=True, return_counts=True)
    if len(counts) >= FEWEST_DAYS:
        found[there] = counts[day] < HARDLY_ANYBODY * np.median(counts)
    return found


def _log(rows: Rows, servers: tuple[str, ...], numbered: bool) -> StepLog:
    first = int(rows.earliest.min()) // DAY

    def minutes(name: str) -> F64:
        millis = getattr(rows, name)
        there = millis != MISSING
        return np.where(there, (np.where(there, millis, 0) - first * DAY) / MINUTE, np.nan)

    return StepLog(
        first_day=date(1970, 1, 1) + timedelta(days=first), case=rows.case, step=rows.step,
        queued=minutes("queued"), started=minutes("started"), ended=minutes("ended"), outcome=rows.outcome,
        kind=rows.kind, server=rows.server, cases=int(rows.case[-1]) + 1, servers=servers, numbered=numbered,
    )  # fmt: skip


def _report(log: StepLog, rows: Rows, parts: Sequence[FileRows], assumed: tuple[str, ...]) -> LogReport:
    return LogReport(
        files=tuple(part.read for part in parts),
        rows_read=sum(part.read.rows for part in parts),
        rows_kept=len(log),
        cases=log.cases,
        missing=tuple(field for field in FIELDS if not any(field in part.read.tells for part in parts)),
        assumed=assumed,
        words=tuple(word for part in parts for word in part.words),
        findings=together(rows.findings),
    )
