"""Random numbers by address: those of numpy's own generator, and streams that never meet."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from scipy.special import ndtri

from sim.draws.philox import philox, stream, unit
from sim.draws.sampling import normal_quantile


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
