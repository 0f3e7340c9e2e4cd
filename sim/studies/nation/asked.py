"""What the verb `nation` is asked: a file of offices."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.measures.judge import Rule, possible
from sim.measures.sequential import ratio_interval
from sim.office.problems import shown
from sim.replicate.design_points import DesignPoint, design_point_of
from sim.replicate.gather import Progress, gather
from sim.replicate.stopping import Scores
from sim.results.about import about_of, target_facts
from sim.studies.base import Job, Options, Ready, refused
from sim.studies.driver import engine_of, seed_of
from sim.studies.nation.false_discoveries import FEWEST, FalseDiscoveries, Finding
from sim.studies.nation.offices import Listed, read_offices
from sim.studies.nation.records import Nation, OfficeRow
from sim.text import _

RATE = 0.05
"""Share of the verdicts that may be wrong on average."""
MOST = 100
"""Replications of each office, where nothing else is asked for."""
METHOD = (
    "Benjamini and Yekutieli's procedure for the false discovery rate on always-valid p-values of two sides, looked at "
    "after each replication; see docs/nation.md"
)
MANY = 100
"""Offices from which on each core has a process of its own."""
QUICK = 2
"""Replications of a quick look, of which there are estimates and no verdicts."""


def job(options: Options, file: str) -> Job[Nation]:
    """Return the verdicts on the offices of a file."""
    path = Path(file)
    if not os.path.isfile(path):
        raise refused("there is no file {file}", file=shown(file))
    seed, engine = seed_of(options), engine_of(options)
    offices: list[Listed] = []
    points: list[DesignPoint] = []
    for office, scenario in read_offices(path, options.shipped):
        offices.append(office)
        points.append(design_point_of(scenario, seed, engine))
    if len({point.target for point in points}) > 1:
        raise refused("nation: all offices must have the same target; leave the columns of 'target' out, and name "
                      "parents with one target")  # fmt: skip
    largest = options.budget or (QUICK if options.quick else MOST)
    smallest = min(FEWEST, largest)
    rule = Rule(1, RATE, largest, FEWEST)
    listed = [[office.line, office.name, office.region] for office in offices]
    about = about_of("nation", path.stem, options.again, points, rule, listed)
    about = replace(about, rule=replace(about.rule, tests=len(points), method=METHOD))

    def work(ready: Ready) -> Nation:
        discoveries = FalseDiscoveries([point.target for point in points], RATE, smallest, largest)

        def watch(progress: Progress) -> None:
            ready.tell(progress, _("decided: {number}", number=discoveries.decided))

        scores = gather(points, discoveries, ready.workers, ready.store, watch)
        rows = [
            _row(office, point, each, found, rule)
            for office, point, each, found in zip(offices, points, scores, discoveries.findings(scores), strict=True)
        ]
        # Of two without an estimate, or with the same, the one that comes first in the file.
        rows.sort(key=lambda row: (-np.inf if np.isnan(row.headroom) else row.headroom, row.line))
        return Nation(
            about=about,
            target=target_facts(points[0].target),
            working_days=max(office.working_days for office in offices),
            registrations=sum(row.registrations for row in rows),
            offices=tuple(rows),
        )

    return Job(about, points, work, (), file, many_offices=len(points) >= MANY)


def _row(office: Listed, point: DesignPoint, scores: Scores, found: Finding, rule: Rule) -> OfficeRow:
    target, seen = point.target, scores if scores.unfinished else scores.first(found.replications)
    estimate = low = high = np.nan
    if not scores.unfinished and seen.counts.any():
        ends = ratio_interval(seen.controlled(target), seen.counts, rule.boundary)
        estimate, low, high = (float(end) for end in np.clip(ends, 0.0, possible(target)))
    headroom = target.minutes - estimate if target.statistic == "mean" else estimate - target.level
    return OfficeRow(
        office.line, office.name, office.region, office.parent, office.registrations, office.people,
        found.verdict.value, estimate, low, high, float(headroom), found.p, found.replications,
    )  # fmt: skip
