"""Plans against the first: differences with their intervals, what was found, and the cost; and every two plans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.present.charts.pieces import GROUNDS, ON_GROUNDS, Sign, fitted, legend_line, text_width, wrapped, write_at
from sim.present.charts.style import (
    AMBER,
    BLUE,
    GREY,
    INK,
    LEFT,
    PALE,
    RED,
    RIGHT,
    VERDICT_COLOURS,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.present.names import named, verdict_word
from sim.present.numbers import number, plain, signed, signed_money, writer
from sim.studies.base import Chart
from sim.studies.compare import show
from sim.studies.compare.records import (
    BETTER,
    FINDINGS,
    NO_MATERIAL,
    NONE_FOUND,
    SAME,
    WORSE,
    Pair,
    Plan,
    PlanComparison,
)
from sim.text import _

FINDING_COLOURS = {BETTER: BLUE, WORSE: RED, NO_MATERIAL: AMBER, SAME: AMBER, NONE_FOUND: GREY}
FINDING_MARKERS = {BETTER: "o", WORSE: "X", NO_MATERIAL: "s", SAME: "P", NONE_FOUND: "D"}
# Plans that are the same look like those that hardly differ.
GROUND_OF = dict(zip(FINDINGS, (0, 1, 2, 2, 3), strict=True))
SIGNS = {
    finding: Sign(FINDING_MARKERS[finding], ON_GROUNDS[ground], GROUNDS[ground])
    for finding, ground in GROUND_OF.items()
}
ABOVE, BELOW, UNDER_FOREST = 1.42, 0.62, 0.55
"""Inches: title and heads of the columns; notes and source; the axis below the rows."""
ROW, LOW_ROW, MANY = 0.5, 0.32, 12
"""Inches: a row of two lines, of one line; beyond that many plans they have one line."""
NAMES, ESTIMATES, FOREST, TOLD, END = LEFT * WIDTH, 2.7, 4.15, 7.0, RIGHT * WIDTH
"""Inches: where the columns begin; costs end at the right."""
COSTS = 1.15
"""Inches: width of the costs."""
FARTHEST = 6.0
"""Times the median of the sizes: what is farther is beyond the scale."""
ALWAYS_SEEN = 20.0
"""Times the margin: what is nearer is never beyond the scale."""
FIRST_LINE, SECOND_LINE = 10.5, 8.5
"""Points."""
TABLE_HEAD, TABLE_ROW, TABLE_CELL = 0.82, 0.34, 0.72
"""Inches: heading, legend and numbers of the plans; a row; a column."""
TABLE_NAMES, UNDER_TABLE = 2.6, 0.25
"""Inches: names of the plans at most; below the table."""
MOST_IN_TABLE = 8
"""Plans; more would not be read."""


def charts(record: PlanComparison) -> list[Chart]:
    """Return the chart of the differences."""
    return [Chart("differences", lambda: differences_chart(record), ("plans", "pairs"), part="how far")]


def differences_chart(record: PlanComparison) -> Figure:
    """Return the chart of a comparison of two plans or more."""
    rows = len(record.plans)
    two_lines = rows <= MANY
    high = ROW if two_lines else LOW_ROW
    below = ABOVE + rows * high + UNDER_FOREST
    table = TABLE_HEAD + rows * TABLE_ROW + UNDER_TABLE if 2 < rows <= MOST_IN_TABLE else 0.0
    tall = below + table + BELOW
    figure = new_figure(tall)
    write_title(figure, show.finding(record), show.subtitle(record))
    _heads(figure, record)
    pairs = {pair.plan: pair for pair in record.against_first}
    for place, plan in enumerate(record.plans):
        y = ABOVE + (place + 0.5) * high
        _plan(figure, record, plan, y, two_lines)
        if place == 0:
            write_at(figure, END, y, number(plan.cost), size=FIRST_LINE, color=GREY, ha="right", va="center")
        else:
            _finding(figure, record, pairs[plan.plan], y, two_lines)
    box = (FOREST / WIDTH, 1 - (ABOVE + rows * high) / tall, (TOLD - 0.2 - FOREST) / WIDTH, rows * high / tall)
    _forest(figure.add_axes(box), record, [pairs.get(plan.plan) for plan in record.plans])
    if table:
        _table(figure, record, below)
    write_line(figure, 0.42 / tall, show.notes(record), size=9.5)
    write_source(figure, show.source(record))
    return figure


def _heads(figure: Figure, record: PlanComparison) -> None:
    """Write the heads of the columns."""
    target = record.target
    estimates = (
        _("mean {clock} [min]", clock=named("clock", target.clock))
        if target.about_mean
        else _("within {minutes} min", minutes=plain(target.minutes))
    )
    looks = {"size": 9.5, "color": GREY, "va": "bottom", "linespacing": 1.15}
    write_at(figure, NAMES, ABOVE - 0.06, _("plan"), **looks)
    write_at(figure, ESTIMATES, ABOVE - 0.06, wrapped(figure, estimates, FOREST - ESTIMATES - 0.2, 9.5, 2), **looks)
    text = wrapped(figure, show.difference_name(record), END - COSTS - FOREST - 0.2, 9.5, 2)
    write_at(figure, FOREST, ABOVE - 0.06, text, **looks)
    write_at(figure, END, ABOVE - 0.06, _("cost [yuan]\nagainst plan 1"), ha="right", **looks)


def _plan(figure: Figure, record: PlanComparison, plan: Plan, y: float, two_lines: bool) -> None:
    """Write a plan's name, its estimate with the verdict, and how many replications that took."""
    name, room = f"{record.number(plan.plan)}  {plan.title}", ESTIMATES - NAMES - 0.15
    text = wrapped(figure, name, room, FIRST_LINE, 2) if two_lines else name
    fitted(figure, write_at(figure, NAMES, y, text, size=FIRST_LINE, va="center", linespacing=1.15), room, 6.5)
    estimate = _("cannot finish") if math.isnan(plan.estimate) else writer(record.target.about_mean)(plan.estimate)
    first = f"{estimate}  {verdict_word(plan.verdict)}"
    second = _("{replications} replications", replications=number(plan.replications))
    if plan.eliminated_at:
        second = _("out after {replications} by plan {number}", replications=number(plan.eliminated_at),
                   number=record.number(plan.eliminated_by))  # fmt: skip
    lines = first, second if two_lines else ""
    _lines(figure, ESTIMATES, y, lines, VERDICT_COLOURS[plan.verdict], FOREST - ESTIMATES - 0.1)


def _finding(figure: Figure, record: PlanComparison, pair: Pair, y: float, two_lines: bool) -> None:
    """Write what was found of a plan, the numbers, and what it costs more or less than the first."""
    found = _(show.FOUND[pair.finding])
    lines = (
        (found, show.interval(record, pair))
        if two_lines
        else (f"{found}  {signed(pair.difference, record.target.about_mean)}", "")
    )
    _lines(figure, TOLD, y, lines, FINDING_COLOURS[pair.finding], END - COSTS - TOLD)
    write_at(figure, END, y, signed_money(pair.cost_difference), size=FIRST_LINE, ha="right", va="center")


def _lines(figure: Figure, x: float, y: float, lines: tuple[str, str], colour: str, room: float) -> None:
    """Write a line in a colour, and a smaller one below if there is one; neither wider than there is room."""
    first, second = lines
    above = y - 0.09 if second else y
    fitted(figure, write_at(figure, x, above, first, size=FIRST_LINE, color=colour, va="center"), room)
    if second:
        fitted(figure, write_at(figure, x, y + 0.11, second, size=SECOND_LINE, color=GREY, va="center"), room, 6.0)


def _forest(axes: Axes, record: PlanComparison, pairs: Sequence[Pair | None]) -> None:
    """Draw the differences with their intervals, a row each, and where a difference does not matter."""
    scale = 1.0 if record.target.about_mean else 100.0
    margin = record.target.margin * scale
    low, high = _ends([pair for pair in pairs if pair is not None], scale, margin)
    axes.set_xlim(low, high)
    axes.set_ylim(len(pairs) - 0.5, -0.5)
    axes.axvspan(-margin, margin, color=PALE, lw=0, zorder=0)
    axes.axvline(0, color=INK, lw=1.2, zorder=1.5)
    for place, pair in enumerate(pairs):
        if pair is not None:
            _bar(axes, place, pair, scale)
    bare(axes, "x")
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
    # Less time is better, and a larger share within it.
    sides = (BETTER, WORSE) if record.target.about_mean else (WORSE, BETTER)
    for side, at, where in zip(sides, (0.0, 1.0), ("left", "right"), strict=True):
        arrow = f"← {_(show.FOUND[side])}" if where == "left" else f"{_(show.FOUND[side])} →"
        axes.annotate(
            arrow, (at, 0), (0, -21), xycoords="axes fraction", textcoords="offset points", ha=where, va="top",
            size=9.5, color=FINDING_COLOURS[side],
        )  # fmt: skip


def _tick(value: float) -> str:
    return "0" if abs(value) < 1e-9 else f"{value:+,g}".replace("-", "−")


def _ends(pairs: Sequence[Pair], scale: float, margin: float) -> tuple[float, float]:
    """Return the ends of the axis: all intervals, but for what is so far away that the rest could not be seen."""
    values = [value * scale for pair in pairs for value in (pair.difference, pair.low, pair.high)]
    finite = [value for value in values if math.isfinite(value)]
    sizes = [abs(pair.difference) * scale for pair in pairs if math.isfinite(pair.difference)]
    farthest = max(FARTHEST * median(sizes or [0.0]), ALWAYS_SEEN * margin)
    seen = [max(min(value, farthest), -farthest) for value in [*finite, -1.5 * margin, 1.5 * margin]]
    room = 0.06 * (max(seen) - min(seen))
    return min(seen) - room, max(seen) + room


def _bar(axes: Axes, place: int, pair: Pair, scale: float) -> None:
    """Draw a difference, or an arrow at the edge beyond which it is."""
    colour, marker = FINDING_COLOURS[pair.finding], FINDING_MARKERS[pair.finding]
    low, high = axes.get_xlim()
    difference = pair.difference * scale
    if math.isnan(difference):
        return
    if not low <= difference <= high:
        edge, arrow = (low, "<") if difference < low else (high, ">")
        axes.plot([edge], [place], marker=arrow, color=colour, ms=9, mew=0, ls="none", clip_on=False, zorder=3)
        return
    ends = np.clip([pair.low * scale, pair.high * scale], low, high)
    if not np.isnan(ends).any():
        axes.plot(ends, [place, place], color=colour, lw=3, alpha=0.45, solid_capstyle="butt", zorder=2)
    axes.plot([difference], [place], marker=marker, color=colour, ms=8, mec="white", mew=0.8, ls="none", zorder=3)


def _table(figure: Figure, record: PlanComparison, down: float) -> None:
    """Draw the table into a figure, `down` inches below its upper edge."""
    title = (
        _("Every two plans: row minus column [min]")
        if record.target.about_mean
        else _("Every two plans: row minus column [percentage points]")
    )
    write_at(figure, LEFT * WIDTH, down + 0.12, title, size=11.5, va="center")
    plans = [plan.plan for plan in record.plans]
    names = [f"{place}  {plan.title}" for place, plan in enumerate(record.plans, start=1)]
    left = LEFT * WIDTH + min(TABLE_NAMES, max(text_width(figure, name, 10) for name in names)) + 0.15
    tall = figure.get_figheight()
    wide, high = len(plans) * TABLE_CELL, len(plans) * TABLE_ROW
    axes = figure.add_axes((left / WIDTH, 1 - (down + TABLE_HEAD + high) / tall, wide / WIDTH, high / tall))
    _cells(axes, record, plans)
    for row, name in enumerate(names):
        y = down + TABLE_HEAD + (row + 0.5) * TABLE_ROW
        text = write_at(figure, left - 0.1, y, name, size=10, ha="right", va="center")
        fitted(figure, text, TABLE_NAMES, 6.5)
        x, above = left + (row + 0.5) * TABLE_CELL, down + TABLE_HEAD - 0.05
        write_at(figure, x, above, str(row + 1), size=10, ha="center", va="bottom", color=GREY)
    there = {pair.finding for pair in record.every_two.values()}
    legend_line(figure, down + 0.4, {_(show.FOUND[name]): SIGNS[name] for name in FINDINGS if name in there})


def _cells(axes: Axes, record: PlanComparison, plans: list[str]) -> None:
    """Draw the cells: the plan of the row against that of the column."""
    found = record.every_two
    kinds = np.full((len(plans), len(plans)), -1)
    for row, column in np.ndindex(kinds.shape):
        pair = found.get((plans[row], plans[column]))
        if pair is None:
            continue
        kinds[row, column] = GROUND_OF[pair.finding]
        sign = SIGNS[pair.finding]
        difference = signed(pair.difference, record.target.about_mean)
        axes.text(column + 0.55, row + 0.5, difference, size=9, color=sign.ink, ha="center", va="center_baseline")
        axes.plot([column + 0.1], [row + 0.22], marker=sign.marker, color=sign.ink, ms=3.2, mew=0, ls="none")
    axes.pcolormesh(
        np.ma.masked_less(kinds, 0), cmap=ListedColormap(GROUNDS), vmin=-0.5,
        vmax=len(GROUNDS) - 0.5, edgecolors="white", lw=1.2, zorder=0,
    )  # fmt: skip
    axes.set_xlim(0, len(plans))
    axes.set_ylim(len(plans), 0)
    axes.set_axis_off()
