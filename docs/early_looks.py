"""How often does an early look say FAILS of what keeps its target? ``python docs/early_looks.py``.

Puts the early looks of sim/measures/sequential.py to numbers whose true mean is known, from the first of them to the
last before the usual first look. Writes docs/early-looks.md; takes about five minutes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from calibration import table
from calibration_synthetic import FAMILIES
from numpy.typing import NDArray

from sim.files import replaced_file
from sim.measures.judge import EARLY, Rule
from sim.measures.sequential import EARLY_PART, LOOKS_PER_SQUARED_SKEWNESS, Boundary, bounds, prefix_moments

PAGE = Path(__file__).resolve().parent / "early-looks.md"
SEED = 20241129
TRIALS, CHUNK = 1_000_000, 20_000
TESTS = (1, 10, 40, 511)
"""Verdicts in a family; 511 are those of a plan of `limit`."""
SHIFTS = (1.0, 2.0, 3.0, 5.0)
WORDS = """\
# Early looks

<!-- Written by `python docs/early_looks.py`; do not edit. -->

Where a verdict is wanted and not the figure – cheaper neighbours of a roster, levels of demand, ends of assumptions –
a target that is missed by far FAILS from {early} replications on, instead of 20 to 50. Such a look has a boundary of
its own, at {part} of the error of a side, which is taken from the family's error beforehand. It never says HOLDS:
of few years with a long tail on the bad side, none may be bad. Offices with outages or absences have no early looks.

Below, {trials:,} trials of each family whose true mean is exactly what is promised; greater = worse, mean 0, standard
deviation 1. A trial is wrong if any look from {early} replications to the last before the usual first one says FAILS.
Given is how many are, in per cent of the error of a side, of which {part} is set aside; after ± the Monte Carlo
standard error.

The mirrored families are no years of an office: they have their long tail on the good side, a few years far better than
all others. Of such numbers an early FAILS would be wrong too often, as HOLDS would of the others. What is promised
of early looks is so for numbers that are symmetric, or have their longer tail on the bad side, as the licence times of
years have; uniform ones spend a little more than the part set aside where the family is large. Of shares promised to
fewer than half, whose good years may be the rare ones, nothing is said early. Families of thousands, as those of
`sensitivity`, have errors too small to be counted here.
"""


def boundary_of(tests: int) -> Boundary:
    """Return the boundary of a verdict in a family."""
    return Rule(tests, early=True).boundary


def fails(moments: tuple[NDArray[np.float64], ...], boundary: Boundary) -> NDArray[np.bool_]:
    """Return at which looks FAILS may be said, shape (trials, looks), from the moments of all prefixes."""
    n = np.arange(1, moments[0].shape[-1] + 1)
    low, _ = bounds(n, *moments, boundary)
    return np.asarray((low > 0) & (n >= LOOKS_PER_SQUARED_SKEWNESS * moments[2] ** 2))


def shares(name: str, boundaries: list[Boundary]) -> list[list[int]]:
    """Return how many trials are wrong by boundary: of the family, and of its mirror image."""
    rng = np.random.default_rng([SEED, list(FAMILIES).index(name)])
    looks = max(boundary.smallest for boundary in boundaries) - 1
    wrong = np.zeros((len(boundaries), 2), np.int64)
    for _ in range(TRIALS // CHUNK):
        x = FAMILIES[name][1](rng, (CHUNK, looks))
        for side, sign in enumerate((1.0, -1.0)):
            moments = prefix_moments(sign * x)
            for number, boundary in enumerate(boundaries):
                before = tuple(moment[:, : boundary.smallest - 1] for moment in moments)
                wrong[number, side] += int(fails(before, boundary).any(axis=1).sum())
    return wrong.tolist()


def replications(boundary: Boundary) -> list[str]:
    """Return the mean number of replications to FAILS of normal numbers, by how far their mean is off."""
    rng = np.random.default_rng([SEED, boundary.smallest])
    looks = 4 * boundary.smallest
    mean, *rest = prefix_moments(rng.standard_normal((CHUNK, looks)))
    found = []
    for shift in SHIFTS:
        at = fails((mean + shift, *rest), boundary)
        found.append(f"{np.where(at.any(axis=1), at.argmax(axis=1) + 1, looks).mean():.0f}")
    return found


def main() -> None:
    """Write the page."""
    boundaries = [boundary_of(tests) for tests in TESTS]
    heads = [
        f"{tests} verdict{'s' * (tests > 1)}, before {boundary.smallest}"
        for tests, boundary in zip(TESTS, boundaries, strict=True)
    ]
    rows: tuple[list[list[str]], list[list[str]]] = [], []
    for name in FAMILIES:
        wrong = shares(name, boundaries)
        for side in (0, 1):
            cells = [percent_of_error(count[side], b) for count, b in zip(wrong, boundaries, strict=True)]
            rows[side].append([name, *cells])
    few = [[f"{tests:,}", f"{b.smallest}", *replications(b)] for tests, b in zip(TESTS, boundaries, strict=True)]
    words = WORDS.format(early=EARLY, part=f"{100 * EARLY_PART:g} %", trials=TRIALS)
    text = [
        words.strip(), *table(("family", *heads), rows[0]),
        "", "## Mirrored", *table(("family, mirrored", *heads), rows[1]),
        "", "## Replications to FAILS", "",
        "Normal numbers, the mean off by so many standard deviations of a year; without early looks it would be at "
        "least the usual first look.",
        *table(("verdicts", "usual first look", *(f"{shift:g} σ" for shift in SHIFTS)), few),
    ]  # fmt: skip
    with replaced_file(PAGE) as new:
        new.write_text("\n".join(text) + "\n", encoding="utf-8")


def percent_of_error(count: int, boundary: Boundary) -> str:
    """Return wrong trials in per cent of the error of a side."""
    allowed = boundary.error * TRIALS
    return f"{100 * count / allowed:.1f} ± {100 * max(count, 1) ** 0.5 / allowed:.1f}"


if __name__ == "__main__":
    main()
