"""Explain: which stage makes the licences late, what one more of staff is worth, and when the lateness is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws.draw import draw
from sim.engines.play import Engine, play
from sim.measures.comparing import Comparison, Finding
from sim.measures.judge import Rule, Verdict
from sim.measures.lateness import CLOSED, WAIT, Lateness, Part, closed_to, lateness
from sim.measures.sequential import mean_intervals
from sim.office.blocks import Office
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict
from sim.replicate.design_points import DesignPoint, design_point_of
from sim.replicate.gather import Progress, gather
from sim.replicate.stopping import Scores
from sim.replicate.verdicts import NOTHING
from sim.replicate.work import compact
from sim.results.about import About, Interval, target_facts
from sim.studies.attribution.levers import Lever, LeverComparisons, one_more, unlimited
from sim.studies.attribution.records import (
    HALF_HOURS,
    IN_TIME,
    LATE,
    WEEKDAYS,
    WHOLE,
    Attribution,
    HalfHour,
    LatePart,
    LateShare,
    OneMore,
    Stage,
)
from sim.studies.base import Ready, StudyError
from sim.studies.shapley import FIRST, FIRST_IN_A_HURRY, WHOLES, Contributions, contribute, figure_of, threads_for
from sim.text import N_, Message, _

F64 = NDArray[np.float64]

LOGS = 20
"""Replications whose cases are looked at one by one."""
DAYS_A_WEEK = 5
_LEVERS, _STAGES = N_("one more of each pool"), N_("unlimited staff at stages")


@dataclass(frozen=True)
class Asked:
    """What is to be explained.

    Attributes
    ----------
    scenario : Scenario
    office : Office
    stages : tuple of str
        Stages that somebody visits.
    levers : tuple of Lever
        One more in each pool.
    points : tuple of DesignPoint
        Of the scenario, and of the levers.
    rule : Rule
        Of whichever family is the larger: the comparisons with one more, or the contributions.
    stage_rule : Rule
        Of the contributions, of the rest that unlimited staff leaves, and of the whole.
    """

    scenario: Scenario
    office: Office
    stages: tuple[str, ...]
    levers: tuple[Lever, ...]
    points: tuple[DesignPoint, ...]
    rule: Rule
    stage_rule: Rule


def asked_of(
    scenario: Scenario, seed: int, engine: Engine, rule_of: Callable[[int], Rule], hurry: bool = False
) -> Asked:
    """Return what there is to explain of a scenario.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    engine : str
    rule_of : callable
        Gives the rule for a number of answers.
    hurry : bool
        Whether contributions are looked at once only, early.
    """
    office = registration_office(scenario)
    stages = office.visited
    levers = tuple(one_more(scenario, stages))
    points = tuple(design_point_of(each, seed, engine) for each in [scenario, *(lever.scenario for lever in levers)])
    rule = rule_of(max(len(levers), len(stages) + WHOLES))
    first, last = (FIRST_IN_A_HURRY,) * 2 if hurry else (FIRST, rule.largest)
    stage_rule = Rule(len(stages) + WHOLES, rule.error, min(last, rule.largest), first)
    return Asked(scenario, office, stages, levers, points, rule, stage_rule)


def identity(asked: Asked) -> dict[str, Any]:
    """Return what the answer depends on besides its design points, for JSON."""
    levers = [[lever.pool, lever.where] for lever in asked.levers]
    first = asked.stage_rule.boundary.smallest
    return {"stages": list(asked.stages), "levers": levers, "logs": LOGS, "first": first}


def explain(asked: Asked, about: About, ready: Ready, jobs: int | None = None) -> Attribution:
    """Replicate the plan with one more of each pool, with unlimited staff, and look at its late cases.

    One more of a pool is a plan like any other, and is kept in the store. Unlimited staff is no plan that a scenario
    could have, and the logs are too large to keep: both are played here, in threads.

    Parameters
    ----------
    asked : Asked
    about : About
    ready : Ready
        For the plan and the levers.
    jobs : int, optional
        Threads; as many as there are cores if not given.

    Raises
    ------
    StudyError
        If nobody submits an application that the target is about.
    """
    office, target, scenario = asked.office, asked.points[0].target, asked.scenario
    if not any(population.on_target for population in office.populations):
        raise StudyError(Message(NOTHING))

    def watch(progress: Progress, step: str = _STAGES) -> None:
        ready.tell_step(progress, _(step))

    comparing = LeverComparisons(target, asked.rule)
    scores = gather(asked.points, comparing, ready.workers, ready.store, partial(watch, step=_LEVERS))
    comparisons = comparing.compare(scores)
    used = max([comparing.smallest, *(found.replications for found in comparisons)])
    plan, verdict = scores[0], Verdict.FAILS
    if not plan.unfinished:
        alone = Rule(1, asked.rule.error, asked.rule.largest)
        verdict = plan.first(used).judged(target, alone).verdict
    with threads_for(jobs) as threads:
        found = _contributions(asked, threads, watch)
        late = [] if plan.unfinished else _late(asked, threads)
    mean, low, high = found.intervals(asked.stage_rule)
    rests = [Interval(*(float(end[place]) for end in (mean, low, high))) for place in (-2, -1)]
    whole_year = scenario.period.first is None and scenario.period.last is None
    return Attribution(
        about=about,
        target=target_facts(target),
        verdict=verdict.value,
        unfinished=plan.unfinished,
        to_blame=to_blame(asked.stages, mean[:-WHOLES], low[:-WHOLES], high[:-WHOLES]),
        unlimited=rests[0],
        whole=rests[1],
        replications=max([len(found.nobody), len(late), *(of.replications for of in comparisons)]),
        stage_replications=len(found.nobody),
        residual=found.residual,
        late=_late_share(office, late),
        licences=_licences(plan, used),
        working_days=office.days.working_days,
        whole_year=whole_year,
        office_stages=tuple(stage.name for stage in office.stages),
        scenario=scenario_as_dict(scenario),
        stages=tuple(_stages(asked, found, late)),
        one_more=tuple(_one_more(asked, comparisons, scores, used)),
        late_cases=tuple(_late_cases(late)),
        week=tuple(_week(office, late)),
    )


def _licences(scores: Scores, used: int) -> float:
    return float(scores.counts[:used].mean()) if len(scores) else np.nan


def _contributions(asked: Asked, threads: ThreadPoolExecutor, watch: Callable[[Progress], None]) -> Contributions:
    """Relieve the stages one after the other, always with the same applicants; what each saves is positive."""
    point = asked.points[0]

    def figures(replication: int, coalitions: Sequence[int]) -> dict[int, float]:
        journeys = compact(draw(asked.office, point.seed, replication))
        return {
            coalition: figure_of(unlimited(asked.office, _members(asked, coalition)), journeys, point.engine)
            for coalition in coalitions
        }

    less = point.target.statistic == "mean"
    return contribute(len(asked.stages), point.seed, figures, point.target, asked.stage_rule, threads, watch, less)


def _members(asked: Asked, coalition: int) -> list[str]:
    return [stage for bit, stage in enumerate(asked.stages) if coalition >> bit & 1]


def to_blame(stages: Sequence[str], mean: F64, low: F64, high: F64) -> tuple[str, ...]:
    """Return the stage that adds most, with all whose intervals reach up to its own; none if nothing is added.

    Without an interval, which takes more replications, nobody is blamed.
    """
    known = ~np.isnan(low) & (mean > 0)
    if not known.any():
        return ()
    most = int(np.where(known, mean, -np.inf).argmax())
    if low[most] <= 0:
        return ()
    alike = [number for number in range(len(stages)) if known[number] and high[number] >= low[most]]
    return tuple(stages[number] for number in sorted(alike, key=lambda number: -mean[number]))


def _interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return a mean over replications with its interval; NaN ends if there are too few, or no spread."""
    if not len(values):
        return np.nan, np.nan, np.nan
    mean, low, high = (float(end[0]) for end in mean_intervals(np.array(values).reshape(-1, 1), Rule().boundary))
    return (mean, low, high) if low < high else (mean, np.nan, np.nan)


def _stages(asked: Asked, found: Contributions, late: Sequence[Lateness]) -> list[Stage]:
    mean, low, high = (ends[:-WHOLES].tolist() for ends in found.intervals(asked.stage_rule))
    added = np.array(mean).sum()
    shares = np.array(mean) / added if added > 0 else np.full(len(mean), np.nan)
    return [
        Stage(stage, mean[bit], low[bit], high[bit], float(shares[bit]), float(found.alone[bit].mean()),
              _waiting(late, stage))
        for bit, stage in enumerate(asked.stages)
    ]  # fmt: skip


def _waiting(late: Sequence[Lateness], stage: str) -> float:
    """Return the mean minutes that a case waits at a stage, of those that get the licence; NaN without logs."""
    found = []
    for of in late:
        there = np.isfinite(of.clock)
        waited = of.minutes_of(Part(WAIT, stage)) + of.minutes_of(Part(CLOSED, stage))
        found.append(float(waited[there].mean()) if there.any() else 0.0)
    return float(np.mean(found)) if found else np.nan


def _one_more(asked: Asked, comparisons: Sequence[Comparison], scores: Sequence[Scores], used: int) -> list[OneMore]:
    costs = [float(of.figures[:used, 0].mean()) if len(of) else np.nan for of in scores]
    about_mean, licences = asked.points[0].target.statistic == "mean", _licences(scores[0], used)
    return [
        OneMore(
            lever.pool, lever.where, of.difference, of.low, of.high, of.finding.value, cost - costs[0],
            *price_of_saving(of, cost - costs[0], licences, about_mean), of.replications,
        )
        for lever, of, cost in zip(asked.levers, comparisons, costs[1:], strict=True)
    ]  # fmt: skip


def price_of_saving(of: Comparison, cost: float, licences: float, about_mean: bool) -> tuple[float, float, float]:
    """Return the cost of each licence-minute saved [yuan/min], or of each licence more in time, and its ends.

    NaN if no saving was found. The ends are those of the difference: the cost hardly varies.
    """
    if of.finding is not Finding.BETTER or not np.isfinite([of.difference, of.low, of.high, cost]).all():
        return np.nan, np.nan, np.nan
    saved = np.array([-of.difference, -of.high, -of.low] if about_mean else [of.difference, of.low, of.high])
    price, *ends = (cost / (saved * licences)).tolist()
    return price, min(ends), max(ends)


def _late(asked: Asked, threads: ThreadPoolExecutor) -> list[Lateness]:
    point = asked.points[0]

    def one(replication: int) -> Lateness:
        journeys = draw(asked.office, point.seed, replication)
        return lateness(asked.office, journeys, play(asked.office, journeys, point.engine))

    return list(threads.map(one, range(min(LOGS, asked.rule.largest))))


def _late_share(office: Office, late: Sequence[Lateness]) -> LateShare:
    """Return how many are late, and how many of them came to a stage while it was closed."""
    unopened = float(np.mean([of.unopened.mean() for of in late if len(of.unopened)])) if late else np.nan
    interval, never = _interval([of.late_share for of in late]), sum(of.never for of in late)
    return LateShare(*interval, never, *closed_to(office, late), unopened, len(late))


def _late_cases(late: Sequence[Lateness]) -> list[LatePart]:
    """Return the mean minutes of late cases and of those in time, by part of the clock."""
    rows = []
    parts = list(dict.fromkeys(part for of in late for part in of.parts))
    for group in (LATE, IN_TIME) if late else ():
        found = np.zeros((len(late), len(parts)))
        for row, of in enumerate(late):
            found[row] = np.nan if np.isnan(means := of.mean_minutes(group == LATE)).all() else 0.0
            found[row, [parts.index(part) for part in of.parts]] = means
        whole = found.sum(axis=1)
        total = np.nanmean(whole) if not np.isnan(whole).all() else np.nan
        cases = float(np.mean([of.late_share if group == LATE else 1 - of.late_share for of in late]))
        named = [(WHOLE, whole), *((" ".join(filter(None, part)), found[:, i]) for i, part in enumerate(parts))]
        for name, values in named:
            mean, low, high = _interval(values)
            rows.append(LatePart(group, name, mean, low, high, mean / total if total > 0 else np.nan, cases))
    return rows


def _week(office: Office, late: Sequence[Lateness]) -> list[HalfHour]:
    """Return the minutes that late cases wait in a week of five working days, at stages where any do."""
    weeks = office.days.working_days / DAYS_A_WEEK
    total = np.zeros((len(office.stages), WEEKDAYS, HALF_HOURS))
    for of in late:
        total += of.week / (len(late) * weeks)
    return [
        HalfHour(day + 1, f"{slot // 2:02d}:{slot % 2 * 30:02d}", stage.name, float(total[place, day, slot]))
        for day in range(WEEKDAYS) for slot in range(HALF_HOURS) for place, stage in enumerate(office.stages)
        if any(total[place].any() or (WAIT, stage.name) in of.parts for of in late)
    ]  # fmt: skip
