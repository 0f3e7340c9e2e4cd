"""What each cause of a change does to what is promised: a row a cause."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from sim.present.charts.rows import Column, Rows, draw_interval, plain_numbers, rows_chart
from sim.present.charts.style import BLUE, GREY, INK
from sim.present.targets import by_target
from sim.studies.calibrate.change_shown import CAUSES, change_size, change_title, is_clear, of_figures
from sim.studies.calibrate.records import Calibration
from sim.studies.calibrate.sentences import source
from sim.text import N_, _

POINTS = 100.0
"""Percentage points, which shares are drawn in."""


def change_chart(record: Calibration) -> Figure:
    """Return the chart of what has changed since an older log; there is one whose figure is finite."""
    change = record.change
    assert change is not None
    scale = 1.0 if change.target.about_mean else POINTS
    clear = [is_clear(change, each) for each in record.causes]
    colours = [INK if each else GREY for each in clear]
    rows = Rows(
        [Column([_(CAUSES[each.cause]) for each in record.causes], colours=colours)],
        [Column([change_size(change, each.interval) for each in record.causes], colours=colours, right=True),
         Column([of_figures(each) for each in record.causes], _("figures that\nmoved"), (GREY,), right=True)],
        label=by_target(change.target, N_("change of the mean [min]"), N_("change of the share [points]")),
    )  # fmt: skip
    figure, axes = rows_chart(
        rows, change_title(change),
        _("since {since} ({first} to {last}); {replications} replications", since=change.since, first=change.first,
          last=change.last, replications=change.replications),
        _(
            "the rest: what differs without a figure that moved; grey: less than matters; intervals of the simulation "
            "alone"
        ), source(record),
    )  # fmt: skip
    sizes = scale * np.array([(each.contribution, each.low, each.high) for each in record.causes])
    begin, end = np.nanmin(sizes, initial=0.0), np.nanmax(sizes, initial=0.0)
    axes.set_xlim(begin - 0.06 * (end - begin), end + 0.06 * (end - begin))
    axes.axvline(0, color=INK, lw=0.8, zorder=1)
    for place, ((estimate, low, high), matters) in enumerate(zip(sizes.tolist(), clear, strict=True)):
        draw_interval(axes, place, estimate, low, high, BLUE if matters else GREY)
    plain_numbers(axes)
    return figure
