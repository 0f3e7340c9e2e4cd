"""The sheets of a workbook, as data: heads that say where a column comes from, rows of numbers and texts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from sim.brief.inputs import RUN, Given, in_overview, scenario_in, study_behind
from sim.office.parameters.listing import Parameter, all_parameters
from sim.present.names import NAMES, named
from sim.present.numbers import plain_levels
from sim.present.sources import source_in_words, unit_in_words
from sim.present.table import (
    MINUTES,
    NUMBER,
    SHARE,
    TEXT,
    YUAN,
    Piece,
    as_estimate,
    as_minutes,
    as_number,
    as_share,
    as_text,
    as_yuan,
)
from sim.results.about import AS_TARGET
from sim.results.codec import facts_of, meaning, tables_of
from sim.studies import studies
from sim.studies.base import IN_FULL, Found, NativeChart
from sim.studies.run.overview import NAME as OVERVIEW
from sim.studies.run.sentences import estimate, mean_of
from sim.text import _, language

VERDICT = "verdict"
"""A kind of values besides those that numbers are shown as."""
LONGEST_TAB = 31
HIDDEN = ("key",)
"""Columns that only programs need."""


class Head(NamedTuple):
    """The head of a column: its words, what kind of values it has, and the field that they come from."""

    text: str
    kind: str = TEXT
    source: str = ""


class Series(NamedTuple):
    """A series of a chart: its name, and the rows from which to which it goes."""

    name: str
    first: int
    last: int


class Drawing(NamedTuple):
    """A chart of a sheet: what is drawn, and from which of its columns and rows.

    Attributes
    ----------
    chart : NativeChart
    x, y : int
        Columns of what the values are of, and of the values.
    series : tuple of Series
    target : int or None
        Column that is drawn as a line.
    """

    chart: NativeChart
    x: int
    y: int
    series: tuple[Series, ...]
    target: int | None = None


@dataclass(frozen=True)
class Sheet:
    """A table of a workbook.

    Attributes
    ----------
    name : str
        Of its tab.
    title : str
    heads : tuple of Head
    rows : tuple of tuple
        Numbers, texts, dates, None for nothing, or pieces that know themselves where they come from.
    drawing : Drawing or None
    """

    name: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Any, ...], ...]
    drawing: Drawing | None = None


def sheets_of(given: Given) -> list[Sheet]:
    """Return the sheets of a workbook besides its summary."""
    lead = given.lead
    found = [_situations(given)] if given.of(RUN) else []
    for study in studies():
        # Of runs but the first the situations say enough.
        of_kind = [each for each in given.of(study.kind) if study.kind != RUN or each is lead]
        for number, each in enumerate(of_kind, start=1):
            for table, label in study.tables.items():
                name = f"{_(label)} {number}" if len(of_kind) > 1 else _(label)
                if sheet := _table(each, table, name):
                    found.append(sheet)
    if scenario_in(lead.record) is not None:
        found.append(_parameters(given))
    return _named_apart([*found, _manifest(lead)])


def _named_apart(sheets: Iterable[Sheet]) -> list[Sheet]:
    """Give each sheet a name of its own, no longer than a tab can have."""
    taken: set[str] = set()
    apart = []
    for sheet in sheets:
        name, number = sheet.name[:LONGEST_TAB], 2
        while name.lower() in taken:
            name, number = f"{sheet.name[: LONGEST_TAB - 4]} {number}", number + 1
        taken.add(name.lower())
        apart.append(replace(sheet, name=name))
    return apart


def _situations(given: Given) -> Sheet:
    """Return the figures of all runs."""
    runs, told = given.of(RUN), in_overview(given)
    about_mean = {run.record.target.about_mean for run in runs}
    figure = _("mean licence time [min]") if about_mean == {True} else _("figure of the target")
    heads = (
        Head(_("name")), Head(_("situation")), Head(_("verdict"), VERDICT), Head(figure, NUMBER),
        Head(_("low"), NUMBER), Head(_("high"), NUMBER), Head(_("target"), NUMBER),
        Head(_("within the target's minutes"), SHARE), Head(_("P90"), MINUTES), Head(_("staff-hours"), NUMBER),
        Head(_("cost [yuan]"), YUAN),
        Head(_("registrations a working day"), MINUTES), Head(_("staff cost a case [yuan]"), MINUTES),
        Head(_("replications"), NUMBER), Head(_("folder")),
    )  # fmt: skip
    rows: list[tuple[Piece, ...]] = []
    for run in runs:
        record, row = run.record, told.get(run.record.name)
        clock, field = record.target.clock, "minutes" if record.target.about_mean else "level"
        beside = [
            as_number(getattr(row, name, math.nan), f"{OVERVIEW}.parquet#{name}[scenario={record.name}]")
            for name in ("registrations_per_day", "cost_per_case")
        ]
        rows.append((
            as_text(record.name, run.fact("about.name")), as_text(record.title, run.fact("scenario.title")),
            as_text(record.verdict, run.fact("verdict")), *estimate(run),
            as_estimate(record.target.promised, record.target.about_mean, run.fact(f"target.{field}")),
            mean_of(run, as_share, clock, "within"), mean_of(run, as_minutes, clock, "P90"),
            mean_of(run, as_number, "staff", "staff hours"), mean_of(run, as_yuan, "staff", "cost"),
            *beside, as_number(record.replications, run.fact("replications")), run.path,
        ))  # fmt: skip
    drawing = None
    if len(about_mean) == 1:
        chart = NativeChart("column", figure, "", figure, "", "")
        drawing = Drawing(chart, 1, 3, (Series(figure, 0, len(rows) - 1),), 6)
    return Sheet(_("Scenarios"), _("Does it hold in other situations?"), heads, tuple(rows), drawing)


def _table(found: Found[Any], table: str, name: str) -> Sheet | None:
    """Return a table of results as its columns are declared, with its codes in words; None if it is empty."""
    study, record = study_behind(found), found.record
    field, of = tables_of(type(record))[table]
    rows = list(getattr(record, field))
    if of is None or not rows:
        return None
    columns = list(_columns(of, rows))
    native = study.natives(record).get(table)
    if native is not None and native.by:
        order = list(dict.fromkeys(_value(row, native.by) for row in rows))
        rows.sort(key=lambda row: (order.index(_value(row, native.by)), _value(row, native.x)))
    shown = [tuple(_in_words(found, column, row) for column in columns) for row in rows]
    heads = [_head(found, of, column, table) for column in columns]
    title = _("{name}: {file}", name=name, file=f"{found.path}/{table}.parquet")
    if native is None:
        return Sheet(name, title, tuple(heads), tuple(shown))
    if native.target:
        target = record.target
        kind, field = (MINUTES, "minutes") if target.about_mean else (SHARE, "level")
        heads.append(Head(_("target"), kind, found.fact(f"target.{field}")))
        shown = [(*row, target.promised) for row in shown]
    by = [shown[place][columns.index(native.by)] if native.by else heads[columns.index(native.y)].text
          for place in range(len(shown))]  # fmt: skip
    groups: list[Any] = list(dict.fromkeys(by))
    names = plain_levels(groups) if all(isinstance(each, float) for each in groups) else map(str, groups)
    series = tuple(
        Series(name, by.index(each), len(by) - 1 - by[::-1].index(each))
        for name, each in zip(names, groups, strict=True)
    )
    promised = len(columns) if native.target else None
    drawing = Drawing(native, columns.index(native.x), columns.index(native.y), series, promised)
    return Sheet(name, title, tuple(heads), tuple(shown), drawing)


def _columns(of: type[Any], rows: Sequence[Any]) -> Iterator[str]:
    """Yield the columns of a table, without those of the other language and what no row has anything to say in."""
    other = "_en" if language() == "zh" else "_zh"
    for field in fields(of):
        if isinstance(spread := getattr(rows[0], field.name), dict):
            yield from spread
        elif all(repr(getattr(row, field.name)) == repr(field.default) for row in rows):
            continue
        elif field.name not in HIDDEN and not field.name.endswith(other):
            yield field.name


def _value(row: Any, column: str) -> Any:
    """Return what is saved of a row in a column, which may be one of those that only the data know."""
    if hasattr(row, column):
        return getattr(row, column)
    return next(of[column] for of in vars(row).values() if isinstance(of, dict) and column in of)


def _in_words(found: Found[Any], column: str, row: Any) -> Any:
    told = study_behind(found).in_words(found.record, column, row)
    value = _value(row, column) if told is None else told
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return named(column, str(value)) if column in NAMES and told is None else value


def _head(found: Found[Any], of: type[Any], column: str, table: str) -> Head:
    says, unit = meaning(of, column)
    kind = NUMBER if unit else ""
    if unit == AS_TARGET:
        unit = MINUTES if found.record.target.about_mean else SHARE
    if unit in (MINUTES, SHARE, YUAN):
        kind = unit
    text = _(says) if says else study_behind(found).heading(found.record, column)
    if unit and unit != SHARE:
        text = _("{what} [{unit}]", what=text, unit=_(unit))
    return Head(text, VERDICT if "verdict" in column else kind, found.cell(table, column))


def _parameters(given: Given) -> Sheet:
    """Return every value of the scenario in full, with its unit, its source and its plausible range."""
    lead, inside = given.lead, scenario_in(given.lead.record)
    assert inside is not None
    field, scenario = inside
    reference, of = "docs/parameters.md", lead.fact(field)
    known = {each.path: each for each in all_parameters()}
    fitted = lead.record.about.fitted
    found_here = {
        path: value for each in given.all for path, value in study_behind(each).grounds(each, lead).values.items()
    }  # fmt: skip
    rows = []
    for path, value in _leaves(scenario, ""):
        fact = _fact(path, known)
        low, high = (None, None) if fact is None or fact.plausible is None else fact.plausible
        source = "" if fact is None else source_in_words(fact.source)
        if path in found_here and found_here[path][0] == value:
            source = found_here[path][1]
        elif fitted is not None and fact is not None and fact.path in fitted.parameters:
            source = _("fitted to the log {log}", log=fitted.log)
        says = "" if fact is None else fact.en if language() == "en" else fact.zh
        rows.append((path, value, "" if fact is None else unit_in_words(fact.unit), source, low, high, says))
    heads = (
        Head(_("parameter"), TEXT, of), Head(_("value"), NUMBER, of), Head(_("unit"), TEXT, reference),
        Head(_("source"), TEXT, reference), Head(_("plausible from"), NUMBER, reference),
        Head(_("plausible to"), NUMBER, reference), Head(_("meaning"), TEXT, reference),
    )  # fmt: skip
    return Sheet(_("Parameters"), str(scenario["title"][language()]), heads, tuple(rows))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield paths and values; what is empty is a value, too."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    else:
        yield path, value


def _fact(path: str, known: Mapping[str, Parameter]) -> Parameter | None:
    """Return what is known of a path, or of the parameter that it is a part of."""
    general = re.sub(r"\[\d+\]", "[]", path)
    while general:
        for name in (general, general.removesuffix("[]")):
            if name in known:
                return known[name]
        general, dot, _rest = general.rpartition(".")
        if not dot:
            return None
    return None


def _manifest(lead: Found[Any]) -> Sheet:
    facts = {key: value for key, value in facts_of(lead.record).items() if key not in (*IN_FULL, "base")}
    heads = (Head(_("field"), TEXT, lead.fact("")), Head(_("value"), NUMBER, lead.fact("")))
    return Sheet(_("Manifest"), f"{lead.path}/manifest.json", heads, tuple(_leaves(facts, "")))
