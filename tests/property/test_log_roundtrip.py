"""A log that is written and read back is the same log; and whatever a file holds, it is a log or a list of errors."""

import re
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_from_dict
from sim.studies.calibrate.log.simulated import simulated_log, write_log
from sim.studies.calibrate.log.steps import (
    GAVE_UP,
    KINDS,
    NOBODY,
    RETURNED,
    SERVED,
    STEPS,
    UNKNOWN,
    StepLog,
    sorted_log,
)
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.known_words import EMPTY_WORDS
from sim.studies.calibrate.reading.mapping import LogMapping

WEEK = {
    "name": "week",
    "title": {"en": "A week", "zh": "一周"},
    "period": {"first": "2023-03-01", "last": "2023-03-07"},
    "demand": {"registrations_per_year": 28200},
}
SMALL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def same(log: StepLog, back: StepLog) -> None:
    """Assert that two logs tell the same, whatever the numbers of their cases and servers are."""
    assert len(log) == len(back)
    shift = (log.first_day - back.first_day).days * 1440
    for name in ("queued", "started", "ended"):
        np.testing.assert_array_equal(
            np.rint(getattr(log, name) * 60_000), np.rint((getattr(back, name) - shift) * 60_000)
        )
    for name in ("step", "outcome", "kind"):
        np.testing.assert_array_equal(getattr(log, name), getattr(back, name))
    np.testing.assert_array_equal(np.unique(log.case, return_inverse=True)[1], back.case)
    names = [[*one.servers, ""] for one in (log, back)]
    assert [names[0][at] for at in log.server] == [names[1][at] for at in back.server]
    assert 0 <= np.nanmin([back.queued, back.started, back.ended]) < 1440


@st.composite
def logs(draw):
    """Return a small log in which nothing is wrong."""
    rows = draw(st.integers(1, 12))
    millis = st.integers(0, 3 * 86_400_000)
    columns = {name: [] for name in ("case", "step", "queued", "started", "ended", "outcome", "kind", "server")}
    kinds = draw(st.lists(st.integers(UNKNOWN, len(KINDS) - 1), min_size=5, max_size=5))
    names = draw(st.lists(names_of_servers, min_size=1, max_size=4, unique=True))
    for _ in range(rows):
        queued, started, ended = sorted(draw(st.tuples(millis, millis, millis)))
        gave_up = draw(st.booleans())
        case = draw(st.integers(0, 4))
        told = draw(st.integers(0, 3))
        for name, value in (
            ("case", case), ("step", draw(st.integers(0, len(STEPS) - 1))), ("kind", kinds[case]),
            ("queued", np.nan if told == 1 else queued / 60_000.0), ("ended", ended / 60_000.0),
            ("started", np.nan if gave_up or told == 2 else started / 60_000.0),
            ("outcome", GAVE_UP if gave_up else draw(st.sampled_from((SERVED, RETURNED, 0)))),
            ("server", NOBODY if gave_up else draw(st.integers(0, len(names) - 1))),
        ):  # fmt: skip
            columns[name].append(value)
    # A log that never says that a review was sent back is understood otherwise.
    columns["step"][0], columns["outcome"][0], columns["started"][0] = STEPS.index("review"), RETURNED, np.nan
    types = {"queued": np.float64, "started": np.float64, "ended": np.float64, "server": np.int32, "case": np.int64}
    arrays = {name: np.array(values, types.get(name, np.int8)) for name, values in columns.items()}
    return sorted_log(StepLog(
        first_day=draw(st.dates(date(1950, 1, 1), date(2150, 1, 1))), cases=5, servers=tuple(names), **arrays
    ))  # fmt: skip


names_of_servers = st.one_of(
    st.sampled_from(["W-1", "=cmd()", "<script>", "一号窗口", 'a"b', "a,b", "a;b\tc", "line\nbreak"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=8),
).filter(lambda name: name.casefold() not in EMPTY_WORDS)


def without_twins(log: StepLog) -> StepLog:
    """Return the log without rows that another one equals in all columns, which a reader takes for duplicates."""
    names = ("case", "step", "queued", "started", "ended", "outcome", "kind", "server")
    keys = np.stack([np.nan_to_num(getattr(log, name).astype(np.float64), nan=-9) for name in names])
    return log.rows(np.sort(np.unique(keys, axis=1, return_index=True)[1]))


@given(logs())
@SMALL
def test_a_log_is_read_back_as_it_was_written(tmp_path, log):
    log = without_twins(log)
    write_log(log, tmp_path / "log.csv")
    back, report = read_log([tmp_path / "log.csv"])
    same(log, back)
    assert report.rows_read - report.rows_kept == 0
    assert report.assumed == ()


def test_a_simulated_week_is_read_back_as_it_was_written(tmp_path):
    log = simulated_log(scenario_from_dict(WEEK), seed=5)
    assert len(log) > 2000
    write_log(log, tmp_path / "week.csv")
    assert (tmp_path / "week.csv").read_bytes().startswith(b"\xef\xbb\xbfcase,")
    back, report = read_log([tmp_path / "week.csv"])
    # Two rows of a case that nothing tells apart are none.
    same(without_twins(log) if report.count("duplicate") else log, back)
    assert report.rows_read - report.rows_kept == report.count("duplicate") <= 2
    # The last applications are reviewed when nobody comes any more.
    assert {one.kind for one in report.findings} <= {"duplicate", "out_of_hours", "long_wait", "quiet_day"}
    write_log(back, tmp_path / "again.csv")
    once_more, _ = read_log([tmp_path / "again.csv"])
    same(back, once_more)


cells = st.one_of(
    st.sampled_from(
        ["", "A", "phone", "review", "x", "2023-03-01 08:00", "2023-03-01 09:00:00.5", "01/02/2023 10:00", "9999-12-31",
         "NULL", "served", "gave_up", "企业", '"', '""', "'", "\n", "\r", "1677630000", "44986.5", "\0", "\ufeff",
         "1e300", "99999999999999999999", "-1"]
    ),
    st.text(max_size=6),
)  # fmt: skip
headings = st.sampled_from(
    ["case", "step", "queued", "started", "ended", "outcome", "class", "server", "date", "foo", ""]
)


@given(
    st.lists(headings, max_size=8), st.lists(st.lists(cells, max_size=8), max_size=8), st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]), st.sampled_from([None, "phone"]),
    st.sampled_from(["auto", "seconds", "%d/%m/%Y %H:%M"]),
)  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_is_a_log_or_a_list_of_errors(tmp_path, head, rows, mark, codec, step, form):
    text = "\n".join(mark.join(row) for row in [head, *rows])
    (tmp_path / "log.csv").write_bytes(text.encode(codec, "replace"))
    try:
        log, report = read_log([tmp_path / "log.csv"], LogMapping(step=step, time_format=form))
    except ScenarioError as error:
        for line in str(error).split("\n"):
            assert re.match(r"\S.*:\d+:1: \S.*\Z", line), line
        return
    left_out = sum(one.count for one in report.findings if one.done == "left_out" and one.kind != "rows_above_headings")
    assert report.rows_read - report.rows_kept == left_out
    assert len(log) == report.rows_kept > 0
    assert np.nanmin([log.queued, log.started, log.ended]) >= 0
    assert (np.diff(log.case) >= 0).all()


@given(st.binary(max_size=300))
@SMALL
def test_any_bytes_are_a_list_of_errors(tmp_path, content):
    (tmp_path / "log.csv").write_bytes(content)
    with pytest.raises(ScenarioError):
        read_log([tmp_path / "log.csv"])
