"""Laws that hold on every random office: what comes in goes out, Little's law, work, and equal random numbers."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from laws import check_all
from random_blocks import random_block_office
from random_offices import random_office
from small_offices import SmallOffice, single_queue

from sim.draws.draw import draw
from sim.engines.play import play
from sim.office.blocks import Arrivals, Office, Population
from sim.office.distributions import Fixed
from sim.office.routes import Route, Visit
from sim.office.tables import lower
from sim.records import NOWHERE, Journeys, VisitLog

HAND_MADE, BLOCKS, SMALL = 600, 60, 60
"""Numbers of offices of each kind that the laws are held against, by each engine."""
TIMES = ("queued_at", "started_at", "ended_at", "freed_at")
PATHS = ("server", "outcome", "trips")


def test_laws_of_every_log_on_random_offices(engine: Any) -> None:
    for number in range(HAND_MADE):
        random = random_office(number)
        check_all(random.journeys, engine(random.journeys, random.tables), random.tables)


@pytest.mark.parametrize("kind", ["blocks", "small"])
def test_laws_of_every_log_from_blocks_to_log(kind: str, engine: Any) -> None:
    played = 0
    for number in range(BLOCKS if kind == "blocks" else SMALL):
        office = random_block_office(number) if kind == "blocks" else SmallOffice(number).office()
        journeys = draw(office, seed=number)
        tables = lower(office, journeys, len(office.days.kinds))
        log = engine(journeys, tables)
        assert log.left == 0
        check_all(journeys, log, tables)
        played += int((log.server != NOWHERE).sum())
    assert played > 1000


def _draw_and_play(office: Office, seed: int) -> tuple[Journeys, VisitLog]:
    journeys = draw(office, seed)
    return journeys, play(office, journeys)


@pytest.mark.parametrize("number", range(40))
def test_64_times_the_minutes_is_the_same_path_to_the_last_bit(number: int) -> None:
    _, log = _draw_and_play(SmallOffice(number, with_lognormal=False).office(), number)
    _, scaled = _draw_and_play(SmallOffice(number, unit=64.0, with_lognormal=False).office(), number)
    for name in TIMES:
        np.testing.assert_array_equal(getattr(scaled, name), 64.0 * getattr(log, name))
    for name in PATHS:
        np.testing.assert_array_equal(getattr(scaled, name), getattr(log, name))


@pytest.mark.parametrize("number", range(40))
def test_60_times_the_minutes_is_the_same_path_up_to_rounding(number: int) -> None:
    _, log = _draw_and_play(SmallOffice(number).office(), number)
    _, scaled = _draw_and_play(SmallOffice(number, unit=60.0).office(), number)
    for name in PATHS:
        np.testing.assert_array_equal(getattr(scaled, name), getattr(log, name))
    for name in TIMES:
        np.testing.assert_allclose(getattr(scaled, name), 60.0 * getattr(log, name), rtol=1e-9)


def _case_rows(journeys: Journeys) -> dict[tuple[int, float], tuple[Any, ...]]:
    """Return all that is random in each case, found by population and arrival; next visits count from its first."""
    rows = {}
    for case in range(journeys.cases):
        first, stop = journeys.first_visit[case], journeys.first_visit[case + 1]
        of_case = slice(first, stop)
        plain = [getattr(journeys, name)[of_case].tobytes() for name in ("stage", "minutes", "patience", "priority")]
        ways = [
            np.where(way[of_case] == NOWHERE, NOWHERE, way[of_case] - first).tobytes()
            for way in (journeys.if_served, journeys.if_gave_up, journeys.stays_until)
        ]
        key = int(journeys.population[case]), float(journeys.arrival[case])
        rows[key] = (int(journeys.profile[case]), *plain, *ways)
    return rows


@pytest.mark.parametrize("number", range(30))
def test_those_of_a_lower_demand_are_among_those_of_a_higher_with_the_same_luck(number: int) -> None:
    much, less, none = (
        _case_rows(draw(SmallOffice(number, demand=demand).office(), number)) for demand in (1.0, 0.6, 0.0)
    )
    assert len(none) == 0
    assert 0 < len(less) < len(much)
    assert less.items() <= much.items()


@pytest.mark.parametrize("number", range(30))
def test_a_slump_keeps_some_away_and_a_surge_brings_others(number: int) -> None:
    def with_factor(factor: Any) -> Journeys:
        office = SmallOffice(number).office()
        changed = tuple(replace(p, arrivals=replace(p.arrivals, factor=factor)) for p in office.populations)
        return draw(replace(office, populations=changed), number)

    plain = _case_rows(with_factor(None))
    slump = _case_rows(with_factor(np.repeat([1.0, 0.5], 5)))
    surge = _case_rows(with_factor(np.repeat([1.0, 1.5], 5)))
    assert slump.items() < plain.items() < surge.items()
    assert all(arrival >= 150.0 for _, arrival in plain.keys() - slump.keys() | surge.keys() - plain.keys())


def _same_for_all(office: Office, other: Office, seed: int, populations: list[int]) -> None:
    """Check that each case has the same path in `other`, where population i of `office` is `populations[i]`."""
    (journeys, log), (journeys_2, log_2) = _draw_and_play(office, seed), _draw_and_play(other, seed)
    np.testing.assert_array_equal(journeys_2.arrival, journeys.arrival)
    np.testing.assert_array_equal(journeys_2.population, np.array(populations)[journeys.population])
    # One of the offices may have drawn what follows giving up, which in the other cannot happen.
    for name in (*TIMES, *PATHS):
        made, made_2 = np.isfinite(log.queued_at), np.isfinite(log_2.queued_at)
        np.testing.assert_array_equal(getattr(log_2, name)[made_2], getattr(log, name)[made])


@pytest.mark.parametrize("number", range(30))
def test_a_population_of_nobody_changes_nothing(number: int) -> None:
    office = SmallOffice(number).office()
    for total in (0.0, 1e-12):
        arrivals = Arrivals(total, np.ones(10), 30.0)
        nobody = Population("nobody", arrivals, ((1.0, Route((Visit("visit", "stage0", Fixed(5.0)),))),))
        _same_for_all(office, replace(office, populations=(*office.populations, nobody)), number, [0, 1])
        _same_for_all(office, replace(office, populations=(nobody, *office.populations)), number, [1, 2])


@pytest.mark.parametrize("number", range(30))
def test_the_order_of_populations_changes_nothing(number: int) -> None:
    office = SmallOffice(number).office()
    _same_for_all(office, replace(office, populations=office.populations[::-1]), number, [1, 0])


@pytest.mark.parametrize("number", range(30))
def test_room_and_patience_beyond_need_change_nothing(number: int) -> None:
    office = SmallOffice(number).office()

    def changed(patience: float, places: int | None) -> Office:
        populations = []
        for p in office.populations:
            routes = tuple(
                (part, replace(route, nodes=tuple(
                    replace(node, patience=Fixed(patience)) if isinstance(node, Visit) else node
                    for node in route.nodes
                )))
                for part, route in p.routes
            )  # fmt: skip
            populations.append(replace(p, routes=routes))
        stages = tuple(replace(stage, waiting_places=places) for stage in office.stages)
        return replace(office, stages=stages, populations=tuple(populations))

    _same_for_all(changed(np.inf, None), changed(1e9, 10_000), number, [0, 1])


@pytest.mark.parametrize("number", range(60))
def test_one_more_server_or_shorter_services_never_make_anybody_start_later(number: int) -> None:
    servers = 1 + number % 4
    office = single_queue(number, servers)
    journeys, log = _draw_and_play(office, number)
    more = play(single_queue(number, servers + 1), journeys)
    assert (more.started_at <= log.started_at).all()
    faster = play(office, journeys.with_visits(minutes=0.8 * journeys.minutes))
    assert (faster.started_at <= log.started_at).all()
    some = np.arange(journeys.visits) % 3 > 0
    some_faster = play(office, journeys.with_visits(minutes=np.where(some, journeys.minutes, 0.5 * journeys.minutes)))
    assert (some_faster.started_at <= log.started_at).all()
    waits = log.started_at > log.queued_at
    assert not waits.any() or (more.started_at < log.started_at).any()


def _bytes(table: Journeys | VisitLog) -> dict[str, Any]:
    values = {field.name: getattr(table, field.name) for field in fields(table)}
    return {name: v.tobytes() if isinstance(v, np.ndarray) else v for name, v in values.items()}


@pytest.mark.parametrize("number", range(20))
def test_one_seed_gives_the_same_bytes_and_another_gives_others(number: int) -> None:
    office, again = SmallOffice(number).office(), SmallOffice(number).office()
    journeys, log = _draw_and_play(office, 7)
    for seed, replication in ((8, 0), (7, 1)):
        other = draw(office, seed, replication)
        assert _bytes(other)["visit"] != _bytes(journeys)["visit"]
    repeated, log_again = _draw_and_play(again, 7)
    assert _bytes(repeated) == _bytes(journeys)
    assert _bytes(log_again) == _bytes(log)
    assert _bytes(play(office, journeys)) == _bytes(log)
