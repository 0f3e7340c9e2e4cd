"""What is shown of a sweep: readable in both languages whatever is swept, and true to the verdicts."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from helpers import in_turn, said_in
from made_up import (
    CREW,
    DEMAND,
    MEAN,
    RATE,
    REVIEWERS,
    SHARE,
    grid,
    made_sweep,
    spread_points,
)
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from readable import assert_readable, shown_texts

from sim.present.charts.pieces import GROUNDS, spread, wrapped
from sim.present.charts.style import new_figure, style
from sim.present.numbers import in_cell, plain_levels
from sim.results.codec import columns_of, read_record, write_record
from sim.studies.sweep import show
from sim.studies.sweep.charts import charts, heat_map, lines_chart, points_along, points_map
from sim.studies.sweep.charts.estimates import scale_of
from sim.studies.sweep.charts.frame import ON_GROUND, VERDICTS
from sim.studies.sweep.records import JudgedPoint, SweepVerdicts

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")


def with_levels(factor, *labels, name=""):
    return replace(factor, labels=labels, name=name or factor.name)


FIFTEEN = with_levels(DEMAND, *range(30_000, 60_000, 2_000))
FORTY = with_levels(DEMAND, *range(30_000, 70_000, 1_000))
FEW = with_levels(REVIEWERS, -1, 0, 1)
RATES = with_levels(RATE, 0.05, 0.1, 0.2)
LONG = with_levels(
    CREW,
    {"en": "reviewers and counter clerks in turn, by the week", "zh": "大厅审核员与窗口人员每周轮换值班"},
    {"en": "nobody at all", "zh": "完全无人值班的安排"},
)
YES_NO = with_levels(CREW, False, True, name="post")
GRIDS = {
    "nine by five": [DEMAND, REVIEWERS],
    "twenty by fifteen": [RATE, FIFTEEN],
    "forty by three": [FORTY, FEW],
    "texts across": [CREW, DEMAND],
    "texts up": [DEMAND, CREW],
    "long texts": [LONG, FEW],
    "long texts up": [FEW, LONG],
    "yes and no": [YES_NO, FEW],
    "three panels": [DEMAND, REVIEWERS, CREW],
    "nine combinations": [DEMAND, FEW, CREW, RATES],
}


def texts_of(chart, record):
    with style():
        return [text for text, _ in shown_texts(chart(record))]


def assert_readable_in(language, chart, record):
    """Raise an error unless a chart can be read, and has no factor's name in the other language."""
    figure, other = said_in(language, chart, record), "zh" if language == "en" else "en"
    assert_readable(figure)
    names = [factor.title[other] for factor in record.factors]
    assert not [text for text, _ in shown_texts(figure) if any(name in text for name in names)]


# Readable


@pytest.mark.parametrize(("name", "language"), in_turn(GRIDS))
def test_charts_of_tables_are_readable(name, language):
    record, other = made_sweep(GRIDS[name]), "zh" if language == "en" else "en"
    with style():
        assert_readable_in(language, heat_map, record)
        assert_readable_in(other, lines_chart, record)


@pytest.mark.parametrize("factors", [[DEMAND], [CREW], [with_levels(DEMAND, 40_200)]])
def test_the_line_of_a_single_factor_is_readable(factors):
    with style():
        assert_readable(lines_chart(made_sweep(factors)))


@pytest.mark.parametrize(
    ("factors", "target", "language"),
    [([DEMAND, RATE], MEAN, "en"), ([CREW, RATE], SHARE, "zh"), ([RATE, CREW, DEMAND], MEAN, "zh")],
    ids=["2", "texts", "3"],
)
def test_points_are_readable(factors, target, language):
    record = made_sweep(factors, spread_points(factors, 40, target), target, design="space-filling")
    assert record.scattered
    with style():
        assert_readable_in(language, points_map, record)
        assert_readable_in(language, points_along, record)


@pytest.mark.parametrize(
    ("minutes", "target"), [(math.inf, MEAN), (61_000.0, MEAN), (0.31, MEAN), (math.inf, SHARE), (4.9999, SHARE)]
)
def test_extremes_are_readable(minutes, target):
    factors = [DEMAND, REVIEWERS]
    record = made_sweep(factors, grid(factors, target, lambda at: minutes), target)
    with style():
        assert_readable(heat_map(record))
        assert_readable(said_in("zh", lines_chart, record))


@pytest.mark.parametrize("target", [MEAN, SHARE], ids=["mean", "share"])
def test_an_office_that_cannot_finish_and_missing_intervals_are_readable(target):
    points, none = grid([DEMAND, REVIEWERS], target), {"low": math.nan, "high": math.nan}
    for place in range(0, len(points), 7):
        points[place] = replace(points[place], verdict="FAILS", estimate=math.nan, why="9 left", **none)
    for place in range(1, len(points), 7):
        points[place] = replace(points[place], verdict="UNDECIDED", **none)
    record = made_sweep([DEMAND, REVIEWERS], points, target)
    with style():
        assert_readable(heat_map(record))
        assert_readable(lines_chart(record))
    assert "office cannot finish" in " ".join(texts_of(heat_map, record))


# True to the verdicts


def test_every_cell_has_its_number_and_the_ground_of_its_verdict():
    record = made_sweep([DEMAND, REVIEWERS])
    with style():
        figure = heat_map(record)
        texts = [text for text, _ in shown_texts(figure)]
    written = [in_cell(point.estimate, True) for point in record.points]
    assert all(texts.count(text) >= written.count(text) for text in written)
    (axes,) = figure.axes
    colours = axes.collections[0].get_facecolors().reshape(5, 9, 4)[..., :3]
    for point in record.points:
        row, column = REVIEWERS.labels.index(point.at["reviewers"]), DEMAND.labels.index(point.at["demand"])
        assert np.allclose(colours[row, column], to_rgb(ON_GROUND[point.verdict].ground), atol=1e-6)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["−1", "0", "+1", "+2", "+3"]


def test_verdicts_are_told_apart_without_colour():
    lightness = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in map(to_rgb, GROUNDS)]
    assert min(np.diff(lightness)) > 0.05
    assert len({sign.marker for sign in ON_GROUND.values()}) == len(VERDICTS) == 4


def test_the_line_around_the_cells_that_hold():
    record = made_sweep([DEMAND, REVIEWERS])
    with style():
        (axes,) = heat_map(record).axes
    sides = {tuple(map(tuple, path.vertices.tolist())) for path in axes.collections[1].get_paths()}
    verdict = {(point.at["demand"], point.at["reviewers"]): point.verdict for point in record.points}
    expected = set()
    for (i, demand), (j, reviewers) in itertools.product(enumerate(DEMAND.labels), enumerate(REVIEWERS.labels)):
        holds = verdict[demand, reviewers] == "HOLDS"
        if i and holds != (verdict[DEMAND.labels[i - 1], reviewers] == "HOLDS"):
            expected.add(((i, j), (i, j + 1)))
        if j and holds != (verdict[demand, reviewers - 1] == "HOLDS"):
            expected.add(((i, j), (i + 1, j)))
    assert sides == expected
    assert expected


def test_the_title_counts_the_verdicts():
    points = grid([DEMAND, REVIEWERS])
    points[0], points[1] = replace(points[0], verdict="TOO CLOSE"), replace(points[1], verdict="UNDECIDED")
    record = made_sweep([DEMAND, REVIEWERS], points)
    assert sum(record.counts.values()) == 45
    assert show.finding(record) == (
        f"The target holds in {record.counts['HOLDS']} of 45 design points, fails in {record.counts['FAILS']}, "
        f"is too close to call in {record.counts['TOO CLOSE']}, is undecided in {record.counts['UNDECIDED']}"
    )
    texts = texts_of(heat_map, record)
    assert {show.finding(record), show.subtitle(record), "TOO CLOSE (within 0.05 min of the target)"} <= set(texts)


@pytest.mark.parametrize(
    ("factors", "holds", "title"),
    [
        ([DEMAND], lambda at: at["demand"] < 41_000, "The target holds for registrations a year up to 40,200"),
        ([REVIEWERS], lambda at: at["reviewers"] > 0, "The target holds for reviewers more or fewer from +1 on"),
        ([DEMAND, FEW], lambda at: at["demand"] < 43_000 + at["reviewers"] * 3_000,
         "Registrations a year at which the target holds: up to 39,000 (reviewers more or fewer: −1), "
         "up to 45,000 (+1)"),
        ([DEMAND, FEW], lambda at: at["reviewers"] == 1 or (at["reviewers"] == 0 and at["demand"] < 41_000),
         "Registrations a year at which the target holds: none (reviewers more or fewer: −1), all (+1)"),
        ([DEMAND, FEW], lambda at: at["demand"] < 41_000, "The target holds for registrations a year up to 40,200"),
        ([DEMAND], lambda at: at["demand"] != 42_000, "The target holds in 8 of 9 design points, fails in 1"),
        ([DEMAND, FEW], lambda at: True, "The target holds in all 27 design points"),
        ([DEMAND, FEW], lambda at: False, "The target fails in all 27 design points"),
        ([CREW], lambda at: at["crew"] == "nobody", "The target holds in 1 of 3 design points, fails in 2"),
        ([DEMAND, FEW, CREW], lambda at: at["demand"] < 41_000,
         "The target holds in 27 of 81 design points, fails in 54"),
    ],
)  # fmt: skip
def test_the_title_of_the_lines_says_how_far_the_target_holds(factors, holds, title):
    record = made_sweep(factors, grid(factors, minutes=lambda at: 4.5 if holds(at) else 6.0))
    assert show.where_it_holds(record) == title
    assert title in texts_of(lines_chart, record)


@pytest.mark.parametrize("factors", [[DEMAND, CREW], [DEMAND, CREW, FEW]], ids=["at its end", "in a legend"])
def test_a_line_has_the_colour_of_its_level(factors):
    minutes = {"nobody": 5.5, "reviewers only": 6.5, "reviewers and clerks": 4.5}
    with style():
        figure = lines_chart(made_sweep(factors, grid(factors, minutes=lambda at: minutes[at["crew"]])))
    named = [(text, text.arrow_patch.get_edgecolor()) for text in figure.axes[0].texts if text.arrow_patch]
    for legend in figure.legends:
        named += [(text, line.get_color()) for text, line in zip(legend.texts, legend.legend_handles, strict=True)]
    drawn = {to_rgb(line.get_color()): line.get_ydata()[0] for axes in figure.axes for line in axes.lines
             if len(line.get_xdata()) == len(DEMAND.labels)}  # fmt: skip
    named = {" ".join(text.get_text().split()): to_rgb(colour) for text, colour in named}
    assert {name: drawn[named[name]] for name in minutes} == minutes


def test_more_panels_than_there_is_room_for_are_noted():
    record = made_sweep(GRIDS["nine combinations"])
    for chart in (heat_map, lines_chart):
        with style():
            figure = chart(record)
        assert len(figure.axes) == 6
        assert "6 of 9 combinations of the other factors shown" in " ".join(text for text, _ in shown_texts(figure))


def test_cells_that_are_not_in_the_sweep_are_blank():
    points = grid([DEMAND, REVIEWERS])
    record = made_sweep([DEMAND, REVIEWERS], points[::2], design="list")
    assert not record.scattered
    assert "blank: not in the sweep" in " ".join(texts_of(heat_map, record))
    assert made_sweep([DEMAND, REVIEWERS], points[::4], design="list").scattered


def test_a_line_that_leaves_the_scale_is_marked_where_it_does():
    minutes = {36_000: 4.5, 39_000: 5.0, 40_200: 80.0}
    factors = [with_levels(DEMAND, *minutes)]
    record = made_sweep(factors, grid(factors, minutes=lambda at: minutes[at["demand"]]))
    scale = scale_of(record, record.points)
    assert (scale.high, scale.logarithmic) == (20.0, True)
    with style():
        (axes,) = lines_chart(record).axes
    (mark,) = [line for line in axes.lines if line.get_marker() == "^"]
    # Half of the way from 5 to 80 on a logarithmic axis.
    assert mark.get_xydata() == pytest.approx(np.array([[39_600, 20]]))


@pytest.mark.parametrize(
    ("factors", "design", "names"),
    [([FEW, RATES], "grid", ["heat_map", "lines"]), ([DEMAND], "space-filling", ["lines"])],
)
def test_which_charts_there_are(factors, design, names):
    assert [chart.name for chart in charts(made_sweep(factors, design=design))] == names


# The record


def test_levels_are_found_and_read_again_whatever_they_are(tmp_path):
    mixed = with_levels(CREW, 1, 2.5, "many", name="mixed")
    record = made_sweep([YES_NO, FEW, CREW, mixed])
    write_record(record, tmp_path)
    assert read_record(SweepVerdicts, tmp_path) == record
    first = columns_of(JudgedPoint, record.points).to_pylist()[0]
    assert list(first)[:6] == ["point", "post", "reviewers", "crew", "mixed", "verdict"]
    assert list(first.values())[1:5] == ["False", -1.0, "nobody", "1"]
    assert said_in("zh", lambda: YES_NO.levels) == ["否", "是"]
    last = record.points[-1]
    assert [said_in("zh", show.in_words, record, name, last) for name in ("post", "reviewers", "crew", "verdict")] == [
        "是", None, "审核员和窗口人员", None,
    ]  # fmt: skip
    assert show.heading(record, "reviewers") == "reviewers more or fewer [persons]"
    assert show.heading(record, "verdict") is None


# Pieces


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([36_000, 40_200], ["36,000", "40,200"]), ([2023, 2028], ["2023", "2028"]), ([0.05, 0.1], ["0.05", "0.10"]),
        ([-1, 0, 1], ["−1", "0", "+1"]), ([1, 1.5], ["1.0", "1.5"]), ([1_234_567.0], ["1,234,567"]),
    ],
)  # fmt: skip
def test_levels_are_alike(values, expected):
    assert plain_levels(values) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(4.994, "4.99"), (12.345, "12.3"), (1240, "1,240"), (10_500, ">9,999"), (math.inf, "∞"), (math.nan, "–")],
)
def test_numbers_of_cells_are_short(value, expected):
    assert in_cell(value, True) == expected


def test_shares_in_cells():
    assert [in_cell(share, False) for share in (0.624, 1.0, 0.99999, 0.0)] == ["62.4", "100", ">99.9", "0"]


def test_labels_are_spread():
    assert spread([0.5], [0.1], 0, 1) == [0.5]
    assert spread([0.5, 0.5], [0.2, 0.2], 0, 1) == pytest.approx([0.4, 0.6])
    assert spread([0.0, 0.02, 0.9], [0.2, 0.2, 0.2], 0, 1) == pytest.approx([0.1, 0.3, 0.9])
    assert spread([1.0, 1.0, 1.0], [0.3, 0.3, 0.3], 0, 1) == pytest.approx([0.25, 0.55, 0.85])
    assert spread([], [], 0, 1) == []
    assert spread([0.5] * 4, [0.3] * 4, 0, 1) is None
    random = np.random.default_rng(1)
    for _ in range(200):
        sizes = random.uniform(0.01, 0.2, 4)
        places = spread(sorted(random.random(4)), sizes, 0, 1)
        gaps = np.diff(places) - (sizes[1:] + sizes[:-1]) / 2
        assert gaps.min() > -1e-9
        assert places[0] - sizes[0] / 2 > -1e-9
        assert places[-1] + sizes[-1] / 2 < 1 + 1e-9


def test_long_labels_are_wrapped():
    figure = new_figure()
    with style():
        assert wrapped(figure, "reviewers and clerks", 0.9, 10) == "reviewers\nand clerks"
        assert wrapped(figure, "审核员和窗口人员", 0.62, 10) == "审核员和\n窗口人员"
        assert wrapped(figure, "one two three four five six", 0.35, 10, lines=2).endswith("…")
        assert wrapped(figure, "short", 5, 10) == "short"


@pytest.mark.parametrize("target", [MEAN, SHARE], ids=["mean", "share"])
def test_intervals_without_an_end_reach_the_edge_and_are_explained_in_a_quick_sweep_alone(target):
    record = made_sweep([DEMAND], target=target)
    fails = next(number for number, point in enumerate(record.points) if point.verdict == "FAILS")
    end = {"high": math.inf} if target is MEAN else {"low": 0.0}
    points = [replace(point, **end) if number == fails else point for number, point in enumerate(record.points)]
    note = "up to the edge: shown to fail early, with no end on that side"
    for quick, told in ((True, True), (False, False)):
        ended = replace(record, points=tuple(points), quick=quick)
        figures = [lines_chart(ended), points_along(ended)]
        assert [any(note in each.get_text() for each in figure.findobj(Text)) for figure in figures] == [told, told]
        assert ("no end on the other side" in str(show.report(ended))) == told
    # What has no end is no part of the scale, so that the others can still be seen.
    assert scale_of(ended, points).low == pytest.approx(scale_of(record, record.points).low, rel=0.1)
