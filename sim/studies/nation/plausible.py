"""A made-up nation to try the verb `nation` on: ``python -m sim.studies.nation.plausible OFFICES.csv``.

As many offices as there are county-level divisions, with as many registrations together as were counted in the whole
country; how they differ is assumed. Nothing in the file is about any county that there is.

Sources: State Administration for Market Regulation: 32.727 million business entities newly registered in 2023. Ministry
of Civil Affairs: 2,844 county-level divisions at the end of 2023. The Seventh National Census (2020) has counties from
some thousand to some million people; a lognormal size with this spread is assumed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from sim.files import replaced_file

OFFICES, REGISTRATIONS = 2850, 32_727_000
SPREAD = 0.9
"""Standard deviation of the logarithm of an office's registrations."""
LEAST = 400
"""Registrations a year: the smallest office."""
OF_PARENT = 40_200
"""Registrations a year of the scenario whose staff is multiplied."""
REGIONS = 31
LEAN, AMPLE = 0.0, 0.9
"""Staff above what the parent has for each registration, in roots of the size: from the leanest office to the most
ample. The smaller an office, the more it needs."""
RETURNS = 0.15
"""Mean share of applications that are returned; offices differ by a fifth of it."""


def lines(offices: int = OFFICES, registrations: float = REGISTRATIONS, seed: int = 1) -> list[str]:
    """Return the lines of a file of so many offices with so many registrations together."""
    generator = np.random.default_rng(seed)
    size = generator.lognormal(0.0, SPREAD, offices)
    size = np.maximum(np.round(size / size.sum() * registrations), LEAST)
    relative = size / OF_PARENT
    staff = relative + generator.uniform(LEAN, AMPLE, offices) * np.sqrt(relative)
    returns = np.clip(generator.normal(RETURNS, RETURNS / 5, offices), 0.05, 0.3)
    region = np.sort(generator.integers(1, REGIONS + 1, offices))
    head = "name,region,parent,registrations,staff,review.return_rate"
    return [head] + [
        f"county-{number + 1:04d},region-{region[number]:02d},baseline-2023,{size[number]:.0f},{staff[number]:.3f},"
        f"{returns[number]:.3f}"
        for number in range(offices)
    ]


def main(arguments: list[str]) -> int:
    """Write the file; return the exit status."""
    if not 1 <= len(arguments) <= 2 or not (len(arguments) == 1 or arguments[1].isdecimal()):
        print("usage: python -m sim.studies.nation.plausible OFFICES.csv [NUMBER]", file=sys.stderr)
        return 2
    file, offices = Path(arguments[0]), int(arguments[1]) if len(arguments) == 2 else OFFICES
    with replaced_file(file) as temporary:
        temporary.write_text("\n".join(lines(offices, REGISTRATIONS * offices / OFFICES)) + "\n", encoding="utf-8")
    print(f"{file}: {offices:,} offices", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
