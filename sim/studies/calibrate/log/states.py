"""Logs that tell from when a case is in which state, as help desks and workflows do: put together to steps."""

from __future__ import annotations

from functools import cache
from itertools import pairwise, permutations

import numpy as np

from sim.studies.calibrate.log.rows import Rows
from sim.studies.calibrate.log.steps import I64, STEPS
from sim.studies.calibrate.reading.moments import MISSING

STATES = ("waiting", "served", "left")
"""In line; somebody is at work on it; neither, as when the applicant is asked, or it is done."""
WAITING, SERVED, LEFT = range(len(STATES))
MOST_AT_ONCE = 6
"""States of one moment whose order is looked for: all orders of them are tried."""


def fold_states(rows: Rows, state: I64) -> None:
    """Make steps of states, each of which lasts until the next one of its case at the same step.

    A step begins with waiting, or at once with being served, and ends with the first state that is neither, or with
    waiting again. It is served by who began. Who leaves the line without having been served has given up, but at the
    review, where nobody stands in line: what is asked back or withdrawn there is no loss of patience. States of one
    moment are in the order in which most of them follow what comes before: waiting, served, neither, waiting again; if
    that leaves it open, in that of the file, or in its reverse where the newest come first.

    Parameters
    ----------
    rows : Rows
        Of one file; that the state begins is told by ``ended``.
    state : (rows,) int64
        Place in `STATES`; of all others nothing is told.
    """
    rows.find("no_time", rows.ended == MISSING, "left_out")
    place = rows.case * len(STEPS) + rows.step
    order = _in_order(place, rows.ended, state)
    first: list[int] = []
    moments: dict[str, list[int]] = {"queued": [], "started": [], "ended": []}
    server: list[int] = []
    gave_up: list[bool] = []
    before, is_open = -1, False
    for at in order.tolist():
        moment, now = int(rows.ended[at]), int(state[at])
        if place[at] != before:
            before, is_open = int(place[at]), False
        begun = is_open and moments["started"][-1] != MISSING
        if is_open and (now == LEFT or (now == WAITING and begun)):
            moments["ended"][-1] = moment
            gave_up[-1] = not begun
            is_open = False
        if now == LEFT or (is_open and (now == WAITING or begun)):
            continue
        if not is_open:
            first.append(at)
            for each in moments.values():
                each.append(MISSING)
            server.append(int(rows.server[at]))
            gave_up.append(False)
            is_open = True
        moments["queued" if now == WAITING else "started"][-1] = moment
        if now == SERVED:
            server[-1] = int(rows.server[at])
    rows.find("joined_state", np.setdiff1d(order, first), "joined")
    rows.take(np.array(first, np.int64))
    for name, values in moments.items():
        setattr(rows, name, np.array(values, np.int64))
    rows.server = np.array(server, np.int32)
    rows.blank_start = np.array(gave_up, np.bool_) & (rows.step != STEPS.index("review"))


def _in_order(place: I64, moment: I64, state: I64) -> I64:
    """Return the rows that tell a state and a moment, by case and step, as one follows the other."""
    told = np.flatnonzero((state >= 0) & (moment != MISSING))
    told = told[np.argsort(place[told], kind="stable")]
    steps = np.sign(np.diff(moment[told]))[place[told[1:]] == place[told[:-1]]]
    told = told[::-1] if steps.sum() < 0 else told
    order = told[np.lexsort((moment[told], place[told]))]
    new = np.append(True, (np.diff(place[order]) != 0) | (np.diff(moment[order]) != 0))[: len(order)]
    edges = [*np.flatnonzero(new).tolist(), len(order)]
    first = [*np.append(True, np.diff(place[order]) != 0)[: len(order)].tolist(), True]
    states, rows = state[order].tolist(), order.tolist()
    for begin, end, then in zip(edges, edges[1:], [*edges[2:], len(order)], strict=False):
        if end - begin > 1:
            mine = states[begin:end]
            after = frozenset() if first[end] else frozenset(states[end:then])
            places = _followed(LEFT if first[begin] else states[begin - 1], tuple(mine), after)
            rows[begin:end] = [rows[begin + at] for at in places]
            states[begin:end] = [mine[at] for at in places]
    return np.array(rows, np.int64)


@cache
def _followed(before: int, states: tuple[int, ...], after: frozenset[int]) -> tuple[int, ...]:
    """Return the places of states of one moment in the order in which most follow each other."""

    def missed(places: tuple[int, ...]) -> int:
        line = [before, *(states[place] for place in places)]
        return sum(then != _next(now) for now, then in pairwise(line)) + (bool(after) and _next(line[-1]) not in after)

    as_it_is = tuple(range(len(states)))
    return min(permutations(as_it_is), key=missed) if len(states) <= MOST_AT_ONCE else as_it_is


def _next(state: int) -> int:
    return (state + 1) % len(STATES)
