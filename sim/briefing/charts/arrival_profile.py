"""When the first contacts come: half-hours, weekdays and months of the log, against what was assumed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.briefing import calibration_sentences as sentences
from sim.briefing.calibration_records import HALF_HOURS, MONTHS, WEEKDAYS, Place
from sim.briefing.charts.pieces import write_at
from sim.briefing.charts.style import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    LEFT,
    ORANGE,
    RIGHT,
    WIDTH,
    bare,
    new_figure,
    write_source,
    write_title,
)
from sim.briefing.numbers import number
from sim.briefing.saved_calibration import SavedCalibration
from sim.briefing.words import Language, named, word

ABOVE, BELOW, HEAD, UNDER = 1.32, 0.42, 0.27, 0.3
"""Inches: title and legend; the source; the heading of a panel; the labels below it."""
SIDES = (0.85, 6.2, 6.75, RIGHT * WIDTH)
"""Inches: where the half-hours begin and end, and the panels beside them."""
ASSUMED = "#9aa0a6"
POINT, SMALL_POINT = 5.2, 4.2
FARTHEST = 2.0
"""Times the largest value: ends of intervals beyond are cut."""


def arrival_profile_chart(saved: SavedCalibration, language: Language) -> Figure:
    """Return the chart of the profile of arrivals, of what the log tells of it."""
    figure = new_figure()
    subtitle = word("profile subtitle", language, cases=number(saved.log["cases"]))
    write_title(figure, sentences.profile_title(saved, language), subtitle)
    write_source(figure, sentences.source(saved, language))
    kinds = [kind for kind in (HALF_HOURS, MONTHS, WEEKDAYS) if saved.places(kind)]
    beside = [place for kind in kinds if kind != HALF_HOURS for place in saved.places(kind)]
    for kind, (left, right, top, bottom) in _boxes(kinds).items():
        write_at(figure, left, top + 0.12, word(f"profile {kind}", language), size=10.5, color=INK, va="center")
        top += HEAD
        area = (left / WIDTH, 1 - bottom / HEIGHT, (right - left) / WIDTH, (bottom - top) / HEIGHT)
        axes = figure.add_axes(area)
        # Months and weekdays share an axis, so that they can be compared.
        axes.set_ylim(*_ends(saved.places(kind) if kind == HALF_HOURS else beside))
        _panel(axes, saved.places(kind), POINT if kind == HALF_HOURS else SMALL_POINT, language)
    _legend(figure, saved, language)
    return figure


def _boxes(kinds: Sequence[str]) -> dict[str, tuple[float, float, float, float]]:
    """Return the panels as left, right, top and bottom in inches: half-hours at the left, the others beside them."""
    begin, end, second, last = SIDES
    top, bottom = ABOVE, HEIGHT - BELOW - UNDER
    beside = [kind for kind in kinds if kind != HALF_HOURS]
    if len(beside) < len(kinds) and beside:
        boxes = {HALF_HOURS: (begin, end, top, bottom)}
        left = second
    else:
        boxes, beside, left = {}, list(kinds), begin
    high = (bottom - top + UNDER) / max(len(beside), 1)
    for place, kind in enumerate(beside):
        boxes[kind] = (left, last, top + place * high, top + (place + 1) * high - UNDER)
    return boxes


def _ends(places: Sequence[Place]) -> tuple[float, float]:
    """Return the ends of the axis on which some places can be seen."""
    values = [value for place in places for value in (place.value, place.smooth, place.assumed)]
    values = [value for value in values if math.isfinite(value)] or [1.0]
    most = FARTHEST * max(values)
    wide = [value for place in places for value in (place.low, place.high) if math.isfinite(value)]
    seen = [*values, *(min(max(value, 0.0), most) for value in wide), 1.0]
    room = 0.06 * (max(seen) - min(seen)) or 0.1
    return max(min(seen) - room, 0.0), max(seen) + room


def _panel(axes: Axes, places: Sequence[Place], size: float, language: Language) -> None:
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
    labels = [_label(place, language) for place in places]
    axes.set_xticks(range(len(places)), labels)
    axes.tick_params(axis="both", labelsize=9.5, pad=4)


def _stays(place: Place) -> float:
    return place.assumed if math.isfinite(place.assumed) else 1.0


def _label(place: Place, language: Language) -> str:
    """Return the label at the axis; of half-hours only full hours have one."""
    if place.kind == HALF_HOURS:
        return place.label if place.label.endswith(":00") else ""
    return named("short", place.label, language) if place.kind == WEEKDAYS else place.label


def _legend(figure: Figure, saved: SavedCalibration, language: Language) -> None:
    looks: Any = {"color": BLUE, "marker": "o", "ms": POINT, "lw": 1.6, "mec": "white", "mew": 0.7}
    handles = {"profile fitted": Line2D([], [], **looks)}
    if any(math.isfinite(place.assumed) for place in saved.profile):
        handles["profile assumed"] = Line2D([], [], color=ASSUMED, lw=2.6)
    if any(math.isfinite(place.smooth) for place in saved.profile):
        handles["profile smooth"] = Line2D([], [], color=ORANGE, lw=1.8)
    if any(not place.seen for place in saved.profile):
        handles["profile unseen"] = Line2D([], [], ls="none", marker="o", ms=POINT, mfc="white", mec=GREY, mew=1.1)
    figure.legend(
        list(handles.values()), [word(key, language) for key in handles], loc="center left", ncols=len(handles),
        bbox_to_anchor=(LEFT, 1 - 1.03 / HEIGHT), frameon=False, fontsize=10, labelcolor=GREY, borderaxespad=0,
        borderpad=0, handletextpad=0.6, columnspacing=1.8, handlelength=1.5,
    )  # fmt: skip
