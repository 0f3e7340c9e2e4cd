"""Comparisons, limits and rosters that carry how well a log tells the office."""

import math
from dataclasses import replace

import numpy as np
import pytest
from fitted_offices import REVIEW, fitted, light
from helpers import said_in
from made_up import MEAN, SHARE, made_comparison
from readable import assert_readable

from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.present.charts.style import style
from sim.present.terminal import rendered
from sim.results.codec import read_record, write_record
from sim.results.fitted import Fitted
from sim.studies import compare, possible_offices
from sim.studies.assumptions import assumptions_of
from sim.studies.base import Found
from sim.studies.compare import given_log as of_plans
from sim.studies.compare import show as plans_shown
from sim.studies.compare.charts import differences_chart
from sim.studies.compare.records import PlanComparison
from sim.studies.driver import reported
from sim.studies.outcomes import MOST_MINUTES, Outcomes, Work

WORK = Work(7, "compiled", None, None)
KNOWN = 1.2
ONE_ERROR = math.log(KNOWN) / 1.959964
"""Standard error of the review time, on the log scale."""


@pytest.fixture(scope="module", autouse=True)
def once():
    """Draw fewer offices than a user gets, and look once which assumptions there are."""
    found = assumptions_of(light(5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(possible_offices, "ROUNDS", 3)
        patch.setattr(possible_offices, "assumptions_of", lambda scenario: found)
        yield


def chance(value):
    """Return the probability that a standard normal number is no more than a value."""
    return 0.5 * math.erfc(-value / math.sqrt(2))


def played(monkeypatch, module, figure_of):
    """Let an office's figure be a function of its scenario, and nothing else."""

    def outcomes(scenarios, replications, work, watch):
        figure = np.array([figure_of(scenario) for scenario in scenarios])
        return Outcomes(figure, figure, figure, figure, figure >= MOST_MINUTES, 0)

    monkeypatch.setattr(module, "outcomes_of", outcomes)


def review(scenario):
    return scenario.review.minutes.mean_minutes / 3


def plans_of(scenario):
    """Return a fitted scenario and a plan of the same office."""
    return [scenario, scenario_from_dict(scenario_as_dict(scenario) | {"name": "other"})]


def compared(target=MEAN, other=5.1):
    """Return a comparison, taking the fit as exact, of an office that takes 5 minutes and another plan for it."""
    record = made_comparison((("small", "One", "一", 5.0, 100), ("other", "Other", "二", other, 120)), target)
    half = 0.001
    plans = [
        replace(plan, estimate=of, low=of - half, high=of + half)
        for plan, of in zip(record.plans, (5.0, other) if target.about_mean else (0.5, 0.6), strict=True)
    ]
    apart = plans[1].estimate - plans[0].estimate
    pairs = [
        replace(pair, difference=by * apart, low=by * apart - half, high=by * apart + half, finding=finding)
        for pair, by, finding in zip(record.pairs, (1, -1), ("worse", "better"), strict=True)
    ]
    about = replace(record.about, fitted=Fitted("own", (REVIEW,)))
    return replace(record, about=about, plans=tuple(plans), pairs=tuple(pairs))


@pytest.fixture(scope="module")
def carried():
    scenario = light(5)
    with pytest.MonkeyPatch.context() as patch:
        played(patch, of_plans, lambda scenario: 5.1 if scenario.name == "other" else 5 * review(scenario))
        return of_plans.given_log(compared(), plans_of(scenario), fitted(scenario, 1 / KNOWN, KNOWN), WORK)


def test_a_difference_carries_what_the_log_leaves_open(carried):
    first, every = carried.pairs
    # The other plan takes 5.1 minutes in every office; what the first takes is as open as the review time.
    assert (first.plan, first.finding, first.exact) == ("other", "no difference found", "worse")
    assert first.better == pytest.approx(1 - chance(math.log(1.02) / ONE_ERROR), abs=0.05)
    assert (first.low, first.high) == (pytest.approx(5.1 - 5 * KNOWN, abs=0.2), pytest.approx(5.1 - 5 / KNOWN, abs=0.2))
    assert (first.exact_low, first.exact_high) == (pytest.approx(0.099), pytest.approx(0.101))
    assert 0 < first.better_error < 0.06
    assert first.from_log > 0.99
    # In the other order it is the same the other way round.
    assert (every.plan, every.low, every.high) == ("small", pytest.approx(-first.high), pytest.approx(-first.low))
    assert every.better == pytest.approx(1 - first.better)
    assert first.turned.better == pytest.approx(every.better)
    assert carried.given_log.offices == possible_offices.ROUNDS * possible_offices.EACH


def test_each_plan_carries_it_too(carried):
    one, other = carried.plans
    target = carried.target.promised
    assert one.kept == pytest.approx(chance(math.log(target / 5) / ONE_ERROR), abs=0.05)
    assert (one.verdict, one.low) == ("UNDECIDED", pytest.approx(5 / KNOWN, abs=0.2))
    # In no office does the other take anything else.
    assert (other.verdict, other.kept) == ("FAILS", 0)
    assert (other.low, other.high) == (pytest.approx(5.099), pytest.approx(5.101))


def test_plans_that_the_log_tells_exactly_are_compared_as_if_it_did(monkeypatch):
    scenario, record = light(5), compared()
    assert of_plans.given_log(record, plans_of(scenario), fitted(scenario, 1, 1), WORK) is record
    played(monkeypatch, of_plans, lambda scenario: 5.1 if scenario.name == "other" else 5.0)
    found = of_plans.given_log(record, plans_of(scenario), fitted(scenario, 1 / KNOWN, KNOWN), WORK)
    for pair, exact in zip(found.pairs, record.pairs, strict=True):
        assert pair.finding == exact.finding
        assert (pair.low, pair.high) == (pytest.approx(exact.low, abs=1e-5), pytest.approx(exact.high, abs=1e-5))
        assert pair.better == pytest.approx(0 if exact.finding == "worse" else 1)


def test_a_larger_share_in_time_is_better(monkeypatch):
    scenario, record = light(5), compared(SHARE)
    played(monkeypatch, of_plans, lambda scenario: 0.6 if scenario.name == "other" else 0.5 * review(scenario))
    found = of_plans.given_log(record, plans_of(scenario), fitted(scenario, 1 / KNOWN, KNOWN), WORK)
    first = found.pairs[0]
    assert first.better == pytest.approx(chance(math.log(1.2) / ONE_ERROR), abs=0.05)
    assert (first.low, first.high) == (pytest.approx(0.0, abs=0.03), pytest.approx(0.6 - 0.5 / KNOWN, abs=0.03))


def test_what_only_one_of_the_plans_has_as_fitted_is_drawn_in_that_alone(monkeypatch):
    scenario = light(5)
    what_if = light(5, name="other", review={"minutes": {"mean_minutes": 3.2}})
    offices = possible_offices.PossibleOffices.of([what_if, scenario], fitted(scenario, 1 / KNOWN, KNOWN))
    assert (len(offices.joint.known), offices.changed) == (1, (REVIEW,))
    for number in range(4):
        (changed, drawn), _ = offices.drawn(7, number)
        assert changed.review.minutes.mean_minutes == 3.2 != drawn.review.minutes.mean_minutes


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_comparison_says_it_first(carried, language, tmp_path):
    lines = said_in(language, lambda: rendered(reported(compare.STUDY, carried))).splitlines()
    begin = {"en": "Given the log own (250 working days), Other is better than One with a probability of ",
             "zh": "依据业务记录own（250个工作日）"}[language]  # fmt: skip
    assert lines[2].startswith(begin)
    assert "{" not in "".join(lines)
    answer = said_in(language, lambda: plans_shown.answer(Found(carried, "comparisons/plans")))
    assert answer.said[1].text.startswith(begin)
    with style():
        assert_readable(said_in(language, lambda: differences_chart(carried)))
    write_record(carried, tmp_path)
    read = read_record(PlanComparison, tmp_path)
    assert (read.given_log, read.plans, read.pairs[0].better) == (
        carried.given_log, carried.plans, carried.pairs[0].better
    )  # fmt: skip
