"""Late cases: in which half-hours of the week they wait, and where their minutes go beside those in time."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from sim.briefing import explanation_sentences as sentences
from sim.briefing.charts.blame import blame_chart
from sim.briefing.charts.pieces import fitted, text_width, wrapped, write_at
from sim.briefing.charts.style import (
    BLUE,
    GREY,
    INK,
    LEFT,
    LINE,
    RED,
    RIGHT,
    SERIES,
    WIDTH,
    bare,
    new_figure,
    save,
    style,
    write_source,
    write_title,
)
from sim.briefing.numbers import minutes, number, share
from sim.briefing.saved_explanation import IN_TIME, LATE, WHOLE, SavedExplanation
from sim.briefing.words import Language, word

TALL = 5.1
"""Inches."""
TOP, BOTTOM = 1.42, 1.25
"""Inches above and below the panels."""
MAP_END, BARS = 6.35, 7.05
"""Inches: where the map ends, and where the bars begin."""
WORKED = 5
"""Weekdays that are shown even if nobody waits on them."""
PALER = 0.62
"""Of the way to white: service beside waiting at the same stage."""
OTHER_COLOURS = {"service automatic": "#9aa0a6", "own time": "#dadce0", "other": "#5f6368"}
FRIDAY = 4
DARK = 0.75
"""Of the most: on cells with more, numbers are white."""
SMALLEST_NUMBER = 5.5
"""Points; what would be smaller is not written."""


def draw_explanation_charts(saved: SavedExplanation, folder: Path, language: Language) -> list[Path]:
    """Draw the charts of an explanation into a folder; return the files. Without late cases there is one only."""
    with style():
        files = save(blame_chart(saved, language), folder, "blame")
        if saved.by_part(LATE):
            files += save(lateness_chart(saved, language), folder, "lateness")
    return files


def lateness_chart(saved: SavedExplanation, language: Language) -> Figure:
    """Return the week of the late cases, and their mean minutes beside those of the cases in time."""
    figure = new_figure(TALL)
    write_title(figure, sentences.late_title(saved, language), sentences.late_subtitle(saved, language))
    week = saved.whole_week
    if week.sum() > 0:
        _week(figure, week, language)
    else:
        write_at(figure, LEFT * WIDTH, 2.2, word("week nothing", language), size=12, color=GREY)
    _bars(figure, saved, language)
    write_source(figure, sentences.source(saved, language, [saved.manifest["late"]["replications"]]))
    return figure


def _week(figure: Figure, week: NDArray[np.float64], language: Language) -> None:
    """Draw minutes by weekday and half-hour, a number in each cell if there is room."""
    days = [day for day in range(7) if day < WORKED or week[day].sum() > 0]
    slots = np.flatnonzero(week.sum(axis=0))
    first, last = int(slots[0]), int(slots[-1]) + 1
    shown = week[days, first:last]
    most = write_at(
        figure, LEFT * WIDTH, TOP - 0.3, word("week title", language, most=minutes(float(week.max()))), size=11,
        va="center",
    )  # fmt: skip
    fitted(figure, most, MAP_END - LEFT * WIDTH)
    left = LEFT * WIDTH + 0.5
    high = TALL - TOP - BOTTOM
    axes = figure.add_axes((left / WIDTH, BOTTOM / TALL, (MAP_END - left) / WIDTH, high / TALL))
    colours = LinearSegmentedColormap.from_list("late", ["#ffffff", "#fbd9b5", "#f0a35e", RED])
    axes.pcolormesh(shown, cmap=colours, vmin=0, vmax=float(week.max()), edgecolors="white", lw=1.0)
    axes.set_ylim(len(days), 0)
    # On Saturdays and Sundays people work only to make up for a holiday.
    names = [word(f"weekday {day + 1}{' worked' if day > FRIDAY else ''}", language) for day in days]
    axes.set_yticks(np.arange(len(days)) + 0.5, names, size=10, linespacing=1.0)
    columns = last - first
    every = 2 if columns <= 20 else 4 if columns <= 36 else 6
    # On the hour, at the edge where it begins.
    ticks = [slot for slot in range(first, last + 1) if slot % every == 0]
    axes.set_xticks([slot - first for slot in ticks], [sentences.clock_time(slot) for slot in ticks], size=9)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(LINE)
    texts = {(row, column): number(float(shown[row, column])) for row, column in np.ndindex(shown.shape)}
    widest = max(texts.values(), key=len)
    size = min(9.0, 9.0 * (MAP_END - left) / columns * 0.86 / text_width(figure, widest, 9.0))
    if size >= SMALLEST_NUMBER:
        for (row, column), text in texts.items():
            if text != "0":
                dark = shown[row, column] > DARK * week.max()
                colour = "white" if dark else INK
                axes.text(column + 0.5, row + 0.52, text, size=size, color=colour, ha="center", va="center")


def _bars(figure: Figure, saved: SavedExplanation, language: Language) -> None:
    """Draw the parts of the clock of late cases and of those in time, one bar each."""
    text = write_at(figure, BARS - 0.3, TOP - 0.3, word("late bars", language), size=11, va="center")
    fitted(figure, text, RIGHT * WIDTH - BARS + 0.3)
    axes = figure.add_axes((BARS / WIDTH, BOTTOM / TALL, RIGHT - BARS / WIDTH, (TALL - TOP - BOTTOM) / TALL))
    groups = [group for group in (LATE, IN_TIME) if saved.by_part(group)]
    parts = [part for part in saved.by_part(groups[0]) if part != WHOLE]
    parts += [part for group in groups[1:] for part in saved.by_part(group) if part not in (WHOLE, *parts)]
    # Waiting at the bottom, where the two are compared from the same line.
    parts.sort(key=lambda part: not part.startswith("wait "))
    colours = {part: _colour(saved, part) for part in parts}
    highest = max(max(row.minutes, row.high) if row.high > 0 else row.minutes for row in
                  (saved.by_part(group)[WHOLE] for group in groups))
    for place, group in enumerate(groups):
        _bar(axes, place, saved, group, colours, highest, language)
    axes.set_xlim(-0.5, len(groups) - 0.5)
    axes.set_ylim(0, highest * 1.12)
    names = [
        word("cases of group", language, group=word(f"group {group}", language),
             share=share(saved.by_part(group)[WHOLE].cases, language))
        for group in groups
    ]  # fmt: skip
    axes.set_xticks(range(len(groups)), names, size=10, color=INK)
    bare(axes)
    axes.tick_params(axis="y", labelsize=9)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    _legend(figure, colours, language)


def _bar(
    axes: Axes, place: int, saved: SavedExplanation, group: str, colours: dict[str, str], highest: float,
    language: Language,
) -> None:  # fmt: skip
    rows, bottom = saved.by_part(group), 0.0
    for part, colour in colours.items():
        if part not in rows:
            continue
        value = rows[part].minutes
        axes.bar(place, value, 0.6, bottom=bottom, color=colour, edgecolor="white", lw=0.6)
        if value > 0.07 * highest:
            ink = "white" if part.startswith("wait ") and colour in (BLUE, RED) else INK
            axes.text(place, bottom + value / 2, minutes(value), ha="center", va="center", size=9, color=ink)
        bottom += value
    whole = rows[WHOLE]
    top = bottom
    if not math.isnan(whole.low):
        axes.plot([place, place], [whole.low, whole.high], color=INK, lw=1.2)
        top = whole.high
    axes.text(place, top + 0.015 * highest, minutes(bottom), ha="center", va="bottom", size=10.5)


def _colour(saved: SavedExplanation, part: str) -> str:
    """Return the colour of a part: that of its stage for waiting, a paler one for service."""
    if part in OTHER_COLOURS:
        return OTHER_COLOURS[part]
    kind, _, stage = part.partition(" ")
    names = [each["name"] for each in saved.manifest["stages"]]
    colour = SERIES[names.index(stage) % len(SERIES)]
    if kind == "wait":
        return colour
    levels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(level + (255 - level) * PALER):02x}" for level in levels)


def _legend(figure: Figure, colours: dict[str, str], language: Language) -> None:
    """Explain the colours below both panels, in lines of three."""
    handles = [Patch(fc=colour) for colour in colours.values()]
    labels = [wrapped(figure, sentences.part_name(part, language), 2.6, 9.5, 1) for part in colours]
    columns = 4 if len(labels) in (1, 2, 3, 4, 7, 8) else 5
    figure.legend(
        handles, labels, loc="upper left", ncols=columns, frameon=False, fontsize=9.5 if len(labels) <= 8 else 7.5,
        labelcolor=GREY, bbox_to_anchor=(LEFT, (BOTTOM - 0.42) / TALL), borderaxespad=0, borderpad=0,
        handlelength=1.2, handletextpad=0.5, columnspacing=1.4,
    )  # fmt: skip
