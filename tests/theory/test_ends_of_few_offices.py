"""Do intervals that are drawn from few offices hold the truth as often as they say, on scales that bend?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.studies.rounds import Carried, Round

LOGS, OFFICES = 400, 48
FIGURES = {
    "a value that decides alone": lambda values: values[..., 0],
    "the same, bent": lambda values: np.exp(0.3 * values[..., 0]),
    "squares, which add up to a bias": lambda values: ((values + 4) ** 2).sum(axis=-1),
    "the wait of a queue, on the log scale": lambda values: (
        -np.log(np.maximum(1 - np.minimum(0.8 * np.exp(0.05 * values.sum(axis=-1) / math.sqrt(8)), 0.995), 0.003))
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_quick_look_holds_the_truth(name):
    """Values err by a standard normal number each; pairs of offices are drawn about what was fitted, few of them."""
    rng, figure, held = np.random.default_rng(7), FIGURES[name], dict.fromkeys((True, False), 0)
    for _ in range(LOGS):
        fitted = rng.standard_normal(8)
        off = rng.standard_normal((OFFICES // 2, 8))
        drawn = figure(np.stack([fitted + off, fitted - off], axis=1).reshape(OFFICES, 8))
        chance = drawn.std() / 4
        own = float(figure(fitted)) + chance * float(rng.standard_normal())
        apart = drawn - figure(fitted)
        rounds = [Round(np.zeros((OFFICES, 1)), apart[None, :], np.zeros(1), np.zeros(OFFICES, np.bool_))]
        for smooth in held:
            found = Carried.of(rounds, own, own - 1.96 * chance, own + 1.96 * chance, own, smooth=smooth)
            low, high = found.ends
            held[smooth] += low <= figure(np.zeros(8)) <= high
    # Three standard errors of so many logs are 3.3 %.
    assert held[True] / LOGS == pytest.approx(0.95, abs=0.033)
    assert held[True] >= held[False] - LOGS // 100
