"""A verdict that carries how well a log tells the office."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from calibrations import calibration
from fitted_offices import LIGHT, REVIEW, fitted, light
from helpers import said_in
from readable import assert_readable
from small_runs import SMALL, record_of

from sim.cli import main
from sim.measures.judge import Rule, Verdict
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.present.charts.style import style
from sim.present.terminal import rendered
from sim.replicate.store import MemoryStore
from sim.replicate.workers import workers_for
from sim.results.codec import read_record, write_record
from sim.results.fitted import Fitted
from sim.studies import driver
from sim.studies import possible_offices as module
from sim.studies.assumptions import assumptions_of
from sim.studies.base import Found, Options
from sim.studies.calibrate.dependence import Dependent, dependents
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.scenarios import JointFit
from sim.studies.outcomes import MOST_MINUTES, Outcomes, Work, outcomes_of
from sim.studies.possible_offices import PossibleOffices, played_year, verdict_of
from sim.studies.rounds import Mixture, Round, offices_apart, without_years, years_apart
from sim.studies.run import STUDY, asked, show
from sim.studies.run import given_log as of_run
from sim.studies.run.charts.given_log import given_log_chart
from sim.studies.run.given_log import given_log
from sim.studies.run.log_sentences import left_open, probability
from sim.studies.run.records import Run
from sim.studies.run.replicate import run_points, run_scenarios

ROUNDS, EACH = 3, 10
KNOWN = 1.2


@pytest.fixture(scope="module", autouse=True)
def few():
    """Draw fewer offices than a user gets, and look once which assumptions there are: what is tested needs no more."""
    found = assumptions_of(light(5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROUNDS", ROUNDS)
        patch.setattr(module, "EACH", EACH)
        patch.setattr(module, "assumptions_of", lambda scenario: found)
        yield


@pytest.fixture(scope="module")
def work():
    with workers_for("compiled", 1) as workers:
        yield Work(7, "compiled", workers, MemoryStore())


def run(scenario, work, of=None, **more):
    rule = Rule(largest=60)
    points = run_points([scenario], work.seed, work.engine)
    (done,) = run_scenarios([scenario], points, rule, work.workers, work.store)
    record = record_of(done)
    record = replace(record, about=replace(record.about, fitted=Fitted("own", (REVIEW,))))
    return record if of is None else given_log(record, scenario, of, work, **more)


@pytest.fixture(scope="module")
def mean(work):
    return float(outcomes_of([light(5)], 40, work).figure[0])


@pytest.fixture(scope="module")
def near(work, mean):
    """Return an office near its target whose review time is known to within a fifth, and its run given that."""
    scenario = light(mean * 1.06)
    return scenario, run(scenario, work, fitted(scenario, 1 / KNOWN, KNOWN))


def test_estimates_are_drawn_as_their_intervals_and_correlations_say():
    estimates = [
        Estimate(REVIEW, 3.0, 2.8, 3.3, 1000, "ML", "min"), Estimate("review.minutes.cv", 0.8, 0.7, 0.9, 1000, "ML"),
        Estimate("filing.assisted_share", 0.3, 0.25, 0.36, 100, "share", "share"),
    ]  # fmt: skip
    joint = JointFit.of(light(5), estimates, [Dependent(REVIEW, "review.minutes.cv", 0.6)])
    generator = np.random.default_rng(1)
    normals = np.array([joint.normals(generator) for _ in range(4000)])
    assert normals.mean(axis=0) == pytest.approx(np.zeros(3), abs=0.06)
    assert np.corrcoef(normals.T) == pytest.approx(np.array([[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1]]), abs=0.06)
    ends = joint.office(np.array([1.959964, -1.959964, 0.0]))
    assert (ends.review.minutes.mean_minutes, ends.review.minutes.cv) == (pytest.approx(3.3), pytest.approx(0.7))
    assert ends.filing.assisted_share == pytest.approx(0.3)


def test_pairs_that_are_no_correlation_together_are_made_one():
    names = ("review.minutes.mean_minutes", "filing.own_minutes.mean_minutes", "issue.minutes.mean_minutes")
    estimates = [Estimate(name, 3.0, 2.8, 3.3, 10, "ML", "min") for name in names]
    pairs = [Dependent(names[one], names[two], by) for one, two, by in ((0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9))]
    root = JointFit.of(light(5), estimates, pairs).root
    assert (root @ root.T).diagonal() == pytest.approx(np.ones(3))


def test_pairs_come_from_a_covariance():
    covariance = np.array([[4.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    assert dependents(("a", "b", "c"), covariance) == [Dependent("a", "b", 0.5)]


def test_the_chance_of_few_years_is_taken_out_of_the_offices():
    rng, offices, noise = np.random.default_rng(5), 0.3, 0.2
    rounds = []
    for years in (2, 2, 1, 1, 3):
        apart = rng.normal(0.1, offices, 400) + rng.normal(0, noise, (years, 400)) + rng.normal(0, 0.1, (years, 1))
        rounds.append(Round(np.zeros((400, 1)), apart))
    assert years_apart(rounds) == pytest.approx(noise**2, rel=0.08)
    assert np.concatenate(without_years(rounds)).std() == pytest.approx(offices, rel=0.1)
    # Offices that are all alike are one.
    alike = [Round(np.zeros((200, 1)), rng.normal(0, noise, (2, 200))) for _ in range(4)]
    assert np.concatenate(without_years(alike)).std() < 0.3 * noise
    # One that never does stays where it is.
    never = [replace(rounds[0], apart=np.where(np.arange(400) < 40, np.inf, rounds[0].apart))]
    assert np.isinf(without_years(never)[0]).sum() == 40


def test_the_chance_of_the_fitted_office_is_not_counted_twice():
    rng, offices, noise = np.random.default_rng(11), 0.1, 0.2
    found = []
    for _ in range(100):
        rounds = []
        for years in (2, *[4] * 7):
            half = rng.normal(0, offices, 12)
            # In pairs as far off to either side; the fitted office has chance of its own, as large as that of others.
            apart = np.stack([half, -half], axis=1).ravel() + rng.normal(0, noise, (years, 24))
            rounds.append(Round(np.zeros((24, 1)), apart, rng.normal(0, noise, years)).beside())
        found.append((offices_apart(rounds), np.concatenate(without_years(rounds)).var(ddof=1)))
    known = np.std(found, axis=0) / math.sqrt(len(found))
    assert (known < 0.03 * offices**2).all()
    assert np.mean(found, axis=0) == pytest.approx([offices**2, offices**2], rel=0.09)


def test_a_share_of_an_office_that_never_finishes_is_infinitely_bad(near):
    target = replace(near[1].target, statistic="share", level=0.9)
    figure = np.array([0.9, 0.0, 0.0, 1.0])
    unfinished = np.array([False, True, False, False])
    year, ends = played_year(Outcomes(figure, figure, figure, figure, unfinished, 1), target)
    assert year[0] == pytest.approx(-math.log(9))
    # None in time is as bad as can be told, but finished.
    assert (year[1], math.isfinite(year[2])) == (math.inf, True)
    assert ends.dtype == bool
    assert ends.tolist() == [False, True, True, True]
    # Minutes have no end.
    assert not played_year(Outcomes(figure, figure, figure, figure, unfinished, 1), near[1].target)[1].any()


def test_shares_at_an_end_tell_nothing_of_chance():
    rng, noise = np.random.default_rng(3), 0.1
    apart = rng.normal(0, 0.3, 400) + rng.normal(0, noise, (2, 400))
    # All in time in one year, in the other all but one.
    apart[0, :20], apart[1, :20] = -13.8, -9.9
    rounds = [Round(np.zeros((400, 1)), apart, ends=np.arange(400) < 20)]
    assert years_apart(rounds) == pytest.approx(noise**2, rel=0.15)
    assert years_apart([Round(np.zeros((400, 1)), apart)]) > 10 * noise**2


def test_seeds_nearby_have_no_years_in_common(monkeypatch, near):
    seeds = []

    def play(offices, seed):
        seeds.append(seed)
        return [(np.arange(1.0, len(offices) + 1), np.zeros(len(offices), bool))]

    monkeypatch.setattr(module, "ROUNDS", 8)
    offices = PossibleOffices.of([near[0]], fitted(near[0], 0.9, 1.1))
    for seed in (7, 8):
        list(offices.rounds(seed, play))
    assert len(seeds) >= 2 * 9
    assert len({7, 8, *seeds}) == 2 + len(seeds)
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_a_fitted_office_that_never_finishes_in_a_year_beside_has_no_interval(monkeypatch, work, near):
    scenario, found = near
    exact = replace(found, given_log=None, low=found.given_log.low, high=found.given_log.high)
    monkeypatch.setattr(module, "outcomes_of", lambda *arguments: years(*arguments))

    def years(scenarios, *rest):
        figure = np.full(len(scenarios), float(found.target.minutes) / 2)
        figure[0] = MOST_MINUTES
        return Outcomes(figure, figure, figure, figure, figure >= MOST_MINUTES, 1)

    judged = given_log(exact, scenario, fitted(scenario, 0.9, 1.1), work)
    assert math.isnan(judged.low)
    assert math.isnan(judged.high)
    told = said_in("en", lambda: show.interval(judged))
    assert "in which it was played beside others" in told
    assert "replications" not in told
    assert said_in("zh", lambda: show.interval(judged)).startswith("依据业务记录不能给出区间")
    with style():
        said_in("en", lambda: given_log_chart(judged))


def test_a_mixture_has_the_quantiles_of_its_parts():
    one = Mixture(np.array([2.0]), 0.5)
    assert (one.quantile(0.025), one.quantile(0.975)) == (pytest.approx(1.02, abs=1e-3), pytest.approx(2.98, abs=1e-3))
    assert one.below(2.0) == 0.5
    never = Mixture(np.array([2.0, np.inf, 2.0, 2.0]), 0.5)
    assert never.quantile(0.975) == math.inf
    assert never.below(9.0) == 0.75
    exact = Mixture(np.arange(199.0), 0.0)
    assert exact.below(99.0) == pytest.approx(0.5, abs=0.01)
    assert exact.quantile(0.5) == pytest.approx(99.0)


def test_the_bias_that_many_values_add_up_to_is_not_counted_twice():
    rng, truth, offices, logs = np.random.default_rng(3), np.full(8, 4.0), 192, 400

    def intervals(figure):
        """Yield how many of the intervals of 95 % lie above the truth and below it: all offices alike, and weighted."""
        ends = []
        for _ in range(logs):
            fitted = truth + rng.standard_normal(len(truth))
            off = rng.standard_normal((offices // 2, len(truth)))
            drawn = figure(np.stack([fitted + off, fitted - off], axis=1).reshape(offices, -1))
            ends.append([[of.quantile(tail) for tail in (0.025, 0.975)]
                         for of in (Mixture(drawn, 0.0), Mixture(drawn, 0.0, figure(fitted)))])  # fmt: skip
        low, high = np.array(ends).transpose(2, 1, 0)
        return (low > figure(truth)).mean(axis=1), (high < figure(truth)).mean(axis=1)

    above, below = intervals(lambda values: (values**2).sum(axis=-1))
    assert above[0] > 0.08
    assert below[0] < 0.01
    assert above[1] < 0.06
    assert below[1] < 0.06
    # A single value that decides has no bias in the median, however bent its effect is.
    above, below = intervals(lambda values: np.exp(values[..., 0]))
    assert above[0] == above[1]
    assert below[0] == below[1]


def test_offices_that_never_finish_count_with_the_others():
    centres = np.array([1.0, 2.0, 3.0, np.inf])
    assert Mixture(centres, 0.0).below(9.0) == 0.75
    # The fitted office is among the better ones: those that are worse count for less.
    assert 0.75 < Mixture(centres, 0.0, 1.5).below(9.0) < 1
    assert Mixture(centres, 0.1, 1.5).weights.sum() == pytest.approx(1)
    assert Mixture(centres, 0.1, 0.5).below(9.0) <= 1


def test_a_verdict_is_what_its_interval_leaves_of_the_target(near):
    target = replace(near[1].target, minutes=5.0, margin=0.05)
    for low, high, verdict in (
        (4.8, 5.0, Verdict.HOLDS), (5.1, 5.3, Verdict.FAILS), (4.96, 5.04, Verdict.TOO_CLOSE),
        (4.8, 5.2, Verdict.UNDECIDED), (4.8, math.inf, Verdict.UNDECIDED), (5.1, math.inf, Verdict.FAILS),
    ):  # fmt: skip
        assert verdict_of(low, high, target) is verdict
        # Where so few offices do not tell the probability well enough, no side.
        assert verdict_of(low, high, target, sure=False) not in (Verdict.HOLDS, Verdict.FAILS)
    share = replace(target, statistic="share", level=0.9, margin=0.01)
    for low, high, verdict in (
        (0.91, 0.95, Verdict.HOLDS), (0.7, 0.8, Verdict.FAILS), (0.895, 0.905, Verdict.TOO_CLOSE),
        (0.85, 0.95, Verdict.UNDECIDED),
    ):  # fmt: skip
        assert verdict_of(low, high, share) is verdict


def test_what_the_log_leaves_open_is_in_verdict_interval_and_probability(work, near):
    scenario, found = near
    exact, facts = run(scenario, work), found.given_log
    assert (exact.verdict, facts.exact) == ("HOLDS", "HOLDS")
    assert found.verdict == "UNDECIDED"
    assert found.low < exact.low < exact.estimate == found.estimate < exact.high < found.high
    assert (facts.low, facts.high) == (exact.low, exact.high)
    assert (facts.estimates, facts.offices, facts.days) == (1, ROUNDS * EACH, 250)
    # Of two offices at the ends of the interval the figures are about those of its ends.
    ends = [scenario_from_dict(scenario_as_dict(scenario) | {"review": {"minutes": {"mean_minutes": 3 * by}}})
            for by in (1 / KNOWN, KNOWN)]  # fmt: skip
    figures = outcomes_of(ends, 60, work).figure
    assert [found.low, found.high] == pytest.approx(figures, rel=0.06)
    assert 0.5 < facts.kept < 0.9
    # From so few offices the bias is not known well either.
    assert 0 < facts.kept_error < 0.1
    assert facts.from_log > 0.8
    # The variance of the log falls as its length grows; the chance of the years stays.
    assert facts.days_to_halve > 4 * facts.days
    cause, *unseen = found.causes
    assert (cause.parameter, cause.observations) == (REVIEW, 412)
    assert cause.share > 0.9
    assert facts.unseen == len(unseen)
    assert all(math.isnan(of.share) for of in unseen)


def test_the_end_of_the_scale_is_told_as_well_as_few_offices_know_it(near):
    facts = near[1].given_log
    for kept, said in ((0.995, "more than 98 %"), (0.97, "97 %"), (0.03, "3 %"), (0.001, "less than 2 %")):
        record = replace(near[1], given_log=replace(facts, kept=kept))
        assert said_in("en", lambda record=record: probability(Found(record, ""))).text == said
    held = replace(near[1], low=near[1].target.minutes + 0.1, high=near[1].target.minutes + 0.2)
    assert held.held_back
    told = said_in("en", lambda: rendered(driver.answer(STUDY, held)))
    assert "from 30 offices it is not known well enough" in told
    assert "too skewed" not in told


def test_far_from_the_target_nothing_is_open(work, mean):
    for minutes, verdict, kept in ((mean * 1.6, "HOLDS", 1.0), (mean * 0.7, "FAILS", 0.0)):
        scenario = light(minutes)
        found = run(scenario, work, fitted(scenario, 1 / 1.05, 1.05))
        assert (found.verdict, found.given_log.kept) == (verdict, pytest.approx(kept, abs=1e-6))


def test_a_share_of_the_licences_carries_the_log_too(work):
    target = {"statistic": "share", "minutes": 8, "level": 0.5}
    level = round(float(outcomes_of([light(8, target=target)], 40, work).figure[0]), 3)
    scenario = light(8, target=target | {"level": level})
    found = run(scenario, work, fitted(scenario, 1 / 1.1, 1.1))
    assert found.low < found.given_log.low < found.given_log.high < found.high
    assert 0.3 < found.given_log.kept < 0.7


def test_an_exact_fit_leaves_the_run_as_it_is(work, mean):
    scenario = light(mean * 1.02)
    assert run(scenario, work, fitted(scenario, 1.0, 1.0)).given_log is None


def test_what_was_changed_since_the_fit_was_chosen(mean):
    scenario = light(mean)
    # What else was fitted stays so.
    of = fitted(scenario, 0.9, 1.1)
    other = Estimate("review.minutes.cv", 0.8, 0.7, 0.9, 412, "lognormal, ML", used=True)
    of = replace(of, estimates=(*of.estimates, other))
    kept = PossibleOffices.of([scenario], of)
    assert [each.name for each in kept.joint.known] == [REVIEW, other.name]
    assert kept.changed == ()
    unseen = {each.parameter for each in kept.unseen}
    assert not {REVIEW, other.name} & unseen
    # A fitted value, and one that the log does not show.
    demand = "demand.registrations_per_year"
    assert demand in unseen
    what_if = light(mean, review={"minutes": {"mean_minutes": 3.2}},
                    demand=LIGHT["demand"] | {"registrations_per_year": 9100})  # fmt: skip
    edited = PossibleOffices.of([what_if], of, assumed=True)
    assert set(edited.changed) == {REVIEW, demand}
    assert [each.name for each in edited.joint.known] == [other.name]
    assert {each.parameter for each in edited.unseen} == unseen - {demand}
    for number in range(4):
        (drawn,), __ = edited.drawn(7, number)
        assert (drawn.review.minutes.mean_minutes, drawn.demand.registrations_per_year) == (3.2, 9100)


def test_assumptions_are_drawn_where_it_is_asked(work, near):
    scenario, found = near
    wider = run(scenario, work, fitted(scenario, 1 / KNOWN, KNOWN), assumed=True)
    assert wider.given_log.assumed
    assert wider.high - wider.low > 1.5 * (found.high - found.low)
    assert math.isnan(wider.given_log.days_to_halve)
    assert {of.observations for of in wider.causes} <= {0, 412}
    assert all(of.share > 0 for of in wider.causes)


def test_ranges_alone_give_no_verdict_against_the_office_as_it_is(work, near, monkeypatch):
    scenario, _ = near
    monkeypatch.setattr(of_run, "verdict_given", lambda found, target: (Verdict.FAILS, 10.0, 20.0))
    of = fitted(scenario, 1 / KNOWN, KNOWN)
    assert run(scenario, work, of).verdict == "FAILS"
    found = run(scenario, work, of, assumed=True)
    assert (found.verdict, found.estimate < found.target.minutes) == ("UNDECIDED", True)
    assert "that is no verdict on this office" in said_in("en", lambda: rendered(driver.answer(STUDY, found)))


def test_it_replays_and_what_was_played_is_not_played_again(work, near):
    scenario, found = near
    played = []

    class Counted(MemoryStore):
        def keep(self, point, first, count, data):
            played.append(point)
            super().keep(point, first, count, data)

    store = Counted()
    again = replace(work, store=store)
    assert run(scenario, again, fitted(scenario, 1 / KNOWN, KNOWN)).given_log == found.given_log
    assert played
    del played[:]
    assert run(scenario, again, fitted(scenario, 1 / KNOWN, KNOWN)).given_log == found.given_log
    assert played == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_told_before_all_else(near, language):
    found = near[1]

    lines = said_in(language, lambda: rendered(driver.answer(STUDY, found))).splitlines()
    head = {"en": ("UNDECIDED: ", "Given the log own (250 working days), the target is kept with a probability of "),
            "zh": ("未定：", "依据业务记录own（250个工作日），达标的概率为")}[language]  # fmt: skip
    assert lines[1].startswith(head[0])
    assert lines[2].startswith(head[1])
    assert {"en": "HOLDS", "zh": "达标"}[language] in lines[2]
    answer = said_in(language, lambda: show.answer(Found(found, "runs/own")))
    assert answer.said[1].sources
    assert len(answer.figures) <= 4
    for sentence in said_in(language, lambda: left_open(Found(found, "runs/own"))):
        assert "{" not in sentence.text
    what_if = replace(found, given_log=replace(found.given_log, changed=(REVIEW,)))
    told = [sentence.text for sentence in said_in(language, lambda: left_open(Found(what_if, "runs/own")))]
    assert {"en": "Changed since the fit, so taken as exact: review time.",
            "zh": "拟合后改动、按准确值计的取值：单件审核时长。"}[language] in told  # fmt: skip


def test_a_quick_look_draws_fewer_offices_and_knows_the_probability_less_well(work, near):
    scenario, found = near
    quick = run(scenario, work, fitted(scenario, 1 / KNOWN, KNOWN), quick=True).given_log
    assert quick.offices == module.QUICK * EACH
    assert quick.figures != found.given_log.figures
    assert quick.kept_error > 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_offices_can_be_seen(near, language):
    with style():
        assert_readable(said_in(language, lambda: given_log_chart(near[1])))


def test_it_is_saved_and_read_as_it_was(near, tmp_path):
    found = replace(near[1], kpis=())
    write_record(found, tmp_path)
    read = read_record(Run, tmp_path)
    assert read.given_log == found.given_log
    assert repr(read.causes) == repr(found.causes)
    assert json.loads((tmp_path / "manifest.json").read_text())["given_log"]["log"] == "own"


def test_without_it_a_run_says_that_the_fit_is_taken_as_exact(work, near):
    exact = run(near[0], work)
    told = said_in("en", lambda: rendered(driver.answer(STUDY, exact)))
    assert "Fitted values are taken as exact here" in told
    assert "Fitted values are taken as exact here" not in said_in("en", lambda: rendered(driver.answer(STUDY, near[1])))


def test_assumptions_are_asked_for_of_fitted_scenarios_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "small.yaml"
    file.write_text(json.dumps(SMALL), encoding="utf-8")
    assert main(tmp_path, ["run", str(file), "--assumptions"]) == 2
    assert "nothing in" in capsys.readouterr().err
    assert main(tmp_path, ["run", str(file), "--assumptions", "--no-premises"]) == 2
    assert "leave out one" in capsys.readouterr().err


def test_a_run_with_what_the_log_leaves_open_is_another_than_one_without(tmp_path, monkeypatch):
    file = tmp_path / "small.yaml"
    file.write_text(json.dumps(SMALL), encoding="utf-8")
    options = Options(home=tmp_path)

    def identity(**more):
        return asked.job(options, str(file), **{"no_premises": False, **more}).about.identity

    # Of what was not fitted the verdict is the same either way.
    assert identity() == identity(no_premises=True)
    monkeypatch.setattr(asked, "fitted_of", lambda file, scenarios: Fitted("own", (REVIEW,)))
    monkeypatch.setattr(asked, "calibration_beside", lambda *of: calibration("own"))
    found = [identity(), identity(no_premises=True), identity(assumptions=True)]
    options = replace(options, quick=True)
    found.append(identity())
    assert len(set(found)) == len(found)
    # Of a damaged calibration nothing is carried.
    monkeypatch.setattr(asked, "calibration_beside", lambda *of: None)
    options = replace(options, quick=False)
    assert identity() == found[1]
