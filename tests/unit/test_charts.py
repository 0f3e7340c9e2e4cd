"""Charts: both languages, no empty boxes, nothing cut, nothing over something else, extremes included."""

import dataclasses
import math
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont
from readable import assert_readable, shown_texts

from sim.analysis.judge import Rule, Verdict
from sim.briefing import sentences
from sim.briefing.charts import CHARTS, draw_charts
from sim.briefing.charts.overview import draw_overview, overview_chart
from sim.briefing.charts.style import new_figure, style, write
from sim.briefing.fonts import families
from sim.briefing.numbers import minutes, number, percent, plain, share, span, without_sign
from sim.briefing.overview import overview_row, write_overview
from sim.briefing.saved import NO_FIGURE, Figure, SavedError, counted_half_hours, read_saved
from sim.briefing.words import WORDS, named, word
from sim.experiment.results import write_run
from sim.experiment.run import run_scenario
from sim.experiment.verdicts import Outcome
from sim.office.parameters.listing import all_parameters
from sim.office.scenario import scenario_from_dict

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
SCENARIO = {
    "name": "small",
    "title": {"en": "Four days in March", "zh": "三月的四天"},
    "period": {"first": "2023-03-01", "last": "2023-03-04"},
    "demand": {"registrations_per_year": 30_000},
}


@pytest.fixture(scope="module")
def run():
    return run_scenario(scenario_from_dict(SCENARIO), seed=5, rule=Rule(largest=24))


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "small"
    write_run(run, folder)
    return folder


@pytest.fixture(scope="module")
def saved(folder):
    return read_saved(folder)


def changed(saved, figures=(), verdict=(), replications=None, **parts):
    """Return saved results with other figures, or another verdict."""
    manifest = {**saved.manifest, "verdict": {**saved.verdict, **dict(verdict)}}
    if replications is not None:
        manifest["replications"] = replications
    return dataclasses.replace(saved, manifest=manifest, figures={**saved.figures, **dict(figures)}, **parts)


MEAN = ("licence", "", "", "mean")
WITHIN = ("licence", "", "", "within")


def every_licence_in(saved, from_minutes):
    times = saved.licence_times.copy()
    times[:, 2] = np.where(times[:, 0] == from_minutes, 100.0, 0.0)
    return times


def as_it_is(saved):
    return saved


def all_within(saved):
    return changed(
        saved, {MEAN: Figure(1.2, 1.19, 1.21), WITHIN: Figure(1, 1, 1)},
        {"verdict": "HOLDS", "estimate": 1.2, "low": 1.19, "high": 1.21}, licence_times=every_licence_in(saved, 1.0),
    )  # fmt: skip


def all_late(saved):
    return changed(
        saved, {MEAN: Figure(12_345.6, 9_876.5, 14_814.7), WITHIN: Figure(0, 0, 0)},
        {"verdict": "FAILS", "estimate": 12_345.6, "low": 9_876.5, "high": 14_814.7},
        licence_times=every_licence_in(saved, 30.0),
    )  # fmt: skip


def some_never(saved):
    never = Figure(math.inf, math.inf, math.inf)
    return changed(saved, {MEAN: never}, {"verdict": "FAILS", "estimate": None, "low": None, "high": None})


def one_replication(saved):
    once = {key: Figure(figure.mean, math.nan, math.nan) for key, figure in saved.figures.items()}
    return changed(saved, once, {"verdict": "UNDECIDED", "estimate": 4.99, "low": None, "high": None}, 1)


def close_to_the_target(saved):
    return changed(
        saved, {MEAN: Figure(5.004, 4.96, 5.048)},
        {"verdict": "TOO CLOSE", "estimate": 5.004, "low": 4.96, "high": 5.048, "tests": 11},
    )  # fmt: skip


def percentile(saved):
    return changed(saved, (), {
        "verdict": "FAILS", "statistic": "percentile", "clock": "door_to_door", "minutes": 1234.5, "level": 0.975,
        "estimate": 0.9712, "low": 0.9700, "high": 0.9724,
    })  # fmt: skip


def far_target(saved):
    return changed(saved, (), {"verdict": "HOLDS", "minutes": 480.0})


def tiny_target(saved):
    return changed(saved, (), {"verdict": "FAILS", "minutes": 0.5})


def nothing_at_all(saved):
    empty = dict.fromkeys(saved.figures, NO_FIGURE)
    return changed(
        saved, empty, {"verdict": "UNDECIDED", "low": None, "high": None},
        half_hours={key: values * 0 for key, values in saved.half_hours.items()},
        licence_times=saved.licence_times * [1, 1, 0],
    )  # fmt: skip


def huge_queues(saved):
    hundredfold = {key: values * 1e4 for key, values in saved.half_hours.items()}
    return changed(saved, half_hours=hundredfold)


def night_queues(saved):
    half_hours = {key: values.copy() for key, values in saved.half_hours.items()}
    for name, values in half_hours.items():
        if name[0] == "queue":
            values[~counted_half_hours(["08:30-17:00"])] = 40
    return changed(saved, half_hours=half_hours)


CASES = {
    case.__name__: case
    for case in (
        as_it_is, all_within, all_late, some_never, one_replication, close_to_the_target, percentile,
        far_target, tiny_target, nothing_at_all, huge_queues, night_queues,
    )
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("chart", list(CHARTS))
def test_charts_are_readable(saved, chart, case, language):
    with style():
        figure = CHARTS[chart](CASES[case](saved), language)
        assert_readable(figure)


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_are_written_and_the_same_each_time(saved, language, tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        draw_charts(saved, folder, language)
    names = {f"{chart}.{kind}" for chart in CHARTS for kind in ("png", "svg")}
    for folder in folders:
        assert {file.name for file in folder.iterdir()} == names
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    for chart in CHARTS:
        assert (folders[0] / f"{chart}.png").read_bytes().startswith(b"\x89PNG")
        svg = (folders[0] / f"{chart}.svg").read_text(encoding="utf-8")
        assert "<dc:date>" not in svg


def test_the_title_says_the_verdict(saved):
    with style():
        texts = [text for text, _ in shown_texts(CHARTS["licence_time"](all_within(saved), "en"))]
    assert "HOLDS: " in texts
    assert "the mean licence time is 1.20 min; the target is at most 5 min" in texts
    assert sentences.finding(percentile(saved), "en") == (
        "FAILS: 97.1 % within 1,234.5 min (first submission to licence in hand); "
        "the target is P97.5 within 1,234.5 min"
    )
    assert sentences.finding(some_never(saved), "zh") == "不达标：部分申请人始终拿不到执照，目标为5分钟"
    few = sentences.interval(one_replication(saved), "en")
    assert few == "no interval from so few replications (1), so no verdict"


def test_the_interval_says_what_it_holds_for(saved):
    close = changed(close_to_the_target(saved), replications=1234)
    assert sentences.interval(close, "en") == (
        "95 % interval 4.96 – 5.05 after 1,234 replications, valid at every look and for all 11 verdicts at once"
    )
    alone = changed(close, (), {"tests": 1})
    assert sentences.interval(alone, "en").endswith("valid at every look")
    assert sentences.interval(alone, "zh") == "95%区间 4.96 – 5.05，经1,234次重复，任何时刻查看均有效"
    assert sentences.finding(close, "zh") == "临界：平均办照时长5.00分钟，目标为不超过5分钟"


# Overview


def test_scenarios_of_several_versions_have_all_of_them_named(saved):
    row = overview_row(saved)
    rows = [dataclasses.replace(row, version=version) for version in ("0.2.0", "0.1.0", "", "0.2.0")]
    with style():
        texts = [text for text, _ in shown_texts(overview_chart(rows, "en"))]
        alone = [text for text, _ in shown_texts(overview_chart([rows[2]], "en"))]
    assert any(text.endswith("assumptions. Version 0.1.0, 0.2.0") for text in texts)
    assert any(text.endswith("assumptions") for text in alone)


def rows_of(saved):
    """Return rows of all kinds: decided, undecided, infinite, never finished, with another target."""
    row = dataclasses.replace(overview_row(saved), title_en="Spring rush (the weeks after Spring Festival)")
    never = {"licence_mean": math.inf, "licence_low": math.nan, "licence_high": math.nan, "verdict": "FAILS"}
    return [
        row,
        dataclasses.replace(row, verdict="UNDECIDED", licence_low=math.nan, licence_high=math.nan),
        dataclasses.replace(row, verdict="FAILS", licence_mean=450.0, licence_low=160.0, licence_high=740.0),
        dataclasses.replace(row, **never, title_zh="审核系统停摆（每年12次，每次90分钟）"),
        dataclasses.replace(row, **never, cannot_finish=True, registrations_per_day=math.nan, tightest_stage=""),
        dataclasses.replace(row, verdict="HOLDS", licence_mean=0.01, licence_low=-0.02, licence_high=0.04),
        dataclasses.replace(row, verdict="TOO CLOSE", licence_mean=5.01, licence_low=4.97, licence_high=5.04,
                            replications=1234),
    ]  # fmt: skip


SELECTIONS = {
    "one": [0], "all": [0, 1, 2, 3, 4, 5, 6], "near": [0, 1, 6], "no number": [3, 4], "many": [0, 1, 2, 3] * 5,
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("selection", list(SELECTIONS))
def test_the_overview_is_readable(saved, selection, language):
    rows = [rows_of(saved)[i] for i in SELECTIONS[selection]]
    with style():
        assert_readable(overview_chart(rows, language))


def test_the_overview_is_readable_with_several_targets(saved):
    rows = [dataclasses.replace(row, target_minutes=5.0 + i) for i, row in enumerate(rows_of(saved))]
    with style():
        assert_readable(overview_chart(rows, "en"))


def test_the_overview_counts_the_verdicts(saved):
    with style():
        texts = [text for text, _ in shown_texts(overview_chart(rows_of(saved), "en"))]
    verdicts = [row.verdict for row in rows_of(saved)]
    expected = f"The target holds in {verdicts.count('HOLDS')} of 7 scenarios, fails in {verdicts.count('FAILS')}"
    assert f"{expected}, is too close to call in 1, is undecided in {verdicts.count('UNDECIDED')}" in texts
    assert "FAILS  cannot finish" in texts
    assert "5.01  TOO CLOSE" in texts
    assert any(text.startswith(f"Simulation: {saved.replications}–1,234 replications a scenario") for text in texts)


def test_the_overview_is_written_in_four_formats(saved, tmp_path):
    rows = rows_of(saved)
    written = [*write_overview(rows, tmp_path), *draw_overview(rows, tmp_path, "zh")]
    names = [f"overview.{kind}" for kind in ("csv", "parquet", "png", "svg")]
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    assert sorted(written) == sorted(tmp_path.iterdir())
    assert len((tmp_path / "overview.csv").read_text(encoding="utf-8").splitlines()) == 8


def test_an_office_that_cannot_finish_has_a_row(run, tmp_path):
    outcome = Outcome(Verdict.FAILS, None, "9 cases are not finished", 3)
    write_run(dataclasses.replace(run, outcome=outcome), tmp_path / "small")
    row = overview_row(read_saved(tmp_path / "small"))
    assert (row.verdict, row.cannot_finish, row.licence_mean) == ("FAILS", True, math.inf)


def test_the_interval_of_the_overview_is_that_of_the_verdict(saved):
    other = changed(saved, {MEAN: Figure(4.0, 3.9, 4.1)}, {"estimate": 4.2, "low": 4.1, "high": 4.3})
    row = overview_row(other)
    assert (row.licence_mean, row.licence_low, row.licence_high) == (4.2, 4.1, 4.3)
    row = overview_row(changed(other, (), {"statistic": "share", "level": 0.9}))
    assert (row.licence_mean, row.licence_low, row.licence_high) == (4.0, 3.9, 4.1)


# Font


def test_the_font_has_chinese_and_is_registered():
    family, _ = families()
    assert family == "Noto Sans SC"
    assert Path(findfont(FontProperties(family=family))).name == "NotoSansSC-Regular.otf"


def test_rare_characters_and_signs_are_drawn(tmp_path):
    with style():
        figure = new_figure()
        figure.text(0.1, 0.5, "赟喆堃 −5 ≤ 7 ∞ – · ↑ “粉马甲”")
        write(figure, tmp_path / "rare.png")
        write(figure, tmp_path / "rare.svg")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_can_be_drawn(language, tmp_path):
    with style():
        figure = new_figure()
        figure.text(0, 0, "\n".join(pair[LANGUAGES.index(language)] for pair in WORDS.values()))
        write(figure, tmp_path / "words.png")


# Words, numbers, saved results


def test_both_languages_fill_in_the_same_values():
    for key, (english, chinese) in WORDS.items():
        assert english.strip(), key
        assert chinese.strip(), key
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese)), key


def test_every_stage_pool_and_clock_has_a_name(saved):
    for language in LANGUAGES:
        for what, names in (("stage", saved.stages), ("pool", saved.pools)):
            for name in names:
                assert f"{what} {name}" in WORDS
                assert named(what, name, language) == word(f"{what} {name}", language)
    assert named("stage", "till", "zh") == "till"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(4.975, "4.97"), (0, "0.00"), (40.12, "40.1"), (141.6, "142"), (1421.6, "1,422"), (math.inf, "∞"),
     (math.nan, "–")],
)  # fmt: skip
def test_minutes_have_the_digits_that_make_sense(value, expected):
    assert minutes(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.6484, "64.8 %"), (1, "100 %"), (0, "0 %"), (0.99996, ">99.9 %"), (0.0001, "<0.1 %"), (0.01, "1.0 %"),
     (math.nan, "–")],
)  # fmt: skip
def test_a_share_is_all_or_nothing_only_if_it_is(value, expected):
    assert share(value, "en") == expected
    # Chinese sets no space before the sign.
    assert share(value, "zh") == expected.replace(" ", "")
    assert without_sign(share(value, "en")) == without_sign(share(value, "zh")) == expected.removesuffix(" %")


def test_no_chinese_word_has_a_space_before_per_cent():
    assert [key for key, (_, chinese) in WORDS.items() if " %" in chinese] == []


def test_every_source_of_a_parameter_has_chinese_words():
    sources = {parameter.source for parameter in all_parameters()} - {""}
    assert {f"value source {source}" for source in sources} == {key for key in WORDS if key.startswith("value source ")}
    units = {parameter.unit for parameter in all_parameters()} - {""}
    assert {f"value unit {unit}" for unit in units} <= WORDS.keys()


def test_other_numbers():
    assert number(90450.4) == "90,450"
    assert number(math.inf) == "∞"
    assert (plain(5.0), plain(7.5)) == ("5", "7.5")
    assert (percent(0.95), percent(0.975)) == ("95", "97.5")
    assert (span([20, 20]), span([1200, 20, 300])) == ("20", "20–1,200")


def test_the_peak_is_looked_for_in_the_counted_hours(saved):
    queue = np.zeros(48)
    queue[15], queue[26] = 50, 3
    assert changed(saved, half_hours={("queue", "review"): queue}).peak("review") == ("13:00", 3.0)


@pytest.mark.parametrize("damage", ["nothing there", "no manifest", "another layout", "table missing", "table broken"])
def test_a_folder_without_results_is_refused_in_one_line(folder, damage, tmp_path):
    mine = tmp_path / "mine"
    if damage != "nothing there":
        mine.mkdir()
        for file in folder.iterdir():
            (mine / file.name).write_bytes(file.read_bytes())
    if damage == "no manifest":
        (mine / "manifest.json").unlink()
    if damage == "another layout":
        (mine / "manifest.json").write_text('{"format": 0}')
    if damage == "table missing":
        (mine / "summary.parquet").unlink()
    if damage == "table broken":
        (mine / "summary.parquet").write_bytes(b"PAR1")
    with pytest.raises(SavedError, match=re.escape(str(mine))) as caught:
        read_saved(mine)
    assert "\n" not in str(caught.value)
