"""Sessions of a step as one row: what is joined, what is not, and what is said of it."""

from pathlib import Path

import numpy as np
import pytest

from sim.studies.calibrate.log.report import LogReport
from sim.studies.calibrate.log.steps import GAVE_UP, KINDS, RETURNED, SERVED, STEPS, StepLog
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.mapping import LogMapping

HEAD = "case,step,queued,started,ended,outcome,server"
DAY = "2024-03-05"


def row(
    case: str, step: str, queued: str, started: str, ended: str, outcome: str = "served", server: str = "W1"
) -> str:
    moments = (f"{DAY} {each}" if len(each) == 5 else each for each in (queued, started, ended))
    return ",".join((case, step, *moments, outcome, server))


def read(folder: Path, *rows: str, head: str = HEAD, join: bool = True) -> tuple[StepLog, LogReport]:
    file = folder / "log.csv"
    file.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return read_log([file], LogMapping(join_sessions=join))


def minutes(log: StepLog) -> list[list[float]]:
    return [list(each) for each in zip(log.queued, log.started, log.ended, strict=True)]


def count(report: LogReport) -> dict[str, tuple[int, str]]:
    return {one.kind: (one.count, one.done) for one in report.findings}


SESSIONS = (
    row("A", "review", "", "11:00", "11:20", "returned", "W3"),
    row("A", "review", "09:00", "09:30", "09:40", "", "W2"),
    row("A", "review", "", "10:00", "10:05", "", "W1"),
)


def test_sessions_are_one_row_with_the_time_worked(tmp_path):
    log, report = read(tmp_path, *SESSIONS)
    assert minutes(log) == [[540, 570, 605]]
    assert log.outcome.tolist() == [RETURNED]
    assert [log.servers[each] for each in log.server] == ["W2"]
    assert count(report) == {"joined_session": (2, "joined")}
    assert (report.rows_read, report.rows_kept) == (3, 1)


def test_unless_it_is_asked_for_they_stay_apart(tmp_path):
    log, _ = read(tmp_path, *SESSIONS, join=False)
    assert len(log) == 3


def test_who_waits_anew_is_another_row_and_the_first_was_sent_back(tmp_path):
    log, _ = read(
        tmp_path,
        row("A", "review", "09:00", "09:30", "09:40", ""),
        row("A", "review", "", "10:00", "10:05", ""),
        row("A", "review", "12:00", "13:00", "13:01", ""),
        row("A", "review", "", "14:00", "14:02", ""),
    )
    assert minutes(log) == [[540, 570, 585], [720, 780, 783]]
    assert log.outcome.tolist() == [RETURNED, SERVED]


def test_other_cases_and_steps_are_others(tmp_path):
    log, report = read(
        tmp_path,
        row("A", "phone", "09:00", "09:30", "09:40"), row("A", "review", "", "10:00", "10:05"),
        row("B", "phone", "", "10:00", "10:05"),
    )  # fmt: skip
    assert [STEPS[step] for step in log.step] == ["phone", "review", "phone"]
    assert np.nan_to_num(np.array(minutes(log)), nan=-1).tolist() == [[540, 570, 580], [-1, 600, 605], [-1, 600, 605]]
    assert "joined_session" not in count(report)


def test_rows_before_the_first_that_waits_are_left_alone(tmp_path):
    log, _ = read(
        tmp_path,
        row("A", "review", "", "08:00", "08:05"), row("A", "review", "", "08:10", "08:15"),
        row("A", "review", "09:00", "09:30", "09:40"), row("A", "review", "", "09:50", "09:51"),
    )  # fmt: skip
    assert log.started.tolist() == [480, 490, 570]
    assert log.ended.tolist() == [485, 495, 581]


def test_a_session_over_midnight_was_left_open_and_does_not_count(tmp_path):
    log, report = read(
        tmp_path,
        row("A", "review", "09:00", "09:30", "09:40"),
        row("A", "review", "", "16:50", "2024-03-06 08:10"),
        row("B", "review", "09:00", "16:55", "2024-03-08 09:00"),
    )
    assert np.nan_to_num(np.array(minutes(log)), nan=-1).tolist() == [[540, 570, 580], [540, 1015, -1]]
    found = count(report)
    assert found["left_open"] == (2, "missing")
    assert found["joined_session"] == (1, "joined")


def test_a_session_that_ends_before_it_begins_is_counted_and_said(tmp_path):
    log, report = read(
        tmp_path, row("A", "review", "09:00", "09:30", "09:40"), row("A", "review", "", "10:30", "10:10")
    )
    assert minutes(log) == [[540, 570, 580]]
    assert count(report)["negative_service"] == (1, "missing")


def test_who_gave_up_before_any_session_keeps_the_moment(tmp_path):
    log, _ = read(tmp_path, row("A", "phone", "09:00", "", "09:05", "gave_up", ""))
    assert log.outcome.tolist() == [GAVE_UP]
    assert log.ended.tolist() == [545]


def test_work_that_was_scheduled_and_only_later_begun_is_one_row(tmp_path):
    log, report = read(
        tmp_path, row("A", "review", "09:00", "", "", "", ""), row("A", "review", "", "09:30", "09:40", "", "W7")
    )
    assert minutes(log) == [[540, 570, 580]]
    assert [log.servers[each] for each in log.server] == ["W7"]
    assert "missing_start" not in count(report)


def test_a_class_that_only_a_later_session_tells_is_that_of_the_step(tmp_path):
    rows = [f"{each},{kind}" for each, kind in zip(SESSIONS, ("enterprise", "", ""), strict=True)]
    log, _ = read(tmp_path, *rows, head=f"{HEAD},class")
    assert log.kind.tolist() == [KINDS.index("enterprise")]


@pytest.mark.parametrize(
    ("head", "cut"), [("step,queued,started,ended,outcome,server", 1), ("case,step,q,started,ended,outcome,server", 0)]
)
def test_without_cases_or_moments_of_waiting_nothing_is_joined(tmp_path, head, cut):
    log, report = read(tmp_path, *(",".join(each.split(",")[cut:]) for each in SESSIONS), head=head)
    assert len(log) == 3
    assert "joined_session" not in count(report)
