"""How often is the verdict wrong where years are alike but for bad ones? ``python docs/calibration_two_valued.py``.

No year differs from another by chance, so that nothing in a sample hints at what is not in it. Puts years of two kinds
to the verdict's own code, and writes a table into docs/calibration.md.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from marked import replace_between_marks

from sim.measures.judge import Rule, judge_scores
from sim.office.blocks import Target

PAGE = Path(__file__).resolve().parent / "calibration.md"
HEADING = (
    "", "## Years of two kinds", "",
    "The hardest case is a disaster that is not in the sample: all years alike, but for a bad one now and then. No "
    "procedure that sees the sample alone can know of it, so a verdict on equal values waits until other years, one in "
    "fifty, would have shown.",
    "", "<!-- two-valued: begin (python docs/calibration_two_valued.py) -->", "<!-- two-valued: end -->",
)  # fmt: skip
TRIALS, YEARS, SEED = 4000, 2000, 20240201
GOOD, PROMISED = 4.9, 5.0
FAMILIES = (1, 12)
HEADS = (
    "bad years", "minutes of a bad year", "verdicts in the family", "false HOLDS", "false FAILS", "TOO CLOSE",
    "UNDECIDED", "replications, median",
)  # fmt: skip


def row(one_in: int, tests: int) -> list[str]:
    """Return what came of years of two kinds whose mean is exactly what is promised."""
    bad = GOOD + (PROMISED - GOOD) * one_in
    rng, target, rule = np.random.default_rng([SEED, one_in, tests]), Target(PROMISED), Rule(tests, largest=YEARS)
    found, looks = Counter[str](), []
    for _ in range(TRIALS):
        sums = np.where(rng.random(YEARS) < 1 / one_in, bad, GOOD)
        judgement = judge_scores(target, sums, np.ones(YEARS), rule)
        found[judgement.verdict.value] += 1
        looks.append(judgement.replications)
    shares = [share(found[verdict]) for verdict in ("HOLDS", "FAILS", "TOO CLOSE", "UNDECIDED")]
    return [f"1 in {one_in}", f"{bad:g}", str(tests), *shares, f"{np.median(looks):,.0f}"]


def share(count: int) -> str:
    """Return a share in per cent with its Monte Carlo standard error; of none, the bound at 95 %."""
    if count == 0:
        return f"0 (≤ {300 / TRIALS:.2f} %)"
    p = count / TRIALS
    return f"{100 * p:.2f} ± {100 * (p * (1 - p) / TRIALS) ** 0.5:.2f} %"


def main() -> None:
    """Measure, and write the table."""
    rows = [list(HEADS), ["---"] * len(HEADS), *(row(one_in, tests) for one_in in (10, 50) for tests in FAMILIES)]
    text = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    note = (
        f"{TRIALS:,} trials a line, {YEARS:,} years at most; all years {GOOD:g} minutes but the bad ones, the mean "
        f"on the line, exactly the {PROMISED:g} that are promised, so HOLDS and FAILS are both counted as false."
    )
    replace_between_marks(PAGE, "two-valued", f"{note}\n\n{text}")


if __name__ == "__main__":
    main()
