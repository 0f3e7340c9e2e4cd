"""A log of events in XES (IEEE 1849) as a table with one row per step: its scheduling, start and end folded."""

from __future__ import annotations

import codecs
import re
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

import numpy as np
import pyarrow as pa

from sim.office.problems import ScenarioError, shown
from sim.studies.calibrate.log.report import MOST_EXAMPLES, MOST_WORDS, Finding, noted, short
from sim.studies.calibrate.reading.mapping import FileMapping
from sim.studies.calibrate.reading.separated import MARK
from sim.studies.calibrate.reading.tables import Table, Taken
from sim.studies.calibrate.reading.unpacked import Kept, stop
from sim.text import N_

XES, OUTCOME = "xes", "outcome"
"""The form, and the column in which the folding writes who withdrew."""
STEP, TIME, LIFECYCLE, INSTANCE, SERVER = (
    "concept:name", "time:timestamp", "lifecycle:transition", "concept:instance", "org:resource",
)  # fmt: skip
BROKEN = "BROKEN"
"""In place of the change that an event tells: it names no step or no time."""
HEADINGS = ("case", "step", "queued", "started", "ended", "outcome", "server")
"""Columns that the standard's own attributes fill; further attributes are columns if a mapping names them."""

A_ROW, A_STEP = 100, 1500
"""Bytes that a row takes beside its texts, and one of a case's steps as long as it is not ended."""
BLOCK, IN_LOG = 1 << 16, 2
"""Bytes that are read at a time; how deep a case lies in a log."""
LONGEST, DEEPEST, MOST_NAMES = 1 << 20, 100, 1000
"""Bytes of what has to be read at once, elements within each other, names of elements and attributes: the parser keeps
them all, and no log of events has as many."""
MANY, SHORTEST, MOST_ELEMENTS = 500_000, 16, 500
"""Of so many elements or more, the bytes that one takes on average at least, and how many may come for each event that
tells something: what the standard asks of an event is of twice this length, and time goes by elements."""
OTHER_XML = N_("is XML as no log of events is: it declares a document type, or has thousands of names or levels, or "
               "values of a megabyte, or elements that are empty; export it again")  # fmt: skip
UNTOLD = "\0"
"""In place of an attribute that an event does not have and its case may have; XML cannot hold it."""
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding=["']([\w.-]+)["']""")
_CHINESE = (b"gbk", b"gb2312", b"gb18030", b"cp936", b"gb_2312-80")
_QUEUED = frozenset(["schedule", "assign", "reassign"])
_STARTED = frozenset(["start", "resume"])
_ENDED = frozenset(["complete", "autoskip", "manualskip"])
_LEFT = frozenset(["withdraw", "ate_abort", "pi_abort"])


@dataclass
class _Folder:
    """Makes rows of events as they are read: those of one case and step, in their order in the file."""

    kept: Kept
    more: tuple[str, ...]
    columns: dict[str, list[str]]
    rows: list[int] = field(default_factory=list)
    passed_over: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)
    depth: int = 0
    elements: int = 0
    number: int = 0
    telling: int = 0
    """Events so far that have something in them that is looked at."""
    trace: dict[str, str] | None = None
    event: dict[str, str] | None = None
    first: int = 0
    states: bool = False
    """Whether each event is a row by itself, whatever changes with it."""
    unfinished: dict[tuple[str, str], tuple[deque[int], deque[int]]] = field(default_factory=dict)
    """Rows of each step and instance that wait, and that have been started."""

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Enter an element: a case, an event of it, an attribute of either, or what tells nothing here."""
        self.depth += 1
        self.elements += 1
        name, inside = tag.rpartition(":")[2], self.trace if self.event is None else self.event
        if self.depth == IN_LOG and name == "trace":
            self.trace, self.first, self.unfinished = {}, len(self.rows), {}
        elif self.depth == IN_LOG + 1 and name == "event" and self.trace is not None:
            self.event = {}
        elif inside is not None and self.depth == IN_LOG + 1 + (self.event is not None):
            if (key := attributes.get("key", "")) in self.told or (self.event is None and f"case:{key}" in self.told):
                inside[key] = self.kept.text(attributes.get("value", ""))
        elif self.depth > DEEPEST:
            raise stop(OTHER_XML, self.kept.file)

    def end(self, _: str) -> None:
        """Leave an element; what has been seen is let go."""
        self.depth -= 1
        if self.depth == IN_LOG and self.event is not None:
            self.number += 1
            self.telling += bool(self.event)
            self._fold(self.event)
            self.event = None
        elif self.depth == IN_LOG - 1 and self.trace is not None:
            self._close(self.trace)
            self.trace = None

    @cached_property
    def told(self) -> frozenset[str]:
        """The attributes that are looked at."""
        return frozenset((STEP, TIME, LIFECYCLE, INSTANCE, SERVER, *self.more))

    def _close(self, trace: Mapping[str, str]) -> None:
        """Write down what is told of the case, which may come after its events."""
        number = len(self.rows) - self.first
        self.kept.add(-A_STEP * len(self.unfinished))
        self.columns["case"][self.first :] = [trace.get(STEP, "")] * number
        for name in self.more:
            common = trace.get(name, trace.get(name.removeprefix("case:"), ""))
            column = self.columns[name]
            for row in range(self.first, len(self.rows)):
                column[row] = common if column[row] == UNTOLD else column[row]

    def _fold(self, event: Mapping[str, str]) -> None:
        step, moment = event.get(STEP, ""), event.get(TIME, "")
        if not step or not moment:
            self._pass_over(BROKEN, f"{step} {moment}".strip())
            return
        change, at = event.get(LIFECYCLE, "complete").lower(), (step, event.get(INSTANCE, ""))
        change = "complete" if self.states else change
        begun = self.unfinished.pop(at, None)
        waiting, started = begun or (deque[int](), deque[int]())
        if change in _QUEUED:
            # To be assigned to somebody after it was scheduled is no second step.
            if change == "schedule" or not (waiting or started):
                waiting.append(self._row(event))
                self.columns["queued"][-1] = moment
        elif change in _STARTED:
            if waiting or not (change == "resume" and started):
                started.append(waiting.popleft() if waiting else self._row(event))
                self._put(started[-1], "started", event)
        elif change in _ENDED or change in _LEFT:
            # Those that wait came after those that have been started.
            row = started.popleft() if started else waiting.popleft() if waiting else self._row(event)
            self._put(row, "ended", event)
            if change in _LEFT:
                self.columns["outcome"][row] = "gave_up"
        else:
            self._pass_over(change, f"{step} {moment}")
        if waiting or started:
            self.unfinished[at] = waiting, started
            self.kept.add(0 if begun else A_STEP)
        elif begun:
            self.kept.add(-A_STEP)

    def _pass_over(self, why: str, text: str) -> None:
        # Of words that are no change at all only the first are told apart.
        why = why if why in self.counts or len(self.counts) < MOST_WORDS else ""
        self.counts[why] += 1
        if len(self.passed_over[why]) < MOST_EXAMPLES:
            self.passed_over[why].append((self.number, text))

    def _row(self, event: Mapping[str, str]) -> int:
        told = {name: event.get(name, UNTOLD) for name in self.more} | {"step": event[STEP]}
        for name, column in self.columns.items():
            column.append(told.get(name, ""))
        self.rows.append(self.number)
        self.kept.add(A_ROW + 8 * len(self.more))
        return len(self.rows) - 1

    def _put(self, row: int, what: str, event: Mapping[str, str]) -> None:
        """Write down a moment, and whatever the event tells beyond the one that the row began with."""
        self.columns[what][row] = event[TIME]
        for name in self.more:
            self.columns[name][row] = event.get(name) or self.columns[name][row]
        # Who starts or ends is who serves; who schedules is not.
        self.columns["server"][row] = event.get(SERVER) or self.columns["server"][row]

    def findings(self, name: str) -> list[Finding]:
        """Return what was wrong with events of a file."""
        found = noted("broken_event", "left_out", name, self.passed_over.pop(BROKEN, []), self.counts[BROKEN])
        for change, examples in self.passed_over.items():
            found += noted("other_event", "kept", name, examples, self.counts[change], short(change))
        return found


def event_table(file: Path, raw: bytes, mapping: FileMapping) -> Table:
    """Read a log of events.

    Raises
    ------
    ScenarioError
        If it is no XES, or holds more than can be kept.
    """
    given = mapping.columns.model_dump(exclude_none=True).values()
    more = tuple(dict.fromkeys(name.strip() for name in given if name.strip() not in HEADINGS))
    declared = _DECLARED.match(raw)
    # The parser does not know it.
    chinese = mapping.encoding == "gb18030" or (declared is not None and declared[1].lower() in _CHINESE)
    folder = _Folder(
        Kept(file), more, {name: [] for name in (*HEADINGS, *more)}, states=mapping.columns.state is not None
    )
    try:
        found = _parsed(raw, folder, chinese)
    except ScenarioError:
        raise
    except expat.ExpatError as error:
        why, line = expat.ErrorString(error.code), error.lineno
        raise stop("is no XML from here on ({why}); export it again", file, line, why=why) from None
    except (LookupError, ValueError):
        raise stop("says that it is in an encoding that nobody knows; save it as UTF-8", file) from None
    if not folder.rows and (words := [word for word in folder.counts if word not in ("", BROKEN)]):
        raise stop(
            "none of its events queues, starts or ends a step: {key} is {words}; where these are states that last "
            "until the next of the case, write in the mapping {how}, under states what they mean, and the step", file,
            key=LIFECYCLE, words=", ".join(shown(short(word)) for word in words[:5]),
            how=f"'columns: {{state: \"{LIFECYCLE}\"}}'",
        )  # fmt: skip
    if not folder.rows:
        raise stop("there are no events in it that name a step and a time; export a period with cases", file)
    # An attribute that no event and no case has is no column.
    headings = tuple(name for name, column in folder.columns.items() if any(column))

    def take(places: Sequence[int]) -> Taken:
        taken = [pa.array(folder.columns[headings[place]], pa.large_string()) for place in places]
        # A row's number is that of its first event in the file.
        return [pa.chunked_array([column]) for column in taken], np.array(folder.rows, np.int64)

    return Table(XES, "gb18030" if chinese else "", headings, 1, [*found, *folder.findings(file.name)], take)


def _parsed(raw: bytes, folder: _Folder, chinese: bool) -> list[Finding]:
    """Read a log block by block, and return what was wrong with its bytes."""

    def refuse(*_: object) -> NoReturn:
        raise stop(OTHER_XML, folder.kept.file)

    parser = expat.ParserCreate("utf-8" if chinese else None)
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = folder.begin, folder.end
    parser.StartDoctypeDeclHandler = refuse
    decoder = codecs.getincrementaldecoder("gb18030")("replace") if chinese else None
    marked: list[tuple[int, str]] = []
    count = given = 0
    for begin in range(0, len(raw), BLOCK):
        block: str | bytes = raw[begin : begin + BLOCK]
        if decoder is not None:
            block = decoder.decode(raw[begin : begin + BLOCK], final=begin + BLOCK >= len(raw))
            if (at := block.find(MARK)) >= 0:
                count += block.count(MARK)
                marked.append((parser.CurrentLineNumber + block.count("\n", 0, at), block[max(at - 20, 0) : at + 20]))
                del marked[MOST_EXAMPLES:]
            block = block.encode()
        parser.Parse(block)
        # Of the bytes that the parser is given, which may be others than those of the file.
        if given - parser.CurrentByteIndex > LONGEST or len(parser.intern) > MOST_NAMES:
            refuse()
        if folder.elements > max(MANY, min(given // SHORTEST, MOST_ELEMENTS * folder.telling)):
            refuse()
        given += len(block)
    parser.Parse(b"", True)
    return noted("undecodable", "replaced", folder.kept.file.name, marked, count)


def is_xes(raw: bytes) -> bool:
    """Say whether bytes are meant as XES."""
    start = raw[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = raw[:4096].decode("utf-16", "ignore").encode()
    return start.startswith(b"<") and b"<log" in start
