"""Where tasks are performed: threads, processes, or the workers of a Dask cluster."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Any
from urllib.parse import urlsplit

from sim.engines.play import Engine
from sim.memory import without_pandas
from sim.replicate.work import StoppedEarlyError, Task, perform
from sim.text import Message

POLL = 0.2
"""Seconds between looks at what has finished; an interrupt is noticed in between."""
RECOUNT = 5.0
"""Seconds between counts of workers that may come and go."""
MOST_RETRIES = 3


class WorkersLostError(RuntimeError):
    """The workers are gone, and with them what they had in hand."""


class Workers:
    """Performs tasks, several at once.

    Parameters
    ----------
    start : callable
        Returns an executor and the number of tasks that it performs at once; called again if it breaks.
    stopping : callable
        Ends what the executor has in hand, when nothing more will be asked of it.
    here : bool
        Whether the tasks run in this process, and can be told to stop.
    deadly : tuple of types
        Errors of tasks that say that these have ended their workers.
    recount : callable, optional
        Returns the number of tasks that are performed at once by now; asked every few seconds.
    """

    def __init__(
        self,
        start: Callable[[], tuple[Executor, int]],
        stopping: Callable[[Executor], None] = lambda executor: None,
        here: bool = False,
        deadly: tuple[type[BaseException], ...] = (),
        recount: Callable[[], int] | None = None,
    ) -> None:
        self._deadly = deadly
        self._start, self._stopping, self._here, self._recount = start, stopping, here, recount
        self._stop = threading.Event()
        self._counted = time.monotonic()
        self._executor, self.slots = start()
        self._tasks: dict[Future[list[bytes]], Task] = {}
        self._retries = 0
        self._abandoned = False

    @property
    def in_hand(self) -> int:
        """Tasks submitted and not yet returned."""
        return len(self._tasks)

    def submit(self, task: Task) -> None:
        """Begin a task, as soon as there is a slot for it."""
        more: tuple[Any, ...] = (self._stop.is_set,) if self._here else ()
        while True:
            try:
                self._tasks[self._executor.submit(perform, task, *more)] = task
                return
            except BrokenExecutor as error:
                self._restart(error)

    def finished(self) -> list[tuple[Task, list[bytes]]]:
        """Return at least one task with its batches, as soon as one is done.

        Raises
        ------
        WorkersLostError
            If the workers are gone for good.
        """
        while True:
            if self._recount is not None and time.monotonic() - self._counted >= RECOUNT:
                self.slots = self._recount()
                self._counted = time.monotonic()
            done, _ = wait(self._tasks, POLL, FIRST_COMPLETED)
            if done:
                return self._results(done)

    def done_by_now(self) -> list[tuple[Task, list[bytes]]]:
        """Return what is done, without waiting and whatever became of the rest."""
        done = [future for future in self._tasks if future.done() and not future.cancelled() and not future.exception()]
        return [(self._tasks.pop(future), future.result()) for future in done]

    def _results(self, done: set[Future[list[bytes]]]) -> list[tuple[Task, list[bytes]]]:
        # What went wrong is for next time: what is finished must not be lost by it.
        if well := [future for future in done if _succeeded(future)]:
            return [(self._tasks.pop(future), future.result()) for future in well]
        try:
            next(iter(done)).result()
        except (BrokenExecutor, CancelledError) as error:
            self._restart(error)
        except self._deadly as error:
            task = self._tasks[next(iter(done))]
            raise WorkersLostError(Message(
                "every worker that was given replications {first} to {last} of {points} design points has ended; "
                "they may lack memory", first=task.first, last=task.first + task.count - 1, points=len(task.points),
            )) from error  # fmt: skip
        return self.finished()

    def _restart(self, error: BaseException) -> None:
        """Begin the tasks in hand again with new workers; what is finished already is kept."""
        self._retries += 1
        if self._retries > MOST_RETRIES:
            raise WorkersLostError(Message("the workers have ended {number} times ({kind})",
                                           number=self._retries, kind=type(error).__name__)) from error  # fmt: skip
        again = [task for future, task in self._tasks.items() if not _succeeded(future)]
        self._tasks = {future: task for future, task in self._tasks.items() if _succeeded(future)}
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor, self.slots = self._start()
        for task in again:
            self.submit(task)

    def abandon(self) -> None:
        """Forget the tasks in hand; those that have not begun never will, those in this process end soon."""
        self._stop.set()
        self._stop = threading.Event()
        for future in self._tasks:
            future.cancel()
        self._abandoned = self._abandoned or bool(self._tasks)
        self._tasks.clear()

    def close(self) -> None:
        """End the workers; tasks in hand are told to stop."""
        self.abandon()
        if self._abandoned:
            self._stopping(self._executor)
        # Processes with nothing in hand end at once, and leave nothing behind if they are waited for.
        self._executor.shutdown(wait=not self._here and not self._abandoned, cancel_futures=True)


def _succeeded(future: Future[list[bytes]]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


@contextmanager
def workers_for(
    engine: Engine, jobs: int | None = None, scheduler: str | None = None, many_offices: bool = False
) -> Iterator[Workers]:
    """Yield the workers for an engine.

    Parameters
    ----------
    engine : str
        The compiled engine lets go of the interpreter, so threads serve it best; SimPy needs processes.
    many_offices : bool
        Whether most tasks are of an office that no other is of: to make one takes the interpreter as long as to play it
        takes the engine, and so processes serve them best.
    jobs : int, optional
        Tasks at once on this machine; all its cores if not given.
    scheduler : str, optional
        Address of a Dask scheduler, ``tcp://HOST:PORT``; its workers perform the tasks.

    Raises
    ------
    WorkersLostError
        If the scheduler does not answer.
    """
    if scheduler is not None:
        from sim.replicate.cluster import cluster_workers

        with cluster_workers(scheduler) as workers:
            yield workers
        return
    cores = jobs or available_cores()
    if engine == "compiled" and not many_offices:
        workers = Workers(lambda: (ThreadPoolExecutor(cores), cores), here=True)
    else:
        workers = Workers(lambda: (processes(cores), cores), _terminate)
    try:
        yield workers
    finally:
        workers.close()


def processes(cores: int) -> Executor:
    """Return what performs so many tasks at once in processes of its own, which begin with the first task."""
    return ProcessPoolExecutor(cores, get_context("spawn"), _end_with_parent)


def on_this_machine(address: str) -> bool:
    """Say whether an address ``tcp://HOST:PORT`` is one of this machine, or of none at all."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(urlsplit(address).hostname, 0, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        return True
    with socket.socket(family, kind) as here:
        try:
            here.bind(where)
        except OSError:
            return False
    return True


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _terminate(executor: Executor) -> None:
    """End worker processes: whatever they are at takes long and will not be used."""
    for process in list((getattr(executor, "_processes", None) or {}).values()):
        process.terminate()
    # Now that they have gone this takes no time; what is not put in order is complained of at exit.
    executor.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Leave Ctrl-C to the parent, who ends us, and end when the parent has ended, however it did.

    These are our own processes, in which nobody uses pandas.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    without_pandas()
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


__all__ = [
    "StoppedEarlyError",
    "Workers",
    "WorkersLostError",
    "available_cores",
    "on_this_machine",
    "processes",
    "workers_for",
]
