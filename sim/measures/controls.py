"""Control variates: what is known beforehand of a year's outages and absences takes their chance out of its figures.

Where rare days cost much, years differ because one has more of them than another. How many there are, and how long, is
drawn with known probabilities: so of each year it is known by how much its disruptions exceed what is expected, and
what an excess costs is seen from its weeks. An adjusted year has the same mean and a smaller spread.

Source: Lavenberg and Welch (1981), A perspective on the use of control variables to increase the efficiency of Monte
Carlo simulations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import ArrivalTimes, Office, Target
from sim.office.hours import DAY
from sim.records import Journeys

F64 = NDArray[np.float64]
T = TypeVar("T")

WEEK = 7
MOST_ABSENT = 3
"""Days are told apart by whether at least 1, 2, 3 of a pool are absent."""
PILOT = 20
"""Years from which is learned what disruptions cost; the same at every look, so that more years change no verdict."""
FEWEST = 10
"""Weeks of these years in which something has to happen for its cost to be learned."""
OUTAGES = 200
"""That a verdict wants to have seen of each stage that has any: with fewer, what long ones cost is too little known,
and verdicts at the boundary were false more often than allowed (docs/rare-events.md)."""
FEWEST_YEARS = 3
"""With fewer there are too few others to learn from."""
WEEKS_A_CONTROL = 20
"""Weeks to learn from for each control: of a short period only the first few are taken, in their fixed order."""
RIDGE = 1e-3
"""Part of its own variance by which each control is taken to be less reliable: some tell nearly the same."""


@dataclass(frozen=True)
class Controls:
    """What the disruptions of n years were, and what the weeks were like.

    Attributes
    ----------
    excess : (n, controls) float64
        By how much each exceeds what is expected of a year.
    weeks : (n, weeks, controls) float64
        Of each week.
    outcome : (n, weeks, 2) float64
        Of the cases on target submitted in each week: sum of what the target is about, and their number.
    outages : (n, stages) int64
        Number of outages at the stages that have any.
    """

    excess: F64
    weeks: F64
    outcome: F64
    outages: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.excess)

    def first(self, years: int) -> Controls:
        """Return those of the first years alone."""
        return Controls(self.excess[:years], self.weeks[:years], self.outcome[:years], self.outages[:years])

    @property
    def seen(self) -> int:
        """Years before which there is no verdict: until costs are learned, and enough outages were seen of each stage.

        More than there are if that is never.
        """
        enough = (np.cumsum(self.outages, axis=0) >= OUTAGES).all(axis=1)
        return max(int(enough.argmax()) + 1, PILOT) if enough.any() else len(self) + 1


def controls_of(office: Office, journeys: Journeys, day_score: F64, day_cases: NDArray[np.int64]) -> Controls | None:
    """Return the controls of a replication (n = 1), None if the office knows no disruptions.

    Parameters
    ----------
    office : Office
    journeys : Journeys
    day_score, day_cases : (days,) float64, int64
        By day of submission, of the cases on target: sum of what the target is about, and their number.

    Notes
    -----
    There are two controls of each stage with drawn outages, the minutes of each outage and their square, up to the
    closing or to midnight; and up to three of each pool with absence, the days on which at least 1, 2, 3 of it are
    absent. Each is weighted with the arrivals that are expected on its day. First come all minutes and all days with at
    least one, then what is rarer.
    """
    weight, expected = _beforehand(office)
    if not len(expected):
        return None
    days = office.days.horizon
    rows: list[tuple[int, F64]] = []
    outages = []
    for number, stage in enumerate(office.stages):
        if stage.outages.per_day > 0:
            mine = journeys.outage_stage == number
            begin = journeys.outage_from[mine]
            _, ends = _pieces(office, number)
            minutes = np.minimum(journeys.outage_to[mine], ends[np.searchsorted(ends, begin, side="right")]) - begin
            day = (begin / DAY).astype(np.int64)
            outages.append(int((weight[day] > 0).sum()))
            for power in (1, 2):
                rows.append((power, np.bincount(day, minutes**power * weight[day], minlength=days).astype(np.float64)))
    for number, pool in enumerate(office.pools):
        if pool.absence > 0:
            absent = (journeys.absence_mark[number, : pool.people] < pool.absence).sum(axis=0)
            rows += [(least, weight * (absent >= least)) for least in range(1, min(pool.people, MOST_ABSENT) + 1)]
    counted = slice(office.days.warm_up, None)
    by_day = np.array(_in_order(rows))[:, counted]
    outcome = _by_week(np.array([day_score, day_cases], np.float64)[:, counted])
    return Controls(
        (by_day.sum(axis=1) - expected)[None], _by_week(by_day)[None], outcome[None], np.array([outages], np.int64)
    )


def joined_controls(parts: Sequence[Controls | None]) -> Controls | None:
    """Return the controls of consecutive years as one; None if any of these have none, or there are no years."""
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    return Controls(
        np.concatenate([part.excess for part in known]), np.concatenate([part.weeks for part in known]),
        np.concatenate([part.outcome for part in known]), np.concatenate([part.outages for part in known]),
    )  # fmt: skip


def controlled(target: Target, sums: F64, controls: Controls | None) -> F64:
    """Return the sums of replications with what their disruptions cost more, or less, than expected taken out.

    Parameters
    ----------
    target : Target
    sums : (n,) float64
        Of each replication: over the cases on target, what the target is about.
    controls : Controls or None
        Of the same replications; None leaves the sums as they are.

    Notes
    -----
    What a control costs is fitted by least squares to the weeks of the first `PILOT` replications, beside a constant
    and the number of cases. Weeks, since a crowd takes some days to be served. For each of these replications it is
    fitted to the others: so a cost never depends on the year that it is taken out of, and the mean stays what it is.
    """
    n = len(sums)
    if controls is None or n < FEWEST_YEARS:
        return sums
    learned = controls.first(PILOT)
    years, rows, _ = learned.weeks.shape
    most = (years - 1) * rows // WEEKS_A_CONTROL
    weeks, excess = learned.weeks[..., :most], controls.excess[:n, :most]
    score, cases = learned.outcome[..., 0], learned.outcome[..., 1]
    if not np.isfinite(score).all():
        return sums
    y = score - (target.minutes if target.statistic == "mean" else target.level) * cases
    x = np.concatenate([np.ones((*y.shape, 1)), cases[..., None], weeks], axis=2)
    grams, sides = np.einsum("ywi,ywj->yij", x, x), np.einsum("ywi,yw->yi", x, y)
    active = (weeks != 0).sum(axis=1)
    gram, side, weeks_active = grams.sum(axis=0), sides.sum(axis=0), active.sum(axis=0)
    # Year by year, to the last bit the same however many there are.
    taken_out = (excess * _cost(gram, side, weeks_active)).sum(axis=1)
    for year in range(years):
        cost = _cost(gram - grams[year], side - sides[year], weeks_active - active[year])
        taken_out[year] = (excess[year] * cost).sum()
    return np.asarray(sums - taken_out)


def _cost(gram: F64, side: F64, active: NDArray[np.int64]) -> F64:
    """Return what each control costs by least squares, 0 for one that is active in too few weeks.

    In units in which squares of minutes do not hide the days.
    """
    told = np.concatenate([[True, True], active >= FEWEST])
    gram, side = gram[np.ix_(told, told)], side[told]
    scale = np.sqrt(np.where(np.diag(gram) > 0, np.diag(gram), 1.0))
    scaled = gram / np.outer(scale, scale)
    cost = np.zeros(len(told))
    cost[told] = np.linalg.solve(scaled + RIDGE * np.eye(len(gram)), side / scale) / scale
    return cost[2:]


def _in_order(controls: Iterable[tuple[int, T]]) -> list[T]:
    """Return controls with the common ones first; each comes with a number that is the larger, the rarer it is."""
    return [control for _, control in sorted(controls, key=lambda each: each[0])]


def _by_week(by_day: F64) -> F64:
    """Return sums by week, the last one maybe shorter; from shape (rows, days) to (weeks, rows)."""
    starts = np.arange(0, by_day.shape[1], WEEK)
    return np.asarray(np.add.reduceat(by_day, starts, axis=1).T)


_known: WeakKeyDictionary[Office, tuple[F64, F64]] = WeakKeyDictionary()


def _beforehand(office: Office) -> tuple[F64, F64]:
    """Return what is known before anything is drawn; made once for an office.

    The expected arrivals of each day over those of the average working day, (days,), 0 on closed days; and the expected
    value of each control in a replication, (controls,).
    """
    if office not in _known:
        if not any([*(stage.outages.per_day for stage in office.stages), *(pool.absence for pool in office.pools)]):
            return np.empty(0), np.empty(0)
        weight = _day_weights(office)
        expected: list[tuple[int, float]] = []
        for number, stage in enumerate(office.stages):
            if stage.outages.per_day > 0:
                expected += enumerate(_expected_of_outages(office, number, weight), start=1)
        for pool in office.pools:
            if pool.absence > 0:
                from scipy.stats import binom  # only where it is needed: reading it takes the better part of a second

                least = np.arange(1, min(pool.people, MOST_ABSENT) + 1)
                days = weight.sum() * binom.sf(least - 1, pool.people, pool.absence)
                expected += zip(least.tolist(), days.tolist(), strict=True)
        _known[office] = weight, np.array(_in_order(expected))
    return _known[office]


def _day_weights(office: Office) -> F64:
    days = office.days.horizon
    total = np.zeros(days)
    for population in office.populations:
        arrivals = population.arrivals
        if isinstance(arrivals, ArrivalTimes):
            at = np.minimum((np.asarray(arrivals.times) / DAY).astype(np.int64), days - 1)
            total += np.bincount(at, minlength=days)[:days]
            continue
        shape = arrivals.shape if arrivals.factor is None else arrivals.shape * arrivals.factor
        day = (np.arange(len(shape)) * arrivals.bin_minutes // DAY).astype(np.int64)
        by_day = np.bincount(np.minimum(day, days - 1), shape, minlength=days)[:days]
        total += arrivals.total * by_day / max(float(arrivals.shape.sum()), np.finfo(float).tiny)
    total = total * office.days.counted
    return np.asarray(total / (total.sum() / max(office.days.working_days, 1) or 1.0))


def _pieces(office: Office, stage: int) -> tuple[F64, F64]:
    """Return the opening intervals of a stage within the horizon, parted at midnight."""
    horizon = office.days.horizon * float(DAY)
    begin, end = office.stages[stage].open.intervals(office.days, office.days.horizon)
    begin, end = begin[begin < horizon], np.minimum(end[begin < horizon], horizon)
    if not len(begin):
        return begin, end
    midnights = np.arange(0.0, horizon + DAY, DAY)
    inside = midnights[_within(midnights, begin, end)]
    return np.sort(np.concatenate([begin, inside])), np.sort(np.concatenate([end, inside]))


def _within(moments: F64, begin: F64, end: F64) -> NDArray[np.bool_]:
    """Say of each moment whether it is inside an interval, not at its ends."""
    at = np.searchsorted(begin, moments, side="left") - 1
    return np.asarray((at >= 0) & (moments < end[np.maximum(at, 0)]))


def _expected_of_outages(office: Office, stage: int, weight: F64) -> list[float]:
    """Return the expected sums of the outages' minutes and of their squares.

    An outage begins at any moment of the opening hours alike and lasts an exponential time, or to the end of its
    piece of them: with r minutes left, min(D, r) has the mean m(1 − e^(−r/m)) and the mean square
    2m² − 2m(m + r)e^(−r/m); both are integrated over r.
    """
    outages = office.stages[stage].outages
    begin, end = _pieces(office, stage)
    length, m = end - begin, outages.mean_minutes
    if not len(length):
        return [0.0, 0.0]
    gone = np.exp(-length / m)
    first = m * (length - m * (1 - gone))
    second = 2 * m**2 * (length - m * (1 - gone)) - 2 * m * (m**2 - gone * m * (m + length))
    a_minute = outages.per_day * office.days.played_days / float(length.sum())
    of_day = weight[np.minimum((begin / DAY).astype(np.int64), len(weight) - 1)]
    return [float(a_minute * (of_day * part).sum()) for part in (first, second)]
