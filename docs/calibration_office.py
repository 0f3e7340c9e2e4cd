"""How often the verdict is wrong on a real office: the part of `calibration.py` that simulates."""

from __future__ import annotations

import copy
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from sim.draws.draw import draw
from sim.engines.play import play
from sim.files import replaced_file
from sim.measures.judge import Rule, Verdict, judge_scores, margin_of
from sim.measures.kpis import Kpis, measure
from sim.office.blocks import Office, Target
from sim.office.registration import registration_office
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict

F64 = NDArray[np.float64]
Note = Callable[[str], None]

ROOT = Path(__file__).resolve().parents[1]
BANKS = ROOT / "results" / "calibration"
PERIODS = {"month": ("2023-03-01", "2023-03-31"), "year": (None, None)}
PROMISED = 5.0
SHARE = 0.9
PILOT_SEED, PILOT = 1, {"month": 1000, "year": 100}
BANK_SEED, CHUNK = 2, {"month": 5000, "year": 500}
AT_ONCE = 100
NEAREST = 20
"""The breaking demand is sought to so many registrations a year."""
OFFSETS = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""True figure minus promise, in margins; positive = worse than promised."""
RULES = (Rule(), Rule(smallest=10), Rule(smallest=30), Rule(tests=40))


@dataclass(frozen=True)
class Bank:
    """Replications of one office.

    Attributes
    ----------
    registrations : int
        A year.
    minutes : float
        Up to which a case is within, for the share.
    scores : (n, 3) float64
        Sum of the licence times [min], cases within the minutes, cases.
    """

    registrations: int
    minutes: float
    scores: F64


@dataclass(frozen=True)
class Line:
    """Verdicts on one target, each from replications of its own.

    Attributes
    ----------
    target : Target
    rule : Rule
    offset : float
        True figure minus promise in margins, positive = worse.
    verdicts : dict of Verdict to int
    misses : int
        Intervals at the verdict that leave out the truth.
    replications : (trials,) int64
        That each took.
    """

    target: Target
    rule: Rule
    offset: float
    verdicts: dict[Verdict, int]
    misses: int
    replications: NDArray[np.int64]

    @property
    def trials(self) -> int:
        """Number of verdicts."""
        return len(self.replications)

    @property
    def wrong(self) -> int:
        """Verdicts that the truth contradicts; at the promise itself HOLDS and FAILS, as if from either side of it."""
        wrong = self.verdicts[Verdict.HOLDS] * (self.offset >= 0) + self.verdicts[Verdict.FAILS] * (self.offset <= 0)
        return wrong + self.verdicts[Verdict.TOO_CLOSE] * (abs(self.offset) >= 1)


def office_of(period: str, registrations: int) -> Office:
    """Return the office without leave with another period and demand."""
    data = copy.deepcopy(_office())
    first, last = PERIODS[period]
    data["period"] = {"first": first, "last": last}
    data["demand"]["registrations_per_year"] = registrations
    return registration_office(scenario_from_dict(data))


def _office() -> dict[str, Any]:
    return scenario_as_dict(load_scenario_file(ROOT / "scenarios" / "no-absence.yaml"))


def _replicate(office: Office, seed: int, number: int) -> Kpis:
    journeys = draw(office, seed, number)
    return measure(office, journeys, play(office, journeys))


def bank_of(period: str, registrations: int, minutes: float, seed: int, wanted: int) -> Bank:
    """Return at least `wanted` replications; those made before are kept in results/calibration.

    What was kept is thrown away if its first or its last replication comes out differently now.
    """
    office = office_of(period, registrations)
    office = replace(office, target=Target(minutes, "share", SHARE))
    described = json.dumps([_office(), PERIODS[period], registrations, minutes, seed], sort_keys=True, default=str)
    file = BANKS / f"{period}-{registrations}-{hashlib.sha256(described.encode()).hexdigest()[:12]}.npy"

    def one(number: int) -> tuple[float, float, float]:
        kpis = _replicate(office, seed, number)
        return kpis["licence mean"] * kpis.scores, kpis.score_sum, kpis.scores

    scores = np.load(file) if file.exists() else np.empty((0, 3))
    for number in {0, len(scores) - 1} if len(scores) else ():
        if tuple(scores[number]) != one(number):
            scores = np.empty((0, 3))
            break
    while len(scores) < wanted:
        end = min(len(scores) + CHUNK[period], max(wanted, AT_ONCE))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            more = list(pool.map(one, range(len(scores), end)))
        scores = np.concatenate([scores, np.array(more)])
        with replaced_file(file) as new:
            np.save(new, scores)
    return Bank(registrations, minutes, scores)


def breaking_demand(period: str, mean: float) -> int:
    """Return the registrations a year at which the mean licence time is `mean`, as well as a pilot can tell."""

    def beyond(registrations: float) -> float:
        scores = bank_of(period, round(registrations), PROMISED, PILOT_SEED, PILOT[period]).scores
        return float(scores[:, 0].sum() / scores[:, 2].sum()) - mean

    return round(brentq(beyond, 25_000, 45_000, xtol=NEAREST))


def ninetieth_percentile(period: str, registrations: int) -> float:
    """Return the minutes within which 9 cases in 10 have their licence, to half a minute."""
    office = office_of(period, registrations)
    return float(np.round(2 * np.mean([_replicate(office, PILOT_SEED, r)["licence P90"] for r in range(AT_ONCE)])) / 2)


def truth_of(bank: Bank, statistic: str) -> tuple[float, float]:
    """Return the figure over all replications of the bank, and its standard error."""
    sums, counts = bank.scores[:, 0 if statistic == "mean" else 1], bank.scores[:, 2]
    truth = sums.sum() / counts.sum()
    return float(truth), float(np.std(sums - truth * counts) / counts.mean() / np.sqrt(len(sums)))


def shape_of(bank: Bank, statistic: str) -> tuple[float, float, float]:
    """Return standard deviation, skewness and excess kurtosis of a replication's figure, worse = greater."""
    sign = 1 if statistic == "mean" else -1
    x = sign * bank.scores[:, 0 if statistic == "mean" else 1] / bank.scores[:, 2]
    z = (x - x.mean()) / x.std()
    return float(x.std()), float((z**3).mean()), float((z**4).mean() - 3)


def target_at(bank: Bank, statistic: str, offset: float) -> Target:
    """Return the target from which the truth is so many margins away."""
    truth, _ = truth_of(bank, statistic)
    if statistic == "mean":
        return Target(truth / (1 + offset * margin_of(Target(1.0))))
    return Target(bank.minutes, "share", truth + offset * margin_of(Target(statistic="share")))


def judge_all(bank: Bank, target: Target, rule: Rule, offset: float) -> Line:
    """Judge trial after trial, each from the replications that follow those of the one before."""
    sums, counts = bank.scores[:, 0 if target.statistic == "mean" else 1], bank.scores[:, 2]
    truth, _ = truth_of(bank, target.statistic)
    verdicts, misses, replications = dict.fromkeys(Verdict, 0), 0, []
    for judgement in _trials(sums, counts, target, rule):
        verdicts[judgement.verdict] += 1
        misses += not judgement.low <= truth <= judgement.high
        replications.append(judgement.replications)
    return Line(target, rule, offset, verdicts, misses, np.array(replications, np.int64))


def _trials(sums: F64, counts: F64, target: Target, rule: Rule) -> Iterator[Any]:
    at = 0
    while at < len(sums):
        part = slice(at, at + rule.largest)
        judgement = judge_scores(target, sums[part], counts[part], rule)
        if not judgement.final:
            return
        yield judgement
        at += judgement.replications


def bank_for(period: str, registrations: int, minutes: float, trials: int, promised: float | None, note: Note) -> Bank:
    """Return a bank that is enough for so many trials of the first rule.

    `promised` : minutes of the target, None = the bank's own mean.
    """
    wanted = 2 * CHUNK[period]
    while True:
        bank = bank_of(period, registrations, minutes, BANK_SEED, wanted)
        target = Target(promised) if promised else target_at(bank, "mean", 0.0)
        done = judge_all(bank, target, RULES[0], 0.0).trials
        note(f"{period}, {registrations:,} registrations: {done} of {trials} trials with {len(bank.scores):,}")
        if done >= trials:
            return bank
        wanted = len(bank.scores) + 2 * CHUNK[period]
