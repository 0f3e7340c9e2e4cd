"""Attribution in a tandem of queues: by Burke's theorem each stage adds its own mean wait, that of M/M/c."""

from __future__ import annotations

import numpy as np
import pytest
from formulas import mean_wait_mmc
from studies import all_the_time, round_the_clock

from sim.draws.draw import draw
from sim.engines.play import play
from sim.measures.judge import Rule
from sim.measures.kpis import measure
from sim.office.blocks import Office, Population
from sim.office.distributions import Exponential
from sim.office.routes import END, Route, Visit
from sim.studies.attribution.levers import unlimited
from sim.studies.shapley import Contributions, Played, coalitions_of, contributions_of, order_of

MINUTES = 60_000.0
"""Beside which the emptiness at the start, some hundred minutes, is nothing."""
REPLICATIONS = 60
RATE = 0.2
STAGES = {"first": (7.0, 2), "second": (3.5, 1), "third": (16.0, 4)}
"""Mean service time and servers of each stage; the load is 0.7 to 0.8."""


def tandem() -> Office:
    after = [*list(STAGES)[1:], END]
    nodes = tuple(
        Visit(name, name, Exponential(service), then=following)
        for (name, (service, _)), following in zip(STAGES.items(), after, strict=True)
    )
    who = Population("all", all_the_time(RATE, MINUTES), ((1.0, Route(nodes)),))
    return round_the_clock(MINUTES, (who,), {name: servers for name, (_, servers) in STAGES.items()})


@pytest.fixture(scope="module")
def found() -> Contributions:
    office = tandem()
    stages = office.visited
    assert stages == tuple(STAGES)
    offices = [unlimited(office, [stage for bit, stage in enumerate(stages) if c >> bit & 1]) for c in range(8)]
    played = []
    for replication in range(REPLICATIONS):
        journeys, order = draw(office, 11, replication), order_of(len(stages), 11, replication)
        figures = {}
        for c in coalitions_of(order):
            figures[c] = measure(offices[c], journeys, play(offices[c], journeys))["licence mean"]
        played.append(Played(order, figures))
    return contributions_of(played, less=True)


def test_each_stage_adds_its_mean_wait(found: Contributions) -> None:
    exact = [mean_wait_mmc(RATE, service, servers) for service, servers in STAGES.values()]
    exact += [sum(service for service, _ in STAGES.values())]
    exact.append(sum(exact))
    mean, low, high = found.intervals(Rule(5))
    assert ((low < exact) & (exact < high)).all(), (mean, exact)
    # Narrow enough to tell the stages apart, and the waits from twice or half of them.
    assert ((high - low)[:3] < 0.15 * np.array(exact[:3])).all()


def test_the_contributions_are_what_unlimited_staff_would_save(found: Contributions) -> None:
    assert found.residual < 1e-9
    assert found.players is not None
    assert (found.players > 0).all()
