"""How a log is meant: what is recognised, the file that maps the rest, and all that can be wrong in it."""

import pytest
from helpers import lines_of

from sim.office.problems import ScenarioError
from sim.studies.calibrate.log.steps import GAVE_UP, KINDS, RETURNED, SERVED, STEPS
from sim.studies.calibrate.reading.known_words import FIELDS, HEADINGS, meaning_of, normal, recognised
from sim.studies.calibrate.reading.mapping import LogMapping, columns_of, load_mapping
from sim.studies.calibrate.reading.time_patterns import pattern_of


@pytest.fixture
def load(tmp_path):
    """Return a function that loads a mapping given as text."""

    def load(text):
        file = tmp_path / "map.yaml"
        file.write_text(text, encoding="utf-8")
        return load_mapping(file)

    return load


@pytest.fixture
def errors(load, tmp_path):
    """Return a function that gives the lines of the error, folders left out."""

    def errors(text):
        with pytest.raises(ScenarioError) as caught:
            load(text)
        return [line.replace(f"{tmp_path}/map.yaml", "") for line in lines_of(caught.value)]

    return errors


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("case,step,queued,started,ended,outcome,class,server", "case step queued started ended outcome kind server"),
        ("业务编号,业务环节,取号时间,叫号时间,办结时间,状态,主体类型,窗口",
         "case step queued started ended outcome kind server"),
        ("流水号,步骤,来电时间,接听时间,挂断时间,结果,类型,坐席", "case step queued started ended outcome kind server"),
        ("案件,环节,提交时间,受理时间,结束时间,结果,类型,工号", "case step queued started ended outcome kind server"),
        ("Case ID,ACTIVITY,Queue_Time,Start Time,End-Time,Status,Type,Agent ID",
         "case step queued started ended outcome kind server"),
        ("排队时间（分钟）,开始时间,日期", "queued started date"),
        ("Ｃａｓｅ　ＩＤ,foo,", "case"),
        ("", ""),
    ],
)  # fmt: skip
def test_headings_are_recognised(headings, expected):
    names = headings.split(",")
    found = recognised(names)
    assert sorted(found) == sorted(expected.split())
    assert all(0 <= place < len(names) for place in found.values())


def test_of_two_headings_for_a_field_the_usual_one_counts():
    assert recognised(["queued at", "case", "queued"]) == {"case": 1, "queued": 2}
    assert recognised(["排队时间", "取号时间"]) == {"queued": 1}
    assert recognised(["start", "start"]) == {"started": 0}


def test_no_heading_is_listed_for_two_fields():
    listed = [normal(word) for field in FIELDS for word in HEADINGS[field].split(", ")]
    assert len(listed) - len(set(listed)) <= 2, sorted(word for word in listed if listed.count(word) > 1)


def test_words_are_recognised():
    steps = {"Phone": "phone", "帮办": "filing", "Set-Sail Studio": "studio", "领照": "issue"}
    for word, step in (*steps.items(), *zip(STEPS, STEPS, strict=True)):
        assert meaning_of("step", word) == STEPS.index(step)
    words = {
        SERVED: ("Served", "办结"), GAVE_UP: ("gave_up", "Abandoned", "过号", "未接听"), RETURNED: ("退回", "补正"),
        None: ("?", ""),
    }  # fmt: skip
    for outcome, listed in words.items():
        assert [meaning_of("outcome", word) for word in listed] == [outcome] * len(listed)
    kinds = [meaning_of("kind", word) for word in ("企业", "个体工商户", "重点企业", "变更", "咨询", "z")]
    assert kinds == [*range(len(KINDS)), None]


def test_a_mapping_in_full(load):
    mapping = load(
        "columns: {case: id, step: what, queued: q, started: s, ended: e, outcome: o, kind: k, server: w, date: d}\n"
        "steps: {Hotline: phone, Lunch: ignore}\noutcomes: {gone: gave_up}\nkinds: {Ltd: enterprise}\n"
        "empty: ['?']\ntime_format: '%d/%m/%Y %H:%M'\nencoding: gb18030\nseparator: tab\nshift_weeks: 52\n"
        "shift_hours: 8\nsheet: Tabelle1\nown_cases: true\n"
    )
    assert mapping.columns.server == "w"
    assert mapping.steps == {"Hotline": "phone", "Lunch": "ignore"}
    assert (mapping.shift_weeks, mapping.shift_hours, mapping.separator) == (52, 8, "tab")


def test_what_is_said_of_a_file_counts_before_what_is_said_of_all(load):
    mapping = load(
        "columns: {case: id, step: what}\nsteps: {a: phone, b: review}\n"
        "files:\n  calls-*.csv: {step: phone, encoding: gb18030, columns: {case: call}}\n"
        "  reviews.csv: {steps: {b: issue}, columns: {queued: q}}\n"
    )
    calls, reviews, others = (mapping.for_file(name) for name in ("calls-03.csv", "reviews.csv", "x.csv"))
    assert (calls.step, calls.encoding, calls.columns.case, calls.columns.step) == ("phone", "gb18030", "call", None)
    assert (reviews.step, reviews.columns.case, reviews.columns.queued) == (None, "id", "q")
    assert reviews.steps == {"a": "phone", "b": "issue"}
    assert (others.columns.step, others.steps["b"]) == ("what", "review")
    assert mapping.unused(["calls-1.csv", "y"]) == ["reviews.csv"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [":1:1: a mapping of a log must have lines such as 'step: phone' or 'columns: {queued: HEADING}'"]),
        ("colums: {}", [":1:1: colums: there is no such parameter; did you mean 'columns'?"]),
        ("columns: {queue: x}", [":1:11: columns.queue: there is no such parameter; did you mean 'queued'?"]),
        ("step: telephone", [":1:7: step: must be one of 'phone', 'online', 'filing', 'studio', 'key', 'review', "
                             "'automatic', 'issue', not 'telephone'"]),
        ("steps: {a: ignored}", [":1:12: steps.a: must be one of 'phone', 'online', 'filing', 'studio', 'key', "
                                 "'review', 'automatic', 'issue', 'ignore', not 'ignored'"]),
        ("time_format: '%Q'", [":1:14: time_format: %Q is no field of a time that is read here; write auto, seconds, "
                               "minutes, days, or a pattern such as '%d/%m/%Y %H:%M:%S', not '%Q'"]),
        ("time_format: '%H:%m'", [":1:14: time_format: a date needs year, month and day; write auto, seconds, "
                                  "minutes, days, or a pattern such as '%d/%m/%Y %H:%M:%S', not '%H:%m'"]),
        ("shift_hours: 99", [":1:14: shift_hours: must be between -24 and 24, not 99"]),
        ("epoch: 2020-01-01 00:00", [":1:1: epoch: means nothing unless time_format is seconds, minutes or days; "
                                     "leave it out".replace(":1:1:", ":1:8:")]),
        ("time_format: seconds\ncolumns: {date: d}", [":2:17: columns.date: means nothing besides times since the "
                                                      "epoch"]),
        ("step: phone\ncolumns: {step: x}", [":1:7: step: is here besides columns.step; remove one of the two"]),
        ("files: {a.csv: {setp: phone}}", [":1:17: files['a.csv'].setp: there is no such parameter; did you mean "
                                           "'step'?"]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_mapping(errors, text, expected):
    assert errors(text) == expected


def test_a_mapped_heading_that_is_not_there():
    mapping = LogMapping(columns={"queued": "qeued", "case": "id"})
    with pytest.raises(ScenarioError) as caught:
        columns_of(("id", "queued", "x"), mapping, "a.csv", 3)
    assert str(caught.value) == "a.csv:3:1: columns.queued: there is no heading 'qeued'; did you mean 'queued'?"


def test_a_column_that_is_mapped_is_not_recognised_as_something_else():
    mapping = LogMapping(columns={"ended": "start"})
    assert columns_of(("start", "queued"), mapping, "a.csv") == {"queued": 1, "ended": 0}


def test_headings_that_are_there_twice_are_named():
    with pytest.raises(ScenarioError) as caught:
        columns_of(
            ("Start time", "queued", "start time (s)", "queued"), LogMapping(columns={"queued": "queued"}), "a.csv"
        )
    assert str(caught.value).split("\n") == [
        "a.csv:1:1: columns.queued: columns 2, 4 have one heading, 'queued'; rename all but the one that is meant",
        "a.csv:1:1: columns.started: columns 1, 3 have one heading, 'Start time'; rename all but the one that is meant",
    ]
    told = LogMapping(columns={"queued": None, "started": "Start time"})
    assert columns_of(("Start time", "queued", "start time (s)", "queued"), told, "a.csv") == {"started": 0}


def test_a_field_that_is_mapped_to_nothing_has_no_column(load):
    mapping = load("columns: {case: null}\nfiles: {b.csv: {columns: {server: null}}, c.csv: {columns: {case: id}}}\n")
    found = [set(columns_of(("call id", "queued", "agent", "id"), mapping.for_file(f"{of}.csv"), "x")) for of in "abc"]
    assert found == [{"queued", "server"}, {"queued"}, {"case", "queued", "server"}]


@pytest.mark.parametrize("text", ["%Y-%m-%d %H:%M:%S", "%F %T", "%d %b %Y %I:%M %p", "%H:%M", "%y%m%d%H%M%S", "%Y%m%d"])
def test_patterns_that_are_read(text):
    assert pattern_of(text).fault is None


@pytest.mark.parametrize("text", ["%", "%Y-%Y-%d", "%j", "%Y-%m %H:%M", "%S"])
def test_patterns_that_are_not(text):
    assert pattern_of(text).fault


def test_a_zone_that_there_is_none_of_and_a_file_that_is_not_given_are_said_in_words(tmp_path):
    file = tmp_path / "map.yaml"
    file.write_text('time_zone: "+99:00"\n', encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_mapping(file)
    assert lines_of(caught.value) == [
        f"{file}:1:12: time_zone: must be a zone from -14:59 to +14:59, such as '+08:00', not '+99:00'"
    ]
    file.write_text('columns: {case: id}\nfiles: {"nothere*.csv": {step: phone}}\n', encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_mapping(file, ["calls.csv"])
    assert lines_of(caught.value) == [f"{file}:2:9: files: 'nothere*.csv' is none of the files; there are calls.csv"]
