"""Routing from a log: each share on hand-made cases, in a busy office, and with parts of the log missing."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from arrival_logs import made_log, scenario_of
from scipy import stats
from scipy.optimize import minimize

from sim.studies.calibrate.intervals import on_log, on_logit, wilson
from sim.studies.calibrate.log.simulated import simulated_log
from sim.studies.calibrate.log.steps import GAVE_UP, KINDS, RETURNED, SERVED, STEPS, UNKNOWN, UNTOLD, StepLog
from sim.studies.calibrate.presence.openings import office_openings, out_of_hours_weight
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.times.service_times import own_time_estimates
from sim.studies.calibrate.ways.cases import HOWS, cases_of, first_calls
from sim.studies.calibrate.ways.returns import _mean_way_factor, log_binomial
from sim.studies.calibrate.ways.routing import abandonment, dropped_out, routing_estimates

NAN = math.nan
NINE, NIGHT = 540.0, 1250.0


PLAIN = scenario_of()


def log_of_cases(*cases: tuple[str, list[tuple[str, float, int]]]) -> StepLog:
    """Return the log of cases, each a class and rows (step, minutes, outcome), from Monday 2023-05-08 on."""
    rows = [(number, kind, *row) for number, (kind, of) in enumerate(cases) for row in of]
    case, kinds, steps, moments, outcomes = zip(*rows, strict=True)
    at = np.array(moments)
    started = np.where(np.array(outcomes) == GAVE_UP, NAN, at)
    kind = [KINDS.index(kind) if kind else UNKNOWN for kind in kinds]
    return made_log(steps, at, started, at + 1, outcomes, case, kind)


def by_name(estimates: list[Estimate]) -> dict[str, Estimate]:
    found = {estimate.name: estimate for estimate in estimates}
    assert len(found) == len(estimates), "two estimates of one name"
    return found


def review(at: float = 700.0, *returns: bool) -> list[tuple[str, float, int]]:
    """Return the reviews of a case, each told whether it sends back, and a last one that does not."""
    return [("review", at + 10 * i, RETURNED if back else SERVED) for i, back in enumerate((*returns, False))]


ONLINE = ("online", NINE, SERVED)
HUNG_UP = ("phone", NINE, GAVE_UP)
TOLD = ("phone", NINE, SERVED)
HELPED = ("filing", 600.0, SERVED)


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (8, 10), (50, 50), (123, 4567)])
def test_wilson_is_that_of_scipy(successes, n):
    theirs = stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson(successes, n) == pytest.approx((successes / n, theirs.low, theirs.high), abs=1e-12)


def test_intervals_stay_where_their_numbers_can_be():
    assert all(math.isnan(end) for end in wilson(0, 0))
    value, low, high = on_logit(0.98, 0.05)
    assert 0 < low < value < high < 1
    value, low, high = on_log(0.1, 2.0)
    assert 0 < low < value < high
    assert math.isnan(on_logit(1.0, 0.1)[1])


def test_the_log_binomial_fit_is_the_maximum():
    rng = np.random.default_rng(3)
    design = np.array([[1, 0, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0], [0, 1, 1, 0], [0, 1, 0, 1]], float)
    n = np.array([400, 90, 300, 500, 120, 250], float)
    y = rng.binomial(n.astype(int), np.exp(design @ np.log([0.2, 0.3, 1.6, 0.4]))).astype(float)
    beta, covariance = log_binomial(design, n, y, np.zeros(6))

    def loss(at):
        p = np.exp(design @ at)
        return -float((y * np.log(p) + (n - y) * np.log1p(-p)).sum()) if (p < 1).all() else math.inf

    best = minimize(loss, np.log([0.2, 0.3, 1.6, 0.4]), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
    assert beta == pytest.approx(best.x, abs=1e-4)
    # One class filed alone only is a share: the delta method gives its error.
    alone, spread = log_binomial(np.ones((1, 1)), np.array([200.0]), np.array([30.0]), np.zeros(1))
    assert math.exp(alone[0]) == pytest.approx(0.15)
    assert spread[0, 0] == pytest.approx(0.85 / 30)
    assert (np.diag(covariance) > 0).all()


def test_what_becomes_of_cases_is_told_from_their_rows():
    log = log_of_cases(
        ("enterprise", [ONLINE, *review()]),
        ("enterprise", [HUNG_UP, ("phone", 560, GAVE_UP), ("online", 570, SERVED), *review()]),
        ("individual", [HUNG_UP, ("phone", 560, SERVED), ("online", 570, SERVED), *review()]),
        ("individual", [HUNG_UP, HELPED, *review()]),
        ("individual", [("studio", NINE, SERVED), *review()]),
        ("individual", [("studio", NINE, GAVE_UP), ("online", 570, SERVED), *review()]),
        ("key", [("key", NINE, SERVED), *review()]),
        ("other", [("online", NIGHT, SERVED), ("automatic", NIGHT + 30, SERVED), ("issue", 2000, SERVED)]),
        ("inquiry", [TOLD]),
        # A call after filing is about something else.
        ("other", [ONLINE, *review(), ("phone", 900, GAVE_UP)]),
    )
    cases = cases_of(log, office_openings(log, PLAIN))
    assert [HOWS[how] for how in cases.how] == [
        "alone", "unadvised", "alone", "assisted", "studio", "unadvised", "assisted", "alone", "alone", "alone",
    ]  # fmt: skip
    assert np.flatnonzero(cases.abandoned).tolist() == [1, 3]
    assert np.flatnonzero(cases.called).tolist() == [1, 2, 3, 8]
    assert np.flatnonzero(cases.out_of_hours).tolist() == [7]
    assert np.flatnonzero(cases.in_hall).tolist() == [3, 4, 5]
    assert np.flatnonzero(cases.left_hall).tolist() == [5]
    assert np.flatnonzero(cases.automatic & cases.issued).tolist() == [7]
    assert np.flatnonzero(~cases.application).tolist() == [8]
    assert first_calls(log).sum() == 6
    assert not cases_of(log, None).out_of_hours.any()


def test_a_redial_follows_the_first_and_the_second_try_of_a_question():
    third = [("phone", 560.0, GAVE_UP), ("phone", 570.0, GAVE_UP)]
    log = log_of_cases(
        ("other", [HUNG_UP, *third, ("online", 580, SERVED), *review()]),  # yes, yes; the third try does not count
        ("other", [HUNG_UP, ("online", 560, SERVED), *review()]),  # no
        ("other", [TOLD, ("phone", 541, GAVE_UP), ("phone", 560, SERVED), ONLINE, *review()]),  # yes
        ("other", [TOLD, ("phone", 541, SERVED), ONLINE, *review()]),  # none
    )
    found = by_name(routing_estimates(log, PLAIN))
    assert (found["phone.redial_share"].value, found["phone.redial_share"].n) == (0.75, 4)
    assert found["phone.redial_share"].naive == pytest.approx(0.6)
    # Two gave up for good: too few to say who of them walks in.
    assert "phone.profiles[0].walk_in_share" not in found


def test_each_of_three_decisions_is_a_trial_and_machines_approve_only_what_is_right():
    log = log_of_cases(
        *[("other", [ONLINE, *review(600, *returns)]) for returns in ((), (True,), (True, True, True), ())],
        ("other", [ONLINE, ("automatic", 600, SERVED)]),
        ("enterprise", [ONLINE, *review(600, True)]),
        ("enterprise", [HELPED, *review(601, True)]),
        ("enterprise", [HELPED, *review(601)]),
    )
    found = by_name(routing_estimates(log, PLAIN))
    # Five first decisions, two second ones and a third; four of the eight sent back.
    assert found["review.return_rate[other]"].value == pytest.approx(4 / 8)
    assert found["review.return_rate[other]"].n == 8
    assert found["review.return_rate[alone]"].value == pytest.approx(5 / 10)
    # Reviewers approved at once in two cells, of seven applications.
    assert found["review.auto_approved_share"].value == pytest.approx(1 / 7)
    alike = found["review.return_rate[enterprise]"].value
    # The scale is the parent's own rate, so that its factors are of the same kind.
    assert found["review.return_factors.enterprise"].value == pytest.approx(alike / PLAIN.review.return_rate)
    assert alike * found["review.return_factors.assisted"].value < alike
    assert "review.return_factors.studio" not in found


def test_a_class_of_which_nobody_is_sent_back_has_a_factor_of_0_and_how_much_it_may_be():
    def cases(kind: str, number: int, *returns: bool) -> list[tuple[str, list[tuple[str, float, int]]]]:
        return [(kind, [ONLINE, *review(600, *returns)])] * number

    log = log_of_cases(*cases("other", 30, True), *cases("other", 70), *cases("individual", 300), *cases("key", 20))
    found = by_name(routing_estimates(log, PLAIN))
    factor = found["review.return_factors.individual"]
    assert (factor.value, factor.low, factor.n) == (0.0, 0.0, 300)
    # That nobody tells how he filed, the parent's mean factor of the ways stands for.
    alone = PLAIN.review.return_rate * _mean_way_factor(PLAIN)
    assert factor.high == pytest.approx(wilson(0, 300)[2] / alone)
    # Of so few nothing can be said.
    assert "review.return_factors.key" not in found
    log = log_of_cases(*cases("other", 300), *cases("individual", 100))
    rate = by_name(routing_estimates(log, PLAIN))["review.return_rate"]
    assert (rate.value, rate.low, rate.n) == (0.0, 0.0, 400)
    factors = PLAIN.review.return_factors
    classes = 0.75 * factors.other + 0.25 * factors.individual
    assert rate.high == pytest.approx(wilson(0, 400)[2] / classes / _mean_way_factor(PLAIN))
    # A way likewise: nobody who was helped, of many.
    helped = [("other", [HELPED, *review()])] * 200
    log = log_of_cases(*cases("other", 30, True), *cases("other", 70), *helped)
    assisted = by_name(routing_estimates(log, PLAIN))["review.return_factors.assisted"]
    assert (assisted.value, assisted.n) == (0.0, 200)
    assert assisted.high == pytest.approx(wilson(0, 200)[2] / (30 / 130))
    # Without case numbers who comes again is one more case.
    assert "review.return_rate" not in by_name(routing_estimates(replace(log, numbered=False), PLAIN))


def test_who_has_not_come_yet_does_not_pass_for_electronic():
    cases = [("other", [("online", day * 1440 + 600.0, SERVED), ("review", day * 1440 + 660.0, SERVED),
                        *([("issue", day * 1440 + 2000.0 + day, SERVED)] if day < 31 else [])])
             for day in range(32)]  # fmt: skip
    electronic = by_name(routing_estimates(log_of_cases(*cases), PLAIN))["issue.electronic_share"]
    assert electronic.naive == pytest.approx(1 / 32)
    assert electronic.value < 0.005
    assert electronic.n == 31


@pytest.mark.parametrize("known", [("queued", "started", "ended"), ("started", "ended"), ("ended",)])
def test_whoever_is_served_at_the_counter_has_come_whatever_moment_is_told(known):
    came = [[("issue", 900.0 + n, SERVED)] if n % 5 else [] for n in range(50)]
    cases = [("other", [ONLINE, *review(), *issued]) for issued in came]
    log = log_of_cases(*cases, ("other", [("online", 2000.0, SERVED)]))
    for name in {"queued", "started", "ended"} - set(known):
        getattr(log, name)[log.at("issue")] = NAN
    openings = office_openings(log, PLAIN)
    assert by_name(routing_estimates(log, PLAIN, openings))["issue.electronic_share"].value == pytest.approx(0.2)
    fetching = by_name(own_time_estimates(log, openings))
    assert ("issue.fetch_after_hours.mean_hours" in fetching) == ("queued" in known)


def test_the_last_week_counts_only_if_the_log_tells_of_returns_itself():
    cases = [("other", [("online", day * 1440 + 600.0, SERVED), *review(day * 1440 + 660.0, *[True] * (day % 2))])
             for day in range(32)]  # fmt: skip
    assert by_name(routing_estimates(log_of_cases(*cases), PLAIN))["review.return_rate[other]"].n == 24 + 12
    told = [*cases, ("other", [("online", 31 * 1440 + 600.0, SERVED), ("review", 31 * 1440 + 660.0, RETURNED)])]
    assert by_name(routing_estimates(log_of_cases(*told), PLAIN))["review.return_rate[other]"].n == 32 + 16 + 1


def test_cases_out_of_hours_are_weighed_by_the_part_of_the_year():
    whole = out_of_hours_weight(PLAIN, date(2023, 1, 1), date(2023, 12, 31))
    assert whole == pytest.approx(1.0)
    # In a week of holidays hardly anybody comes in office hours.
    holidays = out_of_hours_weight(PLAIN, date(2023, 9, 29), date(2023, 10, 8))
    assert holidays < 0.5
    assert out_of_hours_weight(PLAIN, date(1999, 3, 29), date(1999, 4, 8)) == 1.0
    assert out_of_hours_weight(PLAIN, date(2022, 1, 1), date(2023, 12, 31)) == pytest.approx(1.0)


MONTH = {"first": "2023-05-01", "last": "2023-05-31"}
BUSY = scenario_of(
    period=MONTH,
    demand={"out_of_hours_share": 0.2},
    phone={
        "calls_per_application": 0.9,
        "profiles": [{"name": "callers", "title": {"en": "callers", "zh": "来电者"}, "share": 1, "talk_seconds": 240,
                      "talk_cv": 1, "patience_seconds": 240, "walk_in_share": 0.5}],
    },
    filing={"assisted_share": 0.3, "studio_share": 0.2, "hall_patience": {"mean_minutes": 30}},
    review={"auto_approved_share": 0.3},
    staff={"assistants": {"plan": {"08:30-17:00": 4}, "midday_crew": 3}},
)  # fmt: skip
TRUTH = {
    "demand.enterprise_share": 0.5, "demand.key_share": 0.02, "demand.other_business_per_registration": 1.0,
    "demand.inquiry_only_share": 0.2, "demand.out_of_hours_share": 0.2, "filing.assisted_share": 0.3,
    "filing.studio_share": 0.2, "phone.calls_per_application": 0.9, "phone.redial_share": 0.5,
    "phone.profiles[0].walk_in_share": 0.5, "issue.electronic_share": 0.2, "review.auto_approved_share": 0.3,
    "review.return_rate[enterprise]": 0.195, "review.return_rate[individual]": 0.165, "review.return_rate[other]": 0.18,
    "review.return_factors.unadvised": 1.5, "review.return_factors.assisted": 0.4, "review.return_factors.studio": 0.2,
}  # fmt: skip


@pytest.fixture(scope="module")
def busy_log() -> StepLog:
    return simulated_log(BUSY, 5)


def test_a_busy_office_does_not_lead_the_estimates_astray(busy_log):
    found = by_name(routing_estimates(busy_log, PLAIN))
    gave_up = by_name(abandonment(busy_log))
    assert gave_up["abandonment.phone"].value > 0.1
    assert gave_up["abandonment.filing"].value > 0.05
    assert gave_up["abandonment.review"].value == 0
    for name, value in TRUTH.items():
        # Twice the reach of the interval: all of many are to hold at once.
        reach = 2 * max(found[name].high - found[name].value, found[name].value - found[name].low)
        assert abs(found[name].value - value) <= reach, found[name]
    for name in ("filing.assisted_share", "phone.calls_per_application"):
        assert not found[name].low <= found[name].naive <= found[name].high


def test_without_classes_there_is_less_and_it_is_said(busy_log):
    blind = replace(busy_log, kind=np.full(len(busy_log), UNKNOWN, np.int8))
    found = by_name(routing_estimates(blind, PLAIN))
    assert "demand.enterprise_share" not in found
    assert "review.return_rate[all]" in found
    for name in ("demand.inquiry_only_share", "filing.studio_share", "filing.assisted_share"):
        estimate = found[name]
        assert abs(estimate.value - TRUTH[name]) < 2 * (estimate.high - estimate.low), estimate
    assert "classes not told" in found["demand.inquiry_only_share"].method
    assert "classes not told" in found["filing.studio_share"].method


@pytest.mark.parametrize("steps", [("phone",), ("filing", "studio"), ("review",), ("issue",), ("phone", "filing"), ()])
def test_a_log_of_some_steps_only_gives_what_they_tell(busy_log, steps):
    part = busy_log.rows(np.isin(busy_log.step, [STEPS.index(step) for step in steps]))
    found = by_name(routing_estimates(part, PLAIN))
    assert ("phone.redial_share" in found) == ("phone" in steps)
    assert "issue.electronic_share" not in found
    assert "filing.assisted_share" not in found
    assert ("review.return_rate[other]" in found) == ("review" in steps)
    assert "review.return_rate[alone]" not in found
    assert "demand.inquiry_only_share" not in found
    assert {e.name for e in abandonment(part)} == {f"abandonment.{step}" for step in steps}
    assert len(dropped_out(part)) == ("review" in steps)


@pytest.mark.parametrize("column", ["queued", "started", "ended", "outcome"])
def test_a_missing_column_raises_nothing(busy_log, column):
    nothing = np.full(len(busy_log), UNTOLD, np.int8) if column == "outcome" else np.full(len(busy_log), NAN)
    bare = replace(busy_log, **{column: nothing})
    found = by_name(routing_estimates(bare, PLAIN))
    assert all(math.isfinite(estimate.value) for estimate in found.values())
    assert (abandonment(bare) == []) == (column == "outcome")


def test_who_never_submits_has_dropped_out():
    helped, asked = ("other", [TOLD, HELPED, *review(700)]), ("inquiry", [TOLD])
    log = log_of_cases(("other", [ONLINE, *review()]), helped, asked, ("inquiry", [HUNG_UP]), ("other", [HELPED]))
    (share,) = dropped_out(log)
    assert (share.value, share.n) == (0.6, 5)
    # Calls with numbers of their own say nothing of who never submits.
    assert dropped_out(log_of_cases(("other", [ONLINE, *review()]), asked)) == []


def test_no_returns_at_all_is_no_error():
    log = log_of_cases(*[("other", [ONLINE, *review()])] * 5)
    assert "review.return_rate[other]" not in by_name(routing_estimates(log, PLAIN))


def test_calls_with_numbers_of_their_own_are_not_taken_for_inquiries():
    log = log_of_cases(*[("", [ONLINE, *review()])] * 5, ("", [HELPED, *review()]), *[("", [HUNG_UP])] * 4)
    found = by_name(routing_estimates(log, PLAIN))
    assert not {name for name in found if name.startswith(("phone.", "demand.inquiry"))}
    assert found["filing.assisted_share"].value == pytest.approx(1 / 6)
    assert found["filing.assisted_share"].method == "share, calls not linked"


def test_an_office_in_which_everybody_files_with_help_tells_nothing_of_the_night():
    log = log_of_cases(*[("", [("filing", NINE, SERVED), ("review", NINE + 30, SERVED)])] * 20)
    found = {each.name: each for each in routing_estimates(log, PLAIN)}
    assert found["filing.assisted_share"].value == 1
    assert "demand.out_of_hours_share" not in found
