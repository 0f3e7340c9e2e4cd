"""Sensitivity: which assumption a verdict hangs on, where it flips, and how many plausible offices keep the target."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.judge import Rule
from sim.evidence.assumptions.alternatives import Alternative, alternatives_of
from sim.evidence.assumptions.dimensions import Assumption, GivenRange, assumptions_of, scenario_at
from sim.evidence.assumptions.flips import FlipTable, flip_table, most_tests
from sim.evidence.assumptions.morris import Screened, elementary_effects, screened, trajectories
from sim.evidence.assumptions.outcomes import MOST_MINUTES, Outcomes, Work, outcomes_of
from sim.evidence.assumptions.plausible_offices import PlausibleOffices, plausible_offices
from sim.evidence.assumptions.sobol import Indices, indices_of, saltelli_sample
from sim.office.parameters import Scenario
from sim.replicate.cells import Cell, cell_of
from sim.replicate.gather import Progress

F64 = NDArray[np.float64]

FLIPS, SCREENING, INDICES, PLAUSIBLE = "flips", "screening", "indices", "plausible"
PIECES = (FLIPS, SCREENING, INDICES, PLAUSIBLE)
LOG_MINUTES, MINUTES, OVER, KEEPS = "log minutes", "minutes", "over", "keeps"
"""Outcomes: logarithm of the mean minutes, the minutes, share over the target, 1 if the target is kept."""
SCREENED = (LOG_MINUTES, MINUTES, OVER)
INDEXED = (LOG_MINUTES, KEEPS)

Watch = Callable[[Progress, str], None]


@dataclass(frozen=True)
class Settings:
    """How much is looked at.

    Attributes
    ----------
    trajectories : int
        Of the screening.
    replications : int
        Of each of its points.
    sample : int
        Base sample of the indices, a power of 2.
    sample_replications : int
        Of each of their points: a year of some ten thousand cases with the random numbers of all others.
    most : int
        Parameters with indices: those that the screening finds to matter most.
    offices : int
        Plausible offices.
    """

    trajectories: int = 12
    replications: int = 2
    sample: int = 128
    sample_replications: int = 1
    most: int = 6
    offices: int = 200


QUICK = Settings(trajectories=4, replications=1, sample=32, offices=50)


@dataclass(frozen=True)
class Asked:
    """What is to be found out.

    Attributes
    ----------
    scenario : Scenario
    cell : Cell
        Of the scenario.
    assumptions : tuple of Assumption
    left_out : tuple of str
        Paths of those whose range is not possible in the scenario.
    others : tuple of Alternative
        Judged with the flips; none if only some assumptions are asked for.
    pieces : tuple of str
        Of `PIECES`.
    settings : Settings
    rule : Rule
        Of the flips, one family.
    alone : Rule
        Of each plausible office.
    """

    scenario: Scenario
    cell: Cell
    assumptions: tuple[Assumption, ...]
    left_out: tuple[str, ...]
    others: tuple[Alternative, ...]
    pieces: tuple[str, ...]
    settings: Settings
    rule: Rule
    alone: Rule


def sensitivity_asked(
    scenario: Scenario,
    seed: int,
    engine: Any,
    rule_of: Callable[[int], Rule],
    pieces: Collection[str] = PIECES,
    names: Collection[str] = (),
    ranges: Mapping[str, GivenRange] | None = None,
    settings: Settings = Settings(),
) -> Asked:
    """Return what there is to find out of a scenario.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    engine : str
    rule_of : callable
        Gives the rule for a number of verdicts.
    pieces : collection of str
        Of `PIECES`; the indices need the screening, which is made with them.
    names : collection of str
        Paths of assumptions; all if there are none.
    ranges : mapping of path to GivenRange, optional
        In place of plausible ranges.
    settings : Settings

    Raises
    ------
    SensitivityError
        If there is no such assumption.
    """
    assumptions, left_out = assumptions_of(scenario, ranges, names)
    others = () if names else alternatives_of(scenario)
    kept = tuple(piece for piece in PIECES if piece in pieces or (piece == SCREENING and INDICES in pieces))
    tests = most_tests(assumptions, len(others)) if FLIPS in kept else 1
    cell = cell_of(scenario, seed, engine)
    return Asked(scenario, cell, assumptions, left_out, others, kept, settings, rule_of(tests), rule_of(1))


class Screening(NamedTuple):
    """The screening: what it found of each outcome in `SCREENED`, and how many points were counted with the cap."""

    found: dict[str, Screened]
    points: int
    capped: int

    @property
    def order(self) -> list[int]:
        """Places of the assumptions, the most influential first."""
        return [int(place) for place in np.argsort(-self.found[LOG_MINUTES].mu_star, kind="stable")]


class SobolIndices(NamedTuple):
    """The indices of the most influential assumptions, whose places come with them, of each outcome in `INDEXED`."""

    places: tuple[int, ...]
    found: dict[str, Indices]
    points: int
    capped: int
    keeps: float
    variance: float


@dataclass(frozen=True)
class Sensitivity:
    """What was found; None for what was not asked for.

    Attributes
    ----------
    asked : Asked
    flips : FlipTable or None
    screening : Screening or None
    indices : SobolIndices or None
        None too if there is no second assumption.
    plausible : PlausibleOffices or None
    seconds : float
    """

    asked: Asked
    flips: FlipTable | None
    screening: Screening | None
    indices: SobolIndices | None
    plausible: PlausibleOffices | None
    seconds: float

    @property
    def replications(self) -> int:
        """The most that a verdict rests on; of the screening if there are none."""
        used = [self.asked.settings.replications]
        if self.flips is not None:
            used.append(self.flips.scenario.replications)
            for swing in self.flips.swings:
                points = [swing.low, swing.high, *([swing.middle] if swing.middle else [])]
                points += [point for crossing in swing.crossings for point in crossing.points.values()]
                used += [point.outcome.replications for point in points]
        if self.plausible is not None:
            used += [outcome.replications for outcome in self.plausible.outcomes]
        return max(used)


def find_sensitivity(asked: Asked, work: Work, watch: Watch = lambda progress, step: None) -> Sensitivity:
    """Find out what was asked, piece by piece; all replications are kept, so that it goes on where it ended.

    Parameters
    ----------
    asked : Asked
    work : Work
    watch : callable
        Told the progress, and of which step.

    Raises
    ------
    SensitivityError
        If in some scenario nobody comes whom the target is about, or ranges are not possible together.
    """
    began = time.perf_counter()
    flips = screening = indices = plausible = None
    scenario, assumptions = asked.scenario, asked.assumptions
    if FLIPS in asked.pieces:
        flips = flip_table(scenario, assumptions, asked.others, asked.rule, work, watch)
    if SCREENING in asked.pieces:
        screening = _screening(asked, work, watch)
    if INDICES in asked.pieces and screening is not None:
        indices = _indices(asked, screening.order[: asked.settings.most], work, watch)
    if PLAUSIBLE in asked.pieces:
        plausible = plausible_offices(
            scenario, assumptions, asked.settings.offices, asked.alone, work,
            lambda progress: watch(progress, PLAUSIBLE),
        )  # fmt: skip
    return Sensitivity(asked, flips, screening, indices, plausible, time.perf_counter() - began)


def _at(asked: Asked, points: F64, assumptions: Sequence[Assumption], replications: int, work: Work,
        watch: Callable[[Progress], None]) -> Outcomes:  # fmt: skip
    scenarios = [scenario_at(asked.scenario, assumptions, point) for point in points]
    return outcomes_of(scenarios, replications, work, watch)


def _screening(asked: Asked, work: Work, watch: Watch) -> Screening:
    settings, number = asked.settings, len(asked.assumptions)
    luck = np.random.default_rng([work.seed, settings.trajectories])
    points = trajectories(settings.trajectories, number, luck)
    flat = points.reshape(-1, number)
    out = _at(asked, flat, asked.assumptions, settings.replications, work,
              lambda progress: watch(progress, SCREENING))  # fmt: skip
    values = {LOG_MINUTES: out.log_minutes, MINUTES: out.minutes, OVER: out.over}
    shape = points.shape[:2]
    return Screening(
        {name: screened(elementary_effects(points, of.reshape(shape)), luck) for name, of in values.items()},
        len(flat), out.capped,
    )  # fmt: skip


def _indices(asked: Asked, places: Sequence[int], work: Work, watch: Watch) -> SobolIndices:
    settings = asked.settings
    chosen = [asked.assumptions[place] for place in places]
    sample = saltelli_sample(settings.sample, len(chosen), work.seed)
    out = _at(asked, sample.points, chosen, settings.sample_replications, work,
              lambda progress: watch(progress, INDICES))  # fmt: skip
    luck = np.random.default_rng([work.seed, settings.sample])
    found = {name: indices_of(of, len(chosen), luck) for name, of in
             ((LOG_MINUTES, out.log_minutes), (KEEPS, out.keeps))}  # fmt: skip
    both = slice(0, 2 * settings.sample)
    return SobolIndices(
        tuple(places), found, len(out.minutes), out.capped, float(out.keeps[both].mean()),
        float(out.log_minutes[both].var()),
    )  # fmt: skip


def sensitivity_identity(asked: Asked) -> dict[str, Any]:
    """Return what the answer depends on besides the scenario, for JSON."""
    return {
        "pieces": list(asked.pieces),
        "assumptions": [[of.path, of.low, of.high] for of in asked.assumptions],
        "others": [other.name for other in asked.others],
        "settings": asdict(asked.settings),
        "most_minutes": MOST_MINUTES,
    }
