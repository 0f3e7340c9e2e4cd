"""Disks, folders and machines that do not do what they should: what the user sees then."""

import pytest

from sim import files

DAY = """
name: day
title: {en: Day, zh: 日}
period: {first: 2023-03-01, last: 2023-03-01}
"""


@pytest.fixture
def given(tmp_path):
    (tmp_path / "day.yaml").write_text(DAY, encoding="utf-8")
    return "day.yaml"


@pytest.mark.parametrize(
    ("line", "place", "says"),
    [
        (("log", "day.yaml"), "results/logs/day.csv", "is another log, of another seed or scenario"),
        (("replay", "day.yaml"), "results/replays/day-2023-03-01.html", "is no replay of this program"),
        (("new", "mine"), "scenarios/mine.yaml", "is there already; choose another name"),
    ],
)
def test_what_somebody_else_wrote_meanwhile_is_not_replaced(call, given, tmp_path, monkeypatch, line, place, says):
    write = files._on_disk

    def others_are_quicker(file):
        write(file)
        (tmp_path / place).write_text("theirs", encoding="utf-8")

    monkeypatch.setattr(files, "_on_disk", others_are_quicker)
    status, _, err = call(*line)
    assert status == 2
    assert says in err
    assert (tmp_path / place).read_text(encoding="utf-8") == "theirs"
    assert [file.name for file in (tmp_path / place).parent.glob(".*")] == []
