"""The offices that the log of a fitted scenario leaves possible: drawn, and played beside the fitted one.

A fitted scenario is one of them. Others are drawn from the joint distribution of the fitted values and played for a
year or a few, with the same random numbers as the fitted office beside them. What they differ by from it is what the
log leaves open and, as so few years are played, chance; how much is chance the repeated years tell, and that is
taken out (`sim.studies.rounds`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.measures.judge import Verdict
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.scenario import scenario_as_dict
from sim.present.terminal import say
from sim.replicate.design_points import digest
from sim.replicate.gather import Progress
from sim.results.about import TargetFacts
from sim.results.assumptions import Assumption
from sim.results.fitted import DrawnOffices, Fitted, parameter_of, samples_in, values_at
from sim.studies.assumptions import FLATTENED, assumptions_of, scenario_with
from sim.studies.base import StudyError
from sim.studies.calibrate import STUDY as FITTED
from sim.studies.calibrate.intervals import TAIL
from sim.studies.calibrate.records import Calibration, Estimate
from sim.studies.calibrate.scenarios import JointFit, at, has, path_of, root_of
from sim.studies.finished import SavedError, read_results
from sim.studies.outcomes import MOST_MINUTES, Outcomes, Work, outcomes_of
from sim.studies.rounds import F64, Carried, Round, offices_apart, years_apart
from sim.text import _

Played = tuple[F64, NDArray[np.bool_]]
"""A figure of the fitted office and of those beside it, worse = larger, and whether it is at an end of its scale."""
Play = Callable[[Sequence[Sequence[Scenario]], int], Sequence[Played]]
"""Plays plans of offices, the fitted one first, for a year with a seed; returns one figure or several."""

ROUNDS, QUICK, EACH = 8, 2, 24
"""Rounds of drawing, each with random numbers of its own, those of a quick look, and the offices drawn in one."""
FIRST_YEARS, MOST_YEARS = 2, 4
"""Years of an office in the first round, which has to tell chance from office, and the most in a later one."""
LEAST_SHARE = 1e-6
"""A share is no nearer to none and to all than this."""
TRIES = 20
"""Draws of assumptions before they are left as they are, if they are not possible together."""
SCALED = ("review.return_rate", "review.return_factors.")
"""The first is a matter of scale where some of the second are fitted."""


def calibration_beside(file: str, fitted: Fitted | None) -> Calibration | None:
    """Return the calibration in whose folder a fitted scenario lies; None, with a word, if it is damaged.

    Parameters
    ----------
    file : str
    fitted : Fitted or None
        What was fitted to one log in all that is asked about; else there is no such calibration.
    """
    if fitted is None or not fitted.log:
        return None
    try:
        return read_results(FITTED, Path(file).parent)
    except SavedError as error:
        say(_("{why}; the fitted values are taken as exact (warning)", why=error))
        return None


def owned_of(fitted: Fitted | None, calibration: Calibration | None, quick: bool) -> dict[str, bool] | None:
    """Return what of this an answer depends on, for its identity; None if nothing was fitted.

    Without what the log leaves open, or from fewer offices, it is another answer: none replaces another unasked.
    """
    carried = calibration is not None
    return None if fitted is None else {"given the log": carried, "quick": carried and quick}


@dataclass(frozen=True)
class PossibleOffices:
    """The offices that a log leaves possible.

    Attributes
    ----------
    joint : JointFit
        Of the fitted values that one of the plans at least has as they were fitted.
    plans : tuple of JointFit
        Of those that each plan has.
    unseen : tuple of Assumption
        What the log does not show.
    changed : tuple of str
        Paths of what was set to something else since the fit in all plans: chosen, so it is not drawn.
    assumed : bool
        Whether what the log does not show is drawn.
    """

    joint: JointFit
    plans: tuple[JointFit, ...]
    unseen: tuple[Assumption, ...]
    changed: tuple[str, ...]
    assumed: bool

    @classmethod
    def of(
        cls, plans: Sequence[Scenario], calibration: Calibration, assumed: bool = False, but: Sequence[str] = ()
    ) -> PossibleOffices:
        """Return those of plans for one office, each a scenario.

        Parameters
        ----------
        plans : sequence of Scenario
            What the log does not show is told of the first.
        calibration : Calibration
        assumed : bool
            Whether that is drawn.
        but : sequence of str
            Parameters that are asked about: not drawn.
        """
        then, fitted = calibration.scenario, calibration.about.fitted
        used = [each for each in calibration.used if each.name not in but]
        told = {parameter_of(each.name) for each in used if each.known and not each.index}
        # Profiles of time only as a whole.
        told |= {path for path in (fitted.parameters if fitted else ()) if path in FLATTENED}
        told |= {SCALED[0]} if any(each.startswith(SCALED[1]) for each in told) else set()
        possible: list[Assumption] = []
        with suppress(StudyError):
            possible = [of for of in assumptions_of(plans[0])[0] if of.parameter not in but]
        paths = dict.fromkeys([*(of.parameter for of in possible), *(parameter_of(each.name) for each in used)])
        joints, changed = [], list[set[str]]()
        for plan in plans:
            now = scenario_as_dict(plan)
            changed.append({path for path in paths if _found(now, path) != _found(then, path)})
            kept = [each for each in used if _same(now, then, each)]
            joints.append(JointFit.of(plan, kept, calibration.dependence))
        unseen = tuple(of for of in possible if of.parameter not in set.union(told, *changed))
        in_all = tuple(path for path in paths if path in set.intersection(*changed))
        known = tuple({each.name: each for joint in joints for each in joint.known}.values())
        whole = JointFit(plans[0], known, root_of(known, calibration.dependence))
        return cls(whole, tuple(joints), unseen, in_all, assumed)

    def drawn(self, seed: int, number: int) -> tuple[list[Scenario], F64]:
        """Return the plans in an office, and where it is: in standard errors, of an assumption how far up its range.

        Of each two the second is as far off to the other side: what is proportional cancels out of their mean.
        """
        pair, other = divmod(number, 2)
        generator = np.random.default_rng([seed, pair])
        normals = self.joint.normals(generator) * (-1 if other else 1)
        place = {each.name: at for at, each in enumerate(self.joint.known)}
        office = [joint.office(normals[[place[each.name] for each in joint.known]]) for joint in self.plans]
        if not self.assumed:
            return office, normals
        for _try in range(TRIES):
            parts = generator.random(len(self.unseen))
            parts = 1 - parts if other else parts
            with suppress(ScenarioError):
                values = {of: of.at(float(part)) for of, part in zip(self.unseen, parts, strict=True)}
                return [scenario_with(plan, values) for plan in office], np.concatenate([normals, parts])
        return office, np.concatenate([normals, np.full(len(self.unseen), 0.5)])

    def rounds(self, seed: int, play: Play, quick: bool = False) -> Iterator[tuple[Round, ...]]:
        """Draw and play offices, round by round; of each figure that `play` returns a round.

        Parameters
        ----------
        seed : int
        play : callable
        quick : bool
            Whether few offices are drawn.
        """
        years, first = FIRST_YEARS, 0
        for number in range(QUICK if quick else ROUNDS):
            drawn = [self.drawn(seed, number * EACH + place) for place in range(EACH)]
            places = np.array([place for _office, place in drawn])
            offices = [[joint.scenario for joint in self.plans], *(office for office, _place in drawn)]
            years_of = [play(offices, _seed_of_year(seed, first + year)) for year in range(years)]
            first += years
            found = tuple(_round(places, of_figure) for of_figure in zip(*years_of, strict=True))
            yield found
            if number == 0:
                years = max(map(_best_years, found))

    def facts(self, calibration: Calibration, rounds: Sequence[Round]) -> DrawnOffices:
        """Return what was drawn and played, for a record; `rounds` are those of one figure."""
        fitted = calibration.about.fitted
        return DrawnOffices(
            log=calibration.name, days=calibration.log.working_days, estimates=len(self.joint.known),
            unseen=len(self.unseen), changed=self.changed, offices=sum(len(each.places) for each in rounds),
            replications=sum(each.apart.size for each in rounds),
            sampled=samples_in(calibration.scenario, fitted.parameters if fitted else ()),
        )  # fmt: skip


def _round(places: F64, years: Sequence[Played]) -> Round:
    played, ends = (np.array(of) for of in zip(*years, strict=True))
    return Round(places, played[:, 1:], played[:, 0], np.any(ends[:, 1:], axis=0))


def _best_years(first: Round) -> int:
    """Return how many years make the variance between offices best known for the work (Sun, Apley and Staum 2011)."""
    noise = years_apart([first])
    return min(max(round(noise / max(offices_apart([first]), noise / MOST_YEARS, 1e-300)), 1), MOST_YEARS)


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


def _seed_of_year(seed: int, year: int) -> int:
    """Return a seed for random numbers other than those of the verdict, of other years, and of seeds nearby."""
    return int(digest(["given the log", seed, year])[:8], 16)


def played_year(found: Outcomes, target: TargetFacts) -> Played:
    """Return the figure of each office on the open scale, inf if it cannot finish, and whether it is a share at an end.

    There it is cut off, and from one year to another as far apart as that leaves it.
    """
    inside = (found.figure > LEAST_SHARE) & (found.figure < 1 - LEAST_SHARE)
    ends = np.full(len(inside), False) if target.about_mean else ~inside
    return np.where(found.unfinished, np.inf, open_scale(found.figure, target)), ends


def playing(target: TargetFacts, work: Work, watch: Callable[[Progress], None]) -> Play:
    """Return what plays offices of one plan, for what their target is about."""

    def play(offices: Sequence[Sequence[Scenario]], seed: int) -> list[Played]:
        found = outcomes_of([plan for (plan,) in offices], 1, replace(work, seed=seed), watch)
        return [played_year(found, target)]

    return play


def carried_figure(
    rounds: Sequence[Round], estimate: float, low: float, high: float, target: TargetFacts, about: bool = True
) -> Carried:
    """Return what the target is about, on the open scale, with the probability that the target is kept.

    Parameters
    ----------
    rounds : sequence of Round
    estimate, low, high : float
        Of the fitted office, and its interval; the first is not finite if it cannot finish.
    target : TargetFacts
    about : bool
        Whether all were drawn about the fitted office.
    """
    own, *ends, promised = open_scale(np.array([estimate, low, high, target.promised]), target)
    own = own if math.isfinite(estimate) else math.inf
    return Carried.of(rounds, float(own), float(min(ends)), float(max(ends)), float(promised), about, smooth=True)


def open_scale(figures: F64, target: TargetFacts) -> F64:
    """Return figures on a scale without ends, worse = larger; inf if never."""
    if not target.about_mean:
        return np.asarray(-logit(np.clip(figures, LEAST_SHARE, 1 - LEAST_SHARE)))
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(figures >= MOST_MINUTES, np.inf, np.log(figures)))


def figure_at(value: float, target: TargetFacts) -> float:
    """Return the figure at a place of that scale."""
    if not target.about_mean:
        return float(expit(-value))
    return math.exp(value) if value < math.inf else math.inf


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


def verdict_given(found: Carried, target: TargetFacts) -> tuple[Verdict, float, float]:
    """Return verdict and interval of a figure on the open scale; NaN where the interval has no end."""
    if not found.told:
        return Verdict.FAILS if found.below <= TAIL and found.sure else Verdict.UNDECIDED, math.nan, math.nan
    low, high = sorted(figure_at(end, target) for end in found.ends)
    return verdict_of(low, high, target, found.sure), low, high if math.isfinite(high) else math.nan
