"""The demands that were judged of a plan: the estimate of each against the target, and the bracket between them."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from sim.briefing import limit_sentences as sentences
from sim.briefing.charts.pieces import Sign, legend_line, text_width, write_at
from sim.briefing.charts.style import (
    GREY,
    HEIGHT,
    INK,
    LEFT,
    PALE,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.briefing.numbers import PERCENT, number, percent, plain
from sim.briefing.saved_limit import JudgedLevel, SavedLimit
from sim.briefing.words import Language, named, word

BOX = (0.95, 1.0, 8.75, 2.85)
"""Inches: left, bottom, width and height of the axes."""
AROUND = 1.3
"""Demands farther from bracket and marks than this ratio are not shown."""
FARTHEST = 1.6
"""Times the promised minutes: what takes longer is beyond the scale, unless nothing is nearer."""
WORST = 0.4
"""Below the promised share: likewise."""


def judged_levels(saved: SavedLimit, language: Language) -> Figure:
    """Return the chart of the demands judged of the first plan."""
    figure = new_figure()
    write_title(figure, sentences.finding(saved, language), sentences.subtitle(saved, language))
    left, bottom, wide, tall = BOX
    axes = figure.add_axes((left / WIDTH, bottom / HEIGHT, wide / WIDTH, tall / HEIGHT))
    begin, end = _ends(saved)
    levels = [level for level in saved.levels_of(saved.plans[0]) if begin <= level.registrations <= end]
    axes.set_xlim(begin, end)
    axes.set_ylim(*_scale(saved, levels))
    _bracket(axes, saved)
    beyond = [_point(axes, level, saved.about_mean) for level in levels]
    _target(axes, saved, language)
    _marks(axes, saved, language)
    bare(axes)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    if not saved.about_mean:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=PERCENT[language]))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel(word("limit demand axis", language), labelpad=3)
    clock = named("clock", saved.target["clock"], language)
    key = "lines mean" if saved.about_mean else "lines share"
    label = word(key, language, clock=clock, minutes=plain(saved.target["minutes"]))
    write_at(figure, LEFT * WIDTH, HEIGHT - bottom - tall - 0.44, label, size=10.5, color=GREY, va="center")
    shown = dict.fromkeys(level.verdict for level in saved.levels_of(saved.plans[0]))
    signs = {
        word(name, language): Sign(VERDICT_MARKERS[name], VERDICT_COLOURS[name], "")
        for name in VERDICT_MARKERS
        if name in shown
    }
    legend_line(figure, 1.03, signs)
    notes = [word("limit points", language, level=percent(1 - saved.rule["error"]))]
    if any(beyond):
        notes.append(word("limit not shown" if saved.about_mean else "limit not shown share", language))
    write_line(figure, 0.42 / HEIGHT, sentences.BETWEEN.join(notes), size=9.5)
    write_source(figure, sentences.source(saved, language))
    return figure


def _ends(saved: SavedLimit) -> tuple[float, float]:
    """Return the ends of the axis of demand: the bracket, the marks, and what is judged around them."""
    plan = saved.plans[0]
    core = [end for end in (plan.holds, plan.fails) if end is not None]
    core += [mark.registrations for mark in saved.marks]
    near = [
        level.registrations
        for level in saved.levels_of(plan)
        if min(core) / AROUND <= level.registrations <= max(core) * AROUND
    ]
    low, high = min([*core, *near]), max([*core, *near])
    room = 0.05 * (high - low) + 0.005 * high
    return low - room, high + room


def _scale(saved: SavedLimit, levels: list[JudgedLevel]) -> tuple[float, float]:
    """Return the ends of the axis of minutes or shares, on which the target can be seen."""
    promised, margin = _promised(saved), float(saved.rule["margin"])
    ends = [value for level in levels for value in (level.estimate, level.low, level.high) if math.isfinite(value)]
    near = [
        value for value in ends if (value <= promised * FARTHEST if saved.about_mean else value >= promised - WORST)
    ]
    ends = near or ends
    low, high = min([*ends, promised - margin]), max([*ends, promised + margin])
    room = 0.12 * (high - low)
    return max(low - room, 0.0), high + room if saved.about_mean else min(high + room, 1.0)


def _promised(saved: SavedLimit) -> float:
    return float(saved.target["minutes"] if saved.about_mean else saved.target["level"])


def _bracket(axes: Axes, saved: SavedLimit) -> None:
    """Shade the demands between the largest that holds and the smallest that fails."""
    plan = saved.plans[0]
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
        [level.registrations], [level.estimate], marker=VERDICT_MARKERS[level.verdict], color=colour, ms=8, mec="white",
        mew=0.8, zorder=3,
    )  # fmt: skip
    return False


def _target(axes: Axes, saved: SavedLimit, language: Language) -> None:
    promised = _promised(saved)
    axes.axhline(promised, color=INK, lw=1.2, zorder=1.5)
    text = (
        word("target", language, minutes=plain(promised))
        if saved.about_mean
        else word("target share", language, level=percent(promised))
    )
    # On the right, where demands miss the target by far if any does.
    axes.annotate(
        text, (1, promised), (-2, -4), xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
        va="top", size=9.5, color=INK, bbox={"boxstyle": "square,pad=0.15", "fc": "white", "ec": "none"}, zorder=1.2,
    )  # fmt: skip


def _marks(axes: Axes, saved: SavedLimit, language: Language) -> None:
    """Draw the demand of the base year and of the next, labelled above the axes."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    left, right = axes.get_xlim()
    an_inch = (right - left) / BOX[2]
    taken = -math.inf
    for mark, kind in zip(saved.marks, ("base", "next"), strict=True):
        growth = percent(saved.growth) if saved.growth < 0 else f"+{percent(saved.growth)}"
        text = word(f"limit mark {kind}", language, mark=number(mark.registrations), year=mark.year, growth=growth)
        wide = text_width(figure, text, 9.5) * an_inch
        x = min(max(mark.registrations - wide / 2, left), right - wide)
        above = 15 if x < taken else 3
        taken = x + wide + 0.1 * an_inch
        axes.axvline(mark.registrations, color=INK, lw=1.0, ls=(0, (4, 3)), zorder=1)
        axes.annotate(
            text, (x, 1), (0, above), xycoords=("data", "axes fraction"), textcoords="offset points", ha="left",
            va="bottom", size=9.5, color=INK,
        )  # fmt: skip
