"""The average day: who comes, who waits, who is on duty, by half-hour."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from sim.present.charts.pieces import shortened
from sim.present.charts.style import (
    BETWEEN,
    GREY,
    LEFT,
    PALE,
    SERIES,
    bare,
    new_figure,
    write_source,
    write_title,
)
from sim.present.names import STAGES, named
from sim.present.numbers import number, waiting
from sim.studies.run import show
from sim.studies.run.records import F64, Run
from sim.text import N_, _

FIRST, LAST = 7, 20
"""Hours shown."""
HALF_HOURS = slice(FIRST * 2, LAST * 2)
EDGES = np.arange(FIRST * 2, LAST * 2 + 1) / 2
LEGEND_LEFT, LEGEND_WIDE = 0.79, 1.72
"""Where the legends begin, and the inches that their names may take."""


def day_chart(record: Run) -> Figure:
    """Return arrivals, queues by stage and staff by pool of an average working day."""
    figure = new_figure(height=6.4)
    write_source(figure, show.source(record))
    grid = figure.add_gridspec(
        3, 1, height_ratios=(1, 1.35, 1.35), hspace=0.17, left=LEFT + 0.055, right=LEGEND_LEFT - 0.015, top=0.86,
        bottom=0.125,
    )  # fmt: skip
    panels = [figure.add_subplot(grid[row]) for row in range(3)]
    for panel in panels:
        _uncounted(panel, record)
    _arrivals(panels[0], record)
    off_scale = _waiting(panels[1], record)
    _on_duty(panels[2], record)
    for panel in panels:
        bare(panel)
        panel.set_xlim(FIRST, LAST)
        panel.set_xticks(range(FIRST, LAST + 1), [f"{hour:02d}:00" for hour in range(FIRST, LAST + 1)])
        panel.tick_params(labelbottom=panel is panels[-1], axis="x", labelsize=9.5, pad=6)
        panel.yaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
        panel.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    subtitle = record.title + BETWEEN + _("average working day; grey: hours that do not count")
    write_title(figure, _title(record), subtitle + (_("; ↑ more than the scale shows") if off_scale else ""))
    panels[-1].set_xlabel(_("time of day"))
    figure.align_ylabels()
    return figure


def _title(record: Run) -> str:
    peaks = {stage.name: record.peak(stage.name) for stage in record.stages}
    stage = max(peaks, key=lambda name: peaks[name][1])
    time, queue = peaks[stage]
    if queue < 0.05:
        return _("Nobody waits at any stage on an average day")
    title = N_("Longest queue in counted hours: {number} for {stage} at {time}")
    if stage not in record.counted_stages and stage in STAGES:
        title = N_("Longest queue in counted hours: {number} for {stage} at {time}, before submission")
    return _(title, time=time, number=waiting(queue), stage=named("stage", stage))


def _uncounted(axes: Axes, record: Run) -> None:
    """Shade the half-hours that do not count towards the licence time."""
    turns = np.flatnonzero(np.diff(~record.counted_half_hours, prepend=False, append=False))
    for begin, end in turns.reshape(-1, 2) / 2:
        axes.axvspan(begin, end, color=PALE, lw=0, zorder=0)


def _arrivals(axes: Axes, record: Run) -> None:
    arrivals = record.profile("arrivals", "all")[HALF_HOURS]
    axes.stairs(arrivals, EDGES, fill=True, color=GREY, alpha=0.75)
    axes.set_ylim(0, max(arrivals.max() * 1.1, 1))
    axes.set_ylabel(_("first contacts\nper half-hour"), linespacing=1.25)


def _waiting(axes: Axes, record: Run) -> bool:
    """Draw the queues; return whether any goes beyond the scale while nothing counts."""
    counted = record.counted_half_hours[HALF_HOURS]
    queues = {stage.name: record.profile("queue", stage.name)[HALF_HOURS] for stage in record.stages}
    # The backlog of the night would flatten everything that happens by day; its height is written instead.
    by_day = max((queue[counted].max(initial=0.0) for queue in queues.values()), default=0.0)
    by_night = max((queue.max(initial=0.0) for queue in queues.values()), default=0.0)
    top = max(1.15 * (by_night if by_night < 2 * by_day else by_day), 0.5)
    for index, (stage, queue) in enumerate(queues.items()):
        colour = SERIES[index % len(SERIES)]
        if not record.figure("visits", "number", "stage", stage).mean:
            continue
        axes.stairs(queue, EDGES, baseline=None, color=colour, lw=2.2, label=named("stage", stage))
    off_scale = _mark_beyond(axes, queues, top)
    axes.set_ylim(0, top)
    axes.set_ylabel(_("number waiting"))
    _legend(axes)
    return off_scale


def _mark_beyond(axes: Axes, queues: dict[str, F64], top: float) -> bool:
    """Write the heights of the queues that the scale cuts off, at the left in the morning, else at the right."""
    marked: dict[Literal["left", "right"], int] = {"left": 0, "right": 0}
    half = len(EDGES) // 2
    for index, queue in enumerate(queues.values()):
        for side in marked:
            part = queue[:half] if side == "left" else queue[half:]
            if part.max() > top:
                edge, inwards = (FIRST, 5) if side == "left" else (LAST, -5)
                axes.annotate(
                    f"↑ {number(part.max())}", (edge, top), (inwards, -3 - 12 * marked[side]), ha=side, va="top",
                    textcoords="offset points", size=10.5, color=SERIES[index % len(SERIES)],
                )  # fmt: skip
                marked[side] += 1
    return any(marked.values())


def _on_duty(axes: Axes, record: Run) -> None:
    base = np.zeros(len(EDGES) - 1)
    for index, pool in enumerate(record.pools):
        staff = base + record.profile("on duty", pool)[HALF_HOURS]
        if (staff == base).all():
            continue
        colour = SERIES[index % len(SERIES)]
        label = named("pool", pool)
        axes.stairs(staff, EDGES, baseline=base, fill=True, color=colour, label=label, ec="white", lw=0.8)
        base = staff
    axes.set_ylim(0, max(base.max() * 1.1, 1))
    axes.set_ylabel(_("on duty"))
    _legend(axes, reverse=True)


def _legend(axes: Axes, reverse: bool = False) -> None:
    if not axes.get_legend_handles_labels()[0]:
        return
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    handles, names = axes.get_legend_handles_labels()
    labels = [shortened(figure, name, LEGEND_WIDE, 10) for name in names]
    axes.legend(
        handles, labels, loc="center left", bbox_to_anchor=(1.012, 0.5), frameon=False, fontsize=10, handlelength=1.1,
        reverse=reverse, labelspacing=0.35, borderaxespad=0,
    )  # fmt: skip
