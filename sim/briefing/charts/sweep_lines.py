"""A sweep along one factor: the estimate with its interval, a line for each level of a second factor."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from sim.briefing import sweep_sentences
from sim.briefing.charts.estimates import Scale, estimate_axis, scale_of
from sim.briefing.charts.line_ends import LABEL, Line, Room, crossings, label_ends, legend_of_lines
from sim.briefing.charts.panels import GREY_SIGNS, MOST_PANELS, Panels, joined, lines_below, write_frame
from sim.briefing.charts.pieces import fitted_columns, text_width, too_wide, wrapped
from sim.briefing.charts.style import (
    BLUE,
    GREEN,
    LEFT,
    ORANGE,
    PINK,
    RED,
    RIGHT,
    SKY,
    VERDICT_MARKERS,
    WIDTH,
    new_figure,
)
from sim.briefing.numbers import percent, plain
from sim.briefing.saved_sweep import Cell, Factor, SavedSweep
from sim.briefing.words import Language, word

COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, RED)
"""Of levels that have no order."""
LIGHTEST = 0.8
"""How far into the colours from dark to light the levels go that have one."""
WIDEST_LABEL = 1.7
"""Inches."""
HIGH, HIGH_OF_MANY = 3.6, 2.4
"""Inches: a panel alone, one of several."""
SMALLEST_NAME = 9.0
"""Points of the name of a panel."""
GAP = 0.55
"""Inches between panels, so that the labels below one do not reach those of the next."""
CLEAR = 0.12
"""Inches between labels of the axis across."""
MANY = 12
"""Points of a line; with more they are smaller."""


def sweep_lines(sweep: SavedSweep, language: Language) -> Figure:
    """Return the lines of a sweep whose cells fill a table."""
    x, lines = sweep.x, sweep.factor("lines")
    others, every = sweep.others(x, lines), sweep.panels(x, lines)
    shown = dict(list(every.items())[:MOST_PANELS])
    scale = scale_of(sweep, [cell for cells in shown.values() for cell in cells])
    drawn = [lines_of(cells, x, lines, scale) for cells in shown.values()]
    figure = new_figure()
    texts = line_labels(figure, lines, language)
    names = [sweep_sentences.levels(others, places, language) for places in shown] if others else []
    panels, columns, size = _places(figure, sweep, len(shown), names, texts, language)
    figure.set_figheight(panels.tall)
    colours = line_colours(lines)
    for number, found in enumerate(drawn):
        axes = panels.axes(figure, number)
        estimate_axis(axes, scale, sweep, language, panels.at_left(number))
        _across(axes, x, columns, size)
        for line in found:
            _line(axes, line, scale, colours[line.level])
    if names:
        panels.write_names(figure, names)
    if lines is not None:
        room = Room(panels, scale, texts, lines.numeric)
        if len(shown) > 1 or not label_ends(figure, room, drawn[0], colours):
            legend_of_lines(figure, panels, drawn, colours, texts)
    said = sweep_sentences.limits(sweep, lines, language), _heading(sweep, scale, lines, language)
    notes = _notes(sweep, scale, len(every), len(shown), drawn, language)
    write_frame(figure, sweep, panels, (*said, notes), x, GREY_SIGNS, language)
    return figure


def line_labels(figure: Figure, lines: Factor | None, language: Language) -> list[str]:
    """Return the labels of the lines, wrapped."""
    levels = range(len(lines.labels)) if lines is not None else ()
    return [wrapped(figure, lines.label(level, language), WIDEST_LABEL, LABEL) for level in levels] if lines else []


def line_colours(lines: Factor | None) -> list[str]:
    """Return a colour for each level: from dark to light if they are numbers or many."""
    if lines is None:
        return [BLUE]
    number = len(lines.labels)
    if number <= 2 or (not lines.numeric and number <= len(COLOURS)):
        return list(COLOURS[:number])
    return [to_hex(colour) for colour in mpl.colormaps["viridis"](np.linspace(0, LIGHTEST, number))]


def lines_of(cells: Sequence[Cell], x: Factor, lines: Factor | None, scale: Scale) -> list[Line]:
    """Return the lines of a panel, by their levels."""
    found: dict[int, list[Cell]] = {}
    for cell in sorted(cells, key=lambda cell: x.place(cell.at[x.name])):
        found.setdefault(0 if lines is None else lines.place(cell.at[lines.name]), []).append(cell)
    return [
        Line(level, of, [x.position(cell.at[x.name]) for cell in of], [scale.drawn(cell.estimate) for cell in of])
        for level, of in sorted(found.items())
    ]


def _places(
    figure: Figure, sweep: SavedSweep, count: int, names: Sequence[str], labels: Sequence[str], language: Language
) -> tuple[Panels, list[str], float]:
    """Return where the panels are, and the labels of the axis across with their size."""
    left = LEFT * WIDTH + text_width(figure, sweep_sentences.target_label(sweep, language), LABEL) + 0.1
    longest = max((text_width(figure, line, LABEL) for label in labels for line in label.split("\n")), default=0.0)
    free = RIGHT * WIDTH - left - (longest + 0.45 if labels else 0.15)
    side, wide = 1, free
    # As many side by side as leave room for their names.
    for side in (1,) if count == 1 else (2, 1) if count in (2, 4) else (3, 2, 1):
        wide = (free - GAP * (side - 1)) / side
        if not too_wide(figure, names, SMALLEST_NAME, wide):
            break
    every = [sweep.x.label(level, language) for level in range(len(sweep.x.labels))]
    columns, size = _thinned(figure, every, sweep.x, wide)
    high = HIGH if count == 1 else HIGH_OF_MANY
    # Alone, it may have the labels of lines above it.
    headed = bool(names) or bool(labels)
    return Panels(count, side, left, wide, high, lines_below(columns, size), GAP, headed), columns, size


def _thinned(figure: Figure, labels: Sequence[str], x: Factor, wide: float) -> tuple[list[str], float]:
    """Return the labels of the axis across: of numbers those that are clear of the one before."""
    if not x.numeric:
        return fitted_columns(figure, labels, wide / len(labels))
    positions = [x.position(label) for label in x.labels]
    inch = wide / max(positions[-1] - positions[0], 1e-12)
    shown, clear = [], -math.inf
    for label, position in zip(labels, positions, strict=True):
        half = text_width(figure, label, LABEL - 0.5) / 2
        fits = (position - positions[0]) * inch - half > clear + CLEAR
        shown.append(label if fits else "")
        clear = (position - positions[0]) * inch + half if fits else clear
    return shown, LABEL - 0.5


def _across(axes: Axes, x: Factor, columns: Sequence[str], size: float) -> None:
    """Make the axis across: numbers to scale, texts side by side."""
    positions = [x.position(label) if x.numeric else float(place) for place, label in enumerate(x.labels)]
    room = 0.5 if not x.numeric else 0.02 * (positions[-1] - positions[0]) or 0.5
    axes.set_xlim(positions[0] - room, positions[-1] + room)
    axes.set_xticks(positions, columns, size=size, linespacing=1.1)
    axes.tick_params(axis="x", pad=6)


def _line(axes: Axes, line: Line, scale: Scale, colour: str) -> None:
    """Draw a line, its interval as a band, the verdicts as markers, and where it leaves the scale."""
    low, high = (np.array([getattr(cell, end) for cell in line.cells]) for end in ("low", "high"))
    inside = np.array([not scale.beyond(cell.estimate) for cell in line.cells])
    some = inside & np.isfinite(low) & np.isfinite(high)
    axes.fill_between(line.x, np.maximum(low, scale.low / 2), high, where=some.tolist(), color=colour, alpha=0.2, lw=0)
    axes.plot(line.x, line.y, color=colour, lw=1.8, zorder=2)
    size = 7 if len(line.cells) <= MANY else 5
    for cell, x, y, seen in zip(line.cells, line.x, line.y, inside, strict=True):
        if seen:
            axes.plot(
                [x], [y], marker=VERDICT_MARKERS[cell.verdict], color=colour, ms=size, mec="white", mew=0.8, ls="none",
                clip_on=False, zorder=3,
            )  # fmt: skip
    sign = "^" if scale.about_mean else "v"
    axes.plot(
        crossings(line, scale), [scale.worst] * len(crossings(line, scale)), sign, color=colour, ms=7, mew=0,
        clip_on=False, zorder=3,
    )  # fmt: skip


def _heading(sweep: SavedSweep, scale: Scale, lines: Factor | None, language: Language) -> str:
    """Return the name of the upright axis, and what the lines are."""
    said = sweep_sentences.figure_name("lines", sweep, language)
    if scale.logarithmic:
        said += word("overview log", language)
    return joined([said, word("lines of", language, lines=lines.heading(language)) if lines is not None else ""])


def _notes(
    sweep: SavedSweep, scale: Scale, every: int, shown: int, drawn: Sequence[Sequence[Line]], language: Language
) -> str:
    notes = [word("bands", language, level=percent(1 - sweep.rule["error"]))]
    if any(scale.beyond(cell.estimate) for lines in drawn for line in lines for cell in line.cells):
        kind = "mean" if sweep.about_mean else "share"
        notes.append(word(f"beyond {kind}", language, top=plain(scale.high)))
    if sweep_sentences.held_back(sweep, [cell for lines in drawn for line in lines for cell in line.cells]):
        notes.append(word("sign held back", language))
    if every > shown:
        notes.append(word("panels left out", language, shown=shown, all=every))
    return joined(notes)
