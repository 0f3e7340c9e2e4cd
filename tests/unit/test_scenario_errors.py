"""Every error of a scenario file: where, what is wrong, what would be right."""

from pathlib import Path

import pytest
from helpers import lines_of

from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file

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


@pytest.fixture
def errors(load, tmp_path):
    """Return a function that gives the lines of the error, folder left out."""

    def errors(text, **relatives):
        with pytest.raises(ScenarioError) as caught:
            load(text, **relatives)
        return [line.replace(f"{tmp_path}/", "") for line in lines_of(caught.value)]

    return errors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("demand:\n  key_shre: 0.1", "4:3: demand.key_shre: there is no such parameter; did you mean 'key_share'?"),
        ("key_share: 0.1", "3:1: key_share: there is no such parameter; did you mean 'demand.key_share'?"),
        ("reveiw: {}", "3:1: reveiw: there is no such parameter; did you mean 'review'?"),
        ("target: {zzz: 1}", "3:10: target.zzz: there is no such parameter; "
                             "possible: clock, statistic, minutes, level"),
        ("demand: {key_share: 1.4}", "3:21: demand.key_share: must be between 0 and 1, not 1.4"),
        ("target: {minutes: 0}", "3:19: target.minutes: must be above 0 and at most 1,000,000, not 0"),
        ("demand: {growth: 15%}", "3:18: demand.growth: must be a number, not '15%'; write 0.15"),
        ("demand: {growth: yes}", "3:18: demand.growth: must be a number, not 'yes'"),
        ("demand: {growth: .nan}", "3:18: demand.growth: must be a finite number, not nan"),
        ("demand: {growth: [1]}", "3:10: demand.growth: must be a number, not a list"),
        ("demand:\n  registrations_per_year: 40,200",
         "4:27: demand.registrations_per_year: must be a number, not '40,200'; write 40200"),
        ("demand: {registrations_per_year: 1.5}",
         "3:34: demand.registrations_per_year: must be a whole number, not 1.5"),
        ("demand: {month_index: [1, 2]}", "3:10: demand.month_index: must have 12 values, not 2"),
        ("demand: {weekday_index: [0, 0, 0, 0, 0]}", "3:10: demand.weekday_index: must have a number above 0 in it"),
        ("demand: {weekday_index: 5}",
         "3:25: demand.weekday_index: must be a list, not 5; write [..., ...] or lines that begin with '- '"),
        ("demand: 5", "3:9: demand: must be a mapping (lines of 'key: value' below it), not 5"),
        ("demand:", "3:1: demand: has no value; write one, or remove the line"),
        ("title: x", "3:1: key 'title' is here a second time, first in line 2; remove one"),
        ("5: x", "3:1: a key must be a text, not 5"),
        ("demand: {registrations_per_year: 40,200}",
         "3:37: a key must be a text, not 200; if that is the rest of a number, write 40200 for 40,200 and 0.05 for "
         "0,05"),
        ("target: {clock: wall}",
         "3:17: target.clock: must be one of 'licence', 'touch', 'door_to_door', 'journey', not 'wall'"),
        ("staff: {midday: {crew_on_duty: no}}", "3:32: staff.midday.crew_on_duty: must be true or false, not 'no'"),
        ("staff: {midday: {to: 11:00}}", "3:22: staff.midday.to: must be after 12:00, when midday begins"),
        ("staff: {midday: {to: 12:45}}", "3:22: staff.midday.to: must be at a full or half hour, not 12:45"),
        ("hours: {office: [8:30-17:00]}",
         "3:18: hours.office[0]: must be hours HH:MM-HH:MM such as 08:30-17:00, not '8:30-17:00'"),
        ("hours: {office: [08:30-25:00]}", "3:18: hours.office[0]: must be a time HH:MM such as 08:30, not '25:00'"),
        ("hours: {office: [17:00-08:30]}",
         "3:18: hours.office[0]: 17:00-08:30 ends before it begins; the first time must be the earlier one"),
        ("hours: {office: [08:00-12:00, 11:00-13:00]}",
         "3:31: hours.office[1]: 11:00-13:00 overlaps other hours in the list"),
        ("hours: {office: [13:00-14:00, 08:00-12:00]}",
         "3:9: hours.office: must be in order: 08:00-12:00, 13:00-14:00"),
        ("hours: {office: []}", "3:9: hours.office: must have at least 1 value, not 0"),
        ("staff: {clerks: {plan: {08:45-17:00: 2}}}", "3:25: staff.clerks.plan['08:45-17:00']: "
         "08:45-17:00 must begin and end at a full or half hour, such as 08:30-12:00"),
        ("staff: {clerks: {plan: {08:30-17:00: 65}}}",
         "3:38: staff.clerks.plan['08:30-17:00']: must be between 0 and 64, not 65"),
        ("staff: {clerks: {plan: {08:30-12:00: 2, 11:30-17:00: 3}}}", "3:54: staff.clerks.plan['11:30-17:00']: "
         "11:30-17:00 overlaps other hours of the plan; an hour may be in one only"),
        ("staff: {clerks: {on: {sat: {}}}}",
         "3:23: staff.clerks.on.sat: must be one of 'mon', 'tue', 'wed', 'thu', 'fri', 'makeup', not 'sat'"),
        ("staff: {clerks: {plan: {}}}", "3:18: staff.clerks.plan: nobody ever serves stage 'issue', "
         "yet applicants come; put clerks on duty within 08:30-17:00"),
        ("year: 2400", "3:7: year: the public holidays of 2400 are not known; 2004 to 2026 are"),
        ("period: {first: 2023-02-29}", "3:17: period.first: '2023-02-29' is not in the calendar"),
        ("period: {first: 1 March}",
         "3:17: period.first: must be a date YYYY-MM-DD such as 2023-01-28, not '1 March'"),
        ("period: {first: 2022-12-31}", "3:17: period.first: 2022-12-31 is not in 2023, the year of the scenario"),
        ("period: {first: 2023-03-02, last: 2023-03-01}",
         "3:35: period.last: 2023-03-01 is before the first day, 2023-03-02"),
        ("period: {first: 2023-01-21, last: 2023-01-27}",
         "3:1: period: there is no working day from 2023-01-21 to 2023-01-27"),
        ("calendar: {add_working_days: [2023-03-06]}",
         "3:31: calendar.add_working_days[0]: 2023-03-06 (Monday) is a working day already; leave it out"),
        ("demand: {surges: [{first: 2022-03-06, last: 2022-03-07, factor: 1}]}",
         "3:19: demand.surges[0]: is not in 2023, the year of the scenario"),
        ("demand: {surges: [{first: 2023-03-06, factor: 1}]}",
         "3:19: demand.surges[0].last: is missing; add it"),
        ("outages: {given: [{stage: review, first: 2023-03-06 10:00, last: 2023-03-06 09:00}]}",
         "3:66: outages.given[0].last: must be after 2023-03-06 10:00, when the outage begins"),
        ("outages: {drawn: [{stage: key, per_year: 1, mean_minutes: 1}, {stage: key, per_year: 1, mean_minutes: 1}]}",
         "3:71: outages.drawn[1].stage: 'key' is in the list already"),
        ("extends: blnak",
         "3:10: extends: there is no scenario 'blnak' in this folder, nor a shipped one; did you mean 'blank'?"),
        ("steps: [{name: seal, title: {en: Seal, red, zh: 印}, after: review, minutes: {mean_minutes: 1, cv: 1}, "
         "pool: clerks}]",
         "3:40: steps[0].title.red: there is no such parameter; a text with a comma in it needs quotes around it"),
        ("extends: x", "3:10: extends: goes round in a circle (x -> x); one of them must not extend another"),
        ("extends: ../y",
         "3:10: extends: '../y' is no name of a scenario; the parent must be in the same folder or a shipped one"),
        ("demand: !!python/name:os.system", "3:9: tag 'tag:yaml.org,2002:python/name:os.system' means nothing here; "
         "remove it"),
        ("demand: *other", "3:9: alias *other stands for nothing that is complete before it; write it out"),
        ("demand: &a [*a]", "3:13: alias *a stands for nothing that is complete before it; write it out"),
        ("demand: " + "[" * 99, "3:28: nested more than 20 deep; 6 levels are enough"),
        ("---\nname: y", "3:1: a second document begins here; a file holds one, remove '---'"),
        ("\tyear: 2023", "3:1: a tab is used for indentation; use spaces"),
        ("demand: {growth: 1", "4:1: this is not YAML: expected ',' or '}', but got '<stream end>'; "
         "check indentation, colons, brackets and quotes here and just before"),
        ("year: \x07", "3:7: a control character is here, which YAML does not allow; remove it"),
    ],
)  # fmt: skip
def test_error(errors, text, expected):
    lines = errors(f"{HEAD}{text}\n")
    assert f"x.yaml:{expected}" in lines
    if not text.startswith(("demand: !!", "title")):
        assert len(lines) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "1:1: the file is empty; begin with 'name: x' and a title"),
        ("name：x\nextends：blank".encode(), "1:1: '：' is a full-width sign; write ':'"),
        ("name: x\ndemand: {growth: 0.1， key_share: 0}".encode(), "2:21: '，' is a full-width sign; write ','"),
        (b"[1]", "1:1: a scenario must be a mapping (lines of 'key: value'), not a list"),
        (b"name: x\ntitle: \xe4\xb8\xad\xff", "2:9: is not UTF-8 text; save it as UTF-8"),
        (b"x" * 300_000, "1:1: is larger than 256 KB; this is no scenario and no sweep"),
        (b"title: {en: x, zh: x}\n", "1:1: name: is missing; add it"),
        (b"name: x\ntitle: {en: x}\n", "2:1: title.zh: is missing; add it"),
        (b"name: y\ntitle: {en: x, zh: x}\n", "1:7: name: must be 'x', as the file is called, not 'y'"),
    ],
)
def test_error_of_a_whole_file(errors, text, expected):
    assert errors(text) == [f"x.yaml:{expected}"]


def test_no_file(tmp_path):
    for path, message in ((tmp_path / "no.yaml", "there is no such file"), (tmp_path, "is a directory"),
                          (Path("a\0b"), "cannot be read")):  # fmt: skip
        with pytest.raises(ScenarioError, match=f":1:1: {message}"):
            load_scenario_file(path)


def test_all_errors_come_at_once_in_the_order_of_the_lines(errors):
    lines = errors(
        HEAD
        + """
demand:
  key_shre: 0.1
  growth: x
  growth: 2
phone: {redial_share: 2, profiles: []}
review:
  return_rate: -1
staff: {reviewers: {helps: [{stage: isue, when_waiting: 0}]}}
"""
    )
    assert [line.split(": ")[0] for line in lines] == [
        "x.yaml:5:3", "x.yaml:6:11", "x.yaml:7:3", "x.yaml:8:23", "x.yaml:8:26", "x.yaml:10:16", "x.yaml:11:37",
        "x.yaml:11:57",
    ]  # fmt: skip


def test_an_error_in_a_parent_points_into_the_parent(errors):
    lines = errors(
        HEAD + "extends: y\ndemand: {growth: 99}",
        y="name: z\nextends: z\ndemand: {key_share: 3, growth: 77}\n",
        z="name: z\nreview: {retur_rate: 1}",
    )
    assert lines == [
        "x.yaml:4:18: demand.growth: must be between -0.95 and 9, not 99",
        "y.yaml:1:7: name: must be 'y', as the file is called, not 'z'",
        "y.yaml:3:21: demand.key_share: must be between 0 and 1, not 3",
        "z.yaml:2:10: review.retur_rate: there is no such parameter; did you mean 'return_rate'?",
    ]


def test_a_parent_that_cannot_be_read(errors):
    assert errors(HEAD + "extends: y", y="a: b: c") == [
        "y.yaml:1:5: this is not YAML: mapping values are not allowed here; "
        "check indentation, colons, brackets and quotes here and just before"
    ]


def test_a_circle_of_parents(errors):
    lines = errors(HEAD + "extends: y", y="name: y\nextends: z", z="name: z\nextends: y")
    assert lines == ["z.yaml:2:10: extends: goes round in a circle (y -> z -> y); one of them must not extend another"]


def test_the_nearest_parent_is_suggested(errors):
    lines = errors(HEAD + "extends: baselin", baseline="name: baseline")
    (line,) = lines
    assert line.startswith("x.yaml:3:10: extends: there is no scenario 'baselin' in this folder, nor a shipped one; ")
    assert line.endswith("did you mean 'baseline'?")


def test_too_many_generations(errors):
    parents = {f"p{i}": f"name: p{i}\nextends: p{i + 1}" for i in range(20)}
    assert "more than 10 generations" in errors(HEAD + "extends: p0", **parents)[0]


def test_aliases_cannot_blow_up(errors):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
    assert errors(bomb) == ["x.yaml:5:20: more than 20000 values; a scenario says only what differs from its parent"]


def test_endless_numbers(errors):
    for number in ("9" * 10_000, "1e999", "0x" + "f" * 9000, "-.inf"):
        assert "must be a finite number" in errors(f"{HEAD}demand: {{growth: {number}}}")[0]


def test_messages_are_short_and_one_line(errors):
    lines = errors(HEAD + 'demand: {"a\\nb": 1, growth: "' + "x\\n" * 5000 + '"}')
    assert len(lines) == 2
    assert all(len(line) < 400 for line in lines)


def test_shares_of_the_profiles_must_sum_to_one(errors):
    profile = "title: {en: a, zh: b}, talk_seconds: 200, talk_cv: 1, patience_seconds: 300, walk_in_share: 0.1"
    text = f"phone: {{profiles: [{{name: a, share: 0.5, {profile}}}, {{name: a, share: 0.4, {profile}}}]}}"
    assert errors(HEAD + text) == ["x.yaml:3:9: phone.profiles: shares must sum to 1, not 0.9"]
    assert errors(HEAD + text.replace("0.4,", "0.5,")) == [
        f"x.yaml:3:{text.rindex('{name: a') + 8}: phone.profiles[1].name: 'a' is another profile's name"
    ]


def test_a_stage_may_be_served_by_helpers_alone(load, errors):
    helped = "staff: {clerks: {plan: {}}, studio: {helps: [{stage: issue, when_waiting: %d}]}}"
    assert load(HEAD + helped % 1).staff.clerks.plan == {}
    # Helpers who wait for two never serve the last one.
    assert "nobody ever serves stage 'issue'" in errors(HEAD + helped % 2)[0]
