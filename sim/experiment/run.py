"""Run a scenario: replications drawn, played and measured, then judged."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process

from sim.analysis.judge import Judgement, judge
from sim.analysis.kpis import Kpis, measure
from sim.draws.draw import draw
from sim.engines.play import Engine, play
from sim.memory import keep_freed_memory
from sim.office.blocks import Office
from sim.office.parameters import Scenario
from sim.office.registration import registration_office

SEED = 20240201
REPLICATIONS = 20
QUICK_REPLICATIONS = 5


class NothingToJudgeError(ValueError):
    """No case on target was submitted in any replication."""


@dataclass(frozen=True)
class Run:
    """A scenario with its replications and the verdict.

    Attributes
    ----------
    scenario : Scenario
    office : Office
    seed : int
    engine : str
    kpis : tuple of Kpis
        By number of replication.
    judgement : Judgement
    seconds : float
        Time that the replications took.
    """

    scenario: Scenario
    office: Office
    seed: int
    engine: Engine
    kpis: tuple[Kpis, ...]
    judgement: Judgement
    seconds: float


def replicate(office: Office, seed: int, replication: int, engine: Engine = "compiled") -> Kpis:
    """Return the key figures of one replication: draw, play, measure."""
    journeys = draw(office, seed, replication)
    return measure(office, journeys, play(office, journeys, engine))


def run_scenario(
    scenario: Scenario,
    seed: int = SEED,
    replications: int = REPLICATIONS,
    engine: Engine = "compiled",
    advance: Callable[[], None] = lambda: None,
) -> Run:
    """Run a scenario.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    replications : int
        At least 1; fixed beforehand.
    engine : str
        `compiled` (threads, since it releases the interpreter) or `process` (a process per core).
    advance : callable
        Called after each replication.

    Raises
    ------
    NeverFinishesError
        If the office cannot finish its cases.
    NothingToJudgeError
        If no case on target was submitted.
    """
    if replications < 1:
        raise ValueError(f"at least 1 replication is needed, not {replications}")
    office = registration_office(scenario)
    keep_freed_memory()
    if not any(population.on_target for population in office.populations):
        raise NothingToJudgeError(_nothing(office))
    began = time.perf_counter()
    kpis: dict[int, Kpis] = {}
    with _workers(engine, replications) as pool:
        subject = office if engine == "compiled" else scenario
        try:
            jobs = {pool.submit(_job, subject, seed, number, engine): number for number in range(replications)}
            for job in as_completed(jobs):
                kpis[jobs[job]] = job.result()
                advance()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # Whatever a worker process is at takes long and will not be used.
            for worker in active_children():
                worker.terminate()
            raise
    ordered = tuple(kpis[number] for number in range(replications))
    if not any(figures.scores for figures in ordered):
        raise NothingToJudgeError(_nothing(office))
    return Run(scenario, office, seed, engine, ordered, judge(office.target, ordered), time.perf_counter() - began)


def _nothing(office: Office) -> str:
    return (
        f"nobody submits an application that the target is about in {office.days.working_days} working days; "
        "there must be more demand, or a longer period"
    )


@contextmanager
def _workers(engine: Engine, jobs: int) -> Iterator[Executor]:
    cores = min(os.cpu_count() or 1, jobs)
    if engine == "compiled":
        with ThreadPoolExecutor(cores) as threads:
            yield threads
    else:
        with ProcessPoolExecutor(cores, get_context("spawn"), _end_with_parent) as processes:
            yield processes


def _end_with_parent() -> None:
    """Leave Ctrl-C to the parent, who ends us, and end when the parent has ended, however it did."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _job(subject: Office | Scenario, seed: int, replication: int, engine: Engine) -> Kpis:
    """Replicate; a process gets the scenario and builds the office itself."""
    office = registration_office(subject) if isinstance(subject, Scenario) else subject
    return replicate(office, seed, replication, engine)
