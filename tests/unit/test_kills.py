"""A sweep that is killed a few times; `tests/bench/kills.py` kills it more often."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("all_cores")

KILLS = Path(__file__).parents[1] / "bench" / "kills.py"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_nothing_is_lost_when_a_sweep_is_killed():
    line = [sys.executable, KILLS, "--kills", "2", "--weeks", "2", "--seed", "4"]
    answer = subprocess.run(line, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    told = dict(re.split(r"  +", line.strip(), maxsplit=1) for line in answer.stdout.splitlines())
    assert told["kills"] == "2"
    assert int(told["batches on the disk after a kill"]) >= 2
    for what in ("lost", "changed", "made again", "damaged"):
        assert told[f"of them {what}"] == "0"
    assert told["files of results that differ"] == "0"
