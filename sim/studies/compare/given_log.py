"""What plans and their differences are once they carry how well a log tells the office.

Each office that the log leaves possible is played under all plans with the same random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from sim.measures.comparing import Finding
from sim.office.parameters import Scenario
from sim.replicate.gather import Progress
from sim.results.about import TargetFacts
from sim.studies.base import StudyError
from sim.studies.calibrate.intervals import NORMAL
from sim.studies.calibrate.records import Calibration
from sim.studies.compare.records import Pair, Plan, PlanComparison
from sim.studies.outcomes import MOST_MINUTES, Work, outcomes_of
from sim.studies.possible_offices import Played, PossibleOffices, carried_figure, played_year, verdict_given
from sim.studies.rounds import Carried, Round

FAR = 3.0
"""Standard deviations of a year that hardly any is off by."""


def given_log(
    record: PlanComparison, plans: Sequence[Scenario], calibration: Calibration, work: Work, quick: bool = False,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> PlanComparison:  # fmt: skip
    """Return a comparison whose verdicts, differences and findings carry what the log leaves open.

    If the best plan was looked for, or nobody comes in an office that the log leaves possible, as it is.

    Parameters
    ----------
    record : PlanComparison
        That takes the fitted values as exact.
    plans : sequence of Scenario
    calibration : Calibration
        That has fitted them.
    work : Work
    quick : bool
        Whether few offices are drawn.
    watch : callable
        Told the progress.

    Notes
    -----
    In an office near congestion a difference is many times as large as in others, and so is its chance. So its scale is
    asinh of parts of what a single year may come to in the fitted office: straight near none, a logarithm far from it.
    """
    offices = PossibleOffices.of(plans, calibration)
    if record.screening is not None or not offices.joint.known:
        return record
    target = record.target
    place = {plan.plan: number for number, plan in enumerate(record.plans)}
    # Every two plans once: those against the first are among them, perhaps the other way round.
    open_ = {frozenset((pair.plan, pair.other)): pair for pair in record.pairs if _has_interval(pair)}

    def play(of_offices: Sequence[Sequence[Scenario]], seed: int) -> list[Played]:
        flat = [plan for office in of_offices for plan in office]
        found = outcomes_of(flat, 1, replace(work, seed=seed), watch)
        shape = len(of_offices), len(plans)
        worse, ends = played_year(found, target)
        worse, ends, figures = worse.reshape(shape), ends.reshape(shape), found.figure.reshape(shape)
        played: list[Played] = [(worse[:, number], ends[:, number]) for number in range(len(plans))]
        for pair in open_.values():
            both = [place[pair.plan], place[pair.other]]
            apart = np.arcsinh((figures[:, both[0]] - figures[:, both[1]]) * _sign(target) / _size(pair))
            never = np.isinf(worse[:, both])
            # Where somebody never gets a licence, a difference has a side at most.
            side = np.where(never.all(axis=1), np.nan, np.where(never[:, 0], np.inf, -np.inf))
            apart = np.where(never.any(axis=1), side, apart)
            played.append((apart, np.zeros(len(apart), np.bool_)))
        return played

    with suppress(StudyError):
        rounds = list(zip(*offices.rounds(work.seed, play, quick), strict=True))
        of_pairs = dict(zip(open_, rounds[len(plans) :], strict=True))
        return replace(
            record,
            given_log=offices.facts(calibration, rounds[0]),
            plans=tuple(_plan(plan, of, target) for plan, of in zip(record.plans, rounds, strict=False)),
            pairs=tuple(
                _pair(pair, open_[both], of_pairs[both], target)
                if _has_interval(pair) and (both := frozenset((pair.plan, pair.other))) in open_ else pair
                for pair in record.pairs
            ),
        )  # fmt: skip
    return record


def _sign(target: TargetFacts) -> float:
    """Return what makes a larger difference a worse one."""
    return 1.0 if target.about_mean else -1.0


def _has_interval(pair: Pair) -> bool:
    """Say whether a difference has two ends; of plans that are the same it has none."""
    return -math.inf < pair.low < pair.high < math.inf


def _size(pair: Pair) -> float:
    """Return how large the difference may be in a year, of which the chance is many times that of all years' mean."""
    of_year = (pair.high - pair.low) / (2 * NORMAL) * math.sqrt(pair.replications)
    return max(abs(pair.low), abs(pair.high), FAR * of_year)


def _plan(plan: Plan, rounds: Sequence[Round], target: TargetFacts) -> Plan:
    if math.isfinite(plan.estimate) and not plan.low < plan.high:
        return plan
    found = carried_figure(rounds, plan.estimate, plan.low, plan.high, target)
    verdict, low, high = verdict_given(found, target)
    return replace(
        plan, verdict=verdict.value, low=low, high=high, kept=found.below, kept_error=found.error, exact=plan.verdict,
        exact_low=plan.low, exact_high=plan.high,
    )  # fmt: skip


def _pair(pair: Pair, as_played: Pair, rounds: Sequence[Round], target: TargetFacts) -> Pair:
    """Return a pair that carries the log; it was played in the one order or the other."""
    if pair.plan != as_played.plan:
        # Better is the same as worse the other way round.
        rounds = [replace(each, apart=-each.apart, own=-each.own) for each in rounds]
    size, sign = _size(as_played), _sign(target)
    own, *ends = (math.asinh(value * sign / size) for value in (pair.difference, pair.low, pair.high))
    found = Carried.of(rounds, own, min(ends), max(ends), 0.0)
    low, high = (_minutes(end, size) for end in found.ends)
    finding = Finding.NONE
    if (low > 0 or high < 0) and found.sure:
        finding = Finding.WORSE if low > 0 else Finding.BETTER
    elif max(abs(low), abs(high)) < target.margin:
        finding = Finding.TOO_CLOSE
    low, high = sorted((low * sign, high * sign))
    return replace(
        pair, low=low, high=high, finding=finding.value, p_value=math.nan, better=found.below,
        better_error=found.error, from_log=found.from_log, exact=pair.finding, exact_low=pair.low,
        exact_high=pair.high,
    )  # fmt: skip


def _minutes(value: float, size: float) -> float:
    """Return a difference at a place of the scale; infinite if it is that to where somebody never gets a licence."""
    minutes = size * math.sinh(value)
    return math.copysign(math.inf, minutes) if abs(minutes) > MOST_MINUTES / 2 else minutes
