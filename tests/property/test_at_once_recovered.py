"""People who have several cases in hand, planted in offices: the fit finds how many, and one where there is one."""

from dataclasses import replace

import numpy as np
import pytest

from sim.office.parameters import Scenario
from sim.office.scenario import scenario_from_dict
from sim.studies.calibrate.fit import Fit, fit_log
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import NOBODY, StepLog

TITLE = {"en": "Files", "zh": "办件"}
PERIOD = {"first": "2023-03-01", "last": "2023-06-30"}
LOGS = 10
OPEN = slice(17, 34)


def office(people: int, at_once: int = 1, registrations: int = 5500) -> Scenario:
    """Return an office of four months in which people review files of half an hour, six in hand between them."""
    reviewers = {"plan": {"08:30-17:00": people}, "midday_crew": people, "at_once": at_once}
    return scenario_from_dict({
        "name": "files", "title": TITLE, "period": PERIOD, "staff": {"reviewers": reviewers},
        "demand": {"registrations_per_year": registrations, "key_share": 0},
        "review": {"minutes": {"mean_minutes": 35, "cv": 0.8}, "return_rate": 0.3},
    })  # fmt: skip


def fitted(log: StepLog) -> Fit:
    return fit_log(log, office(6), "fitted", TITLE)


def renamed(log: StepLog, at_once: int) -> StepLog:
    """Return the log of an office in which each of some reviewers has the names of several."""
    mine = [number for number, name in enumerate(log.servers) if name.startswith("reviewers-")]
    server = log.server.copy()
    for place, number in enumerate(mine):
        server[log.server == number] = mine[place // at_once]
    return replace(log, server=server)


def badly_kept(log: StepLog, seed: int) -> StepLog:
    """Return a log whose clocks are half a minute off, and in which one end of 30 is put in as the office closes."""
    generator = np.random.default_rng(seed)
    started = log.started + generator.normal(0, 0.5, len(log))
    closing = np.floor(log.ended / 1440) * 1440 + 1020
    forgotten = (generator.random(len(log)) < 1 / 30) & (log.ended < closing) & np.isfinite(log.started)
    ended = np.where(forgotten, closing, log.ended + generator.normal(0, 0.5, len(log)))
    return replace(log, started=started, ended=np.where(ended < started, started, ended))


@pytest.mark.parametrize("seed", range(LOGS))
def test_as_many_as_each_has_in_hand_are_found_and_the_plan_counts_people(seed: int) -> None:
    people, at_once = ((3, 2), (2, 3))[seed % 2]
    # Whoever is free takes a case before somebody takes a second; or everybody fills his own hands first.
    planted = simulated_log(office(people, at_once), seed)
    log = planted if seed < LOGS / 2 else renamed(simulated_log(office(people * at_once), seed), at_once)
    if seed % 3 == 2:
        log = badly_kept(log, seed)
    fit = fitted(log)
    assert {name: pool.at_once for name, pool in fit.scenario.pools.items() if pool.at_once > 1} == {
        "reviewers": at_once
    }
    # By clocks that are off somebody begins before the opening, whether he has one in hand or several.
    assert (fit.staffing["review"].counts[OPEN] == people).all()


@pytest.mark.parametrize("seed", range(LOGS))
def test_nobody_has_several_where_one_at_a_time_is_planted(seed: int) -> None:
    log = simulated_log(office(6), seed)
    fit = fitted(badly_kept(log, seed) if seed % 2 else log)
    assert {pool.at_once for pool in fit.scenario.pools.values()} == {1}


def test_a_log_without_names_says_nothing_of_it() -> None:
    log = simulated_log(office(3, 2), 1)
    fit = fitted(replace(log, server=np.full(len(log), NOBODY, np.int32)))
    assert fit.scenario.pools["reviewers"].at_once == 1
    # Then those in hand are counted, as people.
    assert max(fit.scenario.pools["reviewers"].plan.values()) == 6
