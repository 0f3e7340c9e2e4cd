"""Gather: replicate the cells of an experiment, each as far as its question needs, and no further."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import Unfinished
from sim.replicate.cells import Cell, model_version
from sim.replicate.figures import Figures, joined, unpacked
from sim.replicate.store import Store
from sim.replicate.work import BLOCK, Task, unit_facts
from sim.replicate.workers import Workers
from sim.text import Message

F64 = NDArray[np.float64]

MOST_CELLS = 16
"""Cells of a task: a draw costs as much as one play, so more would save little, and lose more if it is killed."""


class UnitVanishedError(RuntimeError):
    """A unit that was counted can no longer be read."""


@dataclass
class Scores:
    """What the verdicts on a cell rest on: its replications so far, in order and without a gap.

    Attributes
    ----------
    sums, counts : (n,) float64
        Of each replication: sum over the cases on target of what the target is about, and their number.
    unfinished : Unfinished or None
        What the office cannot finish in the next replication; None if nothing is known of that.
    figures : (n, asked) float64
        The further figures that the question asked for; NaN where a replication has no such figure.
    """

    sums: F64 = field(default_factory=lambda: np.empty(0))
    counts: F64 = field(default_factory=lambda: np.empty(0))
    unfinished: Unfinished | None = None
    figures: F64 = field(default_factory=lambda: np.empty((0, 0)))

    def __len__(self) -> int:
        return len(self.counts)


class Question(Protocol):
    """What an experiment wants to know; it says of which cells it has seen enough."""

    @property
    def smallest(self) -> int:
        """Replications of each cell without which nothing can be said."""

    @property
    def largest(self) -> int:
        """Replications of a cell beyond which the question goes unanswered."""

    @property
    def figures(self) -> tuple[str, ...]:
        """Short names of the figures that it looks at, besides what the target is about."""

    def look(self, scores: Sequence[Scores], changed: Collection[int]) -> Collection[int]:
        """Return the cells that need no more, now that those of `changed` have more replications."""


@dataclass(frozen=True)
class Progress:
    """How far an experiment is.

    Attributes
    ----------
    cells, done : int
        All, and those that need no more replications.
    replications : int
        Replications of cells that are there, found in the store or made.
    restored : int
        Those of them that were found in the store.
    expected : int
        About how many more are needed; more if verdicts are close.
    seconds_left : float or None
        About how long that takes; None while nothing is known.
    """

    cells: int
    done: int
    replications: int
    restored: int
    expected: int
    seconds_left: float | None


@dataclass
class _State:
    """A cell: its scores without a gap, and units that have come before their turn."""

    cell: Cell
    scores: Scores = field(default_factory=Scores)
    early: dict[int, Scores] = field(default_factory=dict)
    blocks: int = 0
    open: bool = True


@dataclass
class _Group:
    """Cells that share their journeys, and the next block that nobody has begun."""

    members: list[int]
    next: int = 0


def gather(
    cells: Sequence[Cell],
    question: Question,
    workers: Workers,
    store: Store,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> list[Scores]:
    """Replicate until the question needs no more of any cell; return the scores of all cells.

    Each unit is in the store before it is counted, and what the store holds is not done again. What the
    question sees of a cell is always its replications 0, 1, ..., n - 1, whatever finished first; so its answer is
    the same on any number of workers, and after any interruption.

    Parameters
    ----------
    cells : sequence of Cell
    question : Question
    workers : Workers
    store : Store
    watch : callable
        Told the progress, after each task.

    Raises
    ------
    WorkersLostError
        If the workers are gone for good; what is finished is in the store.
    """
    return _Gathering(cells, question, workers, store, watch).run()


class _Gathering:
    def __init__(
        self,
        cells: Sequence[Cell],
        question: Question,
        workers: Workers,
        store: Store,
        watch: Callable[[Progress], None],
    ) -> None:
        asked = len(question.figures)
        self.states = [_State(cell, Scores(figures=np.empty((0, asked)))) for cell in cells]
        self.question, self.workers, self.store, self.watch = question, workers, store, watch
        groups: dict[str, _Group] = {}
        for number, cell in enumerate(cells):
            groups.setdefault(cell.alike, _Group([])).members.append(number)
        self.groups = list(groups.values())
        self.number = {cell.key: number for number, cell in enumerate(cells)}
        self.twins = [self.number[cell.key] for cell in cells]
        self.block = BLOCK[cells[0].engine] if cells else 1
        self.free_blocks = -(-question.smallest // self.block)
        self.blocks = -(-question.largest // self.block)
        # Of a question that ends with its first block there is nothing else to keep the workers busy with.
        self.split = self.blocks == 1 and len(self.groups) < workers.slots
        self.arrived: list[tuple[Task, list[bytes]]] = []
        self.restored = 0
        self.made = 0
        self.first_task: tuple[float, int] | None = None

    def run(self) -> list[Scores]:
        try:
            while True:
                self._submit()
                if not self.workers.in_hand or not any(state.open for state in self.states):
                    # What is still in hand was begun on the chance that it is needed.
                    self.workers.abandon()
                    return [state.scores for state in self.states]
                self.arrived += self.workers.finished()
                while self.arrived:
                    task, units = self.arrived[0]
                    kept = self._keep(task, units)
                    del self.arrived[0]
                    self._take(task, kept)
        except BaseException:
            # Whatever ends us: what is finished is not lost.
            for task, units in [*self.arrived, *self.workers.done_by_now()]:
                self._keep(task, units)
            raise

    def _submit(self) -> None:
        """Begin tasks until every slot has one, and one that is surely needed waits for the first free slot."""
        while self.workers.in_hand < self.workers.slots + 1:
            group = self._choose(idle=self.workers.in_hand < self.workers.slots)
            if group is None:
                return
            block = group.next
            group.next += 1
            first = block * self.block
            count = min(self.block, self.question.largest - first)
            missing: list[Cell] = []
            found: list[int] = []
            for number in group.members:
                state = self.states[number]
                if not state.open:
                    continue
                unit = self.store.find(state.cell, first, count)
                if unit is None:
                    if state.cell.key not in {cell.key for cell in missing}:
                        missing.append(state.cell)
                else:
                    self._collect(number, block, unit)
                    self.restored += len(unit)
                    found.append(number)
            free = max(self.workers.slots - self.workers.in_hand, 1) if self.split else 1
            cells = max(min(-(-len(missing) // free), MOST_CELLS), 1)
            for some in range(0, len(missing), cells):
                self.workers.submit(Task(tuple(missing[some : some + cells]), first, count, model_version()))
            if found:
                self._look(found)

    def _choose(self, idle: bool) -> _Group | None:
        """Return a group whose next block is needed for sure; for an idle slot, else the one most likely needed.

        First of all every group gets the blocks without which nothing can be said, one group after the other, so
        that a worker seldom changes offices. Then the one that has fewest: a comparison needs all its plans.
        """
        best, order = None, (self.workers.slots + 1, 0)
        for group in self.groups:
            open_blocks = [self.states[number].blocks for number in group.members if self.states[number].open]
            if not open_blocks or group.next >= self.blocks:
                continue
            if group.next < self.free_blocks:
                return group
            ahead = group.next - min(open_blocks)
            if (ahead, group.next) < order:
                best, order = group, (ahead, group.next)
        return best if idle or order[0] == 0 else None

    def _keep(self, task: Task, units: list[bytes]) -> list[tuple[int, Figures]]:
        """Bring the units of a task to the disk, before anything is counted."""
        kept = []
        for cell, data in zip(task.cells, units, strict=True):
            figures = unpacked(data, unit_facts(cell.key, task.first, task.count))
            self.store.keep(cell, task.first, task.count, data)
            kept += [(number, figures) for number, twin in enumerate(self.twins) if twin == self.number[cell.key]]
        return kept

    def _take(self, task: Task, kept: list[tuple[int, Figures]]) -> None:
        for number, figures in kept:
            self._collect(number, task.first // self.block, figures)
            self.made += len(figures)
        if self.first_task is None:
            # What came before was compiling and warming up, which says nothing of what is left.
            self.first_task = time.perf_counter(), self.made
        self._look([number for number, _ in kept])

    def _collect(self, number: int, block: int, unit: Figures) -> None:
        """Append a unit's scores to those of its cell, in the order of the replications."""
        state = self.states[number]
        if not state.open:
            return
        state.early[block] = Scores(unit.score_sum, unit.scores, unit.unfinished, unit.columns(self.question.figures))
        while state.blocks in state.early and not state.scores.unfinished:
            more = state.early.pop(state.blocks)
            state.blocks += 1
            state.scores = Scores(
                np.concatenate([state.scores.sums, more.sums]),
                np.concatenate([state.scores.counts, more.counts]),
                more.unfinished,
                np.concatenate([state.scores.figures, more.figures]),
            )

    def _look(self, changed: list[int]) -> None:
        enough = set(self.question.look([state.scores for state in self.states], changed))
        for number, state in enumerate(self.states):
            if number in enough or state.scores.unfinished or len(state.scores) >= self.question.largest:
                state.open = False
                state.early.clear()
        self.watch(self._progress())

    def _progress(self) -> Progress:
        remaining = [len(state.scores) for state in self.states if state.open]
        # Beyond the smallest number nobody knows; half as many again is a fair guess.
        expected = sum(max(self.question.smallest - n, n // 2 if n >= self.question.smallest else 0) for n in remaining)
        seconds = None
        if self.first_task is not None and self.made > self.first_task[1]:
            seconds = (time.perf_counter() - self.first_task[0]) * expected / (self.made - self.first_task[1])
        there = sum(len(state.scores) + sum(map(len, state.early.values())) for state in self.states)
        return Progress(len(self.states), len(self.states) - len(remaining), there, self.restored, expected, seconds)


def replications_of(cell: Cell, store: Store, replications: int, question: Question) -> Figures:
    """Return the figures of the first replications of a cell, from the store.

    Raises
    ------
    UnitVanishedError
        If a unit is no longer there, or damaged since it was counted.
    """
    block = BLOCK[cell.engine]
    parts = []
    for first in range(0, max(replications, 1), block):
        unit = store.find(cell, first, min(block, question.largest - first))
        if unit is None:
            raise UnitVanishedError(Message("replications {first} to {last} of a cell have vanished from the store",
                                            first=first, last=first + block - 1))  # fmt: skip
        parts.append(unit)
    return joined(parts).first(replications)
