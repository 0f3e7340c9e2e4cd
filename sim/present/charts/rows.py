"""A chart of rows: names, an interval each on a common axis, what is promised as a line, and columns at the side.

Names and columns are as wide as their texts, and the axis has what is left; if that is too little, the texts of all
rows are made smaller together. Whoever draws into the axes finds row 0 at the top, at height 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.present.charts.pieces import Sign, legend_line, text_width
from sim.present.charts.style import (
    GREY,
    INK,
    LEFT,
    RIGHT,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.present.numbers import MINUS

ROW, LINE = 0.3, 0.17
"""Inches: a row; a line of a head."""
ABOVE, SIGNS, HEADING, BELOW, NUMBERS, LABEL = 1.02, 0.26, 0.28, 0.62, 0.3, 0.2
"""Inches: title; legend; heading; notes and source; numbers below the axis, and its label."""
LEAST_HEIGHT, LEAST_AXIS, GAP = 2.2, 2.6, 0.14
"""Inches: of a figure, of the axis, and between columns."""
TEXT, HEAD, SMALLEST = 10.0, 9.5, 6.5
"""Points."""


@dataclass(frozen=True)
class Column:
    """Texts at the side, one a row.

    Attributes
    ----------
    texts : sequence of str
    head : str
        Of one line or more.
    colours : sequence of str
        One for each row, or one for all.
    right : bool
        Whether they end below each other.
    wide : float
        Inches that they take at least.
    """

    texts: Sequence[str]
    head: str = ""
    colours: Sequence[str] = (INK,)
    right: bool = False
    wide: float = 0.0

    def width(self, figure: Figure, size: float) -> float:
        """Return the inches that it needs with texts of so many points."""
        texts = [text_width(figure, line, size) for text in self.texts for line in text.split("\n")]
        return max([self.wide, *texts, *(text_width(figure, line, HEAD) for line in self.head.split("\n"))])


@dataclass(frozen=True)
class Rows:
    """What stands beside the axis.

    Attributes
    ----------
    before, after : sequence of Column
        The first is the names.
    heading : str
        Above all columns.
    label : str
        Of the axis.
    numbers : bool
        Whether the axis has any.
    high : float
        Inches of a row.
    axis : float
        Inches that the axis has at least.
    size : float
        Points of the texts, if there is room.
    """

    before: Sequence[Column]
    after: Sequence[Column]
    heading: str = ""
    label: str = ""
    numbers: bool = True
    high: float = ROW
    axis: float = LEAST_AXIS
    size: float = TEXT

    @property
    def above(self) -> float:
        """Inches above the first row."""
        lines = max(column.head.count("\n") + 1 if column.head else 0 for column in (*self.before, *self.after))
        return (HEADING if self.heading else 0.0) + lines * LINE + 0.12

    @property
    def below(self) -> float:
        """Inches below the last row."""
        return (NUMBERS if self.numbers else 0.0) + (LABEL if self.label else 0.0)

    @property
    def tall(self) -> float:
        """Inches of all."""
        return self.above + len(self.before[0].texts) * self.high + self.below


def rows_chart(
    rows: Rows, title: str, subtitle: str, notes: str, source: str, signs: Mapping[str, Sign] | None = None
) -> tuple[Figure, Axes]:
    """Return a chart of rows, and the axes to draw them into; `signs` are explained in a line below the title."""
    above = ABOVE + (SIGNS if signs else 0.0)
    figure = new_figure(max(above + rows.tall + BELOW, LEAST_HEIGHT))
    write_title(figure, title, subtitle)
    if signs:
        legend_line(figure, ABOVE, signs)
    write_line(figure, 0.42 / figure.get_figheight(), notes, size=9.5)
    write_source(figure, source)
    return figure, draw_rows(figure, rows, above)


def draw_rows(
    figure: Figure, rows: Rows, down: float, left: float = LEFT * WIDTH, right: float = RIGHT * WIDTH
) -> Axes:
    """Write names and columns `down` inches below the upper edge, between two places in inches; return the axes."""
    columns, number = [*rows.before, *rows.after], len(rows.before[0].texts)
    room, size = right - left - rows.axis - GAP * len(columns), rows.size
    while sum(widths := [column.width(figure, size) for column in columns]) > room and size > SMALLEST:
        size -= 0.5
    before = sum(widths[: len(rows.before)]) + GAP * len(rows.before)
    after = sum(widths[len(rows.before) :]) + GAP * len(rows.after)
    tall, high = figure.get_figheight(), number * rows.high
    box = ((left + before) / WIDTH, 1 - (down + rows.above + high) / tall, (right - left - before - after) / WIDTH)
    axes = figure.add_axes((*box, high / tall))
    axes.set_ylim(number - 0.5, -0.5)
    bare(axes, "x")
    axes.set_yticks([])
    axes.tick_params(labelsize=9.5)
    axes.set_xlabel(rows.label, labelpad=3)
    if not rows.numbers:
        axes.set_axis_off()
    if rows.heading:
        figure.text(left / WIDTH, 1 - (down + 0.1) / tall, rows.heading, size=11.5, va="center_baseline")
    begin = left
    for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
        if place == len(rows.before):
            begin = right - after + GAP
        _write(axes, column, (begin + width if column.right else begin) / WIDTH, size)
        begin += width + GAP
    return axes


def _write(axes: Axes, column: Column, at: float, size: float) -> None:
    """Write a column beside its rows, at a place across the figure."""
    side = "right" if column.right else "left"
    colours = column.colours if len(column.colours) > 1 else [column.colours[0]] * len(column.texts)
    for place, (text, colour) in enumerate(zip(column.texts, colours, strict=True)):
        axes.annotate(text, (at, place), xycoords=("figure fraction", "data"), size=size, color=colour, ha=side,
                      va="center_baseline", linespacing=1.05, annotation_clip=False)  # fmt: skip
    axes.annotate(column.head, (at, 1), (0, 5), xycoords=("figure fraction", "axes fraction"), size=HEAD, color=GREY,
                  textcoords="offset points", ha=side, va="bottom", annotation_clip=False)  # fmt: skip


def draw_interval(
    axes: Axes, place: int, estimate: float, low: float, high: float, colour: str, marker: str = "o"
) -> None:
    """Draw a row's estimate on its interval; at the end of the axis an arrow, if it is beyond; nothing if it is NaN."""
    begin, end = axes.get_xlim()
    if low < high:
        ends = np.clip([low, high], begin, end)
        axes.plot(ends, [place, place], color=colour, lw=3, alpha=0.45, solid_capstyle="butt", zorder=2)
    beyond = "<" if estimate < begin else ">" if estimate > end else ""
    axes.plot(np.clip([estimate], begin, end), [place], ls="none", marker=beyond or marker, color=colour, ms=7,
              mec="white", mew=0.8, clip_on=False, zorder=3)  # fmt: skip


def draw_promised(axes: Axes, at: float, text: str, colour: str = INK) -> None:
    """Draw what is promised as a line through all rows, with a label above that stays above the axis."""
    begin, end = axes.transData.inverted().transform(axes.transAxes.transform([(0.15, 0), (0.85, 0)]))[:, 0]
    axes.axvline(at, color=colour, lw=1.2, ls=(0, (4, 2)), zorder=3)
    axes.annotate(text, (at, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points", size=9,
                  color=colour, ha="left" if at < begin else "right" if at > end else "center", va="bottom",
                  annotation_clip=False)  # fmt: skip


def plain_numbers(axes: Axes) -> None:
    """Give an axis a few round numbers."""
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{np.round(value, 9):,g}".replace("-", MINUS)))
