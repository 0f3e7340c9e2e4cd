"""The columns of times of a file: which way round their dates are, days put to clocks, all on the office's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.office.problems import shown
from sim.office.workdays import WEEKEND
from sim.studies.calibrate.log.report import Done, short
from sim.studies.calibrate.log.steps import I64, Flags
from sim.studies.calibrate.reading.mapping import SINCE, FileMapping
from sim.studies.calibrate.reading.moments import (
    DAY,
    HOUR,
    MINUTE,
    MISSING,
    NO_ZONE,
    NUMBER,
    SECOND,
    Moments,
    blank_in,
    moments_of,
    since_epoch,
)
from sim.studies.calibrate.reading.unpacked import stop
from sim.text import Message

TIMES = ("queued", "started", "ended")
DURATION = "duration"
FIRST, LAST = (int(np.datetime64(text, "ms").astype(np.int64)) for text in ("0001-01-02", "9999-12-30T23:59:59"))
_UNITS = {"seconds": SECOND, "minutes": MINUTE, "days": DAY}
_UNIX_ZERO = datetime(1970, 1, 1)
_EPOCHS = {"days": datetime(1899, 12, 30)}
"""From which is counted if nothing is said, where not from 1970."""
SINCE_1904 = 1462 * DAY
"""By which days that a spreadsheet counts from 1904 are later than those counted from 1900."""
FEWEST_SERIALS, MOST_WEEKENDS = 100, 0.1
"""Numbers of days of which it can be said where they are counted from; share of them on weekends from which on they
are looked at."""
WIDEST = 60
"""Minutes by which the zones of a file may differ, as in summer and winter."""
_DAY_FIRST, _MONTH_FIRST = "'%d/%m/%Y %H:%M'", "'%m/%d/%Y %H:%M'"
MOSTLY = 0.9
"""Share of a column's cells that are no times, from which on the column is taken for the wrong one."""


class Finder(Protocol):
    """Notes what was found in some rows."""

    def __call__(
        self, kind: str, where: Flags, done: Done, about: str = "", values: pa.ChunkedArray | None = None
    ) -> None:
        """Note it, with the values of a column as examples."""


def moments_in(
    columns: Mapping[str, pa.ChunkedArray], mapping: FileMapping, file: Path, find: Finder, headings: Mapping[str, str]
) -> tuple[dict[str, I64], dict[str, Flags]]:
    """Read the columns of times of a file.

    Parameters
    ----------
    columns : mapping of str to pyarrow.ChunkedArray
        Texts by field; those of `TIMES` and ``date`` are read.
    mapping : FileMapping
    file : Path
        For messages.
    find : Finder
        Takes note of what is odd.
    headings : mapping of str to str
        As messages show them, by field.

    Returns
    -------
    millis : dict of str to (rows,) int64
        By field of `TIMES`, ms since 1970-01-01 00:00 of the office's clock; `MISSING` = none.
    blank : dict of str to (rows,) bool
        Likewise, whether there is a column for it and nothing in the cell, neither a time nor anything else.

    Raises
    ------
    ScenarioError
        If a column holds no times, or it cannot be told what they mean.
    """
    texts = {field: columns[field] for field in TIMES if field in columns}
    read = {field: _read(text, mapping, field) for field, text in texts.items()}
    # Where all times tell their day, a column of days may hold anything.
    if "date" in columns and any(moments.clock_only.any() for moments in read.values()):
        texts["date"] = columns["date"]
        read["date"] = _read(texts["date"], mapping, "date")
    _order_of_date(read, texts, file, headings)
    days = read.pop("date", None)
    for field, moments in read.items():
        _check(moments, texts[field], file, headings[field], needs_day=days is None)
    if days is not None:
        _check(days, texts["date"], file, headings["date"], needs_day=True)
        _put_to_days(read, days)
        find("unreadable_time", days.unreadable, "missing", "date", texts["date"])
    rows = len(next(iter(texts.values())))
    shift = mapping.shift_weeks * 7 * DAY + round(mapping.shift_hours * HOUR)
    _check_zones(read, mapping, file)
    _check_serials(read, file)
    changed = _on_one_clock(read, rows, mapping.time_zone)
    find("clock_change", changed, "corrected", "", texts[next(iter(read))])
    for field, moments in read.items():
        find("unreadable_time", moments.unreadable, "missing", field, texts[field])
        find("serial_time", moments.serial, "kept", field, texts[field])
        find("day_only", moments.day_only, "kept", field, texts[field])
        if not (mapping.shift_hours or mapping.time_zone):
            find("utc_time", moments.utc, "kept", field, texts[field])
    millis = {field: np.full(rows, MISSING, np.int64) for field in TIMES}
    for field, moments in read.items():
        there = moments.millis != MISSING
        moved = np.where(there, moments.millis + np.where(there, shift, 0), MISSING)
        beyond = there & ((moved < FIRST) | (moved > LAST))
        find("far_time", beyond, "missing", field, texts[field])
        millis[field] = np.where(beyond, MISSING, moved)
    nowhere = np.zeros(rows, np.bool_)
    return millis, {field: read[field].empty if field in read else nowhere for field in TIMES}


def add_lengths(
    millis: dict[str, I64], text: pa.ChunkedArray, gave_up: Flags, mapping: FileMapping, file: Path, find: Finder,
    heading: str,
) -> None:  # fmt: skip
    """Put the end of service, or its beginning, where the other and a length are told; `millis` is changed.

    Who gave up was not served, and what took no time need not have been.

    Raises
    ------
    ScenarioError
        If the column holds no lengths, or numbers of which nothing says what they are.
    """
    texts = pc.utf8_trim_whitespace(text)
    length, empty = np.full(len(texts), MISSING, np.int64), blank_in(texts, mapping.nothing)
    number: Flags = pc.match_substring_regex(texts, NUMBER).to_numpy()
    clock: Flags = pc.match_substring_regex(texts, r"^\d{1,5}:[0-5]\d:[0-5]\d(\.\d{1,9})?$").to_numpy()
    if number.any():
        if mapping.duration_unit is None:
            raise stop("column {column} tells how long service takes; write in the mapping what the numbers are, {how} "
                       "or minutes", file, column=heading, how="'duration_unit: seconds'")  # fmt: skip
        values = pc.cast(pc.filter(texts, number), pa.float64()).to_numpy()
        inside = (values >= 0) & (values < 1e9)
        length[np.flatnonzero(number)[inside]] = np.rint(values[inside] * _UNITS[mapping.duration_unit])
    for row in np.flatnonzero(clock):
        hours, minutes, seconds = texts[int(row)].as_py().split(":")
        length[row] = round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * SECOND)
    wrong = (length == MISSING) & ~empty
    if wrong.sum() > MOSTLY * (~empty).sum():
        raise stop("column {column} holds no lengths of service, but {value}; write numbers, or h:mm:ss", file,
                   column=heading, value=shown(short(texts[int(np.argmax(wrong))].as_py())))  # fmt: skip
    find("unreadable_time", wrong, "missing", DURATION, texts)
    for told, other, sign in (("started", "ended", 1), ("ended", "started", -1)):
        known = (length > 0) & ~gave_up & (millis[told] != MISSING) & (millis[other] == MISSING)
        find("from_length", known, "kept", other, texts)
        millis[other] = np.where(known, millis[told] + sign * np.where(known, length, 0), millis[other])


def _read(text: pa.ChunkedArray, mapping: FileMapping, field: str) -> Moments:
    form = mapping.date_format if field == "date" else mapping.time_format
    if form in SINCE:
        epoch = mapping.epoch or _EPOCHS.get(form, _UNIX_ZERO)
        return since_epoch(text, _UNITS[form], round((epoch - _UNIX_ZERO).total_seconds() * SECOND), mapping.nothing)
    return moments_of(text, form, mapping.nothing)


def _order_of_date(
    read: Mapping[str, Moments], texts: Mapping[str, pa.ChunkedArray], file: Path, headings: Mapping[str, str]
) -> None:
    """Find out whether 03/01/2023 is in January or in March: the same in all columns of a file."""
    first: dict[str, Message] = {}
    for field, moments in read.items():
        for which, where in zip(("day", "month", "either"), moments.orders(), strict=True):
            if which not in first and where.any():
                value = shown(texts[field][int(np.argmax(where))].as_py())
                first[which] = Message("{value} in column {column}", value=value, column=headings[field])
    if "day" in first and "month" in first:
        raise stop(
            "the day comes first in {day}, but the month in {month}; write the time_format, such as {first} or "
            "{second}", file, day=first["day"], month=first["month"], first=_DAY_FIRST, second=_MONTH_FIRST,
        )  # fmt: skip
    if "either" in first and len(first) == 1:
        raise stop(
            "day and month cannot be told apart: {either}; write the time_format, such as {first} or {second}", file,
            either=first["either"], first=_DAY_FIRST, second=_MONTH_FIRST,
        )  # fmt: skip
    for moments in read.values():
        moments.decide(month_first="month" in first)


def _check(moments: Moments, texts: pa.ChunkedArray, file: Path, heading: str, *, needs_day: bool) -> None:
    """Raise an error if a column holds next to no times, or clocks without a day."""
    cells = int((~moments.empty).sum())
    clocks = moments.clock_only & needs_day
    faults = moments.unreadable | clocks
    if cells and faults.sum() > MOSTLY * cells:
        value = shown(short(texts[int(np.argmax(faults))].as_py()))
        if clocks.sum() > moments.unreadable.sum():
            raise stop("column {column} tells a clock without a day, as {value}; write {right}", file, column=heading,
                       value=value, right="'columns: {date: HEADING}'")  # fmt: skip
        raise stop("column {column} holds no times that are recognised, but {value}; write the time_format", file,
                   column=heading, value=value)  # fmt: skip
    if needs_day:
        moments.unreadable |= clocks
        moments.millis[clocks] = MISSING
        moments.clock_only &= ~clocks


def _put_to_days(read: Mapping[str, Moments], days: Moments) -> None:
    """Put clocks without a day to the day of their row; one long before the one before it is of the next day."""
    known = days.millis != MISSING
    midnight = np.where(known, days.millis - np.where(known, days.millis, 0) % DAY, MISSING)
    before = np.full(len(midnight), MISSING, np.int64)
    for field in (field for field in TIMES if field in read):
        moments = read[field]
        alone = moments.clock_only
        millis = np.where(alone & known, np.where(known, midnight, 0) + moments.millis, moments.millis)
        millis[alone & ~known] = MISSING
        there = (before != MISSING) & (millis != MISSING)
        past_midnight = alone & there & (np.where(there, before - millis, 0) > DAY // 2)
        millis[past_midnight] += DAY
        moments.millis = millis
        before = np.where(millis != MISSING, millis, before)


def _check_zones(read: Mapping[str, Moments], mapping: FileMapping, file: Path) -> None:
    """Raise an error if the times of a file are in zones that no one office has."""
    told = [of.zone[(of.zone != NO_ZONE) & (of.millis != MISSING)] for of in read.values() if of.zone is not None]
    zones, counts = np.unique(np.concatenate(told) if told else np.empty(0, np.int16), return_counts=True)
    if mapping.time_zone is None and len(zones) > 1 and int(zones[-1]) - int(zones[0]) > WIDEST:
        there = ", ".join(f"{_zone_name(int(zone))} ({count})" for zone, count in zip(zones, counts, strict=True))
        raise stop("times are in several zones: {zones}; write in the mapping the office's own, {how}", file,
                   zones=there, how="'time_zone: \"+08:00\"'")  # fmt: skip


def _zone_name(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _check_serials(read: Mapping[str, Moments], file: Path) -> None:
    """Raise an error if numbers of days are of working days only when they are counted from 1904."""
    millis = np.concatenate([moments.millis[moments.serial] for moments in read.values()])
    # 1970-01-01 was a Thursday.
    weekends, later = (
        ((at // DAY + 3) % 7 >= WEEKEND).mean() if len(at) else 0.0 for at in (millis, millis + SINCE_1904)
    )
    if len(millis) >= FEWEST_SERIALS and weekends > max(2 * later, MOST_WEEKENDS):
        raise stop(
            "{number} times are numbers of days; counted from 1900 {share} % of them are on weekends, counted from "
            "1904 {later} %; write in the mapping from when, {how} or {other}", file, number=len(millis),
            share=round(100 * weekends), later=round(100 * later), how="'time_format: days', 'epoch: 1904-01-01 00:00'",
            other="'epoch: 1899-12-30 00:00'",
        )  # fmt: skip


def _on_one_clock(read: Mapping[str, Moments], rows: int, time_zone: str | None) -> Flags:
    """Put moments on one clock, and return in which rows it was changed.

    The clock is that of a zone; if that is not given, of the first moment of each row.
    """
    changed = np.zeros(rows, np.bool_)
    first = np.full(rows, NO_ZONE, np.int64)
    if time_zone is not None:
        hours, minutes = map(int, time_zone[1:].split(":"))
        target = (60 * hours + minutes) * (-1 if time_zone[0] == "-" else 1)
    for moments in (read[field] for field in TIMES if field in read):
        zone = np.full(rows, NO_ZONE, np.int64) if moments.zone is None else moments.zone.astype(np.int64)
        zone = np.where(moments.utc, 0, zone)
        told = (zone != NO_ZONE) & (moments.millis != MISSING)
        if time_zone is not None:
            moments.millis[told] += (target - zone[told]) * MINUTE
            continue
        told &= ~moments.utc
        other = told & (first != NO_ZONE) & (first != zone)
        moments.millis[other] += (first[other] - zone[other]) * MINUTE
        moments.utc |= told & (zone == 0)
        changed |= other
        first = np.where(told & (first == NO_ZONE), zone, first)
    return changed
