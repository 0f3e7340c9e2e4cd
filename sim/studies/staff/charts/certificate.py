"""The certificate: the roster and each cheaper neighbour with its interval, against what each was held to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.present.charts.pieces import Sign, legend_line, open_ends, text_width
from sim.present.charts.rows import GAP, LEAST_HEIGHT, NUMBERS, Column, Rows, draw_interval, draw_rows
from sim.present.charts.style import (
    GREY,
    HEIGHT,
    INK,
    LEFT,
    PALE,
    RIGHT,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.present.names import named, verdict_word
from sim.present.numbers import BETWEEN, given_share, minutes, number, percent, plain, writer
from sim.studies.staff.records import EVERYBODY, OWN, PLAN, TARGET, CertificateTest, CheapestRoster
from sim.studies.staff.sentences import between, counts, finding, plan_name, promise, source, subtitle
from sim.text import _, _c

ABOVE, BELOW, ROW, BETWEEN_GROUPS = 1.3, 0.62, 0.2, 0.08
"""Inches: title and legend; notes and source; a row; between what is held against two requirements."""
LOOSE = 0.34
"""Inches of a row at most, if there is room."""
GUTTER, AXIS, SAVES = 0.35, 1.15, 0.74
"""Inches: between the columns; of an axis at least; of what is saved."""
WIDE = 2.0
"""Inches from which on an axis has more than a few numbers."""
SIZES = (8.0, 10.0)
"""Points of the rows, and of loose ones."""
MOST = 40
"""Neighbours shown; of more, those nearest to the line."""
FARTHEST, WORST = 0.3, 0.12
"""Of the promised minutes, or below the promised share: what is farther is beyond the scale."""


@dataclass(frozen=True)
class _Group:
    """What is held against a requirement: its tests from above, what stands beside them, and the ends of the axis.

    The floors have one axis below the last of a column, the target has its own.
    """

    tests: Sequence[CertificateTest]
    beside: Rows
    ends: tuple[float, float]

    @property
    def about_target(self) -> bool:
        """Whether it is the target."""
        return self.tests[0].requirement == TARGET

    @property
    def tall(self) -> float:
        """Inches of its rows, with their head and, of the target, its axis."""
        return self.beside.tall - (0.0 if self.about_target else self.beside.below - BETWEEN_GROUPS)


def certificate_chart(record: CheapestRoster) -> Figure:
    """Return the chart of the last round: requirements one below the other, in two columns."""
    shown = [test for test in record.last_round if test.plan <= 0 or test in record.nearest[:MOST]]
    groups = [[test for test in shown if test.requirement == name] for name in (TARGET, *record.floors)]
    groups = [tests for tests in groups if tests]
    number_of_columns = min(len(groups), 2)
    wide = ((RIGHT - LEFT) * WIDTH - GUTTER * (number_of_columns - 1)) / number_of_columns
    figure, around = new_figure(), ABOVE + NUMBERS + BELOW
    columns = _columns([_group(record, tests) for tests in groups])
    room = HEIGHT - around - max(sum(group.tall for group in column) for column in columns)
    most = max(sum(len(group.tests) for group in column) for column in columns)
    high = min(ROW + max(room, 0.0) / most, LOOSE)
    # Axes below each other begin at the same place.
    texts = [text for column in columns for group in column for text in group.beside.before[0].texts]
    longest = max(text_width(figure, text, SIZES[high >= LOOSE]) for text in texts)
    names = min(longest, wide - AXIS - SAVES - 2 * GAP)
    columns = _columns([_group(record, tests, names, high) for tests in groups])
    height = max(LEAST_HEIGHT, around + max(sum(group.tall for group in column) for column in columns))
    figure.set_figheight(height)
    write_title(figure, _title(record), subtitle(record))
    verdicts = {test.verdict for test in shown}
    legend_line(figure, 1.03, {
        verdict_word(name): Sign(marker, VERDICT_COLOURS[name], "")
        for name, marker in VERDICT_MARKERS.items() if name in verdicts
    })  # fmt: skip
    for place, column in enumerate(columns):
        left, down = LEFT * WIDTH + place * (wide + GUTTER), ABOVE
        for group in column:
            axes = draw_rows(figure, group.beside, down, left, left + wide)
            _draw(axes, group)
            last = group.about_target or group is column[-1]
            axes.tick_params(labelbottom=last)
            axes.spines["bottom"].set_visible(last)
            down += group.tall
    write_line(figure, 0.42 / height, _note(record), size=9.5)
    write_source(figure, source(record))
    return figure


def _columns(groups: Sequence[_Group]) -> list[Sequence[_Group]]:
    """Return groups in two columns of about the same height, in their order; one if there is one only."""
    if len(groups) < 2:
        return [groups]
    cuts = range(1, len(groups))
    best = min(cuts, key=lambda cut: max(sum(g.tall for g in part) for part in (groups[:cut], groups[cut:])))
    return [groups[:best], groups[best:]]


def _title(record: CheapestRoster) -> str:
    if not record.rounds:
        return finding(record)
    if record.plan is None:
        return _("The last roster tested was not certified")
    found = counts(record.neighbours)
    if not found:
        return _("The roster, tested on fresh years")
    if set(found) == {"FAILS"}:
        return _("One person or one shift less, and the target or a service floor fails")
    return _("One person or one shift less, and it no longer clearly holds")


def _note(record: CheapestRoster) -> str:
    level, hidden = percent(record.confidence), record.nearest[MOST:]
    if not record.neighbours:
        return _("bars: {level} % intervals for all tests of the round at once", level=level)
    note = _(
        "bars: {level} % intervals for all {tests} tests at once; each neighbour is held against what it missed most "
        "in the search", level=level, tests=sum(test.plan >= 0 for test in record.last_round),
    )  # fmt: skip
    tests = [test for test in record.last_round if test.plan >= 0]
    notes = [note, *open_ends((test.verdict, test.low, test.high, test.about_mean) for test in tests)]
    if not hidden:
        return BETWEEN.join(notes)
    found = _c("comma", ", ").join(f"{verdict_word(verdict)} {n}" for verdict, n in counts(hidden).items())
    more = _("{number} more neighbours farther from the line: {found}", number=len(hidden), found=found)
    return BETWEEN.join([*notes, more])


def _head(record: CheapestRoster, test: CertificateTest) -> str:
    clock, promised = named("clock", record.target.clock), promise(test)
    if test.requirement != TARGET:
        stage = named("stage", test.requirement)
        title = _("{stage}: served, not given up, at least {promised}", stage=stage, promised=promised)
    elif test.about_mean:
        title = _("mean {clock} [min], at most {promised}", clock=clock, promised=promised)
    else:
        within = plain(record.target.minutes)
        title = _("share within {minutes} min ({clock}), at least {promised}", clock=clock, promised=promised,
                  minutes=within)  # fmt: skip
    return title[:1].upper() + title[1:]


def _group(record: CheapestRoster, tests: Sequence[CertificateTest], wide: float = 0.0, high: float = ROW) -> _Group:
    """Return a group of tests with names so many inches wide, each so many high.

    The plans come first; then their neighbours pool by pool, in the office's order, the one that saves most first.
    """
    plans = [test for plan in (PLAN, EVERYBODY, OWN) for test in tests if test.plan == plan]
    mine = [test for test in record.neighbours if test in tests]
    tests = [*plans, *sorted(mine, key=lambda test: record.pools.index(test.pool))]
    # Who gives up at a desk says whose desk it is.
    several = tests[0].requirement == TARGET or len({test.pool for test in mine}) > 1
    names = Column(
        [_named(record, test, several) for test in tests], wide=wide,
        colours=[GREY if test.plan > 0 else INK for test in tests],
    )  # fmt: skip
    saving = bool(mine) and record.plan is not None
    saves = Column(
        [number(record.cost - test.cost) if saving and test.plan > 0 else "" for test in tests],
        _("saves [yuan]") if saving else "", (GREY,), right=True, wide=SAVES,
    )  # fmt: skip
    # Of floors the same axis for all.
    alike = [test for test in record.last_round if (test.requirement == TARGET) == (tests[0].requirement == TARGET)]
    beside = Rows((names, saves), (), _head(record, tests[0]), high=high, axis=AXIS, size=SIZES[high >= LOOSE])
    return _Group(tests, beside, _ends(tests[0], alike))


def _named(record: CheapestRoster, test: CertificateTest, with_pool: bool) -> str:
    """Return the name of a plan; with the numbers, if it is not one of the neighbours."""
    name = plan_name(record, test, with_pool)
    if test.plan > 0 or not math.isfinite(test.estimate):
        return name
    return f"{name}{_(': ')}{writer(test.about_mean)(test.estimate)}{between(test)}"


def _draw(axes: Axes, group: _Group) -> None:
    """Draw the intervals of a group against what is promised."""
    first, (low, high) = group.tests[0], group.ends
    axes.set_xlim(low, high)
    axes.axvspan(*((low, first.promised) if first.about_mean else (first.promised, high)), color=PALE, lw=0, zorder=0)
    axes.axvline(first.promised, color=INK, lw=1.1, zorder=1.5)
    for place, test in enumerate(group.tests):
        colour = VERDICT_COLOURS[test.verdict]
        if math.isnan(test.estimate):
            axes.annotate(_("cannot finish"), (0.5, place), xycoords=("axes fraction", "data"), ha="center",
                          va="center", size=8.0, color=colour)  # fmt: skip
        draw_interval(axes, place, test.estimate, test.low, test.high, colour, VERDICT_MARKERS[test.verdict])
    axes.xaxis.set_major_locator(MaxNLocator(4 if axes.bbox.width > WIDE * axes.figure.dpi else 2, steps=[1, 2, 5, 10]))
    show = minutes if first.about_mean else given_share
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: show(value)))


def _ends(first: CertificateTest, tests: Sequence[CertificateTest]) -> tuple[float, float]:
    """Return the ends of an axis, on which what is promised can be seen."""
    far = FARTHEST * first.promised if first.about_mean else WORST
    values = [value for test in tests for value in (test.low, test.estimate, test.high) if math.isfinite(value)]
    near = [value for value in values if abs(value - first.promised) <= far]
    low, high = min([*near, first.promised - far / 10]), max([*near, first.promised + far / 10])
    room = 0.06 * (high - low)
    return max(low - room, 0.0), high + room if first.about_mean else min(high + room, 1.0)
