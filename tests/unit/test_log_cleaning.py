"""What is wrong or odd in a log: counted, reported, and never dropped without a word."""

from datetime import date

import numpy as np
import pytest

from sim.office.problems import ScenarioError
from sim.studies.calibrate.log.report import FINDINGS, MOST_EXAMPLES
from sim.studies.calibrate.log.steps import GAVE_UP, KINDS, RETURNED, SERVED, UNTOLD
from sim.studies.calibrate.reading.files import read_log
from sim.studies.calibrate.reading.mapping import LogMapping

HEAD = "case,step,queued,started,ended,outcome,class,server"
GOOD = "G1,phone,2023-03-01 08:30,2023-03-01 08:31,2023-03-01 08:36,served,enterprise,W1"
NO_ROWS = ("undecodable", "rows_above_headings", "broken_event")
"""Left out, but no rows."""


@pytest.fixture
def read(tmp_path):
    """Return a function that reads rows below headings; every report adds up."""

    def read(*rows, head=HEAD, **mapping):
        file = tmp_path / "log.csv"
        file.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
        log, report = read_log([file], LogMapping(**mapping))
        left_out = sum(one.count for one in report.findings if one.done == "left_out" and one.kind not in NO_ROWS)
        assert report.rows_read - report.rows_kept == left_out
        assert report.rows_kept == len(log)
        assert report.cases == log.cases == len(np.unique(log.case))
        assert all(one.kind in FINDINGS and one.count >= len(one.examples) for one in report.findings)
        assert all(len(one.examples) <= MOST_EXAMPLES for one in report.findings)
        return log, report

    return read


def found(report):
    """Return the findings without their examples."""
    return [(one.kind, one.about, one.count, one.done) for one in report.findings]


def day(*clocks):
    return ",".join(f"2023-03-01 {clock}" if clock else "" for clock in clocks)


def test_a_service_that_ends_before_it_begins_has_no_end(read):
    log, report = read(GOOD, f"A,phone,{day('08:30', '08:40', '08:35')},served,,")
    assert (log.queued[1], log.started[1]) == (510, 520)
    assert np.isnan(log.ended[1])
    assert found(report) == [("negative_service", "ended", 1, "missing")]
    (example,) = report.findings[0].examples
    assert (example.file, example.row) == ("log.csv", 3)
    assert example.value == "phone: 2023-03-01 08:30:00 | 2023-03-01 08:40:00 | 2023-03-01 08:35:00"


def test_a_service_that_begins_before_the_case_waits_has_no_wait(read):
    log, report = read(GOOD, f"A,phone,{day('08:45', '08:40', '08:50')},served,,")
    assert (log.started[1], log.ended[1]) == (520, 530)
    assert np.isnan(log.queued[1])
    assert found(report) == [("negative_wait", "queued", 1, "missing")]


def test_clocks_that_differ_by_a_little_do_not_take_the_shortest_waits_away(read):
    rows = [f"A{n},phone,{day('08:45:10', f'08:45:{n % 4 + 7:02d}', '08:50')},served,," for n in range(40)]
    log, report = read(*rows)
    np.testing.assert_allclose(log.started - log.queued, 0)
    assert found(report) == [("clock_skew", "3", 30, "zero")]
    assert read(*rows, clock_skew=2)[1].count("negative_wait") == 10


def test_what_ends_a_second_before_it_begins_has_taken_no_time(read):
    gone = f"A,phone,{day('08:45:10', '', '08:45:09')},gave_up,,"
    log, report = read(gone, f"B,issue,{day('08:45', '08:46:01', '08:46')},served,,")
    assert (log.ended[0] - log.queued[0], log.ended[1] - log.started[1]) == (0, 0)
    assert found(report) == [("clock_skew", "1", 2, "zero"), ("no_service_time", "", 1, "kept")]


def test_who_gives_up_before_they_wait_has_no_end(read):
    log, report = read(GOOD, f"A,phone,{day('08:45', '', '08:40')},gave_up,,")
    assert np.isnan(log.ended[1])
    assert found(report) == [("negative_wait", "ended", 1, "missing")]


def test_what_ends_about_an_hour_before_it_begins_looks_like_a_clock_change(read):
    log, report = read(GOOD, f"A,phone,{day('02:40', '02:55', '02:05')},served,,")
    assert np.isnan(log.ended[1])
    assert found(report) == [("clock_change", "ended", 1, "missing")]


def test_moments_in_two_zones_are_put_on_one_clock(read):
    row = "A,phone,2023-10-29T02:40:00+02:00,2023-10-29T02:55:00+02:00,2023-10-29T02:05:00+01:00,served,,"
    log, report = read(row, row.replace("A,", "B,").replace("02:05:00+01:00", "02:57:00+02:00"))
    assert log.ended.tolist() == [185, 177]
    assert found(report) == [("clock_change", "", 1, "corrected")]


def test_exact_duplicates_are_left_out_but_for_the_first(read):
    log, report = read(GOOD, GOOD, GOOD.replace("08:36", "08:37"), GOOD)
    assert log.ended.tolist() == [516, 517]
    assert ("duplicate", "", 2, "left_out") in found(report)
    assert [example.row for one in report.findings if one.kind == "duplicate" for example in one.examples] == [3, 5]


def test_rows_that_are_alike_without_case_numbers_are_none(read):
    row = f"{day('08:30', '08:31', '08:32')}"
    log, report = read(row, row, head="queued,started,ended", step="filing")
    assert log.cases == 2
    assert found(report) == []
    assert report.assumed == ("case_per_row", "outcome_from_start")


def test_rows_of_a_case_that_overlap_at_a_step_are_counted(read):
    _, report = read(
        f"A,phone,{day('08:30', '08:31', '08:40')},served,,", f"A,phone,{day('08:35', '08:41', '08:45')},served,,",
        f"A,phone,{day('08:45', '08:46', '08:47')},served,,", f"B,phone,{day('08:35', '08:41', '08:45')},served,,",
    )  # fmt: skip
    assert found(report) == [("overlap", "", 1, "kept")]


def test_words_that_mean_nothing_known_are_listed(read):
    log, report = read(
        *(GOOD.replace("G1", f"G{n}") for n in range(300)),
        f"A,cloakroom,{day('08:30', '', '')},served,,", f"B,cloakroom,{day('08:30', '', '')},served,,",
        f"C,cellar,{day('08:30', '', '')},served,,", f"D,,{day('08:30', '', '')},served,,",
        f"E,phone,{day('08:30', '08:31', '08:32')},,alien,", f"F,phone,{day('08:30', '08:31', '08:32')},,,",
    )  # fmt: skip
    assert log.cases == 302
    assert found(report) == [
        ("unknown_step", "cloakroom", 2, "left_out"), ("unknown_step", "cellar", 1, "left_out"),
        ("unknown_step", "", 1, "left_out"), ("unknown_kind", "alien", 1, "kept"),
    ]  # fmt: skip
    assert log.outcome[300:].tolist() == [UNTOLD, UNTOLD]


def test_a_great_many_unknown_words_are_counted_together(read):
    rows = [f"A{n},phone,{day('08:30', '08:31', '08:32')},,k{n}," for n in range(500)]
    _, report = read(GOOD, *rows)
    assert report.count("unknown_kind") == 500
    assert len(report.findings) < 60
    assert len(report.words) < 130


def test_words_that_are_mapped(read):
    log, report = read(
        f"A,Cloakroom,{day('08:30', '08:31', '08:32')},evaporated,alien,", f"B,lunch,{day('08:30', '', '')},,,",
        steps={"cloakroom": "filing", "lunch": "ignore"}, outcomes={"evaporated": "gave_up"}, kinds={"Alien": "other"},
    )  # fmt: skip
    assert log.outcome.tolist() == [GAVE_UP]
    assert KINDS[log.kind[0]] == "other"
    assert ("ignored_step", "", 1, "left_out") in found(report)


def test_rows_without_a_case_number_are_left_out(read):
    log, report = read(GOOD, GOOD.replace("G1", ""), GOOD.replace("G1", "null"))
    assert len(log) == 1
    assert found(report) == [("no_case", "", 2, "left_out")]


def test_rows_without_any_moment_are_left_out(read):
    _, report = read(GOOD, "A,phone,,,,served,,", "B,phone,soon,,,served,,")
    assert ("no_time", "", 2, "left_out") in found(report)
    assert ("unreadable_time", "queued", 1, "missing") in found(report)


def test_missing_starts_and_ends_are_counted(read):
    log, report = read(GOOD, f"A,phone,{day('08:30', '', '08:35')},served,,", f"B,phone,{day('08:30', '08:31', '')},,,")
    assert len(log) == 3
    assert found(report) == [("missing_start", "", 1, "kept"), ("missing_end", "", 1, "kept")]


def test_long_and_empty_services_are_counted(read):
    _, report = read(
        f"A,phone,{day('08:30', '08:31', '08:31')},served,,",
        "B,review,2023-03-01 08:30,2023-03-03 08:31,2023-03-06 08:30,served,,",
        "C,phone,2023-03-01 08:30,,2023-03-03 08:31,gave_up,,",
    )  # fmt: skip
    assert found(report) == [
        ("long_wait", "", 2, "kept"), ("long_service", "", 1, "kept"), ("no_service_time", "", 1, "kept"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "far",
    ["1900-01-01 00:00:00", "1970-01-01 08:00:00", "9999-12-31 23:59:59", "2203-03-01 08:30", "0001-01-01 00:00:00"],
)
def test_dates_far_from_all_others_stand_for_nothing(read, far):
    rows = [GOOD.replace("G1", f"G{n}") for n in range(3)]
    log, report = read(*rows, *(f"A{n},phone,2023-03-01 08:30,2023-03-01 08:31,{far},served,," for n in range(5)))
    assert np.isnan(log.ended[3:]).all()
    assert found(report) == [("far_time", "ended", 5, "missing")]
    assert log.first_day == date(2023, 3, 1)


def test_a_log_of_1970_is_not_far_from_itself(read):
    rows = [f"A{n},phone,{480 + n},{481 + n},{485 + n},served,," for n in range(20)]
    log, report = read(*rows, time_format="minutes", epoch="1970-01-01 00:00")
    assert log.first_day == date(1970, 1, 1)
    assert found(report) == []


def test_who_gave_up_and_was_called_has_left_by_then(read):
    log, report = read(
        GOOD, f"A,filing,{day('08:30', '08:40', '')},过号,,", f"B,filing,{day('08:30', '08:40', '08:41')},过号,,",
        f"C,filing,{day('08:30', '08:40', '08:35')},弃号,,",
    )  # fmt: skip
    assert log.started[1:3].tolist() == [520, 520]
    assert np.isnan(log.ended[1:3]).all()
    assert (np.isnan(log.started[3]), log.ended[3]) == (True, 515)
    assert ("gave_up_but_started", "", 2, "kept") in found(report)
    assert ("gave_up_but_started", "started", 1, "missing") in found(report)
    assert "missing_end" not in {kind for kind, *_ in found(report)}


def test_times_of_day_and_days_with_hardly_anybody_are_counted(read):
    rows = [
        f"D{d}N{n},phone,2023-03-{d:02d} {8 + n // 6:02d}:{n % 6}0,2023-03-{d:02d} {8 + n // 6:02d}:{n % 6}1,"
        f"2023-03-{d:02d} 18:00,served,,"
        for d in range(1, 15)
        for n in range(40)
    ]
    odd = "A,phone,2023-03-20 09:30,2023-03-20 09:31,2023-03-20 09:35,served,,"
    night = "B,phone,2023-03-02 03:30,2023-03-02 08:31,2023-03-02 08:35,served,,"
    log, report = read(*rows, odd, night)
    assert len(log) == 14 * 40 + 2
    assert found(report) == [("out_of_hours", "phone", 1, "kept"), ("quiet_day", "", 1, "kept")]
    assert [one.examples[0].value[7:23] for one in report.findings] == ["2023-03-02 03:30", "2023-03-20 09:30"]


def test_dates_without_a_clock_are_counted(read):
    log, report = read("A,review,2023-03-01,2023-03-01 09:00,2023-03-02,served,,")
    assert (log.queued[0], log.ended[0]) == (0, 1440)
    assert found(report) == [("day_only", "queued", 1, "kept"), ("day_only", "ended", 1, "kept")]


# What is assumed where a log does not tell


def test_without_outcomes_who_was_never_started_gave_up(read):
    log, report = read(
        f"A,phone,{day('08:30', '08:31', '08:35')}", f"B,phone,{day('08:30', '', '08:35')}",
        f"C,phone,{day('08:30', 'rubbish', '08:35')}".replace("2023-03-01 rubbish", "rubbish"),
        f"D,automatic,{day('08:30', '', '08:35')}", f"E,online,{day('08:30', '', '')}",
        head="case,step,queued,started,ended",
    )  # fmt: skip
    assert log.outcome.tolist() == [SERVED, GAVE_UP, UNTOLD, SERVED, UNTOLD]
    assert report.assumed == ("outcome_from_start", "outcome_from_end")
    assert report.missing == ("outcome", "kind", "server")


def test_a_review_that_lies_as_the_log_ends_has_not_been_given_up(read):
    def row(case: str, came: int, started: int | None, ended: int | None) -> str:
        moments = ("" if at is None else f"2023-03-{at:02d} 09:00" for at in (came, started, ended))
        return f"{case},review,{','.join(moments)}"

    # Files wait for up to three days. What lies for longer was given up; nobody waits in line for so long.
    rows = [row("A", 1, 4, 4), row("B", 6, None, None), row("C", 7, 9, 9), row("D", 8, None, None),
            row("E", 10, 10, 10), row("F", 9, None, 10), row("G", 9, None, None).replace("review", "phone"),
            row("H", 9, 9, 10).replace("review", "phone")]  # fmt: skip
    log, report = read(*rows, head="case,step,queued,started,ended")
    assert log.outcome.tolist() == [SERVED, GAVE_UP, SERVED, UNTOLD, SERVED, GAVE_UP, GAVE_UP, SERVED]
    assert report.assumed == ("outcome_from_start", "lies_yet")
    # An outcome is taken as it is told.
    told = [f"{row},{'gave_up' if n == 3 else ''}" for n, row in enumerate(rows)]
    log, report = read(*told, head="case,step,queued,started,ended,outcome")
    assert (log.outcome[3], report.assumed) == (GAVE_UP, ())


def test_steps_in_words_that_nobody_knows_are_asked_for(read):
    rows = [GOOD.replace("G1", f"G{n}") for n in range(300)]
    counter = [f"A{n},窗口,{day('08:30', '08:31', '08:35')},served,," for n in range(4)]
    assert read(*rows, *counter[:3])[1].count("unknown_step", "窗口") == 3
    with pytest.raises(ScenarioError, match=r"4 rows have words in column 'step' that .* '窗口' .4.; .* issue, ignore"):
        read(*rows, *counter)
    assert read(*rows, *counter, steps={"窗口": "issue"})[0].at("issue").sum() == 4
    assert not read(*rows, *counter, steps={"窗口": "ignore"})[0].has("issue")


def test_outcomes_in_words_that_nobody_knows_are_asked_for(read):
    rows = [GOOD.replace("G1", f"G{n}") for n in range(300)]
    vain = [f"A{n},phone,{day('08:30', '', '08:35')},evaporated,," for n in range(4)]
    log, report = read(*rows, *vain[:3])
    assert report.count("unknown_outcome", "evaporated") == 3
    with pytest.raises(ScenarioError, match=r"4 rows have words in column 'outcome' that .* 'evaporated' .4.; write"):
        read(*rows, *vain)
    assert (read(*rows, *vain, outcomes={"evaporated": "gave_up"})[0].outcome == GAVE_UP).sum() == 4
    log, report = read(*rows, *vain, outcomes={"evaporated": "ignore"})
    assert (log.outcome == UNTOLD).sum() == 4
    assert report.count("unknown_outcome") == 0
    assert ("evaporated", "ignore", 4) in {(word.word, word.meaning, word.count) for word in report.words}


def test_without_starts_what_has_ended_was_served(read):
    log, report = read(f"A,phone,{day('08:30', '08:35')}", f"B,phone,{day('08:30', '')}", head="case,step,queued,ended")
    assert log.outcome.tolist() == [SERVED, UNTOLD]
    assert report.assumed == ("outcome_from_end",)
    assert report.missing == ("started", "outcome", "kind", "server")


def test_reviews_that_another_one_follows_were_sent_back(read):
    rows = [f"A,review,{day('08:30', '08:31', '08:35')}", f"A,review,{day('09:30', '09:31', '09:35')}",
            f"B,review,{day('08:30', '08:31', '08:35')}"]  # fmt: skip
    log, report = read(*rows, head="case,step,queued,started,ended")
    assert log.outcome.tolist() == [RETURNED, SERVED, SERVED]
    assert "returned_from_repeat" in report.assumed
    log, report = read(*(f"{row},served" for row in rows), head="case,step,queued,started,ended,outcome")
    assert log.outcome.tolist() == [RETURNED, SERVED, SERVED]
    log, report = read(*(f"{row},{end}" for row, end in zip(rows, ("served", "served", "returned"), strict=True)),
                       head="case,step,queued,started,ended,outcome")  # fmt: skip
    assert log.outcome.tolist() == [SERVED, SERVED, RETURNED]
    assert report.assumed == ()


def test_without_moments_of_queueing_waits_are_not_known(read):
    log, report = read(f"A,phone,{day('08:31', '08:35')}", head="case,step,started,ended")
    assert np.isnan(log.queued).all()
    assert report.missing == ("queued", "outcome", "kind", "server")


def test_rows_are_sorted_by_case_and_time_whatever_their_order_in_the_file(read):
    log, _ = read(
        f"B,review,{day('09:30', '09:31', '09:35')},served,,", f"A,phone,{day('08:30', '08:31', '08:35')},served,key,",
        f"B,phone,{day('08:40', '08:41', '08:45')},served,other,", f"A,phone,{day('', '', '08:20')},gave_up,,",
    )  # fmt: skip
    assert log.case.tolist() == [0, 0, 1, 1]
    assert log.queued[:2].tolist() == [520, 570]
    assert log.ended[2:].tolist() == [500, 515]
    assert [KINDS[kind] for kind in log.kind] == ["other", "other", "key", "key"]


def test_everything_wrong_at_once(read):
    log, report = read(
        *(GOOD.replace("G1", f"G{n}") for n in range(100)), GOOD, GOOD, "", "x,y", f",phone,{day('08:30', '', '')},,,",
        f"A,bar,{day('08:30', '', '')},,,",
        "B,phone,,,,,,",
        f"C,phone,{day('08:45', '08:40', '08:35')},served,,", "D,phone,1900-01-01,x,2023-03-01 10:00,,,",
    )  # fmt: skip
    assert [one.kind for one in report.findings] == [
        "wrong_number_of_fields", "blank_row", "no_case", "unknown_step", "duplicate", "unreadable_time", "far_time",
        "day_only", "negative_wait", "negative_service", "no_time",
    ]  # fmt: skip
    assert log.cases == 102
