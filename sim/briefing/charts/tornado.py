"""The tornado: from which mean to which each assumption leads, from the low to the high end of its range."""

from __future__ import annotations

import math
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from sim.briefing import sensitivity_sentences as sentences
from sim.briefing.charts.flips import flips_chart
from sim.briefing.charts.pieces import Sign, fitted_alike, legend_line, write_at
from sim.briefing.charts.plausible import plausible_chart
from sim.briefing.charts.style import (
    GREY,
    INK,
    LEFT,
    RIGHT,
    SKY,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    bare,
    new_figure,
    save,
    style,
    write_line,
    write_source,
    write_title,
)
from sim.briefing.numbers import PERCENT, plain
from sim.briefing.saved_sensitivity import Judged, SavedSensitivity, Swing
from sim.briefing.words import Language, named, word

MOST = 15
"""Assumptions shown."""
ABOVE, ROW, AXIS, BELOW = 1.55, 0.29, 0.5, 0.62
"""Inches: title, legend and heading; a row; the axis below; notes and source."""
NAMES, PLOT, LOW, HIGH, END = LEFT * WIDTH, 3.05, 6.75, 8.35, RIGHT * WIDTH
"""Inches: where the names, the plot and the columns of the two ends begin, and where the last ends."""
WIDTHS = (PLOT - NAMES - 0.1, HIGH - LOW - 0.08, END - HIGH - 0.08)
"""Inches: of names and of the words on both ends."""
TEXT = 10.0
TICK = 0.36
"""Rows that the line of the scenario reaches up and down: more than a sign does, which may be at the same place."""
ROUND = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 1e4, 1e5, 1e6)
"""Minutes at which a logarithmic axis has its ticks."""
FARTHEST = 40.0
"""Times the promised minutes: what takes longer is beyond the scale."""


def tornado_chart(saved: SavedSensitivity, language: Language) -> Figure:
    """Return the chart of the assumptions that move the estimate most."""
    rows = saved.by_swing[:MOST]
    tall = ABOVE + len(rows) * ROW + AXIS + BELOW
    figure = new_figure(tall)
    write_title(figure, sentences.tornado_title(saved, language), sentences.subtitle(saved, language))
    shown = {end.verdict for row in rows for end in (row.low, row.high)}
    signs = {
        word(name, language): Sign(VERDICT_MARKERS[name], VERDICT_COLOURS[name], "")
        for name in VERDICT_MARKERS if name in shown
    }  # fmt: skip
    legend_line(figure, 1.0, signs)
    axes = figure.add_axes((PLOT / WIDTH, (BELOW + AXIS) / tall, (LOW - 0.2 - PLOT) / WIDTH, len(rows) * ROW / tall))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    _scale(axes, saved, rows, language)
    _lines(axes, saved, language)
    for place, row in enumerate(rows):
        _bar(axes, saved, row, place)
    lines = [_texts(figure, saved, row, ABOVE + (place + 0.5) * ROW, language) for place, row in enumerate(rows)]
    for texts, width in zip(zip(*lines, strict=True), WIDTHS, strict=True):
        fitted_alike(figure, texts, width, 6.5)
    looks = {"size": 9.5, "color": GREY, "va": "center"}
    for x, key in ((LOW, "tornado low column"), (HIGH, "tornado high column")):
        write_at(figure, x, ABOVE - 0.14, word(key, language), **looks)
    write_at(figure, NAMES, ABOVE - 0.14, _more(saved, rows, language), **looks)
    kind = "mean" if saved.about_mean else "share"
    clock = named("clock", saved.target["clock"], language)
    axes.set_xlabel(word(f"tornado axis {kind}", language, clock=clock, minutes=plain(saved.target["minutes"])),
                    labelpad=3)  # fmt: skip
    write_line(figure, 0.42 / tall, word("tornado note", language), size=9.5)
    used = [end.replications for row in saved.swings for end in (row.low, row.high) if end.replications]
    write_source(figure, sentences.source(saved, language, "a value", used or [0]))
    return figure


def _more(saved: SavedSensitivity, rows: list[Swing], language: Language) -> str:
    if len(rows) == len(saved.swings):
        return ""
    return word("tornado more", language, shown=len(rows), all=len(saved.swings))


def _scale(axes: Axes, saved: SavedSensitivity, rows: list[Swing], language: Language) -> None:
    """Give the axis its ends and ticks: minutes are shown as their logarithms."""
    values = [end.estimate for row in rows for end in (row.low, row.high)] + [saved.promised]
    if saved.about_mean:
        near = [value for value in values if 0 < value <= saved.promised * FARTHEST]
        low, high = min(near) / 1.08, max(near) * 1.12
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        ticks = [value for value in ROUND if low <= value <= high]
        axes.xaxis.set_major_locator(FixedLocator(_apart(ticks, low, high)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    else:
        room = 0.04 * (max(values) - min(values)) + 0.005
        axes.set_xlim(max(min(values) - room, 0.0), min(max(values) + room, 1.0))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=PERCENT[language]))
    bare(axes, "x")
    axes.set_yticks([])
    axes.tick_params(labelsize=9.5)


def _apart(ticks: list[float], low: float, high: float) -> list[float]:
    """Return ticks whose labels do not touch on a logarithmic axis."""
    kept: list[float] = []
    for tick in ticks:
        if not kept or math.log(tick / kept[-1]) > 0.075 * math.log(high / low):
            kept.append(tick)
    return kept


def _lines(axes: Axes, saved: SavedSensitivity, language: Language) -> None:
    promised = saved.promised
    axes.axvline(promised, color=INK, lw=1.2, ls=(0, (4, 2)), zorder=3)
    axes.annotate(
        sentences.promised_text(saved, language), (promised, 1), (0, 3), xycoords=("data", "axes fraction"),
        textcoords="offset points", size=9, color=INK, ha="center", va="bottom", annotation_clip=False,
    )  # fmt: skip


def _bar(axes: Axes, saved: SavedSensitivity, row: Swing, place: int) -> None:
    """Draw a bar from the least to the largest estimate, a sign at each end, and above them a line for the scenario."""
    begin, end = axes.get_xlim()
    own = [] if saved.scenario is None else [saved.scenario.estimate]
    values = [min(max(value, begin), end) for value in (row.low.estimate, row.high.estimate, *own)]
    axes.barh(place, max(values) - min(values), 0.52, left=min(values), color=SKY, alpha=0.45, lw=0, zorder=2)
    if own and begin <= own[0] <= end:
        axes.plot([own[0]] * 2, [place - TICK, place + TICK], color=INK, lw=1.6, solid_capstyle="butt", zorder=6)
    for judged in (row.low, row.high):
        beyond = judged.estimate > end
        marker = ">" if beyond else VERDICT_MARKERS[judged.verdict]
        at = min(max(judged.estimate, begin), end)
        axes.plot([at], [place], marker=marker, color=VERDICT_COLOURS[judged.verdict], ms=8 if beyond else 7,
                  mec="white", mew=0.7, clip_on=False, zorder=5)  # fmt: skip


def _texts(figure: Figure, saved: SavedSensitivity, row: Swing, y: float, language: Language) -> list[Text]:
    """Write the name and what the ends lead to; return the texts."""
    of = row.assumption
    texts = [write_at(figure, NAMES, y, sentences.name_of(of.parameter, language), size=TEXT, va="center")]
    for x, value, judged in ((LOW, of.low, row.low), (HIGH, of.high, row.high)):
        colour = GREY if value == of.value else VERDICT_COLOURS[judged.verdict]
        said = f"{sentences.value_of(of, value, language)} → {_at(saved, judged, language)}"
        texts.append(write_at(figure, x, y, said, size=TEXT, va="center", color=colour))
    return texts


def _at(saved: SavedSensitivity, judged: Judged, language: Language) -> str:
    return sentences.estimate_of(saved, judged.estimate, language)


def draw_sensitivity_charts(saved: SavedSensitivity, folder: Path, language: Language) -> list[Path]:
    """Draw the charts of what was asked for into a folder; return the files.

    Parameters
    ----------
    saved : SavedSensitivity
    folder : Path
    language : str
    """
    files: list[Path] = []
    with style():
        if saved.swings:
            files += save(tornado_chart(saved, language), folder, "tornado")
            files += save(flips_chart(saved, language), folder, "flips")
        if saved.offices:
            files += save(plausible_chart(saved, language), folder, "plausible")
    return files
