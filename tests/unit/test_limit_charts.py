"""The chart and the sentences of what plans carry: readable in both languages, and true to the record."""

import math
from datetime import date

import pytest
from helpers import in_turn, said_in
from made_records import about, target
from readable import assert_readable, shown_texts

from sim.present.charts.style import BLUE, VERDICT_COLOURS, style
from sim.studies.capacity import show
from sim.studies.capacity.charts import BESTED, charts, frontier_chart
from sim.studies.capacity.records import Capacity, JudgedLevel, Mark, PlanBracket

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
MEAN, SHARE = target(), target(share=True)
BASELINE = ("baseline-2023", "Baseline 2023", "2023年基线", 40_600, 41_700, 1_818_000)
PLANS = (
    BASELINE,
    ("growth-2024", "Growth 2024 (+14.4 %)", "2024年增长（+14.4%）", 40_500, 41_600, 1_832_000),
    ("double-demand", "Double demand", "需求翻倍", 40_500, 41_600, 1_818_000),
    ("lunch-uncovered", "Lunch uncovered (no midday duty post)", "取消午间值班岗", None, 4_020, 1_632_000),
    ("one-more", "Baseline 2023: reviewers +1", "2023年基线：审核员+1", 46_900, 48_200, 1_935_000),
    (
        "two-more",
        "Baseline 2023: reviewers +2, counter clerks +1",
        "2023年基线：审核员+2，窗口人员+1",
        54_000,
        56_000,
        2_140_000,
    ),
    ("endless", "Everything automatic", "全部自动审批", 402_000, None, 2_300_000),
)
MANY = [(f"plan-{n}", f"A plan with a rather long name, variant {n}", f"名称较长的方案之{n}", 30_000 + 1_700 * n,
         30_900 + 1_700 * n, 1_500_000 + 52_000 * n) for n in range(14)]  # fmt: skip


def date_of(demand, rate=0.144):
    if demand is None or rate <= 0:
        return None
    days = math.log(demand / 40_200) / math.log1p(rate) * 365.2425
    return date.fromordinal(date(2023, 12, 31).toordinal() + math.floor(days))


def limit(plans=PLANS, target=MEAN, growth=0.144, monotone=True, far=3_000.0):
    """Return the record of plans: names, titles, brackets and costs."""
    brackets, steps = [], []
    for name, en, zh, holds, fails, cost in plans:
        judged = {holds: "HOLDS", fails: "FAILS", (holds or 0) + 500: "TOO CLOSE", 40_200: None, 46_400: None}
        if holds is None or fails is None:
            del judged[(holds or 0) + 500]
        for step, demand in enumerate(sorted(filter(None, judged)), start=1):
            known = "HOLDS" if holds and demand <= holds else "FAILS"
            estimate = 5.0 + (demand - (holds or 3_000) - 500) / 9_000
            if estimate > 7:
                estimate = far
            if not target.about_mean:
                estimate = max(0.95 - estimate / 100, 0.0)
            half = 0.02 if target.about_mean else 0.002
            ends = estimate - half, estimate + half
            steps.append(JudgedLevel(name, step, demand, judged[demand] or known, estimate, *ends, 50, ""))
        dates = date_of(holds, growth), date_of(fails, growth)
        brackets.append(
            PlanBracket(name, en, zh, holds, fails, 4_020, 402_000, 40_200, monotone, 7, 350, float(cost), cost / 52,
                        *dates)
        )  # fmt: skip
    return Capacity(
        about=about("limit", "limit"), target=target, growth=growth, working_days=(249, 251), replications=50,
        marks=(Mark(40_200, 2023), Mark(round(40_200 * (1 + growth)), 2024)), levels=(), scenarios=(),
        plans=tuple(brackets), steps=tuple(steps),
    )  # fmt: skip


SELECTIONS = {
    "one": PLANS[:1], "two": PLANS[:2], "seven": PLANS, "fourteen": MANY, "none holds": PLANS[3:4],
    "none fails": PLANS[6:], "two that cost the same": [PLANS[0], PLANS[2]], "none of several": [PLANS[3]] * 2,
}  # fmt: skip


def test_at_the_ends_of_its_bracket_a_plan_has_the_verdicts_that_were_found_there():
    record = limit(PLANS[:1])
    (plan,) = record.plans
    demands = plan.holds, plan.holds + 1, plan.fails - 1, plan.fails
    found = [record.verdict_in(plan, Mark(demand, 2024)) for demand in demands]
    assert found == ["HOLDS", "UNDECIDED", "UNDECIDED", "FAILS"]


@pytest.mark.parametrize(("case", "language"), in_turn(SELECTIONS))
def test_the_chart_is_readable(case, language):
    for promised in (MEAN, SHARE):
        with style():
            assert_readable(said_in(language, frontier_chart, limit(SELECTIONS[case], target=promised)))


def texts_of(saved, language="en"):
    with style():
        return [text for text, _ in shown_texts(said_in(language, frontier_chart, saved))]


def test_every_plan_is_in_the_list_with_its_bracket_and_dates():
    texts = texts_of(limit())
    assert {"40,600 – 41,700", "181.8", "none – 4,020", "402,000 – none", "45,989 (2024, +14.4 %)"} <= set(texts)
    assert "2025-02 –\n2025-05" in texts
    assert "3 of 7 plans carry the 45,989 registrations of 2024; the cheapest: Baseline 2023: reviewers +1" in texts


@pytest.mark.parametrize(
    ("own", "said"), [(1_818_000, "117,000 yuan of staff cost more"), (2_000_000, "65,000 yuan of staff cost less")]
)
def test_the_cheapest_plan_for_next_year_is_priced_against_the_first(own, said):
    assert said in " ".join(show.spoken(limit([(*BASELINE[:5], own), PLANS[4]])))


def test_the_frontier_leaves_out_what_costs_more_and_carries_no_more():
    saved = limit()
    assert [plan.plan for plan in saved.efficient] == ["baseline-2023", "one-more", "two-more", "endless"]
    with style():
        axes = frontier_chart(saved).axes[0]
    bars = {(min(line.get_ydata()), max(line.get_ydata())): line.get_color() for line in axes.lines
            if len(line.get_xdata()) == 2 and line.get_xdata()[0] == line.get_xdata()[1]}  # fmt: skip
    assert bars[40_600, 41_700] == BLUE
    assert bars[40_500, 41_600] == BESTED
    assert bars[46_900, 48_200] == BLUE


def test_of_one_plan_the_judged_demands_are_drawn_where_they_are():
    saved = limit(PLANS[:1])
    with style():
        figure = frontier_chart(saved)
    axes = figure.axes[0]
    drawn = {line.get_xdata()[0]: line for line in axes.lines if len(line.get_xdata()) == 1}
    for level in saved.steps:
        assert drawn[level.registrations].get_ydata()[0] == level.estimate
        assert drawn[level.registrations].get_color() == VERDICT_COLOURS[level.verdict]
    (band,) = axes.patches
    assert (band.get_x(), band.get_width()) == (40_600, 1_100)


def test_what_is_beyond_the_scale_is_an_arrow_and_said():
    plan = ("steep", "Steep", "陡增", 41_000, 80_000, 1_800_000)
    texts = texts_of(limit([plan], far=math.nan))
    assert any("▲ beyond the scale" in text for text in texts)


@pytest.mark.parametrize(
    ("holds", "fails", "growth", "said"),
    [
        (40_600, 41_700, 0.144, "It does not carry the 45,989 of 2024."),
        (47_000, 48_000, 0.144, "It carries the 45,989 of 2024."),
        (45_000, 47_000, 0.144, "Whether it carries the 45,989 of 2024 is not shown."),
        (30_000, 31_000, 0.144, "Demand is over that already: 40,200 in 2023."),
        (40_900, 41_000, 0.144, "demand passes that in February 2024."),
        (40_600, None, 0.144, "demand passes that in January 2024 or later."),
        (47_000, 48_000, 0.0, "Demand does not grow (0 % a year), and with 40,200 in 2023 the plan is never broken."),
        (30_000, 31_000, -0.1, "it is over the limit already."),
        (39_000, 41_000, 0.0, "it lies where there is no verdict."),
        (None, 4_020, 0.144, "no demand down to 4,020 registrations a year was shown to hold"),
        (None, None, 0.144, "nothing can be said"),
    ],
)
def test_each_case_has_its_sentence(holds, fails, growth, said):
    plan = ("a", "A", "甲", holds, fails, 1_800_000)
    saved = limit([plan, PLANS[4]] if holds is None and fails is None else [plan], growth=growth)
    assert any(said in sentence for sentence in show.spoken(saved))
    for language in LANGUAGES:
        for sentence in said_in(language, show.spoken, saved):
            assert "{" not in sentence
            assert "None" not in sentence.replace("None of", "")


def test_verdicts_out_of_order_are_reported():
    saved = limit(PLANS[:1], monotone=False)
    assert "a higher demand was found to hold than one that fails" in show.spoken(saved)[-1]
    assert "上下限应慎用" in said_in("zh", show.spoken, saved)[-1]


def test_the_chart_is_declared_with_the_tables_that_it_is_drawn_from():
    (chart,) = charts(limit())
    assert (chart.name, set(chart.tables)) == ("frontier", {"brackets", "steps"})
