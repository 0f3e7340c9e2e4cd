"""The charts, sentences and report of `calibrate`: readable in both languages, and true to the folder."""

import json
import math
import re

import pyarrow.parquet as pq
import pytest
from calibration_folders import HALF_HOURS, calibration, estimate, write_calibration
from readable import assert_readable, shown_texts

from sim.briefing import calibration_sentences as sentences
from sim.briefing.calibration_numbers import clean, parameter_name, written
from sim.briefing.calibration_records import Estimate
from sim.briefing.charts.arrival_profile import arrival_profile_chart
from sim.briefing.charts.back_test import back_test_chart, draw_calibration_charts
from sim.briefing.charts.patience import patience_chart
from sim.briefing.charts.service_times import service_times_chart
from sim.briefing.charts.style import BLUE, RED, style
from sim.briefing.saved import SavedError
from sim.briefing.saved_calibration import read_calibration
from sim.cli.calibration_report import calibration_report

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
CHARTS = (arrival_profile_chart, service_times_chart, patience_chart, back_test_chart)
ALL_MISSED = {("phone", measure): 5.0 for measure in ("a day", "gave up", "wait mean", "wait P90", "service mean")}


def unfinished(tables):
    """Make of the review a step at which the model never finishes, or at which the log tells nothing."""
    for row in tables["back_test"]:
        if row["step"] == "review":
            row |= {"simulated": math.inf, "low": math.inf, "high": math.inf, "inside": False}
        if row["step"] == "filing":
            row |= {"simulated": 5.0, "high": None, "inside": True}
        if row["step"] == "issue":
            row["observed"] = None
            row["inside"] = False
        if row["step"] == "key":
            row |= {"observed": 0.0, "low": 0.0, "high": 0.0, "simulated": 0.0, "inside": True}


def bare(tables):
    """Take away all that may be missing: intervals, smooth lines, assumptions, and estimates of patience."""
    tables["estimates"] = [row | {"low": None, "high": None, "assumed": None, "naive": None}
                           for row in tables["estimates"] if "patience" not in row["name"]]  # fmt: skip
    tables["profile"] = [row | {"low": None, "high": None, "smooth": None, "assumed": None}
                         for row in tables["profile"]]  # fmt: skip


def without_families(tables):
    """Take away the fits of a step at which all takes the same time, and all that is fitted of patience."""
    for row in tables["services"]:
        if row["step"] == "automatic":
            row |= {name: None for name in row if name.startswith(("aic", "distance"))}
            row |= {"best": "", "empirical": True}
    for row in tables["quantiles"]:
        if row["step"] == "automatic":
            row |= {"lognormal": None, "gamma": None, "weibull": None}
    for row in tables["survival"]:
        row["fitted"] = None


def crazy(tables):
    """Make the intervals of a thin log: ends far away."""
    for row in tables["profile"]:
        row["high"] = 40.0 if row["high"] else None
    for row in tables["estimates"]:
        row |= {"low": 0.0, "high": 3 * row["value"]}


CASES = {
    "all": {},
    "one step": {"steps": ("phone",), "patient": ("phone",), "misfit": (), "biases": ALL_MISSED},
    "one step that fits badly": {"steps": ("review",), "patient": ("hall",), "misfit": ("review",)},
    "two steps": {"steps": ("review", "issue"), "biases": {}, "months": (3, 4)},
    "three steps": {"steps": ("phone", "filing", "issue"), "months": (12,), "half_hours": HALF_HOURS[:9]},
    "five steps": {"steps": ("phone", "filing", "key", "review", "issue"), "biases": ALL_MISSED},
    "never finishes": {"changed": unfinished},
    "bare": {"changed": bare},
    "no families": {"changed": without_families},
    "thin": {"changed": crazy, "misfit": ("phone", "filing", "review", "issue")},
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_are_readable(tmp_path, case, language):
    saved = calibration(tmp_path / "a", **CASES[case])
    for chart in CHARTS:
        with style():
            assert_readable(chart(saved, language))


@pytest.mark.parametrize("case", [*CASES, "nothing held out", "clean"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_report_and_sentences_say_it_in_words(tmp_path, case, language):
    more = {"nothing held out": {"held_out": False}, "clean": {"findings": [], "missing": []}}
    saved = calibration(tmp_path / "a", **(CASES | more)[case])
    text = " ".join([*sentences.spoken(saved, language), sentences.finding(saved, language)])
    report = calibration_report(saved, language)
    for said in (text, report):
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)|[{}\x1b]", said)
    assert re.search(r"[一-鿿]", text) if language == "zh" else not re.search(r"[一-鿿]", text)
    for sentence in sentences.spoken(saved, language):
        assert sentence in report


def test_what_is_read_aloud_is_in_the_folder(tmp_path):
    saved = calibration(tmp_path / "a", steps=("phone", "review", "issue"), biases={("issue", "wait mean"): 1.9})
    assert sentences.spoken(saved, "en") == [
        "From 95,066 records, the review takes 3.03 minutes on average (3.01 to 3.05); the model assumed 3.",
        "Of 49 fitted figures, 31 differ from what was assumed by more than chance explains in so many; farthest off: "
        "time until the licence is fetched, 17.4 h instead of 3 h.",
        "On the held-out days from 9 October 2023 to 29 December 2023, the model foretells 14 of 15 figures; it misses "
        "the mean wait at the counter: 3.67 min observed, 2.49 to 3.31 min simulated.",
        "3 figures cannot be told from this log and stay as assumed.",
    ]
    assert sentences.spoken(saved, "zh") == [
        "据95,066条记录，一件审核平均用时3.03分钟（3.01至3.05），模型原假设为3分钟。",
        "49项拟合数值中，31项与原假设的差异超出随机误差范围（已计入项数）；相差最大的是办结至到大厅取件的时间：17.4小时，原假设为3"
        "小时。",
        "在留作检验的2023年10月9日至2023年12月29日，15项指标中14项落在仿真区间内；未能复现的是窗口收件发照平均等待："
        "实际3.67分钟，仿真2.49至3.31分钟。",
        "3项无法由该业务记录得出，沿用原假设。",
    ]


def test_counts_of_sentences_are_those_of_the_tables(tmp_path):
    saved = calibration(tmp_path / "a")
    known = [row for row in saved.estimates if row.used and row.low <= row.high and not math.isnan(row.assumed)]
    differ = [row for row in known if row.clearly_differs(len(known))]
    assert 0 < len(differ) < sum(row.differs for row in known)
    inside = [row for row in saved.back_test if row.low <= row.observed <= row.high]
    assert f"{len(differ)} of {len(known)} figures clearly differ" in sentences.finding(saved, "en")
    assert f"of {len(saved.back_test)} figures in the back-test, {len(inside)} agree" in sentences.finding(saved, "en")
    assert [(row.step, row.measure) for row in saved.missed] == [
        ("key", "service mean"), ("issue", "wait mean"), ("phone", "gave up"),
    ]  # fmt: skip


def test_the_report_shows_every_estimate_finding_and_gap(tmp_path):
    saved = calibration(tmp_path / "a")
    report = calibration_report(saved, "en")
    for row in saved.estimates:
        assert parameter_name(row.index or row.name, "en") in report, row.name
    for found in saved.findings:
        assert f"{found.count:,}" in report
    assert re.search(r"way to the hall +no case is in both systems", report)
    assert re.search(r"key-enterprise desk +no rows of this step", report)
    assert re.search(r"ended before it started \(ended\) +214 +time set to missing +calls.csv:18: 08:29", report)
    assert re.search(r"outside the usual hours \(phone consulting\) +1,204 +kept", report)
    assert "A review that another one of the case follows is taken as sent back." in report
    fetched = next(line for line in report.splitlines() if "until the licence is fetched" in line)
    assert fetched.split()[-2:] == ["≠", "!"]
    assert re.search(r"wait, mean \[min\] +3\.67 +2,400 +2\.90 +2\.49–3\.31 +log is above", report)
    assert "\x1b" not in report
    assert "=cmd|' /C calc'!A0" in report


def test_hostile_names_of_files_do_no_harm(tmp_path):
    saved = calibration(tmp_path / "a")
    saved.manifest["log"]["files"][0] = "exports/$\\frac{1}$\n\x1b[31m<b>" + "x" * 200 + ".csv"
    with style():
        for chart in CHARTS:
            assert_readable(chart(saved, "zh"))
    assert "\x1b" not in calibration_report(saved, "zh")


def test_misses_are_marked_by_shape_colour_and_words(tmp_path):
    saved = calibration(tmp_path / "a")
    with style():
        figure = back_test_chart(saved, "en")
    points = [line for axes in figure.axes for line in axes.lines if len(line.get_xdata()) == 1]
    assert len(points) == len(saved.back_test)
    outside = [line for line in points if line.get_color() == RED]
    assert len(outside) == len(saved.missed) == 3
    assert all(line.get_marker() != "o" for line in outside)
    assert all(0 <= line.get_xdata()[0] <= 1 for line in points if line.get_color() == BLUE)
    texts = [text for text, _ in shown_texts(figure)]
    assert (texts.count("above"), texts.count("below")) == (2, 1)


def test_the_patience_chart_marks_the_naive_mean_as_too_short(tmp_path):
    with style():
        texts = [text for text, _ in shown_texts(patience_chart(calibration(tmp_path / "a"), "en"))]
    assert "mean of those\nwho gave up,\ntoo short: 1.6 min" in texts
    assert "Exponential, mean 6.7 min (6.3 to 7.1)" in texts
    assert "Callers wait 6.7 min on average before giving up, not 1.6 as those who did suggest" in texts


def test_the_profile_draws_what_it_has_where_it_is(tmp_path):
    saved = calibration(tmp_path / "a", months=(3, 4))
    with style():
        half_hours, months, weekdays = arrival_profile_chart(saved, "en").axes
    points = [line.get_ydata()[0] for line in half_hours.lines if len(line.get_xdata()) == 1]
    assert points == HALF_HOURS
    hollow = [line for line in months.lines if line.get_markerfacecolor() == "white"]
    assert len(hollow) == 10
    assert len([line for line in weekdays.lines if len(line.get_xdata()) == 1]) == 5


def test_each_panel_names_the_nearest_family_and_says_if_it_is_far_off(tmp_path):
    saved = calibration(tmp_path / "a")
    with style():
        texts = [text for text, _ in shown_texts(service_times_chart(saved, "en"))]
    assert "none fits well; nearest Weibull (0.058)" in texts
    assert texts.count("lognormal, distance 0.003") == 7
    assert "Lognormal is nearest to the service times of 7 of 8 steps; none fits well in the Set-Sail Studio" in texts


def test_charts_are_written_for_what_the_log_has(tmp_path):
    names = {
        "all": ["arrival_profile", "service_times", "patience", "back_test"],
        "no patience": ["arrival_profile", "service_times", "back_test"],
        "no test": ["arrival_profile", "service_times", "patience"],
    }
    changes = {"all": {}, "no patience": {"patient": ()}, "no test": {"held_out": False}}
    for case, wanted in names.items():
        folder = tmp_path / case
        files = draw_calibration_charts(calibration(folder, **changes[case]), folder, "en")
        assert [file.name for file in files] == [f"{name}.{kind}" for name in wanted for kind in ("png", "svg")]
        assert all(file.stat().st_size > 0 for file in files)


def test_the_same_folder_gives_the_same_pictures(tmp_path):
    saved = calibration(tmp_path / "a", steps=("phone",), misfit=())
    folders = [tmp_path / "b", tmp_path / "c"]
    for folder in folders:
        folder.mkdir()
        draw_calibration_charts(saved, folder, "zh")
    for file in sorted(folders[0].iterdir()):
        assert file.read_bytes() == (folders[1] / file.name).read_bytes(), file.name


@pytest.mark.parametrize(
    ("unit", "values", "said"),
    [
        ("min", (3.0312, 3.0131, 3.0494), ["3.03", "3.01", "3.05"]),
        ("s", (402.0, 377.9, 426.1), ["402", "378", "426"]),
        ("share", (0.1532, 0.1486, 0.1578), ["15.3 %", "14.9 %", "15.8 %"]),
        ("", (43_804.0, 42_928.0, 44_680.0), ["43,804", "42,928", "44,680"]),
        ("", (0.81, 0.7938, 0.8262), ["0.81", "0.79", "0.83"]),
        ("min", (0.5, math.nan, math.nan), ["0.500", "–", "–"]),
        ("share", (0.0, 0.0, 0.0), ["0.00 %", "0.00 %", "0.00 %"]),
        ("h", (math.inf,), ["∞"]),
    ],
)
def test_figures_have_the_digits_that_their_interval_bears_out(unit, values, said):
    assert written(unit, "en", *values) == said


@pytest.mark.parametrize("name", [
    "phone.profiles[0].patience_seconds", "review.minutes.mean_minutes", "review.return_factors.key",
    "review.return_rate[all]", "review.return_rate[other]", "filing.studio_correction_minutes.cv",
    "filing.hall_patience.shape", "issue.fetch_after_hours.cv", "phone.profiles[0].talk_cv", "abandonment.key",
    "dropped_out", "phone.redial_after_minutes", "review.auto_minutes", "demand.half_hour_index",
])  # fmt: skip
def test_parameters_have_names_in_both_languages(name):
    assert not re.search(r"[._]", parameter_name(name, "en"))
    assert re.search(r"[一-鿿]", parameter_name(name, "zh"))


def test_an_unknown_parameter_keeps_its_dotted_name():
    assert parameter_name("staff.clerks.plan", "zh") == "staff.clerks.plan"


def test_texts_from_outside_become_one_short_line():
    assert clean("a\n b\tc") == "a b c"
    assert "\x1b" not in clean("\x1b[31mred\x00")
    assert len(clean("x" * 500)) == 80


def test_an_estimate_knows_whether_it_differs_and_is_plausible():
    row = estimate("a.b", "review", 3.0, 10, 4.0, "min", 0.1, (1.0, 2.5))
    first = Estimate(**row)
    assert (first.differs, first.implausible, first.factor) == (True, True, 4 / 3)
    nothing = Estimate(**(row | {"assumed": math.nan, "plausible_low": math.nan, "plausible_high": math.nan}))
    assert (nothing.differs, nothing.implausible, nothing.replaces) == (False, False, False)
    assert math.isnan(nothing.factor)


@pytest.mark.parametrize(
    ("damage", "said"),
    [("kind", "not results of the kind 'calibration'"), ("no table", "no complete results"),
     ("column", "'plausible_low' is missing"), ("manifest", "'held_out' is missing"), ("log", "'kept' is missing"),
     ("date", "a damaged calibration"), ("profile", "'cases' is missing")],
)  # fmt: skip
def test_a_folder_without_a_calibration_is_refused_in_one_line(damage, said, tmp_path):
    folder = write_calibration(tmp_path / "a", steps=("phone",))
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if damage == "kind":
        facts["kind"] = "sweep"
    if damage == "manifest":
        del facts["held_out"]
    if damage == "profile":
        table = pq.read_table(folder / "profile.parquet")
        pq.write_table(table.drop_columns(["cases"]), folder / "profile.parquet")
    if damage == "log":
        del facts["log"]["kept"]
    if damage == "date":
        facts["log"]["first"] = "yesterday"
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    if damage == "column":
        table = pq.read_table(folder / "estimates.parquet")
        pq.write_table(table.drop_columns(["plausible_low"]), folder / "estimates.parquet")
    if damage == "no table":
        (folder / "duty.parquet").unlink()
    with pytest.raises(SavedError, match=re.escape(said)) as caught:
        read_calibration(folder)
    assert "\n" not in str(caught.value)
