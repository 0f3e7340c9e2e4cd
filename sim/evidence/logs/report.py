"""What was found in a log while it was read: what it tells and lacks, what was wrong, what was done about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

MOST_EXAMPLES = 3
MOST_WORDS = 40
"""Different words of a column, and findings about one, that a report names."""
LONGEST_VALUE = 80
"""Characters of a value that a report repeats."""

KEPT, MISSING_NOW, LEFT_OUT, REPLACED, CORRECTED, JOINED = (
    "kept", "missing", "left_out", "replaced", "corrected", "joined",
)  # fmt: skip
"""What was done: nothing, one of the row's moments set to missing, the row left out, characters replaced, times put in
one clock, the row joined with one before it."""

FINDINGS = (
    "undecodable", "mixed_encodings", "rows_above_headings", "wrong_number_of_fields", "blank_row", "broken_event",
    "other_event",
    "rounded_case", "no_case", "unknown_step", "ignored_step", "unknown_outcome", "unknown_kind", "duplicate",
    "unreadable_time", "far_time", "day_only", "utc_time", "clock_change", "negative_wait", "negative_service",
    "joined_session", "left_open",
    "no_time", "gave_up_but_started", "missing_start", "missing_end", "long_wait", "long_service", "no_service_time",
    "overlap", "out_of_hours", "quiet_day",
)  # fmt: skip
"""Kinds of findings:

``undecodable``
    Bytes that are no text in the encoding; each is replaced by a mark.
``mixed_encodings``
    Lines of a file of UTF-8 that are GB18030; read as such.
``rows_above_headings``
    Lines of a title before the headings.
``wrong_number_of_fields``, ``blank_row``, ``broken_event``
    No row of a log; an event of XES without a step or a time.
``other_event``
    An event of XES that neither queues, starts nor ends a step, such as a suspension; passed over.
``rounded_case``
    Case numbers that a spreadsheet has rounded to 15 digits, so that different ones may have become the same.
``no_case``, ``unknown_step``, ``ignored_step``, ``unknown_outcome``, ``unknown_kind``
    An empty case number; words that mean nothing known, or are to be ignored.
``duplicate``
    The same in all columns that are read as a row before it.
``unreadable_time``, ``far_time``, ``day_only``, ``utc_time``
    No time; years away from all others, as placeholders are; a date without a clock; a count since 1970 in UTC.
``clock_change``
    The clock was set forward or back within the row: by its zones, or because it ends about an hour before it begins.
``negative_wait``, ``negative_service``
    Moments in the wrong order.
``joined_session``, ``left_open``
    Where sessions are joined: a step taken up again; a session that ends on another day, its length not known.
``no_time``
    A row of which no moment is left.
``gave_up_but_started``
    Called up, but not there any more: the start is the moment at which that was seen, and is all that is known of the
    end, unless one before it is told.
``missing_start``, ``missing_end``
    A row that was served without a start, or that has begun and has no end.
``long_wait``, ``long_service``, ``no_service_time``
    More than a day; a service of no length.
``overlap``
    A row of a case that begins before an earlier one of the same step has ended.
``out_of_hours``, ``quiet_day``
    Queued at a time of the day at which, or on a day on which, hardly anybody else is.
"""

NEEDS = {
    "case": ("routing", "returns"),
    "queued": ("waits", "patience", "abandonment"),
    "started": ("waits", "patience", "service_times"),
    "ended": ("patience", "service_times"),
    "outcome": (),
    "kind": ("classes",),
    "server": ("staffing_by_name",),
}
"""What cannot be estimated without a column."""

CASE_PER_ROW, OUTCOME_FROM_START, OUTCOME_FROM_END, RETURNED_FROM_REPEAT = (
    "case_per_row", "outcome_from_start", "outcome_from_end", "returned_from_repeat",
)  # fmt: skip
"""What is assumed where a log does not tell: each row is a case of its own; who was never started gave up; what has
ended was served; a review that another one of the case follows was sent back."""
NUMBERS_APART, LINKS_NOTHING = "numbers_apart", "links_nothing"
"""What is assumed of case numbers: those of each file are its own; no case is at more than one step."""


@dataclass(frozen=True)
class Example:
    """Where a finding is: the file, the row as counted there with that of the headings, and what it holds."""

    file: str
    row: int
    value: str


@dataclass(frozen=True)
class Finding:
    """Something that was wrong or odd.

    Attributes
    ----------
    kind : str
        One of `FINDINGS`.
    count : int
    done : str
        `KEPT`, `MISSING_NOW`, `LEFT_OUT`, `REPLACED`, `CORRECTED` or `JOINED`.
    about : str
        A field or a word, where there is one.
    examples : tuple of Example
        The first of them.
    """

    kind: str
    count: int
    done: str
    about: str = ""
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Word:
    """A word of the log and what it was taken for; empty = nothing known."""

    field: str
    word: str
    meaning: str
    count: int


@dataclass(frozen=True)
class FileRead:
    """How a file was read.

    Attributes
    ----------
    name, form, encoding : str
        Form is ``csv``, ``excel`` or ``xes``; a workbook has no encoding.
    rows : int
        Below the headings.
    columns : dict of str to str
        Headings by field.
    step : str
        Of all its rows, if no column tells it.
    """

    name: str
    form: str
    encoding: str
    rows: int
    columns: dict[str, str]
    step: str = ""


@dataclass(frozen=True)
class LogReport:
    """What was found in a log.

    Attributes
    ----------
    files : tuple of FileRead
    rows_read, rows_kept, cases : int
    first, last : datetime
        Earliest and latest moment.
    steps : dict of str to int
        Rows that were kept, by step.
    missing : tuple of str
        Fields that no file tells.
    cannot : tuple of str
        What cannot be estimated without them; values of `NEEDS`.
    assumed : tuple of str
        What is assumed instead, such as `CASE_PER_ROW`.
    words : tuple of Word
    findings : tuple of Finding
    """

    files: tuple[FileRead, ...]
    rows_read: int
    rows_kept: int
    cases: int
    first: datetime
    last: datetime
    steps: dict[str, int]
    missing: tuple[str, ...]
    cannot: tuple[str, ...]
    assumed: tuple[str, ...]
    words: tuple[Word, ...]
    findings: tuple[Finding, ...]

    @property
    def rows_left_out(self) -> int:
        """Rows that were read and not kept; the findings say why."""
        return self.rows_read - self.rows_kept

    def count(self, kind: str, about: str | None = None) -> int:
        """Return how often something was found, whatever it was about if that is not given."""
        return sum(one.count for one in self.findings if one.kind == kind and about in (None, one.about))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as what JSON can hold."""
        moments = {"first": self.first.isoformat(sep=" "), "last": self.last.isoformat(sep=" ")}
        return {**asdict(self), **moments}


def short(value: str) -> str:
    """Return a value as a report repeats it: one line, not long."""
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def together(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with those of the same kind, about the same and with the same end as one, in the usual order."""
    joined: dict[tuple[str, str, str], Finding] = {}
    for one in findings:
        if one.count == 0:
            continue
        key = (one.kind, one.done, one.about)
        before = joined.get(key)
        joined[key] = one if before is None else replace(
            before, count=before.count + one.count, examples=(before.examples + one.examples)[:MOST_EXAMPLES]
        )  # fmt: skip
    return tuple(sorted(joined.values(), key=lambda one: FINDINGS.index(one.kind)))


def not_possible(missing: Sequence[str]) -> tuple[str, ...]:
    """Return what cannot be estimated without some fields."""
    return tuple(dict.fromkeys(what for field in NEEDS if field in missing for what in NEEDS[field]))
