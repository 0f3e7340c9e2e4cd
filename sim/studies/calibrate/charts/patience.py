"""How long people wait before they give up: the share that still waits, the fitted curve, and the naive mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from sim.present.charts.pieces import fitted, legend_row, width_of, wrapped, write_at
from sim.present.charts.style import (
    AMBER,
    BLUE,
    HEIGHT,
    INK,
    LEFT,
    ORANGE,
    RED,
    RIGHT,
    WIDTH,
    bare,
    new_figure,
    write_source,
    write_title,
)
from sim.present.names import capital
from sim.present.numbers import PERCENT
from sim.studies.calibrate.records import PATIENCE, Calibration, Estimate
from sim.studies.calibrate.sentences import source
from sim.studies.calibrate.wording import FAMILY_NAMES, HALL, like, written
from sim.text import N_, _, _c, language

HEADINGS = {"phone": N_("Phone"), "hall": HALL}
WHO = {"phone": N_("Callers"), "hall": N_("Visitors of the hall")}
ABOVE, BELOW, HEAD, UNDER, NUMBERS, GAP = 1.32, 0.42, 0.52, 0.55, 0.55, 0.4
"""Inches: title and legend; the source; two lines above a panel; the axis below it; beside it; between panels."""
FARTHEST = 1.6
"""Times the longest wait: a mean beyond is out of sight."""
TOP, LOW = 0.72, 0.24
"""Of the axis: how far up the lines at the two means go."""
NEAR = 0.9
"""Of the mean: what only those who gave up would give misleads nobody if it comes so near."""
AIR = 0.12
"""Inches: between a line and what is written beside it."""
BOX = {"boxstyle": "square,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}


def patience_chart(record: Calibration) -> Figure:
    """Return the chart of the patience of callers and of visitors, of what the log tells of them."""
    figure = new_figure()
    write_title(
        figure,
        patience_title(record),
        _("Share that would still wait; who is served first counts as having waited at least so long"),
    )
    write_source(figure, source(record))
    groups = [group for group in PATIENCE if record.curve(group)]
    left = LEFT * WIDTH
    wide = (RIGHT * WIDTH - left - GAP * (len(groups) - 1)) / max(len(groups), 1)
    for place, group in enumerate(groups):
        begin = left + place * (wide + GAP)
        _heading(figure, record, group, begin, wide)
        top, bottom = ABOVE + HEAD, HEIGHT - BELOW - UNDER
        box = ((begin + NUMBERS) / WIDTH, 1 - bottom / HEIGHT, (wide - NUMBERS) / WIDTH, (bottom - top) / HEIGHT)
        _panel(figure.add_axes(box), record, group)
    _legend(figure)
    return figure


def _heading(figure: Figure, record: Calibration, group: str, x: float, wide: float) -> None:
    first = write_at(figure, x, ABOVE + 0.1, _(HEADINGS[group]), size=11, va="center")
    fitted(figure, first, wide)
    model = _(FAMILY_NAMES[record.curve(group)[0].model])
    told = _("{model}", model=model)
    if estimate := record.patience(group):
        value, low, high = written("min", *estimate.in_minutes[:3])
        told = _("{model}, mean {value} min ({low} to {high})", model=model, value=value, low=low, high=high)
        if not estimate.low <= estimate.high:
            told = _("{model}, mean {value} min", model=model, value=value)
    second = write_at(figure, x, ABOVE + 0.33, capital(told), size=9.5, color=AMBER, va="center")
    fitted(figure, second, wide)


def _panel(axes: Axes, record: Calibration, group: str) -> None:
    """Draw the curve of a group with its band, the fit, and both means."""
    curve = record.curve(group)
    minutes = np.array([row.minutes for row in curve])
    columns = {name: np.array([getattr(row, name) for row in curve]) for name in ("remaining", "low", "high", "fitted")}
    axes.fill_between(minutes, columns["low"], columns["high"], step="post", color=BLUE, alpha=0.18, lw=0, zorder=1.5)
    axes.step(minutes, columns["remaining"], where="post", color=BLUE, lw=1.8, zorder=2.5)
    # Saved where somebody's wait ended; between these its logarithm is nearly straight, of the exponential exactly.
    grid = np.linspace(minutes.min(), minutes.max(), 200)
    fit = np.exp(np.interp(grid, minutes, np.log(np.maximum(columns["fitted"], 1e-12))))
    axes.plot(grid, fit, color=ORANGE, lw=1.8, ls=(0, (5, 2)), zorder=3)
    end = float(minutes.max()) or 1.0
    estimate = record.patience(group)
    if estimate is not None and estimate.in_minutes[0] <= FARTHEST * end:
        end = max(end, 1.12 * estimate.in_minutes[0])
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02)
    if estimate is not None:
        _means(axes, estimate, end)
    bare(axes)
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=PERCENT[language()]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.tick_params(labelsize=9.5, pad=4)
    axes.set_xlabel(_("minutes waited"), size=9.5, labelpad=4)


def _means(axes: Axes, estimate: Estimate, end: float) -> None:
    """Mark the mean patience, and what only those who gave up would give."""
    mean, low, high, naive = estimate.in_minutes
    shown, *__ = written("min", mean, low, high)
    looks: Any = {"size": 9.0, "linespacing": 1.2, "zorder": 5, "bbox": BOX}
    if mean <= end:
        # Above the curve, which comes down from the left.
        axes.plot([mean, mean], [0, TOP], color=INK, lw=1.2, zorder=2)
        right = mean > 0.7 * end
        axes.annotate(
            _("mean patience\n{value} min", value=shown), (mean, TOP), (3 if right else -3, 3), va="bottom",
            textcoords="offset points", ha="right" if right else "left", color=INK, **looks,
        )  # fmt: skip
    else:
        axes.annotate(
            _("mean patience {value} min →", value=shown), (1, 0.03), (-4, 0), xycoords="axes fraction",
            textcoords="offset points", ha="right", va="bottom", color=INK, **looks,
        )  # fmt: skip
    if naive < NEAR * mean and naive <= end:
        axes.plot([naive, naive], [0, LOW], color=RED, lw=1.4, ls=(0, (3, 2)), zorder=2)
        axes.plot([naive], [LOW], marker="X", ms=6.5, color=RED, mec="white", mew=0.6, zorder=4)
        right = naive > 0.5 * end
        # At the foot of the line, below the curve.
        label = axes.annotate(
            _("who gave up, on average:\n{value} min, too short", value=like(shown, naive)), (naive, 0), (6, 3),
            ha="left", va="bottom", textcoords="offset points", color=RED, **looks,
        )  # fmt: skip
        figure = axes.get_figure(root=True)
        assert figure is not None
        inch = end / (axes.get_position().width * WIDTH)
        room = (mean - naive) / inch - 2 * AIR
        if 0.6 < room / width_of(figure, label) < 1:
            lines = label.get_text().split("\n")
            label.set_text("\n".join(wrapped(figure, line, room, looks["size"]) for line in lines))
        wide = (width_of(figure, label) + AIR) * inch
        over = naive < mean < naive + wide
        if right or (over and naive > wide):
            label.set_horizontalalignment("right")
            label.set_position((-6, 3))
        elif over:
            # Its colour says what it belongs to; over the line of the mean it would hide both.
            label.xy = (mean, 0)
            fitted(figure, label, (end - mean) / inch - AIR)


def _legend(figure: Figure) -> None:
    curve = (Patch(fc=BLUE, alpha=0.18, lw=0), Line2D([], [], color=BLUE, lw=1.8))
    legend_row(figure, {
        _("Kaplan–Meier, with 95 % interval"): curve,
        _c("patience model", "fitted"): Line2D([], [], color=ORANGE, lw=1.8, ls=(0, (5, 2))),
    }, length=1.9)  # fmt: skip


def patience_title(record: Calibration) -> str:
    """Return how long those who wait would wait, against what those who gave up suggest."""
    group = next((group for group in PATIENCE if record.patience(group)), "")
    estimate = record.patience(group) if group else None
    if estimate is None:
        return _("How long people wait before giving up")
    value, low, high, naive = estimate.in_minutes
    shown, *__ = written("min", value, low, high)
    who = _(WHO[group])
    if not naive < NEAR * value:
        return _("{who} wait {value} min on average before giving up", who=who, value=shown)
    return _(
        "{who} wait {value} min on average before giving up, not {naive} as those who did suggest", who=who,
        value=shown, naive=like(shown, naive),
    )  # fmt: skip
