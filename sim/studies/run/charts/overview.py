"""All scenarios: mean licence time with its interval against the target, coloured by verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from sim.files import replaced_file
from sim.present.basis import with_version
from sim.present.charts.style import (
    FORMATS,
    INK,
    LEFT,
    RIGHT,
    SKY,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    bare,
    boxes_for_rare_signs,
    new_figure,
    style,
    write,
    write_source,
    write_title,
)
from sim.present.names import listed, verdict_word
from sim.present.numbers import minutes, number, plain, span
from sim.studies.run.overview import NAME, OverviewRow
from sim.studies.run.situations import finding
from sim.text import _

WIDE = 6.0
"""From this ratio of the largest to the smallest mean the axis is logarithmic."""
ROW_HEIGHT = 0.36
"""Inches."""
MOST_FOR_NAMES = 0.36
"""Where the axis may begin at the latest, as a fraction of the width."""


def draw_overview(rows: Sequence[OverviewRow], folder: Path) -> list[Path]:
    """Draw the chart into `folder`; return the files."""
    written = []
    with style(), boxes_for_rare_signs():
        figure = overview_chart(rows)
        for kind in FORMATS:
            file = folder / f"{NAME}.{kind}"
            with replaced_file(file) as new:
                write(figure, new)
            written.append(file)
    return written


def overview_chart(rows: Sequence[OverviewRow]) -> Figure:
    """Return the chart of at least one scenario, in the order of the rows."""
    height = 2.1 + ROW_HEIGHT * max(len(rows), 4)
    figure = new_figure(height)
    left, right = figure.add_axes((0.0, 0.0, 1.0, 1.0)), figure.add_axes((0.0, 0.0, 1.0, 1.0))
    _times(left, rows)
    _demand(right, rows)
    left.set_yticks(range(len(rows)), [row.title for row in rows])
    left.tick_params(axis="y", labelcolor=INK)
    right.set_yticks([])
    for axes in (left, right):
        axes.set_ylim(len(rows) - 0.4, -0.6)
    subtitle = _(
        "Staff as in the baseline unless the scenario says otherwise; intervals valid at every look, for all verdicts "
        "at once"
    )
    write_title(figure, finding(rows), subtitle)
    versions = listed(sorted({row.version for row in rows if row.version}))
    source = _(
        "Simulation: {replications} replications a scenario, seed {seed}. {basis}",
        replications=span(row.replications for row in rows), seed=rows[0].seed,
        basis=with_version(_("Staffing and step times are assumptions"), versions),
    )  # fmt: skip
    write_source(figure, source)
    _fit_names(figure, left, right)
    return figure


def _times(axes: Axes, rows: Sequence[OverviewRow]) -> None:
    finite = [row.licence_mean for row in rows if math.isfinite(row.licence_mean) and row.licence_mean > 0]
    targets = [row.target_minutes for row in rows if row.about_mean_licence]
    highs = [row.licence_high for row in rows if math.isfinite(row.licence_high)]
    seen = [*finite, *targets, *highs] or [1.0]
    logarithmic = max(seen) / min(seen) > WIDE
    # Room at the right for what is written beside the points.
    if logarithmic:
        begin = min(seen) * 0.75
        end = max(seen) * (max(seen) / begin) ** 0.36
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        ticks = [base * 10**power for power in range(-2, 7) for base in (1, 2, 5)]
        shown = [tick for tick in ticks if begin <= tick <= max(seen) * 1.3]
        if len(shown) > 6:
            shown = [tick for tick in shown if str(tick).strip("0.") in ("1", "5")]
        axes.set_xticks(shown if len(shown) <= 9 else [tick for tick in shown if math.log10(tick).is_integer()])
        axes.set_xticks([], minor=True)
    else:
        begin, end = 0.0, max(seen) * 1.5
    axes.set_xlim(begin, end)
    _target_lines(axes, rows)
    for place, row in enumerate(rows):
        _point(axes, place, row, end)
    axes.set_xlabel(_("mean licence time with 95 % interval [min]") + (_(", logarithmic") if logarithmic else ""))
    bare(axes, "x")


def _target_lines(axes: Axes, rows: Sequence[OverviewRow]) -> None:
    """Draw one line if all scenarios have the same target, else a piece of line in each row."""
    targets = {row.target_minutes if row.about_mean_licence else None for row in rows}
    if len(targets) == 1 and (target := targets.pop()) is not None:
        axes.axvline(target, color=INK, lw=1.4, ls="--", zorder=1)
        axes.annotate(
            _("target {minutes} min", minutes=plain(target)), (target, 1), (0, 3), textcoords="offset points",
            xycoords=axes.get_xaxis_transform(), ha="center", va="bottom", size=11,
        )  # fmt: skip
        return
    for place, row in enumerate(rows):
        if row.about_mean_licence:
            axes.plot([row.target_minutes] * 2, [place - 0.42, place + 0.42], color=INK, lw=1.4, ls="--", zorder=1)


def _point(axes: Axes, place: int, row: OverviewRow, end: float) -> None:
    colour, marker = VERDICT_COLOURS[row.verdict], VERDICT_MARKERS[row.verdict]
    said = verdict_word(row.verdict)
    if not math.isfinite(row.licence_mean):
        # Beyond every scale: at the right edge.
        axes.plot([end], [place], marker=">", color=colour, ms=9, clip_on=False, ls="none")
        why = _("cannot finish") if row.cannot_finish else _("some never get a licence")
        _beside(axes, end, place, f"{said}  {why}", colour, -10, "right")
        return
    if row.licence_low < row.licence_high:
        axes.plot([max(row.licence_low, 1e-9), row.licence_high], [place, place], color=colour, lw=3, alpha=0.45)
    axes.plot([row.licence_mean], [place], marker=marker, color=colour, ms=8, mec="white", mew=0.8, ls="none")
    right = max(row.licence_mean, row.licence_high if row.licence_high > 0 else 0.0)
    _beside(axes, right, place, f"{minutes(row.licence_mean)}  {said}", colour, 9, "left")


def _beside(axes: Axes, x: float, y: float, text: str, colour: str, offset: float, side: str) -> None:
    axes.annotate(
        text, (x, y), (offset, 0), textcoords="offset points", ha=side, va="center_baseline", color=colour, size=11,
        bbox={"fc": "white", "ec": "none", "pad": 1}, zorder=1.5,
    )  # fmt: skip


def _demand(axes: Axes, rows: Sequence[OverviewRow]) -> None:
    demands = [0.0 if math.isnan(row.registrations_per_day) else row.registrations_per_day for row in rows]
    axes.barh(range(len(rows)), demands, 0.55, color=SKY, alpha=0.55)
    for place, row in enumerate(rows):
        axes.annotate(
            number(row.registrations_per_day), (0, place), (5, 0), textcoords="offset points", va="center_baseline",
            size=11,
        )  # fmt: skip
    axes.set_xlim(0, max(*demands, 1.0) * 1.02)
    axes.set_xlabel(_("registrations a\nworking day"))
    bare(axes)
    axes.grid(False)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def _fit_names(figure: Figure, left: Axes, right: Axes) -> None:
    """Give the scenarios' names the room that they need, and make them smaller if that is too much."""
    size = 11.5
    _place(figure, left, right, MOST_FOR_NAMES)
    labels = left.get_yticklabels()
    while True:
        for label in labels:
            label.set_fontsize(size)
        boxes = [label.get_window_extent(figure.canvas.get_renderer()) for label in labels]  # type: ignore[attr-defined]
        spare = min(box.x0 for box in boxes) / figure.bbox.width - LEFT
        if size <= 7 or spare >= 0:
            _place(figure, left, right, MOST_FOR_NAMES - max(spare, 0.0))
            return
        size -= 0.5


def _place(figure: Figure, left: Axes, right: Axes, begin: float) -> None:
    """Place the two panels side by side, the first from `begin` on."""
    height = figure.get_figheight()
    bottom, top = 0.92 / height, 1 - 1.3 / height
    width = RIGHT - begin
    left.set_position((begin, bottom, 0.8 * width, top - bottom))
    right.set_position((begin + 0.82 * width, bottom, 0.18 * width, top - bottom))
