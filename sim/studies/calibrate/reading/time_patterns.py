"""How a text tells a time: the forms that are recognised, and those that a strptime pattern describes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from sim.text import Message

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MORNING, _AFTERNOON = "AM|am|A\\.M\\.|a\\.m\\.|上午|凌晨|早上", "PM|pm|P\\.M\\.|p\\.m\\.|下午|晚上|中午"
_HALF = f"{_MORNING}|{_AFTERNOON}"
# Hours alone only east of UTC: 09:00-10 may be a time of an appointment.
_ZONE = r"Z|UTC|GMT|[+-]\d\d:?\d\d|\+\d\d"
_MONTH_NAME = r"(?:[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec)[A-Za-z]*\.?"

# Groups: Y y year, m month, d day, a b day and month in an order that is to be found, N month's name, H M S clock,
# f fraction of a second, p q half of the day, z zone, s ms seconds and milliseconds since 1970, x Excel's days.
_DATES = (
    r"(?P<Y>\d{4})\s*(?:[-/.]|年)\s*(?P<m>\d{1,2})\s*(?:[-/.]|月)\s*(?P<d>\d{1,2})\s*[日号]?",
    r"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)",
    r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<Y>\d{4})",
    rf"(?P<d>\d{{1,2}})[-/ ](?P<N>{_MONTH_NAME})[-/, ]+(?P<Y>\d{{4}})",
    rf"(?P<N>{_MONTH_NAME})\s+(?P<d>\d{{1,2}}),?\s+(?P<Y>\d{{4}})",
)
_WEEKDAY = r"(?:\s*[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?)?"
_BETWEEN = r"(?:\s*T\s*|\s*,\s*|\s+|(?<=[日号]))"
_CLOCK = (
    rf"(?:(?P<p>{_HALF})\s*)?(?P<H>\d{{1,2}})\s*(?:[:：]|时|点)\s*(?P<M>\d{{1,2}})\s*"
    rf"(?:(?:[:：]|分)\s*(?:(?P<S>\d{{1,2}})(?:[.,](?P<f>\d{{1,9}}))?\s*秒?)?)?(?:\s*(?P<q>{_HALF}))?"
)
_COMPACT_CLOCK = r"(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d)(?:\.(?P<f>\d{1,9}))?"
_ALONE = (
    _CLOCK,
    r"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?P<H>\d\d)(?P<M>\d\d)(?:(?P<S>\d\d)(?P<f>\d{3})?)?",
    r"(?P<s>\d{10}(?:\.\d{1,9})?)",
    r"(?P<ms>\d{13})",
    r"(?P<x>\d{5}(?:\.\d{1,12})?)",
)
RECOGNISED = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        *(rf"{date}{_WEEKDAY}(?:{_BETWEEN}{_CLOCK}(?:\s*(?P<z>{_ZONE}))?)?" for date in _DATES),
        rf"{_DATES[1]}(?:T|\s+){_COMPACT_CLOCK}(?P<z>{_ZONE})?",
        *_ALONE,
    )
)
"""Forms that are tried in this order; all hold digits as \\d only, so that a form fits a shape, not a value."""

_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d\d)", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})", "e": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})", "k": r"(?P<H>\d{1,2})", "I": r"(?P<H>\d{1,2})", "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})", "f": r"(?P<f>\d{1,9})", "p": rf"(?P<p>{_HALF})", "z": rf"(?P<z>{_ZONE})",
    "b": rf"(?P<N>{_MONTH_NAME})", "B": rf"(?P<N>{_MONTH_NAME})", "a": r"[^\W\d]+\.?", "A": r"[^\W\d]+\.?", "%": "%",
}  # fmt: skip
_SHORT = {"%T": "%H:%M:%S", "%F": "%Y-%m-%d", "%R": "%H:%M", "%D": "%m/%d/%y"}
_WHOLE_DATES = ({"Y", "m", "d"}, {"y", "m", "d"}, {"Y", "N", "d"}, {"y", "N", "d"})


@dataclass(frozen=True)
class TimePattern:
    """A strptime pattern as a regular expression.

    Attributes
    ----------
    regex : re.Pattern
    fault : Message or None
        What is wrong with the pattern.
    """

    regex: re.Pattern[str]
    fault: Message | None = None


@lru_cache(maxsize=64)
def pattern_of(text: str) -> TimePattern:
    """Return what a strptime pattern describes; all digits of a field may be there or, for one of two, only one."""
    for short, long in _SHORT.items():
        text = text.replace(short, long)
    parts = re.findall(r"%.|[^%]|%", text, re.DOTALL)
    regex, fault = "", None
    for place, part in enumerate(parts):
        if part[0] != "%":
            regex += r"\s+" if part.isspace() else re.escape(part)
            continue
        known = _DIRECTIVES.get(part[1:])
        if known is None:
            fault = fault or Message("{field} is no field of a time that is read here", field=part)
            continue
        # Where fields touch, only their full width tells where one ends.
        touches = any(0 <= at < len(parts) and parts[at][0] == "%" for at in (place - 1, place + 1))
        regex += known.replace("{1,2}", "{2}") if touches else known
    groups = re.findall(r"\?P<(\w+)>", regex)
    if len(groups) != len(set(groups)):
        return TimePattern(re.compile(""), fault or Message("a field is there twice"))
    dates = {"Y", "y", "m", "N", "d"} & set(groups)
    if not fault and dates and dates not in _WHOLE_DATES:
        fault = Message("a date needs year, month and day")
    elif not fault and not dates and "H" not in groups:
        fault = Message("there is neither a date nor a clock in it")
    return TimePattern(re.compile(regex, re.ASCII), fault)


@dataclass(frozen=True)
class Plan:
    """Where the fields of a time are in texts of one shape.

    Attributes
    ----------
    at : dict of str to (int, int)
        First byte and the one after the last, by the name of the group.
    month : int
        If its name is in the shape, else 0.
    afternoon : bool or None
        If a half of the day is in the shape.
    zone_sign : int
        0 = UTC, 1 = east, -1 = west.
    """

    at: dict[str, tuple[int, int]] = field(default_factory=dict)
    month: int = 0
    afternoon: bool | None = None
    zone_sign: int = 0


def plan_of(text: str, patterns: tuple[re.Pattern[str], ...]) -> Plan | None:
    """Return where the fields are in a text, None if no pattern fits it; the same for all texts of its shape."""
    for pattern in patterns:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        at = {
            name: (len(text[: found.start(name)].encode()), len(text[: found.end(name)].encode()))
            for name, value in found.groupdict().items()
            if value is not None
        }
        told = {name: found[name] for name in at}
        half = told.get("p") or told.get("q")
        zone = told.get("z", "Z")
        return Plan(
            at=at,
            month=MONTHS.index(told["N"][:3].lower()) + 1 if "N" in told else 0,
            afternoon=None if half is None else re.fullmatch(_AFTERNOON, half) is not None,
            zone_sign=0 if zone[0] not in "+-" else 1 if zone[0] == "+" else -1,
        )
    return None
