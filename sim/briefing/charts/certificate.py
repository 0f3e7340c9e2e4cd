"""The certificate: the roster and each cheaper neighbour with its interval, against what each was held to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.briefing import staff_sentences as sentences
from sim.briefing.charts.pieces import Sign, fitted, legend_line, write_at
from sim.briefing.charts.style import (
    GREY,
    HEIGHT,
    INK,
    LEFT,
    PALE,
    RIGHT,
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
from sim.briefing.numbers import given_share, minutes, number, percent, plain, writer
from sim.briefing.saved_staff import EVERYBODY, OWN, PLAN, TARGET, CertificateTest, SavedStaff
from sim.briefing.words import Language, named, word

ABOVE, BELOW = 1.42, 0.62
"""Inches: title and legend; notes and source."""
HEAD, ROW, UNDER = 0.3, 0.2, 0.34
"""Inches: above the rows of a requirement; a row; the axis below the last of a column."""
MOST = 40
"""Neighbours shown; of more, those nearest to the line."""
GUTTER, FOREST, SAVES = 0.35, 1.35, 0.6
"""Inches: between the columns; width of the intervals; room for what is saved."""
FARTHEST = 0.3
"""Of what is promised, for minutes: what is farther is beyond the scale."""
WORST = 0.12
"""Below the promised share: likewise."""
SMALLEST = 5.5
"""Points."""
Rows = dict[str, list[CertificateTest]]


def draw_certificate_chart(saved: SavedStaff, folder: Path, language: Language) -> list[Path]:
    """Draw the chart of the certificate into a folder; return the files."""
    with style():
        return save(certificate_chart(saved, language), folder, "certificate")


def certificate_chart(saved: SavedStaff, language: Language) -> Figure:
    """Return the chart of the last round: requirements one below the other, in two columns."""
    rows, hidden = _rows(saved)
    columns = _columns(rows)
    tall = max(sum(_high(rows, name) for name in column) for column in columns)
    height = max(HEIGHT, ABOVE + tall + UNDER + BELOW)
    figure = new_figure(height)
    key = "none" if not saved.rounds else "certificate" if saved.certified else "refused"
    write_title(figure, _title(saved, key, language), sentences.subtitle(saved, language))
    wide = ((RIGHT - LEFT) * WIDTH - GUTTER * (len(columns) - 1)) / len(columns)
    shown = {test.verdict for tests in rows.values() for test in tests}
    signs = {word(name, language): Sign(VERDICT_MARKERS[name], VERDICT_COLOURS[name], "")
             for name in VERDICT_MARKERS if name in shown}  # fmt: skip
    legend_line(figure, 1.03, signs)
    if saved.neighbours and saved.plan is not None:
        for number_ in range(len(columns)):
            right = LEFT * WIDTH + number_ * (wide + GUTTER) + wide - FOREST - 0.12
            write_at(figure, right, 1.34, word("staffing saves", language), size=8.5, color=GREY, ha="right",
                     va="center")  # fmt: skip
    for place, column in enumerate(columns):
        left, down = LEFT * WIDTH + place * (wide + GUTTER), ABOVE
        for name in column:
            # The floors have one axis below the last of them, the target has its own.
            last = name in (column[-1], TARGET)
            _group(figure, saved, rows[name], left, down, wide, last, language)
            down += _high(rows, name)
    note = word("staffing certificate note", language, level=percent(saved.confidence),
                tests=sum(test.plan >= 0 for test in saved.last_round))  # fmt: skip
    if not saved.neighbours:
        note = word("staffing tests note", language, level=percent(saved.confidence))
    if hidden:
        found = word("comma", language).join(f"{word(v, language)} {n}" for v, n in sentences.counts(hidden).items())
        note = sentences.BETWEEN.join([note, word("staffing left out", language, number=len(hidden), found=found)])
    write_line(figure, 0.42 / height, note, size=9.5)
    write_source(figure, sentences.source(saved, language))
    return figure


def _title(saved: SavedStaff, key: str, language: Language) -> str:
    if key == "none":
        return sentences.finding(saved, language)
    if key == "refused":
        return word("staffing title refused", language)
    found = sentences.counts(saved.neighbours)
    if not found:
        return word("staffing title certificate alone", language)
    all_fail = set(found) == {"FAILS"}
    return word("staffing title certificate fail" if all_fail else "staffing title certificate", language)


def _rows(saved: SavedStaff) -> tuple[Rows, list[CertificateTest]]:
    """Return the tests by requirement, the plan itself first, and the neighbours that are not shown."""
    neighbours = saved.neighbours
    hidden: list[CertificateTest] = []
    if len(neighbours) > MOST:
        # What holds or is near says more than what fails by far.
        nearest = sorted(neighbours, key=lambda test: (test.verdict == "FAILS", test.off))
        hidden = nearest[MOST:]
        neighbours = [test for test in neighbours if test not in hidden]
    rows: Rows = {}
    for name in saved.requirements:
        of_plans = [test for plan in (PLAN, EVERYBODY, OWN) for test in saved.of(plan) if test.requirement == name]
        mine = [test for test in neighbours if test.requirement == name]
        # Pool by pool, in the office's order; within each the one that saves most first.
        tests = of_plans + sorted(mine, key=lambda test: saved.pools.index(test.pool))
        if tests:
            rows[name] = tests
    return rows, hidden


def _high(rows: Rows, name: str) -> float:
    """Return what the rows of a requirement take, with their head and, of the target, its axis [in]."""
    return HEAD + ROW * len(rows[name]) + (UNDER if name == TARGET else 0.0)


def _columns(rows: Rows) -> list[list[str]]:
    """Return the requirements in two columns of about the same height, in their order; one if there is one only."""
    names = list(rows)
    high = {name: _high(rows, name) for name in names}
    cuts = range(1, len(names))
    if not cuts:
        return [names]
    best = min(cuts, key=lambda cut: max(sum(high[name] for name in part) for part in (names[:cut], names[cut:])))
    return [names[:best], names[best:]]


def _group(
    figure: Figure,
    saved: SavedStaff,
    tests: Sequence[CertificateTest],
    left: float,
    down: float,
    wide: float,
    last: bool,
    language: Language,
) -> None:
    """Draw the tests of one requirement: label, what is saved, and interval of each."""
    height = figure.get_figheight()
    head = write_at(figure, left, down + 0.17, _head(saved, tests[0], language), size=9.5, weight="bold", va="center",
                    color=INK)  # fmt: skip
    fitted(figure, head, wide)
    room = wide - FOREST - SAVES - 0.25
    several = len({test.pool for test in tests if test.plan > 0}) > 1
    texts = [_named(saved, test, several, language) for test in tests]
    written = [
        write_at(figure, left + 0.1, down + HEAD + (place + 0.5) * ROW, text, size=8.0, va="center",
                 color=GREY if test.plan > 0 else INK)
        for place, (test, text) in enumerate(zip(tests, texts, strict=True))
    ]  # fmt: skip
    # All of a group in the size that the longest needs, but for one that would make the others unreadable.
    size = max(min(fitted(figure, text, room, SMALLEST) for text in written), 7.0)
    for text in written:
        text.set_fontsize(size)
        fitted(figure, text, room, SMALLEST)
    for place, test in enumerate(tests):
        if test.plan > 0 and math.isfinite(saved.cost):
            y = down + HEAD + (place + 0.5) * ROW
            write_at(figure, left + wide - FOREST - 0.12, y, number(saved.cost - test.cost), size=8.5, color=GREY,
                     ha="right", va="center")  # fmt: skip
    rows = ROW * len(tests)
    box = ((left + wide - FOREST) / WIDTH, 1 - (down + HEAD + rows) / height, FOREST / WIDTH, rows / height)
    _forest(figure.add_axes(box), tests, _ends(saved, tests), last, language)


def _named(saved: SavedStaff, test: CertificateTest, with_pool: bool, language: Language) -> str:
    """Return the name of a plan; with the numbers, if it is not one of the neighbours."""
    name = sentences.plan_name(saved, test, with_pool, language)
    if test.plan > 0 or not math.isfinite(test.estimate):
        return name
    show = writer(test.about_mean, language)
    said = show(test.estimate)
    if test.low < test.high:
        said = word("difference and ends", language, difference=said, low=show(test.low), high=show(test.high))
    return f"{name}{word('colon', language)}{said}"


def _head(saved: SavedStaff, test: CertificateTest, language: Language) -> str:
    promised = plain(test.promised) if test.about_mean else given_share(test.promised, language)
    if test.requirement != TARGET:
        stage = named("stage", test.requirement, language)
        stage = stage[:1].upper() + stage[1:]
        return word("staffing certificate floor", language, stage=stage, promised=promised)
    key = "staffing certificate mean" if test.about_mean else "staffing certificate share"
    clock = named("clock", saved.target["clock"], language)
    said = word(key, language, clock=clock, promised=promised, minutes=plain(saved.target["minutes"]))
    return said[:1].upper() + said[1:]


def _ends(saved: SavedStaff, tests: Sequence[CertificateTest]) -> tuple[float, float]:
    """Return the ends of the axis: of floors the same for all."""
    first = tests[0]
    alike = [test for test in saved.last_round if (test.requirement == TARGET) == (first.requirement == TARGET)]
    far = FARTHEST * first.promised if first.about_mean else WORST
    values = [value for test in alike for value in (test.low, test.estimate, test.high) if math.isfinite(value)]
    near = [value for value in values if abs(value - first.promised) <= far]
    low, high = min([*near, first.promised - far / 10]), max([*near, first.promised + far / 10])
    room = 0.06 * (high - low)
    return max(low - room, 0.0), high + room if first.about_mean else min(high + room, 1.0)


def _forest(
    axes: Axes, tests: Sequence[CertificateTest], ends: tuple[float, float], last: bool, language: Language
) -> None:
    """Draw the intervals of some tests against what is promised."""
    first = tests[0]
    low, high = ends
    axes.set_xlim(low, high)
    axes.set_ylim(len(tests) - 0.5, -0.5)
    keeps = (low, first.promised) if first.about_mean else (first.promised, high)
    axes.axvspan(*keeps, color=PALE, lw=0, zorder=0)
    axes.axvline(first.promised, color=INK, lw=1.1, zorder=1.5)
    for place, test in enumerate(tests):
        colour = VERDICT_COLOURS[test.verdict]
        if math.isnan(test.estimate):
            axes.annotate(word("cannot finish", language), (0.5, place), xycoords=("axes fraction", "data"),
                          ha="center", va="center", size=8.0, color=colour)  # fmt: skip
            continue
        if test.low < test.high:
            line = [min(max(end, low), high) for end in (test.low, test.high)]
            axes.plot(line, [place] * 2, color=colour, lw=2.2, alpha=0.5, solid_capstyle="butt", zorder=2)
        at = min(max(test.estimate, low), high)
        beyond = {low: "<", high: ">"}.get(at) if at != test.estimate else None
        axes.plot([at], [place], marker=beyond or VERDICT_MARKERS[test.verdict], color=colour, ms=6.0, mec="white",
                  mew=0.6, zorder=3, clip_on=False)  # fmt: skip
    bare(axes, "x")
    axes.set_yticks([])
    axes.tick_params(labelsize=8.5, pad=2, labelbottom=last)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    if first.about_mean:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: minutes(value)))
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: given_share(value, language)))
    axes.spines["bottom"].set_visible(last)
