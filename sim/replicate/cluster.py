"""The workers of a Dask cluster as an executor. Dask is an extra: ``pip install .[cluster]``."""

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from sim.replicate.design_points import model_version
from sim.replicate.work import OTHER_MODEL, OtherModelError, check_model
from sim.replicate.workers import Workers, WorkersLostError
from sim.text import N_, Message

T = TypeVar("T")

CONNECT = 10.0
"""Seconds that a scheduler has to answer, and a first worker to appear."""
ALONE = 60.0
"""Seconds that a scheduler may be without workers before they are taken for lost."""
TALKATIVE = ("distributed", "tornado")
"""Who logs what happens to connections: Dask, and the event loop under it."""
SILENT = N_("the scheduler {address} does not answer; is it running, and are its workers?")
ANOTHER = N_("what answers at {address} is no Dask scheduler; name the address that the scheduler said when it started")
RETRIES = 3
"""Times that Dask begins a task again whose worker has gone."""


@contextmanager
def cluster_workers(scheduler: str) -> Iterator[Workers]:
    """Yield the workers of the cluster behind a scheduler's address.

    Workers that join later take tasks, too; the tasks of one that goes are done by another.

    Raises
    ------
    WorkersLostError
        If Dask is not installed, the scheduler does not answer or has no workers.
    OtherModelError, ModuleNotFoundError
        If one of the workers has another version of this program, or none.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        what = Message("Dask is not installed; install it with: {command}", command="python -m pip install distributed")
        raise WorkersLostError(what) from error
    # What they say of lost connections is said by us, in one line. Some of their loggers have levels of their own.
    for name in (*TALKATIVE, *logging.root.manager.loggerDict):
        if name.split(".")[0] in TALKATIVE:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    clients: list[Any] = []
    seen: list[float] = []

    def start() -> tuple[Executor, int]:
        _close(clients)
        _greet(scheduler)
        try:
            with warnings.catch_warnings():
                # Other versions of libraries there are seen by the version of the model that tasks carry.
                warnings.simplefilter("ignore")
                client = Client(scheduler, timeout=CONNECT, set_as_default=False)
            clients.append(client)
            client.wait_for_workers(1, timeout=CONNECT)
            _check_programs(client)
        except (OSError, TimeoutError, ValueError) as error:
            what = (
                N_("the scheduler {address} has no workers; is it running, and are its workers?") if clients else SILENT
            )
            _close(clients)
            raise WorkersLostError(Message(what, address=scheduler)) from error
        seen[:] = [time.monotonic()]
        return _ClusterExecutor(client), threads()

    def threads() -> int:
        found: dict[str, int] = clients[0].nthreads()
        return max(sum(found.values()), 1)

    def recount() -> int:
        with suppress(OSError):  # if it is the scheduler that has gone, that is seen by the tasks
            if clients[0].nthreads():
                seen[:] = [time.monotonic()]
                return threads()
        if time.monotonic() - seen[0] > ALONE:
            raise WorkersLostError(Message("the scheduler {address} has had no workers for {seconds:.0f} seconds",
                                           address=scheduler, seconds=ALONE))  # fmt: skip
        return 1

    workers = Workers(start, deadly=(KilledWorker,), recount=recount)
    try:
        yield workers
    finally:
        workers.close()
        _close(clients)


def _greet(address: str) -> None:
    """Raise a `WorkersLostError` if whoever listens at an address does not answer soon, or not as a scheduler does.

    A client of Dask's would wait for an answer without end, and take the first bytes of another one for a length.
    """
    from distributed.comm import connect

    async def ask() -> Any:
        return await asyncio.wait_for(asked(), CONNECT)

    async def asked() -> Any:
        comm = await connect(address, timeout=CONNECT)
        try:
            await comm.write({"op": "identity"})
            return await comm.read()
        finally:
            comm.abort()

    try:
        # In a thread of its own: whoever calls may have a loop that runs.
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(lambda: asyncio.run(ask())).result()
    except (OSError, TimeoutError) as error:
        raise WorkersLostError(Message(SILENT, address=address)) from error
    except Exception as error:
        raise WorkersLostError(Message(ANOTHER, address=address)) from error
    if not isinstance(answer, dict) or answer.get("type") != "Scheduler":
        raise WorkersLostError(Message(ANOTHER, address=address))


def _check_programs(client: Any) -> None:
    """See that all workers have this program, and the same version of it.

    A worker that cannot even read a task ends without a word to anybody, and the next one is given the task.
    """
    try:
        client.run(check_model, model_version())
    except (OtherModelError, OSError):
        raise
    except Exception as error:
        # Dask passes on in words what went wrong before there was a call.
        if ModuleNotFoundError.__name__ in str(error):
            raise ModuleNotFoundError("a worker has not installed this program") from error
        raise OtherModelError(Message(OTHER_MODEL)) from error


class _ClusterExecutor(Executor):
    """Dask's executor with the `shutdown` that executors have."""

    def __init__(self, client: Any) -> None:
        self._dask = client.get_executor(pure=False, retries=RETRIES)

    def submit(self, function: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        """Begin a task on the cluster."""
        future: Future[T] = self._dask.submit(function, *arguments, **named)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; those in hand are cancelled unless they are waited for."""
        # The connection may have gone already, and nothing is left to cancel.
        with suppress(Exception):
            self._dask.shutdown(wait=wait)


def _close(clients: list[Any]) -> None:
    for client in clients:
        # Whatever Dask says of a connection that is gone anyway.
        with suppress(Exception):
            client.close(timeout=1)
    clients.clear()
