"""The chart and the sentences of a limit: readable in both languages, and true to the folder."""

import json
import math
import re
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from readable import assert_readable, shown_texts

from sim.briefing import limit_sentences as sentences
from sim.briefing.charts.frontier import BESTED, draw_frontier_chart, frontier_chart
from sim.briefing.charts.style import BLUE, VERDICT_COLOURS, style
from sim.briefing.saved import SavedError
from sim.briefing.saved_limit import read_limit

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
MEAN = {"clock": "licence", "statistic": "mean", "minutes": 5.0, "level": 0.9, "margin": 0.05}
SHARE = MEAN | {"statistic": "share", "margin": 0.005}
BASELINE = ("baseline-2023", "Baseline 2023", "2023年基线", 40_600, 41_700, 1_818_000)
PLANS = (
    BASELINE,
    ("growth-2024", "Growth 2024 (+14.4 %)", "2024年增长（+14.4%）", 40_500, 41_600, 1_832_000),
    ("double-demand", "Double demand", "需求翻倍", 40_500, 41_600, 1_818_000),
    ("lunch-uncovered", "Lunch uncovered (no midday duty post)", "取消午间值班岗", None, 4_020, 1_632_000),
    ("one-more", "Baseline 2023: reviewers +1", "2023年基线：审核员+1", 46_900, 48_200, 1_935_000),
    ("two-more", "Baseline 2023: reviewers +2, counter clerks +1", "2023年基线：审核员+2，窗口人员+1", 54_000, 56_000,
     2_140_000),
    ("endless", "Everything automatic", "全部自动审批", 402_000, None, 2_300_000),
)
MANY = [(f"plan-{n}", f"A plan with a rather long name, variant {n}", f"名称较长的方案之{n}", 30_000 + 1_700 * n,
         30_900 + 1_700 * n, 1_500_000 + 52_000 * n) for n in range(14)]  # fmt: skip


def date_of(demand, rate=0.144):
    if demand is None or rate <= 0:
        return None
    days = math.log(demand / 40_200) / math.log1p(rate) * 365.2425
    return date.fromordinal(date(2023, 7, 2).toordinal() + math.floor(days))


def write_limit(folder, plans=PLANS, target=MEAN, growth=0.144, monotone=True, far=3_000.0):
    """Write the folder of a limit of plans: names, titles, brackets and costs."""
    folder.mkdir(parents=True, exist_ok=True)
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
            if target["statistic"] != "mean":
                estimate = max(0.95 - estimate / 100, 0.0)
            half = 0.02 if target["statistic"] == "mean" else 0.002
            steps.append({
                "plan": name, "step": step, "registrations": demand, "verdict": judged[demand] or known,
                "estimate": estimate, "low": estimate - half, "high": estimate + half, "replications": 50, "why": "",
            })  # fmt: skip
        brackets.append({
            "plan": name, "title_en": en, "title_zh": zh, "holds": holds, "fails": fails, "lowest": 4_020,
            "highest": 402_000, "own": 40_200, "monotone": monotone, "tests": 7, "replications": 350,
            "cost": float(cost), "staff_hours": cost / 52, "breaks_from": date_of(holds, growth),
            "breaks_to": date_of(fails, growth),
        })  # fmt: skip
    facts = {
        "format": 2, "kind": "limit", "name": folder.name, "target": target, "growth": growth, "seed": 20240201,
        "base": {"registrations": 40_200, "year": 2023}, "working_days": [249, 251],
        "marks": [{"registrations": 40_200, "year": 2023},
                  {"registrations": round(40_200 * (1 + growth)), "year": 2024}],
        "rule": {"tests": 23 * len(plans), "error": 0.05, "smallest": 50, "largest": 2000, "margin": target["margin"]},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    whole = [("holds", pa.int64()), ("fails", pa.int64()), ("breaks_from", pa.date32()), ("breaks_to", pa.date32())]
    table = pa.Table.from_pylist(brackets)
    for column, kind in whole:
        place = table.column_names.index(column)
        table = table.set_column(place, column, table.column(column).cast(kind))
    pq.write_table(table, folder / "brackets.parquet")
    pq.write_table(pa.Table.from_pylist(steps), folder / "steps.parquet")
    return folder


def limit(tmp_path, plans=PLANS, **facts):
    return read_limit(write_limit(tmp_path / "limit", plans, **facts))


SELECTIONS = {
    "one": PLANS[:1], "two": PLANS[:2], "seven": PLANS, "fourteen": MANY, "none holds": PLANS[3:4],
    "none fails": PLANS[6:], "two that cost the same": [PLANS[0], PLANS[2]], "none of several": [PLANS[3]] * 2,
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("plans", SELECTIONS.values(), ids=SELECTIONS)
@pytest.mark.parametrize("target", [MEAN, SHARE], ids=["mean", "share"])
def test_the_chart_is_readable(plans, target, language, tmp_path):
    with style():
        assert_readable(frontier_chart(limit(tmp_path, plans, target=target), language))


def texts_of(saved, language="en"):
    with style():
        return [text for text, _ in shown_texts(frontier_chart(saved, language))]


def test_every_plan_is_in_the_list_with_its_bracket_and_dates(tmp_path):
    texts = texts_of(limit(tmp_path))
    assert {"40,600 – 41,700", "181.8", "none – 4,020", "402,000 – none", "45,989 (2024, +14.4 %)"} <= set(texts)
    assert "2024-08 –\n2024-11" in texts
    assert "3 of 7 plans carry the 45,989 registrations of 2024; the cheapest: Baseline 2023: reviewers +1" in texts


def test_the_frontier_leaves_out_what_costs_more_and_carries_no_more(tmp_path):
    saved = limit(tmp_path)
    assert [plan.plan for plan in saved.efficient] == ["baseline-2023", "one-more", "two-more", "endless"]
    with style():
        axes = frontier_chart(saved, "en").axes[0]
    bars = {(min(line.get_ydata()), max(line.get_ydata())): line.get_color() for line in axes.lines
            if len(line.get_xdata()) == 2 and line.get_xdata()[0] == line.get_xdata()[1]}  # fmt: skip
    assert bars[40_600, 41_700] == BLUE
    assert bars[40_500, 41_600] == BESTED
    assert bars[46_900, 48_200] == BLUE


def test_of_one_plan_the_judged_demands_are_drawn_where_they_are(tmp_path):
    saved = limit(tmp_path, PLANS[:1])
    with style():
        figure = frontier_chart(saved, "en")
    axes = figure.axes[0]
    drawn = {line.get_xdata()[0]: line for line in axes.lines if len(line.get_xdata()) == 1}
    for level in saved.steps:
        assert drawn[level.registrations].get_ydata()[0] == level.estimate
        assert drawn[level.registrations].get_color() == VERDICT_COLOURS[level.verdict]
    (band,) = axes.patches
    assert (band.get_x(), band.get_width()) == (40_600, 1_100)


def test_what_is_beyond_the_scale_is_an_arrow_and_said(tmp_path):
    plan = ("steep", "Steep", "陡增", 41_000, 80_000, 1_800_000)
    texts = texts_of(limit(tmp_path, [plan], far=math.nan))
    assert any("▲ beyond the scale" in text for text in texts)


def test_three_sentences_that_can_be_read_aloud(tmp_path):
    saved = limit(tmp_path)
    assert sentences.spoken(saved, "en") == [
        "With Baseline 2023 the office keeps a mean licence time of at most 5 minutes up to 40,600 registrations a "
        "year; at 41,700 it no longer does.",
        "From 40,200 in 2023, at 14.4 % growth a year, demand passes that between July 2023 and October 2023.",
        "The cheapest of the plans shown to carry the 45,989 of 2024 is Baseline 2023: reviewers +1: it holds up to "
        "46,900, a demand that is passed between August 2024 and November 2024, for 117,000 yuan of staff cost more "
        "than Baseline 2023.",
    ]
    assert sentences.spoken(saved, "zh") == [
        "2023年基线：年新设登记不超过40,600户时，平均办照时长不超过5分钟的目标能够兑现；达到41,700户时无法兑现。",
        "以2023年40,200户为基数、年增长14.4%测算，业务量将于2023年7月至2023年10月之间越过这一界限。",
        "能够承载2024年45,989户的方案中成本最低的是“2023年基线：审核员+1”：可承载至46,900户"
        "（业务量将于2024年8月至2024年11月之间越过），人员成本比“2023年基线”增加117,000元。",
    ]


@pytest.mark.parametrize(
    ("holds", "fails", "growth", "said"),
    [
        (40_600, 41_700, 0.144, "It does not carry the 45,989 of 2024."),
        (47_000, 48_000, 0.144, "It carries the 45,989 of 2024."),
        (45_000, 47_000, 0.144, "Whether it carries the 45,989 of 2024 is not shown."),
        (30_000, 31_000, 0.144, "at 14.4 % growth a year it passed the limit between April 2021 and July 2021."),
        (40_200, 40_300, 0.144, "demand passes that in July 2023."),
        (40_600, None, 0.144, "demand passes that in July 2023 or later."),
        (47_000, 48_000, 0.0, "Demand does not grow (0 % a year), and with 40,200 in 2023 the plan is never broken."),
        (30_000, 31_000, -0.1, "it is over the limit already."),
        (39_000, 41_000, 0.0, "it lies where there is no verdict."),
        (None, 4_020, 0.144, "no demand down to 4,020 registrations a year holds"),
        (None, None, 0.144, "nothing can be said"),
    ],
)
def test_each_case_has_its_sentence(holds, fails, growth, said, tmp_path):
    plan = ("a", "A", "甲", holds, fails, 1_800_000)
    saved = limit(tmp_path, [plan, PLANS[4]] if holds is None and fails is None else [plan], growth=growth)
    assert any(said in sentence for sentence in sentences.spoken(saved, "en"))
    for language in LANGUAGES:
        for sentence in sentences.spoken(saved, language):
            assert "{" not in sentence
            assert "None" not in sentence.replace("None of", "")


def test_verdicts_out_of_order_are_reported(tmp_path):
    saved = limit(tmp_path, PLANS[:1], monotone=False)
    assert "a higher demand was found to hold than one that fails" in sentences.spoken(saved, "en")[-1]
    assert "上下限应慎用" in sentences.spoken(saved, "zh")[-1]


def test_the_chart_is_written_and_the_same_each_time(tmp_path):
    saved = limit(tmp_path, PLANS[:2])
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        assert draw_frontier_chart(saved, folder, "zh") == [folder / "frontier.png", folder / "frontier.svg"]
    for name in ("frontier.png", "frontier.svg"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


@pytest.mark.parametrize(
    ("damage", "said"),
    [("kind", "not results of the kind 'limit'"), ("no table", "no complete results"), ("column", "'holds' is missing"),
     ("manifest", "'growth' is missing")],
)  # fmt: skip
def test_a_folder_without_a_limit_is_refused_in_one_line(damage, said, tmp_path):
    folder = write_limit(tmp_path / "limit", PLANS[:1])
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if damage == "kind":
        facts["kind"] = "sweep"
    if damage == "manifest":
        del facts["growth"]
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    if damage == "column":
        table = pq.read_table(folder / "brackets.parquet")
        pq.write_table(table.drop_columns(["holds"]), folder / "brackets.parquet")
    if damage == "no table":
        (folder / "steps.parquet").unlink()
    with pytest.raises(SavedError, match=re.escape(said)) as caught:
        read_limit(folder)
    assert "\n" not in str(caught.value)
