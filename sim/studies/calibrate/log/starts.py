"""Starts of service that a log does not tell, estimated from whom served: his last end, and when the case came."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.office.hours import DAY
from sim.studies.calibrate.log.report import LogReport, noted
from sim.studies.calibrate.log.steps import F64, GAVE_UP, NOBODY, STAFFED, Flags, StepLog, sorted_log
from sim.studies.calibrate.reading.unpacked import stop
from sim.text import N_

FEWEST = 100
"""Services begun as the case came from which on their longest says what is no service any more."""
NO_SERVERS = N_("estimate_starts needs to know who served, and no row without a start tells; map server, or leave "
                "estimate_starts out")  # fmt: skip
NOT_NEEDED = N_("estimate_starts means nothing here: no row has an end without a start; leave it out")


def with_starts(log: StepLog, report: LogReport) -> tuple[StepLog, LogReport]:
    """Return a log with estimates of the starts of service that it does not tell, and a report that says so.

    Parameters
    ----------
    log : StepLog
    report : LogReport

    Raises
    ------
    ScenarioError
        If there is nothing to estimate, or nothing to estimate from.

    Notes
    -----
    Who served a case that waited began as he had finished his last one of the day, at whatever step; where the case
    came later, as it came. Both are the earliest moments that are possible, so that services come out too long if he
    paused or did other work, and waits too short. The first of each day has no start: when somebody came to work is
    not known. Where services that began as the case came tell how long one lasts at most, one after an earlier end that
    is longer than all of these had a pause before it, and has no start.

    Where it is not known when a case came either, the start is only the moment since which it may have been served;
    the first of a day has begun the median of these times before its end, so that it is counted. Of forms and of who
    gave up the end is the only moment that is known, and so that at which they came.
    """
    served = log.at(*STAFFED) & (log.outcome != GAVE_UP) & np.isfinite(log.ended)
    lacking = served & ~np.isfinite(log.started)
    if not lacking.any():
        raise stop(NOT_NEEDED, Path("mapping"))
    if not (lacking & (log.server != NOBODY)).any():
        raise stop(NO_SERVERS, Path("mapping"))
    before = _last_end(log, served)
    known = lacking & np.isfinite(before)
    came = np.isfinite(log.queued)
    start = np.where(known, np.fmax(before, np.where(came, log.queued, -np.inf)), np.nan)
    start = np.where(start <= log.ended, start, np.nan)
    pause = np.zeros(len(log), np.bool_)
    steps = tuple(step for step in STAFFED if (lacking & log.at(step)).any())
    for step in steps:
        here = log.at(step) & np.isfinite(start)
        at_once = here & came & (start == log.queued)
        if at_once.sum() >= FEWEST:
            pause |= here & ~at_once & (log.ended - start > (log.ended - start)[at_once].max())
    start = np.where(pause, np.nan, start)
    estimated = lacking & np.isfinite(start)
    start = np.where(estimated, start, _usual_time_before(log, lacking & ~came & ~estimated, start, steps))
    # Of machines it would be said that they take no time.
    nowhere = ~(came | np.isfinite(log.started) | lacking | log.at("automatic"))
    filled = replace(
        log, started=np.where(lacking, start, log.started), queued=np.where(nowhere, log.ended, log.queued),
        guessed=steps,
    )  # fmt: skip
    findings = [
        *noted("start_estimated", "estimated", "", [], int(estimated.sum())),
        *noted("start_unknown", "missing", "", [], int((lacking & ~estimated).sum())),
    ]
    assumed = (*report.assumed, "starts_estimated")
    if (lacking & ~came).any():
        assumed = (*assumed, "starts_at_most")
    return sorted_log(filled), replace(report, findings=(*report.findings, *findings), assumed=assumed)


def _last_end(log: StepLog, served: Flags) -> F64:
    """Return for each row when who served it had ended his last service before, on the same day; NaN = not told."""
    before = np.full(len(log), np.nan)
    rows = np.flatnonzero(served & (log.server != NOBODY))
    rows = rows[np.lexsort((log.ended[rows], log.server[rows]))]
    same = (log.server[rows[1:]] == log.server[rows[:-1]]) & (log.ended[rows[1:]] // DAY == log.ended[rows[:-1]] // DAY)
    before[rows[1:][same]] = log.ended[rows[:-1][same]]
    return before


def _usual_time_before(log: StepLog, first: Flags, start: F64, steps: tuple[str, ...]) -> F64:
    """Return the moment that is the median service of its step before the end of some rows; NaN of all others."""
    found = np.full(len(log), np.nan)
    for step in steps:
        here = log.at(step)
        lengths = (log.ended - start)[here & np.isfinite(start)]
        found[first & here] = log.ended[first & here] - (float(np.median(lengths)) if len(lengths) else 0.0)
    return found
