"""How the fitted model does on days that the fit has not seen: the log's figures against the simulated intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.present.charts.pieces import fitted, legend_row, write_at
from sim.present.charts.style import (
    BLUE,
    GREY,
    INK,
    LEFT,
    PALE,
    RED,
    RIGHT,
    WIDTH,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.present.names import capital, in_a_row
from sim.present.numbers import BETWEEN, number
from sim.studies.calibrate.records import Calibration, Compared
from sim.studies.calibrate.sentences import MEASURES, MOST_MISSED, by_chance, mark_of, measure_of, source
from sim.studies.calibrate.wording import compared_in_words, range_in_words, step_name
from sim.text import _

ABOVE, BELOW = 1.62, 0.66
"""Inches: title, legend and heads of the columns; notes and source."""
HEAD, ROW, AFTER = 0.3, 0.225, 0.12
"""Inches: the name of a step; a figure; below the last."""
GUTTER, FOREST, WIDE_FOREST, RANGE = 0.4, 1.6, 5.0, 0.87
"""Inches: between the columns; width of the intervals, likewise in a single column, and of their ends in figures."""
SCALE = 0.75
"""Widths of the interval that are shown at either side of it."""
BESIDE, OBSERVED = 0.12, 0.45
"""Inches: between figures and intervals; room for an observed figure."""
BAR = "#b9c0c7"
TEXT = 9.0
"""Points."""


def back_test_chart(record: Calibration) -> Figure:
    """Return the chart of the back-test: steps one below the other, in two columns if there are several."""
    steps = list(dict.fromkeys(row.step for row in record.back_test))
    rows = {step: [row for row in record.back_test if row.step == step] for step in steps}
    columns = [steps[: math.ceil(len(steps) / 2)], steps[math.ceil(len(steps) / 2) :]] if len(steps) > 1 else [steps]
    tall = ABOVE + BELOW + max(sum(_high(rows[step]) for step in column) for column in columns)
    figure = new_figure(tall)
    held_out = record.held_out
    assert held_out is not None
    write_title(figure, back_test_title(record), _(
        "{days} days from {first} to {last}, not used for the fit; {replications} replications; all bars alike in "
        "length", first=held_out.first, last=held_out.last, days=number(held_out.days),
        replications=number(record.replications),
    ))  # fmt: skip
    wide = ((RIGHT - LEFT) * WIDTH - GUTTER * (len(columns) - 1)) / len(columns)
    for place, column in enumerate(columns):
        left, down = LEFT * WIDTH + place * (wide + GUTTER), ABOVE
        forest = FOREST if len(columns) > 1 else WIDE_FOREST
        _heads(figure, left + wide - forest)
        for step in column:
            _step(figure, step, rows[step], (left, left + wide - forest, left + wide), down)
            down += _high(rows[step])
    _legend(figure, record)
    all_ = len(record.compared)
    note = _(
        "One more replication would lie in the bar with 95 %; by chance alone about {chance} of {all} figures would "
        "lie outside.", all=all_, chance=by_chance(all_),
    )  # fmt: skip
    if any(abs(_place(row, row.observed) - 0.5) > 0.5 + SCALE for row in record.compared if not math.isinf(row.low)):
        note = BETWEEN.join([note, _("arrow: beyond the scale")])
    write_line(figure, 0.42 / tall, note, size=9.5)
    write_source(figure, source(record))
    return figure


def _high(rows: Sequence[Compared]) -> float:
    """Return what the figures of a step take, with its name [in]."""
    return HEAD + ROW * len(rows) + AFTER


def _heads(figure: Figure, begin: float) -> None:
    looks = {"size": 8.5, "color": GREY, "va": "bottom", "ha": "right", "linespacing": 1.1}
    right = begin - BESIDE
    write_at(figure, right - RANGE, ABOVE - 0.06, _("log"), **looks)
    write_at(figure, right, ABOVE - 0.06, _("95 % of\nreplications"), **looks)


def _step(
    figure: Figure,
    step: str,
    rows: Sequence[Compared],
    across: tuple[float, float, float],
    down: float,
) -> None:
    """Draw the figures of a step: name, observed value, simulated interval, and where the one lies in the other.

    Parameters
    ----------
    figure : Figure
    step : str
    rows : sequence of Compared
    across : tuple of float
        Inches from the left: where the names begin, and where the intervals begin and end.
    down : float
        Inches from the top.
    """
    tall = figure.get_figheight()
    left, begin, end = across
    write_at(figure, left, down + 0.17, capital(step_name(step)), size=10, weight="bold", va="center")
    right = begin - BESIDE
    for place, row in enumerate(rows):
        y = down + HEAD + (place + 0.5) * ROW
        colour = INK if row.inside or not row.comparable else RED
        looks = {"size": TEXT, "va": "center"}
        label = write_at(figure, left + 0.12, y, _(MEASURES[row.measure]), color=INK, **looks)
        fitted(figure, label, right - RANGE - left - 0.12 - OBSERVED)
        observed, *__ = compared_in_words(row)
        write_at(figure, right - RANGE, y, observed, color=colour, ha="right", **looks)
        simulated = write_at(figure, right, y, range_in_words(row), color=GREY, ha="right", **looks)
        fitted(figure, simulated, RANGE - 0.1, 6.0)
    high = ROW * len(rows)
    box = (begin / WIDTH, 1 - (down + HEAD + high) / tall, (end - begin) / WIDTH, high / tall)
    _forest(figure.add_axes(box), rows)


def _place(row: Compared, value: float) -> float:
    """Return where a value lies, the interval being from 0 to 1."""
    if row.high > row.low and math.isfinite(row.high):
        return (value - row.low) / (row.high - row.low)
    return 0.5 if row.low <= value <= row.high else math.copysign(math.inf, value - row.low)


def _forest(axes: Axes, rows: Sequence[Compared]) -> None:
    """Draw the intervals, all of the same length, and the observed figures."""
    low, high = -SCALE, 1 + SCALE
    axes.set_xlim(low, high)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.axvspan(0, 1, color=PALE, lw=0, zorder=0)
    for place, row in enumerate(rows):
        if not row.comparable or math.isinf(row.low):
            looks: Any = {"size": 8.5, "color": RED if row.comparable else GREY, "ha": "center", "va": "center"}
            axes.text(0.5, place, mark_of(row), **looks)
            continue
        axes.plot([0, 1], [place] * 2, color=BAR, lw=5, solid_capstyle="butt", zorder=1.5)
        middle = min(max(_place(row, row.simulated), 0.0), 1.0)
        axes.plot([middle] * 2, [place - 0.3, place + 0.3], color=GREY, lw=1.4, solid_capstyle="butt", zorder=2)
        _observed(axes, place, row)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _observed(axes: Axes, place: int, row: Compared) -> None:
    """Draw an observed figure, with a word on the other side of the interval if it lies outside."""
    low, high = axes.get_xlim()
    at = _place(row, row.observed)
    colour, marker = (BLUE, "o") if row.inside else (RED, "X")
    room = 0.05 * (high - low)
    if not low + room <= at <= high - room:
        marker = ">" if at > 0.5 else "<"
        at = min(max(at, low + room), high - room)
    axes.plot([at], [place], marker=marker, ms=6.5, color=colour, mec="white", mew=0.7, ls="none", zorder=3)
    if not row.inside:
        above = row.above
        axes.text(-0.08 if above else 1.08, place, _("above") if above else _("below"), size=8.5, color=RED,
                  ha="right" if above else "left", va="center_baseline")  # fmt: skip


def _legend(figure: Figure, record: Calibration) -> None:
    bar = Line2D([], [], color=BAR, lw=5, marker="|", ms=9, mec=GREY, mew=1.4, solid_capstyle="butt")
    handles = {_("model: 95 % of replications, with median"): bar}
    for label, marker, colour, shown in (
        (_("log, inside"), "o", BLUE, len(record.missed) < len(record.compared)),
        (_("log, outside"), "X", RED, bool(record.missed)),
    ):
        if shown:
            handles[label] = Line2D([], [], ls="none", marker=marker, ms=6.5, color=colour, mec="white", mew=0.7)
    legend_row(figure, handles, length=1.8)


def back_test_title(record: Calibration) -> str:
    """Return how many figures of the held-out days the model foretells, and which it misses, or misses most."""
    all_, missed = len(record.compared), record.missed
    if not missed:
        return _("Back-test: all {all} figures are foretold", all=all_)
    values = {"all": all_, "inside": all_ - len(missed)}
    if len(missed) > MOST_MISSED:
        return _("Back-test: {inside} of {all} figures are foretold; farthest off is {missed}",
                 missed=measure_of(missed[0]), **values)  # fmt: skip
    return _("Back-test: {inside} of {all} figures are foretold, but not {missed}",
             missed=in_a_row([measure_of(row) for row in missed]), **values)  # fmt: skip
