"""A log of events in XES (IEEE 1849) as a table with one row per step: its scheduling, start and end folded."""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, iterparse

import numpy as np
import pyarrow as pa

from sim.studies.calibrate.logs.mapping import FileMapping
from sim.studies.calibrate.logs.report import MOST_EXAMPLES, Finding, noted, short
from sim.studies.calibrate.logs.separated import Decoded, decoded
from sim.studies.calibrate.logs.tables import Table, Taken
from sim.studies.calibrate.logs.unpacked import stop

XES, OUTCOME = "xes", "outcome"
"""The form, and the column in which the folding writes who withdrew."""
STEP, TIME, LIFECYCLE, INSTANCE, SERVER = (
    "concept:name", "time:timestamp", "lifecycle:transition", "concept:instance", "org:resource",
)  # fmt: skip
BROKEN = "BROKEN"
"""In place of the change that an event tells: it names no step or no time."""
HEADINGS = ("case", "step", "queued", "started", "ended", "outcome", "server")
"""Columns that the standard's own attributes fill; further attributes are columns if a mapping names them."""

_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding=["']([\w.-]+)["']""")
_CHINESE = (b"gbk", b"gb2312", b"gb18030", b"cp936", b"gb_2312-80")
_QUEUED = frozenset(["schedule", "assign", "reassign"])
_STARTED = frozenset(["start", "resume"])
_ENDED = frozenset(["complete", "autoskip", "manualskip"])
_LEFT = frozenset(["withdraw", "ate_abort", "pi_abort"])


@dataclass
class _Folder:
    """Makes rows of events: those of one case and step, in their order in the file."""

    more: tuple[str, ...]
    columns: dict[str, list[str]]
    rows: list[int] = field(default_factory=list)
    passed_over: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)

    def trace(self, case: str, common: Mapping[str, str], events: Iterable[tuple[int, dict[str, str]]]) -> None:
        """Add the rows of a case."""
        unfinished: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, event in events:
            step, moment = event.get(STEP, ""), event.get(TIME, "")
            if not step or not moment:
                self._pass_over(BROKEN, number, f"{step} {moment}".strip())
                continue
            change, begun = event.get(LIFECYCLE, "complete").lower(), unfinished[step, event.get(INSTANCE, "")]
            new_row = partial(self._row, number, case, common, event)
            if change in _QUEUED:
                # To be assigned to somebody after it was scheduled is no second step.
                if change == "schedule" or not begun:
                    begun.append(new_row())
                    self.columns["queued"][-1] = moment
            elif change in _STARTED:
                waiting = next((row for row in begun if not self.columns["started"][row]), None)
                if waiting is None and not (change == "resume" and begun):
                    begun.append(waiting := new_row())
                if waiting is not None:
                    self._put(waiting, "started", event)
            elif change in _ENDED or change in _LEFT:
                row = begun.pop(0) if begun else new_row()
                self._put(row, "ended", event)
                if change in _LEFT:
                    self.columns["outcome"][row] = "gave_up"
            else:
                self._pass_over(change, number, f"{step} {moment}")

    def _pass_over(self, why: str, number: int, text: str) -> None:
        self.counts[why] += 1
        if len(self.passed_over[why]) < MOST_EXAMPLES:
            self.passed_over[why].append((number, text))

    def _row(self, number: int, case: str, common: Mapping[str, str], event: Mapping[str, str]) -> int:
        told = {name: event.get(name, common.get(name, "")) for name in self.more} | {"case": case, "step": event[STEP]}
        for name, column in self.columns.items():
            column.append(told.get(name, ""))
        self.rows.append(number)
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
        If it is no XES.
    """
    given = mapping.columns.model_dump(exclude_none=True).values()
    more = tuple(dict.fromkeys(name.strip() for name in given if name.strip() not in HEADINGS))
    text = _decoded(file, raw, mapping)
    folder = _Folder(more, {name: [] for name in (*HEADINGS, *more)})
    number = 0
    try:
        for trace in _traces(raw if text is None else text.content):
            attributes = _attributes(trace)
            events = [_attributes(event) for event in trace if _name(event) == "event"]
            common = {**attributes, **{f"case:{key}": value for key, value in attributes.items()}}
            folder.trace(attributes.get(STEP, ""), common, enumerate(events, number + 1))
            number += len(events)
    except ParseError as error:
        why, line = error.msg.split(":")[0], error.position[0]
        raise stop("is no XML from here on ({why}); export it again", file, line, why=why) from None
    except (LookupError, ValueError):
        raise stop("says that it is in an encoding that nobody knows; save it as UTF-8", file) from None
    if not folder.rows:
        raise stop("there are no events in it that name a step and a time; export a period with cases", file)
    # An attribute that no event and no case has is no column.
    headings = tuple(name for name, column in folder.columns.items() if any(column))

    def take(places: Sequence[int]) -> Taken:
        taken = [pa.array(folder.columns[headings[place]], pa.large_string()) for place in places]
        # A row's number is that of its first event in the file.
        return [pa.chunked_array([column]) for column in taken], np.array(folder.rows, np.int64)

    found = folder.findings(file.name)
    return (
        Table(XES, "", headings, 1, found, take)
        if text is None
        else Table(XES, text.encoding, headings, 1, [*text.findings, *found], take)
    )


def _decoded(file: Path, raw: bytes, mapping: FileMapping) -> Decoded | None:
    """Return a text in Chinese encoding, which the parser does not know, as one in UTF-8; None for all others."""
    declared = _DECLARED.match(raw)
    if mapping.encoding != "gb18030" and not (declared and declared[1].lower() in _CHINESE):
        return None
    text = decoded(file, raw, "gb18030")
    return replace(text, content=_DECLARED.sub(b'<?xml version="1.0" encoding="utf-8"', text.content, count=1))


def is_xes(raw: bytes) -> bool:
    """Say whether bytes are meant as XES."""
    start = raw[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = raw[:4096].decode("utf-16", "ignore").encode()
    return start.startswith(b"<") and b"<log" in start


def _traces(raw: bytes) -> Iterator[Element]:
    """Yield the cases one by one; what has been seen is let go."""
    parents: list[Element] = []
    for what, element in iterparse(io.BytesIO(raw), events=("start", "end")):
        if what == "start":
            parents.append(element)
            continue
        parents.pop()
        if _name(element) == "trace":
            yield element
        if len(parents) == 1:
            parents[0].clear()


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _attributes(element: Element) -> dict[str, str]:
    return {child.get("key", ""): child.get("value", "") for child in element if _name(child) not in ("event", "trace")}
