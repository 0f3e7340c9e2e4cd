"""The calendar of a run: the mean licence time of each day, on a scale that turns at the target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.present.charts.pieces import write_at
from sim.present.charts.style import (
    BETWEEN,
    BLUE,
    GREY,
    INK,
    LEFT,
    LINE,
    PALE,
    RED,
    RIGHT,
    WIDTH,
    new_figure,
    write_source,
    write_title,
)
from sim.present.names import MONTHS, WEEKDAYS
from sim.present.numbers import minutes, number, plain, share
from sim.studies.run import show
from sim.studies.run.records import Day, Run
from sim.text import N_, _

EACH = N_("Averaged over years, each of {days} working days keeps {minutes} min; the worst is {date}: {worst} min")
SOME = N_("Averaged over years, {kept} of {days} working days keep {minutes} min; the worst is {date}: {worst} min")
NONE = N_("Averaged over years, none of {days} working days keeps {minutes} min; the worst is {date}: {worst} min")
SCALE = LinearSegmentedColormap.from_list("around the target", (BLUE, "#f7f7f2", RED))
SPAN = 2.0
"""The scale ends at the target divided by this, and at the target times this."""
DARK = 0.8
"""Of the way from the target to an end: on darker grounds numbers are white."""
ABOVE, LEGEND, BELOW, BAND_GAP = 1.06, 0.42, 0.42, 0.42
"""Inches: above the days, for the legend, below it, and between two half-years."""
WEEKDAYS_WIDE = 0.52
HIGHEST, WIDEST, GAP = 0.3, 0.42, 0.35
"""Inches of a day, and the gap between two months in days."""
INSET, CLOSED_INSET = 0.04, 0.13
"""Of a day, around its cell; days on which nobody works have smaller ones."""
TWO_BANDS = 7
"""Months from which on there are two rows of them."""
SMALLEST, LARGEST = 5.5, 9.0
"""Points of the numbers."""


def calendar_chart(record: Run) -> Figure:
    """Return the days of a run as a calendar: months across, weekdays down, one cell a day.

    Parameters
    ----------
    record : Run
        With a target on the licence time.
    """
    days, target = record.days, record.target.minutes
    months = _months(days)
    bands = [months] if len(months) < TWO_BANDS else [months[: -(-len(months) // 2)], months[-(-len(months) // 2) :]]
    weekdays = sorted({day.date.weekday() for day in days} | set(range(5)))
    columns = max([1.0, *map(_wide, bands)])
    width = min((WIDTH * (RIGHT - LEFT) - WEEKDAYS_WIDE) / max(columns, 1), WIDEST)
    height = min(HIGHEST, max(width, 0.24))
    band_height = height * len(weekdays)
    tall = ABOVE + (band_height + BAND_GAP) * len(bands) + LEGEND + BELOW
    figure = new_figure(tall)
    subtitle = _(
        "{title} · mean licence time of those who applied on the day [min], over {replications} replications",
        title=record.title,
        replications=record.replications,
    )
    if (kept := record.figure("days", "keeping the target").mean) >= 0:
        # Means over all years vary less than the days of one.
        subtitle += _("; year by year on {share} of them", share=share(kept))
    write_title(figure, _title(days, target), subtitle)
    for place, band in enumerate(bands):
        top = ABOVE + 0.3 + (band_height + BAND_GAP) * place
        box = (
            (LEFT * WIDTH + WEEKDAYS_WIDE) / WIDTH, 1 - (top + band_height) / tall,
            columns * width / WIDTH, band_height / tall,
        )  # fmt: skip
        axes = figure.add_axes(box)
        axes.set_xlim(0, columns)
        axes.set_ylim(len(weekdays), 0)
        axes.axis("off")
        _band(axes, band, weekdays, target, min(LARGEST, max(SMALLEST, width * 25)))
    _legend(figure, target, tall - BELOW - 0.16)
    write_source(figure, show.source(record))
    return figure


def _title(days: Sequence[Day], target: float) -> str:
    days = [day for day in days if day.working]
    if not days:
        return _("No licence was applied for on a working day")
    worst = max(days, key=lambda day: day.mean_minutes)
    kept = sum(day.mean_minutes <= target for day in days)
    title = SOME if 0 < kept < len(days) else EACH if kept else NONE
    date = _("{day} {month}", day=worst.date.day, month=_(MONTHS[worst.date.month - 1]))
    return _(title, kept=kept, days=len(days), minutes=plain(target), date=date, worst=minutes(worst.mean_minutes))


def _months(days: Sequence[Day]) -> list[list[Day]]:
    """Return the days of each month."""
    return [list(month) for __, month in groupby(days, lambda day: (day.date.year, day.date.month))]


def _weeks(month: Sequence[Day]) -> int:
    """Return how many weeks, Monday to Sunday, the days of a month are in."""
    return _week(month[-1].date) - _week(month[0].date) + 1


def _week(day: date) -> int:
    """Return the number of a day's week since year 1."""
    return (day.toordinal() - 1) // 7


def _wide(band: Sequence[Sequence[Day]]) -> float:
    return sum(map(_weeks, band)) + GAP * max(len(band) - 1, 0)


def _band(axes: Axes, band: Sequence[Sequence[Day]], weekdays: Sequence[int], target: float, size: float) -> None:
    """Draw some months side by side."""
    for row, weekday in enumerate(weekdays):
        name = _(WEEKDAYS[weekday])
        axes.text(-0.3, row + 0.5, name, size=9.5, color=GREY, ha="right", va="center_baseline")
    begin = 0.0
    for month in band:
        axes.text(begin, -0.28, _(MONTHS[month[0].date.month - 1]), size=10.5, color=GREY, va="baseline")
        for day in month:
            corner = begin + _week(day.date) - _week(month[0].date), float(weekdays.index(day.date.weekday()))
            _day(axes, corner, day, target, size)
        begin += _weeks(month) + GAP


def _day(axes: Axes, corner: tuple[float, float], day: Day, target: float, size: float) -> None:
    # A day on which nobody works is beside the target's days: neither coloured nor marked.
    place = _place(day.mean_minutes, target) if day.working else 0.0
    over = day.working and day.mean_minutes > target
    x, y = corner
    inset = INSET if day.working else CLOSED_INSET
    axes.add_patch(
        Rectangle(
            (x + inset, y + inset), 1 - 2 * inset, 1 - 2 * inset, ec=INK if over else LINE,
            fc=SCALE((place + 1) / 2) if day.working else PALE,
            lw=1.1 if over else 0.4, zorder=3 if over else 2,
        )
    )  # fmt: skip
    ink = "white" if abs(place) > DARK else INK if day.working else GREY
    axes.text(
        x + 0.5, y + (0.58 if over else 0.5), _short(day.mean_minutes, target), size=size - (0 if day.working else 1),
        color=ink, ha="center", va="center_baseline", zorder=4,
    )  # fmt: skip
    if over:
        axes.plot(x + 0.5, y + 0.24, "^", color=ink, ms=size * 0.32, mew=0, zorder=4)


def _place(value: float, target: float) -> float:
    """Return where minutes are on the scale: 0 at the target, -1 and 1 at its ends."""
    if not value > 0:
        return -1.0
    return max(-1.0, min(1.0, math.log(value / target, SPAN))) if math.isfinite(value) else 1.0


def _short(value: float, target: float) -> str:
    """Return minutes as short as a day needs them: 4.9, 12, 999, >1k; with two digits if one would be the target's."""
    if math.isinf(value):
        return "∞"
    short = ">1k" if value >= 999.5 else number(value, 1 if value < 9.95 else 0)
    return number(value, 2) if value > target and short == number(target, 1) else short


def _legend(figure: Figure, target: float, down: float) -> None:
    """Explain the scale and the marks, `down` inches below the upper edge."""
    tall = figure.get_figheight()
    low, high = (
        write_at(figure, 0, down, text, size=9.5, color=GREY, va="center")
        for text in (
            _("{low} min or less", low=plain(target / SPAN)), _("{high} min or more", high=plain(target * SPAN)),
        )
    )  # fmt: skip
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    x, long = LEFT * WIDTH, 1.6
    low.set_x(x / WIDTH)
    x += low.get_window_extent(renderer).width / figure.dpi + 0.1
    axes = figure.add_axes((x / WIDTH, 1 - (down + 0.08) / tall, long / WIDTH, 0.16 / tall))
    axes.imshow([[place / 100 for place in range(101)]], cmap=SCALE, aspect="auto", extent=(0, 1, 0, 1))
    axes.axvline(0.5, color=INK, lw=1)
    axes.axis("off")
    x += long + 0.1
    high.set_x(x / WIDTH)
    x += high.get_window_extent(renderer).width / figure.dpi + 0.35
    marks = BETWEEN.join(
        [_("framed, ▴: over {minutes} min", minutes=plain(target)), _("small, grey: not a working day")]
    )
    write_at(figure, x, down, marks, size=9.5, color=GREY, va="center")
