"""Recency: days count the less the older they are, by whole days that are left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from sim.office.hours import DAY
from sim.studies.calibrate.demand.working_days import OpenDays
from sim.studies.calibrate.log.steps import F64, Flags, StepLog

GOLDEN = (5**0.5 - 1) / 2
DAYS_A_WEEK = 7


def counted_by_age(opened: OpenDays, half_life: float) -> OpenDays:
    """Return the days of a log with which of them count.

    Parameters
    ----------
    opened : OpenDays
    half_life : float
        Weeks after which half of the days count.

    Notes
    -----
    Of the days of an age a share of 2^(-age / half-life) counts, the age of the last day being 0. Each date has a
    number of its own from 0 to 1, and counts as long as that share is above it: a day that no longer counts never does
    again, and a log that grows by a day loses few. The numbers of a week are a seventh apart, and those of the weeks go
    on by the golden section, so that of each weekday, and of each stretch of the year, about as many count as should.

    Whole days, since so all that is fitted to them is fitted as ever, with intervals that hold: it is the log of an
    office of which other days are not known. Weights would leave more, of a long log twice as many days by their
    effective number; but each fit would need its own, and some of them, as tests of a distribution, have none.
    """
    age = np.arange(len(opened))[::-1]
    numbers = np.array([_number(day) for day in opened.all])
    return replace(opened, counted=numbers < 2.0 ** (-age / (DAYS_A_WEEK * half_life)), half_life=half_life)


def _number(day: date) -> float:
    week, weekday = divmod(day.toordinal(), DAYS_A_WEEK)
    return (week * GOLDEN + weekday / DAYS_A_WEEK) % 1.0


def cases_that_count(log: StepLog, opened: OpenDays) -> StepLog:
    """Return the cases that got in touch on days that count, each in full."""
    return log if opened.counted is None else log.rows(rows_that_count(log, opened))


def rows_that_count(log: StepLog, opened: OpenDays) -> Flags:
    """Return which rows are of cases that got in touch on days that count."""
    if opened.counted is None:
        return np.ones(len(log), np.bool_)
    first = log.rows(log.first_of_case())
    moment = np.where(np.isfinite(first.queued), first.queued, np.fmin(first.started, first.ended))
    counts = np.zeros(log.cases, np.bool_)
    counts[first.case] = _counts(moment, opened)
    return counts[log.case]


def work_that_counts(log: StepLog, opened: OpenDays) -> StepLog:
    """Return what was done on days that count, whenever the cases had come."""
    if opened.counted is None:
        return log
    return log.rows(_counts(np.where(np.isfinite(log.started), log.started, np.fmin(log.begin, log.ended)), opened))


def _counts(moments: F64, opened: OpenDays) -> Flags:
    """Say of moments whether they are on days that count; of what has none, that it does."""
    day = np.floor(np.where(np.isfinite(moments), moments / DAY, opened.offset + len(opened))).astype(np.int64)
    return opened.counts_on(day)
