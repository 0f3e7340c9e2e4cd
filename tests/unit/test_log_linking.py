"""Case numbers: what they link, what they seem to link by coincidence, and what they do not link."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.log.rows import NEVER, beginnings_anew, links_nothing, unrelated
from sim.studies.calibrate.log.simulated import simulated_log, write_log
from sim.studies.calibrate.log.steps import GAVE_UP, SERVED, STEPS
from sim.studies.calibrate.presence.staffing_seen import staffing_seen
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.known_words import meaning_of
from sim.studies.calibrate.reading.mapping import LogMapping
from sim.studies.calibrate.reading.moments import DAY

HEAD = "case,step,queued,started,ended\n"
CALL, REVIEW, ISSUE = (STEPS.index(step) for step in ("phone", "review", "issue"))


def rows(days: range, step: str, after: int = 0, reverse: bool = False) -> str:
    """Return a table of cases 1, 2, ..., one a day."""
    lines = []
    for number, day in enumerate(reversed(days) if reverse else days, 1):
        at = [f"2023-03-{day + 1:02d} {9 + after}:{minute:02d}:00" for minute in (0, 5, 9)]
        lines.append(f"{number},{step},{','.join(at)}\n")
    return HEAD + "".join(lines)


def test_files_that_are_each_numbered_from_one_are_kept_apart(tmp_path):
    (tmp_path / "calls.csv").write_text(rows(range(25), "phone"), encoding="utf-8")
    (tmp_path / "reviews.csv").write_text(rows(range(25), "review", after=2), encoding="utf-8")
    (tmp_path / "others.csv").write_text(rows(range(25), "review", after=2, reverse=True), encoding="utf-8")
    log, report = read_log([tmp_path / "calls.csv", tmp_path / "reviews.csv"])
    assert (log.cases, report.assumed) == (25, ("outcome_from_start",))
    log, report = read_log([tmp_path / "calls.csv", tmp_path / "others.csv"])
    assert log.cases == 50
    assert report.assumed == ("outcome_from_start", "numbers_apart")


def test_what_goes_on_far_too_late_is_unrelated():
    case, file = np.repeat(np.arange(30), 2), np.tile([0, 1], 30)
    step = np.tile([CALL, REVIEW], 30)
    begin = np.repeat(np.arange(30) * DAY, 2)
    assert not unrelated(case, file, step, begin + np.tile([0, 2 * DAY], 30))
    assert unrelated(case, file, step, begin + np.tile([0, 40 * DAY], 30))
    assert not unrelated(case, file, step, np.full(60, NEVER))
    assert not unrelated(case[:20], file[:20], step[:20], begin[:20] + np.tile([0, 40 * DAY], 10))


@pytest.mark.parametrize("head", ["call id", "case"])
def test_numbers_that_are_used_again_begin_another_case(tmp_path, head):
    calls = [(number % 40, f"2023-03-{day + 1:02d} {9 + number // 20}:{number % 20 * 2:02d}") for day in range(28)
             for number in range(day * 30 % 40, day * 30 % 40 + 30)]  # fmt: skip
    text = "".join(f"{number},phone,{begin},{begin}:30,{begin}:59\n" for number, begin in calls)
    (tmp_path / "calls.csv").write_text(HEAD.replace("case", head) + text, encoding="utf-8")
    log, report = read_log([tmp_path / "calls.csv"])
    assert log.cases == len(log) == 28 * 30
    assert report.count("number_again") == 28 * 30 - 40
    assert "numbers_again" in report.assumed
    assert report.files[0].columns["case"] == head
    log, report = read_log([tmp_path / "calls.csv"], LogMapping(columns={"case": None}))
    assert (log.cases, report.assumed[0], report.count("number_again")) == (28 * 30, "case_per_row", 0)
    log, report = read_log([tmp_path / "calls.csv"], LogMapping(numbers_again=False))
    assert (log.cases, report.count("number_again")) == (40, 0)


def desks(folder, step: str, seed: int, starts: bool) -> Path:
    """Write the log of three desks at which who comes first is served first, over ten days, and return its file."""
    random, lines = np.random.default_rng(seed), []
    for day in range(10):
        free = [0.0] * 3
        for came in np.sort(random.uniform(0, 450, 100)):
            desk = int(np.argmin(free))
            begin = max(came, free[desk])
            free[desk] = begin + 10 * random.lognormal(0, 0.5)
            at = [f"{datetime(2023, 3, 6 + day, 9) + timedelta(minutes=each)}" for each in (came, begin, free[desk])]
            at[1] = at[1] if starts else ""
            lines.append(f"{step}{len(lines)},{step},{','.join(at)},{desk + 1},served\n")
    (folder / f"{step}.csv").write_text(HEAD[:-1] + ",server,outcome\n" + "".join(lines), encoding="utf-8")
    return folder / f"{step}.csv"


@pytest.mark.parametrize("starts", [True, False])
def test_one_desk_that_serves_in_two_files_at_once_is_two(tmp_path, starts):
    files = [desks(tmp_path, step, seed, starts) for seed, step in enumerate(("filing", "review"))]
    log, report = read_log(files)
    assert len(log.servers) == 6
    assert "servers_apart" in report.assumed
    if starts:
        assert [staffing_seen(log, step).counts.max() for step in log.steps] == [3, 3]
    # The mapping settles it either way, for all files or for one.
    for mapping, number in (({"own_servers": False}, 3), ({"own_servers": True}, 6),
                            ({"files": {"filing.csv": {"own_servers": True}}}, 6)):  # fmt: skip
        log, report = read_log(files, LogMapping.model_validate(mapping))
        assert (len(log.servers), "servers_apart" in report.assumed) == (number, False)


@pytest.mark.parametrize("starts", [True, False])
def test_who_serves_in_several_files_one_after_the_other_stays_one(tmp_path, starts):
    # Clerks of the counter help with the review.
    weeks = {"first": "2023-03-01", "last": "2023-03-31"}
    data = scenario_as_dict(load_scenario_file("scenarios/baseline-2023.yaml")) | {"period": weeks}
    log = simulated_log(scenario_from_dict(data), 1)
    if not starts:
        log = replace(log, started=np.full(len(log), np.nan))
    files = [tmp_path / f"{step}.csv" for step in log.steps]
    for step, file in zip(log.steps, files, strict=True):
        write_log(log.rows(log.at(step)), file)
    back, report = read_log(files)
    assert "servers_apart" not in report.assumed
    assert len(back.servers) == len(np.unique(log.server[log.server >= 0]))
    helpers = np.intersect1d(log.server[log.at("issue")], log.server[log.at("review") & (log.server >= 0)])
    assert len(helpers)


def test_numbers_that_are_said_to_be_used_again_begin_anew_on_the_same_day(tmp_path):
    times = (",".join(f"2023-03-01 {hour}:0{minute}" for minute in range(3)) for hour in range(9, 15))
    rows = [f"{number % 2},phone,{time}" for number, time in enumerate(times)]
    (tmp_path / "calls.csv").write_text(HEAD + "\n".join(rows), encoding="utf-8")
    assert read_log([tmp_path / "calls.csv"])[0].cases == 2
    log, report = read_log([tmp_path / "calls.csv"], LogMapping(numbers_again=True))
    assert (log.cases, "numbers_again" in report.assumed) == (6, False)
    # What is said of one file says nothing of another.
    (tmp_path / "hall.csv").write_text((HEAD + "\n".join(f"H{row}" for row in rows)), encoding="utf-8")
    mapping = LogMapping(files={"calls.csv": {"numbers_again": True}, "hall.csv": {"numbers_again": False}})
    assert read_log([tmp_path / name for name in ("calls.csv", "hall.csv")], mapping)[0].cases == 6 + 2


def test_cases_that_call_again_on_another_day_are_no_others():
    step, case = np.tile([CALL, REVIEW, REVIEW, ISSUE], 300), np.repeat(np.arange(300), 4)
    begin = np.repeat(np.arange(300) * DAY, 4) + np.tile([0, 1, 3, 5], 300) * DAY
    assert not beginnings_anew(case, step, begin).any()
    step[3:201:4] = CALL
    assert not beginnings_anew(case, step, begin).any()


def test_a_number_for_each_row_links_nothing():
    step = np.tile([CALL, REVIEW, ISSUE], 10)
    assert links_nothing(np.arange(30), step)
    assert not links_nothing(np.repeat(np.arange(15), 2), step)
    assert not links_nothing(np.arange(30), np.full(30, CALL))


NAMES = {
    "自行网上填报": "online", "重点企业服务": "key", "窗口收件发照": "issue", "电话咨询": "phone", "帮办申报": "filing",
    "启航工作室": "studio", "网上审核": "review", "自动审批": "automatic", "counter": "issue",
    "phone consulting": "phone", "key-enterprise desk": "key",
}  # fmt: skip


@pytest.mark.parametrize(("word", "step"), NAMES.items())
def test_the_names_that_reports_use_are_recognised(word, step):
    assert meaning_of("step", word) == STEPS.index(step)


def test_events_without_a_start_gave_up_where_others_are_started(tmp_path):
    def event(case, step, *changes):
        return f'<trace><string key="concept:name" value="{case}"/>' + "".join(
            f'<event><string key="concept:name" value="{step}"/><string key="lifecycle:transition" value="{change}"/>'
            f'<date key="time:timestamp" value="2023-03-01T09:0{at}:00"/></event>' for at, change in changes
        ) + "</trace>"  # fmt: skip

    served, left = ((0, "schedule"), (1, "start"), (3, "complete")), ((0, "schedule"), (2, "complete"))
    text = f"<log>{event('a', 'phone', *served)}{event('b', 'phone', *left)}</log>"
    (tmp_path / "calls.xes").write_text(text, encoding="utf-8")
    log, report = read_log([tmp_path / "calls.xes"])
    assert log.outcome.tolist() == [SERVED, GAVE_UP]
    assert "outcome_from_start" in report.assumed


def test_a_log_is_replaced_only_if_that_is_asked_for(call, tmp_path):
    (tmp_path / "day.yaml").write_text(
        "name: day\ntitle: {en: Day, zh: 一天}\nperiod: {first: 2023-03-01, last: 2023-03-01}\n", encoding="utf-8"
    )
    status, out, _ = call("log", "day.yaml", "--json")
    answer = json.loads(out)
    assert (status, load_scenario_file(tmp_path / "day.yaml").name) == (0, "day")
    log, _ = read_log([tmp_path / "results" / "logs" / "day.csv"])
    assert answer["cases"] == log.cases
    before = (tmp_path / "results" / "logs" / "day.csv").read_bytes()
    assert call("log", "day.yaml")[0] == 0
    status, _, err = call("log", "day.yaml", "--seed", "5")
    assert (status, err.count("\n")) == (2, 1)
    assert "--replace" in err
    assert (tmp_path / "results" / "logs" / "day.csv").read_bytes() == before
    assert call("log", "day.yaml", "--seed", "5", "--replace")[0] == 0
    assert (tmp_path / "results" / "logs" / "day.csv").read_bytes() != before
