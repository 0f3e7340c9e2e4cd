"""How often is an early look wrong? ``python docs/early_looks.py``.

Puts the early looks of sim/measures/early.py to numbers whose true mean is known, and to years of offices, alone and
beside the baseline, whose promise is made exactly what they do. Writes docs/early-looks.md; takes about ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from calibration import table
from calibration_synthetic import FAMILIES
from numpy.typing import NDArray

from sim.draws.draw import draw
from sim.engines.play import play
from sim.files import replaced_file
from sim.measures.early import (
    EARLY_PART,
    FAR_PART,
    FEWEST_YEARS,
    MOST_DEPENDENT,
    STAKE,
    YEARS,
    beyond_doubt,
    boundary_of,
    finding,
)
from sim.measures.judge import TAKEN_OUT, Rule, missed_by
from sim.measures.kpis import PART_DAYS, measure
from sim.measures.sequential import LOOKS_PER_SQUARED_SKEWNESS, Boundary, Side, bounds, prefix_moments
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.scenario import load_scenario_file
from sim.studies.assumptions import assumptions_of, scenario_with

F64 = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], F64]

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "early-looks.md"
SEED = 20241129
PARTS = 13
TRIALS, CHUNK, CHECKED = 100_000, 1_000, 20
TESTS = (1, 10, 40, 511)
"""Verdicts in a family; 511 are those of a plan of `limit`."""
NEVER = 10**6
OF_OFFICES = (1, 10)
"""Likewise, where the years are a few hundred: with more verdicts too few looks err to be counted."""
SHIFTS = (0.5, 1.0, 2.0, 3.0, 5.0)
TOGETHER = (0.3, 0.6, 0.9)
YEARS_PLAYED = 400
OFFICES = ("baseline-2023", "growth-2024", "double-demand", "high-returns", "review-outage", "staff-absence")
ENDS = (
    ("demand.day_to_day_cv", 0.2), ("phone.profiles[].talk_cv", 2.0), ("filing.hall_patience.mean_minutes", 90.0),
    ("filing.own_minutes.mean_minutes", 90.0), ("review.minutes.mean_minutes", 4.0),
    ("issue.fetch_after_hours.mean_hours", 0.5), ("staff.reviewers.absence", 0.15),
)  # fmt: skip
LOOKED = 60
"""Years of which what is beyond doubt is looked for."""
YEARS_LIKE: dict[str, Callable[[np.random.Generator, tuple[int, int]], F64]] = {
    "normal, standard deviation 0.1": lambda rng, shape: rng.normal(1, 0.1, shape),
    "exponential, skewness 2": lambda rng, shape: rng.standard_exponential(shape),
    "lognormal, skewness 4": lambda rng, shape: np.exp(0.834 * rng.standard_normal(shape) - 0.834**2 / 2),
    "lognormal, skewness 414": lambda rng, shape: np.exp(2 * rng.standard_normal(shape) - 2),
    "one year in 10 at 10 times, else nothing": lambda rng, shape: 10.0 * (rng.random(shape) < 0.1),
    "one year in 50 at 25.5 times, else half": lambda rng, shape: np.where(rng.random(shape) < 0.02, 25.5, 0.5),
}
"""Figures of years, whose mean is 1."""
TIMES = (1.5, 2.0, 4.0, 10.0, 100.0, 1000.0)
RARE = ("review-outage", "staff-absence", ".absence")
"""In names of offices in which only FAILS is said early."""
WORDS = """\
# Early looks

<!-- Written by `python docs/early_looks.py`; do not edit. -->

Where a verdict is wanted and not the figure – cheaper neighbours of a roster, levels of demand, ends of assumptions
– what is clear is said from {years} replications on, instead of 20 to 50. A year is not one value then but {parts}:
parts of {days} days. They differ by season, which is taken for chance and makes intervals wider than they need be,
and hardly depend on each other; where neighbours do, which is seen from the same parts of other years, intervals
are wider by √((1 + r) / (1 − r)), and with a correlation r of {most} nothing is said early. These looks have an
error of their own of {of_parts} % of that of the later ones, set aside beforehand. Where outages are drawn or people
are absent, and where a period has fewer than four parts, only FAILS is said early: few years may have too few bad
days, hardly too many.

Given is how often a side is found wrongly before the usual first look, HOLDS / FAILS, in per cent of the error of a
side of the usual looks, of which {of_parts} % is set aside for these; after ± the Monte Carlo standard error. The true
figure is exactly what is promised.
"""
NUMBERS = """
## Numbers of known distributions

{trials} trials of each family, {parts} parts a year; greater = worse. The last lines are normal parts that depend on
each other, with the correlation of neighbours r. Disasters that few years have, and that nobody has declared, have
HOLDS said too often, as by any method that sees a sample alone.
"""
FAR = """
## Beyond doubt

Where parts of a year go together, as in an office whose backlog grows all year, they tell little, and such an office
misses by hundreds of times. So {far} of the {part} % are for a look that asks for no distribution, from {fewest}
years on: of what cannot be negative the mean is what is promised at most, so a stake of {stake} of what one has on
each year does not win on average while the target is kept (`sim/measures/early.py`). It says FAILS alone, also where
outages are drawn or people are absent, and of any shares.

How often it is wrong within {looked} years, the mean being what is promised, in per cent of the error of a side:
"""
FAR_POWER = """
Replications to FAILS, of years that are all so many times what is promised:
"""
REAL = """
## Years of offices

{trials} trials, each of years drawn from {played} that were played. *Beside*: by the difference to {taken} of what the
baseline does under the same random numbers, as `sensitivity` judges; the office is the baseline with one assumption at
another value. The widening by seasons is the standard deviation that parts show, over that of years; where it is
large, errors are rare and clear cases take longer. With one figure, it is that of FAILS: only that is said.
"""
POWER = """
## Replications to a verdict

Normal parts without a season, the mean off by so many standard deviations of a *year*; without early looks it
would be the usual first look at least.
"""


class Looks:
    """Mean, spread and skewness of many trials after each replication, `x` : (trials, years, parts)."""

    def __init__(self, x: F64) -> None:
        trials, years, parts = x.shape
        mean, spread, skewness = (moment[:, parts - 1 :: parts] for moment in prefix_moments(x.reshape(trials, -1)))
        wider = np.full((trials, years), np.inf)
        for n in range(YEARS, years + 1):
            off = x[:, :n] - x[:, :n].mean(axis=1, keepdims=True)
            together = (off[:, :, 1:] * off[:, :, :-1]).sum(axis=(1, 2)) * parts / (parts - 1)
            r = np.maximum(together / (off * off).sum(axis=(1, 2)), 0.0)
            wider[:, n - 1] = np.where(r < MOST_DEPENDENT, np.sqrt((1 + r) / np.maximum(1 - r, 1e-9)), np.inf)
        told = np.isfinite(wider)
        self.n, self.told = np.arange(1, years + 1) * parts, told
        self.moments = mean, spread * np.where(told, wider, 1.0), skewness

    def found(self, late: Boundary) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the replication at which each trial is found above and below zero, a large one if not early.

        The same as `early.finding`, for many trials at once.
        """
        boundary, last = boundary_of(late, PARTS), late.smallest - 1
        assert boundary is not None
        low, high = bounds(self.n, *self.moments, boundary)
        told = self.told & (self.n >= LOOKS_PER_SQUARED_SKEWNESS * self.moments[2] ** 2)
        told &= (self.n >= boundary.smallest) & (self.n <= last * PARTS)
        above, below = (low > 0) & told, (high <= 0) & told
        one, other = (np.where(of.any(axis=1), of.argmax(axis=1) + 1, NEVER) for of in (above, below))
        return one, other


def wrong(of: Draw, lates: list[Boundary], number: int, rare: bool = False) -> list[str]:
    """Return in how many trials HOLDS, and FAILS, is found first, in per cent of the error of a side, by boundary."""
    rng = np.random.default_rng([SEED, number])
    counts = np.zeros((len(lates), 2))
    years = max(late.smallest for late in lates) - 1
    for block in range(TRIALS // CHUNK):
        x = of(rng, CHUNK * years).reshape(CHUNK, years, PARTS)
        looks = Looks(x)
        for place, late in enumerate(lates):
            above, below = looks.found(late)
            if block == 0:
                check(x[:CHECKED, : late.smallest - 1], above, below, late)
            counts[place] += (below < above).sum(), (above < below).sum()
    return [" / ".join(percent_of_error(count, late) for count in pair[rare:])
            for pair, late in zip(counts, lates, strict=True)]  # fmt: skip


def check(x: F64, above: NDArray[np.int64], below: NDArray[np.int64], late: Boundary) -> None:
    """See that what is counted is what the verdict's own code says."""
    boundary = boundary_of(late, PARTS)
    assert boundary is not None
    for trial, years in enumerate(x):
        side, at, _ = finding(years, np.zeros(len(years)), boundary, False)
        first = min(above[trial], below[trial])
        assert (NEVER if side is Side.OPEN else at) == first, (side, at, first)


def percent_of_error(count: float, late: Boundary) -> str:
    """Return wrong trials in per cent of the error of a side."""
    allowed = late.error * TRIALS
    return f"{100 * count / allowed:.1f} ± {100 * max(count, 1) ** 0.5 / allowed:.1f}"


def wrong_beyond_doubt(of: Callable[[np.random.Generator, tuple[int, int]], F64], number: int) -> list[str]:
    """Return in how many trials FAILS is found beyond doubt though the mean is what is promised, by boundary."""
    rng = np.random.default_rng([SEED, 200 + number])
    lates = [Rule(tests, early=True).boundary for tests in TESTS]
    counts, cases = np.zeros(len(lates)), np.ones(LOOKED)
    for block in range(TRIALS // CHUNK):
        x = np.maximum(of(rng, (CHUNK, LOOKED)), 0.0)
        most = np.cumsum(np.log1p(STAKE * (x - 1)), axis=1)[:, FEWEST_YEARS - 1 :].max(axis=1)
        for place, late in enumerate(lates):
            found = most >= -np.log(FAR_PART * late.error)
            counts[place] += found.sum()
            if block == 0:
                for trial, years in enumerate(x[:CHECKED]):
                    told = beyond_doubt(years, cases, 1.0, FAR_PART * late.error)
                    assert (told is not None) == found[trial]
    return [percent_of_error(count, late) for count, late in zip(counts, lates, strict=True)]


def years_beyond_doubt(tests: int) -> list[str]:
    """Return how many years it takes to FAIL beyond doubt, by how many times the promise each of them is."""
    late = Rule(tests, early=True).boundary
    found = [beyond_doubt(np.full(1000, times), np.ones(1000), 1.0, FAR_PART * late.error) for times in TIMES]
    return [str(each[0]) if each is not None and each[0] < late.smallest else f"{late.smallest} or more"
            for each in found]  # fmt: skip


def going_together(r: float) -> Draw:
    """Return a draw of normal parts of which neighbours have a correlation; each trial's begins anew."""

    def of(rng: np.random.Generator, years: int) -> F64:
        x = rng.standard_normal((CHUNK, years // CHUNK * PARTS))
        for place in range(1, x.shape[1]):
            x[:, place] = r * x[:, place - 1] + np.sqrt(1 - r * r) * x[:, place]
        return x

    return of


def years_of(scenario: Scenario) -> F64:
    """Return sum and number of each part of the years of an office, shape (years, parts, 2)."""
    office = registration_office(scenario)

    def one(replication: int) -> F64:
        journeys = draw(office, SEED, replication)
        return measure(office, journeys, play(office, journeys)).parts

    with ThreadPoolExecutor() as pool:
        return np.array(list(pool.map(one, range(YEARS_PLAYED))))


def drawn_from(x: F64) -> Draw:
    """Return a draw of years from those that were played, moved so that their mean is zero."""
    centred = x - x.mean()
    return lambda rng, years: centred[rng.integers(0, len(centred), years)]


def rows_of_offices() -> list[list[str]]:
    """Return a line for each office, alone and beside the baseline."""
    scenarios = {name: load_scenario_file(ROOT / "scenarios" / f"{name}.yaml") for name in OFFICES}
    base = scenarios["baseline-2023"]
    by_path = {of.parameter: of for of in assumptions_of(base, None, ())[0]}
    target = registration_office(base).target
    rows, own = [], np.empty(0)
    for name, scenario in scenarios.items():
        parts = years_of(scenario)
        # The promise is what the office does.
        exact = parts[..., 0].sum() / parts[..., 1].sum()
        rows.append((name, parts[..., 0] - exact * parts[..., 1]))
        if scenario is base:
            own = missed_by(target, parts[..., 0], parts[..., 1])
    for path, value in ENDS:
        parts = years_of(scenario_with(base, {by_path[path]: value}))
        apart = missed_by(target, parts[..., 0], parts[..., 1]) - TAKEN_OUT * own
        rows.append((f"beside: `{path}` {value:g}", apart))
    boundaries = [Rule(tests, early=True).boundary for tests in OF_OFFICES]
    found = []
    for number, (name, x) in enumerate(rows):
        season = np.sqrt(x.var() * PARTS / x.sum(axis=1).var())
        rare = any(word in name for word in RARE)
        found.append([name, f"{season:.2f}", *wrong(drawn_from(x), boundaries, 100 + number, rare)])
    return found


def replications(tests: int) -> list[str]:
    """Return the mean number of replications to a verdict on normal parts, by how far their mean is off."""
    late = Rule(tests, early=True).boundary
    rng = np.random.default_rng([SEED, tests])
    x = rng.standard_normal((CHUNK, late.smallest - 1, PARTS))
    cells = []
    for shift in SHIFTS:
        above, _ = Looks(x + shift / np.sqrt(PARTS)).found(late)
        seldom = (above == NEVER).mean() > 0.5
        cells.append(f"{late.smallest} or more" if seldom else f"{np.minimum(above, late.smallest).mean():.0f}")
    return cells


def main() -> None:
    """Write the page."""
    lates = [Rule(tests, early=True).boundary for tests in TESTS]
    families: dict[str, Draw] = {
        name: (lambda rng, years, of=of: of(rng, (years, PARTS))) for name, (_, of) in FAMILIES.items()
    }
    families |= {f"normal, r = {r:g}": going_together(r) for r in TOGETHER}
    rows = [[name, *wrong(of, lates, number)] for number, (name, of) in enumerate(families.items())]
    heads = [f"{tests} verdict{'s' * (tests > 1)}, before {late.smallest}: HOLDS / FAILS"
             for tests, late in zip(TESTS, lates, strict=True)]  # fmt: skip
    heads_of_far = [f"{tests} verdict{'s' * (tests > 1)}" for tests in TESTS]
    words = {"years": YEARS, "parts": PARTS, "days": PART_DAYS, "most": MOST_DEPENDENT, "part": f"{100 * EARLY_PART:g}",
             "of_parts": f"{100 * (EARLY_PART - FAR_PART):g}", "far": f"{100 * FAR_PART:g}", "fewest": FEWEST_YEARS,
             "stake": STAKE, "looked": LOOKED,
             "trials": f"{TRIALS:,}", "played": YEARS_PLAYED, "taken": TAKEN_OUT}  # fmt: skip
    power = [[f"{tests:,}", f"{late.smallest}", *replications(tests)] for tests, late in zip(TESTS, lates, strict=True)]
    text = [
        WORDS.format(**words).strip(),
        NUMBERS.format(**words).rstrip(), *table(("family", *heads), rows),
        FAR.format(**words).rstrip(),
        *table(("family", *heads_of_far),
               [[name, *wrong_beyond_doubt(of, number)] for number, (name, of) in enumerate(YEARS_LIKE.items())]),
        FAR_POWER.rstrip(),
        *table(("verdicts", "usual first look", *(f"{times:g} times" for times in TIMES)),
               [[f"{tests:,}", f"{late.smallest}", *years_beyond_doubt(tests)]
                for tests, late in zip(TESTS, lates, strict=True)]),
        REAL.format(**words).rstrip(),
        *table(("office", "widening by seasons", *heads[: len(OF_OFFICES)]), rows_of_offices()),
        POWER.rstrip(),
        *table(("verdicts", "usual first look", *(f"{shift:g} σ" for shift in SHIFTS)), power),
    ]  # fmt: skip
    with replaced_file(PAGE) as new:
        new.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
