"""Sensitivity: which assumption a verdict hangs on, where it flips, and how many plausible offices keep the target."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from sim.engines.play import Engine
from sim.measures.judge import Rule, Verdict
from sim.office.demand import scenario_days
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict
from sim.replicate.design_points import DesignPoint, design_point_of
from sim.replicate.gather import Progress
from sim.replicate.verdicts import Outcome
from sim.results.about import About, Interval, RuleFacts, target_facts
from sim.results.assumptions import Assumption
from sim.studies.assumptions import GivenRange, assumptions_of, scenario_at
from sim.studies.outcomes import MOST_MINUTES, Outcomes, Work, judged, outcomes_of, verdict_columns
from sim.studies.sensitivity.alternatives import Alternative, alternatives_of
from sim.studies.sensitivity.break_even import break_evens, most_tests, moving_most
from sim.studies.sensitivity.influence import (
    CONFIDENCE,
    elementary_effects,
    indices_of,
    saltelli_sample,
    screened,
    trajectories,
)
from sim.studies.sensitivity.records import (
    KEEPS,
    LOG_MINUTES,
    MINUTES,
    OVER,
    Index,
    Office,
    Plausible,
    Points,
    Screened,
    Sensitivity,
    Separation,
    Settings,
)

F64 = NDArray[np.float64]

BREAK_EVEN, SCREENING, INDICES, PLAUSIBLE = "break-even", "screening", "indices", "plausible"
PIECES = (BREAK_EVEN, SCREENING, INDICES, PLAUSIBLE)
FULL = Settings()
QUICK = Settings(trajectories=4, replications=1, sample=16, offices=10, judged=3, quick=True, searched=False)
OWN_TESTS = 2
"""The scenario itself has half of the error of the flips."""
FEWEST = 8
"""Plausible offices of a kind below which their mean says little, and its standard error less."""

Watch = Callable[[Progress, str], None]


@dataclass(frozen=True)
class Asked:
    """What is to be found out.

    Attributes
    ----------
    scenario : Scenario
    point : DesignPoint
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
    alone, own : Rule
        Of each plausible office, and of the scenario itself.
    """

    scenario: Scenario
    point: DesignPoint
    assumptions: tuple[Assumption, ...]
    left_out: tuple[str, ...]
    others: tuple[Alternative, ...]
    pieces: tuple[str, ...]
    settings: Settings
    rule: Rule
    alone: Rule
    own: Rule


def sensitivity_asked(
    scenario: Scenario,
    seed: int,
    engine: Engine,
    rule_of: Callable[[int], Rule],
    pieces: Collection[str] = PIECES,
    names: Collection[str] = (),
    ranges: Mapping[str, GivenRange] | None = None,
    settings: Settings = FULL,
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
    StudyError
        If there is no such assumption.
    """
    assumptions, left_out = assumptions_of(scenario, ranges, names)
    others = () if names else alternatives_of(scenario)
    # What somebody asks for by name is judged, however much it is.
    settings = replace(settings, judged=max(settings.judged, len(names)))
    kept = tuple(piece for piece in PIECES if piece in pieces or (piece == SCREENING and INDICES in pieces))
    tests = most_tests(assumptions, len(others), settings.judged, settings.searched) if BREAK_EVEN in kept else 1
    point = design_point_of(scenario, seed, engine)
    own = replace(rule_of(OWN_TESTS), tests=OWN_TESTS, early=False, smallest=None)
    return Asked(
        scenario, point, assumptions, left_out, others, kept, settings, rule_of(tests), rule_of(1), own
    )  # fmt: skip


def identity(asked: Asked) -> dict[str, Any]:
    """Return what the answer depends on besides the scenario, for JSON."""
    return {
        "pieces": list(asked.pieces),
        "assumptions": [[of.parameter, of.low, of.high] for of in asked.assumptions],
        "others": [other.name for other in asked.others],
        "settings": asdict(asked.settings),
        "most_minutes": MOST_MINUTES,
    }


def find_sensitivity(asked: Asked, about: About, work: Work, watch: Watch = lambda progress, step: None) -> Sensitivity:
    """Find out what was asked, piece by piece; all replications are kept, so that it goes on where it ended.

    Parameters
    ----------
    asked : Asked
    about : About
    work : Work
    watch : callable
        Told the progress, and of which step.

    Raises
    ------
    StudyError
        If in some scenario nobody comes whom the target is about, or ranges are not possible together.
    """
    scenario, assumptions, settings = asked.scenario, asked.assumptions, asked.settings
    found = Sensitivity(
        about=about, target=target_facts(asked.point.target), pieces=asked.pieces, settings=settings,
        most_minutes=MOST_MINUTES, left_out=asked.left_out, scenario_verdict=None, screening=None, indices=None,
        plausible=None, replications=settings.replications, working_days=scenario_days(scenario).working_days,
        scenario=scenario_as_dict(scenario), assumptions=assumptions, swings=(), judged=(), others=(), screened=(),
        sobol=(), offices=(), separations=(),
    )  # fmt: skip
    used = [settings.replications]
    if BREAK_EVEN in asked.pieces:
        most = moving_most(scenario, assumptions, settings.judged, work, watch)
        table = break_evens(scenario, most, asked.others, asked.rule, asked.own, work, watch, settings.searched)
        used += [table.own.replications, *(point.replications for point in table.judged)]
        found = replace(found, scenario_verdict=table.own, swings=table.swings, judged=table.judged,
                        others=table.others)  # fmt: skip
    if SCREENING in asked.pieces:
        points, rows = _screening(asked, work, watch)
        found = replace(found, screening=points, screened=rows)
    if INDICES in asked.pieces:
        paths = [row.parameter for row in found.of_outcome(LOG_MINUTES)[: settings.most]]
        points, indices = _indices(asked, [found.by_parameter[path] for path in paths], work, watch)
        found = replace(found, indices=points, sobol=indices)
    if PLAUSIBLE in asked.pieces:
        parts, outcomes = plausible_offices(
            scenario, assumptions, settings.offices, asked.alone, work, lambda progress: watch(progress, PLAUSIBLE)
        )
        used += [outcome.replications for outcome in outcomes]
        found = replace(
            found, plausible=_counted(outcomes, asked.alone), offices=_offices(parts, outcomes, assumptions),
            separations=tuple(separations(parts, outcomes, assumptions)),
        )  # fmt: skip
    return replace(found, replications=max(used))


def _at(asked: Asked, points: F64, assumptions: Sequence[Assumption], replications: int, work: Work,
        watch: Callable[[Progress], None]) -> Outcomes:  # fmt: skip
    scenarios = [scenario_at(asked.scenario, assumptions, point) for point in points]
    return outcomes_of(scenarios, replications, work, watch)


def _screening(asked: Asked, work: Work, watch: Watch) -> tuple[Points, tuple[Screened, ...]]:
    settings, number = asked.settings, len(asked.assumptions)
    generator = np.random.default_rng([work.seed, settings.trajectories])
    points = trajectories(settings.trajectories, number, generator)
    flat = points.reshape(-1, number)
    out = _at(asked, flat, asked.assumptions, settings.replications, work,
              lambda progress: watch(progress, SCREENING))  # fmt: skip
    values = {LOG_MINUTES: out.log_minutes, MINUTES: out.minutes, OVER: out.over}
    found = {name: screened(elementary_effects(points, of.reshape(points.shape[:2])), generator)
             for name, of in values.items()}  # fmt: skip
    order = np.argsort(-found[LOG_MINUTES].mu_star, kind="stable")
    rows = tuple(
        Screened(asked.assumptions[place].parameter, outcome, *(float(of[place]) for of in vars(effects).values()))
        for outcome, effects in found.items() for place in order
    )  # fmt: skip
    return Points(len(flat), out.capped), rows


def _indices(asked: Asked, chosen: Sequence[Assumption], work: Work, watch: Watch) -> tuple[Points, tuple[Index, ...]]:
    settings = asked.settings
    sample = saltelli_sample(settings.sample, len(chosen), work.seed)
    out = _at(asked, sample.points, chosen, settings.sample_replications, work,
              lambda progress: watch(progress, INDICES))  # fmt: skip
    generator = np.random.default_rng([work.seed, settings.sample])
    found = {name: indices_of(of, len(chosen), generator) for name, of in
             ((LOG_MINUTES, out.log_minutes), (KEEPS, out.keeps))}  # fmt: skip
    rows = tuple(
        Index(of.parameter, outcome, *(float(column[place]) for column in vars(indices).values()))
        for outcome, indices in found.items() for place, of in enumerate(chosen)
    )  # fmt: skip
    return Points(len(out.minutes), out.capped), rows


def plausible_offices(
    scenario: Scenario, assumptions: Sequence[Assumption], number: int, rule: Rule, work: Work,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> tuple[F64, list[Outcome]]:  # fmt: skip
    """Draw offices from all ranges, evenly and independently of each other, and judge each.

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

    Returns
    -------
    parts : (n, assumptions) float64
        How far up its range each value is.
    outcomes : list of Outcome
    """
    # No Latin hypercube: the interval of the share is one of independent draws.
    generator = np.random.default_rng([work.seed, number])
    parts = generator.random((number, len(assumptions)))
    return parts, judged([scenario_at(scenario, assumptions, row) for row in parts], rule, work, watch)


def share_of(number: int, all_of_them: int) -> Interval:
    """Return a share with its Clopper-Pearson interval.

    Notes
    -----
    Source: Clopper and Pearson (1934), The use of confidence or fiducial limits.
    """
    ends = binomtest(number, all_of_them).proportion_ci(CONFIDENCE, method="exact")
    return Interval(number / all_of_them, float(ends.low), float(ends.high))


def _counted(outcomes: Sequence[Outcome], rule: Rule) -> Plausible:
    counts = {verdict.value: sum(outcome.verdict is verdict for outcome in outcomes) for verdict in Verdict}
    holds = share_of(counts[Verdict.HOLDS.value], len(outcomes))
    facts = RuleFacts(rule.tests, rule.error, rule.boundary.smallest, rule.largest)
    return Plausible(len(outcomes), counts, holds, facts)


def _offices(parts: F64, outcomes: Sequence[Outcome], assumptions: Sequence[Assumption]) -> tuple[Office, ...]:
    return tuple(
        Office(number, *verdict_columns(outcome), outcome.why,
               {of.parameter: of.at(float(part)) for of, part in zip(assumptions, row, strict=True)})
        for number, (row, outcome) in enumerate(zip(parts, outcomes, strict=True))
    )  # fmt: skip


def separations(parts: F64, outcomes: Sequence[Outcome], assumptions: Sequence[Assumption]) -> list[Separation]:
    """Return how HOLDS differs from FAILS in each assumption, the largest difference first; none of too few.

    Parameters
    ----------
    parts : (n, assumptions) float64
        How far up its range each value is.
    outcomes : sequence of Outcome
    assumptions : sequence of Assumption
    """
    verdicts = np.array([outcome.verdict for outcome in outcomes])
    groups = [parts[verdicts == verdict] for verdict in (Verdict.HOLDS, Verdict.FAILS)]
    if min(map(len, groups)) < FEWEST:
        return []
    spread = parts.std(axis=0, ddof=1)
    means = [group.mean(axis=0) for group in groups]
    difference = (means[0] - means[1]) / spread
    error = np.sqrt(sum(group.var(axis=0, ddof=1) / len(group) for group in groups)) / spread
    rows = [
        Separation(
            of.parameter, of.low + (of.high - of.low) * float(means[0][place]),
            of.low + (of.high - of.low) * float(means[1][place]), float(difference[place]), float(error[place]),
        )
        for place, of in enumerate(assumptions)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -abs(row.difference))
