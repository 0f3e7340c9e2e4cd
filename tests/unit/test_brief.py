"""What a briefing says: every number is in the file and field that it names, and each kind of results can lead."""

import json
import math
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from briefing_results import (
    BASELINE,
    HOSTILE,
    change_manifest,
    copied,
    entitle,
    look_up,
    manifest_of,
    nation,
    runs,
    same,
    traced_in,
    write_manifest,
    write_results,
    written,
    written_as_it_is,
)
from calibrations import calibration
from helpers import in_turn, said_in
from made_evidence import made_attribution, made_sensitivity
from rosters import cheapest_roster

from sim.brief.compose import compose
from sim.brief.inputs import one_line, read_given
from sim.brief.page import page
from sim.brief.pictures import LONGEST, drawable
from sim.brief.sheets import sheets_of
from sim.brief.write import foreign, write_briefing
from sim.cli import briefing as briefing_verb
from sim.present.table import Traced
from sim.results.assumptions import Assumption
from sim.results.codec import digest_of
from sim.studies import studies
from sim.studies.finished import SavedError
from sim.studies.run.records import Premises, TurningPoint
from sim.studies.run.situations import watch

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Return results of all kinds, about the same scenario."""
    root, scenario = write_results(tmp_path_factory.mktemp("results")), runs()[BASELINE].scenario
    written(made_attribution(), root / "explanations" / BASELINE, scenario=scenario)
    written(made_sensitivity(), root / "sensitivity" / BASELINE, scenario=scenario)
    written(calibration(), root / "calibrations" / "own", scenario=scenario | {"name": "own"})
    written(nation(), root / "nations" / "offices")
    return root


@pytest.fixture(scope="module")
def given(root):
    return read_given([], root)


@pytest.fixture(scope="module", params=LANGUAGES)
def briefing(request, given):
    return said_in(request.param, compose, given, "test")


def paths(given):
    return [found.path for found in given.all]


# What it says


@pytest.fixture
def looked(root, tmp_path):
    """Return the results with a run of the first scenario beside, in which it was looked how far it reaches."""
    there = copied(root, tmp_path / "results")
    run = runs()[BASELINE]
    of = made_sensitivity().assumptions[0]
    facts = {name: getattr(of, name) for name in Assumption.__dataclass_fields__}
    premises = Premises(30_000, 33_000, 36_000, 30_000, 60_000, 60, 7, 0.1, "", 40, 90)
    written(run, there / "runs" / BASELINE, premises=premises, nearest=(TurningPoint(**facts, turns_at=of.high),))
    return there


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_main_jobs_briefing_takes_along_what_a_run_has_looked_at(looked, language):
    # How far it reaches is told once: by what was asked that, or else by the coarse look of the run.
    for folder, source in (("limits", f"limits/{BASELINE}/brackets.parquet#holds"),
                           ("none", f"runs/{BASELINE}/manifest.json#premises.holds")):  # fmt: skip
        given = read_given([], looked)
        briefing = said_in(language, compose, given, "test")
        said = " ".join(sentence.text for sentence in briefing.answer)
        assert ("33,000" in said, "36,000" in said) == (folder == "none", folder == "none")
        assert f"runs/{BASELINE}" in [row[2] for row in briefing.inputs.rows]
        sources = [source for sentence in briefing.answer for source in sentence.sources]
        assert any(each.startswith(source) for each in sources)
        shutil.rmtree(looked / "limits", ignore_errors=True)
    # Of a run with another verdict, or of a scenario that was changed since, nothing is taken.
    change_manifest(looked / "runs" / BASELINE, verdict="UNDECIDED")
    assert read_given([], looked).lead.beside is None


def test_every_number_is_in_the_file_and_field_that_it_names(root, briefing):
    pieces = list(traced_in(briefing))
    assert len(pieces) > 80
    for piece in pieces:
        saved = look_up(root, piece.source)
        # Texts of several design points in one carry the source of the first.
        assert not isinstance(piece.value, int | float) or same(saved, piece.value), piece


def test_numbers_are_written_as_their_values_are(briefing):
    looked_at = sum(written_as_it_is(piece) for piece in traced_in(briefing) if piece.unit != "share")
    assert looked_at > 40
    assert any(written_as_it_is(piece) for piece in traced_in(briefing) if piece.unit == "share")


def test_sentences_and_pictures_name_files_that_are_there(root, briefing):
    sections = [said for section, _ in briefing.sections for said in section.said]
    for sentence in [*briefing.answer, *(each.said for each in briefing.advice), *sections]:
        assert sentence.sources or not re.search("[0-9]", sentence.text), sentence.text
        for source in sentence.sources:
            look_up(root, source)
    for picture in briefing.all_pictures:
        assert picture.sources
        for source in picture.sources:
            look_up(root, source)


def test_the_answer_on_a_run_is_the_verdict_and_what_others_say_of_why_and_how_far(briefing):
    run = runs()[BASELINE]
    assert briefing.verdict.value == run.verdict
    first, second, caveat = briefing.answer
    assert "%" in caveat.text
    assert f"{run.estimate:.2f}" in first.text
    # Of the attribution, and of what the plan carries.
    assert "0.76" in second.text
    assert {"40,600", "41,700"} <= {piece.text for piece in second.pieces if isinstance(piece, Traced)}


def test_alone_a_run_says_itself_where_the_minutes_go_and_how_the_others_do(root):
    alone = compose(read_given([root / "scenarios" / BASELINE], root), "test")
    assert [source.partition("#")[0] for source in alone.answer[1].sources] == [
        f"scenarios/{BASELINE}/summary.parquet", f"scenarios/{BASELINE}/summary.parquet"
    ]  # fmt: skip
    assert alone.situations is None
    both = compose(read_given([root / "scenarios" / name for name in (BASELINE, "busy")], root), "test")
    assert "scenarios/busy/manifest.json#verdict" in both.answer[1].sources
    assert len(both.situations.rows) == 2


def test_three_charts_answer_and_further_ones_are_there_on_demand(given, briefing):
    assert [picture.name for picture in briefing.pictures] == ["licence_time", "blame", "frontier"]
    assert [picture.name for _, picture in briefing.sections] == ["staffing"]
    assert briefing.appendix == ()
    names = [picture.name for picture in compose(given, "test", all_charts=True).all_pictures]
    further = {"calendar", "day", "minutes", "overview", "heat_map", "lines", "tried", "certificate", "lateness"}
    assert further <= set(names)
    assert len(names) == len(set(names))


def test_charts_give_their_titles_to_the_page(drawn, given):
    for picture in compose(given, "test").all_pictures:
        assert picture.title, picture.name
        assert picture.subtitle, picture.name
        assert picture.source_line.startswith(("Simulation", "Log")), picture.name
        assert picture.png.startswith(b"\x89PNG")
        assert picture.whole["png"].startswith(b"\x89PNG")
        assert 1 < picture.height < 10
        assert 5 < picture.width <= 10


@pytest.mark.parametrize(("study", "language"), in_turn(studies()))
def test_each_kind_of_results_can_lead(root, study, language, tmp_path):
    folders = [each for name in (study.folder, *study.also_in) for each in sorted((root / name).glob("*/"))]
    alone = read_given(folders[:1], root)
    briefing = said_in(language, compose, alone, "alone", True)
    assert briefing.question.text.endswith("?" if language == "en" else "？")
    assert 1 <= len(briefing.answer) <= 3
    assert briefing.all_pictures
    for piece in traced_in(briefing):
        assert not isinstance(piece.value, int | float) or same(look_up(root, piece.source), piece.value), piece
    # The others are written in the net.
    if study.kind in ("sensitivity", "calibration", "nation"):
        write_briefing(briefing, said_in(language, sheets_of, alone), tmp_path / "alone")


@pytest.mark.parametrize(
    "facts",
    [
        {"verdict": "UNDECIDED", "low": "NaN", "high": "NaN"},
        {"verdict": "FAILS", "estimate": "Infinity", "low": "NaN", "high": "NaN"},
        {"verdict": "FAILS", "why": "900 cases are not finished"},
        {"verdict": "TOO CLOSE", "estimate": 0.9, "low": 0.89, "high": 0.91, "target__statistic": "percentile",
         "target__clock": "door_to_door"},
    ],
)  # fmt: skip
def test_each_verdict_has_its_answer(root, tmp_path, facts):
    other = copied(root, tmp_path / "other")
    change_manifest(other / "scenarios" / BASELINE, **facts)
    given = read_given([other / "scenarios" / BASELINE], other)
    for language in LANGUAGES:
        briefing = said_in(language, compose, given, "test")
        text = re.sub('base64,[^"]*', "", said_in(language, page, briefing))
        assert "nan" not in text.lower().replace("governance", "")
        assert briefing.verdict.value == facts["verdict"]


def test_titles_are_drawn_and_said_as_text_whatever_they_are(drawn, root, tmp_path):
    other, title = copied(root, tmp_path / "other"), HOSTILE["emoji"] + HOSTILE["long"]
    entitle(other, title)
    given = read_given([], other)
    briefing = said_in("zh", compose, given, "test")
    assert briefing.subject == title
    shown = drawable(given.lead.record).title
    assert len(shown) <= LONGEST
    assert "\n" not in shown


def test_a_text_is_one_line_of_characters_that_xml_can_hold():
    assert one_line("a\nb\tc\x00\x07d\ufffe\u2028e") == "a b cd e"
    assert one_line("🏢赟") == "🏢赟"


def test_what_it_rests_on_is_said_of_results_without_a_count_of_parameters(root, tmp_path):
    other = copied(root, tmp_path / "other")
    folder = other / "limits" / BASELINE
    first = compose(read_given([folder], other), "test").rests_on.said[0]
    assert first.text == "This is a simulation, not a measurement: staffing and step times are assumptions."
    change_manifest(folder, about__fitted={"log": "own", "parameters": ["a", "b"]})
    briefing = compose(read_given([folder], other), "test")
    assert briefing.rests_on.said[0].sources == (
        f"limits/{BASELINE}/manifest.json#about.fitted.parameters", f"limits/{BASELINE}/manifest.json#about.fitted.log"
    )  # fmt: skip
    # What the log tells is not to be measured again.
    before = compose(read_given([root / "limits" / BASELINE], root), "test")
    assert briefing.advice[-1].said.text != before.advice[-1].said.text


def test_what_it_rests_on_has_what_the_verdict_hangs_on_and_what_was_fitted(root, briefing):
    counts, hanging = briefing.rests_on.tables
    # The run does not use what was fitted.
    assert len(counts.rows) == 4
    sources = [source for sentence in briefing.rests_on.said for source in sentence.sources]
    assert f"sensitivity/{BASELINE}/manifest.json#plausible.holds.estimate" in sources
    assert "calibrations/own/estimates.parquet#count[used=True]" in sources
    assert {row[3].text.count(" / ") for row in hanging.rows} == {1}
    # What turns the verdict is to be measured first.
    assert briefing.advice[-1].said.sources[0] == f"sensitivity/{BASELINE}/manifest.json"
    alone = compose(read_given([root / "calibrations" / "own"], root), "test").rests_on
    assert not any("staffing and step times are assumptions" in sentence.text for sentence in alone.said)


def test_advice_that_comes_to_the_same_is_given_once(root):
    given = read_given([root / "limits" / BASELINE], root)
    twice = compose(given.__class__(given.all * 2, root), "test")
    assert len([each for each in twice.advice if each.about == "Growth"]) == 1


# Several situations


def several(root, tmp_path, first, second):
    """Return the two scenarios with some facts of their manifests changed."""
    other = copied(root, tmp_path)
    for name, facts in ((BASELINE, first), ("busy", second)):
        change_manifest(other / "scenarios" / name, **facts)
    return read_given([other / "scenarios" / name for name in (BASELINE, "busy")], other)


def test_intervals_hold_together_only_if_one_rule_bounds_them_all(root, tmp_path):
    alone, looser = {"about__rule__tests": 1}, {"about__rule__error": 0.1}
    for place, (first, second, together) in enumerate((({}, {}, True), (alone, alone, False), (looser, {}, False))):
        note = compose(several(root, tmp_path / f"{place}", first, second), "test").situations.note
        assert ("hold together" in note) == together
        assert ("by itself" in note) != together


def test_the_level_of_an_interval_is_its_own(root, tmp_path):
    assert "95" in compose(several(root, tmp_path / "a", {}, {}), "test").situations.heads[3]
    mixed = compose(several(root, tmp_path / "b", {"confidence": 0.9}, {}), "test").situations
    assert "95" not in mixed.heads[3]
    assert [row[3].text[-6:] for row in mixed.rows] == ["(90 %)", "(95 %)"]


@pytest.mark.parametrize(
    ("statistic", "worst_first"), [("mean", (math.nan, 9.0, 6.0)), ("share", (math.nan, 0.2, 0.7))]
)
def test_what_to_prepare_for_is_what_breaks_the_target_the_worst_first(root, statistic, worst_first):
    own = read_given([root / "scenarios" / BASELINE], root).lead

    def run(name, verdict, estimate):
        scenario = {**own.record.scenario, "title": {"en": f"{name} case", "zh": f"{name} case"}}
        target = replace(own.record.target, statistic=statistic)
        facts = {"verdict": verdict, "estimate": estimate, "target": target, "scenario": scenario}
        return replace(own, record=replace(own.record, **facts))

    others = [run("no", verdict, 0.5) for verdict in ("HOLDS", "TOO CLOSE", "UNDECIDED")]
    assert watch(others) is None
    failing = [run(name, "FAILS", estimate) for name, estimate in zip("abc", worst_first, strict=True)]
    assert re.findall(r"\w+ case", watch([*others, *reversed(failing)]).said.text) == ["a case", "b case", "c case"]


# What belongs together


@pytest.mark.parametrize(
    ("run", "why"),
    [({"scenario__demand__registrations_per_year": 29_000}, "has another content"),
     ({"about__seed": 6}, "another seed"), ({"about__model": "older"}, "another version of the model")],
)  # fmt: skip
def test_results_about_what_a_scenario_was_before_are_left_out(root, tmp_path, run, why):
    other = copied(root, tmp_path / "stale")
    change_manifest(other / "scenarios" / BASELINE, **run)
    # Made again since.
    facts = manifest_of(other / "scenarios" / BASELINE)
    change_manifest(other / "staff" / BASELINE, scenario=facts["scenario"], about__seed=facts["about"]["seed"],
                    about__model=facts["about"]["model"])  # fmt: skip
    given = read_given([], other)
    # What a calibration has made is never of the content of what it was made from.
    assert paths(given) == [f"scenarios/{BASELINE}", "scenarios/busy", f"staff/{BASELINE}", "calibrations/own"]
    gone = [f"{folder}/{BASELINE}" for folder in ("limits", "explanations", "sensitivity")]
    gone += ["sweeps/demand", "comparisons/plans"]
    assert sorted(each.sources[0].rpartition("/")[0] for each in given.left_out) == sorted(gone)
    assert all(why in each.text for each in given.left_out)
    briefing = compose(given, "test")
    assert not any("40,600" in sentence.text for sentence in briefing.answer)
    assert [picture.name for picture in briefing.pictures][:2] == ["licence_time", "minutes"]
    _, last = briefing.small_print[-1]
    assert all(path in last.text for path in gone)
    for source in last.sources:
        look_up(other, source)


def test_what_was_left_out_is_said_on_standard_error(call, root, tmp_path):
    change_manifest(copied(root, tmp_path / "results") / "scenarios" / BASELINE, about__seed=6)
    status, out, err = call("brief", f"results/scenarios/{BASELINE}", f"results/explanations/{BASELINE}", "--json")
    assert status == 0
    (line,) = err.splitlines()
    assert line.endswith(f"explanations/{BASELINE} has another seed than scenarios/{BASELINE}; make it again")
    assert json.loads(out)["results"] == [f"scenarios/{BASELINE}"]
    assert len(json.loads(out)["left_out"]) == 1


def test_a_new_title_is_no_new_content(root, tmp_path):
    other = copied(root, tmp_path / "other")
    change_manifest(other / "scenarios" / BASELINE, scenario__title={"en": "Renamed", "zh": "改名"})
    assert read_given([], other).left_out == ()


# What it is made from


def test_of_several_only_what_is_about_the_first_scenario_is_taken(root, tmp_path):
    other = copied(root, tmp_path / "other")
    written(cheapest_roster(), other / "staff" / "busy", scenario=runs()["busy"].scenario)
    assert [path for path in paths(read_given([], other)) if path.startswith("staff")] == [f"staff/{BASELINE}"]
    change_manifest(other / "staff" / BASELINE, scenario__name="elsewhere")
    # Nothing about another office stands below the headline of this one.
    assert [path for path in paths(read_given([], other)) if path.startswith("staff")] == []


def test_a_damaged_scenario_beside_the_others_is_left_out_unless_it_was_asked_for(root, tmp_path):
    other = copied(root, tmp_path / "other")
    (other / "scenarios" / "busy" / "manifest.json").unlink()
    given = read_given([], other)
    assert "scenarios/busy" not in paths(given)
    assert len(given.unreadable) == 1
    with pytest.raises(SavedError):
        read_given([other / "scenarios" / "busy"], other)


def test_results_that_cannot_be_shown_are_left_out_with_what_makes_them_again(root, tmp_path):
    other = copied(root, tmp_path / "other")
    facts = {"format": 2, "kind": "staff", "name": "x", "command": "python run_sim.py staff x.yaml"}
    (other / "staff" / "old").mkdir()
    (other / "staff" / "old" / "manifest.json").write_text(json.dumps(facts))
    (why,) = read_given([], other).unreadable
    assert "another version of this program" in str(why)
    assert str(why).endswith("python run_sim.py staff x.yaml --replace")
    with pytest.raises(SavedError, match=r"make it again with: python run_sim\.py staff x\.yaml --replace"):
        read_given([other / "staff" / "old"], other)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda folder: None, "there is no such folder"),
        (lambda folder: folder.mkdir(), "holds no results"),
        (lambda folder: written(cheapest_roster(), folder / "inner"), "did you mean"),
        (lambda folder: (folder.mkdir(), (folder / "manifest.json").write_text("{")), "is damaged"),
        (lambda folder: (folder.mkdir(), (folder / "manifest.json").write_text('{"kind": "dream", "format": 3}')),
         "results of the kind 'dream', which a briefing does not show; it takes run, "),
    ],
)  # fmt: skip
def test_a_folder_that_is_no_results_is_refused_in_one_line(make, expected, tmp_path):
    folder = tmp_path / "some"
    make(folder)
    with pytest.raises(SavedError, match=expected) as raised:
        read_given([folder], tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("folder", "way", "field"),
    [(f"scenarios/{BASELINE}", "target", "minutes"), (f"scenarios/{BASELINE}", "scenario", "title"),
     (f"staff/{BASELINE}", "target", "minutes"), ("sweeps/demand", "base", "hours")],
)  # fmt: skip
def test_a_manifest_that_lacks_a_field_is_said_in_one_line(call, root, tmp_path, folder, way, field):
    copied(root, tmp_path / "results")
    facts = manifest_of(tmp_path / "results" / folder)
    del facts[way][field]
    write_manifest(tmp_path / "results" / folder, facts)
    status, _, err = call("brief", f"results/{folder}", "--all-charts")
    assert status == 2
    assert err.count("\n") == 1
    assert re.search(rf"damaged.*{way}.{field}", err)


# The verb


def test_the_verb_writes_all_and_says_where(call, root, tmp_path):
    copied(root, tmp_path / "results")
    status, out, err = call("brief", "--lang", "zh", "--json")
    assert (status, err) == (0, "")
    answer = json.loads(out)
    assert answer["name"] == "baseline-2023-zh"
    folder = tmp_path / "results" / "briefings" / "baseline-2023-zh"
    assert {"briefing.html", "briefing.pptx", "briefing.xlsx", "pictures/blame.png", "pictures/blame.svg"} <= set(
        answer["files"]
    )
    assert sorted(answer["files"]) == sorted(
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()
    )
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (facts["kind"], facts["name"], facts["language"]) == ("briefing", "baseline-2023-zh", "zh")
    (folder / "pictures" / "old.png").write_bytes(b"")
    files = {**facts["files"], "pictures/old.png": digest_of(folder / "pictures" / "old.png")}
    (folder / "manifest.json").write_text(json.dumps(facts | {"files": files}))
    assert call("brief", "--lang", "zh")[0] == 0
    assert not (folder / "pictures" / "old.png").exists()


@pytest.mark.parametrize("file", ["thesis.docx", "briefing.html", "pictures/holiday.png", "manifest.json"])
def test_what_is_nobody_elses_business_is_not_replaced(call, root, tmp_path, file):
    copied(root, tmp_path / "results")
    mine = tmp_path / "results" / "briefings" / "mine" / file
    mine.parent.mkdir(parents=True)
    mine.write_text("years of work")
    status, _, err = call("brief", "--name", "mine")
    assert status == 2
    assert f"holds files that no briefing has written, or that were changed since ('{file}')" in err
    assert err.count("\n") == 1
    assert mine.read_text() == "years of work"


def test_a_file_put_beside_a_briefing_is_kept(given, tmp_path):
    folder = tmp_path / "briefings" / "test"
    write_briefing(compose(given, "test"), [], folder)
    assert foreign(folder) == []
    whole = (folder / "briefing.pptx").read_bytes()
    (folder / "briefing.pptx").write_bytes(whole + b"edited")
    assert foreign(folder) == ["briefing.pptx"]
    (folder / "briefing.pptx").write_bytes(whole)
    (folder / "pictures" / "holiday.png").write_bytes(b"beach")
    (folder / "elsewhere").symlink_to(tmp_path / "nowhere")
    assert foreign(folder) == ["elsewhere", "pictures/holiday.png"]


def test_a_deck_that_is_edited_while_another_briefing_is_made_is_kept(call, root, tmp_path, monkeypatch):
    copied(root, tmp_path / "results")
    folder = tmp_path / "results" / "briefings" / "mine"
    assert call("brief", "--name", "mine")[0] == 0
    true = briefing_verb.sheets_of

    def edited(given):
        (folder / "briefing.pptx").write_bytes(b"edited")
        return true(given)

    monkeypatch.setattr(briefing_verb, "sheets_of", edited)
    status, _, err = call("brief", "--name", "mine")
    assert (status, "that were changed since ('briefing.pptx')" in err) == (2, True)
    assert (folder / "briefing.pptx").read_bytes() == b"edited"
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there is no such thing")
def test_what_nobody_writes_to_is_not_waited_for(given, tmp_path):
    folder = tmp_path / "briefings" / "test"
    write_briefing(compose(given, "test"), [], folder)
    (folder / "briefing.pptx").unlink()
    os.mkfifo(folder / "briefing.pptx")
    assert foreign(folder) == ["briefing.pptx"]


@pytest.mark.parametrize("name", ["/nowhere/x", "../../x", ".hidden", "C:x"])
def test_a_name_from_a_manifest_leads_nowhere_else(call, root, tmp_path, name):
    copied(root, tmp_path / "results")
    change_manifest(tmp_path / "results" / "scenarios" / BASELINE, about__name=name)
    before = sorted(tmp_path.rglob("*"))
    status, _, err = call("brief", f"results/scenarios/{BASELINE}")
    assert status == 2
    assert err.count("\n") == 1
    assert "its manifest.json names the results" in err
    assert "choose one with --name" in err
    assert sorted(tmp_path.rglob("*")) == before
    assert call("brief", f"results/scenarios/{BASELINE}", "--name", "fine")[0] == 0


@pytest.mark.parametrize("name", ["", " ", "../up", "a/b", ".hidden", "a:b", "a\x00b", "x" * 300, "执" * 80])
def test_a_name_is_that_of_one_folder(call, root, tmp_path, name):
    (tmp_path / "results").symlink_to(root)
    status, _, err = call("brief", "--name", name)
    assert status == 2
    assert err.count("\n") == 1
    assert "--name: must be a name" in err


def test_nothing_to_make_it_from_is_said_in_one_line(call, root, tmp_path):
    status, _, err = call("brief")
    assert status == 2
    assert "holds no results yet; begin with: python run_sim.py" in err
    # Results of another kind than the main job's are there to be named.
    other = next(folder for folder in sorted(root.glob("*/*")) if folder.parent.name not in ("scenarios", "batches"))
    shutil.copytree(other, tmp_path / "results" / other.parent.name / other.name)
    status, _, err = call("brief")
    assert (status, err.count("\n")) == (2, 1)
    assert f"such as {Path('results', other.parent.name, other.name)}" in err


def test_wrong_folders_are_named_each_in_a_line(call, root, tmp_path):
    copied(root, tmp_path / "results")
    status, _, err = call("brief", "results/scenarios/nothing", "results/scenarios")
    assert status == 2
    file = "results/scenarios/baseline-2023/manifest.json"
    said = f"{file}: is a file, not a folder of results; did you mean results/scenarios/baseline-2023?"
    assert said in call("brief", file)[2]
    assert "nothing: there is no such folder" in err
    assert "did you mean results/scenarios/baseline-2023?" in err
    assert err.count("\n") == 2
