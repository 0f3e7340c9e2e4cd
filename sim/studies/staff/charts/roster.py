"""The roster by pool: who is on duty over the day, against the need by queueing theory and the scenario's plan."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from sim.present.charts.pieces import fitted, legend_row, write_at
from sim.present.charts.style import (
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
    write_line,
    write_source,
    write_title,
)
from sim.present.names import named
from sim.present.numbers import BETWEEN
from sim.studies.staff.records import CheapestRoster, RosterLine, people_in
from sim.studies.staff.sentences import finding, source, subtitle
from sim.text import _, _n

F64 = NDArray[np.float64]

ABOVE, BELOW = 1.32, 0.62
"""Inches: title and legend; notes and source."""
COLUMNS = 2
PLOT, BESIDE, INDENT = 1.9, 0.18, 0.32
"""Inches: width of a panel; between it and its list; numbers of the axis beside it."""
HEAD, UNDER, GAP = 0.26, 0.24, 0.16
"""Inches: above a panel, for the pool; below, for the hours; between panels."""
LOW = 0.74
"""Inches: a panel is never lower."""
LINE_HIGH, HOURS_HIGH = 0.165, 0.15
"""Inches: a line of the list, and the one with the hours below it."""
FILL = "#a9cfe6"
SLOTS = 48


def roster_chart(record: CheapestRoster) -> Figure:
    """Return the chart of the roster: a panel a pool, with its shifts beside it."""
    pools = [pool for pool in record.pools if any(need.pool == pool for need in record.needs)]
    rows = [pools[begin : begin + COLUMNS] for begin in range(0, len(pools), COLUMNS)]
    tall = [max(LOW, *(_list_high(record, pool) - 0.12 for pool in row)) for row in rows]
    spare = HEIGHT - ABOVE - BELOW - sum(HEAD + UNDER + GAP + high for high in tall)
    if spare > 0:
        tall = [high + spare / len(rows) for high in tall]
    height = ABOVE + BELOW + sum(HEAD + UNDER + GAP + high for high in tall)
    figure = new_figure(height)
    write_title(figure, finding(record), subtitle(record))
    _legend(figure, record)
    ends = _ends(record)
    wide = (RIGHT - LEFT) * WIDTH / COLUMNS
    # Without a roster there is nothing to list beside the panels.
    plot = PLOT if record.roster else wide - INDENT - BESIDE
    down, listed = ABOVE, list[tuple[Text, Text]]()
    for row, high in zip(rows, tall, strict=True):
        for column, pool in enumerate(row):
            left = LEFT * WIDTH + column * wide
            _head(figure, record, pool, left, down, wide)
            box = ((left + INDENT) / WIDTH, 1 - (down + HEAD + high) / height, plot / WIDTH, high / height)
            _panel(figure.add_axes(box), record, pool, ends)
            at = left + INDENT + PLOT + BESIDE
            listed += _list(figure, record.lines_of(pool), at, down + HEAD, wide - INDENT - PLOT - BESIDE - 0.15)
        down += HEAD + high + UNDER + GAP
    # Alike throughout: as small as the longest has to be.
    for alike in zip(*listed, strict=True):
        smallest = min(text.get_fontsize() for text in alike)
        for text in alike:
            text.set_fontsize(smallest)
    notes = [_(
        "estimate: offered load of an average day, plus half its square root (square-root staffing), rounded up; no "
        "requirement"
    )]  # fmt: skip
    if any(line.days for line in record.roster):
        notes.append(_("people on duty on a Monday"))
    write_line(figure, 0.42 / height, BETWEEN.join(notes), size=9.5)
    write_source(figure, source(record))
    return figure


def _list_high(record: CheapestRoster, pool: str) -> float:
    return len(record.lines_of(pool)) * (LINE_HIGH + HOURS_HIGH + 0.02)


def _legend(figure: Figure, record: CheapestRoster) -> None:
    handles: dict[str, Line2D | Patch] = {}
    if record.roster:
        handles[_("on duty by the roster")] = Patch(fc=FILL, ec=BLUE, lw=0.8)
    handles[_("queueing estimate, for reference")] = Line2D([], [], color=ORANGE, lw=2.0)
    handles[_("scenario's plan")] = Line2D([], [], color=INK, lw=1.1, ls=(0, (3, 2)))
    legend_row(figure, handles)


def _ends(record: CheapestRoster) -> tuple[int, int]:
    """Return the half-hours of the day between which all panels are."""
    slots = [_slot(need.begin) for need in record.needs if need.roster or need.own or need.need]
    # On whole hours.
    return min(slots, default=16) // 2 * 2, (max(slots, default=35) + 2) // 2 * 2


def _slot(moment: str) -> int:
    return int(moment[:2]) * 2 + int(moment[3:5]) // 30


def _head(figure: Figure, record: CheapestRoster, pool: str, left: float, down: float, wide: float) -> None:
    """Write the name of a pool, and how many people there are."""
    number = people_in(record.lines_of(pool))
    people = _n("{number} person", "{number} people", number) if record.roster else _("no plan")
    name = named("pool", pool)
    text = _("{pool}: {people}", pool=name[:1].upper() + name[1:], people=people)
    fitted(figure, write_at(figure, left, down + 0.1, text, size=11.0, weight="bold", va="center"), wide - 0.2)


def _panel(axes: Axes, record: CheapestRoster, pool: str, ends: tuple[int, int]) -> None:
    """Draw who is on duty, who is needed and who is there now, by half-hour."""
    on, need, own = (np.zeros(SLOTS), np.zeros(SLOTS), np.zeros(SLOTS))
    for each in record.needs:
        if each.pool == pool:
            slot = _slot(each.begin)
            on[slot], need[slot], own[slot] = each.roster or 0, each.need, each.own
    begin, end = ends
    edges = np.arange(begin, end + 1) / 2
    seen = slice(begin, end)
    axes.stairs(on[seen], edges, fill=True, color=FILL, lw=0, zorder=1.5)
    if record.roster:
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
    figure: Figure, lines: list[RosterLine], left: float, down: float, wide: float
) -> Iterator[tuple[Text, Text]]:
    """Write the shifts with people, each with its hours below; yield the texts."""
    for line in lines:
        text = _("{people} × {shift}", people=line.people, shift=line.title)
        looks = {"va": "center", "linespacing": 1.0}
        shift = write_at(figure, left, down + 0.06, text, size=9.0, **looks)
        fitted(figure, shift, wide, 6.5)
        hours = line.hours.replace("-", "–")
        said = f"{hours} ({line.days})" if line.days else hours
        written = write_at(figure, left + 0.16, down + 0.06 + LINE_HIGH, said, size=8.0, color=GREY, **looks)
        fitted(figure, written, wide - 0.16, 6.0)
        yield shift, written
        down += LINE_HIGH + HOURS_HIGH + 0.02
