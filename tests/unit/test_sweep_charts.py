"""Charts of sweeps: readable in both languages whatever is swept, and true to the verdicts in the folder."""

import itertools
import json
import math
import re

import numpy as np
import pyarrow.parquet as pq
import pytest
from experiment_folders import (
    CREW,
    DEMAND,
    MEAN,
    RATE,
    REVIEWERS,
    SHARE,
    minutes_at,
    space_filling,
    sweep_rows,
    write_sweep,
)
from matplotlib.colors import to_rgb
from readable import assert_readable, shown_texts

from sim.briefing import sweep_sentences
from sim.briefing.charts.estimates import scale_of
from sim.briefing.charts.heat_map import heat_map
from sim.briefing.charts.panels import ON_GROUND, VERDICTS
from sim.briefing.charts.pieces import GROUNDS, spread, wrapped
from sim.briefing.charts.style import new_figure, style
from sim.briefing.charts.sweep import draw_sweep_charts
from sim.briefing.charts.sweep_lines import sweep_lines
from sim.briefing.charts.sweep_points import points_along, points_map
from sim.briefing.numbers import in_cell, plain_levels
from sim.briefing.saved import SavedError
from sim.briefing.saved_sweep import read_sweep

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

FIFTEEN = {**DEMAND, "labels": [30_000 + 2_000 * step for step in range(15)]}
FORTY = {**DEMAND, "labels": [30_000 + 1_000 * step for step in range(40)]}
FEW = {**REVIEWERS, "labels": [-1, 0, 1]}
RATES = {**RATE, "labels": [0.05, 0.1, 0.2]}
LONG = {
    **CREW,
    "labels": [
        {"en": "reviewers and counter clerks in turn, by the week", "zh": "大厅审核员与窗口人员每周轮换值班"},
        {"en": "nobody at all", "zh": "完全无人值班的安排"},
    ],
}
YES_NO = {**CREW, "name": "post", "labels": [False, True]}
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
IN_CHINESE = ("nine by five", "long texts", "long texts up", "three panels")


def sweep(tmp_path, factors, rows=None, target=MEAN, **facts):
    return read_sweep(write_sweep(tmp_path / "sweep", factors, rows, target, **facts))


def grid(factors, minutes=minutes_at, target=MEAN):
    places = itertools.product(*(range(len(factor["labels"])) for factor in factors))
    return sweep_rows(factors, places, target, minutes)


def texts_of(chart, saved, language="en"):
    with style():
        return [text for text, _ in shown_texts(chart(saved, language))]


# Readable


@pytest.mark.parametrize(
    ("name", "language"), [*((name, "en") for name in GRIDS), *((name, "zh") for name in IN_CHINESE)]
)
@pytest.mark.parametrize("chart", [heat_map, sweep_lines])
def test_charts_of_tables_are_readable(chart, name, language, tmp_path):
    with style():
        assert_readable(chart(sweep(tmp_path, GRIDS[name]), language))


@pytest.mark.parametrize("factors", [[DEMAND], [CREW], [{**DEMAND, "labels": [40_200]}]])
def test_the_line_of_a_single_factor_is_readable(factors, tmp_path):
    with style():
        assert_readable(sweep_lines(sweep(tmp_path, factors), "en"))


@pytest.mark.parametrize(("target", "language"), [(MEAN, "en"), (SHARE, "zh")], ids=["mean", "share"])
@pytest.mark.parametrize("factors", [[DEMAND, RATE], [CREW, RATE], [RATE, CREW, DEMAND]], ids=["2", "texts", "3"])
def test_points_are_readable(factors, target, language, tmp_path):
    saved = sweep(tmp_path, factors, space_filling(factors, 40, target), target, design="space-filling")
    assert saved.scattered
    with style():
        assert_readable(points_map(saved, language))
        assert_readable(points_along(saved, language))


def infinite(at):
    return math.inf


def far_away(at):
    return 25_000.0 + at["demand"]


def far_below(at):
    return 0.31


def hardly_any(at):
    return 4.9999


@pytest.mark.parametrize("minutes", [infinite, far_away, far_below, hardly_any])
@pytest.mark.parametrize("target", [MEAN, SHARE], ids=["mean", "share"])
def test_extremes_are_readable(minutes, target, tmp_path):
    factors = [DEMAND, REVIEWERS]
    saved = sweep(tmp_path, factors, grid(factors, minutes, target), target)
    with style():
        assert_readable(heat_map(saved, "en"))
        assert_readable(sweep_lines(saved, "zh"))


@pytest.mark.parametrize("target", [MEAN, SHARE], ids=["mean", "share"])
def test_an_office_that_cannot_finish_and_missing_intervals_are_readable(target, tmp_path):
    rows = grid([DEMAND, REVIEWERS], target=target)
    for row in rows[::7]:
        row.update(verdict="FAILS", estimate=math.nan, low=math.nan, high=math.nan, p_value=math.nan, why="9 left")
    for row in rows[1::7]:
        row.update(verdict="UNDECIDED", low=math.nan, high=math.nan)
    saved = sweep(tmp_path, [DEMAND, REVIEWERS], rows, target)
    assert saved.cells[0].why == "9 left"
    with style():
        for chart in (heat_map, sweep_lines):
            assert_readable(chart(saved, "en"))
    assert "office cannot finish" in " ".join(texts_of(heat_map, saved))


# True to the folder


def test_every_cell_has_its_number_and_the_ground_of_its_verdict(tmp_path):
    saved = sweep(tmp_path, [DEMAND, REVIEWERS])
    with style():
        figure = heat_map(saved, "en")
        texts = [text for text, _ in shown_texts(figure)]
    written = [in_cell(cell.estimate, True) for cell in saved.cells]
    assert all(texts.count(text) >= written.count(text) for text in written)
    (axes,) = figure.axes
    mesh = axes.collections[0]
    colours = mesh.get_facecolors().reshape(5, 9, 4)[..., :3]
    for cell in saved.cells:
        row, column = [-1, 0, 1, 2, 3].index(cell.at["reviewers"]), DEMAND["labels"].index(cell.at["demand"])
        assert np.allclose(colours[row, column], to_rgb(ON_GROUND[cell.verdict].ground), atol=1e-6)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["−1", "0", "+1", "+2", "+3"]


def test_verdicts_are_told_apart_without_colour():
    lightness = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in map(to_rgb, GROUNDS)]
    assert min(np.diff(lightness)) > 0.05
    assert len({sign.marker for sign in ON_GROUND.values()}) == len(VERDICTS) == 4


def test_the_line_around_the_cells_that_hold(tmp_path):
    saved = sweep(tmp_path, [DEMAND, REVIEWERS])
    with style():
        (axes,) = heat_map(saved, "en").axes
    sides = {tuple(map(tuple, path.vertices.tolist())) for path in axes.collections[1].get_paths()}
    verdict = {(cell.at["demand"], cell.at["reviewers"]): cell.verdict for cell in saved.cells}
    expected = set()
    for (i, demand), (j, reviewers) in itertools.product(enumerate(DEMAND["labels"]), enumerate(REVIEWERS["labels"])):
        holds = verdict[demand, reviewers] == "HOLDS"
        if i and holds != (verdict[DEMAND["labels"][i - 1], reviewers] == "HOLDS"):
            expected.add(((i, j), (i, j + 1)))
        if j and holds != (verdict[demand, reviewers - 1] == "HOLDS"):
            expected.add(((i, j), (i + 1, j)))
    assert sides == expected
    assert expected


def test_the_title_counts_the_verdicts(tmp_path):
    rows = grid([DEMAND, REVIEWERS])
    rows[0]["verdict"], rows[1]["verdict"] = "TOO CLOSE", "UNDECIDED"
    saved = sweep(tmp_path, [DEMAND, REVIEWERS], rows)
    count = {verdict: [row["verdict"] for row in rows].count(verdict) for verdict in VERDICTS}
    assert sum(count.values()) == 45
    title = (
        f"The target holds in {count['HOLDS']} of 45 cells, fails in {count['FAILS']}, "
        f"is too close to call in {count['TOO CLOSE']}, is undecided in {count['UNDECIDED']}"
    )
    texts = texts_of(heat_map, saved)
    assert title in texts
    assert "TOO CLOSE (within 0.05 min of the target)" in texts
    smallest, largest = min(row["replications"] for row in rows), max(row["replications"] for row in rows)
    subtitle = (
        "Demand by reviewers · mean licence time ≤ 5 min · chance of any wrong verdict ≤ 5 % · "
        f"{smallest:,}–{largest:,} replications a cell"
    )
    assert subtitle in texts


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
        ([DEMAND], lambda at: at["demand"] != 42_000, "The target holds in 8 of 9 cells, fails in 1"),
        ([DEMAND, FEW], lambda at: True, "The target holds in all 27 cells"),
        ([DEMAND, FEW], lambda at: False, "The target fails in all 27 cells"),
        ([CREW], lambda at: at["crew"] == "nobody", "The target holds in 1 of 3 cells, fails in 2"),
        ([DEMAND, FEW, CREW], lambda at: at["demand"] < 41_000, "The target holds in 27 of 81 cells, fails in 54"),
    ],
)  # fmt: skip
def test_the_title_of_the_lines_says_how_far_the_target_holds(factors, holds, title, tmp_path):
    saved = sweep(tmp_path, factors, grid(factors, lambda at: 4.5 if holds(at) else 6.0))
    assert sweep_sentences.limits(saved, saved.factor("lines"), "en") == title


def test_the_lines_have_that_title(tmp_path):
    assert "The target holds for registrations a year up to 42,000" in texts_of(sweep_lines, sweep(tmp_path, [DEMAND]))


def test_more_panels_than_there_is_room_for_are_noted(tmp_path):
    saved = sweep(tmp_path, GRIDS["nine combinations"])
    for chart in (heat_map, sweep_lines):
        with style():
            figure = chart(saved, "en")
        assert len(figure.axes) == 6
        assert "6 of 9 combinations of the other factors shown" in " ".join(text for text, _ in shown_texts(figure))


def test_cells_that_are_not_in_the_sweep_are_blank(tmp_path):
    rows = grid([DEMAND, REVIEWERS])
    saved = sweep(tmp_path, [DEMAND, REVIEWERS], rows[::2], design="list")
    assert not saved.scattered
    assert "blank: not in the sweep" in " ".join(texts_of(heat_map, saved))
    assert sweep(tmp_path, [DEMAND, REVIEWERS], rows[::4], design="list").scattered


def test_the_sweep_says_which_factors_its_charts_show(tmp_path):
    factors = [DEMAND, REVIEWERS, CREW]
    saved = sweep(tmp_path, factors, chart={"x": "reviewers", "rows": "crew", "lines": "crew"})
    assert [factor.name for factor in (saved.x, saved.factor("rows"), saved.factor("lines"))] == [
        "reviewers", "crew", "crew",
    ]  # fmt: skip
    assert [factor.name for factor in saved.others(saved.x, saved.factor("rows"))] == ["demand"]
    plain = sweep(tmp_path, factors)
    assert (plain.x.name, plain.factor("rows").name) == ("demand", "reviewers")
    across = sweep(tmp_path, factors, chart={"x": "reviewers"})
    assert across.factor("rows").name == "demand"


def test_a_line_that_leaves_the_scale_is_marked_where_it_does(tmp_path):
    minutes = {36_000: 4.5, 39_000: 5.0, 40_200: 80.0}
    factors = [{**DEMAND, "labels": list(minutes)}]
    saved = sweep(tmp_path, factors, grid(factors, lambda at: minutes[at["demand"]]))
    scale = scale_of(saved, saved.cells)
    assert (scale.high, scale.logarithmic) == (20.0, True)
    with style():
        (axes,) = sweep_lines(saved, "en").axes
    (mark,) = [line for line in axes.lines if line.get_marker() == "^"]
    # Half of the way from 5 to 80 on a logarithmic axis.
    assert mark.get_xydata() == pytest.approx(np.array([[39_600, 20]]))


def test_charts_are_written_and_the_same_each_time(tmp_path):
    for number, factors, design, names in (
        (1, [FEW, RATES], "grid", ["heat_map", "lines"]),
        (2, [DEMAND], "space-filling", ["lines"]),
    ):
        rows = space_filling(factors, 12) if design == "space-filling" else None
        saved = sweep(tmp_path, factors, rows, design=design)
        folders = [tmp_path / f"{number}{letter}" for letter in "ab"]
        for folder in folders:
            folder.mkdir()
            written = draw_sweep_charts(saved, folder, "zh")
            assert sorted(file.name for file in written) == sorted(file.name for file in folder.iterdir())
            assert {file.name for file in written} == {f"{name}.{kind}" for name in names for kind in ("png", "svg")}
        for file in folders[0].iterdir():
            assert file.read_bytes() == (folders[1] / file.name).read_bytes()


# Reading


def test_levels_are_found_however_the_table_writes_them(tmp_path):
    saved = sweep(tmp_path, [YES_NO, FEW, CREW])
    crew = saved.factors[2]
    assert [saved.factors[0].label(place, "zh") for place in range(2)] == ["否", "是"]
    assert [crew.label(crew.place(cell.at["crew"]), "zh") for cell in saved.cells[:3]] == [
        "无人", "仅审核员", "审核员和窗口人员",
    ]  # fmt: skip
    assert saved.factors[1].heading("en") == "reviewers more or fewer [persons]"
    # Numbers among texts are texts in the table.
    mixed = {**CREW, "labels": [1, 2.5, "many"]}
    rows = [{**row, "crew": str(row["crew"])} for row in grid([mixed])]
    assert [cell.at["crew"] for cell in sweep(tmp_path, [mixed], rows).cells] == ["1", "2.5", "many"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("format", "unknown layout"), ("kind", "not results of the kind 'sweep'"), ("no table", "no complete results"),
        ("column", "'p_value' is missing"), ("level", "is missing"), ("manifest", "'title' is missing"),
    ],
)  # fmt: skip
def test_a_folder_without_a_sweep_is_refused_in_one_line(damage, said, tmp_path):
    folder = write_sweep(tmp_path / "sweep", [FEW])
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if damage == "format":
        facts["format"] = 1
    if damage == "kind":
        facts["kind"] = "run"
    if damage == "level":
        facts["factors"][0]["labels"] = [-1, 0]
    if damage == "manifest":
        del facts["factors"][0]["title"]
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    table = pq.read_table(folder / "verdicts.parquet")
    if damage == "column":
        pq.write_table(table.drop_columns(["p_value"]), folder / "verdicts.parquet")
    if damage == "no table":
        (folder / "verdicts.parquet").unlink()
    with pytest.raises(SavedError, match=re.escape(said)) as caught:
        read_sweep(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


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
