"""A sweep over two factors: the verdict of each cell by colour and sign, the estimate written in it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.present.charts.pieces import GROUNDS, POINTS, fitted_columns, text_width, wrapped
from sim.present.charts.style import INK, LEFT, RIGHT, WIDTH, new_figure
from sim.present.numbers import in_cell
from sim.studies.sweep import show
from sim.studies.sweep.charts.frame import (
    MOST_PANELS,
    ON_GROUND,
    VERDICTS,
    Panels,
    held_back_note,
    left_out_note,
    lines_below,
    numbers_note,
    write_frame,
)
from sim.studies.sweep.records import Factor, JudgedPoint, SweepVerdicts
from sim.text import _

MOST_COLUMNS = 22
"""Of cells in panels side by side, so that a number fits into each."""
LOWEST, TALLEST, WIDEST = 0.3, 0.56, 2.2
"""Inches: the height of a cell, and its width."""
GRID_HEIGHT = 2.9
"""Inches: what a panel takes if its cells may be as high as they like."""
MOST_FOR_ROWS = 2.2
"""Inches for the labels of the rows."""
MIDDLE = 0.46
"""Where in the height of a cell the number is: the sign has the upper edge."""
LARGEST_NUMBER, SMALLEST_NUMBER = 12.0, 5.0
"""Points; what would be smaller is not written."""
LABELS = 10
"""Points."""
GAP = 0.3
"""Inches between panels."""


@dataclass(frozen=True)
class Grid:
    """Where the cells are: the levels across and up, and the size of a cell in inches."""

    x: Factor
    rows: Factor
    width: float
    height: float

    def at(self, point: JudgedPoint) -> tuple[int, int]:
        """Return column and row of a cell; numbers rise to the right and upwards, texts are read downwards."""
        column, row = self.x.place(point), self.rows.place(point)
        return column, row if self.rows.numeric else len(self.rows.labels) - 1 - row


def heat_map(record: SweepVerdicts) -> Figure:
    """Return the map of a sweep over at least two factors whose cells fill a table."""
    x, rows = record.x, record.rows
    if rows is None:
        raise ValueError(f"sweep {record.name!r} has a single factor: there is no table to show")
    figure = new_figure()
    others, every = record.others(x, rows), record.panels(x, rows)
    shown = dict(list(every.items())[:MOST_PANELS])
    row_labels = [wrapped(figure, label, MOST_FOR_ROWS, LABELS, 2) for label in rows.levels]
    left = LEFT * WIDTH + max(text_width(figure, label, LABELS) for label in row_labels) + 0.12
    side = max(1, min(len(shown), MOST_COLUMNS // len(x.labels), 3))
    width = (RIGHT * WIDTH - left - GAP * (side - 1)) / side / len(x.labels)
    grid = Grid(x, rows, min(width, WIDEST), min(max(GRID_HEIGHT / len(rows.labels), LOWEST), TALLEST))
    columns, size = fitted_columns(figure, x.levels, grid.width)
    panels = Panels(
        len(shown), side, left, grid.width * len(x.labels), grid.height * len(rows.labels), lines_below(columns, size),
        GAP, bool(others),
    )  # fmt: skip
    points = [point for panel in shown.values() for point in panel]
    number_size = _number_size(record, grid, points)
    upwards = row_labels if rows.numeric else row_labels[::-1]
    for number, (axes, panel) in enumerate(zip(panels.axes(figure), shown.values(), strict=True)):
        _panel(axes, grid, panel)
        _numbers(axes, grid, panel, record, number_size)
        axes.set_xticks(np.arange(len(columns)) + 0.5, columns, size=size, linespacing=1.1)
        axes.set_yticks(np.arange(len(upwards)) + MIDDLE, upwards, size=LABELS)
        axes.tick_params(labelleft=panels.at_left(number))
    if others:
        panels.write_names(figure, [show.levels(others, places) for places in shown])
    notes = [*_notes(record, grid, points, len(shown)), left_out_note(len(shown), len(every))]
    write_frame(figure, record, panels, (show.finding(record), rows.heading), x, ON_GROUND, notes)
    return figure


def _panel(axes: Axes, grid: Grid, points: Sequence[JudgedPoint]) -> None:
    """Draw the cells of a panel with their signs, and the line around those that hold."""
    verdicts = np.full((len(grid.rows.labels), len(grid.x.labels)), -1)
    for point in points:
        column, row = grid.at(point)
        verdicts[row, column] = VERDICTS.index(point.verdict)
    axes.pcolormesh(
        np.ma.masked_less(verdicts, 0), cmap=ListedColormap(GROUNDS), vmin=-0.5,
        vmax=len(VERDICTS) - 0.5, edgecolors="white", lw=1.2,
    )  # fmt: skip
    axes.add_collection(LineCollection(_frontier(verdicts == 0, verdicts >= 0), colors=INK, lw=1.6, capstyle="round"))
    for verdict, sign in ON_GROUND.items():
        at = np.array([grid.at(point) for point in points if point.verdict == verdict]).reshape(-1, 2)
        # In the upper left corner, out of the number's way.
        inset = np.array([0.075 / grid.width, 1 - 0.075 / grid.height])
        x, y = (at + inset).T
        axes.scatter(x, y, s=9, marker=sign.marker, color=sign.ink, lw=0)
    axes.tick_params(length=0, labelcolor=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _frontier(holds: NDArray[np.bool_], there: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Return the sides between a cell that holds and a neighbour that does not, as pairs of points (x, y).

    Parameters
    ----------
    holds, there : (rows, columns) bool
    """
    upright = (holds[:, 1:] != holds[:, :-1]) & there[:, 1:] & there[:, :-1]
    level = (holds[1:] != holds[:-1]) & there[1:] & there[:-1]
    sides = [[(column + 1, row), (column + 1, row + 1)] for row, column in np.argwhere(upright).tolist()]
    return sides + [[(column, row + 1), (column + 1, row + 1)] for row, column in np.argwhere(level).tolist()]


def _number_size(record: SweepVerdicts, grid: Grid, points: Sequence[JudgedPoint]) -> float:
    """Return the size in points at which the longest number fits into a cell."""
    longest = max(len(in_cell(point.estimate, record.target.about_mean)) for point in points)
    # A digit is 0.55 times as wide as it is high; the rest of the cell is margin.
    return min(LARGEST_NUMBER, grid.width * POINTS * 0.8 / (0.55 * longest), grid.height * POINTS * 0.42)


def _numbers(axes: Axes, grid: Grid, points: Sequence[JudgedPoint], record: SweepVerdicts, size: float) -> None:
    if size < SMALLEST_NUMBER:
        return
    for point in points:
        column, row = grid.at(point)
        axes.text(
            column + 0.5, row + MIDDLE, in_cell(point.estimate, record.target.about_mean), size=size,
            color=ON_GROUND[point.verdict].ink, ha="center", va="center_baseline",
        )  # fmt: skip


def _notes(record: SweepVerdicts, grid: Grid, points: Sequence[JudgedPoint], panels: int) -> Iterator[str]:
    """Yield what the numbers are, and the signs among them that need a word."""
    yield numbers_note(record)
    if any(math.isinf(point.estimate) for point in points):
        yield _("∞ some never get a licence")
    if any(point.why for point in points):
        yield _("– office cannot finish")
    yield held_back_note(record, points)
    if len(points) < panels * len(grid.x.labels) * len(grid.rows.labels):
        yield _("blank: not in the sweep")
