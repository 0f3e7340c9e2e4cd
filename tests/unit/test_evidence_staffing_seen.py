"""Staffing seen in a log: presence, breaks, helpers, plans, and logs that name nobody."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from arrival_logs import made_log, played_log, scenario_of

from sim.office.hours import DAY
from sim.office.scenario import scenario_from_dict
from sim.studies.calibrate.log.steps import NOBODY, STEPS, StepLog, sorted_log
from sim.studies.calibrate.presence.staffing_seen import StaffingSeen, plan_of, staffing_seen

PLANS = {
    "consultants": ("phone", {"08:30-17:00": 3}, 2),
    "assistants": ("filing", {"08:30-17:00": 6}, 2),
    "reviewers": ("review", {"08:00-08:30": 5, "08:30-12:00": 3, "13:30-17:00": 4}, 2),
    "clerks": ("issue", {"08:30-17:00": 2}, 2),
}


def clock(text: str) -> float:
    hours, minutes = text.split(":")
    return int(hours) * 60 + float(minutes)


def log_of_services(*services: tuple[str, str, str, int], days: Sequence[int] = range(4)) -> StepLog:
    """Return the log of services given as (step, start, end, server), the same on each day, without waiting."""
    again = [(DAY * day, *service) for day in days for service in services]
    started = np.array([midnight + clock(begin) for midnight, _, begin, _, _ in again])
    ended = np.array([midnight + clock(end) for midnight, _, _, end, _ in again])
    steps, servers = [step for _, step, *_ in again], [who for *_, who in again]
    return sorted_log(made_log(steps, started, started, ended, server=servers))


def seen_of(log: StepLog, step: str) -> StaffingSeen:
    seen = staffing_seen(log, step)
    assert seen is not None
    return seen


def test_a_server_is_there_from_the_first_start_to_the_last_end():
    seen = seen_of(log_of_services(("filing", "08:40", "08:50", 0), ("filing", "10:40", "11:10", 0)), "filing")
    # Idle for two hours in the morning, he is there; after 11:00 he only finishes.
    assert seen.plan == {"08:30-11:00": 1}
    assert (seen.days, seen.method) == (4, "names")


def test_a_gap_of_an_hour_around_midday_is_a_break():
    one = ("review", "09:00", "12:00", 0), ("review", "13:30", "15:00", 0)
    other = ("review", "11:50", "12:30", 1), ("review", "13:20", "15:00", 1)
    log = log_of_services(*one, *other)
    # Those of the afternoon have waited since noon, so that both were wanted all the time.
    log = replace(log, queued=log.queued - np.where(log.queued % DAY > clock("13:00"), 80, 0))
    # The other one's 50 minutes are no break.
    plan = seen_of(log, "review").plan
    assert plan == {"09:00-11:30": 1, "11:30-12:00": 2, "12:00-13:30": 1, "13:30-15:00": 2}


def test_overlapping_services_of_one_server_are_one_presence():
    log = log_of_services(("review", "09:00", "12:00", 0), ("review", "09:30", "10:00", 0))
    assert seen_of(log, "review").plan == {"09:00-12:00": 1}


def test_who_works_at_several_steps_is_counted_where_he_serves_most():
    clerk = [("issue", f"{hour}:00", f"{hour}:10", 0) for hour in ("09", "10", "11")]
    helps, reviewer = ("review", "11:30", "12:00", 0), ("review", "10:00", "11:00", 1)
    log = log_of_services(*clerk, helps, reviewer)
    counter, review = seen_of(log, "issue"), seen_of(log, "review")
    assert counter.plan == {"09:00-11:30": 1}
    assert review.plan == {"10:00-11:00": 1}


def test_a_step_that_only_helpers_serve_has_the_one_who_serves_most_there():
    helper = [("filing", f"{hour}:00", f"{hour}:30", 0) for hour in ("09", "10", "11")]
    log = log_of_services(*helper, ("key", "14:00", "14:30", 0), ("filing", "09:00", "10:00", 1))
    key, filing = seen_of(log, "key"), seen_of(log, "filing")
    assert key.plan == {"14:00-14:30": 1}
    assert filing.plan == {"09:00-10:00": 1}


@pytest.mark.parametrize(("days_with_a_second", "servers"), [(1, 1), (2, 2), (4, 2)])
def test_a_server_is_planned_who_was_seen_on_half_of_the_days_on_which_he_was_wanted(days_with_a_second, servers):
    one = ("review", "09:00", "10:00", 0)
    log = log_of_services(one, ("review", "10:00", "11:00", 0), days=range(days_with_a_second, 4))
    both = log_of_services(one, ("review", "09:00", "10:00", 1), days=range(days_with_a_second))
    step, started, ended, server = (
        np.concatenate([getattr(log, name), getattr(both, name)]) for name in ("step", "started", "ended", "server")
    )
    # Two wait at nine on each of the days.
    queued = np.floor(started / DAY) * DAY + clock("09:00")
    whole = made_log([STEPS[each] for each in step], queued, started, ended, server=server)
    assert seen_of(whole, "review").counts[18] == servers


def test_who_is_idle_while_nobody_wants_him_is_still_planned():
    # One case at a time all day, except at nine and at three: then a second server is there.
    steady = [("review", f"{hour:02d}:00", f"{hour + 1:02d}:00", 0) for hour in range(9, 16)]
    log = log_of_services(*steady, ("review", "09:00", "09:30", 1), ("review", "15:00", "16:00", 1))
    assert seen_of(log, "review").plan == {"09:00-16:00": 2}


def test_who_is_rarely_asked_for_is_not_taken_for_absent():
    # One visitor a day, at another hour each day of the week; in the second one two at once: no half-hour tells alone.
    logs = [
        log_of_services(("key", f"{9 + day % 7:02d}:00", f"{9 + day % 7:02d}:30", who), days=[day])
        for day in range(14) for who in range(1 + day // 7)
    ]  # fmt: skip
    names = ("case", "step", "queued", "started", "ended", "outcome", "kind", "server")
    log = replace(logs[0], **{name: np.concatenate([getattr(each, name) for each in logs]) for name in names})
    assert seen_of(log, "key").plan == {"09:00-15:30": 2}


def test_weekdays_are_told_apart():
    everyday = log_of_services(("review", "09:00", "10:00", 0), days=range(28))
    wednesday = log_of_services(("review", "09:00", "10:00", 1), days=range(2, 28, 7))
    columns = {
        name: np.concatenate([getattr(everyday, name), getattr(wednesday, name)])
        for name in ("case", "step", "queued", "started", "ended", "outcome", "kind", "server")
    }
    seen = seen_of(replace(everyday, **columns), "review")
    assert seen.by_weekday[:, 18:20].tolist() == [[1, 1], [1, 1], [2, 2], *[[1, 1]] * 4]


def test_without_names_those_busy_at_once_are_counted():
    services = [
        ("filing", "09:00", "10:00", NOBODY), ("filing", "09:20", "09:40", NOBODY),
        ("filing", "09:40", "10:30", NOBODY),
    ]  # fmt: skip
    seen = seen_of(log_of_services(*services), "filing")
    # The third begins as the second ends.
    assert seen.counts[18:20].tolist() == [2, 2]
    assert seen.method == "busy at once"
    half = seen_of(log_of_services(*services, ("filing", "09:00", "10:30", 0)), "filing")
    assert half.counts[18:20].tolist() == [3, 3]


def test_clearing_the_queue_after_the_last_arrivals_is_overtime_and_a_late_shift_is_not():
    day = [(f"16:{minute}", "17:00", server) for minute, server in ((30, 0), (35, 1), (40, 2))]
    late = [("17:00", "17:30", server) for server in range(3)]

    def plan(step: str, *services: tuple[str, str, int]) -> dict[str, int]:
        log = log_of_services(*((step, *service) for service in services))
        queued = np.minimum(log.queued, np.floor(log.queued / DAY) * DAY + clock("16:59"))
        return seen_of(replace(log, queued=queued), step).plan

    assert plan("review", *day, *late) == {"16:30-17:30": 3}
    assert plan("review", *day, late[0]) == {"16:30-17:00": 3}
    # Who has come to the hall is served to the end, by however many.
    assert plan("filing", *day, *late) == {"16:30-17:00": 3}


@pytest.mark.parametrize(("late", "plan"), [(0, {"09:00-17:00": 4}), (1, {"09:00-17:30": 4, "17:30-20:00": 1})])
def test_finishing_long_reviews_after_closing_is_no_evening_shift(late, plan):
    begins = [f"{hour:02d}:{minute}" for hour in range(9, 17) for minute in ("00", "50")][:-1]
    day = [("review", begin, f"{int(begin[:2]) + (begin[3:] != '00')}:{'50' if begin[3:] == '00' else '40'}", who)
           for begin in begins for who in range(4)]  # fmt: skip
    day += [("review", "16:45", "17:45", who) for who in range(4)]
    day += [("review", f"{hour}:50", f"{hour + 1}:45", 3) for hour in (17, 18, 19)] * late
    log = log_of_services(*day)
    # All that is taken up first has waited over night, as what comes in the evening does.
    log = replace(log, queued=np.where(log.started % DAY == clock("09:00"), log.started - DAY / 2, log.queued))
    assert seen_of(log, "review").plan == plan


def test_rows_that_tell_too_little_are_passed_over():
    log = log_of_services(("filing", "09:00", "10:00", 0), ("filing", "11:00", "12:00", 0))
    without = replace(log, ended=np.where(log.started % DAY > 600, math.nan, log.ended))
    assert seen_of(without, "filing").days == 4
    assert staffing_seen(replace(log, started=np.full(8, math.nan)), "filing") is None
    assert staffing_seen(log, "phone") is None


def test_who_gave_up_before_anybody_served_wanted_nobody_who_is_in_the_log():
    log = log_of_services(("filing", "09:00", "10:00", 0))
    gave_up = log.case == 0
    log = replace(log, started=np.where(gave_up, math.nan, log.started))
    assert seen_of(log, "filing").plan == {"09:00-09:30": 1}


def test_a_step_without_staff_is_refused():
    with pytest.raises(ValueError, match="nobody serves at 'online'; must be one of phone, filing"):
        staffing_seen(log_of_services(("filing", "09:00", "10:00", 0)), "online")


def test_runs_of_half_hours_are_merged_to_a_plan_that_a_scenario_takes():
    counts = np.zeros(48, np.int64)
    counts[0], counts[17:24], counts[24:27], counts[46:] = 1, 3, 1, 2
    plan = plan_of(counts)
    assert plan == {"00:00-00:30": 1, "08:30-12:00": 3, "12:00-13:30": 1, "23:00-24:00": 2}
    data = {"name": "s", "title": {"en": "s", "zh": "s"}, "staff": {"clerks": {"plan": {**plan, "15:00-16:00": 1}}}}
    assert len(scenario_from_dict(data).staff.clerks.plan) == 5
    assert plan_of(np.zeros(48, np.int64)) == {}


def test_a_played_office_gives_back_the_plans_of_those_who_are_mostly_busy():
    staff = {name: {"plan": plan, "midday_crew": crew} for name, (_, plan, crew) in PLANS.items()}
    staff["clerks"]["helps"] = [{"stage": "review", "when_waiting": 2}]
    period = {"first": "2023-03-01", "last": "2023-03-31"}
    scenario = scenario_of(period=period, staff=staff, hours={"review": ["08:00-17:00"]})
    log = played_log(scenario, 5)
    found = {pool: seen_of(log, step) for pool, (step, _, _) in PLANS.items()}
    assert found["reviewers"].plan == {"08:00-08:30": 5, "08:30-12:00": 3, "12:00-13:30": 2, "13:30-17:00": 4}
    assert found["clerks"].plan == {"08:30-17:00": 2}
    assert found["consultants"].plan == {"08:30-12:00": 3, "12:00-13:30": 2, "13:30-17:00": 3}
    assert found["consultants"].crew(12 * 60, 13.5 * 60) == 2
    # Less than all are busy in the hall at first, and who is idle is not seen.
    assert max(found["assistants"].counts) == 6
    nameless = replace(log, server=np.full(len(log), NOBODY, np.int32))
    alone = seen_of(nameless, "phone")
    assert (alone.counts <= found["consultants"].counts).all()
    assert max(alone.counts) == 3
