"""The charts and sentences of a sensitivity: readable in both languages, and true to the figures of the record."""

import math
from dataclasses import replace

import pytest
from helpers import in_turn, said_in
from made_evidence import assumptions, made_sensitivity
from readable import assert_readable, shown_texts

from sim.present.assumptions import meaning_of, name_of, range_of, value_of
from sim.present.charts.style import style
from sim.present.terminal import rendered
from sim.results.codec import read_record, write_record
from sim.studies.base import Found
from sim.studies.sensitivity import sensitivity, sentences
from sim.studies.sensitivity.charts import break_even_chart, charts, plausible_chart, tornado_chart
from sim.studies.sensitivity.records import IN_A_HURRY, Sensitivity
from sim.studies.sensitivity.sentences import other_of
from sim.studies.sensitivity.show import advice, answer, influential, plausible_share, report, short, spoken

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

CASES = {
    "baseline": made_sensitivity(),
    "never": made_sensitivity(never=True, twisted=True),
    "nothing flips": made_sensitivity(0.004),
    "share": made_sensitivity(share=True),
    "huge": made_sensitivity(50.0),
    "few offices": made_sensitivity(offices=4),
    "given": made_sensitivity(given="ranges-of-the-office-fitted-in-2024.yaml"),
    "both ends": made_sensitivity(both=True),
    "undecided": made_sensitivity(0.004, undecided=True),
}


@pytest.mark.parametrize(
    ("case", "language"), in_turn(["never", "nothing flips", "share", "few offices", "both ends", "undecided"])
)
def test_the_charts_are_readable(case, language):
    with style():
        for chart in said_in(language, charts, CASES[case]):
            assert_readable(said_in(language, chart.make))


@pytest.mark.parametrize(("record", "language"), in_turn(CASES.values()), ids=CASES)
def test_all_that_is_said_is_whole(record, language):
    found = Found(record, "sensitivity/baseline-2023")
    said = said_in(language, spoken, record)
    assert len(said) == 3
    said += [text.text for text in said_in(language, answer, found).said]
    said += [one.said.text for one in said_in(language, advice, found)]
    said.append(said_in(language, plausible_share, found).text)
    assert all(text.endswith("." if language == "en" else "。") for text in said)
    shown = [said_in(language, title, record)
             for title in (short, sentences.finding, sentences.tornado_title, sentences.offices_title)]  # fmt: skip
    shown.append(rendered([*said_in(language, report, record), said_in(language, influential, found)]))
    for text in [*said, *shown]:
        assert "nan" not in text.replace("finance", "")
        assert "{" not in text


def test_a_record_is_read_as_it_was_written(tmp_path):
    for place, record in enumerate(CASES.values()):
        folder = tmp_path / str(place)
        folder.mkdir()
        write_record(record, folder)
        assert repr(read_record(Sensitivity, folder)) == repr(record)


def test_pieces_alone_are_told_without_the_others():
    nothing = {"scenario_verdict": None, "plausible": None, "indices": None, "swings": (), "others": ()}
    record = replace(made_sensitivity(), **nothing, offices=(), sobol=(), separations=())
    assert sentences.finding(record) == "Yearly registrations matters most of 66 assumptions"
    assert short(record) == "demand.registrations_per_year"
    assert len(spoken(record)) == 1
    assert "Screening" in rendered(report(record))
    assert charts(record) == []
    break_evens = replace(made_sensitivity(), plausible=None, offices=(), separations=())
    assert "plausible office" not in rendered(report(break_evens)).lower()


@pytest.mark.parametrize(
    ("pieces", "quick", "left_out"),
    [
        (sensitivity.PIECES, True, False),
        (IN_A_HURRY, True, True),
        (IN_A_HURRY, False, False),
        (("plausible",), True, False),
    ],
)
def test_what_a_quick_look_leaves_out_by_itself_is_said(pieces, quick, left_out):
    assert set(IN_A_HURRY) < set(sensitivity.PIECES)
    made = made_sensitivity()
    record = replace(made, pieces=pieces, settings=replace(made.settings, quick=quick))
    if "screening" not in pieces:
        record = replace(record, screening=None, indices=None)
    assert any("Screening and indices are left out" in note for note in sentences.notes(record)) is left_out


def test_the_nearest_flip_comes_first_and_the_widest_reach():
    record = CASES["baseline"]
    nearest = record.flipping[0]
    distances = [record.distance(of, break_even) for of in record.swings for break_even in of.break_evens.values()]
    assert record.distance(nearest, record.nearest(nearest)) == min(distances)
    assert name_of(nearest.parameter) in sentences.finding(record)
    reaches = [record.reach(of) for of in record.by_reach]
    assert reaches == sorted(reaches, reverse=True)
    break_evens = [bool(of.break_evens) for of in record.by_influence]
    assert break_evens == sorted(break_evens, reverse=True)


def test_the_numbers_are_those_of_the_tables():
    record = CASES["baseline"]
    with style():
        texts = [[text for text, _ in shown_texts(chart(record))] for chart in (tornado_chart, break_even_chart)]
    assert "2 → 85.3" in texts[0]
    assert "Other business per registration moves the mean licence time most: " in " ".join(texts[0])
    assert len([text for text in texts[0] if "→" in text]) == 2 * 15
    assert "HOLDS at 1.1, FAILS at 1.25" in texts[1]
    table = influential(Found(record, "sensitivity/x"))
    path = record.by_influence[0].parameter
    sources = {piece.source: piece.value for piece in table.rows[0] if not isinstance(piece, str)}
    assert sources[f"sensitivity/x/assumptions.parquet#value[parameter={path}]"] == record.by_parameter[path].value
    # A flip downwards is written from the lower value to the upper one, too.
    assert [row[-1].text for row in table.rows[:2]] == ["1.1–1.25", "37,185–38,994"]
    assert len(table.rows) == 8
    assert table.note == f"{len(record.swings) - 8} more in the workbook"


def test_the_scenario_has_its_interval_wherever_it_is_named():
    record = CASES["baseline"]
    own = "as it is: HOLDS, 4.95 min (4.93–4.97)"
    assert own in rendered(report(record)).splitlines()[0]
    with style():
        for chart in charts(record):
            assert any(own in text for text, _ in shown_texts(chart.make()))
    assert sentences.subtitle(CASES["share"]).endswith("as it is: HOLDS, 92.0 % (91.0 %–93.0 %)")
    few = replace(record.scenario_verdict, verdict="UNDECIDED", interval_low=math.nan, interval_high=math.nan)
    assert sentences.subtitle(replace(record, scenario_verdict=few)).endswith("as it is: UNDECIDED, 4.95 min")


def test_of_an_undecided_scenario_it_is_said_that_nothing_can_flip():
    record = CASES["undecided"]
    assert (short(record), record.steady) == ("UNDECIDED; 7/60 HOLDS", [])
    assert sentences.finding(record).startswith("The scenario itself is undecided")
    assert "Run it with a larger --max-replications" in spoken(record)[0]
    quick = replace(record, settings=replace(record.settings, quick=True))
    assert "Run it without --quick, or with" in spoken(quick)[0]
    assert "do not flip in their range" not in rendered(report(record))
    assert advice(Found(record, "")) == []
    with style():
        texts = [text for text, _ in shown_texts(break_even_chart(record))]
    assert texts.count("not known") == 26


def test_given_ranges_are_said_to_be_from_their_file():
    record = made_sensitivity(given="our.yaml")
    assert [of.kind for of in record.given] == ["given"]
    assert any("from our.yaml" in note for note in sentences.notes(record))
    assert any("from our.yaml" in line for line in spoken(record))
    only = replace(record, assumptions=tuple(record.given))
    sources = [sentences.source(of, sentences.A_VALUE, [30]) for of in (record, only)]
    assert all("from our.yaml" in text for text in sources)
    assert ["docs/parameters.md" in text for text in sources] == [True, False]


def test_what_is_not_known_is_said():
    record = made_sensitivity(0.004)
    quiet = [of.parameter for of in record.swings if not of.break_evens][:2]
    changed = {quiet[0]: {"high_verdict": "UNDECIDED"}, quiet[1]: {"middle_verdict": "FAILS"}}
    swings = [replace(of, **changed.get(of.parameter, {})) for of in record.swings]
    notes = sentences.notes(replace(record, swings=tuple(swings)))
    names = [name_of(parameter) for parameter in quiet]
    assert f"Not decided at an end of the range, so whether they flip is not known: {names[0]}" in notes
    assert f"Both ends have the scenario's verdict, and a value between has another: {names[1]}" in notes


def test_the_line_of_the_scenario_is_above_the_signs():
    with style():
        (axes,) = tornado_chart(CASES["never"]).axes
    places = {line.get_zorder() for line in axes.lines if line.get_marker() == "None"}
    assert max(places) > max(line.get_zorder() for line in axes.lines if line.get_marker() != "None")


@pytest.mark.parametrize("share", [False, True], ids=["mean", "share"])
def test_what_cannot_finish_is_at_the_bad_end_and_the_last(share):
    """Of minutes that is beyond the largest, of shares below the least."""
    record = made_sensitivity(share=share, never=True)
    bad = 0 if share else 1
    with style():
        (bars,) = tornado_chart(record).axes
        dots = plausible_chart(record).axes[0]
    arrows = {line.get_marker(): line.get_xdata()[0] for line in bars.lines if line.get_marker() in ("<", ">")}
    assert arrows["<" if share else ">"] == bars.get_xlim()[bad]
    seen = [at for line in dots.lines if line.get_marker() != "None" for at in line.get_xydata().tolist()]
    assert [len(record.offices), dots.get_ylim()[bad]] in seen
    title = sentences.tornado_title(record)
    assert (" min" in title) != share
    assert ("%" in title) == share


def test_every_assumption_and_alternative_has_a_name():
    for of in assumptions():
        assert name_of(of.parameter) != of.parameter
    for other in CASES["baseline"].others:
        assert all(said_in("zh", other_of, other)) or other.kind == "reading"
    assert name_of("no.such.parameter") == "no.such.parameter"


def test_values_are_written_as_they_are_read():
    known = CASES["baseline"].by_parameter
    cases = {
        "review.return_rate": (0.1639, "16.4 %", "16.4%"),
        "review.minutes.mean_minutes": (3.456, "3.46 min", "3.46分钟"),
        "demand.registrations_per_year": (41_234.0, "41,234", "41,234"),
        "phone.waiting_places": (math.inf, "any number", "不限"),
        "review.return_factors.key": (1.2, "1.2", "1.2"),
    }
    for parameter, (value, english, chinese) in cases.items():
        for language, said in (("en", english), ("zh", chinese)):
            assert said_in(language, value_of, known[parameter], value) == said
    assert range_of(known["review.return_rate"]) == "5 – 40 %"
    narrow = replace(known["review.minutes.mean_minutes"], low=2.98859, high=3.01869)
    assert value_of(narrow, 3.00064) == "3.0006 min"
    assert meaning_of(known["staff.clerks.absence"]).startswith("counter clerks: ")
