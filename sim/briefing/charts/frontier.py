"""What plans carry: staff cost against demand, with a list of the plans; of one plan the demands that were judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.briefing import limit_sentences as sentences
from sim.briefing.charts.judged_levels import judged_levels
from sim.briefing.charts.pieces import fitted, text_width, wrapped, write_at
from sim.briefing.charts.style import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    LEFT,
    LINE,
    RIGHT,
    WIDTH,
    bare,
    new_figure,
    save,
    style,
    write_line,
    write_source,
    write_title,
)
from sim.briefing.numbers import NOTHING, number, percent, plain_levels
from sim.briefing.saved_limit import PlanBracket, SavedLimit
from sim.briefing.words import Language, word

ABOVE, BELOW = 1.0, 0.6
"""Inches: title; notes and source."""
PLOT = (0.95, 4.75)
"""Inches from the left: where the axes begin and end."""
NAMES, COSTS, BRACKETS, END = 5.05, 7.3, 8.65, RIGHT * WIDTH
"""Inches: names begin; costs, brackets and dates end."""
HEADS, ROW, LOW_ROW, MANY = 0.5, 0.5, 0.24, 7
"""Inches: heads of the list, a row of two lines, of one line; beyond that many plans they have one line."""
UNDER = 0.62
"""Inches: the numbers of the cost axis and its label."""
BESIDE = 0.2
"""Inches between bars that would lie over each other."""
FARTHEST = 2.0
"""Times the demand of the marks: what carries more, or less than their part, is beyond the scale."""
BESTED = "#8a9096"
"""Of plans that are not on the frontier."""
MONEY = 10_000.0
"""Yuan in the unit that costs are shown in."""


def draw_frontier_chart(saved: SavedLimit, folder: Path, language: Language) -> list[Path]:
    """Draw the chart of a limit into a folder; return the files."""
    with style():
        return save(frontier_chart(saved, language), folder, "frontier")


def frontier_chart(saved: SavedLimit, language: Language) -> Figure:
    """Return the chart of a limit of one plan or more."""
    if len(saved.plans) == 1:
        return judged_levels(saved, language)
    row = ROW if len(saved.plans) <= MANY else LOW_ROW
    tall = max(HEIGHT, ABOVE + HEADS + len(saved.plans) * row + BELOW)
    figure = new_figure(tall)
    write_title(figure, sentences.finding(saved, language), sentences.subtitle(saved, language))
    plans = sorted(saved.plans, key=lambda plan: (math.isnan(plan.cost), plan.cost, -(plan.holds or 0)))
    places = {plan.plan: place for place, plan in enumerate(plans, start=1)}
    best = {plan.plan for plan in saved.efficient}
    colours = {plan.plan: BLUE if plan.plan in best else BESTED for plan in plans}
    _list(figure, saved, plans, places, colours, row, language)
    bottom = BELOW + UNDER
    box = (PLOT[0] / WIDTH, bottom / tall, (PLOT[1] - PLOT[0]) / WIDTH, (tall - ABOVE - bottom - 0.2) / tall)
    axes = figure.add_axes(box)
    _scatter(axes, saved, places, colours, language)
    notes = [word(key, language) for key in ("limit bars", "limit frontier")]
    if any(line.get_marker() in ("^", "v") for line in axes.lines):
        notes.append(word("limit arrows", language))
    write_line(figure, 0.42 / tall, sentences.BETWEEN.join(notes), size=9.5)
    write_source(figure, sentences.source(saved, language))
    return figure


def _list(
    figure: Figure,
    saved: SavedLimit,
    plans: list[PlanBracket],
    places: Mapping[str, int],
    colours: Mapping[str, str],
    row: float,
    language: Language,
) -> None:
    """Write the plans with cost, bracket and dates, from the cheapest."""
    two_lines = row == ROW
    heads = {"limit cost column": COSTS, "limit bracket column": BRACKETS, "limit breaks column": END}
    looks = {"size": 9.0, "color": GREY, "va": "bottom", "linespacing": 1.15}
    top = ABOVE + HEADS - 0.08
    write_at(figure, NAMES, top, word("plan column", language), **looks)
    for key, right in heads.items():
        write_at(figure, right, top, word(key, language), ha="right", **looks)
    for place, plan in enumerate(plans):
        y = ABOVE + HEADS + (place + 0.5) * row
        colour = colours[plan.plan] if colours[plan.plan] == BESTED else INK
        write_at(figure, NAMES, y, f"{places[plan.plan]}", size=10.5, weight="bold", va="center",
                 color=colours[plan.plan])  # fmt: skip
        room = COSTS - 0.5 - NAMES - 0.28
        name = wrapped(figure, plan.title(language), room, 9.5, 2) if two_lines else plan.title(language)
        written = write_at(figure, NAMES + 0.24, y, name, size=9.5, va="center", linespacing=1.1, color=colour)
        fitted(figure, written, room, 6.0)
        cells = {COSTS: _money(plan.cost), BRACKETS: _bracket(plan, language), END: sentences.months(plan)}
        for right, text in cells.items():
            if right == END and two_lines:
                text = text.replace(" – ", " –\n")
            size = 9.5 if two_lines else 8.0
            write_at(figure, right, y, text, size=size, va="center", ha="right", color=colour, linespacing=1.1)


def _money(cost: float) -> str:
    return number(cost / MONEY, 1)


def _bracket(plan: PlanBracket, language: Language) -> str:
    holds, fails = (word("limit none holds", language) if end is None else number(end)
                    for end in (plan.holds, plan.fails))  # fmt: skip
    return f"{holds} {NOTHING} {fails}"


def _scatter(
    axes: Axes, saved: SavedLimit, places: Mapping[str, int], colours: Mapping[str, str], language: Language
) -> None:
    """Draw the brackets of the plans over their costs, the frontier, and the demand of two years."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    priced = [plan for plan in saved.plans if not math.isnan(plan.cost)]
    low, high = _seen(saved)
    costs = [plan.cost / MONEY for plan in priced] or [0.0]
    side = 0.09 * (max(costs) - min(costs)) or 0.05 * max(costs) or 1.0
    axes.set_xlim(min(costs) - side, max(costs) + 1.6 * side)
    axes.set_ylim(low, high)
    an_inch = (axes.get_xlim()[1] - axes.get_xlim()[0]) / (PLOT[1] - PLOT[0])
    bare(axes)
    _line(axes, saved)
    spots: list[tuple[float, float, float]] = []
    for plan in sorted(priced, key=lambda plan: places[plan.plan]):
        x, bottom, top = plan.cost / MONEY, *_drawn(plan, low, high)
        while any(abs(x - other) < 0.99 * BESIDE * an_inch and bottom <= b and a <= top for other, a, b in spots):
            x += BESIDE * an_inch
        clear = 0.03 * (high - low)
        spots.append((x, bottom - clear, top + clear))
        _bar(axes, plan, x, bottom, top, colours[plan.plan])
        inside = min(max((bottom + top) / 2, low + clear), high - clear)
        axes.annotate(
            f"{places[plan.plan]}", (x, inside), (6, 0), textcoords="offset points", va="center", size=10,
            weight="bold", color=colours[plan.plan], zorder=4,
            bbox={"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none", "alpha": 0.8},
        )  # fmt: skip
    _marks(axes, saved, spots, an_inch, language)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    ticks = [value for value in axes.get_xticks() if axes.get_xlim()[0] <= value <= axes.get_xlim()[1]]
    axes.set_xticks(ticks, plain_levels(ticks))
    label = word("limit cost axis", language, days=sentences.working_days(saved))
    axes.set_xlabel(wrapped(figure, label, PLOT[1] - PLOT[0] + 0.6, 10.5, 1), labelpad=4)
    demand = word("limit demand axis", language)
    write_at(figure, LEFT * WIDTH, ABOVE + 0.02, demand, size=10.5, color=GREY, va="center")


def _seen(saved: SavedLimit) -> tuple[float, float]:
    """Return the ends of the axis of demand: the marks, and all brackets that are not too far from them."""
    marks = [float(mark.registrations) for mark in saved.marks]
    ends = [end for plan in saved.plans for end in (plan.holds, plan.fails) if plan.holds and end]
    seen = [*marks, *(end for end in ends if min(marks) / FARTHEST <= end <= max(marks) * FARTHEST)]
    room = 0.12 * (max(seen) - min(seen)) + 0.01 * max(seen)
    return min(seen) - 1.3 * room, max(seen) + room


def _drawn(plan: PlanBracket, low: float, high: float) -> tuple[float, float]:
    """Return where the bar of a plan begins and ends, as far as it can be seen.

    One that no demand holds with, or that carries less than can be seen, is at the bottom.
    """
    if plan.holds is None or (plan.fails is not None and plan.fails <= low):
        return low, low
    bottom = min(max(float(plan.holds), low), high)
    return bottom, high if plan.fails is None else min(float(plan.fails), high)


def _line(axes: Axes, saved: SavedLimit) -> None:
    """Draw what is carried for how much money at most."""
    high = axes.get_ylim()[1]
    steps = [(plan.cost / MONEY, min(float(plan.holds), high)) for plan in saved.efficient if plan.holds is not None]
    if steps:
        steps.append((axes.get_xlim()[1], steps[-1][1]))
        x, y = zip(*steps, strict=True)
        axes.step(x, y, where="post", color=BLUE, lw=1.2, alpha=0.55, zorder=1.5)


def _bar(axes: Axes, plan: PlanBracket, x: float, bottom: float, top: float, colour: str) -> None:
    low, high = axes.get_ylim()
    if top <= low:
        axes.plot([x], [low], marker="v", ms=8, mew=0, color=colour, clip_on=False, zorder=3)
        return
    axes.plot([x, x], [bottom, top], color=colour, lw=5, solid_capstyle="butt", zorder=3)
    if top >= high:
        axes.plot([x], [high], marker="^", ms=9, mew=0, color=colour, clip_on=False, zorder=3)


def _marks(
    axes: Axes, saved: SavedLimit, spots: list[tuple[float, float, float]], an_inch: float, language: Language
) -> None:
    """Draw the demand of the base year and of the next, each with its label where no bar is."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    left, right = axes.get_xlim()
    low, high = axes.get_ylim()
    for mark, kind in zip(saved.marks, ("base", "next"), strict=True):
        axes.axhline(mark.registrations, color=INK, lw=1.0, ls=(0, (4, 3)), zorder=2)
        growth = percent(saved.growth) if saved.growth < 0 else f"+{percent(saved.growth)}"
        text = word(f"limit mark {kind}", language, mark=number(mark.registrations), year=mark.year, growth=growth)
        wide = text_width(figure, text, 9.5) * an_inch
        high_of = 0.075 * (high - low)
        y = float(mark.registrations)

        def free(begin: float, wide: float = wide, y: float = y, tall: float = high_of) -> bool:
            end = begin + wide
            return not any(begin - 0.08 * an_inch < x + 0.2 * an_inch and x < end + 0.1 * an_inch
                           and a < y + tall and y < b for x, a, b in spots)  # fmt: skip

        tries = [right - wide - 0.05 * an_inch, left + 0.05 * an_inch]
        tries += [left + (right - wide - left) * part / 12 for part in range(12, -1, -1)]
        begin = next((x for x in tries if free(x)), tries[0])
        axes.annotate(
            text, (begin, y), (0, 3), textcoords="offset points", ha="left", va="bottom", size=9.5, color=INK,
            bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8}, zorder=4,
        )  # fmt: skip
    axes.spines["bottom"].set_color(LINE)
