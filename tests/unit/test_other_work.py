"""Other work on the shift, what was corrected first, some first by lot, and callers who never hang up."""

import numpy as np
import pytest
from helpers import said_in
from small_runs import SMALL, record_of

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.judge import Rule
from sim.measures.kpis import measure
from sim.office import CALLED_IN
from sim.office.registration import registration_office
from sim.office.routes import Lot
from sim.office.scenario import scenario_from_dict
from sim.office.tables import tables_of
from sim.present.names import named
from sim.present.table import Table
from sim.records import GAVE_UP, SERVED
from sim.studies.run import show
from sim.studies.run.replicate import run_scenario

NAMED = {"name": "weeks", "title": {"en": "Some weeks", "zh": "几个星期"}}
WEEKS = {"first": "2023-03-01", "last": "2023-04-11"}
PLAN = {"plan": {"08:30-17:00": 6}, "midday_crew": 6, "absence": 0, "leave": 0}


def office_of(**parts):
    """Return an office of some weeks, with six reviewers unless the parts say otherwise."""
    staff = {"reviewers": PLAN} | parts.pop("staff", {})
    return registration_office(scenario_from_dict({**NAMED, "period": WEEKS, "staff": staff, **parts}))


def with_other_work(share, until=None):
    return office_of(staff={"reviewers": {**PLAN, "other_work": {"share": share, "until_waiting": until}}})


def played(office, seed=1):
    journeys = draw(office, seed)
    return journeys, play(office, journeys, "compiled")


def test_a_shift_is_as_much_shorter_as_other_work_is_of_it_and_paid_in_full():
    usual, busy = office_of(), with_other_work(0.5)
    assert [pool.name for pool in usual.pools] == [pool.name for pool in busy.pools]
    figures = [measure(each, *played(each)) for each in (usual, busy)]
    hours, cost, overtime = (
        [each[f"staff {what} pool reviewers"] for each in figures] for what in ("staff hours", "cost", "overtime")
    )
    # Three of six are there each day.
    assert hours[1] == pytest.approx(hours[0] / 2)
    rate = next(pool.cost_per_hour for pool in usual.pools if pool.name == "reviewers")
    assert cost[1] - overtime[1] * rate == pytest.approx(cost[0] - overtime[0] * rate)


@pytest.mark.parametrize("until", [3, 8])
def test_they_leave_other_work_when_so_many_wait_and_not_before(until):
    office = with_other_work(0.8, until)
    journeys, log = played(office)
    names = [pool.name for pool in office.pools]
    of_server = tables_of(office, journeys, log.days).pool_of_server()
    review = np.flatnonzero((journeys.stage == office.stage_number("review")) & (log.outcome == SERVED))
    called = review[of_server[log.server[review]] == names.index("reviewers" + CALLED_IN)]
    assert len(called) > 100
    queued, started = np.sort(log.queued_at[review]), np.sort(log.started_at[review])
    came = np.searchsorted(queued, log.started_at[called], "right")
    taken_before = np.searchsorted(started, log.started_at[called], "left")
    assert (came - taken_before).min() >= until
    # And whoever is left at less than that waits for those who are there.
    alone = review[of_server[log.server[review]] == names.index("reviewers")]
    assert len(alone) > len(called) / 10


def test_both_engines_play_other_work_alike():
    office = with_other_work(0.7, 4)
    journeys, log = played(office, 3)
    assert play(office, journeys, "process").differing_values(log) == 0


def test_what_was_corrected_goes_first_where_a_rule_says_so():
    rule = {"stage": "review", "corrected": True, "priority": 0}
    usual, ruled = (
        office_of(review={"return_rate": 0.4}, demand={"key_share": 0}, priorities=rules) for rules in ([], [rule])
    )
    journeys, plain = draw(ruled, 1), draw(usual, 1)
    log = play(ruled, journeys, "compiled")
    review = (journeys.stage == ruled.stage_number("review")) & (log.outcome == SERVED)
    case = journeys.case_of_visit()
    again = np.append(False, case[review][1:] == case[review][:-1])
    assert (journeys.priority[review] == np.where(again, 0, 1)).all()
    # The same reviews, in another order.
    assert np.array_equal(plain.arrival, journeys.arrival)
    assert np.array_equal(np.sort(plain.minutes[plain.priority >= 0]), np.sort(plain.minutes))


def test_some_go_first_by_lot_and_who_does_at_a_small_share_does_at_a_larger_one():
    drawn = []
    for share in (0.2, 0.5):
        office = office_of(demand={"key_share": 0}, priorities=[{"stage": "review", "share": share, "priority": 0}])
        journeys = draw(office, 1)
        first = (journeys.priority == 0)[journeys.stage == office.stage_number("review")]
        assert first.mean() == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / len(first)))
        drawn.append(first)
    assert (drawn[1] >= drawn[0]).all()


def test_the_others_meet_the_next_rule_that_is_for_all():
    rules = [
        {"stage": "review", "share": 0.3, "priority": 2}, {"stage": "review", "share": 0.9, "priority": 7},
        {"stage": "review", "priority": 5},
    ]  # fmt: skip
    office = office_of(priorities=rules)
    found = {
        node.priority for who in office.populations for _, route in who.routes for node in route.nodes
        if getattr(node, "at", None) == "review"
    }  # fmt: skip
    assert found == {Lot(0.3, 2, 5)}


def test_a_lot_is_a_share():
    with pytest.raises(ValueError, match="from 0 to 1"):
        Lot(1.2, 0, 1)


def test_a_report_shows_who_is_called_in_beside_their_pool_and_counts_nobody_twice():
    work = {"other_work": {"share": 0.5, "until_waiting": 4}}
    plain, busy = (
        record_of(run_scenario(
            scenario_from_dict({**SMALL, "staff": {"reviewers": {**PLAN, **more}}}), 3, Rule(largest=20), jobs=1
        ))
        for more in ({}, work)
    )  # fmt: skip
    people = []
    for run in (plain, busy):
        table = next(part for part in show.report(run) if isinstance(part, Table) and part.title.startswith("Staff"))
        people.append(table.rows[-1][1])
    assert people[0] == people[1]
    names = [row[:2] for row in table.rows]
    assert ("reviewers, called in from other work", "") in names
    assert said_in("zh", named, "pool", "reviewers" + CALLED_IN) == "审核员（从其他工作调回）"


def test_nobody_gives_up_a_call_who_never_hangs_up():
    profile = {
        "name": "callers", "title": {"en": "Callers", "zh": "来电者"}, "share": 1, "talk_seconds": 600, "talk_cv": 1,
        "patience_seconds": 60, "walk_in_share": 0,
    }  # fmt: skip
    gave_up = []
    for hangs_up in (True, False):
        office = office_of(phone={"profiles": [{**profile, "hangs_up": hangs_up}]})
        journeys, log = played(office)
        calls = journeys.stage == office.stage_number("phone")
        gave_up.append(int((log.outcome[calls] == GAVE_UP).sum()))
    assert gave_up[0] > 100
    assert gave_up[1] == 0
