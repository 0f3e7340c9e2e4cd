"""What makes files wait, planted in offices: the fit finds it in their logs, and nothing where there is nothing."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from helpers import EVERY

from sim.office.parameters import Scenario
from sim.office.scenario import scenario_from_dict
from sim.studies.calibrate.fit import Fit, fit_log, with_waits
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import StepLog
from sim.studies.calibrate.lying.other_work import _simulated
from sim.studies.calibrate.lying.rules import BY_LOT, CORRECTED, NEWEST_FIRST, OTHER_WORK, UNTIL, without
from sim.studies.calibrate.lying.taken import MEAN, P90

TITLE = {"en": "Files", "zh": "办件"}
FIRST, LAST = date(2023, 3, 1), date(2023, 6, 30)
ALL_DAY = {"plan": {"08:30-17:00": 6}, "midday_crew": 6}
CORRECTED_FIRST = {"stage": "review", "corrected": True, "priority": 0}
FIFTH_FIRST = {"stage": "review", "share": 0.2, "priority": 0}


def office(work=(0.0, None), rules=()) -> Scenario:
    """Return an office of four months in which six review files of half an hour."""
    return scenario_from_dict({
        "name": "files", "title": TITLE, "period": {"first": str(FIRST), "last": str(LAST), "warm_up_days": 28},
        "demand": {"registrations_per_year": 5500, "key_share": 0},
        "review": {"minutes": {"mean_minutes": 35, "cv": 0.8}, "return_rate": 0.3},
        "staff": {"reviewers": {**ALL_DAY, "other_work": {"share": work[0], "until_waiting": work[1]}}},
        "priorities": rules,
    })  # fmt: skip


def fitted(planted: Scenario, seed: int) -> tuple[Fit, StepLog]:
    log = simulated_log(planted, seed)
    return with_waits(fit_log(log, office(), "fitted", TITLE), log), log


def test_nothing_is_found_where_nothing_is_planted():
    for seed in range(100, 140 if EVERY else 105):
        fit, _ = fitted(office(), seed)
        assert fit.gains == ()
        assert fit.scenario.priorities == ()
        assert not any(pool.other_work.share for pool in fit.scenario.pools.values())


def test_other_work_is_found_and_with_it_files_wait_as_long_as_they_do():
    planted = office((0.7, 100))
    fit, _ = fitted(planted, 1)
    assert [(gain.step, gain.what) for gain in fit.gains] == [("review", OTHER_WORK), ("review", UNTIL)]
    share, until = (
        next(each for each in fit.estimates if each.name.endswith(end)) for end in ("work.share", "until_waiting")
    )
    assert until.value == pytest.approx(100, rel=0.1)
    # How much other work they have shows only in how fast files come to lie.
    assert share.covers(0.7)
    true, found, plain = (
        np.median(_simulated(each, FIRST, LAST, 9, ["review"])["review"], axis=0)[[MEAN, P90]]
        for each in (planted, fit.scenario, without(fit.scenario, fit.gains[0]))
    )
    assert np.abs(np.log(found / true)).max() < np.log(1.1)
    assert true[0] / plain[0] > 5


@pytest.mark.parametrize("seed", range(200, 212 if EVERY else 201))
def test_all_of_it_together_is_found(seed: int):
    fit, _ = fitted(office((0.7, 100), [CORRECTED_FIRST, FIFTH_FIRST]), seed)
    assert {gain.what for gain in fit.gains if gain.step == "review"} == {OTHER_WORK, UNTIL, CORRECTED, BY_LOT}
    assert [rule.corrected for rule in fit.scenario.priorities] == [True, False]
    found = {each.name: each for each in fit.estimates}
    assert found["staff.reviewers.other_work.until_waiting"].value == pytest.approx(100, rel=0.05)
    assert found["staff.reviewers.other_work.share"].covers(0.7)
    assert found["priorities[1].share"].value == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("seed", [1, 3])
def test_a_lot_is_found_though_nobody_waits_for_long(seed: int):
    fit, _ = fitted(office(rules=[FIFTH_FIRST]), seed)
    assert [(gain.step, gain.what) for gain in fit.gains] == [("review", BY_LOT)]
    (share,) = (each for each in fit.estimates if each.name == "priorities[0].share")
    assert share.covers(0.2)


@pytest.mark.parametrize(("work", "seed"), [((0.0, None), 1), ((0.7, 100), 2)])
def test_the_newest_first_is_found_with_and_without_other_work(work, seed: int):
    fit, _ = fitted(office(work).model_copy(update={"newest_first": ("review",)}), seed)
    assert NEWEST_FIRST in {gain.what for gain in fit.gains if gain.step == "review"}
    assert fit.scenario.newest_first == ("review",)
    assert fit.scenario.priorities == ()
    assert fit.other_orders == ()
    ((step, share),) = fit.newest
    assert (step, share) == ("review", pytest.approx(1, abs=0.02))


def test_the_newest_first_is_found_by_a_clock_in_whole_minutes():
    log = simulated_log(office().model_copy(update={"newest_first": ("review",)}), 3)
    coarse = replace(log, **{name: np.floor(getattr(log, name)) for name in ("queued", "started", "ended")})
    fit = with_waits(fit_log(coarse, office(), "fitted", TITLE), coarse)
    assert fit.scenario.newest_first == ("review",)
