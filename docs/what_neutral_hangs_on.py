"""Writes sim/studies/neutral_screen.csv: how much hangs on each assumption of an office of one's own.

    python docs/what_neutral_hangs_on.py

Each assumption at the ends of its plausible range, one at a time, with the same random numbers: by how many minutes the
mean licence time differs at most, in the neutral office (scenarios/blank.yaml) and in one that has all of its parts.
"""

from __future__ import annotations

import csv
from pathlib import Path

from sim.files import replaced_file
from sim.office.problems import ScenarioError
from sim.office.scenario import load_scenario_file, scenario_as_dict, scenario_from_dict
from sim.replicate.store import MemoryStore
from sim.replicate.workers import workers_for
from sim.studies.assumptions import all_assumptions, scenario_with
from sim.studies.base import SEED
from sim.studies.inherited import SCREEN
from sim.studies.outcomes import Work, outcomes_of

ROOT = Path(__file__).parents[1]
REPLICATIONS = 10
ALL_PARTS = {
    "phone": {"offered": True, "calls_per_application": 0.8},
    "filing": {"offered": True, "studio_share": 0.1},
    "demand": {"key_share": 0.02},
    "review": {"auto_approved_share": 0.1, "return_factors": {"unadvised": 1.5, "assisted": 0.4, "studio": 0.2}},
    "staff": {pool: {"people": 2} for pool in ("consultants", "assistants", "studio", "specialists")},
}
"""What the neutral office leaves out, in a small way."""


def main() -> None:
    """Play, and write the table."""
    blank = load_scenario_file(ROOT / "scenarios" / "blank.yaml")
    full = scenario_as_dict(blank)
    for part, changes in ALL_PARTS.items():
        for key, value in changes.items():
            full[part][key] = {**full[part][key], **value} if isinstance(value, dict) else value
    found: dict[str, float] = {}
    with workers_for("compiled", None) as workers:
        work = Work(SEED, "compiled", workers, MemoryStore())
        for office in (blank, scenario_from_dict(full)):
            ends = []
            for of in all_assumptions(office, {}):
                for end in of.ends:
                    try:
                        ends.append((of.parameter, scenario_with(office, {of: end})))
                    except ScenarioError:
                        continue
            minutes = outcomes_of([office, *(scenario for _, scenario in ends)], REPLICATIONS, work).minutes
            for (path, _), at_end in zip(ends, minutes[1:], strict=True):
                found[path] = max(found.get(path, 0.0), abs(float(at_end - minutes[0])))
    rows = sorted(found.items(), key=lambda row: -row[1])
    with replaced_file(ROOT / "sim" / "studies" / SCREEN) as new, new.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["parameter", "minutes"])
        writer.writerows((path, f"{minutes:.3f}") for path, minutes in rows)
    print("".join(f"{minutes:8.3f}  {path}\n" for path, minutes in rows[:20]))


if __name__ == "__main__":
    main()
