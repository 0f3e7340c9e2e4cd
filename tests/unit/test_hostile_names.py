"""Names of files and what files say reach the terminal as text, whatever is in them; none ends in a fault."""

import json
import os

import pytest

from sim.present.table import Table
from sim.present.terminal import UNSAFE, print_json, rendered

ESCAPES = "\x1b[2J\x1b]0;gone\x07\x9b31m\x7f\r\u202e\u2066"
SCENARIO = "name: small\ntitle: {en: Small, zh: 小}\nperiod: {first: 2023-03-01, last: 2023-03-03}\n"
LONG = "x" * 300 + ".yaml"


def assert_text(text):
    assert not [character for character in text if ord(character) in UNSAFE]


@pytest.mark.parametrize("line", [
    ("check", f"a{ESCAPES}.yaml"), ("check", f"nowhere{ESCAPES}.yaml"), ("run", f"nowhere{ESCAPES}.yaml"),
    ("run", "extends.yaml"), ("results",), ("brief", f"results/{ESCAPES}"), ("results", "--out", f"o{ESCAPES}"),
    (f"ru{ESCAPES}",), ("run", f"--{ESCAPES}"), ("brief", "--name", ESCAPES), ("run", "small.yaml", "--seed", ESCAPES),
    ("app", "--scenario", ESCAPES), ("results", "--json"), ("check", f"a{ESCAPES}.yaml", "--json"),
])  # fmt: skip
def test_no_escape_sequence_reaches_the_terminal(call, tmp_path, line):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "small.yaml").write_text(SCENARIO, encoding="utf-8")
    for name in (f"a{ESCAPES}", "small", f"smal{ESCAPES}"):
        (tmp_path / f"{name}.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "extends.yaml").write_text(f"{SCENARIO.replace('small', 'extends')}extends: smal\n", encoding="utf-8")
    for name in (f"r{ESCAPES}", "told"):
        (tmp_path / "results" / "runs" / name).mkdir(parents=True)
    facts = {"about": {"format": 6, "kind": "run", "command": f"do {ESCAPES}", "name": ESCAPES}}
    (tmp_path / "results" / "runs" / "told" / "manifest.json").write_text(json.dumps(facts))
    (tmp_path / "results" / "batches").mkdir()
    note = {"kind": "run", "name": ESCAPES, "command": ESCAPES, "begun": ESCAPES, "keys": []}
    (tmp_path / "results" / "batches" / "begun-x.json").write_text(json.dumps(note))
    status, out, err = call(*line)
    assert status in (0, 2)
    assert out or err
    assert_text(out + err)


def test_tables_and_json_are_text_too(capsys):
    assert_text(rendered([ESCAPES, Table(ESCAPES, (ESCAPES,), ((ESCAPES,),), ESCAPES)]))
    print_json({ESCAPES: [ESCAPES]})
    out = capsys.readouterr().out
    assert_text(out)
    assert json.loads(out) == {ESCAPES: [ESCAPES]}


@pytest.mark.parametrize("line", [
    ("check", LONG, "small.yaml"), ("run", LONG), ("sweep", LONG), ("brief", LONG), ("nation", LONG),
    ("replay", LONG), ("log", LONG), ("compare", LONG, "small.yaml"), ("sensitivity", "small.yaml", "--ranges", LONG),
    ("staff", "small.yaml", "--rules", LONG),
])  # fmt: skip
def test_a_name_that_is_too_long_is_said_in_one_line(call, tmp_path, line):
    (tmp_path / "small.yaml").write_text(SCENARIO, encoding="utf-8")
    status, out, err = call(*line)
    assert status == 2
    assert "xxx" in err
    assert "internal error" not in err
    assert ("small.yaml: ok" in out) == (line[0] == "check")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="whoever may read everything cannot try it")
def test_a_file_in_a_folder_that_must_not_be_read_keeps_no_other_from_being_checked(call, tmp_path):
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut" / "small.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "small.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "shut").chmod(0)
    try:
        status, out, err = call("check", "shut/small.yaml", "small.yaml")
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert (status, err.count("\n")) == (2, 1)
    assert "small.yaml: ok" in out
