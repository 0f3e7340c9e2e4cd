"""Files of exports: encodings, separators, workbooks, XES, forms of times, and what cannot be read at all."""

import gzip
import io
import json
import re
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from helpers import said_in
from old_workbooks import old_workbook

from sim.office.problems import ScenarioError
from sim.studies.calibrate.log.steps import GAVE_UP, KINDS, RETURNED, SERVED, STEPS
from sim.studies.calibrate.reading import separated, typed, unpacked
from sim.studies.calibrate.reading import xes as xes_log
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.mapping import LogMapping
from sim.studies.calibrate.reading.timing import TIMES

HEAD = "case,step,queued,started,ended,outcome,class,server"
ROWS = (
    "A1,phone,2023-03-01 08:30:00,2023-03-01 08:31:30,2023-03-01 08:36:00,served,enterprise,W1",
    "A1,review,2023-03-01 09:00:00,2023-03-01 09:10:00,2023-03-01 09:15:00,returned,enterprise,W2",
    "B2,phone,2023-03-01 08:32:00,,2023-03-01 08:33:15,gave_up,individual,",
)
CHINESE = "业务编号,环节,取号时间,叫号时间,办结时间,状态,主体类型,窗口"
CHINESE_ROWS = (
    "甲1,电话咨询,2023年3月1日 08:30:00,2023年3月1日 08:31:30,2023年3月1日 08:36:00,已接听,企业,一号窗口",
    "甲1,网上审核,2023/3/1 9:00,2023/3/1 9:10,2023/3/1 9:15,退回,企业,二号窗口",
    "乙2,电话咨询,2023-03-01T08:32:00,,2023-03-01 08:33:15.000,放弃,个体户,",
)


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a file with some content: text or bytes."""

    def read(content, name="log.csv", **mapping):
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_log([file], LogMapping(**mapping))

    return read


@pytest.fixture
def error(read, tmp_path):
    """Return a function that gives the lines of the error, folders left out."""

    def error(content, name="log.csv", **mapping):
        with pytest.raises(ScenarioError) as caught:
            read(content, name, **mapping)
        lines = str(caught.value).split("\n")
        assert len(lines) == len(caught.value.problems)
        return [line.replace(f"{tmp_path}/", "") for line in lines]

    return error


def table(*rows, head=HEAD, end="\n"):
    return end.join((head, *rows)) + end


def is_the_usual_log(log):
    """Whether it is the log of `ROWS`, whatever its words and forms were."""
    assert (log.first_day, log.cases) == (date(2023, 3, 1), 2)
    assert log.case.tolist() == [0, 0, 1]
    assert [STEPS[step] for step in log.step] == ["phone", "review", "phone"]
    assert log.queued.tolist() == [510, 540, 512]
    np.testing.assert_array_equal(log.started, [511.5, 550, np.nan])
    assert log.ended.tolist() == [516, 555, 513.25]
    assert log.outcome.tolist() == [SERVED, RETURNED, GAVE_UP]
    assert [KINDS[kind] for kind in log.kind] == ["enterprise", "enterprise", "individual"]
    assert log.server.tolist() == [0, 1, -1]
    assert len(log.servers) == 2


def test_a_plain_file(read):
    log, report = read(table(*ROWS))
    is_the_usual_log(log)
    assert log.servers == ("W1", "W2")
    assert (report.rows_read, report.rows_kept) == (3, 3)
    assert (report.missing, report.assumed, report.findings) == ((), (), ())
    assert report.files[0].encoding == "utf-8"
    assert report.files[0].columns["kind"] == "class"


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16"),
     ("utf-16-be", "utf-16")],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_are_told_apart(read, codec, encoding, end):
    log, report = read(table(*CHINESE_ROWS, head=CHINESE, end=end).encode(codec))
    is_the_usual_log(log)
    assert log.servers == ("一号窗口", "二号窗口")
    assert report.files[0].encoding == encoding
    assert report.findings == ()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_an_encoding_that_is_given(read, encoding):
    log, report = read(table(*CHINESE_ROWS, head=CHINESE).encode(encoding), encoding=encoding)
    is_the_usual_log(log)
    assert report.files[0].encoding == encoding


def test_lines_in_another_encoding_are_read_and_counted(read):
    first, second, third = CHINESE_ROWS
    content = b"\n".join([CHINESE.encode(), first.encode(), second.encode("gb18030"), third.encode(), b""])
    log, report = read(content)
    is_the_usual_log(log)
    (finding,) = report.findings
    assert (finding.kind, finding.count, finding.done, finding.examples[0].row) == ("mixed_encodings", 1, "kept", 3)


def test_bytes_that_are_no_text_are_replaced_and_counted(read):
    content = table(*CHINESE_ROWS, head=CHINESE).encode().replace("一号窗口".encode(), "一号窗".encode() + b"\xe5\x8f")
    log, report = read(content)
    assert log.servers[0].startswith("一号窗\N{REPLACEMENT CHARACTER}")
    (finding,) = report.findings
    assert (finding.kind, finding.done, finding.examples[0].row) == ("undecodable", "replaced", 2)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_separators_are_found(read, mark):
    is_the_usual_log(read(table(*ROWS).replace(",", mark))[0])


def test_a_separator_that_is_given(read):
    rows = [row.replace(",", ";") + ";a,b,c,d,e,f,g,h,i" for row in ROWS]
    log, _ = read(table(*rows, head=HEAD.replace(",", ";") + ";n"), separator=";")
    is_the_usual_log(log)


def test_quoted_values_may_hold_separators_quotes_and_line_ends(read):
    rows = [row.replace("W1", '"W, ""1""\n(left)"') for row in ROWS]
    log, report = read(table(*rows))
    is_the_usual_log(log)
    assert log.servers == ('W, "1"\n(left)', "W2")
    assert report.findings == ()


def test_one_quote_too_many_costs_one_row_and_no_more(read):
    rows = [f"C{n},phone,2023-03-02 08:{n % 60:02d},2023-03-02 08:{n % 60:02d},2023-03-02 09:00,served,," for n in
            range(400)]  # fmt: skip
    rows[100] = rows[100].replace("C100", '"C100')
    log, report = read(table(*ROWS, *rows))
    assert len(log) == len(ROWS) + 399
    finding = next(one for one in report.findings if one.kind == "wrong_number_of_fields")
    assert (finding.count, finding.examples[0].row) == (1, 104 + 1)


def test_two_stray_quotes_do_not_swallow_what_is_between_them(read):
    rows = [f"C{n},phone,2023-03-02 08:{n % 60:02d},2023-03-02 08:{n % 60:02d},2023-03-02 09:00,served,,x{n}" for n in
            range(50)]  # fmt: skip
    rows[10], rows[40] = rows[10].replace(",x10", ',"x10'), rows[40].replace("x40", 'x40"')
    log, report = read(table(*ROWS, *rows))
    assert len(log) == len(ROWS) + 50
    assert report.rows_kept == report.rows_read


def test_rows_above_the_headings_are_passed_over(read):
    title = "XX政务服务中心取号记录"
    log, report = read(f"{title}\n\n" + table(*ROWS))
    is_the_usual_log(log)
    (finding,) = report.findings
    assert (finding.kind, finding.count, finding.examples[0].value) == ("rows_above_headings", 1, title)


def test_row_numbers_are_those_of_the_file(read):
    rows = [*ROWS, "", "A1,phone", "A9,phone,never,,2023-03-01 09:00,,,"]
    _, report = read("title\n" + table(*rows))
    assert {one.kind: one.examples[0].row for one in report.findings} == {
        "rows_above_headings": 1, "blank_row": 6, "wrong_number_of_fields": 7, "unreadable_time": 8,
    }  # fmt: skip
    assert (report.rows_read, report.rows_kept) == (6, 4)


def test_a_file_packed_by_gzip(read):
    is_the_usual_log(read(gzip.compress(table(*ROWS).encode()), "log.csv.gz")[0])


def test_values_of_any_length_and_meaning_survive_as_text(read):
    hostile = ["=cmd()", "<script>alert(1)</script>", "'; DROP TABLE x; --", "甲" * 200, "@SUM(A1)", "../../etc",
               "\u202e x"]  # fmt: skip
    rows = [f"{value},phone,2023-03-01 08:3{n},,2023-03-01 09:0{n},gave_up,,{value}" for n, value in enumerate(hostile)]
    log, report = read(table(*rows))
    assert log.cases == len(hostile)
    assert log.servers == tuple(hostile)
    assert report.rows_kept == report.rows_read
    _, report = read(table(*(f"{value},{value},,,,{value},{value}," for value in hostile), *ROWS * 300))
    assert all(len(example.value) <= 80 and example.value.isprintable() for one in report.findings for example in
               one.examples)  # fmt: skip
    assert report.count("unknown_step") == len(hostile)


# Workbooks


def zipped(content, name="inner.csv", **more):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for inner, text in {name: content, **more}.items():
            packed.writestr(inner, text)
    return held.getvalue()


def test_a_file_packed_by_zip(read, error):
    plain = table(*ROWS)
    is_the_usual_log(read(zipped(plain), "log.zip")[0])
    # What a desktop adds is no file; a workbook is packed so itself.
    beside = {"__MACOSX/._inner.csv": "x", ".DS_Store": "x"}
    is_the_usual_log(read(zipped(plain, "folder/inner.csv", **beside), "log.zip")[0])
    is_the_usual_log(read(zipped(workbook(*(line.split(",") for line in (HEAD, *ROWS))), "inner.xlsx"), "log.zip")[0])
    said = "1:1: holds 2 files; unpack it, and give those that are the log"
    assert error(zipped(plain, other=plain), "log.zip") == [f"log.zip:{said}"]


LENGTH = {"duration": "办理时长"}


@pytest.mark.parametrize(
    ("lengths", "unit"),
    [(("270", "300.0"), "seconds"), (("4.5", "5.00000000000000000000"), "minutes"), (("0:04:30", "00:05:00.0"), None)],
)
def test_a_length_of_service_stands_for_its_beginning_or_its_end(read, lengths, unit):
    rows = [line.split(",") for line in ROWS[:2]]
    more = {"columns": LENGTH, "duration_unit": unit}
    told = [[*row[:4], length, *row[5:]] for row, length in zip(rows, lengths, strict=True)]
    log, report = read(table(*map(",".join, told), head=HEAD.replace("ended", "办理时长")), **more)
    assert log.ended.tolist() == [516, 555]
    told = [[*row[:3], row[4], length, *row[5:]] for row, length in zip(rows, lengths, strict=True)]
    log, other = read(table(*map(",".join, told), head=HEAD.replace("started,ended", "ended,办理时长")), **more)
    assert log.started.tolist() == [511.5, 550]
    for found, what in ((report, "ended"), (other, "started")):
        assert found.missing == ()
        assert [(one.kind, one.about, one.count) for one in found.findings] == [("from_length", what, 2)]


def test_a_length_is_taken_only_if_a_mapping_says_so_and_what_it_is_of(read, error):
    """What is called so may be the time since submission: it would make waits of no length."""
    row = ROWS[0].replace("2023-03-01 08:36:00", "270")
    for heading in ("办理时长", "duration", "处理时长(分钟)"):
        log, report = read(table(row, head=HEAD.replace("ended", heading)))
        assert np.isnan(log.ended).all()
        assert "ended" in report.missing
    is_the_usual_log(read(table(*(f"{line},7" for line in ROWS), head=f"{HEAD},duration"))[0])
    (said,) = error(table(row, head=HEAD.replace("ended", "办理时长")), columns=LENGTH)
    assert said.endswith("column '办理时长' tells how long service takes; write in the mapping what the numbers are, "
                         "'duration_unit: seconds' or minutes")  # fmt: skip
    (said,) = error(table(*(f"{line},7" for line in ROWS), head=f"{HEAD},办理时长"), columns=LENGTH)
    assert "columns.duration stands for one end of service, and needs the other" in said


def test_lengths_that_are_none_are_told(read, error):
    def with_length(text):
        return ROWS[0].replace("2023-03-01 08:36:00", text).replace("A1", f"case {text}")

    head, more = HEAD.replace("ended", "办理时长"), {"columns": LENGTH, "duration_unit": "seconds"}
    _, report = read(table(*map(with_length, ("long", "-3", "", "270", "0")), head=head), **more)
    assert [(one.kind, one.about, one.count) for one in report.findings if one.kind != "missing_end"] == [
        ("unreadable_time", "duration", 2), ("from_length", "ended", 1),
    ]  # fmt: skip
    (said,) = error(table(*map(with_length, ("5分30秒", "05:00")), head=head), **more)
    assert "column '办理时长' holds no lengths of service, but '5分30秒'" in said
    # Who gave up was never served, whatever the telephone counts.
    left = ROWS[2].replace("2023-03-01 08:32:00,,", "2023-03-01 08:32:00,").replace("gave_up", "60,gave_up")
    log, _ = read(table(ROWS[0].replace("2023-03-01 08:31:30,", "").replace("served", "270,served"), left,
                        head=HEAD.replace("started,ended", "ended,办理时长")), **more)  # fmt: skip
    assert log.started.tolist()[0] == 511.5
    assert np.isnan(log.started[1])
    assert log.ended[1] == 513.25


def test_computed_moments_in_the_wrong_order_name_the_column_of_lengths(error):
    rows = [f"A{number},review,2023-03-01 09:00:00,2023-03-01 09:10:00,40" for number in range(60)]
    (said,) = error(table(*rows, head="case,step,queued,ended,talk"), columns={"duration": "talk"},
                    duration_unit="minutes")  # fmt: skip
    assert "after started (column 'talk')" in said


def objects():
    return [dict(zip(HEAD.split(","), line.split(","), strict=True)) for line in ROWS]


def parquet(rows, zone=None, **types):
    """Return a table in Parquet whose times are times."""
    made = pa.Table.from_pylist([
        {name: value or None if name not in TIMES else (value and datetime.fromisoformat(value)) or None
         for name, value in row.items()} for row in rows
    ])  # fmt: skip
    for name in TIMES if zone else ():
        place = made.schema.get_field_index(name)
        made = made.set_column(place, name, pc.assume_timezone(made[name], zone))
    for name, kind in types.items():
        made = made.set_column(made.schema.get_field_index(name), name, made[name].cast(kind))
    held = io.BytesIO()
    pq.write_table(made, held)
    return held.getvalue()


@pytest.mark.parametrize("zone", [None, "Asia/Shanghai", "+08:00"])
def test_a_table_in_parquet(read, zone):
    is_the_usual_log(read(parquet(objects(), zone), "log.parquet")[0])
    # In the old form times are of UTC, and tell no zone.
    old = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(parquet(objects()))), old, use_deprecated_int96_timestamps=True)
    assert "utc_time" in {found.kind for found in read(old.getvalue(), "log.parquet")[1].findings}
    numbered = [row | {"case": number} for row, number in zip(objects(), ("7", "7", "8"), strict=True)]
    # A number is a number of a case whatever type it has.
    for kind in (pa.int32(), pa.float64(), pa.dictionary(pa.int8(), pa.string())):
        is_the_usual_log(read(parquet(numbered, zone, case=kind), "log.parquet")[0])


def test_lengths_in_parquet_are_of_their_unit(read):
    rows = [{**row, "ended": None} for row in objects()[:2]]
    for unit in ("s", "ms", "us", "ns"):
        made = pq.read_table(io.BytesIO(parquet([{**row, "ended": ""} for row in rows]))).drop_columns(["ended"])
        length = pa.array([timedelta(seconds=270), timedelta(seconds=300)], pa.duration(unit))
        held = io.BytesIO()
        pq.write_table(made.append_column("took", length), held)
        log, _ = read(held.getvalue(), "log.parquet", columns={"duration": "took"})
        assert log.ended.tolist() == [516, 555]


def test_a_table_in_parquet_that_cannot_be_read(error):
    whole = parquet(objects())
    assert error(b"PAR1" + whole[4:60], "log.parquet") == [
        "log.parquet:1:1: is a damaged Parquet file; export it again"
    ]  # fmt: skip
    listed = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row | {"step": [row["step"]]} for row in objects()]), listed)
    (said,) = error(listed.getvalue(), "log.parquet")
    assert said.endswith("column step has values that are no texts, numbers or times, or is damaged; export it as text")
    column = pa.array([b"\xff\xfe"] * 3, pa.binary()).view(pa.string())
    broken = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(objects()).set_column(1, "step", column), broken)
    assert "column step has values that are no texts" in error(broken.getvalue(), "log.parquet")[0]
    nothing = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(objects()).slice(0, 0), nothing)
    assert "there are no rows below the headings" in error(nothing.getvalue(), "log.parquet")[0]


def test_a_few_bytes_of_parquet_that_stand_for_gigabytes_are_not_read(error, monkeypatch):
    rows = [row | {"case": "x" * 50_000} for row in objects()]
    monkeypatch.setattr(typed, "MOST_BYTES", 130_000)
    assert "has texts of more than" in error(parquet(rows), "log.parquet")[0]
    monkeypatch.setattr(typed, "FREE_ROWS", 2)
    monkeypatch.setattr(typed, "BYTES_A_ROW", 10_000)
    assert "has 3 rows and unpacks to" in error(parquet(objects()), "log.parquet")[0]


def test_objects_of_json_a_line(read, error):
    lines = [json.dumps({name: value for name, value in row.items() if value}, ensure_ascii=False) for row in objects()]
    is_the_usual_log(read("\n".join(lines), "log.jsonl")[0])
    assert read("\n".join(lines).encode("utf-16"), "log.jsonl")[0].cases == 2
    log, report = read("\n".join([*lines, "", "[1, 2]", "{broken", "null"]), "log.jsonl")
    is_the_usual_log(log)
    assert [(found.kind, found.count) for found in report.findings if found.kind == "no_object"] == [("no_object", 3)]
    # A name that is there twice says two things; and a number may be longer than any that is counted with.
    twice = [lines[0].replace('"step"', '"case": "B", "step"'), *lines, lines[0].replace('"A1"', "9" * 400)]
    assert read("\n".join(twice), "log.jsonl")[1].findings[0].kind == "no_object"
    assert "is no JSON with an object a line" in error(",\n".join(lines), "log.json")[0]
    # A number, nothing, and what is neither.
    numbered = [json.dumps(row | {"case": number, "server": None, "more": [1]})
                for row, number in zip(objects(), (7, 7.0, 8), strict=True)]  # fmt: skip
    assert read("\n".join(numbered), "log.jsonl")[0].case.tolist() == [0, 0, 1]
    (said,) = error('{"nonsense', "log.jsonl")
    assert said == (
        "log.jsonl:1:1: is no JSON with an object a line, nor an array of objects; export CSV, Excel (.xlsx), Parquet "
        "or XES"
    )
    many = "\n".join(json.dumps({f"name {number}": 1}) for number in range(600))
    assert error(many, "log.jsonl")[0].startswith("log.jsonl:501:1: has more than 500 names in its objects")


def test_a_line_of_json_that_is_longer_than_a_row_is_not_decoded(error):
    """Decoded it takes over twenty times its text."""
    assert error('{"x": 1}\n{"x": [' + "[]," * 350_000 + "[]]}", "log.jsonl") == [
        "log.jsonl:2:1: has a line of more than 1 MB; export a row for each step of a case, as CSV or Excel (.xlsx)"
    ]


def event(step, moment, change="", **more):
    told = {"concept:name": step, "lifecycle:transition": change, **more}
    told = {key.replace("__", ":"): value for key, value in told.items() if value}
    strings = "".join(f'<string key="{key}" value="{value}"/>' for key, value in told.items())
    return f'<event>{strings}<date key="time:timestamp" value="2023-03-01T{moment}.000+08:00"/></event>'


def trace(case, *events, more=""):
    return f'<trace><string key="concept:name" value="{case}"/>{more}{"".join(events)}</trace>'


def xes(*traces, space=""):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0"{space}>{"".join(traces)}</log>'


@pytest.mark.parametrize("form", [{}, {"indent": 1}])
@pytest.mark.parametrize("longest", [1 << 20, 250])
def test_an_array_of_objects(read, error, monkeypatch, form, longest):
    monkeypatch.setattr(typed, "LONGEST", longest)
    whole = json.dumps(objects(), ensure_ascii=False, **form)
    log, report = read(whole, "log.json")
    is_the_usual_log(log)
    assert (report.files[0].form, report.findings) == ("json", ())
    others = json.dumps([*objects(), None, 7, [1]], **form)
    assert [(found.kind, found.count) for found in read(others, "log.json")[1].findings] == [("no_object", 3)]
    for broken in (whole[:-1], whole[:-3], whole + "x", whole.replace('"step"', "step"), whole.replace("},", "}")):
        assert "is no JSON with an object a line, nor an array" in error(broken, "log.json")[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("log.json", "[" + ",\n".join(['{"case": "A", "step": "phone", "queued": "2023-03-01 08:30"}'] * 99) + "]"),
        ("log.jsonl", '{"case": "A"}\n' * 99),
        ("log.xes", xes(trace("A", *[event("phone", "08:30:00", "schedule")] * 60))),
        ("log.xes", xes(trace("A" * 30_000, event("phone", "08:30:00")))),
    ],
)
def test_what_holds_more_than_can_be_kept_is_not_read(error, monkeypatch, name, text):
    monkeypatch.setattr(unpacked, "MOST_HELD", 4_000)
    expected = f"{name}:1:1: holds more than can be read at once; export shorter periods, and give several files"
    assert error(text, name) == [expected]


@pytest.mark.parametrize(
    "inside",
    ["<a>" * 101, "".join(f"<a{n}/>" for n in range(1001)), f'<a b="{"x" * (3 << 20)}"/>', f"<!--{'x' * (3 << 20)}-->"],
    ids=["levels", "names", "value", "comment"],
)
def test_xml_that_makes_the_parser_keep_much_is_no_log(error, inside):
    """Some kilobytes in gzip would otherwise take gigabytes."""
    assert "is XML as no log of events is" in error(xes(trace("A", inside)), "log.xes")[0]
    assert "is XML as no log of events is" in error('<!DOCTYPE log [<!ENTITY a "b">]>' + xes(), "log.xes")[0]


def test_xml_of_millions_of_empty_elements_is_no_log(error, read, monkeypatch):
    """Time goes by elements: what is no longer than this would take a minute for 100 MB."""
    monkeypatch.setattr(xes_log, "MANY", 500)
    assert read(XES.replace("</log>", "<a/>" * 300 + "</log>"), "log.xes")
    assert "is XML as no log of events is" in error(XES.replace("</log>", "<a/>" * 9000 + "</log>"), "log.xes")[0]
    monkeypatch.setattr(xes_log, "MOST_ELEMENTS", 50)
    long = XES.replace("</log>", "<a>twenty characters </a>" * 9000 + "</log>")
    assert "is XML as no log of events is" in error(long, "log.xes")[0]


@pytest.mark.parametrize(("name", "text"), [("log.json", "[" * 200_000), ("log.csv", "a" * 300_000 + "\n1,2\n")])
def test_a_first_line_without_end_is_no_heading(error, name, text):
    assert "no column with times is recognised" in error(text, name)[0]


@pytest.mark.parametrize(
    ("name", "line"), [("log.csv", ",,,\n"), ("log.jsonl", "{}\n"), ("log.csv", "\r"), ("log.json", "\n")]
)
def test_a_log_of_lines_without_anything_is_not_read(error, monkeypatch, name, line):
    """Each takes room and time, whatever is in it: 90 MB of them took 1.6 GB, or 23 s."""
    monkeypatch.setattr(separated, "MANY", 50)
    assert "lines of less than 10 bytes on average" in error('{"case": 1}\n' + line * 100, name)[0]


def workbook(*rows, sheet="Sheet", before=0):
    book = openpyxl.Workbook()
    page = book.active
    if before:
        page.append(["this sheet is a cover"])
        page = book.create_sheet(sheet)
    page.title = sheet
    for row in rows:
        page.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def moment(text):
    return datetime.fromisoformat(f"2023-03-01 {text}")


EXCEL = (
    HEAD.split(","),
    ["A1", "phone", moment("08:30"), moment("08:31:30"), moment("08:36"), "served", "enterprise", 1],
    ["A1", "review", "2023/3/1 9:00", moment("09:10"), moment("09:15"), "returned", "enterprise", 2.0],
    ["B2", "phone", 44986 + 8.0 / 24 + 32 / 1440, None, moment("08:33:15"), "gave_up", "individual", None],
)


def test_a_workbook(read):
    log, report = read(workbook(*EXCEL), "log.xlsx")
    is_the_usual_log(log)
    assert log.servers == ("1", "2")
    # One of its times has no format of a time.
    assert (report.files[0].form, [one.kind for one in report.findings]) == ("excel", ["serial_time"])


def test_a_workbook_is_known_whatever_it_is_called(read):
    is_the_usual_log(read(workbook(*EXCEL), "log.csv")[0])


def test_the_sheet_with_known_headings_is_taken_or_the_one_that_is_named(read, error):
    content = workbook(["XX", None], *EXCEL, sheet="data", before=1)
    is_the_usual_log(read(content, "log.xlsx")[0])
    is_the_usual_log(read(content, "log.xlsx", sheet="data")[0])
    assert error(content, "log.xlsx", sheet="date") == [
        "log.xlsx:1:1: sheet: there is no sheet 'date'; did you mean 'data'?"
    ]


def test_dates_and_clocks_in_columns_of_their_own(read):
    head = ["日期", "业务编号", "取号时间", "开始时间", "结束时间"]
    rows = [
        [date(2023, 3, 1), "1", time(8, 30), time(8, 31, 30), time(8, 36)],
        [datetime(2023, 3, 1), "2", "23:50", timedelta(hours=23, minutes=58), "0:10"],
        ["2023-03-02", "3", "8:30", "", ""],
        ["", "4", "8:30", "8:31", ""],
    ]
    log, report = read(workbook(head, *rows), "log.xlsx", step="filing")
    np.testing.assert_array_equal(log.queued, [510, 1430, 1440 + 510])
    np.testing.assert_array_equal(log.started, [511.5, 1438, np.nan])
    np.testing.assert_array_equal(log.ended, [516, 1450, np.nan])
    assert report.count("no_time") == 1
    assert report.count("unreadable_time") == 0


def test_a_column_of_days_that_is_not_needed_may_hold_anything(read):
    log, report = read(table(*(f"{row},Monday" for row in ROWS), head=f"{HEAD},day"))
    is_the_usual_log(log)
    assert report.findings == ()


def test_numbers_of_cases_that_a_spreadsheet_has_rounded_are_not_used(read, error):
    rows = [[4.4e17, *EXCEL[1][1:]], ["B", *EXCEL[2][1:]], [12345678.0, *EXCEL[3][1:]]]
    assert error(workbook(EXCEL[0], *rows), "log.xlsx") == [
        "log.xlsx:1:1: 1 case numbers in column 'case' were rounded by a spreadsheet, as '4.4e+17', so that different "
        "cases have become one; export them as text, or write 'columns: {case: null}' in the mapping"
    ]
    content = table("4.40301E+17" + ROWS[0][2:])
    assert read(content, columns={"case": None})[0].cases == 1
    others = [ROWS[0].replace("A1", f"A{number}") for number in range(100)]
    assert read(content + "\n".join(others))[1].count("rounded_case") == 1


def test_starts_that_are_after_ends_are_asked_for(read, error):
    rows = [row.split(",") for row in (ROWS[0], ROWS[1]) for _ in range(15)]
    lines = [",".join([f"A{n}", *row[1:3], row[4], row[3], *row[5:]]) for n, row in enumerate(rows)]
    assert error(table(*lines)) == [
        "log.csv:1:1: 30 of 30 rows have started (column 'started') after ended (column 'ended'); write in the mapping "
        "which is which, 'columns: {started: HEADING, ended: HEADING}'"
    ]
    log, _ = read(table(*lines), columns={"started": "ended", "ended": "started"})
    assert (log.ended > log.started).all()


def serials(epoch):
    """Return a table of calls on Mondays to Fridays of March 2023, in days since a date."""
    days = [number for number in range(31) if date(2023, 3, 1 + number).weekday() < 5]
    first = (date(2023, 3, 1) - epoch).days
    begins = [first + number + (9 + hour) / 24 for number in days for hour in range(6)]
    return table(*(f"{begin:.5f},{begin + 0.002:.5f}" for begin in begins), head="queued,ended")


def test_days_that_a_spreadsheet_counts_from_1904_are_asked_for(read, error):
    log, report = read(serials(date(1899, 12, 30)), step="phone")
    assert (log.first_day, report.count("serial_time")) == (date(2023, 3, 1), 2 * 138)
    (line,) = error(serials(date(1904, 1, 1)), step="phone")
    assert line == (
        "log.csv:1:1: 276 times are numbers of days; counted from 1900 22 % of them are on weekends, counted from 1904 "
        "0 %; write in the mapping from when, 'time_format: days', 'epoch: 1904-01-01 00:00' or "
        "'epoch: 1899-12-30 00:00'"
    )
    told = {"step": "phone", "time_format": "days"}
    assert read(serials(date(1904, 1, 1)), epoch="1904-01-01 00:00", **told)[0].first_day == date(2023, 3, 1)
    assert read(serials(date(1899, 12, 30)), **told)[0].first_day == date(2023, 3, 1)


def test_times_in_zones_that_no_one_office_has_are_asked_for(read, error):
    content = table("2023-03-01T09:00:00+08:00", "2023-03-01T02:00:00+00:00", "2023-03-01T03:00:00Z", head="queued")
    assert error(content, step="phone") == [
        "log.csv:1:1: times are in several zones: +00:00 (2), +08:00 (1); write in the mapping the office's own, "
        "'time_zone: \"+08:00\"'"
    ]
    log, report = read(content, step="phone", time_zone="+08:00")
    assert (log.queued.tolist(), report.findings) == ([540, 600, 660], ())
    summer = table("2023-06-01T09:00:00+02:00", "2023-01-02T09:00:00+01:00", head="queued")
    assert read(summer, step="phone")[0].queued.tolist() == [150 * 1440 + 540, 540]
    assert read("queued\n1677632400\n", step="phone", time_zone="+08:00")[0].queued.tolist() == [540]


def test_a_damaged_workbook_of_the_old_kind_is_one_line(error):
    # The header of a compound file, and then nothing of what it promises.
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff09000600")
    (line,) = error(header + bytes(20) + b"\1" * 480 + bytes(100), "log.xls")
    assert re.match(r"log\.xls:1:1: is (no workbook that can be read \(.*\)|a damaged workbook)[;,]", line)


# XES


XES = xes(
    trace(
        "A1",
        event("phone", "08:30:00", "schedule"),
        event("phone", "08:31:30", "start", org__resource="W1"),
        event("phone", "08:36:00", "complete", org__resource="W1"),
        event("review", "09:00:00", "schedule"),
        event("review", "09:05:00", "assign", org__resource="boss"),
        event("review", "09:10:00", "start"),
        event("review", "09:12:00", "suspend"),
        event("review", "09:13:00", "resume"),
        event("review", "09:15:00", "complete", org__resource="W2", result="returned"),
        more='<string key="Applicant" value="enterprise"/>',
    ),
    trace(
        "B2",
        event("phone", "08:32:00", "schedule"),
        event("phone", "08:33:15", "withdraw"),
        more='<string key="Applicant" value="individual"/>',
    ),
)


@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_events_are_folded_into_rows(read, pack):
    log, report = read(pack(XES), "log.xes", columns={"kind": "Applicant"})
    log.outcome[1] = RETURNED  # the log does not say it
    is_the_usual_log(log)
    assert log.servers == ("W1", "W2")
    assert report.files[0].form == "xes"
    assert [(one.kind, one.about, one.count) for one in report.findings] == [("other_event", "suspend", 1)]


def test_attributes_of_events_can_be_mapped(read):
    content = XES.replace('key="result" value="returned"', 'key="result" value="sent home"')
    log, _ = read(content, columns={"kind": "case:Applicant", "outcome": "result"}, outcomes={"sent home": "returned"})
    assert log.outcome.tolist() == [0, RETURNED, 0]


def test_a_log_of_completions_only_in_a_name_space(read):
    content = xes(
        trace("A", event("审核", "08:30:00"), event("领照", "09:00:00", "COMPLETE")), space=' xmlns="http://www.xes/"'
    )
    log, report = read(content)
    assert [STEPS[step] for step in log.step] == ["review", "issue"]
    assert log.ended.tolist() == [510, 540]
    assert log.outcome.tolist() == [SERVED, SERVED]
    assert report.missing == ("queued", "started", "outcome", "kind", "server")


def test_events_without_a_step_or_a_time_are_counted(read):
    broken = '<event><string key="concept:name" value="phone"/></event>'
    _, report = read(xes(trace("A", event("phone", "08:30:00"), broken, event("", "08:31:00"))))
    assert [(one.kind, one.count) for one in report.findings] == [("broken_event", 2)]


# Times


@pytest.mark.parametrize(
    "text",
    [
        "2023-03-01 08:05:07",
        "2023-03-01T08:05:07",
        "2023-03-01T08:05:07.000+08:00",
        "2023/3/1 8:05:07",
        "2023.03.01 08:05:07",
        "2023年3月1日 08:05:07",
        "2023年3月1日8时5分7秒",
        "2023/3/1 上午 8:05:07",
        "2023-03-01 08:05:07.000000",
        "20230301080507",
        "20230301 08:05:07",
        "2023-03-01 星期三 08:05:07",
        "01-Mar-2023 08:05:07",
        "1677657907",
        "1677657907000",
        "44986.3368865741",
        " 2023-03-01  08:05:07 ",
        "2023-03-01 8:05:07 AM",
    ],
)
def test_forms_of_times(read, text):
    log, report = read(table(f'A,phone,"{text}",,,,,', ROWS[0]))
    assert log.first_day == date(2023, 3, 1)
    assert log.queued[0] * 60 == pytest.approx(8 * 3600 + 5 * 60 + 7, abs=1e-6)
    assert report.count("unreadable_time") == 0
    assert report.count("utc_time") == (len(text) in (10, 13))


@pytest.mark.parametrize(
    "text",
    ["08:05:07.250", "08:05:07.000250", "08:05:07+05:45", "08:05:07.900-03:30", "08:05:07-00:30", "08:05:07.5Z",
     "08:05:07.250+08"],
)  # fmt: skip
def test_fractions_and_zones_mean_what_the_standard_says(read, text):
    told = datetime.fromisoformat(f"2023-03-01T{text}")
    log, _ = read(table(f"2023-03-01T{text}", head="queued"), step="phone", time_zone="+00:00")
    begun = datetime.combine(log.first_day, time()) + timedelta(minutes=log.queued[0])
    assert abs(begun - told.replace(tzinfo=None) + (told.utcoffset() or timedelta())) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "text",
    ["2023-02-29 08:00", "2023-13-01 08:00", "2023-03-01 24:01", "2023-03-01 08:60", "08:00", "yesterday", "12",
     "１２:00", "x" * 200, "2023-03-01 08:00 o'clock", "2023-03-01 08:00:00+99", "2023-03-01 08:00:00-13:00"],
)  # fmt: skip
def test_what_is_no_time_is_missing_and_counted(read, text):
    log, report = read(table(f"A,phone,{text},2023-03-01 08:00,,,,", *ROWS))
    assert np.isnan(log.queued[0])
    (finding,) = (one for one in report.findings if one.kind == "unreadable_time")
    assert (finding.about, finding.count, finding.done) == ("queued", 1, "missing")
    assert finding.examples[0].value == (text if len(text) <= 80 else text[:77] + "...")


@pytest.mark.parametrize("text", ["", " ", "NULL", "null", "-", "N/A", "无", "0000-00-00 00:00:00"])
def test_what_stands_for_nothing_is_no_finding(read, text):
    log, report = read(table(f"A,phone,2023-03-01 08:00,{text},2023-03-01 08:10,gave_up,,", *ROWS))
    assert np.isnan(log.started[0])
    assert report.findings == ()


def test_other_words_for_nothing(read):
    row = "A,phone,2023-03-01 08:00,0:00:00,2023-03-01 08:10,gave_up,nn,nn"
    log, report = read(table(row, *ROWS), empty=["0:00:00", "NN"])
    assert np.isnan(log.started[0])
    assert (log.server[0], report.findings) == (-1, ())


@pytest.mark.parametrize(("other", "day"), [("13/03/2023", date(2023, 1, 3)), ("03/13/2023", date(2023, 3, 1))])
def test_a_day_beyond_twelve_says_which_way_round_dates_are(read, other, day):
    log, _ = read(f"queued,started\n03/01/2023 08:00,03/01/2023 08:01\n{other} 08:00,\n", step="phone")
    assert (log.first_day, log.queued[0], log.started[0]) == (day, 480, 481)


def test_dates_that_may_be_read_either_way_are_asked_about(error, read):
    content = "queued,started\n03/01/2023 08:00,04/01/2023 08:01\n"
    assert error(content, step="phone") == [
        "log.csv:1:1: day and month cannot be told apart: '03/01/2023 08:00' in column 'queued'; write the "
        "time_format, such as '%d/%m/%Y %H:%M' or '%m/%d/%Y %H:%M'"
    ]
    assert read(content, step="phone", time_format="%m/%d/%Y %H:%M")[0].first_day == date(2023, 3, 1)
    both = "queued,started\n13/01/2023 08:00,\n,01/13/2023 08:01\n"
    assert error(both, step="phone")[0].startswith(
        "log.csv:1:1: the day comes first in '13/01/2023 08:00' in column 'queued', but the month in '01/13/2023 08:01'"
    )
    # In Chinese, too, each stands with its word, day or month.
    assert re.search("'13/01/2023[^，]+日.+'01/13/2023[^，]+月", said_in("zh", error, both, step="phone")[0])
    assert read("queued,started\n05/05/2023 08:00,05/05/2023 08:01\n", step="phone")[0].first_day == date(2023, 5, 5)


def test_numbers_since_an_epoch(read):
    log, _ = read("queued,ended\n480,485.5\n1920.25,x\n", step="phone", time_format="minutes", epoch="2020-01-06 00:00")
    assert log.first_day == date(2020, 1, 6)
    np.testing.assert_array_equal(log.queued, [480, 1920.25])
    np.testing.assert_array_equal(log.ended, [485.5, np.nan])
    log, _ = read("queued\n28800\n", step="phone", time_format="seconds")
    assert (log.first_day, log.queued[0]) == (date(1970, 1, 1), 480)


def test_times_can_be_shifted(read):
    log, _ = read(table(*ROWS), shift_weeks=52)
    assert log.first_day == date(2024, 2, 28)
    assert log.first_day.weekday() == date(2023, 3, 1).weekday()
    log, report = read("queued\n1677630000\n", step="phone", shift_hours=8)
    assert (log.queued[0], report.findings) == (8 * 60 + 20, ())


# Several files


def test_several_files_are_one_log(tmp_path):
    (tmp_path / "calls.csv").write_text("call,来电时间,接听时间,挂断时间,坐席\nA,2023-03-01 08:00,2023-03-01 08:01,"
                                        "2023-03-01 08:05,K1\nB,2023-03-01 08:10,,2023-03-01 08:12,\n")  # fmt: skip
    (tmp_path / "reviews.csv").write_text("case,step,queued,started,ended,type,server\nA,审核,2023-03-01 09:00,"
                                          "2023-03-01 09:01,2023-03-01 09:05,企业,K1\n")  # fmt: skip
    form = {"files": {"calls.csv": {"step": "phone", "columns": {"case": "call"}}}}
    log, report = read_log([tmp_path / "calls.csv", tmp_path / "reviews.csv"], LogMapping(**form))
    assert log.case.tolist() == [0, 0, 1]
    assert [STEPS[step] for step in log.step] == ["phone", "review", "phone"]
    assert [KINDS[kind] if kind >= 0 else "" for kind in log.kind] == ["enterprise", "enterprise", ""]
    assert (log.servers, log.server.tolist()) == (("K1",), [0, 0, -1])
    assert log.outcome.tolist() == [SERVED, SERVED, GAVE_UP]
    assert [(one.rows, one.step) for one in report.files] == [(2, "phone"), (1, "")]
    form["files"]["calls.csv"]["own_cases"] = True
    log, _ = read_log([tmp_path / "calls.csv", tmp_path / "reviews.csv"], LogMapping(**form))
    assert log.case.tolist() == [0, 1, 2]


def test_all_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        read_log([tmp_path / "a", tmp_path / "b"], LogMapping(files={"c": {"step": "phone"}}))
    assert [line.replace(f"{tmp_path}/", "") for line in str(caught.value).split("\n")] == [
        "mapping:1:1: files: 'c' is none of the files; there are a, b",
        "a:1:1: there is no such file; check the name", "b:1:1: there is no such file; check the name",
    ]  # fmt: skip
    with pytest.raises(ScenarioError, match="no file is named"):
        read_log([])


# What is no log


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1:1: the file is empty; it needs a row of headings, and a row for each step of a case"),
        (b" \r\n\n", "1:1: the file is empty; it needs a row of headings, and a row for each step of a case"),
        (HEAD, "1:1: there are no rows below the headings; export a period with cases"),
        (HEAD + "\n\n", "1:1: there are no rows below the headings; export a period with cases"),
        (bytes(range(256)) * 20,
         "1:1: is no text, and no workbook of Excel; export it as CSV, Excel (.xlsx), Parquet or XES"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(900),
         "1:1: is no text, and no workbook of Excel; export it as CSV, Excel (.xlsx), Parquet or XES"),
        (b"PK\x03\x04nonsense", "1:1: is a damaged zip file or workbook; pack or save it again"),
        (b"\x1f\x8bnonsense", "1:1: is a damaged gzip file; export it again"),
        ("<html><table><tr><td>case</td></tr></table></html>",
         "1:1: is a web page, whatever its name says; open it in Excel and save it as .xlsx or CSV"),
        ("<?xml version='1.0'?><Workbook/>",
         "1:1: is XML but not XES, which begins with <log>; export CSV, Excel (.xlsx), Parquet or XES"),
        ("<log>\n<trace>\n</log>", "3:1: is no XML from here on (mismatched tag); export it again"),
        ("<log/>", "1:1: there are no events in it that name a step and a time; export a period with cases"),
        (HEAD + "\na,b\n", "2:1: there are 8 headings, but rows of 2 fields; quote values that hold the separator, or "
                           "set 'separator'"),
        (table(*(row.replace("phone", "x").replace("review", "x") for row in ROWS)),
         "1:1: none of the words in column 'step' is a known step: 'x' (3); write in the mapping what they mean, "
         "'steps: {WORD: STEP}', each one of phone, online, filing, studio, key, review, automatic, issue, ignore"),
        (table("A,phone,a,b,c,,,", "B,phone,d,,,,,"),
         "1:1: column 'queued' holds no times that are recognised, but 'a'; write the time_format"),
        ("case,step,queued\nA,phone,08:00\nB,phone,08:10\n",
         "1:1: column 'queued' tells a clock without a day, as '08:00'; write 'columns: {date: HEADING}'"),
        ("case,step,queued\n,phone,2023-03-01 08:00\n", "1:1: none of the 1 rows can be used: no case number 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line(error, content, expected):
    assert error(content) == [f"log.csv:{expected}"]


def test_headings_that_nobody_knows_are_listed(error):
    assert error("a,b\n1,2\n") == [
        "log.csv:1:1: no column with times is recognised; write in the mapping 'columns: {queued: HEADING}', or "
        "started, or ended; the headings are 'a', 'b'",
        "log.csv:1:1: no column with steps is recognised; write in the mapping 'columns: {step: HEADING}', or if all "
        "rows are of one step 'step: phone', or another; the headings are 'a', 'b'",
    ]


def test_folders_and_devices_are_no_files(tmp_path):
    with pytest.raises(ScenarioError, match="is a directory; name a file in it"):
        read_log([tmp_path])
    null = Path("/dev/null")
    if null.exists():
        with pytest.raises(ScenarioError, match="not a regular file"):
            read_log([null])


def test_words_are_reported_with_what_they_were_taken_for(read):
    _, report = read(table(*CHINESE_ROWS, head=CHINESE))
    told = {(word.field, word.word): (word.meaning, word.count) for word in report.words}
    assert told["step", "电话咨询"] == ("phone", 2)
    assert told["outcome", "退回"] == ("returned", 1)
    assert told["kind", "个体户"] == ("individual", 1)


def test_a_few_lines_in_unicode_are_found_among_very_many_that_are_not(read):
    rows = [f"甲{n},电话咨询,2023年3月1日 08:{n % 60:02d},,,放弃,企业,窗口" for n in range(40_000)]
    lines = [line.encode("gb18030") for line in (CHINESE, *rows)]
    lines[20_000] = rows[19_999].replace("窗口", "别处").encode()
    log, report = read(b"\n".join(lines))
    assert len(log) == 40_000
    assert log.servers == ("窗口", "别处")
    assert report.count("mixed_encodings") == 40_000
    assert report.count("undecodable") == 0


# Files that ask for more than they hold


def with_cell(cell, old=b'r="A3"'):
    """Return the usual workbook with one of its cells elsewhere."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(*EXCEL))) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, content.replace(old, cell) if name.endswith("sheet1.xml") else content)
    return changed.getvalue()


def moved(content, old="xl/worksheets", new="xl/pages"):
    """Return a workbook whose sheets lie in another folder."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            text = before.read(name)
            for prefix in ("xl/", ""):
                text = text.replace(old.removeprefix(prefix).encode(), new.removeprefix(prefix).encode())
            after.writestr(name.replace(old, new), text)
    return made.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited in the way of Linux")
def test_a_workbook_that_would_end_the_process_is_refused(error):
    """A cell far from all others asks for more memory than there is; the reader then aborts, and everything with it."""
    far = moved(with_cell(b'r="XFD1048576"'))
    for content in (far, zipped(far, "inner.xlsx")):
        (line,) = error(content, "log.xlsx")
        assert re.search(FAR.format("16384"), line)
    said = "is a damaged workbook, or has a cell far from all others; save it as .xlsx or CSV again"
    assert error(old_workbook(dict.fromkeys([(0, 0), (65535, 65535)], 1.0)), "log.xls") == [f"log.xls:1:1: {said}"]
    near = old_workbook(dict.fromkeys([(0, 0), (1, 1)], 1.0))
    assert "no column with times is recognised" in error(near, "log.xls")[0]


FAR = r"sheet1.xml has \d+ cells, but one of them is in row 1048576 or column {}, far from the others; delete what"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (b'r="XFD1048576"', FAR.format(16384)), (b"r='AA1048576'", FAR.format(27)),
        (b'r="ZZZZ9999999999"', "has a cell 'ZZZZ9999999999', which no sheet has; save it as .xlsx or CSV again"),
        (b'r="3"', "has a cell '3', which no sheet has; save it as .xlsx or CSV again"),
    ],
)  # fmt: skip
def test_a_workbook_with_a_cell_far_away_is_not_read(error, capfd, cell, expected):
    (line,) = error(with_cell(cell), "log.xlsx")
    assert re.match(f"log.xlsx:1:1: {expected}", line)
    assert capfd.readouterr().err == ""


def test_a_cell_that_is_not_so_far_away_is_read(read):
    assert len(read(with_cell(b'r="IV9"'), "log.xlsx")[0]) == 2


def test_what_unpacks_to_far_more_than_its_size_is_not_read(error, monkeypatch):
    monkeypatch.setattr(unpacked, "FREE_BYTES", 10_000)
    monkeypatch.setattr(unpacked, "MOST_TIMES", 20)
    expected = "unpacks to more than 0 MB; export shorter periods, and give several files"
    assert error(gzip.compress(table(*ROWS * 5_000).encode())) == [f"log.csv:1:1: {expected}"]
    packed = io.BytesIO(with_cell(b'r="A3"'))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/image.bmp", bytes(10_000_000))
    assert error(packed.getvalue()) == [f"log.csv:1:1: {expected}"]


def test_other_workbooks_and_damaged_ones_are_named(error):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        book.writestr("xl/workbook.bin", b"")
    assert error(packed.getvalue(), "log.xlsb") == [
        "log.xlsb:1:1: is a workbook, but not of the kind .xlsx; save it as .xlsx or CSV"
    ]
    (line,) = error(workbook(*EXCEL)[:-40], "log.xlsx")
    assert re.match(r"log.xlsx:1:1: is no workbook that can be read \(.*\); save it as .xlsx or CSV again", line)


@pytest.mark.parametrize("encoding", ["GBK", "gb2312", "GB18030"])
def test_events_in_a_chinese_encoding(read, error, monkeypatch, encoding):
    text = XES.replace("UTF-8", encoding).replace("W1", "一号窗口")
    log, report = read(text.encode("gb18030"), "log.xes")
    assert (log.servers[0], report.files[0].encoding) == ("一号窗口", "gb18030")
    monkeypatch.setattr(xes_log, "LONGEST", 1000)
    monkeypatch.setattr(xes_log, "BLOCK", 100)
    # One has 2 bytes here and 3 in UTF-8, the other 4 and 2.
    long = text.replace("</log>", "<!--一二三四五六-->" * 500 + f"<a b='{'x' * 2000}'/></log>").encode("gb18030")
    assert "is XML as no log of events is" in error(long, "log.xes")[0]
    many = text.replace("</log>", "<!--ÿÿÿÿÿÿ-->" * 500 + "</log>").encode("gb18030")
    assert read(many, "log.xes")[0].cases == log.cases


def test_times_of_more_years_than_a_log_has(error):
    rows = [ROWS[0].replace("2023", f"{year:04d}") for year in range(1, 9999, 10)]
    (line,) = error(table(*rows))
    assert re.search(r"times go from 1521-03-01 to 2571-03-01, more than 20 years; write the time_format", line)
