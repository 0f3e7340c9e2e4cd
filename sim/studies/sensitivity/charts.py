"""What a verdict hangs on: how far each assumption moves the estimate, where it flips, and plausible offices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator, PercentFormatter

from sim.present.assumptions import name_of, value_of
from sim.present.charts.pieces import Sign, legend_line
from sim.present.charts.rows import Column, Rows, draw_promised, draw_rows, rows_chart
from sim.present.charts.style import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    LEFT,
    LINE,
    ORANGE,
    RIGHT,
    SKY,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.present.names import named, verdict_word
from sim.present.numbers import BETWEEN, MINUS, PERCENT, number, plain, share, with_ends
from sim.present.targets import by_target, promised_text
from sim.studies.base import Chart
from sim.studies.sensitivity import sentences
from sim.studies.sensitivity.records import VERDICTS, Sensitivity, Swing
from sim.text import N_, _, language


def charts(record: Sensitivity) -> list[Chart]:
    """Return the charts of what was asked for."""
    found = []
    if record.swings:
        found.append(Chart("tornado", lambda: tornado_chart(record), ("assumptions", "break_even")))
        found.append(Chart("break-even", lambda: break_even_chart(record), ("assumptions", "break_even"), whole=False))
    if record.offices:
        found.append(Chart("plausible", lambda: plausible_chart(record), ("offices", "separation")))
    return found


def _signs(verdicts: Iterable[str]) -> dict[str, Sign]:
    """Return the signs of some verdicts by their words."""
    found = set(verdicts)
    return {verdict_word(name): Sign(VERDICT_MARKERS[name], VERDICT_COLOURS[name], "") for name in VERDICT_MARKERS
            if name in found}  # fmt: skip


def _replications(record: Sensitivity) -> list[int]:
    return [each for swing in record.swings for each in (swing.low_replications, swing.high_replications)]


MOST_WIDEST = 15
"""Assumptions that the tornado shows."""
TICK = 0.36
"""Rows that the line of the scenario reaches up and down: more than a sign does, which may be at the same place."""
ROUND = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 1e4, 1e5, 1e6)
"""Minutes at which a logarithmic axis has its ticks."""
FARTHEST = 40.0
"""Times the promised minutes, or those of the scenario if they are more: what takes longer is beyond the scale."""


def tornado_chart(record: Sensitivity) -> Figure:
    """Return from which estimate to which each assumption leads, of those that move it most."""
    swings = record.by_reach[:MOST_WIDEST]
    more = _("the {shown} widest of {assumptions}", shown=len(swings), assumptions=sentences.assumptions_judged(record))
    names = Column(
        [name_of(swing.parameter) for swing in swings], more if len(swings) < len(record.assumptions) else ""
    )
    ends = [_end(record, swings, "low", _("low end")), _end(record, swings, "high", _("high end"))]
    label = by_target(
        record.target, N_("mean {clock} [min], logarithmic"), N_("share within {minutes} min"),
        clock=named("clock", record.target.clock), minutes=plain(record.target.minutes),
    )  # fmt: skip
    figure, axes = rows_chart(
        Rows([names], ends, label=label), sentences.tornado_title(record), sentences.subtitle(record),
        _("bars: from the low to the high end of the range, all else as in the scenario; upright line: the scenario; "
          "{arrow} beyond the scale", arrow="▶" if record.about_mean else "◀"),
        sentences.source(record, sentences.A_VALUE, _replications(record)),
        _signs(end.verdict for swing in swings for end in (swing.low, swing.high)),
    )  # fmt: skip
    _scale(axes, record, [end.estimate for swing in swings for end in (swing.low, swing.high)])
    draw_promised(axes, record.target.promised, promised_text(record.target))
    for place, swing in enumerate(swings):
        _bar(axes, record, swing, place)
    return figure


def _end(record: Sensitivity, swings: Sequence[Swing], end: str, head: str) -> Column:
    """Return the column of what the low or the high ends lead to."""
    texts, colours = [], []
    for swing in swings:
        of = record.by_parameter[swing.parameter]
        value, judged = getattr(of, end), getattr(swing, end)
        texts.append(f"{value_of(of, value)} → {sentences.estimate_of(record, judged.estimate)}")
        colours.append(GREY if value == of.value else VERDICT_COLOURS[judged.verdict])
    return Column(texts, head, colours)


def _scale(axes: Axes, record: Sensitivity, estimates: Sequence[float]) -> None:
    """Give the axis its ends and ticks: minutes are shown as their logarithms."""
    promised = record.target.promised
    values = [*estimates, promised]
    if record.about_mean:
        own = record.own.estimate if record.own is not None and math.isfinite(record.own.estimate) else promised
        near = [value for value in [*values, own] if 0 < value <= max(promised, own) * FARTHEST]
        low, high = min(near) / 1.08, max(near) * 1.12
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.xaxis.set_major_locator(FixedLocator(_apart(low, high)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    else:
        low, high = (end(value for value in values if math.isfinite(value)) for end in (min, max))
        room = 0.04 * (high - low) + 0.005
        axes.set_xlim(max(low - room, 0.0), min(high + room, 1.0))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=PERCENT[language()]))


def _apart(low: float, high: float) -> list[float]:
    """Return round minutes whose labels do not touch on a logarithmic axis."""
    kept: list[float] = []
    for tick in ROUND:
        if low <= tick <= high and (not kept or math.log(tick / kept[-1]) > 0.075 * math.log(high / low)):
            kept.append(tick)
    return kept


def _bar(axes: Axes, record: Sensitivity, swing: Swing, place: int) -> None:
    """Draw a bar from the least to the largest estimate, a sign at each end, and above them a line for the scenario."""
    begin, end = axes.get_xlim()
    own = [] if record.own is None else [record.own.estimate]
    # What cannot finish is beyond the bad end.
    never = math.inf if record.about_mean else -math.inf
    at = [never if math.isinf(estimate) else estimate for estimate in (swing.low_estimate, swing.high_estimate, *own)]
    values = np.clip(at, begin, end)
    axes.barh(place, np.ptp(values), 0.52, left=values.min(), color=SKY, alpha=0.45, lw=0, zorder=2)
    if own and begin <= own[0] <= end:
        axes.plot([own[0]] * 2, [place - TICK, place + TICK], color=INK, lw=1.6, solid_capstyle="butt", zorder=6)
    for judged, estimate, shown in zip((swing.low, swing.high), at[:2], values[:2], strict=True):
        beyond = "<" if estimate < begin else ">" if estimate > end else ""
        axes.plot([shown], [place], marker=beyond or VERDICT_MARKERS[judged.verdict],
                  color=VERDICT_COLOURS[judged.verdict], ms=8 if beyond else 7, mec="white", mew=0.7, clip_on=False,
                  zorder=5)  # fmt: skip


MOST_BREAK_EVENS = 26
"""Assumptions that the chart of the flips shows: the nearest."""
ROW, TWO_LINES = 0.285, 0.38
"""Inches: a row, and one whose words may have two lines."""


def break_even_chart(record: Sensitivity) -> Figure:
    """Return the ranges of the assumptions that flip the verdict, and where; if none does, of those that move it most.

    The nearest break-even value comes first, or what moves the figure most if none was searched for.
    """
    swings = (record.flipping or record.by_reach)[:MOST_BREAK_EVENS]
    assumptions = [record.by_parameter[swing.parameter] for swing in swings]
    heading = _("The range of each assumption, and where the verdict flips")
    if len(swings) < len(record.flipping):
        heading += f" ({len(swings)} / {len(record.flipping)})"
    rows = Rows(
        [
            Column([name_of(of.parameter) for of in assumptions]),
            Column([value_of(of, of.low) for of in assumptions], colours=(GREY,), right=True),
        ],
        [
            Column([value_of(of, of.high) for of in assumptions], colours=(GREY,)),
            Column([_break_evens(record, swing) for swing in swings]),
        ],
        heading, numbers=False, high=TWO_LINES if any(len(swing.break_evens) > 1 for swing in swings) else ROW,
    )  # fmt: skip
    own = [] if record.own is None else [record.own.verdict]
    figure, axes = rows_chart(
        rows, sentences.break_even_title(record), sentences.subtitle(record),
        _(_legend(record)),
        sentences.source(record, sentences.A_VALUE, _replications(record)),
        _signs([*own, *(end.verdict for swing in swings for end in (swing.low, swing.high))]),
    )  # fmt: skip
    axes.set_xlim(0, 1)
    for place, swing in enumerate(swings):
        _range(axes, record, swing, place)
    return figure


def _legend(record: Sensitivity) -> str:
    """Return what is drawn, and in which order, as a message."""
    if not record.flipping:
        return N_("line: the range; dot: the scenario; the widest reach comes first")
    if record.settings.searched:
        return N_("line: the range; dot: the scenario; bracket: last value with its verdict and first with another; "
                  "the nearest break-even value comes first")  # fmt: skip
    return N_("line: the range; dot: the scenario; bracket: values between which the verdict flips, where was not "
              "searched for; the widest reach comes first")  # fmt: skip


def _break_evens(record: Sensitivity, swing: Swing) -> str:
    """Return where the verdict flips, an end a line."""
    if swing.break_evens:
        return "\n".join(sentences.break_even_of(record, swing, of) for of in swing.break_evens.values())
    return sentences.no_flip(record, swing)


def _range(axes: Axes, record: Sensitivity, swing: Swing, place: int) -> None:
    """Draw a range in the colours of its verdicts, the ends' signs, the scenario's value, and the brackets."""
    of = record.by_parameter[swing.parameter]
    own = record.own.verdict if record.own is not None else swing.low_verdict
    at = of.part(of.value)
    for end, to, judged in (("low", 0.0, swing.low), ("high", 1.0, swing.high)):
        if break_even := swing.break_evens.get(end):
            last, first = of.part(break_even.last), of.part(break_even.first)
            _stretch(axes, at, last, place, VERDICT_COLOURS[own])
            _stretch(axes, last, first, place, LINE)
            _stretch(axes, first, to, place, VERDICT_COLOURS[break_even.verdict])
            _bracket(axes, sorted((last, first)), place)
        else:
            _stretch(axes, at, to, place, VERDICT_COLOURS[own])
        axes.plot([to], [place], marker=VERDICT_MARKERS[judged.verdict], color=VERDICT_COLOURS[judged.verdict], ms=6,
                  mew=0, clip_on=False, zorder=4)  # fmt: skip
    axes.plot([at], [place], "o", color="white", ms=8.5, mec=INK, mew=1.6, clip_on=False, zorder=6)


def _stretch(axes: Axes, begin: float, end: float, place: int, colour: str) -> None:
    if begin != end:
        axes.plot([begin, end], [place, place], color=colour, lw=3, alpha=0.65, solid_capstyle="butt", zorder=2)


def _bracket(axes: Axes, ends: Sequence[float], place: int) -> None:
    for at, inward in zip(ends, (0.012, -0.012), strict=True):
        axes.plot([at + inward, at, at, at + inward], [place - 0.3, place - 0.3, place + 0.3, place + 0.3], color=INK,
                  lw=1.4, clip_on=False, zorder=5, solid_joinstyle="miter")  # fmt: skip


MOST_SEPARATED = 8
"""Assumptions in which those that hold and fail differ most."""
DOWN, BOTTOM = 1.6, 1.0
"""Inches: from the upper edge to the panels, and below them."""
DOTS, DOTS_END, BARS = 0.95, 4.7, 5.15
"""Inches: where the offices begin and end, and where the names of assumptions begin."""
STEP = 10.0
"""From one tick of minutes to the next."""


def plausible_chart(record: Sensitivity) -> Figure:
    """Return the figure of each plausible office, sorted, and in what those that hold and fail differ."""
    found = record.plausible
    assert found is not None
    figure, holds = new_figure(), found.holds
    interval = with_ends(f"{verdict_word('HOLDS')} {share(holds.estimate)}", share(holds.low), share(holds.high))
    write_title(figure, sentences.offices_title(record), BETWEEN.join([sentences.subtitle(record), interval]))
    legend_line(figure, 1.0, {
        f"{verdict_word(name)} {found.counts[name]} ({share(found.counts[name] / found.offices)})":
        Sign(VERDICT_MARKERS[name], VERDICT_COLOURS[name], "") for name in VERDICTS if found.counts[name]
    })  # fmt: skip
    never = _dots(figure, record)
    if record.separations:
        _separation(figure, record)
    note = _("every assumption drawn evenly from its range, independently of the others: a count over ranges, not a "
             "probability")  # fmt: skip
    if never:
        note = BETWEEN.join([note, _("{arrow} cannot finish", arrow="▲" if record.about_mean else "▼")])
    write_line(figure, 0.42 / HEIGHT, note, size=9.5)
    write_source(figure, sentences.source(record, sentences.AN_OFFICE, [of.replications for of in record.offices]))
    return figure


def _dots(figure: Figure, record: Sensitivity) -> bool:
    """Draw the offices, from the best to the worst; return whether some, at the end, cannot finish their cases."""
    end = DOTS_END if record.separations else RIGHT * WIDTH - 0.1
    tall = HEIGHT - DOWN - BOTTOM
    axes = figure.add_axes((DOTS / WIDTH, BOTTOM / HEIGHT, (end - DOTS) / WIDTH, tall / HEIGHT))
    order = sorted(record.offices, key=lambda of: record.target.badness(of.estimate))
    finite, promised = [of.estimate for of in order if np.isfinite(of.estimate)], record.target.promised
    if record.about_mean:
        axes.set_yscale("log")
        low, high = min([*finite, promised]) / 2, max([*finite, promised]) * 1.5
        axes.set_ylim(low, high)
        exponents = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        axes.yaxis.set_major_locator(FixedLocator([t for e in exponents if low <= (t := STEP**e) <= high]))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 0 if value >= 1 else 1)))
    else:
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=PERCENT[language()]))
        axes.yaxis.set_major_locator(MaxNLocator(5))
    never = axes.get_ylim()[1 if record.about_mean else 0]
    for name in VERDICTS:
        of_kind = [(place, of.estimate) for place, of in enumerate(order, 1) if of.verdict == name]
        for finish, marker in ((True, VERDICT_MARKERS[name]), (False, "^" if record.about_mean else "v")):
            shown = [(place, value if finish else never) for place, value in of_kind if np.isfinite(value) == finish]
            axes.plot(*zip(*shown, strict=True) if shown else ([], []), ls="none", marker=marker, ms=5, mec="white",
                      color=VERDICT_COLOURS[name], mew=0.4, clip_on=False, zorder=3)  # fmt: skip
    axes.set_xlim(0.5, len(order) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 2.5, 5, 10]))
    axes.axhline(promised, color=INK, lw=1.2, ls=(0, (4, 2)), zorder=2)
    side, shift = ("top", -4) if record.about_mean else ("bottom", 4)
    axes.annotate(promised_text(record.target), (1, promised), (0, shift), xycoords=("axes fraction", "data"),
                  textcoords="offset points", ha="right", va=side, size=9.5, color=INK)  # fmt: skip
    bare(axes)
    axes.set_xlabel(_("offices, sorted"), labelpad=3)
    _heading(axes, LEFT, by_target(
        record.target, N_("Mean {clock} of each office [min], logarithmic"),
        N_("Share within {minutes} min of each office"), clock=named("clock", record.target.clock),
        minutes=plain(record.target.minutes),
    ))  # fmt: skip
    return len(finite) < len(order)


def _heading(axes: Axes, at: float, text: str) -> None:
    """Write the heading of a panel above it, from a place across the figure on."""
    axes.annotate(text, (at, 1), (0, 16), xycoords=("figure fraction", "axes fraction"), va="center",
                  textcoords="offset points", size=10.5, color=GREY)  # fmt: skip


def _separation(figure: Figure, record: Sensitivity) -> None:
    """Draw by how much the offices that hold differ from those that fail."""
    found = record.separations[:MOST_SEPARATED]
    high = (HEIGHT - DOWN - BOTTOM) / MOST_SEPARATED
    rows = Rows([Column([name_of(of.parameter) for of in found])], [], high=high, axis=2.0)
    axes = draw_rows(figure, rows, DOWN - rows.above, BARS)
    _heading(axes, BARS / WIDTH, _("Mean where it holds less mean where it fails\n[standard deviations, ± 2 standard "
                                   "errors]"))  # fmt: skip
    for place, of in enumerate(found):
        axes.barh(place, of.difference, 0.6, color=BLUE if of.difference > 0 else ORANGE, alpha=0.55, lw=0, zorder=2)
        ends = [of.difference - 2 * of.error, of.difference + 2 * of.error]
        axes.plot(ends, [place, place], color=INK, lw=1.2, solid_capstyle="butt", zorder=3)
    widest = max(abs(of.difference) + 2 * of.error for of in found) * 1.05
    axes.set_xlim(-widest, widest)
    axes.axvline(0, color=INK, lw=1.0, zorder=1.5)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{np.round(value, 9):+g}".replace("-", MINUS) if value else "0")
    )
