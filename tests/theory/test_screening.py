"""How often the comparison of plans is wrong: the selection of the best, and the findings of a family."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.measures.comparing import Comparison, Finding, against_first, all_pairs
from sim.measures.screening import Screening, screen
from sim.office.blocks import Target

F64 = NDArray[np.float64]

MEAN = Target()
MARGIN = 0.05
ERROR = 0.05

WRONG = (Finding.BETTER, Finding.WORSE)


def figures(rng: np.random.Generator, means: F64, spread: float, common: float, n: int) -> F64:
    """Return normal figures, (plans, n) [min]; `common` is their correlation between plans."""
    own = rng.standard_normal((len(means), n))
    generator = rng.standard_normal(n)
    return np.asarray(means[:, None] + spread * (math.sqrt(common) * generator + math.sqrt(1 - common) * own))


def standard_error(share: float, trials: int) -> float:
    return math.sqrt(share * (1 - share) / trials)


def slippage(plans: int) -> F64:
    """Return means of which the last is the best, by just the margin: the hardest case for the selection."""
    return np.append(np.full(plans - 1, 5.0), 5.0 - MARGIN)


SETTINGS = [
    # plans, standard deviation of a figure, correlation, first stage
    (2, 0.10, 0.0, 20),
    (5, 0.10, 0.0, 20),
    (5, 0.15, 0.6, 20),
    (5, 0.15, 0.6, 5),
    (10, 0.10, 0.5, 10),
]


@pytest.mark.parametrize(("plans", "spread", "common", "first_stage"), SETTINGS)
def test_the_best_is_selected_as_often_as_promised(plans: int, spread: float, common: float, first_stage: int) -> None:
    trials = 1500
    rng = np.random.default_rng(plans * 1000 + first_stage)
    found: list[Screening] = []
    for _ in range(trials):
        found.append(screen(MEAN, list(figures(rng, slippage(plans), spread, common, 600)), ERROR, first_stage, MARGIN))
    assert all(s.final for s in found)
    right = sum(s.best == plans - 1 for s in found) / trials
    assert right >= 1 - ERROR - 4 * standard_error(ERROR, trials)


def test_the_best_of_the_first_stage_alone_is_wrong_too_often() -> None:
    """So the test above is one that a worse procedure fails."""
    trials = 1500
    plans, spread, common, first_stage = SETTINGS[1]
    rng = np.random.default_rng(1)
    right = sum(
        int(np.argmin(figures(rng, slippage(plans), spread, common, first_stage).mean(axis=1))) == plans - 1
        for _ in range(trials)
    )
    assert right / trials < 1 - ERROR - 4 * standard_error(ERROR, trials)


def test_common_luck_saves_replications() -> None:
    rng = np.random.default_rng(2)
    looks = [
        np.mean(
            [
                screen(MEAN, list(figures(rng, slippage(4), 0.2, common, 1500)), ERROR, 20, MARGIN).replications
                for _ in range(200)
            ]
        )
        for common in (0.0, 0.8)
    ]
    # Variances of differences are five times as large without it; 20 replications are needed in any case.
    assert looks[0] > 2.5 * looks[1]


def wrong_findings(comparisons: list[Comparison]) -> bool:
    return any(c.finding in WRONG for c in comparisons)


@pytest.mark.parametrize(("plans", "common"), [(2, 0.0), (4, 0.0), (4, 0.7)])
def test_findings_against_the_first_are_false_no_more_often_than_promised(plans: int, common: float) -> None:
    trials = 1000
    rng = np.random.default_rng(plans)
    equal = np.full(plans, 5.0)
    false = sum(
        # So wide that nothing ends early within the margin.
        wrong_findings(against_first(MEAN, list(figures(rng, equal, 2.0, common, 500)), ERROR, 500))
        for _ in range(trials)
    )
    assert false / trials <= ERROR + 4 * standard_error(ERROR, trials)


def test_findings_among_all_pairs_are_false_no_more_often_than_promised() -> None:
    trials = 400
    rng = np.random.default_rng(9)
    false = sum(
        wrong_findings(all_pairs(MEAN, list(figures(rng, np.full(4, 5.0), 2.0, 0.5, 300)), ERROR, 300))
        for _ in range(trials)
    )
    assert false / trials <= ERROR + 4 * standard_error(ERROR, trials)


def test_an_ordinary_interval_looked_at_again_and_again_is_wrong_too_often() -> None:
    """So the tests above are ones that a worse procedure fails."""
    trials, n, plans = 1000, 500, 4
    rng = np.random.default_rng(3)
    looks = np.arange(20, n + 1)
    factor = stdtrit(looks - 1, 1 - ERROR / 2 / (plans - 1)) / np.sqrt(looks - 1)
    false = 0
    for _ in range(trials):
        of_plan = figures(rng, np.full(plans, 5.0), 2.0, 0.0, n)
        differences = of_plan[1:] - of_plan[0]
        mean = (np.cumsum(differences, axis=1) / np.arange(1, n + 1))[:, 19:]
        square = (np.cumsum(differences**2, axis=1) / np.arange(1, n + 1))[:, 19:]
        false += bool((np.abs(mean) > factor * np.sqrt(square - mean**2)).any())
    assert false / trials > ERROR + 4 * standard_error(ERROR, trials)


def test_true_differences_are_found_with_the_right_sign() -> None:
    trials = 200
    rng = np.random.default_rng(5)
    means = np.array([5.0, 5.1, 4.9])
    found = [against_first(MEAN, list(figures(rng, means, 0.3, 0.7, 400)), ERROR, 400) for _ in range(trials)]
    wrong = sum(a.finding is Finding.BETTER or b.finding is Finding.WORSE for a, b in found)
    right = sum(a.finding is Finding.WORSE and b.finding is Finding.BETTER for a, b in found)
    assert wrong / trials <= ERROR / 2 + 4 * standard_error(ERROR / 2, trials)
    assert right / trials > 0.95
    # The interval that is shown holds the true difference as often as it says, for all of the family at once.
    missed = sum(any(not c.low <= means[c.plan] - means[0] <= c.high for c in comparisons) for comparisons in found)
    assert missed / trials <= ERROR + 4 * standard_error(ERROR, trials)
