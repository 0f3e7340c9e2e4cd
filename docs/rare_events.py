"""How much do rare days widen a verdict, and how often is it wrong? ``python docs/rare_events.py``.

Two things of each shipped scenario with outages or absences: by how much its control variates narrow the interval at a
given number of years, and how often a verdict at the boundary is false and its interval misses. Writes
docs/rare-events.md; takes some ten minutes on two cores.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from sim import draw, measure, play
from sim.files import replaced_file
from sim.measures.controls import PILOT, Controls, controlled, joined_controls
from sim.measures.judge import Rule, Verdict, judge_scores
from sim.memory import keep_freed_memory
from sim.office.blocks import Office, Target
from sim.office.registration import registration_office
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.replicate.design_points import model_version

HOME = Path(__file__).resolve().parents[1]
PAGE = HOME / "docs" / "rare-events.md"
SCENARIOS = ("review-outage", "staff-absence")
YEARS = 200
QUARTER = {"first": "2023-04-01", "last": "2023-06-30"}
BANK = 4000
"""Quarters of a year that trials are drawn from, with replacement: of these the true mean is known. They are kept in
results/rare-events, so that the tables can be made again."""
TRIALS, MOST = 2000, 300
SEED = 20261129


@dataclass(frozen=True)
class Bank:
    """Replications: sums, counts and controls, of which trials are made."""

    sums: np.ndarray
    counts: np.ndarray
    controls: Controls

    def trial(self, rows: np.ndarray) -> Bank:
        """Return replications that are each made of some rows, (n, quarters)."""
        k = self.controls
        weeks, outcome = (part[rows].reshape(len(rows), -1, part.shape[2]) for part in (k.weeks, k.outcome))
        excess, outages = k.excess[rows].sum(axis=1), k.outages[rows].sum(axis=1)
        controls = Controls(excess, weeks, outcome, outages)
        return Bank(self.sums[rows].sum(axis=1), self.counts[rows].sum(axis=1), controls)


def note(text: str) -> None:
    """Say how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def bank_of(office: Office, replications: int) -> Bank:
    """Return replications of an office."""

    def one(replication: int) -> tuple[float, int, Controls]:
        journeys = draw(office, SEED, replication)
        kpis = measure(office, journeys, play(office, journeys))
        assert kpis.controls is not None
        return kpis.score_sum, kpis.scores, kpis.controls

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        sums, counts, controls = zip(*threads.map(one, range(replications)), strict=True)
    return Bank(np.array(sums), np.array(counts, np.float64), joined_controls(list(controls)))


def kept_bank(name: str, office: Office, replications: int) -> Bank:
    """Return replications of an office, from an earlier time if they are of this version of the model."""
    file = HOME / "results" / "rare-events" / f"{name}-{model_version()[:12]}.npz"
    if not file.exists():
        bank = bank_of(office, replications)
        file.parent.mkdir(parents=True, exist_ok=True)
        with replaced_file(file) as temporary, temporary.open("wb") as stream:
            np.savez_compressed(stream, sums=bank.sums, counts=bank.counts, **vars(bank.controls))
    with np.load(file, allow_pickle=False) as saved:
        return Bank(saved["sums"], saved["counts"], Controls(*(saved[field.name] for field in fields(Controls))))


def narrower(bank: Bank, target: Target) -> tuple[float, float]:
    """Return the variance of a year without controls over that with them, and the standard error of this ratio."""
    plain = bank.sums - target.minutes * bank.counts
    better = controlled(target, bank.sums, bank.controls) - target.minutes * bank.counts
    # The first years have taught what disruptions cost; how well that is true is seen from the others.
    plain, better = plain[PILOT:], better[PILOT:]
    ratio = plain.var() / better.var()
    parts = [p.var() / b.var() for p, b in zip(np.array_split(plain, 10), np.array_split(better, 10), strict=True)]
    return ratio, float(np.std(parts, ddof=1) / np.sqrt(10))


def at_the_boundary(bank: Bank, quarters: int) -> list[str]:
    """Return the cells of verdicts on a promise that is exactly the truth, a replication being so many quarters."""
    truth = float(bank.sums.sum() / bank.counts.sum())
    target = Target(truth)
    # In the bank, what is expected of a quarter is what it has on average.
    k = bank.controls
    bank = Bank(bank.sums, bank.counts, replace(k, excess=k.excess - k.excess.mean(axis=0)))
    rng = np.random.default_rng(SEED)
    rule = Rule(largest=MOST)
    found: dict[str, int] = dict.fromkeys(("holds", "fails", "misses"), 0)
    looks = []
    for _ in range(TRIALS):
        trial = bank.trial(rng.integers(0, len(bank.sums), (MOST, quarters)))
        sums = controlled(target, trial.sums, trial.controls)
        judged = judge_scores(target, sums, trial.counts, rule, trial.controls.seen)
        found["holds"] += judged.verdict is Verdict.HOLDS
        found["fails"] += judged.verdict is Verdict.FAILS
        found["misses"] += not judged.low <= truth <= judged.high
        looks.append(judged.replications)
    shares = [found[name] / TRIALS for name in found]
    return [
        f"{truth:.3f}",
        *(
            f"{100 * share:.2f} ± {100 * np.sqrt(max(share, 1 / TRIALS) * (1 - share) / TRIALS):.2f}"
            for share in shares
        ),
        f"{np.mean(looks):.0f}",
    ]


def main() -> None:
    """Write the page."""
    keep_freed_memory()
    narrow, wrong = [], []
    for name in SCENARIOS:
        scenario = load_scenario_file(HOME / "scenarios" / f"{name}.yaml")
        note(f"{name}: {YEARS} years")
        ratio, error = narrower(bank_of(registration_office(scenario), YEARS), Target())
        narrow.append(f"| {name} | {ratio:.1f} ± {error:.1f} |")
        quarter = scenario_from_dict({**scenario_as_dict(scenario), "period": QUARTER})
        note(f"{name}: {BANK} quarters")
        bank = kept_bank(name, registration_office(quarter), BANK)
        note(f"{name}: {TRIALS} trials")
        for quarters, what in ((4, "a year"), (1, "a quarter")):
            wrong.append(f"| {name} | {what} | " + " | ".join(at_the_boundary(bank, quarters)) + " |")
    text = "\n".join([
        "# Rare days", "",
        "<!-- Written by `python docs/rare_events.py`; do not edit. -->", "",
        TEXT.replace("\n", " ").strip(), "",
        f"Variance of a year's sum without control variates over that with them, from {YEARS} years each, the "
        f"first {PILOT} left out:", "",
        "| scenario | times narrower in variance |", "|---|---:|", *narrow, "",
        f"Verdicts on a promise that is exactly the truth: {TRIALS:,} trials each, looked at after every replication "
        f"from 20 on up to {MOST}, drawn with replacement from {BANK:,} simulated quarters of a year, a replication "
        "being one of them, or four; at most 2.5 % of false verdicts are allowed on each side. The "
        "interval is that of the look at which the trial ended.", "",
        "| scenario | replication | truth, min | false HOLDS, % | false FAILS, % | interval misses, % | replications |",
        "|---|---|---:|---:|---:|---:|---:|", *wrong, "",
    ])  # fmt: skip
    with replaced_file(PAGE) as temporary:
        temporary.write_text(text, encoding="utf-8")


TEXT = """\
With twelve outages a year, or with people who are absent on 8 % of the days, a year's mean depends most on how many
bad days it happens to have. How many that will be, and how long, is known as a distribution; what one costs is learned
from the weeks of the first twenty years, for each of these from the others. Both together take the chance of bad days
out of each year's sum (`sim/measures/controls.py`). As far as its budget goes, a verdict also waits until two hundred
outages were seen of each stage that has any: with fewer, what the longest cost is too little known, as was found with
these trials. Where the mean number of replications is near the largest, nearly all trials ended undecided.
"""


if __name__ == "__main__":
    main()
