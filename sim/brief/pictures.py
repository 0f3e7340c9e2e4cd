"""Charts for a briefing: which of them it shows; with their titles as files, and without them beside titles as text."""

from __future__ import annotations

import base64
import io
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any, NamedTuple, TypeVar

from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from PIL import Image

from sim.brief.inputs import RUN, Given, kind_of, one_line, study_behind, subject_of, with_texts
from sim.present.charts.style import style
from sim.present.fonts import FALLBACK, FILE, PACKAGE
from sim.studies.base import AnswerPart, Chart, Found
from sim.studies.run.charts.overview import overview_chart
from sim.studies.run.overview import overview_row

MOST, MOST_SITUATIONS = 3, 24
"""Charts that answer the question, and scenarios that the overview's chart has room for."""
TITLE, SUBTITLE, SOURCE = 0.42, 0.68, 0.17
"""Inches: from the upper edge down to a chart's title and the line below it, and from the lower edge up to its source,
where `sim.present.charts.style` writes them."""
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
LARGEST_SVG = 400_000
"""Bytes; beyond that the smaller of the two formats goes into the page."""
TITLES = re.compile(r"(?!.*\blabels\b).*\b(en|zh|title|title_en|title_zh)")
"""Ways to titles, which may be cut; the labels of levels may not, by which rows are found."""
Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge in inches, from the left and upper edges of a chart."""
T = TypeVar("T")


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


class Pictures(NamedTuple):
    """The charts of a briefing: those that answer, those of sections by the path of their results, the others."""

    main: tuple[Picture, ...]
    of_sections: Mapping[str, Picture]
    further: tuple[Picture, ...]


class _Candidate(NamedTuple):
    """A chart, the results that it is of, and its name, which no other has."""

    found: Found[Any]
    chart: Chart
    name: str
    sources: tuple[str, ...]


def drawn(given: Given, sections: Mapping[str, str], all_charts: bool = False) -> Pictures:
    """Draw the charts of a briefing.

    Parameters
    ----------
    given : Given
    sections : mapping of path to name
        The charts that sections show, by the results that they are of.
    all_charts : bool
        Those, too, that neither answer nor belong to a section.
    """
    charts = _candidates(given)
    main = _of_scenario(given, charts) if kind_of(given.lead) == RUN else [
        each for each in charts if each.found is given.lead and each.chart.whole
    ][:MOST]  # fmt: skip
    beside = [each for each in charts if sections.get(each.found.path) == each.chart.name and each not in main]
    further = [each for each in charts if each not in main and each not in beside]
    if len(runs := given.of(RUN)[:MOST_SITUATIONS]) > 1:
        chart = Chart("overview", lambda: overview_chart([overview_row(drawable(run.record)) for run in runs]))
        sources = tuple(file for run in runs for file in run.files())
        further.append(_Candidate(given.lead, chart, chart.name, sources))
    return Pictures(
        tuple(map(_draw, main)),
        {each.found.path: _draw(each) for each in beside},
        tuple(map(_draw, further if all_charts else ())),
    )


def _candidates(given: Given) -> list[_Candidate]:
    """Return all charts of the results but of further runs, each with a name of its own."""
    shown = [found for found in given.all if kind_of(found) != RUN or found is given.lead]
    charts = [
        (found, chart) for found in shown for chart in study_behind(found).charts(drawable(found.record))
    ]  # fmt: skip
    of_name = Counter(chart.name for _, chart in charts)
    return [
        _Candidate(
            found, chart, f"{chart.name}.{found.path.replace('/', '-')}" if of_name[chart.name] > 1 else chart.name,
            found.files(*chart.tables),
        )
        for found, chart in charts
    ]  # fmt: skip


def _of_scenario(given: Given, charts: Sequence[_Candidate]) -> list[_Candidate]:
    """Return the charts that answer of a scenario: what was found, why it is so, and how far it holds.

    What other results say of the same scenario comes before what those of the scenario itself say; of how far it holds
    what they say of others, too, and first those that say it in words as well.
    """
    lead = given.lead
    others = [each for each in charts if each.found is not lead]
    same = [each for each in others if subject_of(each.found.record) == lead.record.name]
    own = [each for each in charts if each.found is lead]

    def of(part: AnswerPart, where: Iterable[_Candidate]) -> list[_Candidate]:
        return [each for each in where if each.chart.part == part]

    chosen = [*of("what", own)[:1], *of("why", [*same, *own])[:1]]
    far = of("how far", [*same, *(each for each in others if each not in same)])
    far.sort(key=lambda each: study_behind(each.found).part != "how far")
    return [*chosen, *[*far, *of("how far", own)][: MOST - len(chosen)]]


def _draw(each: _Candidate) -> Picture:
    return draw(each.name, each.chart.make, each.sources)


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
    bare, box = _cut_png(png, HEAD if title else 0.0, FOOT if source else 0.0)
    width, height = box[2] - box[0], box[3] - box[1]
    whole = {"png": png, "svg": svg}
    return Picture(name, title, subtitle, source, sources, bare, _cut_svg(svg, box), whole, width, height,
                   _smallest(figure))  # fmt: skip


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
        inked = paper.point([255 if grey < WHITE else 0 for grey in range(256)]).getbbox() or (0, 0, *paper.size)
        edge = round(AROUND * DPI)
        box = (
            max(inked[0] - edge, 0), max(inked[1] - edge, 0) + top, min(inked[2] + edge, picture.width),
            min(inked[3] + edge, paper.height) + top,
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


def drawable(record: T) -> T:
    """Return results whose texts can be drawn: no character that the fonts lack, no title beyond a chart's width."""

    def shown(text: str, way: str) -> str:
        found = "".join(map(_glyph, one_line(text)))
        return found[: LONGEST - 1] + "…" if len(found) > LONGEST and TITLES.fullmatch(way) else found

    changed: T = with_texts(record, shown)
    return changed


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
