"""Parts of the page as HTML. Every text from a file, a title or a name is escaped: it is shown as text."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sim.briefing.charts.style import AMBER, BLUE, GREY, RED, VERDICT_COLOURS

MARKS = {"HOLDS": "✓", "FAILS": "✗", "TOO CLOSE": "≈", "UNDECIDED": "?"}
NOTES = {"wrong": RED, "unusual": AMBER, "said": BLUE, "plain": GREY}


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


def banner(verdict: str, title: str, words: str, reason: str, lines: Iterable[str]) -> str:
    """Return a verdict: a mark and words, so that its colour adds nothing that is not said."""
    small = "".join(f'<p class="small">{html.escape(line)}</p>' for line in lines)
    return (
        f'<div class="office verdict" role="status" style="--colour: {VERDICT_COLOURS[verdict]}">'
        f'<div class="mark" aria-hidden="true">{MARKS[verdict]}</div>'
        f'<div><p class="small">{html.escape(title)}</p><b>{html.escape(words)}</b>'
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
        f'{label(estimate, above, "above")}{label(target, below, "below")}</div></div>'
    )


def note(kind: str, text: str, lines: Iterable[str] = ()) -> str:
    """Return a remark of a kind, and lines that belong to it."""
    listed = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    rest = f"<ul>{listed}</ul>" if listed else ""
    return f'<div class="office note {kind}" style="--colour: {NOTES[kind]}">{html.escape(text)}{rest}</div>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first cell of a row names it."""
    top = "".join(f"<th>{html.escape(capital(cell))}</th>" for cell in head)
    body = "".join(
        f'<tr><th scope="row">{html.escape(capital(name))}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
        for name, *cells in rows
    )  # fmt: skip
    return f'<div class="office"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
