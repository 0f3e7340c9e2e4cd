"""Two engines, one answer: their logs are equal to the last bit, ties included."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from random_blocks import random_block_office
from random_offices import EVERY_THIRD, random_office
from situations import situations

from sim.draws.draw import draw
from sim.engines.compiled import play_compiled
from sim.engines.play import play
from sim.engines.process import play_process
from sim.library import load_scenario
from sim.office.tables import tables_of
from sim.records import GAVE_UP, SERVED, VISIT_LOG, VisitLog

OFFICES = 3000
BLOCK_OFFICES = 300
OFFICES_OF_MANY_PRIORITIES = 300
OFFICES_OF_SEVERAL = 150
BASELINE = Path(__file__).parents[2] / "scenarios" / "baseline-2023.yaml"

COLUMNS = list(VISIT_LOG.names or ())

CASES = ("case without any visit", "case that never finishes")
GIVING_UP = (
    "gave up when patience ended",
    "gave up for want of a waiting place",
    "went on after giving up",
)
SERVERS = (
    "taken by a server of second choice",
    "taken by a server of third choice",
    "taken when enough were waiting",
    "served at another pace, since many waited",
    "finished at the end of duty or later",
    "server stayed with the case",
    "stay ended by the end of duty",
    "no stay because of overtime",
)
CLOSING_AND_OUTAGES = (
    "taken after closing by a server on duty",
    "taken after closing in overtime",
    "carried over to the next opening",
    "came while closed and waited for the opening",
    "sent home",
    "sent home twice",
    "served after patience had begun afresh",
    "waited through an outage",
    "served on when an outage began",
)
TIMES = (
    "service of no minutes",
    "away for no minutes",
    "away for more than an hour",
    "own time in opening hours",
    "own time that waited for an opening",
)
ORDER_AND_TIES = (
    "overtaken by a case of higher priority",
    "overtaken by a newer case of the same priority",
    "two join a queue at the same instant",
    "two give up at the same instant",
    "served at the very end of patience",
)


@dataclass
class Comparison:
    """What came out when both engines played the same offices."""

    offices: int = 0
    whole_minutes: int = 0
    values: int = 0
    """Values compared, those of visits not made included."""
    visits_made: int = 0
    differing: dict[object, int] = field(default_factory=dict)
    """Differing values by office, of the offices that have any."""
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, name: object, reference: VisitLog, fast: VisitLog) -> None:
        self.offices += 1
        self.values += 1 + sum(reference.visit[column].size for column in COLUMNS)  # 1 = cases left
        self.visits_made += int(np.isfinite(reference.queued_at).sum())
        if differing := reference.differing_values(fast):
            self.differing[name] = differing

    def report(self, what: str) -> None:
        print(
            f"\n{what}: {self.offices:,} ({self.whole_minutes:,} in whole minutes), {self.visits_made:,} visits made, "
            f"{self.values:,} values compared, {sum(self.differing.values()):,} differ"
        )


@pytest.fixture(scope="module")
def small_offices() -> Comparison:
    """Play the random small offices by both engines."""
    comparison = Comparison()
    for number in range(OFFICES):
        office = random_office(number)
        both = office.journeys, office.tables
        reference = play_process(*both)
        comparison.add(number, reference, play_compiled(*both))
        comparison.seen += situations(*both, reference)
        comparison.whole_minutes += office.whole_minutes
    return comparison


@pytest.fixture(scope="module")
def block_offices() -> Comparison:
    """Draw the random offices of blocks and play them by both engines."""
    comparison = Comparison()
    for number in range(BLOCK_OFFICES):
        office = random_block_office(number)
        journeys = draw(office, seed=number)
        reference = play(office, journeys, engine="process")
        fast = play(office, journeys, engine="compiled")
        assert reference.days == fast.days
        comparison.add(number, reference, fast)
        comparison.seen += situations(journeys, tables_of(office, journeys, fast.days), reference)
        comparison.whole_minutes += number % EVERY_THIRD == 0
    return comparison


def test_small_offices(small_offices: Comparison) -> None:
    small_offices.report("Small offices")
    assert small_offices.differing == {}
    assert small_offices.offices == OFFICES >= 3000
    assert small_offices.whole_minutes * 3 == OFFICES
    assert small_offices.values > 1_000_000
    assert small_offices.visits_made > 100_000


@pytest.mark.parametrize("situation", CASES + GIVING_UP + SERVERS + CLOSING_AND_OUTAGES + TIMES + ORDER_AND_TIES)
def test_small_offices_bring_about(small_offices: Comparison, situation: str) -> None:
    print(f"\n{small_offices.seen[situation]:7,} times: {situation}")
    assert small_offices.seen[situation] >= 200


def test_small_offices_are_calm_enough(small_offices: Comparison) -> None:
    share = small_offices.seen["served at a stage"] / small_offices.seen["visit to a stage"]
    print(f"\n{share:.1%} of the visits to a stage are served")
    assert share > 0.75


def test_any_number_of_priorities() -> None:
    priorities = np.random.default_rng(1)
    comparison = Comparison()
    for number in range(OFFICES_OF_MANY_PRIORITIES):
        office = random_office(number)
        journeys = office.journeys.with_visits(priority=priorities.integers(-20, 20, office.journeys.visits))
        comparison.add(number, *(play(journeys, office.tables) for play in (play_process, play_compiled)))
    comparison.report("Small offices of many priorities")
    assert comparison.differing == {}


def test_offices_of_blocks(block_offices: Comparison) -> None:
    block_offices.report("Offices of blocks, drawn")
    assert block_offices.differing == {}
    assert block_offices.offices == BLOCK_OFFICES
    assert block_offices.whole_minutes * 3 == BLOCK_OFFICES
    assert block_offices.visits_made > 20_000
    share = block_offices.seen["served at a stage"] / block_offices.seen["visit to a stage"]
    print(f"{share:.1%} of the visits to a stage are served")
    assert share > 0.75


@pytest.mark.parametrize("at_once", [2, 3])
def test_offices_of_people_who_have_several_cases_in_hand(at_once: int) -> None:
    comparison = Comparison()
    several = 0
    for number in range(OFFICES_OF_SEVERAL):
        office = random_block_office(number)
        office = replace(office, pools=tuple(replace(pool, at_once=at_once) for pool in office.pools))
        journeys = draw(office, seed=number)
        reference, fast = (play(office, journeys, engine=engine) for engine in ("process", "compiled"))
        comparison.add(number, reference, fast)
        first = tables_of(office, journeys, fast.days).pool_first_server
        for begin, pool in zip(first[:-1], office.pools, strict=True):
            mine = np.flatnonzero((fast.server >= begin) & (fast.server < begin + pool.servers))
            person = (fast.server[mine] - begin) % max(pool.people, 1)
            for each in range(pool.people):
                started, freed = fast.started_at[mine[person == each]], fast.freed_at[mine[person == each]]
                in_hand = (started <= started[:, None]) & (freed > started[:, None])
                assert in_hand.sum(axis=1).max(initial=0) <= at_once
                several += int((in_hand.sum(axis=1) == at_once).sum())
    comparison.report(f"Offices of blocks, {at_once} cases at once")
    assert comparison.differing == {}
    assert several > 500


@pytest.mark.parametrize("situation", GIVING_UP + SERVERS + CLOSING_AND_OUTAGES + TIMES + ORDER_AND_TIES[:4])
def test_offices_of_blocks_bring_about(block_offices: Comparison, situation: str) -> None:
    print(f"\n{block_offices.seen[situation]:7,} times: {situation}")
    assert block_offices.seen[situation] >= 20


def test_a_full_baseline_year() -> None:
    office = load_scenario(BASELINE)
    journeys = draw(office, seed=1)
    reference = play(office, journeys, engine="process")
    fast = play(office, journeys, engine="compiled")
    year = Comparison()
    year.add(office.name, reference, fast)
    year.report("Baseline year")
    assert year.differing == {}
    assert reference.days == fast.days
    assert reference.left == fast.left == 0
    assert journeys.cases > 70_000
    assert year.visits_made > 150_000
    assert year.values > 7 * year.visits_made
    assert np.count_nonzero(reference.outcome == SERVED) > 150_000
    assert np.count_nonzero(reference.outcome == GAVE_UP) > 100
