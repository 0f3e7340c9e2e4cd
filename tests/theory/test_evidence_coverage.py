"""Simulate, then estimate: the intervals cover the known truth, in a small version of docs/interval_coverage.py."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from sim.office.parameters import Scenario
from sim.office.parameters.listing import all_parameters
from sim.office.scenario import scenario_as_dict
from sim.studies.calibrate.held_out.backtest import in_days
from sim.studies.calibrate.log.steps import StepLog
from sim.studies.calibrate.records import Estimate

FILE = Path(__file__).parents[2] / "docs" / "interval_coverage.py"
MONTH = ("2023-05-01", "2023-05-31")
OFFICES, LOGS = 3, 20


@pytest.fixture(scope="module")
def coverage() -> Iterator[ModuleType]:
    """Return docs/interval_coverage.py, under a name that no package has."""
    spec = importlib.util.spec_from_file_location("coverage_of_intervals", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def offices(coverage: ModuleType) -> list[Scenario]:
    rng = np.random.default_rng(7)
    return [coverage.random_office(rng, *MONTH) for _ in range(OFFICES)]


@pytest.fixture(scope="module")
def found(coverage: ModuleType, offices: list[Scenario]) -> Any:
    return coverage.study(offices, LOGS, coverage.estimators(), coverage.truth)


def test_intervals_cover_the_truth(found: Any) -> None:
    known = sum(of.known for of in found.tallies.values())
    covered = sum(of.covered for of in found.tallies.values())
    assert known > 40 * OFFICES * LOGS
    assert 0.92 <= covered / known <= 0.98
    estimated = {name: of for name, of in found.tallies.items() if of.known}
    assert len(estimated) > 40
    for name, of in estimated.items():
        # 90 % and more of each, less what 60 logs leave open: five standard errors, as there are nearly fifty.
        assert of.covered / of.known >= 0.9 - 5 * math.sqrt(0.09 / of.known), name


def test_the_naive_estimates_are_off(found: Any) -> None:
    for name in ("phone.profiles[0].patience_seconds", "filing.hall_patience.mean_minutes"):
        of = found.tallies[name]
        assert abs(np.median(of.errors)) < 0.1 < 0.3 < abs(np.median(of.naive)), name


def test_a_log_that_is_cut_off_leads_nothing_astray(coverage: ModuleType, offices: list[Scenario]) -> None:
    def cut(estimator):
        return lambda log, parent: estimator(in_days(log, 0, 24), parent)

    found = coverage.study(offices[:2], 10, [cut(estimator) for estimator in coverage.estimators()], coverage.truth)
    known = sum(of.known for of in found.tallies.values())
    assert sum(of.covered for of in found.tallies.values()) / known >= 0.92


def test_drawn_offices_are_plausible_and_the_parent_knows_nothing(
    coverage: ModuleType, offices: list[Scenario]
) -> None:
    ranges = {p.path.replace("profiles[]", "profiles[0]"): p.plausible for p in all_parameters()}
    for office in offices:
        ours, parents = scenario_as_dict(office), scenario_as_dict(coverage.parent_of(office))
        for name in coverage.NAMES:
            low, high = ranges[name]
            assert low <= coverage.value_at(ours, name) <= high
            told = name == "phone.online_qa_share"
            assert (coverage.value_at(ours, name) == coverage.value_at(parents, name)) == told, name


def test_a_tally_counts_what_covers_and_what_is_missing(coverage: ModuleType) -> None:
    tally = coverage.Tally()
    for low, high in ((0.0, 2.0), (2.0, 3.0), (-1.0, 0.5)):
        tally.add(Estimate("x", (low + high) / 2, low, high, 9, "by hand", naive=2.0), 1.0)
    tally.add(None, 1.0)
    tally.add(Estimate("x", 1.0, math.nan, math.nan, 1, "by hand"), 1.0)
    assert (tally.logs, tally.known, tally.covered, tally.below, tally.above) == (5, 3, 1, 1, 1)
    assert tally.naive == [1.0, 1.0, 1.0]


def test_other_estimators_can_be_measured_by_the_same_study(coverage: ModuleType, offices: list[Scenario]) -> None:
    def cases(log: StepLog, parent: Scenario) -> list[Estimate]:
        return [Estimate("cases", log.cases, 0, 1e9, 1, "count"), Estimate("no truth", 1, 0, 2, 1, "none")]

    found = coverage.study(offices[:1], 2, [cases], lambda scenario: {"cases": 1.0})
    assert list(found.tallies) == ["cases"]
    lines = coverage.page(found, found, 1, 2)
    assert any("`cases`" in line for line in lines)
