"""What the web app costs whoever leaves it running: processor, memory, and whether two visitors are apart.

    python tests/bench/app_load.py [--moves 200] [--scenario baseline-2023]

Three things are measured in a headless Chromium, of an app in an empty folder:

- how long the processor goes on with an office that takes long, once its page is closed;
- what one browser sees while another moves sliders: nothing of it;
- the memory of the app after each quarter of so many moves of a slider, of which each is another office.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
PATIENCE, SOON, TRIES = 120_000, 5_000, 5
"""Milliseconds that a page may take for a step, and until it is at work on one; keys that are pressed for it."""
MOST_SECONDS, MOST_GROWTH = 2.0, 0.10
"""That a play may go on without its page; that memory may grow by in the second half of the moves."""
STATE = "[data-testid=stApp][data-test-script-state"
END = {"ArrowRight": "aria-valuemax", "ArrowLeft": "aria-valuemin"}
"""Where a slider cannot go on with a key."""
CHINESE = re.compile("[\u4e00-\u9fff]")
LARGE = """name: large
title: {en: Large, zh: 大}
extends: baseline-2023
demand: {registrations_per_year: 160000}
staff:
  consultants: {plan: {08:30-17:00: 60}}
  assistants: {plan: {08:30-17:00: 60}}
  reviewers: {plan: {08:30-17:00: 60}}
  clerks: {plan: {08:30-17:00: 60}}
"""
"""Four times the baseline: a simulated year takes half a second, the first look twenty of them."""


@contextmanager
def served(home: Path, scenario: str) -> Iterator[tuple[str, int]]:
    """Yield where an app is served, and the number of its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (home / "scenarios").mkdir(exist_ok=True)
    for file in (ROOT / "scenarios").glob("*.yaml"):
        shutil.copy(file, home / "scenarios")
    (home / "scenarios" / "large.yaml").write_text(LARGE, encoding="utf-8")
    shutil.copy(ROOT / "run_sim.py", home)
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    line = [sys.executable, "run_sim.py", "app", "--port", str(port), "--lang", "en", "--scenario", scenario]
    with (home / "said.txt").open("w") as said:
        app = subprocess.Popen(line, cwd=home, env=os.environ | {"PYTHONPATH": paths}, stdout=said, stderr=said)
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=5)
                break
            except OSError:
                time.sleep(0.1)
        yield url, app.pid
    finally:
        app.send_signal(signal.SIGINT)
        app.wait(30)


def processor_seconds(pid: int) -> float:
    """Return the processor's seconds that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Return the resident memory of a process [MB]."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def opened(browser: Any, url: str) -> Any:
    """Return a page of a browser that shares nothing with others."""
    page = browser.new_context(viewport={"width": 1440, "height": 860}).new_page()
    page.goto(url)
    return page


def verdict(page: Any) -> str:
    """Return the verdict that a page gives once it is done with the last change."""
    page.locator(".office.verdict b").wait_for(timeout=PATIENCE)
    page.locator(f"{STATE}=notRunning]").wait_for(timeout=PATIENCE)
    return str(page.locator(".office.verdict").inner_text())


def slid(page: Any, key: str, slider: int = 0) -> str:
    """Move a slider, the first of which is that of demand, and return the verdict, which may read as before."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    moved = page.get_by_role("slider").nth(slider)
    before = moved.get_attribute("aria-valuenow")
    for _ in range(TRIES):
        # A key that comes while the page is put together again is lost.
        moved.press(key)
        time.sleep(0.3)
        if moved.get_attribute("aria-valuenow") != before:
            break
    # A short run may have been over before anybody looked.
    with suppress(PlaywrightTimeout):
        page.locator(f"{STATE}=running]").wait_for(timeout=SOON)
    return verdict(page)


def goes_on(browser: Any, home: Path) -> float:
    """Return the seconds for which the app computes after the page of a long play was closed."""
    with served(home, "large") as (url, pid):
        page = opened(browser, url)
        page.get_by_text(re.compile("Simulating years: [1-9]")).wait_for(timeout=PATIENCE)
        page.context.close()
        closed, last = time.monotonic(), time.monotonic()
        used = processor_seconds(pid)
        while time.monotonic() - last < 3 and time.monotonic() - closed < 60:
            time.sleep(0.1)
            if (now := processor_seconds(pid)) - used > 0.03:
                last = time.monotonic()
            used = now
        return last - closed


def mixed_up(browser: Any, home: Path) -> list[str]:
    """Return what one visitor sees of what another one does: nothing, or so it should be."""
    with served(home, "baseline-2023") as (url, _):
        one, other = opened(browser, url), opened(browser, url)
        before = verdict(one), verdict(other)
        other.get_by_role("radio", name="中文").click()
        other.locator(".office.verdict b", has_text="达标").wait_for(timeout=PATIENCE)
        # Both at once, each to another end.
        one.get_by_role("slider").first.press("End")
        other.get_by_role("slider").first.press("Home")
        one.locator(".office.verdict b", has_text=re.compile("^FAILS$")).wait_for(timeout=PATIENCE)
        other.locator(".office.verdict", has_text="业务量").wait_for(timeout=PATIENCE)
        moved = verdict(one), verdict(other)
        fresh = verdict(opened(browser, url))
        seen = {
            "they begin with another verdict": before[0] != before[1],
            "a third one does not begin as they did": fresh != before[0],
            "a language is that of the other": bool(CHINESE.search(moved[0])) or not CHINESE.search(moved[1]),
            "a verdict is that of the other": "FAILS" not in moved[0] or "不达标" in moved[1],
            "a slider is that of the other": "+100" not in moved[0] or "−50" not in moved[1],
        }
        if any(seen.values()):
            print(before, moved, fresh, sep="\n", file=sys.stderr)
        return [what for what, is_so in seen.items() if is_so]


def grows(browser: Any, home: Path, scenario: str, moves: int) -> list[float]:
    """Return the memory [MB] of the app after the first verdict, and after each quarter of so many moves."""
    with served(home, scenario) as (url, pid):
        page = opened(browser, url)
        verdict(page)
        found, key = [memory(pid)], "ArrowRight"
        demand = page.get_by_role("slider").first
        for move in range(1, moves + 1):
            # From one end of demand to the other and back, each time with another share of automatic approval, so that
            # no office comes twice.
            if demand.get_attribute("aria-valuenow") == demand.get_attribute(END[key]):
                key = "ArrowLeft" if key == "ArrowRight" else "ArrowRight"
                slid(page, "ArrowRight", 1)
            else:
                slid(page, key)
            if move % max(moves // 4, 1) == 0:
                found.append(memory(pid))
                print(f"  {move} moves: {found[-1]:.0f} MB", file=sys.stderr, flush=True)
        return found


def main() -> int:
    """Measure, and print what was found; return the exit status."""
    parser = argparse.ArgumentParser(description="What the web app costs whoever leaves it running.")
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--scenario", default="baseline-2023")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        homes = [Path(folder, name) for name in ("long", "two", "moves")]
        for home in homes:
            home.mkdir()
        seconds = goes_on(browser, homes[0])
        print(f"page closed: the processor goes on for {seconds:.1f} s (at most {MOST_SECONDS:.0f})", flush=True)
        mixed = mixed_up(browser, homes[1])
        print(f"two browsers: {', '.join(mixed) or 'apart'}", flush=True)
        found = grows(browser, homes[2], asked.scenario, asked.moves)
        middle, end = found[len(found) // 2], found[-1]
        told = ", ".join(f"{each:.0f}" for each in found)
        print(f"memory over {asked.moves} moves: {told} MB; in the second half {end / middle - 1:+.0%}")
        browser.close()
    return int(seconds > MOST_SECONDS or bool(mixed) or end > middle * (1 + MOST_GROWTH))


if __name__ == "__main__":
    sys.exit(main())
