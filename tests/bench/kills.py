"""What is lost when a sweep is killed again and again: nothing that was on the disk, and not a byte of the answer.

    python tests/bench/kills.py [--kills 50] [--seed 1] [--weeks 52]

A small sweep is run once undisturbed. Then, in another folder, it is started, killed without warning (SIGKILL) at a
random moment, and started again, until it is finished; this in as many rounds, each in a fresh folder, as it takes to
be killed so many times. Moments are spread over a whole run: while it starts, between two batches, while a batch is
written, and while the results are written at the end. Each start is a process of its own, forked from one that has read
the program and compiled it already: for that nothing is on the disk yet that could be lost.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

NAME = "killed"
SCENARIO = """
name: base
title: {{en: Some weeks, zh: 几个星期}}
period: {{first: 2023-01-01, last: {last}}}
"""
SWEEP = f"""
name: {NAME}
title: {{en: A sweep that is killed, zh: 被中断的扫描}}
base: base
vary:
  registrations:
    title: {{en: registrations a year, zh: 年新设登记数}}
    parameter: demand.registrations_per_year
    values: [36000, 38100, 40200]
  reviewers:
    title: {{en: change in reviewers, zh: 审核员增减人数}}
    add_to: staff.reviewers.plan
    values: [0, 1]
"""
STARTING, WORKING, WRITING = "while starting", "while replicating", "while writing results"
WEIGHTS = {STARTING: 2, WORKING: 6, WRITING: 2}
MOST_BATCHES = 3
"""An attempt that is killed while it replicates has made 1 to so many batches."""
BETWEEN_BATCHES = 0.5
"""The kill comes within so many seconds after the last of them."""


@dataclass(frozen=True)
class Batch:
    """A batch on the disk: its content, and what a file keeps as long as nobody writes it again."""

    checksum: str
    inode: int
    modified: int


@dataclass
class Found:
    """What the kills have done.

    Attributes
    ----------
    kills : Counter
        By when they came.
    checked : int
        Batches that were on the disk after a kill, each counted once.
    lost, changed, remade, damaged : int
        Of these: those that are not there at the end, have another content, were written again, cannot be read.
    different : set of str
        Files of results that differ from those of the undisturbed sweep.
    left, left_bytes : int
        Files that killed processes have left half-written.
    """

    kills: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    checked: int = 0
    lost: int = 0
    changed: int = 0
    remade: int = 0
    damaged: int = 0
    different: set[str] = field(default_factory=set)
    notes: int = 0
    left: int = 0
    left_bytes: int = 0

    @property
    def well(self) -> bool:
        """Whether nothing was lost and nothing is different."""
        return not (self.lost or self.changed or self.remade or self.damaged or self.different or self.notes)


def prepare(folder: Path, weeks: int) -> None:
    """Write the sweep and its base scenario."""
    sweeps = folder / "scenarios" / "sweeps"
    sweeps.mkdir(parents=True)
    last = min(date(2023, 1, 1) + timedelta(weeks=weeks), date(2023, 12, 31))
    (sweeps.parent / "base.yaml").write_text(SCENARIO.format(last=last), encoding="utf-8")
    (sweeps / f"{NAME}.yaml").write_text(SWEEP, encoding="utf-8")


def warm_up(folder: Path) -> None:
    """Read the program and have a replication played, so that no sweep has to wait for the compiler."""
    from sim.office.scenario import load_scenario_file
    from sim.replicate.design_points import design_point_of, model_version
    from sim.replicate.work import Task, perform

    for name in ("sim.studies.driver", "sim.studies.sweep.asked", "sim.studies.sweep.charts"):
        import_module(name)
    scenario = load_scenario_file(folder / "scenarios" / "base.yaml")
    perform(Task((design_point_of(scenario, 1),), 0, 1, model_version()))


def begin(out: Path) -> ForkProcess:
    """Start the sweep beside its folder of results, so that the line, which the results repeat, is always the same."""
    process = get_context("fork").Process(target=sweep, args=(out,))
    process.start()
    return process


def sweep(out: Path) -> None:
    """Be the sweep; what it says is in the file beside its folder of results."""
    from sim.cli import main

    os.chdir(out.parent)
    os.environ["LC_ALL"] = "C.UTF-8"
    said = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for handle in (sys.stdout, sys.stderr):
        os.dup2(said, handle.fileno())
    sys.exit(main(ROOT, ["sweep", f"scenarios/sweeps/{NAME}.yaml", "--out", out.name]))


def finish(process: ForkProcess, out: Path) -> None:
    """Wait for the end of a sweep.

    Raises
    ------
    RuntimeError
        If it was not a good one.
    """
    process.join()
    if process.exitcode != 0:
        said = (out.parent / "said.txt").read_text(encoding="utf-8")
        raise RuntimeError(f"the sweep has ended with status {process.exitcode}: {said}")


def batches_in(out: Path) -> dict[str, Path]:
    """Return the batches that have their name, by it."""
    return {file.name: file for file in (out / "batches").glob("*/[0-9a-f]*.npz")}


def results_in(out: Path) -> dict[str, bytes]:
    """Return the files of results but for the time that it took."""
    files = (out / "sweeps" / NAME).iterdir()
    return {file.name: file.read_bytes() for file in files if file.name != "timing.json"}


def being_written(out: Path) -> set[Path]:
    """Return the folders in which results are written before they take their place."""
    return set((out / "sweeps").glob(f".{NAME}-*"))


def undisturbed(out: Path) -> dict[str, float]:
    """Run the sweep and return how long each part of it takes [s]."""
    began = time.monotonic()
    process = begin(out)
    moments: dict[str, Callable[[], object]] = {
        STARTING: lambda: batches_in(out),
        WORKING: lambda: being_written(out),
    }
    ended: dict[str, float] = {}
    for part, sign in moments.items():
        while process.is_alive() and not sign():
            time.sleep(0.002)
        ended[part] = time.monotonic()
    finish(process, out)
    ended[WRITING] = time.monotonic()
    return {part: ended[part] - since for part, since in zip(ended, (began, *ended.values()), strict=False)}


def attempt(out: Path, parts: dict[str, float], generator: random.Random) -> str:
    """Start the sweep and kill it; return when that was, or nothing if it was finished before."""
    when = generator.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    enough, writing = len(batches_in(out)) + generator.randint(1, MOST_BATCHES), being_written(out)
    process = begin(out)
    while when != STARTING and process.is_alive():
        if being_written(out) - writing:
            when = WRITING
            break
        if when == WORKING and len(batches_in(out)) >= enough:
            break
        time.sleep(0.002)
    # Now and then it comes too late, so that a round has an end.
    most = BETWEEN_BATCHES if when == WORKING else 1.3 * parts[when]
    ends = time.monotonic() + generator.random() * most
    while process.is_alive() and time.monotonic() < ends:
        time.sleep(0.001)
    process.kill()
    process.join()
    if process.exitcode == -signal.SIGKILL:
        return when
    finish(process, out)
    return ""


def look(out: Path, seen: dict[str, Batch], found: Found) -> None:
    """Note the batches that are on the disk after a kill, and whether each can be read."""
    from sim.replicate.figures import DamagedError, unpacked
    from sim.replicate.work import batch_facts

    for name, file in batches_in(out).items():
        if name in seen:
            continue
        data, status = file.read_bytes(), file.stat()
        seen[name] = Batch(sha256(data).hexdigest(), status.st_ino, status.st_mtime_ns)
        key, first, count = file.stem.split("-")
        try:
            unpacked(data, batch_facts(key, int(first), int(count)))
        except DamagedError:
            found.damaged += 1


def compare(out: Path, seen: dict[str, Batch], expected: dict[str, bytes], found: Found) -> None:
    """Note what has become of the batches of a round, and whether its results are those of the undisturbed sweep."""
    there = batches_in(out)
    found.rounds += 1
    found.checked += len(seen)
    for name, batch in seen.items():
        if name not in there:
            found.lost += 1
            continue
        status = there[name].stat()
        found.changed += sha256(there[name].read_bytes()).hexdigest() != batch.checksum
        found.remade += (status.st_ino, status.st_mtime_ns) != (batch.inode, batch.modified)
    results = results_in(out)
    names = expected.keys() | results.keys()
    found.different |= {name for name in names if expected.get(name) != results.get(name)}
    found.notes += len(list((out / "batches").glob("begun-*.json")))
    hidden = {path for path in out.rglob("*") if any(part.startswith(".") for part in path.relative_to(out).parts)}
    left = [path for path in hidden if path.is_file()]
    found.left += len(left)
    found.left_bytes += sum(path.stat().st_size for path in left)


def kill_again_and_again(folder: Path, kills: int, seed: int, weeks: int) -> tuple[Found, dict[str, float]]:
    """Return what so many kills have done, and how long each part of the sweep takes undisturbed [s]."""
    generator = random.Random(seed)

    def home(name: str) -> Path:
        prepare(folder / name, weeks)
        return folder / name / "results"

    out = home("undisturbed")
    warm_up(out.parent)
    parts, expected = undisturbed(out), results_in(out)
    found = Found()
    while found.kills.total() < kills:
        out = home(f"round-{found.rounds}")
        seen: dict[str, Batch] = {}
        while found.kills.total() < kills:
            when = attempt(out, parts, generator)
            if not when:
                break
            found.kills[when] += 1
            look(out, seen, found)
        else:
            finish(begin(out), out)
        compare(out, seen, expected, found)
    return found, parts


def table(found: Found, parts: dict[str, float]) -> str:
    """Return what was found as a table."""
    rows = [("seconds of an undisturbed sweep", f"{sum(parts.values()):.1f}")]
    rows += [(f"  {part}", f"{seconds:.1f}") for part, seconds in parts.items()]
    rows += [("kills", str(found.kills.total()))]
    rows += [(f"  {when}", str(found.kills[when])) for when in WEIGHTS]
    rows += [
        ("rounds", str(found.rounds)),
        ("batches on the disk after a kill", str(found.checked)),
        ("  of them lost", str(found.lost)),
        ("  of them changed", str(found.changed)),
        ("  of them made again", str(found.remade)),
        ("  of them damaged", str(found.damaged)),
        ("files of results that differ", ", ".join(sorted(found.different)) or "0"),
        ("notes of experiments left", str(found.notes)),
        ("temporary files of killed processes left", f"{found.left} ({found.left_bytes:,} bytes)"),
    ]
    return "\n".join(f"{name:44}{value:>12}" for name, value in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weeks", type=int, default=52, help="length of the base scenario")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        told, durations = kill_again_and_again(Path(temporary), asked.kills, asked.seed, asked.weeks)
    print(table(told, durations))
    sys.exit(0 if told.well else 1)
