"""Every error of a sweep file: where, what is wrong, what would be right."""

import json
import re

import pytest
from anywhere import place_in
from helpers import lines_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sweep_texts import BASE, GROWTH, HEAD, MORE, TITLE, a, vary, written

from sim.office.parameters.listing import keys_of
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.sweep.file import MOST_PROBLEMS, load_sweep_file
from sim.studies.sweep.form import MOST_POINTS, SweepForm


@pytest.fixture
def load(tmp_path):
    """Return a function that writes sweeps/x.yaml and base.yaml, and loads the sweep."""
    return lambda text, base=BASE: load_sweep_file(written(tmp_path, text, base))


@pytest.fixture
def errors(load, tmp_path):
    """Return a function that gives the lines of the error, folders left out."""

    def errors(text, base=BASE):
        with pytest.raises(ScenarioError) as caught:
            load(text, base)
        return [line.replace(f"{tmp_path}/", "").replace("sweeps/", "") for line in lines_of(caught.value)]

    return errors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The file
        (b"", ["1 | the file is empty; begin with 'name: x', a title and a base"]),
        (b"[1]", ["1 [1| a sweep must be a mapping (lines of 'key: value'), not a list"]),
        (BASE, ["1 name:| this is no sweep file, which names a 'base' and what to 'vary'"]),
        (f"base: base\nvary: {{{GROWTH}}}", [
            "1 base:| name: is missing; add it", "1 base:| title: is missing; add it"]),
        (vary(GROWTH).replace("name: x", "name: y"), ["1 y| name: must be 'x', as the file is called, not 'y'"]),
        (vary(GROWTH).replace("base: base", "base: bass"), [
            "3 bass| base: there is no scenario 'bass' in this folder or the one above, nor a shipped one; "
            "did you mean 'base'?"]),
        (vary(GROWTH).replace("base: base", "base: ../base"), [
            "3 ../base| base: there is no scenario '../base' in this folder or the one above, nor a shipped one; "
            "did you mean 'base'?"]),
        (vary(GROWTH).replace("base: base", "base:"), ["3 base:| base: has no value; write one, or remove the line"]),
        (vary(GROWTH, desing="grid"), ["6 desing:| desing: there is no such parameter; did you mean 'design'?"]),
        (vary(GROWTH, design="gird"), ["6 gird| design: must be one of 'grid', 'list', 'space-filling', not 'gird'"]),
        (vary(GROWTH, demand="{growth: 1}"), ["6 demand:| demand: belongs below 'set', as what all design points have: "
                                              "set: {demand: ...}"]),
        (vary(GROWTH, max_replications=""), [
            "6 max_replications:| max_replications: has no value; write one, or remove the line"]),
        (vary(GROWTH, chart="{x: grwth, y: 1}"), [
            "6 grwth| chart.x: there is no factor 'grwth'; did you mean 'growth'?",
            "6 y:| chart.y: there is no such parameter; possible: x, rows, lines"]),
        (vary(GROWTH, points=8), [
            "6 points:| points: means nothing unless 'design' is 'space-filling'; leave it out"]),
        (vary(GROWTH, design_points="[{growth: 0}]"), [
            "6 design_points:| design_points: means nothing unless 'design' is 'list'; leave it out"]),
        (vary(GROWTH, design="list"), ["1 name:| design_points: is missing; a design 'list' needs it"]),
        (vary(GROWTH, design="list", design_points="[]"), [
            "7 design_points:| design_points: must have at least 1 design point"]),
        (vary(GROWTH, design="space-filling"), ["1 name:| points: is missing; a design 'space-filling' needs it"]),
        (f"{HEAD}vary: {{}}", ["4 vary:| vary: must have at least 1 value, not 0"]),
        # What the file sets
        (vary(GROWTH, set="{name: y, demand: {grwth: 1}}"), [
            "6 name:| set.name: each design point has its own; leave it out",
            "6 grwth:| demand.grwth: there is no such parameter; did you mean 'growth'?"]),
        (vary(GROWTH, set="{staff: {clerks: {plan: {}}}}"), [
            "6 plan:| staff.clerks.plan: nobody ever serves stage 'issue', yet applicants come; "
            "put clerks on duty within 08:30-17:00"]),
        (vary(GROWTH, set="5"), ["6 5| set: must be a mapping as in a scenario file, not 5"]),
        # A factor
        (vary("my-factor" + GROWTH[6:]), [
            "5 my-factor:| vary.my-factor: must be a name of letters, digits and _ such as 'reviewers', 40 at most, "
            "not 'my-factor'"]),
        (vary("Mean" + GROWTH[6:]), [
            "5 Mean:| vary.Mean: 'Mean' is a column of the results already; take another name"]),
        (a("value: [1]"), [
            "5 value:| vary.a.value: there is no such parameter; did you mean 'values'?"]),
        (a("values: [1]"), [
            "5 a:| vary.a: does not say what is varied; add one of 'parameter', 'add_to', 'multiply', 'choices'"]),
        (a("parameter: demand.growth, add_to: demand.growth, values: [1]"), [
            "5 add_to:| vary.a.add_to: is here besides 'parameter'; a factor has one of the two, remove the other"]),
        (a("parameter: demand.growth"), [
            "5 a:| vary.a: has no values; add 'values', or 'from' and 'to'"]),
        (a("parameter: demand.growth, values: []"), [
            "5 values:| vary.a.values: must have at least 1 value"]),
        (a("parameter: demand.growth, values: [0, x, 0.0, true]"), [
            "5 x| vary.a.values[1]: must be a number like the first, not 'x'",
            "5 0.0| vary.a.values[2]: 0 is in the list already; remove one",
            "5 true| vary.a.values[3]: must be a number like the first, not true"]),
        (a("parameter: demand.growth, values: [[1], .inf]"), [
            "5 [1| vary.a.values[0]: must be a number, a text of one line, true or false, not a list",
            "5 .inf| vary.a.values[1]: must be a finite number, not inf"]),
        (a("add_to: staff.reviewers.plan, values: [x]"), [
            "5 x| vary.a.values[0]: must be a number, not 'x'"]),
        (a("parameter: demand.growth, values: [1], from: 1, whole: true"), [
            "5 from:| vary.a.from: means nothing besides 'values'; leave it out",
            "5 whole:| vary.a.whole: means nothing besides 'values'; leave it out"]),
        (a("parameter: demand.growth, from: 1"), [
            "5 a:| vary.a.steps: is missing; say how many values there are from 'from' to 'to'",
            "5 a:| vary.a.to: is missing; add it"]),
        (a("parameter: demand.growth, from: 1, to: 1, steps: 2"), [
            "5 1| vary.a.to: must be above 1, the value of 'from'"]),
        (a("parameter: demand.growth, from: 0.1, to: 0.9, steps: 2, whole: true"), [
            "5 0.9| vary.a.to: there is no whole number from 0.1 to 0.9"]),
        (a("parameter: demand.growth, from: 0, to: 1, steps: 4", design="space-filling", points=4), [
            "5 steps:| vary.a.steps: means nothing in a space-filling design, where 'points' says how many; "
            "leave it out"]),
        (a("choices: [], values: [1]"), [
            "5 values:| vary.a.values: means nothing besides 'choices'; leave it out"]),
        (a("choices: []"), ["5 choices:| vary.a.choices: must have at least 1 choice"]),
        (a("choices: [{label: b, set: {name: c}}, {label: b, set: {}}]"), [
            "5 name:| vary.a.choices[0].set.name: each design point has its own; leave it out",
            "5 b| vary.a.choices[1].label: 'b' is the label of choices[0] already"]),
        (a("choices: [{label: b, set: }]"), [
            "5 set:| vary.a.choices[0].set: has no value; write one, or remove the line"]),
        # Paths
        (a("parameter: demand.registration_per_year, values: [1]"), [
            "5 demand.registration_per_year| vary.a.parameter: there is no 'demand.registration_per_year' in the "
            "scenario; did you mean 'demand.registrations_per_year'?"]),
        (a("parameter: review.key_share, values: [1]"), [
            "5 review.key_share| vary.a.parameter: there is no 'review.key_share' in the scenario; did you mean "
            "'demand.key_share'?"]),
        (a("parameter: target.zzz, values: [1]"), [
            "5 target.zzz| vary.a.parameter: there is no 'target.zzz' in the scenario; "
            "possible: clock, statistic, minutes, level"]),
        (a("parameter: 'demand.month_index[12]', values: [1]"), [
            "5 'demand.month_index[12| vary.a.parameter: there is no 'demand.month_index[12]' in the scenario; "
            "demand.month_index has 12 members, [0] is the first"]),
        (a("parameter: year.x, values: [1]"), [
            "5 year.x| vary.a.parameter: there is no 'year.x' in the scenario; year is one value, without members"]),
        (a("parameter: 'staff.reviewers.plan[08:30-16:00]', values: [1]"), [
            "5 'staff.reviewers.plan[08:| vary.a.parameter: there is no 'staff.reviewers.plan[08:30-16:00]' in "
            "the scenario; did you mean '08:30-17:00'?"]),
        (a("parameter: demand growth, values: [1]"), [
            "5 demand growth| vary.a.parameter: 'demand growth' is no path of a parameter; "
            "write one such as demand.growth or demand.half_hour_index[7]"]),
        (a("parameter: [demand.growth, title.en], values: [1]"), [
            "5 title.en| vary.a.parameter: 'title' is given to each design point by itself and cannot be varied"]),
        (a("parameter: staff.reviewers.plan, values: [1]"), [
            "5 staff.reviewers.plan| vary.a.parameter: staff.reviewers.plan is a plan of servers on duty; use "
            "'add_to', or 'choices' that give a plan each"]),
        (a("parameter: demand.month_index, values: [1]"), [
            "5 demand.month_index| vary.a.parameter: demand.month_index is a list; name a member such as "
            "demand.month_index[0], or use 'choices'"]),
        (a("parameter: demand, values: [1]"), [
            "5 demand| vary.a.parameter: demand is a group of parameters; name a member such as "
            "demand.registrations_per_year, or use 'choices'"]),
        (a("add_to: phone.offered, values: [1]"), [
            "5 phone.offered| vary.a.add_to: phone.offered is no number and no plan of servers on duty"]),
        (a("multiply: staff.clerks.plan, values: [1]"), [
            "5 staff.clerks.plan| vary.a.multiply: staff.clerks.plan is a plan of servers on duty, which can "
            "only be added to; use 'add_to', or 'choices'"]),
        (a("add_to: staff.studio.plan, values: [1]",
           set="{staff: {studio: {plan: {}}}, filing: {studio_share: 0}}"), [
            "5 staff.studio.plan| vary.a.add_to: staff.studio.plan has nobody on duty in the base, so there is "
            "nothing to add to"]),
        (vary(GROWTH, f"b: {{{TITLE}, choices: [{{label: b, set: {{demand: {{growth: 0.2}}}}}}]}}"), [
            "6 0.2| vary.b: demand.growth is set by factor 'growth' already; leave it to one of them"]),
        # The design points of a list
        (vary(GROWTH, MORE, design="list",
              design_points="[{growth: 0, more: 0}, {growth: 0.2, less: 1}, {more: 0, growth: 0}]"), [
            "8 {growth:| design_points[1].more: is missing; each design point names every factor",
            "8 0.2| design_points[1].growth: there is no value 0.2; possible: 0, 0.1",
            "8 less:| design_points[1]: there is no factor 'less'; possible: growth, more",
            "8 {more:| design_points[2]: is the same as design_points[0]; remove one"]),
        (a("parameter: demand.growth", design="list", design_points="[{a: 0}, {a: x}, {a: 0}]"), [
            "7 x| design_points[1].a: must be a number like the first, not 'x'",
            "7 {a:| design_points[2]: is the same as design_points[0]; remove one"]),
        # The scenarios of the design points
        (vary(f"demand: {{{TITLE}, parameter: demand.registrations_per_year, values: [0, 40200, 2000000]}}", MORE), [
            "5 0| demand = 0: demand.registrations_per_year: must be between 1 and 1,000,000, not 0",
            "5 2000000| demand = 2000000: demand.registrations_per_year: must be between 1 and 1,000,000, not "
            "2000000"]),
        (vary(GROWTH, f"a: {{{TITLE}, parameter: review.return_rate, values: [x]}}"), [
            "6 x| review.return_rate: must be a number, not 'x'"]),
        (a("parameter: demand.registrations_per_year, from: 1000, to: 1003, steps: 3"), [
            "5 1000| a = 1001.5: demand.registrations_per_year: must be a whole number, not 1001.5"]),
        (a("add_to: staff.clerks.plan, values: [0, -1, -2]", MORE), [
            "5 -2| a = -2: staff.clerks.plan: nobody ever serves stage 'issue', yet applicants come; "
            "put clerks on duty within 08:30-17:00"]),
        (a("choices: [{label: b, set: {}}, {label: c, set: {satff: {}, demand: {growth: }}}]", MORE), [
            "5 satff:| a = c: satff: there is no such parameter; did you mean 'staff'?",
            "5 growth:| a = c: demand.growth: has no value; write one, or remove the line"]),
        (a("parameter: staff.midday.from, values: ['12:00', '13:00']",
           f"b: {{{TITLE}, parameter: staff.midday.to, values: ['12:30', '13:30', '14:00']}}"), [
            "6 '12:| design point a = 13:00, b = 12:30: staff.midday.to: must be after 13:00, when midday begins"]),
        (a("add_to: staff.reviewers.plan, values: [0, 58]",
           f"b: {{{TITLE}, add_to: staff.reviewers.midday_crew, values: [-3, 0]}}",
           f"c: {{{TITLE}, parameter: demand.enterprise_share, values: [0, 1]}}"), [
            "5 58| a = 58: staff.reviewers.plan['08:00-08:30']: must be between 0 and 64, not 67",
            "6 -3| b = -3: staff.reviewers.midday_crew: must be between 0 and 64, not -1"]),
        (a("add_to: 'staff.clerks.plan[08:30-17:00]', values: [1]",
           f"b: {{{TITLE}, choices: [{{label: b, set: {{}}}}, {{label: c, set: {{staff: {{clerks: {{plan: "
              "{09:00-17:00: 1}}}}}]}"), [
            "5 1| b = c: staff.clerks.plan['08:30-17:00']: is not there in this design point; another factor has "
            "replaced it"]),
    ],
)  # fmt: skip
def test_error(load, text, expected):
    """Each error is expected as its line, what the file says from its column on, and the message."""
    with pytest.raises(ScenarioError) as caught:
        load(text)
    lines = [*(text if isinstance(text, str) else text.decode()).split("\n"), ""]
    found = caught.value.problems
    assert lines_of(caught.value)
    assert [f"{problem.line}| {problem.message}" for problem in found] == [
        re.sub(r"^(\d+) [^|]*", r"\1", line) for line in expected
    ]
    for problem, line in zip(found, expected, strict=True):
        assert lines[problem.line - 1][problem.column - 1 :].startswith(line.split("|")[0].split(" ", 1)[1]), line


def test_a_missing_value_of_a_cell_and_a_cell_twice(errors):
    points = "\n  - {growth: 0, more: 0}\n  - {growth: 0.1}\n  - {more: 0.0, growth: 0}\n  - {growth: true, more: 1}"
    assert errors(vary(GROWTH, MORE, design="list", design_points=points)) == [
        "x.yaml:10:5: design_points[1].more: is missing; each design point names every factor",
        "x.yaml:11:5: design_points[2]: is the same as design_points[0]; remove one",
        "x.yaml:12:14: design_points[3].growth: there is no value true; possible: 0, 0.1",
    ]


def test_an_unknown_choice_of_a_cell(errors):
    choices = ", ".join(f"{{label: crew {i}, set: {{}}}}" for i in range(30))
    lines = errors(a(f"choices: [{choices}]", design="list", design_points="[{a: crw 7}, {a: zzz}]"))
    assert lines[0] == "x.yaml:7:21: design_points[0].a: there is no choice 'crw 7'; did you mean 'crew 7'?"
    assert lines[1].endswith("possible: crew 0, crew 1, crew 2, crew 3, crew 4, crew 5, crew 6, crew 7, crew 8, "
                             "crew 9, ..., crew 29")  # fmt: skip


def test_an_error_of_some_cells_names_the_first_of_them(errors):
    lines = errors(vary(
        f"a: {{{TITLE}, add_to: demand.key_share, values: [0, 0.5]}}",
        f"b: {{{TITLE}, add_to: demand.key_share, values: [0.1, 0.6]}}", GROWTH,
    ))  # fmt: skip
    assert lines == [
        "x.yaml:6:70: design point a = 0.5, b = 0.6, growth = 0: demand.key_share: must be between 0 and 1, not 1.12 "
        "(and 1 more design point)"
    ]


def test_all_errors_of_the_form_come_at_once_in_the_order_of_the_lines(errors):
    lines = errors(f"""name: y
titel: {{en: X, zh: 某}}
base: bas
design: grid
points: 4
vary:
  growth: {{{TITLE}, parameter: demand.grwth, values: [0, 0]}}
  steps: {{{TITLE}, add_to: staff.reviewers.plan, from: 0}}
  b: 5
max_replications: many
chart: {{x: groth}}
""")
    assert [line.split(": ")[0] for line in lines] == [
        "x.yaml:1:1", "x.yaml:1:7", "x.yaml:2:1", "x.yaml:3:7", "x.yaml:5:1", "x.yaml:7:46", "x.yaml:7:72",
        "x.yaml:8:3", "x.yaml:8:3", "x.yaml:9:6", "x.yaml:10:19", "x.yaml:11:12",
    ]  # fmt: skip


def test_errors_of_the_base_point_into_the_base(errors):
    assert errors(vary(GROWTH, set="{demand: {grwth: 1}}"), BASE + "demand: {growth: x}\n") == [
        "x.yaml:6:16: demand.grwth: there is no such parameter; did you mean 'growth'?",
        "base.yaml:6:18: demand.growth: must be a number, not 'x'",
    ]


def test_too_many_cells(errors):
    steps = f"{{{TITLE}, parameter: demand.growth, from: 0, to: 1, steps: 101}}"
    other = steps.replace("demand.growth", "review.return_rate").replace("101", "100")
    assert errors(vary(f"a: {steps}", f"b: {other}")) == [
        f"x.yaml:4:1: vary: 101 x 100 = 10,100 design points; at most {MOST_POINTS:,}, so leave out some values"
    ]


def test_of_many_errors_the_first_are_shown(errors):
    values = ", ".join(f"x{i}" for i in range(77))
    lines = errors(a(f"parameter: demand.growth, values: [0, {values}]"))
    assert len(lines) == MOST_PROBLEMS + 1
    assert re.fullmatch(r"x\.yaml:5:\d+: and 57 more from here on", lines[-1])


def test_a_long_name(tmp_path):
    name = "x" * 59
    file = written(tmp_path, "").with_name(f"{name}.yaml")
    file.write_text(vary(GROWTH).replace("name: x", f"name: {name}"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="name: must have at most 58 characters, not 59"):
        load_sweep_file(file)


# Whatever the file holds, it is a sweep or a list of problems


KEYS = [*keys_of(SweepForm), "growth", "from", "to", "steps", "whole", "values", "parameter", "add_to", "multiply",
        "choices", "label", "unit", "title", "demand", "staff", "en", "zh", "x"]  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 70), st.floats(), st.text(max_size=5), st.just(10**20),
    st.sampled_from(["grid", "list", "space-filling", "base", "demand.growth", "staff.reviewers.plan", "x",
                     "demand.half_hour_index[7]", "year", "2023", "08:30-17:00", "growth", "halton"]),
)  # fmt: skip
structures = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def nearly_right(draw):
    """Return a sweep with a few values changed to anything."""
    title = {"en": "a", "zh": "甲"}
    data = {
        "name": "x", "title": title, "base": "base", "design": draw(st.sampled_from(["grid", "list", "space-filling"])),
        "set": {"demand": {"growth": 0.1}}, "points": 4, "design_points": [{"a": 1, "b": "c", "d": 0.5}],
        "vary": {
            "a": {"title": title, "add_to": ["staff.reviewers.plan"], "values": [0, 1]},
            "b": {"title": title, "choices": [{"label": "c", "set": {"review": {"return_rate": 0.1}}}]},
            "d": {"title": title, "multiply": "demand.registrations_per_year", "from": 0.5, "to": 1, "steps": 2},
        },
    }  # fmt: skip
    for _ in range(draw(st.integers(0, 3))):
        place, key = place_in(draw, data)
        if draw(st.booleans()) and isinstance(place, dict):
            del place[key]
            if not place:
                break
        else:
            place[key] = draw(structures)
    return data


@given(nearly_right())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_is_a_sweep_or_a_list_of_problems(tmp_path, data):
    file = written(tmp_path, json.dumps(data))
    problems, sweep = None, None
    try:
        sweep = load_sweep_file(file)
    except ScenarioError as error:
        problems = error.problems
    if sweep is None:
        assert 1 <= len(problems) <= MOST_PROBLEMS + 1
        for problem in problems:
            assert re.match(r"\S.*:\d+:\d+: \S.*\Z", str(problem)), str(problem)
            for jargon in ("validation", "pydantic", "Traceback", "Input should"):
                assert jargon not in str(problem)
    else:
        assert sweep.points
        assert len({tuple(point.at.values()) for point in sweep.points}) == len(sweep.points)
        for point in sweep.points:
            assert scenario_from_dict(scenario_as_dict(point.scenario)) == point.scenario


def test_numbers_on_duty_of_a_pool_with_a_roster_have_no_effect(errors):
    base = 'name: base\ntitle: {en: x, zh: x}\nstaff: {clerks: {roster: [{hours: ["08:30-17:00"], people: 5}]}}\n'
    (line,) = errors(a("add_to: staff.clerks.plan, values: [1, 2]"), base)
    assert "has no effect, since clerks work by a roster" in line
