"""Compare: plans under common random numbers, all against the first and all against each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engines.play import Engine
from sim.measures.comparing import Comparison, against_first, all_pairs, ratio_of_means
from sim.measures.judge import Judgement, Rule, Verdict
from sim.measures.screening import Screening, screen
from sim.office.blocks import Target
from sim.office.demand import scenario_days
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict
from sim.replicate.design_points import DesignPoint, design_point_of
from sim.replicate.figures import Figures
from sim.replicate.gather import Progress, gather, replications_of
from sim.replicate.stopping import Scores, Sequential
from sim.replicate.store import Store
from sim.replicate.workers import Workers
from sim.results.about import About, about_of, target_facts
from sim.results.fitted import Fitted
from sim.studies.base import StudyError
from sim.studies.compare.records import ALL, FIRST, Pair, Plan, PlanComparison, Screened
from sim.text import Message

F64 = NDArray[np.float64]
COST, STAFF_HOURS = "staff cost", "staff staff hours"
"""Figures of a replication."""


class PairwiseStopping(Sequential):
    """Replications of the plans until every two are told apart, or all but the best are screened out.

    Parameters
    ----------
    target : Target
        The same for all plans.
    names : sequence of str
        Of the plans, two at least.
    largest : int
        Budget of replications of a plan.
    error : float
        Of each family of comparisons: all against the first, and all against each other.
    screening : bool
        Whether the best is looked for instead; plans that are out are replicated no further.
    """

    def __init__(self, target: Target, names: Sequence[str], largest: int, error: float, screening: bool) -> None:
        plans = len(names)
        super().__init__(Rule(plans * (plans - 1) // 2, error, largest))
        self.target, self.names, self.error, self.plans = target, tuple(names), error, plans
        self.screening = screening
        self.against_first: list[Comparison] = []
        self.all_pairs: list[Comparison] = []
        self.screened: Screening | None = None

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Return the plans of which enough is known."""
        statistics = self.statistics(scores)
        if min(map(len, statistics)) < self.rule.boundary.smallest:
            return []
        if self.screening:
            # From so many on the screening takes its variances.
            self.screened = screen(self.target, statistics, self.error, self.smallest)
            out = set(self.screened.eliminated_at)
            return range(self.plans) if self.screened.final else out
        self.compare(statistics)
        undecided = [pair for pair in self.against_first + self.all_pairs if not pair.final]
        needed = {number for pair in undecided for number in (pair.plan, pair.other)}
        return [number for number in range(self.plans) if number not in needed]

    def compare(self, statistics: Sequence[F64]) -> None:
        """Compare the plans as far as they have been replicated."""
        self.against_first = against_first(self.target, statistics, self.error, self.largest)
        self.all_pairs = all_pairs(self.target, statistics, self.error, self.largest)

    def statistics(self, scores: Sequence[Scores]) -> list[F64]:
        """Return the year's mean, or share, of each replication of each plan."""
        for name, of in zip(self.names, scores, strict=True):
            if (of.counts == 0).any():
                raise StudyError(Message("{plan} has replications in which nobody submits an application", plan=name))
        most = max(self.smallest, *map(len, scores)) + 1
        return [of.values(self.target, most) for of in scores]


@dataclass(frozen=True)
class PlansRun:
    """Plans with what was found of them.

    Attributes
    ----------
    scenarios : tuple of Scenario
    points : tuple of DesignPoint
    comparing : PairwiseStopping
    figures : tuple of Figures
        Of all replications that a plan's comparisons rest on.
    judgements : tuple of Judgement or None
        Whether each plan keeps the target, as one family; None if it cannot finish its cases.
    """

    scenarios: tuple[Scenario, ...]
    points: tuple[DesignPoint, ...]
    comparing: PairwiseStopping
    figures: tuple[Figures, ...]
    judgements: tuple[Judgement | None, ...]


def plan_points(scenarios: Sequence[Scenario], seed: int, engine: Engine) -> tuple[DesignPoint, ...]:
    """Return the design points of plans.

    Raises
    ------
    StudyError
        If their targets or periods are not the same, or two plans are the same scenario.
    """
    points = tuple(design_point_of(scenario, seed, engine) for scenario in scenarios)
    days = [scenario_days(scenario).working_days for scenario in scenarios]
    first, keys = scenarios[0], [point.key for point in points]
    for scenario, point, its_days in zip(scenarios, points, days, strict=True):
        if point.target != points[0].target:
            raise StudyError(Message("{plan} has another target than {first}; all plans need the same",
                                     plan=scenario.name, first=first.name))  # fmt: skip
        if its_days != days[0]:
            raise StudyError(
                Message("{plan} has {its} working days, {first} has {days}; plans are compared over the same period",
                        plan=scenario.name, its=its_days, first=first.name, days=days[0])
            )  # fmt: skip
        twin = scenarios[keys.index(point.key)]
        if twin is not scenario:
            raise StudyError(Message("{plan} and {twin} are the same in everything but their names",
                                     plan=scenario.name, twin=twin.name))  # fmt: skip
    return points


def run_plans(
    scenarios: Sequence[Scenario],
    points: tuple[DesignPoint, ...],
    comparing: PairwiseStopping,
    workers: Workers,
    store: Store,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> PlansRun:
    """Replicate the plans as far as their comparison needs.

    Parameters
    ----------
    scenarios : sequence of Scenario
        The first is the one that the others are held against.
    points : tuple of DesignPoint
        Of these, from `plan_points`: with one seed, so that replication r of every plan has the same random numbers.
    comparing : PairwiseStopping
    workers : Workers
    store : Store
    watch : callable
    """
    scores = gather(points, comparing, workers, store, watch)
    # Which replications happened to be in hand at the end makes no difference: each plan ends where its last
    # finding was made.
    used = _used(comparing, scores)
    comparing.compare([of[:n] for of, n in zip(comparing.statistics(scores), used, strict=True)])
    rule = Rule(len(points), comparing.error, comparing.largest)
    judgements = [
        None if of.unfinished and n > len(of) else of.first(n).judged(comparing.target, rule)
        for of, n in zip(scores, used, strict=True)
    ]
    figures = [
        replications_of(point, store, min(n, len(of)), comparing)
        for point, of, n in zip(points, scores, used, strict=True)
    ]  # fmt: skip
    return PlansRun(tuple(scenarios), points, comparing, tuple(figures), tuple(judgements))


def _used(comparing: PairwiseStopping, scores: Sequence[Scores]) -> list[int]:
    """Return how many replications of each plan the answer rests on."""
    used = [min(comparing.smallest, comparing.largest)] * comparing.plans
    if comparing.screened is not None:
        last = comparing.screened.replications
        return [max(comparing.screened.eliminated_at.get(number, last), n) for number, n in enumerate(used)]
    for pair in comparing.against_first + comparing.all_pairs:
        for number in (pair.plan, pair.other):
            used[number] = max(used[number], pair.replications)
    return used


def about_plans(
    scenarios: Sequence[Scenario], points: Sequence[DesignPoint], comparing: PairwiseStopping, name: str,
    command: str = "", fitted: Fitted | None = None, owned: Mapping[str, bool] | None = None,
) -> About:  # fmt: skip
    """Return what a comparison rests on; for the parameters see `run_plans` and `about_of`, and `owned_of`."""
    asked = [[scenario.name for scenario in scenarios], comparing.screening, *([] if owned is None else [owned])]
    return about_of("comparison", name, command, points, comparing.rule, asked, fitted)


def comparison_of(run: PlansRun, about: About) -> PlanComparison:
    """Return what was found of plans, as a record.

    Parameters
    ----------
    run : PlansRun
        From `run_plans`.
    about : About
        From `about_plans`.
    """
    comparing, names = run.comparing, [scenario.name for scenario in run.scenarios]
    screened = comparing.screened
    return PlanComparison(
        about=about,
        target=target_facts(comparing.target),
        working_days=scenario_days(run.scenarios[0]).working_days,
        replications=max(map(len, run.figures)),
        screening=None if screened is None else Screened(
            names[screened.best], tuple(names[number] for number in screened.surviving), screened.final
        ),
        scenarios=tuple(scenario_as_dict(scenario) for scenario in run.scenarios),
        plans=tuple(_plan(run, number, names) for number in range(len(names))),
        pairs=tuple(
            _pair(run, pair, family, names)
            for family, pairs in ((FIRST, comparing.against_first), (ALL, comparing.all_pairs))
            for pair in pairs
        ),
    )  # fmt: skip


def _plan(run: PlansRun, number: int, names: Sequence[str]) -> Plan:
    judged, screened, figures = run.judgements[number], run.comparing.screened, run.figures[number]
    title = run.scenarios[number].title
    verdict = judged.verdict if judged else Verdict.FAILS
    estimate, low, high = (judged.estimate, judged.low, judged.high) if judged else (np.nan,) * 3
    out = screened.eliminated_at if screened else {}
    by = screened.eliminated_by if screened else {}
    return Plan(
        names[number], title.en, title.zh, verdict.value, estimate, low, high, len(figures),
        _mean_of(figures, COST), _mean_of(figures, STAFF_HOURS),
        out.get(number, 0), names[by[number]] if number in by else "",
    )  # fmt: skip


def _pair(run: PlansRun, pair: Comparison, family: str, names: Sequence[str]) -> Pair:
    figures, others = run.figures[pair.plan], run.figures[pair.other]
    cost, other_cost = (_mean_of(each, COST) for each in (figures, others))
    both = min(len(figures), len(others))
    (minutes, cases), (other_minutes, other_cases) = (_licence_minutes(each, both) for each in (figures, others))
    # Of plans with other applicants minutes are not saved: they are not there.
    saved = other_minutes - minutes if (cases == other_cases).all() else np.full(both, np.nan)
    dearer = figures[COST][:both] - others[COST][:both] if both else np.empty(0)
    price, low, high = ratio_of_means(dearer, saved)
    # A plan that is cheaper and faster has no price, nor has one that is dearer and slower, or saves nothing for sure.
    if not price > 0 or np.isnan(low):
        price = low = high = np.nan
    return Pair(
        family, names[pair.plan], names[pair.other], pair.difference, pair.low, pair.high, pair.finding.value,
        cost - other_cost, float(saved.mean()) if both else np.nan, price, low, high,
        float((figures[COST][:both] / cases - others[COST][:both] / other_cases).mean()) if both else np.nan,
        pair.variance_reduction, pair.replications, pair.p_value,
    )  # fmt: skip


def _licence_minutes(figures: Figures, replications: int) -> tuple[F64, F64]:
    """Return the licence minutes of all cases of each replication, other business included, and their number."""
    minutes, cases = np.zeros(replications), np.zeros(replications)
    for kpi in figures.names:
        if (kpi.subject, kpi.by, kpi.statistic) == ("cases", "class", "submitted"):
            of_class = figures[f"cases submitted class {kpi.group}"][:replications]
            mean = figures[f"licence mean class {kpi.group}"][:replications]
            # In a replication without any of a class there is no mean of theirs.
            known = ~np.isnan(of_class)
            minutes[known] += of_class[known] * mean[known]
            cases[known] += of_class[known]
    return minutes, cases


def _mean_of(figures: Figures, name: str) -> float:
    """Return the mean of a figure over the replications, NaN if there is none."""
    return float(np.mean(figures[name])) if len(figures) else np.nan
