"""How fast: a baseline year drawn, played by both engines and measured, as ratios within one run.

python tests/bench/speed.py            prints the table
python tests/bench/speed.py --memory   prints the peak memory of one baseline year in a fresh process
python tests/bench/speed.py --sizes    prints what replications of large offices take, and what was told of them before
python tests/bench/speed.py --growth   prints how the time of a year grows with its cases
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "scenarios" / "baseline-2023.yaml"


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

    What takes milliseconds is done by turns, half of it before SimPy's seconds and half after them, so that a machine
    that is busy for a second is busy for some of each.
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
    fast: dict[str, Callable[[], object]] = {
        "compiled": lambda: play(office, journeys), "draw": lambda: draw(office, seed=1),
        "measure": lambda: measure(office, journeys, log), "year": year,
    }  # fmt: skip
    turns = fast_rounds // rounds
    for _ in range(rounds):
        for turn in range(turns):
            if turn == turns // 2:
                seconds["process"] += timed(lambda: play(office, journeys, engine="process"), 1)
            for name, action in fast.items():
                seconds[name] += timed(action, 1)
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
    return peak()


def peak() -> float:
    """Return the peak resident memory [MB] of this process so far."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux counts the peak of the process that started this one into ru_maxrss.
        return float(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def step(name: str, after: str) -> dict[str, object]:
    """Return a step of an office's own, as a scenario has it."""
    return {"name": name, "title": {"en": name, "zh": name}, "after": after, "pool": "reviewers", "returned": 0.5,
            "minutes": {"mean_minutes": 0.3, "cv": 1}}  # fmt: skip


OFFICES = {
    "as usual": {},
    "two calls each, redialled": {"phone": {"calls_per_application": 2.0, "online_qa_share": 0.0, "redial_share": 1.0}},
    "many returns": {"review": {"return_rate": 0.9}},
    "five steps of its own": {
        "steps": [step("a", "filing"), step("b", "a"), step("c", "review"), step("d", "c"), step("e", "issue")]
    },
    "online alone": {"phone": {"calls_per_application": 0}, "filing": {"assisted_share": 0.0}},
}
"""Offices whose cases have few and many visits."""
TOLD = {"compiled": 300_000, "process": 40_000}
"""Registrations a year with which each engine is measured."""
ONE = """
import json, sys
sys.path.insert(0, "tests/bench")
from speed import peak, size_of
size_of(json.loads(sys.argv[1]), sys.argv[2], 400)
before = peak()
told, visits = size_of(json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
print(told, visits, peak() - before)
"""


def size_of(differs: dict[str, object], engine: str, registrations: int) -> tuple[float, float]:
    """Play a replication; return the memory [MB] and the visits that were foretold."""
    from sim.office.registration import registration_office
    from sim.office.scenario import scenario_from_dict
    from sim.office.size import bytes_of, cases_in, visits_a_case
    from sim.replicate.design_points import design_point_of, model_version
    from sim.replicate.work import Task, perform

    titles = {"name": "size", "title": {"en": "Size", "zh": "规模"}}
    demand = {"demand": {"registrations_per_year": registrations}}
    scenario = scenario_from_dict({**titles, **differs, **demand})
    perform(Task((design_point_of(scenario, 1, engine),), 0, 1, model_version()))
    return bytes_of(scenario, engine) / 2**20, cases_in(scenario) * visits_a_case(registration_office(scenario))


def sizes() -> Iterator[str]:
    """Yield what replications of large offices take, and what was told of them before, a line each."""
    yield f"{'engine':10}{'office':28}{'visits':>12}{'told MB':>10}{'taken MB':>10}{'bytes a visit':>15}"
    for engine, registrations in TOLD.items():
        for name, differs in OFFICES.items():
            line = [sys.executable, "-c", ONE, json.dumps(differs), engine, str(registrations)]
            answer = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout
            told, visits, taken = map(float, answer.split())
            yield f"{engine:10}{name:28}{visits:>12,.0f}{told:>10,.0f}{taken:>10,.0f}{taken * 2**20 / visits:>15,.0f}"


GROWTH = (4_000, 40_000, 400_000, 4_000_000)
"""Cases a year."""


def growth() -> Iterator[str]:
    """Yield what years with more and more cases take, a line each, and the exponent.

    The staff is the baseline's, and the more come, the shorter each is served: no pool has more than 64 people.
    """
    from dataclasses import replace
    from math import log

    import numpy as np

    from sim import draw, load_scenario, measure, play
    from sim.memory import keep_freed_memory
    from sim.office.blocks import Arrivals

    keep_freed_memory()
    baseline = load_scenario(SCENARIO)
    usual = draw(baseline, seed=1).cases
    yield f"{'cases':>12}{'visits made':>14}{'draw, ms':>12}{'play, ms':>12}{'measure, ms':>14}{'together':>12}"
    found = []
    for cases in GROWTH:
        times = cases / usual
        people = []
        for of in baseline.populations:
            assert isinstance(of.arrivals, Arrivals)
            people.append(replace(of, arrivals=replace(of.arrivals, total=of.arrivals.total * times)))
        office = replace(baseline, populations=tuple(people))
        rounds = max(min(GROWTH[-1] // cases, 40), 2)
        drawing = min(timed(lambda office=office: draw(office, seed=1), rounds))
        journeys = draw(office, seed=1)
        staffed = journeys.stage >= 0
        journeys = journeys.with_visits(minutes=np.where(staffed, journeys.minutes / times, journeys.minutes))
        log_of = play(office, journeys)
        playing = min(timed(lambda office=office, drawn=journeys: play(office, drawn), rounds))
        measuring = min(timed(lambda office=office, drawn=journeys, made=log_of: measure(office, drawn, made), rounds))
        found.append((journeys.cases, drawing + playing + measuring))
        yield f"{journeys.cases:>12,}{int((log_of.outcome > 0).sum()):>14,}" + "".join(
            f"{1000 * seconds:>{width},.1f}"
            for seconds, width in ((drawing, 12), (playing, 12), (measuring, 14), (found[-1][1], 12))
        )
    (few, least), (many, most) = found[0], found[-1]
    yield f"time grows as cases to the power of {log(most / least) / log(many / few):.3f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--growth", action="store_true")
    asked = parser.parse_args()
    if asked.sizes or asked.growth:
        for line in sizes() if asked.sizes else growth():
            print(line, flush=True)
    elif asked.memory:
        print(f"peak memory of one baseline year, libraries included: {peak_memory():.0f} MB")
    else:
        print(table(measure_speed()))
