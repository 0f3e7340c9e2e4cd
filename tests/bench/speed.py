"""How fast: a baseline year drawn, played by both engines and measured, as ratios within one run.

python tests/bench/speed.py            prints the table
python tests/bench/speed.py --memory   prints the peak memory of one baseline year in a fresh process
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

SCENARIO = Path(__file__).parents[2] / "scenarios" / "baseline-2023.yaml"


def timed(action: Callable[[], object], rounds: int) -> list[float]:
    """Return the seconds of each of some rounds."""
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return seconds


def measure_speed(rounds: int = 5, fast_rounds: int = 40) -> dict[str, float]:
    """Return the medians in milliseconds: SimPy's playing, compiled playing, drawing, measuring, all three.

    Rounds of SimPy and of the compiled path alternate, so that a busy machine is busy for both.
    """
    from sim import draw, load_scenario, measure, play
    from sim.memory import keep_freed_memory

    keep_freed_memory()  # as a run does
    office = load_scenario(SCENARIO)
    journeys = draw(office, seed=1)
    log = play(office, journeys)
    measure(office, journeys, log)

    def year() -> None:
        own = draw(office, seed=1)
        measure(office, own, play(office, own))

    seconds: dict[str, list[float]] = {"process": [], "compiled": [], "draw": [], "measure": [], "year": []}
    for _ in range(rounds):
        seconds["process"] += timed(lambda: play(office, journeys, engine="process"), 1)
        seconds["compiled"] += timed(lambda: play(office, journeys), fast_rounds // rounds)
        seconds["draw"] += timed(lambda: draw(office, seed=1), fast_rounds // rounds)
        seconds["measure"] += timed(lambda: measure(office, journeys, log), fast_rounds // rounds)
        seconds["year"] += timed(year, fast_rounds // rounds)
    figures = {name: 1000 * statistics.median(values) for name, values in seconds.items()}
    figures["cases"] = journeys.cases
    figures["visits"] = int((log.outcome > 0).sum())
    return figures


def table(figures: dict[str, float]) -> str:
    """Return the figures as a table, with what each is against SimPy's playing."""
    rows = {
        "play, SimPy": "process",
        "play, compiled": "compiled",
        "draw": "draw",
        "measure": "measure",
        "draw + play + measure": "year",
    }
    lines = [f"one baseline year: {figures['cases']:,.0f} cases, {figures['visits']:,.0f} visits made", ""]
    lines.append(f"{'':24}{'median ms':>12}{'SimPy plays in this time':>26}")
    for name, key in rows.items():
        lines.append(f"{name:24}{figures[key]:>12,.1f}{'1/' + format(figures['process'] / figures[key], ',.0f'):>26}")
    return "\n".join(lines)


def peak_memory() -> float:
    """Return the peak resident memory [MB] of this process after a baseline year."""
    from sim import draw, load_scenario, measure, play

    office = load_scenario(SCENARIO)
    journeys = draw(office, seed=1)
    measure(office, journeys, play(office, journeys))
    status = Path("/proc/self/status")
    if status.exists():
        # Linux counts the peak of the process that started this one into ru_maxrss.
        return float(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", action="store_true")
    if parser.parse_args().memory:
        print(f"peak memory of one baseline year, libraries included: {peak_memory():.0f} MB")
    else:
        print(table(measure_speed()))
