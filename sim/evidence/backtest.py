"""Back-test: simulate a time that the fit has not seen, and hold it against what the log shows of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sim.draws.draw import draw
from sim.engines.play import Engine, NeverFinishesError, play
from sim.evidence.logs.log import StepLog
from sim.evidence.logs.observed import Seen, seen_in, with_steps
from sim.evidence.logs.simulated import log_of
from sim.office.demand import scenario_days
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict, scenario_from_dict

F64 = NDArray[np.float64]

REPLICATIONS = 119
"""With 119, the 3rd smallest and the 3rd largest are the ends of an interval of 95 %."""
OUTSIDE = 3
"""Simulated values beyond either end of the interval, the end included."""


@dataclass(frozen=True)
class Compared:
    """A figure of the held-out days, as observed and as simulated.

    Attributes
    ----------
    step, measure : str
        See `Seen`.
    observed : float
    n : int
        Rows of the log that it rests on.
    simulated : float
        Median of the replications.
    low, high : float
        Interval in which a further replication lies with 95 %.
    """

    step: str
    measure: str
    observed: float
    n: int
    simulated: float
    low: float
    high: float

    @property
    def inside(self) -> bool:
        """Whether the log could have been one of the replications."""
        return self.low <= self.observed <= self.high


def back_test(
    scenario: Scenario,
    held_out: StepLog,
    first: date,
    last: date,
    seed: int,
    steps: Collection[str] = (),
    engine: Engine = "compiled",
    varied: Callable[[int], Scenario] | None = None,
    told: Callable[[int, int], None] = lambda done, all_: None,
) -> list[Compared]:
    """Return what the log shows of the held-out days beside what the fitted office does on them.

    Parameters
    ----------
    scenario : Scenario
        Fitted to the days before.
    held_out : StepLog
        The rows of the days from `first` to `last`.
    first, last : date
        In the year of the scenario.
    seed : int
    steps : collection of str
        Those that the log has before these days.
    engine : str
    varied : callable, optional
        Returns the office for a replication: with parameters drawn from their intervals, so that the comparison carries
        what the fit does not know as well as chance. The scenario itself if left out.
    told : callable
        Gets the replications done, and all.

    Notes
    -----
    The log is one more replication if the model is right, so its value has as good a chance to be the k-th smallest as
    any: with 119 replications it lies between the 3rd smallest and the 3rd largest with probability 95 %.
    """
    office = varied or (lambda replication: scenario)
    days = scenario_days(_in(scenario, first, last)).working_days
    observed = seen_in(held_out, days, steps)
    found: list[Mapping[tuple[str, str], Seen] | None] = []
    for replication in range(REPLICATIONS):
        found.append(_simulated(_in(office(replication), first, last), days, seed, replication, engine))
        told(replication + 1, REPLICATIONS)
    return [_compared(seen, found) for seen in observed]


def _in(scenario: Scenario, first: date, last: date) -> Scenario:
    """Return the scenario in another period of its year."""
    return scenario_from_dict({**scenario_as_dict(scenario), "period": {"first": str(first), "last": str(last)}})


def _simulated(
    scenario: Scenario, days: int, seed: int, replication: int, engine: Engine
) -> Mapping[tuple[str, str], Seen] | None:
    """Return what the log of a replication shows; None of an office that never finishes."""
    office = registration_office(scenario)
    journeys = draw(office, seed, replication)
    try:
        played = play(office, journeys, engine)
    except NeverFinishesError:
        return None
    return with_steps(seen_in(log_of(office, journeys, played), days))


def _compared(seen: Seen, replications: Sequence[Mapping[tuple[str, str], Seen] | None]) -> Compared:
    """Return an observed value beside the simulated ones; an office that never finishes is worse than any."""
    # Where nobody came to a step in a replication, nobody came a day, and nobody waited or was served.
    of_nobody = 0.0 if seen.measure == "a day" else np.nan
    values = np.sort([
        np.inf if shown is None else shown[key].value if (key := (seen.step, seen.measure)) in shown else of_nobody
        for shown in replications
    ])
    values = values[~np.isnan(values)]
    if len(values) < REPLICATIONS:
        low = high = middle = np.nan
    else:
        low, high, middle = values[OUTSIDE - 1], values[-OUTSIDE], float(np.median(values))
    return Compared(seen.step, seen.measure, seen.value, seen.n, middle, float(low), float(high))
