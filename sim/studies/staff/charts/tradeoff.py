"""All rosters that were tried, cost against licence time, with the efficient ones joined and the bound shaded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from sim.present.charts.pieces import legend_row, text_width, write_at
from sim.present.charts.style import (
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
    write_line,
    write_source,
    write_title,
)
from sim.present.numbers import BETWEEN, PERCENT, number, percent, plain, plain_levels, writer
from sim.present.targets import estimate_axis
from sim.studies.staff.records import OWN, PLAN, TARGET, CertificateTest, CheapestRoster, SearchStep
from sim.studies.staff.sentences import finding, money, source, subtitle
from sim.text import N_, _, _c, language

BOX = (0.95, 1.0, 8.75, 2.95)
"""Inches: left, bottom, width and height of the axes."""
MONEY = 10_000.0
"""Yuan in the unit that costs are shown in."""
FARTHEST, WORST = 1.3, 0.15
"""Times the promised minutes, or below the promised share: what is worse is beyond the scale."""
SIDES = 0.16
"""Of the cost of the plan: rosters that cost more than this above or below it and the scenario's are left aside."""
TARGET_LABEL = 1.2
"""Inches that the label of the target takes at most."""
BAND = 0.9
"""Inches that the label of the costs below the bound takes."""


class _Dot(NamedTuple):
    """How a roster is drawn, and what that means."""

    marker: str
    colour: str
    filling: Literal["full", "none"]
    says: str


DOTS = {
    "keeps": _Dot("o", BLUE, "full", N_("clearly keeps everything")),
    "fails": _Dot("X", RED, "full", N_("misses the target, or is not clear")),
    "refused": _Dot("o", BLUE, "none", N_("refused on fresh years, or looks no better")),
    "floors": _Dot("o", GREY, "none", N_("misses a service floor")),
}


class _Mark(NamedTuple):
    """A plan that is named in the chart: where it is, its test, and the label."""

    cost: float
    test: CertificateTest
    text: str
    big: bool


def tradeoff_chart(record: CheapestRoster) -> Figure:
    """Return the chart of the rosters tried."""
    figure = new_figure()
    write_title(figure, _title(record), subtitle(record))
    left, bottom, wide, tall = BOX
    axes = figure.add_axes((left / WIDTH, bottom / HEIGHT, wide / WIDTH, tall / HEIGHT))
    marks = _marks_of(record)
    low, high = _costs(record, marks)
    shown = [step for step in record.steps if low <= step.cost / MONEY <= high]
    axes.set_xlim(low, high)
    axes.set_ylim(*_scores(record, shown, marks))
    beyond = _dots(axes, record, shown)
    _efficient(axes, shown)
    _bound(axes, record)
    on_the_left = _target(axes, record, marks)
    for mark in marks:
        _mark(axes, mark)
    _labels(axes, record, marks, on_the_left)
    bare(axes)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 2.5, 5, 10]))
    ticks = [value for value in axes.get_xticks() if low <= value <= high]
    axes.set_xticks(ticks, plain_levels(ticks))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    if not record.target.about_mean:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=PERCENT[language()]))
    cost = _("planned staff cost over {days} working days [10,000 yuan]", days=record.working_days)
    axes.set_xlabel(cost, labelpad=3)
    label = estimate_axis(record.target)
    write_at(figure, LEFT * WIDTH, HEIGHT - bottom - tall - 0.26, label, size=10.5, color=GREY, va="center")
    kinds = {_kind(record, step) for step in shown}
    looks: dict[str, Any] = {"ls": "none", "ms": 7}
    handles = {
        _(dot.says): Line2D([], [], marker=dot.marker, color=dot.colour, fillstyle=dot.filling, mew=_edge(dot), **looks)
        for kind, dot in DOTS.items() if kind in kinds
    }  # fmt: skip
    legend_row(figure, handles, length=0.9)
    about_mean = record.target.about_mean
    notes = [
        _(
            N_("line: cheapest for its time, floors kept")
            if about_mean
            else N_("line: cheapest for its share, floors kept")
        )
    ]
    if marks:
        level = percent(record.confidence)
        notes.append(_("dots: years of the search; marked: fresh years, with {level} % intervals", level=level))
    if len(shown) < len(record.steps):
        drawn, steps = number(len(shown)), number(len(record.steps))
        notes.append(_("{shown} of {steps} steps of the search drawn", shown=drawn, steps=steps))
    if beyond:
        notes.append(_(N_("▲ beyond the scale") if about_mean else N_("▼ beyond the scale")))
    write_line(figure, 0.42 / HEIGHT, BETWEEN.join(notes), size=9.5)
    write_source(figure, source(record))
    return figure


def _title(record: CheapestRoster) -> str:
    """Return what the rosters tried say of the cost."""
    own = record.of(OWN)
    cheaper = bool(own) and own[0].cost < record.cost and {test.verdict for test in own} == {"HOLDS"}
    if record.plan is None or cheaper:
        return finding(record)
    plans, cost = number(record.spent.plans), money(record.cost)
    return _("Of {plans} plans tried, none shown to hold costs less than {cost}", plans=plans, cost=cost)


def _marks_of(record: CheapestRoster) -> list[_Mark]:
    """Return the plan that was found and the scenario's own, as the certificate has them."""
    found = []
    for plan, name in ((PLAN, _("roster found")), (OWN, _("scenario's plan"))):
        tests = [test for test in record.of(plan) if test.requirement == TARGET]
        if not tests or not math.isfinite(tests[0].cost) or (plan == PLAN and record.plan is None):
            continue
        test, show = tests[0], writer(record.target.about_mean)
        facts = [money(test.cost), _("cannot finish") if math.isnan(test.estimate) else show(test.estimate)]
        if any(other.verdict == "FAILS" for other in record.of(plan) if other.requirement != TARGET):
            # Its place and its mark are about the target; it may miss a floor all the same.
            facts.append(_("misses a service floor"))
        text = f"{name}{_(': ')}{_c('comma', ', ').join(facts)}"
        found.append(_Mark(test.cost / MONEY, test, text, plan == PLAN))
    return found


def _costs(record: CheapestRoster, marks: Sequence[_Mark]) -> tuple[float, float]:
    """Return the ends of the axis of costs: the marks, the bound, and the rosters near them."""
    centre = [mark.cost for mark in marks] + ([record.told_bound / MONEY] if record.told_bound > 0 else [])
    costs = [step.cost / MONEY for step in record.steps]
    if record.plan is None:
        centre += costs
    begin, end = min(centre, default=0.0) * (1 - SIDES), max(centre, default=1.0) * (1 + SIDES)
    seen = [cost for cost in costs if begin <= cost <= end] + centre
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    room = 0.04 * (high - low) or 0.05 * high or 1.0
    return low - room, high + room


def _scores(record: CheapestRoster, shown: Sequence[SearchStep], marks: Sequence[_Mark]) -> tuple[float, float]:
    """Return the ends of the axis of minutes or shares, on which the target can be seen."""
    promised, margin, about_mean = record.target.promised, record.target.margin, record.target.about_mean
    values = [step.score for step in shown]
    values += [value for mark in marks for value in (mark.test.estimate, mark.test.low, mark.test.high)]
    near = [
        value
        for value in values
        if math.isfinite(value) and (value <= promised * FARTHEST if about_mean else value >= promised - WORST)
    ]
    low, high = min([*near, promised - margin]), max([*near, promised + margin])
    room = 0.08 * (high - low)
    return max(low - 1.5 * room, 0.0), high + room if record.target.about_mean else min(high + 1.5 * room, 1.0)


def _kind(record: CheapestRoster, step: SearchStep) -> str:
    """Return what to show a roster as."""
    if step.keeps:
        # The search takes the cheapest that it has; one that is cheaper than the plan was refused, or goes with such.
        return "refused" if step.cost < record.cost - 1 else "keeps"
    return "fails" if step.floors_kept else "floors"


def _edge(dot: _Dot) -> float:
    return 0.9 if dot.filling == "none" else 0.0


def _dots(axes: Axes, record: CheapestRoster, shown: Sequence[SearchStep]) -> bool:
    """Draw a dot for each roster; return whether some are beyond the scale, where arrows stand for them."""
    low, high = axes.get_ylim()
    edge, arrow = (high, "^") if record.target.about_mean else (low, "v")
    beyond = [step for step in shown if not low <= step.score <= high]
    for step in shown:
        dot = DOTS[_kind(record, step)]
        y, marker = (edge, arrow) if step in beyond else (step.score, dot.marker)
        axes.plot([step.cost / MONEY], [y], marker=marker, ms=5.5, color=dot.colour, mew=_edge(dot), alpha=0.55,
                  fillstyle=dot.filling, zorder=2, clip_on=step not in beyond)  # fmt: skip
    return bool(beyond)


def _joined(steps: Sequence[SearchStep]) -> list[tuple[float, float]]:
    """Return cost and score of the efficient rosters, from the cheapest, as far as they can be drawn."""
    points = {(step.cost / MONEY, step.score) for step in steps if step.efficient}
    return sorted(point for point in points if math.isfinite(point[1]))


def _efficient(axes: Axes, shown: Sequence[SearchStep]) -> None:
    """Join the efficient rosters, from the cheapest."""
    if points := _joined(shown):
        x, y = zip(*points, strict=True)
        axes.plot(x, y, color=INK, lw=1.1, alpha=0.75, zorder=2.5)


def _bound(axes: Axes, record: CheapestRoster) -> None:
    """Shade the costs below which no plan can hold."""
    left, right = axes.get_xlim()
    bound = record.told_bound / MONEY
    if bound <= left + BAND / BOX[2] * (right - left):
        # Too narrow a band to say what it is; the sentences do.
        return
    axes.axvspan(left, min(bound, right), color=PALE, lw=0, zorder=0)
    text = _("in the search\nnone clearly\nholds here", bound=money(record.told_bound, down=True))
    # Where fewer rosters, and less of the line that joins the efficient ones, are in its way.
    wide, (low, high) = BAND / BOX[2] * (right - left), axes.get_ylim()
    places, x = [(step.cost / MONEY, step.score) for step in record.steps], np.linspace(bound - wide, bound, 9)
    if points := _joined(record.steps):
        costs, scores = zip(*points, strict=True)
        places += zip(x, np.interp(x, costs, scores, left=np.nan, right=np.nan), strict=True)
    deep = 0.2 * (high - low)
    inside = [score for cost, score in places if bound - wide <= cost <= bound] + len(x) * [record.target.promised]
    above, below = sum(score > high - deep for score in inside), sum(score < low + deep for score in inside)
    low_down = below < above or (below == above and record.target.about_mean)
    edge, away, va = (0, 5, "bottom") if low_down else (1, -3, "top")
    axes.annotate(
        text, (min(bound, right), edge), (-5, away), xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="right", va=va, size=9.0, color=GREY, linespacing=1.15, zorder=1,
    )  # fmt: skip


def _target(axes: Axes, record: CheapestRoster, marks: Sequence[_Mark]) -> bool:
    """Draw the target; return whether its label is on the left, since a named plan is on the right."""
    promised = record.target.promised
    left, right = axes.get_xlim()
    wide, deep = TARGET_LABEL * (right - left) / BOX[2], 0.22 * (axes.get_ylim()[1] - axes.get_ylim()[0]) / BOX[3]
    near = [step.cost / MONEY for step in record.steps if promised <= step.score <= promised + deep]
    near = [cost for cost in near if left <= cost <= right]
    near += 3 * [mark.cost for mark in marks]
    # Where fewer are in its way; if none is, on the right.
    on_the_left = sum(cost > right - wide for cost in near) > sum(left <= cost < left + wide for cost in near)
    axes.axhline(promised, color=INK, lw=1.2, ls=(0, (4, 3)), zorder=1.5)
    text = (
        _("target {minutes} min", minutes=plain(promised))
        if record.target.about_mean
        else _("target {level} %", level=percent(promised))
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


def _labels(axes: Axes, record: CheapestRoster, marks: Sequence[_Mark], on_the_left: bool) -> None:
    """Write the labels of the named plans where the rosters are few: below the target's line, or above it."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    an_inch, tall = (right - left) / BOX[2], (high - low) / BOX[3]
    points = [(step.cost / MONEY, step.score) for step in record.steps]
    points += [(mark.cost, mark.test.estimate) for mark in marks]
    taken: list[tuple[float, float, float, float]] = []
    promised = record.target.promised
    begin = left if on_the_left else right - TARGET_LABEL * an_inch
    taken.append((begin, promised, begin + TARGET_LABEL * an_inch, promised + 0.22 * tall))
    for mark in marks:
        if mark.test.low < mark.test.high:
            taken.append((mark.cost - 0.05 * an_inch, mark.test.low, mark.cost + 0.05 * an_inch, mark.test.high))
    if record.told_bound / MONEY > left:
        end = min(record.told_bound / MONEY, right)
        begin = low if record.target.about_mean else high - 0.6 * tall
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
