"""What a verdict is once it carries how well a log tells the office."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from scipy.special import fdtrc

from sim.measures.judge import Verdict
from sim.office.parameters import Scenario
from sim.replicate.gather import Progress
from sim.results.fitted import parameter_of
from sim.studies.base import StudyError
from sim.studies.calibrate.records import Calibration
from sim.studies.outcomes import Work
from sim.studies.possible_offices import PossibleOffices, carried_figure, figure_at, playing, verdict_given
from sim.studies.rounds import Round, offices_apart
from sim.studies.run.records import Cause, GivenLog, Run

Watch = Callable[[Progress], None]

SURE = 1e-3
"""Chance of being taken for a cause without being one."""


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
    offices = PossibleOffices.of([scenario], calibration, assumed)
    if not offices.joint.known and not (assumed and offices.unseen):
        return record
    with suppress(StudyError):
        rounds = [each for (each,) in offices.rounds(work.seed, playing(record.target, work, watch), quick)]
        return _judged(record, calibration, offices, rounds)
    return record


def _judged(record: Run, calibration: Calibration, offices: PossibleOffices, rounds: Sequence[Round]) -> Run:
    target = record.target
    found = carried_figure(rounds, record.estimate, record.low, record.high, target, not offices.assumed)
    centres = found.whole.centres
    # Where old days count less, a longer log tells no more.
    no_length = offices.assumed or calibration.log.half_life is not None
    facts = GivenLog(
        **vars(offices.facts(calibration, rounds)), exact=record.verdict, low=record.low, high=record.high,
        kept=found.below, kept_error=found.error, from_log=found.from_log,
        days_to_halve=math.nan if no_length else found.longer * calibration.log.working_days,
        assumed=offices.assumed, never=int(np.isinf(centres).sum()),
        figures=tuple(float(f"{figure_at(float(of), target):.6g}") for of in centres),
    )  # fmt: skip
    verdict, low, high = verdict_given(found, target)
    kept = record.estimate <= target.promised if target.about_mean else record.estimate >= target.promised
    if offices.assumed and verdict is (Verdict.FAILS if kept else Verdict.HOLDS):
        # Ranges are no knowledge of this office, and the office as it is says otherwise.
        verdict = Verdict.UNDECIDED
    causes = tuple(_causes(offices, found.rounds))
    return replace(record, verdict=verdict.value, p_value=None, given_log=facts, low=low, high=high, causes=causes)


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
