"""The charts and sentences of an attribution: readable in both languages, and true to the figures of the record."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from helpers import in_turn, said_in
from made_evidence import made_attribution, undefined_attribution
from matplotlib.colors import to_rgba
from readable import assert_readable, shown_texts

from sim.present.charts.style import ORANGE, style
from sim.present.terminal import rendered
from sim.results.about import Interval
from sim.results.codec import read_record, write_record
from sim.studies import study_of
from sim.studies.attribution.charts import charts, one_more_chart, stages_chart
from sim.studies.attribution.records import Attribution, OneMore, Stage
from sim.studies.attribution.sentences import busiest, each, finding, lever_title
from sim.studies.attribution.show import advice, answer, because, part_of_added, price, report, short, spoken
from sim.studies.base import Found

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")


@pytest.mark.parametrize(("share", "down"), [(False, False), (True, True)])
def test_the_stages_lead_from_unlimited_staff_to_the_plan(share, down):
    """Minutes go up by what each stage adds, shares in time go down."""
    with style():
        (axes,) = stages_chart(made_attribution(share=share)).axes
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    begins, ends = zip(*bars, strict=True)
    assert list(begins[1:-1]) == pytest.approx(list(ends[:-2]))
    assert ends[-2] == pytest.approx(ends[-1])
    assert (ends[-1] < ends[0]) == down


def test_the_stages_to_blame_and_only_these_have_the_strong_colour():
    record = made_attribution(to_blame=("review", "issue"))
    with style():
        (axes,) = stages_chart(record).axes
    bars = dict(zip([stage.stage for stage in record.stages], axes.patches[1:-1], strict=True))
    strong = {stage for stage, bar in bars.items() if bar.get_facecolor() == to_rgba(ORANGE)}
    assert strong == {"review", "issue"}


CASES = {
    "growth": made_attribution(),
    "holds": made_attribution(0.5, verdict="HOLDS"),
    "both": made_attribution(to_blame=("review", "issue")),
    "nobody": made_attribution(0.01, to_blame=()),
    "huge": made_attribution(3000.0),
    "share": made_attribution(share=True),
    "door to door": made_attribution(clock="door_to_door"),
    "all late": made_attribution(late=1.0),
    "never": undefined_attribution(),
}


@pytest.mark.parametrize(
    ("case", "language"), in_turn(["growth", "huge", "share", "door to door", "all late", "never"])
)
def test_the_charts_are_readable(case, language):
    with style():
        for chart in said_in(language, charts, CASES[case]):
            assert_readable(said_in(language, chart.make))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("record", CASES.values(), ids=CASES)
def test_all_that_is_said_is_whole(record, language):
    said = said_in(language, spoken, record)
    found = Found(record, "explanations/growth")
    briefed = said_in(language, answer, found)
    said += [sentence.text for sentence in (*briefed.said, *(one.said for one in said_in(language, advice, found)))]
    assert all(text.endswith("." if language == "en" else "。") for text in said)
    titles = [said_in(language, finding, record), said_in(language, lever_title, record), short(record)]
    for text in [*said, *titles, said_in(language, because, found).text, rendered(said_in(language, report, record))]:
        assert "nan" not in text
        assert "{" not in text


def test_a_record_is_read_as_it_was_written(tmp_path):
    for place, record in enumerate(CASES.values()):
        folder = tmp_path / str(place)
        folder.mkdir()
        write_record(record, folder)
        read = read_record(Attribution, folder)
        assert repr(read) == repr(record)
        assert read.whole_week.sum() == record.whole_week.sum()


def test_without_finite_figures_there_are_words():
    record = undefined_attribution()
    said = "\n".join(spoken(record))
    assert "900 cases are not finished" in said
    assert "online review alone" in said
    assert short(record) == "not defined"
    assert [chart.name for chart in study_of("explanation").charts(record)] == ["one_more"]


def test_the_numbers_are_those_of_the_tables():
    record = made_attribution()
    with style():
        shown = [[text for text, _ in shown_texts(chart.make())] for chart in charts(record)]
    assert {"+0.76 (+0.76 to +0.78)", "74.3 %", "4.32 (4.31 to 4.33)"} <= set(shown[0])
    assert "Online review is to blame: it adds 0.76 of the 5.35 min" in shown[0]
    assert {"+0.44 (+0.41 to +0.56)", "5.99 (4.79 to 13.18)", lever_title(record)} <= set(shown[1])
    assert shown[1].count("no saving found") == 3
    assert {"late: 39.7 %", "8.82", "Mon", "Sun\n(worked)"} <= set(shown[2])
    assert not any(text.startswith("Sat") for text in shown[2])


def test_numbers_of_a_briefing_are_those_of_their_source():
    found = Found(made_attribution(), "explanations/growth")
    pieces = {piece.source: piece.value for piece in because(found).pieces if not isinstance(piece, str)}
    assert pieces == {
        "explanations/growth/manifest.json#unlimited.estimate": 4.32,
        "explanations/growth/stages.parquet#contribution[stage=review]": 0.763,
    }
    figures = {figure.value.source.rpartition("#")[2]: figure.value.value for figure in answer(found).figures}
    assert figures == pytest.approx({"whole.estimate": 5.3473, "unlimited.estimate": 4.32, "late.share": 0.397})


def test_the_waterfall_leads_from_unlimited_staff_to_the_plan():
    with style():
        axes = stages_chart(made_attribution()).axes[0]
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    assert bars[0] == (0.0, pytest.approx(4.32))
    for (_, end), (begin, _) in itertools.pairwise(bars[:-1]):
        assert begin == pytest.approx(end)
    assert bars[-1] == (0.0, pytest.approx(bars[-2][1]))
    # No interval is cut at the edge.
    assert all(max(line.get_xdata()) <= axes.get_xlim()[1] for line in axes.lines if len(line.get_xdata()))


def test_what_the_stages_add_is_seen_though_it_is_little_beside_the_whole():
    small, huge = CASES["holds"], CASES["huge"]
    with style():
        figures = [stages_chart(record) for record in (small, huge)]
        begins = [figure.axes[0].get_xlim()[0] for figure in figures]
        texts = " ".join(text for text, _ in shown_texts(figures[0]))
    # The axis of the first begins at more than nothing, and says so on both whole bars.
    assert 0 < begins[0] < small.unlimited.estimate
    assert begins[1] == 0
    assert f"the axis begins at {begins[0]:.2f}".rstrip("0") in texts
    marks = [line for line in figures[0].axes[0].lines if line.get_color() == "white"]
    assert sorted(round(float(np.mean(line.get_ydata()))) for line in marks) == [0, 0, 7, 7]


def test_of_one_more_that_costs_nothing_the_one_that_saves_most_comes_first():
    record = made_attribution()
    free = [replace(lever, cost_difference=-1000.0 * (1 + (lever.pool == "clerks"))) for lever in record.one_more]
    title = lever_title(replace(record, one_more=tuple(free)))
    assert title == "One more reviewer all day saves 0.44 min a licence at no cost"


def test_one_more_that_lets_the_office_finish_is_not_said_to_save_nothing():
    record = undefined_attribution()
    assert lever_title(record) == "No one person more lets the office finish its cases"
    enough = [
        replace(lever, finding="better", difference=-math.inf, low=-math.inf, high=-math.inf, cost_difference=105_000.0)
        if lever.pool == "reviewers" and lever.where == "all day" else lever
        for lever in record.one_more
    ]  # fmt: skip
    record = replace(record, one_more=tuple(enough))
    said = "One more reviewer all day lets the office finish its cases, for 105,000 yuan a year"
    assert lever_title(record) == said
    assert any(said in text for text in spoken(record))
    with style():
        assert_readable(said_in("zh", one_more_chart, record))


def test_where_the_waiting_is_is_said_if_another_stage_causes_it():
    record = made_attribution()

    def said(review, issue):
        waits = {"review": review, "issue": issue}
        stages = [replace(of, waiting=waits.get(of.stage, of.waiting)) for of in record.stages]
        return "The waiting itself is mostly at" in spoken(replace(record, stages=tuple(stages)))[0]

    assert not said(0.763, 0.277)
    # In an outage cases wait that no staff could serve: nobody else is the cause.
    assert not said(3.0, 0.277)
    assert said(1.0, 0.04)


def test_what_even_unlimited_staff_would_not_keep_is_said():
    record = made_attribution(unlimited=Interval(5.2, 5.1, 5.3))
    assert "Even unlimited staff would not keep the target: 5.20 min would remain." in spoken(record)[0]


def test_waiting_that_is_the_same_throughout_the_week_is_called_even():
    record = made_attribution()
    even = [replace(row, minutes=4.0 * (row.weekday <= 5 and "08:30" <= row.begins < "17:00")) for row in record.week]
    assert spoken(replace(record, week=tuple(even)))[2].endswith("spread evenly over the week.")


@pytest.mark.parametrize(("value", "said"), [(5.547, "5.55"), (0.00017, "0.00017"), (-3.0, "−3.00"), (0.0, "0.00")])
def test_yuan_for_one_are_written_as_closely_as_they_matter(value, said):
    assert each(value) == said


def test_the_busiest_stretch_holds_a_third():
    line = np.zeros(48)
    line[[18, 20, 21, 22]] = [3.0, 1.0, 2.0, 1.0]
    assert busiest(line) == (18, 19, pytest.approx(3 / 7))
    assert busiest(np.ones(48)) == (0, 16, pytest.approx(1 / 3))


def test_prices_and_parts_are_written_in_words_where_there_are_none():
    assert price(OneMore("clerks", "midday", -0.1, -0.2, 0.1, "no difference found", 1.0, *[math.nan] * 3, 30)) == (
        "no saving found"
    )
    shares = {0.742: "74.2 %", -0.014: "−1.4 %", -0.0003: "0.0 %", math.nan: "–"}
    for share, said in shares.items():
        assert part_of_added(Stage("review", 0.0, 0.0, 0.0, share, 1.0, 0.0)) == said
