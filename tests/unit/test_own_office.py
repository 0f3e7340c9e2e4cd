"""An office of one's own: what moves together, what `new` writes, what is not said, samples, and shifts from hours."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gammainccinv, gammaincinv

from sim.draws.draw import draw
from sim.draws.sampling import gamma_quantile, rare_time
from sim.engines.play import play
from sim.measures.comparing import ratio_of_means
from sim.measures.lateness import closed_to, lateness
from sim.office.demand import profiles, scenario_days
from sim.office.distributions import SAMPLED, SAMPLED_AS_IS, Sampled
from sim.office.parameters import shift_counts
from sim.office.parameters.fields import show_span, show_time
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.present.names import named, naming
from sim.results.sources import sources_of
from sim.studies.assumptions import assumptions_of, scenario_with
from sim.studies.calibrate.log.simulated import simulated_log, write_log
from sim.studies.inherited import taken_over
from sim.studies.staff.rules import load_rules
from sim.studies.staff.shifts import fits, from_hours
from sim.text import speaking

ROOT = Path(__file__).parents[2]
TITLE = {"en": "Own", "zh": "本单位"}
HOURS = ["09:00-12:00", "13:30-17:30"]
CLASSES = ["enterprise", "individual", "key", "other"]


def own(**parts):
    """Return an office of one's own, as a child of the neutral one says it."""
    return scenario_from_dict({"name": "own", "title": TITLE, "whose": "own", **parts})


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the neutral office in it."""
    shutil.copy(ROOT / "scenarios" / "blank.yaml", tmp_path)
    return tmp_path


def written(folder, text, name="own"):
    """Write a scenario that extends the neutral one, and return its file."""
    file = folder / f"{name}.yaml"
    file.write_text(f"name: {name}\ntitle: {{en: Own, zh: 本单位}}\nextends: blank\n{text}", encoding="utf-8")
    return file


def problems(folder, text):
    """Return what is said of a scenario that is wrong."""
    with pytest.raises(ScenarioError) as error:
        load_scenario_file(written(folder, text))
    return [str(problem.message) for problem in error.value.problems]


# What belongs together


def test_phone_review_and_counted_hours_follow_the_hall_unless_they_are_given():
    hours = scenario_as_dict(own(hours={"office": HOURS, "review": ["08:00-18:00"]}))["hours"]
    assert hours == {"office": HOURS, "phone": HOURS, "review": ["08:00-18:00"], "counted": HOURS}


def test_counted_hours_of_the_articles_office_stay_when_its_hall_opens_at_other_times(tmp_path):
    for file in (ROOT / "scenarios").glob("*.yaml"):
        shutil.copy(file, tmp_path)
    text = "name: early\ntitle: {en: Early, zh: 早}\nextends: baseline-2023\nhours: {office: ['08:00-17:00']}\n"
    (tmp_path / "early.yaml").write_text(text, encoding="utf-8")
    hours = scenario_as_dict(load_scenario_file(tmp_path / "early.yaml"))["hours"]
    assert (hours["office"], hours["counted"]) == (["08:00-17:00"], ["08:30-17:00"])


def test_people_are_there_whenever_their_stages_are_open(folder):
    file = written(folder, f"hours: {{office: {HOURS}}}\nstaff: {{reviewers: {{people: 3}}}}\n")
    scenario = load_scenario_file(file)
    assert scenario_as_dict(scenario)["staff"]["reviewers"]["plan"] == dict.fromkeys(HOURS, 3)
    counts = shift_counts(scenario.pools["reviewers"], scenario.staff.midday)
    assert (counts[0, 18:24] == 3).all()
    assert counts[0, 24:27].sum() == 0


def test_arrivals_by_hours_are_those_of_the_hall():
    scenario = own(hours={"office": HOURS}, demand={"by_hours": True})
    shape = profiles(scenario, scenario_days(scenario))[0].shape.reshape(-1, 48)
    day = shape[shape.sum(axis=1) > 0][0]
    assert np.flatnonzero(day).tolist() == [*range(18, 24), *range(27, 35)]
    assert len(set(day[day > 0])) == 1


def test_days_of_their_own_profile_have_as_many_arrivals_as_the_weekday_says():
    demand = {"hourly": {"09:00-12:00": 1, "13:30-17:30": 3}, "hourly_on": {"mon": {"09:00-10:00": 1}},
              "weekday_index": [1, 1, 1, 1, 1], "month_index": [1] * 12}  # fmt: skip
    scenario = own(hours={"office": HOURS}, demand=demand)
    days = scenario_days(scenario)
    shape = profiles(scenario, days)[0].shape.reshape(-1, 48)
    monday, tuesday = (shape[np.flatnonzero(days.kinds[: days.horizon] == kind)[0]] for kind in (0, 1))
    assert monday.sum() == pytest.approx(tuesday.sum())
    assert np.flatnonzero(monday).tolist() == [18, 19]
    assert tuesday[30] == pytest.approx(3 * tuesday[20])


def test_who_serves_nobody_is_not_on_the_staff():
    office = registration_office(own(phone={"offered": False}, filing={"offered": False}, demand={"key_share": 0}))
    servers = {pool.name: pool.servers for pool in office.pools}
    assert servers["consultants"] == servers["assistants"] == servers["studio"] == 0
    assert servers["reviewers"] > 0


def test_the_return_rate_of_the_neutral_office_is_the_share_that_is_sent_back(folder):
    scenario = load_scenario_file(written(folder, "review: {return_rate: 0.25}\n"))
    office = registration_office(scenario)
    returned = [
        sum(share for share, name in node.options if "more" in name)
        for population in office.populations for _, route in population.routes for node in route.nodes
        if node.name == "submits"
    ]  # fmt: skip
    assert returned == pytest.approx([0.25] * len(returned))


def test_costs_of_measures_are_those_of_the_days_and_overtime_may_be_dearer():
    scenario = own(costs={"robot": 249_000}, staff={"reviewers": {"overtime_factor": 1.5}},
                   period={"first": "2023-03-01", "last": "2023-03-03"})  # fmt: skip
    office = registration_office(scenario)
    assert office.measures_cost == pytest.approx(3_000)
    assert [pool.overtime_factor for pool in office.pools if pool.name == "reviewers"] == [1.5]


# What is wrong


def test_one_way_of_saying_who_is_there_excludes_the_others(folder):
    text = "staff: {reviewers: {people: 3, plan: {'08:30-12:00': 2}}, clerks: {midday_crew: 2}}\n"
    assert problems(folder, text) == [
        "staff.reviewers.plan: has no effect beside people; give one or the other",
        "staff.clerks.midday_crew: has no effect beside people; give one or the other",
    ]
    assert problems(folder, "staff: {reviewers: {roster: []}}\n") == [
        "staff.reviewers.roster: must have at least 1 line; for nobody write people: 0"
    ]


def test_steps_name_places_pools_and_stages_that_there_are(folder):
    step = "{name: %s, title: {en: A, zh: A}, after: %s, minutes: {mean_minutes: 3, cv: 1}, pool: %s}"
    found = problems(folder, f"steps: [{step % ('seal', 'nowhere', 'clerks')}]\n")
    assert found == [
        "steps[0].after: must be filing, review, approval, issue or a step that stands before it in the list, not "
        "'nowhere'"
    ]
    assert problems(folder, f"steps: [{step % ('review', 'issue', 'clerks')}]\n") == [
        "steps[0].name: 'review' is taken; choose another name"
    ]
    found = problems(folder, f"steps: [{step % ('seal', 'issue', 'chiefs')}]\n")
    assert found == [
        "steps[0].pool: there is no pool 'chiefs'; describe it below staff, or name one: assistants, clerks, "
        "consultants, reviewers, specialists, studio"
    ]
    assert problems(folder, "staff: {reviewer: {people: 2}}\n") == [
        "staff.reviewer: there is no such pool, and no step is served by one; did you mean 'reviewers'?"
    ]
    found = problems(folder, f"steps: [{step % ('seal', 'issue', 'chiefs')}]\nstaff: {{chiefs: {{people: 0}}}}\n")
    assert found[0].startswith("staff.chiefs.people: nobody ever serves stage 'seal'")
    found = problems(folder, "priorities: [{stage: sael, priority: 0}]\noutages: {drawn: [{stage: x, per_year: 1, "
                             "mean_minutes: 5}]}\n")  # fmt: skip
    assert [each.split(":")[0] for each in found] == ["priorities[0].stage", "outages.drawn[0].stage"]
    found = problems(folder, "pace: [{stage: sael, from_waiting: 3, factor: 0.8}]\n")
    assert found[0].startswith("pace[0].stage: must be one of 'phone', ")
    twice = "pace: [{stage: review, from_waiting: 3, factor: 0.8}, {stage: review, from_waiting: 9, factor: 0.7}]\n"
    assert problems(folder, twice) == ["pace[1].stage: 'review' is in the list already"]
    assert problems(folder, "newest_first: [review, sael]\n")[0].startswith("newest_first[1]: must be one of 'phone', ")


@pytest.mark.parametrize(
    ("text", "table", "said"),
    [
        ("times.csv", None, "there is no file 'times.csv' beside the scenario"),
        ("times.csv", "minutes\n3\n", "'times.csv' needs a heading and at least two times below it"),
        ("times.csv", "a,b\n1,2\n1,2\n", "'times.csv' has several columns; say which: column: a, b"),
        ("{file: times.csv, column: c}", "a,b\n1,2\n1,2\n", "'times.csv' has no column 'c'; possible: a, b"),
        ("{file: times.csv, unit: d}", "a\n1\n2\n", "must be one of min, s, h, not 'd'"),
        ("times.csv", "a\n1\nx\n", "'times.csv', line 3: must be a time from 0 to 1440 min, not 'x'"),
        ("times.csv", "a\n1\n-1\n", "'times.csv', line 3: must be a time from 0 to 1440 min, not '-1'"),
        ("times.csv", "a\n0\n0\n", "'times.csv': all times are 0"),
        ("times.csv", "3\n4\n5\n", "'times.csv' needs a heading; its first line has numbers alone"),
        ("{file: times.csv, column: c}", "a;b\n1;2\n1;2\n", "'times.csv' has no column 'c'; possible: a, b"),
        ("{fiel: times.csv}", None, "there is no such parameter; did you mean 'file'?"),
    ],
)
def test_a_sample_that_cannot_be_used_is_told_with_its_line(folder, text, table, said):
    if table is not None:
        (folder / "times.csv").write_text(table, encoding="utf-8")
    (found,) = problems(folder, f"review: {{minutes: {{sample: {text}}}}}\n")
    assert found.endswith(said)


@pytest.mark.filterwarnings("error")
def test_times_that_no_time_can_be_are_told_in_a_line_each(folder):
    found = problems(folder, "review: {minutes: {sample: {minutes: [1, 1.0e+300, .inf, -2]}}}\n")
    assert [each.split(": ")[0] for each in found] == [f"review.minutes.sample.minutes[{n}]" for n in (1, 2, 3)]


# Samples and families


def test_a_sample_has_the_mean_of_its_file_and_another_mean_stretches_it(folder):
    times = np.random.default_rng(1).gamma(2, 60, 3000)
    (folder / "times.csv").write_text("who,seconds\n" + "".join(f"a,{time}\n" for time in times), encoding="utf-8")
    text = "review: {minutes: {sample: {file: times.csv, column: seconds, unit: s}%s}}\n"
    scenario = load_scenario_file(written(folder, text % ""))
    minutes = scenario.review.minutes
    assert minutes.mean_minutes == pytest.approx(times.mean() / 60)
    assert len(minutes.sample.minutes) == 1001
    office = registration_office(scenario)
    journeys = draw(office, 1)
    drawn = journeys.minutes[journeys.stage == office.stage_number("review")]
    assert drawn.mean() == pytest.approx(times.mean() / 60, rel=0.02)
    assert np.quantile(drawn, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(times, [0.1, 0.5, 0.9]) / 60, rel=0.05)
    longer = load_scenario_file(written(folder, text % ", mean_minutes: 5"))
    assert longer.review.minutes.mean_minutes == 5
    # In full it is a scenario that needs no file.
    full = scenario_as_dict(scenario)
    assert scenario_as_dict(scenario_from_dict(full)) == full


def test_a_sample_may_be_written_as_chinese_spreadsheets_do(folder):
    (folder / "times.csv").write_bytes("姓名;时长\n甲;3\n乙;5\n".encode("gb18030"))
    file = written(folder, "review: {minutes: {sample: {file: times.csv, column: 时长}}}\n")
    assert load_scenario_file(file).review.minutes.mean_minutes == 4
    # A sample has the variation that it has; nobody is warned of it.
    assert load_scenario_file(file).warnings == ()


def test_a_file_that_extends_nothing_is_told_whose_office_it_describes(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\ntitle: {en: Mine, zh: 我}\nreview: {return_rate: 0.2}\n", encoding="utf-8")
    (warning,) = load_scenario_file(file).warnings
    assert "extends: blank" in str(warning)


def test_a_sample_as_it_is_gives_its_very_times_and_otherwise_those_between():
    times = (1.0, 2.0, 5.0)
    table = np.array(Sampled(times, 8 / 3, as_it_is=True).table)
    assert table == pytest.approx(times)
    drawn = [rare_time(SAMPLED_AS_IS, 3.0, 0.0, table, u) for u in (0.0, 0.3, 0.34, 0.6, 0.7, 0.999)]
    assert drawn == pytest.approx([1, 1, 2, 2, 5, 5])
    between = Sampled(times, 8 / 3)
    assert np.array(between.table) == pytest.approx(times)
    table = np.array(between.table)
    drawn = [rare_time(SAMPLED, 3.0, 0.0, table, u) for u in (0.0, 1 / 6, 1 / 3, 0.5, 2 / 3, 5 / 6, 0.9999999)]
    assert drawn == pytest.approx([1, 1, 1.5, 2, 3.5, 5, 5])
    # The mean is that of the times, however far the largest is from the others.
    table = np.array(Sampled((1.0, 1.0, 1.0, 100.0), 25.75).table)
    assert table == pytest.approx([1, 1, 1, 100])
    drawn = [rare_time(SAMPLED, 4.0, 0.0, table, (u + 0.5) / 40_000) for u in range(40_000)]
    assert np.mean(drawn) == pytest.approx(25.75, rel=1e-3)


@pytest.mark.parametrize("shape", [0.04, 0.3, 1.0, 1.5625, 25.0, 400.0])
def test_the_gamma_quantile_is_that_of_scipy(shape):
    for p in (1e-9, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 1e-9):
        exact = gammaincinv(shape, p) if p < 0.5 else gammainccinv(shape, 1 - p)
        if exact > 1e-290:
            assert gamma_quantile(shape, p) == pytest.approx(exact, rel=1e-11)


# What is said of it


def test_another_office_has_nothing_from_the_article_and_no_warnings_of_its_range(folder):
    scenario = load_scenario_file(written(folder, "demand: {registrations_per_year: 900}\n"))
    assert scenario.warnings == ()
    assert sources_of(scenario_as_dict(scenario)).article == ()


def test_what_is_not_said_is_told_and_what_is_said_is_not(folder):
    unsaid = [
        each.assumption.parameter for each in taken_over(written(folder, "review: {minutes: {mean_minutes: 4}}\n"))
    ]
    assert "review.minutes.mean_minutes" not in unsaid
    assert "review.minutes.cv" in unsaid
    assert "issue.minutes.mean_minutes" in unsaid
    # Nobody calls, nobody is helped in the hall.
    assert not [path for path in unsaid if path.startswith(("phone.", "filing.assisted", "staff.assistants"))]
    minutes = [each.minutes for each in taken_over(written(folder, ""))]
    assert minutes == sorted(minutes, reverse=True)


def test_own_steps_and_pools_have_their_titles_and_two_titles_none():
    steps = [{"name": "seal", "title": {"en": "seal engraving", "zh": "印章刻制"}}]
    pools = {"midday": {}, "chiefs": {"title": {"en": "section chiefs", "zh": "科长"}}, "clerks": {"title": None}}
    other = [{"name": "seal", "title": {"en": "stamp", "zh": "盖章"}}]
    with naming([{"steps": steps, "staff": pools}]):
        assert (named("stage", "seal"), named("pool", "chiefs"), named("pool", "clerks")) == (
            "seal engraving", "section chiefs", "counter clerks",
        )  # fmt: skip
        with speaking("zh"):
            assert named("stage", "seal") == "印章刻制"
    with naming([{"steps": steps}, {"steps": other}]):
        assert named("stage", "seal") == "seal"
    assert named("stage", "seal") == "seal"


def test_new_writes_a_scenario_that_runs_and_says_what_it_assumes(call, tmp_path):
    (tmp_path / "scenarios").mkdir()
    shutil.copy(ROOT / "scenarios" / "blank.yaml", tmp_path / "scenarios")
    status, out, _ = call("new", "my-county", "--registrations", "12,000", "--reviewers", "3", "--clerks", "2",
                          "--returned", "25%", "--hours", "9:00-12:00，13:30-17:30", "--target", "90% within 10",
                          "--title", 'The "county"')  # fmt: skip
    assert status == 0, out
    file = tmp_path / "scenarios" / "my-county.yaml"
    scenario = load_scenario_file(file)
    assert scenario.demand.registrations_per_year == 12_000
    assert (scenario.target.statistic, scenario.target.minutes, scenario.target.level) == ("share", 10, 0.9)
    assert scenario.review.return_rate == 0.25
    assert scenario.title.en == 'The "county"'
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert len(lines) <= 15
    assert "# issue.minutes.mean_minutes" in file.read_text(encoding="utf-8")
    assert call("new", "chinese", "--lang", "zh")[0] == 0
    # As a Chinese keyboard gives digits and signs.
    wide = (
        "--registrations",
        "１２，０００",
        "--returned",
        "２５％",
        "--hours",
        "９：００－１２：００",
        "--target",
        "９０％　within　１０",
    )
    assert call("new", "wide", *wide, "--lang", "zh")[0] == 0
    as_wide = load_scenario_file(file.with_stem("wide"))
    assert (as_wide.review.return_rate, as_wide.demand.registrations_per_year) == (0.25, 12_000)
    assert as_wide.target == scenario.target
    told = re.findall(r"# .*", file.with_stem("chinese").read_text(encoding="utf-8"))
    assert all(re.search("[一-鿿]|yaml-language-server", comment) for comment in told), told
    status, _, err = call("new", "my-county")
    assert (status, "is there already" in err) == (2, True)
    status, out, _ = call("check", str(file))
    assert "issue.minutes.mean_minutes" in out


def test_new_says_all_that_is_wrong_and_writes_nothing(call, tmp_path):
    (tmp_path / "scenarios").mkdir()
    shutil.copy(ROOT / "scenarios" / "blank.yaml", tmp_path / "scenarios")
    status, _, err = call(
        "new", "county", "--registrations", "many", "--returned", "3", "--hours", "9", "--target", "x"
    )
    assert status == 2
    assert [line.split("--")[1].split(":")[0] for line in err.splitlines()] == [
        "hours", "target", "registrations", "returned",
    ]  # fmt: skip
    assert [file.name for file in (tmp_path / "scenarios").iterdir()] == ["blank.yaml"]


@pytest.mark.parametrize("target", ["1.2.3", "...", "150% within 5", "90.5.5% within 10", "within"])
def test_a_target_that_is_none_is_refused(call, tmp_path, target):
    (tmp_path / "scenarios").mkdir()
    shutil.copy(ROOT / "scenarios" / "blank.yaml", tmp_path / "scenarios")
    status, _, err = call("new", "county", "--target", target)
    assert (status, "--target: must be minutes on average" in err) == (2, True)


# Who comes where


@pytest.mark.parametrize(
    ("parts", "visited"),
    [
        # Machines approve only what needs no correction.
        ({"review": {"auto_approved_share": 1}}, {"review", "issue"}),
        ({"review": {"auto_approved_share": 1, "return_rate": 0}}, {"issue"}),
        # Who never comes to the counter cannot hand in there what was missing.
        ({"review": {"incomplete": {"share": 0.5}}, "issue": {"skipped_by": CLASSES}}, {"review"}),
        # Who only inquires has a question, whoever else has.
        ({"phone": {"offered": True}, "demand": {"inquiry_only_share": 0.2}, "staff": {"consultants": {"people": 2}}},
         {"phone", "review", "issue"}),
    ],
)  # fmt: skip
def test_whoever_may_come_to_a_stage_is_served_there(folder, parts, visited):
    scenario = load_scenario_file(
        written(folder, "".join(f"{key}: {json.dumps(value)}\n" for key, value in parts.items()))
    )
    office = registration_office(scenario)
    assert {*office.visited} == visited
    assert play(office, draw(office, 1)).left == 0
    busy = {scenario.pool_of_stage[stage] for stage in visited}
    assert {pool.name for pool in office.pools if pool.servers} == busy


def test_a_step_that_nobody_comes_to_needs_nobody(folder):
    minutes = "minutes: {mean_minutes: 3, cv: 1}"
    step = f"{{name: x, title: {{en: x, zh: x}}, after: review, classes: [key], {minutes}, pool: chiefs}}"
    scenario = load_scenario_file(written(folder, f"steps: [{step}]\nstaff: {{chiefs: {{people: 0}}}}\n"))
    assert "x" not in registration_office(scenario).visited


def test_eight_steps_that_send_back_can_be_drawn_wherever_they_are(folder):
    for after in ("filing", "review"):
        steps = [
            {"name": f"s{n}", "title": {"en": "s", "zh": "s"}, "after": after, "share": 0.5, "returned": 0.2,
             "minutes": {"mean_minutes": 2, "cv": 1}, "pool": "clerks"}
            for n in range(8)
        ]  # fmt: skip
        parts = {
            "steps": steps, "phone": {"offered": True, "calls_per_application": 1.5},
            "filing": {"offered": True, "studio_share": 0.3}, "review": {"incomplete": {"share": 0.3}},
            "period": {"first": "2025-03-03", "last": "2025-03-05"},
            "staff": {pool: {"people": 3} for pool in ("consultants", "assistants", "studio", "clerks", "reviewers")},
        }  # fmt: skip
        text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in parts.items())
        office = registration_office(load_scenario_file(written(folder, text)))
        assert max(len(route.nodes) for who in office.populations for _, route in who.routes) > 128
        journeys = draw(office, 1)
        assert play(office, journeys).differing_values(play(office, journeys, engine="process")) == 0


def test_people_are_not_there_at_a_midday_that_is_closed():
    staff = {"reviewers": {"people": 3}}
    shut = own(hours={"office": ["08:30-12:00", "13:30-17:00"]}, staff=staff)
    through = own(hours={"office": ["08:30-17:00"]}, staff=staff)
    for scenario, there in ((shut, 0), (through, 3)):
        assert shift_counts(scenario.pools["reviewers"], scenario.staff.midday)[0, 24:27].tolist() == [there] * 3


def test_a_day_without_a_profile_is_refused(folder):
    assert problems(folder, "demand: {hourly_on: {mon: {}}}\n") == [
        "demand.hourly_on.mon: must have a number above 0 in it"
    ]


def test_pools_of_the_office_s_own_have_the_same_order_in_any_file():
    steps = [{"name": name, "title": TITLE, "after": "issue", "minutes": {"mean_minutes": 1, "cv": 1}, "pool": pool}
             for name, pool in (("a", "pa"), ("b", "pb"))]  # fmt: skip
    one, other = ({"pa": {"people": 1}, "pb": {"people": 2}}, {"pb": {"people": 2}, "pa": {"people": 1}})
    assert [*own(steps=steps, staff=one).pools] == [*own(steps=steps, staff=other).pools]


# Rosters


@pytest.mark.parametrize(
    ("hours", "shifts"),
    [
        (HOURS, ["09:00-12:00, 13:30-17:30"]),
        (["09:00-17:00"], ["09:00-11:00, 12:00-17:00", "09:00-12:30, 13:30-17:00", "09:00-13:30, 14:30-17:00"]),
        (["08:45-11:45", "13:00-16:30"], ["08:30-12:00, 13:00-16:30"]),
    ],
)
def test_shifts_are_made_from_the_hours(folder, hours, shifts):
    rules = load_rules(ROOT / "scenarios" / "staffing" / "standard.yaml")
    scenario = load_scenario_file(written(folder, f"hours: {{office: {hours}}}\n"))
    assert not fits(rules, scenario)
    made = from_hours(rules, scenario)
    spans = [form.model_dump(mode="json")["hours"] for form in made.shifts.values()]
    assert [", ".join(each) for each in spans] == shifts
    assert fits(made, scenario)
    assert {pool for form in made.shifts.values() for pool in form.pools} == {"reviewers", "clerks"}
    for form in made.shifts.values():
        # A title says when the shift begins and when its break does, in either language.
        (begin, end), *more = form.hours
        worked = sum(end - begin for begin, end in form.hours) / 60
        said = [f"{worked:g}", show_time(begin), *([show_time(end)] if more else [])]
        assert [re.findall(r"[\d:.]+", title) for title in (form.title.en, form.title.zh)] == [said, said]


def test_a_stretch_too_long_for_a_half_day_is_parted_in_its_middle(folder):
    rules = load_rules(ROOT / "scenarios" / "staffing" / "standard.yaml")
    scenario = load_scenario_file(written(folder, "hours: {office: ['09:00-17:00']}\n"))
    whole, made = (from_hours(rules, scenario, part_time).shifts for part_time in (False, True))
    halves = [form.model_dump(mode="json")["hours"] for name, form in made.items() if name not in whole]
    assert halves == [["09:00-13:00"], ["13:00-17:00"]]


def test_a_long_day_has_early_and_late_shifts_that_nobody_works_too_long(folder):
    rules = load_rules(ROOT / "scenarios" / "staffing" / "standard.yaml")
    scenario = load_scenario_file(written(folder, "hours: {office: ['08:00-20:00']}\n"))
    made = from_hours(rules, scenario)
    assert fits(made, scenario)
    for form in made.shifts.values():
        assert sum(end - begin for begin, end in form.hours) == 480
        assert all(end - begin <= 300 for begin, end in form.hours)


def test_shifts_made_from_any_hours_cover_them(folder):
    rules, blank = load_rules(ROOT / "scenarios" / "staffing" / "standard.yaml"), ROOT / "scenarios" / "blank.yaml"
    full = scenario_as_dict(load_scenario_file(blank))
    for begin, end in ((6, 22), (10, 19), (10, 19.5), (6, 20.5), (0, 24), (8, 10), (7, 23)):
        hours = show_span((60.0 * begin, 60.0 * end))
        staff = full["staff"] | {pool: {**full["staff"][pool], "people": 1} for pool in ("reviewers", "clerks")}
        scenario = scenario_from_dict(full | {"hours": {"office": [hours]}, "staff": staff})
        assert fits(from_hours(rules, scenario), scenario), hours


def test_the_standard_shifts_fit_every_office_that_is_shipped():
    rules = load_rules(ROOT / "scenarios" / "staffing" / "standard.yaml")
    for file in sorted((ROOT / "scenarios").glob("*.yaml")):
        assert fits(rules, load_scenario_file(file)) == (file.stem != "blank"), file


def test_hours_that_count_for_nothing_are_warned_of(folder):
    text = "hours: {office: ['09:00-12:00'], review: ['22:00-24:00'], counted: ['02:00-03:00', '11:00-22:30']}\n"
    assert [str(warning).split(": ", 1)[1] for warning in load_scenario_file(written(folder, text)).warnings] == [
        "hours.counted[0]: hall and review are closed then, so that no waiting counts towards the licence time"
    ]


def test_late_cases_that_came_to_a_closed_stage_are_seen(folder):
    text = "hours: {office: ['09:00-12:00', '13:30-17:30'], review: ['%s']}\nstaff: {reviewers: {people: 6}}\n"
    found = {}
    for hours in ("14:00-17:30", "06:00-22:00"):
        office = registration_office(load_scenario_file(written(folder, text % hours)))
        journeys = draw(office, 1)
        found[hours] = closed_to(office, [lateness(office, journeys, play(office, journeys))])
    (shut, where), (wide, nowhere) = found.values()
    assert shut > 0.8 > 0.2 > wide
    assert (where, nowhere) == ("review", "")


def test_a_simulated_log_has_the_steps_of_the_office_s_own(folder):
    step = "{name: seal, title: {en: seal, zh: 章}, after: issue, minutes: {mean_minutes: 3, cv: 1}, pool: clerks}"
    text = f"steps: [{step}]\nperiod: {{first: '2025-03-03', last: '2025-03-05'}}\n"
    scenario = load_scenario_file(written(folder, text))
    log, usual = simulated_log(scenario, 1, all_steps=True), simulated_log(scenario, 1)
    write_log(log, folder / "log.csv")
    rows = (folder / "log.csv").read_text(encoding="utf-8-sig").splitlines()
    seals, issues = (sum(f",{name}," in row for row in rows) for name in ("seal", "issue"))
    assert seals == issues > 0
    assert len(usual) == len(log) - seals


# Prices


def test_the_interval_of_a_ratio_holds_it_as_often_as_it_says():
    random, held = np.random.default_rng(5), 0
    for _ in range(2000):
        bottom = random.normal(10, 3, 12)
        top = 2 * bottom + random.normal(5, 4, 12)
        _, low, high = ratio_of_means(top, bottom)
        held += low <= 2.5 <= high
    assert 0.935 <= held / 2000 <= 0.965
    assert np.isnan(ratio_of_means(np.ones(5), np.array([1.0, -1, 1, -1, 0.1]))[1])
    assert ratio_of_means(np.full(5, 3.0), np.full(5, 2.0)) == pytest.approx((1.5, 1.5, 1.5))


def test_what_makes_no_other_office_is_no_assumption_of_it():
    blank = load_scenario_file(ROOT / "scenarios" / "blank.yaml")
    found = {of.parameter for of in assumptions_of(blank)[0]}
    assert {"review.minutes.mean_minutes", "review.return_rate", "staff.clerks.leave"} < found
    assert not [path for path in found if path.startswith(("filing.studio", "filing.key", "staff.consultants."))]
    # Without returns factors of them say nothing, but returns may come.
    none = scenario_with(blank, {of: 0.0 for of in assumptions_of(blank)[0] if of.parameter == "review.return_rate"})
    assert "review.return_factors.enterprise" in {of.parameter for of in assumptions_of(none)[0]}
    (named,), __ = assumptions_of(blank, names=["phone.redial_share"])
    assert named.parameter == "phone.redial_share"
