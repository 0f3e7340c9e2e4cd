"""The lines of a sweep's chart: where they leave the scale, and their labels, at their ends or in a legend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.briefing.charts.estimates import Scale
from sim.briefing.charts.panels import Panels
from sim.briefing.charts.pieces import POINTS, spread, text_width
from sim.briefing.charts.style import INK, WIDTH
from sim.briefing.saved_sweep import Cell

LABEL = 10.5
"""Points."""
SPAN = "–"


class Line(NamedTuple):
    """A line of a panel.

    Attributes
    ----------
    level : int
        Its level of the factor of the lines.
    cells : list of Cell
        From left to right.
    x : list of float
    y : list of float
        As drawn.
    """

    level: int
    cells: list[Cell]
    x: list[float]
    y: list[float]


class End(NamedTuple):
    """Where a line ends: inside at the right (`x` is NaN), or beyond the scale (`y` is NaN)."""

    x: float
    y: float


class Room(NamedTuple):
    """Where the ends of lines are labelled.

    Attributes
    ----------
    panels : Panels
        One.
    scale : Scale
    labels : list of str
        By level.
    ordered : bool
        Whether some of the labels are enough to know the others.
    """

    panels: Panels
    scale: Scale
    labels: list[str]
    ordered: bool


def label_ends(figure: Figure, room: Room, lines: Sequence[Line], colours: Sequence[str]) -> bool:
    """Write the levels at the ends of their lines; return whether there was room, else nothing is written."""
    axes = figure.axes[0]
    ends = {line.level: _end(line, room.scale) for line in lines}
    if not room.scale.about_mean and any(math.isnan(end.y) for end in ends.values()):
        return False
    right = sorted((level for level, end in ends.items() if math.isnan(end.x)), key=lambda level: ends[level].y)
    heights = [(room.labels[level].count("\n") + 1) * LABEL * 1.2 / POINTS / room.panels.high for level in right]
    # In fractions of the axes: what is wanted, and what is free.
    up = spread([_fraction(axes, 0, ends[level].y)[1] for level in right], heights, -0.04, 1.02)
    along = _along(figure, room, {level: end.x for level, end in ends.items() if math.isnan(end.y)})
    if up is None or along is None:
        return False
    last = max(line.x[-1] for line in lines)
    for level, y in zip(right, up, strict=True):
        axes.annotate(
            room.labels[level], _fraction(axes, last, ends[level].y), (1.035, y), xycoords="axes fraction",
            textcoords="axes fraction", size=LABEL, va="center_baseline", color=INK, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colours[level], "lw": 1.0, "shrinkA": 1, "shrinkB": 6,
                        "relpos": (0, 0.5)},
        )  # fmt: skip
    for text, x in along:
        axes.annotate(
            text, (x, 1), (0, 7), xycoords="axes fraction", textcoords="offset points", ha="center",
            va="bottom", size=LABEL, color=INK,
        )  # fmt: skip
    return True


def _along(figure: Figure, room: Room, ends: Mapping[int, float]) -> list[tuple[str, float]] | None:
    """Return what to write above the axes at the lines that leave them, and where; None if there is not enough room.

    Of levels with an order only every second or third is named if that brings the labels to their lines, and of
    lines that leave at the same place the first and the last.

    Parameters
    ----------
    figure : Figure
    room : Room
    ends : dict of level to float
        Where the lines leave the axes.
    """
    axes = figure.axes[0]
    together: dict[float, list[int]] = {}
    for level in sorted(ends):
        together.setdefault(ends[level], []).append(level)
    order = sorted(together)
    if any("\n" in room.labels[level] for level in ends) or (len(order) < len(ends) and not room.ordered):
        return None
    names = {
        end: SPAN.join(dict.fromkeys((room.labels[levels[0]], room.labels[levels[-1]])))
        for end, levels in together.items()
    }
    for step in range(1, len(order) + 1) if room.ordered else (1,):
        some = [end for end in order if len(together[end]) > 1 or together[end][0] % step == 0]
        wanted = [_fraction(axes, end, room.scale.high)[0] for end in some]
        sizes = [(text_width(figure, names[end], LABEL) + 0.1) / room.panels.wide for end in some]
        found = spread(wanted, sizes, -0.02, 1.0)
        if found is not None and all(
            abs(at - wish) <= size / 2 for at, wish, size in zip(found, wanted, sizes, strict=True)
        ):
            return list(zip([names[end] for end in some], found, strict=True))
    return None if order else []


def _end(line: Line, scale: Scale) -> End:
    if scale.beyond(line.cells[-1].estimate):
        return End(crossings(line, scale)[-1], math.nan)
    return End(math.nan, line.y[-1])


def crossings(line: Line, scale: Scale) -> list[float]:
    """Return where a line leaves the scale or comes back; of a line that is all beyond, where it begins."""
    points = list(zip(line.x, line.y, strict=True))
    inside = [not scale.beyond(cell.estimate) for cell in line.cells]
    if not any(inside):
        return [line.x[0]]
    return [
        scale.crossing(points[number], points[number + 1])
        for number in range(len(points) - 1)
        if inside[number] != inside[number + 1]
    ]


def _fraction(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """Return where a point is, as fractions of the axes."""
    across, up = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))
    return float(across), float(up)


def legend_of_lines(
    figure: Figure, panels: Panels, drawn: Sequence[Sequence[Line]], colours: Sequence[str], labels: Sequence[str]
) -> None:
    """Explain the lines at the right edge, from the worst down."""
    heights: dict[int, list[float]] = {}
    for line in (line for found in drawn for line in found):
        heights.setdefault(line.level, []).extend(line.y)
    order = sorted(heights, key=lambda level: -float(np.mean(heights[level])))
    handles = [Line2D([], [], color=colours[level], lw=2.2) for level in order]
    right = panels.left + panels.all_wide
    _, top = panels.corner(0)
    figure.legend(
        handles, [labels[level] for level in order], loc="upper left", frameon=False, fontsize=LABEL, handlelength=1.0,
        bbox_to_anchor=((right + 0.1) / WIDTH, 1 - top / panels.tall), borderaxespad=0, borderpad=0, handletextpad=0.5,
    )  # fmt: skip
