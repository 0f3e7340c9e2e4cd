"""Messages: said in the language of the reader, in English to programs, and none of them left out of the catalogue."""

import json
import pickle
import re

import pytest
from helpers import said_in

from sim import text
from sim.cli.options import language_of
from sim.locale import catalogue
from sim.office.problems import Problem, ScenarioError, nearest, problem_dicts, shown
from sim.text import Message, NotTranslatedError

HAN = re.compile("[一-鿿]")


def problem():
    inner = Message("must be {limits}, not {value}", limits=Message("between {low:,} and {high:,}", low=0, high=1000),
                    value=shown(None))  # fmt: skip
    return Problem("a b.yaml", 3, 21, inner, "review.return_rate")


def test_a_message_is_put_into_words_when_it_is_shown():
    assert str(problem()) == "a b.yaml:3:21: review.return_rate: must be between 0 and 1,000, not nothing"
    assert said_in("zh", str, problem()) == "a b.yaml:3:21：review.return_rate：须在0至1,000之间，不能是空值"
    assert said_in("zh", str, nearest("rview", ["review", "issue"])) == "是否应为'review'？"
    assert said_in("zh", str, nearest("x", ["review", "issue"])) == "可用：review, issue"


def test_programs_read_english_in_any_language():
    (found,) = said_in("zh", problem_dicts, [problem()])
    assert found["message"] == "review.return_rate: must be between 0 and 1,000, not nothing"


def test_errors_of_files_come_back_from_other_processes_and_keep_their_order_in_any_language():
    error = pickle.loads(pickle.dumps(ScenarioError([problem(), problem()])))
    assert error.problems == (problem(),)
    several = [Problem("a", 1, 1, Message("a list")), Problem("a", 1, 1, Message("nothing")), problem()]
    assert said_in("zh", sorted, reversed(several)) == sorted(several) == several


def test_each_message_is_in_the_catalogue_with_the_same_gaps():
    assert list(catalogue.problems()) == []


def test_a_message_without_a_translation_is_an_error_in_tests_and_english_to_users(monkeypatch):
    unheard = Message("nobody has said {this} before", this="this")
    monkeypatch.setattr(text, "strict", True)
    with pytest.raises(NotTranslatedError):
        said_in("zh", str, unheard)
    monkeypatch.setattr(text, "strict", False)
    assert said_in("zh", str, unheard) == str(unheard) == "nobody has said this before"


@pytest.mark.parametrize(
    ("line", "english"),
    [
        (["run"], "SCENARIO.yaml is missing"),
        (["run", "x.yaml", "y.yaml"], "run: y.yaml is too much"),
        (["run", "x.yaml", "--sed", "1"], "there is no option '--sed'; did you mean '--seed'?"),
        (["run", "x.yaml", "--seed"], "--seed: a value is missing"),
        (["run", "x.yaml", "--quick=3"], "--quick takes no value"),
        (["run", "x.yaml", "--seed", "x; y: z"], "--seed: must be a whole number from 0 to 18446744073709551615, "
                                                 "not 'x; y: z'"),
        (["rnu", "x.yaml"], "there is no verb 'rnu'; did you mean 'run'?"),
        (["x.yaml"], "a scenario file needs a verb before it: run x.yaml"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line_is_said_in_each_language_and_in_english_to_programs(call, line, english):
    for language in ("en", "zh"):
        status, out, err = call("--json", "--lang", language, *line)
        assert status == 2
        assert json.loads(out)["errors"] == [{"message": f"run_sim.py: error: {english}"}]
        (said,) = err.splitlines()
        assert said == f"run_sim.py: error: {english}" if language == "en" else HAN.search(said)


def test_the_language_is_that_of_the_arguments_however_wrong_they_are(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert language_of(["run", "x.yaml"]) == "zh"
    assert language_of(["run", "--lang", "en"]) == "en"
    assert language_of(["run", "--lang=en", "--seed", "x"]) == "en"
    assert language_of(["--lang", "fr"]) == "zh"
    assert language_of(["--lang"]) == "zh"
    monkeypatch.setenv("LC_ALL", "C")
    assert language_of([]) == "en"
