"""What is said of wrong input in Chinese: all of a message or none of it, and every value in it."""

import re

import pytest
import test_scenario_errors
import test_sweep_errors

from sim.briefing.clauses import CLAUSES
from sim.briefing.mistakes import in_language
from sim.cli.options import language_of

HAN = re.compile("[一-鿿]")


def expected_messages():
    """Return the messages that the tests of scenario and sweep files expect."""
    found = []
    for module in (test_scenario_errors, test_sweep_errors):
        for test in vars(module).values():
            for mark in getattr(test, "pytestmark", []):
                if mark.name == "parametrize" and "expected" in mark.args[0]:
                    found += [row[1] for row in mark.args[1] if isinstance(row, tuple) and isinstance(row[1], str)]
    return sorted(set(found))


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("a.yaml:3:21: review.return_rate: must be between 0 and 0.95, not 1.4",
         "a.yaml:3:21：review.return_rate：须在0至0.95之间，不能是1.4"),
        ("a.yaml:4:3: demand.key_shre: there is no such parameter; did you mean 'key_share'?",
         "a.yaml:4:3：demand.key_shre：没有这个参数；是否应为'key_share'？"),
        ("a.yaml:3:10: demand.growth: must be a number, not a list",
         "a.yaml:3:10：demand.growth：须为数字，不能是列表"),
        ("C:\\a b\\c.yaml:1:1: there is no such file; check the name",
         "C:\\a b\\c.yaml:1:1：没有这个文件；请核对文件名"),
        ("run_sim.py: error: Invalid value for '--seed': must be a whole number from 0 to 9, not 'x; y: z'",
         "run_sim.py：错误：--seed：须为0至9的整数，不能是'x; y: z'"),
        ("a.yaml:6:31: staff.clerks.plan['9:00-8:00']: 9:00-8:00 ends before it begins; "
         "the first time must be the earlier one",
         "a.yaml:6:31：staff.clerks.plan['9:00-8:00']：9:00-8:00的结束早于开始；起始时刻须早于结束时刻"),
        ("run_sim.py: error: demand.key_share: 0.01 is not possible in small: a.b: must be a number, not nothing",
         "run_sim.py：错误：demand.key_share：small中不能取0.01：a.b：须为数字，不能是空值"),
        ("run_sim.py: error: results/runs/small holds a finished experiment that differs in seed (1; now 2); "
         "add --replace to replace it, or name another folder with --out",
         "run_sim.py：错误：results/runs/small中已有结果，不同之处：种子（原为1，现为2）；"
         "加--replace可覆盖，或用--out另指定文件夹"),
        ("a.yaml:2:2: demand.growth: 2 is outside the plausible range 0 to 0.25 (assumption) (and 2 more values)",
         "a.yaml:2:2：demand.growth：2超出合理范围0至0.25（假设；另有2个值）"),
        ("run_sim.py: error: Missing argument 'SCENARIO.yaml'.", "run_sim.py：错误：缺少参数'SCENARIO.yaml'。"),
        ("a.yaml:3:1: nobody has seen this before; remove it", "a.yaml:3:1: nobody has seen this before; remove it"),
        ("run_sim.py: error: something else", "run_sim.py: error: something else"),
        ("", ""),
    ],
)  # fmt: skip
def test_lines_are_put_into_chinese_or_left_as_they_are(english, chinese):
    assert in_language(english, "zh") == chinese
    assert in_language(english, "en") == english


def test_whatever_files_can_have_wrong_is_said_in_chinese():
    messages = expected_messages()
    assert len(messages) > 60
    left = [message for message in messages if not HAN.search(in_language(f"x.yaml:{message}", "zh"))]
    assert left == []


def test_no_value_is_lost():
    for message in expected_messages():
        said = in_language(f"x.yaml:{message}", "zh")
        for value in re.findall(r"(?:not|mean) ('[^']*'|-?\d[\d,.]*)", message):
            assert value in said, (message, said)


def test_both_sides_of_a_pattern_have_the_same_gaps():
    for english, chinese in CLAUSES:
        assert sorted(re.findall(r"{(\w+)}", chinese)) == sorted(
            name for name in re.findall(r"{(\w+)}", english) if name != "day" or "{day}" in chinese
        ), english
        assert HAN.search(chinese), english
    assert len({english for english, _ in CLAUSES}) == len(CLAUSES)


def test_the_language_is_that_of_the_arguments_however_wrong_they_are(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert language_of(["run", "x.yaml"]) == "zh"
    assert language_of(["run", "--lang", "en"]) == "en"
    assert language_of(["run", "--lang=en", "--seed", "x"]) == "en"
    assert language_of(["--lang", "fr"]) == "zh"
    assert language_of(["--lang"]) == "zh"
    monkeypatch.setenv("LC_ALL", "C")
    assert language_of([]) == "en"
