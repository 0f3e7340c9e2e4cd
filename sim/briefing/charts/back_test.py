"""How the fitted model does on days that the fit has not seen: the log's figures against the simulated intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.briefing import calibration_sentences as sentences
from sim.briefing.calibration_numbers import compared_words, range_words
from sim.briefing.calibration_records import Compared
from sim.briefing.charts.arrival_profile import arrival_profile_chart
from sim.briefing.charts.patience import patience_chart
from sim.briefing.charts.pieces import fitted, write_at
from sim.briefing.charts.service_times import service_times_chart, shown_services
from sim.briefing.charts.style import (
    BLUE,
    GREY,
    INK,
    LEFT,
    PALE,
    RED,
    RIGHT,
    WIDTH,
    new_figure,
    save,
    style,
    write_line,
    write_source,
    write_title,
)
from sim.briefing.numbers import number
from sim.briefing.saved_calibration import SavedCalibration
from sim.briefing.words import Language, named, word

ABOVE, BELOW = 1.62, 0.66
"""Inches: title, legend and heads of the columns; notes and source."""
HEAD, ROW, AFTER = 0.3, 0.225, 0.12
"""Inches: the name of a step; a figure; below the last."""
GUTTER, FOREST, WIDE_FOREST, RANGE = 0.4, 1.6, 5.0, 0.87
"""Inches: between the columns; width of the intervals, likewise in a single column, and of their ends in figures."""
SCALE = 0.75
"""Widths of the interval that are shown at either side of it."""
BESIDE, OBSERVED = 0.12, 0.45
"""Inches: between figures and intervals; room for an observed figure."""
BAR = "#b9c0c7"
TEXT = 9.0
"""Points."""


def draw_calibration_charts(saved: SavedCalibration, folder: Path, language: Language) -> list[Path]:
    """Draw the charts of a calibration into a folder, those of which the log tells something; return the files."""
    files: list[Path] = []
    with style():
        if saved.profile:
            files += save(arrival_profile_chart(saved, language), folder, "arrival_profile")
        if shown_services(saved):
            files += save(service_times_chart(saved, language), folder, "service_times")
        if saved.survival:
            files += save(patience_chart(saved, language), folder, "patience")
        if saved.compared:
            files += save(back_test_chart(saved, language), folder, "back_test")
    return files


def back_test_chart(saved: SavedCalibration, language: Language) -> Figure:
    """Return the chart of the back-test: steps one below the other, in two columns if there are several."""
    steps = list(dict.fromkeys(row.step for row in saved.back_test))
    rows = {step: [row for row in saved.back_test if row.step == step] for step in steps}
    columns = [steps[: math.ceil(len(steps) / 2)], steps[math.ceil(len(steps) / 2) :]] if len(steps) > 1 else [steps]
    tall = ABOVE + BELOW + max(sum(_high(rows[step]) for step in column) for column in columns)
    figure = new_figure(tall)
    held_out = saved.held_out or {"first": "", "last": "", "days": 0}
    values = {"first": held_out["first"], "last": held_out["last"], "days": number(held_out["days"]),
              "replications": number(saved.manifest["replications"])}  # fmt: skip
    write_title(figure, sentences.back_test_title(saved, language), word("back-test subtitle", language, **values))
    wide = ((RIGHT - LEFT) * WIDTH - GUTTER * (len(columns) - 1)) / len(columns)
    for place, column in enumerate(columns):
        left, down = LEFT * WIDTH + place * (wide + GUTTER), ABOVE
        forest = FOREST if len(columns) > 1 else WIDE_FOREST
        _heads(figure, left + wide - forest, language)
        for step in column:
            _step(figure, step, rows[step], (left, left + wide - forest, left + wide), down, language)
            down += _high(rows[step])
    _legend(figure, saved, language)
    all_ = len(saved.compared)
    note = word("back-test note", language, all=all_, chance=sentences.by_chance(all_))
    if any(abs(_place(row, row.observed) - 0.5) > 0.5 + SCALE for row in saved.compared if not math.isinf(row.low)):
        note = sentences.BETWEEN.join([note, word("back-test beyond", language)])
    write_line(figure, 0.42 / tall, note, size=9.5)
    write_source(figure, sentences.source(saved, language))
    return figure


def _high(rows: Sequence[Compared]) -> float:
    """Return what the figures of a step take, with its name [in]."""
    return HEAD + ROW * len(rows) + AFTER


def _heads(figure: Figure, begin: float, language: Language) -> None:
    looks = {"size": 8.5, "color": GREY, "va": "bottom", "ha": "right", "linespacing": 1.1}
    right = begin - BESIDE
    write_at(figure, right - RANGE, ABOVE - 0.06, word("back-test log column", language), **looks)
    write_at(figure, right, ABOVE - 0.06, word("back-test range column", language), **looks)


def _step(
    figure: Figure,
    step: str,
    rows: Sequence[Compared],
    across: tuple[float, float, float],
    down: float,
    language: Language,
) -> None:
    """Draw the figures of a step: name, observed value, simulated interval, and where the one lies in the other.

    Parameters
    ----------
    figure : Figure
    step : str
    rows : sequence of Compared
    across : tuple of float
        Inches from the left: where the names begin, and where the intervals begin and end.
    down : float
        Inches from the top.
    language : str
    """
    tall = figure.get_figheight()
    left, begin, end = across
    name = named("stage", step, language)
    write_at(figure, left, down + 0.17, name[:1].upper() + name[1:], size=10, weight="bold", va="center")
    right = begin - BESIDE
    for place, row in enumerate(rows):
        y = down + HEAD + (place + 0.5) * ROW
        colour = INK if row.inside or not row.comparable else RED
        looks = {"size": TEXT, "va": "center"}
        label = write_at(figure, left + 0.12, y, word(f"measure {row.measure}", language), color=INK, **looks)
        fitted(figure, label, right - RANGE - left - 0.12 - OBSERVED)
        observed, *_ = compared_words(row, language)
        write_at(figure, right - RANGE, y, observed, color=colour, ha="right", **looks)
        simulated = write_at(figure, right, y, range_words(row, language), color=GREY, ha="right", **looks)
        fitted(figure, simulated, RANGE - 0.1, 6.0)
    high = ROW * len(rows)
    box = (begin / WIDTH, 1 - (down + HEAD + high) / tall, (end - begin) / WIDTH, high / tall)
    _forest(figure.add_axes(box), rows, language)


def _place(row: Compared, value: float) -> float:
    """Return where a value lies, the interval being from 0 to 1."""
    if row.high > row.low and math.isfinite(row.high):
        return (value - row.low) / (row.high - row.low)
    return 0.5 if row.low <= value <= row.high else math.copysign(math.inf, value - row.low)


def _forest(axes: Axes, rows: Sequence[Compared], language: Language) -> None:
    """Draw the intervals, all of the same length, and the observed figures."""
    low, high = -SCALE, 1 + SCALE
    axes.set_xlim(low, high)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.axvspan(0, 1, color=PALE, lw=0, zorder=0)
    for place, row in enumerate(rows):
        if not row.comparable or math.isinf(row.low):
            looks: Any = {"size": 8.5, "color": RED if row.comparable else GREY, "ha": "center", "va": "center"}
            axes.text(0.5, place, sentences.mark_of(row, language), **looks)
            continue
        axes.plot([0, 1], [place] * 2, color=BAR, lw=5, solid_capstyle="butt", zorder=1.5)
        middle = min(max(_place(row, row.simulated), 0.0), 1.0)
        axes.plot([middle] * 2, [place - 0.3, place + 0.3], color=GREY, lw=1.4, solid_capstyle="butt", zorder=2)
        _observed(axes, place, row, language)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _observed(axes: Axes, place: int, row: Compared, language: Language) -> None:
    """Draw an observed figure, with a word on the other side of the interval if it lies outside."""
    low, high = axes.get_xlim()
    at = _place(row, row.observed)
    colour, marker = (BLUE, "o") if row.inside else (RED, "X")
    room = 0.05 * (high - low)
    if not low + room <= at <= high - room:
        marker = ">" if at > 0.5 else "<"
        at = min(max(at, low + room), high - room)
    axes.plot([at], [place], marker=marker, ms=6.5, color=colour, mec="white", mew=0.7, ls="none", zorder=3)
    if not row.inside:
        above = row.above
        axes.text(-0.08 if above else 1.08, place, word(f"back-test {'above' if above else 'below'}", language),
                  size=8.5, color=RED, ha="right" if above else "left", va="center_baseline")  # fmt: skip


def _legend(figure: Figure, saved: SavedCalibration, language: Language) -> None:
    handles = {"back-test simulated": Line2D(
        [], [], color=BAR, lw=5, marker="|", ms=9, mec=GREY, mew=1.4, solid_capstyle="butt"
    )}
    for key, marker, colour, shown in (
        ("back-test inside", "o", BLUE, len(saved.missed) < len(saved.compared)),
        ("back-test outside", "X", RED, bool(saved.missed)),
    ):
        if shown:
            handles[key] = Line2D([], [], ls="none", marker=marker, ms=6.5, color=colour, mec="white", mew=0.7)
    figure.legend(
        list(handles.values()), [word(key, language) for key in handles], loc="center left", ncols=len(handles),
        bbox_to_anchor=(LEFT, 1 - 1.03 / figure.get_figheight()), frameon=False, fontsize=10, labelcolor=GREY,
        borderaxespad=0, borderpad=0, handletextpad=0.6, columnspacing=1.8, handlelength=1.8,
    )  # fmt: skip
