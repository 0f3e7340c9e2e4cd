"""The chart of a comparison: readable in both languages, and true to the findings in the folder."""

import json
import math
import re

import pyarrow.parquet as pq
import pytest
from experiment_folders import MEAN, PLANS, SHARE, write_comparison
from readable import assert_readable, shown_texts

from sim.briefing import comparison_sentences as sentences
from sim.briefing.charts.comparison import draw_comparison_chart
from sim.briefing.charts.differences import differences_chart
from sim.briefing.charts.pair_table import FINDING_COLOURS, SIGNS
from sim.briefing.charts.style import style
from sim.briefing.numbers import signed, signed_alike, signed_money
from sim.briefing.saved import SavedError
from sim.briefing.saved_comparison import FINDINGS, read_comparison

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
NEVER = ("never", "Some never get a licence", "部分人拿不到执照", math.inf, 3_100_000)
CANNOT = ("cannot", "An office that cannot finish", "办不完的办事处", math.nan, 3_000_000)
SAME = ("same", "The same under another name", "换个名称", 4.99, 3_640_000)
SELECTIONS = {
    "two": PLANS[:2],
    "three": PLANS[:3],
    "eight": PLANS,
    "twenty": [(f"plan-{number}", f"A plan, variant {number}", f"方案之{number}", 4.2 + number / 9, 3e6 + number)
               for number in range(20)],
    "some never": [PLANS[0], NEVER, CANNOT, PLANS[3]],
    "first never": [NEVER, *PLANS[:2]],
    "two, one never": [PLANS[0], NEVER],
    "two the same": [PLANS[0], SAME],
}  # fmt: skip


def comparison(tmp_path, plans=PLANS, **facts):
    return read_comparison(write_comparison(tmp_path / "plans", plans, **facts))


def texts_of(saved, language="en"):
    with style():
        return [text for text, _ in shown_texts(differences_chart(saved, language))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("plans", SELECTIONS.values(), ids=SELECTIONS)
def test_the_differences_are_readable(plans, language, tmp_path):
    with style():
        assert_readable(differences_chart(comparison(tmp_path, plans), language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", [{"target": SHARE}, {"screening": True}], ids=["share", "screening"])
def test_shares_and_a_screening_are_readable(facts, language, tmp_path):
    with style():
        assert_readable(differences_chart(comparison(tmp_path, PLANS[:5], **facts), language))


def test_every_row_says_what_was_found_and_what_it_costs(tmp_path):
    saved = comparison(tmp_path, PLANS[:4])
    texts = texts_of(saved)
    assert [pair.finding for pair in saved.against_first] == ["better", "worse", "no material difference"]
    for pair in saved.against_first:
        assert pair.finding in texts
        assert sentences.interval(saved, pair, "en") in texts
        assert signed_money(pair.cost_difference) in texts
    assert {"+210,000", "−165,000", "0", "3,640,000", "2  One reviewer more all day", "4.58  HOLDS"} <= set(texts)
    assert "−0.41 (−0.47 to −0.35)" in texts
    assert "Of 3 plans held against Baseline 2023: 1 better, 1 worse, 1 no material difference" in texts


def test_intervals_are_drawn_where_they_are(tmp_path):
    saved = comparison(tmp_path, PLANS[:2])
    with style():
        axes = differences_chart(saved, "en").axes[0]
    (pair,) = saved.against_first
    ends = [tuple(line.get_xdata()) for line in axes.lines]
    assert (pair.low, pair.high) in ends
    assert (pair.difference,) in ends
    (point,) = [line for line in axes.lines if tuple(line.get_xdata()) == (pair.difference,)]
    assert point.get_color() == FINDING_COLOURS["better"]
    assert (axes.patches[0].get_x(), axes.patches[0].get_width()) == pytest.approx((-0.05, 0.1))


def test_the_table_of_every_two_plans_is_there_for_three_to_eight(tmp_path):
    assert not any("Every two" in text for text in texts_of(comparison(tmp_path, PLANS[:2])))
    texts = texts_of(comparison(tmp_path, PLANS[:3]))
    assert "Every two plans: row minus column [min]" in texts
    # Both ways: a plan against another, and the other against it.
    assert texts.count("−0.41") == texts.count("+0.41") == 1
    assert not any("Every two" in text for text in texts_of(comparison(tmp_path, SELECTIONS["twenty"])))


def test_a_pair_can_be_turned(tmp_path):
    saved = comparison(tmp_path, PLANS[:3])
    pair = saved.every_two["baseline-2023", "no-midday-post"]
    turned = saved.every_two["no-midday-post", "baseline-2023"]
    assert (pair.finding, turned.finding) == ("better", "worse")
    assert (turned.difference, turned.low, turned.high) == (-pair.difference, -pair.high, -pair.low)
    assert turned.cost_difference == -pair.cost_difference
    assert turned.turned == pair


@pytest.mark.parametrize(
    ("plans", "facts", "english", "chinese"),
    [
        (PLANS[:2], {}, "One reviewer more all day takes 0.41 min less than Baseline 2023",
         "全天增加1名审核员比2023年基线少用0.41分钟"),
        ([PLANS[0], PLANS[2]], {}, "No midday duty post takes 19.61 min more than Baseline 2023",
         "取消午间值班岗比2023年基线多用19.61分钟"),
        ([PLANS[0], SAME], {}, "The same under another name and Baseline 2023 differ by less than 0.05 min",
         "换个名称与2023年基线相差不到0.05分钟"),
        ([PLANS[0], NEVER], {}, "Some never get a licence is worse than Baseline 2023: some never get a licence",
         "部分人拿不到执照比2023年基线差：有人拿不到执照"),
        (PLANS[:2], {"target": SHARE}, "One reviewer more all day has 2.05 points more in time than Baseline 2023",
         "全天增加1名审核员的按时占比高于2023年基线2.05个百分点"),
        (PLANS[:5], {"screening": True},
         "Automatic approval of 35 % is the best of 5 plans, or within 0.05 min of the best",
         "5个方案中35%自动审批最好，或与最好者相差不到0.05分钟"),
    ],
)  # fmt: skip
def test_the_title_says_the_finding(plans, facts, english, chinese, tmp_path):
    saved = comparison(tmp_path, plans, **facts)
    assert sentences.finding(saved, "en") == english
    assert sentences.finding(saved, "zh") == chinese


def test_a_screening_that_has_not_ended_names_no_best_plan(tmp_path):
    saved = comparison(tmp_path, PLANS[:5], screening=True)
    saved.manifest["screening"].update(final=False, surviving=["auto-approval", "one-more-reviewer"])
    assert sentences.finding(saved, "en") == "2 of 5 plans may be the best; Automatic approval of 35 % is ahead"
    assert "out after 20 by plan 5" in texts_of(saved)


def test_findings_are_told_apart_without_colour():
    assert tuple(SIGNS) == FINDINGS
    assert len({sign.marker for sign in SIGNS.values()}) == len(FINDINGS)


def test_the_chart_is_written_and_the_same_each_time(tmp_path):
    saved = comparison(tmp_path, PLANS[:2])
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        written = draw_comparison_chart(saved, folder, "zh")
        assert written == [folder / "differences.png", folder / "differences.svg"]
    for name in ("differences.png", "differences.svg"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("kind", "not results of the kind 'comparison'"), ("no table", "no complete results"),
        ("column", "'finding' is missing"), ("manifest", "'screening' is missing"), ("one plan", "fewer than two"),
    ],
)  # fmt: skip
def test_a_folder_without_a_comparison_is_refused_in_one_line(damage, said, tmp_path):
    folder = write_comparison(tmp_path / "plans", PLANS[: 1 if damage == "one plan" else 2], MEAN)
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if damage == "kind":
        facts["kind"] = "sweep"
    if damage == "manifest":
        del facts["screening"]
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    if damage == "column":
        table = pq.read_table(folder / "pairs.parquet")
        pq.write_table(table.drop_columns(["finding"]), folder / "pairs.parquet")
    if damage == "no table":
        (folder / "plans.parquet").unlink()
    with pytest.raises(SavedError, match=re.escape(said)) as caught:
        read_comparison(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "about_mean", "expected"),
    [
        (0.42, True, "+0.42"), (-0.42, True, "−0.42"), (-0.001, True, "0.00"), (1234.5, True, "+1,234"),
        (math.inf, True, "+∞"), (-math.inf, True, "−∞"), (math.nan, True, "–"), (-0.031, False, "−3.10"),
    ],
)  # fmt: skip
def test_differences_have_their_sign(value, about_mean, expected):
    assert signed(value, about_mean) == expected


def test_a_difference_and_its_ends_are_alike():
    assert signed_alike([19.61, 18.43, 20.8], True) == ["+19.6", "+18.4", "+20.8"]
    assert signed_alike([math.inf, 3.0], True) == ["+∞", "+3.00"]
    assert [signed_money(value) for value in (210_000, -35_000.4, 0.2, -0.2, math.nan)] == [
        "+210,000", "−35,000", "0", "0", "–",
    ]  # fmt: skip
