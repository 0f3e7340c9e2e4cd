"""Whether case numbers link what they seem to: files that are each numbered from 1 share numbers by coincidence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.evidence.logs.log import I64, STEPS, Flags
from sim.evidence.logs.moments import DAY

Whole = NDArray[np.signedinteger[Any]]

ORDER = {"phone": 0, "online": 1, "filing": 1, "studio": 1, "key": 1, "review": 2, "automatic": 2, "issue": 3}
"""Which steps come before which."""
RANK = np.array([ORDER[step] for step in STEPS])
FEWEST = 20
"""Cases that go on in another file, and rows of a log, below which nothing can be said of what they share."""
MOST_BACKWARD = 1 / 4
"""Share of them that may go backward: from the review to a call, from the counter to the review."""
NEVER = int(np.iinfo(np.int64).max)
LONGEST = 20 * DAY
"""Time from one file to the next [ms] that half of them may take: more than any correction does."""


def unrelated(case: I64, file: Whole, step: Whole, moment: I64) -> bool:
    """Say whether the files of a log share their case numbers by coincidence only.

    Parameters
    ----------
    case, file, step : (rows,) integers
        Sorted by case and time; `step` is the place in `STEPS`.
    moment : (rows,) int64
        When a row begins [ms]; `NEVER` if it does not tell.
    """
    timed = moment < NEVER
    goes_on: Flags = (case[1:] == case[:-1]) & (file[1:] != file[:-1]) & timed[1:] & timed[:-1]
    if goes_on.sum() < FEWEST:
        return False
    backward = (RANK[step[1:]] < RANK[step[:-1]])[goes_on]
    taken = (moment[1:] - moment[:-1])[goes_on]
    return bool(backward.mean() > MOST_BACKWARD or np.median(taken) > LONGEST)


def links_nothing(case: I64, step: Whole) -> bool:
    """Say whether no case, sorted by case, is at more than one of several steps."""
    if len(case) < FEWEST or len(np.unique(step)) == 1:
        return False
    return not ((case[1:] == case[:-1]) & (step[1:] != step[:-1])).any()
