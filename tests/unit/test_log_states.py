"""Logs of states, each of which lasts until the next one of its case: put together to steps."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from sim.office.problems import ScenarioError
from sim.studies.calibrate.log.report import LogReport
from sim.studies.calibrate.log.steps import GAVE_UP, SERVED, UNTOLD, StepLog
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.mapping import LogMapping

STATES = {"open": "waiting", "work": "served", "asked": "left", "done": "left", "note": "ignore"}


def log_of(folder: Path, *rows: tuple[str, str, str, str], **more: object) -> tuple[StepLog, LogReport]:
    file = folder / "log.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([["case", "since", "now", "agent"], *rows])
    columns = {"state": "now", "ended": "since", "server": "agent"}
    return read_log([file], LogMapping.model_validate({"step": "review", "columns": columns, "states": STATES} | more))


def times(log: StepLog) -> list[tuple[float | None, ...]]:
    return [
        tuple(None if math.isnan(at) else at - 540 for at in moments)
        for moments in zip(log.queued, log.started, log.ended, strict=True)
    ]


def test_waiting_then_served_then_left_is_a_step(tmp_path):
    log, report = log_of(
        tmp_path,
        # Out of order in the file, a word that tells nothing, and another person who goes on with it.
        ("1", "2023-05-08 09:30", "done", ""), ("1", "2023-05-08 09:00", "open", ""),
        ("1", "2023-05-08 09:05", "note", "b"), ("1", "2023-05-08 09:10", "work", "a"),
        ("1", "2023-05-08 09:20", "work", "b"),
    )  # fmt: skip
    assert times(log) == [(0, 10, 30)]
    assert [log.servers[at] for at in log.server] == ["a"]
    assert report.count("joined_state") == 3
    assert report.files[0].columns["state"] == "now"


def test_a_case_may_wait_again_be_served_at_once_leave_the_line_or_not_be_done(tmp_path):
    log, _ = log_of(
        tmp_path,
        ("1", "2023-05-08 09:00", "work", "a"), ("1", "2023-05-08 09:10", "open", ""),
        ("1", "2023-05-08 09:40", "work", "b"), ("1", "2023-05-08 09:45", "asked", "b"),
        ("2", "2023-05-08 09:00", "open", ""), ("2", "2023-05-08 09:50", "done", ""),
        ("3", "2023-05-08 09:00", "open", ""), ("3", "2023-05-08 09:07", "work", "a"),
    )  # fmt: skip
    assert times(log) == [(None, 0, 10), (10, 40, 45), (0, None, 50), (0, 7, None)]


ALIKE = [
    ("1", f"2023-05-08 09:{minute}", *row)
    for minute, row in (
        ("00", ("open", "")), ("00", ("work", "a")), ("10", ("work", "b")), ("20", ("asked", "a")),
        ("40", ("done", "")), ("40", ("open", "")), ("50", ("work", "c")), ("50", ("done", "")),
    )
]  # fmt: skip


@pytest.mark.parametrize("order", [range(8), range(7, -1, -1), (0, 2, 4, 6, 7, 5, 3, 1), (6, 7, 4, 5, 3, 2, 0, 1)])
def test_states_of_one_moment_are_in_the_order_in_which_a_case_goes_on(tmp_path, order):
    # As they happened, newest first, odd and even, newest first but for those of one moment.
    log, _ = log_of(tmp_path, *(ALIKE[at] for at in order))
    assert times(log) == [(0, 0, 20), (40, 50, 50)]
    assert [log.servers[at] for at in log.server] == ["a", "c"]


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_who_begin_at_one_moment_the_first_is_told_by_how_the_file_runs(tmp_path, order):
    rows = [("1", "2023-05-08 09:00", "open", ""), ("1", "2023-05-08 09:10", "work", "a"),
            ("1", "2023-05-08 09:10", "work", "b"), ("1", "2023-05-08 09:20", "done", "")]  # fmt: skip
    log, _ = log_of(tmp_path, *rows[::order])
    assert (times(log), [log.servers[at] for at in log.server]) == ([(0, 10, 20)], ["a"])


@pytest.mark.parametrize(
    ("step", "outcomes"), [("phone", [GAVE_UP, SERVED, UNTOLD]), ("review", [UNTOLD, SERVED, UNTOLD])]
)
def test_who_leaves_the_line_unserved_has_given_up_then(tmp_path, step, outcomes):
    log, _ = log_of(
        tmp_path,
        ("1", "2023-05-08 09:00", "open", ""), ("1", "2023-05-08 09:04", "done", ""),
        ("2", "2023-05-08 09:00", "open", ""), ("2", "2023-05-08 09:10", "work", "a"),
        ("2", "2023-05-08 09:20", "done", "a"), ("3", "2023-05-08 09:30", "open", ""), step=step,
    )  # fmt: skip
    assert times(log) == [(0, None, 4), (0, 10, 20), (30, None, None)]
    assert log.outcome.tolist() == outcomes


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"states": {"open": "waiting"}}, "no known state: 'work' (1), 'done' (1)"),
        ({"columns": {"state": "now", "started": "since"}}, "besides it map ended alone"),
    ],
)
def test_what_states_cannot_be_is_said(tmp_path, more, said):
    with pytest.raises(ScenarioError) as error:
        log_of(tmp_path, ("1", "2023-05-08 09:00", "open", ""), ("1", "2023-05-08 09:10", "work", ""),
               ("1", "2023-05-08 09:20", "done", ""), **more)  # fmt: skip
    (problem,) = error.value.problems
    assert said in str(problem.message)


EVENT = """<event><string key="concept:name" value="Accepted"/><date key="time:timestamp" value="{at}"/>
<string key="lifecycle:transition" value="{state}"/><string key="org:resource" value="{who}"/></event>"""


def xes(folder: Path, *events: tuple[str, str, str]) -> Path:
    inside = "".join(EVENT.format(at=f"2023-05-08T{at}:00", state=state, who=who) for at, state, who in events)
    file = folder / "log.xes"
    file.write_text(f'<log><trace><string key="concept:name" value="1"/>{inside}</trace></log>', encoding="utf-8")
    return file


def test_states_of_xes_are_those_of_its_life_cycle(tmp_path):
    file = xes(tmp_path, ("09:00", "Awaiting", ""), ("09:10", "In Progress", "a"), ("09:30", "Resolved", "a"))
    with pytest.raises(ScenarioError) as error:
        read_log([file], LogMapping(step="review"))
    (problem,) = error.value.problems
    assert "none of its events queues, starts or ends a step" in str(problem.message)
    assert "'in progress'" in str(problem.message)
    states = {"Awaiting": "waiting", "In Progress": "served", "Resolved": "left"}
    mapping = {"step": "review", "columns": {"state": "lifecycle:transition"}, "states": states}
    log, _ = read_log([file], LogMapping.model_validate(mapping))
    assert times(log) == [(0, 10, 30)]
