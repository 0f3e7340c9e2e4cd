"""The sheets of a workbook, as data: heads that say where a column comes from, rows of numbers and texts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from sim.briefing.basis import fitted_in
from sim.briefing.brief.figures import MINUTES, NUMBER, SHARE, TEXT, YUAN, figure_of
from sim.briefing.brief.inputs import Found, Given, scenario_in
from sim.briefing.brief.parameters import ParameterFact, rows_of
from sim.briefing.brief.values import in_words, name_of_parameter, worded
from sim.briefing.saved import SUMMARY_COLUMNS, Saved
from sim.briefing.saved_sweep import SavedSweep
from sim.briefing.words import WORDS, Language, word

VERDICT = "verdict"
LONGEST_TAB = 31


class Head(NamedTuple):
    """The head of a column: its words, what kind of values it has, and the field that they come from."""

    text: str
    kind: str = TEXT
    source: str = ""


class Cell(NamedTuple):
    """What a single cell has of its own: what kind of value it is, and the field that it comes from."""

    kind: str
    source: str


class Series(NamedTuple):
    """A series of a native chart: its name, its column, and the rows from which to which it goes."""

    name: str
    column: int
    first: int
    last: int


@dataclass(frozen=True)
class NativeChart:
    """A chart that the workbook draws itself.

    Attributes
    ----------
    kind : str
        "column" or "scatter".
    title, across, up : str
        Words for the chart and its axes.
    names : int
        Column of what the values are of.
    series : tuple of Series
    target : Series or None
        Drawn as a line.
    cut : str
        What the upright axis says besides if something is beyond it, with a place for its end.
    """

    kind: str
    title: str
    across: str
    up: str
    names: int
    series: tuple[Series, ...]
    target: Series | None = None
    cut: str = ""


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
        Numbers, texts, dates, or None for nothing.
    chart : NativeChart or None
    cells : dict of (row, column) to Cell
        Those of another kind than their column, or from another field.
    """

    name: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Any, ...], ...]
    chart: NativeChart | None = None
    cells: Mapping[tuple[int, int], Cell] = field(default_factory=dict)


TABLES = {
    "comparison": {"plans": "plans", "pairs": "pairs"},
    "staff": {"staffing": "roster", "certificate": "certificate"},
    "limit": {"brackets": "limits", "steps": "levels"},
    "explanation": {"stages": "stages", "one_more": "more", "late_cases": "late"},
    "sensitivity": {"flips": "flips", "assumptions": "assumptions"},
    "calibration": {"estimates": "fitted"},
}
"""By kind of results: the tables that a workbook has, and the labels of their tabs."""


COST_PER_MINUTE = ("cost_per_minute", "cost_per_minute_low", "cost_per_minute_high")
NAMES_OF_PARAMETERS = {"flips": "parameter", "estimates": "name"}
"""By table: its column with the paths of parameters."""
SHARES = {"stages": ("share",), "late_cases": ("share", "cases")}
MINUTES_OF = {"stages": ("waiting",), "late_cases": ("minutes", "low", "high"), "one_more": COST_PER_MINUTE}
"""By table: its columns of shares, and of numbers with two decimals."""
ESTIMATES = ("estimate", "low", "high", "difference", "contribution", "alone")


def sheets_of(given: Given, facts: Sequence[ParameterFact], language: Language) -> list[Sheet]:
    """Return the sheets of a workbook besides its summary."""
    found: list[Sheet] = []
    if given.runs:
        found.append(_situations(given, language))
    for number, sweep in enumerate(given.sweeps, start=1):
        found.append(_cells(sweep, _numbered("cells", number, len(given.sweeps), language), language))
    for kind, tables in TABLES.items():
        of_kind = [each for each in given.all if each.kind == kind]
        for number, each in enumerate(of_kind, start=1):
            for table, label in tables.items():
                found.append(_table(each, table, _numbered(label, number, len(of_kind), language), language))
    lead = given.lead
    if lead.kind == "run" and lead.saved.finished:
        found += [_figures(lead, language), _times(lead, language)]
    if (scenario := scenario_in(lead.saved.manifest)) is not None:
        field, full = scenario
        found.append(_parameters(full, lead.origin.fact(field), given, _sourced(facts, lead, language), language))
    found.append(_manifest(lead, language))
    return _named_apart(found)


def _numbered(label: str, number: int, all_of_them: int, language: Language) -> str:
    name = word(f"brief sheet {label}", language)
    return f"{name} {number}" if all_of_them > 1 else name


def _named_apart(sheets: Iterable[Sheet]) -> list[Sheet]:
    """Give each sheet a name of its own, no longer than a tab can have."""
    taken: set[str] = set()
    named_sheets = []
    for sheet in sheets:
        name, number = sheet.name[:LONGEST_TAB], 2
        while name.lower() in taken:
            name, number = f"{sheet.name[: LONGEST_TAB - 4]} {number}", number + 1
        taken.add(name.lower())
        named_sheets.append(replace(sheet, name=name))
    return named_sheets


def _situations(given: Given, language: Language) -> Sheet:
    runs = given.runs
    manifest, summary = "*/manifest.json#verdict.{}", "*/summary.parquet#mean[subject={},statistic={}]"
    about_mean = all(run.saved.verdict["statistic"] == "mean" for run in runs)
    kinds = {MINUTES if run.saved.verdict["statistic"] == "mean" else SHARE for run in runs}
    kind = MINUTES if about_mean else SHARE
    heads = [
        Head(word("brief name column", language), TEXT, "*/manifest.json#name"),
        Head(word("brief situation column", language), TEXT, "*/manifest.json#scenario.title"),
        Head(word("brief verdict column", language), VERDICT, manifest.format("verdict")),
        Head(word("brief estimate column" if about_mean else "brief figure column", language), kind,
             manifest.format("estimate")),
        Head(word("brief low column", language), kind, manifest.format("low")),
        Head(word("brief high column", language), kind, manifest.format("high")),
        Head(word("brief target line", language), kind),
        Head(word("brief within column", language), SHARE),
        Head(word("P90", language), MINUTES),
        Head(word("staff hours", language), NUMBER, summary.format("staff", "staff hours")),
        Head(word("cost", language), YUAN, summary.format("staff", "cost")),
        Head(word("brief demand column", language), MINUTES, "overview.parquet#registrations_per_day"),
        Head(word("brief case cost column", language), MINUTES, "overview.parquet#cost_per_case"),
        Head(word("replications column", language), NUMBER, "*/manifest.json#replications"),
        Head(word("brief folder column", language)),
    ]  # fmt: skip
    rows = []
    cells: dict[tuple[int, int], Cell] = {}
    for row, run in enumerate(runs):
        saved, verdict, origin = run.saved, run.saved.verdict, run.origin
        estimate = saved.estimate() if saved.finished else (math.nan,) * 3
        promised = "minutes" if verdict["statistic"] == "mean" else "level"
        for column, name in enumerate(("estimate", "low", "high", promised), start=3):
            cells[row, column] = Cell(MINUTES if promised == "minutes" else SHARE, origin.fact(f"verdict.{name}"))
        for column, name in ((7, "within"), (8, "P90")):
            _, source = figure_of(run, verdict["clock"], name)
            cells[row, column] = Cell(heads[column].kind, source if saved.finished else "")
        told = given.overview.get(saved.name, {})
        rows.append((
            saved.name, saved.title(language), verdict["verdict"], *estimate,
            verdict[promised], saved.figure(verdict["clock"], "within").mean,
            saved.figure(verdict["clock"], "P90").mean, saved.figure("staff", "staff hours").mean,
            saved.figure("staff", "cost").mean, told.get("registrations_per_day"), told.get("cost_per_case"),
            saved.replications, run.origin.path,
        ))  # fmt: skip
    whole = (0, len(rows) - 1)
    chart = None
    if len(kinds) == 1:
        chart = NativeChart("column", heads[3].text, "", heads[3].text, 1, (Series(heads[3].text, 3, *whole),),
                            Series(heads[6].text, 6, *whole),
                            word("brief chart cut", language, top="{top}"))  # fmt: skip
    title = word("brief situations", language)
    return Sheet(word("brief sheet situations", language), title, tuple(heads), tuple(rows), chart, cells)


def _cells(found: Found[SavedSweep], name: str, language: Language) -> Sheet:
    saved, origin = found.saved, found.origin
    kind = MINUTES if saved.about_mean else SHARE
    source = "verdicts"
    heads = [Head("#", NUMBER, origin.cell(source, "cell"))]
    heads += [
        Head(factor.heading(language), NUMBER if factor.numeric else TEXT, origin.cell(source, factor.name))
        for factor in saved.factors
    ]
    heads += [
        Head(word("brief verdict column", language), VERDICT, origin.cell(source, "verdict")),
        Head(word("brief estimate", language), kind, origin.cell(source, "estimate")),
        Head(word("brief low column", language), kind, origin.cell(source, "low")),
        Head(word("brief high column", language), kind, origin.cell(source, "high")),
        Head(word("replications column", language), NUMBER, origin.cell(source, "replications")),
        Head(word("brief target line", language), kind,
             origin.fact(f"target.{'minutes' if saved.about_mean else 'level'}")),
    ]
    lines = saved.factor("lines")
    ordered = sorted(saved.cells, key=lambda cell: (
        0 if lines is None else lines.place(cell.at[lines.name]), saved.x.position(cell.at[saved.x.name]), cell.number,
    ))  # fmt: skip
    promised = saved.target["minutes"] if saved.about_mean else saved.target["level"]
    rows = tuple(
        (cell.number, *(_level(factor, cell.at[factor.name], language) for factor in saved.factors), cell.verdict,
         cell.estimate, cell.low, cell.high, cell.replications, promised)
        for cell in ordered
    )  # fmt: skip
    drawable = saved.x.numeric and not saved.scattered and len(saved.factors) <= 2
    chart = _lines(saved, ordered, language) if drawable else None
    return Sheet(name, saved.title(language), tuple(heads), rows, chart)


def _level(factor: Any, value: Any, language: Language) -> Any:
    return float(value) if factor.numeric else factor.label(factor.place(value), language)


def _lines(saved: SavedSweep, ordered: Sequence[Any], language: Language) -> NativeChart:
    lines, column = saved.factor("lines"), len(saved.factors) + 2
    series: list[Series] = []
    begin = 0
    for place in range(1 if lines is None else len(lines.labels)):
        number = sum(lines is None or lines.place(cell.at[lines.name]) == place for cell in ordered)
        if number:
            name = "" if lines is None else lines.label(place, language)
            series.append(Series(name or word("brief estimate", language), column, begin, begin + number - 1))
            begin += number
    target = Series(word("brief target line", language), len(saved.factors) + 6, 0, len(ordered) - 1)
    return NativeChart("scatter", saved.title(language), saved.x.heading(language), word("brief estimate", language),
                       1 + saved.factors.index(saved.x), tuple(series), target,
                       word("brief chart cut", language, top="{top}"))  # fmt: skip


def _table(found: Found[Any], table: str, name: str, language: Language) -> Sheet:
    """Return a table of results as it is saved, with its words in the language."""
    file = found.saved.folder / f"{table}.parquet"
    read = pq.read_table(file)
    other = "_en" if language == "zh" else "_zh"
    # The title of a shift stands where its key is.
    hidden = {"key", *(("title_en", "title_zh") if "shift" in read.column_names else ())}
    columns = [column for column in read.column_names if column not in hidden and not column.endswith(other)]
    rows = read.select(columns).to_pylist()
    heads = [
        Head(_column(column, language, table), _kind(read.schema.field(column), found, table),
             found.origin.cell(table, column))
        for column in columns
    ]
    shown = [[in_words(column, row, found.saved, language) for column in columns] for row in rows]
    path = NAMES_OF_PARAMETERS.get(table)
    if path is not None and not any(column.startswith("meaning_") for column in columns):
        # A path alone says little to whoever does not write scenarios.
        at = columns.index(path) + 1
        heads.insert(at, Head(word("brief col meaning", language), TEXT, found.origin.cell(table, path)))
        for cells, row in zip(shown, rows, strict=True):
            cells.insert(at, name_of_parameter(found.kind, row[path], language))
    title = word("brief sheet of file", language, name=name, file=f"{found.origin.path}/{table}.parquet")
    return Sheet(name, title, tuple(heads), tuple(map(tuple, shown)))


def _column(column: str, language: Language, table: str = "") -> str:
    """Return the words for a column, those of a table before those of all; its own name if there are none."""
    general = column.removesuffix("_zh").removesuffix("_en")
    for key in (f"brief col {table} {general}", f"brief col {general}"):
        if key in WORDS:
            return word(key, language)
    return general.replace("_", " ")


def _kind(column: pa.Field, found: Found[Any], table: str) -> str:
    """Return what kind of values a column has."""
    name = column.name
    if "verdict" in name:
        return VERDICT
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return TEXT
    if name in SHARES.get(table, ()):
        return SHARE
    if name in MINUTES_OF.get(table, ()):
        return MINUTES
    # Elsewhere, what stands in the same column has several units.
    if name in ESTIMATES and found.kind in ("limit", "explanation", "comparison"):
        return MINUTES if found.saved.about_mean else SHARE
    return YUAN if "cost" in name else NUMBER


def _figures(run: Found[Saved], language: Language) -> Sheet:
    read = pq.read_table(run.saved.folder / "summary.parquet")
    columns = [*SUMMARY_COLUMNS[:4], "unit", *SUMMARY_COLUMNS[4:], "smallest", "largest", "replications"]
    columns = [column for column in columns if column in read.column_names]
    heads = tuple(Head(_column(column, language), TEXT if column in columns[:5] else NUMBER,
                       run.origin.cell("summary", column)) for column in columns)  # fmt: skip
    rows = tuple(
        tuple(in_words(column, row, run.saved, language) for column in columns)
        for row in read.select(columns).to_pylist()
    )
    return Sheet(word("brief sheet figures", language), run.saved.title(language), heads, rows)


def _times(run: Found[Saved], language: Language) -> Sheet:
    columns = ("from_minutes", "to_minutes", "cases")
    heads = tuple(Head(_column(name, language), NUMBER, run.origin.cell("licence_times", name)) for name in columns)
    rows = tuple(tuple(map(float, row)) for row in run.saved.licence_times)
    title = word("minutes", language)
    chart = NativeChart("column", title, heads[0].text, heads[2].text, 0, (Series(heads[2].text, 2, 0, len(rows) - 1),))
    return Sheet(word("brief sheet times", language), title, heads, rows, chart)


def _sourced(facts: Sequence[ParameterFact], found: Found[Any], language: Language) -> Sequence[ParameterFact]:
    """Return what is known of the parameters, those that were fitted to a log with that as their source."""
    if (fitted := fitted_in(found.saved.manifest)) is None:
        return facts
    source = word("brief fitted to", language, log=fitted["log"])
    return [replace(fact, source=source) if fact.path in fitted["parameters"] else fact for fact in facts]


def _parameters(
    scenario: Mapping[str, Any], origin: str, given: Given, facts: Sequence[ParameterFact], language: Language
) -> Sheet:  # fmt: skip
    fitted = given.fits[0].saved.estimates if given.fits else ()
    rows = rows_of(scenario, facts, fitted, language)
    reference = "docs/parameters.md"
    heads = (
        Head(word("brief path column", language), TEXT, origin), Head(word("brief value of", language), NUMBER, origin),
        Head(word("brief unit column", language), TEXT, reference),
        Head(word("brief source column", language), TEXT, reference),
        Head(word("brief plausible low", language), NUMBER, reference),
        Head(word("brief plausible high", language), NUMBER, reference),
        Head(word("brief meaning column", language), TEXT, reference),
    )  # fmt: skip
    return Sheet(word("brief sheet scenario", language), str(scenario["title"][language]), heads,
                 tuple(tuple(row._replace(unit=worded("unit", row.unit, language),
                                          source=worded("source", row.source, language))) for row in rows))  # fmt: skip


def _manifest(lead: Found[Any], language: Language) -> Sheet:
    scenario_keys = ("scenario", "base", "scenarios", "staffed")
    facts = {key: value for key, value in lead.saved.manifest.items() if key not in scenario_keys}
    rows = tuple((row.path, row.value) for row in rows_of(facts, (), (), language))
    heads = (Head(word("brief field column", language), TEXT, lead.origin.fact("")),
             Head(word("brief value of", language), NUMBER, lead.origin.fact("")))  # fmt: skip
    return Sheet(word("brief sheet manifest", language), f"{lead.origin.path}/manifest.json", heads, rows)
