"""What stands beside a verdict: how much more demand it bears, and which assumptions would turn it."""

from types import SimpleNamespace

import numpy as np
import pytest
from small_runs import SMALL, record_of

from sim.measures.judge import Rule, Verdict
from sim.office import size
from sim.office.scenario import at_demand, own_demand, scenario_from_dict
from sim.present.numbers import share
from sim.present.terminal import rendered
from sim.replicate.design_points import design_point_of
from sim.replicate.store import MemoryStore
from sim.replicate.workers import workers_for
from sim.studies.assumptions import assumptions_of, scenario_with
from sim.studies.base import Found
from sim.studies.capacity import limit
from sim.studies.growth import demand_with
from sim.studies.outcomes import Work, judged, outcomes_of
from sim.studies.run import premises, show
from sim.studies.run.premises import CLEAR, FEWEST, NEAREST, _guessed, _Way, levels_of, with_premises
from sim.studies.run.replicate import run_points, run_scenarios
from sim.text import speaking

# Only review and issue are left, and two weeks are played in milliseconds; 12 minutes are kept, 9 are not.
LIGHT = SMALL | {
    "period": {"first": "2023-03-01", "last": "2023-03-14"},
    "demand": {"registrations_per_year": 24000, "key_share": 0, "inquiry_only_share": 0},
    "phone": {"calls_per_application": 0, "offered": False}, "filing": {"assisted_share": 0},
    "staff": {"reviewers": {"plan": {"08:30-17:00": 3}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def work():
    with workers_for("compiled", 2) as workers:
        yield Work(7, "compiled", workers, MemoryStore())


def light(minutes, **more):
    return scenario_from_dict(LIGHT | {"target": {"minutes": minutes}} | more)


def record(scenario, work, rule=Rule(largest=400)):  # noqa: B008
    points = run_points([scenario], work.seed, work.engine)
    (done,) = run_scenarios([scenario], points, rule, work.workers, work.store)
    return with_premises(record_of(done), scenario, done.outcome, rule, work)


@pytest.fixture(scope="module")
def mean(work):
    """Return the mean licence time of the office."""
    return float(outcomes_of([light(5)], 40, work).figure[0])


@pytest.fixture(scope="module", params=["HOLDS", "FAILS"])
def turned(request, work, mean):
    """Return an office with this verdict, and what was found of it."""
    scenario = light(mean * (1.15 if request.param == "HOLDS" else 0.9))
    found = record(scenario, work)
    assert found.verdict == request.param
    return scenario, found


def test_the_verdict_turns_between_the_two_demands(work, turned):
    scenario, found = turned
    verdict = found.verdict
    premises = found.premises
    assert premises.own == own_demand(scenario)
    assert premises.holds < premises.fails
    assert (premises.own <= premises.holds) == (verdict == "HOLDS")
    assert (premises.own >= premises.fails) == (verdict == "FAILS")
    # Judged alone and to the end, the two are as they were found.
    both = [at_demand(scenario, demand) for demand in (premises.holds, premises.fails)]
    assert [outcome.verdict for outcome in judged(both, Rule(tests=2, largest=1000), work)] == [
        Verdict.HOLDS, Verdict.FAILS
    ]  # fmt: skip
    assert premises.replications <= max(2 * found.replications, FEWEST) + 10


def test_an_assumption_turns_the_verdict_where_it_is_said_to(work, turned):
    scenario, found = turned
    assert found.premises.turning >= len(found.nearest) == NEAREST
    possible = {of.parameter: of for of in assumptions_of(scenario)[0]}
    minutes = scenario.target.minutes
    for turning in found.nearest:
        of = possible[turning.parameter]
        assert of.low <= turning.turns_at <= of.high
        there = scenario_with(scenario, {of: turning.turns_at})
        assert float(outcomes_of([there], 40, work).figure[0]) == pytest.approx(minutes, rel=0.05)
    distances = [abs(of.turns_at - of.start) / (of.high - of.low) for of in found.nearest]
    assert distances == sorted(distances)


def test_a_share_turns_the_other_way_round(work):
    in_time = {"statistic": "share", "minutes": 15, "level": 0.5}
    level = round(float(outcomes_of([light(15, target=in_time)], 40, work).figure[0]) - 0.08, 3)
    scenario = light(15, target=in_time | {"level": level})
    found = record(scenario, work)
    assert found.verdict == "HOLDS"
    possible = {of.parameter: of for of in assumptions_of(scenario)[0]}
    for turning in found.nearest:
        there = scenario_with(scenario, {possible[turning.parameter]: turning.turns_at})
        share = float(outcomes_of([there], 40, work).figure[0])
        assert share == pytest.approx(level, abs=0.03)


def test_only_demands_on_the_way_to_the_other_verdict_are_looked_at():
    assert levels_of(40_000, Verdict.HOLDS)[:3] == (40_000, 40_400, 40_800)
    assert levels_of(40_000, Verdict.FAILS)[-2:] == (39_600, 40_000)
    both = levels_of(40_000, Verdict.TOO_CLOSE)
    assert both[0] < 40_000 < both[-1]
    assert levels_of(1, Verdict.FAILS) == (1,)


@pytest.mark.parametrize("verdict", [Verdict.HOLDS, Verdict.FAILS, Verdict.TOO_CLOSE])
def test_where_the_verdict_turns_is_guessed_from_few_levels(verdict):
    levels, scenario = (
        levels_of(40_000, verdict),
        light(12, demand=LIGHT["demand"] | {"registrations_per_year": 40_000}),
    )
    at, rng = levels.index(40_000), np.random.default_rng(3)
    most = 0
    for _ in range(100):
        # More demand is worse, slowly or fast.
        by = np.cumsum(rng.exponential(rng.choice([0.02, 0.3, 3.0]), len(levels)))
        by -= by[at]
        looked = []

        def missed(others, replications, by=by, looked=looked):
            places = [levels.index(own_demand(other)) for other in others]
            looked.extend(places)
            return [float(by[place]) for place in places]

        screen = SimpleNamespace(scenario=scenario, verdict=verdict, missed=missed)
        kept = [place for place in range(len(levels)) if by[place] <= -CLEAR]
        missing = [place for place in range(len(levels)) if by[place] >= CLEAR]
        assert _guessed(screen, levels) == (max(kept, default=-1), min(missing, default=len(levels)))
        assert len(looked) == len(set(looked))
        most = max(most, len(looked))
    # Of 22 levels, or 13, or 10.
    assert most <= (14 if verdict is Verdict.TOO_CLOSE else 8)


def test_what_is_far_from_turning_is_looked_at_in_the_busiest_days_first(work, monkeypatch):
    demand, staff = LIGHT["demand"] | {"registrations_per_year": 3000}, {"reviewers": {"people": 1}}
    monkeypatch.setattr(premises, "MANY", 100)
    period = {"first": "2023-02-01", "last": "2023-08-31"}
    scenario, found, looks = light(60, period=period, demand=demand, staff=staff), [], []
    missed = premises._Screen.missed

    def counted(screen, others, *more):
        looks.append(sum((other.last_day - other.first_day).days + 1 for other in others))
        return missed(screen, others, *more)

    monkeypatch.setattr(premises._Screen, "missed", counted)
    for few in (premises._busiest, lambda screen: None):
        monkeypatch.setattr(premises, "_busiest", few)
        looks.append(0)
        found.append(record(scenario, work))
    first, second = found
    assert first.premises.turning == second.premises.turning > 0
    assert first.nearest == second.nearest
    split = looks.index(0, 1)
    assert sum(looks[:split]) < 0.8 * sum(looks[split:])


def test_leave_and_absence_are_looked_at_in_the_whole_period_whatever_the_busiest_days_show(work, monkeypatch):
    demand, staff = LIGHT["demand"] | {"registrations_per_year": 3000}, {"reviewers": {"people": 1}}
    scenario = light(60, period={"first": "2023-02-01", "last": "2023-08-31"}, demand=demand, staff=staff)
    monkeypatch.setattr(premises, "MANY", 100)
    missed = premises._Screen.missed

    def blind(screen, others, replications, base=None):
        # In the busiest days nothing is seen at all.
        return missed(screen, others, replications, base) if base in (None, scenario) else [screen.own] * len(others)

    monkeypatch.setattr(premises._Screen, "missed", blind)
    found = record(scenario, work)
    assert {turning.parameter for turning in found.nearest} <= {
        f"staff.{pool}.{what}" for pool in ("reviewers", "clerks") for what in ("absence", "leave")
    }
    assert found.premises.turning == len(found.nearest) > 0
    # Of few cases the whole period is looked at.
    monkeypatch.setattr(premises, "MANY", 10_000)
    assert record(scenario, work).premises.screened > found.premises.screened


def test_without_a_verdict_nothing_is_said_of_assumptions(work, mean):
    found = record(light(mean), work, Rule(largest=10))
    assert found.verdict == "UNDECIDED"
    assert (found.nearest, found.premises.assumptions) == ((), 0)
    # With ten replications at most nothing can be found to hold; to fail by far takes eight.
    assert found.premises.holds is None
    with speaking("en"):
        told = [sentence.text for sentence in show.premises(Found(found, ""))]
    assert "none was shown to hold, it fails with " in told[-1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_premises_are_told_with_the_verdict(turned, language):
    _, found = turned
    with speaking(language):
        report = rendered(show.report(found))
        told = [sentence.text for sentence in show.premises(Found(found, ""))]
        answer = show.answer(Found(found, ""))
        grounds = show.grounds(Found(found, ""), Found(found, ""))
        closed_share = share(found.premises.closed)
    *__, closed, reach, __ = told
    assert all(text in report for text in told)
    assert closed_share in closed
    assert f"{found.premises.fails:,}" in reach
    assert all(text in (answer.reach if text == reach else answer.caveat).text for text in told)
    assert len(grounds.hanging.rows) == len(found.nearest)


def test_of_an_office_that_cannot_finish_not_every_assumption_turns_the_verdict(work):
    scenario = light(600, target={"minutes": 600, "statistic": "share", "level": 0.9}, review={"return_rate": 0.95},
                     staff={"reviewers": {"plan": {"08:30-09:00": 1}}, "midday": {"crew_on_duty": False}})  # fmt: skip
    found = record(scenario, work)
    assert found.verdict == "FAILS"
    assert found.premises.turning < found.premises.assumptions / 4
    assert found.premises.holds is None or found.premises.holds < found.premises.own


@pytest.mark.parametrize("registrations", [250_000, 1_000_000])
def test_no_demand_above_the_largest_possible_is_looked_at(registrations):
    assert max(levels_of(registrations, Verdict.HOLDS)) <= 1_000_000
    assert registrations in levels_of(registrations, Verdict.HOLDS)
    assert levels_of(1_200_000, Verdict.HOLDS) == (1_200_000,)


def test_no_more_cases_are_looked_at_than_somebody_has_said_are_meant(work, monkeypatch):
    """The demand of a run is looked at up to five times; that many cases may be impossible, or take all memory."""
    scenario = light(12, demand=LIGHT["demand"] | {"registrations_per_year": 3_000})
    cases = size.cases_in(scenario)
    for allowed, most in ((3 * cases, 9_000), (cases / 2, 3_000)):
        monkeypatch.setattr(size, "LARGE", allowed * size.bytes_of(scenario) / cases)
        assert size.cases_unasked(scenario) == pytest.approx(allowed)
        assert demand_with(allowed, scenario) == pytest.approx(most, abs=1)
        levels = levels_of(3_000, Verdict.HOLDS, demand_with(size.cases_unasked(scenario), scenario))
        assert 0.6 * most < max(levels) <= most
    assert record(scenario, work).verdict == "HOLDS"
    monkeypatch.setattr(limit, "MOST_CASES", 3 * cases)
    (plan,) = limit.plan_limits([scenario], meant=True)
    assert 8_900 < plan.levels[-1] <= 9_000


def test_a_whole_number_turns_the_verdict_at_another_one():
    of = next(of for of in assumptions_of(light(5))[0] if of.whole and np.isfinite(of.value))
    for end in of.ends:
        way = _Way(of, end, passed=100.0, missed=0.001)
        assert way.value(way.part) != of.value
        assert way.value(1.0) == end


def test_where_almost_nobody_comes_a_run_has_its_verdict_all_the_same(work):
    scenario = light(60, demand={"registrations_per_year": 30, "key_share": 0, "inquiry_only_share": 0})
    assert record(scenario, work).verdict in ("HOLDS", "UNDECIDED")


def test_a_run_does_not_know_its_premises_unless_it_is_asked(work):
    scenario = light(20)
    points = run_points([scenario], work.seed, work.engine)
    (done,) = run_scenarios([scenario], points, Rule(), work.workers, work.store)
    assert record_of(done).premises is None
    assert design_point_of(scenario, 7, "compiled").key == points[0].key or points[0].profiles
