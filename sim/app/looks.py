"""How the page looks: its parts as HTML, its styles with the Chinese characters they need, and charts as pictures.

Every text from a file, a title or a name is escaped: it is shown as text.
"""

from __future__ import annotations

import html
import io
import math
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple, TypeVar

from sim.brief.pictures import drawable
from sim.office.parameters.listing import all_parameters
from sim.present.charts.style import AMBER, BLUE, GREY, RED, VERDICT_COLOURS, style
from sim.present.embedded_font import font_face
from sim.present.names import verdict_word
from sim.present.table import Table, text_of
from sim.results.about import Record
from sim.studies.base import Study
from sim.text import catalogue

MARKS = {"HOLDS": "✓", "FAILS": "✗", "TOO CLOSE": "≈", "UNDECIDED": "?"}
NOTES = {"wrong": RED, "unusual": AMBER, "said": BLUE, "plain": GREY}
DPI = 150
R = TypeVar("R", bound=Record)


class Tile(NamedTuple):
    """A figure with its name, and lines below it."""

    name: str
    value: str
    lines: tuple[str, ...]


def capital(text: str) -> str:
    """Return a text that begins with a capital letter, where its script has such."""
    return text[:1].upper() + text[1:]


def heading(title: str, about: str) -> str:
    """Return the page's heading and the line below it."""
    return f'<div class="office"><h1>{html.escape(title)}</h1><p class="about">{html.escape(about)}</p></div>'


def banner(verdict: str, title: str, reason: str, lines: Iterable[str]) -> str:
    """Return a verdict: a mark and words, so that its colour adds nothing that is not said."""
    small = "".join(f'<p class="small">{html.escape(line)}</p>' for line in lines)
    return (
        f'<div class="office verdict" role="status" style="--colour: {VERDICT_COLOURS[verdict]}">'
        f'<div class="mark" aria-hidden="true">{MARKS[verdict]}</div>'
        f'<div><p class="small">{html.escape(title)}</p><b>{html.escape(verdict_word(verdict))}</b>'
        f"<p>{html.escape(capital(reason))}</p>{small}</div></div>"
    )


def tiles(made: Iterable[Tile]) -> str:
    """Return figures side by side."""
    inner = "".join(
        f'<div><p class="small">{html.escape(tile.name)}</p><div class="value">{html.escape(capital(tile.value))}</div>'
        + "".join(f'<p class="small">{html.escape(line)}</p>' for line in tile.lines) + "</div>"
        for tile in made
    )  # fmt: skip
    return f'<div class="office tiles">{inner}</div>'


def scale(
    estimate: float, low: float, high: float, target: float, verdict: str, above: str, below: str, described: str
) -> str:
    """Return an estimate with its interval beside the target, on a scale that has all of them.

    Parameters
    ----------
    estimate, low, high, target : float
        `low` and `high` may be NaN.
    verdict : str
        Gives the colour.
    above, below : str
        Words at the estimate and at the target.
    described : str
        For whoever cannot see it.
    """
    if not math.isfinite(estimate):
        return ""
    ends = [value for value in (estimate, low, high, target) if math.isfinite(value)]
    room = max((max(ends) - min(ends)) * 0.35, target * 0.1)
    begin = max(min(ends) - room, 0.0)
    width = max(ends) + room - begin

    def place(value: float) -> float:
        return round(100 * (value - begin) / width, 2)

    def label(value: float, text: str, side: str) -> str:
        at = f"clamp(3rem, {place(value)}%, 100% - 3rem)"
        return f'<span class="{side}" style="left: {at}">{html.escape(text)}</span>'

    band = ""
    if math.isfinite(low) and math.isfinite(high):
        band = f'<div class="band" style="left: {place(low)}%; width: {place(high) - place(low):.2f}%"></div>'
    return (
        f'<div class="office scale" role="img" aria-label="{html.escape(described)}" '
        f'style="--colour: {VERDICT_COLOURS[verdict]}"><div class="track">{band}'
        f'<div class="target" style="left: {place(target)}%"></div>'
        f'<div class="dot" style="left: {place(estimate)}%"></div>'
        f"{label(estimate, above, 'above')}{label(target, below, 'below')}</div></div>"
    )


def note(kind: str, text: str, lines: Iterable[str] = ()) -> str:
    """Return a remark of a kind, and lines that belong to it."""
    listed = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    rest = f"<ul>{listed}</ul>" if listed else ""
    return f'<div class="office note {kind}" style="--colour: {NOTES[kind]}">{html.escape(text)}{rest}</div>'


def table(shown: Table) -> str:
    """Return a table; the first cell of a row names it."""
    top = "".join(f"<th>{html.escape(capital(head))}</th>" for head in shown.heads)
    body = "".join(
        f'<tr><th scope="row">{html.escape(capital(text_of(name)))}</th>'
        + "".join(f"<td>{html.escape(text_of(cell))}</td>" for cell in cells) + "</tr>"
        for name, *cells in shown.rows
    )  # fmt: skip
    return f'<div class="office"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def styles(texts: Iterable[str]) -> str:
    """Return the styles as HTML.

    Parameters
    ----------
    texts : iterable of str
        What the page shows besides the program's own words: titles, and what was typed.
    """
    css = files("sim.app").joinpath("looks.css").read_text(encoding="utf-8")
    further = "".join(sorted({character for text in texts for character in text} - set(_own_characters())))
    return f"<style>{font_face(_own_characters())}{font_face(further)}{css}</style>"


@cache
def _own_characters() -> str:
    said = (text for (_, english), chinese in catalogue("zh").items() for text in (english, chinese))
    return "".join(sorted(set("".join(said)).union(*(parameter.zh for parameter in all_parameters()))))


def picture(study: Study[R], record: R, name: str) -> bytes:
    """Return one of the charts of a record as PNG."""
    charts = {chart.name: chart for chart in study.charts(drawable(record))}
    file = io.BytesIO()
    with style():
        charts[name].make().savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return file.getvalue()
