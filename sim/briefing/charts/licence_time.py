"""Licence time against the target: how many licences take how long."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from sim.briefing import sentences
from sim.briefing.charts.style import (
    BETWEEN,
    BLUE,
    GREY,
    INK,
    LEFT,
    ORANGE,
    RIGHT,
    SKY,
    VERDICT_COLOURS,
    bare,
    new_figure,
    write_source,
    write_title,
)
from sim.briefing.numbers import PERCENT, minutes, plain, share
from sim.briefing.saved import F64, Saved
from sim.briefing.words import Language, word

LAST = 30.0
"""Minutes; what takes longer is one bar beyond a gap."""
BEYOND = 31.25
"""Middle of that bar on the axis."""
EDGE = 32.2


def licence_time_chart(saved: Saved, language: Language) -> Figure:
    """Return the distribution of the licence time, with target, mean and cumulative share."""
    figure = new_figure()
    verdict = saved.verdict["verdict"]
    subtitle = saved.title(language) + BETWEEN + sentences.interval(saved, language)
    head = word(verdict, language) + word("colon", language)
    write_title(figure, sentences.reason(saved, language), subtitle, head, VERDICT_COLOURS[verdict])
    write_source(figure, sentences.source(saved, language))
    grid = figure.add_gridspec(
        2, 1, height_ratios=(2.1, 1), hspace=0.16, left=LEFT + 0.07, right=RIGHT, top=0.72, bottom=0.145
    )
    upper, lower = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
    begin, cases = saved.licence_times[:, 0], saved.licence_times[:, 2]
    shares = cases / cases.sum() if cases.sum() > 0 else np.zeros_like(cases)
    promised = saved.verdict["minutes"] if saved.verdict["clock"] == "licence" else None
    _bars(upper, begin, shares, promised, language)
    _mean(upper, saved, language)
    _cumulative(lower, begin, shares, promised, saved, language)
    figure.align_ylabels()
    return figure


def _on_axis(value: float) -> float:
    """Return where minutes are on the axis, which has all beyond 30 minutes in one bar."""
    return min(value, BEYOND) if value <= LAST else BEYOND


def _bars(axes: Axes, begin: F64, shares: F64, promised: float | None, language: Language) -> None:
    step = begin[1] - begin[0]
    middle = np.where(begin < LAST, begin + step / 2, BEYOND)
    width = np.where(begin < LAST, step * 0.86, 0.9)
    late = begin >= promised - 1e-9 if promised is not None else np.zeros(len(begin), bool)
    axes.bar(middle, shares, width, color=np.where(late, ORANGE, BLUE if promised is not None else SKY))
    if shares.sum() == 0:
        axes.text(0.5, 0.5, word("nothing", language), transform=axes.transAxes, ha="center", size=14, color=GREY)
    axes.set_ylim(0, max(shares.max() * 1.06, 1e-3))
    axes.set_ylabel(word("licences", language), linespacing=1.25)
    digits = 0 if shares.max() > 0.04 else 1
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=digits, symbol=PERCENT[language]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    if (over := shares[-1]) > 0:
        axes.annotate(
            share(over, language), (BEYOND - 0.45, over), (-5, 0), textcoords="offset points", ha="right", color=GREY,
            va="center" if over > shares.max() / 10 else "bottom",
        )  # fmt: skip
    bare(axes)
    _minutes_axis(axes, language)
    axes.tick_params(labelbottom=False)
    if promised is not None:
        _flag(axes, promised, word("target", language, minutes=plain(promised)), 1.04, INK, "--")


def _minutes_axis(axes: Axes, language: Language) -> None:
    axes.set_xlim(0, EDGE)
    axes.set_xticks([*range(0, 30, 5), BEYOND], [*map(str, range(0, 30, 5)), word("beyond", language)])


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


def _mean(axes: Axes, saved: Saved, language: Language) -> None:
    mean = saved.figure("licence", "mean")
    if math.isnan(mean.mean):
        return
    if math.isinf(mean.mean):
        text = word("mean infinite", language)
    elif mean.low < mean.high:
        text = word("mean interval", language, mean=minutes(mean.mean), low=minutes(mean.low), high=minutes(mean.high))
        axes.axvspan(_on_axis(mean.low), _on_axis(mean.high), color=GREY, alpha=0.25, lw=0)
    else:
        text = word("mean", language, mean=minutes(mean.mean))
    _flag(axes, mean.mean, text, 1.16, GREY, "-")


def _cumulative(axes: Axes, begin: F64, shares: F64, promised: float | None, saved: Saved, language: Language) -> None:
    within = np.concatenate([[0.0], np.cumsum(shares)])[: len(begin)]
    axes.plot(begin, within, color=BLUE, lw=2.2)
    # What is beyond is no point of the curve: it ends at the share within 30 minutes.
    axes.set_ylim(0, 1.06)
    axes.set_yticks([0, 0.5, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=PERCENT[language]))
    axes.set_ylabel(word("cumulative", language))
    axes.set_xlabel(word("minutes", language))
    bare(axes)
    _minutes_axis(axes, language)
    if promised is None or shares.sum() == 0:
        return
    share_within = saved.figure("licence", "within").mean
    axes.axvline(_on_axis(promised), color=INK, lw=1.5, ls="--")
    axes.plot([_on_axis(promised)], [share_within], "o", color=INK, ms=6, clip_on=False)
    right = promised > EDGE / 2
    # Below the curve if there is room, else well above it.
    low = share_within < 0.34
    axes.annotate(
        word("within", language, share=share(share_within, language), minutes=plain(promised)),
        (_on_axis(promised), 0.72 if low else min(share_within, 0.8)), (-9 if right else 9, 0 if low else -6),
        textcoords="offset points", ha="right" if right else "left", va="bottom" if low else "top", size=11.5,
        bbox={"fc": "white", "ec": "none", "pad": 1.5},
    )  # fmt: skip
