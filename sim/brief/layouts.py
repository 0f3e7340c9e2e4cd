"""The layouts of the deck: which places a slide has, and how they look.

    python -m sim.brief.layouts

makes the template `deck.pptx` beside this file again. The deck itself only fills the places of the template.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches

from sim.present.charts.style import BLUE, GREY, INK, LINE, SERIES

TEMPLATE = "deck.pptx"
WIDE, TALL, SIDE = 13.333, 7.5, 0.6
INNER = WIDE - 2 * SIDE
"""Inches: of a slide, at its sides, and what is left in between."""
DARK_RED = "#b84a00"
"""Of what fails: dark enough for letters on white."""
LATIN, EAST_ASIAN, EAST_ASIAN_IN_CHINESE = "Arial", "Microsoft YaHei", "微软雅黑"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of all files in the template, so that the same layouts give the same bytes."""
TITLE, TEXT, TABLE, PICTURE, SUBTITLE, NOTE, FOOTER, NUMBER = 0, 10, 11, 12, 13, 14, 20, 21
"""Numbers of the places of a slide."""
KICKER, DATE, FIGURES = 15, 16, (30, 31, 32, 33)
"""Those of the first slide, and of the numbers to remember."""
COVER, ANSWER, PLAIN, WITH_PICTURE, WITH_TABLE, TEXT_AND_TABLE = range(6)
"""The layouts, in the order of the template."""
BAR, RULE = "bar", "rule"
"""Shapes of a layout that are no places."""


class Holder(NamedTuple):
    """A place on a slide.

    Attributes
    ----------
    number : int
    kind : str
        As the file format has it: "title", "body", "tbl", "pic", "ftr" or "sldNum".
    box : (left, top, width, height)
        Inches.
    size : float
        Points, the largest that its texts are.
    grey, bold : bool
    anchor, align : str
        "t", "ctr" or "b"; "l" or "r".
    """

    number: int
    kind: str
    box: tuple[float, float, float, float]
    size: float
    grey: bool = False
    bold: bool = False
    anchor: str = "t"
    align: str = "l"


HEAD = Holder(TITLE, "title", (SIDE, 0.26, INNER, 0.98), 26, bold=True, anchor="b")
BELOW = Holder(SUBTITLE, "body", (SIDE, 1.32, INNER, 0.3), 14, grey=True)
FOOT = (
    Holder(FOOTER, "ftr", (SIDE, 7.05, INNER - 1, 0.22), 10, grey=True),
    Holder(NUMBER, "sldNum", (WIDE - SIDE - 0.8, 7.05, 0.8, 0.22), 10, grey=True, align="r"),
)
QUARTER = INNER / len(FIGURES)
LAYOUTS: dict[str, tuple[Holder, ...]] = {
    "Cover": (
        Holder(KICKER, "body", (1.1, 1.2, 10.8, 0.4), 16, grey=True),
        Holder(TITLE, "title", (1.1, 1.8, 10.8, 2.3), 44, bold=True, anchor="b"),
        Holder(SUBTITLE, "body", (1.1, 4.35, 10.8, 0.9), 20, grey=True),
        Holder(DATE, "body", (1.1, 6.6, 10.8, 0.3), 14, grey=True),
    ),
    "Answer": (
        HEAD, Holder(TEXT, "body", (SIDE, 1.5, INNER, 3.3), 24),
        *(
            Holder(number, "body", (SIDE + QUARTER * place, 5.05, QUARTER - 0.3, 1.8), 14, grey=True)
            for place, number in enumerate(FIGURES)
        ),
        *FOOT,
    ),
    "Text": (HEAD, Holder(TEXT, "body", (SIDE, 1.5, INNER, 5.35), 20), *FOOT),
    "Picture": (
        HEAD, BELOW, Holder(PICTURE, "pic", (SIDE, 1.66, INNER, 4.96), 12),
        Holder(NOTE, "body", (SIDE, 6.7, INNER, 0.24), 11, grey=True), *FOOT,
    ),
    "Table": (
        HEAD, BELOW, Holder(TABLE, "tbl", (SIDE, 1.7, INNER, 4.85), 15),
        Holder(NOTE, "body", (SIDE, 6.62, INNER, 0.27), 12, grey=True), *FOOT,
    ),
    "Text and table": (
        HEAD, Holder(TEXT, "body", (SIDE, 1.42, INNER, 2.2), 16), Holder(TABLE, "tbl", (SIDE, 3.75, INNER, 2.8), 15),
        Holder(NOTE, "body", (SIDE, 6.62, INNER, 0.27), 12, grey=True), *FOOT,
    ),
}  # fmt: skip
"""By name; the order is that of the template."""
NAMES = {
    "title": "Title", "body": "Text", "tbl": "Table", "pic": "Picture", "ftr": "Footer", "sldNum": "Slide number",
}  # fmt: skip

FIELD = '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:t>‹#›</a:t></a:fld>'
"""The number of a slide, which stays right when slides are moved."""


def template() -> bytes:
    """Return the template: the library's own one with our sizes, colours, fonts and layouts."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(TALL)
    _leave_out(deck.part.package, RELATIONSHIP_TYPE.THUMBNAIL, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES)
    _leave_out(deck.part, RELATIONSHIP_TYPE.PRINTER_SETTINGS)
    _set_theme(deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME))
    body = Holder(TEXT, "body", (SIDE, 1.5, INNER, 5.35), 20)
    _fill(deck.slide_master, "", (HEAD, body, *FOOT), ())
    for layout in list(deck.slide_layouts)[len(LAYOUTS) :]:
        deck.slide_layouts.remove(layout)
    decorations = {
        COVER: [_block(BAR, (0, 0, 0.35, TALL), GREY)], ANSWER: [_block(RULE, (SIDE, 4.95, INNER, 0.01), LINE)],
    }  # fmt: skip
    for place, (layout, (name, holders)) in enumerate(zip(deck.slide_layouts, LAYOUTS.items(), strict=True)):
        layout._element.set("type", "cust")
        _fill(layout, name, holders, decorations.get(place, ()))
    facts = deck.core_properties
    facts.title, facts.author, facts.last_modified_by = "", "", ""
    facts.created = facts.modified = datetime(*LONG_AGO)
    facts.revision = 1
    file = io.BytesIO()
    deck.save(file)
    return _the_same_each_time(file.getvalue())


def _leave_out(part: Any, *kinds: str) -> None:
    relations = part._rels
    for name in [name for name, relation in relations.items() if relation.reltype in kinds]:
        relations.pop(name)


def _set_theme(part: Any) -> None:
    theme = etree.fromstring(part.blob)
    for fonts in theme.iter(qn("a:majorFont"), qn("a:minorFont")):
        fonts.find(qn("a:latin")).set("typeface", LATIN)
        fonts.find(qn("a:ea")).set("typeface", EAST_ASIAN)
        for font in fonts.iter(qn("a:font")):
            if font.get("script") == "Hans":
                font.set("typeface", EAST_ASIAN_IN_CHINESE)
    colours = {"dk1": INK, "dk2": GREY}
    colours |= {f"accent{place}": colour for place, colour in enumerate((BLUE, DARK_RED, *SERIES[:4]), start=1)}
    for name, colour in colours.items():
        (element,) = theme.iter(qn(f"a:{name}"))
        element[:] = [parse_xml(f'<a:srgbClr {nsdecls("a")} val="{_hex(colour)}"/>')]
    # The library keeps a theme as the bytes that it came as.
    part._blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _fill(page: Any, name: str, holders: Iterable[Holder], decorations: Iterable[Any]) -> None:
    """Put the places of a layout, or of the master, where others are."""
    page.name = name
    tree = page.shapes._spTree
    for element in tree.findall(qn("p:sp")):
        tree.remove(element)
    tree.extend(decorations)
    for holder in holders:
        tree.append(_placeholder(holder, len(tree)))


def _placeholder(holder: Holder, shape: int) -> Any:
    left, top, width, height = (int(Inches(value)) for value in holder.box)
    number = "" if holder.number == TITLE else f' idx="{holder.number}"'
    said = {"ftr": "", "sldNum": FIELD}.get(holder.kind, f"<a:r><a:t>{NAMES[holder.kind]}</a:t></a:r>")
    return parse_xml(f"""
        <p:sp {nsdecls("p", "a")}>
          <p:nvSpPr>
            <p:cNvPr id="{shape}" name="{NAMES[holder.kind]} {holder.number}"/>
            <p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>
            <p:nvPr><p:ph type="{holder.kind}"{number}/></p:nvPr>
          </p:nvSpPr>
          <p:spPr>
            <a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
            <a:prstGeom prst="rect"><a:avLst/></a:prstGeom>
          </p:spPr>
          <p:txBody>
            <a:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="{holder.anchor}">
              <a:noAutofit/>
            </a:bodyPr>
            <a:lstStyle>
              <a:lvl1pPr marL="0" indent="0" algn="{holder.align}">
                <a:spcBef><a:spcPts val="0"/></a:spcBef>
                <a:buNone/>
                <a:defRPr sz="{holder.size * 100:.0f}" b="{int(holder.bold)}">
                  <a:solidFill><a:schemeClr val="{"tx2" if holder.grey else "tx1"}"/></a:solidFill>
                  <a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/>
                </a:defRPr>
              </a:lvl1pPr>
            </a:lstStyle>
            <a:p>{said}</a:p>
          </p:txBody>
        </p:sp>
    """)


def _block(name: str, box: tuple[float, float, float, float], colour: str) -> Any:
    left, top, width, height = (int(Inches(value)) for value in box)
    return parse_xml(f"""
        <p:sp {nsdecls("p", "a")}>
          <p:nvSpPr><p:cNvPr id="{100 + len(name)}" name="{name}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>
          <p:spPr>
            <a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
            <a:prstGeom prst="rect"><a:avLst/></a:prstGeom>
            <a:solidFill><a:srgbClr val="{_hex(colour)}"/></a:solidFill><a:ln><a:noFill/></a:ln>
          </p:spPr>
        </p:sp>
    """)


def _hex(colour: str) -> str:
    return colour.lstrip("#").upper()


def _the_same_each_time(data: bytes) -> bytes:
    """Return an archive without what differs from time to time and from machine to machine."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as after:
        for name in before.namelist():
            after.writestr(zipfile.ZipInfo(name, LONG_AGO), before.read(name))
    return file.getvalue()


if __name__ == "__main__":
    Path(__file__).with_name(TEMPLATE).write_bytes(template())
