"""People who hurry or slow down while many wait, planted in offices: the fit finds it, and nothing where nothing is."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import EVERY, said_in
from test_waits_recovered import TITLE, office

from sim.office.parameters import Pace, Scenario
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.fit import Fit, fit_log
from sim.studies.calibrate.fit_notes import _other_paces
from sim.studies.calibrate.held_out.last_days import held_out_test
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import StepLog
from sim.studies.calibrate.lying.pace import others_waiting
from sim.studies.calibrate.lying.rules import PACE
from sim.studies.calibrate.scenarios import JointFit
from sim.studies.calibrate.show import note_in_words
from sim.studies.calibrate.wording import figure_name

MEAN = "review.minutes.mean_minutes"


def paced(number: int = 4, factor: float = 0.7) -> Scenario:
    return office().model_copy(update={"pace": (Pace(stage="review", from_waiting=number, factor=factor),)})


def fitted(log: StepLog) -> Fit:
    return fit_log(log, office(), "fitted", TITLE)


def named(fit: Fit, name: str):
    return next(each for each in fit.estimates if each.name == name)


def minutes(log: StepLog) -> np.ndarray:
    return (log.ended - log.started)[log.at("review") & np.isfinite(log.ended)]


@pytest.mark.parametrize(("number", "factor", "often"), [(4, 0.7, 0.95), (2, 1.3, 0.95), (5, 0.8, 0.85)])
def test_a_pace_is_found_and_intervals_have_the_truth(number: int, factor: float, often: float):
    logs = 60 if EVERY else 3
    fits = [fitted(simulated_log(paced(number, factor), 200 + each)) for each in range(logs)]
    found = [fit for fit in fits if [pace.step for pace in fit.paces] == ["review"]]
    truth = {"pace[0].from_waiting": number, "pace[0].factor": factor, MEAN: 35}
    inside = [sum(named(fit, name).covers(true) for fit in found) for name, true in truth.items()]
    print(f"\n{factor} from {number}: found in {len(found)} of {logs}; inside: number {inside[0]}, factor {inside[1]}, "
          f"mean of the others {inside[2]}")  # fmt: skip
    # Of three logs one may be among those that do not show it.
    assert len(found) >= often * logs if EVERY else len(found) >= logs - (often < 0.95)
    # As often as 95 % may be by chance.
    assert min(inside) >= 0.95 * len(found) - 3 * np.sqrt(0.95 * 0.05 * len(found))


@pytest.mark.parametrize(("number", "factor"), [(4, 0.7), (2, 1.3)])
def test_an_office_with_a_pace_has_the_mean_of_the_log_again(number: int, factor: float):
    log = simulated_log(paced(number, factor), 1)
    again = minutes(simulated_log(fitted(log).scenario.model_copy(update={"period": office().period}), 99))
    assert again.mean() == pytest.approx(minutes(log).mean(), rel=0.06)


def test_no_pace_is_found_where_none_is_planted():
    logs = 100 if EVERY else 5
    found = sum(bool(fitted(simulated_log(office(), 300 + each)).paces) for each in range(logs))
    print(f"\nnothing planted: found in {found} of {logs}")
    assert found <= max(0.03 * logs, 1)


def scaled(log: StepLog, which: np.ndarray, factor: float) -> StepLog:
    """Return a log in which some reviews took another time, and everybody still came and was begun as he was."""
    ends = np.where(which & log.at("review"), log.started + factor * (log.ended - log.started), log.ended)
    return replace(log, ended=ends)


def ratio(log: StepLog, number: int) -> float:
    rows, waiting = others_waiting(log, "review")
    took = (log.ended - log.started)[rows]
    return float(np.nanmean(took[waiting >= number]) / np.nanmean(took[waiting < number]))


def test_fast_people_at_busy_hours_are_no_pace_unless_nobody_has_a_name():
    log, chance = simulated_log(office(), 1), np.random.default_rng(1)
    rows, waiting = others_waiting(log, "review")
    # One who is twice as fast, and mostly there when many wait.
    his = rows[chance.random(len(rows)) < np.where(waiting >= 3, 0.6, 0.06)]
    server, mine = log.server.copy(), np.isin(np.arange(len(log)), his)
    server[mine] = len(log.servers)
    fast = replace(scaled(log, mine, 0.5), server=server, servers=(*log.servers, "fast"))
    assert ratio(fast, 3) < 0.8
    assert fitted(fast).paces == ()
    nameless = fitted(replace(fast, server=np.full_like(server, -1), servers=()))
    (note,) = _other_paces(nameless)
    assert "it has no names" in said_in("en", note_in_words, note)


def test_an_hour_at_which_all_goes_faster_is_no_pace():
    log = simulated_log(office(), 2)
    rows, waiting = others_waiting(log, "review")
    hour = np.floor(log.started % 1440 / 60)
    by_waiting = sorted(range(8, 17), key=lambda at: waiting[hour[rows] == at].mean())
    fast = scaled(log, np.isin(hour, by_waiting[-3:]), 0.4)
    assert ratio(fast, 3) < 0.9
    assert fitted(fast).paces == ()


def test_a_pace_is_drawn_with_what_it_depends_on_and_held_out():
    log = simulated_log(paced(), 3)
    fit = fitted(log)
    assert {"pace[0].from_waiting", "pace[0].factor"} <= fit.used
    pairs = {(pair.first, pair.second): pair.correlation for pair in fit.dependence}
    # The longer the others took, the smaller the factor.
    assert pairs["pace[0].factor", MEAN] < -0.2
    joint = JointFit.of(fit.scenario, fit.estimates, fit.dependence)
    drawn = [joint.office(joint.normals(np.random.default_rng(seed))).pace[0] for seed in range(9)]
    assert len({each.factor for each in drawn}) == 9
    held_out, _, gains = held_out_test(log, office(), fit, 0.25, 1)
    assert held_out is not None
    (gain,) = gains
    assert (gain.step, gain.what) == ("review", PACE)
    assert gain.inner_with < gain.inner_without
    assert gain.without > gain.simulated > 0
    one = fit.paces[0].at_one_pace(fit.scenario)
    assert one.pace == ()
    assert one.review.minutes.mean_minutes == pytest.approx(minutes(log).mean(), rel=0.02)


def test_a_log_says_nothing_of_a_pace_where_starts_are_estimated_and_replaces_that_of_its_parent():
    log = simulated_log(office(), 4)
    assert fitted(replace(log, guessed=("review",))).paces == ()
    assert fit_log(log, paced(), "fitted", TITLE).scenario.pace == ()


def test_others_who_wait_are_counted_as_a_service_begins():
    log = simulated_log(paced(), 5)
    rows, waiting = others_waiting(log, "review")
    for row, number in list(zip(rows, waiting, strict=True))[200:900:35]:
        here = log.at("review") & (log.queued <= log.started[row]) & (log.started >= log.started[row])
        # Of those who begin at one moment each counts those after him.
        together = log.at("review") & (log.started == log.started[row])
        assert here.sum() - together.sum() <= number < here.sum()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_found_is_said(language: str):
    fit = fitted(simulated_log(paced(), 6))
    (note,) = _other_paces(fit)
    assert "4" in said_in(language, note_in_words, note)
    assert said_in(language, figure_name, "pace[0].factor") != "pace[0].factor"


def test_patient_callers_who_talk_for_long_are_no_pace():
    """Who is still there when many wait is the more patient, and here he talks three times as long."""
    title, data = {"en": "Callers", "zh": "来电"}, scenario_as_dict(office())
    short, long = (
        {
            "name": name,
            "title": title,
            "share": 0.5,
            "talk_seconds": talk,
            "talk_cv": 0.6,
            "patience_seconds": patience,
            "walk_in_share": 0.5,
            "patience_shape": 1.0,
            "advice_matters": True,
        }
        for name, talk, patience in (("short", 100, 60), ("long", 300, 600))
    )
    data["demand"]["registrations_per_year"] = 40_200
    data["phone"]["profiles"] = [short, long]
    assert fitted(simulated_log(scenario_from_dict(data), 500)).paces == ()


def test_a_pace_of_the_parent_does_not_stay_beside_times_that_have_it_in_them():
    parent = paced(4, 0.5)
    log = simulated_log(parent, 3)
    fit = fit_log(log, parent, "fitted", TITLE, times_only=True)
    assert fit.scenario.pace == ()
    # The times are the parent's, and so is the pace that belongs to them.
    guessed = replace(log, guessed=("review",), queued=np.where(log.at("review"), np.nan, log.queued))
    assert fit_log(guessed, parent, "fitted", TITLE).scenario.pace == parent.pace
