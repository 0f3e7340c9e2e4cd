"""A briefing as slides: native tables, text that can be edited, sources in the notes.

The template says where things are and how they look; here its places are filled, with texts as large as have room.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from copy import deepcopy
from datetime import datetime
from importlib.resources import files
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Inches, Pt

from sim.brief import layouts
from sim.brief.compose import Briefing
from sim.brief.fitting import (
    LINE,
    Cell,
    Grid,
    Layout,
    cut,
    fitting_size,
    height_of,
    height_of_all,
    laid_out,
    pages,
    shown,
)
from sim.brief.layouts import DARK_RED, FIGURES, FOOTER, KICKER, NOTE, NUMBER, PICTURE, SUBTITLE, TABLE, TEXT, TITLE
from sim.brief.pictures import Picture
from sim.present.charts.pieces import POINTS
from sim.present.charts.style import AMBER, BLUE, GREY, INK
from sim.present.charts.style import LINE as PALE
from sim.present.table import Sentence, Table, Tone, Traced
from sim.present.terminal import UNSAFE
from sim.program import DISTRIBUTION
from sim.studies.base import KeyFigure
from sim.text import _, language

INCH = 914_400
SMALL, SMALLEST = 12.0, 8.0
"""Points of the smallest texts, and of the smallest lines beside charts and tables."""
LARGE = 36.0
"""Points of the numbers to remember."""
LEGIBLE = 7.0
"""Points that the smallest letters of a chart of the appendix have at least."""
GAP = 9.0
"""Points between paragraphs."""
BEFORE_TABLE = 0.15
"""Inches between texts and the table below them."""
SMALLER = 0.82
"""How much smaller a title may be to have room in a line."""
MOST_BEFORE = 3
"""Sentences before a table."""
LONGEST_PROPERTY = 255
"""Characters of a property of a document."""
EAST_ASIAN, LATIN = layouts.EAST_ASIAN, {"zh": layouts.EAST_ASIAN, "en": layouts.LATIN}
TONGUES = {"zh": ("zh-CN", "en-US"), "en": ("en-US", "zh-CN")}
COLOURS: dict[Tone, str] = {"good": BLUE, "bad": DARK_RED, "close": AMBER, "open": GREY, "": GREY}
"""Of verdicts."""
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
MARGIN, BEFORE_WORDS = 0.06, 0.24
"""Inches inside a cell, and before texts, so that they stand apart from a number before them."""


def deck(briefing: Briefing) -> bytes:
    """Return a deck as the bytes of a file."""
    made = Presentation(io.BytesIO(files("sim.brief").joinpath(layouts.TEMPLATE).read_bytes()))
    _cover(made, briefing)
    _answer(made, briefing)
    for picture in briefing.pictures:
        _picture(made, picture)
    if briefing.situations is not None:
        title, others = _("Does it hold in other situations?"), briefing.situations
        _table(made, title, _grid(others), subtitle=others.title, note=others.note)
    for section, _picture_of in briefing.sections:
        if section.table is not None:
            _table(made, section.heading, _grid(section.table), before=section.said, note=section.table.note)
        elif not {said.text for said in section.said} <= {said.text for said in briefing.answer}:
            _paragraphs(made, section.heading, section.said)
    _rests_on(made, briefing)
    if briefing.advice:
        rows = [(each.about, each.said) for each in briefing.advice]
        _table(made, _("What to do"), Grid((), rows, frozenset({1})), size=18.0, smallest=SMALL)
    legible = [picture for picture in briefing.appendix if _points_on_slide(made, picture) >= LEGIBLE]
    for picture in legible:
        _picture(made, picture)
    _small_print(made, briefing, [picture for picture in briefing.appendix if picture not in legible])
    _table(made, briefing.inputs.title, _grid(briefing.inputs), size=SMALL, smallest=10.0)
    _number(made, briefing)
    facts = made.core_properties
    facts.title, facts.subject = (text[:LONGEST_PROPERTY] for text in (briefing.question.text, briefing.subject))
    facts.author = facts.last_modified_by = DISTRIBUTION
    facts.language = TONGUES[language()][0]
    facts.created = facts.modified = briefing.finished or datetime(*layouts.LONG_AGO)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


# Slides


def _cover(made: Deck, briefing: Briefing) -> None:
    slide = _slide(made, layouts.COVER, briefing.question.text, smallest=24.0)
    bar: Any = next(shape for shape in slide.slide_layout.shapes if shape.name == layouts.BAR)
    bar.fill.solid()
    bar.fill.fore_color.rgb = _rgb(COLOURS[briefing.verdict.tone if briefing.verdict else ""])
    _fill(slide, KICKER, [_("Briefing · simulation of the licence office")])
    _fill(slide, SUBTITLE, [briefing.about])
    finished = [f"{_('Results finished')}{_(': ')}{briefing.finished:%Y-%m-%d}"] if briefing.finished else []
    _fill(slide, layouts.DATE, finished)
    _notes(slide, [briefing.question, briefing.about])


def _answer(made: Deck, briefing: Briefing) -> None:
    slide = _slide(made, layouts.ANSWER if briefing.figures else layouts.PLAIN, _("The answer"))
    answer: list[Cell] = [*([briefing.verdict] if briefing.verdict else []), *briefing.answer]
    _fill(slide, TEXT, answer, gap=GAP)
    if briefing.figures:
        wide = _holder(slide, FIGURES[0]).width / INCH
        numbers = [f"{figure.value.text} {figure.unit}" for figure in briefing.figures]
        large = min(fitting_size([number], wide, 0.8, LARGE, 16.0, bold=True) for number in numbers)
        for number, figure in zip(FIGURES, briefing.figures, strict=False):
            _figure(_holder(slide, number), figure, large)
        for number in FIGURES[len(briefing.figures) :]:
            _fill(slide, number, [])
    _notes(slide, [*answer, *(part for figure in briefing.figures for part in (figure.value, figure.note))])


def _figure(holder: Any, figure: KeyFigure, large: float) -> None:
    """Write a number to remember: the number with its unit, what it is, and a smaller line."""
    wide, frame = holder.width / INCH, holder.text_frame
    _write(frame.paragraphs[0], figure.value.text, large, INK, bold=True)
    if figure.unit:
        _run(frame.paragraphs[0], f" {figure.unit}", max(large / 2, SMALL), INK)
    size = fitting_size([figure.label], wide, 0.62, 14.0, 10.0)
    _write(frame.add_paragraph(), cut(figure.label, size, wide, 0.62), size)
    if figure.note.pieces:
        _write(frame.add_paragraph(), cut(figure.note.text, SMALL, wide, 0.5), SMALL)


def _picture(made: Deck, picture: Picture) -> None:
    slide = _slide(made, layouts.WITH_PICTURE, picture.title or picture.name)
    _fill(slide, SUBTITLE, [picture.subtitle] if picture.subtitle else [], 10.0)
    holder = _holder(slide, PICTURE)
    left, top, wide, tall = holder.left, holder.top, holder.width, holder.height
    shape = holder.insert_picture(io.BytesIO(picture.png))
    # As large as it can be, and not cut to the shape of its place.
    shape.crop_left = shape.crop_right = shape.crop_top = shape.crop_bottom = 0
    scale = min(wide / picture.width, tall / picture.height)
    shape.width, shape.height = int(picture.width * scale), int(picture.height * scale)
    shape.left, shape.top = left + (wide - shape.width) // 2, top
    _describe(shape, f"{picture.title} {picture.subtitle}")
    _fill(slide, NOTE, [picture.source_line] if picture.source_line else [], SMALLEST)
    _notes(slide, (), picture.sources)


def _points_on_slide(made: Deck, picture: Picture) -> float:
    """Return how large the smallest letters of a chart are on a slide, in points."""
    place = _holder(made.slide_layouts[layouts.WITH_PICTURE], PICTURE)
    return float(min(place.width / picture.width, place.height / picture.height) / INCH * picture.smallest)


def _paragraphs(made: Deck, title: str, said: Sequence[Sentence]) -> None:
    slide = _slide(made, layouts.PLAIN, title)
    _fill(slide, TEXT, said, gap=GAP)
    _notes(slide, said)


def _rests_on(made: Deck, briefing: Briefing) -> None:
    title, told, tables = _("What this rests on"), briefing.rests_on.said, briefing.rests_on.tables
    if tables:
        # What the verdict hangs on is the last of them; the page has all.
        _table(made, title, _grid(tables[-1]), before=told, most=len(told), parted=False)
    else:
        _paragraphs(made, title, told)


def _small_print(made: Deck, briefing: Briefing, too_small: Sequence[Picture]) -> None:
    rows: list[tuple[str, Sentence]] = list(briefing.small_print)
    if too_small:
        names = _("; ").join(picture.title or picture.name for picture in too_small)
        text = _("{names}: letters too small for a slide; they are on the page and in pictures/", names=names)
        rows.append((_("Not on slides"), Sentence((text,))))
    _table(made, _("Small print"), Grid((), rows, frozenset({1})), size=14.0, smallest=SMALL)


def _grid(table: Table) -> Grid:
    return Grid(table.heads, table.rows, table.wide, table.total)


def _table(
    made: Deck, title: str, grid: Grid, *, before: Sequence[Sentence] = (), most: int = MOST_BEFORE, subtitle: str = "",
    note: str = "", size: float = 15.0, smallest: float = 11.0, parted: bool = True,
) -> None:  # fmt: skip
    """Add a table on as many slides as it needs.

    Parameters
    ----------
    made : Deck
    title : str
    grid : Grid
    before : sequence of Sentence
        On the first slide, `most` of them.
    subtitle, note : str
    size, smallest : float
        Points.
    parted : bool
        If not, what has no room on the first slide is left out.
    """
    slide = _slide(made, layouts.TEXT_AND_TABLE if before else layouts.WITH_TABLE, title)
    low = _bottom(slide, TABLE if note else NOTE)
    lead = list(before[:most])
    if lead:
        text = _holder(slide, TEXT)
        wide, tall, top = text.width / INCH, text.height / INCH, text.top / INCH
        # A sentence that has no room is left to the page rather than broken off.
        while len(lead) > 1 and height_of_all([said.text for said in lead], SMALL, wide, gap=GAP) > tall:
            lead.pop()
        top += _fill(slide, TEXT, lead, gap=GAP) + BEFORE_TABLE
    else:
        top = _holder(slide, TABLE).top / INCH if subtitle else _below_title(slide)
        _fill(slide, SUBTITLE, [subtitle] if subtitle else [], 10.0)
    layout = laid_out(grid, _holder(slide, TABLE).width / INCH, low - top, size, smallest)
    (begin, end), *rest = pages(layout, low - top)
    while True:
        _rows(slide, top, grid, layout, begin, end, title)
        _fill(slide, NOTE, [note] if note else [], 10.0)
        _notes(slide, [*lead, *(cell for row in grid.rows[begin:end] for cell in row)])
        if not rest or not parted:
            return
        slide, lead = _slide(made, layouts.WITH_TABLE, _("{title} (continued)", title=title)), []
        top = _below_title(slide)
        _fill(slide, SUBTITLE, [])
        # The next slides have more room, without the sentences.
        (first, last), *rest = pages(layout._replace(rows=layout.rows[end:]), low - top)
        begin, end = end + first, end + last


def _rows(slide: Slide, top: float, grid: Grid, layout: Layout, begin: int, end: int, about: str) -> None:
    """Fill the place of a table with some of its rows."""
    heads: list[Sequence[Cell]] = [grid.heads] if grid.heads else []
    heights = [*([layout.head] if heads else []), *layout.rows[begin:end]]
    frame = _holder(slide, TABLE).insert_table(len(heights), len(layout.widths))
    frame.top, frame.width, frame.height = Inches(top), Inches(sum(layout.widths)), Inches(sum(heights))
    _describe(frame, about)
    table = frame.table
    table._tbl.tblPr.set("bandRow", "0")
    table._tbl.tblPr.set("firstRow", str(int(bool(heads))))
    table._tbl.tblPr.find(qn("a:tableStyleId")).text = NO_STYLE
    for column, width in zip(table.columns, layout.widths, strict=True):
        column.width = Inches(width)
    at_left, sums = {0, *grid.wide}, len(grid.rows) - grid.total
    for place, (row, cells) in enumerate(zip(table.rows, [*heads, *grid.rows[begin:end]], strict=True)):
        row.height = Inches(heights[place])
        head, total = place < len(heads), begin + place - len(heads) >= sums
        for column, cell in enumerate(cells):
            shape = table.cell(place, column)
            before = 0.0 if column == 0 else BEFORE_WORDS if column in at_left else MARGIN
            shape.margin_left, shape.margin_right = Inches(before), Inches(MARGIN)
            shape.margin_top = shape.margin_bottom = Inches(MARGIN / 2)
            shape.vertical_anchor = MSO_ANCHOR.BOTTOM if head else MSO_ANCHOR.MIDDLE if heads else MSO_ANCHOR.TOP
            paragraph = shape.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.LEFT if column in at_left else PP_ALIGN.RIGHT
            bold = head or total or (not heads and column == 0)
            _write(paragraph, cell, layout.size - head, GREY if head else INK, bold)
            _rule(shape, INK if head or total else PALE, 1.25 if head else 0.75)


def _rule(cell: Any, colour: str, points: float) -> None:
    """Draw the lower edge of a cell."""
    properties = cell._tc.get_or_add_tcPr()
    line = etree.SubElement(properties, qn("a:lnB"), w=str(int(Pt(points))), cap="flat", cmpd="sng", algn="ctr")
    fill = etree.SubElement(line, qn("a:solidFill"))
    etree.SubElement(fill, qn("a:srgbClr"), val=colour.lstrip("#").upper())
    # Borders have to stand before fills.
    properties.insert(0, line)


def _number(made: Deck, briefing: Briefing) -> None:
    """Write the foot of every slide but the first; new slides do not have it by themselves."""
    foot = f"{_('Briefing · simulation of the licence office')} · {briefing.subject}"
    for slide in list(made.slides)[1:]:
        for place in slide.slide_layout.placeholders:
            if place.placeholder_format.idx in (FOOTER, NUMBER):
                slide.shapes._spTree.append(deepcopy(place._element))
        _fill(slide, FOOTER, [foot], 10.0)


# Places


def _slide(made: Deck, layout: int, title: str, smallest: float = 16.0) -> Slide:
    slide: Slide = made.slides.add_slide(made.slide_layouts[layout])
    _fill(slide, TITLE, [title], smallest)
    return slide


def _holder(slide: Any, number: int) -> Any:
    """Return a place of a slide or layout."""
    return next(each for each in slide.placeholders if each.placeholder_format.idx == number)


def _below_title(slide: Slide) -> float:
    """Return where a table begins that has no line above it."""
    return float(_holder(slide, SUBTITLE).top / INCH) + BEFORE_TABLE / 2


def _bottom(slide: Slide, number: int) -> float:
    holder = _holder(slide, number)
    return float((holder.top + holder.height) / INCH)


def _fill(slide: Slide, number: int, paragraphs: Sequence[Cell], smallest: float = SMALL, gap: float = 0.0) -> float:
    """Write paragraphs into a place, as large as they have room; return the inches that they take.

    What has no room is cut; a place that stays empty is taken away.
    """
    holder = _holder(slide, number)
    if not paragraphs:
        holder._element.getparent().remove(holder._element)
        return 0.0
    (look,) = _holder(slide.slide_layout, number)._element.xpath(".//a:defRPr")
    wide, tall, bold = holder.width / INCH, holder.height / INCH, look.get("b") == "1"
    texts = [shown(cell) for cell in paragraphs]
    size = fitting_size(texts, wide, tall, int(look.get("sz")) / 100, smallest, bold, gap)
    if number == TITLE:
        # Rather a little smaller than with a word or two on a second line.
        one = fitting_size(texts, wide, size * LINE / POINTS, size, size * SMALLER, bold)
        size = one if height_of(texts[0], one, wide, bold) <= one * LINE / POINTS + 0.01 else size
    left = tall
    for place, (cell, text) in enumerate(zip(paragraphs, texts, strict=True)):
        whole = height_of(text, size, wide, bold)
        if place and min(whole, size * LINE / POINTS) > left:
            break
        paragraph = holder.text_frame.add_paragraph() if place else holder.text_frame.paragraphs[0]
        if place:
            paragraph.space_before = Pt(gap)
        _write(paragraph, cell if whole <= left + 0.02 else cut(text, size, wide, left, bold), size)
        left -= whole + gap / POINTS
    return float(tall - max(left + gap / POINTS, 0.0))


def _write(paragraph: Any, cell: Cell, size: float, colour: str = "", bold: bool | None = None) -> None:
    """Write a text into a paragraph, verdicts in their colour; what is not said of its look is as in its place."""
    paragraph.line_spacing = Pt(round(size * LINE, 1))
    for piece in cell.pieces if isinstance(cell, Sentence) else (cell,):
        if isinstance(piece, Traced) and piece.tone:
            _run(paragraph, piece.signed, size, COLOURS[piece.tone], True)
        else:
            _run(paragraph, shown(piece), size, colour, bold)


def _run(paragraph: Any, text: str, size: float, colour: str = "", bold: bool | None = None) -> None:
    """Add a text to a paragraph, with a font for each script, and its language."""
    run = paragraph.add_run()
    run.text, run.font.size, run.font.bold = text.translate(UNSAFE), Pt(size), bold
    if colour:
        run.font.color.rgb = _rgb(colour)
    properties = run._r.get_or_add_rPr()
    properties.set("lang", TONGUES[language()][0])
    properties.set("altLang", TONGUES[language()][1])
    for tag, face in (("a:latin", LATIN[language()]), ("a:ea", EAST_ASIAN), ("a:cs", LATIN[language()])):
        etree.SubElement(properties, qn(tag)).set("typeface", face)


def _rgb(colour: str) -> RGBColor:
    return RGBColor(*bytes.fromhex(colour.lstrip("#")))  # type: ignore[no-untyped-call]


def _describe(shape: Any, text: str) -> None:
    """Say in words what a shape shows."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", text.translate(UNSAFE))


def _notes(slide: Slide, parts: Iterable[Cell], files: Iterable[str] = ()) -> None:
    """Write into the notes where the numbers of a slide come from."""
    frame: Any = slide.notes_slide.notes_text_frame
    lines = dict.fromkeys([*(line for part in parts for line in _sourced(part)), *files])
    for place, text in enumerate([_("Where the numbers come from"), *lines]):
        _run(frame.add_paragraph() if place else frame.paragraphs[0], text, 10.0)


def _sourced(part: Cell) -> list[str]:
    """Return the numbers of a text with their sources, one a line."""
    if isinstance(part, Sentence):
        lines = [line for piece in part.pieces for line in _sourced(piece)]
        return [*lines, f"{part.text[:60]}… ← {'; '.join(part.rests_on)}"] if part.rests_on else lines
    return [f"{part.text} ← {part.source}"] if isinstance(part, Traced) and part.source else []
