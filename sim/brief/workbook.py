"""A briefing as a workbook: numbers as numbers, native charts, and nothing of anybody's text taken for a formula."""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from sim.brief.compose import Briefing
from sim.brief.deck import COLOURS
from sim.brief.layouts import EAST_ASIAN, LATIN
from sim.brief.sheets import VERDICT, Drawing, Head, Series, Sheet
from sim.present.charts.style import BLUE, GREY, INK, LINE, RED, SERIES
from sim.present.names import VERDICTS
from sim.present.numbers import NOTHING
from sim.present.table import MINUTES, NUMBER, SHARE, TEXT, YUAN, Piece, Sentence, Table, Traced, as_verdict, text_of
from sim.present.terminal import UNSAFE
from sim.program import DISTRIBUTION
from sim.text import _, language

SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
FORMATS = {MINUTES: "#,##0.00", SHARE: "0.0%", YUAN: "#,##0", NUMBER: "General", TEXT: "@"}
FACES = {"zh": EAST_ASIAN, "en": LATIN}
WIDEST, NARROWEST = 52, 9
"""Letters of a column."""
LONGEST_TEXT, LONGEST_COMMENT, LONGEST_LABEL = 32_000, 2_000, 120
"""Characters that a cell, a comment and a label of a chart can hold or should."""
SUMMARY_WIDTHS = (26, 18, 12, 46, 30, 22, 18)
PLACE_OF_A_CELL = re.compile(r"=?[^!]+!\$?[A-Z]+\$?\d+")
"""What the library takes for one, wherever it takes the name of a series or an axis."""
NO_BREAK = "\u2060"
"""A character that is not seen."""
HEAD_ROW = 2
"""Of a sheet: its title is above."""
LINES = (BLUE, *SERIES[1:4], SERIES[0], GREY)
"""Colours of the series of a chart, but for the target's."""
SEEN = 4.0
"""Targets: what is farther off is beyond the scale of a chart."""
TINY = 0.001
"""Below this, numbers are written with a power of ten."""


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self.book, self.face = book, FACES[language()]
        self.made: dict[tuple[Any, ...], Format] = {}

    def get(self, **looks: Any) -> Format:
        """Return a format with the workbook's font."""
        key = tuple(sorted(looks.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({"font_name": self.face, "font_size": 10, "valign": "top"} | looks)
        return self.made[key]

    def of(self, kind: str, **looks: Any) -> Format:
        """Return the format of a kind of values."""
        return self.get(num_format=FORMATS.get(kind, "General"), **looks)

    def verdict(self, verdict: Traced, **looks: Any) -> Format:
        """Return the format of a verdict."""
        return self.get(font_color=COLOURS[verdict.tone], bold=True, **looks)


def workbook(briefing: Briefing, sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook as the bytes of a file.

    Parameters
    ----------
    briefing : Briefing
        For the first sheet.
    sheets : sequence of Sheet
        All others.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, SAFE)
    styles = _Styles(book)
    facts: dict[str, Any] = {
        "title": _clean(briefing.question.text),
        "subject": _clean(briefing.subject),
        "author": DISTRIBUTION,
    }
    if briefing.finished:
        facts["created"] = briefing.finished
    book.set_properties(facts)
    _summary(book.add_worksheet(_("Summary")), briefing, styles)
    for sheet in sheets:
        _sheet(book, book.add_worksheet(sheet.name), sheet, styles)
    _sheet(book, book.add_worksheet(_("Results")), _inputs(briefing.inputs), styles)
    book.close()
    return file.getvalue()


def _inputs(table: Table) -> Sheet:
    heads = tuple(Head(text, NUMBER if text == table.heads[3] else TEXT) for text in table.heads)
    rows = tuple(tuple(piece.value if isinstance(piece, Traced) else piece for piece in row) for row in table.rows)
    return Sheet(_("Results"), table.title, heads, rows)


def _put(page: Worksheet, row: int, column: int, value: Any, style: Format) -> None:
    """Write a value: a number as a number, everything else as the text that it is."""
    if isinstance(value, bool) or value is None:
        page.write_string(row, column, "" if value is None else str(value).lower(), style)
    elif isinstance(value, int | float):
        if math.isfinite(value):
            page.write_number(row, column, value, style)
        else:
            page.write_string(row, column, NOTHING if math.isnan(value) else "∞", style)
    elif isinstance(value, datetime | date):
        page.write_string(row, column, value.isoformat(), style)
    else:
        page.write_string(row, column, _clean(value), style)


def _clean(value: Any) -> str:
    return str(value).translate(UNSAFE)[:LONGEST_TEXT]


def _piece(page: Worksheet, row: int, column: int, piece: Piece, styles: _Styles, **looks: Any) -> None:
    """Write something of a briefing; where it comes from is said in a comment."""
    if isinstance(piece, Traced) and piece.tone:
        page.write_string(row, column, _clean(piece.signed), styles.verdict(piece))
    elif isinstance(piece, Traced) and piece.is_number:
        page.write_number(row, column, float(piece.value or 0), styles.of(piece.unit, **looks))
    else:
        page.write_string(row, column, _clean(text_of(piece)), styles.get(**looks))
    if isinstance(piece, Traced):
        _comment(page, row, column, piece.source)


def _comment(page: Worksheet, row: int, column: int, text: str) -> None:
    if text:
        looks = {"x_scale": 2.4, "y_scale": 0.7, "font_size": 8}
        page.write_comment(row, column, _clean(text)[:LONGEST_COMMENT], looks)


def _summary(page: Worksheet, briefing: Briefing, styles: _Styles) -> None:
    _set_up(page, SUMMARY_WIDTHS)
    last = len(SUMMARY_WIDTHS) - 1
    heading = {"bold": True, "font_size": 12, "bottom": 1, "bottom_color": INK, "valign": "bottom"}
    row = 0
    _put(page, row, 0, _("Briefing · simulation of the licence office"), styles.get(font_color=GREY))
    _put(page, row + 1, 0, briefing.question.text, styles.get(bold=True, font_size=18))
    page.set_row(row + 1, 28)
    _put(page, row + 2, 0, briefing.about.text, styles.get(font_color=GREY))
    row += 4

    def head(text: str) -> None:
        nonlocal row
        for column in range(last + 1):
            _put(page, row, column, text if column == 0 else "", styles.get(**heading))
        page.set_row(row, 22)
        row += 1

    def paragraph(said: Sentence, first: int = 0) -> None:
        nonlocal row
        letters = sum(SUMMARY_WIDTHS[first:])
        style = styles.get(text_wrap=True)
        page.merge_range(row, first, row, last, "", style)
        page.write_string(row, first, _clean(said.text), style)
        page.set_row(row, 15 * max(1, -(-_wide(said.text) * 11 // (letters * 10))))
        _comment(page, row, first, "; ".join(said.sources))
        row += 1

    head(_("The answer"))
    if briefing.verdict is not None:
        _piece(page, row, 0, briefing.verdict, styles)
        row += 1
    for said in briefing.answer:
        paragraph(said)
    row += 1
    for figure in briefing.figures:
        _put(page, row, 0, figure.label, styles.get())
        _piece(page, row, 1, figure.value, styles, bold=True, align="right")
        _put(page, row, 2, figure.unit, styles.get())
        _put(page, row, 3, figure.note.text, styles.get(font_color=GREY))
        _comment(page, row, 3, "; ".join(figure.note.sources))
        row += 1
    row += 1
    head(_("What this rests on"))
    for said in briefing.rests_on.said:
        paragraph(said)
    for table in briefing.rests_on.tables:
        row = _small_table(page, row + 1, table, styles)
    row += 1
    if briefing.advice:
        head(_("What to do"))
        for advice in briefing.advice:
            _put(page, row, 0, advice.about, styles.get(bold=True))
            paragraph(advice.said, 1)
        row += 1
    head(_("Small print"))
    for label, said in briefing.small_print:
        _put(page, row, 0, label, styles.get(font_color=GREY))
        paragraph(said, 1)


def _small_table(page: Worksheet, row: int, table: Table, styles: _Styles) -> int:
    for column, text in enumerate(table.heads):
        _put(page, row, column, text, styles.get(font_color=GREY, bottom=1, bottom_color=LINE))
    for number, cells in enumerate(table.rows, start=1):
        for column, piece in enumerate(cells):
            _piece(page, row + number, column, piece, styles)
    return row + len(table.rows) + 1


def _sheet(book: Workbook, page: Worksheet, sheet: Sheet, styles: _Styles) -> None:
    widths = [
        min(max(NARROWEST, min(_wide(head.text), 26) + 2,
                *(_wide(_told(row[column], head.kind)) + 2 for row in sheet.rows)), WIDEST)
        for column, head in enumerate(sheet.heads)
    ]  # fmt: skip
    _set_up(page, widths)
    _put(page, 0, 0, sheet.title, styles.get(bold=True, font_size=13))
    page.set_row(0, 22)
    page.set_row(HEAD_ROW, 30)
    for column, head in enumerate(sheet.heads):
        numeric = head.kind not in (TEXT, VERDICT) and any(_is_number(row[column]) for row in sheet.rows)
        style = styles.get(bold=True, text_wrap=True, bottom=1, bottom_color=INK, valign="bottom", bg_color="#F1F3F4",
                           align="right" if numeric else "left", indent=0 if numeric or column == 0 else 1)  # fmt: skip
        _put(page, HEAD_ROW, column, head.text, style)
        _comment(page, HEAD_ROW, column, head.source)
    for number, row in enumerate(sheet.rows, start=HEAD_ROW + 1):
        for column, (head, value) in enumerate(zip(sheet.heads, row, strict=True)):
            _value(page, number, column, head.kind, value, styles)
    page.freeze_panes(HEAD_ROW + 1, 1)
    page.repeat_rows(HEAD_ROW)
    if sheet.rows:
        page.autofilter(HEAD_ROW, 0, HEAD_ROW + len(sheet.rows), len(sheet.heads) - 1)
    if sheet.drawing is not None:
        looks = {"object_position": 2, "description": _clean(sheet.title)}
        page.insert_chart(HEAD_ROW, len(sheet.heads) + 1, _chart(book, sheet, sheet.drawing, styles.face), looks)


def _value(page: Worksheet, row: int, column: int, kind: str, value: Any, styles: _Styles) -> None:
    if isinstance(value, Traced):
        _comment(page, row, column, value.source)
        kind, value = value.unit if kind != VERDICT else kind, value.value
    if kind == VERDICT and value in VERDICTS:
        verdict = as_verdict(value)
        page.write_string(row, column, verdict.signed, styles.verdict(verdict, indent=1))
    elif _is_number(value):
        shown = FORMATS[kind] if kind in (MINUTES, SHARE, YUAN) else _digits(value)
        _put(page, row, column, value, styles.get(num_format=shown, align="right"))
    else:
        # Texts stand apart from a number at the right edge of the column before.
        _put(page, row, column, value, styles.get(align="left", indent=0 if column == 0 else 1))


def _is_number(value: Any) -> bool:
    value = value.value if isinstance(value, Traced) else value
    return isinstance(value, int | float) and not isinstance(value, bool)


def _digits(value: float) -> str:
    """Return the format of a number of no known kind: whole, with up to four decimals, or with a power of ten."""
    if isinstance(value, int) or (math.isfinite(value) and value == round(value)):
        return "0"
    return "0.####" if abs(value) >= TINY else "0.0E+00"


def _set_up(page: Worksheet, widths: Sequence[float]) -> None:
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_comments_author(DISTRIBUTION)


def _told(value: Any, kind: str) -> str:
    value = value.value if isinstance(value, Traced) else value
    if isinstance(value, float):
        return f"{value:,.2f}"
    return "" if value is None else as_verdict(value).signed if kind == VERDICT and value in VERDICTS else str(value)


def _wide(text: str) -> int:
    """Return the width of a text in letters; a Chinese character is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _chart(book: Workbook, sheet: Sheet, wanted: Drawing, face: str) -> Any:
    """Return a native chart of a sheet's columns, with the target as a line."""
    small, words = {"name": face, "size": 9, "color": GREY}, wanted.chart
    scatter = words.kind == "scatter"
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"} if scatter else {"type": "column"})
    for number, series in enumerate(wanted.series):
        colour = LINES[number % len(LINES)]
        looks: dict[str, Any] = {"fill": {"color": colour}, "gap": 45}
        if scatter:
            mark = {"type": "circle", "size": 5, "fill": {"color": colour}, "border": {"color": colour}}
            looks = {"line": {"color": colour, "width": 1.75}, "marker": mark}
        elif wanted.target is not None:
            # At the foot of the columns: what is beyond the scale would have its number beyond it, too.
            inside = {"name": face, "size": 9, "color": "#FFFFFF"}
            looks["data_labels"] = {"value": True, "position": "inside_base", "num_format": "#,##0.00", "font": inside}
        chart.add_series(_references(sheet, wanted.x, wanted.y, series) | looks)
    lines: dict[str, Any] = {"major_gridlines": {"visible": True, "line": {"color": LINE}}, "line": {"none": True}}
    lines["min"], up = 0, words.up
    if wanted.target is not None:
        line = {"line": {"color": RED, "width": 1.75, "dash_type": "dash"}, "marker": {"type": "none"}}
        over = chart if scatter else book.add_chart({"type": "line"})
        whole = Series(sheet.heads[wanted.target].text, 0, len(sheet.rows) - 1)
        over.add_series(_references(sheet, wanted.x, wanted.target, whole) | line)
        if over is not chart:
            chart.combine(over)
        values = _numbers(sheet, wanted.y)
        lines["max"] = top = _top(values, _numbers(sheet, wanted.target)[0])
        if max(values, default=0.0) > top:
            up += _(" – what is longer ends at {top}", top=f"{top:g}")
    chart.set_title({"name": _label(words.title), "name_font": {"name": face, "size": 12, "color": INK}})
    axis = {"name_font": small, "num_font": small}
    xs = _numbers(sheet, wanted.x)
    ends = {"min": min(xs), "max": max(xs)} if scatter else {}
    chart.set_x_axis({"name": _label(words.across), "line": {"color": LINE}} | axis | ends)
    chart.set_y_axis({"name": _label(up)} | axis | lines)
    chart.set_legend({"position": "bottom", "font": small} if wanted.target is not None else {"none": True})
    chart.set_size({"width": 900, "height": 420})
    return chart


def _references(sheet: Sheet, x: int, y: int, series: Series) -> dict[str, Any]:
    first, last = HEAD_ROW + 1 + series.first, HEAD_ROW + 1 + series.last
    return {
        "name": _label(series.name), "categories": [sheet.name, first, x, last, x],
        "values": [sheet.name, first, y, last, y],
    }  # fmt: skip


def _label(text: str) -> str:
    """Return a text of a chart, such that it is not taken for the place of a cell."""
    text = text[:LONGEST_LABEL]
    return text.replace("!", f"!{NO_BREAK}") if PLACE_OF_A_CELL.match(text) else text


def _numbers(sheet: Sheet, column: int) -> list[float]:
    values = (row[column].value if isinstance(row[column], Traced) else row[column] for row in sheet.rows)
    return [float(value) for value in values if _is_number(value)]


def _top(values: Sequence[float], promised: float) -> float:
    """Return where the upright axis ends: where there is something to see, not at what never ends."""
    return math.ceil(max([*(value for value in values if value <= SEEN * promised), promised]) * 11) / 10
