"""How many cases people have in hand at the same time, as far as a log shows it by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.office.blocks import MAX_SERVERS
from sim.office.hours import DAY
from sim.studies.calibrate.log.steps import F64, I64, NOBODY, StepLog

FEWEST_SERVICES = 30
"""Services of a person from which it is known how many he has at once."""
OFTEN = 0.15
"""Share of somebody's services that go on side by side with another one, from which on it is how he works."""
SELDOM = 0.02
"""Share of the services at which more are in hand than somebody is taken to have at once."""
CLOCKS, PART = 2.0, 1 / 3
"""Minutes by which clocks may differ; part of either of two services that has to be in common with the other."""
MOST_AHEAD = 4 * MAX_SERVERS
"""Services that begin later, among which those are looked for that are side by side: no more can be in hand."""
MOST_PEOPLE = 0.5
"""Share of the services of those who are known that are of people with so many at once, or fewer."""


@dataclass(frozen=True)
class AtOnce:
    """How many cases each person of a step has in hand at the same time.

    Attributes
    ----------
    cases : int
    beside : float
        Share of the services that go on side by side with another one of the same person.
    services : int
        By people of whom enough are known.
    """

    cases: int = 1
    beside: float = 0.0
    services: int = 0


def at_once(log: StepLog, step: str) -> AtOnce:
    """Return how many cases people have in hand at once at a step: 1 if nobody is named.

    Parameters
    ----------
    log : StepLog
    step : str

    Notes
    -----
    Two services are side by side if a third of either or more, and more than two minutes, is in common with the other:
    what overlaps by as much as clocks differ, or by the moment in which somebody has taken up the next one and not yet
    closed the last, is not; nor are those that were done while another one, whose end was forgotten, seems to go on
    until the evening. Of each service those count that go on in its middle. Whoever has another one at fewer than 15 %
    of his services has one at a time; others as many as are exceeded at 2 % of them or fewer. The pool has the number
    of most of its services: one person who works otherwise does not make it that of all.
    """
    known = log.at(step) & (log.server != NOBODY) & np.isfinite(log.started) & (log.ended > log.started)
    server, started, ended = log.server[known], log.started[known], log.ended[known]
    names, times = np.unique(server, return_counts=True)
    names, times = names[enough := times >= FEWEST_SERVICES], times[enough]
    if not len(names):
        return AtOnce()
    own, beside = np.ones(len(names), np.int64), np.zeros(len(names))
    for number, name in enumerate(names):
        others = side_by_side(started[server == name], ended[server == name])
        beside[number] = (others > 0).mean()
        if beside[number] >= OFTEN:
            own[number] = 1 + int(np.quantile(others, 1 - SELDOM, method="inverted_cdf"))
    order = np.argsort(own, kind="stable")
    most = int(np.searchsorted(np.cumsum(times[order]), MOST_PEOPLE * times.sum()))
    return AtOnce(int(own[order][most]), float(np.average(beside, weights=times)), int(times.sum()))


def side_by_side(begin: F64, end: F64) -> I64:
    """Return with how many others each of some services is side by side, of those that go on in its middle."""
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], np.minimum(end, begin + DAY)[order]
    length, middle = end - begin, (begin + end) / 2
    found = np.zeros(len(begin), np.int64)
    near, ahead = np.arange(len(begin)), 1
    while len(near := near[near + ahead < len(begin)]) and ahead <= MOST_AHEAD:
        other = near + ahead
        both = np.minimum(end[near], end[other]) - begin[other]
        pairs = (both > CLOCKS) & (both >= PART * np.maximum(length[near], length[other]))
        # No service is twice among those that are so many places ahead.
        found[near[pairs & (begin[other] <= middle[near]) & (middle[near] < end[other])]] += 1
        found[other[pairs & (middle[other] < end[near])]] += 1
        # Those that begin later still go on with it for a shorter time.
        near, ahead = near[end[near] - begin[other] >= PART * length[near]], ahead + 1
    back = np.empty_like(found)
    back[order] = found
    return back
