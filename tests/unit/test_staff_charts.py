"""What is shown of a cheapest roster: charts that can be read, and claims that its certificate bears out."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import in_turn, said_in
from readable import assert_readable, shown_texts
from rosters import (
    MEAN,
    SHARE,
    a_test,
    certificate,
    cheapest_roster,
    nothing_holds,
    own_close,
    own_fails,
    own_holds,
    refused,
)

from sim.present.charts.style import VERDICT_COLOURS, style
from sim.present.terminal import rendered
from sim.results.codec import facts_of, read_record, write_record
from sim.studies.base import Found
from sim.studies.staff import STUDY
from sim.studies.staff.charts.certificate import MOST, certificate_chart
from sim.studies.staff.records import OWN, PLAN, TARGET, CheapestRoster
from sim.studies.staff.sentences import finding, money, spoken

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")


def a_later_round():
    """Return an answer that was certified in the second round."""
    return cheapest_roster(tests=[replace(each, round=2) for each in certificate(True, True, 4, own_fails)])


def held_once():
    """Return an answer without a plan, though one held in a round before the last."""
    early = [a_test(PLAN, TARGET, 4.9, "HOLDS", 1_800_000.0, True), a_test(1, TARGET, 4.95, "HOLDS", 1_790_000.0, True)]
    late = [a_test(PLAN, TARGET, 5.0, "TOO CLOSE", 1_790_000.0, True, number=2)]
    return cheapest_roster(found=False, tests=early + late, floors={})


CASES = {
    "found": cheapest_roster,
    "proven": lambda: cheapest_roster(proven=True),
    "a share": lambda: cheapest_roster(SHARE),
    "many neighbours": lambda: cheapest_roster(neighbours=90),
    "no neighbours": lambda: cheapest_roster(neighbours=0, own=own_close),
    "a cheaper plan holds": lambda: cheapest_roster(bound=0.0, own=own_holds),
    "no floors": lambda: cheapest_roster(tests=[a_test(PLAN, TARGET, 4.9, "HOLDS", 1.7e6, True)], floors={}),
    "a later round": a_later_round,
    "nothing holds": nothing_holds,
    "nothing is clear": lambda: nothing_holds("TOO CLOSE"),
    "refused": refused,
    "held once": held_once,
}
HARDEST = ("a share", "many neighbours", "no neighbours", "a cheaper plan holds", "nothing holds", "refused")


@pytest.mark.parametrize(("case", "language"), in_turn(HARDEST))
def test_charts_are_readable(case, language):
    for chart in said_in(language, STUDY.charts, CASES[case]()):
        with style():
            assert_readable(said_in(language, chart.make))


@pytest.mark.parametrize("case", CASES)
def test_all_that_is_said_is_whole_and_in_one_language(case):
    record = CASES[case]()
    for language, foreign in (("en", r"[一-鿿]"), ("zh", r"\b(the|of|plan)\b")):
        report = rendered(said_in(language, STUDY.report, record))
        text = "\n".join([report, *said_in(language, STUDY.spoken, record)])
        assert not re.search(rf"\bnan\b|\binf\b|\bNone\b|[{{}}]|{foreign}", text)


@pytest.mark.parametrize("case", CASES)
def test_an_answer_is_read_as_it_was_written(case, tmp_path):
    record = CASES[case]()
    write_record(record, tmp_path)
    read = read_record(CheapestRoster, tmp_path)
    # Not by ==, which takes no number that is none for the same as another.
    assert repr(read) == repr(record)
    assert facts_of(read) == facts_of(record)


SAID = {
    "found": (["24 people, 12 of them for less", "81.6 thousand yuan", "phone consulting (5.9 %)", "the 38 rosters",
               "33 fail", "below 1.69 million"], ["earlier rounds"]),
    "a cheaper plan holds": (["109 thousand yuan more than", "It is the cheaper one"], []),
    "no neighbours": (["no roster with one person less", "it cannot be told"], ["rosters within"]),
    "a later round": (["what earlier rounds of the certificate refused does fail"], []),
    "nothing holds": (["No plan within the bounds keeps", "12.30 minutes"], ["clearly keeps"]),
    "nothing is clear": (["No plan within the bounds clearly keeps"], ["The cheapest roster"]),
    "refused": (["none was certified on fresh years in 6 rounds"], ["The cheapest roster", "held in everything"]),
    "held once": (["One at 1.80 million yuan held in everything"], ["The cheapest roster"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_no_more_is_claimed_than_was_found(case):
    claims, others = SAID[case]
    text = " ".join(spoken(CASES[case]()))
    assert [claim for claim in claims if claim not in text] == []
    assert [other for other in others if other in text] == []


def test_the_rosters_tried_are_not_called_dearer_where_the_scenario_s_plan_is_cheaper_and_holds():
    def title(record):
        chart = next(chart for chart in STUDY.charts(record) if chart.name == "tried")
        with style():
            return [text for text, _ in shown_texts(chart.make())]

    assert "Of 953 plans tried, none shown to hold costs less than 1.71 million yuan" in title(cheapest_roster())
    for record in (cheapest_roster(own=own_holds), nothing_holds()):
        assert finding(record) in title(record)


@pytest.mark.parametrize("target", [MEAN, SHARE], ids=["mean", "share"])
def test_what_keeps_a_requirement_stands_on_the_ground_of_what_is_promised(target):
    """Few minutes do, and large shares."""
    with style():
        figure = certificate_chart(cheapest_roster(target, neighbours=4))
    held = set()
    for axes in figure.axes:
        ground = axes.patches[0]
        for point in (line for line in axes.lines if len(line.get_xdata()) == 1):
            verdict = next(name for name, colour in VERDICT_COLOURS.items() if colour == point.get_color())
            inside = ground.get_x() < point.get_xdata()[0] < ground.get_x() + ground.get_width()
            held |= {(verdict, inside)} if verdict in ("HOLDS", "FAILS") else set()
    assert held == {("HOLDS", True), ("FAILS", False)}


def test_of_many_neighbours_the_nearest_are_shown():
    texts = [text for text, _ in shown_texts(certificate_chart(cheapest_roster(neighbours=90)))]
    assert any(f"{90 - MOST} more neighbours farther from the line: FAILS {90 - MOST}" in text for text in texts)


@pytest.mark.parametrize(
    ("yuan", "down", "english", "chinese"),
    [
        (1_709_385, False, "1.71 million yuan", "170.9万元"), (174_972.5, False, "175 thousand yuan", "17.5万元"),
        (82_000, False, "82.0 thousand yuan", "8.2万元"), (9_488, False, "9,488 yuan", "9,488元"),
        (1_699_990, True, "1.69 million yuan", "169.9万元"), (1_700_000 - 1e-9, True, "1.70 million yuan", "170.0万元"),
        (5_220 - 1e-9, True, "5,220 yuan", "5,220元"),
    ],
)  # fmt: skip
def test_money_is_said_as_it_is_spoken(yuan, down, english, chinese):
    assert money(yuan, down) == english
    assert said_in("zh", money, yuan, down) == chinese


def test_the_longest_shifts_come_first():
    lines = cheapest_roster().lines_of("clerks")
    assert [line.shift for line in lines] == ["late-lunch", "full-day", "midday-and-afternoon", "morning"]


def value_at(record, source):
    """Return what a source names: a fact of the manifest, or the sum of a column over some rows."""
    file, _, name = source.partition("#")
    if file.endswith("manifest.json"):
        whose, _, fact = name.partition(".")
        return facts_of(record)[whose][fact]
    column, _, where = name.removesuffix("]").partition("[")
    rows = {"staffing": record.roster, "certificate": record.tests}[Path(file).stem]
    wanted = dict(part.split("=") for part in where.split(","))
    return sum(getattr(row, column) for row in rows if all(str(getattr(row, k)) == v for k, v in wanted.items()))


@pytest.mark.parametrize("case", CASES)
def test_a_briefing_s_numbers_are_where_they_say(case):
    found = Found(CASES[case](), "staff/baseline-2023")
    record, answer, section = found.record, STUDY.answer(found), STUDY.section(found)
    assert (answer.figures == ()) == (section.table is None) == (record.plan is None)
    numbers = [figure.value for figure in answer.figures]
    if section.table is not None:
        numbers += [piece for row in section.table.rows for piece in row[2:]]
    for number in numbers:
        assert value_at(record, number.source) == pytest.approx(number.value)
    assert STUDY.advice(found)[0].said.text.startswith("Baseline 2023: ")


def test_a_workbook_shows_names_and_minutes_or_shares():
    record = cheapest_roster()
    own, neighbour = record.of(OWN)[0], record.neighbours[0]
    assert STUDY.in_words(record, "plan", own) == "scenario's plan"
    assert STUDY.in_words(record, "plan", neighbour) is None
    assert STUDY.in_words(record, "requirement", own) == "target"
    assert STUDY.in_words(record, "shift", neighbour) == record.shift(neighbour.shift)
    assert {STUDY.in_words(record, "estimate", test).unit for test in record.tests} == {"min", "share"}
