"""How fast against other simulators: two models that all of them can express, as ratios within one run.

pip install -e '.[peers]'              what is compared with; who is not installed is left out
python tests/bench/peers.py            prints a table for each model
python tests/bench/peers.py --quick    a two-hundredth of the customers, one round: to see that it runs

"Play" is fed with arrival times, service minutes and ways drawn beforehand, the same for all: the mean time in the
system must then be the same too. "End to end" draws its own numbers of the same distributions as well, so that it
is the same within chance only. What is timed is the simulation: not making the numbers, the model or the compiled code.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import math
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import peers_players as players
from numpy.typing import NDArray
from peers_models import OFFICE, QUEUE, Model, Numbers, Run, numbers_of

from sim.memory import keep_freed_memory

AGREE = 1e-9
"""Largest relative difference of mean times that were played from the same numbers: sums are rounded differently."""
ERRORS = 4.0
"""Largest difference of mean times that were drawn separately, in standard errors."""
BATCHES, ENOUGH = 40, 10_000
"""Batches for the standard error, and the customers below which they are too short for a judgement."""
SHORT, SHORT_RUNS = 0.2, 8
"""A round has so many runs, or fewer if they take so long [s] in all."""


class Simulator(NamedTuple):
    """Who is compared: how it plays given numbers, and its own if that is written down."""

    name: str
    given: Callable[[Model, Numbers], Run]
    own: Callable[[Model, int], Run] | None = None


OURS = Simulator("this project", players.ours_given, players.ours_own)


def installed() -> list[Simulator]:
    """Return the simulators that are there, and print how to get the others."""
    found = [OURS, Simulator("SimPy", players.simpy_given, players.simpy_own)]
    if importlib.util.find_spec("cimba"):
        import peers_cimba

        found.insert(1, Simulator("cimba", peers_cimba.given, peers_cimba.own))
    if importlib.util.find_spec("ciw"):
        found.append(Simulator("Ciw", players.ciw_given))
    if importlib.util.find_spec("salabim"):
        found.append(Simulator("salabim", players.salabim_given))
    for absent in sorted({"cimba", "Ciw", "salabim"} - {each.name for each in found}):
        print(f"{absent} is left out; it comes with: pip install -e '.[peers]'")
    return found


@dataclass
class Plays:
    """Seconds and mean times in the system [min] of the rounds so far."""

    seconds: list[float] = field(default_factory=list)
    means: list[float] = field(default_factory=list)

    def add_round(self, made: Callable[[int], Run]) -> None:
        """Time a run, or a few if they are short; `made` returns one, given a seed."""
        gc.collect()  # what others have left
        until = len(self.seconds) + SHORT_RUNS
        spent = 0.0
        while spent < SHORT and len(self.seconds) < until:
            run = made(len(self.seconds) + 1)
            began = time.perf_counter()
            look_up = run()
            self.seconds.append(time.perf_counter() - began)
            self.means.append(look_up())
            spent += self.seconds[-1]

    @property
    def ms(self) -> float:
        """Median [ms]."""
        return 1000.0 * statistics.median(self.seconds)


def compare(model: Model, simulators: list[Simulator], rounds: int, patience: float) -> tuple[str, list[str]]:
    """Return a table, and what the simulators do not agree in.

    Rounds of all alternate, so that a busy machine is busy for all. Who takes longer than `patience` seconds
    to play has one round only.
    """
    numbers = numbers_of(model, seed=1)
    given = {simulator.name: Plays() for simulator in simulators}
    own = {simulator.name: Plays() for simulator in simulators if simulator.own}
    few = model.part(max(1, model.customers // 400))
    for simulator in simulators:  # what is compiled at its first use is compiled here
        simulator.given(few, numbers_of(few, seed=1))()
        if simulator.own:
            simulator.own(few, 1)()
    gc.collect()
    gc.freeze()  # nobody's garbage is looked for among what is there by now
    for _ in range(rounds):
        for simulator in simulators:
            if max(given[simulator.name].seconds, default=0.0) <= patience:
                given[simulator.name].add_round(lambda _, play=simulator.given: play(model, numbers))
            if simulator.own:
                own[simulator.name].add_round(lambda seed, play=simulator.own: play(model, seed))

    truth = given[OURS.name].means[0]
    error = standard_error(players.times_given(model, numbers))
    wrong: list[str] = []
    lines = [
        f"{model.name}: {model.customers:,} customers, {len(numbers.desk):,} visits, {truth:.2f} min in the system",
        f"\n{'':14}{'play, ms':>10}{'/ ours':>8}{'off':>8}{'plays':>7}"
        f"{'end to end, ms':>17}{'/ ours':>8}{'z':>7}{'plays':>7}",
    ]
    for name, plays in given.items():
        off = max(abs(mean / truth - 1.0) for mean in plays.means)
        if not off <= AGREE:
            wrong.append(f"{name}, {model.name}: {plays.means[0]!r} min from the same numbers, not {truth!r}")
        line = f"{name:14}{plays.ms:>10,.1f}{plays.ms / given[OURS.name].ms:>8,.1f}{off:>8.0e}{len(plays.seconds):>7}"
        if name in own:
            means = own[name].means
            z = (statistics.fmean(means) - truth) / (error * math.sqrt(1.0 + 1.0 / len(means)))
            judged = model.customers >= ENOUGH
            if judged and not abs(z) <= ERRORS:
                wrong.append(f"{name}, {model.name}: from its own numbers it is {z:.1f} standard errors off")
            distance = f"{z:+.1f}" if judged else "-"
            line += f"{own[name].ms:>17,.1f}{own[name].ms / own[OURS.name].ms:>8,.1f}{distance:>7}{len(means):>7}"
        lines.append(line)
    return "\n".join(lines), wrong


def standard_error(times: NDArray[np.float64]) -> float:
    """Return the standard error of the mean of times in the order of arrival [min], by the means of batches."""
    batches = times[: len(times) // BATCHES * BATCHES].reshape(BATCHES, -1).mean(axis=1)
    return float(batches.std(ddof=1) / math.sqrt(BATCHES))


def main() -> int:
    """Print the tables; 1 if the simulators do not agree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a two-hundredth of the customers, one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=10.0, help="who takes longer [s] plays only once")
    asked = parser.parse_args()
    keep_freed_memory()  # as a run does
    simulators = installed()
    wrong: list[str] = []
    for model in (OFFICE, QUEUE):
        if asked.quick:
            table, unequal = compare(model.part(200), simulators, 1, asked.patience)
        else:
            table, unequal = compare(model, simulators, asked.rounds, asked.patience)
        print(table, end="\n\n", flush=True)
        wrong += unequal
    own = "" if asked.quick else f", and to {ERRORS:g} standard errors from their own"
    print("\n".join(wrong) or f"All agree to {AGREE:.0e} from the same numbers{own}.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
