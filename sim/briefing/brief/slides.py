"""The parts of slides: texts with fonts for both scripts, native tables, pictures that are described in words."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Inches, Pt

from sim.briefing.brief.fitting import LINE
from sim.briefing.brief.pictures import Picture, one_line
from sim.briefing.brief.traced import Piece, Sentence, Traced, Verdict, text_of
from sim.briefing.charts.style import AMBER, BLUE, GREY, INK, SERIES
from sim.briefing.charts.style import LINE as PALE_LINE
from sim.briefing.words import Language

WIDE, TALL = 13.333, 7.5
"""Inches of a slide."""
SIDE = 0.6
INNER = WIDE - 2 * SIDE
EAST_ASIAN, EAST_ASIAN_IN_CHINESE = "Microsoft YaHei", "微软雅黑"
LATIN = {"zh": EAST_ASIAN, "en": "Arial"}
TONGUES = {"zh": ("zh-CN", "en-US"), "en": ("en-US", "zh-CN")}
DARK_RED = "#b84a00"
"""Of what fails: dark enough for letters on white."""
TONES = {"HOLDS": BLUE, "FAILS": DARK_RED, "TOO CLOSE": AMBER}
TITLE_ONLY = 5
"""The layout of the library's own template that has a title and nothing else."""
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
MARGIN, BEFORE_WORDS = 0.06, 0.24
"""Inches inside a cell, and before texts, so that they stand apart from a number before them."""


class Box(NamedTuple):
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Look:
    """How a text looks: points, colour, weight, and whether it is at the right edge."""

    size: float
    colour: str = INK
    bold: bool = False
    right: bool = False
    middle: bool = False


def new_deck(language: Language) -> Deck:
    """Return an empty deck, 16:9, whose theme has the fonts and colours of the briefing."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(TALL)
    _set_theme(deck, language)
    layout = deck.slide_layouts[TITLE_ONLY]
    for holder in (*layout.placeholders, *deck.slide_master.placeholders):
        if holder.placeholder_format.type is not None and "TITLE" in str(holder.placeholder_format.type):
            holder.left, holder.top = Inches(SIDE), Inches(0.4)
            holder.width, holder.height = Inches(INNER), Inches(0.85)
    return deck


def _set_theme(deck: Deck, language: Language) -> None:
    part = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme = etree.fromstring(part.blob)
    for fonts in theme.iter(qn("a:majorFont"), qn("a:minorFont")):
        fonts.find(qn("a:latin")).set("typeface", LATIN[language])
        fonts.find(qn("a:ea")).set("typeface", EAST_ASIAN)
        for font in fonts.iter(qn("a:font")):
            if font.get("script") == "Hans":
                font.set("typeface", EAST_ASIAN_IN_CHINESE)
    for number, colour in enumerate((BLUE, DARK_RED, *SERIES[:4]), start=1):
        for accent in theme.iter(qn(f"a:accent{number}")):
            for found in accent.iter(qn("a:srgbClr")):
                found.set("val", colour.lstrip("#").upper())
    # The library keeps a theme as the bytes that it came as.
    part._blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _rgb(colour: str) -> RGBColor:
    return RGBColor(*bytes.fromhex(colour.lstrip("#")))  # type: ignore[no-untyped-call]


def place(shape: Any, box: Box) -> None:
    """Move a shape."""
    shape.left, shape.top, shape.width, shape.height = (Inches(value) for value in box)


def colour_of(verdict: str) -> str:
    """Return the colour of a verdict."""
    return TONES.get(verdict, GREY)


def add_slide(deck: Deck, title: str, size: float, language: Language) -> Slide:
    """Add a slide with a title, which is also its name in the outline."""
    slide: Slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    frame = slide.shapes.title.text_frame  # type: ignore[union-attr]
    _prepare(frame, middle=False)
    frame.vertical_anchor = MSO_ANCHOR.TOP
    write(frame.paragraphs[0], title, Look(size, bold=True), language)
    return slide


def add_text(
    slide: Slide, box: Box, paragraphs: Sequence[Sentence | str], look: Look, language: Language, gap: float = 0.0
) -> Any:
    """Write paragraphs into a box; return its shape. `gap` is what is left between them, in points."""
    shape = slide.shapes.add_textbox(*(Inches(value) for value in box))
    frame = shape.text_frame
    _prepare(frame, look.middle)
    for number, text in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        if number:
            paragraph.space_before = Pt(gap)
        write(paragraph, text, look, language)
    return shape


def _prepare(frame: Any, middle: bool) -> None:
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE if middle else MSO_ANCHOR.TOP


def write(paragraph: Any, text: Sentence | Piece, look: Look, language: Language) -> None:
    """Write a text into a paragraph: verdicts in their colour, every run with fonts for both scripts."""
    paragraph.alignment = PP_ALIGN.RIGHT if look.right else PP_ALIGN.LEFT
    paragraph.line_spacing = Pt(round(look.size * LINE, 1))
    for piece in text.pieces if isinstance(text, Sentence) else (text,):
        if isinstance(piece, Verdict):
            _run(paragraph, piece.signed, look, language, colour_of(str(piece.value)), bold=True)
        else:
            _run(paragraph, text_of(piece), look, language, look.colour, look.bold)


def add_run(paragraph: Any, text: str, look: Look, language: Language) -> None:
    """Add a text to a paragraph that has one already."""
    _run(paragraph, text, look, language, look.colour, look.bold)


def _run(paragraph: Any, text: str, look: Look, language: Language, colour: str, bold: bool) -> None:
    run = paragraph.add_run()
    run.text = one_line(text)
    run.font.size, run.font.bold = Pt(look.size), bold
    run.font.color.rgb = _rgb(colour)
    set_fonts(run, language)


def set_fonts(run: Any, language: Language) -> None:
    """Give a run a font for each script, and its language."""
    properties = run._r.get_or_add_rPr()
    properties.set("lang", TONGUES[language][0])
    properties.set("altLang", TONGUES[language][1])
    for tag, face in (("a:latin", LATIN[language]), ("a:ea", EAST_ASIAN), ("a:cs", LATIN[language])):
        element = properties.find(qn(tag))
        if element is None:
            element = etree.SubElement(properties, qn(tag))
        element.set("typeface", face)


def add_number(slide: Slide, box: Box, look: Look, language: Language) -> None:
    """Write the number of the slide as a field, which stays right when slides are moved."""
    shape = add_text(slide, box, ["‹#›"], look, language)
    (run,) = shape.text_frame.paragraphs[0].runs
    element = run._r
    element.tag = qn("a:fld")
    element.set("id", "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}")
    element.set("type", "slidenum")


def add_line(slide: Slide, left: float, top: float, width: float, colour: str, points: float) -> None:
    """Draw a line across."""
    ends = (Inches(value) for value in (left, top, left + width, top))
    line = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *ends)
    line.line.color.rgb = _rgb(colour)
    line.line.width = Pt(points)
    _plain(line)


def _plain(shape: Any) -> None:
    """Take off what the theme would add to a shape: shadows."""
    for style in shape._element.findall(qn("p:style")):
        shape._element.remove(style)


def add_block(slide: Slide, box: Box, colour: str) -> Any:
    """Draw a filled rectangle; return its shape."""
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *(Inches(value) for value in box))
    shape.fill.solid()
    shape.fill.fore_color.rgb = _rgb(colour)
    shape.line.fill.background()
    _plain(shape)
    return shape


def add_picture(slide: Slide, picture: Picture, box: Box) -> None:
    """Put a picture as large as it can be into a box, with what it shows in words."""
    scale = min(box.width / picture.width, box.height / picture.height)
    width, height = picture.width * scale, picture.height * scale
    shape = slide.shapes.add_picture(
        io.BytesIO(picture.png), Inches(box.left + (box.width - width) / 2), Inches(box.top), Inches(width),
        Inches(height),
    )  # fmt: skip
    describe(shape, f"{picture.title} {picture.subtitle}")


def describe(shape: Any, text: str) -> None:
    """Say in words what a shape shows."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", one_line(text))


def add_table(
    slide: Slide, box: Box, rows: Sequence[Sequence[Piece]], widths: Sequence[float], heights: Sequence[float],
    size: float, words: Iterable[int], totals: int, language: Language, about: str,
) -> None:  # fmt: skip
    """Add a native table; the first row is its head.

    Parameters
    ----------
    slide : Slide
    box : Box
    rows : sequence of sequence of str or Traced
    widths, heights : sequence of float
        Inches of the columns and of the rows.
    size : float
        Points.
    words : iterable of int
        Columns of texts, which begin at the left as the first does.
    totals : int
        So many of the last rows are sums.
    language : str
    about : str
        What the table shows, for those who cannot see it.
    """
    frame = slide.shapes.add_table(len(rows), len(widths), *(Inches(value) for value in box))
    describe(frame, about)
    table: Any = frame.table
    properties = table._tbl.tblPr
    properties.set("bandRow", "0")
    properties.find(qn("a:tableStyleId")).text = NO_STYLE
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Inches(width)
    at_left = {0, *words}
    for number, (row, cells, height) in enumerate(zip(table.rows, rows, heights, strict=True)):
        row.height = Inches(height)
        head, total = number == 0, number >= len(rows) - totals
        for column, piece in enumerate(cells):
            cell = table.cell(number, column)
            begin = 0.0 if column == 0 else BEFORE_WORDS if column in at_left else MARGIN
            cell.margin_left, cell.margin_right = Inches(begin), Inches(MARGIN)
            cell.margin_top = cell.margin_bottom = Inches(MARGIN / 2)
            cell.vertical_anchor = MSO_ANCHOR.BOTTOM if head else MSO_ANCHOR.MIDDLE
            cell.text_frame.word_wrap = True
            look = Look(size - (1 if head else 0), GREY if head else INK, head or total, column not in at_left)
            write(cell.text_frame.paragraphs[0], piece, look, language)
            _rule(cell, INK if head or total else PALE_LINE, 1.25 if head else 0.75)


def _rule(cell: Any, colour: str, points: float) -> None:
    """Draw the lower edge of a cell."""
    properties = cell._tc.get_or_add_tcPr()
    line = etree.SubElement(properties, qn("a:lnB"), w=str(int(Pt(points))), cap="flat", cmpd="sng", algn="ctr")
    fill = etree.SubElement(line, qn("a:solidFill"))
    etree.SubElement(fill, qn("a:srgbClr"), val=colour.lstrip("#").upper())
    # Borders have to stand before fills.
    properties.insert(0, line)


def add_notes(slide: Slide, lines: Sequence[str], language: Language) -> None:
    """Write the notes of a slide."""
    frame: Any = slide.notes_slide.notes_text_frame
    if frame is None:
        return
    for number, text in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = one_line(text)
        run.font.size = Pt(10)
        set_fonts(run, language)


def sources_as_lines(parts: Iterable[Sentence | Piece]) -> list[str]:
    """Return the numbers of some texts with their sources, one a line."""
    lines: list[str] = []
    for part in parts:
        if isinstance(part, Sentence):
            lines += sources_as_lines(part.pieces)
            if part.rests_on:
                lines.append(f"{part.text[:60]}… ← {'; '.join(part.rests_on)}")
        elif isinstance(part, Traced):
            lines.append(f"{part.text} ← {part.source}")
    return list(dict.fromkeys(lines))
