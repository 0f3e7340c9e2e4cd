"""How often the verdict is wrong, by Monte Carlo: at the boundary, looking after every replication."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from sim.measures.early import beyond_doubt, boundary_of, finding
from sim.measures.judge import Rule
from sim.measures.sequential import (
    LOOKS_PER_SQUARED_SKEWNESS,
    Boundary,
    Side,
    bounds,
    first_finding,
    prefix_moments,
)

ERROR = 0.025
BOUNDARY = Boundary(20, ERROR)
TRIALS, LOOKS, CHUNK = 5000, 600, 1000
FEWER = 1500

FAMILIES = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "exponential": lambda rng, shape: rng.standard_exponential(shape) - 1,
    "negative exponential": lambda rng, shape: 1 - rng.standard_exponential(shape),
}


def at_most(share: float, trials: int) -> float:
    """Return the most of `trials` that may be wrong: `share` and 4 standard errors of it."""
    return share + 4 * np.sqrt(share * (1 - share) / trials)


@pytest.fixture(scope="module", params=list(FAMILIES))
def found(request):
    """Return for each trial of mean 0: ever found below, ever above, and ever either by a repeated t interval."""
    rng = np.random.default_rng(20240201)
    n = np.arange(1, LOOKS + 1)
    looked = n >= BOUNDARY.smallest
    quantile = np.append(np.nan, t.ppf(1 - ERROR, n[1:] - 1) / np.sqrt(n[1:] - 1))
    parts = []
    for _ in range(TRIALS // CHUNK):
        mean, spread, skewness = prefix_moments(FAMILIES[request.param](rng, (CHUNK, LOOKS)))
        low, high = bounds(n, mean, spread, skewness, BOUNDARY)
        ready = looked & (n >= LOOKS_PER_SQUARED_SKEWNESS * skewness**2)
        by_t = np.abs(mean) > quantile * spread
        parts.append([((high <= 0) & ready).any(1), ((low > 0) & ready).any(1), (by_t & looked).any(1)])
    return np.concatenate(parts, axis=1)


def test_a_verdict_is_wrong_no_more_often_than_it_says(found):
    below, above, _ = found
    assert below.mean() <= at_most(ERROR, TRIALS)
    assert above.mean() <= at_most(ERROR, TRIALS)


def test_the_interval_covers_at_all_looks_together(found):
    below, above, _ = found
    assert (below | above).mean() <= at_most(2 * ERROR, TRIALS)


@pytest.mark.parametrize("found", ["normal"], indirect=True)
def test_the_bound_for_normal_values_is_not_wider_than_it_must_be(found):
    below, above, _ = found
    # Some errors come after the last look of the trials, and what is widened for skewness saves a few.
    assert below.mean() + above.mean() > 0.5 * 2 * ERROR


def test_a_repeated_t_interval_would_not_pass(found):
    _, _, by_t = found
    assert by_t.mean() > 4 * at_most(2 * ERROR, TRIALS)


@pytest.mark.parametrize(("away", "replications"), [(0.25, 152), (-0.25, 152), (0.5, 42), (1.0, 21)])
def test_how_many_replications_a_verdict_takes(away, replications):
    rng = np.random.default_rng(20240201)
    looks = np.array([first_finding(x, 0.1, BOUNDARY)[1] for x in rng.normal(away, 1, (FEWER, LOOKS))])
    assert looks.mean() == pytest.approx(replications, abs=0.5 + 4 * looks.std() / np.sqrt(FEWER))


@pytest.mark.parametrize("family", ["normal", "exponential"])
@pytest.mark.parametrize("together", [0.0, 0.4])
def test_early_looks_are_wrong_no_more_often_than_their_part_of_the_error(family, together):
    late, parts, trials = Rule(early=True).boundary, 13, 4000
    boundary = boundary_of(late, parts)
    rng = np.random.default_rng(7)
    wrong = dict.fromkeys(Side, 0)
    last = late.smallest - 1
    for _ in range(trials):
        x = FAMILIES[family](rng, (last, parts))
        # Of what neighbours share, the next one has a part, too.
        for place in range(1, parts):
            x[:, place] = together * x[:, place - 1] + np.sqrt(1 - together**2) * x[:, place]
        wrong[finding(x, np.zeros(last), boundary, False)[0]] += 1
    for side in (Side.ABOVE, Side.BELOW):
        assert wrong[side] <= trials * at_most(boundary.error, trials)


@pytest.mark.parametrize(
    "years",
    [
        lambda rng, shape: rng.standard_exponential(shape),
        lambda rng, shape: np.exp(2 * rng.standard_normal(shape) - 2),
        lambda rng, shape: 20.0 * (rng.random(shape) < 1 / 20),
        lambda rng, shape: np.where(rng.random(shape) < 1 / 50, 25.5, 0.5),
    ],
    ids=["exponential", "lognormal, skewness 414", "one in 20", "one in 50"],
)
def test_what_is_beyond_doubt_is_wrong_no_more_often_than_it_says_whatever_years_are_like(years):
    """The mean is what is promised, 1, in all families."""
    rng, error, looks, counts = np.random.default_rng(7), 0.01, 60, np.ones(60)
    wrong = sum(beyond_doubt(x, counts, 1.0, error) is not None for x in years(rng, (FEWER, looks)))
    assert wrong <= at_most(error, FEWER) * FEWER
