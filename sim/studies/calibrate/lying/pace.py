"""Services that take another time while many wait, where a log shows it.

How long a service takes has nothing to do with how many wait as it begins, unless people hurry, or slow down. But
who is fast may be there when many wait, and so may be the kinds of files that take less: so services are held
against those of the same kind, the same hour of the day and, where the log has names, the same person.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from sim.office.hours import DAY
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.demand.working_days import OpenDays
from sim.studies.calibrate.dependence import Dependent, dependents
from sim.studies.calibrate.log.steps import F64, GAVE_UP, I64, STAFFED, Flags, StepLog
from sim.studies.calibrate.lying.rules import PACE, Gain
from sim.studies.calibrate.records import Estimate
from sim.studies.calibrate.scenarios import at, path_of, put
from sim.studies.calibrate.times.service_times import SERVICES

TOLD = 0.95
"""Share of those who were served of whom the log has to tell since when they waited."""
FEWEST, FEWEST_DAYS = 100, 20
"""Services on either side of a number, and days, of which something can be said."""
MOST_GONE = 0.01
"""Share of those at a step who may have given up."""
QUANTILES = np.linspace(0.05, 0.95, 10)
"""Of the numbers that wait as a service begins: those that are tried."""
FINER = 12
"""Numbers about the best of these that are tried then."""
CHANCE = 0.01
"""That a log of people who always work alike shows a pace at one of its steps."""
MATTERS = 1.05
"""Factor from which on another pace matters."""
LEAST, MOST = 0.1, 10.0
"""Factors that a scenario can have."""
INNER = 0.75
"""Share of the days by which a pace is chosen, to say how far it foretells the others."""
RESAMPLED, SEED = 199, 0
"""Logs made of the days of one, for the intervals."""
BY_KIND = "services begun while so many others wait, against others of the same kind and hour"
BY_NAME = f"{BY_KIND} and person"
NUMBER = "the number on both sides of which services differ most"


@dataclass(frozen=True, eq=False)
class PaceFit:
    """The pace at a step while many wait.

    Attributes
    ----------
    step : str
    estimates : tuple of Estimate
        The number and the factor.
    dependence : tuple of Dependent
        Of these and the mean of the other services.
    gain : Gain
        On the last quarter of the days.
    by_name : bool
        Whether people are told apart.
    rows : (n,) int64
        Of the log: services that began while so many waited.
    all_to_others : float
        Mean of all services over that of the others.
    """

    step: str
    estimates: tuple[Estimate, ...]
    dependence: tuple[Dependent, ...]
    gain: Gain
    by_name: bool
    rows: I64
    all_to_others: float

    @property
    def rule(self) -> dict[str, object]:
        """The pace as a scenario has it."""
        number, factor = (each.value for each in self.estimates)
        return {"stage": self.step, "from_waiting": int(number), "factor": factor}

    def at_one_pace(self, scenario: Scenario) -> Scenario:
        """Return a scenario in which all services of the step go at one pace, with the mean of all."""
        data = scenario_as_dict(scenario)
        data["pace"] = [pace for pace in data["pace"] if pace["stage"] != self.step]
        path = path_of(mean_of(self.step))
        put(data, path, self.all_to_others * at(data, path))
        return scenario_from_dict(data, scenario.name)


def mean_of(step: str) -> str:
    """Return the name of the mean service time of a step."""
    path, ends, _ = SERVICES[step]
    return path + ends[0]


def paces_with(scenario: Scenario, found: Sequence[PaceFit], steps: Sequence[str]) -> Mapping[str, object]:
    """Return the paces of a scenario with those that were found at the steps that a log has; nothing if none differ."""
    others = [pace for pace in scenario_as_dict(scenario)["pace"] if pace["stage"] not in steps]
    return {"pace": [*(each.rule for each in found), *others]} if found or len(others) < len(scenario.pace) else {}


def fit_paces(log: StepLog, opened: OpenDays) -> tuple[PaceFit, ...]:
    """Return the paces at which people work while many wait, where the log shows that they are others.

    Parameters
    ----------
    log : StepLog
    opened : OpenDays
        Services on days that do not count are left out; who waited then is not.

    Notes
    -----
    Of some numbers that wait as a service begins it is tried whether services from there on take another time. The
    factor is that of Mantel and Haenszel for person-time, over classes of alike services: kind of case, first review
    or a later one, hour of the day, person. Its error is that of sums by day. A pace is taken if for one of the numbers
    1 is outside the interval of 99 %, of all numbers and steps together (Bonferroni), so that hardly a log without one
    shows one; if it is off by 5 % or more; and if it is to the same side in the first three quarters of the days and in
    the last. Then numbers between are tried as well, and the intervals are those of 199 logs of which each is made of
    days of the log, drawn with replacement, with the number chosen anew; that of the factor has to leave 1 out, too.

    Nothing is looked for where people give up: who is still there when many wait is the more patient, and patience may
    go with how long a service takes.
    """
    services = [each for step in STAFFED if log.has(step) and (each := _Services.of(log, step, opened)) is not None]
    tried = sum(len(each.numbers) for each in services)
    found: list[PaceFit] = []
    for each in services:
        if (pace := each.fit(tried, len(found))) is not None:
            found.append(pace)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Services:
    """The services at a step with how many others waited as each began.

    Attributes
    ----------
    step : str
    rows : (n,) int64
        Of the log.
    minutes, waiting, day, alike : (n,)
        Length [min]; others who waited; day of the log; class of alike services.
    by_name : bool
    numbers : tuple of int
        Tried.
    """

    step: str
    rows: I64
    minutes: F64
    waiting: I64
    day: I64
    alike: I64
    by_name: bool
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, log: StepLog, step: str, opened: OpenDays) -> _Services | None:
        """Return those of a step; None if they, or the numbers that waited, tell too little."""
        if step in log.guessed:
            return None
        rows, waiting = others_waiting(log, step)
        minutes, day = log.ended[rows] - log.started[rows], np.floor(log.started[rows] / DAY).astype(np.int64)
        kept = np.isfinite(minutes) & (minutes >= 0) & (minutes < DAY)
        if opened.counted is not None:
            kept &= opened.counts_on(day)
        gone = log.outcome[log.at(step)] == GAVE_UP
        if gone.sum() > MOST_GONE * len(gone):
            # Who is still there when many wait is the more patient, and may take another time.
            return None
        served = log.at(step) & np.isfinite(log.started) & np.isfinite(log.ended)
        if len(rows) < TOLD * served.sum() or kept.sum() < 2 * FEWEST:
            return None
        rows, waiting, minutes, day = rows[kept], waiting[kept], minutes[kept], day[kept]
        again, here = np.zeros(len(log), np.bool_), np.flatnonzero(log.at(step))
        again[here[1:]] = log.case[here[1:]] == log.case[here[:-1]]
        hour = np.floor(log.started[rows] % DAY / 60)
        names = log.server[rows]
        _, alike = np.unique([log.kind[rows], again[rows], hour, names], axis=1, return_inverse=True)
        tried = np.unique(np.quantile(waiting, QUANTILES, method="higher")).astype(int).tolist()
        numbers = [each for each in tried if each > 0 and FEWEST <= (waiting >= each).sum() <= len(rows) - FEWEST]
        if not numbers or len(np.unique(day)) < FEWEST_DAYS:
            return None
        return cls(step, rows, minutes, waiting, day, alike.astype(np.int64), bool((names >= 0).all()), tuple(numbers))

    def fit(self, tried: int, place: int) -> PaceFit | None:
        """Return the pace, if it is another one, as member `place` of a scenario's list."""
        ones = np.ones(len(self.minutes))
        number = self.best(ones, self.numbers)
        factor, error = self.factor(ones, number), self.error(number)
        reach = float(stdtrit(len(np.unique(self.day)) - 1, 1 - CHANCE / 2 / tried)) * error
        if not (abs(math.log(factor)) > max(reach, math.log(MATTERS)) and LEAST <= factor <= MOST):
            return None
        days = np.unique(self.day)
        before = (self.day < days[int(len(days) * INNER)]).astype(np.float64)
        if not all((self.factor(part, number) > 1) == (factor > 1) for part in (before, 1 - before)):
            return None
        chosen = self.best(before, self.numbers)
        then, later = self.factor(before, chosen), self.factor(1 - before, chosen)
        missed = [max(each, 1 / each) if each > 0 else math.nan for each in (later, later / then)]
        near = self.finer(number)
        number = self.best(ones, near)
        factor = self.factor(ones, number)
        generator = np.random.default_rng(SEED)
        drawn = np.array([self.drawn(generator.integers(0, len(days), len(days)), near) for _ in range(RESAMPLED)])
        drawn = drawn[np.isfinite(drawn).all(axis=1)]
        if len(drawn) <= RESAMPLED / 2:
            return None
        of_number, of_factor = np.quantile(drawn[:, :2], (0.025, 0.975), axis=0).T
        if of_factor[0] <= 1 <= of_factor[1] or not LEAST <= factor <= MOST:
            return None
        names = f"pace[{place}].from_waiting", f"pace[{place}].factor"
        estimates = tuple(
            Estimate(name, value, min(float(low), value), max(float(high), value), len(self.minutes), method)
            for name, value, (low, high), method in zip(
                names, (float(number), float(f"{factor:.6g}")), (of_number, of_factor),
                (NUMBER, BY_NAME if self.by_name else BY_KIND), strict=True,
            )
        )  # fmt: skip
        pairs = dependents((*names, mean_of(self.step)), np.cov(np.log(drawn).T))
        many = self.waiting >= number
        return PaceFit(
            self.step, estimates, tuple(pairs), Gain(self.step, PACE, *missed), self.by_name,
            self.rows[many], float(self.minutes.mean() / self.minutes[~many].mean()),
        )  # fmt: skip

    def finer(self, number: int) -> tuple[int, ...]:
        """Return numbers about one, up to those that were tried beside it or that have services enough."""
        ordered = np.sort(self.waiting)
        low = max((each for each in self.numbers if each < number), default=max(int(ordered[FEWEST - 1]) + 1, 1))
        high = min((each for each in self.numbers if each > number), default=int(ordered[-FEWEST]))
        return tuple(sorted({number, *np.linspace(low, high, FINER).round().astype(int).tolist()}))

    def drawn(self, days: I64, numbers: Sequence[int]) -> tuple[float, float, float]:
        """Return number, factor and mean of the other services in a log made of some of the days."""
        known, place = np.unique(self.day, return_inverse=True)
        weight = np.bincount(days, minlength=len(known))[place].astype(np.float64)
        number = self.best(weight, numbers)
        few = weight * (self.waiting < number)
        return float(number), self.factor(weight, number), float(few @ self.minutes / max(few.sum(), 1))

    def best(self, weight: F64, numbers: Sequence[int]) -> int:
        """Return the number that makes the services most likely, if the times of alike ones are gamma."""
        likelihood = []
        for number in numbers:
            few, many, lower, upper = self._sides(weight, number)
            factor = self.factor(weight, number)
            if not factor > 0:
                likelihood.append(-np.inf)
                continue
            there = (some := lower + upper) * (few + many) > 0
            mean = (few + many / factor)[there] / some[there]
            likelihood.append(-float((some[there] * np.log(mean)).sum() + upper[there].sum() * np.log(factor)))
        return numbers[int(np.argmax(likelihood))]

    def factor(self, weight: F64, number: int) -> float:
        """Return how many times as long services take that begin while so many wait; NaN if nothing is alike."""
        few, many, lower, upper = self._sides(weight, number)
        all_ = np.maximum(lower + upper, 1)
        less = float((few * upper / all_).sum())
        return float((many * lower / all_).sum()) / less if less > 0 else math.nan

    def error(self, number: int) -> float:
        """Return the standard error of the logarithm of the factor, by sums of days."""
        ones = np.ones(len(self.minutes))
        few, many, lower, upper = self._sides(ones, number)
        all_, factor = np.maximum(lower + upper, 1), self.factor(ones, number)
        mean = ((few + many / factor) / all_)[self.alike]
        off = np.where(
            self.waiting >= number,
            (lower / all_)[self.alike] * (self.minutes - factor * mean),
            -factor * (upper / all_)[self.alike] * (self.minutes - mean),
        )
        by_day = np.bincount(self.day - self.day.min(), off)
        return float(np.sqrt((by_day**2).sum()) / (factor * (few * upper / all_).sum()))

    def _sides(self, weight: F64, number: int) -> tuple[F64, F64, F64, F64]:
        """Return minutes and services begun while fewer, and while so many, waited, by class of alike ones."""
        many: Flags = self.waiting >= number
        classes = int(self.alike.max()) + 1
        sides = [
            np.bincount(self.alike[which], of[which], classes).astype(np.float64)
            for of in (weight * self.minutes, weight) for which in (~many, many)
        ]  # fmt: skip
        return sides[0], sides[1], sides[2], sides[3]


def others_waiting(log: StepLog, step: str) -> tuple[I64, I64]:
    """Return the rows at a step of which service began, and how many others waited there then.

    Of those begun at the same moment who waited longest counts as the first, as none of them is told to be. Who was
    never begun and did not give up is not counted: he may be forgotten.
    """
    rows = np.flatnonzero(log.at(step) & np.isfinite(log.queued))
    gone = log.outcome[rows] == GAVE_UP
    left = np.where(np.isfinite(log.started[rows]), log.started[rows], np.where(gone, log.ended[rows], np.nan))
    known = np.isfinite(left)
    rows, left, gone = rows[known], np.maximum(left, log.queued[rows])[known], gone[known]
    order = np.lexsort((log.queued[rows], gone, left))
    rows, left, gone = rows[order], left[order], gone[order]
    waiting = np.searchsorted(np.sort(log.queued[rows]), left, "right") - np.arange(1, len(rows) + 1)
    return rows[~gone], waiting[~gone].astype(np.int64)
