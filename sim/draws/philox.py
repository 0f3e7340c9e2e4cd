"""Random numbers that follow the applicant: numpy's Philox, addressed instead of read in sequence.

A number is found by its address: seed and stream are the key, applicant and replication the counter. So
no draw depends on how many others were made before it, an applicant has the same random numbers at every level of
demand and under every plan, and the numbers are those of `numpy.random.Philox` with the same key and
counter (a test holds them against each other).

Source: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numba import njit

from sim.bits import product

_MULTIPLY_0 = np.uint64(0xD2E7470EE14C6C93)
_MULTIPLY_1 = np.uint64(0xCA5A826395121157)
_BUMP_0 = np.uint64(0x9E3779B97F4A7C15)
_BUMP_1 = np.uint64(0xBB67AE8584CAA73B)
_TWELVE = np.uint64(12)
_UNIT = 2.0**-52


@lru_cache(2**14)
def stream(name: str) -> int:
    """Return the 64-bit number of a stream; its name says what the numbers are for."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


@njit(inline="always")
def philox(key_0, key_1, counter_0, counter_1, counter_2):
    """Return the four 64-bit words of Philox4x64-10 at an address (all arguments uint64)."""
    k0, k1 = np.uint64(key_0), np.uint64(key_1)
    c0, c1, c2, c3 = np.uint64(counter_0), np.uint64(counter_1), np.uint64(counter_2), np.uint64(0)
    for _ in range(10):
        high_0, low_0 = product(_MULTIPLY_0, c0)
        high_1, low_1 = product(_MULTIPLY_1, c2)
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0 += _BUMP_0
        k1 += _BUMP_1
    return c0, c1, c2, c3


@njit(inline="always")
def unit(word):
    """Return a word as a number strictly between 0 and 1: with one bit more the largest would round to 1."""
    return (np.float64(word >> _TWELVE) + 0.5) * _UNIT
