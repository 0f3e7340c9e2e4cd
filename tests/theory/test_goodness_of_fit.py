"""Which distribution a fit takes: the plain one where that is true, another where not, and seldom one for nothing."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from sim.studies.calibrate.patience.goodness import curve_of
from sim.studies.calibrate.patience.patience import PatienceFit, exponential_patience, fit_of
from sim.studies.calibrate.patience.waits import Waits
from sim.studies.calibrate.scenarios import with_variation
from sim.studies.calibrate.times.durations import MATTERS, family_of, lognormal_estimates

MOMENTS = np.array([1.0, 5.0, 10.0])
"""60, 300 and 600 seconds."""
SERVICES = ("lognormal", "gamma")


def exponential(rng, n):
    return rng.exponential(7.0, n)


def weibull(rng, n):
    return 45.0 / math.gamma(1 + 1 / 1.5) * rng.weibull(1.5, n)


def bank(rng, n):
    """Return patience of which 81, 54 and 37 % are left after 60, 300 and 600 seconds, within two points."""
    return 10.2 * rng.weibull(0.68, n)


def two_kinds(rng, n):
    return np.where(rng.random(n) < 0.3, rng.exponential(0.7, n), rng.exponential(15.0, n))


MEAN_OF_TWO = 0.3 * 0.7 + 0.7 * 15.0


def three_profiles(rng, n):
    """Return patience as the shipped profiles have it: a mixture that is hardly told from one exponential."""
    return rng.exponential(np.array([8.0, 6.5, 5.25])[rng.choice(3, n, p=[0.5, 0.3, 0.2])])


def waits(patience, seed: int, n: int, offered: float, minutes: bool = False) -> Waits:
    """Return waits of whom three in ten are served at once; if wanted by a clock that tells minutes only."""
    rng = np.random.default_rng([seed, n])
    patient, until_served = patience(rng, n), rng.exponential(offered, n) * (rng.random(n) < 0.7)
    gone, waited = patient < until_served, np.minimum(patient, until_served)
    if minutes:
        waited = np.floor(rng.random(n) + waited)
    return Waits(waited, gone, np.zeros(n, np.bool_), clock=float(minutes))


def models(group: str, patience, n: int, offered: float, seeds: int, minutes: bool = False) -> Counter[str]:
    return Counter(fit_of(group, waits(patience, seed, n, offered, minutes)).model for seed in range(seeds))


def in_the_interval(fit: PatienceFit, shares) -> np.ndarray:
    """Say at each moment whether a share of those who still wait is in the interval of Kaplan and Meier's curve."""
    curve = curve_of(fit.waits.minutes, fit.waits.gave_up, fit.waits.over)
    at = np.searchsorted(curve.minutes, MOMENTS, side="right") - 1
    return (curve.low[at] <= shares) & (shares <= curve.high[at])


@pytest.mark.parametrize(("n", "minutes", "seeds"), [(300, False, 200), (1000, False, 200), (20_000, False, 40),
                                                      (5000, True, 100)])  # fmt: skip
def test_plain_patience_is_seldom_taken_for_another(n, minutes, seeds):
    found = models("phone", exponential, n, 3.0, seeds, minutes)
    assert found["exponential"] >= 0.95 * seeds
    assert models("hall", weibull, n, 20.0, seeds // 2, minutes)["weibull"] >= 0.95 * (seeds // 2)


@pytest.mark.parametrize(("n", "minutes"), [(200, False), (2000, False), (5000, True)])
def test_plain_service_times_are_seldom_taken_for_others(n, minutes):
    def drawn(seed):
        rng = np.random.default_rng([seed, n])
        times = rng.lognormal(1.6, 0.8, n)
        return np.floor(rng.random(n) + times) if minutes else times

    assert sum(family_of(drawn(seed), SERVICES) != "lognormal" for seed in range(200)) <= 10


def test_a_difference_that_does_not_matter_refuses_nothing_however_large_the_log():
    fit = fit_of("phone", waits(three_profiles, 3, 300_000, 6.0))
    (only,) = fit.judged
    assert (fit.model, only.does) == ("exponential", True)
    # The test alone would have refused it.
    assert only.chance < 0.01
    assert 0 < only.distance < MATTERS


def test_two_kinds_of_callers_are_no_exponential_and_are_fitted_as_they_are():
    for seed in range(20):
        fit = fit_of("phone", waits(two_kinds, seed, 5000, 6.0))
        plain = np.exp(-MOMENTS / exponential_patience(fit.waits)[0])
        assert not in_the_interval(fit, plain).all()
        assert [each.family for each in fit.judged] == ["exponential", "weibull"]
        assert not any(each.does for each in fit.judged)
        assert fit.model == "sample"
        assert in_the_interval(fit, fit.fitted(MOMENTS)).all()
        (mean,) = fit.estimates
        assert "exponential" in mean.method
        assert fit.changes["sample"]["minutes"] == sorted(fit.changes["sample"]["minutes"])


def test_the_mean_of_a_sample_is_covered():
    covered, seeds = 0, 300
    for seed in range(seeds):
        (mean,) = fit_of("phone", waits(two_kinds, seed, 3000, 6.0)).estimates
        covered += mean.covers(60 * MEAN_OF_TWO)
    # Its tail is not quite exponential yet where it begins: 92 % and more.
    assert covered / seeds >= 0.92 - 3 * math.sqrt(0.92 * 0.08 / seeds)


def test_patience_as_at_a_bank_is_weibull():
    assert np.exp(-((MOMENTS / 10.2) ** 0.68)) == pytest.approx([0.81, 0.54, 0.37], abs=0.02)
    covered = 0
    for seed in range(40):
        fit = fit_of("phone", waits(bank, seed, 10_000, 4.0))
        assert fit.model == "weibull"
        assert fit.estimates[1].name == "phone.profiles[0].patience_shape"
        covered += fit.estimates[1].covers(0.68)
        assert len(fit.dependence) == 1
    assert covered >= 34


def test_who_was_gone_when_called_is_judged_by_turnbulls_curve_and_gives_no_sample():
    def called(patience, seed):
        rng = np.random.default_rng([seed, 9])
        until_called = rng.exponential(30.0, 3000)
        return Waits(until_called, np.zeros(3000, np.bool_), patience(rng, 3000) < until_called)

    right = [fit_of("hall", called(weibull, seed)) for seed in range(40)]
    assert sum(not each.judged[0].does for each in right) <= 2

    def stiff(rng, n):
        return np.where(rng.random(n) < 0.5, 5.0, 60.0) * rng.uniform(0.9, 1.1, n)

    fit = fit_of("hall", called(stiff, 1))
    assert not fit.judged[0].does
    assert fit.model == "weibull"
    assert (np.diff(fit.remaining) < 0).all()
    # Half of them go after about five minutes.
    assert fit.remaining[np.searchsorted(fit.minutes, 20.0)] == pytest.approx(0.5, abs=0.06)


def test_patience_that_a_machine_ends_is_no_family_and_its_mean_is_that_of_the_waits():
    rng = np.random.default_rng(5)
    patient, until_served = np.minimum(rng.exponential(10.0, 3000), 5.0), rng.exponential(3.0, 3000)
    cut = Waits(np.minimum(patient, until_served), patient < until_served, np.zeros(3000, np.bool_))
    for group, factor in (("phone", 60), ("hall", 1)):
        fit = fit_of(group, cut)
        assert fit.model == "sample"
        assert fit.estimates[0].covers(factor * 10 * -math.expm1(-0.5))
        assert fit.sample.times[-1] == pytest.approx(5.0, abs=0.01)
        assert not any(each.does for each in fit.judged)


@pytest.mark.parametrize("group", ["phone", "hall"])
def test_that_all_are_gone_at_once_fits_no_family(group):
    fit = fit_of(group, Waits(np.full(200, 5.0), np.ones(200, np.bool_), np.zeros(200, np.bool_)))
    assert fit.model == "sample"
    assert fit.sample.mean[0] == pytest.approx(5.0, rel=0.01)
    for each in fit.judged:
        # It cannot be tested: there is one moment only, and the distance says enough.
        assert math.isnan(each.chance)
        assert not each.does


def test_service_times_take_the_first_family_that_does_or_themselves():
    rng = np.random.default_rng(11)
    gamma = rng.gamma(1.5, 2.0, 3000)
    assert family_of(gamma, SERVICES) == "gamma"
    assert family_of(gamma, ("lognormal",)) == "sample"
    mean, cv = lognormal_estimates("x", gamma, (".mean_minutes", ".cv"), family="gamma")
    assert mean.covers(3.0)
    assert cv.covers(1.5**-0.5)
    # Calls of no length by a clock of seconds, and a few very long ones.
    odd = np.concatenate([np.zeros(200), rng.lognormal(1.0, 0.8, 1800)])
    assert family_of(odd, SERVICES) == "sample"
    # By a clock of minutes short ones are of no length whatever they are.
    assert family_of(np.floor(rng.random(2000) + rng.lognormal(-0.5, 0.8, 2000)), SERVICES) == "lognormal"


def test_the_mean_and_variation_of_a_gamma_are_covered():
    covered, trials = np.zeros(2), 400
    for seed in range(trials):
        drawn = np.random.default_rng([seed, 1]).gamma(1.5, 2.0, 300)
        found = lognormal_estimates("x", drawn, (".mean_minutes", ".cv"), family="gamma")
        covered += [found[0].covers(3.0), found[1].covers(1.5**-0.5)]
    assert (abs(covered / trials - 0.95) <= 0.02 + 3 * math.sqrt(0.95 * 0.05 / trials)).all()


@pytest.mark.parametrize(("minutes", "mean"), [(5, 8.5), (5, 20.0), (15, 30.0), (15, 60.0)])
def test_the_variation_is_that_of_the_times_and_not_of_a_clock_that_tells_more_than_minutes(minutes, mean):
    covered, trials = np.zeros(2), 100
    for seed in range(trials):
        rng = np.random.default_rng([seed, minutes])
        begin, drawn = rng.uniform(0, 1e4, 2000), rng.lognormal(math.log(mean) - 0.125, 0.5, 2000)
        told = np.floor((begin + drawn) / minutes) * minutes - np.floor(begin / minutes) * minutes
        found = lognormal_estimates("x", told, (".mean_minutes", ".cv"), family=family_of(np.sort(told), SERVICES))
        covered += [found[0].covers(mean), found[1].covers(math.sqrt(math.expm1(0.25)))]
    assert (covered / trials >= 0.88).all()


@pytest.mark.parametrize(("n", "none"), [(100, 0.1), (400, 0.06)])
def test_times_of_none_count_in_the_mean_whatever_the_family(n, none):
    covered, trials, values = 0, 400, []
    for seed in range(trials):
        rng = np.random.default_rng([seed, n])
        drawn = np.sort(np.where(rng.random(n) < none, 0.0, rng.gamma(1.2, 5.0, n)))
        mean, _ = lognormal_estimates("x", drawn, (".mean_minutes", ".cv"), family=family_of(drawn, SERVICES))
        covered += mean.covers(6 * (1 - none))
        values.append(mean.value)
    assert np.mean(values) == pytest.approx(6 * (1 - none), rel=0.01)
    assert covered / trials >= 0.93 - 3 * math.sqrt(0.05 * 0.95 / trials)


def test_what_takes_no_time_is_not_put_down_to_the_clock():
    drawn = np.sort(np.append(np.random.default_rng(1).lognormal(1.0, 0.5, 97), np.zeros(3)))
    methods = [lognormal_estimates("x", each, (".mean_minutes", ".cv"))[0].method for each in (drawn, np.floor(drawn))]
    assert methods == ["moments: some take no time", "moments: the clock of the log is coarse"]


@pytest.mark.parametrize("cv", [0.5, 1.0, 2.0])
def test_a_sample_gets_another_variation_and_keeps_its_order(cv):
    times = np.sort(np.random.default_rng(5).lognormal(1.0, 0.8, 1001))
    other = np.array(with_variation(times.tolist(), cv))
    assert other.std() / other.mean() == pytest.approx(cv, rel=1e-6)
    assert (np.diff(other) >= 0).all()
    assert with_variation([0.0, *times], cv)[0] == 0
