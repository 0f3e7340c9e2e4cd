"""Comparisons, limits and rosters that carry how well a log tells the office."""

import json
import math
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from briefing_results import look_up, same, traced_in
from calibrations import calibration
from fitted_offices import LIGHT, REVIEW, fitted, light
from helpers import said_in
from made_records import about
from made_up import MEAN, SHARE, made_comparison
from readable import assert_readable
from rosters import cheapest_roster

from sim.cli import main
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.present.charts.style import style
from sim.present.terminal import rendered
from sim.results.codec import read_record, write_record
from sim.results.fitted import Fitted
from sim.studies import capacity, compare, driver, possible_offices, staff
from sim.studies.assumptions import assumptions_of
from sim.studies.base import Found, Options
from sim.studies.capacity import given_log as of_limits
from sim.studies.capacity import show as limits_shown
from sim.studies.capacity.charts import frontier_chart
from sim.studies.capacity.records import Capacity, JudgedLevel, Mark, PlanBracket
from sim.studies.compare import given_log as of_plans
from sim.studies.compare import show as plans_shown
from sim.studies.compare.charts import differences_chart
from sim.studies.compare.records import PlanComparison
from sim.studies.growth import Growth
from sim.studies.outcomes import MOST_MINUTES, Outcomes, Work
from sim.studies.rounds import Carried, Mixture, Round
from sim.studies.staff import given_log as of_rosters
from sim.studies.staff import show as rosters_shown
from sim.studies.staff.records import PLAN, TARGET, CheapestRoster, SureRoster
from sim.studies.staff.surer import sure_of, tightened

WORK = Work(7, "compiled", None, None)
KNOWN = 1.2
ONE_ERROR = math.log(KNOWN) / 1.959964
"""Standard error of the review time, on the log scale."""


@pytest.fixture(scope="module", autouse=True)
def once():
    """Draw fewer offices than a user gets, and look once which assumptions there are."""
    found = assumptions_of(light(5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(possible_offices, "ROUNDS", 2)
        patch.setattr(possible_offices, "assumptions_of", lambda scenario: found)
        yield


@pytest.fixture
def few(monkeypatch):
    """Draw a handful: what is asked is the same of all."""
    monkeypatch.setattr(possible_offices, "EACH", 6)


def chance(value):
    """Return the probability that a standard normal number is no more than a value."""
    return 0.5 * math.erfc(-value / math.sqrt(2))


def assert_sourced(show, record, folder):
    """Check that each number of an answer is where it says that it is saved."""
    (folder / "one").mkdir()
    write_record(record, folder / "one")
    pieces = list(traced_in(show.answer(Found(record, "one"))))
    assert len(pieces) > 4
    for piece in pieces:
        if isinstance(piece.value, int | float):
            assert same(look_up(folder, piece.source), piece.value), piece


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
        for plan, of in zip(record.plans, (5.0, other) if target.about_mean else (0.5, 0.55), strict=True)
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
    assert first.better == pytest.approx(1 - chance(math.log(1.02) / ONE_ERROR), abs=3 * first.better_error)
    assert (first.low, first.high) == (pytest.approx(5.1 - 5 * KNOWN, abs=0.3), pytest.approx(5.1 - 5 / KNOWN, abs=0.3))
    assert (first.exact_low, first.exact_high) == (pytest.approx(0.099), pytest.approx(0.101))
    assert 0 < first.better_error < 0.08
    assert first.from_log > 0.99
    # In the other order it is the same the other way round.
    assert (every.plan, every.low, every.high) == ("small", pytest.approx(-first.high), pytest.approx(-first.low))
    assert every.better == pytest.approx(1 - first.better)
    assert first.turned.better == pytest.approx(every.better)
    assert carried.given_log.offices == possible_offices.ROUNDS * possible_offices.EACH


def test_each_plan_carries_it_too(carried):
    one, other = carried.plans
    target = carried.target.promised
    assert one.kept == pytest.approx(chance(math.log(target / 5) / ONE_ERROR), abs=3 * one.kept_error + 0.02)
    assert (one.verdict, one.low) == ("UNDECIDED", pytest.approx(5 / KNOWN, abs=0.3))
    # In no office does the other take anything else.
    assert (other.verdict, other.kept) == ("FAILS", 0)
    assert (other.low, other.high) == (pytest.approx(5.099), pytest.approx(5.101))


def test_plans_that_the_log_tells_exactly_are_compared_as_if_it_did(monkeypatch, few):
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
    played(monkeypatch, of_plans, lambda scenario: 0.55 if scenario.name == "other" else 0.5 * review(scenario))
    found = of_plans.given_log(record, plans_of(scenario), fitted(scenario, 1 / KNOWN, KNOWN), WORK)
    first = found.pairs[0]
    assert first.better == pytest.approx(chance(math.log(1.1) / ONE_ERROR), abs=3 * first.better_error)
    assert first.low == pytest.approx(0.55 - 0.5 * KNOWN, abs=0.03)
    assert first.high == pytest.approx(0.55 - 0.5 / KNOWN, abs=0.03)


def made_rounds(pair, generator, apart, never=0.0):
    """Return rounds of a difference with a chance of 1 minute in a year, whatever the office, and 0.3 beside that."""
    size = of_plans._size(pair)
    for number in range(8):
        years = generator.normal(size=(2 if number == 0 else 1, 1))
        offices = apart + 0.3 * np.repeat(generator.normal(size=12), 2) * np.tile([1, -1], 12)
        played = np.arcsinh((offices + years + 0.3 * generator.normal(size=(len(years), 24))) / size)
        yield Round(np.zeros((24, 1)), np.where(generator.random(24) < never, np.inf, played),
                    np.arcsinh((apart + years[:, 0]) / size), np.zeros(24, bool))  # fmt: skip


@pytest.mark.parametrize("replications", [200, 2000])
def test_a_difference_is_as_open_as_it_is_however_well_its_mean_is_known(replications):
    """Looked at on the scale of its interval, a year's chance would hide what the offices differ by."""
    pair, generator = compared().pairs[0], np.random.default_rng(1)
    half = 1.96 * 1.3 / math.sqrt(replications)
    pair = replace(pair, difference=0.05, low=0.05 - half, high=0.05 + half, replications=replications)
    found = [of_plans._pair(pair, pair, list(made_rounds(pair, generator, 0.05)), MEAN) for _ in range(16)]
    error = math.hypot(0.3, half / 1.96, 0.3 / 3)
    assert np.mean([each.better for each in found]) == pytest.approx(chance(-0.05 / error), abs=0.03)
    assert np.median([each.high - each.low for each in found]) == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_offices_that_never_finish_under_a_plan_say_nothing_of_the_others():
    pair, generator = compared().pairs[0], np.random.default_rng(2)
    pair = replace(pair, difference=2.0, low=1.9, high=2.1, replications=100)
    found = [of_plans._pair(pair, pair, list(made_rounds(pair, generator, 2.0, never=0.02)), MEAN) for _ in range(8)]
    assert np.median([each.better for each in found]) < 0.02
    assert all(each.low > 0.5 for each in found)
    mixture = Mixture(np.array([-np.inf, np.nan, 1.0, np.inf]), 0.1)
    assert mixture.below(5.0) == pytest.approx(0.25 * 2.5)
    assert mixture.below(-5.0) == pytest.approx(0.25 * 1.5)
    assert (mixture.quantile(0.3), mixture.quantile(0.9)) == (-math.inf, math.inf)
    assert mixture.quantile(0.5) == pytest.approx(1.0, abs=0.1)


def test_no_verdict_hangs_on_a_few_offices():
    """If hardly one is on the other side of the fitted office, that one has nearly all of the weight."""
    places = np.zeros((24, 1))
    beyond = [Round(places, np.linspace(0.1, 0.4, 24)[None, :], np.zeros(1), np.zeros(24, bool)) for _ in range(8)]
    found = Carried.of(beyond, 0.0, -0.01, 0.01, 0.3)
    assert found.below > 0.99
    assert not found.sure
    # Where all of them say the same, the few do not decide.
    assert Carried.of(beyond, 0.0, -0.01, 0.01, 0.9).sure
    about = [replace(each, apart=each.apart - 0.25) for each in beyond]
    assert Carried.of(about, 0.0, -0.01, 0.01, 0.9).sure
    # And none of 48 beyond is not none at all.
    near = Carried.of(about[:2], 0.0, -0.001, 0.001, 0.155)
    assert near.below > 0.99
    assert not near.sure


def test_what_only_one_of_the_plans_has_as_fitted_is_drawn_in_that_alone(monkeypatch):
    scenario = light(5)
    what_if = light(5, name="other", review={"minutes": {"mean_minutes": 3.2}})
    offices = possible_offices.PossibleOffices.of([what_if, scenario], fitted(scenario, 1 / KNOWN, KNOWN))
    # Changed in one of them, it is still drawn in the other.
    assert (len(offices.joint.known), offices.changed) == (1, ())
    for number in range(4):
        (changed, drawn), _ = offices.drawn(7, number)
        assert changed.review.minutes.mean_minutes == 3.2 != drawn.review.minutes.mean_minutes


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_comparison_says_it_first(carried, language, tmp_path):
    lines = said_in(language, lambda: rendered(driver.answer(compare.STUDY, carried))).splitlines()
    begin = {"en": "Given the log own (250 working days), Other is better than One with a probability of ",
             "zh": "依据业务记录own（250个工作日）"}[language]  # fmt: skip
    assert lines[2].startswith(begin)
    assert "{" not in "".join(lines)
    answer = said_in(language, lambda: plans_shown.answer(Found(carried, "comparisons/plans")))
    assert answer.said[1].text.startswith(begin)
    with style():
        assert_readable(said_in(language, lambda: differences_chart(carried)))
    said_in(language, lambda: assert_sourced(plans_shown, carried, tmp_path))
    read = read_record(PlanComparison, tmp_path / "one")
    assert (read.given_log, read.plans, read.pairs[0].better) == (
        carried.given_log, carried.plans, carried.pairs[0].better
    )  # fmt: skip


@pytest.mark.parametrize("given", [True, False])
def test_a_difference_whose_interval_is_clear_of_none_is_not_called_none(carried, given):
    pair = replace(carried.pairs[0], finding="no difference found", low=0.2, high=0.4)
    record = replace(carried, pairs=(pair,), given_log=carried.given_log if given else None)
    report = rendered(driver.answer(compare.STUDY, record))
    assert "It is not shown that Other and One differ" in report
    assert ("offices do not tell it well enough" in report, "too skewed for so few" in report) == (given, not given)
    within = replace(record, pairs=(replace(pair, low=-0.2),))
    assert "No difference found between Other and One" in rendered(driver.answer(compare.STUDY, within))


OWN, GROWTH = 10_000, 0.05


def demand(scenario):
    return scenario.demand.registrations_per_year / OWN


def limited(holds=9_900, fails=10_100, target=MEAN):
    """Return the limit of an office that takes 5 minutes with 10,000 registrations and is promised that."""
    target = replace(target, minutes=5.0)
    steps = [
        JudgedLevel("small", step, level, verdict, of, of - 0.01, of + 0.01, 50, "")
        for step, (level, verdict) in enumerate(((holds, "HOLDS"), (fails, "FAILS")), start=1) if level
        for of in [5 * level / OWN]
    ]  # fmt: skip
    plan = PlanBracket("small", "One", "一", holds, fails, 1_000, 100_000, OWN, True, 2, 100, 100.0, 2.0, None, None)
    return Capacity(
        about=replace(about("limit", "limit"), fitted=Fitted("own", (REVIEW,))), target=target, growth=GROWTH,
        working_days=(249, 249), replications=50, marks=(Mark(OWN, 2023), Mark(10_500, 2024)), levels=(), scenarios=(),
        plans=(plan,), steps=tuple(steps),
    )  # fmt: skip


def given(record, scenario, low=1 / KNOWN, high=KNOWN):
    return of_limits.given_log(record, [scenario], fitted(scenario, low, high), Growth(OWN, 2023, GROWTH), WORK)


@pytest.fixture(scope="module")
def carrying():
    """Return a limit that is as open as the review time: half of that, half of the demand."""
    with pytest.MonkeyPatch.context() as patch:
        played(patch, of_limits, lambda scenario: 5 * demand(scenario) * review(scenario))
        return given(limited(), light(5))


def test_a_limit_carries_what_the_log_leaves_open(carrying):
    (plan,) = carrying.plans
    assert (plan.exact_holds, plan.exact_fails) == (9_900, 10_100)
    assert (plan.holds, plan.fails) == (pytest.approx(OWN / KNOWN, rel=0.06), pytest.approx(OWN * KNOWN, rel=0.06))
    # Both ends have three digits.
    assert (plan.holds % 10, plan.fails % 100) == (0, 0)
    assert plan.kept == pytest.approx(chance(-math.log(0.99) / ONE_ERROR), abs=3 * plan.kept_error)
    assert plan.kept_next == pytest.approx(chance(-math.log(1.05) / ONE_ERROR), abs=3 * plan.kept_error)
    assert 0 < plan.kept_error < 0.08
    # Growth passes them on other days.
    growth = Growth(OWN, 2023, GROWTH)
    assert (plan.breaks_from, plan.breaks_to) == (growth.passes(plan.holds), growth.passes(plan.fails))


def test_a_limit_that_the_log_tells_exactly_is_as_if_it_did(monkeypatch, few):
    record, scenario = limited(), light(5)
    assert given(record, scenario, 1, 1) is record
    played(monkeypatch, of_limits, lambda scenario: 5 * demand(scenario))
    (plan,) = given(record, scenario).plans
    assert (plan.holds, plan.fails) == (pytest.approx(9_900, rel=0.002), pytest.approx(10_100, rel=0.01))
    assert plan.kept == pytest.approx(0.975, abs=0.001)


def test_a_limit_beyond_what_was_looked_at_has_no_end_there(monkeypatch, few):
    # Half of the offices carry whatever comes.
    played(monkeypatch, of_limits, lambda scenario: 5 * demand(scenario) if review(scenario) >= 1 else 0.1)
    (plan,) = given(limited(), light(5)).plans
    assert plan.fails is None
    assert plan.drawn_highest == pytest.approx(OWN * of_limits.STEP**of_limits.MOST_STEPS, rel=0.01)
    assert plan.breaks_to is None
    # Which demands were judged is as it was.
    assert (plan.lowest, plan.highest) == (1_000, 100_000)
    # Half of them cannot finish with any.
    played(monkeypatch, of_limits, lambda scenario: 5 * demand(scenario) if review(scenario) <= 1 else MOST_MINUTES)
    (plan,) = given(limited(), light(5)).plans
    assert (plan.holds, plan.breaks_from) == (None, None)
    assert plan.drawn_lowest == pytest.approx(OWN / of_limits.STEP**of_limits.MOST_STEPS, rel=0.01)
    assert (plan.lowest, plan.highest) == (1_000, 100_000)


def test_a_plan_of_which_nothing_was_shown_is_left_as_it_is():
    record = limited(None, None)
    assert given(record, light(5)) is record


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_limit_says_it(carrying, language, tmp_path):
    told = said_in(language, lambda: limits_shown.spoken(carrying))
    begin = {"en": "Given the log own (250 working days), ", "zh": "依据业务记录own（250个工作日）"}[language]
    assert told[0].startswith(begin)
    # The probability for the next year's demand has its error, too.
    assert "±" in told[-1]
    report = said_in(language, lambda: rendered(driver.answer(capacity.STUDY, carrying)))
    assert "{" not in report
    answer = said_in(language, lambda: limits_shown.answer(Found(carrying, "limits/one")))
    assert len(answer.figures) == 3
    with style():
        assert_readable(said_in(language, lambda: frontier_chart(carrying)))
    said_in(language, lambda: assert_sourced(limits_shown, carrying, tmp_path))
    read = read_record(Capacity, tmp_path / "one")
    assert (read.given_log, read.plans) == (carrying.given_log, carrying.plans)
    # What page, deck and JSON take from the files is there.
    assert json.loads((tmp_path / "one" / "manifest.json").read_text())["given_log"]["log"] == "own"


def ended(record, holds, fails, **changed):
    """Return a limit whose interval has these ends."""
    growth, (plan,) = Growth(OWN, 2023, GROWTH), record.plans
    dates = [None if end is None else growth.passes(end) for end in (holds, fails)]
    plan = replace(plan, holds=holds, fails=fails, breaks_from=dates[0], breaks_to=dates[1], **changed)
    return replace(record, plans=(plan,))


FOUR_ENDS = {
    (8_510, 11_900): ("between 8,510 and 11,900", "介于", "about 95 %", "约为95%"),
    (8_510, None): ("above 8,510", "高于", "about 97.5 %", "约为97.5%"),
    (None, 11_900): ("below 11,900", "低于", "about 97.5 %", "约为97.5%"),
    (None, None): ("neither end", "均无法给出", "more than 2.5 % each", "各在2.5%以上"),
}
"""Ends of an interval, and what is said of the limit."""


@pytest.mark.parametrize("ends", FOUR_ENDS)
def test_a_limit_given_a_log_is_told_as_an_interval_whatever_ends_it_has(carrying, ends):
    record = ended(carrying, *ends)
    where, ort, chance, wahr = FOUR_ENDS[ends]
    for language, words in (("en", (where, chance)), ("zh", (ort, wahr))):
        told = said_in(language, lambda: limits_shown.spoken(record))
        report = said_in(language, lambda: rendered(driver.answer(capacity.STUDY, record)))
        assert all(word in told[0] for word in words)
        # What is meant for demands that were judged is not said of an interval.
        for judged in ("With One the office", "shown to break it.", "holds up to", "nothing can be said",
                       "is missed from", "to hold at no demand", "以内达标", "未见不达标"):  # fmt: skip
            assert judged not in "".join([*told, report])
        # What was looked at is said only where an end is not known.
        assert ("5,4" in told[0], "18,5" in told[0]) == tuple(end is None for end in ends)
        assert "9,900" in told[1]
        title = said_in(language, lambda: limits_shown.finding(record))
        assert "{" not in title + report
        assert title != said_in(language, lambda: limits_shown.finding(replace(record, given_log=None)))
        with style():
            assert_readable(said_in(language, lambda: frontier_chart(record)))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"exact_fails": None}, "it would hold up to 9,900; no demand up to 100,000, the highest tried, was shown to"),
        ({"exact_holds": None, "kept": math.nan}, "it would fail from 10,100; no demand down to 1,000, the lowest"),
    ],
)
def test_what_would_be_said_if_the_fit_were_exact_is_of_the_demands_judged(carrying, changed, told):
    record = ended(carrying, 8_510, 11_900, **changed)
    assert f"If the fitted values were exact, {told}" in limits_shown.spoken(record)[1]


@pytest.mark.parametrize(
    ("ends", "rate", "told"),
    [
        ((8_510, 11_900), 0.05, "By that interval, demand passes the limit in July 2027 or earlier, growing by"),
        ((8_510, 9_500), 0.05, "The 10,000 of 2023 are over the limit already, with a probability of about 97.5 %"),
        ((None, 9_500), 0.05, "The 10,000 of 2023 are over the limit already, with a probability of about 97.5 %"),
        ((10_500, 11_900), 0.0, "it stays below the limit with a probability of about 97.5 % or more."),
        ((8_510, 9_500), -0.1, "it is over the limit already with a probability of about 97.5 % or more."),
        ((8_510, None), 0.0, "it lies where the log leaves the limit open."),
        ((None, None), 0.05, ""),
    ],
)
def test_growth_passes_an_interval(carrying, ends, rate, told):
    record = replace(ended(carrying, *ends), growth=rate)
    found = limits_shown.passed(record, record.plans[0])
    assert told in found
    assert bool(told) == bool(found)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_several_plans_that_were_fitted_the_likely_ones_are_told(carrying, language):
    first = carrying.plans[0]
    other = replace(first, plan="two", title_en="Two", title_zh="二", holds=10_900, fails=None, cost=120.0)
    third = replace(other, plan="three", title_en="Three", title_zh="三", holds=None, fails=12_000, cost=130.0)
    steps = carrying.steps + tuple(replace(step, plan=name) for step in carrying.steps for name in ("two", "three"))
    marks = (*carrying.marks, Mark(11_025, 2025))
    record = replace(carrying, plans=(first, other, third), steps=steps, marks=marks)
    report = said_in(language, lambda: rendered(driver.answer(capacity.STUDY, record)))
    told = "".join(said_in(language, lambda: limits_shown.spoken(record)))
    assert {"en": "a probability of about 97.5 % or more is Two", "zh": "概率约在97.5%以上的方案中"}[language] in told
    assert "1 of 3 plans carry" in report or "3个方案中1个" in report
    # No year has a verdict that `run` would not give.
    assert {"en": "≥ 97.5 %", "zh": "≥97.5%"}[language] in report
    with style():
        assert_readable(said_in(language, lambda: frontier_chart(record)))


def rostered(target=MEAN, **changed):
    """Return the cheapest roster of an office that takes 4.9 minutes of 5."""
    record = cheapest_roster(target, staffed=scenario_as_dict(light(5)), **changed)
    tests = tuple(
        replace(test, estimate=4.9, low=4.88, high=4.92) if (test.plan, test.requirement) == (PLAN, TARGET) else test
        for test in record.tests
    )
    return replace(record, tests=tests, about=replace(record.about, fitted=Fitted("own", (REVIEW,))))


@pytest.fixture(scope="module")
def staffed():
    scenario = light(5)
    with pytest.MonkeyPatch.context() as patch:
        played(patch, possible_offices, lambda scenario: 4.9 * review(scenario))
        return of_rosters.given_log(rostered(), fitted(scenario, 1 / KNOWN, KNOWN), WORK)


def test_a_roster_keeps_the_target_with_a_probability(staffed):
    facts = staffed.given_log
    assert facts.verdict == "UNDECIDED"
    assert facts.kept == pytest.approx(chance(math.log(5 / 4.9) / ONE_ERROR), abs=3 * facts.kept_error)
    assert (facts.low, facts.high) == (pytest.approx(4.9 / KNOWN, abs=0.3), pytest.approx(4.9 * KNOWN, abs=0.3))


def test_a_roster_of_a_log_that_tells_exactly_has_none(monkeypatch, few):
    record, scenario = rostered(), light(5)
    assert of_rosters.given_log(record, fitted(scenario, 1, 1), WORK) is record
    without = cheapest_roster(found=False)
    assert of_rosters.given_log(without, fitted(scenario, 1 / KNOWN, KNOWN), WORK) is without
    played(monkeypatch, possible_offices, lambda scenario: 4.9)
    facts = of_rosters.given_log(record, fitted(scenario, 1 / KNOWN, KNOWN), WORK).given_log
    assert (facts.verdict, facts.kept) == ("HOLDS", pytest.approx(1))
    assert (facts.low, facts.high) == (pytest.approx(4.88, abs=1e-3), pytest.approx(4.92, abs=1e-3))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_roster_says_it(staffed, language, tmp_path):
    begin = {"en": "Given the log own (250 working days), this roster keeps the target with a probability of ",
             "zh": "依据业务记录own（250个工作日），该排班达标的概率为"}[language]  # fmt: skip
    assert said_in(language, lambda: rosters_shown.spoken(staffed))[1].startswith(begin)
    lines = said_in(language, lambda: rendered(driver.answer(staff.STUDY, staffed))).splitlines()
    assert lines[2].startswith(begin)
    found = Found(staffed, "staff/one")
    answer = said_in(language, lambda: rosters_shown.answer(found))
    assert answer.said[1].text.startswith(begin)
    assert len(answer.figures) == 4
    assert begin in said_in(language, lambda: rosters_shown.advice(found))[0].said.text
    said_in(language, lambda: assert_sourced(rosters_shown, staffed, tmp_path))
    assert read_record(CheapestRoster, tmp_path / "one").given_log == staffed.given_log


def test_a_tighter_promise_leaves_room_for_what_the_log_leaves_open(staffed):
    tighter = tightened(staffed, light(5))
    # As far below what is promised as the end of the interval is above the estimate, on the log scale.
    assert tighter.target.minutes == pytest.approx(5 * 4.9 / staffed.given_log.high, rel=1e-3)
    assert tightened(replace(staffed, given_log=replace(staffed.given_log, high=math.nan)), light(5)) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_title_says_cheapest_of_what_is_proven_alone(staffed, language):
    titles = {
        (given, proven): said_in(language, lambda: rosters_shown.finding(replace(of, proven=proven)))  # noqa: B023
        for given, of in ((False, replace(staffed, given_log=None)), (True, staffed)) for proven in (False, True)
    }  # fmt: skip
    found, exact = {"en": ("roster found", "if the fit is exact"), "zh": ("求得的", "若拟合准确")}[language]
    for (given, proven), title in titles.items():
        assert (found in title, exact in title) == (not proven, given)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_no_surer_roster_was_looked_for_that_is_said(staffed, language):
    holds = replace(staffed, given_log=replace(staffed.given_log, verdict="HOLDS"))
    assert tightened(holds, light(5)) is None
    why = {
        "en": ("no target is tight enough", "sure enough", "not known here"),
        "zh": ("无法定出", "已足够稳妥", "无从得知"),
    }[language]  # fmt: skip
    for of, words in zip((staffed, holds, replace(staffed, given_log=None)), why, strict=True):
        asked = replace(of, sure=SureRoster())
        assert words in said_in(language, lambda: "".join(rosters_shown.spoken(asked)))  # noqa: B023
        assert words in said_in(language, lambda: rendered(driver.answer(staff.STUDY, asked)))  # noqa: B023


def test_a_roster_is_called_surer_only_if_it_is(staffed, tmp_path):
    for kept, called in ((0.99, True), (0.01, False)):
        sure = SureRoster(4.2, 9, 100.0, "UNDECIDED", 4.0, 6.0, kept, 0.01)
        found = replace(staffed, folder=tmp_path, sure=sure, surely_staffed=staffed.staffed)
        assert ("the one that is surer" in rendered(driver.answer(staff.STUDY, found))) == called


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_sure_enough_is_judged_by_the_promise_itself(staffed, language, tmp_path):
    sure = replace(staffed.given_log, verdict="HOLDS", kept=0.99)
    asked = replace(staffed, scenario=scenario_as_dict(light(5)))
    surer = rostered(replace(MEAN, minutes=4.2))
    found = sure_of(asked, surer, lambda roster: replace(roster, given_log=sure))
    assert (found.sure.tightened, found.sure.kept, found.sure.verdict) == (4.2, 0.99, "HOLDS")
    assert found.surely_staffed["target"]["minutes"] == 5
    told = said_in(language, lambda: rosters_shown.spoken(found))[2]
    assert {"en": "a target of 4.20 min instead, the cheapest", "zh": "若改按4.20"}[language] in told
    write_record(found, tmp_path)
    assert read_record(CheapestRoster, tmp_path).sure == found.sure
    # If no roster is certified, that is said.
    none = sure_of(asked, cheapest_roster(found=False), lambda roster: roster)
    assert (none.sure.people, none.surely_staffed) == (None, None)
    assert {"en": "no roster was certified", "zh": "未得到通过检验"}[language] in said_in(
        language, lambda: rosters_shown.spoken(none)
    )[2]  # fmt: skip


def test_a_surer_roster_is_asked_for_of_fitted_scenarios_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(json.dumps(LIGHT), encoding="utf-8")
    rules = str(Path(__file__).parents[2] / "scenarios" / "staffing" / "standard.yaml")
    for more, why in (((), "nothing in"), (("--no-premises",), "leave out one")):
        assert main(tmp_path, ["staff", "small.yaml", "--rules", rules, "--sure", *more]) == 2
        assert why in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["compare", "limit", "staff"])
def test_an_answer_with_what_the_log_leaves_open_is_another_than_one_without(verb, tmp_path, monkeypatch):
    study, module = {
        "compare": (compare, "sim.studies.compare.asked"), "limit": (capacity, "sim.studies.capacity.asked"),
        "staff": (staff, "sim.studies.staff.asked"),
    }[verb]  # fmt: skip
    asked = import_module(module)
    root = Path(__file__).parents[2]
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(json.dumps(LIGHT | {"name": "one"}), encoding="utf-8")
    less = {"name": "other", "demand": {"registrations_per_year": 9000}}
    other.write_text(json.dumps(LIGHT | less), encoding="utf-8")
    options = Options(home=root)
    arguments = {
        "compare": {"files": [str(one), str(other)], "best": False, "name": None},
        "limit": {"files": [str(one)], "add": [], "growth": "5%", "years": None},
        "staff": {"scenario": str(one), "rules": None},
    }[verb]

    def identity(**more):
        return study.STUDY.job(options, **arguments, **more).about.identity

    # Of what was not fitted the answer is the same either way.
    assert identity() == identity(no_premises=True)
    of_files = "fitted_of" if verb == "staff" else "fitted_in_all"
    monkeypatch.setattr(asked, of_files, lambda *of: Fitted("own", (REVIEW,)))
    monkeypatch.setattr(asked, "calibration_beside", lambda *of: calibration("own"))
    found = [identity(), identity(no_premises=True)]
    options = replace(options, quick=True)
    assert len({*found, identity()}) == 3


def test_a_difference_without_an_end_can_be_seen(carried):
    pairs = tuple(replace(pair, low=-math.inf, high=math.inf) for pair in carried.pairs)
    with style():
        assert_readable(said_in("en", lambda: differences_chart(replace(carried, pairs=pairs))))
