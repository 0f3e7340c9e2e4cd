"""How long people wait before they give up: the share that still waits, the fitted curve, and the naive mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from sim.briefing import calibration_sentences as sentences
from sim.briefing.calibration_numbers import like, written
from sim.briefing.calibration_records import Estimate
from sim.briefing.charts.pieces import fitted, write_at
from sim.briefing.charts.style import (
    AMBER,
    BLUE,
    GREY,
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
from sim.briefing.numbers import PERCENT
from sim.briefing.saved_calibration import SavedCalibration
from sim.briefing.words import Language, word

GROUPS = ("phone", "hall")
ABOVE, BELOW, HEAD, UNDER, NUMBERS, GAP = 1.32, 0.42, 0.52, 0.55, 0.55, 0.4
"""Inches: title and legend; the source; two lines above a panel; the axis below it; beside it; between panels."""
FARTHEST = 1.6
"""Times the longest wait: a mean beyond is out of sight."""
TOP, LOW = 0.72, 0.24
"""Of the axis: how far up the lines at the two means go."""
BOX = {"boxstyle": "square,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}


def patience_chart(saved: SavedCalibration, language: Language) -> Figure:
    """Return the chart of the patience of callers and of visitors, of what the log tells of them."""
    figure = new_figure()
    write_title(figure, sentences.patience_title(saved, language), word("patience subtitle", language))
    write_source(figure, sentences.source(saved, language))
    groups = [group for group in GROUPS if saved.curve(group)]
    left = LEFT * WIDTH
    wide = (RIGHT * WIDTH - left - GAP * (len(groups) - 1)) / max(len(groups), 1)
    for place, group in enumerate(groups):
        begin = left + place * (wide + GAP)
        _heading(figure, saved, group, begin, wide, language)
        top, bottom = ABOVE + HEAD, HEIGHT - BELOW - UNDER
        box = ((begin + NUMBERS) / WIDTH, 1 - bottom / HEIGHT, (wide - NUMBERS) / WIDTH, (bottom - top) / HEIGHT)
        _panel(figure.add_axes(box), saved, group, language)
    _legend(figure, language)
    return figure


def _heading(
    figure: Figure, saved: SavedCalibration, group: str, x: float, wide: float, language: Language
) -> None:
    first = write_at(figure, x, ABOVE + 0.1, word(f"patience heading {group}", language), size=11, va="center")
    fitted(figure, first, wide)
    model = word(f"family {saved.curve(group)[0].model}", language)
    said = word("patience fitted alone", language, model=model)
    if estimate := saved.patience(group):
        value, low, high = written("min", language, *estimate.in_minutes[:3])
        said = word("patience fitted", language, model=model, value=value, low=low, high=high)
        if not estimate.low <= estimate.high:
            said = word("patience fitted value", language, model=model, value=value)
    second = write_at(figure, x, ABOVE + 0.33, said[:1].upper() + said[1:], size=9.5, color=AMBER, va="center")
    fitted(figure, second, wide)


def _panel(axes: Axes, saved: SavedCalibration, group: str, language: Language) -> None:
    """Draw the curve of a group with its band, the fit, and both means."""
    curve = saved.curve(group)
    minutes = np.array([row.minutes for row in curve])
    columns = {name: np.array([getattr(row, name) for row in curve]) for name in ("remaining", "low", "high", "fitted")}
    axes.fill_between(minutes, columns["low"], columns["high"], step="post", color=BLUE, alpha=0.18, lw=0, zorder=1.5)
    axes.step(minutes, columns["remaining"], where="post", color=BLUE, lw=1.8, zorder=2.5)
    axes.plot(minutes, columns["fitted"], color=ORANGE, lw=1.8, ls=(0, (5, 2)), zorder=3)
    end = float(minutes.max()) or 1.0
    estimate = saved.patience(group)
    if estimate is not None and estimate.in_minutes[0] <= FARTHEST * end:
        end = max(end, 1.12 * estimate.in_minutes[0])
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02)
    if estimate is not None:
        _means(axes, estimate, end, language)
    bare(axes)
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=PERCENT[language]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.tick_params(labelsize=9.5, pad=4)
    axes.set_xlabel(word("patience axis", language), size=9.5, labelpad=4)


def _means(axes: Axes, estimate: Estimate, end: float, language: Language) -> None:
    """Mark the mean patience, and what only those who gave up would give."""
    mean, low, high, naive = estimate.in_minutes
    shown, *_ = written("min", language, mean, low, high)
    looks: Any = {"size": 9.0, "linespacing": 1.2, "zorder": 5, "bbox": BOX}
    if mean <= end:
        # Above the curve, which comes down from the left.
        axes.plot([mean, mean], [0, TOP], color=INK, lw=1.2, zorder=2)
        right = mean > 0.7 * end
        axes.annotate(
            word("patience mean", language, value=shown), (mean, TOP), (3 if right else -3, 3), va="bottom",
            textcoords="offset points", ha="right" if right else "left", color=INK, **looks,
        )  # fmt: skip
    else:
        axes.annotate(
            word("patience beyond", language, value=shown), (1, 0.03), (-4, 0), xycoords="axes fraction",
            textcoords="offset points", ha="right", va="bottom", color=INK, **looks,
        )  # fmt: skip
    if estimate.too_short and naive <= end:
        axes.plot([naive, naive], [0, LOW], color=RED, lw=1.4, ls=(0, (3, 2)), zorder=2)
        axes.plot([naive], [LOW], marker="X", ms=6.5, color=RED, mec="white", mew=0.6, zorder=4)
        right = naive > 0.5 * end
        axes.annotate(
            word("patience naive", language, value=like(shown, naive)), (naive, LOW), (-6 if right else 6, -8),
            ha="right" if right else "left", va="top", textcoords="offset points", color=RED, **looks,
        )  # fmt: skip


def _legend(figure: Figure, language: Language) -> None:
    handles: list[Any] = [
        (Patch(fc=BLUE, alpha=0.18, lw=0), Line2D([], [], color=BLUE, lw=1.8)),
        Line2D([], [], color=ORANGE, lw=1.8, ls=(0, (5, 2))),
    ]
    labels = [word(key, language) for key in ("patience curve", "patience model")]
    figure.legend(
        handles, labels, loc="center left", ncols=2, bbox_to_anchor=(LEFT, 1 - 1.03 / HEIGHT), frameon=False,
        fontsize=10, labelcolor=GREY, borderaxespad=0, borderpad=0, handletextpad=0.6, columnspacing=1.8,
        handlelength=1.9,
    )  # fmt: skip
