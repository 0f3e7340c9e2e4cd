"""How often applications are sent back for correction, from a log: by class and by how they were prepared."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.office.hours import DAY
from sim.office.parameters import Scenario
from sim.studies.calibrate.dependence import Dependent, dependents
from sim.studies.calibrate.intervals import on_log, wilson
from sim.studies.calibrate.log.steps import F64, KINDS, RETURNED, UNKNOWN, UNTOLD, StepLog
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.ways.cases import HOWS, Cases

TRIES = 3
"""Calls for one question, and reviews of one application, that chance decides about."""
MOST_LIKELY_RETURN = 0.95
ENOUGH = 100
"""Reviews from which it says something that none of them sent back."""
YOUNG = 7.0
"""Days before the end of a log in which it may not show yet that a case was sent back; four times as many are enough
to leave them out."""


def return_rates(log: StepLog, parent: Scenario, cases: Cases, contacts: tuple[float, float]) -> list[Estimate]:
    """Return the rates at which applications are sent back, and the share that machines approve.

    Parameters
    ----------
    log : StepLog
    parent : Scenario
    cases : Cases
        Of the log.
    contacts : (float, float)
        The earliest and the latest first contact [min].

    Notes
    -----
    Each of the first three decisions on an application sends it back with one and the same probability, that of the
    class times that of how it was prepared. Machines approve only what would not be sent back, so an automatic approval
    is a first decision that did not send back. The probabilities are fitted by maximum likelihood in the binomial model
    with logarithmic link (Wacholder 1986), the intervals are those of the information matrix.
    """
    tally = _tallied(log, cases, contacts)
    if tally is None:
        return []
    trials, successes, automatic, firsts, approved = tally
    found: list[Estimate] = []
    if automatic.any() and approved.any():
        # Where machines approve all that needs no correction, there would be more of it for them.
        room = approved > 0
        interval = wilson(float(automatic[room].sum()), n := float(firsts[room].sum()))
        found.append(Estimate("review.auto_approved_share", *interval, int(n), "share, Wilson", "share"))
    if not successes.any():
        return found + (_never_returned(trials, parent) if log.numbered else [])
    return found + _fitted_returns(trials, successes, parent)


class _Model(NamedTuple):
    """Rates of some classes and factors of some ways, and the covariance of their logarithms in this order."""

    kinds: list[int]
    hows: list[int]
    fixed: dict[int, float]
    method: str
    beta: F64
    covariance: F64
    trials: float

    @property
    def names(self) -> list[str]:
        """What a scenario calls them; of who is no class the rate."""
        kinds = [f"factors.{KINDS[kind]}" if kind < len(KINDS) else "rate" for kind in self.kinds]
        return [f"review.return_{name}" for name in (*kinds, *(f"factors.{HOWS[how]}" for how in self.hows))]


def return_dependence(log: StepLog, parent: Scenario, cases: Cases, contacts: tuple[float, float]) -> list[Dependent]:
    """Return how those estimates of `return_rates` depend on each other that a scenario has."""
    tally = _tallied(log, cases, contacts)
    model = None if tally is None else _model(tally[0], tally[1], parent)
    return [] if model is None else dependents(model.names, model.covariance)


def _tallied(log: StepLog, cases: Cases, contacts: tuple[float, float]) -> list[F64] | None:
    """Return reviews that tell, returns, automatic approvals, first decisions and approvals at once, (kind, way)."""
    rows = np.flatnonzero(log.at("review", "automatic"))
    if not len(rows):
        return None
    fresh = np.append(True, log.case[rows[1:]] != log.case[rows[:-1]])
    place = np.arange(len(rows)) - np.maximum.accumulate(np.where(fresh, np.arange(len(rows)), 0))
    kind = np.where(cases.kind == UNKNOWN, len(KINDS), cases.kind).astype(np.int64)
    cell = (kind * len(HOWS) + cases.how)[log.case[rows]]
    moment = np.fmax(np.fmax(log.queued, log.started), log.ended)[rows]
    returned, (begin, end) = log.outcome[rows] == RETURNED, contacts
    # What lies or is at work as the log ends has not been decided.
    ended = np.isfinite(log.ended[rows])
    used = (place < TRIES) & ((log.outcome[rows] != UNTOLD) | ended | ~ended.any())
    if not returned[np.append(fresh[1:], True)].any() and end - begin >= 4 * YOUNG * DAY:
        # Nobody was sent back who did not come again: that is how the log tells, so it does not tell of the latest.
        used &= moment < end - YOUNG * DAY
    shape = (len(KINDS) + 1, len(HOWS))
    return [
        np.bincount(cell[which], minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
        for which in (used, used & returned, fresh & log.at("automatic")[rows], fresh, fresh & used & ~returned
                      & log.at("review")[rows])
    ]  # fmt: skip


def _model(trials: F64, returned: F64, parent: Scenario) -> _Model | None:
    """Fit rates and factors; None if the log does not tell them apart.

    Notes
    -----
    Where the log has nobody who filed alone, as that of a hall, rates and factors cannot be told apart: the factor of
    the commonest way is held at the parent's. Where it does not tell how an application was prepared, its rate is that
    of all ways together, and each counts with the parent's mean factor of the ways.
    """
    method, review = "log-linear binomial, ML", parent.review
    own = np.array([1.0] + [getattr(review.return_factors, how) for how in HOWS[1:]])
    hows = [how for how in range(1, len(HOWS)) if returned[:, how].any()]
    kinds = [kind for kind in range(len(trials)) if returned[kind, [0, *hows]].any()]
    cells = [(kind, how) for kind in kinds for how in (0, *hows) if trials[kind, how] > 0]
    if not cells:
        return None
    fixed = {0: 1.0}
    if not trials[:, 1:].any():
        fixed[0], method = _mean_way_factor(parent), f"{method}; ways not told: the parent's mean factor"
    elif not trials[:, 0].any():
        held = max(hows, key=lambda how: float(trials[:, how].sum()))
        fixed[held], method = float(own[held]), f"{method}; factor of {HOWS[held]} held at the parent's"
        hows.remove(held)
    design = np.array([[kind == k for k in kinds] + [how == h for h in hows] for kind, how in cells], np.float64)
    if min(fixed.values()) <= 0 or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    n, y = (np.array([of[cell] for cell in cells]) for of in (trials, returned))
    offset = np.array([math.log(fixed.get(how, 1.0)) for _, how in cells])
    return _Model(kinds, hows, fixed, method, *log_binomial(design, n, y, offset), float(n.sum()))


def _fitted_returns(trials: F64, returned: F64, parent: Scenario) -> list[Estimate]:
    """Return the rate of each class filed alone, the factors of the other ways, and both as a scenario writes them."""
    model = _model(trials, returned, parent)
    if model is None:
        return []
    kinds, hows, fixed, method, beta, covariance, n = model
    error = np.sqrt(np.diag(covariance))
    own_rate = parent.review.return_rate
    found: list[Estimate] = []
    for place, kind in enumerate(kinds):
        name = f"review.return_rate[{KINDS[kind]}]" if kind < len(KINDS) else "review.return_rate[all]"
        rate, low, high = on_log(math.exp(beta[place]), error[place])
        # The parent's factors of the ways, where the log does not tell these, may not be those of its office.
        if rate <= 1:
            found.append(Estimate(name, rate, low, min(high, 1.0), int(trials[kind].sum()), method, "share"))
    for place, how in enumerate(hows, len(kinds)):
        factor = on_log(math.exp(beta[place]), error[place])
        n_how = int(trials[:, how].sum())
        found.append(Estimate(f"review.return_factors.{HOWS[how]}", *factor, n_how, method))
    for how in set(range(1, len(HOWS))) - {*hows, *fixed}:
        found += _of_none(f"review.return_factors.{HOWS[how]}", trials[kinds, how], np.exp(beta[: len(kinds)]))
    # A scenario writes the products as one rate and a factor for each class. The rate is a matter of scale: with the
    # parent's own the factors can be held against its factors.
    classes = [(place, kind) for place, kind in enumerate(kinds) if kind < len(KINDS)]
    alone, naive = float(trials[kinds, 0].sum()), float(returned.sum()) / float(trials[kinds].sum())
    if not classes:
        mean = _mean_class_factor(parent)
        value, low, high = (end / mean for end in on_log(math.exp(beta[0]), error[0]))
        note = f"{method}; classes not told: the parent's mean factor" if mean != 1 else method
        number = int(trials[kinds].sum())
        return [*found, Estimate("review.return_rate", value, low, high, number, note, "share", naive)]
    scale = own_rate if own_rate > 0 else naive
    if alone and fixed[0] == 1.0:
        overall, whose = wilson(float(returned[kinds, 0].sum()), alone), "share of who filed alone"
        found.append(Estimate("review.return_rate[alone]", *overall, int(alone), whose, "share", naive))
    if own_rate == 0:
        found.append(Estimate("review.return_rate", *wilson(naive * n, n), int(n), "share", "share"))
    for place, kind in classes:
        factor = on_log(math.exp(beta[place]) / scale, error[place])
        name, n_kind = f"review.return_factors.{KINDS[kind]}", int(trials[kind].sum())
        found.append(Estimate(name, *factor, n_kind, f"{method}, over a rate of {scale:g}"))
    ways = np.array([1.0] + [getattr(parent.review.return_factors, how) for how in HOWS[1:]])
    ways[list(fixed)] = list(fixed.values())
    ways[hows] = np.exp(beta[len(kinds) :])
    for kind in set(range(len(KINDS))) - set(kinds):
        found += _of_none(f"review.return_factors.{KINDS[kind]}", trials[kind], ways * scale)
    return found


def _of_none(name: str, trials: F64, factors: F64, most: float = math.inf) -> list[Estimate]:
    """Return what reviews of which none sent back tell of a rate, or of a factor: 0, and how much it may be.

    Parameters
    ----------
    name : str
    trials : (cells,) float64
        Too few say nothing.
    factors : (cells,) float64
        What their probability has besides.
    most : float
        That it can be.
    """
    n, weight = float(trials.sum()), float((trials * factors).sum())
    if n < ENOUGH or weight <= 0:
        return []
    unit = "share" if most < math.inf else ""
    return [Estimate(name, 0.0, 0.0, min(wilson(0, n)[2] * n / weight, most), int(n), "none sent back, Wilson", unit)]


def _never_returned(trials: F64, parent: Scenario) -> list[Estimate]:
    """Return the rate where nobody was sent back; its upper end with the parent's factors."""
    own = parent.review.return_factors
    ways = np.array([1.0] + [getattr(own, how) for how in HOWS[1:]])
    if not trials[:, 1:].any():
        ways[0] = _mean_way_factor(parent)
    classes = np.array([getattr(own, kind, 1.0) for kind in KINDS] + [_mean_class_factor(parent)])
    return _of_none("review.return_rate", trials.ravel(), np.outer(classes, ways).ravel(), MOST_LIKELY_RETURN)


def _mean_class_factor(parent: Scenario) -> float:
    """Return the mean return factor of the classes in the parent's mix of applications."""
    demand, factors = parent.demand, parent.review.return_factors
    enterprises = (1 - demand.key_share) * factors.enterprise + demand.key_share * factors.key
    new = demand.enterprise_share * enterprises + (1 - demand.enterprise_share) * factors.individual
    other = demand.other_business_per_registration
    return (new + other * factors.other) / (1 + other)


def _mean_way_factor(parent: Scenario) -> float:
    """Return the mean return factor of the ways of filing in the parent, as if all who sought advice got it."""
    filing, factors = parent.filing, parent.review.return_factors
    studio = filing.studio_share / (1 + parent.demand.other_business_per_registration)
    helped = (1 - studio) * factors.assisted + studio * factors.studio
    return 1 - filing.assisted_share + filing.assisted_share * helped


def log_binomial(design: F64, n: F64, y: F64, offset: F64) -> tuple[F64, F64]:
    """Fit a binomial model with logarithmic link and return its coefficients with their covariance.

    Parameters
    ----------
    design : (cells, coefficients) float64
    n, y : (cells,) float64
        Trials and successes.
    offset : (cells,) float64
        What is known of the logarithm of the probabilities besides.

    Notes
    -----
    Fisher scoring as iteratively reweighted least squares; probabilities are held to at most 0.95, as in the model.
    """
    most = math.log(MOST_LIKELY_RETURN)
    beta = np.linalg.lstsq(design, math.log(y.sum() / n.sum()) - offset, rcond=None)[0]
    information = np.eye(design.shape[1])
    for _ in range(100):
        eta = np.minimum(design @ beta + offset, most)
        p = np.exp(eta)
        weight = n * p / (1 - p)
        information = design.T @ (weight[:, None] * design)
        step = np.linalg.solve(information, design.T @ (weight * (y / n / p - 1)))
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(beta), np.asarray(np.linalg.inv(information))
