"""The roster by pool: who is on duty over the day, against the need by queueing theory and the scenario's plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from sim.briefing import staff_sentences as sentences
from sim.briefing.charts.pieces import fitted, write_at
from sim.briefing.charts.style import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    LEFT,
    LINE,
    ORANGE,
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
from sim.briefing.saved_staff import RosterLine, SavedStaff, lines_of, people_in
from sim.briefing.words import Language, named, word

F64 = NDArray[np.float64]

ABOVE, BELOW = 1.32, 0.62
"""Inches: title and legend; notes and source."""
COLUMNS = 2
PLOT, BETWEEN, INDENT = 2.25, 0.2, 0.32
"""Inches: width of a panel; between it and its list; numbers of the axis beside it."""
HEAD, UNDER, GAP = 0.26, 0.24, 0.16
"""Inches: above a panel, for the pool; below, for the hours; between panels."""
LOW = 0.74
"""Inches: a panel is never lower."""
LINE_HIGH, HOURS_HIGH = 0.165, 0.15
"""Inches: a line of the list, and the one with the hours below it."""
FILL = "#a9cfe6"
SLOTS = 48


def draw_roster_chart(saved: SavedStaff, folder: Path, language: Language) -> list[Path]:
    """Draw the chart of the roster into a folder; return the files."""
    with style():
        return save(roster_chart(saved, language), folder, "staffing")


def roster_chart(saved: SavedStaff, language: Language) -> Figure:
    """Return the chart of the roster: a panel a pool, with its shifts beside it."""
    pools = [pool for pool in saved.pools if any(need.pool == pool for need in saved.needs)]
    rows = [pools[begin : begin + COLUMNS] for begin in range(0, len(pools), COLUMNS)]
    tall = [max(LOW, *(_list_high(saved, pool) - 0.12 for pool in row)) for row in rows]
    spare = HEIGHT - ABOVE - BELOW - sum(HEAD + UNDER + GAP + high for high in tall)
    if spare > 0:
        tall = [high + spare / len(rows) for high in tall]
    height = ABOVE + BELOW + sum(HEAD + UNDER + GAP + high for high in tall)
    figure = new_figure(height)
    write_title(figure, sentences.finding(saved, language), sentences.subtitle(saved, language))
    _legend(figure, saved, language)
    ends = _ends(saved)
    wide = (RIGHT - LEFT) * WIDTH / COLUMNS
    # Without a roster there is nothing to list beside the panels.
    plot = PLOT if saved.roster else wide - INDENT - BETWEEN
    down = ABOVE
    for row, high in zip(rows, tall, strict=True):
        for column, pool in enumerate(row):
            left = LEFT * WIDTH + column * wide
            _head(figure, saved, pool, left, down, wide, language)
            box = ((left + INDENT) / WIDTH, 1 - (down + HEAD + high) / height, plot / WIDTH, high / height)
            _panel(figure.add_axes(box), saved, pool, ends)
            at = left + INDENT + PLOT + BETWEEN
            _list(figure, lines_of(saved, pool), at, down + HEAD, wide - INDENT - PLOT - BETWEEN - 0.15, language)
        down += HEAD + high + UNDER + GAP
    notes = [word("staffing roster note", language)]
    if any(line.days for line in saved.roster):
        notes.append(word("staffing monday", language))
    write_line(figure, 0.42 / height, sentences.BETWEEN.join(notes), size=9.5)
    write_source(figure, sentences.source(saved, language))
    return figure


def _list_high(saved: SavedStaff, pool: str) -> float:
    return len(lines_of(saved, pool)) * (LINE_HIGH + HOURS_HIGH + 0.02)


def _legend(figure: Figure, saved: SavedStaff, language: Language) -> None:
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=ORANGE, lw=2.0),
        Line2D([], [], color=INK, lw=1.1, ls=(0, (3, 2))),
    ]
    labels = [word(f"staffing legend {name}", language) for name in ("need", "own")]
    if saved.roster:
        handles.insert(0, Patch(fc=FILL, ec=BLUE, lw=0.8))
        labels.insert(0, word("staffing legend roster", language))
    figure.legend(
        handles, labels, loc="center left", ncols=len(labels), frameon=False, fontsize=10, labelcolor=GREY,
        bbox_to_anchor=(LEFT, 1 - 1.03 / figure.get_figheight()), borderaxespad=0, borderpad=0, handletextpad=0.5,
        columnspacing=1.6, handlelength=1.5,
    )  # fmt: skip


def _ends(saved: SavedStaff) -> tuple[int, int]:
    """Return the half-hours of the day between which all panels are."""
    slots = [_slot(need.begin) for need in saved.needs if need.roster or need.own or need.need]
    # On whole hours.
    return min(slots, default=16) // 2 * 2, (max(slots, default=35) + 2) // 2 * 2


def _slot(moment: str) -> int:
    return int(moment[:2]) * 2 + int(moment[3:5]) // 30


def _head(
    figure: Figure, saved: SavedStaff, pool: str, left: float, down: float, wide: float, language: Language
) -> None:
    """Write the name of a pool, and how many people there are."""
    number = people_in(lines_of(saved, pool))
    people = word("staffing person" if number == 1 else "staffing people", language, people=number)
    said = people if saved.roster else word("staffing no roster", language)
    name = named("pool", pool, language)
    text = word("staffing pool head", language, pool=name[:1].upper() + name[1:], people=said)
    fitted(figure, write_at(figure, left, down + 0.1, text, size=11.0, weight="bold", va="center"), wide - 0.2)


def _panel(axes: Axes, saved: SavedStaff, pool: str, ends: tuple[int, int]) -> None:
    """Draw who is on duty, who is needed and who is there now, by half-hour."""
    on, need, own = (np.zeros(SLOTS), np.zeros(SLOTS), np.zeros(SLOTS))
    for each in saved.needs:
        if each.pool == pool:
            slot = _slot(each.begin)
            on[slot], need[slot], own[slot] = each.roster or 0, each.need, each.own
    begin, end = ends
    edges = np.arange(begin, end + 1) / 2
    seen = slice(begin, end)
    axes.stairs(on[seen], edges, fill=True, color=FILL, lw=0, zorder=1.5)
    if saved.roster:
        axes.stairs(on[seen], edges, color=BLUE, lw=1.0, zorder=2)
    axes.stairs(need[seen], edges, color=ORANGE, lw=2.0, baseline=None, zorder=3)
    axes.stairs(own[seen], edges, color=INK, lw=1.1, ls=(0, (3, 2)), baseline=None, zorder=4)
    bare(axes)
    axes.set_xlim(begin / 2, end / 2)
    axes.set_ylim(0, max(on.max(), need.max(), own.max(), 1.0) * 1.12)
    axes.spines["bottom"].set_color(LINE)
    axes.tick_params(labelsize=8.5, pad=2)
    axes.xaxis.set_major_locator(MultipleLocator(2))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: f"{hour:.0f}:00"))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    # Nought is where the axis is, and its label would lie over that of the first hour.
    axes.yaxis.set_major_formatter(FuncFormatter(lambda people, _: f"{people:.0f}" if people else ""))


def _list(
    figure: Figure, lines: list[RosterLine], left: float, down: float, wide: float, language: Language
) -> None:
    """Write the shifts with people, each with its hours below."""
    for line in lines:
        text = word("staffing line", language, people=line.people, shift=line.title(language))
        looks = {"va": "center", "linespacing": 1.0}
        fitted(figure, write_at(figure, left, down + 0.06, text, size=9.0, **looks), wide, 6.5)
        hours = line.hours.replace("-", "–")
        said = f"{hours} ({line.days})" if line.days else hours
        written = write_at(figure, left + 0.16, down + 0.06 + LINE_HIGH, said, size=8.0, color=GREY, **looks)
        fitted(figure, written, wide - 0.16, 6.0)
        down += LINE_HIGH + HOURS_HIGH + 0.02
