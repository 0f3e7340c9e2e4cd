"""Whatever a scenario file holds, it is a scenario or a list of problems, never another exception."""

import json
import re
import tempfile
from pathlib import Path

from anywhere import place_in
from helpers import EVERY
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.office.parameters.listing import all_parameters
from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict

HEAD = "name: x\ntitle: {en: x, zh: x}\n"
SCENARIOS = Path(__file__).parents[2] / "scenarios"
KEYS = sorted({step for parameter in all_parameters() for step in parameter.path.replace("[]", "").split(".")})

PIECES = [
    *"{}[]:,-?&*!|>'\"%@`#~\n\t ", ": ", "- ", "\n  ", "---", "...", "<<: ", "&a ", "*a", "!!str ", "!t ",
    "%YAML 1.1\n", "|\n ", ">-\n", "extends: ",
    "08:30-17:00", "08:30", "2023-02-29", "0o7", "0x1F", "1e999", ".nan", "-.inf", "null", "true", "no",
    "15%", "\ufeff", "\x00", "\x85", "\u2028", "\ud7ff", "\U0001f600", *KEYS,
]  # fmt: skip
yaml_soup = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(10**400), 10**400), st.floats(), st.text(max_size=12),
    st.sampled_from(["08:30-17:00", "12:00", "24:00", "2023-05-04", "2023-05-04 09:00", "review", "mon", "licence"]),
    st.dates().map(str), st.times().map(lambda time: f"{time:%H:%M}"), st.floats(0, 2), st.integers(0, 100),
)  # fmt: skip
keys = st.one_of(st.sampled_from(KEYS), st.text(max_size=5), st.sampled_from(["08:30-17:00", "fri", "extends"]))
structures = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=17), st.dictionaries(keys, inner, max_size=6)),
    max_leaves=25,
)


@st.composite
def nearly_right(draw):
    """Return a scenario in full with a few values changed to anything."""
    data = json.loads(json.dumps(BASE))
    for _ in range(draw(st.integers(1, 4))):
        place, key = place_in(draw, data)
        place[key] = draw(structures)
    return data


PART = 1 if EVERY else 6
"""All examples, or a sixth of those that take long to make."""
BASE = scenario_as_dict(load_scenario_file(SCENARIOS / "spring-rush.yaml"))
LINE = re.compile(r"\S.*:\d+:\d+: \S.*\Z")


def outcome(raw: bytes) -> None:
    """Load a file with this content and check that what comes out is what may come out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_bytes(raw)
        try:
            scenario = load_scenario_file(path)
        except ScenarioError as error:
            check_messages(error, len(raw.splitlines()) + 2)
        else:
            assert scenario_from_dict(json.loads(json.dumps(scenario_as_dict(scenario)))) == scenario_from_dict(
                scenario_as_dict(scenario)
            )


def check_messages(error: ScenarioError, lines: int) -> None:
    assert error.problems
    for problem in error.problems:
        assert LINE.match(str(problem)), str(problem)
        assert len(str(problem).splitlines()) == 1
        assert 1 <= problem.line <= lines
        assert problem.column >= 1
        for jargon in ("validation", "pydantic", "Traceback", "Input should"):
            assert jargon not in str(problem)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes(raw):
    outcome(raw)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_below_a_good_head(text):
    outcome((HEAD + text).encode("utf-8", "surrogatepass"))


@given(yaml_soup)
@settings(max_examples=500, deadline=None)
def test_yaml_soup(text):
    outcome((HEAD + text).encode("utf-8", "surrogatepass"))


@given(st.dictionaries(keys, structures, max_size=6))
@settings(max_examples=300 // PART, deadline=None)
def test_any_structure(data):
    # JSON is YAML, but for NaN and Infinity, which are text there.
    outcome(json.dumps({"name": "x", "title": {"en": "x", "zh": "x"}, **data}).encode())


@given(nearly_right())
@settings(max_examples=500 // PART, deadline=None)
def test_a_scenario_with_a_few_values_changed(data):
    outcome(json.dumps(data | {"name": "x"}).encode())
    try:
        scenario_from_dict(data)
    except ScenarioError as error:
        check_messages(error, 1)
