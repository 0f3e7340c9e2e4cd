"""How long every verb takes with `--quick`, which is to be under a minute on two idle cores.

    python tests/bench/quick.py                                 all shipped scenarios and sweeps
    python tests/bench/quick.py baseline-2023 staff-absence     these

Each command is a process of its own with a folder of results of its own, so that nothing is known to it beforehand;
code is compiled. A line a command: seconds of the clock, seconds of the processor, what was asked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
LIMIT = 60.0
"""Seconds of the clock."""
VERBS = ("run", "explain", "limit", "staff", "sensitivity", "compare", "replay")


def commands(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Return what is asked of some scenarios and sweeps; without names of all."""
    scenarios = sorted(file.stem for file in (ROOT / "scenarios").glob("*.yaml") if file.stem != "blank")
    sweeps = sorted(file.stem for file in (ROOT / "scenarios" / "sweeps").glob("*.yaml"))
    for name in names or scenarios:
        if name in scenarios:
            for verb in VERBS:
                others = ("scenarios/baseline-2023.yaml",) if verb == "compare" else ()
                if f"scenarios/{name}.yaml" not in others:
                    yield (verb, *others, f"scenarios/{name}.yaml")
    for name in names or sweeps:
        if name in sweeps:
            yield ("sweep", f"scenarios/sweeps/{name}.yaml")
    if not names:
        yield ()


def main(names: Sequence[str]) -> int:
    """Time them, and return how many took longer than they may."""
    longer = 0
    for command in commands(names):
        with TemporaryDirectory() as folder:
            before, began = os.times(), time.monotonic()
            status = subprocess.run(
                [sys.executable, "run_sim.py", *command, *(() if command[:1] == ("replay",) else ("--quick",)),
                 "--out", folder],
                cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ).returncode  # fmt: skip
            seconds, after = time.monotonic() - began, os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        wrong = f"  status {status}" if status else ""
        over = "  over" if seconds > LIMIT else ""
        longer += bool(over or wrong)
        print(f"{seconds:7.1f} {spent:7.1f}  {' '.join(command) or '(the main job)'}{wrong}{over}", flush=True)
    return longer


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
