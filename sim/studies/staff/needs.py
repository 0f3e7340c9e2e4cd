"""How many servers queueing theory says are needed, by half-hour: where the search begins.

With servers for everybody, the number of cases at a stage is the offered load, Poisson around
m(t) = sum over the past of arrivals(t - u) P(S > u). Fewer servers make some wait; iterative staffing simulates the
office with the numbers it has, looks how many cases are there at each half-hour, and puts on duty what covers all but
a share of these, until that no longer changes anything. Source: Feldman, Mandelbaum, Massey and Whitt (2008).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from sim.engines.play import play
from sim.office.blocks import Office
from sim.office.hours import DAY, SLOT, SLOTS
from sim.records import Journeys, VisitLog

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

ROUNDS = 3
MOST_DAYS = 0.95
"""Share of the days on which nobody is missed by whom a plan allows for the absent."""
FAR = 3.0
"""Standard deviations of the offered load beyond which another server makes no difference."""


def offered_load_of_services(per_minute: ArrayLike, bin_minutes: float, service_minutes: ArrayLike) -> F64:
    """Return the mean number in service if there were servers for all, starting empty [erlang].

    Parameters
    ----------
    per_minute : (bins,) array_like
        Arrival rate in each bin.
    bin_minutes : float
        Length of a bin.
    service_minutes : (n,) array_like
        Service times as observed; any distribution.

    Returns
    -------
    (bins + 1,) float64
        m(t) at the beginning of each bin and at the end of the last.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    m(t) is the integral over the past of rate(t - u) P(S > u) du, and the integral of P(S > u) from a to b is the mean
    of min(S, b) - min(S, a).
    Source: Eick, Massey and Whitt (1993).
    """
    rate, service = np.asarray(per_minute, np.float64), np.asarray(service_minutes, np.float64)
    for name, what, row in (("per_minute", "rates", rate), ("service_minutes", "times", service)):
        if row.ndim != 1 or not np.isfinite(row).all() or (row < 0).any():
            raise ValueError(f"{name} must be one row of {what}, each finite and at least 0")
    if not 0 < bin_minutes < math.inf:
        raise ValueError(f"bin_minutes must be finite and above 0, not {bin_minutes}")
    if not len(service):
        raise ValueError("service_minutes must be one row of times, at least 1")
    # Mean of min(S, edge) for all edges at once, from the sorted times.
    edges = np.arange(len(rate) + 1) * bin_minutes
    times = np.sort(service)
    before = np.concatenate([[0.0], np.cumsum(times)])
    shorter = np.searchsorted(times, edges, side="right")
    up_to = (before[shorter] + (len(times) - shorter) * edges) / len(times)
    return np.concatenate([[0.0], np.convolve(rate, np.diff(up_to))[: len(rate)]])


@dataclass(frozen=True)
class Load:
    """What comes to a stage on an average working day.

    Attributes
    ----------
    per_minute : (48,) float64
        Arrivals by half-hour.
    service : float
        Mean service minutes, the time that a server stays with a case included.
    offered : (49,) float64
        Offered load m(t) at each half-hour [erlang].
    batch : int
        Most that ever waited at an opening in these plays.
    """

    per_minute: F64
    service: float
    offered: F64
    batch: int = 0

    def square_root(self, beta: float) -> I64:
        """Return m + beta sqrt(m) servers by half-hour, rounded up: the larger of its two ends. Shape (48,)."""
        load = np.maximum(self.offered[:-1], self.offered[1:])
        return np.ceil(load + beta * np.sqrt(load) - 1e-9).astype(np.int64)


def together(loads: Sequence[Load]) -> Load:
    """Return what comes to several stages that the same servers serve."""
    if len(loads) == 1:
        return loads[0]
    per_minute = np.sum([load.per_minute for load in loads], axis=0)
    came = np.array([load.per_minute.sum() for load in loads])
    service = float(np.average([load.service for load in loads], weights=came))
    offered, batch = np.sum([load.offered for load in loads], axis=0), sum(load.batch for load in loads)
    return Load(per_minute, service, offered, batch)


def loads_of(office: Office, drawn: Sequence[Journeys]) -> dict[str, Load]:
    """Return what comes to each stage, from plays of an office that has servers for everybody.

    Parameters
    ----------
    office : Office
        With as many servers in each stage's pool as can be.
    drawn : sequence of Journeys
        Those of its replications.

    Returns
    -------
    dict of stage to Load
        Only of stages that somebody comes to.
    """
    arrivals: dict[int, list[F64]] = {}
    services: dict[int, list[F64]] = {}
    for journeys in drawn:
        log = play(office, journeys)
        for number in range(len(office.stages)):
            mine = (journeys.stage == number) & np.isfinite(log.started_at)
            arrivals.setdefault(number, []).append(log.queued_at[mine])
            services.setdefault(number, []).append((log.freed_at - log.started_at)[mine])
    days = office.days.played_days * len(drawn)
    found = {}
    for number, stage in enumerate(office.stages):
        came, stayed = np.concatenate(arrivals[number]), np.concatenate(services[number])
        if not len(came):
            continue
        # Who comes while the stage is closed waits for the opening, and is served then.
        opens, closes = stage.open.intervals(office.days, len(office.days.kinds))
        at = np.minimum(np.searchsorted(closes, came, side="right"), len(opens) - 1)
        play_of = np.repeat(np.arange(len(drawn)), [len(each) for each in arrivals[number]])
        waiting = (at + len(opens) * play_of)[came < opens[at]]
        batch = int(np.bincount(waiting).max(initial=0))
        came = np.maximum(came, opens[at])
        slot = (came % DAY // SLOT).astype(np.int64)
        per_minute = np.bincount(slot, minlength=SLOTS)[:SLOTS] / (days * SLOT)
        offered = offered_load_of_services(per_minute, SLOT, stayed)
        found[stage.name] = Load(per_minute, float(stayed.mean()), offered, batch)
    return found


def useful_servers(load: Load, absence: float = 0.0) -> int:
    """Return the number of servers at a stage beyond which another one makes no difference.

    Parameters
    ----------
    load : Load
    absence : float
        Share of the days on which each of them is away.
    """
    most = float(load.offered.max())
    return max(2, math.ceil((most + FAR * math.sqrt(most)) / (1 - absence)) + 1)


def with_absence(need: I64, absence: float) -> I64:
    """Return how many have to be on the plan so that, whoever is away, as many as needed are there on most days.

    Parameters
    ----------
    need : (n,) int64
    absence : float
        Share of the days on which each of them is away, whoever else is.
    """
    planned = np.arange(int(need.max(initial=0)) * 4 + 64)
    found = need.copy()
    for place, number in enumerate(need):
        there = binom.sf(number - 1, planned, 1 - absence)
        found[place] = planned[there >= MOST_DAYS][0] if number else 0
    return found


def in_system(office: Office, journeys: Journeys, log: VisitLog) -> I64:
    """Return how many cases are at each stage, waiting or served, in the middle of each half-hour.

    Returns
    -------
    (stages, working days, 48) int64
    """
    counted, stages = office.days.counted, len(office.stages)
    moments = len(counted) * SLOTS
    came = np.isfinite(log.queued_at) & (journeys.stage >= 0)
    freed = np.where(np.isnan(log.freed_at), log.ended_at, log.freed_at)[came]
    row, changes = journeys.stage[came] * np.int64(moments + 1), np.zeros(stages * (moments + 1), np.int64)
    for times, change in ((log.queued_at[came], 1), (np.where(np.isnan(freed), np.inf, freed), -1)):
        # The first middle that is not before it; who never leaves does so after the last.
        first = np.clip(np.ceil(times / SLOT - 0.5), 0, moments).astype(np.int64)
        changes += change * np.bincount(row + first, minlength=len(changes))
    there = changes.reshape(stages, moments + 1)[:, :-1].cumsum(axis=1)
    return there.reshape(stages, len(counted), SLOTS)[:, counted]


def iterative_staffing(
    office_with: Callable[[Mapping[str, I64]], Office],
    start: Mapping[str, I64],
    pools: Mapping[str, Sequence[str]],
    delayed: float,
    drawn: Sequence[Journeys],
    rounds: int = ROUNDS,
) -> tuple[dict[str, I64], int]:
    """Return servers by half-hour at which about a share `delayed` of the cases waits, whatever the hour.

    Parameters
    ----------
    office_with : callable
        Returns the office that has so many servers in its pools, (48,) each.
    start : mapping of pool to (48,) int64
        Where it begins; servers for everybody, as theory has it.
    pools : mapping of pool to sequence of str
        Those that are staffed, and the stages that they serve as their own.
    delayed : float
        Share of the half-hours in which all servers may be taken.
    drawn : sequence of Journeys
        Those of its replications, whoever is on duty.
    rounds : int

    Returns
    -------
    dict of pool to (48,) int64
    int
        Replications that were played.
    """
    staffing = {pool: np.asarray(start[pool]) for pool in pools}
    played = 0
    for _ in range(rounds):
        office = office_with(staffing)
        there = []
        for journeys in drawn:
            there.append(in_system(office, journeys, play(office, journeys)))
            played += 1
        number = np.concatenate(there, axis=1)
        new = {}
        for pool, stages in pools.items():
            mine = number[[office.stage_number(stage) for stage in stages]].sum(axis=0)
            # The fewest servers that are all taken in no more than the share of the days.
            new[pool] = np.quantile(mine, 1 - delayed, axis=0, method="higher").astype(np.int64)
        if all((new[pool] == staffing[pool]).all() for pool in pools):
            break
        staffing = new
    return staffing, played
