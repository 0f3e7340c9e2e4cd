"""Gather: replicate the design points of an experiment, each as far as its stopping rule needs, and no further."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.replicate.design_points import DesignPoint, model_version
from sim.replicate.figures import Figures, joined, unpacked
from sim.replicate.stopping import Scores, StoppingRule
from sim.replicate.store import Store
from sim.replicate.work import Task, batch_facts, batch_of
from sim.replicate.workers import Workers
from sim.text import Message

MANY, BETWEEN_WORDS = 500, 0.2
"""Of so many design points even counting takes a while: then the progress is told no more often than that [s]."""
WAITING = 3
"""For each slot so many tasks are begun, or wait, that are needed for sure: keeping what is made takes time, too."""
AT_HAND = 16
"""Groups of design points that are played by turns, where each is for itself; of many slots more."""
MOST_POINTS = 16
"""Design points of a task: a draw costs as much as one play, so more would save little and, killed, lose more."""


class BatchVanishedError(RuntimeError):
    """A batch that was counted can no longer be read."""


@dataclass(frozen=True)
class Progress:
    """How far an experiment is.

    Attributes
    ----------
    points, done : int
        All, and those that need no more replications.
    replications : int
        Replications of design points that are there, found in the store or made.
    restored : int
        Those of them that were found in the store.
    expected : int
        About how many more are needed; more if verdicts are close.
    seconds_left : float or None
        About how long that takes; None while nothing is known.
    step : bool
        Whether it is a step of a study, after which others come.
    """

    points: int
    done: int
    replications: int
    restored: int
    expected: int
    seconds_left: float | None
    step: bool = False


@dataclass
class _State:
    """A design point: its scores without a gap, and batches that have come before their turn."""

    point: DesignPoint
    scores: Scores = field(default_factory=Scores)
    early: dict[int, Scores] = field(default_factory=dict)
    batches: int = 0
    open: bool = True


@dataclass
class _Group:
    """Design points that share their journeys, and the next batch that nobody has begun."""

    members: list[int]
    next: int = 0


def gather(
    points: Sequence[DesignPoint],
    stopping: StoppingRule,
    workers: Workers,
    store: Store,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> list[Scores]:
    """Replicate until the stopping rule needs no more of any design point; return the scores of all design points.

    Each batch is in the store before it is counted, and what the store holds is not done again. What the
    stopping rule sees of a design point is always its replications 0, 1, ..., n - 1, whatever finished first; so its
    answer is the same on any number of workers, and after any interruption.

    Parameters
    ----------
    points : sequence of DesignPoint
    stopping : StoppingRule
    workers : Workers
    store : Store
    watch : callable
        Told the progress, after each task.

    Raises
    ------
    WorkersLostError
        If the workers are gone for good; what is finished is in the store.
    """
    return _Gathering(points, stopping, workers, store, watch).run()


class _Gathering:
    def __init__(
        self,
        points: Sequence[DesignPoint],
        stopping: StoppingRule,
        workers: Workers,
        store: Store,
        watch: Callable[[Progress], None],
    ) -> None:
        asked = len(stopping.figures)
        self.states = [_State(point, Scores(figures=np.empty((0, asked)))) for point in points]
        self.stopping, self.workers, self.store, self.watch = stopping, workers, store, watch
        groups: dict[str, _Group] = {}
        for number, point in enumerate(points):
            groups.setdefault(point.alike, _Group([])).members.append(number)
        self.groups = list(groups.values())
        self.open = len(self.states)
        self.twins: dict[str, list[int]] = {}
        for number, point in enumerate(points):
            self.twins.setdefault(point.key, []).append(number)
        self.batch = batch_of(points[0].engine, stopping.batch) if points else 1
        self.free_batches = -(-stopping.smallest // self.batch)
        self.batches = -(-stopping.largest // self.batch)
        # Of a stopping rule that ends with its first batch there is nothing else to keep the workers busy with.
        self.split = self.batches == 1 and len(self.groups) < workers.slots
        self.arrived: list[tuple[Task, list[bytes]]] = []
        self.restored = 0
        self.told = 0.0
        self.made = 0
        self.first_task: tuple[float, int] | None = None

    def run(self) -> list[Scores]:
        try:
            while True:
                self._submit()
                if not self.workers.in_hand or not self.open:
                    # What is still in hand was begun on the chance that it is needed.
                    self.workers.abandon()
                    return [state.scores for state in self.states]
                self.arrived += self.workers.finished()
                while self.arrived:
                    task, batches = self.arrived[0]
                    kept = self._keep(task, batches)
                    del self.arrived[0]
                    self._take(task, kept)
        except BaseException:
            # Whatever ends us: what is finished is not lost.
            for task, batches in [*self.arrived, *self.workers.done_by_now()]:
                self._keep(task, batches)
            raise

    def _submit(self) -> None:
        """Begin tasks until every slot has one, and those that are surely needed wait for free slots."""
        while (in_hand := self.workers.in_hand) < WAITING * self.workers.slots:
            group = self._choose(in_hand - self.workers.slots)
            if group is None:
                return
            place = group.next
            group.next += 1
            first = place * self.batch
            count = min(self.batch, self.stopping.largest - first)
            missing: list[DesignPoint] = []
            found: list[int] = []
            for number in group.members:
                state = self.states[number]
                if not state.open:
                    continue
                batch = self.store.find(state.point, first, count)
                if batch is None:
                    if state.point.key not in {point.key for point in missing}:
                        missing.append(state.point)
                else:
                    self._collect(number, place, batch)
                    self.restored += len(batch)
                    found.append(number)
            free = max(self.workers.slots - self.workers.in_hand, 1) if self.split else 1
            points = max(min(-(-len(missing) // free), MOST_POINTS), 1)
            for some in range(0, len(missing), points):
                self.workers.submit(Task(
                    tuple(missing[some : some + points]), first, count, model_version(), self.stopping.searching
                ))  # fmt: skip
            if found:
                self._look(found)

    def _choose(self, waiting: int) -> _Group | None:
        """Return a group whose next batch is needed for sure; for slots that are idle, the one most likely needed.

        The first that waits for a slot may be one of which nothing is in hand.

        First of all every group gets the batches without which nothing can be said, one group after the other, so
        that a worker seldom changes offices. Then the one that has fewest: a comparison needs all its plans. Where each
        is for itself, a few are taken at a time: their offices stay in memory, and each is done in time.
        """
        best, order, at_hand = None, (self.workers.slots + 1, 0), 0
        for group in list(self.groups):
            open_batches = [self.states[number].batches for number in group.members if self.states[number].open]
            if not open_batches or group.next >= self.batches:
                # Never again: nothing is opened that was closed.
                self.groups.remove(group)
                continue
            at_hand += 1
            if self.stopping.apart and at_hand > max(AT_HAND, WAITING * self.workers.slots):
                break
            if group.next < self.free_batches:
                return group
            ahead = group.next - min(open_batches)
            if (ahead, group.next) < order:
                best, order = group, (ahead, group.next)
        return best if waiting < 0 or (waiting == 0 and order[0] == 0) else None

    def _keep(self, task: Task, batches: list[bytes]) -> list[tuple[int, Figures]]:
        """Bring the batches of a task to the disk, before anything is counted."""
        kept = []
        for point, data in zip(task.points, batches, strict=True):
            figures = unpacked(data, batch_facts(point.key, task.first, task.count))
            self.store.keep(point, task.first, task.count, data)
            kept += [(number, figures) for number in self.twins[point.key]]
        return kept

    def _take(self, task: Task, kept: list[tuple[int, Figures]]) -> None:
        for number, figures in kept:
            self._collect(number, task.first // self.batch, figures)
            self.made += len(figures)
        if self.first_task is None:
            # What came before was compiling and warming up, which says nothing of what is left.
            self.first_task = time.perf_counter(), self.made
        self._look([number for number, _ in kept])

    def _collect(self, number: int, place: int, batch: Figures) -> None:
        """Append a batch's scores to those of its design point, in the order of the replications."""
        state = self.states[number]
        if not state.open:
            return
        state.early[place] = Scores(
            batch.score_sum, batch.scores, batch.unfinished, batch.columns(self.stopping.figures), batch.controls,
            batch.parts,
        )  # fmt: skip
        while state.batches in state.early and not state.scores.unfinished:
            more = state.early.pop(state.batches)
            state.batches += 1
            state.scores = state.scores.more(more)

    def _look(self, changed: list[int]) -> None:
        enough = set(self.stopping.look([state.scores for state in self.states], changed))
        # Nothing else has become closed: there may be thousands, and a look for each.
        for number in sorted({*enough, *changed}):
            state = self.states[number]
            if number in enough or state.scores.unfinished or len(state.scores) >= self.stopping.largest:
                self.open -= state.open
                state.open = False
                state.early.clear()
        now = time.perf_counter()
        if not self.open or len(self.states) < MANY or now - self.told > BETWEEN_WORDS:
            self.told = now
            self.watch(self._progress())

    def _progress(self) -> Progress:
        remaining = [(number, len(state.scores)) for number, state in enumerate(self.states) if state.open]
        expected = sum(min(self.stopping.left(number, n), self.stopping.largest - n) for number, n in remaining)
        seconds = None
        if self.first_task is not None and self.made > self.first_task[1]:
            seconds = (time.perf_counter() - self.first_task[0]) * expected / (self.made - self.first_task[1])
        there = sum(len(state.scores) + sum(map(len, state.early.values())) for state in self.states)
        return Progress(len(self.states), len(self.states) - len(remaining), there, self.restored, expected, seconds)


def replications_of(point: DesignPoint, store: Store, replications: int, stopping: StoppingRule) -> Figures:
    """Return the figures of the first replications of a design point, from the store.

    Raises
    ------
    BatchVanishedError
        If a batch is no longer there, or damaged since it was counted.
    """
    size = batch_of(point.engine, stopping.batch)
    parts = []
    for first in range(0, max(replications, 1), size):
        batch = store.find(point, first, min(size, stopping.largest - first))
        if batch is None:
            raise BatchVanishedError(Message(
                "replications {first} to {last} of a design point have vanished from the store", first=first,
                last=first + size - 1,
            ))  # fmt: skip
        parts.append(batch)
    return joined(parts).first(replications)
