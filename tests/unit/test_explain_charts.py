"""The charts and sentences of an explanation: readable in both languages, and true to the figures in the folder."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from readable import assert_readable, shown_texts

from sim.briefing.charts.blame import blame_chart, one_more_chart, stages_chart
from sim.briefing.charts.style import style
from sim.briefing.charts.week_map import draw_explanation_charts, lateness_chart
from sim.briefing.explanation_sentences import busiest, each, finding, lever_title, part_of_added, price, spoken
from sim.briefing.saved import SavedError
from sim.briefing.saved_explanation import OneMore, Stage, read_explanation
from sim.cli.explanation_report import explanation_report

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
STAGES = {"phone": 0.001, "filing": -0.014, "studio": 0.0, "key": 0.0003, "review": 0.763, "issue": 0.277}
POOLS = {"consultants": 0.003, "assistants": 0.02, "studio": 0.0, "specialists": 0.001, "reviewers": 0.44,
         "clerks": 0.35}  # fmt: skip
COUNTED = ("review", "issue")


def write(folder, size=1.0, share=False, verdict="FAILS", blamed=("review",), late=0.397, clock="licence", **facts):
    """Write the folder of an explanation whose stages add `size` times what they do in the growth scenario."""
    folder.mkdir(parents=True)
    scale = size / (10 if share else 1)
    stages = [
        {"stage": stage, "contribution": added * scale, "low": added * scale - 0.004 * size,
         "high": added * scale + 0.02 * size, "share": added / sum(STAGES.values()), "alone": 4.0 + size,
         "waiting": added * size if stage in COUNTED else 0.0}
        for stage, added in STAGES.items()
    ]  # fmt: skip
    levers = []
    for pool, saved in POOLS.items():
        for where in ("all day", "midday") if pool in ("reviewers", "clerks") else ("all day",):
            by = saved * scale * (1 if where == "all day" else 0.5)
            better, cost = by > 0.004 * scale, 105_431.6 if where == "all day" else 22_216.0
            unit = cost / (by * 40_000) if better else math.nan
            ends = (by, by - 0.03 * scale, by + 0.12 * scale)
            difference, low, high = ends if share else (-ends[0], -ends[2], -ends[1])
            levers.append({
                "pool": pool, "where": where, "difference": difference, "low": low, "high": high,
                "finding": "better" if better else "no difference found", "cost_difference": cost,
                "cost_per_minute": unit, "cost_per_minute_low": unit * 0.8, "cost_per_minute_high": unit * 2.2,
                "replications": 30,
            })  # fmt: skip
    parts = {"wait review": 1.62 * size, "service review": 5.85, "wait issue": 0.46 * size, "service issue": 0.89}
    if clock != "licence":
        before = ("phone", "filing", "studio", "key")
        parts |= {f"{kind} {stage}": 1.5 for stage in before for kind in ("wait", "service")}
        parts |= {"own time": 80.0, "service automatic": 0.4}
    cases = []
    for group, part_of in (("late", 1.0), ("in time", 0.3)):
        whole = sum(parts.values()) * part_of
        for part, value in ({"clock": sum(parts.values())} | parts).items():
            there = late > 0 or group == "in time"
            value = value * part_of if there else math.nan
            cases.append({
                "group": group, "part": part, "minutes": value, "low": value * 0.95, "high": value * 1.05,
                "share": value / whole, "cases": late if group == "late" else 1 - late,
            })  # fmt: skip
    rng = np.random.default_rng(3)
    week = [
        {"weekday": day + 1, "from": f"{slot // 2:02d}:{slot % 2 * 30:02d}", "stage": stage,
         "minutes": float(rng.gamma(1.0, 30.0 * size / (1 + day))) if late and 17 <= slot < 34 and day != 5 else 0.0}
        for day in range(7) for slot in range(48) for stage in COUNTED
    ]  # fmt: skip
    added = sum(row["contribution"] for row in stages)
    base = 0.78 if share else 4.32
    whole = base - added if share else base + added
    manifest = {
        "format": 2, "kind": "explanation", "name": folder.name, "seed": 20240201, "working_days": 251,
        "target": {"clock": clock, "statistic": "share" if share else "mean", "minutes": 5.0, "level": 0.9},
        "rule": {"tests": 8, "error": 0.05, "smallest": 30, "largest": 60, "margin": 0.005 if share else 0.05},
        "to_blame": list(blamed), "found": "+".join(blamed), "verdict": verdict, "unfinished": None,
        "unlimited": {"estimate": base, "low": base - 0.008, "high": base + 0.008},
        "whole": {"estimate": whole, "low": whole * 0.99, "high": whole * 1.02}, "blame_replications": 50,
        "residual": 2e-16, "whole_year": True, "replications": 50,
        "late": {"share": late, "low": late * 0.9, "high": late * 1.1, "never": 0, "replications": 20},
        "stages": [{"name": stage, "counted": stage in COUNTED} for stage in STAGES],
        "scenario": {
            "title": {"en": "Growth 2024 (+14.4 %)", "zh": "2024年增长（+14.4%）"},
            "review": {"auto_approved_share": 0.0}, "outages": {"given": [], "drawn": []},
        },
    } | facts  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    for name, table in {"stages": stages, "one_more": levers, "late_cases": cases, "week": week}.items():
        pq.write_table(pa.Table.from_pylist(table), folder / f"{name}.parquet")
    return folder


def undefined(folder):
    """Write an explanation of a plan that cannot finish its cases."""
    nothing = {"estimate": None, "low": None, "high": None}
    write(
        folder, blamed=(), verdict=None, unlimited=nothing, whole=nothing, unfinished="900 cases are not finished",
        late_facts=None, late=0.4,
    )  # fmt: skip
    stages = pq.read_table(folder / "stages.parquet").to_pylist()
    for row in stages:
        row |= dict.fromkeys(("contribution", "low", "high", "share"), math.nan)
        row["alone"] = 4.5 if row["stage"] == "review" else math.inf
    levers = pq.read_table(folder / "one_more.parquet").to_pylist()
    for row in levers:
        row |= dict.fromkeys(("difference", "low", "high", "cost_difference", "cost_per_minute"), math.nan)
        row["finding"] = "no difference found"
    empty = pq.read_table(folder / "late_cases.parquet").slice(0, 0)
    pq.write_table(pa.Table.from_pylist(stages), folder / "stages.parquet")
    pq.write_table(pa.Table.from_pylist(levers), folder / "one_more.parquet")
    pq.write_table(empty, folder / "late_cases.parquet")
    pq.write_table(pq.read_table(folder / "week.parquet").slice(0, 0), folder / "week.parquet")
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    facts["late"] = {"share": None, "low": None, "high": None, "never": 0, "replications": 0}
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


CASES = {
    "growth": {},
    "holds": {"size": 0.5, "verdict": "HOLDS"},
    "both": {"blamed": ("review", "issue")},
    "nobody": {"size": 0.01, "blamed": ()},
    "huge": {"size": 3000.0},
    "share": {"share": True},
    "door to door": {"clock": "door_to_door"},
    "all late": {"late": 1.0},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", CASES.values(), ids=CASES)
def test_the_charts_are_readable(facts, language, tmp_path):
    saved = read_explanation(write(tmp_path / "growth", **facts))
    with style():
        assert_readable(blame_chart(saved, language))
        assert_readable(lateness_chart(saved, language))
        if saved.defined:
            assert_readable(stages_chart(saved, language))
        assert_readable(one_more_chart(saved, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", CASES.values(), ids=CASES)
def test_reports_and_sentences_are_whole(facts, language, tmp_path):
    saved = read_explanation(write(tmp_path / "growth", **facts))
    said = spoken(saved, language)
    assert len(said) == 3
    for text in [*said, finding(saved, language), explanation_report(saved, language)]:
        assert "nan" not in text
        assert "{" not in text
        assert "  " not in text.strip() or text.count("\n") > 3
    stop = "." if language == "en" else "。"
    assert all(text.endswith(stop) for text in said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_finite_figures_there_are_words(language, tmp_path):
    saved = read_explanation(undefined(tmp_path / "never"))
    with style():
        assert_readable(blame_chart(saved, language))
    assert {file.stem for file in draw_explanation_charts(saved, tmp_path, language)} == {"blame"}
    said = "\n".join(spoken(saved, language))
    assert "900 cases are not finished" in said
    assert ("online review alone" if language == "en" else "仅网上审核人手不受限") in said
    assert "nan" not in explanation_report(saved, language)


def test_the_numbers_are_those_of_the_tables(tmp_path):
    saved = read_explanation(write(tmp_path / "growth"))
    with style():
        texts = [text for text, _ in shown_texts(blame_chart(saved, "en"))]
    assert {"+0.76 (+0.76 to +0.78)", "74.3 %", "4.32 (4.31 to 4.33)", "+0.44 (+0.41 to +0.56)"} <= set(texts)
    assert "Online review is to blame: it adds 0.76 of the 5.35 min" in texts
    assert "5.99 (4.79 to 13.18)" in texts
    assert texts.count("no saving found") == 3
    with style():
        texts = [text for text, _ in shown_texts(lateness_chart(saved, "en"))]
    assert "late: 39.7 %" in texts
    assert "8.82" in texts
    assert {"Mon", "Sun\n(worked)"} <= set(texts)
    assert not any(text.startswith("Sat") for text in texts)


def test_the_waterfall_leads_from_unlimited_staff_to_the_plan(tmp_path):
    saved = read_explanation(write(tmp_path / "growth"))
    with style():
        axes = blame_chart(saved, "en").axes[0]
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert bars[0] == (0.0, pytest.approx(4.32))
    for (_, end), (begin, _) in itertools.pairwise(bars[:-1]):
        assert begin == pytest.approx(end)
    assert bars[-1] == (0.0, pytest.approx(bars[-2][1]))
    # No interval is cut at the edge.
    assert all(max(line.get_xdata()) <= axes.get_xlim()[1] for line in axes.lines)


def test_what_the_stages_add_is_seen_though_it_is_little_beside_the_whole(tmp_path):
    small = read_explanation(write(tmp_path / "small", size=0.5, verdict="HOLDS"))
    huge = read_explanation(write(tmp_path / "huge", size=3000.0))
    with style():
        begins = [stages_chart(saved, "en").axes[0].get_xlim()[0] for saved in (small, huge)]
    # The axis of the first begins at more than nothing, and says so on both whole bars.
    assert 0 < begins[0] < small.unlimited.mean
    assert begins[1] == 0
    with style():
        axes = stages_chart(small, "en").axes[0]
    with style():
        texts = " ".join(text for text, _ in shown_texts(stages_chart(small, "en")))
    assert f"the axis of minutes begins at {begins[0]:.2f}".rstrip("0") in texts
    marks = [line for line in axes.lines if line.get_color() == "white"]
    assert sorted(round(float(np.mean(line.get_ydata()))) for line in marks) == [0, 0, 7, 7]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_more_alone_has_a_title_of_its_own(language, tmp_path):
    saved = read_explanation(write(tmp_path / "growth"))
    with style():
        texts = [text for text, _ in shown_texts(one_more_chart(saved, language))]
    assert lever_title(saved, language) in texts
    assert finding(saved, language) not in texts
    said = {"en": "One more reviewer at midday saves 0.22 min a licence, at 2.52 yuan a minute",
            "zh": "午间增加1名审核员：每件可省0.22分钟，每省1分钟2.52元"}  # fmt: skip
    assert lever_title(saved, language) == said[language]


def test_the_title_of_one_more_says_what_was_found_whatever_it_is(tmp_path):
    share = read_explanation(write(tmp_path / "share", share=True))
    assert lever_title(share, "en").startswith("One more reviewer at midday brings 2.20 points more in time, at ")
    nothing = read_explanation(write(tmp_path / "nothing", size=0.01, blamed=()))
    assert lever_title(nothing, "en") == "One person more, in whatever pool, is not found to save anything that matters"
    saved = read_explanation(write(tmp_path / "free"))
    free = [replace(lever, cost_difference=-1000.0 * (1 + (lever.pool == "clerks"))) for lever in saved.one_more]
    # Of what costs nothing, the one that saves most.
    title = lever_title(replace(saved, one_more=tuple(free)), "en")
    assert title == "One more reviewer all day saves 0.44 min a licence at no cost"


def test_one_more_that_lets_the_office_finish_is_not_said_to_save_nothing(tmp_path):
    saved = read_explanation(undefined(tmp_path / "never"))
    assert lever_title(saved, "en") == "No one person more lets the office finish its cases"
    enough = [
        replace(lever, finding="better", difference=-math.inf, low=-math.inf, high=-math.inf, cost_difference=105_000.0)
        if lever.pool == "reviewers" and lever.where == "all day" else lever
        for lever in saved.one_more
    ]  # fmt: skip
    saved = replace(saved, one_more=tuple(enough))
    said = "One more reviewer all day lets the office finish its cases, for 105,000 yuan a year"
    assert lever_title(saved, "en") == said
    assert any(said in text for text in spoken(saved, "en"))
    with style():
        assert_readable(one_more_chart(saved, "zh"))


@pytest.mark.parametrize(
    ("facts", "english", "chinese"),
    [
        ({}, "Online review is to blame: it adds 0.76 of the 5.35 min", "主因在网上审核：5.35分钟中有0.76分钟由其造成"),
        ({"verdict": "HOLDS"}, "Online review causes most of the waiting: 0.76 of the 5.35 min",
         "等待主要由网上审核造成：5.35分钟中占0.76分钟"),
        ({"blamed": ("review", "issue")},
         "Online review and counter are to blame together: they add 1.04 of the 5.35 min",
         "网上审核和窗口收件发照共同造成超时：5.35分钟中有1.04分钟由其造成"),
        ({"share": True}, "Online review is to blame: it takes 7.63 points of those in time (67.7 %)",
         "主因在网上审核：使按时占比（现为67.7%）降低7.63个百分点"),
    ],
)  # fmt: skip
def test_the_title_says_who_is_to_blame(facts, english, chinese, tmp_path):
    saved = read_explanation(write(tmp_path / "growth", **facts))
    assert (finding(saved, "en"), finding(saved, "zh")) == (english, chinese)


def test_what_even_unlimited_staff_would_not_keep_is_said(tmp_path):
    unlimited = {"estimate": 5.2, "low": 5.1, "high": 5.3}
    saved = read_explanation(write(tmp_path / "growth", unlimited=unlimited))
    assert "Even unlimited staff would not keep the target: 5.20 min would remain." in spoken(saved, "en")[0]


def test_where_the_waiting_is_is_said_if_another_stage_causes_it(tmp_path):
    folder = write(tmp_path / "growth")
    assert "The waiting itself" not in spoken(read_explanation(folder), "en")[0]
    stages = pq.read_table(folder / "stages.parquet").to_pylist()
    # In an outage cases wait that no staff could serve: nobody else is the cause.
    stages[4]["waiting"] = 3.0
    pq.write_table(pa.Table.from_pylist(stages), folder / "stages.parquet")
    assert "The waiting itself" not in spoken(read_explanation(folder), "en")[0]
    stages[4]["waiting"], stages[5]["waiting"] = 1.0, 0.04
    pq.write_table(pa.Table.from_pylist(stages), folder / "stages.parquet")
    said = spoken(read_explanation(folder), "en")[0]
    assert "The waiting itself is mostly at online review, 1.00 of 1.04 minutes" in said


def test_waiting_that_is_the_same_throughout_the_week_is_called_even(tmp_path):
    folder = write(tmp_path / "growth")
    week = pq.read_table(folder / "week.parquet").to_pylist()
    for row in week:
        row["minutes"] = 4.0 if row["weekday"] <= 5 and "08:30" <= row["from"] < "17:00" else 0.0
    pq.write_table(pa.Table.from_pylist(week), folder / "week.parquet")
    said = [spoken(read_explanation(folder), language)[2] for language in LANGUAGES]
    assert said[0].endswith("spread evenly over the week.")
    assert said[1].endswith("分布均匀。")


@pytest.mark.parametrize(("value", "said"), [(5.547, "5.55"), (0.00017, "0.00017"), (-3.0, "−3.00"), (0.0, "0.00")])
def test_yuan_for_one_are_written_as_closely_as_they_matter(value, said):
    assert each(value) == said


def test_the_busiest_stretch_holds_a_third():
    line = np.zeros(48)
    line[[18, 20, 21, 22]] = [3.0, 1.0, 2.0, 1.0]
    assert busiest(line) == (18, 19, pytest.approx(3 / 7))
    assert busiest(np.ones(48)) == (0, 16, pytest.approx(1 / 3))


def test_prices_and_parts_are_written_in_words_where_there_are_none():
    lever = OneMore("clerks", "midday", -0.1, -0.2, 0.1, "no difference found", 1.0, *[math.nan] * 3, 30)
    assert price(lever, "en") == "no saving found"
    shares = {0.742: "74.2 %", -0.014: "−1.4 %", -0.0003: "0.0 %", math.nan: "–"}
    for share, said in shares.items():
        assert part_of_added(Stage("review", 0.0, 0.0, 0.0, share, 1.0, 0.0), "en") == said


def test_the_charts_are_written_and_the_same_each_time(tmp_path):
    saved = read_explanation(write(tmp_path / "growth"))
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        files = draw_explanation_charts(saved, folder, "zh")
    assert [file.name for file in files] == ["blame.png", "blame.svg", "lateness.png", "lateness.svg"]
    for file in files:
        assert (folders[0] / file.name).read_bytes() == (folders[1] / file.name).read_bytes()


@pytest.mark.parametrize(("damage", "said"), [("kind", "not results of the kind"), ("late", "'late' is missing")])
def test_a_folder_without_an_explanation_is_refused_in_one_line(damage, said, tmp_path):
    folder = write(tmp_path / "growth")
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if damage == "kind":
        facts["kind"] = "sweep"
    else:
        del facts["late"]
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(SavedError, match=said) as caught:
        read_explanation(folder)
    assert "\n" not in str(caught.value)
