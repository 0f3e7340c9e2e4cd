"""The figures through a log's last year, log against model, each period foretold by a fit to the days before it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.present.charts.pieces import fitted, legend_row, write_at
from sim.present.charts.style import (
    BLUE,
    GREY,
    LEFT,
    LINE,
    RED,
    RIGHT,
    WIDTH,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.present.names import MONTHS, capital
from sim.present.numbers import share
from sim.studies.calibrate.held_out.rolling_errors import of_age
from sim.studies.calibrate.records import Calibration, Foretold
from sim.studies.calibrate.rolling_shown import own, rolling_title, young
from sim.studies.calibrate.sentences import MEASURES, by_chance, source
from sim.studies.calibrate.wording import step_name
from sim.text import _

ABOVE, BELOW = 1.62, 0.8
"""Inches: title, legend and heads of the columns; dates, note and source."""
ROW, STEP, NUMBERS, GAP, BETWEEN = 0.86, 1.3, 0.42, 0.1, 0.16
"""Inches: height of a step with what is between steps; width of its name and of the numbers at an axis; between columns
and rows."""
BAND = "#c3cad1"
FAR, LEAST = 4.0, 0.1
"""Widths of the range of log and medians, beyond which a band is cut off; and the width of what has none."""


def rolling_chart(record: Calibration) -> Figure:
    """Return the chart of the rolling back-test: steps one below the other, their figures side by side."""
    rows = of_age(own(record), 0)
    steps = list(dict.fromkeys(row.step for row in rows))
    tall = ABOVE + BELOW + ROW * len(steps)
    figure = new_figure(tall)
    shown = young(record)
    write_title(figure, rolling_title(record), _(
        "periods of up to four weeks from {first} to {last}, each foretold by a fit to the days before it",
        first=min(row.first for row in shown), last=max(row.last for row in shown),
    ))  # fmt: skip
    wide = ((RIGHT - LEFT) * WIDTH - STEP) / len(MEASURES)
    for column, measure in enumerate(MEASURES):
        left = LEFT * WIDTH + STEP + column * wide + NUMBERS
        head = write_at(figure, left, ABOVE - 0.08, capital(_(MEASURES[measure])), size=9.5, va="bottom")
        fitted(figure, head, wide - NUMBERS - GAP)
        for place, step in enumerate(steps):
            down = ABOVE + place * ROW
            high = ROW - BETWEEN
            box = (left / WIDTH, 1 - (down + high) / tall, (wide - NUMBERS - GAP) / WIDTH, high / tall)
            axes = figure.add_axes(box)
            _course(axes, [row for row in rows if (row.step, row.measure) == (step, measure)], rows)
            axes.tick_params(labelbottom=place == len(steps) - 1)
            if column == 0:
                name = write_at(figure, LEFT * WIDTH, down + high / 2, capital(step_name(step)), size=10,
                                weight="bold", va="center")  # fmt: skip
                fitted(figure, name, STEP)
    _legend(figure, shown)
    write_line(figure, 0.42 / tall, _(
        "One more replication would lie in the band with 95 %; by chance alone about {chance} of {all} would lie "
        "outside.",
        chance=by_chance(len(shown)), all=len(shown),
    ), size=9.5)  # fmt: skip
    write_source(figure, source(record))
    return figure


def _course(axes: Axes, rows: Sequence[Foretold], all_: Sequence[Foretold]) -> None:
    """Draw a figure through the periods: the model's interval and median, and the log."""
    first, end = min(row.first for row in all_).toordinal(), max(row.last for row in all_).toordinal() + 1
    axes.set_xlim(first, end)
    low, high = _range(rows)
    for row in rows:
        begin, until = row.first.toordinal(), row.last.toordinal() + 1
        if row.low <= row.high and math.isfinite(row.low):
            axes.fill_between([begin, until], row.low, min(row.high, high), color=BAND, lw=0, zorder=1)
            if math.isfinite(row.simulated):
                axes.plot([begin, until], [row.simulated] * 2, color=GREY, lw=1.2, solid_capstyle="butt", zorder=2)
        if math.isfinite(row.observed):
            right = row.inside or not row.comparable
            colour, marker, size = (BLUE, "o", 4.0) if right else (RED, "X", 5.5)
            looks: Any = {"marker": marker, "ms": size, "color": colour, "mec": "white", "mew": 0.4, "ls": "none"}
            axes.plot([(begin + until) / 2], [row.observed], zorder=3, clip_on=False, **looks)
    axes.set_ylim(low, high)
    if not rows or all(math.isnan(row.observed) for row in rows):
        axes.text(0.5, 0.5, _("not told"), transform=axes.transAxes, size=8.5, color=GREY, ha="center", va="center")
        axes.set_yticks([])
    elif len(level := {value for row in rows for value in (row.observed, row.simulated, row.low, row.high)}) == 1:
        axes.set_yticks(list(level))
    else:
        axes.yaxis.set_major_locator(MaxNLocator(2, min_n_ticks=2))
    if rows and rows[0].about_share:
        axes.yaxis.set_major_formatter(lambda value, _place: share(value))
    axes.tick_params(length=0, labelsize=7.5, pad=2)
    axes.grid(True, axis="y", color=LINE)
    axes.spines["left"].set_visible(False)
    months = [day for day in range(first, end) if date.fromordinal(day).day == 1]
    chosen = months[:: max(math.ceil(len(months) / 4), 1)]
    axes.set_xticks(chosen, [_(MONTHS[date.fromordinal(day).month - 1])[:3] for day in chosen])


def _range(rows: Sequence[Foretold]) -> tuple[float, float]:
    """Return from where to where a figure is drawn: all of log and medians, and intervals that are not far wider."""
    points = [value for row in rows for value in (row.observed, row.simulated) if math.isfinite(value)]
    if not points:
        return 0.0, 1.0
    low, high = min(points), max(points)
    reach = FAR * (high - low) if high > low else math.inf
    finite = [end for row in rows for end in (row.low, row.high) if math.isfinite(end)]
    ends = [end for end in finite if low - reach <= end <= high + reach]
    low, high = min([low, *ends]), max([high, *ends])
    room = 0.06 * (high - low or LEAST)
    return low - room, high + room


def _legend(figure: Figure, rows: Sequence[Foretold]) -> None:
    handles: dict[str, Any] = {
        _("model: 95 % of replications"): Patch(fc=BAND, lw=0), _("model: median"): Line2D([], [], color=GREY, lw=1.2),
    }  # fmt: skip
    for label, marker, colour, shown in (
        (_("log, inside"), "o", BLUE, any(row.inside for row in rows)),
        (_("log, outside"), "X", RED, not all(row.inside for row in rows)),
    ):
        if shown:
            handles[label] = Line2D([], [], ls="none", marker=marker, ms=5.5, color=colour, mec="white", mew=0.5)
    legend_row(figure, handles, length=1.5)
