"""Plans against the first: differences with their intervals, what was found, and the cost; and every two plans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.briefing import comparison_sentences as sentences
from sim.briefing.charts.pair_table import FINDING_COLOURS, FINDING_MARKERS, MOST_PLANS, pair_table, table_height
from sim.briefing.charts.pieces import fitted, wrapped, write_at
from sim.briefing.charts.style import (
    GREY,
    INK,
    LEFT,
    PALE,
    RIGHT,
    VERDICT_COLOURS,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.briefing.numbers import number, plain, signed, signed_money, writer
from sim.briefing.saved_comparison import BETTER, WORSE, Pair, Plan, SavedComparison
from sim.briefing.words import Language, named, word

ABOVE, BELOW, UNDER_FOREST = 1.42, 0.62, 0.55
"""Inches: title and heads of the columns; notes and source; the axis below the rows."""
ROW, LOW_ROW, MANY = 0.5, 0.32, 12
"""Inches: a row of two lines, of one line; from that many plans on they have one line."""
NAMES, ESTIMATES, FOREST, FINDINGS, END = LEFT * WIDTH, 2.7, 4.15, 7.0, RIGHT * WIDTH
"""Inches: where the columns begin; costs end at the right."""
COSTS = 1.15
"""Inches: width of the costs."""
FARTHEST = 6.0
"""Times the median of the sizes: what is farther is beyond the scale."""
ALWAYS_SEEN = 20.0
"""Times the margin: what is nearer is never beyond the scale."""
FIRST_LINE, SECOND_LINE = 10.5, 8.5
"""Points."""


def differences_chart(saved: SavedComparison, language: Language) -> Figure:
    """Return the chart of a comparison of two plans or more."""
    rows = len(saved.plans)
    high = ROW if rows <= MANY else LOW_ROW
    two_lines = rows <= MANY
    forest = rows * high + UNDER_FOREST
    table = table_height(rows) if 2 < rows <= MOST_PLANS and saved.every_two else 0.0
    tall = ABOVE + forest + table + BELOW
    figure = new_figure(tall)
    write_title(figure, sentences.finding(saved, language), sentences.subtitle(saved, language))
    _heads(figure, saved, language)
    for place, plan in enumerate(saved.plans):
        _plan(figure, saved, plan, ABOVE + (place + 0.5) * high, two_lines, language)
    pairs = {pair.plan: pair for pair in saved.against_first}
    for place, plan in enumerate(saved.plans[1:], start=1):
        _finding(figure, saved, pairs[plan.plan], ABOVE + (place + 0.5) * high, two_lines, language)
    box = (FOREST / WIDTH, 1 - (ABOVE + rows * high) / tall, (FINDINGS - 0.2 - FOREST) / WIDTH, rows * high / tall)
    _forest(figure.add_axes(box), saved, [pairs.get(plan.plan) for plan in saved.plans], language)
    if table:
        pair_table(figure, saved, ABOVE + forest, language)
    write_line(figure, 0.42 / tall, sentences.notes(saved, language), size=9.5)
    write_source(figure, sentences.source(saved, language))
    return figure


def _heads(figure: Figure, saved: SavedComparison, language: Language) -> None:
    """Write the heads of the columns."""
    key = "lines mean" if saved.about_mean else "within column"
    clock = named("clock", saved.target["clock"], language)
    estimates = word(key, language, clock=clock, minutes=plain(saved.target["minutes"]))
    looks = {"size": 9.5, "color": GREY, "va": "bottom", "linespacing": 1.15}
    write_at(figure, NAMES, ABOVE - 0.06, word("plan column", language), **looks)
    write_at(figure, ESTIMATES, ABOVE - 0.06, wrapped(figure, estimates, FOREST - ESTIMATES - 0.2, 9.5, 2), **looks)
    text = wrapped(figure, sentences.difference_name(saved, language), END - COSTS - FOREST - 0.2, 9.5, 2)
    write_at(figure, FOREST, ABOVE - 0.06, text, **looks)
    write_at(figure, END, ABOVE - 0.06, word("cost column of plans", language), ha="right", **looks)


def _plan(figure: Figure, saved: SavedComparison, plan: Plan, y: float, two_lines: bool, language: Language) -> None:
    """Write a plan's name, its estimate with the verdict, and of the first the cost."""
    place = saved.number(plan.plan)
    name = f"{place}  {plan.title(language)}"
    room = ESTIMATES - NAMES - 0.15
    text = wrapped(figure, name, room, FIRST_LINE, 2) if two_lines else name
    fitted(figure, write_at(figure, NAMES, y, text, size=FIRST_LINE, va="center", linespacing=1.15), room, 6.5)
    show = writer(saved.about_mean, language)
    said = word("cannot finish", language) if math.isnan(plan.estimate) else show(plan.estimate)
    first = f"{said}  {word(plan.verdict, language)}"
    room = FOREST - ESTIMATES - 0.1
    above = y - 0.09 if two_lines else y
    looks = {"size": FIRST_LINE, "color": VERDICT_COLOURS[plan.verdict], "va": "center"}
    fitted(figure, write_at(figure, ESTIMATES, above, first, **looks), room)
    if two_lines:
        second = word("replications of plan", language, replications=number(plan.replications))
        if plan.eliminated_at:
            by = saved.number(plan.eliminated_by)
            second = word("left out", language, replications=number(plan.eliminated_at), number=by)
        text_looks = {"size": SECOND_LINE, "color": GREY, "va": "center"}
        fitted(figure, write_at(figure, ESTIMATES, y + 0.11, second, **text_looks), room, 6.0)
    if place == 1:
        write_at(figure, END, y, number(plan.cost), size=FIRST_LINE, color=GREY, ha="right", va="center")


def _finding(figure: Figure, saved: SavedComparison, pair: Pair, y: float, two_lines: bool, language: Language) -> None:
    """Write what was found of a plan, the numbers, and what it costs more or less than the first."""
    room = END - COSTS - FINDINGS
    colour = FINDING_COLOURS[pair.finding]
    said = word(pair.finding, language)
    numbers = sentences.interval(saved, pair, language)
    if two_lines:
        fitted(figure, write_at(figure, FINDINGS, y - 0.09, said, size=FIRST_LINE, color=colour, va="center"), room)
        fitted(figure, write_at(figure, FINDINGS, y + 0.11, numbers, size=SECOND_LINE, color=GREY, va="center"), room)
    else:
        text = f"{said}  {signed(pair.difference, saved.about_mean)}"
        fitted(figure, write_at(figure, FINDINGS, y, text, size=FIRST_LINE, color=colour, va="center"), room)
    cost = signed_money(pair.cost_difference)
    write_at(figure, END, y, cost, size=FIRST_LINE, ha="right", va="center")


def _forest(axes: Axes, saved: SavedComparison, pairs: Sequence[Pair | None], language: Language) -> None:
    """Draw the differences with their intervals, a row each, and where a difference does not matter."""
    scale = 1.0 if saved.about_mean else 100.0
    margin = saved.margin * scale
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
    sides = (BETTER, WORSE) if saved.about_mean else (WORSE, BETTER)
    for side, at, where in zip(sides, (0.0, 1.0), ("left", "right"), strict=True):
        arrow = f"← {word(side, language)}" if where == "left" else f"{word(side, language)} →"
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
