"""Times as text to moments: a million of them at once, in whatever forms they are mixed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.studies.calibrate.log.steps import I64, Flags
from sim.studies.calibrate.reading.time_patterns import RECOGNISED, Plan, pattern_of, plan_of

Bytes = NDArray[np.uint8]
I16 = NDArray[np.int16]

MISSING = int(np.iinfo(np.int64).min)
"""A moment that there is none of."""
NO_ZONE = int(np.iinfo(np.int16).min)
DAY, HOUR, MINUTE, SECOND = 86_400_000, 3_600_000, 60_000, 1000
"""[ms]"""
LONGEST = 64
"""Bytes that the text of a time may have."""
BLOCK = 1 << 16
"""Rows that are read at a time, so that what they need on the way stays small."""
MOST_PLANS = 10_000
EARLIEST_ZONE, LATEST_ZONE = -12 * 60, 14 * 60
"""Minutes east of UTC that there are."""
_EXCEL_ZERO = 25_569
"""Excel's number of 1970-01-01."""
_ZERO = ord("0")
NUMBER = r"^[-+]?\d{1,13}(\.\d{0,20})?([eE][-+]?\d{1,2})?$"


@dataclass
class Moments:
    """The times of a column.

    Attributes
    ----------
    millis : (rows,) int64
        Milliseconds since 1970-01-01 00:00 of the local clock; `MISSING` = none.
    month_first : (rows,) int64 or None
        The same, if in dates such as 03/01/2023 the month is the first number; None = there are none such.
    empty, unreadable, day_only, clock_only, utc, serial : (rows,) bool
        Nothing in the cell; something that is no time; a date without a clock; a clock without a date, its millis
        counted from midnight; a count since 1970, which is of UTC; a spreadsheet's number of days, taken from 1900.
    zone : (rows,) int16 or None
        Minutes east of UTC, where told; `NO_ZONE` = not told; None = nowhere told.
    """

    millis: I64
    empty: Flags
    unreadable: Flags
    day_only: Flags
    clock_only: Flags
    utc: Flags
    serial: Flags
    month_first: I64 | None = None
    zone: I16 | None = None

    @classmethod
    def none(cls, empty: Flags) -> Moments:
        """Return a column of which nothing has been read but which cells are empty."""
        return cls(np.full(len(empty), MISSING, np.int64), empty, *np.zeros((5, len(empty)), np.bool_))

    def orders(self) -> tuple[Flags, Flags, Flags]:
        """Return where only the day can come first, where only the month, and where either."""
        if self.month_first is None:
            nowhere = np.zeros(len(self.millis), np.bool_)
            return nowhere, nowhere, nowhere
        day, month = self.millis != MISSING, self.month_first != MISSING
        differ = self.millis != self.month_first
        return day & ~month, month & ~day, day & month & differ

    def decide(self, month_first: bool) -> None:
        """Take dates such as 03/01/2023 for one of the two; those that cannot be are unreadable."""
        if self.month_first is None:
            return
        if month_first:
            self.millis = self.month_first
        self.month_first = None
        self.unreadable |= (self.millis == MISSING) & ~self.empty


def moments_of(texts: pa.ChunkedArray, time_format: str, nothing: Collection[str]) -> Moments:
    """Read a column of times.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of large_string
    time_format : str
        ``auto`` or a strptime pattern.
    nothing : collection of str
        Words that stand for nothing, in small letters.

    Notes
    -----
    Texts of the same length that have the same characters wherever one of them has no digit are of one shape. The
    first of each shape is read by a regular expression, which tells where the fields are; the others are read by
    arithmetic on the same bytes.
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    patterns = RECOGNISED if time_format == "auto" else (pattern_of(time_format).regex,)
    found = Moments.none(blank_in(trimmed, nothing))
    plans: dict[bytes, Plan | None] = {}
    begin = 0
    for chunk in trimmed.chunks:
        for start in range(0, len(chunk), BLOCK):
            block = chunk.slice(start, BLOCK)
            told = ~found.empty[begin + start : begin + start + len(block)]
            for rows, matrix in _of_one_shape(block, told):
                _read_shape(found, begin + start + rows, matrix, plans, patterns)
            # None is as long as that.
            long = pc.greater(pc.binary_length(block), LONGEST).to_numpy(zero_copy_only=False)
            found.unreadable[begin + start + np.flatnonzero(long & told)] = True
        begin += len(chunk)
    return found


def since_epoch(texts: pa.ChunkedArray, unit_ms: int, epoch_ms: int, nothing: Collection[str]) -> Moments:
    """Read a column of numbers counted from a moment.

    Parameters
    ----------
    texts : pyarrow.ChunkedArray of large_string
    unit_ms, epoch_ms : int
        Unit of the numbers, and the moment in ms since 1970-01-01 00:00 of the local clock.
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    number = pc.match_substring_regex(trimmed, NUMBER)
    good: Flags = number.to_numpy()
    found = Moments.none(blank_in(trimmed, nothing) & ~good)
    values = pc.cast(pc.filter(trimmed, number), pa.float64()).to_numpy()
    millis = np.rint(values * unit_ms)
    # Beyond the years that a date can have there is nothing to tell.
    inside = np.abs(millis) < 3e14
    found.millis[np.flatnonzero(good)[inside]] = millis[inside].astype(np.int64) + epoch_ms
    found.unreadable = ~found.empty & (found.millis == MISSING)
    return found


def blank_in(texts: pa.ChunkedArray, nothing: Collection[str]) -> Flags:
    """Return which texts are words that stand for nothing, these given in small letters."""
    flags: Flags = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(sorted(nothing), pa.large_string())).to_numpy()
    return flags


def _of_one_shape(texts: pa.LargeStringArray, told: Flags) -> Iterator[tuple[I64, Bytes]]:
    """Yield the rows of each shape, of those that tell something, with their bytes; none longer than `LONGEST`."""
    _, ends, data = texts.buffers()
    offsets = np.frombuffer(ends, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    characters = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    lengths = np.diff(offsets)
    for length in np.unique(lengths[told & (lengths <= LONGEST)]):
        rows = np.flatnonzero(told & (lengths == length))
        matrix = characters[offsets[rows][:, None] + np.arange(length)]
        shapes = np.where(matrix - _ZERO < 10, np.uint8(_ZERO), matrix)
        if (shapes == shapes[0]).all():
            yield rows, matrix
            continue
        _, first, group = np.unique(_hashed(shapes), return_index=True, return_inverse=True)
        order = np.argsort(group, kind="stable")
        for number, members in enumerate(np.split(order, np.cumsum(np.bincount(group))[:-1])):
            # Two shapes with one hash are next to impossible by chance, yet a text must not be read as another's shape.
            same = (shapes[members] == shapes[first[number]]).all(axis=1)
            yield rows[members[same]], matrix[members[same]]
            for other in members[~same]:
                yield rows[[other]], matrix[[other]]


def _hashed(shapes: Bytes) -> NDArray[np.uint64]:
    weights = np.random.Generator(np.random.PCG64(7)).integers(1, 2**63, shapes.shape[1], np.uint64) | np.uint64(1)
    total = np.zeros(len(shapes), np.uint64)
    for place, weight in enumerate(weights):
        total += shapes[:, place] * weight
    return total


def _read_shape(
    found: Moments, rows: I64, matrix: Bytes, plans: dict[bytes, Plan | None], patterns: tuple[re.Pattern[str], ...]
) -> None:
    """Read texts of one shape."""
    raw = matrix[0].tobytes()
    shape = bytes(_ZERO if _ZERO <= byte < _ZERO + 10 else byte for byte in raw)
    plan = plans[shape] if shape in plans else plan_of(raw.decode("utf-8", "replace"), patterns)
    if len(plans) < MOST_PLANS:
        plans[shape] = plan
    if plan is None:
        found.unreadable[rows] = True
    else:
        _take(found, rows, matrix, plan)


def _take(found: Moments, rows: I64, matrix: Bytes, plan: Plan) -> None:
    """Write down the moments that a plan finds in texts of its shape."""
    at = plan.at
    for unit in {"s", "ms", "x"} & set(at):
        millis = _counted(matrix[:, slice(*at[unit])], unit)
        found.utc[rows], found.serial[rows] = unit != "x", unit == "x"
        found.day_only[rows] = (unit == "x") & (millis % DAY == 0)
        _put(found, rows, millis)
        return
    clock, right = _clock(matrix, plan)
    zone = _zone(matrix, plan) if "z" in at else np.zeros(len(rows), np.int16)
    right &= (zone >= EARLIEST_ZONE) & (zone <= LATEST_ZONE)
    if "Y" not in at and "y" not in at:
        found.clock_only[rows] = right
        _put(found, rows, np.where(right, clock, MISSING))
        return
    year = _number(matrix, at["Y"]) if "Y" in at else _short_year(_number(matrix, at["y"]))
    found.day_only[rows] = "H" not in at
    if "a" in at:
        a, b = _number(matrix, at["a"]), _number(matrix, at["b"])
        _put(found, rows, _with_clock(_days(year, b, a), clock, right), _with_clock(_days(year, a, b), clock, right))
    else:
        month = _number(matrix, at["m"]) if "m" in at else np.full(len(rows), plan.month)
        _put(found, rows, _with_clock(_days(year, month, _number(matrix, at["d"])), clock, right))
    if "z" in at:
        if found.zone is None:
            found.zone = np.full(len(found.millis), NO_ZONE, np.int16)
        found.zone[rows] = zone


def _put(found: Moments, rows: I64, millis: I64, month_first: I64 | None = None) -> None:
    """Write down moments, and what they are if the month is the first number."""
    if month_first is not None and found.month_first is None:
        found.month_first = found.millis.copy()
    found.millis[rows] = millis
    found.unreadable[rows] = millis == MISSING
    if found.month_first is not None:
        other = millis if month_first is None else month_first
        found.month_first[rows] = other
        found.unreadable[rows] = (millis == MISSING) & (other == MISSING)


def _number(matrix: Bytes, at: tuple[int, int]) -> I64:
    """Return the number that digits tell, row by row."""
    value = np.zeros(len(matrix), np.int64)
    for place in range(*at):
        value = value * 10 + (matrix[:, place] - _ZERO)
    return value


def _clock(matrix: Bytes, plan: Plan) -> tuple[I64, Flags]:
    """Return the ms since midnight, and whether the clock can show them."""
    at = plan.at
    nothing = np.zeros(len(matrix), np.int64)
    hour, minute, second = (_number(matrix, at[name]) if name in at else nothing for name in "HMS")
    millis = nothing
    if "f" in at:
        width = at["f"][1] - at["f"][0]
        millis = np.rint(_number(matrix, at["f"]) * 10.0 ** (3 - width)).astype(np.int64)
    right = (minute < 60) & (second < 60) & ((hour < 24) | ((hour == 24) & (minute == 0) & (second == 0)))
    if plan.afternoon is not None:
        # Some write 14:05 PM.
        hour = np.where(hour < 12, hour + 12, hour) if plan.afternoon else np.where(hour == 12, 0, hour)
    return hour * HOUR + minute * MINUTE + second * SECOND + millis, np.asarray(right)


def _short_year(year: I64) -> I64:
    """Return the year of two digits, by the rule of POSIX."""
    return np.where(year < 69, year + 2000, year + 1900)


def _days(year: I64, month: I64, day: I64) -> I64:
    """Return the days since 1970-01-01, `MISSING` for what is not in the calendar."""
    right = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = (np.where(right, (year - 1970) * 12 + month - 1, 0)).astype("datetime64[M]")
    first, following = months.astype("datetime64[D]"), (months + np.timedelta64(1, "M")).astype("datetime64[D]")
    number = first.astype(np.int64) + day - 1
    return np.where(right & (number < following.astype(np.int64)), number, MISSING)


def _with_clock(days: I64, clock: I64, right: Flags) -> I64:
    good = right & (days != MISSING)
    return np.where(good, np.where(good, days, 0) * DAY + clock, MISSING)


def _counted(matrix: Bytes, unit: str) -> I64:
    """Return the ms since 1970 that a count of seconds, milliseconds or Excel's days tells."""
    dots = np.flatnonzero(matrix[0] == ord("."))
    whole = int(dots[0]) if len(dots) else matrix.shape[1]
    value = _number(matrix, (0, whole))
    part = _number(matrix, (whole + 1, matrix.shape[1])) * 10.0 ** -(matrix.shape[1] - whole - 1) if len(dots) else 0.0
    if unit == "ms":
        return value
    if unit == "s":
        return value * SECOND + np.rint(part * np.full(len(value), SECOND)).astype(np.int64)
    return (value - _EXCEL_ZERO) * DAY + np.rint(part * np.full(len(value), DAY)).astype(np.int64)


def _zone(matrix: Bytes, plan: Plan) -> I16:
    """Return the minutes east of UTC."""
    begin, end = plan.at["z"]
    if plan.zone_sign == 0:
        return np.zeros(len(matrix), np.int16)
    hours, minutes = _number(matrix, (begin + 1, begin + 3)), _number(matrix, (max(end - 2, begin + 3), end))
    return (plan.zone_sign * (hours * 60 + minutes)).astype(np.int16)
