"""What the event loop keeps, in rows: whoever looks at one column of a row mostly looks at others.

Made here and not in the loop, since the compiler takes as long for making arrays as for half of the loop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.office.tables import OfficeTables
from sim.records import Journeys, Rows

F64 = NDArray[np.float64]
U32 = NDArray[np.uint32]

PAGE = 4.0
"""Minutes to a page of the list of cases that are away."""
NO_ONE = np.uint32(2**32 - 1)
"""Number of no case, no server, no visit. Numbers are unsigned here: numba then need not ask before each look
into an array whether the index counts from the end."""


def _rows(columns: list[tuple[str, type]]) -> np.dtype[np.void]:
    """Return a type of rows, as those of `sim.records` are, with each number where it is read best."""
    return np.dtype((np.record, np.dtype(columns, align=True)))


CASE = _rows([
    ("back_at", np.float64),
    ("leaves_at", np.float64),
    ("visit", np.uint32),
    ("next", np.uint32),
    ("prev", np.uint32),
    ("companion", np.uint32),
])  # fmt: skip
"""A case on its way, in half a line of the processor's cache: when it comes back, when its patience ends, the visit it
is at; the case behind it in the queue, or after it on a page or on the way home, and the one before it in the queue;
the server who stays with it."""

STAGE = _rows([
    ("choices", np.uint64),
    ("closed_at", np.float64),
    ("pace_factor", np.float64),
    ("waiting", np.int64),
    ("classes", np.int64),
    ("places", np.int64),
    ("pace_from", np.int64),
    ("closing", np.int64),
    ("opening", np.int64),
    ("head", np.uint32),
    ("tail", np.uint32),
    ("home", np.uint32),
    ("is_open", np.bool_),
    ("is_broken", np.bool_),
    ("newest_first", np.bool_),
])  # fmt: skip
"""A stage: the choices of the pools that are for it, as bits; when it closed last; its pace; how many wait; how many
priorities were seen; its places, its rule of closing, the opening interval that it is in or that is next; the first and
the last of its queue; who was sent home; whether it is open, is broken, takes the newest first."""

RANK = _rows([
    ("last", np.uint32),
    ("visit", np.uint32),
    ("due", np.uint32),
    ("priority", np.int16),
])  # fmt: skip
"""One of the priorities that were seen at a stage, in their order: who waits last of it, at which visit, so that nobody
need go through a long queue, neither who joins it nor who looks for somebody who may be taken. Whoever is taken is the
first of his priority; so when the last one has been taken, which nobody notes here, none of it waits (but where the
newest goes first, after a closing, newer ones may: there it is noted). And, where the newest goes first, who was the
first at the last closing: those before him came too late."""

SERVER = _rows([
    ("bit", np.uint64),
    ("off_at", np.float64),
    ("case", np.uint32),
    ("stayed_after", np.uint32),
    ("pool", np.uint32),
    ("on_duty", np.bool_),
])  # fmt: skip
"""A server: his bit in the words of his pool, since when he is off, the case in hand, the visit after which he stayed
with it, whether he is on duty."""

POOL = _rows([("idle", np.uint64), ("ready", np.uint64), ("choices", np.uint64), ("first", np.int64)])
"""A pool: who is idle, who is on duty, its choices, as bits; its first server."""

CHOICE = _rows([("pool", np.int64), ("stage", np.int64), ("threshold", np.int64)])
"""A choice: who of which pool may take a case at which stage, once so many wait."""

END = _rows([("time", np.float64), ("server", np.uint32)])
"""The end of a service."""
MOMENT = _rows([("time", np.float64), ("case", np.uint32)])
"""When something happens to a case."""


class State(NamedTuple):
    """What is true now.

    Attributes
    ----------
    of : (cases,) CASE
    at : (stages,) STAGE
    rank : (stages * most,) RANK
    server_of : (servers,) SERVER
    pool : (pools,) POOL
    choice : (choices,) CHOICE
    arrives_at, planned_at : (cases + 1,), (entries + 1,) float64
        Arrivals and calendar, each with an end that never comes, so that nothing need be asked whether it is empty.
    end : (servers + 1,) END
        Services in hand, the latest end first.
    page_first : (pages,) uint32
        Who is away: a linked list on each page of the calendar ...
    near_by : (cases + 1,) MOMENT
        ... and those of the pages turned up so far, the latest first.
    limit : (room + 1,) MOMENT
        Ends of patience, a heap with the earliest first.
    joined, gone : (cases + 1,) uint32
        Lists of one round: who joined a queue, who gave up.
    """

    of: Rows
    at: Rows
    rank: Rows
    server_of: Rows
    pool: Rows
    choice: Rows
    arrives_at: F64
    planned_at: F64
    end: Rows
    page_first: U32
    near_by: Rows
    limit: Rows
    joined: U32
    gone: U32


def before_all(journeys: Journeys, tables: OfficeTables, room: int, most: int) -> State:
    """Return the state before anything has happened.

    Parameters
    ----------
    journeys : Journeys
    tables : OfficeTables
    room : int
        Ends of patience that there is room for.
    most : int
        Priorities that a stage has room for.
    """
    cases, stages, first = journeys.cases, len(tables.closing), tables.pool_first_server
    of = np.empty(cases, CASE)
    of["leaves_at"], of["companion"] = np.inf, NO_ONE

    at = np.zeros(stages, STAGE)
    for name in ("closing", "places", "newest_first", "pace_from", "pace_factor"):
        at[name] = getattr(tables, name)
    at["opening"], at["closed_at"] = tables.opening.first[:-1], -np.inf
    for name in ("head", "tail", "home"):
        at[name] = NO_ONE
    rank = np.zeros(stages * most, RANK)
    rank["last"] = rank["due"] = NO_ONE

    choice = np.zeros(len(tables.choice_pool), CHOICE)
    for name in ("pool", "stage", "threshold"):
        choice[name] = getattr(tables, f"choice_{name}")
    bits = np.uint64(1) << np.arange(64, dtype=np.uint64)
    pool, server_of = np.zeros(len(first) - 1, POOL), np.zeros(int(first[-1]), SERVER)
    pool["first"] = first[:-1]
    np.bitwise_or.at(pool["choices"], choice["pool"], bits[: len(choice)])
    np.bitwise_or.at(at["choices"], choice["stage"], bits[: len(choice)])
    server_of["pool"] = np.repeat(np.arange(len(pool)), np.diff(first))
    server_of["bit"] = bits[np.arange(len(server_of)) - first[server_of["pool"]]]
    server_of["off_at"], server_of["stayed_after"] = -np.inf, NO_ONE
    np.bitwise_or.at(pool["idle"], server_of["pool"], server_of["bit"])

    last = max(tables.entry_time[-1:].max(initial=0.0), journeys.arrival[-1:].max(initial=0.0))
    end, near_by = np.empty(len(server_of) + 1, END), np.empty(cases + 1, MOMENT)
    limit = np.empty(room + 1, MOMENT)
    for moments in (end, near_by, limit):
        moments["time"][0] = np.inf
    return State(
        of=of, at=at, rank=rank, server_of=server_of, pool=pool, choice=choice,
        arrives_at=np.append(journeys.arrival, np.inf), planned_at=np.append(tables.entry_time, np.inf), end=end,
        page_first=np.full(1 + int(last / PAGE), NO_ONE, np.uint32), near_by=near_by, limit=limit,
        joined=np.empty(cases + 1, np.uint32), gone=np.empty(cases + 1, np.uint32),
    )  # fmt: skip
