"""Workers that can be left in the middle of a task, when whoever waits for them wants something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager

from sim.replicate.work import Task
from sim.replicate.workers import Workers, available_cores

POLL = 0.1
"""Seconds between questions whether the work is still wanted."""


class _Interruptible(Workers):
    def __init__(self, still_wanted: Callable[[], None], cores: int) -> None:
        super().__init__(lambda: (ThreadPoolExecutor(cores), cores), here=True)
        self._still_wanted = still_wanted

    def finished(self) -> list[tuple[Task, list[bytes]]]:
        while not wait(self._tasks, POLL, FIRST_COMPLETED).done:
            self._still_wanted()
        return super().finished()


@contextmanager
def interruptible_workers(still_wanted: Callable[[], None]) -> Iterator[Workers]:
    """Yield workers on all cores for the compiled engine.

    Parameters
    ----------
    still_wanted : callable
        Asked ten times a second while tasks are in hand. What it raises ends the work: a task stops before its next
        replication.
    """
    workers = _Interruptible(still_wanted, available_cores())
    try:
        yield workers
    finally:
        workers.close()
