"""How fast a log is read: a million rows, of which calibrating them may take but a part of its minute and its 2 GB."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]

ROWS = 1_000_000
MOST_SECONDS = 20.0
"""Of the processor, so that what else the machine does makes no difference."""
MOST_MEMORY = 1000
"""Growth of the peak while the log is read [MB]."""

READ = """
import resource, sys, time
from pathlib import Path
from sim.studies.calibrate.reading.files import read_log

def peak():
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts the peak of the process that started this one into ru_maxrss
        return float(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)

before, began, wall = peak(), time.process_time(), time.perf_counter()
log, report = read_log([sys.argv[1]])
print(f"{len(log)} rows, {time.process_time() - began:.2f} s of work, "
      f"{time.perf_counter() - wall:.2f} s in all, {peak() - before:.0f} MB")
"""


def written(file: Path, encoding: str, moment: str, words: dict[str, str]) -> Path:
    """Write a log of many cases, each with four steps; times are there again in every tenth part of it."""
    rng, different = np.random.default_rng(1), ROWS // 10
    steps = ("phone", "filing", "review", "issue")
    queued = np.sort(rng.integers(0, 250 * 1440 * 60, different)) + np.datetime64("2023-01-03T08:30:00")
    started = queued + rng.exponential(300, different).astype(np.int64)
    ended = started + rng.exponential(300, different).astype(np.int64) + 1
    texts = []
    for moments in (queued, started, ended):
        day, clock = np.char.partition(np.datetime_as_string(moments, unit="s"), "T")[:, [0, 2]].T
        texts.append([moment.format(*date.split("-"), time) for date, time in zip(day, clock, strict=True)])
    rows = list(zip(*texts, rng.integers(1, 40, different), strict=True))
    case, served, kind = words["case"], words["served"], words["kind"]
    with file.open("w", encoding=encoding, newline="") as target:
        target.write(",".join(words["headings"].split()) + "\r\n")
        target.writelines(
            f"{case}{number // 4:09d},{words[steps[number % 4]]},{q},{s},{e},{served},{kind},W{w}\r\n"
            for number, (q, s, e, w) in enumerate(rows * 10)
        )
    return file


WORDS = {
    "headings": "业务编号 环节 取号时间 叫号时间 办结时间 状态 主体类型 窗口", "case": "甲", "phone": "电话咨询",
    "filing": "帮办", "review": "网上审核", "issue": "领照", "served": "办结", "kind": "企业",
}  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="the peak of a process is asked for in the way of Unix")
def test_a_million_rows(tmp_path):
    # Headings, words and times of a Chinese system, in its encoding, take longer than English ones in UTF-8.
    file = written(tmp_path / "log.csv", "gb18030", "{0}年{1}月{2}日 {3}", WORDS)
    answer = subprocess.run(
        [sys.executable, "-c", READ, str(file)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert answer.returncode == 0, answer.stderr
    print(answer.stdout)
    rows, seconds, memory = re.fullmatch(r"(\d+) rows, ([\d.]+) s of work, .*, (\d+) MB\s*", answer.stdout).groups()
    assert int(rows) == ROWS
    assert float(seconds) < MOST_SECONDS, answer.stdout
    assert 50 < int(memory) < MOST_MEMORY, answer.stdout
