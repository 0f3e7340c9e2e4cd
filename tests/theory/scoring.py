"""How far a simulated answer is from the exact one, in standard errors found from replications."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, poisson, t

F64 = NDArray[np.float64]

FEW = 20
"""Below so many expected occurrences a share is judged as a Poisson count: replications show no spread."""


def ratio(top: F64, bottom: F64) -> F64:
    return top / bottom


def standard_deviation(count: F64, total: F64, squares: F64) -> F64:
    return np.sqrt(np.maximum(squares / count - (total / count) ** 2, 0.0))


def dispersion(count: F64, total: F64, squares: F64) -> F64:
    """Variance over mean."""
    return (squares / count - (total / count) ** 2) * count / (count - 1) / (total / count)


class Answer(NamedTuple):
    """An exact answer beside what was simulated.

    `sums` has a row for each independent unit (a replication, or a day that starts empty), and `of` makes
    the answer from the columns' totals. So a mean wait is pooled: all waits over all arrivals.
    """

    exact: float
    sums: F64
    of: Callable[..., F64] = ratio
    is_share: bool = False


class Score(NamedTuple):
    exact: float
    simulated: float
    error: float
    z: float
    is_rare: bool


def mean(values: F64, exact: float) -> Answer:
    return Answer(exact, np.array([[values.sum(), len(values)]]))


def share(which: NDArray[np.bool_], exact: float) -> Answer:
    return Answer(exact, np.array([[which.sum(), len(which)]], np.float64), is_share=True)


def spread(values: F64, exact: float) -> Answer:
    return Answer(exact, np.array([[len(values), values.sum(), (values**2).sum()]]), standard_deviation)


def per_minute(amount: float, minutes: float, exact: float) -> Answer:
    return Answer(exact, np.array([[amount, minutes]]))


def together(answers: list[Answer]) -> Answer:
    """Return one answer from those of several replications."""
    return answers[0]._replace(sums=np.concatenate([answer.sums for answer in answers]))


def score(answer: Answer) -> Score:
    """Return the standardised difference.

    The standard error is that of the jackknife over the units, which also takes away the ratio's bias. `z` is
    the standard normal value that has the same probability as the difference has under Student's distribution.
    """
    units = len(answer.sums)
    totals = answer.sums.sum(axis=0)
    if answer.is_share:
        expected = totals[1] * min(answer.exact, 1 - answer.exact)
        if expected < FEW:
            return Score(answer.exact, totals[0] / totals[1], float("nan"), _rare_z(answer, expected), True)
    estimate, error = _jackknife(answer)
    if error <= 1e-12 * abs(answer.exact):
        # No chance in it at all: nothing but the exact answer will do.
        return Score(answer.exact, estimate, 0.0, 0.0 if abs(estimate - answer.exact) <= 1e-9 else np.inf, True)
    difference = estimate - answer.exact
    tail = float(t.sf(abs(difference) / error, units - 1))
    return Score(answer.exact, estimate, float(error), float(np.copysign(norm.isf(tail), difference)), False)


def _jackknife(answer: Answer) -> tuple[float, float]:
    """Return estimate and standard error; with a single unit there is nothing to correct, and no error."""
    units = len(answer.sums)
    totals = answer.sums.sum(axis=0)
    if units == 1:
        return float(answer.of(*totals)), float("nan")
    without = answer.of(*(totals - answer.sums).T)
    estimate = units * float(answer.of(*totals)) - (units - 1) * float(without.mean())
    return estimate, float(np.sqrt((units - 1) / units * ((without - without.mean()) ** 2).sum()))


def _rare_z(answer: Answer, expected: float) -> float:
    """Return the standard normal value of a rare count's tail, 0 if it is as likely as not.

    Units are counted, since within a unit such things come in clumps. If a unit is a single trial, their number is
    Poisson; if not, there are rather fewer of them, and only too many speak against the answer.
    """
    top, bottom = answer.sums.T
    seen = np.count_nonzero(top if answer.exact < 0.5 else bottom - top)
    above, below = float(poisson.sf(seen - 1, expected)), float(poisson.cdf(seen, expected))
    if above < 0.5:
        return float(norm.isf(above))
    return float(norm.ppf(below)) if below < 0.5 and (bottom == 1).all() else 0.0


def mean_interval(values: F64, confidence: float) -> tuple[float, float, float]:
    """Return the mean of independent values with Student's interval, for one look at a number fixed beforehand."""
    half = t.ppf(0.5 + confidence / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)
