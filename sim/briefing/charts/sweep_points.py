"""A sweep whose cells are points in a space: where the target holds, and the estimate along each factor."""

from __future__ import annotations

import itertools

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from sim.briefing import sweep_sentences
from sim.briefing.charts.estimates import Scale, estimate_axis, scale_of
from sim.briefing.charts.panels import COLOURED, MOST_PANELS, Panels, joined, lines_below, write_frame
from sim.briefing.charts.pieces import fitted_columns, text_width
from sim.briefing.charts.style import (
    GREY,
    INK,
    LEFT,
    RIGHT,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    bare,
    new_figure,
)
from sim.briefing.numbers import in_cell, percent, plain, plain_levels
from sim.briefing.saved_sweep import Cell, Factor, SavedSweep
from sim.briefing.words import Language, word

HIGH, HIGH_OF_MANY = 3.6, 2.2
"""Inches: a panel alone, one of several."""
LABELS, NUMBERS = 10.0, 8.0
"""Points."""
GAP = 0.5
"""Inches between panels."""
MANY = 120
"""Points of a map; with more they are smaller and have no numbers."""
APART = 0.09
"""Of the distance of two texts on an axis: steps by which points with the same text stand apart."""
ROOM = 0.04
"""Of an axis, beyond its first and last point."""


def points_map(sweep: SavedSweep, language: Language) -> Figure:
    """Return the points over two factors, with their verdicts by colour and sign."""
    x, rows = sweep.x, sweep.factor("rows")
    if rows is None:
        raise ValueError(f"sweep {sweep.name!r} has a single factor: there is no map to show")
    figure = new_figure()
    every = [rows.label(level, language) for level in range(len(rows.labels))]
    left = LEFT * WIDTH + max(text_width(figure, label, LABELS) for label in every) + 0.12
    wide = RIGHT * WIDTH - left - 0.1
    columns, size = _labels_across(figure, x, wide, language)
    panels = Panels(1, 1, left, wide, HIGH, lines_below(columns or [""], size), GAP, False)
    figure.set_figheight(panels.tall)
    axes = panels.axes(figure, 0)
    _axis(axes, x, columns, size, language)
    bare(axes, "both")
    _upright(axes, rows, every)
    at = [(_position(x, cell), _position(rows, cell)) for cell in sweep.cells]
    for cell, (across, up) in zip(sweep.cells, at, strict=True):
        _point(axes, across, up, cell.verdict, 9 if len(at) <= MANY else 6.5)
    if len(at) <= MANY:
        _numbers(figure, axes, sweep, at)
    others = sweep.others(x, rows)
    notes = [sweep_sentences.figure_name("cells", sweep, language)]
    if others:
        names = word("comma", language).join(factor.title[language] for factor in others)
        notes.append(word("others vary", language, factors=names))
    texts = sweep_sentences.counts(sweep, language), rows.heading(language), joined(notes)
    write_frame(figure, sweep, panels, texts, x, COLOURED, language)
    return figure


def points_along(sweep: SavedSweep, language: Language) -> Figure:
    """Return the estimates with their intervals, along each factor in turn."""
    factors = sweep.factors[:MOST_PANELS]
    scale = scale_of(sweep, sweep.cells)
    figure = new_figure()
    left = LEFT * WIDTH + text_width(figure, sweep_sentences.target_label(sweep, language), LABELS + 0.5) + 0.1
    side = min(len(factors), 2 if len(factors) in (2, 4) else 3)
    wide = (RIGHT * WIDTH - left - GAP * (side - 1) - 0.1) / side
    across = [_labels_across(figure, factor, wide, language) for factor in factors]
    below = max(lines_below(columns or [""], size) for columns, size in across)
    alone = len(factors) == 1
    panels = Panels(len(factors), side, left, wide, HIGH if alone else HIGH_OF_MANY, below, GAP, not alone)
    figure.set_figheight(panels.tall)
    for number, (factor, (columns, size)) in enumerate(zip(factors, across, strict=True)):
        axes = panels.axes(figure, number)
        estimate_axis(axes, scale, sweep, language, panels.at_left(number))
        _axis(axes, factor, columns, size, language)
        for cell in sweep.cells:
            _estimate(axes, _position(factor, cell), cell, scale)
    if not alone:
        panels.write_names(figure, [factor.heading(language) for factor in factors])
    upright = sweep_sentences.figure_name("lines", sweep, language)
    upright += word("overview log", language) if scale.logarithmic else ""
    notes = [word("bars", language, level=percent(1 - sweep.rule["error"]))]
    if any(scale.beyond(cell.estimate) for cell in sweep.cells):
        notes.append(word("beyond mean" if sweep.about_mean else "beyond share", language, top=plain(scale.high)))
    texts = sweep_sentences.counts(sweep, language), upright, joined(notes)
    write_frame(figure, sweep, panels, texts, factors[0] if alone else None, COLOURED, language)
    return figure


def _labels_across(figure: Figure, factor: Factor, wide: float, language: Language) -> tuple[list[str], float]:
    """Return the labels of texts across; numbers have ticks of their own."""
    if factor.numeric:
        return [], LABELS
    return fitted_columns(
        figure, [factor.label(level, language) for level in range(len(factor.labels))], wide / len(factor.labels)
    )


def _axis(axes: Axes, factor: Factor, columns: list[str], size: float, language: Language) -> None:
    """Make the axis across of a factor."""
    if not factor.numeric:
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_xticks(range(len(columns)), columns, size=size, linespacing=1.1)
        return
    low, high = min(factor.labels), max(factor.labels)
    room = ROOM * (high - low) or 0.5
    axes.set_xlim(low - room, high + room)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axes.tick_params(axis="x", labelsize=size)


def _upright(axes: Axes, factor: Factor, labels: list[str]) -> None:
    """Make the upright axis of a factor; texts are read downwards."""
    if not factor.numeric:
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.set_yticks(range(len(labels)), labels, size=LABELS)
        return
    low, high = min(factor.labels), max(factor.labels)
    room = ROOM * 1.5 * (high - low) or 0.5
    axes.set_ylim(low - room, high + room)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    ticks = [tick for tick in axes.get_yticks() if low - room <= tick <= high + room]
    axes.set_yticks(ticks, plain_levels(ticks), size=LABELS)


def _point(axes: Axes, x: float, y: float, verdict: str, size: float) -> None:
    axes.plot(
        [x], [y], marker=VERDICT_MARKERS[verdict], color=VERDICT_COLOURS[verdict], ms=size, mec="white", mew=0.8,
        ls="none", clip_on=False, zorder=3,
    )  # fmt: skip


def _position(factor: Factor, cell: Cell) -> float:
    """Return where a cell is on an axis; cells with the same text stand apart, so that they can be seen."""
    position = factor.position(cell.at[factor.name])
    return position if factor.numeric else position + APART * (cell.number % 7 - 3)


def _estimate(axes: Axes, x: float, cell: Cell, scale: Scale) -> None:
    """Draw an estimate with its interval, or at the edge if it is beyond the scale."""
    colour = VERDICT_COLOURS[cell.verdict]
    if scale.beyond(cell.estimate):
        sign = "^" if scale.about_mean else "v"
        axes.plot([x], [scale.worst], sign, color=colour, ms=6, mew=0, clip_on=False, zorder=3)
        return
    if cell.low < cell.high:
        axes.plot([x, x], [max(cell.low, scale.low), min(cell.high, scale.high)], color=colour, lw=1.6, alpha=0.5)
    _point(axes, x, cell.estimate, cell.verdict, 6.5)


def _numbers(figure: Figure, axes: Axes, sweep: SavedSweep, at: list[tuple[float, float]]) -> None:
    """Write the estimates beside the points, those that are clear of all others; those near the target first."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    pixel = figure.dpi / 72
    taken = [
        Bbox.from_extents(x - 5.5 * pixel, y - 5.5 * pixel, x + 5.5 * pixel, y + 5.5 * pixel)
        for x, y in axes.transData.transform(at)
    ]
    edge = axes.get_window_extent(renderer)
    promised = sweep.target["minutes" if sweep.about_mean else "level"]
    order = sorted(range(len(at)), key=lambda number: abs(sweep.cells[number].estimate - promised))
    for number in order:
        cell = sweep.cells[number]
        for offset, side in ((7, "left"), (-7, "right")):
            drawn = axes.annotate(
                in_cell(cell.estimate, sweep.about_mean), at[number], (offset, 0), textcoords="offset points", ha=side,
                va="center_baseline", size=NUMBERS, color=INK if cell.verdict == "HOLDS" else GREY,
            )  # fmt: skip
            box = drawn.get_window_extent(renderer)
            clear = box.padded(2 * pixel, 0)
            others = itertools.chain(taken[:number], taken[number + 1 :])
            if edge.x0 <= box.x0 and box.x1 <= edge.x1 + 8 * pixel and not any(map(clear.overlaps, others)):
                taken.append(clear)
                break
            drawn.remove()
