"""docs/adding-a-study.md: a study is one folder and one name in a list, and everything else knows it then."""

import json
from pathlib import Path

import pytest
from small_runs import SMALL

from sim import studies
from sim.studies.finished import read_results
from sim.text import catalogue

ROOT = Path(__file__).parents[2]
TOY = ROOT / "tests" / "toy"
CHINESE = {
    "When most people come first.": "何时来人最多",
    "busiest half-hour": "来人最多的时段",
    "Half-hours": "时段",
    "half-hour from": "时段起点",
    "first contacts a year": "全年来人",
    "Most people come first from {begin} on": "{begin}起来人最多",
    "Who comes when": "各时段来人",
    "half-hour": "时段",
    "Most come first from {begin} on: {number} in a year.": "{begin}起来人最多：全年{number}人。",
    "When do most people come?": "何时来人最多？",
    "Have most people on duty then.": "该时段安排最多人员在岗。",
}


@pytest.fixture
def registered(monkeypatch):
    """Have the toy among the studies, and its words in the catalogue, as a name in the list and a file would."""
    monkeypatch.setattr(studies, "NAMES", (*studies.NAMES, "toy"))
    for english, chinese in CHINESE.items():
        monkeypatch.setitem(catalogue("zh"), ("", english), chinese)
    studies.studies.cache_clear()
    yield
    studies.studies.cache_clear()


def test_it_is_run_saved_read_printed_charted_briefed_and_shown_in_both_languages(registered, drawn, call, tmp_path):
    (tmp_path / "small.yaml").write_text(json.dumps(SMALL), encoding="utf-8")
    status, out, err = call("busiest", "small.yaml")
    assert status == 0, err
    assert out.startswith("Most people come first from ")
    folder = tmp_path / "results" / "busiest" / "small"
    names = {file.name for file in folder.iterdir()}
    assert {"manifest.json", "half_hours.parquet", "half_hours.csv", "busiest.png"} <= names
    (study,) = (study for study in studies.studies() if study.kind == "busiest")
    most = read_results(study, folder).most
    assert f"from {most.begin} on" in out
    assert f"{most.begin}起来人最多" in call("busiest", "small.yaml", "--lang", "zh", "--replace")[1]
    assert json.loads(call("busiest", "small.yaml", "--json", "--replace")[1])["years"] == 3
    assert "busiest half-hour" in call("results")[1]
    assert "何时来人最多" in call("--help", "--lang", "zh")[1]
    for language, question in (("en", "When do most people come?"), ("zh", "何时来人最多？")):
        status, out, err = call("brief", str(folder), "--lang", language)
        assert status == 0, err
        page = (tmp_path / "results" / "briefings" / f"small-{language}" / "briefing.html").read_text(encoding="utf-8")
        assert question in page
        assert most.begin in page


def test_it_takes_few_lines():
    lines = [line for file in TOY.glob("*.py") for line in file.read_text(encoding="utf-8").splitlines() if line]
    assert len(lines) < 120
