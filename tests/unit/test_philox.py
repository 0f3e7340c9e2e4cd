"""Random numbers by address: those of numpy's own generator, and streams that never meet."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from scipy.special import ndtri

from sim.draws.philox import philox, stream, unit
from sim.draws.sampling import exponential, lognormals, normal_quantile, sample
from sim.office.distributions import LOGNORMAL


@njit
def block(key_0, key_1, counter_0, counter_1, counter_2):
    return philox(key_0, key_1, counter_0, counter_1, counter_2)


@njit
def as_unit(word):
    return unit(word)


@pytest.mark.parametrize("seed", range(50))
def test_a_block_is_that_of_numpy_with_the_same_key_and_counter(seed):
    rng = np.random.default_rng(seed)
    key = [int(word) for word in rng.integers(0, 2**64, 2, dtype=np.uint64)]
    counter = [int(word) for word in rng.integers(1, 2**64, 3, dtype=np.uint64)]
    # numpy counts up before it makes a block.
    peer = np.random.Philox(
        key=np.array(key, np.uint64), counter=np.array([counter[0] - 1, counter[1], counter[2], 0], np.uint64)
    )
    mine = block(*(np.uint64(word) for word in (*key, *counter)))
    assert [int(word) for word in mine] == [int(word) for word in peer.random_raw(4)]


def test_a_unit_number_is_never_0_or_1():
    assert 0 < as_unit(np.uint64(0)) < as_unit(np.uint64(2**64 - 1)) < 1


def test_a_stream_is_named_by_its_purpose():
    names = [f"{kind}/{what}" for kind in ("enterprise", "key") for what in ("time/review", "mark/returns", "arrival")]
    assert len({stream(name) for name in names}) == len(names)
    assert stream("key/arrival") == stream("key/arrival")


def test_the_normal_quantile_is_that_of_scipy():
    p = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 20_001), 10.0 ** -np.arange(7, 17), [2.0**-54]])
    mine = np.array([normal_quantile(value) for value in p])
    np.testing.assert_allclose(mine, ndtri(p), rtol=2e-15, atol=1e-15)


def test_lognormal_times_are_those_of_scipy_at_both_sides_of_the_centre_and_far_out():
    marks = np.concatenate([np.linspace(1e-4, 1 - 1e-4, 2_001), [2.0**-53, 1 - 2.0**-53, 0.075, 0.925, 0.5]])
    count = len(marks)
    mu, sigma = np.linspace(-3.0, 6.0, count), np.linspace(0.01, 2.5, count)
    minutes, beyond = np.empty(count), np.empty(count + 1, np.int64)
    lognormals(count, marks, mu, sigma, minutes, beyond)
    np.testing.assert_allclose(minutes, np.exp(mu + sigma * ndtri(marks)), rtol=2e-14)
    assert minutes[7] == sample(LOGNORMAL, mu[7], sigma[7], 0.0, marks[7]), "wherever it is in a row"


def test_the_exponential_is_that_of_the_mathematicians_as_far_as_numbers_go():
    powers = np.concatenate([np.linspace(-708.0, 709.0, 3_001), np.linspace(-2.0, 2.0, 3_001), [0.0]])
    mine = np.array([exponential(power) for power in powers])
    np.testing.assert_allclose(mine, np.exp(powers), rtol=2.3e-16)
