"""What was found in a log while it was read: what it tells and lacks, what was wrong, what was done about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from sim.results.codec import column
from sim.text import N_, Message

MOST_EXAMPLES = 3
MOST_WORDS = 40
"""Different words of a column, and findings about one, that a report names."""
LONGEST_VALUE = 80
"""Characters of a value that a report repeats."""

Done = Literal[
    "kept",
    "missing",
    "left_out",
    "replaced",
    "corrected",
    "zero",
    "joined",
    "apart",
    "estimated",
    "no_patience",
    "no_level",
]
DONE: dict[Done, str] = {
    "kept": N_("kept"),
    "missing": N_("time set to missing"),
    "left_out": N_("row left out"),
    "replaced": N_("characters replaced"),
    "corrected": N_("times put right"),
    "zero": N_("taken for no time at all"),
    "joined": N_("joined with the one before"),
    "apart": N_("taken for another case"),
    "estimated": N_("start estimated"),
    "no_patience": N_("tells nothing of patience"),
    "no_level": N_("left out of level and variation"),
}
"""What was done about it."""

FINDINGS = {
    # Each is replaced by a mark.
    "undecodable": N_("bytes that are no text"),
    # Lines of a file of UTF-8 that are GB18030; read as such.
    "mixed_encodings": N_("lines in another encoding"),
    "rows_above_headings": N_("lines above the headings"),
    "wrong_number_of_fields": N_("wrong number of fields"),
    "no_object": N_("line that is no JSON object"),
    "blank_row": N_("blank row"),
    "broken_event": N_("event without step or time"),
    # An event of XES that neither queues, starts nor ends a step, such as a suspension; passed over.
    "other_event": N_("event that is no step"),
    # To 15 digits, so that different ones may have become the same.
    "rounded_case": N_("case number rounded by a spreadsheet"),
    "no_case": N_("no case number"),
    "number_again": N_("case number used again on another day"),
    "unknown_step": N_("unknown step"),
    "ignored_step": N_("step to be ignored"),
    "unknown_outcome": N_("unknown outcome"),
    "unknown_kind": N_("unknown class"),
    # In all columns that are read.
    "duplicate": N_("duplicate of another row"),
    "unreadable_time": N_("unreadable time"),
    # As placeholders are.
    "far_time": N_("time years away from all others"),
    "day_only": N_("date without a clock"),
    "serial_time": N_("number of days, counted from 1900 as a spreadsheet does"),
    # A count since 1970.
    "utc_time": N_("time in UTC, taken for the office's clock unless time_zone in the mapping says otherwise"),
    # By its zones, or because it ends about an hour before it begins.
    "clock_change": N_("clock set forward or back within the row"),
    "from_length": N_("beginning or end of service computed from its length"),
    "clock_skew": N_("in the wrong order by no more than clocks differ"),
    "negative_wait": N_("started before it was queued"),
    "negative_service": N_("ended before it started"),
    # Where sessions are joined.
    "joined_session": N_("step taken up again"),
    # Where states are put together to steps.
    "joined_state": N_("state within a step, or after it"),
    "left_open": N_("left open over midnight: length unknown"),
    "no_time": N_("no time at all"),
    # The start is the moment at which that was seen, and all that is known of the end, unless one before it is told.
    "gave_up_but_started": N_("called up, but gone already"),
    "missing_start": N_("served without a start"),
    # If a mapping asks for it.
    "start_estimated": N_("start from who served: his last end, or when the case came"),
    "start_unknown": N_("start not to be estimated: first of a day, after a pause, or nobody named"),
    "missing_end": N_("begun, but no end"),
    "long_wait": N_("wait of more than a day"),
    "long_service": N_("service of more than a day"),
    "no_service_time": N_("service of no length"),
    # With one of the same step.
    "overlap": N_("overlaps with an earlier row of the case"),
    "out_of_hours": N_("outside the usual hours"),
    "quiet_day": N_("on a day on which hardly anybody comes"),
    # Found in fitting, not in reading.
    "odd_day": N_("day with far more or fewer cases than expected"),
    "wait_untold": N_("wait without beginning or end"),
    "wait_closed": N_("wait that began while closed"),
    "wait_turned_away": N_("gave up the moment of coming"),
    "wait_sent_home": N_("still waiting at closing: seen until then only"),
}
"""What may be found in a log, in the order in which it is told."""

FIELDS = ("case", "queued", "started", "ended", "outcome", "kind", "server")
"""What a log may tell besides the step."""

ASSUMED = {
    "case_per_row": N_("The log has no case numbers: each row is taken as a case of its own."),
    "numbers_apart": N_(
        "The files share case numbers by coincidence: the order of the steps, or the time between them, is impossible. "
        "Each file's numbers are taken as its own; own_cases in a mapping says so."
    ),
    "servers_apart": N_(
        "Servers of one name serve in two files at once: those of each file are taken as people of their own; "
        "own_servers: false in a mapping takes each name as one person, own_servers: true says that they are not."
    ),
    "numbers_again": N_(
        "Case numbers are used again, so that a case under such a number begins anew. If they are no numbers of cases "
        "at all, columns: {{case: null}} in a mapping takes each row as one; numbers_again: false keeps together what "
        "has the same number."
    ),
    "links_nothing": N_("No case number occurs at more than one step: what links the steps is not fitted."),
    "outcome_from_start": N_("The log has no outcomes: who was never started is taken as having given up."),
    "lies_yet": N_(
        "What waits for the review as the log ends, and has waited no longer than others did, is not taken as given "
        "up: how it ends is not told."
    ),
    "outcome_from_end": N_("The log has no outcomes: what has ended is taken as served."),
    "starts_estimated": N_(
        "Starts that the log does not tell are estimated, as the mapping asks: whoever served began as he had finished "
        "his last one of the day or, if it came later, as the case came. If he paused or had other work between, "
        "services come out too long and waits too short, and an interval can miss the truth. What rests on this is "
        "marked; its intervals are wider, or there is none."
    ),
    "starts_at_most": N_(
        "Where the log does not tell from when a case waits, all the time since the last end counts as service: that "
        "is the most it can be, and the scenario keeps the service times of its parent."
    ),
    "returned_from_repeat": N_("A review that another one of the case follows is taken as sent back."),
}
"""What is assumed where a log does not tell."""

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
        A key of `FINDINGS`.
    count : int
    done : str
        A key of `DONE`.
    about : str
        A field or a word, where there is one.
    examples : tuple of Example
        The first of them.
    """

    kind: str
    count: int
    done: Done
    about: str = ""
    examples: tuple[Example, ...] = ()

    @property
    def what(self) -> Message:
        """What was found, and where or in which word."""
        problem = Message(FINDINGS[self.kind])
        return Message("{problem} ({field})", problem=problem, field=self.about) if self.about else problem


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
        Form as `Table` has it; a workbook and Parquet have no encoding.
    rows : int
        Below the headings.
    columns : dict of str to str
        Headings by field.
    mapped : tuple of str
        Fields whose columns are those of the mapping; the others were recognised.
    step : str
        Of all its rows, if no column tells it.
    """

    name: str
    form: str
    encoding: str
    rows: int
    columns: dict[str, str]
    mapped: tuple[str, ...] = ()
    step: str = ""

    @property
    def tells(self) -> frozenset[str]:
        """Fields that it tells: one end of service and its length tell the other."""
        both = {"started", "ended"}
        return frozenset(self.columns) | (both if "duration" in self.columns and both & set(self.columns) else set())

    def heading(self, field: str) -> str:
        """Return the heading of the column that a moment is from, or the length that it was computed with."""
        return self.columns[field] if field in self.columns else self.columns["duration"]


@dataclass(frozen=True)
class LogReport:
    """What was found in a log.

    Attributes
    ----------
    files : tuple of FileRead
    rows_read, rows_kept, cases : int
        The findings say why a row was read and not kept.
    missing : tuple of str
        Fields that no file tells.
    assumed : tuple of str
        What is assumed instead: keys of `ASSUMED`.
    words : tuple of Word
    findings : tuple of Finding
    """

    files: tuple[FileRead, ...]
    rows_read: int
    rows_kept: int
    cases: int
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    words: tuple[Word, ...]
    findings: tuple[Finding, ...]

    def count(self, kind: str, about: str | None = None) -> int:
        """Return how often something was found, whatever it was about if that is not given."""
        return sum(one.count for one in self.findings if one.kind == kind and about in (None, one.about))


def short(value: str) -> str:
    """Return a value as a report repeats it: one line, not long."""
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def noted(
    kind: str, done: Done, file: str, found: Iterable[tuple[int, str]], count: int, about: str = ""
) -> list[Finding]:
    """Return what was found in some rows of a file, with the first of them as examples; nothing if it was in none."""
    examples = tuple(Example(file, int(row), short(text)) for row, text in islice(found, MOST_EXAMPLES))
    return [Finding(kind, count, done, about, examples)] if count else []


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
    return tuple(sorted(joined.values(), key=lambda one: list(FINDINGS).index(one.kind)))


@dataclass(frozen=True)
class LogFinding:
    """Something that was wrong or odd in the log: a key of `FINDINGS`, one of `DONE`, where the first of them are."""

    kind: str = column(N_("finding"))
    # A field, a step, a day or a word of the log.
    about: str = column(N_("about"))
    count: int = column(N_("rows"))
    done: Done = column(N_("what was done"))
    examples: str = column(N_("for example"))
