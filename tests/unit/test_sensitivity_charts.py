"""The charts and sentences of a sensitivity: readable in both languages, and true to the figures in the folder."""

import json
import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from readable import assert_readable, shown_texts

from sim.briefing import sensitivity_sentences as sentences
from sim.briefing.charts.flips import flips_chart
from sim.briefing.charts.plausible import plausible_chart
from sim.briefing.charts.style import style
from sim.briefing.charts.tornado import draw_sensitivity_charts, tornado_chart
from sim.briefing.labels import assumptions, calibration, explain, limit, sensitivity, staff
from sim.briefing.saved import SavedError
from sim.briefing.saved_sensitivity import Swing, read_sensitivity
from sim.briefing.words import WORDS, word
from sim.cli.sensitivity_report import sensitivity_report
from sim.evidence.assumptions.alternatives import alternatives_of
from sim.evidence.assumptions.dimensions import assumptions_of
from sim.evidence.assumptions.saving_sensitivity import (
    ASSUMPTIONS,
    FLIP_TABLE,
    INDICES,
    JUDGED_VALUES,
    OTHERS,
    SCREENING,
    SEPARATION,
)
from sim.office.scenario import load_scenario_file

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
MEAN = {"clock": "licence", "statistic": "mean", "minutes": 5.0, "level": 0.9, "margin": 0.05}
SHARE = MEAN | {"statistic": "share", "margin": 0.005}


@pytest.fixture(scope="module")
def baseline(pytestconfig):
    return load_scenario_file(pytestconfig.rootpath / "scenarios" / "baseline-2023.yaml")


def verdict_of(value, share):
    if share:
        return "HOLDS" if value > 0.905 else "FAILS" if value < 0.895 else "TOO CLOSE"
    return "HOLDS" if value < 4.975 else "FAILS" if value > 5.025 else "TOO CLOSE"


def judged(value, share, begin=""):
    half = 0.01 if share else 0.004 * value
    ends = (math.nan, math.nan) if math.isinf(value) else (value - half, value + half)
    row = {"verdict": verdict_of(value, share), "estimate": value, "interval_low": ends[0], "interval_high": ends[1],
           "replications": 30}  # fmt: skip
    return {begin + name: of for name, of in row.items()}


def write(folder, scenario, size=1.0, share=False, never=False, offices=60, twisted=False, pieces=None, given="",
          undecided=False, both=False, **facts):  # fmt: skip
    """Write the folder of a sensitivity in which the first assumptions matter most, and the last not at all."""
    folder.mkdir(parents=True)
    found, _ = assumptions_of(scenario)
    own = 0.92 if share else 4.951
    rows, table = [], []
    for number, of in enumerate(found):
        swing = size * 3.0 * math.exp(-number / 6) * (1 if number % 3 else -1)
        low, high = (own - 0.3 * swing, own + 0.5 * swing) if not share else (own + swing / 40, own - swing / 25)
        low, high = (min(max(end, 0.05 if share else 2.0), 0.99 if share else math.inf) for end in (low, high))
        if number == 1:
            high = 0.05 if share else math.inf if never else 85.3
        at = {of.low: own if of.low == of.value else low, of.high: own if of.high == of.value else high}
        rows.append({
            "parameter": of.path, "unit": of.unit, "meaning_en": of.en, "meaning_zh": of.zh,
            "source": given if given and number == 5 else of.source,
            "kind": "given" if given and number == 5 else of.kind, "value": of.value, "low": of.low, "high": of.high,
            "plausible_low": of.plausible[0], "plausible_high": of.plausible[1], "extended": number == 7,
        })  # fmt: skip
        if both and number == 2:
            at = dict.fromkeys(at, 0.5 if share else 9.0)
        row = {"parameter": of.path, "replications": 120, **judged(at[of.low], share, "low_"),
               **judged(at[of.high], share, "high_")}  # fmt: skip
        flips = False
        for end, place in (("low", of.low), ("high", of.high)):
            verdict = verdict_of(at[place], share)
            start = min(of.value, of.high)
            row |= {f"flip_{end}_{name}": value for name, value in zip(
                ("last", "first", "verdict", "between", "monotone"),
                (math.nan, math.nan, "", "", True) if verdict == "HOLDS" or undecided else
                (start + 0.1 * (place - start), start + 0.25 * (place - start), verdict, "TOO CLOSE",
                 not (twisted and number == 1)), strict=True,
            )}  # fmt: skip
            flips = flips or verdict != "HOLDS"
        if not flips and not undecided:
            row |= {"middle": (of.low + of.high) / 2, "middle_verdict": "HOLDS", "middle_estimate": own}
        table.append(row)
    rng = np.random.default_rng(2)
    values = 0.3 + 0.69 * rng.random(offices) if share else np.exp(rng.normal(4, 2.2, offices))
    drawn = [{"office": n, **judged(float(value), share), "why": ""} for n, value in enumerate(values)]
    if never and offices:
        drawn[0] |= {"estimate": math.inf, "interval_low": math.nan, "interval_high": math.nan, "verdict": "FAILS"}
    counts = {name: sum(row["verdict"] == name for row in drawn)
              for name in ("HOLDS", "FAILS", "TOO CLOSE", "UNDECIDED")}  # fmt: skip
    holds = counts["HOLDS"] / max(offices, 1)
    effects = [
        {"parameter": of.path, "outcome": outcome, "mu": 1.0 - n / 60, "mu_star": 1.0 - n / 60,
         "mu_star_low": 0.7 - n / 90, "mu_star_high": 1.4 - n / 60, "sigma": 0.6, "sigma_low": 0.4, "sigma_high": 0.8}
        for outcome in ("log minutes", "minutes", "over") for n, of in enumerate(found)
    ]  # fmt: skip
    indices = [
        {"parameter": of.path, "outcome": outcome, "first": 0.4 - n / 15, "first_low": 0.2 - n / 15,
         "first_high": 0.6, "total": 0.5 - n / 20, "total_low": 0.3 - n / 20, "total_high": 0.8}
        for outcome in ("log minutes", "keeps") for n, of in enumerate(found[:6])
    ]  # fmt: skip
    apart = [
        {"parameter": of.path, "holds": of.low, "fails": of.high, "difference": (-1) ** n * (1.2 - n / 50),
         "error": 0.15}
        for n, of in enumerate(found)
    ] if counts["HOLDS"] >= 2 else []  # fmt: skip
    others = [{"kind": of.kind, "name": of.name, "own": of.own, "here": of.here,
               **judged(0.5 if share else 7.28 if number else math.inf, share), "why": ""}
              for number, of in enumerate(alternatives_of(scenario))]  # fmt: skip
    own_facts = judged(own, share) | {"why": None, "tests": 190} | ({"verdict": "UNDECIDED"} if undecided else {})
    manifest = {
        "format": 2, "kind": "sensitivity", "name": folder.name, "seed": 20240201, "working_days": 249,
        "target": SHARE if share else MEAN,
        "rule": {"tests": 769, "error": 0.05, "smallest": 30, "largest": 2000, "margin": 0.05},
        "pieces": ["flips", "screening", "indices", "plausible"], "left_out": ["demand.key_share"],
        "settings": {"trajectories": 12, "offices": offices, "sample": 128}, "most_minutes": 1e6,
        "scenario_verdict": own_facts, "screening": {"points": 732, "capped": 3 if never else 0},
        "indices": {"points": 1024, "capped": 0, "keeps": 0.1},
        "plausible": {"offices": offices, "counts": counts,
                      "holds": {"share": holds, "low": holds * 0.5, "high": min(1.0, holds * 1.6 + 0.02)}},
        "scenario": {"title": {"en": "Baseline 2023", "zh": "2023年基线"}},
    } | facts  # fmt: skip
    tables = {
        "assumptions": (ASSUMPTIONS, rows), "flips": (FLIP_TABLE, table), "judged": (JUDGED_VALUES, []),
        "others": (OTHERS, others), "screening": (SCREENING, effects), "indices": (INDICES, indices),
        "offices": (None, drawn), "separation": (SEPARATION, apart),
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    for name, (kinds, lines) in tables.items():
        kept = lines if pieces is None or name in (*pieces, "assumptions") else []
        schema = pa.schema(list(kinds.items())) if kinds else pa.Table.from_pylist(lines).schema
        pq.write_table(pa.Table.from_pylist(kept, schema), folder / f"{name}.parquet")
    return folder


CASES = {
    "baseline": {},
    "never": {"never": True, "twisted": True},
    "nothing flips": {"size": 0.004},
    "share": {"share": True},
    "huge": {"size": 50.0},
    "few offices": {"offices": 4},
    "given": {"given": "ranges-of-the-office-fitted-in-2024.yaml"},
    "both ends": {"both": True},
    "undecided": {"size": 0.004, "undecided": True},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", CASES.values(), ids=CASES)
def test_the_charts_are_readable(facts, language, tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline, **facts))
    with style():
        for chart in (tornado_chart, flips_chart, plausible_chart):
            assert_readable(chart(saved, language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", CASES.values(), ids=CASES)
def test_reports_and_sentences_are_whole(facts, language, tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline, **facts))
    said = sentences.spoken(saved, language)
    assert len(said) == 3
    titles = [sentences.finding(saved, language), sentences.tornado_title(saved, language),
              sentences.offices_title(saved, language)]  # fmt: skip
    for text in [*said, *titles, sensitivity_report(saved, language)]:
        assert "nan" not in text.replace("finance", "")
        assert "{" not in text
    stop = "." if language == "en" else "。"
    assert all(text.endswith(stop) for text in said)


def test_pieces_alone_are_told_without_the_others(tmp_path, baseline):
    none = {"scenario_verdict": None, "plausible": None, "indices": None}
    saved = read_sensitivity(write(tmp_path / "some", baseline, pieces=("screening",), **none))
    assert sentences.finding(saved, "en") == "Registrations a year matters most of 60 assumptions"
    assert len(sentences.spoken(saved, "en")) == 1
    assert "Screening" in sensitivity_report(saved, "en")
    assert draw_sensitivity_charts(saved, tmp_path, "en") == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "18 of 60 assumptions change the verdict by themselves; the nearest: "),
        ("zh", "60项假设中有18项单独变动即改变判定，离翻转最近的是"),
    ],
)
def test_the_title_counts_the_flips_and_names_the_nearest(language, said, tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline))
    nearest = saved.flipping[0]
    assert nearest.distance(nearest.nearest) == min(of.distance(flip) for of in saved.swings for flip in of.flips)
    number = len(saved.flipping)
    assert sentences.finding(saved, language) == said.replace("18", str(number)) + sentences.name_of(
        nearest.assumption.parameter, language
    )


def test_the_numbers_are_those_of_the_tables(tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline))
    with style():
        texts = [text for text, _ in shown_texts(tornado_chart(saved, "en"))]
    assert "2 → 85.3" in texts
    assert "Other business per registration moves the mean licence time most: " in " ".join(texts)
    assert len([text for text in texts if "→" in text]) == 2 * 15
    with style():
        texts = [text for text, _ in shown_texts(flips_chart(saved, "en"))]
    assert "HOLDS at 1.1, FAILS at 1.25" in texts


def test_the_scenario_has_its_interval_wherever_it_is_named(tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline))
    own = "as it is: HOLDS, 4.95 min (4.93–4.97)"
    assert own in sensitivity_report(saved, "en").splitlines()[0]
    assert "本场景：达标，4.95分钟（4.93–4.97）" in sentences.subtitle(saved, "zh")
    with style():
        for chart in (tornado_chart, flips_chart, plausible_chart):
            assert any(own in text for text, _ in shown_texts(chart(saved, "en")))
    share = sentences.subtitle(read_sensitivity(write(tmp_path / "share", baseline, share=True)), "en")
    assert share.endswith("as it is: HOLDS, 92.0 % (91.0 %–93.0 %)")
    few = write(tmp_path / "few", baseline, scenario_verdict={
        "verdict": "UNDECIDED", "estimate": 4.951, "interval_low": None, "interval_high": None, "replications": 9,
        "tests": 1,
    })  # fmt: skip
    assert sentences.subtitle(read_sensitivity(few), "en").endswith("as it is: UNDECIDED, 4.95 min")


@pytest.mark.parametrize(
    ("language", "title", "unknown"),
    [("en", "The scenario itself is undecided", "not known"), ("zh", "本场景自身未能判定", "尚不可知")],
)
def test_of_an_undecided_scenario_it_is_said_that_nothing_can_flip(language, title, unknown, tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline, undecided=True))
    assert sentences.finding(saved, language).startswith(title)
    said = sentences.spoken(saved, language)[0]
    assert title in said
    assert "--quick" in said
    assert word("no flip", language) not in sensitivity_report(saved, language)
    assert saved.steady == []
    with style():
        texts = [text for text, _ in shown_texts(flips_chart(saved, language))]
    assert texts.count(unknown) == 26


@pytest.mark.parametrize(("language", "said"), [("en", "from our.yaml"), ("zh", "取自our.yaml")])
def test_given_ranges_are_said_to_be_from_their_file(language, said, tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline, given="our.yaml"))
    assert [of.kind for of in saved.given] == ["given"]
    assert any(said in note for note in sentences.notes(saved, language))
    assert any(said in line for line in sentences.spoken(saved, language))
    only = replace(saved, assumptions={of.parameter: of for of in saved.given})
    sources = [sentences.source(of, language, "a value", [30]) for of in (saved, only)]
    assert all(said in text for text in sources)
    assert ["docs/parameters.md" in text for text in sources] == [True, False]


def test_results_that_do_not_say_their_version_have_none(tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline))
    saved.manifest.pop("versions", None)
    assert "ersion" not in sentences.source(saved, "en", "a value", [30])
    saved.manifest["versions"] = {"licence-office-sim": "0.2.0.dev3+g1a2b3c4"}
    assert sentences.source(saved, "zh", "a value", [30]).endswith("。版本0.2.0.dev3")


@pytest.mark.parametrize(("language", "said"), [("en", "plausible office"), ("zh", "合理范围内的情形")])
def test_plausible_offices_are_named_only_where_they_were_asked_for(language, said, tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline))
    assert sum(said in note.lower() for note in sentences.notes(saved, language)) == 1
    flips = read_sensitivity(write(tmp_path / "flips", baseline, pieces=("flips", "others"), plausible=None))
    assert said not in sensitivity_report(flips, language).lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_a_column_have_one_size_and_the_scenario_is_above_the_signs(language, tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline, never=True))
    with style():
        for chart in (flips_chart, tornado_chart):
            figure = chart(saved, language)
            columns = {}
            for text in figure.texts:
                columns.setdefault(round(text.get_position()[0], 4), []).append(text.get_fontsize())
            for sizes in columns.values():
                # Title, subtitle, heading, note and source stand in the column of the names.
                assert len({size for size in sizes if sizes.count(size) > 2}) <= 1
        (axes,) = figure.axes
        places = {line.get_zorder() for line in axes.lines if line.get_marker() == "None"}
        assert max(places) > max(line.get_zorder() for line in axes.lines if line.get_marker() != "None")


def test_every_assumption_and_alternative_has_a_name_in_both_languages(baseline):
    for language in LANGUAGES:
        for of in assumptions_of(baseline)[0]:
            assert sentences.name_of(of.path, language) != of.path
        for other in alternatives_of(baseline):
            assert f"otherwise {other.name}" in WORDS
    assert sentences.name_of("no.such.parameter", "en") == "no.such.parameter"


def test_no_label_is_said_twice():
    parts = [staff.WORDS, limit.WORDS, explain.WORDS, calibration.WORDS, sensitivity.WORDS]
    assert sum(map(len, parts)) == len({key for part in parts for key in part})
    assert set(assumptions.WORDS) <= set(sensitivity.WORDS)


def test_values_are_written_as_they_are_read(tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline))
    known = saved.assumptions
    cases = {
        "review.return_rate": (0.1639, "16.4 %", "16.4%"),
        "review.minutes.mean_minutes": (3.456, "3.46 min", "3.46分钟"),
        "demand.registrations_per_year": (41_234.0, "41,234", "41,234"),
        "phone.waiting_places": (math.inf, "any number", "不限"),
        "review.return_factors.key": (1.2, "1.2", "1.2"),
    }
    for parameter, (value, english, chinese) in cases.items():
        for language, said in (("en", english), ("zh", chinese)):
            assert sentences.value_of(known[parameter], value, language) == said
    assert sentences.range_of(known["review.return_rate"], "en") == "5 – 40 %"
    narrow = replace(known["review.minutes.mean_minutes"], low=2.98859, high=3.01869)
    assert sentences.value_of(narrow, 3.00064, "en") == "3.0006 min"
    assert sentences.meaning_of(known["staff.clerks.absence"], "en").startswith("counter clerks: ")


def test_what_is_not_known_is_said(tmp_path, baseline):
    folder = write(tmp_path / "some", baseline, size=0.004)
    rows = pq.read_table(folder / "flips.parquet")
    changed = rows.to_pylist()
    quiet = [row for row in changed if not row["flip_high_verdict"] and not row["flip_low_verdict"]]
    quiet[0]["high_verdict"], quiet[1]["middle_verdict"] = "UNDECIDED", "FAILS"
    pq.write_table(pa.Table.from_pylist(changed, rows.schema), folder / "flips.parquet")
    saved = read_sensitivity(folder)
    notes = sentences.notes(saved, "en")
    names = [sentences.name_of(row["parameter"], "en") for row in quiet[:2]]
    assert f"Not decided at an end of the range, so whether they flip is not known: {names[0]}" in notes
    assert f"Both ends have the scenario's verdict, and a value between has another: {names[1]}" in notes
    assert isinstance(saved.steady[0], Swing)


def test_the_charts_are_written_and_the_same_each_time(tmp_path, baseline):
    saved = read_sensitivity(write(tmp_path / "some", baseline))
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        files = draw_sensitivity_charts(saved, folder, "zh")
    assert {file.name for file in files} == {
        f"{name}.{kind}" for name in ("tornado", "flips", "plausible") for kind in ("png", "svg")
    }
    for file in files:
        assert (folders[0] / file.name).read_bytes() == (folders[1] / file.name).read_bytes()


@pytest.mark.parametrize(("damage", "said"), [("kind", "not results of the kind"), ("settings", "'settings' is miss")])
def test_a_folder_without_a_sensitivity_is_refused_in_one_line(damage, said, tmp_path, baseline):
    folder = write(tmp_path / "some", baseline)
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if damage == "kind":
        facts["kind"] = "sweep"
    else:
        del facts["settings"]
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(SavedError, match=said) as caught:
        read_sensitivity(folder)
    assert "\n" not in str(caught.value)
