"""Plans against the first: differences with their intervals, what was found, and the cost; and every two plans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sim.present.charts.pieces import GROUNDS, ON_GROUNDS, Sign, fitted, legend_line, text_width, wrapped, write_at
from sim.present.charts.rows import ABOVE, BELOW, HEAD, TEXT, Column, Rows, draw_interval, draw_rows, plain_numbers
from sim.present.charts.style import (
    AMBER,
    BLUE,
    GREY,
    INK,
    LEFT,
    PALE,
    RED,
    VERDICT_COLOURS,
    WIDTH,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.present.names import named, verdict_word
from sim.present.numbers import number, plain, signed, signed_number, writer
from sim.present.targets import by_target
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
from sim.text import N_, _

FINDING_COLOURS = {BETTER: BLUE, WORSE: RED, NO_MATERIAL: AMBER, SAME: AMBER, NONE_FOUND: GREY}
FINDING_MARKERS = {BETTER: "o", WORSE: "X", NO_MATERIAL: "s", SAME: "P", NONE_FOUND: "D"}
# Plans that are the same look like those that hardly differ.
GROUND_OF = dict(zip(FINDINGS, (0, 1, 2, 2, 3), strict=True))
SIGNS = {
    finding: Sign(FINDING_MARKERS[finding], ON_GROUNDS[ground], GROUNDS[ground])
    for finding, ground in GROUND_OF.items()
}
ROW, LOW_ROW, MANY = 0.5, 0.32, 12
"""Inches: a row of two lines, of one line; beyond that many plans they have one line."""
NAMES, ESTIMATES = 2.2, 1.25
"""Inches: what names and heads of estimates are wrapped at."""
FARTHEST = 6.0
"""Times the median of the sizes: what is farther is beyond the scale."""
ALWAYS_SEEN = 20.0
"""Times the margin: what is nearer is never beyond the scale."""
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
    figure, number_of_plans = new_figure(), len(record.plans)
    rows = _rows(figure, record)
    below = ABOVE + rows.tall + 0.1
    table = TABLE_HEAD + number_of_plans * TABLE_ROW + UNDER_TABLE if 2 < number_of_plans <= MOST_IN_TABLE else 0.0
    tall = below + table + BELOW
    figure.set_figheight(tall)
    write_title(figure, show.finding(record), show.subtitle(record))
    _forest(draw_rows(figure, rows, ABOVE), record)
    if table:
        _table(figure, record, below)
    write_line(figure, 0.42 / tall, show.notes(record), size=9.5)
    write_source(figure, show.source(record))
    return figure


def _rows(figure: Figure, record: PlanComparison) -> Rows:
    """Return what stands beside the axis: plans with estimate and verdict; what was found, and the cost."""
    plans, pairs, two_lines = record.plans, record.against_first, len(record.plans) <= MANY
    estimates = by_target(
        record.target, N_("mean {clock} [min]"), N_("within {minutes} min"), minutes=plain(record.target.minutes),
        clock=named("clock", record.target.clock),
    )  # fmt: skip
    names = [f"{record.number(plan.plan)}  {plan.title}" for plan in plans]
    before = [
        Column([wrapped(figure, name, NAMES, TEXT, 2) if two_lines else name for name in names], _("plan")),
        Column([_estimate(record, plan, two_lines) for plan in plans], wrapped(figure, estimates, ESTIMATES, HEAD, 2),
               [VERDICT_COLOURS[plan.verdict] for plan in plans]),
    ]  # fmt: skip
    after = [
        Column(["", *(_found(record, pair, two_lines) for pair in pairs)],
               colours=[INK, *(FINDING_COLOURS[record.what_matters(pair)] for pair in pairs)]),
        Column([number(plans[0].cost), *(signed_number(pair.cost_difference) for pair in pairs)],
               _("cost [yuan]\nagainst plan 1"), [GREY, *[INK] * len(pairs)], right=True),
    ]  # fmt: skip
    # The label leaves room for the arrows below the numbers.
    return Rows(before, after, label=" ", high=ROW if two_lines else LOW_ROW)


def _estimate(record: PlanComparison, plan: Plan, two_lines: bool) -> str:
    """Return a plan's estimate with the verdict, and how many replications that took."""
    estimate = _("cannot finish") if math.isnan(plan.estimate) else writer(record.target.about_mean)(plan.estimate)
    first = f"{estimate}  {verdict_word(plan.verdict)}"
    if not two_lines:
        return first
    if plan.eliminated_at:
        out = _("out after {replications} by plan {number}", replications=number(plan.eliminated_at),
                number=record.number(plan.eliminated_by))  # fmt: skip
        return f"{first}\n{out}"
    return f"{first}\n{_('{replications} replications', replications=number(plan.replications))}"


def _found(record: PlanComparison, pair: Pair, two_lines: bool) -> str:
    """Return what was found of a plan, and the difference."""
    found = show.found_in_words(record, pair)
    if two_lines:
        return f"{found}\n{show.interval(record, pair)}"
    return f"{found}  {signed(pair.difference, record.target.about_mean)}"


def _forest(axes: Axes, record: PlanComparison) -> None:
    """Draw the differences with their intervals, a row each, and where a difference does not matter."""
    about_mean, figure = record.target.about_mean, axes.get_figure()
    assert isinstance(figure, Figure)
    scale = 1.0 if about_mean else 100.0
    margin = record.target.margin * scale
    axes.set_xlim(*_ends(record.against_first, scale, margin))
    axes.axvspan(-margin, margin, color=PALE, lw=0, zorder=0)
    axes.axvline(0, color=INK, lw=1.2, zorder=1.5)
    for place, pair in enumerate(record.against_first, start=1):
        found = record.what_matters(pair)
        draw_interval(axes, place, pair.difference * scale, pair.low * scale, pair.high * scale,
                      FINDING_COLOURS[found], FINDING_MARKERS[found])  # fmt: skip
    plain_numbers(axes)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
    head = wrapped(figure, show.difference_name(record), axes.get_position().width * WIDTH, HEAD, 2)
    axes.annotate(head, (0, 1), (0, 5), xycoords="axes fraction", textcoords="offset points", size=HEAD, color=GREY,
                  va="bottom", linespacing=1.15)  # fmt: skip
    # Less time is better, and a larger share within it.
    left, right = (BETTER, WORSE) if about_mean else (WORSE, BETTER)
    for side, at, align, arrow in (
        (left, 0.0, "left", f"← {_(show.FOUND[left])}"), (right, 1.0, "right", f"{_(show.FOUND[right])} →"),
    ):  # fmt: skip
        axes.annotate(arrow, (at, 0), (0, -21), xycoords="axes fraction", textcoords="offset points", ha=align,
                      va="top", size=HEAD, color=FINDING_COLOURS[side])  # fmt: skip


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


def _table(figure: Figure, record: PlanComparison, down: float) -> None:
    """Draw the table into a figure, `down` inches below its upper edge."""
    title = by_target(
        record.target, N_("Every two plans: row minus column [min]"),
        N_("Every two plans: row minus column [percentage points]"),
    )  # fmt: skip
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
    there = {record.what_matters(pair) for pair in record.every_two.values()}
    legend_line(figure, down + 0.4, {_(show.FOUND[name]): SIGNS[name] for name in FINDINGS if name in there})


def _cells(axes: Axes, record: PlanComparison, plans: list[str]) -> None:
    """Draw the cells: the plan of the row against that of the column."""
    found = record.every_two
    kinds = np.full((len(plans), len(plans)), -1)
    for row, column in np.ndindex(kinds.shape):
        pair = found.get((plans[row], plans[column]))
        if pair is None:
            continue
        kinds[row, column] = GROUND_OF[record.what_matters(pair)]
        sign = SIGNS[record.what_matters(pair)]
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
