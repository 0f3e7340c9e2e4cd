"""What makes the licences late: what each stage adds, what one more of staff saves, and the week of the late cases."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from sim.present.charts.pieces import fitted, shortened, text_width
from sim.present.charts.rows import Column, Rows, draw_interval, draw_promised, plain_numbers, rows_chart
from sim.present.charts.style import (
    AMBER,
    BLUE,
    DPI,
    GREY,
    INK,
    LEFT,
    LINE,
    ORANGE,
    PALE,
    RED,
    RIGHT,
    SERIES,
    WIDTH,
    bare,
    new_figure,
    write_source,
    write_title,
)
from sim.present.names import named
from sim.present.numbers import BETWEEN, minutes, number, plain, share, signed_number
from sim.present.targets import promised_text
from sim.results.about import Interval
from sim.studies.attribution import sentences, show
from sim.studies.attribution.records import BETTER, IN_TIME, LATE, WAITS, WHOLE, Attribution
from sim.studies.base import Chart
from sim.text import N_, _

PALE_ORANGE = "#f3cf8b"
"""Of stages that are not to blame."""
LIGHTNESS, MIDDLE = (0.2126, 0.7152, 0.0722), 0.46
"""Of red, green and blue, and up to which white is read best on it."""
SHORTEST, EDGE = 0.8, 0.99
"""Inches of a name in a legend below which it is not cut; where a legend has to end, of the width."""
CUT_BELOW, CUT_BEFORE = 0.35, 0.5
"""Of the whole: if less than this lies between the ends, the axis begins so much of it before them."""
POINTS = 100.0
"""Percentage points, which shares are drawn in."""


def charts(record: Attribution) -> list[Chart]:
    """Return the charts: of the stages if what they add is defined, of one more of staff, and of the late cases."""
    found = []
    if record.defined:
        found.append(Chart("blame", lambda: stages_chart(record), ("stages",), part="why"))
    if record.one_more:
        found.append(Chart("one_more", lambda: one_more_chart(record), ("one_more",)))
    if record.by_part(LATE):
        found.append(Chart("lateness", lambda: lateness_chart(record), ("late_cases", "week")))
    return found


class _Step(NamedTuple):
    """A row of the waterfall: from where to where on the axis, its colour, and its interval."""

    name: str
    begin: float
    end: float
    colour: str
    interval: tuple[float, ...]


def stages_chart(record: Attribution) -> Figure:
    """Return the way from unlimited staff to the plan, stage by stage."""
    steps = _steps(record)
    said = [show.whole(record, record.unlimited), *(show.difference(record, stage.interval) for stage in record.stages),
            show.whole(record, record.whole)]  # fmt: skip
    parts = ["", *map(show.part_of_added, record.stages), ""]
    colours = [INK, *[GREY] * len(record.stages), INK]
    rows = Rows(
        [Column([step.name for step in steps])],
        [Column(said, colours=colours), Column(parts, _("of the sum"), (GREY,))],
        show.stages_title(record),
    )
    begin, end = _axis(record, steps)
    notes = [_("the axis begins at {begin}", begin=plain(round(begin, 2)))] if begin else []
    figure, axes = rows_chart(
        rows, sentences.finding(record), sentences.subtitle(record), BETWEEN.join([*notes, sentences.notes(record)]),
        sentences.source(record, [record.stage_replications]),
    )  # fmt: skip
    axes.set_xlim(begin, end)
    for place, step in enumerate(steps):
        axes.barh(place, step.end - step.begin, 0.62, left=step.begin, color=step.colour, lw=0)
        # However little a stage adds, its place is seen.
        axes.plot([step.end] * 2, [place - 0.31, place + 0.31], color=step.colour, lw=1.6, solid_capstyle="butt")
        axes.plot(step.interval, [place] * len(step.interval), color=INK, lw=1.4, solid_capstyle="butt", zorder=4)
        if begin and not step.begin:
            _cut_mark(axes, place)
        if place:
            axes.plot([steps[place - 1].end] * 2, [place - 0.69, place - 0.31], color=GREY, lw=0.6)
    draw_promised(axes, record.target.promised * _scale(record), promised_text(record.target), RED)
    plain_numbers(axes)
    return figure


def _scale(record: Attribution) -> float:
    return 1.0 if record.about_mean else POINTS


def _steps(record: Attribution) -> list[_Step]:
    """Return the rows from unlimited staff to the plan; shares go down, minutes up."""
    scale = _scale(record)
    signed = scale if record.about_mean else -scale
    at = record.unlimited.estimate * scale
    rows = [_Step(_("with unlimited staff"), 0.0, at, GREY, _ends(at, record.unlimited, scale))]
    for stage in record.stages:
        end = at + stage.contribution * signed
        colour = ORANGE if stage.stage in record.to_blame else PALE_ORANGE
        rows.append(_Step(named("stage", stage.stage), at, end, colour, _ends(end, stage.interval, signed)))
        at = end
    at = record.whole.estimate * scale
    return [*rows, _Step(_("as planned"), 0.0, at, BLUE, _ends(at, record.whole, scale))]


def _ends(at: float, found: Interval, scale: float) -> tuple[float, ...]:
    """Return the interval of what a row ends at, the rows above taken as they are; empty if there is none."""
    both = () if math.isnan(found.low) else (found.low, found.high)
    return tuple(at + (end - found.estimate) * scale for end in both)


def _axis(record: Attribution, steps: list[_Step]) -> tuple[float, float]:
    """Return the ends of the axis. What the stages add has to be seen: if it is little, the axis begins near it."""
    reached = [record.target.promised * _scale(record)]
    reached += [value for step in steps for value in (step.end, *step.interval)]
    least, most = min(reached), max(reached)
    begin = least - CUT_BEFORE * (most - least) if most - least < CUT_BELOW * most else 0.0
    return begin, most + 0.06 * (most - begin)


def _cut_mark(axes: Axes, place: int) -> None:
    """Mark a bar as one that begins left of the axis: two slanted lines of paper across it."""
    for x in (0.035, 0.055):
        axes.plot([x - 0.008, x + 0.008], [place + 0.4, place - 0.4], color="white", lw=2.2, zorder=3,
                  transform=axes.get_yaxis_transform())  # fmt: skip


def one_more_chart(record: Attribution) -> Figure:
    """Return what one more of each pool saves, and at what cost."""
    levers = record.one_more
    found = [record.saved(lever) for lever in levers]
    costs = [signed_number(lever.cost_difference) for lever in levers]
    inks = [GREY if math.isnan(lever.cost_per_minute) else INK for lever in levers]
    rows = Rows(
        [Column([show.pool_and_where(lever) for lever in levers])],
        [
            Column([show.difference(record, of) for of in found], colours=(GREY,)),
            Column([show.price(lever) for lever in levers], show.price_head(record), inks),
            Column(costs, show.cost_head(record), (GREY,), right=True),
        ],
        show.one_more_title(record),
    )
    figure, axes = rows_chart(
        rows, sentences.lever_title(record), sentences.subtitle(record), sentences.notes(record),
        sentences.source(record, [lever.replications for lever in levers]),
    )  # fmt: skip
    scale, margin = _scale(record), record.target.margin * _scale(record)
    values = [value * scale for of in found for value in (of.estimate, of.low, of.high) if math.isfinite(value)]
    low, high = min([*values, -1.5 * margin]), max([*values, 1.5 * margin])
    axes.set_xlim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    axes.axvspan(-margin, margin, color=PALE, lw=0, zorder=0)
    axes.axvline(0, color=INK, lw=1.2, zorder=1.5)
    for place, (lever, of) in enumerate(zip(levers, found, strict=True)):
        colour = BLUE if record.matters(lever) else AMBER if lever.finding == BETTER else GREY
        draw_interval(axes, place, of.estimate * scale, of.low * scale, of.high * scale, colour)
    plain_numbers(axes)
    return figure


TALL, TOP, BOTTOM = 5.1, 1.42, 1.25
"""Inches: the figure; above and below the panels."""
MAP_END, BARS = 6.35, 7.05
"""Inches: where the map ends, and where the bars begin."""
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat\n(worked)"), N_("Sun\n(worked)"))
"""On Saturdays and Sundays people work only to make up for a holiday."""
WORKED = 5
"""Weekdays that are shown even if nobody waits on them."""
PALER = 0.62
"""Of the way to white: service beside waiting at the same stage."""
OTHER_COLOURS = {"service automatic": "#9aa0a6", "own time": "#dadce0", "outside": "#bdc1c6", "other": "#5f6368"}
DARK = 0.75
"""Of the most: on design points with more, numbers are white."""
SMALLEST_NUMBER = 5.5
"""Points; what would be smaller is not written."""


def lateness_chart(record: Attribution) -> Figure:
    """Return the week of the late cases, and their mean minutes beside those of the cases in time."""
    figure = new_figure(TALL)
    write_title(figure, sentences.late_title(record), sentences.late_subtitle(record))
    week, left = record.whole_week, LEFT * WIDTH + 0.5
    axes = _panel(figure, left, MAP_END)
    if week.sum() > 0:
        heading = _("Minutes that late cases wait in a week of five working days; darkest: {most}",
                    most=minutes(float(week.max())))  # fmt: skip
        _heading(axes, heading, LEFT * WIDTH, MAP_END)
        _week(figure, axes, week, MAP_END - left)
    else:
        axes.set_axis_off()
        axes.annotate(_("Late cases wait nowhere"), (LEFT, 0.8), xycoords=("figure fraction", "axes fraction"), size=12,
                      color=GREY)  # fmt: skip
    axes = _panel(figure, BARS, RIGHT * WIDTH)
    _heading(axes, _("Mean minutes of a licence"), BARS - 0.3, RIGHT * WIDTH)
    _bars(figure, axes, record)
    write_source(figure, sentences.source(record, [record.late.replications]))
    return figure


def _panel(figure: Figure, begin: float, end: float) -> Axes:
    return figure.add_axes((begin / WIDTH, BOTTOM / TALL, (end - begin) / WIDTH, (TALL - TOP - BOTTOM) / TALL))


def _heading(axes: Axes, text: str, begin: float, end: float) -> None:
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    fitted(figure, figure.text(begin / WIDTH, 1 - (TOP - 0.3) / TALL, text, size=11, va="center"), end - begin)


def _week(figure: Figure, axes: Axes, week: NDArray[np.float64], wide: float) -> None:
    """Draw minutes by weekday and half-hour, a number in each design point if there is room."""
    days = [day for day in range(len(WEEKDAYS)) if day < WORKED or week[day].sum() > 0]
    slots = np.flatnonzero(week.sum(axis=0))
    first, last = int(slots[0]), int(slots[-1]) + 1
    shown, most, columns = week[days, first:last], float(week.max()), last - first
    colours = LinearSegmentedColormap.from_list("late", ["#ffffff", "#fbd9b5", "#f0a35e", RED])
    axes.pcolormesh(shown, cmap=colours, vmin=0, vmax=most, edgecolors="white", lw=1.0)
    axes.set_ylim(len(days), 0)
    axes.set_yticks(np.arange(len(days)) + 0.5, [_(WEEKDAYS[day]) for day in days], size=10, linespacing=1.0)
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
    size = min(9.0, 9.0 * wide / columns * 0.86 / text_width(figure, widest, 9.0))
    for (row, column), text in texts.items() if size >= SMALLEST_NUMBER else ():
        if text != "0":
            ink = "white" if shown[row, column] > DARK * most else INK
            axes.text(column + 0.5, row + 0.52, text, size=size, color=ink, ha="center", va="center")


def _bars(figure: Figure, axes: Axes, record: Attribution) -> None:
    """Draw the parts of the clock of late cases and of those in time, one bar each."""
    groups = [group for group in (LATE, IN_TIME) if record.by_part(group)]
    parts = [part for part in record.parts if part != WHOLE]
    # Waiting at the bottom, where the two are compared from the same line.
    ordered = sorted(parts, key=lambda part: not part.startswith(WAITS))
    colours = {part: _colour(record, part) for part in ordered}
    wholes = [record.by_part(group)[WHOLE] for group in groups]
    highest = max(max(row.minutes, row.high) if row.high > 0 else row.minutes for row in wholes)
    for place, group in enumerate(groups):
        _bar(axes, place, record, group, colours, highest)
    axes.set_xlim(-0.5, len(groups) - 0.5)
    axes.set_ylim(0, highest * 1.12)
    names = [_("{group}: {share}", group=_(show.GROUPS[row.group]), share=share(row.cases)) for row in wholes]
    axes.set_xticks(range(len(groups)), names, size=10, color=INK)
    bare(axes)
    axes.tick_params(axis="y", labelsize=9)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    _legend(figure, colours)


def _bar(
    axes: Axes, place: int, record: Attribution, group: str, colours: dict[str, str], highest: float
) -> None:  # fmt: skip
    rows, bottom = record.by_part(group), 0.0
    for part, colour in colours.items():
        if part not in rows:
            continue
        value = rows[part].minutes
        axes.bar(place, value, 0.6, bottom=bottom, color=colour, edgecolor="white", lw=0.6, hatch=_hatch(part))
        if value > 0.07 * highest:
            ink = "white" if np.dot(to_rgb(colour), LIGHTNESS) < MIDDLE else INK
            axes.text(
                place, bottom + value / 2, minutes(value), ha="center", va="center", size=9, color=ink,
                bbox={"fc": colour, "ec": "none", "pad": 1.5} if _hatch(part) else None,
            )  # fmt: skip
        bottom += value
    whole, top = rows[WHOLE], bottom
    if not math.isnan(whole.low):
        # Beside the numbers in the bar.
        axes.plot([place + 0.24] * 2, [whole.low, whole.high], color=INK, lw=1.2)
        top = whole.high
    axes.text(place, top + 0.015 * highest, minutes(bottom), ha="center", va="bottom", size=10.5)


def _colour(record: Attribution, part: str) -> str:
    """Return the colour of a part: that of its stage for waiting, a paler one for service."""
    if part in OTHER_COLOURS:
        return OTHER_COLOURS[part]
    kind, __, stage = part.partition(" ")
    colour = SERIES[record.office_stages.index(stage) % len(SERIES)]
    red, green, blue = (level + (1 - level) * PALER for level in to_rgb(colour))
    return to_hex((red, green, blue)) if kind == "service" else colour


def _hatch(part: str) -> str:
    """Return the hatch of who came while a stage was closed: the colour is that of the stage."""
    return "////" if part.startswith("closed ") else ""


def _legend(figure: Figure, colours: dict[str, str]) -> None:
    """Explain the colours below both panels."""
    handles = [Patch(fc=colour, ec="white", lw=0, hatch=_hatch(part)) for part, colour in colours.items()]
    columns, size = 4 if len(colours) in (1, 2, 3, 4, 7, 8) else 5, 9.5 if len(colours) <= 8 else 7.5
    names, longest = [show.part_name(part) for part in colours], 3.0
    usual = figure.dpi
    # Measured as it is saved: letters have whole pixels, and are wider where there are few.
    figure.set_dpi(DPI)
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    while True:
        legend = figure.legend(
            handles, [shortened(figure, name, longest, size) for name in names], loc="upper left", ncols=columns,
            frameon=False, fontsize=size, labelcolor=GREY, bbox_to_anchor=(LEFT, (BOTTOM - 0.42) / TALL),
            borderaxespad=0, borderpad=0, handlelength=1.2, handletextpad=0.5, columnspacing=1.4,
        )  # fmt: skip
        if longest < SHORTEST or legend.get_window_extent(renderer).x1 <= EDGE * figure.bbox.width:
            break
        legend.remove()
        longest -= 0.1
    figure.set_dpi(usual)
