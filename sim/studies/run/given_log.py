"""What a verdict is once it carries how well a log tells the office.

A fitted scenario is one of the offices that its log leaves possible. Others are drawn from the joint distribution of
the fitted values and played for a year or a few, with the same random numbers as the fitted office beside them. What
they differ by from it is what the log leaves open and, as so few years are played, chance; how much is chance the
repeated years tell, and that is taken out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, fdtrc, logit

from sim.measures.judge import Verdict
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict
from sim.replicate.design_points import digest
from sim.replicate.gather import Progress
from sim.results.about import TargetFacts
from sim.results.assumptions import Assumption
from sim.results.fitted import parameter_of, values_at
from sim.studies.assumptions import FLATTENED, assumptions_of, scenario_with
from sim.studies.base import StudyError
from sim.studies.calibrate.fits.intervals import CONFIDENCE, NORMAL, TAIL
from sim.studies.calibrate.fits.scenarios import JointFit, at, has, path_of
from sim.studies.calibrate.records import Calibration, Estimate
from sim.studies.outcomes import MOST_MINUTES, Outcomes, Work, outcomes_of
from sim.studies.run.records import Cause, GivenLog, Run
from sim.studies.run.rounds import F64, Mixture, Round, offices_apart, without_years, years_apart

Watch = Callable[[Progress], None]

ROUNDS, QUICK, EACH = 8, 2, 24
"""Rounds of drawing, each with random numbers of its own, those of a quick look, and the offices drawn in one."""
FIRST_YEARS, MOST_YEARS = 2, 4
"""Years of an office in the first round, which has to tell chance from office, and the most in a later one."""
LEAST_SHARE = 1e-6
"""A share is no nearer to none and to all than this."""
SURE = 1e-3
"""Chance of being taken for a cause without being one."""
TRIES = 20
"""Draws of assumptions before they are left as they are, if they are not possible together."""
SCALED = ("review.return_rate", "review.return_factors.")
"""The first is a matter of scale where some of the second are fitted."""


def given_log(
    record: Run, scenario: Scenario, calibration: Calibration, work: Work, assumed: bool = False, quick: bool = False,
    watch: Watch = lambda progress: None,
) -> Run:  # fmt: skip
    """Return a run whose verdict and interval carry what the log leaves open.

    Without an interval of its own, or if nobody comes in an office that the log leaves possible, as it is.

    Parameters
    ----------
    record : Run
        With the verdict that takes the fitted values as exact.
    scenario : Scenario
    calibration : Calibration
        That has fitted it.
    work : Work
    assumed : bool
        Whether assumptions that the log does not show are drawn from their plausible ranges as well.
    quick : bool
        Whether few offices are drawn.
    watch : callable
        Told the progress.
    """
    if record.unfinished is None and not (record.has_interval or math.isinf(record.estimate)):
        return record
    offices = PossibleOffices.of(scenario, calibration, assumed)
    if not offices.joint.known and not (assumed and offices.unseen):
        return record
    number = QUICK if quick else ROUNDS
    with suppress(StudyError):
        return _judged(record, calibration, offices, list(_rounds(number, offices, record.target, work, watch)))
    return record


@dataclass(frozen=True)
class PossibleOffices:
    """The offices that a log leaves possible.

    Attributes
    ----------
    joint : JointFit
        Of the fitted values that the scenario has as they were fitted.
    unseen : tuple of Assumption
        What the log does not show.
    changed : tuple of str
        Paths of what was set to something else since the fit: chosen, so it is not drawn.
    assumed : bool
        Whether what the log does not show is drawn.
    """

    joint: JointFit
    unseen: tuple[Assumption, ...]
    changed: tuple[str, ...]
    assumed: bool

    @classmethod
    def of(cls, scenario: Scenario, calibration: Calibration, assumed: bool = False) -> PossibleOffices:
        """Return those of a scenario."""
        now, then, fitted = scenario_as_dict(scenario), calibration.scenario, calibration.about.fitted
        used = calibration.used
        told = {parameter_of(each.name) for each in used if each.known and not each.index}
        # Profiles of time only as a whole.
        told |= {path for path in (fitted.parameters if fitted else ()) if path in FLATTENED}
        told |= {SCALED[0]} if any(each.startswith(SCALED[1]) for each in told) else set()
        possible: tuple[Assumption, ...] = ()
        with suppress(StudyError):
            possible = assumptions_of(scenario)[0]
        paths = dict.fromkeys([*(of.parameter for of in possible), *(parameter_of(each.name) for each in used)])
        changed = tuple(path for path in paths if _found(now, path) != _found(then, path))
        unseen = tuple(of for of in possible if of.parameter not in (*told, *changed))
        kept = [each for each in used if _same(now, then, each)]
        return cls(JointFit.of(scenario, kept, calibration.dependence), unseen, changed, assumed)

    def drawn(self, seed: int, number: int) -> tuple[Scenario, F64]:
        """Return an office, and where it is: in standard errors, and of each assumption how far up its range.

        Of each two the second is as far off to the other side: what is proportional cancels out of their mean.
        """
        pair, other = divmod(number, 2)
        generator = np.random.default_rng([seed, pair])
        normals = self.joint.normals(generator) * (-1 if other else 1)
        office = self.joint.office(normals)
        if not self.assumed:
            return office, normals
        for _ in range(TRIES):
            parts = generator.random(len(self.unseen))
            parts = 1 - parts if other else parts
            with suppress(ScenarioError):
                values = {of: of.at(float(part)) for of, part in zip(self.unseen, parts, strict=True)}
                return scenario_with(office, values), np.concatenate([normals, parts])
        return office, np.concatenate([normals, np.full(len(self.unseen), 0.5)])


def _found(scenario: dict[str, Any], path: str) -> list[Any] | None:
    """Return the values of a parameter of a scenario in full; None if it has none, as of a step that it lacks."""
    by_name = scenario | {"steps": {step["name"]: step for step in scenario["steps"]}}
    try:
        return values_at(by_name, path)
    except (KeyError, TypeError):
        return None


def _same(now: dict[str, object], fitted: dict[str, object], estimate: Estimate) -> bool:
    path = path_of(estimate.name)
    return has(now, path) and has(fitted, path) and bool(at(now, path) == at(fitted, path))


def _rounds(rounds: int, offices: PossibleOffices, target: TargetFacts, work: Work, watch: Watch) -> Iterator[Round]:
    """Draw and play offices, round by round."""
    years, noise, first = FIRST_YEARS, 0.0, 0
    for number in range(rounds):
        drawn = [offices.drawn(work.seed, number * EACH + place) for place in range(EACH)]
        scenarios = [offices.joint.scenario, *(scenario for scenario, _ in drawn)]
        years_of = []
        for year in range(years):
            of_year = replace(work, seed=_seed_of_year(work.seed, first + year))
            years_of.append(played_year(outcomes_of(scenarios, 1, of_year, watch), target))
        first += years
        played, ends = (np.array(of) for of in zip(*years_of, strict=True))
        found = Round(np.array([place for _, place in drawn]), played[:, 1:], played[:, 0], np.any(ends[:, 1:], axis=0))
        yield found
        if number == 0:
            noise = years_apart([found])
            # As many years as make the variance between offices best known for the work (Sun, Apley and Staum 2011).
            best = noise / max(offices_apart([found]), noise / MOST_YEARS, 1e-300)
            years = min(max(round(best), 1), MOST_YEARS)


def _seed_of_year(seed: int, year: int) -> int:
    """Return a seed for random numbers other than those of the verdict, of other years, and of seeds nearby."""
    return int(digest(["given the log", seed, year])[:8], 16)


def played_year(found: Outcomes, target: TargetFacts) -> tuple[F64, NDArray[np.bool_]]:
    """Return the figure of each office on the open scale, inf if it cannot finish, and whether it is a share at an end.

    There it is cut off, and from one year to another as far apart as that leaves it.
    """
    inside = (found.figure > LEAST_SHARE) & (found.figure < 1 - LEAST_SHARE)
    ends = np.full(len(inside), False) if target.about_mean else ~inside
    return np.where(found.unfinished, np.inf, _open_scale(found.figure, target)), ends


def _open_scale(figures: F64, target: TargetFacts) -> F64:
    """Return figures on a scale without ends, worse = larger; inf if never."""
    if not target.about_mean:
        return np.asarray(-logit(np.clip(figures, LEAST_SHARE, 1 - LEAST_SHARE)))
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(figures >= MOST_MINUTES, np.inf, np.log(figures)))


def _back(value: float, target: TargetFacts) -> float:
    """Return the figure at a place of that scale."""
    if not target.about_mean:
        return float(expit(-value))
    return math.exp(value) if value < math.inf else math.inf


def _judged(record: Run, calibration: Calibration, offices: PossibleOffices, rounds: Sequence[Round]) -> Run:
    target = record.target
    own, low, high = (
        float(value) for value in _open_scale(np.array([record.estimate, record.low, record.high]), target)
    )
    # An office that never does is itself no place from which others can be told.
    told = record.unfinished is None and math.isfinite(own) and all(np.isfinite(each.own).all() for each in rounds)
    start = own if told else 0.0
    rounds = [each.beside() if told else each for each in rounds]
    noise = years_apart(rounds)
    years = sum(len(each.apart) for each in rounds)
    # The scenario's own years were played as often as a round's offices were: once for all of these.
    error = math.hypot((high - low) / (2 * NORMAL), math.sqrt(noise / years)) if told else 0.0
    means = [start + of for of in (without_years(rounds) if told else [each.means for each in rounds])]
    # What is drawn evenly from a range is not drawn about the fitted office.
    whole = Mixture(np.concatenate(means), error, own if told and not offices.assumed else math.nan)
    promised = float(_open_scale(np.array([target.promised]), target)[0])
    kept = whole.below(promised)
    # Of rounds on one centre the pairs are what is independent; else a round has its years in common.
    apart = np.split(np.arange(len(whole.centres)), len(whole.centres) // 2 if told else len(means))
    without = [replace(whole, centres=np.delete(whole.centres, of)).below(promised) for of in apart]
    kept_error = float(np.std(without)) * math.sqrt(len(apart) - 1)  # jackknife
    sure = max(kept, 1 - kept) - NORMAL * kept_error >= CONFIDENCE + TAIL
    finite = whole.centres[np.isfinite(whole.centres)]
    spread = float(finite.var(ddof=1)) if told and len(finite) > 1 else 0.0
    ends = sorted(_back(whole.quantile(tail), target) for tail in (TAIL, CONFIDENCE + TAIL))
    chance = whole.error**2
    left = (spread + chance) / 4 - chance
    longer = math.nan if offices.assumed or not told else spread / left if left > 0 else math.inf
    facts = GivenLog(
        log=calibration.name, days=calibration.log.working_days, exact=record.verdict, low=record.low, high=record.high,
        kept=kept, kept_error=kept_error,
        from_log=spread / (spread + chance) if told and spread + chance > 0 else math.nan,
        days_to_halve=longer * calibration.log.working_days, estimates=len(offices.joint.known),
        unseen=len(offices.unseen), changed=offices.changed, assumed=offices.assumed, offices=len(whole.centres),
        replications=sum(each.apart.size for each in rounds), never=len(whole.centres) - len(finite),
        figures=tuple(float(f"{_back(float(of), target):.6g}") for of in whole.centres),
    )  # fmt: skip
    verdict = verdict_of(ends[0], ends[1], target, sure)
    if not told:
        verdict, ends = Verdict.FAILS if kept <= TAIL and sure else Verdict.UNDECIDED, [math.nan, math.nan]
    return replace(
        record, verdict=verdict.value, p_value=None, given_log=facts,
        low=ends[0], high=ends[1] if math.isfinite(ends[1]) else math.nan,
        causes=tuple(_causes(offices, rounds)),
    )  # fmt: skip


def verdict_of(low: float, high: float, target: TargetFacts, sure: bool = True) -> Verdict:
    """Return the verdict that an interval stands for; on one side of the target only if that side is `sure`."""
    promised = target.promised
    worst, best = (high, low) if target.about_mean else (-low, -high)
    sign = 1.0 if target.about_mean else -1.0
    if worst <= sign * promised and sure:
        return Verdict.HOLDS
    if best > sign * promised and sure:
        return Verdict.FAILS
    if low >= promised - target.margin and high <= promised + target.margin:
        return Verdict.TOO_CLOSE
    return Verdict.UNDECIDED


def _causes(offices: PossibleOffices, rounds: Sequence[Round]) -> Iterator[Cause]:
    """Yield the shares of what was drawn in how widely the figure is open, and what was not drawn.

    Notes
    -----
    The share of the variance between offices that a linear regression of the pairs on it explains, adjusted for the
    number of its values; of what is correlated, with what it has in common with others. Those that an F test at 0.1 %
    does not find are left out.
    """
    observations = dict[str, int]()
    columns = dict[str, list[int]]()
    for place, each in enumerate(offices.joint.known):
        path = parameter_of(each.name)
        columns.setdefault(path, []).append(place)
        observations[path] = observations.get(path, 0) + each.n
    if offices.assumed:
        first = len(offices.joint.known)
        columns |= {of.parameter: [first + place] for place, of in enumerate(offices.unseen)}
    # Half of what the two offices of a pair differ by: what is proportional, without what a round has in common.
    means = np.concatenate([each.means for each in rounds])
    places = np.concatenate([each.places for each in rounds])
    with np.errstate(invalid="ignore"):
        y = (means[::2] - means[1::2]) / 2
    x = ((places[::2] - places[1::2]) / 2)[np.isfinite(y)]
    y = y[np.isfinite(y)]
    open_ = offices_apart(rounds)
    found = []
    for path, of in columns.items():
        freedom = len(y) - len(of)
        if freedom < 1 or open_ <= 0:
            continue
        rest = y - x[:, of] @ np.linalg.lstsq(x[:, of], y, rcond=None)[0]
        whole, left = float(y @ y), max(float(rest @ rest), 1e-300)
        if fdtrc(len(of), freedom, (whole - left) / len(of) / (left / freedom)) < SURE:
            share = (whole / len(y) - left / freedom) / open_
            found.append(Cause(path, min(share, 1.0), observations.get(path, 0)))
    yield from sorted(found, key=lambda cause: -cause.share)
    if not offices.assumed:
        yield from (Cause(of.parameter, math.nan, 0) for of in offices.unseen)
