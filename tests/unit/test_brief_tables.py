"""How tables go over slides, and what stands in saved tables instead of codes."""

import math

import pytest
from test_staff_charts import PLAN, row, write_staff

from sim.briefing.brief.contents import Table
from sim.briefing.brief.tabulating import Layout, laid_out, pages
from sim.briefing.brief.values import in_words, name_of_parameter


def test_no_row_is_left_alone_on_a_slide():
    rows = tuple((f"row {number}", "1") for number in range(20))
    layout = laid_out(Table("t", ("a", "b"), rows), 10.0, 3.0, 15.0, 15.0)
    room = sum(layout.heights[:20])
    assert pages(layout, room) == [(0, 17), (17, 20)]
    # A table that only just does not fit is made smaller rather than cut.
    whole = laid_out(Table("t", ("a", "b"), rows), 10.0, room, 15.0, 15.0, 12.0)
    assert len(pages(whole, room)) == 1
    # Rows that have no room together are not put together.
    high = Layout(10.0, (10.0,), (0.5, *[1.5] * 6, 5.0, 4.9))
    assert pages(high, 10.0) == [(0, 6), (6, 7), (7, 8)]


@pytest.mark.parametrize(
    ("kind", "path", "en", "zh"),
    [
        ("calibration", "demand.month_index[3]", "by month: April", "各月指数：4月"),
        ("calibration", "demand.weekday_index[1]", "by weekday: Tue", "各星期指数：周二"),
        ("calibration", "demand.half_hour_index[3]", "by half-hour: 10:00", "各半小时指数：10:00"),
        ("calibration", "abandonment.filing", "gave up: assisted filing", "放弃率：帮办申报"),
        ("calibration", "of.no[2]", "of.no[2]", "of.no[2]"),
        ("sensitivity", "review.minutes.mean_minutes", "review time", "单件审核时长"),
        ("sensitivity", "of.no", "of.no", "of.no"),
    ],
)
def test_parameters_have_names(kind, path, en, zh):
    assert (name_of_parameter(kind, path, "en"), name_of_parameter(kind, path, "zh")) == (en, zh)


def test_a_roster_that_was_refused_is_not_called_the_roster(tmp_path):
    refused = row(0, "target", 5.01, "TOO CLOSE", 1.65e6, True)
    held = row(0, "target", 4.95, "HOLDS", PLAN["cost"], True)
    saved = write_staff(tmp_path / "a", rows=[refused | {"round": 1}, held | {"round": 2}], rounds=2, floors={})
    said = [in_words("plan", {"plan": 0, "round": tested}, saved, "en") for tested in (1, 2)]
    assert said == ["the roster of round 1", "the roster itself"]
    none = write_staff(tmp_path / "b", None, certified=False, rows=[refused | {"round": 1}], rounds=1, floors={})
    assert in_words("plan", {"plan": 0, "round": 1}, none, "zh") == "最后检验的排班"
    assert in_words("plan", {"plan": 3, "round": 1}, saved, "en") == 3
    assert in_words("plan", {"plan": -1, "round": 2}, saved, "en") == "scenario's plan"


def test_what_is_no_code_stays_as_it_is():
    for value in (None, "", 4.5, "=1+1", math.inf):
        assert in_words("why", {"why": value}, None, "zh") == value
    assert in_words("group", {"by": "nothing", "group": "own"}, None, "zh") == "own"
    assert in_words("unit", {"unit": "furlongs"}, None, "en") == "furlongs"
