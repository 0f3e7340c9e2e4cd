"""Does `calibrate --against` name what has changed? ``python docs/planted_changes.py``.

Makes two quarter-year logs of an office, with nothing, one thing or two changed in between, fits both as `calibrate`
does, and holds what is said against what was planted. Prints each pair as it goes, and then how often a true cause is
named, and a false one. About 20 seconds a pair on one core.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import click
import numpy as np
from fit_coverage import OFFICES, SEED, calibration_of, office_of

from sim.memory import keep_freed_memory
from sim.office.parameters import Scenario
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.studies.calibrate.against import DEMAND, MIX, RETURNS, STAFF, TIMES, held_against
from sim.studies.calibrate.change_shown import is_clear
from sim.studies.calibrate.intervals import wilson

CHANGED = {DEMAND: 1.3, MIX: 1.5, TIMES: 1.25, RETURNS: 1.8, STAFF: -1}
"""By what factor, or by how many reviewers."""
PATHS = {
    DEMAND: ("demand", "registrations_per_year"), MIX: ("filing", "assisted_share"),
    TIMES: ("review", "minutes", "mean_minutes"), RETURNS: ("review", "return_rate"),
}  # fmt: skip


def changed(office: Scenario, causes: tuple[str, ...]) -> Scenario:
    """Return an office in which something has changed."""
    data = scenario_as_dict(office)
    for cause in causes:
        if cause == STAFF:
            staff = data["staff"]["reviewers"]
            servers = max(int(next(iter(staff["plan"].values()))) + int(CHANGED[STAFF]), 1)
            staff |= {"plan": {"08:30-17:00": servers}, "midday_crew": servers}
            continue
        *way, last = PATHS[cause]
        inner = data
        for step in way:
            inner = inner[step]
        inner[last] = type(inner[last])(inner[last] * CHANGED[cause])
    return scenario_from_dict(data, office.name)


def planted(number: int) -> tuple[str, ...]:
    """Return what is changed in a pair: nothing, one thing, or two."""
    causes = list(CHANGED)
    generator = np.random.default_rng([SEED, number, 11])
    return tuple(generator.choice(causes, number % 3, replace=False).tolist())


def found_in(number: int) -> dict[str, object]:
    """Return what is said of a pair."""
    causes = planted(number)
    office, parent = office_of(number % OFFICES)
    seeds = (SEED + 31 * number + 1, SEED + 31 * number + 17)
    older, fitted = calibration_of(office, parent, number, seeds[0])
    older = replace(older, about=replace(older.about, name="older"))
    newer, _ = calibration_of(changed(office, causes), fitted, number, seeds[1])
    held = held_against(newer, older, SEED, "compiled", False, 1, lambda progress: None)
    assert held.change is not None
    return {
        "pair": number, "planted": causes,
        "moved": [each.cause for each in held.causes if each.moved],
        "named": [each.cause for each in held.causes if is_clear(held.change, each)],
        "by": {each.cause: round(each.contribution, 3) for each in held.causes}, "residual": held.change.residual,
    }  # fmt: skip


def told(found: list[dict[str, object]]) -> Iterator[str]:
    """Yield how often what was planted is named, and what was not."""
    for what in ("moved", "named"):
        true, all_, false = Counter[str](), Counter[str](), 0
        for pair in found:
            said, causes = set(pair[what]), set(pair["planted"])  # type: ignore[call-overload]
            false += bool(said - causes)
            for cause in causes:
                all_[cause] += 1
                true[cause] += cause in said
        every, right = sum(all_.values()), sum(true.values())
        yield f"{what}: true {right} of {every} ({_share(right, every)}); pairs with a false one {false} of " \
              f"{len(found)} ({_share(false, len(found))})"  # fmt: skip
        yield "  " + ", ".join(f"{cause} {true[cause]} of {all_[cause]}" for cause in CHANGED)
    yield f"largest residual: {max(float(str(pair['residual'])) for pair in found):.1e}"


def _share(number: int, of: int) -> str:
    if not of:
        return "-"
    share, low, high = (float(end) for end in wilson(number, of))
    return f"{100 * share:.1f} %, {100 * low:.1f} to {100 * high:.1f} %"


@click.command(help=__doc__)
@click.option("--pairs", default=200, help="Pairs of logs.")
@click.option("--first", default=0, help="Number of the first.")
def main(pairs: int, first: int) -> None:
    """Make the pairs."""
    keep_freed_memory()
    found = []
    for number in range(first, first + pairs):
        found.append(found_in(number))
        print(json.dumps(found[-1]), flush=True)
    print(*told(found), sep="\n")


if __name__ == "__main__":
    main()
