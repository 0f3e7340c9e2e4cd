"""Compiled code that is damaged: a flipped bit or a cut end in any of its files, and the right answer every time.

    python tests/bench/damaged_code.py [--times 200] [--seed 1]

Before each run, of a process of its own, one file is damaged; the run draws, plays and measures a day, and its figures
are those of the first run. What was damaged is compiled again, and kept.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
A_DAY = """
from sim import draw, measure, play
from sim.office.registration import registration_office
from sim.office.scenario import scenario_from_dict
office = registration_office(scenario_from_dict({
    "name": "day", "title": {"en": "Day", "zh": "日"}, "period": {"first": "2023-03-01", "last": "2023-03-01"},
}))
journeys = draw(office, seed=1)
print(journeys.cases, *(f"{value:.17g}" for value in measure(office, journeys, play(office, journeys)).values.values()))
"""


def answer(folder: Path) -> str:
    """Return what a process says whose compiled code is kept in a folder."""
    line = [sys.executable, "-c", A_DAY]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=300)
    return done.stdout if done.returncode == 0 else f"status {done.returncode}: {done.stderr[-300:]}"


def damage(file: Path, chance: random.Random) -> str:
    """Flip a bit of a file, or cut it; return which."""
    data, how = bytearray(file.read_bytes()), chance.choice(("flipped", "cut"))
    at = chance.randrange(len(data))
    if how == "flipped":
        data[at] ^= 1 << chance.randrange(8)
    file.write_bytes(data if how == "flipped" else data[:at])
    return how


def main(arguments: Sequence[str] | None = None) -> int:
    """Damage files in turn; return 1 if any answer was another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    chance, counts, wrong = random.Random(given.seed), Counter[str](), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        right = answer(folder)
        for number in range(given.times):
            file = chance.choice(sorted(folder.rglob("*.nb?")))
            how = damage(file, chance)
            counts[how] += 1
            if (said := answer(folder)) != right:
                wrong.append(f"{number}: {file.name} {how}: {said}")
    print(f"{given.times} damages ({dict(counts)}), {len(wrong)} wrong answers", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
