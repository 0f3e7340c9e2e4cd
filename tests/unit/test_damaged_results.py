"""Folders of results that were damaged, or that lie: one line each, and no number that nobody has found."""

import json
import os
import random
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from briefing_results import BASELINE, copied, manifest_of, write_manifest, write_results

from sim import program
from sim.brief.inputs import in_overview, read_given
from sim.results.codec import MANIFEST, DamagedError, read_table, tables_of, write_table
from sim.results.timing import write_timing
from sim.studies import study_of
from sim.studies.finished import SavedError, read_results
from sim.studies.run.overview import overview_row, write_overview

RUN = f"scenarios/{BASELINE}"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("all") / "results")


@pytest.fixture
def mine(root, tmp_path):
    return copied(root / RUN, tmp_path / "results" / RUN)


def read(folder):
    return read_results(study_of("run"), folder)


def test_a_flipped_bit_in_what_is_read_is_noticed(root, tmp_path):
    chance, found = random.Random(1), []
    for kind, path in (("run", RUN), ("staff", f"staff/{BASELINE}"), ("sweep", "sweeps/demand")):
        study, mine = study_of(kind), copied(root / path, tmp_path / kind)
        expected = repr(read_results(study, mine).about)
        for name in (MANIFEST, *(f"{table}.parquet" for table in tables_of(study.record))):
            whole = (mine / name).read_bytes()
            for _ in range(4):
                at, data = chance.randrange(len(whole)), bytearray(whole)
                data[at] ^= 1 << chance.randrange(8)
                (mine / name).write_bytes(data)
                with pytest.raises(SavedError) as raised:
                    read_results(study, mine)
                found.append(str(raised.value))
            (mine / name).write_bytes(whole)
        assert repr(read_results(study, mine).about) == expected
    assert all("\n" not in said and "make it again with" in said for said in found)
    assert sum("is not as it was written" in said for said in found) > len(found) / 2


def test_a_row_of_the_overview_that_is_not_what_the_run_says_is_not_told(root, tmp_path):
    other = copied(root, tmp_path / "results")
    given = read_given([], other)
    rows = [overview_row(found.record) for found in given.of("run")]
    write_overview(rows, other)
    assert in_overview(given).keys() == {row.scenario for row in rows}
    write_overview([replace(rows[0], within=0.99), *rows[1:]], other)
    assert in_overview(given).keys() == {row.scenario for row in rows[1:]}


@pytest.mark.parametrize("name", [MANIFEST, "summary.parquet", "timing.json"])
def test_a_file_that_nobody_writes_to_is_not_waited_for(mine, name):
    (mine / name).unlink()
    os.mkfifo(mine / name)
    with pytest.raises(SavedError):
        read(mine)


def many_rows(file):
    pq.write_table(pa.table({"x": pa.array([1.0]).take(pa.array([0] * 5_000_000))}), file)


def long_texts(file):
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), pa.array(["x" * 100_000]))
    pq.write_table(pa.table({"x": text}), file, store_schema=False)


def nested(file):
    pq.write_table(pa.table({"x": [[1.0] * 10]}), file)


@pytest.mark.parametrize(
    ("make", "said"),
    [(many_rows, "larger than results are"), (long_texts, "larger than results are"), (nested, "other types"),
     (lambda file: file.write_bytes(b"PAR1" * 20), "no table"), (lambda file: file.write_bytes(b""), "no table")],
)  # fmt: skip
def test_a_table_that_would_fill_the_memory_is_not_read(make, said, tmp_path):
    make(tmp_path / "table.parquet")
    assert (tmp_path / "table.parquet").stat().st_size < 1_000_000
    before = pa.total_allocated_bytes()
    with pytest.raises(DamagedError, match=said):
        read_table(tmp_path / "table.parquet")
    assert pa.total_allocated_bytes() - before < 1 << 26


LIES = {
    "deep": "[" * 100_000, "no JSON": "{", "a list": "[]", "surrogate": '{"about": {"format": 6, "kind": "\\ud800"}}',
    "huge number": '{"about": {"format": 1e400}}', "many digits": '{"about": {"format": %s}}' % ("9" * 5000),
    "nothing": "null", "no text": "\ud800",
}  # fmt: skip


def test_every_folder_that_lies_has_a_line_and_the_others_are_listed(root, tmp_path, call):
    copied(root, tmp_path / "results")
    for name, text in LIES.items():
        folder = copied(root / RUN, tmp_path / "results" / "runs" / name)
        (folder / MANIFEST).write_text(text, encoding="utf-8", errors="surrogatepass")
        write_timing(folder, 1.0)
    status, out, err = call("results", "--json")
    told = json.loads(out)["finished"]
    assert (status, err) == (0, "")
    assert {one["name"] for one in told if "why" in one} == set(LIES)
    assert all("\n" not in one["why"] for one in told if "why" in one)
    assert {one["name"] for one in told if "why" not in one} >= {BASELINE, "busy", "demand"}


def wrong_values(facts, chance):
    """Change one value somewhere in the facts of a manifest."""
    inner, way = facts, None
    while isinstance(inner, dict | list) and inner:
        outer, way = inner, chance.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        inner = outer[way]
    if way is not None:
        outer[way] = chance.choice([None, -1, 1e308, "", "x", [], {}, [None], {"x": {}}, True, "NaN"])
    return facts


def test_a_manifest_that_lies_in_one_value_never_ends_a_verb(root, tmp_path, call):
    chance = random.Random(2)
    copied(root, tmp_path / "results")
    folder = tmp_path / "results" / RUN
    whole = manifest_of(folder)
    for _ in range(6):
        write_manifest(folder, wrong_values(json.loads(json.dumps(whole)), chance))
        for line in (["results"], ["brief", str(folder)]):
            status, _, err = call(*line)
            assert status in (0, 2), err
            assert "internal error" not in err


def test_values_that_do_not_fit_together_are_said_in_one_line(root, tmp_path, call):
    folder = copied(root, tmp_path / "results") / "staff" / BASELINE
    whole = pq.read_table(folder / "certificate.parquet")
    pq.write_table(whole.slice(0, 0), folder / "certificate.parquet")
    write_timing(folder, 1.0)
    status, _, err = call("brief", str(folder))
    assert (status, err.count("\n")) == (2, 1)
    assert "does not fit together" in err


def test_no_text_of_a_table_is_a_formula_in_a_spreadsheet(tmp_path):
    texts = ["=cmd|' /C calc'!A0", "+x", "-1", "+0.5", "@sum", "plain", "", None, "-x", "\tx"]
    write_table(pa.table({"text": texts, "number": range(len(texts))}), tmp_path, "table")
    lines = (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()[1:]
    found = [line.rsplit(",", 1)[0].strip('"') for line in lines]
    assert found == ["'=cmd|' /C calc'!A0", "'+x", "-1", "+0.5", "'@sum", "plain", "", "", "'-x", "'\tx"]
    assert pq.read_table(tmp_path / "table.parquet").column("text").to_pylist() == texts


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (f"{program.CHECKOUT} staff my.yaml --growth 5%", f"{program.CHECKOUT} staff my.yaml --growth 5%"),
        (f"{program.CHECKOUT} --seed 3 staff '我 的.yaml'", f"{program.CHECKOUT} --seed 3 staff '我 的.yaml'"),
        ("licence-office staff my.yaml", f"{program.CHECKOUT} staff my.yaml"),
        (f"{program.CHECKOUT} staff my.yaml --scheduler tcp://far.example:1", f"{program.CHECKOUT} staff my.yaml"),
        (f"{program.CHECKOUT} staff --scheduler=tcp://far.example:1 my.yaml", f"{program.CHECKOUT} staff my.yaml"),
        (f"{program.CHECKOUT} --lang zh --out=. staff my.yaml", f"{program.CHECKOUT} --lang zh --out=. staff my.yaml"),
        (f"{program.CHECKOUT} staff my.yaml --out . --replace", f"{program.CHECKOUT} staff my.yaml --out ."),
        *((f"{program.CHECKOUT} {line}", "") for line in (
            "log a.yaml --out staff --out notes.csv", "staff my.yaml --out notes", "staff my.yaml --x=//far.example/r",
            "staff my.yaml --growth --seed --out notes", "--out . --out notes staff my.yaml", "--seed 3 log staff",
            "--seed staff log a.yaml", "-- log staff", "--out .. staff my.yaml",
        )),
        *((line, "") for line in (
            "rm -rf ~", f"{program.CHECKOUT} staff my.yaml; rm -rf ~", f"{program.CHECKOUT} staff $(rm my.yaml)",
            f"{program.CHECKOUT} staff my.yaml && calc", f"{program.CHECKOUT} staff 'my.yaml&calc'",
            f"{program.CHECKOUT} staff my.yaml\nrm my.yaml", f"{program.CHECKOUT} staff my.yaml > my.yaml",
            f"{program.CHECKOUT} staff '%COMSPEC%'", f"{program.CHECKOUT} staff '//far.example/my.yaml'",
            f"{program.CHECKOUT} staff 'my.yaml", f"{program.CHECKOUT} run my.yaml", "", None, ["staff"],
        )),
    ],
)  # fmt: skip
def test_a_command_of_results_from_elsewhere_is_told_only_if_it_is_ours(root, tmp_path, monkeypatch, command, told):
    """Whoever reads it pastes it."""
    folder = tmp_path / "staff" / "x"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    facts = {"format": 2, "kind": "staff", "name": "x", "command": command}
    (folder / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(SavedError) as caught:
        read_results(study_of("staff"), folder)
    assert str(caught.value).endswith(f"make it again with: {told or f'{program.CHECKOUT} staff ...'} --replace")
