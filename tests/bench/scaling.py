"""How a sweep scales: over cores, over the workers of a cluster, and with the number of its design points.

    python tests/bench/scaling.py [--points 40] [--rounds 3]     time on one core, two, and two workers of a cluster
    python tests/bench/scaling.py --big                         time and memory with 30, 100 and 300 design points

Each sweep is a process of its own with a fresh folder, and compiled code is there beforehand. The ways take turns, so
that a busy machine is busy for all of them. Smaller ones for a quick look: --weeks 2 --max-replications 20.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCAL = "127.0.0.1"
NAME = "scaling"
ONE, THREADS, PROCESSES, CLUSTER = "one core", "two threads", "two processes", "cluster, two workers"
AS_PROCESSES = "--as-processes"
"""Not for people: run a sweep in processes, which the program itself does with SimPy only."""
SIZES = (30, 100, 300)
SWEEP = """
name: scaling
title: {en: A sweep that is timed, zh: 计时用的扫描}
base: baseline-2023
set: {period: {first: 2023-01-01, last: LAST}}
vary:
  registrations:
    title: {en: registrations a year, zh: 年新设登记数}
    parameter: demand.registrations_per_year
    values: DEMAND
  reviewers:
    title: {en: change in reviewers, zh: 审核员增减人数}
    add_to: staff.reviewers.plan
    values: REVIEWERS
  clerks:
    title: {en: change in clerks, zh: 窗口人员增减人数}
    add_to: staff.clerks.plan
    values: CLERKS
"""


@dataclass(frozen=True)
class Timed:
    """A sweep that has run.

    Attributes
    ----------
    seconds, replicating : float
        Of the whole command, and of its replications alone, without start, tables and charts.
    megabytes : float
        Peak resident memory of the process.
    replications : int
        That the verdicts rest on.
    results : dict of str to bytes
        Its files by name, but for the one that says how long it took.
    """

    seconds: float
    replicating: float
    megabytes: float
    replications: int
    results: dict[str, bytes]


def write_sweep(folder: Path, points: int, weeks: int) -> None:
    """Write a sweep of so many design points over the shipped baseline: levels of demand, reviewers, clerks."""
    clerks = [0, 1, 2] if points % 15 == 0 else [0]
    reviewers = [-1, 0, 1, 2, 3] if points % 5 == 0 else [0]
    levels = points // (len(clerks) * len(reviewers))
    demand = [36_000 + round(18_000 * level / max(levels - 1, 1)) for level in range(levels)]
    last = min(date(2023, 1, 1) + timedelta(weeks=weeks), date(2023, 12, 31))
    text = SWEEP.replace("LAST", str(last)).replace("DEMAND", str(demand))
    text = text.replace("REVIEWERS", str(reviewers)).replace("CLERKS", str(clerks))
    sweeps = folder / "scenarios" / "sweeps"
    sweeps.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "scenarios" / "baseline-2023.yaml", sweeps.parent)
    (sweeps / f"{NAME}.yaml").write_text(text, encoding="utf-8")


def timed(folder: Path, most: int, *how: str) -> Timed:
    """Run the sweep of a folder in a process of its own.

    Raises
    ------
    RuntimeError
        If it does not end well.
    """
    program = Path(__file__) if AS_PROCESSES in how else ROOT / "run_sim.py"
    with tempfile.TemporaryDirectory(dir=folder) as out:
        line = [
            sys.executable, str(program), *how, "sweep", f"scenarios/sweeps/{NAME}.yaml", "--out", out,
            "--max-replications", str(most),
        ]  # fmt: skip
        began = time.perf_counter()
        with (folder / "errors.txt").open("wb") as errors:
            process = subprocess.Popen(line, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        if process.returncode != 0:
            told = (folder / "errors.txt").read_text(encoding="utf-8")
            raise RuntimeError(f"the sweep has ended with status {process.returncode}: {told}")
        results = Path(out) / "sweeps" / NAME
        with (results / "verdicts.csv").open(encoding="utf-8", newline="") as file:
            replications = sum(int(row["replications"]) for row in csv.DictReader(file))
        return Timed(
            seconds,
            json.loads((results / "timing.json").read_text(encoding="utf-8"))["seconds"],
            usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 1024),
            replications,
            {file.name: file.read_bytes() for file in results.iterdir() if file.name != "timing.json"},
        )


def environment() -> dict[str, str]:
    """Return the environment of our processes."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """Yield the address of a scheduler with so many workers on this machine, out of reach from anywhere else."""
    file = folder / "scheduler.json"
    here = ["--host", LOCAL, "--dashboard-address", f"{LOCAL}:0", "--no-dashboard"]
    with ExitStack() as running:

        def start(*arguments: str) -> None:
            line = [sys.executable, "-m", *arguments, *here]
            quiet = subprocess.DEVNULL
            process = running.enter_context(
                subprocess.Popen(line, cwd=folder, env=environment(), stdout=quiet, stderr=quiet)
            )
            running.callback(process.kill)

        start("distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(file))
        ends = time.monotonic() + 60
        while not file.exists() or not file.read_text(encoding="utf-8").rstrip().endswith("}"):
            if time.monotonic() > ends:
                raise RuntimeError("the scheduler does not start")
            time.sleep(0.05)
        address = str(json.loads(file.read_text(encoding="utf-8"))["address"])
        for number in range(workers):
            more = ["--nthreads", "1", "--no-nanny", "--name", str(number), "--local-directory", str(folder)]
            start("distributed.cli.dask_worker", address, *more)
        wait = f"from distributed import Client; Client({address!r}).wait_for_workers({workers}, timeout=60)"
        subprocess.run([sys.executable, "-c", wait], check=True, cwd=folder, env=environment(), capture_output=True)
        yield address


def measure_ways(folder: Path, points: int, weeks: int, most: int, rounds: int) -> dict[str, list[Timed]]:
    """Return the sweeps of each way, all of the same design points."""
    write_sweep(folder, points, weeks)
    with cluster(folder, 2) as address:
        ways = {
            ONE: ("--jobs", "1"),
            THREADS: ("--jobs", "2"),
            PROCESSES: (AS_PROCESSES, "--jobs", "2"),
            CLUSTER: ("--scheduler", address),
        }
        # Each worker compiles, or reads what was compiled, once; that is not what is asked.
        for how in ways.values():
            timed(folder, 2, *how)
        found: dict[str, list[Timed]] = {way: [] for way in ways}
        for number in range(rounds):
            order = list(ways) if number % 2 == 0 else list(ways)[::-1]
            for way in order:
                found[way].append(timed(folder, most, *ways[way]))
        return found


def ways_table(found: dict[str, list[Timed]]) -> str:
    """Return the medians of the ways as a table, with what each gains against one core."""
    base = found[ONE]
    lines = [f"{base[0].replications:,} replications in all; medians of {len(base)} rounds", ""]
    lines.append(f"{'':24}{'command, s':>12}{'against one':>12}{'replicating, s':>16}{'against one':>12}{'peak MB':>9}")
    for way, runs in found.items():
        whole = statistics.median(run.seconds for run in runs)
        inner = statistics.median(run.replicating for run in runs)
        gains = (
            statistics.median(one.seconds / run.seconds for one, run in zip(base, runs, strict=True)),
            statistics.median(one.replicating / run.replicating for one, run in zip(base, runs, strict=True)),
        )
        peak = max(run.megabytes for run in runs)
        lines.append(f"{way:24}{whole:>12.1f}{gains[0]:>12.2f}{inner:>16.1f}{gains[1]:>12.2f}{peak:>9,.0f}")
    different = differing([run for runs in found.values() for run in runs])
    lines += ["", f"results {'differ in: ' + ', '.join(different) if different else 'are the same to the last byte'}"]
    lines.append("The memory of two processes, or of a cluster, is that of the process which asks them alone.")
    return "\n".join(lines)


def differing(runs: list[Timed]) -> list[str]:
    """Return the names of the files of results that are not the same in all runs."""
    names = sorted({name for run in runs for name in run.results})
    return [name for name in names if len({run.results.get(name) for run in runs}) > 1]


def sizes_table(folder: Path, sizes: tuple[int, ...], weeks: int, most: int) -> str:
    """Run sweeps of several sizes on two cores, and return time and memory of each as a table."""
    write_sweep(folder, sizes[0], weeks)
    timed(folder, 2)
    lines = [f"{'points':>8}{'replications':>14}{'command, s':>12}{'replicating, s':>16}{'a second':>10}{'peak MB':>9}"]
    for points in sizes:
        write_sweep(folder, points, weeks)
        run = timed(folder, most, "--jobs", "2")
        rate = run.replications / run.replicating
        lines.append(
            f"{points:>8}{run.replications:>14,}{run.seconds:>12.1f}{run.replicating:>16.1f}{rate:>10.1f}"
            f"{run.megabytes:>9,.0f}"
        )
    return "\n".join(lines)


def sweep_in_processes(arguments: list[str]) -> int:
    """Run the program with processes in place of threads for the compiled engine; return its exit status."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from sim.cli import main
    from sim.replicate.workers import Workers
    from sim.studies import driver

    @contextmanager
    def workers_for(engine: str, jobs: int | None, scheduler: str | None) -> Iterator[Workers]:
        cores = jobs or 1
        workers = Workers(lambda: (ProcessPoolExecutor(cores, get_context("spawn"), keep_memory), cores))
        try:
            yield workers
        finally:
            workers.close()

    driver.workers_for = workers_for  # type: ignore[attr-defined,assignment]
    return main(ROOT, arguments)


def keep_memory() -> None:
    """Set a worker process up as threads are."""
    from sim.memory import keep_freed_memory

    keep_freed_memory()


if __name__ == "__main__":
    if AS_PROCESSES in sys.argv:
        sys.exit(sweep_in_processes([word for word in sys.argv[1:] if word != AS_PROCESSES]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--weeks", type=int, default=52, help="length of the scenario")
    parser.add_argument("--max-replications", type=int, default=100)
    parser.add_argument("--big", action="store_true", help="time and memory with 30, 100 and 300 design points")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="other numbers of design points for --big")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place, budget = Path(temporary), asked.max_replications
        if asked.big:
            print(sizes_table(place, tuple(asked.sizes), asked.weeks, budget))
        else:
            print(ways_table(measure_ways(place, asked.points, asked.weeks, budget, asked.rounds)))
