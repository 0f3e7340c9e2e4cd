"""Control variates of outages and absences: what they are expected to be, and what they take out of a year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.controls import FEWEST, OUTAGES, PILOT, Controls, controlled, controls_of
from sim.measures.judge import Rule, judge
from sim.measures.kpis import measure
from sim.office.blocks import Target
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.replicate.figures import figures_of, packed, unpacked

NAMED = {"name": "weeks", "title": {"en": "Some weeks", "zh": "几个星期"}}
WEEKS = {"first": "2023-03-01", "last": "2023-04-11"}
ABSENT = {"staff": {"reviewers": {"absence": 0.15}, "clerks": {"absence": 0.1}}}
BROKEN = {"outages": {"drawn": [{"stage": "review", "per_year": 60, "mean_minutes": 90}]}}
OVERNIGHT = {"outages": {"drawn": [{"stage": "phone", "per_year": 60, "mean_minutes": 900}]}}
FEW = {"demand": {"registrations_per_year": 100}}
"""Applicants, of whom no outage and no absence depends."""
MEAN = Target()


def office_of(*changes, period=WEEKS):
    parts = {key: value for change in changes for key, value in change.items()}
    return registration_office(scenario_from_dict({**NAMED, "period": period, **parts}))


def excess_of(office, replications):
    """Return by how much the controls of replications exceed what is expected, without playing them."""
    nothing, days = np.zeros(office.days.horizon), np.zeros(office.days.horizon, np.int64)
    return np.array([
        controls_of(office, draw(office, 1, number), nothing, days).excess[0] for number in range(replications)
    ])  # fmt: skip


def made_up(years=40, seed=1, weeks=30, cost=(50.0, 200.0), noise=20.0):
    """Return sums of years whose weeks cost so much for each of two kinds of bad days, and their controls."""
    generator = np.random.default_rng(seed)
    bad = np.stack([generator.poisson(rate, (years, weeks)) for rate in (0.5, 0.1)], axis=-1).astype(np.float64)
    score = 500.0 + bad @ np.array(cost) + generator.normal(0, noise, (years, weeks))
    cases = np.full((years, weeks), 100.0)
    excess = bad.sum(axis=1) - weeks * np.array([0.5, 0.1])
    return score.sum(axis=1), Controls(excess, bad, np.stack([score, cases], -1), np.zeros((years, 0), np.int64))


@pytest.mark.parametrize("change", [ABSENT, BROKEN, OVERNIGHT, {**ABSENT, **BROKEN}], ids=str)
def test_controls_are_on_average_what_is_expected_of_them(change):
    excess = excess_of(office_of(change, FEW), 400)
    error = excess.std(axis=0, ddof=1) / np.sqrt(len(excess))
    assert (np.abs(excess.mean(axis=0)) <= 4 * error).all()


def test_an_office_without_disruptions_has_no_controls():
    office = office_of()
    journeys = draw(office, 1)
    assert measure(office, journeys, play(office, journeys)).controls is None


def test_the_weeks_of_the_controls_sum_to_those_of_the_year():
    office = office_of(ABSENT, BROKEN)
    found = [measure(office, each, play(office, each)) for each in (draw(office, 1, number) for number in range(3))]
    for kpis in found:
        controls = kpis.controls
        expected = controls.weeks[0].sum(axis=0) - controls.excess[0]
        np.testing.assert_allclose(expected, found[0].controls.weeks[0].sum(axis=0) - found[0].controls.excess[0])
        # All but those who submit after the last day.
        assert 0.99 * kpis.scores < controls.outcome[0, :, 1].sum() <= kpis.scores
        assert 0.99 * kpis.score_sum < controls.outcome[0, :, 0].sum() <= kpis.score_sum * (1 + 1e-9)


def test_what_bad_days_cost_is_taken_out_and_the_mean_stays():
    sums, controls = made_up(years=400)
    adjusted = controlled(MEAN, sums, controls)
    assert adjusted.var() < sums.var() / 5
    assert abs((adjusted - sums).mean()) <= 4 * (adjusted - sums).std() / np.sqrt(len(sums))


def test_what_is_taken_out_is_learned_from_the_first_years_alone():
    sums, controls = made_up()
    whole = controlled(MEAN, sums, controls)
    for years in (PILOT, PILOT + 1, 25):
        np.testing.assert_array_equal(controlled(MEAN, sums[:years], controls.first(years)), whole[:years])


def test_what_is_taken_out_of_a_year_does_not_depend_on_what_happened_in_it():
    sums, controls = made_up()
    other = replace(controls, outcome=controls.outcome.copy())
    other.outcome[4] *= 1.5
    changed = np.abs(controlled(MEAN, sums, other) - controlled(MEAN, sums, controls))
    assert changed[4] < 1e-6
    assert np.median(changed) > 1


def test_what_hardly_ever_happens_teaches_nothing():
    sums, controls = made_up()
    rare = np.zeros_like(controls.weeks)
    rare[0, : FEWEST - 1] = 1
    few = replace(controls, weeks=rare)
    np.testing.assert_array_equal(controlled(MEAN, sums, few), sums)


def test_a_share_is_adjusted_the_same_way():
    sums, controls = made_up(cost=(-5.0, -20.0), noise=2.0, years=200)
    adjusted = controlled(Target(5.0, "share", 0.9), sums, controls)
    assert adjusted.var() < sums.var() / 5


def test_sums_with_somebody_who_never_gets_a_licence_stay_as_they_are():
    sums, controls = made_up()
    controls.outcome[3, 2, 0] = sums[3] = np.inf
    np.testing.assert_array_equal(controlled(MEAN, sums, controls), sums)


def test_a_verdict_waits_for_enough_outages():
    _, controls = made_up(years=30)
    none = replace(controls, outages=np.zeros((30, 1), np.int64))
    assert none.seen == 31
    assert replace(controls, outages=np.full((30, 2), [OUTAGES // 25, OUTAGES])).seen == 25
    assert controls.seen == PILOT


def test_the_interval_of_an_office_with_outages_is_narrower_than_without_its_controls():
    outages = {"drawn": [{"stage": "review", "per_year": 30, "mean_minutes": 60}]}
    office = office_of({"outages": outages, "demand": {"registrations_per_year": 33000}})
    found = [measure(office, each, play(office, each)) for each in (draw(office, 1, number) for number in range(60))]
    rule = Rule(largest=60)
    with_them = judge(MEAN, found, rule)
    without = judge(MEAN, [replace(kpis, controls=None) for kpis in found], rule)
    assert (with_them.high - with_them.low) < (without.high - without.low) / np.sqrt(2)
    assert without.low < with_them.estimate < without.high


def test_controls_are_kept_with_the_figures_of_a_batch():
    office = office_of(ABSENT, BROKEN)
    found = [measure(office, each, play(office, each)) for each in (draw(office, 1, number) for number in range(2))]
    facts = {"key": "k", "first": 0, "count": 2}
    read = unpacked(packed(figures_of(found, profiles=False), facts), facts)
    for name, value in vars(read.controls).items():
        np.testing.assert_array_equal(value, np.concatenate([getattr(kpis.controls, name) for kpis in found]))
