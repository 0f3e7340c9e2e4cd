"""How many cases people have in hand at once, as a log shows it by their names."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.studies.calibrate.log.steps import SERVED, STEPS, StepLog
from sim.studies.calibrate.presence.several import at_once, side_by_side

MONDAY = date(2023, 3, 6)


def services(*rows):
    """Return a log of reviews: (server, from, to) [min]."""
    server, started, ended = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    return StepLog(
        first_day=MONDAY, case=np.arange(n), step=np.full(n, STEPS.index("review"), np.int8), queued=started * 1.0,
        started=started * 1.0, ended=ended * 1.0, outcome=np.full(n, SERVED, np.int8), kind=np.zeros(n, np.int8),
        server=server.astype(np.int32), cases=n, servers=("a", "b", "c"),
    )  # fmt: skip


def in_turn(server, days=40, at=1, minutes=20.0):
    """Return services one after the other on each of some days, `at` at a time."""
    begins = [540 + 1440 * day + (number + part / at) * minutes
              for day in range(days) for number in range(12) for part in range(at)]  # fmt: skip
    return [(server, begin, begin + minutes) for begin in begins]


@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_as_many_as_are_in_hand_are_found(at):
    assert at_once(services(*in_turn(0, at=at), *in_turn(1, at=at)), "review").cases == at


def test_an_overlap_of_moments_or_by_clocks_is_none():
    late = [(server, begin, end + 5) for server, begin, end in in_turn(0)]
    assert at_once(services(*late), "review").cases == 1
    short = [(server, begin, end + 1.5) for server, begin, end in in_turn(0, minutes=2.0)]
    assert at_once(services(*short), "review").cases == 1


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
def test_forgotten_ends_make_nobody_have_several(share):
    generator = np.random.default_rng(1)
    rows = [
        (server, begin, (begin // 1440) * 1440 + 1020 if generator.random() < share else end)
        for each in (0, 1) for server, begin, end in in_turn(each)
    ]  # fmt: skip
    assert at_once(services(*rows), "review").cases == 1
    # And of who has two, no more than two.
    rows = [
        (server, begin, (begin // 1440) * 1440 + 1020 if generator.random() < share / 5 else end)
        for server, begin, end in in_turn(0, at=2)
    ]  # fmt: skip
    assert at_once(services(*rows), "review").cases == 2


def test_one_of_many_who_works_otherwise_is_not_all_of_them():
    assert at_once(services(*in_turn(0, at=3), *in_turn(1, days=80), *in_turn(2, days=80)), "review").cases == 1


def test_nobody_named_has_one_at_a_time():
    log = services(*in_turn(0, at=3))
    assert at_once(replace(log, server=np.full(len(log), -1, np.int32)), "review").cases == 1


def test_side_by_side_is_told_of_both_and_in_any_order():
    begin = np.array([600.0, 0.0, 50.0, 100.0])
    assert side_by_side(begin, np.array([700.0, 60.0, 90.0, 110.0])).tolist() == [0] * 4
    assert side_by_side(begin, np.array([700.0, 60.0, 75.0, 110.0])).tolist() == [0] * 4
    assert side_by_side(begin, np.array([700.0, 110.0, 130.0, 110.0])).tolist() == [0, 1, 1, 0]
