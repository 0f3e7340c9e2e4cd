"""Licence times: how many licences take how long, and at which stage the minutes go."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from sim.present.charts.pieces import text_width
from sim.present.charts.style import (
    BETWEEN,
    BLUE,
    GREY,
    INK,
    LEFT,
    ORANGE,
    RIGHT,
    SKY,
    VERDICT_COLOURS,
    WIDTH,
    bare,
    new_figure,
    write_source,
    write_title,
)
from sim.present.names import STAGES, named, verdict_word
from sim.present.numbers import PERCENT, minutes, plain, share
from sim.studies.run import show
from sim.studies.run.records import F64, Run, StageFacts
from sim.text import N_, _, language

AUTOMATIC = "automatic"
"""In place of a stage: the time of machines."""
LAST = 30.0
"""Minutes; what takes longer is one bar beyond a gap."""
BEYOND = 31.25
"""Middle of that bar on the axis."""
EDGE = 32.2
NUMBERS = 10.5
"""Size of the numbers at bars."""
StageMinutes = tuple[str, float, float]
"""Stage, minutes waited and minutes of service per licence."""


def licence_time_chart(record: Run) -> Figure:
    """Return the distribution of the licence time, with target, mean and cumulative share."""
    figure = new_figure()
    subtitle = record.title + BETWEEN + show.interval(record)
    head = verdict_word(record.verdict) + _(": ")
    write_title(figure, show.reason(record), subtitle, head, VERDICT_COLOURS[record.verdict])
    write_source(figure, show.source(record))
    grid = figure.add_gridspec(
        2, 1, height_ratios=(2.1, 1), hspace=0.16, left=LEFT + 0.07, right=RIGHT, top=0.72, bottom=0.145
    )
    upper, lower = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
    begin, cases = np.array([[row.from_minutes, row.cases] for row in record.licence_times]).T
    shares = cases / cases.sum() if cases.sum() > 0 else np.zeros_like(cases)
    promised = record.target.minutes if record.target.clock == "licence" else None
    _bars(upper, begin, shares, promised)
    _mean(upper, record)
    _cumulative(lower, begin, shares, promised, record)
    figure.align_ylabels()
    return figure


def _on_axis(value: float) -> float:
    """Return where minutes are on the axis, which has all beyond 30 minutes in one bar."""
    return min(value, BEYOND) if value <= LAST else BEYOND


def _bars(axes: Axes, begin: F64, shares: F64, promised: float | None) -> None:
    step = begin[1] - begin[0]
    middle = np.where(begin < LAST, begin + step / 2, BEYOND)
    width = np.where(begin < LAST, step * 0.86, 0.9)
    late = begin >= promised - 1e-9 if promised is not None else np.zeros(len(begin), bool)
    axes.bar(middle, shares, width, color=np.where(late, ORANGE, BLUE if promised is not None else SKY))
    if shares.sum() == 0:
        axes.text(0.5, 0.5, _("no licences"), transform=axes.transAxes, ha="center", size=14, color=GREY)
    axes.set_ylim(0, max(shares.max() * 1.06, 1e-3))
    axes.set_ylabel(_("share of licences\nper half-minute"), linespacing=1.25)
    digits = 0 if shares.max() > 0.04 else 1
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=digits, symbol=PERCENT[language()]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    if (over := shares[-1]) > 0:
        axes.annotate(
            share(over), (BEYOND - 0.45, over), (-5, 0), textcoords="offset points", ha="right", color=GREY,
            va="center" if over > shares.max() / 10 else "bottom",
        )  # fmt: skip
    bare(axes)
    _minutes_axis(axes)
    axes.tick_params(labelbottom=False)
    if promised is not None:
        _flag(axes, promised, _("target {minutes} min", minutes=plain(promised)), 1.04, INK, "--")


def _minutes_axis(axes: Axes) -> None:
    axes.set_xlim(0, EDGE)
    axes.set_xticks([*range(0, 30, 5), BEYOND], [*map(str, range(0, 30, 5)), _("over 30")])


def _flag(axes: Axes, value: float, text: str, height: float, colour: str, line: str) -> None:
    """Mark a number of minutes by a line with a text above the axes; `height` keeps two of them apart."""
    place = _on_axis(value)
    axes.plot(
        [place, place], [0, height + 0.08], transform=axes.get_xaxis_transform(), color=colour, lw=1.5, ls=line,
        clip_on=False, solid_capstyle="butt",
    )  # fmt: skip
    right = place > EDGE / 2
    axes.annotate(
        text, (place, height), (-5 if right else 5, 0), xycoords=axes.get_xaxis_transform(),
        textcoords="offset points", ha="right" if right else "left", va="bottom", color=colour, size=11.5,
        bbox={"fc": "white", "ec": "none", "pad": 0.8}, zorder=5,
    )  # fmt: skip


def _mean(axes: Axes, record: Run) -> None:
    mean, low, high = record.figure("licence", "mean")
    if record.given_log is not None and (record.target.clock, record.target.statistic) == ("licence", "mean"):
        low, high = record.low, record.high
    if math.isnan(mean):
        return
    if math.isinf(mean):
        text = _("mean infinite: some never get a licence")
    elif low < high:
        text = _("mean {mean} min ({low} – {high})", mean=minutes(mean), low=minutes(low), high=minutes(high))
        axes.axvspan(_on_axis(low), _on_axis(high), color=GREY, alpha=0.25, lw=0)
    else:
        text = _("mean {mean} min", mean=minutes(mean))
    _flag(axes, mean, text, 1.16, GREY, "-")


def _cumulative(axes: Axes, begin: F64, shares: F64, promised: float | None, record: Run) -> None:
    within = np.concatenate([[0.0], np.cumsum(shares)])[: len(begin)]
    axes.plot(begin, within, color=BLUE, lw=2.2)
    # What is beyond is no point of the curve: it ends at the share within 30 minutes.
    axes.set_ylim(0, 1.06)
    axes.set_yticks([0, 0.5, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=PERCENT[language()]))
    axes.set_ylabel(_("share so far"))
    axes.set_xlabel(_("licence time [min]"))
    bare(axes)
    _minutes_axis(axes)
    if promised is None or shares.sum() == 0:
        return
    share_within = record.figure("licence", "within").mean
    axes.axvline(_on_axis(promised), color=INK, lw=1.5, ls="--")
    axes.plot([_on_axis(promised)], [share_within], "o", color=INK, ms=6, clip_on=False)
    right = promised > EDGE / 2
    # Below the curve if there is room, else well above it.
    low = share_within < 0.34
    axes.annotate(
        _("{share} within {minutes} min", share=share(share_within), minutes=plain(promised)),
        (_on_axis(promised), 0.72 if low else min(share_within, 0.8)), (-9 if right else 9, 0 if low else -6),
        textcoords="offset points", ha="right" if right else "left", va="bottom" if low else "top", size=11.5,
        bbox={"fc": "white", "ec": "none", "pad": 1.5},
    )  # fmt: skip


def minutes_chart(record: Run) -> Figure:
    """Return waiting and service by stage: first what counts as licence time, then what comes before."""
    counted, before = _rows(record)
    figure = new_figure()
    subtitle = record.title + BETWEEN + _("averaged over all licences, with or without a visit to the stage")
    write_title(figure, _minutes_title(record, counted), subtitle)
    write_source(figure, show.source(record))
    axes = figure.add_axes((LEFT + 0.16, 0.15, RIGHT - LEFT - 0.16, 0.64))
    place = 0.0
    labels: dict[float, str] = {}
    # What does not count comes before the submission, but for steps of the office's own.
    usual = all(stage in STAGES for stage, __, __ in before)
    outside = N_("Before submission: {sum} min") if usual else N_("Outside the licence time: {sum} min")
    headings = {N_("Within the licence time: {sum} min"): counted, outside: before}
    for heading, rows in headings.items():
        if not rows:
            continue
        whole = minutes(sum(wait + service for __, wait, service in rows))
        axes.text(0, place, _(heading, sum=whole), va="center", size=12.5)
        for stage, wait, service in rows:
            place += 1
            labels[place] = named("stage", stage)
            _bar(axes, place, wait, service)
        place += 1.35
    axes.set_yticks(list(labels), list(labels.values()))
    axes.set_ylim(place - 0.7, -0.6)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.set_xlabel(_("minutes per licence"))
    bare(axes)
    axes.grid(False)
    axes.tick_params(axis="y", labelsize=11.5, labelcolor=GREY)
    _legend(axes)
    _make_room(figure, axes, [wait + service for __, wait, service in counted + before])
    return figure


def _make_room(figure: Figure, axes: Axes, ends: Sequence[float]) -> None:
    """Begin the axes so far to the right, and have them end so far, that no name and no number at a bar is cut."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    widths = [label.get_window_extent(renderer).width for label in axes.get_yticklabels()]
    begin = max(LEFT + 0.16, LEFT + 0.012 + max(widths, default=0.0) / figure.bbox.width)
    axes.set_position((begin, 0.15, RIGHT - begin, 0.64))
    wide, room = (RIGHT - begin) * WIDTH, [text_width(figure, text.get_text(), NUMBERS) + 0.1 for text in axes.texts
                                           if isinstance(text, Annotation)]  # fmt: skip
    fitting = [end / (1 - min(beside / wide, 0.9)) for end, beside in zip(ends, room, strict=True)]
    axes.set_xlim(0, max([*fitting, *(1.32 * end for end in ends), 0.1]))


def _rows(record: Run) -> tuple[list[StageMinutes], list[StageMinutes]]:
    """Return the stages within the licence time, those of the machines if there are any, and the others."""

    def minutes_of(subject: str, stage: str) -> float:
        mean = record.figure(subject, "per licence", "stage", stage).mean
        return 0.0 if math.isnan(mean) else mean

    counted, before = list[StageMinutes](), list[StageMinutes]()
    for stage in (*record.stages, StageFacts(AUTOMATIC, True)):
        row = stage.name, minutes_of("wait", stage.name), minutes_of("service", stage.name)
        # A stage that nobody comes to is none of this office.
        if row[1] + row[2] > 0:
            (counted if stage.counted else before).append(row)
    return counted, before


def _minutes_title(record: Run, counted: list[StageMinutes]) -> str:
    parts = [(wait, N_("waiting for {stage}"), stage) for stage, wait, __ in counted]
    parts += [(service, N_("service at {stage}"), stage) for stage, __, service in counted]
    part, what, stage = max(parts, default=(0.0, "", ""))
    mean = record.figure("licence", "mean").mean
    if not part > 0:
        return _("No licence minutes to show")
    values = {"part": minutes(part), "what": _(what, stage=named("stage", stage))}
    if math.isfinite(mean):
        return _("Of {mean} licence minutes, {part} go into {what}", mean=minutes(mean), **values)
    return _("Most minutes of a licence, {part}, go into {what}", **values)


def _bar(axes: Axes, place: float, wait: float, service: float) -> None:
    axes.barh(place, wait, 0.66, color=ORANGE)
    axes.barh(place, service, 0.66, left=wait, color=BLUE)
    text = _("{wait} waiting + {service} service", wait=minutes(wait), service=minutes(service))
    axes.annotate(
        text, (wait + service, place), (6, 0), textcoords="offset points", va="center", size=NUMBERS, color=GREY
    )


def _legend(axes: Axes) -> None:
    for label, colour in ((_("waiting"), ORANGE), (_("service"), BLUE)):
        axes.barh(0, 0, color=colour, label=label)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=11.5, handlelength=1.1,
        borderaxespad=0.2,
    )  # fmt: skip
