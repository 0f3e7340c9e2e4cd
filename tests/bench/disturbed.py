"""Every verb killed or interrupted at random moments, and called again: the same files, and nothing left behind.

    python tests/bench/disturbed.py [--kills 100] [--interrupts 40] [--seed 1]

Each call is a process of its own in a fresh folder. It is killed without warning (SIGKILL) or interrupted as a terminal
does (SIGINT) at a moment of the time that the verb takes undisturbed, its start included; then the same command is
given again. Moments in which the interpreter itself starts, before any of our code, are left out of the interrupts.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "golden")]

from net_cases import CASES, write_files  # noqa: E402 (it lies beside the net)

VERBS = ("run", "sweep", "compare", "staff", "limit", "explain", "sensitivity", "nation", "log", "calibrate-little",
         "replay", "brief-run-share")  # fmt: skip
BEFORE = {"brief-run-share": CASES["run-share"].line}
"""What a verb needs to have been called."""
BRIEF = ("brief", "results/runs/odd", "--name", "odd")
STARTING = 0.1
"""Seconds in which the interpreter starts."""
DONE, KILLED, INTERRUPTED = 0, -signal.SIGKILL, 130
MOST_SECONDS = 300


@dataclass
class Found:
    """What has come of it: how often, and each thing that is not as it should be, in words."""

    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def line_of(verb: str) -> tuple[str, ...]:
    """Return the arguments of a call."""
    return BRIEF if verb == "brief-run-share" else CASES[verb].line


def start(folder: Path, line: Sequence[str]) -> subprocess.Popen[bytes]:
    """Begin a call in a folder."""
    return subprocess.Popen(
        [sys.executable, ROOT / "run_sim.py", *line], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C.UTF-8"}, start_new_session=True,
        # What is begun in the background does not hear of interrupts, and would pass that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def prepared(folder: Path, verb: str) -> Path:
    """Return a fresh folder with all that a verb reads."""
    folder.mkdir()
    write_files(folder)
    if verb in BEFORE:
        begun = start(folder, BEFORE[verb])
        said = begun.communicate(timeout=MOST_SECONDS)
        assert begun.returncode == DONE, said
    return folder


def written(folder: Path) -> dict[str, str | bool]:
    """Return the files of results with their digests, but for when they were made and what they are made of.

    A briefing says when its results were finished: of its files the names.
    """
    return {
        file.relative_to(folder).as_posix(): "briefings" in file.parts or sha256(file.read_bytes()).hexdigest()
        for file in (folder / "results").rglob("*")
        if file.is_file() and file.name != "timing.json" and "batches" not in file.parts
    }


def undisturbed(folder: Path, verb: str) -> tuple[float, dict[str, str | bool]]:
    """Return how long a verb takes, and what it writes."""
    prepared(folder, verb)
    began = time.monotonic()
    process = start(folder, line_of(verb))
    said = process.communicate(timeout=MOST_SECONDS)
    assert process.returncode == DONE, (verb, said)
    return time.monotonic() - began, written(folder)


def disturb(folder: Path, verb: str, moment: float, sign: int, expected: dict[str, str | bool], found: Found) -> None:
    """Call a verb, disturb it, call it again, and note what is wrong."""
    prepared(folder, verb)
    process = start(folder, line_of(verb))
    time.sleep(moment)
    os.killpg(process.pid, sign)
    out, err = process.communicate(timeout=MOST_SECONDS)
    told = f"{verb} after {moment:.2f} s: "
    usual = KILLED if sign == signal.SIGKILL else INTERRUPTED
    found.ended[f"{signal.Signals(sign).name} {process.returncode}"] += 1
    if process.returncode not in (DONE, usual):
        found.wrong.append(f"{told}status {process.returncode}")
    if b"Traceback" in out + err:
        found.wrong.append(f"{told}{err.decode(errors='replace')[-300:]}")
    again = start(folder, line_of(verb))
    said = again.communicate(timeout=MOST_SECONDS)
    if again.returncode != DONE:
        found.wrong.append(f"{told}called again: status {again.returncode}, {said[1].decode(errors='replace')[-300:]}")
        return
    there = written(folder)
    different = sorted(name for name in expected.keys() | there.keys() if expected.get(name) != there.get(name))
    found.wrong += [f"{told}{name} is another" for name in different]
    found.wrong += [f"{told}{path.relative_to(folder)} is left" for path in folder.rglob(".*")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Disturb all verbs in turn; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--interrupts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    chance, found = random.Random(given.seed), Found()
    signs = [signal.SIGKILL] * given.kills + [signal.SIGINT] * given.interrupts
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        usual = {verb: undisturbed(folder / f"usual-{verb}", verb) for verb in VERBS}
        for number, sign in enumerate(signs):
            verb = VERBS[number % len(VERBS)]
            seconds, expected = usual[verb]
            moment = max(chance.random() * seconds, STARTING if sign == signal.SIGINT else 0.0)
            disturb(folder / str(number), verb, moment, sign, expected, found)
    for verb, (seconds, files) in usual.items():
        print(f"{verb:20} {seconds:5.1f} s undisturbed, {len(files)} files")
    print("; ".join(f"{how}: {number}" for how, number in sorted(found.ended.items())))
    print(*found.wrong or ["nothing lost, nothing different, nothing left, no traceback"], sep="\n")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
