"""All rosters that were tried, cost against licence time, with the efficient ones joined and the bound shaded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from sim.briefing import staff_sentences as sentences
from sim.briefing.charts.pieces import text_width, write_at
from sim.briefing.charts.style import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    LEFT,
    PALE,
    RED,
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
from sim.briefing.numbers import PERCENT, number, percent, plain, plain_levels, writer
from sim.briefing.saved_staff import OWN, PLAN, TARGET, CertificateTest, SavedStaff, Tried
from sim.briefing.words import Language, named, word

BOX = (0.95, 1.0, 8.75, 2.95)
"""Inches: left, bottom, width and height of the axes."""
MONEY = 10_000.0
"""Yuan in the unit that costs are shown in."""
FARTHEST, WORST = 1.3, 0.15
"""Times the promised minutes, or below the promised share: what is worse is beyond the scale."""
SIDES = 0.16
"""Of the cost of the plan: rosters that cost more than this above or below it and the scenario's are left aside."""
Filling = Literal["full", "none"]
TARGET_LABEL = 1.2
"""Inches that the label of the target takes at most."""
BAND = 0.9
"""Inches that the label of the costs below the bound takes."""
LOOKS: dict[str, tuple[str, str, Filling]] = {
    "keeps": ("o", BLUE, "full"),
    "fails": ("X", RED, "full"),
    "refused": ("o", BLUE, "none"),
    "floors": ("o", GREY, "none"),
}
"""Marker, colour and filling of dots."""


@dataclass(frozen=True)
class _Mark:
    """A plan that is named in the chart: where it is, its test, and the label."""

    cost: float
    test: CertificateTest
    text: str
    big: bool


def draw_tradeoff_chart(saved: SavedStaff, folder: Path, language: Language) -> list[Path]:
    """Draw the chart of the rosters tried into a folder; return the files."""
    with style():
        return save(tradeoff_chart(saved, language), folder, "tried")


def tradeoff_chart(saved: SavedStaff, language: Language) -> Figure:
    """Return the chart of the rosters tried."""
    figure = new_figure()
    write_title(figure, sentences.tried_title(saved, language), sentences.subtitle(saved, language))
    left, bottom, wide, tall = BOX
    axes = figure.add_axes((left / WIDTH, bottom / HEIGHT, wide / WIDTH, tall / HEIGHT))
    marks = _marks_of(saved, language)
    low, high = _costs(saved, marks)
    shown = [tried for tried in saved.tried if low <= tried.cost / MONEY <= high]
    axes.set_xlim(low, high)
    axes.set_ylim(*_scores(saved, shown, marks))
    beyond = _dots(axes, saved, shown)
    _efficient(axes, shown)
    _bound(axes, saved, language)
    on_the_left = _target(axes, saved, marks, language)
    for mark in marks:
        _mark(axes, mark)
    _labels(axes, saved, marks, on_the_left)
    bare(axes)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 2.5, 5, 10]))
    ticks = [value for value in axes.get_xticks() if low <= value <= high]
    axes.set_xticks(ticks, plain_levels(ticks))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    if not saved.about_mean:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=PERCENT[language]))
    axes.set_xlabel(word("staffing cost axis", language, days=saved.working_days), labelpad=3)
    clock = named("clock", saved.target["clock"], language)
    key = "lines mean" if saved.about_mean else "lines share"
    label = word(key, language, clock=clock, minutes=plain(saved.target["minutes"]))
    write_at(figure, LEFT * WIDTH, HEIGHT - bottom - tall - 0.26, label, size=10.5, color=GREY, va="center")
    _legend(figure, [_kind(saved, tried) for tried in shown], language)
    notes = [word("staffing efficient" if saved.about_mean else "staffing efficient share", language)]
    if marks:
        notes.append(word("staffing tried note", language, level=percent(saved.confidence)))
    if len(shown) < len(saved.tried):
        notes.append(word("staffing drawn", language, shown=number(len(shown)), steps=number(len(saved.tried))))
    if beyond:
        notes.append(word("staffing beyond" if saved.about_mean else "staffing beyond share", language))
    write_line(figure, 0.42 / HEIGHT, sentences.BETWEEN.join(notes), size=9.5)
    write_source(figure, sentences.source(saved, language))
    return figure


def _marks_of(saved: SavedStaff, language: Language) -> list[_Mark]:
    """Return the plan that was found and the scenario's own, as the certificate has them."""
    found = []
    for plan, key in ((PLAN, "staffing marked plan"), (OWN, "staffing marked own")):
        tests = [test for test in saved.of(plan) if test.requirement == TARGET]
        if not tests or not math.isfinite(tests[0].cost) or (plan == PLAN and saved.plan is None):
            continue
        test, show = tests[0], writer(saved.about_mean, language)
        said = word("cannot finish", language) if math.isnan(test.estimate) else show(test.estimate)
        facts = [sentences.money(test.cost, language), said]
        if any(other.verdict == "FAILS" for other in saved.of(plan) if other.requirement != TARGET):
            # Its place and its mark are about the target; it may miss a floor all the same.
            facts.append(word("staffing marked floor", language))
        text = f"{word(key, language)}{word('colon', language)}{word('comma', language).join(facts)}"
        found.append(_Mark(test.cost / MONEY, test, text, plan == PLAN))
    return found


def _costs(saved: SavedStaff, marks: Sequence[_Mark]) -> tuple[float, float]:
    """Return the ends of the axis of costs: the marks, the bound, and the rosters near them."""
    centre = [mark.cost for mark in marks] + ([saved.bound / MONEY] if saved.bound > 0 else [])
    costs = [tried.cost / MONEY for tried in saved.tried]
    if saved.plan is None:
        centre += costs
    begin, end = min(centre, default=0.0) * (1 - SIDES), max(centre, default=1.0) * (1 + SIDES)
    seen = [cost for cost in costs if begin <= cost <= end] + centre
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    room = 0.04 * (high - low) or 0.05 * high or 1.0
    return low - room, high + room


def _scores(saved: SavedStaff, shown: Sequence[Tried], marks: Sequence[_Mark]) -> tuple[float, float]:
    """Return the ends of the axis of minutes or shares, on which the target can be seen."""
    promised, margin = _promised(saved), float(saved.target["margin"])
    values = [tried.score for tried in shown]
    values += [value for mark in marks for value in (mark.test.estimate, mark.test.low, mark.test.high)]
    near = [
        value
        for value in values
        if math.isfinite(value)
        and (value <= promised * FARTHEST if saved.about_mean else value >= promised - WORST)
    ]
    low, high = min([*near, promised - margin]), max([*near, promised + margin])
    room = 0.08 * (high - low)
    return max(low - 1.5 * room, 0.0), high + room if saved.about_mean else min(high + 1.5 * room, 1.0)


def _promised(saved: SavedStaff) -> float:
    return float(saved.target["minutes"] if saved.about_mean else saved.target["level"])


def _kind(saved: SavedStaff, tried: Tried) -> str:
    """Return what to show a roster as."""
    if tried.keeps:
        # The search takes the cheapest that it has; one that is cheaper than the plan was refused, or goes with such.
        return "refused" if tried.cost < saved.cost - 1 else "keeps"
    return "fails" if tried.floors_kept else "floors"


def _dots(axes: Axes, saved: SavedStaff, shown: Sequence[Tried]) -> bool:
    """Draw a dot for each roster; return whether some are beyond the scale, where arrows stand for them."""
    low, high = axes.get_ylim()
    edge, arrow = (high, "^") if saved.about_mean else (low, "v")
    beyond = False
    for tried in shown:
        marker, colour, fill = LOOKS[_kind(saved, tried)]
        edge_width = 0.9 if fill == "none" else 0
        looks: dict[str, Any] = {"color": colour, "mew": edge_width, "fillstyle": fill, "alpha": 0.55, "zorder": 2}
        if low <= tried.score <= high:
            axes.plot([tried.cost / MONEY], [tried.score], marker=marker, ms=5.5, **looks)
        else:
            beyond = True
            axes.plot([tried.cost / MONEY], [edge], marker=arrow, ms=5.5, clip_on=False, **looks)
    return beyond


def _efficient(axes: Axes, shown: Sequence[Tried]) -> None:
    """Join the efficient rosters, from the cheapest."""
    points = sorted({(tried.cost / MONEY, tried.score) for tried in shown if tried.efficient})
    points = [point for point in points if math.isfinite(point[1])]
    if points:
        x, y = zip(*points, strict=True)
        axes.plot(x, y, color=INK, lw=1.1, alpha=0.75, zorder=2.5)


def _bound(axes: Axes, saved: SavedStaff, language: Language) -> None:
    """Shade the costs below which no plan can hold."""
    left, right = axes.get_xlim()
    bound = saved.bound / MONEY
    if bound <= left + BAND / BOX[2] * (right - left):
        # Too narrow a band to say what it is; the sentences do.
        return
    axes.axvspan(left, min(bound, right), color=PALE, lw=0, zorder=0)
    text = word("staffing bound band", language, bound=sentences.money(saved.bound, language, down=True))
    # Where no cheap roster can be: they take long, or few are in time.
    edge, away, va = (0, 5, "bottom") if saved.about_mean else (1, -3, "top")
    axes.annotate(
        text, (min(bound, right), edge), (-5, away), xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="right", va=va, size=9.0, color=GREY, linespacing=1.15, zorder=1,
    )  # fmt: skip


def _target(axes: Axes, saved: SavedStaff, marks: Sequence[_Mark], language: Language) -> bool:
    """Draw the target; return whether its label is on the left, since a named plan is on the right."""
    promised = _promised(saved)
    left, right = axes.get_xlim()
    wide, deep = TARGET_LABEL * (right - left) / BOX[2], 0.22 * (axes.get_ylim()[1] - axes.get_ylim()[0]) / BOX[3]
    near = [tried.cost / MONEY for tried in saved.tried if promised <= tried.score <= promised + deep]
    near = [cost for cost in near if left <= cost <= right]
    near += 3 * [mark.cost for mark in marks]
    # Where fewer are in its way; if none is, on the right.
    on_the_left = sum(cost > right - wide for cost in near) > sum(left <= cost < left + wide for cost in near)
    axes.axhline(promised, color=INK, lw=1.2, ls=(0, (4, 3)), zorder=1.5)
    text = (
        word("target", language, minutes=plain(promised))
        if saved.about_mean
        else word("target share", language, level=percent(promised))
    )
    axes.annotate(
        text, (0 if on_the_left else 1, promised), (2 if on_the_left else -2, 3), xycoords=("axes fraction", "data"),
        textcoords="offset points", ha="left" if on_the_left else "right", va="bottom", size=9.5, color=INK, zorder=1.6,
    )  # fmt: skip
    return on_the_left


def _mark(axes: Axes, mark: _Mark) -> None:
    """Draw a named plan with its interval."""
    low, high = axes.get_ylim()
    colour = VERDICT_COLOURS[mark.test.verdict]
    estimate = min(max(mark.test.estimate, low), high) if not math.isnan(mark.test.estimate) else high
    if mark.test.low < mark.test.high:
        ends = [min(max(end, low), high) for end in (mark.test.low, mark.test.high)]
        axes.plot([mark.cost] * 2, ends, color=colour, lw=3, alpha=0.6, solid_capstyle="butt", zorder=4)
    axes.plot(
        [mark.cost], [estimate], marker=VERDICT_MARKERS[mark.test.verdict], color=colour, ms=13 if mark.big else 11,
        mec="white", mew=1.4, zorder=5, clip_on=False,
    )  # fmt: skip


def _labels(axes: Axes, saved: SavedStaff, marks: Sequence[_Mark], on_the_left: bool) -> None:
    """Write the labels of the named plans where the rosters are few: below the target's line, or above it."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    an_inch, tall = (right - left) / BOX[2], (high - low) / BOX[3]
    points = [(tried.cost / MONEY, tried.score) for tried in saved.tried]
    points += [(mark.cost, mark.test.estimate) for mark in marks]
    taken: list[tuple[float, float, float, float]] = []
    promised = _promised(saved)
    begin = left if on_the_left else right - TARGET_LABEL * an_inch
    taken.append((begin, promised, begin + TARGET_LABEL * an_inch, promised + 0.22 * tall))
    for mark in marks:
        if mark.test.low < mark.test.high:
            taken.append((mark.cost - 0.05 * an_inch, mark.test.low, mark.cost + 0.05 * an_inch, mark.test.high))
    if saved.bound / MONEY > left:
        end = min(saved.bound / MONEY, right)
        begin = low if saved.about_mean else high - 0.6 * tall
        taken.append((end - 1.0 * an_inch, begin, end, begin + 0.6 * tall))
    for mark in marks:
        wide, deep = (text_width(figure, mark.text, 10.0) + 0.1) * an_inch, 0.2 * tall
        y0 = min(max(mark.test.estimate, low), high) if not math.isnan(mark.test.estimate) else high

        def cost(x: float, y: float, wide: float = wide, deep: float = deep, x0: float = mark.cost, y0: float = y0
                 ) -> float:  # fmt: skip
            box = (x, y - deep / 2, x + wide, y + deep / 2)
            covered = sum(box[0] <= a <= box[2] and box[1] <= b <= box[3] for a, b in points)
            over = sum(min(box[2], t[2]) > max(box[0], t[0]) and min(box[3], t[3]) > max(box[1], t[1]) for t in taken)
            over += box[1] < promised < box[3]
            near_x = max(x - x0, x0 - x - wide, 0.0) / an_inch
            return 3.0 * covered + 30.0 * over + near_x + 1.5 * abs(y - y0) / tall

        tries = [
            (min(max(mark.cost + across * an_inch - (wide if across < 0 else 0), left + 0.05 * an_inch),
                 right - wide - 0.05 * an_inch), y0 + up * tall)
            for across in (0.15, -0.15, 0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0)
            for up in (0.0, -0.25, 0.25, -0.4, 0.4, -0.6, 0.6, 0.9, -0.9, 1.2, 1.5, 1.9)
            if low + deep / 2 <= y0 + up * tall <= high - deep / 2
        ]  # fmt: skip
        x, y = min(tries, key=lambda at: cost(*at), default=(left, (low + high) / 2))
        taken.append((x, y - deep / 2, x + wide, y + deep / 2))
        # The line goes from the part of the label that is nearest.
        nearest = (min(max((mark.cost - x) / wide, 0.0), 1.0), 0.5)
        axes.annotate(
            mark.text, (mark.cost, y0), (x, y), textcoords="data", ha="left", va="center", size=10.0,
            color=VERDICT_COLOURS[mark.test.verdict], zorder=6,
            bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.85},
            arrowprops={"arrowstyle": "-", "color": VERDICT_COLOURS[mark.test.verdict], "lw": 0.8, "shrinkA": 0,
                        "shrinkB": 5, "relpos": nearest},
        )  # fmt: skip


def _legend(figure: Figure, shown: Sequence[str], language: Language) -> None:
    kinds = [kind for kind in LOOKS if kind in shown]
    handles = [
        Line2D([], [], ls="none", marker=LOOKS[kind][0], color=LOOKS[kind][1], fillstyle=LOOKS[kind][2],
               mew=0.9 if LOOKS[kind][2] == "none" else 0, ms=7)
        for kind in kinds
    ]  # fmt: skip
    labels = [word(f"staffing dot {kind}", language) for kind in kinds]
    figure.legend(
        handles, labels, loc="center left", ncols=max(len(labels), 1), frameon=False, fontsize=10, labelcolor=GREY,
        bbox_to_anchor=(LEFT, 1 - 1.03 / figure.get_figheight()), borderaxespad=0, borderpad=0, handletextpad=0.4,
        columnspacing=1.6, handlelength=0.9,
    )  # fmt: skip


