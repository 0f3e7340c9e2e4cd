"""Offices and journeys made by hand, small enough to work out on paper what has to happen."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sim.office.blocks import Days, Duty, Office, Pool, Stage
from sim.office.hours import Hours, Intervals
from sim.office.tables import OfficeTables, lower
from sim.records import NOWHERE, VISIT, Journeys, rows_of
from sim.text import speaking

T = TypeVar("T")
EVERY = os.environ.get("EVERY", "0") not in ("", "0")
"""Whether tests run that take long and of whose kind others run, too; those of random offices take more of them."""
LEAVE = "leave"
"""Where a hand-made visit leads if the case is to leave; None = to the next visit of the list."""


@dataclass(frozen=True)
class V:
    """A visit of a hand-made case; `then`, `gave_up` and `stays_until` are positions in the case's list."""

    stage: int = 0
    minutes: float = 0.0
    patience: float = math.inf
    priority: int = 1
    then: int | str | None = None
    gave_up: int | str = LEAVE
    stays_until: int | None = None


def hand_made_journeys(*cases: tuple[float, Sequence[V]], outages: Sequence[tuple[int, float, float]] = ()) -> Journeys:
    """Return the journeys of cases given as (arrival, visits), and outages as (stage, from, to)."""
    first = np.cumsum([0] + [len(visits) for _, visits in cases])
    rows: list[tuple[float, ...]] = []
    for start, (_, visits) in zip(first, cases, strict=False):
        for i, visit in enumerate(visits):
            following = i + 1 if i + 1 < len(visits) else LEAVE
            then = following if visit.then is None else visit.then
            stays = i if visit.stays_until is None else visit.stays_until
            served, gave_up = (NOWHERE if way == LEAVE else start + int(way) for way in (then, visit.gave_up))
            rows.append((visit.stage, visit.minutes, visit.patience, visit.priority, served, gave_up, start + stays))
    stage, minutes, patience, priority, if_served, if_gave_up, stays_until = np.array(rows).reshape(-1, 7).T
    nobody = np.zeros(len(cases), np.int16)
    broken = np.array(outages).reshape(-1, 3)
    return Journeys(
        arrival=np.array([arrival for arrival, _ in cases]),
        population=nobody,
        profile=nobody,
        first_visit=first,
        visit=rows_of(
            VISIT,
            stage=stage,
            minutes=minutes,
            patience=patience,
            priority=priority,
            if_served=if_served,
            if_gave_up=if_gave_up,
            stays_until=stays_until,
        ),
        outage_stage=broken[:, 0],
        outage_from=broken[:, 1],
        outage_to=broken[:, 2],
        absence_mark=np.empty((0, 0, 0)),
        leave_mark=np.empty((0, 0)),
    )


def hours(*spans: tuple[float, float]) -> Intervals:
    """Return hours given as (from, to)."""
    return Intervals(spans)


WHOLE_TIME = hours((0.0, 1e6))


def pool(*serves: str | Duty, duty: Sequence[Hours] = (WHOLE_TIME,), name: str = "") -> Pool:
    """Return a pool that serves these stages in this order; one item of `duty` for each server."""
    choices = tuple(Duty(choice) if isinstance(choice, str) else choice for choice in serves)
    return Pool(name or "+".join(choice.stage for choice in choices), choices, tuple(duty))


def hand_made_tables(stages: Sequence[Stage], pools: Sequence[Pool], journeys: Journeys) -> OfficeTables:
    """Return the tables of an office of these stages and pools."""
    office = Office("by hand", Days.every_day(1), tuple(stages), tuple(pools), ())
    return lower(office, journeys, upto=1)


def said_in(language, say, *args, **kwargs):
    """Return what a function says in a language."""
    with speaking(language):
        return say(*args, **kwargs)


def lines_of(error):
    """Return the lines of an error of files in English, and see that each says the same in Chinese, values and all."""
    lines = [str(problem) for problem in error.problems]
    assert str(error).split("\n") == lines
    for problem, english in zip(error.problems, lines, strict=True):
        chinese = said_in("zh", str, problem)
        assert re.search("[一-鿿]", chinese), english
        for value in re.findall(r"(?:not|mean) ('[^']*'|-?\d[\d,.]*)", english):
            assert value.rstrip(",.") in chinese, (english, chinese)
    return lines


def in_turn(cases: Iterable[T]) -> list[tuple[T, str]]:
    """Return cases with a language each, one after the other: the layout is the same code, so one will do."""
    return [(case, ("en", "zh")[place % 2]) for place, case in enumerate(cases)]
