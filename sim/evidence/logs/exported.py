"""The log of a simulated period, to be looked at, or to try out what is made of an office's own."""

from __future__ import annotations

from sim.draws.draw import draw
from sim.engines.play import Engine, play
from sim.evidence.logs.log import StepLog
from sim.evidence.logs.simulated import log_of
from sim.office.parameters import Scenario
from sim.office.registration import registration_office


def simulated_log(scenario: Scenario, seed: int, engine: Engine = "compiled") -> StepLog:
    """Return the log of one replication of a scenario.

    Raises
    ------
    NeverFinishesError
        If the office cannot finish its cases.
    """
    office = registration_office(scenario)
    journeys = draw(office, seed)
    return log_of(office, journeys, play(office, journeys, engine))
