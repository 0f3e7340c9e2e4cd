"""The flip table as a chart: the range of each assumption, the scenario's value, and where the verdict flips."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.briefing import sensitivity_sentences as sentences
from sim.briefing.charts.pieces import Sign, fitted_alike, legend_line, write_at
from sim.briefing.charts.style import (
    GREY,
    INK,
    LEFT,
    LINE,
    RIGHT,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.briefing.saved_sensitivity import SavedSensitivity, Swing
from sim.briefing.words import Language, word

MOST = 26
"""Assumptions shown: the nearest flips."""
ABOVE, ROW, TWO_LINES, BELOW = 1.45, 0.285, 0.38, 0.68
"""Inches: title, legend and heading; a row, and one whose words may have two lines; notes and source."""
NAMES, LOW, PLOT, HIGH, SAID, END = LEFT * WIDTH, 3.5, 3.6, 6.0, 6.85, RIGHT * WIDTH
"""Inches: where names begin, values of low ends end, the plot begins and ends, and the words begin and end."""
WIDTHS = (LOW - 0.8 - NAMES, 0.7, SAID - HIGH - 0.2, END - SAID)
"""Inches: of names, values of low ends, of high ends, and words."""
TEXT = 10.0


def flips_chart(saved: SavedSensitivity, language: Language) -> Figure:
    """Return the chart of the assumptions that flip the verdict; of those that move it most if none does."""
    rows = (saved.flipping or saved.by_swing)[:MOST]
    high = TWO_LINES if any(len(row.flips) > 1 for row in rows) else ROW
    tall = ABOVE + len(rows) * high + BELOW
    figure = new_figure(tall)
    write_title(figure, sentences.flips_title(saved, language), sentences.subtitle(saved, language))
    found = {verdict for row in rows for verdict in (row.low.verdict, row.high.verdict)}
    found |= {saved.scenario.verdict} if saved.scenario is not None else set()
    signs = {
        word(name, language): Sign(VERDICT_MARKERS[name], VERDICT_COLOURS[name], "")
        for name in VERDICT_MARKERS if name in found
    }  # fmt: skip
    legend_line(figure, 1.0, signs)
    axes = figure.add_axes((PLOT / WIDTH, BELOW / tall, (HIGH - PLOT) / WIDTH, len(rows) * high / tall))
    axes.set_xlim(0, 1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_axis_off()
    for place, row in enumerate(rows):
        _range(axes, saved, row, place)
    lines = [_texts(figure, saved, row, ABOVE + (place + 0.5) * high, language) for place, row in enumerate(rows)]
    for texts, width in zip(zip(*lines, strict=True), WIDTHS, strict=True):
        fitted_alike(figure, texts, width, 6.5)
    heading = word("flips heading", language)
    if len(rows) < len(saved.flipping):
        heading += f" ({len(rows)} / {len(saved.flipping)})"
    write_at(figure, NAMES, ABOVE - 0.14, heading, size=9.5, color=GREY, va="center")
    write_line(figure, 0.42 / tall, word("flips note", language), size=9.5)
    used = [end.replications for row in saved.swings for end in (row.low, row.high) if end.replications]
    write_source(figure, sentences.source(saved, language, "a value", used or [0]))
    return figure


def _range(axes: Axes, saved: SavedSensitivity, row: Swing, place: int) -> None:
    """Draw a range in the colours of its verdicts, the ends' signs, the scenario's value, and the brackets."""
    of = row.assumption
    own = saved.scenario.verdict if saved.scenario is not None else row.low.verdict
    at = of.part(of.value)
    toward = {flip.first < min(of.value, of.high): flip for flip in row.flips}
    for lower, end, judged in ((True, 0.0, row.low), (False, 1.0, row.high)):
        flip = toward.get(lower)
        if flip is None:
            _stretch(axes, at, end, place, VERDICT_COLOURS[own])
        else:
            last, first = of.part(flip.last), of.part(flip.first)
            _stretch(axes, at, last, place, VERDICT_COLOURS[own])
            _stretch(axes, last, first, place, LINE)
            _stretch(axes, first, end, place, VERDICT_COLOURS[flip.verdict])
            _bracket(axes, (last, first), place)
        axes.plot([end], [place], marker=VERDICT_MARKERS[judged.verdict], color=VERDICT_COLOURS[judged.verdict], ms=6,
                  mew=0, clip_on=False, zorder=4)  # fmt: skip
    axes.plot([at], [place], "o", color="white", ms=8.5, mec=INK, mew=1.6, clip_on=False, zorder=6)


def _stretch(axes: Axes, begin: float, end: float, place: int, colour: str) -> None:
    if begin != end:
        axes.plot([begin, end], [place, place], color=colour, lw=3, alpha=0.65, solid_capstyle="butt", zorder=2)


def _bracket(axes: Axes, ends: tuple[float, float], place: int) -> None:
    low, high = sorted(ends)
    for at, inward in ((low, 0.012), (high, -0.012)):
        axes.plot([at + inward, at, at, at + inward], [place - 0.3, place - 0.3, place + 0.3, place + 0.3], color=INK,
                  lw=1.4, clip_on=False, zorder=5, solid_joinstyle="miter")  # fmt: skip


def _texts(figure: Figure, saved: SavedSensitivity, row: Swing, y: float, language: Language) -> list[Text]:
    """Write the name, both ends and where the verdict flips; return the texts."""
    of, looks = row.assumption, {"size": TEXT, "va": "center"}
    low, high = (sentences.value_of(of, value, language) for value in (of.low, of.high))
    none = "flip not known" if saved.undecided or saved.not_known(row) else "no flip"
    parts = [sentences.flip_of(saved, row, flip, language) for flip in row.flips] or [word(none, language)]
    return [
        write_at(figure, NAMES, y, sentences.name_of(of.parameter, language), **looks),
        write_at(figure, LOW, y, low, ha="right", color=GREY, **looks),
        write_at(figure, HIGH + 0.12, y, high, color=GREY, **looks),
        write_at(figure, SAID, y, "\n".join(parts), linespacing=1.05, **looks),
    ]
