"""What is shown of a comparison: readable in both languages, and true to the record."""

import math
import re
from dataclasses import replace

import pytest
from helpers import said_in
from made_up import MEAN, PLANS, SHARE, made_comparison
from readable import assert_readable, shown_texts

from sim.present.charts.style import style
from sim.present.numbers import signed, signed_alike, signed_number
from sim.studies.compare import show
from sim.studies.compare.charts import FINDING_COLOURS, SIGNS, differences_chart
from sim.studies.compare.records import FINDINGS

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

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


def texts_of(record):
    with style():
        return [line for text, _ in shown_texts(differences_chart(record)) for line in text.split("\n")]


@pytest.mark.parametrize(
    ("plans", "facts", "languages"),
    [
        *((SELECTIONS[name], {}, "en") for name in ("two", "three", "first never", "two, one never", "two the same")),
        *((SELECTIONS[name], {}, "en zh") for name in ("eight", "twenty", "some never")),
        (PLANS[:5], {"target": SHARE}, "en zh"),
        (PLANS[:5], {"screening": True}, "zh"),
    ],
)
def test_the_differences_are_readable(plans, facts, languages):
    with style():
        for language in languages.split():
            assert_readable(said_in(language, differences_chart, made_comparison(plans, **facts)))


@pytest.mark.parametrize(("facts", "left"), [({}, "better"), ({"target": SHARE}, "worse")])
def test_the_arrows_say_which_side_is_better(facts, left):
    """Less time is better, and so is a larger share within it."""
    texts = texts_of(made_comparison(PLANS[:3], **facts))
    right = {"better": "worse", "worse": "better"}[left]
    assert {text for text in texts if "←" in text or "→" in text} == {f"← {left}", f"{right} →"}


def test_every_row_says_what_was_found_and_what_it_costs():
    record = made_comparison(PLANS[:4])
    texts = texts_of(record)
    assert [pair.finding for pair in record.against_first] == ["better", "worse", "no material difference"]
    for pair in record.against_first:
        assert {pair.finding, show.interval(record, pair), signed_number(pair.cost_difference)} <= set(texts)
    assert {"+210,000", "3,640,000", "4.58  HOLDS", "−0.41 (−0.47 to −0.35)"} <= set(texts)
    assert show.short(record) == "better 1, worse 1, no material difference 1"


def test_intervals_are_drawn_where_they_are():
    record = made_comparison(PLANS[:2])
    with style():
        axes = differences_chart(record).axes[0]
    (pair,) = record.against_first
    ends = [tuple(line.get_xdata()) for line in axes.lines]
    assert (pair.low, pair.high) in ends
    (point,) = [line for line in axes.lines if tuple(line.get_xdata()) == (pair.difference,)]
    assert point.get_color() == FINDING_COLOURS["better"]
    assert (axes.patches[0].get_x(), axes.patches[0].get_width()) == pytest.approx((-0.05, 0.1))


@pytest.mark.parametrize("target", [MEAN, SHARE], ids=["mean", "share"])
def test_what_does_not_matter_is_said_as_wide_as_it_is_drawn(target):
    with style():
        figure = differences_chart(made_comparison(PLANS[:2], target))
    (said,) = [text for text, _ in shown_texts(figure) if "do not matter" in text]
    band = figure.axes[0].patches[0]
    assert float(re.search(r"below ([\d.]+) ", said)[1]) == pytest.approx(band.get_width() / 2)
    # Shares are drawn in percentage points.
    assert band.get_width() / 2 == pytest.approx(target.margin * (1 if target.about_mean else 100))


def test_the_table_of_every_two_plans_is_there_for_three_to_eight():
    for name, there in (("two", False), ("three", True), ("twenty", False)):
        texts = texts_of(made_comparison(SELECTIONS[name]))
        assert any("Every two" in text for text in texts) == there
    # Both ways: a plan against another, and the other against it.
    texts = texts_of(made_comparison(PLANS[:3]))
    assert texts.count("−0.41") == texts.count("+0.41") == 1


def test_a_pair_can_be_turned():
    found = made_comparison(PLANS[:3]).every_two
    pair, turned = found["baseline-2023", "no-midday-post"], found["no-midday-post", "baseline-2023"]
    assert (pair.finding, turned.finding) == ("better", "worse")
    assert (turned.difference, turned.low, turned.high) == (-pair.difference, -pair.high, -pair.low)
    assert turned.cost_difference == -pair.cost_difference
    assert turned.turned == pair


@pytest.mark.parametrize(
    ("plans", "facts", "said"),
    [
        (PLANS[:2], {}, "One reviewer more all day takes 0.41 min less than Baseline 2023"),
        ([PLANS[0], PLANS[2]], {}, "No midday duty post takes 19.61 min more than Baseline 2023"),
        ([PLANS[0], SAME], {}, "The same under another name and Baseline 2023 differ by less than 0.05 min"),
        ([PLANS[0], NEVER], {}, "Some never get a licence is worse than Baseline 2023: some never get a licence"),
        (PLANS[:2], {"target": SHARE}, "One reviewer more all day has 2.05 points more in time than Baseline 2023"),
        (PLANS[:4], {}, "Of 3 plans held against Baseline 2023: 1 better, 1 worse, 1 no material difference"),
        (PLANS[:5], {"screening": True},
         "Automatic approval of 35 % is the best of 5 plans, or within 0.05 min of the best"),
    ],
)  # fmt: skip
def test_the_title_says_the_finding(plans, facts, said):
    record = made_comparison(plans, **facts)
    assert show.finding(record) == said
    assert said_in("zh", show.finding, record)


def test_a_screening_that_has_not_ended_names_no_best_plan():
    record = made_comparison(PLANS[:5], screening=True)
    open_still = replace(record.screening, final=False, surviving=("auto-approval", "one-more-reviewer"))
    record = replace(record, screening=open_still)
    assert show.finding(record) == "2 of 5 plans may be the best; Automatic approval of 35 % is ahead"
    assert "out after 20 by plan 5" in texts_of(record)


def test_findings_are_told_apart_without_colour():
    assert tuple(SIGNS) == FINDINGS
    assert len({sign.marker for sign in SIGNS.values()}) == len(FINDINGS)


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
    assert [signed_number(value) for value in (210_000, -35_000.4, 0.2, -0.2, math.nan)] == [
        "+210,000", "−35,000", "0", "0", "–",
    ]  # fmt: skip
