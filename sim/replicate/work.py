"""A task: some replications of design points that share their journeys. It runs wherever it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from threading import Lock
from typing import Any

from sim.draws.draw import draw
from sim.engines.play import Engine, NeverFinishesError, play
from sim.measures.kpis import Kpis, measure
from sim.memory import keep_freed_memory
from sim.office.blocks import Office, Unfinished
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
from sim.records import Journeys
from sim.replicate.design_points import DesignPoint, model_version
from sim.replicate.figures import figures_of, nothing, packed
from sim.text import N_, Message

OFFICES_KEPT = 32
DRAWS_KEPT = 10
"""Draws of the first so many replications of a search stay in memory: it comes back to them; 25 MB each at most."""
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


def batch_of(engine: Engine, compiled: int) -> int:
    """Return the replications of a task, given those of one that is compiled: about a second of work, and few files."""
    return compiled if engine == "compiled" else 1


def batch_facts(key: str, first: int, count: int) -> dict[str, object]:
    """Return what a batch, the replications of one design point in one task, is the figures of."""
    return {"key": key, "first": first, "count": count}


def perform(task: Task, stopped: Callable[[], bool] = lambda: False) -> list[bytes]:
    """Draw each replication once, play it in every design point, and return a batch for each as a file.

    Parameters
    ----------
    task : Task
    stopped : callable
        Asked before each draw, play and measurement; when it says so, the task ends at once.

    Raises
    ------
    StoppedEarlyError
        If it was stopped.
    OtherModelError
        If this is not the version of the model that was asked for.
    """
    check_model(task.model)
    keep_freed_memory()

    def go_on() -> None:
        if stopped():
            raise StoppedEarlyError

    found: list[list[Kpis]] = [[] for _ in task.points]
    never: list[Unfinished | None] = [None] * len(task.points)
    offices = [_office(point.scenario) for point in task.points]
    for replication in range(task.first, task.first + task.count):
        journeys = None
        for number, (point, office) in enumerate(zip(task.points, offices, strict=True)):
            if never[number] or not any(population.on_target for population in office.populations):
                continue
            go_on()
            if journeys is None:
                draws = partial(kept_draws.draw, point.alike) if task.searching else draw
                journeys = draws(office, point.seed, replication)
            try:
                go_on()
                log = play(office, journeys, point.engine)
                go_on()
                found[number].append(measure(office, journeys, log, point.profiles))
                # Nothing of it is left in memory when the next one is drawn.
                del log
            except NeverFinishesError as error:
                never[number] = error.unfinished
            except StoppedEarlyError:
                raise
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


class _Kept:
    """Journeys of the first replications that a search is about, until it is about others."""

    def __init__(self) -> None:
        self._lock, self._alike = Lock(), ""
        self._found: dict[int, Journeys] = {}

    def draw(self, alike: str, office: Office, seed: int, replication: int) -> Journeys:
        """Return the journeys of a replication; design points that are `alike` have the same."""
        with self._lock:
            if alike != self._alike:
                self._alike, self._found = alike, {}
            if replication in self._found:
                return self._found[replication]
        journeys = draw(office, seed, replication)
        if replication < DRAWS_KEPT:
            journeys = compact(journeys)
            with self._lock:
                if alike == self._alike:
                    self._found[replication] = journeys
        return journeys

    def forget(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            self._alike, self._found = "", {}


kept_draws = _Kept()


def compact(journeys: Journeys) -> Journeys:
    """Return journeys without the room that their draw had for more visits."""
    return replace(journeys, visit=journeys.visit.copy())


def check_model(model: str) -> None:
    """Raise an `OtherModelError` if this is not the version of the model that somebody else has."""
    if model != model_version():
        raise OtherModelError(Message(OTHER_MODEL))


class _Last:
    """The scenario that was read last: many differ from the one before in a few parts, and the rest is right."""

    read: tuple[dict[str, Any], Scenario] | None = None


@lru_cache(OFFICES_KEPT)
def _office(scenario: str) -> Office:
    full, last = json.loads(scenario), _Last.read
    if last is None:
        found = scenario_from_dict(full)
    else:
        found = last[1].with_parts({key: part for key, part in full.items() if part != last[0][key]})
    _Last.read = full, found
    return registration_office(found)
