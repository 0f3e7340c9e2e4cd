"""How sharply a log tells its times, and how long things took where it does so poorly."""

from __future__ import annotations

import numpy as np

from sim.studies.calibrate.intervals import F64

FEWEST_MOMENTS = 100
"""Moments that are all at full minutes by chance as little as not at all."""
CLOCKS = (60, 30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1)
"""Minutes that a clock may tell: those of which an hour is made."""
ODD = 0.01
"""Share of the moments that may be told more sharply, as where a few were put right by hand."""
MILLISECOND = 1 / 60_000
FINER, ROUNDS = 8, 10
"""Points in a unit of the clock at which lengths are looked for, and rounds of looking."""


def clock_of(*times: F64) -> float:
    """Return the minutes to which times [min] are told, the most of which all but a few are multiples.

    0 is a clock that tells less than minutes, or too few times to say.
    """
    known = np.concatenate([each[np.isfinite(each)] for each in times])
    if len(known) < FEWEST_MOMENTS:
        return 0.0
    off = (np.abs(known - minutes * np.rint(known / minutes)) > MILLISECOND / 2 for minutes in CLOCKS)
    return next((float(minutes) for minutes, odd in zip(CLOCKS, off, strict=True) if odd.mean() <= ODD), 0.0)


def sharpened(minutes: F64, clock: float) -> F64:
    """Return lengths [min] as they may have been, of which a clock tells beginning and end cut off.

    Notes
    -----
    A length comes out as k units with probability 1 - |length/clock - k|, whatever the hour. The lengths on a finer
    grid that make what was seen are found by Richardson's and Lucy's rounds (1972, 1974), few of them, so that chance
    is not sharpened too; who was the longest by the clock stays it.
    """
    told = np.rint(minutes / clock).astype(np.int64)
    counts = np.bincount(told, minlength=told.max() + 2)
    at = np.arange(len(counts) * FINER) / FINER
    seen_as = np.maximum(1 - np.abs(at - np.arange(len(counts))[:, None]), 0.0)
    share = counts / counts.sum()
    density = share @ seen_as
    density /= density.sum()
    for _ in range(ROUNDS):
        density *= (share / np.maximum(seen_as @ density, 1e-300)) @ seen_as
        density /= density.sum()
    ends = np.cumsum(density)
    rank = (np.arange(len(told)) + 0.5) / len(told) * ends[-1]
    cell = np.searchsorted(ends, rank)
    part = 1 - (ends[cell] - rank) / density[cell]
    found = np.empty(len(told))
    # Of no length is a point of its own; the others reach half a cell to either side.
    found[np.argsort(minutes, kind="stable")] = np.where(cell == 0, part / 2, cell + part - 0.5) * clock / FINER
    return found
