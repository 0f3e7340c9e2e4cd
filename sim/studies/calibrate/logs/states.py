"""Logs that tell from when a case is in which state, as help desks and workflows do: put together to steps."""

from __future__ import annotations

import numpy as np

from sim.studies.calibrate.logs.log import I64, STEPS
from sim.studies.calibrate.logs.moments import MISSING
from sim.studies.calibrate.logs.rows import Rows

STATES = ("waiting", "served", "left")
"""In line; somebody is at work on it; neither, as when the applicant is asked, or it is done."""
WAITING, SERVED, LEFT = range(len(STATES))


def fold_states(rows: Rows, state: I64) -> None:
    """Make steps of states, each of which lasts until the next one of its case at the same step.

    A step begins with waiting, or at once with being served, and ends with the first state that is neither, or with
    waiting again. It is served by who began. Who leaves the line without having been served has given up, but at the
    review, where nobody stands in line: what is asked back or withdrawn there is no loss of patience.

    Parameters
    ----------
    rows : Rows
        Of one file; that the state begins is told by ``ended``.
    state : (rows,) int64
        Place in `STATES`; of all others nothing is told.
    """
    rows.find("no_time", rows.ended == MISSING, "left_out")
    place = rows.case * len(STEPS) + rows.step
    order = np.lexsort((np.arange(len(place)), rows.ended, place))
    order = order[(state[order] >= 0) & (rows.ended[order] != MISSING)]
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
