"""Which stage is to blame: from unlimited staff to the plan, stage by stage; and what one more of staff saves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Chart
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.briefing import explanation_sentences as sentences
from sim.briefing.charts.pieces import fitted, write_at
from sim.briefing.charts.style import (
    AMBER,
    BLUE,
    GREY,
    INK,
    LEFT,
    ORANGE,
    PALE,
    RED,
    RIGHT,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.briefing.numbers import percent, plain, signed_money
from sim.briefing.saved import Figure
from sim.briefing.saved_explanation import BETTER, OneMore, SavedExplanation
from sim.briefing.words import Language, named, word

ABOVE, HEAD, ROW, AXIS, BELOW = 0.98, 0.46, 0.3, 0.42, 0.62
"""Inches: the title; heading of a panel; a row; the axis below it; notes and source."""
NAMES, PLOT, END = LEFT * WIDTH, 2.7, RIGHT * WIDTH
"""Inches: where names and the plot begin, and where the last column ends."""
TEXT = 10.0
"""Points."""
CUT_BELOW, CUT_BEFORE = 0.35, 0.5
"""Of the whole: if less than this lies between the ends, the axis begins so much of it before them."""


class _Columns(NamedTuple):
    """Inches where the two columns of numbers beside a plot begin."""

    numbers: float
    last: float


SHARED, ALONE = _Columns(5.75, 7.3), _Columns(7.2, 8.85)
"""Of both panels, one below the other; of the stages without the other panel, which has a column more."""


class _Step(NamedTuple):
    """A row of the waterfall: from where to where, what is drawn of it, and its interval."""

    name: str
    begin: float
    end: float
    colour: str
    found: Figure


def blame_chart(saved: SavedExplanation, language: Language) -> Chart:
    """Return the chart of stages and of one more of staff; without the stages if they add nothing defined."""
    steps = _steps(saved, language) if saved.defined else []
    levers = saved.one_more
    tall = ABOVE + BELOW + sum(HEAD + len(rows) * ROW + AXIS for rows in (steps, levers) if rows)
    figure = new_figure(max(tall, 2.2))
    write_title(figure, sentences.finding(saved, language), sentences.subtitle(saved, language))
    down = ABOVE
    cut = 0.0
    if steps:
        cut = _waterfall(figure, saved, steps, down, SHARED if levers else ALONE, language)
        down += HEAD + len(steps) * ROW + AXIS
    if levers:
        _one_more(figure, saved, levers, down, language)
    notes = [word("axis cut", language, begin=plain(round(cut, 2)))] if cut else []
    notes.append(sentences.notes(saved, language))
    write_line(figure, 0.42 / figure.get_figheight(), sentences.BETWEEN.join(notes), size=9.5)
    used = [saved.manifest["blame_replications"], *(lever.replications for lever in levers)]
    write_source(figure, sentences.source(saved, language, used))
    return figure


def stages_chart(saved: SavedExplanation, language: Language) -> Chart:
    """Return the chart of the stages alone, which is read from farther away."""
    return blame_chart(replace(saved, one_more=()), language)


def one_more_chart(saved: SavedExplanation, language: Language) -> Chart:
    """Return the chart of one more of staff alone, under a title of its own."""
    levers = saved.one_more
    figure = new_figure(max(ABOVE + HEAD + len(levers) * ROW + AXIS + BELOW, 2.2))
    write_title(figure, sentences.lever_title(saved, language), sentences.subtitle(saved, language))
    _one_more(figure, saved, levers, ABOVE, language)
    write_line(figure, 0.42 / figure.get_figheight(), sentences.notes(saved, language), size=9.5)
    write_source(figure, sentences.source(saved, language, [lever.replications for lever in levers]))
    return figure


def _steps(saved: SavedExplanation, language: Language) -> list[_Step]:
    """Return the rows from unlimited staff to the plan; shares go down, minutes up."""
    scale, direction = (1.0, 1.0) if saved.about_mean else (100.0, -1.0)
    at = saved.unlimited.mean * scale
    rows = [_Step(word("with unlimited", language), 0.0, at, GREY, saved.unlimited)]
    for stage in saved.stages:
        end = at + direction * stage.contribution * scale
        colour = ORANGE if stage.stage in saved.to_blame else "#f3cf8b"
        found = Figure(stage.contribution, stage.low, stage.high)
        rows.append(_Step(named("stage", stage.stage, language), at, end, colour, found))
        at = end
    rows.append(_Step(word("as planned", language), 0.0, saved.whole.mean * scale, BLUE, saved.whole))
    return rows


def _waterfall(
    figure: Chart, saved: SavedExplanation, steps: Sequence[_Step], down: float, columns: _Columns, language: Language
) -> float:
    """Draw from unlimited staff to the plan; return where the axis begins."""
    kind = "mean" if saved.about_mean else "share"
    clock = named("clock", saved.target["clock"], language)
    heading = word(f"adds {kind}", language, clock=clock, minutes=plain(saved.target["minutes"]))
    write_at(figure, NAMES, down + 0.1, heading, size=11.5, va="center")
    down += HEAD
    axes = _panel(figure, len(steps), down, columns)
    scale = 1.0 if saved.about_mean else 100.0
    promised = saved.promised * scale
    reached = [promised, *(value for step in steps for value in (step.end, *_ends(step, saved, scale)))]
    least, most = min(reached), max(reached)
    # What the stages add has to be seen: if it is little beside the whole, the axis begins near it.
    cut = least - CUT_BEFORE * (most - least) if most - least < CUT_BELOW * most else 0.0
    axes.set_xlim(cut, most + 0.06 * (most - cut))
    for place, step in enumerate(steps):
        axes.barh(place, step.end - step.begin, 0.62, left=step.begin, color=step.colour, lw=0)
        if cut and place in (0, len(steps) - 1):
            _cut_mark(axes, place)
        # However little a stage adds, its place is seen.
        axes.plot([step.end] * 2, [place - 0.31, place + 0.31], color=step.colour, lw=1.6, solid_capstyle="butt")
        _whisker(axes, place, step, saved, scale)
        if place + 1 < len(steps):
            axes.plot([step.end] * 2, [place + 0.31, place + 0.69], color=GREY, lw=0.6)
        whole = place in (0, len(steps) - 1)
        _row(figure, step.name, _said(saved, step.found, whole, language), columns, down + (place + 0.5) * ROW, whole)
    added = sum(stage.contribution for stage in saved.stages)
    for place, stage in enumerate(saved.stages, start=1):
        if added > 0:
            said = sentences.part_of_added(stage, language)
            write_at(figure, columns.last, down + (place + 0.5) * ROW, said, size=TEXT, color=GREY, va="center")
    looks = {"size": 9.5, "color": GREY, "va": "center"}
    if added > 0:
        write_at(figure, columns.last, down - 0.08, word("part of added", language), **looks)
    axes.axvline(promised, color=RED, lw=1.2, ls=(0, (4, 2)), zorder=3)
    text = (word("target", language, minutes=plain(saved.target["minutes"])) if saved.about_mean
            else word("target share", language, level=percent(saved.target["level"])))  # fmt: skip
    axes.annotate(
        text, (promised, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points", size=9,
        color=RED, ha="right" if promised > 0.35 * most else "left", va="bottom",
    )  # fmt: skip
    return cut


def _cut_mark(axes: Axes, place: int) -> None:
    """Mark a bar as one that begins left of the axis: two slanted lines of paper across it."""
    for x in (0.035, 0.055):
        axes.plot([x - 0.008, x + 0.008], [place + 0.4, place - 0.4], color="white", lw=2.2, zorder=3,
                  transform=axes.get_yaxis_transform())  # fmt: skip


def _said(saved: SavedExplanation, found: Figure, whole: bool, language: Language) -> str:
    if not whole:
        return sentences.with_ends(saved, found, language)
    show = [sentences.figure(saved, value, language) for value in found]
    if math.isnan(found.low):
        return show[0]
    return word("estimate and ends", language, estimate=show[0], low=show[1], high=show[2])


def _whisker(axes: Axes, place: int, step: _Step, saved: SavedExplanation, scale: float) -> None:
    """Draw the interval of what a row ends at, the rows above taken as they are."""
    if ends := _ends(step, saved, scale):
        axes.plot(ends, [place, place], color=INK, lw=1.4, solid_capstyle="butt", zorder=4)


def _ends(step: _Step, saved: SavedExplanation, scale: float) -> list[float]:
    """Return the ends of a row's interval on the axis; empty if it has none."""
    if math.isnan(step.found.low):
        return []
    # What a stage takes of a share leads to the left.
    sign = -1.0 if step.begin and not saved.about_mean else 1.0
    return [step.end + sign * (value - step.found.mean) * scale for value in (step.found.low, step.found.high)]


def _one_more(
    figure: Chart, saved: SavedExplanation, levers: Sequence[OneMore], down: float, language: Language
) -> None:
    kind = "mean" if saved.about_mean else "share"
    write_at(figure, NAMES, down + 0.1, word(f"one more {kind}", language), size=11.5, va="center")
    looks = {"size": 9.5, "color": GREY, "va": "center"}
    heads = ((SHARED.last, f"price column {kind}", "left"), (END, sentences.cost_column(saved), "right"))
    texts = [write_at(figure, x, down + HEAD - 0.08, word(key, language), ha=side, **looks) for x, key, side in heads]
    fitted(figure, texts[0], END - SHARED.last - 0.75, 6.5)
    down += HEAD
    axes = _panel(figure, len(levers), down, SHARED)
    scale = 1.0 if saved.about_mean else 100.0
    found = [Figure(*(value * scale for value in saved.saved(lever))) for lever in levers]
    margin = saved.margin * scale
    values = [value for of in found for value in of if math.isfinite(value)] + [-1.5 * margin, 1.5 * margin]
    room = 0.05 * (max(values) - min(values))
    axes.set_xlim(min(values) - room, max(values) + room)
    axes.axvspan(-margin, margin, color=PALE, lw=0, zorder=0)
    axes.axvline(0, color=INK, lw=1.2, zorder=1.5)
    for place, (lever, of) in enumerate(zip(levers, found, strict=True)):
        colour = BLUE if lever.finding == BETTER and of.mean >= margin else AMBER if lever.finding == BETTER else GREY
        if math.isfinite(of.mean):
            axes.plot([of.mean], [place], "o", color=colour, ms=7, mec="white", mew=0.8, zorder=3)
        if math.isfinite(of.low) and math.isfinite(of.high):
            axes.plot([of.low, of.high], [place] * 2, color=colour, lw=3, alpha=0.45, solid_capstyle="butt", zorder=2)
        y = down + (place + 0.5) * ROW
        saves = sentences.with_ends(saved, saved.saved(lever), language)
        _row(figure, sentences.pool_and_where(lever, language), saves, SHARED, y)
        said = write_at(figure, SHARED.last, y, sentences.price(lever, language), size=TEXT, va="center",
                        color=INK if not math.isnan(lever.cost_per_minute) else GREY)  # fmt: skip
        fitted(figure, said, END - SHARED.last - 0.75, 6.5)
        cost = signed_money(lever.cost_difference)
        write_at(figure, END, y, cost, size=TEXT, color=GREY, ha="right", va="center")


def _panel(figure: Chart, rows: int, down: float, columns: _Columns) -> Axes:
    tall = figure.get_figheight()
    high = rows * ROW
    wide = columns.numbers - 0.2 - PLOT
    axes = figure.add_axes((PLOT / WIDTH, 1 - (down + high) / tall, wide / WIDTH, high / tall))
    axes.set_ylim(rows - 0.5, -0.5)
    bare(axes, "x")
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{np.round(value, 9):,g}".replace("-", "−")))
    axes.tick_params(labelsize=9.5)
    return axes


def _row(figure: Chart, name: str, said: str, columns: _Columns, y: float, strong: bool = False) -> None:
    """Write the name of a row and its numbers."""
    looks = {"size": TEXT, "va": "center"}
    fitted(figure, write_at(figure, NAMES, y, name, color=INK, **looks), PLOT - NAMES - 0.12, 6.5)
    numbers = write_at(figure, columns.numbers, y, said, color=INK if strong else GREY, **looks)
    fitted(figure, numbers, columns.last - columns.numbers - 0.1, 6.5)
