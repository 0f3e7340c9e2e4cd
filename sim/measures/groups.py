"""Means, shares and quantiles of many groups in one go, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.jit import kept_njit

BUCKET_SHIFT = np.uint64(47)
LOWEST_BUCKET = (1023 - 10) << 5
BUCKETS = 32 * 32
"""Buckets by exponent and 5 bits of the mantissa, for numbers from 2**-10 to 2**22; the rest at either end."""


@njit(inline="always")
def _smallest(values, size, rank):
    """Return what is at a place, from 0, of the first `size` values in their order, and leave them in another one.

    Notes
    -----
    Quickselect (Hoare 1961). numba's sorting would take longer to compile than all else here.
    """
    low, high = 0, size - 1
    while low < high:
        # Not the middle one: values that rise and fall again, as a backlog does, would be the worst case.
        pivot = values[low + (7 * low + 13 * high) % (high - low + 1)]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            break
    return values[rank]


@kept_njit(nogil=True)
def group_statistics(values, cell, member, zeros, levels, limit, sums, counts, within, quantiles):
    """Fill count, sum, count within `limit` and quantiles of `values`, for many groups at once.

    Parameters
    ----------
    values : (n,) float64
        Not negative; NaN = left out; inf is allowed and counts as beyond any limit.
    cell : (n,) int16
        Each value is in one cell; groups are made of cells.
    member : (groups, cells) bool
        Which cells a group is made of.
    zeros : (groups,) int64
        Zeros that belong to each group besides `values`.
    levels : (k,) float64
        Quantiles asked for, rising; the smallest value that at least this share does not exceed.
    limit : float
    sums, counts, within : (groups,) float64, int64, int64
    quantiles : (groups, k) float64
        NaN where a group is empty.

    Notes
    -----
    Not sorted: values are counted in buckets by the leading bits of their floating-point number, which are in
    the order of the values, and only what is in the buckets that hold a wanted rank is looked at again.
    """
    n = values.shape[0]
    total, cells = member.shape
    ranks = levels.shape[0]
    bits = values.view(np.uint64)
    bucket = np.empty(n, np.int16)
    number = np.zeros((cells, BUCKETS), np.int32)
    cell_sum = np.zeros(cells)
    cell_within = np.zeros(cells, np.int64)
    for i in range(n):
        value = values[i]
        if np.isnan(value):
            bucket[i] = -1
            continue
        b = min(max(np.int64(bits[i] >> BUCKET_SHIFT) - LOWEST_BUCKET, 0), BUCKETS - 1)
        bucket[i] = b
        c = cell[i]
        number[c, b] += 1
        cell_sum[c] += value
        cell_within[c] += value <= limit
    # In which bucket each wanted rank is, and which rank of the group it has there.
    where = np.full((total, ranks), -1, np.int64)
    rank_there = np.zeros((total, ranks), np.int64)
    place = np.full(BUCKETS, -1, np.int64)
    room = 0
    of_group = np.empty(BUCKETS, np.int64)
    for g in range(total):
        of_group[:] = 0
        counts[g] = zeros[g]
        within[g] = zeros[g]
        sums[g] = 0.0
        for c in range(cells):
            if member[g, c]:
                sums[g] += cell_sum[c]
                within[g] += cell_within[c]
                for b in range(BUCKETS):
                    of_group[b] += number[c, b]
        counts[g] += of_group.sum()
        seen = zeros[g]
        for r in range(ranks):
            quantiles[g, r] = np.nan if counts[g] == 0 else 0.0
        r = 0
        b = 0
        while r < ranks and counts[g] > 0:
            wanted = max(np.int64(np.ceil(levels[r] * counts[g] - 1e-9)), 1)
            if wanted <= zeros[g]:
                r += 1
                continue
            while seen + of_group[b] < wanted:
                seen += of_group[b]
                b += 1
            where[g, r] = b
            rank_there[g, r] = wanted - seen
            if place[b] < 0:
                place[b] = room
                for c in range(cells):
                    room += number[c, b]
            r += 1
    # The values in those buckets, bucket by bucket.
    first = place.copy()
    held = np.empty(room)
    held_cell = np.empty(room, np.int16)
    for i in range(n):
        b = bucket[i]
        if b >= 0 and first[b] >= 0:
            held[place[b]] = values[i]
            held_cell[place[b]] = cell[i]
            place[b] += 1
    few = np.empty(room)
    for g in range(total):
        for r in range(ranks):
            b = where[g, r]
            if b < 0:
                continue
            size = 0
            for j in range(first[b], place[b]):
                if member[g, held_cell[j]]:
                    few[size] = held[j]
                    size += 1
            quantiles[g, r] = _smallest(few, size, rank_there[g, r] - 1)
