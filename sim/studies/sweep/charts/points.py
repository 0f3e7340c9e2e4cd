"""A sweep whose design points are points in a space: where the target holds, and the estimate along each factor."""

from __future__ import annotations

import itertools

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from sim.present.charts.pieces import fitted_columns, text_width
from sim.present.charts.style import (
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
from sim.present.numbers import in_cell, percent, plain, plain_levels
from sim.present.targets import promised_text
from sim.studies.sweep import show
from sim.studies.sweep.charts.estimates import (
    Scale,
    beyond_note,
    estimate_heading,
    open_ends_of,
    scale_of,
    upright_axis,
)
from sim.studies.sweep.charts.frame import COLOURED, MOST_PANELS, Panels, lines_below, numbers_note, write_frame
from sim.studies.sweep.records import Factor, JudgedPoint, SweepVerdicts
from sim.text import _, _c, language

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


def points_map(record: SweepVerdicts) -> Figure:
    """Return the points over two factors, with their verdicts by colour and sign."""
    x, rows = record.x, record.rows
    if rows is None:
        raise ValueError(f"sweep {record.name!r} has a single factor: there is no map to show")
    figure = new_figure()
    left = LEFT * WIDTH + max(text_width(figure, label, LABELS) for label in rows.levels) + 0.12
    wide = RIGHT * WIDTH - left - 0.1
    columns, size = _labels_across(figure, x, wide)
    panels = Panels(1, 1, left, wide, HIGH, lines_below(columns, size), GAP, False)
    (axes,) = panels.axes(figure)
    _across(axes, x, columns, size)
    bare(axes, "both")
    _upright(axes, rows)
    at = [(_position(x, point), _position(rows, point)) for point in record.points]
    for point, (across, up) in zip(record.points, at, strict=True):
        _point(axes, across, up, point.verdict, 9 if len(at) <= MANY else 6.5)
    if len(at) <= MANY:
        _numbers(figure, axes, record, at)
    notes = [numbers_note(record)]
    if others := record.others(x, rows):
        names = _c("comma", ", ").join(factor.title[language()] for factor in others)
        notes.append(_("the other factors vary too: {factors}", factors=names))
    write_frame(figure, record, panels, (show.finding(record), rows.heading), x, COLOURED, notes)
    return figure


def points_along(record: SweepVerdicts) -> Figure:
    """Return the estimates with their intervals, along each factor in turn."""
    factors = record.factors[:MOST_PANELS]
    scale = scale_of(record, record.points)
    figure = new_figure()
    left = LEFT * WIDTH + text_width(figure, promised_text(record.target), LABELS + 0.5) + 0.1
    side = min(len(factors), 2 if len(factors) in (2, 4) else 3)
    wide = (RIGHT * WIDTH - left - GAP * (side - 1) - 0.1) / side
    across = [_labels_across(figure, factor, wide) for factor in factors]
    below = max(lines_below(columns, size) for columns, size in across)
    alone = len(factors) == 1
    panels = Panels(len(factors), side, left, wide, HIGH if alone else HIGH_OF_MANY, below, GAP, not alone)
    for number, (axes, factor) in enumerate(zip(panels.axes(figure), factors, strict=True)):
        upright_axis(axes, scale, record, panels.at_left(number))
        _across(axes, factor, *across[number])
        for point in record.points:
            _estimate(axes, _position(factor, point), point, scale)
    if not alone:
        panels.write_names(figure, [factor.heading for factor in factors])
    notes = [
        _("bars: {level} % intervals for all points at once", level=percent(record.about.rule.confidence)),
        *open_ends_of(record, record.points, scale),
        beyond_note(scale, record.points),
    ]
    texts = show.finding(record), estimate_heading(record, scale)
    write_frame(figure, record, panels, texts, factors[0] if alone else None, COLOURED, notes)
    return figure


def _labels_across(figure: Figure, factor: Factor, wide: float) -> tuple[list[str], float]:
    """Return the labels of texts across; numbers have ticks of their own."""
    return ([], LABELS) if factor.numeric else fitted_columns(figure, factor.levels, wide / len(factor.labels))


def _across(axes: Axes, factor: Factor, columns: list[str], size: float) -> None:
    """Make the axis across of a factor."""
    if not factor.numeric:
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_xticks(range(len(columns)), columns, size=size, linespacing=1.1)
        return
    axes.set_xlim(*_ends(factor, ROOM))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axes.tick_params(axis="x", labelsize=size)


def _upright(axes: Axes, factor: Factor) -> None:
    """Make the upright axis of a factor; texts are read downwards."""
    if not factor.numeric:
        axes.set_ylim(len(factor.labels) - 0.5, -0.5)
        axes.set_yticks(range(len(factor.labels)), factor.levels, size=LABELS)
        return
    low, high = _ends(factor, ROOM * 1.5)
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    ticks = [tick for tick in axes.get_yticks() if low <= tick <= high]
    axes.set_yticks(ticks, plain_levels(ticks), size=LABELS)


def _ends(factor: Factor, beyond: float) -> tuple[float, float]:
    """Return the ends of an axis of numbers, with some room beyond the first and the last."""
    low, high = min(factor.labels), max(factor.labels)
    room = beyond * (high - low) or 0.5
    return low - room, high + room


def _point(axes: Axes, x: float, y: float, verdict: str, size: float) -> None:
    axes.plot(
        [x], [y], marker=VERDICT_MARKERS[verdict], color=VERDICT_COLOURS[verdict], ms=size, mec="white", mew=0.8,
        ls="none", clip_on=False, zorder=3,
    )  # fmt: skip


def _position(factor: Factor, point: JudgedPoint) -> float:
    """Return where a design point is on an axis; those with the same text stand apart, so that they can be seen."""
    position = factor.position(point)
    return position if factor.numeric else position + APART * (point.point % 7 - 3)


def _estimate(axes: Axes, x: float, point: JudgedPoint, scale: Scale) -> None:
    """Draw an estimate with its interval, or at the edge if it is beyond the scale."""
    colour = VERDICT_COLOURS[point.verdict]
    if scale.beyond(point.estimate):
        axes.plot([x], [scale.worst], scale.arrow, color=colour, ms=6, mew=0, clip_on=False, zorder=3)
        return
    if point.low < point.high:
        axes.plot([x, x], [max(point.low, scale.low), min(point.high, scale.high)], color=colour, lw=1.6, alpha=0.5)
    _point(axes, x, point.estimate, point.verdict, 6.5)


def _numbers(figure: Figure, axes: Axes, record: SweepVerdicts, at: list[tuple[float, float]]) -> None:
    """Write the estimates beside the points, those that are clear of all others; those near the target first."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    pixel = figure.dpi / 72
    taken = [
        Bbox.from_extents(x - 5.5 * pixel, y - 5.5 * pixel, x + 5.5 * pixel, y + 5.5 * pixel)
        for x, y in axes.transData.transform(at)
    ]
    edge = axes.get_window_extent(renderer)
    order = sorted(range(len(at)), key=lambda number: abs(record.points[number].estimate - record.target.promised))
    for number in order:
        point = record.points[number]
        for offset, side in ((7, "left"), (-7, "right")):
            drawn = axes.annotate(
                in_cell(point.estimate, record.target.about_mean), at[number], (offset, 0), textcoords="offset points",
                ha=side, va="center_baseline", size=NUMBERS, color=INK if point.verdict == "HOLDS" else GREY,
            )  # fmt: skip
            box = drawn.get_window_extent(renderer)
            clear = box.padded(2 * pixel, 0)
            others = itertools.chain(taken[:number], taken[number + 1 :])
            if edge.x0 <= box.x0 and box.x1 <= edge.x1 + 8 * pixel and not any(map(clear.overlaps, others)):
                taken.append(clear)
                break
            drawn.remove()
