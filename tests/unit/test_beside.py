"""Offices judged beside one that is known well: when it is, who waits for whom, and what becomes of each."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from fitted_offices import LIGHT

from sim.measures.judge import Rule, Verdict
from sim.office.blocks import Target, Unfinished
from sim.office.scenario import scenario_from_dict
from sim.replicate.stopping import Scores
from sim.replicate.store import MemoryStore
from sim.replicate.verdicts import MOST_TO_KNOW, PRECISE, KnownWell, VerdictsBeside
from sim.replicate.workers import workers_for
from sim.studies.outcomes import JudgedBeside, Work, judged

CASES = 3000.0
POINT = SimpleNamespace(target=Target())
RULE = Rule(1000, smallest=30, early=True)


def scores(minutes, rare=False) -> Scores:
    """Return those of years with so many minutes by part, shape (n, parts)."""
    parts = np.stack([CASES * minutes, np.full(minutes.shape, CASES)], axis=2)
    sums, counts = parts.sum(axis=1).T
    return Scores(sums, counts, figures=np.empty((len(sums), 0)), parts=parts)


def years(mean: float, spread: float, n: int, seed: int = 1):
    return mean + np.random.default_rng(seed).normal(0, spread, (n, 13))


def test_one_is_known_well_once_its_interval_is_a_fifth_of_the_margin_whatever_else_was_played():
    minutes = years(4.95, 0.1, 190)
    found = []
    for n in (60, 130, 190):
        known = KnownWell(POINT, Rule(2))
        if known.look([scores(minutes[:n])], [0]):
            found.append((known.interval, known.outcome(0, scores(minutes[:n])).verdict))
    assert len(found) >= 2
    assert all(each == found[0] for each in found)
    (mean, low, high), verdict = found[0]
    assert verdict is Verdict.HOLDS
    assert low < mean < high
    assert 0.9 * PRECISE < (high - low) / 2 / (13 * CASES) / 0.05 <= PRECISE
    early = KnownWell(POINT, Rule(2))
    assert early.look([scores(minutes[:25])], [0]) == []
    assert early.judgements[0].final
    # Nor does it matter what comes after.
    minutes[180, 2] = np.inf
    late = KnownWell(POINT, Rule(2))
    assert (list(late.look([scores(minutes)], [0])), late.interval) == ([0], found[0][0])


def test_far_from_the_target_less_is_enough_and_nobody_is_played_for_ever():
    known = KnownWell(POINT, Rule(2))
    assert list(known.look([scores(years(9.0, 1.0, 20))], [0])) == [0]
    noisy = KnownWell(POINT, Rule(2))
    assert noisy.look([scores(years(4.0, 9.0, MOST_TO_KNOW - 1))], [0]) == []
    assert list(noisy.look([scores(years(4.0, 9.0, MOST_TO_KNOW))], [0])) == [0]
    assert noisy.interval is not None


def test_of_one_in_which_somebody_never_gets_a_licence_there_is_no_interval():
    minutes = years(4.0, 0.1, 30)
    minutes[2, 3] = np.inf
    known = KnownWell(POINT, Rule(2))
    assert list(known.look([scores(minutes)], [0])) == [0]
    assert known.interval is None
    assert known.outcome(0, scores(minutes)).verdict is Verdict.FAILS


def test_who_is_judged_waits_for_the_one_beside_and_that_one_for_all():
    own = years(4.9, 0.2, 60)
    interval = (-0.1 * 13 * CASES, -0.11 * 13 * CASES, -0.09 * 13 * CASES)
    near, far = scores(own[:10] + 0.001), scores(own[:10] + 1)
    verdicts = VerdictsBeside(POINT, interval, [POINT, POINT], RULE)
    assert list(verdicts.look([scores(own[:5]).first(0), near, far], [1, 2])) == []
    done = verdicts.look([scores(own[:5]), near, scores(own[:3] + 1)], [0])
    assert set(done) <= {1}
    assert verdicts.judgements[1].replications == 5
    done = set(verdicts.look([scores(own[:10]), near, far], [0, 2]))
    assert done == {0, 1, 2}
    found = [verdicts.outcome(number, near) for number in (1, 2)]
    assert [each.verdict for each in found] == [Verdict.HOLDS, Verdict.FAILS]
    assert found[0].judgement.estimate == pytest.approx(4.901, abs=0.03)


def test_one_that_cannot_finish_keeps_nobody_waiting():
    own = years(4.9, 0.2, 5)
    verdicts = VerdictsBeside(POINT, (-3950.0, -4000.0, -3900.0), [POINT], RULE)
    stuck = scores(own[:2])
    stuck.unfinished = Unfinished(3, 430)
    assert set(verdicts.look([scores(own), stuck], [1])) == {0}
    assert verdicts.outcome(1, stuck).verdict is Verdict.FAILS


def test_what_differs_much_from_the_one_beside_is_judged_alone():
    # It shares nothing with one that is far from the target, and in hardly any years is clear by itself.
    own, other = years(21.0, 3.0, 60), years(4.5, 0.05, 60, seed=2)
    x = 13 * CASES
    verdicts = VerdictsBeside(POINT, (16 * x, 15.5 * x, 16.5 * x), [POINT], RULE)
    assert set(verdicts.look([scores(own[:5]), scores(other[:5])], [0, 1])) == {0, 1}
    assert (verdicts.judgements[1].verdict, verdicts.judgements[1].replications) == (Verdict.HOLDS, 5)


def test_from_where_the_one_beside_is_infinite_or_ends_others_go_on_alone():
    own, other = years(4.9, 0.2, 60), years(5.0, 0.4, 60, seed=2)
    for spoil in ("infinite", "unfinished"):
        known = scores(own[:40])
        if spoil == "infinite":
            minutes = own[:40].copy()
            minutes[20, 3] = np.inf
            known = scores(minutes)
        else:
            known = known.first(20)
            known.unfinished = Unfinished(3, 430)
        verdicts = VerdictsBeside(
            POINT, (-3950.0, -4000.0, -3900.0), [POINT], Rule(1000, smallest=30, early=True, largest=60)
        )
        assert 1 not in set(verdicts.look([known, scores(other[:50])], [0, 1]))
        assert set(verdicts.look([known, scores(other)], [1])) == {0, 1}
        found = verdicts.outcome(1, scores(other))
        assert (found.verdict, found.replications) == (Verdict.UNDECIDED, 60)
        assert found.judgement.low < 5 < found.judgement.high


def test_what_was_played_of_one_that_then_cannot_finish_is_judged_first():
    own = years(4.9, 0.2, 10)
    stuck = scores(own + 0.001)
    stuck.unfinished = Unfinished(3, 430)
    verdicts = VerdictsBeside(POINT, (-3950.0, -4000.0, -3900.0), [POINT], RULE)
    assert 0 not in set(verdicts.look([scores(own[:5]).first(0), stuck], [1]))
    assert set(verdicts.look([scores(own), stuck], [0])) == {0, 1}
    assert verdicts.outcome(1, stuck).verdict is Verdict.HOLDS


@pytest.mark.parametrize("minutes", [5.0, 60.0])
def test_beside_the_scenario_the_verdicts_are_those_that_each_has_alone(minutes):
    changes = [{"demand": {"registrations_per_year": number}} for number in (2_000, 40_000)]
    base = LIGHT | {"target": {"minutes": minutes}}
    own, *others = (scenario_from_dict(_merged(base, change)) for change in ({}, *changes))
    rule = Rule(10, early=True, largest=60)
    with workers_for("compiled", 1) as workers:
        work = Work(3, "compiled", workers, MemoryStore())
        beside = JudgedBeside(own, rule, Rule(2, largest=60), work)
        together, alone = beside.judged(others), judged(others, rule, work)
    for one, other in zip(together, alone, strict=True):
        assert Verdict.UNDECIDED in (one.verdict, other.verdict) or one.verdict is other.verdict


def _merged(base, change):
    return base | {key: base.get(key, {}) | value for key, value in change.items()}


def test_that_nobody_comes_is_said_of_the_first_replications_however_many_were_played():
    own = years(4.9, 0.2, 60)
    for played in (RULE.boundary.smallest, 60):
        other = scores(own[:played] + 1)
        for column in (other.sums, other.counts, other.parts):
            column[: RULE.boundary.smallest] = 0.0
        verdicts = VerdictsBeside(POINT, (-3950.0, -4000.0, -3900.0), [POINT], RULE)
        assert 1 in set(verdicts.look([scores(own), other], [0, 1]))
        assert verdicts.judgements[1] is None
