"""Sweep files: what their design points are."""

import json
import re
import time
from dataclasses import fields
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweep_texts import BASE, GROWTH, MORE, TITLE, vary, written

from sim.measures.judge import Rule
from sim.office.parameters.listing import keys_of
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.results.summary import summary
from sim.studies.run.replicate import run_scenario
from sim.studies.sweep.designs import between, part, unit_points
from sim.studies.sweep.factors import evenly_spaced
from sim.studies.sweep.file import load_sweep_file
from sim.studies.sweep.form import COLUMNS, FILE, SweepForm, schema_text, write
from sim.studies.sweep.records import JudgedPoint, Roles
from sim.studies.sweep.settings import path_of, tree_of, with_amount

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "scenarios" / "sweeps").glob("*.yaml"))
BASES = {"midday-crew-by-lunch-demand": "no-absence"}


@pytest.fixture
def load(tmp_path):
    """Return a function that writes sweeps/x.yaml and base.yaml, and loads the sweep."""
    return lambda text, base=BASE: load_sweep_file(written(tmp_path, text, base))


def at(sweep):
    return [tuple(point.at.values()) for point in sweep.points]


# The shipped sweeps


@cache
def shipped(file):
    return load_sweep_file(file)


def test_all_sweeps_are_shipped():
    assert {file.stem for file in SHIPPED} >= {
        "demand-by-reviewers", "midday-crew-by-lunch-demand", "return-rate-by-reviewers", "growth-of-five-years",
    }  # fmt: skip


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_sweep(file):
    sweep = shipped(file)
    assert sweep.name == file.stem
    assert (sweep.base.name, sweep.design) == (BASES.get(file.stem, "baseline-2023"), "grid")
    assert 20 <= len(sweep.points) <= 100
    for words in (sweep.title, *(factor.title for factor in sweep.factors)):
        assert re.search("[一-鿿]", words["zh"])
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../../docs/sweep.schema.json\n# ")
    for warning in sweep.warnings:
        assert "plausible range" in str(warning)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_cell_that_changes_nothing_is_the_baseline(file):
    base = scenario_as_dict(shipped(file).base)
    same = {
        "demand-by-reviewers": {"registrations": 40_200, "reviewers": 0},
        "midday-crew-by-lunch-demand": {"lunch": 1, "crew": 2},
        "return-rate-by-reviewers": {"return_rate": 0.15, "reviewers": 0},
        "growth-of-five-years": {"year": "2023", "reviewers": 0, "counter": 0},
    }.get(file.stem)
    if same is not None:
        (point,) = (point for point in shipped(file).points if point.at == same)
        own = {key: value for key, value in scenario_as_dict(point.scenario).items() if key not in ("name", "title")}
        assert own == {key: base[key] for key in own}


def test_the_demand_of_five_years_grows_by_the_rate_of_2023():
    sweep = shipped(ROOT / "scenarios" / "sweeps" / "growth-of-five-years.yaml")
    demand = {point.at["year"]: point.scenario.demand.registrations_per_year for point in sweep.points}
    assert demand == {f"{2023 + years}": round(40_200 * 1.144**years) for years in range(6)}
    assert {point.scenario.year for point in sweep.points} == {2023}


def test_lunch_is_the_half_hours_of_midday():
    sweep = shipped(ROOT / "scenarios" / "sweeps" / "midday-crew-by-lunch-demand.yaml")
    base, last = sweep.base, sweep.points[-1].scenario
    changed = [place for place, (one, other) in enumerate(
        zip(base.demand.half_hour_index, last.demand.half_hour_index, strict=True)) if one != other]  # fmt: skip
    opening = 8 * 60 + 30
    assert [opening + 30 * place for place in changed] == [720, 750, 780]
    assert (base.staff.midday.from_, base.staff.midday.to) == (720, 810)
    index = last.demand.half_hour_index
    assert sum(index[7:10]) / sum(index) == pytest.approx(0.33, abs=0.005), "as the file's comment says"


# What a sweep is


def test_a_grid_is_every_combination_the_last_factor_changing_fastest(load):
    sweep = load(vary(GROWTH, MORE))
    assert at(sweep) == [(0, 0), (0, 1), (0.1, 0), (0.1, 1)]
    assert [point.number for point in sweep.points] == [1, 2, 3, 4]
    assert [list(point.scenario.staff.reviewers.plan.values()) for point in sweep.points] == [[9, 3], [10, 4]] * 2
    assert [point.scenario.demand.growth for point in sweep.points] == [0, 0, 0.1, 0.1]
    assert [(factor.name, factor.title, factor.unit, factor.labels) for factor in sweep.factors] == [
        ("growth", {"en": "a", "zh": "甲"}, None, (0, 0.1)), ("more", {"en": "a", "zh": "甲"}, None, (0, 1)),
    ]  # fmt: skip
    assert sweep.chart == Roles("growth", "more", "more")
    assert (sweep.name, sweep.title, sweep.design) == ("x", {"en": "X", "zh": "某"}, "grid")
    assert (sweep.max_replications, sweep.warnings) == (None, ())


def test_cells_are_named_by_their_number_and_titled_by_their_values(load):
    sweep = load(vary(
        "demand: {title: {en: registrations, zh: 新设}, unit: {en: a year, zh: 件}, "
        "parameter: demand.registrations_per_year, from: 30000, to: 50000, steps: 11}",
        MORE.replace("en: a", "en: reviewers"),
    ))  # fmt: skip
    assert [point.scenario.name for point in sweep.points][::10] == ["x-01", "x-11", "x-21"]
    assert sweep.points[1].scenario.title.en == "X: registrations 30,000 a year, reviewers +1"
    assert sweep.points[1].scenario.title.zh == "某：新设 30,000 件，甲 +1"
    assert sweep.factors[0].unit == {"en": "a year", "zh": "件"}


def test_a_cell_is_what_the_same_settings_in_a_scenario_file_are(load):
    sweep = load(
        vary(
            GROWTH,
            f"crew: {{{TITLE}, choices: [{{label: nobody, set: {{staff: {{midday: {{crew_on_duty: false}},"
            " clerks: {plan: {09:00-12:00: 4}, on: {fri: {}}}}, hours: {office: [09:00-12:00]}}}]}",
            set="{staff: {midday: {from: '12:30'}}, review: {minutes: {cv: 1}}}",
        )
    )
    expected = scenario_as_dict(load_scenario_file(sweep.file.parents[1] / "base.yaml"))
    expected["demand"]["growth"] = 0.1
    expected["staff"]["midday"] |= {"crew_on_duty": False, "from": "12:30"}
    expected["staff"]["clerks"] |= {"plan": {"09:00-12:00": 4}, "on": {"fri": {}}}
    expected["hours"]["office"] = ["09:00-12:00"]
    expected["review"]["minutes"]["cv"] = 1
    point = sweep.points[1].scenario
    expected |= {"name": point.name, "title": {"en": point.title.en, "zh": point.title.zh}}
    assert point == scenario_from_dict(expected)
    assert scenario_as_dict(point) == scenario_as_dict(scenario_from_dict(expected))
    assert sweep.base.review.minutes.cv == 1, "what the file sets for all design points is in the base"
    assert sweep.base.name == "base"


def test_what_a_cell_does_not_change_it_shares_with_the_others(load):
    one, *_, other = load(vary(GROWTH, MORE)).points
    assert one.scenario.phone is other.scenario.phone
    assert one.scenario.staff.clerks is other.scenario.staff.clerks
    assert one.scenario.staff.reviewers is not other.scenario.staff.reviewers


@pytest.mark.parametrize(
    ("chart", "roles"),
    [
        ("", ("growth", "more", "more")), ("{x: more}", ("more", "growth", "growth")),
        ("{rows: crew}", ("growth", "crew", "crew")), ("{x: more, lines: crew}", ("more", "growth", "crew")),
        ("{rows: growth}", ("more", "growth", "growth")), ("{x: more, rows: more}", ("more", "growth", "growth")),
    ],
)  # fmt: skip
def test_the_sweep_says_which_factors_its_charts_show(load, chart, roles):
    crew = f"crew: {{{TITLE}, parameter: staff.clerks.midday_crew, values: [1, 2]}}"
    assert load(vary(GROWTH, MORE, crew, **({"chart": chart} if chart else {}))).chart == Roles(*roles)


def test_choices_are_named_by_their_english_labels(load):
    sweep = load(vary(
        f"crew: {{{TITLE}, choices: [{{label: {{en: nobody, zh: 无人}},"
        " set: {staff: {clerks: {midday_crew: 0}}}}, {label: three, set: {staff: {clerks: {midday_crew: 3}}}}]}"
    ))  # fmt: skip
    assert at(sweep) == [("nobody",), ("three",)]
    assert sweep.factors[0].labels == ({"en": "nobody", "zh": "无人"}, "three")
    assert [point.scenario.title.zh for point in sweep.points] == ["某：甲 无人", "某：甲 three"]
    assert sweep.chart == Roles("crew", None, None)


def test_a_choice_that_sets_nothing_clashes_with_no_factor(load):
    nothing = "{label: {en: as now, zh: 现状}, set: {}}"
    few = "{label: {en: few, zh: 少}, set: {review: {return_rate: 0.1}}}"
    sweep = load(vary(GROWTH, f"plan: {{{TITLE}, choices: [{nothing}, {few}]}}"))
    assert [point.scenario.review.return_rate for point in sweep.points][:2] == [sweep.base.review.return_rate, 0.1]
    assert len(sweep.points) == 4


def test_several_parameters_get_the_value_and_members_of_lists_can(load):
    paths = "[staff.clerks.midday_crew, staff.reviewers.midday_crew, 'staff.reviewers.plan[08:30-17:00]']"
    sweep = load(vary(f"crew: {{{TITLE}, parameter: {paths}, values: [5]}}",
                      f"noon: {{{TITLE}, parameter: 'demand.half_hour_index[7]', values: [0.5]}}"))  # fmt: skip
    scenario = sweep.points[0].scenario
    assert (scenario.staff.clerks.midday_crew, scenario.staff.reviewers.midday_crew) == (5, 5)
    assert list(scenario.staff.reviewers.plan.values()) == [9, 5]
    assert scenario.demand.half_hour_index[6:9] == (0.99, 0.5, 0.89)


def test_values_may_be_texts_and_flags(load):
    sweep = load(vary(f"clock: {{{TITLE}, parameter: target.clock, values: [touch, journey]}}",
                      f"calls: {{{TITLE}, parameter: phone.offered, values: [true, false]}}"))  # fmt: skip
    assert at(sweep) == [("touch", True), ("touch", False), ("journey", True), ("journey", False)]
    assert sweep.points[1].scenario.title.en == "X: a touch, a false"


def test_amounts_come_after_values_and_add_up(load):
    sweep = load(vary(
        f"more: {{{TITLE}, add_to: [staff.reviewers.plan, staff.reviewers.midday_crew], values: [1]}}",
        f"less: {{{TITLE}, add_to: [staff.reviewers.plan], values: [-5]}}",
        f"plan: {{{TITLE}, choices: [{{label: a, set: {{staff: {{reviewers: {{plan: {{08:00-17:00: 6}}}}}}}}}},"
        " {label: b, set: {staff: {reviewers: {plan: {08:00-12:00: 2, 12:00-17:00: 7}}}}}]}",
        f"demand: {{{TITLE}, multiply: demand.registrations_per_year, values: [1.144]}}",
        f"demand_too: {{{TITLE}, add_to: demand.registrations_per_year, values: [2]}}",
    ))  # fmt: skip
    assert [list(point.scenario.staff.reviewers.plan.values()) for point in sweep.points] == [[2], [0, 3]]
    assert sweep.points[0].scenario.staff.reviewers.midday_crew == 3
    assert sweep.points[0].scenario.demand.registrations_per_year == round(40_200 * 1.144) + 2


def test_amounts_are_no_longer_than_they_are_meant():
    def value(now, factor=1.0, addend=0.0, whole=False):
        return with_amount(tree_of(now, "x"), tree_of(None, "x"), factor, addend, whole).plain()

    assert value(0.15, addend=0.05) == 0.2
    assert value(0.1, factor=3) == 0.3
    assert value(5, factor=1.5, whole=True) == 8
    assert value({"a": 3, "b": 1}, addend=-2) == {"a": 1, "b": 0}
    assert value({"a": "x", "b": 1}, addend=1) == {"a": "x", "b": 2}, "what is no number is an error elsewhere"
    assert value("x", addend=1) == "x"
    assert value(True, addend=1) is True


def test_a_list_names_its_cells(load):
    crew = (f"crew: {{{TITLE}, choices: [{{label: {{en: one, zh: 一}}, set: {{review: {{return_rate: 0.1}}}}}},"
            " {label: two, set: {review: {return_rate: 0.2}}}]}")  # fmt: skip
    sweep = load(vary(
        GROWTH, crew, f"more: {{{TITLE}, add_to: staff.reviewers.plan}}",
        design="list", design_points="[{growth: 0.1, crew: two, more: 3}, {crew: one, more: -1, growth: 0}]",
    ))  # fmt: skip
    assert at(sweep) == [(0.1, "two", 3), (0, "one", -1)]
    assert [list(point.at) for point in sweep.points] == [["growth", "crew", "more"]] * 2
    assert [factor.labels for factor in sweep.factors] == [(0, 0.1), ({"en": "one", "zh": "一"}, "two"), (-1, 3)]


@pytest.mark.parametrize("method", ["sobol", "latin-hypercube", "halton"])
def test_a_space_filling_design_spreads_points(load, method):
    text = vary(
        f"demand: {{{TITLE}, parameter: demand.registrations_per_year, from: 30000, to: 50000, whole: true}}",
        f"rate: {{{TITLE}, parameter: review.return_rate, from: 0.1, to: 0.3}}",
        f"more: {{{TITLE}, add_to: staff.reviewers.plan, values: [0, 1, 2, 3]}}",
        design="space-filling", points=32, method=method,
    )  # fmt: skip
    sweep = load(text)
    assert len(sweep.points) == 32
    assert sweep.warnings == ()
    demand, rate, more = (np.array([point.at[name] for point in sweep.points]) for name in ("demand", "rate", "more"))
    assert demand.dtype.kind == "i"
    assert 30_000 <= demand.min() < 32_000
    assert 48_000 < demand.max() <= 50_000
    assert 0.1 <= rate.min() < 0.12
    assert 0.28 < rate.max() <= 0.3
    assert np.bincount(more).tolist() == pytest.approx([8] * 4, abs=2)
    assert np.abs(np.corrcoef([demand, rate, more]) - np.eye(3)).max() < 0.35
    assert sweep.factors[0].labels == tuple(sorted(demand.tolist()))
    assert sweep.factors[2].labels == (0, 1, 2, 3)


def test_the_points_are_those_of_the_seed(load):
    text = vary(f"rate: {{{TITLE}, parameter: review.return_rate, from: 0.1, to: 0.3}}", GROWTH,
                design="space-filling", points=4)  # fmt: skip
    assert at(load(text)) == at(load(text)) == at(load(f"{text}seed: 1\n")) != at(load(f"{text}seed: 2\n"))


def test_points_are_the_same_everywhere():
    """If this fails after an update of the library, its points are others: a sweep would be another one."""
    assert unit_points("sobol", 2, 2, 1).round(6).tolist() == [[0.286169, 0.162635], [0.581783, 0.937964]]
    assert unit_points("halton", 1, 2, 1).round(6).tolist() == [[0.8267, 0.534562]]
    assert unit_points("latin-hypercube", 2, 1, 1).shape == (2, 1)


def test_points_that_fall_together_are_run_once(load):
    sweep = load(vary(GROWTH, MORE, design="space-filling", points=6))
    assert sorted(at(sweep)) == [(0, 0), (0, 1), (0.1, 0), (0.1, 1)]
    assert [str(warning).split("x.yaml:")[1] for warning in sweep.warnings] == [
        "8:9: points: 2 of 6 fall on others and are left out; 4 remain",
        "8:9: points: 6 is no power of two, so they are spread unevenly; take 8",
    ]


def test_values_between_two_ends():
    assert evenly_spaced(36_000, 60_000, 9) == [36_000, 39_000, 42_000, 45_000, 48_000, 51_000, 54_000, 57_000, 60_000]
    assert {type(value) for value in evenly_spaced(0, 4, 5)} == {int}
    assert evenly_spaced(0.05, 0.4, 8) == [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4]
    assert evenly_spaced(0, 3, 3) == [0.0, 1.5, 3.0]
    assert evenly_spaced(0, 3, 3, whole=True) == [0, 2, 3]
    assert evenly_spaced(-0.4, 2.9, 9, whole=True) == [0, 1, 2]


@given(st.floats(0, 1, exclude_max=True), st.integers(-50, 50), st.integers(0, 50))
def test_a_share_of_the_way_stays_between_the_ends(share, low, length):
    value = between(low, low + length, share, whole=True)
    assert type(value) is int
    assert low <= value <= low + length
    assert low <= between(low, low + length, share, whole=False) <= low + length
    assert 0 <= part(share, length + 1) <= length


def test_warnings_are_given_once(load):
    sweep = load(vary(
        f"growth: {{{TITLE}, parameter: demand.growth, values: [0, 0.5]}}",
        f"share: {{{TITLE}, parameter: review.auto_approved_share, from: 0.5, to: 0.9, steps: 5}}", MORE,
    ), BASE + "demand: {key_share: 0.5, growth: 0.9}\n")  # fmt: skip
    assert [str(warning).rpartition("/")[2] for warning in sweep.warnings] == [
        "x.yaml:5:73: demand.growth: 0.5 is outside the plausible range 0 to 0.25 (article (Xiaoshan, February 2024): "
        "+14.4 % in 2023)",
        "x.yaml:6:79: review.auto_approved_share: 0.7 is outside the plausible range 0 to 0.6 "
        "(UK Companies House accepts 35-40 % automatically) (and 2 more values)",
        "base.yaml:6:21: demand.key_share: 0.5 is outside the plausible range 0 to 0.05 (assumption)",
    ]


def test_the_base_may_be_in_the_folder_itself_or_the_one_above(tmp_path, monkeypatch):
    file = written(tmp_path, vary(GROWTH))
    other = tmp_path / "sweeps" / "other.yaml"
    other.write_text(BASE.replace("name: base", "name: other").replace(": 9", ": 8"), encoding="utf-8")
    assert 9 in load_sweep_file(file).base.staff.reviewers.plan.values()
    file.write_text(vary(GROWTH).replace("base: base", "base: other"), encoding="utf-8")
    assert 8 in load_sweep_file(file).base.staff.reviewers.plan.values()
    file.write_text(vary(GROWTH), encoding="utf-8")
    inner = tmp_path / "sweeps" / "inner"
    inner.mkdir()
    for folder, name in ((file.parent, "x.yaml"), (tmp_path, "sweeps/x.yaml"), (inner, "../x.yaml")):
        monkeypatch.chdir(folder)
        assert load_sweep_file(name).base.name == "base"


def test_a_cell_takes_no_longer_than_a_few_scenarios(load):
    base = scenario_as_dict(load(vary(GROWTH)).base)
    text = vary(
        f"demand: {{{TITLE}, parameter: demand.registrations_per_year, from: 30000, to: 50000, steps: 11}}",
        f"more: {{{TITLE}, add_to: staff.reviewers.plan, from: 0, to: 9, steps: 10}}",
    )
    began = time.process_time()
    for _ in range(110):
        scenario_from_dict(base)
    then = time.process_time()
    assert len(load(text).points) == 110
    assert time.process_time() - then < 10 * (then - began)


# Paths and schema


def test_paths():
    assert path_of("demand.surges[0].factor") == ("demand", "surges", 0, "factor")
    assert path_of("staff.reviewers.plan['08:30-17:00']") == ("staff", "reviewers", "plan", "08:30-17:00")
    assert path_of("staff.reviewers.plan[08:30-17:00]") == ("staff", "reviewers", "plan", "08:30-17:00")
    for text in ("", ".", "demand.", "demand..growth", "[0]", "demand.month_index[0", "demand growth", "a.b\n"):
        assert path_of(text) is None, text


def test_the_schema_is_current(tmp_path):
    assert FILE.read_text(encoding="utf-8") == schema_text(), "run: python -m sim.studies.sweep.form"
    assert write(tmp_path / "a.json").read_text(encoding="utf-8") == schema_text()


def test_the_schema_knows_every_key_and_refers_to_that_of_scenarios():
    schema = json.loads(schema_text())
    assert list(schema["properties"]) == list(keys_of(SweepForm))
    scenario = json.loads((FILE.parent / "scenario.schema.json").read_text(encoding="utf-8"))
    references = re.findall(r'"\$ref": "scenario\.schema\.json#/properties/(\w+)"', schema_text())
    assert "demand" in references
    assert set(references) <= set(scenario["properties"])
    assert "assumption" not in schema_text()


def test_no_factor_can_be_called_like_a_column_of_the_results():
    run = run_scenario(scenario_from_dict({
        "name": "x", "title": {"en": "x", "zh": "x"}, "period": {"first": "2023-03-01", "last": "2023-03-01"},
    }), rule=Rule(largest=1))  # fmt: skip
    assert set(summary(run.figures, run.rule).column_names) <= COLUMNS
    assert {field.name for field in fields(JudgedPoint)} - {"at"} <= COLUMNS
