"""Plausible offices: all assumptions drawn from their ranges at once, each office with a verdict of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, qmc

from sim.analysis.judge import Rule, Verdict
from sim.evidence.assumptions.dimensions import Assumption, scenario_at
from sim.evidence.assumptions.flips import judged
from sim.evidence.assumptions.outcomes import Work
from sim.experiment.verdicts import Outcome
from sim.office.parameters import Scenario
from sim.replicate.gather import Progress

F64 = NDArray[np.float64]
CONFIDENCE = 0.95
FEWEST = 8
"""Offices of a kind below which their mean says little, and its standard error less."""


@dataclass(frozen=True)
class Separation:
    """How the offices in which the target holds differ from those in which it fails, in one assumption.

    Attributes
    ----------
    assumption : Assumption
    holds, fails : float
        Mean value.
    difference, error : float
        Of the first from the second in standard deviations of the whole range, and its standard error.
    """

    assumption: Assumption
    holds: float
    fails: float
    difference: float
    error: float


@dataclass(frozen=True)
class PlausibleOffices:
    """Offices drawn from all ranges.

    Attributes
    ----------
    parts : (n, assumptions) float64
        How far up its range each value is.
    outcomes : tuple of Outcome
        Each judged by itself.
    rule : Rule
    """

    parts: F64
    outcomes: tuple[Outcome, ...]
    rule: Rule

    def number(self, *verdicts: Verdict) -> int:
        """Return how many offices have one of some verdicts."""
        return sum(outcome.verdict in verdicts for outcome in self.outcomes)

    def share(self, *verdicts: Verdict) -> tuple[float, float, float]:
        """Return the share of offices with one of some verdicts, with its Clopper-Pearson interval.

        Notes
        -----
        Source: Clopper and Pearson (1934), The use of confidence or fiducial limits.
        """
        number, all_of_them = self.number(*verdicts), len(self.outcomes)
        ends = binomtest(number, all_of_them).proportion_ci(CONFIDENCE, method="exact")
        return number / all_of_them, float(ends.low), float(ends.high)


def plausible_offices(
    scenario: Scenario,
    assumptions: Sequence[Assumption],
    number: int,
    rule: Rule,
    work: Work,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> PlausibleOffices:
    """Draw offices from all ranges, evenly and independently, and judge each.

    Parameters
    ----------
    scenario : Scenario
    assumptions : sequence of Assumption
    number : int
        Of offices.
    rule : Rule
        For one test: each verdict is as sure as one that is asked for alone.
    work : Work
    watch : callable

    Notes
    -----
    A Latin hypercube: of each range, every n-th part is hit once. Source: McKay, Beckman and Conover (1979), A
    comparison of three methods for selecting values of input variables.
    """
    luck = np.random.default_rng([work.seed, number])
    parts = qmc.LatinHypercube(len(assumptions), seed=luck).random(number)
    offices = [scenario_at(scenario, assumptions, row) for row in parts]
    return PlausibleOffices(parts, tuple(judged(offices, rule, work, watch)), rule)


def separations(found: PlausibleOffices, assumptions: Sequence[Assumption]) -> list[Separation]:
    """Return how HOLDS differs from FAILS in each assumption, the largest difference first; none of too few."""
    verdicts = np.array([outcome.verdict for outcome in found.outcomes])
    groups = [found.parts[verdicts == verdict] for verdict in (Verdict.HOLDS, Verdict.FAILS)]
    if min(map(len, groups)) < FEWEST:
        return []
    spread = found.parts.std(axis=0, ddof=1)
    means = [group.mean(axis=0) for group in groups]
    difference = (means[0] - means[1]) / spread
    error = np.sqrt(sum(group.var(axis=0, ddof=1) / len(group) for group in groups)) / spread
    rows = [
        Separation(
            assumption, assumption.low + (assumption.high - assumption.low) * float(means[0][number]),
            assumption.low + (assumption.high - assumption.low) * float(means[1][number]),
            float(difference[number]), float(error[number]),
        )
        for number, assumption in enumerate(assumptions)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -abs(row.difference))
