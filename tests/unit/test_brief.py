"""What a briefing says: every number is in the file and field that it names, and each kind of results can lead."""

import json
import math
import re
import time
from itertools import product

import pytest
from briefing_results import (
    BASELINE,
    HOSTILE,
    SEED,
    change_manifest,
    copied,
    entitle,
    flat_picture,
    look_up,
    manifest_of,
    write_calibration,
    write_results,
    write_sensitivity,
)
from experiment_folders import DEMAND, REVIEWERS, write_comparison, write_sweep
from test_explain_charts import write as write_explanation
from test_limit_charts import write_limit
from test_staff_charts import write_staff

from sim.briefing.brief import charts
from sim.briefing.brief.compose import compose
from sim.briefing.brief.inputs import READERS, found_in, read_given
from sim.briefing.brief.page import page
from sim.briefing.brief.pictures import LONGEST, drawable, one_line
from sim.briefing.brief.sheets import sheets_of
from sim.briefing.brief.traced import Sentence, Traced, joined, said
from sim.briefing.brief.write import foreign, write_briefing
from sim.briefing.saved import SavedError
from sim.briefing.words import word
from sim.cli.briefing import parameter_facts

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
TARGET = {"clock": "licence", "statistic": "mean", "minutes": 5.0, "level": 0.9, "margin": 0.05}


@pytest.fixture(autouse=True)
def flat(request, monkeypatch):
    """Draw nothing where pictures are not what is looked at: that takes most of the time."""
    if "really_drawn" not in request.fixturenames:
        monkeypatch.setattr(charts, "draw", flat_picture)


@pytest.fixture
def really_drawn():
    """Ask for the charts themselves."""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Return results of all kinds, about the same scenario."""
    root = write_results(tmp_path_factory.mktemp("results"), sweep=True)
    scenario = manifest_of(root / "scenarios" / BASELINE)["scenario"]
    write_staff(root / "staff" / BASELINE)
    change_manifest(root / "staff" / BASELINE, scenario=scenario, seed=SEED)
    plans = (
        (BASELINE, "Three days", "三天", 40_600, 41_700, 1_818_000),
        ("more", "One more", "增1人", 46_900, 48_200, 1_935_000),
    )  # fmt: skip
    write_limit(root / "limits" / BASELINE, plans)
    change_manifest(
        root / "limits" / BASELINE, plans=[{"name": name} for name, *_ in plans], scenarios=[scenario], seed=SEED
    )
    write_explanation(root / "explanations" / BASELINE, target=TARGET, scenario=scenario, seed=SEED)
    write_comparison(root / "comparisons" / "plans")
    return root


@pytest.fixture(scope="module")
def given(root):
    return read_given(found_in(root)[0], root)


@pytest.fixture(params=LANGUAGES)
def briefing(request, given):
    return compose(given, "test", request.param)


def traced_in(value):
    """Yield every traced piece of a briefing."""
    if isinstance(value, Traced):
        yield value
    elif isinstance(value, Sentence):
        yield from traced_in(value.pieces)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from traced_in(each)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from traced_in(getattr(value, name))


def same(saved, value):
    if isinstance(saved, list):
        return value == len(saved) or all(str(each).replace("-", "–") in str(value) for each in saved)
    if saved is None:
        return value is None or not isinstance(value, float) or not math.isfinite(value)
    if isinstance(value, float) and math.isnan(value):
        return saved != saved
    return saved == value or str(saved) == value


def test_every_number_is_in_the_file_and_field_that_it_names(root, briefing):
    pieces = list(traced_in(briefing))
    assert len(pieces) > 80
    for piece in pieces:
        saved = look_up(root, piece.source)
        assert saved is not None or piece.value is None or piece.text in ("–", "∞"), piece
        # Texts of several cells in one carry the source of the first.
        if isinstance(piece.value, int | float):
            assert same(saved, piece.value), piece


def test_numbers_are_written_as_their_values_are(briefing):
    looked_at = 0
    for piece in traced_in(briefing):
        if piece.is_number and piece.unit in ("min", "number", "yuan"):
            digits = piece.text.replace(",", "").replace("−", "-")
            if digits.replace(".", "").replace("-", "").isdigit():
                last = 10.0 ** -len(digits.partition(".")[2])
                assert abs(float(digits) - float(piece.value)) <= last / 2 + 1e-9, piece
                looked_at += 1
    assert looked_at > 40


def test_sentences_name_files_that_are_there(root, briefing):
    for sentence in [*briefing.answer, *(each.said for each in briefing.advice), *briefing.staffing[0].said]:
        assert sentence.sources or "08:30" not in sentence.text
        for source in sentence.sources:
            look_up(root, source)
    for picture in briefing.all_pictures:
        assert picture.sources
        for source in picture.sources:
            look_up(root, source)


def test_the_answer_is_the_verdict_and_why(root, briefing):
    verdict = manifest_of(root / "scenarios" / BASELINE)["verdict"]
    assert briefing.verdict.value == verdict["verdict"]
    assert len(briefing.answer) == 2
    first, second = (sentence.text for sentence in briefing.answer)
    assert f"{verdict['estimate']:.2f}" in first
    assert "40,600" in second
    assert "41,700" in second
    assert ("online review" if briefing.language == "en" else "网上审核") in second


def test_three_charts_answer_and_further_ones_are_there_on_demand(given, briefing):
    assert [picture.name for picture in briefing.pictures] == ["licence_time", "blame", "frontier"]
    assert [staffing.picture.name for staffing in briefing.staffing] == ["roster"]
    assert briefing.appendix == ()
    names = [picture.name for picture in compose(given, "test", "zh", all_charts=True).all_pictures]
    further = {"calendar", "day", "minutes", "overview", "heat_map", "lines", "tried", "certificate", "lateness"}
    assert further <= set(names)
    assert len(names) == len(set(names))


def test_charts_give_their_titles_to_the_page(really_drawn, given):
    for picture in compose(given, "test", "en", all_charts=True).all_pictures:
        assert picture.title, picture.name
        assert picture.subtitle, picture.name
        assert picture.source_line.startswith("Simulation"), picture.name
        assert picture.png.startswith(b"\x89PNG")
        assert picture.whole["png"].startswith(b"\x89PNG")
        assert 1 < picture.height < 10
        assert 5 < picture.width <= 10


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "folder", ["staff/baseline-2023", "limits/baseline-2023", "explanations/baseline-2023", "sweeps/demand",
               "comparisons/plans"],
)  # fmt: skip
def test_each_kind_of_results_can_lead(root, folder, language, tmp_path):
    given = read_given([root / folder], root)
    briefing = compose(given, "alone", language)
    assert briefing.question.text.endswith("?" if language == "en" else "？")
    assert 1 <= len(briefing.answer) <= 2
    assert briefing.pictures
    for piece in traced_in(briefing):
        look_up(root, piece.source)
    write_briefing(briefing, sheets_of(given, parameter_facts(), language), tmp_path / "alone")


def changed(root, tmp_path, **facts):
    other = copied(root, tmp_path / "other")
    change_manifest(other / "scenarios" / BASELINE, **facts)
    return read_given([other / "scenarios" / BASELINE], other)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("verdict", "en", "zh"),
    [
        ({"verdict": "HOLDS", "estimate": 4.9}, "Yes: ", "能。"),
        ({"verdict": "FAILS", "estimate": 6.1}, "No: ", "不能。"),
        ({"verdict": "TOO CLOSE", "estimate": 5.01}, "less than 0.05 min from the target", "相差不到0.05分钟"),
        ({"verdict": "UNDECIDED", "low": None, "high": None}, "Not decided: ", "尚无定论。"),
        ({"verdict": "FAILS", "estimate": None, "low": None, "high": None}, "never get a licence", "始终拿不到执照"),
        ({"verdict": "FAILS", "why": "900 cases are not finished"}, "cannot finish its cases", "业务办不完"),
        ({"statistic": "share", "verdict": "FAILS", "estimate": 0.61, "low": 0.6, "high": 0.62},
         "61.0 % (95 % interval 60.0 % to 62.0 %) are within 5 minutes", "在5分钟以内的占61.0%"),
        ({"statistic": "percentile", "clock": "door_to_door", "verdict": "HOLDS", "estimate": 0.93, "low": 0.92,
          "high": 0.94},
         "above the target of at least 90 %", "达到不低于90%的目标"),
    ],
)  # fmt: skip
def test_each_verdict_has_its_answer(root, tmp_path, verdict, en, zh, language):
    given = changed(root, tmp_path, **{f"verdict__{name}": value for name, value in verdict.items()})
    briefing = compose(given, "test", language)
    assert (en if language == "en" else zh) in briefing.answer[0].text
    text = re.sub('base64,[^"]*', "", page(briefing))
    assert "nan" not in text.lower().replace("governance", "")


@pytest.mark.parametrize("kind", ["emoji", "long"])
def test_titles_are_drawn_and_said_as_text_whatever_they_are(really_drawn, root, kind, tmp_path):
    other = copied(root, tmp_path / "other")
    entitle(other, HOSTILE[kind])
    given = read_given(found_in(other)[0], other)
    briefing = compose(given, "test", "zh")
    assert briefing.subject == HOSTILE[kind]
    shown = drawable(given.lead.saved).title("zh")
    assert len(shown) <= LONGEST
    assert "\n" not in shown


def test_a_text_is_one_line_of_characters_that_xml_can_hold():
    assert one_line("a\nb\tc\x00\x07d\ufffe\u2028e") == "a b cd e"
    assert one_line("🏢赟") == "🏢赟"


def test_numbers_stay_traced_in_sentences():
    number = Traced("4.95", 4.95, "a/manifest.json#x")
    sentence = said("brief figure target", "en", minutes=number)
    assert sentence.text == "target: at most 4.95 min"
    assert sentence.sources == ("a/manifest.json#x",)
    assert joined([sentence, sentence], "; ").text == "target: at most 4.95 min; target: at most 4.95 min"
    assert joined([sentence, sentence]).sources == ("a/manifest.json#x",)


def test_what_it_rests_on_is_said_of_results_without_a_count_of_parameters(root, tmp_path):
    other = copied(root, tmp_path / "other")
    folder = other / "limits" / BASELINE
    first = compose(read_given([folder], other), "test", "en").rests_on.said[0]
    assert first.text == "This is a simulation, not a measurement: staffing and step times are assumptions."
    change_manifest(folder, fitted={"log": "own", "parameters": ["a", "b"]})
    first = compose(read_given([folder], other), "test", "en").rests_on.said[0]
    assert "2 parameters were fitted to the log own, the others are assumptions." in first.text
    assert first.sources == (f"limits/{BASELINE}/manifest.json#fitted.parameters",
                             f"limits/{BASELINE}/manifest.json#fitted.log")  # fmt: skip
    # The answer of a calibration says itself what was fitted and what was not.
    write_calibration(other / "calibrations" / "own")
    rests = compose(read_given([other / "calibrations" / "own"], other), "test", "en").rests_on
    assert not any("staffing and step times are assumptions" in sentence.text for sentence in rests.said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_it_rests_on_has_the_flips_and_what_was_fitted(root, tmp_path, language):
    other = copied(root, tmp_path / "other")
    write_sensitivity(other / "sensitivity" / BASELINE, manifest_of(other / "scenarios" / BASELINE)["scenario"])
    change_manifest(other / "sensitivity" / BASELINE, seed=SEED)
    write_calibration(other / "calibrations" / "own")
    folders, left_out = found_in(other)
    assert left_out == []
    given = read_given(folders, other)
    briefing = compose(given, "test", language)
    rests = briefing.rests_on
    text = " ".join(sentence.text for sentence in rests.said)
    assert "200" in text
    assert "31.0" in text
    assert [row[-1] if isinstance(row[-1], str) else row[-1].text for row in rests.influential.rows][1:] == [
        "3.1–3.2 min" if language == "en" else "3.1–3.2分钟", "does not flip" if language == "en" else "不改变"
    ]  # fmt: skip
    assert rests.influential.rows[0][-1].text == (
        "1.4–1.5 min; 3.1–3.2 min" if language == "en" else "1.4–1.5分钟；3.1–3.2分钟"
    )
    assert rests.influential.rows[1][1].text == word("assumption any number", language)
    # The run does not use what was fitted.
    assert len(rests.counts.rows) == 3
    check = briefing.advice[-1].said.text
    assert ("review time" if language == "en" else "单件审核时长") in check
    for piece in traced_in(briefing):
        look_up(other, piece.source)
    for kind in ("sensitivity", "calibration"):
        alone = read_given([found.saved.folder for found in given.all if found.kind == kind], other)
        page(compose(alone, "alone", language))
        sheets = {sheet.name: sheet for sheet in sheets_of(alone, parameter_facts(), language)}
        assert len(sheets) >= 2


@pytest.mark.parametrize(
    ("language", "said", "unknown"), [("en", "itself is undecided", "not known"), ("zh", "自身未能判定", "尚不可知")]
)
def test_of_an_undecided_scenario_no_assumption_is_said_to_flip_the_verdict(root, tmp_path, language, said, unknown):
    other = copied(root, tmp_path / "other")
    folder = write_sensitivity(other / "sensitivity" / BASELINE,
                               manifest_of(other / "scenarios" / BASELINE)["scenario"])  # fmt: skip
    change_manifest(folder, scenario_verdict={"verdict": "UNDECIDED"})
    briefing = compose(read_given([folder], other), "test", language)
    assert said in briefing.answer[0].text
    assert briefing.rests_on.influential.rows[2][-1] == unknown


# Several situations


def several(root, tmp_path, first, second):
    """Return the two scenarios with some facts of their manifests changed."""
    other = copied(root, tmp_path / "several")
    change_manifest(other / "scenarios" / BASELINE, **first)
    change_manifest(other / "scenarios" / "busy", **second)
    return read_given([other / "scenarios" / BASELINE, other / "scenarios" / "busy"], other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_intervals_hold_together_only_if_one_rule_bounds_them_all(root, tmp_path, language):
    together = "hold together" if language == "en" else "各项区间与判定同时成立"
    apart = "by itself" if language == "en" else "分别成立"
    family = compose(several(root, tmp_path / "a", {}, {}), "test", language).situations
    assert together in family.note
    assert apart not in family.note
    alone, looser = {"rule__tests": 1}, {"rule__error": 0.1}
    for place, (first, second) in enumerate(((alone, alone), (looser, {}))):
        each_alone = compose(several(root, tmp_path / f"b{place}", first, second), "test", language).situations
        assert apart in each_alone.note
        assert together not in each_alone.note


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_level_of_an_interval_is_its_own(root, tmp_path, language):
    same_level = compose(several(root, tmp_path / "a", {}, {}), "test", language).situations
    assert "95" in same_level.heads[3]
    mixed = compose(several(root, tmp_path / "b", {"verdict__confidence": 0.9}, {}), "test", language).situations
    assert "95" not in mixed.heads[3]
    ends = ("(90 %)", "(95 %)") if language == "en" else ("（90%）", "（95%）")
    assert all(row[3].text.endswith(end) for row, end in zip(mixed.rows, ends, strict=True))


@pytest.mark.parametrize(("verdict", "en"), [("HOLDS", "keeps"), ("FAILS", "misses"), ("TOO CLOSE", "is open")])
def test_one_other_situation_is_one(root, tmp_path, verdict, en):
    given = several(root, tmp_path, {}, {"verdict__verdict": verdict})
    assert f"the other situation {en}" in compose(given, "test", "en").answer[1].text.lower()
    assert "另外1种" not in compose(given, "test", "zh").answer[1].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_waiting_that_counts_is_said_to_be_the_longest(root, tmp_path, language):
    share = {"verdict__statistic": "share", "verdict__estimate": 0.61, "verdict__low": 0.6, "verdict__high": 0.62}
    why = compose(changed(root, tmp_path, **share), "test", language).answer[1].text
    said_of = "Of the waiting that counts towards the licence time" if language == "en" else "计入办照时长的等待"
    assert why.startswith(said_of)


# What belongs together


def stale(root, tmp_path, run):
    """Return results after the scenario's file was changed and run again, with some facts of the run."""
    other = copied(root, tmp_path / "stale")
    change_manifest(other / "scenarios" / BASELINE, **run)
    return other


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("run", "en", "zh"),
    [
        ({"scenario__demand__registrations_per_year": 29_000}, "has another content", "内容与"),
        ({"seed": 6}, "another seed", "随机种子"),
    ],
)
def test_results_about_what_a_scenario_was_before_are_left_out(root, tmp_path, run, en, zh, language):
    other = stale(root, tmp_path, run)
    fresh = manifest_of(other / "scenarios" / BASELINE)["scenario"]
    change_manifest(other / "staff" / BASELINE, scenario=fresh, **{k: v for k, v in run.items() if k == "seed"})
    given = read_given(found_in(other)[0], other)
    kinds = [found.kind for found in given.all]
    assert sorted(set(kinds)) == ["comparison", "run", "staff"]
    gone = {left_out.origin.path for left_out in given.left_out}
    assert gone == {f"explanations/{BASELINE}", f"limits/{BASELINE}", "sweeps/demand"}
    briefing = compose(given, "test", language)
    assert not any("40,600" in sentence.text for sentence in briefing.answer)
    assert [picture.name for picture in briefing.pictures][:2] == ["licence_time", "minutes"]
    last = briefing.small_print[-1].said
    assert last.text.count(en if language == "en" else zh) == 3
    assert all(path in last.text for path in gone)
    for source in last.sources:
        look_up(other, source)


def test_what_was_left_out_is_said_on_standard_error(call, root, tmp_path):
    stale(root, tmp_path, {"scenario__demand__registrations_per_year": 29_000}).rename(tmp_path / "results")
    status, out, err = call("brief", f"results/scenarios/{BASELINE}", f"results/explanations/{BASELINE}", "--json")
    assert status == 0
    (line,) = err.splitlines()
    assert line.endswith(
        f"explanations/{BASELINE}: its scenario {BASELINE} has another content than that of scenarios/{BASELINE}; "
        "make it again"
    )
    assert json.loads(out)["results"] == [f"scenarios/{BASELINE}"]
    assert len(json.loads(out)["left_out"]) == 1


def test_a_new_title_is_no_new_content(root, tmp_path):
    other = stale(root, tmp_path, {"scenario__title": {"en": "Renamed", "zh": "改名"}})
    assert read_given(found_in(other)[0], other).left_out == ()


def test_a_calibration_is_never_of_the_content_of_its_parent(root, tmp_path):
    other = stale(root, tmp_path, {})
    scenario = manifest_of(other / "scenarios" / BASELINE)["scenario"]
    fitted = scenario | {"demand": scenario["demand"] | {"registrations_per_year": 41_000}}
    write_calibration(other / "calibrations" / "own")
    change_manifest(other / "calibrations" / "own", scenario=fitted)
    given = read_given(found_in(other)[0], other)
    assert given.left_out == ()
    assert len(given.fits) == 1


def test_results_of_another_model_are_left_out(root, tmp_path):
    other = stale(root, tmp_path, {})
    change_manifest(other / "explanations" / BASELINE, model="older")
    (left_out,) = read_given(found_in(other)[0], other).left_out
    assert left_out.differs == "model"


# What it is made from


def test_a_briefing_that_names_nothing_is_of_the_main_job_and_what_is_about_it(root, given):
    paths = [found.origin.path for found in given.all]
    assert paths[:2] == ["scenarios/baseline-2023", "scenarios/busy"]
    assert set(paths[2:]) == {
        "staff/baseline-2023", "limits/baseline-2023", "explanations/baseline-2023", "sweeps/demand",
        "comparisons/plans",
    }  # fmt: skip


def test_of_several_only_what_is_about_the_first_scenario_is_taken(root, tmp_path):
    other = copied(root, tmp_path / "other")
    write_staff(other / "staff" / "busy")
    busy = manifest_of(other / "scenarios" / "busy")["scenario"]
    change_manifest(other / "staff" / "busy", scenario=busy, seed=SEED)
    names = [path.relative_to(other).as_posix() for path in found_in(other)[0] if path.parent.name == "staff"]
    assert names == ["staff/baseline-2023"]
    change_manifest(other / "staff" / BASELINE, scenario={"name": "elsewhere"})
    names = [path.relative_to(other).as_posix() for path in found_in(other)[0] if path.parent.name == "staff"]
    assert names == ["staff/busy"]


def test_results_that_cannot_be_shown_are_left_out_with_a_reason(root, tmp_path):
    other = copied(root, tmp_path / "other")
    strange = other / "sensitivity" / BASELINE
    strange.mkdir(parents=True)
    (strange / "manifest.json").write_text(json.dumps({"format": 2, "kind": "sensitivity", "name": "x"}))
    folders, left_out = found_in(other)
    assert strange not in folders
    assert len(left_out) == 1
    assert "sensitivity" in left_out[0]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda folder: None, "there is no such folder"),
        (lambda folder: folder.mkdir(), "holds no results"),
        (lambda folder: write_sweep(folder / "inner", [DEMAND, REVIEWERS]), "did you mean"),
        (lambda folder: (folder.mkdir(), (folder / "manifest.json").write_text("{")), "cannot be read"),
        (lambda folder: (folder.mkdir(), (folder / "manifest.json").write_text("[]")), "is damaged"),
        (lambda folder: (folder.mkdir(), (folder / "manifest.json").write_text('{"kind": "dream"}')),
         "results of the kind 'dream', which a briefing does not show; it takes run, staff"),
    ],
)  # fmt: skip
def test_a_folder_that_is_no_results_is_refused_in_one_line(make, expected, tmp_path):
    folder = tmp_path / "some"
    make(folder)
    with pytest.raises(SavedError, match=expected) as raised:
        read_given([folder], tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("folder", "field"),
    [
        (f"scenarios/{BASELINE}", "stages"), (f"scenarios/{BASELINE}", "working_days"),
        (f"scenarios/{BASELINE}", "verdict.confidence"), (f"scenarios/{BASELINE}", "scenario.title"),
        (f"explanations/{BASELINE}", "whole_year"), (f"staff/{BASELINE}", "own.people"), ("sweeps/demand", "target"),
    ],
)  # fmt: skip
def test_a_manifest_that_lacks_a_field_is_said_in_one_line(call, really_drawn, root, tmp_path, folder, field):
    copied(root, tmp_path / "results")
    facts = inner = manifest_of(tmp_path / "results" / folder)
    *way, last = field.split(".")
    for name in way:
        inner = inner[name]
    del inner[last]
    (tmp_path / "results" / folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    status, _, err = call("brief", f"results/{folder}", "--all-charts")
    assert status == 2
    assert err.count("\n") == 1
    assert f"{folder}: its manifest.json is damaged ({field} is missing); make the results again" in err


def test_the_kinds_are_those_that_the_verbs_write():
    kinds = {"run", "staff", "limit", "explanation", "sweep", "comparison", "sensitivity", "calibration"}
    assert set(READERS) == kinds


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
    (folder / "manifest.json").write_text(json.dumps(facts | {"files": [*facts["files"], "pictures/old.png"]}))
    status, _, _ = call("brief", "--lang", "zh")
    assert status == 0
    assert not (folder / "pictures" / "old.png").exists()


@pytest.mark.parametrize("file", ["thesis.docx", "briefing.html", "pictures/holiday.png", "manifest.json"])
def test_what_is_nobody_elses_business_is_not_replaced(call, root, tmp_path, file):
    copied(root, tmp_path / "results")
    mine = tmp_path / "results" / "briefings" / "mine" / file
    mine.parent.mkdir(parents=True)
    mine.write_text("years of work")
    status, _, err = call("brief", "--name", "mine")
    assert status == 2
    assert f"holds files that no briefing has written ('{file}')" in err
    assert err.count("\n") == 1
    assert mine.read_text() == "years of work"


def test_a_file_put_beside_a_briefing_is_kept(given, tmp_path):
    folder = tmp_path / "briefings" / "test"
    write_briefing(compose(given, "test", "en"), [], folder)
    assert foreign(folder) == []
    (folder / "pictures" / "holiday.png").write_bytes(b"beach")
    (folder / "elsewhere").symlink_to(tmp_path / "nowhere")
    assert foreign(folder) == ["elsewhere", "pictures/holiday.png"]


@pytest.mark.parametrize("name", ["/nowhere/x", "../../x", ".hidden", "C:x"])
def test_a_name_from_a_manifest_leads_nowhere_else(call, root, tmp_path, name):
    copied(root, tmp_path / "results")
    change_manifest(tmp_path / "results" / "scenarios" / BASELINE, scenario__name=name)
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
    copied(root, tmp_path / "results")
    status, _, err = call("brief", "--name", name)
    assert status == 2
    assert err.count("\n") == 1
    assert "--name: must be a name" in err


def test_nothing_to_make_it_from_is_said_in_one_line(call):
    status, _, err = call("brief")
    assert status == 2
    assert "holds no results yet; begin with: python run_sim.py" in err


def test_wrong_folders_are_named(call, root, tmp_path):
    copied(root, tmp_path / "results")
    status, _, err = call("brief", "results/scenarios/nothing", "results/scenarios")
    assert status == 2
    assert "nothing: there is no such folder" in err
    assert "did you mean results/scenarios/baseline-2023?" in err
    assert err.count("\n") == 1


def test_a_sweep_of_forty_cells_is_briefed_in_time(really_drawn, tmp_path):
    demand = DEMAND | {"labels": DEMAND["labels"][:8]}
    write_sweep(tmp_path / "sweeps" / "forty", [demand, REVIEWERS])
    begin = time.process_time()
    given = read_given([tmp_path / "sweeps" / "forty"], tmp_path)
    assert len(given.lead.saved.cells) == len(list(product(range(8), range(5))))
    sheets = sheets_of(given, parameter_facts(), "zh")
    files = write_briefing(compose(given, "forty", "zh"), sheets, tmp_path / "briefings" / "forty")
    assert time.process_time() - begin < 30
    assert (tmp_path / "briefings" / "forty" / "briefing.html").stat().st_size < 5_000_000
    assert len(files) == 8
