"""Charts of runs: both languages, no empty boxes, nothing cut, nothing over something else, extremes included."""

import math
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from helpers import in_turn, said_in
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle
from readable import assert_readable, shown_texts
from small_runs import record_of

from sim.measures.judge import Rule, Verdict
from sim.office.blocks import Unfinished
from sim.office.scenario import scenario_from_dict
from sim.present.charts.rows import draw_interval
from sim.present.charts.style import new_figure, style, write
from sim.present.fonts import families
from sim.present.names import POOLS, STAGES
from sim.present.numbers import in_hours, minutes, number, percent, plain, share, span, without_sign
from sim.present.table import as_share, ends
from sim.replicate.verdicts import Outcome
from sim.results.about import TargetFacts
from sim.studies.run import STUDY, show
from sim.studies.run.charts.calendar import calendar_chart
from sim.studies.run.charts.overview import draw_overview, overview_chart
from sim.studies.run.overview import overview_row, read_overview, write_overview
from sim.studies.run.records import NO_FIGURE, Day, Figure, HalfHour
from sim.studies.run.replicate import run_scenario
from sim.text import catalogue

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

SCENARIO = {
    "name": "small",
    "title": {"en": "Four days in March", "zh": "三月的四天"},
    "period": {"first": "2023-03-01", "last": "2023-03-04"},
    "demand": {"registrations_per_year": 30_000},
}
CHARTS = ("licence_time", "minutes", "day")


@pytest.fixture(scope="module")
def done():
    return run_scenario(scenario_from_dict(SCENARIO), seed=5, rule=Rule(largest=24))


@pytest.fixture(scope="module")
def run(done):
    return record_of(done)


def changed(run, figures=(), **parts):
    """Return a run with other figures, and other facts."""
    new = dict(figures)
    rows = tuple(
        replace(row, **new[key]._asdict()) if (key := (row.subject, row.by, row.group, row.statistic)) in new else row
        for row in run.summary
    )
    return replace(run, summary=rows, **parts)


def judged(verdict, estimate, low=math.nan, high=math.nan):
    return {"verdict": verdict, "estimate": estimate, "low": low, "high": high}


MEAN = ("licence", "", "", "mean")
WITHIN = ("licence", "", "", "within")


def every_licence_in(run, from_minutes):
    return tuple(replace(row, cases=100.0 * (row.from_minutes == from_minutes)) for row in run.licence_times)


def with_queues(run, queue_of):
    return changed(run, half_hours=tuple(replace(row, value=queue_of(row)) for row in run.half_hours))


def as_it_is(run):
    return run


def all_within(run):
    return changed(run, {MEAN: Figure(1.2, 1.19, 1.21), WITHIN: Figure(1, 1, 1)}, **judged("HOLDS", 1.2, 1.19, 1.21),
                   licence_times=every_licence_in(run, 1.0))  # fmt: skip


def all_late(run):
    figures = {MEAN: Figure(12_345.6, 9_876.5, 14_814.7), WITHIN: Figure(0, 0, 0)}
    return changed(run, figures, **judged("FAILS", *figures[MEAN]), licence_times=every_licence_in(run, 30.0))


def some_never(run):
    return changed(run, {MEAN: Figure(math.inf, math.inf, math.inf)}, **judged("FAILS", math.inf))


def one_replication(run):
    once = {key: Figure(figure.mean, math.nan, math.nan) for key, figure in run.figures.items()}
    return changed(run, once, **judged("UNDECIDED", 4.99), replications=1)


def close_to_the_target(run):
    about = replace(run.about, rule=replace(run.about.rule, tests=11))
    return changed(run, {MEAN: Figure(5.004, 4.96, 5.048)}, **judged("TOO CLOSE", 5.004, 4.96, 5.048), about=about)


def percentile(run):
    target = TargetFacts("door_to_door", "percentile", 1234.5, 0.975, 0.005)
    return changed(run, **judged("FAILS", 0.9712, 0.9700, 0.9724), target=target)


def far_target(run):
    return changed(run, verdict="HOLDS", target=replace(run.target, minutes=480.0))


def tiny_target(run):
    return changed(run, verdict="FAILS", target=replace(run.target, minutes=0.5))


def nothing_at_all(run):
    empty = with_queues(run, lambda row: 0.0)
    return changed(empty, dict.fromkeys(run.figures, NO_FIGURE), **judged("UNDECIDED", run.estimate),
                   licence_times=every_licence_in(run, -1.0))  # fmt: skip


def huge_queues(run):
    return with_queues(run, lambda row: row.value * 1e4)


def night_queues(run):
    by_day = {f"{half // 2:02d}:{half % 2 * 30:02d}" for half in range(17, 34)}
    return with_queues(run, lambda row: 40.0 if row.what == "queue" and row.begin not in by_day else row.value)


CASES = (as_it_is, all_within, all_late, some_never, one_replication, close_to_the_target, percentile, far_target,
         tiny_target, nothing_at_all, huge_queues, night_queues)  # fmt: skip


@pytest.mark.parametrize(("of", "language"), in_turn(product(CHARTS, CASES)))
def test_charts_are_readable(run, of, language):
    name, case = of

    def draw():
        (chart,) = [chart for chart in STUDY.charts(case(run)) if chart.name == name]
        return chart.make()

    with style():
        assert_readable(said_in(language, draw))


def test_what_is_drawn_and_what_is_written(run):
    charts = STUDY.charts(run)
    assert [chart.name for chart in charts if chart.saved] == list(CHARTS)
    assert [chart.name for chart in charts if not chart.saved] == ["calendar"]
    # Days keep a promise of licence times alone.
    assert [chart.name for chart in STUDY.charts(percentile(run))] == list(CHARTS)


def test_charts_are_the_same_each_time(run, tmp_path):
    written = []
    for place in ("a", "b"):
        with style():
            (chart,) = [chart for chart in STUDY.charts(run) if chart.name == "day"]
            write(chart.make(), tmp_path / f"{place}.svg")
        written.append((tmp_path / f"{place}.svg").read_text(encoding="utf-8"))
    assert written[0] == written[1]
    assert "<dc:date>" not in written[0]


def test_a_verdict_may_be_held_back(run):
    held_back = changed(run, **judged("UNDECIDED", 4.0, 3.9, 4.1))
    assert held_back.held_back
    assert not changed(run, **judged("UNDECIDED", 4.0, 3.9, 5.1)).held_back
    assert not one_replication(run).held_back


def test_the_interval_says_what_it_holds_for(run):
    close = close_to_the_target(run)
    assert "for all 11 verdicts at once" in show.interval(close)
    assert show.interval(replace(close, about=run.about)).endswith("valid at every look")
    assert "no verdict" in show.interval(one_replication(run))
    assert "infinite" in show.interval(some_never(run))


# The calendar


def days_from(first, number, minutes, weekends=True):
    days = [first + timedelta(days=place) for place in range(number)]
    days = [day for day in days if weekends or day.weekday() < 5]
    return tuple(Day(day, day.weekday() < 5, 150.0, minutes(place), 3.0, 9.0) for place, day in enumerate(days))


YEAR = date(2023, 1, 1)
CALENDARS = {
    "a year": days_from(YEAR, 365, lambda place: 4.5 + place % 9 / 10),
    "without weekends": days_from(YEAR, 365, lambda place: 4.5, weekends=False),
    "some weeks": days_from(date(2023, 1, 28), 32, lambda place: 5.5 + place),
    "one day": days_from(date(2023, 3, 6), 1, lambda place: 4.99),
    "two years": days_from(date(2023, 10, 1), 180, lambda place: 4.0),
    "never": days_from(date(2023, 3, 6), 40, lambda place: math.inf if place == 3 else 2_000.0),
    "nothing": (),
}  # fmt: skip


@pytest.mark.parametrize(("case", "language"), in_turn(CALENDARS))
def test_the_calendar_is_readable(run, case, language):
    with style():
        assert_readable(said_in(language, calendar_chart, replace(run, days=CALENDARS[case])))


def test_the_calendar_counts_working_days_and_names_the_worst(run):
    days = days_from(date(2023, 3, 6), 7, lambda place: (4.9, 5.1, 4.8, 7.25, 4.9, 30.0, 4.9)[place])
    with style():
        texts = [text for text, _ in shown_texts(calendar_chart(replace(run, days=days)))]
    assert "Averaged over years, 3 of 5 working days keep 5 min; the worst is 9 March: 7.25 min" in texts


def test_days_over_the_target_are_framed_and_have_a_mark(run):
    days = days_from(date(2023, 3, 6), 4, lambda place: (4.9, 5.004, 5.0, 12.0)[place])
    with style():
        figure = calendar_chart(replace(run, days=days))
        texts = {text for text, _ in shown_texts(figure)}
    points = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    framed = [point for point in points if point.get_linewidth() > 1]
    assert len(points) == 4
    assert len(framed) == len(figure.axes[0].lines) == 2
    # With two digits where one would be the target's.
    assert {"4.9", "5.00", "5.0", "12"} <= texts


def test_the_days_of_a_run_are_in_their_order(run):
    assert [day.date.isoformat() for day in run.days][:3] == ["2023-03-01", "2023-03-02", "2023-03-03"]
    assert all(day.smallest <= day.mean_minutes <= day.largest for day in run.days)


# Overview


def rows_of(run):
    """Return rows of all kinds: decided, undecided, infinite, never finished, with another target."""
    row = replace(overview_row(run), title_en="Spring rush (the weeks after Spring Festival)")
    never = {"licence_mean": math.inf, "licence_low": math.nan, "licence_high": math.nan, "verdict": "FAILS"}
    return [
        row,
        replace(row, verdict="UNDECIDED", licence_low=math.nan, licence_high=math.nan),
        replace(row, verdict="FAILS", licence_mean=450.0, licence_low=160.0, licence_high=740.0),
        replace(row, **never, title_zh="审核系统停摆（每年12次，每次90分钟）"),
        replace(row, **never, cannot_finish=True, registrations_per_day=math.nan, tightest_stage=""),
        replace(row, verdict="HOLDS", licence_mean=0.01, licence_low=-0.02, licence_high=0.04),
        replace(row, verdict="TOO CLOSE", licence_mean=5.01, licence_low=4.97, licence_high=5.04, replications=1234),
    ]  # fmt: skip


SELECTIONS = {
    "one": [0], "all": [0, 1, 2, 3, 4, 5, 6], "near": [0, 1, 6], "no number": [3, 4], "many": [0, 1, 2, 3] * 5,
}  # fmt: skip


@pytest.mark.parametrize(("selection", "language"), in_turn(SELECTIONS))
def test_the_overview_is_readable(run, selection, language):
    rows = [rows_of(run)[i] for i in SELECTIONS[selection]]
    with style():
        assert_readable(said_in(language, overview_chart, rows))


def test_the_overview_is_readable_with_several_targets(run):
    rows = [replace(row, target_minutes=5.0 + i) for i, row in enumerate(rows_of(run))]
    with style():
        assert_readable(overview_chart(rows))


def test_the_overview_counts_the_verdicts_and_names_all_versions(run):
    rows = [replace(row, version=version) for row, version in zip(rows_of(run), "babbbcb", strict=True)]
    with style():
        texts = [text for text, _ in shown_texts(overview_chart(rows))]
    verdicts = [row.verdict for row in rows]
    expected = f"The target holds in {verdicts.count('HOLDS')} of 7 scenarios, fails in {verdicts.count('FAILS')}"
    assert f"{expected}, is too close to call in 1, is undecided in {verdicts.count('UNDECIDED')}" in texts
    assert any(text.startswith(f"Simulation: {run.replications}–1,234 replications a scenario") for text in texts)
    assert any(text.endswith("Version a, b, c") for text in texts)


@pytest.mark.parametrize(("estimate", "at", "marker"), [(2.0, 2.0, "o"), (-3.0, 0.0, "<"), (9.0, 5.0, ">")])
def test_what_is_beyond_the_axis_is_an_arrow_at_its_end(estimate, at, marker):
    axes = new_figure().add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 5)
    draw_interval(axes, 1, estimate, estimate - 1, estimate + 1, "black")
    *bar, mark = axes.lines
    assert (mark.get_xdata().tolist(), mark.get_marker()) == ([at], marker)
    assert all(0 <= end <= 5 for line in bar for end in line.get_xdata())


def test_the_overview_is_written_in_four_formats_and_read_again(run, tmp_path):
    rows = rows_of(run)[:1]
    written = [*write_overview(rows, tmp_path), *said_in("zh", draw_overview, rows, tmp_path)]
    names = [f"overview.{kind}" for kind in ("csv", "parquet", "png", "svg")]
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    assert sorted(written) == sorted(tmp_path.iterdir())
    assert read_overview(tmp_path) == {"small": rows[0]}
    (tmp_path / "overview.parquet").write_bytes(b"PAR1")
    assert read_overview(tmp_path) == read_overview(tmp_path / "nowhere") == {}


def test_an_office_that_cannot_finish_has_a_row_and_no_charts(done):
    never = record_of(replace(done, outcome=Outcome(Verdict.FAILS, None, Unfinished(9, 430), 3)))
    row = overview_row(never)
    assert (row.verdict, row.cannot_finish, row.licence_mean) == ("FAILS", True, math.inf)
    assert STUDY.charts(never) == []


def test_the_interval_of_the_overview_is_that_of_the_verdict(run):
    other = changed(run, {MEAN: Figure(4.0, 3.9, 4.1)}, estimate=4.2, low=4.1, high=4.3)
    row = overview_row(other)
    assert (row.licence_mean, row.licence_low, row.licence_high) == (4.2, 4.1, 4.3)
    row = overview_row(replace(other, target=replace(run.target, statistic="share")))
    assert (row.licence_mean, row.licence_low, row.licence_high) == (4.0, 3.9, 4.1)


def test_the_peak_is_looked_for_in_the_counted_hours(run):
    queue = {16: 50.0, 26: 2.0, 33: 3.0, 34: 50.0}
    half_hours = tuple(HalfHour("queue", "review", "", queue.get(slot, 0.0)) for slot in range(48))
    assert replace(run, half_hours=half_hours).peak("review") == ("16:30", 3.0)


# Font and numbers


def test_the_font_has_chinese_and_is_registered():
    family, _ = families()
    assert family == "Noto Sans SC"
    assert Path(findfont(FontProperties(family=family))).name == "NotoSansSC-Regular.otf"


def test_every_message_and_rare_signs_can_be_drawn():
    known = [get_font(findfont(FontProperties(family=family))).get_charmap() for family in families()]
    signs = {*"".join(catalogue("zh").values()), *"赟喆堃 −5 ≤ 7 ∞ – · ↑ “粉马甲”"} - {"\n"}
    assert [sign for sign in signs if not any(ord(sign) in of for of in known)] == []


def test_every_stage_and_pool_has_a_name(run):
    assert {stage.name for stage in run.stages} <= STAGES.keys()
    assert set(run.pools) <= POOLS.keys()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(4.975, "4.97"), (0, "0.00"), (40.12, "40.1"), (141.6, "142"), (1421.6, "1,422"), (math.inf, "∞"),
     (math.nan, "–")],
)  # fmt: skip
def test_minutes_have_the_digits_that_make_sense(value, expected):
    assert minutes(value) == expected


@pytest.mark.parametrize(("value", "hours"), [(120, ""), (660, "11.0"), (39_660, "661"), (math.inf, "")])
def test_more_than_two_hours_are_told_in_hours_too(value, hours):
    assert in_hours(value) == hours


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.02, 0.03, "2.0 %–3.0 %"), (0.0, 0.03, "≤ 3.0 %"), (0.02, math.inf, "≥ 2.0 %"), (math.nan, math.nan, "–")],
)
def test_an_interval_is_told_by_the_ends_that_say_something(low, high, expected):
    assert ends(as_share(low), as_share(high)).text == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.6484, "64.8 %"), (1, "100 %"), (0, "0 %"), (0.99996, ">99.9 %"), (0.0001, "<0.1 %"), (0.01, "1.0 %"),
     (math.nan, "–")],
)  # fmt: skip
def test_a_share_is_all_or_nothing_only_if_it_is(value, expected):
    assert share(value) == expected
    # Chinese sets no space before the sign.
    assert said_in("zh", share, value) == expected.replace(" ", "")
    assert without_sign(share(value)) == without_sign(said_in("zh", share, value)) == expected.removesuffix(" %")


def test_no_chinese_message_has_a_space_before_per_cent():
    assert [chinese for chinese in catalogue("zh").values() if re.search(r"[}\d] %(?!\w)", chinese)] == []


def test_other_numbers():
    assert number(90450.4) == "90,450"
    assert number(math.inf) == "∞"
    assert (plain(5.0), plain(7.5)) == ("5", "7.5")
    assert (percent(0.95), percent(0.975)) == ("95", "97.5")
    assert (span([20, 20]), span([1200, 20, 300])) == ("20", "20–1,200")
