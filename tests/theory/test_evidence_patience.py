"""Patience from censored waits: against scipy's fits, against the truth, and what the naive mean makes of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from arrival_logs import made_log, scenario_of
from scipy import stats
from scipy.optimize import minimize

from sim.studies.calibrate.log.steps import GAVE_UP, SERVED, StepLog
from sim.studies.calibrate.patience.goodness import Curve, curve_of
from sim.studies.calibrate.patience.patience import (
    Waits,
    exponential_patience,
    fit_of,
    fit_weibull,
    kaplan_meier,
    patience_fits,
    waits_at,
    weibull_patience,
)
from sim.studies.calibrate.presence.openings import Openings, office_openings
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.times.clocks import clock_of

PLAIN = scenario_of()
NAN = math.nan


def drawn(rng: np.random.Generator, mean: float, shape: float, offered: float, n: int) -> Waits:
    """Return waits: patience is Weibull, the wait that it would take until served exponential."""
    patience = mean / math.gamma(1 + 1 / shape) * rng.weibull(shape, n)
    until_served = rng.exponential(offered, n)
    return Waits(np.minimum(patience, until_served), patience < until_served, np.zeros(n, np.bool_))


def drawn_at_the_call(rng: np.random.Generator, mean: float, shape: float, offered: float, n: int) -> Waits:
    """Return waits in a hall that calls everybody up: who has gone is not there, nobody knows since when."""
    patience = mean / math.gamma(1 + 1 / shape) * rng.weibull(shape, n)
    until_called = rng.exponential(offered, n)
    return Waits(until_called, np.zeros(n, np.bool_), patience < until_called)


def log_likelihood(waits: Waits, shape: float, log_scale: float) -> float:
    """Return the log-likelihood of Weibull patience as scipy has its density and survival."""
    patience = stats.weibull_min(shape, scale=math.exp(log_scale))
    longer = ~(waits.gave_up | waits.over)
    return float(
        patience.logpdf(waits.minutes[waits.gave_up]).sum() + patience.logsf(waits.minutes[longer]).sum()
        + patience.logcdf(waits.minutes[waits.over]).sum()
    )  # fmt: skip


def curve(waits: Waits) -> Curve:
    return curve_of(waits.minutes, waits.gave_up, waits.over, waits.clock)


def one_step(step: str, *rows: tuple[float, float, float, int]) -> StepLog:
    """Return the log of cases with one row (queued, started, ended, outcome) each, from Monday 2023-05-08 on."""
    return made_log(step, *np.array(rows).T)


def patience_estimates(log: StepLog) -> list[Estimate]:
    return [each for fit in patience_fits(log, None).values() for each in fit.estimates]


def as_scipy(waits: Waits) -> stats.CensoredData:
    return stats.CensoredData(
        uncensored=waits.minutes[waits.gave_up], left=waits.minutes[waits.over],
        right=waits.minutes[~(waits.gave_up | waits.over)],
    )  # fmt: skip


@pytest.mark.parametrize("draw", [drawn, drawn_at_the_call])
@pytest.mark.parametrize(("shape", "offered"), [(1.0, 40.0), (1.5, 10.0), (2.8, 20.0)])
def test_the_weibull_fit_is_that_of_scipy(shape, offered, draw):
    waits = draw(np.random.default_rng(3), 45.0, shape, offered, 2000)
    ours = fit_weibull(waits)
    theirs, _, scale = stats.weibull_min.fit(as_scipy(waits), 1.2, floc=0, scale=30.0)
    assert ours.shape == pytest.approx(theirs, rel=1e-4)
    assert ours.log_scale == pytest.approx(math.log(scale), abs=1e-4)
    best = log_likelihood(waits, ours.shape, ours.log_scale)
    assert best >= log_likelihood(waits, theirs, math.log(scale)) - 1e-9


def test_the_exponential_fit_is_that_of_scipy():
    waits = drawn(np.random.default_rng(3), 6.0, 1.0, 2.0, 500)
    mean, low, high = exponential_patience(waits)
    assert mean == pytest.approx(stats.expon.fit(as_scipy(waits), floc=0)[1], rel=1e-4)
    assert low < mean < high


@pytest.mark.parametrize("draw", [drawn, drawn_at_the_call])
def test_the_interval_rests_on_the_curvature_of_the_likelihood(draw):
    waits = draw(np.random.default_rng(7), 45.0, 1.5, 30.0, 800)
    fit = fit_weibull(waits)

    def loss(at):
        return -log_likelihood(waits, math.exp(at[0]), at[1])

    step = 1e-3
    corner = np.array([math.log(fit.shape), fit.log_scale])
    hessian = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            a, b = step * np.eye(2)[i], step * np.eye(2)[j]
            hessian[i, j] = (loss(corner + a + b) - loss(corner + a - b) - loss(corner - a + b)
                             + loss(corner - a - b)) / (4 * step**2)  # fmt: skip
    assert minimize(loss, corner, method="Nelder-Mead").fun == pytest.approx(loss(corner), abs=1e-6)
    error = math.sqrt(np.linalg.inv(hessian)[0, 0])
    of_shape = weibull_patience(waits)[1]
    assert math.log(of_shape[2] / of_shape[0]) / 1.959964 == pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize(
    ("shape", "offered", "n"), [(1.0, 8.0, 300), (1.5, 30.0, 100), (1.5, 8.0, 1000), (3.0, 20.0, 400)]
)
def test_weibull_intervals_cover_the_truth(shape, offered, n):
    rng = np.random.default_rng(17)
    covered = np.zeros(2)
    trials = 600
    for _ in range(trials):
        mean, of_shape = weibull_patience(drawn(rng, 45.0, shape, offered, n))
        covered += [mean[1] <= 45.0 <= mean[2], of_shape[1] <= shape <= of_shape[2]]
    # 93 to 97 %, give or take three standard errors of the trials.
    assert (abs(covered / trials - 0.95) <= 0.02 + 3 * math.sqrt(0.95 * 0.05 / trials)).all()


def test_patience_that_is_only_known_to_be_over_covers_the_truth_and_taken_for_its_end_does_not():
    rng = np.random.default_rng(29)
    covered, trials, late = 0, 400, []
    for _ in range(trials):
        waits = drawn_at_the_call(rng, 45.0, 1.5, 30.0, 1000)
        (_, low, high), _ = weibull_patience(waits)
        covered += low <= 45.0 <= high
        late.append(weibull_patience(Waits(waits.minutes, waits.over, np.zeros(1000, np.bool_)))[0][0])
    assert abs(covered / trials - 0.95) <= 0.02 + 3 * math.sqrt(0.95 * 0.05 / trials)
    assert np.mean(late) > 1.25 * 45.0


def test_waits_that_do_not_tell_the_shape_give_no_patience():
    # All who gave up did so after the same wait: no Weibull distribution is steep enough.
    waits = Waits(np.full(20, 10.0), np.ones(20, np.bool_), np.zeros(20, np.bool_))
    assert fit_weibull(waits) is None
    assert all(math.isnan(value) for value in weibull_patience(waits)[0])


@pytest.mark.parametrize("n", [30, 1000])
def test_exponential_intervals_cover_the_truth_and_the_naive_mean_does_not(n):
    rng = np.random.default_rng(23)
    trials, covered, naive = 1000, 0, []
    for _ in range(trials):
        waits = drawn(rng, 6.0, 1.0, 2.0, n)
        _, low, high = exponential_patience(waits)
        covered += low <= 6.0 <= high
        naive.append(waits.minutes[waits.gave_up].mean())
    assert 0.93 <= covered / trials <= 0.97
    # Who gave up had waited for the smaller of two exponential times, 1.5 minutes in the mean.
    assert np.mean(naive) == pytest.approx(1.5, rel=0.05)


def test_kaplan_meier_intervals_cover_the_true_curve_at_each_moment():
    # Along one curve the intervals hit or miss together, so each moment is looked at in many samples.
    rng = np.random.default_rng(5)
    moments = np.array([10.0, 25.0, 45.0])
    true = np.exp(-((moments * math.gamma(1 + 1 / 1.5) / 45.0) ** 1.5))
    trials, covered = 400, np.zeros(3)
    for _ in range(trials):
        minutes, remaining, low, high = kaplan_meier(curve(drawn(rng, 45.0, 1.5, 40.0, 200)))
        at = np.searchsorted(minutes, moments, side="right") - 1
        covered += (low[at] <= true) & (true <= high[at])
        assert (np.diff(minutes) > 0).all()
        assert (np.diff(remaining) < 0).all()
    assert (abs(covered / trials - 0.95) <= 3 * math.sqrt(0.95 * 0.05 / trials)).all()


def test_a_long_curve_is_thinned_for_a_chart():
    minutes, *_ = kaplan_meier(curve(drawn(np.random.default_rng(5), 45.0, 1.5, 40.0, 4000)))
    assert len(minutes) == 200


def test_waits_in_a_simple_office_are_sorted_out():
    # Open 8:30 to 17:00. Served after 2; gave up after 3; turned away; still waiting at closing; came at night;
    # no queue moment; ended before it began.
    log = one_step(
        "phone",
        (600, 602, 610, SERVED), (600, NAN, 603, GAVE_UP), (600, NAN, 600, GAVE_UP),
        (1015, 1440 + 511, 1440 + 515, SERVED), (1300, 1440 + 512, 1440 + 514, SERVED),
        (NAN, 610, 620, SERVED), (600, NAN, 590, GAVE_UP),
        (1018, NAN, 1440 + 512, GAVE_UP), (620, NAN, NAN, GAVE_UP),
    )  # fmt: skip
    waits = waits_at(log, ("phone",), Openings.of([(510.0, 1020.0)], np.arange(5)))
    assert waits.minutes.tolist() == [2, 3, 5, 2]
    assert waits.gave_up.tolist() == [False, True, False, False]
    assert (waits.sent_home, waits.closed, waits.turned_away, waits.untold) == (2, 1, 1, 3)
    whole = waits_at(log, ("phone",), None)
    assert (whole.sent_home, whole.closed, len(whole.minutes)) == (0, 0, 5)


def test_waits_cut_off_at_closing_take_no_side():
    rng = np.random.default_rng(29)
    n, closing = 20_000, 1020.0
    queued = rng.uniform(900, closing, n)
    patience, until_served = rng.exponential(45, n), rng.exponential(60, n)
    leaves = patience < until_served
    started, ended = np.where(leaves, NAN, queued + until_served), queued + np.minimum(patience, until_served)
    log = one_step("phone", *zip(queued, started, ended, np.where(leaves, GAVE_UP, SERVED), strict=True))
    mean, low, high = exponential_patience(waits_at(log, ("phone",), Openings.of([(510.0, closing)], np.arange(5))))
    assert low <= 45 <= high
    assert (high - low) / mean < 0.06


def test_too_few_who_gave_up_give_no_estimate():
    log = one_step("filing", *[(600.0, 601.0, 610.0, SERVED)] * 20, *[(600.0, NAN, 620.0, GAVE_UP)] * 2)
    fit = patience_fits(log, office_openings(log, PLAIN))["hall"]
    assert fit.estimates == ()
    assert fit.waits.gave_up.sum() == 2
    assert len(fit.minutes) == 1
    assert patience_estimates(one_step("phone", (600.0, 601.0, 603.0, SERVED))) == []
    assert patience_estimates(log.rows(np.zeros(len(log), np.bool_))) == []


def test_nobody_waits_is_no_error():
    log = one_step("key", *[(600.0, 600.0, 610.0, SERVED)] * 20)
    fit = patience_fits(log, None)["hall"]
    assert fit.estimates == ()
    assert len(fit.minutes) == 0


def test_estimates_have_the_names_and_units_of_the_scenario():
    rng = np.random.default_rng(31)
    waits = drawn(rng, 45.0, 1.5, 30.0, 400)
    rows = [(600.0, NAN if gone else 600 + wait, 600 + wait, GAVE_UP if gone else SERVED)
            for wait, gone in zip(waits.minutes, waits.gave_up, strict=True)]  # fmt: skip
    hall = patience_estimates(one_step("filing", *rows))
    assert [(e.name, e.unit) for e in hall] == [
        ("filing.hall_patience.mean_minutes", "min"), ("filing.hall_patience.shape", ""),
    ]  # fmt: skip
    assert hall[0].naive < hall[0].low
    fit = patience_fits(one_step("filing", *rows), None)["hall"]
    assert abs(fit.fitted(fit.minutes) - fit.remaining).max() < 0.1
    # On the phone exponential; what is not has a shape as well.
    for shape, names in ((1.0, ["patience_seconds"]), (1.5, ["patience_seconds", "patience_shape"])):
        waits = drawn(rng, 45.0, shape, 30.0, 400)
        rows = [(600.0, NAN if gone else 600 + wait, 600 + wait, GAVE_UP if gone else SERVED)
                for wait, gone in zip(waits.minutes, waits.gave_up, strict=True)]  # fmt: skip
        phone = patience_estimates(one_step("phone", *rows))
        assert [e.name.rpartition(".")[2] for e in phone] == names
        assert (phone[0].name, phone[0].unit) == ("phone.profiles[0].patience_seconds", "s")
        fitted = exponential_patience(waits) if shape == 1 else weibull_patience(waits)[0]
        assert phone[0].value == pytest.approx(60 * fitted[0])


def by_a_clock(minutes: float, seed: int, shape: float, offered: float, n: int = 3000) -> Waits:
    """Return waits in a hall, patience of mean 20, whose moments are told in so many minutes."""
    rng = np.random.default_rng(seed)
    patient = 20 / math.gamma(1 + 1 / shape) * rng.weibull(shape, n)
    until_served = rng.exponential(offered, n) * (rng.random(n) < 0.7)
    queued = rng.uniform(0, 1e4, n)
    until = np.floor((queued + np.minimum(patient, until_served)) / minutes) * minutes
    queued, gone = np.floor(queued / minutes) * minutes, patient < until_served
    clock = clock_of(queued, until)
    return Waits(until - queued, gone, np.zeros(n, np.bool_), clock=clock)


@pytest.mark.parametrize(("minutes", "shape", "offered"), [(5, 1.0, 10), (5, 1.5, 10), (15, 1.5, 30), (10, 1.2, 30)])
def test_patience_by_a_clock_of_more_than_a_minute_is_that_of_the_waits(minutes, shape, offered):
    covered, trials = 0, 60
    for seed in range(trials):
        waits = by_a_clock(minutes, seed, shape, offered)
        assert waits.clock == minutes
        found = fit_of("hall", waits)
        assert (found.model, found.judged) == ("weibull", ())
        covered += found.estimates[0].covers(20)
        assert found.mean == pytest.approx(20, rel=0.2)
    # What the clock leaves open is not in the interval, which is a little too narrow for it.
    assert covered / trials >= 0.85


def test_a_clock_that_hides_how_long_most_waited_tells_no_patience():
    assert fit_of("hall", by_a_clock(30, 1, 1.0, 10)).estimates == ()


def test_the_clock_of_a_log_is_the_most_that_divides_all_but_a_few_of_its_moments():
    moments = np.random.default_rng(1).integers(0, 9000, 400)
    for minutes in (60, 15, 5, 2, 1):
        assert clock_of(moments * float(minutes)) == minutes
        assert clock_of(np.append(moments * float(minutes), 7.35)) == minutes
        # Appointments at the quarter, ends by the minute.
        assert clock_of(moments * float(minutes), moments + 0.0) == 1
    assert clock_of(moments / 60) == clock_of(moments[:99] * 5.0) == 0


@pytest.mark.parametrize("minutes", [False, True])
def test_a_clock_of_whole_minutes_leaves_the_mean_of_patience_right(minutes):
    rng = np.random.default_rng(31)
    n = 20_000
    queued = 540 + 1440 * np.arange(n) + rng.uniform(0, 60, n)
    patience = rng.exponential(3.0, n)
    # Half of them are served at once, the others after a minute on average.
    until_served = np.where(rng.random(n) < 0.5, 0.0, rng.exponential(1.0, n))
    gone = patience < until_served
    started = np.where(gone, NAN, queued + until_served)
    ended = queued + np.where(gone, patience, until_served + 4)
    cut = np.floor if minutes else np.asarray
    rows = np.column_stack([cut(queued), cut(started), cut(ended), np.where(gone, GAVE_UP, SERVED)])
    mean, low, high = exponential_patience(waits_at(one_step("phone", *map(tuple, rows)), ("phone",), None))
    assert mean == pytest.approx(3.0, rel=0.06)
    assert high / low < 1.2
