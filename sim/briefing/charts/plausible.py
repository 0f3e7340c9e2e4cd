"""Plausible offices: the figure of each, sorted, by its verdict; and in what those that hold and fail differ."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator, PercentFormatter

from sim.briefing import sensitivity_sentences as sentences
from sim.briefing.charts.pieces import Sign, fitted, legend_line, write_at
from sim.briefing.charts.style import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    LEFT,
    ORANGE,
    RIGHT,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.briefing.numbers import MINUS, PERCENT, number, plain, share
from sim.briefing.saved_sensitivity import VERDICTS, SavedSensitivity
from sim.briefing.words import Language, named, word

SHOWN = 8
"""Assumptions in which those that hold and fail differ most."""
BOTTOM, TALL = 1.0, 2.95
DOTS, DOTS_END = 0.95, 4.7
NAMES, BARS = 5.15, 7.35
"""Inches."""
STEP = 10.0
"""From one tick of minutes to the next."""


def plausible_chart(saved: SavedSensitivity, language: Language) -> Figure:
    """Return the chart of the plausible offices."""
    figure = new_figure()
    write_title(figure, sentences.offices_title(saved, language), _subtitle(saved, language))
    counts = saved.counts
    all_of_them = sum(counts.values())
    signs = {
        f"{word(name, language)} {counts[name]} ({share(counts[name] / all_of_them, language)})":
        Sign(VERDICT_MARKERS[name], VERDICT_COLOURS[name], "")
        for name in VERDICTS if counts[name]
    }  # fmt: skip
    legend_line(figure, 1.0, signs)
    _dots(figure, saved, language)
    _separation(figure, saved, language)
    write_line(figure, 0.42 / HEIGHT, word("offices note", language), size=9.5)
    write_source(figure, sentences.source(saved, language, "an office",
                                          [of.replications for of in saved.offices if of.replications] or [0]))
    return figure  # fmt: skip


def _subtitle(saved: SavedSensitivity, language: Language) -> str:
    found = saved.holds
    interval = word("estimate and ends", language, estimate=f"{word('HOLDS', language)} {share(found.mean, language)}",
                    low=share(found.low, language), high=share(found.high, language))  # fmt: skip
    return sentences.BETWEEN.join([sentences.subtitle(saved, language), interval])


def _dots(figure: Figure, saved: SavedSensitivity, language: Language) -> None:
    axes = _axes(figure, DOTS, DOTS_END if saved.separations else RIGHT * WIDTH - 0.1)
    order = sorted(saved.offices, key=lambda of: of.estimate if saved.about_mean else -of.estimate)
    finite = [of.estimate for of in order if np.isfinite(of.estimate)]
    clock, limit = named("clock", saved.target["clock"], language), plain(saved.target["minutes"])
    if saved.about_mean:
        axes.set_yscale("log")
        low, high = min([*finite, saved.promised]) / 2, max([*finite, saved.promised]) * 1.5
        axes.set_ylim(low, high)
        exponents = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        axes.yaxis.set_major_locator(FixedLocator([t for e in exponents if low <= (t := STEP**e) <= high]))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 0 if value >= 1 else 1)))
    else:
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=PERCENT[language]))
        axes.yaxis.set_major_locator(MaxNLocator(5))
    top, bottom = axes.get_ylim()[1], axes.get_ylim()[0]
    never = top if saved.about_mean else bottom
    for name in VERDICTS:
        places = [place for place, of in enumerate(order, 1) if of.verdict == name]
        values = [order[place - 1].estimate for place in places]
        shown = [value if np.isfinite(value) else never for value in values]
        axes.plot(places, shown, ls="none", marker=VERDICT_MARKERS[name], color=VERDICT_COLOURS[name], ms=5,
                  mec="white", mew=0.4, clip_on=False, zorder=3)  # fmt: skip
    axes.set_xlim(0.5, len(order) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 2.5, 5, 10]))
    axes.axhline(saved.promised, color=INK, lw=1.2, ls=(0, (4, 2)), zorder=2)
    below = (0, -4) if saved.about_mean else (0, 4)
    axes.annotate(
        sentences.promised_text(saved, language), (1, saved.promised), below, xycoords=("axes fraction", "data"),
        textcoords="offset points", ha="right", va="top" if saved.about_mean else "bottom", size=9.5, color=INK,
    )  # fmt: skip
    bare(axes)
    axes.set_xlabel(word("offices axis", language), labelpad=3)
    kind = "mean" if saved.about_mean else "share"
    heading = word(f"offices heading {kind}", language, clock=clock, minutes=limit)
    write_at(figure, LEFT * WIDTH, HEIGHT - BOTTOM - TALL - 0.24, heading, size=10.5, color=GREY, va="center")


def _separation(figure: Figure, saved: SavedSensitivity, language: Language) -> None:
    down = HEIGHT - BOTTOM - TALL
    rows = saved.separations[:SHOWN]
    if not rows:
        return
    write_at(figure, NAMES, down - 0.24, word("separation heading", language), size=10.5, color=GREY, va="center")
    axes = _axes(figure, BARS, RIGHT * WIDTH - 0.1)
    axes.set_ylim(SHOWN - 0.5, -0.5)
    for place, row in enumerate(rows):
        colour = BLUE if row.difference > 0 else ORANGE
        axes.barh(place, row.difference, 0.6, color=colour, alpha=0.55, lw=0, zorder=2)
        ends = [row.difference - 2 * row.error, row.difference + 2 * row.error]
        axes.plot(ends, [place, place], color=INK, lw=1.2, solid_capstyle="butt", zorder=3)
        y = down + (place + 0.5) * TALL / SHOWN
        name = write_at(figure, NAMES, y, sentences.name_of(row.parameter, language), size=10, va="center")
        fitted(figure, name, BARS - NAMES - 0.12, 6.5)
    widest = max(abs(row.difference) + 2 * row.error for row in rows) * 1.05
    axes.set_xlim(-widest, widest)
    axes.axvline(0, color=INK, lw=1.0, zorder=1.5)
    bare(axes, "x")
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{np.round(value, 9):+g}".replace("-", MINUS) if value else "0")
    )


def _axes(figure: Figure, begin: float, end: float) -> Axes:
    return figure.add_axes((begin / WIDTH, BOTTOM / HEIGHT, (end - begin) / WIDTH, TALL / HEIGHT))


