"""Charts for a briefing: with their titles as files, and without them beside titles that are text."""

from __future__ import annotations

import base64
import io
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, TypeVar

from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from PIL import Image

from sim.briefing.charts.style import style
from sim.briefing.fonts import FALLBACK, FILE, PACKAGE

TITLE, SUBTITLE, SOURCE = 0.42, 0.68, 0.17
"""Inches: from the upper edge down to a chart's title and the line below it, and from the lower edge up to its source,
where `sim.briefing.charts.style` writes them."""
HEAD, FOOT = 0.82, 0.28
"""Inches that they take at the edges; what is in between is the chart alone."""
AROUND = 0.04
"""Inches left around what is drawn."""
WHITE = 250
"""From here on a grey is taken for the white of the paper."""
VIEW = re.compile(rb'width="[\d.]+pt" height="[\d.]+pt" viewBox="[\d. ]+"')
POINTS = 72.0
"""Points an inch."""
DPI = 200
NO_GLYPH = "〓"
"""Printers' mark for a character that the font does not have."""
LONGEST = 48
"""Characters of a title that a chart has room for."""
BREAKS = "\t\n\r\u0085\u2028\u2029"
LARGEST_SVG = 400_000
"""Bytes; beyond that the smaller of the two formats goes into the page."""
TITLES, LEVELS = ("en", "zh", "title", "title_en", "title_zh"), "labels"
Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge in inches, from the left and upper edges of a chart."""
Any_ = TypeVar("Any_")


@dataclass(frozen=True)
class Picture:
    """A chart, drawn.

    Attributes
    ----------
    name : str
        Of its files, without suffix.
    title, subtitle, source_line : str
        What was written above and below, as text.
    sources : tuple of str
        Files of results that it was drawn from.
    png, svg : bytes
        Without title, subtitle and source line.
    whole : mapping of suffix to bytes
        With them, to be used alone.
    width, height : float
        Inches, of `png` and `svg`.
    smallest : float
        Points of its smallest letters at that size.
    """

    name: str
    title: str
    subtitle: str
    source_line: str
    sources: tuple[str, ...]
    png: bytes
    svg: bytes
    whole: Mapping[str, bytes]
    width: float
    height: float
    smallest: float

    @property
    def data_uri(self) -> str:
        """The picture as part of a page: sharp at any size, unless that would be too large."""
        small = len(self.svg) <= max(LARGEST_SVG, len(self.png))
        kind, data = ("svg+xml", self.svg) if small else ("png", self.png)
        return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def draw(name: str, chart: Callable[[], Figure], sources: tuple[str, ...]) -> Picture:
    """Draw a chart and take its title off.

    Parameters
    ----------
    name : str
    chart : callable
        Returns the figure; is called in the charts' style.
    sources : tuple of str
    """
    with style():
        figure = chart()
        png, svg = (_written(figure, suffix) for suffix in ("png", "svg"))
    title, subtitle, source = (_text_at(figure, place) for place in (-TITLE, -SUBTITLE, SOURCE))
    # Without words of its own above it, a chart has to keep the title that it has.
    above, below = (HEAD if title else 0.0), (FOOT if source else 0.0)
    bare, box = _cut_png(png, above, below)
    width, height = box[2] - box[0], box[3] - box[1]
    whole = {"png": png, "svg": svg}
    small = _smallest(figure)
    return Picture(name, title, subtitle, source, sources, bare, _cut_svg(svg, box), whole, width, height, small)


def _text_at(figure: Figure, inches: float) -> str:
    """Return what is written at a height of a figure; negative: from the upper edge."""
    tall = figure.get_figheight()
    height = (inches if inches > 0 else tall + inches) / tall
    return "".join(
        text.get_text() for text in figure.texts if math.isclose(text.get_position()[1], height, abs_tol=1e-6)
    ).strip()


def _smallest(figure: Figure) -> float:
    """Return the points of the smallest letters of a figure, those not counted that are cut off."""
    tall = figure.get_figheight()
    cut = [text for text in figure.texts if not FOOT < text.get_position()[1] * tall < tall - HEAD]
    texts = (text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_visible() and text not in cut)
    return min((float(text.get_fontsize()) for text in texts if text.get_text().strip()), default=math.inf)


def _cut_png(png: bytes, above: float, below: float) -> tuple[bytes, Box]:
    """Return a picture without some inches at its upper and lower edges and without empty paper, and what is left."""
    with Image.open(io.BytesIO(png)) as picture:
        top, bottom = round(above * DPI), picture.height - round(below * DPI)
        paper = picture.convert("L").crop((0, top, picture.width, bottom))
        drawn = paper.point([255 if grey < WHITE else 0 for grey in range(256)]).getbbox() or (0, 0, *paper.size)
        edge = round(AROUND * DPI)
        box = (
            max(drawn[0] - edge, 0), max(drawn[1] - edge, 0) + top, min(drawn[2] + edge, picture.width),
            min(drawn[3] + edge, paper.height) + top,
        )  # fmt: skip
        file = io.BytesIO()
        picture.convert("RGB").crop(box).save(file, "PNG", optimize=True, dpi=(DPI, DPI))
    left, upper, right, lower = (pixels / DPI for pixels in box)
    return file.getvalue(), (left, upper, right, lower)


def _cut_svg(svg: bytes, box: Box) -> bytes:
    """Return a drawing that does not show what is outside of a box in inches."""
    left, above, right, below = (inches * POINTS for inches in box)
    head = (
        f'width="{right - left:g}pt" height="{below - above:g}pt" '
        f'viewBox="{left:g} {above:g} {right - left:g} {below - above:g}"'
    )
    return VIEW.sub(head.encode("ascii"), svg, count=1)


def _written(figure: Figure, suffix: str) -> bytes:
    """Return a figure as the bytes of a file, without the time of day in it."""
    metadata = {"Date": None, "Creator": None} if suffix == "svg" else {"Software": None}
    file = io.BytesIO()
    figure.savefig(file, format=suffix, dpi=DPI, metadata=metadata)
    return file.getvalue()


def drawable(saved: Any_) -> Any_:
    """Return results whose texts can be drawn: no character that the fonts lack, no title beyond a chart's width."""
    return _drawable(saved, "")  # type: ignore[no-any-return]


def _drawable(value: Any, name: str) -> Any:
    if isinstance(value, str):
        shown = "".join(map(_glyph, one_line(value)))
        # What rows are found by stays as long as it is.
        return shown if len(shown) <= LONGEST or name not in TITLES else shown[: LONGEST - 1] + "…"
    if isinstance(value, Path | bytes) or value is None:
        return value
    if isinstance(value, dict):
        new = {key: _drawable(inner, LEVELS if name == LEVELS else str(key)) for key, inner in value.items()}
        # The facts of a manifest stay of their class, which says what it lacks.
        same = copy(value)
        same.update(new)
        return same
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return value
    if isinstance(value, list | tuple):
        return type(value)(_drawable(inner, name) for inner in value)
    if is_dataclass(value) and not isinstance(value, type):
        new = {field.name: _drawable(getattr(value, field.name), field.name) for field in fields(value)}
        return replace(value, **new)
    return value


def one_line(text: str) -> str:
    """Return a text without control characters and line breaks, which neither charts nor XML can hold."""
    return "".join(
        " " if character in BREAKS else character
        for character in text
        if character in BREAKS or not (unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff")
    )


@cache
def _characters() -> frozenset[int]:
    """Return the code points that one of the charts' fonts has."""
    with as_file(files(PACKAGE) / FILE) as path:
        first = FT2Font(str(path)).get_charmap()
    return frozenset(first) | frozenset(FT2Font(findfont(FALLBACK)).get_charmap())


def _glyph(character: str) -> str:
    """Return what is drawn for a character; nothing for what only joins or changes others."""
    if ord(character) in _characters():
        return character
    return "" if unicodedata.category(character) in ("Cf", "Mn", "Sk") else NO_GLYPH
