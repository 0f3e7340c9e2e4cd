"""The charts, sentences and report of `calibrate`: readable in both languages, and true to the record."""

import math
import re
from dataclasses import replace

import pytest
from calibrations import GAINS, HALF_HOURS, calibration, estimate
from helpers import in_turn, said_in
from readable import assert_readable, shown_texts

from sim.present.charts.style import BLUE, INK, RED, style
from sim.present.parameters import PARAMETERS
from sim.present.table import Table
from sim.present.terminal import rendered
from sim.results.codec import read_record, write_record
from sim.studies.calibrate.charts import charts
from sim.studies.calibrate.fit_notes import TELLS
from sim.studies.calibrate.log.notes import NOTES, Note
from sim.studies.calibrate.log.report import ASSUMED, DONE, FINDINGS
from sim.studies.calibrate.records import FAMILIES, PATIENCE, Calibration, LogFinding
from sim.studies.calibrate.show import finding, note_in_words, report, spoken
from sim.studies.calibrate.times.service_times import SERVICES
from sim.studies.calibrate.wording import clean, figure_name, written

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

ALL_MISSED = {("phone", measure): 5.0 for measure in ("a day", "gave up", "wait mean", "wait P90", "service mean")}
UNKNOWN = {"low": math.nan, "high": math.nan}
NAMES = ("arrival_profile", "service_times", "patience", "back_test")


def with_rows(record, **change):
    """Return a record with each row of some tables replaced by what a function makes of it."""
    return replace(record, **{table: tuple(map(of, getattr(record, table))) for table, of in change.items()})


def unfinished(record):
    """Make of the review a step at which the model never finishes, or at which the log tells nothing."""
    never = {"simulated": math.inf, "low": math.inf, "high": math.inf, "inside": False}
    changes = {
        "review": never, "filing": {"simulated": 5.0, "high": math.inf, "inside": True},
        "issue": {"observed": math.nan, "inside": False},
        "key": {"observed": 0.0, "low": 0.0, "high": 0.0, "simulated": 0.0, "inside": True},
    }  # fmt: skip
    return with_rows(record, back_test=lambda row: replace(row, **changes.get(row.step, {})))


def bare(record):
    """Take away all that may be missing: intervals, smooth lines, assumptions, and estimates of patience."""
    known = replace(record, estimates=tuple(each for each in record.estimates if "patience" not in each.name))
    return with_rows(
        known, estimates=lambda row: replace(row, **UNKNOWN, assumed=math.nan, naive=math.nan),
        profile=lambda row: replace(row, **UNKNOWN, smooth=math.nan, assumed=math.nan),
    )  # fmt: skip


def without_families(record):
    """Take away the fits of a step at which all takes the same time, and all that is fitted of patience."""
    nothing = {f"{figure}_{family}": math.nan for figure in ("aic", "distance") for family in FAMILIES}
    return with_rows(
        record, survival=lambda row: replace(row, fitted=math.nan),
        services=lambda row: replace(row, **nothing, best="", empirical=True) if row.step == "automatic" else row,
        quantiles=lambda row: replace(row, lognormal=math.nan, gamma=math.nan, weibull=math.nan)
        if row.step == "automatic" else row,
    )  # fmt: skip


def crazy(record):
    """Make the intervals of a thin log: ends far away."""
    return with_rows(
        record, profile=lambda row: replace(row, high=40.0 if row.high == row.high else row.high),
        estimates=lambda row: replace(row, low=0.0, high=3 * row.value),
    )  # fmt: skip


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


def drawn(record):
    """Return the figures of all charts by name."""
    with style():
        return {chart.name: chart.make() for chart in charts(record)}


def texts_of(record, name):
    with style():
        return [text for text, _ in shown_texts(drawn(record)[name])]


@pytest.mark.parametrize(("case", "language"), in_turn(CASES))
def test_charts_are_readable(case, language):
    record = calibration(**CASES[case])
    with style():
        for figure in said_in(language, drawn, record).values():
            assert_readable(figure)


@pytest.mark.parametrize("naive", [20.0, 150.0, 250.0])
def test_what_is_said_of_who_gave_up_is_not_written_over_the_mean(naive):
    def near(record):
        return with_rows(
            record, estimates=lambda row: replace(row, naive=naive) if row.name == PATIENCE["phone"] else row
        )

    with style():
        figure = drawn(calibration(changed=near))["patience"]
        figure.canvas.draw()
        axes = figure.axes[0]
        (label,) = (text for text in axes.texts if "too" in text.get_text())
        (mean,) = (line.get_xdata()[0] for line in axes.lines if line.get_color() == INK)
        box = label.get_window_extent()
        at = axes.transData.transform((mean, 0))[0]
        assert not box.x0 <= at <= box.x1
        assert_readable(figure)


@pytest.mark.parametrize(("case", "language"), in_turn(["nothing held out", *CASES, "clean"]))
def test_report_and_sentences_say_it_in_words(case, language):
    more = {"nothing held out": {"held_out": False}, "clean": {"findings": (), "missing": ()}}
    record = calibration(**(CASES | more)[case])
    text = " ".join([*said_in(language, spoken, record), said_in(language, finding, record)])
    for said in (text, rendered(said_in(language, report, record))):
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)|[{}\x1b]", said)
    assert bool(re.search(r"[一-鿿]", text)) == (language == "zh")


def test_counts_of_sentences_are_those_of_the_tables():
    record = calibration()
    known = [row for row in record.estimates if row.used and row.low <= row.high and not math.isnan(row.assumed)]
    differ = [row for row in known if row.clearly_differs(len(known))]
    assert 0 < len(differ) < sum(row.differs for row in known)
    inside = [row for row in record.back_test if row.low <= row.observed <= row.high]
    assert f"{len(differ)} of {len(known)} figures clearly differ" in finding(record)
    assert f"of {len(record.back_test)} figures in the back-test, {len(inside)} agree" in finding(record)
    missed = [("key", "service mean"), ("issue", "wait mean"), ("phone", "gave up")]
    assert [(row.step, row.measure) for row in record.missed] == missed


def test_the_report_shows_every_estimate_finding_and_gap():
    record = calibration()
    shown = rendered(report(record))
    for row in record.estimates:
        assert figure_name(row.index or row.name) in shown, row.name
    for found in record.findings:
        assert f"{found.count:,}" in shown
    assert re.search(r"way to the hall +too little in the log tells of it", shown)
    assert re.search(r"key-enterprise desk +no rows of this step", shown)
    assert re.search(r"ended before it started \(ended\) +214 +time set to missing +calls.csv:18: 08:29", shown)
    assert re.search(r"outside the usual hours \(phone consulting\) +1,204 +kept", shown)
    fetched = next(line for line in shown.splitlines() if "until the licence is fetched" in line)
    assert fetched.split()[-2:] == ["≠", "!"]
    assert re.search(r"wait, mean \[min\] +3\.67 +2,400 +2\.90 +2\.49–3\.31 +log is above", shown)
    assert "\x1b" not in shown
    assert "=cmd|' /C calc'!A0" in shown


def test_hostile_names_of_files_do_no_harm():
    record = calibration()
    record = replace(record, log=replace(record.log, files=("exports/$\\frac{1}$\n\x1b[31m<b>" + "x" * 200 + ".csv",)))
    with style():
        for figure in said_in("zh", drawn, record).values():
            assert_readable(figure)
    assert "\x1b" not in rendered(said_in("zh", report, record))


def test_misses_are_marked_by_shape_colour_and_words():
    record = calibration()
    figure = drawn(record)["back_test"]
    points = [line for axes in figure.axes for line in axes.lines if len(line.get_xdata()) == 1]
    assert len(points) == len(record.back_test)
    outside = [line for line in points if line.get_color() == RED]
    assert len(outside) == len(record.missed) == 3
    assert all(line.get_marker() != "o" for line in outside)
    assert all(0 <= line.get_xdata()[0] <= 1 for line in points if line.get_color() == BLUE)
    texts = texts_of(record, "back_test")
    assert (texts.count("above"), texts.count("below")) == (2, 1)


def test_the_patience_chart_marks_the_naive_mean_as_too_short():
    assert "who gave up, on average:\n1.6 min, too short" in texts_of(calibration(), "patience")


def test_the_profile_draws_what_it_has_where_it_is():
    half_hours, months, weekdays = drawn(calibration(months=(3, 4)))["arrival_profile"].axes
    points = [line.get_ydata()[0] for line in half_hours.lines if len(line.get_xdata()) == 1]
    assert points == HALF_HOURS
    hollow = [line for line in months.lines if line.get_markerfacecolor() == "white"]
    assert len(hollow) == 10
    assert len([line for line in weekdays.lines if len(line.get_xdata()) == 1]) == 5


def test_each_panel_says_of_the_fit_what_the_report_says():
    texts = texts_of(calibration(), "service_times")
    assert "none fits: lognormal 12.0 points off" in texts
    assert texts.count("lognormal fits, 0.3 points off") == 6
    assert "gamma fits, 0.4 points off" in texts
    assert "Lognormal fits the service times of 6 of 8 steps; none fits in the Set-Sail Studio" in texts


def test_times_of_nothing_are_counted_and_times_that_are_all_the_same_have_no_panel():
    def zeros(record):
        of_zeros = [replace(row, n=row.n + 500) if row.about == "service" else row for row in record.goodness]
        return replace(record, goodness=tuple(of_zeros))

    def same(record):
        return with_rows(record, quantiles=lambda row: replace(row, observed=3.0) if row.step == "review" else row)

    assert "Phone consulting  n = 21,950, 500 of 0 min" in texts_of(calibration(changed=zeros), "service_times")
    texts = texts_of(calibration(changed=same), "service_times")
    assert not any(text.startswith("Online review") for text in texts)
    alone = calibration(steps=("review",), patient=(), changed=same)
    assert "service_times" not in [chart.name for chart in charts(alone)]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [({}, ()), ({"patient": ()}, ("patience",)), ({"held_out": False}, ("back_test",)), ({"profile": ()}, NAMES[:1])],
)
def test_charts_are_drawn_of_what_the_log_has(changes, missing):
    assert [chart.name for chart in charts(calibration(**changes))] == [name for name in NAMES if name not in missing]


@pytest.mark.parametrize("case", ["all", "never finishes", "bare"])
def test_a_calibration_is_read_as_it_was_written(tmp_path, case):
    record = calibration(**CASES[case])
    write_record(record, tmp_path)
    # NaN is not equal to itself, but written alike.
    assert repr(read_record(Calibration, tmp_path)) == repr(record)


@pytest.mark.parametrize(
    ("unit", "values", "said"),
    [
        ("min", (3.0312, 3.0131, 3.0494), ["3.03", "3.01", "3.05"]),
        ("s", (402.0, 377.9, 426.1), ["402", "378", "426"]),
        ("share", (0.1532, 0.1486, 0.1578), ["15.3 %", "14.9 %", "15.8 %"]),
        ("", (43_804.0, 42_928.0, 44_680.0), ["43,804", "42,928", "44,680"]),
        ("min", (0.5, math.nan, math.nan), ["0.500", "–", "–"]),
        ("share", (0.0, 0.0, 0.0), ["0.00 %", "0.00 %", "0.00 %"]),
        ("h", (math.inf,), ["∞"]),
    ],
)
def test_figures_have_the_digits_that_their_interval_bears_out(unit, values, said):
    assert written(unit, *values) == said


def test_whatever_is_fitted_has_a_name():
    told = {path + ends[0] for path, ends, _ in SERVICES.values()}.union(*TELLS.values())
    others = (
        "review.return_rate[all]", "review.return_rate[other]", "review.return_rate[alone]", "abandonment.key",
        "dropped_out", "demand.half_hour_index", "demand.half_hour_index[3]", "demand.month_index[1]",
    )  # fmt: skip
    for name in (*told, *others, *PARAMETERS):
        assert not re.search(r"[._\[]", figure_name(name)), name
        assert re.search(r"[一-鿿]", said_in("zh", figure_name, name)), name
    assert said_in("zh", figure_name, "staff.clerks.plan") == "在岗窗口人员"
    assert said_in("zh", figure_name, "nothing.known.so") == "nothing.known.so"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_makes_files_wait_is_told_without_a_back_test_too(language):
    gains = tuple(replace(gain, observed=math.nan, without=math.nan, simulated=math.nan) for gain in GAINS)
    held, not_held = (
        [part for part in said_in(language, report, record) if isinstance(part, Table)]
        for record in (calibration(), calibration(held_out=False, gains=gains))
    )
    title = {"en": "What makes files wait, and how", "zh": "办件为何久等"}[language]
    for tables in (held, not_held):
        (table,) = (each for each in tables if each.title.startswith(title))
        assert len(table.rows) == len(GAINS)


def test_texts_from_outside_become_one_short_line():
    assert clean("a\n b\tc") == "a b c"
    assert "\x1b" not in clean("\x1b[31mred\x00")
    assert len(clean("x" * 500)) == 80


def test_an_estimate_knows_whether_it_differs_and_is_plausible():
    first = estimate("a.b", "review", 3.0, 10, 4.0, "min", 0.1, (1.0, 2.5))
    assert (first.differs, first.implausible, first.factor) == (True, True, 4 / 3)
    nothing = replace(first, assumed=math.nan, plausible_low=math.nan, plausible_high=math.nan)
    assert (nothing.differs, nothing.implausible, nothing.replaces) == (False, False, False)
    assert math.isnan(nothing.factor)


VALUES = {
    "first": "2023-01-01", "last": "2023-12-31", "days": ["2023-04-06"], "contacts": 88409, "cases": 2, "more": 4,
    "years": ["2035"], "months": [1, 12], "weekdays": ["fri"], "value": 1.144, "low": 1.1, "high": 0.98,
    "year": "2023", "before": "2022", "begin": "08:30", "end": "17:00", "day": "2023-06-07", "seen": 1250,
    "expected": 400, "share": 28.4, "residual": 8.04, "without": 0.1114, "counted": 0.2,
    "hours": ["12:00-13:30"], "clock": ["08:30-17:00"], "office": ["08:30-20:00"], "phone": ["08:30-17:00"],
    "parent": "county", "weeks": "26", "told": 134, "step": "review", "held": 0.01, "group": "hall", "least": 12.0,
    "steps": ["phone", "hall"], "services": 1200, "files": 4016, "minutes": 15.0,
    "number": 4, "factor": 0.7, "most": "6",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("what", NOTES)
def test_each_note_is_a_sentence_with_nothing_left_open(what, language):
    sentence = said_in(language, note_in_words, Note(what, VALUES))
    assert sentence.endswith("." if language == "en" else "。")
    assert not re.search(r"[{}\[]|None", sentence)


def test_numbers_and_names_of_notes_are_written_as_they_are_read():
    assert said_in("zh", note_in_words, Note("growth", VALUES)) == "2023年与2022年逐日相比：+14.4%（+10.0%至-2.0%）。"
    assert note_in_words(Note("months missing", VALUES)).startswith("Not in the log: January, December; ")
    assert "2023-04-06 and 4 more" in note_in_words(Note("not worked here", VALUES))


def test_whatever_may_be_found_or_assumed_has_words():
    findings = tuple(LogFinding(kind, "", 1, done, "") for kind in FINDINGS for done in DONE)
    record = calibration(findings=findings)
    record = replace(record, log=replace(record.log, assumed=tuple(ASSUMED)))
    assert re.search(r"[一-鿿]", rendered(said_in("zh", report, record)))
