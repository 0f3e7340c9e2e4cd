"""A simulator of a district's business licence office: does the five-minute target hold?

The way of the data: scenario -> office -> draw -> play -> measure -> judge -> brief.

>>> from sim import load_scenario, draw, play, measure, judge
>>> office = load_scenario("scenarios/baseline-2023.yaml")
>>> journeys = draw(office, seed=1)
>>> log = play(office, journeys)
>>> kpis = measure(office, journeys, log)
>>> judge(office.target, [kpis]).estimate
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.analysis.judge import judge
    from sim.analysis.kpis import measure
    from sim.draws.draw import draw
    from sim.engines.play import play
    from sim.library import load_scenario

__all__ = ["draw", "judge", "load_scenario", "measure", "play"]

_HOME = {
    "load_scenario": "sim.library",
    "draw": "sim.draws.draw",
    "play": "sim.engines.play",
    "measure": "sim.analysis.kpis",
    "judge": "sim.analysis.judge",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for, so that `--help` need not wait for numba."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
