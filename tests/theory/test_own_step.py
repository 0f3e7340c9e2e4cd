"""A step of an office's own changes the mean by what arithmetic says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.kpis import Kpi, measure
from sim.office.registration import registration_office
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict

BASELINE = Path(__file__).parents[2] / "scenarios" / "baseline-2023.yaml"
YEARS, SHARE, MINUTES = 12, 0.05, 6.0


def with_second_review(share: float, counted: bool = True):
    """Return the baseline in which supervisors see a share of what reviewers approve once more."""
    full = scenario_as_dict(load_scenario_file(BASELINE))
    step = {
        "name": "second-review", "title": {"en": "Second review", "zh": "二次复核"}, "after": "review", "share": share,
        "minutes": {"mean_minutes": MINUTES, "cv": 0.5}, "pool": "supervisors", "counted": counted,
    }  # fmt: skip
    full["steps"], full["staff"]["supervisors"] = [step], {"plan": {"08:30-17:00": 1}}
    return registration_office(scenario_from_dict(full))


def years(office):
    """Return the figures of some years."""
    return [measure(office, journeys := draw(office, 1, year), play(office, journeys)) for year in range(YEARS)]


@pytest.fixture(scope="module")
def without():
    """Return the years of an office in which the supervisors see nothing."""
    return years(with_second_review(0.0))


def test_a_second_review_of_five_per_cent_adds_its_minutes_and_its_wait(without):
    found = years(with_second_review(SHARE))
    added = np.array([a["licence mean"] - b["licence mean"] for a, b in zip(found, without, strict=True)])
    of_step = np.array([
        sum(kpis.values[Kpi(what, "stage", "second-review", "per licence", "min")] for what in ("wait", "service"))
        for kpis in found
    ])  # fmt: skip
    # The same applicants with the same random numbers: what is added is what they spend there, and that others reach
    # the counter a little later.
    assert added.mean() == pytest.approx(of_step.mean(), abs=0.02)
    half = 2.2 * np.std(added - of_step, ddof=1) / np.sqrt(YEARS)
    assert abs((added - of_step).mean()) < max(half, 0.01)
    # Of all licences, since the baseline has no automatic approval.
    service = np.array([kpis.values[Kpi("service", "stage", "second-review", "per licence", "min")] for kpis in found])
    assert service.mean() == pytest.approx(SHARE * MINUTES, rel=0.02)


def test_a_step_that_is_not_counted_adds_nothing_of_its_own(without):
    found = years(with_second_review(SHARE, counted=False))
    added = np.mean([a["licence mean"] - b["licence mean"] for a, b in zip(found, without, strict=True)])
    assert abs(added) < 0.02
    later = np.mean([a["door_to_door mean"] - b["door_to_door mean"] for a, b in zip(found, without, strict=True)])
    assert later > SHARE * MINUTES
