"""When the first contacts come: half-hours, weekdays and months of the log, against what was assumed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.present.charts.pieces import legend_row, write_at
from sim.present.charts.style import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    ORANGE,
    RIGHT,
    WIDTH,
    bare,
    new_figure,
    write_source,
    write_title,
)
from sim.present.names import MONTHS
from sim.present.numbers import number
from sim.studies.calibrate.records import HALF_HOUR, MONTH, WEEKDAY, Calibration, Place
from sim.studies.calibrate.sentences import source
from sim.studies.calibrate.wording import day_name
from sim.text import N_, _

ABOVE, BELOW, HEAD, UNDER = 1.32, 0.42, 0.27, 0.3
"""Inches: title and legend; the source; the heading of a panel; the labels below it."""
SIDES = (0.85, 6.2, 6.75, RIGHT * WIDTH)
"""Inches: where the half-hours begin and end, and the panels beside them."""
PANELS = {HALF_HOUR: N_("half-hour that begins at"), MONTH: N_("month"), WEEKDAY: N_("weekday")}
ASSUMED = "#9aa0a6"
POINT, SMALL_POINT = 5.2, 4.2
FARTHEST = 2.0
"""Times the largest value: ends of intervals beyond are cut."""


def arrival_profile_chart(record: Calibration) -> Figure:
    """Return the chart of the profile of arrivals, of what the log tells of it."""
    figure = new_figure()
    subtitle = _(
        "first contacts of {cases} cases, relative to their mean (1 = average)", cases=number(record.log.cases)
    )
    write_title(figure, profile_title(record), subtitle)
    write_source(figure, source(record))
    beside = [*record.places(MONTH), *record.places(WEEKDAY)]
    bottom = HEIGHT - BELOW - UNDER
    middle = (ABOVE + bottom - UNDER) / 2
    for kind, left, right, top, low in (
        (HALF_HOUR, *SIDES[:2], ABOVE, bottom), (MONTH, *SIDES[2:], ABOVE, middle),
        (WEEKDAY, *SIDES[2:], middle + UNDER, bottom),
    ):  # fmt: skip
        write_at(figure, left, top + 0.12, _(PANELS[kind]), size=10.5, color=INK, va="center")
        top += HEAD
        area = (left / WIDTH, 1 - low / HEIGHT, (right - left) / WIDTH, (low - top) / HEIGHT)
        axes = figure.add_axes(area)
        # Months and weekdays share an axis, so that they can be compared.
        axes.set_ylim(*_ends(record.places(kind) if kind == HALF_HOUR else beside))
        _panel(axes, record.places(kind), POINT if kind == HALF_HOUR else SMALL_POINT)
    _legend(figure, record)
    return figure


def profile_title(record: Calibration) -> str:
    """Return when most come: of the half-hours, the weekdays and the months that the log has."""
    seen = {kind: [place for place in record.places(kind) if place.seen] for kind in PANELS}
    if not seen[HALF_HOUR]:
        return _("When the first contacts come")
    most = {kind: max(places, key=lambda place: place.value) for kind, places in seen.items() if places}
    time = most[HALF_HOUR]
    when = _("at {time}", time=time.label)
    told = _("Most come {when}: {value} times the average half-hour", when=when, value=f"{time.value:.2f}")
    # Of a single day or month nothing can be said.
    day, month = (most[kind] if len(seen[kind]) > 1 else None for kind in (WEEKDAY, MONTH))
    of_day = {} if day is None else {"day": day_name(day.label), "value": f"{day.value:.2f}"}
    of_month = {} if month is None else {"month": _(MONTHS[int(month.label) - 1]), "of_month": f"{month.value:.2f}"}
    if of_day and of_month:
        busiest = N_("; the busiest day is {day} ({value}), the busiest month {month} ({of_month})")
    elif of_day:
        busiest = N_("; the busiest day is {day} ({value})")
    else:
        busiest = N_("; the busiest month is {month} ({of_month})") if of_month else ""
    return told + (_(busiest, **of_day, **of_month) if busiest else "")


def _ends(places: Sequence[Place]) -> tuple[float, float]:
    """Return the ends of the axis on which some places can be seen."""
    values = [value for place in places for value in (place.value, place.smooth, place.assumed)]
    values = [value for value in values if math.isfinite(value)] or [1.0]
    most = FARTHEST * max(values)
    wide = [value for place in places for value in (place.low, place.high) if math.isfinite(value)]
    seen = [*values, *(min(max(value, 0.0), most) for value in wide), 1.0]
    room = 0.06 * (max(seen) - min(seen)) or 0.1
    return max(min(seen) - room, 0.0), max(seen) + room


def _panel(axes: Axes, places: Sequence[Place], size: float) -> None:
    """Draw a profile: points with intervals, the smooth line, and dashes where the assumption is."""
    axes.set_xlim(-0.6, len(places) - 0.4)
    axes.axhline(1, color=GREY, lw=0.9, zorder=1.2)
    for at, place in enumerate(places):
        if math.isfinite(place.assumed):
            axes.plot([at - 0.38, at + 0.38], [place.assumed] * 2, color=ASSUMED, lw=2.6, solid_capstyle="butt",
                      zorder=1.5)  # fmt: skip
        if place.seen:
            if place.low <= place.high:
                axes.plot([at, at], [place.low, place.high], color=BLUE, lw=1.6, alpha=0.75, zorder=2.5,
                          solid_capstyle="butt")  # fmt: skip
            axes.plot([at], [place.value], marker="o", ms=size, color=BLUE, mec="white", mew=0.7, zorder=3)
        else:
            axes.plot([at], [_stays(place)], marker="o", ms=size, mfc="white", mec=GREY, mew=1.1, zorder=3)
    smooth = [(at, place.smooth) for at, place in enumerate(places) if math.isfinite(place.smooth)]
    if smooth:
        axes.plot(*zip(*smooth, strict=True), color=ORANGE, lw=1.8, zorder=2.2)
    bare(axes)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    labels = [_label(place) for place in places]
    axes.set_xticks(range(len(places)), labels)
    axes.tick_params(axis="both", labelsize=9.5, pad=4)


def _stays(place: Place) -> float:
    return place.assumed if math.isfinite(place.assumed) else 1.0


def _label(place: Place) -> str:
    """Return the label at the axis; of half-hours only full hours have one."""
    if place.kind == HALF_HOUR:
        return place.label if place.label.endswith(":00") else ""
    return day_name(place.label, short=True) if place.kind == WEEKDAY else place.label


def _legend(figure: Figure, record: Calibration) -> None:
    looks: Any = {"color": BLUE, "marker": "o", "ms": POINT, "lw": 1.6, "mec": "white", "mew": 0.7}
    handles = {_("log, with 95 % interval where wider than the point"): Line2D([], [], **looks)}
    if any(math.isfinite(place.assumed) for place in record.profile):
        handles[_("assumed so far")] = Line2D([], [], color=ASSUMED, lw=2.6)
    if any(math.isfinite(place.smooth) for place in record.profile):
        handles[_("smoothed")] = Line2D([], [], color=ORANGE, lw=1.8)
    if any(not place.seen for place in record.profile):
        unseen = Line2D([], [], ls="none", marker="o", ms=POINT, mfc="white", mec=GREY, mew=1.1)
        handles[_("not in the log, stays as assumed")] = unseen
    legend_row(figure, handles)
