"""The offices that a log leaves possible: what the target is about in each, and which of them keep it."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from sim.present.charts.pieces import legend_row
from sim.present.charts.style import (
    BETWEEN,
    BLUE,
    GREY,
    INK,
    LEFT,
    ORANGE,
    RIGHT,
    bare,
    new_figure,
    write_source,
    write_title,
)
from sim.present.numbers import PERCENT, writer
from sim.present.targets import estimate_axis, promised_text
from sim.studies.base import Found
from sim.studies.rounds import Mixture
from sim.studies.run import show
from sim.studies.run.log_sentences import probability
from sim.studies.run.records import GivenLog, Run
from sim.text import _, language

BINS = 24
BEYOND = 4.0
"""Widths of the middle half beyond which an office is drawn at the edge."""


def given_log_chart(record: Run) -> Figure:
    """Return how the figure is spread over the offices that the log leaves possible, and the interval with and without.

    Parameters
    ----------
    record : Run
        With what the log leaves open, and an office that does finish.
    """
    facts = record.given_log
    assert facts is not None
    figure = new_figure()
    chance = probability(Found(record, "")).text
    title = _("Given the log, the target is kept with a probability of {kept}", kept=chance)
    subtitle = _("{offices} offices that the log leaves possible, each without the chance of its few years",
                 offices=facts.offices)  # fmt: skip
    write_title(figure, title, record.title + BETWEEN + subtitle)
    write_source(figure, show.source(record))
    grid = figure.add_gridspec(
        2, 1, height_ratios=(3, 1), hspace=0.08, left=LEFT + 0.15, right=RIGHT - 0.02, top=0.74, bottom=0.17
    )
    upper, lower = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
    kept, missed = _("keep the target"), _("miss the target")
    legend_row(figure, {kept: Patch(color=BLUE), missed: Patch(color=ORANGE)}, 1.12)
    low, high = _bars(upper, record, facts)
    room = 0.02 * (high - low)
    _intervals(lower, record, facts)
    for axes in (upper, lower):
        bare(axes, "x" if axes is lower else "y")
        axes.set_xlim(low - room, high + room)
        axes.axvline(record.target.promised, color=INK, lw=1.4, ls="--", zorder=4)
        axes.xaxis.set_major_locator(MaxNLocator(7))
    upper.tick_params(labelbottom=False)
    right = record.target.promised > (low + high) / 2
    upper.annotate(
        promised_text(record.target), (record.target.promised, 1.02), (-5 if right else 5, 0),
        xycoords=upper.get_xaxis_transform(), textcoords="offset points", ha="right" if right else "left", va="bottom",
        color=INK, size=11,
    )  # fmt: skip
    write = writer(record.target.about_mean)
    lower.xaxis.set_major_formatter(FuncFormatter(lambda value, __: write(value)))
    lower.set_xlabel(estimate_axis(record.target))
    return figure


def _bars(axes: Axes, record: Run, facts: GivenLog) -> tuple[float, float]:
    """Draw how many of the offices are where; return the ends of the axis."""
    figures, promised = np.array(facts.figures), record.target.promised
    finite = figures[np.isfinite(figures)]
    lower, middle, upper = np.quantile(finite, (0.25, 0.5, 0.75))
    reach = BEYOND * max(upper - lower, 1e-6 * abs(middle))
    known = [end for end in (facts.low, facts.high, record.low, record.high, promised) if math.isfinite(end)]
    low = min(max(float(finite.min()), middle - reach), *known)
    high = max(min(float(finite.max()), middle + reach), *known)
    # What is promised is the end of a bar, so that none holds offices of both kinds.
    step = (high - low) / BINS
    edges = promised + step * np.arange(math.floor((low - promised) / step), math.ceil((high - promised) / step) + 1)
    at = np.clip(np.nan_to_num(figures, posinf=edges[-1]), edges[0], edges[-1] - step / 2)
    own = math.nan if facts.assumed or math.isnan(record.low) else record.estimate
    shares = np.histogram(at, edges, weights=Mixture(figures, 0.0, own).weights)[0]
    keeps = (edges[:-1] < promised - step / 2) == record.target.about_mean
    axes.bar(edges[:-1] + step / 2, shares, step * 0.88, color=np.where(keeps, BLUE, ORANGE))
    axes.set_ylabel(_("probability"))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=PERCENT[language()]))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    return float(edges[0]), float(edges[-1])


def _intervals(axes: Axes, record: Run, facts: GivenLog) -> None:
    """Draw the interval of the chance alone above that which carries the log."""
    rows = ((1, facts.low, facts.high, _("fit exact")), (0, record.low, record.high, _("given the log")))
    for row, low, high, __ in rows:
        if low < high or math.isnan(high):
            axes.plot([low, high if math.isfinite(high) else axes.get_xlim()[1]], [row, row], color=GREY, lw=5,
                      solid_capstyle="butt", zorder=3)  # fmt: skip
        axes.plot(record.estimate, row, "o", color=INK, ms=6, zorder=5)
    axes.set_yticks([row[0] for row in rows], [row[-1] for row in rows])
    axes.set_ylim(-0.7, 1.7)
