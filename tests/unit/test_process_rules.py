"""The rules of the office, one by one, on offices small enough to work out by hand (times in minutes)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from helpers import LEAVE, WHOLE_TIME, V, hand_made_journeys, hand_made_tables, hours, pool

from sim.office.blocks import Closing, Duty, Pool, Stage
from sim.records import (
    GAVE_UP,
    MACHINE_TIME,
    NOT_MADE,
    NOWHERE,
    OWN_TIME,
    SERVED,
    Journeys,
    VisitLog,
    own_time_in_opening_hours,
)

NAN = math.nan
Cases = Sequence[tuple[float, Sequence[V]]]
Play = Callable[..., VisitLog]

DESK = Stage("desk", open=WHOLE_TIME)
COUNTER = Stage("counter", open=WHOLE_TIME)


@pytest.fixture
def play(engine: Callable[..., VisitLog]) -> Play:
    """Play cases through stages and pools; every log is checked for what is true of all logs."""

    def run(
        cases: Cases,
        stages: Sequence[Stage] = (DESK,),
        pools: Sequence[Pool] = (pool("desk"),),
        outages: Sequence[tuple[int, float, float]] = (),
    ) -> VisitLog:
        journeys = hand_made_journeys(*cases, outages=outages)
        log = engine(journeys, hand_made_tables(stages, pools, journeys))
        check_consistency(journeys, log)
        return log

    return run


def check_consistency(journeys: Journeys, log: VisitLog) -> None:
    served, gave_up = log.outcome == SERVED, log.outcome == GAVE_UP
    at_stage = journeys.stage >= 0
    assert np.isfinite(log.queued_at[served | gave_up]).all()
    assert (log.started_at[served] >= log.queued_at[served]).all()
    assert (log.ended_at[served] >= log.started_at[served]).all()
    assert np.isnan(log.started_at[gave_up]).all()
    assert (log.ended_at[gave_up] >= log.queued_at[gave_up]).all()
    assert ((log.server != NOWHERE) == (at_stage & np.isfinite(log.started_at))).all()
    assert np.isnan(log.ended_at[log.outcome == NOT_MADE]).all()
    assert np.isnan(log.freed_at[~(served & at_stage)]).all()
    freed = np.isfinite(log.freed_at)
    assert (log.freed_at[freed] >= log.ended_at[freed]).all()


def same(actual: np.ndarray, expected: Sequence[float]) -> None:
    """Compare a column with what was worked out by hand, to the last bit."""
    np.testing.assert_array_equal(actual, np.array(expected))


def desk(closing: Closing, *opening: tuple[float, float]) -> Stage:
    return Stage("desk", open=hours(*opening), closing=closing)


# Queueing and serving


def test_one_server_serves_in_order_of_arrival(play: Play) -> None:
    log = play([(10, [V(minutes=5)]), (11, [V(minutes=5)]), (30, [V(minutes=2)])])
    same(log.queued_at, [10, 11, 30])
    same(log.started_at, [10, 15, 30])
    same(log.ended_at, [15, 20, 32])
    same(log.freed_at, [15, 20, 32])
    same(log.server, [0, 0, 0])
    same(log.outcome, [SERVED] * 3)
    assert log.left == 0


def test_the_lowest_free_server_takes_the_case(play: Play) -> None:
    cases = [(0, [V(minutes=9)]), (1, [V(minutes=2)]), (2, [V(minutes=9)]), (4, [V(minutes=1)]), (10, [V(minutes=1)])]
    log = play(cases, pools=[pool("desk", duty=[WHOLE_TIME] * 3)])
    same(log.server, [0, 1, 2, 1, 0])


def test_servers_are_numbered_through_the_pools(play: Play) -> None:
    pools = [pool("desk", duty=[WHOLE_TIME] * 2), pool("counter")]
    log = play([(0, [V(stage=1, minutes=1)]), (0, [V(stage=0, minutes=1)])], [DESK, COUNTER], pools)
    same(log.server, [2, 0])


def test_priority_then_first_arrival_then_number(play: Play) -> None:
    busy = (0, [V(minutes=10)])
    waiting = [(1, [V(minutes=1, priority=2)]), (2, [V(minutes=1)]), (3, [V(minutes=1)]), (3, [V(minutes=1)])]
    log = play([busy, *waiting, (4, [V(minutes=1, priority=0)])])
    same(log.started_at, [0, 14, 11, 12, 13, 10])


def test_the_newest_first_turns_the_order_round_within_a_priority(play: Play) -> None:
    busy = (0, [V(minutes=10)])
    waiting = [(1, [V(minutes=1, priority=2)]), (2, [V(minutes=1)]), (3, [V(minutes=1)]), (3, [V(minutes=1)])]
    log = play([busy, *waiting, (4, [V(minutes=1, priority=2)])], [replace(DESK, newest_first=True)])
    same(log.started_at, [0, 14, 12, 11, 10, 13])


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_service_goes_at_another_pace_if_so_many_others_wait_as_it_begins(play: Play, newest_first: bool) -> None:
    stage = replace(DESK, newest_first=newest_first, pace=(2, 0.5))
    cases = [(0, [V(minutes=10)]), *((k, [V(minutes=10)]) for k in (1, 2, 3)), (12, [V(minutes=10)])]
    log = play(cases, [stage])
    # At 10 two others wait, at 15 (one has come) two, at 20 one: who comes during a service does not change it.
    assert sorted(log.started_at) == [0, 10, 15, 20, 30]
    assert sorted(log.ended_at) == [10, 15, 20, 30, 40]


def test_who_is_taken_first_at_an_instant_counts_those_who_are_taken_after_him(play: Play) -> None:
    busy = [(0, [V(minutes=10)]), (0, [V(minutes=10)])]
    waiting = [(k, [V(minutes=8)]) for k in (1, 2, 3)]
    log = play([*busy, *waiting], [replace(DESK, pace=(2, 2.0))], [pool("desk", duty=[WHOLE_TIME] * 2)])
    same(log.ended_at, [10, 10, 26, 18, 26])


def test_who_helps_from_another_pool_works_at_the_pace_of_the_stage(play: Play) -> None:
    stages = [replace(DESK, pace=(1, 3.0)), replace(COUNTER, pace=(1, 0.5))]
    pools = [pool("desk"), Pool("clerks", (Duty("counter"), Duty("desk", 2)), (WHOLE_TIME,))]
    cases = [(0, [V(minutes=10)]), (1, [V(minutes=5)]), (2, [V(minutes=5)])]
    log = play(cases, stages, pools)
    same(log.started_at, [0, 2, 10])
    same(log.ended_at, [10, 17, 15])


def test_priority_does_not_interrupt_a_service(play: Play) -> None:
    log = play([(0, [V(minutes=10, priority=5)]), (1, [V(minutes=1, priority=0)])])
    same(log.started_at, [0, 10])


def test_a_tandem_with_no_time_between(play: Play) -> None:
    way = [V(stage=0, minutes=2), V(stage=1, minutes=3)]
    log = play([(0, way), (0, way)], [DESK, COUNTER], [pool("desk"), pool("counter")])
    same(log.queued_at, [0, 2, 0, 4])
    same(log.started_at, [0, 2, 2, 5])
    same(log.ended_at, [2, 5, 4, 8])


def test_services_of_no_length_all_happen_at_one_instant(play: Play) -> None:
    log = play([(5, [V(), V(), V()]), (5, [V()]), (5, [V(minutes=1)])])
    # Rounds at 5: all three visits of case 0, each time first by its number, then case 1, then case 2.
    same(log.started_at, [5, 5, 5, 5, 5])
    same(log.ended_at, [5, 5, 5, 5, 6])


def test_an_alternative_that_is_skipped_is_not_made(play: Play) -> None:
    log = play([(0, [V(minutes=1, then=2), V(minutes=1), V(minutes=1)])])
    same(log.outcome, [SERVED, NOT_MADE, SERVED])
    same(log.queued_at, [0, NAN, 1])


# Ties and rounds


def test_those_who_arrive_at_one_instant_are_ordered_before_anyone_is_taken(play: Play) -> None:
    log = play([(5, [V(minutes=1, priority=2)]), (5, [V(minutes=1, priority=1)])])
    same(log.started_at, [6, 5])


def test_a_time_away_of_no_length_is_over_before_anyone_is_taken(play: Play) -> None:
    through_own_time = [V(stage=OWN_TIME), V(stage=MACHINE_TIME), V(minutes=1, priority=0)]
    log = play([(5, [V(minutes=1)]), (5, through_own_time)])
    same(log.started_at, [6, 5, 5, 5])


def test_a_service_that_ends_frees_the_server_for_this_instant(play: Play) -> None:
    """End of service and two arrivals at 5: the freed server takes the better of the two."""
    log = play([(0, [V(minutes=5)]), (5, [V(minutes=1, priority=2)]), (5, [V(minutes=1)])])
    same(log.started_at, [0, 6, 5])


def test_a_redial_at_the_instant_of_giving_up_comes_a_round_later(play: Play) -> None:
    """At 8 the server is freed and takes case 2, case 1 gives up and is back for a free server only later."""
    redial = [V(minutes=1, patience=3, gave_up=1), V(minutes=1, priority=0)]
    log = play([(0, [V(minutes=8)]), (5, redial), (1, [V(minutes=4)])])
    same(log.outcome, [SERVED, GAVE_UP, SERVED, SERVED])
    same(log.ended_at, [8, 8, 13, 12])
    same(log.queued_at, [0, 5, 8, 1])


# Giving up


def test_patience_ends(play: Play) -> None:
    log = play([(0, [V(minutes=10)]), (1, [V(minutes=1, patience=4, gave_up=LEAVE), V()]), (2, [V(minutes=1)])])
    same(log.outcome, [SERVED, GAVE_UP, NOT_MADE, SERVED])
    same(log.ended_at, [10, 5, NAN, 11])
    same(log.server, [0, NOWHERE, NOWHERE, 0])
    assert log.left == 0


def test_a_turn_at_the_last_instant_of_patience_counts(play: Play) -> None:
    log = play([(0, [V(minutes=10)]), (1, [V(minutes=1, patience=9)])])
    same(log.outcome, [SERVED, SERVED])
    same(log.started_at, [0, 10])


def test_several_give_up_at_one_instant(play: Play) -> None:
    """Cases 1 and 2 give up at 4; case 1 is back at the same instant and waits on."""
    cases = [(0, [V(minutes=9)]), (1, [V(minutes=1, patience=3, gave_up=1), V()]), (2, [V(minutes=1, patience=2)])]
    log = play(cases, [Stage("desk", open=WHOLE_TIME, waiting_places=2)])
    same(log.outcome, [SERVED, GAVE_UP, SERVED, GAVE_UP])
    same(log.ended_at, [9, 4, 9, 4])


def test_no_patience_means_now_or_never(play: Play) -> None:
    log = play([(0, [V(minutes=3, patience=0)]), (1, [V(minutes=3, patience=0)]), (3, [V(minutes=1, patience=0)])])
    same(log.outcome, [SERVED, GAVE_UP, SERVED])
    same(log.ended_at, [3, 1, 4])


def test_an_earlier_deadline_means_nothing_to_a_later_visit(play: Play) -> None:
    """Case 1 is served at the desk at once; its patience there would have ended at 5, while it waits elsewhere."""
    cases = [(0, [V(stage=1, minutes=9)]), (1, [V(minutes=1, patience=4), V(stage=1, minutes=1, patience=20)])]
    log = play(cases, [DESK, COUNTER], [pool("desk"), pool("counter")])
    same(log.outcome, [SERVED, SERVED, SERVED])
    same(log.started_at, [0, 1, 9])


def test_an_earlier_deadline_that_matches_a_later_one_makes_one_giving_up(play: Play) -> None:
    first, second = V(minutes=1, patience=4), V(stage=1, minutes=1, patience=3, gave_up=2)
    cases = [(0, [V(stage=1, minutes=9)]), (1, [first, second, V(stage=1, minutes=1)])]
    log = play(cases, [DESK, COUNTER], [pool("desk"), pool("counter")])
    same(log.outcome, [SERVED, SERVED, GAVE_UP, SERVED])
    same(log.ended_at, [9, 2, 5, 10])


def test_the_deadline_is_rounded_once(play: Play) -> None:
    arrival, patience = 0.1, 0.2
    log = play([(0, [V(minutes=1)]), (arrival, [V(patience=patience)])])
    same(log.ended_at, [1, arrival + patience])


# Waiting places


def test_who_finds_no_waiting_place_gives_up_at_once(play: Play) -> None:
    cases = [(0, [V(minutes=10)]), (1, [V(minutes=1)]), (2, [V(minutes=1)]), (3, [V(minutes=1)])]
    log = play(cases, [Stage("desk", open=WHOLE_TIME, waiting_places=2)])
    same(log.outcome, [SERVED, SERVED, SERVED, GAVE_UP])
    same(log.ended_at, [10, 11, 12, 3])


def test_without_waiting_places_a_free_server_is_still_found(play: Play) -> None:
    cases = [(0, [V(minutes=2)]), (1, [V(minutes=2)]), (2, [V(minutes=2)])]
    log = play(cases, [Stage("desk", open=WHOLE_TIME, waiting_places=0)])
    same(log.outcome, [SERVED, GAVE_UP, SERVED])


def test_who_goes_first_takes_the_place_of_the_last(play: Play) -> None:
    cases = [(0, [V(minutes=9)]), (1, [V(minutes=1, priority=2)]), (2, [V(minutes=1, priority=1)])]
    log = play(cases, [Stage("desk", open=WHOLE_TIME, waiting_places=1)])
    same(log.outcome, [SERVED, GAVE_UP, SERVED])
    same(log.ended_at, [9, 2, 10])


def test_where_the_newest_goes_first_the_oldest_has_no_place(play: Play) -> None:
    cases = [(0, [V(minutes=9)]), (1, [V(minutes=1)]), (2, [V(minutes=1)])]
    log = play(cases, [Stage("desk", open=WHOLE_TIME, waiting_places=1, newest_first=True)])
    same(log.outcome, [SERVED, GAVE_UP, SERVED])
    same(log.ended_at, [9, 2, 10])


def test_the_impatient_make_room_before_places_are_counted(play: Play) -> None:
    cases = [(0, [V(minutes=9)]), (1, [V(minutes=1, patience=2)]), (3, [V(minutes=1)])]
    log = play(cases, [Stage("desk", open=WHOLE_TIME, waiting_places=1)])
    same(log.outcome, [SERVED, GAVE_UP, SERVED])
    same(log.ended_at, [9, 3, 10])


# Duty


def test_a_server_whose_duty_ends_finishes_the_case_and_takes_no_other(play: Play) -> None:
    duty = [hours((0, 10), (20, 30)), hours((0, 30))]
    cases = [(0, [V(minutes=15)]), (0, [V(minutes=14)]), (1, [V(minutes=12)]), (2, [V(minutes=1)])]
    log = play(cases, pools=[pool("desk", duty=duty)])
    same(log.ended_at, [15, 14, 26, 21])
    same(log.server, [0, 1, 1, 0])
    same(log.started_at, [0, 0, 14, 20])


def test_duty_includes_its_first_instant_but_not_its_last(play: Play) -> None:
    log = play([(5, [V(minutes=1)]), (10, [V(minutes=1)])], pools=[pool("desk", duty=[hours((5, 10), (12, 20))])])
    same(log.started_at, [5, 12])


def test_a_service_that_ends_with_the_duty_leads_to_no_other(play: Play) -> None:
    cases = [(0, [V(minutes=10)]), (1, [V(minutes=1)])]
    log = play(cases, pools=[pool("desk", duty=[hours((0, 10), (20, 30))])])
    same(log.started_at, [0, 20])


def test_a_server_is_called_to_duty_by_nobody_but_the_calendar(play: Play) -> None:
    log = play([(0, [V(minutes=1)])], pools=[pool("desk", duty=[hours((7, 9))])])
    same(log.started_at, [7])


# Opening and closing


def test_serve_those_who_came_before_the_closing_are_served_in_overtime(play: Play) -> None:
    cases = [(0, [V(minutes=8)]), (1, [V(minutes=8)]), (9, [V(minutes=1)]), (10, [V(minutes=1)])]
    stage = desk(Closing.SERVE, (0, 10), (100, 110))
    log = play(cases, [stage], [pool("desk", duty=[hours((0, 10), (100, 110))])])
    same(log.started_at, [0, 8, 16, 100])


def test_serve_takes_nobody_whose_duty_ended_at_another_moment(play: Play) -> None:
    cases = [(0, [V(minutes=12)]), (0, [V(minutes=9)]), (1, [V(minutes=5)]), (2, [V(minutes=5)])]
    duty = [hours((0, 9)), hours((0, 10))]
    log = play(cases, [desk(Closing.SERVE, (0, 10))], [pool("desk", duty=duty)])
    same(log.server, [0, 1, 1, 1])
    same(log.started_at, [0, 0, 9, 14])


def test_serve_in_overtime_passes_over_who_came_too_late(play: Play) -> None:
    cases = [(0, [V(minutes=15)]), (1, [V(minutes=1)]), (12, [V(minutes=1, priority=0)])]
    log = play(cases, [desk(Closing.SERVE, (0, 10), (50, 60))], [pool("desk", duty=[hours((0, 60))])])
    same(log.started_at, [0, 15, 50])


def test_serve_in_overtime_takes_the_newest_of_those_who_came_in_time(play: Play) -> None:
    in_time = [(1, [V(minutes=1)]), (2, [V(minutes=1, patience=14)]), (3, [V(minutes=1)])]
    cases = [(0, [V(minutes=15)]), *in_time, (12, [V(minutes=3)]), (13, [V(minutes=1)])]
    stage = replace(desk(Closing.SERVE, (0, 10), (50, 60)), newest_first=True)
    log = play(cases, [stage], [pool("desk", duty=[hours((0, 60))])])
    same(log.started_at, [0, 17, 16, 15, 51, 50])


def test_serve_those_off_duty_stop_when_the_stage_opens_again(play: Play) -> None:
    """Off duty since the closing at 10 he may clear the closed stage, but not the open one."""
    cases = [(0, [V(minutes=25)]), (1, [V(minutes=1)])]
    log = play(cases, [desk(Closing.SERVE, (0, 10), (20, 40))], [pool("desk", duty=[hours((0, 10), (35, 40))])])
    same(log.started_at, [0, 35])


def test_a_visit_that_begins_after_closing_is_too_late_though_the_case_was_there(play: Play) -> None:
    cases = [(0, [V(minutes=12), V(minutes=1)])]
    log = play(cases, [desk(Closing.SERVE, (0, 10), (30, 40))], [pool("desk", duty=[hours((0, 40))])])
    same(log.started_at, [0, 30])


def test_carry_over_takes_nobody_while_closed(play: Play) -> None:
    cases = [(0, [V(minutes=12)]), (1, [V(minutes=1)]), (15, [V(minutes=1)]), (15, [V(minutes=1, patience=5)])]
    log = play(cases, [desk(Closing.CARRY_OVER, (0, 10), (30, 40))])
    same(log.started_at, [0, 30, 31, NAN])
    same(log.ended_at, [12, 31, 32, 20])


def test_nothing_is_open_before_the_first_opening(play: Play) -> None:
    cases = [(1, [V(minutes=1)])]
    same(play(cases, [desk(Closing.SERVE, (5, 9))]).started_at, [5])
    same(play(cases, [desk(Closing.CARRY_OVER, (5, 9))]).started_at, [5])
    log = play(cases, [desk(Closing.SEND_HOME, (5, 9))])
    same(log.started_at, [5])
    same(log.trips, [1])


def test_send_home_keeps_the_first_arrival_and_the_place(play: Play) -> None:
    """Case 1 waits at the closing, case 2 comes too late; both are sent home, case 3 comes as it opens."""
    cases = [(0, [V(minutes=15)]), (9, [V(minutes=1)]), (10, [V(minutes=1)]), (30, [V(minutes=1)])]
    log = play(cases, [desk(Closing.SEND_HOME, (0, 10), (30, 40))])
    same(log.queued_at, [0, 9, 10, 30])
    same(log.started_at, [0, 30, 31, 32])
    same(log.trips, [0, 1, 1, 0])


def test_send_home_counts_every_trip(play: Play) -> None:
    cases = [(0, [V(minutes=35)]), (1, [V(minutes=1)])]
    log = play(cases, [desk(Closing.SEND_HOME, (0, 10), (20, 30), (40, 50))])
    same(log.started_at, [0, 40])
    same(log.trips, [0, 2])


def test_patience_starts_afresh_when_back_from_home(play: Play) -> None:
    """Patience of 7 from 5 on would end at 12; from the return at 20 on it ends at 27."""
    cases = [(0, [V(minutes=28)]), (5, [V(minutes=1, patience=7)])]
    log = play(cases, [desk(Closing.SEND_HOME, (0, 10), (20, 40))])
    same(log.outcome, [SERVED, GAVE_UP])
    same(log.ended_at, [28, 27])


def test_who_is_sent_home_at_the_last_instant_of_patience_has_not_given_up(play: Play) -> None:
    log = play([(0, [V(minutes=15)]), (5, [V(minutes=1, patience=5)])], [desk(Closing.SEND_HOME, (0, 10), (20, 40))])
    same(log.outcome, [SERVED, SERVED])
    same(log.trips, [0, 1])
    same(log.started_at, [0, 20])


def test_who_comes_back_to_too_few_places_gives_up(play: Play) -> None:
    stage = Stage("desk", open=hours((20, 40)), closing=Closing.SEND_HOME, waiting_places=1)
    log = play([(float(t), [V(minutes=1)]) for t in range(4)], [stage])
    same(log.outcome, [SERVED, SERVED, GAVE_UP, GAVE_UP])
    same(log.ended_at, [21, 22, 20, 20])
    same(log.trips, [1, 1, 1, 1])


# Outages


def test_in_an_outage_nothing_is_taken_and_patience_runs(play: Play) -> None:
    cases = [(0, [V(minutes=8)]), (6, [V(minutes=1, patience=3)]), (7, [V(minutes=1)])]
    log = play(cases, outages=[(0, 5, 20)])
    same(log.ended_at, [8, 9, 21])
    same(log.started_at, [0, NAN, 20])


def test_an_outage_begins_before_anyone_is_taken_and_ends_before_too(play: Play) -> None:
    log = play([(5, [V(minutes=1, patience=15)])], outages=[(0, 5, 20)])
    same(log.started_at, [20])


def test_an_outage_stops_overtime_too(play: Play) -> None:
    cases = [(0, [V(minutes=12)]), (1, [V(minutes=1)])]
    log = play(cases, [desk(Closing.SERVE, (0, 10), (50, 60))], outages=[(0, 11, 30)])
    same(log.started_at, [0, 30])


def test_an_outage_of_one_stage_leaves_the_servers_to_the_other(play: Play) -> None:
    cases = [(6, [V(stage=0, minutes=1)]), (6, [V(stage=1, minutes=1)])]
    log = play(cases, [DESK, COUNTER], [pool("desk", "counter")], outages=[(0, 5, 20)])
    same(log.started_at, [20, 6])


# Pools with several stages


def test_a_server_serves_the_preferred_stage_first(play: Play) -> None:
    cases = [(0, [V(stage=0, minutes=5)]), (1, [V(stage=0, minutes=1)]), (2, [V(stage=1, minutes=1)])]
    log = play(cases, [DESK, COUNTER], [pool("counter", "desk")])
    same(log.started_at, [0, 6, 5])


def test_all_first_choices_come_before_any_second_choice(play: Play) -> None:
    """Pool 0 could take the only case at the counter as a second choice; for pool 1 it is the first."""
    log = play([(0, [V(stage=1, minutes=1)])], [DESK, COUNTER], [pool("desk", "counter"), pool("counter")])
    same(log.server, [1])


def test_a_threshold_counts_everyone_waiting_at_the_moment_of_taking(play: Play) -> None:
    """The helper comes when 3 wait: the third takes him (for the first in line), the two others wait on."""
    busy = (0, [V(stage=1, minutes=20)])
    waiting = [(float(t), [V(stage=1, minutes=4)]) for t in (1, 2, 3, 4)]
    pools = [pool("counter", name="own"), pool("desk", Duty("counter", when_waiting=3), name="helper")]
    log = play([busy, *waiting], [DESK, COUNTER], pools)
    same(log.server, [0, 1, 1, 0, 0])
    same(log.started_at, [0, 3, 7, 20, 24])


def test_a_threshold_is_looked_at_again_for_each_server(play: Play) -> None:
    waiting = [(5, [V(minutes=4)]) for _ in range(3)]
    pools = [pool(Duty("desk", when_waiting=2), duty=[WHOLE_TIME] * 3)]
    log = play(waiting, pools=pools)
    assert log.left == 1
    same(log.started_at, [5, 5, NAN])
    same(log.server, [0, 1, NOWHERE])


def test_a_threshold_counts_those_too_who_may_not_be_taken(play: Play) -> None:
    """After closing, one who came in time and one too late wait: two are enough for help."""
    cases = [(9, [V(minutes=1)]), (12, [V(minutes=1)])]
    stages = [desk(Closing.SERVE, (0, 10), (50, 60))]
    log = play(cases, stages, [pool(Duty("desk", when_waiting=2))])
    same(log.started_at, [12, NAN])


# Time away


def test_own_and_machine_time_pass_on_the_wall_clock(play: Play) -> None:
    way = [V(stage=OWN_TIME, minutes=7), V(stage=MACHINE_TIME, minutes=2), V(minutes=1)]
    log = play([(3, way)], [desk(Closing.CARRY_OVER, (0, 4), (11, 20))])
    same(log.queued_at, [3, 10, 12])
    same(log.started_at, [3, 10, 12])
    same(log.ended_at, [10, 12, 13])
    same(log.freed_at, [NAN, NAN, 13])
    same(log.server, [NOWHERE, NOWHERE, 0])
    same(log.outcome, [SERVED] * 3)


@pytest.mark.parametrize(
    ("arrival", "minutes", "end"),
    [
        (2, 3, 5),  # within one interval
        (8, 5, 33),  # 2 minutes before closing, 3 after the opening at 30
        (15, 0, 30),  # comes while closed: is there as it opens
        (7, 3, 30),  # never at the closing instant, but at the next opening
        (10, 4, 34),  # begins at the closing instant
        (15, 10, 50),  # the whole second interval, so the third opening
    ],
)
def test_own_time_in_opening_hours(play: Play, arrival: float, minutes: float, end: float) -> None:
    stage = desk(Closing.SERVE, (0, 10), (30, 40), (50, 60))
    log = play([(arrival, [V(stage=own_time_in_opening_hours(0), minutes=minutes), V(minutes=1)])], [stage])
    same(log.ended_at, [end, end + 1])
    same(log.started_at, [arrival, end])


def test_own_time_in_the_hours_of_the_second_stage(play: Play) -> None:
    stages = [desk(Closing.SERVE, (0, 100)), Stage("counter", open=hours((40, 50)))]
    log = play([(5, [V(stage=own_time_in_opening_hours(1), minutes=2)])], stages)
    same(log.ended_at, [42])


def test_own_time_that_outlasts_the_calendar_never_ends(play: Play) -> None:
    log = play([(1, [V(stage=own_time_in_opening_hours(0), minutes=11), V()])], [desk(Closing.SERVE, (0, 10))])
    same(log.queued_at, [1, NAN])
    same(log.started_at, [1, NAN])
    same(log.ended_at, [NAN, NAN])
    same(log.outcome, [NOT_MADE, NOT_MADE])
    assert log.left == 1


# Servers who stay with a case


STUDIO = Stage("studio", open=WHOLE_TIME)
REVIEW = Stage("review", open=WHOLE_TIME)
TWO_STAGES = [STUDIO, REVIEW]
TWO_POOLS = [pool("studio"), pool("review")]


def test_a_server_stays_until_the_last_visit_of_the_stay_is_over(play: Play) -> None:
    """Filing at the studio, own time, review by another server, then the licence elsewhere."""
    way = [
        V(stage=0, minutes=5, stays_until=2),
        V(stage=OWN_TIME, minutes=4),
        V(stage=1, minutes=3),
        V(stage=OWN_TIME, minutes=10),
    ]
    log = play([(0, way), (1, [V(stage=0, minutes=2)])], TWO_STAGES, TWO_POOLS)
    same(log.ended_at, [5, 9, 12, 22, 14])
    same(log.freed_at, [12, NAN, 12, NAN, 14])
    same(log.server, [0, NOWHERE, 1, NOWHERE, 0])
    same(log.started_at[4:], [12])


def test_a_server_who_stayed_is_free_for_the_instant_at_which_he_lets_go(play: Play) -> None:
    way = [V(stage=0, minutes=5, stays_until=1), V(stage=OWN_TIME, minutes=4), V(stage=0, minutes=1, priority=9)]
    log = play([(0, way), (9, [V(stage=0, minutes=2)])], TWO_STAGES, TWO_POOLS)
    same(log.started_at, [0, 5, 11, 9])
    same(log.freed_at, [9, NAN, 12, 11])


def test_a_server_lets_go_when_the_case_skips_the_rest_of_the_stay(play: Play) -> None:
    way = [V(stage=0, minutes=5, stays_until=2), V(stage=OWN_TIME, minutes=4, then=3), V(), V(stage=OWN_TIME)]
    log = play([(0, way)], TWO_STAGES, TWO_POOLS)
    same(log.freed_at, [9, NAN, NAN, NAN])


def test_a_server_lets_go_at_once_when_the_next_visit_is_beyond_the_stay(play: Play) -> None:
    log = play([(0, [V(minutes=5, stays_until=1, then=2), V(), V(stage=OWN_TIME, minutes=9)])])
    same(log.freed_at, [5, NAN, NAN])


def test_a_server_lets_go_when_the_case_leaves(play: Play) -> None:
    way = [V(stage=0, minutes=5, stays_until=2), V(stage=OWN_TIME, minutes=4, then=LEAVE), V()]
    log = play([(0, way), (1, [V(stage=0, minutes=1)])], TWO_STAGES, TWO_POOLS)
    same(log.freed_at, [9, NAN, NAN, 10])
    assert log.left == 0


def test_a_server_lets_go_when_the_case_gives_up_and_moves_on(play: Play) -> None:
    """The case waits for review from 5, gives up at 7, and goes on beyond the stay."""
    way = [V(stage=0, minutes=5, stays_until=1), V(stage=1, patience=2, gave_up=2), V(stage=OWN_TIME, minutes=9)]
    log = play([(0, [V(stage=1, minutes=20)]), (0, way)], TWO_STAGES, TWO_POOLS)
    same(log.freed_at, [20, 7, NAN, NAN])
    same(log.ended_at, [20, 5, 7, 16])


def test_a_server_freed_by_a_giving_up_takes_the_next_case_at_this_instant(play: Play) -> None:
    way = [V(stage=0, minutes=5, stays_until=1), V(stage=1, patience=2)]
    cases = [(0, [V(stage=1, minutes=20)]), (0, way), (1, [V(stage=0, minutes=1, patience=6)])]
    log = play(cases, TWO_STAGES, TWO_POOLS)
    # His patience ends at 7 as well, in the same phase C, before the server is free.
    same(log.outcome, [SERVED, SERVED, GAVE_UP, GAVE_UP])
    log = play([*cases[:2], (1, [V(stage=0, minutes=1, patience=6.5)])], TWO_STAGES, TWO_POOLS)
    same(log.started_at, [0, 0, NAN, 7])


def test_a_server_lets_go_when_his_duty_ends(play: Play) -> None:
    way = [V(stage=0, minutes=5, stays_until=1), V(stage=OWN_TIME, minutes=40)]
    pools = [pool("studio", duty=[hours((0, 10), (20, 60))]), pool("review")]
    log = play([(0, way), (1, [V(stage=0, minutes=1)])], TWO_STAGES, pools)
    same(log.freed_at, [10, NAN, 21])
    same(log.started_at, [0, 5, 20])


def test_a_server_in_overtime_does_not_stay(play: Play) -> None:
    way = [V(stage=0, minutes=5, stays_until=1), V(stage=OWN_TIME, minutes=40)]
    for end_of_duty in (4, 5):
        pools = [pool("studio", duty=[hours((0, end_of_duty))]), pool("review")]
        log = play([(0, way)], TWO_STAGES, pools)
        same(log.freed_at, [5, NAN])
        same(log.ended_at, [5, 45])


def test_a_server_who_lets_go_at_closing_helps_to_clear_the_stage(play: Play) -> None:
    """His duty ends as the stage closes: he lets go of one case and takes the one that waits, in overtime."""
    way = [V(stage=0, minutes=5, stays_until=1), V(stage=OWN_TIME, minutes=40)]
    stages = [Stage("studio", open=hours((0, 10))), REVIEW]
    pools = [pool("studio", duty=[hours((0, 10))]), pool("review")]
    log = play([(0, way), (1, [V(stage=0, minutes=3)])], stages, pools)
    same(log.freed_at, [10, NAN, 13])
    same(log.started_at, [0, 5, 10])


def test_a_server_who_stays_with_a_case_that_never_moves_on_is_not_freed(play: Play) -> None:
    way = [V(stage=0, minutes=5, stays_until=1), V(stage=own_time_in_opening_hours(1), minutes=40)]
    stages = [STUDIO, Stage("review", open=hours((0, 10)))]
    pools = [pool("studio", duty=[hours((0, math.inf))]), pool("review")]
    log = play([(0, way), (9, [V(stage=0)])], stages, pools)
    same(log.freed_at, [NAN, NAN, NAN])
    same(log.outcome, [SERVED, NOT_MADE, NOT_MADE])
    assert log.left == 2


# The end of the calendar


def test_cases_that_wait_when_the_calendar_ends_are_counted(play: Play) -> None:
    cases = [(0, [V(minutes=8)]), (1, [V(minutes=8), V(minutes=1)]), (12, [V(minutes=1)])]
    log = play(cases, [desk(Closing.CARRY_OVER, (0, 5))])
    assert log.left == 2
    same(log.queued_at, [0, 1, NAN, 12])
    same(log.started_at, [0, NAN, NAN, NAN])
    same(log.outcome, [SERVED, NOT_MADE, NOT_MADE, NOT_MADE])


def test_who_was_sent_home_for_good_is_counted(play: Play) -> None:
    log = play([(7, [V(minutes=1)])], [desk(Closing.SEND_HOME, (0, 5))])
    assert log.left == 1
    same(log.trips, [1])
    same(log.queued_at, [7])


def test_time_away_goes_on_after_the_calendar(play: Play) -> None:
    log = play([(0, [V(stage=OWN_TIME, minutes=5e6)])])
    same(log.ended_at, [5e6])
    assert log.left == 0


def test_an_office_that_nobody_comes_to(play: Play) -> None:
    log = play([])
    assert log.left == 0
    assert len(log.queued_at) == 0
