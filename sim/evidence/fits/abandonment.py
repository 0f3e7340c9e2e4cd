"""How many gave up waiting, and how many never submitted: what a log shows, and no parameter says."""

from __future__ import annotations

import numpy as np

from sim.evidence.fits.estimates import Estimate
from sim.evidence.fits.intervals import wilson
from sim.evidence.logs.log import GAVE_UP, STAFFED, UNTOLD, StepLog


def abandonment(log: StepLog) -> list[Estimate]:
    """Return the share that gave up waiting at each step at which somebody serves, of rows whose end is told."""
    found = []
    for step in STAFFED:
        outcome = log.outcome[log.at(step) & (log.outcome != UNTOLD)]
        if len(outcome):
            gave_up = wilson(float((outcome == GAVE_UP).sum()), len(outcome))
            found.append(Estimate(f"abandonment.{step}", *gave_up, len(outcome), "share, Wilson", "share"))
    return found


def dropped_out(log: StepLog) -> list[Estimate]:
    """Return the share of all cases in the log that never submitted.

    None if the log does not tell of submissions, or has a step before them that shares no case numbers with them.
    """
    submits = log.at("review") | log.at("automatic") | log.at("online")
    before = [log.case[log.at(step)] for step in ("phone", "filing", "studio") if log.has(step)]
    if not submits.any() or not all(np.isin(cases, log.case[submits]).any() for cases in before):
        return []
    seen, submitted = (int(np.count_nonzero(np.bincount(cases))) for cases in (log.case, log.case[submits]))
    return [Estimate("dropped_out", *wilson(seen - submitted, seen), seen, "share, Wilson", "share")]
