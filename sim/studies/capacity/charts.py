"""What plans carry: staff cost against demand, with a list of the plans; of one plan the demands that were judged."""

from __future__ import annotations

import math
from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from sim.present.charts.pieces import Sign, fitted, legend_line, open_ends, shortened, text_width, wrapped, write_at
from sim.present.charts.style import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    LEFT,
    LINE,
    PALE,
    RIGHT,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)  # fmt: skip
from sim.present.names import verdict_word
from sim.present.numbers import BETWEEN, NOTHING, PERCENT, number, percent, plain, plain_levels, span
from sim.present.targets import estimate_axis
from sim.studies.base import Chart
from sim.studies.capacity import show
from sim.studies.capacity.log_sentences import bars, brackets, frontier, points_and_band
from sim.studies.capacity.records import Capacity, JudgedLevel, PlanBracket
from sim.text import N_, _, _c, language

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


def charts(record: Capacity) -> list[Chart]:
    """Return the chart of what plans carry."""
    return [Chart("frontier", lambda: frontier_chart(record), ("brackets", "steps"), part="how far")]


def frontier_chart(record: Capacity) -> Figure:
    """Return the chart of a limit of one plan or more."""
    if len(record.plans) == 1:
        return judged_levels(record)
    row = ROW if len(record.plans) <= MANY else LOW_ROW
    tall = max(HEIGHT, ABOVE + HEADS + len(record.plans) * row + BELOW)
    figure = new_figure(tall)
    write_title(figure, show.finding(record), show.subtitle(record))
    plans = sorted(record.plans, key=lambda plan: (math.isnan(plan.cost), plan.cost, -(plan.holds or 0)))
    places = {plan.plan: place for place, plan in enumerate(plans, start=1)}
    best = {plan.plan for plan in record.efficient}
    colours = {plan.plan: BLUE if plan.plan in best else BESTED for plan in plans}
    _list(figure, record, plans, places, colours, row)
    bottom = BELOW + UNDER
    box = (PLOT[0] / WIDTH, bottom / tall, (PLOT[1] - PLOT[0]) / WIDTH, (tall - ABOVE - bottom - 0.2) / tall)
    axes = figure.add_axes(box)
    _scatter(axes, record, places, colours)
    notes = [bars(record), frontier(record)]
    if any(line.get_marker() in ("^", "v") for line in axes.lines):
        notes.append(_("▲▼ beyond the scale"))
    write_line(figure, 0.42 / tall, BETWEEN.join(notes), size=9.5)
    write_source(figure, show.source(record))
    return figure


def _list(
    figure: Figure,
    record: Capacity,
    plans: list[PlanBracket],
    places: Mapping[str, int],
    colours: Mapping[str, str],
    row: float,
) -> None:
    """Write the plans with cost, bracket and dates, from the cheapest."""
    two_lines = row == ROW
    heads = {
        _("cost\n[10,000\nyuan]"): COSTS,
        brackets(record): BRACKETS,
        _("demand\npasses it"): END,
    }
    looks = {"size": 9.0, "color": GREY, "va": "bottom", "linespacing": 1.15}
    top = ABOVE + HEADS - 0.08
    write_at(figure, NAMES, top, _("plan"), **looks)
    for head, right in heads.items():
        write_at(figure, right, top, head, ha="right", **looks)
    for place, plan in enumerate(plans):
        y = ABOVE + HEADS + (place + 0.5) * row
        colour = colours[plan.plan] if colours[plan.plan] == BESTED else INK
        write_at(figure, NAMES, y, f"{places[plan.plan]}", size=10.5, weight="bold", va="center",
                 color=colours[plan.plan])  # fmt: skip
        room = COSTS - 0.5 - NAMES - 0.28
        name = wrapped(figure, plan.title, room, 9.5, 2) if two_lines else plan.title
        if name.endswith("…"):  # what plans differ by is at the end of their titles
            name = wrapped(figure, shortened(figure, plan.title, 1.7 * room, 9.5), room, 9.5, 2)
        written = write_at(figure, NAMES + 0.24, y, name, size=9.5, va="center", linespacing=1.1, color=colour)
        fitted(figure, written, room, 6.0)
        cells = {COSTS: _money(plan.cost), BRACKETS: _bracket(plan), END: show.months(plan)}
        for right, text in cells.items():
            if right == END and two_lines:
                text = text.replace(" – ", " –\n")
            size = 9.5 if two_lines else 8.0
            write_at(figure, right, y, text, size=size, va="center", ha="right", color=colour, linespacing=1.1)


def _money(cost: float) -> str:
    return number(cost / MONEY, 1)


def _bracket(plan: PlanBracket) -> str:
    none = _c("limit without an end", "open") if plan.drawn else _c("limit none holds", "none")
    holds, fails = (none if end is None else number(end) for end in (plan.holds, plan.fails))
    return f"{holds} {NOTHING} {fails}"


def _scatter(axes: Axes, record: Capacity, places: Mapping[str, int], colours: Mapping[str, str]) -> None:
    """Draw the brackets of the plans over their costs, the frontier, and the demand of two years."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    priced = [plan for plan in record.plans if not math.isnan(plan.cost)]
    low, high = _seen(record)
    costs = [plan.cost / MONEY for plan in priced] or [0.0]
    side = 0.09 * (max(costs) - min(costs)) or 0.05 * max(costs) or 1.0
    axes.set_xlim(min(costs) - side, max(costs) + 1.6 * side)
    axes.set_ylim(low, high)
    an_inch = (axes.get_xlim()[1] - axes.get_xlim()[0]) / (PLOT[1] - PLOT[0])
    bare(axes)
    _line(axes, record)
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
    _marks(axes, record, spots, an_inch)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    ticks = [value for value in axes.get_xticks() if axes.get_xlim()[0] <= value <= axes.get_xlim()[1]]
    axes.set_xticks(ticks, plain_levels(ticks))
    label = _("staff cost over {days} working days [10,000 yuan]", days=span(record.working_days))
    axes.set_xlabel(wrapped(figure, label, PLOT[1] - PLOT[0] + 0.6, 10.5, 1), labelpad=4)
    demand = _("registrations a year")
    write_at(figure, LEFT * WIDTH, ABOVE + 0.02, demand, size=10.5, color=GREY, va="center")


def _seen(record: Capacity) -> tuple[float, float]:
    """Return the ends of the axis of demand: the marks, and all brackets that are not too far from them."""
    marks = [float(mark.registrations) for mark in record.outer_marks]
    ends = [end for plan in record.plans for end in (plan.holds, plan.fails)
            if end and (plan.holds or plan.drawn)]  # fmt: skip
    seen = [*marks, *(end for end in ends if min(marks) / FARTHEST <= end <= max(marks) * FARTHEST)]
    room = 0.12 * (max(seen) - min(seen)) + 0.01 * max(seen)
    return min(seen) - 1.3 * room, max(seen) + room


def _drawn(plan: PlanBracket, low: float, high: float) -> tuple[float, float]:
    """Return where the bar of a plan begins and ends, as far as it can be seen.

    One that no demand holds with, or that carries less than can be seen, is at the bottom; one of which no low end is
    known begins there.
    """
    if (plan.holds is None and not plan.drawn) or (plan.fails is not None and plan.fails <= low):
        return low, low
    bottom = min(max(float(plan.holds or low), low), high)
    return bottom, high if plan.fails is None else min(float(plan.fails), high)


def _line(axes: Axes, record: Capacity) -> None:
    """Draw what is carried for how much money at most."""
    high = axes.get_ylim()[1]
    steps = [(plan.cost / MONEY, min(float(plan.holds), high)) for plan in record.efficient if plan.holds is not None]
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


def _marks(axes: Axes, record: Capacity, spots: list[tuple[float, float, float]], an_inch: float) -> None:
    """Draw the demand of the base year and of the next, each with its label where no bar is."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    left, right = axes.get_xlim()
    low, high = axes.get_ylim()
    for mark, text in zip(record.outer_marks, show.marks_in_words(record), strict=True):
        axes.axhline(mark.registrations, color=INK, lw=1.0, ls=(0, (4, 3)), zorder=2)
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


BOX = (0.95, 1.0, 8.75, 2.85)
"""Inches: left, bottom, width and height of the axes."""
AROUND = 1.3
"""Demands farther from bracket and marks than this ratio are not shown."""
FARTHEST_MINUTES = 1.6
"""Times the promised minutes: what takes longer is beyond the scale, unless nothing is nearer."""
WORST = 0.4
"""Below the promised share: likewise."""


def judged_levels(record: Capacity) -> Figure:
    """Return the chart of the demands judged of the first plan."""
    figure = new_figure()
    write_title(figure, show.finding(record), show.subtitle(record))
    left, bottom, wide, tall = BOX
    axes = figure.add_axes((left / WIDTH, bottom / HEIGHT, wide / WIDTH, tall / HEIGHT))
    begin, end = _demands(record)
    levels = [level for level in record.levels_of(record.plans[0]) if begin <= level.registrations <= end]
    axes.set_xlim(begin, end)
    axes.set_ylim(*_scale(record, levels))
    _between(axes, record)
    beyond = [_point(axes, level, record.target.about_mean) for level in levels]
    _target_line(axes, record)
    _levels_marks(axes, record)
    bare(axes)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    if not record.target.about_mean:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=PERCENT[language()]))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel(_("registrations a year"), labelpad=3)
    label = estimate_axis(record.target)
    write_at(figure, LEFT * WIDTH, HEIGHT - bottom - tall - 0.44, label, size=10.5, color=GREY, va="center")
    shown = dict.fromkeys(level.verdict for level in record.levels_of(record.plans[0]))
    signs = {
        verdict_word(name): Sign(VERDICT_MARKERS[name], VERDICT_COLOURS[name], "")
        for name in VERDICT_MARKERS
        if name in shown
    }
    legend_line(figure, 1.03, signs)
    notes = [
        points_and_band(record),
        *open_ends((level.verdict, level.low, level.high, record.target.about_mean) for level in levels),
    ]
    if any(beyond):
        notes.append(
            _(
                N_("▲ beyond the scale, or cannot finish")
                if record.target.about_mean
                else N_("▼ beyond the scale, or cannot finish")
            )
        )
    write_line(figure, 0.42 / HEIGHT, BETWEEN.join(notes), size=9.5)
    write_source(figure, show.source(record))
    return figure


def _demands(record: Capacity) -> tuple[float, float]:
    """Return the ends of the axis of demand: the bracket, the marks, and what is judged around them."""
    plan = record.plans[0]
    core = [end for end in (plan.holds, plan.fails) if end is not None]
    core += [mark.registrations for mark in record.outer_marks]
    near = [
        level.registrations
        for level in record.levels_of(plan)
        if min(core) / AROUND <= level.registrations <= max(core) * AROUND
    ]
    low, high = min([*core, *near]), max([*core, *near])
    room = 0.05 * (high - low) + 0.005 * high
    return low - room, high + room


def _scale(record: Capacity, levels: list[JudgedLevel]) -> tuple[float, float]:
    """Return the ends of the axis of minutes or shares, on which the target can be seen."""
    promised, margin = record.target.promised, record.target.margin
    ends = [value for level in levels for value in (level.estimate, level.low, level.high) if math.isfinite(value)]
    near = [
        value
        for value in ends
        if (value <= promised * FARTHEST_MINUTES if record.target.about_mean else value >= promised - WORST)
    ]
    ends = near or ends
    low, high = min([*ends, promised - margin]), max([*ends, promised + margin])
    room = 0.12 * (high - low)
    return max(low - room, 0.0), high + room if record.target.about_mean else min(high + room, 1.0)


def _between(axes: Axes, record: Capacity) -> None:
    """Shade the demands between the largest that holds and the smallest that fails."""
    plan = record.plans[0]
    left, right = axes.get_xlim()
    begin, end = plan.holds or left, plan.fails or right
    axes.axvspan(begin, end, color=PALE, lw=0, zorder=0)


def _point(axes: Axes, level: JudgedLevel, about_mean: bool) -> bool:
    """Draw a demand with its interval; return whether it is beyond the scale, where an arrow stands for it."""
    low, high = axes.get_ylim()
    colour = VERDICT_COLOURS[level.verdict]
    if not low <= level.estimate <= high:
        marker, edge = ("^", high) if about_mean else ("v", low)
        axes.plot([level.registrations], [edge], marker=marker, color=colour, ms=9, mew=0, clip_on=False, zorder=3)
        return True
    if level.low < level.high:
        ends = [min(max(end, low), high) for end in (level.low, level.high)]
        axes.plot([level.registrations] * 2, ends, color=colour, lw=2.5, alpha=0.45, solid_capstyle="butt", zorder=2)
    axes.plot(
        [level.registrations],
        [level.estimate],
        marker=VERDICT_MARKERS[level.verdict],
        color=colour,
        ms=8,
        mec="white",
        mew=0.8,
        zorder=3,
    )
    return False


def _target_line(axes: Axes, record: Capacity) -> None:
    promised = record.target.promised
    axes.axhline(promised, color=INK, lw=1.2, zorder=1.5)
    text = (
        _("target {minutes} min", minutes=plain(promised))
        if record.target.about_mean
        else _("target {level} %", level=percent(promised))
    )
    # On the right, where demands miss the target by far if any does.
    axes.annotate(
        text, (1, promised), (-2, -4), xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
        va="top", size=9.5, color=INK, bbox={"boxstyle": "square,pad=0.15", "fc": "white", "ec": "none"}, zorder=1.2,
    )  # fmt: skip


def _levels_marks(axes: Axes, record: Capacity) -> None:
    """Draw the demand of the base year and of the next, labelled above the axes."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    left, right = axes.get_xlim()
    an_inch = (right - left) / BOX[2]
    taken = -math.inf
    for mark, text in zip(record.outer_marks, show.marks_in_words(record), strict=True):
        wide = text_width(figure, text, 9.5) * an_inch
        x = min(max(mark.registrations - wide / 2, left), right - wide)
        above = 15 if x < taken else 3
        taken = x + wide + 0.1 * an_inch
        axes.axvline(mark.registrations, color=INK, lw=1.0, ls=(0, (4, 3)), zorder=1)
        axes.annotate(
            text, (x, 1), (0, above), xycoords=("data", "axes fraction"), textcoords="offset points", ha="left",
            va="bottom", size=9.5, color=INK,
        )  # fmt: skip
