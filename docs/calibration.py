"""How often is the verdict wrong? ``python docs/calibration.py``.

Puts the procedure of sim/measures/sequential.py to numbers whose true mean is known, and to replications of real
offices near the demand at which they break. Writes docs/calibration.md. The replications are kept in
results/calibration, so that the tables can be made again; without them it takes about an hour on two cores, most of
it for the replications.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import calibration_two_valued
import click
import numpy as np
from calibration_office import (
    OFFSETS,
    PROMISED,
    RULES,
    Bank,
    Line,
    bank_for,
    breaking_demand,
    judge_all,
    ninetieth_percentile,
    shape_of,
    target_at,
    truth_of,
)
from calibration_synthetic import BOUNDARIES, FAMILIES, LOOKS, MARGIN, SHIFTS, Outcomes, measure_all, of_shift

from sim.files import replaced_file
from sim.measures.judge import Rule, Verdict, margin_of
from sim.measures.sequential import Boundary
from sim.memory import keep_freed_memory
from sim.office.blocks import Target

PAGE = Path(__file__).resolve().parent / "calibration.md"
SEED = 20240201
USUAL = Rule().boundary
POWER = ("normal", "exponential, skewness 2", "lognormal, skewness 4", "Weibull, shape 0.7, skewness 3.5")


@dataclass(frozen=True)
class Demands:
    """Banks of one period: at the demand at which the target just holds, and a margin to both sides of it.

    Attributes
    ----------
    period : str
    trials : int
    breaking : Bank
    lower, higher : Bank
    """

    period: str
    trials: int
    breaking: Bank
    lower: Bank
    higher: Bank


def note(text: str) -> None:
    """Say how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def percent(count: int, trials: int) -> str:
    """Return a share in per cent with its Monte Carlo standard error; that of 0 is that of one."""
    share = count / trials
    error = np.sqrt(max(count, 1) / trials * (1 - min(share, 1 - 1 / trials)) / trials)
    digits = 2 if error >= 0.001 else 3
    return f"{100 * share:.{digits}f} ± {100 * error:.{digits}f}"


def table(head: tuple[str, ...], rows: list[list[str]], words: int = 1) -> list[str]:
    """Return a table; the first `words` columns are text, the others numbers."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * words + "---:|" * (len(head) - words)]
    return ["", *lines, *("| " + " | ".join(row) + " |" for row in rows)]


def family_tables(found: dict[str, list[Outcomes]]) -> list[str]:
    """Return a table for each boundary: every family at the boundary."""
    head = (
        "numbers", "false HOLDS, %", "false FAILS, %", "interval ever misses, %", f"TOO CLOSE by {LOOKS:,}, %",
        f"UNDECIDED at {LOOKS:,}, %", "mean replications",
    )  # fmt: skip
    lines = []
    for number, boundary in enumerate(BOUNDARIES):
        rows = []
        for family, by_boundary in found.items():
            of = by_boundary[number]
            (_, _, close, open_), mean, error = of_shift(of, 0.0)
            rows.append([
                family + ("" if FAMILIES[family][0] else " *"),
                *(percent(count, of.trials) for count in (of.false_holds, of.false_fails, of.misses, close, open_)),
                f"{mean:,.0f} ± {error:.0f}",
            ])  # fmt: skip
        lines += [
            "", f"### From {boundary.smallest} replications on, at most {100 * boundary.error:g} % on each side",
            *table(head, rows),
        ]  # fmt: skip
    return lines


def wrong_share(by_boundary: list[Outcomes], boundary: Boundary) -> tuple[float, float]:
    """Return the share of trials that were ever wrong over what is allowed, and its standard error."""
    of = by_boundary[BOUNDARIES.index(boundary)]
    wrong, allowed = of.false_holds + of.false_fails, 2 * boundary.error * of.trials
    return wrong / allowed, float(np.sqrt(max(wrong, 1)) / allowed)


def wrong_over_allowed(found: dict[str, list[Outcomes]], boundary: Boundary, rare: bool) -> tuple[float, float, str]:
    """Return the worst family's share of wrong verdicts over what is allowed, its standard error, and its name.

    `rare` : of the families with rare disasters, or of the others.
    """
    of = {family: by_boundary for family, by_boundary in found.items() if ("moved" in family) == rare}
    worst = max(of, key=lambda family: wrong_share(of[family], boundary)[0])
    return *wrong_share(of[worst], boundary), worst


def choice_part(found: dict[str, list[Outcomes]]) -> list[str]:
    """Say which smallest number of replications is chosen, with a table of what each gets wrong, and what it costs."""
    rows, enough = [], dict[float, int]()
    for number, boundary in enumerate(BOUNDARIES):
        smooth, disasters = (wrong_over_allowed(found, boundary, rare) for rare in (False, True))
        if smooth[0] <= 1:
            enough.setdefault(boundary.error, boundary.smallest)
        exponential = found["exponential, skewness 2"][number]
        rows.append([
            f"{100 * boundary.error:g} %", str(boundary.smallest),
            *(cell for ratio, error, family in (smooth, disasters) for cell in (f"{ratio:.2f} ± {error:.2f}", family)),
            *(f"{of_shift(exponential, shift)[1]:,.0f}" for shift in (0.25, 0.5, 1.0)),
        ])  # fmt: skip
    head = (
        "error a side", "from", "smooth families: wrong over allowed, the worst", "which", "with disasters: the worst",
        "which", "replications at 0.25 σ", "0.5 σ", "1 σ",
    )  # fmt: skip
    taken = []
    for rule in (Rule(1), Rule(10), Rule(40)):
        boundary = rule.boundary
        smallest = enough.get(boundary.error)
        ratios = {family: wrong_share(by_boundary, boundary)[0] for family, by_boundary in found.items()}
        over = [f"{family} ({ratio:.2f} times what is allowed)" for family, ratio in ratios.items() if ratio > 1]
        taken.append(
            f"- {rule.tests} {'verdict' if rule.tests == 1 else 'verdicts'}: {boundary.smallest} taken, "
            f"{f'{smallest} is the smallest that passes' if smallest else 'none that was tried passes'}. "
            f"Wrong more often than allowed at {boundary.smallest}: {'; '.join(over) or 'none'}."
        )
    return [CHOICE.replace("\n", " ").strip(), "", *taken, *table(head, rows)]


def power_table(found: dict[str, list[Outcomes]]) -> list[str]:
    """Return a table of the mean number of replications, and of wrong verdicts, by distance from the promise."""
    rows = []
    for family in POWER:
        of = found[family][BOUNDARIES.index(USUAL)]
        means, wrong = [], []
        for shift in SHIFTS:
            (below, above, _, _), mean, _ = of_shift(of, shift)
            means.append(f"{mean:,.0f}")
            wrong.append(percent(below if shift > 0 else above, of.trials) if shift else "–")
        rows += [[family, *means], ["– wrong verdict, %", *wrong]]
    return table(("mean replications, the true mean away by", *(f"{shift:+g} σ" for shift in SHIFTS)), rows)


CHOICE = """\
The smaller the error of a single verdict, the further out it lies in a tail that a small sample has hardly seen; more
replications before the first look make up for that where the tail is smooth. What they cost is seen where the
answer is clear at once, in the last column. The numbers taken, 20, 30 and 50, were set before these trials.
The table is a check of them: is there a smaller one, of those tried, at which no smooth family is wrong more often than
allowed, in twice the error a side? That measure, and leaving the families with disasters out of it, were settled with
the results in view. Replications are those of the exponential family.
"""


def synthetic_part(found: dict[str, list[Outcomes]], trials: int) -> list[str]:
    """Return the part of the page on known distributions."""
    return [
        "", "## Numbers whose distribution is known", "",
        f"{trials:,} trials a family, each looked at after every number up to {LOOKS:,}; mean 0, standard deviation "
        "σ = 1; greater = worse. The true mean is exactly what is promised, so HOLDS and FAILS are both counted as "
        "false, as they would be with the truth a hair to the other side. The "
        "first two columns count trials that would ever have had such a verdict, TOO CLOSE not ending them. "
        f"The last three are of the procedure as it is, with a margin of {MARGIN:g} σ. The interval misses if it ever "
        "leaves out the truth at any look, those included at which 10 times the squared skewness holds a verdict "
        "back. After ± the Monte Carlo standard error. Of the families marked * nothing was known when the constants "
        "of the procedure were chosen. Numbers with a long tail to the other side are the mirror image: false HOLDS "
        "and false FAILS change places.",
        "", "### Which smallest number of replications", "", *choice_part(found),
        "", "### How many replications it takes", "",
        f"From {USUAL.smallest} replications on, {100 * USUAL.error:g} % on each side, margin {MARGIN:g} σ; "
        f"ended at {LOOKS:,}.",
        *power_table(found),
        *family_tables(found),
    ]  # fmt: skip


def line_row(line: Line) -> list[str]:
    """Return a row of the tables of real offices."""
    n = line.replications
    return [
        *(percent(line.verdicts[verdict], line.trials) for verdict in Verdict),
        percent(line.wrong, line.trials),
        percent(line.misses, line.trials),
        f"{n.mean():.1f} ± {n.std() / np.sqrt(len(n)):.1f}",
        f"{n.max():,}",
    ]


LINE_HEAD = (
    "trials", *(f"{verdict.value}, %" for verdict in Verdict), "wrong, %", "interval misses, %", "mean replications",
    "most",
)  # fmt: skip


def rule_name(rule: Rule) -> str:
    """Return the rule in words."""
    return f"{rule.boundary.smallest}, {100 * rule.boundary.error:g} %"


def bank_table(bank: Bank, statistic: str) -> list[str]:
    """Return the verdicts with the promise moved away from the truth of one bank."""
    rows = []
    for rule in RULES:
        for offset in OFFSETS:
            if rule in (RULES[0], RULES[-1]) or offset == 0:
                line = judge_all(bank, target_at(bank, statistic, offset), rule, offset)
                rows.append([rule_name(rule), f"{offset:+g}", f"{line.trials:,}", *line_row(line)])
    return table(("from, a side", "truth − promise, margins", *LINE_HEAD), rows)


def demand_table(demands: Demands) -> list[str]:
    """Return the verdicts on five minutes at three levels of demand."""
    target, rows, all_trials, all_wrong = Target(PROMISED), [], 0, 0
    for bank in (demands.lower, demands.breaking, demands.higher):
        truth, error = truth_of(bank, "mean")
        # Demand is whole, and the truth is known to some hundredths of a margin: what is so near to 0 counts as 0.
        offset = round((truth - PROMISED) / margin_of(target), 1)
        line = judge_all(bank, target, RULES[0], offset)
        rows.append([f"{bank.registrations:,}", f"{truth:.4f} ± {error:.4f}", f"{line.trials:,}", *line_row(line)])
        all_trials, all_wrong = all_trials + line.trials, all_wrong + line.wrong
    together = f"All three together: {all_trials:,} trials, wrong in {percent(all_wrong, all_trials)} %."
    return [*table(("registrations a year", "true mean, min", *LINE_HEAD), rows), "", together]


def office_part(demands: Demands) -> list[str]:
    """Return the part of the page on real offices."""
    bank = demands.breaking
    shapes = []
    for statistic, name in (("mean", "mean licence time, min"), ("share", f"share within {bank.minutes:g} min")):
        truth, error = truth_of(bank, statistic)
        spread, skewness, kurtosis = shape_of(bank, statistic)
        margin = margin_of(target_at(bank, statistic, 0.0))
        cells = (
            f"{truth:.5f} ± {error:.5f}",
            f"{spread:.4f}",
            f"{margin / spread:.2f}",
            f"{skewness:.2f}",
            f"{kurtosis:.1f}",
        )
        shapes.append([name, *cells])
    what = {"month": "March 2023", "year": "the year 2023"}[demands.period]
    head = ("figure of a replication", "mean", "standard deviation", "margin, σ", "skewness", "excess kurtosis")
    return [
        "", f"## The office itself: {what}", "",
        "The office without leave (scenarios/no-absence.yaml) with the demand at which the mean licence time of "
        f"{what} is five minutes, "
        f"{bank.registrations:,} registrations a year. {len(bank.scores):,} replications, none of which is used twice "
        "in a line of a table: each trial takes those that follow the trial before until it has its verdict. The mean "
        "over all of them is taken for the truth. Greater = worse in skewness and kurtosis.",
        *table(head, shapes),
        "", "The promise is moved instead of the office, so that one set of replications serves all. Wrong is HOLDS "
        "where the truth is worse than promised, FAILS where it is better, both where it is the same, and TOO CLOSE "
        "where it is a whole margin away. The interval is that at the verdict.",
        "", "### Mean of the licence time", *bank_table(bank, "mean"),
        "", f"### Share within {bank.minutes:g} minutes", *bank_table(bank, "share"),
        "", "### The demand moved", "",
        f"Promise: {PROMISED:g} minutes on average. For what is wrong the truth is rounded to a tenth of a margin.",
        *demand_table(demands),
    ]  # fmt: skip


def replicate(period: str, trials: int) -> Demands:
    """Find the demands, and have all replications that are needed."""
    low, middle, high = (breaking_demand(period, PROMISED + k * margin_of(Target(PROMISED))) for k in (-1, 0, 1))
    note(f"{period}: breaks at {middle:,} registrations, a margin away at {low:,} and {high:,}")
    minutes = ninetieth_percentile(period, middle)
    breaking = bank_for(period, middle, minutes, trials, None, note)
    lower, higher = (bank_for(period, level, minutes, (trials + 1) // 2, PROMISED, note) for level in (low, high))
    return Demands(period, trials, breaking, lower, higher)


@click.command(help=__doc__)
@click.option("--trials", default=40_000, show_default=True, help="Trials of each known distribution.")
@click.option("--real-trials", default=2000, show_default=True, help="Trials of the office with its promise just kept.")
@click.option("--part", type=click.Choice(["synthetic", "real", "all"]), default="all", show_default=True)
@click.option("--period", type=click.Choice(["month", "year", "both"]), default="month", show_default=True)
@click.option("--processes", default=1, show_default=True, help="For the known distributions.")
def main(trials: int, real_trials: int, part: str, period: str, processes: int) -> None:
    """Measure, and write the page."""
    command = " ".join(["python docs/calibration.py", *sys.argv[1:]])
    lines = [
        "# How often the verdict is wrong", "",
        f"<!-- Written by `{command}`; do not edit. -->",
    ]  # fmt: skip
    if part in ("synthetic", "all"):
        lines += synthetic_part(measure_all(trials, SEED, processes), trials)
        lines += calibration_two_valued.HEADING
    if part in ("real", "all"):
        keep_freed_memory()
        for each in ("month", "year") if period == "both" else (period,):
            lines += office_part(replicate(each, real_trials))
    with replaced_file(PAGE) as new:
        new.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    if part in ("synthetic", "all"):
        calibration_two_valued.main()


if __name__ == "__main__":
    main()
