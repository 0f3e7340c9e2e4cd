"""A sweep along one factor: the estimate with its interval, a line for each level of a second factor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.present.charts.pieces import POINTS, fitted_columns, spread, text_width, too_wide, wrapped
from sim.present.charts.style import (
    BLUE,
    GREEN,
    INK,
    LEFT,
    ORANGE,
    PINK,
    RED,
    RIGHT,
    SKY,
    VERDICT_MARKERS,
    WIDTH,
    new_figure,
)
from sim.present.numbers import BETWEEN, percent
from sim.present.targets import promised_text
from sim.studies.sweep import show
from sim.studies.sweep.charts.estimates import (
    Scale,
    beyond_note,
    estimate_heading,
    open_ends_of,
    scale_of,
    upright_axis,
)
from sim.studies.sweep.charts.frame import (
    GREY_SIGNS,
    MOST_PANELS,
    Panels,
    held_back_note,
    left_out_note,
    lines_below,
    write_frame,
)
from sim.studies.sweep.records import Factor, JudgedPoint, SweepVerdicts
from sim.text import _

LABEL = 10.5
"""Points."""
SPAN = "–"
COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, RED)
"""Of levels that have no order."""
LIGHTEST = 0.8
"""How far into the colours from dark to light the levels go that have one."""
WIDEST_LABEL = 1.7
"""Inches."""
HIGH, HIGH_OF_MANY = 3.6, 2.4
"""Inches: a panel alone, one of several."""
SMALLEST_NAME = 9.0
"""Points of the name of a panel."""
GAP = 0.55
"""Inches between panels, so that the labels below one do not reach those of the next."""
CLEAR = 0.12
"""Inches between labels of the axis across."""
MANY = 12
"""Points of a line; with more they are smaller."""


class Line(NamedTuple):
    """A line of a panel.

    Attributes
    ----------
    level : int
        Its level of the factor of the lines.
    points : list of JudgedPoint
        From left to right.
    x : list of float
    y : list of float
        As drawn.
    """

    level: int
    points: list[JudgedPoint]
    x: list[float]
    y: list[float]


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


def lines_chart(record: SweepVerdicts) -> Figure:
    """Return the lines of a sweep whose design points fill a table."""
    x, lines = record.x, record.lines
    others, every = record.others(x, lines), record.panels(x, lines)
    shown = dict(list(every.items())[:MOST_PANELS])
    points = [point for panel in shown.values() for point in panel]
    scale = scale_of(record, points)
    drawn = [_lines_of(panel, x, lines, scale) for panel in shown.values()]
    figure = new_figure()
    labels = [wrapped(figure, label, WIDEST_LABEL, LABEL) for label in lines.levels] if lines is not None else []
    names = [show.levels(others, places) for places in shown] if others else []
    panels, columns, size = _places(figure, record, len(shown), names, labels)
    colours = _colours(lines)
    for number, (axes, found) in enumerate(zip(panels.axes(figure), drawn, strict=True)):
        upright_axis(axes, scale, record, panels.at_left(number))
        _across(axes, x, columns, size)
        for line in found:
            _draw(axes, line, scale, colours[line.level])
    if names:
        panels.write_names(figure, names)
    if lines is not None:
        room = Room(panels, scale, labels, lines.numeric)
        if len(shown) > 1 or not _label_ends(figure, room, drawn[0], colours):
            _legend(figure, panels, drawn, colours, labels)
    upright = estimate_heading(record, scale)
    if lines is not None:
        upright = BETWEEN.join([upright, _("lines: {lines}", lines=lines.heading)])
    notes = [
        _("bands: {level} % intervals for all design points at once", level=percent(record.about.rule.confidence)),
        *open_ends_of(record, points, scale), beyond_note(scale, points), held_back_note(record, points),
        left_out_note(len(shown), len(every)),
    ]  # fmt: skip
    write_frame(figure, record, panels, (show.where_it_holds(record), upright), x, GREY_SIGNS, notes)
    return figure


def _colours(lines: Factor | None) -> list[str]:
    """Return a colour for each level: from dark to light if they are numbers or many."""
    if lines is None:
        return [BLUE]
    number = len(lines.labels)
    if number <= 2 or (not lines.numeric and number <= len(COLOURS)):
        return list(COLOURS[:number])
    return [to_hex(colour) for colour in mpl.colormaps["viridis"](np.linspace(0, LIGHTEST, number))]


def _lines_of(points: Sequence[JudgedPoint], x: Factor, lines: Factor | None, scale: Scale) -> list[Line]:
    """Return the lines of a panel, by their levels."""
    found: dict[int, list[JudgedPoint]] = {}
    for point in sorted(points, key=lambda point: x.place(point)):
        found.setdefault(0 if lines is None else lines.place(point), []).append(point)
    return [
        Line(level, of, [x.position(point) for point in of], [scale.drawn(point.estimate) for point in of])
        for level, of in sorted(found.items())
    ]


def _places(
    figure: Figure, record: SweepVerdicts, count: int, names: Sequence[str], labels: Sequence[str]
) -> tuple[Panels, list[str], float]:
    """Return where the panels are, and the labels of the axis across with their size."""
    left = LEFT * WIDTH + text_width(figure, promised_text(record.target), LABEL) + 0.1
    longest = max((text_width(figure, line, LABEL) for label in labels for line in label.split("\n")), default=0.0)
    free = RIGHT * WIDTH - left - (longest + 0.45 if labels else 0.15)
    side, wide = 1, free
    # As many side by side as leave room for their names.
    for side in (1,) if count == 1 else (2, 1) if count in (2, 4) else (3, 2, 1):
        wide = (free - GAP * (side - 1)) / side
        if not too_wide(figure, names, SMALLEST_NAME, wide):
            break
    columns, size = _labels_across(figure, record.x, wide)
    high = HIGH if count == 1 else HIGH_OF_MANY
    # Alone, it may have the labels of lines above it.
    headed = bool(names) or bool(labels)
    return Panels(count, side, left, wide, high, lines_below(columns, size), GAP, headed), columns, size


def _labels_across(figure: Figure, x: Factor, wide: float) -> tuple[list[str], float]:
    """Return the labels of the axis across with their size: of numbers those that are clear of the one before."""
    if not x.numeric:
        return fitted_columns(figure, x.levels, wide / len(x.labels))
    first, last = x.positions[0], x.positions[-1]
    inch = wide / max(last - first, 1e-12)
    shown, clear = [], -math.inf
    for label, position in zip(x.levels, x.positions, strict=True):
        half = text_width(figure, label, LABEL - 0.5) / 2
        fits = (position - first) * inch - half > clear + CLEAR
        shown.append(label if fits else "")
        clear = (position - first) * inch + half if fits else clear
    return shown, LABEL - 0.5


def _across(axes: Axes, x: Factor, columns: Sequence[str], size: float) -> None:
    """Make the axis across: numbers to scale, texts side by side."""
    first, last = x.positions[0], x.positions[-1]
    room = 0.5 if not x.numeric else 0.02 * (last - first) or 0.5
    axes.set_xlim(first - room, last + room)
    axes.set_xticks(x.positions, columns, size=size, linespacing=1.1)
    axes.tick_params(axis="x", pad=6)


def _draw(axes: Axes, line: Line, scale: Scale, colour: str) -> None:
    """Draw a line, its interval as a band, the verdicts as markers, and where it leaves the scale."""
    low, high = (np.array([getattr(point, end) for point in line.points]) for end in ("low", "high"))
    inside = np.array([not scale.beyond(point.estimate) for point in line.points])
    some = inside & (low < high)
    # An end that there is not, or that is beyond the scale, is at its edge.
    low, high = np.maximum(low, scale.low / 2), np.minimum(high, 2 * scale.high)
    axes.fill_between(line.x, low, high, where=some.tolist(), color=colour, alpha=0.2, lw=0)
    axes.plot(line.x, line.y, color=colour, lw=1.8, zorder=2)
    size = 7 if len(line.points) <= MANY else 5
    for point, x, y, seen in zip(line.points, line.x, line.y, inside, strict=True):
        if seen:
            axes.plot(
                [x], [y], marker=VERDICT_MARKERS[point.verdict], color=colour, ms=size, mec="white", mew=0.8, ls="none",
                clip_on=False, zorder=3,
            )  # fmt: skip
    leaves = _crossings(line, scale)
    axes.plot(leaves, [scale.worst] * len(leaves), scale.arrow, color=colour, ms=7, mew=0, clip_on=False, zorder=3)


def _label_ends(figure: Figure, room: Room, lines: Sequence[Line], colours: Sequence[str]) -> bool:
    """Write the levels at the ends of their lines; return whether there was room, else nothing is written."""
    axes = figure.axes[0]
    beyond = [room.scale.beyond(line.points[-1].estimate) for line in lines]
    inside = {line.level: line.y[-1] for line, out in zip(lines, beyond, strict=True) if not out}
    leaving = {line.level: _crossings(line, room.scale)[-1] for line, out in zip(lines, beyond, strict=True) if out}
    if leaving and not room.scale.about_mean:
        return False
    right = sorted(inside, key=lambda level: inside[level])
    heights = [(room.labels[level].count("\n") + 1) * LABEL * 1.2 / POINTS / room.panels.high for level in right]
    # In fractions of the axes: what is wanted, and what is free.
    up = spread([_fraction(axes, 0, inside[level])[1] for level in right], heights, -0.04, 1.02)
    along = _along(figure, room, leaving)
    if up is None or along is None:
        return False
    last = max(line.x[-1] for line in lines)
    for level, y in zip(right, up, strict=True):
        axes.annotate(
            room.labels[level], _fraction(axes, last, inside[level]), (1.035, y), xycoords="axes fraction",
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


def _crossings(line: Line, scale: Scale) -> list[float]:
    """Return where a line leaves the scale or comes back; of a line that is all beyond, where it begins."""
    points = list(zip(line.x, line.y, strict=True))
    inside = [not scale.beyond(point.estimate) for point in line.points]
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


def _legend(
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
