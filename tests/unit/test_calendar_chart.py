"""The calendar of daily means: readable in both languages, and what is over the target is marked."""

import math
from datetime import date, timedelta

import pytest
from briefing_results import BASELINE, write_results
from matplotlib.patches import Rectangle
from readable import assert_readable, shown_texts

from sim.briefing.charts.calendar import calendar_chart
from sim.briefing.charts.style import INK, style
from sim.briefing.saved import SavedError, read_saved
from sim.briefing.saved_days import Day, read_days

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return read_saved(write_results(tmp_path_factory.mktemp("results")) / "scenarios" / BASELINE)


def days_from(first, number, minutes, weekends=True):
    days = [first + timedelta(days=place) for place in range(number)]
    days = [day for day in days if weekends or day.weekday() < 5]
    return tuple(Day(day, day.weekday() < 5, 150.0, minutes(place), 3.0, 9.0) for place, day in enumerate(days))


YEAR = date(2023, 1, 1)
CASES = {
    "a year": days_from(YEAR, 365, lambda place: 4.5 + place % 9 / 10),
    "without weekends": days_from(YEAR, 365, lambda place: 4.5, weekends=False),
    "some weeks": days_from(date(2023, 1, 28), 32, lambda place: 5.5 + place),
    "one day": days_from(date(2023, 3, 6), 1, lambda place: 4.99),
    "two years": days_from(date(2023, 10, 1), 180, lambda place: 4.0),
    "never": days_from(date(2023, 3, 6), 40, lambda place: math.inf if place == 3 else 2_000.0),
    "nothing": (),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("case", list(CASES))
def test_the_calendar_is_readable(saved, case, language):
    with style():
        assert_readable(calendar_chart(saved, CASES[case], language))


def texts_of(saved, days, language="en"):
    with style():
        return [text for text, _ in shown_texts(calendar_chart(saved, days, language))]


def test_the_title_counts_working_days_and_names_the_worst(saved):
    days = days_from(date(2023, 3, 6), 7, lambda place: (4.9, 5.1, 4.8, 7.25, 4.9, 30.0, 4.9)[place])
    texts = texts_of(saved, days)
    assert "On 3 of 5 working days the mean is at most 5 min; the worst is 9 March with 7.25 min" in texts
    assert "5个工作日中有3天日均不超过5分钟；最差的一天是3月9日（7.25分钟）" in texts_of(saved, days, "zh")


def test_days_over_the_target_are_framed_and_have_a_mark(saved):
    days = days_from(date(2023, 3, 6), 4, lambda place: (4.9, 5.004, 5.0, 12.0)[place])
    with style():
        figure = calendar_chart(saved, days, "en")
    cells = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    framed = [cell for cell in cells if cell.get_linewidth() > 1]
    assert len(cells) == 4
    assert len(framed) == len(figure.axes[0].lines) == 2
    assert {"4.9", "5.00", "5.0", "12"} <= set(texts_of(saved, days))
    assert INK


def test_the_days_of_a_run_are_read_in_their_order(saved):
    days = read_days(saved.folder)
    assert [day.date.isoformat() for day in days] == ["2023-03-01", "2023-03-02", "2023-03-03"]
    assert all(day.smallest <= day.mean_minutes <= day.largest for day in days)
    with pytest.raises(SavedError, match="holds no days of a run"):
        read_days(saved.folder.parent)
