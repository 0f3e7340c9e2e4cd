"""A task: some replications of design points that share their journeys. It runs wherever it is sent."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from threading import Lock

from sim.draws.draw import draw
from sim.engines.play import Engine, NeverFinishesError, play
from sim.measures.kpis import Kpis, measure
from sim.memory import keep_freed_memory
from sim.office.blocks import Office, Unfinished
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.records import Journeys
from sim.replicate.design_points import DesignPoint, model_version
from sim.replicate.figures import figures_of, nothing, packed
from sim.text import N_, Message

BATCH: dict[Engine, int] = {"compiled": 10, "process": 1}
"""Replications of a task: about a second of work, and few files."""
SEARCHING = 5
"""Replications of a task of a search, which has a few at a time to keep all workers busy with."""
OFFICES_KEPT = 32
DRAWS_KEPT = 10
"""Journeys of so many replications stay in memory where a search comes back to them; 25 MB each in a large office."""
OTHER_MODEL = N_("a worker has another version of this program; install the same one everywhere")


class StoppedEarlyError(Exception):
    """A task was told to stop; nothing of it is kept."""


class FaultError(RuntimeError):
    """Something of ours went wrong in a replication; the message says in which."""


class OtherModelError(RuntimeError):
    """A worker has another version of the model than who sent the task."""


@dataclass(frozen=True)
class Task:
    """Replications `first` to `first + count - 1` of design points that share their journeys.

    Attributes
    ----------
    points : tuple of DesignPoint
    first, count : int
    model : str
        Version of the model that the figures shall come from.
    searching : bool
        Whether more tasks about the same journeys will come.
    """

    points: tuple[DesignPoint, ...]
    first: int
    count: int
    model: str
    searching: bool = False


def batch_of(engine: Engine, searching: bool) -> int:
    """Return the replications of a task."""
    return min(BATCH[engine], SEARCHING) if searching else BATCH[engine]


def batch_facts(key: str, first: int, count: int) -> dict[str, object]:
    """Return what a batch, the replications of one design point in one task, is the figures of."""
    return {"key": key, "first": first, "count": count}


def perform(task: Task, stopped: Callable[[], bool] = lambda: False) -> list[bytes]:
    """Draw each replication once, play it in every design point, and return a batch for each as a file.

    Parameters
    ----------
    task : Task
    stopped : callable
        Asked before each play; when it says so, the task ends at once.

    Raises
    ------
    StoppedEarlyError
        If it was stopped.
    OtherModelError
        If this is not the version of the model that was asked for.
    """
    check_model(task.model)
    keep_freed_memory()
    found: list[list[Kpis]] = [[] for _ in task.points]
    never: list[Unfinished | None] = [None] * len(task.points)
    offices = [_office(point.scenario) for point in task.points]
    for replication in range(task.first, task.first + task.count):
        journeys = None
        for number, (point, office) in enumerate(zip(task.points, offices, strict=True)):
            if never[number] or not any(population.on_target for population in office.populations):
                continue
            if stopped():
                raise StoppedEarlyError
            if journeys is None:
                draws = partial(kept_draw, point.alike) if task.searching else draw
                journeys = draws(office, point.seed, replication)
            try:
                found[number].append(measure(office, journeys, play(office, journeys, point.engine)))
            except NeverFinishesError as error:
                never[number] = error.unfinished
            except Exception as error:
                where = f"{office.name}, replication {replication}"
                raise FaultError(f"{where}: {type(error).__name__}: {error}") from error
    return [
        packed(
            figures_of(kpis, point.profiles, left) if kpis or left else nothing(task.count),
            batch_facts(point.key, task.first, task.count),
        )
        for point, kpis, left in zip(task.points, found, never, strict=True)
    ]


_draws: OrderedDict[tuple[str, int], Journeys] = OrderedDict()
_draws_lock = Lock()


def kept_draw(alike: str, office: Office, seed: int, replication: int) -> Journeys:
    """Return the journeys of a replication, kept from last time if that was not long ago.

    Parameters
    ----------
    alike : str
        What all design points with these journeys have in common.
    office, seed, replication
        As for `draw`.
    """
    key = alike, replication
    with _draws_lock:
        if key in _draws:
            _draws.move_to_end(key)
            return _draws[key]
    journeys = draw(office, seed, replication)
    # Without the room that the draw had for more visits.
    journeys = replace(journeys, visit=journeys.visit.copy())
    with _draws_lock:
        _draws[key] = journeys
        while len(_draws) > DRAWS_KEPT:
            _draws.popitem(last=False)
    return journeys


def check_model(model: str) -> None:
    """Raise an `OtherModelError` if this is not the version of the model that somebody else has."""
    if model != model_version():
        raise OtherModelError(Message(OTHER_MODEL))


@lru_cache(OFFICES_KEPT)
def _office(scenario: str) -> Office:
    return registration_office(scenario_from_dict(json.loads(scenario)))
