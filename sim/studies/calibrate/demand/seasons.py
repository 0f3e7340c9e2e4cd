"""Level, month and weekday indices from daily counts, and the days that are far off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from sim.office.hours import MAKE_UP_DAY
from sim.office.parameters import Demand
from sim.studies.calibrate.demand.daily_counts import CountFit, day_factor_cv, fit_counts
from sim.studies.calibrate.demand.smoothing import Index
from sim.studies.calibrate.demand.working_days import OpenDays
from sim.studies.calibrate.intervals import UNKNOWN_INTERVAL, Interval
from sim.studies.calibrate.log.steps import F64, I64, Flags

MONTHS, WEEKDAYS = 12, 5
FEWEST_DAYS = 10
"""Working days below which months and weekdays are taken over, not estimated."""
FEWEST_CONTACTS = 5
"""Contacts for each parameter below which likewise."""
LEAST_FREEDOM = 3
"""Days beyond the number of parameters below which likewise."""
LEAST_INDEX = 0.01
FAR_OFF = 4.0
"""Standardised residual beyond which a day is far off."""
BEYOND_CHANCE = 3e-5
"""Chance of a standard normal number above 4; where counts are small, a day is far off if it is as unlikely too."""
CHI_SQUARE_MEDIAN = 0.4549
LEAST_SQUARE = 1e-6
"""Squared cv that stands for none: a negative binomial number is as good as Poisson then."""
MOST_ODD = 0.05
"""Share of the days that may be far off; of more it cannot be said that the others are the rule."""
MOST_PASSES = 10
WIDEST = 50.0
"""Half an interval on the log scale: what is wider tells nothing, and has no end that a number can hold."""


@dataclass(frozen=True)
class OddDay:
    """A day whose count is far off: a surge, a slump, an outage, a mistake in the log."""

    day: date
    seen: int
    expected: float
    residual: float


@dataclass(frozen=True, eq=False)
class Seasons:
    """Level, months and weekdays of the first contacts in the half-hours of the profile on working days.

    Attributes
    ----------
    year : int
        The calendar year that the level is for: the last one of which the log has enough.
    days : (fitted days,) int64
        Numbers of the days, from the first one that the log covers.
    fit : CountFit
        Of these days.
    per_day : Interval
        First contacts on a working day whose indices are 1.
    month, weekday : Index
        (12,) and (5,), of mean 1. What the log does not have is as in the parent, with NaN ends; if it has some
        months only, their mean is that of the parent's index in these months.
    months_seen, weekdays_seen : (12,), (5,) bool
    make_up : Interval
        Make-up days against the mean of the weekdays.
    growth : Interval
        Level of `year` against the year before it; NaN if the log does not tell.
    estimated : bool
        Whether months and weekdays are from the log at all.
    day_cv : Interval
        Coefficient of variation of the days' lognormal factor.
    odd_days : tuple of OddDay
    left_out : bool
        Whether all else is fitted to the other days.
    cv_of_all : float
        The coefficient of variation with them.
    gradients : (18, parameters) float64
        Of the logarithms of level, months and weekdays, by the coefficients.
    """

    year: int
    days: I64
    fit: CountFit
    per_day: Interval
    month: Index
    weekday: Index
    months_seen: Flags
    weekdays_seen: Flags
    make_up: Interval
    growth: Interval
    estimated: bool
    day_cv: Interval
    odd_days: tuple[OddDay, ...]
    left_out: bool
    cv_of_all: float
    gradients: F64


@dataclass(frozen=True, eq=False)
class _Design:
    """Columns of the regression: the level, then dummies; `months` and so on are the places of their columns."""

    days: I64
    matrix: F64
    offset: F64
    months: dict[int, int | None]
    kinds: dict[int, int | None]
    years: dict[int, int | None]
    estimated: bool

    def row(self, column: int | None) -> F64:
        """Return the gradient of a level's effect; the first level has no column."""
        row = np.zeros(self.matrix.shape[1])
        if column is not None:
            row[column] = 1.0
        return row


def fit_seasons(opened: OpenDays, parent: Demand) -> Seasons:
    """Fit the daily counts.

    Parameters
    ----------
    opened : OpenDays
    parent : Demand
        What the log does not have is taken from it.

    Notes
    -----
    Log-linear regression on month, kind of day and, if the same months of several years are there, year: see
    `fit_counts`. Intervals of the normalised indices by the delta method on the log scale, with Student's t. With
    fewer than 10 working days, hardly more days than parameters, or fewer than 5 contacts for each of them, months and
    weekdays are the parent's. Days that are far off are left out, unless they are more than one in twenty: a single one
    of them would move level and variation by more than all chance.
    """
    year = target_year(opened)
    design = _design(opened, parent, year)
    counts = opened.contacts[design.days]
    fit = fit_counts(counts, design.matrix, design.offset)
    day_cv = day_factor_cv(counts, fit.mean, design.matrix)
    odd, usual = _odd_days(opened, design, counts, fit)
    cv_of_all = day_cv[0]
    left_out = 0 < len(odd) <= MOST_ODD * len(counts) and _enough(design.matrix[usual], counts[usual])
    if left_out:
        design = replace(design, days=design.days[usual], matrix=design.matrix[usual], offset=design.offset[usual])
        fit = fit_counts(counts[usual], design.matrix, design.offset)
        day_cv = day_factor_cv(counts[usual], fit.mean, design.matrix)
    month, month_gradients, month_scale = _indices(
        fit, design, {number - 1: column for number, column in design.months.items()}, mean_one(parent.month_index),
        None if opened.counted is None else np.bincount(opened.months[design.days] - 1, minlength=MONTHS),
    )
    weekdays = {kind: column for kind, column in design.kinds.items() if kind < WEEKDAYS}
    weekday, weekday_gradients, weekday_scale = _indices(fit, design, weekdays, mean_one(parent.weekday_index))
    level_gradient = design.row(0) + month_scale[1] + weekday_scale[1]
    level = fit.beta[0] + month_scale[0] + weekday_scale[0]
    make_up = growth = UNKNOWN_INTERVAL
    if MAKE_UP_DAY in design.kinds and weekdays:
        row = design.row(design.kinds[MAKE_UP_DAY])
        make_up = _interval(fit, float(row @ fit.beta) - weekday_scale[0], row - weekday_scale[1])
    if year - 1 in design.years:
        row = -design.row(design.years[year - 1])
        growth = _interval(fit, float(row @ fit.beta), row)
    return Seasons(
        year, design.days, fit, _interval(fit, float(level), level_gradient), month, weekday,
        np.isin(np.arange(1, MONTHS + 1), opened.months[design.days]),
        np.isin(np.arange(WEEKDAYS), opened.kinds[design.days]),
        make_up, growth, design.estimated, day_cv, odd, left_out, cv_of_all,
        np.vstack([level_gradient, month_gradients, weekday_gradients]),
    )  # fmt: skip


def target_year(opened: OpenDays) -> int:
    """Return the last calendar year with at least half as many working days in the log as the fullest one."""
    years, days = np.unique(opened.years[opened.works], return_counts=True)
    return int(years[days >= days.max() / 2][-1])


def mean_one(index: Sequence[float] | F64) -> F64:
    """Return an index scaled to mean 1."""
    values = np.asarray(index, np.float64)
    return np.asarray(values / values.mean())


def _design(opened: OpenDays, parent: Demand, year: int) -> _Design:
    months, years = opened.months, opened.years
    worked = np.flatnonzero(opened.told)
    days = worked
    # A month or kind of day without any contact has no logarithm.
    while True:
        keep = np.ones(len(days), np.bool_)
        for levels in (months, opened.kinds):
            some = np.unique(levels[days[opened.contacts[days] > 0]])
            keep &= np.isin(levels[days], some)
        if keep.all():
            break
        days = days[keep]
    kinds = opened.kinds
    for with_years in (True, False):
        columns = [np.ones(len(days))]
        of_months = _dummies(months[days], columns)
        of_kinds = _dummies(kinds[days], columns)
        of_years = _dummies(years[days], columns, first=year) if with_years else {}
        matrix = np.column_stack(columns)
        full = len(days) - matrix.shape[1] >= LEAST_FREEDOM and np.linalg.matrix_rank(matrix) == matrix.shape[1]
        told = opened.contacts[days].sum() >= FEWEST_CONTACTS * matrix.shape[1]
        if full and told and len(days) >= FEWEST_DAYS:
            return _Design(days, matrix, np.zeros(len(days)), of_months, of_kinds, of_years, True)
    weekday = np.append(mean_one(parent.weekday_index), np.ones(MAKE_UP_DAY + 1 - WEEKDAYS))
    index = mean_one(parent.month_index)[months[worked] - 1] * weekday[kinds[worked]]
    return _Design(worked, np.ones((len(worked), 1)), np.log(np.maximum(index, LEAST_INDEX)), {}, {}, {}, False)


def _dummies(levels: NDArray[np.integer], columns: list[F64], first: int | None = None) -> dict[int, int | None]:
    """Append a column for each level but the first one; return the place of each."""
    present = [int(level) for level in np.unique(levels)]
    first = present[0] if first is None or first not in present else first
    places: dict[int, int | None] = {first: None}
    for level in present:
        if level != first:
            places[level] = len(columns)
            columns.append((levels == level).astype(np.float64))
    return places


def _indices(
    fit: CountFit, design: _Design, columns: dict[int, int | None], parent: F64, days: I64 | None = None
) -> tuple[Index, F64, tuple[float, F64]]:
    """Return an index, the gradients of its logarithms, and the logarithm of its scale with its gradient.

    With the days of each level, those that the log does not have are held against these as they count: a month of which
    a day or two count says less of the others than one that counts in full.
    """
    value, low, high = parent.copy(), np.full(len(parent), np.nan), np.full(len(parent), np.nan)
    gradients = np.zeros((len(parent), len(fit.beta)))
    if not columns:
        return Index(value, low, high), gradients, (0.0, np.zeros(len(fit.beta)))
    rows = np.array([design.row(column) for column in columns.values()])
    effects = np.exp(rows @ fit.beta)
    weights = np.ones(len(columns)) if days is None else days[list(columns)] / days[list(columns)].mean()
    anchor = max(float((weights * parent[list(columns)]).mean()), LEAST_INDEX)
    mean, mean_gradient = (weights * effects).mean(), (weights * effects) @ rows / (weights * effects).sum()
    if len(columns) > 1:
        for level, effect, row in zip(columns, effects, rows, strict=True):
            gradients[level] = row - mean_gradient
            log_value = float(np.log(effect / mean * anchor))
            value[level], low[level], high[level] = _interval(fit, log_value, gradients[level])
    return Index(value, low, high), gradients, (float(np.log(mean / anchor)), mean_gradient)


def _interval(fit: CountFit, log_value: float, gradient: F64) -> Interval:
    half = min(fit.quantile * fit.log_error(gradient), WIDEST)
    return math.exp(log_value), math.exp(log_value - half), math.exp(log_value + half)


def _odd_days(opened: OpenDays, design: _Design, counts: I64, fit: CountFit) -> tuple[tuple[OddDay, ...], Flags]:
    """Return the days that are far off, and which days are not.

    Notes
    -----
    Days are held against a fit without those that are far off, found in turn, and the variation from day to day is
    taken from the median of the squared residuals: so several days that are far off do not hide each other. The chances
    are those of a negative binomial number.
    """
    usual = np.ones(len(counts), np.bool_)
    mean, error = fit.mean, np.zeros(len(counts))
    residual, far = np.zeros(len(counts)), ~usual
    for _ in range(MOST_PASSES if fit.freedom > 0 else 0):
        residual, far = _far_off(counts, mean, error, usual, len(fit.beta))
        if (far == ~usual).all() or not _enough(design.matrix[~far], counts[~far]):
            break
        usual = ~far
        within = fit_counts(counts[usual], design.matrix[usual], design.offset[usual])
        mean = np.exp(design.offset + design.matrix @ within.beta)
        error = np.where(usual, 0.0, np.einsum("dp,pq,dq->d", design.matrix, within.covariance, design.matrix))
    found = [
        OddDay(opened.all[design.days[at]], int(counts[at]), float(mean[at]), float(residual[at]))
        for at in np.flatnonzero(~usual)
    ]
    return tuple(found), usual


def _enough(matrix: F64, counts: I64) -> bool:
    """Say whether a regression on these days has an answer."""
    days, parameters = matrix.shape
    some = matrix[counts > 0]
    return bool(days > parameters and len(some) and np.linalg.matrix_rank(some) == parameters)


def _far_off(counts: I64, mean: F64, error: F64, usual: Flags, parameters: int) -> tuple[F64, Flags]:
    """Return the standardised residuals, and which days are far off; `error` is the variance of the log mean."""
    # Residuals of the days that were fitted are smaller than what they stand for.
    stretch = math.sqrt(usual.sum() / (usual.sum() - parameters))
    apart = (counts - mean) * np.where(usual, stretch, 1.0)
    square = _robust_cv(apart[usual], mean[usual]) ** 2 + error
    residual = apart / np.sqrt(mean + square * mean**2)
    r = 1 / np.maximum(square, LEAST_SQUARE)
    q = mean / (mean + r)
    above, below = betainc(np.maximum(counts, 1), r, q), betainc(r, counts + 1.0, 1 - q)
    return residual, (np.abs(residual) > FAR_OFF) & (np.where(residual > 0, above, below) < BEYOND_CHANCE)


def _robust_cv(apart: F64, mean: F64) -> float:
    """Return the cv at which the median of the squared residuals is that of chi-square with one degree of freedom."""
    # Of each day the square of the cv that would make its residual the median one; the median needs no search.
    squared = (apart**2 / CHI_SQUARE_MEDIAN - mean) / mean**2
    return math.sqrt(max(float(np.median(squared)), 0.0))
