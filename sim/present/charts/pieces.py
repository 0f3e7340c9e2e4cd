"""Pieces that the charts of sweeps and comparisons share: text that fits, places in inches, legends and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from sim.present.charts.style import GREY, INK, LEFT, WIDTH
from sim.text import _

GROUNDS = ("#0072b2", "#eb9a63", "#f8e08e", "#eceef0")
"""To write on: of the good, the bad, the all but equal and the open. From dark to light, so that they are told apart
in grey too."""
ON_GROUNDS = ("white", INK, INK, INK)
"""The colours to write in."""
POINTS = 72.0
"""Points an inch."""
# A Chinese character stands alone, a Latin word with its space does not break, nor does a unit in brackets.
PIECES = re.compile(
    r"（[\u2e80-\u9fff]{1,3}）[，。；：、？！》」％]*\s*|"
    r"[（《「]*(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)[，。；：、？！）》」％]*\s*|\s+"
)
"""Where a line may end: after a Chinese character or a word, but not before what closes, nor after what opens."""


def write_at(figure: Figure, x: float, y: float, text: str, **looks: Any) -> Text:
    """Write a text at a place in inches, from the left edge and from the top."""
    return figure.text(x / WIDTH, 1 - y / figure.get_figheight(), text, **looks)


def fitted(figure: Figure, text: Text, width: float, smallest: float = 7.0) -> float:
    """Make a text smaller until it is no wider than `width` inches; return its size in points."""
    size = float(text.get_fontsize())
    while width_of(figure, text) > width and size > smallest:
        size -= 0.5
        text.set_fontsize(size)
    return size


def width_of(figure: Figure, text: Text) -> float:
    """Return the width of a text in inches."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    return float(text.get_window_extent(renderer).width) / figure.dpi


def text_width(figure: Figure, text: str, size: float) -> float:
    """Return the width in inches that a text would have."""
    drawn = figure.text(0, 0, text, size=size)
    width = width_of(figure, drawn)
    drawn.remove()
    return width


def wrapped(figure: Figure, text: str, width: float, size: float, lines: int = 3) -> str:
    """Return a text in at most `lines` lines that are no wider than `width` inches if that can be done.

    A single word that is wider is left as it is; what is beyond the last line is cut, and "…" says so.
    """
    done: list[str] = []
    line = ""
    for piece in PIECES.findall(text):
        if line and text_width(figure, (line + piece).rstrip(), size) > width:
            done.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    done.append(line.rstrip())
    if len(done) > lines:
        done = [*done[: lines - 1], done[lines - 1][:-1].rstrip() + "…"]
    return "\n".join(done)


def shortened(figure: Figure, text: str, width: float, size: float) -> str:
    """Return a text in one line that is no wider than `width` inches, its middle left out if it is too long."""
    kept, short = len(text), text
    while text_width(figure, short, size) > width and kept > 4:
        kept -= 1
        short = text[: (kept + 1) // 2].rstrip() + "…" + text[len(text) - kept // 2 :].lstrip()
    return short


class Sign(NamedTuple):
    """How a verdict or a finding is shown.

    Attributes
    ----------
    marker : str
    ink : str
        Colour of the marker and of what is written.
    ground : str
        Colour of the ground that they are on; empty if there is none.
    """

    marker: str
    ink: str
    ground: str


def legend_line(figure: Figure, down: float, signs: Mapping[str, Sign]) -> None:
    """Explain signs in one line, `down` inches below the upper edge.

    Parameters
    ----------
    figure : Figure
    down : float
    signs : dict of label to Sign
        In the order in which they are shown.
    """
    handles: dict[str, Any] = {}
    grounds = any(sign.ground for sign in signs.values())
    for label, sign in signs.items():
        size = 4.5 if grounds else 7
        marker = Line2D([], [], ls="none", marker=sign.marker, mew=0, ms=size, color=sign.ink)
        handles[label] = (Patch(fc=sign.ground, ec=GREY, lw=0.4), marker) if sign.ground else marker
    legend_row(figure, handles, down, 1.5 if grounds else 0.8, handletextpad=0.5, columnspacing=1.6, handleheight=1.0)


def legend_row(
    figure: Figure, handles: Mapping[str, Any], down: float = 1.03, length: float = 1.5, **looks: Any
) -> None:
    """Explain lines and points in one line, `down` inches below the upper edge.

    Parameters
    ----------
    figure : Figure
    handles : dict of label to artist
        In the order in which they are shown.
    down : float
    length : float
        Of a line, in heights of the letters.
    **looks
        As matplotlib's legends have them.
    """
    figure.legend(
        list(handles.values()), list(handles), loc="center left", ncols=max(len(handles), 1), frameon=False,
        fontsize=10, labelcolor=GREY, bbox_to_anchor=(LEFT, 1 - down / figure.get_figheight()), borderaxespad=0,
        borderpad=0, handlelength=length, **{"handletextpad": 0.6, "columnspacing": 1.8, **looks},
    )  # fmt: skip


def too_wide(figure: Figure, texts: Iterable[str], size: float, width: float) -> bool:
    """Return whether any of some texts is wider than `width` inches."""
    return any(text_width(figure, line, size) > width for text in texts for line in text.split("\n"))


def fitted_columns(figure: Figure, labels: Sequence[str], width: float) -> tuple[list[str], float]:
    """Return labels that stand side by side with `width` inches each, and their size in points.

    They are wrapped and made smaller; if that is not enough, only every second or third is left.
    """
    shown, size = list(labels), 7.0
    for size in (10.0, 9.0, 8.0, 7.0):
        shown = [wrapped(figure, label, width * 0.94, size) for label in labels]
        if not too_wide(figure, shown, size, width * 0.96):
            return shown, size
    every = 2
    while too_wide(figure, shown, size, width * every * 0.96) and every < len(labels):
        every += 1
    return [label if number % every == 0 else "" for number, label in enumerate(shown)], size


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float] | None:
    """Return where to write labels so that none is over another, each as near as can be to where it is wanted.

    Parameters
    ----------
    wanted : sequence of float
        Middles of the labels, in the order in which they are to stand.
    sizes : sequence of float
        What each takes of the axis.
    low, high : float
        The ends between which they have to stay.

    Returns
    -------
    list of float, or None
        None if there is not enough room.
    """
    if sum(sizes) > high - low:
        return None
    # Groups of labels that touch: where the first begins, their sizes, and the sum of the beginnings they want.
    groups: list[tuple[float, list[float], float]] = []
    for middle, size in zip(wanted, sizes, strict=True):
        begin, members, wish = middle - size / 2, [size], middle - size / 2
        begin = min(max(begin, low), high - size)
        while groups and groups[-1][0] + sum(groups[-1][1]) > begin:
            _, before, wishes = groups.pop()
            wish += wishes - sum(before) * len(members)
            members = before + members
            begin = min(max(wish / len(members), low), high - sum(members))
        groups.append((begin, members, wish))
    return [
        begin + sum(members[:number]) + members[number] / 2
        for begin, members, _ in groups
        for number in range(len(members))
    ]


def open_ends(intervals: Iterable[tuple[str, float, float, bool]]) -> list[str]:
    """Return a note on intervals without an end on the bad side; none if all have one.

    `intervals` : of each its verdict, its ends, and whether it is of a mean, not of a share.
    """
    some = any(
        verdict == "FAILS" and low < high and (high == inf if about_mean else low == 0)
        for verdict, low, high, about_mean in intervals
    )
    return [_("up to the edge: shown to fail early, with no end on that side")] if some else []
