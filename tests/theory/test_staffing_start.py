"""Where the search for the cheapest plan begins: offered loads, numbers in the system, iterative staffing."""

from __future__ import annotations

import numpy as np
import pytest
from formulas import erlang_a, offered_load, waiting_probability
from scipy.stats import poisson

from sim.draws.draw import draw
from sim.engines.play import play
from sim.office.blocks import Arrivals, Days, Duty, Office, Pool, Population, Stage
from sim.office.distributions import NEVER, Exponential
from sim.office.hours import DAY_KINDS, SLOTS, ShiftPlan
from sim.office.routes import Route, Visit
from sim.studies.staff.needs import (
    Load,
    in_system,
    iterative_staffing,
    loads_of,
    offered_load_of_services,
    useful_servers,
)

RATES = np.array([0.2, 0.2, 0.4, 0.9, 1.6, 2.0, 1.8, 1.2, 0.8, 0.9, 1.1, 0.7, 0.3, 0.1])
"""Cases a minute by half-hour, 08:30 to 15:30."""
BEGIN = 17
SERVICE = 12.0
DAYS = 600


def office(staff, patience=None):
    """Return days of M(t)/M/c(t) with patience, open round the clock, with servers by half-hour."""
    by_day = np.zeros(SLOTS)
    by_day[BEGIN : BEGIN + len(RATES)] = RATES
    counts = np.broadcast_to(np.asarray(staff, np.int16), (DAY_KINDS, SLOTS)).copy()
    visit = Visit("desk", "desk", Exponential(SERVICE), patience=Exponential(patience) if patience else NEVER)
    who = Population("all", Arrivals.poisson(np.tile(by_day, DAYS), 30.0), ((1.0, Route((visit,))),))
    pool = Pool("clerks", (Duty("desk"),), ShiftPlan(counts))
    return Office("day", Days.every_day(DAYS), (Stage("desk"),), (pool,), (who,))


def middle_of_half_hours():
    """Return the exact offered load in the middle of each half-hour of a day."""
    by_quarter = np.repeat(np.concatenate([np.zeros(BEGIN), RATES, np.zeros(SLOTS - BEGIN - len(RATES))]), 2)
    return offered_load(by_quarter, 15.0, SERVICE)[1::2]


PLANS = {
    "far too few": np.full(SLOTS, 3),
    "for everybody": np.full(SLOTS, 60),
    "up and down": np.array([4, 12, 9, 2] * 12),
}


@pytest.mark.parametrize("name", PLANS)
def test_with_patience_like_service_the_number_there_is_poisson_whatever_the_staff(name):
    # Each case there leaves at the same rate, served or not.
    here = office(PLANS[name], patience=SERVICE)
    journeys = draw(here, 11)
    there = in_system(here, journeys, play(here, journeys))[0]
    exact = middle_of_half_hours()
    busy = exact > 0.05
    mean, variance = there.mean(axis=0), there.var(axis=0, ddof=1)
    assert np.abs(mean - exact)[busy].max() < 4.5 * np.sqrt(exact[busy].max() / DAYS)
    assert np.abs((mean - exact)[busy] / np.sqrt(exact[busy] / DAYS)).max() < 4.5
    assert np.abs(variance[busy] / exact[busy] - 1).max() < 0.35
    for share in (0.5, 0.1):
        wanted = poisson.ppf(1 - share, exact[busy])
        found = np.quantile(there[:, busy], 1 - share, axis=0, method="higher")
        assert np.abs(found - wanted).max() <= 1


def test_the_load_that_the_search_measures_is_the_one_of_theory():
    here = office(PLANS["for everybody"])
    load = loads_of(here, [draw(here, 5, replication) for replication in range(2)])["desk"]
    exact = offered_load(np.concatenate([np.zeros(BEGIN), RATES, np.zeros(SLOTS - BEGIN - len(RATES))]), 30.0, SERVICE)
    assert np.abs(load.offered - exact).max() < 4.5 * np.sqrt(exact.max() / (2 * DAYS)) + 0.1
    assert load.service == pytest.approx(SERVICE, rel=0.02)
    assert (load.square_root(0.0) >= np.floor(load.offered[:-1])).all()
    assert useful_servers(load) >= load.square_root(2.0).max()


def test_offered_load_of_any_service_time():
    times = np.random.default_rng(3).exponential(SERVICE, 400_000)
    of_services = offered_load_of_services(RATES, 30.0, times)
    assert of_services == pytest.approx(offered_load(RATES, 30.0, SERVICE), rel=0.01, abs=0.02)
    # Fixed times: what came in the last 45 minutes is there.
    fixed = offered_load_of_services([1.0, 2.0, 0.0, 0.0], 30.0, [45.0])
    assert fixed.tolist() == [0.0, 30.0, 75.0, 30.0, 0.0]


@pytest.mark.parametrize(
    ("rate", "services", "message"),
    [([-1.0], [1.0], "rates"), ([1.0], [], "times"), ([1.0], [-1.0], "times"), ([[1.0]], [1.0], "rates")],
)
def test_offered_load_refuses_what_is_no_rate_or_time(rate, services, message):
    with pytest.raises(ValueError, match=message):
        offered_load_of_services(rate, 30.0, services)


def test_iterative_staffing_makes_the_share_that_waits_the_same_at_all_hours():
    # Feldman et al. (2008): with patience like service the answer is the Poisson quantile at once.
    everybody = {"desk": np.full(SLOTS, 60)}
    drawn = [draw(office(everybody["desk"], patience=SERVICE), 4, replication) for replication in range(2)]
    staffing, played = iterative_staffing(
        lambda now: office(now["desk"], patience=SERVICE), everybody, {"desk": ["desk"]}, 0.2, drawn
    )
    exact = middle_of_half_hours()
    busy = exact > 0.5
    assert np.abs(staffing["desk"][busy] - poisson.ppf(0.8, exact[busy])).max() <= 1
    assert 2 <= played <= 6


def test_square_root_staffing_gives_the_delay_of_halfin_and_whitt():
    # At 100 erlang and beta 1 about 0.223 of the cases wait.
    load = Load(np.zeros(SLOTS), 1.0, np.full(SLOTS + 1, 100.0))
    servers = int(load.square_root(1.0)[0])
    assert servers == 110
    assert waiting_probability(100.0, servers) == pytest.approx(0.223, abs=0.02)


def test_erlang_a_of_a_call_centre():
    # 48 a minute, 50 agents, mean service 1 minute, mean patience 2: Garnett, Mandelbaum and Reiman (2002).
    found = erlang_a(48.0, 1.0, 2.0, 50)
    assert found.abandonment == pytest.approx(0.0309, abs=5e-5)
    assert found.mean_wait * 60 == pytest.approx(3.71, abs=5e-3)
