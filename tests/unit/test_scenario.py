import json
import re
from datetime import date
from pathlib import Path

import pytest
from small_runs import SMALL

from sim.office.demand import busiest_from
from sim.office.parameters import shift_counts
from sim.office.problems import ScenarioError
from sim.office.scenario import in_period, load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.office.schema import json_schema

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
HEAD = "name: x\ntitle: {en: x, zh: x}\n"


@pytest.fixture
def load(tmp_path):
    """Return a function that writes x.yaml and its relatives, and loads it."""

    def load(text, **relatives):
        for name, content in {"x": text, **relatives}.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (tmp_path / f"{name.replace('_', '-')}.yaml").write_bytes(raw)
        return load_scenario_file(tmp_path / "x.yaml")

    return load


# The shipped scenarios


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenario(name):
    scenario = load_scenario_file(SCENARIOS / f"{name}.yaml")
    assert scenario.name == name
    assert re.search("[一-鿿]", scenario.title.zh)
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert ("extends: baseline-2023" in text) == (name not in ("baseline-2023", "blank"))


def lunch_at_midday(people, early):
    """Return the roster of people who work the whole day but at midday, some of them from 08:00."""
    begins = (("08:00", early), ("08:30", people))
    return [
        {"hours": [f"{begin}-12:00", "13:30-17:00"], "people": number, "days": []} for begin, number in begins if number
    ]


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        ("growth-2024", {"year": 2024, "demand.growth": 0.144}),
        ("lunch-uncovered", {"staff.midday.crew_on_duty": False} | {
            f"staff.{pool}.roster": lunch_at_midday(people, early)
            for pool, people, early in (
                ("consultants", 4, 0), ("assistants", 6, 0), ("studio", 2, 0), ("specialists", 2, 0),
                ("reviewers", 1, 3), ("clerks", 4, 0),
            )
        }),
        ("high-returns", {"review.return_rate": 0.3}),
        ("auto-approval", {"review.auto_approved_share": 0.35}),
        ("key-enterprise-drive", {"demand.key_share": 0.1}),
        ("no-phone-consulting", {
            "phone.offered": False, "staff.consultants.plan": {}, "staff.consultants.roster": [],
        }),
        ("double-demand", {"demand.registrations_per_year": 80_400}),
        ("review-outage", {"outages.drawn": [{"stage": "review", "per_year": 12, "mean_minutes": 90}]}),
        (
            "spring-rush",
            {
                "period.first": "2023-01-28", "period.last": "2023-02-28", "period.warm_up_days": 14,
                "demand.surges": [{"first": "2023-01-28", "last": "2023-02-28", "factor": 1.4}],
            },
        ),
        ("staff-absence", {
            f"staff.{pool}.absence": 0.08
            for pool in ("consultants", "assistants", "studio", "specialists", "reviewers", "clerks")
        }),
    ],
)  # fmt: skip
def test_a_scenario_differs_from_the_baseline_in_what_it_says_and_nothing_else(name, differs):
    base = scenario_as_dict(load_scenario_file(SCENARIOS / "baseline-2023.yaml"))
    own = scenario_as_dict(load_scenario_file(SCENARIOS / f"{name}.yaml"))
    for path, value in differs.items():
        target, other = own, base
        *steps, last = path.split(".")
        for step in steps:
            target, other = target[step], other[step]
        assert target[last] == value != other[last]
        target[last] = other[last]
    own["name"], own["title"] = base["name"], base["title"]
    assert own == base


def test_scenarios_outside_the_plausible_are_warned_of():
    stress = load_scenario_file(SCENARIOS / "key-enterprise-drive.yaml")
    assert [str(w).split("scenarios/")[1] for w in stress.warnings] == [
        "key-enterprise-drive.yaml:12:14: demand.key_share: 0.1 is outside the plausible range 0 to 0.05 (assumption)"
    ]
    assert load_scenario_file(SCENARIOS / "baseline-2023.yaml").warnings == ()


# Reading


def test_the_resolved_scenario_goes_through_json_unchanged(load):
    scenario = load(
        HEAD
        + """
hours: {review: [08:00-12:00, 13:00-24:00]}
staff: {reviewers: {on: {fri: {08:30-12:00: 3}}, helps: [{stage: issue, when_waiting: 2}]}}
outages: {given: [{stage: review, first: 2023-05-04 09:00, last: 2023-05-04 10:30}]}
calendar: {remove_working_days: [2023-05-05]}
"""
    )
    data = json.loads(json.dumps(scenario_as_dict(scenario)))
    assert data["hours"]["review"] == ["08:00-12:00", "13:00-24:00"]
    assert data["staff"]["reviewers"]["on"] == {"fri": {"08:30-12:00": 3}}
    assert data["outages"]["given"][0]["last"] == "2023-05-04 10:30"
    assert data["staff"]["midday"]["from"] == "12:00"
    again = scenario_from_dict(data)
    assert again == scenario
    assert scenario_as_dict(again) == data


def test_a_mapping_is_checked_like_a_file():
    with pytest.raises(ScenarioError, match=r"^sweep:1:1: demand\.growth: must be a number, not 'much'$"):
        scenario_from_dict({"name": "x", "title": {"en": "x", "zh": "x"}, "demand": {"growth": "much"}}, "sweep")


def test_mappings_join_lists_and_plans_replace(load):
    scenario = load(
        HEAD
        + """extends: parent
demand: {growth: 0.1, surges: [{first: 2023-03-01, last: 2023-03-02, factor: 1.2}]}
staff:
  reviewers: {plan: {08:30-12:00: 4}}
  clerks: {on: {mon: {08:30-09:00: 7}}}
""",
        parent="""name: parent
title: {en: p, zh: p}
demand: {key_share: 0.03, surges: [{first: 2023-01-01, last: 2023-01-02, factor: 0.9}]}
staff:
  reviewers: {plan: {08:30-17:00: 9}, absence: 0.01}
  clerks: {on: {mon: {09:00-12:00: 8}, tue: {09:00-12:00: 8}}}
""",
    )
    assert (scenario.demand.key_share, scenario.demand.growth) == (0.03, 0.1)
    assert [surge.factor for surge in scenario.demand.surges] == [1.2]
    assert scenario.staff.reviewers.plan == {(510, 720): 4}
    assert scenario.staff.reviewers.absence == 0.01
    assert scenario.staff.clerks.on == {"mon": {(510, 540): 7}, "tue": {(540, 720): 8}}
    assert (scenario.name, scenario.title.en) == ("x", "x")


def test_a_chain_of_parents(load):
    scenario = load(
        HEAD + "extends: mother.yaml\ndemand: {growth: 0.1}",
        mother="name: mother\ntitle: {en: m, zh: m}\nextends: grandmother\nreview: {return_rate: 0.2}",
        grandmother="name: grandmother\nreview: {return_rate: 0.3, auto_approved_share: 0.4}",
    )
    assert scenario.demand.growth == 0.1
    assert (scenario.review.return_rate, scenario.review.auto_approved_share) == (0.2, 0.4)


def test_an_alias_repeats_a_value(load):
    scenario = load(HEAD + "staff:\n  clerks: {plan: &day {08:30-17:00: 3}}\n  reviewers: {plan: *day}\n")
    assert scenario.staff.reviewers.plan == scenario.staff.clerks.plan == {(510, 1020): 3}


def test_a_byte_order_mark_and_other_line_ends_are_fine(load):
    assert load(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode()).name == "x"


def test_a_year_whose_holidays_are_not_known_yet_is_warned_about(load):
    scenario = load(HEAD + "year: 2031\ncalendar: {remove_working_days: [2031-01-23]}\n")
    (warned,) = (str(warning) for warning in scenario.warnings if "2031" in str(warning))
    assert ":3:7: year: the public holidays of 2031 are not known yet; Monday to Friday are taken as" in warned


def test_warnings_have_places_and_name_the_source(load, tmp_path):
    index = "month_index: [1,1,1,1,1,1,1,1,1,1,1,3]"
    scenario = load(HEAD + f"demand: {{{index}}}\nstaff: {{clerks: {{plan: {{08:30-17:00: 50}}}}}}")
    assert [str(w).replace(f"{tmp_path}/", "") for w in scenario.warnings] == [
        "x.yaml:3:46: demand.month_index[11]: 3 is outside the plausible range 0.75 to 1.15 (assumption, within the "
        "range of the US Business Formation Statistics 2023; knows no Spring Festival)",
        "x.yaml:4:38: staff.clerks.plan['08:30-17:00']: 50 is outside the plausible range 0 to 40 "
        "(assumption: the article gives no staffing)",
    ]


# Schema


def test_the_schema_knows_what_the_check_knows():
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["name", "title"]
    assert "extends" in schema["properties"]
    share = schema["$defs"]["Demand"]["properties"]["key_share"]
    assert (share["minimum"], share["maximum"], share["default"]) == (0, 1, 0.02)
    assert "重点企业" in share["description"]
    assert "required" not in schema["$defs"]["MeanAndCv"], "a file may say the mean and leave the CV to its parent"
    assert schema["$defs"]["Surge"]["required"] == ["first", "last", "factor"]
    text = json.dumps(schema)
    assert '"ge"' not in text
    assert '"le"' not in text


def test_who_changes_the_staff_says_anew_where_it_is_from(load):
    chosen = HEAD + "staffing: chosen\nstaff: {reviewers: {plan: {08:30-17:00: 4}}}\n"
    assert load(chosen).staffing == "chosen"
    assert load(HEAD + "extends: parent\n", parent=chosen.replace("name: x", "name: parent")).staffing == "chosen"
    other = HEAD + "extends: parent\nstaff: {clerks: {plan: {08:30-17:00: 3}}}\n"
    assert load(other, parent=chosen.replace("name: x", "name: parent")).staffing == "assumed"


@pytest.mark.parametrize("name", ["baseline-2023", "growth-2024", "lunch-uncovered", "staff-absence"])
def test_the_shipped_staffing_is_said_to_be_chosen(name):
    assert load_scenario_file(SCENARIOS / f"{name}.yaml").staffing == "chosen"


def test_a_plan_takes_the_place_of_the_parents_roster_and_nothing_is_without_effect(tmp_path):
    text = "name: NAME\ntitle: {en: x, zh: x}\n"
    roster = 'staff: {clerks: {roster: [{hours: ["08:30-17:00"], people: 5}]}}\n'
    (tmp_path / "above.yaml").write_text(text.replace("NAME", "above") + roster, encoding="utf-8")
    for staff, people in (('{plan: {"08:30-17:00": 3}, midday_crew: 3}', 3), ("{leave: 0.1}", 5)):
        file = tmp_path / "child.yaml"
        file.write_text(
            f"{text.replace('NAME', 'child')}extends: above\nstaff: {{clerks: {staff}}}\n", encoding="utf-8"
        )
        scenario = load_scenario_file(file)
        assert shift_counts(scenario.staff.clerks, scenario.staff.midday).max() == people
    for staff in ("{midday_crew: 3}", '{on: {mon: {"08:30-17:00": 1}}}'):
        file.write_text(
            f"{text.replace('NAME', 'child')}extends: above\nstaff: {{clerks: {staff}}}\n", encoding="utf-8"
        )
        with pytest.raises(
            ScenarioError, match=r"child.yaml:4:18: staff.clerks.\w+: has no effect, since clerks work by"
        ):
            load_scenario_file(file)


def test_the_busiest_days_are_those_in_which_most_are_expected():
    surge = {"first": "2023-09-04", "last": "2023-09-10", "factor": 4}
    scenario = scenario_from_dict(SMALL | {
        "period": {"first": "2023-08-21", "last": "2023-09-30", "warm_up_days": 7}, "demand": {"surges": [surge]}
    })  # fmt: skip
    first = busiest_from(scenario, 5)
    assert first == date(2023, 9, 4)
    # What only warms up is not among the days that count, however many come.
    early = scenario_as_dict(scenario) | {"period": {"first": "2023-09-11", "last": "2023-09-30", "warm_up_days": 7}}
    assert busiest_from(scenario_from_dict(early), 5) >= date(2023, 9, 11)
    with pytest.raises(ValueError, match="there are 41 days, and 42 were asked for"):
        busiest_from(scenario, 42)
    part = in_period(scenario, first, 5)
    assert (part.played_from, part.first_day, part.last_day) == (first, first, date(2023, 9, 8))
