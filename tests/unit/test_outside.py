"""Files that are outside the office before the review or the counter: an office's own numbers."""

from math import isfinite

import numpy as np
import pytest

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.clocks import Clocks, clocks_of
from sim.measures.lateness import OUTSIDE as PART
from sim.measures.lateness import Part, lateness
from sim.office.blocks import Office
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.records import OF_OTHERS, Journeys, VisitLog
from sim.replicate.design_points import design_point_of, without_names
from sim.studies.calibrate.fit import fit_log
from sim.studies.calibrate.fit_notes import not_told
from sim.studies.calibrate.log.simulated import simulated_log

WEEKS = {"first": "2023-03-01", "last": "2023-03-31"}
HALF = {"share": 0.5, "mean_hours": 20, "cv": 1.0}


def scenario_of(review=None, issue=None, **parts):
    """Return an office of a month with files outside before the review or the counter."""
    return scenario_from_dict({
        "name": "month", "title": {"en": "A month", "zh": "一个月"}, "period": WEEKS,
        "demand": {"registrations_per_year": 8000}, "filing": {"studio_share": 0.4},
        "review": {"outside": review or {}}, "issue": {"outside": issue or {}}, **parts,
    })  # fmt: skip


def played(scenario, engine="compiled") -> tuple[Office, Journeys, VisitLog]:
    office = registration_office(scenario)
    journeys = draw(office, 1)
    return office, journeys, play(office, journeys, engine)


def outside_in(journeys: Journeys, log: VisitLog):
    return np.flatnonzero((journeys.stage < 0) & (journeys.priority == OF_OTHERS) & (log.outcome > 0))


def mean(clocks: Clocks, clock: str) -> float:
    times = clocks[clock]
    return float(times[np.isfinite(times)].mean())


@pytest.mark.parametrize("parts", [
    {"review": HALF}, {"issue": HALF}, {"review": HALF | {"in_hours": False}, "issue": HALF | {"in_hours": False}},
])  # fmt: skip
def test_both_engines_play_it_alike(parts):
    office, journeys, log = played(scenario_of(**parts))
    assert play(office, journeys, "process").differing_values(log) == 0
    assert len(outside_in(journeys, log)) > 100


@pytest.mark.parametrize("where", ["review", "issue"])
def test_it_counts_from_door_to_door_and_not_in_the_licence_time(where):
    usual, later = (clocks_of(*played(scenario_of(**parts))) for parts in ({}, {where: HALF}))
    assert mean(later, "licence") == pytest.approx(mean(usual, "licence"), rel=0.1)
    for clock in ("door_to_door", "journey"):
        assert mean(later, clock) > mean(usual, clock) + 500
    # From submission on, not from the queue of the review.
    gap = mean(later, "journey") - mean(later, "door_to_door")
    assert gap == pytest.approx(mean(usual, "journey") - mean(usual, "door_to_door"), rel=0.1)


def test_the_same_applicants_are_outside_for_longer_where_it_takes_longer():
    short, long = (played(scenario_of(HALF | {"mean_hours": hours}))[1] for hours in (5, 10))
    of = [journeys.minutes[(journeys.stage < 0) & (journeys.priority == OF_OTHERS)] for journeys in (short, long)]
    np.testing.assert_allclose(2 * of[0], of[1], rtol=1e-6)


def test_it_ends_while_the_review_is_open_unless_it_passes_on_the_wall_clock():
    for in_hours in (True, False):
        office, journeys, log = played(scenario_of(HALF | {"in_hours": in_hours}))
        opens, closes = office.stages[office.stage_number("review")].open.intervals(office.days, log.days)
        ends = log.ended_at[outside_in(journeys, log)]
        row = np.searchsorted(closes, ends, side="right")
        assert (opens[row] <= ends).all() == in_hours


def test_the_studio_does_not_stay_with_who_has_a_file_outside():
    office, journeys, log = played(scenario_of(HALF, HALF))
    stays = log.freed_at - log.ended_at
    longest = stays[np.isfinite(stays)].max()
    usual = played(scenario_of())[2]
    assert 0 < longest < 3 * np.nanmax(usual.freed_at - usual.ended_at)
    # But with the others.
    studio = (journeys.stage == office.stage_number("studio")) & (log.outcome == 1)
    assert 0.3 < (stays[studio] > 0).mean() < 0.7


def test_whose_file_was_outside_fetches_the_licence_and_others_in_the_hall_do_not():
    office, journeys, log = played(scenario_of(HALF))
    hall = {number for number, population in enumerate(office.populations) if population.name.endswith("/hall")}
    issue, filing = (office.stage_number(name) for name in ("issue", "filing"))
    fetched = {True: [], False: []}
    for case in range(journeys.cases):
        visits = [v for v in range(*journeys.first_visit[case : case + 2]) if log.outcome[v]]
        stages = [int(journeys.stage[v]) for v in visits]
        helped = any(s == filing and log.outcome[v] == 1 for s, v in zip(stages, visits, strict=True))
        if int(journeys.population[case]) not in hall or not helped or issue not in stages:
            continue
        outside = any(s < 0 and journeys.priority[v] == OF_OTHERS for s, v in zip(stages, visits, strict=True))
        if stages.count(office.stage_number("review")) == 1:
            fetched[outside].append(stages[stages.index(issue) - 1] < 0)
    assert all(fetched[True])
    assert len(fetched[True]) > 50
    assert not any(fetched[False])


def test_where_door_to_door_time_goes_it_is_told_apart_from_own_time():
    target = {"minutes": 60, "statistic": "mean", "clock": "door_to_door"}
    office, journeys, log = played(scenario_of(HALF, target=target))
    found = lateness(office, journeys, log)
    outside = found.minutes_of(Part(PART, ""))
    assert outside.sum() > 0
    finite = np.isfinite(found.clock)
    np.testing.assert_allclose(found.minutes.sum(axis=0)[finite], found.clock[finite], rtol=1e-9)
    assert not any(part.kind == "other" for part in found.parts)


def test_an_office_without_it_is_as_it_was():
    scenario = scenario_of()
    assert "outside" not in without_names(scenario_as_dict(scenario))["review"]
    assert "outside" in without_names(scenario_as_dict(scenario_of(HALF)))["review"]
    longest = {"mean_hours": 500.0}
    assert design_point_of(scenario, 1).alike != design_point_of(scenario_of(HALF), 1).alike
    names = [
        [node.name for population in registration_office(each).populations for _, way in population.routes
         for node in way.nodes]
        for each in (scenario, scenario_of(longest, longest))
    ]  # fmt: skip
    assert names[0] == names[1]
    assert not any("outside" in name for name in names[0])


def test_who_needs_every_step_has_room_for_it():
    steps = [
        {"name": f"step-{place}", "title": {"en": f"Step {place}", "zh": f"环节{place}"}, "share": 0.5,
         "after": "filing" if place % 2 else "approval", "minutes": {"mean_minutes": 5, "cv": 1}, "pool": "reviewers",
         "returned": 0.2}
        for place in range(8)
    ]  # fmt: skip
    scenario = scenario_of(HALF, HALF, steps=steps)
    full = scenario_as_dict(scenario)
    full["review"]["incomplete"]["share"] = 0.5
    office = registration_office(scenario_from_dict(full, "full"))
    journeys = draw(office, 1)
    log = play(office, journeys)
    assert play(office, journeys, "process").differing_values(log) == 0
    assert isfinite(mean(clocks_of(office, journeys, log), "door_to_door"))


CHECK = {
    "name": "check", "title": {"en": "Check", "zh": "核对"}, "after": "filing",
    "minutes": {"mean_minutes": 20, "cv": 0.8}, "pool": "checkers",
}  # fmt: skip


def test_time_in_a_step_of_the_office_s_own_is_not_fitted_once_more():
    office = scenario_of(steps=[CHECK], staff={"checkers": {"plan": {"08:30-17:00": 4}}})
    log = simulated_log(office, 1)
    fit = fit_log(log, office, "again", office.title.model_dump())
    assert fit.outside is None
    assert (fit.scenario.review.outside, len(fit.scenario.steps)) == (office.review.outside, 1)
    assert "review.outside.share" in {each.what for each in not_told(log, office, fit.estimates, fit.used)}


def test_the_time_until_a_licence_is_fetched_has_that_outside_in_it():
    office = scenario_of(issue=HALF)
    fit = fit_log(simulated_log(office, 1), office, "again", office.title.model_dump())
    assert fit.scenario.issue.fetch_after_hours.mean_hours > office.issue.fetch_after_hours.mean_hours + 2
    assert fit.scenario.issue.outside.share == 0
